/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the record of a decision (MATCHING 4.5) as it is told: how many uses were looked at,
 * which rule kept each of them out, how near the team is to the best. matching_laws_find.c counts
 * the same by a scan of the tables, in worlds that are drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define LINE(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

static const PB(TeamProposed) *told(struct rig *r)
{
	const PB(TeamProposed) *last = NULL;
	const PB(Message) *m;

	while ((m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED))) != NULL) {
		last = m->team_proposed;
	}
	assert_non_null(last);
	return last;
}

static const PB(ExplainView) *explain(struct rig *r, const char *party, uint32_t request)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	struct object_id id = req_id(request);

	q.request_id = object_id_data(&id);
	q.partner = str("");
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	const PB(Message) *out = rig_query(r, party, &m);
	assert_int_equal(out->body_case, BODY(EXPLAIN_VIEW));
	return out->explain_view;
}

static const PB(NeedWeighed) *of_need(const PB(TeamProposed) *t, uint32_t need)
{
	struct object_id id = need_id(need);

	for (size_t i = 0; i < t->n_weighed; i++) {
		if (memcmp(t->weighed[i]->need_id.data, id.b, OBJECT_ID_LEN) == 0) {
			return t->weighed[i];
		}
	}
	fail_msg("need %u was not weighed", need);
	return NULL;
}

/** One use by each rule of the list, in that order, and @p fit that fit. */
static void assert_counts(const PB(NeedWeighed) *a, uint32_t fit, const PB(ExplainKind) *by,
			  size_t len)
{
	assert_int_equal(a->fit, fit);
	assert_int_equal(a->n_out, len);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(a->out[i]->filter, by[i]);
		assert_int_equal(a->out[i]->uses, 1);
	}
	assert_int_equal(a->uses, fit + len);
}

/** Of one expertise a pool for each rule that keeps a need of class ACTIVE out. */
static void put_all(struct rig *r)
{
	static const struct pool_spec pool[] = {
		{ .name = "elsewhere", .staffed = 1, .zone = "rits" },
		{ .name = "older", .staffed = 1, .age_from = 12 },
		{ .name = "court", .staffed = 1, .access = SCHAKEL__V1__ACCESS__ACCESS_COURT },
		{ .name = "network", .staffed = 1, .network = "stad" },
		{ .name = "declined", .staffed = 1, .partner = "facility-b2" },
		{ .name = "paused", .staffed = 1 },
		{ .name = "insured", .staffed = 1, .insured = true },
		{ .name = "week", .staffed = 1, .week = 1 },
		{ .name = "staff", .staffed = 1 },
		{ .name = "full", .staffed = 0 },
		{ .name = "other", .staffed = 1, .expertise = 2 },
	};

	ACCEPT(put_network(r, &(struct network_spec){ .name = "stad" }));
	for (size_t i = 0; i < SK_LEN(pool); i++) {
		ACCEPT(put_pool(r, &pool[i]));
	}
	ACCEPT(pause_pool(r, "facility-a", "paused", true, 0));
	ACCEPT(put_worker(r, "facility-a", "staff",
			  &(struct worker_spec){ .number = 1, .load = 1 }));
}

static const PB(ExplainKind) all[] = {
	LINE(FILTERED_ZONE),    LINE(FILTERED_AGE),      LINE(FILTERED_COURT),
	LINE(FILTERED_NETWORK), LINE(FILTERED_DECLINED), LINE(FILTERED_PAUSED),
	LINE(FILTERED_INSURED), LINE(FILTERED_LIMIT),    LINE(FILTERED_STAFF),
	LINE(FILTERED_AMOUNT),
};

static void demand_choosy(struct rig *r, uint32_t request)
{
	struct demand_spec d = {
		.request = request, .rank = 100, .excluded = "facility-b2", .needs = 1
	};

	d.need[0].number = request;
	assert_true(demand(r, &d));
}

/** Of what waits and of what is seated; the explanation counts the same, by its own walk. */
static void test_each_rule_is_counted_by_its_name(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_all(r);
	demand_choosy(r, 1);
	const PB(TeamProposed) *t = told(r);
	assert_int_equal(t->n_open, 1);
	assert_int_equal(t->n_weighed, 1);
	assert_counts(of_need(t, 1), 0, all, SK_LEN(all));
	const PB(ExplainView) *v = explain(r, "coordinator", 1);
	size_t at = 0;
	for (size_t i = 0; i < v->n_lines; i++) {
		const PB(ExplainLine) *l = v->lines[i];
		assert_true(l->kind != LINE(OFFERS) || l->number == SK_LEN(all));
		if (at < SK_LEN(all) && l->kind == all[at]) {
			assert_int_equal(l->number, 1);
			at++;
		}
	}
	assert_int_equal(at, SK_LEN(all));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "fits", .staffed = 2 }));
	demand_choosy(r, 2);
	t = told(r);
	assert_string_equal(t->seats[0]->pool, "fits");
	assert_counts(of_need(t, 2), 1, all, SK_LEN(all));
	assert_true(t->exact);
	assert_int_equal(t->gap, 0);
	assert_int_equal(t->bound, t->cost);
	world_free(r);
}

/** What came free was one pool's: of the others nothing was asked, and nothing is said. */
static void test_what_came_free_is_weighed_alone(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_all(r);
	demand_choosy(r, 1);
	rig_skip(r);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "full", .staffed = 1, .same_uses = true }));
	const PB(TeamProposed) *t = told(r);
	assert_string_equal(t->seats[0]->pool, "full");
	const PB(NeedWeighed) *a = of_need(t, 1);
	assert_counts(a, 1, NULL, 0);
	assert_true(a->one_pool);
	world_free(r);
}

/** A crisis has insured capacity; its own short entry has that and crisis capacity alone. */
static void test_a_crisis_is_weighed_by_its_own_rules(void **state)
{
	static const PB(ExplainKind) own[] = { LINE(FILTERED_OWN_CRISIS) };
	struct rig *r = world_new();
	struct demand_spec d = {
		.request = 1, .rank = 100, .wait_class = CLASS(CRISIS), .step = 1, .needs = 1
	};

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "any", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "sure", .staffed = 1, .insured = true }));
	d.need[0] = (struct need_spec){ .number = 1, .own_crisis = true };
	assert_true(demand(r, &d));
	assert_counts(of_need(told(r), 1), 1, own, SK_LEN(own));
	d.request = 2;
	d.need[0] = (struct need_spec){ .number = 2 };
	assert_true(demand(r, &d));
	static const PB(ExplainKind) full[] = { LINE(FILTERED_AMOUNT) };
	assert_counts(of_need(told(r), 2), 1, full, SK_LEN(full));
	world_free(r);
}

static PB(Shortfall) lacks(const PB(ExplainView) *v)
{
	for (size_t i = 0; i < v->n_lines; i++) {
		if (v->lines[i]->kind == LINE(STILL_LACKS)) {
			return v->lines[i]->shortfall;
		}
	}
	return SHORTFALL(UNSPECIFIED);
}

/** The pool is confirmed, and full: "only an offer that is not confirmed" holds no more, though
 *  nothing was composed since. What the child declined is no offer that is confirmed. */
static void test_what_lacks_is_said_as_it_is_now(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	rig_advance(r, 21 * RIG_DAY_MS);
	assert_true(pool_rec(r, "a")->unconfirmed);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b", .partner = "facility-b2" }));
	demand_choosy(r, 1);
	assert_int_equal(told(r)->open[0]->shortfall, SHORTFALL(UNCONFIRMED_ONLY));
	assert_int_equal(lacks(explain(r, "clb", 1)), SHORTFALL(UNCONFIRMED_ONLY));
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "a", .staffed = 1, .used = 1, .same_uses = true }));
	assert_int_equal(lacks(explain(r, "clb", 1)), SHORTFALL(NO_CAPACITY));
	world_free(r);
}

/** Who waits at the family's own wish, or is missing, is told so, and not what lacks. */
static void test_who_is_set_aside_is_told_why(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 1, .children = 1 };

	(void)state;
	d.need[0].number = 1;
	d.wish_until_ms = RIG_DAY_MS * 90000;
	assert_true(demand(r, &d));
	const PB(ExplainView) *v = explain(r, "clb", 1);
	assert_int_equal(v->lines[v->n_lines - 1]->kind, LINE(FAMILY_WISH));
	assert_int_equal(v->lines[v->n_lines - 1]->at_ms, d.wish_until_ms);
	d.version = 2;
	d.child[0].missing = true;
	assert_true(demand(r, &d));
	v = explain(r, "clb", 1);
	assert_int_equal(v->lines[v->n_lines - 1]->kind, LINE(MISSING));
	assert_int_equal(lacks(v), SHORTFALL(UNSPECIFIED));
	world_free(r);
}

/** C1: nor is it said what was weighed for help that a child keeps to itself. */
static void test_what_is_shielded_is_weighed_out_of_sight(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	d.need[0] = (struct need_spec){ .number = 1, .shielded = true };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	assert_true(demand(r, &d));
	assert_int_equal(told(r)->n_weighed, 2);
	const PB(TeamProposed) *t = explain(r, "clb", 1)->team;
	assert_int_equal(t->n_weighed, 1);
	assert_int_equal(of_need(t, 2)->uses, 0);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_is_counted_by_its_name),
		cmocka_unit_test(test_what_came_free_is_weighed_alone),
		cmocka_unit_test(test_a_crisis_is_weighed_by_its_own_rules),
		cmocka_unit_test(test_what_lacks_is_said_as_it_is_now),
		cmocka_unit_test(test_who_is_set_aside_is_told_why),
		cmocka_unit_test(test_what_is_shielded_is_weighed_out_of_sight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
