/* SPDX-License-Identifier: EUPL-1.2 */
/* The limit of the road: a bare ROUTER that answers each frame with one or more frames, with the
 * socket options, the ZAP handler and the keys of a daemon, and nothing behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include "common/zwatch.h"
#include "tests/bench/zlane.h"

#define ANSWER_MAX 16384
#define COPIES_MAX 1024
#define REQUESTS_MOST (BENCH_LANES_MAX * BENCH_WINDOW_MAX)
#define PARTY "bench"

/* --- the server --- */

static const char *anybody(void *ctx, const char *key)
{
	(void)ctx;
	(void)key;
	return PARTY;
}

/* The first four bytes of a request say how many frames, the next four how long each is. */
static void answer(void *router, zmq_msg_t *id, zmq_msg_t *request)
{
	static const uint8_t frame[ANSWER_MAX];
	const uint8_t *p = zmq_msg_data(request);
	uint32_t copies = zmq_msg_size(request) < 8 ? 0 : be32_read(p);
	size_t len = copies == 0 ? 0 : be32_read(p + 4);

	len = len < ANSWER_MAX ? len : ANSWER_MAX;
	for (uint32_t i = 0; i < copies && i < COPIES_MAX; i++) {
		/* To one who went meanwhile the send fails, and that is all. */
		(void)zmq_send(router, zmq_msg_data(id), zmq_msg_size(id), ZMQ_SNDMORE);
		(void)zmq_send(router, frame, len, 0);
	}
}

static void serve_router(void *router)
{
	zmq_msg_t id;
	zmq_msg_t request;

	(void)zmq_msg_init(&id);
	(void)zmq_msg_init(&request);
	while (zwatch_recv(router, &id)) {
		if (zmq_msg_more(&id) != 0 && zwatch_recv(router, &request)) {
			(void)zwatch_drop_rest(router, &request);
			answer(router, &id, &request);
		}
	}
	(void)zmq_msg_close(&id);
	(void)zmq_msg_close(&request);
}

static int serve(struct zap *zap, void *router)
{
	zmq_pollitem_t items[] = { { .socket = router, .events = ZMQ_POLLIN },
				   { .socket = zap->socket, .events = ZMQ_POLLIN } };

	while (zmq_poll(items, 2, -1) > 0) {
		if ((items[1].revents & ZMQ_POLLIN) != 0) {
			zap_serve(zap);
		}
		if ((items[0].revents & ZMQ_POLLIN) != 0) {
			serve_router(router);
		}
	}
	return EXIT_FAILURE; /* it is ended by a signal */
}

int bench_echo_serve(const struct bench *b)
{
	char public_key[ZAP_KEY_LEN + 1];
	char secret_key[ZAP_KEY_LEN + 1];
	bool curve = bench_number(b, "curve", 1) != 0;
	struct zap_keys keys = { PARTY, public_key, secret_key, NULL, curve };
	void *zmq = zmq_ctx_new();
	struct zap zap;

	if (zmq == NULL || zmq_curve_keypair(public_key, secret_key) != 0 ||
	    zap_open(&zap, zmq, curve, anybody, NULL) != SK_OK) {
		return bench_fail("echo-serve", "no sockets");
	}
	void *router = zmq_socket(zmq, ZMQ_ROUTER);
	if (router == NULL || zap_serve_options(router, &keys) != SK_OK ||
	    zmq_bind(router, bench_arg(b, "endpoint", "")) != 0) {
		return bench_fail("echo-serve", "cannot bind");
	}
	(void)printf("%s\n", public_key);
	(void)fflush(stdout);
	return serve(&zap, router);
}

/* --- the client --- */

struct echo {
	size_t len;
	uint32_t copies;
	uint32_t answer_len;
	uint64_t heard;
	uint32_t part[REQUESTS_MOST]; /* frames heard of each request under way */
};

static size_t make(void *ctx, uint64_t n, uint8_t buf[FRAME_BYTES_MAX])
{
	const struct echo *e = ctx;

	be32_write(buf, e->copies);
	be32_write(buf + 4, e->answer_len);
	memset(buf + 8, (int)(n & 0xff), e->len - 8);
	return e->len;
}

static int take(void *ctx, uint64_t n, struct slice frame)
{
	struct echo *e = ctx;

	uint32_t *part = &e->part[n % REQUESTS_MOST];

	if (frame.len != e->answer_len) {
		return SK_EPROTO;
	}
	e->heard++;
	*part = *part + 1 == e->copies ? 0 : *part + 1;
	return *part == 0 ? 1 : 0;
}

static int echo_side(struct zside *side, const struct bench *b)
{
	*side = (struct zside){ .zmq = zmq_ctx_new(), .curve = bench_number(b, "curve", 1) != 0 };
	(void)snprintf(side->endpoint, sizeof(side->endpoint), "%s", bench_arg(b, "endpoint", ""));
	(void)snprintf(side->server_key, sizeof(side->server_key), "%s", bench_arg(b, "key", ""));
	(void)snprintf(side->party, sizeof(side->party), "%s", PARTY);
	return side->zmq != NULL && zmq_curve_keypair(side->public_key, side->secret_key) == 0 ?
		       SK_OK :
		       SK_ENOMEM;
}

int bench_echo(const struct bench *b)
{
	static struct zload z = { .make = make, .answer = take };
	struct zside side;
	struct load l = { .kind = &zlane_kind, .ctx = &z };
	static struct echo e;
	int err = echo_side(&side, b);

	e.len = bench_number(b, "bytes", 400);
	e.copies = (uint32_t)bench_number(b, "copies", 1);
	e.answer_len = (uint32_t)bench_number(b, "answer", 140);
	if (e.len < 8 || e.len > FRAME_BYTES_MAX || e.copies == 0 || e.copies > COPIES_MAX) {
		err = SK_EINVAL;
	}
	if (err == SK_OK) {
		load_args(&l, b);
		z.side = &side;
		z.ctx = &e;
		err = load_run(&l);
	}
	if (err == SK_OK) {
		char more[64];
		(void)snprintf(more, sizeof(more), "\"frames_per_s\":%.1f",
			       (double)e.heard * 1e9 / (double)l.took_ns);
		samples_print(&l.samples, l.took_ns, more);
	}
	samples_free(&l.samples);
	zside_close(&side);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("echo", sk_strerror(err));
}
