/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what a CAN_IF waits for, rounds and misses, answers noted by telephone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define KIND(NAME) SCHAKEL__V1__CAN_IF__CAN_IF_##NAME
#define KINDS 6
#define STATES (CONDITION_OVER + 1)
#define SPEAKER(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME

static PB(AnswerAsk) answer_of(const struct object_id *id, PB(AnswerKind) kind)
{
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);

	a.contribution_id = object_id_data(id);
	a.answer = kind;
	return a;
}

static PB(Receipt) *say(struct rig *r, const char *party, PB(AnswerAsk) *a)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = a;
	return rig_command(r, party, &m);
}

static PB(Receipt) *can_if(struct rig *r, const struct object_id *id, PB(CanIf) kind)
{
	PB(AnswerAsk) a = answer_of(id, ANSWER(CAN_IF));

	a.can_if = kind;
	a.start_at_ms = kind == KIND(START_DATE) ? rig_now(r) + 5 * RIG_DAY_MS : 0;
	return say(r, "facility-a", &a);
}

static PB(Receipt) *meet(struct rig *r, const char *party, const struct object_id *id,
			 PB(Speaker) speaker, bool allowed)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(OpenMeeting) o = PB_INIT(OPEN_MEETING);

	o.contribution_id = object_id_data(id);
	o.speaker = speaker;
	o.adult = speaker == SPEAKER(ADULT) ? 1 : 0;
	o.allowed = allowed;
	m.body_case = BODY(OPEN_MEETING);
	m.open_meeting = &o;
	return rig_command(r, party, &m);
}

static struct object_id asked(struct rig *r)
{
	(void)put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 });
	demand_one(r, 1, 1, 1);
	return cid(seat(r, 1));
}

static struct object_id met_first(struct rig *r)
{
	struct object_id id = asked(r);

	assert_int_equal(can_if(r, &id, KIND(MEET_FIRST))->outcome, OUT(ACCEPTED));
	return id;
}

/* Every condition in every state with every event: the table and nothing beside it. A condition
 * that nothing resolves would hold an amount for ever; each has a way out by the partner's word. */
static void test_condition_table_lists_what_resolves_each(void **state)
{
	static const char *const rows[] = {
		/* by kind, then OPEN MEETING: ALLOW FORBID CAN AGREE; m meeting, o over, M met */
		[KIND(MEET_FIRST)] = "moM-"
				     "-oM-",
		[KIND(TALK_WITH_CONTACT_PERSON)] = "--M-"
						   "----",
		[KIND(START_DATE)] = "--MM"
				     "----",
		[KIND(EXTRA_HANDS)] = "--M-"
				      "----",
		[KIND(TRANSPORT)] = "--M-"
				    "----",
		[KIND(INTERPRETER)] = "--M-"
				      "----",
	};
	static const char mark[] = {
		[CONDITION_MEETING] = 'm', [CONDITION_MET] = 'M', [CONDITION_OVER] = 'o'
	};

	(void)state;
	for (int i = 0; i < KINDS * STATES * CE_COUNT; i++) {
		int kind = KIND(MEET_FIRST) + i / (STATES * CE_COUNT);
		int from = i / CE_COUNT % STATES;
		int on = i % CE_COUNT;
		enum condition to = CONDITION_NONE;
		int err = condition_next((PB(CanIf))kind, (enum condition)from,
					 (enum condition_event)on, &to);
		bool has = from == CONDITION_OPEN || from == CONDITION_MEETING;
		char want = has ? rows[kind][(from - CONDITION_OPEN) * CE_COUNT + on] : '-';
		assert_int_equal(err == SK_OK ? mark[to] : '-', want);
	}
}

/* C5, A3: the family opens the talk; the partner hears it, and may then say CAN. */
static void test_meeting_is_opened_by_the_family_for_seven_days(void **state)
{
	struct rig *r = world_new();
	struct object_id id = met_first(r);

	(void)state;
	rig_skip(r);
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), true)->outcome, OUT(ACCEPTED));
	const PB(Ask) *ask = rig_next_of(r, "facility-a", BODY(ASK))->ask;
	assert_true(ask->meeting_open);
	assert_int_equal(ask->meeting_until_ms, rig_now(r) + 7 * RIG_DAY_MS);
	assert_true(rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED))
			    ->contribution_changed->meeting_open);
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(CAN))->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	world_free(r);
}

/* Its own clock: opened and then silence, it lapses after those days and not before. */
static void test_meeting_lapses_by_its_own_clock(void **state)
{
	struct rig *r = world_new();
	struct object_id id = met_first(r);

	(void)state;
	(void)meet(r, "family", &id, SPEAKER(ADULT), true);
	rig_advance(r, 7 * RIG_DAY_MS - 1);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN_IF));
	rig_advance(r, 1);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(LAPSED));
	assert_int_equal(need_rec(r, 1)->miss, 1);
	world_free(r);
}

/* The family does not want it: released, that partner is not asked again, and it is no miss of the
 * network. Nor is it one when the family has not spoken. */
static void test_meeting_unwanted_is_no_miss(void **state)
{
	struct rig *r = world_new();
	struct object_id id = met_first(r);

	(void)state;
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), false)->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->miss, 0);
	assert_int_equal(need_rec(r, 1)->round, 1);
	world_free(r);

	r = world_new();
	id = met_first(r);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(LAPSED));
	assert_int_equal(need_rec(r, 1)->miss, 0);
	world_free(r);
}

/* Who speaks for the family; a trusted person stands beside, never consents. */
static void test_meeting_bad_input_and_rights(void **state)
{
	struct rig *r = world_new();
	struct object_id id = met_first(r);
	struct object_id none = rig_id(77);

	(void)state;
	assert_string_equal(meet(r, "family", &id, SPEAKER(TRUSTED_PERSON), true)->field, "speake"
											  "r");
	assert_string_equal(meet(r, "family", &id, SPEAKER(UNSPECIFIED), true)->field, "speaker");
	assert_int_equal(meet(r, "family", &none, SPEAKER(YOUTH), true)->code,
			 REFUSE(UNKNOWN_OBJECT));
	assert_int_equal(meet(r, "facility-a", &id, SPEAKER(YOUTH), true)->code, REFUSE(NOT_YOURS));
	assert_int_equal(meet(r, "dashboard", &id, SPEAKER(YOUTH), true)->code,
			 REFUSE(UNAUTHORISED));
	assert_int_equal(meet(r, "clb", &id, SPEAKER(YOUTH), true)->outcome, OUT(ACCEPTED));
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), true)->code, REFUSE(STATE));
	world_free(r);
}

/* DOMAIN 3: a child that does not judge for itself opens no meeting; a parent does. Its no is
 * heard. */
static void test_meeting_is_not_opened_by_a_child_that_does_not_decide(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .rank = 1,
				 .needs = 1,
				 .children = 1,
				 .child = { { .age = 7, .parents_decide = true } } };

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 1));
	assert_int_equal(can_if(r, &id, KIND(MEET_FIRST))->outcome, OUT(ACCEPTED));
	const PB(Receipt) *no = meet(r, "family", &id, SPEAKER(YOUTH), true);
	assert_int_equal(no->code, REFUSE(CONTRADICTS));
	assert_string_equal(no->field, "speaker");
	assert_false(contribution_rec(r, &id)->meeting_open);
	assert_int_equal(meet(r, "family", &id, SPEAKER(ADULT), true)->outcome, OUT(ACCEPTED));
	assert_true(contribution_rec(r, &id)->meeting_open);
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), false)->outcome, OUT(ACCEPTED));
	world_free(r);
}

/* Another condition has no meeting to open; a talk on an ask without a condition neither. */
static void test_meeting_of_another_condition_is_refused(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);

	(void)state;
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), true)->code, REFUSE(STATE));
	assert_int_equal(can_if(r, &id, KIND(TRANSPORT))->outcome, OUT(ACCEPTED));
	assert_int_equal(meet(r, "family", &id, SPEAKER(YOUTH), true)->code, REFUSE(STATE));
	world_free(r);
}

/* START_DATE wants its date, and the family's agreement to the team that shows it resolves it. */
static void test_start_date_is_resolved_by_agreement(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);
	PB(AnswerAsk) a = answer_of(&id, ANSWER(CAN_IF));

	(void)state;
	a.can_if = KIND(START_DATE);
	assert_string_equal(say(r, "facility-a", &a)->field, "start_at_ms");
	assert_int_equal(can_if(r, &id, KIND(START_DATE))->outcome, OUT(ACCEPTED));
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

/* Other conditions are not resolved by agreeing: nothing starts while one is open, in words of its
 * own; agreed to already, the partner's CAN is enough. */
static void test_start_with_open_condition_is_refused(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);

	(void)state;
	assert_int_equal(can_if(r, &id, KIND(EXTRA_HANDS))->outcome, OUT(ACCEPTED));
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN_IF));
	assert_int_equal(start(r, "facility-a", &id, true)->code, REFUSE(CONDITION_OPEN));
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(CAN))->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

/* A miss is the network's and of a round, not of each who says no (DOMAIN 7): three asked, one
 * miss. */
static void test_miss_counts_rounds_and_not_refusals(void **state)
{
	static const char *const partner[] = { "facility-a", "facility-b", "facility-c" };
	struct rig *r = world_new();

	(void)state;
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		(void)put_pool(r, &(struct pool_spec){ .name = partner[i],
						       .partner = partner[i],
						       .staffed = 1 });
	}
	demand_one(r, 1, 1, 1);
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		assert_int_equal(need_rec(r, 1)->miss, 0);
		struct object_id id = cid(seat(r, 1));
		char was[PARTY_ID_LEN_MAX + 1];
		(void)snprintf(was, sizeof(was), "%s", seat(r, 1)->partner);
		assert_int_equal(contribution_rec(r, &id)->round, 1);
		assert_int_equal(answer(r, was, &id, ANSWER(NOT_OURS))->outcome, OUT(ACCEPTED));
	}
	assert_int_equal(need_rec(r, 1)->miss, 1);
	assert_int_equal(need_rec(r, 1)->round, 1);
	(void)put_pool(r, &(struct pool_spec){ .name = "d", .partner = "net-rits", .staffed = 1 });
	assert_int_equal(seat(r, 1)->round, 2);
	world_free(r);
}

/* Only a must-need that stays open is a miss. */
static void test_round_of_a_should_need_is_no_miss(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .need = { { .should = true } } };

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 1));
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(NOT_OURS))->outcome, OUT(ACCEPTED));
	assert_int_equal(need_rec(r, 1)->round, 1);
	assert_int_equal(need_rec(r, 1)->miss, 0);
	world_free(r);
}

/* C11: the contact point notes what it heard by telephone; the partner's own answer later is a
 * confirmation when it is the same, and a crossing told as such when it is not. */
static void test_answer_by_telephone_and_own_answer_later(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);
	PB(AnswerAsk) a = answer_of(&id, ANSWER(CAN));

	(void)state;
	a.by_call = true;
	assert_int_equal(say(r, "contactpoint", &a)->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	PB(Receipt) *other = answer(r, "facility-a", &id, ANSWER(NOT_NOW));
	assert_int_equal(other->outcome, OUT(LATE));
	assert_int_equal(other->holds_now->contribution_state, CSTATE(CAN));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(CAN))->outcome, OUT(ACCEPTED));
	assert_false(contribution_rec(r, &id)->noted_by_call);
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(CAN))->code, REFUSE(STATE));
	world_free(r);
}

/* Also after an answer that ended the ask: who said NOT_NOW by telephone and CAN on the page. */
static void test_own_answer_after_noted_refusal_is_late(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);
	PB(AnswerAsk) a = answer_of(&id, ANSWER(NOT_OURS));

	(void)state;
	a.by_call = true;
	assert_int_equal(say(r, "coordinator", &a)->outcome, OUT(ACCEPTED));
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(CAN))->outcome, OUT(LATE));
	assert_int_equal(answer(r, "facility-a", &id, ANSWER(NOT_OURS))->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(NOT_OURS));
	world_free(r);
}

static void test_answer_by_telephone_bad_input_and_rights(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);
	struct object_id worker = rig_id(5);
	PB(AnswerAsk) a = answer_of(&id, ANSWER(CAN));

	(void)state;
	a.by_call = true;
	assert_string_equal(say(r, "facility-a", &a)->field, "by_call");
	assert_int_equal(say(r, "facility-b", &a)->code, REFUSE(NOT_YOURS));
	a.by_call = false;
	a.spoken_with = object_id_data(&worker);
	assert_string_equal(say(r, "contactpoint", &a)->field, "spoken_with");
	a.by_call = true;
	a.spoken_with.len = 5;
	assert_string_equal(say(r, "contactpoint", &a)->field, "spoken_with");
	a.spoken_with.len = OBJECT_ID_LEN;
	assert_int_equal(say(r, "contactpoint", &a)->outcome, OUT(ACCEPTED));
	world_free(r);
}

static PB(Receipt) *meet_by_code(struct rig *r, char *code, bool allowed)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(OpenMeeting) o = PB_INIT(OPEN_MEETING);

	o.short_code = code;
	o.speaker = SPEAKER(YOUTH);
	o.allowed = allowed;
	m.body_case = BODY(OPEN_MEETING);
	m.open_meeting = &o;
	return rig_command(r, "family", &m);
}

/* C5, B1: by the code that the family's own view shows, which comes with the news of the answer;
 * and until when comes with it. */
static void test_meeting_is_opened_by_short_code(void **state)
{
	struct rig *r = world_new();
	struct object_id id = asked(r);

	(void)state;
	rig_skip(r);
	assert_int_equal(can_if(r, &id, KIND(MEET_FIRST))->outcome, OUT(ACCEPTED));
	const PB(ContributionChanged) *c =
		rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED))->contribution_changed;
	assert_int_equal(c->state, CSTATE(CAN_IF));
	assert_true(c->answer_by_ms > rig_now(r));
	assert_int_equal(meet_by_code(r, "zzzzzzzzzz", true)->code, REFUSE(UNKNOWN_OBJECT));
	assert_int_equal(meet_by_code(r, c->short_code, true)->outcome, OUT(ACCEPTED));
	assert_true(contribution_rec(r, &id)->meeting_open);
	assert_int_equal(meet_by_code(r, c->short_code, false)->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meeting_is_opened_by_short_code),
		cmocka_unit_test(test_condition_table_lists_what_resolves_each),
		cmocka_unit_test(test_meeting_is_opened_by_the_family_for_seven_days),
		cmocka_unit_test(test_meeting_lapses_by_its_own_clock),
		cmocka_unit_test(test_meeting_unwanted_is_no_miss),
		cmocka_unit_test(test_meeting_bad_input_and_rights),
		cmocka_unit_test(test_meeting_is_not_opened_by_a_child_that_does_not_decide),
		cmocka_unit_test(test_meeting_of_another_condition_is_refused),
		cmocka_unit_test(test_start_date_is_resolved_by_agreement),
		cmocka_unit_test(test_start_with_open_condition_is_refused),
		cmocka_unit_test(test_miss_counts_rounds_and_not_refusals),
		cmocka_unit_test(test_round_of_a_should_need_is_no_miss),
		cmocka_unit_test(test_answer_by_telephone_and_own_answer_later),
		cmocka_unit_test(test_own_answer_after_noted_refusal_is_late),
		cmocka_unit_test(test_answer_by_telephone_bad_input_and_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
