/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/toy.h"

#include <stdlib.h>
#include <string.h>

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define COUNTERS_MAX 16

void (*toy_crash)(void);

/* --- records --- */

void toy_counter_read(const uint8_t *p, struct toy_counter *ret_c)
{
	*ret_c = (struct toy_counter){ be64_read(p), be64_read(p + 8), be64_read(p + 16),
				       be64_read(p + 24) };
}

static bool get_counter(struct step *s, const char *name, struct toy_counter *ret_c)
{
	struct key k = key_of_str(name);
	struct slice val;

	*ret_c = (struct toy_counter){ 0 };
	if (!store_get(s->txn, TOY_COUNTER, &k, &val)) {
		return false;
	}
	SK_ASSERT(val.len == TOY_COUNTER_BYTES);
	toy_counter_read(val.data, ret_c);
	return true;
}

static void put_counter(struct step *s, const char *name, const struct toy_counter *c)
{
	struct key k = key_of_str(name);
	uint8_t buf[TOY_COUNTER_BYTES];

	be64_write(buf, c->value);
	be64_write(buf + 8, c->version);
	be64_write(buf + 16, c->echoes);
	be64_write(buf + 24, c->ticks);
	store_put(s->txn, TOY_COUNTER, &k, (struct slice){ buf, sizeof(buf) });
}

/* --- index: the sum of all counters, by hash of the name --- */

struct index_row {
	char name[PARTY_ID_LEN_MAX + 1];
	uint64_t value;
};

struct index {
	struct index_row row[COUNTERS_MAX];
	size_t rows;
	uint64_t sum;
};

static void *index_new(void)
{
	return calloc(1, sizeof(struct index));
}

static void index_free(void *index)
{
	free(index);
}

static int index_fold(void *index, uint8_t table, const struct key *k, struct slice val)
{
	struct index *ix = index;
	size_t i = 0;

	if (table != TOY_COUNTER) {
		return SK_OK;
	}
	while (i < ix->rows && strcmp(ix->row[i].name, (const char *)k->b) != 0) {
		i++;
	}
	SK_ASSERT(i < COUNTERS_MAX && val.data != NULL);
	if (i == ix->rows) {
		memcpy(ix->row[i].name, k->b, k->len);
		ix->rows++;
	}
	ix->sum += be64_read(val.data) - ix->row[i].value;
	ix->row[i].value = be64_read(val.data);
	return SK_OK;
}

static const uint8_t indexed[] = { TOY_COUNTER, 0 };

static uint64_t sum_of(struct step *s)
{
	return ((const struct index *)s->index)->sum;
}

/* --- messages --- */

static bool is_peer(const PB(Party) *p)
{
	return p->n_roles > 0 && p->roles[0] == SCHAKEL__V1__ROLE__ROLE_DAEMON &&
	       strcmp(p->id, "alpha") != 0;
}

static void tell_peers(struct step *s, PB(Message) *m)
{
	const PB(ConfigApplied) *c = step_config(s);

	for (size_t i = 0; i < c->n_parties; i++) {
		if (is_peer(c->parties[i])) {
			step_emit(s, c->parties[i]->id, m);
		}
	}
}

static void tell_event(struct step *s, const char *name, const struct toy_counter *c)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL;
	e.pool = (char *)(uintptr_t)name;
	e.version = (uint32_t)c->version;
	e.free = (uint32_t)c->value;
	e.promised = (uint32_t)sum_of(s);
	e.at_ms = s->now_ms;
	step_event(s, &e);
}

/** The whole of one counter, as a fact that is put in place of what was known. */
static void tell_item(struct step *s, const char *to, const char *name, const struct toy_counter *c)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	uint8_t buf[8 + PARTY_ID_LEN_MAX + 1];
	size_t len = strlen(name) + 1;

	be64_write(buf, c->value);
	memcpy(buf + 8, name, len);
	item.table = (char *)(uintptr_t) "counter";
	item.version = (uint32_t)c->version;
	item.record = (ProtobufCBinaryData){ 8 + len, buf };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(s, to, &m);
}

/* --- alpha: commands --- */

static int check_add(struct step *s, const PB(PutCapacity) *p, const struct toy_counter *c)
{
	if (!name_is_valid(p->pool) || p->pool[0] != 'c' || strlen(p->pool) != 2) {
		return step_refuse(s, CODE(UNKNOWN_OBJECT), "put_capacity.pool");
	}
	if (p->staffed == 0 || p->staffed > TOY_AMOUNT_MAX) {
		return step_refuse(s, CODE(OUT_OF_RANGE), "put_capacity.staffed");
	}
	if (p->based_on != 0 && p->based_on != c->version) {
		return step_conflict(s, (uint32_t)c->version, NULL);
	}
	return SK_OK;
}

static void tell_add(struct step *s, const PB(PutCapacity) *p, const struct object_id *id)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Ask) a = PB_INIT(ASK);

	a.contribution_id = object_id_data(id);
	a.pool = p->pool;
	a.amount = p->staffed;
	a.use = p->total;
	m.body_case = BODY(ASK);
	m.ask = &a;
	tell_peers(s, &m);
	if ((p->total & TOY_NOTE) != 0) {
		step_emit(s, s->from.id, &m);
	}
}

static int on_put(struct step *s, const PB(Message) *in)
{
	const PB(PutCapacity) *p = in->put_capacity;
	struct toy_counter c = { 0 };

	if (name_is_valid(p->pool)) {
		(void)get_counter(s, p->pool, &c);
	}
	int err = check_add(s, p, &c);
	if (err != SK_OK) {
		return err;
	}
	struct object_id id = step_new_id(s);
	struct key k = key_of_id(&id);
	c.value += p->staffed;
	c.version++;
	put_counter(s, p->pool, &c);
	store_put(s->txn, TOY_ADD, &k, (struct slice){ p->pool, strlen(p->pool) + 1 });
	tell_add(s, p, &id);
	tell_event(s, p->pool, &c);
	if ((p->used_elsewhere & 15) > 0) {
		uint64_t at_ms = s->now_ms + TOY_CHAIN_STEP_MS;
		uint32_t left = p->used_elsewhere & 15;
		bool refuses = (p->total & TOY_DUE_REFUSES) != 0;
		step_due(s, at_ms, refuses ? 2 : 1, &id, left);
	}
	if ((p->total & TOY_CRASH) != 0) {
		toy_crash();
	}
	if ((p->total & TOY_REFUSE_LATE) != 0) {
		return step_refuse(s, CODE(STATE), "put_capacity.total");
	}
	step_result(s, &id, (uint32_t)c.version);
	return SK_OK;
}

static enum admit admit_put(const PB(Message) *in)
{
	return in->put_capacity->insured ? ADMIT_HIGH : ADMIT_NORMAL;
}

/* --- alpha: due rows, echoes --- */

static bool counter_of(struct step *s, const struct object_id *id, char *ret_name,
		       struct toy_counter *ret_c)
{
	struct key k = key_of_id(id);
	struct slice val;

	if (!store_get(s->txn, TOY_ADD, &k, &val) || val.len > PARTY_ID_LEN_MAX + 1) {
		return false;
	}
	memcpy(ret_name, val.data, val.len);
	return get_counter(s, ret_name, ret_c);
}

static int on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		  uint64_t due_ms)
{
	char name[PARTY_ID_LEN_MAX + 1];
	struct toy_counter c;
	struct key fired = key_of_id(id);

	if (!counter_of(s, id, name, &c)) {
		return SK_OK; /* from before an old copy */
	}
	key_u32(&fired, extra);
	step_mark(s, TOY_FIRED, &fired);
	c.ticks++;
	put_counter(s, name, &c);
	tell_event(s, name, &c);
	if (kind == 2 && extra == 1) {
		return step_refuse(s, CODE(STATE), "due");
	}
	if (extra > 1) {
		step_due(s, due_ms + TOY_CHAIN_STEP_MS, kind, id, extra - 1);
	}
	return SK_OK;
}

static int on_echo(struct step *s, const PB(Message) *in)
{
	char name[PARTY_ID_LEN_MAX + 1];
	struct toy_counter c;
	struct object_id id;

	if (object_id_from(&in->ask_ended->contribution_id, &id) && counter_of(s, &id, name, &c)) {
		c.echoes++;
		put_counter(s, name, &c);
	}
	return SK_OK;
}

/* --- a peer: facts --- */

static int on_ask(struct step *s, const PB(Message) *in)
{
	const PB(Ask) *a = in->ask;
	struct toy_counter c;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AskEnded) echo = PB_INIT(ASK_ENDED);

	(void)get_counter(s, a->pool, &c);
	c.value += a->amount;
	c.version++;
	put_counter(s, a->pool, &c);
	tell_event(s, a->pool, &c);
	echo.contribution_id = a->contribution_id;
	echo.version = (uint32_t)c.version;
	m.body_case = BODY(ASK_ENDED);
	m.ask_ended = &echo;
	step_emit(s, "alpha", &m);
	if ((a->use & TOY_CRASH_PEER) != 0) {
		toy_crash();
	}
	if ((a->use & TOY_PEER_REFUSES) != 0) {
		return step_refuse(s, CODE(STATE), "ask.use");
	}
	return SK_OK;
}

/* --- restore --- */

static int on_item(struct step *s, const PB(Message) *in)
{
	const ProtobufCBinaryData *r = &in->reconcile_item->record;
	bool owner = strcmp(s->from.id, "alpha") != 0;
	struct toy_counter c;

	if (r->len < 10 || r->len > 8 + PARTY_ID_LEN_MAX + 1 || r->data[r->len - 1] != '\0') {
		return step_refuse(s, CODE(MALFORMED), "reconcile_item.record");
	}
	const char *name = (const char *)r->data + 8;
	uint64_t told = be64_read(r->data);
	(void)get_counter(s, name, &c);
	/* alpha writes the counters: a peer takes its word, alpha what the peers know beyond. */
	if (owner && told <= c.value) {
		return SK_OK;
	}
	c.value = told;
	c.version++;
	put_counter(s, name, &c);
	tell_event(s, name, &c);
	return SK_OK;
}

static int inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		     uint32_t *ret_items)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	uint32_t items = 0;
	bool more = false;

	store_iter_init(&it, s->txn, TOY_COUNTER, NULL);
	if (io_resume->len > 0) {
		store_iter_from(&it, io_resume, false);
	}
	/* Two in a step, so that more steps are needed and may be interrupted. */
	while (items < 2 && items < budget && (more = store_next(&it, &k, &val))) {
		struct toy_counter c;
		toy_counter_read(val.data, &c);
		*io_resume = k;
		tell_item(s, peer, (const char *)k.b, &c);
		items++;
	}
	store_iter_done(&it);
	if (!more) {
		io_resume->len = 0;
	}
	*ret_items = items;
	return SK_OK;
}

/* --- queries --- */

static PB(Event) *event_of(struct step *s, const struct key *k, const struct toy_counter *c)
{
	PB(Event) *e = step_alloc(s, sizeof(*e));

	if (e != NULL) {
		schakel__v1__event__init(e);
		e->kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL;
		e->pool = step_strdup(s, (const char *)k->b);
		e->version = (uint32_t)c->version;
		e->free = (uint32_t)c->value;
	}
	return e;
}

static int snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	bool more = false;

	out->events = step_alloc(s, limit * sizeof(*out->events) + 1);
	store_iter_init(&it, s->txn, TOY_COUNTER, NULL);
	if (io_after->len > 0) {
		store_iter_from(&it, io_after, false);
	}
	while (out->events != NULL && out->n_events < limit && (more = store_next(&it, &k, &val))) {
		struct toy_counter c;
		toy_counter_read(val.data, &c);
		out->events[out->n_events] = event_of(s, &k, &c);
		if (out->events[out->n_events] == NULL) {
			break;
		}
		out->n_events++;
		*io_after = k;
	}
	store_iter_done(&it);
	if (!more) {
		io_after->len = 0;
	}
	return s->txn->err;
}

/** I22: the index says what the records say. */
static int on_query(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	PB(PoolsView) *v = step_alloc(s, sizeof(*v));
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t sum = 0;

	(void)in;
	if (v == NULL) {
		return SK_ENOMEM;
	}
	store_iter_init(&it, s->txn, TOY_COUNTER, NULL);
	while (store_next(&it, &k, &val)) {
		sum += be64_read(val.data);
	}
	store_iter_done(&it);
	SK_ASSERT(s->txn->err != SK_OK || sum == sum_of(s));
	schakel__v1__pools_view__init(v);
	out->body_case = BODY(POOLS_VIEW);
	out->pools_view = v;
	return SK_OK;
}

/* --- tables --- */

static const struct query query[] = {
	{ BODY(QUERY_POOLS), ROLE_BIT(FACILITY) | ROLE_BIT(OPERATOR), on_query },
};

static const struct handler alpha_handler[] = {
	{ .body = BODY(PUT_CAPACITY),
	  .roles = ROLE_BIT(FACILITY),
	  .fn = on_put,
	  .admit = admit_put,
	  .emits_max = 4 },
	{ .body = BODY(ASK_ENDED), .peer = "beta", .fn = on_echo },
	{ .body = BODY(ASK_ENDED), .peer = "gamma", .fn = on_echo },
	{ .body = BODY(RECONCILE_ITEM), .peer = "beta", .fn = on_item, .emits_max = 1 },
	{ .body = BODY(RECONCILE_ITEM), .peer = "gamma", .fn = on_item, .emits_max = 1 },
};

static const struct handler peer_handler[] = {
	{ .body = BODY(ASK), .peer = "alpha", .fn = on_ask, .emits_max = 2 },
	{ .body = BODY(RECONCILE_ITEM), .peer = "alpha", .fn = on_item, .emits_max = 1 },
};

static const char *const reads_one[] = { "beta", NULL };
static const char *const reads_two[] = { "beta", "gamma", NULL };
static const char *const reads_alpha[] = { "alpha", NULL };

#define TOY_COMMON                                                                           \
	.core_version = 1, .queries = query, .queries_len = SK_LEN(query), .on_due = on_due, \
	.due_emits_max = 1, .index_new = index_new, .index_free = index_free,                \
	.index_fold = index_fold, .indexed = indexed, .inventory = inventory, .snapshot = snapshot

const struct service toy_alpha_2 = { .name = "alpha",
				     .handlers = alpha_handler,
				     .handlers_len = SK_LEN(alpha_handler),
				     .reads = reads_one,
				     TOY_COMMON };
const struct service toy_alpha_3 = { .name = "alpha",
				     .handlers = alpha_handler,
				     .handlers_len = SK_LEN(alpha_handler),
				     .reads = reads_two,
				     TOY_COMMON };
const struct service toy_beta = { .name = "beta",
				  .handlers = peer_handler,
				  .handlers_len = SK_LEN(peer_handler),
				  .reads = reads_alpha,
				  TOY_COMMON };
const struct service toy_gamma = { .name = "gamma",
				   .handlers = peer_handler,
				   .handlers_len = SK_LEN(peer_handler),
				   .reads = reads_alpha,
				   TOY_COMMON };
