/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A plan of the list with the problem that it answers, for who checks plans from outside.
 *  Ownership: all of it is the copy's (struct service: plan_told). Pure. */
#include "common/key.h"
#include "common/plan/plan.h"

struct plan_copy;

struct plan_told {
	const struct plan_problem *problem; /* what pools have free: now, and expected soon */
	const struct plan_result *plan;
	uint64_t free_value; /* of the plan without the order */
	uint64_t sequence, now_ms;
	uint32_t rules_version;
	const struct plan_copy *copy; /* what the names below are asked of */
	const char *(*pool)(const struct plan_copy *copy, size_t pool);
	const char *(*partner)(const struct plan_copy *copy, size_t partner);
	const struct object_id *(*need)(const struct plan_copy *copy, size_t need);
	uint32_t (*free_now)(const struct plan_copy *copy, size_t pool);
};
