/* SPDX-License-Identifier: EUPL-1.2 */
/* Exactness as a standing test: thousands of seeded problems, random and adversarial, with every
 * rule, against the oracle that tries all assignments; and larger ones against the plain table of
 * teams, with nothing set aside. Storage order shuffled, objective recomputed.
 * EXACT_TIMES=n makes it n times as many, from other seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/compose.h"
#include "tests/unit/compose_oracle.h"

static struct instance in;
static struct instance shuffled;

static uint64_t times(void)
{
	const char *text = getenv("EXACT_TIMES");
	unsigned long n = text == NULL ? 1 : strtoul(text, NULL, 10);

	return n == 0 ? 1 : n;
}

/*                                  needs opt pool part use  amt free cost  tie team */
static const struct family small[] = {
	{ 0, 4, 14, 6, 5, 3, 3, 6, 20, 1000, 4 },       /* ordinary */
	{ 1, 5, 14, 4, 3, 4, 5, 7, 4, 1, 3 },           /* tight, many ties */
	{ 2, 4, 12, 1, 1, 8, 9, 14, 9, 3, 1 },          /* one pool, many uses of many sizes */
	{ 2, 4, 12, 8, 1, 2, 2, 3, 5, 0, 1 },           /* one partner, many pools */
	{ 2, 5, 15, 8, 8, 1, 1, 1, 0, 0, 3 },           /* all equal: only ids tell apart */
	{ 3, 6, 14, 3, 3, 2, 2, 3, 3, 1, 4 },           /* scarce: partners wanted twice */
	{ 2, 4, 14, 10, 7, 2, 3, 9, 0xffffffff, 1, 4 }, /* costs at their limit */
};

/* Every need is at one scarce partner and at a dear one: the relaxed bound is always too low. */
static void contest(struct instance *at, uint64_t seed)
{
	uint64_t s = seed;

	memset(at, 0, sizeof(*at));
	at->p = (struct compose_problem){ .needs = 3 + upto(&s, 3),
					  .team_max = 2 + upto(&s, 3),
					  .options = at->options,
					  .pools = at->pools,
					  .partners = at->partners,
					  .pools_len = 4,
					  .partners_len = 4 };
	for (uint32_t i = 0; i < 4; i++) {
		at->pools[i] = (struct compose_pool){ .id = { (uint8_t)(9 - i) },
						      .partner = i,
						      .free = 1 + upto(&s, 1) };
		at->partners[i].fixed_cost = upto(&s, 3);
	}
	for (uint32_t need = 0; need < at->p.needs; need++) {
		for (uint32_t i = 0; i < 1 + upto(&s, 2); i++) {
			at->options[at->p.options_len++] =
				(struct compose_option){ .pool = (need + i * i) % 4,
							 .use = i,
							 .amount = 1,
							 .cost = 1 + i * upto(&s, 5),
							 .tie = upto(&s, 1),
							 .need = (uint8_t)need };
		}
	}
}

static void test_compose_small_with_all_rules_equals_the_oracle(void **state)
{
	uint64_t from = times() - 1;

	(void)state;
	for (uint64_t seed = 3000 * from * 100; seed < 3000 * from * 100 + 3000 * times(); seed++) {
		instance_draw(&in, &small[seed % SK_LEN(small)], seed);
		instance_rules(&in, small[seed % SK_LEN(small)].cost, seed);
		assert_as_oracle(&in.p);
		instance_shuffle(&in, &shuffled, seed);
		assert_same_team(&in.p, &shuffled.p);
	}
}

static void test_compose_contested_partners_equal_the_oracle(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 3000 * times(); seed++) {
		contest(&in, seed);
		if (seed % 3 == 0) {
			instance_rules(&in, 3, seed);
		}
		assert_as_oracle(&in.p);
	}
}

/* The answer must keep its own rules, cost what it says, and be that of the plain table and of
 * another order of storage. */
static void assert_as_table(const struct instance *at, uint64_t seed)
{
	const struct compose_problem *p = &at->p;
	struct compose_team t = { 0 };
	struct compose_team plain = { 0 };
	struct pick k = { 0 };

	assert_int_equal(run(p, &t), SK_OK);
	assert_int_equal(run_how(p, true, &plain), SK_OK);
	plain.steps = t.steps; /* the way there is not the answer */
	if (memcmp(&t, &plain, sizeof(t)) != 0) {
		fail_msg("seed %llu: not the team of the table", (unsigned long long)seed);
	}
	memcpy(k.option, t.option, sizeof(k.option));
	judge(p, &k);
	assert_true(k.amounts_fit && k.team_fits && k.pairs_fit && k.lead_fits);
	assert_int_equal(k.cost, t.cost);
	assert_int_equal(k.tie, t.tie);
	assert_int_equal(k.newcomers, t.partners_new);
	instance_shuffle(at, &shuffled, seed);
	assert_same_team(p, &shuffled.p);
}

/*                                  needs opt pool part use  amt free cost  tie team */
static const struct family large[] = {
	{ 2, 7, 1500, 1400, 1400, 2, 3, 9, 300, 0xfffff, 5 }, /* wide choice: much is set aside */
	{ 3, 6, 1500, 1500, 1500, 1, 3, 9, 30, 0, 6 },        /* and without a lottery */
	{ 2, 7, 500, 400, 300, 2, 3, 9, 300, 0xfffff, 5 },    /* some choice */
	{ 5, 8, 500, 300, 200, 3, 4, 8, 40, 0, 5 },           /* no lottery: many ties */
	{ 4, 8, 500, 400, 400, 1, 1, 1, 1, 0, 8 },            /* next to all equal */
	{ 6, 8, 300, 60, 6, 3, 5, 12, 500, 0xfffff, 5 },      /* few partners, many pools */
	{ 6, 8, 400, 100, 90, 4, 4, 8, 500, 0xfffff, 3 },     /* a small team */
	{ 5, 8, 60, 12, 9, 3, 3, 3, 9, 1, 5 },                /* scarce */
	{ 3, 6, 512, 500, 2, 1, 2, 9, 100, 3, 2 }, /* two partners with hundreds of pools */
};

static void test_compose_large_equals_the_table_of_teams(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 40 * SK_LEN(large) * times(); seed++) {
		const struct family *f = &large[seed % SK_LEN(large)];
		instance_draw(&in, f, seed);
		if (seed / SK_LEN(large) % 2 == 0) {
			instance_rules(&in, f->cost, seed);
		}
		assert_as_table(&in, seed);
	}
}

static void test_compose_twelve_needs_equal_the_table_of_teams(void **state)
{
	/*                          needs   opt pool part use  amt free cost  tie team */
	const struct family f[] = { { 11, 12, 400, 300, 200, 2, 3, 9, 300, 0xfffff, 5 },
				    { 12, 12, 60, 14, 9, 2, 3, 5, 300, 1, 5 } };

	(void)state;
	for (uint64_t seed = 0; seed < 2 * SK_LEN(f) * times(); seed++) {
		instance_draw(&in, &f[seed % SK_LEN(f)], seed);
		if (seed % 4 > 1) {
			instance_rules(&in, 300, seed);
		}
		assert_as_table(&in, seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compose_small_with_all_rules_equals_the_oracle),
		cmocka_unit_test(test_compose_contested_partners_equal_the_oracle),
		cmocka_unit_test(test_compose_large_equals_the_table_of_teams),
		cmocka_unit_test(test_compose_twelve_needs_equal_the_table_of_teams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
