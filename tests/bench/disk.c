/* SPDX-License-Identifier: EUPL-1.2 */
/* The limits of the disk: one flush of a block in a file that does not grow, and a bare commit of
 * LMDB with the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lmdb.h>

#include "common/key.h"
#include "tests/bench/bench.h"

#define BLOCK 4096
#define FILE_BLOCKS 4096 /* 16 MiB */
#define VALUE_MAX 4096
#define MAP_BYTES (8ULL << 30)

/* --- flush: the unit F --- */

static bool zero_fill(int fd, const uint8_t *block)
{
	for (int i = 0; i < FILE_BLOCKS; i++) {
		if (pwrite(fd, block, BLOCK, (off_t)i * BLOCK) != BLOCK) {
			return false;
		}
	}
	return fsync(fd) == 0;
}

static bool flush_many(int fd, uint8_t *block, uint64_t run_ns, struct samples *s)
{
	uint64_t until = bench_ns() + run_ns;
	bool done = true;

	for (uint64_t i = 0; done && bench_ns() < until; i++) {
		uint64_t start = bench_ns();
		be64_write(block, i);
		done = pwrite(fd, block, BLOCK, (off_t)(i % FILE_BLOCKS) * BLOCK) == BLOCK &&
		       fdatasync(fd) == 0;
		samples_add(s, bench_ns() - start);
	}
	return done;
}

int bench_flush(const struct bench *b)
{
	static uint8_t block[BLOCK];
	struct samples s = { 0 };
	const char *path = bench_arg(b, "file", "flush.bin");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || !zero_fill(fd, block)) {
		return bench_fail(path, strerror(errno));
	}
	uint64_t start = bench_ns();
	bool done = flush_many(fd, block, bench_number(b, "ms", 1000) * 1000000, &s);
	if (done) {
		samples_print(&s, bench_ns() - start, "");
	}
	(void)close(fd);
	(void)unlink(path);
	samples_free(&s);
	return done ? EXIT_SUCCESS : bench_fail(path, strerror(errno));
}

/* --- LMDB: `batch` records in one synchronous commit --- */

static int open_lmdb(const char *dir, MDB_env **ret_env, MDB_dbi *ret_dbi)
{
	MDB_txn *txn = NULL;
	int rc = mdb_env_create(ret_env);

	if (rc == 0) {
		rc = mdb_env_set_mapsize(*ret_env, MAP_BYTES);
	}
	if (rc == 0) {
		rc = mdb_env_open(*ret_env, dir, 0, 0600);
	}
	if (rc == 0) {
		rc = mdb_txn_begin(*ret_env, NULL, 0, &txn);
	}
	if (rc == 0) {
		rc = mdb_dbi_open(txn, NULL, 0, ret_dbi);
	}
	return rc == 0 ? mdb_txn_commit(txn) : rc;
}

struct lmdb_run {
	MDB_env *env;
	MDB_dbi dbi;
	uint64_t batch;
	size_t bytes;
	uint64_t next; /* number of the next record; keys rise */
};

static int commit_batch(struct lmdb_run *r)
{
	static uint8_t value[VALUE_MAX];
	uint8_t id[16] = { 0 };
	MDB_txn *txn = NULL;
	MDB_val k = { sizeof(id), id };
	MDB_val v = { r->bytes, value };
	int rc = mdb_txn_begin(r->env, NULL, 0, &txn);

	for (uint64_t i = 0; rc == 0 && i < r->batch; i++) {
		be64_write(id, r->next++);
		rc = mdb_put(txn, r->dbi, &k, &v, 0);
	}
	return rc == 0 ? mdb_txn_commit(txn) : rc;
}

int bench_lmdb(const struct bench *b)
{
	struct samples s = { 0 };
	struct lmdb_run r = { .batch = bench_number(b, "batch", 1),
			      .bytes = bench_number(b, "bytes", 400),
			      .next = bench_ns() };
	int rc = r.bytes > VALUE_MAX ? EINVAL : open_lmdb(bench_arg(b, "dir", "."), &r.env, &r.dbi);
	uint64_t start = bench_ns();
	uint64_t until = start + bench_number(b, "ms", 1000) * 1000000;

	while (rc == 0 && bench_ns() < until) {
		uint64_t began = bench_ns();
		rc = commit_batch(&r);
		uint64_t took = bench_ns() - began;
		for (uint64_t i = 0; i < r.batch; i++) {
			samples_add(&s, took);
		}
	}
	if (rc == 0) {
		samples_print(&s, bench_ns() - start, "");
	}
	mdb_env_close(r.env);
	samples_free(&s);
	return rc == 0 ? EXIT_SUCCESS : bench_fail("lmdb", mdb_strerror(rc));
}
