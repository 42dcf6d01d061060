/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/store_private.h"

/* A child's writes stand in its parent's transaction from the start. Before each of them the one
 * that takes it back is kept: as an effect, with its length behind it, so that they can be walked
 * from the last to the first. */

#define BACK_LEN 4

int undo_room(struct store_txn *txn, const MDB_val *key)
{
	size_t need = EFFECT_HEADER + key->mv_size + BACK_LEN;

	return txn->parent == NULL ? SK_OK : effects_room(txn->undo, need);
}

int undo_add(struct store_txn *txn, const MDB_val *key, const MDB_val *old)
{
	struct effects *undo = txn->undo;
	size_t start = undo->len;
	struct slice val = { 0 };
	int err;

	if (txn->parent == NULL) {
		return SK_OK;
	}
	if (old == NULL) {
		err = effects_add(undo, EFFECT_DEL, key, NULL);
	} else {
		val = (struct slice){ old->mv_data, old->mv_size };
		err = effects_add(undo, EFFECT_PUT, key, &val);
	}
	if (err == SK_OK) {
		err = effects_room(undo, BACK_LEN);
	}
	if (err != SK_OK) {
		undo->len = start;
		return err;
	}
	be32_write(undo->buf + undo->len, (uint32_t)(undo->len - start));
	undo->len += BACK_LEN;
	return SK_OK;
}

/** With its checksum as it stood: nothing is looked at, nothing is recorded. */
static int put_back(struct store_txn *txn, struct slice one)
{
	struct flat_key flat;
	struct slice val;
	struct key k;
	uint8_t table;

	if (effects_next(&one, &table, &k, &val) != 1) {
		return SK_ECORRUPT;
	}
	MDB_val key = flatten(&flat, table, &k);
	MDB_val old = { .mv_size = val.len, .mv_data = (void *)(uintptr_t)val.data };
	if (val.data == NULL) {
		return store_map_err(mdb_del(txn->txn, txn->dbi, &key, NULL));
	}
	return store_map_err(mdb_put(txn->txn, txn->dbi, &key, &old, 0));
}

int undo_run(struct store_txn *child)
{
	struct effects *undo = child->undo;
	int err = SK_OK;

	while (undo->len > 0 && err == SK_OK) {
		size_t end = undo->len - BACK_LEN;
		size_t len = be32_read(undo->buf + end);
		SK_ASSERT(len <= end);
		err = put_back(child, (struct slice){ undo->buf + end - len, len });
		undo->len = end - len;
	}
	return err;
}

int store_child_begin(struct store_txn *parent, struct effects *fx, struct store_txn *ret)
{
	if (parent->err != SK_OK) {
		return parent->err;
	}
	SK_ASSERT(parent->parent == NULL);
	parent->undo->len = 0;
	*ret = (struct store_txn){ .txn = parent->txn,
				   .at = parent->at,
				   .dbi = parent->dbi,
				   .fx = fx,
				   .undo = parent->undo,
				   .parent = parent };
	return SK_OK;
}

int store_child_commit(struct store_txn *child)
{
	if (child->err != SK_OK) {
		store_abort(child);
		return child->err;
	}
	child->parent->writes += child->writes + 1;
	child->txn = NULL;
	return SK_OK;
}
