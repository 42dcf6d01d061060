/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of an entry in time: help starts, is lost, ends; reviews, bridging and gaps; the
 * rise by age; what still lacks; the limits of what facts may hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/waitlist/core_entry.h"
#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)

static void open_one(struct rig *r, uint32_t request, uint32_t need, PB(Urgency) urgency)
{
	assert_true(wl_opened(r, &(struct request){ .number = request,
						    .urgency = urgency,
						    .crisis_step = urgency == U(CRISIS) ? 1 : 0,
						    NEEDS({ .number = need }) }));
}

/* What matching says of contribution 9 of need 101. */
#define LACKS(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME

static void help(struct rig *r, uint32_t version, PB(ContributionState) state)
{
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, version, state, false, false }));
}

static PB(WaitState) state_of(struct rig *r)
{
	return wl_record_of(r, 101)->state;
}

/* DOMAIN 4: all states times all events; a pair that is not listed is an error. */
static void test_waitlist_walk_of_all_states_and_events(void **state)
{
	static const char *const expected[WAIT_STATE_LEN] = {
		/* OPEN START LOSE FINISH CLOSE REOPEN; a digit is the state that follows */
		[WAIT(UNSPECIFIED)] = "1-----", [WAIT(WAITING)] = "-2-34-",
		[WAIT(SERVED)] = "--134-",      [WAIT(AFTERCARE)] = "-23341",
		[WAIT(CLOSED)] = "-----1",
	};

	(void)state;
	for (PB(WaitState) from = WAIT(UNSPECIFIED); from < WAIT_STATE_LEN; from++) {
		for (enum wait_event on = WAIT_EV_OPEN; on < WAIT_EV_COUNT; on++) {
			PB(WaitState) to = WAIT_STATE_LEN;
			int err = wait_next(from, on, &to);
			char says = expected[from][on];
			assert_int_equal(err, says == '-' ? SK_ESTATE : SK_OK);
			assert_int_equal(to, says == '-' ? WAIT_STATE_LEN : says - '0');
		}
	}
}

/* Served by a start; help that is interrupted or stopped gives the old date back, ahead of entries
 * that came since. */
static void test_waitlist_lost_help_waits_at_old_date(void **state)
{
	static const PB(ContributionState) lost[] = { H(INTERRUPTED), H(STOPPED_BY_YOUTH) };
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	for (uint32_t i = 0; i < 2; i++) {
		help(r, 10 * i + 1, H(STARTED));
		assert_true(wl_entry_of(r, 101)->served);
		assert_int_equal(wl_entry_of(r, 101)->position, 0);
		rig_advance(r, DAY(20));
		open_one(r, 2 + i, 201 + i, U(STANDARD));
		rig_skip(r);
		help(r, 10 * i + 2, lost[i]);
		assert_int_equal(wl_entry_of(r, 101)->position, 1);
		assert_true(wl_entry_of(r, 101)->order->rank_ms == RIG_START_MS);
		assert_true(wl_next_said(r)->rank_ms == RIG_START_MS);
		assert_null(wl_next_demand(r)); /* class and date are what they were */
	}
}

/* An intake talk is not a start; nor is an ask, a yes, or a stand-by (L6). */
static void test_waitlist_unseen_start_does_not_serve(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	rig_skip(r);
	help(r, 1, H(ASKED));
	help(r, 2, H(CAN));
	help(r, 3, H(AGREED));
	assert_int_equal(wl_entry_of(r, 101)->state, H(AGREED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 4, H(STARTED), true, false }));
	assert_int_equal(state_of(r), WAIT(WAITING));
	assert_int_equal(wl_next_said(r)->shortfall, LACKS(CONSENT_MISSING)); /* at CAN */
	assert_int_equal(wl_next_said(r)->shortfall, LACKS(UNSPECIFIED));     /* at AGREED */
	assert_null(wl_next_said(r));
	help(r, 5, H(STARTED));
	assert_int_equal(state_of(r), WAIT(SERVED));
	assert_int_equal(wl_next_said(r)->contribution_state, H(STARTED));
	help(r, 4, H(INTERRUPTED)); /* older */
	help(r, 5, H(INTERRUPTED)); /* the same version */
	assert_int_equal(state_of(r), WAIT(SERVED));
}

/* The seat beside the entry: who is asked now; a stand-by is not it, and what is over is gone. */
static void test_waitlist_seat_follows_contribution(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	assert_true(wl_help(r, &(struct help){ 1, 101, 8, 1, H(ASKED), false, true }));
	assert_int_equal(wl_entry_of(r, 101)->state, H(UNSPECIFIED));
	help(r, 1, H(ASKED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 8, 2, H(RELEASED), false, false }));
	assert_int_equal(wl_entry_of(r, 101)->state, H(ASKED));
	help(r, 2, H(LAPSED));
	assert_int_equal(wl_entry_of(r, 101)->state, H(UNSPECIFIED));
}

/* Handing on with overlap: served all the while; the end of the last help is aftercare, not a wait.
 */
static void test_waitlist_handed_on_help_stays_served(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	rig_skip(r);
	help(r, 2, H(HANDING_ON));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 1, H(STARTED), false, false }));
	help(r, 3, H(ENDED));
	assert_int_equal(state_of(r), WAIT(SERVED));
	assert_null(wl_next_said(r));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 2, H(ENDED), false, false }));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
	assert_string_equal(wl_order_of(r, 0, ""), "");
	/* One that starts all the same serves again; when it stops, the entry waits. */
	assert_true(wl_help(r, &(struct help){ 1, 101, 11, 1, H(STARTED), false, false }));
	assert_int_equal(state_of(r), WAIT(SERVED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 11, 2, H(STOPPED_BY_YOUTH), false, false }));
	assert_int_equal(state_of(r), WAIT(WAITING));
}

/* What had not started gives no help while it is handed on. */
static void test_waitlist_handing_on_without_start_is_no_help(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(AGREED));
	help(r, 2, H(HANDING_ON));
	assert_int_equal(state_of(r), WAIT(WAITING));
	/* Heard of for the first time while it is handed on: it says itself whether it was seen. */
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 3, H(HANDING_ON), false, false }));
	assert_int_equal(state_of(r), WAIT(SERVED));
}

/* While one is to come back, the end of another is a loss, not the end. */
static void test_waitlist_end_beside_interrupted_waits(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 1, H(STARTED), false, false }));
	help(r, 2, H(INTERRUPTED));
	assert_int_equal(state_of(r), WAIT(SERVED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 2, H(ENDED), false, false }));
	assert_int_equal(state_of(r), WAIT(WAITING));
	help(r, 3, H(STARTED));
	help(r, 4, H(ENDED));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
}

/* Intake's AFTERCARE and matching's end cross in either order; only OPEN opens again. */
static void test_waitlist_aftercare_by_intake_and_reopening(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 1,
			   NEEDS({ .number = 101, .version = 2, .state = N(AFTERCARE) }) }));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
	help(r, 2, H(INTERRUPTED));
	help(r, 3, H(STARTED));
	help(r, 4, H(ENDED));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
	assert_true(wl_opened(
		r, &(struct request){
			   .number = 1,
			   NEEDS({ .number = 101, .version = 3, .state = N(SUPPORTED) }) }));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
	rig_advance(r, DAY(5));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 4 }) }));
	assert_int_equal(state_of(r), WAIT(WAITING));
	assert_true(wl_entry_of(r, 101)->order->rank_ms == rig_now(r));
}

/* A need that is closed while its help is handed on, and opens again, still has that help. */
static void test_waitlist_reopened_during_overlap_is_served(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	assert_true(wl_closed(r, 1, 101, 2, R(WITHDRAWN)));
	help(r, 2, H(HANDING_ON));
	assert_int_equal(state_of(r), WAIT(CLOSED));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 3 }) }));
	assert_int_equal(state_of(r), WAIT(SERVED));
	help(r, 3, H(STOPPED_BY_YOUTH));
	assert_int_equal(state_of(r), WAIT(WAITING));
}

/* A11: it was asked anew while help of before ran out. That end is not the end of what is asked
 * now: it waits on. */
static void test_waitlist_help_of_before_ends_nothing(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	assert_true(wl_closed(r, 1, 101, 2, R(SELF_RESOLVED)));
	rig_advance(r, RIG_DAY_MS);
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .version = 3 }) }));
	help(r, 2, H(HANDING_ON));
	assert_int_equal(state_of(r), WAIT(SERVED));
	help(r, 3, H(ENDED));
	assert_int_equal(state_of(r), WAIT(WAITING));
}

/* A11, L6: a start without the child or a parent seen is no help yet, and its end ends nothing;
 * seen later, it is help, and its end the end. */
static void test_waitlist_unseen_help_ends_nothing(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), true, false }));
	assert_int_equal(state_of(r), WAIT(WAITING));
	help(r, 2, H(ENDED));
	assert_int_equal(state_of(r), WAIT(WAITING));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 1, H(STARTED), true, false }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 2, H(STARTED), false, false }));
	assert_int_equal(state_of(r), WAIT(SERVED));
	assert_true(wl_help(r, &(struct help){ 1, 101, 10, 3, H(ENDED), false, false }));
	assert_int_equal(state_of(r), WAIT(AFTERCARE));
}

static void expect_class(struct rig *r, PB(WaitClass) class)
{
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, class);
}

/* Older than its class's longest wait: one class up, told and with its date; never above URGENT. */
static void test_waitlist_class_rises_by_age(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(PREVENTIVE));
	uint32_t order_version = wl_next_demand(r)->needs[0]->order->order_version;
	rig_skip(r);
	rig_advance(r, DAY(365) - 1);
	expect_class(r, C(PRECAUTION));
	rig_advance(r, 1);
	expect_class(r, C(PREFERENCE));
	PB(Demand) *d = wl_next_demand(r);
	assert_int_equal(d->needs[0]->order->wait_class, C(PREFERENCE));
	assert_true(d->needs[0]->order->rank_ms == RIG_START_MS);
	assert_true(d->needs[0]->order->order_version > order_version);
	rig_advance(r, DAY(270));
	expect_class(r, C(ACTIVE));
	rig_advance(r, DAY(180) - 1);
	expect_class(r, C(ACTIVE));
	rig_advance(r, 1);
	expect_class(r, C(URGENT));
	rig_advance(r, DAY(400));
	expect_class(r, C(URGENT));
	open_one(r, 2, 201, U(URGENT));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101 201");
	/* Another urgency said by people starts from its own class again. */
	assert_true(wl_opened(
		r, &(struct request){ .number = 1, .version = 2, .urgency = U(STANDARD) }));
	expect_class(r, C(ACTIVE));
}

/* The rise counts from the arrival when we hear of it late, and what it waited counts on after help
 * was lost; the time of the help does not count. */
static void test_waitlist_rise_counts_waiting_time(void **state)
{
	struct rig *r = *state;

	rig_advance(r, DAY(100));
	assert_true(wl_opened(
		r, &(struct request){ .number = 1,
				      NEEDS({ .number = 101, .arrival_ms = RIG_START_MS }) }));
	rig_advance(r, DAY(50));
	help(r, 1, H(STARTED));
	rig_advance(r, DAY(400));
	expect_class(r, C(ACTIVE));
	help(r, 2, H(INTERRUPTED));
	rig_advance(r, DAY(30) - 1);
	expect_class(r, C(ACTIVE));
	rig_advance(r, 1);
	expect_class(r, C(URGENT));
}

/* A crisis never rises: it is first already. */
static void test_waitlist_crisis_does_not_rise(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(CRISIS));
	assert_int_equal(rig_due(r, WAIT_DUE_CLASS), 0);
	assert_int_equal(wait_class_risen(C(CRISIS)), C(CRISIS));
	assert_int_equal(wait_class_of_urgency(U(UNSPECIFIED)), C(UNSPECIFIED));
}

/* Days of priority: 60 count, not one more; none in a crisis. */
static void test_waitlist_rank_date_takes_days_of_priority(void **state)
{
	(void)state;
	assert_true(wait_rank_date(C(ACTIVE), DAY(100), 0) == DAY(100));
	assert_true(wait_rank_date(C(ACTIVE), DAY(100), 15) == DAY(85));
	assert_true(wait_rank_date(C(ACTIVE), DAY(100), 60) == DAY(40));
	assert_true(wait_rank_date(C(ACTIVE), DAY(100), 61) == DAY(40));
	assert_true(wait_rank_date(C(ACTIVE), DAY(10), 60) == 0);
	assert_true(wait_rank_date(C(CRISIS), DAY(100), 60) == DAY(100));
}

/* What still lacks, from the newest team; said once. */
static void test_waitlist_shortfall_follows_newest_team(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	rig_skip(r);
	assert_true(wl_team(r, 1, 4, 101, S(NO_CAPACITY)));
	assert_int_equal(wl_next_said(r)->shortfall, S(NO_CAPACITY));
	assert_int_equal(wl_entry_of(r, 101)->open->in_reach, 3);
	assert_true(wl_team(r, 1, 3, 101, S(TEAM_LIMIT)));
	assert_true(wl_team(r, 1, 4, 101, S(TEAM_LIMIT)));
	assert_int_equal(wl_entry_of(r, 101)->shortfall, S(NO_CAPACITY));
	assert_true(wl_team(r, 1, 5, 101, S(NO_CAPACITY)));
	assert_null(wl_next_said(r));
	assert_true(wl_team(r, 1, 6, 101, S(UNSPECIFIED)));
	assert_int_equal(wl_entry_of(r, 101)->shortfall, S(UNSPECIFIED));
	assert_non_null(wl_next_said(r));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_walk_of_all_states_and_events),
		TEST(test_waitlist_lost_help_waits_at_old_date),
		TEST(test_waitlist_unseen_start_does_not_serve),
		TEST(test_waitlist_seat_follows_contribution),
		TEST(test_waitlist_handed_on_help_stays_served),
		TEST(test_waitlist_handing_on_without_start_is_no_help),
		TEST(test_waitlist_end_beside_interrupted_waits),
		TEST(test_waitlist_aftercare_by_intake_and_reopening),
		TEST(test_waitlist_reopened_during_overlap_is_served),
		TEST(test_waitlist_help_of_before_ends_nothing),
		TEST(test_waitlist_unseen_help_ends_nothing),
		TEST(test_waitlist_class_rises_by_age),
		TEST(test_waitlist_rise_counts_waiting_time),
		TEST(test_waitlist_crisis_does_not_rise),
		TEST(test_waitlist_rank_date_takes_days_of_priority),
		TEST(test_waitlist_shortfall_follows_newest_team),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
