/* SPDX-License-Identifier: EUPL-1.2 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/wire.h"
#include "services/matching/core_int.h"

/* Restore (DESIGN 4): what a peer that came back from an old copy has to know again, and what we
 * take over from peers when it is us. */

static void emit_item(struct work *w, const char *peer, const char *table,
		      const ProtobufCBinaryData *id, const ProtobufCMessage *record)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	uint8_t *packed = step_alloc(w->s, protobuf_c_message_get_packed_size(record) + 1);
	uint8_t hash[8];

	if (packed == NULL) {
		return;
	}
	item.record.data = packed;
	item.record.len = protobuf_c_message_pack(record, packed);
	be64_write(hash, XXH3_64bits(packed, item.record.len));
	item.table = (char *)(uintptr_t)table; /* packing only reads it */
	item.object_id = *id;
	item.hash = (ProtobufCBinaryData){ .len = sizeof(hash), .data = hash };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	step_emit(w->s, peer, &m);
}

/** The demand as we know it: the order is waitlist's own, it takes it back. */
static void demand_item(struct work *w, const char *peer, const PB(MatchRequestRecord) *r)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	PB(DemandNeed) demand[MATCH_NEEDS_MAX];
	PB(DemandNeed) *at[MATCH_NEEDS_MAX];
	PB(Demand) d = PB_INIT(DEMAND);
	struct object_id request = id_of(&r->request->request_id);
	size_t len = needs_of(w, &request, needs);

	d.request = r->request;
	d.needs = at;
	for (size_t i = 0; i < len; i++) {
		if (needs[i]->closed) {
			continue;
		}
		schakel__v1__demand_need__init(&demand[i]);
		demand[i].need = needs[i]->need;
		demand[i].order = needs[i]->order;
		at[d.n_needs++] = &demand[i];
	}
	emit_item(w, peer, "Demand", &r->request->request_id, &d.base);
}

static uint32_t request_items(struct work *w, const char *peer, const PB(MatchRequestRecord) *r)
{
	const PB(TeamProposed) *t = team_build(w, r);
	uint32_t items = 0;

	if (r->request->request_version == 0 || t == NULL) {
		return 0; /* itself only heard of from a peer */
	}
	if (strcmp(peer, PEER_WAITLIST) == 0) {
		demand_item(w, peer, r);
		items++;
	}
	emit_item(w, peer, "TeamProposed", &r->request->request_id, &t->base);
	return items + 1;
}

static uint32_t contribution_items(struct work *w, const char *peer,
				   const PB(MatchContributionRecord) *c)
{
	struct object_id request = id_of(&c->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	PB(ContributionChanged) *f = contribution_fact(w, c, r == NULL ? 0 : r->proposal_version);

	if (f == NULL) {
		return 0;
	}
	f->hold = hold_fact(w, c);
	emit_item(w, peer, "ContributionChanged", &c->contribution_id, &f->base);
	if (c->ending && strcmp(peer, PEER_INTAKE) == 0) {
		PB(EndAsked) asked = end_asked_fact(c);
		emit_item(w, peer, "EndAsked", &c->contribution_id, &asked.base);
		return 2;
	}
	return 1;
}

/** Row after row of a table; io_resume = table u8, key. @return false when the table has ended. */
static bool next_row(struct work *w, struct key *io_resume, struct slice *ret_val)
{
	struct store_iter it;
	struct key from = { 0 };
	struct key k;
	uint8_t table = io_resume->b[0];

	store_iter_init(&it, w->s->txn, table, NULL);
	if (io_resume->len > 1) {
		key_bytes(&from, io_resume->b + 1, io_resume->len - 1);
		store_iter_from(&it, &from, false);
	}
	bool found = store_next(&it, &k, ret_val);
	store_iter_done(&it);
	if (found) {
		io_resume->len = 1;
		key_bytes(io_resume, k.b, k.len);
	}
	return found;
}

static uint32_t network_items(struct work *w, const char *peer, const PB(MatchNetworkRecord) *n)
{
	PB(NetworkTold) f;

	network_fact(n, &f);
	emit_item(w, peer, "NetworkTold", &n->network_id, &f.base);
	return 1;
}

static uint32_t row_items(struct work *w, const char *peer, uint8_t table, struct slice val)
{
	const ProtobufCMessageDescriptor *type =
		table == T_REQUEST ? DESC(match_request_record) :
		table == T_NETWORK ? DESC(match_network_record) :
				     DESC(match_contribution_record);
	void *row = step_unpack(w->s, val, type);

	if (row == NULL) {
		return 0;
	}
	if (table == T_REQUEST) {
		return request_items(w, peer, row);
	}
	return table == T_NETWORK ? network_items(w, peer, row) : contribution_items(w, peer, row);
}

int match_inventory(struct step *s, const char *peer, uint32_t budget, struct key *io_resume,
		    uint32_t *ret_items)
{
	struct slice val;
	struct work w;
	uint32_t items = 0;

	work_init(&w, s);
	if (io_resume->len == 0) {
		key_u8(io_resume, T_REQUEST);
	}
	while (items < budget && io_resume->len > 0 && work_err(&w) == SK_OK) {
		size_t mark = work_mark(&w);
		uint8_t table = io_resume->b[0];
		if (next_row(&w, io_resume, &val)) {
			items += row_items(&w, peer, table, val);
		} else {
			*io_resume = (struct key){ 0 };
			if (table == T_REQUEST) {
				key_u8(io_resume, T_CONTRIBUTION);
			} else if (table == T_CONTRIBUTION && strcmp(peer, PEER_INTAKE) == 0) {
				key_u8(io_resume, T_NETWORK);
			}
		}
		work_rewind(&w, mark);
	}
	*ret_items = items;
	return work_err(&w);
}

static PB(Event) *event_of_row(struct work *w, uint8_t table, struct slice val)
{
	if (table == T_REQUEST) {
		const PB(MatchRequestRecord) *r =
			step_unpack(w->s, val, DESC(match_request_record));
		return r == NULL ? NULL : team_event(w, r);
	}
	if (table == T_POOL) {
		const PB(MatchPoolRecord) *p = step_unpack(w->s, val, DESC(match_pool_record));
		return p == NULL ? NULL : pool_event(w, p);
	}
	if (table == T_NETWORK) {
		const PB(MatchNetworkRecord) *n =
			step_unpack(w->s, val, DESC(match_network_record));
		return n == NULL ? NULL : network_event(w, n);
	}
	const PB(MatchContributionRecord) *c =
		step_unpack(w->s, val, DESC(match_contribution_record));
	return c == NULL ? NULL : contribution_news(w, c);
}

int match_snapshot(struct step *s, uint32_t limit, struct key *io_after, PB(SnapshotView) *out)
{
	static const uint8_t after_table[] = {
		[T_REQUEST] = T_POOL, [T_POOL] = T_CONTRIBUTION, [T_CONTRIBUTION] = T_NETWORK
	};
	PB(Event) **events = step_alloc(s, (limit + 1) * sizeof(PB(Event) *));
	struct slice val;
	struct work w;

	work_init(&w, s);
	if (events == NULL) {
		return SK_ENOMEM;
	}
	if (io_after->len == 0) {
		key_u8(io_after, T_REQUEST);
	}
	out->events = events;
	while (out->n_events < limit && io_after->len > 0 && work_err(&w) == SK_OK) {
		uint8_t table = io_after->b[0];
		if (table != T_REQUEST && table != T_POOL && table != T_CONTRIBUTION &&
		    table != T_NETWORK) {
			return step_refuse(s, REFUSE(OUT_OF_RANGE), "after");
		}
		if (next_row(&w, io_after, &val)) {
			PB(Event) *e = event_of_row(&w, table, val);
			if (e != NULL) {
				events[out->n_events++] = e;
			}
			continue;
		}
		*io_after = (struct key){ 0 };
		if (table != T_NETWORK) {
			key_u8(io_after, after_table[table]);
		}
	}
	return work_err(&w);
}
