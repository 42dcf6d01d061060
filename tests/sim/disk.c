/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "tests/sim/map64.h"

/* The header of a batch as the page of the format states it. */
#define BATCH_MAGIC "SKBATCH1"
#define HEADER_BYTES 112
#define HEADER_FIRST 32
#define HEADER_RECORDS 40
#define HEADER_LEN 44

static struct segment *segment(struct disk *d, uint64_t seg)
{
	SK_ASSERT(seg >= 1 && seg < DISK_SEGMENTS_MAX);
	return &d->seg[seg];
}

void disk_done(struct disk *d)
{
	for (size_t i = 0; i < DISK_SEGMENTS_MAX; i++) {
		free(d->seg[i].cache);
		free(d->seg[i].platter);
		free(d->seg[i].state);
	}
	free(d->batch);
	*d = (struct disk){ 0 };
}

void disk_make(struct disk *d, uint64_t seg)
{
	struct segment *s = segment(d, seg);

	if (s->cache == NULL) {
		s->cache = sim_alloc(SEGMENT_BYTES);
		s->platter = sim_alloc(SEGMENT_BYTES);
		s->state = sim_alloc(SEGMENT_SECTORS);
	}
	SK_ASSERT(d->last == 0 || seg <= d->last + 1);
	d->first = d->first == 0 ? seg : d->first;
	d->last = seg > d->last ? seg : d->last;
}

void disk_remove(struct disk *d, uint64_t seg)
{
	SK_ASSERT(seg == d->first && seg < d->last);
	segment(d, seg)->removed = true;
	d->first = seg + 1;
}

bool disk_is_removed(const struct disk *d, uint64_t seg)
{
	return seg < DISK_SEGMENTS_MAX && d->seg[seg].removed;
}

void disk_read(const struct disk *d, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	SK_ASSERT(seg >= 1 && seg < DISK_SEGMENTS_MAX && offset + len <= SEGMENT_BYTES);
	SK_ASSERT(d->seg[seg].cache != NULL);
	memcpy(buf, d->seg[seg].cache + offset, len);
}

static void note_batch(struct disk *d, uint64_t seg, uint64_t offset, const uint8_t *p)
{
	if (memcmp(p, BATCH_MAGIC, 8) != 0) {
		return;
	}
	if (d->batch_len == d->batch_cap) {
		d->batch_cap = d->batch_cap == 0 ? 64 : d->batch_cap * 2;
		d->batch = sim_grow(d->batch, d->batch_cap * sizeof(*d->batch));
	}
	struct batch_at b = { .segment = seg, .offset = offset };
	b.len = HEADER_BYTES + (uint64_t)be32_read(p + HEADER_LEN);
	b.last_sequence = be64_read(p + HEADER_FIRST) + be32_read(p + HEADER_RECORDS) - 1;
	d->batch[d->batch_len++] = b;
	if (b.last_sequence > d->written_sequence) {
		d->written_sequence = b.last_sequence;
	}
}

/* What stood at that place before is gone. */
static void forget_batches(struct disk *d, uint64_t seg, uint64_t offset, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->batch_len; i++) {
		const struct batch_at *b = &d->batch[i];
		bool over = b->segment == seg && b->offset < offset + len &&
			    offset < b->offset + b->len;
		if (!over) {
			d->batch[kept++] = *b;
		}
	}
	d->batch_len = kept;
}

void disk_write(struct disk *d, uint64_t seg, uint64_t offset, struct slice bytes, size_t kept)
{
	struct segment *s = segment(d, seg);

	SK_ASSERT(s->cache != NULL && offset % SECTOR_BYTES == 0 &&
		  offset + bytes.len <= SEGMENT_BYTES && kept <= bytes.len);
	memcpy(s->cache + offset, bytes.data, kept);
	forget_batches(d, seg, offset, kept);
	for (size_t at = 0; at < kept; at += SECTOR_BYTES) {
		s->state[(offset + at) / SECTOR_BYTES] = SECTOR_DIRTY;
	}
	s->high = offset + kept > s->high ? offset + kept : s->high;
	if (kept == bytes.len) {
		note_batch(d, seg, offset, bytes.data);
	}
}

static bool all_clean(const struct segment *s, const struct batch_at *b)
{
	for (uint64_t at = b->offset; at < b->offset + b->len; at += SECTOR_BYTES) {
		if (s->state[at / SECTOR_BYTES] != SECTOR_CLEAN) {
			return false;
		}
	}
	return true;
}

static void settle_batches(struct disk *d, uint64_t seg)
{
	for (size_t i = 0; i < d->batch_len; i++) {
		struct batch_at *b = &d->batch[i];
		if (b->segment != seg || b->flushed || !all_clean(segment(d, seg), b)) {
			continue;
		}
		b->flushed = true;
		if (b->last_sequence > d->durable_sequence) {
			d->durable_sequence = b->last_sequence;
		}
	}
}

static void reach(struct segment *s, size_t sector)
{
	memcpy(s->platter + sector * SECTOR_BYTES, s->cache + sector * SECTOR_BYTES, SECTOR_BYTES);
	s->state[sector] = SECTOR_CLEAN;
}

void disk_flush(struct disk *d, uint64_t seg)
{
	struct segment *s = segment(d, seg);

	for (size_t i = 0; i < s->high / SECTOR_BYTES; i++) {
		if (s->state[i] == SECTOR_DIRTY) {
			reach(s, i);
		}
	}
	settle_batches(d, seg);
}

void disk_flush_fail(struct disk *d, uint64_t seg, struct rng *r)
{
	struct segment *s = segment(d, seg);
	bool all = rng_coin(r);

	for (size_t i = 0; i < s->high / SECTOR_BYTES; i++) {
		if (s->state[i] != SECTOR_DIRTY) {
			continue;
		}
		if (all || rng_coin(r)) {
			reach(s, i);
		} else {
			s->state[i] = SECTOR_ORPHAN;
		}
	}
	settle_batches(d, seg);
}

/* That a name is gone is not flushed: after a power cut the segment removed last may be back. */
static void removal_undone(struct disk *d, struct rng *r)
{
	if (d->first > 1 && rng_coin(r)) {
		d->first--;
		segment(d, d->first)->removed = false;
	}
}

void disk_power_cut(struct disk *d, struct rng *r)
{
	removal_undone(d, r);
	for (uint64_t seg = 1; seg <= d->last; seg++) {
		struct segment *s = segment(d, seg);
		/* None, all, or any subset: by draw, else whole batches would hardly ever survive.
		 */
		uint64_t luck = rng_below(r, 4);
		for (size_t i = 0; s->state != NULL && i < s->high / SECTOR_BYTES; i++) {
			bool keeps = luck == 1 || (luck >= 2 && rng_coin(r));
			if (s->state[i] == SECTOR_DIRTY && keeps) {
				reach(s, i);
			}
		}
		settle_batches(d, seg);
		for (size_t i = 0; s->state != NULL && i < s->high / SECTOR_BYTES; i++) {
			if (s->state[i] != SECTOR_CLEAN) {
				memcpy(s->cache + i * SECTOR_BYTES, s->platter + i * SECTOR_BYTES,
				       SECTOR_BYTES);
				s->state[i] = SECTOR_CLEAN;
			}
		}
	}
	size_t kept = 0;
	for (size_t i = 0; i < d->batch_len; i++) {
		if (d->batch[i].flushed) {
			d->batch[kept++] = d->batch[i];
		}
	}
	d->batch_len = kept;
	d->written_sequence = d->durable_sequence;
}

void disk_copy(struct disk *to, const struct disk *from)
{
	disk_done(to);
	for (uint64_t seg = 1; seg <= from->last; seg++) {
		const struct segment *s = &from->seg[seg];
		if (s->cache == NULL) {
			continue;
		}
		struct segment *t = &to->seg[seg];
		t->cache = sim_alloc(SEGMENT_BYTES);
		t->platter = sim_alloc(SEGMENT_BYTES);
		t->state = sim_alloc(SEGMENT_SECTORS);
		memcpy(t->cache, s->cache, s->high);
		memcpy(t->platter, s->cache, s->high);
		t->high = s->high;
		t->removed = s->removed;
	}
	to->first = from->first;
	to->last = from->last;
	to->batch = sim_alloc((from->batch_len + 1) * sizeof(*to->batch));
	if (from->batch_len > 0) {
		memcpy(to->batch, from->batch, from->batch_len * sizeof(*to->batch));
	}
	to->batch_len = from->batch_len;
	to->batch_cap = from->batch_len + 1;
	for (size_t i = 0; i < to->batch_len; i++) {
		to->batch[i].flushed = true;
	}
	to->durable_sequence = from->written_sequence;
	to->written_sequence = from->written_sequence;
}

const struct batch_at *disk_pick_batch(const struct disk *d, struct rng *r)
{
	for (int tries = 0; tries < 8 && d->batch_len > 0; tries++) {
		const struct batch_at *b = &d->batch[rng_below(r, d->batch_len)];
		if (b->flushed && b->last_sequence < d->durable_sequence) {
			return b;
		}
	}
	return NULL;
}

void disk_flip(struct disk *d, uint64_t seg, uint64_t offset, unsigned int bit)
{
	struct segment *s = segment(d, seg);

	s->cache[offset] ^= (uint8_t)(1U << bit);
	s->platter[offset] ^= (uint8_t)(1U << bit);
}
