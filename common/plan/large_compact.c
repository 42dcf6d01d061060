/* SPDX-License-Identifier: EUPL-1.2 */
/* What the bound has set aside for good leaves the arrays, so that each round costs only what is
 * still in question. */
#include "common/plan/large_work.h"

#include <string.h>

void lg_live(struct lg *g)
{
	g->live_offers = g->live_partners = 0;
	for (uint32_t p = 0; p < g->partners; p++) {
		bool live = g->partner_open[p];
		for (uint32_t k = g->partner_first[p]; k < g->partner_first[p + 1]; k++) {
			uint32_t f = g->by_partner[k];
			live = live || g->offer_open[f] ||
			       g->offer_first[f] < g->offer_first[f + 1];
		}
		g->partner_in[p] = false;
		g->partner_raw[p] = g->partner_cost[p] << LG_SHIFT;
		if (live) {
			g->live_partner[g->live_partners++] = p;
		}
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		g->offer_in[f] = false;
		g->offer_raw[f] = g->offer_cost[f] << LG_SHIFT;
		if (g->offer_open[f] || g->offer_first[f] < g->offer_first[f + 1]) {
			g->live_offer[g->live_offers++] = f;
		}
	}
}

/* Moves option @p from to @p to, which is not behind it. */
static void move_option(struct lg *g, uint32_t from, uint32_t to)
{
	g->o_need[to] = g->o_need[from];
	g->o_offer[to] = g->o_offer[from];
	g->o_hours[to] = g->o_hours[from];
	g->o_orig[to] = g->o_orig[from];
	g->o_small[to] = g->o_small[from];
	g->o_cost[to] = g->o_cost[from];
	g->off[to] = g->off[from];
	g->x[to] = g->x[from];
	g->x_share[to] = g->x_share[from];
}

static void regroup(struct lg *g)
{
	memset(g->offer_first, 0, (g->offers + 1) * sizeof(g->offer_first[0]));
	for (uint32_t o = 0; o < g->options; o++) {
		g->offer_first[g->o_offer[o] + 1]++;
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		g->offer_first[f + 1] += g->offer_first[f];
	}
	for (uint32_t o = 0; o < g->options; o++) {
		g->by_offer[g->offer_first[g->o_offer[o]]++] = o;
	}
	for (uint32_t f = g->offers; f > 0; f--) {
		g->offer_first[f] = g->offer_first[f - 1];
	}
	g->offer_first[0] = 0;
	memcpy(g->by_worth, g->by_offer, g->options * sizeof(g->by_worth[0]));
	lg_widen(g);
}

/* Those that are not off go to the front, in the order that they have. @return how many. */
static uint32_t off_behind(struct lg *g, uint32_t *by, uint32_t len)
{
	uint32_t on = 0;
	uint32_t off = 0;

	for (uint32_t k = 0; k < len; k++) {
		uint32_t o = by[k];
		if (g->off[o]) {
			g->item[off++] = o;
		} else {
			by[on++] = o;
		}
	}
	memcpy(by + on, g->item, off * sizeof(by[0]));
	return on;
}

void lg_narrow(struct lg *g)
{
	g->work += 4ULL * g->options;
	for (uint32_t f = 0; f < g->offers; f++) {
		uint32_t first = g->offer_first[f];
		uint32_t len = g->offer_first[f + 1] - first;
		g->offer_end[f] = first + off_behind(g, g->by_offer + first, len);
		(void)off_behind(g, g->by_worth + first, len);
	}
	memset(g->x, 0, g->options * sizeof(g->x[0]));
}

void lg_widen(struct lg *g)
{
	memcpy(g->offer_end, g->offer_first + 1, g->offers * sizeof(g->offer_end[0]));
}

void lg_compact(struct lg *g)
{
	uint32_t len = 0;
	uint32_t from = 0;

	lg_load(g, NULL);
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t end = g->need_first[i + 1];
		uint32_t best = g->best[i];
		uint32_t settled = g->fixed[i];
		g->need_first[i] = len;
		for (uint32_t o = from; o < end; o++) {
			if (g->off[o] && o != best && o != settled) {
				continue;
			}
			g->best[i] = o == best ? len : g->best[i];
			g->fixed[i] = o == settled ? len : g->fixed[i];
			move_option(g, o, len++);
		}
		from = end;
	}
	g->need_first[g->needs] = len;
	g->options = len;
	g->trail_len = 0;
	regroup(g);
	lg_live(g);
	lg_rank(g);
}
