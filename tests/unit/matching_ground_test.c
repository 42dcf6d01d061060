/* SPDX-License-Identifier: EUPL-1.2 */
/* L5 at matching: a ground is of one seat, may end, and nothing starts once it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(receipt) assert_int_equal((receipt)->outcome, OUT(ACCEPTED))

struct word {
	uint32_t need;
	PB(Voice) voice;
	PB(Ground) ground;
	uint64_t until_ms;
};

static bool words_on(struct rig *r, uint32_t version, const struct word *word, size_t len)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	PB(NeedGround) g[MATCH_NEEDS_MAX + 1];
	PB(NeedGround) *at[MATCH_NEEDS_MAX + 1];
	struct object_id id[MATCH_NEEDS_MAX + 1];
	struct object_id request = req_id(1);

	for (size_t i = 0; i < len; i++) {
		id[i] = need_id(word[i].need);
		schakel__v1__need_ground__init(&g[i]);
		g[i].need_id = object_id_data(&id[i]);
		g[i].voice = word[i].voice;
		g[i].ground = word[i].ground;
		g[i].until_ms = word[i].until_ms;
		at[i] = &g[i];
	}
	p.request_id = object_id_data(&request);
	p.proposal_version = version;
	p.voice = VOICE(AGREE);
	p.grounds = at;
	p.n_grounds = len;
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &p;
	return rig_fact(r, "intake", &m);
}

static bool words(struct rig *r, const struct word *word, size_t len)
{
	return words_on(r, request_rec(r, 1)->proposal_version, word, len);
}

static bool word(struct rig *r, uint32_t need, PB(Voice) voice, PB(Ground) ground,
		 uint64_t until_ms)
{
	return words(r, &(struct word){ need, voice, ground, until_ms }, 1);
}

/** One request with two needs, each seated and CAN. */
static struct rig *two(struct object_id ret_id[2])
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .needs = 2,
				 .need = { { .number = 1 }, { .number = 2, .expertise = 2 } } };

	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "one", .staffed = 1 }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "two", .partner = "facility-b", .staffed = 1, .expertise = 2 }));
	assert_true(demand(r, &d));
	for (uint32_t i = 0; i < 2; i++) {
		ret_id[i] = cid(seat(r, i + 1));
		ACCEPT(answer(r, i == 0 ? "facility-a" : "facility-b", &ret_id[i],
			      SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN));
	}
	return r;
}

/* B1: the seat of one child is agreed while the other's waits for its own voice; a no is of one. */
static void test_ground_is_of_one_seat(void **state)
{
	struct object_id id[2];
	struct rig *r = two(id);

	(void)state;
	assert_true(word(r, 1, VOICE(AGREE), GROUND(AGREED), 0));
	assert_int_equal(contribution_rec(r, &id[0])->state, CSTATE(AGREED));
	assert_int_equal(contribution_rec(r, &id[1])->state, CSTATE(CAN));
	assert_int_equal(start(r, "facility-b", &id[1], true)->code, REFUSE(NO_GROUND));
	assert_true(word(r, 2, VOICE(NOT), 0, 0));
	assert_int_equal(contribution_rec(r, &id[0])->state, CSTATE(AGREED));
	assert_int_equal(contribution_rec(r, &id[1])->state, CSTATE(RELEASED));
	ACCEPT(start(r, "facility-a", &id[0], true));
	world_free(r);
}

/* (b), (d): up to the end, and not at it; also when the daemon hears of the end later. */
static void test_ground_ends_at_its_instant(void **state)
{
	struct object_id id[2];
	struct rig *r = two(id);
	uint64_t until = rig_now(r) + RIG_HOUR_MS;

	(void)state;
	assert_true(words(r,
			  (struct word[]){ { 1, VOICE(AGREE), GROUND(UNCLEAR), until },
					   { 2, VOICE(AGREE), GROUND(COURT_ORDER), until } },
			  2));
	assert_int_equal(contribution_rec(r, &id[1])->state, CSTATE(AGREED));
	rig_advance(r, RIG_HOUR_MS - 1);
	ACCEPT(start(r, "facility-a", &id[0], false));
	rig_advance(r, 1);
	assert_int_equal(start(r, "facility-b", &id[1], true)->code, REFUSE(NO_GROUND));
	ACCEPT(start(r, "facility-a", &id[0], true)); /* begun before: the child was seen now */
	assert_true(word(r, 2, VOICE(AGREE), GROUND(AGREED), 0));
	assert_int_equal(contribution_rec(r, &id[1])->ground, GROUND(AGREED));
	ACCEPT(start(r, "facility-b", &id[1], true));
	world_free(r);
}

/* L5, DOMAIN 4: a decision of the gate is a new proposal, so a word that crosses it is late: intake
 * is told the new version and says the word again of that (intake_word_test.c). A yes then agrees
 * on what was prepared, at once; a no lets go of it, although an older yes and the number had
 * agreed.
 */
static void test_ground_word_that_crosses_a_gate_decision(void **state)
{
	static const struct word yes = { 1, VOICE(AGREE), GROUND(AGREED), 0 };
	static const struct word no = { 1, VOICE(NOT), 0, 0 };

	(void)state;
	for (int late_no = 0; late_no < 2; late_no++) {
		struct rig *r = world_new();
		ACCEPT(put_pool(
			r, &(struct pool_spec){ .name = "p",
						.staffed = 1,
						.access = SCHAKEL__V1__ACCESS__ACCESS_GATED }));
		demand_one(r, 1, 1, 10);
		struct object_id id = drive(r, 1, CSTATE(CAN));
		uint32_t version = request_rec(r, 1)->proposal_version;
		assert_true(late_no == 0 || words(r, &yes, 1));
		rig_skip(r);
		ACCEPT(put_gate(r, "clb", 1, 0));
		const PB(Message) *told = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
		assert_non_null(told);
		assert_int_equal(told->team_proposed->proposal_version, version + 1);
		PB(ContributionState) before = late_no == 0 ? CSTATE(CAN) : CSTATE(AGREED);
		assert_true(words_on(r, version, late_no == 0 ? &yes : &no, 1));
		assert_int_equal(contribution_rec(r, &id)->state, before); /* late */
		assert_true(words_on(r, version + 1, late_no == 0 ? &yes : &no, 1));
		PB(ContributionState) now = late_no == 0 ? CSTATE(AGREED) :
							   CSTATE(STOPPED_BY_YOUTH);
		assert_int_equal(contribution_rec(r, &id)->state, now);
		world_free(r);
	}
}

/* What is taken back starts nothing; what has started keeps the ground of its start. */
static void test_ground_is_taken_back(void **state)
{
	struct object_id id[2];
	struct rig *r = two(id);
	uint64_t until = rig_now(r) + RIG_DAY_MS;
	static const struct word back[] = { { 1, 0, 0, 0 }, { 2, 0, 0, 0 } };

	(void)state;
	assert_true(words(r,
			  (struct word[]){ { 1, VOICE(AGREE), GROUND(COURT_ORDER), until },
					   { 2, VOICE(AGREE), GROUND(COURT_ORDER), until } },
			  2));
	ACCEPT(start(r, "facility-a", &id[0], true));
	assert_true(words(r, back, 2));
	assert_int_equal(contribution_rec(r, &id[0])->ground, GROUND(COURT_ORDER));
	assert_int_equal(contribution_rec(r, &id[0])->state, CSTATE(STARTED));
	assert_int_equal(contribution_rec(r, &id[1])->ground, GROUND(UNSPECIFIED));
	assert_int_equal(contribution_rec(r, &id[1])->state, CSTATE(AGREED)); /* its seat is kept */
	assert_int_equal(start(r, "facility-b", &id[1], true)->code, REFUSE(NO_GROUND));
	/* By the way round of an interruption neither. */
	ACCEPT(interrupt(r, "facility-b", &id[1]));
	assert_int_equal(simple(r, "facility-b", BODY(RESUME_CONTRIBUTION), &id[1])->code,
			 REFUSE(NO_GROUND));
	ACCEPT(interrupt(r, "facility-a", &id[0]));
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id[0]));
	world_free(r);
}

/* A ground recorded with an ask makes no seat agreed once it has ended. */
static void test_ground_that_ended_before_the_answer(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "one", .staffed = 1 }));
	demand_one(r, 1, 1, 0);
	struct object_id id = cid(seat(r, 1));
	assert_true(word(r, 1, VOICE(AGREE), GROUND(UNCLEAR), rig_now(r) + 1000));
	rig_advance(r, 1000);
	ACCEPT(answer(r, "facility-a", &id, SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	world_free(r);
}

/* L12: what is told of seats is bounded, and says nothing that is no voice. */
static void test_ground_words_are_checked(void **state)
{
	struct object_id id[2];
	struct rig *r = two(id);
	struct word many[MATCH_NEEDS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < SK_LEN(many); i++) {
		many[i] = (struct word){ 1, VOICE(AGREE), GROUND(AGREED), 0 };
	}
	assert_false(words(r, many, MATCH_NEEDS_MAX + 1));
	assert_false(word(r, 1, VOICE(NOT_YET), 0, 0));
	assert_true(words(r, many, MATCH_NEEDS_MAX));
	assert_int_equal(contribution_rec(r, &id[0])->state, CSTATE(AGREED));
	world_free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ground_is_of_one_seat),
		cmocka_unit_test(test_ground_ends_at_its_instant),
		cmocka_unit_test(test_ground_word_that_crosses_a_gate_decision),
		cmocka_unit_test(test_ground_is_taken_back),
		cmocka_unit_test(test_ground_that_ended_before_the_answer),
		cmocka_unit_test(test_ground_words_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
