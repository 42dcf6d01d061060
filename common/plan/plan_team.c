/* SPDX-License-Identifier: EUPL-1.2 */
/* One group, by the exact composer, under prices. The composer covers first and costs then. Where
 * a need may stay open for its penalty it gets one more option: nobody, of a pool and a partner
 * that are always there, at that cost. Then the best coverage is everybody, at every price, and the
 * least cost is the exact minimum of the priced group with its own hard rules. Nobody has needs
 * that stay apart as partners of their own, and can lead nobody. What belongs together is branched
 * on, where it must: two needs at two partners mean that one of them is open, or that both sit. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define COST_TOP UINT32_MAX /* of one option: twelve stay below what the composer adds up */
#define SCRATCH_ALIGN 16U
#define BRANCHES_MAX 256U /* composed for one group; then what is left gives the bound */
#define DEPTH_MAX (2U * COMPOSE_NEEDS_MAX * 2U + 1U)

/* What a branch says of a need. */
enum fate { FATE_FREE, FATE_OPEN, FATE_SEATED };
struct branch {
	uint8_t fate[COMPOSE_NEEDS_MAX];
	uint64_t low; /* nothing in it costs less */
};

static uint64_t priced(const struct plan_work *w, const struct plan_ask *ask,
		       const struct canon_option *o)
{
	uint64_t cost = (uint64_t)o->cost * w->scale;

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
	uint32_t fixed = in_team ? 0 : w->partner_cost[partner] * w->scale;
	r->partners[r->partners_len] = (struct compose_partner){ .fixed_cost = fixed,
								 .in_team = in_team,
								 .lead = w->leads[partner] };
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
	*to = (struct compose_pool){ .free = ask->units[pool],
				     .fixed_cost = w->pool_cost[pool] * w->scale };
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

/* The last of all ids: of what costs the same the better coverage in the order is chosen. */
static void room_nobody(struct plan_room *r, uint32_t at, uint64_t cost)
{
	uint32_t pool = r->nobodies == 1 ? 0 : at;

	room_option(r,
		    &(struct compose_option){
			    .pool = pool, .use = at, .cost = (uint32_t)cost, .need = (uint8_t)at },
		    PLAN_NONE);
}

/* Who would pay more than the penalty for a need never does, unless its seat brings the lead: such
 * an option is left out, as is one whose amount is not there. */
static void room_need(struct plan_work *w, const struct plan_ask *ask, uint32_t at, enum fate fate)
{
	const struct canon_group *g = &w->groups[ask->group];
	const struct canon_need *n = &w->needs[g->first + at];
	uint64_t penalty = (uint64_t)n->penalty * w->scale;
	uint64_t top = ask->open_costs && !g->lead ? penalty : UINT64_MAX - 1;
	uint32_t end = fate == FATE_OPEN ? n->first : n->first + n->len;

	for (uint32_t i = n->first; i < end; i++) {
		const struct canon_option *o = &w->options[i];
		uint64_t cost = o->amount <= ask->units[o->pool] ? priced(w, ask, o) : UINT64_MAX;
		if (cost > top || (ask->blinks > 0 && plan_upto(w, 64) < ask->blinks)) {
			continue;
		}
		struct compose_option to = { .pool = room_pool(w, ask, o->pool),
					     .use = o->use,
					     .amount = o->amount,
					     .cost = (uint32_t)(cost < COST_TOP ? cost : COST_TOP),
					     .tie = o->tie,
					     .need = (uint8_t)at };
		room_option(&w->room, &to, i);
		w->room.any = true;
	}
	if (ask->open_costs && fate != FATE_SEATED) {
		room_nobody(&w->room, at, penalty);
	}
}

/* The first places are nobody's: pools and partners that every team has. */
static void room_open(struct plan_work *w, const struct canon_group *g)
{
	struct plan_room *r = &w->room;

	r->nobodies = g->apart_len > 0 ? g->len : 1;
	for (uint32_t i = 0; i < r->nobodies; i++) {
		r->pools[i] = (struct compose_pool){ .partner = i };
		memset(r->pools[i].id, 0xff, sizeof(r->pools[i].id));
		r->pools[i].id[15] = (uint8_t)i;
		r->partners[i] = (struct compose_partner){ .in_team = true };
		r->partner_is[i] = PLAN_NONE;
	}
	r->pools_len = r->nobodies;
	r->partners_len = r->nobodies;
	r->options_len = 0;
	r->any = false;
}

static void room_close(struct plan_work *w)
{
	struct plan_room *r = &w->room;

	for (size_t i = 0; i < r->options_len; i++) {
		if (r->origin[i] != PLAN_NONE) {
			r->pool_at[w->options[r->origin[i]].pool] = PLAN_NONE;
		}
	}
	for (uint32_t i = r->nobodies; i < r->partners_len; i++) {
		r->partner_at[r->partner_is[i]] = PLAN_NONE;
	}
}

/* Needs that belong together may both be nobody's beside a seat; so where a need may stay open only
 * pairs that must sit bind, and the others are seen to by branching. */
static void room_pairs(struct plan_work *w, const struct plan_ask *ask, const struct branch *b)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct plan_room *r = &w->room;

	r->pairs_len[0] = r->pairs_len[1] = 0;
	for (uint32_t i = 0; i < g->together_len + g->apart_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		unsigned kind = i < g->together_len ? 0 : 1;
		bool binds =
			!ask->open_costs || kind == 1 ||
			(b->fate[p->need[0]] == FATE_SEATED && b->fate[p->need[1]] == FATE_SEATED);
		if (binds) {
			r->pairs[kind][r->pairs_len[kind]++] = (struct compose_pair){
				{ (uint8_t)p->need[0], (uint8_t)p->need[1] }
			};
		}
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
				     .partners_len = r->partners_len,
				     .together = r->pairs[0],
				     .together_len = r->pairs_len[0],
				     .apart = r->pairs[1],
				     .apart_len = r->pairs_len[1],
				     .lead = g->lead };
	int err = scratch_for(r, &p);

	return err != SK_OK ?
		       err :
		       compose_run(&p, (struct compose_scratch){ r->mem, r->mem_bytes }, ret_team);
}

/* @return SK_OK, and in @p io_team the best of the branch where it is better than what is there:
 * less cost, or as much and the better coverage; ret_low: nothing in the branch costs less. */
static int compose_branch(struct plan_work *w, const struct plan_ask *ask, const struct branch *b,
			  struct plan_team *ret_team, bool *ret_found)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct compose_team team = { 0 };

	room_open(w, g);
	for (uint32_t i = 0; i < g->len; i++) {
		room_need(w, ask, i, b->fate[i]);
	}
	room_pairs(w, ask, b);
	int err = w->room.any ? compose(w, g, &team) : SK_OK;
	room_close(w);
	*ret_found = w->room.any && (!ask->open_costs || team.covered == (1U << g->len) - 1);
	for (uint32_t i = 0; err == SK_OK && *ret_found && i < g->len; i++) {
		uint32_t at = team.option[i];
		ret_team->seat[i] = at == COMPOSE_NONE ? PLAN_NONE : w->room.origin[at];
	}
	ret_team->cost = team.cost;
	return err;
}

static void all_open(const struct plan_work *w, const struct plan_ask *ask,
		     struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];

	ret_team->cost = 0;
	for (uint32_t i = 0; i < g->len; i++) {
		uint64_t penalty = (uint64_t)w->needs[g->first + i].penalty * w->scale;
		ret_team->seat[i] = PLAN_NONE;
		ret_team->cost += ask->open_costs ? penalty : 0;
	}
}

/* @return whether a is better: less cost, or of equals the better coverage in the order. */
static bool is_better(const struct plan_team *a, const struct plan_team *b, uint32_t len)
{
	for (uint32_t i = 0; a->cost == b->cost && i < len; i++) {
		if ((a->seat[i] == PLAN_NONE) != (b->seat[i] == PLAN_NONE)) {
			return a->seat[i] != PLAN_NONE;
		}
	}
	return a->cost < b->cost;
}

static bool at_one_partner(const struct plan_work *w, const struct plan_team *t,
			   const struct canon_pair *p)
{
	uint32_t a = t->seat[p->need[0]];
	uint32_t b = t->seat[p->need[1]];

	return a == PLAN_NONE || b == PLAN_NONE ||
	       w->partner[w->options[a].pool] == w->partner[w->options[b].pool];
}

/* The branches of the first pair that the team breaks. @return how many; 0: it breaks none. */
static uint32_t split(const struct plan_work *w, const struct canon_group *g,
		      const struct plan_team *t, const struct branch *from, struct branch *to)
{
	static const enum fate fates[3][2] = { { FATE_OPEN, FATE_FREE },
					       { FATE_FREE, FATE_OPEN },
					       { FATE_SEATED, FATE_SEATED } };
	uint32_t len = 0;

	for (uint32_t i = 0; len == 0 && i < g->together_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		for (unsigned k = 0; !at_one_partner(w, t, p) && k < SK_LEN(fates); k++) {
			bool fits = true;
			to[len] = *from;
			to[len].low = t->cost;
			for (unsigned n = 0; n < 2; n++) {
				uint8_t *fate = &to[len].fate[p->need[n]];
				bool asks = fates[k][n] != FATE_FREE;
				fits = fits &&
				       (!asks || *fate == FATE_FREE || *fate == fates[k][n]);
				*fate = asks ? (uint8_t)fates[k][n] : *fate;
			}
			len += fits ? 1 : 0;
		}
	}
	return len;
}

/* Depth first, the last branch first. What is not looked at any more still counts for the cost. */
static int compose_by_branches(struct plan_work *w, const struct plan_ask *ask,
			       struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct branch stack[DEPTH_MAX + 3] = { 0 };
	uint32_t len = 1;
	uint32_t done = 0;
	uint64_t low = UINT64_MAX;
	int err = SK_OK;

	all_open(w, ask, ret_team);
	while (err == SK_OK && len > 0) {
		struct branch b = stack[--len];
		struct plan_team team = { 0 };
		bool found = false;
		if (b.low > ret_team->cost) {
			continue;
		}
		if (done++ >= BRANCHES_MAX) {
			low = b.low < low ? b.low : low;
			continue;
		}
		err = compose_branch(w, ask, &b, &team, &found);
		uint32_t more = err == SK_OK && found && team.cost <= ret_team->cost ?
					split(w, g, &team, &b, &stack[len]) :
					0;
		len += more;
		if (err == SK_OK && found && more == 0 && is_better(&team, ret_team, g->len)) {
			*ret_team = team;
		}
	}
	ret_team->cost = low < ret_team->cost ? low : ret_team->cost;
	return err;
}

int plan_team(struct plan_work *w, const struct plan_ask *ask, struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	const struct branch all = { 0 };
	bool found = false;

	if (ask->open_costs && (g->together_len > 0 || g->lead)) {
		return compose_by_branches(w, ask, ret_team);
	}
	int err = compose_branch(w, ask, &all, ret_team, &found);
	if (err == SK_OK && !found) {
		all_open(w, ask, ret_team);
	}
	return err;
}
