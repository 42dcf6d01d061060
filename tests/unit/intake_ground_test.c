/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: grounds seat by seat: of each child its own voices, (b) court orders, (d) 72 hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_people.h"

#define HOURS(n) ((n)*RIG_HOUR_MS)

/** Two children of 14 and 8 in a crisis, a need each, two parents; seats ambulant and mobile. */
static struct story two(struct rig *r, const struct seat seats[2])
{
	struct ask a;

	ask_init(&a);
	ask_crisis(&a);
	ask_needs(&a, 2, 0);
	a.m.n_children = 2;
	a.child[0].age_years = 14;
	a.child[1].age_years = 8;
	a.need[1].child = 1;
	a.m.n_adults = 2;
	a.adult[1].authority = true;
	struct story st = story_of(r, "contactpoint", &a);
	assert_true(say_team(&st, 1, seats, 2));
	rig_skip(r);
	return st;
}

static const struct seat plain[] = { { 1, 0, "facility-a", 0, 0 }, { 2, 1, "facility-b", 0, 0 } };
static const struct seat at_home[] = { { 1, 0, "facility-a", M(MOBILE), 0 },
				       { 2, 1, "facility-b", 0, 0 } };

static PB(Receipt) *youth(struct story *st, uint32_t child, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, child, SP(YOUTH), 0, voice, false });
}

static PB(Receipt) *adult(struct story *st, uint32_t child, uint32_t number, PB(Voice) voice)
{
	return say_word(st, "family", (struct word){ 1, child, SP(ADULT), number, voice, true });
}

/* C11, scenario 3: the word of one child starts its own help, and nobody else's. */
static void test_ground_each_child_for_its_own(void **state)
{
	struct story st = two(*state, plain);

	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	const PB(RequestItem) *it = view(&st, "contactpoint");
	assert_false(it->ground_complete);
	assert_int_equal(it->child_grounds[0]->ground, G(AGREED));
	assert_null(it->child_grounds[0]->wanted);
	assert_int_equal(it->child_grounds[1]->ground, 0);
	assert_true(it->child_grounds[1]->wanted->child_heard);
	assert_int_equal(it->child_grounds[1]->wanted->n_one_of, 2);
	ACCEPTED(youth(&st, 1, V(AGREE))); /* eight: heard */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult(&st, 0, 1, V(AGREE))); /* of the other child */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult(&st, 1, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED, 1 AGREE AGREED");
	it = view(&st, "contactpoint");
	assert_true(it->ground_complete);
	assert_int_equal(it->positions[it->n_positions - 1]->child, 1);
	REFUSED(youth(&st, 2, V(AGREE)), OUT_OF_RANGE, "child");
}

/* A no of one is a no for that one. */
static void test_ground_not_of_one_child_leaves_the_other(void **state)
{
	struct story st = two(*state, plain);

	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(adult(&st, 1, 2, V(NOT)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED, 1 NOT");
	ACCEPTED(youth(&st, 0, V(NOT)));
	assert_string_equal(told_text(&st), "1: 0 NOT, 1 NOT");
}

/* L5, DOMAIN 4: a no that crosses a new proposal on its way counts: matching passed it over as one
 * on an older proposal, and the seat that was agreed on would start. */
static void test_ground_no_that_crosses_a_proposal_is_told_again(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	struct story st = two(*state, plain);

	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), ""); /* a yes is not told again */
	ACCEPTED(youth(&st, 0, V(NOT)));
	assert_string_equal(told_text(&st), "2: 0 NOT");
	assert_true(say_team(&st, 3, agreed, 1));
	assert_string_equal(told_text(&st), "3: 0 NOT");
	assert_true(say_team(&st, 4, agreed, 1));
	assert_string_equal(told_text(&st), "4: 0 NOT");
}

/* L5: until help starts the last word counts: "not yet" and "I want to talk first" take a yes back,
 * also when they cross a new proposal. */
static void test_ground_second_thought_takes_a_yes_back(void **state)
{
	static const struct seat agreed[] = { { 1, 0, "facility-a", 0, H(AGREED) } };
	static const struct seat started[] = { { 1, 0, "facility-a", 0, H(STARTED) } };
	struct story st = two(*state, plain);

	ACCEPTED(youth(&st, 0, V(NOT_YET)));
	assert_string_equal(told_text(&st), ""); /* nothing was told that could start */
	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(youth(&st, 0, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	ACCEPTED(youth(&st, 0, V(NOT_YET)));
	assert_string_equal(told_text(&st), "");
	assert_true(say_team(&st, 2, agreed, 1));
	assert_string_equal(told_text(&st), "2: 0 BACK");
	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "2: 0 AGREE AGREED");
	assert_true(say_team(&st, 3, started, 1));
	ACCEPTED(youth(&st, 0, V(NOT_YET))); /* what has started is stopped by who asks that */
	assert_string_equal(told_text(&st), "");
}

/* L5(a): so do those of an adult whose word it takes, and of no other. */
static void test_ground_second_thought_of_an_adult(void **state)
{
	struct story st = two(*state, at_home);

	ACCEPTED(youth(&st, 0, V(AGREE)));
	ACCEPTED(adult(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(adult(&st, 0, 2, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult(&st, 0, 1, V(TALK_FIRST)));
	assert_string_equal(told_text(&st), "1: 0 BACK");
}

static PB(Adult) adult_who(uint32_t number, struct object_id *person)
{
	PB(Adult) a = PB_INIT(ADULT);

	a.number = number;
	a.authority = true;
	a.person_id = object_id_data(person);
	return a;
}

static PB(Receipt) *amend_adults(struct story *st, const char *party, PB(Adult) *adults, size_t len)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Message) msg = PB_INIT(MESSAGE);
	PB(Adult) *at[] = { adults, adults + 1 };

	m.request_id = st->request;
	m.based_on = view(st, "coordinator")->request->request_version;
	m.adults = at;
	m.n_adults = len;
	msg.body_case = BODY(AMEND_REQUEST);
	msg.amend_request = &m;
	return rig_command(st->r, party, &msg);
}

/* A child of 8 and two parents with authority, who are told by person. */
static struct story of_two_parents(struct rig *r, struct object_id person[3])
{
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 8;
	a.m.n_adults = 2;
	for (uint32_t i = 0; i < 2; i++) {
		person[i] = rig_id(700 + i);
		a.adult[i] = adult_who(i + 1, &person[i]);
	}
	person[2] = rig_id(702);
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, plain, 1));
	rig_skip(r);
	return st;
}

/* L5(a): a yes belongs to who said it. Somebody else by the same number has said nothing. */
static void test_ground_yes_goes_with_who_said_it(void **state)
{
	struct object_id person[3];
	struct story st = of_two_parents(*state, person);
	PB(Adult) to[] = { adult_who(1, &person[2]), adult_who(2, &person[1]) };

	ACCEPTED(adult(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	assert_int_equal(view(&st, "clb")->child_grounds[0]->wanted->n_one_of, 2);
	ACCEPTED(adult(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	/* Told anew without its person it is the same one. */
	to[0].person_id = (ProtobufCBinaryData){ 0, NULL };
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "");
	assert_memory_equal(view(&st, "clb")->adults[0]->person_id.data, person[2].b,
			    OBJECT_ID_LEN);
	/* Left out, and the number given away later: the yes does not wait for the next one. */
	to[0] = to[1];
	ACCEPTED(amend_adults(&st, "clb", to, 1));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	to[1] = adult_who(1, &person[0]);
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	assert_string_equal(told_text(&st), "");
}

/* L5(a): a stated no is not taken away by leaving out who said it; that is for who carries the
 * whole to say. */
static void test_ground_no_is_not_left_out(void **state)
{
	struct object_id person[3];
	struct story st = of_two_parents(*state, person);
	PB(Adult) to[] = { adult_who(1, &person[0]), adult_who(2, &person[1]) };

	ACCEPTED(adult(&st, 0, 1, V(AGREE)));
	ACCEPTED(adult(&st, 0, 2, V(NOT)));
	REFUSED(amend_adults(&st, "clb", to, 1), NOT_YOURS, "adults");
	REFUSED(amend_adults(&st, "family", to, 1), NOT_YOURS, "adults");
	to[1].authority = false;
	REFUSED(amend_adults(&st, "clb", to, 2), NOT_YOURS, "adults");
	to[1] = adult_who(2, &person[2]);
	REFUSED(amend_adults(&st, "clb", to, 2), NOT_YOURS, "adults");
	to[1] = adult_who(2, &person[1]);
	ACCEPTED(amend_adults(&st, "clb", to, 2));
	ACCEPTED(amend_adults(&st, "duty-westhoek", to, 1));
}

/* C11: help at home needs the adult at that home as well; the other help of the child does not. */
static void test_ground_at_home_needs_that_home(void **state)
{
	struct story st = two(*state, at_home);

	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult(&st, 0, 2, V(AGREE))); /* authority, another home */
	assert_string_equal(told_text(&st), "");
	ACCEPTED(adult(&st, 0, 1, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* D4: of several homes that of the child's own stays. */
static void test_ground_home_is_where_the_child_stays(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Stay) stay = PB_INIT(STAY);
	PB(Stay) *stays[] = { &stay };

	ask_init(&a);
	a.child[0].age_years = 14;
	a.m.n_adults = 2;
	a.adult[1].home = true;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, at_home, 1));
	ACCEPTED(youth(&st, 0, V(AGREE)));
	ACCEPTED(adult(&st, 0, 2, V(AGREE)));
	assert_string_equal(told_text(&st), ""); /* both homes */
	stay.adult = 2;
	a.child[0].stays = stays;
	a.child[0].n_stays = 1;
	st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, at_home, 1));
	ACCEPTED(youth(&st, 0, V(AGREE)));
	ACCEPTED(adult(&st, 0, 2, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* (c): for the child that it was said of. */
static void test_ground_emergency_is_of_one_child(void **state)
{
	struct story st = two(*state, plain);

	ACCEPTED(say_ground(&st, "contactpoint", 1, G(EMERGENCY)));
	assert_string_equal(told_text(&st), "1: 1 AGREE EMERGENCY");
}

/* --- (b) --- */

/* DOMAIN 4: number, scope, end; who may say it; bounds. */
static void test_ground_order_is_refused_by_field(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);
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
	struct story st = two(r, plain);
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
	struct story st = two(r, plain);
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
	assert_true(say_team(&st, 2,
			     (struct seat[]){ plain[0], { 2, 1, "facility-b", 0, H(AGREED) } }, 2));
	rig_skip(r);
	go_to(r, "2028-03-14 00:00");
	assert_int_equal(events(r, E(ALARM), A(ORDER_ENDS)), 1);
	assert_string_equal(told_text(&st), "2: 1 BACK");
	assert_false(opened(r)->needs[1]->by_order);
	const PB(RequestItem) *it = view(&st, "contactpoint");
	assert_true(it->orders[0]->ended_ms == until);
	assert_non_null(it->child_grounds[1]->wanted);
}

/* Its end may come at once; the better ground stays. */
static void test_ground_order_ends_now(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);
	struct order o = { "7", ALL_CHILDREN, 0, 0, rig_now(r) + RIG_DAY_MS, false };

	ACCEPTED(say_order(&st, "contactpoint", o));
	assert_string_equal(told_text(&st), "1: 0 AGREE ORDER");
	ACCEPTED(youth(&st, 0, V(NOT))); /* an order does not ask */
	assert_string_equal(told_text(&st), "");
	o.ends_now = true;
	ACCEPTED(say_order(&st, "contactpoint", o));
	assert_string_equal(told_text(&st), "1: 0 NOT");
	ACCEPTED(youth(&st, 0, V(AGREE)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* DOMAIN 2: a mandated service sees its orders, and whether help began and ended; never the file.
 */
static void test_ground_order_shows_nothing_else(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);

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

/* --- (d) --- */

static void test_ground_unclear_is_refused_by_field(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);
	struct story calm = story_standard(r, 1);

	REFUSED(say_ground(&calm, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	REFUSED(say_ground(&st, "family", 0, G(UNCLEAR)), NOT_YOURS, "ground");
	REFUSED(say_ground(&st, "contactpoint", 2, G(UNCLEAR)), OUT_OF_RANGE, "child");
	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground"); /* once */
	ACCEPTED(say_ground(&st, "duty-westhoek", 1, G(UNCLEAR)));
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR, 1 AGREE UNCLEAR");
}

/* 72 hours are 72 hours, over both changes of the clock, the ends of months and a leap day;
 * reminders at 24 and 48. Then the safe place goes on and nothing new starts on it. */
static void test_ground_unclear_counts_72_hours(void **state)
{
	static const char *const from[] = { "2026-03-27 18:30", "2026-10-23 18:30",
					    "2027-02-27 00:00", "2028-02-27 23:59",
					    "2028-12-30 02:30" };
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(from); i++) {
		go_to(r, from[i]);
		struct story st = two(r, plain);
		uint64_t start = rig_now(r);
		ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
		PB(Message) *m = rig_next_of(r, "matching", BODY(POSITION_TAKEN));
		assert_true(m->position_taken->grounds[0]->until_ms == start + HOURS(72));
		rig_skip(r);
		rig_advance(r, HOURS(24) - 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 0);
		rig_advance(r, 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 1);
		rig_advance(r, HOURS(24));
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 1);
		rig_advance(r, HOURS(24) - 1);
		assert_int_equal(alarms(r, A(AGREEMENT_UNCLEAR), 0), 0);
		assert_true(view(&st, "contactpoint")->unclear_until_ms == start + HOURS(72));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		rig_advance(r, 1);
		assert_int_equal(alarms(r, A(OVER_72H), 0), 1);
		assert_int_equal(figure_count(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_OVER_72H),
				 (int64_t)i + 1);
		assert_true(view(&st, "contactpoint")->over_72h);
		assert_true(view(&st, "contactpoint")->unclear_until_ms == 0);
		assert_string_equal(told_text(&st), "1: 0 BACK");
		rig_advance(r, HOURS(100));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	}
}

/* What ends the hours before they are over: then nobody is told that they were. */
static void ends_them(struct story *st, int how)
{
	struct order o = { "9", 0, ALL_NEEDS, 0, rig_now(st->r) + HOURS(400), false };

	switch (how) {
	case 0:
		ACCEPTED(youth(st, 0, V(NOT)));
		assert_string_equal(told_text(st), "1: 0 NOT");
		break;
	case 1:
		ACCEPTED(youth(st, 0, V(AGREE)));
		assert_string_equal(told_text(st), "1: 0 AGREE AGREED");
		break;
	case 2:
		REFUSED(concern(st, "contactpoint", "clb"), UNKNOWN_OBJECT, "mandated_party");
		REFUSED(concern(st, "contactpoint", ""), MISSING, "mandated_party");
		REFUSED(concern(st, "family", "court"), NOT_YOURS, "request_id");
		ACCEPTED(concern(st, "contactpoint", "court"));
		assert_string_equal(told_text(st), "1: 0 BACK");
		assert_true(view(st, "contactpoint")->concern_reported);
		break;
	default:
		ACCEPTED(say_order(st, "court", o));
		assert_string_equal(told_text(st), "1: 0 AGREE ORDER");
	}
}

static void test_ground_unclear_is_ended(void **state)
{
	struct rig *r = *state;

	for (int how = 0; how < 4; how++) {
		struct story st = two(r, plain);
		ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
		assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
		ACCEPTED(youth(&st, 0, V(NOT_YET))); /* says nothing of it */
		ACCEPTED(adult(&st, 0, 2, V(NOT)));  /* not asked: the child decides */
		assert_string_equal(told_text(&st), "");
		rig_advance(r, HOURS(30));
		ends_them(&st, how);
		rig_skip(r);
		rig_advance(r, HOURS(50));
		assert_int_equal(alarms(r, A(OVER_72H), 0), 0);
		assert_false(view(&st, "contactpoint")->over_72h);
	}
}

/* (d) holds for whatever is proposed meanwhile, and before anything is. */
static void test_ground_unclear_is_about_the_child(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);

	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	assert_string_equal(told_text(&st), "");
	assert_true(say_team(&st, 1, plain, 1));
	assert_string_equal(told_text(&st), "1: 0 AGREE UNCLEAR");
	assert_true(say_team(&st, 2, (struct seat[]){ { 3, 0, "facility-c", 0, 0 } }, 1));
	assert_string_equal(told_text(&st), "2: 0 AGREE UNCLEAR");
}

/* --- choices --- */

static PB(Receipt) *choose(struct story *st, size_t need, const char *partner, uint32_t child)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Choice) c = PB_INIT(CHOICE);
	PB(Choice) *choices[] = { &c };

	c.need_id = st->need[need];
	c.partner = (char *)(uintptr_t)partner;
	p.request_id = st->request;
	p.proposal_version = 1;
	p.child = child;
	p.speaker = SP(YOUTH);
	p.voice = V(NOT_YET);
	p.choices = choices;
	p.n_choices = 1;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, "family", &m);
}

static PB(Receipt) *urgency(struct story *st, PB(Urgency) to)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Message) msg = PB_INIT(MESSAGE);

	m.request_id = st->request;
	m.based_on = view(st, "contactpoint")->request->request_version;
	m.urgency = to;
	m.second_party = to == U(URGENT) ? (char *)(uintptr_t) "clb" : m.second_party;
	m.crisis_step = to == U(CRISIS) ? 1 : 0;
	m.reason = to == U(CRISIS) ? D(VIOLENCE) : 0;
	msg.body_case = BODY(AMEND_REQUEST);
	msg.amend_request = &m;
	return rig_command(st->r, "contactpoint", &msg);
}

/* DOMAIN 5, L5(d): a crisis that is called off and on again has the hours that it had: they end and
 * are counted, and are not had twice. When it has been over for as long they may be new. */
static void test_ground_unclear_is_not_renewed(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);

	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
	rig_advance(r, HOURS(71));
	ACCEPTED(urgency(&st, U(URGENT)));
	ACCEPTED(urgency(&st, U(CRISIS)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	(void)alarms(r, A(OVER_72H), 0);
	rig_advance(r, HOURS(1));
	assert_int_equal(alarms(r, A(OVER_72H), 0), 1);
	ACCEPTED(urgency(&st, U(URGENT)));
	rig_advance(r, HOURS(72) - 1);
	ACCEPTED(urgency(&st, U(CRISIS)));
	REFUSED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)), STATE, "ground");
	ACCEPTED(urgency(&st, U(URGENT)));
	rig_advance(r, HOURS(72));
	ACCEPTED(urgency(&st, U(CRISIS)));
	ACCEPTED(say_ground(&st, "contactpoint", 0, G(UNCLEAR)));
}

/* A9, DOMAIN 2: when several fit the child says whom it would rather have; one a need. */
static void test_ground_choice_is_passed_on(void **state)
{
	struct rig *r = *state;
	struct story st = two(r, plain);

	REFUSED(choose(&st, 1, "facility-c", 0), UNKNOWN_OBJECT, "choices[0].need_id");
	REFUSED(choose(&st, 0, "nobody", 0), UNKNOWN_OBJECT, "choices[0].partner");
	ACCEPTED(choose(&st, 0, "facility-c", 0));
	assert_string_equal(opened(r)->request->choices[0]->partner, "facility-c");
	ACCEPTED(choose(&st, 0, "facility-b", 0));
	const PB(NeedsOpened) *o = opened(r);
	assert_int_equal(o->request->n_choices, 1);
	assert_string_equal(o->request->choices[0]->partner, "facility-b");
	ACCEPTED(choose(&st, 1, "facility-b", 1));
	assert_int_equal(opened(r)->request->n_choices, 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_ground_each_child_for_its_own),
		T(test_ground_not_of_one_child_leaves_the_other),
		T(test_ground_no_that_crosses_a_proposal_is_told_again),
		T(test_ground_second_thought_takes_a_yes_back),
		T(test_ground_second_thought_of_an_adult),
		T(test_ground_at_home_needs_that_home),
		T(test_ground_home_is_where_the_child_stays),
		T(test_ground_emergency_is_of_one_child),
		T(test_ground_order_is_refused_by_field),
		T(test_ground_orders_at_the_limit),
		T(test_ground_order_from_start_to_end),
		T(test_ground_order_ends_now),
		T(test_ground_order_shows_nothing_else),
		T(test_ground_unclear_is_refused_by_field),
		T(test_ground_unclear_counts_72_hours),
		T(test_ground_unclear_is_ended),
		T(test_ground_unclear_is_about_the_child),
		T(test_ground_yes_goes_with_who_said_it),
		T(test_ground_no_is_not_left_out),
		T(test_ground_unclear_is_not_renewed),
		T(test_ground_choice_is_passed_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
