/* SPDX-License-Identifier: EUPL-1.2 */
/* A journal on disk as anybody may have left it: recovered, refused as foreign, or as corrupt. The
 * first bytes say what is done to three good batches; the rest is laid over them. */
#include <stdlib.h>
#include <string.h>

#include "common/journal_format.h"

#define SEGMENT (1U << 20)
#define SHOWN (16U * BATCH_BLOCK) /* what a case may change */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t disk[SEGMENT];

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	(void)ctx;
	*ret_first = 1;
	*ret_last = 1;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	(void)ctx;
	return seg == 1 ? SK_OK : SK_EFULL;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	SK_ASSERT(seg == 1 && offset <= SEGMENT && len <= SEGMENT - offset);
	memcpy(buf, disk + offset, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	(void)ctx;
	SK_ASSERT(seg == 1 && offset <= SEGMENT && len <= SEGMENT - offset);
	memcpy(disk + offset, buf, len);
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

static const struct port port = { .seg_list = seg_list,
				  .seg_make = seg_make,
				  .seg_ahead = seg_ahead,
				  .seg_read = seg_read,
				  .seg_write = seg_write,
				  .seg_flush = seg_flush };

static int count_records(void *ctx, const struct batch_header *h, struct slice payload,
			 struct journal_place at)
{
	struct record r;
	uint32_t n = 0;

	(void)ctx;
	(void)at;
	while (record_next(&payload, &r) == 1) {
		n++;
	}
	SK_ASSERT(n == h->records); /* a batch whose hash is right is ours, whole */
	return SK_OK;
}

static void write_batches(const struct engine_conf *conf, const uint8_t *id)
{
	struct record r = { .kind = RECORD_COMMAND, .input = { "input", 5 } };
	struct journal j;

	SK_ASSERT(journal_init(&j, &port, conf, id) == SK_OK);
	for (int i = 0; i < 6; i++) {
		SK_ASSERT(journal_add(&j, &r) == SK_OK);
		SK_ASSERT(i % 2 == 0 || journal_flush(&j) == SK_OK);
	}
	journal_done(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t id[16] = { 1 };
	struct engine_conf conf = { .key = { 7 }, .segment_bytes = SEGMENT };
	struct journal_position none = { .next_sequence = 1 };
	struct journal_place bad;
	struct journal j;

	memset(disk, 0, SHOWN);
	write_batches(&conf, id);
	if (size > 2) {
		size_t offset = ((size_t)data[0] << 8 | data[1]) % SHOWN;
		size_t len = size - 2 < SHOWN - offset ? size - 2 : SHOWN - offset;
		memcpy(disk + offset, data + 2, len);
	}
	SK_ASSERT(journal_init(&j, &port, &conf, id) == SK_OK);
	int err = journal_recover(&j, &none, count_records, NULL, &bad);
	bool foreign = memcmp(disk + AT_STORE, id, sizeof(id)) != 0;
	SK_ASSERT(err == SK_OK || err == SK_ECORRUPT || (err == SK_EFOREIGN && foreign));
	journal_done(&j);
	return 0;
}
