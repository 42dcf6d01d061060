/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The inside of the engine, shared by its own files only. */
#include "common/confidx.h"
#include "common/journal.h"
#include "common/refusal.h"
#include "common/wire.h"

#define ID_LEN 16 /* of a message */
#define LINKS_MAX 8
#define LINK_CREDIT 256
#define LINK_RETRY_MIN_MS 200
#define LINK_RETRY_MAX_MS \
	4000 /* what waits for a peer that was away is late by that, a crisis too */
#define LINK_HELD_MS 5000
#define HEADS_MAX 8192   /* addressees whose logs exist */
#define TRIM_ROWS_MAX 64 /* log entries deleted in one turn */
#define INVENTORY_ROWS_MAX 32
#define REPLY_BYTES_MAX (FRAME_BYTES_MAX - 256)
/* Beside ARENA_BYTES for the input: the frame around it, and what is written when it is refused. */
#define REFUSAL_BYTES (FRAME_BYTES_MAX + (16U << 10))
#define ARENA_BLOCK_BYTES (ARENA_BYTES + FRAME_BYTES_MAX + (16U << 10) + REFUSAL_BYTES)

/* Due rows of the engine itself: their due_ms is 0 while they must run in isolation too. */
enum engine_due { DUE_ENGINE_FIRST = 240, DUE_RECEIPTS = 240, DUE_INVENTORY = 241 };

/** One writer whose log we read. */
struct link_in {
	char peer[PARTY_ID_LEN_MAX + 1];
	struct incarnation inc; /* of the cursor; number 0: never read */
	uint64_t sequence;      /* last stepped */
	uint64_t sum;           /* of that entry; 0: not known */
	uint64_t written_to;    /* last durable of the writer, as heard */
	uint32_t credit_left;
	bool asked; /* a question is out */
	bool ask_now;
	bool paused;
	uint64_t asked_boot_ms;
	uint64_t heard_boot_ms;
	uint32_t retry_ms;
	bool held;             /* what comes next can be neither taken nor set aside */
	uint64_t held_boot_ms; /* until then nothing is tried */
};

/** One reader that waits on a log of ours. */
struct reader {
	uint64_t conn;
	struct party from;
	char log[PARTY_ID_LEN_MAX + 1];
	uint64_t sent;
	uint32_t credit;
	uint64_t until_boot_ms;
	uint32_t question; /* as its reader numbered it */
};

/** Head of one log, as stepped (durable whenever readers are served). */
struct log_head {
	char log[PARTY_ID_LEN_MAX + 1];
	uint32_t incarnation;
	uint64_t sequence;
	uint64_t bytes;
	uint64_t trimmed_bytes;
	uint64_t oldest;
	uint64_t sum; /* of the entry before the oldest; 0: not known */
	uint64_t read_to;
	bool trim_owed;
	bool old_owed; /* entries of older incarnations may stand there */
};

/** One row of the table of timers, taken apart. */
struct due_row {
	struct key key;
	uint64_t due_ms;
	uint8_t kind;
	struct object_id id;
	uint32_t extra;
};

struct answer {
	uint64_t conn;
	size_t offset;
	size_t len;
};

struct question {
	uint64_t conn;
	struct party from;
	uint8_t *bytes;
	size_t len;
};

struct engine {
	struct store *store;
	const struct service *svc;
	const struct port *port;
	struct engine_conf conf;
	struct journal journal;
	struct store_txn txn; /* the open write transaction */
	struct effects fx;
	struct arena arena;
	void *arena_block;
	struct arena reply_arena; /* for building answers; reset after each */
	void *reply_block;
	uint8_t *pack; /* FRAME_BYTES_MAX + CONFIG_BYTES_MAX */
	struct config_index *config;
	void *index;
	uint8_t store_id[16];
	struct incarnation inc;
	uint8_t hash_key[32]; /* for short codes and lotteries, from conf.key */
	/* positions */
	uint64_t sequence; /* last stepped */
	uint64_t durable;
	uint64_t committed;
	uint64_t committed_segment; /* where the committed position stands; 0: nothing committed */
	uint32_t since_commit_records;
	uint64_t since_commit_bytes;
	uint64_t first_uncommitted_boot_ms;
	uint64_t last_record_boot_ms;
	uint32_t commit_bound;      /* adaptive */
	uint64_t committed_boot_ms; /* end of the last commit */
	/* time */
	uint64_t now_ms;
	uint64_t boot_ms;
	uint64_t start_boot_ms;
	uint64_t behind_ms;    /* by which an accepted wall clock lies behind journal time */
	uint64_t slew_rest_ms; /* elapsed, too little to slew by */
	bool clock_alarm;
	bool kept_alarm; /* as the committed position has it */
	bool demo;
	bool draining;
	bool isolated;
	bool restored; /* an incarnation is owed */
	char restored_why[PARTY_ID_LEN_MAX + 1];
	uint64_t receipts_from_ms; /* receipts of ids before it may be gone: such ids are too old */
	uint32_t met_number;       /* highest incarnation of ours that a peer knows and we do not */
	bool replaying;
	bool ready;
	PB(Resource) short_of;   /* reserve that is reached; looked at between batches */
	uint64_t free_bytes;     /* inside the file of the store */
	uint64_t free_at_commit; /* commits by then, and one */
	struct due_row due_rows[DUE_ROWS_MAX]; /* of the Tick under way */
	uint64_t next_due_ms;                  /* lower bound of the first due row; 0: look */
	bool own_due; /* a row of the engine itself is due: isolation and clock do not hold it */
	uint64_t next_age_boot_ms;    /* when old log entries are looked for */
	uint64_t next_reader_boot_ms; /* when the first waiting reader is told that nothing came */
	bool trims_owed;              /* more log entries may go at once */
	uint32_t trimmed_rows;        /* since the last commit */
	uint64_t keep_segment;        /* that a checkpoint needs; 0: keep all */
	uint64_t left_segment;        /* the oldest one, and what its age goes by */
	uint64_t left_ms;
	uint64_t next_trim_boot_ms;
	struct link_in links[LINKS_MAX];
	size_t links_len;
	struct reader *readers;
	size_t readers_len;
	struct log_head *heads;
	size_t heads_len;
	uint64_t quarantined; /* rows that wait for an operator */
	uint8_t *answers_buf;
	size_t answers_buf_len, answers_buf_cap;
	struct answer *answers;
	size_t answers_len, answers_cap;
	struct question *questions;
	size_t questions_len;
	struct engine_stats stats;
	uint64_t flush_us[64];
	size_t flush_us_at;
	applied_fn *on_applied;
	void *on_applied_ctx;
};

/* --- engine_commit.c --- */

/** Commits the store with the position of the last batch; what it holds is durable. */
void engine_commit(struct engine *e);
bool engine_commit_is_due(const struct engine *e);
/** How many messages the next commit takes at most, after one that took so long, so long after the
 *  one before. */
uint32_t engine_commit_bound(uint32_t bound, uint32_t most, uint64_t took_ms, uint64_t between_ms);
/** The position of the last batch, into the open transaction. @return its sticky error. */
SK_CHECKED int engine_put_position(struct engine *e);

/* --- engine_apply.c --- */

/** One input, live or replayed. */
struct input {
	enum record_kind kind;
	const struct party *from; /* COMMAND: sender; FACT: the peer */
	uint64_t peer_sequence;
	struct slice bytes; /* packed Message */
	const PB(Message) *msg;
	bool poisoned; /* never stepped: straight to quarantine */
};

/** Steps one input and adds it to the batch. The receipt (COMMAND) is in e->arena.
 *  @return SK_OK when journaled, or a resource error: then nothing happened. SK_EBUSY: it must be
 *  set aside, and as much as may be is. */
SK_CHECKED int engine_apply(struct engine *e, const struct input *in, PB(Receipt) **ret_receipt);
/** From here on an input has ARENA_BYTES: as much in a replay as when it was live. */
void engine_arena_begin(struct engine *e);
/** @return SK_OK; SK_EREFUSED with the outcome; a resource error; anything else is fatal. */
SK_CHECKED int engine_settle(struct engine *e, const struct store_txn *child, int err,
			     struct outcome *out);
/** Ends a child of which nothing is to stay. */
void engine_undo(struct engine *e, struct store_txn *child);
/** Adds the input with the effects in e->fx to the batch. */
void engine_add_record(struct engine *e, const struct input *in, PB(Outcome) outcome);
/** Ready, not draining, not after a restore. */
bool engine_may_plan(const struct engine *e);
void engine_step_begin(struct engine *e, struct step *s, struct store_txn *txn,
		       const struct party *from);
/** Writes the heads of the logs that the step wrote to; before its child is committed. */
void engine_step_end(struct step *s);
/** Ends the process through the port for errors that are never an outcome. */
void engine_check_fatal(struct engine *e, int err, const char *why);
struct key log_key(const char *log, uint32_t incarnation, uint64_t sequence);
struct key due_key(uint64_t due_ms, uint8_t kind, const struct object_id *id, uint32_t extra);

/* --- engine_due.c: timers --- */

/** Runs up to DUE_ROWS_MAX due rows as one Tick. @return rows run. */
uint32_t engine_tick(struct engine *e);
/** Exactly @p rows due rows of a replayed Tick. */
SK_CHECKED int engine_tick_replay(struct engine *e, const struct record *r, uint32_t rows);

/* --- engine_poison.c: the slot that names the message being stepped --- */

/** Moves what a crash left in the slot to the suspects. */
void engine_slot_start(struct engine *e);
void engine_slot_set(struct engine *e, const uint8_t id[16]);
void engine_slot_clear(struct engine *e);
/** It was neither: it comes again. */
void engine_slot_leave(struct engine *e);
/** At an orderly end: the next start, maybe of a better program, tries everything again. */
void engine_slot_forgive(struct engine *e);
bool engine_slot_poisoned(const struct engine *e, const uint8_t id[16]);

/* --- engine_open.c --- */

/** An engine with its open transaction that has read nothing: no journal, no state. Ended with
 *  engine_abandon(). */
SK_CHECKED int engine_new(struct engine **ret_e, struct store *st, const struct service *svc,
			  const struct port *port, const struct engine_conf *conf);

/* --- engine_fold.c: caches in memory, from effects and at start --- */

SK_CHECKED int engine_fold(struct engine *e, struct slice effects);
/** Reads meta, cursors, marks, heads and the service's index from the store. */
SK_CHECKED int engine_load_state(struct engine *e);

/* --- engine_admin.c: handlers and queries that every daemon has --- */

/** @p peer: whose log carries it, or NULL for a command. */
const struct handler *engine_find_handler(const struct engine *e, PB(Message__BodyCase) body,
					  const char *peer);
/** An input of the engine's own (ConfigApplied, Incarnated, PeerIncarnated). */
SK_CHECKED int engine_own_step(struct step *s, const PB(Message) *m);
/** A due row of kind >= DUE_ENGINE_FIRST. */
SK_CHECKED int engine_own_due(struct step *s, uint8_t kind, const struct object_id *id);
void engine_quarantine(struct step *s, const struct input *in, PB(Refusal) code, const char *field);
/** Journals one of them. @return SK_EREFUSED: it stopped the daemon twice and is not stepped. */
SK_CHECKED int engine_own_input(struct engine *e, PB(Message) *m, enum record_kind kind);
PB(MetaRecord) *engine_meta(struct step *s);
void engine_meta_put(struct step *s, const PB(MetaRecord) *m);

void engine_alarm(struct step *s, PB(AlarmKind) kind, const char *party);

/* --- engine_reconcile.c: a new incarnation, and what daemons tell each other after it --- */

int engine_on_incarnated(struct step *s, const PB(Incarnated) *m);
int engine_on_peer_incarnated(struct step *s, const PB(PeerIncarnated) *m);
/** One piece of the inventory for the peer named by @p id; a due row brings the next. */
int engine_send_inventory(struct step *s, const struct object_id *id);
int engine_on_reconcile_begin(struct step *s, const PB(Message) *in);
int engine_on_reconcile_done(struct step *s, const PB(Message) *in);
int engine_on_sign_off(struct step *s, const PB(Message) *in);

/* --- engine_query.c --- */

void engine_answer_queries(struct engine *e);
/** Answered after the flush. */
void engine_queue_query(struct engine *e, uint64_t conn, const struct party *from,
			const PB(Message) *m, struct slice bytes);
const struct query *engine_find_query(const struct engine *e, PB(Message__BodyCase) body);

/* --- engine_log.c: logs that others read --- */

void engine_question(struct engine *e, uint64_t conn, const struct party *from, const PB(Frame) *f);
void engine_serve_logs(struct engine *e);
void engine_trim_logs(struct engine *e);
struct log_head *engine_head(struct engine *e, const char *log);
/** @return false when @p more logs beside those that exist are all that may be. */
bool engine_has_place(const struct engine *e, size_t more);
/** True when every party of that configuration may be written to. */
bool engine_places_suffice(const struct engine *e, const PB(ConfigApplied) *c);
SK_CHECKED int engine_fold_head(struct engine *e, const struct key *k, struct slice val);
/** Bytes that peers have not read yet: the largest of the daemon logs. */
uint64_t engine_log_backlog(const struct engine *e);

/* --- engine_link.c: logs that we read --- */

struct link_in *engine_link(struct engine *e, const char *peer);
/** Tells two entries of one place apart. Never 0. */
uint64_t engine_sum(struct slice entry);
void engine_ask_links(struct engine *e);
/** @return boot time of the next thing that a link wants. */
uint64_t engine_links_next_boot(const struct engine *e);

/* --- engine_time.c --- */

void engine_time_start(struct engine *e, uint64_t last_record_ms);
void engine_time_update(struct engine *e);
void engine_time_accept(struct engine *e);

/* --- engine_room.c: reserves --- */

/** The bounds at the door that makes work. @return UNSPECIFIED when it may come in. */
PB(Resource) engine_check_room(const struct engine *e, const struct handler *h,
			       const PB(Message) *m);
/** Between batches. */
void engine_look_at_reserves(struct engine *e);

/* --- engine_trim.c: segments of the journal that nobody needs any more --- */

/** Removes one at most. Between batches only. */
void engine_trim_journal(struct engine *e);

/* --- engine_reply.c --- */

/** Queues a frame with the message as answer to @p correlation; sent after the flush. */
void engine_answer(struct engine *e, uint64_t conn, const ProtobufCBinaryData *correlation,
		   PB(Message) *m);
void engine_queue_frame(struct engine *e, uint64_t conn, const PB(Frame) *f);
void engine_answer_receipt(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Receipt) *r);
void engine_refuse(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Refusal) code,
		   const char *field);
void engine_busy(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Resource) what);
void engine_send_answers(struct engine *e);

/** We come from an old copy: the next turn takes a new incarnation, and nothing is stepped before.
 */
static inline void engine_found_restored(struct engine *e, const char *why)
{
	e->restored = true;
	name_copy(e->restored_why, why);
}

static inline void engine_crash_point(struct engine *e, const char *name)
{
	if (e->port->crash_point != NULL) {
		e->port->crash_point(e->port->ctx, name);
	}
}
