/* SPDX-License-Identifier: EUPL-1.2 */
/* One person's view beside the others' of the same family: its own word, and what a child shields
 * (B1, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_people.h"

#define X(NAME) SCHAKEL__V1__NEXT_STEP__NEXT_STEP_##NAME
#define KB(NAME) SCHAKEL__V1__KEPT_BACK__KEPT_BACK_##NAME
#define AN(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME

/* B1, L10: of two children each is asked for its own word, and hears nothing of the other's. */
static void test_person_each_child_is_asked_for_its_own_word(void **state)
{
	struct rig *r = *state;
	const struct looker elder = { SP(YOUTH), 0, 1 };
	const struct seat seats[] = { { 1, 0, "facility-a", 0, H(ASKED) },
				      { 2, 1, "facility-b", 0, H(ASKED) } };
	struct ask a;
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	family_init(&a);
	ask_needs(&a, 2, 0);
	a.m.n_children = 2;
	a.child[1].age_years = 15;
	a.need[1].child = 1;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, seats, 2));
	assert_true(sees(&st, as_youth)->my_word);
	assert_true(sees(&st, elder)->my_word);
	p.request_id = st.request;
	p.proposal_version = 1;
	p.speaker = SP(YOUTH);
	p.voice = V(AGREE);
	p.child = 1;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	ACCEPTED(rig_command(r, "family", &m));
	assert_true(sees(&st, as_youth)->my_word);
	assert_int_equal(sees(&st, as_youth)->ground, 0);
	assert_false(sees(&st, elder)->my_word);
	assert_false(sees(&st, elder)->other_word);
	assert_int_equal(sees(&st, elder)->ground, G(AGREED));
}

/* L10, DOMAIN 3: help that the child shielded is gone from a parent's view also once it has ended,
 * until the child lifts it. */
static void test_person_need_stays_shielded_when_its_help_has_ended(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);
	PB(ShieldContribution) m = PB_INIT(SHIELD_CONTRIBUTION);
	PB(Message) msg = PB_INIT(MESSAGE);
	struct object_id id = rig_id(1);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_int_equal(sees(&st, as_parent)->n_needs, 2);
	m.request_id = st.request;
	m.contribution_id = object_id_data(&id);
	m.shielded = true;
	msg.body_case = BODY(SHIELD_CONTRIBUTION);
	msg.shield_contribution = &m;
	ACCEPTED(rig_command(r, "family", &msg));
	assert_int_equal(sees(&st, as_parent)->n_needs, 1);
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), true, 0 }));
	assert_int_equal(sees(&st, as_parent)->n_needs, 1);
	assert_int_equal(sees(&st, as_youth)->n_needs, 2);
	m.shielded = false;
	ACCEPTED(rig_command(r, "family", &msg));
	assert_int_equal(sees(&st, as_parent)->n_needs, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_person_each_child_is_asked_for_its_own_word),
		T(test_person_need_stays_shielded_when_its_help_has_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
