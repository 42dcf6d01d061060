/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The workers of one pool, as they stand before a team that is composed (core_crew.c).
 *  Ownership: of the step's arena. Errors: sticky in step.txn->err. Blocks: never. */
#include "services/matching/core_build.h"

/** Those who have room. */
struct crew {
	size_t len;
	struct object_id id[MATCH_WORKERS_MAX];
	uint64_t knows[MATCH_WORKERS_MAX]; /* bit n - 1: expertise n */
	uint32_t room[MATCH_WORKERS_MAX];
};

/** As if what may move (build.undone) were not given. @return NULL: no memory. */
const struct crew *crew_of(const struct build *b, const char *pool);
/** What is free at the pool that they can carry at all. @p c NULL: it does not state them. */
uint32_t crew_free(const struct crew *c, uint32_t free);
bool crew_can(const struct crew *c, size_t worker, const struct hold_want *want);
/** Is there somebody for each of them, at most COMPOSE_NEEDS_MAX, whole? Yes also where the tries
 *  were too few to find out. */
bool crew_carries(const struct crew *c, const struct hold_want *wants, size_t len);
