/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/plan_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

PB(Receipt) *plan_send(struct rig *r, const char *party, PB(Message__BodyCase) body, void *msg)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.set_goal = msg;
	return rig_command(r, party, &m);
}

PB(Message) *plan_ask(struct rig *r, const char *party, PB(Message__BodyCase) body, void *msg)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.query_plan = msg;
	return rig_query(r, party, &m);
}

PB(PlanView) *plan_of(struct story *st, const char *party)
{
	PB(QueryPlan) q = PB_INIT(QUERY_PLAN);

	q.request_id = st->request;
	PB(Message) *answer = plan_ask(st->r, party, BODY(QUERY_PLAN), &q);
	return answer->body_case == BODY(PLAN_VIEW) ? answer->plan_view : NULL;
}

PB(Receipt) *join(struct story *a, struct story *b, const char *party, bool same_child)
{
	PB(JoinFamilies) j = PB_INIT(JOIN_FAMILIES);
	PB(SameChild) same = PB_INIT(SAME_CHILD);
	PB(SameChild) *list[] = { &same };

	j.request_id = a->request;
	j.with_request_id = b->request;
	j.same_children = list;
	j.n_same_children = same_child ? 1 : 0;
	return plan_send(a->r, party, BODY(JOIN_FAMILIES), &j);
}

PB(Receipt) *split(struct story *st, const char *party)
{
	PB(SplitFamilies) f = PB_INIT(SPLIT_FAMILIES);

	f.request_id = st->request;
	return plan_send(st->r, party, BODY(SPLIT_FAMILIES), &f);
}

struct story story_in(struct rig *r, const char *party, const char *zone)
{
	struct ask a;

	ask_init(&a);
	a.m.zone = (char *)(uintptr_t)zone;
	return story_of(r, party, &a);
}

PB(Event) *event_last(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm)
{
	PB(Event) *last = NULL;
	PB(Message) *m;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		if (m->event->kind == kind && (alarm == 0 || m->event->alarm == alarm)) {
			last = m->event;
		}
	}
	return last;
}
