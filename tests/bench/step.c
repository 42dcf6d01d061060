/* SPDX-License-Identifier: EUPL-1.2 */
/* The engine and the core of intake with nothing around them: no socket, a journal that goes
 * nowhere, a store that is not synced. What is left is the work of a submit itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "common/files.h"
#include "services/intake/core.h"
#include "tests/bench/submit.h"

#define PATH_BYTES (CONF_PATH_MAX + 16)
#define DISK_FREE (1ULL << 40)

struct world {
	struct store store;
	struct port port;
	struct poison_slot slot;
	struct engine *engine;
	struct submit submit;
	uint64_t answers;
	uint64_t journal_bytes;
	bool accepted;
};

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	(void)ctx;
	*ret_first = 0;
	*ret_last = 0;
	return SK_OK;
}

static int seg_done(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
	return SK_OK;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	(void)ctx;
	(void)seg;
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	(void)seg;
	(void)offset;
	memset(buf, 0, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct world *w = ctx;

	(void)seg;
	(void)offset;
	(void)buf;
	w->journal_bytes += len;
	return SK_OK;
}

static uint64_t wall_ms(void *ctx)
{
	struct timespec t;

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t boot_ms(void *ctx)
{
	(void)ctx;
	return bench_ns() / 1000000;
}

static uint64_t disk_free(void *ctx)
{
	(void)ctx;
	return DISK_FREE;
}

static int reply(void *ctx, uint64_t conn, struct slice frame)
{
	struct world *w = ctx;

	(void)conn;
	/* One receipt in many is read; reading all would be measured too. */
	if (w->answers++ % 1024 == 0) {
		uint8_t id[16];
		w->accepted = submit_object(frame, id) && w->accepted;
	}
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
	(void)fprintf(stderr, "%s: %s\n", why, sk_strerror(err));
	_Exit(EXIT_FAILURE);
}

static void fill_port(struct world *w)
{
	w->port = (struct port){ .ctx = w,
				 .seg_list = seg_list,
				 .seg_make = seg_done,
				 .seg_ahead = seg_ahead,
				 .seg_read = seg_read,
				 .seg_write = seg_write,
				 .seg_flush = seg_done,
				 .seg_remove = seg_done,
				 .wall_ms = wall_ms,
				 .boot_ms = boot_ms,
				 .disk_free = disk_free,
				 .reply = reply,
				 .ask = ask,
				 .die = die,
				 .slot = &w->slot };
}

static int open_engine(struct world *w, const struct conf *conf)
{
	struct engine_conf ec = { .demo = false,
				  .segment_bytes = conf->store.segment_bytes,
				  .commit_records = conf->store.commit_records,
				  .commit_bytes = conf->store.commit_bytes,
				  .commit_ms = conf->store.commit_ms,
				  .commit_idle_ms = conf->store.commit_idle_ms,
				  .keep_segments_days = conf->store.keep_segments_days };
	const struct conf_daemon *self = conf_daemon(conf, "intake");
	char path[PATH_BYTES];
	struct store_conf sc = { .dir = path,
				 .map_bytes = (size_t)conf->store.map_bytes,
				 .no_sync = true };

	(void)snprintf(path, sizeof(path), "%s/store", self->dir);
	randombytes_buf(&ec.fresh_nonce, sizeof(ec.fresh_nonce));
	int err = files_store_key(self->dir, ec.key);
	if (err == SK_OK) {
		err = store_open(&w->store, &sc);
	}
	if (err == SK_OK) {
		err = engine_open(&w->engine, &w->store, &intake_service, &w->port, &ec);
	}
	if (err == SK_OK) {
		err = engine_config(w->engine, conf_packed(conf));
	}
	if (err == SK_OK) {
		(void)engine_turn(w->engine);
	}
	return err;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void submit_batch(struct world *w, uint64_t *io_next, uint64_t batch)
{
	static uint8_t buf[FRAME_BYTES_MAX];
	static const struct party from = { "clb", ROLE_BIT(REQUESTER) };

	for (uint64_t i = 0; i < batch; i++) {
		size_t len = submit_make(&w->submit, (*io_next)++, buf);
		engine_frame(w->engine, 1 + i, &from, (struct slice){ buf, len });
	}
	(void)engine_turn(w->engine);
}

static int measure(struct world *w, const struct bench *b)
{
	struct samples s = { 0 };
	uint64_t next = 0;
	uint64_t count = bench_number(b, "count", 20000);
	uint64_t batch = bench_number(b, "batch", 64);
	uint64_t start = cpu_ns();

	while (next < count) {
		uint64_t began = cpu_ns();
		submit_batch(w, &next, batch);
		samples_add(&s, (cpu_ns() - began) / batch);
	}
	uint64_t took = cpu_ns() - start;
	if (!w->accepted || w->answers != next) {
		return SK_EREFUSED;
	}
	char more[96];
	(void)snprintf(more, sizeof(more), "\"cpu_us\":%.2f,\"journal_bytes\":%.0f",
		       (double)took / 1e3 / (double)next, (double)w->journal_bytes / (double)next);
	samples_print(&s, took, more);
	samples_free(&s);
	return SK_OK;
}

int bench_step(const struct bench *b)
{
	static struct world w;
	static struct conf_problems problems;
	struct conf *conf = NULL;
	struct zside nowhere = { .demo = false };
	struct submit_conf sc;
	int err = sodium_init() < 0 ? SK_ESYS :
				      conf_load(bench_arg(b, "node", "."), &conf, &problems);

	w.accepted = true;
	submit_conf_args(&sc, b);
	if (err == SK_OK) {
		err = submit_init(&w.submit, &sc, &nowhere);
	}
	if (err == SK_OK) {
		fill_port(&w);
		err = open_engine(&w, conf);
	}
	if (err == SK_OK) {
		err = measure(&w, b);
	}
	engine_abandon(w.engine);
	store_close(&w.store);
	conf_free(conf);
	return err == SK_OK ?
		       EXIT_SUCCESS :
		       bench_fail(engine_open_detail() == NULL ? "step" : engine_open_detail(),
				  sk_strerror(err));
}
