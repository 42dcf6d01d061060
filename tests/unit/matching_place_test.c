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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_help_goes_on_until_the_next_starts),
		cmocka_unit_test(test_place_older_order_hands_nothing_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
