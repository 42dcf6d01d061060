/* SPDX-License-Identifier: EUPL-1.2 */
/* What a person reads of others: who calls in a crisis, who is late, which children there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_people.h"

#define X(NAME) SCHAKEL__V1__NEXT_STEP__NEXT_STEP_##NAME

/* D1, L2: in a crisis the contact point that took it calls, by the hour of the night plan, until
 * help starts; a parent who may not be near the child is not told who looks. */
static void test_person_in_crisis_sees_who_took_it(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	PB(RecordNightPlan) p = PB_INIT(RECORD_NIGHT_PLAN);
	PB(CalledService) called = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_NONE;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(PersonView) *v = sees(&st, as_youth);

	assert_string_equal(v->crisis_party, "contactpoint");
	capsule_init(&c, 9, 1);
	p.request_id = st.request;
	p.plan = &c;
	p.call_at_ms = rig_now(r) + RIG_HOUR_MS;
	p.called = &called;
	p.n_called = 1;
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &p;
	ACCEPTED(rig_command(r, "contactpoint", &m));
	v = sees(&st, as_youth);
	assert_int_equal(v->next, X(CALL));
	assert_string_equal(v->next_party, "contactpoint");
	assert_true(v->next_ms == p.call_at_ms);
	rig_advance(r, 2 * RIG_HOUR_MS); /* nothing is promised that has passed */
	v = sees(&st, as_youth);
	assert_true(v->next != X(CALL) && v->next_ms > rig_now(r));
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_string_equal(sees(&st, as_youth)->crisis_party, "");
	st = family_story(r);
	assert_string_equal(sees(&st, as_youth)->crisis_party, "");
}

/* D3: nobody was named in time: that is said, until somebody is. */
static void test_person_is_told_that_the_contact_person_is_late(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);

	assert_false(sees(&st, as_youth)->contact_late);
	rig_advance(r, 12 * RIG_DAY_MS);
	assert_true(sees(&st, as_youth)->contact_late);
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	assert_false(sees(&st, as_youth)->contact_late);
}

/* B11, C11: a parent hears of the second child where it may see that child; a child of itself only.
 */
static void test_person_parent_knows_of_the_second_child(void **state)
{
	struct ask a;
	PB(Child) second = PB_INIT(CHILD);
	PB(Child) *children[2];

	family_init(&a);
	children[0] = a.m.children[0];
	children[1] = &second;
	second.age_years = 18;
	a.m.children = children;
	a.m.n_children = 2;
	struct story st = story_of(*state, "clb", &a);
	assert_int_equal(sees(&st, as_parent)->children, 1); /* the other is of age */
	second.age_years = 6;
	st = story_of(*state, "clb", &a);
	assert_int_equal(sees(&st, as_parent)->children, 2);
	assert_int_equal(sees(&st, as_youth)->children, 1);
}

/* A4, L10: child and parent read when the talk is; what has been is not told as to come. */
static void test_person_reads_when_the_talk_is(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);
	PB(CaseTableFact) f = PB_INIT(CASE_TABLE_FACT);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(77);

	f.table_id = object_id_data(&id);
	f.version = 1;
	f.request_id = st.request;
	f.state = SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_PLANNED;
	f.due_ms = rig_now(r) + 9 * RIG_DAY_MS;
	f.planned_ms = rig_now(r) + 2 * RIG_DAY_MS;
	m.body_case = BODY(CASE_TABLE_FACT);
	m.case_table_fact = &f;
	assert_true(rig_fact(r, "waitlist", &m));
	assert_int_equal(sees(&st, as_youth)->n_tables, 1);
	assert_true(sees(&st, as_parent)->tables[0]->planned_ms == f.planned_ms);
	rig_advance(r, 3 * RIG_DAY_MS);
	assert_int_equal(sees(&st, as_youth)->n_tables, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_person_in_crisis_sees_who_took_it),
		T(test_person_is_told_that_the_contact_person_is_late),
		T(test_person_parent_knows_of_the_second_child),
		T(test_person_reads_when_the_talk_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
