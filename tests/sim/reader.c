/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/reader.h"

#include <stdlib.h>
#include <string.h>

#define U(v) ((unsigned long long)(v))
#define WAIT_MS 1000
#define PAGE 2
#define HURRY_US 100000 /* of one who acts on what it reads */

/* --- asking --- */

static void ask_log(struct reader_client *r)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) l = PB_INIT(LINK);
	uint8_t buf[128];

	l.source = (char *)(uintptr_t)r->writer->svc->name;
	l.destination = (char *)(uintptr_t)r->log;
	l.incarnation = r->incarnation;
	l.nonce = r->nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&l, buf), buf };
	f.after = r->at;
	f.credit = r->client.w->opt.credit;
	f.wait_ms = WAIT_MS;
	client_send(&r->client, r->writer, &f);
}

static void ask_snapshot(struct reader_client *r)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	PB(Frame) f = PB_INIT(FRAME);
	uint8_t luck[10] = { 0 }, buf[512];

	be32_write(luck + 6, ++r->made);
	wire_id_make(world_wall_ms(r->client.w), luck, r->question);
	m.id = (ProtobufCBinaryData){ sizeof(r->question), r->question };
	q.after = (ProtobufCBinaryData){ r->after_len, r->after };
	q.limit = PAGE;
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	f.message = (ProtobufCBinaryData){ schakel__v1__message__pack(&m, buf), buf };
	client_send(&r->client, r->writer, &f);
}

static void ask(struct reader_client *r)
{
	r->asked_us = r->client.w->now_us;
	if (r->object != NULL && !r->has_snapshot) {
		ask_snapshot(r);
	} else {
		ask_log(r);
	}
}

/** A doubled answer must not double the questions. */
static void ask_again(struct reader_client *r)
{
	if (r->client.w->now_us >= r->asked_us + 10000) {
		ask(r);
	}
}

static void tick(struct world *w, void *ctx, uint64_t n)
{
	struct reader_client *r = ctx;
	uint64_t every = 200000 + rng_below(&w->rng, 300000);
	uint64_t patience_us = r->on_event == NULL ? SIM_SECOND_US : HURRY_US;

	(void)n;
	if (w->now_us >= r->asked_us + patience_us) {
		ask(r);
	}
	world_at(w, w->now_us + every, tick, r, 0);
}

void reader_begin(struct reader_client *r)
{
	struct world *w = r->client.w;

	world_at(w, w->now_us + rng_below(&w->rng, SIM_SECOND_US), tick, r, 0);
}

/* --- answers --- */

static void start_anew(struct reader_client *r, uint32_t incarnation, uint64_t nonce)
{
	r->incarnation = incarnation;
	r->nonce = nonce;
	r->at = 0;
	r->written = 0;
	r->known = true;
	r->has_snapshot = false;
	r->begun = false;
	r->after_len = 0;
	memset(r->question, 0, sizeof(r->question)); /* no page of the life before is one of this */
	map64_clear(&r->state);
}

static void fold(struct reader_client *r, const PB(Event) *e)
{
	uint64_t state = 0, object = r->object(e, &state);

	if (object != 0) {
		(void)map64_put(&r->state, object, state, NULL);
	}
	if (r->on_event != NULL) {
		r->on_event(r, e);
	}
}

static void take_page(struct reader_client *r, const PB(Message) *m)
{
	const PB(SnapshotView) *v = m->snapshot_view;

	if (r->has_snapshot || m->correlation.len != sizeof(r->question) ||
	    memcmp(m->correlation.data, r->question, sizeof(r->question)) != 0) {
		return;
	}
	if (!r->begun) {
		start_anew(r, v->incarnation, v->nonce);
		r->begun = true;
		r->at = v->sequence; /* what the later pages know already comes once more */
		r->written = v->sequence;
	} else if (v->incarnation != r->incarnation || v->nonce != r->nonce) {
		start_anew(r, v->incarnation, v->nonce);
		ask_again(r);
		return;
	}
	for (size_t i = 0; i < v->n_events; i++) {
		fold(r, v->events[i]);
	}
	SK_ASSERT(v->next.len <= sizeof(r->after));
	r->after_len = v->next.len;
	if (v->next.len > 0) {
		memcpy(r->after, v->next.data, v->next.len);
	}
	r->has_snapshot = v->next.len == 0;
	memset(r->question, 0, sizeof(r->question));
	ask(r); /* at once: a doubled page answers no question any more */
}

static void take_mark(struct reader_client *r, const PB(Frame) *f)
{
	struct world *w = r->client.w;
	bool aged = w->aged_ms > 30 * SIM_DAY_MS;

	if (f->after < r->at && r->written > f->after) {
		/* An older mark may come late; what was read must have been written. */
		return;
	}
	r->written = f->after > r->written ? f->after : r->written;
	if (f->oldest > r->at + 1) {
		if (!aged) {
			world_fail(w, "I5: the log of %s for %s begins at %llu, read is %llu",
				   r->writer->svc->name, r->log, U(f->oldest), U(r->at));
		}
		if (r->object != NULL) {
			start_anew(r, r->incarnation, r->nonce);
		} else {
			r->at = f->oldest - 1;
		}
	}
	ask_again(r);
}

static void take_entry(struct reader_client *r, const PB(Link) *l, const PB(Message) *m)
{
	if (l->sequence != r->at + 1) {
		return; /* doubled, or one before it was lost: asked for again */
	}
	r->at = l->sequence;
	r->written = r->at > r->written ? r->at : r->written;
	r->taken++;
	if (r->object != NULL && m->body_case == BODY(EVENT)) {
		fold(r, m->event);
	}
	if (r->taken % r->client.w->opt.credit == 0) {
		ask(r); /* at once: each entry is taken once */
	}
}

static void on_frame(struct client *c, struct daemon *from, const PB(Frame) *f,
		     const PB(Message) *m)
{
	struct reader_client *r = (struct reader_client *)c;

	if (from != r->writer) {
		return;
	}
	if (f->link.len == 0) {
		if (m != NULL && m->body_case == BODY(SNAPSHOT_VIEW)) {
			take_page(r, m);
		}
		return;
	}
	PB(Link) *l = schakel__v1__link__unpack(NULL, f->link.len, f->link.data);
	SK_ASSERT(l != NULL);
	bool waits = r->object != NULL && !r->has_snapshot;
	bool same = r->known && l->incarnation == r->incarnation && l->nonce == r->nonce;
	if (strcmp(l->destination, r->log) != 0 || waits) {
		/* not asked for now */
	} else if (!same) {
		/* Who comes from an old copy may have a lower number than the one before. */
		start_anew(r, l->incarnation, l->nonce);
		ask_again(r);
	} else if (m == NULL) {
		take_mark(r, f);
	} else {
		take_entry(r, l, m);
	}
	schakel__v1__link__free_unpacked(l, NULL);
}

bool reader_has_all(struct reader_client *r)
{
	struct key k = key_of_str(r->log);
	struct slice val;

	if (!r->writer->up || (r->object != NULL && !r->has_snapshot)) {
		return false;
	}
	if (!store_get(engine_peek(r->writer->engine), TABLE_LOG_HEAD, &k, &val)) {
		return true;
	}
	PB(LogHeadRecord) *h = schakel__v1__log_head_record__unpack(NULL, val.len, val.data);
	SK_ASSERT(h != NULL);
	struct incarnation inc = engine_incarnation(r->writer->engine);
	uint64_t last = h->incarnation == inc.number && h->nonce == inc.nonce ? h->sequence : 0;
	if (r->known && r->incarnation == inc.number && r->nonce == inc.nonce && r->at > last) {
		world_fail(r->client.w, "I21: %s has read up to %llu of %llu", r->client.party.id,
			   U(r->at), U(last));
	}
	schakel__v1__log_head_record__free_unpacked(h, NULL);
	return (r->at == last && r->incarnation == inc.number && r->nonce == inc.nonce) ||
	       (last == 0 && !r->known);
}

static bool idle(struct client *c)
{
	return reader_has_all((struct reader_client *)c);
}

static void done(struct client *c)
{
	struct reader_client *r = (struct reader_client *)c;

	map64_done(&r->state);
	free(r);
}

static void say(struct client *c)
{
	const struct reader_client *r = (const struct reader_client *)c;
	struct incarnation inc = { 0 };

	if (r->writer->up) {
		inc = engine_incarnation(r->writer->engine);
	}
	world_trace(c->w, "  reads %s of %s: at %llu, incarnation %u, snapshot %d; there %u",
		    r->log, r->writer->svc->name, U(r->at), r->incarnation, r->has_snapshot,
		    inc.number);
}

struct reader_client *reader_new(struct world *w, const char *party, uint32_t roles,
				 struct daemon *writer, const char *log)
{
	struct reader_client *r = sim_alloc(sizeof(*r));

	r->client.on_frame = on_frame;
	r->client.idle = idle;
	r->client.say = say;
	r->client.done = done;
	r->client.party.roles = roles;
	(void)strncpy(r->client.party.id, party, sizeof(r->client.party.id) - 1);
	r->writer = writer;
	r->log = log;
	world_add_client(w, &r->client);
	return r;
}
