/* SPDX-License-Identifier: EUPL-1.2 */
/* The luck and the agenda of the demo. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/err.h"
#include "services/cli/demo_agenda.h"
#include "services/cli/demo_rand.h"

#define MANY 20000

static void test_rand_same_actor_same_stream(void **state)
{
	(void)state;
	struct demo_rand a = demo_rand_of(7, "partner", 3);
	struct demo_rand b = demo_rand_of(7, "partner", 3);
	struct demo_rand others[] = { demo_rand_of(8, "partner", 3), demo_rand_of(7, "partner", 4),
				      demo_rand_of(7, "partnes", 3) };

	for (int i = 0; i < 100; i++) {
		uint64_t v = demo_rand_next(&a);
		assert_true(v == demo_rand_next(&b));
		for (size_t k = 0; k < SK_LEN(others); k++) {
			assert_true(v != demo_rand_next(&others[k]));
		}
	}
}

/* Fixed once: a change of the stream changes every run that somebody has noted by its seed. */
static void test_rand_stream_is_kept(void **state)
{
	(void)state;
	struct demo_rand r = demo_rand_of(1, "calls", 0);

	assert_true(demo_rand_next(&r) == 0x2028bfe2e86174dbULL);
	assert_true(demo_rand_around(&r, 2160, 7200) == 1373);
}

static void test_rand_share_at_its_ends(void **state)
{
	(void)state;
	struct demo_rand r = demo_rand_of(1, "share", 0);
	uint32_t hits = 0;

	for (int i = 0; i < MANY; i++) {
		assert_false(demo_rand_share(&r, 0));
		assert_true(demo_rand_share(&r, 1000));
		assert_true(demo_rand_below(&r, 1) == 0);
		assert_true(demo_rand_below(&r, 7) < 7);
		hits += demo_rand_share(&r, 250);
	}
	assert_in_range(hits, MANY / 4 - MANY / 50, MANY / 4 + MANY / 50);
}

static void test_rand_wait_has_its_mean(void **state)
{
	(void)state;
	struct demo_rand r = demo_rand_of(1, "wait", 0);
	uint64_t sum = 0;

	for (int i = 0; i < MANY; i++) {
		sum += demo_rand_wait(&r, 1000);
	}
	assert_in_range(sum / MANY, 970, 1030);
}

static void test_rand_around_has_median_and_p90(void **state)
{
	(void)state;
	struct demo_rand r = demo_rand_of(1, "around", 0);
	uint32_t below_median = 0;
	uint32_t below_p90 = 0;

	for (int i = 0; i < MANY; i++) {
		uint64_t v = demo_rand_around(&r, 2160, 7200);
		below_median += v < 2160;
		below_p90 += v < 7200;
	}
	assert_in_range(below_median, MANY * 48 / 100, MANY * 52 / 100);
	assert_in_range(below_p90, MANY * 88 / 100, MANY * 92 / 100);
	assert_true(demo_rand_around(&r, 0, 10) == 0);
	assert_true(demo_rand_around(&r, 10, 10) == 10);
}

static void test_rand_pick_follows_weights(void **state)
{
	(void)state;
	static const uint32_t weight[] = { 0, 3, 0, 1, 0 };
	struct demo_rand r = demo_rand_of(1, "pick", 0);
	uint32_t hits[SK_LEN(weight)] = { 0 };

	for (int i = 0; i < MANY; i++) {
		hits[demo_rand_pick(&r, weight, SK_LEN(weight))]++;
	}
	assert_int_equal(hits[0] + hits[2] + hits[4], 0);
	assert_in_range(hits[1], MANY * 73 / 100, MANY * 77 / 100);
}

/* --- agenda --- */

static void test_agenda_gives_order_of_time_then_of_writing(void **state)
{
	(void)state;
	struct demo_agenda a = { 0 };
	struct demo_rand r = demo_rand_of(1, "agenda", 0);
	struct demo_item it;
	uint64_t last_ms = 0;
	uint64_t last_seq = 0;

	assert_true(demo_agenda_first(&a) == UINT64_MAX);
	for (uint32_t i = 0; i < MANY; i++) {
		demo_agenda_add(&a, (struct demo_item){ .at_ms = demo_rand_below(&r, 500) });
	}
	for (uint32_t i = 0; i < MANY; i++) {
		assert_true(demo_agenda_take(&a, 500, &it));
		assert_true(it.at_ms > last_ms || (it.at_ms == last_ms && it.seq >= last_seq));
		last_ms = it.at_ms;
		last_seq = it.seq;
	}
	assert_false(demo_agenda_take(&a, 500, &it));
	demo_agenda_done(&a);
}

static void test_agenda_item_waits_for_its_time(void **state)
{
	(void)state;
	struct demo_agenda a = { 0 };
	struct demo_item it = { .at_ms = 100 };

	demo_agenda_add(&a, it);
	assert_false(demo_agenda_take(&a, 99, &it));
	assert_true(demo_agenda_take(&a, 100, &it));
	demo_agenda_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rand_same_actor_same_stream),
		cmocka_unit_test(test_rand_stream_is_kept),
		cmocka_unit_test(test_rand_share_at_its_ends),
		cmocka_unit_test(test_rand_wait_has_its_mean),
		cmocka_unit_test(test_rand_around_has_median_and_p90),
		cmocka_unit_test(test_rand_pick_follows_weights),
		cmocka_unit_test(test_agenda_gives_order_of_time_then_of_writing),
		cmocka_unit_test(test_agenda_item_waits_for_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
