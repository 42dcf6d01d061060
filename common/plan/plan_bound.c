/* SPDX-License-Identifier: EUPL-1.2 */
/* A tighter bound: tolls of single options. A price of a pool sees its hours only as a sum; hours
 * of three in a place of eight leave two that nobody can use, and a sum never shows it. Here each
 * pool is filled exactly too (a knapsack), each group is composed exactly as before, and where the
 * two do not agree about an option its toll moves. At the start a toll is the price of the pool
 * times the amount, so the first round is no worse than the bound of the prices. Tolls make the
 * bound, and they steer the search for a plan, which is judged by its cost alone. They stay inside:
 * what is given out, shown and kept are prices, which belong to hours of a pool. Any tolls of 0 and
 * more give a bound; integers only, tolls in 4096ths of a sixteenth. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define FINE_BITS 12
#define UNITS_TOP 1023U /* a larger pool is filled in 1023rds of it, amounts rounded down */
#define STEP_UNIT 1024
#define STEP_FIRST 64 /* of STEP_UNIT: a pull that is smoothed is short, its step not */
#define STEP_LEAST 2
#define PATIENCE 12 /* rounds without progress before the step shrinks */
#define SMOOTH 64   /* a pull of one is so much */
#define OLD 8       /* of a pull all but that part is from the rounds before */
#define GAP_TOP (1LL << 40)
#define STEP_TOP (1LL << 44)
#define DEEP_ROUNDS 150U
#define ROUNDS_ALONE 17U
#define DEEP_ALONE 8U /* of the work for large groups: one part of so many */
#define DEEP_MOST 16U
#define DEEP_EACH 128U
#define LOW_NONE (-(1LL << 61))

struct tolls {
	int64_t *fine;   /* per option */
	uint32_t *toll;  /* per option, in sixteenths */
	int32_t *pull;   /* per option, smoothed */
	int64_t *best;   /* per option: of the best bound */
	uint8_t *wants;  /* per option: its group takes it */
	uint8_t *gives;  /* per option: its pool takes it */
	uint64_t *table; /* per unit: the most that a pool earns with so many */
	uint8_t *taken;  /* per option of one pool and unit */
	int64_t best_low;
	int64_t low;
	int64_t step;
	uint32_t dull;
};

static void tolls_free(struct tolls *t)
{
	free(t->fine);
	free(t->toll);
	free(t->pull);
	free(t->best);
	free(t->wants);
	free(t->gives);
	free(t->table);
	free(t->taken);
}

static uint32_t most_of_a_pool(const struct plan_work *w)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < w->pools_len; i++) {
		uint32_t len = w->could_first[i + 1] - w->could_first[i];
		most = len > most ? len : most;
	}
	return most;
}

static uint32_t units_of(const struct plan_work *w, uint32_t pool)
{
	return w->free[pool] < UNITS_TOP ? w->free[pool] : UNITS_TOP;
}

static uint32_t weight_of(const struct plan_work *w, const struct canon_option *o)
{
	uint64_t free = w->free[o->pool];

	return free <= UNITS_TOP ? o->amount : (uint32_t)((uint64_t)o->amount * UNITS_TOP / free);
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* Beyond it nobody takes the option. */
static int64_t toll_top(const struct plan_work *w, const struct canon_option *o)
{
	uint64_t top = w->needs[o->need].worth * w->scale + 1;

	return (int64_t)(top < UINT32_MAX ? top : UINT32_MAX) << FINE_BITS;
}

static int tolls_new(struct tolls *t, const struct plan_work *w)
{
	t->fine = plan_array(w->options_len, sizeof(*t->fine));
	t->toll = plan_array(w->options_len, sizeof(*t->toll));
	t->pull = plan_array(w->options_len, sizeof(*t->pull));
	t->best = plan_array(w->options_len, sizeof(*t->best));
	t->wants = plan_array(w->options_len, sizeof(*t->wants));
	t->gives = plan_array(w->options_len, sizeof(*t->gives));
	t->table = plan_array(UNITS_TOP + 1, sizeof(*t->table));
	t->taken = plan_array(most_of_a_pool(w), UNITS_TOP + 1);
	if (t->fine == NULL || t->toll == NULL || t->pull == NULL || t->best == NULL ||
	    t->wants == NULL || t->gives == NULL || t->table == NULL || t->taken == NULL) {
		return SK_ENOMEM;
	}
	for (uint32_t i = 0; i < w->options_len; i++) {
		const struct canon_option *o = &w->options[i];
		t->fine[i] = clamp((int64_t)((uint64_t)w->price[o->pool] * o->weight) << FINE_BITS,
				   0, toll_top(w, o));
		t->best[i] = t->fine[i];
	}
	t->best_low = LOW_NONE;
	t->step = STEP_FIRST;
	return SK_OK;
}

/* Every group composed alone at the tolls. @return SK_OK and the sum, in sixteenths. */
static int ask_groups(struct plan_work *w, struct tolls *t, uint64_t *ret_sum)
{
	int err = SK_OK;

	memset(t->wants, 0, w->options_len);
	*ret_sum = 0;
	for (uint32_t i = 0; err == SK_OK && i < w->groups_len; i++) {
		struct plan_ask ask = { .group = i,
					.units = w->free,
					.toll = t->toll,
					.open_costs = true,
					.bound = true,
					.deep = w->deep };
		struct plan_team team = { .seat = plan_seats(w, SLOT_BOUND) };
		err = plan_team(w, &ask, &team);
		*ret_sum += team.cost;
		for (uint32_t n = 0; err == SK_OK && n < w->groups[i].len; n++) {
			if (team.seat[n] != PLAN_NONE) {
				t->wants[team.seat[n]] = 1;
			}
		}
	}
	return err;
}

/* The most that the pool can earn. What it takes for that is noted in gives. */
static uint64_t fill_pool(const struct plan_work *w, struct tolls *t, uint32_t pool)
{
	uint32_t units = units_of(w, pool);
	uint32_t first = w->could_first[pool];
	uint32_t len = w->could_first[pool + 1] - first;

	memset(t->table, 0, (units + 1U) * sizeof(*t->table));
	for (uint32_t i = 0; i < len; i++) {
		const struct canon_option *o = &w->options[w->could[first + i]];
		uint32_t weight = weight_of(w, o);
		uint64_t earns = t->toll[w->could[first + i]];
		uint8_t *taken = &t->taken[(size_t)i * (UNITS_TOP + 1)];
		memset(taken, 0, units + 1U);
		for (uint32_t u = units + 1; earns > 0 && u-- > weight;) {
			uint64_t with = t->table[u - weight] + earns;
			if (with > t->table[u]) {
				t->table[u] = with;
				taken[u] = 1;
			}
		}
	}
	uint32_t u = units;
	for (uint32_t i = len; i-- > 0;) {
		uint32_t o = w->could[first + i];
		t->gives[o] = t->taken[(size_t)i * (UNITS_TOP + 1) + u];
		u -= t->gives[o] != 0 ? weight_of(w, &w->options[o]) : 0;
	}
	return t->table[units];
}

static int ask_all(struct plan_work *w, struct tolls *t)
{
	uint64_t sum = 0;
	uint64_t earned = 0;

	for (uint32_t i = 0; i < w->options_len; i++) {
		t->toll[i] = (uint32_t)(t->fine[i] >> FINE_BITS);
	}
	int err = ask_groups(w, t, &sum);
	for (uint32_t i = 0; i < w->pools_len; i++) {
		earned += fill_pool(w, t, i);
	}
	t->low = (int64_t)sum - (int64_t)earned;
	return err;
}

static void note_bound(struct plan_work *w, struct tolls *t)
{
	bool better = t->low > t->best_low;

	t->dull = better && t->low - t->best_low > t->low / 10000 ? 0 : t->dull + 1;
	if (better) {
		t->best_low = t->low;
		memcpy(t->best, t->fine, w->options_len * sizeof(*t->best));
		uint64_t points = t->low <= 0 ? 0 : ((uint64_t)t->low + w->scale - 1) / w->scale;
		w->bound = points > w->bound ? points : w->bound;
	}
	if (t->dull >= PATIENCE) {
		t->dull = 0;
		t->step = t->step / 2 < STEP_LEAST ? STEP_LEAST : t->step / 2;
	}
}

/* @return the sum of squares of the pulls. A toll at 0 is not pulled below. */
static int64_t pull_all(const struct plan_work *w, struct tolls *t)
{
	int64_t norm = 0;

	for (uint32_t i = 0; i < w->options_len; i++) {
		int32_t pull = (int32_t)t->wants[i] - (int32_t)t->gives[i];
		t->pull[i] = (t->pull[i] * (OLD - 1) + pull * SMOOTH) / OLD;
		if (t->fine[i] == 0 && t->pull[i] < 0) {
			t->pull[i] = 0;
		}
		norm += (int64_t)t->pull[i] * t->pull[i];
	}
	return norm > 0 ? norm : 1;
}

static void move_tolls(struct plan_work *w, struct tolls *t, uint64_t target)
{
	int64_t norm = pull_all(w, t);
	int64_t gap = clamp((int64_t)(target * w->scale) - t->low, 1, GAP_TOP);
	int64_t step = gap * t->step * SMOOTH / norm; /* in 1024ths of a sixteenth, for one */

	for (uint32_t i = 0; i < w->options_len; i++) {
		t->fine[i] =
			clamp(t->fine[i] + step * t->pull[i] * 4, 0, toll_top(w, &w->options[i]));
	}
}

/* To steer by. With the law coverage decides, and what tolls say of cost was no help: measured;
 * but where large groups are tried without it. */
static void give_tolls(struct plan_work *w, struct tolls *t)
{
	for (uint32_t i = 0; i < w->options_len; i++) {
		t->toll[i] = (uint32_t)(t->best[i] >> FINE_BITS);
	}
	w->toll = t->toll;
	t->toll = NULL;
}

/* A round in which large groups are composed whole. */
static int ask_deep(struct plan_work *w, struct tolls *t, uint32_t share)
{
	plan_deepen(w, share);
	int err = ask_all(w, t);

	w->deep = 0;
	if (err == SK_OK) {
		note_bound(w, t);
		w->rounds++;
	}
	return err;
}

/* First with much work at the tolls so far: that says most of a group that shares with nobody. Then
 * tolls of their own, for what a whole team wants is not what its parts want, in many rounds of
 * little work; and at the best of these much work again. */
static int tighten_deep(struct plan_work *w, struct tolls *t)
{
	memset(t->pull, 0, w->options_len * sizeof(*t->pull));
	for (uint32_t p = 0; p < w->pools_len; p++) {
		bool private = plan_is_private(w, p);
		for (uint32_t i = w->could_first[p]; i < w->could_first[p + 1]; i++) {
			t->fine[w->could[i]] = private ? 0 : t->best[w->could[i]];
		}
	}
	bool shared = !plan_is_alone(w) && !w->shallow;
	uint32_t rounds = shared ? plan_deep_times(w, DEEP_ROUNDS) : ROUNDS_ALONE;
	int err = shared ? ask_deep(w, t, DEEP_MOST) : SK_OK;
	t->best_low = shared ? LOW_NONE : t->best_low;
	t->step = STEP_FIRST;
	t->dull = shared ? 0 : t->dull;
	for (uint32_t i = 0; err == SK_OK && i < rounds && w->bound < w->best_value; i++) {
		if (plan_stopped(w)) {
			return err;
		}
		err = ask_deep(w, t, !shared && i == 0 ? DEEP_ALONE : DEEP_EACH);
		if (err == SK_OK) {
			move_tolls(w, t, w->target);
		}
	}
	if (err == SK_OK && shared && rounds > 0 && w->bound < w->best_value) {
		memcpy(t->fine, t->best, w->options_len * sizeof(*t->fine));
		err = ask_deep(w, t, DEEP_MOST);
	}
	return err;
}

int plan_tighten(struct plan_work *w)
{
	struct tolls t = { 0 };
	uint64_t before = w->work;
	int err = tolls_new(&t, w);

	for (uint32_t i = 0; err == SK_OK && i < w->rules->bound_rounds && !plan_stopped(w); i++) {
		if (plan_is_alone(w) || plan_tired(w, before, w->rules->bound_rounds)) {
			break;
		}
		err = ask_all(w, &t);
		if (err == SK_OK) {
			note_bound(w, &t);
			move_tolls(w, &t, w->target);
			w->rounds++;
		}
	}
	if (err == SK_OK && w->deep_len > 0) {
		err = tighten_deep(w, &t);
	}
	if (err == SK_OK && (!w->law || w->deep_len > 0)) {
		give_tolls(w, &t);
	}
	tolls_free(&t);
	return err;
}
