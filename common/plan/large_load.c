/* SPDX-License-Identifier: EUPL-1.2 */
/* A large request as the solver wants it: options by need and by offer, hours in small units. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/gcd.h"
#include "common/plan/large_work.h"

static bool options_sound(const struct large_problem *p)
{
	for (size_t k = 0; k < p->options_len; k++) {
		const struct large_option *o = &p->options[k];
		if (o->need >= p->needs_len || o->offer >= p->offers_len ||
		    o->cost > LARGE_COST_MAX || o->hours > LARGE_COST_MAX) {
			return false;
		}
	}
	return true;
}

static bool pairs_sound(const struct large_problem *p, const struct large_pair *pair, size_t len)
{
	for (size_t k = 0; k < len; k++) {
		if (pair[k].a >= p->needs_len || pair[k].b >= p->needs_len ||
		    pair[k].a == pair[k].b) {
			return false;
		}
	}
	return len <= LARGE_PAIRS_MAX;
}

bool lg_sound(const struct large_problem *p)
{
	if (p->needs_len > LARGE_NEEDS_MAX || p->offers_len > LARGE_OFFERS_MAX ||
	    p->partners_len > LARGE_OFFERS_MAX || p->options_len > LARGE_OPTIONS_MAX) {
		return false;
	}
	for (size_t i = 0; i < p->needs_len; i++) {
		if (p->penalty != NULL && p->penalty[i] > LARGE_OPEN_MAX) {
			return false;
		}
	}
	for (size_t f = 0; f < p->offers_len; f++) {
		if (p->offers[f].partner >= p->partners_len || p->offers[f].cost > LARGE_COST_MAX ||
		    p->offers[f].hours > LARGE_COST_MAX) {
			return false;
		}
	}
	for (size_t q = 0; q < p->partners_len; q++) {
		if (p->partners[q].cost > (p->partners[q].held ? 0 : LARGE_COST_MAX)) {
			return false;
		}
	}
	return (p->penalty != NULL || p->objective == LARGE_COVER) && options_sound(p) &&
	       pairs_sound(p, p->together, p->together_len) &&
	       pairs_sound(p, p->apart, p->apart_len);
}

/* clang-format off */
#define LG_ARRAYS(X) \
	X(o_need, k) X(o_offer, k) X(o_hours, k) X(o_orig, k) \
	X(o_small, k) X(o_cost, k) X(need_first, n) X(offer_first, m) X(offer_end, m) \
	X(by_offer, k) X(partner, m) X(hours, m) X(scale, m) \
	X(offer_cost, m) X(partner_first, q) X(by_partner, m) X(partner_cost, q) \
	X(is_lead, q) X(held, q) X(pair_first, n) X(mate, d) X(open, n) \
	X(off, k) X(fixed, n) X(offer_open, m) X(partner_open, q) \
	X(room, m) X(alive, n) X(trail, t) X(price, n) \
	X(best_price, n) X(root_price, n) X(step, n) X(times, n) X(x, k) \
	X(offer_raw, m) X(partner_raw, q) X(offer_in, m) X(partner_in, q) \
	X(x_share, k) X(offer_share, m) X(partner_share, q) X(dp, c) \
	X(take, b) X(item, n) X(slot, n) X(by_worth, k) \
	X(live_offer, m) X(live_partner, q) X(order, n) X(now.seat, n) \
	X(now.left, m) X(now.in_offer, m) X(now.in_partner, q) X(now.log, l) \
	X(best, n) X(queue, l) X(rank, k) X(lift, k) \
	X(rows, r + m) X(small, r) X(enter, m) X(leave, m) X(usable, m) \
	X(outs, m)
/* clang-format on */

void lg_free(struct lg *g)
{
#define X(name, size) free(g->name);
	LG_ARRAYS(X)
#undef X
	free(g);
}

struct lg *lg_alloc(const struct large_problem *p)
{
	struct lg *g = calloc(1, sizeof(*g));
	size_t n = p->needs_len + 2;
	size_t m = p->offers_len + 2;
	size_t q = p->partners_len + 2;
	size_t k = p->options_len + 2;
	size_t d = 2 * (p->together_len + p->apart_len) + 1;
	size_t t = k + 2 * n + m + q;
	size_t c = LG_CELLS + 1;
	size_t b = n * (LG_CELLS / 64 + 1);
	size_t l = 16 * n;
	size_t r = n * c < LG_ROWS / 16 ? LG_ROWS / 16 : n * c < LG_ROWS ? n * c : LG_ROWS;
	bool all = true;

	if (g == NULL) {
		return NULL;
	}
#define X(name, size)                               \
	g->name = calloc((size), sizeof(*g->name)); \
	all = all && g->name != NULL;
	LG_ARRAYS(X)
#undef X
	if (!all) {
		lg_free(g);
		return NULL;
	}
	g->rows_len = r;
	return g;
}

struct keyed {
	uint64_t key;
	uint32_t option;
};

static int by_key(const void *a, const void *b)
{
	uint64_t x = ((const struct keyed *)a)->key;
	uint64_t y = ((const struct keyed *)b)->key;

	return x < y ? -1 : x > y;
}

/* Options that fit an empty offer, in the order of need and offer. */
static int load_options(struct lg *g, const struct large_problem *p)
{
	struct keyed *r = calloc(p->options_len + 1, sizeof(*r));

	if (r == NULL) {
		return SK_ENOMEM;
	}
	for (uint32_t k = 0; k < p->options_len; k++) {
		r[k].key = (uint64_t)p->options[k].need << 32 | p->options[k].offer;
		r[k].option = k;
	}
	qsort(r, p->options_len, sizeof(*r), by_key);
	bool twice = false;
	for (size_t k = 0; k < p->options_len; k++) {
		const struct large_option *o = &p->options[r[k].option];
		twice = twice || (k > 0 && r[k].key == r[k - 1].key);
		if (o->hours <= p->offers[o->offer].hours) {
			g->o_orig[g->options] = r[k].option;
			g->o_need[g->options] = o->need;
			g->o_offer[g->options] = o->offer;
			g->o_hours[g->options++] = o->hours;
		}
	}
	free(r);
	return twice ? SK_EINVAL : SK_OK;
}

/* first[v] becomes where the members of v begin in @p by; value of each member in @p of. */
static void group_by(const uint32_t *of, uint32_t len, uint32_t *first, uint32_t groups,
		     uint32_t *by)
{
	for (uint32_t k = 0; k < len; k++) {
		first[of[k] + 1]++;
	}
	for (uint32_t v = 0; v < groups; v++) {
		first[v + 1] += first[v];
	}
	for (uint32_t k = 0; by != NULL && k < len; k++) {
		by[first[of[k]]++] = k;
	}
	for (uint32_t v = groups; by != NULL && v > 0; v--) {
		first[v] = first[v - 1];
	}
	first[0] = 0;
}

/* Hours in the largest unit that all share, or a larger one where the table would be too big. */
static void scale_hours(struct lg *g, uint32_t f)
{
	uint32_t unit = 0;

	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		unit = (uint32_t)gcd(g->o_hours[g->by_offer[k]], unit);
	}
	unit = unit == 0 ? 1 : unit;
	if (g->hours[f] / unit >= LG_CELLS) {
		unit = g->hours[f] / (LG_CELLS - 1) + 1;
	}
	g->scale[f] = unit;
	for (uint32_t k = g->offer_first[f]; k < g->offer_first[f + 1]; k++) {
		g->o_small[g->by_offer[k]] = g->o_hours[g->by_offer[k]] / unit;
	}
}

static void load_pairs(struct lg *g, const struct large_problem *p)
{
	for (size_t k = 0; k < p->together_len + p->apart_len; k++) {
		const struct large_pair *e = k < p->together_len ? &p->together[k] :
								   &p->apart[k - p->together_len];
		g->pair_first[e->a + 1]++;
		g->pair_first[e->b + 1]++;
	}
	for (uint32_t i = 0; i < g->needs; i++) {
		g->pair_first[i + 1] += g->pair_first[i];
	}
	for (size_t k = 0; k < p->together_len + p->apart_len; k++) {
		bool apart = k >= p->together_len;
		const struct large_pair *e = apart ? &p->apart[k - p->together_len] :
						     &p->together[k];
		uint32_t mark = apart ? 1U << 31 : 0;
		g->mate[g->pair_first[e->a]++] = e->b | mark;
		g->mate[g->pair_first[e->b]++] = e->a | mark;
	}
	for (uint32_t i = g->needs; i > 0; i--) {
		g->pair_first[i] = g->pair_first[i - 1];
	}
	g->pair_first[0] = 0;
}

int lg_fill(struct lg *g, const struct large_problem *p, const struct large_rules *rules)
{
	g->needs = (uint32_t)p->needs_len;
	g->offers = (uint32_t)p->offers_len;
	g->partners = (uint32_t)p->partners_len;
	g->team_max = p->team_max < g->partners ? p->team_max : g->partners;
	g->seed = rules->seed;
	g->stop = rules->stop;
	g->work_max = rules->work;
	bool led = false;
	int err = load_options(g, p);
	if (err != SK_OK) {
		return err;
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		g->partner[f] = p->offers[f].partner;
		g->hours[f] = p->offers[f].hours;
	}
	for (uint32_t q = 0; q < g->partners; q++) {
		g->is_lead[q] = p->partners[q].lead;
		g->held[q] = g->partner_open[q] = p->partners[q].held;
		g->team_open += g->held[q] ? 1 : 0;
		led = led || (g->held[q] && g->is_lead[q]);
	}
	g->team_held = g->team_open;
	g->team_max = g->team_max < g->team_held ? g->team_held : g->team_max;
	group_by(g->o_need, g->options, g->need_first, g->needs, NULL);
	group_by(g->o_offer, g->options, g->offer_first, g->offers, g->by_offer);
	group_by(g->partner, g->offers, g->partner_first, g->partners, g->by_partner);
	g->lead = false;
	for (uint32_t o = 0; o < g->options;
	     o++) { /* where all can lead, nobody has to be sought */
		g->lead = g->lead || (p->lead && !led && !g->is_lead[lg_partner_of(g, o)]);
	}
	g->one_each = true;
	for (uint32_t q = 0; q < g->partners; q++) {
		g->one_each = g->one_each && g->partner_first[q + 1] - g->partner_first[q] == 1;
	}
	for (uint32_t f = 0; f < g->offers; f++) {
		scale_hours(g, f);
	}
	memcpy(g->by_worth, g->by_offer, g->options * sizeof(g->by_worth[0]));
	lg_widen(g);
	load_pairs(g, p);
	return SK_OK;
}
