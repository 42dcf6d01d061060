/* SPDX-License-Identifier: EUPL-1.2 */
/* Scarcity prices: the Lagrangian of the amounts. Every group is composed exactly at the prices, as
 * if it were alone; what the pools are then asked too much of rises in price, what is left over
 * falls. The sum of the priced groups less the worth of all that is free is a lower bound of every
 * plan, whatever the prices are (the penalties stand in it, so with and without the law).
 * No price is capped below the one at which nobody takes of the pool any more: a lower cap would
 * ruin the bound without a sign. Integers only: prices in sixteenths, steps in 4096ths of those. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define FINE_BITS 12
#define STEP_UNIT 1024
#define STEP_FIRST (STEP_UNIT)
#define STEP_LEAST 8
#define PATIENCE 8     /* rounds without progress before the step shrinks */
#define INSERT_EVERY 6 /* rounds */
#define GAP_TOP (1LL << 44)
#define PRICE_TOP UINT32_MAX
#define STEP_TOP (1LL << 36)
#define LOW_NONE (-(1LL << 61))
#define ASKED_TOP (1 << 20)
#define WORK_EACH 64U /* of a group a round: six needs, or five by two branches */
#define WORK_LEAST (1ULL << 22)
#define DEEP_SHARE 8U /* of the work for large groups: one part of so many */

struct prices {
	int64_t *fine;    /* per pool: the price in 4096ths of a sixteenth */
	int64_t *pull;    /* per pool: asked too much, smoothed, in 8ths */
	int64_t *asked;   /* per pool */
	uint32_t *best;   /* per pool: the prices of the best bound */
	int64_t best_low; /* the best bound, in sixteenths */
	int64_t low;      /* that of the last round */
	uint64_t step;
	uint32_t dull;   /* rounds without progress */
	uint64_t target; /* the value of a plan without the law, in points */
};

static void prices_free(struct prices *x)
{
	free(x->fine);
	free(x->pull);
	free(x->asked);
	free(x->best);
}

static uint64_t top_of(const struct plan_work *w, const struct canon_option *o)
{
	return w->needs[o->need].worth * w->scale;
}

/* The price from which on an option costs more than leaving its need open. */
static void find_tops(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->options_len; i++) {
		const struct canon_option *o = &w->options[i];
		uint64_t top = o->weight == 0 ? 0 : top_of(w, o) / o->weight + 1;
		if (top > w->price_top[o->pool]) {
			w->price_top[o->pool] = top < PRICE_TOP ? (uint32_t)top : PRICE_TOP;
		}
	}
}

/* The pitfall: under a cap that is too low the bound is false comfort, and nothing shows it. */
static void tops_are_tops(const struct plan_work *w)
{
	for (uint32_t i = 0; i < w->options_len; i++) {
		const struct canon_option *o = &w->options[i];
		uint64_t most = (uint64_t)w->price_top[o->pool] * o->weight;
		SK_ASSERT(o->weight == 0 || most > top_of(w, o) ||
			  w->price_top[o->pool] == PRICE_TOP);
	}
}

/* A price of a unit becomes one of a weight. */
static uint64_t given_price(const struct plan_work *w, uint32_t pool)
{
	uint64_t unit = w->rules->prices == NULL ? 0 : w->rules->prices[w->pool_origin[pool]];

	unit /= PLAN_PRICE_SCALE / w->scale;
	return w->weights[pool] == 0 ? unit : unit * w->free[pool] / w->weights[pool];
}

static int prices_new(struct prices *x, struct plan_work *w)
{
	x->fine = plan_array(w->pools_len, sizeof(*x->fine));
	x->pull = plan_array(w->pools_len, sizeof(*x->pull));
	x->asked = plan_array(w->pools_len, sizeof(*x->asked));
	x->best = plan_array(w->pools_len, sizeof(*x->best));
	if (x->fine == NULL || x->pull == NULL || x->asked == NULL || x->best == NULL) {
		return SK_ENOMEM;
	}
	find_tops(w);
	tops_are_tops(w);
	for (uint32_t i = 0; i < w->pools_len; i++) {
		uint64_t first = given_price(w, i);
		w->price[i] = first < w->price_top[i] ? (uint32_t)first : w->price_top[i];
		x->fine[i] = (int64_t)w->price[i] << FINE_BITS;
		x->best[i] = w->price[i];
	}
	x->step = STEP_FIRST;
	x->best_low = LOW_NONE;
	x->target = w->now.cost + w->now.missing;
	return SK_OK;
}

/* Every need at its cheapest, as if nobody else were there: a bound before any round. */
static uint64_t plain_bound(const struct plan_work *w)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < w->needs_len; i++) {
		const struct canon_need *n = &w->needs[i];
		uint32_t least = n->penalty;
		for (uint32_t o = n->first; o < n->first + n->len; o++) {
			least = w->options[o].cost < least ? w->options[o].cost : least;
		}
		sum += least;
	}
	return sum;
}

/* Everybody composed alone at the prices. @return in ret_low the bound, in sixteenths. */
static int ask_all(struct plan_work *w, struct prices *x)
{
	uint64_t sum = 0;
	int64_t worth = 0;
	bool counts = true;
	int err = SK_OK;

	memset(x->asked, 0, w->pools_len * sizeof(*x->asked));
	for (uint32_t i = 0; err == SK_OK && i < w->groups_len; i++) {
		struct plan_ask ask = { .group = i,
					.units = w->free,
					.halves = 2,
					.open_costs = true,
					.bound = true,
					.deep = w->deep };
		struct plan_team team = { .seat = plan_seats(w, SLOT_BOUND) };
		err = plan_team(w, &ask, &team);
		sum += team.cost;
		for (uint32_t n = 0; err == SK_OK && n < w->groups[i].len; n++) {
			if (team.seat[n] != PLAN_NONE) {
				const struct canon_option *o = &w->options[team.seat[n]];
				x->asked[o->pool] += o->weight;
			}
		}
	}
	for (uint32_t i = 0; i < w->pools_len; i++) {
		int64_t here;
		counts = counts && !__builtin_mul_overflow(w->price[i], w->weights[i], &here) &&
			 !__builtin_add_overflow(worth, here, &worth);
	}
	x->low = counts ? (int64_t)sum - worth : LOW_NONE;
	return err;
}

static void note_bound(struct plan_work *w, struct prices *x)
{
	bool better = x->low > x->best_low;

	/* progress is a 2,000th at least, or the last bit of nothing is polished for ever */
	x->dull = better && x->low - x->best_low > x->low / 2000 ? 0 : x->dull + 1;
	if (better) {
		x->best_low = x->low;
		memcpy(x->best, w->price, w->pools_len * sizeof(*x->best));
		uint64_t points = x->low <= 0 ? 0 : ((uint64_t)x->low + w->scale - 1) / w->scale;
		w->bound = points > w->bound ? points : w->bound;
	}
	if (x->dull >= PATIENCE) {
		x->dull = 0;
		x->step = x->step / 2 < STEP_LEAST ? STEP_LEAST : x->step / 2;
	}
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* @return the sum of squares of the smoothed pulls, in 64ths. A price at 0 is not pulled below. */
static int64_t pull_all(const struct plan_work *w, struct prices *x)
{
	int64_t norm = 0;

	for (uint32_t i = 0; i < w->pools_len; i++) {
		int64_t over = x->asked[i] - w->weights[i];
		over = clamp(over, -ASKED_TOP, ASKED_TOP) * 8;
		x->pull[i] = over + x->pull[i] / 4;
		if (x->fine[i] == 0 && x->pull[i] < 0) {
			x->pull[i] = 0;
		}
		norm += x->pull[i] * x->pull[i] / 64;
	}
	return norm > 0 ? norm : 1;
}

static void move_prices(struct plan_work *w, struct prices *x)
{
	int64_t norm = pull_all(w, x);
	int64_t gap = (int64_t)(x->target * w->scale) - x->low;
	int64_t step = clamp(gap, 1, GAP_TOP) * (int64_t)x->step * (4096 / STEP_UNIT) / norm;

	step = clamp(step, 1, STEP_TOP);
	for (uint32_t i = 0; i < w->pools_len; i++) {
		int64_t top = (int64_t)w->price_top[i] << FINE_BITS;
		x->fine[i] = clamp(x->fine[i] + step * x->pull[i] / 8, 0, top);
		w->price[i] = (uint32_t)(x->fine[i] >> FINE_BITS);
	}
}

/* A plan at these prices, and with the law also one without: what the prices steer by. */
static int try_plan(struct plan_work *w, struct prices *x)
{
	int err = plan_insert_all(w, 2);

	if (err == SK_OK) {
		plan_keep_best(w);
		uint64_t value = w->now.cost + w->now.missing;
		x->target = value < x->target ? value : x->target;
	}
	return err;
}

bool plan_tired(const struct plan_work *w, uint64_t work_before, uint32_t rounds)
{
	uint64_t most = (uint64_t)rounds * w->groups_len * WORK_EACH;

	return w->work - work_before > (most > WORK_LEAST ? most : WORK_LEAST);
}

/* Once more, at the best prices, with large groups composed whole. */
static int ask_deep(struct plan_work *w, struct prices *x)
{
	for (uint32_t i = 0; i < w->pools_len; i++) {
		w->price[i] = plan_is_private(w, i) ? 0 : x->best[i];
	}
	plan_deepen(w, DEEP_SHARE);
	int err = ask_all(w, x);
	w->deep = 0;
	if (err == SK_OK) {
		note_bound(w, x);
	}
	return err;
}

int plan_prices(struct plan_work *w)
{
	struct prices x = { 0 };
	uint64_t before = w->work;
	int err = prices_new(&x, w);

	w->bound = plain_bound(w);
	for (uint32_t i = 0; err == SK_OK && i < w->rules->price_rounds && !plan_stopped(w); i++) {
		if (plan_is_alone(w) || plan_tired(w, before, w->rules->price_rounds)) {
			break;
		}
		if (i % INSERT_EVERY == 0) {
			err = try_plan(w, &x);
		}
		if (err == SK_OK) {
			err = ask_all(w, &x);
		}
		if (err == SK_OK) {
			note_bound(w, &x);
			move_prices(w, &x);
			w->rounds++;
		}
	}
	w->target = x.target;
	if (err == SK_OK && w->deep_len > 0 && !plan_stopped(w)) {
		err = ask_deep(w, &x);
	}
	if (err == SK_OK) {
		memcpy(w->price, x.best, w->pools_len * sizeof(*x.best));
	}
	prices_free(&x);
	return err;
}
