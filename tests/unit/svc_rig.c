/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/svc_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/svc.h"

#define ANSWER_ARENA_BYTES (1U << 20)

struct svc_rig svc_rig;
static struct client *clients[32]; /* closed at the end, also of a test that failed */
static size_t clients_len;
static const char *program; /* the test's own path */

/* --- the service: closes needs, and tells the party "second" of each --- */

static int on_close(struct step *s, const PB(Message) *in)
{
	PB(NeedClosed) fact = PB_INIT(NEED_CLOSED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = step_new_id(s);
	if (in->close_need->reason == SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_MOVED) {
		return step_refuse(s, SCHAKEL__V1__REFUSAL__REFUSAL_MISSING,
				   "close_need.successor");
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
static const char *const reads_waitlist[] = { "waitlist", NULL };
static struct service service = {
	.name = "intake",
	.core_version = 1,
	.handlers = handlers,
	.handlers_len = SK_LEN(handlers),
	.reads = reads,
	.on_due = on_due,
};

/* --- the daemon, in a process of its own --- */

static int daemon_main(char *dir)
{
	static struct svc svc;
	char *argv[] = { "schakel-intaked", "--config", dir, NULL };
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

int svc_rig_main(int argc, char **argv, int (*tests)(void))
{
	program = argv[0];
	service.reads = argc == 3 ? reads_waitlist : reads;
	return argc >= 2 ? daemon_main(argv[1]) : tests();
}

/* A new program, not a copy of this one: here threads of ZeroMQ may hold the allocator's lock. */
pid_t svc_rig_spawn(void)
{
	char *argv[] = { "svc_rig", svc_rig.node.dir, svc_rig.reads_waitlist ? "" : NULL, NULL };
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)execv(program, argv);
		_exit(99);
	}
	return pid;
}

void svc_rig_start(void)
{
	svc_rig.pid = svc_rig_spawn();
}

int svc_rig_end(int sig)
{
	int status = 0;
	assert_int_equal(kill(svc_rig.pid, sig), 0);
	assert_int_equal(waitpid(svc_rig.pid, &status, 0), svc_rig.pid);
	svc_rig.pid = 0;
	return status;
}

void svc_rig_conf(void)
{
	static struct conf_problems problems;
	conf_free(svc_rig.conf);
	svc_rig.conf = NULL;
	int err = conf_load(svc_rig.node.dir, &svc_rig.conf, &problems);
	assert_string_equal(problems.text, "");
	assert_int_equal(err, SK_OK);
}

int svc_rig_set_up(void **state)
{
	(void)state;
	static uint8_t block[ANSWER_ARENA_BYTES] __attribute__((aligned(16)));
	node_rig_init(&svc_rig.node);
	svc_rig.reads_waitlist = false;
	svc_rig_conf();
	struct files_new n = { .dir = conf_daemon(svc_rig.conf, "intake")->dir,
			       .daemon = "intake",
			       .map_bytes = svc_rig.conf->store.map_bytes,
			       .segment_bytes = svc_rig.conf->store.segment_bytes,
			       .demo = svc_rig.conf->demo };
	assert_int_equal(files_create(&n), SK_OK);
	assert_int_equal(files_create(&n), SK_ESTATE);
	arena_init(&svc_rig.answers, block, sizeof(block));
	svc_rig_start();
	assert_int_equal(client_net_open(&svc_rig.net), SK_OK);
	return 0;
}

int svc_rig_tear_down(void **state)
{
	(void)state;
	while (clients_len > 0) {
		client_close(clients[--clients_len]);
	}
	client_net_close(&svc_rig.net);
	if (svc_rig.pid != 0) {
		(void)svc_rig_end(SIGKILL);
	}
	conf_free(svc_rig.conf);
	svc_rig.conf = NULL;
	node_rig_done(&svc_rig.node);
	return 0;
}

struct client *svc_rig_client(const char *party)
{
	struct client *c = NULL;
	assert_int_equal(client_open_node(svc_rig.conf, &svc_rig.net, "intake", party, &c), SK_OK);
	client_set_timeout(c, LONG_MS);
	assert_true(clients_len < SK_LEN(clients));
	clients[clients_len++] = c;
	return c;
}

void svc_rig_new_key(const char *party)
{
	char name[64];
	char path[NODE_RIG_PATH_MAX];
	struct conf_secret *fresh = NULL;
	(void)snprintf(name, sizeof(name), "keys/%s.secret", party);
	node_rig_path(&svc_rig.node, name, path);
	assert_int_equal(remove(path), 0);
	assert_int_equal(conf_secret_create(path, &fresh), SK_OK);
	conf_secret_free(fresh);
	node_rig_write(&svc_rig.node, NULL);
	svc_rig_conf();
}

PB(Message) svc_rig_close_need(PB(CloseNeed) *body)
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

const PB(Receipt) *svc_rig_receipt(struct client *c, PB(Message) *m)
{
	PB(Message) *answer = NULL;
	arena_reset(&svc_rig.answers);
	assert_int_equal(client_ask(c, m, &svc_rig.answers, &answer), SK_OK);
	assert_int_equal(answer->body_case, BODY(RECEIPT));
	return answer->receipt;
}

void svc_rig_silence(struct client *c)
{
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	PB(Message) *answer = NULL;
	arena_reset(&svc_rig.answers);
	client_set_timeout(c, SHORT_MS);
	assert_int_equal(client_ask(c, &m, &svc_rig.answers, &answer), SK_ETIMEDOUT);
	client_set_timeout(c, LONG_MS);
}
