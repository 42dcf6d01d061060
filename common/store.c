/* SPDX-License-Identifier: EUPL-1.2 */
#define XXH_INLINE_ALL
#include "common/store.h"

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
#define STORE_READERS_MAX 16
#define STORE_PATH_MAX 1024

static int map_err(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return SK_OK;
	case MDB_NOTFOUND:
		return SK_ENOENT;
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
		return map_err(rc);
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
		return map_err(mdb_txn_commit(txn));
	}
	if (txn != NULL) {
		mdb_txn_abort(txn);
	}
	return map_err(rc);
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
		.used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize,
		.map_bytes = info.me_mapsize,
	};
}

int store_copy(struct store *st, const char *dir)
{
	return map_err(mdb_env_copy2(st->env, dir, MDB_CP_COMPACT));
}

/* --- transactions --- */

int store_begin(struct store *st, struct store_txn *ret_txn)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(st->env, NULL, 0, &txn);

	if (rc != 0) {
		return map_err(rc);
	}
	*ret_txn = (struct store_txn){ .txn = txn, .dbi = st->dbi };
	return SK_OK;
}

int store_commit(struct store_txn *txn)
{
	MDB_txn *t = txn->txn;

	txn->txn = NULL;
	if (txn->err != SK_OK) {
		mdb_txn_abort(t);
		return txn->err;
	}
	return map_err(mdb_txn_commit(t));
}

void store_abort(struct store_txn *txn)
{
	if (txn->txn != NULL) {
		mdb_txn_abort(txn->txn);
		txn->txn = NULL;
	}
}

int store_child_begin(struct store_txn *parent, struct effects *fx, struct store_txn *ret)
{
	MDB_txn *txn;

	if (parent->err != SK_OK) {
		return parent->err;
	}
	int rc = mdb_txn_begin(mdb_txn_env(parent->txn), parent->txn, 0, &txn);
	if (rc != 0) {
		return map_err(rc);
	}
	*ret = (struct store_txn){ .txn = txn, .dbi = parent->dbi, .fx = fx };
	return SK_OK;
}

int store_child_commit(struct store_txn *child, struct store_txn *parent)
{
	int err = store_commit(child);

	if (err == SK_OK) {
		parent->writes += child->writes + 1;
	}
	return err;
}

/* --- keys, sums, effects --- */

struct flat_key {
	size_t len;
	uint8_t b[KEY_LEN_MAX + 1];
};

static MDB_val flatten(struct flat_key *flat, uint8_t table, const struct key *k)
{
	flat->b[0] = table;
	if (k->len > 0) {
		memcpy(flat->b + 1, k->b, k->len);
	}
	flat->len = k->len + 1;
	return (MDB_val){ .mv_size = flat->len, .mv_data = flat->b };
}

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

static int effects_room(struct effects *fx, size_t need)
{
	if (fx->cap - fx->len >= need) {
		return SK_OK;
	}
	size_t cap = fx->cap == 0 ? 4096 : fx->cap;
	while (cap - fx->len < need) {
		cap *= 2;
	}
	uint8_t *buf = realloc(fx->buf, cap);
	if (buf == NULL) {
		return SK_ENOMEM;
	}
	fx->buf = buf;
	fx->cap = cap;
	return SK_OK;
}

enum { EFFECT_PUT = 1, EFFECT_DEL = 2, EFFECT_HEADER = 3 };

static int effects_add(struct effects *fx, uint8_t op, const MDB_val *key, const struct slice *val)
{
	size_t need = EFFECT_HEADER + key->mv_size + 4 + (val == NULL ? 0 : val->len);
	int err = effects_room(fx, need);

	if (err != SK_OK) {
		return err;
	}
	uint8_t *p = fx->buf + fx->len;
	const uint8_t *k = key->mv_data;
	*p++ = op;
	*p++ = k[0];
	*p++ = (uint8_t)(key->mv_size - 1);
	memcpy(p, k + 1, key->mv_size - 1);
	p += key->mv_size - 1;
	if (val != NULL) {
		be32_write(p, (uint32_t)val->len);
		p += 4;
		if (val->len > 0) {
			memcpy(p, val->data, val->len);
			p += val->len;
		}
	}
	fx->len = (size_t)(p - fx->buf);
	return SK_OK;
}

void effects_free(struct effects *fx)
{
	free(fx->buf);
	*fx = (struct effects){ 0 };
}

static bool take_bytes(struct slice *s, size_t len, const uint8_t **ret_p)
{
	if (s->len < len) {
		return false;
	}
	*ret_p = s->data;
	s->data = *ret_p + len;
	s->len -= len;
	return true;
}

int effects_next(struct slice *rest, uint8_t *ret_table, struct key *ret_key, struct slice *ret_val)
{
	const uint8_t *head, *k, *v = NULL;
	uint32_t len = 0;

	if (rest->len == 0) {
		return 0;
	}
	SK_ASSERT(rest->data != NULL);
	if (!take_bytes(rest, EFFECT_HEADER, &head) || head[2] > KEY_LEN_MAX ||
	    !take_bytes(rest, head[2], &k)) {
		return SK_ECORRUPT;
	}
	if (head[0] == EFFECT_PUT) {
		if (!key_take_u32(rest, &len) || !take_bytes(rest, len, &v)) {
			return SK_ECORRUPT;
		}
	} else if (head[0] != EFFECT_DEL) {
		return SK_ECORRUPT;
	}
	*ret_table = head[1];
	*ret_key = (struct key){ .len = head[2] };
	memcpy(ret_key->b, k, head[2]);
	*ret_val = (struct slice){ .data = v, .len = len };
	return 1;
}

int effects_apply(struct store_txn *txn, struct slice fx)
{
	uint8_t table;
	struct key k;
	struct slice val;
	int rc;

	while ((rc = effects_next(&fx, &table, &k, &val)) == 1) {
		if (val.data == NULL) {
			store_del(txn, table, &k);
		} else {
			store_put(txn, table, &k, val);
		}
	}
	return rc != 0 ? rc : txn->err;
}

/* --- get, put, del --- */

bool store_get(struct store_txn *txn, uint8_t table, const struct key *k, struct slice *ret_val)
{
	struct flat_key flat;
	MDB_val val;

	if (txn->err != SK_OK) {
		return false;
	}
	MDB_val key = flatten(&flat, table, k);
	int err = map_err(mdb_get(txn->txn, txn->dbi, &key, &val));
	if (err != SK_OK) {
		txn->err = err == SK_ENOENT ? SK_OK : err;
		return false;
	}
	return open_value(txn, &key, &val, ret_val) == SK_OK;
}

void store_put(struct store_txn *txn, uint8_t table, const struct key *k, struct slice val)
{
	struct flat_key flat;

	if (txn->err != SK_OK) {
		return;
	}
	SK_ASSERT(!txn->read_only);
	MDB_val key = flatten(&flat, table, k);
	/* The value may borrow from a page that mdb_put moves: effects are taken and the sum is
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
	txn->err = map_err(mdb_put(txn->txn, txn->dbi, &key, &room, MDB_RESERVE));
	if (txn->err != SK_OK) {
		return;
	}
	uint8_t *p = room.mv_data;
	if (val.len > 0) {
		memcpy(p, val.data, val.len);
	}
	be64_write(p + val.len, sum);
	txn->writes++;
}

void store_del(struct store_txn *txn, uint8_t table, const struct key *k)
{
	struct flat_key flat;

	if (txn->err != SK_OK) {
		return;
	}
	SK_ASSERT(!txn->read_only);
	MDB_val key = flatten(&flat, table, k);
	int err = map_err(mdb_del(txn->txn, txn->dbi, &key, NULL));
	if (err == SK_ENOENT) {
		return;
	}
	txn->err = err;
	if (err == SK_OK && txn->fx != NULL) {
		txn->err = effects_add(txn->fx, EFFECT_DEL, &key, NULL);
	}
	txn->writes++;
}
