/* SPDX-License-Identifier: EUPL-1.2 */
#define XXH_INLINE_ALL
#include <string.h>

#include <xxhash.h>

#include "common/mut.h"
#include "common/store.h"

#define SUM_LEN 8

void store_iter_init(struct store_iter *it, struct store_txn *txn, uint8_t table,
		     const struct key *prefix)
{
	*it = (struct store_iter){ .txn = txn, .table = table, .inclusive = true };
	if (prefix != NULL) {
		it->prefix = *prefix;
		it->at = *prefix;
	}
}

void store_iter_from(struct store_iter *it, const struct key *from, bool inclusive)
{
	it->at = *from;
	it->inclusive = inclusive;
}

void store_iter_done(struct store_iter *it)
{
	if (it->cursor != NULL) {
		mdb_cursor_close(it->cursor);
		it->cursor = NULL;
	}
}

/** Places the cursor on the next row: by step, or, at the start and after any write, by seeking. */
static int move(struct store_iter *it, MDB_val *key, MDB_val *val)
{
	uint8_t flat[KEY_LEN_MAX + 1];

	if (it->cursor != NULL && it->writes_seen == it->txn->writes) {
		return mdb_cursor_get(it->cursor, key, val, MDB_NEXT);
	}
	store_iter_done(it);
	int rc = mdb_cursor_open(it->txn->txn, it->txn->dbi, &it->cursor);
	if (rc != 0) {
		it->cursor = NULL;
		return rc;
	}
	it->writes_seen = it->txn->writes;
	flat[0] = it->table;
	memcpy(flat + 1, it->at.b, it->at.len);
	*key = (MDB_val){ .mv_size = it->at.len + 1, .mv_data = flat };
	rc = mdb_cursor_get(it->cursor, key, val, MDB_SET_RANGE);
	bool same = rc == 0 && key->mv_size == it->at.len + 1 &&
		    memcmp(key->mv_data, flat, key->mv_size) == 0;
	if (same && !it->inclusive) {
		rc = mdb_cursor_get(it->cursor, key, val, MDB_NEXT);
	}
	return rc;
}

static bool inside(const struct store_iter *it, const MDB_val *key)
{
	const uint8_t *k = key->mv_data;

	return key->mv_size >= it->prefix.len + 1 && key->mv_size <= KEY_LEN_MAX + 1 &&
	       k[0] == it->table && memcmp(k + 1, it->prefix.b, it->prefix.len) == 0;
}

static bool sum_is_right(const MDB_val *key, const MDB_val *val)
{
	if (val->mv_size < SUM_LEN) {
		return false;
	}
	size_t len = val->mv_size - SUM_LEN;
	const uint8_t *p = val->mv_data;
	XXH64_hash_t seed = XXH3_64bits(key->mv_data, key->mv_size);
	return MUT(29) || XXH3_64bits_withSeed(p, len, seed) == be64_read(p + len);
}

bool store_next(struct store_iter *it, struct key *ret_key, struct slice *ret_val)
{
	MDB_val key, val;

	if (it->txn->err != SK_OK) {
		store_iter_done(it);
		return false;
	}
	int rc = move(it, &key, &val);
	if (rc == MDB_NOTFOUND || (rc == 0 && !inside(it, &key))) {
		store_iter_done(it);
		return false;
	}
	if (rc != 0 || !sum_is_right(&key, &val)) {
		it->txn->err = rc == 0 ? SK_ECORRUPT : SK_ESYS;
		store_iter_done(it);
		return false;
	}
	it->inclusive = false;
	it->at.len = key.mv_size - 1;
	memcpy(it->at.b, (const uint8_t *)key.mv_data + 1, it->at.len);
	*ret_key = it->at;
	*ret_val = (struct slice){ .data = val.mv_data, .len = val.mv_size - SUM_LEN };
	return true;
}

static bool is_replayable(uint8_t table)
{
	return table < TABLE_LOG || table >= TABLE_SERVICE;
}

int store_digest(struct store_txn *txn, uint64_t *ret_digest)
{
	XXH3_state_t state;
	uint8_t len[8];

	(void)XXH3_64bits_reset(&state);
	for (int table = 1; table < TABLE_END; table++) {
		struct store_iter it;
		struct key k;
		struct slice val;

		if (!is_replayable((uint8_t)table)) {
			continue;
		}
		store_iter_init(&it, txn, (uint8_t)table, NULL);
		while (store_next(&it, &k, &val)) {
			be32_write(len, (uint32_t)k.len | (uint32_t)table << 16);
			be32_write(len + 4, (uint32_t)val.len);
			(void)XXH3_64bits_update(&state, len, sizeof(len));
			(void)XXH3_64bits_update(&state, k.b, k.len);
			(void)XXH3_64bits_update(&state, val.data, val.len);
		}
	}
	*ret_digest = XXH3_64bits_digest(&state);
	return txn->err;
}
