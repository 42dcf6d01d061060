/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A need: its place in the order, whom it does not ask, where its child lives.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include "services/matching/core_work.h"

/* --- order (core_order.c) --- */

#define ORDER_LEN (1 + 1 + 8 + 8 + OBJECT_ID_LEN + 4)
#define GROUP_LEN (ORDER_LEN - 4)

/** A place in the lawful order (L7); byte order is the order. */
struct order {
	uint8_t b[ORDER_LEN];
};
struct order order_of(const PB(MatchNeedRecord) *n);
bool need_is_open(const PB(MatchNeedRecord) *n);
/** Open, not set aside (its child is missing, its family wants to wait), and without a seat: it has
 *  its rows in T_WAIT. */
bool need_waits(const PB(MatchNeedRecord) *n);

PB(MatchRequestRecord) *request_get(struct work *w, const struct object_id *id);
void request_put(struct work *w, const PB(MatchRequestRecord) *r);
PB(MatchNeedRecord) *need_get(struct work *w, const struct object_id *id);
/** Writes the record and moves its rows of the order: the one place that does (I22). */
void need_put(struct work *w, PB(MatchNeedRecord) *n);
/** The needs of a request by ordinal, but for closed ones without a seat.
 *  @return how many, at most MATCH_NEEDS_MAX. */
size_t needs_of(struct work *w, const struct object_id *request, PB(MatchNeedRecord) **ret_needs);
/** In a restore: a need that is known only through what was told of it: a place for its seat and
 * its gate until its Demand comes. */
void need_recalled(struct work *w, const ProtobufCBinaryData *need,
		   const ProtobufCBinaryData *request);
/** Fills or empties the need's seat. */
void need_seat(struct work *w, const struct object_id *need, const struct object_id *seat);
/** What a decision had to choose from: MatchNeedRecord.weighed. */
struct weighed {
	uint32_t *pairs;
	size_t len;
	bool one_pool;
};
/** @p weighed: of the decision that gave it; NULL: as it was. */
void need_seat_weighed(struct work *w, const struct object_id *need, const struct object_id *seat,
		       const struct weighed *weighed);
void touch_request(struct work *w, const struct object_id *request);

/** @return why the need does not ask that partner; UNSPECIFIED: it may. */
PB(MatchExcludeCause) exclude_cause(struct work *w, const struct object_id *need,
				    const char *partner);
void exclude_add(struct work *w, const struct object_id *need, const char *partner,
		 PB(MatchExcludeCause) cause, uint64_t until_ms);
/** Rows whose time is over go (DUE_EXCLUDE); the need may be able again. */
void exclude_expire(struct work *w, const struct object_id *need);
void exclude_forget(struct work *w, const struct object_id *need);
/** A closed need whose time is over (DUE_FORGET). */
void need_forget(struct work *w, const struct object_id *id);
/** Takes an AWAY row off; others stay. */
/** Takes rows of that cause off. */
void exclude_lift(struct work *w, const struct object_id *need, PB(MatchExcludeCause) cause);
void exclude_back(struct work *w, const struct object_id *need, const char *partner);

/* --- of which child a need is, where it may look (core_child.c) --- */

/** The child as intake tells of it, or NULL: one of the request's age, in its zone. */
const PB(ChildFact) *need_child(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
uint32_t need_age(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
/** Where the child lives. @return how many, 1 or MATCH_CHILD_ZONES_MAX. */
size_t own_zones(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		 char *ret_zones[MATCH_CHILD_ZONES_MAX]);
/** Puts all open needs of the request where its children live, as far as is asked (the rings), and
 *  sets aside those of a child that is missing or whose family wants to wait. @return true when one
 *  of them lives elsewhere now. */
bool place_needs(struct work *w, const struct object_id *request);
/** Does the use serve one of the zones in which the need stands? */
bool need_reaches(const PB(MatchNeedRecord) *n, const PB(PoolUse) *u);
struct index_ref;
/** Does the use serve a place where the child lives, whatever the ring? Asked of a use as it stands
 *  in this step, or of one in the index. */
bool need_is_near(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(PoolUse) *u);
bool need_is_near_ref(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		      const struct index_ref *ref);
/** The uses in the need's reach, each once, by (pool, use); borrowed until the next call.
 *  @return how many, at most MATCH_CANDIDATES_MAX where two zones are merged. */
size_t need_refs(struct work *w, const PB(MatchNeedRecord) *n, const struct index_ref **ret_refs);
