/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/mut.h"
#include "tests/unit/core_rig_inner.h"

/* --- life --- */

#define STORES_AT_ONCE 16

/* Of this process. A test that fails does not come to its end: what it leaves goes at the exit. */
static char stores[STORES_AT_ONCE][sizeof(((struct rig *)NULL)->dir)];
static pid_t owner;

static bool empty_dir(const char *dir)
{
	static const char *const file[] = { "data.mdb", "lock.mdb", "owner.lock" };
	char path[128];

	for (size_t i = 0; i < SK_LEN(file); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		(void)unlink(path);
	}
	return rmdir(dir) == 0;
}

static void remove_left(void)
{
	for (size_t i = 0; i < STORES_AT_ONCE && owner == getpid(); i++) {
		if (stores[i][0] != '\0') {
			(void)empty_dir(stores[i]);
		}
	}
}

static void make_dir(char *buf, size_t len)
{
	(void)snprintf(buf, len, "/dev/shm/schakel-rig-XXXXXX");
	assert_non_null(mkdtemp(buf));
	if (owner == 0) {
		owner = getpid();
		(void)atexit(remove_left);
	}
	for (size_t i = 0; i < STORES_AT_ONCE; i++) {
		if (stores[i][0] == '\0') {
			(void)snprintf(stores[i], sizeof(stores[i]), "%s", buf);
			return;
		}
	}
}

static void remove_dir(const char *dir)
{
	for (size_t i = 0; i < STORES_AT_ONCE; i++) {
		if (strcmp(stores[i], dir) == 0) {
			stores[i][0] = '\0';
		}
	}
	assert_true(empty_dir(dir));
}

static struct store_conf store_conf_of(const char *dir)
{
	return (struct store_conf){ .dir = dir, .map_bytes = RIG_MAP_BYTES, .no_sync = true };
}

static void make_store(struct rig *r, const char *dir, struct store *ret_st)
{
	static const uint8_t store_id[16] = "rig-rig-rig-rig";
	struct store_conf sc = store_conf_of(dir);

	rig_must(store_create(ret_st, &sc), "store_create");
	rig_must(engine_init_store(ret_st, r->svc, &r->conf, store_id), "engine_init_store");
}

static void open_engine(struct rig *r)
{
	int err = engine_open(&r->engine, &r->store, r->svc, &r->port, &r->conf);

	if (err != SK_OK) {
		fail_msg("engine_open: %s: %s", sk_strerror(err), engine_open_detail());
	}
	r->conf.seen = engine_incarnation(r->engine);
}

/* In the `mut` build the environment chooses the planted bug, as for a simulator. */
static void plant(void)
{
#ifdef SK_MUT
	const char *number = getenv("SK_MUT");

	sk_mut = number == NULL ? 0 : (int)strtol(number, NULL, 10);
#endif
}

static struct rig *make_rig(const struct service *svc, bool demo)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	plant();
	r->svc = svc;
	r->now_ms = RIG_START_MS;
	r->port = rig_port(r);
	r->conf = (struct engine_conf){ .key = "a key of thirty-two bytes, fixed",
					.fresh_nonce = 99,
					.demo = demo,
					.segment_bytes = RIG_SEGMENT_BYTES,
					.commit_records = 1024,
					.commit_bytes = 2U << 20,
					.commit_ms = 250,
					.commit_idle_ms = 15,
					.keep_segments_days = 35 };
	make_dir(r->dir, sizeof(r->dir));
	make_store(r, r->dir, &r->store);
	open_engine(r);
	r->config = rig_default_config();
	rig_config(r);
	return r;
}

struct rig *rig_new(const struct service *svc)
{
	return make_rig(svc, false);
}

struct rig *rig_new_demo(const struct service *svc)
{
	return make_rig(svc, true);
}

static void restart(struct rig *r)
{
	struct store_conf sc = store_conf_of(r->dir);

	rig_must(engine_close(r->engine), "engine_close");
	store_close(&r->store);
	rig_must(store_open(&r->store, &sc), "store_open");
	open_engine(r);
}

void rig_reopen(struct rig *r)
{
	uint64_t before = 0;
	uint64_t after = 0;

	rig_must(engine_digest(r->engine, &before), "engine_digest");
	restart(r);
	rig_must(engine_digest(r->engine, &after), "engine_digest");
	assert_true(before == after);
}

/* L11: the inputs, stepped again, make the same effects and the same state. */
static void check_replay(struct rig *r, uint64_t digest)
{
	struct replay_report report = { 0 };
	struct store again;
	char dir[64];

	make_dir(dir, sizeof(dir));
	make_store(r, dir, &again);
	rig_must(engine_replay(&again, r->svc, &r->port, &r->conf, &report), "engine_replay");
	store_close(&again);
	remove_dir(dir);
	if (report.first_bad_sequence != 0) {
		fail_msg("replay differs at input %llu",
			 (unsigned long long)report.first_bad_sequence);
	}
	assert_true(report.digest == digest);
}

void rig_free(struct rig *r)
{
	uint64_t digest = 0;

	if (r == NULL) {
		return;
	}
	rig_must(engine_digest(r->engine, &digest), "engine_digest");
	rig_must(engine_close(r->engine), "engine_close");
	store_close(&r->store);
	check_replay(r, digest);
	remove_dir(r->dir);
	for (size_t i = 0; i < RIG_SEGMENTS_MAX; i++) {
		free(r->segment[i]);
	}
	for (size_t i = 0; i < r->kept_len; i++) {
		schakel__v1__message__free_unpacked(r->kept[i], NULL);
	}
	if (r->fault != NULL) {
		schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
	}
	schakel__v1__config_applied__free_unpacked(r->config, NULL);
	free(r->last);
	free(r);
}

/* --- time --- */

uint64_t rig_now(const struct rig *r)
{
	return r->now_ms;
}

static uint64_t first_due(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	if (r->engine->isolated) {
		return UINT64_MAX; /* no row of the service runs */
	}
	store_iter_init(&it, rig_txn(r), TABLE_DUE, &prefix);
	bool found = store_next(&it, &k, &val);
	store_iter_done(&it);
	return found ? be64_read(k.b) : UINT64_MAX;
}

void rig_advance(struct rig *r, uint64_t ms)
{
	uint64_t until_ms = r->now_ms + ms;
	uint64_t due_ms;

	for (int turns = 0; (due_ms = first_due(r)) <= until_ms; turns++) {
		assert_true(turns < RIG_TURNS_MAX);
		r->now_ms = due_ms > r->now_ms ? due_ms : r->now_ms;
		(void)engine_turn(r->engine);
	}
	r->now_ms = until_ms;
	(void)engine_turn(r->engine);
}

/* --- in --- */

static struct party party_of(const struct rig *r, const char *id)
{
	struct party p = { 0 };

	(void)snprintf(p.id, sizeof(p.id), "%s", id);
	for (size_t i = 0; i < r->config->n_parties; i++) {
		const PB(Party) *known = r->config->parties[i];

		for (size_t j = 0; strcmp(known->id, id) == 0 && j < known->n_roles; j++) {
			p.roles |= 1U << known->roles[j];
		}
	}
	assert_true(p.roles != 0); /* a party of the configuration */
	return p;
}

/* Packs with a fresh id. The caller frees. */
static uint8_t *pack(struct rig *r, PB(Message) *m, size_t *ret_len)
{
	uint8_t random[10] = { 0 };
	uint8_t id[16];

	be32_write(random + 6, ++r->messages);
	wire_id_make(r->now_ms, random, id);
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	m->time_ms = r->now_ms;
	*ret_len = schakel__v1__message__get_packed_size(m);
	uint8_t *bytes = malloc(*ret_len);
	assert_non_null(bytes);
	(void)schakel__v1__message__pack(m, bytes);
	m->id = (ProtobufCBinaryData){ 0 };
	return bytes;
}

static uint8_t *frame_of(const PB(Frame) *f, struct slice *ret_bytes)
{
	size_t len = schakel__v1__frame__get_packed_size(f);
	uint8_t *bytes = malloc(len);

	assert_non_null(bytes);
	*ret_bytes = (struct slice){ bytes, schakel__v1__frame__pack(f, bytes) };
	return bytes;
}

static PB(Message) *exchange(struct rig *r, const char *party, uint8_t *message, size_t len)
{
	struct party from = party_of(r, party);
	PB(Frame) f = PB_INIT(FRAME);
	struct slice bytes;

	f.message = (ProtobufCBinaryData){ len, message };
	uint8_t *frame = frame_of(&f, &bytes);
	r->answer = NULL;
	engine_frame(r->engine, RIG_CONN, &from, bytes);
	(void)engine_turn(r->engine);
	free(frame);
	assert_non_null(r->answer);
	return r->answer;
}

PB(Receipt) *rig_again(struct rig *r, const char *party)
{
	PB(Message) *answer = exchange(r, party, r->last, r->last_len);

	assert_int_equal(answer->body_case, BODY(RECEIPT));
	return answer->receipt;
}

PB(Receipt) *rig_command(struct rig *r, const char *party, PB(Message) *m)
{
	free(r->last);
	r->last = pack(r, m, &r->last_len);
	return rig_again(r, party);
}

PB(Message) *rig_query(struct rig *r, const char *party, PB(Message) *m)
{
	size_t len;
	uint8_t *bytes = pack(r, m, &len);
	PB(Message) *answer = exchange(r, party, bytes, len);

	free(bytes);
	return answer;
}

static struct rig_peer *peer_of(struct rig *r, const char *name)
{
	for (size_t i = 0; i < SK_LEN(r->peer); i++) {
		struct rig_peer *p = &r->peer[i];

		if (p->name[0] == '\0') {
			(void)snprintf(p->name, sizeof(p->name), "%s", name);
		}
		if (strcmp(p->name, name) == 0) {
			return p;
		}
	}
	fail_msg("too many peers");
	return NULL;
}

static void send_entry(struct rig *r, const struct rig_peer *p, uint8_t *message, size_t len)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t link[128];
	struct slice bytes;

	l.source = (char *)(uintptr_t)p->name;
	l.destination = (char *)(uintptr_t)r->svc->name;
	l.incarnation = p->incarnation + 1;
	l.nonce = RIG_PEER_NONCE;
	l.sequence = message == NULL ? 0 : p->sequence;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	f.message = (ProtobufCBinaryData){ len, message };
	f.after = message == NULL ? p->sequence : 0;
	f.oldest = message == NULL ? 1 : 0;
	uint8_t *frame = frame_of(&f, &bytes);
	engine_peer_frame(r->engine, p->name, bytes);
	(void)engine_turn(r->engine);
	free(frame);
}

void rig_peer_restored(struct rig *r, const char *peer)
{
	struct rig_peer *p = peer_of(r, peer);

	assert_true(p->met);
	p->incarnation++;
	p->sequence = 0;
	send_entry(r, p, NULL, 0);
	rig_advance(r, 0);
}

static void read_fault(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;

	if (r->fault != NULL) {
		schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
		r->fault = NULL;
	}
	store_iter_init(&it, rig_txn(r), TABLE_QUARANTINE, &prefix);
	while (store_next(&it, &k, &val)) {
		if (r->fault != NULL) {
			schakel__v1__quarantine_record__free_unpacked(r->fault, NULL);
		}
		r->fault = schakel__v1__quarantine_record__unpack(NULL, val.len, val.data);
	}
	store_iter_done(&it);
}

bool rig_fact(struct rig *r, const char *peer, PB(Message) *m)
{
	struct rig_peer *p = peer_of(r, peer);
	size_t aside = rig_rows(r, TABLE_QUARANTINE);
	uint64_t before = 0;
	uint64_t after = 0;
	uint64_t unused;
	size_t len;

	if (!p->met) {
		send_entry(r, p, NULL, 0); /* the writer's incarnation is an input of its own */
		p->met = true;
	}
	p->sequence++;
	engine_positions(r->engine, &before, &unused, &unused);
	uint8_t *bytes = pack(r, m, &len);
	send_entry(r, p, bytes, len);
	free(bytes);
	engine_positions(r->engine, &after, &unused, &unused);
	assert_true(after >
		    before); /* it was stepped: the rig and the engine agree on the sequence */
	if (rig_rows(r, TABLE_QUARANTINE) == aside) {
		return true;
	}
	read_fault(r);
	return false;
}

static void each_peer(struct rig *r, PB(Message) *m)
{
	for (const char *const *peer = r->svc->reads; *peer != NULL; peer++) {
		assert_true(rig_fact(r, *peer, m));
	}
}

void rig_restored(struct rig *r)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileBegin) begin = PB_INIT(RECONCILE_BEGIN);

	/* The file outside backups knows of more than the store holds. */
	r->conf.seen_sequence = UINT64_MAX;
	restart(r);
	r->conf.seen_sequence = 0;
	(void)engine_turn(r->engine);
	r->conf.seen = engine_incarnation(r->engine);
	assert_true(r->engine->isolated);
	memset(r->log, 0, sizeof(r->log)); /* the logs begin anew */
	begin.incarnation = r->conf.seen.number;
	begin.nonce = r->conf.seen.nonce;
	m.body_case = BODY(RECONCILE_BEGIN);
	m.reconcile_begin = &begin;
	each_peer(r, &m);
}

void rig_reconciled(struct rig *r)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileDone) done = PB_INIT(RECONCILE_DONE);

	done.incarnation = r->conf.seen.number;
	done.nonce = r->conf.seen.nonce;
	m.body_case = BODY(RECONCILE_DONE);
	m.reconcile_done = &done;
	each_peer(r, &m);
	assert_false(r->engine->isolated);
}

PB(Refusal) rig_fault(const struct rig *r, const char **ret_field)
{
	assert_non_null(r->fault);
	if (ret_field != NULL) {
		*ret_field = r->fault->field;
	}
	return r->fault->code;
}
