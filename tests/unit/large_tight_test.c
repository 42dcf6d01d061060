/* SPDX-License-Identifier: EUPL-1.2 */
/* Large requests whose hours just fit, of any size, against every assignment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plan/large.h"

#define NEEDS 6U
#define OFFERS 3U
#define CASES 1000U
#define OPEN LARGE_OPEN_MAX /* dearer than each seat */

static uint64_t state;
static struct large_option options[NEEDS * OFFERS];
static struct large_offer offers[OFFERS];
static struct large_partner partners[OFFERS];
static uint32_t penalty[NEEDS];

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)((state >> 33) % n);
}

/* Hours that just fit, also by the hundred million; half of the cases with costs of offers. */
static struct large_problem draw(uint32_t seed)
{
	uint32_t unit = seed % 5 == 0 ? LARGE_COST_MAX / 40 : 1;

	state = seed;
	for (uint32_t f = 0; f < OFFERS; f++) {
		uint32_t once = seed % 2 * below(60);
		offers[f] = (struct large_offer){ f, unit * (10 + below(12)), once };
		partners[f] = (struct large_partner){ .cost = seed % 2 * below(20) };
	}
	for (uint32_t k = 0; k < NEEDS * OFFERS; k++) {
		options[k] = (struct large_option){ k / OFFERS, k % OFFERS, below(40),
						    unit * below(10) };
		penalty[k / OFFERS] = OPEN;
	}
	return (struct large_problem){ .objective = LARGE_PENALTY,
				       .team_max = LARGE_NONE,
				       .penalty = penalty,
				       .needs_len = NEEDS,
				       .options = options,
				       .options_len = NEEDS * OFFERS,
				       .offers = offers,
				       .offers_len = OFFERS,
				       .partners = partners,
				       .partners_len = OFFERS };
}

struct answer {
	uint64_t cost; /* of the seats; UINT64_MAX: hours are too many */
	uint32_t open; /* bit of each open need, the first one highest */
};

/* Of an offer per need, or OFFERS. */
static struct answer judge(const uint32_t *at)
{
	struct answer a = { 0, 0 };
	uint64_t used[OFFERS] = { 0 };
	uint32_t in[OFFERS] = { 0 };

	for (uint32_t i = 0; i < NEEDS; i++) {
		uint32_t f = at[i];
		if (f == OFFERS) {
			a.open |= 1U << (NEEDS - 1 - i);
			continue;
		}
		used[f] += options[i * OFFERS + f].hours;
		a.cost += options[i * OFFERS + f].cost;
		a.cost += in[f]++ == 0 ? offers[f].cost + partners[f].cost : 0;
		if (used[f] > offers[f].hours) {
			return (struct answer){ UINT64_MAX, UINT32_MAX };
		}
	}
	return a;
}

static bool better(struct answer a, struct answer b, enum large_objective by)
{
	uint64_t x = a.cost + (uint64_t)OPEN * (uint32_t)__builtin_popcount(a.open);
	uint64_t y = b.cost + (uint64_t)OPEN * (uint32_t)__builtin_popcount(b.open);

	if (a.cost == UINT64_MAX || b.cost == UINT64_MAX) {
		return b.cost == UINT64_MAX && a.cost != UINT64_MAX;
	}
	if (by == LARGE_COVER) {
		return a.open < b.open || (a.open == b.open && a.cost < b.cost);
	}
	return x < y;
}

static struct answer oracle(enum large_objective by)
{
	struct answer best = { UINT64_MAX, UINT32_MAX };

	for (uint32_t all = 0; all < 1U << 2 * NEEDS; all++) {
		uint32_t at[NEEDS];
		for (uint32_t i = 0; i < NEEDS; i++) {
			at[i] = all >> 2 * i & 3;
		}
		struct answer a = judge(at);
		best = better(a, best, by) ? a : best;
	}
	return best;
}

/* All costs equal, hours of zero, one offer only: kinds that leave the bound nothing to go by. */
static void bend(struct large_problem *p, uint32_t seed)
{
	for (uint32_t k = 0; k < NEEDS * OFFERS; k++) {
		options[k].cost = seed % 7 == 0 ? LARGE_COST_MAX : options[k].cost;
		options[k].hours = seed % 11 == 0 ? 0 : options[k].hours;
	}
	for (uint32_t f = 1; f < OFFERS && seed % 13 == 0; f++) {
		offers[f].hours = 0;
	}
	p->objective = seed % 3 == 0 ? LARGE_COVER : LARGE_PENALTY;
}

static void test_large_tight_problem_equals_oracle(void **unused)
{
	struct large_rules rules = { .seed = 3, .rounds = 8, .nodes = 2000 };

	(void)unused;
	for (uint32_t seed = 1; seed <= CASES; seed++) {
		struct large_problem p = draw(seed);
		struct large_result *r = NULL;
		uint32_t at[NEEDS];
		bend(&p, seed);
		assert_int_equal(large_run(&p, &rules, &r), SK_OK);
		for (uint32_t i = 0; i < NEEDS; i++) {
			at[i] = r->seat[i] == LARGE_NONE ? OFFERS : r->seat[i] % OFFERS;
			assert_true(r->seat[i] == LARGE_NONE || r->seat[i] / OFFERS == i);
		}
		struct answer told = judge(at);
		struct answer best = oracle(p.objective);
		assert_true(r->proven && r->bound == r->objective);
		assert_true(!better(best, told, p.objective) && told.cost != UINT64_MAX);
		uint64_t all = told.cost;
		all += p.objective == LARGE_PENALTY ? (uint64_t)OPEN * r->open : 0;
		assert_int_equal(all, r->objective);
		large_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_tight_problem_equals_oracle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
