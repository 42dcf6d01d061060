/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/zwatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The loop holds the handle until its close callback, so it outlives its place in the table. */
struct zwatch_poll {
	uv_poll_t handle;
	void *retired; /* a socket to close when nothing watches its descriptor any more */
};

static int events_of(void *socket)
{
	int events = 0;
	size_t len = sizeof(events);
	int rc = zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len);
	while (rc != 0 && errno == EINTR) {
		rc = zmq_getsockopt(socket, ZMQ_EVENTS, &events, &len);
	}
	SK_ASSERT(rc == 0);
	return events;
}

bool zwatch_is_readable(void *socket)
{
	return (events_of(socket) & ZMQ_POLLIN) != 0;
}

bool zwatch_is_connected(void *socket)
{
	return (events_of(socket) & ZMQ_POLLOUT) != 0;
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

static void on_poll_closed(uv_handle_t *handle)
{
	struct zwatch_poll *p = handle->data;
	if (p->retired != NULL) {
		(void)zmq_close(p->retired);
	}
	free(p);
}

static void close_poll(struct zwatch_poll *p, void *retired)
{
	p->retired = retired;
	uv_close((uv_handle_t *)&p->handle, on_poll_closed);
}

static int open_poll(struct zwatch *w, void *socket, struct zwatch_poll **ret_poll)
{
	int fd = -1;
	size_t len = sizeof(fd);
	struct zwatch_poll *p = calloc(1, sizeof(*p));
	if (p == NULL) {
		return SK_ENOMEM;
	}
	if (zmq_getsockopt(socket, ZMQ_FD, &fd, &len) != 0 ||
	    uv_poll_init(w->prepare.loop, &p->handle, fd) != 0) {
		free(p);
		return SK_ESYS;
	}
	p->handle.data = p;
	if (uv_poll_start(&p->handle, UV_READABLE, on_wake) != 0) {
		close_poll(p, NULL);
		return SK_ESYS;
	}
	*ret_poll = p;
	return SK_OK;
}

int zwatch_add(struct zwatch *w, void *socket, zwatch_fn *readable, void *ctx)
{
	if (w->len == ZWATCH_SOCKETS_MAX) {
		return SK_EFULL;
	}
	struct zwatch_socket *s = &w->sockets[w->len];
	int err = open_poll(w, socket, &s->poll);
	if (err != SK_OK) {
		return err;
	}
	s->socket = socket;
	s->readable = readable;
	s->ctx = ctx;
	w->len++;
	return SK_OK;
}

int zwatch_replace(struct zwatch *w, const void *old, void *fresh)
{
	size_t i = 0;
	while (i < w->len && w->sockets[i].socket != old) {
		i++;
	}
	SK_ASSERT(i < w->len);
	struct zwatch_socket *s = &w->sockets[i];
	struct zwatch_poll *poll = NULL;
	int err = open_poll(w, fresh, &poll);
	if (err != SK_OK) {
		return err;
	}
	close_poll(s->poll, s->socket);
	s->socket = fresh;
	s->poll = poll;
	return SK_OK;
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
		close_poll(w->sockets[i].poll, NULL);
	}
	w->len = 0;
}
