/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "tests/sim/world.h"

#define U(v) ((unsigned long long)(v))

/* --- what is applied --- */

/** A refusal is an outcome: nothing of the core's own tables may have changed (I2). */
static void check_refusal(struct daemon *d, const struct applied *a)
{
	struct slice rest = a->effects, val;
	struct key key;
	uint8_t table;

	while (effects_next(&rest, &table, &key, &val) == 1) {
		if (table >= TABLE_SERVICE || table == TABLE_DUE) {
			world_fail(d->w, "%s: input %llu was refused and wrote table %u",
				   d->svc->name, U(a->sequence), table);
		}
	}
}

/** I1, I3, I6: entry after entry of the writer's log, each as the writer sent it. */
static void check_fact(struct daemon *d, const struct record_kept *r,
		       const struct cursor_kept *before, const PB(Message) *in)
{
	struct world *w = d->w;
	struct entry_at at = { r->party, d->svc->name, r->cursor_incarnation, r->cursor_nonce,
			       r->cursor_sequence };
	uint64_t id;

	if (!r->has_cursor || r->cursor_incarnation != before->incarnation ||
	    r->cursor_nonce != before->nonce) {
		world_fail(w, "I6: %s applied an entry of incarnation %u of %s, it reads %u",
			   d->svc->name, r->cursor_incarnation, r->party, before->incarnation);
	}
	bool jumps = r->isolated && r->cursor_sequence > before->sequence;
	if (r->cursor_sequence != before->sequence + 1 && !jumps) {
		world_fail(w, "I3: %s applied entry %llu of %s behind %llu", d->svc->name,
			   U(r->cursor_sequence), r->party, U(before->sequence));
	}
	if (!map64_get(&w->claims.id, entry_key(&at), &id) ||
	    id != hash64(0, in->id.data, in->id.len)) {
		world_fail(w, "I1: %s applied entry %llu of %s, which says something else",
			   d->svc->name, U(r->cursor_sequence), r->party);
	}
}

void check_applied(void *daemon, const struct applied *a)
{
	struct daemon *d = daemon;
	struct world *w = d->w;
	struct cursor_kept before = { 0 };
	bool fact = a->kind == 2;

	if (a->sequence != d->ledger.len + 1) {
		world_fail(w, "%s: input %llu follows %llu", d->svc->name, U(a->sequence),
			   U(d->ledger.len));
	}
	const struct record_kept *last = ledger_at(&d->ledger, d->ledger.len);
	if (last != NULL && a->time_ms < last->time_ms) {
		world_fail(w, "I30: %s: journal time falls from %llu to %llu", d->svc->name,
			   U(last->time_ms), U(a->time_ms));
	}
	if (fact) {
		before = *ledger_cursor(&d->ledger, a->party);
	}
	struct record_kept *r = ledger_add(&d->ledger, a);
	if (r == NULL) {
		world_fail(w, "I2: %s applied one message of %s twice", d->svc->name, a->party);
	}
	if (a->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED ||
	    a->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_LATE) {
		check_refusal(d, a);
	}
	if (fact) {
		check_fact(d, r, &before, a->in);
	}
	if (w->scenario->describe != NULL) {
		w->scenario->describe(w, d, a, r);
	}
}

/* --- what leaves --- */

static void check_durable(struct daemon *d, uint64_t sequence, const char *what)
{
	if (sequence > d->disk.durable_sequence) {
		world_fail(d->w, "I4: %s: %s of input %llu leaves, durable is %llu", d->svc->name,
			   what, U(sequence), U(d->disk.durable_sequence));
	}
	if (sequence > d->ledger.left_sequence) {
		d->ledger.left_sequence = sequence;
	}
}

static void claim_entry(struct daemon *d, const PB(Link) *l, const PB(Frame) *f)
{
	struct world *w = d->w;
	struct entry_at at = { d->svc->name, l->destination, l->incarnation, l->nonce,
			       l->sequence };
	uint64_t key = entry_key(&at), old;
	uint64_t hash = hash64(0, f->message.data, f->message.len);

	if (map64_put(&w->claims.hash, key, hash, &old) && old != hash) {
		world_fail(w, "I6: %s tells entry %llu for %s anew, with other content",
			   d->svc->name, U(l->sequence), l->destination);
	}
	PB(Message) *m = schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
	SK_ASSERT(m != NULL);
	(void)map64_put(&w->claims.id, key, hash64(0, m->id.data, m->id.len), NULL);
	schakel__v1__message__free_unpacked(m, NULL);
}

static void check_entry(struct daemon *d, int to, const PB(Link) *l, const PB(Frame) *f)
{
	struct entry_at at = { "", l->destination, l->incarnation, 0, l->sequence };
	uint64_t written_by, hash;

	if (!map64_get(&d->ledger.entry, entry_key(&at), &written_by) ||
	    !map64_get(&d->ledger.body, entry_key(&at), &hash) ||
	    hash != hash64(0, f->message.data, f->message.len)) {
		world_fail(d->w, "I21: %s sends entry %llu for %s that no input wrote",
			   d->svc->name, U(l->sequence), l->destination);
	}
	check_durable(d, written_by, "a log entry");
	if (d->credit[to] == 0) {
		world_fail(d->w, "L12: %s sends to %d without credit", d->svc->name, to);
	}
	d->credit[to]--;
	claim_entry(d, l, f);
}

static void check_link(struct daemon *d, int to, const PB(Frame) *f)
{
	PB(Link) *l = schakel__v1__link__unpack(NULL, f->link.len, f->link.data);
	uint64_t written_by;

	SK_ASSERT(l != NULL);
	if (f->message.len > 0) {
		check_entry(d, to, l, f);
	} else if (f->after > 0) {
		struct entry_at at = { "", l->destination, l->incarnation, 0, f->after };
		if (!map64_get(&d->ledger.entry, entry_key(&at), &written_by)) {
			world_fail(d->w, "I4: %s says that its log for %s reaches %llu",
				   d->svc->name, l->destination, U(f->after));
		}
		check_durable(d, written_by, "the end of a log");
	}
	schakel__v1__link__free_unpacked(l, NULL);
}

static void check_receipt(struct daemon *d, const PB(Message) *m)
{
	const PB(Receipt) *r = m->receipt;
	bool again = r->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE;
	int outcome = again ? (int)r->first : (int)r->outcome;

	if (r->sequence == 0) {
		return; /* said at the door: nothing was journaled */
	}
	check_durable(d, r->sequence, "the receipt");
	const struct record_kept *k = ledger_at(&d->ledger, r->sequence);
	bool poisoned = k != NULL && k->outcome == SCHAKEL__V1__OUTCOME__OUTCOME_QUARANTINED;
	if (k == NULL || m->correlation.len != sizeof(k->id) ||
	    memcmp(k->id, m->correlation.data, sizeof(k->id)) != 0 ||
	    (!poisoned && k->outcome != outcome)) {
		world_fail(d->w, "I7: %s: a receipt names input %llu, which is another",
			   d->svc->name, U(r->sequence));
	}
}

void check_reply(struct daemon *d, int to, struct slice frame)
{
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, frame.len, frame.data);

	SK_ASSERT(f != NULL);
	if (f->link.len > 0) {
		check_link(d, to, f);
	} else {
		PB(Message) *m =
			schakel__v1__message__unpack(NULL, f->message.len, f->message.data);
		SK_ASSERT(m != NULL);
		if (m->body_case == BODY(RECEIPT)) {
			check_receipt(d, m);
		} else {
			check_durable(d, d->ledger.len, "an answer");
		}
		schakel__v1__message__free_unpacked(m, NULL);
	}
	schakel__v1__frame__free_unpacked(f, NULL);
}

void note_cursors(struct daemon *d)
{
	for (size_t i = 0; i < d->ledger.cursors; i++) {
		const struct cursor_kept *c = &d->ledger.cursor[i];
		const struct daemon *writer = world_daemon(d->w, c->peer);
		struct read_mark *m = &d->read_max[writer->node];
		if (c->written_by > d->disk.durable_sequence) {
			continue;
		}
		if (c->incarnation > m->incarnation) {
			*m = (struct read_mark){ c->incarnation, c->sequence };
		} else if (c->incarnation == m->incarnation && c->sequence > m->sequence) {
			m->sequence = c->sequence;
		}
	}
}

/** "After n" says that n entries are durable here. */
void check_question(struct daemon *d, int to, struct slice frame)
{
	const struct daemon *writer = world_node_daemon(d->w, to);
	const struct cursor_kept *c = ledger_cursor(&d->ledger, writer->svc->name);
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, frame.len, frame.data);

	SK_ASSERT(f != NULL);
	if (f->after == c->sequence && f->after > 0) {
		check_durable(d, c->written_by, "a cursor");
	}
	note_cursors(d);
	if (f->after > c->sequence && d->ledger.awaited == 0) {
		world_fail(d->w, "I5: %s claims to have read %llu of %s, its cursor is %llu",
			   d->svc->name, U(f->after), writer->svc->name, U(c->sequence));
	}
	schakel__v1__frame__free_unpacked(f, NULL);
}

/** What a question grants at most. */
void check_asked(struct daemon *d, int from, struct slice frame)
{
	PB(Frame) *f = schakel__v1__frame__unpack(NULL, frame.len, frame.data);

	if (f != NULL && f->link.len > 0) {
		uint64_t most = f->credit < LOG_CREDIT_MAX ? f->credit : LOG_CREDIT_MAX;
		d->credit[from] = d->credit[from] < most ? most : d->credit[from];
	}
	if (f != NULL) {
		schakel__v1__frame__free_unpacked(f, NULL);
	}
}

void check_trim(struct daemon *d)
{
	for (size_t i = 0; i < d->w->daemons; i++) {
		const struct daemon *reader = &d->w->daemon[i];
		const struct read_mark *m = &reader->read_max[d->node];
		struct key k = key_of_str(reader->svc->name);
		struct slice val;
		if (!store_get(engine_peek(d->engine), TABLE_LOG_TRIM, &k, &val)) {
			continue;
		}
		PB(LogTrimRecord) *t =
			schakel__v1__log_trim_record__unpack(NULL, val.len, val.data);
		SK_ASSERT(t != NULL);
		if (t->incarnation >= m->incarnation && t->oldest > 1 &&
		    (t->incarnation > m->incarnation || t->oldest > m->sequence + 1)) {
			world_fail(d->w, "I5: %s trimmed its log for %s up to %llu, read is %llu",
				   d->svc->name, reader->svc->name, U(t->oldest - 1),
				   U(m->sequence));
		}
		schakel__v1__log_trim_record__free_unpacked(t, NULL);
	}
}

/* --- the store --- */

void check_recovered(struct daemon *d)
{
	uint64_t stepped, durable, committed;

	engine_positions(d->engine, &stepped, &durable, &committed);
	if (stepped < d->disk.durable_sequence || stepped < d->ledger.left_sequence ||
	    stepped > d->ledger.len) {
		world_fail(d->w, "L1: %s starts at %llu; durable %llu, left %llu, stepped %llu",
			   d->svc->name, U(stepped), U(d->disk.durable_sequence),
			   U(d->ledger.left_sequence), U(d->ledger.len));
	}
	if (durable > d->disk.durable_sequence || committed > d->disk.durable_sequence) {
		world_fail(d->w, "I4: %s says durable %llu, committed %llu; the disk has %llu",
			   d->svc->name, U(durable), U(committed), U(d->disk.durable_sequence));
	}
	ledger_truncate(&d->ledger, stepped);
}

void check_store(struct daemon *d)
{
	struct store_txn *txn = engine_peek(d->engine);
	MDB_cursor *cursor;
	MDB_val key, val;
	uint64_t sum = 0, rows = 0;

	SK_ASSERT(mdb_cursor_open(txn->txn, txn->dbi, &cursor) == 0);
	while (mdb_cursor_get(cursor, &key, &val, MDB_NEXT) == 0) {
		const uint8_t *k = key.mv_data;
		if (!ledger_covers(k[0])) {
			continue;
		}
		SK_ASSERT(val.mv_size >= 8);
		sum += ledger_row_hash(k[0], (struct slice){ k + 1, key.mv_size - 1 },
				       (struct slice){ val.mv_data, val.mv_size - 8 });
		rows++;
	}
	mdb_cursor_close(cursor);
	if (sum != d->ledger.row_sum || rows != d->ledger.row.len) {
		world_fail(d->w, "I19: %s: the store has %llu rows, the effects make %llu; %s",
			   d->svc->name, U(rows), U(d->ledger.row.len),
			   rows == d->ledger.row.len ? "contents differ" : "");
	}
}

void check_replay(struct daemon *d)
{
	struct port quiet = daemon_quiet_port(d);
	struct replay_report report = { 0 };
	struct store fresh;
	uint64_t digest = 0;
	char dir[80];

	if (!d->up || d->ledger.len != d->disk.durable_sequence) {
		return;
	}
	scratch_dir(dir, sizeof(dir), d->svc->name);
	daemon_new_store(d, &fresh, dir);
	int err = engine_replay(&fresh, d->svc, &quiet, &d->conf, &report);
	store_close(&fresh);
	scratch_remove(dir);
	if (err != SK_OK || report.first_bad_sequence != 0 || report.records != d->ledger.len) {
		world_fail(d->w, "L11: %s: replay of %llu inputs: %s at %llu, %llu read",
			   d->svc->name, U(d->ledger.len), sk_strerror(err),
			   U(report.first_bad_sequence), U(report.records));
	}
	SK_ASSERT(engine_digest(d->engine, &digest) == SK_OK);
	if (digest != report.digest) {
		world_fail(d->w, "I19: %s: the replay makes another digest", d->svc->name);
	}
}

void check_all(struct world *w, bool end)
{
	for (size_t i = 0; i < w->daemons; i++) {
		if (w->daemon[i].up) {
			check_store(&w->daemon[i]);
		}
		if (end || rng_chance(&w->rng, 20000)) {
			check_replay(&w->daemon[i]);
		}
	}
	if (w->scenario->check != NULL) {
		w->scenario->check(w, end);
	}
}
