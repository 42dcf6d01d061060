/* SPDX-License-Identifier: EUPL-1.2 */
/* What people are told of the plan of the list: how near the least it is, what the order costs, and
 * what became of its seats. Of a value only shares are said; who needs points reads the record. */
#include "services/matching/core_int.h"

#define EXACT_READERS (ROLE_BIT(COORDINATOR) | ROLE_BIT(OPERATOR))

static const PB(MatchPlanRecord) *plan_last(struct work *w)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return step_get(w->s, T_PLAN, &k, DESC(match_plan_record));
}

/** Rounded up: never said smaller than it is. */
static uint32_t per_mille(uint64_t part, uint64_t whole)
{
	if (whole == 0 || part == 0) {
		return 0;
	}
	if (part >= whole) {
		return 1000;
	}
	/* 1000 * part may be more than 64 bits hold; a unit of the quotient is then nothing */
	while (part > UINT64_MAX / 2000) {
		part = part / 2 + 1;
		whole /= 2;
	}
	uint64_t share = (part * 1000 + whole - 1) / whole;
	return share < 1000 ? (uint32_t)share : 1000;
}

/** Plans are made as long as they have an interval; one older than two is not spoken of. */
static bool is_current(struct work *w, const PB(MatchPlanRecord) *rec)
{
	uint64_t every_ms = step_setting(w->s, SETTING_PLAN_INTERVAL) * 1000;

	return rec->last_ms != 0 && every_ms != 0 && w->s->now_ms - rec->last_ms <= 2 * every_ms;
}

uint32_t list_plan_gap(struct work *w)
{
	const PB(MatchPlanRecord) *rec = plan_last(w);

	if (rec == NULL || rec->value == 0 || !is_current(w, rec)) {
		return 0;
	}
	uint32_t gap = per_mille(rec->value - rec->bound, rec->value);
	return gap == 0 ? 1 : gap; /* 0 says: unknown */
}

/** Numbers of people as they are now: for who runs the list or the node (figure.h). */
static void tell_exact(const PB(MatchPlanRecord) *rec, PB(ListPlanView) *v)
{
	v->exact = true;
	v->needs = rec->needs;
	v->covered = rec->covered;
	v->value = rec->value;
	v->bound = rec->bound;
	v->law_cost = rec->law_cost;
}

static void tell(struct work *w, const PB(MatchPlanRecord) *rec, PB(ListPlanView) *v)
{
	v->at_ms = rec->last_ms;
	v->age_s = rec->last_ms == 0 ? 0 : (w->s->now_ms - rec->last_ms) / 1000;
	v->current = is_current(w, rec);
	v->gap = per_mille(rec->value - rec->bound, rec->value);
	v->law = per_mille(rec->law_cost, rec->value);
	if ((w->s->from.roles & EXACT_READERS) != 0) {
		tell_exact(rec, v);
	}
	v->proposed = rec->proposed;
	v->refused_base = rec->refused_base;
	v->refused_rules = rec->refused_rules;
	v->refused_form = rec->refused_form;
	v->applied = rec->applied;
	v->not_waiting = rec->not_waiting;
	v->not_fitting = rec->not_fitting;
	v->not_free = rec->not_free;
	v->not_in_order = rec->not_in_order;
	v->not_looked_at = rec->not_looked_at;
}

int match_query_list_plan(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	PB(ListPlanView) *v = step_alloc(s, sizeof(*v));
	struct work w;

	(void)in;
	work_init(&w, s);
	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__list_plan_view__init(v);
	const PB(MatchPlanRecord) *rec = plan_last(&w);
	v->interval_s = (uint32_t)step_setting(s, SETTING_PLAN_INTERVAL);
	if (rec != NULL) {
		tell(&w, rec, v);
	}
	out->body_case = BODY(LIST_PLAN_VIEW);
	out->list_plan_view = v;
	return work_err(&w);
}
