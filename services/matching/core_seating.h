/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  How seats are given: composing, passes over pools, the last place; and the pages about
 *  what was asked.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include "services/matching/core_supply.h"

/* --- composing, seats, passes --- */

/** The one pool of a seat pass, with its uses as they stand in this step. */
struct pass_pool {
	const char *name;
	PB(PoolUse) **uses;
	size_t uses_len;
	const struct object_id *need; /* that need alone; NULL: whoever is due */
};
size_t pool_uses(struct work *w, const char *pool, PB(PoolUse) **ret_uses);
/** The one function under every seat that is given: composes the open needs of @p group (of one
 *  request, of equal order but for the ordinal) over the clean pools, or over @p only alone. */
bool group_compose(struct work *w, const uint8_t group[GROUP_LEN], const struct pass_pool *only);
/** Every pool in reach of the group goes dirty from its order on: composing is deferred (L8). */
void group_defer(struct work *w, const uint8_t group[GROUP_LEN]);
bool use_serves(const PB(PoolUse) *u, const char *zone);

/** The partners with a seat of a request. */
struct team {
	char partner[MATCH_NEEDS_MAX][PARTY_ID_LEN_MAX + 1];
	size_t len;
};
/** @p but_need: leave this need's seat out; NULL: none. */
void team_of(struct work *w, const struct object_id *request, const struct object_id *but_need,
	     struct team *ret_team);
bool team_has(const struct team *t, const char *partner);
/** The partner sits in the need's team, or the team has place for one more (core_last.c). */
bool team_has_room(struct work *w, const PB(MatchNeedRecord) *n, const char *partner);

struct seat_offer {
	const char *pool;
	const char *partner;
	uint32_t use;
	uint32_t amount;
	const struct use_facts *facts;
	PB(Modality) modality;
	PB(Access) access;
	uint32_t price; /* of index_price() */
	bool interpreter;
	bool far; /* beyond the child's own zones */
	PB(CostLine) **costs;
	size_t costs_len;
	PB(Alternative) **alternatives; /* who fitted as well */
	size_t alternatives_len;
	struct weighed weighed;
	bool named; /* that worker carries it; else whoever has most room */
	struct object_id worker;
};
/** A choice of the child that is new: who is asked in place of that partner is let go when that
 *  partner can take the seat now; it is composed in this step. */
void choices_settle(struct work *w, const struct object_id *request);
/** Does the stay of needs[@p at] part children who live together (SIBLINGS_APART)? */
bool seat_is_apart(struct work *w, const PB(MatchRequestRecord) *r,
		   PB(MatchNeedRecord) *const *needs, size_t len, size_t at);
/** Gives the need its seat there: takes the amount and asks (or lifts a stand-by ask). */
void seat_make(struct work *w, const struct object_id *need, const struct seat_offer *offer);
/** Asks beside the seat's holder; holds nothing. Not beyond asks_at_once, one ask per partner. */
void seat_standby(struct work *w, const struct object_id *need, const struct seat_offer *offer);
/* --- the mirror (core_mirror.c), the call list (core_call.c), pages (core_query.c) --- */

/** How often the partner could when it was asked, in the last twelve months, per mille; a usual
 *  share while it answered fewer than five times. */
uint32_t mirror_can(struct work *w, const char *partner);
void mirror_asked(struct work *w, const PB(MatchContributionRecord) *c);
/** Its first answer, or that none came; counted once. */
void mirror_answered(struct work *w, PB(MatchContributionRecord) *c, PB(AnswerKind) answer);
/** The ask's row of the call list follows from the record. */
void call_sync(struct work *w, PB(MatchContributionRecord) *c);
uint32_t match_page_limit(const struct step *s, uint32_t asked);
ProtobufCBinaryData match_page_key(struct work *w, const struct key *k);
/** Starts behind the key that the page before ended with. @return false when it is not one. */
bool match_page_from(struct store_iter *it, const struct key *prefix,
		     const ProtobufCBinaryData *after);

/* --- the last place in a crisis step (core_last.c) --- */

/** Those who are most pressing among the crises that the pool could serve, in the order. */
struct concerned {
	struct object_id need[MATCH_LAST_PLACE_MAX];
	uint32_t step;
	size_t len;
};
/** @return true when what is free is the last place for them: two of different requests could use
 *  it, and whichever is given it, no other can be helped there. */
bool last_place(struct work *w, const PB(MatchPoolRecord) *p, struct concerned *ret_them);
/** Is the pool's free amount kept for a signature? */
bool last_place_kept(struct work *w, const char *pool);
/** In a walk: keeps it, unless its time is over. @return true: nothing is given. */
bool last_place_keep(struct work *w, const char *pool);
/** The walk has come to its end and nothing had to be kept. */
void last_place_drop(struct work *w, const char *pool);
/** Pools kept whose last place it is no more go dirty. @return false: there are none. */
bool last_place_review(struct work *w);
void last_place_over(struct work *w, const PB(MatchPoolRecord) *p, uint64_t due_ms);

/** Walks one pool; @return true when it is clean now. */
bool pass_run(struct work *w, const char *pool);
/** Some pool is dirty. */
bool pass_left(struct work *w);
void pass_chain(struct work *w);
/** Everybody before it in the order was looked at in the pass over that pool, and could not use its
 *  free amount. The beginning when there is no pass, or a rule has changed. */
struct order pass_place(struct work *w, const char *pool);
void pass_sweep(struct work *w);
PB(MatchChainRecord) *chain_get(struct work *w);
void chain_put(struct work *w, const PB(MatchChainRecord) *c);
