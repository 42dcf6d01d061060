/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A service that does to the engine what a test asks for, under the rig of core_rig.h: it
 *  counts, tells, fills the arena, writes much, waits, crashes. It calls itself "intake" and reads
 *  "waitlist" and "matching". With it: a wall clock apart from the boot clock, raw frames, and
 *  processes that crash or are killed on the way. Threads: none. */
#include "tests/unit/core_rig_inner.h"

/* What a step does. Command: PutCapacity.staffed = op, total = amount, pool = counter. Fact of
 * waitlist: Ask.use, amount, pool. Due row: kind = op, extra = amount, counter "due". */
enum toy_op {
	OP_COUNT = 1, /* adds one to the counter */
	OP_TELL,      /* sends waitlist as many messages as amount says, then counts */
	OP_FILL,      /* takes all of the arena */
	OP_WRITE,     /* a row of amount KiB, then counts */
	OP_DUE,       /* a due row: from_ms, kind = used_elsewhere, extra = amount */
	OP_CRASH,
	OP_CRASH_FOLD, /* writes a row that the index cannot fold */
	OP_REFUSE,
	OP_NEED,      /* takes amount bytes of the arena, then counts */
	OP_DROP,      /* deletes those rows, then counts */
	OP_TELL_LONG, /* sends waitlist a message with amount bytes in one field, then counts */
};

extern const struct service toy_service;
/** Rows that a fold or step crashes on do so only while this is set. */
extern bool toy_fragile;

struct rig *toy_new(void);
struct rig *toy_new_demo(void);
/** Wall clock minus boot clock. */
void toy_wall_ahead(struct rig *r, int64_t ms);

PB(Receipt) *toy_do(struct rig *r, enum toy_op op, uint32_t amount);
PB(Receipt) *toy_due(struct rig *r, uint64_t at_ms, enum toy_op op, uint32_t amount);
/** A command of the operator. */
PB(Receipt) *toy_operator(struct rig *r, PB(Message) *m);
bool toy_fact(struct rig *r, enum toy_op op, uint32_t amount);
uint64_t toy_count(struct rig *r, const char *counter);

/** A frame with a message of its own id, packed; the caller frees. */
uint8_t *toy_frame(struct rig *r, PB(Message) *m, const uint8_t id[16], struct slice *ret_frame);
/** A command into the batch, without a turn. */
void toy_post(struct rig *r, enum toy_op op, uint32_t amount);
struct question_of {
	const char *party;
	uint32_t roles;
	const char *log;
	uint32_t incarnation;
	uint64_t nonce;
	uint64_t after;
	uint64_t sum;
	uint32_t credit;
	uint32_t wait_ms;
	uint64_t conn;
};
void toy_ask(struct rig *r, const struct question_of *q);
/** Frames that went to this connection, and the last of them (valid until the next). */
size_t toy_frames(const struct rig *r, uint64_t conn);
const PB(Frame) *toy_last(void);
/** The last question of ours to a daemon. */
const PB(Frame) *toy_asked(void);
/** Frame of waitlist's log; @p nonce and @p incarnation as given. No message: a mark. */
void toy_peer_frame(struct rig *r, const char *peer, const PB(Link) *l, const PB(Frame) *f);

/* What OP_WRITE and OP_DROP do. */
void toy_bulk_write(struct step *s, uint32_t kib);
void toy_bulk_drop(struct step *s);

/** Where a step may stop the process: only under toy_survives(). */
void toy_crash(void);
/** Runs @p fn. @return false when it crashed: then the process was started again. */
bool toy_survives(struct rig *r, void (*fn)(struct rig *r));
/** kill -9, and a start. */
void toy_kill(struct rig *r);

/** An old copy of store and journal, taken at an orderly stop; free() it. */
struct toy_copy;
struct toy_copy *toy_copy(struct rig *r);
/** Stops, puts the copy in place, starts with conf.seen as the test has set it. */
void toy_put_back(struct rig *r, const struct toy_copy *c);
