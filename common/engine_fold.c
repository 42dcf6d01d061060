/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdlib.h>
#include <string.h>

#include "common/engine_internal.h"

/* Everything that the engine keeps in memory is folded from effects, in the running daemon and at
 * start alike, so that it cannot differ from the store. */

static void *unpack(struct slice val, const ProtobufCMessageDescriptor *type)
{
	return protobuf_c_message_unpack(type, NULL, val.len, val.data);
}

static void drop(void *m)
{
	protobuf_c_message_free_unpacked(m, NULL);
}

static int fold_meta(struct engine *e, const struct key *k, struct slice val)
{
	if (k->len != 1 || val.data == NULL) {
		struct slice rest = { k->b, k->len };
		char peer[PARTY_ID_LEN_MAX + 1];
		uint8_t kind = 0;
		if (key_take_u8(&rest, &kind) && key_take_str(&rest, peer)) {
			struct link_in *l = engine_link(e, peer);
			if (l != NULL) {
				l->paused = val.data != NULL;
				l->ask_now = true;
			}
		}
		return SK_OK;
	}
	PB(MetaRecord) *m = unpack(val, &schakel__v1__meta_record__descriptor);
	if (m == NULL) {
		return SK_ENOMEM;
	}
	e->inc = (struct incarnation){ m->incarnation, m->nonce };
	e->demo = m->demo;
	e->draining = m->draining;
	e->receipts_from_ms = m->receipts_from_ms;
	drop(m);
	return SK_OK;
}

static int fold_config(struct engine *e, struct slice val)
{
	struct config_index *ci = NULL;
	int err = config_index_new(val, &ci);

	if (err == SK_OK) {
		config_index_free(e->config);
		e->config = ci;
		e->ready = true;
	}
	return err;
}

static int fold_cursor(struct engine *e, const struct key *k, struct slice val)
{
	struct slice rest = { k->b, k->len };
	char peer[PARTY_ID_LEN_MAX + 1];
	struct link_in *l = key_take_str(&rest, peer) ? engine_link(e, peer) : NULL;

	if (l == NULL || val.data == NULL) {
		return SK_OK;
	}
	PB(CursorRecord) *c = unpack(val, &schakel__v1__cursor_record__descriptor);
	if (c == NULL) {
		return SK_ENOMEM;
	}
	l->inc = (struct incarnation){ c->incarnation, c->nonce };
	l->sequence = c->sequence;
	l->sum = c->sum;
	drop(c);
	return SK_OK;
}

/** Isolated as long as one peer's inventory is awaited. */
static void refresh_isolation(struct engine *e)
{
	struct store_iter it;
	struct key prefix = { 0 }, k;
	struct slice val;

	key_u8(&prefix, 1);
	store_iter_init(&it, &e->txn, TABLE_RECONCILE, &prefix);
	bool was = e->isolated;
	e->isolated = store_next(&it, &k, &val);
	store_iter_done(&it);
	if (was && !e->isolated) {
		e->next_due_ms = 0; /* what was held may run */
	}
}

int engine_fold_head(struct engine *e, const struct key *k, struct slice val)
{
	struct slice rest = { k->b, k->len };
	char log[PARTY_ID_LEN_MAX + 1];

	if (!key_take_str(&rest, log) || val.data == NULL) {
		return SK_OK;
	}
	PB(LogHeadRecord) *r = unpack(val, &schakel__v1__log_head_record__descriptor);
	struct log_head *h = r == NULL ? NULL : engine_head(e, log);
	if (h == NULL) {
		if (r != NULL) {
			drop(r);
		}
		return SK_ENOMEM;
	}
	if (h->incarnation != r->incarnation) {
		h->incarnation = r->incarnation;
		h->oldest = 1;
		h->read_to = 0;
		h->trimmed_bytes = 0;
		h->sum = 0;
		h->old_owed = true;
	}
	h->sequence = r->sequence;
	h->bytes = r->bytes;
	drop(r);
	return SK_OK;
}

static void note_due(struct engine *e, const struct key *k)
{
	uint64_t due_ms = be64_read(k->b);

	e->next_due_ms = due_ms < e->next_due_ms ? due_ms : e->next_due_ms;
	e->own_due = e->own_due || (due_ms == 0 && k->b[8] >= DUE_ENGINE_FIRST);
}

static int fold_own(struct engine *e, uint8_t table, const struct key *k, struct slice val)
{
	switch (table) {
	case TABLE_META:
		return fold_meta(e, k, val);
	case TABLE_CONFIG:
		return val.data == NULL ? SK_OK : fold_config(e, val);
	case TABLE_CURSOR:
		return fold_cursor(e, k, val);
	case TABLE_RECONCILE:
		refresh_isolation(e);
		return e->txn.err;
	case TABLE_LOG_HEAD:
		return engine_fold_head(e, k, val);
	case TABLE_QUARANTINE:
		/* A row is put once and taken away once. */
		e->quarantined = val.data != NULL ? e->quarantined + 1 : e->quarantined - 1;
		return SK_OK;
	case TABLE_DUE:
		if (val.data != NULL) {
			note_due(e, k);
		}
		return SK_OK;
	default:
		return SK_OK;
	}
}

int engine_fold(struct engine *e, struct slice effects)
{
	uint8_t table;
	struct key k;
	struct slice val;
	int rc;

	while ((rc = effects_next(&effects, &table, &k, &val)) == 1) {
		int err = fold_own(e, table, &k, val);
		if (err == SK_OK && table >= TABLE_SERVICE && e->svc->index_fold != NULL) {
			err = e->svc->index_fold(e->index, table, &k, val);
		}
		if (err != SK_OK) {
			return err;
		}
	}
	return rc;
}

static int fold_table(struct engine *e, uint8_t table, bool own)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, &e->txn, table, NULL);
	while (store_next(&it, &k, &val)) {
		int err = own ? fold_own(e, table, &k, val) :
				e->svc->index_fold(e->index, table, &k, val);
		if (err != SK_OK) {
			store_iter_done(&it);
			return err;
		}
	}
	return e->txn.err;
}

/** What readers have taken; written by the shell, so not part of any effect. */
static int load_trims(struct engine *e)
{
	struct store_iter it;
	struct key k;
	struct slice val;

	store_iter_init(&it, &e->txn, TABLE_LOG_TRIM, NULL);
	while (store_next(&it, &k, &val)) {
		struct slice rest = { k.b, k.len };
		char log[PARTY_ID_LEN_MAX + 1];
		PB(LogTrimRecord) *r = unpack(val, &schakel__v1__log_trim_record__descriptor);
		struct log_head *h = key_take_str(&rest, log) ? engine_head(e, log) : NULL;
		if (r == NULL || h == NULL) {
			store_iter_done(&it);
			return SK_ENOMEM;
		}
		if (h->incarnation == r->incarnation) {
			h->oldest = r->oldest;
			h->sum = r->sum;
			h->read_to = r->read_to;
			h->trimmed_bytes = r->bytes;
			h->trim_owed = h->oldest <= h->read_to;
		}
		drop(r);
	}
	return e->txn.err;
}

int engine_load_state(struct engine *e)
{
	static const uint8_t own[] = { TABLE_META, TABLE_CONFIG, TABLE_CURSOR, TABLE_LOG_HEAD,
				       TABLE_QUARANTINE };
	int err = SK_OK;

	for (size_t i = 0; i < SK_LEN(own) && err == SK_OK; i++) {
		err = fold_table(e, own[i], true);
	}
	if (err == SK_OK) {
		err = load_trims(e);
	}
	if (err == SK_OK) {
		refresh_isolation(e);
		e->next_due_ms = 0;
		e->own_due = true; /* look */
		err = e->txn.err;
	}
	for (const uint8_t *t = e->svc->indexed; err == SK_OK && t != NULL && *t != 0; t++) {
		err = fold_table(e, *t, false);
	}
	return err;
}
