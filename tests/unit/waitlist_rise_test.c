/* SPDX-License-Identifier: EUPL-1.2 */
/* The rise by age, to the day, over a leap day and both clock changes (DOMAIN 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define ASKED_MS 1803895200000ULL /* 1 March 2027, 10:00 UTC; 29 February 2028 is 365 d later */

static void rises_after(struct rig *r, uint64_t days, PB(WaitClass) from, PB(WaitClass) to)
{
	rig_advance(r, DAY(days) - 1);
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, from);
	rig_advance(r, 1);
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, to);
	assert_true(wl_entry_of(r, 101)->risen_ms == rig_now(r));
}

/* B17: 365 days in PRECAUTION, 270 in PREFERENCE, 180 in ACTIVE, each counted from the rise before;
 * never above URGENT; the rank date stays the arrival. */
static void test_rise_to_the_day_over_a_leap_day(void **state)
{
	struct rig *r = *state;

	rig_advance(r, ASKED_MS - rig_now(r));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .urgency = U(PREVENTIVE),
						    NEEDS({ .number = 101 }) }));
	assert_true(wl_entry_of(r, 101)->risen_ms == 0);
	rises_after(r, 365, C(PRECAUTION), C(PREFERENCE));
	assert_true(rig_now(r) == 1835431200000ULL); /* 29 February 2028, 10:00 UTC */
	rises_after(r, 270, C(PREFERENCE), C(ACTIVE));
	rises_after(r, 180, C(ACTIVE), C(URGENT));
	rig_advance(r, DAY(200));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(URGENT));
	assert_true(wl_entry_of(r, 101)->order->rank_ms == ASKED_MS);
}

/* Days of help do not count as days of waiting; what was waited before goes on counting. */
static void test_rise_counts_days_of_waiting_only(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	rig_advance(r, DAY(100));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	rig_advance(r, DAY(300));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 2, H(INTERRUPTED), false, false }));
	rises_after(r, 80, C(ACTIVE), C(URGENT));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_rise_to_the_day_over_a_leap_day),
		TEST(test_rise_counts_days_of_waiting_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
