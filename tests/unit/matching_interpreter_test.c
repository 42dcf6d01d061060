/* SPDX-License-Identifier: EUPL-1.2 */
/* D15: an interpreter's hours are held beside the help that needs them, and given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define INTERPRETING 31
#define HOURS 2

/* A house that speaks Dutch, and interpreters of Arabic with so many hours. */
static struct rig *bureau(uint32_t hours)
{
	struct rig *r = world_new();

	world_interpreters(r, INTERPRETING);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 9, .language = "nl" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "tolk",
						.partner = "facility-b",
						.unit = UNITS(HOURS_WEEK),
						.staffed = hours,
						.expertise = INTERPRETING,
						.language = "ar" }));
	return r;
}

static void ask_in(struct rig *r, uint32_t number, const char *language)
{
	struct demand_spec d = {
		.request = number, .rank = number, .language = language, .needs = 1
	};

	d.need[0] = (struct need_spec){ .number = number, .intensity = HOURS };
	assert_true(demand(r, &d));
}

/* D15: held with the seat, told to who hears of the seat, given back when the seat goes; hours that
 * are not enough for all go to who asked first, and nobody is removed for want of them. */
static void test_interpreter_hours_are_held_and_given_back(void **state)
{
	struct rig *r = bureau(2 * HOURS + 1);

	(void)state;
	ask_in(r, 1, "ar");
	assert_string_equal(seat(r, 1)->interpreter_pool, "tolk");
	assert_int_equal(seat(r, 1)->interpreter_amount, HOURS);
	assert_int_equal(pool_rec(r, "tolk")->promised, HOURS);
	const PB(Message) *m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
	assert_string_equal(m->team_proposed->seats[0]->interpreter_pool, "tolk");
	m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	assert_int_equal(m->contribution_changed->interpreter_amount, HOURS);
	ask_in(r, 2, "ar");
	ask_in(r, 3, "ar");
	assert_int_equal(pool_rec(r, "tolk")->promised, 2 * HOURS);
	assert_false(waits(r, 3));
	assert_true(seat(r, 3)->interpreter);
	assert_int_equal(seat(r, 3)->interpreter_amount, 0);
	struct object_id first = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &first, ANSWER(NOT_OURS)));
	assert_int_equal(pool_rec(r, "tolk")->promised, HOURS);
	(void)drive(r, 3, CSTATE(CAN)); /* looked for again */
	assert_int_equal(seat(r, 3)->interpreter_amount, HOURS);
	assert_int_equal(pool_rec(r, "tolk")->promised, 2 * HOURS);
	world_free(r);
}

/* D15: who is spoken to in its own language, or in a language that interpreters are not told to
 * speak, holds none. */
static void test_interpreter_is_for_the_language_that_lacks(void **state)
{
	struct rig *r = bureau(9);

	(void)state;
	ask_in(r, 1, "nl");
	assert_false(seat(r, 1)->interpreter);
	ask_in(r, 2, "fr");
	assert_true(seat(r, 2)->interpreter);
	assert_int_equal(pool_rec(r, "tolk")->promised, 0);
	world_free(r);
}

/* D15: as long as help is interrupted nobody interprets; when it goes on, somebody does again; at
 * its end the hours are free. */
static void test_interpreter_comes_and_goes_with_the_help(void **state)
{
	struct rig *r = bureau(HOURS);

	(void)state;
	ask_in(r, 1, "ar");
	struct object_id id = drive(r, 1, CSTATE(INTERRUPTED));
	assert_int_equal(contribution_rec(r, &id)->interpreter_amount, 0);
	assert_int_equal(pool_rec(r, "tolk")->promised, 0);
	world_free(r);
	r = bureau(HOURS);
	ask_in(r, 1, "ar");
	(void)drive(r, 1, CSTATE(STARTED));
	assert_int_equal(pool_rec(r, "tolk")->promised, HOURS);
	assert_true(demand_closed(r, 1, 1, 2, CLOSE(DECEASED)));
	assert_int_equal(pool_rec(r, "tolk")->promised, 0);
	assert_int_equal(rig_rows(r, T_INTERPRETER), 0);
	world_free(r);
}

/* D15, L7: hours that a need which waits could use are that need's: an interpreter that is asked
 * for itself comes before one that comes along. */
static void test_interpreter_that_is_asked_for_comes_first(void **state)
{
	struct rig *r = bureau(HOURS);
	struct demand_spec d = { .request = 9, .rank = 1, .needs = 1 };

	(void)state;
	d.need[0] =
		(struct need_spec){ .number = 9, .expertise = INTERPRETING, .intensity = HOURS };
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 9)->pool, "tolk");
	ask_in(r, 1, "ar");
	assert_int_equal(seat(r, 1)->interpreter_amount, 0);
	assert_true(seat(r, 1)->interpreter);
	world_free(r);
}

/* D15, L4: hours taken back: those that come along are let go before any place of a child; its help
 * goes on and still wants an interpreter. */
static void test_interpreter_hours_go_before_places(void **state)
{
	struct rig *r = bureau(2 * HOURS);
	struct demand_spec d = { .request = 9, .rank = 9, .needs = 1 };

	(void)state;
	ask_in(r, 1, "ar");
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	d.need[0] =
		(struct need_spec){ .number = 9, .expertise = INTERPRETING, .intensity = HOURS };
	assert_true(demand(r, &d));
	assert_int_equal(pool_rec(r, "tolk")->promised, 2 * HOURS);
	rig_skip(r);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "tolk",
						.partner = "facility-b",
						.staffed = HOURS,
						.unit = UNITS(HOURS_WEEK),
						.same_uses = true }));
	rig_advance(r, 10);
	assert_int_equal(pool_rec(r, "tolk")->promised, HOURS);
	assert_string_equal(seat(r, 9)->pool, "tolk");
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	assert_true(contribution_rec(r, &id)->interpreter);
	assert_int_equal(contribution_rec(r, &id)->interpreter_amount, 0);
	const PB(Message) *m = rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED));
	assert_int_equal(m->contribution_changed->interpreter_amount, 0);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interpreter_hours_are_held_and_given_back),
		cmocka_unit_test(test_interpreter_is_for_the_language_that_lacks),
		cmocka_unit_test(test_interpreter_comes_and_goes_with_the_help),
		cmocka_unit_test(test_interpreter_that_is_asked_for_comes_first),
		cmocka_unit_test(test_interpreter_hours_go_before_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
