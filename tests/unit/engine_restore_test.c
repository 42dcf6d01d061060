/* SPDX-License-Identifier: EUPL-1.2 */
/* Old copies: how they show, which incarnation they take, and that what follows comes to an end
 * also when two were restored, twice, or while a clock is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define RES(NAME) SCHAKEL__V1__RESOURCE__RESOURCE_##NAME

/** A daemon asks for its log. */
static void daemon_asks(struct rig *r, const char *peer, struct incarnation inc, uint64_t after)
{
	struct question_of q = { .party = peer,
				 .roles = ROLE_BIT(DAEMON),
				 .log = peer,
				 .incarnation = inc.number,
				 .nonce = inc.nonce,
				 .after = after,
				 .credit = 10,
				 .wait_ms = 2000,
				 .conn = 1 };

	toy_ask(r, &q);
}

/** Entries with that body in our log for @p peer, of incarnation @p number. */
static size_t told(struct rig *r, const char *peer, uint32_t number, PB(Message__BodyCase) body)
{
	struct key prefix = key_of_str(peer);
	struct store_iter it;
	struct slice val;
	struct key k;
	size_t len = 0;

	key_u32(&prefix, number);
	store_iter_init(&it, rig_txn(r), TABLE_LOG, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(Message) *m = schakel__v1__message__unpack(NULL, val.len, val.data);
		assert_non_null(m);
		len += m->body_case == body;
		schakel__v1__message__free_unpacked(m, NULL);
	}
	store_iter_done(&it);
	return len;
}

static void become_restored(struct rig *r)
{
	daemon_asks(r, "matching", engine_incarnation(r->engine), 1000);
	(void)engine_turn(r->engine);
	r->conf.seen = engine_incarnation(r->engine);
}

/** The peer's part: begin or end of its inventory for our incarnation. */
static void peer_reconciles(struct rig *r, const char *peer, bool begin)
{
	struct incarnation inc = engine_incarnation(r->engine);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileBegin) b = PB_INIT(RECONCILE_BEGIN);
	PB(ReconcileDone) d = PB_INIT(RECONCILE_DONE);

	b.incarnation = d.incarnation = inc.number;
	b.nonce = d.nonce = inc.nonce;
	m.body_case = begin ? BODY(RECONCILE_BEGIN) : BODY(RECONCILE_DONE);
	if (begin) {
		m.reconcile_begin = &b;
	} else {
		m.reconcile_done = &d;
	}
	assert_true(rig_fact(r, peer, &m));
}

/** The first frame of the peer's next incarnation. */
static void meet_restored(struct rig *r, const char *peer)
{
	PB(Link) l = PB_INIT(LINK);
	PB(Frame) mark = PB_INIT(FRAME);

	l.incarnation = 2;
	l.nonce = RIG_PEER_NONCE;
	mark.oldest = 1;
	toy_peer_frame(r, peer, &l, &mark);
	(void)engine_turn(r->engine);
}

static PB(Receipt) *sign_off(struct rig *r, const char *peer)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileSignOff) s = PB_INIT(RECONCILE_SIGN_OFF);

	s.peer = (char *)(uintptr_t)peer;
	m.body_case = BODY(RECONCILE_SIGN_OFF);
	m.reconcile_sign_off = &s;
	return toy_operator(r, &m);
}

/* --- how it shows --- */

/* The file outside backups: each way in which it can differ, and the two in which it does not. */
static void test_engine_incarnation_file_tells(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct toy_copy *old = toy_copy(r);
	struct incarnation first = engine_incarnation(r->engine);
	uint64_t has = 0;
	uint64_t unused;

	engine_positions(r->engine, &has, &unused, &unused);
	const struct {
		struct incarnation seen;
		uint64_t sequence;
		uint32_t number; /* taken */
	} file[] = {
		{ first, 0, 1 },
		{ first, has, 1 }, /* all that the copy has */
		{ first, has + 1, 2 },
		{ { 0, 0 }, 0, 2 }, /* lost */
		{ { 1, first.nonce + 1 }, 0, 2 },
		{ { 3, 77 }, 0, 4 },
	};
	for (size_t i = 0; i < SK_LEN(file); i++) {
		r->conf.seen = file[i].seen;
		r->conf.seen_sequence = file[i].sequence;
		toy_put_back(r, old);
		bool restored = file[i].number != 1;
		assert_true(engine_has_room(r->engine) != restored);
		(void)engine_turn(r->engine);
		assert_true(engine_has_room(r->engine));
		assert_int_equal(engine_incarnation(r->engine).number, file[i].number);
		PB(Receipt) *receipt = toy_do(r, OP_COUNT, 0);
		assert_int_equal(receipt->outcome, restored ? OUTCOME(BUSY) : OUTCOME(ACCEPTED));
		assert_true(!restored || receipt->busy == RES(RECONCILING));
	}
	r->conf.seen = engine_incarnation(r->engine);
	free(old);
	rig_free(r);
}

/* An empty store beside the journal of another: it does not begin, and it does not write there. */
static void test_engine_empty_store_beside_another_journal_is_foreign(void **state)
{
	static const uint8_t other_id[16] = "another another";
	uint8_t before[BATCH_BLOCK];

	(void)state;
	struct rig *r = toy_new();
	struct toy_copy *old = toy_copy(r);
	struct store_conf sc = { .dir = r->dir, .map_bytes = RIG_MAP_BYTES, .no_sync = true };
	struct engine *e = NULL;
	char path[128];

	memcpy(before, r->segment[0], sizeof(before));
	engine_abandon(r->engine);
	store_close(&r->store);
	(void)snprintf(path, sizeof(path), "%s/data.mdb", r->dir);
	assert_int_equal(unlink(path), 0);
	rig_must(store_create(&r->store, &sc), "store_create");
	rig_must(engine_init_store(&r->store, r->svc, &r->conf, other_id), "engine_init_store");
	assert_int_equal(engine_open(&e, &r->store, r->svc, &r->port, &r->conf), SK_EFOREIGN);
	assert_null(e);
	assert_memory_equal(before, r->segment[0], sizeof(before));
	r->engine = NULL;
	toy_put_back(r, old);
	free(old);
	rig_free(r);
}

static char reason[64];

static void note_reason(void *ctx, const struct applied *a)
{
	(void)ctx;
	if (a->in->body_case == BODY(INCARNATED)) {
		(void)strncpy(reason, a->in->incarnated->reason, sizeof(reason) - 1);
	}
}

/* Who made it show is named in the journal: not by memory that was lent for one call. */
static void test_engine_incarnation_names_the_reader(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	engine_on_applied(r->engine, note_reason, NULL);
	become_restored(r);
	assert_string_equal(reason, "matching");
	rig_free(r);
}

/* A client that claims to have read more proves nothing. */
static void test_engine_client_read_more_no_incarnation(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct incarnation inc = engine_incarnation(r->engine);
	struct question_of q = { .party = "facility-a",
				 .roles = ROLE_BIT(FACILITY),
				 .log = "facility-a",
				 .incarnation = inc.number + 5,
				 .nonce = inc.nonce,
				 .after = 1000,
				 .credit = 1,
				 .conn = 1 };

	toy_ask(r, &q);
	q.incarnation = inc.number;
	toy_ask(r, &q);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, inc.number);
	assert_int_equal(toy_frames(r, 1), 2);
	rig_free(r);
}

/* A daemon that knows a later incarnation than ours: ours must become higher still. */
static void test_engine_reader_knows_later_incarnation_we_go_beyond(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct incarnation later = { 7, 1234 };

	daemon_asks(r, "waitlist", later, 3);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, 8);
	/* The same question again, of before: nothing more. */
	daemon_asks(r, "waitlist", later, 3);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, 8);
	r->conf.seen = engine_incarnation(r->engine);
	rig_free(r);
}

/* The copy has written as much again before the reader asks: not the same entry stands at its
 * place. So it shows while the entry stands, and when it was trimmed. */
static void test_engine_reader_read_another_life_sum_tells(void **state)
{
	(void)state;
	for (int trimmed = 0; trimmed < 2; trimmed++) {
		struct rig *r = toy_new();
		struct incarnation inc = engine_incarnation(r->engine);
		struct question_of q = { .party = "waitlist",
					 .roles = ROLE_BIT(DAEMON),
					 .log = "waitlist",
					 .incarnation = inc.number,
					 .nonce = inc.nonce,
					 .after = 2,
					 .conn = 1 };
		struct key k = log_key("waitlist", inc.number, q.after);
		struct slice val;

		assert_int_equal(toy_do(r, OP_TELL, 3)->outcome, OUTCOME(ACCEPTED));
		assert_true(store_get(rig_txn(r), TABLE_LOG, &k, &val));
		q.sum = engine_sum(val);
		for (int i = 0; i < 3 && trimmed; i++) {
			toy_ask(r, &q);
			(void)engine_turn(r->engine);
			assert_int_equal(engine_incarnation(r->engine).number, inc.number);
		}
		assert_true(store_get(rig_txn(r), TABLE_LOG, &k, &val) == !trimmed);
		q.sum++;
		toy_ask(r, &q);
		(void)engine_turn(r->engine);
		assert_int_equal(engine_incarnation(r->engine).number, inc.number + 1);
		r->conf.seen = engine_incarnation(r->engine);
		rig_free(r);
	}
}

/* Our own questions say what we took last, also after a restart. */
static void test_engine_question_carries_the_sum_of_the_last_entry(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_true(toy_fact(r, OP_COUNT, 0));
	uint64_t sum = engine_link(r->engine, "waitlist")->sum;
	assert_true(sum != 0);
	assert_true(toy_fact(r, OP_REFUSE, 0) == false);
	assert_true(engine_link(r->engine, "waitlist")->sum != sum);
	sum = engine_link(r->engine, "waitlist")->sum;
	rig_reopen(r);
	engine_link(r->engine, "matching")->paused = true;
	rig_advance(r, 10 * RIG_SECOND_MS);
	assert_int_equal(toy_asked()->after, 2);
	assert_true(toy_asked()->after_sum == sum);
	rig_free(r);
}

/* --- twice --- */

/* A copy that was taken in isolation, put back later: known to be isolated, not to be old. */
static void test_engine_restored_to_a_copy_of_isolation_takes_another(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	become_restored(r);
	struct incarnation second = engine_incarnation(r->engine);
	struct toy_copy *old = toy_copy(r);
	toy_put_back(r, old);
	daemon_asks(r, "waitlist", second, 40);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, second.number + 1);
	/* By the file, too. */
	r->conf.seen = second;
	r->conf.seen_sequence = 1000;
	toy_put_back(r, old);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, second.number + 1);
	r->conf.seen = engine_incarnation(r->engine);
	r->conf.seen_sequence = 0;
	free(old);
	rig_free(r);
}

/* Our inventory for a restored peer was out, unread, when we found that we come from a copy, too.
 * It went with our log: the peer would wait for ever. */
static void test_engine_both_restored_peer_gets_its_inventory_again(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_true(toy_fact(r, OP_COUNT, 0));
	rig_peer_restored(r, "waitlist");
	assert_int_equal(told(r, "waitlist", 1, BODY(RECONCILE_DONE)), 1);
	become_restored(r);
	for (int i = 0; i < 5; i++) {
		(void)engine_turn(r->engine);
	}
	assert_int_equal(told(r, "waitlist", 2, BODY(RECONCILE_BEGIN)), 1);
	assert_true(told(r, "waitlist", 2, BODY(RECONCILE_ITEM)) >= 1);
	assert_int_equal(told(r, "waitlist", 2, BODY(RECONCILE_DONE)), 1);
	/* matching was never restored: nothing is owed to it now. */
	assert_int_equal(told(r, "matching", 2, BODY(RECONCILE_BEGIN)), 0);
	rig_free(r);
}

/* --- isolation --- */

/* Facts before the peer's inventory are void, those between its begin and its end count, commands
 * wait, deadlines wait; the other peer is signed off; then all goes on. */
static void test_engine_isolation_from_begin_to_sign_off(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_true(toy_fact(r, OP_COUNT, 0));
	(void)toy_due(r, r->now_ms + RIG_SECOND_MS, OP_COUNT, 0);
	become_restored(r);
	r->now_ms += 5 * RIG_SECOND_MS;
	(void)engine_turn(r->engine);
	assert_int_equal(toy_count(r, "due"), 0);
	assert_true(toy_fact(r, OP_COUNT, 0));
	assert_int_equal(toy_count(r, "fact"), 1);
	peer_reconciles(r, "waitlist", false); /* an end without a beginning is none */
	peer_reconciles(r, "waitlist", true);
	assert_true(toy_fact(r, OP_COUNT, 0));
	assert_int_equal(toy_count(r, "fact"), 2);
	rig_reopen(r);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->busy, RES(RECONCILING));
	peer_reconciles(r, "waitlist", false);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->busy, RES(RECONCILING));
	assert_int_equal(sign_off(r, "waitlist")->code, CODE(UNKNOWN_OBJECT));
	assert_int_equal(sign_off(r, "matching")->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_advance(r, 1);
	assert_int_equal(toy_count(r, "due"), 1);
	rig_free(r);
}

/* Each of two restored daemons waits for the other's inventory: neither a wrong clock nor a
 * deadline of the beginning of time may hold it. */
static void test_engine_inventory_goes_out_in_isolation_and_clock_alarm(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_true(toy_fact(r, OP_COUNT, 0));
	for (uint32_t i = 0; i < DUE_ROWS_MAX + 1; i++) {
		toy_wall_ahead(r, 20 * (int64_t)RIG_DAY_MS);
		(void)toy_due(r, i == 0 ? 0 : r->now_ms, OP_COUNT, i);
	}
	become_restored(r);
	assert_int_equal(toy_count(r, "due"), 0);
	meet_restored(r, "waitlist");
	uint64_t wait_ms = 0;
	for (int i = 0; i < 5; i++) {
		wait_ms = engine_turn(r->engine);
	}
	assert_true(wait_ms > 0); /* nothing is left to do at once */
	assert_int_equal(told(r, "waitlist", 2, BODY(RECONCILE_DONE)), 1);
	assert_int_equal(toy_count(r, "due"), 0);
	rig_free(r);
}

/* Entries that we never read are gone at the writer: in isolation its inventory stands for them. */
static void test_engine_isolated_reader_of_a_trimmed_log_goes_on(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	PB(Link) l = PB_INIT(LINK);
	PB(Frame) mark = PB_INIT(FRAME);

	assert_true(toy_fact(r, OP_COUNT, 0));
	l.incarnation = 1;
	l.nonce = RIG_PEER_NONCE;
	mark.after = 90;
	mark.oldest = 51;
	toy_peer_frame(r, "waitlist", &l, &mark);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, 2);
	r->conf.seen = engine_incarnation(r->engine);
	toy_peer_frame(r, "waitlist", &l, &mark);
	(void)engine_turn(r->engine);
	assert_int_equal(engine_incarnation(r->engine).number, 2);
	r->peer[0].sequence = 50;
	peer_reconciles(r, "waitlist", true);
	peer_reconciles(r, "waitlist", false);
	assert_int_equal(sign_off(r, "matching")->outcome, OUTCOME(ACCEPTED));
	assert_true(toy_fact(r, OP_COUNT, 0));
	assert_int_equal(toy_count(r, "fact"), 2);
	rig_free(r);
}

/* Links stay paused over a restart, and a paused one is not asked. */
static void test_engine_link_paused_over_restart(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(LinkPause) p = PB_INIT(LINK_PAUSE);

	p.peer = (char *)(uintptr_t) "waitlist";
	p.paused = true;
	m.body_case = BODY(LINK_PAUSE);
	m.link_pause = &p;
	assert_int_equal(toy_operator(r, &m)->outcome, OUTCOME(ACCEPTED));
	rig_reopen(r);
	assert_true(engine_link(r->engine, "waitlist")->paused);
	toy_kill(r);
	assert_true(engine_link(r->engine, "waitlist")->paused);
	assert_false(engine_link(r->engine, "matching")->paused);
	p.paused = false;
	assert_int_equal(toy_operator(r, &m)->outcome, OUTCOME(ACCEPTED));
	assert_false(engine_link(r->engine, "waitlist")->paused);
	rig_free(r);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_incarnation_file_tells),
		cmocka_unit_test(test_engine_empty_store_beside_another_journal_is_foreign),
		cmocka_unit_test(test_engine_incarnation_names_the_reader),
		cmocka_unit_test(test_engine_client_read_more_no_incarnation),
		cmocka_unit_test(test_engine_reader_knows_later_incarnation_we_go_beyond),
		cmocka_unit_test(test_engine_reader_read_another_life_sum_tells),
		cmocka_unit_test(test_engine_question_carries_the_sum_of_the_last_entry),
		cmocka_unit_test(test_engine_restored_to_a_copy_of_isolation_takes_another),
		cmocka_unit_test(test_engine_both_restored_peer_gets_its_inventory_again),
		cmocka_unit_test(test_engine_isolation_from_begin_to_sign_off),
		cmocka_unit_test(test_engine_inventory_goes_out_in_isolation_and_clock_alarm),
		cmocka_unit_test(test_engine_isolated_reader_of_a_trimmed_log_goes_on),
		cmocka_unit_test(test_engine_link_paused_over_restart),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
