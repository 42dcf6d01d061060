/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part two: requests and who holds them (L1, L2, L3, L9, I22). Each
 * test begins with one lawful request and breaks one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_story.h"

/* --- L1 --- */

static void test_laws_request_as_pushed_is_lawful(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	assert_lawful(s->c);
	story_command(s);
	assert_lawful(s->c);
	case_look(s->c);
	assert_lawful(s->c);
	story_free(s);
}

static void test_laws_request_not_made_is_found(void **state)
{
	struct story *s = story_new();
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	m.body_case = BODY(SUBMIT_REQUEST);
	m.submit_request = &s->submit;
	case_begin(s->c);
	case_apply(s->c, "clb", &m);
	assert_law(s->c, "L1");
	story_free(s);
}

static void test_laws_request_from_nowhere_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.armed_ms = 0;
	story_command(s);
	assert_law(s->c, "L1");
	story_free(s);
}

static void test_laws_request_stored_otherwise_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->fact.intensity = 3;
	story_submit(s);
	assert_law(s->c, "L1");
	story_free(s);
}

static void test_laws_request_deleted_is_found(void **state)
{
	struct story *s = story_new();
	struct key k = key_of_id(&s->request);

	(void)state;
	story_submit(s);
	case_begin(s->c);
	case_del(s->c, I_REQUEST, &k);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L1");
	story_free(s);
}

/* --- L2 --- */

static void test_laws_request_without_holder_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->r.n_holders = 0;
	story_command(s);
	assert_string_not_equal(case_law(s->c), "");
	case_free(s->c);
	s = story_new();
	story_release(s, 1); /* the network of the zone */
	story_submit(s);
	assert_law(s->c, "L2");
	story_free(s);
}

static void test_laws_requester_released_before_help_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	story_release(s, 0);
	story_command(s);
	assert_law(s->c, "L2");
	story_free(s);
}

static void test_laws_partner_released_before_its_successor_is_found(void **state)
{
	struct story *s = story_new();
	struct key k = key_of_id(&s->request);
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	key_id(&k, &s->help);
	story_submit(s);
	story_help_starts(s);
	/* The young person stops: the partner holds on until somebody else has started. */
	s->changed.state = CONTRIB(STOPPED_BY_YOUTH);
	s->changed.version++;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &s->changed;
	story_release(s, s->r.n_holders - 1);
	case_begin(s->c);
	story_put_request(s);
	case_del(s->c, I_CONTRIBUTION, &k);
	case_put(s->c, I_CONTRIBUTION_PAST, &k, &s->share);
	case_apply(s->c, "matching", &m);
	assert_law(s->c, "L2");
	story_free(s);
}

/* B9: who helps is not said to be known; a child is said to know who keeps helping it in secret. */
static void test_laws_helper_that_is_not_known_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->unknown = true;
	s->r.answered_ms = case_now(s->c);
	story_release(s, 0);
	story_hold(s, s->changed.partner, HOLDER_IS(PARTNER));
	s->fact.state = NEED_IS(ANSWERED);
	story_help(s);
	assert_law(s->c, "B9");
	story_free(s);
}

static void test_laws_known_shielded_helper_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	story_help_starts(s);
	s->share.shielded = true;
	s->changed.shielded = true;
	s->changed.version++;
	story_help(s);
	assert_law(s->c, "B9");
	story_free(s);
}

static void test_laws_active_partner_that_does_not_hold_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->r.answered_ms = case_now(s->c);
	story_help(s);
	assert_law(s->c, "L2");
	story_free(s);
}

static void test_laws_open_by_needs_and_closed_by_record_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->r.open = false;
	story_command(s);
	assert_law(s->c, "L2");
	story_free(s);
}

static void test_laws_crisis_that_nobody_looks_at_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->submit.urgency = URGENCY_IS(CRISIS);
	s->r.urgency = URGENCY_IS(CRISIS);
	s->r.answer_due_ms = case_now(s->c) + LAWS_DAY_MS;
	s->r.armed_ms = case_now(s->c) + 1800000;
	s->due_ms = s->r.armed_ms;
	story_submit(s);
	assert_lawful(s->c);
	case_begin(s->c);
	case_undue(s->c, s->due_ms, I_DUE_CLOCK, &s->request);
	s->r.armed_ms = s->r.answer_due_ms;
	story_put_request(s);
	case_due(s->c, s->r.armed_ms, I_DUE_CLOCK, &s->request);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L2");
	story_free(s);
}

/* --- L3 --- */

static void test_laws_request_without_contact_person_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.stand_in_party = (char *)(uintptr_t) "";
	story_submit(s);
	assert_law(s->c, "L3");
	case_free(s->c);
	s = story_new();
	s->r.stand_in_party = s->r.contact_party;
	story_submit(s);
	assert_law(s->c, "L3");
	case_free(s->c);
	s = story_new();
	story_hold(s, (char *)(uintptr_t) "facility-b", HOLDER_IS(CONTACT_PERSON));
	story_submit(s);
	assert_law(s->c, "L3");
	story_free(s);
}

static void test_laws_older_contribution_applied_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	story_help_starts(s);
	s->changed.version--;
	story_help(s);
	assert_law(s->c, "DESIGN 5");
	story_free(s);
}

static void test_laws_open_need_without_entry_is_found_at_the_end(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	case_finish(s->c);
	assert_law(s->c, "I17");
	story_free(s);
}

/* --- L9, I22 --- */

static void test_laws_two_plans_are_found(void **state)
{
	struct story *s = story_new();
	PB(PlanRecord) p = PB_INIT(PLAN_RECORD);
	struct object_id id = case_id(9);
	struct key k = key_of_id(&id);

	(void)state;
	p.plan_id = object_id_data(&id);
	p.request_id = s->r.request_id;
	story_submit(s);
	case_begin(s->c);
	story_put_request(s);
	case_put(s->c, I_PLAN, &k, &p);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L9");
	story_free(s);
}

static void test_laws_need_that_its_id_does_not_find_is_found(void **state)
{
	struct story *s = story_new();
	struct key k = key_of_id(&s->need);

	(void)state;
	story_submit(s);
	case_begin(s->c);
	case_del(s->c, I_NEED_REF, &k);
	case_apply(s->c, "", NULL);
	assert_lawful(s->c);
	case_look(s->c);
	assert_law(s->c, "I22");
	story_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_request_as_pushed_is_lawful),
		cmocka_unit_test(test_laws_request_not_made_is_found),
		cmocka_unit_test(test_laws_request_from_nowhere_is_found),
		cmocka_unit_test(test_laws_request_stored_otherwise_is_found),
		cmocka_unit_test(test_laws_request_deleted_is_found),
		cmocka_unit_test(test_laws_request_without_holder_is_found),
		cmocka_unit_test(test_laws_requester_released_before_help_is_found),
		cmocka_unit_test(test_laws_partner_released_before_its_successor_is_found),
		cmocka_unit_test(test_laws_helper_that_is_not_known_is_found),
		cmocka_unit_test(test_laws_known_shielded_helper_is_found),
		cmocka_unit_test(test_laws_active_partner_that_does_not_hold_is_found),
		cmocka_unit_test(test_laws_open_by_needs_and_closed_by_record_is_found),
		cmocka_unit_test(test_laws_crisis_that_nobody_looks_at_is_found),
		cmocka_unit_test(test_laws_request_without_contact_person_is_found),
		cmocka_unit_test(test_laws_older_contribution_applied_is_found),
		cmocka_unit_test(test_laws_open_need_without_entry_is_found_at_the_end),
		cmocka_unit_test(test_laws_two_plans_are_found),
		cmocka_unit_test(test_laws_need_that_its_id_does_not_find_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
