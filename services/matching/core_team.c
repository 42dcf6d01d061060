/* SPDX-License-Identifier: EUPL-1.2 */
/* The team of a request as it is told: who sits where, what lacks, its period (B4), its lead. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "services/matching/core_int.h"

#define GAP_UNKNOWN 1000U /* per mille: as much as can be */

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
	seat->rung = contribution_rung(c);
	seat->worker = c->worker;
	seat->start_at_ms = c->start_at_ms;
	seat->can_if = c->can_if;
	seat->interpreter = c->interpreter;
	seat->interpreter_pool = c->interpreter_pool;
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

/** DOMAIN 3: one lead. Whoever sits in the team may be it (no rule says who may not), so that no
 *  team is ever chosen for its lead: the partner with the most seats, of equals the one with the
 *  earlier need. It follows from the seats alone: when the lead leaves, the next is named with the
 *  team that is left; without a seat there is none. */
static char *lead_of(const PB(TeamProposed) *t)
{
	char *lead = t->lead;
	size_t most = 0;

	for (size_t i = 0; i < t->n_seats; i++) {
		size_t seats = 0;
		for (size_t j = 0; j < t->n_seats; j++) {
			seats += strcmp(t->seats[i]->partner, t->seats[j]->partner) == 0;
		}
		if (seats > most && !(MUT(171) && most > 0)) {
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

static PB(FilterCount) *filter_count(struct work *w, const uint32_t pair[2])
{
	PB(FilterCount) *c = step_alloc(w->s, sizeof(*c));

	if (c != NULL) {
		schakel__v1__filter_count__init(c);
		c->filter = (PB(ExplainKind))pair[0];
		c->uses = pair[1];
	}
	return c;
}

static void add_weighed(struct work *w, PB(TeamProposed) *t, const PB(MatchNeedRecord) *n)
{
	PB(NeedWeighed) *a = step_alloc(w->s, sizeof(*a));
	PB(FilterCount) **out = step_alloc(w->s, (n->n_weighed / 2 + 1) * sizeof(*out));

	if (a == NULL || out == NULL) {
		return;
	}
	schakel__v1__need_weighed__init(a);
	a->need_id = n->need->need_id;
	a->one_pool = n->weighed_one_pool;
	a->out = out;
	for (size_t i = 0; i + 1 < n->n_weighed; i += 2) {
		const uint32_t *pair = n->weighed + i;
		bool fits = pair[0] == SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_OFFERS;
		PB(FilterCount) *c = fits ? NULL : filter_count(w, pair);
		a->fit += fits ? pair[1] : 0;
		a->uses += pair[1];
		if (c != NULL) {
			out[a->n_out++] = c;
		}
	}
	t->weighed[t->n_weighed++] = a;
}

/** Up to twelve needs are composed exactly, unless their seats went together in none of the teams
 *  that were tried. Of more it is told what was proven when they were: the gap is rounded up. */
static void team_proof(const PB(MatchRequestRecord) *r, PB(TeamProposed) *t)
{
	int64_t over = r->together_cost - r->together_bound;
	bool known = r->together_bound > 0 && r->together_cost > 0;

	t->exact = r->together_needs == 0 || r->together_proven;
	t->bound = t->exact ? t->cost : r->together_bound;
	t->gap = t->exact ? 0 : GAP_UNKNOWN;
	if (!t->exact && known) {
		t->gap = (uint32_t)((over * 1000 + r->together_cost - 1) / r->together_cost);
	}
}

static void add_need(struct work *w, PB(TeamProposed) *t, const PB(MatchRequestRecord) *r,
		     const PB(MatchNeedRecord) *n, bool apart)
{
	struct object_id seat = id_of(&n->seat_id);
	const PB(MatchContributionRecord) *c = n->seat_id.len == 0 ? NULL :
								     contribution_get(w, &seat);

	if (c != NULL || need_is_open(n)) {
		add_weighed(w, t, n);
	}
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

static void add_gate(struct work *w, PB(TeamProposed) *t, const PB(MatchNeedRecord) *n)
{
	PB(GateFact) *gate = n->gate_number[0] == '\0' ? NULL : step_alloc(w->s, sizeof(*gate));

	if (gate != NULL) {
		schakel__v1__gate_fact__init(gate);
		gate->need_id = n->need->need_id;
		gate->number = n->gate_number;
		gate->until_ms = n->gate_until_ms;
		t->gates[t->n_gates++] = gate;
	}
}

#define WEEK_DAYS 7

/** B4: from its first seat on, as long as the longest of its help is meant to last from its start,
 *  or from its first seat where no start is known yet. */
static void team_period(struct work *w, const PB(MatchRequestRecord) *r,
			PB(MatchNeedRecord) *const *needs, size_t len, PB(TeamProposed) *t)
{
	if (t->n_seats == 0) {
		return;
	}
	t->from_ms = r->team_from_ms == 0 ? w->s->now_ms : r->team_from_ms;
	for (size_t i = 0; i < len; i++) {
		struct object_id seat = id_of(&needs[i]->seat_id);
		const PB(MatchContributionRecord) *c =
			needs[i]->seat_id.len == 0 ? NULL : contribution_get(w, &seat);
		uint32_t weeks = needs[i]->need->duration_weeks;
		if (c == NULL || weeks == 0) {
			continue;
		}
		uint64_t begin = c->started_ms != 0 ? c->started_ms : c->start_at_ms;
		begin = begin == 0 ? t->from_ms : begin;
		uint64_t end = civil_add_days_local(begin, (int32_t)(weeks * WEEK_DAYS));
		t->until_ms = end > t->until_ms ? end : t->until_ms;
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
	PB(GateFact) **gates = step_alloc(w->s, MATCH_NEEDS_MAX * sizeof(PB(GateFact) *));
	PB(NeedWeighed) **weighed = step_alloc(w->s, MATCH_NEEDS_MAX * sizeof(*weighed));
	const PB(ConfigApplied) *conf = step_config(w->s);

	if (t == NULL || seats == NULL || open == NULL || others == NULL || gates == NULL ||
	    weighed == NULL) {
		return NULL;
	}
	schakel__v1__team_proposed__init(t);
	t->request_id = r->request->request_id;
	t->proposal_version = r->proposal_version;
	t->seats = seats;
	t->open = open;
	t->alternatives = others;
	t->gates = gates;
	t->weighed = weighed;
	t->candidates = r->candidates;
	t->rules_version = conf == NULL ? 0 : conf->rules_version;
	size_t len = needs_of(w, &request, needs);
	for (size_t i = 0; i < len; i++) {
		if (!needs[i]->closed && !needs[i]->served) {
			add_need(w, t, r, needs[i], seat_is_apart(w, r, needs, len, i));
			add_gate(w, t, needs[i]);
		}
	}
	team_proof(r, t);
	t->lead = lead_of(t);
	team_period(w, r, needs, len, t);
	return t;
}

/** What makes another team: who sits where, what lacks, what the gate decided. An answer does not,
 * so the family's position on a team stays in time while its partners answer. */
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
	for (size_t i = 0; i < t->n_gates; i++) {
		const PB(GateFact) *g = t->gates[i];
		(void)XXH3_64bits_update(&st, g->need_id.data, g->need_id.len);
		(void)XXH3_64bits_update(&st, g->number, strlen(g->number) + 1);
		(void)XXH3_64bits_update(&st, &g->until_ms, sizeof(g->until_ms));
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
	e->network = request_network(w, &t->request_id);
	e->rules_version = t->rules_version;
	e->until_ms = t->until_ms;
	e->version = t->proposal_version;
	e->proposal_version = t->proposal_version;
	e->party = team_lead_news(w, t);
	e->seats = (uint32_t)t->n_seats;
	e->open_seats = (uint32_t)t->n_open;
	e->gap = t->gap;
	e->shortfall = t->n_open > 0 ? t->open[0]->shortfall : SHORTFALL(UNSPECIFIED);
	if (t->n_open == 0 && team_is_apart(t)) {
		e->shortfall = SHORTFALL(SIBLINGS_APART);
	}
	e->at_ms = w->s->now_ms;
	return e;
}

void team_out(struct work *w, const struct object_id *request)
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
	r->team_from_ms = t->from_ms;
	request_put(w, r);
	fact_emit(w, PEER_INTAKE, BODY(TEAM_PROPOSED), t);
	fact_emit(w, PEER_WAITLIST, BODY(TEAM_PROPOSED), t);
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
