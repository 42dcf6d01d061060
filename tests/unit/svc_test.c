/* SPDX-License-Identifier: EUPL-1.2 */
/* A real daemon with a service of a few lines: sockets, files, signals, kill and restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "common/client.h"
#include "common/svc.h"
#include "common/wire.h"
#include "tests/unit/node_rig.h"

#define ANSWER_ARENA_BYTES (1U << 20)
#define LONG_MS 3000
#define SHORT_MS 700

static struct node_rig rig;
static struct conf *conf;
static pid_t daemon_pid;
static struct client_net net;
static struct client *clients[8]; /* closed at the end, also of a test that failed */
static size_t clients_len;
static struct arena answers;

/* --- the service: closes needs, and tells the party "second" of each --- */

static int on_close(struct step *s, const PB(Message) *in)
{
	PB(NeedClosed) fact = PB_INIT(NEED_CLOSED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = step_new_id(s);
	if (in->close_need->reason == SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_MOVED) {
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_MISSING, "close_need.successor");
	}
	fact.request_id = step_id_data(s, &id);
	m.body_case = BODY(NEED_CLOSED);
	m.need_closed = &fact;
	step_emit(s, "second", &m);
	step_result(s, &id, 1);
	return s->txn->err;
}

static int on_due(struct step *s, uint8_t kind, const struct object_id *id, uint32_t extra,
		  uint64_t due_ms)
{
	(void)kind;
	(void)id;
	(void)extra;
	(void)due_ms;
	return s->txn->err;
}

static const struct handler handlers[] = {
	{ .body = BODY(CLOSE_NEED), .roles = ROLE_BIT(REQUESTER), .fn = on_close, .emits_max = 1 },
};
static const char *const reads[] = { NULL };
static const struct service service = {
	.name = "intake",
	.core_version = 1,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.reads = reads,
	.on_due = on_due,
};

/* --- the daemon, in a process of its own --- */

static int daemon_main(void)
{
	static struct svc svc;
	char *argv[] = { "schakel-intaked", "--config", rig.dir, NULL };
	struct svc_conf sc;
	int err = svc_conf_load(&sc, 3, argv);
	if (err == SK_OK) {
		err = svc_open(&svc, &sc, &service);
	}
	if (err == SK_OK) {
		err = svc_run(&svc);
	}
	svc_close(&svc);
	return err == SK_OK ? 0 : 1;
}

static void daemon_start(void)
{
	daemon_pid = fork();
	assert_true(daemon_pid >= 0);
	if (daemon_pid == 0) {
		_exit(daemon_main());
	}
}

static int daemon_end(int sig)
{
	int status = 0;
	assert_int_equal(kill(daemon_pid, sig), 0);
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
	return status;
}

static void conf_again(void)
{
	static struct conf_problems problems;
	conf_free(conf);
	conf = NULL;
	int err = conf_load(rig.dir, &conf, &problems);
	assert_string_equal(problems.text, "");
	assert_int_equal(err, SK_OK);
}

static int set_up(void **state)
{
	(void)state;
	static uint8_t block[ANSWER_ARENA_BYTES] __attribute__((aligned(16)));
	node_rig_init(&rig);
	conf_again();
	struct files_new n = { .dir = conf_daemon(conf, "intake")->dir,
			       .daemon = "intake",
			       .map_bytes = conf->store.map_bytes,
			       .segment_bytes = conf->store.segment_bytes,
			       .demo = conf->demo };
	assert_int_equal(files_create(&n), SK_OK);
	assert_int_equal(files_create(&n), SK_ESTATE);
	arena_init(&answers, block, sizeof(block));
	daemon_start();
	assert_int_equal(client_net_open(&net), SK_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	while (clients_len > 0) {
		client_close(clients[--clients_len]);
	}
	client_net_close(&net);
	if (daemon_pid != 0) {
		(void)daemon_end(SIGKILL);
	}
	conf_free(conf);
	conf = NULL;
	node_rig_done(&rig);
	return 0;
}

static struct client *client(const char *party)
{
	struct client *c = NULL;
	assert_int_equal(client_open_node(conf, &net, "intake", party, &c), SK_OK);
	client_set_timeout(c, LONG_MS);
	assert_true(clients_len < SK_LEN(clients));
	clients[clients_len++] = c;
	return c;
}

static PB(Message) close_need(PB(CloseNeed) *body)
{
	static uint8_t need[16];
	PB(Message) m = PB_INIT(MESSAGE);
	schakel__v1__close_need__init(body);
	body->need_id = (ProtobufCBinaryData){ sizeof(need), need };
	body->reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_SELF_RESOLVED;
	m.role = SCHAKEL__V1__ROLE__ROLE_REQUESTER;
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = body;
	return m;
}

static const PB(Receipt) *receipt(struct client *c, PB(Message) *m)
{
	PB(Message) *answer = NULL;
	arena_reset(&answers);
	assert_int_equal(client_ask(c, m, &answers, &answer), SK_OK);
	assert_int_equal(answer->body_case, BODY(RECEIPT));
	return answer->receipt;
}

#define OUTCOME(NAME) SCHAKEL__V1__OUTCOME__OUTCOME_##NAME

static void expect_silence(struct client *c)
{
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	PB(Message) *answer = NULL;
	arena_reset(&answers);
	client_set_timeout(c, SHORT_MS);
	assert_int_equal(client_ask(c, &m, &answers, &answer), SK_ETIMEDOUT);
	client_set_timeout(c, LONG_MS);
}

/* --- tests --- */

static void test_svc_command_is_receipted_once_across_a_kill(void **state)
{
	(void)state;
	struct client *c = client("duty");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	const PB(Receipt) *r = receipt(c, &m);
	assert_int_equal(r->outcome, OUTCOME(ACCEPTED));
	struct object_id id;
	assert_true(object_id_from(&r->object_id, &id));
	uint8_t message_id[16]; /* lives in the arena that the next answer resets */
	PB(Message) again = close_need(&body);
	PB(Message) *ignored = NULL;
	assert_int_equal(client_new_id(c, message_id), SK_OK);
	again.id = (ProtobufCBinaryData){ sizeof(message_id), message_id };
	assert_int_equal(receipt(c, &again)->outcome, OUTCOME(ACCEPTED));
	r = receipt(c, &again);
	assert_int_equal(r->outcome, OUTCOME(DUPLICATE));
	assert_int_equal(r->first, OUTCOME(ACCEPTED));
	assert_int_not_equal(WIFSIGNALED(daemon_end(SIGKILL)), 0);
	daemon_start();
	assert_int_equal(receipt(c, &again)->outcome, OUTCOME(DUPLICATE));
	assert_int_equal(daemon_end(SIGTERM), 0);
	client_set_timeout(c, SHORT_MS);
	assert_int_equal(client_ask(c, &again, &answers, &ignored), SK_ETIMEDOUT);
	daemon_start();
	client_set_timeout(c, LONG_MS);
	assert_int_equal(receipt(c, &again)->outcome, OUTCOME(DUPLICATE));
}

struct seen {
	uint64_t sequences[64];
	size_t len;
};

static int on_entry(void *ctx, const struct client_entry *entry)
{
	struct seen *s = ctx;
	assert_true(s->len < SK_LEN(s->sequences));
	assert_false(entry->missed);
	s->sequences[s->len++] = entry->sequence;
	return SK_OK;
}

static void read_log(struct client *c, struct client_log *log, struct seen *s, size_t until)
{
	struct client_read read = { .credit = 3, .wait_ms = 200, .entry = on_entry, .ctx = s };
	uint32_t n = 0;
	for (int tries = 0; tries < 50 && s->len < until; tries++) {
		assert_int_equal(client_log_read(c, log, &read, &n), SK_OK);
	}
	assert_int_equal(s->len, until);
}

/* In order, without holes, from where the reader stands, and only what is for it. */
static void test_svc_log_is_read_in_order_across_a_restart(void **state)
{
	(void)state;
	struct client *c = client("duty");
	struct client *reader = client("second");
	struct client_log log = { .log = "second" };
	struct seen seen = { .len = 0 };
	for (int i = 0; i < 10; i++) {
		PB(CloseNeed) body;
		PB(Message) m = close_need(&body);
		assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	}
	read_log(reader, &log, &seen, 10);
	assert_int_equal(WTERMSIG(daemon_end(SIGKILL)), SIGKILL);
	daemon_start();
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	read_log(reader, &log, &seen, 11);
	for (size_t i = 0; i < seen.len; i++) {
		assert_int_equal(seen.sequences[i], i + 1);
	}
	/* Another party's log is not for everybody. */
	struct client_log foreign = { .log = "second" };
	struct client_read read = { .credit = 1, .entry = on_entry, .ctx = &seen };
	uint32_t n = 0;
	client_set_timeout(c, SHORT_MS);
	assert_int_equal(client_log_read(c, &foreign, &read, &n), SK_ETIMEDOUT);
}

static void test_svc_refusal_names_the_field(void **state)
{
	(void)state;
	struct client *c = client("duty");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	body.reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_MOVED;
	const PB(Receipt) *r = receipt(c, &m);
	assert_int_equal(r->outcome, OUTCOME(REFUSED));
	assert_string_equal(r->field, "close_need.successor");
	c = client("operator"); /* has no role that may close a need */
	PB(Message) other = close_need(&body);
	assert_int_equal(receipt(c, &other)->code, SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED);
}

/* A key taken out of the table loses its connection too, at once (Z6). */
static void test_svc_revoked_key_is_silent_on_its_old_connection(void **state)
{
	(void)state;
	struct client *c = client("duty");
	struct client *op = client("operator");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	/* The party gets a new key: the connection with the old one must fall silent. */
	char path[NODE_RIG_PATH_MAX];
	struct conf_secret *fresh = NULL;
	node_rig_path(&rig, "keys/duty.secret", path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(conf_secret_create(path, &fresh), SK_OK);
	conf_secret_free(fresh);
	node_rig_write(&rig, NULL);
	assert_int_equal(kill(daemon_pid, SIGHUP), 0);
	conf_again();
	struct client *renewed = client("duty"); /* answered from when the reload is done */
	PB(Message) m2 = close_need(&body);
	assert_int_equal(receipt(renewed, &m2)->outcome, OUTCOME(ACCEPTED));
	expect_silence(c);
	PB(Message) m3 = close_need(&body); /* others are not disturbed */
	assert_int_equal(receipt(op, &m3)->code, SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED);
}

/* A file with an error keeps the configuration that runs. */
static void test_svc_reload_of_a_bad_file_keeps_the_old(void **state)
{
	(void)state;
	struct client *c = client("duty");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	node_rig_file(&rig, "parties.ini", "[party.nobody]\nname = x\n");
	assert_int_equal(kill(daemon_pid, SIGHUP), 0);
	PB(Message) m2 = close_need(&body);
	assert_int_equal(receipt(c, &m2)->outcome, OUTCOME(ACCEPTED));
}

static void raw_dealer(void **ret_socket, const char *party, const char *routing_id)
{
	char path[CONF_PATH_MAX];
	struct conf_secret *s = NULL;
	assert_int_equal(conf_secret_path(conf, party, path), SK_OK);
	assert_int_equal(conf_secret_read(path, &s), SK_OK);
	struct zap_keys keys = { .party = party,
				 .public_key = s->public_key,
				 .secret_key = s->secret_key,
				 .server_key = conf_party(conf, "intake")->key,
				 .curve = true };
	*ret_socket = zmq_socket(net.zmq, ZMQ_DEALER);
	assert_int_equal(zap_connect_options(*ret_socket, &keys), SK_OK);
	if (routing_id != NULL) {
		assert_int_equal(zmq_setsockopt(*ret_socket, ZMQ_ROUTING_ID, routing_id,
						strlen(routing_id)),
				 0);
	}
	assert_int_equal(zmq_connect(*ret_socket, conf_daemon(conf, "intake")->bind), 0);
	conf_secret_free(s);
}

static size_t status_frame(uint8_t buf[256])
{
	uint8_t id[16];
	uint8_t luck[10] = { 7 };
	uint8_t packed[128];
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Frame) f = PB_INIT(FRAME);
	wire_id_make(1, luck, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, packed), packed };
	return schakel__v1__frame__pack(&f, buf);
}

static bool is_answered(void *socket, int wait_ms)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLIN };
	bool answered = zmq_poll(&item, 1, wait_ms) > 0;
	uint8_t buf[256];
	while (zmq_recv(socket, buf, sizeof(buf), ZMQ_DONTWAIT) >= 0) {
		continue;
	}
	return answered;
}

static bool send_wait(void *socket, const void *data, size_t len, int flags)
{
	zmq_pollitem_t item = { .socket = socket, .events = ZMQ_POLLOUT };
	return zmq_poll(&item, 1, LONG_MS) > 0 && zmq_send(socket, data, len, flags) >= 0;
}

/* A message of two payload frames is dropped whole; the connection goes on (Z9). */
static void test_svc_message_of_several_frames_is_dropped_whole(void **state)
{
	(void)state;
	void *s = NULL;
	uint8_t buf[256];
	size_t len = status_frame(buf);
	raw_dealer(&s, "duty", NULL);
	assert_true(send_wait(s, buf, len, 0));
	assert_true(is_answered(s, LONG_MS));
	assert_true(send_wait(s, buf, len, ZMQ_SNDMORE));
	assert_true(send_wait(s, buf, len, ZMQ_SNDMORE));
	assert_true(send_wait(s, buf, len, 0));
	assert_false(is_answered(s, SHORT_MS));
	assert_true(send_wait(s, buf, len, 0));
	assert_true(is_answered(s, LONG_MS));
	(void)zmq_close(s);
}

/* A name that the peer chose could be somebody else's (Z8). */
static void test_svc_connection_that_names_itself_is_not_served(void **state)
{
	(void)state;
	void *s = NULL;
	uint8_t buf[256];
	size_t len = status_frame(buf);
	raw_dealer(&s, "duty", "second");
	assert_true(send_wait(s, buf, len, 0));
	assert_false(is_answered(s, SHORT_MS));
	(void)zmq_close(s);
}

/* The largest frame reaches the decoder, which answers; one byte more never does. */
static void test_svc_frame_at_and_past_its_size(void **state)
{
	(void)state;
	static uint8_t big[FRAME_BYTES_MAX + 1];
	static uint8_t message[FRAME_BYTES_MAX];
	void *s = NULL;
	raw_dealer(&s, "duty", NULL);
	uint8_t id_field[18] = { 0x0a, 16 };
	memset(message, 0xff, sizeof(message)); /* no message: refused as malformed, which is an answer */
	memcpy(message, id_field, sizeof(id_field));
	for (size_t over = 0; over <= 1; over++) {
		PB(Frame) f = PB_INIT(FRAME);
		f.message = (ProtobufCBinaryData){ FRAME_BYTES_MAX - 4 + over, message };
		size_t len = schakel__v1__frame__get_packed_size(&f);
		assert_int_equal(len, FRAME_BYTES_MAX + over);
		(void)schakel__v1__frame__pack(&f, big);
		assert_true(send_wait(s, big, len, 0));
		assert_int_equal(is_answered(s, over == 0 ? LONG_MS : SHORT_MS), over == 0);
	}
	(void)zmq_close(s);
}

static void test_svc_unknown_key_is_not_served(void **state)
{
	(void)state;
	uint8_t pk[crypto_box_PUBLICKEYBYTES];
	uint8_t sk[crypto_box_SECRETKEYBYTES];
	char public_key[CONF_KEY_LEN + 1];
	char secret_key[CONF_KEY_LEN + 1];
	struct client *c = NULL;
	(void)crypto_box_keypair(pk, sk);
	assert_non_null(zmq_z85_encode(public_key, pk, sizeof(pk)));
	assert_non_null(zmq_z85_encode(secret_key, sk, sizeof(sk)));
	struct client_conf cc = { .net = &net,
				  .endpoint = conf_daemon(conf, "intake")->bind,
				  .server_key = conf_party(conf, "intake")->key,
				  .party = "duty",
				  .public_key = public_key,
				  .secret_key = secret_key,
				  .curve = true,
				  .timeout_ms = SHORT_MS };
	assert_int_equal(client_open(&cc, &c), SK_OK);
	expect_silence(c);
	client_close(c);
	/* Known, but the server is not who the client was told. */
	cc.server_key = conf_party(conf, "matching")->key;
	assert_int_equal(client_open(&cc, &c), SK_OK);
	expect_silence(c);
	client_close(c);
}

/* A second owner of the store ends at once and disturbs nobody. */
static void test_svc_second_daemon_on_the_store_ends(void **state)
{
	(void)state;
	struct client *c = client("duty");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	int status = 0;
	pid_t second = fork();
	if (second == 0) {
		_exit(daemon_main());
	}
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	PB(Message) m2 = close_need(&body);
	assert_int_equal(receipt(c, &m2)->outcome, OUTCOME(ACCEPTED));
}

/* A daemon never makes a store by itself. */
static void test_svc_missing_store_is_not_made(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	char away[NODE_RIG_PATH_MAX];
	int status = 0;
	(void)state;
	assert_int_equal(WTERMSIG(daemon_end(SIGKILL)), SIGKILL);
	node_rig_path(&rig, "data/intake", path);
	node_rig_path(&rig, "data/away", away);
	assert_int_equal(rename(path, away), 0);
	daemon_start();
	assert_int_equal(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_svc_without_curve_names_the_party(void **state)
{
	(void)state;
	assert_int_equal(WTERMSIG(daemon_end(SIGKILL)), SIGKILL);
	struct node_rig_line off = { "node", "curve", "off" };
	node_rig_write(&rig, &off);
	conf_again();
	daemon_start();
	struct client *c = client("duty");
	PB(CloseNeed) body;
	PB(Message) m = close_need(&body);
	assert_int_equal(receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_svc_command_is_receipted_once_across_a_kill),
		T(test_svc_log_is_read_in_order_across_a_restart),
		T(test_svc_refusal_names_the_field),
		T(test_svc_revoked_key_is_silent_on_its_old_connection),
		T(test_svc_reload_of_a_bad_file_keeps_the_old),
		T(test_svc_message_of_several_frames_is_dropped_whole),
		T(test_svc_connection_that_names_itself_is_not_served),
		T(test_svc_frame_at_and_past_its_size),
		T(test_svc_unknown_key_is_not_served),
		T(test_svc_second_daemon_on_the_store_ends),
		T(test_svc_missing_store_is_not_made),
		T(test_svc_without_curve_names_the_party),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}
