/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Model disk of one daemon's journal: what readers see (the page cache) and what a power
 * cut leaves (the platter), by sectors of 512 bytes. A killed process keeps all it wrote; a power
 * cut keeps any subset of the sectors that no flush had taken. After a failed flush, what it did
 * not take is never taken by a later one, unless it is written again (as Linux does it). It reads
 * batch headers as they pass, by own code, to know which inputs are durable. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/key.h"
#include "tests/sim/rng.h"

#define SECTOR_BYTES 512
#define SEGMENT_BYTES (1U << 20)
#define SEGMENT_SECTORS (SEGMENT_BYTES / SECTOR_BYTES)
#define DISK_SEGMENTS_MAX 512

enum sector_state { SECTOR_CLEAN, SECTOR_DIRTY, SECTOR_ORPHAN };

struct segment {
	uint8_t *cache;
	uint8_t *platter;
	uint8_t *state; /* a sector each */
	uint64_t high;  /* end of what was ever written */
	bool removed;   /* for the daemon; a replay reads it all the same */
};

/** A batch as it was written. */
struct batch_at {
	uint64_t segment;
	uint64_t offset;
	uint64_t len; /* header and payload, without padding */
	uint64_t last_sequence;
	bool flushed;
};

struct disk {
	struct segment seg[DISK_SEGMENTS_MAX];
	uint64_t first;
	uint64_t last;
	struct batch_at *batch;
	size_t batch_len, batch_cap;
	uint64_t durable_sequence;
	uint64_t written_sequence;
};

void disk_done(struct disk *d);
void disk_make(struct disk *d, uint64_t seg);
void disk_remove(struct disk *d, uint64_t seg);
bool disk_is_removed(const struct disk *d, uint64_t seg);
void disk_read(const struct disk *d, uint64_t seg, uint64_t offset, void *buf, size_t len);
/** Only the first @p kept of the bytes get there: a process killed on the way. */
void disk_write(struct disk *d, uint64_t seg, uint64_t offset, struct slice bytes, size_t kept);
void disk_flush(struct disk *d, uint64_t seg);
/** The flush fails: each sector reached the platter or will never, by coin. */
void disk_flush_fail(struct disk *d, uint64_t seg, struct rng *r);
void disk_power_cut(struct disk *d, struct rng *r);
/** A copy of what readers see, with nothing owed. */
void disk_copy(struct disk *to, const struct disk *from);
/** A durable batch that a later durable one follows, or NULL; by draw. */
const struct batch_at *disk_pick_batch(const struct disk *d, struct rng *r);
/** Turns one bit, in cache and platter. Twice is none. */
void disk_flip(struct disk *d, uint64_t seg, uint64_t offset, unsigned int bit);
