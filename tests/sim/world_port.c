/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "tests/sim/world.h"

/* Every call of the port is a place where the process may end. */

static struct world *enter(void *ctx, const char *place)
{
	struct daemon *d = ctx;
	struct world *w = d->w;

	SK_ASSERT(w->running == d);
	if (rng_chance(&w->rng, w->opt.crash)) {
		bool power = rng_chance(&w->rng, 300000);
		world_trace(w, "%s ends at %s by %s", d->svc->name, place,
			    power ? "power cut" : "kill");
		daemon_crash(d, power ? ENDED_POWER : ENDED_KILL);
	}
	return w;
}

static int seg_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	struct daemon *d = ctx;

	(void)enter(ctx, "seg_list");
	*ret_first = d->disk.first;
	*ret_last = d->disk.last;
	return SK_OK;
}

static int seg_make(void *ctx, uint64_t seg)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "seg_make");

	if (rng_chance(&w->rng, w->opt.make_error)) {
		if (rng_coin(&w->rng)) {
			disk_make(&d->disk, seg);
		}
		world_trace(w, "%s: seg_make fails", d->svc->name);
		d->expect_die = true;
		return SK_EFULL;
	}
	disk_make(&d->disk, seg);
	(void)enter(ctx, "seg_make, made");
	return SK_OK;
}

static void seg_ahead(void *ctx, uint64_t seg)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "seg_ahead");

	if (rng_coin(&w->rng)) {
		disk_make(&d->disk, seg);
	}
}

static int seg_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	struct daemon *d = ctx;

	/* Recovery reads hundreds of blocks: one place in each segment is enough. */
	if (offset == 0) {
		(void)enter(ctx, "seg_read");
	}
	if (disk_is_removed(&d->disk, seg)) {
		world_fail(d->w, "DESIGN 3: %s reads segment %llu, which it has removed",
			   d->svc->name, (unsigned long long)seg);
	}
	disk_read(&d->disk, seg, offset, buf, len);
	return SK_OK;
}

static int seg_write(void *ctx, uint64_t seg, uint64_t offset, const void *buf, size_t len)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "seg_write");
	struct slice bytes = { buf, len };
	size_t part = rng_below(&w->rng, len / SECTOR_BYTES) * SECTOR_BYTES;

	if (rng_chance(&w->rng, w->opt.crash)) {
		disk_write(&d->disk, seg, offset, bytes, part);
		world_trace(w, "%s ends inside a write", d->svc->name);
		daemon_crash(d, rng_coin(&w->rng) ? ENDED_POWER : ENDED_KILL);
	}
	if (rng_chance(&w->rng, w->opt.write_error)) {
		disk_write(&d->disk, seg, offset, bytes, part);
		world_trace(w, "%s: seg_write fails", d->svc->name);
		d->expect_die = true;
		return SK_EFULL;
	}
	disk_write(&d->disk, seg, offset, bytes, len);
	(void)enter(ctx, "seg_write, written");
	return SK_OK;
}

static int seg_flush(void *ctx, uint64_t seg)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "seg_flush");

	if (rng_chance(&w->rng, w->opt.slow_disk)) {
		d->lag_us += rng_log(&w->rng, 2000, 2000000);
	}
	if (rng_chance(&w->rng, w->opt.flush_error)) {
		disk_flush_fail(&d->disk, seg, &w->rng);
		world_trace(w, "%s: seg_flush fails", d->svc->name);
		d->expect_die = true;
		return SK_ESYS;
	}
	disk_flush(&d->disk, seg);
	(void)enter(ctx, "seg_flush, flushed");
	return SK_OK;
}

static int seg_remove(void *ctx, uint64_t seg)
{
	struct daemon *d = ctx;

	(void)enter(ctx, "seg_remove");
	disk_remove(&d->disk, seg);
	return SK_OK;
}

static uint64_t wall_ms(void *ctx)
{
	return daemon_wall_ms(ctx);
}

static uint64_t boot_ms(void *ctx)
{
	return daemon_boot_ms(ctx);
}

static uint64_t disk_free(void *ctx)
{
	const struct daemon *d = ctx;

	return d->disk_full ? 1000 : 1ULL << 40;
}

static int reply(void *ctx, uint64_t conn, struct slice frame)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "reply");
	int to = (int)conn - 1;

	check_reply(d, to, frame);
	net_send(w, d->node, to, true, frame);
	(void)enter(ctx, "reply, sent");
	return SK_OK;
}

static int ask(void *ctx, const char *peer, struct slice frame)
{
	struct daemon *d = ctx;
	struct world *w = enter(ctx, "ask");
	const struct daemon *to = world_daemon(w, peer);

	check_question(d, to->node, frame);
	if (w->cut[d->node][to->node] && rng_coin(&w->rng)) {
		return SK_EAGAIN;
	}
	net_send(w, d->node, to->node, false, frame);
	return SK_OK;
}

/** Committed never beyond durable, also by a recovery that is under way. */
static void check_commit(struct daemon *d)
{
	uint64_t stepped = d->ledger.len, unused;

	if (!d->up) {
		engine_positions(d->engine, &stepped, &unused, &unused);
	}
	if (stepped > d->disk.durable_sequence) {
		world_fail(d->w, "I4: %s commits up to %llu, durable is %llu", d->svc->name,
			   (unsigned long long)stepped,
			   (unsigned long long)d->disk.durable_sequence);
	}
}

static void crash_point(void *ctx, const char *name)
{
	struct daemon *d = ctx;

	if (strcmp(name, "before-commit") == 0) {
		check_commit(d);
	}
	(void)enter(ctx, name);
}

static void die(void *ctx, const char *why, int err)
{
	struct daemon *d = ctx;
	bool turned = d->flip.value && err == SK_ECORRUPT;

	world_trace(d->w, "%s dies: %s: %s", d->svc->name, why, sk_strerror(err));
	if (!d->expect_die && !turned) {
		world_fail(d->w, "%s ends itself without a cause: %s: %s", d->svc->name, why,
			   sk_strerror(err));
	}
	daemon_crash(d, ENDED_DIE);
}

struct port daemon_port(struct daemon *d)
{
	return (struct port){ .ctx = d,
			      .seg_list = seg_list,
			      .seg_make = seg_make,
			      .seg_ahead = seg_ahead,
			      .seg_read = seg_read,
			      .seg_write = seg_write,
			      .seg_flush = seg_flush,
			      .seg_remove = seg_remove,
			      .wall_ms = wall_ms,
			      .boot_ms = boot_ms,
			      .disk_free = disk_free,
			      .reply = reply,
			      .ask = ask,
			      .crash_point = crash_point,
			      .die = die,
			      .slot = &d->slot };
}

/* --- for a replay: the whole journal, nothing fails --- */

static int quiet_list(void *ctx, uint64_t *ret_first, uint64_t *ret_last)
{
	const struct daemon *d = ctx;

	*ret_first = d->disk.last == 0 ? 0 : 1;
	*ret_last = d->disk.last;
	return SK_OK;
}

static int quiet_read(void *ctx, uint64_t seg, uint64_t offset, void *buf, size_t len)
{
	const struct daemon *d = ctx;

	disk_read(&d->disk, seg, offset, buf, len);
	return SK_OK;
}

static void quiet_die(void *ctx, const char *why, int err)
{
	const struct daemon *d = ctx;

	world_fail(d->w, "%s: a replay ends itself: %s: %s", d->svc->name, why, sk_strerror(err));
}

struct port daemon_quiet_port(struct daemon *d)
{
	return (struct port){ .ctx = d,
			      .seg_list = quiet_list,
			      .seg_read = quiet_read,
			      .wall_ms = wall_ms,
			      .boot_ms = boot_ms,
			      .disk_free = disk_free,
			      .die = quiet_die };
}
