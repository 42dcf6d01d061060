/* SPDX-License-Identifier: EUPL-1.2 */
/* How far the store's commits stay behind the journal, by what a commit costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/engine_internal.h"

#define MOST 1024

/** The bound after @p commits of one kind, each @p work_ms of other work behind the last. */
static uint32_t after(uint32_t bound, int commits, uint64_t took_ms, uint64_t work_ms)
{
	for (int i = 0; i < commits; i++) {
		bound = engine_commit_bound(bound, MOST, took_ms, work_ms);
	}
	return bound;
}

static void test_commit_that_is_slow_makes_the_next_smaller(void **state)
{
	(void)state;
	assert_int_equal(after(MOST, 1, 4, 250), MOST / 2);
	assert_int_equal(after(MOST, 1, 3, 250), MOST);
	assert_int_equal(after(MOST, 100, 4, 250), 32);
}

static void test_commit_that_is_fast_makes_the_next_larger(void **state)
{
	(void)state;
	assert_int_equal(after(32, 1, 0, 250), 36);
	assert_int_equal(after(32, 100, 1, 250), MOST);
}

/* A slow disk made commits of 32 messages follow one another, each as slow as one of 1,024. */
static void test_commits_that_take_the_time_are_not_made_smaller(void **state)
{
	(void)state;
	assert_int_equal(after(MOST, 100, 20, 159), MOST);
	assert_int_equal(after(MOST, 1, 20, 160), MOST / 2);
	assert_int_equal(after(32, 100, 20, 20), MOST);
}

static void test_commit_bound_stays_within_its_setting(void **state)
{
	(void)state;
	assert_int_equal(engine_commit_bound(1, 1, 20, 1), 1);
	assert_int_equal(engine_commit_bound(1, 1, 0, 1000), 1);
	assert_int_equal(engine_commit_bound(1U << 20, 1U << 20, 20, 1), 1U << 20);
	assert_int_equal(engine_commit_bound(UINT32_MAX, UINT32_MAX, 20, 1), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commit_that_is_slow_makes_the_next_smaller),
		cmocka_unit_test(test_commit_that_is_fast_makes_the_next_larger),
		cmocka_unit_test(test_commits_that_take_the_time_are_not_made_smaller),
		cmocka_unit_test(test_commit_bound_stays_within_its_setting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
