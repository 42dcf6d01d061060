/* SPDX-License-Identifier: EUPL-1.2 */
/* The orders that the lab tries (settings.h, order_rule): the same entries, in the order of each,
 * worked out by hand; and a list that comes under other rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define WEEK_MS DAY(7)

static void order_is(struct rig *r, const char *needs)
{
	wl_check_indexes(r);
	assert_string_equal(wl_order_of(r, 0, ""), needs);
}

static void ask(struct rig *r, uint32_t number, PB(Urgency) urgency)
{
	struct request q = { .number = number,
			     .urgency = urgency,
			     .crisis_step = urgency == U(CRISIS) ? 1 : 0,
			     NEEDS({ .number = 100 + number }) };

	assert_true(wl_opened(r, &q));
}

/** Preventive (101), standard (102), urgent (103) and a crisis (104), ten days apart, from the
 *  first day of a week on. */
static void ask_all(struct rig *r)
{
	rig_advance(r, WEEK_MS - rig_now(r) % WEEK_MS);
	ask(r, 1, U(PREVENTIVE));
	rig_advance(r, DAY(10));
	ask(r, 2, U(STANDARD));
	rig_advance(r, DAY(10));
	ask(r, 3, U(URGENT));
	rig_advance(r, DAY(10));
	ask(r, 4, U(CRISIS));
}

static void test_order_by_arrival(void **state)
{
	struct rig *r = *state;

	ask_all(r);
	order_is(r, "104 103 102 101");
	rig_set(r, SETTING_ORDER_RULE, ORDER_ARRIVAL);
	rig_advance(r, 1);
	order_is(r, "104 101 102 103");
	rig_set(r, SETTING_ORDER_CRISIS_FIRST, 0);
	rig_advance(r, 1);
	order_is(r, "101 102 103 104");
	/* What it is by urgency stays said, whatever the order. */
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(PRECAUTION));
	assert_int_equal(wl_entry_of(r, 104)->order->wait_class, C(CRISIS));
	rig_set(r, SETTING_ORDER_RULE, ORDER_LAW);
	rig_advance(r, 1);
	order_is(r, "104 103 102 101");
	assert_int_equal(wl_entry_of(r, 101)->order->rank_class, C(UNSPECIFIED));
	assert_int_equal(rig_due(r, WAIT_DUE_ORDER), 0);
}

/** Due after 364, 182, 84 and 28 days: 364, 192, 104 and 58 from the first. */
static void test_order_by_deadline(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_ORDER_RULE, ORDER_DEADLINE);
	rig_set(r, SETTING_ORDER_CRISIS_FIRST, 0);
	ask_all(r);
	order_is(r, "104 103 102 101");
	rig_set(r, SETTING_DUE_PREVENTIVE, 191); /* a day before the standard one */
	rig_advance(r, 1);
	order_is(r, "104 103 101 102");
	rig_set(r, SETTING_DUE_CRISIS, 75); /* day 105, a day after the urgent one */
	rig_advance(r, 1);
	order_is(r, "103 104 101 102");
	assert_true(wl_entry_of(r, 101)->order->rank_ms ==
		    wl_entry_of(r, 101)->need->arrival_ms + DAY(191));
}

/** Weights 4, 3, 2, 1; waited at the end of the fifth week (day 35) 5, 15, 25 and 35 days: 20, 45,
 *  50, 35. Four weeks later (day 63) 33, 43, 53 and 63: 132, 129, 106, 63. */
static void test_order_accumulates_by_week(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_ORDER_RULE, ORDER_ACCUMULATING);
	rig_set(r, SETTING_ORDER_CRISIS_FIRST, 0);
	ask_all(r);
	order_is(r, "102 103 101 104");
	rig_advance(r, DAY(5) - 1); /* the last moment of that week */
	order_is(r, "102 103 101 104");
	rig_advance(r, DAY(22));
	order_is(r, "104 103 102 101");
	assert_true(wl_entry_of(r, 101)->order->rank_ms == wl_entry_of(r, 101)->need->arrival_ms);
	assert_true(wl_entry_of(r, 104)->order->rank_ms ==
		    wl_entry_of(r, 104)->need->arrival_ms - 3 * DAY(33));
	assert_int_equal(rig_due(r, WAIT_DUE_ORDER), 1);
	rig_set(r, SETTING_ORDER_CRISIS_FIRST, 1);
	rig_set(r, SETTING_WEIGHT_STANDARD, 16);
	rig_advance(r, 1);
	order_is(r, "104 102 103 101");
}

/** More than one step ranks goes on in the next, and matching is told of each. */
static void test_order_anew_is_bounded_by_step(void **state)
{
	struct rig *r = *state;
	const uint32_t all = 2 * WAIT_AGAIN_REQUESTS + 1;
	char want[8 * (2 * WAIT_AGAIN_REQUESTS + 1)] = "";

	for (uint32_t i = 1; i <= all; i++) {
		ask(r, i, i % 2 == 0 ? U(STANDARD) : U(URGENT));
		rig_advance(r, 1000);
	}
	rig_set(r, SETTING_ORDER_RULE, ORDER_ARRIVAL);
	rig_advance(r, 1);
	for (uint32_t i = 1; i <= all; i++) {
		size_t at = strlen(want);
		(void)snprintf(want + at, sizeof(want) - at, "%s%u", i > 1 ? " " : "", 100 + i);
	}
	order_is(r, want);
	assert_int_equal(rig_due(r, WAIT_DUE_ORDER), 0);
	PB(Demand) *d = NULL;
	for (PB(Demand) *next = wl_next_demand(r); next != NULL; next = wl_next_demand(r)) {
		d = next;
	}
	assert_int_equal(d->needs[0]->order->rank_class, C(ACTIVE));
}

/** By arrival no days of priority are given: nobody goes before who came first. */
static void test_order_by_arrival_gives_no_days(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_ORDER_RULE, ORDER_ARRIVAL);
	ask(r, 1, U(STANDARD));
	rig_advance(r, DAY(1));
	ask(r, 2, U(STANDARD));
	assert_true(wl_told(r, &(struct told){ .request = 2,
					       .need = 102,
					       .contribution = 11,
					       .version = 1,
					       .state = H(NOT_NOW),
					       .miss = 1 }));
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 0);
	order_is(r, "101 102");
}

/** A rise by age stays a fact, moves nobody in another order than the law's, and is counted. */
static void test_order_by_arrival_does_not_rise(void **state)
{
	struct rig *r = *state;

	rig_set(r, SETTING_ORDER_RULE, ORDER_ARRIVAL);
	ask(r, 2, U(STANDARD));
	rig_advance(r, DAY(1));
	ask(r, 1, U(PREVENTIVE));
	rig_advance(r, DAY(366 + 270));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(ACTIVE));
	assert_int_equal(wl_entry_of(r, 102)->order->wait_class, C(URGENT));
	order_is(r, "102 101");
	assert_true(wl_closed(r, 1, 101, 2, R(SELF_RESOLVED)));
	assert_true(wl_closed(r, 2, 102, 2, R(SELF_RESOLVED)));
	order_is(r, "");
	assert_int_equal(rig_rows(r, WAIT_TABLE_COUNT), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_order_by_arrival),
		TEST(test_order_by_deadline),
		TEST(test_order_accumulates_by_week),
		TEST(test_order_anew_is_bounded_by_step),
		TEST(test_order_by_arrival_gives_no_days),
		TEST(test_order_by_arrival_does_not_rise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
