/* SPDX-License-Identifier: EUPL-1.2 */
/* Journal time: slewed also when a turn takes less than a millisecond's share, an alarm that a
 * restart does not silence, and a demo clock that cannot be thrown out of reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

static void accept_clock(struct rig *r)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClockAccept) a = PB_INIT(CLOCK_ACCEPT);

	m.body_case = BODY(CLOCK_ACCEPT);
	m.clock_accept = &a;
	assert_int_equal(toy_operator(r, &m)->outcome, OUTCOME(ACCEPTED));
}

static PB(Receipt) *advance_clock(struct rig *r, uint64_t to_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClockAdvance) a = PB_INIT(CLOCK_ADVANCE);

	a.to_ms = to_ms;
	m.body_case = BODY(CLOCK_ADVANCE);
	m.clock_advance = &a;
	return toy_operator(r, &m);
}

/* A turn every millisecond: a twentieth of that is nothing, a twentieth of ten seconds is not. */
static void test_engine_turns_without_pause_time_is_slewed(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t before = engine_now_ms(r->engine);

	toy_wall_ahead(r, 5 * 60 * (int64_t)RIG_SECOND_MS);
	for (int i = 0; i < 10000; i++) {
		r->now_ms++;
		(void)engine_turn(r->engine);
	}
	assert_in_range(engine_now_ms(r->engine) - before, 10499, 10501);
	toy_wall_ahead(r, -5 * 60 * (int64_t)RIG_SECOND_MS);
	before = engine_now_ms(r->engine);
	for (int i = 0; i < 10000; i++) {
		r->now_ms++;
		(void)engine_turn(r->engine);
	}
	assert_in_range(engine_now_ms(r->engine) - before, 9499, 9501);
	rig_free(r);
}

/* Neither an orderly restart nor a kill is an operator who looked. */
static void test_engine_clock_alarm_survives_restart(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	(void)toy_due(r, r->now_ms + RIG_HOUR_MS / 2, OP_COUNT, 0);
	toy_wall_ahead(r, (int64_t)RIG_HOUR_MS);
	(void)engine_turn(r->engine);
	for (int i = 0; i < 4; i++) {
		if (i % 2 == 0) {
			toy_kill(r);
		} else {
			rig_reopen(r);
		}
		(void)engine_turn(r->engine);
		assert_int_equal(toy_count(r, "due"), 0);
	}
	accept_clock(r);
	(void)engine_turn(r->engine);
	assert_int_equal(toy_count(r, "due"), 1);
	toy_kill(r);
	(void)engine_turn(r->engine);
	(void)toy_due(r, r->now_ms + RIG_HOUR_MS, OP_COUNT, 0);
	rig_advance(r, RIG_SECOND_MS);
	assert_int_equal(toy_count(r, "due"), 2);
	rig_free(r);
}

static void post_by_wall_clock(struct rig *r)
{
	r->answer = NULL;
	toy_post(r, OP_COUNT, 0);
	(void)engine_turn(r->engine);
	assert_non_null(r->answer);
	assert_int_equal(r->answer->receipt->outcome, OUTCOME(ACCEPTED));
}

/* A node that was off for a week and a day: clients make ids of the true time, before the operator
 * has looked, after it, and after the next restarts. */
static void test_engine_off_for_long_ids_of_the_wall_clock_are_taken(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	toy_wall_ahead(r, 8 * (int64_t)RIG_DAY_MS);
	toy_kill(r);
	post_by_wall_clock(r);
	accept_clock(r);
	post_by_wall_clock(r);
	toy_kill(r);
	post_by_wall_clock(r);
	rig_reopen(r);
	post_by_wall_clock(r);
	assert_in_range(engine_now_ms(r->engine), r->now_ms + 8 * RIG_DAY_MS,
			r->now_ms + 8 * RIG_DAY_MS + RIG_SECOND_MS);
	rig_free(r);
}

/* A clock that was put back and accepted stays accepted. */
static void test_engine_clock_put_back_and_accepted_stays_so_after_restart(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	toy_wall_ahead(r, -(int64_t)RIG_HOUR_MS);
	(void)engine_turn(r->engine);
	accept_clock(r);
	(void)toy_due(r, engine_now_ms(r->engine) + RIG_HOUR_MS / 2, OP_COUNT, 0);
	rig_advance(r, RIG_SECOND_MS);
	rig_reopen(r);
	r->now_ms += RIG_HOUR_MS;
	(void)engine_turn(r->engine);
	assert_int_equal(toy_count(r, "due"), 1);
	rig_free(r);
}

/* It was put right while the daemon was down: what it lay behind is not added to it. */
static void test_engine_clock_put_back_and_right_again_at_start(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	toy_wall_ahead(r, -(int64_t)RIG_HOUR_MS);
	(void)engine_turn(r->engine);
	accept_clock(r);
	rig_advance(r, RIG_SECOND_MS);
	toy_wall_ahead(r, 0);
	rig_reopen(r);
	assert_in_range(engine_now_ms(r->engine), r->now_ms - 100, r->now_ms + 100);
	rig_free(r);
}

/* Far enough ahead no id could be made any more, for ever. */
static void test_engine_demo_clock_advance_at_the_limit(void **state)
{
	(void)state;
	struct rig *r = toy_new_demo();
	uint64_t at_ms = engine_now_ms(r->engine);
	static const uint64_t far[] = { CLOCK_ADVANCE_MS_MAX + 1, 1ULL << 48, UINT64_MAX };

	r->now_ms = at_ms; /* ids are made from it */
	for (size_t i = 0; i < SK_LEN(far); i++) {
		uint64_t to_ms = far[i] > UINT64_MAX - at_ms ? UINT64_MAX : at_ms + far[i];
		PB(Receipt) *receipt = advance_clock(r, to_ms);
		assert_int_equal(receipt->outcome, OUTCOME(REFUSED));
		assert_int_equal(receipt->code, CODE(OUT_OF_RANGE));
		assert_int_equal(engine_now_ms(r->engine), at_ms);
	}
	assert_int_equal(advance_clock(r, at_ms - 1)->code, CODE(CLOCK_BACK));
	assert_int_equal(advance_clock(r, at_ms + CLOCK_ADVANCE_MS_MAX)->outcome,
			 OUTCOME(ACCEPTED));
	assert_int_equal(engine_now_ms(r->engine), at_ms + CLOCK_ADVANCE_MS_MAX);
	rig_free(r);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_turns_without_pause_time_is_slewed),
		cmocka_unit_test(test_engine_clock_alarm_survives_restart),
		cmocka_unit_test(test_engine_off_for_long_ids_of_the_wall_clock_are_taken),
		cmocka_unit_test(test_engine_clock_put_back_and_accepted_stays_so_after_restart),
		cmocka_unit_test(test_engine_clock_put_back_and_right_again_at_start),
		cmocka_unit_test(test_engine_demo_clock_advance_at_the_limit),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
