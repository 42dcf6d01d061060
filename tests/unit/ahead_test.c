/* SPDX-License-Identifier: EUPL-1.2 */
/* How long those who wait will wait: small lists whose lives can be told by hand, and whether the
 * ranges hold for lives that were not looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/ahead.h"

#define GROUPS 64
#define POOLS 8

/* A list of one need a group; each may go to every pool unless only[] says which one. */
static struct plan_group groups[GROUPS];
static struct plan_need needs[GROUPS];
static struct plan_option options[GROUPS * POOLS];
static struct plan_pool pools[POOLS];
static struct ahead_group of[GROUPS];
static struct ahead_pool lived[POOLS];
static struct ahead_stay stays[POOLS];
static uint32_t partner_cost[POOLS];
static struct plan_problem list;
static struct ahead_problem problem;
static struct ahead_range got[GROUPS];
static uint64_t rng;

static uint32_t draw(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 20) % below;
}

static void fresh(size_t pools_len, uint32_t stay_days)
{
	memset(groups, 0, sizeof(groups));
	memset(needs, 0, sizeof(needs));
	memset(of, 0, sizeof(of));
	memset(pools, 0, sizeof(pools));
	memset(lived, 0, sizeof(lived));
	memset(stays, 0, sizeof(stays));
	memset(partner_cost, 0, sizeof(partner_cost));
	list = (struct plan_problem){ .groups = groups,
				      .needs = needs,
				      .options = options,
				      .pools = pools,
				      .pools_len = pools_len,
				      .partner_cost = partner_cost,
				      .partners_len = pools_len };
	problem = (struct ahead_problem){ .list = &list, .of = of, .pools = lived, .stays = stays };
	for (size_t i = 0; i < pools_len; i++) {
		pools[i].id[0] = (uint8_t)(i + 1);
		pools[i].partner = (uint32_t)i;
		lived[i].can_permille = 1000;
		for (size_t k = 0; k < AHEAD_POINTS; k++) {
			lived[i].stay[k] = (uint16_t)stay_days;
		}
	}
}

/** @p pool POOLS: all of them. */
static void add(uint32_t pool, uint32_t amount, uint8_t wait_class, int32_t rank_day)
{
	uint32_t at = (uint32_t)list.groups_len++;
	uint32_t len = 0;

	groups[at] = (struct plan_group){ .first = at, .len = 1, .team_max = 5 };
	for (uint32_t i = 0; i < list.pools_len; i++) {
		if (pool == POOLS || pool == i) {
			options[list.options_len + len++] = (struct plan_option){
				.pool = i, .amount = amount, .cost = 10 + i, .tie = at
			};
		}
	}
	needs[at] = (struct plan_need){ .first = (uint32_t)list.options_len, .len = len };
	list.options_len += len;
	list.needs_len = list.groups_len;
	of[at] = (struct ahead_group){ .wait_class = wait_class,
				       .waits = true,
				       .rank_day = rank_day,
				       .class_day = rank_day,
				       .lottery = at };
}

static void takes(uint32_t pool, uint32_t amount, uint32_t age_days)
{
	stays[problem.stays_len++] = (struct ahead_stay){ pool, amount, age_days };
}

static void run(uint64_t seed, uint32_t runs, uint32_t days)
{
	struct ahead_rules rules = { .seed = seed, .runs = runs, .days = days };

	memset(got, 0xee, sizeof(got));
	assert_int_equal(ahead_run(&problem, &rules, got), SK_OK);
}

static void assert_always(size_t at, uint32_t day)
{
	assert_int_equal(got[at].p10, day);
	assert_int_equal(got[at].p50, day);
	assert_int_equal(got[at].p90, day);
}

/* One place, stays of ten days, one of which has lasted four: 6, 16, 26. */
static void test_ahead_one_place_each_waits_for_the_one_before(void **state)
{
	(void)state;
	fresh(1, 10);
	takes(0, 1, 4);
	for (int32_t i = 0; i < 3; i++) {
		add(0, 1, 2, -30 + i);
	}
	run(1, 7, 100);
	assert_always(0, 6);
	assert_always(1, 16);
	assert_always(2, 26);
	assert_int_equal(got[0].runs, 7);
	assert_int_equal(got[0].never_permille, 0);
}

/* DOMAIN 6: class first, then rank date, then lottery; the order of the arrays says nothing. */
static void test_ahead_order_is_class_then_date_then_lottery(void **state)
{
	(void)state;
	fresh(1, 10);
	takes(0, 1, 0);
	add(0, 1, 2, -50);
	add(0, 1, 1, -5);
	add(0, 1, 2, -60);
	add(0, 1, 2, -50);
	of[0].lottery = 9;
	of[3].lottery = 3;
	run(1, 3, 100);
	assert_always(1, 10);
	assert_always(2, 20);
	assert_always(3, 30);
	assert_always(0, 40);
}

/* DOMAIN 6: who outwaits its class stands one higher, at its own date. */
static void test_ahead_who_outwaits_its_class_rises(void **state)
{
	(void)state;
	fresh(1, 10);
	takes(0, 1, 0);
	add(0, 1, 1, -5);
	add(0, 1, 2, -80);
	problem.rise_days[2] = 80;
	run(1, 3, 100);
	assert_always(1, 10);
	assert_always(0, 20);
	problem.rise_days[2] = 120;
	run(1, 3, 100);
	assert_always(0, 10);
	assert_always(1, 20);
}

/* No head-of-line blocking: who needs two places lets pass who needs one, and is not forgotten. */
static void test_ahead_who_does_not_fit_blocks_nobody(void **state)
{
	(void)state;
	fresh(2, 10);
	takes(0, 1, 0);
	takes(1, 2, 5);
	add(1, 2, 0, -90);
	add(0, 1, 3, -1);
	pools[0].free = 1;
	run(1, 3, 100);
	assert_always(0, 5);
	assert_always(1, 0);
}

static void test_ahead_who_cannot_is_asked_once_and_the_next_gets_it(void **state)
{
	(void)state;
	fresh(2, 10);
	add(POOLS, 1, 0, -9);
	pools[0].free = pools[1].free = 1;
	lived[0].can_permille = 0;
	lived[1].start_days = 4;
	run(1, 5, 30);
	assert_always(0, 4);
	lived[1].can_permille = 0;
	run(1, 5, 30);
	assert_always(0, AHEAD_NEVER);
	assert_int_equal(got[0].never_permille, 1000);
	lived[1].can_permille = 500;
	run(1, 400, 30);
	assert_in_range(got[0].never_permille, 400, 600);
}

/* What a partner says holds for a month; then it is asked again, also when nothing came free. */
static void test_ahead_who_could_not_is_asked_again(void **state)
{
	(void)state;
	fresh(1, 10);
	add(0, 1, 0, -9);
	pools[0].free = 1;
	lived[0].can_permille = 500;
	run(1, 400, AHEAD_AGAIN_DAYS);
	assert_in_range(got[0].never_permille, 400, 600);
	run(1, 400, AHEAD_AGAIN_DAYS + 1);
	assert_in_range(got[0].never_permille, 170, 330);
	assert_int_equal(got[0].p10, 0);
	run(1, 400, 10 * AHEAD_AGAIN_DAYS + 1);
	assert_true(got[0].never_permille < 10);
	assert_int_equal(got[0].p90 % AHEAD_AGAIN_DAYS, 0);
}

static void test_ahead_who_comes_and_is_first_goes_first(void **state)
{
	(void)state;
	fresh(1, 10);
	takes(0, 1, 0);
	add(0, 1, 3, -40);
	add(0, 1, 0, 0);
	of[1].waits = false;
	run(1, 5, 300);
	assert_always(0, 10);
	assert_int_equal(got[1].runs, 0); /* an example does not wait */
	of[1].come_ppm = AHEAD_PPM;
	run(1, 5, 300);
	assert_always(0, AHEAD_NEVER);
}

/* What comes free in whatever way: one unit in two days, two units a need. */
static void test_ahead_what_comes_free_is_given_in_the_order(void **state)
{
	(void)state;
	fresh(1, 60000);
	add(0, 2, 1, -3);
	add(0, 2, 1, -2);
	lived[0].gain_ppm = 2 * AHEAD_PPM;
	run(1, 5, 30);
	assert_always(0, 0);
	assert_always(1, 1);
	lived[0].gain_ppm = AHEAD_PPM / 2;
	run(1, 200, 100);
	assert_in_range(got[0].p50, 2, 4);
	assert_in_range(got[1].p50, 5, 9);
	assert_true(got[0].p90 < got[1].p90);
}

/* Who leaves is out of the count: what is said is for who stays. */
static void test_ahead_who_leaves_is_not_counted(void **state)
{
	(void)state;
	fresh(1, 10);
	takes(0, 1, 0);
	add(0, 1, 0, -9);
	add(0, 1, 0, -8);
	of[0].leave_ppm = 100000;
	run(3, 200, 60);
	assert_in_range(got[0].runs, 40, 120); /* 0.9 ^ 11 of 200, about 63 */
	assert_always(0, 10);
	assert_int_equal(got[1].runs, 200);
	assert_int_equal(got[1].p10, 10);
	assert_int_equal(got[1].p90, 20);
}

static void random_list(uint64_t seed)
{
	rng = seed * 2654435761U + 88172645463325252ULL;
	fresh(3 + draw(4), 1);
	for (uint32_t i = 0; i < list.pools_len; i++) {
		uint32_t length = 5 + draw(30);
		for (uint32_t k = 0; k < AHEAD_POINTS; k++) {
			lived[i].stay[k] = (uint16_t)length;
			length += draw(5);
		}
		lived[i].can_permille = 600 + draw(401);
		takes(i, 1 + draw(3), draw(90));
	}
	for (int32_t i = 0; i < 40; i++) {
		add(draw(3) == 0 ? POOLS : draw((uint32_t)list.pools_len), 1 + draw(2),
		    (uint8_t)draw(4), -(int32_t)draw(200));
		of[i].come_ppm = draw(3000);
		of[i].leave_ppm = draw(3000);
	}
}

static void test_ahead_same_seed_same_ranges(void **state)
{
	static struct ahead_range first[GROUPS];

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		random_list(seed);
		run(seed, 20, 200);
		memcpy(first, got, sizeof(first));
		run(seed, 20, 200);
		assert_memory_equal(first, got, sizeof(first));
		run(seed + 1, 20, 200);
		assert_memory_not_equal(first, got, sizeof(first));
	}
}

/* L7: of two with the same wants the one in front never waits longer. */
static void test_ahead_who_stands_in_front_is_never_later(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		rng = seed * 2654435761U + 88172645463325252ULL;
		fresh(1, 1);
		for (uint32_t k = 0; k < AHEAD_POINTS; k++) {
			lived[0].stay[k] = (uint16_t)(5 + 6 * k);
		}
		takes(0, 1, 3);
		takes(0, 1, 30);
		for (int32_t i = 0; i < 12; i++) {
			add(0, 1, 1, -100 + i);
		}
		run(seed, 30, 400);
		for (size_t i = 1; i < 12; i++) {
			assert_true(got[i - 1].p10 <= got[i].p10);
			assert_true(got[i - 1].p50 <= got[i].p50);
			assert_true(got[i - 1].p90 <= got[i].p90);
		}
	}
}

/* One place more, the same draws: the first of the order is never later for it, where who is asked
 * can. (Who said no is asked again a month later, and others may have come in meanwhile.) */
static void test_ahead_one_place_more_delays_not_the_first(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		random_list(seed);
		of[0].wait_class = 0;
		of[0].rank_day = -1000;
		for (size_t i = 0; i < list.pools_len; i++) {
			lived[i].can_permille = 1000;
		}
		run(seed, 30, 300);
		struct ahead_range before = got[0];
		pools[draw((uint32_t)list.pools_len)].free++;
		run(seed, 30, 300);
		assert_true(got[0].p50 <= before.p50);
		assert_true(got[0].p90 <= before.p90);
	}
}

/* A life that was not looked at falls inside 10 to 90 % about eight times in ten. */
static void test_ahead_ranges_hold_for_other_lives(void **state)
{
	static struct ahead_range said[GROUPS];
	uint32_t inside = 0;
	uint32_t all = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		random_list(seed);
		run(seed, 100, 365);
		memcpy(said, got, sizeof(said));
		run(seed + 1000, 1, 365);
		for (size_t i = 0; i < list.groups_len; i++) {
			/* what starts now does so in every life; what may never start has no end */
			bool told = said[i].runs > 0 && got[i].runs > 0 && said[i].p90 > 7 &&
				    said[i].p90 != AHEAD_NEVER;
			all += told;
			inside += told && got[i].p50 >= said[i].p10 && got[i].p50 <= said[i].p90;
		}
	}
	assert_true(all > 200);
	assert_in_range(inside * 1000 / all, 740, 900);
}

static void test_ahead_stops_when_it_is_told(void **state)
{
	atomic_bool stop = true;
	struct ahead_rules rules = { .runs = 5, .days = 5, .stop = &stop };

	(void)state;
	random_list(1);
	assert_int_equal(ahead_run(&problem, &rules, got), SK_OK);
	assert_int_equal(got[0].runs, 0);
	assert_int_equal(got[0].p90, 0);
}

static int with(uint32_t runs, uint32_t days)
{
	struct ahead_rules rules = { .runs = runs, .days = days };

	return ahead_run(&problem, &rules, got);
}

static void test_ahead_beyond_a_limit_is_refused(void **state)
{
	(void)state;
	fresh(1, 10);
	add(0, 1, AHEAD_CLASSES - 1, 0);
	takes(0, 1, 0);
	assert_int_equal(with(AHEAD_RUNS_MAX, 1), SK_OK);
	assert_int_equal(with(AHEAD_RUNS_MAX + 1, 1), SK_EINVAL);
	assert_int_equal(with(0, 1), SK_EINVAL);
	assert_int_equal(with(1, AHEAD_DAYS_MAX), SK_OK);
	assert_int_equal(with(1, AHEAD_DAYS_MAX + 1), SK_EINVAL);
	assert_int_equal(with(1, 0), SK_EINVAL);
	of[0].wait_class = AHEAD_CLASSES;
	assert_int_equal(with(1, 1), SK_EINVAL);
	of[0].wait_class = 0;
	options[0].pool = 1;
	assert_int_equal(with(1, 1), SK_EINVAL);
	options[0].pool = 0;
	options[0].amount = 1001;
	assert_int_equal(with(1, 1), SK_EINVAL);
	options[0].amount = 1;
	stays[0].pool = 1;
	assert_int_equal(with(1, 1), SK_EINVAL);
	stays[0].pool = 0;
	lived[0].stay[0] = 0;
	assert_int_equal(with(1, 1), SK_EINVAL);
	lived[0].stay[0] = 11; /* not rising */
	assert_int_equal(with(1, 1), SK_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ahead_one_place_each_waits_for_the_one_before),
		cmocka_unit_test(test_ahead_order_is_class_then_date_then_lottery),
		cmocka_unit_test(test_ahead_who_outwaits_its_class_rises),
		cmocka_unit_test(test_ahead_who_does_not_fit_blocks_nobody),
		cmocka_unit_test(test_ahead_who_cannot_is_asked_once_and_the_next_gets_it),
		cmocka_unit_test(test_ahead_who_could_not_is_asked_again),
		cmocka_unit_test(test_ahead_who_comes_and_is_first_goes_first),
		cmocka_unit_test(test_ahead_what_comes_free_is_given_in_the_order),
		cmocka_unit_test(test_ahead_who_leaves_is_not_counted),
		cmocka_unit_test(test_ahead_same_seed_same_ranges),
		cmocka_unit_test(test_ahead_who_stands_in_front_is_never_later),
		cmocka_unit_test(test_ahead_one_place_more_delays_not_the_first),
		cmocka_unit_test(test_ahead_ranges_hold_for_other_lives),
		cmocka_unit_test(test_ahead_stops_when_it_is_told),
		cmocka_unit_test(test_ahead_beyond_a_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
