/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what of the tables goes into the copy that a plan is made of, what of the plan is
 * proposed, and when one is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/core_copy.h"
#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static const struct copy_need *need_of(const struct plan_copy *c, uint32_t number)
{
	struct object_id id = need_id(number);
	const struct copy_need *needs = c->wait.needs.at;

	for (size_t i = 0; i < c->wait.needs.len; i++) {
		if (object_id_equal(&needs[i].id, &id)) {
			return &needs[i];
		}
	}
	fail_msg("need %u is not in the copy", number);
	return NULL;
}

/* Only what a seat could be given of: a confirmed pool, and an amount that the composer takes. What
 * is taken today counts, for it comes free. */
static void test_copy_copies_no_option_that_could_never_be(void **state)
{
	struct rig *r = one_place();
	struct need_spec large = { .number = 51, .expertise = 2, .intensity = 100 };
	struct plan_copy *c;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.unit = UNITS(HOURS_WEEK),
						.staffed = 1,
						.expertise = 2,
						.cost_units = 10 }));
	assert_true(demand(r, &(struct demand_spec){
				      .request = 51, .rank = 500, .needs = 1, .need = { large } }));
	large.number = 52;
	large.intensity = 101;
	assert_true(demand(r, &(struct demand_spec){
				      .request = 52, .rank = 510, .needs = 1, .need = { large } }));
	c = copy_now(r);
	assert_int_equal(need_of(c, 41)->len, 1);
	assert_int_equal(need_of(c, 51)->len, 1);
	assert_int_equal(need_of(c, 52)->len, 0);
	match_plan_free(c);
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "pool-a",
					.staffed = 1,
					.answer = SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE }));
	c = copy_now(r);
	assert_int_equal(need_of(c, 41)->len, 0);
	match_plan_free(c);
	rig_advance(r, 60 * RIG_DAY_MS);
	assert_true(pool_rec(r, "pool-b")->unconfirmed);
	c = copy_now(r);
	assert_int_equal(need_of(c, 51)->len, 0);
	match_plan_free(c);
	world_free(r);
}

/* L12: as many as there is room for, and one more, who is left out whole: of a need with a part of
 * its options a bound would say too much. Room is asked for all uses in reach, whether they fit or
 * not. The plan says of how many it is. */
static void test_copy_is_bounded(void **state)
{
	static const struct {
		uint32_t needs_most, options_most, needs;
	} at[] = { { 2, 3, 2 }, { 1, 3, 1 }, { 2, 2, 1 }, { 2, 1, 0 }, { 0, 9, 0 } };
	struct rig *r = one_place();

	(void)state;
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "pool-b", .partner = "facility-b", .age_to = 5 }));
	assert_true(demand(r, &(struct demand_spec){ .request = 42,
						     .version = 2,
						     .age = 4,
						     .rank = 420,
						     .needs = 1,
						     .need = { { .number = 42 } } }));
	for (size_t i = 0; i < SK_LEN(at); i++) {
		struct plan_copy *c = copy_within(r, at[i].needs_most, at[i].options_most);
		assert_int_equal(c->wait.needs.len, at[i].needs);
		assert_int_equal(c->wait.groups.len, at[i].needs);
		assert_true(at[i].needs < 2 || c->options.len == 3);
		assert_int_equal(match_plan_make(c, NULL), SK_OK);
		assert_int_equal(match_plan_take(c)->needs, at[i].needs);
		match_plan_free(c);
	}
	world_free(r);
}

/* What an open need weighs: by its class, and more with each week: seventeen times as
 * much where it came before time began, as all do here. */
static void test_copy_weighs_class_and_weeks(void **state)
{
	static const struct {
		PB(WaitClass) wait_class;
		uint32_t penalty;
	} of[] = { { CLASS(CRISIS), 96000 },
		   { CLASS(URGENT), 24000 },
		   { CLASS(ACTIVE), 12000 },
		   { CLASS(PREFERENCE), 6000 },
		   { CLASS(PRECAUTION), 3000 } };
	struct rig *r = world_new();

	(void)state;
	for (uint32_t i = 0; i < SK_LEN(of); i++) {
		assert_true(demand(r, &(struct demand_spec){ .request = 40 + i,
							     .rank = 10,
							     .wait_class = of[i].wait_class,
							     .needs = 1,
							     .need = { { .number = 40 + i } } }));
	}
	struct plan_copy *c = copy_now(r);
	for (uint32_t i = 0; i < SK_LEN(of); i++) {
		assert_int_equal(need_of(c, 40 + i)->penalty, of[i].penalty * 17);
	}
	match_plan_free(c);
	world_free(r);
}

/* Who holds a seat of the request is in its team, and costs nothing more. */
static void test_copy_knows_who_is_in_the_team(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_true(
		demand(r, &(struct demand_spec){ .request = 50,
						 .rank = 10,
						 .needs = 2,
						 .need = { { .number = 51 }, { .number = 52 } } }));
	assert_false(waits(r, 51));
	struct plan_copy *c = copy_now(r);
	const struct copy_group *g = c->wait.groups.at;
	assert_int_equal(c->wait.groups.len, 1);
	assert_int_equal(g->len, 1);
	assert_int_equal(g->team_len, 1);
	assert_int_equal(((uint32_t *)c->team.at)[g->team_first], copy_partner(c, "facility-a"));
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_int_equal(match_plan_take(c)->cost, ((struct plan_option *)c->options.at)->cost);
	match_plan_free(c);
	world_free(r);
}

/* --- what is proposed --- */

/* A family of fourteen needs is one team, though the copy has it in two parts: with one partner to
 * a team it has the two places of the first, and not the third place of another partner. */
static void test_copy_large_family_is_one_team(void **state)
{
	struct rig *r = world_new();
	struct demand_spec family = { .request = 50, .rank = 500, .needs = 14 };

	(void)state;
	rig_set(r, SETTING_TEAM_MAX, 1);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	demand_one(r, 40, 1, 400);
	demand_one(r, 41, 1, 410);
	demand_one(r, 42, 2, 420);
	for (uint32_t i = 0; i < family.needs; i++) {
		family.need[i] =
			(struct need_spec){ .number = 51 + i, .expertise = i < 12 ? 1 : 2 };
	}
	assert_true(demand(r, &family));
	struct plan_copy *c = copy_now(r);
	assert_int_equal(c->wait.groups.len, 2);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	const PB(PlanProposed) *plan = match_plan_take(c);
	assert_int_equal(plan->needs, 14);
	assert_int_equal(plan->covered, 2);
	assert_true(plan->bound <= plan->value);
	match_plan_free(c);
	world_free(r);
}

/* One of two places comes free soon, the other is being given: the plan has both, today's is
 * proposed. */
static void test_copy_proposes_no_more_than_is_free(void **state)
{
	struct rig *r = one_place();

	(void)state;
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	for (uint32_t i = 1; i <= 4; i++) {
		assert_true(
			demand(r, &(struct demand_spec){
					  .request = i, .age = 30, .rank = i * 10, .needs = 1 }));
	}
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2 }));
	assert_true(waits(r, 41) && waits(r, 42));
	struct plan_copy *c = copy_now(r);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	PB(PlanProposed) *plan = match_plan_take(c);
	struct object_id first = need_id(41);
	assert_int_equal(plan->covered, 2);
	assert_int_equal(plan->n_seats, 1);
	assert_memory_equal(plan->seats[0]->need_id.data, first.b, OBJECT_ID_LEN);
	rig_plan(r, plan);
	assert_string_equal(seat(r, 41)->pool, "pool-a");
	assert_true(waits(r, 42));
	match_plan_free(c);
	world_free(r);
}

/* An hour of an expertise in a zone is worth what the cheapest of its pools asks: where one of them
 * has enough it is not scarce, whatever others are sought for. */
static void test_copy_price_is_that_of_the_cheapest(void **state)
{
	struct rig *r = one_place();
	struct plan_copy *c = copy_now(r);

	(void)state;
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_true(match_plan_take(c)->n_prices > 0);
	match_plan_free(c);
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "pool-b", .partner = "facility-b", .staffed = 2, .age_to = 5 }));
	for (uint32_t i = 51; i <= 53; i++) {
		assert_true(demand(r, &(struct demand_spec){ .request = i,
							     .rank = i * 10,
							     .age = 3,
							     .needs = 1,
							     .excluded = "facility-a",
							     .need = { { .number = i } } }));
	}
	assert_true(waits(r, 53));
	c = copy_now(r);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_int_equal(match_plan_take(c)->n_prices, 0);
	match_plan_free(c);
	world_free(r);
}

/* --- when --- */

static bool is_due(struct rig *r)
{
	struct plan_copy *c = copy_now(r);
	bool due = c != NULL;

	match_plan_free(c);
	return due;
}

static void plan_now(struct rig *r)
{
	struct plan_copy *c = copy_now(r);

	assert_non_null(c);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	rig_plan(r, match_plan_take(c));
	match_plan_free(c);
}

/* After one that counted it is not due before the interval is over, nor when nothing has happened
 * since; 0: never. */
static void test_copy_is_due_after_the_interval(void **state)
{
	struct rig *r = one_place();

	(void)state;
	rig_set(r, SETTING_PLAN_INTERVAL, 0);
	assert_false(is_due(r));
	rig_set(r, SETTING_PLAN_INTERVAL, 300);
	assert_true(is_due(r));
	plan_now(r);
	rig_advance(r, 300 * RIG_SECOND_MS);
	assert_false(is_due(r));
	demand_one(r, 43, 1, 430);
	demand_one(r, 44, 1, 440);
	assert_true(is_due(r));
	plan_now(r);
	demand_one(r, 45, 1, 450);
	demand_one(r, 46, 1, 460);
	rig_advance(r, 300 * RIG_SECOND_MS - 1);
	assert_false(is_due(r));
	rig_advance(r, 1);
	assert_true(is_due(r));
	world_free(r);
}

/* Where no plans are made any more their prices are nobody's: they would weigh for ever. */
static void test_copy_prices_go_with_the_plans(void **state)
{
	static const struct {
		enum setting which;
		uint64_t off, on;
	} by[] = { { SETTING_PLAN_INTERVAL, 0, 300 }, { SETTING_TEAM_WHOLE, 1, 0 } };
	struct rig *r = one_place();

	(void)state;
	for (size_t i = 0; i < SK_LEN(by); i++) {
		plan_now(r);
		assert_true(rig_rows(r, T_PRICE) > 0);
		rig_set(r, SETTING_PLAN_HORIZON, 28 + i);
		assert_true(rig_rows(r, T_PRICE) > 0);
		rig_set(r, by[i].which, by[i].off);
		assert_int_equal(rig_rows(r, T_PRICE), 0);
		rig_set(r, by[i].which, by[i].on);
		rig_advance(r, RIG_HOUR_MS);
	}
	world_free(r);
}

static bool has_need(const struct plan_copy *c, uint32_t number)
{
	struct object_id id = need_id(number);
	const struct copy_need *needs = c->wait.needs.at;
	bool has = false;

	for (size_t i = 0; i < c->wait.needs.len; i++) {
		has = has || object_id_equal(&needs[i].id, &id);
	}
	return has;
}

/* L12: of more than there is room for those who are first in the order, whatever their ids: here
 * who came last is first. A family that would not fit alone is passed by, and keeps nobody out. */
static void test_copy_is_of_the_first_in_the_order(void **state)
{
	struct rig *r = one_place();

	(void)state;
	for (uint32_t i = 61; i <= 72; i++) {
		demand_one(r, i, 1, 400 - i);
	}
	for (uint32_t most = 4; most <= 14; most++) {
		struct plan_copy *c = copy_within(r, most, 100);
		assert_int_equal(c->wait.needs.len, most);
		for (uint32_t i = 61; i <= 72; i++) {
			assert_int_equal(has_need(c, i), i > 72 - most);
		}
		assert_int_equal(match_plan_make(c, NULL), SK_OK);
		assert_int_equal(match_plan_take(c)->needs, most);
		match_plan_free(c);
	}
	assert_true(demand(r, &(struct demand_spec){ .request = 80,
						     .rank = 1,
						     .needs = 6,
						     .need = { { .number = 81 },
							       { .number = 82 },
							       { .number = 83 },
							       { .number = 84 },
							       { .number = 85 },
							       { .number = 86 } } }));
	struct plan_copy *c = copy_within(r, 4, 100);
	assert_int_equal(c->wait.needs.len, 4);
	assert_true(has_need(c, 72) && has_need(c, 69) && !has_need(c, 81));
	match_plan_free(c);
	c = copy_within(r, 6, 100);
	assert_true(has_need(c, 81) && has_need(c, 86) && !has_need(c, 72));
	match_plan_free(c);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_copies_no_option_that_could_never_be),
		cmocka_unit_test(test_copy_is_bounded),
		cmocka_unit_test(test_copy_is_of_the_first_in_the_order),
		cmocka_unit_test(test_copy_weighs_class_and_weeks),
		cmocka_unit_test(test_copy_knows_who_is_in_the_team),
		cmocka_unit_test(test_copy_large_family_is_one_team),
		cmocka_unit_test(test_copy_proposes_no_more_than_is_free),
		cmocka_unit_test(test_copy_price_is_that_of_the_cheapest),
		cmocka_unit_test(test_copy_is_due_after_the_interval),
		cmocka_unit_test(test_copy_prices_go_with_the_plans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
