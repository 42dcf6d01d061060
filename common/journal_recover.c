/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/journal_format.h"
#include "common/mut.h"

enum read_result { READ_GOOD, READ_NOTHING, READ_TORN, READ_ERROR };

static void parse_header(const uint8_t *h, struct batch_header *ret_h)
{
	*ret_h = (struct batch_header){ .batch = be64_read(h + AT_BATCH),
					.first_sequence = be64_read(h + AT_FIRST),
					.records = be32_read(h + AT_RECORDS),
					.payload_len = be32_read(h + AT_LEN),
					.core_version = be32_read(h + AT_CORE) };
	memcpy(ret_h->store_id, h + AT_STORE, sizeof(ret_h->store_id));
	memcpy(ret_h->prev_hash, h + AT_PREV, BATCH_HASH_LEN);
	memcpy(ret_h->hash, h + AT_HASH, BATCH_HASH_LEN);
}

/** Reads what stands at @p at into the batch buffer; good only when header, length and hash fit. */
static enum read_result read_batch(struct journal *j, struct journal_place at,
				   struct batch_header *ret_h)
{
	const struct port *p = j->port;
	uint8_t hash[BATCH_HASH_LEN];

	if (p->seg_read(p->ctx, at.segment, at.offset, j->buf, BATCH_BLOCK) != SK_OK) {
		return READ_ERROR;
	}
	if (memcmp(j->buf, journal_magic, sizeof(journal_magic)) != 0) {
		return READ_NOTHING;
	}
	parse_header(j->buf, ret_h);
	uint64_t len = BATCH_HEADER_LEN + (uint64_t)ret_h->payload_len;
	if (memcmp(ret_h->store_id, j->store_id, sizeof(j->store_id)) != 0 || len > j->buf_cap ||
	    at.offset + len > j->segment_bytes) {
		return READ_TORN;
	}
	if (len > BATCH_BLOCK && p->seg_read(p->ctx, at.segment, at.offset + BATCH_BLOCK,
					     j->buf + BATCH_BLOCK, len - BATCH_BLOCK) != SK_OK) {
		return READ_ERROR;
	}
	journal_hash(j, j->buf, len, hash);
	return memcmp(hash, ret_h->hash, BATCH_HASH_LEN) == 0 ? READ_GOOD : READ_TORN;
}

int journal_segment_time(struct journal *j, uint64_t segment, uint64_t *ret_ms)
{
	struct batch_header h = { 0 };
	struct record first;

	SK_ASSERT(j->records == 0);
	enum read_result r = read_batch(j, (struct journal_place){ .segment = segment }, &h);
	if (r != READ_GOOD) {
		return r == READ_ERROR ? SK_ESYS : SK_ECORRUPT;
	}
	struct slice payload = { j->buf + BATCH_HEADER_LEN, h.payload_len };
	if (record_next(&payload, &first) != 1) {
		return SK_ECORRUPT;
	}
	*ret_ms = first.time_ms;
	return SK_OK;
}

struct walk {
	struct journal *j;
	const struct journal_position *pos;
	journal_batch_fn *fn;
	void *ctx;
	/* the chain as far as it is whole */
	uint64_t batch;
	uint64_t next_sequence;
	uint8_t hash[BATCH_HASH_LEN];
	struct journal_place last;
	struct journal_place end;
	/* what tells corruption from a torn end */
	uint64_t highest;
	bool position_found;
	bool torn;
	bool foreign;
};

/** Takes a valid batch into the chain when it is the next one. Copies of batches that stand in the
 *  chain already (a tail that was written again) are passed over. */
static int take_batch(struct walk *w, const struct batch_header *h, struct journal_place at)
{
	struct journal *j = w->j;
	struct journal_place behind = { at.segment, at.offset + journal_padded(h->payload_len) };

	w->highest = h->batch > w->highest ? h->batch : w->highest;
	if (h->batch == w->pos->batch && memcmp(h->hash, w->pos->hash, BATCH_HASH_LEN) == 0) {
		w->position_found = true;
		if (w->batch == w->pos->batch) {
			w->last = at;
			w->end = behind;
		}
	}
	if (h->batch != w->batch + 1 || h->first_sequence != w->next_sequence ||
	    memcmp(h->prev_hash, w->hash, BATCH_HASH_LEN) != 0) {
		return SK_OK;
	}
	w->batch = h->batch;
	w->next_sequence += h->records;
	memcpy(w->hash, h->hash, BATCH_HASH_LEN);
	w->last = at;
	w->end = behind;
	struct slice payload = { j->buf + BATCH_HEADER_LEN, h->payload_len };
	return w->fn == NULL ? SK_OK : w->fn(w->ctx, h, payload, at);
}

/** A store that has nothing committed says nothing of its journal: the batches of another store,
 * which begin each segment, are not a torn end to write over. */
static bool is_foreign(const struct walk *w, struct journal_place at, enum read_result r,
		       const struct batch_header *h)
{
	return w->pos->batch == 0 && at.offset == 0 && r == READ_TORN &&
	       memcmp(h->store_id, w->j->store_id, sizeof(h->store_id)) != 0;
}

/** Behind a hole it only looks for valid later batches, block by block: they tell a durable
 *  batch that went bad from one that was never whole. */
static int walk_segment(struct walk *w, struct journal_place at)
{
	struct journal *j = w->j;

	while (at.offset + BATCH_BLOCK <= j->segment_bytes) {
		struct batch_header h = { 0 };
		enum read_result r = read_batch(j, at, &h);
		uint64_t len = BATCH_BLOCK;
		if (r == READ_ERROR) {
			return SK_ESYS;
		}
		if (r == READ_GOOD) {
			int err = take_batch(w, &h, at);
			if (err != SK_OK) {
				return err;
			}
			len = journal_padded(h.payload_len);
		} else {
			w->torn = w->torn || r == READ_TORN;
			w->foreign = w->foreign || is_foreign(w, at, r, &h);
		}
		at.offset += len;
	}
	return SK_OK;
}

static int walk_all(struct walk *w, struct journal_place from, uint64_t last)
{
	struct journal_place at = from;

	w->batch = w->pos->batch;
	w->next_sequence = w->pos->batch == 0 ? 1 : w->pos->next_sequence;
	if (w->pos->batch != 0) {
		memcpy(w->hash, w->pos->hash, BATCH_HASH_LEN);
	}
	w->last = from;
	w->end = from;
	for (; at.segment <= last; at = (struct journal_place){ at.segment + 1, 0 }) {
		int err = walk_segment(w, at);
		if (err != SK_OK) {
			return err;
		}
	}
	return SK_OK;
}

/** The chain must be whole up to the highest batch that exists, and hold the store's position. */
static int judge(const struct walk *w)
{
	if ((w->pos->batch != 0 && !w->position_found) || w->foreign) {
		return SK_EFOREIGN;
	}
	if (MUT(3) && w->torn) {
		return SK_ECORRUPT;
	}
	return w->highest > w->batch && !MUT(4) ? SK_ECORRUPT : SK_OK;
}

static void adopt(struct journal *j, const struct walk *w)
{
	j->last_batch = w->batch;
	j->next_sequence = w->next_sequence;
	memcpy(j->last_hash, w->hash, BATCH_HASH_LEN);
	j->last = w->last;
	j->end = w->end;
}

int journal_recover(struct journal *j, const struct journal_position *pos, journal_batch_fn *fn,
		    void *ctx, struct journal_place *ret_bad)
{
	struct walk w = { .j = j, .pos = pos, .fn = fn, .ctx = ctx };
	uint64_t first, last;

	int err = j->port->seg_list(j->port->ctx, &first, &last);
	if (err != SK_OK) {
		return err;
	}
	j->first_segment = first;
	if (last == 0) {
		return pos->batch == 0 ? SK_OK : SK_EFOREIGN;
	}
	struct journal_place from = pos->batch == 0 ? (struct journal_place){ first, 0 } : pos->at;
	if (from.segment < first || from.segment > last) {
		return SK_EFOREIGN;
	}
	err = walk_all(&w, from, last);
	if (err == SK_OK) {
		*ret_bad = w.end; /* behind the last batch of the whole chain */
		err = judge(&w);
	}
	if (err == SK_OK) {
		adopt(j, &w);
	}
	return err;
}

/** Writes the batch that stands in the buffer at the end of the journal, byte for byte. */
static int copy_batch(void *ctx, const struct batch_header *h, struct slice payload,
		      struct journal_place at)
{
	struct journal *j = ctx;
	const struct port *p = j->port;
	uint64_t len = journal_padded(h->payload_len);
	uint64_t before = j->end.segment;
	int err = SK_OK;

	(void)at;
	if (j->end.offset < j->segment_bytes && j->end.offset + len > j->segment_bytes) {
		err = p->seg_flush(p->ctx, before);
	}
	if (err == SK_OK) {
		err = journal_make_place(j, len);
	}
	if (err != SK_OK) {
		return err;
	}
	memset(j->buf + BATCH_HEADER_LEN + payload.len, 0, len - BATCH_HEADER_LEN - payload.len);
	err = p->seg_write(p->ctx, j->end.segment, j->end.offset, j->buf, len);
	if (err == SK_OK) {
		j->last = j->end;
		j->end.offset += len;
	}
	return err;
}

/* What a killed process wrote may be in the page cache only. It is written again, into a segment
 * behind the one where it stands, and flushed before anything is answered. */
int journal_rewrite(struct journal *j, const struct journal_position *pos)
{
	struct walk w = { .j = j, .pos = pos, .fn = copy_batch, .ctx = j };
	uint64_t last = j->end.segment;
	struct journal_place from =
		pos->batch == 0 ? (struct journal_place){ j->first_segment, 0 } : pos->at;

	if (j->last_batch == pos->batch || MUT(2)) {
		return SK_OK;
	}
	j->end = (struct journal_place){ last, j->segment_bytes };
	int err = walk_all(&w, from, last);
	SK_ASSERT(err != SK_OK || w.batch == j->last_batch);
	if (err == SK_OK) {
		err = j->port->seg_flush(j->port->ctx, j->end.segment);
	}
	return err;
}
