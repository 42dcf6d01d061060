/* SPDX-License-Identifier: EUPL-1.2 */
/* Amending against the version that was seen; every bound at its limit and one past it; and that no
 * amendment gains a day (L6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/intake_story.h"

struct amend {
	PB(AmendRequest) m;
	PB(NeedSpec) need[NEEDS_MAX + 1];
	PB(NeedSpec) *need_at[NEEDS_MAX + 1];
	PB(NeedChange) change[NEEDS_MAX + 1];
	PB(NeedChange) *change_at[NEEDS_MAX + 1];
	PB(Capsule) capsule[CAPSULES_MAX + 1];
	PB(Capsule) *capsule_at[CAPSULES_MAX + 1];
	PB(Child) child;
	PB(Child) *child_at[1];
	PB(Adult) adult;
	PB(Adult) *adult_at[1];
};

static void amend_init(struct amend *a, struct story *st, uint32_t based_on)
{
	memset(a, 0, sizeof(*a));
	schakel__v1__amend_request__init(&a->m);
	a->m.request_id = st->request;
	a->m.based_on = based_on;
	for (size_t i = 0; i <= NEEDS_MAX; i++) {
		schakel__v1__need_spec__init(&a->need[i]);
		a->need[i].expertise = 1 + (uint32_t)i;
		a->need[i].intensity = 1;
		a->need[i].duration_weeks = 4;
		a->need[i].must = true;
		a->need_at[i] = &a->need[i];
		schakel__v1__need_change__init(&a->change[i]);
		a->change[i].need_id = st->need[0];
		a->change[i].must = true;
		a->change_at[i] = &a->change[i];
	}
	for (size_t i = 0; i <= CAPSULES_MAX; i++) {
		a->capsule_at[i] = &a->capsule[i];
	}
	schakel__v1__child__init(&a->child);
	schakel__v1__adult__init(&a->adult);
	a->child_at[0] = &a->child;
	a->adult_at[0] = &a->adult;
	a->m.add_needs = a->need_at;
	a->m.change_needs = a->change_at;
	a->m.capsules = a->capsule_at;
	a->m.children = a->child_at;
	a->m.adults = a->adult_at;
}

static PB(Receipt) *send(struct story *st, const char *party, struct amend *a)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a->m;
	return rig_command(st->r, party, &m);
}

static PB(Receipt) *to_urgency(struct story *st, const char *party, PB(Urgency) urgency)
{
	struct amend a;

	amend_init(&a, st, view(st, "coordinator")->request->request_version);
	a.m.urgency = urgency;
	if (urgency == U(CRISIS)) {
		a.m.crisis_step = 1;
		a.m.reason = D(VIOLENCE);
	}
	if (urgency == U(URGENT)) {
		a.m.second_party = "police";
	}
	return send(st, party, &a);
}

/* Who saw an older version is shown the new one; nothing is changed. */
static void test_amend_older_version_is_a_conflict(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;

	amend_init(&a, &st, 1);
	a.m.n_add_needs = 1;
	rig_skip(r);
	PB(Receipt) *receipt = send(&st, "clb", &a);
	ACCEPTED(receipt);
	assert_int_equal(receipt->version, 2);
	assert_int_equal(receipt->n_object_ids, 1);
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	assert_int_equal(opened->n_needs, 2);
	assert_int_equal(opened->request->request_version, 2);
	assert_int_equal(opened->needs[0]->need_version, 1);
	receipt = send(&st, "clb", &a);
	assert_int_equal(receipt->code, REFUSAL(CONFLICT));
	assert_int_equal(receipt->version, 2);
	assert_int_equal(receipt->holds_now->version, 2);
	assert_int_equal(view(&st, "clb")->n_needs, 2);
	a.m.based_on = 3;
	assert_int_equal(send(&st, "clb", &a)->code, REFUSAL(CONFLICT));
	a.m.based_on = 2;
	REFUSED(send(&st, "police", &a), NOT_YOURS, "request_id");
}

/* What is given is changed, what is absent stays. */
static void test_amend_changes_a_need(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct object_id no = rig_id(77);
	struct amend a;

	amend_init(&a, &st, 1);
	a.m.n_change_needs = 1;
	a.change[0].intensity = INTENSITY_MAX;
	a.change[0].must = false;
	ACCEPTED(send(&st, "clb", &a));
	rig_skip(r);
	PB(NeedFact) *n = view(&st, "clb")->needs[0]->need;
	assert_int_equal(n->intensity, INTENSITY_MAX);
	assert_int_equal(n->duration_weeks, 12);
	assert_int_equal(n->need_version, 2);
	assert_false(n->must);
	a.m.based_on = 2;
	a.change[0].need_id = st.need[1];
	a.change[0].duration_weeks = DURATION_WEEKS_MAX;
	REFUSED(send(&st, "clb", &a), CONTRADICTS, "change_needs"); /* no must-need would be left */
	a.change[0].must = true;
	a.change[0].intensity = INTENSITY_MAX + 1;
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "change_needs[0].intensity");
	a.change[0].intensity = 0;
	a.change[0].duration_weeks = DURATION_WEEKS_MAX + 1;
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "change_needs[0].duration_weeks");
	a.change[0].need_id = object_id_data(&no);
	REFUSED(send(&st, "clb", &a), UNKNOWN_OBJECT, "change_needs[0].need_id");
	a.m.n_change_needs = NEEDS_MAX + 1;
	REFUSED(send(&st, "clb", &a), TOO_MANY, "change_needs");
	assert_int_equal(rig_count(r, "waitlist", BODY(NEEDS_OPENED)), 0);
	ACCEPTED(withdraw_need(&st, "clb", 0, R(WITHDRAWN)));
	a.m.n_change_needs = 1;
	a.change[0].need_id = st.need[0];
	a.change[0].duration_weeks = 0;
	REFUSED(send(&st, "clb", &a), STATE, "change_needs");
}

/* As many needs open at a time; what is finished makes room, until no more are kept. */
static void test_amend_needs_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;

	amend_init(&a, &st, 1);
	a.m.n_add_needs = NEEDS_MAX;
	REFUSED(send(&st, "clb", &a), TOO_MANY, "add_needs");
	a.m.n_add_needs = NEEDS_MAX - 1;
	ACCEPTED(send(&st, "clb", &a));
	a.m.n_add_needs = 1;
	a.m.based_on = 2;
	REFUSED(send(&st, "clb", &a), TOO_MANY, "add_needs");
	ACCEPTED(close_need(&st, "clb", 0, R(SELF_RESOLVED), ""));
	ACCEPTED(send(&st, "clb", &a));
	REFUSED(reopen(&st, "clb", 0), TOO_MANY, "need_id");
	for (uint32_t kept = NEEDS_MAX + 1; kept < NEEDS_KEPT_MAX; kept++) {
		PB(RequestItem) *it = view(&st, "clb");
		st.need[1] = it->needs[it->n_needs - 1]->need->need_id;
		ACCEPTED(withdraw_need(&st, "clb", 1, R(WITHDRAWN)));
		a.m.based_on = it->request->request_version;
		ACCEPTED(send(&st, "clb", &a));
	}
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_needs, NEEDS_KEPT_MAX);
	st.need[1] = it->needs[NEEDS_KEPT_MAX - 1]->need->need_id;
	ACCEPTED(withdraw_need(&st, "clb", 1, R(WITHDRAWN)));
	a.m.based_on = it->request->request_version;
	REFUSED(send(&st, "clb", &a), TOO_MANY, "add_needs");
}

/* What was told first stays; a correction is a later version beside it. */
static void test_amend_capsule_is_never_overwritten(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;

	amend_init(&a, &st, 1);
	a.m.n_capsules = 1;
	capsule_init(&a.capsule[0], 0, 1); /* the person and version of the submit */
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "capsules[0].version");
	capsule_init(&a.capsule[0], 0, 2);
	rig_skip(r);
	ACCEPTED(send(&st, "clb", &a));
	assert_null(rig_next(r, "waitlist")); /* nothing that the others know has changed */
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->n_capsules, 2);
	assert_int_equal(it->capsules[0]->version, 1);
	a.m.based_on = 2;
	a.m.n_capsules = CAPSULES_MAX + 1;
	for (uint32_t i = 0; i <= CAPSULES_MAX; i++) {
		capsule_init(&a.capsule[i], 1 + i, 1);
	}
	REFUSED(send(&st, "clb", &a), TOO_MANY, "capsules");
}

/* So many versions of what was told are kept of one request. */
static void test_amend_capsules_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;
	uint32_t person = 0;

	for (uint32_t version = 1; version < STORIES_KEPT_MAX / CAPSULES_MAX; version++) {
		amend_init(&a, &st, version);
		a.m.n_capsules = CAPSULES_MAX;
		for (uint32_t i = 0; i < CAPSULES_MAX; i++) {
			capsule_init(&a.capsule[i], ++person, 1);
		}
		ACCEPTED(send(&st, "clb", &a));
	}
	uint32_t seen = view(&st, "clb")->request->request_version;
	amend_init(&a, &st, seen);
	a.m.n_capsules = CAPSULES_MAX;
	for (uint32_t i = 0; i < CAPSULES_MAX; i++) {
		capsule_init(&a.capsule[i], ++person, 1);
	}
	REFUSED(send(&st, "clb", &a), TOO_MANY, "capsules");
	a.m.n_capsules = CAPSULES_MAX - 1;
	ACCEPTED(send(&st, "clb", &a));
	struct story crisis = story_crisis(r);
	assert_int_equal(view(&crisis, "contactpoint")->n_capsules, 1);
}

/* B10: nobody takes the versions that a person has yet to say by telling one far ahead. */
static void test_amend_capsule_far_ahead_is_refused(void **state)
{
	struct story st = story_standard(*state, 1);
	struct amend a;

	amend_init(&a, &st, 1);
	a.m.n_capsules = 1;
	capsule_init(&a.capsule[0], 50, VERSIONS_AHEAD_MAX + 1);
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "capsules[0].version");
	capsule_init(&a.capsule[0], 50, UINT32_MAX);
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "capsules[0].version");
	capsule_init(&a.capsule[0], 50, VERSIONS_AHEAD_MAX);
	ACCEPTED(send(&st, "clb", &a));
}

/* L6: up and down again is the term that it had from the receipt on. */
static void test_amend_urgency_gains_no_day(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	uint64_t due_ms = civil_month_later(RIG_START_MS);

	REFUSED(to_urgency(&st, "clb", U(CRISIS)), UNAUTHORISED, "urgency");
	ACCEPTED(to_urgency(&st, "clb", U(PREVENTIVE)));
	assert_true(view(&st, "clb")->answer_due_ms == due_ms);
	rig_advance(r, 5 * RIG_DAY_MS);
	ACCEPTED(to_urgency(&st, "clb", U(URGENT)));
	assert_true(view(&st, "clb")->answer_due_ms ==
		    civil_end_of_day(civil_add_days_local(rig_now(r), 14)));
	ACCEPTED(to_urgency(&st, "clb", U(STANDARD)));
	assert_true(view(&st, "clb")->answer_due_ms == due_ms);
	rig_advance(r, 20 * RIG_DAY_MS);
	ACCEPTED(to_urgency(&st, "clb", U(URGENT)));
	assert_true(view(&st, "clb")->answer_due_ms == due_ms); /* the nearer of both */
	rig_advance(r, 10 * RIG_DAY_MS);
	ACCEPTED(to_urgency(&st, "clb", U(PREVENTIVE)));
	assert_true(view(&st, "clb")->answer_due_ms == due_ms); /* breached: it stays so */
	assert_true(say_started(&st, 1, 0, "facility-a"));
	ACCEPTED(to_urgency(&st, "facility-a", U(STANDARD)));
	assert_true(view(&st, "clb")->answer_due_ms == due_ms);
}

/* A crisis is called, and called off, by a contact point. */
static void test_amend_crisis_is_called_off_by_a_contact_point(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;

	ACCEPTED(name_contact(&st, "clb", "contactpoint", "facility-a"));
	ACCEPTED(to_urgency(&st, "contactpoint", U(CRISIS)));
	assert_true(view(&st, "clb")->answer_due_ms == rig_now(r) + RIG_DAY_MS);
	assert_int_equal(view(&st, "clb")->next, A(CRISIS_UNHELD));
	REFUSED(to_urgency(&st, "clb", U(STANDARD)), UNAUTHORISED, "urgency");
	amend_init(&a, &st, view(&st, "clb")->request->request_version);
	a.m.crisis_step = 2;
	REFUSED(send(&st, "clb", &a), UNAUTHORISED, "urgency");
	ACCEPTED(send(&st, "contactpoint", &a)); /* the step alone */
	assert_int_equal(view(&st, "clb")->request->crisis_step, 2);
	ACCEPTED(to_urgency(&st, "contactpoint", U(STANDARD)));
	assert_true(view(&st, "clb")->answer_due_ms == civil_month_later(RIG_START_MS));
	assert_int_equal(view(&st, "clb")->next, A(TERM_WARNING));
}

/* L2: who makes it a crisis carries it, beside who asked; until it is none any more. */
static void test_amend_crisis_is_held_by_who_called_it(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	const char *asked = "REQUESTER clb, ZONE_NETWORK net-westhoek, CONTACT_PERSON "
			    "contactpoint";

	ACCEPTED(name_contact(&st, "clb", "contactpoint", "facility-a"));
	assert_string_equal(holders_of(&st), asked);
	ACCEPTED(to_urgency(&st, "contactpoint", U(CRISIS)));
	assert_string_equal(holders_of(&st), "REQUESTER clb, REQUESTER contactpoint, "
					     "ZONE_NETWORK net-westhoek, CONTACT_PERSON "
					     "contactpoint");
	ACCEPTED(to_urgency(&st, "contactpoint", U(STANDARD)));
	assert_string_equal(holders_of(&st), asked);
}

/* The duty organisations go with the zone; a named person stays. */
static void test_amend_zone_moves_the_duty(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct story named = story_standard(r, 1);
	struct amend a;

	ACCEPTED(name_contact(&named, "clb", "facility-a", "facility-b"));
	amend_init(&a, &st, 1);
	a.m.zone = "rits";
	ACCEPTED(send(&st, "clb", &a));
	assert_string_equal(holders_of(&st), "REQUESTER clb, ZONE_NETWORK net-rits, CONTACT_PERSON "
					     "duty-rits");
	assert_string_equal(view(&st, "clb")->stand_in_party, "standin-rits");
	a.m.request_id = named.request;
	a.m.based_on = view(&named, "clb")->request->request_version;
	ACCEPTED(send(&named, "clb", &a));
	assert_string_equal(holders_of(&named), "REQUESTER clb, ZONE_NETWORK net-rits, "
						"CONTACT_PERSON facility-a");
	a.m.based_on++;
	a.m.zone = "elsewhere";
	REFUSED(send(&named, "clb", &a), UNKNOWN_CODE, "zone");
}

/* Who is not wanted, and who is again; what was preferred and is excluded is not preferred. */
static void test_amend_excludes_and_allows(void **state)
{
	static char *some[] = { "facility-a", "facility-b" };
	struct rig *r = *state;
	struct ask ask;
	struct amend a;

	ask_init(&ask);
	ask.m.preferred_partners = some;
	ask.m.n_preferred_partners = 2;
	struct story st = story_of(r, "clb", &ask);
	amend_init(&a, &st, 1);
	a.m.exclude_partners = some;
	a.m.n_exclude_partners = 1;
	ACCEPTED(send(&st, "clb", &a));
	PB(RequestFact) *f = view(&st, "clb")->request;
	assert_int_equal(f->n_excluded_partners, 1);
	assert_int_equal(f->n_preferred_partners, 1);
	assert_string_equal(f->preferred_partners[0], "facility-b");
	a.m.based_on = 2;
	a.m.allow_partners = some;
	a.m.n_allow_partners = 1;
	REFUSED(send(&st, "clb", &a), CONTRADICTS, "allow_partners[0]");
	a.m.exclude_partners = some + 1;
	ACCEPTED(send(&st, "clb", &a));
	f = view(&st, "clb")->request;
	assert_int_equal(f->n_excluded_partners, 1);
	assert_string_equal(f->excluded_partners[0], "facility-b");
	a.m.n_exclude_partners = 0;
	a.m.n_allow_partners = PARTNERS_MAX + 1;
	char *many[PARTNERS_MAX + 1];
	for (size_t i = 0; i <= PARTNERS_MAX; i++) {
		many[i] = "facility-a";
	}
	a.m.based_on = 3;
	a.m.allow_partners = many;
	REFUSED(send(&st, "clb", &a), TOO_MANY, "allow_partners");
}

/* All else may come later: a judgement, an adult, an age. */
static void test_amend_people(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct amend a;

	amend_init(&a, &st, 1);
	REFUSED(send(&st, "clb", &a), MISSING, "add_needs"); /* says nothing */
	a.m.n_children = 1;
	a.child.age_years = 14;
	a.child.judged_incapable = true;
	a.m.n_adults = 1;
	a.adult.number = 3;
	a.adult.authority = true;
	ACCEPTED(send(&st, "clb", &a));
	PB(RequestItem) *it = view(&st, "clb");
	assert_int_equal(it->request->age_years, 14);
	assert_true(it->children[0]->judged_incapable);
	assert_int_equal(it->adults[0]->number, 3);
	a.m.based_on = 2;
	a.child.age_years = AGE_MAX + 1;
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "children[0].age_years");
	a.m.n_children = 0;
	a.adult.number = 0;
	REFUSED(send(&st, "clb", &a), OUT_OF_RANGE, "adults[0].number");
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	REFUSED(send(&st, "clb", &a), STATE, "request_id");
}

/* A consult has no needs and is no crisis. */
static void test_amend_consult(void **state)
{
	struct rig *r = *state;
	struct ask ask;
	struct amend a;

	ask_init(&ask);
	ask.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	ask.m.n_needs = 0;
	struct story st = story_of(r, "contactpoint", &ask);
	amend_init(&a, &st, 1);
	a.m.n_add_needs = 1;
	REFUSED(send(&st, "contactpoint", &a), CONTRADICTS, "add_needs");
	REFUSED(to_urgency(&st, "contactpoint", U(CRISIS)), CONTRADICTS, "urgency");
	ACCEPTED(to_urgency(&st, "contactpoint", U(URGENT)));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_amend_older_version_is_a_conflict),
		T(test_amend_changes_a_need),
		T(test_amend_needs_at_the_limit),
		T(test_amend_capsule_is_never_overwritten),
		T(test_amend_capsules_at_the_limit),
		T(test_amend_capsule_far_ahead_is_refused),
		T(test_amend_urgency_gains_no_day),
		T(test_amend_crisis_is_called_off_by_a_contact_point),
		T(test_amend_crisis_is_held_by_who_called_it),
		T(test_amend_zone_moves_the_duty),
		T(test_amend_excludes_and_allows),
		T(test_amend_people),
		T(test_amend_consult),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
