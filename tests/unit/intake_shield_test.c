/* SPDX-License-Identifier: EUPL-1.2 */
/* What a child keeps to itself; houses beside each other; what the list must know of care. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"
#include "tests/unit/warm_story.h"

#define RUNGS(X) SCHAKEL__V1__RUNG_REASON__RUNG_REASON_##X

static PB(CareNoted) *care_last(struct rig *r)
{
	PB(CareNoted) *last = NULL;
	PB(Message) *m;

	while ((m = rig_next_of(r, "waitlist", BODY(CARE_NOTED))) != NULL) {
		last = m->care_noted;
	}
	return last;
}

static bool plan_names(const PB(PlanView) *v, const char *partner)
{
	for (size_t i = 0; i < v->n_contributions; i++) {
		if (strcmp(v->contributions[i]->partner, partner) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < v->n_holders; i++) {
		if (strcmp(v->holders[i]->party, partner) == 0) {
			return true;
		}
	}
	return false;
}

/* DOMAIN 3: shielded help stands in no plan and no family view, and makes no plan by being there;
 * the list is told, so that no small figure shows it. */
static void test_shield_keeps_help_out_of_plan_and_family_view(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	REFUSED(shield(&st, "facility-c", 1, true), NOT_YOURS, "request_id");
	REFUSED(shield(&st, "family", 9, true), UNKNOWN_OBJECT, "contribution_id");
	rig_skip(r);
	ACCEPTED(shield(&st, "family", 1, true));
	PB(CareNoted) *care = care_last(r);
	assert_non_null(care);
	assert_int_equal(care->n_shielded, 1);
	assert_true(say_started(&st, 2, 1, "facility-b"));
	PB(PlanView) *plan = plan_of(&st, "coordinator");
	assert_int_equal(plan->plan_id.len, 0); /* one house that may be known is no two */
	assert_false(plan_names(plan, "facility-a"));
	assert_true(plan_names(plan, "facility-b"));
	PB(RequestItem) *it = view(&st, "family");
	assert_int_equal(it->n_needs, 1); /* the need itself would tell */
	assert_int_equal(it->needs[0]->need->ordinal, 2);
	assert_int_equal(view(&st, "coordinator")->n_needs, 1);
	assert_int_equal(view(&st, "facility-a")->n_needs, 2);
	it = view(&st, "facility-b");
	assert_int_equal(it->n_needs, 1);
	for (size_t i = 0; i < it->n_holders; i++) {
		assert_string_not_equal(it->holders[i]->party, "facility-a");
	}
	it = view(&st, "family");
	for (size_t i = 0; i < it->n_holders; i++) {
		assert_string_not_equal(it->holders[i]->party, "facility-a");
	}
	assert_int_equal(view(&st, "duty-westhoek")->needs[0]->n_contributions, 1);
	ACCEPTED(shield(&st, "family", 1, false));
	assert_int_equal(care_last(r)->n_shielded, 0);
	assert_true(plan_names(plan_of(&st, "coordinator"), "facility-a"));
	assert_int_not_equal(plan_of(&st, "coordinator")->plan_id.len, 0);
}

/* DOMAIN 3: only a child that is capable keeps something to itself. */
static void test_shield_is_of_the_capable_child(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 9;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	REFUSED(shield(&st, "family", 1, true), CONTRADICTS, "child");
}

/* D7: two houses beside each other, one of them out of the plan: told to who may be known only. */
static void test_parallel_is_told_to_who_agreed_to_be_known(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	rig_skip(r);
	ACCEPTED(let_know(&st, "family", 2, false));
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 0);
	ACCEPTED(let_know(&st, "family", 2, true));
	PB(Event) *e = last_event(r, E(ALARM), A(PARALLEL_SUPPORT));
	assert_non_null(e);
	assert_string_equal(e->party, "facility-b");
	ACCEPTED(let_know(&st, "family", 1, true)); /* shielded: known to nobody all the same */
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 0);
	PB(PlanView) *plan = plan_of(&st, "coordinator");
	assert_int_equal(plan->n_parallel, 1);
	assert_string_equal(plan->parallel[0], "facility-b");
	ACCEPTED(shield(&st, "family", 1, false)); /* now in one plan: with each other */
	assert_int_equal(plan_of(&st, "coordinator")->n_parallel, 0);
}

static PB(Receipt) *decline(struct story *st, bool declined)
{
	PB(DeclinePlan) d = PB_INIT(DECLINE_PLAN);

	d.request_id = st->request;
	d.declined = declined;
	return plan_send(st->r, "family", BODY(DECLINE_PLAN), &d);
}

/* D7: two houses beside each other by two requests of one family: each that may be known is told in
 * its own request, and neither request shows what the other has. */
static void test_parallel_is_seen_over_a_joined_family(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");

	assert_true(say_started(&a, 1, 0, "facility-a"));
	assert_true(say_started(&b, 2, 0, "facility-b"));
	ACCEPTED(let_know(&a, "family", 1, true));
	ACCEPTED(let_know(&b, "family", 2, true));
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 0); /* not known as one family */
	ACCEPTED(join(&a, &b, "contactpoint", false));
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 0); /* in one plan */
	ACCEPTED(decline(&b, true));
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 2);
	PB(PlanView) *plan = plan_of(&a, "clb");
	assert_int_equal(plan->n_parallel, 1);
	assert_string_equal(plan->parallel[0], "facility-a");
	ACCEPTED(decline(&b, true)); /* told once */
	assert_int_equal(events(r, E(ALARM), A(PARALLEL_SUPPORT)), 0);
	ACCEPTED(split(&b, "contactpoint"));
	assert_int_equal(plan_of(&a, "clb")->n_parallel, 0);
	assert_int_equal(plan_of(&b, "police")->n_parallel, 0);
}

/* The list hears of danger, of turns between yes and no, and of nothing twice. */
static void test_care_is_noted_when_it_changes(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);

	rig_skip(r);
	ACCEPTED(climb(&st, "contactpoint", 0, RUNGS(DANGER)));
	PB(CareNoted) *care = care_last(r);
	assert_non_null(care);
	assert_true(care->danger);
	uint32_t version = care->version;
	ACCEPTED(climb(&st, "contactpoint", 0, RUNGS(DANGER)));
	assert_null(care_last(r));
	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(shield(&st, "family", 1, true));
	assert_true(care_last(r)->version > version);
}

static PB(Receipt) *speak(struct story *st, uint32_t version, PB(Voice) voice)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	p.request_id = st->request;
	p.proposal_version = version;
	p.speaker = SP(YOUTH);
	p.voice = voice;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, "family", &m);
}

/* Ambivalent: yes and no by turns, twice each; the same word again is no turn. */
static void test_care_ambivalent_is_two_turns_each(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_team(&st, 1, &(struct seat){ 2, 0, "facility-b", 0, 0 }, 1));
	ACCEPTED(speak(&st, 1, V(AGREE)));
	ACCEPTED(speak(&st, 1, V(AGREE)));
	ACCEPTED(speak(&st, 1, V(NOT)));
	ACCEPTED(speak(&st, 1, V(NOT)));
	ACCEPTED(speak(&st, 1, V(NOT_YET)));
	ACCEPTED(speak(&st, 1, V(AGREE)));
	assert_null(care_last(r));
	ACCEPTED(speak(&st, 1, V(NOT)));
	PB(CareNoted) *care = care_last(r);
	assert_non_null(care);
	assert_true(care->ambivalent);
	assert_false(care->danger);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_shield_keeps_help_out_of_plan_and_family_view),
		T(test_shield_is_of_the_capable_child),
		T(test_parallel_is_told_to_who_agreed_to_be_known),
		T(test_parallel_is_seen_over_a_joined_family),
		T(test_care_is_noted_when_it_changes),
		T(test_care_ambivalent_is_two_turns_each),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
