/* SPDX-License-Identifier: EUPL-1.2 */
/* Logs and their readers: what was read goes, at once and after a restart; what is old goes; what
 * an older incarnation wrote goes; and a reader hears in its time that nothing came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define TURNS_MAX 10000

static struct question_of waitlist_asks(struct rig *r, uint64_t after)
{
	struct incarnation inc = engine_incarnation(r->engine);

	return (struct question_of){ .party = "waitlist",
				     .roles = ROLE_BIT(DAEMON),
				     .log = "waitlist",
				     .incarnation = inc.number,
				     .nonce = inc.nonce,
				     .after = after,
				     .credit = 1,
				     .wait_ms = 2000,
				     .conn = 1 };
}

/** Turns that the engine wants at once, with the clock standing still. */
static void settle(struct rig *r)
{
	for (int i = 0; engine_turn(r->engine) == 0; i++) {
		assert_true(i < TURNS_MAX);
	}
}

static size_t entries(struct rig *r, const char *log)
{
	struct key prefix = key_of_str(log);
	struct store_iter it;
	struct slice val;
	struct key k;
	size_t rows = 0;

	store_iter_init(&it, rig_txn(r), TABLE_LOG, &prefix);
	while (store_next(&it, &k, &val)) {
		rows++;
	}
	store_iter_done(&it);
	return rows;
}

/** Tells until the soft bound keeps commands out. @return messages told. */
static uint64_t fill_log(struct rig *r)
{
	uint64_t told = 0;

	rig_set(r, SETTING_LOG_SOFT, 65536);
	while (toy_do(r, OP_TELL, 500)->outcome == OUTCOME(ACCEPTED)) {
		told += 500;
		assert_true(told < 100000);
	}
	assert_int_equal(r->answer->receipt->busy, SCHAKEL__V1__RESOURCE__RESOURCE_LOG_BOUND);
	assert_true(told > 1000);
	return told;
}

/* A peer that was away read all there is: commands come in again now, not in hours. */
static void test_engine_backlog_was_read_commands_come_in_at_once(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t told = fill_log(r);
	struct question_of q = waitlist_asks(r, told);

	toy_ask(r, &q);
	settle(r);
	assert_int_equal(entries(r, "waitlist"), 0);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_free(r);
}

/* One less than all: that one stays. */
static void test_engine_backlog_but_one_was_read_one_stays(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t told = fill_log(r);
	struct question_of q = waitlist_asks(r, told - 1);

	q.credit = 0;
	toy_ask(r, &q);
	settle(r);
	assert_int_equal(entries(r, "waitlist"), 1);
	rig_free(r);
}

/* The daemon ends in the middle of it: the reader, which asks from the same place, brings it on. */
static void test_engine_ended_while_trimming_goes_on_after_start(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t told = fill_log(r);
	struct question_of q = waitlist_asks(r, told);

	toy_ask(r, &q);
	(void)engine_turn(r->engine);
	assert_true(entries(r, "waitlist") > 0);
	rig_reopen(r);
	toy_ask(r, &q);
	settle(r);
	assert_int_equal(entries(r, "waitlist"), 0);
	rig_free(r);
}

/* Trimming alone is committed too: its pages do not pile up in an open transaction. */
static void test_engine_trims_alone_are_committed(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t told = fill_log(r);
	struct question_of q = waitlist_asks(r, told);
	struct engine_stats before, after;

	rig_advance(r, RIG_SECOND_MS);
	engine_stats(r->engine, &before);
	toy_ask(r, &q);
	settle(r);
	engine_stats(r->engine, &after);
	assert_true(told > 1024);
	assert_true(after.commits > before.commits);
	rig_free(r);
}

/* What nobody read goes by age, however much of it there is. */
static void test_engine_events_grow_old_go_at_once(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	for (uint64_t i = 0; i < 1000; i++) {
		(void)toy_fact(r, OP_REFUSE, 0); /* an alarm each */
	}
	size_t before = entries(r, EVENTS_LOG);
	assert_true(before >= 1000);
	rig_advance(r, 36 * RIG_DAY_MS);
	settle(r);
	assert_true(entries(r, EVENTS_LOG) < 64);
	rig_free(r);
}

/* Entries of an incarnation before this one are read by nobody: they go, those of this one stay. */
static void test_engine_new_incarnation_old_entries_go(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct question_of q = waitlist_asks(r, 0);

	assert_int_equal(toy_do(r, OP_TELL, 500)->outcome, OUTCOME(ACCEPTED));
	q.after = 501;
	toy_ask(r, &q);
	settle(r);
	assert_int_equal(engine_incarnation(r->engine).number, 2);
	r->conf.seen = engine_incarnation(r->engine);
	rig_reopen(r);
	settle(r);
	struct key first = log_key("waitlist", 1, 500);
	struct slice val;
	assert_false(store_get(rig_txn(r), TABLE_LOG, &first, &val));
	first = log_key(EVENTS_LOG, 2, 1);
	assert_true(store_get(rig_txn(r), TABLE_LOG, &first, &val));
	rig_free(r);
}

/* A reader that waits a tenth of a second is told so then, not at the next odd turn. */
static void test_engine_reader_waits_turn_comes_in_time(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct question_of q = waitlist_asks(r, 0);

	rig_advance(r, RIG_SECOND_MS);
	settle(r);
	q.wait_ms = 100;
	toy_ask(r, &q);
	assert_in_range(engine_turn(r->engine), 1, 100);
	r->now_ms += 100;
	(void)engine_turn(r->engine);
	assert_int_equal(toy_frames(r, 1), 1);
	assert_int_equal(toy_last()->message.len, 0);
	rig_free(r);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_backlog_was_read_commands_come_in_at_once),
		cmocka_unit_test(test_engine_backlog_but_one_was_read_one_stays),
		cmocka_unit_test(test_engine_ended_while_trimming_goes_on_after_start),
		cmocka_unit_test(test_engine_trims_alone_are_committed),
		cmocka_unit_test(test_engine_events_grow_old_go_at_once),
		cmocka_unit_test(test_engine_new_incarnation_old_entries_go),
		cmocka_unit_test(test_engine_reader_waits_turn_comes_in_time),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
