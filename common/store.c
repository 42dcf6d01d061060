/* SPDX-License-Identifier: EUPL-1.2 */
#define XXH_INLINE_ALL
#include "common/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <xxhash.h>

#include "common/mut.h"

#define SUM_LEN 8
#define STORE_READERS_MAX 160 /* workers of the gateway; a daemon has one, and one of a copy */
#define STORE_PATH_MAX 1024

int store_map_err(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return SK_OK;
	case MDB_NOTFOUND:
		return SK_ENOENT;
	case MDB_KEYEXIST:
		return SK_EEXIST;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
	case ENOSPC:
		return SK_EFULL;
	case ENOMEM:
		return SK_ENOMEM;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
		return SK_ECORRUPT;
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
		return SK_EFOREIGN;
	default:
		return SK_ESYS;
	}
}

/* --- environment --- */

static int lock_dir(const char *dir, int *ret_fd)
{
	char path[STORE_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/owner.lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		return SK_ESYS;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		return SK_EBUSY;
	}
	*ret_fd = fd;
	return SK_OK;
}

static int open_env(struct store *st, const struct store_conf *conf)
{
	unsigned int flags = MDB_NOTLS | (conf->no_sync ? MDB_NOSYNC : 0U);
	MDB_txn *txn = NULL;

	int rc = mdb_env_create(&st->env);
	if (rc != 0) {
		st->env = NULL;
		return store_map_err(rc);
	}
	if (conf->map_bytes != 0) {
		rc = mdb_env_set_mapsize(st->env, conf->map_bytes);
	}
	if (rc == 0) {
		rc = mdb_env_set_maxreaders(st->env, STORE_READERS_MAX);
	}
	if (rc == 0) {
		rc = mdb_env_open(st->env, conf->dir, flags, 0600);
	}
	if (rc == 0) {
		rc = mdb_reader_check(st->env, NULL);
	}
	if (rc == 0) {
		rc = mdb_txn_begin(st->env, NULL, 0, &txn);
	}
	if (rc == 0) {
		rc = mdb_dbi_open(txn, NULL, 0, &st->dbi);
	}
	if (rc == 0) {
		return store_map_err(mdb_txn_commit(txn));
	}
	if (txn != NULL) {
		mdb_txn_abort(txn);
	}
	return store_map_err(rc);
}

static int open_at(struct store *st, const struct store_conf *conf)
{
	*st = (struct store){ .lock_fd = -1 };
	int err = lock_dir(conf->dir, &st->lock_fd);
	if (err == SK_OK) {
		err = open_env(st, conf);
	}
	if (err != SK_OK) {
		store_close(st);
	}
	return err;
}

int store_open(struct store *st, const struct store_conf *conf)
{
	char path[STORE_PATH_MAX];

	*st = (struct store){ .lock_fd = -1 };
	(void)snprintf(path, sizeof(path), "%s/data.mdb", conf->dir);
	/* An enrolled node never auto-creates: a missing file is a lost store, not a new one. */
	if (access(path, R_OK | W_OK) != 0) {
		return SK_ENOENT;
	}
	return open_at(st, conf);
}

int store_create(struct store *st, const struct store_conf *conf)
{
	return open_at(st, conf);
}

void store_close(struct store *st)
{
	if (st->env != NULL) {
		mdb_env_close(st->env);
		st->env = NULL;
	}
	effects_free(&st->undo);
	if (st->lock_fd >= 0) {
		(void)close(st->lock_fd);
		st->lock_fd = -1;
	}
}

void store_usage(struct store *st, struct store_usage *ret_usage)
{
	MDB_envinfo info = { 0 };
	MDB_stat stat = { 0 };

	(void)mdb_env_info(st->env, &info);
	(void)mdb_env_stat(st->env, &stat);
	*ret_usage = (struct store_usage){
		.file_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize,
		.map_bytes = info.me_mapsize,
	};
}

/* Rows of the free list: the transaction that let the pages go, and how many. Those of the last
 * one, and all behind a copy that still reads, cannot be taken yet. */
static int count_free(const struct store *st, MDB_txn *txn, uint64_t *ret_pages)
{
	static const MDB_dbi free_list;
	uint64_t before = mdb_txn_id(txn);
	uint64_t copy_from = atomic_load(&st->copy_from);
	uint64_t pages = 0;
	MDB_cursor *cursor = NULL;
	MDB_val key, val;

	before = copy_from != 0 && copy_from < before ? copy_from : before;
	int rc = mdb_cursor_open(txn, free_list, &cursor);
	while (rc == 0 && (rc = mdb_cursor_get(cursor, &key, &val, MDB_NEXT)) == 0) {
		size_t id, len;
		memcpy(&id, key.mv_data, sizeof(id));
		memcpy(&len, val.mv_data, sizeof(len));
		pages += id < before ? len : 0;
	}
	if (cursor != NULL) {
		mdb_cursor_close(cursor);
	}
	*ret_pages = pages;
	return rc == MDB_NOTFOUND ? SK_OK : store_map_err(rc);
}

int store_free_bytes(struct store *st, uint64_t *ret_bytes)
{
	MDB_stat stat = { 0 };
	MDB_txn *txn = NULL;
	uint64_t pages = 0;

	int rc = mdb_txn_begin(st->env, NULL, MDB_RDONLY, &txn);
	if (rc != 0) {
		return store_map_err(rc);
	}
	(void)mdb_env_stat(st->env, &stat);
	int err = count_free(st, txn, &pages);
	mdb_txn_abort(txn);
	if (err == SK_OK) {
		*ret_bytes = pages * stat.ms_psize;
	}
	return err;
}

int store_copy(struct store *st, const char *dir)
{
	MDB_envinfo info = { 0 };

	(void)mdb_env_info(st->env, &info);
	atomic_store(&st->copy_from, info.me_last_txnid == 0 ? 1 : info.me_last_txnid);
	int rc = mdb_env_copy2(st->env, dir, MDB_CP_COMPACT);
	atomic_store(&st->copy_from, 0);
	return store_map_err(rc);
}

/* --- transactions --- */

int store_begin(struct store *st, struct store_txn *ret_txn)
{
	MDB_txn *txn;
	MDB_cursor *at;
	int rc = mdb_txn_begin(st->env, NULL, 0, &txn);

	if (rc != 0) {
		return store_map_err(rc);
	}
	rc = mdb_cursor_open(txn, st->dbi, &at);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return store_map_err(rc);
	}
	*ret_txn = (struct store_txn){ .txn = txn, .at = at, .dbi = st->dbi, .undo = &st->undo };
	return SK_OK;
}

int store_read_begin(struct store *st, struct store_txn *ret_txn)
{
	MDB_txn *txn = NULL;
	MDB_cursor *at = NULL;
	int rc = mdb_txn_begin(st->env, NULL, MDB_RDONLY, &txn);

	if (rc == 0) {
		rc = mdb_cursor_open(txn, st->dbi, &at);
	}
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc == MDB_READERS_FULL ? SK_EBUSY : store_map_err(rc);
	}
	*ret_txn = (struct store_txn){ .txn = txn, .at = at, .dbi = st->dbi, .read_only = true };
	return SK_OK;
}

int store_commit(struct store_txn *txn)
{
	MDB_txn *t = txn->txn;

	SK_ASSERT(txn->parent == NULL);
	txn->txn = NULL;
	mdb_cursor_close(txn->at);
	if (txn->err != SK_OK) {
		mdb_txn_abort(t);
		return txn->err;
	}
	return store_map_err(mdb_txn_commit(t));
}

void store_abort(struct store_txn *txn)
{
	if (txn->txn == NULL) {
		return;
	}
	if (txn->parent != NULL) {
		txn->parent->err = undo_run(txn);
		txn->parent->writes += txn->writes + 1;
	} else {
		mdb_cursor_close(txn->at);
		mdb_txn_abort(txn->txn);
	}
	txn->txn = NULL;
}

/* --- sums --- */

static uint64_t sum_of(const MDB_val *key, const void *val, size_t len)
{
	XXH64_hash_t seed = XXH3_64bits(key->mv_data, key->mv_size);

	return XXH3_64bits_withSeed(val, len, seed);
}

/** Checks and takes off the checksum. */
static int open_value(struct store_txn *txn, const MDB_val *key, const MDB_val *val,
		      struct slice *ret_val)
{
	if (val->mv_size < SUM_LEN) {
		return txn->err = SK_ECORRUPT;
	}
	size_t len = val->mv_size - SUM_LEN;
	const uint8_t *p = val->mv_data;
	if (!MUT(29) && sum_of(key, p, len) != be64_read(p + len)) {
		return txn->err = SK_ECORRUPT;
	}
	*ret_val = (struct slice){ .data = p, .len = len };
	return SK_OK;
}

/* --- get, put, del --- */

/** @return SK_ENOENT: nothing stands there. */
static int find(struct store_txn *txn, MDB_val *key, MDB_val *ret_val)
{
	return store_map_err(mdb_cursor_get(txn->at, key, ret_val, MDB_SET));
}

bool store_get(struct store_txn *txn, uint8_t table, const struct key *k, struct slice *ret_val)
{
	struct flat_key flat;
	MDB_val val;

	if (txn->err != SK_OK) {
		return false;
	}
	MDB_val key = flatten(&flat, table, k);
	int err = find(txn, &key, &val);
	if (err != SK_OK) {
		txn->err = err == SK_ENOENT ? SK_OK : err;
		return false;
	}
	return open_value(txn, &key, &val, ret_val) == SK_OK;
}

static void write_value(const MDB_val *room, struct slice val, uint64_t sum)
{
	uint8_t *p = room->mv_data;

	if (val.len > 0) {
		memcpy(p, val.data, val.len);
	}
	be64_write(p + val.len, sum);
}

static bool may_write(const struct store_txn *txn)
{
	if (txn->err != SK_OK) {
		return false;
	}
	SK_ASSERT(!txn->read_only);
	return true;
}

/** Makes room for the value of a row that is not there yet. @return SK_EEXIST and the value, if it
 *  is: nothing has changed. */
static int insert(struct store_txn *txn, MDB_val *key, MDB_val *io_room)
{
	int err = undo_room(txn, key); /* what was put can be taken back, or it is not put */

	if (err != SK_OK) {
		return err;
	}
	int rc = mdb_cursor_put(txn->at, key, io_room, MDB_RESERVE | MDB_NOOVERWRITE);
	if (rc != 0) {
		return store_map_err(rc);
	}
	txn->writes++;
	return undo_add(txn, key, NULL);
}

/** The same for a row that is there: @p old is its value, and the cursor stands on it. */
static int replace(struct store_txn *txn, MDB_val *key, const MDB_val *old, MDB_val *io_room)
{
	int err = undo_add(txn, key, old);

	if (err != SK_OK) {
		return err;
	}
	txn->writes++;
	return store_map_err(mdb_cursor_put(txn->at, key, io_room, MDB_RESERVE | MDB_CURRENT));
}

void store_put(struct store_txn *txn, uint8_t table, const struct key *k, struct slice val)
{
	struct flat_key flat;

	if (!may_write(txn)) {
		return;
	}
	MDB_val key = flatten(&flat, table, k);
	/* The value may borrow from a page that the put moves: effects are taken and the sum is
	 * made first, and the reserved room is written last. */
	uint64_t sum = sum_of(&key, val.data, val.len);
	if (txn->fx != NULL) {
		txn->err = effects_add(txn->fx, EFFECT_PUT, &key, &val);
		if (txn->err != SK_OK) {
			return;
		}
		val.data = txn->fx->buf + txn->fx->len - val.len;
	}
	MDB_val room = { .mv_size = val.len + SUM_LEN };
	txn->err = insert(txn, &key, &room);
	if (txn->err == SK_EEXIST) {
		MDB_val old = room;
		room = (MDB_val){ .mv_size = val.len + SUM_LEN };
		txn->err = replace(txn, &key, &old, &room);
	}
	if (txn->err == SK_OK) {
		write_value(&room, val, sum);
	}
}

void store_mark(struct store_txn *txn, uint8_t table, const struct key *k)
{
	static const struct slice none = { "", 0 };
	MDB_val room = { .mv_size = SUM_LEN };
	struct flat_key flat;

	if (!may_write(txn)) {
		return;
	}
	MDB_val key = flatten(&flat, table, k);
	int err = insert(txn, &key, &room);
	if (err == SK_EEXIST) {
		return;
	}
	if (err == SK_OK) {
		write_value(&room, none, sum_of(&key, none.data, 0));
		err = txn->fx == NULL ? SK_OK : effects_add(txn->fx, EFFECT_PUT, &key, &none);
	}
	txn->err = err;
}

void store_del(struct store_txn *txn, uint8_t table, const struct key *k)
{
	struct flat_key flat;
	MDB_val old;

	if (!may_write(txn)) {
		return;
	}
	MDB_val key = flatten(&flat, table, k);
	int err = find(txn, &key, &old);
	if (err == SK_ENOENT) {
		return;
	}
	if (err == SK_OK) {
		err = undo_add(txn, &key, &old);
	}
	if (err == SK_OK) {
		txn->writes++;
		err = store_map_err(mdb_cursor_del(txn->at, 0));
	}
	if (err == SK_OK && txn->fx != NULL) {
		err = effects_add(txn->fx, EFFECT_DEL, &key, NULL);
	}
	txn->err = err;
}
