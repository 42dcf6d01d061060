/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  LMDB behind one table space: key = table number, then a composite key (common/key.h).
 *  Every value ends in XXH3-64 over (table, key, value), verified at each read. One open write
 *  transaction runs ahead of the disk; each message steps in a child of it, which is a savepoint:
 *  it writes into the same LMDB transaction and keeps what stood there before. (LMDB's own children
 *  copy each page they touch, which cost more than all else of a step.) Errors are sticky: after
 * the first, every call is a no-op, so callers read straight down and check txn->err once.
 *  Ownership: one owner process, guarded by a lock file. Threads: the one that opened it.
 *  Blocks: store_commit() syncs the disk; the others do page I/O only. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lmdb.h>

#include "common/err.h"
#include "common/key.h"

#define STORE_FORMAT 3
/** Values of hot tables stay below this, so that LMDB makes no overflow pages (DESIGN 3). */
#define STORE_VALUE_HOT_MAX 2000

/* Table numbers. 1-31 belong to the engine and are journaled; 32-63 are the shell's: no core reads
 * them and no digest covers them; from 64 on they belong to the service. */
enum store_table {
	TABLE_META = 1,
	TABLE_RECEIPT = 2,
	TABLE_CURSOR = 3,
	TABLE_LOG_HEAD = 4,
	TABLE_DUE = 5,
	TABLE_QUARANTINE = 6,
	TABLE_CONFIG = 7,
	TABLE_RECONCILE = 8,
	TABLE_LOG = 32,
	TABLE_LOG_TRIM = 33,
	TABLE_POSITION = 34,
	TABLE_SERVICE = 64,
	TABLE_END = 128,
};

/** The puts and deletes of one step, in the order in which they were made; journaled as written. */
struct effects {
	uint8_t *buf;
	size_t len;
	size_t cap;
};

struct store {
	MDB_env *env;
	MDB_dbi dbi;
	int lock_fd;
	struct effects undo;        /* memory for one child at a time */
	_Atomic uint64_t copy_from; /* a copy under way reads what stood at this transaction */
};

struct store_txn {
	MDB_txn *txn;
	MDB_cursor *at;       /* stays where the last access was: the next one is often near */
	int err;              /* sticky */
	uint64_t writes;      /* counts writes: tells iterators to seek anew */
	struct effects *fx;   /* where effects are recorded; NULL: not recorded (shell tables) */
	struct effects *undo; /* of a child: what brings back what stood there, last first */
	struct store_txn *parent; /* of a child */
	MDB_dbi dbi;
	bool read_only;
};

struct store_conf {
	const char *dir;
	size_t map_bytes; /* 0: as large as it was when last written (a reader, a copy) */
	bool no_sync;     /* tests on memory only */
};

/** Opens a store that exists. @return SK_EFOREIGN (format), SK_EBUSY (another owner), SK_ESYS. */
SK_CHECKED int store_open(struct store *st, const struct store_conf *conf);
/** Makes the directory's data file; the caller does the temporary directory, sync and rename. */
SK_CHECKED int store_create(struct store *st, const struct store_conf *conf);
void store_close(struct store *st);

SK_CHECKED int store_begin(struct store *st, struct store_txn *ret_txn);
/** What the last commit left, to read only; from any thread, beside a writer, and short (a stuck
 *  reader lets the file grow). End it with store_abort(). @return SK_EBUSY: too many at once. */
SK_CHECKED int store_read_begin(struct store *st, struct store_txn *ret_txn);
SK_CHECKED int store_commit(struct store_txn *txn);
/** Of a child: everything it wrote is undone; where that fails the parent has the error, for good.
 */
void store_abort(struct store_txn *txn);
/** A child of @p parent, one at a time; end it with store_child_commit() or store_abort(). */
SK_CHECKED int store_child_begin(struct store_txn *parent, struct effects *fx,
				 struct store_txn *ret);
SK_CHECKED int store_child_commit(struct store_txn *child);

/** @return true and the value (checksum taken off), which dies at the next write. */
bool store_get(struct store_txn *txn, uint8_t table, const struct key *k, struct slice *ret_val);
void store_put(struct store_txn *txn, uint8_t table, const struct key *k, struct slice val);
/** A row without a value. One that is there already is left alone, and leaves no effect. */
void store_mark(struct store_txn *txn, uint8_t table, const struct key *k);
/** Deleting what is not there is a no-op and leaves no effect. */
void store_del(struct store_txn *txn, uint8_t table, const struct key *k);

/** Walks the keys of one table that begin with a prefix, from a key on, in order. Safe against
 *  writes of the same transaction between two calls. No cursor outlives a call of store_next(). */
struct store_iter {
	struct store_txn *txn;
	uint8_t table;
	struct key prefix;
	struct key at; /* last key given, or where to start */
	bool started;
	bool inclusive; /* start at @p at itself */
	MDB_cursor *cursor;
	uint64_t writes_seen;
};

void store_iter_init(struct store_iter *it, struct store_txn *txn, uint8_t table,
		     const struct key *prefix);
/** Starts behind (or, @p inclusive, at) @p from, which must begin with the prefix. */
void store_iter_from(struct store_iter *it, const struct key *from, bool inclusive);
/** @return false at the end or on an error (then txn->err is set). Key without the table byte. */
bool store_next(struct store_iter *it, struct key *ret_key, struct slice *ret_val);
/** Must be called when a walk stops before its end; harmless otherwise. */
void store_iter_done(struct store_iter *it);

/** XXH3-64 digest over every (key, value) of the tables that a replay must reproduce. */
SK_CHECKED int store_digest(struct store_txn *txn, uint64_t *ret_digest);

struct store_usage {
	uint64_t file_bytes; /* up to the last page that was ever used; never less again */
	uint64_t map_bytes;
};
void store_usage(struct store *st, struct store_usage *ret_usage);
/** Bytes inside the file that were let go and that the next transaction can take. Reads the list of
 *  free pages. */
SK_CHECKED int store_free_bytes(struct store *st, uint64_t *ret_bytes);
/** Hot compacting copy of the last commit into directory @p dir, which exists and is empty. */
SK_CHECKED int store_copy(struct store *st, const char *dir);

/** Applies recorded effects: recovery and replicas. @return SK_ECORRUPT when they do not parse. */
SK_CHECKED int effects_apply(struct store_txn *txn, struct slice fx);
/** Walks recorded effects. @return 1 and one effect (val.data NULL: a delete), 0 at the end, or an
 * error. */
int effects_next(struct slice *rest, uint8_t *ret_table, struct key *ret_key,
		 struct slice *ret_val);
void effects_free(struct effects *fx);
