/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_inner.h"

/* Within four hours, and never later than half past eight in the morning. */
static bool call_in_time(struct step *s, uint64_t call_at_ms)
{
	uint64_t last = s->now_ms + step_setting(s, SETTING_NIGHT_PLAN_CALL) * SECOND_MS;
	uint64_t morning = civil_next_local_time(s->now_ms, 8, 30);

	return call_at_ms > s->now_ms && call_at_ms <= (last < morning ? last : morning);
}

static int check_called(struct step *s, const PB(RecordNightPlan) *m)
{
	bool none = false;

	if (m->n_called == 0) {
		return step_refuse(s, REFUSAL(MISSING), "called");
	}
	if (m->n_called > CALLED_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "called");
	}
	for (size_t i = 0; i < m->n_called; i++) {
		if (m->called[i] == 0) {
			return step_refuse(s, REFUSAL(MISSING), "called[%zu]", i);
		}
		none = none || m->called[i] == SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_NONE;
	}
	return none && m->n_called > 1 ? step_refuse(s, REFUSAL(CONTRADICTS), "called") : SK_OK;
}

static int check_night_plan(struct step *s, struct req *q, const PB(RecordNightPlan) *m)
{
	if (!may_act(s, q) && (s->from.roles & ROLE_BIT(CONTACT_POINT)) == 0) {
		return refuse_not_yours(s, "request_id");
	}
	if (!q->r->open || q->r->urgency != URGENCY(CRISIS)) {
		return refuse_state(s, q, NULL, "request_id");
	}
	if (m->plan == NULL) {
		return step_refuse(s, REFUSAL(MISSING), "plan");
	}
	int err = check_capsule(s, m->plan, "plan");
	if (err != SK_OK) {
		return err;
	}
	if (!capsule_follows(s, q, m->plan)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "plan.version");
	}
	if (!call_in_time(s, m->call_at_ms)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "call_at_ms");
	}
	bool bridged = m->bridging_party[0] != '\0';
	if (bridged &&
	    (!name_is_valid(m->bridging_party) || step_party(s, m->bridging_party) == NULL)) {
		return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "bridging_party");
	}
	return check_called(s, m);
}

int on_night_plan(struct step *s, const PB(Message) *in)
{
	const PB(RecordNightPlan) *m = in->record_night_plan;
	struct req q;
	int err = req_open(s, &m->request_id, "request_id", &q);

	if (err == SK_OK) {
		err = check_night_plan(s, &q, m);
	}
	if (err != SK_OK) {
		return err;
	}
	night_put(s, &q, m->plan);
	q.r->night_plan = true;
	q.r->call_at_ms = m->call_at_ms;
	q.r->bridging_party = m->bridging_party;
	q.r->n_called = m->n_called;
	q.r->called = m->called;
	/* The plan holds until the call, which then has as long as a new crisis to find something.
	 */
	q.r->crisis_check_ms = m->call_at_ms + step_setting(s, SETTING_CRISIS_HOLD) * SECOND_MS;
	PB(Event) e = event_of(&q, EVENT(NIGHT_PLAN));
	e.due_ms = m->call_at_ms;
	e.party = q.r->bridging_party;
	e.shortfall = m->no_availability ? SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY : 0;
	say(s, &q, e);
	/* Counted, and the coordinator on call hears that nothing was found at all. */
	if (m->no_availability) {
		e.kind = EVENT(ALARM);
		e.alarm = ALARM(CRISIS_UNHELD);
		e.zone = q.r->zone;
		e.urgency = q.r->urgency;
		e.short_code = q.r->short_code;
		e.party = q.r->contact_party;
		say(s, &q, e);
	}
	step_result(s, &q.id, q.r->version);
	return req_settle(s, &q);
}
