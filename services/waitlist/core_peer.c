/* SPDX-License-Identifier: EUPL-1.2 */
/* Restore and snapshot: what a peer that came back from an old copy must know again, what we take
 * back from peers when it was us, and the state behind the events for a late subscriber. */
#include <string.h>

#include "common/wire.h"
#include "services/waitlist/core_entry.h"

static void emit_item(struct step *s, const char *peer, const char *table,
		      const struct object_id *id, const ProtobufCMessage *record)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	uint64_t hash = wait_message_hash(s, record);
	size_t len = protobuf_c_message_get_packed_size(record);
	uint8_t *packed = step_alloc(s, len + 1);
	uint8_t hash_bytes[8];

	if (packed == NULL) {
		return;
	}
	be64_write(hash_bytes, hash);
	item.table = (char *)(uintptr_t)table; /* packing only reads it */
	item.object_id = object_id_data(id);
	item.hash = (ProtobufCBinaryData){ sizeof(hash_bytes), hash_bytes };
	item.record = (ProtobufCBinaryData){ protobuf_c_message_pack(record, packed), packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(s, peer, &m);
}

/* The closed entries of a request as ends, with room for all of its rows. */
static size_t collect_ended(struct step *s, const struct object_id *request_id,
			    PB(NeedEnd) ***ret_ends)
{
	struct object_id ids[WAIT_ENTRIES_MAX];
	size_t rows = wait_request_entries(s, request_id, ids, WAIT_ENTRIES_MAX);
	PB(NeedEnd) **ends = step_alloc(s, (rows + 1) * sizeof(PB(NeedEnd) *));
	size_t len = 0;

	for (size_t i = 0; ends != NULL && i < rows; i++) {
		struct entry e;
		PB(NeedEnd) *end = step_alloc(s, sizeof(*end));

		if (end == NULL || !wait_entry_load(s, &ids[i], &e)) {
			break;
		}
		if (e.rec->state != WAIT(CLOSED)) {
			continue;
		}
		*end = (PB(NeedEnd))PB_INIT(NEED_END);
		end->need_id = e.rec->need->need_id;
		end->need_version = e.rec->need->need_version;
		end->order_version = e.rec->order->order_version;
		end->reason = e.rec->close_reason;
		ends[len++] = end;
	}
	*ret_ends = ends;
	return len;
}

/* Every need, each in its state: one that has ended was asked for, too. Of a tombstone nobody told
 * us more than that it ended. */
static void items_for_intake(struct step *s, const struct request_set *set, uint32_t *io_items)
{
	PB(NeedsOpened) opened = PB_INIT(NEEDS_OPENED);
	struct object_id ids[WAIT_ENTRIES_MAX];
	size_t rows = wait_request_entries(s, &set->id, ids, WAIT_ENTRIES_MAX);
	PB(NeedFact) **needs = step_alloc(s, (rows + 1) * sizeof(PB(NeedFact) *));

	if (needs == NULL || set->rec == NULL) {
		return;
	}
	for (size_t i = 0; i < rows; i++) {
		struct entry e;

		if (wait_entry_load(s, &ids[i], &e) && e.rec->need->arrival_ms != 0) {
			needs[opened.n_needs++] = e.rec->need;
		}
	}
	opened.request = set->rec->request;
	opened.needs = needs;
	if (opened.n_needs > 0) {
		emit_item(s, "intake", "NeedsOpened", &set->id, &opened.base);
		(*io_items)++;
	}
}

static void items_for_matching(struct step *s, const struct request_set *set, uint32_t *io_items)
{
	PB(Demand) *demand = wait_set_demand(s, set);

	if (demand != NULL) {
		emit_item(s, "matching", "Demand", &set->id, &demand->base);
		(*io_items)++;
	}
}

/* At most two items: what is open, and what has ended. */
static void items_of_request(struct step *s, const char *peer, const struct object_id *id,
			     uint32_t *io_items)
{
	bool intake = strcmp(peer, "intake") == 0;
	struct request_set set;
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(DemandClosed) demand_closed = PB_INIT(DEMAND_CLOSED);

	if (!wait_set_load(s, id, &set)) {
		return;
	}
	if (intake) {
		items_for_intake(s, &set, io_items);
	} else {
		items_for_matching(s, &set, io_items);
	}
	closed.request_id = object_id_data(id);
	closed.n_needs = collect_ended(s, id, &closed.needs);
	demand_closed.request_id = closed.request_id;
	demand_closed.needs = closed.needs;
	demand_closed.n_needs = closed.n_needs;
	if (closed.n_needs > 0) {
		emit_item(s, peer, intake ? "NeedClosed" : "DemandClosed", id,
			  intake ? &closed.base : &demand_closed.base);
		(*io_items)++;
	}
}

/* The row of @p table behind @p at (empty: the first). */
static bool next_row(struct step *s, uint8_t table, const struct key *at, struct key *ret_key,
		     struct slice *ret_val)
{
	struct store_iter it;

	store_iter_init(&it, s->txn, table, NULL);
	if (at->len != 0) {
		store_iter_from(&it, at, false);
	}
	bool found = store_next(&it, ret_key, ret_val);
	store_iter_done(&it);
	return found;
}

/* The next request; @p io_at moves behind all entries of it. */
static bool next_request(struct step *s, const char *peer, struct key *io_at, uint32_t *io_items)
{
	static const uint8_t last[OBJECT_ID_LEN] = { 255, 255, 255, 255, 255, 255, 255, 255,
						     255, 255, 255, 255, 255, 255, 255, 255 };
	struct object_id id;
	struct slice val;
	struct key k;

	if (!next_row(s, WAIT_TABLE_REQUEST_ENTRY, io_at, &k, &val)) {
		return false;
	}
	SK_ASSERT(k.len == 2 * OBJECT_ID_LEN);
	memcpy(id.b, k.b, OBJECT_ID_LEN);
	*io_at = key_of_id(&id);
	key_bytes(io_at, last, sizeof(last));
	items_of_request(s, peer, &id, io_items);
	return true;
}

/* What matching said of a contribution: it may have been restored to before that. */
static bool next_contribution(struct step *s, const char *peer, struct key *io_at,
			      uint32_t *io_items)
{
	struct object_id id;
	struct slice val;
	struct key k;

	if (!next_row(s, WAIT_TABLE_CONTRIBUTION, io_at, &k, &val)) {
		return false;
	}
	const PB(WaitContributionRecord) *row =
		step_unpack(s, val, RECORD(wait_contribution_record));
	if (row != NULL && row->told != NULL && object_id_from(&row->told->contribution_id, &id)) {
		emit_item(s, peer, "ContributionChanged", &id, &row->told->base);
		(*io_items)++;
	}
	*io_at = k;
	return true;
}

/* Case tables that people around the child were told of. */
static bool next_table(struct step *s, const char *peer, struct key *io_at, uint32_t *io_items)
{
	struct object_id id;
	struct slice val;
	struct key k;

	if (!next_row(s, WAIT_TABLE_CASE_TABLE, io_at, &k, &val)) {
		return false;
	}
	const PB(WaitTableRecord) *rec = step_unpack(s, val, RECORD(wait_table_record));
	if (rec != NULL && object_id_from(&rec->view->table->table_id, &id)) {
		emit_item(s, peer, "CaseTableFact", &id, &rec->view->table->base);
		(*io_items)++;
	}
	*io_at = k;
	return true;
}

/* Why each need waits: the version that was told last. */
static bool next_told(struct step *s, const char *peer, struct key *io_at, uint32_t *io_items)
{
	struct object_id id;
	struct entry e;
	struct slice val;
	struct key k;
	PB(WaitTold) told;

	if (!next_row(s, WAIT_TABLE_ENTRY, io_at, &k, &val)) {
		return false;
	}
	struct slice rest = { .data = k.b, .len = k.len };
	SK_ASSERT(key_take_id(&rest, &id));
	if (wait_entry_load(s, &id, &e) && e.rec->told_version != 0) {
		wait_told_fill(&e, &told);
		emit_item(s, peer, "WaitTold", &id, &told.base);
		(*io_items)++;
	}
	*io_at = k;
	return true;
}

/* What is told of, table after table; *io_resume = step u8, key of the last row. */
static const struct {
	const char *peer; /* who is told; NULL: everybody */
	bool (*next)(struct step *s, const char *peer, struct key *io_at, uint32_t *io_items);
} walk[] = {
	{ NULL, next_request },
	{ "matching", next_contribution },
	{ "intake", next_table },
	{ "intake", next_told },
};

int waitlist_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		       uint32_t *ret_items)
{
	size_t mark = s->arena->used_bytes;
	uint8_t at = io_resume->len == 0 ? 0 : io_resume->b[0];
	struct key row = { 0 };
	uint32_t items = 0;

	SK_ASSERT(budget >= 2);
	if (io_resume->len > 1) {
		key_bytes(&row, io_resume->b + 1, io_resume->len - 1);
	}
	while (at < SK_LEN(walk) && items + 2 <= budget && s->txn->err == SK_OK) {
		bool asked = walk[at].peer == NULL || strcmp(walk[at].peer, peer) == 0;
		if (!asked || !walk[at].next(s, peer, &row, &items)) {
			row = (struct key){ 0 };
			at++;
		}
		s->arena->used_bytes = mark; /* what was emitted is in the store */
	}
	*io_resume = (struct key){ 0 };
	if (at < SK_LEN(walk)) {
		key_u8(io_resume, at);
		key_bytes(io_resume, row.b, row.len);
	}
	*ret_items = items;
	return s->txn->err;
}

static int item_needs(struct step *s, const void *m)
{
	return wait_needs_apply(s, m);
}

static int item_ends(struct step *s, const void *m)
{
	return wait_ends_apply(s, m);
}

static int item_team(struct step *s, const void *m)
{
	return wait_team_apply(s, m, true);
}

static int item_contribution(struct step *s, const void *m)
{
	return wait_contribution_apply(s, m, true);
}

static int item_table(struct step *s, const void *m)
{
	return wait_table_apply(s, m);
}

static int item_told(struct step *s, const void *m)
{
	return wait_told_again(s, m);
}

static int item_care(struct step *s, const void *m)
{
	return wait_care_apply(s, m);
}

static bool order_is_sound(const PB(NeedOrder) *order)
{
	return order != NULL && order->wait_class > CLASS(UNSPECIFIED) &&
	       order->wait_class <= CLASS(PRECAUTION) && order->rank_class <= CLASS(PRECAUTION) &&
	       order->crisis_step <= SCHAKEL__V1__CRISIS_STEP__CRISIS_STEP_WITHIN_24H;
}

/* Matching remembers a later order than our old copy: it was ours, we take it back. */
static int item_demand(struct step *s, const void *m)
{
	const PB(Demand) *fact = m;
	PB(NeedsOpened) opened = PB_INIT(NEEDS_OPENED);
	PB(NeedFact) **needs = step_alloc(s, (fact->n_needs + 1) * sizeof(PB(NeedFact) *));
	struct request_set set;
	struct object_id id;

	if (!s->isolated) {
		return s->txn->err; /* it is matching that comes from an old copy: our word holds */
	}

	for (unsigned i = 0; needs != NULL && i < fact->n_needs; i++) {
		needs[i] = fact->needs[i]->need;
		if (needs[i] == NULL || !order_is_sound(fact->needs[i]->order)) {
			return step_refuse(s, REFUSAL(OUT_OF_RANGE), "needs[%u]", i);
		}
	}
	opened.request = fact->request;
	opened.needs = needs;
	opened.n_needs = needs == NULL ? 0 : fact->n_needs;
	int err = wait_needs_apply(s, &opened);
	if (err != SK_OK) {
		return err;
	}
	if (!object_id_from(&fact->request->request_id, &id) || !wait_set_load(s, &id, &set)) {
		return s->txn->err;
	}
	for (unsigned i = 0; i < fact->n_needs; i++) {
		wait_set_adopt_order(s, &set, fact->needs[i]);
	}
	wait_set_store_entries(s, &set);
	wait_set_store(s, &set, true);
	return s->txn->err;
}

static const struct {
	const char *table;
	const ProtobufCMessageDescriptor *type;
	int (*apply)(struct step *s, const void *m);
} item_kind[] = {
	{ "NeedsOpened", RECORD(needs_opened), item_needs },
	{ "NeedClosed", RECORD(need_closed), item_ends },
	{ "TeamProposed", RECORD(team_proposed), item_team },
	{ "ContributionChanged", RECORD(contribution_changed), item_contribution },
	{ "Demand", RECORD(demand), item_demand },
	{ "CaseTableFact", RECORD(case_table_fact), item_table },
	{ "WaitTold", RECORD(wait_told), item_told },
	{ "CareNoted", RECORD(care_noted), item_care },
};

int waitlist_reconcile_item(struct step *s, const PB(Message) *in)
{
	const PB(ReconcileItem) *item = in->reconcile_item;

	for (size_t i = 0; i < SK_LEN(item_kind); i++) {
		if (strcmp(item->table, item_kind[i].table) != 0) {
			continue;
		}
		void *m = NULL;
		int err = wire_unpack(s->arena, &item->record, item_kind[i].type, &m);
		if (err == SK_EPROTO) {
			return step_refuse(s, REFUSAL(MALFORMED), "record");
		}
		return err == SK_OK ? item_kind[i].apply(s, m) : err;
	}
	return step_refuse(s, REFUSAL(UNKNOWN_TYPE), "table");
}

/* Entries, then case tables; *io_after = step u8, key of the last row. */
static PB(Event) *entry_state(struct step *s, const struct object_id *id)
{
	struct entry *e = step_alloc(s, sizeof(*e));
	PB(Event) *event = step_alloc(s, sizeof(*event));

	if (e == NULL || event == NULL || !wait_entry_load(s, id, e)) {
		return NULL;
	}
	wait_entry_event(e, event);
	return event;
}

static PB(Event) *table_state(struct step *s, const struct object_id *id)
{
	const PB(WaitTableRecord) *rec = wait_table_get(s, id);
	PB(Event) *event = step_alloc(s, sizeof(*event));

	if (rec == NULL || event == NULL) {
		return NULL;
	}
	wait_table_event(rec, event);
	return event;
}

static const struct {
	uint8_t table;
	PB(Event) *(*state)(struct step *s, const struct object_id *id);
} told[] = {
	{ WAIT_TABLE_ENTRY, entry_state },
	{ WAIT_TABLE_CASE_TABLE, table_state },
};

/* Up to @p most rows of one table behind @p io_row. @return false: it is at its end. */
static bool snapshot_rows(struct step *s, size_t which, uint32_t most, struct key *io_row,
			  PB(SnapshotView) *out)
{
	struct key k;
	struct slice val;

	for (uint32_t len = 0; len < most; len++) {
		struct object_id id;

		if (!next_row(s, told[which].table, io_row, &k, &val)) {
			return false;
		}
		struct slice rest = { .data = k.b, .len = k.len };
		bool whole = key_take_id(&rest, &id);
		PB(Event) *event = told[which].state(s, &id);

		SK_ASSERT(whole);
		if (event == NULL) {
			break;
		}
		out->events[out->n_events++] = event;
		*io_row = k;
	}
	return true;
}

int waitlist_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out)
{
	uint8_t at = io_after->len == 0 || io_after->b[0] > SK_LEN(told) ? 0 : io_after->b[0];
	size_t before = out->n_events;
	struct key row = { 0 };
	PB(Event) **events = step_alloc(s, (before + limit) * sizeof(PB(Event) *));

	if (events == NULL) {
		return s->txn->err;
	}
	if (before > 0) {
		memcpy(events, out->events, before * sizeof(PB(Event) *));
	}
	out->events = events;
	if (io_after->len > 1) {
		key_bytes(&row, io_after->b + 1, io_after->len - 1);
	}
	while (at < SK_LEN(told) && out->n_events - before < limit && s->txn->err == SK_OK) {
		uint32_t room = limit - (uint32_t)(out->n_events - before);
		if (!snapshot_rows(s, at, room, &row, out)) {
			row = (struct key){ 0 };
			at++;
		}
	}
	*io_after = (struct key){ 0 };
	if (at < SK_LEN(told)) {
		key_u8(io_after, at);
		key_bytes(io_after, row.b, row.len);
	}
	return s->txn->err;
}
