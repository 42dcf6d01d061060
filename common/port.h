/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Everything that the engine needs from the world. The loop implements it with files,
 * clocks and ZeroMQ; the simulator with a model of them. Nothing else differs between the two. */
#include <stdint.h>

#include "common/key.h"

#define POISON_SUSPECTS 16

/** Survives a crash of the process (a mapped file), not a power cut. The loop's fault handlers
 *  count a crash (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL) only while active is set; kill -9
 * counts none. At the next start the engine moves the count to the suspects, where it stays until
 * the message was stepped through: two bad messages may take turns, with good ones between them. */
struct poison_slot {
	uint8_t id[16]; /* of the message being stepped */
	uint32_t active;
	uint32_t crashes; /* of the process that stepped it */
	struct poison_suspect {
		uint8_t id[16];
		uint32_t crashes; /* times that this message stopped the daemon */
		uint32_t turn;    /* when it did last; the oldest makes room */
	} suspect[POISON_SUSPECTS];
	uint32_t turns;
};

struct port {
	void *ctx;
	/* Journal segments, numbered from 1 without holes. All return 0 or SK_ESYS / SK_EFULL. */
	/** @return first and last existing segment; 0, 0 when there is none. */
	int (*seg_list)(void *ctx, uint64_t *ret_first, uint64_t *ret_last);
	/** Makes segment @p seg: zero-filled, synced, its name durable. Blocks. Exists already:
	 * SK_OK. */
	int (*seg_make)(void *ctx, uint64_t seg);
	/** Asks for the same in the background; may do nothing. */
	void (*seg_ahead)(void *ctx, uint64_t seg);
	int (*seg_read)(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len);
	int (*seg_write)(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len);
	/** Blocks until what was written to @p seg is on the disk (fdatasync). */
	int (*seg_flush)(void *ctx, uint64_t seg);
	int (*seg_remove)(void *ctx, uint64_t seg);
	/** UTC, milliseconds; may jump. */
	uint64_t (*wall_ms)(void *ctx);
	/** CLOCK_BOOTTIME, milliseconds; never backward while the machine runs. */
	uint64_t (*boot_ms)(void *ctx);
	/** Bytes free on the disk of the store. */
	uint64_t (*disk_free)(void *ctx);
	/** Median of the latest flushes, microseconds; NULL: not measured. For status only. */
	uint64_t (*flush_us_p50)(void *ctx);
	/** Sends one frame to the connection that asked. SK_EAGAIN: full or gone; nothing is kept.
	 */
	int (*reply)(void *ctx, uint64_t conn, struct slice frame);
	/** Sends one frame to the ROUTER of daemon @p peer. SK_EAGAIN: full or not connected. */
	int (*ask)(void *ctx, const char *peer, struct slice frame);
	/** Named places where the simulator may stop the process. NULL in a daemon. */
	void (*crash_point)(void *ctx, const char *name);
	/** The outcome of a flush or commit is unknown, or our own data is bad: end at once (_exit)
	 *  without committing or answering. Does not return. */
	void (*die)(void *ctx, const char *why, int err);
	struct poison_slot *slot;
};
