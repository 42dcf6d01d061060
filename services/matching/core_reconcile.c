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
	const PB(ContributionChanged) *f =
		contribution_fact(w, c, r == NULL ? 0 : r->proposal_version);

	if (f == NULL) {
		return 0;
	}
	emit_item(w, peer, "ContributionChanged", &c->contribution_id, &f->base);
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
	while (items < budget && work_err(&w) == SK_OK) {
		size_t mark = work_mark(&w);
		bool requests = io_resume->b[0] == T_REQUEST;
		if (next_row(&w, io_resume, &val)) {
			void *row = step_unpack(s, val,
						requests ? DESC(match_request_record) :
							   DESC(match_contribution_record));
			if (row != NULL) {
				items += requests ? request_items(&w, peer, row) :
						    contribution_items(&w, peer, row);
			}
		} else if (requests) {
			*io_resume = (struct key){ 0 };
			key_u8(io_resume, T_CONTRIBUTION);
		} else {
			*io_resume = (struct key){ 0 };
			break;
		}
		work_rewind(&w, mark);
	}
	*ret_items = items;
	return work_err(&w);
}

/* --- when we are the restored one --- */

/** A need that is known only through its help: a place for the seat until its Demand comes. */
static void stub_need(struct work *w, const ProtobufCBinaryData *need,
		      const ProtobufCBinaryData *request)
{
	struct object_id id = id_of(need);
	PB(NeedFact) fact = PB_INIT(NEED_FACT);
	PB(MatchNeedRecord) n = PB_INIT(MATCH_NEED_RECORD);

	if (need_get(w, &id) == NULL) {
		fact.need_id = *need;
		n.need = &fact;
		n.request_id = *request;
		need_put(w, &n);
	}
}

/** Sets the amount that it holds to what its state says. */
static void adopt_amount(struct work *w, PB(MatchContributionRecord) *c)
{
	uint32_t holds = state_holds(c->state) && !c->standby ? c->amount : 0;

	if (holds == c->held) {
		return;
	}
	if (c->held > 0) {
		pool_give(w, c->pool, c->held, false);
	}
	if (holds > 0) {
		pool_adopt(w, c->pool, holds);
	}
	c->held = holds;
	if (holds == 0) {
		interpreter_give(w, c);
		hold_pause(w, c);
	}
}

static void adopt_seat(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	bool fills = state_holds(c->state) && !c->standby && c->state != CSTATE(HANDING_ON);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct object_id seat = n == NULL ? need : id_of(&n->seat_id);

	if (fills) {
		need_seat(w, &need, &id);
	} else if (n != NULL && object_id_equal(&seat, &id)) {
		need_seat(w, &need, NULL);
	}
}

static PB(MatchContributionRecord) *stub_contribution(struct work *w, const ProtobufCBinaryData *id)
{
	PB(MatchContributionRecord) *c = step_alloc(w->s, sizeof(*c));

	if (c != NULL) {
		schakel__v1__match_contribution_record__init(c);
		c->contribution_id = *id;
		c->asked_ms = w->s->now_ms;
	}
	return c;
}

static bool names_are_valid(const char *partner, const char *pool)
{
	return name_is_valid(partner) && name_is_valid(pool);
}

/** The peers have what they told us; who folds the events has not (I21). */
static void adopt_say(struct work *w, PB(Event) *e)
{
	if (e != NULL) {
		step_event(w->s, e);
	}
}

static void adopt_fields(PB(MatchContributionRecord) *c, const PB(ContributionChanged) *f)
{
	c->request_id = f->request_id;
	c->need_id = f->need_id;
	c->partner = f->partner;
	c->pool = f->pool;
	c->version = f->version;
	c->state = f->state;
	c->answer = f->answer;
	c->can_if = f->can_if;
	c->interrupt = f->interrupt;
	c->ground = f->ground;
	c->seen = f->seen;
	c->standby = f->standby;
	c->modality = f->modality;
	c->at_ms = f->at_ms;
	c->until_ms = f->until_ms;
	c->use = f->use;
	c->worker = f->worker;
	c->supporter = f->supporter;
	c->continuum = f->continuum;
	c->start_at_ms = f->start_at_ms;
	c->from_insured = f->from_insured;
	c->rules_version = f->rules_version;
	c->amount = f->amount;
}

/** A peer knows a later version of what we own: it is taken over (DESIGN 4). */
static int adopt_contribution(struct work *w, void *record)
{
	PB(ContributionChanged) *f = record;
	struct object_id id, need, request;

	if (!object_id_from(&f->contribution_id, &id) || !object_id_from(&f->need_id, &need) ||
	    !object_id_from(&f->request_id, &request) || !names_are_valid(f->partner, f->pool) ||
	    f->state < CSTATE(ASKED) || f->state > CSTATE(STOPPED_BY_YOUTH) ||
	    f->amount > COMPOSE_AMOUNT_MAX) {
		return step_refuse(w->s, REFUSE(MALFORMED), "record");
	}
	PB(MatchContributionRecord) *c = contribution_get(w, &id);
	if (c != NULL && c->version >= f->version) {
		return work_err(w);
	}
	bool fresh = c == NULL;
	if (fresh && !w->s->isolated) {
		return work_err(w); /* from a peer's old copy: ended and forgotten here long ago */
	}
	c = fresh ? stub_contribution(w, &f->contribution_id) : c;
	if (c == NULL) {
		return work_err(w);
	}
	adopt_fields(c, f);
	stub_need(w, &c->need_id, &c->request_id);
	if (fresh) {
		contribution_index(w, c);
	}
	adopt_amount(w, c);
	interpreter_adopt(w, c, f->interpreter_pool, f->interpreter_amount);
	if (state_is_end(c->state)) {
		hold_end(w, c);
	}
	contribution_adopt_clock(w, c);
	contribution_adopt_put(w, c);
	adopt_seat(w, c);
	adopt_say(w, contribution_event(w, c));
	need_settle(w, &need);
	return work_err(w);
}

static void adopt_team_seat(struct work *w, const PB(TeamProposed) *t, const PB(Seat) *seat)
{
	struct object_id id;

	if (!object_id_from(&seat->contribution_id, &id) || seat->need_id.len != OBJECT_ID_LEN ||
	    !names_are_valid(seat->partner, seat->pool) || seat->amount > COMPOSE_AMOUNT_MAX) {
		return;
	}
	PB(MatchContributionRecord) *c = contribution_get(w, &id);
	if (c != NULL && c->amount != 0) {
		return;
	}
	if (c == NULL) {
		c = w->s->isolated ? stub_contribution(w, &seat->contribution_id) : NULL;
		if (c == NULL) {
			return;
		}
		c->request_id = t->request_id;
		c->need_id = seat->need_id;
		c->partner = seat->partner;
		c->pool = seat->pool;
		/* A team tells no ground: its own fact does, or intake's position once more (L5).
		 */
		c->state = seat->state >= CSTATE(AGREED) ? CSTATE(CAN) : seat->state;
		c->modality = seat->modality;
		stub_need(w, &c->need_id, &c->request_id);
		contribution_index(w, c);
		contribution_adopt_clock(w, c); /* its own fact may never have been read */
	}
	c->use = seat->use;
	c->amount = seat->amount;
	c->costs = seat->costs;
	c->n_costs = seat->n_costs;
	adopt_amount(w, c);
	contribution_adopt_put(w, c);
	adopt_seat(w, c);
	adopt_say(w, contribution_event(w, c));
}

static int adopt_team(struct work *w, void *record)
{
	PB(TeamProposed) *t = record;
	PB(MatchRequestRecord) stub = PB_INIT(MATCH_REQUEST_RECORD);
	PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	struct object_id id;

	if (!object_id_from(&t->request_id, &id) || t->n_seats > MATCH_NEEDS_MAX) {
		return step_refuse(w->s, REFUSE(MALFORMED), "record");
	}
	PB(MatchRequestRecord) *r = request_get(w, &id);
	if (r == NULL) {
		fact.request_id = t->request_id;
		stub.request = &fact;
		r = &stub;
	}
	if (t->proposal_version > r->proposal_version) {
		r->proposal_version = t->proposal_version;
		r->team_hash = team_hash(t);
		request_put(w, r);
		adopt_say(w, team_event(w, r));
		request_settle(w, &id);
	}
	for (size_t i = 0; i < t->n_seats; i++) {
		adopt_team_seat(w, t, t->seats[i]);
	}
	return work_err(w);
}

static int item_demand(struct work *w, void *record)
{
	return demand_apply(w, record);
}

static int item_closed(struct work *w, void *record)
{
	return closed_apply(w, record);
}

/** On a request that we do not know: the family's words stay with intake, which asks again. */
static int item_position(struct work *w, void *record)
{
	const PB(PositionTaken) *p = record;
	struct object_id id;

	if (object_id_from(&p->request_id, &id) && request_get(w, &id) == NULL) {
		return work_err(w);
	}
	return position_apply(w, p);
}

static const struct {
	const char *table;
	const ProtobufCMessageDescriptor *type;
	int (*apply)(struct work *w, void *record);
} item_kind[] = {
	{ "Demand", DESC(demand), item_demand },
	{ "DemandClosed", DESC(demand_closed), item_closed },
	{ "PositionTaken", DESC(position_taken), item_position },
	{ "ContributionChanged", DESC(contribution_changed), adopt_contribution },
	{ "TeamProposed", DESC(team_proposed), adopt_team },
};

int match_reconcile_item(struct step *s, const PB(Message) *in)
{
	const PB(ReconcileItem) *m = in->reconcile_item;
	struct work w;

	work_init(&w, s);
	for (size_t i = 0; i < SK_LEN(item_kind); i++) {
		if (strcmp(m->table, item_kind[i].table) != 0) {
			continue;
		}
		void *record = NULL;
		int err = wire_unpack(s->arena, &m->record, item_kind[i].type, &record);
		if (err == SK_EPROTO) {
			return step_refuse(s, REFUSE(MALFORMED), "record");
		}
		err = err == SK_OK ? item_kind[i].apply(&w, record) : err;
		return err == SK_OK ? work_settle(&w) : err;
	}
	return step_refuse(s, REFUSE(UNKNOWN_TYPE), "table");
}

/** Business again: amounts may have moved while nothing was granted, so every pool is offered anew.
 */
int match_on_reconciled(struct step *s)
{
	struct work w;

	work_init(&w, s);
	pass_sweep(&w);
	return work_settle(&w);
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
	return c == NULL ? NULL : contribution_event(w, c);
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
