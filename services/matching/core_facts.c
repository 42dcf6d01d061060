/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/matching/core_int.h"

/* Facts leave at the end of a step, once for each object that changed, with the state in which the
 * step leaves it: first the teams, so that a contribution names the proposal in force. */

void fact_emit(struct work *w, const char *to, PB(Message__BodyCase) body, void *content)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.contribution_changed = content; /* one union member stands for all: pointers */
	step_emit(w->s, to, &m);
}

/** How much the help changes in a life: a stay most, else by its place on the continuum. */
uint32_t contribution_rung(const PB(MatchContributionRecord) *c)
{
	bool stay = c->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;

	return stay ? SCHAKEL__V1__CONTINUUM__CONTINUUM_GATED + 1 : (uint32_t)c->continuum;
}

/** Whose case it is now (A1): that of its network, or of the network's successor. */
char *request_network(struct work *w, const ProtobufCBinaryData *request)
{
	struct object_id id = id_of(request);
	const PB(MatchRequestRecord) *r = request_get(w, &id);

	/* Until the request itself is known (a restore), nobody's. */
	return step_strdup(w->s, r == NULL ? "" : network_heir(w, r->request->network));
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
	f->answer_by_ms = c->state == CSTATE(CAN_IF) ? c->answer_by_ms : 0;
	f->start_at_ms = c->start_at_ms;
	f->use = c->use;
	f->amount = c->amount;
	f->worker = c->worker;
	f->supporter = c->supporter;
	f->continuum = c->continuum;
	f->rung = contribution_rung(c);
	f->from_insured = c->from_insured;
	f->rules_version = c->rules_version;
	f->interpreter_pool = c->interpreter_pool;
	f->interpreter_amount = c->interpreter_amount;
	return f;
}

PB(HoldFact) *hold_fact(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(HoldFact) *h = step_alloc(w->s, sizeof(*h));

	if (h == NULL) {
		return NULL;
	}
	schakel__v1__hold_fact__init(h);
	h->access = c->access;
	h->meet_first = c->meet_first;
	h->joint_partners = c->joint_partners;
	h->n_joint_partners = c->n_joint_partners;
	h->ground_until_ms = c->ground_until_ms;
	h->started_ms = c->started_ms;
	h->given_week = c->given_week;
	h->booked = c->booked;
	h->interpreter = c->interpreter;
	h->hand_on = c->hand_on;
	h->misplaced = c->misplaced;
	h->atelier = c->atelier;
	h->atelier_network = c->atelier_network;
	h->declined = c->declined;
	return h;
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
	e->network = request_network(w, &c->request_id);
	e->rules_version = c->rules_version;
	/* From when again, or what runs out. */
	e->due_ms = c->state == CSTATE(NOT_NOW) ? c->until_ms : c->deadline_ms;
	e->ended = state_is_end(c->state);
	return e;
}

static bool is_kept(struct work *w, const ProtobufCBinaryData *need_id)
{
	struct object_id need = id_of(need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);

	return n != NULL && n->need != NULL && n->need->shielded;
}

/** What goes to every role: of help that a child keeps to itself how it stands, so that counts are
 *  right, and not whose it is or who gives it (L10). */
PB(Event) *contribution_news(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(Event) *e = contribution_event(w, c);

	if (e != NULL && is_kept(w, &c->need_id)) {
		e->request_id = (ProtobufCBinaryData){ 0, NULL };
		e->party = "";
		e->pool = "";
	}
	return e;
}

PB(Event) *contribution_alarm(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(Event) *e = contribution_event(w, c);
	PB(Event) kept;

	if (e != NULL && is_kept(w, &c->need_id)) {
		schakel__v1__event__init(&kept);
		kept.object_id = e->request_id;
		kept.request_id = e->request_id;
		kept.network = e->network;
		kept.at_ms = e->at_ms;
		*e = kept;
	}
	return e;
}

/** By that name nobody is led to what a child keeps to itself. */
char *team_lead_news(struct work *w, const PB(TeamProposed) *t)
{
	bool kept = false;

	for (size_t i = 0; i < t->n_seats; i++) {
		if (strcmp(t->seats[i]->partner, t->lead) != 0) {
			continue;
		}
		if (!is_kept(w, &t->seats[i]->need_id)) {
			return t->lead;
		}
		kept = true;
	}
	return kept ? (char *)"" : t->lead;
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
	a->rules_version = c->rules_version;
	a->remind_ms = c->remind_ms;
	return a;
}

/** To the partner, and to each who published the pool with it (C9). */
static void emit_partners(struct work *w, const PB(MatchContributionRecord) *c,
			  PB(Message__BodyCase) body, void *content)
{
	fact_emit(w, c->partner, body, content);
	for (size_t i = 0; i < c->n_joint_partners; i++) {
		fact_emit(w, c->joint_partners[i], body, content);
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
	PB(Event) *e = contribution_news(w, c);
	if (f == NULL || e == NULL) {
		return;
	}
	f->hold = hold_fact(w, c);
	fact_emit(w, PEER_INTAKE, BODY(CONTRIBUTION_CHANGED), f);
	fact_emit(w, PEER_WAITLIST, BODY(CONTRIBUTION_CHANGED), f);
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

PB(EndAsked) end_asked_fact(const PB(MatchContributionRecord) *c)
{
	PB(EndAsked) e = PB_INIT(END_ASKED);

	e.contribution_id = c->contribution_id;
	e.request_id = c->request_id;
	e.need_id = c->need_id;
	e.partner = c->partner;
	return e;
}

void emit_end_asked(struct work *w, const PB(MatchContributionRecord) *c)
{
	PB(EndAsked) e = end_asked_fact(c);

	fact_emit(w, PEER_INTAKE, BODY(END_ASKED), &e);
}

void alarm_event(struct work *w, PB(AlarmKind) alarm, PB(Event) *e)
{
	if (e != NULL) {
		e->kind = EVENT(ALARM);
		e->alarm = alarm;
		step_event(w->s, e);
	}
}
