/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>
#include <zmq.h>

#include "common/client_private.h"
#include "common/wire.h"
#include "common/zap.h"
#include "common/zwatch.h"

#define CLIENT_TIMEOUT_MS 10000

_Static_assert(CLIENT_SILENT_MS > ZAP_HANDSHAKE_MS, "a handshake that still runs is no silence");

int client_net_open(struct client_net *ret_net)
{
	void *zmq = zmq_ctx_new();
	if (zmq == NULL) {
		return SK_ENOMEM;
	}
	ret_net->zmq = zmq;
	return SK_OK;
}

void client_net_close(struct client_net *net)
{
	if (net->zmq != NULL) {
		(void)zmq_ctx_term(net->zmq);
		net->zmq = NULL;
	}
}

static int copy_text(char *to, size_t cap, const char *from)
{
	int n = snprintf(to, cap, "%s", from != NULL ? from : "");
	return n >= 0 && (size_t)n < cap ? SK_OK : SK_EINVAL;
}

static int copy_line(struct client_line *l, const struct client_conf *conf)
{
	l->curve = conf->curve;
	int bad = copy_text(l->endpoint, sizeof(l->endpoint), conf->endpoint);
	bad |= copy_text(l->party, sizeof(l->party), conf->party);
	bad |= copy_text(l->server_key, sizeof(l->server_key), conf->server_key);
	bad |= copy_text(l->public_key, sizeof(l->public_key), conf->public_key);
	bad |= copy_text(l->secret_key, sizeof(l->secret_key), conf->secret_key);
	return bad == 0 ? SK_OK : SK_EINVAL;
}

static int connect_line(const struct client *c, void **ret_socket)
{
	const struct client_line *l = &c->line;
	struct zap_keys keys = { .party = l->party,
				 .public_key = l->public_key,
				 .secret_key = l->secret_key,
				 .server_key = l->server_key,
				 .curve = l->curve };
	void *socket = zmq_socket(c->zmq, ZMQ_DEALER);
	if (socket == NULL) {
		return SK_ESYS;
	}
	if (zap_connect_options(socket, &keys) != SK_OK || zmq_connect(socket, l->endpoint) != 0) {
		(void)zmq_close(socket);
		return SK_ESYS;
	}
	*ret_socket = socket;
	return SK_OK;
}

static int connect_to(struct client *c, const struct client_conf *conf)
{
	int err = copy_line(&c->line, conf);
	if (err == SK_OK && conf->net == NULL) {
		err = client_net_open(&c->own_net);
	}
	if (err != SK_OK) {
		return err;
	}
	c->zmq = conf->net != NULL ? conf->net->zmq : c->own_net.zmq;
	return connect_line(c, &c->socket);
}

int client_open(const struct client_conf *conf, struct client **ret_c)
{
	struct client *c = calloc(1, sizeof(*c));
	void *block = aligned_alloc(64, CLIENT_FRAME_ARENA_BYTES);
	if (c == NULL || block == NULL || sodium_init() < 0) {
		free(c);
		free(block);
		return SK_ENOMEM;
	}
	arena_init(&c->arena, block, CLIENT_FRAME_ARENA_BYTES);
	c->demo = conf->demo;
	c->timeout_ms = conf->timeout_ms;
	int err = connect_to(c, conf);
	if (err != SK_OK) {
		client_close(c);
		return err;
	}
	*ret_c = c;
	return SK_OK;
}

int client_open_node(const struct conf *conf, struct client_net *net, const char *daemon,
		     const char *party, struct client **ret_c)
{
	char path[CONF_PATH_MAX];
	struct conf_secret *secret = NULL;
	const struct conf_daemon *d = conf_daemon(conf, daemon);
	const struct conf_party *server = conf_party(conf, daemon);
	const struct conf_party *self = conf_party(conf, party);
	if (d == NULL || server == NULL || self == NULL) {
		return SK_ENOENT;
	}
	int err = conf_secret_path(conf, party, path);
	if (err == SK_OK) {
		err = conf_secret_read(path, &secret);
	}
	if (err != SK_OK) {
		return err;
	}
	struct client_conf cc = { .net = net,
				  .endpoint = d->bind,
				  .server_key = server->key,
				  .party = party,
				  .public_key = secret->public_key,
				  .secret_key = secret->secret_key,
				  .curve = conf->curve,
				  .demo = conf->demo,
				  .timeout_ms = CLIENT_TIMEOUT_MS };
	err = strcmp(secret->public_key, self->key) == 0 ? client_open(&cc, ret_c) : SK_ECONF;
	conf_secret_free(secret);
	return err;
}

void client_close(struct client *c)
{
	if (c == NULL) {
		return;
	}
	if (c->socket != NULL) {
		(void)zmq_close(c->socket);
	}
	client_net_close(&c->own_net);
	arena_reset(&c->arena);
	free(c->arena.base);
	sodium_memzero(c, sizeof(*c)); /* it held keys, its buffer messages */
	free(c);
}

void client_set_timeout(struct client *c, uint32_t timeout_ms)
{
	c->timeout_ms = timeout_ms;
}

uint64_t client_time_ms(const struct client *c)
{
	return c->time_ms;
}

/* --- frames --- */

uint64_t client_clock_ms(void)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_BOOTTIME, &t);
	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* False when the deadline passes first. */
static bool wait_for(struct client *c, short events, uint64_t until_ms)
{
	zmq_pollitem_t item = { .socket = c->socket, .events = events };
	for (;;) {
		uint64_t now_ms = client_clock_ms();
		long wait_ms = until_ms > now_ms ? (long)(until_ms - now_ms) : 0;
		int rc = zmq_poll(&item, 1, wait_ms);
		if (rc > 0) {
			return true;
		}
		if (rc == 0 || errno != EINTR) {
			return false;
		}
	}
}

/* A connection that stands may be that of a daemon that is slow: on a new one the answer under way
 * would be lost, and with it that of every question after it. */
static bool is_dead(const struct client *c)
{
	uint64_t now_ms = client_clock_ms();
	if (c->due_ms == 0 || now_ms < c->due_ms || zwatch_is_readable(c->socket)) {
		return false;
	}
	return !zwatch_is_connected(c->socket) || now_ms - c->due_ms >= CLIENT_SLOW_MS;
}

/* A session of the library whose handshake was refused or broken off has ended for good: its socket
 * never connects again and says EAGAIN for ever (libzmq 3519, 4196). */
static void replace_when_dead(struct client *c)
{
	void *fresh = NULL;
	if (!is_dead(c) || connect_line(c, &fresh) != SK_OK) {
		return; /* short of sockets: at the next send */
	}
	(void)zmq_close(c->socket);
	c->socket = fresh;
	c->due_ms = 0;
}

static void expect_some(struct client *c, uint32_t wait_ms)
{
	uint64_t due_ms = client_clock_ms() + wait_ms + CLIENT_SILENT_MS;
	if (c->due_ms == 0 || due_ms < c->due_ms) {
		c->due_ms = due_ms;
	}
}

int client_send(struct client *c, const PB(Frame) *f, uint64_t until_ms)
{
	size_t len = schakel__v1__frame__get_packed_size(f);
	if (len > FRAME_BYTES_MAX) {
		return SK_EINVAL;
	}
	replace_when_dead(c);
	expect_some(c, f->wait_ms);
	(void)schakel__v1__frame__pack(f, c->buf);
	do {
		if (zmq_send(c->socket, c->buf, len, ZMQ_DONTWAIT) >= 0) {
			return SK_OK;
		}
	} while (errno == EINTR || (errno == EAGAIN && wait_for(c, ZMQ_POLLOUT, until_ms)));
	return errno == EAGAIN ? SK_EAGAIN : SK_ESYS;
}

static bool decode_frame(struct client *c, zmq_msg_t *msg, PB(Frame) **ret_f)
{
	struct slice bytes = { zmq_msg_data(msg), zmq_msg_size(msg) };
	struct client_envelope e;
	arena_reset(&c->arena);
	if (bytes.len > FRAME_BYTES_MAX || wire_decode_frame(&c->arena, bytes, ret_f) != SK_OK) {
		return false;
	}
	struct slice message = { (*ret_f)->message.data, (*ret_f)->message.len };
	if (message.len > 0 && client_peek(message, &e)) {
		if (e.time_ms > c->time_ms) {
			c->time_ms = e.time_ms;
			c->seen_ms = client_clock_ms();
		}
		c->time_known = true; /* a new demo node's clock stands at 0 */
	}
	return true;
}

int client_recv(struct client *c, uint64_t until_ms, PB(Frame) **ret_f)
{
	zmq_msg_t msg;
	(void)zmq_msg_init(&msg);
	int err = SK_EAGAIN;
	while (err == SK_EAGAIN && wait_for(c, ZMQ_POLLIN, until_ms)) {
		if (!zwatch_recv(c->socket, &msg)) {
			continue;
		}
		c->due_ms = 0;
		if (zmq_msg_more(&msg) != 0) {
			(void)zwatch_drop_rest(c->socket, &msg);
		} else if (decode_frame(c, &msg, ret_f)) {
			err = SK_OK;
		}
	}
	(void)zmq_msg_close(&msg);
	return err == SK_EAGAIN ? SK_ETIMEDOUT : err;
}

/* --- calls --- */

static int send_message(struct client *c, struct slice message, uint64_t until_ms)
{
	PB(Frame) f = PB_INIT(FRAME);
	f.message = (ProtobufCBinaryData){ message.len, (uint8_t *)(uintptr_t)message.data };
	return client_send(c, &f, until_ms);
}

int client_post(struct client *c, struct slice message)
{
	return send_message(c, message, 0);
}

static int next_answer(struct client *c, uint64_t until_ms, struct slice *ret_message)
{
	PB(Frame) *f = NULL;
	int err = client_recv(c, until_ms, &f);
	while (err == SK_OK && (f->link.len > 0 || f->message.len == 0)) {
		err = client_recv(c, until_ms, &f); /* of a log; a later question brings it again */
	}
	if (err == SK_OK) {
		*ret_message = (struct slice){ f->message.data, f->message.len };
	}
	return err;
}

int client_next(struct client *c, uint32_t wait_ms, struct slice *ret_message)
{
	return next_answer(c, client_clock_ms() + wait_ms, ret_message);
}

static int wait_answer(struct client *c, const uint8_t id[16], uint64_t until_ms,
		       struct slice *ret_answer)
{
	struct client_envelope e = { 0 };
	struct slice m;
	int err = next_answer(c, until_ms, &m);
	while (err == SK_OK && (!client_peek(m, &e) || e.correlation == NULL ||
				memcmp(e.correlation, id, 16) != 0)) {
		err = next_answer(c, until_ms, &m); /* of an earlier try */
	}
	if (err == SK_OK) {
		*ret_answer = m;
	}
	return err;
}

int client_call(struct client *c, struct slice message, struct slice *ret_answer)
{
	struct client_envelope e = { 0 };
	uint64_t now_ms = client_clock_ms();
	uint64_t end_ms = now_ms + c->timeout_ms;
	uint64_t pause_ms = CLIENT_RETRY_FIRST_MS;
	int err = SK_ETIMEDOUT;
	if (!client_peek(message, &e) || e.id == NULL) {
		return SK_EINVAL;
	}
	while (err == SK_ETIMEDOUT && now_ms < end_ms) {
		uint64_t until_ms = now_ms + pause_ms < end_ms ? now_ms + pause_ms : end_ms;
		err = send_message(c, message, until_ms);
		if (err == SK_OK) {
			err = wait_answer(c, e.id, until_ms, ret_answer);
		}
		err = err == SK_EAGAIN ? SK_ETIMEDOUT : err;
		pause_ms *= 2;
		now_ms = client_clock_ms();
	}
	return err;
}

void *client_socket(const struct client *c)
{
	return c->socket;
}

/* --- ids --- */

static uint64_t wall_clock_ms(void)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_REALTIME, &t);
	SK_ASSERT(rc == 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t id_time_ms(const struct client *c)
{
	if (c->demo) {
		return c->time_ms; /* moved by hand: nothing elapses */
	}
	return c->by_journal ? c->time_ms + client_clock_ms() - c->seen_ms : wall_clock_ms();
}

static void make_id(uint64_t time_ms, uint8_t ret_id[16])
{
	uint8_t luck[10];
	randombytes_buf(luck, sizeof(luck));
	wire_id_make(time_ms, luck, ret_id);
}

/* Any answer carries the time; a query's own id may be of any time. */
static int learn_time(struct client *c)
{
	PB(QueryStatus) q = PB_INIT(QUERY_STATUS);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t id[16];
	uint8_t buf[64];
	struct slice answer;
	make_id(wall_clock_ms(), id);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	SK_ASSERT(schakel__v1__message__get_packed_size(&m) <= sizeof(buf));
	struct slice message = { buf, schakel__v1__message__pack(&m, buf) };
	return client_call(c, message, &answer);
}

int client_new_id(struct client *c, uint8_t ret_id[16])
{
	int err = c->demo && !c->time_known ? learn_time(c) : SK_OK;
	if (err == SK_OK) {
		make_id(id_time_ms(c), ret_id);
	}
	return err;
}

static int pack_and_call(struct client *c, const PB(Message) *m, struct slice *ret_answer)
{
	size_t len = schakel__v1__message__get_packed_size(m);
	if (len > sizeof(c->message)) {
		return SK_EINVAL;
	}
	struct slice message = { c->message, schakel__v1__message__pack(m, c->message) };
	return client_call(c, message, ret_answer);
}

static int ask_once(struct client *c, PB(Message) *m, struct arena *a, PB(Message) **ret_answer)
{
	struct wire_fault fault;
	struct slice answer;
	uint8_t *id = m->id.len == 16 ? m->id.data : arena_alloc(a, 16);
	int err = id == NULL ? SK_ENOMEM : SK_OK;
	if (err == SK_OK && m->id.len != 16) {
		err = client_new_id(c, id);
		m->id = (ProtobufCBinaryData){ 16, id };
	}
	if (err != SK_OK) {
		m->id = (ProtobufCBinaryData){ 0 };
		return err;
	}
	if (m->time_ms == 0) {
		m->time_ms = id_time_ms(c);
	}
	err = pack_and_call(c, m, &answer);
	return err == SK_OK ? wire_decode(a, answer, WIRE_TOLERANT, ret_answer, &fault) : err;
}

static bool refused_for_its_time(const PB(Message) *answer)
{
	return answer->body_case == BODY(RECEIPT) &&
	       (answer->receipt->code == SCHAKEL__V1__REFUSAL__REFUSAL_ID_IN_FUTURE ||
		answer->receipt->code == SCHAKEL__V1__REFUSAL__REFUSAL_ID_TOO_OLD);
}

int client_ask(struct client *c, PB(Message) *m, struct arena *a, PB(Message) **ret_answer)
{
	bool ours = m->id.len != 16;
	int err = ask_once(c, m, a, ret_answer);
	/* The node's time lies far from our clock (it was down, or one of them was put wrong), and
	 * the answer has told it. Nothing was done, so another id is the same question. */
	if (err == SK_OK && ours && refused_for_its_time(*ret_answer)) {
		c->by_journal = true;
		m->id = (ProtobufCBinaryData){ 0 };
		err = ask_once(c, m, a, ret_answer);
	}
	return err;
}
