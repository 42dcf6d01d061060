/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Which uses may fit a need, by bit sets over all uses (core_find.c). What the bits sort
 *  out surely does not fit, and is counted; what is left is judged one by one by need_fit(). What
 *  this step has changed is always left: the index is as at its beginning.
 * What the bits alone say it surely fits need not be judged: nobody has excluded its partner, and
 * nothing but the free amount counts there.
 *  Ownership: borrowed until the next call. Blocks: never. */
#include "services/matching/core_seating.h"

struct found_use {
	const char *pool;
	const struct use_facts *facts;
	bool near; /* it serves a place where the child lives */
	bool sure; /* it fits; its pool is clean, but for a sweep. Of the following only then: */
	bool confirmed;
	uint32_t amount; /* what the need takes there */
	uint32_t free;
	const char *partner;
	const struct object_id *pool_id;
	uint32_t pool_number, partner_number; /* in the index, or INDEX_NO_NUMBER */
	uint32_t price;                       /* of index_price() */
	uint32_t use;
	PB(Modality) modality;
	PB(Access) access;
	bool speaks; /* its languages are told */
};

struct need_found {
	const struct found_use *uses; /* by (pool, use) */
	size_t len;
	/* Of those sorted out: by which rule; in the need's reach, of these confirmed. */
	uint32_t by[FITS];
	uint32_t in_reach, confirmed;
	/* Of those that only the free amount keeps out: the smallest amount that lacks, of equals
	 * the first pool by name; 0: none. */
	uint32_t one_more;
	const char *one_more_pool;
};

struct need_look {
	const PB(MatchRequestRecord) *r;
	const PB(MatchNeedRecord) *n;
	const struct team *full; /* the team, when it has no place for one more partner; or NULL */
	bool wherever;           /* in all zones, instead of those in which the need stands */
};
void need_find(struct work *w, const struct need_look *look, struct need_found *ret_found);
