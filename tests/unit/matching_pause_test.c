/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: pauses, dates and confirmation of pools; what answers and starts may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* --- PausePool --- */

static PB(Receipt) *pause(struct rig *r, const char *party, PB(PausePool) *p)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(PAUSE_POOL);
	m.pause_pool = p;
	return rig_command(r, party, &m);
}

static void test_pause_refusals(void **state)
{
	struct rig *r = world_new();
	PB(PausePool) p = PB_INIT(PAUSE_POOL);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	p.pool = str("pool-x");
	assert_int_equal(pause(r, "facility-a", &p)->code, REFUSE(UNKNOWN_OBJECT));
	p.pool = str("pool-a");
	p.based_on = 1;
	assert_int_equal(pause(r, "facility-b", &p)->code, REFUSE(NOT_YOURS));
	p.paused = true;
	assert_int_equal(pause(r, "facility-a", &p)->code, REFUSE(UNKNOWN_CODE));
	p.reason = SCHAKEL__V1__PAUSE_REASON__PAUSE_REASON_STAFF;
	p.until_ms = rig_now(r);
	assert_string_equal(pause(r, "facility-a", &p)->field, "until_ms");
	p.until_ms = 0;
	p.based_on = 7;
	assert_int_equal(pause(r, "facility-a", &p)->code, REFUSE(CONFLICT));
	p.based_on = 1;
	ACCEPT(pause(r, "coordinator", &p));
	world_free(r);
}

/** PAUSED promises nothing new and keeps what is promised; at its end it gives in the order. */
static void test_paused_pool_gives_nothing_until_its_end(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2 }));
	demand_one(r, 1, 1, 100);
	ACCEPT(pause_pool(r, "facility-a", "pool-a", true, rig_now(r) + RIG_DAY_MS));
	demand_one(r, 2, 1, 200);
	demand_one(r, 3, 1, 50);
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	rig_advance(r, RIG_DAY_MS);
	assert_false(waits(r, 3));
	assert_true(waits(r, 2));
	ACCEPT(pause_pool(r, "facility-a", "pool-a", true, 0));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	assert_true(waits(r, 2));
	ACCEPT(pause_pool(r, "facility-a", "pool-a", false, 0));
	assert_false(waits(r, 2));
	world_free(r);
}

/** A pool gives between its dates only. */
static void test_pool_window_opens_and_shuts(void **state)
{
	struct rig *r = world_new();

	(void)state;
	demand_one(r, 1, 1, 100);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a",
						.staffed = 2,
						.from_ms = rig_now(r) + RIG_DAY_MS,
						.until_ms = rig_now(r) + 2 * RIG_DAY_MS }));
	assert_true(waits(r, 1));
	rig_advance(r, RIG_DAY_MS);
	assert_false(waits(r, 1));
	rig_advance(r, RIG_DAY_MS);
	demand_one(r, 2, 1, 200);
	assert_true(waits(r, 2));
	world_free(r);
}

/** Confirmed for fourteen opening days, a day when insured or of a crisis expertise. */
static void test_confirmation_ends_by_kind_of_pool(void **state)
{
	struct rig *r = world_new();
	PB(ConfigApplied) *conf = rig_conf(r);

	(void)state;
	for (size_t i = 0; i < conf->n_expertises; i++) {
		if (conf->expertises[i]->number == 2) {
			memcpy(conf->expertises[i]->code, "CRISIS", 6);
			conf->expertises[i]->code[5] = 'S';
		}
	}
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "rest", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "safe", .staffed = 1, .insured = true }));
	rig_advance(r, RIG_DAY_MS);
	assert_true(pool_rec(r, "safe")->unconfirmed);
	assert_false(pool_rec(r, "rest")->unconfirmed);
	rig_advance(r, 20 * RIG_DAY_MS);
	assert_true(pool_rec(r, "rest")->unconfirmed);
	demand_one(r, 1, 1, 100);
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(UNCONFIRMED_ONLY));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "rest", .staffed = 1, .same_uses = true }));
	assert_string_equal(seat(r, 1)->pool, "rest");
	world_free(r);
}

/* --- AnswerAsk --- */

static void test_answer_refusals_name_the_field(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);
	uint8_t pseudonym[OBJECT_ID_LEN + 1] = { 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	struct object_id other = rig_id(5);
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "contribution_id");
	a.contribution_id = object_id_data(&other);
	assert_int_equal(rig_command(r, "facility-a", &m)->code, REFUSE(UNKNOWN_OBJECT));
	a.contribution_id = object_id_data(&id);
	a.answer = ANSWER(CAN);
	assert_int_equal(rig_command(r, "facility-b", &m)->code, REFUSE(NOT_YOURS));
	a.answer = 0;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "answer");
	a.answer = ANSWER(CAN_IF);
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "can_if");
	a.answer = ANSWER(CAN);
	a.can_if = SCHAKEL__V1__CAN_IF__CAN_IF_TRANSPORT;
	assert_int_equal(rig_command(r, "facility-a", &m)->code, REFUSE(CONTRADICTS));
	a.can_if = 0;
	a.until_ms = rig_now(r);
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "until_ms");
	a.until_ms = rig_now(r) + (MATCH_AHEAD_DAYS_MAX + 1) * RIG_DAY_MS;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "until_ms");
	a.until_ms = 0;
	a.start_at_ms = rig_now(r) + (MATCH_AHEAD_DAYS_MAX + 1) * RIG_DAY_MS;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "start_at_ms");
	a.start_at_ms = rig_now(r) - RIG_DAY_MS; /* one past: yesterday at this hour */
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "start_at_ms");
	a.start_at_ms = rig_now(r) - RIG_DAY_MS + 1; /* today may be named as a day */
	a.suggests = str("Not a party");
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "suggests");
	a.suggests = str("nobody");
	assert_int_equal(rig_command(r, "facility-a", &m)->code, REFUSE(UNKNOWN_OBJECT));
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "suggests");
	a.suggests = str("facility-b");
	a.worker = (ProtobufCBinaryData){ OBJECT_ID_LEN + 1, pseudonym };
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "worker");
	a.worker.len = OBJECT_ID_LEN;
	a.answer = ANSWER(NOT_NOW);
	assert_int_equal(rig_command(r, "facility-a", &m)->code, REFUSE(MISSING));
	a.answer = ANSWER(CAN);
	a.until_ms = rig_now(r) + MATCH_AHEAD_DAYS_MAX * RIG_DAY_MS;
	ACCEPT(rig_command(r, "contactpoint", &m)); /* notes what was said by telephone */
	assert_int_equal(seat(r, 1)->worker.len, OBJECT_ID_LEN);
	world_free(r);
}

static void test_start_and_stop_refuse_bad_ids(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StartContribution) s = PB_INIT(START_CONTRIBUTION);
	PB(StopContribution) stop = PB_INIT(STOP_CONTRIBUTION);
	struct object_id id = rig_id(3);
	uint8_t worker[3] = { 0 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	demand_one(r, 1, 1, 100);
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &stop;
	assert_int_equal(rig_command(r, "family", &m)->code, REFUSE(MALFORMED));
	stop.contribution_id = object_id_data(&id);
	assert_int_equal(rig_command(r, "family", &m)->code, REFUSE(UNKNOWN_OBJECT));
	id = drive(r, 1, CSTATE(AGREED));
	s.contribution_id = object_id_data(&id);
	s.worker = (ProtobufCBinaryData){ sizeof(worker), worker };
	m.body_case = BODY(START_CONTRIBUTION);
	m.start_contribution = &s;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "worker");
	s.worker = object_id_data(&id);
	ACCEPT(rig_command(r, "facility-a", &m));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pause_refusals),
		cmocka_unit_test(test_paused_pool_gives_nothing_until_its_end),
		cmocka_unit_test(test_pool_window_opens_and_shuts),
		cmocka_unit_test(test_confirmation_ends_by_kind_of_pool),
		cmocka_unit_test(test_answer_refusals_name_the_field),
		cmocka_unit_test(test_start_and_stop_refuse_bad_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
