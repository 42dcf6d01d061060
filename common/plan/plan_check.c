/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of a plan. It shares no code with what makes one, and is as plain as can be. */
#include "common/plan/plan.h"

#include <stdlib.h>

struct judge {
	const struct plan_problem *p;
	const struct plan_result *r;
	uint64_t *used;    /* per pool: by the groups that were looked at, all of them seated */
	bool *in_team;     /* per partner: of the group in hand */
	uint32_t *pool_of; /* per pool: the last group that used it, and one more */
	uint32_t group;    /* in hand, and one more */
	bool led;          /* its team has one who can lead */
	uint32_t partners; /* distinct ones in that team */
	uint64_t cost;
	uint64_t value;
	uint32_t covered;
	struct plan_fault fault;
};

static bool found(struct judge *j, enum plan_fault_kind kind, uint32_t need, uint32_t option)
{
	uint32_t pool = option < j->p->options_len ? j->p->options[option].pool : PLAN_NONE;

	j->fault = (struct plan_fault){ kind, need, option, pool };
	return false;
}

static uint32_t partner_of(const struct judge *j, uint32_t option)
{
	return j->p->pools[j->p->options[option].pool].partner;
}

/* @return what the partner costs when it is new to the team. */
static uint32_t join(struct judge *j, uint32_t partner)
{
	if (j->in_team[partner]) {
		return 0;
	}
	j->in_team[partner] = true;
	j->partners++;
	j->led = j->led || (j->p->leads != NULL && j->p->leads[partner]);
	return j->p->partner_cost[partner];
}

static void team_begin(struct judge *j, const struct plan_group *g)
{
	for (size_t i = 0; i < j->p->partners_len; i++) {
		j->in_team[i] = false;
	}
	j->partners = 0;
	j->led = !g->lead;
	j->group++;
	for (uint32_t i = 0; i < g->team_len; i++) {
		(void)join(j, j->p->team[g->team_first + i]);
	}
}

static bool seat_is_sound(struct judge *j, uint32_t need)
{
	const struct plan_need *n = &j->p->needs[need];
	uint32_t seat = j->r->seat[need];

	if (seat < n->first || seat >= n->first + n->len) {
		return found(j, PLAN_FAULT_OPTION, need, seat);
	}
	const struct plan_option *o = &j->p->options[seat];
	j->used[o->pool] += o->amount;
	if (j->used[o->pool] > j->p->pools[o->pool].free) {
		return found(j, PLAN_FAULT_AMOUNT, need, seat);
	}
	j->cost += (uint64_t)o->cost + join(j, partner_of(j, seat));
	j->cost += j->pool_of[o->pool] == j->group ? 0 : j->p->pools[o->pool].fixed_cost;
	j->pool_of[o->pool] = j->group;
	j->covered++;
	return true;
}

static bool pair_is_kept(const struct judge *j, const struct plan_pair *pair, uint32_t a,
			 uint32_t b)
{
	return a == PLAN_NONE || b == PLAN_NONE ||
	       (partner_of(j, a) == partner_of(j, b)) != pair->apart;
}

/* @return whether the pairs of the group are kept, were @p need at @p option too. */
static bool pairs_are_kept(const struct judge *j, const struct plan_group *g, uint32_t need,
			   uint32_t option)
{
	for (uint32_t i = g->pair_first; i < g->pair_first + g->pair_len; i++) {
		const struct plan_pair *pair = &j->p->pairs[i];
		uint32_t a = pair->need[0] == need ? option : j->r->seat[pair->need[0]];
		uint32_t b = pair->need[1] == need ? option : j->r->seat[pair->need[1]];
		if (!pair_is_kept(j, pair, a, b)) {
			return false;
		}
	}
	return true;
}

/* With what is not given to those in front of it nor to its own group. */
static bool could_sit(const struct judge *j, const struct plan_group *g, uint32_t need,
		      uint32_t option)
{
	const struct plan_option *o = &j->p->options[option];
	uint64_t left = j->p->pools[o->pool].free - j->used[o->pool];
	uint32_t partner = partner_of(j, option);

	return o->amount <= left && (j->in_team[partner] || j->partners < g->team_max) &&
	       (j->led || (j->p->leads != NULL && j->p->leads[partner])) &&
	       pairs_are_kept(j, g, need, option);
}

static bool order_is_kept(struct judge *j, const struct plan_group *g, uint32_t need)
{
	const struct plan_need *n = &j->p->needs[need];

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		if (could_sit(j, g, need, i)) {
			return found(j, PLAN_FAULT_ORDER, need, i);
		}
	}
	return true;
}

static bool group_is_sound(struct judge *j, const struct plan_group *g, bool law)
{
	bool sound = true;
	bool seated = false;

	team_begin(j, g);
	uint32_t before = j->partners;
	for (uint32_t i = g->first; sound && i < g->first + g->len; i++) {
		if (j->r->seat[i] == PLAN_NONE) {
			j->value += j->p->needs[i].penalty;
		} else {
			sound = seat_is_sound(j, i);
			seated = true;
		}
	}
	if (sound && j->partners > before && j->partners > g->team_max) {
		return found(j, PLAN_FAULT_TEAM, g->first, PLAN_NONE);
	}
	if (sound && !pairs_are_kept(j, g, PLAN_NONE, PLAN_NONE)) {
		return found(j, PLAN_FAULT_PAIR, g->first, PLAN_NONE);
	}
	if (sound && seated && !j->led) {
		return found(j, PLAN_FAULT_LEAD, g->first, PLAN_NONE);
	}
	for (uint32_t i = g->first; law && sound && i < g->first + g->len; i++) {
		sound = j->r->seat[i] != PLAN_NONE || order_is_kept(j, g, i);
	}
	return sound;
}

static bool sums_are_sound(struct judge *j)
{
	const struct plan_result *r = j->r;

	j->value += j->cost;
	if (j->cost != r->cost || j->value != r->value || j->covered != r->covered ||
	    r->bound > r->value) {
		return found(j, PLAN_FAULT_VALUE, PLAN_NONE, PLAN_NONE);
	}
	return true;
}

bool plan_check(const struct plan_problem *p, const struct plan_result *r, bool law,
		struct plan_fault *ret_fault)
{
	struct judge j = { .p = p,
			   .r = r,
			   .used = calloc(p->pools_len + 1, sizeof(uint64_t)),
			   .in_team = calloc(p->partners_len + 1, sizeof(bool)),
			   .pool_of = calloc(p->pools_len + 1, sizeof(uint32_t)) };
	bool sound = j.used != NULL && j.in_team != NULL && j.pool_of != NULL &&
		     r->needs_len == p->needs_len;

	for (size_t i = 0; sound && i < p->groups_len; i++) {
		sound = group_is_sound(&j, &p->groups[i], law);
	}
	sound = sound && sums_are_sound(&j);
	free(j.used);
	free(j.in_team);
	free(j.pool_of);
	*ret_fault = j.fault;
	return sound;
}
