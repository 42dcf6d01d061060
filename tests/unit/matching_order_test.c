/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the order (L7), nothing idle (L8), capacity taken back (L4). */
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

/** Rank date decides, not arrival. */
static void test_freed_amount_goes_by_rank_not_by_arrival(void **state)
{
	struct rig *r = world_new();

	(void)state;
	demand_one(r, 1, 1, 300);
	demand_one(r, 2, 1, 100);
	demand_one(r, 3, 1, 200);
	pool(r, "pool-a", "facility-a", 1);
	assert_false(waits(r, 2));
	pool(r, "pool-a", "facility-a", 2);
	assert_false(waits(r, 3));
	assert_true(waits(r, 1));
	world_free(r);
}

/** Class before rank; in a crisis the step before rank; of equals the lottery, then the request. */
static void test_order_class_step_rank_lottery(void **state)
{
	struct rig *r = world_new();
	const struct demand_spec d[] = {
		{ .request = 1, .wait_class = CLASS(PRECAUTION), .rank = 1, .needs = 1 },
		{ .request = 2, .wait_class = CLASS(ACTIVE), .rank = 9, .needs = 1 },
		{ .request = 3, .wait_class = CLASS(CRISIS), .step = 2, .rank = 5, .needs = 1 },
		{ .request = 4, .wait_class = CLASS(CRISIS), .step = 1, .rank = 6, .needs = 1 },
		{ .request = 5, .wait_class = CLASS(ACTIVE), .rank = 9, .needs = 1 },
		{ .request = 6, .wait_class = CLASS(URGENT), .rank = 7, .needs = 1 },
	};
	static const uint32_t order[] = { 4, 3, 6, 2, 5, 1 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(d); i++) {
		assert_true(demand(r, &d[i]));
	}
	for (uint32_t n = 1; n <= SK_LEN(order); n++) {
		pool(r, "pool-a", "facility-a", n);
		for (uint32_t i = 0; i < SK_LEN(order); i++) {
			assert_int_equal(waits(r, order[i]), i >= n);
		}
	}
	world_free(r);
}

/** Inside a request the earlier need, whatever it costs: coverage in the order before cost. */
static void test_group_covers_earlier_need_first(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .needs = 2,
				 .preferred = "facility-b",
				 .need = { { .number = 1 }, { .number = 2 } } };

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	assert_true(demand(r, &d));
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(NO_CAPACITY));
	world_free(r);
}

/** Who cannot be seated does not block those behind it. */
static void test_head_of_line_does_not_block(void **state)
{
	struct rig *r = world_new();
	struct demand_spec old = { .request = 1, .age = 30, .rank = 1, .needs = 1 };
	struct demand_spec big = {
		.request = 2, .rank = 2, .needs = 1, .need = { { .intensity = 9 } }
	};
	struct demand_spec without = {
		.request = 3, .rank = 3, .excluded = "facility-a", .needs = 1
	};

	(void)state;
	assert_true(demand(r, &old));
	assert_true(demand(r, &big));
	assert_true(demand(r, &without));
	demand_one(r, 4, 1, 4);
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "hours", .staffed = 3, .unit = UNITS(HOURS_WEEK) }));
	assert_true(waits(r, 1));
	assert_true(waits(r, 2));
	assert_true(waits(r, 3));
	assert_string_equal(seat(r, 4)->pool, "hours");
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(NO_EXPERTISE_IN_REACH));
	world_free(r);
}

/** @p n needs that fit nothing here stand first. */
static void unfit(struct rig *r, uint32_t first, uint32_t n)
{
	for (uint32_t i = first; i < first + n; i++) {
		struct demand_spec d = { .request = i, .age = 30, .rank = i * 10, .needs = 1 };
		assert_true(demand(r, &d));
	}
}

/** Beyond the bound of one step the walk goes on in due rows, and ends in the same order. */
static void test_pass_beyond_bound_goes_on_in_due_rows(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	unfit(r, 1, 30);
	demand_one(r, 41, 1, 410);
	demand_one(r, 42, 1, 420);
	pool(r, "pool-a", "facility-a", 1);
	assert_int_equal(rig_rows(r, T_PASS), 1);
	assert_int_equal(rig_due(r, DUE_CHAIN), 1);
	assert_true(waits(r, 41));
	laws_check(r);
	rig_advance(r, 0);
	assert_false(waits(r, 41));
	assert_true(waits(r, 42));
	assert_int_equal(rig_rows(r, T_PASS), 0);
	world_free(r);
}

/** A need that begins to wait before the place that a walk has reached is not passed by. */
static void test_pass_goes_back_for_an_earlier_need(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	unfit(r, 2, 30);
	demand_one(r, 42, 1, 420);
	pool(r, "pool-a", "facility-a", 1);
	assert_int_equal(rig_rows(r, T_PASS), 1);
	demand_one(r, 1, 1, 5); /* comes last, stands first */
	laws_check(r);
	rig_advance(r, 0);
	assert_false(waits(r, 1));
	assert_true(waits(r, 42));
	world_free(r);
}

/** More groups than one step composes: the rest reaches its pools in the order all the same. */
static void test_many_touched_needs_are_deferred_in_order(void **state)
{
	struct rig *r = world_new();

	(void)state;
	for (uint32_t n = 1; n <= 80; n++) {
		demand_one(r, n, 1, n);
	}
	pool(r, "pool-a", "facility-a", 80);
	size_t seated = 80 - rig_rows(r, T_WAIT);
	assert_in_range(seated, 10, 2 * MATCH_STEP_SEATS_MAX);
	for (uint32_t n = 1; n <= 80; n++) {
		assert_int_equal(waits(r, n), n > seated);
	}
	rig_advance(r, 10);
	assert_int_equal(rig_rows(r, T_WAIT), 0);
	/* All are let go and looked for elsewhere, where twelve are free. */
	pool(r, "pool-b", "facility-b", 12);
	pool(r, "pool-a", "facility-a", 0);
	laws_check(r);
	rig_advance(r, 10);
	assert_int_equal(rig_rows(r, T_WAIT), 80 - 12);
	assert_int_equal(pool_rec(r, "pool-b")->promised, 12);
	world_free(r);
}

/** The order of a need changes: its rows and those of its holds follow. */
static void test_rise_of_class_moves_rows(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 2, .rank = 200, .needs = 1 };

	(void)state;
	pool(r, "pool-a", "facility-a", 2);
	demand_one(r, 1, 1, 100);
	assert_true(demand(r, &d));
	d.wait_class = CLASS(URGENT);
	d.order_version = 2;
	assert_true(demand(r, &d));
	pool(r, "pool-a", "facility-a", 1); /* now 1 is last-ordered, so it goes */
	assert_true(waits(r, 1));
	assert_false(waits(r, 2));
	world_free(r);
}

/** An older order_version or need_version is ignored. */
static void test_older_versions_are_ignored(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .rank = 100,
				 .version = 5,
				 .order_version = 5,
				 .needs = 1,
				 .need = { { .version = 5, .intensity = 3 } } };
	struct demand_spec old = { .request = 1,
				   .rank = 900,
				   .version = 4,
				   .zone = "rits",
				   .order_version = 4,
				   .needs = 1,
				   .need = { { .version = 4, .intensity = 1 } } };

	(void)state;
	assert_true(demand(r, &d));
	rig_skip(r);
	assert_true(demand(r, &old));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	assert_int_equal(need_rec(r, 1)->need->intensity, 3);
	assert_string_equal(request_rec(r, 1)->request->zone, "westhoek");
	assert_null(rig_next(r, "intake"));
	world_free(r);
}

/* --- staffing taken back (L4) --- */

static void test_overcommitted_lets_soft_holds_go_last_ordered_first(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 4);
	for (uint32_t n = 1; n <= 4; n++) {
		demand_one(r, n, 1, n * 100);
	}
	struct object_id started = drive(r, 4, CSTATE(STARTED));
	rig_skip(r);
	pool(r, "pool-a", "facility-a", 2);
	assert_true(pool_rec(r, "pool-a")->overcommitted);
	assert_false(waits(r, 1));
	assert_true(waits(r, 2)); /* of what is not agreed the last-ordered went first */
	assert_true(waits(r, 3));
	assert_int_equal(contribution_rec(r, &started)->state, CSTATE(STARTED));
	const PB(Message) *m = rig_next_of(r, EVENTS_LOG, BODY(EVENT));
	while (m != NULL && m->event->kind != EVENT(ALARM)) {
		m = rig_next_of(r, EVENTS_LOG, BODY(EVENT));
	}
	assert_non_null(m);
	assert_int_equal(m->event->alarm, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_OVERCOMMITTED);
	world_free(r);
}

static void test_overcommitted_interrupts_the_rest_and_promises_nothing(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 3);
	demand_one(r, 1, 1, 100);
	demand_one(r, 2, 1, 200);
	demand_one(r, 3, 1, 300);
	struct object_id one = drive(r, 1, CSTATE(STARTED));
	struct object_id two = drive(r, 2, CSTATE(AGREED));
	struct object_id three = drive(r, 3, CSTATE(HANDING_ON));
	pool(r, "pool-a", "facility-a", 0);
	assert_int_equal(contribution_rec(r, &two)->state, CSTATE(INTERRUPTED));
	assert_int_equal(contribution_rec(r, &one)->state, CSTATE(INTERRUPTED));
	assert_int_equal(contribution_rec(r, &one)->interrupt, REASON(OVERCOMMITTED));
	/* What is handed on stays until its successor has started. */
	assert_int_equal(contribution_rec(r, &three)->state, CSTATE(HANDING_ON));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	assert_true(waits(r, 1));
	demand_one(r, 5, 1, 1);
	assert_true(waits(r, 5));
	const PB(Receipt) *refused = simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &one);
	assert_int_equal(refused->code, REFUSE(NOT_STAFFED));
	pool(r, "pool-a", "facility-a", 3);
	assert_false(pool_rec(r, "pool-a")->overcommitted);
	assert_false(waits(r, 5));
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &one));
	assert_int_equal(contribution_rec(r, &one)->state, CSTATE(STARTED));
	world_free(r);
}

/** More holds than one step lets go: the pool is OVERCOMMITTED at once, the rest goes in due rows.
 */
static void test_overcommitted_beyond_bound_goes_on_in_due_rows(void **state)
{
	struct rig *r = world_new();
	uint32_t all = MATCH_STEP_SHED_MAX + 8;

	(void)state;
	pool(r, "pool-a", "facility-a", all);
	for (uint32_t n = 1; n <= all; n++) {
		demand_one(r, n, 1, n);
	}
	struct pool_spec zero = { .name = "pool-a", .staffed = 0 };
	ACCEPT(put_pool(r, &zero));
	assert_true(pool_rec(r, "pool-a")->overcommitted);
	rig_advance(r, 1);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	assert_int_equal(rig_rows(r, T_POOL_HOLD), 0);
	world_free(r);
}

/** A restatement that fits changes nothing for anybody. */
static void test_overcommitted_not_when_it_still_fits(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 3);
	demand_one(r, 1, 1, 100);
	demand_one(r, 2, 1, 200);
	pool(r, "pool-a", "facility-a", 2);
	assert_false(pool_rec(r, "pool-a")->overcommitted);
	assert_false(waits(r, 2));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2, .used = 1 }));
	assert_true(pool_rec(r, "pool-a")->overcommitted);
	assert_true(waits(r, 2));
	world_free(r);
}

/** A larger team makes waiting needs able: pools are swept, and nothing is given out of order. */
static void test_larger_team_sweeps_all_pools(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .needs = 2,
				 .need = { { .number = 1 }, { .number = 2, .expertise = 2 } } };

	(void)state;
	rig_set(r, SETTING_TEAM_MAX, 1);
	rig_set(r, SETTING_SEAT_CANDIDATES, 1);
	pool(r, "pool-a", "facility-a", 1);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	assert_true(demand(r, &d));
	assert_true(waits(r, 2));
	assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(TEAM_LIMIT));
	rig_set(r, SETTING_TEAM_MAX, 2);
	laws_check(r);
	rig_advance(r, 20);
	assert_false(waits(r, 2));
	assert_int_equal(rig_due(r, DUE_CHAIN), 0);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freed_amount_goes_by_rank_not_by_arrival),
		cmocka_unit_test(test_order_class_step_rank_lottery),
		cmocka_unit_test(test_group_covers_earlier_need_first),
		cmocka_unit_test(test_head_of_line_does_not_block),
		cmocka_unit_test(test_pass_beyond_bound_goes_on_in_due_rows),
		cmocka_unit_test(test_pass_goes_back_for_an_earlier_need),
		cmocka_unit_test(test_many_touched_needs_are_deferred_in_order),
		cmocka_unit_test(test_rise_of_class_moves_rows),
		cmocka_unit_test(test_older_versions_are_ignored),
		cmocka_unit_test(test_overcommitted_lets_soft_holds_go_last_ordered_first),
		cmocka_unit_test(test_overcommitted_interrupts_the_rest_and_promises_nothing),
		cmocka_unit_test(test_overcommitted_beyond_bound_goes_on_in_due_rows),
		cmocka_unit_test(test_overcommitted_not_when_it_still_fits),
		cmocka_unit_test(test_larger_team_sweeps_all_pools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
