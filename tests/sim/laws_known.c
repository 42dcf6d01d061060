/* SPDX-License-Identifier: EUPL-1.2 */
/* B9: whom a child is said to know has helped it, in the open; and who helps it in the open is
 * among those whom it is said to know. Only the records of help are believed. */
#include "tests/sim/laws_model.h"

#define KNOWN_IS_FULL 6
#define CHILDREN 8 /* of one request */
#define AWAY(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X

static bool helped_well(const PB(ContributionRecord) *c)
{
	const PB(ContributionChanged) *last = c->last;
	bool away = last->state == CONTRIB(INTERRUPTED) &&
		    (last->interrupt == AWAY(SAFETY) || last->interrupt == AWAY(NOT_FITTING));

	return c->begun_ms != 0 && !c->shielded && !away &&
	       last->state != CONTRIB(STOPPED_BY_YOUTH);
}

static bool is_childs(const struct daemon_model *d, const PB(ContributionChanged) *c,
		      uint32_t child)
{
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &c->request_id, &at); n != NULL;
	     n = intake_need(d, &c->request_id, &at)) {
		if (same_data(&n->need->need_id, &c->need_id)) {
			return n->need->child == child;
		}
	}
	return false;
}

static bool has_helped(const struct daemon_model *d, const struct key *request, uint32_t child,
		       const char *partner)
{
	static const uint8_t table[] = { I_CONTRIBUTION, I_CONTRIBUTION_PAST };

	for (size_t i = 0; i < SK_LEN(table); i++) {
		size_t at = SIZE_MAX;
		for (const struct row *row = row_next(d, table[i], request, &at); row != NULL;
		     row = row_next(d, table[i], request, &at)) {
			const PB(ContributionRecord) *c = row->rec;
			if (strcmp(c->last->partner, partner) == 0 && helped_well(c) &&
			    is_childs(d, c->last, child)) {
				return true;
			}
		}
	}
	return false;
}

static const PB(KnownRecord) *known_by(const struct daemon_model *d,
				       const struct object_id *request, uint32_t child)
{
	struct key k = key_of_id(request);

	key_u32(&k, child);
	return rec_find(d, I_KNOWN, &k);
}

static bool names(const PB(KnownRecord) *known, const char *partner)
{
	for (size_t i = 0; known != NULL && i < known->n_partners; i++) {
		if (strcmp(known->partners[i], partner) == 0) {
			return true;
		}
	}
	return known != NULL && known->n_partners == KNOWN_IS_FULL;
}

static void known_is_true(struct laws *l, const struct object_id *request, uint32_t child)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const PB(KnownRecord) *known = known_by(d, request, child);
	struct key prefix = key_of_id(request);

	for (size_t i = 0; known != NULL && i < known->n_partners; i++) {
		if (!has_helped(d, &prefix, child, known->partners[i])) {
			laws_violated(l, "B9", "child %u of %s is said to know %s", child,
				      law_hex(request), known->partners[i]);
		}
	}
}

static void helper_is_known(struct laws *l, const PB(ContributionRecord) *c)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	struct object_id request = law_id(&c->last->request_id);

	for (uint32_t child = 0; child < CHILDREN; child++) {
		if (is_childs(d, c->last, child) &&
		    !names(known_by(d, &request, child), c->last->partner)) {
			laws_violated(l, "B9", "child %u of %s is not said to know %s", child,
				      law_hex(&request), c->last->partner);
		}
	}
}

void laws_known(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const struct row *row = touched_request(l, &at); row != NULL;
	     row = touched_request(l, &at)) {
		const PB(RequestRecord) *r = row->rec;
		struct object_id id = law_id(&r->request_id);
		size_t live = SIZE_MAX;
		for (uint32_t child = 0; child < CHILDREN; child++) {
			known_is_true(l, &id, child);
		}
		for (const PB(ContributionRecord) *c = intake_live(d, &r->request_id, &live);
		     c != NULL; c = intake_live(d, &r->request_id, &live)) {
			if (c->last->state == CONTRIB(STARTED) && !c->shielded) {
				helper_is_known(l, c);
			}
		}
	}
}
