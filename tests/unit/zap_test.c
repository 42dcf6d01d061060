/* SPDX-License-Identifier: EUPL-1.2 */
/* Without an answer of ours every CURVE key is let in (measured): the proof that ours is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sodium.h>
#include <zmq.h>

#include "common/zap.h"
#include "common/zwatch.h"

#define WAIT_MS 20000
#define SILENCE_MS 600

struct pair {
	char public_key[ZAP_KEY_LEN + 1];
	char secret_key[ZAP_KEY_LEN + 1];
};

struct rig {
	void *zmq;
	void *router;
	char endpoint[256];
	struct zap zap;
	struct pair server;
	struct pair known;
	bool everybody; /* a party table that lets all in */
};

static void make_pair(struct pair *p)
{
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	assert_int_equal(crypto_box_keypair(pk, sk), 0);
	assert_non_null(zmq_z85_encode(p->public_key, pk, sizeof(pk)));
	assert_non_null(zmq_z85_encode(p->secret_key, sk, sizeof(sk)));
}

static const char *party_of(void *ctx, const char *key)
{
	const struct rig *r = ctx;
	bool known = strcmp(key, r->zap.curve ? r->known.public_key : "partner-a") == 0;
	return known || r->everybody ? "partner-a" : NULL;
}

static void rig_bind(struct rig *r, bool curve)
{
	struct zap_keys keys = { .public_key = r->server.public_key,
				 .secret_key = r->server.secret_key,
				 .curve = curve };
	size_t len = sizeof(r->endpoint);
	r->router = zmq_socket(r->zmq, ZMQ_ROUTER);
	assert_non_null(r->router);
	assert_int_equal(zap_serve_options(r->router, &keys), SK_OK);
	assert_int_equal(zmq_bind(r->router, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(r->router, ZMQ_LAST_ENDPOINT, r->endpoint, &len), 0);
}

static void rig_open(struct rig *r, bool curve)
{
	memset(r, 0, sizeof(*r));
	assert_true(sodium_init() >= 0);
	make_pair(&r->server);
	make_pair(&r->known);
	r->zmq = zmq_ctx_new();
	assert_int_equal(zap_open(&r->zap, r->zmq, curve, party_of, r), SK_OK);
	rig_bind(r, curve);
}

static void rig_close(struct rig *r)
{
	zap_close(&r->zap);
	zap_close(&r->zap); /* twice is once */
	assert_int_equal(zmq_close(r->router), 0);
	assert_int_equal(zmq_ctx_term(r->zmq), 0);
}

static void *connect_as(struct rig *r, const struct pair *p, const char *party, bool curve)
{
	struct zap_keys keys = { .party = party,
				 .public_key = p->public_key,
				 .secret_key = p->secret_key,
				 .server_key = r->server.public_key,
				 .curve = curve };
	void *s = zmq_socket(r->zmq, ZMQ_DEALER);
	int off = 0;
	assert_non_null(s);
	assert_int_equal(zap_connect_options(s, &keys), SK_OK);
	/* Queue before the handshake, so that a server that lets it in gets the message. */
	assert_int_equal(zmq_setsockopt(s, ZMQ_IMMEDIATE, &off, sizeof(off)), 0);
	assert_int_equal(zmq_connect(s, r->endpoint), 0);
	assert_true(zmq_send(s, "hello", 5, ZMQ_DONTWAIT) >= 0);
	return s;
}

/* Serves the handler until a message arrives. */
static bool arrives(struct rig *r, int wait_ms, zmq_msg_t *payload)
{
	zmq_pollitem_t items[2] = {
		{ .socket = r->router, .events = ZMQ_POLLIN },
		{ .socket = r->zap.socket, .events = ZMQ_POLLIN },
	};
	for (int waited = 0; waited < wait_ms; waited += 20) {
		(void)zmq_poll(items, 2, 20);
		zap_serve(&r->zap);
		if (zwatch_recv(r->router, payload)) {
			assert_true(zmq_msg_more(payload) != 0);
			return zwatch_recv(r->router, payload);
		}
	}
	return false;
}

static void test_zap_known_key_becomes_user_id_and_key(void **state)
{
	struct rig r;
	zmq_msg_t payload;
	(void)state;
	rig_open(&r, true);
	(void)zmq_msg_init(&payload);
	void *s = connect_as(&r, &r.known, NULL, true);
	assert_true(arrives(&r, WAIT_MS, &payload));
	assert_memory_equal(zmq_msg_data(&payload), "hello", 5);
	assert_string_equal(zmq_msg_gets(&payload, "User-Id"), "partner-a");
	assert_string_equal(zmq_msg_gets(&payload, ZAP_KEY_PROPERTY), r.known.public_key);
	assert_int_equal(r.zap.accepted, 1);
	(void)zmq_msg_close(&payload);
	(void)zmq_close(s);
	rig_close(&r);
}

static void test_zap_unknown_key_gets_nothing_through(void **state)
{
	struct rig r;
	struct pair stranger;
	zmq_msg_t payload;
	(void)state;
	rig_open(&r, true);
	make_pair(&stranger);
	(void)zmq_msg_init(&payload);
	void *s = connect_as(&r, &stranger, NULL, true);
	assert_false(arrives(&r, SILENCE_MS, &payload));
	assert_int_equal(r.zap.accepted, 0);
	assert_true(r.zap.refused > 0);
	(void)zmq_msg_close(&payload);
	(void)zmq_close(s);
	rig_close(&r);
}

/* Neither no mechanism at all nor a claimed name passes a server that asks for CURVE. */
static void test_zap_other_mechanisms_get_nothing_through(void **state)
{
	struct rig r;
	zmq_msg_t payload;
	(void)state;
	rig_open(&r, true);
	r.everybody = true;
	(void)zmq_msg_init(&payload);
	void *null = zmq_socket(r.zmq, ZMQ_DEALER);
	int none = 0;
	assert_int_equal(zmq_setsockopt(null, ZMQ_LINGER, &none, sizeof(none)), 0);
	assert_int_equal(zmq_connect(null, r.endpoint), 0);
	assert_true(zmq_send(null, "hello", 5, ZMQ_DONTWAIT) >= 0);
	void *plain = connect_as(&r, &r.known, "partner-a", false);
	assert_false(arrives(&r, SILENCE_MS, &payload));
	(void)zmq_msg_close(&payload);
	(void)zmq_close(null);
	(void)zmq_close(plain);
	rig_close(&r);
}

static void test_zap_plain_names_a_known_party_only(void **state)
{
	struct rig r;
	zmq_msg_t payload;
	(void)state;
	rig_open(&r, false);
	(void)zmq_msg_init(&payload);
	void *s = connect_as(&r, &r.known, "partner-b", false);
	assert_false(arrives(&r, SILENCE_MS, &payload));
	(void)zmq_close(s);
	s = connect_as(&r, &r.known, "partner-a", false);
	assert_true(arrives(&r, WAIT_MS, &payload));
	assert_string_equal(zmq_msg_gets(&payload, "User-Id"), "partner-a");
	(void)zmq_msg_close(&payload);
	(void)zmq_close(s);
	rig_close(&r);
}

static void test_zap_self_test_passes_when_strangers_are_refused(void **state)
{
	struct rig r;
	(void)state;
	for (int curve = 0; curve <= 1; curve++) {
		rig_open(&r, curve == 1);
		assert_int_equal(zap_self_test(&r.zap, r.zmq, r.endpoint, r.server.public_key),
				 SK_OK);
		assert_int_equal(zap_self_test(&r.zap, r.zmq, r.endpoint, r.server.public_key),
				 SK_OK);
		rig_close(&r);
	}
}

/* The two ways in which a node would stand open: a table that lets all in, no domain enforced. */
static void test_zap_self_test_fails_when_a_stranger_gets_in(void **state)
{
	struct rig r;
	int one = 1;
	size_t len = sizeof(r.endpoint);
	(void)state;
	rig_open(&r, true);
	r.everybody = true;
	assert_int_equal(zap_self_test(&r.zap, r.zmq, r.endpoint, r.server.public_key), SK_EAUTH);
	r.everybody = false;
	void *open = zmq_socket(r.zmq, ZMQ_ROUTER);
	assert_int_equal(zmq_setsockopt(open, ZMQ_CURVE_SERVER, &one, sizeof(one)), 0);
	assert_int_equal(
		zmq_setsockopt(open, ZMQ_CURVE_SECRETKEY, r.server.secret_key, ZAP_KEY_LEN), 0);
	zap_close(&r.zap); /* nobody to ask */
	assert_int_equal(zmq_bind(open, "tcp://127.0.0.1:*"), 0);
	assert_int_equal(zmq_getsockopt(open, ZMQ_LAST_ENDPOINT, r.endpoint, &len), 0);
	struct zap other = { .curve = true };
	void *idle = zmq_socket(r.zmq, ZMQ_REP);
	assert_int_equal(zmq_bind(idle, "inproc://idle"), 0);
	other.socket = idle;
	assert_int_equal(zap_self_test(&other, r.zmq, r.endpoint, r.server.public_key), SK_EAUTH);
	(void)zmq_close(idle);
	(void)zmq_close(open);
	rig_close(&r);
}

/* Should the handler ever be missing, nobody gets in: the domain is enforced (Z5). */
static void test_zap_without_a_handler_nobody_gets_in(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, true);
	zap_close(&r.zap);
	void *s = connect_as(&r, &r.known, NULL, true);
	zmq_pollitem_t item = { .socket = r.router, .events = ZMQ_POLLIN };
	assert_int_equal(zmq_poll(&item, 1, SILENCE_MS), 0);
	(void)zmq_close(s);
	rig_close(&r);
}

/* Requests that no library of ours would write are answered with a refusal, and counted. */
static void test_zap_malformed_request_is_refused(void **state)
{
	static const struct {
		const char *version;
		const char *domain;
		const char *mechanism;
		size_t key_len;
		int extra;
	} rows[] = {
		{ "2.0", ZAP_DOMAIN, "CURVE", 32, 0 }, { "1.0", "other", "CURVE", 32, 0 },
		{ "1.0", ZAP_DOMAIN, "PLAIN", 32, 0 }, { "1.0", ZAP_DOMAIN, "CURVE", 31, 0 },
		{ "1.0", ZAP_DOMAIN, "CURVE", 33, 0 }, { "1.0", ZAP_DOMAIN, "CURVE", 256, 0 },
		{ "1.0", ZAP_DOMAIN, "CURVE", 32, 3 }, { "1.0", ZAP_DOMAIN, NULL, 0, 0 },
	};
	struct rig r;
	uint8_t key[256] = { 1 };
	(void)state;
	rig_open(&r, true);
	r.everybody = true;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		char code[64] = "";
		void *s = zmq_socket(r.zmq, ZMQ_REQ);
		int none = 0;
		assert_int_equal(zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof(none)), 0);
		assert_int_equal(zmq_connect(s, "inproc://zeromq.zap.01"), 0);
		(void)zmq_send(s, rows[i].version, 3, ZMQ_SNDMORE);
		(void)zmq_send(s, "1", 1, ZMQ_SNDMORE);
		(void)zmq_send(s, rows[i].domain, strlen(rows[i].domain), ZMQ_SNDMORE);
		(void)zmq_send(s, "127.0.0.1", 9, ZMQ_SNDMORE);
		(void)zmq_send(s, "", 0, rows[i].mechanism != NULL ? ZMQ_SNDMORE : 0);
		if (rows[i].mechanism != NULL) {
			(void)zmq_send(s, rows[i].mechanism, 5, ZMQ_SNDMORE);
			for (int n = 0; n < rows[i].extra; n++) {
				(void)zmq_send(s, "", 0, ZMQ_SNDMORE);
			}
			(void)zmq_send(s, key, rows[i].key_len, 0);
		}
		zap_serve(&r.zap);
		for (int part = 0; part < 3; part++) {
			assert_true(zmq_recv(s, code, sizeof(code), ZMQ_DONTWAIT) >= 0);
		}
		assert_memory_equal(code, "400", 3);
		assert_int_equal(r.zap.malformed, i + 1);
		(void)zmq_close(s);
	}
	assert_int_equal(r.zap.accepted, 0);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zap_known_key_becomes_user_id_and_key),
		cmocka_unit_test(test_zap_unknown_key_gets_nothing_through),
		cmocka_unit_test(test_zap_other_mechanisms_get_nothing_through),
		cmocka_unit_test(test_zap_plain_names_a_known_party_only),
		cmocka_unit_test(test_zap_self_test_passes_when_strangers_are_refused),
		cmocka_unit_test(test_zap_self_test_fails_when_a_stranger_gets_in),
		cmocka_unit_test(test_zap_without_a_handler_nobody_gets_in),
		cmocka_unit_test(test_zap_malformed_request_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
