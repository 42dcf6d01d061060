/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The engine: one message at a time through the core, a batch at a time to the journal, the
 *  store behind it; receipts, logs with cursors, timers, time, recovery. Sans-I/O behind struct
 * port.
 *
 *  One turn: engine_frame() and engine_peer_frame() for all that waits (each steps at once, in a
 *  child of the open transaction), then engine_turn(): due rows, one append and flush, answers and
 *  log entries, queries, the commit behind. Persist, then reply.
 *  Threads: one. Blocks: in the port's flush and in the store's commit only. */
#include "common/port.h"
#include "common/service.h"

#define FRAME_BYTES_MAX 65536
#define BATCH_RECORDS_MAX 1024
#define BATCH_BYTES_MAX (4U << 20)
#define BATCH_BLOCK 4096
#define EFFECTS_BYTES_MAX (512U << 10) /* of one input */
#define ARENA_BYTES (2U << 20)
#define DUE_ROWS_MAX 256 /* of one Tick */
#define LOG_CREDIT_MAX 1024
#define LOG_WAIT_MS_MAX 30000
#define LINK_WAIT_MS 2000 /* by then a living peer has answered, if only with a mark */
#define READERS_MAX 4096
#define QUERIES_WAITING_MAX 1024
/* Messages set aside; with so many, a link waits at its next one that would be. */
#define QUARANTINE_ROWS_MAX 1024
#define CLOCK_JUMP_MS (10U * 60 * 1000)
#define CLOCK_START_MS (7ULL * 24 * 3600 * 1000)
#define CLOCK_ADVANCE_MS_MAX (3660ULL * 24 * 3600 * 1000) /* of one command on a demo node */
#define STORE_KEY_LEN 32
/** Where the clock of a demo node begins: 1 January 2026, midnight in Brussels. */
#define DEMO_START_MS 1767222000000ULL

/** Counter plus random bits: a daemon restored from an old copy takes a new one (DESIGN 4). */
struct incarnation {
	uint32_t number;
	uint64_t nonce;
};

/** One input that was applied, with its effects. */
struct applied {
	uint64_t sequence;
	uint64_t time_ms;
	uint8_t kind; /* enum record_kind */
	PB(Outcome) outcome;
	const char *party;
	const PB(Message) *in;
	struct slice effects;
};
typedef void applied_fn(void *ctx, const struct applied *a);

struct engine_conf {
	uint8_t key[STORE_KEY_LEN];  /* secret of the store: journal hashes, short codes, lotteries
				      */
	uint64_t fresh_nonce;        /* random, drawn by the loop at this start */
	struct incarnation seen;     /* from the file outside backups; number 0: no such file */
	uint64_t seen_sequence;      /* from the same file: this much was durable once */
	bool demo;                   /* of a store that is being made; afterwards the store says */
	uint64_t segment_bytes;      /* 1 MiB .. 1 GiB; tests 1 MiB */
	uint64_t disk_reserve_bytes; /* below: commands that add data get BUSY */
	uint32_t commit_records;     /* commit at the first of these (1,024), */
	uint32_t commit_bytes;       /* 2 MiB, */
	uint32_t commit_ms;          /* 250, */
	uint32_t commit_idle_ms;     /* 15 */
	uint32_t keep_segments_days; /* 35 */
	applied_fn *on_applied;      /* of engine_replay() alone: as engine_on_applied(); or NULL */
	void *on_applied_ctx;
};

struct engine_stats {
	uint64_t batches, records, commits, replies, frames_refused, duplicates, busy;
};

struct engine;

/** Writes the first rows of a new store (store id, format, daemon name, demo mark). */
SK_CHECKED int engine_init_store(struct store *st, const struct service *svc,
				 const struct engine_conf *conf, const uint8_t store_id[16]);
/** Recovers: checks the position, applies the effects of the journal's good tail, writes that tail
 *  again into a new segment and flushes it. Nothing is answered before. The store, service and port
 *  are borrowed until engine_close(). *ret_e is set before recovery begins, and NULL again when it
 *  fails: a simulated kill on the way abandons it. @return SK_EFOREIGN, SK_ECORRUPT (where:
 *  engine_open_detail()). */
SK_CHECKED int engine_open(struct engine **ret_e, struct store *st, const struct service *svc,
			   const struct port *port, const struct engine_conf *conf);
/** One sentence about why engine_open() refused; static storage. */
const char *engine_open_detail(void);
/** Orderly stop: what is waiting is flushed and answered, then committed. */
SK_CHECKED int engine_close(struct engine *e);
/** Forgets everything without a write (simulated kill; after a failed open). NULL is a no-op. */
void engine_abandon(struct engine *e);

/** A frame on the ROUTER, from an authenticated party: command, query or question to a log.
 *  @return false: it did not decode, and nobody is answered. */
bool engine_frame(struct engine *e, uint64_t conn, const struct party *from, struct slice frame);
/** A frame from the daemon @p peer whose log we read. */
void engine_peer_frame(struct engine *e, const char *peer, struct slice frame);
/** The connection is gone: its waiting reader is forgotten. */
void engine_conn_closed(struct engine *e, uint64_t conn);
/** The whole checked configuration, packed ConfigApplied; an input only when it changed.
 *  @return SK_EFULL (no place for logs of so many parties), SK_EREFUSED (it stopped the daemon
 *  twice): the old one stands. engine_config_problem() says it in words. */
SK_CHECKED int engine_config(struct engine *e, struct slice packed);
const char *engine_config_problem(int err);
/** A plan that was worked out beside the loop, as an input. Not the last word on anything: a caller
 *  that is told no drops it. @return SK_EBUSY (draining, not ready, or no room now), SK_EINVAL (too
 *  long for a frame), SK_EREFUSED (it stopped the daemon twice). */
SK_CHECKED int engine_plan(struct engine *e, PB(PlanProposed) *plan);
/** The next slice of the copy that a plan is made of (struct service: plan_copy). *io_copy NULL:
 *  begins one; it stays NULL when none is due, or none may be made now (not ready, draining, after
 *  a restore). After an error it is gone, and NULL. @return SK_ENOMEM. */
SK_CHECKED int engine_plan_copy(struct engine *e, struct plan_copy **io_copy, bool *ret_whole);
/** True while a batch has room; when false, call engine_turn() before the next frame. */
bool engine_has_room(const struct engine *e);
/** Ends the turn. @return milliseconds until the engine wants the next one (0: at once). */
uint64_t engine_turn(struct engine *e);

/** Incarnation in force. The loop keeps it, with a recent durable sequence, in a file outside
 *  backups: at once when it changed, the sequence now and then (it may lag, never lead). */
struct incarnation engine_incarnation(const struct engine *e);
uint64_t engine_now_ms(const struct engine *e);
bool engine_is_demo(const struct engine *e);
/** True after recovery, with a configuration: the supervisor may be told READY. */
bool engine_ready(const struct engine *e);
void engine_stats(const struct engine *e, struct engine_stats *ret_stats);
/** Digest of all replayable tables in the open transaction. */
SK_CHECKED int engine_digest(struct engine *e, uint64_t *ret_digest);
/** The second last checkpoint stands in @p segment: from there on the journal is kept, and what is
 *  before it goes when it is older than keep_segments_days too. 0, as at the start: all is kept. */
void engine_keep_from(struct engine *e, uint64_t segment);
/** Journal sequence: last input stepped, last durable, last committed. */
void engine_positions(const struct engine *e, uint64_t *ret_stepped, uint64_t *ret_durable,
		      uint64_t *ret_committed);
/** The open transaction, for checkers of the simulator and tests: read only. */
struct store_txn *engine_peek(struct engine *e);
/** For them too: one query as @p from would ask it, on the open transaction; its first page. The
 *  answer lives until engine_peek_done(), which must follow in every case. @return SK_OK,
 * SK_EREFUSED, or why there is none. */
int engine_peek_query(struct engine *e, const struct party *from, const PB(Message) *m,
		      PB(Message) *ret_answer);
void engine_peek_done(struct engine *e);

/** Called after each applied input, before its batch is durable: the simulator's oracle hooks here.
 *  NULL to remove. */
void engine_on_applied(struct engine *e, applied_fn *fn, void *ctx);

/** Replays records [from the store's position on] of a journal through the core and compares every
 *  effect (L11). @p st is a scratch store at the start position (fresh, or a checkpoint). */
struct replay_report {
	uint64_t records;
	uint64_t first_bad_sequence; /* 0: none */
	uint64_t digest;
};
SK_CHECKED int engine_replay(struct store *st, const struct service *svc, const struct port *port,
			     const struct engine_conf *conf, struct replay_report *ret_report);
