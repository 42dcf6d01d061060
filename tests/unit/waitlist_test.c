/* SPDX-License-Identifier: EUPL-1.2 */
/* The order of the list under the real engine: class, step, rank date, lottery; versions; that
 * nothing leaves without an outcome; that lost help costs no date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)

static void open_one(struct rig *r, uint32_t request, uint32_t need, PB(Urgency) urgency)
{
	assert_true(wl_opened(r, &(struct request){ .number = request,
						    .urgency = urgency,
						    .crisis_step = urgency == U(CRISIS) ? 1 : 0,
						    NEEDS({ .number = need }) }));
}

/* DOMAIN 6: URGENT gives URGENT, STANDARD gives ACTIVE, PREVENTIVE gives PRECAUTION. */
static void test_waitlist_urgency_gives_class(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(PREVENTIVE));
	open_one(r, 2, 102, U(STANDARD));
	open_one(r, 3, 103, U(URGENT));
	open_one(r, 4, 104, U(CRISIS));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "104 103 102 101");
	assert_string_equal(wl_order_of(r, 0, ""), "104 103 102 101");
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(PRECAUTION));
	assert_int_equal(wl_entry_of(r, 102)->order->wait_class, C(ACTIVE));
	assert_int_equal(wl_entry_of(r, 103)->order->wait_class, C(URGENT));
	assert_int_equal(wl_entry_of(r, 104)->order->wait_class, C(CRISIS));
}

/* DOMAIN 6: becoming a crisis gains nothing for what was asked before: it keeps class and date,
 * also one that it rose to by age; the crisis's own short entries stand in front, and when the
 * crisis is called off the long ones take the class of the urgency that is left. */
static void test_waitlist_becoming_a_crisis_gains_nothing(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(PREVENTIVE));
	open_one(r, 2, 102, U(STANDARD));
	uint32_t order_version = wl_record_of(r, 101)->order->order_version;
	rig_advance(r, DAY(1));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .version = 2,
						    .urgency = U(CRISIS),
						    .crisis_step = 1,
						    NEEDS({ .number = 101,
							    .version = 2,
							    .arrival_ms = RIG_START_MS,
							    .longer = true },
							  { .number = 103 }) }));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "103 102 101");
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(PRECAUTION));
	assert_true(wl_entry_of(r, 101)->order->rank_ms == RIG_START_MS);
	assert_int_equal(wl_record_of(r, 101)->order->order_version, order_version);
	assert_int_equal(wl_entry_of(r, 103)->order->wait_class, C(CRISIS));
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 1,
			   .version = 3,
			   .urgency = U(STANDARD),
			   NEEDS({ .number = 101, .version = 3, .arrival_ms = RIG_START_MS }) }));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(ACTIVE));
}

/* CRISIS first, by step, then arrival. */
static void test_waitlist_crisis_orders_by_step_then_arrival(void **state)
{
	struct rig *r = *state;
	static const uint32_t step[] = { 3, 1, 2, 1 };

	for (uint32_t i = 0; i < 4; i++) {
		rig_advance(r, RIG_SECOND_MS);
		assert_true(wl_opened(r, &(struct request){ .number = 1 + i,
							    .urgency = U(CRISIS),
							    .crisis_step = step[i],
							    NEEDS({ .number = 101 + i }) }));
	}
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "102 104 103 101");
}

/* An earlier arrival stands first, also when it is heard of later. */
static void test_waitlist_arrival_orders_within_class(void **state)
{
	struct rig *r = *state;

	rig_advance(r, DAY(2));
	open_one(r, 1, 101, U(STANDARD));
	assert_true(wl_opened(
		r, &(struct request){ .number = 2,
				      NEEDS({ .number = 102, .arrival_ms = RIG_START_MS }) }));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "102 101");
	assert_int_equal(wl_entry_of(r, 102)->position, 1);
	assert_int_equal(wl_entry_of(r, 101)->position, 2);
}

/* Needs of one request stand together, must-needs (lower ordinals) first; each in its own list. */
static void test_waitlist_needs_of_request_order_by_ordinal(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 103 }, { .number = 101 },
							  { .number = 102, .expertise = 9 }) }));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "103 101");
	assert_string_equal(wl_order_of(r, 9, "westhoek"), "102");
	assert_string_equal(wl_order_of(r, EXPERTISE, "rits"), "");
	assert_string_equal(wl_order_of(r, 0, ""), "103 101 102");
}

/* Equal rank dates: a lottery, one number per request, the same for ever. */
static void test_waitlist_lottery_is_stable_for_equal_dates(void **state)
{
	struct rig *r = *state;
	char first[256];
	bool sorted = true;
	uint64_t lottery = 0;

	for (uint32_t i = 1; i <= 8; i++) {
		open_one(r, i, 100 + i, U(STANDARD));
	}
	(void)snprintf(first, sizeof(first), "%s", wl_order_of(r, EXPERTISE, "westhoek"));
	for (uint32_t i = 1; i <= 8; i++) {
		PB(WaitingItem) *e = wl_entry_of(r, 100 + i);
		sorted = sorted && e->position == i;
		lottery = i == 5 ? e->order->lottery : lottery;
	}
	assert_false(sorted); /* with this key of the store: by lottery, not by id */
	rig_advance(r, DAY(3));
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 5,
			   .version = 2,
			   NEEDS({ .number = 105, .version = 2, .arrival_ms = RIG_START_MS },
				 { .number = 205, .arrival_ms = RIG_START_MS }) }));
	assert_true(wl_entry_of(r, 105)->order->lottery == lottery);
	assert_true(wl_entry_of(r, 205)->order->lottery == lottery);
	rig_reopen(r);
	assert_true(wl_closed(r, 5, 205, 2, R(WITHDRAWN)));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), first);
}

/* The Demand is the whole request in its order, and is sent only when it says something else. */
static void test_waitlist_demand_sent_only_when_it_differs(void **state)
{
	struct rig *r = *state;
	struct request q = { .number = 1, NEEDS({ .number = 101 }, { .number = 102 }) };

	assert_true(wl_opened(r, &q));
	PB(Demand) *d = wl_next_demand(r);
	assert_non_null(d);
	assert_int_equal(d->n_needs, 2);
	assert_int_equal(wl_number_of(&d->needs[0]->need->need_id), 101);
	assert_int_equal(d->needs[0]->order->wait_class, C(ACTIVE));
	assert_true(d->needs[0]->order->rank_ms == RIG_START_MS);
	assert_int_equal(d->request->urgency, U(STANDARD));
	rig_skip(r);
	assert_true(wl_opened(r, &q));
	assert_true(wl_team(r, 1, 1, 101, S(NO_CAPACITY)));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(ASKED), false, false }));
	assert_null(wl_next_demand(r));
	assert_int_equal(rig_count(r, "matching", BODY(DEMAND_CLOSED)), 0);
}

/* I: an older need_version is ignored, and an older request_version: nothing is written or said. */
static void test_waitlist_older_version_changes_nothing(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .version = 3,
						    .urgency = U(URGENT),
						    NEEDS({ .number = 101, .version = 3 }) }));
	rig_skip(r);
	for (uint32_t version = 1; version <= 3; version++) {
		assert_true(wl_opened(
			r, &(struct request){
				   .number = 1,
				   .version = version,
				   .urgency = U(PREVENTIVE),
				   .zone = "rits",
				   NEEDS({ .number = 101, .version = version, .expertise = 9 }) }));
	}
	assert_null(wl_next_demand(r));
	assert_null(wl_next_said(r));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(URGENT));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
	assert_true(wl_closed(r, 1, 101, 2, R(WITHDRAWN)));
	assert_null(rig_next_of(r, "matching", BODY(DEMAND_CLOSED)));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
}

/* A change of the request moves all of its entries; the order's version rises, the date stays. */
static void test_waitlist_amended_request_moves_all_entries(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 }) }));
	uint32_t order_version = wl_next_demand(r)->needs[1]->order->order_version;
	rig_advance(r, DAY(1));
	open_one(r, 2, 201, U(STANDARD));
	rig_skip(r);
	assert_true(
		wl_opened(r, &(struct request){ .number = 1, .version = 2, .urgency = U(URGENT) }));
	PB(Demand) *d = wl_next_demand(r);
	assert_int_equal(d->n_needs, 2);
	assert_int_equal(d->needs[1]->order->wait_class, C(URGENT));
	assert_true(d->needs[1]->order->rank_ms == RIG_START_MS);
	assert_true(d->needs[1]->order->order_version > order_version);
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 1, .version = 3, .urgency = U(URGENT), .zone = "rits" }));
	assert_string_equal(wl_order_of(r, EXPERTISE, "rits"), "101 102");
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "201");
}

/* I17: closed with its outcome, told to matching, kept as a tombstone, then forgotten whole. */
static void test_waitlist_closed_entry_leaves_with_outcome(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(ASKED), false, false }));
	rig_skip(r);
	assert_true(wl_closed(r, 1, 101, 2, R(SELF_RESOLVED)));
	PB(Message) *m = rig_next(r, "matching");
	assert_int_equal(m->body_case, BODY(DEMAND_CLOSED));
	assert_int_equal(m->demand_closed->needs[0]->reason, R(SELF_RESOLVED));
	assert_int_equal(m->demand_closed->needs[0]->need_version, 2);
	assert_null(rig_next(r, "matching")); /* that it became less was told by the closing */
	PB(Event) *e = wl_next_said(r);
	assert_true(e->ended);
	assert_int_equal(e->close_reason, R(SELF_RESOLVED));
	assert_int_equal(wl_entry_of(r, 101)->need->state, N(CLOSED));
	rig_skip(r);
	assert_true(wl_closed(r, 1, 101, 2, R(SELF_RESOLVED))); /* again */
	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 2, H(STARTED), false, false }));
	assert_null(rig_next(r, "matching"));
	assert_null(wl_next_said(r));
	assert_true(wl_closed(r, 1, 102, 2, R(WITHDRAWN)));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "");
	rig_advance(r, DAY(60) - 1);
	assert_non_null(wl_entry_of(r, 101));
	rig_advance(r, 1);
	assert_null(wl_entry_of(r, 101));
	for (unsigned table = WAIT_TABLE_ENTRY; table <= WAIT_TABLE_COUNT; table++) {
		assert_int_equal(rig_rows(r, (uint8_t)table), 0);
	}
	/* What comes after the forgetting touches nothing. */
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 3, H(ENDED), false, false }));
	assert_true(wl_team(r, 1, 7, 101, S(NO_CAPACITY)));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CONTRIBUTION), 0);
	assert_int_equal(rig_rows(r, WAIT_TABLE_TEAM), 0);
}

/* Re-entry is normal: a closed need opens again at its new date, also after it was forgotten; the
 * order's version never falls below one that matching may remember. */
static void test_waitlist_reopened_need_waits_again(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	uint32_t order_version = wl_next_demand(r)->needs[0]->order->order_version;
	assert_true(wl_closed(r, 1, 101, 2, R(CHOSE_OTHER)));
	rig_advance(r, DAY(10));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 3 }) }));
	PB(Demand) *d = wl_next_demand(r);
	assert_true(d->needs[0]->order->rank_ms == rig_now(r));
	assert_true(d->needs[0]->order->order_version > order_version);
	order_version = d->needs[0]->order->order_version;
	assert_int_equal(rig_due(r, WAIT_DUE_FORGET), 0);
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
	assert_true(wl_closed(r, 1, 101, 4, R(CHOSE_OTHER)));
	rig_advance(r, DAY(61));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 5 }) }));
	assert_true(wl_next_demand(r)->needs[0]->order->order_version > order_version);
}

/* A closing of a need that is not known here goes on to matching, and an older opening of it that
 * comes later opens nothing. */
static void test_waitlist_unknown_closing_is_a_tombstone(void **state)
{
	struct rig *r = *state;

	assert_true(wl_closed(r, 1, 101, 4, R(WITHDRAWN)));
	PB(Message) *m = rig_next_of(r, "matching", BODY(DEMAND_CLOSED));
	assert_int_equal(m->demand_closed->needs[0]->need_version, 4);
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 3 }) }));
	assert_null(wl_next_demand(r));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "");
}

/* Any need may turn out to be entered in error, also a closed one; its reason is corrected. */
static void test_waitlist_closed_entry_takes_newer_reason(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	assert_true(wl_closed(r, 1, 101, 1, R(WITHDRAWN))); /* at the version that is known */
	rig_skip(r);
	assert_true(wl_closed(r, 1, 101, 2, R(ENTERED_IN_ERROR)));
	assert_int_equal(wl_next_said(r)->close_reason, R(ENTERED_IN_ERROR));
	assert_int_equal(wl_entry_of(r, 101)->need->state, N(ENTERED_IN_ERROR));
	/* A fact that only says CLOSED takes no reason away. */
	assert_true(wl_opened(
		r,
		&(struct request){ .number = 1,
				   NEEDS({ .number = 101, .version = 3, .state = N(CLOSED) }) }));
	assert_int_equal(wl_record_of(r, 101)->close_reason, R(ENTERED_IN_ERROR));
}

/* A need may come in a state that is over: that closes it, and matching hears of it. */
static void test_waitlist_ended_state_in_fact_closes(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 },
							  { .number = 103 }) }));
	rig_skip(r);
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 1,
			   NEEDS({ .number = 101, .version = 2, .state = N(WITHDRAWN) },
				 { .number = 102, .version = 2, .state = N(ENTERED_IN_ERROR) },
				 { .number = 103, .version = 2, .state = N(CLOSED) },
				 { .number = 104, .version = 2, .state = N(WITHDRAWN) }) }));
	PB(Message) *m = rig_next_of(r, "matching", BODY(DEMAND_CLOSED));
	assert_int_equal(m->demand_closed->n_needs, 4);
	assert_int_equal(m->demand_closed->needs[0]->reason, R(WITHDRAWN));
	assert_int_equal(m->demand_closed->needs[1]->reason, R(ENTERED_IN_ERROR));
	assert_null(wl_next_demand(r));
	assert_string_equal(wl_order_of(r, 0, ""), "");
	/* The reason comes with the closing itself. */
	assert_true(wl_closed(r, 1, 103, 2, R(MOVED)));
	assert_int_equal(wl_record_of(r, 103)->close_reason, R(MOVED));
}

/* A need keeps its request. */
static void test_waitlist_need_of_other_request_is_refused(void **state)
{
	struct rig *r = *state;
	const char *field;

	open_one(r, 1, 101, U(STANDARD));
	assert_false(wl_opened(
		r, &(struct request){ .number = 2,
				      NEEDS({ .number = 102 }, { .number = 101, .version = 2 }) }));
	assert_int_equal(rig_fault(r, &field), X(CONTRADICTS));
	assert_string_equal(field, "needs[1].need_id");
	assert_null(wl_entry_of(r, 102)); /* nothing of a refused fact stays */
	assert_false(wl_closed(r, 2, 101, 2, R(WITHDRAWN)));
	assert_int_equal(rig_fault(r, NULL), X(CONTRADICTS));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
}

/* A request without needs leaves nothing behind. */
static void test_waitlist_request_without_needs_is_not_kept(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1 }));
	assert_int_equal(rig_rows(r, WAIT_TABLE_REQUEST), 0);
	assert_null(rig_next(r, "matching"));
}

/* Positions are counted to 1,000 rows, and no number is said beyond. */
static void test_waitlist_position_at_and_past_limit(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i <= WAIT_POSITION_MAX; i++) {
		assert_true(wl_opened(
			r, &(struct request){ .number = 1 + i,
					      NEEDS({ .number = 10001 + i,
						      .arrival_ms = RIG_START_MS + i }) }));
	}
	assert_int_equal(wl_entry_of(r, 10001)->position, 1);
	assert_int_equal(wl_entry_of(r, 10000 + WAIT_POSITION_MAX)->position, WAIT_POSITION_MAX);
	assert_int_equal(wl_entry_of(r, 10001 + WAIT_POSITION_MAX)->position, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_urgency_gives_class),
		TEST(test_waitlist_becoming_a_crisis_gains_nothing),
		TEST(test_waitlist_crisis_orders_by_step_then_arrival),
		TEST(test_waitlist_arrival_orders_within_class),
		TEST(test_waitlist_needs_of_request_order_by_ordinal),
		TEST(test_waitlist_lottery_is_stable_for_equal_dates),
		TEST(test_waitlist_demand_sent_only_when_it_differs),
		TEST(test_waitlist_older_version_changes_nothing),
		TEST(test_waitlist_amended_request_moves_all_entries),
		TEST(test_waitlist_closed_entry_leaves_with_outcome),
		TEST(test_waitlist_reopened_need_waits_again),
		TEST(test_waitlist_unknown_closing_is_a_tombstone),
		TEST(test_waitlist_closed_entry_takes_newer_reason),
		TEST(test_waitlist_ended_state_in_fact_closes),
		TEST(test_waitlist_need_of_other_request_is_refused),
		TEST(test_waitlist_request_without_needs_is_not_kept),
		TEST(test_waitlist_position_at_and_past_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
