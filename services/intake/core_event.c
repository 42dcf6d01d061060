/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_warm.h"

PB(Event) event_of(const struct req *q, PB(EventKind) kind)
{
	PB(Event) e = PB_INIT(EVENT);

	e.kind = kind;
	e.object_id = q->r->request_id;
	e.request_id = q->r->request_id;
	e.version = q->r->version;
	return e;
}

PB(Event) event_request(const struct req *q)
{
	PB(Event) e = event_of(q, EVENT(REQUEST));

	e.until_ms = q->r->family_wish_until_ms;
	e.short_code = q->r->short_code;
	e.party = q->r->requester;
	e.zone = q->r->zone;
	e.urgency = q->r->urgency;
	e.crisis_step = q->r->crisis_step;
	e.due_ms = q->r->answered_ms == 0 ? q->r->answer_due_ms : 0;
	e.ended = !q->r->open;
	e.close_reason = q->r->deceased ? CLOSE(DECEASED) : CLOSE(UNSPECIFIED);
	return e;
}

PB(Event) event_need(const struct req *q, const PB(NeedRecord) *n)
{
	PB(Event) e = event_of(q, EVENT(NEED));

	e.object_id = n->need->need_id;
	e.need_id = n->need->need_id;
	if (n->need->shielded) { /* counted, and nobody's (L10) */
		e.request_id = (ProtobufCBinaryData){ 0, NULL };
	}
	e.version = n->need->need_version;
	e.expertise = n->need->expertise;
	e.zone = q->r->zone;
	e.need_state = n->need->state;
	e.must = n->need->must;
	e.close_reason = n->close_reason;
	e.at_ms = n->state_since_ms;
	e.ended = need_finished(n);
	return e;
}

PB(Event) event_holder(const struct req *q, const PB(HolderView) *h)
{
	PB(Event) e = event_of(q, EVENT(HOLDER));

	bool hides = h->kind == HOLDER(PARTNER) && shield_hides_partner(q, h->party);
	bool kept = hides || (h->until_ms != 0 && h->kept); /* gone, nothing here tells it */

	e.party = kept ? (char *)"" : h->party;
	e.holder_kind = h->kind;
	e.at_ms = h->until_ms == 0 ? h->from_ms : h->until_ms;
	e.ended = h->until_ms != 0;
	return e;
}

PB(Event) event_contact(const struct req *q)
{
	PB(Event) e = event_of(q, EVENT(CONTACT_PERSON));

	e.party = q->r->contact_party;
	e.stand_in = q->r->stand_in_party;
	e.due_ms = q->r->contact_named ? 0 : q->r->contact_due_ms;
	return e;
}

PB(Event) event_plan(const struct req *q, const PB(PlanRecord) *p)
{
	PB(Event) e = event_of(q, EVENT(PLAN));

	e.object_id = p->plan_id;
	e.version = p->version;
	e.party = q->r->contact_party;
	e.stand_in = q->r->stand_in_party;
	e.at_ms = p->ended_ms == 0 ? p->from_ms : p->ended_ms;
	e.ended = p->ended_ms != 0;
	return e;
}

PB(Event) event_consult(const struct req *q)
{
	PB(Event) e = event_of(q, EVENT(CONSULT));

	/* The number of one who gave no name is known to who was given it. */
	e.short_code = q->r->anonymous ? (char *)"" : q->r->short_code;
	e.consult_state = q->r->consult;
	e.zone = q->r->zone;
	e.due_ms = q->r->answered_ms == 0 ? q->r->answer_due_ms : 0;
	e.ended = !q->r->open;
	return e;
}

/* Who belongs to a family is said by each of its requests. */
PB(Event) event_family(const struct req *q, const PB(FamilyRecord) *f)
{
	PB(Event) e = event_of(q, EVENT(FAMILY));

	e.object_id = f->family_id;
	e.version = f->version;
	e.number = (uint32_t)f->n_members;
	e.party = q->r->contact_party;
	e.ended = f->n_members == 0;
	return e;
}

void say(struct step *s, const struct req *q, PB(Event) e)
{
	if (q->r->deceased) {
		return;
	}
	if (e.at_ms == 0) {
		e.at_ms = s->now_ms;
	}
	step_event(s, &e);
}

static PB(Event) event_alarm(const struct req *q, PB(AlarmKind) alarm)
{
	PB(Event) e = event_of(q, EVENT(ALARM));

	e.alarm = alarm;
	e.zone = q->r->zone;
	e.urgency = q->r->urgency;
	e.party = q->r->contact_party;
	e.short_code = q->r->short_code;
	return e;
}

void say_alarm(struct step *s, const struct req *q, PB(AlarmKind) alarm, uint64_t due_ms)
{
	PB(Event) e = event_alarm(q, alarm);

	e.due_ms = due_ms;
	say(s, q, e);
}

void say_child(struct step *s, const struct req *q, PB(AlarmKind) alarm, uint32_t child, bool over)
{
	PB(Event) e = event_alarm(q, alarm);

	e.child = child;
	e.ended = over;
	say(s, q, e);
}
