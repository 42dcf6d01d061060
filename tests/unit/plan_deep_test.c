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

#define FAMILIES 2U
#define CHILDREN_NEEDS 14U
#define HOUSES 12U
#define ORGANISATIONS 10U

static void compete_options(uint32_t need, uint32_t amount, uint64_t *seed)
{
	for (uint32_t pool = 0; pool < HOUSES; pool++) {
		if (list_upto(seed, 2) == 0) {
			list.options[list.p.options_len++] = (struct plan_option){
				.pool = pool, .amount = amount, .cost = list_upto(seed, 90)
			};
			list.needs[need].len++;
		}
	}
}

/* Families of fourteen needs that want the same hours, of which there are just enough. */
static void compete_draw(uint64_t seed)
{
	memset(&list, 0, sizeof(list));
	for (uint32_t i = 0; i < ORGANISATIONS; i++) {
		list.partner_cost[i] = list_upto(&seed, 60);
	}
	for (uint32_t i = 0; i < HOUSES; i++) {
		list.pools[i] = (struct plan_pool){ .id = { (uint8_t)(i + 1) },
						    .partner = list_upto(&seed, ORGANISATIONS - 1),
						    .free = 6 + list_upto(&seed, 6) };
	}
	for (uint32_t g = 0; g < FAMILIES; g++) {
		list.groups[g] = (struct plan_group){ .first = g * CHILDREN_NEEDS,
						      .len = CHILDREN_NEEDS,
						      .team_max = ORGANISATIONS };
	}
	for (uint32_t n = 0; n < FAMILIES * CHILDREN_NEEDS; n++) {
		uint32_t amount = 1 + list_upto(&seed, 6);
		list.needs[n] = (struct plan_need){ .first = (uint32_t)list.p.options_len,
						    .penalty = 150 + list_upto(&seed, 250) };
		compete_options(n, amount, &seed);
	}
	list.p.groups_len = FAMILIES;
	list.p.needs_len = FAMILIES * CHILDREN_NEEDS;
	list.p.pools_len = HOUSES;
	list.p.partners_len = ORGANISATIONS;
	list_point(&list);
}

static void test_plan_of_large_groups_that_compete(void **state)
{
	struct plan_rules rules = rules_of(false, 1);

	(void)state;
	rules.deep_work = 1000000000;
	compete_draw(1);
	struct plan_result *r = plan_of(&list.p, &rules);
	uint64_t gap = r->value - r->bound;
	assert_true(gap * 100 <= r->value * 15); /* part by part: 25 */
	plan_free(r);
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
		cmocka_unit_test(test_plan_of_large_groups_that_compete),
		cmocka_unit_test(test_plan_of_one_large_group_with_two_uses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
