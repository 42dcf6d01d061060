/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: each rule by which a plan of the list is judged, alone: a plan that breaks only that
 * one is left out or refused, and at its edge it is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define VERDICT(NAME) SCHAKEL__V1__MATCH_PLAN_VERDICT__MATCH_PLAN_VERDICT_##NAME
#define SEATS_MOST (MATCH_PLAN_SEATS_MAX + 44)

/* A plan of seats at one pool, sound in all else but for what bend() does, and what came of it. */
struct plan {
	const char *pool;
	uint32_t need[SEATS_MOST];
	size_t len;
	void (*bend)(struct step *s, PB(PlanProposed) *m);
	PB(MatchPlanRecord) rec;
	PB(MatchPlanVerdict) verdict[3]; /* of the first */
	uint32_t price[2];               /* in force after it, of expertise 1 and 2; 0: none */
};

static uint32_t price_in_force(struct step *s, uint32_t expertise)
{
	struct key k = { 0 };

	key_u32(&k, expertise);
	key_str(&k, "westhoek");
	const PB(MatchPriceRecord) *rec = step_get(s, T_PRICE, &k, DESC(match_price_record));
	return rec == NULL ? 0 : rec->price;
}

static int step_plan(struct step *s, void *ctx)
{
	static PB(PlanSeat) seat[SEATS_MOST];
	static struct object_id id[SEATS_MOST];
	PB(PlanSeat) *seats[SEATS_MOST];
	struct plan *p = ctx;
	PB(PlanProposed) m = PB_INIT(PLAN_PROPOSED);
	struct key k = { 0 };

	for (size_t i = 0; i < p->len; i++) {
		id[i] = need_id(p->need[i]);
		seat[i] = (PB(PlanSeat))PB_INIT(PLAN_SEAT);
		seat[i].need_id = object_id_data(&id[i]);
		seat[i].pool = (char *)(uintptr_t)p->pool;
		seat[i].use = 1;
		seats[i] = &seat[i];
	}
	m.seats = seats;
	m.n_seats = p->len;
	m.sequence = s->sequence - 1;
	m.rules_version = step_config(s)->rules_version;
	m.value = 10;
	m.bound = 10;
	m.needs = 2;
	m.covered = 2;
	if (p->bend != NULL) {
		p->bend(s, &m);
	}
	int err = match_on_plan(s, &m);
	key_u8(&k, 0);
	const PB(MatchPlanRecord) *rec = step_get(s, T_PLAN, &k, DESC(match_plan_record));
	assert_non_null(rec);
	p->rec = *rec;
	for (size_t i = 0; i < rec->n_verdicts && i < SK_LEN(p->verdict); i++) {
		p->verdict[i] = rec->verdicts[i];
	}
	for (uint32_t i = 0; i < 2; i++) {
		p->price[i] = price_in_force(s, i + 1);
	}
	return err;
}

static struct plan judge(struct rig *r, struct plan p)
{
	assert_int_equal(rig_try(r, step_plan, &p), SK_OK);
	return p;
}

/* So many who fit nothing stand first; a pass over pool-a, which two could use, is at most four of
 * them further. */
static struct rig *under_way(uint32_t unfit, uint32_t staffed)
{
	struct rig *r = world_new();

	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	for (uint32_t i = 1; i <= unfit; i++) {
		assert_true(
			demand(r, &(struct demand_spec){
					  .request = i, .age = 30, .rank = i * 10, .needs = 1 }));
	}
	demand_one(r, 41, 1, 410);
	demand_one(r, 42, 1, 420);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = staffed }));
	assert_int_equal(rig_rows(r, T_PASS), 1);
	assert_true(waits(r, 41));
	return r;
}

/* L7: seats are judged in the order, however the plan names them; its verdicts stand as it does. */
static void test_judged_in_the_order_of_the_list(void **state)
{
	struct rig *r = under_way(4, 2);
	struct plan both = { .pool = "pool-a", .need = { 42, 77, 41 }, .len = 3 };

	(void)state;
	both = judge(r, both);
	assert_int_equal(both.rec.applied, 2);
	assert_int_equal(both.rec.not_waiting, 1);
	assert_int_equal(both.rec.n_verdicts, 3);
	assert_int_equal(both.verdict[0], VERDICT(SEATED));
	assert_int_equal(both.verdict[1], VERDICT(NOT_WAITING));
	assert_int_equal(both.verdict[2], VERDICT(SEATED));
	world_free(r);
}

/* A step looks at as many as it may, and gives nothing past those that it did not look at. */
static void test_judged_no_further_than_the_step_may_look(void **state)
{
	struct rig *r = under_way(9, 1);
	struct plan p = judge(r, (struct plan){ .pool = "pool-a", .need = { 41 }, .len = 1 });

	(void)state;
	assert_int_equal(p.rec.not_looked_at, 1);
	assert_int_equal(p.rec.applied, 0);
	world_free(r);
}

static void test_judged_seats_are_bounded(void **state)
{
	struct rig *r = under_way(4, 1);
	struct plan p = { .pool = "pool-a", .len = MATCH_PLAN_SEATS_MAX };

	(void)state;
	for (size_t i = 0; i < SEATS_MOST; i++) {
		p.need[i] = 77;
	}
	p = judge(r, p);
	assert_int_equal(p.rec.not_waiting, MATCH_PLAN_SEATS_MAX);
	assert_int_equal(p.rec.not_looked_at, 0);
	p.len = SEATS_MOST;
	p = judge(r, p);
	assert_int_equal(p.rec.not_waiting, MATCH_PLAN_SEATS_MAX);
	assert_int_equal(p.rec.not_looked_at, SEATS_MOST - MATCH_PLAN_SEATS_MAX);
	assert_int_equal(p.rec.n_verdicts, MATCH_PLAN_SEATS_MAX);
	world_free(r);
}

/* Who stands before and has a full team could not be seated there: it keeps nobody from it. */
static void test_judged_who_has_no_room_is_in_nobodys_way(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_TEAM_MAX, 1);
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	for (uint32_t i = 1; i <= 4; i++) {
		assert_true(
			demand(r, &(struct demand_spec){
					  .request = i, .age = 30, .rank = i * 10, .needs = 1 }));
	}
	assert_true(
		demand(r, &(struct demand_spec){ .request = 41,
						 .rank = 410,
						 .needs = 2,
						 .need = { { .number = 41, .expertise = 2 },
							   { .number = 141, .expertise = 1 } } }));
	assert_false(waits(r, 41));
	demand_one(r, 42, 1, 420);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_true(waits(r, 141) && waits(r, 42));
	struct plan p = judge(r, (struct plan){ .pool = "pool-a", .need = { 42 }, .len = 1 });
	assert_int_equal(p.rec.applied, 1);
	p = judge(r, (struct plan){ .pool = "pool-a", .need = { 141 }, .len = 1 });
	assert_int_equal(p.rec.not_fitting, 1);
	world_free(r);
}

static bool sweeps(struct rig *r)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	const PB(MatchChainRecord) *chain = record(r, T_CHAIN, &k, DESC(match_chain_record));
	return chain != NULL && chain->sweeping;
}

/* A rule has changed: whom a pass had passed by may be able now, and is asked from the beginning.
 */
static void test_judged_from_the_beginning_after_a_new_rule(void **state)
{
	struct rig *r = world_new();
	char name[16];

	(void)state;
	rig_set(r, SETTING_TEAM_MAX, 1);
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	assert_true(
		demand(r, &(struct demand_spec){ .request = 41,
						 .rank = 5,
						 .needs = 2,
						 .need = { { .number = 41, .expertise = 2 },
							   { .number = 141, .expertise = 1 } } }));
	for (uint32_t i = 1; i <= 20; i++) {
		(void)snprintf(name, sizeof(name), "other-%02u", i);
		ACCEPT(put_pool(r,
				&(struct pool_spec){ .name = name, .staffed = 1, .expertise = 3 }));
		assert_true(
			demand(r, &(struct demand_spec){
					  .request = i, .age = 30, .rank = i * 10, .needs = 1 }));
	}
	demand_one(r, 42, 1, 420);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	const struct plan p = { .pool = "pool-a", .need = { 42 }, .len = 1 };
	assert_int_equal(judge(r, p).rec.not_looked_at, 1);
	rig_set(r, SETTING_TEAM_MAX, 2);
	assert_true(sweeps(r));
	assert_true(waits(r, 141));
	assert_int_equal(judge(r, p).rec.not_in_order, 1);
	world_free(r);
}

static void crises(struct rig *r, uint32_t first, uint32_t len, uint32_t age)
{
	for (uint32_t i = first; i < first + len; i++) {
		assert_true(demand(r, &(struct demand_spec){ .request = i,
							     .rank = i,
							     .age = age,
							     .wait_class = CLASS(CRISIS),
							     .step = 1,
							     .needs = 1,
							     .need = { { .number = i } } }));
	}
}

/* C4: the last place in a crisis step is a person's to give, kept already or about to be. */
static void test_judged_last_place_is_no_plans_to_give(void **state)
{
	struct rig *r = world_new();
	const struct plan first = { .pool = "pool-a", .need = { 41 }, .len = 1 };

	(void)state;
	crises(r, 41, 2, 10);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 1);
	assert_int_equal(judge(r, first).rec.not_in_order, 1);
	world_free(r);
	r = world_new();
	rig_set(r, SETTING_SEAT_CANDIDATES, 2);
	crises(r, 1, 4, 30);
	crises(r, 41, 2, 10);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_int_equal(rig_rows(r, T_PASS), 1);
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 0);
	assert_int_equal(judge(r, first).rec.not_in_order, 1);
	world_free(r);
}

/* --- refused whole --- */

static void at_its_age(struct step *s, PB(PlanProposed) *m)
{
	s->sequence += MATCH_PLAN_AGE_MAX;
	m->sequence = s->sequence - MATCH_PLAN_AGE_MAX;
}

static void past_its_age(struct step *s, PB(PlanProposed) *m)
{
	at_its_age(s, m);
	m->sequence--;
}

static void restored(struct step *s, PB(PlanProposed) *m)
{
	(void)m;
	s->isolated = true;
}

static void bound_too_high(struct step *s, PB(PlanProposed) *m)
{
	(void)s;
	m->bound = m->value + 1;
}

static void covers_too_many(struct step *s, PB(PlanProposed) *m)
{
	(void)s;
	m->covered = m->needs + 1;
}

static void test_judged_whole_plans(void **state)
{
	struct rig *r = under_way(4, 1);
	struct plan good = { .pool = "pool-a", .need = { 41 }, .len = 1 };

	(void)state;
	assert_int_equal(judge(r, good).rec.applied, 1);
	good.bend = at_its_age;
	assert_int_equal(judge(r, good).rec.applied, 1);
	good.bend = past_its_age;
	assert_int_equal(judge(r, good).rec.refused_base, 1);
	good.bend = restored;
	assert_int_equal(judge(r, good).rec.refused_base, 1);
	good.bend = bound_too_high;
	assert_int_equal(judge(r, good).rec.refused_form, 1);
	good.bend = covers_too_many;
	good = judge(r, good);
	assert_int_equal(good.rec.refused_form, 1);
	assert_int_equal(good.rec.applied, 0);
	world_free(r);
}

/* --- prices --- */

static void of_both(struct step *s, PB(PlanProposed) *m)
{
	static PB(PlanPrice) price[2];
	static PB(PlanPrice) *prices[2];

	(void)s;
	for (uint32_t i = 0; i < 2; i++) {
		price[i] = (PB(PlanPrice))PB_INIT(PLAN_PRICE);
		price[i].expertise = i + 1;
		price[i].zone = (char *)(uintptr_t) "westhoek";
		price[i].price = 16 * (i + 1);
		prices[i] = &price[i];
	}
	m->prices = prices;
	m->n_prices = 2;
}

static void of_the_first_after_both(struct step *s, PB(PlanProposed) *m)
{
	of_both(s, m);
	assert_int_equal(match_on_plan(s, m), SK_OK);
	m->prices[0]->price = 7;
	m->n_prices = 1;
}

/* All prices are those of the last plan: what it names none for is not scarce any more. */
static void test_judged_prices_are_of_the_last_plan(void **state)
{
	struct rig *r = under_way(4, 1);
	struct plan p = judge(r, (struct plan){ .pool = "pool-a", .bend = of_both });

	(void)state;
	assert_int_equal(p.price[0], 16);
	assert_int_equal(p.price[1], 32);
	p = judge(r, (struct plan){ .pool = "pool-a", .bend = of_the_first_after_both });
	assert_int_equal(p.price[0], 7);
	assert_int_equal(p.price[1], 0);
	world_free(r);
}

/* --- what is foreseen --- */

/* Only who still waits is told of what is foreseen; who is helped meanwhile is not. */
static void test_judged_foreseen_is_of_who_waits(void **state)
{
	struct rig *r = world_new();
	struct object_id id[2] = { need_id(40), need_id(41) };
	PB(WaitRange) range = PB_INIT(WAIT_RANGE);
	PB(NeedForeseen) each[2] = { PB_INIT(NEED_FORESEEN), PB_INIT(NEED_FORESEEN) };
	PB(NeedForeseen) *list[2] = { &each[0], &each[1] };
	PB(PlanProposed) m = PB_INIT(PLAN_PROPOSED);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	demand_one(r, 40, 1, 400);
	demand_one(r, 41, 1, 410);
	assert_false(waits(r, 40));
	for (size_t i = 0; i < 2; i++) {
		each[i].need_id = object_id_data(&id[i]);
		each[i].range = &range;
	}
	m.foreseen = list;
	m.n_foreseen = 2;
	m.rules_version = rig_conf(r)->rules_version;
	rig_skip(r);
	rig_plan(r, &m);
	const PB(Message) *told = rig_next_of(r, PEER_WAITLIST, BODY(WAIT_FORESEEN));
	assert_non_null(told);
	assert_int_equal(told->wait_foreseen->n_needs, 1);
	assert_memory_equal(told->wait_foreseen->needs[0]->need_id.data, id[1].b, OBJECT_ID_LEN);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judged_in_the_order_of_the_list),
		cmocka_unit_test(test_judged_no_further_than_the_step_may_look),
		cmocka_unit_test(test_judged_seats_are_bounded),
		cmocka_unit_test(test_judged_who_has_no_room_is_in_nobodys_way),
		cmocka_unit_test(test_judged_from_the_beginning_after_a_new_rule),
		cmocka_unit_test(test_judged_last_place_is_no_plans_to_give),
		cmocka_unit_test(test_judged_whole_plans),
		cmocka_unit_test(test_judged_prices_are_of_the_last_plan),
		cmocka_unit_test(test_judged_foreseen_is_of_who_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
