/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/zap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>
#include <zmq.h>

#include "common/key.h"
#include "common/zwatch.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"
#define ZAP_ENFORCE_DOMAIN 93 /* ZMQ_ZAP_ENFORCE_DOMAIN: in the library, a draft in its header */
#define ZAP_PARTS_MAX 8
#define ZAP_PART_MAX 255
#define SELF_TEST_MS 5000
#define SELF_TEST_MONITOR "inproc://schakel.self-test." /* and the key: an old name ends late */

struct zap_part {
	size_t len;
	uint8_t b[ZAP_PART_MAX + 1]; /* NUL behind, for the parts that are text */
};

struct zap_request {
	size_t parts_len;
	struct zap_part parts[ZAP_PARTS_MAX];
	bool whole; /* all parts fitted */
};

enum zap_place {
	ZAP_VERSION,
	ZAP_REQUEST_ID,
	ZAP_REQUEST_DOMAIN,
	ZAP_ADDRESS,
	ZAP_ROUTING_ID,
	ZAP_MECHANISM,
	ZAP_CREDENTIAL,
};

static bool set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

static bool set_str(void *socket, int option, const char *value)
{
	return zmq_setsockopt(socket, option, value, strlen(value)) == 0;
}

static bool set_common(void *socket)
{
	int64_t bytes_max = ZAP_WIRE_BYTES_MAX;
	return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &bytes_max, sizeof(bytes_max)) == 0 &&
	       set_int(socket, ZMQ_LINGER, 0) && set_int(socket, ZMQ_IMMEDIATE, 1) &&
	       set_int(socket, ZMQ_SNDHWM, ZAP_SEND_HWM) &&
	       set_int(socket, ZMQ_RCVHWM, ZAP_RECV_HWM) &&
	       set_int(socket, ZMQ_HANDSHAKE_IVL, ZAP_HANDSHAKE_MS) &&
	       set_int(socket, ZMQ_HEARTBEAT_IVL, ZAP_HEARTBEAT_MS) &&
	       set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, ZAP_SILENT_MS);
}

int zap_serve_options(void *socket, const struct zap_keys *keys)
{
	bool done = set_common(socket) && set_int(socket, ZMQ_ROUTER_MANDATORY, 1) &&
		    set_int(socket, ZMQ_BACKLOG, ZAP_PENDING_MAX) &&
		    set_str(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN) &&
		    set_int(socket, ZAP_ENFORCE_DOMAIN, 1);
	if (keys->curve) {
		done = done && set_int(socket, ZMQ_CURVE_SERVER, 1) &&
		       set_str(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key);
	} else {
		done = done && set_int(socket, ZMQ_PLAIN_SERVER, 1);
	}
	return done ? SK_OK : SK_ESYS;
}

int zap_connect_options(void *socket, const struct zap_keys *keys)
{
	bool done = set_common(socket) && set_int(socket, ZMQ_RECONNECT_IVL, 50) &&
		    set_int(socket, ZMQ_RECONNECT_IVL_MAX, 2000);
	if (keys->curve) {
		done = done && set_str(socket, ZMQ_CURVE_SERVERKEY, keys->server_key) &&
		       set_str(socket, ZMQ_CURVE_PUBLICKEY, keys->public_key) &&
		       set_str(socket, ZMQ_CURVE_SECRETKEY, keys->secret_key);
	} else {
		done = done && set_str(socket, ZMQ_PLAIN_USERNAME, keys->party) &&
		       set_str(socket, ZMQ_PLAIN_PASSWORD, "-");
	}
	return done ? SK_OK : SK_ESYS;
}

int zap_open(struct zap *z, void *zmq, bool curve, zap_party_fn *party, void *ctx)
{
	*z = (struct zap){ .curve = curve, .party = party, .ctx = ctx };
	z->socket = zmq_socket(zmq, ZMQ_REP);
	if (z->socket == NULL || !set_int(z->socket, ZMQ_LINGER, 0) ||
	    zmq_bind(z->socket, ZAP_ENDPOINT) != 0) {
		return SK_ESYS;
	}
	return SK_OK;
}

void zap_close(struct zap *z)
{
	if (z->socket != NULL) {
		(void)zmq_close(z->socket);
		z->socket = NULL;
	}
}

static void keep_part(struct zap_request *r, zmq_msg_t *msg)
{
	size_t len = zmq_msg_size(msg);
	if (r->parts_len == ZAP_PARTS_MAX || len > ZAP_PART_MAX) {
		r->whole = false;
		return;
	}
	struct zap_part *p = &r->parts[r->parts_len++];
	memcpy(p->b, zmq_msg_data(msg), len);
	p->b[len] = 0;
	p->len = len;
}

static bool take_request(void *socket, struct zap_request *r)
{
	memset(r, 0, sizeof(*r));
	r->whole = true;
	zmq_msg_t msg;
	(void)zmq_msg_init(&msg);
	bool more = zwatch_recv(socket, &msg);
	bool taken = more;
	while (more) {
		keep_part(r, &msg);
		more = zmq_msg_more(&msg) != 0 && zwatch_recv(socket, &msg);
	}
	(void)zmq_msg_close(&msg);
	return taken;
}

static bool part_is(const struct zap_part *p, const char *text)
{
	return p->len == strlen(text) && memcmp(p->b, text, p->len) == 0;
}

/* The name under which the party table knows the credential; false for what we do not speak. */
static bool credential(const struct zap *z, const struct zap_request *r, char *ret_key)
{
	const struct zap_part *p = &r->parts[ZAP_CREDENTIAL];
	if (!r->whole || r->parts_len <= ZAP_CREDENTIAL ||
	    !part_is(&r->parts[ZAP_VERSION], "1.0") ||
	    !part_is(&r->parts[ZAP_REQUEST_DOMAIN], ZAP_DOMAIN)) {
		return false;
	}
	if (z->curve) {
		return part_is(&r->parts[ZAP_MECHANISM], "CURVE") && p->len == 32 &&
		       zmq_z85_encode(ret_key, p->b, p->len) != NULL;
	}
	if (!part_is(&r->parts[ZAP_MECHANISM], "PLAIN") || p->len > PARTY_ID_LEN_MAX ||
	    strlen((const char *)p->b) != p->len) {
		return false;
	}
	memcpy(ret_key, p->b, p->len + 1);
	return true;
}

/* One ZMTP property: length and name, length and value. */
static size_t key_property(uint8_t *buf, struct slice key)
{
	const size_t name_len = sizeof(ZAP_KEY_PROPERTY) - 1;
	buf[0] = (uint8_t)name_len;
	memcpy(buf + 1, ZAP_KEY_PROPERTY, name_len);
	be32_write(buf + 1 + name_len, (uint32_t)key.len);
	memcpy(buf + 5 + name_len, key.data, key.len);
	return 5 + name_len + key.len;
}

static void answer(struct zap *z, const struct zap_request *r, const char *party, const char *key)
{
	uint8_t property[5 + sizeof(ZAP_KEY_PROPERTY) + ZAP_KEY_LEN];
	struct slice value = { key, party != NULL ? strlen(key) : 0 };
	size_t property_len = party != NULL ? key_property(property, value) : 0;
	const char *user = party != NULL ? party : "";
	const char *code = party != NULL ? "200" : "400";
	const struct zap_part *id = &r->parts[ZAP_REQUEST_ID];
	/* The handshake of a peer that is gone already has nobody to tell: failures are its end. */
	(void)zmq_send(z->socket, "1.0", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(z->socket, id->b, id->len, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(z->socket, code, 3, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(z->socket, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(z->socket, user, strlen(user), ZMQ_SNDMORE | ZMQ_DONTWAIT);
	(void)zmq_send(z->socket, property, property_len, ZMQ_DONTWAIT);
}

void zap_serve(struct zap *z)
{
	struct zap_request r;
	while (take_request(z->socket, &r)) {
		char key[ZAP_KEY_LEN + 1];
		const char *party = NULL;
		if (credential(z, &r, key)) {
			party = z->party(z->ctx, key);
			z->accepted += party != NULL;
			z->refused += party == NULL;
		} else {
			z->malformed++;
		}
		answer(z, &r, party, key);
	}
}

/* --- self-test --- */

struct self_test {
	void *client;
	void *monitor;
	char public_key[ZAP_KEY_LEN + 1];
	char secret_key[ZAP_KEY_LEN + 1];
};

static void self_test_done(struct self_test *t)
{
	if (t->client != NULL) {
		(void)zmq_socket_monitor(t->client, NULL, 0);
		(void)zmq_close(t->client);
	}
	if (t->monitor != NULL) {
		(void)zmq_close(t->monitor);
	}
	sodium_memzero(t, sizeof(*t));
}

/* Not zmq_curve_keypair(): making keys beside a live context can abort in 4.3.4. */
static bool random_keys(struct self_test *t)
{
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	(void)crypto_box_keypair(pk, sk);
	bool done = zmq_z85_encode(t->public_key, pk, sizeof(pk)) != NULL &&
		    zmq_z85_encode(t->secret_key, sk, sizeof(sk)) != NULL;
	sodium_memzero(sk, sizeof(sk));
	return done;
}

static int self_test_connect(struct self_test *t, void *zmq, const struct zap_keys *keys,
			     const char *endpoint)
{
	char monitor[sizeof(SELF_TEST_MONITOR) + ZAP_KEY_LEN];
	int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
	(void)snprintf(monitor, sizeof(monitor), SELF_TEST_MONITOR "%s", t->public_key);
	t->client = zmq_socket(zmq, ZMQ_DEALER);
	t->monitor = zmq_socket(zmq, ZMQ_PAIR);
	if (t->client == NULL || t->monitor == NULL ||
	    zap_connect_options(t->client, keys) != SK_OK ||
	    zmq_socket_monitor(t->client, monitor, events) != 0 ||
	    !set_int(t->monitor, ZMQ_LINGER, 0) || zmq_connect(t->monitor, monitor) != 0) {
		return SK_ESYS;
	}
	return zmq_connect(t->client, endpoint) == 0 ? SK_OK : SK_ESYS;
}

/* @return SK_OK: refused; SK_EAUTH: let in; SK_EAGAIN: no event yet. */
static int self_test_verdict(struct self_test *t)
{
	zmq_msg_t msg;
	(void)zmq_msg_init(&msg);
	int verdict = SK_EAGAIN;
	if (zwatch_recv(t->monitor, &msg)) {
		uint16_t event = 0;
		memcpy(&event, zmq_msg_data(&msg), sizeof(event));
		(void)zwatch_drop_rest(t->monitor, &msg);
		verdict = event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? SK_OK : SK_EAUTH;
	}
	(void)zmq_msg_close(&msg);
	return verdict;
}

static int self_test_wait(struct self_test *t, struct zap *z)
{
	int verdict = SK_EAGAIN;
	for (int waited = 0; waited < SELF_TEST_MS && verdict == SK_EAGAIN; waited += 20) {
		zmq_pollitem_t items[2] = {
			{ .socket = z->socket, .events = ZMQ_POLLIN },
			{ .socket = t->monitor, .events = ZMQ_POLLIN },
		};
		(void)zmq_poll(items, 2, 20);
		zap_serve(z);
		verdict = self_test_verdict(t);
	}
	return verdict == SK_EAGAIN ? SK_ETIMEDOUT : verdict;
}

int zap_self_test(struct zap *z, void *zmq, const char *endpoint, const char *server_key)
{
	struct self_test t = { 0 };
	if (!random_keys(&t)) {
		return SK_ESYS;
	}
	struct zap_keys keys = { .party = "@nobody",
				 .public_key = t.public_key,
				 .secret_key = t.secret_key,
				 .server_key = server_key,
				 .curve = z->curve };
	int err = self_test_connect(&t, zmq, &keys, endpoint);
	if (err == SK_OK) {
		err = self_test_wait(&t, z);
	}
	self_test_done(&t);
	return err;
}
