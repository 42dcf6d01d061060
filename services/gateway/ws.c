/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/ws.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/evp.h>

#include "services/gateway/session.h"
#include "services/gateway/ws_private.h"

#define KEY_LEN 24 /* of Sec-WebSocket-Key */
#define GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define PROTOCOL "cloudevents.json"
#define EVENTS_AT_ONCE 64
#define SILENT_MAX 2
#define QUEUED_MAX 256 /* messages; who does not read them is not read either */

/* --- bytes --- */

static bool is_full(const struct ws *s)
{
	return wslay_event_get_queued_msg_count(s->ctx) >= QUEUED_MAX;
}

static ssize_t on_recv(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags, void *user)
{
	struct ws *s = user;

	(void)flags;
	if (is_full(s)) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	ssize_t n = recv(s->fd, buf, len, 0);
	if (n > 0) {
		return n;
	}
	bool wait = n < 0 && (errno == EAGAIN || errno == EINTR);
	wslay_event_set_error(ctx, wait ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t on_send(wslay_event_context_ptr ctx, const uint8_t *data, size_t len, int flags,
		       void *user)
{
	struct ws *s = user;
	ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL);

	(void)flags;
	if (n >= 0) {
		return n;
	}
	bool wait = errno == EAGAIN || errno == EINTR;
	wslay_event_set_error(ctx, wait ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static void on_message(wslay_event_context_ptr ctx, const struct wslay_event_on_msg_recv_arg *arg,
		       void *user)
{
	struct ws *s = user;

	(void)ctx;
	s->silent = 0;
	if (arg->opcode == WSLAY_TEXT_FRAME && !s->closing) {
		ws_act(s, (struct slice){ arg->msg, arg->msg_length });
	} else if (arg->opcode == WSLAY_BINARY_FRAME) {
		(void)wslay_event_queue_close(s->ctx, 1003, NULL, 0);
	}
}

/* --- the connection --- */

void ws_put(struct ws *s)
{
	if (!s->gone || s->acts > 0) {
		return;
	}
	wslay_event_context_free(s->ctx);
	free(s->session);
	free(s);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct ws *s = handle->data;

	s->gone = true;
	ws_put(s);
}

static void end(struct ws *s)
{
	if (s->urh == NULL) {
		return;
	}
	if (s->next != NULL) {
		s->next->prev = s->prev;
	}
	if (s->prev != NULL) {
		s->prev->next = s->next;
	} else {
		s->gate->sockets = s->next;
	}
	s->closing = true;
	(void)uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_poll_closed);
	(void)MHD_upgrade_action(s->urh, MHD_UPGRADE_ACTION_CLOSE);
	s->urh = NULL;
	http_count_stream(s->gate->http, -1);
}

static bool add_events(struct ws *s, unsigned *io_look);
static void on_ready(uv_poll_t *poll, int status, int events);

/* Sends what waits, takes more events as long as they go out, and says what to wait for. */
static void pump(struct ws *s)
{
	unsigned look = FEED_LOOK;
	bool good = true;

	if (s->urh == NULL) {
		return; /* it ended while a message of it was answered */
	}
	do {
		good = wslay_event_send(s->ctx) == 0;
	} while (good && !wslay_event_want_write(s->ctx) && !s->closing && add_events(s, &look));
	if (!good || (!wslay_event_want_read(s->ctx) && !wslay_event_want_write(s->ctx))) {
		end(s);
		return;
	}
	int want = (wslay_event_want_read(s->ctx) && !is_full(s) ? UV_READABLE : 0) |
		   (wslay_event_want_write(s->ctx) ? UV_WRITABLE : 0);
	(void)uv_poll_start(&s->poll, want, on_ready);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	struct ws *s = poll->data;

	if (status < 0 || ((events & UV_READABLE) != 0 && wslay_event_recv(s->ctx) != 0)) {
		end(s);
		return;
	}
	pump(s);
}

void ws_send_text(struct ws *s, const char *text)
{
	struct wslay_event_msg m = { WSLAY_TEXT_FRAME, (const uint8_t *)text, strlen(text) };

	if (s->urh != NULL && wslay_event_queue_msg(s->ctx, &m) == 0) {
		pump(s);
	}
}

/* The envelope with the place at its end. */
static bool queue_event(struct ws *s, const struct feed_out *out)
{
	size_t len = strlen(out->json);
	size_t cap = len + FEED_PLACE_MAX + 16;
	char *text = malloc(cap);

	if (text == NULL) {
		return false;
	}
	int n = snprintf(text, cap, "%.*s,\"place\":\"%s\"}", (int)len - 1, out->json, out->place);
	struct wslay_event_msg m = { WSLAY_TEXT_FRAME, (const uint8_t *)text, (size_t)n };
	bool good = wslay_event_queue_msg(s->ctx, &m) == 0;
	free(text);
	return good;
}

static bool add_events(struct ws *s, unsigned *io_look)
{
	struct feed_out out;
	unsigned n = 0;
	int got = 1;

	while (got != 0 && got != FEED_MORE && n < EVENTS_AT_ONCE) {
		got = feed_next(s->gate->feed, &s->who, &s->place, io_look, &out);
		if (got < 0) {
			static const char reset[] = "{\"type\":\"be.jeugdhulp.stream.reset.v1\"}";
			struct wslay_event_msg m = { WSLAY_TEXT_FRAME, (const uint8_t *)reset,
						     sizeof(reset) - 1 };
			(void)wslay_event_queue_msg(s->ctx, &m);
		}
		n += got == 1 && queue_event(s, &out);
	}
	if (got == FEED_MORE) {
		feed_wake(s->gate->feed); /* on in the next turn, after the others */
	}
	return n > 0;
}

void ws_wake(struct gate *g)
{
	for (struct ws *s = g->sockets; s != NULL;) {
		struct ws *next = s->next;
		if (!wslay_event_want_write(s->ctx)) {
			pump(s);
		}
		s = next;
	}
}

/* @return false: who opened it is not signed in any more; it closes. */
static bool is_still(struct ws *s)
{
	if (session_still(s->gate, s->session, &s->who.roles)) {
		return true;
	}
	s->closing = true;
	(void)wslay_event_queue_close(s->ctx, 1008, NULL, 0);
	pump(s);
	return false;
}

void ws_judge(struct gate *g)
{
	for (struct ws *s = g->sockets; s != NULL;) {
		struct ws *next = s->next;
		(void)is_still(s);
		s = next;
	}
}

void ws_tick(struct gate *g)
{
	for (struct ws *s = g->sockets; s != NULL;) {
		struct ws *next = s->next;
		struct wslay_event_msg ping = { WSLAY_PING, NULL, 0 };
		if (s->silent++ >= SILENT_MAX) {
			end(s);
		} else if (is_still(s) && wslay_event_queue_msg(s->ctx, &ping) == 0) {
			pump(s);
		}
		s = next;
	}
}

void ws_close_all(struct gate *g)
{
	for (struct ws *s = g->sockets; s != NULL;) {
		struct ws *next = s->next;
		(void)wslay_event_queue_close(s->ctx, 1001, NULL, 0);
		(void)wslay_event_send(s->ctx);
		end(s);
		s = next;
	}
}

/* --- the handshake --- */

static void on_upgrade(void *cls, struct MHD_Connection *c, void *con_cls, const char *extra,
		       size_t extra_len, MHD_socket fd, struct MHD_UpgradeResponseHandle *urh)
{
	static const struct wslay_event_callbacks calls = { .recv_callback = on_recv,
							    .send_callback = on_send,
							    .on_msg_recv_callback = on_message };
	struct ws *s = cls;

	(void)c;
	(void)con_cls;
	(void)extra;
	s->urh = urh;
	s->fd = fd;
	int flags = fcntl(fd, F_GETFL);
	/* A client waits for the 101 before it sends; one that does not is not served. */
	bool good = extra_len == 0 && flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
		    wslay_event_context_server_init(&s->ctx, &calls, s) == 0 &&
		    uv_poll_init(&s->gate->loop, &s->poll, fd) == 0;
	if (!good) {
		(void)MHD_upgrade_action(urh, MHD_UPGRADE_ACTION_CLOSE);
		wslay_event_context_free(s->ctx);
		free(s->session);
		free(s);
		return;
	}
	s->poll.data = s;
	wslay_event_config_set_max_recv_msg_length(s->ctx, WEB_BODY_BYTES_MAX);
	s->next = s->gate->sockets;
	if (s->next != NULL) {
		s->next->prev = s;
	}
	s->gate->sockets = s;
	http_count_stream(s->gate->http, 1);
	pump(s);
}

static bool accept_key(const char *key, char ret_accept[64])
{
	char text[KEY_LEN + sizeof(GUID)];
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (key == NULL || strlen(key) != KEY_LEN) {
		return false;
	}
	(void)snprintf(text, sizeof(text), "%s" GUID, key);
	if (EVP_Digest(text, strlen(text), sum, &len, EVP_sha1(), NULL) != 1) {
		return false;
	}
	return EVP_EncodeBlock((unsigned char *)ret_accept, sum, (int)len) > 0;
}

/* A page of another site has the visitor's cookies: it may not connect with them. By a token: no
 * page has that by itself. */
static bool may_connect(struct web *w)
{
	return w->session == NULL || (web_header(w, "Origin") != NULL && session_same_site(w));
}

static void on_plain(struct web *w)
{
	static const struct problem p = { 426, "UPGRADE", NULL,
					  "dit adres is voor WebSocket (versie 13, zelfde site)",
					  "this address is for WebSocket (version 13, same site)" };

	web_head(w, "Upgrade", "websocket");
	web_problem(w, &p);
}

static struct ws *ws_new(struct web *w)
{
	struct ws *s = calloc(1, sizeof(*s));
	const char *after = web_query(w, "after");

	if (s == NULL) {
		return NULL;
	}
	s->gate = w->gate;
	s->who = w->who;
	s->lang = w->lang;
	s->session = session_keep(w);
	if (s->session == NULL) {
		free(s);
		return NULL;
	}
	if (after == NULL || !feed_place_read(after, &s->place)) {
		feed_now(w->gate->feed, &s->place);
	}
	return s;
}

static bool on_open(struct web *w, struct MHD_Connection *c, int *ret_queued)
{
	const char *upgrade = web_header(w, "Upgrade");
	const char *version = web_header(w, "Sec-WebSocket-Version");
	const char *wanted = web_header(w, "Sec-WebSocket-Protocol");
	char accept[64];
	struct http_status status;

	http_status(w->gate->http, &status);
	if (upgrade == NULL || strcasecmp(upgrade, "websocket") != 0 || version == NULL ||
	    strcmp(version, "13") != 0 || !may_connect(w) || atomic_load(&w->gate->draining) ||
	    status.streams >= w->conf->gateway.streams ||
	    !accept_key(web_header(w, "Sec-WebSocket-Key"), accept)) {
		return false;
	}
	struct ws *s = ws_new(w);
	struct MHD_Response *res = s == NULL ? NULL :
					       MHD_create_response_for_upgrade(on_upgrade, s);
	if (res == NULL) {
		if (s != NULL) {
			free(s->session);
		}
		free(s);
		return false;
	}
	(void)MHD_add_response_header(res, "Upgrade", "websocket");
	(void)MHD_add_response_header(res, "Sec-WebSocket-Accept", accept);
	if (wanted != NULL && strstr(wanted, PROTOCOL) != NULL) {
		(void)MHD_add_response_header(res, "Sec-WebSocket-Protocol", PROTOCOL);
	}
	*ret_queued = (int)MHD_queue_response(c, MHD_HTTP_SWITCHING_PROTOCOLS, res);
	MHD_destroy_response(res);
	return true;
}

const struct route ws_routes[] = {
	{ "GET", "/ws", WEB_SIGNED_IN, on_plain, NULL, 0, on_open, NULL },
	{ 0 },
};
