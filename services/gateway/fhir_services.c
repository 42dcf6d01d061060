/* SPDX-License-Identifier: EUPL-1.2 */
/* HealthcareService: the open directory, and a house's own board. */
#include <string.h>

#include "services/gateway/fhir_search.h"
#include "services/gateway/fhir_service.h"

#define PAGES_MAX 50

static int pool_load(struct fhir_call *c, const char *pool, PB(PoolItem) **ret_p)
{
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	if (!name_is_valid(pool) || !c->w->who.known) {
		return SK_ENOENT;
	}
	q.pool = arena_strdup(&c->w->arena, pool);
	if (q.pool == NULL) {
		return SK_ENOMEM;
	}
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	int err = fhir_try(c, "matching", &m, &answer);
	if (err != SK_OK) {
		return err;
	}
	if (answer->body_case != BODY(POOLS_VIEW) || answer->pools_view->n_pools == 0) {
		return SK_ENOENT;
	}
	*ret_p = answer->pools_view->pools[0];
	return SK_OK;
}

/* --- the directory --- */

static int directory_page(struct fhir_call *c, PB(QueryDirectory) *q, PB(DirectoryView) **ret_v)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;

	m.body_case = BODY(QUERY_DIRECTORY);
	m.query_directory = q;
	int err = fhir_ask(c, "matching", &m, &answer);
	if (err == SK_OK && answer->body_case != BODY(DIRECTORY_VIEW)) {
		return SK_EPROTO;
	}
	if (err == SK_OK) {
		*ret_v = answer->directory_view;
	}
	return err;
}

static int directory_find(struct fhir_call *c, const char *pool)
{
	PB(QueryDirectory) q = PB_INIT(QUERY_DIRECTORY);
	struct fhir_out out = fhir_writer(c);
	PB(DirectoryView) *v = NULL;
	int err = SK_OK;

	for (unsigned page = 0; page < PAGES_MAX; page++) {
		err = directory_page(c, &q, &v);
		if (err != SK_OK) {
			return err;
		}
		for (size_t i = 0; i < v->n_items; i++) {
			if (strcmp(v->items[i]->pool, pool) == 0) {
				fhir_answer(c, 200, fhir_directory_service(&out, v->items[i]));
				return SK_OK;
			}
		}
		if (v->next.len == 0) {
			return SK_ENOENT;
		}
		q.after = v->next;
	}
	return SK_ENOENT;
}

void fhir_service_get(struct fhir_call *c)
{
	struct fhir_out out = fhir_writer(c);
	PB(PoolItem) *p = NULL;
	int err = pool_load(c, c->id, &p);

	if (err == SK_OK) {
		fhir_answer(c, 200, fhir_pool_service(&out, p));
	} else if (err == SK_ENOENT) {
		err = directory_find(c, c->id);
	}
	if (err == SK_ENOENT) {
		(void)fhir_not_found(c);
	}
}

/* The word behind the "|" of a token, and behind the "/" of a reference. */
static const char *token(struct fhir_call *c, const char *name)
{
	const char *v = fhir_param(c, name);
	const char *bar = v == NULL ? NULL : strrchr(v, '|');

	v = bar == NULL ? v : bar + 1;
	const char *slash = v == NULL ? NULL : strrchr(v, '/');
	return slash == NULL ? v : slash + 1;
}

static int read_filter(struct fhir_call *c, PB(QueryDirectory) *q)
{
	const char *zone = token(c, "coverage-area");
	const char *specialty = token(c, "specialty");
	const char *after = fhir_param(c, "_after");

	q->limit = fhir_count(c);
	if (zone != NULL) {
		q->zone = arena_strdup(&c->w->arena, zone);
	}
	if (specialty != NULL) {
		json_t *concept = fj_concept(FHIR_CODES "expertise", specialty, NULL);
		q->expertise = fhir_expertise(c->w->conf, concept);
		json_decref(concept);
		if (q->expertise == 0) {
			return fhir_wrong(&c->in, "code-invalid", "HealthcareService.specialty",
					  "kies een code van /codes/expertise",
					  "choose a code of /codes/expertise");
		}
	}
	if (after != NULL && !fhir_bytes(c, after, &q->after)) {
		return fhir_not_found(c);
	}
	return q->zone == NULL ? SK_ENOMEM : SK_OK;
}

void fhir_service_search(struct fhir_call *c)
{
	PB(QueryDirectory) q = PB_INIT(QUERY_DIRECTORY);
	const char *house = token(c, "organization");
	struct fhir_out out = fhir_writer(c);
	PB(DirectoryView) *v = NULL;

	if (token(c, "_id") != NULL || token(c, "identifier") != NULL) {
		c->id = token(c, "_id") != NULL ? token(c, "_id") : token(c, "identifier");
		fhir_service_get(c);
		if (c->in.refused && fhir_status(&c->in) != 404) {
			return;
		}
		bool there = c->resource != NULL;
		json_t *one = json_incref(c->resource);
		json_t *found = fhir_bundle("searchset");
		c->in.issues_len -= c->in.refused ? 1 : 0;
		c->in.refused = false;
		(void)json_object_set_new(found, "total", json_integer(there ? 1 : 0));
		fhir_bundle_add(found, one, "match");
		fhir_answer(c, 200, found);
		return;
	}
	if (read_filter(c, &q) != SK_OK || directory_page(c, &q, &v) != SK_OK) {
		return;
	}
	json_t *bundle = fhir_bundle("searchset");
	for (size_t i = 0; i < v->n_items; i++) {
		if (house == NULL || strcmp(house, v->items[i]->partner) == 0) {
			fhir_bundle_add(bundle, fhir_directory_service(&out, v->items[i]), "match");
		}
	}
	fhir_links(c, bundle, v->next.len == 0 ? NULL : fhir_hex_text(c, &v->next));
	fhir_answer(c, 200, bundle);
}

/* --- what a house says of itself --- */

void fhir_service_put(struct fhir_call *c)
{
	PB(PutCapacity) capacity = PB_INIT(PUT_CAPACITY);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Receipt) *r = NULL;
	PB(PoolItem) *now = NULL;
	int err = pool_load(c, c->id, &now);
	bool is_new = err == SK_ENOENT;

	if (err != SK_OK && !is_new) {
		return;
	}
	c->in.resource = c->body;
	c->in.bundle = c->bundle;
	if (fhir_service_read(&c->in, c->id, now, &capacity) != SK_OK) {
		return;
	}
	if (fhir_matched(c) != 0) {
		capacity.based_on = fhir_matched(c);
	}
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &capacity;
	if (fhir_command(c, "matching", &m, fhir_service_element, &r) != SK_OK) {
		return;
	}
	fhir_service_get(c);
	c->status = is_new ? 201 : 200;
	c->location = web_printf(c->w, "HealthcareService/%s", c->id);
}
