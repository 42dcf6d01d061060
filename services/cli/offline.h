/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The files of one daemon, read while it is stopped, or while it runs (reading disturbs it
 * in nothing), or from a copy. Nothing is ever written through this. Ownership: offline_close().
 * Threads: none. Blocks: reads files. */
#include "common/files_checkpoint.h"
#include "services/cli/cli.h"

#define OFFLINE_PATH_MAX 1024

struct offline {
	char dir[OFFLINE_PATH_MAX]; /* with store/, journal/ and store.key */
	int journal_fd;
	uint64_t segment_bytes;
	uint64_t first_segment; /* 0: no journal yet */
	uint64_t last_segment;
	uint8_t store_id[16]; /* as the first batch says */
	struct engine_conf conf;
	struct port port;
};

/** @p where is the name of a daemon of the node, or a directory. Zeroed before.
 *  @return an exit code, after saying what is wrong. */
int offline_open(struct cli *c, const char *where, struct offline *ret_o);
void offline_close(struct offline *o);
#define AUTO_OFFLINE __attribute__((cleanup(offline_close)))

/** What a walk over the journal found. */
struct walk_report {
	uint64_t batches;
	uint64_t records;
	uint64_t bytes; /* of payloads */
	uint64_t first_sequence;
	uint64_t last_sequence;
	uint64_t first_ms;
	uint64_t last_ms;
	uint64_t back_in_time;       /* records older than the one before */
	struct journal_position end; /* the last good batch */
	struct journal_place bad;    /* where the good chain ends */
	int err; /* SK_OK, SK_ECORRUPT (damage with whole batches behind it), ... */
};

/** Called for each good batch and, when @p record is set, for each of its records. */
struct walk_hooks {
	int (*batch)(void *ctx, const struct batch_header *h, struct slice payload,
		     struct journal_place at);
	int (*record)(void *ctx, uint64_t sequence, const struct record *r);
	void *ctx;
};
/** Walks from @p from (NULL: from the oldest batch that is kept). @return SK_OK when it could be
 * read, whatever it found; a hook's error ends it. */
SK_CHECKED int offline_walk(struct offline *o, const struct journal_position *from,
			    const struct walk_hooks *hooks, struct walk_report *ret_report);

/** True when the journal goes back to the first input, so that it can be run from the beginning. */
bool offline_is_whole(struct offline *o);

/** A compacting copy of the last commit of @p store_dir into the existing empty @p to. Reads with a
 *  reader of its own, as LMDB allows beside the daemon that owns the store; takes no lock of it. */
SK_CHECKED int offline_copy_store(const char *store_dir, const char *to);
