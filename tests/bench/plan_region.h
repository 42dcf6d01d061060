/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The public generator of regions for the plan of the list: requests, offers, and who can
 *  take what, from a seed alone. Demand is about supply in hours, but another mix of expertises.
 *  Ownership: the region's; region_free() ends it. Out of memory ends the process. */
#include "common/plan/plan.h"

struct region {
	struct plan_problem p;
	struct plan_group *groups;
	struct plan_need *needs;
	struct plan_option *options;
	struct plan_pool *pools;
	uint32_t *partner_cost;
	uint8_t *urgency; /* per need: 0 to 3, 3 is the most urgent */
	size_t options_cap;
};

/** The groups stand in the lawful order: most urgent first, then the longest wait. */
void region_draw(struct region *r, uint32_t requests, uint32_t offers, uint64_t seed);
void region_free(struct region *r);
/** Writes the free plan (open needs cost their penalty; @p law false) as a program for CBC and
 *  GLPK in the CPLEX format. @return false when the file cannot be written. */
bool region_write_lp(const struct region *r, const char *path);
