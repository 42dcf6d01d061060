/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the copy that a plan of the list is made of, and the plan that is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/matching/core_copy.h"
#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

struct told {
	const PB(PlanProposed) *plan;
	size_t price_rows;
	uint64_t refused;
};

static int step_plan(struct step *s, void *ctx)
{
	struct told *t = ctx;
	struct store_iter it;
	struct key k;
	struct slice val;
	int err = match_on_plan(s, t->plan);

	store_iter_init(&it, s->txn, T_PRICE, NULL);
	for (t->price_rows = 0; store_next(&it, &k, &val);) {
		t->price_rows++;
	}
	store_iter_done(&it);
	k = (struct key){ 0 };
	key_u8(&k, 0);
	const PB(MatchPlanRecord) *rec =
		step_get(s, T_PLAN, &k, &schakel__v1__match_plan_record__descriptor);
	assert_non_null(rec);
	t->refused = rec->refused_base + rec->refused_rules + rec->refused_form;
	return err;
}

/* What is expected to come free before the horizon is planned with; it is nobody's seat today. One
 * place for two has a price, which is what the second would gain there. */
static void test_make_what_comes_free_soon_has_a_price(void **state)
{
	struct rig *r = one_place();
	struct plan_copy *c = copy_now(r);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->wait.needs.len, 2);
	assert_int_equal(c->options.len, 2);
	assert_int_equal(((struct copy_pool *)c->pools.at)->free, 0);
	assert_int_equal(((struct copy_pool *)c->pools.at)->soon, 1);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	const PB(PlanProposed) *plan = match_plan_take(c);
	assert_int_equal(plan->needs, 2);
	assert_int_equal(plan->covered, 1);
	assert_true(plan->bound <= plan->value);
	assert_int_equal(plan->n_seats, 0);
	assert_true(plan->n_prices > 0);
	for (size_t i = 0; i < plan->n_prices; i++) {
		assert_int_equal(plan->prices[i]->expertise, 1);
		assert_true(plan->prices[i]->price > 0);
	}
	struct told t = { .plan = plan };
	assert_int_equal(rig_try(r, step_plan, &t), SK_OK);
	assert_int_equal(t.price_rows, plan->n_prices);
	match_plan_free(c);
	world_free(r);
}

/* A pool may name a zone and an expertise that the configuration had when it was published. No
 * price of them is told, or each plan would be refused for its form, and the next be due at once.
 */
static void test_make_names_no_zone_that_is_gone(void **state)
{
	struct rig *r = one_place();
	PB(ConfigApplied) *conf = rig_conf(r);
	struct plan_copy *c;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b", .staffed = 1, .expertise = 64 }));
	assert_true(
		demand(r, &(struct demand_spec){ .request = 50,
						 .rank = 500,
						 .needs = 2,
						 .need = { { .number = 51, .expertise = 64 },
							   { .number = 52, .expertise = 64 } } }));
	schakel__v1__zone__free_unpacked(conf->zones[--conf->n_zones], NULL);
	schakel__v1__expertise_code__free_unpacked(conf->expertises[--conf->n_expertises], NULL);
	rig_config(r);
	c = copy_now(r);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	struct told t = { .plan = match_plan_take(c) };
	assert_int_equal(rig_try(r, step_plan, &t), SK_OK);
	assert_int_equal(t.refused, 0);
	assert_int_equal(t.price_rows, 1);
	assert_string_equal(t.plan->prices[0]->zone, "westhoek");
	assert_int_equal(t.plan->prices[0]->expertise, 1);
	match_plan_free(c);
	world_free(r);
}

/* No more is planned with than the workers have room for. */
static void test_make_plans_with_what_workers_can_carry(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 9 }));
	ACCEPT(put_worker(r, "facility-a", "pool-a",
			  &(struct worker_spec){ .number = 1, .cap = 3 }));
	demand_one(r, 40, 1, 400);
	demand_one(r, 41, 2, 410);
	struct plan_copy *c = copy_now(r);
	assert_non_null(c);
	assert_int_equal(((struct copy_pool *)c->pools.at)->free, 2);
	match_plan_free(c);
	world_free(r);
}

/* Two places, taken by 40, come free soon; 41 waits for both, 42 and 43 behind it for one each. By
 * the order 41 gets them: one need is planned. Without it two are, each for the points of one team:
 * an open need weighs more than that, which is what the order costs. */
static void test_make_says_what_the_order_costs(void **state)
{
	struct rig *r = world_new();
	static const uint32_t hours[] = { 2, 2, 1, 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "pool-a",
				   .unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK,
				   .staffed = 2,
			   }));
	for (uint32_t i = 0; i < SK_LEN(hours); i++) {
		struct need_spec n = { .number = 40 + i, .intensity = hours[i] };
		assert_true(demand(r, &(struct demand_spec){ .request = 40 + i,
							     .rank = 400 + i,
							     .needs = 1,
							     .need = { n } }));
	}
	rig_advance(r, 1000);
	assert_false(waits(r, 40));
	struct plan_copy *c = copy_now(r);
	const struct copy_need *needs = c->wait.needs.at;
	const struct plan_option *options = c->options.at;
	assert_int_equal(c->wait.needs.len, 3);
	assert_int_equal(c->options.len, 3);
	uint64_t team = options[0].cost + 500U;
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	const PB(PlanProposed) *plan = match_plan_take(c);
	assert_int_equal(plan->needs, 3);
	assert_int_equal(plan->covered, 1);
	assert_int_equal(plan->free_covered, 2);
	assert_int_equal(plan->cost, team);
	assert_int_equal(plan->free_cost, 2 * team);
	assert_int_equal(plan->value, team + 2 * needs[0].penalty);
	assert_int_equal(plan->law_cost, needs[0].penalty - team);
	match_plan_free(c);
	world_free(r);
}

static void test_make_without_a_horizon_nothing_is_scarce(void **state)
{
	struct rig *r = one_place();

	(void)state;
	rig_set(r, SETTING_PLAN_HORIZON, 0);
	struct plan_copy *c = copy_now(r);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	const PB(PlanProposed) *plan = match_plan_take(c);
	assert_int_equal(plan->needs, 2);
	assert_int_equal(plan->covered, 0);
	assert_int_equal(plan->n_prices, 0);
	match_plan_free(c);
	world_free(r);
}

/* One request, one team: its needs are composed together. */
static void test_make_needs_of_one_request_are_one_group(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 50, .rank = 10, .needs = 3 };

	(void)state;
	for (uint32_t i = 0; i < d.needs; i++) {
		d.need[i] = (struct need_spec){ .number = 51 + i, .expertise = 1 + i };
	}
	assert_true(demand(r, &d));
	struct plan_copy *c = copy_now(r);
	assert_int_equal(c->wait.needs.len, 3);
	assert_int_equal(c->wait.groups.len, 1);
	assert_int_equal(((struct copy_group *)c->wait.groups.at)->len, 3);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_int_equal(match_plan_take(c)->covered, 0);
	match_plan_free(c);
	world_free(r);
}

/* With the first one the list is lived ahead: what is told of each who waits is told once. */
static void test_make_looks_ahead_for_all_who_wait(void **state)
{
	struct rig *r = one_place();
	struct plan_copy *c = copy_now(r);

	(void)state;
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_int_equal(match_plan_take(c)->n_foreseen, 0);
	const PB(PlanProposed) *seen = match_plan_take(c);
	assert_non_null(seen);
	assert_int_equal(seen->n_foreseen, 2);
	const PB(WaitRange) *first = seen->foreseen[0]->range;
	assert_true(first->from_days <= first->half_days);
	assert_true(first->half_days <= first->until_days);
	assert_true(first->until_days <= first->beyond_days);
	struct told t = { .plan = seen };
	assert_int_equal(rig_try(r, step_plan, &t), SK_OK);
	assert_null(match_plan_take(c));
	match_plan_free(c);
	rig_set(r, SETTING_FORESEE, 0);
	c = copy_now(r);
	assert_int_equal(match_plan_make(c, NULL), SK_OK);
	assert_non_null(match_plan_take(c));
	assert_null(match_plan_take(c));
	match_plan_free(c);
	world_free(r);
}

/* Who is told to stop still gives a plan, and no range that nothing stands behind. */
static void test_make_stopped_gives_a_plan_at_once(void **state)
{
	struct rig *r = one_place();
	atomic_bool stop = true;
	struct plan_copy *c = copy_now(r);

	(void)state;
	assert_int_equal(match_plan_make(c, &stop), SK_OK);
	assert_non_null(match_plan_take(c));
	assert_null(match_plan_take(c));
	match_plan_free(c);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_what_comes_free_soon_has_a_price),
		cmocka_unit_test(test_make_names_no_zone_that_is_gone),
		cmocka_unit_test(test_make_plans_with_what_workers_can_carry),
		cmocka_unit_test(test_make_says_what_the_order_costs),
		cmocka_unit_test(test_make_without_a_horizon_nothing_is_scarce),
		cmocka_unit_test(test_make_needs_of_one_request_are_one_group),
		cmocka_unit_test(test_make_looks_ahead_for_all_who_wait),
		cmocka_unit_test(test_make_stopped_gives_a_plan_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
