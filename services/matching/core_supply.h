/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What partners have: pools and the ledger, the hard rules, what an amount counts under,
 *  interpreters, gates, networks, and the index of uses in memory.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include "common/pages.h"
#include "services/matching/core_need.h"

/* --- pools and ledger (core_pool.c) --- */

PB(MatchPoolRecord) *pool_get(struct work *w, const char *name);
void pool_put(struct work *w, const PB(MatchPoolRecord) *p);
uint32_t pool_free(const PB(MatchPoolRecord) *p);
PB(PoolState) pool_state(const PB(MatchPoolRecord) *p);
/** May its free amount be given to a new seat of that class (confirmed, open, not paused ...)? */
bool pool_composable(const PB(MatchPoolRecord) *p, PB(WaitClass) wait_class);
bool pool_is_clean(struct work *w, const char *name);
/** L4, in this one place. @return false when the amount is not free: nothing happened. */
bool pool_take(struct work *w, const char *name, uint32_t amount);
/** What is beyond the staffing of an overcommitted pool is let go in a Tick. */
void pool_shed_later(struct work *w, const char *name);
/** A promise that peers know of is one, also beyond the staffing: then OVERCOMMITTED (L4). */
void pool_adopt(struct work *w, const char *name, uint32_t amount);
/** Gives an amount back; @p staffed_falls: its staffing goes with it (interruption). */
void pool_give(struct work *w, const char *name, uint32_t amount, bool staffed_falls);
void pool_mark_dirty(struct work *w, const PB(MatchPoolRecord) *p, const struct order *from);
void pool_unconfirm(struct work *w, const char *name);
/** Open or shut by its dates, with the due row for the next of them. */
void pool_window(struct work *w, PB(MatchPoolRecord) *p);
PB(Event) *pool_event(struct work *w, const PB(MatchPoolRecord) *p);
/** Lets go what is promised beyond the staffing, last-ordered first (L4). */
void pool_shed(struct work *w, const char *name);

/* --- fit: the hard rules (core_fit.c) --- */

/** A use as candidate search needs it. */
struct use_facts {
	uint32_t use;
	uint32_t age_from, age_to;
	uint32_t cost_units;
	PB(Access) access;
	PB(Modality) modality;
	PB(SupporterKind) supporter;
	PB(Continuum) continuum;
	uint64_t expertises;                    /* bit n - 1 */
	uint16_t language[MATCH_LANGUAGES_MAX]; /* two letters */
	uint8_t languages;                      /* 0: not stated */
};
struct use_facts use_facts_of(const PB(PoolUse) *u);
/** It speaks none of the request's languages: somebody comes who does (DOMAIN 7). */
bool use_wants_interpreter(const PB(MatchRequestRecord) *r, const struct use_facts *u);
/** The hard rules, in the order in which need_fit() asks them and explanations count them. */
enum fit {
	FIT_OK,
	FIT_EXPERTISE,
	FIT_ZONE,
	FIT_AGE,
	FIT_COURT, /* by court order alone */
	FIT_NETWORK,
	FIT_DECLINED, /* by the child or family */
	FIT_EXCLUDED, /* by the partner's own answer, or it is away */
	FIT_GATE,     /* prepared before; the gate's decision lacks */
	FIT_PAUSED,
	FIT_UNCONFIRMED,
	FIT_INSURED,    /* kept for crises */
	FIT_OWN_CRISIS, /* a crisis's own short entry: crisis and insured capacity alone */
	FIT_LIMIT,      /* of the week, or of school ateliers */
	FIT_STAFF,      /* no worker with room */
	FIT_AMOUNT,
	FIT_RESERVED, /* what is free is kept for one before it who lacks more (core_reserve.c) */
	FITS,
};
/** Whether a use that the rule keeps out, or none, is in the need's reach (OpenSeat.in_reach). */
static inline bool fit_is_in_reach(enum fit fit)
{
	return fit != FIT_EXPERTISE && fit != FIT_AGE && fit != FIT_COURT && fit != FIT_NETWORK &&
	       fit != FIT_GATE && fit != FIT_OWN_CRISIS;
}
/** Zone, expertise apart. The team's size apart. @p ret_amount also for FIT_AMOUNT. */
enum fit need_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(MatchPoolRecord) *p, const struct use_facts *u);
/** Each asks everybody; else who asks knows of a part of the partners only. */
bool partners_all_known(const struct work *w);
uint32_t need_amount(const PB(MatchNeedRecord) *n, const PB(MatchPoolRecord) *p,
		     const struct use_facts *u);

/* --- what a partner states beyond numbers (core_joint.c) --- */

/** Of the partner and those who publish the pool with it. */
enum fit exclusion(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		   const PB(MatchPoolRecord) *p);
bool pool_is_of(const PB(MatchPoolRecord) *p, const char *party);
bool contribution_is_of(const PB(MatchContributionRecord) *c, const char *party);
/** NONE, NONE_WAITLIST: not asked. */
bool pool_has_none(const PB(MatchPoolRecord) *p);
/** Of the numbers, dates and uses by themselves. @return SK_OK or a refusal. */
int capacity_check(struct work *w, const PB(PutCapacity) *m);
int joint_check(struct work *w, const PB(PutCapacity) *m, const char *partner);
/** @return true when its rules let more in than before. */
bool joint_state(struct work *w, PB(MatchPoolRecord) *p, PB(PutCapacity) *m);
/** What was converted this week counts under the same conversion, wherever it stands in the list.
 */
void conversions_restate(struct work *w, PB(MatchPoolRecord) *p, PB(Conversion) **now, size_t len);
/** @return how many units of @p p may be converted now, by its conversion @p at. */
uint32_t conversion_most(struct work *w, const PB(MatchPoolRecord) *p, size_t at);
/** @return the units of the other pool that are made of @p units. */
uint32_t conversion_makes(const PB(Conversion) *c, uint32_t units);
bool conversion_has_room(const PB(MatchPoolRecord) *to, uint32_t made);
void pool_week(struct work *w, PB(MatchPoolRecord) *p);

/* --- what an amount counts under (core_hold.c, core_worker.c) --- */

struct hold_want {
	uint32_t use;
	uint32_t expertise;
	uint32_t amount;
	const PB(ChildFact) *child;    /* whose help it is; NULL: none is told of */
	const struct object_id *among; /* workers: of these alone; NULL: of all */
	size_t among_len;
};
struct hold_want hold_want_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
			      uint32_t use, uint32_t amount);
/** Its amounts count under workers, a limit of the week or the cap on ateliers too. */
bool pool_is_counted(const PB(MatchPoolRecord) *p);
/** The limit of the week of that use has room for so much. */
bool hold_within_limit(struct work *w, const PB(MatchPoolRecord) *p, uint32_t use, uint32_t amount);
/** FIT_LIMIT, FIT_STAFF or FIT_OK: the hard rules of holding beside the free amount. */
enum fit hold_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchPoolRecord) *p,
		  const struct hold_want *want);
/** It holds its amount from now on; pool_take() has given it. */
void hold_begin(struct work *w, PB(MatchContributionRecord) *c);
/** Interrupted: its worker is free; its atelier goes on. */
void hold_pause(struct work *w, PB(MatchContributionRecord) *c);
void hold_end(struct work *w, PB(MatchContributionRecord) *c);
/** In a restore: what an old copy has it count under is off again. */
void hold_forget(struct work *w, PB(MatchContributionRecord) *c);
/** In a restore: it counts under what a peer remembers, perhaps above a cap; nothing is given until
 *  there is room. */
void hold_adopt(struct work *w, PB(MatchContributionRecord) *c, const PB(ContributionChanged) *f);
/** Days that its help was said to last; half a year when nothing was said. */
uint32_t held_lasts_days(struct work *w, const PB(MatchContributionRecord) *c);
/** Units that the pool holds for help that was to be over by then. */
uint64_t held_until(struct work *w, const char *pool, uint64_t until_ms);
uint32_t week_of(uint64_t at_ms);
uint64_t week_end(uint64_t at_ms);
/** Units that the use has given in the week in force. */
uint32_t use_week_units(struct work *w, const PB(MatchPoolRecord) *p, uint32_t use);
uint32_t ateliers_of(struct work *w, const char *network);
void ateliers_pass(struct work *w, const char *from, const char *to);
/** The worker whom the amount would be given to. @return false: nobody has room. */
bool worker_pick(struct work *w, const char *pool, const struct hold_want *want,
		 struct object_id *ret_worker);
/** Rests that are over. */
void worker_rested(struct work *w, const PB(MatchPoolRecord) *p);
/** Somebody whom the child knows works there. */
bool worker_is_known(struct work *w, const PB(ChildFact) *child, const char *pool);
void worker_book(struct work *w, const PB(MatchRequestRecord) *r, PB(MatchContributionRecord) *c);
/** That one carries it; who is booked by then stays. */
void worker_take(struct work *w, PB(MatchContributionRecord) *c, const struct object_id *worker);
void worker_unbook(struct work *w, PB(MatchContributionRecord) *c);
void worker_adopt(struct work *w, PB(MatchContributionRecord) *c,
		  const ProtobufCBinaryData *booked);
/** The partner says who comes. @return SK_EREFUSED when that one cannot. */
int worker_name(struct work *w, PB(MatchContributionRecord) *c, const ProtobufCBinaryData *named);

/* --- amounts that are kept for one who needs more (core_reserve.c) --- */

struct pass_pool;
/** @return the pool keeps what is free there from that need. */
bool reserve_keeps(struct work *w, const PB(MatchPoolRecord) *p, const PB(MatchNeedRecord) *n);
/** The walk has come to a need that lacks nothing there but the amount: kept from now on, if it has
 *  waited long enough. */
void reserve_try(struct work *w, const char *pool, const struct object_id *need, uint32_t amount);
/** Lets go what is kept for one who no longer lacks just the amount there. @p uses: all of it. */
void reserve_review(struct work *w, const struct pass_pool *uses);
/** It could have the amount and still waits: it is not kept for any longer. */
void reserve_lapse(struct work *w, const char *pool, const struct object_id *need);
/** Something about the need has changed: the walk looks again. */
void reserve_doubt(struct work *w, const PB(MatchNeedRecord) *n);
/** It does not wait any more. The caller writes its record. */
void reserve_leave(struct work *w, PB(MatchNeedRecord) *n);
/** DUE_RESERVE: the time is over. */
void reserve_over(struct work *w, PB(MatchPoolRecord) *p, uint64_t due_ms);

/* --- an interpreter's hours beside a seat (core_interpreter.c) --- */

/** Looks for them and holds them, when the help comes with an interpreter and has none yet. The
 *  caller writes the record. */
void interpreter_take(struct work *w, PB(MatchContributionRecord) *c);
/** Gives them back. The caller writes the record. */
void interpreter_give(struct work *w, PB(MatchContributionRecord) *c);
/** Lets go of those that one help holds at the pool. @return false: there are none. */
bool interpreter_shed(struct work *w, const char *pool);
/** In a restore: what a peer remembers. */
void interpreter_adopt(struct work *w, PB(MatchContributionRecord) *c, const char *pool,
		       uint32_t amount);
uint32_t interpreter_held(struct work *w, const char *pool);

/* --- access (core_gate.c) --- */

bool gate_decided(const struct work *w, const PB(MatchNeedRecord) *n);
/** Nothing but agreement lacks. */
bool gate_is_open(struct work *w, const PB(MatchContributionRecord) *c);
/** What is let go for want of the gate's number is not asked again before there is one. */
void gate_lacks(struct work *w, const PB(MatchContributionRecord) *c);
/** In a restore: what a peer remembers. */
void gate_adopt(struct work *w, const PB(TeamProposed) *t);
void gate_over(struct work *w, const struct object_id *need, uint64_t due_ms);

/* --- networks (core_network.c) --- */

PB(MatchNetworkRecord) *network_get(struct work *w, const char *name);
/** The network whose cases those of @p name are now. Lives as long as the step's memory. */
const char *network_heir(struct work *w, const char *name);
bool network_serves(struct work *w, const PB(MatchPoolRecord) *p, const PB(MatchRequestRecord) *r);
/** The request may be an open case of its network. */
void network_case(struct work *w, const PB(MatchRequestRecord) *r);
void network_due(struct work *w, const struct object_id *id, uint64_t due_ms);
void network_fact(const PB(MatchNetworkRecord) *n, PB(NetworkTold) *ret_fact);
int network_adopt(struct work *w, void *record);
PB(Event) *network_event(struct work *w, const PB(MatchNetworkRecord) *n);

/* --- index in memory (core_index.c) --- */

struct index_ref {
	const char *pool;
	struct use_facts facts;
};
void *match_index_new(void);
void match_index_free(void *index);
int match_index_fold(void *index, uint8_t table, const struct key *k, struct slice val);
/** Uses with that expertise that serve the zone, by (pool, use). */
size_t index_refs(const void *index, uint32_t expertise, const char *zone,
		  const struct index_ref **ret_refs);
bool index_has(const void *index, uint32_t expertise, const char *zone,
	       const struct index_ref *ref);
/** All uses of that expertise, whatever the zone: one row per (pool, use), for explanations. */
size_t index_expertise(const void *index, uint32_t expertise, const struct index_ref **ret_refs);

#define MATCH_CANDIDATES_MAX 16384U /* uses that are weighed for one need */
/** Sixteenths of a point for one unit of that use, given to anybody: that of its dearest
 * (expertise, zone), or 0. As at the beginning of the step. */
uint32_t index_price(void *index, const char *pool, uint32_t use);
/** @return its name as the index keeps it; NULL: it is new in this step, and has no number. */
const char *index_pool(const void *index, const char *pool, uint32_t *ret_number);
const char *index_partner(const void *index, const char *partner, uint32_t *ret_number);

/* Room for as many as are weighed: what one need finds never takes it from another. Pages that are
 * not written cost nothing. */
#define OPTIONS_MAX (MATCH_NEEDS_MAX * MATCH_CANDIDATES_MAX)
#define OPTION_POOLS_MAX COMPOSE_POOLS_MAX
/** Pools and partners have numbers in the index; who has none is new in this step. */
#define INDEX_NUMBERS_MAX (1U << 20)
#define INDEX_NO_NUMBER UINT32_MAX
/** Where it stands in a list, by number; nowhere, if `made` is not that of the list in hand. */
struct listed {
	uint32_t made;
	uint32_t at;
};
struct stream;
struct found_use;
/** Room for one composition or one pass: memory, not state. */
struct match_scratch {
	struct pages pages;
	struct compose_option *options;
	struct compose_pool *pools;
	struct compose_partner *partners;
	const char **names;         /* of pools: in the index, or own */
	const char **partner_names; /* of partners */
	char (*own_names)[PARTY_ID_LEN_MAX + 1];
	char (*own_partner_names)[PARTY_ID_LEN_MAX + 1];
	struct listed *pool_places, *partner_places; /* by number */
	uint32_t made;                               /* rises with each problem */
	const struct use_facts **facts;              /* of options: in the index, or own */
	struct use_facts *own_facts;
	bool *far;        /* of options: beyond the child's own zones */
	uint8_t *counted; /* of pools: enum counted */
	struct stream *streams;
	struct index_ref *refs;    /* two zones merged */
	struct found_use *found;   /* by need_find() */
	struct item_chunk *chunks; /* of the sets of one step: ITEM_CHUNKS_MAX */
	uint32_t chunks_len, works;
	void *compose;
	size_t compose_bytes;
};
struct match_scratch *index_scratch(void *index);
