/* SPDX-License-Identifier: EUPL-1.2 */
/* Ranges of waiting that were too short or too long, stretched until they come true eight times in
 * ten; also where many leave or still wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/err.h"
#include "common/plan/stretch.h"

#define DRAWN 2000U

static struct stretch_case cases[STRETCH_CASES_MAX];
static uint64_t rng = 88172645463325252ULL;

static uint32_t draw(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 20) % below;
}

/** A wait of some length, and a range that says @p percent of what it is likely to be. */
static struct stretch_case drawn(uint32_t percent)
{
	uint32_t size = 20 + draw(200); /* known to who says the range; the rest is luck */
	uint32_t waited = size * (25 + draw(150)) / 100;

	return (struct stretch_case){ .from = size * percent / 200,
				      .half = size * percent / 100,
				      .until = size * percent * 3 / 200,
				      .waited = waited,
				      .began = true };
}

static uint32_t right_permille(uint32_t percent, const struct stretch *by)
{
	uint32_t right = 0;

	for (uint32_t i = 0; i < DRAWN; i++) {
		struct stretch_case c = drawn(percent);
		uint32_t waited = c.waited;
		if (by != NULL) {
			assert_true(stretch_apply(by, 1000, &c));
		}
		assert_true(c.from <= c.half && c.half <= c.until);
		right += waited >= c.from && waited <= c.until;
	}
	return right * 1000 / DRAWN;
}

static void learn(uint32_t percent, uint32_t seen_days, struct stretch *ret_by)
{
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		cases[i] = drawn(percent);
		uint32_t until = seen_days == 0 ? UINT32_MAX : draw(seen_days);
		if (cases[i].waited > until) { /* left before, or has not waited longer yet */
			cases[i].waited = until;
			cases[i].began = false;
		}
	}
	stretch_of(cases, SK_LEN(cases), ret_by);
}

static void test_stretch_what_was_too_short_or_too_long_comes_true(void **state)
{
	static const uint32_t percent[] = { 30, 60, 100, 170, 300 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(percent); i++) {
		struct stretch by;
		learn(percent[i], 0, &by);
		assert_int_equal(by.began, SK_LEN(cases));
		assert_in_range(right_permille(percent[i], &by), 740, 860);
	}
	assert_true(right_permille(30, NULL) < 400);
	assert_true(right_permille(300, NULL) < 400);
}

/* Half of them are seen for less long than they wait; of those seen alone the waits are short. */
static void test_stretch_who_still_waits_or_left_counts_so_far(void **state)
{
	struct stretch by;
	struct stretch of_begun;
	size_t len = 0;

	(void)state;
	learn(60, 300, &by);
	assert_true(by.began < SK_LEN(cases) * 2 / 3);
	assert_in_range(right_permille(60, &by), 700, 900);
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		if (cases[i].began) {
			cases[len++] = cases[i];
		}
	}
	stretch_of(cases, len, &of_begun);
	assert_true(of_begun.until < by.until);
}

/* By hand: a week is added to both, so 13 of 13 is 20 of 20, one; 33 of 13 is two. */
static void test_stretch_the_ratios_are_of_days_and_a_week(void **state)
{
	struct stretch by;
	struct stretch_case r = { .from = 3, .half = 13, .until = 93 };

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		cases[i] = (struct stretch_case){ 13, 13, 13, i < 4 ? 3 : i < 36 ? 13 : 33, true };
	}
	stretch_of(cases, 40, &by);
	assert_int_equal(by.from, 500);
	assert_int_equal(by.half, 1000);
	assert_int_equal(by.until, 1000); /* nine in ten: the 36th */
	cases[35].waited = 33;
	stretch_of(cases, 40, &by);
	assert_int_equal(by.until, 2000);
	assert_true(stretch_apply(&by, 365, &r));
	assert_int_equal(r.from, 0); /* (3 + 7) / 2 is less than a week */
	assert_int_equal(r.half, 13);
	assert_int_equal(r.until, 193);
	r.until = 180;
	assert_true(stretch_apply(&by, 365, &r));
	assert_int_equal(r.until, 365); /* 367: no end */
}

static void test_stretch_below_thirty_begun_nothing_is_said(void **state)
{
	struct stretch by;
	struct stretch_case r = { .from = 1, .half = 2, .until = 3 };

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		cases[i] = (struct stretch_case){ 10, 20, 30, 20, i < STRETCH_BEGAN_LEAST - 1 };
	}
	stretch_of(cases, 100, &by);
	assert_int_equal(by.began, STRETCH_BEGAN_LEAST - 1);
	assert_false(stretch_apply(&by, 365, &r));
	assert_int_equal(r.until, 3);
	cases[STRETCH_BEGAN_LEAST - 1].began = true;
	stretch_of(cases, 100, &by);
	assert_true(stretch_apply(&by, 365, &r));
	/* All at the same ratio as those who did not begin: three in ten of them, never nine. */
	assert_int_equal(by.until, 0);
	assert_int_equal(r.until, 365);
	stretch_of(cases, 0, &by);
	assert_int_equal(by.began, 0);
	assert_false(stretch_apply(&by, 365, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stretch_what_was_too_short_or_too_long_comes_true),
		cmocka_unit_test(test_stretch_who_still_waits_or_left_counts_so_far),
		cmocka_unit_test(test_stretch_the_ratios_are_of_days_and_a_week),
		cmocka_unit_test(test_stretch_below_thirty_begun_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
