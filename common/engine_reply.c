/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "common/engine_internal.h"

static bool make_room(struct engine *e, size_t bytes)
{
	if (e->answers_len == e->answers_cap) {
		size_t cap = e->answers_cap == 0 ? 256 : e->answers_cap * 2;
		struct answer *a = realloc(e->answers, cap * sizeof(*a));
		if (a == NULL) {
			return false;
		}
		e->answers = a;
		e->answers_cap = cap;
	}
	if (e->answers_buf_cap - e->answers_buf_len < bytes) {
		size_t cap = e->answers_buf_cap == 0 ? 1U << 16 : e->answers_buf_cap;
		while (cap - e->answers_buf_len < bytes) {
			cap *= 2;
		}
		uint8_t *buf = realloc(e->answers_buf, cap);
		if (buf == NULL) {
			return false;
		}
		e->answers_buf = buf;
		e->answers_buf_cap = cap;
	}
	return true;
}

/* A frame that cannot be kept for want of memory is dropped: who asked asks again with the same
 * bytes and gets the first outcome. */
void engine_queue_frame(struct engine *e, uint64_t conn, const PB(Frame) *f)
{
	size_t len = schakel__v1__frame__get_packed_size(f);

	SK_ASSERT(len <= FRAME_BYTES_MAX);
	if (!make_room(e, len)) {
		return;
	}
	struct answer *a = &e->answers[e->answers_len++];
	*a = (struct answer){ conn, e->answers_buf_len, len };
	(void)schakel__v1__frame__pack(f, e->answers_buf + a->offset);
	e->answers_buf_len += len;
}

void engine_answer(struct engine *e, uint64_t conn, const ProtobufCBinaryData *correlation,
		   PB(Message) *m)
{
	PB(Frame) f = PB_INIT(FRAME);
	uint8_t id[16] = { 0 };

	if (e->replaying) {
		return;
	}
	be64_write(id, e->now_ms << 16);
	be64_write(id + 8, ++e->stats.replies);
	m->id = (ProtobufCBinaryData){ sizeof(id), id };
	m->time_ms = e->now_ms;
	m->role = SCHAKEL__V1__ROLE__ROLE_DAEMON;
	if (correlation != NULL && correlation->len == ID_LEN) {
		m->correlation = *correlation;
	}
	f.message.len = wire_message_size(m);
	SK_ASSERT(f.message.len <= REPLY_BYTES_MAX);
	f.message.data = e->pack;
	(void)wire_message_pack(m, e->pack);
	m->id = (ProtobufCBinaryData){ 0 }; /* the bytes end with this call */
	engine_queue_frame(e, conn, &f);
}

static void add_texts(PB(Receipt) *r)
{
	const struct refusal_text *t = NULL;

	if (r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_BUSY) {
		t = busy_text(r->busy);
	} else if (r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_LATE) {
		t = late_text();
	} else if (r->code != SCHAKEL__V1__REFUSAL__REFUSAL_UNSPECIFIED) {
		t = refusal_text(r->code);
	}
	if (t != NULL) {
		r->text_nl = (char *)(uintptr_t)t->nl;
		r->text_en = (char *)(uintptr_t)t->en;
	}
}

void engine_answer_receipt(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Receipt) *r)
{
	PB(Message) m = PB_INIT(MESSAGE);

	add_texts(r);
	m.body_case = BODY(RECEIPT);
	m.receipt = r;
	engine_answer(e, conn, in == NULL ? NULL : &in->id, &m);
}

void engine_refuse(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Refusal) code,
		   const char *field)
{
	PB(Receipt) r = PB_INIT(RECEIPT);

	e->stats.frames_refused++;
	r.outcome = SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED;
	r.code = code;
	r.field = (char *)(uintptr_t)field;
	r.time_ms = e->now_ms;
	engine_answer_receipt(e, conn, in, &r);
}

void engine_busy(struct engine *e, uint64_t conn, const PB(Message) *in, PB(Resource) what)
{
	PB(Receipt) r = PB_INIT(RECEIPT);

	e->stats.busy++;
	r.outcome = SCHAKEL__V1__OUTCOME__OUTCOME_BUSY;
	r.busy = what;
	r.retry_after_ms = 1000;
	r.time_ms = e->now_ms;
	engine_answer_receipt(e, conn, in, &r);
}

void engine_send_answers(struct engine *e)
{
	for (size_t i = 0; i < e->answers_len; i++) {
		const struct answer *a = &e->answers[i];
		struct slice frame = { e->answers_buf + a->offset, a->len };
		/* Full or gone: the client asks again. */
		(void)e->port->reply(e->port->ctx, a->conn, frame);
	}
	e->answers_len = 0;
	e->answers_buf_len = 0;
}
