/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The judge of the simulated region: after every step of intake, waitlist and matching it
 *  checks the laws of DOMAIN 8 and the invariants of RELIABILITY 4 by code of its own. It knows the
 *  stored records and the messages, and nothing of how the cores come to them: it keeps a copy of
 * each daemon's tables, folded from the effects of the applied inputs, and what was said in the
 * inputs.
 *
 *  Order of calls for each daemon: laws_restarted() once it runs (also at its first start), then
 * for each applied input laws_applied() from the engine's hook, and laws_after_step() after a turn.
 *  Ownership: the caller owns struct laws; what is handed in is borrowed for the call.
 *  Errors: a violation is printed and ends the process (abort), unless laws_trap() says otherwise;
 *  a failed allocation is a broken invariant. Threads: one. Blocks: never. */
#include "common/engine.h"

#define LAWS_DAEMONS 3
enum laws_daemon { LAWS_INTAKE, LAWS_WAITLIST, LAWS_MATCHING };

struct laws;

struct laws *laws_new(void);
/** NULL is a no-op. */
void laws_free(struct laws *l);

/** One input was applied by @p daemon; @p state is its open transaction. All laws of that daemon
 *  are checked here, at the step that decides. */
void laws_applied(struct laws *l, int daemon, const struct applied *a, struct store_txn *state);
/** After a turn: now and then the copy is compared with the store, row by row (I19, I22). */
void laws_after_step(struct laws *l, int daemon, struct store_txn *state);
/** The daemon recovered up to input @p sequence, and its time is @p now_ms: what was beyond is
 * forgotten. An acknowledgement beyond it is a loss (L1), unless laws_old_copy() was called before.
 */
void laws_restarted(struct laws *l, int daemon, uint64_t sequence, uint64_t now_ms,
		    struct store_txn *state);
/** The files of @p daemon were replaced by an earlier copy: its next start may lack what was
 *  acknowledged. */
void laws_old_copy(struct laws *l, int daemon);
/** A client of @p daemon was told that its command of that sequence is done. */
void laws_acknowledged(struct laws *l, int daemon, uint64_t sequence);
/** Faults are over and the region is at rest: every log is drained, every request is ended or waits
 *  with an owner and a date, and the three daemons agree. */
void laws_end(struct laws *l, struct store_txn *state[LAWS_DAEMONS]);

/** Called for each violation in place of the end of the process: for tests of the judge itself. */
typedef void laws_trap_fn(void *ctx, const char *law, const char *text);
void laws_trap(struct laws *l, laws_trap_fn *fn, void *ctx);
/** The one way to report a violation: prints the law, the daemon, its sequence and the text. */
void laws_violated(struct laws *l, const char *law, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** L10: what one person was shown by intake now. */
void laws_person(struct laws *l, const PB(PersonView) *v, uint64_t now_ms);
/** L10: one page of a whole file that was given now: somebody asked, and nothing that is kept back
 * is in it. */
void laws_file(struct laws *l, const PB(FileView) *v, const ProtobufCBinaryData *request);

/** What one event tells of one object, as numbers. */
struct told {
	uint64_t object; /* 0: of none */
	uint64_t state;
};
/** @return the object that the event is about and the state it is left in; 0: of none. */
uint64_t laws_event_object(const PB(Event) *e, uint64_t *ret_state);
/** I21: every row of @p daemon must be as its events left it: @p knows says whether they did. */
typedef bool laws_knows_fn(void *ctx, const struct told *told);
void laws_events(struct laws *l, int daemon, laws_knows_fn *knows, void *ctx);
