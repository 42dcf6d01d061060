/* SPDX-License-Identifier: EUPL-1.2 */
/* L2, I15: every open request has a holder at every step, and nobody who holds is let go before who
 * comes next has started. */
#include "tests/sim/laws_model.h"

static const PB(HolderView) *holder_find(const PB(RequestRecord) *r, PB(HolderKind) kind,
					 const char *party)
{
	for (size_t i = 0; r != NULL && i < r->n_holders; i++) {
		const PB(HolderView) *h = r->holders[i];
		if (h->kind == kind && (party == NULL || strcmp(h->party, party) == 0)) {
			return h;
		}
	}
	return NULL;
}

static bool holds_somehow(const PB(RequestRecord) *r, const char *party)
{
	for (size_t i = 0; i < r->n_holders; i++) {
		if (strcmp(r->holders[i]->party, party) == 0) {
			return true;
		}
	}
	return false;
}

static void someone_holds(struct laws *l, const PB(RequestRecord) *r)
{
	const char *id = law_hex_data(&r->request_id);

	if (r->n_holders == 0) {
		laws_violated(l, "L2", "nobody holds request %s", id);
	}
	for (size_t i = 0; i < r->n_holders; i++) {
		if (r->holders[i]->until_ms != 0) {
			laws_violated(l, "L2", "%s holds request %s no more, and stands there",
				      r->holders[i]->party, id);
		}
	}
	if (holder_find(r, HOLDER_IS(ZONE_NETWORK), NULL) == NULL) {
		laws_violated(l, "L2", "the network of the zone does not hold request %s", id);
	}
	bool crisis = r->urgency == URGENCY_IS(CRISIS) && r->answered_ms == 0;
	if (crisis && !r->by_family && !holds_somehow(r, r->requester)) {
		laws_violated(l, "L2", "%s, who took crisis %s, holds it no more before help",
			      r->requester, id);
	}
}

/** Who gives help, or is to give it again, holds. */
static void active_hold(struct laws *l, const PB(RequestRecord) *r)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const PB(ContributionRecord) *c = intake_live(d, &r->request_id, &at); c != NULL;
	     c = intake_live(d, &r->request_id, &at)) {
		if (contribution_is_active(c->last->state) && !holds_somehow(r, c->last->partner)) {
			laws_violated(l, "L2", "%s is active in request %s and does not hold it",
				      c->last->partner, law_hex_data(&r->request_id));
		}
	}
}

/** The need for which this partner was the last to start, and that is not finished. */
static const PB(NeedRecord) *left_by(struct laws *l, const PB(RequestRecord) *r, const char *party)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const PB(NeedRecord) *n = intake_need(d, &r->request_id, &at); n != NULL;
	     n = intake_need(d, &r->request_id, &at)) {
		struct object_id need = law_id(&n->need->need_id);
		const struct start_said *last = start_last(l, &need);
		if (last != NULL && strcmp(last->partner, party) == 0 &&
		    !need_finished_state(n->need->state)) {
			return n;
		}
	}
	return NULL;
}

static void released(struct laws *l, const PB(RequestRecord) *r, const PB(HolderView) *h)
{
	const char *id = law_hex_data(&r->request_id);

	if (h->kind == HOLDER_IS(REQUESTER) && r->answered_ms == 0) {
		laws_violated(l, "L2", "requester %s was released from %s before help started",
			      h->party, id);
	}
	if (h->kind != HOLDER_IS(PARTNER)) {
		return; /* the network and the contact person: someone_holds(), L3 */
	}
	const PB(NeedRecord) *n = left_by(l, r, h->party);
	if (n != NULL) {
		laws_violated(l, "L2",
			      "%s was released from request %s before a successor started need %u",
			      h->party, id, n->need->ordinal);
	}
}

void laws_holder(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	size_t at = SIZE_MAX;

	for (const struct row *row = touched_request(l, &at); row != NULL;
	     row = touched_request(l, &at)) {
		const PB(RequestRecord) *r = row->rec;
		const struct change *c = change_find(d, I_REQUEST, &row->key);
		const PB(RequestRecord) *was = c == NULL ? NULL : c->before;

		if (!r->open) {
			continue;
		}
		someone_holds(l, r);
		active_hold(l, r);
		for (size_t i = 0; was != NULL && i < was->n_holders; i++) {
			const PB(HolderView) *h = was->holders[i];
			if (!holds_somehow(r, h->party)) {
				released(l, r, h);
			}
		}
	}
}
