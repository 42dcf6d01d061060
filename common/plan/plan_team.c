/* SPDX-License-Identifier: EUPL-1.2 */
/* One group, by the exact composer, under prices. The composer covers first and costs then. Where
 * a need may stay open for its penalty it gets one more option: nothing, of a pool and a partner
 * that are always there, at that cost. Then the best coverage is everybody, at every price, and the
 * least cost is the exact minimum of the priced group with its own hard rules. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define COST_TOP                                                                         \
	(1ULL << 31) /* of one option: twelve of them stay far below the composer's sums \
		      */
#define SCRATCH_ALIGN 16U

static uint64_t priced(const struct plan_work *w, const struct plan_ask *ask,
		       const struct canon_option *o)
{
	uint64_t cost = (uint64_t)o->cost * PLAN_PRICE_SCALE;

	if (ask->toll != NULL) {
		return cost + ask->toll[o - w->options];
	}
	return cost + (uint64_t)w->price[o->pool] * o->amount * ask->halves / 2;
}

static uint32_t room_partner(struct plan_work *w, const struct canon_group *g, uint32_t partner)
{
	struct plan_room *r = &w->room;
	uint32_t *at = &r->partner_at[partner];

	if (*at != PLAN_NONE) {
		return *at;
	}
	bool in_team = false;
	for (uint32_t i = 0; i < g->team_len; i++) {
		in_team = in_team || w->team[g->team_first + i] == partner;
	}
	uint32_t fixed = in_team ? 0 : w->partner_cost[partner] * PLAN_PRICE_SCALE;
	r->partners[r->partners_len] =
		(struct compose_partner){ .fixed_cost = fixed, .in_team = in_team };
	r->partner_is[r->partners_len] = partner;
	*at = r->partners_len++;
	return *at;
}

/* The id of a pool is its place in the canonical order: no two are the same, none is 0. */
static uint32_t room_pool(struct plan_work *w, const struct plan_ask *ask, uint32_t pool)
{
	struct plan_room *r = &w->room;
	uint32_t *at = &r->pool_at[pool];

	if (*at != PLAN_NONE) {
		return *at;
	}
	struct compose_pool *to = &r->pools[r->pools_len];
	*to = (struct compose_pool){ .free = ask->units[pool] };
	for (unsigned i = 0; i < 4; i++) {
		to->id[i] = (uint8_t)((pool + 1) >> (24 - 8 * i));
	}
	to->partner = room_partner(w, &w->groups[ask->group], w->partner[pool]);
	*at = r->pools_len++;
	return *at;
}

static void room_option(struct plan_room *r, const struct compose_option *o, uint32_t origin)
{
	r->origin[r->options_len] = origin;
	r->options[r->options_len++] = *o;
}

/* Who would pay more than the penalty for a need never does: such an option is left out, as is one
 * whose amount is not there. */
static void room_need(struct plan_work *w, const struct plan_ask *ask, uint32_t at)
{
	const struct canon_need *n = &w->needs[w->groups[ask->group].first + at];
	uint64_t top = ask->open_costs ? (uint64_t)n->penalty * PLAN_PRICE_SCALE : COST_TOP;

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		const struct canon_option *o = &w->options[i];
		uint64_t cost = o->amount <= ask->units[o->pool] ? priced(w, ask, o) : UINT64_MAX;
		if (cost == UINT64_MAX || (ask->open_costs && cost > top) ||
		    (ask->blinks > 0 && plan_upto(w, 64) < ask->blinks)) {
			continue;
		}
		struct compose_option to = { .pool = room_pool(w, ask, o->pool),
					     .use = o->use,
					     .amount = o->amount,
					     .cost = (uint32_t)(cost < top ? cost : top),
					     .tie = o->tie,
					     .need = (uint8_t)at };
		room_option(&w->room, &to, i);
	}
	if (ask->open_costs) {
		struct compose_option none = { .cost = (uint32_t)top, .need = (uint8_t)at };
		room_option(&w->room, &none, PLAN_NONE);
	}
}

/* Place 0 is nothing, of nobody: a pool and a partner that every team has. */
static void room_open(struct plan_room *r)
{
	r->pools[0] = (struct compose_pool){ 0 };
	r->partners[0] = (struct compose_partner){ .in_team = true };
	r->partner_is[0] = PLAN_NONE;
	r->pools_len = 1;
	r->partners_len = 1;
	r->options_len = 0;
}

static void room_close(struct plan_work *w)
{
	struct plan_room *r = &w->room;

	for (size_t i = 0; i < r->options_len; i++) {
		if (r->origin[i] != PLAN_NONE) {
			r->pool_at[w->options[r->origin[i]].pool] = PLAN_NONE;
		}
	}
	for (uint32_t i = 1; i < r->partners_len; i++) {
		r->partner_at[r->partner_is[i]] = PLAN_NONE;
	}
}

static int scratch_for(struct plan_room *r, const struct compose_problem *p)
{
	size_t bytes = 0;
	int err = compose_scratch_bytes(p, &bytes);

	if (err != SK_OK || bytes <= r->mem_bytes) {
		return err;
	}
	free(r->mem);
	bytes = (bytes * 2 + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
	r->mem = aligned_alloc(SCRATCH_ALIGN, bytes);
	r->mem_bytes = r->mem == NULL ? 0 : bytes;
	return r->mem == NULL ? SK_ENOMEM : SK_OK;
}

static int compose(struct plan_work *w, const struct canon_group *g, struct compose_team *ret_team)
{
	struct plan_room *r = &w->room;
	struct compose_problem p = { .needs = g->len,
				     .team_max = g->team_max,
				     .partners_used = g->team_used,
				     .options = r->options,
				     .options_len = r->options_len,
				     .pools = r->pools,
				     .pools_len = r->pools_len,
				     .partners = r->partners,
				     .partners_len = r->partners_len };
	int err = scratch_for(r, &p);

	return err != SK_OK ?
		       err :
		       compose_run(&p, (struct compose_scratch){ r->mem, r->mem_bytes }, ret_team);
}

int plan_team(struct plan_work *w, const struct plan_ask *ask, struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct compose_team team = { 0 };

	room_open(&w->room);
	for (uint32_t i = 0; i < g->len; i++) {
		room_need(w, ask, i);
	}
	bool any = w->room.pools_len > 1;
	int err = any ? compose(w, g, &team) : SK_OK;
	room_close(w);
	if (err != SK_OK) {
		return err;
	}
	ret_team->cost = team.cost;
	for (uint32_t i = 0; i < g->len; i++) {
		uint32_t at = any ? team.option[i] : COMPOSE_NONE;
		ret_team->seat[i] = at == COMPOSE_NONE ? PLAN_NONE : w->room.origin[at];
		if (!any && ask->open_costs) {
			ret_team->cost +=
				(uint64_t)w->needs[g->first + i].penalty * PLAN_PRICE_SCALE;
		}
	}
	return SK_OK;
}
