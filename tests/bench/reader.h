/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A reader of "@events" that keeps its question open: it asks again when half its credit is
 *  used. Ownership: reader_close(). Blocks: reader_open(). */
#include "tests/bench/zlane.h"

struct reader {
	void *socket;
	const char *source; /* the daemon */
	int fd;
	uint32_t incarnation;
	uint64_t nonce;
	uint64_t after; /* last entry taken */
	uint64_t last;  /* end of the log when it was opened */
	uint32_t credit_left;
};

/** What is done with an entry; the packed Message lives until it returns. */
typedef void reader_fn(void *ctx, struct slice message);

/** Connects and learns where the log ends; asks nothing yet. */
SK_CHECKED int reader_open(struct reader *r, const struct zside *side, const char *source);
/** Asks for what stands behind @p after. */
SK_CHECKED int reader_start(struct reader *r, uint64_t after);
/** Takes what stands ready; @p fn may be NULL. @return entries taken, or an error. */
int reader_pump(struct reader *r, reader_fn *fn, void *ctx);
/** NULL socket is a no-op. */
void reader_close(struct reader *r);
