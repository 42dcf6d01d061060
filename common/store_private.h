/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The inside of the store, shared by its own files only. */
#include <string.h>

#include "common/store.h"

enum { EFFECT_PUT = 1, EFFECT_DEL = 2, EFFECT_HEADER = 3 };

/** Table and key as LMDB has them. */
struct flat_key {
	size_t len;
	uint8_t b[KEY_LEN_MAX + 1];
};

static inline MDB_val flatten(struct flat_key *flat, uint8_t table, const struct key *k)
{
	flat->b[0] = table;
	if (k->len > 0) {
		memcpy(flat->b + 1, k->b, k->len);
	}
	flat->len = k->len + 1;
	return (MDB_val){ .mv_size = flat->len, .mv_data = flat->b };
}

int store_map_err(int rc);

/** Room for @p need bytes more. */
SK_CHECKED int effects_room(struct effects *fx, size_t need);
SK_CHECKED int effects_add(struct effects *fx, uint8_t op, const MDB_val *key,
			   const struct slice *val);

/** Room for undo_add() of a row that is not there: then that one does not fail. */
SK_CHECKED int undo_room(struct store_txn *txn, const MDB_val *key);
/** What stands at @p key changes; @p old is NULL when nothing did. Nothing to do but in a child. */
SK_CHECKED int undo_add(struct store_txn *txn, const MDB_val *key, const MDB_val *old);
/** Brings back all of it. An error is the end of the whole transaction. */
SK_CHECKED int undo_run(struct store_txn *child);
