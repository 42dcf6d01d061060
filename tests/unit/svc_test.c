/* SPDX-License-Identifier: EUPL-1.2 */
/* A real daemon: sockets, files, signals, kill and restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/files_checkpoint.h"
#include "tests/unit/svc_rig.h"

static void test_svc_command_is_receipted_once_across_a_kill(void **state)
{
	(void)state;
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	const PB(Receipt) *r = svc_rig_receipt(c, &m);
	assert_int_equal(r->outcome, OUTCOME(ACCEPTED));
	struct object_id id;
	assert_true(object_id_from(&r->object_id, &id));
	uint8_t message_id[16]; /* lives in the arena that the next answer resets */
	PB(Message) again = svc_rig_close_need(&body);
	PB(Message) *ignored = NULL;
	assert_int_equal(client_new_id(c, message_id), SK_OK);
	again.id = (ProtobufCBinaryData){ sizeof(message_id), message_id };
	assert_int_equal(svc_rig_receipt(c, &again)->outcome, OUTCOME(ACCEPTED));
	r = svc_rig_receipt(c, &again);
	assert_int_equal(r->outcome, OUTCOME(DUPLICATE));
	assert_int_equal(r->first, OUTCOME(ACCEPTED));
	assert_int_not_equal(WIFSIGNALED(svc_rig_end(SIGKILL)), 0);
	svc_rig_start();
	assert_int_equal(svc_rig_receipt(c, &again)->outcome, OUTCOME(DUPLICATE));
	assert_int_equal(svc_rig_end(SIGTERM), 0);
	client_set_timeout(c, SHORT_MS);
	assert_int_equal(client_ask(c, &again, &svc_rig.answers, &ignored), SK_ETIMEDOUT);
	svc_rig_start();
	client_set_timeout(c, LONG_MS);
	assert_int_equal(svc_rig_receipt(c, &again)->outcome, OUTCOME(DUPLICATE));
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
	struct client *c = svc_rig_client("duty");
	struct client *reader = svc_rig_client("second");
	struct client_log log = { .log = "second" };
	struct seen seen = { .len = 0 };
	for (int i = 0; i < 10; i++) {
		PB(CloseNeed) body;
		PB(Message) m = svc_rig_close_need(&body);
		assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	}
	read_log(reader, &log, &seen, 10);
	assert_int_equal(WTERMSIG(svc_rig_end(SIGKILL)), SIGKILL);
	svc_rig_start();
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	read_log(reader, &log, &seen, 11);
	for (size_t i = 0; i < seen.len; i++) {
		assert_int_equal(seen.sequences[i], i + 1);
	}
	/* Another party's log is not for everybody. */
	struct client_log foreign = { .log = "second" };
	struct client_read read = { .credit = 1, .entry = on_entry, .ctx = &seen };
	uint32_t n = 0;
	assert_int_equal(client_log_read(c, &foreign, &read, &n), SK_EAUTH);
}

static void test_svc_refusal_names_the_field(void **state)
{
	(void)state;
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	body.reason = SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_MOVED;
	const PB(Receipt) *r = svc_rig_receipt(c, &m);
	assert_int_equal(r->outcome, OUTCOME(REFUSED));
	assert_string_equal(r->field, "close_need.successor");
	c = svc_rig_client("operator"); /* has no role that may close a need */
	PB(Message) other = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &other)->code,
			 SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED);
}

/* A key taken out of the table loses its connection too, at once (Z6). */
static void test_svc_revoked_key_is_silent_on_its_old_connection(void **state)
{
	(void)state;
	struct client *c = svc_rig_client("duty");
	struct client *op = svc_rig_client("operator");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	/* The party gets a new key: the connection with the old one must fall silent. */
	svc_rig_new_key("duty");
	assert_int_equal(kill(svc_rig.pid, SIGHUP), 0);
	struct client *renewed = svc_rig_client("duty"); /* answered from when the reload is done */
	PB(Message) m2 = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(renewed, &m2)->outcome, OUTCOME(ACCEPTED));
	svc_rig_silence(c);
	PB(Message) m3 = svc_rig_close_need(&body); /* others are not disturbed */
	assert_int_equal(svc_rig_receipt(op, &m3)->code,
			 SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED);
}

/* A file with an error keeps the configuration that runs. */
static void test_svc_reload_of_a_bad_file_keeps_the_old(void **state)
{
	(void)state;
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	node_rig_file(&svc_rig.node, "parties.ini", "[party.nobody]\nname = x\n");
	assert_int_equal(kill(svc_rig.pid, SIGHUP), 0);
	PB(Message) m2 = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m2)->outcome, OUTCOME(ACCEPTED));
}

/* A second owner of the store ends at once and disturbs nobody. */
static void test_svc_second_daemon_on_the_store_ends(void **state)
{
	(void)state;
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	int status = 0;
	pid_t second = svc_rig_spawn();
	assert_int_equal(waitpid(second, &status, 0), second);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	PB(Message) m2 = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m2)->outcome, OUTCOME(ACCEPTED));
}

/* A daemon never makes a store by itself. */
static void test_svc_missing_store_is_not_made(void **state)
{
	char path[NODE_RIG_PATH_MAX];
	char away[NODE_RIG_PATH_MAX];
	int status = 0;
	(void)state;
	assert_int_equal(WTERMSIG(svc_rig_end(SIGKILL)), SIGKILL);
	node_rig_path(&svc_rig.node, "data/intake", path);
	node_rig_path(&svc_rig.node, "data/away", away);
	assert_int_equal(rename(path, away), 0);
	svc_rig_start();
	assert_int_equal(waitpid(svc_rig.pid, &status, 0), svc_rig.pid);
	svc_rig.pid = 0;
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void test_svc_without_curve_names_the_party(void **state)
{
	(void)state;
	assert_int_equal(WTERMSIG(svc_rig_end(SIGKILL)), SIGKILL);
	struct node_rig_line off = { "node", "curve", "off" };
	node_rig_write(&svc_rig.node, &off);
	svc_rig_conf();
	svc_rig_start();
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
}

static void test_svc_makes_the_checkpoint_that_is_asked(void **state)
{
	(void)state;
	static const struct timespec pause = { .tv_nsec = 50000000 };
	struct checkpoint found[CHECKPOINTS_LISTED];
	char dir[NODE_RIG_PATH_MAX];
	size_t len = 9;
	struct client *c = svc_rig_client("duty");
	PB(CloseNeed) body;
	PB(Message) m = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &m)->outcome, OUTCOME(ACCEPTED));
	node_rig_path(&svc_rig.node, "data/intake", dir);
	assert_int_equal(checkpoint_list(dir, UINT64_MAX, found, &len), SK_OK);
	assert_int_equal(len, 0);
	node_rig_file(&svc_rig.node, "data/intake/" CHECKPOINTS_DIR "/" CHECKPOINT_ASKED, "");
	for (int i = 0; i < 200 && len == 0; i++) {
		(void)nanosleep(&pause, NULL);
		assert_int_equal(checkpoint_list(dir, UINT64_MAX, found, &len), SK_OK);
	}
	assert_int_equal(len, 1);
	assert_true(found[0].facts.pos.next_sequence >= 3); /* configuration, command */
	PB(Message) next = svc_rig_close_need(&body);
	assert_int_equal(svc_rig_receipt(c, &next)->outcome, OUTCOME(ACCEPTED));
	assert_int_equal(svc_rig_end(SIGTERM), 0);
}

static int svc_tests(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, svc_rig_set_up, svc_rig_tear_down)
	const struct CMUnitTest tests[] = {
		T(test_svc_command_is_receipted_once_across_a_kill),
		T(test_svc_log_is_read_in_order_across_a_restart),
		T(test_svc_refusal_names_the_field),
		T(test_svc_revoked_key_is_silent_on_its_old_connection),
		T(test_svc_reload_of_a_bad_file_keeps_the_old),
		T(test_svc_second_daemon_on_the_store_ends),
		T(test_svc_missing_store_is_not_made),
		T(test_svc_without_curve_names_the_party),
		T(test_svc_makes_the_checkpoint_that_is_asked),
	};
#undef T
	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
	return svc_rig_main(argc, argv, svc_tests);
}
