/* SPDX-License-Identifier: EUPL-1.2 */
/* What a partner writes in its Task, and what a facility says of its places. */
#include "gateway_fhir_rig.h"

#include <stdio.h>

static uint8_t need_id[OBJECT_ID_LEN] = { 4, 5, 6 };

/* --- a partner's task --- */

struct tried {
	int err;
	PB(Message) m;
	struct fhir_in in;
};

static struct tried try_move(PB(ContributionState) from, const char *task)
{
	PB(Ask) now = PB_INIT(ASK);
	json_t *doc = parse(task);
	struct tried t = { .in = reading_with(doc) };

	now.state = from;
	now.contribution_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, need_id };
	t.err = fhir_task_move(&t.in, &now, &t.m);
	json_decref(doc);
	t.in.resource = NULL;
	return t;
}

static void test_task_accepted_is_can(void **state)
{
	struct tried t = try_move(STATE(ASKED), "{\"status\":\"accepted\",\"executionPeriod\":{"
						"\"start\":"
						"\"2026-12-01\"}}");

	(void)state;
	assert_int_equal(t.err, SK_OK);
	assert_int_equal(t.m.body_case, BODY(ANSWER_ASK));
	assert_int_equal(t.m.answer_ask->answer, SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN);
	assert_int_equal(t.m.answer_ask->start_at_ms, 1796083200000ULL);
	t = try_move(STATE(ASKED), "{\"status\":\"accepted\",\"statusReason\":{\"coding\":[{"
				   "\"system\":\"urn:schakel:codes:can_if\",\"code\":"
				   "\"TRANSPORT\"}]}}");
	assert_int_equal(t.m.answer_ask->answer, SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN_IF);
	assert_int_equal(t.m.answer_ask->can_if, SCHAKEL__V1__CAN_IF__CAN_IF_TRANSPORT);
}

/* A no has its reason, and "not now" its day. */
static void test_task_rejected_needs_its_reason(void **state)
{
	struct tried t = try_move(STATE(ASKED), "{\"status\":\"rejected\"}");

	(void)state;
	assert_int_equal(t.err, SK_EPROTO);
	assert_string_equal(t.in.issue[0].at, "Task.statusReason");
	t = try_move(STATE(ASKED), "{\"status\":\"rejected\",\"statusReason\":{\"coding\":[{"
				   "\"code\":\"NOT_NOW\"}]}}");
	assert_string_equal(t.in.issue[0].at, "Task.executionPeriod.start");
	t = try_move(STATE(ASKED), "{\"status\":\"rejected\",\"statusReason\":{\"coding\":[{"
				   "\"code\":\"NOT_OURS\"}]},\"owner\":{\"reference\":"
				   "\"Organization/huis\"}}");
	assert_int_equal(t.err, SK_OK);
	assert_string_equal(t.m.answer_ask->suggests, "huis");
}

/* Every way that is not listed is refused; after the agreement there is none to drop a child. */
static void test_task_moves_are_those_of_the_table(void **state)
{
	static const char *const statuses[] = { "draft",     "requested",   "received",
						"accepted",  "rejected",    "ready",
						"cancelled", "in-progress", "on-hold",
						"completed", "failed",      "entered-in-error" };
	static const char *const ends[] = { "rejected", "cancelled", "failed", "entered-in-error" };
	char task[200];

	(void)state;
	for (int from = 0; from <= (int)STATE(STOPPED_BY_YOUTH); from++) {
		for (size_t i = 0; i < SK_LEN(statuses); i++) {
			(void)snprintf(task, sizeof(task), "{\"status\":\"%s\"}", statuses[i]);
			struct tried t = try_move((PB(ContributionState))from, task);
			assert_int_equal(t.err == SK_OK, !t.in.refused);
		}
	}
	for (size_t i = 0; i < SK_LEN(ends); i++) {
		(void)snprintf(task, sizeof(task), "{\"status\":\"%s\"}", ends[i]);
		assert_int_equal(try_move(STATE(AGREED), task).err, SK_EPROTO);
		assert_int_equal(try_move(STATE(STARTED), task).err, SK_EPROTO);
	}
	assert_int_equal(try_move(STATE(CAN), "{\"status\":\"cancelled\"}").m.body_case,
			 BODY(TAKE_BACK));
	assert_int_equal(try_move(STATE(STARTED), "{\"status\":\"completed\"}").m.body_case,
			 BODY(HAND_ON_CONTRIBUTION));
	assert_int_equal(try_move(STATE(HANDING_ON), "{\"status\":\"completed\"}").m.body_case,
			 BODY(END_CONTRIBUTION));
	assert_int_equal(try_move(STATE(INTERRUPTED), "{\"status\":\"in-progress\"}").m.body_case,
			 BODY(RESUME_CONTRIBUTION));
}

/* L6: the clock of the month stops only where it is said that somebody was seen. */
static void test_task_start_is_seen_only_when_said(void **state)
{
	struct tried t = try_move(STATE(AGREED), "{\"status\":\"in-progress\"}");

	(void)state;
	assert_int_equal(t.m.body_case, BODY(START_CONTRIBUTION));
	assert_false(t.m.start_contribution->seen);
	t = try_move(STATE(AGREED), "{\"status\":\"in-progress\",\"extension\":[{\"url\":"
				    "\"urn:schakel:fhir:seen\",\"valueBoolean\":true}]}");
	assert_true(t.m.start_contribution->seen);
}

static void test_patch_both_kinds(void **state)
{
	json_t *task = parse("{\"status\":\"requested\",\"note\":[{\"text\":\"a\"}]}");
	json_t *patch = parse("[{\"op\":\"test\",\"path\":\"/status\",\"value\":\"requested\"},"
			      "{\"op\":\"replace\",\"path\":\"/status\",\"value\":\"accepted\"},"
			      "{\"op\":\"add\",\"path\":\"/note/-\",\"value\":{\"text\":\"b\"}},"
			      "{\"op\":\"remove\",\"path\":\"/note/0\"}]");
	struct fhir_in in = reading_with(task);

	(void)state;
	assert_int_equal(fhir_patch(&in, patch, task), SK_OK);
	assert_string_equal(fj_str(task, "status"), "accepted");
	assert_int_equal(fj_items(task, "note"), 1);
	assert_string_equal(fj_str(fj_item(task, "note", 0), "text"), "b");
	assert_int_equal(fhir_patch(&in, patch, task), SK_EPROTO); /* the test fails now */
	json_decref(patch);
	patch = parse("{\"status\":\"rejected\",\"note\":null}");
	assert_int_equal(fhir_patch(&in, patch, task), SK_OK);
	assert_string_equal(fj_str(task, "status"), "rejected");
	assert_null(json_object_get(task, "note"));
	json_decref(patch);
	json_decref(task);
}

/* --- capacity --- */

/* Free over total is kept and told. */
static void test_service_new_with_more_free_than_total(void **state)
{
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	json_t *doc = parse(fhir_rig_service);
	struct fhir_in in = reading_with(doc);

	(void)state;
	assert_int_equal(fhir_service_read(&in, "plekken", NULL, &c), SK_OK);
	assert_int_equal(c.answer, SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST);
	assert_int_equal(c.staffed, 12);
	assert_int_equal(c.total, 12);
	assert_int_equal(c.used_elsewhere, 0);
	assert_int_equal(in.issues_len, 1);
	assert_int_equal(c.n_uses, 1);
	assert_int_equal(c.uses[0]->expertises[0], 12);
	assert_string_equal(c.uses[0]->zones[0], "rits");
	json_decref(doc);
}

/* What is free is staffed less what is used elsewhere and promised; the rest stays. */
static void test_service_known_keeps_what_is_not_said(void **state)
{
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	PB(PutCapacity) before = PB_INIT(PUT_CAPACITY);
	PB(PoolItem) now = PB_INIT(POOL_ITEM);
	json_t *doc = parse("{\"extension\":[{\"url\":\"urn:schakel:fhir:capacity\",\"extension\":["
			    "{\"url\":\"available\",\"valueInteger\":2}]}]}");
	struct fhir_in in = reading_with(doc);

	(void)state;
	before.total = 8;
	before.staffed = 6;
	before.insured = true;
	now.capacity = &before;
	now.promised = 1;
	now.version = 7;
	assert_int_equal(fhir_service_read(&in, "plekken", &now, &c), SK_OK);
	assert_int_equal(c.based_on, 7);
	assert_int_equal(c.total, 8);
	assert_int_equal(c.staffed, 6);
	assert_int_equal(c.used_elsewhere, 3);
	assert_true(c.insured);
	json_decref(doc);
}

static void test_service_status_of_a_pool(void **state)
{
	static const struct {
		PB(PoolAnswer) answer;
		uint32_t free;
		const char *code;
	} row[] = {
		{ SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_UNSPECIFIED, 1, "capacity" },
		{ SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_UNSPECIFIED, 0, "no-capacity" },
		{ SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_HAS, 0, "capacity" },
		{ SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE_WAITLIST, 0, "waitlist" },
		{ SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST, 1,
		  "additional-assessment-required" },
	};
	struct fhir_out out = { .conf = &fhir_rig_conf };

	(void)state;
	for (size_t i = 0; i < SK_LEN(row); i++) {
		PB(DirectoryItem) d = PB_INIT(DIRECTORY_ITEM);
		d.pool = "plekken";
		d.partner = "huis";
		d.answer = row[i].answer;
		d.free = row[i].free;
		json_t *r = fhir_directory_service(&out, &d);
		assert_string_equal(fj_extension_text(fj_extension(r, FHIR_CAPACITY_STATUS), "capac"
											     "itySt"
											     "atu"
											     "s"),
				    row[i].code);
		json_decref(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FHIR_TEST(test_task_accepted_is_can),
		FHIR_TEST(test_task_rejected_needs_its_reason),
		FHIR_TEST(test_task_moves_are_those_of_the_table),
		FHIR_TEST(test_task_start_is_seen_only_when_said),
		FHIR_TEST(test_patch_both_kinds),
		FHIR_TEST(test_service_new_with_more_free_than_total),
		FHIR_TEST(test_service_known_keeps_what_is_not_said),
		FHIR_TEST(test_service_status_of_a_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
