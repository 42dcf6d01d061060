/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/warm_story.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

PB(Receipt) *name_signal(struct rig *r, const char *party, struct story *st, int need,
			 PB(BlockedStep) step)
{
	PB(NameSignal) n = PB_INIT(NAME_SIGNAL);
	PB(Message) m = PB_INIT(MESSAGE);

	n.rule = RULE(AGE_LIMIT);
	n.step = step;
	if (st != NULL) {
		n.request_id = st->request;
	}
	if (st != NULL && need >= 0) {
		n.need_id = st->need[need];
	}
	m.body_case = BODY(NAME_SIGNAL);
	m.name_signal = &n;
	return rig_command(r, party, &m);
}

PB(Receipt) *move_signal(struct rig *r, const char *party, ProtobufCBinaryData id,
			 PB(SignalState) to)
{
	PB(MoveSignal) v = PB_INIT(MOVE_SIGNAL);
	PB(Message) m = PB_INIT(MESSAGE);

	v.signal_id = id;
	v.to = to;
	m.body_case = BODY(MOVE_SIGNAL);
	m.move_signal = &v;
	return rig_command(r, party, &m);
}

PB(SignalsView) *signals_of(struct rig *r, const char *party)
{
	PB(QuerySignals) q = PB_INIT(QUERY_SIGNALS);
	PB(Message) m = PB_INIT(MESSAGE);

	q.limit = PAGE_MAX;
	m.body_case = BODY(QUERY_SIGNALS);
	m.query_signals = &q;
	PB(Message) *answer = rig_query(r, party, &m);
	assert_int_equal(answer->body_case, BODY(SIGNALS_VIEW));
	return answer->signals_view;
}

PB(Event) *last_event(struct rig *r, PB(EventKind) kind, PB(AlarmKind) alarm)
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

PB(Receipt) *call_help(struct rig *r, const char *party, PB(HelpAddressee) to, const char *zone)
{
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);

	c.addressee = to;
	c.zone = (char *)(uintptr_t)(zone == NULL ? "" : zone);
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &c;
	return rig_command(r, party, &m);
}

PB(Receipt) *move_call(struct rig *r, const char *party, ProtobufCBinaryData id,
		       PB(HelpCallState) to)
{
	PB(MoveHelpCall) v = PB_INIT(MOVE_HELP_CALL);
	PB(Message) m = PB_INIT(MESSAGE);

	v.call_id = id;
	v.to = to;
	m.body_case = BODY(MOVE_HELP_CALL);
	m.move_help_call = &v;
	return rig_command(r, party, &m);
}

PB(HelpCallsView) *calls_of(struct rig *r, const char *party, bool open_only)
{
	PB(QueryHelpCalls) q = PB_INIT(QUERY_HELP_CALLS);
	PB(Message) m = PB_INIT(MESSAGE);

	q.limit = PAGE_MAX;
	q.open_only = open_only;
	m.body_case = BODY(QUERY_HELP_CALLS);
	m.query_help_calls = &q;
	PB(Message) *answer = rig_query(r, party, &m);
	assert_int_equal(answer->body_case, BODY(HELP_CALLS_VIEW));
	return answer->help_calls_view;
}
