/* SPDX-License-Identifier: EUPL-1.2 */
/* What the law of the order costs, from two plans of one problem. */
#include "common/plan/plan.h"

static void count(struct plan_law_class *c, bool lawful, bool free_has)
{
	c->needs++;
	c->lawful += lawful ? 1 : 0;
	c->free += free_has ? 1 : 0;
	c->only_lawful += lawful && !free_has ? 1 : 0;
	c->only_free += free_has && !lawful ? 1 : 0;
}

int plan_law_cost(const struct plan_problem *p, const struct plan_result *lawful,
		  const struct plan_result *free_plan, const uint8_t *class_of,
		  struct plan_law_cost *ret_cost)
{
	struct plan_law_cost cost = {
		.value = (int64_t)lawful->value - (int64_t)free_plan->value,
		.cost = (int64_t)lawful->cost - (int64_t)free_plan->cost,
		.covered = (int64_t)lawful->covered - (int64_t)free_plan->covered,
	};

	if (lawful->needs_len != p->needs_len || free_plan->needs_len != p->needs_len) {
		return SK_EINVAL;
	}
	for (size_t i = 0; i < p->needs_len; i++) {
		if (class_of[i] >= PLAN_CLASSES_MAX) {
			return SK_EINVAL;
		}
		count(&cost.of[class_of[i]], lawful->seat[i] != PLAN_NONE,
		      free_plan->seat[i] != PLAN_NONE);
	}
	*ret_cost = cost;
	return SK_OK;
}
