/* SPDX-License-Identifier: EUPL-1.2 */
/* D6, B13, L3, L9, D3: the plan with its goals, and the family's own wish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"

#define GS(X) SCHAKEL__V1__GOAL_STATE__GOAL_STATE_##X
#define LD(X) SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_##X

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* --- tables --- */

#define STATES 7

/* All states times all states: from UNSPECIFIED goes what is new. */
static void test_plan_tables_all_pairs_are_as_listed(void **state)
{
	static const bool goal[STATES][STATES] = {
		{ 0, 1, 1 }, { 0, 0, 1, 1, 1 }, { 0, 1, 0, 1, 1 }, { 0, 1 }, { 0, 1 },
	};
	static const bool own[STATES][STATES] = {
		{ 0, 1, 1, 1 },
		{ 0, 0, 1, 1, 0, 1 },
		{ 0, 0, 0, 1, 0, 1 },
		{ 0, 0, 0, 0, 1 },
		{ 0, 1 },
		{ 0, 1 },
	};
	static const bool diagnostic[STATES][STATES] = {
		{ 0, 1, 1, 1 },
		{ 0, 0, 1, 1, 1 },
		{ 0, 0, 0, 1, 1 },
	};

	(void)state;
	for (int from = 0; from < STATES; from++) {
		for (int to = 0; to < STATES; to++) {
			assert_int_equal(goal_next((PB(GoalState))from, (PB(GoalState))to),
					 goal[from][to] ? SK_OK : SK_ESTATE);
			assert_int_equal(own_next((PB(OwnState))from, (PB(OwnState))to),
					 own[from][to] ? SK_OK : SK_ESTATE);
			assert_int_equal(diagnostic_next((PB(DiagnosticState))from,
							 (PB(DiagnosticState))to),
					 diagnostic[from][to] ? SK_OK : SK_ESTATE);
		}
	}
}

/* --- one plan --- */

static PB(Receipt) *decline(struct story *st, const char *party, bool declined)
{
	PB(DeclinePlan) d = PB_INIT(DECLINE_PLAN);

	d.request_id = st->request;
	d.declined = declined;
	return plan_send(st->r, party, BODY(DECLINE_PLAN), &d);
}

/* L9, D6: the family declines, is asked again at each review, and may want it after all. */
static void test_plan_declined_is_asked_again_at_each_review(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	rig_set(r, SETTING_PLAN_REVIEW, 20);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_int_equal(plan_of(&st, "clb")->plan_id.len, OBJECT_ID_LEN);
	REFUSED(decline(&st, "facility-a", true), NOT_YOURS, "request_id");
	ACCEPTED(decline(&st, "family", true));
	PB(PlanView) *p = plan_of(&st, "clb");
	assert_int_equal(p->plan_id.len, 0);
	assert_true(p->declined);
	for (int review = 0; review < 3; review++) {
		rig_skip(r);
		rig_advance(r, 21 * RIG_DAY_MS);
		assert_int_equal(events(r, E(PLAN), 0), 1);
	}
	ACCEPTED(decline(&st, "duty-westhoek", false));
	assert_int_equal(plan_of(&st, "clb")->plan_id.len, OBJECT_ID_LEN);
	rig_skip(r);
	rig_advance(r, 21 * RIG_DAY_MS);
	assert_int_equal(events(r, E(PLAN), 0), 0);
}

/* D6: a family that wants one plan gets it at once. */
static void test_plan_wanted_is_made_at_once(void **state)
{
	struct story st = story_standard(*state, 1);

	ACCEPTED(decline(&st, "family", false));
	assert_int_equal(plan_of(&st, "family")->plan_id.len, OBJECT_ID_LEN);
}

/* L3: a hand-over in one step; who it was before stays visible. */
static void test_plan_shows_who_was_contact_person_before(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	rig_advance(r, RIG_DAY_MS);
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	uint64_t when = rig_now(r);
	ACCEPTED(name_contact(&st, "facility-a", "facility-c", "facility-b"));
	PB(PlanView) *p = plan_of(&st, "clb");
	assert_string_equal(p->contact_party, "facility-c");
	assert_int_equal(p->n_contacts_past, 2);
	assert_string_equal(p->contacts_past[0]->party, "duty-westhoek");
	assert_true(p->contacts_past[0]->until_ms == when);
	assert_string_equal(p->contacts_past[1]->party, "facility-a");
	assert_true(p->contacts_past[1]->from_ms == when);
}

/* --- goals --- */

static PB(SetGoal) goal_of(struct story *st, uint32_t number, PB(GoalState) to)
{
	PB(SetGoal) g = PB_INIT(SET_GOAL);

	g.request_id = st->request;
	g.number = number;
	g.state = to;
	g.life_domain = number == 0 ? LD(EDUCATION) : 0;
	return g;
}

static PB(Receipt) *goal_send(struct story *st, const char *party, PB(SetGoal) g)
{
	return plan_send(st->r, party, BODY(SET_GOAL), &g);
}

/* D6, B13: a goal in the family's words; its review is said weekly until somebody looks, and no
 * more when it is reached. */
static void test_goal_is_reviewed_until_it_is_reached(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(SetGoal) g = goal_of(&st, 0, 0);
	PB(Capsule) words;

	capsule_init(&words, 5, 1);
	g.words = &words;
	g.owner = str("clb");
	g.review_ms = rig_now(r) + 10 * RIG_DAY_MS;
	ACCEPTED(goal_send(&st, "family", g));
	PB(PlanView) *p = plan_of(&st, "clb");
	assert_int_equal(p->n_goals, 1);
	assert_int_equal(p->goals[0]->state, GS(OPEN));
	assert_non_null(p->goals[0]->words);
	assert_null(plan_of(&st, "coordinator")->goals[0]->words);
	assert_int_equal(p->n_open, 1);
	assert_int_equal(p->open[0], LD(EDUCATION));
	rig_skip(r);
	rig_advance(r, 9 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 0);
	rig_advance(r, 9 * RIG_DAY_MS + RIG_HOUR_MS * 20);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 2);
	ACCEPTED(goal_send(&st, "clb", goal_of(&st, 1, GS(ON_THE_WAY))));
	assert_int_equal(plan_of(&st, "clb")->covered[0], LD(EDUCATION));
	ACCEPTED(goal_send(&st, "clb", goal_of(&st, 1, GS(REACHED))));
	rig_skip(r);
	rig_advance(r, 120 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 0);
	assert_int_equal(rig_due(r, 20), 0);
}

/* B2: a review is not forgotten when the request was closed on its date and is opened again. */
static void test_goal_review_comes_back_with_the_request(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(SetGoal) g = goal_of(&st, 0, 0);

	g.review_ms = rig_now(r) + 10 * RIG_DAY_MS;
	ACCEPTED(goal_send(&st, "clb", g));
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	rig_skip(r);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 0);
	ACCEPTED(reopen(&st, "family", 0));
	rig_advance(r, 9 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 1);
	ACCEPTED(goal_send(&st, "clb", goal_of(&st, 1, GS(REACHED))));
	ACCEPTED(close_need(&st, "family", 0, R(SELF_RESOLVED), ""));
	ACCEPTED(reopen(&st, "family", 0));
	rig_skip(r);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_OVERDUE)), 0);
}

/* B13: only the family lets a goal go; bad input is named. */
static void test_goal_bad_input_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(SetGoal) g = goal_of(&st, 0, 0);

	g.life_domain = 0;
	REFUSED(goal_send(&st, "clb", g), MISSING, "life_domain");
	REFUSED(goal_send(&st, "police", goal_of(&st, 0, 0)), NOT_YOURS, "request_id");
	REFUSED(goal_send(&st, "clb", goal_of(&st, 1, 0)), UNKNOWN_OBJECT, "number");
	REFUSED(goal_send(&st, "clb", goal_of(&st, 0, GS(REACHED))), STATE, "state");
	g = goal_of(&st, 0, 0);
	g.child = 1;
	REFUSED(goal_send(&st, "clb", g), OUT_OF_RANGE, "child");
	g.child = 0;
	g.owner = str("nobody");
	REFUSED(goal_send(&st, "clb", g), UNKNOWN_OBJECT, "owner");
	g.owner = str("");
	g.review_ms = rig_now(r);
	REFUSED(goal_send(&st, "clb", g), OUT_OF_RANGE, "review_ms");
	ACCEPTED(goal_send(&st, "clb", goal_of(&st, 0, 0)));
	REFUSED(goal_send(&st, "clb", goal_of(&st, 1, GS(LET_GO))), NOT_YOURS, "state");
	ACCEPTED(goal_send(&st, "family", goal_of(&st, 1, GS(LET_GO))));
	for (int i = 1; i < GOALS_KEPT_MAX; i++) {
		ACCEPTED(goal_send(&st, "clb", goal_of(&st, 0, 0)));
	}
	REFUSED(goal_send(&st, "clb", goal_of(&st, 0, 0)), TOO_MANY, "number");
}

/* --- the family's own wish --- */

static PB(Receipt) *wish(struct story *st, const char *party, uint64_t until_ms)
{
	PB(SetFamilyWish) w = PB_INIT(SET_FAMILY_WISH);

	w.request_id = st->request;
	w.until_ms = until_ms;
	return plan_send(st->r, party, BODY(SET_FAMILY_WISH), &w);
}

/* D3, L6: set by the family alone; the month goes on, and what runs out meanwhile carries the date
 * so that it is counted apart. */
static void test_family_wish_is_counted_apart_and_stops_no_clock(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	uint64_t due = view(&st, "clb")->answer_due_ms;
	uint64_t until = rig_now(r) + 60 * RIG_DAY_MS;

	REFUSED(wish(&st, "clb", until), NOT_YOURS, "request_id");
	REFUSED(wish(&st, "duty-westhoek", until), NOT_YOURS, "request_id");
	REFUSED(wish(&st, "family", rig_now(r)), OUT_OF_RANGE, "until_ms");
	rig_skip(r);
	ACCEPTED(wish(&st, "family", until));
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));
	assert_true(m->needs_opened->request->family_wish_until_ms == until);
	assert_true(view(&st, "clb")->answer_due_ms == due);
	rig_skip(r);
	rig_advance(r, 40 * RIG_DAY_MS);
	PB(Event) *e = event_last(r, E(TERM), A(TERM_BREACHED));
	assert_non_null(e);
	assert_true(e->until_ms == until);
	rig_skip(r);
	rig_advance(r, 21 * RIG_DAY_MS);
	m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));
	assert_true(m->needs_opened->request->family_wish_until_ms == 0);
	ACCEPTED(wish(&st, "family", rig_now(r) + RIG_DAY_MS));
	ACCEPTED(wish(&st, "family", 0));
	assert_int_equal(rig_due(r, 23), 0);
}

/* Parts of a request that is closed are not added to. */
static void test_plan_of_what_is_closed_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	REFUSED(goal_send(&st, "clb", goal_of(&st, 0, 0)), STATE, "request_id");
	REFUSED(decline(&st, "family", true), STATE, "request_id");
	REFUSED(wish(&st, "family", rig_now(r) + RIG_DAY_MS), STATE, "request_id");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_tables_all_pairs_are_as_listed),
#define T(fn) cmocka_unit_test_setup_teardown(fn, intake_setup, intake_teardown)
		T(test_plan_declined_is_asked_again_at_each_review),
		T(test_plan_wanted_is_made_at_once),
		T(test_plan_shows_who_was_contact_person_before),
		T(test_goal_is_reviewed_until_it_is_reached),
		T(test_goal_review_comes_back_with_the_request),
		T(test_goal_bad_input_is_refused),
		T(test_family_wish_is_counted_apart_and_stops_no_clock),
		T(test_plan_of_what_is_closed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
