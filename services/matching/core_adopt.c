/* SPDX-License-Identifier: EUPL-1.2 */
/* When we are the one that comes back from an old copy: what the peers remember of what we had said
 * or given is taken over (DESIGN 4). */
#include "common/wire.h"
#include "services/matching/core_int.h"

void need_recalled(struct work *w, const ProtobufCBinaryData *need,
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

/** Sets the amount that it holds to what its state says. Who was interrupted took the hands along,
 *  also when that is heard from a peer: a place without hands is not promised to another (L4). */
static void adopt_amount(struct work *w, PB(MatchContributionRecord) *c)
{
	uint32_t holds = state_holds(c->state) && !c->standby ? c->amount : 0;

	if (holds == c->held) {
		return;
	}
	if (c->held > 0) {
		contribution_let_go(w, c);
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
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	struct object_id seat = n == NULL ? need : id_of(&n->seat_id);
	bool same = object_id_equal(&seat, &id);
	const PB(MatchContributionRecord) *other =
		n == NULL || n->seat_id.len == 0 || same ? NULL : contribution_get(w, &seat);

	if (help_sits(c)) {
		if (other != NULL && help_sits(other)) {
			seat_doubted(w, &need);
		}
		need_seat(w, &need, &id);
	} else if (n != NULL && same) {
		need_seat(w, &need, NULL);
	}
}

static PB(MatchContributionRecord) *contribution_recalled(struct work *w,
							  const ProtobufCBinaryData *id)
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

/** By which rules it runs. */
static void adopt_hold(PB(MatchContributionRecord) *c, const PB(HoldFact) *h)
{
	c->access = h->access;
	c->meet_first = h->meet_first;
	c->joint_partners = h->joint_partners;
	c->n_joint_partners = h->n_joint_partners;
	c->ground_until_ms = h->ground_until_ms;
	c->started_ms = h->started_ms;
	c->begun = h->started_ms != 0;
	c->interpreter = h->interpreter;
	c->hand_on = h->hand_on;
	c->misplaced = h->misplaced;
	c->declined = h->declined;
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
	c->late = f->late;
	c->round = f->round;
	c->suggests = f->suggests;
	c->meeting_open = f->meeting_open;
	if (f->hold != NULL) {
		adopt_hold(c, f->hold);
	}
}

/** Left that need and may come back, with whatever help of that partner. */
static bool partner_is_away(struct work *w, const struct object_id *need, const char *partner)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	size_t len = live_of(w, need, live);

	for (size_t i = 0; i < len; i++) {
		bool away = live[i]->state == CSTATE(INTERRUPTED) ||
			    (live[i]->state == CSTATE(HANDING_ON) && live[i]->hand_on);
		if (away && strcmp(live[i]->partner, partner) == 0) {
			return true;
		}
	}
	return false;
}

/** Whom the need does not ask, as its help shows: what went with our copy is not asked anew.
 *  Peers tell an earlier asking of the same partner in whatever order: who is away stays so. */
static void adopt_exclusion(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	uint64_t back_ms = c->at_ms + MATCH_TAKEN_BACK_DAYS * CIVIL_DAY_MS;

	if (c->state == CSTATE(STOPPED_BY_YOUTH)) {
		exclude_add(w, &need, c->partner, CAUSE(STOPPED), 0);
	} else if (c->declined) {
		exclude_add(w, &need, c->partner, CAUSE(DECLINED), 0);
	} else if (c->state == CSTATE(NOT_OURS)) {
		exclude_add(w, &need, c->partner, CAUSE(NOT_OURS), 0);
	} else if (c->state == CSTATE(NOT_NOW) && c->until_ms > w->s->now_ms) {
		exclude_add(w, &need, c->partner, CAUSE(NOT_NOW), c->until_ms);
	} else if (c->state == CSTATE(TAKEN_BACK) && back_ms > w->s->now_ms) {
		exclude_add(w, &need, c->partner, CAUSE(TAKEN_BACK), back_ms);
	}
	if (state_is_end(c->state)) {
		exclude_back(w, &need, c->partner);
	}
	if (partner_is_away(w, &need, c->partner)) {
		exclude_add(w, &need, c->partner, CAUSE(AWAY), 0);
	}
}

/** Rounds and misses of the need, of which its help tells too. */
static void adopt_rounds(struct work *w, const PB(ContributionChanged) *f)
{
	struct object_id need = id_of(&f->need_id);
	PB(MatchNeedRecord) *n = need_get(w, &need);

	if (n != NULL && (f->miss > n->miss || f->round > n->round + 1)) {
		n->miss = f->miss > n->miss ? f->miss : n->miss;
		n->round = f->round > n->round + 1 ? f->round - 1 : n->round;
		need_put(w, n);
	}
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
	c = fresh ? contribution_recalled(w, &f->contribution_id) : c;
	if (c == NULL) {
		return work_err(w);
	}
	if (!fresh) {
		contribution_unlist(w, c); /* by another house, perhaps */
	}
	if (!fresh && f->hold != NULL) {
		hold_forget(w, c);
	}
	adopt_fields(c, f);
	need_recalled(w, &c->need_id, &c->request_id);
	contribution_index(w, c);
	adopt_amount(w, c);
	interpreter_adopt(w, c, f->interpreter_pool, f->interpreter_amount);
	hold_adopt(w, c, f);
	if (state_is_end(c->state)) {
		hold_end(w, c);
	}
	contribution_adopt_clock(w, c);
	contribution_adopt_put(w, c);
	adopt_seat(w, c);
	adopt_exclusion(w, c);
	adopt_rounds(w, f);
	adopt_say(w, contribution_news(w, c));
	need_settle(w, &need);
	return work_err(w);
}

/** What no fact has told of it is read from where it is asked. */
static void adopt_rules(struct work *w, PB(MatchContributionRecord) *c)
{
	struct key k = key_of_str(c->pool);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	key_u32(&k, c->use);
	const PB(PoolUse) *u = step_get(w->s, T_POOL_USE, &k, DESC(pool_use));
	if (p == NULL || u == NULL) {
		return;
	}
	c->access = u->access;
	c->meet_first = p->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST;
	c->joint_partners = p->joint_partners;
	c->n_joint_partners = p->n_joint_partners;
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
		c = w->s->isolated ? contribution_recalled(w, &seat->contribution_id) : NULL;
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
		c->interpreter = seat->interpreter;
		c->use = seat->use;
		adopt_rules(w, c);
		need_recalled(w, &c->need_id, &c->request_id);
		contribution_index(w, c);
		contribution_adopt_clock(w, c); /* its own fact may never have been read */
	}
	c->use = seat->use;
	c->amount = seat->amount;
	c->costs = seat->costs;
	c->n_costs = seat->n_costs;
	adopt_amount(w, c);
	if (c->held > 0) {
		hold_begin(w, c);
	}
	contribution_adopt_put(w, c);
	adopt_seat(w, c);
	adopt_say(w, contribution_news(w, c));
	struct object_id need = id_of(&c->need_id);
	need_settle(w, &need);
}

static int adopt_team(struct work *w, void *record)
{
	PB(TeamProposed) *t = record;
	PB(MatchRequestRecord) recalled = PB_INIT(MATCH_REQUEST_RECORD);
	PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	struct object_id id;

	if (!object_id_from(&t->request_id, &id) || t->n_seats > MATCH_NEEDS_MAX) {
		return step_refuse(w->s, REFUSE(MALFORMED), "record");
	}
	PB(MatchRequestRecord) *r = request_get(w, &id);
	if (r == NULL) {
		fact.request_id = t->request_id;
		recalled.request = &fact;
		r = &recalled;
	}
	if (t->proposal_version > r->proposal_version) {
		r->proposal_version = t->proposal_version;
		r->team_hash = team_hash(t);
		request_put(w, r);
		gate_adopt(w, t);
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
	{ "NetworkTold", DESC(network_told), network_adopt },
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
	w.seats_left = 0; /* nothing is granted yet: the sweep offers it */
	seats_settle(&w);
	pass_sweep(&w);
	return work_settle(&w);
}
