/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/reader.h"

#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "common/zwatch.h"

#define OPEN_MS 10000

static int ask(struct reader *r, uint32_t credit, uint32_t wait_ms)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t link[128];
	uint8_t buf[256];

	l.source = (char *)(uintptr_t)r->source;
	l.destination = (char *)(uintptr_t)EVENTS_LOG;
	l.incarnation = r->incarnation;
	l.nonce = r->nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, link), link };
	f.after = r->after;
	f.credit = credit;
	f.wait_ms = wait_ms;
	size_t len = schakel__v1__frame__pack(&f, buf);
	r->credit_left = credit;
	return zmq_send(r->socket, buf, len, 0) < 0 ? SK_ESYS : SK_OK;
}

static int take_mark(struct reader *r, const PB(Frame) *f, const PB(Link) *l)
{
	bool known = l->incarnation == r->incarnation && l->nonce == r->nonce;

	r->incarnation = l->incarnation;
	r->nonce = l->nonce;
	r->last = f->after;
	return known && r->after < f->after && f->oldest > r->after + 1 ? SK_ENOENT : SK_OK;
}

/* @return 1 for an entry, 0 for a mark. */
static int take_frame(struct reader *r, struct slice bytes, reader_fn *fn, void *ctx)
{
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, bytes.len, bytes.data);
	PB(Link) *l = f == NULL ? NULL : schakel__v1__link__unpack(NULL, f->link.len, f->link.data);
	int rc = l == NULL ? SK_EPROTO : 0;

	if (rc == 0 && f->message.len == 0) {
		rc = take_mark(r, f, l);
		r->credit_left = 0; /* the question is over */
	} else if (rc == 0 && l->sequence == r->after + 1) {
		r->after = l->sequence;
		r->credit_left -= r->credit_left > 0;
		if (fn != NULL) {
			fn(ctx, (struct slice){ f->message.data, f->message.len });
		}
		rc = 1;
	}
	if (l != NULL) {
		schakel__v1__link__free_unpacked(l, NULL);
	}
	if (f != NULL) {
		schakel__v1__frame__free_unpacked(f, NULL);
	}
	return rc;
}

int reader_pump(struct reader *r, reader_fn *fn, void *ctx)
{
	zmq_msg_t msg;
	int entries = 0;
	int rc = 0;

	(void)zmq_msg_init(&msg);
	while (rc >= 0 && zwatch_recv(r->socket, &msg)) {
		struct slice bytes = { zmq_msg_data(&msg), zmq_msg_size(&msg) };
		rc = take_frame(r, bytes, fn, ctx);
		entries += rc > 0;
		if (rc >= 0 && r->credit_left <= LOG_CREDIT_MAX / 2) {
			rc = ask(r, LOG_CREDIT_MAX, LOG_WAIT_MS_MAX);
		}
	}
	(void)zmq_msg_close(&msg);
	return rc < 0 ? rc : entries;
}

int reader_start(struct reader *r, uint64_t after)
{
	r->after = after;
	return ask(r, LOG_CREDIT_MAX, LOG_WAIT_MS_MAX);
}

int reader_open(struct reader *r, const struct zside *side, const char *source)
{
	zmq_msg_t msg;
	size_t len = sizeof(r->fd);

	*r = (struct reader){ .source = source, .socket = zside_dealer(side) };
	if (r->socket == NULL || zmq_getsockopt(r->socket, ZMQ_FD, &r->fd, &len) != 0) {
		return SK_ESYS;
	}
	/* A question without an incarnation is answered by a mark at once. */
	int err = ask(r, 1, 0);
	(void)zmq_msg_init(&msg);
	if (err == SK_OK && !zside_wait(r->socket, OPEN_MS, &msg)) {
		err = SK_ETIMEDOUT;
	}
	if (err == SK_OK) {
		struct slice bytes = { zmq_msg_data(&msg), zmq_msg_size(&msg) };
		int rc = take_frame(r, bytes, NULL, NULL);
		err = rc < 0 ? rc : SK_OK;
	}
	(void)zmq_msg_close(&msg);
	return err;
}

void reader_close(struct reader *r)
{
	if (r->socket != NULL) {
		(void)zmq_close(r->socket);
		r->socket = NULL;
	}
}
