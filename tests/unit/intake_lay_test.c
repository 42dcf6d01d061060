/* SPDX-License-Identifier: EUPL-1.2 */
/* Who helps through matching as a volunteer or a bridge person reads nothing that was told (D14,
 * D15, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/warm_story.h"

/* Two needs; facility-b helps with the second one, as is usual. */
static struct story helped(struct rig *r)
{
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 1, "facility-b"));
	return st;
}

static void helps(struct story *st, PB(ContributionState) state, uint32_t version,
		  PB(SupporterKind) kind)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);

	c.contribution_id = share_id(2);
	c.version = version;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = (char *)(uintptr_t) "facility-a";
	c.state = state;
	c.seen = true;
	c.at_ms = rig_now(st->r);
	c.modality = M(AMBULANT);
	c.supporter = kind;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(st->r, "matching", &m));
}

static PB(Receipt) *goal(struct story *st, const char *party)
{
	PB(SetGoal) g = PB_INIT(SET_GOAL);
	PB(Message) m = PB_INIT(MESSAGE);

	g.request_id = st->request;
	g.life_domain = SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_LEISURE;
	g.state = SCHAKEL__V1__GOAL_STATE__GOAL_STATE_OPEN;
	m.body_case = BODY(SET_GOAL);
	m.set_goal = &g;
	return rig_command(st->r, party, &m);
}

static PB(Message) *plan(struct story *st, const char *party)
{
	PB(QueryPlan) q = PB_INIT(QUERY_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	m.body_case = BODY(QUERY_PLAN);
	m.query_plan = &q;
	return rig_query(st->r, party, &m);
}

/* D15, L10: each kind that DOMAIN 3 says never receives a capsule, and one that was not told: its
 * own help, what is asked, whom to call, and no more. It holds on all the same (L2). */
static void test_lay_helper_reads_nothing_that_was_told(void **state)
{
	static const PB(SupporterKind) lay[] = { SUPPORTER(VOLUNTEER), SUPPORTER(BRIDGE_PERSON),
						 SUPPORTER(OWN_NETWORK), SUPPORTER(MEANS),
						 SUPPORTER(UNSPECIFIED) };

	for (size_t i = 0; i < SK_LEN(lay); i++) {
		struct story st = helped(*state);
		helps(&st, H(STARTED), 1, lay[i]);
		assert_non_null(strstr(holders_of(&st), "PARTNER facility-a"));
		const PB(RequestItem) *it = view(&st, "facility-a");
		assert_non_null(it);
		assert_int_equal(it->n_capsules, 0);
		assert_int_equal(it->n_children, 0);
		assert_int_equal(it->n_adults, 0);
		assert_int_equal(it->n_holders, 0);
		assert_string_equal(it->request->zone, "");
		assert_null(it->team);
		assert_int_equal(it->n_needs, 1);
		assert_int_equal(it->needs[0]->need->expertise, EXPERTISE);
		assert_int_equal(it->needs[0]->n_contributions, 1);
		assert_string_not_equal(it->contact_party, "");
		assert_int_equal(plan(&st, "facility-a")->body_case, BODY(RECEIPT));
		REFUSED(goal(&st, "facility-a"), NOT_YOURS, "request_id");
		assert_int_equal(view(&st, "facility-b")->n_capsules, 1); /* who may still does */
	}
}

/* The kinds that may: who is paid for it, and who lived through it. */
static void test_paid_and_lived_helpers_read_what_was_told(void **state)
{
	static const PB(SupporterKind) paid[] = { SUPPORTER(PROFESSIONAL),
						  SUPPORTER(LIVED_EXPERIENCE) };

	for (size_t i = 0; i < SK_LEN(paid); i++) {
		struct story st = helped(*state);
		helps(&st, H(STARTED), 1, paid[i]);
		assert_int_equal(view(&st, "facility-a")->n_capsules, 1);
		ACCEPTED(goal(&st, "facility-a"));
	}
}

/* A stop makes the volunteer hold until somebody else begins (L2): it still reads nothing; and one
 * that helps as both reads by the help that may. */
static void test_lay_helper_that_was_stopped_reads_nothing(void **state)
{
	struct story st = helped(*state);

	helps(&st, H(STARTED), 1, SUPPORTER(VOLUNTEER));
	helps(&st, H(STOPPED_BY_YOUTH), 2, SUPPORTER(VOLUNTEER));
	assert_non_null(strstr(holders_of(&st), "PARTNER facility-a"));
	const PB(RequestItem) *it = view(&st, "facility-a");
	assert_int_equal(it->n_capsules, 0);
	assert_int_equal(it->n_needs, 0);
	assert_true(say_started(&st, 3, 1, "facility-a"));
	assert_int_equal(view(&st, "facility-a")->n_capsules, 1);
	assert_true(say_help(&st, (struct help){ .number = 3,
						 .version = 6,
						 .need = 1,
						 .partner = "facility-a",
						 .state = H(ENDED) }));
	assert_true(say_started(&st, 4, 1, "facility-b"));
	assert_int_equal(view(&st, "facility-a")->n_capsules, 0);
}

/* The lists of a page, and what it may not name by another way: no request but by its own help. */
static void test_lay_helper_sees_no_more_in_a_page(void **state)
{
	struct story st = helped(*state);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	helps(&st, H(STARTED), 1, SUPPORTER(VOLUNTEER));
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	const PB(RequestView) *v = rig_query(st.r, "facility-a", &m)->request_view;
	assert_int_equal(v->n_requests, 1);
	assert_int_equal(v->requests[0]->n_holders, 0);
	assert_int_equal(v->requests[0]->n_children, 0);
	assert_string_equal(v->requests[0]->request->zone, "");
	q.request_id = st.request;
	q.speaker = SP(YOUTH); /* not as somebody else either */
	assert_null(rig_query(st.r, "facility-a", &m)->request_view->person);
}

static PB(Receipt) *family_of(struct story *a, struct story *b, const char *party, bool apart)
{
	PB(JoinFamilies) j = PB_INIT(JOIN_FAMILIES);
	PB(SplitFamilies) p = PB_INIT(SPLIT_FAMILIES);
	PB(Message) m = PB_INIT(MESSAGE);

	j.request_id = p.request_id = a->request;
	j.with_request_id = b->request;
	m.body_case = apart ? BODY(SPLIT_FAMILIES) : BODY(JOIN_FAMILIES);
	if (apart) {
		m.split_families = &p;
	} else {
		m.join_families = &j;
	}
	return rig_command(a->r, party, &m);
}

/* L10, D15: a volunteer that helps in two families says nothing of whose family they are: who is
 * contact person of one would read the other. */
static void test_lay_helper_joins_and_splits_no_family(void **state)
{
	struct story a = helped(*state);
	struct story b = helped(*state);

	helps(&a, H(STARTED), 1, SUPPORTER(VOLUNTEER));
	REFUSED(family_of(&a, &b, "facility-a", false), NOT_YOURS, "request_id");
	ACCEPTED(family_of(&a, &b, "contactpoint", false));
	REFUSED(family_of(&a, &b, "facility-a", true), NOT_YOURS, "request_id");
	ACCEPTED(family_of(&a, &b, "contactpoint", true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
		T(test_lay_helper_reads_nothing_that_was_told),
		T(test_lay_helper_joins_and_splits_no_family),
		T(test_paid_and_lived_helpers_read_what_was_told),
		T(test_lay_helper_that_was_stopped_reads_nothing),
		T(test_lay_helper_sees_no_more_in_a_page),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
