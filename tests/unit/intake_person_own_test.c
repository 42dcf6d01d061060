/* SPDX-License-Identifier: EUPL-1.2 */
/* What one person sees beside help: goals, own people, strengths, orders, own voice; each of its
 * own child (B1, B2, B5, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"
#include "tests/unit/warm_story.h"

#define DOMAIN(X) SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_##X
#define OWN(X) SCHAKEL__V1__OWN_STATE__OWN_STATE_##X
#define STRONG(X) SCHAKEL__V1__STRENGTH_KIND__STRENGTH_KIND_##X

static const struct looker second = { SP(YOUTH), 0, 1 };
static const struct looker stranger = { SP(ADULT), 2, 0 };

/* Two children of 13 and 14, a need for each; the second adult has no authority. A strength of the
 * second child. */
static struct story two_children(struct rig *r)
{
	static PB(Strength) strength;
	static PB(Strength) *strengths[] = { &strength };
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 2, 0);
	a.m.n_children = 2;
	a.child[1].age_years = 14;
	a.need[1].child = 1;
	a.m.n_adults = 2;
	a.adult[1].authority = false;
	schakel__v1__strength__init(&strength);
	strength.kind = STRONG(PLACE);
	strength.child = 1;
	a.m.strengths = strengths;
	a.m.n_strengths = 1;
	return story_of(r, "clb", &a);
}

static PB(Receipt) *goal(struct story *st, uint32_t child, const char *owner)
{
	PB(SetGoal) g = PB_INIT(SET_GOAL);
	PB(Message) m = PB_INIT(MESSAGE);

	g.request_id = st->request;
	g.life_domain = DOMAIN(LEISURE);
	g.state = SCHAKEL__V1__GOAL_STATE__GOAL_STATE_OPEN;
	g.child = child;
	g.owner = (char *)(uintptr_t)owner;
	g.review_ms = rig_now(st->r) + 30 * RIG_DAY_MS;
	m.body_case = BODY(SET_GOAL);
	m.set_goal = &g;
	return rig_command(st->r, "clb", &m);
}

static PB(Receipt) *own(struct story *st, uint32_t child)
{
	PB(SetOwnContribution) o = PB_INIT(SET_OWN_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	o.request_id = st->request;
	o.supporter = SUPPORTER(OWN_NETWORK);
	o.state = OWN(STARTED);
	o.life_domain = DOMAIN(LEISURE);
	o.child = child;
	m.body_case = BODY(SET_OWN_CONTRIBUTION);
	m.set_own_contribution = &o;
	return rig_command(st->r, "clb", &m);
}

/* B1, B2, B5: the plan beside the help, of the own child and of no other one. */
static void test_person_sees_its_own_goals_people_and_strengths(void **state)
{
	struct story st = two_children(*state);

	ACCEPTED(goal(&st, 0, "facility-a"));
	ACCEPTED(own(&st, 0));
	const PB(PersonView) *v = sees(&st, as_youth);
	assert_int_equal(v->n_goals, 1);
	assert_int_equal(v->goals[0]->life_domain, DOMAIN(LEISURE));
	assert_string_equal(v->goals[0]->owner, "facility-a");
	assert_true(v->goals[0]->review_ms > rig_now(st.r));
	assert_int_equal(v->n_own, 1);
	assert_int_equal(v->own[0]->state, OWN(STARTED));
	assert_int_equal(v->n_strengths, 0);
	v = sees(&st, second);
	assert_int_equal(v->n_goals, 0);
	assert_int_equal(v->n_strengths, 1);
	assert_int_equal(v->strengths[0]->kind, STRONG(PLACE));
	assert_true(v->strengths[0]->helps);
	assert_int_equal(v->n_own, 1); /* what it became */
	assert_int_equal(v->own[0]->state, OWN(PROPOSED));
	assert_int_equal(sees(&st, as_parent)->n_goals, 1);
	v = sees(&st, stranger);
	assert_int_equal(v->n_goals + v->n_own + v->n_strengths, 0);
}

/* L10: who carries a goal is not told to a parent where the child shields that help. */
static void test_person_goal_does_not_tell_what_is_shielded(void **state)
{
	struct story st = two_children(*state);

	ACCEPTED(goal(&st, 0, "facility-a"));
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_string_equal(sees(&st, as_parent)->goals[0]->owner, "facility-a");
	ACCEPTED(shield(&st, "family", 1, true));
	assert_string_equal(sees(&st, as_parent)->goals[0]->owner, "");
	assert_string_equal(sees(&st, as_youth)->goals[0]->owner, "facility-a");
}

/* B1: an order with its number, its scope and its end, to the child that it is about. */
static void test_person_sees_the_orders_about_itself(void **state)
{
	struct story st = two_children(*state);
	uint64_t until_ms = rig_now(st.r) + 60 * RIG_DAY_MS;

	ACCEPTED(say_order(&st, "court",
			   (struct order){ "2026/1", 0, ALL_NEEDS, 0, until_ms, false }));
	ACCEPTED(say_order(&st, "court",
			   (struct order){ "2026/2", ALL_CHILDREN, 1, 0, until_ms, false }));
	const PB(PersonView) *v = sees(&st, as_youth);
	assert_int_equal(v->n_orders, 1);
	assert_string_equal(v->orders[0]->number, "2026/1");
	assert_int_equal(v->orders[0]->n_expertises, 0); /* all of its help */
	assert_int_equal(v->orders[0]->until_ms, until_ms);
	assert_false(v->orders[0]->ended);
	v = sees(&st, second);
	assert_int_equal(v->n_orders, 1);
	assert_string_equal(v->orders[0]->number, "2026/2");
	assert_int_equal(v->orders[0]->n_expertises, 1);
	assert_int_equal(v->orders[0]->expertises[0], EXPERTISE + 1);
	assert_int_equal(sees(&st, stranger)->n_orders, 0);
	rig_advance(st.r, 61 * RIG_DAY_MS);
	assert_true(sees(&st, as_youth)->orders[0]->ended);
}

/* L10: each voice with its child: what one of two said is not shown as the other's. */
static void test_person_voice_is_of_its_own_child(void **state)
{
	struct story st = two_children(*state);
	const struct seat seats[] = { { 1, 0, "facility-a", M(AMBULANT), H(CAN) },
				      { 2, 1, "facility-b", M(AMBULANT), H(CAN) } };

	assert_true(say_team(&st, 1, seats, 2));
	ACCEPTED(say_word(&st, "family", (struct word){ 1, 1, SP(YOUTH), 0, V(NOT_YET), false }));
	assert_int_equal(sees(&st, as_youth)->said, 0);
	assert_int_equal(sees(&st, second)->said, V(NOT_YET));
	ACCEPTED(say_word(&st, "family", (struct word){ 1, 0, SP(ADULT), 1, V(AGREE), false }));
	assert_int_equal(sees(&st, as_parent)->said, V(AGREE));
	assert_int_equal(sees(&st, (struct looker){ SP(ADULT), 1, 1 })->said, 0);
	const PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_positions, 2);
	for (size_t i = 0; i < it->n_positions; i++) {
		bool youth = it->positions[i]->speaker == SP(YOUTH);
		assert_int_equal(it->positions[i]->child, youth ? 1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
		T(test_person_sees_its_own_goals_people_and_strengths),
		T(test_person_goal_does_not_tell_what_is_shielded),
		T(test_person_sees_the_orders_about_itself),
		T(test_person_voice_is_of_its_own_child),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
