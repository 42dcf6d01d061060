/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/inner.h"

#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "common/wire.h"
#include "services/cli/cores.h"
#include "services/cli/inner_int.h"

#define SEGMENT_BYTES (64U << 20)
#define COMMIT_RECORDS 8192
#define COMMIT_BYTES (32U << 20)
#define NEVER_MS 1000000000U
#define ROUNDS_MAX 1000000
#define SOON_MS 60 /* what a core says it will do by then is done before all is settled */

/* --- the port: no disk, no clock, a queue for a network --- */

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	(void)ctx;
	*ret_first = 0;
	*ret_last = 0;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
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

/* There is nothing to recover from: nobody reads. */
static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	(void)ctx;
	(void)seg;
	(void)offset;
	(void)buf;
	(void)len;
	return SK_ESYS;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	(void)ctx;
	(void)seg;
	(void)offset;
	(void)buf;
	(void)len;
	return SK_OK;
}

static uint64_t wall_ms(void *ctx)
{
	const struct inner_core *core = ctx;

	return DEMO_START_MS + core->node->boot_ms;
}

static uint64_t boot_ms(void *ctx)
{
	const struct inner_core *core = ctx;

	return core->node->boot_ms;
}

static uint64_t disk_free(void *ctx)
{
	(void)ctx;
	return 1ULL << 50;
}

static int put_under_way(struct inner *n, const struct inner_frame *head, struct slice bytes)
{
	struct inner_frame *f = malloc(sizeof(*f) + bytes.len);

	if (f == NULL) {
		return SK_EAGAIN;
	}
	*f = *head;
	f->len = bytes.len;
	f->next = NULL;
	memcpy(f->bytes, bytes.data, bytes.len);
	struct inner_queue *q = head->to == INNER_CLIENT ? &n->box : &n->queue;
	*(q->last == NULL ? &q->first : &q->last->next) = f;
	q->last = f;
	return SK_OK;
}

static int reply(void *ctx, uint64_t conn, struct slice frame)
{
	const struct inner_core *core = ctx;
	struct inner_frame head = { .from = core->at, .to = (size_t)conn - 1, .answer = true };

	return put_under_way(core->node, &head, frame);
}

static int ask(void *ctx, const char *peer, struct slice frame)
{
	const struct inner_core *core = ctx;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (strcmp(core->node->core[i].svc->name, peer) == 0) {
			struct inner_frame head = { .from = core->at, .to = i };
			return put_under_way(core->node, &head, frame);
		}
	}
	return SK_EAGAIN;
}

static void die(void *ctx, const char *why, int err)
{
	const struct inner_core *core = ctx;

	(void)fprintf(stderr, "%s: %s: %s\n", core->svc->name, why, sk_strerror(err));
	abort();
}

static void fill_port(struct inner_core *core)
{
	core->port = (struct port){ .ctx = core,
				    .seg_list = seg_list,
				    .seg_make = seg_make,
				    .seg_ahead = seg_ahead,
				    .seg_read = seg_read,
				    .seg_write = seg_write,
				    .seg_flush = seg_make,
				    .seg_remove = seg_make,
				    .wall_ms = wall_ms,
				    .boot_ms = boot_ms,
				    .disk_free = disk_free,
				    .reply = reply,
				    .ask = ask,
				    .die = die,
				    .slot = &core->slot };
}

/* --- turns --- */

struct inner_frame *inner_take(struct inner_queue *q)
{
	struct inner_frame *f = q->first;

	if (f != NULL) {
		q->first = f->next;
		q->last = f->next == NULL ? NULL : q->last;
	}
	return f;
}

static void hand_over(struct inner *n, const struct inner_frame *f)
{
	struct inner_core *to = &n->core[f->to];
	const char *from = n->core[f->from].svc->name;
	struct slice frame = { f->bytes, f->len };
	struct party self = { .roles = ROLE_BIT(DAEMON) };

	while (!engine_has_room(to->engine)) {
		(void)engine_turn(to->engine);
	}
	if (f->answer) {
		engine_peer_frame(to->engine, from, frame);
	} else {
		name_copy(self.id, from);
		engine_frame(to->engine, f->from + 1, &self, frame);
	}
	to->stirred = true;
}

void inner_turn(struct inner *n, size_t at)
{
	n->core[at].wait_ms = engine_turn(n->core[at].engine);
	n->core[at].stirred = false;
}

/* All frames under way, then a turn of each core that they or its own work stirred. */
static bool round_of(struct inner *n)
{
	bool any = n->queue.first != NULL;
	struct inner_queue now = n->queue;

	n->queue = (struct inner_queue){ 0 };
	for (struct inner_frame *f = inner_take(&now); f != NULL; f = inner_take(&now)) {
		hand_over(n, f);
		free(f);
	}
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		if (n->core[i].stirred || n->core[i].wait_ms == 0) {
			inner_turn(n, i);
			any = true;
		}
	}
	return any;
}

/* What a core wants to do in a moment is due when that moment has come: here, at once. */
static bool skip_moment(struct inner *n)
{
	uint64_t wait_ms = UINT64_MAX;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		wait_ms = n->core[i].wait_ms < wait_ms ? n->core[i].wait_ms : wait_ms;
	}
	if (wait_ms > SOON_MS) {
		return false;
	}
	n->boot_ms += wait_ms;
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		uint64_t left = n->core[i].wait_ms;
		n->core[i].wait_ms = left > wait_ms ? left - wait_ms : 0;
	}
	return true;
}

int inner_settle(struct inner *n)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		n->core[i].stirred = true;
	}
	for (int i = 0; i < ROUNDS_MAX; i++) {
		if (!round_of(n) && !skip_moment(n)) {
			return SK_OK;
		}
	}
	return SK_ETIMEDOUT;
}

uint64_t inner_sequence(const struct inner *n, size_t at)
{
	uint64_t stepped, durable, committed;

	engine_positions(n->core[at].engine, &stepped, &durable, &committed);
	return stepped;
}

int inner_digest(struct inner *n, uint64_t *ret_digest)
{
	uint64_t all = 0;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		uint64_t one = 0;
		int err = engine_digest(n->core[i].engine, &one);
		if (err != SK_OK) {
			return err;
		}
		all = (all ^ one) * 0x9e3779b97f4a7c15ULL;
		all ^= all >> 29;
	}
	*ret_digest = all;
	return SK_OK;
}

/* --- made and unmade --- */

static int open_core(struct inner *n, const struct conf *conf, size_t at)
{
	struct inner_core *core = &n->core[at];
	const struct conf_daemon *daemon = &conf->daemons[at];
	char path[CONF_PATH_MAX + 8];
	struct store_conf sc = { .dir = path, .map_bytes = INNER_MAP_BYTES, .no_sync = true };
	struct engine_conf ec = { .fresh_nonce = at + 1,
				  .demo = true,
				  .segment_bytes = SEGMENT_BYTES,
				  .commit_records = COMMIT_RECORDS,
				  .commit_bytes = COMMIT_BYTES,
				  .commit_ms = NEVER_MS,
				  .commit_idle_ms = NEVER_MS,
				  .keep_segments_days = 1 };

	core->node = n;
	core->at = at;
	core->svc = core_of(daemon->name);
	if (core->svc == NULL) {
		return SK_EFOREIGN;
	}
	fill_port(core);
	(void)snprintf(path, sizeof(path), "%s/store", daemon->dir);
	int err = files_store_key(daemon->dir, ec.key);
	if (err == SK_OK) {
		err = store_open(&core->store, &sc);
		core->store_open = err == SK_OK;
	}
	if (err == SK_OK) {
		err = engine_open(&core->engine, &core->store, core->svc, &core->port, &ec);
	}
	if (err == SK_OK && n->plans_dir != NULL && core->svc->told != NULL) {
		err = inner_told_open(n, core);
	}
	return err == SK_OK ? engine_config(core->engine, conf_packed(conf)) : err;
}

int inner_open(const struct conf *conf, const char *plans, struct inner **ret_n)
{
	struct inner *n = calloc(1, sizeof(*n));
	void *block = aligned_alloc(64, INNER_ARENA_BYTES);
	int err = n == NULL || block == NULL ? SK_ENOMEM : SK_OK;

	if (err != SK_OK) {
		free(block);
		free(n);
		return err;
	}
	arena_init(&n->arena, block, INNER_ARENA_BYTES);
	n->boot_ms = 1;
	n->conf = conf;
	n->plans_dir = plans;
	for (size_t i = 0; err == SK_OK && i < CONF_DAEMONS; i++) {
		err = open_core(n, conf, i);
	}
	err = err == SK_OK ? inner_settle(n) : err;
	if (err != SK_OK) {
		inner_close(n);
		return err;
	}
	*ret_n = n;
	return SK_OK;
}

static void drop_all(struct inner_queue *q)
{
	for (struct inner_frame *f = inner_take(q); f != NULL; f = inner_take(q)) {
		free(f);
	}
}

void inner_close(struct inner *n)
{
	if (n == NULL) {
		return;
	}
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		engine_abandon(n->core[i].engine);
		if (n->core[i].store_open) {
			store_close(&n->core[i].store);
		}
	}
	(void)inner_told(n);
	drop_all(&n->queue);
	drop_all(&n->box);
	arena_reset(&n->arena);
	free(n->arena.base);
	free(n);
}
