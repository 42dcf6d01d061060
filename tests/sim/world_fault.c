/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

#define RESTORES_MAX 2

/* Each kind of fault is a row: how often, and what it does. */
typedef void fault_fn(struct world *w, struct daemon *d);

struct fault {
	const char *name;
	size_t rate; /* offset in struct options: mean milliseconds between two */
	fault_fn *fn;
};

static void heal_cut(struct world *w, void *ctx, uint64_t n)
{
	(void)ctx;
	w->cut[n >> 8][n & 255] = false;
}

static void cut(struct world *w, int a, int b, uint64_t for_us)
{
	w->cut[a][b] = true;
	world_at(w, w->now_us + for_us, heal_cut, NULL, (uint64_t)a << 8 | (uint64_t)b);
}

/** One way or both, between two nodes or around one daemon. */
static void partition(struct world *w, struct daemon *d)
{
	uint64_t for_us = rng_log(&w->rng, 100000, 20 * SIM_SECOND_US);
	bool both = rng_coin(&w->rng);
	bool all = rng_coin(&w->rng);
	int other = (int)rng_below(&w->rng, w->daemons);

	world_trace(w, "%s is cut off for %llu ms", d->svc->name,
		    (unsigned long long)for_us / 1000);
	for (int i = 0; i < NODES_MAX; i++) {
		if (i == d->node || (!all && i != other)) {
			continue;
		}
		cut(w, d->node, i, for_us);
		if (both) {
			cut(w, i, d->node, for_us);
		}
	}
}

static void reset(struct world *w, struct daemon *d)
{
	net_reset(w, d->node);
	for (int i = 0; d->up && i < NODES_MAX; i++) {
		if (rng_coin(&w->rng)) {
			engine_conn_closed(d->engine, (uint64_t)i + 1);
		}
	}
}

static void kill_one(struct world *w, struct daemon *d)
{
	(void)w;
	daemon_kill(d);
}

static void power(struct world *w, struct daemon *d)
{
	(void)w;
	daemon_power_cut(d);
}

static void stop_one(struct world *w, struct daemon *d)
{
	(void)w;
	daemon_stop(d);
}

static void end_full(struct world *w, void *ctx, uint64_t n)
{
	struct daemon *d = ctx;

	(void)w;
	(void)n;
	d->disk_full = false;
}

static void fill_disk(struct world *w, struct daemon *d)
{
	d->disk_full = true;
	world_at(w, w->now_us + rng_log(&w->rng, 100000, 20 * SIM_SECOND_US), end_full, d, 0);
}

static bool anybody_isolated(const struct world *w)
{
	for (size_t i = 0; i < w->daemons; i++) {
		const struct daemon *d = &w->daemon[i];
		bool told = d->file_inc.number != 0 || d->ledger.len == 0;
		if (d->unheard || d->ledger.awaited > 0 || !told) {
			return true;
		}
	}
	return false;
}

/** One daemon at a time comes from an old copy. */
static void restore(struct world *w, struct daemon *d)
{
	if (w->restores >= RESTORES_MAX || d->copies == 0 || anybody_isolated(w)) {
		return;
	}
	daemon_kill(d);
	(void)copies_restore(d);
}

static void backup(struct world *w, struct daemon *d)
{
	(void)w;
	copies_take(d);
}

/** Beyond the days that receipts are kept; but where old copies come back, within those that closed
 *  things are remembered. */
static uint64_t longest_ms(const struct world *w)
{
	return (w->opt.restore_ms == 0 ? 40 : 5) * SIM_DAY_MS;
}

static void jump_clock(struct world *w, struct daemon *d)
{
	int64_t by = (int64_t)rng_log(&w->rng, 1000, longest_ms(w));

	if (rng_coin(&w->rng)) {
		d->machine->wall_off_ms = 0;
	} else {
		d->machine->wall_off_ms = rng_coin(&w->rng) ? by : -by;
		w->aged_ms += (uint64_t)by; /* may be accepted: journal time leaps */
	}
	world_trace(w, "wall clock of %s is off by %lld ms", d->svc->name,
		    (long long)d->machine->wall_off_ms);
}

static void leap(struct world *w, struct daemon *d)
{
	uint64_t ms = rng_log(&w->rng, 60000, longest_ms(w));

	(void)d;
	/* A restore is looked after: nobody sleeps for months in the middle of it. */
	if (w->leapt_ms > 200 * SIM_DAY_MS || anybody_isolated(w)) {
		return;
	}
	w->leapt_ms += ms;
	w->aged_ms += ms;
	world_trace(w, "the world sleeps for %llu ms", (unsigned long long)ms);
	world_leap(w, ms * 1000);
}

static void reconfigure(struct world *w, struct daemon *d)
{
	PB(ConfigApplied) *c = w->config_msg;

	c->rules_version++;
	free(w->config);
	w->config_len = schakel__v1__config_applied__get_packed_size(c);
	w->config = sim_alloc(w->config_len);
	(void)schakel__v1__config_applied__pack(c, w->config);
	daemon_config(d); /* the others at their next start */
}

static const struct fault fault[] = {
	{ "partition", offsetof(struct options, partition_ms), partition },
	{ "reset", offsetof(struct options, reset_ms), reset },
	{ "kill", offsetof(struct options, kill_ms), kill_one },
	{ "power", offsetof(struct options, power_ms), power },
	{ "stop", offsetof(struct options, stop_ms), stop_one },
	{ "disk full", offsetof(struct options, disk_full_ms), fill_disk },
	{ "backup", offsetof(struct options, restore_ms), backup },
	{ "restore", offsetof(struct options, restore_ms), restore },
	{ "clock", offsetof(struct options, clock_ms), jump_clock },
	{ "leap", offsetof(struct options, leap_ms), leap },
	{ "config", offsetof(struct options, config_ms), reconfigure },
};

static uint32_t rate_of(const struct world *w, const struct fault *f)
{
	uint32_t rate;

	memcpy(&rate, (const uint8_t *)&w->opt + f->rate, sizeof(rate));
	/* Copies are taken more often than they are put back. */
	return f->fn == backup ? rate / 8 : rate;
}

static void on_fault(struct world *w, void *ctx, uint64_t n)
{
	const struct fault *f = &fault[n];
	uint32_t rate = rate_of(w, f);

	(void)ctx;
	if (w->phase_b || rate == 0) {
		return;
	}
	f->fn(w, &w->daemon[rng_below(&w->rng, w->daemons)]);
	world_at(w, w->now_us + rng_between(&w->rng, 1, 2 * (uint64_t)rate) * 1000, on_fault, NULL,
		 n);
}

void faults_begin(struct world *w)
{
	for (size_t i = 0; i < SK_LEN(fault); i++) {
		uint32_t rate = rate_of(w, &fault[i]);
		if (rate > 0) {
			world_at(w, w->now_us + rng_between(&w->rng, 1, 2 * (uint64_t)rate) * 1000,
				 on_fault, NULL, i);
		}
	}
}

void faults_heal(struct world *w)
{
	options_heal(&w->opt);
	memset(w->cut, 0, sizeof(w->cut));
	for (size_t i = 0; i < w->daemons; i++) {
		w->daemon[i].disk_full = false;
		w->daemon[i].machine->wall_off_ms = 0;
	}
}

/* --- bits that turn while a daemon is down --- */

static void flip_batch(struct daemon *d)
{
	struct rng *r = &d->w->rng;
	const struct batch_at *b = disk_pick_batch(&d->disk, r);

	if (b == NULL) {
		return;
	}
	d->flip.batch = true;
	d->flip.segment = b->segment;
	d->flip.offset = b->offset + rng_below(r, b->len);
	d->flip.bit = (unsigned int)rng_below(r, 8);
	disk_flip(&d->disk, d->flip.segment, d->flip.offset, d->flip.bit);
	disk_read(&d->disk, d->flip.segment, d->flip.offset / SECTOR_BYTES * SECTOR_BYTES,
		  d->flip.sector, SECTOR_BYTES);
	world_trace(d->w, "%s: a bit turned in segment %llu at %llu", d->svc->name,
		    (unsigned long long)d->flip.segment, (unsigned long long)d->flip.offset);
}

/** Opens the store's file behind the engine's back; it is down. */
static MDB_env *open_raw(const struct daemon *d, MDB_txn **ret_txn, MDB_dbi *ret_dbi)
{
	MDB_env *env = NULL;

	SK_ASSERT(mdb_env_create(&env) == 0 && mdb_env_set_mapsize(env, 64U << 20) == 0);
	SK_ASSERT(mdb_env_open(env, d->dir, MDB_NOSYNC | MDB_NOTLS, 0600) == 0);
	SK_ASSERT(mdb_txn_begin(env, NULL, 0, ret_txn) == 0);
	SK_ASSERT(mdb_dbi_open(*ret_txn, NULL, 0, ret_dbi) == 0);
	return env;
}

static bool pick_row(struct daemon *d, MDB_txn *txn, MDB_dbi dbi, MDB_val *ret_key,
		     MDB_val *ret_val)
{
	MDB_cursor *cursor;
	MDB_val key, val;
	uint64_t seen = 0;

	SK_ASSERT(mdb_cursor_open(txn, dbi, &cursor) == 0);
	while (mdb_cursor_get(cursor, &key, &val, MDB_NEXT) == 0) {
		if (ledger_covers(*(const uint8_t *)key.mv_data) && val.mv_size > 8 &&
		    rng_below(&d->w->rng, ++seen) == 0) {
			*ret_key = key;
			*ret_val = val;
		}
	}
	mdb_cursor_close(cursor);
	return seen > 0;
}

static void flip_value(struct daemon *d)
{
	struct rng *r = &d->w->rng;
	MDB_txn *txn;
	MDB_dbi dbi;
	MDB_val key, val;
	MDB_env *env = open_raw(d, &txn, &dbi);

	if (pick_row(d, txn, dbi, &key, &val)) {
		struct flip *f = &d->flip;
		uint8_t *bad = sim_alloc(val.mv_size);
		f->value = true;
		f->key_len = key.mv_size;
		memcpy(f->key, key.mv_data, key.mv_size);
		f->good = sim_alloc(val.mv_size);
		f->good_len = val.mv_size;
		memcpy(f->good, val.mv_data, val.mv_size);
		memcpy(bad, val.mv_data, val.mv_size);
		bad[rng_below(r, val.mv_size - 8)] ^= (uint8_t)(1U << rng_below(r, 8));
		MDB_val k = { f->key_len, f->key }, v = { f->good_len, bad };
		SK_ASSERT(mdb_put(txn, dbi, &k, &v, 0) == 0);
		free(bad);
		world_trace(d->w, "%s: a bit turned in a value of table %u", d->svc->name,
			    f->key[0]);
	}
	SK_ASSERT(mdb_txn_commit(txn) == 0);
	mdb_env_close(env);
}

void faults_flip(struct daemon *d)
{
	struct rng *r = &d->w->rng;

	if (rng_chance(r, d->w->opt.flip_batch)) {
		flip_batch(d);
	} else if (rng_chance(r, d->w->opt.flip_value)) {
		flip_value(d);
	}
}

/** Unless something else was written there meanwhile. */
static void mend_batch(struct daemon *d)
{
	struct flip *f = &d->flip;
	uint8_t now[SECTOR_BYTES];

	disk_read(&d->disk, f->segment, f->offset / SECTOR_BYTES * SECTOR_BYTES, now, SECTOR_BYTES);
	if (memcmp(now, f->sector, sizeof(now)) == 0) {
		disk_flip(&d->disk, f->segment, f->offset, f->bit);
	}
}

void faults_mend(struct daemon *d)
{
	struct flip *f = &d->flip;
	MDB_txn *txn;
	MDB_dbi dbi;

	if (f->batch) {
		mend_batch(d);
	}
	/* One that is up has written another value over it. */
	if (f->value && !d->up) {
		MDB_env *env = open_raw(d, &txn, &dbi);
		MDB_val k = { f->key_len, f->key }, v = { f->good_len, f->good }, now;
		if (mdb_get(txn, dbi, &k, &now) == 0 && now.mv_size == v.mv_size) {
			SK_ASSERT(mdb_put(txn, dbi, &k, &v, 0) == 0);
		}
		SK_ASSERT(mdb_txn_commit(txn) == 0);
		mdb_env_close(env);
	}
	free(f->good);
	*f = (struct flip){ 0 };
}
