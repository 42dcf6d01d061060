/* SPDX-License-Identifier: EUPL-1.2 */
/* The whole or nothing (team_whole): with one partner to a team, referral one to one. The laws L7
 * and L8 are of the lawful list alone: they are not judged here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static const struct demand_spec both = {
	.request = 1,
	.rank = 100,
	.needs = 2,
	.need = { { .number = 1 }, { .number = 2, .expertise = 2 } },
};

static struct rig *one_to_one(void)
{
	struct rig *r = world_new();

	rig_set(r, SETTING_TEAM_MAX, 1);
	rig_set(r, SETTING_TEAM_WHOLE, 1);
	rig_set(r, SETTING_ASKS_AT_ONCE, 1);
	return r;
}

static void house(struct rig *r, const char *partner, const char *pool, uint32_t expertise)
{
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = pool,
						.partner = partner,
						.staffed = 1,
						.expertise = expertise }));
}

static const char *house_of(struct rig *r, uint32_t need)
{
	return seat(r, need)->partner;
}

/** facility-a could give the one, facility-b the other: neither does, until one has both. */
static void test_whole_waits_until_one_partner_has_all(void **state)
{
	struct rig *r = one_to_one();

	(void)state;
	house(r, "facility-a", "a-one", 1);
	house(r, "facility-b", "b-two", 2);
	assert_true(demand(r, &both));
	assert_true(waits(r, 1) && waits(r, 2));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(TEAM_LIMIT));
	assert_int_equal(pool_rec(r, "a-one")->promised, 0);
	house(r, "facility-b", "b-one", 1);
	assert_false(waits(r, 1) || waits(r, 2));
	assert_string_equal(house_of(r, 1), "facility-b");
	assert_string_equal(house_of(r, 2), "facility-b");
	world_free(r);
}

/** Who waits for the whole keeps nobody behind it waiting for a part. */
static void test_whole_blocks_nobody_behind(void **state)
{
	struct rig *r = one_to_one();

	(void)state;
	assert_true(demand(r, &both));
	demand_one(r, 3, 1, 200);
	house(r, "facility-a", "a-one", 1);
	assert_true(waits(r, 1) && waits(r, 2));
	assert_false(waits(r, 3));
	world_free(r);
}

/** One no, and what was asked beside it is let go too: another house is asked for all of it. */
static void test_whole_no_to_a_part_is_no_to_all(void **state)
{
	struct rig *r = one_to_one();

	(void)state;
	house(r, "facility-a", "a-one", 1);
	house(r, "facility-a", "a-two", 2);
	assert_true(demand(r, &both));
	struct object_id one = cid(seat(r, 1));
	struct object_id two = cid(seat(r, 2));
	ACCEPT(answer(r, "facility-a", &one, ANSWER(CAN)));
	ACCEPT(answer(r, "facility-a", &two, ANSWER(NOT_OURS)));
	assert_int_equal(contribution_rec(r, &one)->state, CSTATE(RELEASED));
	assert_true(waits(r, 1) && waits(r, 2));
	assert_int_equal(pool_rec(r, "a-one")->promised, 0);
	house(r, "facility-b", "b-one", 1);
	house(r, "facility-b", "b-two", 2);
	assert_string_equal(house_of(r, 1), "facility-b");
	assert_string_equal(house_of(r, 2), "facility-b");
	world_free(r);
}

/** What is agreed stays; what was lost comes back at the same house or waits. */
static void test_whole_keeps_what_is_agreed(void **state)
{
	struct rig *r = one_to_one();

	(void)state;
	house(r, "facility-a", "a-one", 1);
	house(r, "facility-a", "a-two", 2);
	assert_true(demand(r, &both));
	struct object_id one = drive(r, 1, CSTATE(AGREED));
	struct object_id two = cid(seat(r, 2));
	ACCEPT(answer(r, "facility-a", &two, ANSWER(NOT_OURS)));
	house(r, "facility-b", "b-two", 2);
	assert_int_equal(contribution_rec(r, &one)->state, CSTATE(AGREED));
	assert_true(waits(r, 2));
	world_free(r);
}

/** Without it again, what waited for the whole is looked at anew. */
static void test_whole_no_longer_sweeps_all_pools(void **state)
{
	struct rig *r = one_to_one();

	(void)state;
	house(r, "facility-a", "a-one", 1);
	assert_true(demand(r, &both));
	assert_true(waits(r, 1));
	rig_set(r, SETTING_TEAM_WHOLE, 0);
	rig_advance(r, 20);
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_waits_until_one_partner_has_all),
		cmocka_unit_test(test_whole_blocks_nobody_behind),
		cmocka_unit_test(test_whole_no_to_a_part_is_no_to_all),
		cmocka_unit_test(test_whole_keeps_what_is_agreed),
		cmocka_unit_test(test_whole_no_longer_sweeps_all_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
