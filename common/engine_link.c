/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include <xxhash.h>

#include "common/engine_internal.h"
#include "common/mut.h"

#define GAP_ASK_MS 50

uint64_t engine_sum(struct slice entry)
{
	uint64_t sum = XXH3_64bits(entry.data, entry.len);

	return sum == 0 ? 1 : sum;
}

struct link_in *engine_link(struct engine *e, const char *peer)
{
	for (size_t i = 0; i < e->links_len; i++) {
		if (strcmp(e->links[i].peer, peer) == 0) {
			return &e->links[i];
		}
	}
	return NULL;
}

/** When the next question is due: at once, after a silence, or after a failed try. */
static uint64_t ask_at(const struct link_in *l)
{
	if (l->paused) {
		return UINT64_MAX;
	}
	uint64_t at = l->asked_boot_ms + (l->asked ? LINK_WAIT_MS : 0) + l->retry_ms;

	if (l->ask_now) {
		at = l->asked_boot_ms == 0 ? 0 : l->asked_boot_ms + 1;
	}
	return at < l->held_boot_ms ? l->held_boot_ms : at;
}

static void ask(struct engine *e, struct link_in *l)
{
	PB(Frame) f = PB_INIT(FRAME);
	PB(Link) k = PB_INIT(LINK);
	uint8_t link[128], frame[256];

	k.source = l->peer;
	k.destination = (char *)(uintptr_t)e->svc->name;
	k.incarnation = l->inc.number;
	k.nonce = l->inc.nonce;
	f.link = (ProtobufCBinaryData){ schakel__v1__link__pack(&k, link), link };
	f.after = l->sequence;
	f.after_sum = l->sum;
	f.credit = LINK_CREDIT;
	f.wait_ms = LINK_WAIT_MS;
	struct slice s = { frame, schakel__v1__frame__pack(&f, frame) };
	l->asked = e->port->ask(e->port->ctx, l->peer, s) == SK_OK;
	l->asked_boot_ms = e->boot_ms == 0 ? 1 : e->boot_ms;
	l->credit_left = LINK_CREDIT;
	l->ask_now = false;
	/* Doubled until something is heard; a little apart for each peer. */
	uint32_t twice = l->retry_ms * 2 + (uint32_t)(l->peer[0] & 15);
	l->retry_ms = twice < LINK_RETRY_MAX_MS ? twice : LINK_RETRY_MAX_MS;
}

/* Only after a flush: the question says which entries are durable here. */
void engine_ask_links(struct engine *e)
{
	for (size_t i = 0; i < e->links_len; i++) {
		if (ask_at(&e->links[i]) <= e->boot_ms) {
			ask(e, &e->links[i]);
		}
	}
}

uint64_t engine_links_next_boot(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < e->links_len; i++) {
		uint64_t at = ask_at(&e->links[i]);
		next = at < next ? at : next;
	}
	return next;
}

static void heard(struct engine *e, struct link_in *l)
{
	l->heard_boot_ms = e->boot_ms;
	l->retry_ms = LINK_RETRY_MIN_MS;
}

static void hold(struct engine *e, struct link_in *l)
{
	l->held = true;
	l->held_boot_ms = e->boot_ms + LINK_HELD_MS;
	l->ask_now = true; /* then */
}

/** The writer has another incarnation than the one we read: an input, since cursors change. */
static void meet_incarnation(struct engine *e, struct link_in *l, const PB(Link) *k)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PeerIncarnated) p = PB_INIT(PEER_INCARNATED);

	if (k->incarnation < l->inc.number) {
		return; /* an answer from before; the writer never goes back */
	}
	p.peer = l->peer;
	p.incarnation = k->incarnation;
	p.nonce = k->nonce;
	m.body_case = BODY(PEER_INCARNATED);
	m.peer_incarnated = &p;
	if (engine_own_input(e, &m, RECORD_ENGINE) == SK_OK) {
		l->ask_now = true;
		l->held = false;
	} else {
		hold(e, l);
	}
}

static void take_mark(struct engine *e, struct link_in *l, const PB(Frame) *f)
{
	l->written_to = f->after;
	l->asked = false;
	l->ask_now = true;
	if (f->oldest <= l->sequence + 1) {
		return;
	}
	if (e->isolated) {
		/* What was trimmed comes back with the peer's inventory. */
		l->sequence = f->oldest - 1;
		l->sum = 0;
		return;
	}
	/* The writer trimmed what we say we have not read: we come from an old copy. */
	engine_found_restored(e, l->peer);
}

static void take_entry(struct engine *e, struct link_in *l, uint64_t sequence,
		       ProtobufCBinaryData bytes)
{
	static uint8_t no_id[16];
	struct party from = { .roles = ROLE_BIT(DAEMON) };
	PB(Message) empty = PB_INIT(MESSAGE);
	PB(Message) *m = NULL;
	PB(Receipt) *none = NULL;
	struct wire_fault fault;

	memcpy(from.id, l->peer, sizeof(from.id));
	struct input in = { .kind = RECORD_FACT,
			    .from = &from,
			    .peer_sequence = sequence,
			    .bytes = { bytes.data, bytes.len } };
	engine_arena_begin(e);
	/* One that cannot be read is an input too: quarantined, and the cursor moves on. */
	size_t mark = e->arena.used_bytes;
	if (wire_decode(&e->arena, in.bytes, WIRE_TOLERANT, &m, &fault) != SK_OK) {
		arena_rewind(&e->arena, mark);
		m = &empty;
	}
	if (m->id.len != sizeof(no_id)) {
		m->id = (ProtobufCBinaryData){ sizeof(no_id), no_id };
	}
	in.msg = m;
	int err = engine_apply(e, &in, &none);
	if (err == SK_EBUSY) {
		hold(e, l);
	} else if (err == SK_OK) {
		l->held = false;
		l->written_to = sequence > l->written_to ? sequence : l->written_to;
		l->credit_left -= l->credit_left > 0 ? 1 : 0;
		l->ask_now = l->ask_now || l->credit_left <= LINK_CREDIT / 2;
	}
}

static void take_frame(struct engine *e, struct link_in *l, const PB(Frame) *f, const PB(Link) *k)
{
	bool same = k->incarnation == l->inc.number && k->nonce == l->inc.nonce;

	heard(e, l);
	if (!same) {
		meet_incarnation(e, l, k);
		return;
	}
	if (f->message.len == 0) {
		take_mark(e, l, f);
		return;
	}
	if (k->sequence == l->sequence + 1 || (MUT(30) && k->sequence <= l->sequence)) {
		take_entry(e, l, k->sequence, f->message);
	} else if (k->sequence > l->sequence && e->boot_ms > l->asked_boot_ms + GAP_ASK_MS) {
		l->ask_now = true; /* one was lost on the way: ask again from where we are */
	}
}

void engine_peer_frame(struct engine *e, const char *peer, struct slice frame)
{
	struct link_in *l = engine_link(e, peer);
	PB(Frame) *f = NULL;
	PB(Link) *k = NULL;

	engine_time_update(e);
	SK_ASSERT(l != NULL && journal_has_room(&e->journal));
	arena_reset(&e->arena);
	bool good = frame.len <= FRAME_BYTES_MAX &&
		    wire_decode_frame(&e->arena, frame, &f) == SK_OK && f->link.len > 0 &&
		    wire_decode_link(&e->arena, f->link, &k) == SK_OK && !k->refused &&
		    strcmp(k->source, peer) == 0 && strcmp(k->destination, e->svc->name) == 0;
	bool taken = good && !l->paused;
	if (taken && l->held_boot_ms > e->boot_ms) {
		heard(e, l); /* what it says is asked for again */
	} else if (taken) {
		take_frame(e, l, f, k);
	} else {
		e->stats.frames_refused++;
	}
	arena_reset(&e->arena);
}
