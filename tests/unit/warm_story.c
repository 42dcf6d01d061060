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

ProtobufCBinaryData share_id(uint32_t number)
{
	static struct object_id made[1024];
	static unsigned at;
	struct object_id *id = &made[at++ % SK_LEN(made)];

	*id = rig_id(number);
	return object_id_data(id);
}

bool say_share(struct story *st, struct share h)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = share_id(h.number);
	c.version = h.version;
	c.request_id = st->request;
	c.need_id = st->need[h.need];
	c.partner = (char *)(uintptr_t)h.partner;
	c.pool = "pool";
	c.state = h.state;
	c.seen = h.state == H(STARTED);
	c.modality = h.modality == 0 ? M(AMBULANT) : h.modality;
	c.continuum = SCHAKEL__V1__CONTINUUM__CONTINUUM_PROBLEM_BOUND;
	c.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	c.answer = h.answer;
	c.interrupt = h.interrupt;
	c.ground = h.ground;
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

PB(Receipt) *record_fit(struct story *st, const char *party, uint32_t number, PB(FitMoment) moment,
			PB(Fit) fit)
{
	PB(RecordFit) f = PB_INIT(RECORD_FIT);
	PB(Message) m = PB_INIT(MESSAGE);

	f.request_id = st->request;
	f.contribution_id = share_id(number);
	f.speaker = SP(YOUTH);
	f.moment = moment;
	f.fit = fit;
	m.body_case = BODY(RECORD_FIT);
	m.record_fit = &f;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *record_link(struct story *st, const char *party, const char *support,
			 PB(BasicLink) link)
{
	PB(RecordBasicLink) l = PB_INIT(RECORD_BASIC_LINK);
	PB(Message) m = PB_INIT(MESSAGE);

	l.request_id = st->request;
	l.party = (char *)(uintptr_t)support;
	l.flow = SCHAKEL__V1__FLOW__FLOW_THROUGH;
	l.link = link;
	m.body_case = BODY(RECORD_BASIC_LINK);
	m.record_basic_link = &l;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *climb(struct story *st, const char *party, size_t need, PB(RungReason) reason)
{
	PB(ClimbRung) c = PB_INIT(CLIMB_RUNG);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = st->request;
	c.need_id = st->need[need];
	c.reason = reason;
	c.danger = reason == SCHAKEL__V1__RUNG_REASON__RUNG_REASON_DANGER ? D(VIOLENCE) : 0;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &c;
	return rig_command(st->r, party, &m);
}

static PB(Receipt) *review(struct story *st, const char *party, PB(RecordReviewByOther) *v)
{
	PB(Message) m = PB_INIT(MESSAGE);

	v->request_id = st->request;
	m.body_case = BODY(RECORD_REVIEW_BY_OTHER);
	m.record_review_by_other = v;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *review_help(struct story *st, const char *party, uint32_t number, bool confirmed)
{
	PB(RecordReviewByOther) v = PB_INIT(RECORD_REVIEW_BY_OTHER);

	v.contribution_id = share_id(number);
	v.confirmed = confirmed;
	return review(st, party, &v);
}

PB(Receipt) *review_need(struct story *st, const char *party, size_t need, bool confirmed)
{
	PB(RecordReviewByOther) v = PB_INIT(RECORD_REVIEW_BY_OTHER);

	v.need_id = st->need[need];
	v.confirmed = confirmed;
	return review(st, party, &v);
}

PB(Receipt) *check_in(struct story *st, const char *party, size_t need, bool well)
{
	PB(RecordCheckIn) v = PB_INIT(RECORD_CHECK_IN);
	PB(Message) m = PB_INIT(MESSAGE);

	v.need_id = st->need[need];
	v.well = well;
	m.body_case = BODY(RECORD_CHECK_IN);
	m.record_check_in = &v;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *shield(struct story *st, const char *party, uint32_t number, bool on)
{
	PB(ShieldContribution) v = PB_INIT(SHIELD_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	v.request_id = st->request;
	v.contribution_id = share_id(number);
	v.shielded = on;
	m.body_case = BODY(SHIELD_CONTRIBUTION);
	m.shield_contribution = &v;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *let_know(struct story *st, const char *party, uint32_t number, bool known)
{
	PB(LetKnow) v = PB_INIT(LET_KNOW);
	PB(Message) m = PB_INIT(MESSAGE);

	v.request_id = st->request;
	v.contribution_id = share_id(number);
	v.speaker = SP(YOUTH);
	v.known = known;
	m.body_case = BODY(LET_KNOW);
	m.let_know = &v;
	return rig_command(st->r, party, &m);
}
