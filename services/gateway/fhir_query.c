/* SPDX-License-Identifier: EUPL-1.2 */
/* The parameters of an interaction. Wherever they come from (the address, an entry of a Bundle, the
 * form of a _search) they are one text of name=value pairs, with % in it. A search is looked at
 * before it runs: what is not known is told of, or refused when that is asked for; what would be
 * half done (a modifier, the same parameter twice, a list where one value goes) is refused. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "services/gateway/fhir_call.h"

#define NAME_TOLD_MAX 60

const struct fhir_search fhir_searches[] = {
	{ "ServiceRequest", "identifier", "token" },
	{ "ServiceRequest", "requisition", "token" },
	{ "ServiceRequest", "status", "token" },
	{ "ServiceRequest", "_id", "token" },
	{ "RequestGroup", "identifier", "token" },
	{ "RequestGroup", "group-identifier", "token" },
	{ "RequestGroup", "status", "token" },
	{ "RequestGroup", "_id", "token" },
	{ "CareTeam", "identifier", "token" },
	{ "CareTeam", "status", "token" },
	{ "CareTeam", "_id", "token" },
	{ "Task", "status", "token" },
	{ "Task", "part-of", "reference" },
	{ "Task", "focus", "reference" },
	{ "Task", "_id", "token" },
	{ "HealthcareService", "specialty", "token" },
	{ "HealthcareService", "coverage-area", "reference" },
	{ "HealthcareService", "organization", "reference" },
	{ "HealthcareService", "identifier", "token" },
	{ "HealthcareService", "_id", "token" },
	{ 0 },
};

/* --- out of an address --- */

struct text {
	char *s;
	size_t len;
	size_t cap;
};

static void append_encoded(struct text *t, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = isalnum(c) || strchr("-._~:/,", c) != NULL;
		int n = snprintf(t->s + t->len, t->cap - t->len, plain ? "%c" : "%%%02X", c);
		t->len += n > 0 ? (size_t)n : 0;
	}
}

static enum MHD_Result measure(void *cls, enum MHD_ValueKind kind, const char *key,
			       const char *value)
{
	struct text *t = cls;

	(void)kind;
	t->cap += 3 * (strlen(key) + (value == NULL ? 0 : strlen(value))) + 2;
	return MHD_YES;
}

static enum MHD_Result append(void *cls, enum MHD_ValueKind kind, const char *key,
			      const char *value)
{
	struct text *t = cls;

	(void)kind;
	if (t->len > 0) {
		t->s[t->len++] = '&';
	}
	append_encoded(t, key);
	t->s[t->len++] = '=';
	append_encoded(t, value == NULL ? "" : value);
	t->s[t->len] = '\0';
	return MHD_YES;
}

const char *fhir_query_of(struct web *w)
{
	struct text t = { .cap = 1 };

	if (w->connection == NULL) {
		return "";
	}
	(void)MHD_get_connection_values(w->connection, MHD_GET_ARGUMENT_KIND, measure, &t);
	t.s = arena_alloc(&w->arena, t.cap);
	if (t.s == NULL) {
		return "";
	}
	(void)MHD_get_connection_values(w->connection, MHD_GET_ARGUMENT_KIND, append, &t);
	return t.s;
}

static char *fhir_encoded(struct fhir_call *c, const char *s)
{
	struct text t = { .cap = 3 * strlen(s) + 1 };

	t.s = arena_alloc(&c->w->arena, t.cap);
	if (t.s != NULL) {
		append_encoded(&t, s);
	}
	return t.s == NULL ? "" : t.s;
}

/* --- one parameter --- */

static bool hex_digit(char c, unsigned *ret_n)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	*ret_n = at == NULL ? 0 : (unsigned)(at - digits);
	return at != NULL;
}

/* One name or value, decoded. A parameter that found no room must not fall away: its filter would.
 */
static const char *decoded(struct fhir_call *c, const char *s, size_t len)
{
	char *out = arena_alloc(&c->w->arena, len + 1);
	size_t n = 0;

	if (out == NULL) {
		struct fhir_issue issue = { .status = 503,
					    .code = "transient",
					    .nl = "deze vraag is te groot; deel ze op",
					    .en = "this question is too large; divide it" };
		(void)fhir_refuse(c, &issue);
		return "";
	}
	for (size_t i = 0; i < len; i++) {
		unsigned hi = 0;
		unsigned lo = 0;
		bool hex = s[i] == '%' && len - i > 2 && hex_digit(s[i + 1], &hi) &&
			   hex_digit(s[i + 2], &lo);
		if (hex) {
			uint8_t byte = (uint8_t)(hi << 4 | lo);
			memcpy(&out[n++], &byte, 1);
			i += 2;
		} else {
			out[n] = ' ';
			if (s[i] != '+') {
				out[n] = s[i];
			}
			n++;
		}
	}
	return out;
}

/* A pair of the query; an empty value is as good as none. */
struct pair {
	const char *name;
	const char *value;
};

static bool next_pair(struct fhir_call *c, const char **io_at, struct pair *ret_p)
{
	while (**io_at != '\0') {
		const char *at = *io_at;
		size_t len = strcspn(at, "&");
		size_t name = strcspn(at, "=&");
		*io_at += len + (at[len] == '&');
		if (name > 0 && name + 1 < len) {
			ret_p->name = decoded(c, at, name);
			ret_p->value = decoded(c, at + name + 1, len - name - 1);
			return true;
		}
	}
	return false;
}

const char *fhir_param(struct fhir_call *c, const char *name)
{
	const char *at = c->query;
	struct pair p;
	size_t mark = c->w->arena.used_bytes;

	while (next_pair(c, &at, &p)) {
		if (strcmp(p.name, name) == 0) {
			return p.value[0] == '\0' ? NULL : p.value;
		}
		arena_rewind(&c->w->arena, mark);
	}
	return NULL;
}

bool fhir_param_id(struct fhir_call *c, const char *name, struct object_id *ret_id)
{
	const char *v = fhir_param(c, name);
	const char *slash = v == NULL ? NULL : strrchr(v, '/');

	return fhir_id(slash == NULL ? v : slash + 1, ret_id);
}

uint32_t fhir_count(struct fhir_call *c)
{
	const char *s = c->total_only ? NULL : fhir_param(c, "_count");
	unsigned long n = c->total_only ? FHIR_COUNT_MAX :
			  s == NULL     ? FHIR_COUNT_DEFAULT :
					  strtoul(s, NULL, 10);

	return n == 0 ? FHIR_COUNT_DEFAULT : n > FHIR_COUNT_MAX ? FHIR_COUNT_MAX : (uint32_t)n;
}

/* --- a search, before it runs --- */

static bool is_word(const char *const *list, const char *name, size_t len)
{
	for (; *list != NULL; list++) {
		if (strlen(*list) == len && strncmp(*list, name, len) == 0) {
			return true;
		}
	}
	return false;
}

/* Of a search by person an answer without that filter would tell of others. */
static bool is_person(const char *name, size_t len)
{
	static const char *const person[] = { "subject", "patient",     "for",
					      "person",  "participant", NULL };

	return is_word(person, name, len);
}

static bool is_known(const struct fhir_call *c, const struct pair *p, size_t len)
{
	static const char *const control[] = { "_count", "_format", "_pretty", "_after", NULL };
	static const char *const whole[] = { "count", "false", NULL };
	const char *name = p->name;

	if (is_word(control, name, len)) {
		return true;
	}
	if (len == strlen("_summary") && strncmp(name, "_summary", len) == 0) {
		return is_word(whole, p->value, strlen(p->value));
	}
	for (const struct fhir_search *s = fhir_searches; s->type != NULL; s++) {
		if (strcmp(s->type, c->type) == 0 && strlen(s->name) == len &&
		    strncmp(s->name, name, len) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_list(const struct pair *p)
{
	const char *comma = strchr(p->value, ',');

	return strcmp(p->name, "status") != 0 && p->name[0] != '\0' && comma != NULL &&
	       (comma == p->value || comma[-1] != '\\');
}

static bool is_twice(struct fhir_call *c, const struct pair *p, const char *rest)
{
	size_t mark = c->w->arena.used_bytes;
	struct pair later;
	bool twice = false;

	while (!twice && next_pair(c, &rest, &later)) {
		twice = strcmp(later.name, p->name) == 0;
	}
	arena_rewind(&c->w->arena, mark);
	return twice;
}

static void say(struct fhir_call *c, unsigned status, const struct pair *p,
		const char *const why[2])
{
	struct fhir_issue issue = { .status = status, .code = "not-supported" };
	bool plain = strlen(p->name) <= NAME_TOLD_MAX;

	for (const char *s = p->name; *s != '\0' && plain; s++) {
		plain = *s > ' ' && *s < 0x7f;
	}
	(void)snprintf(issue.nl, sizeof(issue.nl), "zoekparameter %s: %s",
		       plain ? p->name : "(onleesbaar)", why[0]);
	(void)snprintf(issue.en, sizeof(issue.en), "search parameter %s: %s",
		       plain ? p->name : "(not readable)", why[1]);
	(void)fhir_refuse(c, &issue);
}

static void check_pair(struct fhir_call *c, const struct pair *p, const char *rest, bool strict)
{
	static const char *const unknown[] = { "kennen wij niet, er is niet op gefilterd; "
					       "/fhir/metadata zegt wat wel",
					       "is not known here and nothing was filtered by it; "
					       "/fhir/metadata says what is" };
	static const char *const person[] = { "op persoon wordt hier niet gezocht; zoek met het "
					      "nummer van de aanmelding (/fhir/metadata)",
					      "nobody is searched for by person here; search by "
					      "the number of the order (/fhir/metadata)" };
	static const char *const modified[] = { "met een : erachter kan hier niet; laat dat weg",
						"cannot have a : behind it here; leave that out" };
	static const char *const list[] = { "geef één waarde; vraag elke apart", "give one value; "
										 "ask for each by "
										 "itself" };
	static const char *const twice[] = { "staat er twee keer; geef ze één keer", "is there "
										     "twice; give "
										     "it once" };
	size_t len = strcspn(p->name, ":.");

	if (is_person(p->name, len)) {
		say(c, 400, p, person);
	} else if (!is_known(c, p, len)) {
		say(c, strict ? 400 : 0, p, unknown);
	} else if (p->name[len] != '\0') {
		say(c, 400, p, modified);
	} else if (is_list(p)) {
		say(c, 400, p, list);
	} else if (is_twice(c, p, rest)) {
		say(c, 400, p, twice);
	}
}

int fhir_query_check(struct fhir_call *c, bool strict)
{
	const char *at = c->query;
	struct pair p;

	while (next_pair(c, &at, &p)) {
		check_pair(c, &p, at, strict);
	}
	return c->in.refused ? SK_EPROTO : SK_OK;
}

static bool is_just(struct fhir_call *c, const char *name, const char *value)
{
	const char *s = fhir_param(c, name);

	return s != NULL && strcmp(s, value) == 0;
}

bool fhir_total_only(struct fhir_call *c)
{
	return is_just(c, "_count", "0") || is_just(c, "_summary", "count");
}

char *fhir_own_query(struct fhir_call *c)
{
	char *q = "";

	for (const struct fhir_search *s = fhir_searches; s->type != NULL; s++) {
		const char *v = strcmp(s->type, c->type) == 0 ? fhir_param(c, s->name) : NULL;
		if (v != NULL) {
			q = web_printf(c->w, "%s%s%s=%s", q, q[0] == '\0' ? "" : "&", s->name,
				       fhir_encoded(c, v));
		}
	}
	const char *count = fhir_param(c, "_count");
	if (c->total_only) {
		q = web_printf(c->w, "%s%s_summary=count", q, q[0] == '\0' ? "" : "&");
	} else if (count != NULL) {
		q = web_printf(c->w, "%s%s_count=%u", q, q[0] == '\0' ? "" : "&", fhir_count(c));
	}
	return q;
}
