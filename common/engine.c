/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/engine.h"

#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define RES(NAME) SCHAKEL__V1__RESOURCE__RESOURCE_##NAME
#define IDLE_WAIT_MS 1000
#define PLAN_HEAD_BYTES 64 /* id and time of the message around a plan */

/* --- the door: one frame --- */

static uint64_t id_window_ms(const struct engine *e, enum setting which, uint64_t unit_ms)
{
	return config_setting(e->config, which) * unit_ms;
}

/** While the clocks disagree, both count: the operator's next id is of the wall clock, and so are
 * those of clients, and intake goes on. A receipt is kept by the id's time, so none of them is lost
 * early.
 */
static uint64_t latest_now_ms(const struct engine *e)
{
	uint64_t wall = e->clock_alarm ? e->port->wall_ms(e->port->ctx) : 0;

	return wall > e->now_ms ? wall : e->now_ms;
}

/** A wall clock that was put back far makes ids that are too old, also for the message that accepts
 * it. That one passes when it was made just now by that clock; one of long ago does not. */
static bool accepts_now(const struct engine *e, const PB(Message) *m, uint64_t made_ms)
{
	uint64_t fresh_ms = made_ms + id_window_ms(e, SETTING_ID_AHEAD, 1000);

	return e->clock_alarm && m->body_case == BODY(CLOCK_ACCEPT) &&
	       fresh_ms >= e->port->wall_ms(e->port->ctx);
}

/** @return UNSPECIFIED when the id may be used now. */
static PB(Refusal) check_id(const struct engine *e, const PB(Message) *m)
{
	uint64_t made_ms;

	if (!wire_id_time(&m->id, &made_ms)) {
		return CODE(MALFORMED);
	}
	if (!accepts_now(e, m, made_ms) &&
	    (made_ms < e->receipts_from_ms ||
	     made_ms + id_window_ms(e, SETTING_RECEIPT_DAYS, 86400000ULL) < e->now_ms)) {
		return CODE(ID_TOO_OLD);
	}
	/* A demo node's clock is moved by its operator, whose next id may come from before. */
	bool clock = e->demo && m->body_case == BODY(CLOCK_ADVANCE);
	if (!clock && made_ms > latest_now_ms(e) + id_window_ms(e, SETTING_ID_AHEAD, 1000)) {
		return CODE(ID_IN_FUTURE);
	}
	return CODE(UNSPECIFIED);
}

/** Answers a message that was seen before. @return false when it is new. */
static bool answer_duplicate(struct engine *e, uint64_t conn, const struct party *from,
			     const PB(Message) *m, struct slice bytes)
{
	ProtobufCAllocator alloc = arena_protobuf(&e->arena);
	struct key k = { 0 };
	struct slice val;
	uint8_t hash[16];

	key_bytes(&k, m->id.data, m->id.len);
	key_str(&k, from->id);
	if (!store_get(&e->txn, TABLE_RECEIPT, &k, &val) || MUT(31)) {
		engine_check_fatal(e, e->txn.err, "receipt");
		return false;
	}
	PB(ReceiptRecord) *r = schakel__v1__receipt_record__unpack(&alloc, val.len, val.data);
	if (r == NULL) {
		engine_busy(e, conn, m, RES(MEMORY));
		return true;
	}
	(void)crypto_generichash(hash, sizeof(hash), bytes.data, bytes.len, NULL, 0);
	e->stats.duplicates++;
	if (r->input_hash.len != sizeof(hash) ||
	    memcmp(r->input_hash.data, hash, sizeof(hash)) != 0) {
		engine_refuse(e, conn, m, CODE(ID_REUSED), "id");
		return true;
	}
	r->receipt->first = r->receipt->outcome;
	r->receipt->outcome = SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE;
	engine_answer_receipt(e, conn, m, r->receipt);
	return true;
}

static void before_step(struct engine *e, const PB(Message) *m)
{
	if (m->body_case == BODY(CLOCK_ACCEPT)) {
		engine_time_accept(e);
	} else if (m->body_case == BODY(CLOCK_ADVANCE) && e->demo) {
		uint64_t to_ms = m->clock_advance->to_ms;
		bool in_reach = to_ms > e->now_ms && to_ms - e->now_ms <= CLOCK_ADVANCE_MS_MAX;
		e->now_ms = in_reach ? to_ms : e->now_ms;
	}
}

static void take_command(struct engine *e, uint64_t conn, const struct party *from,
			 const PB(Message) *m, struct slice bytes)
{
	const struct handler *h = engine_find_handler(e, m->body_case, NULL);
	PB(Receipt) *r = NULL;

	if (h == NULL) {
		engine_refuse(e, conn, m, CODE(UNKNOWN_TYPE), wire_body_name(m->body_case));
		return;
	}
	if ((h->roles & from->roles) == 0) {
		engine_refuse(e, conn, m, CODE(UNAUTHORISED), wire_body_name(m->body_case));
		return;
	}
	PB(Refusal) bad_id = check_id(e, m);
	if (bad_id != CODE(UNSPECIFIED)) {
		engine_refuse(e, conn, m, bad_id, "id");
		return;
	}
	if (answer_duplicate(e, conn, from, m, bytes)) {
		return;
	}
	PB(Resource) busy = engine_check_room(e, h, m);
	if (busy != RES(UNSPECIFIED)) {
		engine_busy(e, conn, m, busy);
		return;
	}
	before_step(e, m);
	struct input in = { .kind = RECORD_COMMAND, .from = from, .bytes = bytes, .msg = m };
	int err = engine_apply(e, &in, &r);
	if (err == SK_OK && r != NULL) {
		engine_answer_receipt(e, conn, m, r);
	} else {
		engine_busy(e, conn, m, err == SK_EBUSY ? RES(QUARANTINE) : RES(MEMORY));
	}
}

/** The id stands first in every message that our schema packs: a refusal can still name it. */
static void refuse_unread(struct engine *e, uint64_t conn, struct slice bytes,
			  const struct wire_fault *fault)
{
	PB(Message) m = PB_INIT(MESSAGE);
	const uint8_t *p = bytes.data;

	if (bytes.len >= 18 && p[0] == 0x0a && p[1] == 16) {
		m.id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)(p + 2) };
	}
	engine_refuse(e, conn, &m, fault->code, fault->field);
}

static void take_message(struct engine *e, uint64_t conn, const struct party *from,
			 struct slice bytes)
{
	struct wire_fault fault = { 0 };
	PB(Message) *m = NULL;

	engine_arena_begin(e);
	if (wire_decode(&e->arena, bytes, WIRE_STRICT, &m, &fault) != SK_OK) {
		refuse_unread(e, conn, bytes, &fault);
		return;
	}
	if (m->id.len != ID_LEN) {
		engine_refuse(e, conn, m, CODE(MALFORMED), "id");
		return;
	}
	const struct query *q = engine_find_query(e, m->body_case);
	if (q == NULL) {
		take_command(e, conn, from, m, bytes);
	} else if ((q->roles & from->roles) == 0) {
		engine_refuse(e, conn, m, CODE(UNAUTHORISED), wire_body_name(m->body_case));
	} else {
		engine_queue_query(e, conn, from, m, bytes);
	}
}

bool engine_frame(struct engine *e, uint64_t conn, const struct party *from, struct slice frame)
{
	PB(Frame) *f = NULL;
	bool read = frame.len <= FRAME_BYTES_MAX;

	engine_time_update(e);
	SK_ASSERT(journal_has_room(&e->journal));
	arena_reset(&e->arena); /* what ran between two turns leaves its memory behind */
	read = read && wire_decode_frame(&e->arena, frame, &f) == SK_OK;
	if (!read) {
		e->stats.frames_refused++;
	} else if (f->link.len > 0) {
		engine_question(e, conn, from, f);
	} else {
		struct slice bytes = { f->message.data, f->message.len };
		take_message(e, conn, from, bytes);
	}
	arena_reset(&e->arena);
	return read;
}

bool engine_has_room(const struct engine *e)
{
	/* A demo's clock stands still while its messages are read: what one of them made due comes
	 * before the next, however many of them a turn would take. */
	bool due = e->demo && e->ready && !e->clock_alarm && e->next_due_ms <= e->now_ms;

	return journal_has_room(&e->journal) && !e->restored && !due;
}

/* --- the end of a turn --- */

static void flush_batch(struct engine *e)
{
	if (e->journal.records == 0) {
		return;
	}
	engine_crash_point(e, "before-flush");
	engine_check_fatal(e, journal_flush(&e->journal), "flush");
	e->durable = e->journal.next_sequence - 1;
	SK_ASSERT(e->durable == e->sequence);
	e->stats.batches++;
	engine_crash_point(e, "after-flush");
}

/** Takes a new incarnation: the store comes from an old copy (DESIGN 4), maybe from one that was
 * taken while an earlier restore was not over. */
static void incarnate(struct engine *e)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Incarnated) i = PB_INIT(INCARNATED);

	e->restored = false;
	i.incarnation = (e->met_number > e->inc.number ? e->met_number : e->inc.number) + 1;
	i.nonce = e->conf.fresh_nonce ^ e->sequence;
	i.reason = e->restored_why;
	e->inc = (struct incarnation){ i.incarnation, i.nonce };
	m.body_case = BODY(INCARNATED);
	m.incarnated = &i;
	engine_check_fatal(e, engine_own_input(e, &m, RECORD_ENGINE), "incarnate");
}

static uint64_t wait_for(const struct engine *e)
{
	uint64_t wait = IDLE_WAIT_MS;
	uint64_t next = engine_links_next_boot(e);

	next = e->next_reader_boot_ms < next ? e->next_reader_boot_ms : next;
	if (e->restored || e->own_due || e->trims_owed ||
	    (!e->clock_alarm && e->next_due_ms <= e->now_ms)) {
		return 0;
	}
	if (next <= e->boot_ms) {
		return 0;
	}
	wait = next - e->boot_ms < wait ? next - e->boot_ms : wait;
	if (!e->demo && !e->clock_alarm && e->next_due_ms - e->now_ms < wait) {
		wait = e->next_due_ms - e->now_ms;
	}
	if (e->since_commit_records > 0 && e->conf.commit_idle_ms < wait) {
		wait = e->conf.commit_idle_ms;
	}
	return wait;
}

uint64_t engine_turn(struct engine *e)
{
	engine_time_update(e);
	if (!journal_has_room(&e->journal)) {
		flush_batch(e); /* full: what the engine itself steps now needs room */
	}
	if (e->restored) {
		incarnate(e);
	}
	if (e->ready) {
		(void)engine_tick(e);
	}
	if (MUT(1)) {
		engine_send_answers(e);
	}
	if (MUT(5) && e->journal.records > 0) {
		engine_commit(e);
	}
	flush_batch(e);
	engine_send_answers(e);
	engine_answer_queries(e);
	engine_send_answers(e);
	engine_serve_logs(e);
	engine_crash_point(e, "before-ask");
	engine_ask_links(e);
	engine_trim_logs(e);
	if (engine_commit_is_due(e)) {
		engine_commit(e);
	}
	engine_trim_journal(e);
	engine_look_at_reserves(e);
	return wait_for(e);
}

int engine_config(struct engine *e, struct slice packed)
{
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_str("applied");
	struct slice old;

	if (packed.len > CONFIG_BYTES_MAX) {
		return SK_EINVAL;
	}
	if (store_get(&e->txn, TABLE_CONFIG, &k, &old) && old.len == packed.len &&
	    memcmp(old.data, packed.data, packed.len) == 0) {
		return SK_OK;
	}
	m.config_applied = schakel__v1__config_applied__unpack(NULL, packed.len, packed.data);
	if (m.config_applied == NULL) {
		return SK_EPROTO;
	}
	if (!engine_places_suffice(e, m.config_applied)) {
		schakel__v1__config_applied__free_unpacked(m.config_applied, NULL);
		return SK_EFULL;
	}
	engine_time_update(e);
	flush_batch(e); /* the record holds the whole content twice: it gets a batch of its own */
	if (e->restored) {
		incarnate(e); /* what the step makes is of the new one */
		flush_batch(e);
	}
	m.body_case = BODY(CONFIG_APPLIED);
	int err = engine_own_input(e, &m, RECORD_CONFIG);
	schakel__v1__config_applied__free_unpacked(m.config_applied, NULL);
	return err;
}

bool engine_may_plan(const struct engine *e)
{
	return e->ready && !e->draining && !e->restored && !e->clock_alarm;
}

int engine_plan(struct engine *e, PB(PlanProposed) *plan)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(PLAN_PROPOSED);
	m.plan_proposed = plan;
	if (schakel__v1__message__get_packed_size(&m) + PLAN_HEAD_BYTES > FRAME_BYTES_MAX) {
		return SK_EINVAL;
	}
	engine_time_update(e);
	if (!engine_may_plan(e) || !engine_has_room(e)) {
		return SK_EBUSY;
	}
	return engine_own_input(e, &m, RECORD_ENGINE);
}

const char *engine_config_problem(int err)
{
	switch (err) {
	case SK_EFULL:
		return "too many parties: this store keeps logs for no more; take some out of "
		       "parties.ini";
	case SK_EREFUSED:
		return "this configuration stopped the daemon twice: put the former one back";
	default:
		return sk_strerror(err);
	}
}

int engine_close(struct engine *e)
{
	if (e == NULL) {
		return SK_OK;
	}
	engine_time_update(e);
	flush_batch(e);
	engine_send_answers(e);
	engine_answer_queries(e);
	engine_send_answers(e);
	engine_check_fatal(e, engine_put_position(e), "position");
	engine_crash_point(e, "before-commit");
	int err = store_commit(&e->txn);
	engine_crash_point(e, "after-commit");
	engine_slot_forgive(e);
	engine_abandon(e);
	return err;
}

/* --- what others may look at --- */

struct incarnation engine_incarnation(const struct engine *e)
{
	return e->inc;
}

uint64_t engine_now_ms(const struct engine *e)
{
	return e->now_ms;
}

bool engine_is_demo(const struct engine *e)
{
	return e->demo;
}

bool engine_ready(const struct engine *e)
{
	return e->ready;
}

void engine_stats(const struct engine *e, struct engine_stats *ret_stats)
{
	*ret_stats = e->stats;
}

int engine_digest(struct engine *e, uint64_t *ret_digest)
{
	return store_digest(&e->txn, ret_digest);
}

void engine_positions(const struct engine *e, uint64_t *ret_stepped, uint64_t *ret_durable,
		      uint64_t *ret_committed)
{
	*ret_stepped = e->sequence;
	*ret_durable = e->durable;
	*ret_committed = e->committed;
}

struct store_txn *engine_peek(struct engine *e)
{
	return &e->txn;
}

void engine_on_applied(struct engine *e, applied_fn *fn, void *ctx)
{
	e->on_applied = fn;
	e->on_applied_ctx = ctx;
}
