/* SPDX-License-Identifier: EUPL-1.2 */
/* What one offer's knapsack loses when one of its options goes the other way: the best without that
 * option is the best of what stands before it and behind it, for each way to share the hours. */
#include "common/plan/large_work.h"

#include <string.h>

struct shelf {
	uint32_t items, cells;
	int64_t best;
};

static bool weighs(const struct lg *g, uint32_t o)
{
	return !g->off[o] && g->o_small[o] > 0 && lg_win(g, o) > 0;
}

/* @p row: with the items before this one, or behind it; @p to: with this one, too. */
static void add_item(const struct lg *g, uint32_t o, const struct shelf *s, const int64_t *row,
		     int64_t *to)
{
	int64_t win = lg_win(g, o);
	uint32_t h = g->o_small[o];

	for (uint32_t w = s->cells; w-- > 0;) {
		int64_t with = w >= h ? row[w - h] + win : row[w];
		to[w] = with > row[w] ? with : row[w];
	}
}

static bool fill_rows(struct lg *g, uint32_t offer, struct shelf *s)
{
	size_t cells = 0;

	for (uint32_t k = g->offer_first[offer]; k < g->offer_end[offer]; k++) {
		if (weighs(g, g->by_offer[k])) {
			g->item[s->items++] = g->by_offer[k];
		}
	}
	cells = (size_t)(s->items + 1) * s->cells;
	if (cells > g->rows_len) {
		return false;
	}
	g->work += 3 * cells;
	memset(g->rows, 0, s->cells * sizeof(g->rows[0]));
	for (uint32_t k = 0; k < s->items; k++) {
		int64_t *row = g->rows + (size_t)k * s->cells;
		add_item(g, g->item[k], s, row, row + s->cells);
	}
	s->best = g->rows[cells - 1];
	return true;
}

static int64_t best_without(const struct lg *g, const int64_t *row, uint32_t hours)
{
	int64_t best = 0;

	for (uint32_t w = 0; w <= hours; w++) {
		int64_t v = row[w] + g->dp[hours - w];
		best = v > best ? v : best;
	}
	return best;
}

/* The items from the last to the first; what stands behind each is in dp. */
static void lift_items(struct lg *g, const struct shelf *s)
{
	memset(g->dp, 0, s->cells * sizeof(g->dp[0]));
	for (uint32_t k = s->items; k-- > 0;) {
		uint32_t o = g->item[k];
		uint32_t h = g->o_small[o];
		const int64_t *row = g->rows + (size_t)k * s->cells;
		if (g->x[o]) {
			g->lift[o] = s->best - best_without(g, row, s->cells - 1);
		} else {
			g->lift[o] = h >= s->cells ? LG_INF :
						     s->best - lg_win(g, o) -
							     best_without(g, row, s->cells - 1 - h);
		}
		add_item(g, o, s, g->dp, g->dp);
	}
}

/* Where the table would be too big: what follows from the option's own price alone. */
void lg_lifts(struct lg *g, uint32_t offer)
{
	struct shelf s = { .cells = g->room[offer] / g->scale[offer] + 1 };
	bool whole = fill_rows(g, offer, &s);
	const int64_t *last = whole ? g->rows + (size_t)s.items * s.cells : NULL;

	for (uint32_t k = g->offer_first[offer]; k < g->offer_end[offer]; k++) {
		uint32_t o = g->by_offer[k];
		uint32_t h = g->o_small[o];
		int64_t win = lg_win(g, o);
		g->lift[o] = win < 0 ? -win : h == 0 ? win : 0;
		if (last != NULL && !g->off[o] && win <= 0 && h > 0) {
			g->lift[o] = h >= s.cells ? LG_INF : s.best - win - last[s.cells - 1 - h];
		}
	}
	if (whole) {
		lift_items(g, &s);
	}
}
