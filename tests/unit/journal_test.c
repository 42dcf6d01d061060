/* SPDX-License-Identifier: EUPL-1.2 */
/* The journal over segments in memory: torn ends are cut, damage is told, a tail is written again,
 * a batch never spans segments, and flush errors leave nothing half known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/journal.h"

#define SEGMENT (1U << 20)
#define SEGMENTS 6

struct disk {
	uint8_t *seg[SEGMENTS + 1];
	uint64_t last;
	int fail_write, fail_flush; /* the n-th from now fails; 0: none */
	int flushes;
};

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	struct disk *d = ctx;

	*ret_first = d->last == 0 ? 0 : 1;
	*ret_last = d->last;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct disk *d = ctx;

	if (seg > SEGMENTS) {
		return SK_EFULL;
	}
	if (d->seg[seg] == NULL) {
		d->seg[seg] = calloc(1, SEGMENT);
		d->last = seg;
	}
	return SK_OK;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	struct disk *d = ctx;

	assert_true(offset + len <= SEGMENT);
	memcpy(buf, d->seg[seg] + offset, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct disk *d = ctx;

	if (d->fail_write > 0 && --d->fail_write == 0) {
		return SK_ESYS;
	}
	assert_true(offset % BATCH_BLOCK == 0 && offset + len <= SEGMENT);
	memcpy(d->seg[seg] + offset, buf, len);
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	struct disk *d = ctx;

	(void)seg;
	d->flushes++;
	return d->fail_flush > 0 && --d->fail_flush == 0 ? SK_ESYS : SK_OK;
}

static int seg_remove(void *ctx, uint64_t seg)
{
	struct disk *d = ctx;

	free(d->seg[seg]);
	d->seg[seg] = NULL;
	return SK_OK;
}

struct fixture {
	struct disk disk;
	struct port port;
	struct engine_conf conf;
	struct journal j;
	uint8_t id[16];
	uint32_t records; /* seen by count() */
	uint64_t batches;
};

static int count(void *ctx, const struct batch_header *h, struct slice payload,
		 struct journal_place at)
{
	struct fixture *f = ctx;
	struct record r;

	(void)at;
	while (record_next(&payload, &r) == 1) {
		assert_int_equal(r.input.len, 3);
		f->records++;
	}
	f->batches = h->batch;
	return SK_OK;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->port = (struct port){ .ctx = &f->disk,
				 .seg_list = seg_list,
				 .seg_make = seg_make,
				 .seg_ahead = seg_ahead,
				 .seg_read = seg_read,
				 .seg_write = seg_write,
				 .seg_flush = seg_flush,
				 .seg_remove = seg_remove };
	f->conf = (struct engine_conf){ .key = { 3 }, .segment_bytes = SEGMENT };
	f->id[0] = 5;
	assert_int_equal(journal_init(&f->j, &f->port, &f->conf, f->id), SK_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	journal_done(&f->j);
	for (uint64_t i = 0; i <= SEGMENTS; i++) {
		free(f->disk.seg[i]);
	}
	free(f);
	return 0;
}

static void add(struct fixture *f, size_t effects_len)
{
	static uint8_t effects[EFFECTS_BYTES_MAX];
	memset(effects, 0x55, sizeof(effects));
	struct record r = { .kind = RECORD_COMMAND,
			    .from = { .id = "clb" },
			    .input = { "abc", 3 },
			    .effects = { effects, effects_len } };
	assert_int_equal(journal_add(&f->j, &r), SK_OK);
}

static void write_batches(struct fixture *f, int batches, size_t effects_len)
{
	for (int i = 0; i < batches; i++) {
		add(f, effects_len);
		add(f, 0);
		assert_int_equal(journal_flush(&f->j), SK_OK);
	}
}

static struct journal_position position(const struct fixture *f)
{
	struct journal_position p = { f->j.last_batch, f->j.last, f->j.next_sequence, { 0 } };

	memcpy(p.hash, f->j.last_hash, BATCH_HASH_LEN);
	return p;
}

static int recover(struct fixture *f, const struct journal_position *pos,
		   struct journal_place *ret_bad)
{
	static const struct journal_position start = { .next_sequence = 1 };

	journal_done(&f->j);
	f->records = 0;
	f->batches = 0;
	assert_int_equal(journal_init(&f->j, &f->port, &f->conf, f->id), SK_OK);
	return journal_recover(&f->j, pos == NULL ? &start : pos, count, f, ret_bad);
}

static void test_journal_gives_back_what_was_flushed(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 5, 100);
	add(f, 0); /* never flushed */
	assert_int_equal(recover(f, NULL, &bad), SK_OK);
	assert_int_equal(f->records, 10);
	assert_int_equal(f->j.next_sequence, 11);
	write_batches(f, 1, 0);
	assert_int_equal(recover(f, NULL, &bad), SK_OK);
	assert_int_equal(f->records, 12);
}

/* Sectors of an unsynced batch reach the disk in any order: each lost block alone is a torn end. */
static void test_journal_torn_last_batch_is_cut(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;
	uint8_t whole[8 * BATCH_BLOCK];

	write_batches(f, 3, 0);
	uint64_t at = f->j.end.offset;
	write_batches(f, 1, 20000);
	memcpy(whole, f->disk.seg[1] + at, sizeof(whole));
	for (size_t block = 0; block < 5; block++) {
		memcpy(f->disk.seg[1] + at, whole, sizeof(whole));
		memset(f->disk.seg[1] + at + block * BATCH_BLOCK, 0, BATCH_BLOCK);
		assert_int_equal(recover(f, NULL, &bad), SK_OK);
		assert_int_equal(f->records, 6);
		assert_int_equal(f->j.end.offset, at);
	}
}

static void test_journal_damage_before_a_whole_batch_is_corruption(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 3, 0);
	for (uint64_t bit = 0; bit < 3; bit++) {
		uint8_t *p = f->disk.seg[1] + BATCH_BLOCK + 20 + 40 * bit;
		*p ^= 1;
		assert_int_equal(recover(f, NULL, &bad), SK_ECORRUPT);
		assert_int_equal(bad.segment, 1);
		assert_int_equal(bad.offset, BATCH_BLOCK);
		*p ^= 1;
	}
	assert_int_equal(recover(f, NULL, &bad), SK_OK);
}

static void test_journal_position_must_be_found(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 2, 0);
	struct journal_position pos = position(f);
	write_batches(f, 2, 0);
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	assert_int_equal(f->records, 4);
	struct journal_position other = pos;
	other.hash[0] ^= 1;
	assert_int_equal(recover(f, &other, &bad), SK_EFOREIGN);
	other = pos;
	other.at.segment = 3;
	assert_int_equal(recover(f, &other, &bad), SK_EFOREIGN);
	f->id[0] ^= 1; /* another store */
	assert_int_equal(recover(f, &pos, &bad), SK_EFOREIGN);
	f->id[0] ^= 1;
	f->conf.key[0] ^= 1; /* a journal that this store did not write */
	assert_int_equal(recover(f, &pos, &bad), SK_EFOREIGN);
	f->conf.key[0] ^= 1;
}

static void test_journal_nothing_behind_the_position_goes_on_there(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 2, 5000);
	struct journal_position pos = position(f);
	uint64_t end = f->j.end.offset;
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	assert_int_equal(f->records, 0);
	assert_int_equal(f->j.end.offset, end);
	write_batches(f, 1, 0);
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	assert_int_equal(f->records, 2);
}

/* A batch stands in one segment; the rest of the one before stays zero and is no damage. */
static void test_journal_batch_never_spans_segments(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 5, 300000); /* three fit into a segment */
	assert_int_equal(f->j.last.segment, 2);
	assert_int_equal(recover(f, NULL, &bad), SK_OK);
	assert_int_equal(f->records, 10);
	assert_int_equal(journal_trim(&f->j, 2), SK_OK);
	assert_null(f->disk.seg[1]);
	assert_int_equal(journal_trim(&f->j, 9), SK_OK); /* never the one being written */
	assert_non_null(f->disk.seg[2]);
}

/* The tail is written again behind its segment and flushed; losing the first copy then is no loss.
 */
static void test_journal_rewritten_tail_stands_alone(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 2, 0);
	struct journal_position pos = position(f);
	uint64_t tail = f->j.end.offset;
	write_batches(f, 3, 3000);
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	int before = f->disk.flushes;
	assert_int_equal(journal_rewrite(&f->j, &pos), SK_OK);
	assert_true(f->disk.flushes > before);
	assert_int_equal(f->j.last.segment, 2);
	memset(f->disk.seg[1] + tail, 0, SEGMENT - tail);
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	assert_int_equal(f->records, 6);
	write_batches(f, 1, 0);
	assert_int_equal(recover(f, &pos, &bad), SK_OK);
	assert_int_equal(f->records, 8);
}

static void test_journal_rewrite_twice_gives_each_once(void **state)
{
	struct fixture *f = *state;
	struct journal_place bad;

	write_batches(f, 2, 0);
	struct journal_position pos = position(f);
	write_batches(f, 2, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(recover(f, &pos, &bad), SK_OK);
		assert_int_equal(f->records, 4);
		assert_int_equal(journal_rewrite(&f->j, &pos), SK_OK);
	}
}

static void test_journal_failed_write_and_flush_are_told(void **state)
{
	struct fixture *f = *state;

	write_batches(f, 1, 0);
	f->disk.fail_write = 1;
	add(f, 0);
	assert_int_equal(journal_flush(&f->j), SK_ESYS);
	f->disk.fail_flush = 1;
	assert_int_equal(journal_flush(&f->j), SK_ESYS);
}

static void test_journal_batch_at_and_past_its_bound(void **state)
{
	struct fixture *f = *state;
	struct record r = { .kind = RECORD_COMMAND, .input = { "abc", 3 } };

	for (int i = 0; i < BATCH_RECORDS_MAX; i++) {
		assert_int_equal(journal_add(&f->j, &r), SK_OK);
	}
	assert_false(journal_has_room(&f->j));
	assert_int_equal(journal_add(&f->j, &r), SK_EFULL);
	assert_int_equal(journal_flush(&f->j), SK_OK);
	assert_true(journal_has_room(&f->j));
}

static void test_record_cut_anywhere_is_corrupt(void **state)
{
	struct fixture *f = *state;
	struct record r;

	add(f, 10);
	const uint8_t *p = f->j.buf + BATCH_HEADER_LEN;
	size_t len = f->j.buf_len - BATCH_HEADER_LEN;
	for (size_t cut = 1; cut < len; cut++) {
		struct slice rest = { p, cut };
		assert_int_equal(record_next(&rest, &r), SK_ECORRUPT);
	}
	struct slice rest = { p, len };
	assert_int_equal(record_next(&rest, &r), 1);
	assert_string_equal(r.from.id, "clb");
	assert_int_equal(r.effects.len, 10);
	assert_int_equal(record_next(&rest, &r), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_journal_gives_back_what_was_flushed),
		T(test_journal_torn_last_batch_is_cut),
		T(test_journal_damage_before_a_whole_batch_is_corruption),
		T(test_journal_position_must_be_found),
		T(test_journal_nothing_behind_the_position_goes_on_there),
		T(test_journal_batch_never_spans_segments),
		T(test_journal_rewritten_tail_stands_alone),
		T(test_journal_rewrite_twice_gives_each_once),
		T(test_journal_failed_write_and_flush_are_told),
		T(test_journal_batch_at_and_past_its_bound),
		T(test_record_cut_anywhere_is_corrupt),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
