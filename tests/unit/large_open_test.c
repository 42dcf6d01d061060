/* SPDX-License-Identifier: EUPL-1.2 */
/* Large requests in which each offer costs something once and has little room: which offers are in
 * is most of the question. Against every assignment, cut short where it is already too dear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plan/large.h"

#define NEEDS 9U
#define OFFERS 7U
#define CASES 400U
#define NOTHING UINT64_MAX /* no assignment seats all */

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

/* All offers together have one and a half to three times what is asked. */
static struct large_problem draw(uint32_t seed)
{
	uint32_t hours[NEEDS];
	uint32_t asked = 0;

	state = seed;
	for (uint32_t i = 0; i < NEEDS; i++) {
		hours[i] = 3 + below(20);
		asked += hours[i];
		penalty[i] = LARGE_OPEN_MAX;
	}
	for (uint32_t f = 0; f < OFFERS; f++) {
		uint32_t room = asked * (3 + seed % 4) / 2 / OFFERS;
		bool whole = seed % 3 == 0; /* the cost is the partner's */
		uint32_t once = 40 + below(80);
		offers[f] = (struct large_offer){ f, room / 2 + below(room), whole ? 0 : once };
		partners[f] = (struct large_partner){ .cost = whole ? once : 0 };
	}
	for (uint32_t k = 0; k < NEEDS * OFFERS; k++) {
		options[k] = (struct large_option){ k / OFFERS, k % OFFERS, below(40),
						    hours[k / OFFERS] };
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

struct walk {
	uint32_t left[OFFERS], in[OFFERS];
	uint64_t best;
};

static void seat(struct walk *w, uint32_t need, uint64_t cost)
{
	if (cost >= w->best) {
		return;
	}
	if (need == NEEDS) {
		w->best = cost;
		return;
	}
	for (uint32_t f = 0; f < OFFERS; f++) {
		const struct large_option *o = &options[need * OFFERS + f];
		if (o->hours > w->left[f]) {
			continue;
		}
		uint64_t once = w->in[f] == 0 ? offers[f].cost + partners[f].cost : 0;
		w->left[f] -= o->hours;
		w->in[f]++;
		seat(w, need + 1, cost + o->cost + once);
		w->in[f]--;
		w->left[f] += o->hours;
	}
}

static void test_location_equals_every_assignment(void **s)
{
	struct large_rules rules = { .seed = 1, .rounds = 20, .nodes = 100000 };
	uint32_t seated = 0;

	(void)s;
	for (uint32_t seed = 0; seed < CASES; seed++) {
		struct large_problem p = draw(seed);
		struct walk w = { .best = NOTHING };
		struct large_result *r = NULL;
		for (uint32_t f = 0; f < OFFERS; f++) {
			w.left[f] = offers[f].hours;
		}
		seat(&w, 0, 0);
		assert_int_equal(large_run(&p, &rules, &r), SK_OK);
		assert_true(r->proven);
		assert_int_equal(r->open > 0, w.best == NOTHING);
		if (w.best != NOTHING) {
			assert_int_equal(r->objective, w.best);
			seated++;
		}
		large_free(r);
	}
	assert_in_range(seated, CASES / 2, CASES - 1); /* both kinds were there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_location_equals_every_assignment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
