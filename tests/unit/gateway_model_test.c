/* SPDX-License-Identifier: EUPL-1.2 */
/* The read model: what was folded is what the daemons say, whatever order and life it came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/gateway/model.h"
#include "tests/unit/node_rig.h"

#define MAP_BYTES (256ULL << 20)
#define KIND(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME
#define DAY_MS (24ULL * 3600 * 1000)

static char dir[NODE_RIG_PATH_MAX];
static struct model *model;
static struct model_read view;
static uint8_t request[OBJECT_ID_LEN] = { 1, 2, 3 };
static uint8_t object[OBJECT_ID_LEN] = { 4, 5, 6 };
static uint8_t packed[512];

static int set_up(void **state)
{
	(void)state;
	node_rig_temp(dir);
	model = NULL;
	assert_int_equal(model_open(dir, MAP_BYTES, &model), SK_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	model_close(model);
	assert_int_equal(storedir_remove(dir), SK_OK);
	return 0;
}

static PB(Event) event_of(int kind, const char *party, uint32_t version)
{
	PB(Event) e = PB_INIT(EVENT);
	e.kind = (PB(EventKind))kind;
	e.object_id = (ProtobufCBinaryData){ sizeof(object), object };
	e.request_id = (ProtobufCBinaryData){ sizeof(request), request };
	e.party = (char *)(uintptr_t)party;
	e.version = version;
	return e;
}

static struct slice pack(PB(Event) *e, uint64_t time_ms)
{
	static uint8_t id[16] = { 9 };
	PB(Message) m = PB_INIT(MESSAGE);
	m.id = (ProtobufCBinaryData){ sizeof(id), id };
	m.time_ms = time_ms;
	m.body_case = BODY(EVENT);
	m.event = e;
	assert_true(schakel__v1__message__get_packed_size(&m) <= sizeof(packed));
	return (struct slice){ packed, schakel__v1__message__pack(&m, packed) };
}

/* One event at a sequence; incarnation 1 unless said. */
static void fold_at(PB(Event) *e, uint64_t sequence, uint64_t time_ms)
{
	struct model_entry entry = { sequence, pack(e, time_ms) };
	struct model_batch b = { .daemon = 0,
				 .place = { .incarnation = 1, .after = sequence },
				 .entry = &entry,
				 .len = 1 };
	assert_int_equal(model_fold(model, &b), SK_OK);
}

static void fold_anew(uint32_t incarnation, PB(Event) *e)
{
	struct model_entry entry = { 0 };
	struct model_batch b = { .daemon = 0,
				 .place = { .incarnation = incarnation, .after = 3 },
				 .anew = true,
				 .entry = &entry };
	if (e != NULL) {
		entry = (struct model_entry){ 0, pack(e, 0) };
		b.len = 1;
	}
	assert_int_equal(model_fold(model, &b), SK_OK);
}

static bool has_part(const char *party)
{
	char parts[8][PARTY_ID_LEN_MAX + 1];
	bool has = false;

	assert_int_equal(model_read_begin(model, &view), SK_OK);
	size_t len = model_parts(&view, request, parts, SK_LEN(parts));
	model_read_end(&view);
	for (size_t i = 0; i < len; i++) {
		has = has || strcmp(parts[i], party) == 0;
	}
	return has;
}

static struct model_place place_of(unsigned daemon)
{
	struct model_place p = { 0 };
	assert_int_equal(model_read_begin(model, &view), SK_OK);
	model_place(&view, daemon, &p);
	model_read_end(&view);
	return p;
}

static bool has_event(uint64_t sequence)
{
	struct slice m;
	uint64_t at = sequence - 1;
	assert_int_equal(model_read_begin(model, &view), SK_OK);
	bool has = model_next(&view, 0, &at, &m);
	model_read_end(&view);
	return has;
}

static void test_model_fold_keeps_events_and_place_over_a_reopen(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&e, 1, 1000);
	fold_at(&e, 2, 1001);
	model_close(model);
	model = NULL;
	assert_int_equal(model_open(dir, MAP_BYTES, &model), SK_OK);
	struct model_place p = place_of(0);
	assert_int_equal(p.incarnation, 1);
	assert_int_equal(p.after, 2);
	assert_int_equal(p.first, 1);
	assert_true(has_event(1) && has_event(2) && !has_event(3));
	assert_int_equal(place_of(1).incarnation, 0); /* another daemon's log is its own */
	assert_true(has_part("clb"));
}

/* A name that begins as another does is not that other. */
static void test_model_part_is_of_the_whole_name(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb-2", 1);
	fold_at(&e, 1, 1000);
	assert_true(has_part("clb-2"));
	assert_false(has_part("clb"));
	assert_false(has_part("clb-22"));
}

static void test_model_holder_that_ends_has_no_part(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&e, 1, 1000);
	e.version = 2;
	e.ended = true;
	fold_at(&e, 2, 1001);
	assert_false(has_part("clb"));
}

/* Snapshots and logs overlap: what is older than what is known changes nothing. */
static void test_model_older_version_changes_nothing(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 2);
	e.ended = true;
	fold_at(&e, 1, 1000);
	e.version = 1;
	e.ended = false;
	fold_at(&e, 2, 1001);
	assert_false(has_part("clb"));
	assert_true(has_event(2)); /* but it stays readable in its place */
	e.version = 3;
	fold_at(&e, 3, 1002);
	assert_true(has_part("clb"));
}

/* Who was contact person before, or stood in, has no part any more; the holder keeps its own. */
static void test_model_contact_person_that_changes_has_no_part(void **state)
{
	(void)state;
	PB(Event) holder = event_of(KIND(HOLDER), "huis-a", 1);
	PB(Event) e = event_of(KIND(CONTACT_PERSON), "huis-a", 1);
	e.stand_in = (char *)(uintptr_t) "huis-b";
	fold_at(&holder, 1, 1000);
	fold_at(&e, 2, 1000);
	assert_true(has_part("huis-a") && has_part("huis-b"));
	e = event_of(KIND(CONTACT_PERSON), "huis-c", 2);
	fold_at(&e, 3, 1001);
	assert_true(has_part("huis-c"));
	assert_false(has_part("huis-b"));
	assert_true(has_part("huis-a"));
}

static void test_model_parts_are_each_party_once(void **state)
{
	(void)state;
	char party[4][PARTY_ID_LEN_MAX + 1];
	PB(Event) e = event_of(KIND(HOLDER), "huis-a", 1);
	fold_at(&e, 1, 1000);
	e = event_of(KIND(CONTACT_PERSON), "huis-a", 1);
	e.stand_in = (char *)(uintptr_t) "huis-b";
	fold_at(&e, 2, 1000);
	assert_int_equal(model_read_begin(model, &view), SK_OK);
	assert_int_equal(model_parts(&view, request, party, 4), 2);
	assert_string_equal(party[0], "huis-a");
	assert_string_equal(party[1], "huis-b");
	assert_int_equal(model_parts(&view, request, party, 1), 1);
	model_read_end(&view);
}

/* Who asked reads its request on, whoever holds it now. */
static void test_model_who_asked_keeps_its_part(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(REQUEST), "clb", 1);
	fold_at(&e, 1, 1000);
	PB(Event) holder = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&holder, 2, 1000);
	holder.version = 2;
	holder.ended = true;
	fold_at(&holder, 3, 1001);
	assert_true(has_part("clb"));
	e.version = 2;
	e.ended = true;
	fold_at(&e, 4, 1002);
	assert_true(has_part("clb"));
}

static void test_model_short_code_is_its_request(void **state)
{
	(void)state;
	uint8_t id[OBJECT_ID_LEN] = { 0 };
	PB(Event) e = event_of(KIND(REQUEST), "", 1);
	e.short_code = (char *)(uintptr_t) "3fm8xn2kq7";
	fold_at(&e, 1, 1000);
	assert_int_equal(model_read_begin(model, &view), SK_OK);
	assert_true(model_request(&view, "3fm8xn2kq7", id));
	assert_memory_equal(id, request, sizeof(id));
	assert_false(model_request(&view, "3fm8xn2kq8", id));
	assert_false(model_request(&view, "3fm8", id));
	assert_false(model_request(&view, "", id));
	model_read_end(&view);
}

/* Found: after a restore the daemon's versions are lower; the model kept the parts of the life that
 * was undone, and took none of the new. */
static void test_model_another_incarnation_begins_anew(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&e, 1, 1000);
	e.version = 2;
	e.ended = true;
	fold_at(&e, 2, 1001);
	e = event_of(KIND(CONTACT_PERSON), "huis-a", 7);
	fold_at(&e, 3, 1002);
	PB(Event) back = event_of(KIND(HOLDER), "clb", 1);
	fold_anew(2, &back);
	assert_true(has_part("clb"));
	assert_false(has_part("huis-a"));
	assert_false(has_event(1) || has_event(2) || has_event(3));
	struct model_place p = place_of(0);
	assert_int_equal(p.incarnation, 2);
	assert_int_equal(p.after, 3);
	assert_int_equal(p.first, 0);
}

/* What one daemon says anew leaves what the others said. */
static void test_model_anew_of_one_daemon_leaves_the_others(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	struct model_entry entry = { 5, pack(&e, 1000) };
	struct model_batch b = {
		.daemon = 2, .place = { .incarnation = 1, .after = 5 }, .entry = &entry, .len = 1
	};
	assert_int_equal(model_fold(model, &b), SK_OK);
	fold_anew(2, NULL);
	assert_true(has_part("clb"));
	assert_int_equal(place_of(2).after, 5);
}

/* Events are kept for 35 days of the log's own time, and not a moment shorter. */
static void test_model_trims_events_after_35_days(void **state)
{
	(void)state;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&e, 1, DAY_MS);
	fold_at(&e, 2, DAY_MS + 1);
	fold_at(&e, 3, DAY_MS + MODEL_KEPT_MS);
	assert_true(has_event(1));
	fold_at(&e, 4, DAY_MS + 1 + MODEL_KEPT_MS);
	assert_false(has_event(1));
	assert_true(has_event(2) && has_event(3) && has_event(4));
	assert_int_equal(place_of(0).first, 2);
	assert_true(has_part("clb")); /* what holds now is no event */
}

/* A batch is all or nothing: one that does not decode is kept in place, and passed over. */
static void test_model_bytes_that_are_no_event_are_passed_over(void **state)
{
	(void)state;
	struct model_entry entry = { 1, { "\xff\xff\xff", 3 } };
	struct model_batch b = {
		.daemon = 0, .place = { .incarnation = 1, .after = 1 }, .entry = &entry, .len = 1
	};
	assert_int_equal(model_fold(model, &b), SK_OK);
	assert_int_equal(place_of(0).after, 1);
	assert_true(has_event(1));
}

/* Of another format nothing is taken over: it is made anew from the logs, and no start fails. */
static void test_model_of_another_format_is_made_anew(void **state)
{
	(void)state;
	enum { TABLE_FORMAT_HERE = TABLE_SERVICE + 5 };
	struct store st = { .lock_fd = -1 };
	struct store_txn txn;
	struct key k = { 0 };
	uint8_t other = 99;
	PB(Event) e = event_of(KIND(HOLDER), "clb", 1);
	fold_at(&e, 1, 1000);
	model_close(model);
	model = NULL;
	assert_int_equal(storedir_open(&st, dir, MAP_BYTES), SK_OK);
	assert_int_equal(store_begin(&st, &txn), SK_OK);
	key_u8(&k, 0);
	store_put(&txn, TABLE_FORMAT_HERE, &k, (struct slice){ &other, 1 });
	assert_int_equal(store_commit(&txn), SK_OK);
	store_close(&st);
	assert_int_equal(model_open(dir, MAP_BYTES, &model), SK_OK);
	assert_int_equal(place_of(0).incarnation, 0);
	assert_false(has_part("clb"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_model_fold_keeps_events_and_place_over_a_reopen),
		T(test_model_part_is_of_the_whole_name),
		T(test_model_holder_that_ends_has_no_part),
		T(test_model_older_version_changes_nothing),
		T(test_model_contact_person_that_changes_has_no_part),
		T(test_model_parts_are_each_party_once),
		T(test_model_who_asked_keeps_its_part),
		T(test_model_short_code_is_its_request),
		T(test_model_another_incarnation_begins_anew),
		T(test_model_anew_of_one_daemon_leaves_the_others),
		T(test_model_trims_events_after_35_days),
		T(test_model_bytes_that_are_no_event_are_passed_over),
		T(test_model_of_another_format_is_made_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
