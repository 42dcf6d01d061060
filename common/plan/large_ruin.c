/* SPDX-License-Identifier: EUPL-1.2 */
/* Ruin and recreate where offers and partners cost something: some offers near each other are
 * emptied, and who sat there is seated anew by what an offer costs for all that it could take, each
 * weighed by its price in the bound. */
#include "common/plan/large_work.h"

#define LG_RUINED 3U /* more offers at the most */

/* Who sits at an offer leaves it and joins the queue. @return its new length. */
static uint32_t clear_offer(struct lg *g, uint32_t f, uint32_t n)
{
	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		uint32_t o = g->by_offer[k];
		if (g->now.seat[g->o_need[o]] == o) {
			lg_put(g, g->o_need[o], LG_NONE);
			g->queue[n++] = g->o_need[o];
		}
	}
	return n;
}

struct filling {
	int64_t cost;
	int64_t weight;
};

/* What an offer costs for the open needs that it could take, one after the other. */
static struct filling filling_of(struct lg *g, uint32_t f)
{
	struct filling v = { 0, 1 };
	int64_t left = g->now.left[f];

	v.cost = g->now.in_offer[f] == 0 ? g->offer_cost[f] : 0;
	v.cost += g->now.in_partner[g->partner[f]] == 0 ? g->partner_cost[g->partner[f]] : 0;
	g->work += 3ULL * (g->offer_first[f + 1] - g->offer_first[f]);
	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		uint32_t o = g->by_offer[k];
		uint32_t j = g->o_need[o];
		if (g->now.seat[j] == LG_NONE && g->o_hours[o] <= left) {
			left -= g->o_hours[o];
			v.cost += g->o_cost[o];
			v.weight += g->price[j] >> LG_SHIFT;
		}
	}
	return v;
}

/* Least cost for its weight; of equals the first, with some luck. */
static uint32_t best_filling(struct lg *g, uint32_t need, uint32_t avoid)
{
	uint32_t best = LG_NONE;
	int64_t least = 0;

	for (uint32_t o = g->need_first[need]; o < g->need_first[need + 1]; o++) {
		uint32_t f = g->o_offer[o];
		if (f == avoid || g->off[o] || !lg_fits(g, o)) {
			continue;
		}
		struct filling v = filling_of(g, f);
		int64_t worth = v.cost / v.weight * 4096 + v.cost % v.weight * 4096 / v.weight;
		worth += worth / 64 * lg_below(g, 8);
		if (best == LG_NONE || worth < least) {
			least = worth;
			best = o;
		}
	}
	return best;
}

static void take_all(struct lg *g, uint32_t f)
{
	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		uint32_t o = g->by_offer[k];
		uint32_t j = g->o_need[o];
		if (g->now.seat[j] == LG_NONE && g->open[j] > 0 && !g->off[o] && lg_fits(g, o)) {
			lg_put(g, j, o);
		}
	}
}

void lg_insert(struct lg *g, uint32_t n, uint32_t avoid)
{
	uint32_t at = n > 0 ? lg_below(g, n) : 0;

	for (uint32_t k = 0; k < n; k++) {
		uint32_t i = g->queue[at];
		at = at + 1 < n ? at + 1 : 0;
		if (g->now.seat[i] != LG_NONE || g->open[i] == 0) {
			continue;
		}
		uint32_t o = best_filling(g, i, avoid);
		if (o != LG_NONE) {
			lg_put(g, i, o);
			take_all(g, g->o_offer[o]);
		}
	}
}

void lg_ruin(struct lg *g)
{
	uint32_t seat = g->now.seat[lg_below(g, g->needs)];

	if (seat == LG_NONE) {
		return;
	}
	uint32_t first = g->o_offer[seat];
	uint32_t n = clear_offer(g, first, 0);
	for (uint32_t more = lg_below(g, LG_RUINED + 1); more > 0 && n > 0; more--) {
		uint32_t i = g->queue[lg_below(g, n)];
		uint32_t len = g->need_first[i + 1] - g->need_first[i];
		uint32_t f = g->o_offer[g->need_first[i] + lg_below(g, len)];
		n = clear_offer(g, f, n);
	}
	lg_insert(g, n, lg_below(g, 4) > 0 ? first : LG_NONE);
}
