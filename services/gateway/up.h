/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The gateway's connections to the daemons: one for each party that is signed in and each
 *  daemon, made when it is first used and closed when it is idle. A call sends the same bytes again
 *  until an answer comes or its time is over, so a lost receipt does no harm. A connection is made
 *  with the configuration that is in force then.
 *  Ownership: up_close(). Threads: any; none of its own: who asks works the connection itself,
 *  and of several who ask on the same one reads for all. Blocks: up_call(), until the answer or
 *  the time-out. */
#include "common/conf.h"

#define UP_LINES_MAX 512  /* connections at once; the longest unused makes room */
#define UP_CALLS_MAX 2048 /* under way at once; more get SK_EBUSY */
#define UP_IDLE_MS 120000
#define UP_TIMEOUT_MS 8000

struct gate;
struct up;

struct up_call {
	const char *party;
	unsigned daemon;      /* index in conf->daemons */
	struct slice message; /* a packed Message with an id */
	uint32_t timeout_ms;
	/* Counted and taken at once: with so many waiting for that daemon already, of all or of
	 * that party, SK_EBUSY. 0: however many. */
	uint64_t waiting_most;
	uint64_t own_most;
};

struct up_status {
	uint64_t calls;
	uint64_t timeouts;
	uint64_t waiting;  /* now */
	uint64_t heard_ms; /* CLOCK_BOOTTIME of the last answer; 0: none yet */
};

SK_CHECKED int up_open(struct gate *gate, struct up **ret_up);
/** Ends every call with SK_ETIMEDOUT; further ones get SK_EBUSY. NULL is a no-op. */
void up_end(struct up *up);
/** The same, and waits for those calls; none may come any more. */
void up_close(struct up *up);
/** @p ret_buf has room for FRAME_BYTES_MAX. @return SK_ETIMEDOUT: no answer in time; SK_EBUSY: too
 *  many calls; else as client_open_node(). */
SK_CHECKED int up_call(struct up *up, const struct up_call *call, uint8_t *ret_buf,
		       size_t *ret_len);
/** Journal time of a daemon as last seen, in milliseconds; 0: nothing was heard yet. */
uint64_t up_time_ms(const struct up *up, unsigned daemon);
void up_status(struct up *up, unsigned daemon, struct up_status *ret_status);
/** Keys have changed: every connection is made anew. */
void up_renew(struct up *up);
/** Closes what was idle too long; also done at calls. */
void up_sweep(struct up *up);
