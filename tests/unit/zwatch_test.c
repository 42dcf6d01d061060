/* SPDX-License-Identifier: EUPL-1.2 */
/* Guards the edge-triggered descriptor of ZeroMQ: one receive per wake-up once got 1 of 500. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/zwatch.h"

#define MESSAGES 2000
#define BUDGET 1024
#define DEADLINE_MS 20000
#define ENDPOINT "inproc://zwatch-test"

struct rig {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct zwatch watch;
	void *zmq;
	void *in;  /* watched */
	void *out; /* the other side */
	int budget;
	bool echo;
	uint32_t received;
	uint32_t calls;
	uint32_t turns;
	bool late;
};

static void on_deadline(uv_timer_t *timer)
{
	struct rig *r = timer->data;
	r->late = true;
	uv_stop(&r->loop);
}

static void on_readable(void *ctx)
{
	struct rig *r = ctx;
	zmq_msg_t msg;
	(void)zmq_msg_init(&msg);
	r->calls++;
	for (int n = 0; n < r->budget && zwatch_recv(r->in, &msg); n++) {
		uint32_t number = 0;
		assert_int_equal(zmq_msg_size(&msg), sizeof(number));
		memcpy(&number, zmq_msg_data(&msg), sizeof(number));
		assert_int_equal(number, r->received);
		r->received++;
		if (r->echo) {
			assert_true(zmq_send(r->in, &number, sizeof(number), ZMQ_DONTWAIT) >= 0);
		}
	}
	(void)zmq_msg_close(&msg);
	if (r->received == MESSAGES) {
		uv_stop(&r->loop);
	}
}

static void on_turn(void *ctx)
{
	struct rig *r = ctx;
	r->turns++;
}

static void *dealer(struct rig *r)
{
	int none = 0;
	int many = 2 * MESSAGES;
	void *s = zmq_socket(r->zmq, ZMQ_DEALER);
	assert_non_null(s);
	assert_int_equal(zmq_setsockopt(s, ZMQ_LINGER, &none, sizeof(none)), 0);
	assert_int_equal(zmq_setsockopt(s, ZMQ_SNDHWM, &many, sizeof(many)), 0);
	assert_int_equal(zmq_setsockopt(s, ZMQ_RCVHWM, &many, sizeof(many)), 0);
	return s;
}

static void rig_open(struct rig *r, const char *endpoint)
{
	char bound[256];
	size_t len = sizeof(bound);
	memset(r, 0, sizeof(*r));
	r->budget = BUDGET;
	assert_int_equal(uv_loop_init(&r->loop), 0);
	assert_int_equal(uv_timer_init(&r->loop, &r->deadline), 0);
	r->deadline.data = r;
	assert_int_equal(uv_timer_start(&r->deadline, on_deadline, DEADLINE_MS, 0), 0);
	r->zmq = zmq_ctx_new();
	assert_non_null(r->zmq);
	r->in = dealer(r);
	r->out = dealer(r);
	assert_int_equal(zmq_bind(r->in, endpoint), 0);
	assert_int_equal(zmq_getsockopt(r->in, ZMQ_LAST_ENDPOINT, bound, &len), 0);
	assert_int_equal(zmq_connect(r->out, bound), 0);
	assert_int_equal(zwatch_open(&r->watch, &r->loop, on_turn, r), SK_OK);
	assert_int_equal(zwatch_add(&r->watch, r->in, on_readable, r), SK_OK);
}

static void rig_close(struct rig *r)
{
	zwatch_close(&r->watch);
	zwatch_close(&r->watch); /* twice is once */
	uv_close((uv_handle_t *)&r->deadline, NULL);
	(void)uv_run(&r->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&r->loop), 0);
	assert_int_equal(zmq_close(r->in), 0);
	assert_int_equal(zmq_close(r->out), 0);
	assert_int_equal(zmq_ctx_term(r->zmq), 0);
}

static void send_all(struct rig *r)
{
	for (uint32_t i = 0; i < MESSAGES; i++) {
		assert_true(zmq_send(r->out, &i, sizeof(i), 0) >= 0);
	}
}

static void test_zwatch_all_of_one_wake_up_are_received(void **state)
{
	static const char *const endpoints[] = { ENDPOINT, "tcp://127.0.0.1:*" };
	(void)state;
	for (size_t i = 0; i < SK_LEN(endpoints); i++) {
		struct rig r;
		rig_open(&r, endpoints[i]);
		send_all(&r);
		(void)uv_run(&r.loop, UV_RUN_DEFAULT);
		assert_false(r.late);
		assert_int_equal(r.received, MESSAGES);
		assert_true(r.turns >= r.calls);
		rig_close(&r);
	}
}

/* More waits than the budget of a turn: the rest comes in the next, without a new edge. */
static void test_zwatch_rest_behind_the_budget_is_not_forgotten(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, ENDPOINT);
	r.budget = 1;
	send_all(&r);
	(void)uv_run(&r.loop, UV_RUN_DEFAULT);
	assert_false(r.late);
	assert_int_equal(r.received, MESSAGES);
	assert_int_equal(r.calls, MESSAGES);
	rig_close(&r);
}

/* A send eats the edge of a message that arrived meanwhile. */
static void test_zwatch_none_is_lost_behind_a_send(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, "tcp://127.0.0.1:*");
	r.budget = 7;
	r.echo = true;
	send_all(&r);
	(void)uv_run(&r.loop, UV_RUN_DEFAULT);
	assert_false(r.late);
	assert_int_equal(r.received, MESSAGES);
	rig_close(&r);
}

static void on_again(uv_timer_t *timer)
{
	struct rig *r = timer->data;
	zwatch_again(&r->watch);
}

static void on_turn_stop(void *ctx)
{
	struct rig *r = ctx;
	if (++r->turns == 3) {
		uv_stop(&r->loop);
		return;
	}
	zwatch_again(&r->watch);
}

/* A timer runs before the wait, a turn behind it: asked for by either, the next turn comes at once
 * and not when something else wakes the loop. */
static void test_zwatch_again_makes_a_turn_without_waiting(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, ENDPOINT);
	r.watch.turn = on_turn_stop;
	uv_timer_t timer;
	assert_int_equal(uv_timer_init(&r.loop, &timer), 0);
	timer.data = &r;
	assert_int_equal(uv_timer_start(&timer, on_again, 0, 0), 0);
	(void)uv_run(&r.loop, UV_RUN_DEFAULT);
	assert_false(r.late);
	assert_int_equal(r.turns, 3);
	uv_close((uv_handle_t *)&timer, NULL);
	rig_close(&r);
}

static void test_zwatch_one_socket_too_many_is_refused(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, ENDPOINT);
	void *more[ZWATCH_SOCKETS_MAX];
	for (size_t i = 0; i < SK_LEN(more); i++) {
		more[i] = dealer(&r);
		int err = zwatch_add(&r.watch, more[i], on_readable, &r);
		assert_int_equal(err, i + 1 < ZWATCH_SOCKETS_MAX ? SK_OK : SK_EFULL);
	}
	zwatch_close(&r.watch);
	(void)uv_run(&r.loop, UV_RUN_NOWAIT);
	for (size_t i = 0; i < SK_LEN(more); i++) {
		assert_int_equal(zmq_close(more[i]), 0);
	}
	rig_close(&r);
}

static void replace_in(struct rig *r)
{
	void *old = r->in;
	r->in = dealer(r);
	assert_int_equal(zwatch_replace(&r->watch, old, r->in), SK_OK);
}

/* The loop lets go of a handle late, so what was replaced is closed behind that, also at the end:
 * zmq_ctx_term() would wait for ever for a socket that was forgotten. */
static void test_zwatch_replaced_socket_is_watched_and_the_old_one_closed(void **state)
{
	struct rig r;
	(void)state;
	rig_open(&r, ENDPOINT);
	for (int i = 0; i < 3 * ZWATCH_SOCKETS_MAX; i++) {
		replace_in(&r);
		(void)uv_run(&r.loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(r.watch.len, 1);
	assert_int_equal(zmq_close(r.out), 0);
	r.out = dealer(&r);
	assert_int_equal(zmq_bind(r.in, "inproc://zwatch-fresh"), 0);
	assert_int_equal(zmq_connect(r.out, "inproc://zwatch-fresh"), 0);
	send_all(&r);
	(void)uv_run(&r.loop, UV_RUN_DEFAULT);
	assert_false(r.late);
	assert_int_equal(r.received, MESSAGES);
	replace_in(&r);
	rig_close(&r);
}

static void test_zwatch_further_parts_are_dropped_and_counted(void **state)
{
	struct rig r;
	zmq_msg_t msg;
	(void)state;
	rig_open(&r, ENDPOINT);
	assert_true(zmq_send(r.out, "a", 1, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(r.out, "b", 1, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(r.out, "c", 1, 0) >= 0);
	assert_true(zmq_send(r.out, "d", 1, 0) >= 0);
	(void)zmq_msg_init(&msg);
	assert_true(zwatch_is_readable(r.in));
	assert_true(zwatch_recv(r.in, &msg));
	assert_int_equal(zwatch_drop_rest(r.in, &msg), 2);
	assert_true(zwatch_recv(r.in, &msg));
	assert_memory_equal(zmq_msg_data(&msg), "d", 1);
	assert_int_equal(zwatch_drop_rest(r.in, &msg), 0);
	assert_false(zwatch_recv(r.in, &msg));
	(void)zmq_msg_close(&msg);
	rig_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zwatch_all_of_one_wake_up_are_received),
		cmocka_unit_test(test_zwatch_rest_behind_the_budget_is_not_forgotten),
		cmocka_unit_test(test_zwatch_none_is_lost_behind_a_send),
		cmocka_unit_test(test_zwatch_again_makes_a_turn_without_waiting),
		cmocka_unit_test(test_zwatch_one_socket_too_many_is_refused),
		cmocka_unit_test(test_zwatch_replaced_socket_is_watched_and_the_old_one_closed),
		cmocka_unit_test(test_zwatch_further_parts_are_dropped_and_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
