/* SPDX-License-Identifier: EUPL-1.2 */
/* The knapsack of one offer, exact. Items stand by what they win an hour; those that the bound of
 * the fractional knapsack shows to be in, or out, of all that is better than the greedy filling are
 * settled, and only the core between goes through the table. */
#include "common/plan/large_work.h"

#include <string.h>

#define LG_WIN_MAX (INT64_C(1) << 48) /* times LG_CELLS is below INT64_MAX */

struct sack {
	uint32_t items, cap;
	uint64_t asked; /* hours of all items */
	int64_t gain;   /* of what costs no hours */
	bool large;     /* wins that could overflow: no core */
};

/* Items with something to win; zero hours are taken at once. */
static void gather(struct lg *g, uint32_t offer, struct sack *s)
{
	for (uint32_t k = g->offer_first[offer]; k < g->offer_end[offer]; k++) {
		uint32_t o = g->by_worth[k];
		g->x[o] = false;
		int64_t win = g->off[o] ? 0 : lg_win(g, o);
		if (win <= 0) {
			continue;
		}
		if (g->o_small[o] == 0) {
			g->x[o] = true;
			s->gain += win;
			continue;
		}
		s->asked += g->o_small[o];
		s->large = s->large || win > LG_WIN_MAX;
		g->slot[s->items] = k;
		g->item[s->items++] = o;
	}
}

/* a is worth more an hour than b; of equals the first option. */
static bool worth_more(const struct lg *g, uint32_t a, uint32_t b)
{
	int64_t x = lg_win(g, a) * g->o_small[b];
	int64_t y = lg_win(g, b) * g->o_small[a];

	return x > y || (x == y && a < b);
}

/* Prices move little from round to round, so the order of the last one is nearly right. */
static void sort_items(struct lg *g, const struct sack *s)
{
	for (uint32_t k = 1; k < s->items; k++) {
		uint32_t o = g->item[k];
		uint32_t at = k;
		while (at > 0 && worth_more(g, o, g->item[at - 1])) {
			g->item[at] = g->item[at - 1];
			at--;
		}
		g->item[at] = o;
		g->work += k - at;
	}
	for (uint32_t k = 0; k < s->items; k++) {
		g->by_worth[g->slot[k]] = g->item[k];
	}
}

/* One row of the table: with and without item o. */
static void table_row(struct lg *g, uint32_t o, uint64_t *bits, uint32_t cap)
{
	uint32_t h = g->o_small[o];
	int64_t win = lg_win(g, o);

	for (uint32_t w = cap + 1; w-- > h;) {
		int64_t with = g->dp[w - h] + win;
		if (with > g->dp[w]) {
			g->dp[w] = with;
			bits[w >> 6] |= 1ULL << (w & 63);
		}
	}
}

static int64_t table(struct lg *g, const uint32_t *item, uint32_t items, uint32_t cap)
{
	uint32_t words = (cap >> 6) + 1;

	g->work += (uint64_t)(items + 1) * (cap + 1);
	memset(g->dp, 0, (cap + 1) * sizeof(g->dp[0]));
	memset(g->take, 0, (size_t)items * words * sizeof(g->take[0]));
	for (uint32_t k = 0; k < items; k++) {
		table_row(g, item[k], g->take + (size_t)k * words, cap);
	}
	uint32_t w = cap;
	for (uint32_t k = items; k-- > 0;) {
		uint64_t *bits = g->take + (size_t)k * words;
		if ((bits[w >> 6] >> (w & 63) & 1U) != 0) {
			g->x[item[k]] = true;
			w -= g->o_small[item[k]];
		}
	}
	return g->dp[cap];
}

typedef int32_t four __attribute__((vector_size(16)));

struct span {
	uint32_t from, end; /* cells that are wanted */
};

/* The same where it is small: all rows are kept, in 32 bits, four cells at a time. */
static void small_row(const int32_t *row, int32_t *to, struct span s, uint32_t h, int32_t win)
{
	uint32_t w = h < s.end ? h : s.end;

	w = w > s.from ? w : s.from;
	memcpy(to + s.from, row + s.from, (w - s.from) * sizeof(row[0]));
	for (; w + 4 <= s.end; w += 4) {
		four without;
		four with;
		memcpy(&without, row + w, sizeof(without));
		memcpy(&with, row + w - h, sizeof(with));
		with += win;
		four more = with > without;
		without = (with & more) | (without & ~more);
		memcpy(to + w, &without, sizeof(without));
	}
	for (; w < s.end; w++) {
		int32_t with = row[w - h] + win;
		to[w] = with > row[w] ? with : row[w];
	}
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* No row goes beyond the hours of its items, nor further below the top than those behind it reach.
 */
static int64_t small_table(struct lg *g, const uint32_t *item, uint32_t items, uint32_t cap)
{
	int32_t *row = g->small;
	uint32_t stride = cap + 1;
	uint32_t asked = 0;
	uint32_t hours = 0; /* of the items so far */

	for (uint32_t k = 0; k < items; k++) {
		asked += g->o_small[item[k]];
	}
	uint32_t top = least(cap, asked);
	row[0] = 0;
	for (uint32_t k = 0; k < items; k++, row += stride) {
		uint32_t h = g->o_small[item[k]];
		struct span s = { .end = least(top, hours + h) + 1 };
		for (uint32_t w = least(top, hours) + 1; w < s.end; w++) {
			row[w] = row[w - 1];
		}
		hours += h;
		s.from = top + hours > asked ? top + hours - asked : 0;
		small_row(row, row + stride, s, h, (int32_t)lg_win(g, item[k]));
		g->work += (s.end - s.from) / 5 + 15;
	}
	int64_t best = row[top];
	uint32_t w = top;
	for (uint32_t k = items; k-- > 0; row -= stride) {
		uint32_t h = g->o_small[item[k]];
		w = least(w, hours);
		if (row[w] != row[(int64_t)w - stride]) {
			g->x[item[k]] = true;
			w -= h;
		}
		hours -= h;
	}
	return best;
}

static int64_t best_of(struct lg *g, const uint32_t *item, uint32_t items, uint32_t cap)
{
	int64_t all = 0;

	for (uint32_t k = 0; k < items && all <= INT32_MAX; k++) {
		all += lg_win(g, item[k]);
	}
	bool small = all <= INT32_MAX && (size_t)(items + 1) * (cap + 1) <= g->rows_len;
	return small ? small_table(g, item, items, cap) : table(g, item, items, cap);
}

/* As many as fit, best first. @return their gain; @p ret_at: the first that does not fit. */
static int64_t fill(struct lg *g, const struct sack *s, uint32_t *ret_at, uint32_t *ret_left)
{
	uint32_t left = s->cap;
	int64_t gain = 0;

	*ret_at = s->items;
	for (uint32_t k = 0; k < s->items; k++) {
		uint32_t o = g->item[k];
		g->x[o] = g->o_small[o] <= left;
		if (g->x[o]) {
			left -= g->o_small[o];
			gain += lg_win(g, o);
		} else if (*ret_at == s->items) {
			*ret_at = k;
			*ret_left = left;
		}
	}
	return gain;
}

/* Settles what it can. @return the gain of what is in; the core stands in front of item[]. */
static int64_t settle(struct lg *g, struct sack *s, uint32_t at, int64_t spare)
{
	int64_t win = lg_win(g, g->item[at]);
	int64_t hours = g->o_small[g->item[at]];
	int64_t gain = 0;
	uint32_t core = 0;

	for (uint32_t k = 0; k < s->items; k++) {
		uint32_t o = g->item[k];
		int64_t mine = (int64_t)g->o_small[o] * win;
		/* What the bound loses at the least when this one goes the other way. */
		int64_t lost = k < at ? lg_win(g, o) - mine / hours - 1 :
					mine / hours - lg_win(g, o);
		g->x[o] = false;
		if (lost < spare || k == at) {
			g->item[core++] = o;
		} else if (k < at) {
			g->x[o] = true;
			gain += lg_win(g, o);
			s->cap -= g->o_small[o];
		}
	}
	s->items = core;
	return gain;
}

static int64_t by_core(struct lg *g, struct sack *s)
{
	uint32_t at = 0;
	uint32_t left = 0;
	int64_t prefix = 0;

	sort_items(g, s);
	int64_t greedy = fill(g, s, &at, &left);
	for (uint32_t k = 0; k < at; k++) {
		prefix += lg_win(g, g->item[k]);
	}
	int64_t rest = (int64_t)left * lg_win(g, g->item[at]) / g->o_small[g->item[at]];
	int64_t spare = prefix + rest + 1 - greedy; /* between the bound and what is in hand */
	if (spare <= 1) {
		return greedy;
	}
	struct sack whole = *s;
	int64_t in = settle(g, s, at, spare);
	int64_t best = in + best_of(g, g->item, s->items, s->cap);
	if (best >= greedy) {
		return best;
	}
	for (uint32_t k = 0; k < whole.items; k++) {
		g->item[k] = g->by_worth[g->slot[k]];
	}
	return fill(g, &whole, &at, &left);
}

int64_t lg_knap(struct lg *g, uint32_t offer)
{
	struct sack s = { .cap = g->room[offer] / g->scale[offer] };

	gather(g, offer, &s);
	if (s.asked <= s.cap) {
		for (uint32_t k = 0; k < s.items; k++) {
			g->x[g->item[k]] = true;
			s.gain += lg_win(g, g->item[k]);
		}
		return s.gain;
	}
	return s.gain + (s.large ? table(g, g->item, s.items, s.cap) : by_core(g, &s));
}
