/* SPDX-License-Identifier: EUPL-1.2 */
/* Lists that are hard to plan: everybody can have a seat, and then next to nothing is left of any
 * pool. One such plan is known, since the list was made around it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/plan.h"
#include "tests/unit/plan_instance.h"

#define GROUPS 24U
#define NEEDS 3U /* of a group */
#define POOLS 16U
#define WAYS 4U /* options of a need beside the one of the known plan */
#define PENALTY 2000U
#define SLACK 1U /* units of a pool beyond what that plan gives */
#define LISTS 12U
#define ABOVE 107U /* per hundred of the bound; by ruin and recreate alone it is 108 */

static struct list list;

/* @return the value of the plan that it was made around. */
static uint64_t make(uint64_t seed)
{
	uint64_t known = 0;
	size_t options = 0;

	memset(&list, 0, sizeof(list));
	for (uint32_t i = 0; i < POOLS; i++) {
		list.pools[i] = (struct plan_pool){ .id = { (uint8_t)(i + 1) },
						    .partner = i,
						    .free = SLACK };
	}
	for (uint32_t i = 0; i < GROUPS * NEEDS; i++) {
		uint32_t home = list_upto(&seed, POOLS - 1);
		uint32_t amount = 2 + list_upto(&seed, 5);
		list.needs[i] =
			(struct plan_need){ .first = (uint32_t)options, .penalty = PENALTY };
		list.pools[home].free += amount;
		for (uint32_t k = 0; k <= WAYS; k++) {
			uint32_t cost = list_upto(&seed, 99);
			known += k == 0 ? cost : 0;
			list.options[options++] = (struct plan_option){
				.pool = (home + k * (1 + list_upto(&seed, 2))) % POOLS,
				.use = k,
				.amount = amount,
				.cost = cost,
				.tie = (uint32_t)list_draw_next(&seed) & 0xffff,
			};
		}
		list.needs[i].len = (uint32_t)options - list.needs[i].first;
	}
	for (uint32_t i = 0; i < GROUPS; i++) {
		list.groups[i] =
			(struct plan_group){ .first = i * NEEDS, .len = NEEDS, .team_max = NEEDS };
	}
	list.p = (struct plan_problem){ .groups = list.groups,
					.groups_len = GROUPS,
					.needs = list.needs,
					.needs_len = (size_t)GROUPS * NEEDS,
					.options = list.options,
					.options_len = options,
					.pools = list.pools,
					.pools_len = POOLS,
					.partner_cost = list.partner_cost,
					.partners_len = POOLS };
	return known;
}

/** All get a seat, and it costs little more than the bound: that takes changes of several at once.
 */
static void test_plan_of_a_full_list_is_near_its_bound(void **state)
{
	const struct plan_rules rules = {
		.seed = 1, .price_rounds = 100, .bound_rounds = 100, .repair_rounds = 4000
	};
	uint64_t value = 0;
	uint64_t bound = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= LISTS; seed++) {
		struct plan_result *r = NULL;
		struct plan_fault fault = { 0 };
		uint64_t known = make(seed);
		assert_int_equal(plan_run(&list.p, &rules, &r), SK_OK);
		assert_true(plan_check(&list.p, r, false, &fault));
		assert_true(r->bound <= known);
		assert_int_equal(r->covered, GROUPS * NEEDS);
		value += r->value;
		bound += r->bound;
		plan_free(r);
	}
	assert_true(value * 100 <= bound * ABOVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_of_a_full_list_is_near_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
