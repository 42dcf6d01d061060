/* SPDX-License-Identifier: EUPL-1.2 */
/* The store: checksums, sticky errors, children, iteration under writes, effects, one owner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store.h"

struct fixture {
	char dir[64];
	struct store_conf conf;
	struct store st;
	struct store_txn txn;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	(void)snprintf(f->dir, sizeof(f->dir), "/dev/shm/schakel-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->conf = (struct store_conf){ .dir = f->dir, .map_bytes = 4U << 20, .no_sync = true };
	assert_int_equal(store_create(&f->st, &f->conf), SK_OK);
	assert_int_equal(store_begin(&f->st, &f->txn), SK_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner.lock" };
	struct fixture *f = *state;
	char path[128];

	store_abort(&f->txn);
	store_close(&f->st);
	for (size_t i = 0; i < SK_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static struct slice text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static void put(struct store_txn *txn, uint32_t number, const char *val)
{
	struct key k = { 0 };

	key_u32(&k, number);
	store_put(txn, 70, &k, text(val));
}

static bool has(struct store_txn *txn, uint32_t number, const char *val)
{
	struct key k = { 0 };
	struct slice got;

	key_u32(&k, number);
	return store_get(txn, 70, &k, &got) && got.len == strlen(val) &&
	       memcmp(got.data, val, got.len) == 0;
}

/* LMDB has no checksums: bit flips came back as data. Ours must be an error that sticks. */
static void test_store_flipped_bit_is_corrupt_and_sticks(void **state)
{
	struct fixture *f = *state;
	uint8_t flat[] = { 70, 0, 0, 0, 1 };
	MDB_val key = { sizeof(flat), flat }, val;
	struct slice got;
	struct key k = { 0 };

	put(&f->txn, 1, "a value of some length");
	assert_int_equal(mdb_get(f->txn.txn, f->txn.dbi, &key, &val), 0);
	for (size_t bit = 0; bit < val.mv_size * 8; bit += 5) {
		uint8_t copy[64];
		MDB_val changed = { val.mv_size, copy };
		memcpy(copy, val.mv_data, val.mv_size);
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		struct store_txn child;
		assert_int_equal(store_child_begin(&f->txn, NULL, &child), SK_OK);
		assert_int_equal(mdb_put(child.txn, child.dbi, &key, &changed, 0), 0);
		k.len = 0;
		key_u32(&k, 1);
		assert_false(store_get(&child, 70, &k, &got));
		assert_int_equal(child.err, SK_ECORRUPT);
		assert_int_equal(store_commit(&child), SK_ECORRUPT);
		assert_int_equal(mdb_get(f->txn.txn, f->txn.dbi, &key, &val), 0);
	}
	assert_true(has(&f->txn, 1, "a value of some length"));
}

/* The sum covers table and key: a value moved to another place is not accepted there. */
static void test_store_value_at_another_key_is_corrupt(void **state)
{
	struct fixture *f = *state;
	uint8_t from[] = { 70, 0, 0, 0, 1 }, to[] = { 71, 0, 0, 0, 1 };
	MDB_val key = { sizeof(from), from }, val, copy;
	uint8_t buf[64];
	struct key k = { 0 };
	struct slice got;

	put(&f->txn, 1, "moved");
	assert_int_equal(mdb_get(f->txn.txn, f->txn.dbi, &key, &val), 0);
	memcpy(buf, val.mv_data, val.mv_size);
	copy = (MDB_val){ val.mv_size, buf };
	key.mv_data = to;
	assert_int_equal(mdb_put(f->txn.txn, f->txn.dbi, &key, &copy, 0), 0);
	key_u32(&k, 1);
	assert_false(store_get(&f->txn, 71, &k, &got));
	assert_int_equal(f->txn.err, SK_ECORRUPT);
}

static void test_store_aborted_child_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct effects fx = { 0 };
	struct store_txn child;

	put(&f->txn, 1, "before");
	assert_int_equal(store_child_begin(&f->txn, &fx, &child), SK_OK);
	put(&child, 1, "changed");
	put(&child, 2, "new");
	store_abort(&child);
	assert_true(has(&f->txn, 1, "before"));
	assert_false(has(&f->txn, 2, "new"));
	effects_free(&fx);
}

/* Recovery applies what was recorded: the same rows must come out, and the same digest. */
static void test_store_effects_rebuild_the_same_state(void **state)
{
	struct fixture *f = *state;
	struct effects fx = { 0 };
	struct store_txn child;
	uint64_t before, after;
	struct key k = { 0 };

	assert_int_equal(store_child_begin(&f->txn, &fx, &child), SK_OK);
	for (uint32_t i = 0; i < 50; i++) {
		put(&child, i, i % 2 == 0 ? "even" : "");
	}
	key_u32(&k, 7);
	store_del(&child, 70, &k);
	k.b[3] = 99; /* was never there: no effect */
	store_del(&child, 70, &k);
	assert_int_equal(store_child_commit(&child, &f->txn), SK_OK);
	assert_int_equal(store_digest(&f->txn, &before), SK_OK);
	store_abort(&f->txn);
	assert_int_equal(store_begin(&f->st, &f->txn), SK_OK);
	assert_int_equal(effects_apply(&f->txn, (struct slice){ fx.buf, fx.len }), SK_OK);
	assert_int_equal(store_digest(&f->txn, &after), SK_OK);
	assert_true(before == after);
	assert_int_equal(effects_apply(&f->txn, (struct slice){ fx.buf, fx.len - 1 }), SK_ECORRUPT);
	effects_free(&fx);
}

static void test_store_digest_leaves_shell_tables_out(void **state)
{
	struct fixture *f = *state;
	struct key k = { 0 };
	uint64_t before, after;

	put(&f->txn, 1, "core");
	assert_int_equal(store_digest(&f->txn, &before), SK_OK);
	key_u32(&k, 1);
	store_put(&f->txn, TABLE_LOG, &k, text("an entry"));
	store_put(&f->txn, TABLE_LOG_TRIM, &k, text("a cursor"));
	assert_int_equal(store_digest(&f->txn, &after), SK_OK);
	assert_true(before == after);
	store_put(&f->txn, TABLE_RECEIPT, &k, text("a receipt"));
	assert_int_equal(store_digest(&f->txn, &after), SK_OK);
	assert_false(before == after);
}

/* A core may write and delete while it walks: nothing is given twice, nothing is left out. */
static void test_store_walk_survives_writes(void **state)
{
	struct fixture *f = *state;
	struct store_iter it;
	struct key prefix = { 0 }, k;
	struct slice val;
	uint32_t next = 0;

	for (uint32_t i = 0; i < 300; i++) {
		put(&f->txn, i, "row");
	}
	put(&f->txn, 0x01000000, "outside");
	key_u8(&prefix, 0);
	store_iter_init(&it, &f->txn, 70, &prefix);
	while (store_next(&it, &k, &val)) {
		struct slice rest = { k.b, k.len };
		uint32_t number = 0;
		assert_true(key_take_u32(&rest, &number));
		assert_int_equal(number, next++);
		if (number % 3 == 0) {
			store_del(&f->txn, 70, &k);
		} else {
			put(&f->txn, number, "a longer value that moves the page around it");
		}
	}
	assert_int_equal(next, 300);
	assert_int_equal(f->txn.err, SK_OK);
	store_iter_init(&it, &f->txn, 70, &prefix);
	for (next = 0; store_next(&it, &k, &val); next++) {
	}
	assert_int_equal(next, 200);
}

static void test_store_walk_from_a_key_on(void **state)
{
	struct fixture *f = *state;
	struct store_iter it;
	struct key from = { 0 }, k;
	struct slice val;

	put(&f->txn, 10, "a");
	put(&f->txn, 20, "b");
	key_u32(&from, 10);
	store_iter_init(&it, &f->txn, 70, NULL);
	store_iter_from(&it, &from, false);
	assert_true(store_next(&it, &k, &val));
	assert_int_equal(k.b[3], 20);
	store_iter_done(&it);
	store_iter_init(&it, &f->txn, 70, NULL);
	store_iter_from(&it, &from, true);
	assert_true(store_next(&it, &k, &val));
	assert_int_equal(k.b[3], 10);
	store_iter_done(&it);
}

/* A full map is fatal for the open transaction: it must be told, never swallowed. */
static void test_store_full_map_is_told_and_sticks(void **state)
{
	struct fixture *f = *state;
	char big[1500];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (uint32_t i = 0; i < 10000 && f->txn.err == SK_OK; i++) {
		put(&f->txn, i, big);
	}
	assert_int_equal(f->txn.err, SK_EFULL);
	struct store_txn txn = f->txn;
	f->txn.txn = NULL;
	assert_int_equal(store_commit(&txn), SK_EFULL);
}

static void test_store_has_one_owner(void **state)
{
	struct fixture *f = *state;
	struct store other;

	assert_int_equal(store_open(&other, &f->conf), SK_EBUSY);
}

/* An enrolled node never makes a store by itself: a lost one is an error, not a new beginning. */
static void test_store_missing_file_is_not_created(void **state)
{
	struct store_conf conf = { .dir = "/dev/shm/schakel-no-such-store", .map_bytes = 1U << 20 };
	struct store st;

	(void)state;
	assert_int_equal(store_open(&st, &conf), SK_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_store_flipped_bit_is_corrupt_and_sticks),
		T(test_store_value_at_another_key_is_corrupt),
		T(test_store_aborted_child_leaves_nothing),
		T(test_store_effects_rebuild_the_same_state),
		T(test_store_digest_leaves_shell_tables_out),
		T(test_store_walk_survives_writes),
		T(test_store_walk_from_a_key_on),
		T(test_store_full_map_is_told_and_sticks),
		T(test_store_has_one_owner),
		T(test_store_missing_file_is_not_created),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
