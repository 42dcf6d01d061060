/* SPDX-License-Identifier: EUPL-1.2 */
/* The composer against an oracle that tries every assignment, one by one, and keeps the best. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/compose.h"
#include "tests/unit/compose_oracle.h"

static struct instance in;
static struct instance shuffled;

/*                                  needs opt pool part use  amt free cost  tie team */
static const struct family small[] = {
	{ 0, 4, 14, 6, 5, 3, 3, 6, 20, 1000, 4 }, /* ordinary */
	{ 1, 5, 14, 4, 3, 4, 5, 7, 4, 1, 3 },     /* several uses per pool, tight, many ties */
	{ 2, 4, 12, 1, 1, 8, 9, 14, 9, 3, 1 },    /* one pool, many uses of many sizes */
	{ 2, 4, 12, 8, 1, 2, 2, 3, 5, 0, 1 },     /* one partner, many pools */
	{ 3, 5, 13, 8, 8, 1, 1, 2, 3, 1, 2 },     /* the team is too small */
	{ 1, 3, 12, 5, 4, 2, 1, 2, 0, 0, 4 },     /* all costs equal: only ids decide */
	{ 2, 4, 12, 5, 4, 2, 4, 8, UINT32_MAX / 2, 0xfffff, 4 }, /* the largest numbers */
	{ 2, 5, 12, 3, 6, 3, 3, 4, 50, 0, 3 }, /* pools short, so repeats conflict */
};

static void test_compose_random_small_equals_the_oracle(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 1000 * SK_LEN(small); seed++) {
		instance_draw(&in, &small[seed % SK_LEN(small)], seed);
		assert_as_oracle(&in.p);
		instance_shuffle(&in, &shuffled, seed + 1);
		assert_same_team(&in.p, &shuffled.p);
	}
}

static void test_compose_ten_needs_equal_the_oracle(void **state)
{
	const struct family ten[] = {
		{ 10, 10, 16, 8, 6, 2, 3, 8, 9, 3, 5 },
		{ 10, 10, 16, 3, 3, 3, 3, 20, 9, 3, 3 },
		{ 9, 10, 16, 6, 10, 2, 2, 4, 3, 1, 10 },
	};

	(void)state;
	for (uint64_t seed = 0; seed < 10 * SK_LEN(ten); seed++) {
		instance_draw(&in, &ten[seed % SK_LEN(ten)], seed);
		assert_as_oracle(&in.p);
	}
}

/* Too large for the oracle: the answer must hold its own rules and not depend on the order given.
 * */
static void test_compose_large_team_is_lawful_and_order_free(void **state)
{
	const struct family large[] = {
		{ 10, 10, 300, 100, 60, 4, 4, 8, 500, 0xfffff, 5 },
		{ 10, 10, 300, 30, 30, 3, 3, 9, 9, 1, 5 },
		{ 10, 10, 300, 60, 6, 3, 5, 12, 500, 0xfffff, 5 },
		{ 4, 4, 100, 50, 40, 2, 4, 8, 500, 0xfffff, 5 },
	};
	struct compose_team t = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 5 * SK_LEN(large); seed++) {
		struct pick k = { 0 };
		instance_draw(&in, &large[seed % SK_LEN(large)], seed);
		assert_int_equal(run(&in.p, &t), SK_OK);
		memcpy(k.option, t.option, sizeof(k.option));
		judge(&in.p, &k);
		assert_true(k.amounts_fit && k.team_fits);
		assert_int_equal(k.cost, t.cost);
		assert_int_equal(k.tie, t.tie);
		for (uint32_t i = 0; i < in.p.needs; i++) {
			assert_true(t.option[i] == NONE || in.options[t.option[i]].need == i);
		}
		instance_shuffle(&in, &shuffled, seed);
		assert_same_team(&in.p, &shuffled.p);
	}
}

/* L7: the first need takes the only place, though leaving it open would seat three others. */
static void test_compose_first_need_goes_before_three_cheaper_ones(void **state)
{
	const struct compose_option options[] = {
		{ .pool = 0, .amount = 3, .cost = 900, .need = 0 },
		{ .pool = 0, .amount = 1, .cost = 1, .need = 1 },
		{ .pool = 0, .amount = 1, .cost = 1, .need = 2 },
		{ .pool = 0, .amount = 1, .cost = 1, .need = 3 },
	};
	const struct compose_pool pools[] = { { .partner = 0, .free = 3 } };
	const struct compose_partner partners[] = { { 0 } };
	const struct compose_problem p = { .needs = 4,
					   .team_max = 5,
					   .partners_used = 0,
					   .options = options,
					   .options_len = 4,
					   .pools = pools,
					   .pools_len = 1,
					   .partners = partners,
					   .partners_len = 1 };
	struct compose_team t = { 0 };

	(void)state;
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.covered, 1);
	assert_int_equal(t.cost, 900);
	assert_int_equal(t.open[0], COMPOSE_SEATED);
	assert_int_equal(t.open[1], COMPOSE_NO_CAPACITY);
}

static void test_compose_reason_tells_team_from_capacity(void **state)
{
	const struct compose_option options[] = {
		{ .pool = 0, .amount = 1, .need = 0 },
		{ .pool = 1, .amount = 1, .need = 1 },
		{ .pool = 2, .amount = 2, .need = 2 },
		{ .pool = 0, .amount = 1, .need = 3 },
	};
	struct compose_pool pools[] = { { .id = { 1 }, .partner = 0, .free = 1 },
					{ .id = { 2 }, .partner = 1, .free = 1 },
					{ .id = { 3 }, .partner = 2, .free = 1 } };
	struct compose_partner partners[3] = { { 0 } };
	struct compose_problem p = { .needs = 5,
				     .team_max = 2,
				     .partners_used = 1,
				     .options = options,
				     .options_len = 4,
				     .pools = pools,
				     .pools_len = 3,
				     .partners = partners,
				     .partners_len = 3 };
	struct compose_team t = { 0 };

	(void)state;
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.covered, 1);
	assert_int_equal(t.open[1], COMPOSE_TEAM_LIMIT);
	assert_int_equal(t.open[2], COMPOSE_NO_CAPACITY); /* asks more than is free */
	assert_int_equal(t.open[3], COMPOSE_NO_CAPACITY); /* need 0 took it */
	assert_int_equal(t.open[4], COMPOSE_NO_OPTION);
	p.team_max = 3;
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.covered, 3);
	/* one that holds a seat already does not count again, even when the team is full */
	p.team_max = 1;
	partners[1].in_team = true;
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.covered, 2);
	assert_int_equal(t.partners_new, 0);
	assert_int_equal(t.open[0], COMPOSE_TEAM_LIMIT);
}

/* One use of one pool for all needs, free for all of them. */
static void fill_needs(uint32_t needs)
{
	memset(&in, 0, sizeof(in));
	in.p = (struct compose_problem){ .needs = needs,
					 .team_max = 5,
					 .partners_used = 0,
					 .options = in.options,
					 .options_len = needs,
					 .pools = in.pools,
					 .pools_len = 1,
					 .partners = in.partners,
					 .partners_len = 1 };
	in.pools[0].free = needs;
	for (uint32_t i = 0; i < needs; i++) {
		in.options[i] = (struct compose_option){ .amount = 1, .need = (uint8_t)i };
	}
}

static void test_compose_needs_limit_holds_at_twelve_and_refuses_thirteen(void **state)
{
	struct compose_team t = { 0 };
	size_t bytes = 7;

	(void)state;
	fill_needs(COMPOSE_NEEDS_MAX);
	assert_int_equal(run(&in.p, &t), SK_OK);
	assert_int_equal(t.covered, 0xfff);
	fill_needs(COMPOSE_NEEDS_MAX + 1);
	assert_int_equal(compose_scratch_bytes(&in.p, &bytes), SK_EINVAL);
	assert_int_equal(compose_run(&in.p, (struct compose_scratch){ &in, sizeof(in) }, &t),
			 SK_EINVAL);
	assert_int_equal(bytes, 7);
	assert_int_equal(t.covered, 0xfff); /* untouched */
}

/* What is barred is as if it were not there, but for the reason. */
static void test_compose_barred_options_are_not_taken(void **state)
{
	struct compose_team with = { 0 };
	struct compose_team without = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 100 * SK_LEN(small); seed++) {
		size_t len = 0;
		instance_draw(&in, &small[seed % SK_LEN(small)], seed);
		for (size_t i = 0; i < in.p.options_len; i++) {
			in.options[i].barred = (i * 7 + seed) % 3 == 0;
		}
		assert_int_equal(run(&in.p, &with), SK_OK);
		for (size_t i = 0; i < in.p.options_len; i++) {
			in.options[len] = in.options[i];
			len += in.options[i].barred ? 0 : 1;
		}
		in.p.options_len = len;
		assert_int_equal(run(&in.p, &without), SK_OK);
		assert_int_equal(with.covered, without.covered);
		assert_true(with.cost == without.cost && with.tie == without.tie);
	}
}

static void test_compose_without_needs_is_an_empty_team(void **state)
{
	struct compose_team t = { 0 };

	(void)state;
	fill_needs(0);
	assert_int_equal(run(&in.p, &t), SK_OK);
	assert_int_equal(t.covered, 0);
	assert_int_equal(t.cost, 0);
	assert_int_equal(t.option[0], NONE);
}

static void test_compose_without_supply_names_no_option(void **state)
{
	const struct compose_problem p = { .needs = 2, .team_max = 5 };
	struct compose_team t = { 0 };

	(void)state;
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.covered, 0);
	assert_int_equal(t.open[0], COMPOSE_NO_OPTION);
	assert_int_equal(t.open[1], COMPOSE_NO_OPTION);
}

static void test_compose_bad_problem_is_refused(void **state)
{
	struct compose_team t = { 0 };

	(void)state;
	fill_needs(2);
	in.options[1].pool = 1;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	fill_needs(2);
	in.options[1].need = 2;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	fill_needs(2);
	in.options[1].need = 0; /* the same use of the same pool twice for one need */
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	fill_needs(2);
	in.options[1].tie = 1U << COMPOSE_TIE_BITS;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	in.options[1].tie--;
	assert_int_equal(run(&in.p, &t), SK_OK);
	in.pools[0].partner = 1;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	fill_needs(2);
	in.p.pools_len = 2; /* two pools with one id */
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
	fill_needs(2);
	in.pools[0].free = 2 * COMPOSE_AMOUNT_MAX;
	in.options[1].amount = COMPOSE_AMOUNT_MAX;
	assert_int_equal(run(&in.p, &t), SK_OK);
	assert_int_equal(t.covered, 3);
	in.options[1].amount++;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
}

static void test_compose_array_limits_hold_at_the_limit_and_one_past(void **state)
{
	size_t options = (size_t)COMPOSE_PER_NEED_MAX + 1;
	size_t pools = (size_t)COMPOSE_POOLS_MAX + 1;
	struct compose_option *o = calloc(options, sizeof(*o));
	struct compose_pool *pool = calloc(pools, sizeof(*pool));
	struct compose_partner *partner = calloc(pools, sizeof(*partner));
	struct compose_problem p = { .needs = 1,
				     .team_max = 5,
				     .partners_used = 0,
				     .options = o,
				     .options_len = options - 1,
				     .pools = pool,
				     .pools_len = pools - 1,
				     .partners = partner,
				     .partners_len = pools - 1 };
	struct compose_team t = { 0 };

	(void)state;
	for (uint32_t i = 0; i < pools; i++) {
		memcpy(pool[i].id, &i, sizeof(i));
		pool[i].partner = i < pools - 1 ? i : 0;
		pool[i].free = 1;
	}
	for (uint32_t i = 0; i < options; i++) {
		o[i] = (struct compose_option){ .pool = i, .cost = 200000 - i, .amount = 1 };
	}
	assert_int_equal(run(&p, &t), SK_OK);
	assert_int_equal(t.option[0], COMPOSE_PER_NEED_MAX - 1);
	p.options_len++;
	assert_int_equal(run(&p, &t), SK_EINVAL);
	p.options_len--;
	p.pools_len++;
	assert_int_equal(run(&p, &t), SK_EINVAL);
	p.pools_len--;
	p.partners_len++;
	assert_int_equal(run(&p, &t), SK_EINVAL);
	free(o);
	free(pool);
	free(partner);
}

static void test_compose_uses_of_one_pool_hold_at_sixteen(void **state)
{
	struct compose_team t = { 0 };

	(void)state;
	fill_needs(1);
	for (uint32_t i = 0; i <= COMPOSE_PER_POOL_MAX; i++) {
		in.options[i] = (struct compose_option){ .use = i, .amount = 1, .cost = 50 - i };
	}
	in.p.options_len = COMPOSE_PER_POOL_MAX;
	assert_int_equal(run(&in.p, &t), SK_OK);
	assert_int_equal(t.option[0], COMPOSE_PER_POOL_MAX - 1);
	in.p.options_len++;
	assert_int_equal(run(&in.p, &t), SK_EINVAL);
}

/* The header promises a ceiling: the largest problem, with the widest fronts. */
static void test_compose_scratch_of_the_largest_problem_has_a_ceiling(void **state)
{
	uint32_t options = COMPOSE_NEEDS_MAX * COMPOSE_PER_NEED_MAX;
	struct compose_option *o = calloc(options, sizeof(*o));
	struct compose_pool *pool = calloc(COMPOSE_POOLS_MAX, sizeof(*pool));
	struct compose_problem p = { .needs = COMPOSE_NEEDS_MAX, .team_max = UINT32_MAX };
	size_t bytes = 0;

	(void)state;
	for (uint32_t i = 0; i < options; i++) {
		o[i].need = (uint8_t)(i % COMPOSE_NEEDS_MAX);
		o[i].amount = COMPOSE_AMOUNT_MAX;
	}
	pool[0].free = UINT32_MAX;
	p.options = o;
	p.options_len = options;
	p.pools = pool;
	p.pools_len = COMPOSE_POOLS_MAX;
	p.partners_len = COMPOSE_POOLS_MAX;
	assert_int_equal(compose_scratch_bytes(&p, &bytes), SK_OK);
	assert_in_range(bytes, 1, COMPOSE_SCRATCH_MAX);
	free(o);
	free(pool);
}

static void test_compose_short_scratch_is_refused(void **state)
{
	struct compose_team t = { .covered = 7 };
	size_t bytes = 0;

	(void)state;
	fill_needs(3);
	assert_int_equal(compose_scratch_bytes(&in.p, &bytes), SK_OK);
	void *mem = malloc(bytes);
	assert_non_null(mem);
	assert_int_equal(compose_run(&in.p, (struct compose_scratch){ mem, bytes - 1 }, &t),
			 SK_ENOMEM);
	assert_int_equal(compose_run(&in.p, (struct compose_scratch){ NULL, bytes }, &t),
			 SK_ENOMEM);
	assert_int_equal(t.covered, 7);
	assert_int_equal(compose_run(&in.p, (struct compose_scratch){ mem, bytes }, &t), SK_OK);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose_random_small_equals_the_oracle),
		cmocka_unit_test(test_compose_ten_needs_equal_the_oracle),
		cmocka_unit_test(test_compose_large_team_is_lawful_and_order_free),
		cmocka_unit_test(test_compose_first_need_goes_before_three_cheaper_ones),
		cmocka_unit_test(test_compose_reason_tells_team_from_capacity),
		cmocka_unit_test(test_compose_needs_limit_holds_at_twelve_and_refuses_thirteen),
		cmocka_unit_test(test_compose_barred_options_are_not_taken),
		cmocka_unit_test(test_compose_without_needs_is_an_empty_team),
		cmocka_unit_test(test_compose_without_supply_names_no_option),
		cmocka_unit_test(test_compose_bad_problem_is_refused),
		cmocka_unit_test(test_compose_array_limits_hold_at_the_limit_and_one_past),
		cmocka_unit_test(test_compose_uses_of_one_pool_hold_at_sixteen),
		cmocka_unit_test(test_compose_scratch_of_the_largest_problem_has_a_ceiling),
		cmocka_unit_test(test_compose_short_scratch_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
