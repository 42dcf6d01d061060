/* SPDX-License-Identifier: EUPL-1.2 */
/* Who speaks to a node inside this process: one message and its answer, or what stands in a log. */
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "services/cli/inner_int.h"

static int send_frame(struct inner *n, struct inner_door door, const PB(Frame) *f)
{
	const struct conf_party *p = conf_party(n->conf, door.party);
	struct engine *e = n->core[door.at].engine;
	struct party from = { 0 };

	if (p == NULL) {
		return SK_ENOENT;
	}
	if (schakel__v1__frame__get_packed_size(f) > sizeof(n->frame)) {
		return SK_EINVAL;
	}
	name_copy(from.id, p->id);
	from.roles = p->roles;
	struct slice bytes = { n->frame, schakel__v1__frame__pack(f, n->frame) };
	while (!engine_has_room(e)) {
		(void)engine_turn(e);
	}
	engine_frame(e, INNER_CLIENT + 1, &from, bytes);
	inner_turn(n, door.at);
	return SK_OK;
}

/* The next frame that came for us, in the node's arena. */
static PB(Frame) *next_frame(struct inner *n)
{
	PB(Frame) *f = NULL;

	for (struct inner_frame *raw = inner_take(&n->box); raw != NULL;
	     raw = inner_take(&n->box)) {
		arena_reset(&n->arena);
		int err = wire_decode_frame(&n->arena, (struct slice){ raw->bytes, raw->len }, &f);
		free(raw);
		if (err == SK_OK) {
			return f;
		}
	}
	return NULL;
}

static bool is_answer(const PB(Message) *answer, const PB(Message) *m)
{
	return answer->correlation.len == m->id.len &&
	       memcmp(answer->correlation.data, m->id.data, m->id.len) == 0;
}

int inner_ask(struct inner *n, struct inner_door door, const PB(Message) *m, struct arena *a,
	      PB(Message) **ret_answer)
{
	PB(Frame) f = PB_INIT(FRAME);
	struct wire_fault fault;
	int err = SK_EPROTO;

	if (schakel__v1__message__get_packed_size(m) > sizeof(n->message)) {
		return SK_EINVAL;
	}
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(m, n->message), n->message };
	int sent = send_frame(n, door, &f);
	if (sent != SK_OK) {
		return sent;
	}
	for (const PB(Frame) *got = next_frame(n); got != NULL; got = next_frame(n)) {
		PB(Message) *answer = NULL;
		struct slice bytes = { got->message.data, got->message.len };
		if (bytes.len > 0 &&
		    wire_decode(a, bytes, WIRE_TOLERANT, &answer, &fault) == SK_OK &&
		    is_answer(answer, m)) {
			*ret_answer = answer;
			err = SK_OK;
		}
	}
	return err;
}

/* --- logs --- */

struct reading {
	struct inner *n;
	struct client_log *log;
	const struct client_read *read;
	uint32_t entries;
	bool again; /* the place was corrected */
	bool missed;
};

static int take_mark(struct reading *r, const PB(Frame) *f, const PB(Link) *l)
{
	bool same = l->incarnation == r->log->incarnation && l->nonce == r->log->nonce;

	if (l->refused) {
		return SK_EAUTH;
	}
	r->log->incarnation = l->incarnation;
	r->log->nonce = l->nonce;
	r->log->last = f->after;
	r->log->oldest = f->oldest;
	if (!same || r->log->after + 1 < f->oldest) {
		r->missed = same;
		r->again = true;
		r->log->after = f->oldest > 0 ? f->oldest - 1 : 0;
	}
	return SK_OK;
}

static int take_frame(struct reading *r, const PB(Frame) *f)
{
	PB(Link) *l = NULL;

	if (f->link.len == 0 || wire_decode_link(&r->n->arena, f->link, &l) != SK_OK) {
		return SK_EPROTO;
	}
	if (f->message.len == 0) {
		return take_mark(r, f, l);
	}
	struct client_entry entry = { .sequence = l->sequence,
				      .missed = r->missed,
				      .message = { f->message.data, f->message.len } };
	int err = r->read->entry(r->read->ctx, &entry);
	r->missed = false;
	r->log->after = l->sequence;
	r->entries++;
	return err;
}

static int read_once(struct reading *r, struct inner_door door)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t buf[128];

	l.destination = r->log->log;
	l.incarnation = r->log->incarnation;
	l.nonce = r->log->nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	f.after = r->log->after;
	f.credit = r->read->credit;
	f.question = ++r->n->question;
	r->again = false;
	int err = send_frame(r->n, door, &f);
	for (const PB(Frame) *got = next_frame(r->n); got != NULL; got = next_frame(r->n)) {
		err = err == SK_OK ? take_frame(r, got) : err;
	}
	return err;
}

int inner_log_read(struct inner *n, struct inner_door door, struct client_log *io_log,
		   const struct client_read *read, uint32_t *ret_entries)
{
	struct reading r = { .n = n, .log = io_log, .read = read, .again = true };
	int err = SK_OK;

	while (err == SK_OK && r.again && r.entries == 0) {
		err = read_once(&r, door);
	}
	*ret_entries = r.entries;
	return err;
}
