/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the HTTP side shares with itself: a connection, a request. */
#include <stdarg.h>

#include <microhttpd.h>

#include "services/gateway/gate.h"

/** A connection, for the time that a request may take to arrive. */
struct conn {
	int fd;
	uint64_t since_ms; /* since when it should send a request */
	uint64_t grace_ms; /* more time, for the body */
	bool serving;      /* a request is being worked on, or a stream runs */
	struct conn *next, *prev;
};

enum req_state { REQ_NEW, REQ_READING, REQ_WORKING, REQ_READY, REQ_ANSWERED };

struct req {
	struct web web;
	struct http *http;
	struct MHD_Connection *connection; /* NULL: it is gone */
	const struct route *route;
	enum req_state state;
	bool too_large;
	bool counted; /* among those that are owed an answer */
	char *body;
	size_t body_cap;
	size_t body_max;
	size_t header_bytes;
	uint64_t begun_ms; /* of the loop */
	uv_work_t work;
};

struct http {
	struct gate *gate;
	uv_loop_t *loop;
	struct MHD_Daemon *daemon;
	const struct route *const *routes;
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t idle;
	unsigned at_once; /* turns in a row that the library wanted at once */
	uv_timer_t sweep;
	bool poll_open;
	bool draining;
	int open_handles;
	struct conn *conns;
	unsigned owed; /* requests that a worker has, or whose answer is not sent yet */
	struct http_status status;
};

/** Lets the library work on what is ready. */
void http_turn(struct http *h);
void http_turn_soon(struct http *h);
void http_on_timer(uv_timer_t *timer);
void http_on_idle(uv_idle_t *idle);
/* Told by the library and the loop. */
void http_on_connection(void *cls, struct MHD_Connection *c, void **io_ctx,
			enum MHD_ConnectionNotificationCode code);
void http_on_completed(void *cls, struct MHD_Connection *c, void **io_ctx,
		       enum MHD_RequestTerminationCode code);
enum MHD_Result http_on_request(void *cls, struct MHD_Connection *c, const char *url,
				const char *method, const char *version, const char *data,
				size_t *io_len, void **io_ctx);
void http_on_sweep(uv_timer_t *timer);
void http_on_readable(uv_poll_t *poll, int status, int events);
/** Queues the answer that stands in the request. */
enum MHD_Result http_answer(struct req *r);
void http_log(void *cls, const char *fmt, va_list args);

/* --- web.c, for http.c --- */

SK_CHECKED int web_begin(struct web *w, struct gate *g, struct MHD_Connection *c);
void web_done(struct web *w);
/** Finds the route and its parameters, and the form of the face. @return NULL: 404 or 405 is
 *  answered. */
const struct route *web_route(struct web *w, const struct route *const *tables);
/** Runs the handler, in a worker. */
void web_run(struct web *w, const struct route *r);
/** The problem that stands as the answer, in the form of its face. */
void web_in_form(struct web *w);
void web_busy(struct web *w);
void web_too_large(struct web *w, bool header);
