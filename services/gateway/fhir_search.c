/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading and searching what a request is made of: ServiceRequest, RequestGroup, CareTeam. A page
 * of requests is asked for and each of them then by itself, so that a search shows what a read
 * shows. */
#include "services/gateway/fhir_search.h"

#include <string.h>

#define TOTAL_PAGES 20 /* of FHIR_COUNT_MAX: who counts reads them all */
#define TOTAL_PAGES_OF_ENTRY 2

/* --- what a search asks --- */

static bool wants(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		size_t system = strcspn(at, "|,"); /* "http://hl7.org/...|active" */
		at += at[system] == '|' ? system + 1 : 0;
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0')) {
			return true;
		}
	}
	return list == NULL;
}

bool fhir_wants_status(struct fhir_call *c, const char *status)
{
	return wants(fhir_param(c, "status"), status);
}

static void add_order(struct fhir_call *c, const struct fhir_item *i, json_t *bundle)
{
	struct fhir_out out = fhir_writer(c);

	out.told = i->told;
	if (i->item->n_needs == 0 && fhir_wants_status(c, fhir_consult_status(i->item))) {
		fhir_bundle_add(bundle, fhir_service_request(&out, i->item, NULL), "match");
	}
	for (size_t k = 0; k < i->item->n_needs; k++) {
		const PB(NeedView) *n = i->item->needs[k];
		if (fhir_wants_status(c, fhir_need_status(n))) {
			fhir_bundle_add(bundle, fhir_service_request(&out, i->item, n), "match");
		}
	}
}

static void add_if(struct fhir_call *c, json_t *resource, json_t *bundle)
{
	const char *status = fj_str(resource, "status");

	if (status != NULL && fhir_wants_status(c, status)) {
		fhir_bundle_add(bundle, resource, "match");
	} else {
		json_decref(resource);
	}
}

static void add_group(struct fhir_call *c, const struct fhir_item *i, json_t *bundle)
{
	struct fhir_out out = fhir_writer(c);

	out.told = i->told;
	add_if(c, fhir_request_group(&out, i->item), bundle);
}

static void add_team(struct fhir_call *c, const struct fhir_item *i, json_t *bundle)
{
	struct fhir_out out = fhir_writer(c);

	out.told = i->told;
	add_if(c, fhir_care_team(&out, i->item), bundle);
}

static bool is_just(const char *s, const char *word)
{
	return s != NULL && strcmp(s, word) == 0;
}

/* --- pages --- */

static void fhir_link(struct fhir_call *c, json_t *bundle, const char *relation, const char *query)
{
	fj_push(bundle, "link",
		json_pack("{s:s, s:o}", "relation", relation, "url",
			  json_sprintf("%s%s%s", c->type, query[0] == '\0' ? "" : "?", query)));
}

void fhir_links(struct fhir_call *c, json_t *bundle, const char *next)
{
	char *q = fhir_own_query(c);

	fhir_link(c, bundle, "self", q);
	if (next != NULL) {
		fhir_link(c, bundle, "next",
			  web_printf(c->w, "%s%s_after=%s", q, q[0] == '\0' ? "" : "&", next));
	}
}

static const char *next_of(const json_t *bundle)
{
	for (size_t i = 0; i < fj_items(bundle, "link"); i++) {
		const json_t *link = fj_item(bundle, "link", i);
		const char *url = fj_str(link, "url");
		if (fj_is(link, "relation", "next") && url != NULL) {
			return strchr(url, '?') == NULL ? NULL : strchr(url, '?') + 1;
		}
	}
	return NULL;
}

static int too_many(struct fhir_call *c)
{
	struct fhir_issue issue = { .status = 400,
				    .code = "too-costly",
				    .nl = "dit zijn er te veel om te tellen; zoek enger, of "
					  "blader",
				    .en = "these are too many to count; search more narrowly, or "
					  "page" };

	return fhir_refuse(c, &issue);
}

static void run_total(struct fhir_call *c, fhir_fn *search)
{
	unsigned pages_max = c->entry ? TOTAL_PAGES_OF_ENTRY : TOTAL_PAGES;
	json_t *bundle = fhir_bundle("searchset");
	json_t *page = NULL;
	json_int_t total = 0;

	c->total_only = true;
	fhir_links(c, bundle, NULL);
	size_t mark = c->w->arena.used_bytes;
	for (unsigned n = 0; n == 0 || next_of(page) != NULL; n++) {
		arena_rewind(&c->w->arena, mark);
		c->query = n == 0 ? c->query : web_printf(c->w, "%s", next_of(page));
		search(c);
		json_decref(page);
		page = json_incref(c->resource);
		total += (json_int_t)fj_items(page, "entry");
		if (c->in.refused || page == NULL ||
		    (n + 1 == pages_max && next_of(page) != NULL && too_many(c) != SK_OK)) {
			break;
		}
	}
	json_decref(page);
	(void)json_object_set_new(bundle, "total", json_integer(total));
	if (c->in.refused || c->resource == NULL) {
		json_decref(bundle);
	} else {
		fhir_answer(c, 200, bundle);
	}
}

void fhir_search_run(struct fhir_call *c, fhir_fn *search, bool strict)
{
	if (fhir_query_check(c, strict) != SK_OK) {
		return;
	}
	if (fhir_total_only(c)) {
		run_total(c, search);
	} else {
		search(c);
	}
	if (!c->in.refused && c->in.issues_len > 0) {
		fhir_bundle_add(c->resource, fhir_outcome(&c->in, c->w->lang), "outcome");
	}
}

int fhir_page(struct fhir_call *c, const char *after, fhir_add_fn *add, json_t *bundle,
	      char ret_next[2 * OBJECT_ID_LEN + 1])
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	struct object_id from;
	struct object_id next;

	ret_next[0] = '\0';
	q.limit = fhir_count(c);
	q.open_only = is_just(fhir_param(c, "status"), "active");
	if (after != NULL && !fhir_id(after, &from)) {
		return fhir_not_found(c);
	}
	if (after != NULL) {
		q.after = object_id_data(&from);
	}
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	int err = fhir_ask(c, "intake", &m, &answer);
	if (err != SK_OK || answer->body_case != BODY(REQUEST_VIEW)) {
		return err;
	}
	const PB(RequestView) *v = answer->request_view;
	for (size_t k = 0; k < v->n_requests; k++) {
		struct object_id id;
		struct fhir_item i = { 0 };
		size_t mark = c->w->arena.used_bytes;
		err = object_id_from(&v->requests[k]->request->request_id, &id) ?
			      fhir_item_load(c, &id, &i) :
			      SK_ENOENT;
		if (err == SK_OK) {
			add(c, &i, bundle);
			fhir_item_done(&i);
		} else if (err != SK_ENOENT) {
			return err;
		}
		arena_rewind(&c->w->arena, mark);
	}
	if (object_id_from(&v->next, &next)) {
		object_id_hex(&next, ret_next);
	}
	return SK_OK;
}

const char *fhir_hex_text(struct fhir_call *c, const ProtobufCBinaryData *b)
{
	json_t *hex = fhir_hex(b);
	char *s = hex == NULL ? NULL : web_printf(c->w, "%s", json_string_value(hex));

	json_decref(hex);
	return s;
}

bool fhir_bytes(struct fhir_call *c, const char *hex, ProtobufCBinaryData *ret_b)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = strlen(hex) / 2;
	uint8_t *b = arena_alloc(&c->w->arena, len + 1);

	for (size_t i = 0; b != NULL && i < 2 * len; i++) {
		const char *at = strchr(digits, hex[i]);
		if (at == NULL) {
			return false;
		}
		b[i / 2] = (uint8_t)(b[i / 2] << 4 | (at - digits));
	}
	*ret_b = (ProtobufCBinaryData){ len, b };
	return b != NULL && len > 0 && len <= KEY_LEN_MAX;
}

/* --- one by its number --- */

int fhir_item_by_identifier(struct fhir_call *c, const char *identifier, struct fhir_item *ret_i)
{
	const char *bar = strchr(identifier, '|');
	const char *value = bar == NULL ? identifier : bar + 1;
	struct object_id id;

	char *system = bar == NULL ? "" :
				     web_printf(c->w, "%.*s", (int)(bar - identifier), identifier);
	if (strcmp(system, FHIR_ID "request") == 0) {
		return fhir_id(value, &id) ? fhir_item_load(c, &id, ret_i) : SK_ENOENT;
	}
	if (strcmp(system, FHIR_ID "short-code") == 0 || strcmp(system, FHIR_ID "need") == 0) {
		return fhir_item_by_code(c, value, ret_i);
	}
	int err = fhir_item_of_placer(c, system, value, ret_i);
	if (err == SK_ENOENT && bar == NULL) {
		struct fhir_issue told = { .code = "incomplete",
					   .nl = "zonder system is alleen gezocht bij aanmeldingen "
						 "zonder system; geef system|value",
					   .en = "without a system only orders without a system "
						 "were looked at; give system|value" };
		(void)fhir_say(&c->in, &told);
	}
	return err;
}

static int one_found(struct fhir_call *c, struct fhir_item *ret_i, bool *ret_asked)
{
	const char *identifier = fhir_param(c, "identifier");
	const char *own = fhir_param(c, "_id");
	struct object_id id;
	PB(NeedView) *need = NULL;

	identifier = identifier == NULL ? fhir_param(c, "requisition") : identifier;
	identifier = identifier == NULL ? fhir_param(c, "group-identifier") : identifier;
	*ret_asked = identifier != NULL || own != NULL;
	if (identifier != NULL) {
		return fhir_item_by_identifier(c, identifier, ret_i);
	}
	if (own == NULL || !fhir_id(own, &id)) {
		return SK_ENOENT;
	}
	return strcmp(c->type, "ServiceRequest") == 0 ? fhir_item_of_need(c, &id, ret_i, &need) :
							fhir_item_load(c, &id, ret_i);
}

/* The whole search, and its answer. */
static void fhir_search_requests(struct fhir_call *c, fhir_add_fn *add)
{
	json_t *bundle = fhir_bundle("searchset");
	char next[2 * OBJECT_ID_LEN + 1] = "";
	struct fhir_item i = { 0 };
	bool asked = false;
	int err = one_found(c, &i, &asked);

	if (asked && err == SK_OK) {
		add(c, &i, bundle);
		fhir_item_done(&i);
		(void)json_object_set_new(bundle, "total",
					  json_integer((json_int_t)fj_items(bundle, "entry")));
	} else if (asked && err == SK_ENOENT) {
		(void)json_object_set_new(bundle, "total", json_integer(0));
		err = SK_OK;
	} else if (!asked) {
		err = fhir_page(c, fhir_param(c, "_after"), add, bundle, next);
	}
	if (err != SK_OK) {
		json_decref(bundle);
		return;
	}
	fhir_links(c, bundle, next[0] == '\0' ? NULL : next);
	fhir_answer(c, 200, bundle);
}

void fhir_order_search(struct fhir_call *c)
{
	fhir_search_requests(c, add_order);
}

void fhir_group_search(struct fhir_call *c)
{
	fhir_search_requests(c, add_group);
}

void fhir_team_search(struct fhir_call *c)
{
	fhir_search_requests(c, add_team);
}

/* --- reads --- */

void fhir_order_get(struct fhir_call *c)
{
	struct object_id id;
	struct fhir_item i = { 0 };
	PB(NeedView) *need = NULL;
	struct fhir_out out = fhir_writer(c);
	int err = fhir_id(c->id, &id) ? fhir_item_of_need(c, &id, &i, &need) : SK_ENOENT;

	if (err == SK_ENOENT) {
		(void)fhir_not_found(c);
	} else if (err == SK_OK) {
		out.told = i.told;
		fhir_answer(c, 200, fhir_service_request(&out, i.item, need));
	}
	fhir_item_done(&i);
}

static void read_request(struct fhir_call *c,
			 json_t *(*write)(const struct fhir_out *o, const PB(RequestItem) *item))
{
	struct object_id id;
	struct fhir_item i = { 0 };
	struct fhir_out out = fhir_writer(c);
	json_t *r = NULL;
	int err = fhir_id(c->id, &id) ? fhir_item_load(c, &id, &i) : SK_ENOENT;

	if (err == SK_OK) {
		out.told = i.told;
		r = write(&out, i.item);
	}
	if (r != NULL) {
		fhir_answer(c, 200, r);
	} else if (err == SK_OK || err == SK_ENOENT) {
		(void)fhir_not_found(c);
	}
	fhir_item_done(&i);
}

void fhir_group_get(struct fhir_call *c)
{
	read_request(c, fhir_request_group);
}

void fhir_team_get(struct fhir_call *c)
{
	read_request(c, fhir_care_team);
}
