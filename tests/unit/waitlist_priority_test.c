/* SPDX-License-Identifier: EUPL-1.2 */
/* Days of priority: by rule or by somebody who gains nothing, each once, 60 together at most. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)

static void open_two(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	rig_advance(r, DAY(20));
	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .children = 1,
						    .sibling = "facility-a",
						    .contact = "facility-c",
						    .preferred = "facility-b",
						    NEEDS({ .number = 102 }) }));
	rig_skip(r);
}

static void refused(struct rig *r, const char *by, PB(Refusal) code, const char *field)
{
	PB(Receipt) *a = wl_priority(r, by, 102, G(SIBLING_THERE), "facility-a");

	assert_int_equal(a->outcome, O(REFUSED));
	assert_int_equal(a->code, code);
	assert_string_equal(a->field, field);
}

static void miss(struct rig *r, uint32_t contribution, const char *partner, uint32_t misses)
{
	assert_true(wl_told(r, &(struct told){ .request = 2,
					       .need = 102,
					       .contribution = contribution,
					       .version = 1,
					       .state = H(NOT_OURS),
					       .partner = partner,
					       .miss = misses }));
}

/* DOMAIN 6, B17: given by somebody who gains nothing; the rank date is the arrival minus the days,
 * matching hears it, and ground, date and giver are kept. */
static void test_waitlist_sibling_there_gives_days(void **state)
{
	struct rig *r = *state;

	open_two(r);
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "101 102");
	uint64_t arrival = rig_now(r);
	rig_advance(r, DAY(1));
	PB(Receipt) *a = wl_priority(r, "contactpoint", 102, G(SIBLING_THERE), "facility-a");
	assert_int_equal(a->outcome, O(ACCEPTED));
	assert_string_equal(wl_order_of(r, EXPERTISE, "westhoek"), "102 101");
	PB(WaitingItem) *e = wl_entry_of(r, 102);
	assert_int_equal(e->days_of_priority, 30);
	assert_true(e->order->rank_ms == arrival - DAY(30));
	assert_int_equal(e->n_priority, 1);
	assert_int_equal(e->priority[0]->ground, G(SIBLING_THERE));
	assert_string_equal(e->priority[0]->party, "contactpoint");
	assert_true(e->priority[0]->at_ms == rig_now(r));
	PB(Demand) *d = wl_next_demand(r);
	assert_true(d->needs[0]->order->rank_ms == arrival - DAY(30));
}

/* What waited on as the same child under another number comes back as it went: with its days, its
 * class and its time in it. A question that was closed and asked anew begins anew. */
static void test_waitlist_same_child_comes_back_with_its_days(void **state)
{
	static const struct {
		PB(CloseReason) reason;
		uint32_t days;
	} c[] = {
		{ SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_SAME_CHILD, 30 },
		{ SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_SELF_RESOLVED, 0 },
	};
	struct rig *r = *state;
	uint64_t arrival = rig_now(r);

	open_two(r);
	PB(Receipt) *a = wl_priority(r, "contactpoint", 102, G(SIBLING_THERE), "facility-a");
	assert_int_equal(a->outcome, O(ACCEPTED));
	for (uint32_t i = 0; i < SK_LEN(c); i++) {
		assert_true(wl_closed(r, 2, 102, 2 * i + 2, c[i].reason));
		rig_advance(r, DAY(1));
		assert_true(wl_opened(r, &(struct request){ .number = 2,
							    .version = i + 2,
							    NEEDS({ .number = 102,
								    .version = 2 * i + 3,
								    .arrival_ms = arrival }) }));
		assert_int_equal(wl_entry_of(r, 102)->days_of_priority, c[i].days);
	}
}

/* Who asked, holds, helps or hopes to help gains by it, and so do their houses. */
static void test_waitlist_who_gains_gives_no_days(void **state)
{
	struct rig *r = *state;
	PB(Receipt) *a;

	open_two(r);
	refused(r, "clb", X(NOT_YOURS), "ground");          /* asked */
	refused(r, "facility-c", X(NOT_YOURS), "ground");   /* is the contact person */
	refused(r, "net-westhoek", X(NOT_YOURS), "ground"); /* holds with the zone */
	refused(r, "facility-b", X(NOT_YOURS), "ground");   /* is hoped for */
	refused(r, "facility-b2", X(NOT_YOURS), "need_id"); /* of that house, and elsewhere */
	refused(r, "facility-a", X(NOT_YOURS), "ground");   /* where the sibling is */
	a = wl_priority(r, "facility-a", 102, G(SIBLING_THERE), "facility-c");
	assert_int_equal(a->code, X(NOT_YOURS)); /* that helps there, whomever it names */
	assert_string_equal(a->field, "ground");
	refused(r, "police", X(NOT_YOURS), "need_id"); /* may not even see it */
	refused(r, "family", X(UNAUTHORISED), "give_priority");
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 0);
	assert_int_equal(
		wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "facility-a")->outcome,
		O(ACCEPTED));
}

/* DOMAIN 6, B17: a word that a brother or sister is there gives nothing: intake has told that one
 * is helped there now, of that very child. What was true and is so no longer gives nothing either,
 * and days that were given stay. */
static void test_waitlist_sibling_must_be_there(void **state)
{
	static const struct {
		const char *sibling;
		uint32_t children;
		uint32_t child;
		bool given;
	} c[] = {
		{ NULL, 0, 0, false },         /* no children are told of */
		{ NULL, 2, 0, false },         /* there is one, that nobody helps */
		{ "facility-b", 2, 0, false }, /* helped elsewhere */
		{ "facility-a", 2, 1, false }, /* itself the one that is helped there */
		{ "facility-a", 1, 1, false }, /* of a child that is not told of */
		{ "facility-a", 2, 0, true },  { NULL, 2, 0, true }, /* over: the days stay */
	};
	struct rig *r = *state;

	for (uint32_t i = 0; i < SK_LEN(c); i++) {
		assert_true(wl_opened(r, &(struct request){ .number = 2,
							    .version = i + 1,
							    .children = c[i].children,
							    .sibling = c[i].sibling,
							    NEEDS({ .number = 102,
								    .version = i + 1,
								    .child = c[i].child }) }));
		PB(Receipt) *a = wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "facility-a");
		assert_int_equal(a->outcome == O(ACCEPTED), c[i].given && c[i].sibling != NULL);
		if (!c[i].given) {
			assert_int_equal(a->code, X(STATE));
			assert_string_equal(a->field, "sibling_partner");
		}
		assert_int_equal(wl_entry_of(r, 102)->days_of_priority, c[i].given ? 30 : 0);
	}
}

/* L10: where brothers and sisters are helped is for the order alone, also for who asks all. */
static void test_waitlist_siblings_are_shown_to_nobody(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .children = 1,
						    .sibling = "facility-a",
						    NEEDS({ .number = 102 }) }));
	PB(WaitingItem) *e = wl_entry_of(r, 102);
	assert_int_equal(e->request->n_children, 1);
	assert_int_equal(e->request->children[0]->n_sibling_partners, 0);
	assert_int_equal(wl_next_demand(r)->request->children[0]->n_sibling_partners, 1);
}

/* After a restore: where brothers and sisters are is known again by what intake, or matching, says.
 */
static void test_waitlist_restored_knows_where_siblings_are(void **state)
{
	static const bool by_matching[] = { false, true };
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .children = 1,
						    .sibling = "facility-a",
						    NEEDS({ .number = 102 }) }));
	PB(Demand) *d = wl_next_demand(r);
	assert_non_null(d);
	for (size_t i = 0; i < SK_LEN(by_matching); i++) {
		struct rig *old = rig_new(&waitlist_service);
		rig_restored(old);
		if (by_matching[i]) {
			assert_true(wl_item_raw(old, "matching", "Demand", &d->base));
		} else {
			assert_true(
				wl_item_opened(old, &(struct request){ .number = 2,
								       .children = 1,
								       .sibling = "facility-a",
								       NEEDS({ .number = 102 }) }));
		}
		rig_reconciled(old);
		assert_int_equal(wl_priority(old, "coordinator", 102, G(SIBLING_THERE),
					     "facility-a")
					 ->outcome,
				 O(ACCEPTED));
		rig_free(old);
	}
}

/* Once, for a partner that is known, on a ground that people give, while it waits. */
static void test_waitlist_days_are_given_once(void **state)
{
	struct rig *r = *state;

	open_two(r);
	assert_int_equal(wl_priority(r, "coordinator", 102, G(NETWORK_MISS), "facility-a")->code,
			 X(OUT_OF_RANGE));
	assert_int_equal(wl_priority(r, "coordinator", 102, G(UNSPECIFIED), "facility-a")->code,
			 X(MISSING));
	assert_int_equal(wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "nobody")->code,
			 X(UNKNOWN_OBJECT));
	assert_int_equal(wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "")->code,
			 X(MISSING));
	assert_int_equal(
		wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "facility-a")->outcome,
		O(ACCEPTED));
	PB(Receipt) *a = wl_priority(r, "contactpoint", 102, G(SIBLING_THERE), "facility-a");
	assert_int_equal(a->code, X(STATE));
	assert_string_equal(a->field, "ground");
	/* B17: also who may not give them is told that they are given. */
	assert_int_equal(wl_priority(r, "clb", 102, G(SIBLING_THERE), "facility-a")->code,
			 X(STATE));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	assert_int_equal(wl_priority(r, "coordinator", 101, G(SIBLING_THERE), "facility-a")->code,
			 X(STATE));
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 30);
}

/* By rule at each miss of the network, twice; asking a known refuser again adds nothing; 60
 * together at most, also one past it. */
static void test_waitlist_misses_give_days_twice(void **state)
{
	struct rig *r = *state;

	open_two(r);
	miss(r, 11, "facility-a", 1);
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 15);
	assert_int_equal(wl_entry_of(r, 102)->priority[0]->ground, G(NETWORK_MISS));
	assert_string_equal(wl_entry_of(r, 102)->priority[0]->party, "");
	miss(r, 12, "facility-a", 2); /* the same house refused again */
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 15);
	assert_int_equal(wl_entry_of(r, 102)->misses, 2);
	miss(r, 13, "facility-b", 3);
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 30);
	miss(r, 14, "facility-c", 4); /* a third one */
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 30);
	assert_int_equal(
		wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "facility-a")->outcome,
		O(ACCEPTED));
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, WAIT_PRIORITY_DAYS_MAX);
	assert_int_equal(wl_record_of(r, 102)->n_priority, 3);
}

/* An overdue review, a near or broken term: alarms, no days. */
static void test_waitlist_overdue_review_gives_no_days(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .answer_due_ms = rig_now(r) + DAY(31),
						    NEEDS({ .number = 102 }) }));
	uint64_t rank = wl_entry_of(r, 102)->order->rank_ms;
	rig_advance(r, DAY(31) - 1);
	assert_true(wl_entry_of(r, 102)->breached_ms == 0);
	rig_advance(r, 1);
	assert_true(wl_entry_of(r, 102)->breached_ms == rig_now(r));
	rig_advance(r, DAY(60));
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 0);
	assert_true(wl_entry_of(r, 102)->order->rank_ms == rank);
}

/* A new question begins without what was given to the one before. */
static void test_waitlist_reopened_need_has_no_days(void **state)
{
	struct rig *r = *state;

	open_two(r);
	assert_int_equal(
		wl_priority(r, "coordinator", 102, G(SIBLING_THERE), "facility-a")->outcome,
		O(ACCEPTED));
	assert_true(wl_closed(r, 2, 102, 2, R(CHOSE_OTHER)));
	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .version = 2,
						    NEEDS({ .number = 102, .version = 3 }) }));
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 0);
	assert_true(wl_entry_of(r, 102)->order->rank_ms == rig_now(r));
}

/* In a crisis only step and arrival count. */
static void test_waitlist_days_move_no_crisis(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .urgency = U(CRISIS),
						    .crisis_step = 1,
						    .children = 1,
						    .sibling = "facility-a",
						    NEEDS({ .number = 101 }) }));
	assert_int_equal(
		wl_priority(r, "coordinator", 101, G(SIBLING_THERE), "facility-a")->outcome,
		O(ACCEPTED));
	assert_true(wl_entry_of(r, 101)->order->rank_ms == RIG_START_MS);
}

/* After a restore: the order that matching remembers tells of days; the ground told again claims
 * them and adds none. */
static void test_waitlist_restored_days_are_not_given_twice(void **state)
{
	struct rig *r = *state;

	open_two(r);
	miss(r, 11, "facility-a", 1);
	assert_int_equal(wl_entry_of(r, 102)->days_of_priority, 15);
	PB(Demand) *d = wl_next_demand(r);
	assert_non_null(d);
	struct rig *old = rig_new(&waitlist_service);
	rig_restored(old);
	assert_true(wl_item_raw(old, "matching", "Demand", &d->base));
	assert_int_equal(wl_record_of(old, 102)->days_of_priority, 15);
	assert_int_equal(wl_record_of(old, 102)->priority[0]->ground, G(UNSPECIFIED));
	assert_true(wl_told(old, &(struct told){ .request = 2,
						 .need = 102,
						 .contribution = 11,
						 .version = 1,
						 .state = H(NOT_OURS),
						 .miss = 1 }));
	assert_int_equal(wl_record_of(old, 102)->days_of_priority, 15);
	assert_int_equal(wl_record_of(old, 102)->misses, 1);
	wl_check_indexes(old);
	rig_free(old);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_sibling_there_gives_days),
		TEST(test_waitlist_same_child_comes_back_with_its_days),
		TEST(test_waitlist_who_gains_gives_no_days),
		TEST(test_waitlist_sibling_must_be_there),
		TEST(test_waitlist_siblings_are_shown_to_nobody),
		TEST(test_waitlist_restored_knows_where_siblings_are),
		TEST(test_waitlist_days_are_given_once),
		TEST(test_waitlist_misses_give_days_twice),
		TEST(test_waitlist_overdue_review_gives_no_days),
		TEST(test_waitlist_reopened_need_has_no_days),
		TEST(test_waitlist_days_move_no_crisis),
		TEST(test_waitlist_restored_days_are_not_given_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
