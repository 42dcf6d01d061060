/* SPDX-License-Identifier: EUPL-1.2 */
/* The large request: coverage first, need by need where not all can be seated, then the cost. */
#include "common/plan/large.h"

#include <stdlib.h>
#include <string.h>

#include "common/plan/large_work.h"

#define LG_ROOT_ROUNDS 1500U
#define LG_FEW_ROUNDS 400U /* of who asks for a short search */
#define LG_AIMS 4          /* parts of the gap */
#define LG_TURNS 16        /* the first turn has a part of the work, as long as it helps */
#define LG_LONG_SEARCH 8U  /* times the first search, */
#define LG_ANNEALED 4      /* in at most this part of a turn */
#define LG_FIT_PART 8      /* of the work left: one need that perhaps cannot be seated */

void lg_set_costs(struct lg *g, const struct large_problem *p)
{
	g->fixed_costs = false;
	for (uint32_t o = 0; o < g->options; o++) {
		g->o_cost[o] = p != NULL ? p->options[g->o_orig[o]].cost : 0;
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		g->offer_cost[f] = p != NULL ? p->offers[f].cost : 0;
		g->fixed_costs = g->fixed_costs || g->offer_cost[f] > 0;
	}
	for (uint32_t q = 0; q < g->partners; q++) {
		g->partner_cost[q] = p != NULL ? p->partners[q].cost : 0;
		g->fixed_costs = g->fixed_costs || g->partner_cost[q] > 0;
	}
}

void lg_begin(struct lg *g)
{
	int64_t all_open = 0;

	lg_unwind(g, 0);
	lg_live(g);
	g->base = 0;
	g->nodes = 0;
	g->bound = 0;
	for (uint32_t i = 0; i < g->needs; i++) {
		g->alive[i] = g->need_first[i + 1] - g->need_first[i];
		g->fixed[i] = LG_FREE;
		g->now.seat[i] = LG_NONE;
		g->step[i] = 0;
		g->price[i] = 0;
		all_open += g->open[i];
	}
	memset(g->now.in_offer, 0, g->offers * sizeof(g->now.in_offer[0]));
	for (uint32_t q = 0; q < g->partners; q++) {
		g->now.in_partner[q] = g->held[q] ? 1 : 0; /* so it never leaves */
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		g->now.left[f] = g->room[f] = g->hours[f];
	}
	g->now.leads = g->now.over = g->now.broken = g->now.seated = 0;
	g->now.team = g->team_held;
	g->now.cost = all_open;
	lg_load(g, g->best);
	g->best_cost = g->now.cost;
}

/* Prices to begin with: what each need costs where it is cheapest. */
static void first_prices(struct lg *g)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		int64_t least = g->open[i];
		for (uint32_t o = g->need_first[i]; o < g->need_first[i + 1]; o++) {
			uint32_t f = g->o_offer[o];
			uint32_t wide = g->offer_first[f + 1] - g->offer_first[f];
			int64_t cost = g->o_cost[o] + g->offer_cost[f] / wide;
			least = cost < least ? cost : least;
		}
		g->root_price[i] = least << LG_SHIFT;
	}
}

static void root(struct lg *g, uint32_t rounds)
{
	struct lg_subgradient how = { rounds, 16, 1536, 20 };

	memcpy(g->price, g->root_price, g->needs * sizeof(g->price[0]));
	int64_t v = lg_bound(g, how);
	memcpy(g->root_price, g->price, g->needs * sizeof(g->price[0]));
	v = v > g->best_cost ? g->best_cost : v;
	g->bound = v > g->bound ? v : g->bound;
}

static uint32_t root_rounds(uint32_t rounds)
{
	return rounds >= LARGE_ROUNDS ? LG_ROOT_ROUNDS : LG_FEW_ROUNDS;
}

static bool unsettled(const struct lg *g)
{
	return g->bound < g->best_cost && !lg_spent(g);
}

/* Root bound and search in turn, where the one helps the other. */
static void search(struct lg *g, uint32_t rounds)
{
	root(g, root_rounds(rounds));
	if (unsettled(g)) {
		lg_rank(g);
		lg_anneal(g, (uint64_t)rounds * g->needs / 2);
	}
	if (unsettled(g)) {
		root(g, root_rounds(rounds) / 2);
	}
	if (unsettled(g)) {
		lg_anneal(g, (uint64_t)rounds * g->needs / 2);
	}
}

/* Least cost at the present prices of open; g->best is where it starts from. */
static void solve(struct lg *g, uint32_t rounds, uint32_t nodes)
{
	lg_begin(g);
	for (uint32_t f = 0; f < g->offers; f++) {
		g->offer_raw[f] = 0;
	}
	memset(g->x, 0, g->options * sizeof(g->x[0]));
	if (g->best_cost > 0) {
		lg_from_relaxed(g);
	}
	first_prices(g);
	search(g, rounds);
	if (unsettled(g) && nodes > 0) {
		lg_tree(g, nodes);
	}
	g->bound = g->bound > g->best_cost ? g->best_cost : g->bound;
}

static uint64_t work_left(const struct lg *g)
{
	return g->work < g->work_max ? g->work_max - g->work : 0;
}

/* The tree, for so much work. */
static void tree_for(struct lg *g, uint32_t nodes, uint64_t work)
{
	uint64_t all = g->work_max;

	if (unsettled(g) && g->nodes < nodes) {
		g->work_max = work < work_left(g) ? g->work + work : all;
		lg_tree(g, nodes - g->nodes);
		g->work_max = all;
	}
}

/* Better answers: parts of the best one anew, and where offers cost something a long search before,
 * which closes and opens them. */
static void improve(struct lg *g, uint32_t rounds, uint64_t work)
{
	uint64_t all = g->work_max;
	uint64_t until = work < work_left(g) ? g->work + work : all;

	if (g->fixed_costs) {
		g->work_max = g->work + (until - g->work) / LG_ANNEALED;
		lg_anneal(g, (uint64_t)rounds * g->needs * LG_LONG_SEARCH);
		g->work_max = all;
	}
	root(g, root_rounds(rounds) / 2);
	lg_zoom(g, until);
}

/* Only answers below an aim near the bound are looked for: so much more can be set aside then that
 * the tree often comes to its end, and the aim is the new bound. */
static void aim(struct lg *g, uint32_t rounds, uint32_t nodes, uint64_t work)
{
	int64_t best = g->best_cost;
	int64_t at = g->bound + (best - g->bound) / LG_AIMS + 1;
	size_t mark = g->trail_len;

	g->best_cost = at < best ? at : best;
	at = g->best_cost;
	root(g, root_rounds(rounds) / 2);
	tree_for(g, nodes, work);
	lg_unwind(g, mark);
	g->best_cost = g->best_cost < at ? g->best_cost : best;
}

/* Better answers and better bounds in turn, longer when a turn gave neither. The last one has all
 * the work that is left. */
static void take_turns(struct lg *g, uint32_t rounds, uint32_t nodes)
{
	uint64_t part = work_left(g) / LG_TURNS;

	while (g->nodes < nodes && unsettled(g)) {
		int64_t gap = g->best_cost - g->bound;
		bool last = work_left(g) < 4 * part;
		improve(g, rounds, part);
		aim(g, rounds, nodes, last ? work_left(g) : part);
		part *= g->best_cost - g->bound < gap ? 1 : 2;
	}
}

/* The last question of a request: a short tree settles most. */
static void solve_deep(struct lg *g, uint32_t rounds, uint32_t nodes)
{
	solve(g, rounds, 0);
	if (nodes > 0 && unsettled(g)) {
		lg_compact(g);
		tree_for(g, nodes, rounds < LARGE_ROUNDS ? work_left(g) : work_left(g) / 10);
	}
	if (rounds >= LARGE_ROUNDS) {
		take_turns(g, rounds, nodes);
	}
	g->bound = g->bound > g->best_cost ? g->best_cost : g->bound;
}

/* Whether one more need can be seated beside those in front. */
static void fits(struct lg *g, const struct large_rules *rules)
{
	solve(g, rules->rounds / 8 + 1, 0);
	tree_for(g, rules->nodes, work_left(g) / LG_FIT_PART);
	g->bound = g->bound > g->best_cost ? g->best_cost : g->bound;
}

/* Which needs can be seated: all at once, or else one by one in the order. Without costs, each
 * open need of those in hand counts for one. @return true when the outcome is proven. */
static bool cover(struct lg *g, const struct large_rules *rules)
{
	bool proven = true;

	lg_set_costs(g, NULL);
	for (uint32_t i = 0; i < g->needs; i++) {
		g->open[i] = g->need_first[i] < g->need_first[i + 1] ? 1 : 0;
	}
	solve(g, rules->rounds / 4 + 1, 0);
	if (g->best_cost == 0) {
		return true;
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		g->open[i] = 0;
	}
	for (uint32_t i = 0; i < g->needs && !lg_stopped(g); i++) {
		g->open[i] = g->need_first[i] < g->need_first[i + 1] ? 1 : 0;
		if (g->open[i] == 0 || g->best[i] != LG_NONE) {
			continue;
		}
		uint32_t before[LARGE_NEEDS_MAX];
		memcpy(before, g->best, g->needs * sizeof(before[0]));
		fits(g, rules);
		if (g->best_cost > 0) {
			proven = proven && g->bound > 0;
			g->open[i] = 0;
			memcpy(g->best, before, g->needs * sizeof(before[0]));
		}
	}
	return proven && !lg_spent(g);
}

/* The price of open beyond which it is never chosen: all that the answer in hand costs, and one. */
static void forbid_open(struct lg *g)
{
	int64_t cost = 1;

	for (uint32_t i = 0; i < g->needs; i++) {
		if (g->open[i] == 0) {
			g->best[i] = LG_NONE;
		}
	}
	lg_begin(g);
	for (uint32_t i = 0; i < g->needs; i++) {
		cost -= g->best[i] == LG_NONE ? g->open[i] : 0;
	}
	cost += g->best_cost;
	for (uint32_t i = 0; i < g->needs; i++) {
		g->open[i] = g->open[i] != 0 ? cost : 0;
	}
}

static struct large_result *result_of(const struct lg *g, bool covered)
{
	struct large_result *r = calloc(1, sizeof(*r));
	uint32_t *seat = calloc(g->needs + 1, sizeof(*seat));

	if (r == NULL || seat == NULL) {
		free(r);
		free(seat);
		return NULL;
	}
	r->seat = seat;
	r->needs_len = g->needs;
	r->objective = (uint64_t)g->best_cost;
	r->bound = (uint64_t)g->bound;
	r->covered = covered;
	r->proven = covered && g->bound == g->best_cost;
	r->nodes = g->nodes;
	for (uint32_t i = 0; i < g->needs; i++) {
		seat[i] = g->best[i] == LG_NONE ? LARGE_NONE : g->o_orig[g->best[i]];
		r->open += seat[i] == LARGE_NONE ? 1 : 0;
	}
	return r;
}

static bool run(struct lg *g, const struct large_problem *p, const struct large_rules *rules)
{
	bool covered = true;

	for (uint32_t i = 0; i < g->needs; i++) {
		g->best[i] = LG_NONE;
	}
	if (lg_cover(g, p)) {
		return true;
	}
	if (p->objective == LARGE_COVER) {
		g->work_max = rules->work / 2; /* the other half is for the cost */
		covered = cover(g, rules);
		g->work_max = rules->work;
		lg_set_costs(g, p);
		forbid_open(g);
	} else {
		lg_set_costs(g, p);
		for (uint32_t i = 0; i < g->needs; i++) {
			g->open[i] = p->penalty[i];
		}
	}
	solve_deep(g, rules->rounds, rules->nodes);
	return covered;
}

int large_run(const struct large_problem *p, const struct large_rules *rules,
	      struct large_result **ret_result)
{
	struct large_rules with = *rules;

	if (!lg_sound(p)) {
		return SK_EINVAL;
	}
	struct lg *g = lg_alloc(p);
	if (g == NULL) {
		return SK_ENOMEM;
	}
	with.rounds = with.rounds == 0 ? LARGE_ROUNDS : with.rounds;
	with.work = with.work == 0 ? LARGE_WORK_MAX : with.work;
	int err = lg_fill(g, p, &with);
	if (err == SK_OK) {
		bool covered = run(g, p, &with);
		struct large_result *r = result_of(g, covered);
		err = r == NULL ? SK_ENOMEM : SK_OK;
		if (r != NULL) {
			*ret_result = r;
		}
	}
	lg_free(g);
	return err;
}

void large_free(struct large_result *r)
{
	if (r != NULL) {
		free(r->seat);
		free(r);
	}
}
