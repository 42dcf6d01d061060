/* SPDX-License-Identifier: EUPL-1.2 */
/* The family's channel without a person: no partner's answer in any view (C4, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_story.h"

/* Help that a partner interrupted, with all that it said. */
static bool say_interrupted(struct story *st)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(70);

	c.contribution_id = object_id_data(&id);
	c.version = 7;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = "facility-a";
	c.pool = "pool";
	c.state = H(INTERRUPTED);
	c.answer = SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN_IF;
	c.can_if = SCHAKEL__V1__CAN_IF__CAN_IF_EXTRA_HANDS;
	c.interrupt = SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_NOT_FITTING;
	c.miss = 2;
	c.modality = M(AMBULANT);
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

static PB(PlanView) *plan(struct story *st, const char *party)
{
	PB(QueryPlan) q = PB_INIT(QUERY_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	m.body_case = BODY(QUERY_PLAN);
	m.query_plan = &q;
	return rig_query(st->r, party, &m)->plan_view;
}

static void assert_plain(const PB(ContributionChanged) *c)
{
	assert_string_equal(c->partner, "facility-a");
	assert_int_equal(c->state, H(INTERRUPTED));
	assert_int_equal(c->answer, 0);
	assert_int_equal(c->can_if, 0);
	assert_int_equal(c->interrupt, 0);
	assert_int_equal(c->miss, 0);
}

static void test_plain_no_answer_in_request_and_plan(void **state)
{
	struct story st = story_standard(*state, 1);

	assert_true(say_started(&st, 70, 0, "facility-a"));
	assert_true(say_interrupted(&st));
	assert_plain(view(&st, "family")->needs[0]->contributions[0]);
	assert_plain(plan(&st, "family")->contributions[0]);
	assert_int_equal(view(&st, "coordinator")->needs[0]->contributions[0]->miss, 2);
	assert_int_equal(plan(&st, "duty-westhoek")->contributions[0]->miss, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain_no_answer_in_request_and_plan,
						intake_setup, intake_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
