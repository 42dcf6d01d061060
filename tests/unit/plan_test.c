/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the list: random and adversarial lists of many kinds, each judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/compose.h"
#include "common/plan/plan.h"
#include "tests/unit/plan_instance.h"

#define NONE PLAN_NONE

static struct list list;
static struct list other;

static const struct list_family families[] = {
	{ .name = "mixed",
	  .groups = 12,
	  .needs = 4,
	  .pools = 14,
	  .partners = 6,
	  .uses = 2,
	  .share = 2,
	  .amount = 4,
	  .free = 8,
	  .cost = 100,
	  .penalty = 3000,
	  .team = 4 },
	{ .name = "scarce",
	  .groups = 30,
	  .needs = 3,
	  .pools = 6,
	  .partners = 4,
	  .uses = 1,
	  .share = 5,
	  .amount = 5,
	  .free = 9,
	  .cost = 50,
	  .penalty = 5000,
	  .team = 3 },
	{ .name = "all equal",
	  .groups = 20,
	  .needs = 2,
	  .pools = 8,
	  .partners = 1,
	  .uses = 1,
	  .share = 8,
	  .amount = 0,
	  .free = 0,
	  .cost = 0,
	  .penalty = 0,
	  .team = 2 },
	{ .name = "one pool",
	  .groups = 25,
	  .needs = 4,
	  .pools = 1,
	  .partners = 1,
	  .uses = 3,
	  .share = 7,
	  .amount = 6,
	  .free = 20,
	  .cost = 20,
	  .penalty = 900,
	  .team = 1 },
	{ .name = "dear",
	  .groups = 10,
	  .needs = 3,
	  .pools = 10,
	  .partners = 10,
	  .uses = 1,
	  .share = 3,
	  .amount = 3,
	  .free = 5,
	  .cost = 3000,
	  .penalty = 2000,
	  .team = 2 },
	{ .name = "wide",
	  .groups = 6,
	  .needs = 8,
	  .pools = 30,
	  .partners = 12,
	  .uses = 1,
	  .share = 1,
	  .amount = 3,
	  .free = 6,
	  .cost = 200,
	  .penalty = 4000,
	  .team = 5 },
	{ .name = "extreme",
	  .groups = 6,
	  .needs = 3,
	  .pools = 5,
	  .partners = 3,
	  .uses = 1,
	  .share = 5,
	  .amount = 1000,
	  .free = 2000,
	  .cost = PLAN_COST_MAX,
	  .penalty = PLAN_PENALTY_MAX,
	  .team = 3 },
	{ .name = "ruled",
	  .groups = 12,
	  .needs = 5,
	  .pools = 9,
	  .partners = 5,
	  .uses = 1,
	  .share = 4,
	  .amount = 3,
	  .free = 7,
	  .cost = 300,
	  .penalty = 1500,
	  .team = 4,
	  .pool_cost = 200,
	  .pairs = 4,
	  .lead = 2 },
	{ .name = "large amounts",
	  .groups = 14,
	  .needs = 5,
	  .pools = 6,
	  .partners = 4,
	  .uses = 1,
	  .share = 5,
	  .amount = 90000,
	  .free = 400000,
	  .cost = 300,
	  .penalty = 2500,
	  .team = 4,
	  .pool_cost = 100,
	  .pairs = 1,
	  .lead = 4 },
	{ .name = "two uses of large amounts",
	  .groups = 14,
	  .needs = 5,
	  .pools = 4,
	  .partners = 4,
	  .uses = 2,
	  .share = 4,
	  .amount = 40000000,
	  .free = 70000000,
	  .cost = 300,
	  .penalty = 2500,
	  .team = 4 },
	{ .name = "families",
	  .groups = 3,
	  .needs = 30,
	  .pools = 12,
	  .partners = 9,
	  .uses = 1,
	  .share = 2,
	  .amount = 3,
	  .free = 16,
	  .cost = 200,
	  .penalty = 1500,
	  .team = 9,
	  .pool_cost = 100,
	  .pairs = 9,
	  .lead = 2 },
	{ .name = "ruled and extreme",
	  .groups = 5,
	  .needs = 4,
	  .pools = 6,
	  .partners = 4,
	  .uses = 1,
	  .share = 6,
	  .amount = 1000,
	  .free = 3000,
	  .cost = PLAN_COST_MAX,
	  .penalty = PLAN_PENALTY_MAX,
	  .team = 3,
	  .pool_cost = PLAN_COST_MAX,
	  .pairs = 3,
	  .lead = 1 },
};

/* The standing proof: nothing that plan_run() gives is against a hard rule or the order. */
static void test_plan_of_random_lists_is_sound(void **state)
{
	(void)state;
	for (size_t f = 0; f < SK_LEN(families); f++) {
		uint64_t seeds = families[f].needs > COMPOSE_NEEDS_MAX ? 2 : 30;
		for (uint64_t seed = 1; seed <= seeds; seed++) {
			list_draw(&list, &families[f], seed * 977 + f);
			for (unsigned law = 0; law < 2; law++) {
				struct plan_rules rules = rules_of(law == 1, seed);
				plan_free(plan_of(&list.p, &rules));
			}
		}
	}
}

/* What a move frees in front is due to who is open there, also when no later move comes to mend it:
 * few moves, and teams that may cost more than an open need. */
static void test_plan_after_few_moves_is_lawful(void **state)
{
	static const struct list_family few[] = {
		{ .groups = 60,
		  .needs = 2,
		  .pools = 8,
		  .partners = 8,
		  .uses = 1,
		  .share = 7,
		  .amount = 3,
		  .free = 9,
		  .cost = 3000,
		  .penalty = 1500,
		  .team = 3 },
		{ .groups = 40,
		  .needs = 1,
		  .pools = 8,
		  .partners = 1,
		  .uses = 1,
		  .share = 5,
		  .amount = 4,
		  .free = 14,
		  .cost = 300,
		  .penalty = 2500,
		  .team = 2 },
	};

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		for (size_t f = 0; f < SK_LEN(few); f++) {
			struct plan_rules rules = rules_of(true, seed);
			rules.repair_rounds = 40;
			list_draw(&list, &few[f], seed * 977);
			plan_free(plan_of(&list.p, &rules));
		}
	}
}

/* Pools, partners and options stored in another order: the same plan, seat by seat. */
static void test_plan_stored_otherwise_is_the_same(void **state)
{
	static uint32_t at[LIST_OPTIONS];

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		const struct list_family *f = &families[seed % SK_LEN(families)];
		struct plan_rules rules = rules_of(seed % 2 == 0, seed);
		list_draw(&list, f, seed);
		list_shuffle(&list, &other, seed + 1, at);
		struct plan_result *a = plan_of(&list.p, &rules);
		struct plan_result *b = plan_of(&other.p, &rules);
		for (size_t i = 0; i < list.p.needs_len; i++) {
			assert_int_equal(a->seat[i] == NONE ? NONE : at[a->seat[i]], b->seat[i]);
		}
		assert_true(a->value == b->value && a->bound == b->bound && a->cost == b->cost);
		for (size_t i = 0; i < list.p.pools_len; i++) {
			for (size_t j = 0; j < list.p.pools_len; j++) {
				bool same = memcmp(list.pools[i].id, other.pools[j].id, 16) == 0;
				assert_true(!same || a->price[i] == b->price[j]);
			}
		}
		plan_free(a);
		plan_free(b);
	}
}

/* Same seed, same plan, byte for byte. */
static void test_plan_twice_is_the_same(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		list_draw(&list, &families[seed % SK_LEN(families)], seed);
		struct plan_rules rules = rules_of(true, seed);
		struct plan_result *a = plan_of(&list.p, &rules);
		struct plan_result *b = plan_of(&list.p, &rules);
		assert_memory_equal(a->seat, b->seat, list.p.needs_len * sizeof(*a->seat));
		assert_memory_equal(a->price, b->price, list.p.pools_len * sizeof(*a->price));
		assert_int_equal(a->rounds, b->rounds);
		plan_free(a);
		plan_free(b);
	}
}

/* One request in front that nobody can help changes nobody's seat: what it asks is more than there
 * is, or its team may have no partner. */
static void test_plan_impossible_in_front_changes_nobody(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		list_draw(&list, &families[seed % 2], seed);
		other = list;
		list_point(&other);
		memmove(&other.groups[1], &list.groups[0],
			list.p.groups_len * sizeof(list.groups[0]));
		uint32_t first = (uint32_t)list.p.options_len;
		other.options[first] =
			(struct plan_option){ .pool = 0, .amount = list.pools[0].free + 1 };
		other.options[first + 1] = (struct plan_option){ .pool = 0, .use = 9 };
		other.needs[list.p.needs_len] =
			(struct plan_need){ .first = first, .len = 1, .penalty = 70000 };
		other.needs[list.p.needs_len + 1] =
			(struct plan_need){ .first = first + 1, .len = 1, .penalty = 70000 };
		bool amount = seed % 3 != 0;
		other.groups[0] =
			(struct plan_group){ .first = (uint32_t)list.p.needs_len + !amount,
					     .len = 1,
					     .team_max = amount ? 3 : 0 };
		other.p.groups_len++;
		other.p.needs_len += 2;
		other.p.options_len += 2;
		struct plan_rules rules = rules_of(seed % 4 != 0, seed);
		struct plan_result *a = plan_of(&list.p, &rules);
		struct plan_result *b = plan_of(&other.p, &rules);
		assert_memory_equal(a->seat, b->seat, list.p.needs_len * sizeof(*a->seat));
		assert_memory_equal(a->price, b->price, list.p.pools_len * sizeof(*a->price));
		assert_true(a->value + 70000 == b->value && a->bound + 70000 == b->bound);
		plan_free(a);
		plan_free(b);
	}
}

/* Warm: the prices of a plan, given back, keep its bound with few rounds. */
static void test_plan_warm_prices_keep_the_bound(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		list_draw(&list, &families[1], seed);
		struct plan_rules rules = rules_of(false, seed);
		rules.price_rounds = 100;
		rules.bound_rounds = 0;
		struct plan_result *cold = plan_of(&list.p, &rules);
		rules.price_rounds = 1;
		rules.prices = cold->price;
		struct plan_result *warm = plan_of(&list.p, &rules);
		assert_true(warm->bound == cold->bound);
		plan_free(cold);
		plan_free(warm);
	}
}

/* Three needs of three hours and one of two at a place of eight: the third of three never fits, but
 * a sum of hours gives two thirds of it a place, so prices alone leave a gap. Tolls nearly prove
 * the plan, also of a place that is too large to be filled hour by hour. */
static void test_plan_tolls_see_hours_that_nobody_can_use(void **state)
{
	struct plan_option options[4] = { 0 };
	struct plan_need needs[4] = { 0 };
	struct plan_group groups[4] = { 0 };
	const uint32_t nothing = 0;

	(void)state;
	for (uint32_t scale = 1; scale <= 300; scale += 299) {
		struct plan_pool pool = { .free = 8 * scale };
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t hours = i < 3 ? 3 : 2;
			options[i] = (struct plan_option){ .amount = hours * scale, .cost = 10 };
			needs[i] = (struct plan_need){ i, 1, i < 3 ? 1000 : 15 };
			groups[i] = (struct plan_group){ .first = i, .len = 1, .team_max = 1 };
		}
		struct plan_problem p = { .groups = groups,
					  .groups_len = 4,
					  .needs = needs,
					  .needs_len = 4,
					  .options = options,
					  .options_len = 4,
					  .pools = &pool,
					  .pools_len = 1,
					  .partner_cost = &nothing,
					  .partners_len = 1 };
		struct plan_rules rules = rules_of(false, 1);
		rules.price_rounds = 200;
		rules.bound_rounds = 0;
		struct plan_result *prices = plan_of(&p, &rules);
		rules.bound_rounds = 400;
		struct plan_result *tolls = plan_of(&p, &rules);
		assert_true(prices->value == 1030 && tolls->value == 1030);
		assert_true(prices->bound <= 375);
		assert_true(tolls->bound >= 1000);
		plan_free(prices);
		plan_free(tolls);
	}
}

/* Seats that cost as much as leaving a need open costs: what a plan costs counts in the aim of the
 * prices, not only what it leaves open. */
static void test_plan_bound_is_near_where_seats_are_dear(void **state)
{
	static const struct list_family dear = { .name = "dear seats",
						 .groups = 60,
						 .needs = 1,
						 .pools = 20,
						 .partners = 20,
						 .uses = 1,
						 .share = 4,
						 .amount = 9,
						 .free = 24,
						 .cost = 900,
						 .penalty = 3000,
						 .team = 1 };

	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct plan_rules rules = rules_of(false, seed);
		rules.price_rounds = rules.bound_rounds = 200;
		rules.repair_rounds = 3000;
		list_draw(&list, &dear, seed);
		struct plan_result *r = plan_of(&list.p, &rules);
		assert_true(r->bound * 100 >= r->value * 98);
		plan_free(r);
	}
}

static void refused(const char *what)
{
	struct plan_rules rules = rules_of(true, 1);
	struct plan_result *r = NULL;

	list_point(&list);
	if (plan_run(&list.p, &rules, &r) != SK_EINVAL) {
		fail_msg("taken: %s", what);
	}
	assert_null(r);
	list_draw(&list, &families[0], 3);
}

static void test_plan_of_a_false_problem_is_refused(void **state)
{
	(void)state;
	list_draw(&list, &families[0], 3);
	list.options[1].pool = (uint32_t)list.p.pools_len;
	refused("a pool that is not there");
	list.options[0].amount = PLAN_AMOUNT_MAX + 1;
	refused("an amount beyond the limit");
	list.options[0].cost = PLAN_COST_MAX + 1;
	refused("a cost beyond the limit");
	list.needs[1].len = LIST_OPTIONS;
	refused("options that are not there");
	list.needs[1].penalty = PLAN_PENALTY_MAX + 1;
	refused("a penalty beyond the limit");
	list.groups[1].first = list.groups[0].first;
	refused("one need in two groups");
	list.groups[0].len = PLAN_GROUP_NEEDS_MAX + 1;
	refused("too many needs in a group");
	memcpy(list.pools[1].id, list.pools[0].id, 16);
	refused("two pools with one id");
	list.pools[0].partner = (uint32_t)list.p.partners_len;
	refused("a partner that is not there");
	list.partner_cost[0] = PLAN_COST_MAX + 1;
	refused("a partner beyond the limit");
	list.pools[0].fixed_cost = PLAN_COST_MAX + 1;
	refused("a fixed cost beyond the limit");
	list.groups[0].pair_len = (uint32_t)list.p.pairs_len + 1;
	refused("pairs that are not there");
	list.pairs[0] = (struct plan_pair){ .need = { 0, list.groups[0].len } };
	list.groups[0].pair_first = 0;
	list.groups[0].pair_len = 1;
	refused("a pair of needs of two groups");
	list.pairs[0] = (struct plan_pair){ .need = { 0, 0 } };
	list.groups[0].pair_first = 0;
	list.groups[0].pair_len = 1;
	refused("a pair of one need");
	list.needs[0].len = 2;
	list.options[list.needs[0].first + 1] = list.options[list.needs[0].first];
	refused("one use twice");
}

/* An empty list, and one without options. */
static void test_plan_of_nothing_is_empty(void **state)
{
	struct plan_problem empty = { 0 };
	struct plan_rules rules = rules_of(true, 1);

	(void)state;
	struct plan_result *r = plan_of(&empty, &rules);
	assert_true(r->value == 0 && r->bound == 0 && r->covered == 0);
	plan_free(r);
	struct plan_need need = { .penalty = 7 };
	struct plan_group group = { .len = 1, .team_max = 1 };
	struct plan_problem p = {
		.groups = &group, .groups_len = 1, .needs = &need, .needs_len = 1
	};
	r = plan_of(&p, &rules);
	assert_true(r->value == 7 && r->bound == 7 && r->seat[0] == NONE);
	plan_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_of_random_lists_is_sound),
		cmocka_unit_test(test_plan_after_few_moves_is_lawful),
		cmocka_unit_test(test_plan_stored_otherwise_is_the_same),
		cmocka_unit_test(test_plan_twice_is_the_same),
		cmocka_unit_test(test_plan_impossible_in_front_changes_nobody),
		cmocka_unit_test(test_plan_warm_prices_keep_the_bound),
		cmocka_unit_test(test_plan_tolls_see_hours_that_nobody_can_use),
		cmocka_unit_test(test_plan_bound_is_near_where_seats_are_dear),
		cmocka_unit_test(test_plan_of_a_false_problem_is_refused),
		cmocka_unit_test(test_plan_of_nothing_is_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
