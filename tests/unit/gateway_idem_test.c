/* SPDX-License-Identifier: EUPL-1.2 */
/* Idempotency keys: the same key of the same party is the same command, also after a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "services/gateway/idem.h"
#include "services/gateway/storedir.h"
#include "tests/unit/node_rig.h"

static char dir[NODE_RIG_PATH_MAX];
static struct idem *idem;

static int set_up(void **state)
{
	(void)state;
	node_rig_temp(dir);
	idem = NULL;
	assert_int_equal(idem_open(dir, &idem), SK_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	idem_close(idem);
	assert_int_equal(storedir_remove(dir), SK_OK);
	return 0;
}

/* Takes the key with an id of @p fresh; @return the first byte of what it stands for. */
static uint8_t take(const char *party, const char *key, uint64_t now_ms, uint8_t fresh)
{
	uint8_t id[16] = { fresh };
	struct idem_asked asked = { .party = party, .key = key, .where = { 7 } };
	assert_int_equal(idem_take(idem, &asked, now_ms, id), SK_OK);
	return id[0];
}

static void test_idem_same_key_over_a_reopen_is_the_same_id(void **state)
{
	(void)state;
	assert_int_equal(take("clb", "k", 1000, 1), 1);
	assert_int_equal(take("clb", "k", 1001, 2), 1);
	idem_close(idem);
	idem = NULL;
	assert_int_equal(idem_open(dir, &idem), SK_OK);
	assert_int_equal(take("clb", "k", 1002, 3), 1);
}

/* Found: the same key with another speaker gave the first asker's code to the other. */
static void test_idem_same_key_elsewhere_is_refused(void **state)
{
	(void)state;
	uint8_t id[16] = { 9 };
	struct idem_asked asked = { .party = "clb", .key = "k", .where = { 8 } };
	assert_int_equal(take("clb", "k", 1000, 1), 1);
	assert_int_equal(idem_take(idem, &asked, 1001, id), SK_EREFUSED);
	assert_int_equal(id[0], 9);
	assert_int_equal(take("clb", "k", 1002, 2), 1);
}

/* Keys are a party's own: another's retry is no retry of mine, and no way to see its receipt. */
static void test_idem_other_party_or_key_is_another_id(void **state)
{
	(void)state;
	assert_int_equal(take("clb", "k", 1000, 1), 1);
	assert_int_equal(take("clb-2", "k", 1000, 2), 2);
	assert_int_equal(take("clb", "K", 1000, 3), 3);
	assert_int_equal(take("clb", "k2", 1000, 4), 4);
	assert_int_equal(take("clb", "k", 1000, 5), 1);
}

/* Found: a key that was over stood for its old id, which the daemons refuse as too old, until
 * another key happened to come by. */
static void test_idem_key_ends_at_its_limit(void **state)
{
	(void)state;
	assert_int_equal(take("clb", "k", 1000, 1), 1);
	assert_int_equal(take("clb", "k", 999 + IDEM_KEPT_MS, 2), 1);
	assert_int_equal(take("clb", "k", 1000 + IDEM_KEPT_MS, 3), 3);
	assert_int_equal(take("clb", "k", 1001 + IDEM_KEPT_MS, 4), 3);
}

/* What one new key takes away is bounded; all that is old goes in the end, what is young stays. */
static void test_idem_many_old_keys_go_and_young_ones_stay(void **state)
{
	(void)state;
	char key[16];
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(key, sizeof(key), "k%u", i);
		assert_int_equal(take("clb", key, 1000 + i, 1), 1);
	}
	uint64_t now_ms = IDEM_KEPT_MS + 1000 + 289; /* k290 and later are young */
	assert_int_equal(take("clb", "new", now_ms, 2), 2);
	assert_int_equal(take("clb", "new2", now_ms, 2), 2);
	assert_int_equal(take("clb", "k289", now_ms, 3), 3);
	assert_int_equal(take("clb", "k290", now_ms, 3), 1);
	assert_int_equal(take("clb", "k0", now_ms, 4), 4);
}

/* Two gateways on one node would give two ids to one key. */
static void test_idem_second_owner_is_refused(void **state)
{
	(void)state;
	struct idem *second = NULL;
	assert_int_equal(idem_open(dir, &second), SK_EBUSY);
	assert_null(second);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_idem_same_key_over_a_reopen_is_the_same_id),
		T(test_idem_same_key_elsewhere_is_refused),
		T(test_idem_other_party_or_key_is_another_id),
		T(test_idem_key_ends_at_its_limit),
		T(test_idem_many_old_keys_go_and_young_ones_stay),
		T(test_idem_second_owner_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
