/* SPDX-License-Identifier: EUPL-1.2 */
/* The composer of large requests against an oracle that tries every assignment of small ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/large.h"

#define NEEDS 5U
#define OFFERS 6U
#define PARTNERS 4U
#define CASES 300U

static uint64_t state;
static struct large_option options[NEEDS * OFFERS];
static struct large_offer offers[OFFERS];
static struct large_partner partners[PARTNERS];
static uint32_t penalty[NEEDS];
static struct large_pair together[1], apart[1];
static struct large_problem p;

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)((state >> 33) % n);
}

static void draw(uint32_t seed)
{
	state = seed;
	p = (struct large_problem){ .objective = seed % 2 == 0 ? LARGE_COVER : LARGE_PENALTY,
				    .team_max = seed % 3 == 0 ? 1 + below(3) : LARGE_NONE,
				    .lead = seed % 5 == 0,
				    .penalty = penalty,
				    .needs_len = NEEDS,
				    .options = options,
				    .offers = offers,
				    .offers_len = OFFERS,
				    .partners = partners,
				    .partners_len = PARTNERS,
				    .together = together,
				    .apart = apart,
				    .together_len = seed % 4 == 0,
				    .apart_len = seed % 7 == 0 };
	together[0] = (struct large_pair){ 0, 1 + below(2) };
	apart[0] = (struct large_pair){ 3, 4 - 2 * below(2) };
	for (uint32_t q = 0; q < PARTNERS; q++) {
		partners[q] = (struct large_partner){ below(30), below(3) == 0, false };
	}
	for (uint32_t f = 0; f < OFFERS; f++) {
		offers[f] = (struct large_offer){ below(PARTNERS), below(9), below(2) * below(20) };
	}
	for (uint32_t i = 0; i < NEEDS; i++) {
		penalty[i] = below(60);
		for (uint32_t f = 0; f < OFFERS; f++) {
			if (below(5) < 3) {
				options[p.options_len++] =
					(struct large_option){ i, f, below(25), below(6) };
			}
		}
	}
	uint32_t held = seed % 11 < 5 ? below(PARTNERS) : 0;
	for (uint32_t q = 0; q < held; q++) { /* in four of ten */
		partners[q].held = true;
		partners[q].cost = 0;
	}
}

/* Cost of an assignment; UINT64_MAX when it breaks a rule. @p ret_open: bit of each open need, the
 * first one highest. */
static uint64_t judge(const uint32_t *seat, uint32_t *ret_open)
{
	uint32_t used[OFFERS] = { 0 };
	uint32_t seats[OFFERS] = { 0 };
	bool in[PARTNERS] = { false };
	uint32_t at[NEEDS];
	uint64_t cost = 0;
	uint32_t team = 0;
	uint32_t before = 0;
	bool led = !p.lead;

	for (uint32_t q = 0; q < PARTNERS; q++) {
		in[q] = partners[q].held;
		before += in[q] ? 1 : 0;
		led = led || (in[q] && partners[q].lead);
	}
	*ret_open = 0;
	for (uint32_t i = 0; i < NEEDS; i++) {
		at[i] = LARGE_NONE;
		if (seat[i] == LARGE_NONE) {
			*ret_open |= 1U << (NEEDS - 1 - i);
			cost += p.objective == LARGE_PENALTY ? penalty[i] : 0;
			continue;
		}
		const struct large_option *o = &options[seat[i]];
		at[i] = offers[o->offer].partner;
		cost += o->cost + (seats[o->offer]++ == 0 ? offers[o->offer].cost : 0);
		used[o->offer] += o->hours;
		cost += in[at[i]] ? 0 : partners[at[i]].cost;
		team += in[at[i]] ? 0 : 1;
		in[at[i]] = true;
		led = led || partners[at[i]].lead;
		if (o->need != i || used[o->offer] > offers[o->offer].hours) {
			return UINT64_MAX;
		}
	}
	uint32_t a = at[together[0].a];
	uint32_t b = at[together[0].b];
	uint32_t c = at[apart[0].a];
	bool broken = (p.together_len > 0 && a != b && a != LARGE_NONE && b != LARGE_NONE) ||
		      (p.apart_len > 0 && c == at[apart[0].b] && c != LARGE_NONE);
	bool full = team > 0 && p.team_max < LARGE_NONE && team + before > p.team_max;
	bool none = *ret_open == (1U << NEEDS) - 1;

	return broken || full || (!led && !none) ? UINT64_MAX : cost;
}

struct best {
	uint64_t cost;
	uint32_t open;
};

static void consider(const uint32_t *seat, struct best *b)
{
	uint32_t open = 0;
	uint64_t cost = judge(seat, &open);
	uint32_t rank = p.objective == LARGE_COVER ? open : 0;

	if (cost != UINT64_MAX && (rank < b->open || (rank == b->open && cost < b->cost))) {
		*b = (struct best){ cost, rank };
	}
}

static struct best oracle(void)
{
	struct best b = { UINT64_MAX, UINT32_MAX };
	uint32_t seat[NEEDS];
	uint32_t i = 0;

	memset(seat, 0xff, sizeof(seat));
	while (i < NEEDS) {
		consider(seat, &b);
		for (i = 0; i < NEEDS; i++) {
			uint32_t o = seat[i] == LARGE_NONE ? 0 : seat[i] + 1;
			while (o < p.options_len && options[o].need != i) {
				o++;
			}
			seat[i] = o < p.options_len ? o : LARGE_NONE;
			if (seat[i] != LARGE_NONE) {
				break;
			}
		}
	}
	return b;
}

/* With nodes enough each answer is proven, and it is what the oracle says: cost and coverage. */
static void test_large_small_problem_equals_oracle(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= CASES; seed++) {
		draw(seed);
		struct large_rules rules = { .seed = 7, .rounds = 8, .nodes = 2000 };
		struct large_result *r = NULL;
		uint32_t open = 0;
		assert_int_equal(large_run(&p, &rules, &r), SK_OK);
		struct best b = oracle();
		assert_int_equal(judge(r->seat, &open), r->objective);
		assert_int_equal(r->objective, b.cost);
		assert_true(r->proven && r->bound == r->objective);
		assert_true(p.objective == LARGE_PENALTY || open == b.open);
		large_free(r);
	}
}

/* Without a tree or search the bound still holds, and the answer keeps each rule. */
static void test_large_without_nodes_bound_holds(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= CASES; seed++) {
		draw(seed);
		p.objective = LARGE_PENALTY;
		struct large_rules rules = { .seed = 7, .rounds = 1 };
		struct large_result *r = NULL;
		uint32_t open = 0;
		assert_int_equal(large_run(&p, &rules, &r), SK_OK);
		struct best b = oracle();
		assert_int_equal(judge(r->seat, &open), r->objective);
		assert_true(r->bound <= b.cost && b.cost <= r->objective);
		assert_true(!r->proven || r->objective == b.cost);
		large_free(r);
	}
}

/* A set cover, were it not for the team: of three places one is held by a partner of no use. */
static void test_large_held_partner_takes_its_place_in_a_cover(void **unused)
{
	static const struct large_offer places[] = { { 0, 0, 0 }, { 1, 0, 0 } };
	static const struct large_partner team[] = { { 1, false, false },
						     { 1, false, false },
						     { 0, false, true } };
	static const struct large_option ways[] = { { 0, 0, 0, 0 }, { 1, 1, 0, 0 } };
	const struct large_problem cover = { .team_max = 2,
					     .needs_len = 2,
					     .options = ways,
					     .options_len = 2,
					     .offers = places,
					     .offers_len = 2,
					     .partners = team,
					     .partners_len = 3 };
	const struct large_rules rules = { .seed = 1, .nodes = 100 };
	struct large_result *r = NULL;

	(void)unused;
	assert_int_equal(large_run(&cover, &rules, &r), SK_OK);
	assert_int_equal(r->seat[0], 0);
	assert_int_equal(r->seat[1], LARGE_NONE);
	assert_true(r->proven && r->objective == 1);
	large_free(r);
}

static void test_large_held_partner_that_costs_is_refused(void **unused)
{
	struct large_rules rules = { .rounds = 1 };
	struct large_result *r = NULL;

	(void)unused;
	draw(1);
	partners[0].held = true;
	partners[0].cost = 1;
	assert_int_equal(large_run(&p, &rules, &r), SK_EINVAL);
	assert_null(r);
}

static void test_large_option_twice_is_refused(void **unused)
{
	(void)unused;
	draw(1);
	options[1] = options[0];
	struct large_rules rules = { .rounds = 1 };
	struct large_result *r = NULL;
	assert_int_equal(large_run(&p, &rules, &r), SK_EINVAL);
	assert_null(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_small_problem_equals_oracle),
		cmocka_unit_test(test_large_without_nodes_bound_holds),
		cmocka_unit_test(test_large_held_partner_takes_its_place_in_a_cover),
		cmocka_unit_test(test_large_held_partner_that_costs_is_refused),
		cmocka_unit_test(test_large_option_twice_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
