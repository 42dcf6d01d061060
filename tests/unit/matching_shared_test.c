/* SPDX-License-Identifier: EUPL-1.2 */
/* B8: what an hour that is shared would do for who waits; C12: a network is told where it is spent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static PB(Message) *ask_shared(struct rig *r, const char *party, PB(QueryShared) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_SHARED);
	m.query_shared = q;
	return rig_query(r, party, &m);
}

static PB(SharedItem) *shared(struct rig *r, uint32_t hours)
{
	PB(QueryShared) q = PB_INIT(QUERY_SHARED);

	q.expertise = 1;
	q.zone = (char *)(uintptr_t) "westhoek";
	q.hours = hours;
	PB(Message) *out = ask_shared(r, "facility-b", &q);
	assert_int_equal(out->body_case, BODY(SHARED_VIEW));
	assert_int_equal(out->shared_view->n_items, 1);
	return out->shared_view->items[0];
}

static void waits_for(struct rig *r, uint32_t number, uint32_t hours, uint64_t rank)
{
	struct demand_spec d = { .request = number, .rank = rank, .needs = 1 };

	d.need[0] = (struct need_spec){ .number = number, .intensity = hours };
	d.need[0].should = number == 3;
	assert_true(demand(r, &d));
}

/* B8: shared hours go in the order, and pass by who needs more than is left: one hour starts who is
 * third in the order and needs one; three start the first, too. What they start is what a real pool
 * of as many hours then starts. */
static void test_shared_hours_start_who_is_due(void **state)
{
	struct rig *r = world_new();

	(void)state;
	waits_for(r, 1, 2, 10);
	waits_for(r, 2, 4, 20);
	waits_for(r, 3, 1, 30);
	assert_int_equal(shared(r, 0)->starts, 1);
	assert_int_equal(shared(r, 1)->musts, 0);
	PB(SharedItem) *item = shared(r, 3);
	assert_int_equal(item->waiting, 3);
	assert_int_equal(item->starts, 2);
	assert_int_equal(item->musts, 1);
	assert_int_equal(item->hours, 3);
	assert_true(item->oldest_ms == 10);
	assert_int_equal(shared(r, 7)->starts, 3);
	assert_true(waits(r, 1)); /* only thought of */
	assert_int_equal(rig_rows(r, T_POOL), 0);
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "real", .staffed = 3, .unit = UNITS(HOURS_WEEK) }));
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	assert_false(waits(r, 3));
	assert_int_equal(shared(r, 3)->starts, 0);
	assert_int_equal(shared(r, 4)->starts, 1);
	world_free(r);
}

/* B8: hard rules hold for shared hours: a team that is full has no room for another house; a child
 * of another zone is not reached. Without a zone each zone is told. */
static void test_shared_hours_keep_the_hard_rules(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .zone = "rits", .needs = 1 };
	PB(QueryShared) q = PB_INIT(QUERY_SHARED);

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	assert_true(demand(r, &d));
	assert_int_equal(shared(r, 9)->waiting, 0);
	q.expertise = 1;
	q.hours = 9;
	PB(SharedView) *v = ask_shared(r, "coordinator", &q)->shared_view;
	assert_int_equal(v->n_items, 2);
	assert_int_equal(v->items[0]->starts + v->items[1]->starts, 1);
	rig_set(r, SETTING_TEAM_MAX, 1);
	d = (struct demand_spec){ .request = 2, .rank = 1, .needs = 2 };
	d.need[0] = (struct need_spec){ .number = 20, .expertise = 2 };
	d.need[1] = (struct need_spec){ .number = 21 };
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1, .expertise = 2 }));
	assert_true(demand(r, &d));
	assert_int_equal(shared(r, 9)->waiting, 1);
	assert_int_equal(shared(r, 9)->starts, 0);
	world_free(r);
}

static void test_shared_bad_questions_are_refused(void **state)
{
	struct rig *r = world_new();
	PB(QueryShared) q = PB_INIT(QUERY_SHARED);

	(void)state;
	assert_string_equal(ask_shared(r, "facility-a", &q)->receipt->field, "expertise");
	q.expertise = 1;
	q.hours = 168;
	assert_int_equal(ask_shared(r, "facility-a", &q)->body_case, BODY(SHARED_VIEW));
	q.hours = 169;
	assert_string_equal(ask_shared(r, "facility-a", &q)->receipt->field, "hours");
	q.hours = 1;
	q.zone = (char *)(uintptr_t) "elders";
	assert_string_equal(ask_shared(r, "facility-a", &q)->receipt->field, "zone");
	assert_int_equal(ask_shared(r, "family", &q)->body_case, BODY(RECEIPT));
	world_free(r);
}

/* C12: intake, where budgets are spent, is told of each network as it stands, and of its end. A
 * matching that was restored from before it was known has it back from there, with its end to come.
 */
static void test_network_is_told_and_comes_back(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + 5 * RIG_DAY_MS;
	uint8_t packed[400];

	(void)state;
	ACCEPT(put_network(r, &(struct network_spec){ .name = "kust", .until_ms = until }));
	const PB(NetworkTold) *t = rig_next_of(r, "intake", BODY(NETWORK_TOLD))->network_told;
	assert_string_equal(t->network->network, "kust");
	assert_true(t->network->until_ms == until);
	assert_false(t->ended);
	size_t len = schakel__v1__network_told__pack(t, packed);
	rig_advance(r, 6 * RIG_DAY_MS);
	assert_true(rig_next_of(r, "intake", BODY(NETWORK_TOLD))->network_told->ended);
	world_free(r);

	r = world_new();
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	item.table = (char *)(uintptr_t) "NetworkTold";
	item.record = (ProtobufCBinaryData){ len, packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	assert_true(rig_fact(r, "intake", &m)); /* nothing was lost: our word holds */
	assert_null(network_rec(r, "kust"));
	rig_restored(r);
	assert_true(rig_fact(r, "intake", &m));
	rig_reconciled(r);
	assert_true(network_rec(r, "kust")->network->until_ms == until);
	assert_int_equal(rig_due(r, DUE_NETWORK), 1);
	rig_advance(r, 6 * RIG_DAY_MS);
	assert_true(network_rec(r, "kust")->ended);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared_hours_start_who_is_due),
		cmocka_unit_test(test_shared_hours_keep_the_hard_rules),
		cmocka_unit_test(test_shared_bad_questions_are_refused),
		cmocka_unit_test(test_network_is_told_and_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
