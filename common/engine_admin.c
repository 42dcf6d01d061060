/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define ALARM(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
#define RECEIPTS_SWEPT_MAX 256
#define HOUR_MS 3600000ULL
#define DAY_MS (24 * HOUR_MS)
#define RECONCILED_EMITS_MAX 512

static struct key meta_key(void)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return k;
}

PB(MetaRecord) *engine_meta(struct step *s)
{
	struct key k = meta_key();

	return step_get(s, TABLE_META, &k, &schakel__v1__meta_record__descriptor);
}

void engine_meta_put(struct step *s, const PB(MetaRecord) *m)
{
	struct key k = meta_key();

	step_put(s, TABLE_META, &k, m);
}

void engine_alarm(struct step *s, PB(AlarmKind) kind, const char *party)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_ALARM;
	e.alarm = kind;
	e.at_ms = s->now_ms;
	e.party = (char *)(uintptr_t)party;
	step_event(s, &e);
}

/* --- quarantine --- */

static struct key quarantine_key(uint64_t row)
{
	struct key k = { 0 };

	key_u64(&k, row);
	return k;
}

void engine_quarantine(struct step *s, const struct input *in, PB(Refusal) code, const char *field)
{
	PB(QuarantineRecord) q = PB_INIT(QUARANTINE_RECORD);
	PB(MetaRecord) *meta = engine_meta(s);

	if (meta == NULL) {
		return;
	}
	q.row = ++meta->quarantine_next;
	q.peer = in->from == NULL ? "" : (char *)(uintptr_t)in->from->id;
	q.sequence = in->peer_sequence;
	q.time_ms = s->now_ms;
	q.code = code;
	q.field = (char *)(uintptr_t)field;
	q.type = (char *)(uintptr_t)(in->msg == NULL ? "due" : wire_body_name(in->msg->body_case));
	q.input = (ProtobufCBinaryData){ in->bytes.len, (uint8_t *)(uintptr_t)in->bytes.data };
	struct key k = quarantine_key(q.row);
	step_put(s, TABLE_QUARANTINE, &k, &q);
	engine_meta_put(s, meta);
	engine_alarm(s, in->poisoned ? ALARM(POISON) : ALARM(QUARANTINE), q.peer);
}

static struct party sender_of(struct step *s, const PB(QuarantineRecord) *q)
{
	const PB(Party) *known = step_party(s, q->peer);
	struct party p = { 0 };

	name_copy(p.id, q->peer);
	for (size_t i = 0; known != NULL && i < known->n_roles; i++) {
		p.roles |= 1U << known->roles[i];
	}
	return p;
}

/** A due row has no sender: its key comes back among the timers, and the next Tick runs it. */
static int due_again(struct step *s, struct slice bytes)
{
	struct key k = { 0 };

	key_bytes(&k, bytes.data, bytes.len);
	step_mark(s, TABLE_DUE, &k);
	return s->txn->err;
}

static int quarantine_retry(struct step *s, const PB(QuarantineRecord) *q)
{
	struct slice bytes = { q->input.data, q->input.len };
	struct wire_fault fault;
	PB(Message) *m = NULL;

	if (q->peer[0] == '\0') {
		return due_again(s, bytes);
	}
	if (wire_decode(s->arena, bytes, WIRE_TOLERANT, &m, &fault) != SK_OK) {
		return step_refuse(s, CODE(MALFORMED), "row");
	}
	const struct handler *h = engine_find_handler(s->engine, m->body_case, q->peer);
	bool command = h == NULL;
	if (command) {
		h = engine_find_handler(s->engine, m->body_case, NULL);
	}
	if (h == NULL) {
		return step_refuse(s, CODE(UNKNOWN_TYPE), "row");
	}
	s->from = sender_of(s, q);
	if (command && (h->roles & s->from.roles) == 0) {
		return step_refuse(s, CODE(UNAUTHORISED), "row");
	}
	s->emits_max = h->emits_max;
	return h->fn(s, m);
}

static int on_quarantine(struct step *s, const PB(Message) *in)
{
	const PB(QuarantineAction) *a = in->quarantine_action;
	struct key k = quarantine_key(a->row);
	PB(QuarantineRecord) *q =
		step_get(s, TABLE_QUARANTINE, &k, &schakel__v1__quarantine_record__descriptor);

	if (q == NULL) {
		return step_refuse(s, CODE(UNKNOWN_OBJECT), "row");
	}
	if (a->action == SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_UNSPECIFIED) {
		return step_refuse(s, CODE(MISSING), "action");
	}
	step_del(s, TABLE_QUARANTINE, &k);
	if (a->action == SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_DROP) {
		return SK_OK;
	}
	return quarantine_retry(s, q);
}

/* --- clock, drain, links --- */

static int on_clock_accept(struct step *s, const PB(Message) *in)
{
	(void)in;
	engine_alarm(s, ALARM(CLOCK_JUMPED), s->from.id);
	return SK_OK;
}

static int on_clock_advance(struct step *s, const PB(Message) *in)
{
	if (!s->engine->demo) {
		return step_refuse(s, CODE(NOT_DEMO), "clock_advance");
	}
	/* The engine moved journal time to to_ms before this step when that lies ahead in reach. */
	if (in->clock_advance->to_ms < s->now_ms) {
		return step_refuse(s, CODE(CLOCK_BACK), "to_ms");
	}
	if (in->clock_advance->to_ms > s->now_ms) {
		return step_refuse(s, CODE(OUT_OF_RANGE), "to_ms");
	}
	return SK_OK;
}

static int on_drain(struct step *s, const PB(Message) *in)
{
	PB(MetaRecord) *meta = engine_meta(s);

	if (meta != NULL) {
		meta->draining = in->drain->draining;
		engine_meta_put(s, meta);
	}
	return SK_OK;
}

static int on_link_pause(struct step *s, const PB(Message) *in)
{
	const PB(LinkPause) *p = in->link_pause;
	struct key k = { 0 };

	if (!name_is_valid(p->peer) || engine_link(s->engine, p->peer) == NULL) {
		return step_refuse(s, CODE(UNKNOWN_OBJECT), "peer");
	}
	key_u8(&k, 1);
	key_str(&k, p->peer);
	if (p->paused) {
		step_mark(s, TABLE_META, &k);
	} else {
		step_del(s, TABLE_META, &k);
	}
	return SK_OK;
}

/* --- what the engine does by itself --- */

static int on_config(struct step *s, const PB(Message) *in)
{
	struct key k = key_of_str("applied");
	size_t len = schakel__v1__config_applied__get_packed_size(in->config_applied);
	uint8_t *buf = step_alloc(s, len + 1);
	struct config_index *ci = NULL;

	if (buf == NULL) {
		return SK_OK; /* sticky */
	}
	struct slice val = { buf, schakel__v1__config_applied__pack(in->config_applied, buf) };
	int err = config_index_new(val, &ci);
	if (err != SK_OK) {
		return err;
	}
	store_put(s->txn, TABLE_CONFIG, &k, val);
	s->conf = ci;
	err = s->engine->svc->on_config == NULL ? SK_OK : s->engine->svc->on_config(s);
	s->conf = NULL;
	config_index_free(ci);
	return err;
}

int engine_own_step(struct step *s, const PB(Message) *m)
{
	if (m->body_case == BODY(CONFIG_APPLIED)) {
		return on_config(s, m);
	}
	if (m->body_case == BODY(INCARNATED)) {
		return engine_on_incarnated(s, m->incarnated);
	}
	if (m->body_case == BODY(PEER_INCARNATED)) {
		return engine_on_peer_incarnated(s, m->peer_incarnated);
	}
	if (m->body_case == BODY(PLAN_PROPOSED) && s->engine->svc->on_plan != NULL) {
		s->emits_max = s->engine->svc->due_emits_max;
		return s->engine->svc->on_plan(s, m->plan_proposed);
	}
	return SK_EPROTO;
}

/** Also when receipts shall be kept longer again some day, these ids stay too old. */
static void keep_horizon(struct step *s, uint64_t keep_ms)
{
	PB(MetaRecord) *meta = engine_meta(s);
	uint64_t from_ms = s->now_ms - keep_ms + 1;

	if (meta != NULL && meta->receipts_from_ms < from_ms) {
		meta->receipts_from_ms = from_ms;
		engine_meta_put(s, meta);
	}
}

/** Receipts begin with their message id, which begins with its time: the oldest stand first. */
static int sweep_receipts(struct step *s)
{
	uint64_t keep_ms = step_setting(s, SETTING_RECEIPT_DAYS) * DAY_MS + DAY_MS;
	struct store_iter it;
	struct key k;
	struct slice val;
	int swept = 0;

	if (MUT(9)) {
		keep_ms = 0;
	}
	store_iter_init(&it, s->txn, TABLE_RECEIPT, NULL);
	while (swept < RECEIPTS_SWEPT_MAX && store_next(&it, &k, &val)) {
		if ((be64_read(k.b) >> 16) + keep_ms > s->now_ms) {
			break;
		}
		step_del(s, TABLE_RECEIPT, &k);
		swept++;
	}
	store_iter_done(&it);
	if (swept > 0 && !MUT(9)) {
		keep_horizon(s, keep_ms);
	}
	uint64_t next = swept == RECEIPTS_SWEPT_MAX ? s->now_ms : s->now_ms + HOUR_MS;
	step_due(s, next, DUE_RECEIPTS, NULL, 0);
	return SK_OK;
}

int engine_own_due(struct step *s, uint8_t kind, const struct object_id *id)
{
	return kind == DUE_RECEIPTS ? sweep_receipts(s) : engine_send_inventory(s, id);
}

/** It has no id: what it says names it, so that one which stopped the daemon is known again. */
static void name_own_input(struct engine *e, const PB(Message) *m, uint8_t ret_name[ID_LEN])
{
	size_t len = schakel__v1__message__pack(m, e->pack);

	(void)crypto_generichash(ret_name, ID_LEN, e->pack, len, NULL, 0);
}

int engine_own_input(struct engine *e, PB(Message) *m, enum record_kind kind)
{
	static const uint8_t no_id[16];
	PB(Receipt) *none = NULL;
	struct input in = { .kind = kind, .msg = m };
	uint8_t name[ID_LEN];

	m->id = (ProtobufCBinaryData){ sizeof(no_id), (uint8_t *)(uintptr_t)no_id };
	m->time_ms = e->now_ms;
	size_t len = schakel__v1__message__get_packed_size(m);
	SK_ASSERT(len <= FRAME_BYTES_MAX + CONFIG_BYTES_MAX);
	m->time_ms = 0; /* of each try another */
	name_own_input(e, m, name);
	if (engine_slot_poisoned(e, name)) {
		return SK_EREFUSED;
	}
	m->time_ms = e->now_ms;
	in.bytes = (struct slice){ e->pack, schakel__v1__message__pack(m, e->pack) };
	engine_slot_set(e, name);
	engine_arena_begin(e);
	int err = engine_apply(e, &in, &none);
	arena_reset(&e->arena);
	engine_slot_clear(e);
	return err;
}

static const struct handler own_handlers[] = {
	{ .body = BODY(QUARANTINE_ACTION), .roles = ROLE_BIT(OPERATOR), .fn = on_quarantine },
	{ .body = BODY(CLOCK_ACCEPT),
	  .roles = ROLE_BIT(OPERATOR),
	  .fn = on_clock_accept,
	  .emits_max = 1,
	  .while_reconciling = true },
	{ .body = BODY(CLOCK_ADVANCE),
	  .roles = ROLE_BIT(OPERATOR),
	  .fn = on_clock_advance,
	  .while_reconciling = true },
	{ .body = BODY(DRAIN),
	  .roles = ROLE_BIT(OPERATOR),
	  .fn = on_drain,
	  .while_reconciling = true },
	{ .body = BODY(LINK_PAUSE),
	  .roles = ROLE_BIT(OPERATOR),
	  .fn = on_link_pause,
	  .while_reconciling = true },
	{ .body = BODY(RECONCILE_SIGN_OFF),
	  .roles = ROLE_BIT(OPERATOR),
	  .fn = engine_on_sign_off,
	  .emits_max = RECONCILED_EMITS_MAX,
	  .while_reconciling = true },
	{ .body = BODY(RECONCILE_BEGIN), .peer = "*", .fn = engine_on_reconcile_begin },
	{ .body = BODY(RECONCILE_DONE),
	  .peer = "*",
	  .fn = engine_on_reconcile_done,
	  .emits_max = RECONCILED_EMITS_MAX },
};

static bool serves(const struct handler *h, PB(Message__BodyCase) body, const char *peer)
{
	if (h->body != body || (h->peer == NULL) != (peer == NULL)) {
		return false;
	}
	return peer == NULL || strcmp(h->peer, "*") == 0 || strcmp(h->peer, peer) == 0;
}

const struct handler *engine_find_handler(const struct engine *e, PB(Message__BodyCase) body,
					  const char *peer)
{
	for (size_t i = 0; i < SK_LEN(own_handlers); i++) {
		if (serves(&own_handlers[i], body, peer)) {
			return &own_handlers[i];
		}
	}
	for (size_t i = 0; i < e->svc->handlers_len; i++) {
		if (serves(&e->svc->handlers[i], body, peer)) {
			return &e->svc->handlers[i];
		}
	}
	return NULL;
}
