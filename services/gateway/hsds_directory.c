/* SPDX-License-Identifier: EUPL-1.2 */
/* GET of the directory as HSDS: open to all, asked in the gateway's own name. */
#include <string.h>

#include "services/gateway/gate.h"
#include "services/gateway/hsds.h"
#include "services/gateway/hsds_answer.h"
#include "services/gateway/hsds_copy.h"
#include "services/gateway/hsds_export.h"
#include "services/gateway/hsds_service.h"

/* --- what there is --- */

/* @return NULL: answered, also when who asks knows it already. Nothing in it is changed. */
static json_t *all_services(struct web *w)
{
	const char *known = web_header(w, "If-None-Match");
	char tag[HSDS_TAG_TEXT] = "";
	json_t *all = hsds_copy(w, tag);

	if (all == NULL) {
		return NULL;
	}
	web_head(w, "ETag", web_printf(w, "\"%s\"", tag));
	web_head(w, "Cache-Control", "public, max-age=2");
	if (known != NULL && strstr(known, tag) != NULL) {
		json_decref(all);
		web_body(w, 304, "application/json", (struct slice){ "", 0 });
		return NULL;
	}
	return all;
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

	return v != NULL && (strcasecmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

static bool has_term(const json_t *service, const char *key, const char *id)
{
	json_t *v;
	size_t i;

	json_array_foreach (json_object_get(service, "attributes"), i, v) {
		if (hsds_same_text(json_object_get(json_object_get(v, "taxonomy_term"), key), id)) {
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
			    hsds_same_text(json_object_get(v, "extent"), c->zones[z].id)) {
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

static bool are_booleans(struct web *w)
{
	static const char *const names[] = { "minimal", "full", "full_service", "top_only" };
	static const char *const values[] = { "true", "false", "1", "0", "" };

	for (size_t i = 0; i < SK_LEN(names); i++) {
		const char *v = web_query(w, names[i]);
		bool good = v == NULL;
		for (size_t k = 0; !good && k < SK_LEN(values); k++) {
			good = strcasecmp(v, values[k]) == 0;
		}
		if (!good) {
			return hsds_wrong(w, names[i], "geef true of false", "give true or false");
		}
	}
	return true;
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
	if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "ndjson") != 0) {
		return hsds_wrong(w, "format", "geef json of ndjson", "give json or ndjson");
	}
	if (!are_booleans(w)) {
		return false;
	}
	if (web_query(w, "proximity") != NULL) {
		return hsds_wrong(w, "proximity",
				  "afstand kennen wij hier niet; geef een postcode alleen",
				  "we know no distance here; give a postcode alone");
	}
	if (since != NULL && !hsds_instant(since, &ret_f->since_ms)) {
		return hsds_wrong(w, "modified_after",
				  "dit is geen tijdstip; schrijf het als 2026-03-01T09:00:00Z",
				  "this is no instant; write it as 2026-03-01T09:00:00Z");
	}
	if (postcode != NULL && zones_of_code(w, postcode, &ret_f->zones) != SK_OK) {
		return hsds_wrong(w, "postcode", "dit lukt nu niet", "this does not work now");
	}
	return true;
}

static bool is_wanted(const struct web *w, const struct filter *f, const json_t *s)
{
	const json_t *of = json_object_get(s, "organization_id");

	return (f->search == NULL || has_word(s, f->search)) &&
	       (f->term == NULL || has_term(s, "id", f->term)) &&
	       (f->taxonomy == NULL || has_term(s, "taxonomy_id", f->taxonomy)) &&
	       (f->organization == NULL || hsds_same_text(of, f->organization)) &&
	       (!f->placed || serves(s, w->conf, f->zones)) &&
	       (!f->since || is_since(s, f->since_ms));
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
		if (is_wanted(w, &f, v)) {
			(void)json_array_append(chosen, v);
		}
	}
	json_decref(all);
	hsds_answer_page(w, chosen,
			 is_true(w, "minimal") ? hsds_minimal :
			 is_true(w, "full")    ? hsds_whole :
						 hsds_plain);
}

void hsds_service_get(struct web *w)
{
	hsds_answer_one(w, all_services(w));
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

static bool has_service(const struct web *w, const struct filter *f, const json_t *services,
			const json_t *organization)
{
	const char *id = json_string_value(json_object_get(organization, "id"));
	struct filter own = *f;
	json_t *v;
	size_t i;

	own.search = NULL;
	own.organization = id;
	json_array_foreach (services, i, v) {
		if (is_wanted(w, &own, v)) {
			return true;
		}
	}
	return false;
}

void hsds_organizations_get(struct web *w)
{
	bool full = is_true(w, "full_service") || is_true(w, "full");
	struct filter f;

	if (!read_filter(w, &f)) {
		return;
	}
	json_t *services = all_services(w);
	json_t *all = services == NULL ? NULL : all_organizations(w);
	json_t *chosen = all == NULL ? NULL : json_array();
	bool by_service = f.term != NULL || f.taxonomy != NULL;
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		if ((f.search != NULL && strcasestr(name, f.search) == NULL) ||
		    (by_service && !has_service(w, &f, services, v))) {
			continue;
		}
		if (full) {
			add_services(v, services);
		}
		(void)json_array_append(chosen, v);
	}
	json_decref(services);
	json_decref(all);
	hsds_answer_page(w, chosen, full ? hsds_whole : hsds_plain);
}

void hsds_organization_get(struct web *w)
{
	json_t *services = all_services(w);
	json_t *all = services == NULL ? NULL : all_organizations(w);
	json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		if (hsds_same_text(json_object_get(v, "id"), w->param[0])) {
			add_services(v, services);
		}
	}
	json_decref(services);
	hsds_answer_one(w, all);
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
	hsds_answer_page(w, all, hsds_whole);
}

void hsds_at_location_get(struct web *w)
{
	hsds_answer_one(w, all_at_locations(w));
}

/* Code lists are as the node is; they are searched by name. */
static void answer_list(struct web *w, json_t *all)
{
	const char *list = web_query(w, "taxonomy_id");
	json_t *chosen = json_array();
	struct filter f;
	json_t *v;
	size_t i;

	if (!read_filter(w, &f)) {
		json_decref(all);
		json_decref(chosen);
		return;
	}
	/* No term of ours has another above it. */
	json_array_foreach (web_query(w, "parent_id") != NULL ? NULL : all, i, v) {
		const char *name = json_string_value(json_object_get(v, "name"));
		bool found = f.search == NULL || strcasestr(name, f.search) != NULL;
		if (found &&
		    (list == NULL || hsds_same_text(json_object_get(v, "taxonomy_id"), list))) {
			(void)json_array_append(chosen, v);
		}
	}
	json_decref(all);
	hsds_answer_page(w, chosen, hsds_whole);
}

void hsds_taxonomies_get(struct web *w)
{
	answer_list(w, hsds_taxonomies(w->conf));
}

void hsds_taxonomy_get(struct web *w)
{
	hsds_answer_one(w, hsds_taxonomies(w->conf));
}

void hsds_terms_get(struct web *w)
{
	answer_list(w, hsds_taxonomy_terms(w->conf));
}

void hsds_term_get(struct web *w)
{
	hsds_answer_one(w, hsds_taxonomy_terms(w->conf));
}
