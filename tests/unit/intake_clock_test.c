/* SPDX-License-Identifier: EUPL-1.2 */
/* The clocks of the answer: the honest month (L6), contact person, crisis, urgent, consult,
 * aftercare; and that no amendment gains a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_story.h"

#define MINUTE_MS (60 * RIG_SECOND_MS)

static uint64_t due_of(struct story *st)
{
	return view(st, "coordinator")->answer_due_ms;
}

/* SCENARIOS 7. A talk, a CAN, an agreement, a team, a named person: none of them is an answer. */
static void test_intake_honest_month(void **state)
{
	struct rig *r = *state;

	go_to(r, "2027-01-31 10:00");
	struct story st = story_standard(r, 3);
	assert_true(due_of(&st) == civil_end_of_day(local_ms("2027-02-28 12:00")));
	ACCEPTED(name_contact(&st, "clb", "clb", "facility-a"));
	rig_skip(r);
	go_to(r, "2027-02-10 15:00");
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(STARTED), false, 0 }));
	go_to(r, "2027-02-17 23:59");
	assert_int_equal(events(r, E(TERM), 0), 0);
	go_to(r, "2027-02-18 00:00");
	assert_int_equal(events(r, E(TERM), A(TERM_WARNING)), 1);
	go_to(r, "2027-02-24 23:59");
	assert_int_equal(events(r, E(TERM), 0), 0);
	go_to(r, "2027-02-25 00:00");
	assert_int_equal(events(r, E(TERM), A(TERM_WARNING)), 1);
	go_to(r, "2027-02-27 09:00");
	assert_true(say_help(&st, (struct help){ 2, 1, 1, "facility-b", H(CAN), true, 0 }));
	assert_true(say_help(&st, (struct help){ 2, 2, 1, "facility-b", H(AGREED), true, 0 }));
	assert_true(say_team(&st, 1, &(struct seat){ 2, 1, "facility-b", 0, H(AGREED) }, 1));
	assert_true(view(&st, "clb")->answered_ms == 0);
	rig_advance(r, civil_end_of_day(rig_now(r)) + RIG_DAY_MS - rig_now(r) - 1);
	assert_int_equal(events(r, E(TERM), 0), 0);
	assert_true(view(&st, "clb")->breached_ms == 0);
	rig_advance(r, 1); /* 28 February, 23:59:59.999 */
	assert_int_equal(events(r, E(TERM), A(TERM_BREACHED)), 1);
	assert_true(view(&st, "clb")->breached_ms == rig_now(r));
	assert_true(view(&st, "clb")->open);
	go_to(r, "2027-03-10 09:00");
	assert_int_equal(events(r, E(TERM), 0), 0);
	assert_true(say_started(&st, 3, 2, "facility-c"));
	assert_true(view(&st, "clb")->answered_ms == rig_now(r));
	assert_true(view(&st, "clb")->breached_ms == 0);
	assert_int_equal(state_of(&st, 2), N(ANSWERED)); /* 1 of 3 */
	assert_int_equal(state_of(&st, 0), N(OPEN));
	assert_int_equal(events(r, E(TERM), 0), 1);
}

/* The same day of the next month, or its last; equal to civil time's own month for one month. */
static void test_intake_month_ends_on_the_right_day(void **state)
{
	static const struct {
		const char *from;
		uint64_t months;
		const char *to;
	} term[] = {
		{ "2026-03-31 23:30", 1, "2026-04-30 12:00" },
		{ "2026-12-15 08:00", 1, "2027-01-15 12:00" },
		{ "2027-01-30 08:00", 1, "2027-02-28 12:00" },
		{ "2028-01-31 08:00", 1, "2028-02-29 12:00" },
		{ "2028-12-31 08:00", 2, "2029-02-28 12:00" },
		{ "2029-03-05 08:00", 12, "2030-03-05 12:00" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(term); i++) {
		rig_set(r, SETTING_ANSWER_MONTHS, term[i].months);
		go_to(r, term[i].from);
		struct story st = story_standard(r, 1);
		assert_true(due_of(&st) == civil_end_of_day(local_ms(term[i].to)));
		if (term[i].months == 1) {
			assert_true(due_of(&st) == civil_month_later(rig_now(r)));
		}
	}
}

/* Five working days, the legal holidays and the node's own left out; then one alarm, not two. */
static void test_intake_contact_person_due_in_working_days(void **state)
{
	struct rig *r = *state;
	static uint32_t own = 20260309;

	rig_conf(r)->n_holidays = 1;
	rig_conf(r)->holidays = &own;
	rig_config(r);
	struct story st = story_standard(r, 1); /* Tuesday 3 March 2026 */
	struct story named = story_standard(r, 1);
	ACCEPTED(name_contact(&named, "clb", "clb", "facility-a"));
	rig_skip(r);
	uint64_t due_ms = civil_end_of_day(local_ms("2026-03-11 12:00"));
	assert_true(view(&st, "clb")->contact_due_ms == due_ms);
	rig_advance(r, due_ms - rig_now(r) - 1);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	rig_advance(r, 1);
	assert_int_equal(events(r, E(ALARM), A(NO_CONTACT_PERSON)), 1);
	rig_advance(r, 7 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	ACCEPTED(name_contact(&st, "coordinator", "facility-a", "facility-b"));
	assert_true(view(&st, "facility-a")->contact_named);
	rig_conf(r)->n_holidays = 0;
	rig_conf(r)->holidays = NULL;
}

static PB(Receipt) *night_plan(struct story *st, const char *party, uint64_t call_at_ms,
			       PB(RecordNightPlan) *p)
{
	PB(Message) m = PB_INIT(MESSAGE);
	static PB(CalledService) none = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_NONE;

	p->request_id = st->request;
	p->call_at_ms = call_at_ms;
	if (p->n_called == 0) {
		p->called = &none;
		p->n_called = 1;
	}
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = p;
	return rig_command(st->r, party, &m);
}

/* Half an hour: something holds or a night plan, else it is said, and said again. */
static void test_intake_crisis_unheld_is_said_every_half_hour(void **state)
{
	struct rig *r = *state;
	PB(RecordNightPlan) p = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c;
	struct story st = story_crisis(r);

	rig_skip(r);
	rig_advance(r, 30 * MINUTE_MS - 1);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	rig_advance(r, 1);
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 1);
	rig_advance(r, 30 * MINUTE_MS);
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 1);
	capsule_init(&c, 50, 1);
	p.plan = &c;
	ACCEPTED(night_plan(&st, "contactpoint", rig_now(r) + 4 * RIG_HOUR_MS, &p));
	assert_true(view(&st, "contactpoint")->night_plan);
	rig_skip(r);
	rig_advance(r, 4 * RIG_HOUR_MS + 30 * MINUTE_MS - 1);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	rig_advance(r, 1);
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 1);
	assert_false(view(&st, "contactpoint")->night_plan);
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(AGREED), false, 0 }));
	rig_advance(r, 2 * RIG_HOUR_MS);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	assert_true(
		say_help(&st, (struct help){ 1, 2, 0, "facility-a", H(INTERRUPTED), false, 0 }));
	rig_advance(r, 30 * MINUTE_MS);
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 1);
}

/* L2: the contact point that took it holds until help has started; 24 hours are told. */
static void test_intake_crisis_answer_in_a_day(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	struct story started = story_crisis(r);

	assert_true(say_started(&started, 1, 0, "facility-a"));
	assert_string_equal(holders_of(&started), "ZONE_NETWORK net-westhoek, "
						  "CONTACT_PERSON duty-westhoek, PARTNER "
						  "facility-a");
	rig_skip(r);
	rig_advance(r, RIG_DAY_MS - 1);
	assert_int_equal(rig_count(r, "matching", BODY(POSITION_TAKEN)), 0);
	assert_int_equal(events(r, E(TERM), 0), 0);
	rig_advance(r, 1);
	assert_int_equal(events(r, E(TERM), A(CRISIS_UNANSWERED)), 1);
	assert_string_equal(holders_of(&st), "REQUESTER contactpoint, ZONE_NETWORK net-westhoek, "
					     "CONTACT_PERSON duty-westhoek");
	assert_true(say_help(&started,
			     (struct help){ 1, 9, 0, "facility-a", H(INTERRUPTED), true, 0 }));
	rig_advance(r, 30 * MINUTE_MS);
	assert_true(events(r, E(ALARM), A(CRISIS_UNHELD)) >= 1);
}

/* The call of the night: within four hours, and never past half past eight. */
static void test_intake_night_plan_bounds(void **state)
{
	static PB(CalledService) called[] = { 1, 2, 3, 4, 5 };
	struct rig *r = *state;
	PB(RecordNightPlan) p = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c;

	capsule_init(&c, 50, 1);
	go_to(r, "2026-03-04 06:00");
	struct story st = story_crisis(r);
	struct story calm = story_standard(r, 1);
	uint64_t last_ms = local_ms("2026-03-04 08:30");
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), MISSING, "plan");
	p.plan = &c;
	REFUSED(night_plan(&calm, "contactpoint", last_ms, &p), STATE, "request_id");
	REFUSED(night_plan(&st, "police", last_ms, &p), NOT_YOURS, "request_id");
	REFUSED(night_plan(&st, "contactpoint", last_ms + 1, &p), OUT_OF_RANGE, "call_at_ms");
	REFUSED(night_plan(&st, "contactpoint", rig_now(r), &p), OUT_OF_RANGE, "call_at_ms");
	p.called = called;
	p.n_called = CALLED_MAX + 1;
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), TOO_MANY, "called");
	p.called = called + 3;
	p.n_called = 2;
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), CONTRADICTS, "called");
	p.called = called;
	p.n_called = CALLED_MAX;
	p.bridging_party = "nobody";
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), UNKNOWN_OBJECT, "bridging_party");
	p.bridging_party = "facility-a";
	c.version = 0;
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), OUT_OF_RANGE, "plan.version");
	c.version = 1;
	ACCEPTED(night_plan(&st, "contactpoint-2", last_ms, &p));
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), OUT_OF_RANGE, "plan.version");
	c.version = 2;
	static PB(CalledService) left_out[] = { 0 };
	p.called = left_out;
	p.n_called = 1;
	REFUSED(night_plan(&st, "contactpoint", last_ms, &p), MISSING, "called[0]");
	go_to(r, "2026-03-04 09:00");
	uint64_t four_ms = rig_now(r) + 4 * RIG_HOUR_MS;
	p.called = called;
	REFUSED(night_plan(&st, "contactpoint", four_ms + 1, &p), OUT_OF_RANGE, "call_at_ms");
	ACCEPTED(night_plan(&st, "contactpoint", four_ms, &p));
}

/* Fourteen days; urgency itself lasts thirty, then the request is as any other. */
static void test_intake_urgent_term_and_end(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_urgent(&a);
	struct story st = story_of(r, "clb", &a);
	assert_true(due_of(&st) == civil_end_of_day(local_ms("2026-03-17 12:00")));
	ACCEPTED(name_contact(&st, "clb", "clb", "facility-a"));
	rig_skip(r);
	rig_advance(r, due_of(&st) - rig_now(r));
	assert_int_equal(events(r, E(TERM), A(TERM_BREACHED)), 1);
	go_to(r, "2026-04-02 10:59"); /* summer time has begun; 11:00 is the same wall time */
	assert_null(rig_next(r, "waitlist"));
	go_to(r, "2026-04-02 11:00");
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	assert_int_equal(opened->request->urgency, U(STANDARD));
	assert_int_equal(opened->request->request_version, 3); /* a contact person was named */
	assert_int_equal(rig_due(r, 1), 0);
}

/* Advice: a clock and a contact person if it has a name; closed when it was enough, and only then.
 */
static void test_intake_consult_is_closed_by_enough(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	a.m.n_needs = 0;
	struct story st = story_of(r, "clb", &a);
	assert_int_equal(view(&st, "clb")->consult, Q(RESPONSE_REQUIRED));
	assert_true(due_of(&st) == civil_month_later(rig_now(r)));
	assert_null(rig_next(r, "waitlist"));
	ACCEPTED(confirm(&st, "family", false));
	assert_true(view(&st, "clb")->open && view(&st, "clb")->answered_ms == 0);
	rig_advance(r, RIG_DAY_MS);
	ACCEPTED(confirm(&st, "family", true));
	PB(RequestItem) *it = view(&st, "clb");
	assert_false(it->open);
	assert_int_equal(it->consult, Q(CLOSED));
	assert_true(it->answered_ms == rig_now(r));
	assert_int_equal(it->n_holders, 0);
	assert_int_equal(rig_due(r, 1), 0);
	REFUSED(confirm(&st, "family", true), STATE, "request_id");
	struct story search = story_standard(r, 1);
	REFUSED(confirm(&search, "family", true), STATE, "request_id");
}

/* Who gives no name has no clock and no contact person; cancelling ends it. */
static void test_intake_anonymous_consult_has_no_clock(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	a.m.callback_sealed = false;
	REFUSED(ask_send(r, "clb", &a), CONTRADICTS, "needs");
	a.m.n_needs = 0;
	a.m.urgency = U(CRISIS);
	REFUSED(ask_send(r, "contactpoint", &a), CONTRADICTS, "urgency");
	a.m.urgency = U(STANDARD);
	a.m.n_capsules = 0;
	struct story st = story_of(r, "contactpoint", &a);
	PB(RequestItem) *it = view(&st, "contactpoint");
	assert_true(it->answer_due_ms == 0 && it->next_ms == 0);
	assert_string_equal(it->contact_party, "");
	assert_string_equal(holders_of(&st), "REQUESTER contactpoint, ZONE_NETWORK net-westhoek");
	assert_int_equal(rig_due(r, 1), 0);
	REFUSED(name_contact(&st, "contactpoint", "clb", "facility-a"), STATE, "request_id");
	ACCEPTED(withdraw(&st, "contactpoint", R(WITHDRAWN)));
	assert_int_equal(view(&st, "contactpoint")->consult, Q(CANCELLED));
	REFUSED(withdraw(&st, "contactpoint", R(WITHDRAWN)), STATE, "request_id");
}

/* Aftercare ends by itself on its day, once, and not for a need that was asked again. */
static void test_intake_aftercare_ends_on_its_day(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(ask_end(&st, 1, 0, "facility-a"));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	uint64_t until_ms = civil_end_of_day(civil_add_days_local(rig_now(r), 90));
	rig_advance(r, until_ms - rig_now(r) - 1);
	assert_int_equal(state_of(&st, 0), N(AFTERCARE));
	rig_advance(r, 1);
	assert_int_equal(state_of(&st, 0), N(CLOSED));
	assert_false(view(&st, "clb")->open);
	struct story again = story_standard(r, 1);
	assert_true(say_started(&again, 1, 0, "facility-a"));
	assert_true(ask_end(&again, 1, 0, "facility-a"));
	assert_true(say_help(&again, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(rig_due(r, 2), 1);
	ACCEPTED(reopen(&again, "family", 0));
	assert_int_equal(rig_due(r, 2), 0);
	rig_advance(r, 100 * RIG_DAY_MS);
	assert_int_equal(state_of(&again, 0), N(OPEN));
}

/* L6: closing and asking again starts no new term, unless there was an answer in between. */
static void test_intake_reopen_keeps_an_unanswered_term(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	uint64_t due_ms = due_of(&st);

	rig_advance(r, 20 * RIG_DAY_MS);
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	assert_int_equal(rig_due(r, 1), 0);
	rig_skip(r);
	rig_advance(r, RIG_DAY_MS);
	ACCEPTED(reopen(&st, "family", 0));
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	assert_int_equal(opened->needs[0]->need_version, 3);
	assert_true(opened->needs[0]->arrival_ms == rig_now(r));
	assert_true(due_of(&st) == due_ms);
	assert_true(view(&st, "clb")->open);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(close_need(&st, "family", 0, R(CHOSE_OTHER), ""));
	ACCEPTED(reopen(&st, "family", 0));
	assert_true(due_of(&st) == civil_month_later(rig_now(r)));
	assert_true(view(&st, "clb")->answered_ms == 0);
}

/* L6: help that goes on starts nothing. Resumed, or its place found right after all, it does not
 * stop the month of a question that was put since; a seen start does, also one completed later. */
static void test_intake_help_that_goes_on_is_no_answer(void **state)
{
	static const PB(ContributionState) away[] = { H(INTERRUPTED), H(HANDING_ON) };
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(away); i++) {
		struct story st = story_standard(r, 2);
		struct help a = { 1, 6, 0, "facility-a", away[i], true, 0 };
		struct help b = { 2, 1, 1, "facility-b", H(STARTED), false, 0 };
		assert_true(say_started(&st, 1, 0, "facility-a"));
		ACCEPTED(close_need(&st, "family", 1, R(SELF_RESOLVED), ""));
		assert_true(say_help(&st, a));
		rig_advance(r, 40 * RIG_DAY_MS);
		ACCEPTED(reopen(&st, "family", 1));
		uint64_t due_ms = due_of(&st);
		rig_skip(r);
		a.state = H(STARTED);
		a.version++;
		assert_true(say_help(&st, a));
		assert_true(view(&st, "clb")->answered_ms == 0);
		assert_true(due_of(&st) == due_ms);
		assert_int_equal(events(r, E(TERM), 0), 0);
		assert_true(say_help(&st, b));
		assert_true(view(&st, "clb")->answered_ms == 0);
		b.version++;
		b.seen = true;
		assert_true(say_help(&st, b));
		assert_true(view(&st, "clb")->answered_ms == rig_now(r));
	}
}

/* A crisis that was closed is pushed anew, not reopened as one. */
static void test_intake_reopened_crisis_is_standard(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);

	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	ACCEPTED(reopen(&st, "family", 0));
	PB(RequestItem) *it = view(&st, "contactpoint");
	assert_int_equal(it->request->urgency, U(STANDARD));
	assert_int_equal(it->request->crisis_step, 0);
	assert_int_equal(it->request->request_version, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_intake_honest_month),
		T(test_intake_month_ends_on_the_right_day),
		T(test_intake_contact_person_due_in_working_days),
		T(test_intake_crisis_unheld_is_said_every_half_hour),
		T(test_intake_crisis_answer_in_a_day),
		T(test_intake_night_plan_bounds),
		T(test_intake_urgent_term_and_end),
		T(test_intake_consult_is_closed_by_enough),
		T(test_intake_anonymous_consult_has_no_clock),
		T(test_intake_aftercare_ends_on_its_day),
		T(test_intake_reopen_keeps_an_unanswered_term),
		T(test_intake_help_that_goes_on_is_no_answer),
		T(test_intake_reopened_crisis_is_standard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
