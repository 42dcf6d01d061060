/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/intake_people.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

PB(Receipt) *say_word(struct story *st, const char *party, struct word w)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	p.request_id = st->request;
	p.proposal_version = w.version;
	p.child = w.child;
	p.speaker = w.who;
	p.adult = w.adult;
	p.voice = w.voice;
	p.child_heard = w.heard;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *say_ground(struct story *st, const char *party, uint32_t child, PB(Ground) ground)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	p.request_id = st->request;
	p.proposal_version = 1;
	p.child = child;
	p.ground = ground;
	p.reason = ground == G(EMERGENCY) ? D(VIOLENCE) : 0;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, party, &m);
}

static PB(Receipt) *send_order(struct story *st, const char *party, const char *code,
			       struct order o, bool wider)
{
	PB(RecordCourtOrder) c = PB_INIT(RECORD_COURT_ORDER);
	PB(Message) m = PB_INIT(MESSAGE);

	if (code == NULL) {
		c.request_id = st->request;
	} else {
		c.short_code = (char *)(uintptr_t)code;
	}
	c.number = (char *)(uintptr_t)o.number;
	c.children = &o.child;
	c.n_children = o.child == ALL_CHILDREN ? 0 : 1;
	c.need_ids = o.need == ALL_NEEDS ? NULL : &st->need[o.need];
	c.n_need_ids = o.need == ALL_NEEDS ? 0 : 1;
	c.from_ms = o.from_ms;
	c.until_ms = o.until_ms;
	c.ends_now = o.ends_now;
	c.wider = wider;
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &c;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *say_order_by(struct story *st, const char *party, const char *code, struct order o)
{
	return send_order(st, party, code, o, false);
}

PB(Receipt) *say_wider_order(struct story *st, const char *party, struct order o)
{
	return send_order(st, party, NULL, o, true);
}

PB(Receipt) *say_order(struct story *st, const char *party, struct order o)
{
	return say_order_by(st, party, NULL, o);
}

PB(Receipt) *judge(struct story *st, const char *party, uint32_t child, bool capable,
		   uint64_t until_ms)
{
	PB(RecordJudgement) j = PB_INIT(RECORD_JUDGEMENT);
	PB(Message) m = PB_INIT(MESSAGE);

	j.request_id = st->request;
	j.child = child;
	j.capable = capable;
	j.by_worker = st->request; /* any 16 bytes are a pseudonym */
	j.reason = capable ? SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_UNDERSTANDS :
			     SCHAKEL__V1__JUDGEMENT_REASON__JUDGEMENT_REASON_CRISIS_OF_MOMENT;
	j.until_ms = until_ms;
	m.body_case = BODY(RECORD_JUDGEMENT);
	m.record_judgement = &j;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *concern(struct story *st, const char *party, const char *mandated)
{
	PB(ReportConcern) c = PB_INIT(REPORT_CONCERN);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = st->request;
	c.mandated_party = (char *)(uintptr_t)mandated;
	c.reason = D(VIOLENCE);
	m.body_case = BODY(REPORT_CONCERN);
	m.report_concern = &c;
	return rig_command(st->r, party, &m);
}

PB(Receipt) *missing(struct story *st, const char *party, uint32_t child, bool is)
{
	PB(MarkMissing) c = PB_INIT(MARK_MISSING);
	PB(Message) m = PB_INIT(MESSAGE);

	c.request_id = st->request;
	c.child = child;
	c.missing = is;
	m.body_case = BODY(MARK_MISSING);
	m.mark_missing = &c;
	return rig_command(st->r, party, &m);
}

static size_t need_number(const struct story *st, const ProtobufCBinaryData *id)
{
	for (size_t i = 0; i < st->needs; i++) {
		if (memcmp(st->need[i].data, id->data, OBJECT_ID_LEN) == 0) {
			return i;
		}
	}
	fail();
	return 0;
}

const char *told_text(struct story *st)
{
	static const char *const voice[] = { "BACK", "AGREE", "NOT" };
	static const char *const ground[] = { "", " AGREED", " ORDER", " EMERGENCY", " UNCLEAR" };
	static char text[512];
	PB(Message) *m = rig_next_of(st->r, "matching", BODY(POSITION_TAKEN));

	text[0] = '\0';
	if (m == NULL) {
		return text;
	}
	const PB(PositionTaken) *p = m->position_taken;
	size_t at = (size_t)snprintf(text, sizeof(text), "%u:", p->proposal_version);
	for (size_t i = 0; i < p->n_grounds; i++) {
		const PB(NeedGround) *g = p->grounds[i];
		assert_true((unsigned)g->voice < SK_LEN(voice));
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %zu %s%s",
				       i == 0 ? "" : ",", need_number(st, &g->need_id),
				       voice[g->voice], ground[g->ground]);
	}
	return text;
}

size_t alarms(struct rig *r, PB(AlarmKind) alarm, uint32_t child)
{
	size_t seen = 0;
	PB(Message) *m;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		seen += e->kind == E(ALARM) && e->alarm == alarm && e->child == child ? 1 : 0;
	}
	return seen;
}

PB(NeedsOpened) *opened(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));

	return m == NULL ? NULL : m->needs_opened;
}

/* Two children of 14 and 8 in a crisis, a need each, two parents; seats ambulant and mobile. */
struct story story_two(struct rig *r, const struct seat seats[2])
{
	struct ask a;

	ask_init(&a);
	ask_crisis(&a);
	ask_needs(&a, 2, 0);
	a.m.n_children = 2;
	a.child[0].age_years = 14;
	a.child[1].age_years = 8;
	a.need[1].child = 1;
	a.m.n_adults = 2;
	a.adult[1].authority = true;
	struct story st = story_of(r, "contactpoint", &a);
	assert_true(say_team(&st, 1, seats, 2));
	rig_skip(r);
	return st;
}

const struct seat seats_plain[2] = { { 1, 0, "facility-a", 0, 0 }, { 2, 1, "facility-b", 0, 0 } };
const struct seat seats_home[2] = { { 1, 0, "facility-a", M(MOBILE), 0 },
				    { 2, 1, "facility-b", 0, 0 } };

PB(Receipt) *youth_says(struct story *st, uint32_t child, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, child, SP(YOUTH), 0, voice, false });
}

PB(Receipt) *adult_says(struct story *st, uint32_t child, uint32_t number, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, child, SP(ADULT), number, voice, true });
}

const struct looker as_youth = { SP(YOUTH), 0, 0 };
const struct looker as_parent = { SP(ADULT), 1, 0 };

PB(Message) *look(struct story *st, const char *party, struct looker who)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	q.speaker = who.speaker;
	q.adult = who.adult;
	q.child = who.child;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	return rig_query(st->r, party, &m);
}

PB(PersonView) *sees(struct story *st, struct looker who)
{
	PB(Message) *answer = look(st, "family", who);

	assert_int_equal(answer->body_case, BODY(REQUEST_VIEW));
	assert_int_equal(answer->request_view->n_requests, 0);
	return answer->request_view->person;
}

void family_init(struct ask *a)
{
	ask_init(a);
	a->m.n_capsules = 3;
	a->child[0].person_id = a->capsule[CHILD_PERSON].person_id;
	a->adult[1].authority = true;
	a->adult[1].person_id = a->capsule[ADULT_PERSON].person_id;
	a->m.n_adults = 2;
}

struct story family_story(struct rig *r)
{
	struct ask a;

	family_init(&a);
	ask_needs(&a, 2, 0);
	return story_of(r, "clb", &a);
}
