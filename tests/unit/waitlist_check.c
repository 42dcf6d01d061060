/* SPDX-License-Identifier: EUPL-1.2 */
/* The indexes of waitlist, looked at without the core's functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

static bool row_is_there(struct rig *r, uint8_t table, const struct key *k)
{
	struct slice val;

	return store_get(rig_txn(r), table, k, &val);
}

static void check_waiting(struct rig *r, const struct key *id, const PB(WaitEntryRecord) *rec)
{
	struct key in_zone = { 0 };
	struct key due = { 0 };

	key_u8(&in_zone, (uint8_t)rec->need->expertise);
	key_str(&in_zone, rec->zone);
	bool tried = rec->order->rank_class != C(UNSPECIFIED);
	key_u8(&in_zone, (uint8_t)(tried ? rec->order->rank_class : rec->order->wait_class));
	key_u8(&in_zone, tried ? 0 : (uint8_t)rec->order->crisis_step);
	key_u64(&in_zone, rec->order->rank_ms);
	key_u64(&in_zone, rec->order->lottery);
	key_bytes(&in_zone, rec->request_id.data, rec->request_id.len);
	key_u32(&in_zone, rec->need->ordinal);
	key_bytes(&in_zone, id->b, id->len);
	assert_true(row_is_there(r, WAIT_TABLE_ORDER, &in_zone));
	assert_true(rec->review_ms != 0 && rec->review_due_ms != 0);
	key_u64(&due, rec->review_due_ms);
	key_u8(&due, WAIT_DUE_REVIEW);
	key_bytes(&due, id->b, id->len);
	key_u32(&due, 0);
	assert_true(row_is_there(r, TABLE_DUE, &due));
}

static uint64_t counted(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	uint64_t sum = 0;

	store_iter_init(&it, rig_txn(r), WAIT_TABLE_COUNT, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(WaitCountRecord) *c =
			schakel__v1__wait_count_record__unpack(NULL, val.len, val.data);
		assert_true(c->waiting > 0);
		sum += c->waiting;
		schakel__v1__wait_count_record__free_unpacked(c, NULL);
	}
	store_iter_done(&it);
	return sum;
}

static bool is_listed(const PB(WaitEntryRecord) *rec)
{
	bool served = rec->state == SCHAKEL__V1__WAIT_STATE__WAIT_STATE_SERVED;

	return rec->state == SCHAKEL__V1__WAIT_STATE__WAIT_STATE_WAITING ||
	       (served &&
		rec->misplaced == SCHAKEL__V1__MISPLACED_STATE__MISPLACED_STATE_CONFIRMED);
}

void wl_check_indexes(struct rig *r)
{
	struct store_iter it;
	struct key prefix = { 0 };
	struct key k;
	struct slice val;
	size_t waiting = 0;

	store_iter_init(&it, rig_txn(r), WAIT_TABLE_ENTRY, &prefix);
	while (store_next(&it, &k, &val)) {
		PB(WaitEntryRecord) *rec =
			schakel__v1__wait_entry_record__unpack(NULL, val.len, val.data);
		assert_non_null(rec);
		assert_true(val.len < STORE_VALUE_HOT_MAX);
		if (is_listed(rec)) {
			waiting++;
			check_waiting(r, &k, rec);
		}
		schakel__v1__wait_entry_record__free_unpacked(rec, NULL);
	}
	store_iter_done(&it);
	assert_int_equal(rig_rows(r, WAIT_TABLE_ORDER), waiting);
	assert_int_equal(rig_rows(r, WAIT_TABLE_OVERALL), waiting);
	assert_int_equal(rig_due(r, WAIT_DUE_REVIEW), waiting);
	assert_int_equal(counted(r), waiting);
}
