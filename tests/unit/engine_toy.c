/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/engine_toy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define T_COUNTER TABLE_SERVICE
#define T_FRAGILE (TABLE_SERVICE + 2)
#define TOY_EMITS_MAX 512
#define TOY_CONNS_MAX 8192

bool toy_fragile;

static int64_t wall_ahead_ms;
static size_t frames_to[TOY_CONNS_MAX];
static PB(Frame) *last_frame;
static PB(Frame) *asked_frame;
static jmp_buf crash_jump;
static bool crash_expected;

void toy_crash(void)
{
	assert_true(crash_expected);
	longjmp(crash_jump, 1);
}

/* --- the service --- */

static uint64_t counter_at(struct store_txn *txn, const char *name)
{
	struct key k = key_of_str(name);
	struct slice val;

	return store_get(txn, T_COUNTER, &k, &val) ? be64_read(val.data) : 0;
}

static int count(struct step *s, const char *name)
{
	struct key k = key_of_str(name);
	uint8_t buf[8];

	be64_write(buf, counter_at(s->txn, name) + 1);
	store_put(s->txn, T_COUNTER, &k, (struct slice){ buf, sizeof(buf) });
	return s->txn->err;
}

static int tell(struct step *s, const char *name, uint32_t amount)
{
	for (uint32_t i = 0; i < amount; i++) {
		PB(Message) m = PB_INIT(MESSAGE);
		PB(Ask) a = PB_INIT(ASK);

		a.amount = i;
		m.body_case = BODY(ASK);
		m.ask = &a;
		step_emit(s, "waitlist", &m);
	}
	return count(s, name);
}

static int tell_long(struct step *s, const char *name, uint32_t amount)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);

	item.record.len = amount;
	item.record.data = step_alloc(s, amount);
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(s, "waitlist", &m);
	return count(s, name);
}

static int fill(struct step *s)
{
	while (step_alloc(s, 1) != NULL) {
	}
	return s->txn->err;
}

static int write_fragile(struct step *s)
{
	struct key k = key_of_str("fragile");

	step_mark(s, T_FRAGILE, &k);
	return s->txn->err;
}

static int act(struct step *s, uint32_t op, uint32_t amount, const char *name)
{
	switch (op) {
	case OP_COUNT:
		return count(s, name);
	case OP_TELL:
		return tell(s, name, amount);
	case OP_FILL:
		return fill(s);
	case OP_TELL_LONG:
		return tell_long(s, name, amount);
	case OP_NEED:
		(void)step_alloc(s, amount);
		return count(s, name);
	case OP_WRITE:
		toy_bulk_write(s, amount);
		return count(s, name);
	case OP_DROP:
		toy_bulk_drop(s);
		return count(s, name);
	case OP_CRASH:
		if (toy_fragile) {
			toy_crash();
		}
		return count(s, name);
	case OP_CRASH_FOLD:
		return write_fragile(s);
	default:
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_STATE, "op");
	}
}

static int on_put(struct step *s, const PB(Message) *in)
{
	const PB(PutCapacity) *p = in->put_capacity;

	if (p->staffed != OP_DUE) {
		return act(s, p->staffed, p->total, p->pool);
	}
	step_due(s, p->from_ms, (uint8_t)p->used_elsewhere, NULL, p->total);
	return s->txn->err;
}

static enum admit admit_put(const PB(Message) *in)
{
	(void)in;
	return ADMIT_NORMAL;
}

static int on_ask(struct step *s, const PB(Message) *in)
{
	return act(s, in->ask->use, in->ask->amount, "fact");
}

static int on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		  uint64_t due_ms)
{
	(void)id;
	(void)due_ms;
	return act(s, kind, extra, "due");
}

/** A page of limit rows, each of expertise KiB. */
static int on_query(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryPools) *q = in->query_pools;
	PB(PoolsView) *v = step_alloc(s, sizeof(*v));
	uint32_t rows = q->limit < s->page_most ? q->limit : s->page_most;

	if (toy_fragile && strcmp(q->partner, "crash") == 0) {
		toy_crash();
	}
	if (v == NULL) {
		return SK_ENOMEM;
	}
	schakel__v1__pools_view__init(v);
	v->next.len = (size_t)rows * q->expertise * 1024;
	v->next.data = step_alloc(s, v->next.len + 1);
	out->body_case = BODY(POOLS_VIEW);
	out->pools_view = v;
	return s->txn->err;
}

static void *index_new(void)
{
	return calloc(1, sizeof(int));
}

static int index_fold(void *index, uint8_t table, const struct key *k, struct slice val)
{
	(void)index;
	(void)k;
	(void)val;
	if (table == T_FRAGILE && toy_fragile) {
		toy_crash();
	}
	return SK_OK;
}

static int inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		     uint32_t *ret_items)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);

	(void)budget;
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(s, peer, &m);
	io_resume->len = 0;
	*ret_items = 1;
	return s->txn->err;
}

static const struct handler handlers[] = {
	{ .body = BODY(PUT_CAPACITY),
	  .roles = ROLE_BIT(FACILITY),
	  .fn = on_put,
	  .admit = admit_put,
	  .emits_max = TOY_EMITS_MAX },
	{ .body = BODY(ASK), .peer = "waitlist", .fn = on_ask, .emits_max = TOY_EMITS_MAX },
	{ .body = BODY(ASK), .peer = "matching", .fn = on_ask, .emits_max = TOY_EMITS_MAX },
};
static const struct query queries[] = {
	{ BODY(QUERY_POOLS), ROLE_BIT(FACILITY), on_query },
};
static const char *const reads[] = { "waitlist", "matching", NULL };
static const uint8_t indexed[] = { 0 };

const struct service toy_service = {
	.name = "intake",
	.core_version = 1,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.queries = queries,
	.queries_len = SK_LEN(queries),
	.reads = reads,
	.on_due = on_due,
	.due_emits_max = 8,
	.index_new = index_new,
	.index_free = free,
	.index_fold = index_fold,
	.indexed = indexed,
	.inventory = inventory,
};

/* --- the world --- */

static uint64_t wall_ms(void *ctx)
{
	return ((const struct rig *)ctx)->now_ms + (uint64_t)wall_ahead_ms;
}

static int reply(void *ctx, uint64_t conn, struct slice bytes)
{
	struct rig *r = ctx;

	assert_true(conn < TOY_CONNS_MAX);
	frames_to[conn]++;
	if (last_frame != NULL) {
		schakel__v1__frame__free_unpacked(last_frame, NULL);
	}
	last_frame = schakel__v1__frame__unpack(NULL, bytes.len, bytes.data);
	assert_non_null(last_frame);
	return conn == RIG_CONN ? rig_port(r).reply(ctx, conn, bytes) : SK_OK;
}

static int ask(void *ctx, const char *peer, struct slice bytes)
{
	(void)ctx;
	(void)peer;
	if (asked_frame != NULL) {
		schakel__v1__frame__free_unpacked(asked_frame, NULL);
	}
	asked_frame = schakel__v1__frame__unpack(NULL, bytes.len, bytes.data);
	assert_non_null(asked_frame);
	return SK_OK;
}

const PB(Frame) *toy_asked(void)
{
	return asked_frame;
}

static struct rig *toy_with(struct rig *r)
{
	toy_fragile = true;
	wall_ahead_ms = 0;
	memset(frames_to, 0, sizeof(frames_to));
	r->port.wall_ms = wall_ms;
	r->port.reply = reply;
	r->port.ask = ask;
	return r;
}

struct rig *toy_new(void)
{
	return toy_with(rig_new(&toy_service));
}

struct rig *toy_new_demo(void)
{
	return toy_with(rig_new_demo(&toy_service));
}

void toy_wall_ahead(struct rig *r, int64_t ms)
{
	(void)r;
	wall_ahead_ms = ms;
}

/* --- in --- */

static void fill_put(PB(Message) *m, PB(PutCapacity) *p, enum toy_op op, uint32_t amount)
{
	schakel__v1__put_capacity__init(p);
	p->pool = (char *)(uintptr_t) "command";
	p->staffed = op;
	p->total = amount;
	m->body_case = BODY(PUT_CAPACITY);
	m->put_capacity = p;
}

PB(Receipt) *toy_do(struct rig *r, enum toy_op op, uint32_t amount)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p;

	fill_put(&m, &p, op, amount);
	return rig_command(r, "facility-a", &m);
}

PB(Receipt) *toy_due(struct rig *r, uint64_t at_ms, enum toy_op op, uint32_t amount)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p;

	fill_put(&m, &p, OP_DUE, amount);
	p.from_ms = at_ms;
	p.used_elsewhere = op;
	return rig_command(r, "facility-a", &m);
}

PB(Receipt) *toy_operator(struct rig *r, PB(Message) *m)
{
	return rig_command(r, "operator", m);
}

bool toy_fact(struct rig *r, enum toy_op op, uint32_t amount)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Ask) a = PB_INIT(ASK);

	a.use = op;
	a.amount = amount;
	m.body_case = BODY(ASK);
	m.ask = &a;
	return rig_fact(r, "waitlist", &m);
}

uint64_t toy_count(struct rig *r, const char *counter)
{
	return counter_at(rig_txn(r), counter);
}

static uint8_t *packed_frame(const PB(Frame) *f, struct slice *ret_frame)
{
	uint8_t *bytes = malloc(schakel__v1__frame__get_packed_size(f) + 1);

	assert_non_null(bytes);
	*ret_frame = (struct slice){ bytes, schakel__v1__frame__pack(f, bytes) };
	return bytes;
}

uint8_t *toy_frame(struct rig *r, PB(Message) *m, const uint8_t id[16], struct slice *ret_frame)
{
	PB(Frame) f = PB_INIT(FRAME);
	uint8_t fresh[16];
	uint8_t random[10] = { 0 };

	be32_write(random + 6, ++r->messages);
	wire_id_make(r->now_ms + (uint64_t)wall_ahead_ms, random, fresh);
	if (m->id.len == 0) {
		m->id = (ProtobufCBinaryData){ 16,
					       (uint8_t *)(uintptr_t)(id == NULL ? fresh : id) };
	}
	f.message.len = schakel__v1__message__get_packed_size(m);
	f.message.data = malloc(f.message.len);
	assert_non_null(f.message.data);
	(void)schakel__v1__message__pack(m, f.message.data);
	uint8_t *bytes = packed_frame(&f, ret_frame);
	free(f.message.data);
	return bytes;
}

void toy_post(struct rig *r, enum toy_op op, uint32_t amount)
{
	struct party from = { .id = "facility-a", .roles = ROLE_BIT(FACILITY) };
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p;
	struct slice frame;

	fill_put(&m, &p, op, amount);
	uint8_t *bytes = toy_frame(r, &m, NULL, &frame);
	engine_frame(r->engine, RIG_CONN, &from, frame);
	free(bytes);
}

void toy_ask(struct rig *r, const struct question_of *q)
{
	struct party from = { .roles = q->roles };
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t link[128];
	struct slice frame;

	name_copy(from.id, q->party);
	l.destination = (char *)(uintptr_t)q->log;
	l.incarnation = q->incarnation;
	l.nonce = q->nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	f.after = q->after;
	f.after_sum = q->sum;
	f.credit = q->credit;
	f.wait_ms = q->wait_ms;
	uint8_t *bytes = packed_frame(&f, &frame);
	engine_frame(r->engine, q->conn, &from, frame);
	free(bytes);
	/* What was lent for the call is gone behind it. */
	memset(&from, 0x80, sizeof(from));
}

size_t toy_frames(const struct rig *r, uint64_t conn)
{
	(void)r;
	return frames_to[conn];
}

const PB(Frame) *toy_last(void)
{
	return last_frame;
}

void toy_peer_frame(struct rig *r, const char *peer, const PB(Link) *l, const PB(Frame) *f)
{
	PB(Frame) all = *f;
	PB(Link) whole = *l;
	uint8_t link[128];
	struct slice frame;

	whole.source = (char *)(uintptr_t)peer;
	whole.destination = (char *)(uintptr_t)r->svc->name;
	all.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&whole, link), link };
	uint8_t *bytes = packed_frame(&all, &frame);
	engine_peer_frame(r->engine, peer, frame);
	free(bytes);
}

/* --- crash and kill --- */

static void start_again(struct rig *r)
{
	struct store_conf sc = { .dir = r->dir, .map_bytes = RIG_MAP_BYTES, .no_sync = true };

	engine_abandon(r->engine);
	store_close(&r->store);
	rig_must(store_open(&r->store, &sc), "store_open");
	rig_must(engine_open(&r->engine, &r->store, r->svc, &r->port, &r->conf), "engine_open");
	r->conf.seen = engine_incarnation(r->engine);
}

bool toy_survives(struct rig *r, void (*fn)(struct rig *r))
{
	crash_expected = true;
	if (setjmp(crash_jump) == 0) {
		fn(r);
		crash_expected = false;
		return true;
	}
	crash_expected = false;
	if (r->slot.active != 0) {
		r->slot.crashes++;
	}
	start_again(r);
	return false;
}

void toy_kill(struct rig *r)
{
	start_again(r);
}
