/* SPDX-License-Identifier: EUPL-1.2 */
/* Ground (d): agreement is unclear in a crisis. 72 hours of elapsed time, whatever the clock on the
 * wall does; ended by a yes, a no, an order, or the word that a mandated service was told. */
#include <string.h>

#include "services/intake/core_figure.h"

static uint64_t after(const struct step *s, const PB(ChildState) *st, enum setting which)
{
	return st->unclear_from_ms + step_setting(s, which) * SECOND_MS;
}

static bool runs(const PB(ChildState) *st)
{
	return st->unclear_from_ms != 0 && st->unclear_ended_ms == 0;
}

/* When a crisis is called off nothing new starts on it; the hours run on until somebody speaks. */
uint64_t unclear_until(const struct step *s, const struct req *q, uint32_t child)
{
	const PB(ChildState) *st = &q->child[child];
	uint64_t until_ms = after(s, st, SETTING_UNCLEAR_LASTS);

	if (!runs(st) || (until_ms <= s->now_ms && !MUT(123)) || q->r->urgency != URGENCY(CRISIS)) {
		return 0;
	}
	return until_ms;
}

/* Once in a crisis: what was said no to, or ran out, is not unclear again. */
int check_unclear(struct step *s, const struct req *q, const PB(RecordPosition) *m)
{
	if (m->reason != 0) {
		return step_refuse(s, REFUSAL(CONTRADICTS), "reason");
	}
	if (q->child[m->child].unclear_from_ms != 0) {
		return refuse_state(s, q, NULL, "ground");
	}
	return SK_OK;
}

void unclear_start(struct step *s, struct req *q, uint32_t child)
{
	PB(ChildState) *st = &q->child[child];

	st->unclear_from_ms = s->now_ms;
	st->unclear_ended_ms = 0;
	st->unclear_told = 0;
	st->over_72h = false;
}

void unclear_end(struct step *s, struct req *q, uint32_t child)
{
	PB(ChildState) *st = &q->child[child];

	if (runs(st)) {
		st->unclear_ended_ms = s->now_ms;
	}
}

/* Called off and on again is no new crisis, or the hours could be had again and again: it is one
 * when the last has been over for as long as they last. What runs runs on. */
void unclear_forget(const struct step *s, struct req *q)
{
	uint64_t apart_ms = step_setting(s, SETTING_UNCLEAR_LASTS) * SECOND_MS;

	if (s->now_ms < q->r->crisis_ended_ms + apart_ms) {
		return;
	}
	for (size_t i = 0; i < q->r->n_children; i++) {
		if (!runs(&q->child[i])) {
			q->child[i].unclear_from_ms = 0;
			q->child[i].unclear_ended_ms = 0;
		}
	}
}

/* Whether those whose word all its help needs have agreed; without a team, to help as such. */
static bool child_agreed(struct step *s, struct req *q, const PB(TeamRecord) *t,
			 const struct voices *v, uint32_t child)
{
	bool home = false;

	for (size_t i = 0; i < t->team->n_seats; i++) {
		const PB(Seat) *seat = t->team->seats[i];
		const PB(NeedRecord) *n = req_need(q, &seat->need_id);
		home = home || (n != NULL && n->need->child == child &&
				seat->modality == SCHAKEL__V1__MODALITY__MODALITY_MOBILE);
	}
	struct voices_needed need = voices_needed(q, child, home, s->now_ms);
	return voices_agree(&need, &v[child]);
}

void unclear_look(struct step *s, struct req *q, const PB(TeamRecord) *t)
{
	struct voices v[CHILDREN_MAX];

	voices_read(s, q, t->voices_from, v);
	for (uint32_t i = 0; i < q->r->n_children; i++) {
		if (runs(&q->child[i]) && child_agreed(s, q, t, v, i)) {
			unclear_end(s, q, i);
		}
	}
}

static void remind(struct step *s, struct req *q, uint32_t child, enum setting which, uint32_t nth)
{
	PB(ChildState) *st = &q->child[child];

	if (st->unclear_told < nth && after(s, st, which) <= s->now_ms) {
		st->unclear_told = nth;
		say_child(s, q, ALARM(AGREEMENT_UNCLEAR), child, false);
	}
}

/* The safe place goes on: only the hours are over, and that is said and counted. */
void unclear_due(struct step *s, struct req *q)
{
	for (uint32_t i = 0; i < q->r->n_children; i++) {
		PB(ChildState) *st = &q->child[i];
		if (!runs(st)) {
			continue;
		}
		if (after(s, st, SETTING_UNCLEAR_LASTS) > s->now_ms || MUT(123)) {
			remind(s, q, i, SETTING_UNCLEAR_FIRST, 1);
			remind(s, q, i, SETTING_UNCLEAR_SECOND, 2);
			continue;
		}
		st->unclear_ended_ms = s->now_ms;
		st->over_72h = true;
		say_child(s, q, ALARM(OVER_72H), i, false);
		struct figure over = req_figure(q, FIGURE(OVER_72H), 0);
		over.age_band = req_band(q, i);
		figure_add(s, &over);
	}
}

void unclear_next(const struct step *s, const struct req *q, struct first *f)
{
	for (size_t i = 0; i < q->r->n_children; i++) {
		const PB(ChildState) *st = &q->child[i];
		if (!runs(st)) {
			continue;
		}
		if (st->unclear_told < 1) {
			earlier(f, after(s, st, SETTING_UNCLEAR_FIRST), ALARM(AGREEMENT_UNCLEAR));
		}
		if (st->unclear_told < 2) {
			earlier(f, after(s, st, SETTING_UNCLEAR_SECOND), ALARM(AGREEMENT_UNCLEAR));
		}
		earlier(f, after(s, st, SETTING_UNCLEAR_LASTS), ALARM(OVER_72H));
	}
}

/* --- ReportConcern --- */

static int check_concern(struct step *s, const struct req *q, const PB(ReportConcern) *m)
{
	if (!may_witness(s, q)) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open) {
		return refuse_state(s, q, NULL, "request_id");
	}
	if (m->mandated_party[0] == '\0') {
		return step_refuse(s, REFUSAL(MISSING), "mandated_party");
	}
	if (!name_is_valid(m->mandated_party) ||
	    !step_party_has_role(s, m->mandated_party, SCHAKEL__V1__ROLE__ROLE_MANDATED)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "mandated_party");
	}
	return check_given(s, (int)m->reason, "reason");
}

/* Who was told before goes on seeing it: each service once, the one told last behind the others. */
static void concern_keep(struct step *s, struct req *q, const char *party)
{
	PB(RequestRecord) *r = q->r;
	PB(ConcernTold) *last = step_alloc(s, sizeof(*last));
	PB(ConcernTold) **list =
		step_alloc(s, (r->n_concerns_before + 1) * sizeof(PB(ConcernTold) *));
	size_t len = 0;

	if (last == NULL || list == NULL || r->concern_ms == 0 ||
	    strcmp(r->concern_party, party) == 0) {
		return;
	}
	for (size_t i = 0; i < r->n_concerns_before; i++) {
		if (strcmp(r->concerns_before[i]->party, party) != 0) {
			list[len++] = r->concerns_before[i];
		}
	}
	schakel__v1__concern_told__init(last);
	last->party = r->concern_party;
	last->at_ms = r->concern_ms;
	last->reason = r->concern_reason;
	list[len++] = last;
	size_t gone = len > CONCERNS_MAX - 1 ? len - (CONCERNS_MAX - 1) : 0;
	r->concerns_before = list + gone;
	r->n_concerns_before = len - gone;
}

int on_concern(struct step *s, const PB(Message) *in)
{
	const PB(ReportConcern) *m = in->report_concern;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_concern(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	PB(Event) e = event_of(&q, EVENT(CONCERN));
	concern_keep(s, &q, m->mandated_party);
	q.r->concern_ms = s->now_ms;
	q.r->concern_party = m->mandated_party;
	q.r->concern_reason = m->reason;
	for (uint32_t i = 0; i < q.r->n_children && !MUT(125); i++) {
		unclear_end(s, &q, i);
	}
	party_mark(s, &q, m->mandated_party);
	e.party = m->mandated_party;
	e.zone = q.r->zone;
	say(s, &q, e);
	position_send(s, &q);
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
