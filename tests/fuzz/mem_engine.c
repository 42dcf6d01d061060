/* SPDX-License-Identifier: EUPL-1.2 */
#include "mem_engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEGMENT (2U << 20)
#define SEGMENTS 8

struct mem_engine {
	struct engine *e;
	struct store store;
	struct port port;
	struct engine_conf conf;
	const struct service *svc;
	uint8_t *segments[SEGMENTS + 1];
	uint64_t last;
	size_t answers;
	char dir[64];
	char replay_dir[64];
};

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	struct mem_engine *m = ctx;

	*ret_first = m->last == 0 ? 0 : 1;
	*ret_last = m->last;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct mem_engine *m = ctx;

	SK_ASSERT(seg <= SEGMENTS);
	if (m->segments[seg] == NULL) {
		m->segments[seg] = calloc(1, SEGMENT);
		SK_ASSERT(m->segments[seg] != NULL);
		m->last = seg > m->last ? seg : m->last;
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
	struct mem_engine *m = ctx;

	memcpy(buf, m->segments[seg] + offset, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct mem_engine *m = ctx;

	SK_ASSERT(offset + len <= SEGMENT);
	memcpy(m->segments[seg] + offset, buf, len);
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

static uint64_t now_ms(void *ctx)
{
	(void)ctx;
	return MEM_NOW_MS;
}

static uint64_t disk_free(void *ctx)
{
	(void)ctx;
	return 1ULL << 40;
}

static int reply(void *ctx, uint64_t conn, struct slice frame)
{
	struct mem_engine *m = ctx;

	(void)conn;
	SK_ASSERT(frame.len <= FRAME_BYTES_MAX);
	m->answers++;
	return SK_OK;
}

static int ask(void *ctx, const char *peer, struct slice frame)
{
	(void)ctx;
	(void)peer;
	(void)frame;
	return SK_EAGAIN;
}

static void die(void *ctx, const char *why, int err)
{
	(void)ctx;
	(void)fprintf(stderr, "the engine ended: %s: %s\n", why, sk_strerror(err));
	abort();
}

static void make_store(struct mem_engine *m, char *dir, struct store *st)
{
	static const uint8_t id[16] = { 9 };

	(void)snprintf(dir, sizeof(m->dir), "/dev/shm/schakel-fuzz-XXXXXX");
	SK_ASSERT(mkdtemp(dir) != NULL);
	struct store_conf sc = { .dir = dir, .map_bytes = 64U << 20, .no_sync = true };
	SK_ASSERT(store_create(st, &sc) == SK_OK);
	SK_ASSERT(engine_init_store(st, m->svc, &m->conf, id) == SK_OK);
}

static void remove_store(const char *dir)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner.lock" };
	char path[128];

	for (size_t i = 0; i < SK_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

struct mem_engine *mem_engine_new(const struct service *svc)
{
	struct mem_engine *m = calloc(1, sizeof(*m));

	SK_ASSERT(m != NULL);
	m->svc = svc;
	m->port = (struct port){ .ctx = m,
				 .seg_list = seg_list,
				 .seg_make = seg_make,
				 .seg_ahead = seg_ahead,
				 .seg_read = seg_read,
				 .seg_write = seg_write,
				 .seg_flush = seg_flush,
				 .wall_ms = now_ms,
				 .boot_ms = now_ms,
				 .disk_free = disk_free,
				 .reply = reply,
				 .ask = ask,
				 .die = die };
	m->conf = (struct engine_conf){ .key = { 1 },
					.fresh_nonce = 77,
					.seen = { 1, 77 },
					.segment_bytes = SEGMENT,
					.commit_records = 64,
					.commit_bytes = 1U << 20,
					.commit_ms = 250,
					.commit_idle_ms = 15,
					.keep_segments_days = 35 };
	make_store(m, m->dir, &m->store);
	SK_ASSERT(engine_open(&m->e, &m->store, svc, &m->port, &m->conf) == SK_OK);
	return m;
}

static void replay(struct mem_engine *m)
{
	struct replay_report report;
	struct store scratch;

	make_store(m, m->replay_dir, &scratch);
	int err = engine_replay(&scratch, m->svc, &m->port, &m->conf, &report);
	if (err != SK_OK) {
		(void)fprintf(stderr, "replay differs at record %llu: %s\n",
			      (unsigned long long)report.first_bad_sequence, sk_strerror(err));
		abort();
	}
	store_close(&scratch);
	remove_store(m->replay_dir);
}

void mem_engine_check_and_free(struct mem_engine *m)
{
	SK_ASSERT(engine_close(m->e) == SK_OK);
	store_close(&m->store);
	replay(m);
	remove_store(m->dir);
	for (size_t i = 0; i <= SEGMENTS; i++) {
		free(m->segments[i]);
	}
	free(m);
}

struct engine *mem_engine_of(struct mem_engine *m)
{
	return m->e;
}

size_t mem_engine_answers(const struct mem_engine *m)
{
	return m->answers;
}
