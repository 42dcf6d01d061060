/* SPDX-License-Identifier: EUPL-1.2 */
/* After a restore: what a peer that came back must know again, and what is taken back from peers.
 */
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "services/intake/core_warm.h"

struct inventory {
	struct step *s;
	const char *peer;
	uint32_t left;
	uint32_t skip;  /* items of this request that went out before */
	uint32_t index; /* of the next item of this request */
	uint32_t items;
	bool full;
};

static void item_emit(struct inventory *v, const char *table, const ProtobufCBinaryData *id,
		      const ProtobufCMessage *record)
{
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t *packed = step_alloc(v->s, protobuf_c_message_get_packed_size(record) + 1);
	uint8_t hash[8];

	if (packed == NULL) {
		return;
	}
	item.record.data = packed;
	item.record.len = protobuf_c_message_pack(record, packed);
	be64_write(hash, XXH3_64bits(packed, item.record.len));
	item.table = (char *)(uintptr_t)table;
	item.object_id = *id;
	item.hash = (ProtobufCBinaryData){ sizeof(hash), hash };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(v->s, v->peer, &m);
}

static void item(struct inventory *v, const char *table, const ProtobufCBinaryData *id,
		 const ProtobufCMessage *record)
{
	if (v->full || v->index < v->skip) {
		v->index += v->full ? 0 : 1;
		return;
	}
	if (v->left == 0) {
		v->full = true;
		return;
	}
	v->index++;
	v->left--;
	v->items++;
	item_emit(v, table, id, record);
}

/* What the list said last, so that it sees after a restore whether that still holds. */
static void items_of_waits(struct inventory *v, struct req *q)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	store_iter_init(&it, v->s->txn, TABLE_WAIT_TOLD, &prefix);
	while (!v->full && store_next(&it, &at, &val)) {
		const PB(WaitTold) *f = step_unpack(v->s, val, TYPE(wait_told));
		if (f == NULL) {
			break;
		}
		item(v, "WaitTold", &f->need_id, &f->base);
	}
	store_iter_done(&it);
}

static void items_of_needs(struct inventory *v, struct req *q)
{
	PB(NeedsOpened) *opened = needs_opened(v->s, q);
	PB(NeedEnd) end[NEEDS_KEPT_MAX];
	PB(NeedEnd) *at[NEEDS_KEPT_MAX];
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);

	if (opened != NULL) {
		item(v, "NeedsOpened", &q->r->request_id, &opened->base);
	}
	for (size_t i = 0; i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		if (!n->list_closed) {
			continue;
		}
		PB(NeedEnd) *e = &end[closed.n_needs];
		schakel__v1__need_end__init(e);
		e->need_id = n->need->need_id;
		e->need_version = n->need->need_version;
		e->reason = n->waits_with.len > 0 ? CLOSE(SAME_CHILD) :
			    n->close_reason != 0  ? n->close_reason :
						    CLOSE(STARTED_HELP);
		at[closed.n_needs++] = e;
	}
	if (closed.n_needs > 0) {
		closed.request_id = q->r->request_id;
		closed.needs = at;
		item(v, "NeedClosed", &q->r->request_id, &closed.base);
	}
	PB(CaseTableFact) **tables = NULL;
	size_t tables_len = case_tables_of(v->s, q, &tables);
	for (size_t i = 0; i < tables_len; i++) {
		item(v, "CaseTableFact", &tables[i]->table_id, &tables[i]->base);
	}
	items_of_waits(v, q);
	const PB(CareNoted) *care = care_told(v->s, q);
	if (care != NULL) {
		item(v, "CareNoted", &q->r->request_id, &care->base);
	}
}

static void items_of_table(struct inventory *v, struct req *q, uint8_t table)
{
	struct store_iter it;
	struct key prefix = key_of_id(&q->id);
	struct key at;
	struct slice val;

	store_iter_init(&it, v->s->txn, table, &prefix);
	while (!v->full && store_next(&it, &at, &val)) {
		const PB(ContributionRecord) *c = step_unpack(v->s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		item(v, "ContributionChanged", &c->last->contribution_id, &c->last->base);
	}
	store_iter_done(&it);
}

static void items_of_team(struct inventory *v, struct req *q)
{
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	struct key k = key_of_id(&q->id);
	const PB(TeamRecord) *t = step_get(v->s, TABLE_TEAM, &k, TYPE(team_record));

	if (t != NULL) {
		item(v, "TeamProposed", &q->r->request_id, &t->team->base);
	}
	items_of_table(v, q, TABLE_CONTRIBUTION);
	items_of_table(v, q, TABLE_CONTRIBUTION_PAST);
	if (q->r->sent_voice != VOICE(UNSPECIFIED)) {
		position_fill(v->s, q, &p);
		item(v, "PositionTaken", &q->r->request_id, &p.base);
	}
}

bool walk_open(struct step *s, struct store_iter *it, const struct key *resume, uint32_t *ret_skip)
{
	struct slice rest = { resume->b, resume->len };
	struct key prefix = { 0 };
	struct object_id id;

	*ret_skip = 0;
	store_iter_init(it, s->txn, TABLE_REQUEST, &prefix);
	if (resume->len == 0) {
		return true;
	}
	if (!key_take_id(&rest, &id) || !key_take_u32(&rest, ret_skip)) {
		return false;
	}
	struct key from = key_of_id(&id);
	store_iter_from(it, &from, true);
	return true;
}

struct key resume_key(const struct object_id *id, uint32_t skip)
{
	struct key k = key_of_id(id);

	key_u32(&k, skip);
	return k;
}

/* Behind the last request come the networks that matching told of: their place is a key longer than
 * that of a request. */
#define NETWORKS_FROM (OBJECT_ID_LEN + 4)

static struct key networks_from(const char *name)
{
	struct key k = { 0 };

	for (size_t i = 0; i <= NETWORKS_FROM; i++) {
		key_u8(&k, 0);
	}
	key_str(&k, name);
	return k;
}

static void networks_go_on(struct inventory *v, struct key *io_resume)
{
	struct slice rest = { io_resume->b + NETWORKS_FROM + 1,
			      io_resume->len - NETWORKS_FROM - 1 };
	char name[PARTY_ID_LEN_MAX + 1];
	struct store_iter it;
	struct key at;
	struct slice val;

	SK_ASSERT(key_take_str(&rest, name));
	store_iter_init(&it, v->s->txn, TABLE_NETWORK, NULL);
	if (name[0] != '\0') {
		struct key from = key_of_str(name);
		store_iter_from(&it, &from, false);
	}
	*io_resume = (struct key){ 0 };
	while (store_next(&it, &at, &val)) {
		const PB(NetworkTold) *f = step_unpack(v->s, val, TYPE(network_told));
		if (f == NULL) {
			break;
		}
		if (v->left == 0) {
			*io_resume = networks_from(name);
			break;
		}
		v->left--;
		v->items++;
		item_emit(v, "NetworkTold", &f->network_id, &f->base);
		(void)snprintf(name, sizeof(name), "%s", f->network->network);
	}
	store_iter_done(&it);
}

int intake_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		     uint32_t *ret_items)
{
	struct inventory v = { .s = s, .peer = peer, .left = budget };
	bool list = strcmp(peer, "waitlist") == 0;
	size_t mark = s->arena->used_bytes;
	struct store_iter it;
	struct key at;
	struct slice val;
	struct object_id id = { { 0 } };

	if (io_resume->len > NETWORKS_FROM) {
		networks_go_on(&v, io_resume);
		*ret_items = v.items;
		return s->txn->err;
	}
	SK_ASSERT(walk_open(s, &it, io_resume, &v.skip));
	while (!v.full && store_next(&it, &at, &val)) {
		struct req q;
		memcpy(id.b, at.b, OBJECT_ID_LEN);
		if (!req_load(s, &id, &q)) {
			break;
		}
		v.index = 0;
		if (list) {
			items_of_needs(&v, &q);
		} else {
			items_of_team(&v, &q);
		}
		v.skip = v.full ? v.index : 0;
		s->arena->used_bytes = mark; /* what was emitted is in the store */
	}
	store_iter_done(&it);
	*io_resume = v.full ? resume_key(&id, v.skip) : (struct key){ 0 };
	if (!v.full && !list) {
		*io_resume = networks_from("");
	}
	*ret_items = v.items;
	return s->txn->err;
}
