/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts at their limits and one past; a fact that breaks a rule is set aside whole. */
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

/* @p len needs from @p first on. */
static bool open_many(struct rig *r, uint32_t request, uint32_t first, size_t len)
{
	struct need needs[WAIT_ENTRIES_MAX];

	assert_true(len <= SK_LEN(needs));
	for (uint32_t i = 0; i < len; i++) {
		needs[i] = (struct need){ .number = first + i };
	}
	return wl_opened(r,
			 &(struct request){ .number = request, .needs = needs, .needs_len = len });
}

static void expect_fault(struct rig *r, PB(Refusal) code, const char *field)
{
	const char *said;

	assert_int_equal(rig_fault(r, &said), code);
	assert_string_equal(said, field);
}

/* 64 open needs of a request, in one fact or in several; not 65. */
static void test_waitlist_open_needs_at_and_past_limit(void **state)
{
	struct rig *r = *state;

	assert_false(open_many(r, 1, 1001, WAIT_OPEN_MAX + 1));
	expect_fault(r, X(TOO_MANY), "needs");
	assert_int_equal(rig_rows(r, WAIT_TABLE_ENTRY), 0);
	assert_true(open_many(r, 1, 1001, WAIT_OPEN_MAX));
	assert_false(open_many(r, 1, 2001, 1));
	expect_fault(r, X(TOO_MANY), "needs");
	assert_int_equal(rig_rows(r, WAIT_TABLE_ORDER), WAIT_OPEN_MAX);
	/* One closes, one may open, in one fact. */
	assert_true(wl_opened(
		r, &(struct request){ .number = 1,
				      NEEDS({ .number = 1001, .version = 2, .state = N(WITHDRAWN) },
					    { .number = 2001 }) }));
	assert_int_equal(rig_rows(r, WAIT_TABLE_ORDER), WAIT_OPEN_MAX);
}

/* 256 entries of a request with those that are closed, until they are forgotten. */
static void test_waitlist_entries_at_and_past_limit(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < WAIT_ENTRIES_MAX; i++) {
		assert_true(wl_closed(r, 1, 1001 + i, 1, R(WITHDRAWN)));
	}
	assert_false(open_many(r, 1, 2001, 1));
	expect_fault(r, X(TOO_MANY), "needs");
	assert_false(wl_closed(r, 1, 2001, 1, R(WITHDRAWN)));
	assert_true(
		wl_closed(r, 1, 1001, 2, R(ENTERED_IN_ERROR))); /* what is known still changes */
	rig_advance(r, DAY(61));
	assert_true(open_many(r, 1, 2001, 1));
}

/* Lists of a request: 64 elements, not 65. */
static void test_waitlist_fact_list_at_and_past_limit(void **state)
{
	struct rig *r = *state;
	struct request q = { .number = 1,
			     .excluded = WAIT_FACT_LIST_MAX,
			     NEEDS({ .number = 101 }) };

	assert_true(wl_opened(r, &q));
	q.excluded++;
	q.version = 2;
	assert_false(wl_opened(r, &q));
	expect_fault(r, X(TOO_MANY), "request");
}

/* More contribution rows than one step deletes: forgetting goes on until all are gone. */
static void test_waitlist_forgetting_goes_on_over_steps(void **state)
{
	struct rig *r = *state;

	assert_true(open_many(r, 1, 101, 1));
	for (uint32_t i = 0; i <= 2 * WAIT_FORGET_ROWS_MAX; i++) {
		assert_true(
			wl_help(r, &(struct help){ 1, 101, 5000 + i, 1, H(LAPSED), false, false }));
	}
	assert_true(wl_closed(r, 1, 101, 2, R(WITHDRAWN)));
	rig_advance(r, DAY(60));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CONTRIBUTION), 0);
	assert_int_equal(rig_rows(r, WAIT_TABLE_ENTRY), 0);
	assert_int_equal(rig_due(r, WAIT_DUE_FORGET), 0);
}

/* Each rule for a fact of intake, by its field; at the limit it is taken. */
static void test_waitlist_bad_opened_is_set_aside(void **state)
{
	const struct {
		struct request q;
		PB(Refusal) code;
		const char *field;
	} bad[] = {
		{ { .zone = "Not a zone" }, X(MISSING), "request.zone" },
		{ { .urgency = (PB(Urgency))9 }, X(OUT_OF_RANGE), "request.urgency" },
		{ { .urgency = U(CRISIS) }, X(OUT_OF_RANGE), "request.crisis_step" },
		{ { .urgency = U(CRISIS), .crisis_step = 4 },
		  X(OUT_OF_RANGE),
		  "request.crisis_step" },
		{ { NEEDS({ .number = 101, .expertise = WAIT_EXPERTISE_MAX + 1 }) },
		  X(UNKNOWN_CODE),
		  "needs[0].expertise" },
		{ { NEEDS({ .number = 101 }, { .number = 102, .state = N(DRAFT) }) },
		  X(OUT_OF_RANGE),
		  "needs[1].state" },
	};
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(bad); i++) {
		struct request q = bad[i].q;
		q.number = 1;
		assert_false(wl_opened(r, &q));
		/* Values outside an enumeration fall to the check of the wire already. */
		if (q.urgency <= U(PREVENTIVE) && q.crisis_step <= 3) {
			expect_fault(r, bad[i].code, bad[i].field);
		}
	}
	assert_int_equal(rig_rows(r, WAIT_TABLE_ENTRY), 0);
	assert_true(wl_opened(
		r, &(struct request){ .number = 1,
				      .urgency = U(CRISIS),
				      .crisis_step = 3,
				      NEEDS({ .number = 101, .expertise = WAIT_EXPERTISE_MAX }) }));
}

static bool send(struct rig *r, const char *peer, PB(Message__BodyCase) body, void *m)
{
	PB(Message) message = PB_INIT(MESSAGE);

	message.body_case = body;
	message.needs_opened = m; /* all of them are pointers in one union */
	return rig_fact(r, peer, &message);
}

/* Facts with ids that are none, or with nothing where something must be. */
static void test_waitlist_facts_without_ids_are_set_aside(void **state)
{
	struct rig *r = *state;
	PB(NeedsOpened) opened = PB_INIT(NEEDS_OPENED);
	PB(RequestFact) request = PB_INIT(REQUEST_FACT);
	PB(NeedFact) need = PB_INIT(NEED_FACT);
	PB(NeedFact) *needs[] = { &need };

	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(MISSING), "request.request_id");
	opened.request = &request;
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	request.request_id = wl_data_of(1);
	request.zone = (char *)(uintptr_t) "rits";
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(OUT_OF_RANGE), "request.urgency");
	request.urgency = U(CRISIS);
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(OUT_OF_RANGE), "request.crisis_step");
	request.urgency = U(URGENT);
	opened.needs = needs;
	opened.n_needs = 1;
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(MISSING), "needs[0].need_id");
	need.need_id = wl_data_of(101);
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(MISSING), "needs[0].need_version");
	need.need_version = 1;
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(UNKNOWN_CODE), "needs[0].expertise");
	need.expertise = 1;
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(MISSING), "needs[0].arrival_ms");
	need.arrival_ms = 1;
	assert_false(send(r, "intake", BODY(NEEDS_OPENED), &opened));
	expect_fault(r, X(OUT_OF_RANGE), "needs[0].state");
	need.state = N(OPEN);
	assert_true(send(r, "intake", BODY(NEEDS_OPENED), &opened));
}

static void test_waitlist_bad_ends_are_set_aside(void **state)
{
	struct rig *r = *state;
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[WAIT_OPEN_MAX + 1];

	for (size_t i = 0; i < SK_LEN(ends); i++) {
		ends[i] = &end;
	}
	assert_false(send(r, "intake", BODY(NEED_CLOSED), &closed));
	expect_fault(r, X(MISSING), "request_id");
	closed.request_id = wl_data_of(1);
	closed.needs = ends;
	closed.n_needs = 1;
	assert_false(send(r, "intake", BODY(NEED_CLOSED), &closed));
	expect_fault(r, X(MISSING), "needs[0].need_id");
	end.need_id = wl_data_of(101);
	assert_false(send(r, "intake", BODY(NEED_CLOSED), &closed));
	expect_fault(r, X(OUT_OF_RANGE), "needs[0].reason");
	end.reason = R(WITHDRAWN);
	closed.n_needs = WAIT_OPEN_MAX + 1;
	assert_false(send(r, "intake", BODY(NEED_CLOSED), &closed));
	expect_fault(r, X(TOO_MANY), "needs");
	closed.n_needs = WAIT_OPEN_MAX;
	assert_true(send(r, "intake", BODY(NEED_CLOSED), &closed));
}

static void test_waitlist_bad_supply_facts_are_set_aside(void **state)
{
	struct rig *r = *state;
	PB(TeamProposed) team = PB_INIT(TEAM_PROPOSED);
	PB(OpenSeat) seat = PB_INIT(OPEN_SEAT);
	PB(OpenSeat) *seats[WAIT_OPEN_MAX + 1];
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);

	for (size_t i = 0; i < SK_LEN(seats); i++) {
		seats[i] = &seat;
	}
	assert_false(send(r, "matching", BODY(TEAM_PROPOSED), &team));
	expect_fault(r, X(MISSING), "request_id");
	team.request_id = wl_data_of(1);
	team.open = seats;
	team.n_open = 1;
	assert_false(send(r, "matching", BODY(TEAM_PROPOSED), &team));
	expect_fault(r, X(MISSING), "open[0].need_id");
	seat.need_id = wl_data_of(101);
	team.n_open = WAIT_OPEN_MAX + 1;
	assert_false(send(r, "matching", BODY(TEAM_PROPOSED), &team));
	expect_fault(r, X(TOO_MANY), "open");
	team.n_open = WAIT_OPEN_MAX;
	assert_true(send(r, "matching", BODY(TEAM_PROPOSED), &team));
	assert_false(send(r, "matching", BODY(CONTRIBUTION_CHANGED), &c));
	expect_fault(r, X(MISSING), "need_id");
	c.need_id = wl_data_of(101);
	assert_false(send(r, "matching", BODY(CONTRIBUTION_CHANGED), &c));
	expect_fault(r, X(MISSING), "contribution_id");
	c.contribution_id = wl_data_of(9);
	assert_false(send(r, "matching", BODY(CONTRIBUTION_CHANGED), &c));
	expect_fault(r, X(OUT_OF_RANGE), "state");
	/* A fact in the log of the wrong daemon is of a type that it may not send. */
	c.state = H(STARTED);
	assert_false(send(r, "intake", BODY(CONTRIBUTION_CHANGED), &c));
	expect_fault(r, X(UNKNOWN_TYPE), "contribution_changed");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_open_needs_at_and_past_limit),
		TEST(test_waitlist_entries_at_and_past_limit),
		TEST(test_waitlist_fact_list_at_and_past_limit),
		TEST(test_waitlist_forgetting_goes_on_over_steps),
		TEST(test_waitlist_bad_opened_is_set_aside),
		TEST(test_waitlist_facts_without_ids_are_set_aside),
		TEST(test_waitlist_bad_ends_are_set_aside),
		TEST(test_waitlist_bad_supply_facts_are_set_aside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
