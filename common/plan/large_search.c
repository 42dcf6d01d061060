/* SPDX-License-Identifier: EUPL-1.2 */
/* Search for good answers: from the relaxed one by insertion and clean-up, and annealing over
 * shifts, swaps, ejections, and offers and partners that open or close. Rounds are counted. */
#include "common/plan/large_work.h"

#include <stdlib.h>
#include <string.h>

#define LG_LIKELY 6U /* of the options of a need, half of the draws are among these */

uint64_t lg_random(struct lg *g)
{
	uint64_t z = (g->seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

struct ranked {
	int64_t cost;
	uint32_t option;
};

static int by_cost(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;

	if (x->cost != y->cost) {
		return x->cost < y->cost ? -1 : 1;
	}
	return x->option < y->option ? -1 : x->option > y->option;
}

/* Per need its options, those that the relaxation liked first. */
void lg_rank(struct lg *g)
{
	struct ranked *r = calloc(g->options + 1, sizeof(*r));

	for (uint32_t o = 0; o < g->options; o++) {
		g->rank[o] = o;
	}
	if (r == NULL) {
		return; /* only the likeliness is lost */
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t from = g->need_first[i];
		uint32_t len = g->need_first[i + 1] - from;
		for (uint32_t k = 0; k < len; k++) {
			uint32_t o = from + k;
			int64_t raw = g->offer_raw[g->o_offer[o]];
			int64_t idle = raw > 0 ? raw >> LG_SHIFT : 0;
			r[k] = (struct ranked){ g->o_cost[o] + idle, o };
		}
		qsort(r, len, sizeof(*r), by_cost);
		for (uint32_t k = 0; k < len; k++) {
			g->rank[from + k] = r[k].option;
		}
	}
	free(r);
}

/* Every open need to its cheapest seat, in the order of g->order. */
static void insert_all(struct lg *g)
{
	for (uint32_t k = 0; k < g->needs; k++) {
		uint32_t i = g->order[k];
		if (g->now.seat[i] == LG_NONE) {
			lg_put(g, i, lg_cheapest(g, i, LG_NONE));
		}
	}
}

/* All at an offer go elsewhere. @return false when somebody stays open that was not. */
static void empty_offer(struct lg *g, uint32_t f)
{
	uint32_t from = g->offer_first[f];
	uint32_t len = g->offer_first[f + 1] - from;
	uint32_t start = len > 0 ? lg_below(g, len) : 0;
	uint32_t n = 0;

	for (uint32_t k = 0; k < len; k++) {
		uint32_t at = start + k < len ? start + k : start + k - len;
		uint32_t o = g->by_offer[from + at];
		if (g->now.seat[g->o_need[o]] == o) {
			g->queue[n++] = g->o_need[o];
		}
	}
	for (uint32_t k = 0; k < n; k++) {
		lg_put(g, g->queue[k], LG_NONE);
	}
	for (uint32_t k = 0; k < n; k++) {
		lg_put(g, g->queue[k], lg_cheapest(g, g->queue[k], f));
	}
}

/* Tries once to close each offer in use, and to move each need to something better. */
static void clean_up(struct lg *g)
{
	for (uint32_t n = 0; g->fixed_costs && n < g->live_offers; n++) {
		uint32_t f = g->live_offer[n];
		size_t mark = g->now.log_len;
		int64_t was = g->now.cost;
		if (g->now.in_offer[f] > 0) {
			empty_offer(g, f);
		}
		if (g->now.cost >= was || !lg_lawful(g)) {
			lg_back(g, mark);
		}
		g->now.log_len = 0;
	}
	for (uint32_t k = 0; k < g->needs; k++) {
		uint32_t i = g->order[k];
		size_t mark = g->now.log_len;
		int64_t was = g->now.cost;
		lg_put(g, i, LG_NONE);
		lg_put(g, i, lg_cheapest(g, i, LG_NONE));
		if (g->now.cost > was) {
			lg_back(g, mark);
		}
		g->now.log_len = 0;
	}
}

static void shuffle_order(struct lg *g)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		g->order[i] = i;
	}
	for (uint32_t i = g->needs; i > 1; i--) {
		uint32_t j = lg_below(g, i);
		uint32_t t = g->order[i - 1];
		g->order[i - 1] = g->order[j];
		g->order[j] = t;
	}
}

static void take_relaxed(struct lg *g, uint32_t i)
{
	if (g->fixed[i] != LG_FREE) {
		if (g->fixed[i] != LG_NONE && lg_fits(g, g->fixed[i])) {
			lg_put(g, i, g->fixed[i]);
		}
		return;
	}
	uint32_t best = LG_NONE;
	for (uint32_t o = g->need_first[i]; o < g->need_first[i + 1]; o++) {
		bool in = g->x[o] && !g->off[o] && g->offer_in[g->o_offer[o]] &&
			  g->partner_in[lg_partner_of(g, o)];
		if (in && (best == LG_NONE || g->o_cost[o] < g->o_cost[best]) && lg_fits(g, o)) {
			best = o;
		}
	}
	if (best != LG_NONE) {
		lg_put(g, i, best);
	}
}

static uint32_t queue_open(struct lg *g)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < g->needs; k++) {
		if (g->now.seat[g->order[k]] == LG_NONE) {
			g->queue[n++] = g->order[k];
		}
	}
	return n;
}

void lg_from_relaxed(struct lg *g)
{
	g->work += 100ULL * g->needs;
	lg_load(g, NULL);
	shuffle_order(g);
	for (uint32_t k = 0; k < g->needs; k++) {
		take_relaxed(g, g->order[k]);
	}
	if (g->fixed_costs) {
		lg_insert(g, queue_open(g), LG_NONE);
	}
	insert_all(g);
	g->now.log_len = 0;
	lg_keep(g);
	clean_up(g);
	lg_keep(g);
}

/* Who sits elsewhere than a rule or the hours allow leaves, and is seated anew. */
static uint32_t evict_pairs(struct lg *g, uint32_t need, uint32_t n)
{
	for (uint32_t k = g->pair_first[need]; k < g->pair_first[need + 1]; k++) {
		uint32_t mate = g->mate[k] & ~(1U << 31);
		uint32_t seat = g->now.seat[mate];
		bool apart = (g->mate[k] >> 31) != 0;
		if (seat != LG_NONE &&
		    (lg_partner_of(g, seat) == lg_partner_of(g, g->now.seat[need])) == apart) {
			lg_put(g, mate, LG_NONE);
			g->queue[n++] = mate;
		}
	}
	return n;
}

static uint32_t evict_hours(struct lg *g, uint32_t need, uint32_t n)
{
	uint32_t f = g->o_offer[g->now.seat[need]];
	uint32_t from = g->offer_first[f];
	uint32_t len = g->offer_first[f + 1] - from;
	uint32_t at = lg_below(g, len);

	for (uint32_t k = 0; k < len && g->now.left[f] < 0; k++) {
		uint32_t o = g->by_offer[from + at];
		at = at + 1 < len ? at + 1 : 0;
		uint32_t j = g->o_need[o];
		if (j != need && g->now.seat[j] == o && g->o_hours[o] > 0) {
			lg_put(g, j, LG_NONE);
			g->queue[n++] = j;
		}
	}
	return n;
}

static void move_shift(struct lg *g)
{
	uint32_t i = lg_below(g, g->needs);
	uint32_t from = g->need_first[i];
	uint32_t len = g->need_first[i + 1] - from;

	if (len == 0 || g->open[i] == 0) {
		return;
	}
	bool likely = len > LG_LIKELY && (lg_random(g) & 1) != 0;
	uint32_t o = g->rank[from + lg_below(g, likely ? LG_LIKELY : len)];
	lg_put(g, i, o == g->now.seat[i] ? LG_NONE : o);
	if (g->now.seat[i] == LG_NONE) {
		lg_put(g, i, lg_cheapest(g, i, g->o_offer[o]));
		return;
	}
	uint32_t n = evict_pairs(g, i, 0);
	n = evict_hours(g, i, n);
	for (uint32_t k = 0; k < n; k++) {
		lg_put(g, g->queue[k], lg_cheapest(g, g->queue[k], LG_NONE));
	}
}

static void move_swap(struct lg *g)
{
	uint32_t i = lg_below(g, g->needs);
	uint32_t j = lg_below(g, g->needs);
	uint32_t a = g->now.seat[i];
	uint32_t b = g->now.seat[j];

	if (a == LG_NONE || b == LG_NONE || g->o_offer[a] == g->o_offer[b]) {
		return;
	}
	uint32_t i_to = lg_option_at(g, i, g->o_offer[b]);
	uint32_t j_to = lg_option_at(g, j, g->o_offer[a]);
	if (i_to == LG_NONE || j_to == LG_NONE) {
		return;
	}
	lg_put(g, i, i_to);
	lg_put(g, j, j_to);
}

static void move_close(struct lg *g)
{
	uint32_t seat = g->now.seat[lg_below(g, g->needs)];

	if (seat != LG_NONE) {
		empty_offer(g, g->o_offer[seat]);
	}
}

static void move_close_partner(struct lg *g)
{
	uint32_t seat = g->now.seat[lg_below(g, g->needs)];

	if (seat == LG_NONE) {
		return;
	}
	uint32_t p = lg_partner_of(g, seat);
	uint32_t n = 0;
	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t o = g->now.seat[i];
		if (o != LG_NONE && lg_partner_of(g, o) == p) {
			g->queue[n++] = i;
			lg_put(g, i, LG_NONE);
		}
	}
	uint32_t away = lg_below(g, g->offers);
	for (uint32_t k = 0; k < n; k++) {
		lg_put(g, g->queue[k], lg_cheapest(g, g->queue[k], away));
	}
}

/* An offer comes in: who is dearer elsewhere moves to it, and what it makes needless closes. */
static void move_open(struct lg *g)
{
	uint32_t i = lg_below(g, g->needs);
	uint32_t len = g->need_first[i + 1] - g->need_first[i];

	if (len == 0) {
		return;
	}
	uint32_t f = g->o_offer[g->rank[g->need_first[i] + lg_below(g, len)]];
	uint32_t from = g->offer_first[f];
	for (uint32_t k = from; k < g->offer_first[f + 1]; k++) {
		uint32_t o = g->by_offer[k];
		uint32_t was = g->now.seat[g->o_need[o]];
		int64_t cost = was == LG_NONE ? g->open[g->o_need[o]] : g->o_cost[was];
		bool alone = was != LG_NONE && g->now.in_offer[g->o_offer[was]] <= 2;
		if ((g->o_cost[o] < cost || alone) && lg_fits(g, o)) {
			lg_put(g, g->o_need[o], o);
		}
	}
	for (uint32_t n = 0; n < 3; n++) {
		size_t mark = g->now.log_len;
		int64_t was = g->now.cost;
		move_close(g);
		if (g->now.cost > was) {
			lg_back(g, mark);
		}
	}
}

static void move(struct lg *g)
{
	uint32_t kind = lg_below(g, g->fixed_costs ? 20 : 12);

	if (kind < 8) {
		move_shift(g);
	} else if (kind < 12) {
		move_swap(g);
	} else if (kind < 13) {
		move_close(g);
	} else if (kind < 15) {
		move_open(g);
	} else if (kind < 16) {
		move_close_partner(g);
	} else {
		lg_ruin(g);
	}
}

/* -ln of a draw, in 256ths, by the position of its first bit: exact on every machine. */
static int64_t log_draw(struct lg *g)
{
	uint64_t r = lg_random(g) | 1;
	uint32_t zeros = (uint32_t)__builtin_clzll(r);
	int64_t rest = (int64_t)((r << zeros) >> 55 & 255);

	return ((int64_t)zeros * 256 + 255 - rest) * 177 / 256;
}

static int64_t heat_at_start(const struct lg *g)
{
	int64_t sum = 0;
	int64_t n = 1;

	for (uint32_t i = 0; i < g->needs; i++) {
		if (g->best[i] != LG_NONE) {
			uint32_t o = g->best[i];
			sum += g->o_cost[o] + g->offer_cost[g->o_offer[o]] / 4;
			n++;
		}
	}
	return (sum * 256 / n / 4) + 64;
}

static void step(struct lg *g, int64_t heat)
{
	int64_t was = g->now.cost;

	g->work += 100;
	move(g);
	int64_t more = g->now.cost - was;
	bool go = more <= 0 || more < heat * log_draw(g) / 65536;
	if (!go || !lg_lawful(g)) {
		lg_back(g, 0);
	}
	g->now.log_len = 0;
	if (g->now.cost < g->best_cost) {
		lg_keep(g);
	}
}

void lg_anneal(struct lg *g, uint64_t moves)
{
	int64_t heat = heat_at_start(g);
	int64_t first = heat;
	uint64_t leg = moves / 64 + 1;

	lg_load(g, g->best);
	for (uint64_t m = 0; m < moves; m++) {
		if (m % leg == leg - 1) {
			heat = heat * 15 / 16;
			heat = heat < first / 64 ? 1 : heat;
			if (lg_spent(g) || g->best_cost <= g->bound) {
				return;
			}
		}
		step(g, heat);
	}
}
