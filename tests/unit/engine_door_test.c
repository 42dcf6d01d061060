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

/* A receipt is there as long as its id may come: at the last millisecond, and one past it. */
static void test_engine_receipt_at_the_end_of_its_window(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(rig_again(r, "facility-a")->outcome, OUTCOME(DUPLICATE));
	rig_advance(r, 1);
	assert_int_equal(rig_again(r, "facility-a")->code, CODE(ID_TOO_OLD));
	assert_int_equal(toy_count(r, "command"), 1);
	rig_advance(r, 2 * RIG_DAY_MS);
	assert_int_equal(rig_rows(r, TABLE_RECEIPT), 0);
	rig_free(r);
}

/* The id is one party's: another may use the same; the same party may not, for other bytes. */
static void test_engine_same_id_of_two_parties_are_two(void **state)
{
	static const char *const party[] = { "facility-a", "facility-b", "facility-a" };
	static const PB(Outcome) outcome[] = { OUTCOME(ACCEPTED), OUTCOME(ACCEPTED),
					       OUTCOME(REFUSED) };
	uint8_t random[10] = { 0 };
	uint8_t id[16];

	(void)state;
	struct rig *r = toy_new();
	wire_id_make(r->now_ms, random, id);
	for (uint32_t i = 0; i < SK_LEN(party); i++) {
		struct party from = { .roles = ROLE_BIT(FACILITY) };
		PB(Message) m = PB_INIT(MESSAGE);
		PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);
		struct slice frame;

		name_copy(from.id, party[i]);
		p.pool = (char *)(uintptr_t) "command";
		p.staffed = OP_COUNT;
		p.total = i;
		m.body_case = BODY(PUT_CAPACITY);
		m.put_capacity = &p;
		uint8_t *bytes = toy_frame(r, &m, id, &frame);
		engine_frame(r->engine, RIG_CONN, &from, frame);
		(void)engine_turn(r->engine);
		free(bytes);
		assert_int_equal(r->answer->receipt->outcome, outcome[i]);
	}
	assert_int_equal(r->answer->receipt->code, CODE(ID_REUSED));
	assert_int_equal(toy_count(r, "command"), 2);
	rig_free(r);
}

/* --- drain --- */

static void drain(struct rig *r, bool on)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Drain) d = PB_INIT(DRAIN);

	d.draining = on;
	m.body_case = BODY(DRAIN);
	m.drain = &d;
	assert_int_equal(toy_operator(r, &m)->outcome, OUTCOME(ACCEPTED));
}

/* Drained, over a restart too: no new commands; the operator, links and deadlines go on. */
static void test_engine_drained_only_commands_wait(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	(void)toy_due(r, r->now_ms + RIG_SECOND_MS, OP_COUNT, 0);
	drain(r, true);
	for (int i = 0; i < 2; i++) {
		PB(Receipt) *receipt = toy_do(r, OP_COUNT, 0);
		assert_int_equal(receipt->outcome, OUTCOME(BUSY));
		assert_int_equal(receipt->busy, SCHAKEL__V1__RESOURCE__RESOURCE_DRAINING);
		rig_reopen(r);
	}
	assert_true(toy_fact(r, OP_COUNT, 0));
	rig_advance(r, 2 * RIG_SECOND_MS);
	assert_int_equal(toy_count(r, "due"), 1);
	drain(r, false);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_free(r);
}

/* --- waking --- */

/* The first due row is remembered: one that is put before it later moves the alarm clock forward.
 */
static void test_engine_due_row_before_the_remembered_one_wakes(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	(void)toy_due(r, r->now_ms + RIG_HOUR_MS, OP_COUNT, 0);
	rig_advance(r, RIG_SECOND_MS);
	(void)toy_due(r, r->now_ms + 120, OP_COUNT, 0);
	rig_advance(r, 20); /* committed, so that nothing else wants a turn soon */
	assert_in_range(engine_turn(r->engine), 1, 100);
	r->now_ms += 100;
	assert_in_range(engine_turn(r->engine), 1, 1000);
	assert_int_equal(toy_count(r, "due"), 1);
	/* One of the past runs with the next turn, which is wanted at once. */
	toy_post(r, OP_COUNT, 0);
	(void)toy_due(r, 1, OP_COUNT, 0);
	(void)engine_turn(r->engine);
	assert_int_equal(toy_count(r, "due"), 2);
	rig_free(r);
}

/* A connection that is gone waits for nothing; a query of its own is answered into the void. */
static void test_engine_connection_gone_its_reader_is_forgotten(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct incarnation inc = engine_incarnation(r->engine);
	struct question_of q = { .party = "waitlist",
				 .roles = ROLE_BIT(DAEMON),
				 .log = "waitlist",
				 .incarnation = inc.number,
				 .nonce = inc.nonce,
				 .credit = 9,
				 .wait_ms = 30000,
				 .conn = 5 };

	toy_ask(r, &q);
	q.conn = 6;
	toy_ask(r, &q);
	engine_conn_closed(r->engine, 5);
	assert_int_equal(toy_do(r, OP_TELL, 3)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(toy_frames(r, 5), 0);
	assert_int_equal(toy_frames(r, 6), 3);
	engine_conn_closed(r->engine, 6);
	engine_conn_closed(r->engine, 6);
	assert_int_equal(r->engine->readers_len, 0);
	rig_free(r);
}

/* --- full --- */

/* Batches that end exactly where their segment ends, many segments on. */
static void test_engine_batches_fill_segments_to_the_end(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t full = 0;

	while (r->last_segment < 5) {
		/* A record of 3 KiB and what stands around it: one block; 250 KiB: 63 blocks. */
		bool close = r->engine->journal.end.offset + 64 * BATCH_BLOCK > RIG_SEGMENT_BYTES;
		assert_int_equal(toy_do(r, OP_WRITE, close ? 3 : 250)->outcome, OUTCOME(ACCEPTED));
		full += r->engine->journal.end.offset == RIG_SEGMENT_BYTES;
	}
	assert_true(full >= 4);
	rig_reopen(r);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	while (r->engine->journal.end.offset != RIG_SEGMENT_BYTES) {
		(void)toy_do(r, OP_WRITE, 3);
	}
	toy_kill(r); /* the position is behind: the tail is read and written again */
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_free(r);
}

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

/* Of a demo, what a message made due comes before the next message, so that it does not matter how
 * many of them a turn would take. A real node takes both as they come. */
static void test_engine_demo_steps_what_is_due_first(void **state)
{
	(void)state;
	struct rig *real = toy_new();
	struct rig *demo = toy_new_demo();

	demo->now_ms = engine_now_ms(demo->engine); /* ids are made from it */
	(void)engine_turn(real->engine);
	(void)engine_turn(demo->engine);
	assert_true(engine_has_room(demo->engine));
	toy_post(real, OP_DUE, 0); /* at once */
	toy_post(demo, OP_DUE, 0);
	assert_true(engine_has_room(real->engine));
	assert_false(engine_has_room(demo->engine));
	(void)engine_turn(demo->engine);
	assert_true(engine_has_room(demo->engine));
	rig_free(real);
	rig_free(demo);
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

		q.limit = 1;
		q.expertise = 60;
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
		cmocka_unit_test(test_engine_receipt_at_the_end_of_its_window),
		cmocka_unit_test(test_engine_same_id_of_two_parties_are_two),
		cmocka_unit_test(test_engine_drained_only_commands_wait),
		cmocka_unit_test(test_engine_due_row_before_the_remembered_one_wakes),
		cmocka_unit_test(test_engine_connection_gone_its_reader_is_forgotten),
		cmocka_unit_test(test_engine_batches_fill_segments_to_the_end),
		cmocka_unit_test(test_engine_full_batches_due_rows_run),
		cmocka_unit_test(test_engine_demo_steps_what_is_due_first),
		cmocka_unit_test(test_engine_restore_seen_in_full_batch_takes_incarnation),
		cmocka_unit_test(test_engine_readers_full_daemon_is_served),
		cmocka_unit_test(test_engine_many_long_answers_memory_is_bounded),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
