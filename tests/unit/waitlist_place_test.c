/* SPDX-License-Identifier: EUPL-1.2 */
/* Not in the right place: signalled by anyone, counted after two words that are independent of the
 * place; the help goes on and the child stands in the order at its old date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)

/* A boy lives at facility-a since 10 days; facility-b is hoped for. */
static void boy(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "duty-westhoek",
						    NEEDS({ .number = 101 }) }));
	rig_advance(r, DAY(10));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 9,
					       .version = 1,
					       .state = H(STARTED),
					       .modality = M(RESIDENTIAL) }));
	rig_skip(r);
}

static void refused(const PB(Receipt) *a, PB(Refusal) code, const char *field)
{
	assert_int_equal(a->outcome, O(REFUSED));
	assert_int_equal(a->code, code);
	assert_string_equal(a->field, field);
}

static void accepted(const PB(Receipt) *a)
{
	assert_int_equal(a->outcome, O(ACCEPTED));
}

/* C1, B17: the living group signals, the boy and a third partner confirm: he counts as waiting, at
 * his old date, with 30 days; what he has goes on. */
static void test_place_two_words_count_as_waiting(void **state)
{
	struct rig *r = *state;

	boy(r);
	accepted(wl_signal(r, "facility-a", 101, "facility-b"));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(SIGNALLED));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "");
	accepted(wl_confirm(r, "family", 101, BY(YOUTH)));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(SIGNALLED));
	assert_null(wl_next_demand(r));
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	PB(WaitingItem) *e = wl_entry_of(r, 101);
	assert_int_equal(e->misplaced, P(CONFIRMED));
	assert_string_equal(e->misplaced_hoped, "facility-b");
	assert_true(e->served);
	assert_int_equal(e->days_of_priority, 30);
	assert_true(e->order->rank_ms == RIG_START_MS - DAY(30));
	assert_int_equal(e->position, 1);
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
	PB(Demand) *d = wl_next_demand(r);
	assert_true(d->needs[0]->order->misplaced);
	/* Reviewed every 60 days: alarm the day it is due, not before. */
	rig_skip(r);
	rig_advance(r, DAY(60) - 1);
	assert_null(wl_next_alarm(r));
	rig_advance(r, 1);
	assert_int_equal(wl_next_alarm(r)->alarm,
			 SCHAKEL__V1__ALARM_KIND__ALARM_KIND_REVIEW_OVERDUE);
}

/* L10, DOMAIN 5: of help that a child keeps to itself the alarm says of which request something is
 * late, so that its contact person looks; not of which need, nor who gives it. */
static void test_place_alarm_of_kept_help_names_its_request_alone(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "duty-westhoek",
						    NEEDS({ .number = 101, .shielded = true }) }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 9,
					       .version = 1,
					       .state = H(STARTED),
					       .modality = M(RESIDENTIAL) }));
	accepted(wl_signal(r, "duty-westhoek", 101, "facility-b"));
	accepted(wl_confirm(r, "family", 101, BY(YOUTH)));
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	rig_skip(r);
	rig_advance(r, DAY(60));
	const PB(Event) *alarm = wl_next_alarm(r);
	assert_non_null(alarm);
	assert_int_equal(alarm->alarm, SCHAKEL__V1__ALARM_KIND__ALARM_KIND_REVIEW_OVERDUE);
	assert_int_equal(wl_number_of(&alarm->request_id), 1);
	assert_int_equal(wl_number_of(&alarm->object_id), 1);
	assert_int_equal(alarm->need_id.len, 0);
	assert_int_equal(alarm->expertise, 0);
	assert_string_equal(alarm->party, "");
	assert_string_equal(alarm->zone, "westhoek");
	assert_true(alarm->due_ms == rig_now(r));
}

/* A friendly house confirms nothing: not the present one, not the hoped-for one, not who is of
 * their house, not twice the same house; the word of one kind alone counts nothing. */
static void test_place_friends_do_not_confirm(void **state)
{
	struct rig *r = *state;

	boy(r);
	accepted(wl_signal(r, "facility-a", 101, "facility-b"));
	refused(wl_confirm(r, "facility-a", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "need_id");
	refused(wl_confirm(r, "facility-b", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "need_id");
	refused(wl_confirm(r, "facility-b2", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "need_id");
	refused(wl_confirm(r, "clb", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "need_id");
	/* Nor may the living group speak for the boy. */
	refused(wl_confirm(r, "facility-a", 101, BY(YOUTH)), X(NOT_YOURS), "speaker");
	refused(wl_confirm(r, "facility-c", 101, BY(TRUSTED_PERSON)), X(NOT_YOURS), "speaker");
	refused(wl_confirm(r, "family", 101, BY(ADULT)), X(OUT_OF_RANGE), "speaker");
	refused(wl_confirm(r, "family", 101, BY(UNSPECIFIED)), X(MISSING), "speaker");
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	refused(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)), X(STATE), "need_id");
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(SIGNALLED));
	assert_int_equal(wl_entry_of(r, 101)->days_of_priority, 0);
	/* The contact person's word stands beside a partner's. */
	accepted(wl_confirm(r, "duty-westhoek", 101, BY(UNSPECIFIED)));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(CONFIRMED));
}

/* One house is one word: a partner that is the contact person speaks as that. */
static void test_place_contact_and_partner_of_one_house_are_one(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "facility-b2",
						    NEEDS({ .number = 101 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	accepted(wl_signal(r, "family", 101, ""));
	accepted(wl_confirm(r, "facility-b2", 101, BY(UNSPECIFIED)));
	refused(wl_confirm(r, "facility-b", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "need_id");
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(SIGNALLED));
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(CONFIRMED));
}

/* A contact person who is the present provider is not independent of the place. */
static void test_place_contact_who_provides_confirms_nothing(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "facility-a",
						    NEEDS({ .number = 101 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	accepted(wl_signal(r, "facility-a", 101, ""));
	refused(wl_confirm(r, "facility-a", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "speaker");
	refused(wl_confirm(r, "facility-a", 101, BY(YOUTH)), X(NOT_YOURS), "speaker");
}

/* Only a served child; said once; unknown and others' needs are not spoken of. */
static void test_place_signal_needs_help_and_is_said_once(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	refused(wl_signal(r, "family", 101, ""), X(STATE), "need_id");
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	refused(wl_signal(r, "family", 999, ""), X(UNKNOWN_OBJECT), "need_id");
	refused(wl_signal(r, "police", 101, ""), X(NOT_YOURS), "need_id");
	refused(wl_signal(r, "family", 101, "nobody"), X(UNKNOWN_OBJECT), "hoped_partner");
	refused(wl_confirm(r, "family", 101, BY(YOUTH)), X(STATE), "need_id");
	accepted(wl_signal(r, "family", 101, ""));
	refused(wl_signal(r, "facility-a", 101, "facility-b"), X(STATE), "need_id");
}

/* 30 days once: over, signalled and confirmed again, nothing is added, and they are not lost. */
static void test_place_days_come_once(void **state)
{
	struct rig *r = *state;

	boy(r);
	for (int i = 0; i < 2; i++) {
		accepted(wl_signal(r, "family", 101, ""));
		accepted(wl_confirm(r, "family", 101, BY(TRUSTED_PERSON)));
		accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
		assert_int_equal(wl_entry_of(r, 101)->days_of_priority, 30);
		refused(wl_not_so(r, "facility-c", 101, BY(UNSPECIFIED)), X(NOT_YOURS), "speaker");
		accepted(wl_not_so(r, "family", 101, BY(YOUTH)));
		assert_int_equal(wl_entry_of(r, 101)->misplaced, P(OVER));
		assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "");
	}
	refused(wl_not_so(r, "family", 101, BY(YOUTH)), X(STATE), "over");
}

/* It is over when other help has started beside it, and when the place itself is lost: then the
 * child waits as every child does, at its old date. */
static void test_place_is_over_when_help_changes(void **state)
{
	struct rig *r = *state;

	boy(r);
	accepted(wl_signal(r, "family", 101, ""));
	accepted(wl_confirm(r, "family", 101, BY(YOUTH)));
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 9,
					       .version = 2,
					       .state = H(HANDING_ON) }));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(CONFIRMED));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 10,
					       .version = 1,
					       .state = H(STARTED),
					       .partner = "facility-b" }));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(OVER));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "");
	accepted(wl_signal(r, "family", 101, ""));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 3, H(ENDED), false, false }));
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 10,
					       .version = 2,
					       .state = H(INTERRUPTED),
					       .partner = "facility-b" }));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(OVER));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
	assert_true(wl_entry_of(r, 101)->order->rank_ms == RIG_START_MS - DAY(30));
}

/* What matching remembers of the place while our copy is old: @p order of the need. */
static void remembered(struct rig *r, PB(Demand) *d, bool is_misplaced, bool over)
{
	PB(NeedOrder) *order = d->needs[0]->order;

	order->order_version += 10;
	order->misplaced = is_misplaced;
	order->place_over = over;
	assert_true(wl_item_raw(r, "matching", "Demand", &d->base));
}

static void amended(struct rig *r, uint32_t version)
{
	assert_true(
		wl_opened(r, &(struct request){ .number = 1,
						.version = version,
						.urgency = U(URGENT),
						.contact = "duty-westhoek",
						NEEDS({ .number = 101, .version = version }) }));
}

/* DOMAIN 4, 6: a list from an old copy takes back that the place is not right. The child is listed
 * again, and what comes next does not say that the place is right after all. */
static void test_place_of_an_old_copy_is_taken_back(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "duty-westhoek",
						    NEEDS({ .number = 101 }) }));
	PB(Demand) *d = wl_next_demand(r);
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	rig_restored(r);
	assert_true(wl_item_help(r, &(struct help){ 1, 101, 9, 3, H(HANDING_ON), false, false }));
	remembered(r, d, true, false);
	rig_reconciled(r);
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(CONFIRMED));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101");
	rig_skip(r);
	amended(r, 2);
	d = wl_next_demand(r);
	assert_non_null(d);
	assert_true(d->needs[0]->order->misplaced);
	assert_false(d->needs[0]->order->place_over);
	accepted(wl_not_so(r, "family", 101, BY(YOUTH)));
	d = wl_next_demand(r);
	assert_false(d->needs[0]->order->misplaced);
	assert_true(d->needs[0]->order->place_over);
	wl_check_indexes(r);
}

/* And that it was over: who knows it by an old copy alone sends nobody away again. */
static void test_place_of_an_old_copy_is_over_when_it_was(void **state)
{
	struct rig *r = *state;

	boy(r);
	accepted(wl_signal(r, "family", 101, ""));
	accepted(wl_confirm(r, "family", 101, BY(YOUTH)));
	accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
	PB(Demand) *d = wl_next_demand(r);
	assert_true(d->needs[0]->order->misplaced);
	rig_restored(r);
	remembered(r, d, false, true);
	rig_reconciled(r);
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(OVER));
	rig_skip(r);
	amended(r, 2);
	d = wl_next_demand(r);
	assert_false(d->needs[0]->order->misplaced);
	assert_true(d->needs[0]->order->place_over);
	wl_check_indexes(r);
}

/* Only the family's word, or its contact person's, says that the place is right: that the help
 * changed does not, and a new doubt that was confirmed takes it back. */
static void test_place_is_right_by_word_alone(void **state)
{
	struct rig *r = *state;

	boy(r);
	for (int i = 0; i < 2; i++) {
		accepted(wl_signal(r, "family", 101, ""));
		accepted(wl_confirm(r, "family", 101, BY(YOUTH)));
		accepted(wl_confirm(r, "facility-c", 101, BY(UNSPECIFIED)));
		assert_false(wl_record_of(r, 101)->order->place_over);
		if (i == 0) {
			accepted(wl_not_so(r, "family", 101, BY(YOUTH)));
			assert_true(wl_record_of(r, 101)->order->place_over);
		}
	}
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = 10,
					       .version = 1,
					       .state = H(STARTED),
					       .partner = "facility-b" }));
	assert_int_equal(wl_entry_of(r, 101)->misplaced, P(OVER));
	assert_false(wl_record_of(r, 101)->order->misplaced);
	assert_false(wl_record_of(r, 101)->order->place_over);
}

/* Brothers and sisters apart: looked at every 30 days, whatever the class. */
static void test_place_siblings_apart_are_reviewed_sooner(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .urgency = U(PREVENTIVE),
						    .children = 2,
						    NEEDS({ .number = 101 }) }));
	assert_true(wl_entry_of(r, 101)->review_ms == rig_now(r) + DAY(90));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .version = 2,
						    .urgency = U(PREVENTIVE),
						    .children = 2,
						    .apart = true,
						    NEEDS({ .number = 101, .version = 2 }) }));
	assert_true(wl_entry_of(r, 101)->review_ms == rig_now(r) + DAY(30));
	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .urgency = U(PREVENTIVE),
						    NEEDS({ .number = 201 }) }));
	assert_true(wl_team(r, 2, 1, 201, S(SIBLINGS_APART)));
	assert_true(wl_entry_of(r, 201)->review_ms == rig_now(r) + DAY(30));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_place_two_words_count_as_waiting),
		TEST(test_place_alarm_of_kept_help_names_its_request_alone),
		TEST(test_place_friends_do_not_confirm),
		TEST(test_place_contact_and_partner_of_one_house_are_one),
		TEST(test_place_contact_who_provides_confirms_nothing),
		TEST(test_place_signal_needs_help_and_is_said_once),
		TEST(test_place_days_come_once),
		TEST(test_place_is_over_when_help_changes),
		TEST(test_place_of_an_old_copy_is_taken_back),
		TEST(test_place_of_an_old_copy_is_over_when_it_was),
		TEST(test_place_is_right_by_word_alone),
		TEST(test_place_siblings_apart_are_reviewed_sooner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
