/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of plans: each fault is seen, and nothing sound is called one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/plan.h"

/* Two children. The first asks two things, the second one; pool 0 (partner 0) can help one of
 * need 0 and need 2, pool 1 (partner 1) need 1 for two of its units. */
static struct plan_option options[] = {
	{ .pool = 0, .amount = 2, .cost = 10 },
	{ .pool = 1, .amount = 2, .cost = 5 },
	{ .pool = 0, .amount = 2, .cost = 1 },
};
static struct plan_need needs[] = {
	{ .first = 0, .len = 1, .penalty = 1000 },
	{ .first = 1, .len = 1, .penalty = 500 },
	{ .first = 2, .len = 1, .penalty = 900 },
};
static struct plan_group groups[] = {
	{ .first = 0, .len = 2, .team_max = 2 },
	{ .first = 2, .len = 1, .team_max = 1 },
};
static struct plan_pool pools[] = {
	{ .id = { 1 }, .partner = 0, .free = 3 },
	{ .id = { 2 }, .partner = 1, .free = 2 },
};
static const uint32_t partner_cost[] = { 400, 600 };

static struct plan_problem problem(void)
{
	return (struct plan_problem){ .groups = groups,
				      .groups_len = 2,
				      .needs = needs,
				      .needs_len = 3,
				      .options = options,
				      .options_len = 3,
				      .pools = pools,
				      .pools_len = 2,
				      .partner_cost = partner_cost,
				      .partners_len = 2 };
}

struct seen {
	uint32_t seat[3];
	struct plan_result r;
};

/* The lawful plan: 10 + 5 + 400 + 600, and the penalty of need 2. */
static struct seen lawful(void)
{
	return (struct seen){ .seat = { 0, 1, PLAN_NONE },
			      .r = { .needs_len = 3,
				     .pools_len = 2,
				     .cost = 1015,
				     .value = 1915,
				     .bound = 1900,
				     .covered = 2 } };
}

static enum plan_fault_kind judge(const struct plan_problem *p, struct seen *s, bool law)
{
	struct plan_fault fault = { 0 };

	s->r.seat = s->seat;
	bool sound = plan_check(p, &s->r, law, &fault);
	assert_true(sound == (fault.kind == PLAN_SOUND));
	return fault.kind;
}

static void test_plan_check_lawful_plan_is_sound(void **state)
{
	struct plan_problem p = problem();
	struct seen s = lawful();

	(void)state;
	assert_int_equal(judge(&p, &s, true), PLAN_SOUND);
}

/* L7: whoever stands behind may not have what one in front could use. */
static void test_plan_check_given_past_the_front_is_a_fault_of_order(void **state)
{
	struct plan_problem p = problem();
	struct seen s = { .seat = { PLAN_NONE, 1, 2 },
			  .r = { .needs_len = 3, .cost = 1006, .value = 2006, .covered = 2 } };

	(void)state;
	assert_int_equal(judge(&p, &s, true), PLAN_FAULT_ORDER);
	assert_int_equal(judge(&p, &s, false), PLAN_SOUND);
}

/* L8: what is free is not kept from who could use it. */
static void test_plan_check_left_free_is_a_fault_of_order(void **state)
{
	struct plan_problem p = problem();
	struct seen s = { .seat = { 0, PLAN_NONE, PLAN_NONE },
			  .r = { .needs_len = 3, .cost = 410, .value = 1810, .covered = 1 } };

	(void)state;
	assert_int_equal(judge(&p, &s, true), PLAN_FAULT_ORDER);
}

/* A team that is full keeps a need open lawfully, and one too many in it is a fault. */
static void test_plan_check_team_limit(void **state)
{
	struct plan_problem p = problem();
	struct plan_group tight[2];
	struct seen s = { .seat = { 0, PLAN_NONE, PLAN_NONE },
			  .r = { .needs_len = 3, .cost = 410, .value = 1810, .covered = 1 } };
	struct seen both = lawful();

	(void)state;
	memcpy(tight, groups, sizeof(tight));
	tight[0].team_max = 1;
	p.groups = tight;
	assert_int_equal(judge(&p, &s, true), PLAN_SOUND);
	assert_int_equal(judge(&p, &both, true), PLAN_FAULT_TEAM);
}

/* Two needs at two partners: not together; and lawful where only one of them may sit so. */
static void test_plan_check_pairs(void **state)
{
	struct plan_problem p = problem();
	struct plan_pair pair = { .need = { 1, 0 } };
	struct plan_group paired[2];
	struct seen both = lawful();
	struct seen one = { .seat = { 0, PLAN_NONE, PLAN_NONE },
			    .r = { .needs_len = 3, .cost = 410, .value = 1810, .covered = 1 } };

	(void)state;
	memcpy(paired, groups, sizeof(paired));
	paired[0].pair_len = 1;
	p.groups = paired;
	p.pairs = &pair;
	p.pairs_len = 1;
	assert_int_equal(judge(&p, &both, false), PLAN_FAULT_PAIR);
	assert_int_equal(judge(&p, &one, true), PLAN_SOUND);
	pair.apart = true;
	assert_int_equal(judge(&p, &both, true), PLAN_SOUND);
	assert_int_equal(judge(&p, &one, true), PLAN_FAULT_ORDER);
}

/* Without a lead nobody sits; a lead who sits, or who is in the team already, opens it to all. */
static void test_plan_check_lead(void **state)
{
	struct plan_problem p = problem();
	struct plan_group led[2];
	bool leads[2] = { false, true };
	const uint32_t team[] = { 1 };
	struct seen both = lawful();
	struct seen one = { .seat = { 0, PLAN_NONE, PLAN_NONE },
			    .r = { .needs_len = 3, .cost = 410, .value = 1810, .covered = 1 } };
	struct seen none = { .seat = { PLAN_NONE, PLAN_NONE, PLAN_NONE },
			     .r = { .needs_len = 3, .value = 2400 } };

	(void)state;
	memcpy(led, groups, sizeof(led));
	led[0].lead = led[1].lead = true;
	led[0].len = 1;
	led[1].first = 1;
	led[1].len = 2;
	led[1].team_max = 2;
	p.groups = led;
	p.leads = leads;
	assert_int_equal(judge(&p, &one, false), PLAN_FAULT_LEAD);
	assert_int_equal(judge(&p, &none, true), PLAN_FAULT_ORDER); /* need 1 may sit: it leads */
	led[1].len = 1;
	p.groups_len = 1;
	none.r.value = 0;
	assert_int_equal(judge(&p, &none, false), PLAN_FAULT_VALUE);
	none.r.value = 1000;
	assert_int_equal(judge(&p, &none, true), PLAN_SOUND); /* need 0 has no lead to sit at */
	p.team = team;
	p.team_len = led[0].team_len = 1;
	led[0].team_max = 2;
	assert_int_equal(judge(&p, &none, true), PLAN_FAULT_ORDER);
	assert_int_equal(judge(&p, &both, false), PLAN_FAULT_VALUE);
}

/* What a pool costs is paid once by each team that uses it. */
static void test_plan_check_fixed_costs(void **state)
{
	struct plan_problem p = problem();
	struct plan_pool dear[2];
	struct seen s = lawful();

	(void)state;
	memcpy(dear, pools, sizeof(dear));
	dear[0].fixed_cost = 30;
	dear[1].fixed_cost = 7;
	p.pools = dear;
	assert_int_equal(judge(&p, &s, true), PLAN_FAULT_VALUE);
	s.r.cost += 37;
	s.r.value += 37;
	assert_int_equal(judge(&p, &s, true), PLAN_SOUND);
}

static void test_plan_check_false_seats_and_sums_are_seen(void **state)
{
	struct plan_problem p = problem();
	struct seen option = lawful();
	struct seen amount = lawful();
	struct seen value = lawful();
	struct seen bound = lawful();

	(void)state;
	option.seat[1] = 0;
	assert_int_equal(judge(&p, &option, false), PLAN_FAULT_OPTION);
	amount.seat[2] = 2;
	assert_int_equal(judge(&p, &amount, false), PLAN_FAULT_AMOUNT);
	value.r.value--;
	assert_int_equal(judge(&p, &value, false), PLAN_FAULT_VALUE);
	bound.r.bound = bound.r.value + 1;
	assert_int_equal(judge(&p, &bound, false), PLAN_FAULT_VALUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_check_lawful_plan_is_sound),
		cmocka_unit_test(test_plan_check_given_past_the_front_is_a_fault_of_order),
		cmocka_unit_test(test_plan_check_left_free_is_a_fault_of_order),
		cmocka_unit_test(test_plan_check_team_limit),
		cmocka_unit_test(test_plan_check_pairs),
		cmocka_unit_test(test_plan_check_lead),
		cmocka_unit_test(test_plan_check_fixed_costs),
		cmocka_unit_test(test_plan_check_false_seats_and_sums_are_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
