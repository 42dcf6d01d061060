/* SPDX-License-Identifier: EUPL-1.2 */
/* Steps that stop the daemon, exhaust the arena or write too much: what they are set aside as, and
 * that nothing beside them suffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define ACTION(NAME) SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_##NAME

static PB(Receipt) *retry(struct rig *r, uint64_t row)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuarantineAction) a = PB_INIT(QUARANTINE_ACTION);

	a.row = row;
	a.action = ACTION(RETRY);
	m.body_case = BODY(QUARANTINE_ACTION);
	m.quarantine_action = &a;
	return toy_operator(r, &m);
}

static size_t alarms(struct rig *r, PB(AlarmKind) kind)
{
	PB(Message) *m;
	size_t len = 0;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		len += m->event->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_ALARM &&
		       m->event->alarm == kind;
	}
	return len;
}

/* --- twice, then never again --- */

static uint8_t *crash_frame;
static struct slice crash_bytes;

static void send_crash_frame(struct rig *r)
{
	struct party from = { .id = "facility-a", .roles = ROLE_BIT(FACILITY) };

	engine_frame(r->engine, RIG_CONN, &from, crash_bytes);
	(void)engine_turn(r->engine);
}

static void pack_command(struct rig *r, enum toy_op op)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);

	p.pool = (char *)(uintptr_t) "command";
	p.staffed = op;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	crash_frame = toy_frame(r, &m, NULL, &crash_bytes);
}

static void crash_command(enum toy_op op)
{
	struct rig *r = toy_new();

	pack_command(r, op);
	assert_false(toy_survives(r, send_crash_frame));
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	assert_false(toy_survives(r, send_crash_frame));
	assert_true(toy_survives(r, send_crash_frame));
	assert_int_equal(r->answer->receipt->outcome, OUTCOME(REFUSED));
	assert_int_equal(r->answer->receipt->code, CODE(POISON));
	assert_true(toy_survives(r, send_crash_frame));
	assert_int_equal(r->answer->receipt->outcome, OUTCOME(DUPLICATE));
	assert_int_equal(r->answer->receipt->first, OUTCOME(REFUSED));
	assert_int_equal(alarms(r, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_POISON), 1);
	assert_int_equal(toy_count(r, "command"), 1);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 1);
	free(crash_frame);
	rig_free(r);
}

static void test_engine_command_crashes_twice_is_refused(void **state)
{
	(void)state;
	crash_command(OP_CRASH);
}

/* The crash comes when the index folds what the step wrote. */
static void test_engine_fold_crashes_twice_is_refused(void **state)
{
	(void)state;
	crash_command(OP_CRASH_FOLD);
}

/* A query is no input, but its sender sends it again all the same. */
static void test_engine_query_crashes_twice_is_refused(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);

	(void)state;
	struct rig *r = toy_new();
	q.partner = (char *)(uintptr_t) "crash";
	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = &q;
	crash_frame = toy_frame(r, &m, NULL, &crash_bytes);
	assert_false(toy_survives(r, send_crash_frame));
	assert_false(toy_survives(r, send_crash_frame));
	for (int i = 0; i < 2; i++) {
		r->answer = NULL;
		assert_true(toy_survives(r, send_crash_frame));
		assert_non_null(r->answer);
		assert_int_equal(r->answer->body_case, BODY(RECEIPT));
		assert_int_equal(r->answer->receipt->code, CODE(POISON));
	}
	free(crash_frame);
	rig_free(r);
}

static void run_due(struct rig *r)
{
	rig_advance(r, 10 * RIG_SECOND_MS);
}

/* A due row that crashes is set aside; those before and behind it run once. After the repair the
 * operator gives it back. */
static void test_engine_due_row_crashes_twice_is_set_aside_and_retried(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t at_ms = r->now_ms + 5 * RIG_SECOND_MS;

	(void)toy_due(r, at_ms, OP_COUNT, 0);
	(void)toy_due(r, at_ms, OP_CRASH, 0);
	(void)toy_due(r, at_ms + 1, OP_COUNT, 0);
	assert_false(toy_survives(r, run_due));
	assert_false(toy_survives(r, run_due));
	assert_true(toy_survives(r, run_due));
	assert_int_equal(toy_count(r, "due"), 2);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 1);
	assert_int_equal(alarms(r, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_POISON), 1);
	assert_int_equal(r->engine->quarantined, 1);
	rig_reopen(r);
	assert_int_equal(r->engine->quarantined, 1);
	toy_fragile = false;
	assert_int_equal(retry(r, 1)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(r->engine->quarantined, 0);
	rig_advance(r, 1);
	assert_int_equal(toy_count(r, "due"), 3);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 0);
	rig_free(r);
}

/* --- the engine's own inputs --- */

static PB(Message__BodyCase) crash_on;

static void on_applied(void *ctx, const struct applied *a)
{
	(void)ctx;
	if (!toy_fragile || a->in->body_case != crash_on) {
		return;
	}
	if (crash_on == BODY(CONFIG_APPLIED)) { /* what would end with the process */
		schakel__v1__config_applied__free_unpacked(a->in->config_applied, NULL);
	}
	toy_crash();
}

static void meet_waitlist(struct rig *r)
{
	PB(Link) l = PB_INIT(LINK);
	PB(Frame) mark = PB_INIT(FRAME);
	uint8_t link[64];
	uint8_t frame[128];

	l.source = (char *)(uintptr_t) "waitlist";
	l.destination = (char *)(uintptr_t)r->svc->name;
	l.incarnation = 1;
	l.nonce = RIG_PEER_NONCE;
	mark.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	mark.oldest = 1;
	r->now_ms += RIG_SECOND_MS; /* another time, the same input */
	engine_on_applied(r->engine, on_applied, NULL);
	struct slice bytes = { frame, schakel__v1__frame__pack(&mark, frame) };
	engine_peer_frame(r->engine, "waitlist", bytes);
	(void)engine_turn(r->engine);
}

/* Its link waits; everything else goes on, and after an orderly end it is tried once more. */
static void test_engine_peer_incarnation_crashes_twice_is_not_stepped(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	crash_on = BODY(PEER_INCARNATED);
	assert_false(toy_survives(r, meet_waitlist));
	assert_false(toy_survives(r, meet_waitlist));
	assert_true(toy_survives(r, meet_waitlist));
	assert_int_equal(engine_link(r->engine, "waitlist")->inc.number, 0);
	assert_true(engine_link(r->engine, "waitlist")->held);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 0);
	toy_fragile = false;
	rig_reopen(r);
	assert_true(toy_survives(r, meet_waitlist));
	assert_int_equal(engine_link(r->engine, "waitlist")->inc.number, 1);
	rig_free(r);
}

static int configured;

static void configure(struct rig *r)
{
	uint8_t packed[8192];
	size_t len = schakel__v1__config_applied__get_packed_size(r->config);

	assert_true(len <= sizeof(packed));
	struct slice bytes = { packed, schakel__v1__config_applied__pack(r->config, packed) };
	r->now_ms += RIG_SECOND_MS;
	engine_on_applied(r->engine, on_applied, NULL);
	configured = engine_config(r->engine, bytes);
	(void)engine_turn(r->engine);
}

/* The old configuration stands, and another new one is taken. */
static void test_engine_configuration_crashes_twice_is_refused(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	char *node = r->config->node;

	crash_on = BODY(CONFIG_APPLIED);
	r->config->node = (char *)(uintptr_t) "bad";
	assert_false(toy_survives(r, configure));
	assert_false(toy_survives(r, configure));
	assert_true(toy_survives(r, configure));
	assert_int_equal(configured, SK_EREFUSED);
	assert_string_equal(config_message(r->engine->config)->node, node);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	toy_fragile = false;
	r->config->node = (char *)(uintptr_t) "good";
	assert_true(toy_survives(r, configure));
	assert_int_equal(configured, SK_OK);
	r->config->node = node;
	rig_free(r);
}

/* kill -9 in the middle of a good message leaves its name in the slot: crashes of other causes do
 * not count for it. */
static void test_engine_killed_in_step_then_crash_elsewhere_is_no_poison(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	pack_command(r, OP_COUNT);
	for (int i = 0; i < 3; i++) {
		PB(Frame) *f = schakel__v1__frame__unpack(NULL, crash_bytes.len, crash_bytes.data);
		PB(Message) *m =
			schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
		memcpy(r->slot.id, m->id.data, sizeof(r->slot.id));
		schakel__v1__message__free_unpacked(m, NULL);
		schakel__v1__frame__free_unpacked(f, NULL);
		r->slot.active = 1;
		toy_kill(r);
		assert_int_equal(r->slot.active, 0);
	}
	assert_true(toy_survives(r, send_crash_frame));
	assert_int_equal(r->answer->receipt->outcome, OUTCOME(ACCEPTED));
	free(crash_frame);
	rig_free(r);
}

/* --- quarantine --- */

/* A command in a peer's log has no handler there; a retry does not make it one of ours. */
static void test_engine_command_in_a_peers_log_retry_is_unauthorised(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Drain) d = PB_INIT(DRAIN);

	(void)state;
	struct rig *r = toy_new();
	d.draining = true;
	m.body_case = BODY(DRAIN);
	m.drain = &d;
	assert_false(rig_fact(r, "waitlist", &m));
	PB(Receipt) *receipt = retry(r, 1);
	assert_int_equal(receipt->outcome, OUTCOME(REFUSED));
	assert_int_equal(receipt->code, CODE(UNAUTHORISED));
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 1);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_free(r);
}

/* --- memory --- */

/* A fact that takes all of the arena is set aside, with its bytes; the link goes on behind it. */
static void test_engine_fact_fills_the_arena_link_goes_on(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_false(toy_fact(r, OP_FILL, 0));
	assert_int_equal(rig_fault(r, NULL), CODE(OUT_OF_RANGE));
	assert_true(toy_fact(r, OP_COUNT, 0));
	assert_int_equal(toy_count(r, "fact"), 1);
	rig_free(r);
}

/* The replay at the end has the same arena left for a fact as the step had: near the limit, too. */
static void test_engine_fact_needs_about_the_arena_replay_agrees(void **state)
{
	size_t set_aside = 0;

	(void)state;
	struct rig *r = toy_new();
	for (uint32_t need = ARENA_BYTES - 4096; need <= ARENA_BYTES; need += 16) {
		set_aside += !toy_fact(r, OP_NEED, need);
	}
	assert_in_range(set_aside, 1, 256);
	rig_free(r);
}

/* Each fits, together they do not: the second waits for the next Tick. */
static void test_engine_due_rows_write_much_each_runs(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t at_ms = r->now_ms + 5 * RIG_SECOND_MS;

	for (uint32_t kib = 250; kib < 253; kib++) {
		(void)toy_due(r, at_ms, OP_WRITE, kib);
		(void)toy_due(r, at_ms, OP_WRITE, kib + 200);
	}
	rig_advance(r, 10 * RIG_SECOND_MS);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 0);
	assert_int_equal(toy_count(r, "due"), 6);
	rig_free(r);
}

/* One that fits in no Tick, and one that needs more arena than there is. */
static void test_engine_due_row_too_large_is_set_aside_others_run(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	uint64_t at_ms = r->now_ms + 5 * RIG_SECOND_MS;

	(void)toy_due(r, at_ms, OP_COUNT, 0);
	(void)toy_due(r, at_ms + 1, OP_WRITE, 600);
	(void)toy_due(r, at_ms + 2, OP_FILL, 0);
	(void)toy_due(r, at_ms + 3, OP_COUNT, 0);
	rig_advance(r, 10 * RIG_SECOND_MS);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 2);
	assert_int_equal(toy_count(r, "due"), 2);
	rig_free(r);
}

/* What is written beside a row that was set aside carries ids of its own: none that another row of
 * the same Tick has made. */
static void test_engine_due_rows_set_aside_ids_differ(void **state)
{
	uint8_t id[3][16];
	size_t len = 0;

	(void)state;
	struct rig *r = toy_new();
	uint64_t at_ms = r->now_ms + 5 * RIG_SECOND_MS;
	(void)toy_due(r, at_ms, OP_TELL, 1);
	(void)toy_due(r, at_ms, OP_REFUSE, 0);
	(void)toy_due(r, at_ms, OP_REFUSE, 1);
	rig_skip(r);
	rig_advance(r, 10 * RIG_SECOND_MS);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 2);
	memcpy(id[len++], rig_next_of(r, "waitlist", BODY(ASK))->id.data, 16);
	memcpy(id[len++], rig_next_of(r, EVENTS_LOG, BODY(EVENT))->id.data, 16);
	memcpy(id[len++], rig_next_of(r, EVENTS_LOG, BODY(EVENT))->id.data, 16);
	for (size_t i = 1; i < len; i++) {
		for (size_t j = 0; j < i; j++) {
			assert_memory_not_equal(id[i], id[j], 16);
		}
	}
	rig_free(r);
}

/* A message that fits no frame cannot be read by its addressee: it is not written, and nobody ends.
 */
static void test_engine_message_longer_than_a_frame_is_not_written(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_int_equal(toy_do(r, OP_TELL_LONG, 65000)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(toy_do(r, OP_TELL_LONG, 65300)->outcome, OUTCOME(BUSY));
	assert_false(toy_fact(r, OP_TELL_LONG, 65300));
	(void)toy_due(r, r->now_ms, OP_TELL_LONG, 65300);
	rig_advance(r, RIG_SECOND_MS);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 2);
	assert_int_equal(rig_count(r, "waitlist", BODY(RECONCILE_ITEM)), 1);
	rig_free(r);
}

/* A command of too many effects, or that needs too much arena, is never an outcome. */
static void test_engine_command_too_large_is_busy(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_int_equal(toy_do(r, OP_WRITE, 600)->outcome, OUTCOME(BUSY));
	assert_int_equal(toy_do(r, OP_FILL, 0)->outcome, OUTCOME(BUSY));
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(toy_count(r, "command"), 1);
	rig_free(r);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_command_crashes_twice_is_refused),
		cmocka_unit_test(test_engine_fold_crashes_twice_is_refused),
		cmocka_unit_test(test_engine_query_crashes_twice_is_refused),
		cmocka_unit_test(test_engine_due_row_crashes_twice_is_set_aside_and_retried),
		cmocka_unit_test(test_engine_peer_incarnation_crashes_twice_is_not_stepped),
		cmocka_unit_test(test_engine_configuration_crashes_twice_is_refused),
		cmocka_unit_test(test_engine_killed_in_step_then_crash_elsewhere_is_no_poison),
		cmocka_unit_test(test_engine_command_in_a_peers_log_retry_is_unauthorised),
		cmocka_unit_test(test_engine_fact_fills_the_arena_link_goes_on),
		cmocka_unit_test(test_engine_fact_needs_about_the_arena_replay_agrees),
		cmocka_unit_test(test_engine_due_rows_write_much_each_runs),
		cmocka_unit_test(test_engine_due_row_too_large_is_set_aside_others_run),
		cmocka_unit_test(test_engine_due_rows_set_aside_ids_differ),
		cmocka_unit_test(test_engine_message_longer_than_a_frame_is_not_written),
		cmocka_unit_test(test_engine_command_too_large_is_busy),
	};
	if (argc > 1) {
		cmocka_set_test_filter(argv[1]);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
