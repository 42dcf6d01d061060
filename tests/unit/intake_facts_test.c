/* SPDX-License-Identifier: EUPL-1.2 */
/* What matching tells: starts, holders (L2), the plan (L9), crossings, ends with their after-stay
 * entries, and what a death stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_story.h"

static void expect_fault(struct rig *r, PB(Refusal) code, const char *field)
{
	const char *got;

	assert_int_equal(rig_fault(r, &got), code);
	assert_string_equal(got, field);
}

/* An older or equal version is nothing: not written, not said. */
static void test_fact_older_version_is_ignored(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_help(&st, (struct help){ 1, 5, 0, "facility-a", H(CAN), false, 0 }));
	rig_skip(r);
	assert_true(say_help(&st, (struct help){ 1, 5, 0, "facility-a", H(STARTED), true, 0 }));
	assert_true(say_help(&st, (struct help){ 1, 4, 0, "facility-a", H(STARTED), true, 0 }));
	assert_null(rig_next(r, EVENTS_LOG));
	assert_int_equal(state_of(&st, 0), N(OPEN));
	assert_true(say_help(&st, (struct help){ 1, 6, 0, "facility-a", H(RELEASED), false, 0 }));
	assert_true(say_help(&st, (struct help){ 1, 6, 0, "facility-a", H(STARTED), true, 0 }));
	assert_int_equal(state_of(&st, 0), N(OPEN));
}

/* L2, step by step: nobody is let go before the next one has started. */
static void test_holders_change_hands_without_a_gap(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	static const char base[] = "ZONE_NETWORK net-westhoek, CONTACT_PERSON duty-westhoek";
	char expect[256];

	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(AGREED), false, 0 }));
	(void)snprintf(expect, sizeof(expect), "REQUESTER clb, %s", base);
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_help(&st, (struct help){ 1, 2, 0, "facility-a", H(STARTED), false, 0 }));
	(void)snprintf(expect, sizeof(expect), "REQUESTER clb, %s, PARTNER facility-a", base);
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_help(&st, (struct help){ 1, 3, 0, "facility-a", H(STARTED), true, 0 }));
	(void)snprintf(expect, sizeof(expect), "%s, PARTNER facility-a", base);
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_help(&st, (struct help){ 1, 4, 0, "facility-a", H(INTERRUPTED), true, 0 }));
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_help(&st, (struct help){ 1, 5, 0, "facility-a", H(HANDING_ON), true, 0 }));
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_true(say_help(&st, (struct help){ 1, 6, 0, "facility-a", H(ENDED), true, 0 }));
	(void)snprintf(expect, sizeof(expect), "%s, PARTNER facility-b", base);
	assert_string_equal(holders_of(&st), expect);
	/* stopped by the child: it stays until another has started for that need */
	assert_true(say_help(&st,
			     (struct help){ 2, 7, 0, "facility-b", H(STOPPED_BY_YOUTH), true, 0 }));
	assert_string_equal(holders_of(&st), expect);
	assert_true(say_started(&st, 3, 0, "facility-c"));
	(void)snprintf(expect, sizeof(expect), "%s, PARTNER facility-c", base);
	assert_string_equal(holders_of(&st), expect);
	assert_int_equal(rig_rows(r, TABLE_SERVICE + 3), 3); /* clb, facility-a, facility-b */
}

/* L3: the house of the new contact person holds before that of the old one is let go. */
static void test_contact_person_is_always_one(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	REFUSED(name_contact(&st, "clb", "", "facility-a"), MISSING, "party");
	REFUSED(name_contact(&st, "clb", "facility-a", ""), MISSING, "stand_in");
	REFUSED(name_contact(&st, "clb", "nobody", "facility-a"), UNKNOWN_OBJECT, "party");
	REFUSED(name_contact(&st, "clb", "facility-a", "facility-a"), CONTRADICTS, "stand_in");
	rig_skip(r);
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	PB(Event) *e = rig_next_of(r, EVENTS_LOG, BODY(EVENT))->event;
	assert_int_equal(e->kind, E(CONTACT_PERSON));
	assert_string_equal(e->stand_in, "facility-b");
	e = rig_next_of(r, EVENTS_LOG, BODY(EVENT))->event;
	assert_true(e->kind == E(HOLDER) && !e->ended);
	assert_string_equal(e->party, "facility-a");
	e = rig_next_of(r, EVENTS_LOG, BODY(EVENT))->event;
	assert_true(e->kind == E(HOLDER) && e->ended);
	assert_string_equal(e->party, "duty-westhoek");
	assert_string_equal(holders_of(&st), "REQUESTER clb, ZONE_NETWORK net-westhoek, "
					     "CONTACT_PERSON facility-a");
	ACCEPTED(withdraw(&st, "family", R(WITHDRAWN)));
	REFUSED(name_contact(&st, "family", "facility-b", "facility-a"), STATE, "request_id");
}

static PB(NameContactPerson) contact_of(struct story *st)
{
	PB(NameContactPerson) c = PB_INIT(NAME_CONTACT_PERSON);

	c.request_id = st->request;
	c.party = "facility-a";
	c.stand_in = "facility-a";
	return c;
}

static PB(Receipt) *send_contact(struct story *st, PB(NameContactPerson) *c)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = c;
	return rig_command(st->r, "clb", &m);
}

/* One house may give both, if they are two people. */
static void test_contact_person_and_stand_in_are_two_people(void **state)
{
	struct story st = story_standard(*state, 1);
	struct object_id one = rig_id(1);
	struct object_id two = rig_id(2);
	PB(NameContactPerson) c = contact_of(&st);

	c.worker = object_id_data(&one);
	REFUSED(send_contact(&st, &c), CONTRADICTS, "stand_in");
	c.stand_in_worker = object_id_data(&one);
	REFUSED(send_contact(&st, &c), CONTRADICTS, "stand_in");
	c.stand_in_worker.len = 5;
	REFUSED(send_contact(&st, &c), MALFORMED, "stand_in");
	c.stand_in_worker = object_id_data(&two);
	ACCEPTED(send_contact(&st, &c));
}

/* L9: two houses at once make one plan; two parties of one house, or the same house twice, none. */
static void test_plan_begins_with_the_second_house(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 4);

	assert_true(say_started(&st, 1, 0, "facility-b"));
	assert_true(say_started(&st, 2, 1, "facility-b2"));
	assert_int_equal(view(&st, "clb")->plan_id.len, 0);
	rig_skip(r);
	assert_true(say_started(&st, 3, 2, "facility-a"));
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->plan_id.len, OBJECT_ID_LEN);
	ProtobufCBinaryData plan = it->plan_id;
	assert_int_equal(events(r, E(PLAN), 0), 1);
	assert_true(say_started(&st, 4, 3, "facility-c"));
	assert_true(say_help(&st,
			     (struct help){ 3, 9, 2, "facility-a", H(STOPPED_BY_YOUTH), true, 0 }));
	assert_int_equal(events(r, E(PLAN), 0), 0);
	assert_memory_equal(view(&st, "clb")->plan_id.data, plan.data, plan.len);
	ACCEPTED(withdraw(&st, "family", R(WITHDRAWN)));
	assert_int_equal(events(r, E(PLAN), 0), 0); /* help still runs */
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-b", H(ENDED), true, 0 }));
	assert_true(say_help(&st, (struct help){ 2, 9, 1, "facility-b2", H(ENDED), true, 0 }));
	assert_int_equal(events(r, E(PLAN), 0), 1);
	assert_string_equal(holders_of(&st), "CONTACT_PERSON duty-westhoek, PARTNER facility-c");
	assert_true(say_help(&st, (struct help){ 4, 9, 3, "facility-c", H(ENDED), true, 0 }));
	assert_string_equal(holders_of(&st), "");
}

/* DOMAIN 4: a start after withdrawal changes no need; what has begun is held until it has ended. */
static void test_start_after_withdrawal_is_a_crossing(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(withdraw(&st, "family", R(WITHDRAWN)));
	PB(NeedClosed) *closed = rig_next_of(r, "waitlist", BODY(NEED_CLOSED))->need_closed;
	assert_int_equal(closed->n_needs, 1);
	assert_int_equal(closed->needs[0]->need_version, 2);
	assert_int_equal(closed->needs[0]->reason, R(WITHDRAWN));
	assert_string_equal(holders_of(&st), "");
	rig_skip(r);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_int_equal(state_of(&st, 0), N(WITHDRAWN));
	assert_true(view(&st, "clb")->answered_ms == 0);
	PB(Event) *e = rig_next_of(r, EVENTS_LOG, BODY(EVENT))->event;
	assert_int_equal(e->kind, E(NEED));
	assert_true(e->must); /* whoever counts misses from outside must know */
	assert_int_equal(e->contribution_state, H(STARTED));
	assert_string_equal(holders_of(&st), "CONTACT_PERSON duty-westhoek, PARTNER facility-a");
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_string_equal(holders_of(&st), "");
}

/* A should-need that starts answers nothing (L6). */
static void test_start_of_a_should_need_is_no_answer(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 1, 1);
	struct story st = story_of(r, "clb", &a);
	assert_true(say_started(&st, 1, 1, "facility-a"));
	assert_int_equal(state_of(&st, 1), N(ANSWERED));
	assert_true(view(&st, "clb")->answered_ms == 0);
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_int_equal(state_of(&st, 0), N(SUPPORTED));
	assert_int_equal(state_of(&st, 1), N(SUPPORTED));
	assert_true(view(&st, "clb")->answered_ms == rig_now(r));
}

/* B13: help that has ended as planned has its aftercare, also while another must-need never began:
 * no need is open that is neither helped nor looked for. */
static void test_help_that_ended_has_its_aftercare_whatever_else_waits(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	rig_skip(r);
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(state_of(&st, 0), N(AFTERCARE));
	assert_int_equal(state_of(&st, 1), N(OPEN));
	PB(NeedClosed) *closed = rig_next_of(r, "waitlist", BODY(NEED_CLOSED))->need_closed;
	assert_int_equal(closed->needs[0]->reason, R(STARTED_HELP));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_int_equal(state_of(&st, 0), N(AFTERCARE));
	assert_int_equal(state_of(&st, 1), N(SUPPORTED));
	assert_int_equal(rig_count(r, "waitlist", BODY(NEED_CLOSED)), 1); /* not once more */
}

/* An end is allowed at once, told to the list before it happens; a stay only into its entry. */
static void test_end_of_a_stay_opens_its_after_stay_entry(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 2, 0);
	a.need[0].life_domain = SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_HOME;
	a.need[1].life_domain = SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_HOME;
	char *was = rig_conf(r)->expertises[39]->code;
	rig_conf(r)->expertises[39]->code = "HOME";
	rig_config(r);
	rig_conf(r)->expertises[39]->code = was;
	struct story st = story_of(r, "clb", &a);
	for (uint32_t i = 0; i < 2; i++) {
		assert_true(say_help(&st, (struct help){ 1 + i, 1, i, "facility-a", H(STARTED),
							 true, M(RESIDENTIAL) }));
	}
	rig_skip(r);
	assert_true(ask_end(&st, 1, 0, "facility-a"));
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	PB(NeedFact) *after = opened->needs[opened->n_needs - 1];
	assert_int_equal(after->expertise, 40);
	assert_true(after->must);
	assert_int_equal(after->life_domain, SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_HOME);
	PB(NeedClosed) *closed = rig_next_of(r, "waitlist", BODY(NEED_CLOSED))->need_closed;
	assert_memory_equal(closed->needs[0]->need_id.data, st.need[0].data, OBJECT_ID_LEN);
	PB(EndAllowed) *allowed = rig_next_of(r, "matching", BODY(END_ALLOWED))->end_allowed;
	assert_int_equal(allowed->n_after_stay_needs, 1);
	assert_memory_equal(allowed->after_stay_needs[0].data, after->need_id.data, OBJECT_ID_LEN);
	rig_skip(r);
	assert_true(ask_end(&st, 1, 0, "facility-a")); /* asked again: the same answer */
	assert_true(ask_end(&st, 2, 1, "facility-a")); /* the domain has its entry already */
	for (int i = 0; i < 2; i++) {
		allowed = rig_next_of(r, "matching", BODY(END_ALLOWED))->end_allowed;
		assert_memory_equal(allowed->after_stay_needs[0].data, after->need_id.data,
				    OBJECT_ID_LEN);
	}
	assert_int_equal(rig_count(r, "waitlist", BODY(NEEDS_OPENED)), 0);
	assert_int_equal(view(&st, "clb")->n_needs, 3);
}

/* No stay, no entry; and the list is left alone while another still helps, or help never began. */
static void test_end_of_other_help(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 0, "facility-b"));
	assert_true(say_help(&st, (struct help){ 3, 1, 1, "facility-c", H(STARTED), false, 0 }));
	rig_skip(r);
	assert_true(ask_end(&st, 1, 0, "facility-a"));
	assert_int_equal(
		rig_next_of(r, "matching", BODY(END_ALLOWED))->end_allowed->n_after_stay_needs, 0);
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_true(ask_end(&st, 3, 1, "facility-c"));
	assert_true(say_help(&st, (struct help){ 3, 9, 1, "facility-c", H(ENDED), false, 0 }));
	assert_null(rig_next(r, "waitlist"));
	assert_int_equal(state_of(&st, 0), N(ANSWERED));
	assert_int_equal(state_of(&st, 1), N(OPEN));
	assert_false(ask_end(&st, 99, 0, "facility-a"));
	expect_fault(r, REFUSAL(UNKNOWN_OBJECT), "contribution_id");
}

/* DOMAIN 4: all messages stop at once; matching is told, whatever the list had closed before. */
static void test_death_stops_everything(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(ask_end(&st, 1, 0, "facility-a"));
	rig_skip(r);
	ACCEPTED(close_need(&st, "contactpoint", 0, R(DECEASED), ""));
	PB(NeedClosed) *closed = rig_next_of(r, "waitlist", BODY(NEED_CLOSED))->need_closed;
	assert_int_equal(closed->needs[0]->reason, R(DECEASED));
	PB(Event) *e = rig_next_of(r, EVENTS_LOG, BODY(EVENT))->event;
	assert_int_equal(e->kind, E(REQUEST));
	assert_true(e->ended && e->close_reason == R(DECEASED));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	rig_advance(r, 60 * RIG_DAY_MS);
	assert_null(rig_next_of(r, EVENTS_LOG, BODY(EVENT)));
	assert_string_equal(holders_of(&st), "");
	assert_int_equal(rig_due(r, 1), 0);
	REFUSED(reopen(&st, "family", 0), STATE, "need_id");
}

/* The end of a stay that crossed the death, or of one that never was, opens nothing. */
static void test_end_that_crossed_a_death_opens_no_entry(void **state)
{
	struct rig *r = *state;

	for (int error = 0; error < 2; error++) {
		struct story st = story_standard(r, 1);
		assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(STARTED), true,
							 M(RESIDENTIAL) }));
		ACCEPTED(error ? withdraw(&st, "family", R(ENTERED_IN_ERROR)) :
				 close_need(&st, "family", 0, R(DECEASED), ""));
		rig_skip(r);
		assert_true(ask_end(&st, 1, 0, "facility-a"));
		assert_int_equal(rig_next_of(r, "matching", BODY(END_ALLOWED))
					 ->end_allowed->n_after_stay_needs,
				 0);
		assert_null(rig_next(r, "waitlist"));
		assert_false(view(&st, "clb")->open);
	}
}

/* Closing by the family: what it may say, and that a successor must have begun. */
static void test_close_needs_its_reason(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	REFUSED(close_need(&st, "family", 0, 0, ""), MISSING, "reason");
	REFUSED(close_need(&st, "family", 0, R(STARTED_HELP), ""), CONTRADICTS, "reason");
	REFUSED(close_need(&st, "family", 0, R(NO_AVAILABILITY), ""), CONTRADICTS, "reason");
	REFUSED(close_need(&st, "family", 0, R(CHOSE_OTHER), "facility-a"), CONTRADICTS,
		"successor");
	REFUSED(close_need(&st, "family", 0, R(MOVED), ""), MISSING, "successor");
	REFUSED(close_need(&st, "family", 0, R(MOVED), "facility-a"), NO_SUCCESSOR, "successor");
	assert_true(say_help(&st, (struct help){ 1, 1, 1, "facility-a", H(AGREED), false, 0 }));
	REFUSED(close_need(&st, "family", 0, R(MOVED), "facility-a"), NO_SUCCESSOR, "successor");
	assert_true(say_started(&st, 1, 1, "facility-a"));
	ACCEPTED(close_need(&st, "family", 0, R(MOVED), "facility-a"));
	assert_int_equal(state_of(&st, 1), N(SUPPORTED)); /* the only must-need left has begun */
	REFUSED(withdraw(&st, "family", 0), MISSING, "reason");
	REFUSED(withdraw(&st, "family", R(MOVED)), CONTRADICTS, "reason");
}

/* Facts that break a rule are set aside and change nothing. */
static void test_fact_that_breaks_a_rule_is_set_aside(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct story other = st;
	struct object_id no = rig_id(77);
	struct seat seats[SEATS_MAX + 1];

	other.request = object_id_data(&no);
	assert_false(ask_end(&other, 1, 0, "facility-a"));
	expect_fault(r, REFUSAL(UNKNOWN_OBJECT), "request_id");
	assert_false(say_started(&other, 1, 0, "No Partner")); /* it would wait for the request */
	expect_fault(r, REFUSAL(MALFORMED), "partner");
	assert_false(say_started(&st, 1, 0, "No Partner"));
	expect_fault(r, REFUSAL(MALFORMED), "partner");
	assert_false(say_help(&st, (struct help){ 1, 1, 0, "facility-a", 0, true, 0 }));
	expect_fault(r, REFUSAL(MISSING), "state");
	for (uint32_t i = 0; i <= SEATS_MAX; i++) {
		seats[i] = (struct seat){ i, 0, "facility-a", 0, 0 };
	}
	assert_false(say_team(&st, 1, seats, SEATS_MAX + 1));
	assert_false(say_team(&other, 1, seats, SEATS_MAX + 1));
	expect_fault(r, REFUSAL(TOO_MANY), "seats");
	assert_true(say_team(&st, 1, seats, SEATS_MAX));
	other.need[0] = (ProtobufCBinaryData){ 3, no.b };
	assert_false(say_team(&other, 2, seats, 1));
	expect_fault(r, REFUSAL(MALFORMED), "seats[0].need_id");
}

static size_t starts_of(struct story *st, const char *partner)
{
	const PB(NeedView) *n = view(st, "coordinator")->needs[0];
	size_t len = 0;

	for (size_t i = 0; i < n->n_contributions; i++) {
		const PB(ContributionChanged) *c = n->contributions[i];
		len += c->state == H(STARTED) && strcmp(c->partner, partner) == 0 ? 1 : 0;
	}
	return len;
}

/* So many contributions may live at a time, and so many may hold; one more is set aside. */
static void test_fact_bounds_of_one_request(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	char partner[32];
	uint32_t base = 2; /* network and contact person: who asked is let go at the first start */

	for (uint32_t i = 0; i < HOLDERS_MAX - base; i++) {
		(void)snprintf(partner, sizeof(partner), "partner-%u", i);
		assert_true(say_started(&st, 1 + i, 0, partner));
	}
	assert_true(say_started(&st, 90, 0, "one-more")); /* a start is a fact */
	assert_int_equal(view(&st, "coordinator")->n_holders, HOLDERS_MAX);
	for (uint32_t i = HOLDERS_MAX - base + 1; i < LIVE_MAX; i++) {
		assert_true(say_help(&st, (struct help){ 100 + i, 1, 0, "facility-a", H(ASKED),
							 false, 0 }));
	}
	assert_int_equal(rig_rows(r, TABLE_CONTRIBUTION), LIVE_MAX);
	assert_true(say_help(&st, (struct help){ 99, 1, 0, "facility-a", H(ASKED), false, 0 }));
	assert_int_equal(rig_rows(r, TABLE_CONTRIBUTION), LIVE_MAX);
	assert_true(say_started(&st, 99, 0, "facility-b")); /* one that is only asked gives way */
	assert_int_equal(rig_rows(r, TABLE_CONTRIBUTION), LIVE_MAX);
	assert_int_equal(starts_of(&st, "facility-b"), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_fact_older_version_is_ignored),
		T(test_holders_change_hands_without_a_gap),
		T(test_contact_person_is_always_one),
		T(test_contact_person_and_stand_in_are_two_people),
		T(test_plan_begins_with_the_second_house),
		T(test_start_after_withdrawal_is_a_crossing),
		T(test_start_of_a_should_need_is_no_answer),
		T(test_help_that_ended_has_its_aftercare_whatever_else_waits),
		T(test_end_of_a_stay_opens_its_after_stay_entry),
		T(test_end_of_other_help),
		T(test_death_stops_everything),
		T(test_end_that_crossed_a_death_opens_no_entry),
		T(test_close_needs_its_reason),
		T(test_fact_that_breaks_a_rule_is_set_aside),
		T(test_fact_bounds_of_one_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
