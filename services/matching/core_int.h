/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the files of the matching core share: tables, records, the work of one step.
 *  Records come from step_get() as fresh copies in the arena: whoever writes one reads it in the
 * same few lines, so that no two copies of one row are alive across a call that may write it.
 *  Ownership: all borrowed for the step. Errors: sticky in step.txn->err. Blocks: never. */
#include <string.h>

#include "common/civil.h"
#include "common/mut.h"
#include "schakel/v1/matching_record.pb-c.h"
#include "services/matching/compose.h"
#include "services/matching/core.h"

#define CSTATE(NAME) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##NAME
#define PSTATE(NAME) SCHAKEL__V1__POOL_STATE__POOL_STATE_##NAME
#define REFUSE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define SHORTFALL(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME
#define EVENT(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define ANSWER(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME
#define CAUSE(NAME) SCHAKEL__V1__MATCH_EXCLUDE_CAUSE__MATCH_EXCLUDE_CAUSE_##NAME
#define COST(NAME) SCHAKEL__V1__COST_KIND__COST_KIND_##NAME
#define CLASS_CRISIS SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_CRISIS
#define DESC(NAME) (&schakel__v1__##NAME##__descriptor)

#define PEER_INTAKE "intake"
#define PEER_WAITLIST "waitlist"

/* Keys as written beside each. The order of a need = class u8, crisis step u8, rank_ms u64,
 * lottery u64, request id, ordinal u32. */
enum match_table {
	T_REQUEST = TABLE_SERVICE, /* request id -> MatchRequestRecord */
	T_NEED,                    /* need id -> MatchNeedRecord */
	T_REQUEST_NEED,            /* request id, need id */
	T_WAIT,                    /* expertise u32, zone or "", order, need id: without a seat */
	T_POOL,                    /* name -> MatchPoolRecord */
	T_POOL_USE,                /* name, use u32 -> PoolUse */
	T_POOL_ID,                 /* pool id -> MatchPoolRecord with the name only */
	T_PARTNER_POOL,            /* partner, name */
	T_CONTRIBUTION,            /* id -> MatchContributionRecord */
	T_NEED_LIVE,               /* need id, contribution id: not yet in an end state */
	T_REQUEST_CONTRIBUTION,    /* request id, contribution id: all */
	T_POOL_HOLD,               /* name, rank u8, order inverted, contribution id */
	T_PARTNER_ASK,             /* partner, ended u8, contribution id */
	T_EXCLUDE,                 /* need id, partner -> MatchExcludeRecord */
	T_PASS,                    /* name -> MatchPassRecord: the pool is dirty */
	T_CHAIN,                   /* (one row) -> MatchChainRecord */
	T_LAST_PLACE,              /* name -> MatchLastPlaceRecord: kept for a signature */
	T_MIRROR,   /* partner or "", yyyymm u32, expertise u32, urgency u8 -> MatchMirrorRecord */
	T_CALL,     /* step u8, confirmed u8, answer by u64, contribution id: to be telephoned */
	T_USE_WEEK, /* name, use u32 -> MatchCountRecord: given in that week */
	T_ATELIER,  /* network -> MatchCountRecord: school ateliers that run */
	T_SCHOOL,   /* name of a pool that is a school atelier */
	T_NETWORK,  /* name -> MatchNetworkRecord */
	T_NETWORK_ID,   /* id -> MatchNetworkRecord with the name only */
	T_NETWORK_CASE, /* network, request id: may be an open case of it */
	T_WORKER,       /* pool, pseudonym -> MatchWorkerRecord */
	T_INTERPRETER,  /* pool, contribution id: its hours of an interpreter */
};

enum due_kind {
	DUE_CHAIN = 1,   /* unfinished passes go on */
	DUE_ANSWER_BY,   /* contribution: lapses */
	DUE_REMIND,      /* contribution: reminder of an ask */
	DUE_CAN_HOLDS,   /* contribution: CAN is released */
	DUE_NOT_STARTED, /* contribution: AGREED and no start */
	DUE_EXCLUDE,     /* need: an exclusion ends */
	DUE_CONFIRM,     /* pool: not confirmed any more */
	DUE_WINDOW,      /* pool: from or until is reached */
	DUE_PAUSE_END,   /* pool */
	DUE_SHED,        /* pool: more holds of an OVERCOMMITTED pool to let go */
	DUE_FORGET,      /* need: tombstone */
	DUE_TEAM,        /* request: request_settle() */
	DUE_HELP,        /* need: need_settle() */
	DUE_LAST_PLACE,  /* pool: nobody signed, the order decides */
	DUE_WEEK,        /* pool with limits: a new week */
	DUE_REST,        /* pool: the rest of one of its workers is over */
	DUE_GATE,        /* need: the gate's decision ends */
	DUE_NETWORK,     /* network: it ends, or will */
};

/* --- the work of one step (core_work.c) --- */

#define ITEM_BYTES 44
/** A set of ids, names or group keys; its memory survives work_rewind(). */
struct item {
	uint8_t key[ITEM_BYTES];
	uint32_t flags;
};
struct item_chunk;
struct item_set {
	struct item_chunk *first;
	size_t len;
};

#define TELL_PARTNER 1U /* the change was not the partner's own: AskEnded */
#define TELL_ASK 2U     /* a new or changed ask: Ask */

struct work {
	struct step *s;
	struct item_set touched; /* requests whose open needs may now be able to take a seat */
	struct item_set contributions; /* changed; flags TELL_ */
	struct item_set teams;         /* requests whose team may have changed */
	struct item_set pools;         /* changed */
	struct item_set dirty;         /* pools that became dirty in this step */
	size_t keep_bytes;             /* of the arena: never rewound below */
	uint32_t candidates_left;
	uint32_t seats_left;
	bool deferred; /* passes remain: the chain needs a due row */
};

void work_init(struct work *w, struct step *s);
/** Composes what was touched, runs passes, writes facts and events. @return s->txn->err. */
int work_settle(struct work *w);
/** Memory taken since the mark is given back, but for the sets. */
size_t work_mark(const struct work *w);
void work_rewind(struct work *w, size_t mark);
void item_add(struct work *w, struct item_set *set, const void *key, size_t len, uint32_t flags);
/** @return the n-th item, in order of arrival. */
struct item *item_at(struct item_set *set, size_t n);

static inline int work_err(const struct work *w)
{
	return w->s->txn->err;
}
static inline struct object_id id_of(const ProtobufCBinaryData *data)
{
	struct object_id id = { { 0 } };

	SK_ASSERT(data->len == 0 || object_id_from(data, &id));
	return id;
}

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
/** Fills or empties the need's seat. */
void need_seat(struct work *w, const struct object_id *need, const struct object_id *seat);
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
 *  @return how many, at most COMPOSE_PER_NEED_MAX where two zones are merged. */
size_t need_refs(struct work *w, const PB(MatchNeedRecord) *n, const struct index_ref **ret_refs);

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
enum fit {
	FIT_OK,
	FIT_EXPERTISE,
	FIT_ZONE,
	FIT_AGE,
	FIT_ACCESS,
	FIT_DECLINED, /* by the child or family */
	FIT_EXCLUDED, /* by the partner's own answer, or it is away */
	FIT_UNCONFIRMED,
	FIT_PAUSED,
	FIT_NETWORK,
	FIT_GATE,  /* prepared before; the gate's decision lacks */
	FIT_LIMIT, /* of the week, or of school ateliers */
	FIT_STAFF, /* no worker with room */
	FIT_AMOUNT,
};
/** Zone, expertise apart. The team's size apart. @p ret_amount also for FIT_AMOUNT. */
enum fit need_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		  const PB(MatchPoolRecord) *p, const struct use_facts *u);
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
int joint_check(struct work *w, const PB(PutCapacity) *m, const char *partner);
/** @return true when its rules let more in than before. */
bool joint_state(struct work *w, PB(MatchPoolRecord) *p, const PB(PutCapacity) *m);
void pool_week(struct work *w, PB(MatchPoolRecord) *p);

/* --- what an amount counts under (core_hold.c, core_worker.c) --- */

struct hold_want {
	uint32_t use;
	uint32_t expertise;
	uint32_t amount;
	const PB(ChildFact) *child; /* whose help it is; NULL: none is told of */
};
struct hold_want hold_want_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
			      uint32_t use, uint32_t amount);
/** FIT_LIMIT, FIT_STAFF or FIT_OK: the hard rules of holding beside the free amount. */
enum fit hold_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchPoolRecord) *p,
		  const struct hold_want *want);
/** It holds its amount from now on; pool_take() has given it. */
void hold_begin(struct work *w, PB(MatchContributionRecord) *c);
/** Interrupted: its worker is free; its atelier goes on. */
void hold_pause(struct work *w, PB(MatchContributionRecord) *c);
void hold_end(struct work *w, PB(MatchContributionRecord) *c);
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
void worker_unbook(struct work *w, PB(MatchContributionRecord) *c);
/** The partner says who comes. @return SK_EREFUSED when that one cannot. */
int worker_name(struct work *w, PB(MatchContributionRecord) *c, const ProtobufCBinaryData *named);

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

#define OPTIONS_MAX 16384U
#define OPTION_POOLS_MAX 8192U
struct stream;
/** Room for one composition or one pass: memory, not state. */
struct match_scratch {
	struct compose_option *options;
	struct compose_pool *pools;
	struct compose_partner *partners;
	char (*names)[PARTY_ID_LEN_MAX + 1];         /* of pools */
	char (*partner_names)[PARTY_ID_LEN_MAX + 1]; /* of partners */
	struct use_facts *facts;                     /* of options */
	bool *far;                                   /* of options: beyond the child's own zones */
	struct stream *streams;
	struct index_ref *refs; /* two zones merged */
	void *compose;
	size_t compose_bytes;
};
struct match_scratch *index_scratch(void *index);

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
void group_compose(struct work *w, const uint8_t group[GROUP_LEN], const struct pass_pool *only);
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

struct seat_offer {
	const char *pool;
	const char *partner;
	uint32_t use;
	uint32_t amount;
	struct use_facts facts;
	bool interpreter;
	bool far; /* beyond the child's own zones */
	PB(CostLine) **costs;
	size_t costs_len;
	PB(Alternative) **alternatives; /* who fitted as well */
	size_t alternatives_len;
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
void pass_chain(struct work *w);
void pass_sweep(struct work *w);
PB(MatchChainRecord) *chain_get(struct work *w);
void chain_put(struct work *w, const PB(MatchChainRecord) *c);

/* --- contributions (core_life.c, core_table.c) --- */

/* What can happen to a contribution, and what follows: DOMAIN 4. */
#define CONTRIBUTION_EVENT_MAP(X)                                     \
	X(CAN, "partner can")                                         \
	X(CAN_IF, "partner can, if ...")                              \
	X(NOT_NOW, "partner cannot now")                              \
	X(NOT_OURS, "partner names another")                          \
	X(LAPSE, "no answer in its term")                             \
	X(RELEASE, "not needed any more, or its hold is over")        \
	X(TAKE_BACK, "partner takes it back")                         \
	X(AGREE, "its ground is recorded")                            \
	X(DECLINE, "child says no to the proposal that names it")     \
	X(START, "help starts, child or parent seen")                 \
	X(INTERRUPT, "help is interrupted")                           \
	X(RESUME, "help goes on")                                     \
	X(HAND_ON, "a successor is looked for")                       \
	X(END, "help ends as allowed")                                \
	X(STOP, "young person stops it")                              \
	X(CLOSE, "its need is withdrawn, closed or entered in error") \
	X(DECEASED, "the child has died")

enum contribution_event {
#define X(name, text) EV_##name,
	CONTRIBUTION_EVENT_MAP(X)
#undef X
		EV_COUNT
};
/** DOMAIN 4. @return SK_ESTATE for a pair that is not listed. */
int contribution_next(PB(ContributionState) from, enum contribution_event on,
		      PB(ContributionState) *ret_to);
bool state_is_end(PB(ContributionState) st);
bool state_holds(PB(ContributionState) st);

PB(MatchContributionRecord) *contribution_get(struct work *w, const struct object_id *id);
/** Writes the record and its row among the pool's holds; @p tell are TELL_ bits. */
void contribution_put(struct work *w, PB(MatchContributionRecord) *c, uint32_t tell);
/** One edge of the table, with all that hangs on it: amount, seat, clocks, indexes. A pair that is
 *  not listed is the caller's mistake. @p c stays valid, is written. */
/** Gives it the next version. */
void contribution_renew(struct work *w, PB(MatchContributionRecord) *c);
void contribution_move(struct work *w, PB(MatchContributionRecord) *c, enum contribution_event on,
		       uint32_t tell);
void contribution_clock(struct work *w, PB(MatchContributionRecord) *c, uint8_t kind,
			uint64_t at_ms);
/** One of the clocks of a contribution. */
void contribution_due(struct work *w, uint8_t kind, const struct object_id *id, uint64_t due_ms);
void contribution_unremind(struct work *w, PB(MatchContributionRecord) *c);
/** Contributions of a need that are not in an end state. @return how many. */
size_t live_of(struct work *w, const struct object_id *need,
	       PB(MatchContributionRecord) **ret_live);
#define LIVE_MAX 16U
/** The need has another place in the order: so have the rows of its holds. */
void contribution_reorder(struct work *w, const struct object_id *need, const struct order *from,
			  const struct order *to);
void contribution_rank(struct work *w, const struct object_id *need);
/** The clock that its state wants, from now on. */
void contribution_adopt_clock(struct work *w, PB(MatchContributionRecord) *c);
void contribution_adopt_put(struct work *w, PB(MatchContributionRecord) *c);
/** Rows by which an ask is found again. */
void contribution_index(struct work *w, const PB(MatchContributionRecord) *c);
/** Stand-by asks of a need are not needed any more. */
void standby_release(struct work *w, const struct object_id *need, const struct object_id *but);
PB(Event) *contribution_event(struct work *w, const PB(MatchContributionRecord) *c);
/** Whether it may start on the ground that is recorded: there is one, and it has not ended. */
bool ground_holds(const struct work *w, const PB(MatchContributionRecord) *c);
/** AGREED when it CAN and its ground is recorded (L5). */
void contribution_agree(struct work *w, PB(MatchContributionRecord) *c);
bool need_is_crisis(struct work *w, const struct object_id *need);
uint64_t ask_deadline(struct work *w, const char *partner, bool crisis, bool reminder);
uint64_t working_days(struct work *w, uint64_t from_ms, enum setting which);

/* --- facts out (core_facts.c) --- */

void facts_out(struct work *w);
/** @p content stands for the message of that body. */
void fact_emit(struct work *w, const char *to, PB(Message__BodyCase) body, void *content);
/** How much the help changes in a life: a stay most, else by its place on the continuum. */
uint32_t contribution_rung(const PB(MatchContributionRecord) *c);
/** Whose case it is now (A1): that of its network, or of the network's successor. */
char *request_network(struct work *w, const ProtobufCBinaryData *request);
/** Tells the team when it is another one than was told last (core_team.c). */
void team_out(struct work *w, const struct object_id *request);
/** The framework signal that says which rule stands in the way of that need, or NULL. */
const PB(RuleBlock) *need_block(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
/** What a need without a seat lacks: a rule that was named to stand in its way, else what was found
 *  when it was composed. */
PB(Shortfall) need_lacks(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
PB(TeamProposed) *team_build(struct work *w, const PB(MatchRequestRecord) *r);
uint64_t team_hash(const PB(TeamProposed) *t);
/** Whether its last proposal says who sits now and what lacks now. Between two steps it does, but
 *  after a restore not until the team has been told anew. */
bool team_is_told(struct work *w, const PB(MatchRequestRecord) *r);
PB(Event) *team_event(struct work *w, const PB(MatchRequestRecord) *r);
PB(ContributionChanged) *contribution_fact(struct work *w, const PB(MatchContributionRecord) *c,
					   uint32_t proposal_version);
PB(Ask) *ask_view(struct work *w, const PB(MatchContributionRecord) *c);
void emit_end_asked(struct work *w, const PB(MatchContributionRecord) *c);
void alarm_event(struct work *w, PB(AlarmKind) alarm, PB(Event) *e);

/* --- what is counted (core_figure.c) --- */

void figure_ask(struct work *w, const PB(MatchNeedRecord) *n);
void figure_miss(struct work *w, const PB(MatchNeedRecord) *n);
/** After each edge of a contribution: counts it when it is an answer, or none in time. */
void figure_answer(struct work *w, const PB(MatchContributionRecord) *c, PB(ContributionState) from,
		   enum contribution_event on);
/** A statement of capacity that names the unmet need it came of. */
void figure_offer(struct work *w, const PB(PutCapacity) *m, uint32_t staffed_before);
/** So many units now help in another form, as those of @p pool do. */
void figure_converted(struct work *w, const char *pool, uint32_t units);
query_fn match_query_figures;

/* --- handlers --- */

handler_fn match_put_capacity, match_pause_pool, match_answer_ask, match_take_back, match_start,
	match_interrupt, match_resume, match_stop, match_hand_on, match_end, match_demand,
	match_demand_closed, match_open_meeting, match_sign_last_place, match_position,
	match_end_allowed, match_reconcile_item, match_put_network, match_put_worker, match_gate,
	match_convert;
query_fn match_query_directory, match_query_mirror, match_query_call_list, match_query_last_place,
	match_query_asks, match_query_pools, match_query_contributions, match_query_explain,
	match_query_networks, match_query_workers, match_query_conversions, match_query_shared;
int match_on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		 uint64_t due_ms);
int match_on_config(struct step *s);
int match_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		    uint32_t *ret_items);
int match_on_reconciled(struct step *s);
int match_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out);

/** The contribution that a command names, when the sender may act on it; else the step is refused
 *  and *ret_err says so. */
PB(MatchContributionRecord) *contribution_of(struct work *w, const ProtobufCBinaryData *id,
					     int *ret_err);
/** May the sender speak for the family of this help: the family's own channel, the contact point,
 * who pushed the request, the duty organisation of the zone or the contact person's? */
bool speaks_for_family(struct work *w, const PB(MatchContributionRecord) *c);
/** Whether its end may be asked: its need has ended, its successor has started, or its planned end
 *  has come while nobody is looked for after it (A11, D13; core_end.c). */
bool may_end(struct work *w, const PB(MatchContributionRecord) *c);

/* --- what a CAN_IF waits for (core_condition.c) --- */

enum condition {
	CONDITION_NONE,
	CONDITION_OPEN,
	CONDITION_MEETING, /* the family lets them meet */
	CONDITION_MET,
	CONDITION_OVER /* the family does not want it */
};
enum condition_event {
	CE_ALLOW,  /* the family opens the talk */
	CE_FORBID, /* or does not */
	CE_CAN,    /* the partner says that it can */
	CE_AGREE,  /* the family agrees to the team, knowing the condition */
	CE_COUNT
};
/** @return SK_ESTATE for what is not listed. */
int condition_next(PB(CanIf) kind, enum condition from, enum condition_event on,
		   enum condition *ret_to);
enum condition condition_of(const PB(MatchContributionRecord) *c);
/** The family agreed to the team: what that alone resolves is resolved. */
void condition_agree(struct work *w, PB(MatchContributionRecord) *c);
/** Until when a CAN holds; the partner may give more, never less. */
uint64_t can_holds_until(struct work *w, bool crisis, uint64_t given_ms);
/** When none of the need's asks is open: the round is over; @p missed: a miss of the network when
 *  the need is a must. */
void round_over(struct work *w, const struct object_id *need, bool missed);

/** A moment of today or later, within MATCH_AHEAD_DAYS_MAX. */
bool work_is_ahead(const struct work *w, uint64_t at_ms);
/** LATE for a listed crossing, else REFUSED(STATE); both tell what holds now. */
int contribution_refuse(struct work *w, const PB(MatchContributionRecord) *c);
/** Demand as a fact, also out of a ReconcileItem. */
int demand_apply(struct work *w, const PB(Demand) *d);
int closed_apply(struct work *w, const PB(DemandClosed) *d);
/** Asks that do not fit any more what is known of the request are let go; its team is composed and
 *  told as it is. As long as peers are not heard after a restore nothing of ours moves on, or it
 *  would be above what they still have to tell of it: then when they are. */
void request_settle(struct work *w, const struct object_id *request);
/** The same for a need: help for one that has ended ends, too. */
void need_settle(struct work *w, const struct object_id *need);
int position_apply(struct work *w, const PB(PositionTaken) *p);
