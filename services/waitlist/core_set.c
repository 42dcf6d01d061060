/* SPDX-License-Identifier: EUPL-1.2 */
/* The entries of one request together, and the demand for matching that follows from them. */
#include <string.h>

#include "services/waitlist/core_entry.h"

/* Entries that one fact may touch: those that were open and those that it names. */
#define SET_MAX (2 * WAIT_OPEN_MAX)

PB(WaitRequestRecord) *wait_request_get(struct step *s, const struct object_id *id)
{
	struct key k = key_of_id(id);
	PB(WaitRequestRecord) *rec =
		step_get(s, WAIT_TABLE_REQUEST, &k, RECORD(wait_request_record));

	SK_ASSERT(rec == NULL || rec->request != NULL);
	return rec;
}

size_t wait_ids_under(struct step *s, uint8_t table, const struct object_id *id,
		      struct object_id *ret_ids, size_t cap)
{
	struct store_iter it;
	struct key prefix = key_of_id(id);
	struct key k;
	struct slice val;
	size_t len = 0;

	store_iter_init(&it, s->txn, table, &prefix);
	while (len < cap && store_next(&it, &k, &val)) {
		struct slice rest = { .data = k.b + OBJECT_ID_LEN, .len = k.len - OBJECT_ID_LEN };
		bool whole = key_take_id(&rest, &ret_ids[len]) && rest.len == 0;

		SK_ASSERT(whole);
		len++;
	}
	store_iter_done(&it);
	return len;
}

size_t wait_request_entries(struct step *s, const struct object_id *request_id,
			    struct object_id *ret_ids, size_t cap)
{
	return wait_ids_under(s, WAIT_TABLE_REQUEST_ENTRY, request_id, ret_ids, cap);
}

bool wait_set_load(struct step *s, const struct object_id *request_id, struct request_set *ret_set)
{
	struct object_id ids[WAIT_ENTRIES_MAX];
	struct request_set set = { .id = *request_id };

	set.open = step_alloc(s, SET_MAX * sizeof(*set.open));
	set.ended = step_alloc(s, WAIT_OPEN_MAX * sizeof(*set.ended));
	set.rec = wait_request_get(s, request_id);
	set.rows = wait_request_entries(s, request_id, ids, WAIT_ENTRIES_MAX);
	for (size_t i = 0; i < set.rows && s->txn->err == SK_OK; i++) {
		struct entry *e = step_alloc(s, sizeof(*e));

		if (e != NULL && wait_entry_load(s, &ids[i], e) && e->rec->state != WAIT(CLOSED)) {
			SK_ASSERT(set.open_len < WAIT_OPEN_MAX);
			set.open[set.open_len++] = e;
		}
	}
	*ret_set = set;
	return s->txn->err == SK_OK;
}

static bool goes_before(const struct entry *a, const struct entry *b)
{
	uint32_t left = a->rec->need->ordinal;
	uint32_t right = b->rec->need->ordinal;

	return left != right ? left < right : memcmp(a->id.b, b->id.b, OBJECT_ID_LEN) < 0;
}

static void sort_by_ordinal(struct entry **at, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		struct entry *e = at[i];
		size_t j = i;

		for (; j > 0 && goes_before(e, at[j - 1]); j--) {
			at[j] = at[j - 1];
		}
		at[j] = e;
	}
}

PB(Demand) *wait_set_demand(struct step *s, const struct request_set *set)
{
	PB(Demand) *demand = step_alloc(s, sizeof(*demand));
	PB(DemandNeed) **needs = step_alloc(s, (set->open_len + 1) * sizeof(PB(DemandNeed) *));
	size_t len = 0;

	if (demand == NULL || needs == NULL || set->rec == NULL) {
		return NULL;
	}
	sort_by_ordinal(set->open, set->open_len);
	for (size_t i = 0; i < set->open_len; i++) {
		if (set->open[i]->rec->state == WAIT(CLOSED)) {
			continue;
		}
		needs[len] = step_alloc(s, sizeof(*needs[len]));
		if (needs[len] == NULL) {
			return NULL;
		}
		*needs[len] = (PB(DemandNeed))PB_INIT(DEMAND_NEED);
		needs[len]->need = set->open[i]->rec->need;
		needs[len]->order = set->open[i]->rec->order;
		len++;
	}
	*demand = (PB(Demand))PB_INIT(DEMAND);
	demand->request = set->rec->request;
	demand->needs = needs;
	demand->n_needs = len;
	return len == 0 ? NULL : demand;
}

void wait_set_tell_ended(struct step *s, const struct request_set *set)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(DemandClosed) closed = PB_INIT(DEMAND_CLOSED);

	if (set->ended_len == 0) {
		return;
	}
	closed.request_id = object_id_data(&set->id);
	closed.needs = set->ended;
	closed.n_needs = set->ended_len;
	m.body_case = BODY(DEMAND_CLOSED);
	m.demand_closed = &closed;
	step_emit(s, "matching", &m);
}

void wait_set_store(struct step *s, struct request_set *set, bool tell)
{
	struct key k = key_of_id(&set->id);
	PB(Message) m = PB_INIT(MESSAGE);

	/* A request of which no need ever came is not kept. */
	if (set->rec == NULL || set->rows == 0) {
		return;
	}
	PB(Demand) *demand = wait_set_demand(s, set);
	uint64_t hash = demand == NULL ? 0 : wait_message_hash(s, &demand->base);
	bool differs = hash != set->rec->demand_hash;
	if (differs || set->rec_changed) {
		set->rec->demand_hash = hash;
		step_put(s, WAIT_TABLE_REQUEST, &k, set->rec);
	}
	if (differs && demand != NULL && tell) {
		m.body_case = BODY(DEMAND);
		m.demand = demand;
		step_emit(s, "matching", &m);
	}
}

static struct entry *set_find(const struct request_set *set, const struct object_id *id)
{
	for (size_t i = 0; i < set->open_len; i++) {
		if (object_id_equal(&set->open[i]->id, id)) {
			return set->open[i];
		}
	}
	return NULL;
}

struct entry *wait_set_entry(struct step *s, struct request_set *set, const struct object_id *id)
{
	struct entry *e = set_find(set, id);

	if (e != NULL) {
		return e;
	}
	e = step_alloc(s, sizeof(*e));
	if (e == NULL) {
		return NULL;
	}
	if (!wait_entry_load(s, id, e)) {
		if (s->txn->err != SK_OK || !wait_entry_make(s, id, &set->id, e)) {
			return NULL;
		}
		set->rows++;
	}
	SK_ASSERT(set->open_len < SET_MAX);
	set->open[set->open_len++] = e;
	return e;
}

void wait_set_store_entries(struct step *s, struct request_set *set)
{
	for (size_t i = 0; i < set->open_len; i++) {
		wait_entry_store(s, set->open[i]);
	}
}

void wait_set_adopt_order(struct step *s, struct request_set *set, const PB(DemandNeed) *known)
{
	struct object_id id;
	struct entry *e = object_id_from(&known->need->need_id, &id) ? set_find(set, &id) : NULL;

	if (e == NULL || known->order->order_version <= e->rec->order->order_version) {
		return;
	}
	if (known->order->wait_class != e->rec->order->wait_class) {
		e->rec->class_since_ms = s->now_ms;
		e->rec->class_waited_ms = 0;
	}
	e->rec->order = known->order;
	e->changed = true;
	wait_priority_adopt(s, e);
	wait_place_adopt(s, e);
}
