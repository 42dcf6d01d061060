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
	f->conf = (struct store_conf){ .dir = f->dir, .map_bytes = 16U << 20, .no_sync = true };
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
		put(&child, 2, "after the error");
		assert_int_equal(store_child_commit(&child), SK_ECORRUPT);
		assert_false(has(&f->txn, 2, "after the error"));
		copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_int_equal(mdb_put(f->txn.txn, f->txn.dbi, &key, &changed, 0), 0);
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

/* What one child did is undone in the reverse of its order, also where it wrote a row twice, took
 * it away or made it anew; children before and after it stay. */
static void test_store_aborted_child_is_undone_in_reverse(void **state)
{
	struct fixture *f = *state;
	struct effects fx = { 0 };
	struct store_txn child;
	struct key gone = { 0 }, marked = { 0 };
	struct slice val;
	uint64_t before, after;

	key_u32(&gone, 1);
	key_u32(&marked, 3);
	put(&f->txn, 1, "before");
	put(&f->txn, 2, "kept");
	assert_int_equal(store_digest(&f->txn, &before), SK_OK);
	assert_int_equal(store_child_begin(&f->txn, &fx, &child), SK_OK);
	put(&child, 1, "one");
	store_del(&child, 70, &gone);
	put(&child, 1, "two, and longer than it was");
	put(&child, 4, "new");
	put(&child, 4, "new and changed");
	store_mark(&child, 70, &marked);
	store_mark(&child, 70, &marked);
	store_del(&child, 70, &marked);
	store_mark(&child, 70, &marked);
	assert_true(store_get(&child, 70, &marked, &val) && val.len == 0);
	store_abort(&child);
	assert_int_equal(store_digest(&f->txn, &after), SK_OK);
	assert_true(before == after);
	effects_free(&fx);
}

/* A mark that stands already is no change: a replay must not see one. */
static void test_store_mark_of_what_is_there_leaves_no_effect(void **state)
{
	struct fixture *f = *state;
	struct effects fx = { 0 };
	struct store_txn child;
	struct key k = { 0 };

	key_u32(&k, 5);
	assert_int_equal(store_child_begin(&f->txn, &fx, &child), SK_OK);
	store_mark(&child, 70, &k);
	size_t once = fx.len;
	store_mark(&child, 70, &k);
	assert_int_equal(fx.len, once);
	assert_int_equal(store_child_commit(&child), SK_OK);
	assert_true(has(&f->txn, 5, ""));
	effects_free(&fx);
}

#define MODEL_ROWS 2000
struct model {
	uint16_t len[MODEL_ROWS]; /* 0: no row */
	uint32_t rand;
};

static uint32_t model_rand(struct model *m, uint32_t below)
{
	m->rand = m->rand * 1664525U + 1013904223U;
	return (m->rand >> 8) % below;
}

static void model_write(struct model *m, struct store_txn *txn)
{
	static char text_of[1600];
	uint32_t number = model_rand(m, MODEL_ROWS);
	struct key k = { 0 };

	key_u32(&k, number);
	if (model_rand(m, 3) == 0) {
		store_del(txn, 70, &k);
		m->len[number] = 0;
		return;
	}
	m->len[number] = (uint16_t)(1 + model_rand(m, 1500));
	memset(text_of, (char)('a' + m->len[number] % 26), m->len[number]);
	text_of[m->len[number]] = '\0';
	put(txn, number, text_of);
}

static void model_check(const struct model *m, struct store_txn *txn)
{
	struct key k;
	struct slice val;

	for (uint32_t i = 0; i < MODEL_ROWS; i++) {
		k.len = 0;
		key_u32(&k, i);
		bool there = store_get(txn, 70, &k, &val);
		assert_int_equal(txn->err, SK_OK);
		assert_int_equal(there, m->len[i] != 0);
		assert_true(!there || (val.len == m->len[i] &&
				       ((const char *)val.data)[0] == 'a' + m->len[i] % 26));
	}
}

/* Many children over pages that split and merge, one in three of them undone. */
static void test_store_children_follow_a_model(void **state)
{
	struct fixture *f = *state;
	static struct model kept, now;
	struct effects fx = { 0 };

	kept.rand = 7;
	for (int round = 0; round < 600; round++) {
		struct store_txn child;
		now = kept;
		assert_int_equal(store_child_begin(&f->txn, &fx, &child), SK_OK);
		for (uint32_t n = model_rand(&now, 40); n > 0; n--) {
			model_write(&now, &child);
		}
		if (round % 3 == 0) {
			store_abort(&child);
			kept.rand = now.rand;
		} else {
			assert_int_equal(store_child_commit(&child), SK_OK);
			kept = now;
		}
		fx.len = 0;
		if (round % 20 == 0) {
			model_check(&kept, &f->txn);
		}
		if (round % 150 == 149) {
			assert_int_equal(store_commit(&f->txn), SK_OK);
			assert_int_equal(store_begin(&f->st, &f->txn), SK_OK);
		}
	}
	model_check(&kept, &f->txn);
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
	assert_int_equal(store_child_commit(&child), SK_OK);
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
static void next_txn(struct fixture *f)
{
	assert_int_equal(store_commit(&f->txn), SK_OK);
	assert_int_equal(store_begin(&f->st, &f->txn), SK_OK);
}

/* Deleted pages count once a transaction can take them, and no more once it has. */
static void test_store_free_bytes_are_those_that_can_be_taken(void **state)
{
	struct fixture *f = *state;
	struct store_usage before, after;
	uint64_t none = 1, much = 0, taken = 0;
	char big[1500];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (uint32_t i = 0; i < 1000; i++) {
		put(&f->txn, i, big);
	}
	next_txn(f);
	assert_int_equal(store_free_bytes(&f->st, &none), SK_OK);
	store_usage(&f->st, &before);
	for (uint32_t i = 0; i < 1000; i++) {
		struct key k = { 0 };
		key_u32(&k, i);
		store_del(&f->txn, 70, &k);
	}
	next_txn(f);
	put(&f->txn, 1, "one more, so that the pages of the last may go");
	next_txn(f);
	assert_int_equal(store_free_bytes(&f->st, &much), SK_OK);
	assert_true(none < 65536);
	assert_true(much >= 1000 * 1500ULL);
	for (uint32_t i = 0; i < 500; i++) {
		put(&f->txn, i, big);
	}
	next_txn(f);
	next_txn(f);
	assert_int_equal(store_free_bytes(&f->st, &taken), SK_OK);
	assert_true(taken < much - 500 * 1500ULL);
	store_usage(&f->st, &after);
	assert_true(after.file_bytes < before.file_bytes + 65536);
}

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
		T(test_store_aborted_child_is_undone_in_reverse),
		T(test_store_mark_of_what_is_there_leaves_no_effect),
		T(test_store_children_follow_a_model),
		T(test_store_effects_rebuild_the_same_state),
		T(test_store_digest_leaves_shell_tables_out),
		T(test_store_walk_survives_writes),
		T(test_store_walk_from_a_key_on),
		T(test_store_free_bytes_are_those_that_can_be_taken),
		T(test_store_full_map_is_told_and_sticks),
		T(test_store_has_one_owner),
		T(test_store_missing_file_is_not_created),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
