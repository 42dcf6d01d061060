/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of an entry in time: help starts, is lost, ends; reviews, bridging and gaps; the
 * rise by age; what still lacks; the limits of what facts may hold. */
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

/* What matching says of contribution 9 of need 101. */
static void help(struct rig *r, uint32_t version, PB(ContributionState) state)
{
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, version, state, false, false }));
}

/* An overdue review raises its alarm at its time and every week after, until somebody has looked.
 */
static void test_waitlist_review_cannot_be_missed(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	rig_advance(r, DAY(30) - 1);
	assert_null(wl_next_alarm(r));
	for (unsigned week = 0; week < 4; week++) {
		rig_advance(r, week == 0 ? 1 : DAY(7));
		PB(Event) *alarm = wl_next_alarm(r);
		assert_non_null(alarm);
		assert_int_equal(alarm->alarm, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_REVIEW_OVERDUE);
		assert_true(alarm->due_ms == RIG_START_MS + DAY(30));
		assert_null(wl_next_alarm(r));
	}
	assert_int_equal(wl_review(r, "coordinator", 101, 0)->outcome, O(ACCEPTED));
	rig_skip(r);
	rig_advance(r, DAY(30) - 1);
	assert_null(wl_next_alarm(r));
	rig_advance(r, 1);
	assert_non_null(wl_next_alarm(r));
	/* A start is an answer: no alarm while help runs; a new date when it is lost. */
	help(r, 1, H(STARTED));
	rig_skip(r);
	rig_advance(r, DAY(100));
	assert_null(wl_next_alarm(r));
	help(r, 2, H(INTERRUPTED));
	rig_advance(r, DAY(30));
	assert_non_null(wl_next_alarm(r));
}

/* 90 days for the others; a class that is reviewed more often brings the date forward. */
static void test_waitlist_review_term_follows_class(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(PREVENTIVE));
	assert_true(wl_entry_of(r, 101)->review_ms == RIG_START_MS + DAY(90));
	assert_true(
		wl_opened(r, &(struct request){ .number = 1, .version = 2, .urgency = U(URGENT) }));
	assert_true(wl_entry_of(r, 101)->review_ms == RIG_START_MS + DAY(30));
	rig_advance(r, DAY(10));
	assert_true(wl_opened(
		r, &(struct request){ .number = 1, .version = 3, .urgency = U(PREVENTIVE) }));
	assert_true(wl_entry_of(r, 101)->review_ms == RIG_START_MS + DAY(30));
}

/* A review may be sooner, not later: at the limit and one past it. */
static void test_waitlist_review_at_and_past_limit(void **state)
{
	struct rig *r = *state;
	uint64_t now = rig_now(r);

	open_one(r, 1, 101, U(STANDARD));
	assert_int_equal(wl_review(r, "clb", 101, now + DAY(30))->outcome, O(ACCEPTED));
	PB(Receipt) *receipt = wl_review(r, "clb", 101, now + DAY(30) + 1);
	assert_int_equal(receipt->outcome, O(REFUSED));
	assert_int_equal(receipt->code, X(OUT_OF_RANGE));
	assert_string_equal(receipt->field, "next_ms");
	assert_int_equal(wl_review(r, "clb", 101, now)->code, X(OUT_OF_RANGE));
	assert_int_equal(wl_review(r, "clb", 101, now + 1)->outcome, O(ACCEPTED));
	rig_advance(r, 1);
	assert_non_null(wl_next_alarm(r));
}

/* L14: without help and without bridging is a gap, counted in begun days; bridging ends it. */
static void test_waitlist_gap_is_counted_until_bridged(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	rig_advance(r, DAY(3));
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 0); /* never helped: a wait, not a gap */
	help(r, 1, H(STARTED));
	help(r, 2, H(INTERRUPTED));
	assert_true(wl_entry_of(r, 101)->gap_since_ms == rig_now(r));
	rig_advance(r, DAY(2));
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 2);
	PB(Receipt) *receipt = wl_bridge(r, "facility-a", 101, "facility-a", rig_now(r) + DAY(10));
	assert_int_equal(receipt->outcome, O(ACCEPTED));
	assert_int_equal(wl_number_of(&receipt->object_id), 101);
	assert_string_equal(wl_next_event(r, SCHAKEL__V1__EVENT_KIND__EVENT_KIND_WAIT_ENTRY)->zone,
			    "westhoek");
	rig_advance(r, DAY(10) - 1);
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 2);
	assert_string_equal(wl_entry_of(r, 101)->bridging_party, "facility-a");
	rig_advance(r, 1 + DAY(1) + 1); /* it ends; the gap goes on */
	assert_string_equal(wl_entry_of(r, 101)->bridging_party, "");
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 4);
	help(r, 3, H(STARTED));
	rig_advance(r, DAY(9));
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 4);
	assert_true(wl_entry_of(r, 101)->gap_since_ms == 0);
}

/* Should-needs have no gap. */
static void test_waitlist_should_need_has_no_gap(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .should = true }) }));
	help(r, 1, H(STARTED));
	help(r, 2, H(INTERRUPTED));
	rig_advance(r, DAY(2));
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 0);
}

static void expect_refused(PB(Receipt) *receipt, PB(Refusal) code, const char *field)
{
	assert_int_equal(receipt->outcome, O(REFUSED));
	assert_int_equal(receipt->code, code);
	assert_string_equal(receipt->field, field);
}

/* L10: a refusal says no more than the news: whose kept help it is, is not read from it. */
static void test_waitlist_refusal_of_kept_help_is_nobodys(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101, .shielded = true },
							  { .number = 102 }) }));
	help(r, 1, H(STARTED));
	assert_true(wl_help(r, &(struct help){ 1, 102, 10, 1, H(STARTED), false, false }));
	PB(Receipt) *kept = wl_bridge(r, "facility-a", 101, "facility-a", rig_now(r) + DAY(1));
	expect_refused(kept, X(STATE), "need_id");
	assert_int_equal(kept->holds_now->request_id.len, 0);
	PB(Receipt) *shown = wl_bridge(r, "facility-a", 102, "facility-a", rig_now(r) + DAY(1));
	expect_refused(shown, X(STATE), "need_id");
	assert_int_equal(wl_number_of(&shown->holds_now->request_id), 1);
}

/* Every refusal of a note names its field and changes nothing. */
static void test_waitlist_bad_notes_are_refused(void **state)
{
	struct rig *r = *state;
	uint64_t now = rig_now(r);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordReview) empty = PB_INIT(RECORD_REVIEW);

	open_one(r, 1, 101, U(STANDARD));
	rig_skip(r);
	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &empty;
	expect_refused(rig_command(r, "clb", &m), X(MISSING), "need_id");
	expect_refused(wl_bridge(r, "clb", 999, "clb", now + 1), X(UNKNOWN_OBJECT), "need_id");
	expect_refused(wl_bridge(r, "police", 101, "police", now + 1), X(NOT_YOURS), "need_id");
	expect_refused(wl_review(r, "facility-b2", 101, 0), X(NOT_YOURS), "need_id");
	expect_refused(wl_bridge(r, "clb", 101, "nobody", now + 1), X(UNKNOWN_OBJECT), "party");
	expect_refused(wl_bridge(r, "clb", 101, "clb", now), X(OUT_OF_RANGE), "until_ms");
	expect_refused(wl_bridge(r, "clb", 101, "clb", now + DAY(366) + 1), X(OUT_OF_RANGE),
		       "until_ms");
	expect_refused(wl_bridge(r, "clb", 101, "", now + 1), X(CONTRADICTS), "until_ms");
	expect_refused(wl_bridge(r, "family", 101, "clb", now + 1), X(UNAUTHORISED),
		       "record_bridging");
	assert_null(wl_next_said(r));
	assert_int_equal(wl_bridge(r, "clb", 101, "clb", now + DAY(366))->outcome, O(ACCEPTED));
	assert_int_equal(wl_bridge(r, "duty-westhoek", 101, "", 0)->outcome, O(ACCEPTED));
	assert_int_equal(rig_due(r, WAIT_DUE_BRIDGING), 0);
}

/* Only what waits is bridged and reviewed; the sender is told what holds. */
static void test_waitlist_note_on_what_does_not_wait_is_refused(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	PB(Receipt) *receipt = wl_review(r, "contactpoint", 101, 0);
	expect_refused(receipt, X(STATE), "need_id");
	assert_int_equal(receipt->holds_now->contribution_state, H(STARTED));
	assert_true(wl_closed(r, 1, 101, 2, R(WITHDRAWN)));
	receipt = wl_bridge(r, "contactpoint", 101, "clb", rig_now(r) + 1);
	expect_refused(receipt, X(STATE), "need_id");
	assert_true(receipt->holds_now->ended);
	assert_int_equal(receipt->holds_now->close_reason, R(WITHDRAWN));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_review_cannot_be_missed),
		TEST(test_waitlist_review_term_follows_class),
		TEST(test_waitlist_review_at_and_past_limit),
		TEST(test_waitlist_gap_is_counted_until_bridged),
		TEST(test_waitlist_should_need_has_no_gap),
		TEST(test_waitlist_refusal_of_kept_help_is_nobodys),
		TEST(test_waitlist_bad_notes_are_refused),
		TEST(test_waitlist_note_on_what_does_not_wait_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
