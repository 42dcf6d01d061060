/* SPDX-License-Identifier: EUPL-1.2 */
/* A crisis has its own short entries; what was asked before gains nothing and loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

#define INTERVENTION 30
#define STAY 31

static void name_code(struct rig *r, uint32_t number, const char *code)
{
	PB(ConfigApplied) *c = rig_conf(r);

	free(c->expertises[number - 1]->code);
	c->expertises[number - 1]->code = strdup(code);
	assert_non_null(c->expertises[number - 1]->code);
}

static void name_codes(struct rig *r)
{
	name_code(r, INTERVENTION, "CRISIS_INTERVENTION");
	name_code(r, STAY, "CRISIS_STAY");
	rig_config(r);
}

static void to_crisis(struct story *st, PB(DangerReason) reason)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);

	a.request_id = st->request;
	a.based_on = view(st, "coordinator")->request->request_version;
	a.urgency = U(CRISIS);
	a.crisis_step = 1;
	a.reason = reason;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	rig_skip(st->r);
	ACCEPTED(rig_command(st->r, "contactpoint", &m));
}

static void call_off(struct story *st)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AmendRequest) a = PB_INIT(AMEND_REQUEST);

	a.request_id = st->request;
	a.based_on = view(st, "coordinator")->request->request_version;
	a.urgency = U(STANDARD);
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &a;
	rig_skip(st->r);
	ACCEPTED(rig_command(st->r, "contactpoint", &m));
}

static PB(NeedFact) *fact(struct story *st, size_t i)
{
	PB(RequestItem) *it = view(st, "coordinator");

	assert_true(i < it->n_needs);
	return it->needs[i]->need;
}

/* Asked at the contact point, so that it holds it. */
static struct story asked_by_call(struct rig *r, size_t musts)
{
	struct ask a;

	ask_init(&a);
	ask_needs(&a, musts, 0);
	return story_of(r, "contactpoint", &a);
}

/* DOMAIN 6: one short entry beside the long needs of the child, of help for a crisis; the long ones
 * keep their date and are not its own. */
static void test_crisis_opens_its_own_short_entry(void **state)
{
	struct rig *r = *state;
	struct story st = asked_by_call(r, 2);

	name_codes(r);
	rig_advance(r, RIG_DAY_MS);
	uint64_t asked = fact(&st, 0)->arrival_ms;
	to_crisis(&st, D(SELF_HARM));
	assert_int_equal(view(&st, "coordinator")->n_needs, 3);
	assert_int_equal(fact(&st, 2)->expertise, INTERVENTION);
	assert_true(fact(&st, 2)->own_crisis && fact(&st, 2)->must);
	assert_true(fact(&st, 2)->arrival_ms == rig_now(r));
	assert_memory_equal(fact(&st, 2)->long_need_id.data, st.need[0].data, OBJECT_ID_LEN);
	assert_false(fact(&st, 0)->own_crisis || fact(&st, 1)->own_crisis);
	assert_true(fact(&st, 0)->arrival_ms == asked);
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));
	assert_int_equal(m->needs_opened->n_needs, 3);
	assert_int_equal(m->needs_opened->request->urgency, U(CRISIS));
}

/* L1, L12: a crisis that comes again and again has its short entry each time, also when no more are
 * kept; what could not be made is said. */
static void test_crisis_again_and_again_has_its_short_entry(void **state)
{
	struct rig *r = *state;
	struct story st = asked_by_call(r, 1);

	name_codes(r);
	for (size_t i = 1; i < NEEDS_KEPT_MAX; i++) {
		to_crisis(&st, D(SELF_HARM));
		assert_int_equal(fact(&st, i)->state, N(OPEN));
		call_off(&st);
	}
	to_crisis(&st, D(SELF_HARM));
	const PB(RequestItem) *it = view(&st, "coordinator");
	size_t open = 0;
	for (size_t i = 1; i < it->n_needs; i++) {
		open += it->needs[i]->need->state == N(OPEN) ? 1 : 0;
	}
	assert_int_equal(it->n_needs, NEEDS_KEPT_MAX);
	assert_int_equal(open, 1);
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 0);
	call_off(&st);
	rig_skip(r);
	to_crisis(&st, D(NO_SAFE_PLACE)); /* of a stay there was none before */
	assert_int_equal(events(r, E(ALARM), A(CRISIS_UNHELD)), 1);
}

/* No safe place: a place to sleep as well. */
static void test_crisis_without_a_safe_place_asks_a_stay(void **state)
{
	struct rig *r = *state;
	struct story st = asked_by_call(r, 1);

	name_codes(r);
	to_crisis(&st, D(NO_SAFE_PLACE));
	assert_int_equal(view(&st, "coordinator")->n_needs, 3);
	assert_int_equal(fact(&st, 1)->expertise, INTERVENTION);
	assert_int_equal(fact(&st, 2)->expertise, STAY);
}

/* What is asked in a fresh crisis is its own. */
static void test_crisis_asked_as_such_is_its_own(void **state)
{
	struct story st = story_crisis(*state);

	assert_true(fact(&st, 0)->own_crisis);
	assert_int_equal(fact(&st, 0)->long_need_id.len, 0);
}

/* DOMAIN 6, A5: where help for a crisis is named, that alone is its own short entry. What lasts
 * longer is not kept to crisis capacity, which has none of it: it once waited for the crisis to end
 * and nobody was asked. */
static void test_crisis_long_need_is_asked_beside_its_short_one(void **state)
{
	struct rig *r = *state;
	struct ask a;

	name_codes(r);
	ask_init(&a);
	ask_crisis(&a);
	ask_needs(&a, 2, 0);
	a.need[0].expertise = STAY;
	struct story st = story_of(r, "contactpoint", &a);
	assert_int_equal(fact(&st, 0)->expertise, STAY);
	assert_true(fact(&st, 0)->own_crisis);
	assert_false(fact(&st, 1)->own_crisis);
	assert_true(fact(&st, 1)->must && fact(&st, 1)->state == N(OPEN));
	call_off(&st);
	assert_false(fact(&st, 0)->own_crisis);
}

/* Called off: the short entry without help ends, told to the list; the long ones go on. */
static void test_crisis_called_off_ends_its_short_entries(void **state)
{
	struct rig *r = *state;
	struct story st = asked_by_call(r, 1);

	name_codes(r);
	to_crisis(&st, D(SELF_HARM));
	call_off(&st);
	assert_int_equal(fact(&st, 1)->state, N(CLOSED));
	assert_int_equal(fact(&st, 0)->state, N(OPEN));
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEED_CLOSED));
	assert_int_equal(m->need_closed->needs[0]->reason, R(SELF_RESOLVED));
	assert_true(view(&st, "coordinator")->open);
	/* A crisis again has its own again; a fresh one that is called off is an ordinary question.
	 */
	to_crisis(&st, D(SELF_HARM));
	assert_int_equal(fact(&st, 2)->state, N(OPEN));
	assert_true(fact(&st, 2)->own_crisis);
	struct story fresh = story_crisis(r);
	uint64_t asked = fact(&fresh, 0)->arrival_ms;
	rig_advance(r, RIG_SECOND_MS);
	call_off(&fresh);
	assert_int_equal(fact(&fresh, 0)->state, N(OPEN));
	assert_false(fact(&fresh, 0)->own_crisis);
	assert_true(fact(&fresh, 0)->arrival_ms == asked);
}

static PB(Receipt) *night_of(struct story *st, uint32_t version)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordNightPlan) p = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(CalledService) called = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_POLICE;

	capsule_init(&c, 9, version);
	p.request_id = st->request;
	p.plan = &c;
	p.call_at_ms = rig_now(st->r) + RIG_HOUR_MS;
	p.called = &called;
	p.n_called = 1;
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &p;
	return rig_command(st->r, "contactpoint", &m);
}

static PB(Receipt) *goal_in_words(struct story *st, uint32_t version)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SetGoal) g = PB_INIT(SET_GOAL);
	PB(Capsule) c = PB_INIT(CAPSULE);

	capsule_init(&c, 8, version);
	g.request_id = st->request;
	g.life_domain = SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_LEISURE;
	g.number = version == 1 ? 0 : 1;
	g.state = SCHAKEL__V1__GOAL_STATE__GOAL_STATE_OPEN;
	g.words = &c;
	m.body_case = BODY(SET_GOAL);
	m.set_goal = &g;
	return rig_command(st->r, "contactpoint", &m);
}

/* B10, L12: words of goals take no room from the nights of a crisis, which never run out: the
 * oldest plan gives way. */
static void test_crisis_always_has_room_for_a_night_plan(void **state)
{
	struct story st = story_crisis(*state);
	size_t told = view(&st, "contactpoint")->n_capsules;

	for (uint32_t i = 1; i <= WORDS_KEPT_MAX; i++) {
		ACCEPTED(goal_in_words(&st, i));
	}
	REFUSED(goal_in_words(&st, WORDS_KEPT_MAX + 1), TOO_MANY, "words");
	for (uint32_t i = 1; i <= NIGHTS_KEPT_MAX + 2; i++) {
		ACCEPTED(night_of(&st, i));
		rig_advance(*state, RIG_SECOND_MS);
	}
	const PB(RequestItem) *it = view(&st, "contactpoint");
	assert_int_equal(it->n_capsules, told + WORDS_KEPT_MAX + NIGHTS_KEPT_MAX);
	REFUSED(night_of(&st, NIGHTS_KEPT_MAX + 2), OUT_OF_RANGE, "plan.version");
}

static void plan_the_night(struct story *st)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordNightPlan) p = PB_INIT(RECORD_NIGHT_PLAN);
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(CalledService) called = SCHAKEL__V1__CALLED_SERVICE__CALLED_SERVICE_POLICE;

	capsule_init(&c, 9, 1);
	p.request_id = st->request;
	p.plan = &c;
	p.call_at_ms = rig_now(st->r) + RIG_HOUR_MS;
	p.called = &called;
	p.n_called = 1;
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &p;
	ACCEPTED(rig_command(st->r, "contactpoint", &m));
}

/* DOMAIN 4: NO_AVAILABILITY closes only a crisis's own short entry, by the contact point, with its
 * night plan; the request goes on and its month is not answered. */
static void test_crisis_no_availability_needs_a_night_plan(void **state)
{
	struct rig *r = *state;
	struct story st = asked_by_call(r, 1);

	name_codes(r);
	to_crisis(&st, D(SELF_HARM));
	st.need[1] = fact(&st, 1)->need_id;
	st.needs = 2;
	REFUSED(close_need(&st, "contactpoint", 0, R(NO_AVAILABILITY), ""), CONTRADICTS, "reason");
	REFUSED(close_need(&st, "family", 1, R(NO_AVAILABILITY), ""), NOT_YOURS, "reason");
	REFUSED(close_need(&st, "contactpoint", 1, R(NO_AVAILABILITY), ""), STATE, "reason");
	plan_the_night(&st);
	ACCEPTED(close_need(&st, "contactpoint", 1, R(NO_AVAILABILITY), ""));
	assert_int_equal(fact(&st, 1)->state, N(CLOSED));
	PB(RequestItem) *it = view(&st, "coordinator");
	assert_true(it->open && it->answered_ms == 0);
	/* What was asked in a fresh crisis is no short entry beside another: it is not closed so.
	 */
	struct story fresh = story_crisis(r);
	plan_the_night(&fresh);
	REFUSED(close_need(&fresh, "contactpoint", 0, R(NO_AVAILABILITY), ""), CONTRADICTS,
		"reason");
}

static size_t to_call(struct rig *r, const char *party, PB(RequestItem) **ret_first)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	q.to_call = true;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *a = rig_query(r, party, &m);
	assert_int_equal(a->body_case, BODY(REQUEST_VIEW));
	*ret_first = a->request_view->n_requests == 0 ? NULL : a->request_view->requests[0];
	return a->request_view->n_requests;
}

/* B10, C11: a crisis in which nobody is asked is on a list, and the call of its night plan with all
 * that the next shift needs; no longer once something holds, and never on that of a helper. */
static void test_crisis_without_a_place_is_on_the_list_to_call(void **state)
{
	struct rig *r = *state;
	PB(RequestItem) *it = NULL;

	(void)story_standard(r, 1);
	struct story st = story_crisis(r);
	assert_int_equal(to_call(r, "contactpoint", &it), 1);
	assert_memory_equal(it->request->request_id.data, st.request.data, OBJECT_ID_LEN);
	assert_true(!it->night_plan && it->call_at_ms == 0);
	assert_int_equal(to_call(r, "coordinator", &it), 1);
	assert_int_equal(to_call(r, "facility-c", &it), 0);
	plan_the_night(&st);
	uint64_t call_at = rig_now(r) + RIG_HOUR_MS;
	assert_int_equal(to_call(r, "contactpoint", &it), 1);
	assert_true(it->night_plan && it->call_at_ms == call_at);
	assert_int_equal(it->n_called, 1);
	rig_advance(r, RIG_HOUR_MS + RIG_HOUR_MS / 4);
	assert_int_equal(to_call(r, "contactpoint", &it), 1);
	assert_true(it->call_at_ms == call_at);
	rig_advance(r, RIG_HOUR_MS);
	assert_int_equal(to_call(r, "contactpoint", &it), 1);
	assert_true(!it->night_plan && it->call_at_ms == 0);
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(STARTED), false, 0 }));
	assert_int_equal(to_call(r, "contactpoint", &it), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_crisis_opens_its_own_short_entry),
		TEST(test_crisis_long_need_is_asked_beside_its_short_one),
		TEST(test_crisis_without_a_safe_place_asks_a_stay),
		TEST(test_crisis_again_and_again_has_its_short_entry),
		TEST(test_crisis_asked_as_such_is_its_own),
		TEST(test_crisis_called_off_ends_its_short_entries),
		TEST(test_crisis_no_availability_needs_a_night_plan),
		TEST(test_crisis_without_a_place_is_on_the_list_to_call),
		TEST(test_crisis_always_has_room_for_a_night_plan),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
