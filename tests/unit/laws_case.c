/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/laws_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/journal.h"
#include "tests/unit/core_rig_inner.h"

#define CASE_MAP_BYTES (16U << 20)
#define CASE_RECORD_BYTES 8192

struct law_case {
	int daemon;
	struct laws *laws;
	struct store store, empty;
	struct store_txn txn, none, child;
	struct effects fx;
	char dir[64], empty_dir[64];
	uint64_t sequence, now_ms, entries;
	uint32_t messages;
	PB(Outcome) outcome;
	uint64_t stride;
	bool open, hidden;
	char law[32];
	char text[256];
	struct applied last;
	PB(Message) in;
	uint8_t id[16];
	char party[PARTY_ID_LEN_MAX + 1];
};

static void must_be(int err, const char *what)
{
	if (err != SK_OK) {
		fail_msg("%s: %s", what, sk_strerror(err));
	}
}

static void found(void *ctx, const char *law, const char *text)
{
	struct law_case *c = ctx;

	if (c->law[0] == '\0') {
		(void)snprintf(c->law, sizeof(c->law), "%s", law);
		(void)snprintf(c->text, sizeof(c->text), "%s", text);
	}
}

struct object_id case_id(uint32_t n)
{
	struct object_id id = { { 0 } };

	be32_write(id.b, 7);
	be32_write(id.b + 12, n);
	return id;
}

struct laws *case_laws(struct law_case *c)
{
	return c->laws;
}

uint64_t case_now(const struct law_case *c)
{
	return c->now_ms;
}

void case_advance(struct law_case *c, uint64_t ms)
{
	c->now_ms += ms;
}

uint64_t case_sequence(const struct law_case *c)
{
	return c->sequence;
}

const char *case_law(const struct law_case *c)
{
	if (c->law[0] != '\0') {
		print_message("    %s: %s\n", c->law, c->text);
	}
	return c->law;
}

static void open_store(char dir[64], struct store *ret_st, struct store_txn *ret_txn)
{
	struct store_conf conf = { .dir = dir, .map_bytes = CASE_MAP_BYTES, .no_sync = true };

	(void)snprintf(dir, 64, "/tmp/laws-XXXXXX");
	assert_non_null(mkdtemp(dir));
	must_be(store_create(ret_st, &conf), "store_create");
	must_be(store_begin(ret_st, ret_txn), "store_begin");
}

static void close_store(const char *dir, struct store *st, struct store_txn *txn)
{
	static const char *const file[] = { "data.mdb", "lock.mdb", "owner.lock" };
	char path[96];

	store_abort(txn);
	store_close(st);
	for (size_t i = 0; i < SK_LEN(file); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

static void put_config(struct law_case *c)
{
	PB(ConfigApplied) *conf = rig_default_config();
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_str("applied");

	case_begin(c);
	case_put(c, TABLE_CONFIG, &k, conf);
	m.body_case = BODY(CONFIG_APPLIED);
	m.config_applied = conf;
	case_apply(c, "", &m);
	assert_lawful(c);
	schakel__v1__config_applied__free_unpacked(conf, NULL);
}

struct law_case *case_new(int daemon)
{
	struct law_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->daemon = daemon;
	c->now_ms = CASE_START_MS;
	c->laws = laws_new();
	laws_trap(c->laws, found, c);
	c->laws->uncounted = true;
	open_store(c->dir, &c->store, &c->txn);
	open_store(c->empty_dir, &c->empty, &c->none);
	for (int other = 0; other < LAWS_DAEMONS; other++) {
		/* The logs of the others are not played here. */
		c->laws->d[other].was_restored = other != daemon;
	}
	laws_restarted(c->laws, daemon, 0, 0, &c->txn);
	put_config(c);
	return c;
}

void case_free(struct law_case *c)
{
	if (c == NULL) {
		return;
	}
	close_store(c->dir, &c->store, &c->txn);
	close_store(c->empty_dir, &c->empty, &c->none);
	laws_free(c->laws);
	effects_free(&c->fx);
	free(c);
}

/* --- a step --- */

void case_begin(struct law_case *c)
{
	assert_false(c->open);
	c->open = true;
	c->law[0] = '\0';
	c->outcome = OUTCOME_IS(ACCEPTED);
	c->stride = 1;
	c->hidden = false;
	c->fx.len = 0;
	must_be(store_child_begin(&c->txn, &c->fx, &c->child), "child");
}

void case_put(struct law_case *c, uint8_t table, const struct key *k, const void *record)
{
	static uint8_t buf[64 * CASE_RECORD_BYTES];
	size_t len = 0;

	if (record != NULL) {
		assert_true(protobuf_c_message_get_packed_size(record) <= sizeof(buf));
		len = protobuf_c_message_pack(record, buf);
	}
	store_put(&c->child, table, k, (struct slice){ buf, len });
}

void case_del(struct law_case *c, uint8_t table, const struct key *k)
{
	store_del(&c->child, table, k);
}

static struct key due_row(uint64_t due_ms, uint8_t kind, const struct object_id *id)
{
	struct key k = { 0 };

	key_u64(&k, due_ms);
	key_u8(&k, kind);
	key_id(&k, id);
	key_u32(&k, 0);
	return k;
}

void case_due(struct law_case *c, uint64_t due_ms, uint8_t kind, const struct object_id *id)
{
	struct key k = due_row(due_ms, kind, id);

	case_put(c, TABLE_DUE, &k, NULL);
}

void case_undue(struct law_case *c, uint64_t due_ms, uint8_t kind, const struct object_id *id)
{
	struct key k = due_row(due_ms, kind, id);

	case_del(c, TABLE_DUE, &k);
}

void case_emit(struct law_case *c, const char *to, PB(Message) *m)
{
	struct key k = key_of_str(to);
	struct object_id id = case_id(1000000 + (uint32_t)++c->entries);

	key_u32(&k, 1);
	key_u64(&k, c->entries);
	m->id = (ProtobufCBinaryData){ sizeof(id.b), id.b };
	case_put(c, TABLE_LOG, &k, m);
	m->id = (ProtobufCBinaryData){ 0 };
}

void case_outcome(struct law_case *c, PB(Outcome) outcome)
{
	c->outcome = outcome;
}

void case_hide(struct law_case *c)
{
	c->hidden = true;
}

void case_stride(struct law_case *c, uint64_t entries)
{
	c->stride = entries;
}

static void move_cursor(struct law_case *c, const char *peer)
{
	struct key k = key_of_str(peer);
	const PB(CursorRecord) *was = rec_find(&c->laws->d[c->daemon], TABLE_CURSOR, &k);
	PB(CursorRecord) now = PB_INIT(CURSOR_RECORD);

	now.incarnation = 1;
	now.sequence = (was == NULL ? 0 : was->sequence) + c->stride;
	case_put(c, TABLE_CURSOR, &k, &now);
}

static uint8_t kind_of(const char *party, const PB(Message) *in)
{
	if (in->body_case == BODY(TICK)) {
		return RECORD_TICK;
	}
	if (in->body_case == BODY(CONFIG_APPLIED)) {
		return RECORD_CONFIG;
	}
	return laws_daemon_of(party) >= 0 ? RECORD_FACT : RECORD_COMMAND;
}

void case_apply(struct law_case *c, const char *party, PB(Message) *in)
{
	PB(Message) empty = PB_INIT(MESSAGE);
	PB(Tick) tick = PB_INIT(TICK);

	if (in == NULL) {
		tick.rows = 1;
		empty.body_case = BODY(TICK);
		empty.tick = &tick;
		in = &empty;
	}
	uint8_t kind = kind_of(party, in);
	if (kind == RECORD_FACT && c->stride > 0) {
		move_cursor(c, party);
	}
	must_be(store_child_commit(&c->child), "child commit");
	c->open = false;
	c->in = *in;
	be32_write(c->id, ++c->messages);
	c->in.id = (ProtobufCBinaryData){ sizeof(c->id), c->id };
	(void)snprintf(c->party, sizeof(c->party), "%s", party);
	c->last = (struct applied){ .sequence = ++c->sequence,
				    .time_ms = c->now_ms,
				    .kind = kind,
				    .outcome = c->outcome,
				    .party = c->party,
				    .in = &c->in,
				    .effects = { c->fx.buf, c->hidden ? 0 : c->fx.len } };
	laws_applied(c->laws, c->daemon, &c->last, &c->txn);
	/* The judge may be asked again when the message is gone. */
	laws_state_open(c->laws, c->daemon);
}

void case_again(struct law_case *c)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(CLOCK_ACCEPT);
	m.id = (ProtobufCBinaryData){ sizeof(c->id), c->id };
	c->last.in = &m;
	c->last.sequence = ++c->sequence;
	c->last.effects = (struct slice){ "", 0 };
	laws_applied(c->laws, c->daemon, &c->last, &c->txn);
	laws_state_open(c->laws, c->daemon);
}

void case_look(struct law_case *c)
{
	c->law[0] = '\0';
	c->laws->d[c->daemon].full_every = 0;
	laws_after_step(c->laws, c->daemon, &c->txn);
}

void case_restart(struct law_case *c, uint64_t sequence)
{
	c->law[0] = '\0';
	laws_restarted(c->laws, c->daemon, sequence, 0, &c->txn);
	c->sequence = sequence;
}

void case_finish(struct law_case *c)
{
	struct store_txn *state[LAWS_DAEMONS] = { &c->none, &c->none, &c->none };

	c->law[0] = '\0';
	state[c->daemon] = &c->txn;
	laws_end(c->laws, state);
}
