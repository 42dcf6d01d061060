/* SPDX-License-Identifier: EUPL-1.2 */
/* What a house can really do, as HealthcareService: the directory's rows, and its own board. */
#include <string.h>

#include "services/gateway/fhir_in.h"
#include "services/gateway/fhir_out.h"
#include "services/gateway/fhir_service.h"

#define WORD(o, list, type, value) \
	fhir_word(o, list, &schakel__v1__##type##__descriptor, (int)(value))

/* What both views have. */
struct offer {
	const char *pool;
	const char *partner;
	PB(PoolState) state;
	PB(PoolAnswer) answer;
	PB(Unit) unit;
	uint32_t free;
	uint32_t promised;
	uint64_t observed_ms;
	PB(PoolUse) *const *uses;
	size_t uses_len;
};

/* HAS without anything free is a waiting list to who reads a code, not a number. */
static const char *capacity_status(const struct offer *p)
{
	switch ((int)p->answer) {
	case SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST:
		return "additional-assessment-required";
	case SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST:
		return "waitlist";
	case SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE:
		return "no-capacity";
	case SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_HAS:
		return "capacity";
	default:
		return p->free > 0 ? "capacity" : "no-capacity";
	}
}

static void put_number(json_t *e, const char *name, uint32_t n)
{
	json_t *sub = fj_ext(name);

	(void)json_object_set_new(sub, "valueUnsignedInt", json_integer(n));
	fj_push(e, "extension", sub);
}

static void put_capacity(const struct fhir_out *o, const struct offer *p, const PB(PutCapacity) *c,
			 json_t *r)
{
	json_t *status = fj_ext(FHIR_CAPACITY_STATUS);
	json_t *code = fj_ext("capacityStatus");
	json_t *numbers = fj_ext(FHIR_EXT "capacity");
	json_t *unit = fj_ext("unit");

	fj_set(code, "valueCodeableConcept",
	       fj_concept(FHIR_CAPACITY_CODES, capacity_status(p), NULL));
	fj_push(status, "extension", code);
	fj_push(r, "extension", status);
	put_number(numbers, "available", p->free);
	put_number(numbers, "promised", p->promised);
	if (c != NULL) {
		put_number(numbers, "maximum", c->total);
		put_number(numbers, "staffed", c->staffed);
		put_number(numbers, "used_elsewhere", c->used_elsewhere);
	}
	fj_set(unit, "valueCodeableConcept", WORD(o, "unit", unit, p->unit));
	fj_push(numbers, "extension", unit);
	fj_push(r, "extension", numbers);
	fj_push(r, "extension",
		fhir_ext_concept("pool_state", WORD(o, "pool_state", pool_state, p->state)));
}

static bool has_concept(const json_t *r, const char *list, const json_t *concept)
{
	for (size_t i = 0; i < fj_items(r, list); i++) {
		if (json_equal(fj_item(r, list, i), concept) != 0) {
			return true;
		}
	}
	return false;
}

static void put_once(json_t *r, const char *list, json_t *concept)
{
	if (concept == NULL || has_concept(r, list, concept)) {
		json_decref(concept);
		return;
	}
	fj_push(r, list, concept);
}

static void put_use(const struct fhir_out *o, const PB(PoolUse) *u, json_t *r)
{
	json_t *e = json_object();
	json_t *age = fj_ext(FHIR_EXT "age");
	json_t *range = json_object();

	for (size_t i = 0; i < u->n_expertises; i++) {
		put_once(r, "specialty", fhir_expertise_concept(o, u->expertises[i]));
	}
	put_once(r, "characteristic", WORD(o, "modality", modality, u->modality));
	put_once(r, "referralMethod", WORD(o, "access", access, u->access));
	for (size_t i = 0; i < u->n_zones; i++) {
		const struct conf_zone *z = fhir_zone(o->conf, u->zones[i]);
		json_t *area = fj_logical("Location", FHIR_ID "zone", u->zones[i]);
		fj_text(area, "display", z == NULL ? NULL : z->name);
		put_once(r, "coverageArea", area);
	}
	for (size_t i = 0; i < u->n_languages; i++) {
		put_once(r, "communication", fj_concept("urn:ietf:bcp:47", u->languages[i], NULL));
	}
	fj_set(range, "low", json_pack("{s:i, s:s}", "value", (int)u->age_from, "unit", "a"));
	fj_set(range, "high", json_pack("{s:i, s:s}", "value", (int)u->age_to, "unit", "a"));
	fj_set(age, "valueRange", range);
	fj_push(e, "extension", age);
	put_once(r, "eligibility", e);
}

static json_t *service(const struct fhir_out *o, const struct offer *p, const PB(PutCapacity) *c)
{
	json_t *r = fj_resource("HealthcareService", p->pool);
	bool paused = p->state == SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED;

	fj_push(r, "identifier", fj_identifier(FHIR_ID "pool", p->pool));
	(void)json_object_set_new(r, "active", json_boolean(!paused));
	fj_set(r, "providedBy", fhir_organization(o, p->partner));
	fj_text(r, "name", p->pool);
	put_capacity(o, p, c, r);
	for (size_t i = 0; i < p->uses_len; i++) {
		put_use(o, p->uses[i], r);
	}
	return r;
}

json_t *fhir_pool_service(const struct fhir_out *o, const PB(PoolItem) *p)
{
	const PB(PutCapacity) *c = p->capacity;

	if (c == NULL) {
		return NULL;
	}
	struct offer offer = { .pool = c->pool,
			       .partner = c->partner,
			       .state = p->state,
			       .answer = c->answer,
			       .unit = c->unit,
			       .free = p->free,
			       .promised = p->promised,
			       .uses = c->uses,
			       .uses_len = c->n_uses };
	json_t *r = service(o, &offer, c);
	fhir_meta(r, p->version, c->observed_at_ms);
	return r;
}

json_t *fhir_directory_service(const struct fhir_out *o, const PB(DirectoryItem) *d)
{
	struct offer offer = { .pool = d->pool,
			       .partner = d->partner,
			       .state = d->state,
			       .answer = d->answer,
			       .unit = d->unit,
			       .free = d->free,
			       .promised = d->promised,
			       .uses = d->uses,
			       .uses_len = d->n_uses };
	json_t *r = service(o, &offer, NULL);
	json_t *meta = json_object();

	fj_set(meta, "lastUpdated", fj_instant(d->observed_at_ms));
	fj_set(r, "meta", meta);
	return r;
}
