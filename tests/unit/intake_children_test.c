/* SPDX-License-Identifier: EUPL-1.2 */
/* Several children in one request: what is told of them, what others may know, what is hidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"

#define APART(X) SCHAKEL__V1__APART_REASON__APART_REASON_##X
#define RING(X) SCHAKEL__V1__RING__RING_##X

/** A request about @p n children with one must-need each. */
static void ask_children(struct ask *a, size_t n)
{
	ask_init(a);
	ask_needs(a, n, 0);
	a->m.n_children = n;
	for (size_t i = 0; i < n; i++) {
		a->need[i].child = (uint32_t)i;
	}
}

static PB(Stay) stay_of(const char *zone, uint32_t days, uint32_t adult, bool safe)
{
	PB(Stay) s = PB_INIT(STAY);

	s.zone = (char *)(uintptr_t)zone;
	s.days = days;
	s.adult = adult;
	s.safe = safe;
	return s;
}

/* B1, A2: as many children as fit, each need of one of them; one more is refused. */
static void test_children_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_children(&a, CHILDREN_MAX);
	a.child[CHILDREN_MAX - 1].apart = APART(COURT);
	rig_skip(r);
	struct story st = story_of(r, "clb", &a);
	const PB(RequestFact) *f = opened(r)->request;
	assert_int_equal(f->n_children, CHILDREN_MAX);
	assert_int_equal(f->children[0]->apart, APART(UNSPECIFIED));
	assert_int_equal(f->children[CHILDREN_MAX - 1]->apart, APART(COURT));
	assert_int_equal(view(&st, "clb")->n_children, CHILDREN_MAX);
	assert_int_equal(view(&st, "clb")->n_child_grounds, CHILDREN_MAX);
	a.m.n_children = CHILDREN_MAX + 1;
	REFUSED(ask_send(r, "clb", &a), TOO_MANY, "children");
	a.m.n_children = CHILDREN_MAX;
	a.need[0].child = CHILDREN_MAX;
	REFUSED(ask_send(r, "clb", &a), OUT_OF_RANGE, "needs[0].child");
}

/* DOMAIN 3: a day of birth says the age; said twice, both say the same. */
static void test_children_born_says_the_age(void **state)
{
	struct rig *r = *state; /* it is 3 March 2026 */
	struct ask a;

	ask_children(&a, 1);
	a.child[0].age_years = 0;
	a.child[0].born = DAY_OF_BIRTH(2012, 3, 4);
	struct story st = story_of(r, "clb", &a);
	assert_int_equal(view(&st, "clb")->children[0]->age_years, 13);
	a.child[0].age_years = 14;
	REFUSED(ask_send(r, "clb", &a), CONTRADICTS, "children[0].age_years");
	a.child[0].born = DAY_OF_BIRTH(2012, 3, 3);
	ACCEPTED(ask_send(r, "clb", &a));
	static const uint32_t no_day[] = { DAY_OF_BIRTH(2026, 3, 4),
					   DAY_OF_BIRTH(2014, 2, 29),
					   2014,
					   201403,
					   DAY_OF_BIRTH(1999, 3, 3),
					   99999999 };
	a.child[0].age_years = 0;
	for (size_t i = 0; i < SK_LEN(no_day); i++) {
		a.child[0].born = no_day[i];
		REFUSED(ask_send(r, "clb", &a), OUT_OF_RANGE, "children[0].born");
	}
	a.child[0].born = DAY_OF_BIRTH(2000, 3, 4); /* 25, the oldest */
	ACCEPTED(ask_send(r, "clb", &a));
}

/* D4: two homes in two zones are both own ring; each zone is told once. */
static void test_children_stays_are_both_own_ring(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Stay) week = stay_of("westhoek", 0x7f, 1, false);
	PB(Stay) other = stay_of("rits", 0x3f80, 0, true);
	PB(Stay) *stays[] = { &week, &other, &other };

	ask_children(&a, 1);
	a.child[0].stays = stays;
	a.child[0].n_stays = 2;
	rig_skip(r);
	(void)story_of(r, "clb", &a);
	const PB(ChildFact) *f = opened(r)->request->children[0];
	assert_int_equal(f->n_zones, 2);
	assert_string_equal(f->zones[0], "westhoek");
	assert_string_equal(f->zones[1], "rits");
	a.child[0].n_stays = 3;
	REFUSED(ask_send(r, "clb", &a), TOO_MANY, "children[0].stays");
	a.child[0].n_stays = 2;
	other.zone = "";
	rig_skip(r);
	(void)story_of(r, "clb", &a);
	assert_int_equal(opened(r)->request->children[0]->n_zones, 1);
	other.zone = "elsewhere";
	REFUSED(ask_send(r, "clb", &a), UNKNOWN_CODE, "children[0].stays[1].zone");
	other.zone = "rits";
	other.days = 1U << 14;
	REFUSED(ask_send(r, "clb", &a), OUT_OF_RANGE, "children[0].stays[1].days");
	other.days = 0;
	other.adult = 2;
	REFUSED(ask_send(r, "clb", &a), UNKNOWN_OBJECT, "children[0].stays[1].adult");
}

/* B1: children are parted by one of them, a court, or a danger that is named. */
static void test_children_apart_by_danger_names_it(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_children(&a, 2);
	a.child[1].apart = APART(DANGER);
	REFUSED(ask_send(r, "clb", &a), MISSING, "children[1].apart_danger");
	a.child[1].apart_danger = D(VIOLENCE);
	ACCEPTED(ask_send(r, "clb", &a));
	a.child[1].apart = APART(ONE_OF_THEM);
	REFUSED(ask_send(r, "clb", &a), CONTRADICTS, "children[1].apart_danger");
}

/* D4, L10: a safe stay, its zone, and the day of birth are for who holds; the channel of the family
 * is read by each of its adults. */
static void test_children_safe_stay_is_hidden(void **state)
{
	static const struct {
		const char *party;
		size_t stays;
	} seen[] = { { "clb", 2 },
		     { "net-westhoek", 2 },
		     { "standin-westhoek", 2 },
		     { "family", 0 }, /* one of them must not know where the child is */
		     { "coordinator", 1 } };
	struct rig *r = *state;
	struct ask a;
	PB(Stay) open = stay_of("westhoek", 0x7f, 1, false);
	PB(Stay) safe = stay_of("rits", 0x3f80, 2, true);
	PB(Stay) *stays[] = { &safe, &open };

	ask_children(&a, 1);
	a.m.n_adults = 2;
	a.child[0].stays = stays;
	a.child[0].n_stays = 2;
	a.child[0].age_years = 0;
	a.child[0].born = DAY_OF_BIRTH(2013, 1, 1);
	struct story st = story_of(r, "clb", &a);
	for (size_t i = 0; i < SK_LEN(seen); i++) {
		const PB(RequestItem) *it = view(&st, seen[i].party);
		if (seen[i].stays == 0) {
			assert_int_equal(it->n_children, 0);
			assert_int_equal(it->request->n_children, 0);
			assert_string_equal(it->request->zone, "");
			continue;
		}
		const PB(Child) *c = it->children[0];
		assert_int_equal(c->n_stays, seen[i].stays);
		assert_int_equal(it->request->children[0]->n_zones, seen[i].stays);
		assert_int_equal(c->born != 0, seen[i].stays == 2);
		assert_int_equal(c->age_years, 13);
		if (seen[i].stays == 1) {
			assert_string_equal(c->stays[0]->zone, "westhoek");
			assert_string_equal(it->request->children[0]->zones[0], "westhoek");
		}
	}
}

static PB(Receipt) *amend_children(struct story *st, struct ask *a, uint32_t based_on)
{
	PB(AmendRequest) m = PB_INIT(AMEND_REQUEST);
	PB(Message) msg = PB_INIT(MESSAGE);

	m.request_id = st->request;
	m.based_on = based_on;
	m.children = a->m.children;
	m.n_children = a->m.n_children;
	msg.body_case = BODY(AMEND_REQUEST);
	msg.amend_request = &m;
	return rig_command(st->r, "clb", &msg);
}

/* A sister is told of later; nobody who was told of goes. What is known of a child stays. */
static void test_children_are_told_anew_in_their_place(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_children(&a, 1);
	struct story st = story_of(r, "clb", &a);
	ACCEPTED(missing(&st, "clb", 0, true));
	a.m.n_children = 2;
	a.child[1].age_years = 9;
	rig_skip(r);
	ACCEPTED(amend_children(&st, &a, 2));
	const PB(RequestFact) *f = opened(r)->request;
	assert_int_equal(f->n_children, 2);
	assert_true(f->children[0]->missing);
	assert_int_equal(f->children[1]->age_years, 9);
	assert_false(f->children[1]->missing);
	a.m.n_children = 1;
	REFUSED(amend_children(&st, &a, 3), CONTRADICTS, "children");
}

/* A child that is missing: offers pause, whoever holds goes on holding. */
static void test_children_missing_pauses_offers_only(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_children(&a, 2);
	struct story st = story_of(r, "clb", &a);
	char holders[256];
	(void)snprintf(holders, sizeof(holders), "%s", holders_of(&st));
	rig_skip(r);
	REFUSED(missing(&st, "facility-a", 1, true), NOT_YOURS, "request_id");
	REFUSED(missing(&st, "clb", 2, true), OUT_OF_RANGE, "child");
	REFUSED(missing(&st, "clb", 1, false), STATE, "missing");
	ACCEPTED(missing(&st, "contactpoint-2", 1, true));
	assert_int_equal(alarms(r, A(MISSING_CHILD), 1), 1);
	const PB(NeedsOpened) *o = opened(r);
	assert_int_equal(o->request->request_version, 2);
	assert_true(o->request->children[1]->missing);
	assert_false(o->request->children[0]->missing);
	assert_string_equal(holders_of(&st), holders);
	REFUSED(missing(&st, "clb", 1, true), STATE, "missing");
	ACCEPTED(missing(&st, "family", 1, false));
	assert_false(opened(r)->request->children[1]->missing);
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	REFUSED(missing(&st, "clb", 1, true), STATE, "request_id");
}

/* A2: what others may know rises in version when it differs, and is told then and only then. */
static void test_children_fact_is_told_when_it_differs(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	const PB(NeedsOpened) *o = opened(r);

	assert_string_equal(o->request->contact_party, "duty-westhoek");
	assert_string_equal(o->request->stand_in_party, "standin-westhoek");
	assert_true(o->request->answer_due_ms != 0);
	assert_true(o->request->answered_ms == 0);
	assert_null(opened(r));
	PB(Receipt) *named = name_contact(&st, "clb", "facility-a", "facility-b");
	ACCEPTED(named);
	assert_int_equal(named->version, 2);
	o = opened(r);
	assert_int_equal(o->request->request_version, 2);
	assert_string_equal(o->request->contact_party, "facility-a");
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	assert_null(opened(r)); /* the same persons */
	assert_true(say_started(&st, 1, 0, "facility-a"));
	o = opened(r);
	assert_int_equal(o->request->request_version, 3);
	assert_true(o->request->answered_ms != 0);
	assert_int_equal(view(&st, "clb")->request->request_version, 3);
}

/* DOMAIN 7: own zones first; the region at D-10 or after a miss of the network; a crisis at once.
 */
static void test_children_ring_widens(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_int_equal(opened(r)->request->ring, RING(OWN_ZONES));
	go_to(r, "2026-03-23 23:59");
	assert_null(opened(r));
	go_to(r, "2026-03-24 00:00"); /* ten days before 3 April */
	assert_int_equal(opened(r)->request->ring, RING(REGION));
	struct story missed = story_standard(r, 1);
	assert_int_equal(opened(r)->request->ring, RING(OWN_ZONES));
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(7);
	c.contribution_id = object_id_data(&id);
	c.version = 1;
	c.request_id = missed.request;
	c.need_id = missed.need[0];
	c.partner = "facility-a";
	c.state = H(LAPSED);
	c.miss = 1;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(r, "matching", &m));
	assert_int_equal(opened(r)->request->ring, RING(REGION));
	(void)story_crisis(r);
	assert_int_equal(opened(r)->request->ring, RING(NEIGHBOURS));
	assert_int_equal(view(&st, "clb")->request->ring, RING(REGION));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_children_at_the_limit),
		T(test_children_born_says_the_age),
		T(test_children_stays_are_both_own_ring),
		T(test_children_apart_by_danger_names_it),
		T(test_children_safe_stay_is_hidden),
		T(test_children_are_told_anew_in_their_place),
		T(test_children_missing_pauses_offers_only),
		T(test_children_fact_is_told_when_it_differs),
		T(test_children_ring_widens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
