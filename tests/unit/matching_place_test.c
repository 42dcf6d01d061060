/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: a served child that is not in the right place (C1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static void pool(struct rig *r, const char *name, const char *partner, uint32_t staffed)
{
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = name, .partner = partner, .staffed = staffed }));
}

static const struct demand_spec misplaced = { .request = 1,
					      .rank = 40,
					      .order_version = 2,
					      .misplaced = true,
					      .needs = 1,
					      .need = { { .expertise = 1 } } };

/** C1: the help goes on and holds what it has, its need looks for a successor by its order, and the
 *  first help ends when the next has started. Told again, nothing more happens. */
static void test_place_help_goes_on_until_the_next_starts(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	assert_true(demand(r, &misplaced));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 40);
	/* It stands before who asked later, and where it is is no other place. */
	demand_one(r, 2, 1, 50);
	pool(r, "pool-a", "facility-a", 1);
	pool(r, "pool-b", "facility-b", 1);
	assert_string_equal(seat(r, 1)->pool, "pool-b");
	struct object_id next = drive(r, 1, CSTATE(STARTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(STARTED));
	/* What was said before the list heard of the start is old: the new help stays. */
	struct demand_spec again = misplaced;
	again.order_version = 3;
	assert_true(demand(r, &again));
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(STARTED));
	laws_check(r);
	world_free(r);
}

/** An order that is older than what is known moves nobody. */
static void test_place_older_order_hands_nothing_on(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = misplaced;

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	d.misplaced = false;
	d.order_version = 5;
	assert_true(demand(r, &d));
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	assert_true(demand(r, &misplaced));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	world_free(r);
}

/** The list says it once more, with another word on the place. */
static void told(struct rig *r, uint32_t order_version, bool is_misplaced)
{
	struct demand_spec d = misplaced;

	d.order_version = order_version;
	d.misplaced = is_misplaced;
	d.place_over = !is_misplaced;
	assert_true(demand(r, &d));
}

/** C1, L7: it is the right place after all. Whoever was asked to follow is let go, however far that
 *  had come, also with a promise: whose word ends the search is the family's. The help that ran
 *  helps on in its seat, and what was held for the successor is free for who does wait. */
static void right_after_all(PB(ContributionState) asked)
{
	struct rig *r = world_new();

	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	told(r, 2, true);
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, asked);
	assert_int_equal(pool_rec(r, "pool-b")->promised, 1);
	demand_one(r, 2, 1, 500);
	assert_true(waits(r, 2));
	told(r, 3, false);
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(RELEASED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	struct object_id sits = cid(seat(r, 1));
	assert_true(object_id_equal(&sits, &id));
	assert_false(waits(r, 1));
	assert_string_equal(seat(r, 2)->pool, "pool-b");
	laws_check(r);
	/* And the other way once more: nothing of the first time stands in the way. */
	told(r, 4, true);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	told(r, 5, false);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	laws_check(r);
	world_free(r);
}

static void test_place_right_after_all_lets_the_asked_go(void **state)
{
	(void)state;
	right_after_all(CSTATE(ASKED));
	right_after_all(CSTATE(CAN_IF));
	right_after_all(CSTATE(CAN));
}

static void test_place_right_after_all_lets_a_promise_go(void **state)
{
	(void)state;
	right_after_all(CSTATE(AGREED));
}

/** DOMAIN 4, L8: that the list speaks no more of a place that is not right (it comes from an old
 *  copy, say) is nobody's word: a successor that has agreed stays, and who helps hands on. */
static void test_place_silence_lets_nobody_go(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = misplaced;

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	told(r, 2, true);
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(AGREED));
	d.order_version = 3;
	d.misplaced = false;
	assert_true(demand(r, &d));
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(AGREED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	laws_check(r);
	/* Said later, it counts. */
	told(r, 4, false);
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(RELEASED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	laws_check(r);
	world_free(r);
}

/** D13: a successor that has started stays: who was there before has left with overlap. */
static void test_place_right_after_the_next_started_changes_nothing(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	told(r, 2, true);
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(STARTED));
	told(r, 3, false);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(STARTED));
	laws_check(r);
	world_free(r);
}

/** A partner that hands on of its own accord goes on doing so, whatever is said of the place. */
static void test_place_handed_on_by_its_partner_stays_so(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(HANDING_ON));
	told(r, 2, true);
	told(r, 3, false);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_true(waits(r, 1));
	laws_check(r);
	world_free(r);
}

/** An order that is older than what is known brings nobody back. */
static void test_place_older_order_stops_no_search(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	told(r, 4, true);
	told(r, 3, false);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_help_goes_on_until_the_next_starts),
		cmocka_unit_test(test_place_older_order_hands_nothing_on),
		cmocka_unit_test(test_place_right_after_all_lets_the_asked_go),
		cmocka_unit_test(test_place_right_after_all_lets_a_promise_go),
		cmocka_unit_test(test_place_silence_lets_nobody_go),
		cmocka_unit_test(test_place_right_after_the_next_started_changes_nothing),
		cmocka_unit_test(test_place_handed_on_by_its_partner_stays_so),
		cmocka_unit_test(test_place_older_order_stops_no_search),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
