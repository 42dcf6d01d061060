/* SPDX-License-Identifier: EUPL-1.2 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "services/matching/core_int.h"

/* Facts leave at the end of a step, once for each object that changed, with the state in which the
 * step leaves it: first the teams, so that a contribution names the proposal in force. */

static void emit(struct work *w, const char *to, PB(Message__BodyCase) body, void *content)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.contribution_changed = content; /* one union member stands for all: pointers */
	step_emit(w->s, to, &m);
}

/** How much the help changes in a life: a stay most, else by its place on the continuum. */
static uint32_t rung_of(const PB(MatchContributionRecord) *c)
{
	bool stay = c->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;

	return stay ? SCHAKEL__V1__CONTINUUM__CONTINUUM_GATED + 1 : (uint32_t)c->continuum;
}

static PB(Seat) *seat_of(struct work *w, const PB(MatchNeedRecord) *n,
			 const PB(MatchContributionRecord) *c)
{
	PB(Seat) *seat = step_alloc(w->s, sizeof(*seat));

	if (seat == NULL) {
		return NULL;
	}
	schakel__v1__seat__init(seat);
	seat->need_id = n->need->need_id;
	seat->contribution_id = c->contribution_id;
	seat->partner = c->partner;
	seat->pool = c->pool;
	seat->use = c->use;
	seat->amount = c->amount;
	seat->state = c->state;
	seat->modality = c->modality;
	seat->supporter = c->supporter;
	seat->continuum = c->continuum;
	seat->rung = rung_of(c);
	seat->worker = c->worker;
	seat->start_at_ms = c->start_at_ms;
	seat->can_if = c->can_if;
	seat->interpreter = c->interpreter;
	seat->costs = c->costs;
	seat->n_costs = c->n_costs;
	return seat;
}

static PB(OpenSeat) *open_of(struct work *w, const PB(MatchRequestRecord) *r,
			     const PB(MatchNeedRecord) *n)
{
	const PB(RuleBlock) *block = need_block(r, n);

	PB(OpenSeat) *open = step_alloc(w->s, sizeof(*open));

	if (open == NULL) {
		return NULL;
	}
	schakel__v1__open_seat__init(open);
	open->need_id = n->need->need_id;
	open->shortfall = need_lacks(r, n);
	if (block != NULL) {
		open->signal_id = block->signal_id;
	}
	open->in_reach = n->in_reach;
	open->confirmed = n->confirmed;
	open->with_amount = n->with_amount;
	open->beyond_ring = n->beyond_ring;
	open->one_more = n->one_more;
	open->one_more_pool = n->one_more_pool;
	return open;
}

/** The partner with the most seats leads; of equals the one with the earlier need. */
static char *lead_of(const PB(TeamProposed) *t)
{
	char *lead = t->lead;
	size_t most = 0;

	for (size_t i = 0; i < t->n_seats; i++) {
		size_t seats = 0;
		for (size_t j = 0; j < t->n_seats; j++) {
			seats += strcmp(t->seats[i]->partner, t->seats[j]->partner) == 0;
		}
		if (seats > most) {
			most = seats;
			lead = t->seats[i]->partner;
		}
	}
	return lead;
}

static void add_alternatives(PB(TeamProposed) *t, const PB(MatchContributionRecord) *c)
{
	bool soft = c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) ||
		    c->state == CSTATE(CAN_IF);

	for (size_t i = 0; soft && i < c->n_alternatives; i++) {
		t->alternatives[t->n_alternatives++] = c->alternatives[i];
	}
}

static void add_need(struct work *w, PB(TeamProposed) *t, const PB(MatchRequestRecord) *r,
		     const PB(MatchNeedRecord) *n, bool apart)
{
	struct object_id seat = id_of(&n->seat_id);
	const PB(MatchContributionRecord) *c = n->seat_id.len == 0 ? NULL :
								     contribution_get(w, &seat);

	if (c == NULL) {
		PB(OpenSeat) *open = need_is_open(n) ? open_of(w, r, n) : NULL;
		if (open != NULL) {
			t->open[t->n_open++] = open;
		}
		return;
	}
	PB(Seat) *s = seat_of(w, n, c);
	if (s == NULL) {
		return;
	}
	s->apart = apart;
	t->seats[t->n_seats++] = s;
	add_alternatives(t, c);
	for (size_t i = 0; i < c->n_costs; i++) {
		t->cost += c->costs[i]->cost;
	}
}

PB(TeamProposed) *team_build(struct work *w, const PB(MatchRequestRecord) *r)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request = id_of(&r->request->request_id);
	PB(TeamProposed) *t = step_alloc(w->s, sizeof(*t));
	PB(Seat) **seats = step_alloc(w->s, MATCH_NEEDS_MAX * sizeof(PB(Seat) *));
	PB(OpenSeat) **open = step_alloc(w->s, MATCH_NEEDS_MAX * sizeof(PB(OpenSeat) *));
	PB(Alternative) **others =
		step_alloc(w->s, MATCH_NEEDS_MAX * COMPOSE_STANDBY_MAX * sizeof(*others));
	const PB(ConfigApplied) *conf = step_config(w->s);

	if (t == NULL || seats == NULL || open == NULL || others == NULL) {
		return NULL;
	}
	schakel__v1__team_proposed__init(t);
	t->request_id = r->request->request_id;
	t->proposal_version = r->proposal_version;
	t->seats = seats;
	t->open = open;
	t->alternatives = others;
	t->candidates = r->candidates;
	t->exact = true;
	t->rules_version = conf == NULL ? 0 : conf->rules_version;
	size_t len = needs_of(w, &request, needs);
	for (size_t i = 0; i < len; i++) {
		if (!needs[i]->closed && !needs[i]->served) {
			add_need(w, t, r, needs[i], seat_is_apart(w, r, needs, len, i));
		}
	}
	t->lead = lead_of(t);
	return t;
}

/** What makes another team: who sits where, and what lacks. An answer does not, so the family's
 *  position on a team stays in time while its partners answer. */
uint64_t team_hash(const PB(TeamProposed) *t)
{
	XXH3_state_t st;

	(void)XXH3_64bits_reset(&st);
	for (size_t i = 0; i < t->n_seats; i++) {
		const PB(Seat) *s = t->seats[i];
		uint32_t numbers[3] = { s->use, s->amount, s->apart ? 1U : 0U };
		(void)XXH3_64bits_update(&st, s->need_id.data, s->need_id.len);
		(void)XXH3_64bits_update(&st, s->contribution_id.data, s->contribution_id.len);
		(void)XXH3_64bits_update(&st, s->pool, strlen(s->pool) + 1);
		(void)XXH3_64bits_update(&st, numbers, sizeof(numbers));
	}
	for (size_t i = 0; i < t->n_open; i++) {
		uint32_t lacks = (uint32_t)t->open[i]->shortfall;
		(void)XXH3_64bits_update(&st, t->open[i]->need_id.data, t->open[i]->need_id.len);
		(void)XXH3_64bits_update(&st, &lacks, sizeof(lacks));
	}
	return (uint64_t)XXH3_64bits_digest(&st);
}

bool team_is_told(struct work *w, const PB(MatchRequestRecord) *r)
{
	const PB(TeamProposed) *t = team_build(w, r);

	return t != NULL && r->proposal_version > 0 && r->team_hash == team_hash(t);
}

static bool team_is_apart(const PB(TeamProposed) *t)
{
	bool apart = false;

	for (size_t i = 0; i < t->n_seats; i++) {
		apart = apart || t->seats[i]->apart;
	}
	return apart;
}

static PB(Event) *event_of_team(struct work *w, const PB(TeamProposed) *t)
{
	PB(Event) *e = step_alloc(w->s, sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	schakel__v1__event__init(e);
	e->kind = EVENT(TEAM);
	e->object_id = t->request_id;
	e->request_id = t->request_id;
	e->version = t->proposal_version;
	e->proposal_version = t->proposal_version;
	e->party = t->lead;
	e->seats = (uint32_t)t->n_seats;
	e->open_seats = (uint32_t)t->n_open;
	e->shortfall = t->n_open > 0 ? t->open[0]->shortfall : SHORTFALL(UNSPECIFIED);
	if (t->n_open == 0 && team_is_apart(t)) {
		e->shortfall = SHORTFALL(SIBLINGS_APART);
	}
	e->at_ms = w->s->now_ms;
	return e;
}

static void team_out(struct work *w, const struct object_id *request)
{
	PB(MatchRequestRecord) *r = request_get(w, request);
	PB(TeamProposed) *t = r == NULL ? NULL : team_build(w, r);

	if (t == NULL) {
		return;
	}
	uint64_t hash = team_hash(t);
	if (r->proposal_version > 0 && r->team_hash == hash) {
		return;
	}
	r->team_hash = hash;
	r->proposal_version = step_next_version(w->s, r->proposal_version);
	t->proposal_version = r->proposal_version;
	request_put(w, r);
	emit(w, PEER_INTAKE, BODY(TEAM_PROPOSED), t);
	emit(w, PEER_WAITLIST, BODY(TEAM_PROPOSED), t);
	PB(Event) *e = event_of_team(w, t);
	if (e != NULL) {
		step_event(w->s, e);
	}
	if (team_is_apart(t)) {
		alarm_event(w, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_SIBLINGS_APART,
			    event_of_team(w, t));
	}
}

PB(Event) *team_event(struct work *w, const PB(MatchRequestRecord) *r)
{
	const PB(TeamProposed) *t = team_build(w, r);

	return t == NULL ? NULL : event_of_team(w, t);
}

PB(ContributionChanged) *contribution_fact(struct work *w, const PB(MatchContributionRecord) *c,
					   uint32_t proposal_version)
{
	PB(ContributionChanged) *f = step_alloc(w->s, sizeof(*f));
	char *code = step_alloc(w->s, SHORT_CODE_LEN + 1);
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);

	if (f == NULL || code == NULL) {
		return NULL;
	}
	schakel__v1__contribution_changed__init(f);
	step_short_code(w->s, &id, code);
	f->short_code = code;
	f->contribution_id = c->contribution_id;
	f->version = c->version;
	f->request_id = c->request_id;
	f->need_id = c->need_id;
	f->partner = c->partner;
	f->pool = c->pool;
	f->state = c->state;
	f->answer = c->answer;
	f->can_if = c->can_if;
	f->interrupt = c->interrupt;
	f->ground = c->ground;
	f->seen = c->seen;
	f->late = c->late;
	f->standby = c->standby;
	f->at_ms = c->at_ms;
	f->until_ms = c->state == CSTATE(CAN) ? c->holds_until_ms : c->until_ms;
	f->modality = c->modality;
	f->proposal_version = proposal_version;
	f->miss = n == NULL ? 0 : n->miss;
	f->round = c->round;
	f->suggests = c->suggests;
	f->meeting_open = c->meeting_open;
	f->start_at_ms = c->start_at_ms;
	f->use = c->use;
	f->amount = c->amount;
	f->worker = c->worker;
	f->supporter = c->supporter;
	f->continuum = c->continuum;
	f->rung = rung_of(c);
	f->from_insured = c->from_insured;
	return f;
}

PB(Event) *contribution_event(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(Event) *e = step_alloc(w->s, sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	schakel__v1__event__init(e);
	e->kind = EVENT(CONTRIBUTION);
	e->object_id = c->contribution_id;
	e->version = c->version;
	e->request_id = c->request_id;
	e->need_id = c->need_id;
	e->party = c->partner;
	e->pool = c->pool;
	e->contribution_state = c->state;
	e->answer = c->answer;
	e->ground = c->ground;
	e->at_ms = c->at_ms;
	e->can_if = c->can_if;
	/* From when again, or what runs out. */
	e->due_ms = c->state == CSTATE(NOT_NOW) ? c->until_ms : c->deadline_ms;
	e->ended = state_is_end(c->state);
	return e;
}

PB(Ask) *ask_view(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(Ask) *a = step_alloc(w->s, sizeof(*a));
	char *code = step_alloc(w->s, SHORT_CODE_LEN + 1);
	struct object_id id = id_of(&c->contribution_id);
	struct object_id need = id_of(&c->need_id);
	struct object_id request = id_of(&c->request_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	const PB(MatchRequestRecord) *r = request_get(w, &request);

	if (a == NULL || code == NULL || n == NULL || n->need == NULL || r == NULL) {
		return NULL;
	}
	schakel__v1__ask__init(a);
	step_short_code(w->s, &id, code);
	a->contribution_id = c->contribution_id;
	a->pool = c->pool;
	a->use = c->use;
	a->expertise = n->need->expertise;
	a->intensity = n->need->intensity;
	a->duration_weeks = n->need->duration_weeks;
	/* A band of three years: the ask tells no birthday. */
	a->age_from = need_age(r, n) / 3 * 3;
	a->age_to = a->age_from + 2;
	a->zone = n->zone == NULL || n->zone[0] == '\0' ? r->request->zone : n->zone;
	a->urgency = r->request->urgency;
	a->crisis_step = r->request->crisis_step;
	a->asked_ms = c->asked_ms;
	a->answer_by_ms = c->answer_by_ms;
	a->standby = c->standby;
	a->state = c->state;
	a->version = c->version;
	a->amount = c->amount;
	a->holds_until_ms = c->holds_until_ms;
	a->short_code = code;
	a->modality = c->modality;
	a->life_domain = n->need->life_domain;
	a->can_if = c->can_if;
	a->until_ms = c->until_ms;
	a->suggested_by = c->suggested_by;
	a->by_call = c->call_row.len > 0;
	a->meeting_open = c->meeting_open;
	a->meeting_until_ms = c->meeting_open ? c->answer_by_ms : 0;
	a->interpreter = c->interpreter;
	return a;
}

/** To the partner, and to each who published the pool with it (C9). */
static void emit_partners(struct work *w, const PB(MatchContributionRecord) *c,
			  PB(Message__BodyCase) body, void *content)
{
	emit(w, c->partner, body, content);
	for (size_t i = 0; i < c->n_joint_partners; i++) {
		emit(w, c->joint_partners[i], body, content);
	}
}

static void tell_partner(struct work *w, const PB(MatchContributionRecord) *c, uint32_t flags)
{
	if ((flags & TELL_ASK) != 0 && !state_is_end(c->state)) {
		PB(Ask) *a = ask_view(w, c);
		if (a != NULL) {
			emit_partners(w, c, BODY(ASK), a);
		}
	} else if ((flags & TELL_PARTNER) != 0) {
		PB(AskEnded) e = PB_INIT(ASK_ENDED);
		e.contribution_id = c->contribution_id;
		e.state = c->state;
		e.version = c->version;
		e.at_ms = c->at_ms;
		emit_partners(w, c, BODY(ASK_ENDED), &e);
	}
}

static void contribution_out(struct work *w, const struct object_id *id, uint32_t flags)
{
	const PB(MatchContributionRecord) *c = contribution_get(w, id);

	if (c == NULL) {
		return;
	}
	struct object_id request = id_of(&c->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	PB(ContributionChanged) *f = contribution_fact(w, c, r == NULL ? 0 : r->proposal_version);
	PB(Event) *e = contribution_event(w, c);
	if (f == NULL || e == NULL) {
		return;
	}
	emit(w, PEER_INTAKE, BODY(CONTRIBUTION_CHANGED), f);
	emit(w, PEER_WAITLIST, BODY(CONTRIBUTION_CHANGED), f);
	tell_partner(w, c, flags);
	step_event(w->s, e);
}

static void pool_out(struct work *w, const char *name)
{
	const PB(MatchPoolRecord) *p = pool_get(w, name);
	PB(Event) *e = p == NULL ? NULL : pool_event(w, p);

	if (e != NULL) {
		step_event(w->s, e);
	}
}

void facts_out(struct work *w)
{
	struct item_set *sets[] = { &w->teams, &w->contributions, &w->pools };

	/* In isolation a team is what the peers say it is. */
	for (size_t kind = w->s->isolated ? 1 : 0; kind < SK_LEN(sets); kind++) {
		for (size_t i = 0; i < sets[kind]->len && work_err(w) == SK_OK; i++) {
			size_t mark = work_mark(w);
			const struct item *it = item_at(sets[kind], i);
			struct object_id id;

			memcpy(id.b, it->key, OBJECT_ID_LEN);
			if (kind == 0) {
				team_out(w, &id);
			} else if (kind == 1) {
				contribution_out(w, &id, it->flags);
			} else {
				pool_out(w, (const char *)it->key);
			}
			work_rewind(w, mark);
		}
	}
}

void emit_end_asked(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(EndAsked) e = PB_INIT(END_ASKED);

	e.contribution_id = c->contribution_id;
	e.request_id = c->request_id;
	e.need_id = c->need_id;
	e.partner = c->partner;
	emit(w, PEER_INTAKE, BODY(END_ASKED), &e);
}

void alarm_event(struct work *w, PB(AlarmKind) alarm, PB(Event) *e)
{
	if (e != NULL) {
		e->kind = EVENT(ALARM);
		e->alarm = alarm;
		step_event(w->s, e);
	}
}
