/* SPDX-License-Identifier: EUPL-1.2 */
/* Copies for the family's channel when no person was named: without what a partner answered (L10).
 */
#include "services/intake/core_inner.h"

static PB(ContributionChanged) *contribution_plain(struct step *s, const PB(ContributionChanged) *c)
{
	PB(ContributionChanged) *p = step_alloc(s, sizeof(*p));

	if (p == NULL) {
		return NULL;
	}
	schakel__v1__contribution_changed__init(p);
	p->contribution_id = c->contribution_id;
	p->version = c->version;
	p->request_id = c->request_id;
	p->need_id = c->need_id;
	p->partner = c->partner;
	p->pool = c->pool;
	p->state = c->state;
	p->ground = c->ground;
	p->seen = c->seen;
	p->at_ms = c->at_ms;
	p->until_ms = c->until_ms;
	p->modality = c->modality;
	p->short_code = c->short_code;
	p->supporter = c->supporter;
	p->start_at_ms = c->start_at_ms;
	return p;
}

PB(ContributionChanged) *contribution_told(struct step *s, PB(ContributionChanged) *c)
{
	c->hold = NULL; /* between matching and us */
	return (s->from.roles & ROLE_BIT(FAMILY)) != 0 ? contribution_plain(s, c) : c;
}

static bool seat_is_agreed(PB(ContributionState) st)
{
	return st == CONTRIB(AGREED) || st == CONTRIB(STARTED) || st == CONTRIB(INTERRUPTED) ||
	       st == CONTRIB(HANDING_ON);
}

/* A proposal without what each partner has said of it. */
PB(TeamProposed) *team_plain(struct step *s, const PB(TeamProposed) *t)
{
	PB(TeamProposed) *p = step_alloc(s, sizeof(*p));
	PB(Seat) *box = step_alloc(s, (t->n_seats + 1) * sizeof(*box));
	PB(Seat) **at = step_alloc(s, (t->n_seats + 1) * sizeof(*at));

	if (p == NULL || box == NULL || at == NULL) {
		return NULL;
	}
	*p = *t;
	p->seats = at;
	for (size_t i = 0; i < t->n_seats; i++) {
		box[i] = *t->seats[i];
		box[i].state = seat_is_agreed(box[i].state) ? box[i].state : CONTRIB(UNSPECIFIED);
		box[i].can_if = 0;
		at[i] = &box[i];
	}
	return p;
}
