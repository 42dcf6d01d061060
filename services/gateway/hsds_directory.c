/* SPDX-License-Identifier: EUPL-1.2 */
/* GET of the directory as HSDS: open to all, asked in the gateway's own name. */
#include <stdlib.h>
#include <string.h>

#include "services/gateway/gate.h"
#include "services/gateway/hsds.h"
#include "services/gateway/hsds_export.h"
#include "services/gateway/hsds_service.h"

#define PAGE_USUAL 50
#define ASKS_MAX 2000 /* a daemon that never ends its list is not followed for ever */

/* --- what there is --- */

static void add_items(struct web *w, const PB(DirectoryView) *v, json_t *all)
{
	for (size_t i = 0; i < v->n_items; i++) {
		json_t *doc = hsds_service(w->conf, v->items[i]);
		if (doc != NULL) {
			(void)json_array_append_new(all, doc);
		}
	}
}

/* Who runs the daemon is asked for the next page by the key that it gave. */
static int directory_page(struct web *w, json_t *all, uint8_t after[KEY_LEN_MAX], size_t *io_len)
{
	PB(QueryDirectory) q = SCHAKEL__V1__QUERY_DIRECTORY__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	size_t mark = w->arena.used_bytes;

	q.limit = 50;
	q.after = (ProtobufCBinaryData){ *io_len, after };
	m.body_case = SCHAKEL__V1__MESSAGE__BODY_QUERY_DIRECTORY;
	m.query_directory = &q;
	int err = web_ask(w, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != SCHAKEL__V1__MESSAGE__BODY_DIRECTORY_VIEW ||
	    answer->directory_view->next.len > KEY_LEN_MAX) {
		return SK_EPROTO;
	}
	add_items(w, answer->directory_view, all);
	*io_len = answer->directory_view->next.len;
	memcpy(after, answer->directory_view->next.data, *io_len);
	arena_rewind(&w->arena, mark);
	return SK_OK;
}

/* @return NULL: answered. */
static json_t *all_services(struct web *w)
{
	json_t *all = json_array();
	uint8_t after[KEY_LEN_MAX];
	size_t len = 0;
	unsigned asks = 0;
	int err;

	w->who = (struct who){ .party = CONF_GATEWAY };
	do {
		err = directory_page(w, all, after, &len);
	} while (err == SK_OK && len > 0 && ++asks < ASKS_MAX);
	if (err == SK_OK) {
		return all;
	}
	json_decref(all);
	if (w->answer.status == 0) {
		static const struct problem p = { 503, "UNREACHABLE", NULL,
						  "de gids is nu niet te lezen; probeer het zo "
						  "dadelijk opnieuw",
						  "the directory cannot be read now; try again in "
						  "a moment" };
		web_problem(w, &p);
	}
	return NULL;
}

static json_t *all_organizations(const struct web *w)
{
	json_t *all = json_array();

	for (size_t i = 0; i < w->conf->parties_len; i++) {
		if (hsds_is_organization(&w->conf->parties[i])) {
			(void)json_array_append_new(all, hsds_organization(w->conf,
									   &w->conf->parties[i]));
		}
	}
	return all;
}

static json_t *all_at_locations(struct web *w)
{
	json_t *services = all_services(w);
	json_t *all = services == NULL ? NULL : json_array();
	json_t *v;
	size_t i;

	json_array_foreach (services, i, v) {
		hsds_at_locations(v, all);
	}
	json_decref(services);
	return all;
}

/* --- which of them --- */

static bool is_true(struct web *w, const char *name)
{
	const char *v = web_query(w, name);

	return v != NULL && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

static bool same_text(const json_t *v, const char *text)
{
	return json_is_string(v) && strcasecmp(json_string_value(v), text) == 0;
}

static bool has_term(const json_t *service, const char *key, const char *id)
{
	json_t *v;
	size_t i;

	json_array_foreach (json_object_get(service, "attributes"), i, v) {
		if (same_text(json_object_get(json_object_get(v, "taxonomy_term"), key), id)) {
			return true;
		}
	}
	return false;
}

static bool has_word(const json_t *service, const char *word)
{
	const json_t *of = json_object_get(service, "organization");
	const char *const texts[] = { json_string_value(json_object_get(service, "name")),
				      json_string_value(json_object_get(service, "alternate_name")),
				      json_string_value(json_object_get(of, "name")) };

	for (size_t i = 0; i < SK_LEN(texts); i++) {
		if (texts[i] != NULL && strcasestr(texts[i], word) != NULL) {
			return true;
		}
	}
	return false;
}

static bool is_since(const json_t *service, uint64_t since_ms)
{
	const char *text = json_string_value(json_object_get(service, "last_modified"));
	uint64_t ms = 0;

	return text != NULL && hsds_instant(text, &ms) && ms >= since_ms;
}

static bool serves(const json_t *service, const struct conf *c, uint64_t zones)
{
	json_t *v;
	size_t i;

	json_array_foreach (json_object_get(service, "service_areas"), i, v) {
		for (size_t z = 0; z < c->zones_len; z++) {
			if ((zones >> z & 1) != 0 &&
			    same_text(json_object_get(v, "extent"), c->zones[z].id)) {
				return true;
			}
		}
	}
	return false;
}

struct filter {
	const char *search, *term, *taxonomy, *organization;
	bool placed, since;
	uint64_t zones;
	uint64_t since_ms;
};

static bool refused(struct web *w, const char *field, const char *nl, const char *en)
{
	struct problem p = { 422, "MALFORMED", field, nl, en };

	web_problem(w, &p);
	return false;
}

static int zones_of_code(struct web *w, const char *code, uint64_t *ret_zones)
{
	struct hsds_words words;
	struct file_error e = { 0 };
	size_t mark = w->arena.used_bytes;
	int err = hsds_words_open(&words, w->conf, &w->arena, (struct slice){ 0 }, &e);

	if (err == SK_OK) {
		*ret_zones = hsds_word_zones(&words, code);
		hsds_words_done(&words);
	}
	arena_rewind(&w->arena, mark);
	return err;
}

/* @return false: answered. */
static bool read_filter(struct web *w, struct filter *ret_f)
{
	const char *postcode = web_query(w, "postcode");
	const char *since = web_query(w, "modified_after");
	const char *format = web_query(w, "format");

	*ret_f = (struct filter){ .search = web_query(w, "search"),
				  .term = web_query(w, "taxonomy_term_id"),
				  .taxonomy = web_query(w, "taxonomy_id"),
				  .organization = web_query(w, "organization_id"),
				  .placed = postcode != NULL,
				  .since = since != NULL };
	if (format != NULL && strcmp(format, "json") != 0) {
		return refused(w, "format", "wij geven alleen json", "we give json only");
	}
	if (web_query(w, "proximity") != NULL) {
		return refused(w, "proximity",
			       "afstand kennen wij hier niet; geef een postcode alleen",
			       "we know no distance here; give a postcode alone");
	}
	if (since != NULL && !hsds_instant(since, &ret_f->since_ms)) {
		return refused(w, "modified_after",
			       "dit is geen tijdstip; schrijf het als 2026-03-01T09:00:00Z",
			       "this is no instant; write it as 2026-03-01T09:00:00Z");
	}
	if (postcode != NULL && zones_of_code(w, postcode, &ret_f->zones) != SK_OK) {
		return refused(w, "postcode", "dit lukt nu niet", "this does not work now");
	}
	return true;
}

static bool is_wanted(const struct web *w, const struct filter *f, const json_t *s)
{
	const json_t *of = json_object_get(s, "organization_id");

	return (f->search == NULL || has_word(s, f->search)) &&
	       (f->term == NULL || has_term(s, "id", f->term)) &&
	       (f->taxonomy == NULL || has_term(s, "taxonomy_id", f->taxonomy)) &&
	       (f->organization == NULL || same_text(of, f->organization)) &&
	       (!f->placed || serves(s, w->conf, f->zones)) &&
	       (!f->since || is_since(s, f->since_ms));
}

/* --- answers --- */

static bool number_of(struct web *w, const char *name, size_t usual, size_t *ret_n)
{
	const char *text = web_query(w, name);
	char *end = NULL;
	unsigned long n = text == NULL ? usual : strtoul(text, &end, 10);

	if (text != NULL && (*text < '0' || *text > '9' || *end != '\0')) {
		n = 0;
	}
	if (n < 1 || n > 1000000) {
		return refused(w, name, "geef een geheel getal vanaf 1",
			       "give a whole number of at least 1");
	}
	*ret_n = n;
	return true;
}

/* Takes @p all over; NULL: answered already. */
static void answer_page(struct web *w, json_t *all)
{
	size_t number = 1;
	size_t size = PAGE_USUAL;

	if (all != NULL && number_of(w, "page", 1, &number) &&
	    number_of(w, "per_page", PAGE_USUAL, &size)) {
		size = size > HSDS_PAGE_MAX ? HSDS_PAGE_MAX : size;
		web_json(w, 200, hsds_page(all, number, size));
	}
	json_decref(all);
}

/* Takes @p all over. */
static void answer_one(struct web *w, json_t *all)
{
	static const struct problem none = { 404, "NOT_FOUND", "id", "dit is er niet (meer)",
					     "this is not there (any more)" };
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (same_text(json_object_get(v, "id"), w->param[0])) {
			web_json(w, 200, json_incref(v));
			break;
		}
	}
	if (all != NULL && w->answer.status == 0) {
		web_problem(w, &none);
	}
	json_decref(all);
}

static json_t *minimal(const json_t *s)
{
	json_t *doc = json_object();

	(void)json_object_set(doc, "id", json_object_get(s, "id"));
	(void)json_object_set(doc, "modified_date", json_object_get(s, "last_modified"));
	return doc;
}

void hsds_version_get(struct web *w)
{
	const char *own = w->conf->gateway.public_url;
	const char *host = web_header(w, "Host");
	const char *at = own[0] != '\0' ? own :
			 host == NULL   ? "http://localhost" :
					  web_printf(w, "http://%s", host);

	web_json(w, 200,
		 json_pack("{s:s,s:s,s:s}", "version", "3.1", "profile",
			   "https://docs.openreferral.org/", "openapi_url",
			   web_printf(w, "%s/openapi.json", at)));
}

void hsds_services_get(struct web *w)
{
	struct filter f;
	json_t *all = read_filter(w, &f) ? all_services(w) : NULL;
	json_t *chosen = all == NULL ? NULL : json_array();
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (!is_wanted(w, &f, v)) {
			continue;
		}
		if (is_true(w, "minimal")) {
			(void)json_array_append_new(chosen, minimal(v));
			continue;
		}
		if (!is_true(w, "full")) {
			hsds_flatten(v);
		}
		(void)json_array_append(chosen, v);
	}
	json_decref(all);
	answer_page(w, chosen);
}

void hsds_service_get(struct web *w)
{
	answer_one(w, all_services(w));
}

static void add_services(json_t *organization, const json_t *services)
{
	json_t *list = json_array();
	json_t *v;
	size_t i;

	json_array_foreach (services, i, v) {
		const json_t *of = json_object_get(v, "organization_id");
		if (json_equal(of, json_object_get(organization, "id")) == 1) {
			json_t *plain = json_copy(v);
			(void)json_object_del(plain, "organization");
			(void)json_array_append_new(list, plain);
		}
	}
	(void)json_object_set_new(organization, "services", list);
}

void hsds_organizations_get(struct web *w)
{
	bool full = is_true(w, "full_service") || is_true(w, "full");
	json_t *services = full ? all_services(w) : NULL;
	json_t *all = full && services == NULL ? NULL : all_organizations(w);
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (full) {
			add_services(v, services);
		} else {
			hsds_flatten(v);
		}
	}
	json_decref(services);
	answer_page(w, all);
}

void hsds_organization_get(struct web *w)
{
	json_t *services = all_services(w);
	json_t *all = services == NULL ? NULL : all_organizations(w);
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (same_text(json_object_get(v, "id"), w->param[0])) {
			add_services(v, services);
		}
	}
	json_decref(services);
	answer_one(w, all);
}

void hsds_at_locations_get(struct web *w)
{
	struct filter f;

	if (!read_filter(w, &f)) {
		return;
	}
	json_t *services = all_services(w);
	json_t *all = services == NULL ? NULL : json_array();
	json_t *v;
	size_t i;

	json_array_foreach (services, i, v) {
		if (is_wanted(w, &f, v)) {
			hsds_at_locations(v, all);
		}
	}
	json_decref(services);
	answer_page(w, all);
}

void hsds_at_location_get(struct web *w)
{
	answer_one(w, all_at_locations(w));
}

void hsds_taxonomies_get(struct web *w)
{
	answer_page(w, hsds_taxonomies(w->conf));
}

void hsds_taxonomy_get(struct web *w)
{
	answer_one(w, hsds_taxonomies(w->conf));
}

void hsds_terms_get(struct web *w)
{
	const char *list = web_query(w, "taxonomy_id");
	const char *parent = web_query(w, "parent_id");
	json_t *all = hsds_taxonomy_terms(w->conf);
	json_t *chosen = json_array();
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		/* No term of ours has another above it. */
		if (parent == NULL &&
		    (list == NULL || same_text(json_object_get(v, "taxonomy_id"), list))) {
			(void)json_array_append(chosen, v);
		}
	}
	json_decref(all);
	answer_page(w, chosen);
}

void hsds_term_get(struct web *w)
{
	answer_one(w, hsds_taxonomy_terms(w->conf));
}
