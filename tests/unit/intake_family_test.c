/* SPDX-License-Identifier: EUPL-1.2 */
/* D4, L3, L9: requests of one family have one contact person, one plan and one date for one child;
 * a split undoes it exactly, and joining opens nobody's view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"

/* The need as the list was told of it last since the last look; NULL: nothing was told. */
static PB(NeedFact) *opened_last(struct rig *r, struct story *st)
{
	PB(NeedFact) *last = NULL;
	PB(Message) *m;

	while ((m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))) != NULL) {
		ProtobufCBinaryData id = m->needs_opened->request->request_id;
		if (memcmp(id.data, st->request.data, OBJECT_ID_LEN) == 0) {
			last = m->needs_opened->needs[0];
		}
	}
	return last;
}

static bool closed_for_list(struct rig *r, struct story *st)
{
	bool closed = false;
	PB(Message) *m;

	while ((m = rig_next_of(r, "waitlist", BODY(NEED_CLOSED))) != NULL) {
		ProtobufCBinaryData id = m->need_closed->request_id;
		closed = closed || memcmp(id.data, st->request.data, OBJECT_ID_LEN) == 0;
	}
	return closed;
}

/* D4, L3: the person who was named stands for all; leaving gives each its own again, and a person
 * who was named meanwhile stays where it was named. */
static void test_family_has_the_longer_standing_contact_person(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");

	ACCEPTED(name_contact(&b, "police", "facility-a", "facility-b"));
	ACCEPTED(join(&a, &b, "contactpoint", false));
	assert_string_equal(view(&a, "clb")->contact_party, "facility-a");
	assert_string_equal(view(&b, "police")->contact_party, "facility-a");
	assert_true(view(&a, "clb")->contact_named);
	assert_string_equal(holders_of(&a), "REQUESTER clb, ZONE_NETWORK net-westhoek, "
					    "CONTACT_PERSON facility-a");
	ACCEPTED(name_contact(&a, "clb", "facility-c", "facility-b"));
	assert_string_equal(view(&b, "police")->contact_party, "facility-c");
	ACCEPTED(split(&b, "contactpoint"));
	assert_string_equal(view(&b, "police")->contact_party, "facility-a");
	assert_string_equal(view(&a, "clb")->contact_party, "facility-c");
	assert_int_equal(view(&a, "clb")->family_id.len, 0);
	assert_int_equal(view(&b, "police")->family_id.len, 0);
}

/* L3: a family without a named person has the duty organisations that stand longest, and when they
 * leave the others have their own again, with their own dates. */
static void test_family_of_duty_organisations_is_undone_exactly(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");

	rig_advance(r, RIG_DAY_MS);
	struct story b = story_in(r, "police", "rits");
	rig_advance(r, RIG_DAY_MS);
	struct story c = story_in(r, "clb", "rits");
	uint64_t due_b = view(&b, "police")->contact_due_ms;
	ACCEPTED(join(&b, &c, "contactpoint", false));
	ACCEPTED(join(&a, &b, "contactpoint", false));
	assert_string_equal(view(&c, "clb")->contact_party, "duty-westhoek");
	assert_true(view(&b, "police")->contact_due_ms < due_b);
	ACCEPTED(split(&a, "contactpoint"));
	assert_string_equal(view(&a, "clb")->contact_party, "duty-westhoek");
	assert_string_equal(view(&b, "police")->contact_party, "duty-rits");
	assert_string_equal(view(&c, "clb")->contact_party, "duty-rits");
	assert_true(view(&b, "police")->contact_due_ms == due_b);
	assert_int_equal(view(&b, "police")->family_id.len, OBJECT_ID_LEN);
	ACCEPTED(split(&c, "contactpoint"));
	assert_int_equal(view(&b, "police")->family_id.len, 0);
	REFUSED(split(&b, "contactpoint"), STATE, "request_id");
}

/* L9: two organisations, one in each home, have one plan; each home alone has none. */
static void test_family_of_two_houses_has_one_plan(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");

	assert_true(say_started(&a, 1, 0, "facility-a"));
	assert_true(say_started(&b, 2, 0, "facility-b"));
	assert_int_equal(view(&a, "clb")->plan_id.len, 0);
	ACCEPTED(join(&a, &b, "contactpoint", false));
	PB(PlanView) *p = plan_of(&a, "coordinator");
	assert_int_equal(p->plan_id.len, OBJECT_ID_LEN);
	assert_int_equal(p->n_request_ids, 2);
	assert_int_equal(p->n_contributions, 2);
	assert_memory_equal(plan_of(&b, "coordinator")->plan_id.data, p->plan_id.data,
			    OBJECT_ID_LEN);
	assert_int_equal(rig_rows(r, TABLE_SERVICE + 9), 1);
	ACCEPTED(split(&b, "contactpoint"));
	assert_int_equal(plan_of(&b, "coordinator")->n_request_ids, 1);
	rig_reopen(r);
}

/* L9: of two plans the older one is that of the family; the other rests and comes back. */
static void test_family_of_two_plans_keeps_one_until_the_split(void **state)
{
	struct rig *r = *state;
	struct story a = story_standard(r, 2);
	struct story b = story_standard(r, 2);

	assert_true(say_started(&a, 10, 0, "facility-a"));
	assert_true(say_started(&a, 11, 1, "facility-b"));
	rig_advance(r, RIG_DAY_MS);
	assert_true(say_started(&b, 20, 0, "facility-a"));
	assert_true(say_started(&b, 21, 1, "facility-b"));
	ProtobufCBinaryData plan_a = view(&a, "clb")->plan_id;
	ProtobufCBinaryData plan_b = view(&b, "clb")->plan_id;
	assert_true(memcmp(plan_a.data, plan_b.data, OBJECT_ID_LEN) != 0);
	ACCEPTED(join(&b, &a, "contactpoint", false));
	assert_memory_equal(view(&b, "clb")->plan_id.data, plan_a.data, OBJECT_ID_LEN);
	assert_memory_equal(plan_of(&b, "coordinator")->plan_id.data, plan_a.data, OBJECT_ID_LEN);
	ACCEPTED(split(&a, "contactpoint"));
	assert_memory_equal(plan_of(&a, "coordinator")->plan_id.data, plan_a.data, OBJECT_ID_LEN);
	assert_memory_equal(plan_of(&b, "coordinator")->plan_id.data, plan_b.data, OBJECT_ID_LEN);
}

/* D4: one child told of at two desks: the earlier date for both, and only the first is waited for;
 * the split gives the other its own date and its own place on the list. */
static void test_family_waits_once_for_one_child(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	uint64_t first = rig_now(r);

	rig_advance(r, 3 * RIG_DAY_MS);
	uint64_t second = rig_now(r);
	struct story b = story_in(r, "police", "rits");
	rig_skip(r);
	ACCEPTED(join(&b, &a, "contactpoint", true));
	assert_true(closed_for_list(r, &b));
	assert_int_equal(state_of(&b, 0), N(OPEN));
	assert_true(view(&b, "police")->needs[0]->need->arrival_ms == first);
	assert_int_equal(view(&b, "police")->retellings, 1);
	assert_int_equal(view(&a, "clb")->retellings, 0);
	assert_int_equal(figure_count(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_RETELLINGS), 1);
	rig_skip(r);
	ACCEPTED(split(&b, "contactpoint"));
	PB(NeedFact) *f = opened_last(r, &b);
	assert_non_null(f);
	assert_true(f->arrival_ms == second);
	rig_reopen(r);
}

/* D4, L6: when help for the one starts, the other is looked for again in the same step, with the
 * earlier date; its own clock was never touched. */
static void test_family_second_home_is_waited_for_when_the_first_is_helped(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	uint64_t first = rig_now(r);

	rig_advance(r, RIG_DAY_MS);
	struct story b = story_in(r, "police", "rits");
	ACCEPTED(join(&a, &b, "contactpoint", true));
	rig_skip(r);
	assert_true(say_started(&a, 1, 0, "facility-a"));
	PB(NeedFact) *f = opened_last(r, &b);
	assert_non_null(f);
	assert_true(f->arrival_ms == first);
	assert_true(view(&b, "police")->answered_ms == 0);
	assert_true(view(&a, "clb")->answered_ms != 0);
}

/* The version under which the list was told of a request last since the last look; 0: it was not.
 */
static uint32_t told_version(struct rig *r, struct story *st)
{
	uint32_t version = 0;
	PB(Message) *m;

	while ((m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))) != NULL) {
		const PB(RequestFact) *f = m->needs_opened->request;
		if (memcmp(f->request_id.data, st->request.data, OBJECT_ID_LEN) == 0) {
			version = f->request_version;
		}
	}
	return version;
}

static void leave_out(struct story *st, const char *party, const char *partner)
{
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);
	char *partners[] = { (char *)(uintptr_t)partner };

	a.request_id = st->request;
	a.based_on = view(st, party)->request->request_version;
	a.exclude_partners = partners;
	a.n_exclude_partners = SK_LEN(partners);
	ACCEPTED(plan_send(st->r, party, BODY(AMEND_REQUEST), &a));
}

/* L1: of a request whose need waits with another home's nobody hears what changes. That is told
 * when it is waited for again, in a step that is not its own: under a version that is kept, so that
 * what is told after it is above it, and is not passed over as told before. */
static void test_family_news_of_the_other_home_has_a_version_of_its_own(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");

	rig_advance(r, RIG_DAY_MS);
	struct story b = story_in(r, "police", "rits");
	ACCEPTED(join(&a, &b, "contactpoint", true));
	rig_skip(r);
	leave_out(&b, "police", "facility-b");
	assert_int_equal(told_version(r, &b), 0);
	assert_true(say_started(&a, 1, 0, "facility-a"));
	uint32_t version = told_version(r, &b);
	assert_true(version > 0);
	assert_int_equal(view(&b, "police")->request->request_version, version);
	leave_out(&b, "police", "facility-c");
	assert_true(told_version(r, &b) > version);
	rig_reopen(r);
}

/* D4: the same when the first one is withdrawn: the other desk's question is not lost. */
static void test_family_second_home_is_waited_for_when_the_first_withdraws(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");

	rig_advance(r, RIG_DAY_MS);
	struct story b = story_in(r, "police", "rits");
	ACCEPTED(join(&a, &b, "contactpoint", true));
	rig_skip(r);
	ACCEPTED(withdraw(&a, "clb", R(WITHDRAWN)));
	assert_non_null(opened_last(r, &b));
}

/* D4: a need that is more pressing never waits for one that is less so, and two children are two.
 */
static void test_family_pressing_need_does_not_wait(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct ask ask;

	rig_advance(r, RIG_DAY_MS);
	ask_init(&ask);
	ask_urgent(&ask);
	struct story b = story_of(r, "clb", &ask);
	struct story c = story_in(r, "police", "rits");
	rig_skip(r);
	ACCEPTED(join(&b, &a, "contactpoint", true));
	assert_true(closed_for_list(r, &a));
	rig_skip(r);
	ACCEPTED(join(&c, &a, "contactpoint", false));
	assert_false(closed_for_list(r, &c));
}

/* D4: who may see one home does not see the other by the joining; the contact person sees both. */
static void test_family_joined_opens_no_view(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");

	ACCEPTED(name_contact(&a, "clb", "facility-c", "facility-b"));
	ACCEPTED(join(&a, &b, "contactpoint", true));
	assert_null(view(&b, "clb"));
	assert_null(view(&a, "police"));
	assert_null(plan_of(&b, "clb"));
	assert_int_equal(plan_of(&a, "clb")->n_request_ids, 1);
	assert_int_equal(plan_of(&a, "clb")->n_holders, view(&a, "clb")->n_holders);
	assert_int_equal(plan_of(&a, "family")->n_request_ids, 1);
	assert_int_equal(plan_of(&a, "facility-c")->n_request_ids, 2);
	assert_non_null(view(&b, "facility-c"));
}

/* D4: who may join, and what can not be joined. */
static void test_family_join_of_others_is_refused(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");
	struct story none = a;
	struct ask ask;

	REFUSED(join(&a, &b, "facility-a", false), NOT_YOURS, "request_id");
	REFUSED(join(&a, &b, "family", false), NOT_YOURS, "request_id");
	/* Who carries one of them says nothing of a strange one, nor comes to read in it. */
	REFUSED(join(&a, &b, "clb", false), NOT_YOURS, "with_request_id");
	REFUSED(join(&b, &a, "clb", false), NOT_YOURS, "request_id");
	REFUSED(join(&a, &a, "clb", false), CONTRADICTS, "with_request_id");
	none.request = object_id_data(&(struct object_id){ { 9 } });
	REFUSED(join(&a, &none, "clb", false), UNKNOWN_OBJECT, "with_request_id");
	ask_init(&ask);
	ask.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	ask.m.n_needs = 0;
	struct story consult = story_of(r, "clb", &ask);
	REFUSED(join(&a, &consult, "clb", false), STATE, "with_request_id");
	PB(JoinFamilies) j = PB_INIT(JOIN_FAMILIES);
	PB(SameChild) one = PB_INIT(SAME_CHILD);
	PB(SameChild) two = PB_INIT(SAME_CHILD);
	PB(SameChild) *list[] = { &one, &two };
	j.request_id = a.request;
	j.with_request_id = b.request;
	j.same_children = list;
	j.n_same_children = 2;
	REFUSED(plan_send(r, "contactpoint", BODY(JOIN_FAMILIES), &j), CONTRADICTS,
		"same_children[1].child");
	two.child = 1;
	REFUSED(plan_send(r, "contactpoint", BODY(JOIN_FAMILIES), &j), OUT_OF_RANGE,
		"same_children[1].child");
	ACCEPTED(name_contact(&a, "clb", "facility-c", "facility-b"));
	ACCEPTED(name_contact(&b, "police", "facility-b", "facility-c"));
	j = (PB(JoinFamilies))PB_INIT(JOIN_FAMILIES);
	j.short_code = a.short_code;
	j.with_short_code = "0000000000";
	REFUSED(plan_send(r, "contactpoint", BODY(JOIN_FAMILIES), &j), UNKNOWN_OBJECT,
		"short_code");
	j.with_short_code = b.short_code;
	REFUSED(plan_send(r, "clb", BODY(JOIN_FAMILIES), &j), NOT_YOURS, "with_request_id");
	ACCEPTED(join(&a, &b, "facility-c", false)); /* contact person there, stand-in here */
	REFUSED(join(&b, &a, "contactpoint", false), STATE, "with_request_id");
	ACCEPTED(join(&b, &a, "contactpoint", true)); /* more is known: one child */
	REFUSED(split(&a, "facility-a"), NOT_YOURS, "request_id");
}

/* L12: at the bound, and one past it; and all of them at once stay within one step. */
static void test_family_ends_at_its_bound(void **state)
{
	struct rig *r = *state;
	struct story st[FAMILY_MAX + 1];

	for (size_t i = 0; i <= FAMILY_MAX; i++) {
		struct ask a;
		ask_init(&a);
		ask_needs(&a, NEEDS_MAX, 0);
		st[i] = story_of(r, "clb", &a);
		PB(Receipt) *got = i == 0 ? NULL : join(&st[0], &st[i], "clb", true);
		if (i == FAMILY_MAX) {
			REFUSED(got, TOO_MANY, "with_request_id");
		} else if (i > 0) {
			ACCEPTED(got);
		}
	}
	ACCEPTED(name_contact(&st[3], "clb", "facility-a", "facility-b"));
	assert_string_equal(view(&st[7], "clb")->contact_party, "facility-a");
	for (size_t i = 0; i + 1 < FAMILY_MAX; i++) {
		ACCEPTED(split(&st[i], "clb"));
	}
	assert_int_equal(view(&st[7], "clb")->family_id.len, 0);
	assert_string_equal(view(&st[7], "clb")->contact_party, "duty-westhoek");
}

/* After a restore the list knows of a need that waited with another home's; here nothing is known
 * of that family any more: it is looked for again, not lost. */
static void test_family_lost_with_an_old_copy_loses_no_need(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[] = { &end };
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t packed[256];

	rig_restored(r);
	rig_skip(r);
	end.need_id = st.need[0];
	end.need_version = 9;
	end.reason = R(SAME_CHILD);
	closed.request_id = st.request;
	closed.needs = ends;
	closed.n_needs = 1;
	item.table = "NeedClosed";
	item.object_id = st.request;
	item.record.data = packed;
	item.record.len = schakel__v1__need_closed__pack(&closed, packed);
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	assert_true(rig_fact(r, "waitlist", &m));
	assert_int_equal(state_of(&st, 0), N(OPEN));
	PB(NeedFact) *f = opened_last(r, &st);
	assert_non_null(f);
	assert_true(f->need_version > 9);
}

/* A11, L2: a death told in one request is heard by who holds the same child's other one, once and
 * in the same step; a brother's request goes on, and nothing is said after it. */
static void test_family_death_is_told_once_for_the_child(void **state)
{
	struct rig *r = *state;
	struct story a = story_in(r, "clb", "westhoek");
	struct story b = story_in(r, "police", "rits");
	struct story brother = story_in(r, "clb", "rits");

	ACCEPTED(join(&a, &b, "contactpoint", true));
	ACCEPTED(join(&a, &brother, "contactpoint", false));
	assert_true(say_started(&b, 2, 0, "facility-b"));
	rig_skip(r);
	ACCEPTED(close_need(&a, "clb", 0, R(DECEASED), ""));
	assert_true(closed_for_list(r, &b));
	assert_int_equal(state_of(&a, 0), N(CLOSED));
	assert_int_equal(state_of(&b, 0), N(CLOSED));
	assert_int_equal(view(&b, "police")->needs[0]->close_reason, R(DECEASED));
	assert_string_equal(holders_of(&b), "");
	assert_int_equal(state_of(&brother, 0), N(OPEN));
	assert_true(view(&brother, "clb")->open);
	REFUSED(reopen(&b, "police", 0), STATE, "need_id");
	size_t died = 0;
	const PB(Message) *m;
	while ((m = rig_next_of(r, "@events", BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		bool of_b = e->request_id.len == OBJECT_ID_LEN &&
			    memcmp(e->request_id.data, b.request.data, OBJECT_ID_LEN) == 0;
		died += of_b && e->kind == E(REQUEST) && e->close_reason == R(DECEASED);
	}
	assert_int_equal(died, 1);
	rig_reopen(r);
	rig_advance(r, 60 * RIG_DAY_MS);
	while ((m = rig_next_of(r, "@events", BODY(EVENT))) != NULL) {
		assert_true(m->event->request_id.len == 0 ||
			    memcmp(m->event->request_id.data, b.request.data, OBJECT_ID_LEN) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(fn) cmocka_unit_test_setup_teardown(fn, intake_setup, intake_teardown)
		T(test_family_has_the_longer_standing_contact_person),
		T(test_family_of_duty_organisations_is_undone_exactly),
		T(test_family_of_two_houses_has_one_plan),
		T(test_family_of_two_plans_keeps_one_until_the_split),
		T(test_family_waits_once_for_one_child),
		T(test_family_death_is_told_once_for_the_child),
		T(test_family_second_home_is_waited_for_when_the_first_is_helped),
		T(test_family_second_home_is_waited_for_when_the_first_withdraws),
		T(test_family_news_of_the_other_home_has_a_version_of_its_own),
		T(test_family_pressing_need_does_not_wait),
		T(test_family_joined_opens_no_view),
		T(test_family_join_of_others_is_refused),
		T(test_family_ends_at_its_bound),
		T(test_family_lost_with_an_old_copy_loses_no_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
