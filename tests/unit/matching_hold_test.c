/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what an amount counts under beside the free amount: limits of a week, workers and their
 * caps, school ateliers; and who publishes and answers for a pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define REFUSE_AT(x, why, at)                                 \
	do {                                                  \
		const PB(Receipt) *ret = (x);                 \
		assert_int_equal(ret->outcome, OUT(REFUSED)); \
		assert_int_equal(ret->code, REFUSE(why));     \
		assert_string_equal(ret->field, (at));        \
	} while (0)
#define POOL_SAYS(NAME) SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_##NAME

/* A6: two units of a use in a week and no third; a new week gives again, by itself. */
static void test_hold_week_limit_gives_again_on_monday(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9, .week = 2 + 1 }));
	demand_one(r, 1, 1, 10);
	demand_one(r, 2, 1, 11);
	demand_one(r, 3, 1, 12);
	assert_false(waits(r, 1));
	assert_false(waits(r, 2));
	assert_true(waits(r, 3));
	rig_advance(r, week_end(rig_now(r)) - rig_now(r) - 1);
	assert_true(waits(r, 3));
	rig_advance(r, 1);
	assert_false(waits(r, 3));
	world_free(r);
}

/* What was asked and never started gives its unit of the week back; what started does not. */
static void test_hold_week_limit_counts_what_started(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9, .week = 1 + 1 }));
	demand_one(r, 1, 1, 10);
	struct object_id first = cid(seat(r, 1));
	demand_one(r, 2, 1, 11);
	assert_true(waits(r, 2));
	ACCEPT(answer(r, "facility-a", &first, ANSWER(NOT_OURS)));
	assert_false(waits(r, 2));
	struct object_id id = drive(r, 2, CSTATE(STARTED));
	ACCEPT(simple(r, "family", BODY(STOP_CONTRIBUTION), &id));
	demand_one(r, 3, 1, 12);
	assert_true(waits(r, 3));
	world_free(r);
}

/* B15: nobody above the cap, however many asks run at once; a rest that ends lets the next one in.
 */
static void test_hold_worker_cap_is_never_passed(void **state)
{
	struct rig *r = world_new();
	uint64_t rested = rig_now(r) + RIG_DAY_MS;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 1, .cap = 3, .load = 2 }));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 2, .cap = 1, .rest_until_ms = rested }));
	demand_one(r, 1, 1, 10);
	demand_one(r, 2, 1, 11);
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(STAFF_AT_LIMIT));
	assert_int_equal(worker_rec(r, "p", 1)->given, 1);
	rig_advance(r, RIG_DAY_MS);
	assert_false(waits(r, 2));
	assert_int_equal(worker_rec(r, "p", 2)->given, 1);
	world_free(r);
}

/* B15: a worker without the expertise carries nothing; a number never puts somebody above a cap. */
static void test_hold_worker_statement_keeps_what_is_carried(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 1, .expertise = 2 }));
	demand_one(r, 1, 1, 10);
	assert_true(waits(r, 1));
	ACCEPT(put_worker(r, "facility-a", "p", &(struct worker_spec){ .number = 1, .cap = 2 }));
	assert_false(waits(r, 1));
	REFUSE_AT(put_worker(r, "facility-a", "p",
			     &(struct worker_spec){ .number = 1, .cap = 1, .load = 1 }),
		  CONTRADICTS, "cap");
	REFUSE_AT(put_worker(r, "facility-a", "p",
			     &(struct worker_spec){ .number = 1, .left = true }),
		  STATE, "left");
	REFUSE_AT(put_worker(r, "facility-b", "p", &(struct worker_spec){ .number = 3 }), NOT_YOURS,
		  "pool");
	world_free(r);
}

/* The last worker that leaves makes a pool without workers: its amounts are free as before. */
static void test_hold_last_worker_left_gives_again(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 1, .expertise = 2 }));
	demand_one(r, 1, 1, 10);
	assert_true(waits(r, 1));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 1, .expertise = 2, .left = true }));
	assert_false(waits(r, 1));
	assert_int_equal(pool_rec(r, "p")->workers, 0);
	world_free(r);
}

static PB(Receipt) *can_with(struct rig *r, const struct object_id *id, uint32_t worker)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	struct object_id who = worker_id(worker);

	a.contribution_id = object_id_data(id);
	a.answer = ANSWER(CAN);
	a.worker = object_id_data(&who);
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	return rig_command(r, "facility-a", &m);
}

/* B9, B15: the partner names who comes; only somebody of the pool, with room. */
static void test_hold_answer_names_a_worker_of_the_pool(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	ACCEPT(put_worker(r, "facility-a", "p", &(struct worker_spec){ .number = 1 }));
	ACCEPT(put_worker(r, "facility-a", "p", &(struct worker_spec){ .number = 2 }));
	ACCEPT(put_worker(r, "facility-a", "p",
			  &(struct worker_spec){ .number = 3, .cap = 1, .load = 1 }));
	demand_one(r, 1, 1, 10);
	struct object_id id = cid(seat(r, 1));
	assert_int_equal(worker_rec(r, "p", 1)->given, 1);
	REFUSE_AT(can_with(r, &id, 9), UNKNOWN_OBJECT, "worker");
	REFUSE_AT(can_with(r, &id, 3), NOT_STAFFED, "worker");
	ACCEPT(can_with(r, &id, 2));
	assert_int_equal(worker_rec(r, "p", 1)->given, 0);
	assert_int_equal(worker_rec(r, "p", 2)->given, 1);
	const PB(Message) *m = rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED));
	while (m->contribution_changed->state != CSTATE(CAN)) {
		m = rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED));
	}
	struct object_id two = worker_id(2);
	assert_memory_equal(m->contribution_changed->worker.data, two.b, OBJECT_ID_LEN);
	world_free(r);
}

/* B9: a worker whom the child knows, else a house that it knows, weighs less than others; what one
 * child knows is not what its brother or sister knows. */
static void test_hold_known_worker_comes_first(void **state)
{
	struct rig *r = world_new();
	struct object_id known = worker_id(5);
	struct demand_spec d = {
		.request = 1, .known_partner = "facility-b", .needs = 1, .children = 2
	};

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 3 }));
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 3 }));
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "c", .partner = "facility-c", .staffed = 3 }));
	ACCEPT(put_worker(r, "facility-c", "c", &(struct worker_spec){ .number = 4, .cap = 9 }));
	ACCEPT(put_worker(r, "facility-c", "c",
			  &(struct worker_spec){ .number = 5, .cap = 9, .load = 5 }));
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "b");
	d = (struct demand_spec){ .request = 2, .known_worker = &known, .needs = 1, .children = 2 };
	d.known_partner = "facility-b";
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 2)->pool, "c");
	assert_memory_equal(seat(r, 2)->booked.data, known.b, OBJECT_ID_LEN);
	d.request = 3;
	d.knows = 1; /* the need is of the first child */
	assert_true(demand(r, &d));
	assert_string_not_equal(seat(r, 3)->pool, "c");
	world_free(r);
}

/* B16: a hard cap on parallel school ateliers, per network; what ends makes room at once. */
static void test_hold_school_ateliers_are_capped(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ATELIERS_MAX, 2);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 9, .school = true }));
	for (uint32_t i = 1; i <= 3; i++) {
		demand_one(r, i, 1, 10 + i);
	}
	struct demand_spec other = { .request = 4, .network = "stad", .rank = 20, .needs = 1 };
	assert_true(demand(r, &other));
	assert_false(waits(r, 2));
	assert_true(waits(r, 3));
	assert_false(waits(r, 4)); /* of another network */
	struct object_id first = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &first, ANSWER(NOT_OURS)));
	assert_false(waits(r, 3));
	demand_one(r, 5, 1, 30);
	assert_true(waits(r, 5));
	rig_set(r, SETTING_ATELIERS_MAX, 3);
	rig_advance(r, 10);
	assert_false(waits(r, 5));
	world_free(r);
}

/* B16: an interrupted atelier keeps its place under the cap, or coming back would pass it. */
static void test_hold_interrupted_atelier_keeps_its_place(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ATELIERS_MAX, 1);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 9, .school = true }));
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(INTERRUPTED));
	demand_one(r, 2, 1, 11);
	assert_true(waits(r, 2));
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id));
	assert_true(waits(r, 2));
	ACCEPT(simple(r, "family", BODY(STOP_CONTRIBUTION), &id));
	assert_false(waits(r, 2));
	world_free(r);
}

/* C9: one number, told to each house; each of them answers and starts. */
static void test_joint_pool_is_of_all_who_publish_it(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "p", .staffed = 1, .joint = "facility-b" }));
	demand_one(r, 1, 1, 10);
	demand_one(r, 2, 1, 11);
	assert_true(waits(r, 2)); /* the amount is one, whoever is asked */
	assert_non_null(rig_next_of(r, "facility-a", BODY(ASK)));
	assert_non_null(rig_next_of(r, "facility-b", BODY(ASK)));
	struct object_id id = cid(seat(r, 1));
	REFUSE_AT(answer(r, "facility-c", &id, ANSWER(CAN)), NOT_YOURS, "contribution_id");
	ACCEPT(answer(r, "facility-b", &id, ANSWER(CAN)));
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(AGREE)));
	ACCEPT(start(r, "facility-b", &id, true));
	/* A joint partner speaks for the pool; the publisher stays the publisher. */
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "p", .by = "facility-b", .staffed = 2, .joint = "facility-b" }));
	assert_string_equal(pool_rec(r, "p")->partner, "facility-a");
	world_free(r);
}

/* What the child does not want of one of them it does not want of what they publish together. */
static void test_joint_pool_is_declined_with_each(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .excluded = "facility-b", .needs = 1 };

	(void)state;
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "p", .staffed = 1, .joint = "facility-b" }));
	assert_true(demand(r, &d));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(YOUTH_DECLINED));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1 }));
	assert_false(waits(r, 1));
	world_free(r);
}

/* NONE is not asked, whatever the numbers say; HAS lets the list in, in the same step. */
static void test_pool_that_says_none_is_not_asked(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p",
						.staffed = 1,
						.answer = POOL_SAYS(NONE_WAITLIST) }));
	demand_one(r, 1, 1, 10);
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(NO_CAPACITY));
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "p", .staffed = 1, .answer = POOL_SAYS(HAS) }));
	assert_false(waits(r, 1));
	world_free(r);
}

/* Foster care: family and child meet first; a CAN without the meeting is refused. */
static void test_pool_that_assesses_first_meets_first(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "p", .staffed = 1, .answer = POOL_SAYS(ASSESS_FIRST) }));
	demand_one(r, 1, 1, 10);
	struct object_id id = cid(seat(r, 1));
	REFUSE_AT(answer(r, "facility-a", &id, ANSWER(CAN)), CONTRADICTS, "answer");
	ACCEPT(answer(r, "facility-a", &id, ANSWER(CAN_IF))); /* MEET_FIRST */
	ACCEPT(answer(r, "facility-a", &id, ANSWER(CAN)));
	world_free(r);
}

/* A8, D15: lived experience and bridge persons are matched as any expertise; who it is, is told. */
static void test_supporter_kind_is_told_with_the_seat(void **state)
{
	static const PB(SupporterKind) kind[] = {
		SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_BRIDGE_PERSON,
		SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_LIVED_EXPERIENCE,
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(kind); i++) {
		struct rig *r = world_new();
		ACCEPT(put_pool(r, &(struct pool_spec){
					   .name = "p",
					   .staffed = 1,
					   .continuum = SCHAKEL__V1__CONTINUUM__CONTINUUM_LIGHT,
					   .supporter = kind[i] }));
		demand_one(r, 1, 1, 10);
		const PB(Message) *m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
		const PB(Seat) *s = m->team_proposed->seats[0];
		assert_int_equal(s->supporter, kind[i]);
		assert_int_equal(s->continuum, SCHAKEL__V1__CONTINUUM__CONTINUUM_LIGHT);
		assert_int_equal(s->rung, 2);
		world_free(r);
	}
}

/* D15: language removes nobody: an interpreter comes along, priced; who speaks it weighs less. */
static void test_language_brings_an_interpreter_and_removes_nobody(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .language = "ar", .needs = 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1, .language = "nl" }));
	assert_true(demand(r, &d));
	assert_true(seat(r, 1)->interpreter);
	assert_true(rig_next_of(r, "facility-a", BODY(ASK))->ask->interpreter);
	bool priced = false;
	for (size_t i = 0; i < seat(r, 1)->n_costs; i++) {
		priced = priced || seat(r, 1)->costs[i]->kind == COST(INTERPRETER);
	}
	assert_true(priced);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 2, .language = "nl" }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "b", .partner = "facility-b", .staffed = 1, .language = "ar" }));
	d.request = 2;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 2)->pool, "b");
	assert_false(seat(r, 2)->interpreter);
	world_free(r);
}

/* Two needs of one request, and a worker with room for one: both go where there is room for both.
 */
static void test_hold_two_needs_go_where_both_find_room(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 2 };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2 };
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 5 }));
	ACCEPT(put_worker(r, "facility-a", "a", &(struct worker_spec){ .number = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.staffed = 5,
						.modality = MODE(RESIDENTIAL) }));
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "b");
	assert_string_equal(seat(r, 2)->pool, "b");
	world_free(r);
}

/* B16, C9: confirming the numbers by one tap lifts no limit and opens nothing: a statement without
 * uses leaves the rules as they were. One with uses states them all. */
static void test_hold_numbers_alone_keep_the_rules(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = { .name = "p",
			       .staffed = 3,
			       .week = 1 + 1,
			       .joint = "facility-b",
			       .school = true,
			       .answer = POOL_SAYS(ASSESS_FIRST) };

	(void)state;
	ACCEPT(put_pool(r, &p));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 4, .same_uses = true }));
	assert_int_equal(pool_rec(r, "p")->staffed, 4);
	assert_int_equal(pool_rec(r, "p")->n_limits, 1);
	assert_int_equal(pool_rec(r, "p")->n_joint_partners, 1);
	assert_int_equal(pool_rec(r, "p")->answer, POOL_SAYS(ASSESS_FIRST));
	assert_true(pool_rec(r, "p")->school_atelier);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 4 }));
	assert_int_equal(pool_rec(r, "p")->n_limits, 0);
	assert_int_equal(pool_rec(r, "p")->n_joint_partners, 0);
	assert_int_equal(pool_rec(r, "p")->answer, 0);
	assert_false(pool_rec(r, "p")->school_atelier);
	world_free(r);
}

/* A version that is given after a restore is above those of the time that was lost: also that of a
 * pool whose hands went with an interruption. */
static void test_hold_version_after_a_restore_is_not_given_twice(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 3 }));
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	uint32_t before = pool_rec(r, "p")->version;
	rig_restored(r);
	rig_reconciled(r);
	ACCEPT(interrupt(r, "facility-a", &id));
	assert_true(pool_rec(r, "p")->version > before + 1);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hold_week_limit_gives_again_on_monday),
		cmocka_unit_test(test_hold_week_limit_counts_what_started),
		cmocka_unit_test(test_hold_worker_cap_is_never_passed),
		cmocka_unit_test(test_hold_worker_statement_keeps_what_is_carried),
		cmocka_unit_test(test_hold_last_worker_left_gives_again),
		cmocka_unit_test(test_hold_answer_names_a_worker_of_the_pool),
		cmocka_unit_test(test_hold_known_worker_comes_first),
		cmocka_unit_test(test_hold_numbers_alone_keep_the_rules),
		cmocka_unit_test(test_hold_version_after_a_restore_is_not_given_twice),
		cmocka_unit_test(test_hold_school_ateliers_are_capped),
		cmocka_unit_test(test_hold_interrupted_atelier_keeps_its_place),
		cmocka_unit_test(test_joint_pool_is_of_all_who_publish_it),
		cmocka_unit_test(test_joint_pool_is_declined_with_each),
		cmocka_unit_test(test_pool_that_says_none_is_not_asked),
		cmocka_unit_test(test_pool_that_assesses_first_meets_first),
		cmocka_unit_test(test_supporter_kind_is_told_with_the_seat),
		cmocka_unit_test(test_language_brings_an_interpreter_and_removes_nobody),
		cmocka_unit_test(test_hold_two_needs_go_where_both_find_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
