/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/world.h"

#define MAP_BYTES (64U << 20)
#define FILE_EVERY_US SIM_SECOND_US

static struct store_conf store_conf_of(const struct daemon *d)
{
	return (struct store_conf){ .dir = d->dir, .map_bytes = MAP_BYTES, .no_sync = true };
}

/* --- the guard: what runs inside may end at any call of the port --- */

static bool guarded(struct daemon *d, void (*fn)(struct daemon *d))
{
	struct world *const w = d->w;

	SK_ASSERT(w->running == NULL);
	w->running = d;
	w->ending = ENDED_OK;
	if (sigsetjmp(w->back, 0) == 0) {
		fn(d);
	}
	w->running = NULL;
	return w->ending == ENDED_OK;
}

void daemon_crash(struct daemon *d, enum ending how)
{
	SK_ASSERT(d->w->running == d && how != ENDED_OK);
	d->w->ending = how;
	siglongjmp(d->w->back, 1);
}

/* --- down --- */

static void clear_inbox(struct daemon *d)
{
	for (size_t i = 0; i < d->inbox_len; i++) {
		free(d->inbox[i]);
	}
	d->inbox_len = 0;
	d->inbox_at = 0;
}

/** Nothing is written any more, whatever it was doing. */
static void go_down(struct daemon *d)
{
	engine_abandon(d->engine);
	d->engine = NULL;
	if (d->store_open) {
		store_close(&d->store);
		d->store_open = false;
	}
	d->up = false;
	d->expect_die = false;
	d->wake_gen++;
	d->wake_at_us = 0;
	d->busy_until_us = 0;
	d->lag_us = 0;
	memset(d->credit, 0, sizeof(d->credit));
	clear_inbox(d);
	if (rng_coin(&d->w->rng)) {
		net_reset(d->w, d->node);
	}
}

static void machine_off(struct world *w, const struct machine *m)
{
	for (size_t i = 0; i < w->daemons; i++) {
		struct daemon *d = &w->daemon[i];
		if (d->machine != m) {
			continue;
		}
		if (d->up) {
			go_down(d);
			daemon_come_back(d);
		}
		disk_power_cut(&d->disk, &w->rng);
		d->slot = (struct poison_slot){ 0 };
	}
}

static void ended(struct daemon *d)
{
	enum ending how = d->w->ending;

	if (how == ENDED_FAULT && d->slot.active != 0) {
		d->slot.crashes++;
	}
	go_down(d);
	daemon_come_back(d);
	if (how == ENDED_POWER) {
		machine_off(d->w, d->machine);
		d->machine->boot_us = d->w->now_us;
	}
}

void daemon_kill(struct daemon *d)
{
	if (d->up) {
		world_trace(d->w, "%s is killed", d->svc->name);
		go_down(d);
		daemon_come_back(d);
	}
}

void daemon_power_cut(struct daemon *d)
{
	world_trace(d->w, "the machine of %s loses power", d->svc->name);
	machine_off(d->w, d->machine);
	d->machine->boot_us = d->w->now_us;
}

static void close_body(struct daemon *d)
{
	int err = engine_close(d->engine);

	d->engine = NULL;
	if (err != SK_OK) {
		world_fail(d->w, "%s: engine_close: %s", d->svc->name, sk_strerror(err));
	}
}

void daemon_stop(struct daemon *d)
{
	if (!d->up) {
		return;
	}
	world_trace(d->w, "%s stops in order", d->svc->name);
	if (!guarded(d, close_body)) {
		ended(d);
		return;
	}
	d->file_sequence = d->ledger.len;
	go_down(d);
	daemon_come_back(d);
}

void daemon_come_back(struct daemon *d)
{
	struct world *w = d->w;
	uint64_t after = rng_log(&w->rng, 1000, 3 * SIM_SECOND_US);

	if (!w->phase_b && rng_chance(&w->rng, 100000)) {
		after += rng_below(&w->rng, 20 * SIM_SECOND_US);
	}
	d->starts++;
	world_at(w, w->now_us + after, daemon_start, d, d->starts);
}

/* --- up --- */

/** A value that turned while it was down must be noticed by who reads all of them, or have been
 *  overwritten from the journal. */
static bool value_was_noticed(struct daemon *d)
{
	uint64_t digest;
	int err = d->flip.value ? engine_digest(d->engine, &digest) : SK_OK;

	if (err == SK_OK) {
		check_store(d);
		return false;
	}
	SK_ASSERT(err == SK_ECORRUPT);
	world_trace(d->w, "%s: a bad value is noticed", d->svc->name);
	return true;
}

static void open_body(struct daemon *d)
{
	d->open_err = engine_open(&d->engine, &d->store, d->svc, &d->port, &d->conf);
	if (d->open_err != SK_OK) {
		return;
	}
	check_recovered(d);
	if (value_was_noticed(d)) {
		d->open_err = SK_ECORRUPT;
		return;
	}
	if (d->w->scenario->started != NULL) {
		d->w->scenario->started(d->w, d, d->ledger.len);
	}
	/* What is behind a commit is not kept: no segment may be missed by a later recovery. */
	engine_keep_from(d->engine, UINT64_MAX);
	engine_on_applied(d->engine, check_applied, d);
	int err = engine_config(d->engine, (struct slice){ d->w->config, d->w->config_len });
	if (err != SK_OK) {
		world_fail(d->w, "%s: engine_config: %s", d->svc->name, sk_strerror(err));
	}
}

/** @return true when the refusal has a cause. */
static bool may_refuse(const struct daemon *d)
{
	bool corrupt = d->open_err == SK_ECORRUPT || d->open_err == SK_EFOREIGN;

	return d->expect_die || (corrupt && (d->flip.batch || d->flip.value));
}

static void refused(struct daemon *d)
{
	world_trace(d->w, "%s does not start: %s: %s", d->svc->name, sk_strerror(d->open_err),
		    engine_open_detail());
	if (!may_refuse(d)) {
		world_fail(d->w, "%s does not start: %s: %s", d->svc->name,
			   sk_strerror(d->open_err), engine_open_detail());
	}
	go_down(d);
	daemon_come_back(d);
}

void daemon_start(struct world *w, void *ctx, uint64_t n)
{
	struct daemon *d = ctx;
	struct store_conf sc = store_conf_of(d);

	if (d->up || n != d->starts) {
		return;
	}
	faults_flip(d);
	int err = store_open(&d->store, &sc);
	if (err != SK_OK) {
		world_fail(w, "%s: store_open: %s", d->svc->name, sk_strerror(err));
	}
	d->store_open = true;
	d->conf.seen = d->file_inc;
	d->conf.seen_sequence = d->file_sequence;
	d->conf.fresh_nonce = rng_next(&w->rng);
	world_trace(w, "%s starts", d->svc->name);
	bool ran = guarded(d, open_body);
	if (!ran) {
		ended(d);
	} else if (d->open_err != SK_OK) {
		refused(d);
	} else {
		d->up = true;
		d->expect_die = false;
		daemon_wake(d, w->now_us + d->lag_us);
	}
	faults_mend(d);
	d->lag_us = 0;
}

/* --- a turn --- */

static void take_packet(struct daemon *d, const struct packet *p)
{
	struct world *w = d->w;
	struct slice frame = { p->bytes, p->len };
	const struct daemon *from = world_node_daemon(w, p->from);

	if (p->answer) {
		engine_peer_frame(d->engine, from->svc->name, frame);
		return;
	}
	check_asked(d, p->from, frame);
	const struct party *party = from != NULL ? &from->self :
						   &w->client[p->from - DAEMONS_MAX]->party;
	engine_frame(d->engine, (uint64_t)p->from + 1, party, frame);
}

static void turn_body(struct daemon *d)
{
	for (; d->inbox_at < d->inbox_len; d->inbox_at++) {
		if (!engine_has_room(d->engine)) {
			(void)engine_turn(d->engine);
		}
		take_packet(d, d->inbox[d->inbox_at]);
		if (d->w->opt.one_by_one != 0) {
			(void)engine_turn(d->engine);
		}
	}
	d->wait_ms = engine_turn(d->engine);
}

/** The file outside backups: a new incarnation at once, the position now and then. */
static void keep_file(struct daemon *d)
{
	struct incarnation inc = engine_incarnation(d->engine);
	bool same = inc.number == d->file_inc.number && inc.nonce == d->file_inc.nonce;
	uint64_t unused, durable;

	if (same && d->w->now_us < d->file_us + FILE_EVERY_US) {
		return;
	}
	engine_positions(d->engine, &unused, &durable, &unused);
	d->file_inc = inc;
	d->file_sequence = durable;
	d->file_us = d->w->now_us;
}

static void on_wake(struct world *w, void *ctx, uint64_t n)
{
	struct daemon *d = ctx;

	if (!d->up || n != d->wake_gen) {
		return;
	}
	d->wake_at_us = 0;
	if (!guarded(d, turn_body)) {
		ended(d);
		return;
	}
	clear_inbox(d);
	d->busy_until_us = w->now_us + d->lag_us;
	d->lag_us = 0;
	keep_file(d);
	note_cursors(d);
	check_trim(d);
	d->hearing = d->hearing || d->ledger.awaited > 0;
	if (d->hearing && d->ledger.awaited == 0) {
		d->unheard = false;
		d->hearing = false;
	}
	if (w->scenario->after_turn != NULL) {
		w->scenario->after_turn(w, d);
	}
	uint64_t wait_us = d->wait_ms == 0 ? 100 : d->wait_ms * 1000;
	daemon_wake(d, w->now_us + wait_us);
}

void daemon_wake(struct daemon *d, uint64_t at_us)
{
	at_us = at_us < d->busy_until_us ? d->busy_until_us : at_us;
	if (d->wake_at_us != 0 && d->wake_at_us <= at_us) {
		return;
	}
	d->wake_at_us = at_us == 0 ? 1 : at_us;
	d->wake_gen++;
	world_at(d->w, at_us, on_wake, d, d->wake_gen);
}

void daemon_take(struct daemon *d, struct packet *p)
{
	if (!d->up) {
		free(p);
		return;
	}
	if (d->inbox_len == d->inbox_cap) {
		d->inbox_cap = d->inbox_cap == 0 ? 64 : d->inbox_cap * 2;
		d->inbox = sim_grow(d->inbox, d->inbox_cap * sizeof(struct packet *));
	}
	d->inbox[d->inbox_len++] = p;
	daemon_wake(d, d->w->now_us + rng_below(&d->w->rng, 200));
}

static void config_body(struct daemon *d)
{
	int err = engine_config(d->engine, (struct slice){ d->w->config, d->w->config_len });

	SK_ASSERT(err == SK_OK);
}

void daemon_config(struct daemon *d)
{
	if (d->up && !guarded(d, config_body)) {
		ended(d);
	} else if (d->up) {
		daemon_wake(d, d->w->now_us);
	}
}

static void plan_body(struct daemon *d)
{
	int err = engine_plan(d->engine, d->plan);

	SK_ASSERT(err == SK_OK || err == SK_EBUSY || err == SK_EREFUSED || err == SK_ENOMEM);
}

void daemon_plan(struct daemon *d, PB(PlanProposed) *plan)
{
	d->plan = plan;
	if (d->up && !guarded(d, plan_body)) {
		ended(d);
	} else if (d->up) {
		daemon_wake(d, d->w->now_us);
	}
	d->plan = NULL;
}

/* --- made and unmade --- */

static void keep_base(struct daemon *d)
{
	struct store_txn txn;
	MDB_cursor *cursor;
	MDB_val key, val;

	SK_ASSERT(store_begin(&d->store, &txn) == SK_OK);
	SK_ASSERT(mdb_cursor_open(txn.txn, txn.dbi, &cursor) == 0);
	while (mdb_cursor_get(cursor, &key, &val, MDB_NEXT) == 0) {
		const uint8_t *k = key.mv_data;
		ledger_base(&d->ledger, k[0], (struct slice){ k + 1, key.mv_size - 1 },
			    (struct slice){ val.mv_data, val.mv_size - 8 });
	}
	mdb_cursor_close(cursor);
	store_abort(&txn);
}

void daemon_new_store(struct daemon *d, struct store *st, const char *dir)
{
	static const uint8_t store_id[16] = "simulated store";
	struct store_conf sc = { .dir = dir, .map_bytes = MAP_BYTES, .no_sync = true };
	struct engine_conf ec = d->conf;

	ec.fresh_nonce = d->first_nonce;
	SK_ASSERT(store_create(st, &sc) == SK_OK);
	SK_ASSERT(engine_init_store(st, d->svc, &ec, store_id) == SK_OK);
}

void daemon_init(struct world *w, struct daemon *d, const struct service *svc)
{
	d->w = w;
	d->node = (int)(d - w->daemon);
	d->svc = svc;
	d->machine = w->opt.one_machine != 0 ? &w->machine[0] : &w->machine[d->node];
	(void)strncpy(d->self.id, svc->name, sizeof(d->self.id) - 1);
	d->self.roles = ROLE_BIT(DAEMON);
	d->port = daemon_port(d);
	d->conf = (struct engine_conf){ .segment_bytes = SEGMENT_BYTES,
					.disk_reserve_bytes = 1U << 20,
					.commit_records = w->opt.commit_records,
					.commit_bytes = 2U << 20,
					.commit_ms = w->opt.commit_ms,
					.commit_idle_ms = w->opt.commit_idle_ms,
					.keep_segments_days = 0 };
	rng_fill(&w->rng, d->conf.key, sizeof(d->conf.key));
	d->first_nonce = rng_next(&w->rng);
	d->conf.fresh_nonce = d->first_nonce;
	scratch_dir(d->dir, sizeof(d->dir), svc->name);
	daemon_new_store(d, &d->store, d->dir);
	keep_base(d);
	store_close(&d->store);
}

void daemon_done(struct daemon *d)
{
	go_down(d);
	copies_done(d);
	ledger_done(&d->ledger);
	disk_done(&d->disk);
	free(d->inbox);
	free(d->flip.good);
	scratch_remove(d->dir);
}
