/* SPDX-License-Identifier: EUPL-1.2 */
/* Bounds of what a daemon keeps: at each of them, one past it, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/engine_toy.h"

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME
#define RES(NAME) SCHAKEL__V1__RESOURCE__RESOURCE_##NAME
#define ROW_KIB 400

/* --- the store's map --- */

static uint32_t write_until_busy(struct rig *r)
{
	uint32_t rows = 0;

	while (toy_do(r, OP_WRITE, ROW_KIB)->outcome == OUTCOME(ACCEPTED)) {
		rig_advance(r, RIG_SECOND_MS); /* committed */
		assert_true(++rows < RIG_MAP_BYTES / 1024 / ROW_KIB);
	}
	assert_int_equal(r->answer->receipt->busy, RES(MAP));
	return rows;
}

/* The file never shrinks: what was deleted inside it is room again all the same. */
static void test_engine_map_is_full_until_something_is_deleted(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	struct store_usage full, use;
	uint64_t free_bytes = 0;

	uint32_t rows = write_until_busy(r);
	assert_true(rows > 100);
	store_usage(&r->store, &full);
	assert_true(toy_fact(r, OP_COUNT, 0)); /* what peers tell is never refused */
	assert_int_equal(toy_do(r, OP_WRITE, 1)->outcome, OUTCOME(BUSY));
	for (int i = 0; i < 4; i++) {
		assert_true(toy_fact(r, i == 0 ? OP_DROP : OP_COUNT, 0));
		rig_advance(r, RIG_SECOND_MS);
	}
	store_usage(&r->store, &use);
	assert_true(use.file_bytes >= full.file_bytes);
	assert_int_equal(store_free_bytes(&r->store, &free_bytes), SK_OK);
	assert_true(free_bytes > (uint64_t)rows * ROW_KIB * 1024);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(toy_do(r, OP_WRITE, ROW_KIB)->outcome, OUTCOME(ACCEPTED));
		rig_advance(r, RIG_SECOND_MS);
	}
	store_usage(&r->store, &use);
	assert_true(use.file_bytes < full.file_bytes + (4U << 20)); /* it took what was free */
	rig_free(r);
}

/* --- what is set aside --- */

static uint64_t records(const struct rig *r)
{
	struct engine_stats st;

	engine_stats(r->engine, &st);
	return st.records;
}

/** The entry behind those that waitlist has sent, which the rig does not count. */
static void send_next_fact(struct rig *r, enum toy_op op)
{
	PB(Link) l = PB_INIT(LINK);
	PB(Frame) f = PB_INIT(FRAME);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Ask) a = PB_INIT(ASK);
	uint8_t id[16] = { 3 };
	uint8_t packed[64];

	l.incarnation = 1;
	l.nonce = RIG_PEER_NONCE;
	l.sequence = engine_link(r->engine, "waitlist")->sequence + 1;
	a.use = op;
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(ASK);
	m.ask = &a;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, packed), packed };
	toy_peer_frame(r, "waitlist", &l, &f);
	(void)engine_turn(r->engine);
}

static void drop_row(struct rig *r, uint64_t row)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuarantineAction) a = PB_INIT(QUARANTINE_ACTION);

	a.row = row;
	a.action = SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_DROP;
	m.body_case = BODY(QUARANTINE_ACTION);
	m.quarantine_action = &a;
	assert_int_equal(toy_operator(r, &m)->outcome, OUTCOME(ACCEPTED));
}

/* The last row is written; at the next one the link waits, and nothing of it is lost. */
static void test_engine_quarantine_at_and_past_its_bound(void **state)
{
	(void)state;
	struct rig *r = toy_new();

	assert_false(toy_fact(r, OP_REFUSE, 0));
	r->engine->quarantined = QUARANTINE_ROWS_MAX - 1; /* as if so many stood there */
	assert_false(toy_fact(r, OP_REFUSE, 0));
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 2);
	uint64_t read_to = engine_link(r->engine, "waitlist")->sequence;
	uint64_t before = records(r);
	send_next_fact(r, OP_REFUSE);
	send_next_fact(r, OP_COUNT); /* the link waits: not even looked at */
	assert_int_equal(engine_link(r->engine, "waitlist")->sequence, read_to);
	assert_int_equal(records(r), before);
	assert_true(engine_link(r->engine, "waitlist")->held);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	rig_advance(r, LINK_HELD_MS);
	send_next_fact(r, OP_COUNT); /* a good one needs no place */
	assert_int_equal(toy_count(r, "fact"), 1);
	send_next_fact(r, OP_REFUSE);
	drop_row(r, 1);
	rig_advance(r, LINK_HELD_MS);
	send_next_fact(r, OP_REFUSE);
	assert_int_equal(engine_link(r->engine, "waitlist")->sequence, read_to + 2);
	assert_int_equal(rig_rows(r, TABLE_QUARANTINE), 2);
	assert_false(engine_link(r->engine, "waitlist")->held);
	rig_free(r);
}

static uint8_t *crash_frame;
static struct slice crash_bytes;

static void send_crash(struct rig *r)
{
	struct party from = { .id = "facility-a", .roles = ROLE_BIT(FACILITY) };

	engine_frame(r->engine, RIG_CONN, &from, crash_bytes);
	(void)engine_turn(r->engine);
}

/* Neither stepped nor set aside: its sender is told what is short, and it stays known. */
static void test_engine_poison_past_the_bound_is_busy(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) p = PB_INIT(PUT_CAPACITY);

	p.pool = (char *)(uintptr_t) "command";
	p.staffed = OP_CRASH;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &p;
	crash_frame = toy_frame(r, &m, NULL, &crash_bytes);
	assert_false(toy_survives(r, send_crash));
	assert_false(toy_survives(r, send_crash));
	r->engine->quarantined = QUARANTINE_ROWS_MAX;
	for (int i = 0; i < 2; i++) {
		assert_true(toy_survives(r, send_crash));
		assert_int_equal(r->answer->receipt->outcome, OUTCOME(BUSY));
		assert_int_equal(r->answer->receipt->busy, RES(QUARANTINE));
	}
	r->engine->quarantined = QUARANTINE_ROWS_MAX - 1;
	assert_true(toy_survives(r, send_crash));
	assert_int_equal(r->answer->receipt->code, SCHAKEL__V1__REFUSAL__REFUSAL_POISON);
	free(crash_frame);
	rig_free(r);
}

/* --- addressees --- */

static int configure(struct rig *r)
{
	size_t len = schakel__v1__config_applied__get_packed_size(r->config);
	uint8_t *packed = malloc(len);

	assert_non_null(packed);
	struct slice bytes = { packed, schakel__v1__config_applied__pack(r->config, packed) };
	int err = engine_config(r->engine, bytes);
	free(packed);
	return err;
}

static void make_heads(struct rig *r, size_t until)
{
	char log[PARTY_ID_LEN_MAX + 1];

	for (size_t i = r->engine->heads_len; i < until; i++) {
		(void)snprintf(log, sizeof(log), "z-%05zu", i);
		assert_non_null(engine_head(r->engine, log));
	}
}

/* A configuration whose parties could not all be written to is refused; the old one stands. */
static void test_engine_parties_at_and_past_the_logs(void **state)
{
	(void)state;
	struct rig *r = toy_new();
	static const char *const version[] = { "one", "two" };
	char *node = r->config->node;

	make_heads(r, HEADS_MAX - r->config->n_parties - 1); /* the last is that of events */
	r->config->node = (char *)(uintptr_t)version[0];
	assert_int_equal(configure(r), SK_OK);
	(void)engine_turn(r->engine);
	make_heads(r, r->engine->heads_len + 1);
	r->config->node = (char *)(uintptr_t)version[1];
	assert_int_equal(configure(r), SK_EFULL);
	assert_string_equal(config_message(r->engine->config)->node, version[0]);
	assert_int_equal(toy_do(r, OP_COUNT, 0)->outcome, OUTCOME(ACCEPTED));
	r->config->node = node;
	rig_free(r);
}

/* Whoever writes to one more all the same is refused, before anything is made. */
static void test_engine_addressees_at_and_past_the_logs(void **state)
{
	(void)state;
	for (size_t over = 0; over <= 1; over++) {
		struct rig *r = toy_new();
		make_heads(r, HEADS_MAX - 1 + over);
		PB(Outcome) out = toy_do(r, OP_TELL, 3)->outcome;
		assert_int_equal(out, over == 0 ? OUTCOME(ACCEPTED) : OUTCOME(BUSY));
		rig_reopen(r);
		assert_int_equal(rig_count(r, "waitlist", BODY(ASK)), over == 0 ? 3 : 0);
		rig_free(r);
	}
}

/* --- answers --- */

/* A page that fits no frame, or no arena, comes shorter; only a row of its own that does not is
 * refused. */
static void test_engine_page_longer_than_a_frame_comes_shorter(void **state)
{
	static const struct {
		uint32_t limit, row_kib, want;
	} page[] = { { 20, 3, 20 }, { 20, 4, 8 }, { 64, 7, 8 },  { 64, 32, 1 },
		     { 3, 31, 2 },  { 5, 63, 1 }, { 64, 20, 2 }, { 1, 64, 0 } };

	(void)state;
	struct rig *r = toy_new();
	for (size_t i = 0; i < SK_LEN(page); i++) {
		PB(Message) m = PB_INIT(MESSAGE);
		PB(QueryPools) q = PB_INIT(QUERY_POOLS);

		q.limit = page[i].limit;
		q.expertise = page[i].row_kib;
		m.body_case = BODY(QUERY_POOLS);
		m.query_pools = &q;
		const PB(Message) *answer = rig_query(r, "facility-a", &m);
		if (page[i].want == 0) {
			assert_int_equal(answer->receipt->busy, RES(MEMORY));
			continue;
		}
		assert_int_equal(answer->body_case, BODY(POOLS_VIEW));
		assert_int_equal(answer->pools_view->next.len,
				 page[i].want * page[i].row_kib * 1024);
	}
	rig_free(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine_map_is_full_until_something_is_deleted),
		cmocka_unit_test(test_engine_quarantine_at_and_past_its_bound),
		cmocka_unit_test(test_engine_poison_past_the_bound_is_busy),
		cmocka_unit_test(test_engine_parties_at_and_past_the_logs),
		cmocka_unit_test(test_engine_addressees_at_and_past_the_logs),
		cmocka_unit_test(test_engine_page_longer_than_a_frame_comes_shorter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
