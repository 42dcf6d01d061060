/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

static char open_detail[200];

const char *engine_open_detail(void)
{
	return open_detail;
}

static void say(const char *what, uint64_t segment, uint64_t offset)
{
	(void)snprintf(open_detail, sizeof(open_detail), "%s (segment %llu, offset %llu)", what,
		       (unsigned long long)segment, (unsigned long long)offset);
}

static void derive_key(struct engine *e)
{
	static const char label[] = "schakel short codes and lotteries";

	(void)crypto_generichash(e->hash_key, sizeof(e->hash_key), (const uint8_t *)label,
				 sizeof(label), e->conf.key, sizeof(e->conf.key));
}

static void *aligned(size_t bytes)
{
	return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static int allocate(struct engine *e)
{
	e->arena_block = aligned(ARENA_BLOCK_BYTES);
	e->pack = malloc(FRAME_BYTES_MAX + CONFIG_BYTES_MAX);
	e->readers = calloc(READERS_MAX, sizeof(*e->readers));
	e->questions = calloc(QUERIES_WAITING_MAX, sizeof(*e->questions));
	if (e->svc->index_new != NULL) {
		e->index = e->svc->index_new();
	}
	if (e->arena_block == NULL || e->pack == NULL || e->readers == NULL ||
	    e->questions == NULL || (e->svc->index_new != NULL && e->index == NULL)) {
		return SK_ENOMEM;
	}
	arena_init(&e->arena, e->arena_block, ARENA_BLOCK_BYTES);
	engine_arena_begin(e);
	return SK_OK;
}

int engine_new(struct engine **ret_e, struct store *st, const struct service *svc,
	       const struct port *port, const struct engine_conf *conf)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		return SK_ENOMEM;
	}
	e->store = st;
	e->svc = svc;
	e->port = port;
	e->conf = *conf;
	e->commit_bound = conf->commit_records;
	e->next_due_ms = 0;
	derive_key(e);
	for (const char *const *peer = svc->reads; *peer != NULL; peer++) {
		SK_ASSERT(e->links_len < LINKS_MAX);
		struct link_in *l = &e->links[e->links_len++];
		name_copy(l->peer, *peer);
		l->retry_ms = LINK_RETRY_MIN_MS;
		l->ask_now = true;
	}
	int err = allocate(e);
	if (err == SK_OK) {
		err = store_begin(st, &e->txn);
	}
	if (err != SK_OK) {
		engine_abandon(e);
		return err;
	}
	*ret_e = e;
	return SK_OK;
}

void engine_abandon(struct engine *e)
{
	if (e == NULL) {
		return;
	}
	store_abort(&e->txn);
	journal_done(&e->journal);
	effects_free(&e->fx);
	config_index_free(e->config);
	if (e->index != NULL) {
		e->svc->index_free(e->index);
	}
	for (size_t i = 0; i < e->questions_len; i++) {
		free(e->questions[i].bytes);
	}
	if (e->arena_block != NULL) {
		arena_reset(&e->arena);
	}
	free(e->arena_block);
	free(e->pack);
	free(e->readers);
	free(e->questions);
	free(e->heads);
	free(e->answers);
	free(e->answers_buf);
	sodium_memzero(e, sizeof(*e));
	free(e);
}

/* --- a new store --- */

int engine_init_store(struct store *st, const struct service *svc, const struct engine_conf *conf,
		      const uint8_t store_id[16])
{
	PB(MetaRecord) meta = PB_INIT(META_RECORD);
	struct key k = { 0 }, due = due_key(0, DUE_RECEIPTS, NULL, 0);
	struct slice none = { "", 0 };
	struct store_txn txn;
	uint8_t buf[256];

	int err = store_begin(st, &txn);
	if (err != SK_OK) {
		return err;
	}
	meta.store_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)store_id };
	meta.format = STORE_FORMAT;
	meta.incarnation = 1;
	meta.nonce = conf->fresh_nonce;
	meta.demo = conf->demo;
	meta.daemon = (char *)(uintptr_t)svc->name;
	key_u8(&k, 0);
	struct slice val = { buf, schakel__v1__meta_record__pack(&meta, buf) };
	store_put(&txn, TABLE_META, &k, val);
	store_put(&txn, TABLE_DUE, &due, none);
	return store_commit(&txn);
}

/* --- open and recover --- */

static int read_meta(struct engine *e)
{
	struct key k = { 0 };
	struct slice val;

	key_u8(&k, 0);
	if (!store_get(&e->txn, TABLE_META, &k, &val)) {
		say("the store has no meta record", 0, 0);
		return e->txn.err != SK_OK ? e->txn.err : SK_EFOREIGN;
	}
	PB(MetaRecord) *m = schakel__v1__meta_record__unpack(NULL, val.len, val.data);
	if (m == NULL) {
		return SK_ENOMEM;
	}
	bool ours = m->format == STORE_FORMAT && strcmp(m->daemon, e->svc->name) == 0 &&
		    m->store_id.len == sizeof(e->store_id);
	if (ours) {
		memcpy(e->store_id, m->store_id.data, sizeof(e->store_id));
		e->demo = m->demo;
		e->inc = (struct incarnation){ m->incarnation, m->nonce };
	} else {
		say("the store is of another daemon or format", 0, 0);
	}
	schakel__v1__meta_record__free_unpacked(m, NULL);
	return ours ? SK_OK : SK_EFOREIGN;
}

int engine_read_position(struct engine *e, struct journal_position *ret_pos, uint64_t *ret_time_ms)
{
	struct key k = { 0 };
	struct slice val;

	*ret_pos = (struct journal_position){ .next_sequence = 1 };
	*ret_time_ms = 0;
	key_u8(&k, 0);
	if (!store_get(&e->txn, TABLE_POSITION, &k, &val)) {
		return e->txn.err;
	}
	PB(PositionRecord) *p = schakel__v1__position_record__unpack(NULL, val.len, val.data);
	if (p == NULL) {
		return SK_ENOMEM;
	}
	ret_pos->batch = p->batch;
	ret_pos->at = (struct journal_place){ p->segment, p->offset };
	ret_pos->next_sequence = p->sequence + 1;
	*ret_time_ms = p->time_ms;
	if (!e->replaying) {
		e->clock_alarm = p->clock_alarm;
		e->kept_alarm = p->clock_alarm;
		e->behind_ms = p->behind_ms;
	}
	bool good = p->hash.len == BATCH_HASH_LEN;
	if (good) {
		memcpy(ret_pos->hash, p->hash.data, BATCH_HASH_LEN);
	}
	schakel__v1__position_record__free_unpacked(p, NULL);
	e->sequence = ret_pos->next_sequence - 1;
	e->committed = e->sequence;
	e->committed_segment = ret_pos->at.segment;
	return good ? SK_OK : SK_ECORRUPT;
}

struct recovery {
	struct engine *e;
	uint64_t last_ms;
};

/** Recovery by effects: no core runs, so a newer binary may recover. */
static int apply_batch(void *ctx, const struct batch_header *h, struct slice payload,
		       struct journal_place at)
{
	struct recovery *rec = ctx;
	struct record r;
	int rc;

	(void)h;
	(void)at;
	engine_crash_point(rec->e, "recovering");
	while ((rc = record_next(&payload, &r)) == 1) {
		int err = effects_apply(&rec->e->txn, r.effects);
		if (err != SK_OK) {
			return err;
		}
		rec->e->sequence++;
		rec->e->since_commit_records++;
		rec->last_ms = r.time_ms > rec->last_ms ? r.time_ms : rec->last_ms;
	}
	return rc;
}

static int recover(struct engine *e, uint64_t *ret_last_ms)
{
	struct recovery rec = { .e = e };
	struct journal_position pos;
	struct journal_place bad = { 0 };

	int err = engine_read_position(e, &pos, &rec.last_ms);
	if (err == SK_OK) {
		err = journal_init(&e->journal, e->port, &e->conf, e->store_id);
	}
	if (err != SK_OK) {
		return err;
	}
	e->journal.core_version = e->svc->core_version;
	err = journal_recover(&e->journal, &pos, apply_batch, &rec, &bad);
	if (err == SK_EFOREIGN) {
		say("the journal does not hold the store's position: another age or another store",
		    pos.at.segment, pos.at.offset);
	} else if (err == SK_ECORRUPT) {
		say("a batch is damaged and later ones are whole; see 'schakel journal repair'",
		    bad.segment, bad.offset);
	}
	if (err != SK_OK) {
		return err;
	}
	engine_crash_point(e, "recovered");
	if (MUT(14)) {
		e->durable = e->sequence;
		engine_commit(e);
	}
	err = journal_rewrite(&e->journal, &pos);
	if (err == SK_OK) {
		e->durable = e->sequence;
		e->journal.next_sequence = e->sequence + 1;
		*ret_last_ms = rec.last_ms;
	}
	return err;
}

/** A store that is older than what was seen of it comes from a copy. */
static void check_age(struct engine *e)
{
	bool fresh = e->sequence == 0;
	bool same = e->conf.seen.number == e->inc.number && e->conf.seen.nonce == e->inc.nonce;

	if (MUT(7)) {
		return;
	}
	if ((!fresh && !same) || e->conf.seen_sequence > e->sequence) {
		engine_found_restored(e, "incarnation file");
	}
	if (e->conf.seen.number > e->inc.number) {
		e->inc.number = e->conf.seen.number;
	}
}

int engine_open(struct engine **ret_e, struct store *st, const struct service *svc,
		const struct port *port, const struct engine_conf *conf)
{
	struct engine *e = NULL;
	uint64_t last_ms = 0;

	open_detail[0] = '\0';
	int err = engine_new(&e, st, svc, port, conf);
	if (err != SK_OK) {
		return err;
	}
	*ret_e = e; /* so that a simulated kill on the way can abandon it */
	err = read_meta(e);
	if (err == SK_OK) {
		err = recover(e, &last_ms);
	}
	if (err == SK_OK) {
		err = engine_load_state(e);
	}
	if (err != SK_OK) {
		*ret_e = NULL;
		engine_abandon(e);
		return err;
	}
	engine_slot_start(e);
	engine_time_start(e, last_ms);
	e->start_boot_ms = e->boot_ms;
	e->last_record_boot_ms = e->boot_ms;
	e->first_uncommitted_boot_ms = e->boot_ms;
	e->committed_boot_ms = e->boot_ms;
	check_age(e);
	return SK_OK;
}

/* --- replay of inputs (L11) --- */

struct replay {
	struct engine *e;
	struct replay_report *report;
};

static void note_bad(struct replay *rp, uint64_t sequence)
{
	if (rp->report->first_bad_sequence == 0) {
		rp->report->first_bad_sequence = sequence;
	}
}

static int replay_input(struct engine *e, const struct record *r)
{
	static uint8_t no_id[16];
	PB(Message) empty = PB_INIT(MESSAGE);
	PB(Message) *m = NULL;
	PB(Receipt) *none = NULL;
	struct wire_fault fault;
	struct input in = { .kind = r->kind,
			    .from = &r->from,
			    .peer_sequence = r->peer_sequence,
			    .bytes = r->input,
			    .poisoned = r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_QUARANTINED };

	engine_arena_begin(e);
	/* A configuration is longer than a frame and was checked by the loop. */
	if (r->kind == RECORD_CONFIG) {
		m = schakel__v1__message__unpack(NULL, r->input.len, r->input.data);
	} else if (wire_decode(&e->arena, r->input, WIRE_TOLERANT, &m, &fault) != SK_OK) {
		m = &empty;
	}
	if (m == NULL) {
		return SK_ENOMEM;
	}
	if (m->id.len != sizeof(no_id)) {
		m->id = (ProtobufCBinaryData){ sizeof(no_id), no_id };
	}
	if (m->body_case == BODY(TICK)) {
		return engine_tick_replay(e, r, m->tick->rows);
	}
	if (m->body_case == BODY(INCARNATED)) {
		e->inc = (struct incarnation){ m->incarnated->incarnation, m->incarnated->nonce };
	}
	in.msg = m;
	int err = engine_apply(e, &in, &none);
	if (r->kind == RECORD_CONFIG) {
		schakel__v1__message__free_unpacked(m, NULL);
	}
	return err;
}

static int replay_batch(void *ctx, const struct batch_header *h, struct slice payload,
			struct journal_place at)
{
	struct replay *rp = ctx;
	struct engine *e = rp->e;
	struct record r;
	int rc;

	(void)h;
	(void)at;
	while ((rc = record_next(&payload, &r)) == 1) {
		uint64_t sequence = e->sequence + 1;
		rp->report->records++;
		e->now_ms = r.time_ms;
		int err = r.kind == RECORD_AUDIT ? SK_OK : replay_input(e, &r);
		arena_reset(&e->arena);
		if (err != SK_OK || e->fx.len != r.effects.len ||
		    (r.effects.len > 0 && memcmp(e->fx.buf, r.effects.data, r.effects.len) != 0)) {
			note_bad(rp, sequence);
			return SK_ECORRUPT;
		}
	}
	return rc;
}

int engine_replay(struct store *st, const struct service *svc, const struct port *port,
		  const struct engine_conf *conf, struct replay_report *ret_report)
{
	struct journal_position pos;
	struct journal_place bad = { 0 };
	struct engine *e = NULL;
	uint64_t time_ms;

	*ret_report = (struct replay_report){ 0 };
	int err = engine_new(&e, st, svc, port, conf);
	if (err != SK_OK) {
		return err;
	}
	e->replaying = true;
	engine_on_applied(e, conf->on_applied, conf->on_applied_ctx);
	struct replay rp = { e, ret_report };
	err = read_meta(e);
	if (err == SK_OK) {
		err = engine_read_position(e, &pos, &time_ms);
	}
	if (err == SK_OK) {
		err = engine_load_state(e);
	}
	if (err == SK_OK) {
		err = journal_init(&e->journal, port, conf, e->store_id);
	}
	if (err == SK_OK) {
		err = journal_recover(&e->journal, &pos, replay_batch, &rp, &bad);
	}
	if (err == SK_OK) {
		err = store_digest(&e->txn, &ret_report->digest);
	}
	engine_abandon(e);
	return err;
}
