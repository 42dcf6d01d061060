/* SPDX-License-Identifier: EUPL-1.2 */
/* Which offers are in: those that win something, and, where each partner has one offer that costs
 * something, as many more as the hours of all needs ask for that must be seated. That last rule
 * follows from the others, but the priced rows do not see it. Cells are hours, scaled: what is
 * asked is rounded down and what an offer has is rounded up, so that the bound only falls. */
#include "common/plan/large_work.h"

#define OPEN_CELLS (LG_ROWS / 16) /* of all rows */

static int64_t plus(int64_t v)
{
	return v > 0 ? v : 0;
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t worth_of(const struct lg *g, uint32_t f)
{
	return (g->partner_cost[g->partner[f]] << LG_SHIFT) + g->offer_raw[f];
}

/* Hours that an offer can give to who may still come, and that the needs ask at the least. */
void lg_ask_hours(struct lg *g)
{
	g->asked = 0;
	if (!g->fixed_costs || !g->one_each || g->lead || g->team_max < g->partners) {
		return;
	}
	for (uint32_t k = 0; k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		uint64_t hours = 0;
		for (uint32_t n = g->offer_first[f]; n < g->offer_end[f]; n++) {
			uint32_t o = g->by_offer[n];
			hours += g->off[o] ? 0 : g->o_hours[o];
		}
		g->usable[f] = (uint32_t)(hours < g->room[f] ? hours : g->room[f]);
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t least = UINT32_MAX;
		for (uint32_t o = g->need_first[i]; o < g->need_first[i + 1]; o++) {
			least = !g->off[o] && g->o_hours[o] < least ? g->o_hours[o] : least;
		}
		bool must = g->fixed[i] == LG_FREE && g->alive[i] > 0;
		g->asked += must && g->open[i] >= g->best_cost ? least : 0;
	}
	g->work += 2ULL * g->options;
	g->cell = g->asked * (g->live_offers + 1) / OPEN_CELLS;
	g->cell = (g->cell > g->asked / LG_CELLS ? g->cell : g->asked / LG_CELLS) + 1;
}

static bool wins(const struct lg *g, uint32_t f)
{
	return g->partner_open[g->partner[f]] || worth_of(g, f) < 0;
}

static int64_t cells_of(const struct lg *g, int64_t hours)
{
	return hours <= 0 ? 0 : hours / (int64_t)g->cell;
}

static int64_t cells_up(const struct lg *g, uint32_t f)
{
	return ((int64_t)g->usable[f] + (int64_t)g->cell - 1) / (int64_t)g->cell;
}

/* With one offer more: what so many cells cost at the least. */
static void add_offer(const struct lg *g, uint32_t f, int64_t cells, const int64_t *row,
		      int64_t *to)
{
	int64_t has = cells_up(g, f);
	int64_t cost = worth_of(g, f);

	for (int64_t w = cells; w >= 0; w--) {
		int64_t with = row[w > has ? w - has : 0] + cost;
		to[w] = with < row[w] ? with : row[w];
	}
}

/* Who does not win by itself stands in outs. @return the hours that are asked beyond who wins. */
static int64_t lacking(struct lg *g, uint32_t *ret_outs)
{
	int64_t lack = (int64_t)g->asked;
	uint32_t n = 0;

	for (uint32_t k = 0; k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		if (wins(g, f)) {
			lack -= g->usable[f];
		} else if (g->usable[f] > 0) {
			g->outs[n++] = f;
		}
	}
	*ret_outs = n;
	return lack;
}

static void fill_rows(struct lg *g, uint32_t outs, int64_t cells)
{
	g->work += 2ULL * (outs + 1) * (uint64_t)(cells + 1);
	g->rows[0] = 0;
	for (int64_t w = 1; w <= cells; w++) {
		g->rows[w] = LG_INF;
	}
	for (uint32_t k = 0; k < outs; k++) {
		int64_t *row = g->rows + (cells + 1) * k;
		add_offer(g, g->outs[k], cells, row, row + cells + 1);
	}
}

int64_t lg_open_more(struct lg *g)
{
	uint32_t outs = 0;
	int64_t w = g->asked == 0 ? 0 : cells_of(g, lacking(g, &outs));
	int64_t cells = w;

	if (w == 0) {
		return 0;
	}
	fill_rows(g, outs, cells);
	int64_t cost = g->rows[(cells + 1) * outs + w];
	for (uint32_t k = outs; k-- > 0 && cost < LG_INF;) {
		const int64_t *row = g->rows + (cells + 1) * k;
		uint32_t f = g->outs[k];
		if (row[cells + 1 + w] != row[w]) {
			g->offer_in[f] = g->partner_in[g->partner[f]] = true;
			w = w > cells_up(g, f) ? w - cells_up(g, f) : 0;
		}
	}
	return cost < LG_INF ? cost : LG_INF;
}

/* --- what it costs to have an offer in, or to leave it out --- */

static void plain_lifts(struct lg *g, uint32_t f)
{
	uint32_t p = g->partner[f];
	bool in = g->offer_in[f] && g->partner_in[p] && g->team_max >= g->partners;
	int64_t leave = g->offer_open[f] ? LG_INF : -g->offer_raw[f];

	g->enter[f] = g->offer_in[f] ? 0 : plus(g->offer_raw[f]);
	g->enter[f] += g->partner_in[p] ? 0 : plus(g->partner_raw[p]);
	leave = g->partner_open[p] ? leave : least_of(leave, -g->partner_raw[p]);
	g->leave[f] = in ? plus(leave) : 0;
}

/* The cheapest for so many cells without offer k: what stands before it and, in dp, behind it. */
static int64_t without(const struct lg *g, uint32_t k, int64_t row_len, int64_t cells)
{
	const int64_t *row = g->rows + row_len * k;
	int64_t least = LG_INF;

	for (int64_t w = 0; w <= cells; w++) {
		least = least_of(least, row[w] + g->dp[cells - w]);
	}
	return least;
}

static void outs_lifts(struct lg *g, uint32_t outs, int64_t lack, int64_t cells)
{
	int64_t asked = cells_of(g, lack);
	int64_t now = g->rows[(cells + 1) * outs + asked];

	g->work += 5ULL * outs * (uint64_t)(cells + 1);
	g->dp[0] = 0;
	for (int64_t w = 1; w <= cells; w++) {
		g->dp[w] = LG_INF;
	}
	for (uint32_t k = outs; k-- > 0;) {
		uint32_t f = g->outs[k];
		int64_t rest = cells_of(g, lack - g->usable[f]);
		g->enter[f] = plus(worth_of(g, f) + without(g, k, cells + 1, rest) - now);
		g->leave[f] = plus(without(g, k, cells + 1, asked) - now);
		add_offer(g, f, cells, g->dp, g->dp);
	}
}

void lg_open_lifts(struct lg *g)
{
	uint32_t outs = 0;
	int64_t lack = g->asked == 0 ? 0 : lacking(g, &outs);
	int64_t cells = cells_of(g, lack);

	for (uint32_t k = 0; k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		plain_lifts(g, f);
		int64_t more = g->asked > 0 && wins(g, f) ? cells_of(g, lack + g->usable[f]) : 0;
		cells = more > cells ? more : cells;
	}
	if (cells == 0) {
		return;
	}
	fill_rows(g, outs, cells);
	const int64_t *last = g->rows + (cells + 1) * outs;
	for (uint32_t k = 0; k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		if (!wins(g, f)) {
			continue;
		}
		int64_t more = last[cells_of(g, lack + g->usable[f])];
		g->enter[f] = 0;
		g->leave[f] = g->partner_open[g->partner[f]] || more >= LG_INF ?
				      LG_INF :
				      plus(more - last[cells_of(g, lack)] - worth_of(g, f));
	}
	outs_lifts(g, outs, lack, cells);
}
