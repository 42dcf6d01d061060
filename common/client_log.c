/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "common/client_private.h"
#include "common/wire.h"

#define LATE_MS 500 /* behind the wait: then the question is taken for lost */

enum log_step {
	LOG_GO_ON,
	LOG_ASK_AGAIN, /* the place was corrected, or an entry was lost on the way */
	LOG_END,
};

struct log_read {
	struct client *c;
	struct client_log *log;
	const struct client_read *read;
	uint32_t entries;
	bool missed;
	int err;
};

static int ask(struct log_read *r, uint64_t until_ms)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t buf[128];
	l.destination = r->log->log;
	l.incarnation = r->log->incarnation;
	l.nonce = r->log->nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	f.after = r->log->after;
	f.credit = r->read->credit - r->entries;
	f.wait_ms = r->read->wait_ms;
	f.question = ++r->c->question;
	return client_send(r->c, &f, until_ms);
}

static enum log_step end_with(struct log_read *r, int err)
{
	r->err = err;
	return LOG_END;
}

/* Another incarnation, or a log shorter than what was read: a new beginning. */
static enum log_step begin_anew(struct log_read *r, const PB(Frame) *f, const PB(Link) *l)
{
	bool first = r->log->incarnation == 0;
	r->log->incarnation = l->incarnation;
	r->log->nonce = l->nonce;
	r->log->last = f->after;
	r->log->oldest = f->oldest;
	r->log->after = f->oldest > 0 ? f->oldest - 1 : 0;
	return first ? LOG_ASK_AGAIN : end_with(r, SK_EFOREIGN);
}

static enum log_step take_mark(struct log_read *r, const PB(Frame) *f, const PB(Link) *l)
{
	if (l->refused) {
		return end_with(r, SK_EAUTH);
	}
	if (f->question != 0 && f->question != r->c->question) {
		return LOG_GO_ON; /* of an earlier question: says nothing of what came since; 0: of
				     a daemon one version behind, which does not say */
	}
	bool same = l->incarnation == r->log->incarnation && l->nonce == r->log->nonce;
	if (!same || f->after < r->log->after) {
		return begin_anew(r, f, l);
	}
	r->log->last = f->after;
	r->log->oldest = f->oldest;
	if (r->log->after + 1 < f->oldest) {
		r->log->after = f->oldest - 1;
		r->missed = true;
		return LOG_ASK_AGAIN;
	}
	return end_with(r, SK_OK);
}

static enum log_step take_entry(struct log_read *r, const PB(Frame) *f, const PB(Link) *l)
{
	if (l->incarnation != r->log->incarnation || l->nonce != r->log->nonce ||
	    l->sequence <= r->log->after) {
		return LOG_GO_ON; /* of an earlier question */
	}
	if (l->sequence != r->log->after + 1) {
		return LOG_ASK_AGAIN;
	}
	struct client_entry entry = { .sequence = l->sequence,
				      .missed = r->missed,
				      .message = { f->message.data, f->message.len } };
	int err = r->read->entry(r->read->ctx, &entry);
	if (err != SK_OK) {
		return end_with(r, err);
	}
	r->missed = false;
	r->log->after = l->sequence;
	r->log->last = l->sequence > r->log->last ? l->sequence : r->log->last;
	r->entries++;
	return r->entries == r->read->credit ? end_with(r, SK_OK) : LOG_GO_ON;
}

static enum log_step take_frame(struct log_read *r, const PB(Frame) *f)
{
	PB(Link) *l = NULL;
	if (f->link.len == 0 || wire_decode_link(&r->c->arena, f->link, &l) != SK_OK ||
	    strcmp(l->destination, r->log->log) != 0) {
		return LOG_GO_ON; /* an answer of an earlier call, or another log */
	}
	return f->message.len == 0 ? take_mark(r, f, l) : take_entry(r, f, l);
}

/* Listens to one question. When entries have come and nothing stands ready, that is all for now. */
static enum log_step listen_once(struct log_read *r, uint64_t until_ms)
{
	enum log_step step = LOG_GO_ON;
	while (step == LOG_GO_ON) {
		PB(Frame) *f = NULL;
		int err = client_recv(r->c, r->entries > 0 ? 0 : until_ms, &f);
		if (err != SK_OK) {
			bool all = r->entries > 0 && err == SK_ETIMEDOUT;
			return all ? end_with(r, SK_OK) : LOG_ASK_AGAIN;
		}
		step = take_frame(r, f);
	}
	return step;
}

int client_log_read(struct client *c, struct client_log *io_log, const struct client_read *read,
		    uint32_t *ret_entries)
{
	struct log_read r = { .c = c, .log = io_log, .read = read };
	uint64_t now_ms = client_clock_ms();
	uint64_t end_ms = now_ms + read->wait_ms + c->timeout_ms;
	enum log_step step = LOG_ASK_AGAIN;
	while (step == LOG_ASK_AGAIN && now_ms < end_ms) {
		uint64_t try_ms = now_ms + read->wait_ms + LATE_MS;
		uint64_t until_ms = try_ms < end_ms ? try_ms : end_ms;
		int err = ask(&r, until_ms);
		if (err != SK_OK && err != SK_EAGAIN) {
			return err;
		}
		step = err == SK_OK ? listen_once(&r, until_ms) : LOG_ASK_AGAIN;
		now_ms = client_clock_ms();
	}
	if (step == LOG_ASK_AGAIN) {
		return SK_ETIMEDOUT;
	}
	if (r.err == SK_OK) {
		*ret_entries = r.entries;
	}
	return r.err;
}
