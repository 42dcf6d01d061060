/* SPDX-License-Identifier: EUPL-1.2 */
/* The gateway's connections: many threads ask on one of them and none waits for another. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/client_private.h"
#include "common/wire.h"
#include "services/gateway/gate.h"
#include "tests/unit/svc_rig.h"

#define THREADS 12

static struct gate gate;
static unsigned intake; /* number of the daemon */

struct asker {
	pthread_t thread;
	unsigned asks;
	uint32_t timeout_ms;
	uint64_t waiting_most, own_most;
	unsigned answered;
	unsigned foreign; /* answers to somebody else */
	int err;
};

static int ask_once(struct asker *a, const char *party, uint8_t *answer)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	struct client_envelope e = { 0 };
	uint8_t id[16];
	uint8_t luck[10];
	uint8_t buf[128];
	size_t len = 0;
	randombytes_buf(luck, sizeof(luck));
	wire_id_make(gate_wall_ms(), luck, id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	struct up_call c = { .party = party,
			     .daemon = intake,
			     .message = { buf, schakel__v1__message__pack(&m, buf) },
			     .timeout_ms = a->timeout_ms,
			     .waiting_most = a->waiting_most,
			     .own_most = a->own_most };
	int err = up_call(gate.up, &c, answer, &len);
	if (err == SK_OK) {
		bool ours = client_peek((struct slice){ answer, len }, &e) &&
			    e.correlation != NULL && memcmp(e.correlation, id, 16) == 0;
		a->answered += ours;
		a->foreign += !ours;
	}
	return err;
}

static void *ask_many(void *arg)
{
	struct asker *a = arg;
	uint8_t *answer = malloc(FRAME_BYTES_MAX);
	SK_ASSERT(answer != NULL);
	for (unsigned i = 0; i < a->asks && a->err == SK_OK; i++) {
		a->err = ask_once(a, "duty", answer);
	}
	free(answer);
	return NULL;
}

static void start_askers(struct asker *list, unsigned asks, uint32_t timeout_ms)
{
	for (size_t i = 0; i < THREADS; i++) {
		list[i] = (struct asker){ .asks = asks, .timeout_ms = timeout_ms };
		assert_int_equal(pthread_create(&list[i].thread, NULL, ask_many, &list[i]), 0);
	}
}

static void join_askers(struct asker *list, int err)
{
	struct up_status s;
	for (size_t i = 0; i < THREADS; i++) {
		(void)pthread_join(list[i].thread, NULL);
		assert_int_equal(list[i].err, err);
		assert_int_equal(list[i].foreign, 0);
		assert_true(err != SK_OK || list[i].answered == list[i].asks);
	}
	up_status(gate.up, intake, &s);
	assert_int_equal(s.waiting, 0);
}

static void wait_for_calls(uint64_t calls)
{
	struct timespec t = { .tv_nsec = 5000000 };
	struct up_status s = { 0 };
	for (int i = 0; i < 4000 && s.calls < calls; i++) {
		up_status(gate.up, intake, &s);
		(void)nanosleep(&t, NULL);
	}
	assert_true(s.calls >= calls);
}

/* The gate's from now on; the rig reads its own anew. */
static void take_conf(void)
{
	struct gate_conf *fresh = calloc(1, sizeof(*fresh));
	struct gate_conf *old = gate.conf;
	assert_non_null(fresh);
	fresh->conf = svc_rig.conf;
	atomic_init(&fresh->users, 1);
	svc_rig.conf = NULL;
	(void)pthread_mutex_lock(&gate.conf_lock);
	gate.conf = fresh;
	(void)pthread_mutex_unlock(&gate.conf_lock);
	if (old != NULL) {
		gate_conf_put(old);
	}
}

static int set_up(void **state)
{
	int rc = svc_rig_set_up(state);
	intake = (unsigned)(conf_daemon(svc_rig.conf, "intake") - svc_rig.conf->daemons);
	(void)pthread_mutex_init(&gate.conf_lock, NULL);
	take_conf();
	return rc != 0 ? rc : up_open(&gate, &gate.up);
}

static int tear_down(void **state)
{
	up_close(gate.up);
	gate.up = NULL;
	gate_conf_put(gate.conf);
	gate.conf = NULL;
	return svc_rig_tear_down(state);
}

/* One reads for all: each gets the answer to its own question, and each within its time. */
static void test_up_call_of_many_threads_gets_each_its_own_answer(void **state)
{
	struct asker list[THREADS];
	(void)state;
	start_askers(list, 300, LONG_MS);
	join_askers(list, SK_OK);
}

/* Nobody waits longer than its own time, whoever reads the line. */
static void test_up_call_without_a_daemon_times_out_for_all(void **state)
{
	struct asker list[THREADS];
	struct up_status s;
	(void)state;
	(void)svc_rig_end(SIGKILL);
	uint64_t before_ms = client_clock_ms();
	start_askers(list, 1, SHORT_MS);
	join_askers(list, SK_ETIMEDOUT);
	assert_in_range(client_clock_ms() - before_ms, SHORT_MS, SHORT_MS + 5000);
	up_status(gate.up, intake, &s);
	assert_int_equal(s.timeouts, THREADS);
}

/* Found: who looked how many waited, and then went to wait, did so beside others that had looked
 * too. Exactly as many wait as may; the others are told so at once. */
static void test_up_bound_of_who_waits_lets_no_more_in(void **state)
{
	(void)state;
	(void)svc_rig_end(SIGKILL);
	for (int own = 0; own < 2; own++) {
		struct asker list[THREADS];
		unsigned busy = 0;
		for (size_t i = 0; i < THREADS; i++) {
			list[i] = (struct asker){ .asks = 1,
						  .timeout_ms = SHORT_MS,
						  .waiting_most = own == 0 ? 4 : THREADS,
						  .own_most = own == 0 ? 0 : 4 };
			assert_int_equal(pthread_create(&list[i].thread, NULL, ask_many, &list[i]),
					 0);
		}
		for (size_t i = 0; i < THREADS; i++) {
			(void)pthread_join(list[i].thread, NULL);
			assert_true(list[i].err == SK_EBUSY || list[i].err == SK_ETIMEDOUT);
			busy += list[i].err == SK_EBUSY;
		}
		assert_int_equal(busy, THREADS - 4);
	}
}

/* What was lost with the daemon is sent to the next one, the same bytes. */
static void test_up_call_goes_on_with_a_daemon_that_comes_back(void **state)
{
	struct asker list[THREADS];
	(void)state;
	start_askers(list, 300, LONG_MS);
	wait_for_calls(THREADS * 20);
	(void)svc_rig_end(SIGKILL);
	svc_rig_start();
	join_askers(list, SK_OK);
}

/* A key that was renewed under way: with the configuration the call began with, it would wait for
 * the refused key until its time is over. */
static void test_up_renewal_under_load_goes_on_with_the_new_key(void **state)
{
	struct asker list[THREADS];
	(void)state;
	start_askers(list, 300, LONG_MS);
	for (int i = 1; i <= 2; i++) {
		wait_for_calls((uint64_t)i * THREADS * 50);
		svc_rig_new_key("duty");
		take_conf();
		assert_int_equal(kill(svc_rig.pid, SIGHUP), 0);
		up_renew(gate.up);
	}
	join_askers(list, SK_OK);
}

/* The end of the gateway does not wait for a daemon that is gone. */
static void test_up_end_ends_what_is_under_way(void **state)
{
	struct asker list[THREADS];
	uint8_t answer[128];
	struct asker late = { .timeout_ms = LONG_MS };
	(void)state;
	(void)svc_rig_end(SIGKILL);
	uint64_t before_ms = client_clock_ms();
	start_askers(list, 1, LONG_MS);
	wait_for_calls(THREADS);
	up_end(gate.up);
	join_askers(list, SK_ETIMEDOUT);
	assert_true(client_clock_ms() - before_ms < LONG_MS / 2);
	assert_int_equal(ask_once(&late, "duty", answer), SK_EBUSY);
}

static int tests(void)
{
	static const struct CMUnitTest list[] = {
		cmocka_unit_test_setup_teardown(
			test_up_call_of_many_threads_gets_each_its_own_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_up_call_without_a_daemon_times_out_for_all,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_up_bound_of_who_waits_lets_no_more_in, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_up_call_goes_on_with_a_daemon_that_comes_back,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_up_renewal_under_load_goes_on_with_the_new_key,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_up_end_ends_what_is_under_way, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(list, NULL, NULL);
}

int main(int argc, char **argv)
{
	return svc_rig_main(argc, argv, tests);
}
