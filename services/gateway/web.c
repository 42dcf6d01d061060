/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/web.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/words.h"
#include "services/gateway/http_private.h"

#define METHODS_MAX 64

int web_begin(struct web *w, struct gate *g, struct MHD_Connection *c)
{
	void *block = aligned_alloc(64, WEB_ARENA_BYTES);

	if (block == NULL) {
		return SK_ENOMEM;
	}
	*w = (struct web){ .gate = g, .connection = c, .held = gate_conf_get(g) };
	w->conf = w->held->conf;
	arena_init(&w->arena, block, WEB_ARENA_BYTES);
	const char *lang = web_header(w, "Accept-Language");
	w->lang = lang != NULL && strncasecmp(lang, "en", 2) == 0 ? LANG_EN : LANG_NL;
	return SK_OK;
}

void web_done(struct web *w)
{
	json_decref(w->json);
	free(w->answer.owned);
	arena_reset(&w->arena);
	free(w->arena.base);
	if (w->held != NULL) {
		gate_conf_put(w->held);
	}
}

/* --- what was asked --- */

/* On a WebSocket the request itself holds what HTTP has in headers. */
static const char *said_header(const struct web *w, const char *name)
{
	static const struct {
		const char *header, *key;
	} held[] = { { "Idempotency-Key", "key" }, { "If-Match", "match" } };

	for (size_t i = 0; i < SK_LEN(held); i++) {
		if (strcasecmp(held[i].header, name) == 0) {
			return json_string_value(json_object_get(w->message, held[i].key));
		}
	}
	return NULL;
}

const char *web_header(struct web *w, const char *name)
{
	if (w->connection == NULL) {
		return said_header(w, name);
	}
	return MHD_lookup_connection_value(w->connection, MHD_HEADER_KIND, name);
}

const char *web_query(struct web *w, const char *name)
{
	if (w->connection == NULL) {
		const json_t *query = json_object_get(w->message, "query");
		return json_string_value(json_object_get(query, name));
	}
	return MHD_lookup_connection_value(w->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct each {
	bool (*fn)(void *arg, const char *name);
	void *arg;
	bool good;
};

static enum MHD_Result one_query(void *cls, enum MHD_ValueKind kind, const char *key,
				 const char *value)
{
	struct each *e = cls;

	(void)kind;
	(void)value;
	e->good = e->good && e->fn(e->arg, key);
	return e->good ? MHD_YES : MHD_NO;
}

bool web_queries(struct web *w, bool (*fn)(void *arg, const char *name), void *arg)
{
	struct each e = { fn, arg, true };
	const char *key;
	json_t *value;

	if (w->connection != NULL) {
		(void)MHD_get_connection_values(w->connection, MHD_GET_ARGUMENT_KIND, one_query,
						&e);
		return e.good;
	}
	json_object_foreach (json_object_get(w->message, "query"), key, value) {
		(void)one_query(&e, MHD_GET_ARGUMENT_KIND, key, NULL);
	}
	return e.good;
}

char *web_printf(struct web *w, const char *fmt, ...)
{
	va_list args;
	va_list again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	char *text = n < 0 ? NULL : arena_alloc(&w->arena, (size_t)n + 1);
	if (text != NULL) {
		(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	va_end(args);
	return text == NULL ? (char *)(uintptr_t) "" : text;
}

/* JSON of any kind, in UTF-8. Who says nothing of it means that. */
static bool is_json(struct web *w)
{
	static const struct problem other = { 415, "MEDIA_TYPE", "Content-Type",
					      "geef application/json, in UTF-8",
					      "give application/json, in UTF-8" };
	const char *type = web_header(w, "Content-Type");
	size_t len = type == NULL ? 0 : strcspn(type, "; \t");
	const char *charset = type == NULL ? NULL : strcasestr(type, "charset=");
	bool json = len > 5 && (strncasecmp(type + len - 5, "/json", 5) == 0 ||
				strncasecmp(type + len - 5, "+json", 5) == 0);
	bool utf8 = charset == NULL || strncasecmp(charset + 8, "utf-8", 5) == 0 ||
		    strncasecmp(charset + 8, "\"utf-8\"", 7) == 0;

	if (type == NULL || w->body.len == 0 || (json && utf8)) {
		return true;
	}
	web_problem(w, &other);
	return false;
}

json_t *web_json_body(struct web *w)
{
	struct jsonin in;
	struct file_error e = { 0 };

	if (w->json == NULL && !is_json(w)) {
		return NULL;
	}
	if (w->json == NULL) {
		struct slice body = w->body.len > 0 ? w->body : (struct slice){ "{}", 2 };
		if (jsonin_parse(&in, &w->arena, body, &e) != SK_OK) {
			web_file_problem(w, 400, &e);
			return NULL;
		}
		w->json = in.root;
	}
	return w->json;
}

/* --- routes --- */

static const char *segment(const char *s, size_t *ret_len)
{
	*ret_len = strcspn(s, "/");
	return s;
}

/* True when the path is of that template; the parameters are kept. */
static bool matches(struct web *w, const char *template)
{
	const char *path = w->path;
	size_t n = 0;
	const char *param[WEB_PARAMS_MAX] = { 0 };

	while (*template != '\0' && *path != '\0') {
		size_t tl;
		size_t pl;
		if (strcmp(template, "*") == 0) {
			template = path = "";
			break;
		}
		const char *t = segment(template, &tl);
		const char *p = segment(path, &pl);
		if (tl > 2 && t[0] == '{') {
			if (pl == 0 || n == WEB_PARAMS_MAX) {
				return false;
			}
			char *value = arena_alloc(&w->arena, pl + 1);
			if (value == NULL) {
				return false;
			}
			memcpy(value, p, pl);
			param[n++] = value;
		} else if (tl != pl || memcmp(t, p, tl) != 0) {
			return false;
		}
		template += tl + (t[tl] == '/');
		path += pl + (p[pl] == '/');
		if ((t[tl] == '/') != (p[pl] == '/')) {
			return false;
		}
	}
	if (*template != '\0' || *path != '\0') {
		return false;
	}
	memcpy(w->param, param, sizeof(param));
	return true;
}

static void method_not_allowed(struct web *w, const char *allowed)
{
	static const struct problem p = { 405, "METHOD", NULL, "dit kan hier niet zo",
					  "this cannot be done here in this way" };

	web_head(w, "Allow", web_printf(w, "%s, OPTIONS", allowed));
	if (strcmp(w->method, "OPTIONS") == 0) {
		web_body(w, 204, NULL, (struct slice){ "", 0 });
	} else {
		web_problem(w, &p);
	}
}

const struct route *web_route(struct web *w, const struct route *const *tables)
{
	static const struct problem none = { 404, "NOT_FOUND", NULL, "hier staat niets",
					     "there is nothing here" };
	char allowed[METHODS_MAX] = "";
	bool head = strcmp(w->method, "HEAD") == 0;

	for (size_t t = 0; tables[t] != NULL; t++) {
		for (const struct route *r = tables[t]; r->method != NULL; r++) {
			size_t mark = w->arena.used_bytes;
			if (!matches(w, r->path)) {
				arena_rewind(&w->arena, mark);
				continue;
			}
			w->refuse = allowed[0] == '\0' ? r->refuse : w->refuse;
			if (strcmp(r->method, head ? "GET" : w->method) == 0) {
				w->arg = r->arg;
				return r;
			}
			size_t len = strlen(allowed);
			bool page = len > 0 && strchr(r->path, '*') != NULL; /* of any address */
			bool gets = strcmp(r->method, "GET") == 0;
			if (!page) {
				(void)snprintf(allowed + len, sizeof(allowed) - len, "%s%s%s",
					       len > 0 ? ", " : "", r->method,
					       gets ? ", HEAD" : "");
			}
		}
	}
	if (allowed[0] != '\0') {
		method_not_allowed(w, allowed);
	} else {
		web_problem(w, &none);
	}
	return NULL;
}

void web_in_form(struct web *w)
{
	if (w->refuse != NULL && w->answer.status >= 400) {
		w->refuse(w);
	}
}

void web_run(struct web *w, const struct route *r)
{
	static const struct problem p = { 500, "INTERNAL", NULL,
					  "dit ging mis bij ons; probeer het opnieuw",
					  "this went wrong at our side; try again" };

	r->fn(w);
	if (w->answer.status == 0) {
		web_problem(w, &p);
		web_in_form(w);
	}
}

/* --- what is answered --- */

void web_head(struct web *w, const char *name, const char *value)
{
	struct web_answer *a = &w->answer;
	size_t at = a->heads_len;

	/* Each part of a batch that fails says the same again; cookies are each their own. */
	for (size_t i = 0; i < a->heads_len && strcmp(name, "Set-Cookie") != 0; i++) {
		at = strcasecmp(a->head[i].name, name) == 0 ? i : at;
	}
	SK_ASSERT(at < WEB_HEADS_MAX);
	a->head[at] = (struct web_head){ name, value };
	a->heads_len += at == a->heads_len;
}

void web_body(struct web *w, unsigned status, const char *type, struct slice body)
{
	free(w->answer.owned); /* of an answer before, that this one replaces */
	w->answer.owned = NULL;
	w->answer.status = status;
	w->answer.type = type;
	w->answer.body = body;
}

void web_json_as(struct web *w, unsigned status, const char *type, json_t *doc)
{
	char *text = doc == NULL ? NULL : json_dumps(doc, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(doc);
	if (text == NULL) {
		static const char none[] = "{\"status\":503,\"code\":\"BUSY\"}";
		web_body(w, 503, "application/problem+json",
			 (struct slice){ none, sizeof(none) - 1 });
		return;
	}
	web_body(w, status, type, (struct slice){ text, strlen(text) });
	w->answer.owned = text;
}

void web_json(struct web *w, unsigned status, json_t *doc)
{
	web_json_as(w, status, "application/json", doc);
}

/* A text of a fixed length may end in the middle of a character. */
static json_t *cut_text(const char *text)
{
	size_t len = strlen(text);
	json_t *v = json_stringn(text, len);

	for (int i = 0; v == NULL && len > 0 && i < 3; i++) {
		v = json_stringn(text, --len);
	}
	return v != NULL ? v : json_string("");
}

static json_t *problem_doc(const struct web *w, const struct problem *p)
{
	const char *detail = w->lang == LANG_EN ? p->en : p->nl;
	json_t *doc = json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o}", "type", "about:blank",
				"status", (int)p->status, "code", p->code, "title",
				cut_text(detail), "detail", cut_text(detail), "text_nl",
				cut_text(p->nl), "text_en", cut_text(p->en));

	if (p->field != NULL && p->field[0] != '\0') {
		(void)json_object_set_new(doc, "field", cut_text(p->field));
	}
	return doc;
}

void web_problem(struct web *w, const struct problem *p)
{
	json_t *doc = problem_doc(w, p);

	(void)json_object_set_new(doc, "instance", json_string(w->path));
	web_json_as(w, p->status, "application/problem+json", doc);
}

void web_file_problem(struct web *w, unsigned status, const struct file_error *e)
{
	struct problem p = { status, "MALFORMED", e->field, e->nl, e->en };

	web_problem(w, &p);
}

void web_busy(struct web *w)
{
	static const struct problem p = { 503, "BUSY", NULL,
					  "het is nu te druk; probeer het zo dadelijk opnieuw",
					  "too busy now; try again in a moment" };

	web_head(w, "Retry-After", "1");
	web_problem(w, &p);
}

void web_too_large(struct web *w, bool header)
{
	static const struct problem head = { 431, "TOO_LARGE", NULL,
					     "de kop van het bericht is langer dan 8 KiB",
					     "the header of the message is longer than 8 KiB" };
	static const struct problem body = { 413, "TOO_LARGE", NULL,
					     "het bericht is te groot; deel het op",
					     "the message is too large; split it" };

	web_problem(w, header ? &head : &body);
}

/* --- receipts --- */

static unsigned status_of(struct web *w, const PB(Receipt) *r)
{
	static const struct {
		PB(Refusal) code;
		unsigned status;
	} row[] = {
		{ SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_OBJECT, 404 },
		{ SCHAKEL__V1__REFUSAL__REFUSAL_NOT_YOURS, 403 },
		{ SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED, 403 },
		{ SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT, 409 },
		{ SCHAKEL__V1__REFUSAL__REFUSAL_STATE, 409 },
		{ SCHAKEL__V1__REFUSAL__REFUSAL_ID_REUSED, 409 },
	};
	const char *match = web_header(w, "If-Match");

	if (r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_BUSY) {
		return 503;
	}
	if (r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_LATE) {
		return 409;
	}
	if (r->code == SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT && match != NULL) {
		return 412;
	}
	for (size_t i = 0; i < SK_LEN(row); i++) {
		if (row[i].code == r->code) {
			return row[i].status;
		}
	}
	return 422;
}

bool web_refused(struct web *w, const PB(Receipt) *r)
{
	PB(Outcome) o = r->outcome;

	if (o == SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE) {
		o = r->first;
	}
	if (o == SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED) {
		return false;
	}
	PB(Receipt) as_first = *r;
	as_first.outcome = o;
	struct problem p = { .status = status_of(w, &as_first), .field = r->field };
	const char *code = r->code == 0 ? NULL :
					  code_of(&schakel__v1__refusal__descriptor, (int)r->code);
	p.code = code != NULL ? code : code_of(&schakel__v1__outcome__descriptor, (int)o);
	p.nl = r->text_nl != NULL ? r->text_nl : "";
	p.en = r->text_en != NULL ? r->text_en : "";
	json_t *doc = problem_doc(w, &p);
	(void)json_object_set_new(doc, "instance", json_string(w->path));
	(void)json_object_set_new(doc, "receipt", web_pb_json(w, &r->base));
	if (o == SCHAKEL__V1__OUTCOME__OUTCOME_BUSY) {
		unsigned s = (unsigned)((r->retry_after_ms + 999) / 1000);
		web_head(w, "Retry-After", web_printf(w, "%u", s > 0 ? s : 1));
	}
	web_json_as(w, p.status, "application/problem+json", doc);
	return true;
}

unsigned web_daemon(const struct web *w, const char *name)
{
	const struct conf_daemon *d = conf_daemon(w->conf, name);

	SK_ASSERT(d != NULL);
	return (unsigned)(d - w->conf->daemons);
}
