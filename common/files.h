/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The files of one daemon, and with them the disk and clock half of struct port.
 *  DIR/store/ (LMDB), DIR/journal/seg-%016llx, DIR/checkpoints/ (files_checkpoint.h),
 * DIR/store.key (0600), DIR/slot (poison slot), and the incarnation in a directory of its own,
 * which no backup holds. Whatever is made appears whole or not at all: temporary name, sync,
 * rename, sync of the directory. Ownership: struct files owns descriptors, mapping and the worker's
 * request. Threads: the loop's; one worker fills the segment ahead. Blocks: everything here may
 * wait for the disk. */
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>

#include <uv.h>

#include "common/engine.h"

#define FILES_OPEN_SEGMENTS 2
#define FILES_FLUSHES 64 /* remembered for their median */
#define FILES_SEGMENT_NAME "seg-%016llx"

enum files_ahead { AHEAD_NONE, AHEAD_UNDER_WAY, AHEAD_DONE };

struct files_segment {
	uint64_t seg; /* 0: no file */
	int fd;
	uint64_t used; /* the one used longest ago makes room */
};

struct files {
	int journal_dir;
	int slot_fd;
	uint64_t segment_bytes;
	struct files_segment open[FILES_OPEN_SEGMENTS];
	uint64_t uses;
	struct poison_slot *slot;
	uint32_t flush_us[FILES_FLUSHES];
	uint64_t flushes;
	void (*progress)(void); /* told at each read and write of recovery; may be NULL */
	/* the worker */
	uv_loop_t *loop; /* NULL: no worker */
	uv_work_t work;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	enum files_ahead ahead;
	uint64_t ahead_seg;
	bool lock_made;
};

/** Opens what files_create() made. @return SK_ENOENT: no such node; SK_ECONF: its segments have
 *  another size; SK_ESYS. */
SK_CHECKED int files_open(struct files *f, const char *dir, uint64_t segment_bytes,
			  uv_loop_t *loop);
/** Waits for the worker; run the loop once more afterwards. Safe on a zeroed or half-opened one. */
void files_close(struct files *f);
/** Fills the members of @p port that files and clocks implement; not reply, ask, die. */
void files_port(struct files *f, struct port *port);
/** Fault handlers (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL) on a stack of their own: they count a
 *  crash in the slot while it is active, then let the fault take its usual course. */
SK_CHECKED int files_watch_faults(struct poison_slot *slot);

struct files_new {
	const char *dir; /* must not exist; its parent must */
	const char *daemon;
	size_t map_bytes;
	uint64_t segment_bytes;
	bool demo;
	bool seeded; /* key and nonce follow from the seed; of a demo's store alone */
	uint64_t seed;
};
/** Makes the store, its key and the empty journal of a daemon. Only `schakel node init` calls it: a
 *  daemon never makes a store. @return SK_ESTATE: exists already; SK_EINVAL: seeded, and no demo.
 */
SK_CHECKED int files_create(const struct files_new *n);
SK_CHECKED int files_store_key(const char *dir, uint8_t ret_key[STORE_KEY_LEN]);

/** What is remembered of a store outside its backups: an older copy shows by it. */
struct files_seen {
	struct incarnation incarnation;
	uint64_t sequence; /* this much was durable once */
};
/** @return SK_OK with all zero when there is no file; SK_ECORRUPT. */
SK_CHECKED int files_seen_read(const char *path, struct files_seen *ret_seen);
SK_CHECKED int files_seen_write(const char *path, const struct files_seen *seen);

/** Writes a whole file at @p path with @p mode: temporary name, sync, rename, sync of its
 * directory.
 *  @return SK_EFULL, SK_ESYS; then the old file stands. */
SK_CHECKED int files_replace(const char *path, unsigned mode, struct slice content);
/** Reads at most @p cap bytes. @return SK_ENOENT, SK_ESYS, SK_EFULL: longer. */
SK_CHECKED int files_read(const char *path, void *buf, size_t cap, size_t *ret_len);
/** Syncs a directory, so that the names in it last. */
SK_CHECKED int files_sync_dir(const char *path);
