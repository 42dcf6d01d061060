/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Set cover: the cheapest columns that hold every row. It is what a large request (large.h)
 *  becomes when no hours, no pair of needs and no size of the team bind: a column is whom it asks.
 *  Method: reduction by dominance; Lagrangian prices of the rows (Beasley 1990; Caprara, Fischetti,
 *  Toth 1999); local search that weighs the rows which stay open (Gao and others 2015); branch and
 *  bound with the same prices. The bound holds whatever the answer.
 *  Pure: a function of problem, seed and work; never of seconds, threads or addresses.
 *  Blocks: for its work. Ownership: the problem is borrowed for the call. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

#define COVER_ROWS_MAX 4096U
#define COVER_COST_MAX (INT64_C(1) << 33)

struct cover_problem {
	uint32_t rows, cols;   /* each row stands in a column at least */
	const int64_t *cost;   /* per column, 0 to COVER_COST_MAX */
	const uint32_t *first; /* cols + 1: where the rows of a column begin */
	const uint32_t *row;   /* rising inside a column */
};

struct cover_rules {
	uint64_t seed;
	uint64_t work;           /* counted, about a nanosecond each */
	const atomic_bool *stop; /* NULL: none. Once true what is there is given soon */
};

struct cover_result {
	int64_t cost, bound; /* equal: proven */
	uint32_t nodes;      /* of branch and bound */
};

/** @param ret_in  per column: it is in the answer. @return SK_EINVAL for a problem past its limits
 *  or a row in no column; SK_ENOMEM. */
SK_CHECKED int cover_run(const struct cover_problem *p, const struct cover_rules *rules,
			 bool *ret_in, struct cover_result *ret);
