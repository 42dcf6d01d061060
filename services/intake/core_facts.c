/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/intake/core_warm.h"

/* --- TeamProposed --- */

static bool seat_was(const PB(TeamProposed) *old, const PB(Seat) *seat)
{
	for (size_t i = 0; i < old->n_seats; i++) {
		const PB(Seat) *o = old->seats[i];
		if (data_equal(&o->need_id, &seat->need_id) && o->use == seat->use &&
		    strcmp(o->partner, seat->partner) == 0 && strcmp(o->pool, seat->pool) == 0) {
			return true;
		}
	}
	return false;
}

/* A team that lost a seat, or whose seats only moved on, is still the team that was spoken about.
 */
static bool team_within(const PB(TeamProposed) *old, const PB(TeamProposed) *now)
{
	for (size_t i = 0; i < now->n_seats; i++) {
		if (!seat_was(old, now->seats[i])) {
			return false;
		}
	}
	return true;
}

int team_check(struct step *s, const PB(TeamProposed) *m)
{
	if (m->n_seats + m->n_open > SEATS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "seats");
	}
	for (size_t i = 0; i < m->n_seats; i++) {
		if (m->seats[i]->need_id.len != OBJECT_ID_LEN) {
			return step_refuse(s, REFUSAL(MALFORMED), "seats[%zu].need_id", i);
		}
	}
	return SK_OK;
}

/* The explanation stays with matching; here only what is decided about. */
static void team_save(struct step *s, struct req *q, PB(TeamRecord) *t)
{
	struct key k = key_of_id(&q->id);

	for (size_t i = 0; i < t->team->n_seats; i++) {
		t->team->seats[i]->n_costs = 0;
	}
	t->team->n_weighed = 0;
	step_put(s, TABLE_TEAM, &k, t);
}

int team_apply(struct step *s, const PB(TeamProposed) *m)
{
	PB(TeamRecord) t = PB_INIT(TEAM_RECORD);
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = team_check(s, m);
	}
	if (err != SK_OK) {
		return err;
	}
	struct key k = key_of_id(&q.id);
	PB(TeamRecord) *old = step_get(s, TABLE_TEAM, &k, TYPE(team_record));
	if (s->txn->err != SK_OK ||
	    (old != NULL && old->team->proposal_version >= m->proposal_version)) {
		return s->txn->err;
	}
	bool known = old != NULL && team_within(old->team, m);
	bool next = known && m->proposal_version == old->team->proposal_version + 1;
	t.team = (PB(TeamProposed) *)(uintptr_t)m;
	t.voices_from = known ? old->voices_from : m->proposal_version;
	/* One between that was not heard, or was lost with an old copy, may have lacked a seat. */
	t.spoken_from = next ? old->spoken_from : m->proposal_version;
	t.at_ms = s->now_ms;
	team_save(s, &q, &t);
	position_renew(s, &q, &t);
	return req_settle(s, &q);
}

/* What speaks of a request that is not known speaks of one that went with an old copy, perhaps of
 * one that nobody has noticed yet: it waits until the request comes back from a peer. */
int on_team(struct step *s, const PB(Message) *in)
{
	return team_reconcile(s, in->team_proposed);
}

/* --- ContributionChanged --- */

struct change {
	struct req q;
	PB(NeedRecord) *n;
	PB(ContributionRecord) *c; /* with the new state */
	struct key at;
	PB(ContributionState) was;               /* UNSPECIFIED: not known before */
	const PB(ContributionChanged) *was_told; /* NULL: not known before */
	bool was_past;
	bool stale;
	bool first; /* its first start */
};

size_t live_find(const struct req *q, const ProtobufCBinaryData *id)
{
	size_t i = 0;

	while (i < q->live_len && !data_equal(&q->live[i]->last->contribution_id, id)) {
		i++;
	}
	return i;
}

int contribution_check(struct step *s, const PB(ContributionChanged) *c)
{
	struct object_id id;

	if (!object_id_from(&c->contribution_id, &id)) {
		return step_refuse(s, REFUSAL(MALFORMED), "contribution_id");
	}
	if (c->state == 0) {
		return step_refuse(s, REFUSAL(MISSING), "state");
	}
	return name_is_valid(c->partner) ? SK_OK : step_refuse(s, REFUSAL(MALFORMED), "partner");
}

static int check_contribution(struct step *s, const PB(ContributionChanged) *c, struct change *h)
{
	struct object_id id;
	int err = contribution_check(s, c);

	if (err == SK_OK) {
		err = req_open(s, &c->request_id, "request_id", &h->q);
	}
	if (err != SK_OK) {
		return err;
	}
	SK_ASSERT(object_id_from(&c->contribution_id, &id));
	h->n = req_need(&h->q, &c->need_id);
	h->at = key_of_pair(&h->q.id, &id);
	return h->n != NULL ? SK_OK : step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "need_id");
}

/* A fact is never refused for its number: what is only asked gives way, and comes again with what
 * is said of it next. */
static bool room_make(struct step *s, struct req *q)
{
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionRecord) *c = q->live[i];
		struct object_id id;
		if (c->last->state != CONTRIB(ASKED) || c->shielded) {
			continue;
		}
		SK_ASSERT(object_id_from(&c->last->contribution_id, &id));
		struct key k = key_of_pair(&q->id, &id);
		step_del(s, TABLE_CONTRIBUTION, &k);
		q->live[i] = q->live[--q->live_len];
		return true;
	}
	return false;
}

/* Finds what was known, puts the new state in its place in the picture. */
static int change_open(struct step *s, const PB(ContributionChanged) *c, struct change *h)
{
	static const PB(ContributionRecord) empty = PB_INIT(CONTRIBUTION_RECORD);

	req_live(s, &h->q);
	size_t i = live_find(&h->q, &c->contribution_id);
	if (i < h->q.live_len) {
		h->c = h->q.live[i];
	} else {
		h->c = step_get(s, TABLE_CONTRIBUTION_PAST, &h->at, TYPE(contribution_record));
		h->was_past = h->c != NULL;
	}
	h->stale = h->c != NULL && h->c->last->version >= c->version;
	if (h->stale || s->txn->err != SK_OK) {
		return s->txn->err;
	}
	if (i == LIVE_MAX && c->state == CONTRIB(ASKED)) {
		h->stale = true;
		return SK_OK;
	}
	if (i == LIVE_MAX && !room_make(s, &h->q)) {
		return step_refuse(s, REFUSAL(TOO_MANY), "contribution_id");
	}
	i = i == LIVE_MAX ? h->q.live_len : i;
	if (h->c == NULL) {
		h->c = step_alloc(s, sizeof(*h->c));
		if (h->c == NULL) {
			return s->txn->err;
		}
		*h->c = empty;
	}
	h->was_told = h->c->last;
	h->was = h->c->last == NULL ? CONTRIB(UNSPECIFIED) : h->c->last->state;
	h->first = c->state == CONTRIB(STARTED) && h->c->begun_ms == 0;
	h->c->last = (PB(ContributionChanged) *)(uintptr_t)c;
	h->c->last->shielded = h->c->shielded; /* the child's word, not the partner's */
	contribution_times(s, h->c);
	h->q.live[i] = h->c;
	h->q.live_len += i == h->q.live_len ? 1 : 0;
	return SK_OK;
}

/* What has ended moves to the table of the past, so that a step reads only what lives. */
static void change_save(struct step *s, struct change *h)
{
	bool ended = contribution_ended(h->c->last);

	if (ended) {
		size_t i = live_find(&h->q, &h->c->last->contribution_id);
		h->q.live[i] = h->q.live[--h->q.live_len];
		step_del(s, TABLE_CONTRIBUTION, &h->at);
	} else if (h->was_past) {
		step_del(s, TABLE_CONTRIBUTION_PAST, &h->at);
	}
	step_put(s, ended ? TABLE_CONTRIBUTION_PAST : TABLE_CONTRIBUTION, &h->at, h->c);
}

/* L6: the one event that answers a search. */
static void answered(struct step *s, struct req *q, uint64_t at_ms)
{
	PB(RequestRecord) *r = q->r;

	r->answered_ms = at_ms == 0 || at_ms > s->now_ms ? s->now_ms : at_ms;
	PB(Event) e = event_of(q, EVENT(TERM));
	e.at_ms = r->answered_ms;
	e.due_ms = r->answer_due_ms;
	e.until_ms = r->family_wish_until_ms;
	e.zone = r->zone;
	e.urgency = r->urgency;
	e.short_code = r->short_code;
	e.ended = true;
	say(s, q, e);
}

/* A start that crossed a withdrawal changes nothing of the need; the partner holds what it began.
 */
static void start_crossed(struct step *s, struct change *h)
{
	PB(Event) e = event_need(&h->q, h->n);

	e.at_ms = s->now_ms;
	e.contribution_state = CONTRIB(STARTED);
	e.party = shield_keeps(&h->q, h->c) ? (char *)"" : h->c->last->partner;
	say(s, &h->q, e);
}

/* L6: a start with the child or a parent seen, told for the first time. Help that goes on, after an
 * interruption or because its place is right after all, was seen before: it starts nothing, and
 * does not answer what was asked since. */
static bool seen_first(const struct change *h)
{
	return h->c->last->seen && (h->was_told == NULL || !h->was_told->seen);
}

static void started(struct step *s, struct change *h)
{
	const PB(ContributionChanged) *c = h->c->last;
	PB(NeedRecord) *n = h->n;

	if (need_finished(n)) {
		start_crossed(s, h);
		return;
	}
	expertise_shown(s, n->need->expertise, c->partner);
	n->held_by = c->partner;
	n->held_kind = c->supporter;
	n->held_kept = false;
	n->help_ended = false;
	if (c->seen && need_can(n, NEED_EV_START)) {
		n->started_ms = s->now_ms;
		need_move(s, &h->q, n, NEED_EV_START);
	} else {
		need_save(s, &h->q, n);
	}
	if (seen_first(h) && n->need->must && h->q.r->answered_ms == 0) {
		answered(s, &h->q, c->at_ms);
	}
}

static bool helped_by_other(const struct req *q, const PB(ContributionChanged) *c)
{
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *o = q->live[i]->last;
		if (contribution_active(o) && data_equal(&o->need_id, &c->need_id) &&
		    !data_equal(&o->contribution_id, &c->contribution_id)) {
			return true;
		}
	}
	return false;
}

/* The list need not look for more: help was given and has ended as planned. */
static void list_close(struct step *s, struct req *q, PB(NeedRecord) *n)
{
	struct need_set one = { .n = { n }, .len = 1 };

	if (!n->list_closed) {
		n->need->need_version = step_next_version(s, n->need->need_version);
		needs_closed_emit(s, q, &one, CLOSE(STARTED_HELP));
	}
}

static void ended(struct step *s, struct change *h)
{
	PB(NeedRecord) *n = h->n;
	bool helped = n->need->state == NEED_IS(ANSWERED) || n->need->state == NEED_IS(SUPPORTED);

	if (!helped || helped_by_other(&h->q, h->c->last)) {
		return;
	}
	list_close(s, &h->q, n);
	if (n->need->state == NEED_IS(ANSWERED)) {
		need_move(s, &h->q, n, NEED_EV_ALL_STARTED);
	}
	need_move(s, &h->q, n, NEED_EV_HELP_ENDED);
}

int contribution_apply(struct step *s, const PB(ContributionChanged) *c)
{
	struct change h = { .n = NULL };
	int err = check_contribution(s, c, &h);

	if (err == SK_OK) {
		err = change_open(s, c, &h);
	}
	if (err != SK_OK || h.stale) {
		return err;
	}
	contribution_figures(s, &h.q, h.n, h.c);
	known_settle(s, &h.q, h.c, h.was_told);
	change_save(s, &h);
	h.q.r->wider = h.q.r->wider || c->miss > 0;
	if (c->state == CONTRIB(STARTED)) {
		started(s, &h);
	}
	if (c->state == CONTRIB(ENDED)) {
		ended(s, &h);
	}
	if (h.was != c->state) {
		warm_contribution(s, &h.q, h.c, h.first);
	}
	return req_settle(s, &h.q);
}

int on_contribution(struct step *s, const PB(Message) *in)
{
	return contribution_reconcile(s, in->contribution_changed);
}

/* --- EndAsked --- */

static void end_allowed_emit(struct step *s, const PB(ContributionRecord) *c)
{
	PB(EndAllowed) allowed = PB_INIT(END_ALLOWED);
	PB(Message) m = PB_INIT(MESSAGE);

	allowed.contribution_id = c->last->contribution_id;
	allowed.n_after_stay_needs = c->n_after_stay_needs;
	allowed.after_stay_needs = c->after_stay_needs;
	m.body_case = BODY(END_ALLOWED);
	m.end_allowed = &allowed;
	step_emit(s, "matching", &m);
}

static int end_prepare(struct step *s, struct req *q, PB(NeedRecord) *n, PB(ContributionRecord) *c)
{
	bool stay = c->last->modality == SCHAKEL__V1__MODALITY__MODALITY_RESIDENTIAL;
	struct object_id id;

	bool entry = !q->r->deceased && n->need->state != NEED_IS(ENTERED_IN_ERROR);

	if (stay && entry && contribution_active(c->last)) {
		int err = after_stay(s, q, n, c);
		if (err != SK_OK) {
			return err;
		}
	}
	/* Told now and not at the end itself, so that the list does not look for a successor. */
	if (!helped_by_other(q, c->last) && need_wants_help(n) && n->need->state != NEED_IS(OPEN)) {
		list_close(s, q, n);
		need_save(s, q, n);
	}
	c->end_allowed = true;
	SK_ASSERT(object_id_from(&c->last->contribution_id, &id));
	struct key k = key_of_pair(&q->id, &id);
	step_put(s, TABLE_CONTRIBUTION, &k, c);
	return SK_OK;
}

int end_asked_apply(struct step *s, const PB(EndAsked) *m)
{
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err != SK_OK) {
		return err;
	}
	req_live(s, &q);
	size_t i = live_find(&q, &m->contribution_id);
	if (i == q.live_len) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "contribution_id");
	}
	PB(ContributionRecord) *c = q.live[i];
	PB(NeedRecord) *n = req_need(&q, &c->last->need_id);
	SK_ASSERT(n != NULL);
	if (!c->end_allowed) {
		err = end_prepare(s, &q, n, c);
	}
	if (err != SK_OK) {
		return err;
	}
	end_allowed_emit(s, c);
	return req_settle(s, &q);
}

int on_end_asked(struct step *s, const PB(Message) *in)
{
	return end_asked_apply(s, in->end_asked);
}
