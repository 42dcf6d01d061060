/* SPDX-License-Identifier: EUPL-1.2 */
/* L5, ground (b): orders of the court, what others write down of them, and a concern. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_people.h"

/* DOMAIN 4: number, scope, end; who may say it; bounds. */
static void test_ground_order_is_refused_by_field(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	uint64_t now = rig_now(r);
	struct order ok = { "2026/12-b.3", ALL_CHILDREN, ALL_NEEDS, 0, now + RIG_DAY_MS, false };
	struct order o = ok;
	char longest[ORDER_NUMBER_MAX + 2];

	REFUSED(say_order(&st, "family", ok), NOT_YOURS, "request_id");
	REFUSED(say_order(&st, "facility-c", ok), NOT_YOURS, "request_id");
	o.number = "";
	REFUSED(say_order(&st, "court", o), MISSING, "number");
	o.number = "2026 12";
	REFUSED(say_order(&st, "court", o), MALFORMED, "number");
	memset(longest, '7', sizeof(longest));
	longest[ORDER_NUMBER_MAX + 1] = '\0';
	o.number = longest;
	REFUSED(say_order(&st, "court", o), MALFORMED, "number");
	o = ok;
	o.until_ms = 0;
	REFUSED(say_order(&st, "court", o), MISSING, "until_ms");
	o.until_ms = now;
	REFUSED(say_order(&st, "court", o), OUT_OF_RANGE, "until_ms");
	o.until_ms = civil_add_days_local(now, ORDER_DAYS_MAX) + 1;
	REFUSED(say_order(&st, "court", o), OUT_OF_RANGE, "until_ms");
	o = ok;
	o.from_ms = o.until_ms;
	REFUSED(say_order(&st, "court", o), OUT_OF_RANGE, "from_ms");
	o = ok;
	o.child = 2;
	REFUSED(say_order(&st, "court", o), OUT_OF_RANGE, "children[0]");
	o.child = 0;
	o.need = 1;
	REFUSED(say_order(&st, "court", o), CONTRADICTS, "need_ids[0]");
	o = ok;
	o.ends_now = true;
	REFUSED(say_order(&st, "court", o), UNKNOWN_OBJECT, "number");
	ok.until_ms = civil_add_days_local(now, ORDER_DAYS_MAX);
	ok.number = longest + 1;
	ACCEPTED(say_order(&st, "court", ok));
	o = ok;
	o.ends_now = true;
	REFUSED(say_order(&st, "court-2", o), NOT_YOURS, "number");
	ACCEPTED(say_order(&st, "court", o));
	REFUSED(say_order(&st, "court", ok), STATE, "number"); /* that one has ended */
}

static void test_ground_orders_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	char number[] = "a";

	for (size_t i = 0; i < ORDERS_MAX; i++) {
		struct order o = { number, 0, ALL_NEEDS, 0, rig_now(r) + RIG_DAY_MS, false };
		ACCEPTED(say_order(&st, "court", o));
		ACCEPTED(say_order(&st, "court", o)); /* told anew: the same one */
		number[0]++;
	}
	REFUSED(say_order(&st, "court",
			  (struct order){ number, 0, ALL_NEEDS, 0, rig_now(r) + RIG_DAY_MS,
					  false }),
		TOO_MANY, "number");
}

/* (b): the needs in its scope, from its beginning to its end; then another ground is needed, and
 * those who must speak are asked in time. Also over the end of a leap February. */
static void test_ground_order_from_start_to_end(void **state)
{
	struct rig *r = *state;

	go_to(r, "2028-02-01 10:00");
	struct story st = story_two(r, seats_plain);
	uint64_t from = local_ms("2028-02-03 00:00");
	uint64_t until = local_ms("2028-03-14 00:00");
	ACCEPTED(say_order(&st, "court",
			   (struct order){ "1/28", 1, ALL_NEEDS, from, until, false }));
	assert_string_equal(told_text(&st), "");
	rig_advance(r, from - rig_now(r) - 1);
	assert_string_equal(told_text(&st), "");
	assert_false(view(&st, "contactpoint")->needs[1]->need->by_order);
	rig_skip(r);
	rig_advance(r, 1);
	const PB(NeedsOpened) *o = opened(r);
	assert_false(o->needs[0]->by_order);
	assert_true(o->needs[1]->by_order);
	assert_int_equal(o->needs[1]->need_version, 2);
	PB(Message) *m = rig_next_of(r, "matching", BODY(POSITION_TAKEN));
	assert_int_equal(m->position_taken->n_grounds, 1);
	assert_int_equal(m->position_taken->grounds[0]->ground, G(COURT_ORDER));
	assert_true(m->position_taken->grounds[0]->until_ms == until);
	go_to(r, "2028-02-28 23:59");
	assert_int_equal(events(r, E(ALARM), A(ORDER_ENDS)), 0);
	go_to(r, "2028-02-29 00:00"); /* fourteen days before */
	assert_int_equal(events(r, E(ALARM), A(ORDER_ENDS)), 1);
	/* Its help has begun under the order. */
	assert_true(say_team(
		&st, 2, (struct seat[]){ seats_plain[0], { 2, 1, "facility-b", 0, H(AGREED) } },
		2));
	rig_skip(r);
	go_to(r, "2028-03-14 00:00");
	assert_int_equal(events(r, E(ALARM), A(ORDER_ENDS)), 1);
	assert_string_equal(told_text(&st), "2: 1 BACK");
	assert_false(opened(r)->needs[1]->by_order);
	const PB(RequestItem) *it = view(&st, "contactpoint");
	assert_true(it->orders[0]->ended_ms == until);
	assert_non_null(it->child_grounds[1]->wanted);
}

/* B1: a court knows the code on its letter, and may not open the request to look it up. */
static void test_ground_order_by_short_code(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	struct order o = { "8", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };

	REFUSED(say_order_by(&st, "court", "0000000000", o), UNKNOWN_OBJECT, "short_code");
	ACCEPTED(say_order_by(&st, "court", st.short_code, o));
	assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
}

/* Its end may come at once; the better ground stays. */
static void test_ground_order_ends_now(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	struct order o = { "7", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };

	ACCEPTED(say_order(&st, "court", o));
	assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
	ACCEPTED(youth_says(&st, 0, V(NOT))); /* an order does not ask */
	assert_string_equal(told_text(&st), "");
	o.ends_now = true;
	REFUSED(say_order(&st, "contactpoint", o), NOT_YOURS, "number");
	ACCEPTED(say_order(&st, "court", o));
	assert_string_equal(told_text(&st), "1: 0 NOT");
	ACCEPTED(youth_says(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* L5 (b), DOMAIN 2: an order is the court's to say. Written down by who carries the request it
 * waits for the court, and is no ground; what the court said is nobody else's to change. */
static void test_ground_order_waits_for_the_court(void **state)
{
	static const char *const carries[] = { "contactpoint", "clb" };
	struct rig *r = *state;

	for (size_t i = 0; i < 2; i++) {
		struct story st = story_two(r, seats_plain);
		struct order o = { "7", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };
		if (i == 1) {
			ACCEPTED(name_contact(&st, "contactpoint", "clb", "police"));
		}
		ACCEPTED(say_order(&st, carries[i], o));
		assert_string_equal(told_text(&st), "");
		const PB(RequestItem) *it = view(&st, "contactpoint");
		assert_true(it->orders[0]->unconfirmed);
		assert_string_equal(it->orders[0]->party, carries[i]);
		assert_false(it->needs[0]->need->by_order);
		assert_null(view(&st, "court"));
		ACCEPTED(say_order_by(&st, "court", st.short_code, o));
		assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
		it = view(&st, "court");
		assert_int_equal(it->n_orders, 1);
		assert_false(it->orders[0]->unconfirmed);
		assert_string_equal(it->orders[0]->party, "court");
		o.until_ms += RIG_DAY_MS;
		REFUSED(say_order(&st, carries[i], o), NOT_YOURS, "number");
		REFUSED(say_order(&st, "court-2", o), NOT_YOURS, "number");
	}
}

/* Notes end, but do not warn or take the room of the court; one is taken off by who carries. */
static void test_ground_order_notes_leave_room_for_the_court(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	char number[] = "n/a";
	struct order o = { number, 0, ALL_NEEDS, 0, rig_now(r) + RIG_DAY_MS, false };

	for (int i = 0; i < ORDERS_NOTED_MAX; i++) {
		number[2] = (char)('a' + i);
		ACCEPTED(say_order(&st, "contactpoint", o));
	}
	o.number = "9";
	REFUSED(say_order(&st, "contactpoint", o), TOO_MANY, "number");
	ACCEPTED(say_order(&st, "court", o));
	o = (struct order){ "n/a", 0, ALL_NEEDS, 0, 0, true };
	ACCEPTED(say_order(&st, "contactpoint", o));
	assert_true(view(&st, "contactpoint")->orders[1]->ended_ms == rig_now(r));
	(void)alarms(r, A(ORDER_ENDS), 0);
	ACCEPTED(say_order(&st, "court", (struct order){ "9", 0, ALL_NEEDS, 0, 0, true }));
	rig_advance(r, 2 * RIG_DAY_MS);
	assert_int_equal(alarms(r, A(ORDER_ENDS), 0), 0);
}

/* L5 (b): a note that was struck by who carries the request, or that ran out, does not keep the
 * court from making its order a ground under its number. */
static void test_ground_order_of_the_court_after_a_note(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < 2; i++) {
		struct story st = story_two(r, seats_plain);
		struct order o = { "12/B", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };
		struct order end = { "12/B", 0, ALL_NEEDS, 0, 0, true };
		ACCEPTED(say_order(&st, "contactpoint", o));
		if (i == 0) {
			ACCEPTED(say_order(&st, "contactpoint", end));
		} else {
			rig_advance(r, RIG_DAY_MS);
		}
		assert_true(view(&st, "contactpoint")->orders[0]->ended_ms == rig_now(r));
		o.until_ms = rig_now(r) + 40 * RIG_DAY_MS;
		REFUSED(say_order(&st, "contactpoint", o), STATE, "number");
		REFUSED(say_order_by(&st, "court", st.short_code, end), STATE, "number");
		ACCEPTED(say_order_by(&st, "court", st.short_code, o));
		assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
		const PB(RequestItem) *it = view(&st, "court");
		assert_int_equal(it->n_orders, 1);
		assert_true(it->orders[0]->ended_ms == 0);
		rig_advance(r, 25 * RIG_DAY_MS);
		rig_skip(r);
		rig_advance(r, 2 * RIG_DAY_MS);
		assert_int_equal(events(r, E(ALARM), A(ORDER_ENDS)),
				 1); /* warned as of any order */
		ACCEPTED(say_order(&st, "court", end));
		REFUSED(say_order(&st, "court", o), STATE, "number");
	}
}

static void set_role(struct rig *r, const char *party, PB(Role) role)
{
	PB(ConfigApplied) *c = rig_conf(r);

	for (size_t i = 0; i < c->n_parties; i++) {
		if (strcmp(c->parties[i]->id, party) == 0) {
			c->parties[i]->roles[0] = role;
		}
	}
	rig_config(r);
}

/* L5 (b): an order from before notes waited for a court stands as a ground and says by its party
 * that it is no court's: who carries the request ends it, and a court takes it over. */
static void test_ground_order_that_no_court_said(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < 2; i++) {
		struct story st = story_two(r, seats_plain);
		struct order o = { "7/A", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };
		ACCEPTED(say_order(&st, "court-2", o));
		assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
		REFUSED(say_order(&st, "contactpoint", o), NOT_YOURS, "number");
		set_role(r, "court-2", SCHAKEL__V1__ROLE__ROLE_REQUESTER);
		assert_true(view(&st, "contactpoint")->needs[0]->need->by_order);
		o.ends_now = true;
		REFUSED(say_order(&st, "court-2", o), NOT_YOURS, "request_id");
		if (i == 0) {
			ACCEPTED(say_order(&st, "contactpoint", o));
			assert_string_equal(told_text(&st), "1: 0 BACK");
			assert_false(view(&st, "contactpoint")->needs[0]->need->by_order);
		}
		o.ends_now = false;
		o.until_ms += RIG_DAY_MS;
		ACCEPTED(say_order_by(&st, "court", st.short_code, o));
		assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
		assert_true(view(&st, "contactpoint")->needs[0]->need->by_order);
		assert_string_equal(view(&st, "court")->orders[0]->party, "court");
		REFUSED(say_order(&st, "contactpoint", o), NOT_YOURS, "number");
		set_role(r, "court-2", SCHAKEL__V1__ROLE__ROLE_MANDATED);
	}
}

/* DOMAIN 2: a service that was told of a concern sees which request, when, why and whom to call;
 * nothing of the file, also in its own list. */
static void test_ground_concern_is_seen_by_who_was_told(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);

	assert_null(view(&st, "court"));
	ACCEPTED(concern(&st, "contactpoint", "court"));
	PB(RequestItem) *it = view(&st, "court");
	assert_non_null(it);
	assert_true(it->concern_ms == rig_now(r));
	assert_string_equal(it->concern_party, "court");
	assert_true(it->concern_reason != 0);
	assert_string_equal(it->short_code, st.short_code);
	assert_true(it->contact_party[0] != '\0');
	assert_int_equal(it->n_children + it->n_needs + it->n_holders + it->n_adults, 0);
	assert_true(it->team == NULL && it->n_capsules == 0);
	assert_null(view(&st, "court-2"));
	assert_string_equal(view(&st, "contactpoint")->concern_party, "court");
	assert_string_equal(view(&st, "family")->concern_party, "");
}

/* DOMAIN 2: each service goes on seeing what it was told of when another is told as well; told
 * anew, what it was told last. So many services do, and one more takes the place of the one told
 * first. */
static void test_ground_concern_is_seen_by_each_that_was_told(void **state)
{
	static const char *const more[CONCERNS_MAX - 1] = { "police",    "government", "school",
							    "dashboard", "facility-b", "facility-c",
							    "net-rits" };
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	uint64_t first_ms = rig_now(r);

	ACCEPTED(concern(&st, "contactpoint", "court"));
	rig_advance(r, 2 * RIG_HOUR_MS);
	ACCEPTED(concern(&st, "contactpoint", "court-2"));
	assert_non_null(view(&st, "court"));
	assert_true(view(&st, "court")->concern_ms == first_ms);
	assert_string_equal(view(&st, "court")->concern_party, "court");
	assert_true(view(&st, "court-2")->concern_ms == rig_now(r));
	assert_string_equal(view(&st, "contactpoint")->concern_party, "court-2");
	rig_advance(r, RIG_HOUR_MS);
	ACCEPTED(concern(&st, "contactpoint", "court"));
	assert_true(view(&st, "court")->concern_ms == rig_now(r));
	assert_true(view(&st, "court-2")->concern_ms == rig_now(r) - RIG_HOUR_MS);
	for (size_t i = 0; i < SK_LEN(more); i++) {
		assert_non_null(view(&st, "court-2"));
		set_role(r, more[i], SCHAKEL__V1__ROLE__ROLE_MANDATED);
		ACCEPTED(concern(&st, "contactpoint", more[i]));
		assert_non_null(view(&st, more[i]));
	}
	assert_null(view(&st, "court-2"));
	assert_non_null(view(&st, "court"));
	assert_non_null(view(&st, more[0]));
}

/* DOMAIN 2: a mandated service sees its orders, and whether help began and ended; never the file.
 */
static void test_ground_order_shows_nothing_else(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);

	assert_null(view(&st, "court"));
	ACCEPTED(say_order(&st, "court",
			   (struct order){ "7", 1, ALL_NEEDS, 0, rig_now(r) + RIG_DAY_MS, false }));
	ACCEPTED(say_order(&st, "contactpoint",
			   (struct order){ "8", 0, ALL_NEEDS, 0, rig_now(r) + RIG_DAY_MS, false }));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	PB(RequestItem) *it = view(&st, "court");
	assert_string_equal(it->short_code, st.short_code);
	assert_int_equal(it->n_orders, 1);
	assert_string_equal(it->orders[0]->number, "7");
	assert_int_equal(it->orders[0]->n_needs, 1);
	assert_true(it->orders[0]->needs[0]->started_ms == rig_now(r));
	assert_true(it->orders[0]->needs[0]->ended_ms == 0);
	/* Byte for byte: with these taken off nothing is left. */
	PB(RequestItem) bare = *it;
	PB(RequestFact) fact = *it->request;
	bare.request = &fact;
	bare.n_orders = 0;
	bare.short_code = (char *)(uintptr_t) "";
	fact.request_id.len = 0;
	assert_int_equal(schakel__v1__request_item__get_packed_size(&bare), 2); /* an empty fact */
	assert_null(view(&st, "court-2"));
	assert_int_equal(view(&st, "contactpoint")->n_orders, 2);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *page = rig_query(r, "court", &m);
	assert_int_equal(page->request_view->n_requests, 1);
	assert_int_equal(page->request_view->requests[0]->n_needs, 0);
	assert_int_equal(page->request_view->requests[0]->n_children, 0);
}

static PB(RequestItem) *view_by_number(struct story *st, const char *party, const char *number)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	q.order_number = (char *)(uintptr_t)number;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *answer = rig_query(st->r, party, &m);
	return answer->body_case == BODY(REQUEST_VIEW) ? answer->request_view->requests[0] : NULL;
}

/* DOMAIN 2: a court that names the number sees what waits for it under that number, so that it
 * confirms what was written and no more; not who wrote it, no help, and no other number. */
static void test_ground_order_that_waits_is_seen_by_its_number(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	uint64_t until_ms = rig_now(r) + RIG_DAY_MS;

	ACCEPTED(say_order(&st, "contactpoint",
			   (struct order){ "8", 1, ALL_NEEDS, 0, until_ms, false }));
	assert_null(view(&st, "court"));
	assert_null(view_by_number(&st, "court", "9"));
	assert_null(view_by_number(&st, "facility-b", "8"));
	PB(RequestItem) *it = view_by_number(&st, "court", "8");
	assert_non_null(it);
	assert_int_equal(it->n_orders, 1);
	assert_true(it->orders[0]->unconfirmed && it->orders[0]->until_ms == until_ms);
	assert_int_equal(it->orders[0]->n_children, 1);
	assert_int_equal(it->orders[0]->children[0], 1);
	assert_string_equal(it->orders[0]->party, "");
	assert_int_equal(it->orders[0]->n_needs, 0);
	assert_int_equal(it->n_needs + it->n_children + it->n_holders + it->n_adults, 0);
	/* Confirmed it is that court's; another sees nothing of it. */
	ACCEPTED(say_order(&st, "court", (struct order){ "8", 1, ALL_NEEDS, 0, until_ms, false }));
	assert_int_equal(view_by_number(&st, "court", "8")->n_orders, 1);
	assert_string_equal(view_by_number(&st, "court", "8")->orders[0]->party, "court");
	assert_null(view_by_number(&st, "court-2", "8"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_ground_order_is_refused_by_field),
		T(test_ground_orders_at_the_limit),
		T(test_ground_order_from_start_to_end),
		T(test_ground_order_by_short_code),
		T(test_ground_order_ends_now),
		T(test_ground_order_waits_for_the_court),
		T(test_ground_order_notes_leave_room_for_the_court),
		T(test_ground_order_of_the_court_after_a_note),
		T(test_ground_order_that_no_court_said),
		T(test_ground_concern_is_seen_by_who_was_told),
		T(test_ground_concern_is_seen_by_each_that_was_told),
		T(test_ground_order_shows_nothing_else),
		T(test_ground_order_that_waits_is_seen_by_its_number),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
