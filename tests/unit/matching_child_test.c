/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the children of one request, where they live, how far is asked, and one that is
 * missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define RING_OF(NAME) SCHAKEL__V1__RING__RING_##NAME

static struct demand_spec one_child(uint32_t request, struct child_spec child)
{
	struct demand_spec d = { .request = request, .rank = request, .needs = 1, .children = 1 };

	d.child[0] = child;
	return d;
}

/* A3: two stay places are both own ring: a pool in either serves the child, now and when it comes
 * free later. */
static void test_need_of_two_homes_stands_in_both(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = one_child(1, (struct child_spec){ .zone = { "westhoek", "rits" } });

	(void)state;
	assert_true(demand(r, &d));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->n_zones, 2);
	assert_int_equal(rig_rows(r, T_WAIT), 2);
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1, .zone = "rits" });
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_int_equal(rig_rows(r, T_WAIT), 0);
	/* The other home's, with the first one gone: composed at once over what is clean. */
	d.request = 2;
	d.need[0].number = 2;
	(void)put_pool(r, &(struct pool_spec){ .name = "q", .staffed = 1, .zone = "westhoek" });
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 2)->pool, "q");
	world_free(r);
}

/* L8: a walk of one need a step goes on behind one that stands in two streams and does not fit; it
 * would begin at its first row again, without end, when the second were looked at anew. */
static void test_pass_goes_on_behind_need_of_two_homes(void **state)
{
	struct rig *r = world_new();
	struct demand_spec young = one_child(1, (struct child_spec){ .zone = { "westhoek", "rit"
											   "s" } });
	struct demand_spec old = one_child(2, (struct child_spec){ .age = 16 });

	(void)state;
	rig_set(r, SETTING_SEAT_CANDIDATES, 1);
	old.need[0].number = 2;
	assert_true(demand(r, &young));
	assert_true(demand(r, &old));
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 2, .age_from = 12 });
	rig_advance(r, 10);
	assert_string_equal(seat(r, 2)->pool, "p");
	assert_true(waits(r, 1));
	assert_int_equal(rig_rows(r, T_PASS), 0);
	assert_int_equal(rig_due(r, DUE_CHAIN), 0);
	world_free(r);
}

/* The same zone named twice is one row: the order counts nobody twice. */
static void test_need_of_one_zone_named_twice_has_one_row(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = one_child(1, (struct child_spec){ .zone = { "westhoek", "westhoe"
										       "k" } });

	(void)state;
	assert_true(demand(r, &d));
	assert_int_equal(rig_rows(r, T_WAIT), 1);
	world_free(r);
}

/* Each need asks for the age of its own child, not for that of the request's first. */
static void test_need_asks_for_the_age_of_its_child(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 2, .children = 2 };

	(void)state;
	d.child[0] = (struct child_spec){ .age = 5 };
	d.child[1] = (struct child_spec){ .age = 16 };
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2, .child = 1 };
	(void)put_pool(r, &(struct pool_spec){ .name = "young", .staffed = 5, .age_to = 11 });
	(void)put_pool(r, &(struct pool_spec){ .name = "teens", .staffed = 5, .age_from = 12 });
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "young");
	assert_string_equal(seat(r, 2)->pool, "teens");
	world_free(r);
}

/* A3, C4: rings: own zones first; what fits beyond is counted; from the region's ring on it is
 * asked, and the way is priced. */
static void test_need_in_wider_ring_is_seated_beyond_its_zone(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = one_child(1, (struct child_spec){ .zone = { "westhoek" } });

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "far", .staffed = 1, .zone = "rits" });
	assert_true(demand(r, &d));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->beyond_ring, 1);
	d.version = 2;
	d.ring = RING_OF(REGION);
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "far");
	uint32_t km = 0;
	for (size_t i = 0; i < seat(r, 1)->n_costs; i++) {
		const PB(CostLine) *line = seat(r, 1)->costs[i];
		km += line->kind == COST(DISTANCE) ? line->quantity : 0;
	}
	assert_int_equal(km, setting_spec[SETTING_BEYOND_ZONE_KM].def);
	/* A narrower ring later does not take away what is being asked. */
	d.version = 3;
	d.ring = RING_OF(OWN_ZONES);
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "far");
	world_free(r);
}

/* Of two that fit, the one near the child is asked: distance is priced. */
static void test_need_in_wider_ring_prefers_what_is_near(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = one_child(1, (struct child_spec){ .zone = { "westhoek" } });

	(void)state;
	for (uint32_t i = 0; i < 8; i++) { /* whatever the lottery says of their names */
		char name[16];
		(void)snprintf(name, sizeof(name), "far-%u", i);
		(void)put_pool(r,
			       &(struct pool_spec){ .name = name, .staffed = 1, .zone = "rits" });
	}
	(void)put_pool(r, &(struct pool_spec){ .name = "near", .staffed = 1, .zone = "westhoek" });
	d.ring = RING_OF(NEIGHBOURS);
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "near");
	world_free(r);
}

/* A wider ring and a freed place: the pass of a pool far away reaches the need, in the order (L7).
 */
static void test_pass_of_far_pool_keeps_the_order(void **state)
{
	struct rig *r = world_new();
	struct demand_spec near = one_child(2, (struct child_spec){ .zone = { "rits" } });
	struct demand_spec far = one_child(1, (struct child_spec){ .zone = { "westhoek" } });

	(void)state;
	far.ring = RING_OF(REGION);
	assert_true(demand(r, &near));
	assert_true(demand(r, &far));
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1, .zone = "rits" });
	assert_string_equal(seat(r, 1)->pool, "p"); /* waits longer; its ring reaches here */
	assert_true(waits(r, 2));
	world_free(r);
}

/* A crisis asks all rings at once (DOMAIN 7). */
static void test_crisis_asks_all_rings_at_once(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = one_child(1, (struct child_spec){ .zone = { "westhoek" } });

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "far", .staffed = 1, .zone = "rits" });
	d.wait_class = CLASS(CRISIS);
	d.step = 1;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "far");
	world_free(r);
}

/* A child that is missing: nothing new is asked, what is held stays; found again, it waits with its
 * old date, and takes what came free meanwhile. */
static void test_missing_child_pauses_offers_and_keeps_what_is_held(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 5, .needs = 2, .children = 2 };

	(void)state;
	d.child[0] = (struct child_spec){ .missing = false };
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	(void)put_pool(r, &(struct pool_spec){ .name = "held", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id held = drive(r, 1, CSTATE(CAN));
	d.version = 2;
	d.child[0].missing = true;
	assert_true(demand(r, &d));
	assert_int_equal(contribution_rec(r, &held)->state, CSTATE(CAN));
	(void)put_pool(r, &(struct pool_spec){ .name = "new", .staffed = 1, .expertise = 2 });
	assert_int_equal(need_rec(r, 2)->seat_id.len, 0);
	assert_false(need_rec(r, 2)->waiting);
	d.version = 3;
	d.child[0].missing = false;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 2)->pool, "new");
	world_free(r);
}

/* C4, B1: the family itself wants to wait (ON_FAMILY_WISH): nobody new is asked for it, what came
 * free goes to who is behind it; its date stays, so at the end of the wish it comes first again.
 * What had been asked before may still be answered. */
static void test_family_wish_asks_nobody_new_until_it_is_over(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 5, .needs = 2 };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	(void)put_pool(r, &(struct pool_spec){ .name = "held", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id held = id_of(&seat(r, 1)->contribution_id);
	d.version = 2;
	d.wish_until_ms = rig_now(r) + 9 * RIG_DAY_MS;
	assert_true(demand(r, &d));
	assert_int_equal(answer(r, "facility-a", &held, ANSWER(CAN))->outcome, OUT(ACCEPTED));
	(void)put_pool(r, &(struct pool_spec){ .name = "new", .staffed = 1, .expertise = 2 });
	assert_int_equal(need_rec(r, 2)->seat_id.len, 0);
	demand_one(r, 3, 2, 50);
	assert_string_equal(seat(r, 3)->pool, "new");
	demand_one(r, 4, 2, 60);
	d.version = 3;
	d.wish_until_ms = 0;
	assert_true(demand(r, &d));
	assert_int_equal(need_rec(r, 2)->order->rank_ms, 5);
	(void)put_pool(r, &(struct pool_spec){ .name = "new", .staffed = 2, .expertise = 2 });
	assert_string_equal(seat(r, 2)->pool, "new");
	assert_true(waits(r, 4));
	world_free(r);
}

/* C4: what was asked and is declined during the wish is not asked of somebody else before its end;
 * safety does not wait for a wish: a crisis is helped all the same. */
static void test_family_wish_is_no_ground_to_leave_a_crisis(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 5, .needs = 1 };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	(void)put_pool(r, &(struct pool_spec){ .name = "one", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id first = id_of(&seat(r, 1)->contribution_id);
	d.version = 2;
	d.wish_until_ms = rig_now(r) + 9 * RIG_DAY_MS;
	assert_true(demand(r, &d));
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "two", .partner = "facility-b", .staffed = 1 });
	assert_int_equal(answer(r, "facility-a", &first, ANSWER(NOT_OURS))->outcome, OUT(ACCEPTED));
	assert_int_equal(need_rec(r, 1)->seat_id.len, 0);
	d.order_version = 2;
	d.wait_class = CLASS(CRISIS);
	d.step = 1;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "two");
	world_free(r);
}

/* L12: bounds of what is told of children, at the limit and one past it. */
static void test_demand_of_too_many_children_or_zones_is_refused(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .children = MATCH_CHILDREN_MAX };

	(void)state;
	d.need[0].child = MATCH_CHILDREN_MAX - 1;
	assert_true(demand(r, &d));
	d.version = 2;
	d.children = MATCH_CHILDREN_MAX + 1;
	assert_false(demand(r, &d));
	d.children = 1;
	d.need[0].version = 2;
	d.need[0].child = MATCH_CHILDREN_MAX;
	assert_false(demand(r, &d));
	d.need[0].child = 0;
	d.child[0] = (struct child_spec){ .zone = { "westhoek", "rits", "westkust" } };
	assert_false(demand(r, &d));
	d.child[0] = (struct child_spec){ .zone = { "West Hoek" } };
	assert_false(demand(r, &d));
	d.child[0] = (struct child_spec){ .zone = { "westhoek", "rits" } };
	d.ring = RING_OF(NEIGHBOURS) + 1;
	assert_false(demand(r, &d));
	d.ring = RING_OF(NEIGHBOURS);
	d.known_partner = "facility-a";
	d.known_more = MATCH_KNOWN_MAX;
	assert_false(demand(r, &d));
	d.known_more = MATCH_KNOWN_MAX - 1;
	assert_true(demand(r, &d));
	world_free(r);
}

/* The young person who stops says of which child; another's help is not stopped by mistake. */
static void test_stop_of_another_child_is_refused(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .children = 2 };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1, .child = 1 };
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	PB(Receipt) *refused = simple(r, "family", BODY(STOP_CONTRIBUTION), &id);
	assert_int_equal(refused->code, REFUSE(CONTRADICTS));
	assert_string_equal(refused->field, "child");

	PB(Message) m = PB_INIT(MESSAGE);
	PB(StopContribution) stop = PB_INIT(STOP_CONTRIBUTION);
	stop.contribution_id = object_id_data(&id);
	stop.child = 1;
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &stop;
	assert_int_equal(rig_command(r, "family", &m)->outcome, OUT(ACCEPTED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STOPPED_BY_YOUTH));
	world_free(r);
}

/* D1, DESIGN 8: an ask has room for an age band, a zone, codes and dates, and for nothing that
 * tells who the child is or how many there are. Who adds a field has to think of it here. */
static void test_ask_has_no_field_that_tells_who(void **state)
{
	static const char *const allowed[] = {
		"contribution_id", "pool",          "use",
		"expertise",       "intensity",     "duration_weeks",
		"age_from",        "age_to",        "zone",
		"urgency",         "crisis_step",   "asked_ms",
		"answer_by_ms",    "standby",       "state",
		"version",         "amount",        "holds_until_ms",
		"short_code",      "modality",      "life_domain",
		"can_if",          "until_ms",      "by_call",
		"interpreter",     "meeting_open",  "meeting_until_ms",
		"suggested_by",    "rules_version", "remind_ms",
	};
	const ProtobufCMessageDescriptor *ask = &schakel__v1__ask__descriptor;

	(void)state;
	for (unsigned i = 0; i < ask->n_fields; i++) {
		bool known = false;
		for (size_t a = 0; a < SK_LEN(allowed); a++) {
			known = known || strcmp(allowed[a], ask->fields[i].name) == 0;
		}
		if (!known) {
			fail_msg("Ask.%s: does it tell who the child is?", ask->fields[i].name);
		}
	}
}

/* The band of an ask is that of the need's own child, and its zone where that child lives. */
static void test_ask_tells_band_and_zone_of_its_child(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .children = 2 };

	(void)state;
	d.child[0] = (struct child_spec){ .age = 4, .zone = { "westhoek" } };
	d.child[1] = (struct child_spec){ .age = 16, .zone = { "rits" } };
	d.need[0] = (struct need_spec){ .number = 1, .child = 1 };
	(void)put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1 });
	assert_true(demand(r, &d));
	const PB(Message) *m = rig_next_of(r, "facility-a", BODY(ASK));
	assert_non_null(m);
	assert_int_equal(m->ask->age_from, 15);
	assert_int_equal(m->ask->age_to, 17);
	assert_string_equal(m->ask->zone, "rits");
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_need_of_two_homes_stands_in_both),
		cmocka_unit_test(test_pass_goes_on_behind_need_of_two_homes),
		cmocka_unit_test(test_need_of_one_zone_named_twice_has_one_row),
		cmocka_unit_test(test_need_asks_for_the_age_of_its_child),
		cmocka_unit_test(test_need_in_wider_ring_is_seated_beyond_its_zone),
		cmocka_unit_test(test_need_in_wider_ring_prefers_what_is_near),
		cmocka_unit_test(test_pass_of_far_pool_keeps_the_order),
		cmocka_unit_test(test_crisis_asks_all_rings_at_once),
		cmocka_unit_test(test_missing_child_pauses_offers_and_keeps_what_is_held),
		cmocka_unit_test(test_family_wish_asks_nobody_new_until_it_is_over),
		cmocka_unit_test(test_family_wish_is_no_ground_to_leave_a_crisis),
		cmocka_unit_test(test_demand_of_too_many_children_or_zones_is_refused),
		cmocka_unit_test(test_stop_of_another_child_is_refused),
		cmocka_unit_test(test_ask_has_no_field_that_tells_who),
		cmocka_unit_test(test_ask_tells_band_and_zone_of_its_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
