/* SPDX-License-Identifier: EUPL-1.2 */
/* Birthdays and judgements: when a child's own word counts, and when the parents' stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"

static struct story born(struct rig *r, uint32_t day)
{
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 0;
	a.child[0].born = day;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, &(struct seat){ 1, 0, "facility-a", 0, 0 }, 1));
	rig_skip(r);
	return st;
}

/* The log of events keeps some weeks: a long way is gone in steps. */
static void go_far(struct rig *r, const char *text)
{
	while (rig_now(r) + 20 * RIG_DAY_MS < local_ms(text)) {
		rig_advance(r, 20 * RIG_DAY_MS);
		rig_skip(r);
	}
	go_to(r, text);
}

static PB(Receipt) *youth(struct story *st, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, 0, SP(YOUTH), 0, voice, false });
}

static PB(Receipt) *parent(struct story *st, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, 0, SP(ADULT), 1, voice, true });
}

/* DOMAIN 5: at 12 the child is presumed capable, and asked: from the first instant of that day. */
static void test_age_12_is_asked_on_the_day(void **state)
{
	struct rig *r = *state;
	struct story st =
		born(r, DAY_OF_BIRTH(2014, 3, 29)); /* the day on which summer time begins */

	ACCEPTED(parent(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	go_to(r, "2026-03-28 23:59");
	rig_skip(r);
	assert_int_equal(view(&st, "clb")->request->age_years, 11);
	assert_false(view(&st, "clb")->child_grounds[0]->capable);
	rig_advance(r, 60000);
	assert_int_equal(alarms(r, A(AGE_12), 0), 1);
	const PB(NeedsOpened) *o = opened(r);
	assert_int_equal(o->request->age_years, 12);
	assert_int_equal(o->request->children[0]->age_years, 12);
	assert_true(view(&st, "clb")->child_grounds[0]->capable);
	assert_true(view(&st, "clb")->child_grounds[0]->wanted->youth);
}

/* A9: at 17 and 17 and a half people are reminded of what comes after 18. */
static void test_age_17_reminds_twice(void **state)
{
	struct rig *r = *state;
	struct story st = born(r, DAY_OF_BIRTH(2009, 8, 31));

	go_far(r, "2026-08-30 23:59");
	assert_int_equal(alarms(r, A(AGE_17), 0), 0);
	go_to(r, "2026-08-31 00:00");
	assert_int_equal(alarms(r, A(AGE_17), 0), 1);
	go_far(r, "2027-02-28 23:59");
	assert_int_equal(alarms(r, A(AGE_17), 0), 0);
	go_to(r, "2027-03-01 00:00"); /* February has no 31st */
	assert_int_equal(alarms(r, A(AGE_17), 0), 1);
	assert_int_equal(view(&st, "clb")->request->age_years, 17);
}

/* A9, scenario 5: at 18 the parents' word stops counting at 00:00; the date does not move, and who
 * was agreed for by them alone is asked itself before anything starts. */
static void test_age_18_is_its_own_word(void **state)
{
	struct rig *r = *state;
	struct story st = born(r, DAY_OF_BIRTH(2008, 4, 12));
	uint64_t arrival = view(&st, "clb")->needs[0]->need->arrival_ms;
	struct seat seat = { 1, 0, "facility-a", 0, H(AGREED) };

	ACCEPTED(judge(&st, "clb", 0, false, 0));
	ACCEPTED(parent(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(1);
	c.contribution_id = object_id_data(&id);
	c.version = 3;
	c.request_id = st.request;
	c.need_id = st.need[0];
	c.partner = "facility-a";
	c.state = H(AGREED);
	c.ground = G(AGREED);
	c.at_ms = rig_now(r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(r, "matching", &m));
	assert_true(say_team(&st, 2, &seat, 1));
	rig_skip(r);
	go_to(r, "2026-04-11 23:59");
	assert_int_equal(alarms(r, A(AGE_18), 0), 0);
	rig_advance(r, 59999);
	ACCEPTED(parent(&st, V(AGREE))); /* still the eleventh */
	rig_skip(r);
	rig_advance(r, 1);
	assert_int_equal(alarms(r, A(AGE_18), 0), 1);
	assert_string_equal(told_text(&st), "2: 0 BACK");
	assert_true(opened(r)->needs[0]->arrival_ms == arrival);
	REFUSED(parent(&st, V(AGREE)), STATE, "adult");
	REFUSED(judge(&st, "clb", 0, false, 0), STATE, "child");
	const PB(ChildGround) *g = view(&st, "clb")->child_grounds[0];
	assert_true(g->capable && g->wanted->youth);
	assert_int_equal(g->wanted->n_adults + g->wanted->n_one_of, 0);
	ACCEPTED(youth(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
}

/* Whoever is born on 29 February turns on 1 March in other years. */
static void test_age_born_on_a_leap_day(void **state)
{
	struct rig *r = *state;

	go_to(r, "2026-03-04 10:00");
	struct story st = born(r, DAY_OF_BIRTH(2016, 2, 29));
	go_far(r, "2027-02-28 23:59");
	assert_int_equal(view(&st, "clb")->request->age_years, 10);
	go_to(r, "2027-03-01 00:00");
	assert_int_equal(view(&st, "clb")->request->age_years, 11);
	go_far(r, "2028-02-28 23:59");
	rig_skip(r);
	go_to(r, "2028-02-29 00:00");
	assert_int_equal(alarms(r, A(AGE_12), 0), 1);
	assert_int_equal(opened(r)->request->age_years, 12);
}

/* --- judgements --- */

/* B1, scenario 3: found earlier, or absent: by whom, when, why; the newest holds, all are kept. */
static void test_judgement_newest_holds(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 11;
	struct story st = story_of(r, "clb", &a);
	REFUSED(judge(&st, "family", 0, true, 0), NOT_YOURS, "request_id");
	REFUSED(judge(&st, "facility-a", 0, true, 0), NOT_YOURS, "request_id");
	REFUSED(judge(&st, "clb", 1, true, 0), OUT_OF_RANGE, "child");
	REFUSED(judge(&st, "clb", 0, true, rig_now(r)), OUT_OF_RANGE, "until_ms");
	assert_false(view(&st, "clb")->child_grounds[0]->capable);
	assert_true(opened(r)->request->children[0]->parents_decide);
	ACCEPTED(judge(&st, "clb", 0, true, 0));
	assert_true(view(&st, "clb")->child_grounds[0]->capable);
	assert_false(opened(r)->request->children[0]->parents_decide); /* others are told at once */
	ACCEPTED(judge(&st, "contactpoint", 0, false, rig_now(r) + RIG_DAY_MS));
	const PB(RequestItem) *it = view(&st, "clb");
	assert_false(it->child_grounds[0]->capable);
	assert_int_equal(it->n_judgements, 2);
	assert_true(it->judgements[0]->capable);
	assert_string_equal(it->judgements[1]->party, "contactpoint");
	assert_true(it->judgements[1]->at_ms == rig_now(r));
	rig_skip(r);
	rig_advance(r, RIG_DAY_MS - 1);
	assert_int_equal(alarms(r, A(JUDGEMENT), 0), 0);
	rig_advance(r, 1);
	assert_int_equal(alarms(r, A(JUDGEMENT), 0), 1);
	assert_false(view(&st, "clb")->child_grounds[0]->capable); /* until a person looks */
}

/* What was said with the push is a judgement of who pushed; absent before 12 says nothing of 12. */
static void test_judgement_with_the_push(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 0;
	a.child[0].born = DAY_OF_BIRTH(2014, 4, 1);
	a.child[0].judged_incapable = true;
	struct story st = story_of(r, "clb", &a);
	const PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_judgements, 1);
	assert_string_equal(it->judgements[0]->party, "clb");
	assert_false(it->child_grounds[0]->capable);
	go_to(r, "2026-04-01 00:00");
	assert_true(view(&st, "clb")->child_grounds[0]->capable);
	ACCEPTED(judge(&st, "clb", 0, false, 0));
	assert_false(view(&st, "clb")->child_grounds[0]->capable);
}

static void test_judgements_at_the_limit(void **state)
{
	struct story st = story_standard(*state, 1);

	for (size_t i = 0; i < JUDGEMENTS_MAX; i++) {
		ACCEPTED(judge(&st, "clb", 0, i % 2 == 0, 0));
	}
	REFUSED(judge(&st, "clb", 0, true, 0), TOO_MANY, "child");
	assert_int_equal(view(&st, "clb")->n_judgements, JUDGEMENTS_MAX);
}

/* C11: a judgement may complete a ground that was lacking, or open one. */
static void test_judgement_changes_whose_word_counts(void **state)
{
	struct rig *r = *state;
	struct story st = born(r, DAY_OF_BIRTH(2015, 6, 1));

	ACCEPTED(youth(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(judge(&st, "clb", 0, true, 0));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* L5(a): the parents' yes is no whole one once the child's own word is needed too. It is taken back
 * on the birthday until the child says yes; help that has started goes on. */
static void test_age_12_takes_back_a_yes_without_the_child(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	static const struct seat started[] = { { 1, 0, "facility-a", 0, H(STARTED) } };
	struct rig *r = *state;
	struct story st = born(r, DAY_OF_BIRTH(2014, 3, 29));
	struct story other = born(r, DAY_OF_BIRTH(2014, 3, 29));

	ACCEPTED(parent(&st, V(AGREE)));
	ACCEPTED(parent(&other, V(AGREE)));
	assert_true(say_team(&other, 2, started, 1));
	rig_skip(r);
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), "");
	go_to(r, "2026-03-28 23:59");
	assert_string_equal(told_text(&st), "");
	rig_advance(r, 60000);
	assert_string_equal(told_text(&st), "2: 0 BACK"); /* and nothing of the other */
	assert_true(say_team(&st, 3, agreed, 1));
	assert_string_equal(told_text(&st), "3: 0 BACK"); /* it may have crossed this one */
	ACCEPTED(youth(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "3: 0 AGREE AGREED");
}

/* L5(a): the same when somebody finds that a younger child can judge for itself, or that an older
 * one cannot; a judgement that changes nobody's word takes nothing back. */
static void test_judgement_takes_back_a_yes_without_the_child(void **state)
{
	struct rig *r = *state;
	struct story st = born(r, DAY_OF_BIRTH(2015, 6, 1));

	ACCEPTED(parent(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(judge(&st, "clb", 0, false, 0));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(judge(&st, "clb", 0, true, 0));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	ACCEPTED(youth(&st, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(parent(&st, V(TALK_FIRST))); /* nothing at home: not its word that counts */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(judge(&st, "clb", 0, false, 0));
	assert_string_equal(told_text(&st), "1: 0 BACK");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_age_12_is_asked_on_the_day),
		T(test_age_17_reminds_twice),
		T(test_age_18_is_its_own_word),
		T(test_age_born_on_a_leap_day),
		T(test_judgement_newest_holds),
		T(test_judgement_with_the_push),
		T(test_judgements_at_the_limit),
		T(test_judgement_changes_whose_word_counts),
		T(test_age_12_takes_back_a_yes_without_the_child),
		T(test_judgement_takes_back_a_yes_without_the_child),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
