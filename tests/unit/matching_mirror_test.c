/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the private mirror, the call list, the directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

static PB(Message) *ask(struct rig *r, const char *party, PB(Message__BodyCase) body, void *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = body;
	m.query_mirror = q; /* one union member stands for all: pointers */
	return rig_query(r, party, &m);
}

static PB(MirrorView) *mirror(struct rig *r, const char *party)
{
	PB(QueryMirror) q = PB_INIT(QUERY_MIRROR);
	PB(Message) *a = ask(r, party, BODY(QUERY_MIRROR), &q);

	assert_int_equal(a->body_case, BODY(MIRROR_VIEW));
	return a->mirror_view;
}

static const char *const partner[] = { "facility-a", "facility-b", "facility-c" };

static void pool_name(char name[16], size_t who, uint32_t expertise)
{
	(void)snprintf(name, 16, "%c%u", (char)('a' + (int)who), expertise);
}

/** One ask of that expertise, of that partner alone, and what it says. */
static void one_ask(struct rig *r, size_t who, uint32_t expertise, bool yes)
{
	static uint32_t number;
	char name[16];

	number++;
	pool_name(name, who, expertise);
	(void)pause_pool(r, partner[who], name, false, 0);
	demand_one(r, number, expertise, number);
	struct object_id id = cid(seat(r, number));
	(void)answer(r, partner[who], &id, yes ? ANSWER(CAN) : ANSWER(NOT_OURS));
	assert_true(demand_closed(r, number, number, 1, CLOSE(WITHDRAWN)));
	(void)pause_pool(r, partner[who], name, true, 0);
}

/* C11: the mirror is adjusted for what a partner was asked. Planted: hard asks (a fifth CAN) and
 * easy ones (four fifths); A gets mostly hard ones, B mostly easy ones, and C, asked just what A
 * was, says CAN to everything. Without the adjustment B would look better than it is and A worse.
 */
static void test_mirror_recovers_a_planted_effect(void **state)
{
	static const struct {
		size_t who;
		uint32_t expertise, asks, yes;
	} plan[] = {
		{ 0, 1, 5, 4 }, { 0, 2, 20, 4 }, { 1, 1, 20, 16 },
		{ 1, 2, 5, 1 }, { 2, 1, 5, 5 },  { 2, 2, 20, 20 },
	};
	static const uint32_t can[] = { 320, 680, 1000 };
	/* easy 25 of 30, hard 25 of 45; of 25 asks: (5 * 25/30 + 20 * 25/45) / 25 and so on */
	static const uint32_t expected[] = { 611, 777, 611 };
	struct rig *r = world_new();

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char name[16];
		pool_name(name, i % 3, 1 + (uint32_t)i / 3);
		(void)put_pool(r, &(struct pool_spec){ .name = name,
						       .partner = partner[i % 3],
						       .staffed = 5,
						       .expertise = 1 + (uint32_t)i / 3 });
		(void)pause_pool(r, partner[i % 3], name, true, 0);
	}
	for (size_t i = 0; i < SK_LEN(plan); i++) {
		for (uint32_t n = 0; n < plan[i].asks; n++) {
			one_ask(r, plan[i].who, plan[i].expertise, n < plan[i].yes);
		}
	}
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		const PB(MirrorView) *v = mirror(r, partner[i]);
		assert_string_equal(v->partner, partner[i]);
		assert_int_equal(v->n_rows, 1);
		assert_int_equal(v->rows[0]->month, 202603);
		assert_int_equal(v->rows[0]->asked, 25);
		assert_int_equal(v->rows[0]->can_permille, can[i]);
		assert_int_equal(v->rows[0]->expected_can_permille, expected[i]);
	}
	world_free(r);
}

/* Never another's, and where fewer than three partners make up "all" nothing shows what the other
 * one said. */
static void test_mirror_tells_of_nobody_else(void **state)
{
	struct rig *r = world_new();
	PB(QueryMirror) q = PB_INIT(QUERY_MIRROR);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char name[16];
		pool_name(name, i, 1);
		(void)put_pool(r, &(struct pool_spec){
					  .name = name, .partner = partner[i], .staffed = 5 });
		(void)pause_pool(r, partner[i], name, true, 0);
	}
	one_ask(r, 0, 1, true);
	one_ask(r, 1, 1, false);
	assert_int_equal(mirror(r, "facility-a")->rows[0]->expected_can_permille, 1000);
	assert_int_equal(mirror(r, "facility-b")->rows[0]->expected_can_permille, 0);
	assert_int_equal(mirror(r, "facility-c")->n_rows, 0);
	assert_int_equal(ask(r, "coordinator", BODY(QUERY_MIRROR), &q)->receipt->code,
			 REFUSE(UNAUTHORISED));
	q.months = 25;
	assert_string_equal(ask(r, "facility-a", BODY(QUERY_MIRROR), &q)->receipt->field, "months");
	world_free(r);
}

/* The median of hours; no answer is no time; CAN_IF and then CAN is one answer. */
static void test_mirror_counts_each_ask_once_and_its_hours(void **state)
{
	struct rig *r = world_new();

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 9 });
	for (uint32_t i = 1; i <= 4; i++) {
		demand_one(r, i, 1, i);
	}
	rig_advance(r, 5 * RIG_HOUR_MS);
	for (uint32_t i = 1; i <= 3; i++) {
		struct object_id id = cid(seat(r, i));
		(void)answer(r, "facility-a", &id, ANSWER(CAN_IF));
		(void)answer(r, "facility-a", &id, ANSWER(CAN));
	}
	for (uint32_t i = 1; i <= 3; i++) {
		assert_true(demand_closed(r, i, i, 1, CLOSE(WITHDRAWN)));
	}
	rig_advance(r, 20 * RIG_DAY_MS); /* the fourth lapses */
	const PB(MirrorRow) *row = mirror(r, "facility-a")->rows[0];
	assert_int_equal(row->asked, 4);
	assert_int_equal(row->can_if, 3);
	assert_int_equal(row->can, 0);
	assert_int_equal(row->lapsed, 1);
	assert_int_equal(row->hours_p50, 6);
	world_free(r);
}

static PB(CallListView) *calls(struct rig *r, PB(QueryCallList) *q)
{
	PB(Message) *a = ask(r, "contactpoint", BODY(QUERY_CALL_LIST), q);

	assert_int_equal(a->body_case, BODY(CALL_LIST_VIEW));
	return a->call_list_view;
}

/* C11: crises are telephoned at once, by step; others when the reminder brought no answer; who has
 * answered is off the list. */
static void test_call_list_most_pressing_first(void **state)
{
	struct rig *r = world_new();
	PB(QueryCallList) q = PB_INIT(QUERY_CALL_LIST);

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 5 });
	demand_one(r, 1, 1, 1);
	assert_int_equal(calls(r, &q)->n_items, 0);
	rig_advance(r, 6 * RIG_DAY_MS); /* past the reminder */
	for (uint32_t i = 2; i <= 3; i++) {
		struct demand_spec d = { .request = i,
					 .rank = i,
					 .needs = 1,
					 .wait_class = CLASS(CRISIS),
					 .step = 4 - (i - 1) };
		d.need[0].number = i;
		assert_true(demand(r, &d));
	}
	const PB(CallListView) *v = calls(r, &q);
	assert_int_equal(v->n_items, 3);
	struct object_id third = cid(seat(r, 3)); /* step 2 before step 3 before none */
	assert_memory_equal(v->items[0]->ask->contribution_id.data, third.b, OBJECT_ID_LEN);
	assert_true(v->items[0]->ask->by_call);
	struct object_id first = cid(seat(r, 1));
	assert_memory_equal(v->items[2]->ask->contribution_id.data, first.b, OBJECT_ID_LEN);
	/* By pages of one, the same three in the same order. */
	q.limit = 1;
	uint32_t pages = 0;
	for (v = calls(r, &q); v->n_items > 0; v = calls(r, &q)) {
		pages++;
		if (v->next.len == 0) {
			break;
		}
		q.after = v->next;
	}
	assert_int_equal(pages, 3);
	q = (PB(QueryCallList))PB_INIT(QUERY_CALL_LIST);
	(void)answer(r, "facility-a", &third, ANSWER(CAN));
	assert_int_equal(calls(r, &q)->n_items, 2);
	assert_int_equal(ask(r, "facility-a", BODY(QUERY_CALL_LIST), &q)->receipt->code,
			 REFUSE(UNAUTHORISED));
	world_free(r);
}

/* Insured and not confirmed: asked all the same, and by telephone before others of its step. */
static void test_call_list_unconfirmed_insured_first(void **state)
{
	struct rig *r = world_new();
	PB(QueryCallList) q = PB_INIT(QUERY_CALL_LIST);

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "sure", .staffed = 1, .insured = true });
	rig_advance(r, 3 * RIG_DAY_MS);
	assert_true(pool_rec(r, "sure")->unconfirmed);
	(void)put_pool(
		r, &(struct pool_spec){ .name = "near", .partner = "facility-b", .staffed = 1 });
	for (uint32_t i = 1; i <= 2; i++) {
		struct demand_spec d = {
			.request = i, .rank = i, .needs = 1, .wait_class = CLASS(CRISIS), .step = 1
		};
		d.need[0].number = i;
		assert_true(demand(r, &d));
	}
	const PB(CallListView) *v = calls(r, &q);
	assert_true(v->n_items >= 2);
	assert_true(v->items[0]->unconfirmed && v->items[0]->insured);
	assert_string_equal(v->items[0]->ask->pool, "sure");
	world_free(r);
}

/* C2: every role may look, without a child: expertise, zone and age; how much is free and how old
 * the figure is. */
static void test_directory_is_open_to_every_role(void **state)
{
	static const char *const who[] = { "facility-a",  "clb",         "family", "dashboard",
					   "school",      "government",  "court",  "operator",
					   "coordinator", "contactpoint" };
	struct rig *r = world_new();
	PB(QueryDirectory) q = PB_INIT(QUERY_DIRECTORY);

	(void)state;
	(void)put_pool(r, &(struct pool_spec){
				  .name = "p",
				  .staffed = 3,
				  .zone = "rits",
				  .age_from = 6,
				  .age_to = 12,
				  .answer = SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST });
	(void)put_pool(r, &(struct pool_spec){ .name = "q", .staffed = 1, .expertise = 2 });
	q.expertise = 1;
	q.zone = (char *)(uintptr_t) "rits";
	q.age_years = 12;
	for (size_t i = 0; i < SK_LEN(who); i++) {
		PB(Message) *a = ask(r, who[i], BODY(QUERY_DIRECTORY), &q);
		assert_int_equal(a->body_case, BODY(DIRECTORY_VIEW));
		assert_int_equal(a->directory_view->n_items, 1);
		const PB(DirectoryItem) *item = a->directory_view->items[0];
		assert_string_equal(item->pool, "p");
		assert_int_equal(item->free, 3);
		assert_int_equal(item->answer, SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_ASSESS_FIRST);
		assert_true(item->observed_at_ms > 0);
	}
	q.age_years = 13;
	assert_int_equal(ask(r, "school", BODY(QUERY_DIRECTORY), &q)->directory_view->n_items, 0);
	q.expertise = 65;
	assert_string_equal(ask(r, "school", BODY(QUERY_DIRECTORY), &q)->receipt->field, "expertis"
											 "e");
	q.expertise = 0;
	q.zone = (char *)(uintptr_t) "nowhere";
	assert_string_equal(ask(r, "school", BODY(QUERY_DIRECTORY), &q)->receipt->field, "zone");
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mirror_recovers_a_planted_effect),
		cmocka_unit_test(test_mirror_tells_of_nobody_else),
		cmocka_unit_test(test_mirror_counts_each_ask_once_and_its_hours),
		cmocka_unit_test(test_call_list_most_pressing_first),
		cmocka_unit_test(test_call_list_unconfirmed_insured_first),
		cmocka_unit_test(test_directory_is_open_to_every_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
