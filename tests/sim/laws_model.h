/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the laws look at: a decoded copy of each daemon's tables, what the last step changed
 *  and emitted, the history of what was said. Ownership: struct laws owns all; records die when
 *  their row is written again. Errors: no memory is a broken invariant. Blocks: never. */
#include <stdio.h>
#include <string.h>

#include "schakel/v1/intake_plan_record.pb-c.h"
#include "schakel/v1/intake_record.pb-c.h"
#include "schakel/v1/matching_record.pb-c.h"
#include "schakel/v1/waitlist_record.pb-c.h"
#include "schakel/v1/warm_record.pb-c.h"
#include "tests/sim/laws.h"

#define CONTRIB(X) SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_##X
#define NEED_IS(X) SCHAKEL__V1__NEED_STATE__NEED_STATE_##X
#define URGENCY_IS(X) SCHAKEL__V1__URGENCY__URGENCY_##X
#define CLASS_IS(X) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##X
#define WAIT_IS(X) SCHAKEL__V1__WAIT_STATE__WAIT_STATE_##X
#define HOLDER_IS(X) SCHAKEL__V1__HOLDER_KIND__HOLDER_KIND_##X
#define GROUND_IS(X) SCHAKEL__V1__GROUND__GROUND_##X
#define VOICE_IS(X) SCHAKEL__V1__VOICE__VOICE_##X
#define REASON_IS(X) SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##X
#define KIND_IS(X) SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_##X
#define OUTCOME_IS(X) SCHAKEL__V1__OUTCOME__OUTCOME_##X
#define ROLE_IS(X) SCHAKEL__V1__ROLE__ROLE_##X

#define LAWS_DAY_MS 86400000ULL

/* Tables as the services state them; laws_tables_*.c compare the numbers. */
enum {
	I_REQUEST = TABLE_SERVICE,
	I_NEED,
	I_NEED_REF,
	I_HOLDER_PAST,
	I_VOICE,
	I_TEAM,
	I_CONTRIBUTION,
	I_CONTRIBUTION_PAST,
	I_CAPSULE,
	I_PLAN,
	I_PARTY_REQUEST,
	I_WISH,
	I_PARKED,
	I_JUDGEMENT,
	I_ORDER,
	I_FAMILY = TABLE_SERVICE + 20,
	I_STRENGTH,
	I_GOAL,
	I_OWN,
	I_DIAGNOSTIC,
	I_OTHER,
	I_SPENT,
	I_KNOWN,
	I_NETWORK,
	I_SIGNAL = TABLE_SERVICE + 40,
	I_REQUEST_SIGNAL,
	I_HELP_CALL,
	I_PARTY_CALL,
	I_SHOWN,
	I_WATCH,
	I_FIT,
	I_BASIC,
	I_BASIC_PARTY,
	I_RUNG,
	I_CARE,
	I_LOOK = TABLE_SERVICE + 56,
	I_KEPT_BACK,
	I_CASE_TABLE = TABLE_SERVICE + 60,
	I_WAIT_TOLD,
};
enum {
	W_ENTRY = TABLE_SERVICE,
	W_ORDER,
	W_OVERALL,
	W_REQUEST,
	W_REQUEST_ENTRY,
	W_TEAM,
	W_CONTRIBUTION,
	W_COUNT,
	W_CHILD,
	W_CARE,
	W_TABLE,
	W_REQUEST_TABLE,
	W_AGAIN,
};
enum {
	M_REQUEST = TABLE_SERVICE,
	M_NEED,
	M_REQUEST_NEED,
	M_WAIT,
	M_POOL,
	M_POOL_USE,
	M_POOL_ID,
	M_PARTNER_POOL,
	M_CONTRIBUTION,
	M_NEED_LIVE,
	M_REQUEST_CONTRIBUTION,
	M_POOL_HOLD,
	M_PARTNER_ASK,
	M_EXCLUDE,
	M_PASS,
	M_CHAIN,
	M_LAST_PLACE,
	M_MIRROR,
	M_CALL,
	M_USE_WEEK,
	M_ATELIER,
	M_SCHOOL,
	M_NETWORK,
	M_NETWORK_ID,
	M_NETWORK_CASE,
	M_WORKER,
	M_INTERPRETER,
	M_PRICE,
	M_PLAN,
};
enum { FIGURE_TABLE_NUMBER = TABLE_END - 1 }; /* of all three */
enum { I_DUE_CLOCK = 1, I_DUE_AFTERCARE, I_DUE_PARKED, I_DUE_HELP_CALL = 40, I_DUE_WATCH };
enum {
	W_DUE_CLASS = 1,
	W_DUE_REVIEW,
	W_DUE_BRIDGING,
	W_DUE_FORGET,
	W_DUE_COUNTED,
	W_DUE_GAP,
	W_DUE_TABLE,
	W_DUE_ORDER
};
enum { I_DUE_GOAL = 20, I_DUE_OTHER, I_DUE_PLAN_ASK, I_DUE_WISH };
enum {
	M_DUE_CHAIN = 1,
	M_DUE_ANSWER_BY,
	M_DUE_REMIND,
	M_DUE_CAN_HOLDS,
	M_DUE_NOT_STARTED,
	M_DUE_EXCLUDE,
	M_DUE_CONFIRM,
	M_DUE_WINDOW,
	M_DUE_PAUSE_END,
	M_DUE_SHED,
	M_DUE_FORGET,
	M_DUE_TEAM,
	M_DUE_HELP,
	M_DUE_LAST_PLACE,
	M_DUE_WEEK,
	M_DUE_REST,
	M_DUE_GATE,
	M_DUE_NETWORK,
	M_DUE_RESERVE,
};

/* --- tables --- */

struct row {
	struct key key;
	uint8_t *val;
	size_t len;
	void *rec; /* decoded; NULL for index rows */
};

struct rows {
	struct row **row; /* by key */
	size_t len, cap;
};

/** One row that the step touched: as it was, and as it is (NULL: not there). */
struct change {
	uint8_t table;
	struct key key;
	void *before;
	bool was; /* the row was there */
	struct row *after;
};

struct mirror {
	struct rows table[TABLE_END];
	struct change *change;
	size_t changes, changes_cap;
};

/** An entry that the step put into a log of its daemon. */
struct emitted {
	char to[PARTY_ID_LEN_MAX + 1];
	uint32_t incarnation;
	uint64_t sequence;
	PB(Message) *m;
};

/* --- history: lists that only grow, cut when a daemon forgets --- */

struct list {
	uint8_t *items; /* each begins with the uint64_t sequence of its input */
	size_t len, cap, size;
	void (*drop)(void *item); /* may be NULL */
};
void *list_add(struct list *l, uint64_t sequence);
void *list_at(const struct list *l, size_t i);
void list_cut(struct list *l, uint64_t sequence);
void list_free(struct list *l);

struct seat_said {
	struct object_id need, contribution;
	char partner[PARTY_ID_LEN_MAX + 1];
	char pool[PARTY_ID_LEN_MAX + 1];
	uint32_t use;
	PB(Modality) modality;
};
/** A team: at intake as it was heard, at matching as it was sent. */
struct team_said {
	uint64_t sequence;
	struct object_id request;
	uint32_t version;
	struct seat_said *seat;
	size_t seats;
};
/** A position that intake took. */
struct voice_said {
	uint64_t sequence;
	struct object_id request;
	uint64_t at_ms;
	uint32_t version, adult, child;
	PB(Speaker) speaker;
	PB(Voice) voice;
	PB(Ground) ground;
	PB(DangerReason) reason;
	bool heard;
	bool may_say_emergency; /* its sender carries a crisis */
};
/** An order of the court that was said or written down; the last of its number is what counts. */
struct order_said {
	uint64_t sequence;
	struct object_id request;
	char number[PARTY_ID_LEN_MAX + 1];
	uint64_t until_ms;
	bool court;
};
/** A start that intake heard of, for a need that was not finished. */
struct start_said {
	uint64_t sequence;
	struct object_id need;
	char partner[PARTY_ID_LEN_MAX + 1];
};
/** A request that was pushed and taken. */
struct submit_said {
	uint64_t sequence;
	struct object_id request;
	bool identified;
};
/** The right place after all: the list took it from who may say so. Never forgotten, whatever copy
 *  the list is put back from. */
struct place_said {
	uint64_t sequence;
	struct object_id need;
};
/** An entry in the log for another daemon. */
struct entry_said {
	uint64_t sequence; /* of the writer's input */
	uint64_t log_sequence;
	uint32_t incarnation;
	uint8_t id[16];
};
struct id_said {
	uint64_t sequence;
	uint8_t id[16];
	char party[PARTY_ID_LEN_MAX + 1];
};

struct id_set;

struct daemon_model {
	struct mirror mirror;
	struct emitted *emitted;
	size_t emitted_len, emitted_cap;
	struct list log[LAWS_DAEMONS]; /* entry_said, by addressee */
	struct list ids;               /* id_said: inputs applied */
	size_t *id_slot;               /* hash of ids: position + 1 */
	size_t id_slots;
	struct list teams;   /* team_said */
	uint64_t last;       /* sequence of the last input */
	uint64_t time_ms;    /* of it */
	uint64_t acked;      /* highest sequence that a client was told of */
	bool old_copy;       /* the next start may lack what was acknowledged */
	bool was_restored;   /* it ran from an old copy at some time */
	uint64_t full_every; /* steps until the copy is compared in full */
};

/** The step that is being judged; reconcile items and retried quarantine rows are unwrapped. */
struct law_step {
	int daemon;
	uint64_t sequence, now_ms;
	uint8_t kind;
	PB(Outcome) outcome;
	const char *party;
	const PB(Message) *in;
	const char *raw_party; /* as applied, before unwrapping */
	const PB(Message) *raw;
	bool reconcile;    /* in came in an inventory */
	bool isolated;     /* after a restore, peers not heard yet */
	bool all;          /* no step: the whole state is judged */
	uint32_t rows;     /* of a Tick; else 1 */
	PB(Message) shell; /* behind in when it was unwrapped */
	PB(Message) *owned;
	ProtobufCMessage *record;
};

struct laws {
	struct daemon_model d[LAWS_DAEMONS];
	struct list voices;  /* voice_said */
	struct list orders;  /* order_said */
	struct list starts;  /* start_said */
	struct list submits; /* submit_said */
	struct list places;  /* place_said */
	struct law_step step;
	struct matching_view *view;
	laws_trap_fn *trap;
	void *trap_ctx;
	bool uncounted; /* lives told by hand keep no figures */
};

/* --- laws_model.c --- */

const char *laws_name(int daemon);
/** @return the daemon of that name, or -1. */
int laws_daemon_of(const char *name);
/** Folds effects into the copy; what they change and emit is listed until the next call. */
void laws_model_fold(struct daemon_model *d, int daemon, struct slice effects);
/** Forgets the copy and reads all of it from @p state. */
void model_load(struct daemon_model *d, int daemon, struct store_txn *state);
/** Compares the copy with the store, row by row. @return NULL or what differs. */
const char *model_compare(const struct daemon_model *d, struct store_txn *state);
/** Forgets what the last step changed and emitted. */
void model_rest(struct daemon_model *d);
void model_free(struct daemon_model *d);

size_t rows_lower(const struct rows *t, const struct key *k);
struct row *row_find(const struct daemon_model *d, uint8_t table, const struct key *k);
/** The decoded record, or NULL. */
void *rec_find(const struct daemon_model *d, uint8_t table, const struct key *k);
void *rec_by_id(const struct daemon_model *d, uint8_t table, const ProtobufCBinaryData *id);
bool key_has_prefix(const struct key *k, const struct key *prefix);
/** Walks the rows that begin with @p prefix; *io_at starts at SIZE_MAX. @return NULL at the end. */
struct row *row_next(const struct daemon_model *d, uint8_t table, const struct key *prefix,
		     size_t *io_at);
const struct change *change_find(const struct daemon_model *d, uint8_t table, const struct key *k);
static inline void *change_after(const struct change *c)
{
	return c->after == NULL ? NULL : c->after->rec;
}

uint64_t model_setting(const struct daemon_model *d, enum setting which);
const PB(ConfigApplied) *model_config(const struct daemon_model *d);
const PB(Party) *model_party(const struct daemon_model *d, const char *id);
bool model_has_role(const struct daemon_model *d, const char *party, PB(Role) role);
/** A due row of that kind for that object, at @p by_ms at the latest. */
bool model_due(const struct daemon_model *d, uint8_t kind, const ProtobufCBinaryData *id,
	       uint64_t by_ms);
bool model_isolated(const struct daemon_model *d);

struct object_id law_id(const ProtobufCBinaryData *data);
bool same_data(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b);
/** 32 hex digits in a static ring of buffers: for messages. */
const char *law_hex(const void *id);
const char *law_hex_data(const ProtobufCBinaryData *id);

/* --- laws_time.c: a calendar of its own --- */

/** End of the same local day @p months later in Brussels, or of that month's last day. */
uint64_t law_month_later(uint64_t at_ms, unsigned months);
/** Local days from one instant to a later one. */
int64_t law_days(uint64_t from_ms, uint64_t to_ms);
/** yyyymm. */
uint32_t law_month(uint64_t at_ms);
/** Whole years, in Brussels, of somebody born on yyyymmdd; on 29 February: full on 1 March. */
uint32_t law_age(uint32_t born, uint64_t at_ms);

/* --- the laws; each looks at l->step --- */

/** Without a step: what is found wrong is wrong in the state itself. */
void laws_state_open(struct laws *l, int daemon);
void laws_history(struct laws *l); /* laws_history.c */
void laws_history_cut(struct laws *l, int daemon, uint64_t sequence);
const struct team_said *team_find(const struct laws *l, int daemon, const struct object_id *request,
				  uint32_t version);
/** The last start of the need that was heard of, or NULL. */
bool place_said_right(const struct laws *l, const ProtobufCBinaryData *need);
const struct start_said *start_last(const struct laws *l, const struct object_id *need);
void laws_link(struct laws *l);    /* laws_link.c: I1, I2, I3, refusals write nothing */
void laws_request(struct laws *l); /* laws_request.c: L1, L3 */
void laws_plan(struct laws *l);    /* laws_plan.c: L3 and L9 of a family, consults */
bool request_is_identified(const struct laws *l, const PB(RequestRecord) *r);
void laws_holder(struct laws *l);  /* laws_holder.c: L2, I15 */
void laws_known(struct laws *l);   /* laws_known.c: B9 */
void laws_sibling(struct laws *l); /* laws_sibling.c: B17, brothers and sisters */
/** What stands at the list of where they are helped. */
void laws_sibling_told(struct laws *l, const PB(RequestFact) *f);
void laws_warm(struct laws *l);         /* laws_warm.c: L13, reviews, calls, child-days */
void laws_warm_all(struct laws *l);     /* the same of all rows */
void laws_clock(struct laws *l);        /* laws_clock.c: L6 */
void laws_ground(struct laws *l);       /* laws_ground.c: L5 */
void laws_need(struct laws *l);         /* laws_need.c: versions, tables of states, won seats */
void laws_pool(struct laws *l);         /* laws_pool.c: L4, I8, I11 */
void laws_order(struct laws *l);        /* laws_order.c: L7, L8 */
void laws_gain(struct laws *l);         /* laws_gain.c: A11: no end came from who gains */
void laws_scope(struct laws *l);        /* laws_scope.c: L5, an order is not made wider unsaid */
void laws_hold(struct laws *l);         /* laws_hold.c: B15, B16, limits, gates, networks */
void laws_wait(struct laws *l);         /* laws_wait.c: I17, L14, the order of the list */
void laws_rows_changed(struct laws *l); /* laws_rows.c: I22 for what changed */
void laws_figures(struct laws *l);      /* laws_figures.c */
/** Recounts what stands now. */
void laws_figures_all(struct laws *l, int daemon);
/** Stands in the order: waits, or is served and confirmed not to be in the right place. */
bool wait_listed(const PB(WaitEntryRecord) *e);
void laws_choice(struct laws *l); /* laws_choice.c: whom the child would rather have */
void laws_list(struct laws *l);   /* laws_list.c: days of priority, the right place, case tables */
/** I22 for all rows of a daemon. */
void laws_rows_all(struct laws *l, int daemon);
/** Requests of intake that the step touched, or all. *io_at starts at SIZE_MAX. */
const struct row *touched_request(struct laws *l, size_t *io_at);
/** Needs of a request, by ordinal. *io_at starts at SIZE_MAX. */
PB(NeedRecord) *intake_need(const struct daemon_model *d, const ProtobufCBinaryData *request,
			    size_t *io_at);
/** Live contributions of a request as intake knows them. */
PB(ContributionRecord) *intake_live(const struct daemon_model *d,
				    const ProtobufCBinaryData *request, size_t *io_at);
bool need_finished_state(PB(NeedState) st);
bool contribution_is_active(PB(ContributionState) st);
bool contribution_is_over(PB(ContributionState) st);

/* --- laws_view.c: matching as the rules see it --- */

/** A place in the lawful order. */
struct place {
	uint32_t wait_class, crisis_step;
	uint64_t rank_ms, lottery;
	struct object_id request;
	uint32_t ordinal;
};
int place_compare(const struct place *a, const struct place *b);

struct need_view {
	const PB(MatchNeedRecord) *n;
	const PB(MatchRequestRecord) *r;
	struct place place;
	const PB(MatchContributionRecord) *seat; /* by our own judgement */
	const struct place *first; /* gifts of this step behind that place are left out */
	unsigned seats, asks, standbys;
	bool waits;
};
struct pool_view {
	const PB(MatchPoolRecord) *p;
	uint64_t held; /* by our own judgement */
};
struct matching_view {
	struct need_view *need; /* by id */
	size_t needs, needs_cap;
	struct pool_view *pool; /* by name */
	size_t pools, pools_cap;
	struct row **live; /* contributions that are not over */
	size_t lives, lives_cap;
	bool fresh; /* live is right but for the changes of this step */
};
/** Built anew for each step of matching. */
void view_build(struct laws *l);
void view_free(struct matching_view *v);
struct need_view *view_need(struct matching_view *v, const ProtobufCBinaryData *id);
struct pool_view *view_pool(struct matching_view *v, const char *name);
static inline const PB(MatchContributionRecord) *live_at(const struct matching_view *v, size_t i)
{
	return v->live[i]->rec;
}
/** What it takes of its pool, as its state says. */
uint64_t contribution_takes(const PB(MatchContributionRecord) *c);
/** Sits in the need's one seat. */
bool contribution_sits(const PB(MatchContributionRecord) *c, const PB(MatchNeedRecord) *n);
struct place place_of(const PB(MatchNeedRecord) *n);
/** Its child is missing: nothing is asked. */
bool need_is_missing(const struct need_view *v);
bool need_is_wished_later(const struct need_view *v);
/** It looks in the whole region, not in the child's own zones alone. */
bool need_asks_region(const struct need_view *v);
bool need_lives_in(const struct need_view *v, const char *zone);
/** All hard rules: could the need be seated there with @p most units of the pool? */
bool need_fits(struct laws *l, const struct need_view *n, const PB(MatchPoolRecord) *p,
	       uint64_t most);
struct law_use {
	uint32_t use;
	uint64_t amount; /* that the need would take there */
};
/** The limit of the week, the cap on school ateliers, and a worker with room. */
bool law_may_hold(struct laws *l, const struct need_view *v, const PB(MatchPoolRecord) *p,
		  const struct law_use *u);
void law_search_is_over(struct laws *l, const PB(MatchContributionRecord) *c);
/** The network whose cases those of @p name are now. */
const char *law_heir(const struct daemon_model *d, const char *name);
/** Under team_whole: one asked together with it waits, or its help moved in this step. */
bool law_team_broke(struct laws *l, const PB(MatchContributionRecord) *was);
/** An amount that this step gave anew. */
bool law_is_gift(const struct laws *l, const struct change *ch);
uint64_t pool_free_now(const struct pool_view *p);
/** May it give amounts to new seats of that class at all? */
bool pool_gives(const PB(MatchPoolRecord) *p, PB(WaitClass) wait_class);
