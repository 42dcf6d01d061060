/* SPDX-License-Identifier: EUPL-1.2 */
/* B2, B5, A13, C10, B12, C3: own contributions and means, diagnostic references, retellings,
 * another worker or contact person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"

#define OS(X) SCHAKEL__V1__OWN_STATE__OWN_STATE_##X
#define DS(X) SCHAKEL__V1__DIAGNOSTIC_STATE__DIAGNOSTIC_STATE_##X
#define DM(X) SCHAKEL__V1__DIAGNOSTIC_MODEL__DIAGNOSTIC_MODEL_##X
#define SK(X) SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_##X
#define LD(X) SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_##X
#define OW(X) SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_##X
#define ST(X) SCHAKEL__V1__STRENGTH_KIND__STRENGTH_KIND_##X
#define RK(X) SCHAKEL__V1__RULE_KIND__RULE_KIND_##X

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* --- strengths and own contributions --- */

static PB(SetOwnContribution) own_of(struct story *st, uint32_t number, PB(SupporterKind) kind,
				     PB(OwnState) to)
{
	PB(SetOwnContribution) o = PB_INIT(SET_OWN_CONTRIBUTION);

	o.request_id = st->request;
	o.number = number;
	o.supporter = kind;
	o.state = to;
	return o;
}

static PB(Receipt) *own_send(struct story *st, const char *party, PB(SetOwnContribution) o)
{
	return plan_send(st->r, party, BODY(SET_OWN_CONTRIBUTION), &o);
}

/* A13, B5, L6: what is there already is tried first, and neither delays a need nor answers it. */
static void test_own_strengths_are_proposed_and_stop_no_clock(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Strength) s1 = PB_INIT(STRENGTH);
	PB(Strength) s2 = PB_INIT(STRENGTH);
	PB(Strength) *list[] = { &s1, &s2 };

	ask_init(&a);
	s1.kind = ST(PERSON);
	s1.life_domain = LD(HOME);
	s1.need = 1;
	s2.kind = ST(ACTIVITY);
	a.m.strengths = list;
	a.m.n_strengths = 2;
	struct story st = story_of(r, "clb", &a);
	PB(PlanView) *p = plan_of(&st, "clb");
	assert_int_equal(p->n_own, 2);
	assert_int_equal(p->own[0]->state, OS(PROPOSED));
	assert_int_equal(p->own[0]->supporter, SK(OWN_NETWORK));
	assert_memory_equal(p->own[0]->need_id.data, st.need[0].data, OBJECT_ID_LEN);
	assert_int_equal(p->own[1]->life_domain, LD(LEISURE));
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_strengths, 2);
	assert_int_equal(it->strengths[1]->own_contribution, 2);
	ACCEPTED(own_send(&st, "family", own_of(&st, 1, 0, OS(STARTED))));
	it = view(&st, "clb");
	assert_true(it->answered_ms == 0);
	assert_int_equal(it->needs[0]->need->state, N(OPEN));
	assert_int_equal(rig_count(r, "waitlist", BODY(NEED_CLOSED)), 0);
	assert_int_equal(plan_of(&st, "clb")->covered[0], LD(HOME));
	REFUSED(own_send(&st, "clb", own_of(&st, 1, 0, OS(PROPOSED))), STATE, "state");
	ACCEPTED(own_send(&st, "clb", own_of(&st, 1, 0, OS(ENDED))));
	ACCEPTED(own_send(&st, "clb", own_of(&st, 1, 0, OS(PROPOSED))));
}

/* B5: at the bound and one past it, in Submit and in Amend. */
static void test_own_strengths_end_at_their_bound(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Strength) one = PB_INIT(STRENGTH);
	PB(Strength) *list[STRENGTHS_MAX + 1];
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);

	one.kind = ST(PLACE);
	for (size_t i = 0; i < SK_LEN(list); i++) {
		list[i] = &one;
	}
	ask_init(&a);
	a.m.strengths = list;
	a.m.n_strengths = STRENGTHS_MAX + 1;
	REFUSED(ask_send(r, "clb", &a), TOO_MANY, "strengths");
	one.need = 2;
	a.m.n_strengths = STRENGTHS_MAX;
	REFUSED(ask_send(r, "clb", &a), OUT_OF_RANGE, "strengths[0].need");
	one.need = 0;
	one.kind = 0;
	REFUSED(ask_send(r, "clb", &a), MISSING, "strengths[0].kind");
	one.kind = ST(PLACE);
	struct story st = story_of(r, "clb", &a);
	m.request_id = st.request;
	m.based_on = 1;
	m.add_strengths = list;
	m.n_add_strengths = STRENGTHS_KEPT_MAX - STRENGTHS_MAX;
	ACCEPTED(plan_send(r, "clb", BODY(AMEND_REQUEST), &m));
	m.based_on = view(&st, "clb")->request->request_version;
	m.n_add_strengths = 1;
	REFUSED(plan_send(r, "clb", BODY(AMEND_REQUEST), &m), TOO_MANY, "add_strengths");
	assert_int_equal(view(&st, "clb")->n_strengths, STRENGTHS_KEPT_MAX);
}

/* B12, C10: means with a budget that is held to, and the rule that had to bend becomes a signal. */
static void test_own_means_hold_to_the_budget_and_name_the_rule(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(SetOwnContribution) o = own_of(&st, 0, SK(MEANS), OS(PROPOSED));

	rig_set(r, SETTING_MEANS_MAX, 10000);
	REFUSED(own_send(&st, "clb", o), MISSING, "euro_cents");
	o.euro_cents = 6000;
	REFUSED(own_send(&st, "clb", o), MISSING, "network");
	o.network = str("kust");
	o.rule_bent = RK(MEANS_SPENDING);
	ACCEPTED(own_send(&st, "family", o));
	assert_int_equal(rig_count(r, EVENTS_LOG, BODY(EVENT)) > 0, 1);
	PB(Event) *e = event_last(r, E(SIGNAL), 0);
	assert_non_null(e);
	assert_int_equal(e->rule, RK(MEANS_SPENDING));
	assert_false(e->ended);
	REFUSED(own_send(&st, "family", own_of(&st, 1, 0, OS(AGREED))), NOT_YOURS, "state");
	ACCEPTED(own_send(&st, "clb", own_of(&st, 1, 0, OS(AGREED))));
	e = event_last(r, E(SIGNAL), 0);
	assert_non_null(e);
	assert_true(e->ended); /* the step that it blocked is taken */
	o.rule_bent = 0;
	o.state = OS(AGREED);
	o.euro_cents = 4001;
	REFUSED(own_send(&st, "clb", o), OUT_OF_RANGE, "euro_cents");
	o.euro_cents = 4000;
	ACCEPTED(own_send(&st, "clb", o));
	PB(SetOwnContribution) more = own_of(&st, 2, 0, 0);
	more.euro_cents = 4001;
	REFUSED(own_send(&st, "clb", more), STATE, "euro_cents");
	ACCEPTED(own_send(&st, "clb", own_of(&st, 1, 0, OS(NOT_POSSIBLE))));
	o.euro_cents = 6000;
	ACCEPTED(own_send(&st, "clb", o)); /* what was taken back can be given again */
	assert_true(view(&st, "clb")->answered_ms == 0);
}

/* B5: what is no own contribution, and fields that belong to means alone. */
static void test_own_bad_input_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(SetOwnContribution) o = own_of(&st, 0, 0, 0);

	REFUSED(own_send(&st, "clb", o), MISSING, "supporter");
	o.supporter = SK(PROFESSIONAL);
	REFUSED(own_send(&st, "clb", o), CONTRADICTS, "supporter");
	o.supporter = SK(VOLUNTEER);
	o.euro_cents = 1;
	REFUSED(own_send(&st, "clb", o), CONTRADICTS, "euro_cents");
	o.euro_cents = 0;
	o.rule_bent = RK(AGE_LIMIT);
	REFUSED(own_send(&st, "clb", o), CONTRADICTS, "rule_bent");
	o.rule_bent = 0;
	o.strength = 1;
	REFUSED(own_send(&st, "clb", o), UNKNOWN_OBJECT, "strength");
	o.strength = 0;
	o.need_id = st.request;
	REFUSED(own_send(&st, "clb", o), UNKNOWN_OBJECT, "need_id");
	o.need_id = st.need[0];
	o.party = str("facility-c");
	ACCEPTED(own_send(&st, "clb", o));
	/* B5: who helps so receives no capsule and sees nothing of the request. */
	assert_null(view(&st, "facility-c"));
	assert_null(plan_of(&st, "facility-c"));
	o = own_of(&st, 1, SK(BRIDGE_PERSON), 0);
	REFUSED(own_send(&st, "clb", o), CONTRADICTS, "supporter");
	o = own_of(&st, 0, SK(OWN_NETWORK), 0);
	for (int i = 1; i < OWN_KEPT_MAX; i++) {
		ACCEPTED(own_send(&st, "clb", o));
	}
	REFUSED(own_send(&st, "clb", o), TOO_MANY, "number");
}

/* --- diagnostic references --- */

static PB(RecordDiagnostic) diagnostic_of(struct story *st, uint32_t number)
{
	PB(RecordDiagnostic) d = PB_INIT(RECORD_DIAGNOSTIC);

	d.request_id = st->request;
	d.number = number;
	d.model = number == 0 ? DM(JOINT_TEAM) : 0;
	d.expertise = number == 0 ? EXPERTISE : 0;
	return d;
}

static PB(Receipt) *diagnostic_send(struct story *st, const char *party, PB(RecordDiagnostic) d)
{
	return plan_send(st->r, party, BODY(RECORD_DIAGNOSTIC), &d);
}

/* B2, A13: nothing is asked twice: a second question in a field that was answered builds on it. */
static void test_diagnostic_second_builds_on_the_first(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(RecordDiagnostic) d = diagnostic_of(&st, 0);
	PB(LifeDomain) open[] = { LD(EDUCATION), LD(HEALTH) };
	uint32_t first[] = { 1 };

	ACCEPTED(diagnostic_send(&st, "clb", d));
	ACCEPTED(diagnostic_send(&st, "clb", d)); /* nothing is answered yet */
	d = diagnostic_of(&st, 1);
	d.state = DS(ANSWERED);
	d.report_at = str("facility-a");
	d.open_domains = open;
	d.n_open_domains = 2;
	ACCEPTED(diagnostic_send(&st, "clb", d));
	d = diagnostic_of(&st, 0);
	REFUSED(diagnostic_send(&st, "clb", d), CONTRADICTS, "builds_on");
	d.builds_on = first;
	d.n_builds_on = 1;
	ACCEPTED(diagnostic_send(&st, "clb", d));
	d = diagnostic_of(&st, 0);
	d.expertise = EXPERTISE + 1; /* another field is another question */
	ACCEPTED(diagnostic_send(&st, "clb", d));
	PB(PlanView) *p = plan_of(&st, "clb");
	assert_int_equal(p->n_diagnostics, 4);
	assert_int_equal(p->diagnostics[0]->n_open_domains, 2);
	assert_string_equal(p->diagnostics[0]->report_at, "facility-a");
	assert_int_equal(p->diagnostics[2]->builds_on[0], 1);
	/* C3: four were planned and one was answered, each once, by model and state. */
	assert_int_equal(figure_count(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_DIAGNOSTICS), 5);
}

/* B2: bad input, rights and bounds. */
static void test_diagnostic_bad_input_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(RecordDiagnostic) d = diagnostic_of(&st, 0);
	PB(LifeDomain) open[OPEN_DOMAINS_MAX + 1] = { LD(HOME), LD(HOME) };
	uint32_t none[BUILDS_ON_MAX + 1] = { 1 };

	REFUSED(diagnostic_send(&st, "police", d), NOT_YOURS, "request_id");
	d.model = 0;
	REFUSED(diagnostic_send(&st, "clb", d), MISSING, "model");
	d = diagnostic_of(&st, 0);
	d.expertise = 0;
	REFUSED(diagnostic_send(&st, "clb", d), MISSING, "expertise");
	d.expertise = 999;
	REFUSED(diagnostic_send(&st, "clb", d), UNKNOWN_CODE, "expertise");
	d = diagnostic_of(&st, 0);
	d.builds_on = none;
	d.n_builds_on = 1;
	REFUSED(diagnostic_send(&st, "clb", d), UNKNOWN_OBJECT, "builds_on[0]");
	d.n_builds_on = BUILDS_ON_MAX + 1;
	REFUSED(diagnostic_send(&st, "clb", d), TOO_MANY, "builds_on");
	d.n_builds_on = 0;
	d.open_domains = open;
	d.n_open_domains = 2;
	REFUSED(diagnostic_send(&st, "clb", d), CONTRADICTS, "open_domains[1]");
	d.n_open_domains = OPEN_DOMAINS_MAX + 1;
	REFUSED(diagnostic_send(&st, "clb", d), TOO_MANY, "open_domains");
	d = diagnostic_of(&st, 0);
	d.state = DS(DROPPED);
	REFUSED(diagnostic_send(&st, "clb", d), STATE, "state");
	for (int i = 0; i < DIAGNOSTICS_KEPT_MAX; i++) {
		ACCEPTED(diagnostic_send(&st, "clb", diagnostic_of(&st, 0)));
	}
	REFUSED(diagnostic_send(&st, "clb", diagnostic_of(&st, 0)), TOO_MANY, "number");
}

static PB(Receipt) *tell(struct story *st, const char *party, uint32_t person, uint32_t version)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Capsule) c;
	PB(Capsule) *list[] = { &c };

	capsule_init(&c, person, version);
	m.request_id = st->request;
	m.based_on = view(st, "coordinator")->request->request_version;
	m.capsules = list;
	m.n_capsules = 1;
	return plan_send(st->r, party, BODY(AMEND_REQUEST), &m);
}

/* A13, C3: told anew to somebody else is a retelling; a correction, the same desk, and the family's
 * own version are not. */
static void test_retelling_is_counted(void **state)
{
	struct story st = story_standard(*state, 1);

	ACCEPTED(tell(&st, "clb", 50, 1));
	ACCEPTED(tell(&st, "duty-westhoek", 50, 2));
	ACCEPTED(tell(&st, "family", 51, 1));
	assert_int_equal(view(&st, "clb")->retellings, 0);
	ACCEPTED(tell(&st, "net-westhoek", 52, 1));
	assert_int_equal(view(&st, "clb")->retellings, 1);
	ACCEPTED(tell(&st, "net-westhoek", 53, 1));
	assert_int_equal(view(&st, "clb")->retellings, 1);
	assert_int_equal(figure_count(st.r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_RETELLINGS), 1);
}

/* --- another worker, another contact person --- */

static PB(AskOther) other_of(struct story *st, PB(OtherWanted) wanted)
{
	PB(AskOther) a = PB_INIT(ASK_OTHER);

	a.request_id = st->request;
	a.wanted = wanted;
	a.speaker = SP(YOUTH);
	return a;
}

static PB(Receipt) *other_send(struct story *st, const char *party, PB(AskOther) a)
{
	return plan_send(st->r, party, BODY(ASK_OTHER), &a);
}

static PB(Receipt) *answer(struct story *st, const char *party, uint32_t number, bool done)
{
	PB(AnswerOther) a = PB_INIT(ANSWER_OTHER);

	a.request_id = st->request;
	a.number = number;
	a.done = done;
	return plan_send(st->r, party, BODY(ANSWER_OTHER), &a);
}

/* C3: no reason is asked; who must answer is told at once and again until it does, and "done" is
 * said only when another one stands. */
static void test_other_contact_person_is_asked_for_and_answered(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	rig_skip(r);
	ACCEPTED(other_send(&st, "family", other_of(&st, OW(CONTACT_PERSON))));
	PB(Event) *e = event_last(r, E(ALARM), A(OTHER_WANTED));
	assert_string_equal(e->party, "net-westhoek");
	REFUSED(other_send(&st, "family", other_of(&st, OW(CONTACT_PERSON))), STATE, "wanted");
	rig_skip(r);
	rig_advance(r, 8 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(OTHER_WANTED)), 1);
	REFUSED(answer(&st, "clb", 1, true), NOT_YOURS, "request_id");
	REFUSED(answer(&st, "net-westhoek", 2, true), UNKNOWN_OBJECT, "number");
	REFUSED(answer(&st, "net-westhoek", 1, true), NO_SUCCESSOR, "done");
	ACCEPTED(name_contact(&st, "net-westhoek", "facility-a", "facility-b"));
	ACCEPTED(answer(&st, "net-westhoek", 1, true));
	REFUSED(answer(&st, "net-westhoek", 1, true), STATE, "number");
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_others_wanted, 1);
	assert_true(it->others_wanted[0]->done);
	assert_int_equal(rig_due(r, 21), 0);
	ACCEPTED(other_send(&st, "family", other_of(&st, OW(CONTACT_PERSON))));
}

/* C3: a wish that nobody answered before the request was closed is asked again when it opens. */
static void test_other_wanted_comes_back_with_the_request(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(other_send(&st, "family", other_of(&st, OW(CONTACT_PERSON))));
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	rig_skip(r);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(OTHER_WANTED)), 0);
	ACCEPTED(reopen(&st, "family", 0));
	uint64_t due_ms = view(&st, "clb")->others_wanted[0]->due_ms;
	assert_true(due_ms > rig_now(r));
	rig_advance(r, due_ms - rig_now(r));
	assert_int_equal(events(r, E(ALARM), A(OTHER_WANTED)), 1);
}

/* C3: of which help another worker is wanted; bad input is named. */
static void test_other_worker_names_the_help(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(AskOther) a = other_of(&st, OW(WORKER));
	struct object_id help = rig_id(7);

	REFUSED(other_send(&st, "family", a), MISSING, "contribution_id");
	a.contribution_id = object_id_data(&help);
	REFUSED(other_send(&st, "family", a), UNKNOWN_OBJECT, "contribution_id");
	assert_true(say_started(&st, 7, 0, "facility-a"));
	a.speaker = 0;
	REFUSED(other_send(&st, "family", a), MISSING, "speaker");
	a.speaker = SP(TRUSTED_PERSON);
	REFUSED(other_send(&st, "family", a), CONTRADICTS, "speaker");
	a.speaker = SP(ADULT);
	a.adult = 4;
	REFUSED(other_send(&st, "family", a), OUT_OF_RANGE, "adult");
	a.adult = 1;
	REFUSED(other_send(&st, "police", a), NOT_YOURS, "request_id");
	ACCEPTED(other_send(&st, "family", a));
	PB(Event) *e = event_last(r, E(ALARM), A(OTHER_WANTED));
	assert_string_equal(e->party, "duty-westhoek");
	REFUSED(answer(&st, "facility-a", 1, true), NOT_YOURS, "request_id");
	ACCEPTED(answer(&st, "duty-westhoek", 1, false));
	a.wanted = OW(CONTACT_PERSON);
	REFUSED(other_send(&st, "family", a), CONTRADICTS, "contribution_id");
}

/* Parts of a request that is closed are not added to. */
static void test_said_of_what_is_closed_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	REFUSED(own_send(&st, "clb", own_of(&st, 0, SK(VOLUNTEER), 0)), STATE, "request_id");
	REFUSED(diagnostic_send(&st, "clb", diagnostic_of(&st, 0)), STATE, "request_id");
	REFUSED(other_send(&st, "family", other_of(&st, OW(CONTACT_PERSON))), STATE, "request_id");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, intake_setup, intake_teardown)
		T(test_own_strengths_are_proposed_and_stop_no_clock),
		T(test_own_strengths_end_at_their_bound),
		T(test_own_means_hold_to_the_budget_and_name_the_rule),
		T(test_own_bad_input_is_refused),
		T(test_diagnostic_second_builds_on_the_first),
		T(test_diagnostic_bad_input_is_refused),
		T(test_retelling_is_counted),
		T(test_other_contact_person_is_asked_for_and_answered),
		T(test_other_wanted_comes_back_with_the_request),
		T(test_other_worker_names_the_help),
		T(test_said_of_what_is_closed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
