/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Reads "@events" of one daemon, in the gateway's own name, into the read model; a thread
 * for each. When the log no longer holds what comes next, or the daemon came back from an old copy,
 * a snapshot is taken first. Ownership: reader_close(). */
#include "services/gateway/model.h"

struct reader;

struct reader_conf {
	const struct conf *conf; /* copied what is needed */
	unsigned daemon;
	struct model *model;
	/** Told from the reader's thread after each batch that was folded. */
	void (*folded)(void *ctx);
	void *ctx;
};

struct reader_status {
	bool connected;    /* heard of within the last questions */
	uint64_t heard_ms; /* CLOCK_BOOTTIME; 0: never */
	uint64_t behind;   /* entries that are durable there and not folded here */
};

SK_CHECKED int reader_open(const struct reader_conf *rc, struct reader **ret_reader);
/** Has it end; reader_close() then waits a second or two at most. NULL is a no-op. */
void reader_end(struct reader *r);
void reader_close(struct reader *r);
void reader_status(struct reader *r, struct reader_status *ret_status);
