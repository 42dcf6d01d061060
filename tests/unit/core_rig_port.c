/* SPDX-License-Identifier: EUPL-1.2 */
/* The world of the rig: journal segments in buffers, a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core_rig_inner.h"

void rig_must(int err, const char *what)
{
	if (err != SK_OK) {
		fail_msg("%s: %s", what, sk_strerror(err));
	}
}

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	const struct rig *r = ctx;

	*ret_first = r->first_segment;
	*ret_last = r->last_segment;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct rig *r = ctx;

	assert_in_range(seg, 1, RIG_SEGMENTS_MAX);
	if (r->segment[seg - 1] == NULL) {
		r->segment[seg - 1] = calloc(1, RIG_SEGMENT_BYTES);
		assert_non_null(r->segment[seg - 1]);
	}
	r->first_segment = r->first_segment == 0 ? seg : r->first_segment;
	r->last_segment = seg > r->last_segment ? seg : r->last_segment;
	return SK_OK;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	const struct rig *r = ctx;

	assert_non_null(r->segment[seg - 1]);
	assert_true(offset + len <= RIG_SEGMENT_BYTES);
	memcpy(buf, r->segment[seg - 1] + offset, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct rig *r = ctx;

	assert_non_null(r->segment[seg - 1]);
	assert_true(offset + len <= RIG_SEGMENT_BYTES);
	memcpy(r->segment[seg - 1] + offset, buf, len);
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

/* Kept all the same: the replay at the end wants the whole journal. */
static int seg_remove(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

static uint64_t clock_ms(void *ctx)
{
	return ((const struct rig *)ctx)->now_ms;
}

static uint64_t disk_free(void *ctx)
{
	(void)ctx;
	return 1ULL << 40;
}

void rig_keep(struct rig *r, PB(Message) *m)
{
	assert_non_null(m);
	assert_true(r->kept_len < RIG_KEPT_MAX);
	r->kept[r->kept_len++] = m;
}

static int reply(void *ctx, uint64_t conn, struct slice bytes)
{
	struct rig *r = ctx;

	assert_int_equal(conn, RIG_CONN);
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, bytes.len, bytes.data);
	assert_non_null(f);
	r->answer = schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
	schakel__v1__frame__free_unpacked(f, NULL);
	rig_keep(r, r->answer);
	return SK_OK;
}

static int ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_OK;
}

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	fail_msg("the engine died: %s: %s", why, sk_strerror(err));
	abort(); /* fail_msg() leaves the test; for the compiler */
}

struct port rig_port(struct rig *r)
{
	return (struct port){
		.ctx = r,
		.seg_list = seg_list,
		.seg_make = seg_make,
		.seg_ahead = seg_ahead,
		.seg_read = seg_read,
		.seg_write = seg_write,
		.seg_flush = seg_flush,
		.seg_remove = seg_remove,
		.wall_ms = clock_ms,
		.boot_ms = clock_ms,
		.disk_free = disk_free,
		.reply = reply,
		.ask = ask,
		.die = die,
		.slot = &r->slot,
	};
}
