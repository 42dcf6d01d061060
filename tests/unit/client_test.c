/* SPDX-License-Identifier: EUPL-1.2 */
/* The client against a server that plays a script: holes, doubles, silence, another incarnation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>
#include <zmq.h>

#include "common/client.h"
#include "common/wire.h"
#include "common/zap.h"
#include "common/zwatch.h"

#define ARENA_BYTES_SMALL (256U << 10)
#define PARTY "partner-a"

/* What the server does with the next frame that it gets. */
enum act_kind { ACT_ENTRY, ACT_MARK, ACT_LATE, ACT_OLD, ACT_ANSWER, ACT_ALIEN, ACT_NEXT, ACT_STOP };

struct act {
	enum act_kind kind;
	uint64_t a; /* ENTRY: sequence. MARK, LATE_MARK (of the question before): last. ANSWER: time
		     */
	uint64_t b; /* ENTRY, MARK: incarnation. ANSWER: code of the receipt */
	uint64_t c; /* MARK: oldest */
};

struct rig {
	void *zmq;
	void *router;
	char endpoint[256];
	struct zap zap;
	struct client_net net;
	struct client *client;
	const struct act *script;
	uv_thread_t thread;
	uint64_t asked_after[16]; /* place in each question */
	uint32_t asked_len;
	uint32_t question;  /* number of the last one */
	uint8_t ids[8][16]; /* of each message */
	uint32_t ids_len;
	uint8_t line[5]; /* routing id of the last connection */
	uint32_t lines;  /* connections on which something came */
};

static const char *party_of(void *ctx, const char *key)
{
	(void)ctx;
	return strcmp(key, PARTY) == 0 ? PARTY : NULL;
}

/* --- the server; no assertion of cmocka belongs in its thread --- */

static void reply(struct rig *r, zmq_msg_t *to, const PB(Frame) *f)
{
	uint8_t buf[512];
	size_t len = schakel__v1__frame__pack(f, buf);
	(void)zmq_send(r->router, zmq_msg_data(to), zmq_msg_size(to), ZMQ_SNDMORE);
	(void)zmq_send(r->router, buf, len, 0);
}

static void reply_log(struct rig *r, zmq_msg_t *to, const struct act *act)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t link[128];
	uint8_t message[64];
	l.destination = (char *)(uintptr_t)PARTY;
	l.incarnation = (uint32_t)act->b;
	l.nonce = act->b;
	if (act->kind == ACT_ENTRY) {
		l.sequence = act->a;
		m.time_ms = act->a;
		f.message =
			(ProtobufCBinaryData){ schakel__v1__message__pack(&m, message), message };
	} else {
		f.after = act->a;
		f.oldest = act->c;
		f.question = act->kind == ACT_OLD ? 0 : r->question - (act->kind == ACT_LATE);
	}
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	reply(r, to, &f);
}

static void reply_answer(struct rig *r, zmq_msg_t *to, const struct act *act, bool stranger)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Receipt) receipt = PB_INIT(RECEIPT);
	uint8_t message[128];
	uint8_t id[16] = { 9 };
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.correlation = m.id;
	if (!stranger) {
		m.correlation.data = r->ids[r->ids_len - 1];
	}
	m.time_ms = act->a;
	m.body_case = BODY(RECEIPT);
	m.receipt = &receipt;
	receipt.code = (PB(Refusal))act->b;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, message), message };
	reply(r, to, &f);
}

static void note_line(struct rig *r, zmq_msg_t *id)
{
	if (zmq_msg_size(id) == sizeof(r->line) &&
	    (r->lines == 0 || memcmp(r->line, zmq_msg_data(id), sizeof(r->line)) != 0)) {
		memcpy(r->line, zmq_msg_data(id), sizeof(r->line));
		r->lines++;
	}
}

static void note(struct rig *r, zmq_msg_t *payload)
{
	PB(Frame) *f =
		schakel__v1__frame__unpack(NULL, zmq_msg_size(payload), zmq_msg_data(payload));
	if (f != NULL && f->link.len > 0) {
		r->asked_after[r->asked_len++ % SK_LEN(r->asked_after)] = f->after;
		r->question = f->question;
	} else if (f != NULL && f->message.len >= 18) {
		memcpy(r->ids[r->ids_len++ % SK_LEN(r->ids)], f->message.data + 2, 16);
	}
	if (f != NULL) {
		schakel__v1__frame__free_unpacked(f, NULL);
	}
}

/* Plays up to the next ACT_NEXT. @return false at the end of the script. */
static bool play(struct rig *r, zmq_msg_t *to)
{
	for (; r->script->kind != ACT_NEXT; r->script++) {
		switch (r->script->kind) {
		case ACT_ENTRY:
		case ACT_MARK:
		case ACT_LATE:
		case ACT_OLD:
			reply_log(r, to, r->script);
			break;
		case ACT_ANSWER:
		case ACT_ALIEN:
			reply_answer(r, to, r->script, r->script->kind == ACT_ALIEN);
			break;
		case ACT_NEXT:
			break;
		case ACT_STOP:
			return false;
		}
	}
	r->script++;
	return true;
}

static void serve(void *arg)
{
	struct rig *r = arg;
	bool more = true;
	zmq_msg_t id;
	zmq_msg_t payload;
	(void)zmq_msg_init(&id);
	(void)zmq_msg_init(&payload);
	for (int turn = 0; more && turn < 1000; turn++) {
		zmq_pollitem_t items[2] = { { .socket = r->router, .events = ZMQ_POLLIN },
					    { .socket = r->zap.socket, .events = ZMQ_POLLIN } };
		(void)zmq_poll(items, 2, 20);
		zap_serve(&r->zap);
		while (more && zwatch_recv(r->router, &id)) {
			(void)zwatch_recv(r->router, &payload);
			note_line(r, &id);
			note(r, &payload);
			more = play(r, &id);
		}
	}
	(void)zmq_msg_close(&id);
	(void)zmq_msg_close(&payload);
}

static void rig_open(struct rig *r, const struct act *script, bool demo)
{
	struct zap_keys keys = { .curve = false };
	size_t len = sizeof(r->endpoint);
	memset(r, 0, sizeof(*r));
	r->script = script;
	r->zmq = zmq_ctx_new();
	assert_int_equal(zap_open(&r->zap, r->zmq, false, party_of, r), SK_OK);
	r->router = zmq_socket(r->zmq, ZMQ_ROUTER);
	assert_int_equal(zap_serve_options(r->router, &keys), SK_OK);
	assert_int_equal(zmq_bind(r->router, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(r->router, ZMQ_LAST_ENDPOINT, r->endpoint, &len), 0);
	assert_int_equal(uv_thread_create(&r->thread, serve, r), 0);
	struct client_conf cc = {
		.endpoint = r->endpoint, .party = PARTY, .demo = demo, .timeout_ms = 5000
	};
	assert_int_equal(client_open(&cc, &r->client), SK_OK);
}

static void rig_close(struct rig *r)
{
	assert_int_equal(uv_thread_join(&r->thread), 0);
	client_close(r->client);
	zap_close(&r->zap);
	assert_int_equal(zmq_close(r->router), 0);
	assert_int_equal(zmq_ctx_term(r->zmq), 0);
}

struct seen {
	uint64_t sequences[16];
	uint32_t len;
	uint32_t missed;
	int err; /* to return */
};

static int on_entry(void *ctx, const struct client_entry *entry)
{
	struct seen *s = ctx;
	if (s->err != SK_OK) {
		return s->err;
	}
	s->sequences[s->len++ % SK_LEN(s->sequences)] = entry->sequence;
	s->missed += entry->missed;
	return SK_OK;
}

static int read_log(struct rig *r, struct client_log *log, struct seen *s, uint32_t *ret_n)
{
	struct client_read read = { .credit = 8, .wait_ms = 100, .entry = on_entry, .ctx = s };
	return client_log_read(r->client, log, &read, ret_n);
}

/* Learns the incarnation of a daemon one version behind (its mark names no question); asks again
 * for what was lost; passes over doubles, other incarnations and late marks. */
static void test_client_log_has_neither_holes_nor_doubles(void **state)
{
	static const struct act script[] = {
		{ ACT_OLD, 4, 7, 1 },   { ACT_NEXT, 0, 0, 0 },  { ACT_ENTRY, 1, 7, 0 },
		{ ACT_ENTRY, 1, 7, 0 }, { ACT_ENTRY, 2, 6, 0 }, { ACT_ENTRY, 3, 7, 0 },
		{ ACT_NEXT, 0, 0, 0 },  { ACT_LATE, 1, 7, 1 },  { ACT_ENTRY, 2, 7, 0 },
		{ ACT_ENTRY, 3, 7, 0 }, { ACT_ENTRY, 4, 7, 0 }, { ACT_STOP, 0, 0, 0 },
	};
	struct rig r;
	struct client_log log = { .log = PARTY };
	struct seen seen = { .len = 0 };
	uint32_t n = 0;
	(void)state;
	rig_open(&r, script, false);
	for (int tries = 0; tries < 20 && seen.len < 4; tries++) {
		assert_int_equal(read_log(&r, &log, &seen, &n), SK_OK);
	}
	assert_int_equal(seen.len, 4);
	for (uint32_t i = 0; i < seen.len; i++) {
		assert_int_equal(seen.sequences[i], i + 1);
	}
	assert_int_equal(seen.missed, 0);
	assert_int_equal(log.after, 4);
	assert_int_equal(log.incarnation, 7);
	assert_int_equal(r.asked_after[2], 1);
	assert_int_equal(r.asked_len, 3);
	assert_int_equal(client_time_ms(r.client), 4);
	rig_close(&r);
}

/* Entries that are no longer kept: the reader is told once, and goes on with the oldest. */
static void test_client_log_that_was_cut_says_so(void **state)
{
	static const struct act script[] = {
		{ ACT_MARK, 9, 7, 8 },  { ACT_NEXT, 0, 0, 0 }, { ACT_ENTRY, 8, 7, 0 },
		{ ACT_ENTRY, 9, 7, 0 }, { ACT_MARK, 9, 7, 8 }, { ACT_STOP, 0, 0, 0 },
	};
	struct rig r;
	struct client_log log = { .log = PARTY, .incarnation = 7, .nonce = 7, .after = 3 };
	struct seen seen = { .len = 0 };
	uint32_t n = 0;
	(void)state;
	rig_open(&r, script, false);
	for (int tries = 0; tries < 20 && seen.len < 2; tries++) {
		assert_int_equal(read_log(&r, &log, &seen, &n), SK_OK);
	}
	assert_int_equal(seen.sequences[0], 8);
	assert_int_equal(seen.sequences[1], 9);
	assert_int_equal(seen.missed, 1);
	rig_close(&r);
}

/* Restored from an old copy, or made anew: the reader hears of it and stands at the oldest. */
static void test_client_log_of_another_age_is_foreign(void **state)
{
	static const struct act another[] = { { ACT_MARK, 5, 8, 2 }, { ACT_STOP, 0, 0, 0 } };
	static const struct act shorter[] = { { ACT_MARK, 2, 7, 1 }, { ACT_STOP, 0, 0, 0 } };
	const struct act *const scripts[] = { another, shorter };
	(void)state;
	for (size_t i = 0; i < SK_LEN(scripts); i++) {
		struct rig r;
		struct client_log log = { .log = PARTY, .incarnation = 7, .nonce = 7, .after = 3 };
		struct seen seen = { .len = 0 };
		uint32_t n = 0;
		rig_open(&r, scripts[i], false);
		assert_int_equal(read_log(&r, &log, &seen, &n), SK_EFOREIGN);
		assert_int_equal(log.incarnation, i == 0 ? 8 : 7);
		assert_int_equal(log.after, i == 0 ? 1 : 0);
		rig_close(&r);
	}
}

static void test_client_entry_that_was_not_taken_comes_again(void **state)
{
	static const struct act script[] = {
		{ ACT_ENTRY, 4, 7, 0 },
		{ ACT_NEXT, 0, 0, 0 },
		{ ACT_ENTRY, 4, 7, 0 },
		{ ACT_STOP, 0, 0, 0 },
	};
	struct rig r;
	struct client_log log = { .log = PARTY, .incarnation = 7, .nonce = 7, .after = 3 };
	struct seen seen = { .err = SK_EFULL };
	uint32_t n = 0;
	(void)state;
	rig_open(&r, script, false);
	assert_int_equal(read_log(&r, &log, &seen, &n), SK_EFULL);
	assert_int_equal(log.after, 3);
	seen.err = SK_OK;
	assert_int_equal(read_log(&r, &log, &seen, &n), SK_OK);
	assert_int_equal(n, 1);
	assert_int_equal(seen.sequences[0], 4);
	rig_close(&r);
}

/* A lost answer: the same bytes once more, and an answer to somebody else is none. */
static void test_client_call_sends_the_same_bytes_again(void **state)
{
	static const struct act script[] = {
		{ ACT_NEXT, 0, 0, 0 },    { ACT_ALIEN, 5, 0, 0 }, { ACT_NEXT, 0, 0, 0 },
		{ ACT_ANSWER, 77, 0, 0 }, { ACT_STOP, 0, 0, 0 },
	};
	static uint8_t block[ARENA_BYTES_SMALL] __attribute__((aligned(16)));
	struct rig r;
	struct arena a;
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	(void)state;
	arena_init(&a, block, sizeof(block));
	rig_open(&r, script, false);
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	assert_int_equal(client_ask(r.client, &m, &a, &answer), SK_OK);
	assert_int_equal(answer->body_case, BODY(RECEIPT));
	assert_int_equal(answer->time_ms, 77);
	assert_int_equal(r.ids_len, 3);
	assert_memory_equal(r.ids[0], r.ids[2], 16);
	assert_memory_equal(r.ids[0], m.id.data, 16);
	rig_close(&r);
}

/* On a demo node ids come from the daemon's time, which may be any, also 0. */
static void test_client_id_of_a_demo_node_has_its_time(void **state)
{
	static const uint64_t times[] = { 0, 1234567890123ULL };
	(void)state;
	for (size_t i = 0; i < SK_LEN(times); i++) {
		const struct act script[] = { { ACT_ANSWER, times[i], 0, 0 },
					      { ACT_STOP, 0, 0, 0 } };
		struct rig r;
		uint8_t id[16];
		uint64_t made_ms = 1;
		rig_open(&r, script, true);
		assert_int_equal(client_new_id(r.client, id), SK_OK);
		assert_int_equal(client_new_id(r.client, id), SK_OK); /* asks no more */
		ProtobufCBinaryData data = { sizeof(id), id };
		assert_true(wire_id_time(&data, &made_ms));
		assert_true(made_ms == times[i]);
		assert_int_equal(r.ids_len, 1);
		rig_close(&r);
	}
}

static uint64_t time_of(const uint8_t id[16])
{
	ProtobufCBinaryData data = { 16, (uint8_t *)(uintptr_t)id };
	uint64_t ms = 0;
	assert_true(wire_id_time(&data, &ms));
	return ms;
}

static PB(Refusal) ask_code(struct rig *r, const uint8_t *id)
{
	static uint8_t block[ARENA_BYTES_SMALL] __attribute__((aligned(16)));
	struct arena a;
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) *answer = NULL;
	arena_init(&a, block, sizeof(block));
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	m.id = (ProtobufCBinaryData){ id == NULL ? 0 : 16, (uint8_t *)(uintptr_t)id };
	assert_int_equal(client_ask(r->client, &m, &a, &answer), SK_OK);
	return answer->receipt->code;
}

/* A node whose time lies far from our clock: the refusal tells its time, and the next id is of it.
 * An id that the caller gave is the caller's. */
static void test_client_id_refused_for_its_time_is_of_the_nodes(void **state)
{
	static const PB(Refusal) codes[] = { SCHAKEL__V1__REFUSAL__REFUSAL_ID_IN_FUTURE,
					     SCHAKEL__V1__REFUSAL__REFUSAL_ID_TOO_OLD };
	static const uint64_t node_ms = 1234567890123ULL;
	(void)state;
	for (size_t i = 0; i < SK_LEN(codes); i++) {
		const struct act script[] = {
			{ ACT_ANSWER, node_ms, codes[i], 0 },     { ACT_NEXT, 0, 0, 0 },
			{ ACT_ANSWER, node_ms + 1, 0, 0 },        { ACT_NEXT, 0, 0, 0 },
			{ ACT_ANSWER, node_ms + 2, 0, 0 },        { ACT_NEXT, 0, 0, 0 },
			{ ACT_ANSWER, node_ms + 3, codes[i], 0 }, { ACT_STOP, 0, 0, 0 },
		};
		struct rig r;
		uint8_t given[16];
		rig_open(&r, script, false);
		assert_int_equal(ask_code(&r, NULL), 0);
		assert_int_equal(r.ids_len, 2);
		assert_true(time_of(r.ids[0]) > node_ms + 1000000000);
		assert_in_range(time_of(r.ids[1]), node_ms, node_ms + 60000);
		assert_int_equal(ask_code(&r, NULL), 0);
		assert_in_range(time_of(r.ids[2]), node_ms + 1, node_ms + 60000);
		assert_int_equal(client_new_id(r.client, given), SK_OK);
		assert_int_equal(ask_code(&r, given), codes[i]);
		assert_int_equal(r.ids_len, 4);
		assert_memory_equal(r.ids[3], given, 16);
		rig_close(&r);
	}
}

/* A daemon that is slow is not dead: on a new connection the answer under way would be lost, and
 * with it that of every question after it. */
static void test_client_of_a_slow_server_keeps_its_connection(void **state)
{
	static const struct act script[] = {
		{ ACT_NEXT, 0, 0, 0 },
		{ ACT_ANSWER, 5, 0, 0 },
		{ ACT_STOP, 0, 0, 0 },
	};
	uint8_t bytes[18] = { 0x0a, 16 };
	struct slice answer;
	struct rig r;
	(void)state;
	rig_open(&r, script, false);
	client_set_timeout(r.client, 150); /* sent once */
	assert_int_equal(client_call(r.client, (struct slice){ bytes, 18 }, &answer), SK_ETIMEDOUT);
	(void)zmq_poll(NULL, 0, CLIENT_SILENT_MS);
	client_set_timeout(r.client, 5000);
	assert_int_equal(client_call(r.client, (struct slice){ bytes, 18 }, &answer), SK_OK);
	rig_close(&r);
	assert_int_equal(r.lines, 1);
}

static void test_client_without_a_server_times_out(void **state)
{
	struct client *c = NULL;
	struct client_conf cc = { .endpoint = "tcp://127.0.0.1:1",
				  .party = PARTY,
				  .timeout_ms = 300 };
	uint8_t bytes[20] = { 0x0a, 16 };
	struct slice answer;
	struct client_log log = { .log = PARTY };
	struct seen seen = { .len = 0 };
	struct client_read read = { .credit = 1, .wait_ms = 1, .entry = on_entry, .ctx = &seen };
	uint32_t n = 0;
	(void)state;
	assert_int_equal(client_open(&cc, &c), SK_OK);
	assert_int_equal(client_call(c, (struct slice){ bytes, 18 }, &answer), SK_ETIMEDOUT);
	assert_int_equal(client_log_read(c, &log, &read, &n), SK_ETIMEDOUT);
	assert_int_equal(client_post(c, (struct slice){ bytes, 18 }), SK_EAGAIN);
	assert_int_equal(client_next(c, 1, &answer), SK_ETIMEDOUT);
	/* What is no message, or fits in no frame, is never sent. */
	assert_int_equal(client_call(c, (struct slice){ bytes, 17 }, &answer), SK_EINVAL);
	static uint8_t big[FRAME_BYTES_MAX] = { 0x0a, 16 };
	assert_int_equal(client_post(c, (struct slice){ big, FRAME_BYTES_MAX - 4 }), SK_EAGAIN);
	assert_int_equal(client_post(c, (struct slice){ big, FRAME_BYTES_MAX - 3 }), SK_EINVAL);
	client_close(c);
	client_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_log_has_neither_holes_nor_doubles),
		cmocka_unit_test(test_client_log_that_was_cut_says_so),
		cmocka_unit_test(test_client_log_of_another_age_is_foreign),
		cmocka_unit_test(test_client_entry_that_was_not_taken_comes_again),
		cmocka_unit_test(test_client_call_sends_the_same_bytes_again),
		cmocka_unit_test(test_client_id_of_a_demo_node_has_its_time),
		cmocka_unit_test(test_client_id_refused_for_its_time_is_of_the_nodes),
		cmocka_unit_test(test_client_of_a_slow_server_keeps_its_connection),
		cmocka_unit_test(test_client_without_a_server_times_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
