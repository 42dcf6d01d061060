/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/rng.h"

/* Effects, as the page of the journal states them: op u8, table u8, key length u8, key; a put has
 * the value's length u32 and the value. */
enum { OP_PUT = 1, OP_DEL = 2 };

struct effect {
	uint8_t op;
	uint8_t table;
	struct slice key;
	struct slice val;
};

bool ledger_covers(uint8_t table)
{
	return table < TABLE_LOG || table >= TABLE_SERVICE;
}

static uint64_t key_hash(uint8_t table, struct slice key)
{
	return hash64(table, key.data, key.len);
}

uint64_t ledger_row_hash(uint8_t table, struct slice key, struct slice val)
{
	return hash64(key_hash(table, key), val.data, val.len);
}

uint64_t entry_key(const struct entry_at *at)
{
	uint64_t h = hash64(at->incarnation, at->writer, strlen(at->writer));

	h = hash64(h ^ mix64(at->nonce), at->log, strlen(at->log));
	return mix64(h ^ mix64(at->sequence));
}

void claims_done(struct claims *c)
{
	map64_done(&c->hash);
	map64_done(&c->id);
}

/* --- fold --- */

static bool next_effect(struct slice *rest, struct effect *ret_e)
{
	const uint8_t *p = rest->data;

	if (rest->len == 0) {
		return false;
	}
	SK_ASSERT(rest->len >= 3U + p[2]);
	*ret_e = (struct effect){ .op = p[0], .table = p[1], .key = { p + 3, p[2] } };
	size_t used = 3U + p[2];
	if (ret_e->op == OP_PUT) {
		SK_ASSERT(rest->len >= used + 4);
		uint32_t len = be32_read(p + used);
		SK_ASSERT(rest->len >= used + 4 + len);
		ret_e->val = (struct slice){ p + used + 4, len };
		used += 4 + (size_t)len;
	} else {
		SK_ASSERT(ret_e->op == OP_DEL);
	}
	*rest = (struct slice){ p + used, rest->len - used };
	return true;
}

static void put_row(struct ledger *l, uint8_t table, struct slice key, struct slice val)
{
	uint64_t hash = ledger_row_hash(table, key, val), old = 0;
	bool awaits = table == TABLE_RECONCILE && *(const uint8_t *)key.data == 1;

	if (map64_put(&l->row, key_hash(table, key), hash, &old)) {
		l->row_sum -= old;
	} else {
		l->awaited += awaits ? 1 : 0;
	}
	l->row_sum += hash;
}

static void del_row(struct ledger *l, uint8_t table, struct slice key)
{
	bool awaits = table == TABLE_RECONCILE && *(const uint8_t *)key.data == 1;
	uint64_t old = 0;

	if (map64_del(&l->row, key_hash(table, key), &old)) {
		l->row_sum -= old;
		l->awaited -= awaits ? 1 : 0;
	}
}

struct cursor_kept *ledger_cursor(struct ledger *l, const char *peer)
{
	for (size_t i = 0; i < l->cursors; i++) {
		if (strcmp(l->cursor[i].peer, peer) == 0) {
			return &l->cursor[i];
		}
	}
	SK_ASSERT(l->cursors < LEDGER_PEERS);
	struct cursor_kept *c = &l->cursor[l->cursors++];
	*c = (struct cursor_kept){ 0 };
	(void)strncpy(c->peer, peer, sizeof(c->peer) - 1);
	return c;
}

static void fold_cursor(struct ledger *l, struct record_kept *r, const struct effect *e)
{
	PB(CursorRecord) *c = schakel__v1__cursor_record__unpack(NULL, e->val.len, e->val.data);

	SK_ASSERT(c != NULL && e->key.len > 0 && e->key.len <= PARTY_ID_LEN_MAX + 1);
	struct cursor_kept *at = ledger_cursor(l, e->key.data);
	at->incarnation = c->incarnation;
	at->nonce = c->nonce;
	at->sequence = c->sequence;
	at->written_by = r->sequence;
	r->cursor_incarnation = c->incarnation;
	r->cursor_nonce = c->nonce;
	r->cursor_sequence = c->sequence;
	r->has_cursor = true;
	schakel__v1__cursor_record__free_unpacked(c, NULL);
}

static void fold_entry(struct ledger *l, const struct record_kept *r, const struct effect *e)
{
	const uint8_t *tail = (const uint8_t *)e->key.data + e->key.len - 12;
	struct entry_at at = { "", e->key.data, be32_read(tail), 0, be64_read(tail + 4) };
	uint64_t key = entry_key(&at);

	(void)map64_put(&l->entry, key, r->sequence, NULL);
	(void)map64_put(&l->body, key, hash64(0, e->val.data, e->val.len), NULL);
}

static void fold(struct ledger *l, struct record_kept *r)
{
	struct slice rest = { r->effects, r->effects_len };
	struct effect e;

	r->isolated = l->awaited > 0;
	while (next_effect(&rest, &e)) {
		if (e.table == TABLE_LOG && e.op == OP_PUT) {
			fold_entry(l, r, &e);
		}
		if (e.table == TABLE_CURSOR && e.op == OP_PUT) {
			fold_cursor(l, r, &e);
		}
		if (!ledger_covers(e.table)) {
			continue;
		}
		if (e.op == OP_PUT) {
			put_row(l, e.table, e.key, e.val);
		} else {
			del_row(l, e.table, e.key);
		}
	}
}

/* --- records --- */

void ledger_base(struct ledger *l, uint8_t table, struct slice key, struct slice val)
{
	if (ledger_covers(table)) {
		(void)map64_put(&l->base, key_hash(table, key), ledger_row_hash(table, key, val),
				NULL);
		put_row(l, table, key, val);
	}
}

static uint64_t seen_key(const char *party, const uint8_t id[16])
{
	return hash64(hash64(1, party, strlen(party)), id, 16);
}

static bool has_identity(const struct record_kept *r)
{
	return r->kind == 1; /* a command; facts are told apart by their place in the log */
}

struct record_kept *ledger_add(struct ledger *l, const struct applied *a)
{
	uint64_t other;

	if (l->len == l->cap) {
		l->cap = l->cap == 0 ? 256 : l->cap * 2;
		l->rec = sim_grow(l->rec, l->cap * sizeof(*l->rec));
	}
	struct record_kept *r = &l->rec[l->len];
	*r = (struct record_kept){ .sequence = a->sequence,
				   .time_ms = a->time_ms,
				   .kind = a->kind,
				   .outcome = (uint8_t)a->outcome,
				   .body = a->in == NULL ? 0 : (int)a->in->body_case };
	(void)strncpy(r->party, a->party, sizeof(r->party) - 1);
	if (a->in != NULL && a->in->id.len == sizeof(r->id)) {
		memcpy(r->id, a->in->id.data, sizeof(r->id));
	}
	if (has_identity(r)) {
		uint64_t key = seen_key(r->party, r->id);
		if (map64_get(&l->seen, key, &other)) {
			return NULL;
		}
		(void)map64_put(&l->seen, key, r->sequence, NULL);
	}
	r->effects = sim_alloc(a->effects.len);
	if (a->effects.len > 0) {
		memcpy(r->effects, a->effects.data, a->effects.len);
	}
	r->effects_len = a->effects.len;
	l->len++;
	fold(l, r);
	return r;
}

static void refold(struct ledger *l)
{
	map64_clear(&l->row);
	map64_clear(&l->seen);
	map64_clear(&l->entry);
	map64_clear(&l->body);
	l->row_sum = 0;
	l->awaited = 0;
	l->cursors = 0;
	for (size_t i = 0; i < l->base.cap; i++) {
		if (l->base.key[i] != 0) {
			(void)map64_put(&l->row, l->base.key[i], l->base.val[i], NULL);
			l->row_sum += l->base.val[i];
		}
	}
	for (size_t i = 0; i < l->len; i++) {
		struct record_kept *r = &l->rec[i];
		if (has_identity(r)) {
			(void)map64_put(&l->seen, seen_key(r->party, r->id), r->sequence, NULL);
		}
		fold(l, r);
	}
}

void ledger_truncate(struct ledger *l, uint64_t sequence)
{
	if (sequence >= l->len) {
		return;
	}
	while (l->len > sequence) {
		free(l->rec[--l->len].effects);
	}
	refold(l);
}

const struct record_kept *ledger_at(const struct ledger *l, uint64_t sequence)
{
	return sequence >= 1 && sequence <= l->len ? &l->rec[sequence - 1] : NULL;
}

const struct record_kept *ledger_find(const struct ledger *l, const char *party,
				      const uint8_t id[16])
{
	uint64_t sequence;

	return map64_get(&l->seen, seen_key(party, id), &sequence) ? ledger_at(l, sequence) : NULL;
}

void ledger_done(struct ledger *l)
{
	for (size_t i = 0; i < l->len; i++) {
		free(l->rec[i].effects);
	}
	free(l->rec);
	map64_done(&l->base);
	map64_done(&l->row);
	map64_done(&l->seen);
	map64_done(&l->entry);
	map64_done(&l->body);
	*l = (struct ledger){ 0 };
}
