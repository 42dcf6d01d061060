/* SPDX-License-Identifier: EUPL-1.2 */
/* What one person sees beside help and words: goals, what is there already, own people and means,
 * and what a court ordered (B1, B2, B5, L10). Each is the child's; an adult sees it where law and
 * child allow it to see the child's part, and never who carries a goal in a home that is hidden
 * from it or behind a shield. Sealed words are not in it: they are in the file. */
#include <string.h>

#include "services/intake/core_warm.h"

static bool is_childs(const struct req *q, const struct person *who, uint32_t child)
{
	return q->r->n_children <= 1 || child == who->child;
}

/* --- goals --- */

static bool owner_shows(struct req *q, const struct person *who, const char *owner)
{
	bool contact = strcmp(owner, q->r->contact_party) == 0;
	bool youth = who->speaker == SPEAKER(YOUTH);

	return contact || (who->names && (youth || !shield_hides_partner(q, owner)));
}

static void goals_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v)
{
	PB(PlanView) all = PB_INIT(PLAN_VIEW);

	all.goals = step_alloc(s, GOALS_KEPT_MAX * sizeof(*all.goals));
	v->goals = step_alloc(s, GOALS_KEPT_MAX * sizeof(*v->goals));
	if (all.goals == NULL || v->goals == NULL) {
		return;
	}
	goals_view(s, q, &all);
	for (size_t i = 0; i < all.n_goals; i++) {
		const PB(GoalView) *g = all.goals[i];
		PB(PersonGoal) *p = step_alloc(s, sizeof(*p));
		if (p == NULL || !is_childs(q, who, g->child)) {
			continue;
		}
		schakel__v1__person_goal__init(p);
		p->number = g->number;
		p->life_domain = g->life_domain;
		p->state = g->state;
		p->owner = owner_shows(q, who, g->owner) ? g->owner : p->owner;
		p->review_ms = g->review_ms > s->now_ms ? g->review_ms : 0;
		v->goals[v->n_goals++] = p;
	}
}

/* --- own people, places and means --- */

static void own_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v)
{
	PB(PlanView) all = PB_INIT(PLAN_VIEW);

	all.own = step_alloc(s, OWN_KEPT_MAX * sizeof(*all.own));
	v->own = step_alloc(s, OWN_KEPT_MAX * sizeof(*v->own));
	if (all.own == NULL || v->own == NULL) {
		return;
	}
	own_view(s, q, &all);
	for (size_t i = 0; i < all.n_own; i++) {
		const PB(OwnContributionView) *o = all.own[i];
		PB(PersonOwn) *p = step_alloc(s, sizeof(*p));
		if (p == NULL || !is_childs(q, who, o->child)) {
			continue;
		}
		schakel__v1__person_own__init(p);
		p->number = o->number;
		p->supporter = o->supporter;
		p->state = o->state;
		p->life_domain = o->life_domain;
		v->own[v->n_own++] = p;
	}
}

static void strengths_own(struct step *s, struct req *q, const struct person *who,
			  PB(PersonView) *v)
{
	PB(RequestItem) all = PB_INIT(REQUEST_ITEM);

	strengths_view(s, q, &all);
	v->strengths = step_alloc(s, STRENGTHS_KEPT_MAX * sizeof(*v->strengths));
	for (size_t i = 0; v->strengths != NULL && i < all.n_strengths; i++) {
		const PB(Strength) *st = all.strengths[i]->strength;
		PB(PersonStrength) *p = step_alloc(s, sizeof(*p));
		if (p == NULL || st == NULL || !is_childs(q, who, st->child)) {
			continue;
		}
		schakel__v1__person_strength__init(p);
		p->kind = st->kind;
		p->life_domain = st->life_domain;
		p->helps = all.strengths[i]->own_contribution != 0;
		v->strengths[v->n_strengths++] = p;
	}
}

/* --- orders of the court --- */

static bool order_is_about(const struct req *q, const struct person *who,
			   const PB(CourtOrderView) *o)
{
	bool about = o->n_children == 0 || q->r->n_children <= 1;

	for (size_t i = 0; i < o->n_children; i++) {
		about = about || o->children[i] == who->child;
	}
	return about;
}

static void scope_add(PB(PersonOrder) *p, uint32_t expertise)
{
	for (size_t i = 0; i < p->n_expertises; i++) {
		if (p->expertises[i] == expertise) {
			return;
		}
	}
	p->expertises[p->n_expertises++] = expertise;
}

/* The needs that are named and that this person sees. @return false: all that is named is somebody
 * else's, so the order is not shown as one about everything. */
static bool scope_fill(struct step *s, struct req *q, const struct person *who,
		       const PB(CourtOrderView) *o, PB(PersonOrder) *p)
{
	p->expertises = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*p->expertises));
	for (size_t i = 0; p->expertises != NULL && i < o->n_need_ids; i++) {
		const PB(NeedRecord) *n = req_need(q, &o->need_ids[i]);
		if (n != NULL && person_sees_need(q, who, n)) {
			scope_add(p, n->need->expertise);
		}
	}
	return o->n_need_ids == 0 ? order_is_about(q, who, o) : p->n_expertises > 0;
}

static void orders_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v)
{
	PB(RequestItem) all = PB_INIT(REQUEST_ITEM);

	orders_view(s, q, NULL, &all);
	v->orders = step_alloc(s, ORDERS_MAX * sizeof(*v->orders));
	for (size_t i = 0; v->orders != NULL && i < all.n_orders; i++) {
		const PB(CourtOrderView) *o = all.orders[i];
		PB(PersonOrder) *p = step_alloc(s, sizeof(*p));
		if (p == NULL) {
			return;
		}
		schakel__v1__person_order__init(p);
		p->number = o->number;
		p->from_ms = o->from_ms;
		p->until_ms = o->until_ms;
		p->unconfirmed = o->unconfirmed;
		p->ended = o->ended_ms != 0 || o->until_ms <= s->now_ms;
		if (scope_fill(s, q, who, o, p)) {
			v->orders[v->n_orders++] = p;
		}
	}
}

void person_own(struct step *s, struct req *q, const struct person *who, PB(PersonView) *v)
{
	/* Of a child that died nothing more is said (DOMAIN 4). */
	if (!who->sees_child || q->r->deceased) {
		return;
	}
	goals_own(s, q, who, v);
	own_own(s, q, who, v);
	strengths_own(s, q, who, v);
	orders_own(s, q, who, v);
}
