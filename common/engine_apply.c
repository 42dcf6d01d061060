/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <sodium.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

void engine_check_fatal(struct engine *e, int err, const char *why)
{
	if (err != SK_OK) {
		e->port->die(e->port->ctx, why, err);
		sk_panic("port->die returned", __FILE__, __LINE__);
	}
}

void engine_arena_begin(struct engine *e)
{
	e->arena.cap_bytes = e->arena.used_bytes + ARENA_BYTES;
	SK_ASSERT(e->arena.cap_bytes + REFUSAL_BYTES <= ARENA_BLOCK_BYTES);
}

void engine_step_begin(struct engine *e, struct step *s, struct store_txn *txn,
		       const struct party *from)
{
	*s = (struct step){ .txn = txn,
			    .arena = &e->arena,
			    .index = e->index,
			    .conf = e->config,
			    .now_ms = e->now_ms,
			    .sequence = e->sequence + 1,
			    .engine = e,
			    .page_most = UINT32_MAX,
			    .isolated = e->isolated,
			    .incarnation = e->inc.number };
	if (from != NULL) {
		s->from = *from;
	}
}

/* --- what is written beside the core's own effects --- */

static void put_receipt(struct step *s, const struct input *in, PB(Receipt) *r)
{
	PB(ReceiptRecord) rec = PB_INIT(RECEIPT_RECORD);
	struct key k = { 0 };
	uint8_t hash[16];

	(void)crypto_generichash(hash, sizeof(hash), in->bytes.data, in->bytes.len, NULL, 0);
	rec.input_hash = (ProtobufCBinaryData){ sizeof(hash), hash };
	rec.receipt = r;
	/* The id first: UUIDv7 rises with time, so receipts are written in order and expire in
	 * order. */
	key_bytes(&k, in->msg->id.data, in->msg->id.len);
	key_str(&k, in->from->id);
	step_put(s, TABLE_RECEIPT, &k, &rec);
}

static void put_cursor(struct step *s, const struct input *in)
{
	struct key k = key_of_str(in->from->id);
	PB(CursorRecord) *c =
		step_get(s, TABLE_CURSOR, &k, &schakel__v1__cursor_record__descriptor);
	PB(CursorRecord) fresh = PB_INIT(CURSOR_RECORD);

	c = c == NULL ? &fresh : c;
	c->sequence = in->peer_sequence;
	c->sum = engine_sum(in->bytes);
	step_put(s, TABLE_CURSOR, &k, c);
}

static PB(Receipt) *make_receipt(struct step *s, const struct outcome *out)
{
	PB(Receipt) *r = step_alloc(s, sizeof(*r));

	if (r == NULL) {
		return NULL;
	}
	schakel__v1__receipt__init(r);
	r->outcome = out->kind;
	r->code = out->code;
	r->field = step_strdup(s, out->field); /* the outcome ends before the answer is sent */
	r->version = out->version;
	r->time_ms = s->now_ms;
	r->sequence = s->sequence;
	r->holds_now = out->holds_now;
	if (!object_id_is_zero(&out->object)) {
		r->object_id = step_id_data(s, &out->object);
		r->short_code = step_strdup(s, out->short_code);
	}
	if (out->more_len > 0) {
		r->object_ids = step_alloc(s, out->more_len * sizeof(*r->object_ids));
		r->n_object_ids = r->object_ids == NULL ? 0 : out->more_len;
	}
	for (size_t i = 0; i < r->n_object_ids; i++) {
		r->object_ids[i] = object_id_data(&out->more[i]);
	}
	return r;
}

static void book(struct step *s, const struct input *in, struct outcome *out, PB(Receipt) **ret_r)
{
	if (in->kind == RECORD_FACT) {
		put_cursor(s, in);
		return;
	}
	if (in->kind != RECORD_COMMAND) {
		return;
	}
	PB(Receipt) *r = make_receipt(s, out);
	if (r != NULL) {
		bool keep = !MUT(8) || out->kind == OUTCOME(ACCEPTED);
		if (keep) {
			put_receipt(s, in, r);
		}
		*ret_r = r;
	}
}

/* --- one step --- */

/** Facts that a restored daemon reads before its peer's inventory has begun speak of what the
 *  inventory repeats: they move the cursor and nothing else. */
static bool is_void(struct step *s, const struct input *in)
{
	struct key k = { 0 };

	if (!s->isolated || in->msg->body_case == BODY(RECONCILE_BEGIN)) {
		return false;
	}
	key_u8(&k, 1);
	key_str(&k, in->from->id);
	PB(ReconcileRecord) *r =
		step_get(s, TABLE_RECONCILE, &k, &schakel__v1__reconcile_record__descriptor);
	return r != NULL && !r->begun;
}

static int dispatch(struct step *s, const struct input *in)
{
	if (in->poisoned) {
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_POISON, "id");
	}
	if (in->kind == RECORD_CONFIG || in->kind == RECORD_ENGINE) {
		s->emits_max = s->engine->svc->due_emits_max + 2U + (uint32_t)s->engine->links_len;
		return engine_own_step(s, in->msg);
	}
	bool fact = in->kind == RECORD_FACT;
	const struct handler *h =
		engine_find_handler(s->engine, in->msg->body_case, fact ? in->from->id : NULL);
	if (h == NULL) {
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_TYPE, "%s",
				   wire_body_name(in->msg->body_case));
	}
	if (fact && is_void(s, in)) {
		return SK_OK;
	}
	s->emits_max = h->emits_max;
	return h->fn(s, in->msg);
}

int engine_settle(struct engine *e, const struct store_txn *child, int err, struct outcome *out)
{
	if (err == SK_OK || err == SK_EREFUSED) {
		err = child->err != SK_OK ? child->err : err;
	}
	if (err == SK_OK && e->fx.len > EFFECTS_BYTES_MAX) {
		return SK_ENOMEM;
	}
	if (err == SK_ESTATE || err == SK_EINVAL || err == SK_EPROTO || err == SK_ENOENT) {
		out->kind = OUTCOME(REFUSED);
		out->code = SCHAKEL__V1__REFUSAL__REFUSAL_STATE;
		return SK_EREFUSED;
	}
	if (err == SK_ECORRUPT || err == SK_EFULL || err == SK_ESYS || err == SK_EFOREIGN) {
		engine_check_fatal(e, err, "step");
	}
	return err;
}

void engine_undo(struct engine *e, struct store_txn *child)
{
	store_abort(child);
	/* What a child wrote must go, or what a refusal left behind would be committed. */
	engine_check_fatal(e, e->txn.err, "undo");
}

/* A step of @p in; where it fails there is no child. */
static int begin_child(struct engine *e, const struct input *in, struct store_txn *child,
		       struct step *s)
{
	int err = store_child_begin(&e->txn, &e->fx, child);

	if (err == SK_OK) {
		engine_step_begin(e, s, child, in->from);
		s->cause = in->msg->id;
	}
	return err;
}

static int run_child(struct engine *e, const struct input *in, struct outcome *out,
		     PB(Receipt) **ret_r)
{
	struct store_txn child;
	struct step s;
	int err = begin_child(e, in, &child, &s);

	if (err != SK_OK) {
		return err;
	}
	s.out = out;
	err = dispatch(&s, in);
	if (err == SK_OK) {
		book(&s, in, out, ret_r);
		engine_step_end(&s);
	}
	err = engine_settle(e, &child, err, out);
	if (err == SK_OK || (MUT(26) && err == SK_EREFUSED)) {
		int cerr = store_child_commit(&child);
		engine_check_fatal(e, cerr, "child");
		return err;
	}
	engine_undo(e, &child);
	e->fx.len = 0;
	return err;
}

/** The refusal is an outcome: the receipt, or the quarantine row with the cursor, is written. */
static int run_refusal(struct engine *e, const struct input *in, struct outcome *out,
		       PB(Receipt) **ret_r)
{
	struct store_txn child;
	struct step s;
	int err = begin_child(e, in, &child, &s);

	if (err != SK_OK) {
		return err;
	}
	s.out = out;
	s.emits_max = 1;
	if (in->kind == RECORD_FACT || in->poisoned) {
		engine_quarantine(&s, in, out->code, out->field);
	}
	book(&s, in, out, ret_r);
	engine_step_end(&s);
	if (in->poisoned) {
		out->kind = OUTCOME(QUARANTINED); /* of the record; its sender is refused */
	}
	if (child.err != SK_OK) {
		err = child.err;
		engine_undo(e, &child);
		e->fx.len = 0;
		return err;
	}
	err = store_child_commit(&child);
	engine_check_fatal(e, err, "child");
	return err;
}

void engine_add_record(struct engine *e, const struct input *in, PB(Outcome) outcome)
{
	static const struct party nobody;
	struct record r = { .kind = (uint8_t)in->kind,
			    .outcome = (uint8_t)outcome,
			    .time_ms = e->now_ms,
			    .peer_sequence = in->peer_sequence,
			    .from = in->from == NULL ? nobody : *in->from,
			    .input = in->bytes,
			    .effects = { e->fx.buf, e->fx.len } };

	if (!e->replaying) {
		/* engine_has_room() kept place for the largest record. */
		SK_ASSERT(journal_add(&e->journal, &r) == SK_OK);
	}
	e->sequence++;
	e->stats.records++;
	e->since_commit_records++;
	e->since_commit_bytes += in->bytes.len + e->fx.len;
	e->last_record_boot_ms = e->boot_ms;
	if (e->since_commit_records == 1) {
		e->first_uncommitted_boot_ms = e->boot_ms;
	}
	if (e->on_applied != NULL) {
		struct applied a = { e->sequence, e->now_ms, r.kind,   outcome,
				     r.from.id,   in->msg,   r.effects };
		e->on_applied(e->on_applied_ctx, &a);
	}
}

/** Rows of due rows do not count: each takes the place of one that stood among the timers. */
static bool may_refuse(const struct engine *e, const struct input *in)
{
	bool aside = in->kind == RECORD_FACT || in->poisoned;

	return !aside || e->replaying || e->quarantined < QUARANTINE_ROWS_MAX;
}

int engine_apply(struct engine *e, const struct input *in, PB(Receipt) **ret_receipt)
{
	struct outcome out = { .kind = OUTCOME(ACCEPTED) };
	struct input now = *in;
	bool guarded = in->kind == RECORD_COMMAND || in->kind == RECORD_FACT;
	size_t mark = e->arena.used_bytes;
	size_t cap = e->arena.cap_bytes;

	e->fx.len = 0;
	if (guarded) {
		now.poisoned = in->poisoned || engine_slot_poisoned(e, in->msg->id.data);
		engine_slot_set(e, in->msg->id.data);
	}
	int err = run_child(e, &now, &out, ret_receipt);
	if (err == SK_ENOMEM && in->kind == RECORD_FACT) {
		/* A link input never gets BUSY: one that cannot be stepped is set aside. */
		out = (struct outcome){ .kind = OUTCOME(REFUSED),
					.code = SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE };
		err = SK_EREFUSED;
	}
	if (err == SK_EREFUSED && !may_refuse(e, &now)) {
		err = SK_EBUSY;
	}
	if (err == SK_EREFUSED) {
		/* A fact that took all memory is set aside all the same, or its link would stand
		 * still. */
		arena_rewind(&e->arena, in->kind == RECORD_FACT ? mark : e->arena.used_bytes);
		e->arena.cap_bytes += REFUSAL_BYTES;
		err = run_refusal(e, &now, &out, ret_receipt);
		e->arena.cap_bytes = cap;
	}
	if (err == SK_OK) {
		struct slice fx = { e->fx.buf, e->fx.len };
		engine_check_fatal(e, engine_fold(e, fx), "fold");
		engine_add_record(e, &now, out.kind);
	}
	if (guarded && err == SK_EBUSY) {
		engine_slot_leave(e);
	} else if (guarded) {
		engine_slot_clear(e);
	}
	return err;
}
