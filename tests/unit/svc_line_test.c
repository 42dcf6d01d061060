/* SPDX-License-Identifier: EUPL-1.2 */
/* A handshake that is refused first, and would be accepted later: the library ends the session for
 * good (libzmq 3519, 4196), so whoever asked must connect anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include "common/wire.h"
#include "common/zap.h"
#include "common/zwatch.h"
#include "tests/unit/svc_rig.h"

#define TRIALS 8   /* of each kind; each is refused on a connection of its own */
#define TRY_MS 100 /* a handshake takes less */
#define DEADLINE_MS 60000

struct line {
	struct client *call[TRIALS];
	struct client *log[TRIALS];
	struct client *post[TRIALS];
};

static int pass_over(void *ctx, const struct client_entry *entry)
{
	(void)ctx;
	(void)entry;
	return SK_OK;
}

static int call(struct client *c)
{
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	PB(Message) *answer = NULL;
	arena_reset(&svc_rig.answers);
	return client_ask(c, &m, &svc_rig.answers, &answer);
}

static int read_log(struct client *c)
{
	struct client_log log = { .log = "duty" };
	struct client_read read = { .credit = 1, .wait_ms = 1, .entry = pass_over };
	uint32_t n = 0;
	return client_log_read(c, &log, &read, &n);
}

static int post(struct client *c)
{
	uint8_t packed[64];
	uint8_t id[16];
	uint8_t luck[10] = { 7 };
	struct slice answer;
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	wire_id_make(1, luck, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	struct slice bytes = { packed, schakel__v1__message__pack(&m, packed) };
	int err = client_post(c, bytes);
	return err == SK_OK ? client_next(c, TRY_MS, &answer) : err;
}

static void open_lines(struct line *l)
{
	for (size_t i = 0; i < TRIALS; i++) {
		l->call[i] = svc_rig_client("duty");
		l->log[i] = svc_rig_client("duty");
		l->post[i] = svc_rig_client("duty");
	}
}

static void test_client_refused_at_first_is_served_later(void **state)
{
	(void)state;
	static struct line l;
	assert_int_equal(call(svc_rig_client("duty")), SK_OK); /* the daemon is up */
	svc_rig_new_key("duty");                               /* and not told of it */
	open_lines(&l);
	for (size_t i = 0; i < TRIALS; i++) {
		client_set_timeout(l.call[i], TRY_MS);
		client_set_timeout(l.log[i], TRY_MS);
		assert_int_equal(call(l.call[i]), SK_ETIMEDOUT);
		assert_int_equal(read_log(l.log[i]), SK_ETIMEDOUT);
		assert_int_equal(post(l.post[i]), SK_EAGAIN);
	}
	assert_int_equal(kill(svc_rig.pid, SIGHUP), 0);
	for (size_t i = 0; i < TRIALS; i++) {
		client_set_timeout(l.call[i], LONG_MS);
		client_set_timeout(l.log[i], LONG_MS);
		assert_int_equal(call(l.call[i]), SK_OK);
		assert_int_equal(read_log(l.log[i]), SK_OK);
		int err = SK_EAGAIN;
		for (int tries = 0; tries < LONG_MS / TRY_MS && err != SK_OK; tries++) {
			err = post(l.post[i]);
			(void)zmq_poll(NULL, 0, err == SK_EAGAIN ? TRY_MS : 0);
		}
		assert_int_equal(err, SK_OK);
	}
}

/* --- a server that breaks the handshake off --- */

/* What is no handshake at all, once for each that connects. */
static void spoil_handshakes(int listener, size_t len)
{
	static const char junk[] = "HTTP/1.1 400 Bad "
				   "Request\r\n\r\n0123456789012345678901234567890";
	for (size_t i = 0; i < len; i++) {
		int fd = accept(listener, NULL, NULL);
		assert_true(fd >= 0);
		assert_true(write(fd, junk, sizeof(junk)) > 0);
		uint8_t greeting[64];
		while (read(fd, greeting, sizeof(greeting)) > 0) {
			continue;
		}
		(void)close(fd);
	}
}

static int listen_at(const char *ipc)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = strchr(ipc, '/') + 2;
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	(void)unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, TRIALS), 0);
	return fd;
}

static void test_client_of_a_broken_handshake_is_served_later(void **state)
{
	(void)state;
	struct client *c[TRIALS];
	assert_int_equal(call(svc_rig_client("duty")), SK_OK);
	(void)svc_rig_end(SIGKILL);
	int fd = listen_at(conf_daemon(svc_rig.conf, "intake")->bind);
	for (size_t i = 0; i < TRIALS; i++) {
		c[i] = svc_rig_client("second");
	}
	spoil_handshakes(fd, TRIALS);
	(void)close(fd);
	for (size_t i = 0; i < TRIALS; i++) {
		client_set_timeout(c[i], TRY_MS);
		assert_int_equal(call(c[i]), SK_ETIMEDOUT);
	}
	svc_rig_start();
	for (size_t i = 0; i < TRIALS; i++) {
		client_set_timeout(c[i], LONG_MS);
		assert_int_equal(call(c[i]), SK_OK);
	}
}

/* --- the peer, played by the test --- */

struct peer {
	void *zmq;
	void *router;
	struct zap zap;
	bool accepts;
};

static const char *party_of(void *ctx, const char *key)
{
	const struct peer *p = ctx;
	const struct conf_party *party = conf_party_by_key(svc_rig.conf, key);
	return p->accepts && party != NULL ? party->id : NULL;
}

static void peer_open(struct peer *p)
{
	char path[CONF_PATH_MAX];
	struct conf_secret *s = NULL;
	*p = (struct peer){ .zmq = zmq_ctx_new() };
	assert_int_equal(zap_open(&p->zap, p->zmq, true, party_of, p), SK_OK);
	assert_int_equal(conf_secret_path(svc_rig.conf, "waitlist", path), SK_OK);
	assert_int_equal(conf_secret_read(path, &s), SK_OK);
	struct zap_keys keys = { .secret_key = s->secret_key, .curve = true };
	p->router = zmq_socket(p->zmq, ZMQ_ROUTER);
	assert_int_equal(zap_serve_options(p->router, &keys), SK_OK);
	assert_int_equal(zmq_bind(p->router, conf_daemon(svc_rig.conf, "waitlist")->bind), 0);
	conf_secret_free(s);
}

static void peer_close(struct peer *p)
{
	zap_close(&p->zap);
	(void)zmq_close(p->router);
	(void)zmq_ctx_term(p->zmq);
}

static bool peer_is_asked(struct peer *p)
{
	zmq_pollitem_t items[2] = { { .socket = p->zap.socket, .events = ZMQ_POLLIN },
				    { .socket = p->router, .events = ZMQ_POLLIN } };
	zmq_msg_t msg;
	(void)zmq_poll(items, 2, TRY_MS);
	zap_serve(&p->zap);
	(void)zmq_msg_init(&msg);
	bool asked = zwatch_recv(p->router, &msg);
	(void)zwatch_drop_rest(p->router, &msg);
	(void)zmq_msg_close(&msg);
	return asked;
}

static void test_peer_that_refused_at_first_is_asked_later(void **state)
{
	(void)state;
	struct peer p;
	bool asked = false;
	(void)svc_rig_end(SIGKILL);
	svc_rig.reads_waitlist = true;
	peer_open(&p);
	svc_rig_start();
	for (int i = 0; i < DEADLINE_MS / TRY_MS && p.zap.refused == 0; i++) {
		assert_false(peer_is_asked(&p));
	}
	assert_int_equal(p.zap.refused, 1);
	p.accepts = true;
	for (int i = 0; i < DEADLINE_MS / TRY_MS && !asked; i++) {
		asked = peer_is_asked(&p);
	}
	assert_true(asked);
	/* The daemon ends in order with a socket that was replaced. */
	assert_int_equal(svc_rig_end(SIGTERM), 0);
	peer_close(&p);
}

static int svc_tests(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, svc_rig_set_up, svc_rig_tear_down)
	const struct CMUnitTest tests[] = {
		T(test_client_refused_at_first_is_served_later),
		T(test_client_of_a_broken_handshake_is_served_later),
		T(test_peer_that_refused_at_first_is_asked_later),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return svc_rig_main(argc, argv, svc_tests);
}
