/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/engine_internal.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define ALARM(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME

/* --- restore and reconcile (DESIGN 4, RELIABILITY 2.4) --- */

enum { RECONCILE_OUT = 0, RECONCILE_AWAITED = 1 };

static struct key reconcile_key(uint8_t way, const char *peer)
{
	struct key k = { 0 };

	key_u8(&k, way);
	key_str(&k, peer);
	return k;
}

static PB(ReconcileRecord) *awaited(struct step *s, const char *peer)
{
	struct key k = reconcile_key(RECONCILE_AWAITED, peer);

	return step_get(s, TABLE_RECONCILE, &k, &schakel__v1__reconcile_record__descriptor);
}

static struct object_id peer_as_id(const char *peer)
{
	struct object_id id = { { 0 } };

	(void)strncpy((char *)id.b, peer, sizeof(id.b) - 1);
	return id;
}

/** The peer, restored as @p c says, is told what we know of it, from here on. */
static void begin_inventory(struct step *s, const char *peer, const PB(CursorRecord) *c)
{
	PB(Message) begin = PB_INIT(MESSAGE);
	PB(ReconcileBegin) b = PB_INIT(RECONCILE_BEGIN);
	PB(ReconcileRecord) r = PB_INIT(RECONCILE_RECORD);
	struct key out = reconcile_key(RECONCILE_OUT, peer);
	struct object_id id = peer_as_id(peer);

	b.incarnation = c->incarnation;
	b.nonce = c->nonce;
	begin.body_case = BODY(RECONCILE_BEGIN);
	begin.reconcile_begin = &b;
	step_emit(s, peer, &begin);
	r.peer = (char *)(uintptr_t)peer;
	r.incarnation = c->incarnation;
	r.nonce = c->nonce;
	step_put(s, TABLE_RECONCILE, &out, &r);
	step_due(s, 0, DUE_INVENTORY, &id, 0);
}

static void await_inventory(struct step *s, const char *peer, const PB(Incarnated) *m)
{
	PB(ReconcileRecord) r = PB_INIT(RECONCILE_RECORD);
	struct key k = reconcile_key(RECONCILE_AWAITED, peer);

	r.peer = (char *)(uintptr_t)peer;
	r.incarnation = m->incarnation;
	r.nonce = m->nonce;
	step_put(s, TABLE_RECONCILE, &k, &r);
}

int engine_on_incarnated(struct step *s, const PB(Incarnated) *m)
{
	PB(MetaRecord) *meta = engine_meta(s);

	if (meta == NULL) {
		return SK_OK;
	}
	meta->incarnation = m->incarnation;
	meta->nonce = m->nonce;
	engine_meta_put(s, meta);
	for (const char *const *peer = s->engine->svc->reads; *peer != NULL; peer++) {
		struct key k = key_of_str(*peer);
		PB(CursorRecord) *c =
			step_get(s, TABLE_CURSOR, &k, &schakel__v1__cursor_record__descriptor);
		await_inventory(s, *peer, m);
		/* One that was restored too may not have read our inventory: it went with our log.
		 */
		if (c != NULL && c->incarnation > 1) {
			begin_inventory(s, *peer, c);
		}
	}
	engine_alarm(s, ALARM(RESTORED), s->engine->svc->name);
	return SK_OK;
}

int engine_on_peer_incarnated(struct step *s, const PB(PeerIncarnated) *m)
{
	struct key k = key_of_str(m->peer);
	PB(CursorRecord) *old =
		step_get(s, TABLE_CURSOR, &k, &schakel__v1__cursor_record__descriptor);
	bool first = old == NULL || old->incarnation == 0;
	PB(CursorRecord) c = PB_INIT(CURSOR_RECORD);

	c.incarnation = m->incarnation;
	c.nonce = m->nonce;
	step_put(s, TABLE_CURSOR, &k, &c);
	/* First contact with one that was never restored: it awaits nothing. */
	if (!first || m->incarnation != 1) {
		begin_inventory(s, m->peer, &c);
	}
	return SK_OK;
}

int engine_send_inventory(struct step *s, const struct object_id *id)
{
	char peer[OBJECT_ID_LEN + 1] = { 0 };
	struct key resume = { 0 };
	uint32_t items = 0;

	memcpy(peer, id->b, OBJECT_ID_LEN);
	struct key k = reconcile_key(RECONCILE_OUT, peer);
	PB(ReconcileRecord) *r =
		step_get(s, TABLE_RECONCILE, &k, &schakel__v1__reconcile_record__descriptor);
	if (r == NULL) {
		return SK_OK;
	}
	key_bytes(&resume, r->resume.data, r->resume.len);
	int err = s->engine->svc->inventory(s, peer, INVENTORY_ROWS_MAX, &resume, &items);
	if (err != SK_OK) {
		return err;
	}
	r->items += items;
	if (resume.len > 0) {
		r->resume = (ProtobufCBinaryData){ resume.len, resume.b };
		step_put(s, TABLE_RECONCILE, &k, r);
		step_due(s, 0, DUE_INVENTORY, id, 0);
		return SK_OK;
	}
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileDone) d = PB_INIT(RECONCILE_DONE);
	d.incarnation = r->incarnation;
	d.nonce = r->nonce;
	d.items = r->items;
	m.body_case = BODY(RECONCILE_DONE);
	m.reconcile_done = &d;
	step_emit(s, peer, &m);
	step_del(s, TABLE_RECONCILE, &k);
	return SK_OK;
}

/** What stood unread in our logs was lost with the incarnation before. Each peer is told the whole,
 *  as items that it passes over when it knows them. */
static void tell_anew(struct step *s)
{
	for (const char *const *peer = s->engine->svc->reads; *peer != NULL; peer++) {
		struct key k = reconcile_key(RECONCILE_OUT, *peer);
		struct object_id id = peer_as_id(*peer);
		PB(ReconcileRecord) fresh = PB_INIT(RECONCILE_RECORD);
		PB(ReconcileRecord) *r = step_get(s, TABLE_RECONCILE, &k,
						  &schakel__v1__reconcile_record__descriptor);
		/* One that is under way, since the peer was restored too, begins again. */
		r = r == NULL ? &fresh : r;
		r->peer = (char *)(uintptr_t)*peer;
		r->resume = (ProtobufCBinaryData){ 0 };
		r->items = 0;
		step_put(s, TABLE_RECONCILE, &k, r);
		step_due(s, 0, DUE_INVENTORY, &id, 0);
	}
}

static int leave_isolation(struct step *s, const char *peer)
{
	struct key k = reconcile_key(RECONCILE_AWAITED, peer);
	struct key prefix = { 0 }, at;
	struct store_iter it;
	struct slice val;

	step_del(s, TABLE_RECONCILE, &k);
	key_u8(&prefix, RECONCILE_AWAITED);
	store_iter_init(&it, s->txn, TABLE_RECONCILE, &prefix);
	bool more = store_next(&it, &at, &val);
	store_iter_done(&it);
	if (more) {
		return SK_OK;
	}
	s->isolated = false;
	tell_anew(s);
	return s->engine->svc->on_reconciled == NULL ? SK_OK : s->engine->svc->on_reconciled(s);
}

int engine_on_reconcile_begin(struct step *s, const PB(Message) *in)
{
	PB(ReconcileRecord) *r = awaited(s, s->from.id);

	if (r != NULL && r->nonce == in->reconcile_begin->nonce) {
		struct key k = reconcile_key(RECONCILE_AWAITED, s->from.id);
		r->begun = true;
		step_put(s, TABLE_RECONCILE, &k, r);
	}
	return SK_OK;
}

int engine_on_reconcile_done(struct step *s, const PB(Message) *in)
{
	PB(ReconcileRecord) *r = awaited(s, s->from.id);

	if (r == NULL || r->nonce != in->reconcile_done->nonce || !r->begun) {
		return SK_OK; /* of an incarnation before this one */
	}
	return leave_isolation(s, s->from.id);
}

int engine_on_sign_off(struct step *s, const PB(Message) *in)
{
	const char *peer = in->reconcile_sign_off->peer;

	if (!name_is_valid(peer) || awaited(s, peer) == NULL) {
		return step_refuse(s, CODE(UNKNOWN_OBJECT), "peer");
	}
	return leave_isolation(s, peer);
}
