/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/zwatch.h"

#include <errno.h>
#include <string.h>

bool zwatch_is_readable(void *socket)
{
	int events = 0;
	size_t len = sizeof(events);
	int rc = zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len);
	while (rc != 0 && errno == EINTR) {
		rc = zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len);
	}
	SK_ASSERT(rc == 0);
	return (events & ZMQ_POLLIN) != 0;
}

bool zwatch_recv(void *socket, zmq_msg_t *msg)
{
	int rc = zmq_msg_recv(msg, socket, ZMQ_DONTWAIT);
	while (rc < 0 && errno == EINTR) {
		rc = zmq_msg_recv(msg, socket, ZMQ_DONTWAIT);
	}
	SK_ASSERT(rc >= 0 || errno == EAGAIN);
	return rc >= 0;
}

size_t zwatch_drop_rest(void *socket, zmq_msg_t *msg)
{
	size_t dropped = 0;
	while (zmq_msg_more(msg) != 0 && zwatch_recv(socket, msg)) {
		dropped++;
	}
	return dropped;
}

static void on_wake(uv_poll_t *poll, int status, int events)
{
	/* Waking is all that it is for. */
	(void)poll;
	(void)status;
	(void)events;
}

static void on_idle(uv_idle_t *idle)
{
	(void)idle;
}

static void on_prepare(uv_prepare_t *prepare)
{
	struct zwatch *w = prepare->data;
	bool busy = w->again;
	for (size_t i = 0; i < w->len && !busy; i++) {
		busy = zwatch_is_readable(w->sockets[i].socket);
	}
	if (busy) {
		(void)uv_idle_start(&w->idle, on_idle);
	}
}

static void on_check(uv_check_t *check)
{
	struct zwatch *w = check->data;
	(void)uv_idle_stop(&w->idle);
	w->again = false;
	for (size_t i = 0; i < w->len; i++) {
		if (zwatch_is_readable(w->sockets[i].socket)) {
			w->sockets[i].readable(w->sockets[i].ctx);
		}
	}
	if (w->turn != NULL) {
		w->turn(w->ctx);
	}
}

int zwatch_open(struct zwatch *w, uv_loop_t *loop, zwatch_fn *turn, void *ctx)
{
	memset(w, 0, sizeof(*w));
	w->turn = turn;
	w->ctx = ctx;
	(void)uv_prepare_init(loop, &w->prepare); /* these three cannot fail */
	(void)uv_check_init(loop, &w->check);
	(void)uv_idle_init(loop, &w->idle);
	w->prepare.data = w;
	w->check.data = w;
	w->idle.data = w;
	w->open = true;
	if (uv_prepare_start(&w->prepare, on_prepare) != 0 ||
	    uv_check_start(&w->check, on_check) != 0) {
		return SK_ESYS;
	}
	return SK_OK;
}

int zwatch_add(struct zwatch *w, void *socket, zwatch_fn *readable, void *ctx)
{
	if (w->len == ZWATCH_SOCKETS_MAX) {
		return SK_EFULL;
	}
	int fd = -1;
	size_t len = sizeof(fd);
	struct zwatch_socket *s = &w->sockets[w->len];
	if (zmq_getsockopt(socket, ZMQ_FD, &fd, &len) != 0 ||
	    uv_poll_init(w->prepare.loop, &s->poll, fd) != 0) {
		return SK_ESYS;
	}
	s->socket = socket;
	s->readable = readable;
	s->ctx = ctx;
	w->len++; /* from here on zwatch_close() closes the poll handle */
	return uv_poll_start(&s->poll, UV_READABLE, on_wake) == 0 ? SK_OK : SK_ESYS;
}

void zwatch_again(struct zwatch *w)
{
	w->again = true;
}

void zwatch_close(struct zwatch *w)
{
	if (!w->open) {
		return;
	}
	w->open = false;
	uv_close((uv_handle_t *)&w->prepare, NULL);
	uv_close((uv_handle_t *)&w->check, NULL);
	uv_close((uv_handle_t *)&w->idle, NULL);
	for (size_t i = 0; i < w->len; i++) {
		uv_close((uv_handle_t *)&w->sockets[i].poll, NULL);
	}
	w->len = 0;
}
