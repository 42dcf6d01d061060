/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what comes free is kept for one who waits long and needs more than comes free at once
 * (MATCHING 4.4: reservation with backfilling). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define KEPT_DAYS 30
#define SHORT_DAYS 7 /* nobody who is asked lets it lapse meanwhile */
#define LARGE 3

struct asks {
	uint32_t number;
	uint32_t amount;
	uint32_t weeks;
	PB(WaitClass) wait_class; /* 0: ACTIVE */
};

/** By rank in the order of their numbers. */
static void asks_for(struct rig *r, const struct asks *a)
{
	struct demand_spec d = { .request = a->number,
				 .rank = 100 * a->number,
				 .wait_class = a->wait_class,
				 .needs = 1,
				 .need = { { .number = a->number,
					     .intensity = a->amount,
					     .weeks = a->weeks,
					     .arrival_ms = RIG_START_MS } } };

	assert_true(demand(r, &d));
}

/** Four hours, given to two by two for so many weeks; behind them one waits who needs four, and one
 *  who needs two. */
static struct rig *two_for_weeks(uint64_t days, uint32_t weeks)
{
	struct rig *r = world_new();

	rig_set(r, SETTING_RESERVE, days);
	rig_set(r, SETTING_RESERVE_AFTER, 0);
	rig_set(r, SETTING_CONFIRM_REST, 90);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a",
						.staffed = 4,
						.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK }));
	asks_for(r, &(struct asks){ .number = 1, .amount = 2, .weeks = weeks });
	asks_for(r, &(struct asks){ .number = 2, .amount = 2, .weeks = weeks });
	asks_for(r, &(struct asks){ .number = LARGE, .amount = 4, .weeks = 20 });
	asks_for(r, &(struct asks){ .number = 4, .amount = 2, .weeks = 20 });
	assert_false(waits(r, 1));
	assert_false(waits(r, 2));
	return r;
}

static struct rig *two_by_two(uint64_t days)
{
	return two_for_weeks(days, 1);
}

static void frees(struct rig *r, uint32_t number)
{
	assert_true(demand_closed(r, number, number, 2,
				  SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN));
	rig_advance(r, 1000);
}

static bool is_kept(struct rig *r)
{
	return pool_rec(r, "pool-a")->reserved_need.len > 0;
}

/** The days of none at all: how it is without. */
static void test_small_ones_go_first_where_nothing_is_kept(void **state)
{
	struct rig *r = two_by_two(0);

	(void)state;
	frees(r, 1);
	assert_false(waits(r, 4));
	assert_false(is_kept(r));
	frees(r, 2);
	assert_true(waits(r, LARGE));
	world_free(r);
}

static void test_what_comes_free_is_kept_for_the_large_one(void **state)
{
	struct rig *r = two_by_two(KEPT_DAYS);

	(void)state;
	frees(r, 1);
	assert_true(is_kept(r));
	assert_true(waits(r, 4));
	assert_int_equal(rig_due(r, DUE_RESERVE), 1);
	rig_reopen(r);
	frees(r, 2);
	assert_false(waits(r, LARGE));
	assert_true(waits(r, 4));
	assert_false(is_kept(r));
	assert_int_equal(rig_due(r, DUE_RESERVE), 0);
	world_free(r);
}

/** Nor anybody new; but those before it may, and whose help is over by then. */
static void test_others_may_have_it_by_the_order_or_for_a_short_time(void **state)
{
	struct rig *r = two_by_two(KEPT_DAYS);

	(void)state;
	frees(r, 1);
	asks_for(r, &(struct asks){ .number = 5, .amount = 1, .weeks = 4 });
	assert_true(waits(r, 5));
	asks_for(r, &(struct asks){ .number = 6, .amount = 1, .weeks = 3 });
	assert_false(waits(r, 6));
	assert_true(is_kept(r));
	asks_for(r, &(struct asks){
			    .number = 7, .amount = 1, .weeks = 20, .wait_class = CLASS(CRISIS) });
	assert_false(waits(r, 7));
	world_free(r);
}

static void test_it_is_kept_for_its_days_and_then_rests(void **state)
{
	struct rig *r = two_by_two(SHORT_DAYS);

	(void)state;
	frees(r, 1);
	rig_advance(r, SHORT_DAYS * RIG_DAY_MS - 2000);
	assert_true(is_kept(r));
	assert_true(waits(r, 4));
	rig_advance(r, 2000);
	rig_advance(r, 1000);
	assert_false(is_kept(r));
	assert_false(waits(r, 4));
	asks_for(r, &(struct asks){ .number = 5, .amount = 2, .weeks = 20 });
	frees(r, 2);
	assert_false(is_kept(r));
	assert_false(waits(r, 5));
	world_free(r);
}

/** Who stops waiting, or can no longer be helped there, keeps nothing from others. */
static void test_who_does_not_need_it_keeps_nothing(void **state)
{
	struct rig *r = two_by_two(KEPT_DAYS);

	(void)state;
	frees(r, 1);
	frees(r, LARGE);
	assert_false(is_kept(r));
	assert_false(waits(r, 4));
	world_free(r);
	r = two_by_two(KEPT_DAYS);
	frees(r, 1);
	struct demand_spec d = { .request = LARGE,
				 .version = 2,
				 .rank = 100 * LARGE,
				 .excluded = "facility-a",
				 .needs = 1,
				 .need = { { .number = LARGE, .intensity = 4, .weeks = 20 } } };
	assert_true(demand(r, &d));
	rig_advance(r, 1000);
	assert_false(is_kept(r));
	assert_false(waits(r, 4));
	world_free(r);
}

/** More than the pool can ever give is not kept for. */
static void test_nothing_is_kept_in_vain(void **state)
{
	struct rig *r = two_by_two(KEPT_DAYS);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a",
						.staffed = 4,
						.used = 0,
						.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK }));
	frees(r, LARGE);
	asks_for(r, &(struct asks){ .number = 5, .amount = 5, .weeks = 20 });
	frees(r, 4);
	frees(r, 1);
	assert_false(is_kept(r));
	world_free(r);
}

/** Where help that runs is said to last beyond the days, they would go by in vain. */
static void test_nothing_is_kept_that_will_not_do_in_time(void **state)
{
	static const uint32_t weeks[] = { 4, 5 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(weeks); i++) {
		struct rig *r = two_for_weeks(KEPT_DAYS, weeks[i]);
		frees(r, 1);
		assert_int_equal(is_kept(r), weeks[i] == 4);
		assert_int_equal(waits(r, 4), weeks[i] == 4);
		world_free(r);
	}
}

/** The days that it has to have waited before, to the hour. */
static void test_nothing_is_kept_too_soon(void **state)
{
	static const uint64_t early_ms[] = { 0, RIG_HOUR_MS };

	(void)state;
	for (size_t i = 0; i < SK_LEN(early_ms); i++) {
		struct rig *r = two_by_two(KEPT_DAYS);
		uint64_t due_ms = RIG_START_MS + 2 * RIG_DAY_MS;
		rig_set(r, SETTING_RESERVE_AFTER, 2);
		rig_advance(r, due_ms - rig_now(r) - early_ms[i]);
		assert_true(demand_closed(r, 1, 1, 2,
					  SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_WITHDRAWN));
		assert_int_equal(is_kept(r), early_ms[i] == 0);
		assert_int_equal(waits(r, 4), early_ms[i] == 0);
		world_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_ones_go_first_where_nothing_is_kept),
		cmocka_unit_test(test_what_comes_free_is_kept_for_the_large_one),
		cmocka_unit_test(test_others_may_have_it_by_the_order_or_for_a_short_time),
		cmocka_unit_test(test_it_is_kept_for_its_days_and_then_rests),
		cmocka_unit_test(test_who_does_not_need_it_keeps_nothing),
		cmocka_unit_test(test_nothing_is_kept_in_vain),
		cmocka_unit_test(test_nothing_is_kept_that_will_not_do_in_time),
		cmocka_unit_test(test_nothing_is_kept_too_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
