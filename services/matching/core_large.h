/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The needs of one group of more than twelve, looked at together (core_large.c).
 *  Ownership: of the caller. Blocks: for a number of rounds that the options bound. */
#include "services/matching/core_build.h"

struct large_plan {
	bool known;                                       /* they were looked at together */
	bool covered;                                     /* nobody can have more of them seated */
	uint32_t needs;                                   /* of the group */
	uint64_t bound;                                   /* of the cost of that coverage */
	char pool[MATCH_NEEDS_MAX][PARTY_ID_LEN_MAX + 1]; /* "": none was found */
};

/** The options of all needs are gathered in @p b. */
void large_look(struct build *b, struct large_plan *ret_plan);
/** Keeps with the request what is proven of the team that was composed at that @p cost (UINT64_MAX:
 *  it is not known). */
void large_note(struct work *w, PB(MatchNeedRecord) *const *needs, const struct large_plan *plan,
		uint64_t cost);
/** Of a group of up to twelve: so many were composed anew, seat after seat, because those of the
 * best team did not go together (core_carry.c); 0: all of it is exact. */
void large_unproven(struct work *w, const struct object_id *request, size_t needs);
/** A seat came or went since: nothing is proven of the team that there is now. */
void large_forget(struct work *w, const struct object_id *request);
