/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: grounds seat by seat: of each child its own voices, (d) 72 hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_people.h"

#define HOURS(n) ((n)*RIG_HOUR_MS)

/* C11, scenario 3: the word of one child starts its own help, and nobody else's. */
static void test_ground_each_child_for_its_own(void **state)
{
	struct story st = story_two(*state, seats_plain);

	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	const PB(RequestItem) *it = view(&st, "contactpoint");
	assert_false(it->ground_complete);
	assert_int_equal(it->child_grounds[0]->ground, G(AGREED));
	assert_null(it->child_grounds[0]->wanted);
	assert_int_equal(it->child_grounds[1]->ground, 0);
	assert_true(it->child_grounds[1]->wanted->child_heard);
	assert_int_equal(it->child_grounds[1]->wanted->n_one_of, 2);
	ACCEPTED(youth_says(&st, 1, V(AGREE))); /* eight: heard */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 0, 1, V(AGREE))); /* of the other child */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 1, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED, 1 AGREE AGREED");
	it = view(&st, "contactpoint");
	assert_true(it->ground_complete);
	assert_int_equal(it->positions[it->n_positions - 1]->child, 1);
	REFUSED(youth_says(&st, 2, V(AGREE)), OUT_OF_RANGE, "child");
}

/* A no of one is a no for that one. */
static void test_ground_not_of_one_child_leaves_the_other(void **state)
{
	struct story st = story_two(*state, seats_plain);

	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(adult_says(&st, 1, 2, V(NOT)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED, 1 NOT");
	ACCEPTED(youth_says(&st, 0, V(NOT)));
	assert_string_equal(told_text(&st), "1: 0 NOT, 1 NOT");
}

/* C11: help at home needs the adult at that home as well; the other help of the child does not. */
static void test_ground_at_home_needs_that_home(void **state)
{
	struct story st = story_two(*state, seats_home);

	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 0, 2, V(AGREE))); /* authority, another home */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* D4: of several homes that of the child's own stays. */
static void test_ground_home_is_where_the_child_stays(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Stay) stay = PB_INIT(STAY);
	PB(Stay) *stays[] = { &stay };

	ask_init(&a);
	a.child[0].age_years = 14;
	a.m.n_adults = 2;
	a.adult[1].home = true;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, seats_home, 1));
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	ACCEPTED(adult_says(&st, 0, 2, V(AGREE)));
	assert_string_equal(told_text(&st), ""); /* both homes */
	stay.adult = 2;
	a.child[0].stays = stays;
	a.child[0].n_stays = 1;
	st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, seats_home, 1));
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	ACCEPTED(adult_says(&st, 0, 2, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* (c): for the child that it was said of. */
static void test_ground_emergency_is_of_one_child(void **state)
{
	struct story st = story_two(*state, seats_plain);

	ACCEPTED(say_ground(&st, "contactpoint", 1, G(EMERGENCY)));
	assert_string_equal(told_text(&st), "1: 1 AGREE EMERGENCY");
}

/* --- (d) --- */

static void test_ground_unclear_is_refused_by_field(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	struct story calm = story_standard(r, 1);

	REFUSED(say_ground(&calm, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	REFUSED(say_ground(&st, "family", 0, G(UNCLEAR)), NOT_YOURS, "ground");
	REFUSED(say_ground(&st, "contactpoint", 2, G(UNCLEAR)), OUT_OF_RANGE, "child");
	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground"); /* once */
	ACCEPTED(say_ground(&st, "duty-westhoek", 1, G(UNCLEAR)));
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR, 1 AGREE UNCLEAR");
}

/* 72 hours are 72 hours, over both changes of the clock, the ends of months and a leap day;
 * reminders at 24 and 48. Then the safe place goes on and nothing new starts on it. */
static void test_ground_unclear_counts_72_hours(void **state)
{
	static const char *const from[] = { "2026-03-27 18:30", "2026-10-23 18:30",
					    "2027-02-27 00:00", "2028-02-27 23:59",
					    "2028-12-30 02:30" };
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(from); i++) {
		go_to(r, from[i]);
		struct story st = story_two(r, seats_plain);
		uint64_t start = rig_now(r);
		ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
		PB(Message) *m = rig_next_of(r, "matching", BODY(POSITION_TAKEN));
		assert_true(m->position_taken->grounds[0]->until_ms == start + HOURS(72));
		rig_skip(r);
		rig_advance(r, HOURS(24) - 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 0);
		rig_advance(r, 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 1);
		rig_advance(r, HOURS(24));
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 1);
		rig_advance(r, HOURS(24) - 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 0);
		assert_true(view(&st, "contactpoint")->unclear_until_ms == start + HOURS(72));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		rig_advance(r, 1);
		assert_int_equal(alarms(r, A(OVER_72H), 0), 1);
		assert_int_equal(figure_count(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_OVER_72H),
				 (int64_t)i + 1);
		assert_true(view(&st, "contactpoint")->over_72h);
		assert_true(view(&st, "contactpoint")->unclear_until_ms == 0);
		assert_string_equal(told_text(&st), "1: 0 BACK");
		rig_advance(r, HOURS(100));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	}
}

/* What ends the hours before they are over: then nobody is told that they were. */
static void ends_them(struct story *st, int how)
{
	struct order o = { "9", 0, ALL_NEEDS, 0, rig_now(st->r) + HOURS(400), false };

	switch (how) {
	case 0:
		ACCEPTED(youth_says(st, 0, V(NOT)));
		assert_string_equal(told_text(st), "1: 0 NOT");
		break;
	case 1:
		ACCEPTED(youth_says(st, 0, V(AGREE)));
		assert_string_equal(told_text(st), "1: 0 AGREE AGREED");
		break;
	case 2:
		REFUSED(concern(st, "contactpoint", "clb"), UNKNOWN_OBJECT, "mandated_party");
		REFUSED(concern(st, "contactpoint", ""), MISSING, "mandated_party");
		REFUSED(concern(st, "family", "court"), NOT_YOURS, "request_id");
		ACCEPTED(concern(st, "contactpoint", "court"));
		assert_string_equal(told_text(st), "1: 0 BACK");
		assert_true(view(st, "contactpoint")->concern_reported);
		break;
	default:
		ACCEPTED(say_order(st, "court", o));
		assert_string_equal(told_text(st), "1: 0 AGREE ORDER");
	}
}

static void test_ground_unclear_is_ended(void **state)
{
	struct rig *r = *state;

	for (int how = 0; how < 4; how++) {
		struct story st = story_two(r, seats_plain);
		ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
		assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
		ACCEPTED(youth_says(&st, 0, V(NOT_YET))); /* says nothing of it */
		ACCEPTED(adult_says(&st, 0, 2, V(NOT)));  /* not asked: the child decides */
		assert_string_equal(told_text(&st), "");
		rig_advance(r, HOURS(30));
		ends_them(&st, how);
		rig_skip(r);
		rig_advance(r, HOURS(50));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		assert_false(view(&st, "contactpoint")->over_72h);
	}
}

/* (d) holds for whatever is proposed meanwhile, and before anything is. */
static void test_ground_unclear_is_about_the_child(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);

	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	assert_string_equal(told_text(&st), "");
	assert_true(say_team(&st, 1, seats_plain, 1));
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
	assert_true(say_team(&st, 2, (struct seat[]){ { 3, 0, "facility-c", 0, 0 } }, 1));
	assert_string_equal(told_text(&st), "2: 0 AGREE UNCLEAR");
}

/* --- choices --- */

static PB(Receipt) *choose(struct story *st, size_t need, const char *partner, uint32_t child)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Choice) c = PB_INIT(CHOICE);
	PB(Choice) *choices[] = { &c };

	c.need_id = st->need[need];
	c.partner = (char *)(uintptr_t)partner;
	p.request_id = st->request;
	p.proposal_version = 1;
	p.child = child;
	p.speaker = SP(YOUTH);
	p.voice = V(NOT_YET);
	p.choices = choices;
	p.n_choices = 1;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, "family", &m);
}

/* A9, DOMAIN 2: when several fit the child says whom it would rather have; one a need. */
static void test_ground_choice_is_passed_on(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);

	REFUSED(choose(&st, 1, "facility-c", 0), UNKNOWN_OBJECT, "choices[0].need_id");
	REFUSED(choose(&st, 0, "nobody", 0), UNKNOWN_OBJECT, "choices[0].partner");
	ACCEPTED(choose(&st, 0, "facility-c", 0));
	assert_string_equal(opened(r)->request->choices[0]->partner, "facility-c");
	ACCEPTED(choose(&st, 0, "facility-b", 0));
	const PB(NeedsOpened) *o = opened(r);
	assert_int_equal(o->request->n_choices, 1);
	assert_string_equal(o->request->choices[0]->partner, "facility-b");
	ACCEPTED(choose(&st, 1, "facility-b", 1));
	assert_int_equal(opened(r)->request->n_choices, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_ground_each_child_for_its_own),
		T(test_ground_not_of_one_child_leaves_the_other),
		T(test_ground_at_home_needs_that_home),
		T(test_ground_home_is_where_the_child_stays),
		T(test_ground_emergency_is_of_one_child),
		T(test_ground_unclear_is_refused_by_field),
		T(test_ground_unclear_counts_72_hours),
		T(test_ground_unclear_is_ended),
		T(test_ground_unclear_is_about_the_child),
		T(test_ground_choice_is_passed_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
