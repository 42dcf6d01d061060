/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What `schakel demo compare` has played, and how it is shown. Ownership: plain values. */
#include "services/cli/demo_measure.h"

#define DEMO_WORLDS 2 /* yesterday, Schakel */

/** One thing in which yesterday's way differs. */
struct demo_way {
	const char *name, *settings, *nl, *en;
};

struct demo_compared {
	struct demo_result of[DEMO_WORLDS][DEMO_SEEDS_MAX];
	uint64_t seed; /* the first one */
	uint32_t seeds, days, known;
	bool kept;
	const struct demo_way *only; /* that alone differs; NULL: yesterday's way whole */
};
/** The table, or JSON: in demo_compare_show.c. */
void demo_compared_show(struct cli *c, const struct demo_compared *all);
/** A value as people read it; DEMO_NO_CASE and DEMO_NOT_YET in words. */
const char *demo_value_text(struct cli *c, enum demo_kind kind, uint64_t v);
