/* SPDX-License-Identifier: EUPL-1.2 */
/* What comes through the engine's door: ids of any length, clocks that differ, a full batch, full
 * tables of readers and queries, receipts whose term is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

static PB(Message) *send_with_id(struct rig *r, PB(Message) *m, size_t id_len, bool operator)
{
	static uint8_t id[FRAME_BYTES_MAX];
	struct party from = { .id = "facility-a",
			      .roles = operator? ROLE_BIT(OPERATOR) : ROLE_BIT(FACILITY) };
	struct slice frame;

	memset(id, 0x41, sizeof(id));
	m->id = (ProtobufCBinaryData){ id_len, id };
	uint8_t *bytes = toy_frame(r, m, NULL, &frame);
	assert_true(frame.len <= FRAME_BYTES_MAX);
	r->answer = NULL;
	engine_frame(r->engine, RIG_CONN, &from, frame);
	(void)engine_turn(r->engine);
	free(bytes);
	assert_non_null(r->answer);
	return r->answer;
}

/* An answer names the id of its question: one of 65,400 bytes made a frame beyond the limit, and
 * the daemon ended on its own assertion. */
static void test_engine_id_of_frame_length_is_refused(void **state)
{
	static const size_t len[] = { 0, 15, 17, 300, 65400 };

	(void)state;
	struct rig *r = toy_new();
	for (size_t i = 0; i < SK_LEN(len); i++) {
		PB(Message) query = PB_INIT(MESSAGE);
		PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
		PB(Message) command = PB_INIT(MESSAGE);
		PB(Drain) d = PB_INIT(DRAIN);
		PB(Message) nothing = PB_INIT(MESSAGE);

		query.body_case = BODY(QUERY_STATUS);
		query.query_status = &q;
		command.body_case = BODY(DRAIN);
		command.drain = &d;
		PB(Message) *all[] = { &query, &command, &nothing };
		for (size_t k = 0; k < SK_LEN(all); k++) {
			PB(Message) *a =
				len[i] == 0 && k < 3 ? NULL : send_with_id(r, all[k], len[i], true);
			if (a == NULL) {
				continue;
			}
			assert_int_equal(a->body_case, BODY(RECEIPT));
			assert_int_equal(a->receipt->outcome, OUTCOME(REFUSED));
			assert_true(a->correlation.len == 0 || a->correlation.len == 16);
		}
	}
	rig_free(r);
}

/* --- the wall clock runs ahead of journal time --- */

static PB(Receipt) *accept_clock(struct rig *r)
{
	struct party from = { .id = "operator", .roles = ROLE_BIT(OPERATOR) };
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ClockAccept) a = PB_INIT(CLOCK_ACCEPT);
	struct slice frame;

	m.body_case = BODY(CLOCK_ACCEPT);
	m.clock_accept = &a;
	uint8_t *bytes = toy_frame(r, &m, NULL, &frame); /* its id is of the wall clock */
	r->answer = NULL;
	engine_frame(r->engine, RIG_CONN, &from, frame);
	(void)engine_turn(r->engine);
	free(bytes);
	assert_non_null(r->answer);
	return r->answer->receipt;
}

/* A machine that stood still for an hour (or a week): clients make ids of the true time. Intake
 * goes on, and the operator can accept the clock. */
static void test_engine_wall_clock_ahead_commands_go_on(void **state)
{
	static const uint64_t ahead_ms[] = { RIG_HOUR_MS, 40 * RIG_DAY_MS };

	(void)state;
	for (size_t i = 0; i < SK_LEN(ahead_ms); i++) {
		struct rig *r = toy_new();
		uint64_t before = engine_now_ms(r->engine);

		toy_wall_ahead(r, (int64_t)ahead_ms[i]);
		r->answer = NULL;
		toy_post(r, OP_COUNT, 0);
		(void)engine_turn(r->engine);
		assert_non_null(r->answer);
		assert_int_equal(r->answer->receipt->outcome, OUTCOME(ACCEPTED));
		assert_true(engine_now_ms(r->engine) < before + RIG_SECOND_MS);
		assert_int_equal(accept_clock(r)->outcome, OUTCOME(ACCEPTED));
		assert_true(engine_now_ms(r->engine) >= before + ahead_ms[i]);
		r->answer = NULL;
		toy_post(r, OP_COUNT, 0);
		(void)engine_turn(r->engine);
		assert_int_equal(r->answer->receipt->outcome, OUTCOME(ACCEPTED));
		assert_int_equal(toy_count(r, "command"), 2);
		rig_free(r);
	}
}

/* A clock put back by more than receipts are kept can be accepted too. */
static void test_engine_wall_clock_far_back_can_be_accepted(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	toy_wall_ahead(r, -40 * (int64_t)RIG_DAY_MS);
	(void)engine_turn(r->engine);
	assert_int_equal(accept_clock(r)->outcome, OUTCOME(ACCEPTED));
	rig_free(r);
}

/* Without an alarm an id of the future stays refused: at the limit, and one past it. */
static void test_engine_id_ahead_limit(void **state)
{
	uint8_t random[10] = { 0 };
	uint8_t id[16];

	(void)state;
	struct rig *r = toy_new();
	for (uint64_t past = 0; past < 2; past++) {
		struct party from = { .id = "operator", .roles = ROLE_BIT(OPERATOR) };
		PB(Message) m = PB_INIT(MESSAGE);
		PB(Drain) d = PB_INIT(DRAIN);
		struct slice frame;

		m.body_case = BODY(DRAIN);
		m.drain = &d;
		wire_id_make(r->now_ms + 600000 + past, random, id);
		uint8_t *bytes = toy_frame(r, &m, id, &frame);
		engine_frame(r->engine, RIG_CONN, &from, frame);
		(void)engine_turn(r->engine);
		free(bytes);
		assert_int_equal(r->answer->receipt->outcome,
				 past ? OUTCOME(REFUSED) : OUTCOME(ACCEPTED));
	}
	rig_free(r);
}

/* --- receipts --- */

/* Receipts were kept one day for a while: what was swept then may not come in again later. */
static void test_engine_receipt_days_raised_again_no_second_effect(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	rig_set(r, SETTING_RECEIPT_DAYS, 1);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_advance(r, 5 * RIG_DAY_MS);
	rig_set(r, SETTING_RECEIPT_DAYS, 30);
	rig_advance(r, 1);
	PB(Receipt) *again = rig_again(r, "facility-a");
	assert_int_equal(toy_count(r, "command"), 1);
	assert_int_equal(again->outcome, OUTCOME(REFUSED));
	assert_int_equal(again->code, CODE(ID_TOO_OLD));
	rig_reopen(r);
	assert_int_equal(rig_again(r, "facility-a")->code, CODE(ID_TOO_OLD));
	rig_free(r);
}

/* --- full --- */

/* Due rows run though every batch is full before its turn. */
static void test_engine_full_batches_due_rows_run(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_int_equal(toy_due(r, r->now_ms + 1000, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	r->now_ms += 2000;
	while (engine_has_room(r->engine)) {
		toy_post(r, OP_COUNT, 0);
	}
	(void)engine_turn(r->engine);
	assert_int_equal(toy_count(r, "due"), 1);
	rig_free(r);
}

/* A question that shows that we come from an old copy, in front of a full batch: the incarnation
 * needs room of its own. And what comes behind the question is not stepped as the old one. */
static void test_engine_restore_seen_in_full_batch_takes_incarnation(void **state)
{
	struct question_of q = { .party = "waitlist",
				 .roles = ROLE_BIT(DAEMON),
				 .log = "waitlist",
				 .after = 9,
				 .credit = 1,
				 .wait_ms = 1000,
				 .conn = 1 };

	(void)state;
	struct rig *r = toy_new();
	struct incarnation before = engine_incarnation(r->engine);
	q.incarnation = before.number;
	q.nonce = before.nonce;
	for (int i = 0; i < BATCH_RECORDS_MAX - 1; i++) {
		toy_post(r, OP_COUNT, 0);
	}
	toy_ask(r, &q);
	uint64_t posted = toy_count(r, "command");
	if (engine_has_room(r->engine)) {
		toy_post(r, OP_COUNT, 0);
	}
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, before.number + 1);
	assert_int_equal(toy_count(r, "command"), posted);
	r->conf.seen = engine_incarnation(r->engine);
	rig_free(r);
}

/* Clients on every place of the table of readers: a daemon's link goes on. */
static void test_engine_readers_full_daemon_is_served(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct incarnation inc = engine_incarnation(r->engine);
	struct question_of q = { .party = "dashboard",
				 .roles = ROLE_BIT(DASHBOARD),
				 .log = EVENTS_LOG,
				 .incarnation = inc.number,
				 .nonce = inc.nonce,
				 .credit = 1,
				 .wait_ms = 30000 };
	for (uint64_t i = 0; i < READERS_MAX; i++) {
		q.conn = 1000 + i;
		toy_ask(r, &q);
	}
	q.party = q.log = "waitlist";
	q.roles = ROLE_BIT(DAEMON);
	q.conn = 5;
	toy_ask(r, &q);
	assert_int_equal(toy_do(r, OP_TELL, 1)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(toy_frames(r, 5), 1);
	rig_free(r);
}

/* Queries with answers of a whole frame: all are answered, and their memory is not kept. */
static void test_engine_many_long_answers_memory_is_bounded(void **state)
{
	struct party from = { .id = "facility-a", .roles = ROLE_BIT(FACILITY) };

	(void)state;
	struct rig *r = toy_new();
	for (int i = 0; i <= QUERIES_WAITING_MAX; i++) {
		PB(Message) m = PB_INIT(MESSAGE);
		PB(QueryPools) q = PB_INIT(QUERY_POOLS);
		struct slice frame;

		q.partner = (char *)(uintptr_t) "long";
		m.body_case = BODY(QUERY_POOLS);
		m.query_pools = &q;
		uint8_t *bytes = toy_frame(r, &m, NULL, &frame);
		engine_frame(r->engine, 3, &from, frame);
		free(bytes);
	}
	(void)engine_turn(r->engine);
	assert_int_equal(toy_frames(r, 3), QUERIES_WAITING_MAX + 1); /* the last one: BUSY */
	assert_true(r->engine->answers_buf_cap <= 8U << 20);
	rig_free(r);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_id_of_frame_length_is_refused),
		cmocka_unit_test(test_engine_wall_clock_ahead_commands_go_on),
		cmocka_unit_test(test_engine_wall_clock_far_back_can_be_accepted),
		cmocka_unit_test(test_engine_id_ahead_limit),
		cmocka_unit_test(test_engine_receipt_days_raised_again_no_second_effect),
		cmocka_unit_test(test_engine_full_batches_due_rows_run),
		cmocka_unit_test(test_engine_restore_seen_in_full_batch_takes_incarnation),
		cmocka_unit_test(test_engine_readers_full_daemon_is_served),
		cmocka_unit_test(test_engine_many_long_answers_memory_is_bounded),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
