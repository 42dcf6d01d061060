/* SPDX-License-Identifier: EUPL-1.2 */
/* A request changed as RFC 7396 has it: the document says how what GET shows is to become, and what
 * differs is said to intake as one AmendRequest. A list is as it should be, whole. */
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "services/gateway/api_private.h"

#define MERGE_PATCH "application/merge-patch+json"

struct merge {
	struct web *w;
	const json_t *now; /* the request as GET shows it */
	json_t *out;       /* AmendRequest */
};

static bool no(struct merge *m, const char *field, const char *nl, const char *en)
{
	struct problem p = { 422, "CONTRADICTS", web_printf(m->w, "%s", field), nl, en };

	web_problem(m->w, &p);
	return false;
}

static bool is_same(const json_t *a, const json_t *b)
{
	return (a == NULL || json_is_null(a)) ? b == NULL || json_is_null(b) :
						json_equal(a, b) != 0;
}

static void put(struct merge *m, const char *field, json_t *value)
{
	(void)json_object_set(m->out, field, value);
}

static void push(struct merge *m, const char *list, json_t *value)
{
	json_t *all = json_object_get(m->out, list);

	if (all == NULL) {
		all = json_array();
		(void)json_object_set_new(m->out, list, all);
	}
	(void)json_array_append(all, value);
}

/* A field that is no one's to set here may stand in the document as it is. */
static bool keeps(struct merge *m, const ProtobufCMessageDescriptor *type, const char *path,
		  bool same)
{
	const char *name = strrchr(path, '.');

	if (api_field(type, name == NULL ? path : name + 1) == NULL) {
		struct problem p = { 400, "MALFORMED", web_printf(m->w, "%s", path),
				     "dit veld bestaat niet; GET toont welke er zijn",
				     "there is no such field; GET shows which there are" };
		web_problem(m->w, &p);
		return false;
	}
	return same || no(m, path, "dit verandert niet hier, maar door wat er gebeurt",
			  "this is not changed here, but by what happens");
}

/* --- the request itself --- */

static bool has_text(const json_t *list, const json_t *text)
{
	size_t i;
	json_t *one;

	json_array_foreach ((json_t *)(uintptr_t)list, i, one) {
		if (json_equal(one, text) != 0) {
			return true;
		}
	}
	return false;
}

static void push_missing(struct merge *m, const char *field, const json_t *of, const json_t *in)
{
	size_t i;
	json_t *one;

	json_array_foreach ((json_t *)(uintptr_t)of, i, one) {
		if (!has_text(in, one)) {
			push(m, field, one);
		}
	}
}

static bool merge_excluded(struct merge *m, json_t *value, const json_t *now)
{
	if (!json_is_array(value) && !json_is_null(value)) {
		return no(m, "request.excluded_partners", "geef een lijst, of null voor geen",
			  "give a list, or null for none");
	}
	push_missing(m, "exclude_partners", value, now);
	push_missing(m, "allow_partners", now, value);
	return true;
}

static bool merge_request(struct merge *m, json_t *value)
{
	static const char *const settable[] = { "zone", "urgency", "crisis_step" };
	const json_t *now = json_object_get(m->now, "request");
	const char *key;
	json_t *v;

	if (!json_is_object(value)) {
		return no(m, "request", "een vraag om hulp blijft bestaan; geef wat anders wordt",
			  "a request stays; give what changes");
	}
	json_object_foreach (value, key, v) {
		const char *path = web_printf(m->w, "request.%s", key);
		const json_t *was = json_object_get(now, key);
		bool mine = false;
		for (size_t i = 0; i < SK_LEN(settable); i++) {
			mine |= strcmp(settable[i], key) == 0;
		}
		if (strcmp(key, "excluded_partners") == 0) {
			if (!merge_excluded(m, v, was)) {
				return false;
			}
		} else if (!mine || is_same(v, was)) {
			if (!keeps(m, &schakel__v1__request_fact__descriptor, path,
				   is_same(v, was))) {
				return false;
			}
		} else if (!json_is_null(v)) {
			put(m, key, v);
		} else if (strcmp(key, "crisis_step") != 0 ||
			   json_is_null(json_object_get(value, "urgency")) ||
			   json_object_get(value, "urgency") == NULL) {
			return no(m, path, "dit kan niet leeg zijn", "this cannot be empty");
		}
	}
	return true;
}

/* --- lists --- */

static json_t *need_of(const json_t *list, const json_t *id)
{
	size_t i;
	json_t *one;

	json_array_foreach ((json_t *)(uintptr_t)list, i, one) {
		json_t *fact = json_object_get(one, "need");
		if (json_equal(json_object_get(fact, "need_id"), id) != 0) {
			return one;
		}
	}
	return NULL;
}

static bool merge_need(struct merge *m, size_t i, const json_t *fact, const json_t *was)
{
	json_t *must = json_object_get(fact, "must");
	json_t *change = json_pack("{s:O, s:O}", "need_id", json_object_get(was, "need_id"), "must",
				   must != NULL && !json_is_null(must) ? must :
									 json_object_get(was, "mus"
											      "t"));
	bool other = must != NULL && !is_same(must, json_object_get(was, "must"));
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)fact, key, v) {
		bool same = is_same(v, json_object_get(was, key));
		bool mine = strcmp(key, "intensity") == 0 || strcmp(key, "duration_weeks") == 0;
		if (mine && !same) {
			(void)json_object_set(change, key, v);
			other = true;
		} else if (!keeps(m, &schakel__v1__need_fact__descriptor,
				  web_printf(m->w, "needs[%zu].need.%s", i, key),
				  same || strcmp(key, "must") == 0)) {
			json_decref(change);
			return false;
		}
	}
	if (other) {
		push(m, "change_needs", change);
	}
	json_decref(change);
	return true;
}

static bool merge_needs(struct merge *m, json_t *value)
{
	const json_t *now = json_object_get(m->now, "needs");
	size_t i;
	json_t *one;

	json_array_foreach (value, i, one) {
		json_t *fact = json_object_get(one, "need");
		json_t *id = json_object_get(fact, "need_id");
		const json_t *was = id == NULL ? NULL : need_of(now, id);
		if (!json_is_object(fact) || (id != NULL && was == NULL)) {
			return no(m, web_printf(m->w, "needs[%zu].need", i),
				  "dit is geen behoefte van deze vraag; een nieuwe heeft geen "
				  "need_id",
				  "this is no need of this request; a new one has no need_id");
		}
		if (was == NULL) {
			push(m, "add_needs", fact);
		} else if (!merge_need(m, i, fact, json_object_get(was, "need"))) {
			return false;
		}
	}
	json_array_foreach ((json_t *)(uintptr_t)now, i, one) {
		json_t *fact = json_object_get(one, "need");
		if (need_of(value, json_object_get(fact, "need_id")) == NULL) {
			return no(m, "needs",
				  "een behoefte valt niet weg door ze weg te laten; sluit ze met "
				  "POST /api/v1/needs/{need}/close",
				  "a need does not go by leaving it out; close it with POST "
				  "/api/v1/needs/{need}/close");
		}
	}
	return true;
}

/* What was told is never overwritten: a correction stands before it as a new version. */
static bool merge_capsules(struct merge *m, json_t *value)
{
	const json_t *now = json_object_get(m->now, "capsules");
	size_t i;
	json_t *one;

	json_array_foreach ((json_t *)(uintptr_t)now, i, one) {
		if (!has_text(value, one)) {
			return no(m, "capsules",
				  "wat verteld is blijft staan; voeg een nieuwe versie toe",
				  "what was told stays; add a new version");
		}
	}
	push_missing(m, "capsules", value, now);
	return true;
}

static bool merge_people(struct merge *m, const char *key, json_t *value)
{
	if (is_same(value, json_object_get(m->now, key))) {
		return true;
	}
	if (json_array_size(value) == 0) {
		return no(m, key, "hier blijft er minstens een staan", "at least one stays here");
	}
	put(m, key, value);
	return true;
}

/* --- the whole --- */

static bool merge_one(struct merge *m, const char *key, json_t *value)
{
	bool needs = strcmp(key, "needs") == 0;
	bool capsules = strcmp(key, "capsules") == 0;

	if (strcmp(key, "request") == 0) {
		return merge_request(m, value);
	}
	if ((needs || capsules) && !json_is_array(value)) {
		return no(m, key, "geef de hele lijst", "give the whole list");
	}
	if (needs) {
		return merge_needs(m, value);
	}
	if (capsules) {
		return merge_capsules(m, value);
	}
	if (strcmp(key, "children") == 0 || strcmp(key, "adults") == 0) {
		return merge_people(m, key, value);
	}
	/* Why it is more pressing goes with what it says, and is not shown. */
	if (strcmp(key, "reason") == 0 || strcmp(key, "second_party") == 0) {
		put(m, key, value);
		return true;
	}
	return keeps(m, &schakel__v1__request_item__descriptor, key,
		     is_same(value, json_object_get(m->now, key)));
}

/* @return a new document of the one request, or NULL: answered. */
static json_t *request_now(struct web *w)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	uint8_t id[OBJECT_ID_LEN];

	if (api_is_id(w->param[0])) {
		(void)sodium_hex2bin(id, sizeof(id), w->param[0], 2 * sizeof(id), NULL, NULL, NULL);
		q.request_id = (ProtobufCBinaryData){ sizeof(id), id };
	} else {
		q.short_code = (char *)(uintptr_t)w->param[0];
	}
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	if (web_ask(w, "intake", &m, &answer) != SK_OK ||
	    (answer->body_case == BODY(RECEIPT) && web_refused(w, answer->receipt))) {
		return NULL;
	}
	if (answer->body_case != BODY(REQUEST_VIEW) || answer->request_view->n_requests != 1) {
		(void)api_no_such(w, "request");
		return NULL;
	}
	return web_pb_json(w, &answer->request_view->requests[0]->base);
}

/* Of another version than the one that stands: what differs is not known. */
static bool is_stale(struct merge *m)
{
	static const struct problem other = { 412, "CONFLICT", "If-Match",
					      "Dit is intussen veranderd. Kijk naar wat nu geldt "
					      "en beslis opnieuw.",
					      "This has changed meanwhile. Look at what holds now "
					      "and decide again." };
	const json_t *fact = json_object_get(m->now, "request");
	const json_t *version = json_object_get(fact, "request_version");
	const char *match = web_header(m->w, "If-Match");
	const char *tag = web_printf(m->w, "\"%lld\"", (long long)json_integer_value(version));
	bool stale = match != NULL && strcmp(match, tag) != 0;

	if (stale) {
		web_problem(m->w, &other);
	}
	return stale;
}

/* Nothing differs: so it is already. */
static void unchanged(struct merge *m)
{
	json_t *fact = json_object_get(m->now, "request");

	web_json(m->w, 200,
		 json_pack("{s:s, s:O, s:O, s:O}", "outcome", "ACCEPTED", "object_id",
			   json_object_get(fact, "request_id"), "short_code",
			   json_object_get(m->now, "short_code"), "version",
			   json_object_get(fact, "request_version")));
}

/* @return the amendment, or NULL: answered. */
static json_t *amendment(struct web *w, json_t *patch, const json_t *now)
{
	struct merge m = { .w = w, .now = now, .out = json_object() };
	json_t *fact = json_object_get(now, "request");
	const char *key;
	json_t *value;

	bool good = !is_stale(&m);
	json_object_foreach (patch, key, value) {
		good = good && merge_one(&m, key, value);
	}
	if (!good) {
		json_decref(m.out);
		return NULL;
	}
	if (json_object_size(m.out) == 0) {
		unchanged(&m);
		json_decref(m.out);
		return NULL;
	}
	put(&m, "based_on", json_object_get(fact, "request_version"));
	return m.out;
}

static bool take_patch(struct web *w)
{
	static const struct problem family = { 415, "MEDIA_TYPE", "Content-Type",
					       "geef application/json met wat je verandert",
					       "give application/json with what you change" };
	static const struct problem none = { 400, "MALFORMED", NULL, "geef een object { ... }",
					     "give an object { ... }" };
	json_t *patch = web_json_body(w);

	if (patch == NULL) {
		return false;
	}
	if (w->who.person || !json_is_object(patch)) {
		web_problem(w, w->who.person ? &family : &none);
		return false;
	}
	json_t *now = request_now(w);
	json_t *out = now == NULL ? NULL : amendment(w, patch, now);
	json_decref(now);
	if (out == NULL) {
		return false;
	}
	json_decref(w->json);
	w->json = out;
	return true;
}

void api_amend(struct web *w)
{
	const char *type = web_header(w, "Content-Type");
	bool merge = type != NULL && strncasecmp(type, MERGE_PATCH, strlen(MERGE_PATCH)) == 0;

	if (!merge || take_patch(w)) {
		api_command(w);
	}
}
