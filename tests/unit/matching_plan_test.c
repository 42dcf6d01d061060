/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: nothing of a plan is believed. Each seat is judged against what holds now (L4, L7), and
 * a plan that is old, of other rules or malformed is refused whole. The plan is stepped by hand
 * while a pass is under way: only then is an amount free that somebody could use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

/* A plan of one seat and up to two prices, and what the core noted of it. */
struct proposal {
	uint32_t need;
	const char *pool;
	uint32_t prices[2]; /* of expertise 1 and 2; 0: none */
	bool unsorted;
	uint64_t behind; /* inputs that it is too old by; UINT64_MAX: it is of the future */
	uint32_t other_rules;
	PB(MatchPlanRecord) rec;
	size_t price_rows;
};

static int try_plan(struct step *s, void *ctx)
{
	struct proposal *p = ctx;
	struct object_id id = need_id(p->need);
	PB(PlanSeat) seat = PB_INIT(PLAN_SEAT);
	PB(PlanSeat) *seats[] = { &seat };
	PB(PlanPrice) price[2] = { PB_INIT(PLAN_PRICE), PB_INIT(PLAN_PRICE) };
	PB(PlanPrice) *prices[2];
	PB(PlanProposed) m = PB_INIT(PLAN_PROPOSED);
	struct store_iter it;
	struct key k = { 0 };
	struct slice val;

	seat.need_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, id.b };
	seat.pool = (char *)(uintptr_t)p->pool;
	seat.use = 1;
	m.seats = seats;
	m.n_seats = p->need == 0 ? 0 : 1;
	for (uint32_t i = 0; i < 2; i++) {
		price[i].expertise = i + 1;
		price[i].price = p->prices[i];
		prices[m.n_prices] = &price[p->unsorted ? 1 - i : i];
		m.n_prices += p->prices[i] != 0 ? 1 : 0;
	}
	m.prices = prices;
	m.sequence = p->behind == UINT64_MAX ? s->sequence : s->sequence - 1 - p->behind;
	m.rules_version = step_config(s)->rules_version + p->other_rules;
	m.value = 10;
	m.bound = 5;
	m.needs = 1;
	int err = match_on_plan(s, &m);
	key_u8(&k, 0);
	const PB(MatchPlanRecord) *rec =
		step_get(s, T_PLAN, &k, &schakel__v1__match_plan_record__descriptor);
	assert_non_null(rec);
	p->rec = *rec;
	store_iter_init(&it, s->txn, T_PRICE, NULL);
	for (p->price_rows = 0; store_next(&it, &k, &val);) {
		p->price_rows++;
	}
	store_iter_done(&it);
	return err;
}

/* Four who fit nothing stand first and use up the step and a Tick; 41 and 42 could have the one
 * place. */
static struct rig *under_way(void)
{
	struct rig *r = world_new();

	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	for (uint32_t i = 1; i <= 4; i++) {
		struct demand_spec d = { .request = i, .age = 30, .rank = i * 10, .needs = 1 };
		assert_true(demand(r, &d));
	}
	demand_one(r, 41, 1, 410);
	demand_one(r, 42, 1, 420);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_int_equal(rig_rows(r, T_PASS), 1);
	assert_true(waits(r, 41));
	return r;
}

static struct proposal propose(struct rig *r, struct proposal p)
{
	assert_int_equal(rig_try(r, try_plan, &p), SK_OK);
	assert_int_equal(p.rec.proposed, 1);
	return p;
}

/* L7: a place that one in front could have is not given past it, whatever the plan says. */
static void test_plan_seat_past_the_front_is_left(void **state)
{
	struct rig *r = under_way();
	struct proposal p = propose(r, (struct proposal){ .need = 42, .pool = "pool-a" });

	(void)state;
	assert_int_equal(p.rec.not_in_order, 1);
	assert_int_equal(p.rec.applied, 0);
	world_free(r);
}

static void test_plan_seat_of_the_first_is_given(void **state)
{
	struct rig *r = under_way();
	struct proposal p = propose(r, (struct proposal){ .need = 41, .pool = "pool-a" });

	(void)state;
	assert_int_equal(p.rec.applied, 1);
	assert_int_equal(p.rec.not_in_order, 0);
	world_free(r);
}

/* L4, and the hard rules: who does not fit, what is not free, who does not wait. */
static void test_plan_seat_that_does_not_hold_now_is_left(void **state)
{
	struct rig *r = under_way();

	(void)state;
	assert_int_equal(
		propose(r, (struct proposal){ .need = 1, .pool = "pool-a" }).rec.not_fitting, 1);
	assert_int_equal(
		propose(r, (struct proposal){ .need = 41, .pool = "no-pool" }).rec.not_fitting, 1);
	assert_int_equal(
		propose(r, (struct proposal){ .need = 77, .pool = "pool-a" }).rec.not_waiting, 1);
	rig_advance(r, 0); /* the pass goes on: 41 has the place */
	assert_false(waits(r, 41));
	assert_int_equal(
		propose(r, (struct proposal){ .need = 41, .pool = "pool-a" }).rec.not_waiting, 1);
	assert_int_equal(propose(r, (struct proposal){ .need = 42, .pool = "pool-a" }).rec.not_free,
			 1);
	world_free(r);
}

static void test_plan_of_another_time_or_rules_is_refused_whole(void **state)
{
	struct rig *r = under_way();
	struct proposal good = { .need = 41, .pool = "pool-a", .prices = { 16, 32 } };
	struct proposal p = good;

	(void)state;
	p.behind = UINT64_MAX;
	p = propose(r, p);
	assert_int_equal(p.rec.refused_base, 1);
	assert_int_equal(p.rec.applied + p.price_rows, 0);
	p = good;
	p.other_rules = 1;
	p = propose(r, p);
	assert_int_equal(p.rec.refused_rules, 1);
	assert_int_equal(p.rec.applied + p.price_rows, 0);
	p = good;
	p.unsorted = true;
	p = propose(r, p);
	assert_int_equal(p.rec.refused_form, 1);
	assert_int_equal(p.rec.applied + p.price_rows, 0);
	p = good;
	p.prices[1] = MATCH_PRICE_MAX;
	assert_int_equal(propose(r, p).price_rows, 2);
	p.prices[1] = MATCH_PRICE_MAX + 1;
	assert_int_equal(propose(r, p).rec.refused_form, 1);
	rig_set(r, SETTING_TEAM_WHOLE, 1); /* a plan seats need by need */
	p = propose(r, good);
	assert_int_equal(p.rec.refused_rules, 1);
	assert_int_equal(p.rec.applied, 0);
	world_free(r);
}

/* --- what people are told of it --- */

/* A record of plans, and who asks what when. */
struct told {
	PB(MatchPlanRecord) rec;
	uint32_t roles;
	uint64_t age_ms;
	PB(ListPlanView) view;
	uint32_t list_gap;
};

static int ask_explain(struct step *s, struct told *t)
{
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);
	struct object_id id = req_id(41);

	q.request_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, id.b };
	in.query_explain = &q;
	s->from.roles = ROLE_BIT(COORDINATOR);
	int err = match_query_explain(s, &in, &out);
	t->list_gap = err == SK_OK ? out.explain_view->list_gap : UINT32_MAX;
	return err;
}

static int try_tell(struct step *s, void *ctx)
{
	struct told *t = ctx;
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);
	struct key k = { 0 };

	t->rec.last_ms = s->now_ms - t->age_ms;
	key_u8(&k, 0);
	if (t->rec.proposed > 0) {
		step_put(s, T_PLAN, &k, &t->rec);
	}
	(void)snprintf(s->from.id, sizeof(s->from.id), "coordinator");
	s->from.roles = t->roles;
	int err = match_query_list_plan(s, &in, &out);
	if (err == SK_OK) {
		t->view = *out.list_plan_view;
		err = ask_explain(s, t);
	}
	return err;
}

static struct told told(struct rig *r, uint32_t roles, uint64_t age_ms)
{
	struct told t = { .rec = PB_INIT(MATCH_PLAN_RECORD), .roles = roles, .age_ms = age_ms };

	t.rec.proposed = 3;
	t.rec.refused_base = 1;
	t.rec.applied = 2;
	t.rec.not_in_order = 4;
	t.rec.value = 10001;
	t.rec.bound = 9990;
	t.rec.law_cost = 25;
	t.rec.needs = 6;
	t.rec.covered = 2;
	assert_int_equal(rig_try(r, try_tell, &t), SK_OK);
	return t;
}

/* Shares are rounded up: a plan is never said to be better than was proven. Numbers of people as
 * they are now are for who runs the list or the node: others could subtract two answers. */
static void test_plan_of_the_list_is_told_by_role(void **state)
{
	static const uint32_t roles[] = { ROLE_BIT(COORDINATOR), ROLE_BIT(OPERATOR),
					  ROLE_BIT(DASHBOARD), ROLE_BIT(GOVERNMENT) };
	struct rig *r = under_way();

	(void)state;
	for (size_t i = 0; i < SK_LEN(roles); i++) {
		struct told t = told(r, roles[i], 0);
		const PB(ListPlanView) *v = &t.view;
		assert_int_equal(v->gap, 2); /* 11 of 10001 is more than 1 per mille */
		assert_int_equal(v->law, 3); /* 25 of 10001 */
		assert_int_equal(v->interval_s, 300);
		assert_true(v->current);
		assert_int_equal(v->exact, i < 2);
		assert_int_equal(v->needs, i < 2 ? 6 : 0);
		assert_int_equal(v->covered, i < 2 ? 2 : 0);
		assert_int_equal(v->value, i < 2 ? 10001 : 0);
		assert_int_equal(v->proposed, 3);
		assert_int_equal(v->refused_base, 1);
		assert_int_equal(v->applied, 2);
		assert_int_equal(v->not_in_order, 4);
	}
	world_free(r);
}

/* A gap of long ago says nothing of the list now; a plan that is proven says so, which is not the
 * same as knowing nothing. */
static void test_explain_speaks_of_a_plan_that_is_not_old(void **state)
{
	struct rig *r = under_way();
	struct told none = { .rec = PB_INIT(MATCH_PLAN_RECORD), .roles = ROLE_BIT(OPERATOR) };

	(void)state;
	assert_int_equal(told(r, ROLE_BIT(OPERATOR), 600000).list_gap, 2);
	assert_true(told(r, ROLE_BIT(OPERATOR), 600000).view.current);
	assert_int_equal(told(r, ROLE_BIT(OPERATOR), 600001).list_gap, 0);
	assert_false(told(r, ROLE_BIT(OPERATOR), 600001).view.current);
	none.rec.value = 7; /* no record */
	assert_int_equal(rig_try(r, try_tell, &none), SK_OK);
	assert_int_equal(none.list_gap, 0);
	assert_int_equal(none.view.at_ms, 0);
	none.rec.proposed = 1;
	none.rec.bound = 7; /* proven */
	assert_int_equal(rig_try(r, try_tell, &none), SK_OK);
	assert_int_equal(none.list_gap, 1);
	assert_int_equal(none.view.gap, 0);
	rig_set(r, SETTING_PLAN_INTERVAL, 0);
	assert_int_equal(told(r, ROLE_BIT(OPERATOR), 0).list_gap, 0);
	world_free(r);
}

/* Who helps one child is not told how the list of all stands. */
static void test_plan_of_the_list_is_not_for_everybody(void **state)
{
	static const char *const others[] = { "facility-a", "clb", "family", "contactpoint" };
	struct rig *r = under_way();
	PB(QueryListPlan) q = PB_INIT(QUERY_LIST_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	m.body_case = BODY(QUERY_LIST_PLAN);
	m.query_list_plan = &q;
	assert_int_equal(rig_query(r, "dashboard", &m)->body_case, BODY(LIST_PLAN_VIEW));
	for (size_t i = 0; i < SK_LEN(others); i++) {
		const PB(Message) *out = rig_query(r, others[i], &m);
		assert_int_equal(out->body_case, BODY(RECEIPT));
		assert_int_equal(out->receipt->code, REFUSE(UNAUTHORISED));
	}
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_seat_past_the_front_is_left),
		cmocka_unit_test(test_plan_seat_of_the_first_is_given),
		cmocka_unit_test(test_plan_seat_that_does_not_hold_now_is_left),
		cmocka_unit_test(test_plan_of_another_time_or_rules_is_refused_whole),
		cmocka_unit_test(test_plan_of_the_list_is_told_by_role),
		cmocka_unit_test(test_explain_speaks_of_a_plan_that_is_not_old),
		cmocka_unit_test(test_plan_of_the_list_is_not_for_everybody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
