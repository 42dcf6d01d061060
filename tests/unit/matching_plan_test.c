/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: nothing of a plan is believed. Each seat is judged against what holds now (L4, L7), and
 * a plan that is old, of other rules or malformed is refused whole. The plan is stepped by hand
 * while a pass is under way: only then is an amount free that somebody could use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
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
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_seat_past_the_front_is_left),
		cmocka_unit_test(test_plan_seat_of_the_first_is_given),
		cmocka_unit_test(test_plan_seat_that_does_not_hold_now_is_left),
		cmocka_unit_test(test_plan_of_another_time_or_rules_is_refused_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
