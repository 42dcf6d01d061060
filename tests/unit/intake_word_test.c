/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: a word belongs to who said it and the last one counts, until help starts; and the hours of an
 * unclear agreement are had once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_people.h"
#include "tests/unit/warm_story.h"

#define HOURS(n) ((n)*RIG_HOUR_MS)

/* L5, DOMAIN 4: a no that crosses a new proposal on its way counts: matching passed it over as one
 * on an older proposal, and the seat that was agreed on would start. */
static void test_ground_no_that_crosses_a_proposal_is_told_again(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	struct story st = story_two(*state, seats_plain);

	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), ""); /* a yes is not told again */
	ACCEPTED(youth_says(&st, 0, V(NOT)));
	assert_string_equal(told_text(&st), "2: 0 NOT");
	assert_true(say_team(&st, 3, agreed, 1));
	assert_string_equal(told_text(&st), "3: 0 NOT");
	assert_true(say_team(&st, 4, agreed, 1));
	assert_string_equal(told_text(&st), "4: 0 NOT");
}

/* L5, DOMAIN 4: a decision of the gate is a new proposal with the same seats. A yes that crosses it
 * is said again of what is prepared and waits for the number; and of a seat that is agreed on and
 * whose yes was taken back and given again, for matching holds it without a ground. */
static void test_ground_yes_that_crosses_a_gate_decision_is_told_again(void **state)
{
	static const struct seat can[] = { { 1, 0, "facility-a", 0, H(CAN) } };
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	struct share share = { 1, 2, 0, "facility-a", .state = H(CAN) };
	struct story st = story_two(*state, seats_plain);

	assert_true(say_share(&st, share));
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	assert_true(say_team(&st, 2, can, 1));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
	share = (struct share){ 1, 3, 0, "facility-a", .state = H(AGREED), .ground = G(AGREED) };
	assert_true(say_share(&st, share));
	ACCEPTED(youth_says(&st, 0, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "2: 0 BACK");
	share.version = 4;
	share.ground = 0;
	assert_true(say_share(&st, share));
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
	assert_true(say_team(&st, 3, agreed, 1));
	assert_string_equal(told_text(&st), "3: 0 AGREE AGREED");
	share.version = 5;
	share.ground = G(AGREED);
	assert_true(say_share(&st, share));
	assert_true(say_team(&st, 4, agreed, 1));
	assert_string_equal(told_text(&st), ""); /* matching holds it */
}

/* L5: until help starts the last word counts: "not yet" and "I want to talk first" take a yes back,
 * also when they cross a new proposal. */
static void test_ground_second_thought_takes_a_yes_back(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	static const struct seat started[] = { { 1, 0, "facility-a", 0, H(STARTED) } };
	struct story st = story_two(*state, seats_plain);

	ACCEPTED(youth_says(&st, 0, V(NOT_YET)));
	assert_string_equal(told_text(&st), ""); /* nothing was told that could start */
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(youth_says(&st, 0, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	ACCEPTED(youth_says(&st, 0, V(NOT_YET)));
	assert_string_equal(told_text(&st), "");
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), "2: 0 BACK");
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
	assert_true(say_team(&st, 3, started, 1));
	ACCEPTED(youth_says(&st, 0, V(NOT_YET))); /* what has started is stopped by who asks that */
	assert_string_equal(told_text(&st), "");
}

/* L5(a): so do those of an adult whose word it takes, and of no other. */
static void test_ground_second_thought_of_an_adult(void **state)
{
	struct story st = story_two(*state, seats_home);

	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(adult_says(&st, 0, 2, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 0, 1, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "1: 0 BACK");
}

static PB(Adult) adult_who(uint32_t number, struct object_id *person)
{
	PB(Adult) a = PB_INIT(ADULT);

	a.number = number;
	a.authority = true;
	a.person_id = object_id_data(person);
	return a;
}

static PB(Receipt) *amend_adults(struct story *st, const char *party, PB(Adult) *adults, size_t len)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Message) msg = PB_INIT(MESSAGE);
	PB(Adult) *at[] = { adults, adults + 1 };

	m.request_id = st->request;
	m.based_on = view(st, "coordinator")->request->request_version;
	m.adults = at;
	m.n_adults = len;
	msg.body_case = BODY(AMEND_REQUEST);
	msg.amend_request = &m;
	return rig_command(st->r, party, &msg);
}

/* A child of 8 and two parents with authority, who are told by person. */
static struct story of_two_parents(struct rig *r, struct object_id person[3])
{
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 8;
	a.m.n_adults = 2;
	for (uint32_t i = 0; i < 2; i++) {
		person[i] = rig_id(700 + i);
		a.adult[i] = adult_who(i + 1, &person[i]);
	}
	person[2] = rig_id(702);
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, seats_plain, 1));
	rig_skip(r);
	return st;
}

/* L5(a): a yes belongs to who said it. Somebody else by the same number has said nothing. */
static void test_ground_yes_goes_with_who_said_it(void **state)
{
	struct object_id person[3];
	struct story st = of_two_parents(*state, person);
	PB(Adult) to[] = { adult_who(1, &person[2]), adult_who(2, &person[1]) };

	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	assert_int_equal(view(&st, "clb")->child_grounds[0]->wanted->n_one_of, 2);
	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	/* Told anew without its person it is the same one. */
	to[0].person_id = (ProtobufCBinaryData){ 0, NULL };
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "");
	assert_memory_equal(view(&st, "clb")->adults[0]->person_id.data, person[2].b,
			    OBJECT_ID_LEN);
	/* Left out, and the number given away later: the yes does not wait for the next one. */
	to[0] = to[1];
	ACCEPTED(amend_adults(&st, "clb", to, 1));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	to[1] = adult_who(1, &person[0]);
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "");
}

/* L5(a): the yes of some is not a yes once the word of somebody else is needed as well: who comes
 * to live where help works, or has authority in a conflict. It is told back, and again with each
 * new proposal that it may cross, until they have all said yes. */
static void test_ground_yes_lacks_who_came_in(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	struct object_id person[3];
	struct story st = of_two_parents(*state, person);
	PB(Adult) to[] = { adult_who(1, &person[0]), adult_who(2, &person[1]) };

	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(amend_adults(&st, "clb", to, 2)); /* as it was */
	assert_string_equal(told_text(&st), "");
	to[1].conflict = true;
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), "2: 0 BACK");
	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult_says(&st, 0, 2, V(AGREE)));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
	assert_true(say_team(&st, 3, agreed, 1));
	assert_string_equal(told_text(&st), "");
}

/* L5(a): a stated no is not taken away by leaving out who said it; that is for who carries the
 * whole to say. */
static void test_ground_no_is_not_left_out(void **state)
{
	struct object_id person[3];
	struct story st = of_two_parents(*state, person);
	PB(Adult) to[] = { adult_who(1, &person[0]), adult_who(2, &person[1]) };

	ACCEPTED(adult_says(&st, 0, 1, V(AGREE)));
	ACCEPTED(adult_says(&st, 0, 2, V(NOT)));
	REFUSED(amend_adults(&st, "clb", to, 1), NOT_YOURS, "adults");
	REFUSED(amend_adults(&st, "family", to, 1), NOT_YOURS, "adults");
	to[1].authority = false;
	REFUSED(amend_adults(&st, "clb", to, 2), NOT_YOURS, "adults");
	to[1] = adult_who(2, &person[2]);
	REFUSED(amend_adults(&st, "clb", to, 2), NOT_YOURS, "adults");
	to[1] = adult_who(2, &person[1]);
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	ACCEPTED(amend_adults(&st, "duty-westhoek", to, 1));
}

static PB(Receipt) *urgency(struct story *st, PB(Urgency) to)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Message) msg = PB_INIT(MESSAGE);

	m.request_id = st->request;
	m.based_on = view(st, "contactpoint")->request->request_version;
	m.urgency = to;
	m.second_party = to == U(URGENT) ? (char *)(uintptr_t) "clb" : m.second_party;
	m.crisis_step = to == U(CRISIS) ? 1 : 0;
	m.reason = to == U(CRISIS) ? D(VIOLENCE) : 0;
	msg.body_case = BODY(AMEND_REQUEST);
	msg.amend_request = &m;
	return rig_command(st->r, "contactpoint", &msg);
}

/* DOMAIN 5, L5(d): a crisis that is called off and on again has the hours that it had: they end and
 * are counted, and are not had twice. When it has been over for as long they may be new. */
static void test_ground_unclear_is_not_renewed(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);

	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	rig_advance(r, HOURS(71));
	ACCEPTED(urgency(&st, U(URGENT)));
	ACCEPTED(urgency(&st, U(CRISIS)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	(void)alarms(r, A(OVER_72H), 0);
	rig_advance(r, HOURS(1));
	assert_int_equal(alarms(r, A(OVER_72H), 0), 1);
	ACCEPTED(urgency(&st, U(URGENT)));
	rig_advance(r, HOURS(72) - 1);
	ACCEPTED(urgency(&st, U(CRISIS)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	ACCEPTED(urgency(&st, U(URGENT)));
	rig_advance(r, HOURS(72));
	ACCEPTED(urgency(&st, U(CRISIS)));
	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_ground_no_that_crosses_a_proposal_is_told_again),
		T(test_ground_yes_that_crosses_a_gate_decision_is_told_again),
		T(test_ground_second_thought_takes_a_yes_back),
		T(test_ground_second_thought_of_an_adult),
		T(test_ground_yes_goes_with_who_said_it),
		T(test_ground_no_is_not_left_out),
		T(test_ground_yes_lacks_who_came_in),
		T(test_ground_unclear_is_not_renewed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
