/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/http.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

#include "common/textfile.h"
#include "services/gateway/access.h"
#include "services/gateway/gate.h"
#include "services/gateway/http_private.h"
#include "services/gateway/session.h"

#define BODY_FIRST_BYTES 4096
#define AT_ONCE_MAX 256
#define AT_ONCE_PAUSE_MS 5

/* --- connections: told of by the library as they come and go --- */

void http_on_connection(void *cls, struct MHD_Connection *c, void **io_ctx,
			enum MHD_ConnectionNotificationCode code)
{
	struct http *h = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info =
			MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
		struct conn *conn = calloc(1, sizeof(*conn));
		*io_ctx = conn;
		h->status.connections++;
		if (conn == NULL || info == NULL) {
			return;
		}
		conn->fd = info->connect_fd;
		conn->since_ms = uv_now(h->loop);
		conn->next = h->conns;
		if (h->conns != NULL) {
			h->conns->prev = conn;
		}
		h->conns = conn;
		return;
	}
	struct conn *conn = *io_ctx;
	h->status.connections--;
	if (conn == NULL) {
		return;
	}
	if (conn->next != NULL) {
		conn->next->prev = conn->prev;
	}
	if (conn->prev != NULL) {
		conn->prev->next = conn->next;
	} else if (h->conns == conn) {
		h->conns = conn->next;
	}
	free(conn);
}

static struct conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info == NULL ? NULL : info->socket_context;
}

/* Who sends a byte now and then keeps a place for ever: each request has its time to arrive. */
void http_on_sweep(uv_timer_t *timer)
{
	struct http *h = timer->data;
	uint64_t now_ms = uv_now(h->loop);

	for (struct conn *c = h->conns; c != NULL; c = c->next) {
		if (!c->serving && now_ms - c->since_ms > c->grace_ms + HTTP_ARRIVE_MS) {
			h->status.late++;
			c->serving = true; /* once */
			(void)shutdown(c->fd, SHUT_RDWR);
		}
	}
	http_turn(h);
}

/* --- a request --- */

static void req_free(struct req *r)
{
	r->http->owed -= r->counted;
	if (r->begun_ms > 0) {
		access_log(&r->web, r->route, uv_now(r->http->loop) - r->begun_ms);
	}
	free(r->body);
	web_done(&r->web);
	free(r);
}

void http_on_completed(void *cls, struct MHD_Connection *c, void **io_ctx,
		       enum MHD_RequestTerminationCode code)
{
	struct http *h = cls;
	struct req *r = *io_ctx;
	struct conn *conn = conn_of(c);

	(void)code;
	*io_ctx = NULL;
	if (conn != NULL) {
		conn->serving = false;
		conn->grace_ms = 0;
		conn->since_ms = uv_now(h->loop);
	}
	if (r == NULL) {
		return;
	}
	r->connection = NULL;
	if (r->state != REQ_WORKING) {
		req_free(r); /* else its worker still has it */
	}
}

static enum MHD_Result add_header_len(void *cls, enum MHD_ValueKind kind, const char *key,
				      const char *value)
{
	size_t *len = cls;

	(void)kind;
	*len += strlen(key) + (value != NULL ? strlen(value) : 0) + 4;
	return MHD_YES;
}

static struct req *req_new(struct http *h, struct MHD_Connection *c, const char *url,
			   const char *method)
{
	struct req *r = calloc(1, sizeof(*r));
	size_t len = strlen(url);

	if (r == NULL || web_begin(&r->web, h->gate, c) != SK_OK) {
		free(r);
		return NULL;
	}
	r->http = h;
	r->connection = c;
	r->body_max = WEB_BODY_BYTES_MAX;
	r->web.method = arena_strdup(&r->web.arena, method);
	r->web.path = arena_strdup(&r->web.arena, url);
	(void)MHD_get_connection_values(c, MHD_HEADER_KIND, add_header_len, &len);
	(void)MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_header_len, &len);
	r->header_bytes = len;
	if (r->web.method == NULL || r->web.path == NULL) {
		req_free(r);
		return NULL;
	}
	return r;
}

/* Who sends too much reads no answer before all is sent: so many times the most is thrown away
 * unread, and what is beyond that costs the connection. */
#define TOO_LARGE_READ 16

static bool take_body(struct req *r, const char *data, size_t len)
{
	if (len > r->body_max - r->web.body.len) {
		return false;
	}
	if (r->web.body.len + len > r->body_cap) {
		size_t cap = r->body_cap == 0 ? BODY_FIRST_BYTES : r->body_cap;
		while (cap < r->web.body.len + len) {
			cap *= 2;
		}
		char *more = realloc(r->body, cap);
		if (more == NULL) {
			return false;
		}
		r->body = more;
		r->body_cap = cap;
	}
	memcpy(r->body + r->web.body.len, data, len);
	r->web.body = (struct slice){ r->body, r->web.body.len + len };
	return true;
}

/* --- answers --- */

static void add_heads(struct MHD_Response *res, const struct web *w)
{
	static const struct web_head always[] = {
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action "
					     "'self'; "
					     "frame-ancestors 'none'" },
	};
	bool cached = false;

	for (size_t i = 0; i < SK_LEN(always); i++) {
		(void)MHD_add_response_header(res, always[i].name, always[i].value);
	}
	if (w->answer.type != NULL) {
		(void)MHD_add_response_header(res, "Content-Type", w->answer.type);
	}
	for (size_t i = 0; i < w->answer.heads_len; i++) {
		const struct web_head *head = &w->answer.head[i];
		cached |= strcasecmp(head->name, "Cache-Control") == 0;
		(void)MHD_add_response_header(res, head->name, head->value);
	}
	if (!cached) {
		(void)MHD_add_response_header(res, "Cache-Control", "no-store");
	}
}

enum MHD_Result http_answer(struct req *r)
{
	struct web_answer *a = &r->web.answer;
	enum MHD_ResponseMemoryMode mode = a->owned != NULL ? MHD_RESPMEM_MUST_FREE :
					   a->fixed         ? MHD_RESPMEM_PERSISTENT :
							      MHD_RESPMEM_MUST_COPY;
	struct MHD_Response *res =
		MHD_create_response_from_buffer(a->body.len, (void *)(uintptr_t)a->body.data, mode);

	if (res == NULL) {
		return MHD_NO;
	}
	a->owned = NULL; /* the response's now */
	add_heads(res, &r->web);
	r->http->status.refused += a->status >= 400;
	enum MHD_Result rc = MHD_queue_response(r->connection, a->status, res);
	MHD_destroy_response(res);
	r->state = REQ_ANSWERED;
	return rc;
}

/* --- workers --- */

static void on_work(uv_work_t *work)
{
	struct req *r = work->data;

	web_run(&r->web, r->route);
}

static void on_worked(uv_work_t *work, int status)
{
	struct req *r = work->data;
	struct http *h = r->http;

	(void)status;
	h->status.working--;
	r->state = REQ_READY;
	if (r->connection == NULL) {
		req_free(r);
		return;
	}
	MHD_resume_connection(r->connection);
	http_turn_soon(h);
}

/* Not by the handler: in the form of the face all the same. */
static enum MHD_Result refused(struct req *r)
{
	web_in_form(&r->web);
	return http_answer(r);
}

static enum MHD_Result dispatch(struct req *r)
{
	struct http *h = r->http;

	if (r->route->stream != NULL) {
		int queued = MHD_NO;
		if (r->route->stream(&r->web, r->connection, &queued)) {
			r->state = REQ_ANSWERED;
			r->web.answer.status = 200; /* for the log */
			return queued == MHD_YES ? MHD_YES : MHD_NO;
		}
	}
	if (h->status.working >= HTTP_WORKING_MAX) {
		web_busy(&r->web);
		return refused(r);
	}
	r->work.data = r;
	r->state = REQ_WORKING;
	MHD_suspend_connection(r->connection);
	h->status.working++;
	h->owed++;
	r->counted = true;
	if (uv_queue_work(h->loop, &r->work, on_work, on_worked) != 0) {
		h->status.working--;
		r->state = REQ_READY;
		MHD_resume_connection(r->connection);
	}
	return MHD_YES;
}

static enum MHD_Result look_at_text(void *cls, enum MHD_ValueKind kind, const char *key,
				    const char *value)
{
	bool *good = cls;
	const char *v = value != NULL ? value : "";
	unsigned line = 0;

	(void)kind;
	*good = *good && infile_is_text((struct slice){ key, strlen(key) }, &line) &&
		infile_is_text((struct slice){ v, strlen(v) }, &line);
	return MHD_YES;
}

/* What is no text would not come into a question to a daemon, and the question be another one. */
static bool is_text(struct req *r)
{
	static const struct problem bad = { 400, "MALFORMED", NULL,
					    "het adres is geen tekst in UTF-8; kijk de tekens met "
					    "een % na",
					    "the address is no UTF-8 text; look at the characters "
					    "with a %" };
	bool good = true;

	(void)look_at_text(&good, MHD_HEADER_KIND, r->web.path, NULL);
	(void)MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, look_at_text, &good);
	if (!good) {
		web_problem(&r->web, &bad);
	}
	return good;
}

/* What the header alone decides: whether it is too long, where it goes, who asks and may. */
static enum MHD_Result begin(struct req *r)
{
	struct conn *conn = conn_of(r->connection);

	r->http->status.requests++;
	r->begun_ms = uv_now(r->http->loop);
	if (conn != NULL) {
		conn->grace_ms = r->body_max / 8; /* 8 bytes a millisecond at least */
	}
	r->route =
		web_route(&r->web, r->http->routes); /* first: it knows in which form to refuse */
	if (r->header_bytes > HTTP_HEADER_BYTES_MAX) {
		web_too_large(&r->web, true);
		return refused(r);
	}
	if (!is_text(r) || r->route == NULL) {
		return refused(r);
	}
	if (r->route->body_max > 0) {
		r->body_max = r->route->body_max;
	}
	if (!session_admit(&r->web, r->route)) {
		return refused(r);
	}
	const char *len =
		MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Content-Length");
	if (conn != NULL) {
		conn->grace_ms = r->body_max / 8;
	}
	uint64_t bytes = len == NULL ? 0 : strtoull(len, NULL, 10);
	bool asks = MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, "Expect") != NULL;
	r->too_large = bytes > r->body_max;
	if (r->too_large && (asks || bytes / TOO_LARGE_READ > r->body_max)) {
		web_too_large(&r->web, false);
		return refused(r);
	}
	r->state = REQ_READING;
	return MHD_YES;
}

enum MHD_Result http_on_request(void *cls, struct MHD_Connection *c, const char *url,
				const char *method, const char *version, const char *data,
				size_t *io_len, void **io_ctx)
{
	struct http *h = cls;
	struct req *r = *io_ctx;

	(void)version;
	if (r == NULL) {
		r = req_new(h, c, url, method);
		*io_ctx = r;
		return r == NULL ? MHD_NO : begin(r);
	}
	if (r->state == REQ_READING && *io_len > 0) {
		if (!r->too_large && !take_body(r, data, *io_len)) {
			r->too_large = true;
		}
		*io_len = 0;
		return MHD_YES;
	}
	if (*io_len > 0) {
		*io_len = 0; /* of a request that was answered already */
		return MHD_YES;
	}
	if (r->state == REQ_READY) {
		return http_answer(r);
	}
	if (r->state != REQ_READING) {
		return MHD_YES;
	}
	struct conn *conn = conn_of(c);
	if (conn != NULL) {
		conn->serving = true;
	}
	if (r->too_large) {
		web_too_large(&r->web, false);
		return refused(r);
	}
	return dispatch(r);
}

/* --- the loop --- */

/* A timer of no time, set in its own callback, never lets the loop go on; an idle handle does. A
 * connection with which the library cannot go on wants a turn at once for ever: it gets one now and
 * then, until its time is over. */
static void set_timer(struct http *h)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;
	bool any = MHD_get_timeout(h->daemon, &wait_ms) == MHD_YES;

	h->at_once = any && wait_ms == 0 ? h->at_once + 1 : 0;
	(void)uv_idle_stop(&h->idle);
	if (h->at_once > 0 && h->at_once <= AT_ONCE_MAX) {
		http_turn_soon(h);
	} else if (any) {
		wait_ms = wait_ms == 0 ? AT_ONCE_PAUSE_MS : wait_ms;
		(void)uv_timer_start(&h->timer, http_on_timer, wait_ms, 0);
	} else {
		(void)uv_timer_stop(&h->timer);
	}
}

void http_turn(struct http *h)
{
	if (h->daemon != NULL) {
		(void)MHD_run(h->daemon);
		set_timer(h);
	}
}

void http_on_timer(uv_timer_t *timer)
{
	http_turn(timer->data);
}

void http_turn_soon(struct http *h)
{
	(void)uv_idle_start(&h->idle, http_on_idle);
}

void http_on_idle(uv_idle_t *idle)
{
	http_turn(idle->data);
}

void http_on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	http_turn(poll->data);
}

void http_resume(struct http *h, struct MHD_Connection *c)
{
	MHD_resume_connection(c);
	http_turn_soon(h);
}

void http_count_stream(struct http *h, int by)
{
	h->status.streams += (unsigned)by;
}
