/* SPDX-License-Identifier: EUPL-1.2 */
/* One large family in a plan: composed whole where large.h takes it, part by part elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_instance.h"

static struct list list;
static const struct list_family family = { .name = "family",
					   .groups = 1,
					   .needs = 24,
					   .pools = 12,
					   .partners = 9,
					   .uses = 1,
					   .share = 2,
					   .amount = 3,
					   .free = 12,
					   .cost = 200,
					   .penalty = 1500,
					   .team = 12,
					   .pool_cost = 300 };

/* Part by part, and with so much work for the whole. @return by how much the parts were unproven.
 */
static uint64_t beside_its_parts(const struct list_family *f, uint64_t seed, uint64_t work,
				 struct plan_result **ret_whole)
{
	struct plan_rules rules = rules_of(false, seed);

	list_draw(&list, f, seed);
	rules.deep_work = 0;
	struct plan_result *parts = plan_of(&list.p, &rules);
	rules.deep_work = work;
	*ret_whole = plan_of(&list.p, &rules);
	assert_true((*ret_whole)->value <= parts->value && parts->bound <= (*ret_whole)->bound);
	uint64_t gap = parts->value - parts->bound;
	plan_free(parts);
	return gap;
}

/* A family that is alone is composed whole; part by part a gap is left, and a dearer team. */
static void test_plan_of_one_large_group_is_proven(void **state)
{
	uint64_t gap = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		struct plan_result *whole = NULL;
		gap += beside_its_parts(&family, seed, 4000000000, &whole);
		assert_true(whole->value == whole->bound);
		plan_free(whole);
	}
	assert_true(gap > 0);
}

/* Uses of one pool that take different amounts: the family keeps its parts, and its repair. */
static void test_plan_of_one_large_group_with_two_uses(void **state)
{
	struct list_family two = family;

	(void)state;
	two.uses = 2;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct plan_result *whole = NULL;
		(void)beside_its_parts(&two, seed, 4000000, &whole);
		plan_free(whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_of_one_large_group_is_proven),
		cmocka_unit_test(test_plan_of_one_large_group_with_two_uses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
