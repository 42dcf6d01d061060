/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/compose.h"
#include "tests/unit/compose_instance.h"

static struct instance in;
static struct instance shuffled;

static void compose(const struct compose_problem *p, struct compose_team *ret_team,
		    struct compose_standby *ret_standby)
{
	size_t bytes = 0;

	assert_int_equal(compose_scratch_bytes(p, &bytes), SK_OK);
	void *mem = malloc(bytes);
	assert_non_null(mem);
	assert_int_equal(compose_run(p, (struct compose_scratch){ mem, bytes }, ret_team), SK_OK);
	free(mem);
	compose_standby(p, ret_team, ret_standby);
}

/* The whole team with one seat given to @p option. @return whether that breaks no rule. */
static bool replaced(const struct compose_problem *p, const struct compose_team *team,
		     uint32_t option, struct pick *ret_pick)
{
	uint32_t need = p->options[option].need;
	uint32_t seat = team->option[need];
	uint32_t pool = p->options[option].pool;

	if (seat == NONE || p->options[seat].pool == pool ||
	    p->pools[p->options[seat].pool].partner == p->pools[pool].partner) {
		return false;
	}
	memcpy(ret_pick->option, team->option, sizeof(ret_pick->option));
	ret_pick->option[need] = option;
	judge(p, ret_pick);
	return ret_pick->amounts_fit && ret_pick->team_fits;
}

/* How many lawful replacements of the same seat, at other pools than @p but, come before @p
 * option. */
static uint32_t count_before(const struct compose_problem *p, const struct compose_team *team,
			     uint32_t option, uint32_t but)
{
	struct pick mine;
	struct pick other;
	uint32_t n = 0;

	assert_true(replaced(p, team, option, &mine));
	for (uint32_t i = 0; i < p->options_len; i++) {
		if (i == option || p->options[i].need != p->options[option].need ||
		    (but != NONE && p->options[i].pool == p->options[but].pool) ||
		    !replaced(p, team, i, &other)) {
			continue;
		}
		bool equal = other.cost == mine.cost && other.tie == mine.tie;
		n += other.cost < mine.cost || (other.cost == mine.cost && other.tie < mine.tie) ||
		     (equal && by_id(p, i, option) < 0);
	}
	return n;
}

static uint32_t count_lawful(const struct compose_problem *p, const struct compose_team *team,
			     uint32_t need, uint32_t but)
{
	struct pick k;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->options_len; i++) {
		bool other = but == NONE || p->options[i].pool != p->options[but].pool;
		n += p->options[i].need == need && other && replaced(p, team, i, &k);
	}
	return n;
}

static uint32_t assert_cheapest_lawful(const struct compose_problem *p,
				       const struct compose_team *team,
				       const struct compose_standby *s)
{
	uint32_t named = 0;

	for (uint32_t need = 0; need < COMPOSE_NEEDS_MAX; need++) {
		uint32_t first = s->option[need][0];
		uint32_t second = s->option[need][1];
		assert_int_equal(first != NONE, count_lawful(p, team, need, NONE) > 0);
		if (first == NONE) {
			assert_int_equal(second, NONE);
			continue;
		}
		named++;
		assert_int_equal(p->options[first].need, need);
		assert_int_equal(count_before(p, team, first, NONE), 0);
		assert_int_equal(second != NONE, count_lawful(p, team, need, first) > 0);
		if (second != NONE) {
			assert_int_equal(p->options[second].need, need);
			assert_true(p->options[second].pool != p->options[first].pool);
			assert_int_equal(count_before(p, team, second, first), 0);
		}
	}
	return named;
}

static void assert_same_standby(const struct compose_standby *x, const struct compose_standby *y)
{
	for (uint32_t i = 0; i < COMPOSE_NEEDS_MAX * COMPOSE_STANDBY_MAX; i++) {
		uint32_t a = x->option[i / COMPOSE_STANDBY_MAX][i % COMPOSE_STANDBY_MAX];
		uint32_t b = y->option[i / COMPOSE_STANDBY_MAX][i % COMPOSE_STANDBY_MAX];
		assert_int_equal(a == NONE, b == NONE);
		if (a != NONE) {
			const struct compose_option *o = &in.options[a];
			const struct compose_option *q = &shuffled.options[b];
			assert_memory_equal(in.pools[o->pool].id, shuffled.pools[q->pool].id, 16);
			assert_int_equal(o->use, q->use);
		}
	}
}

static void test_standby_random_is_cheapest_lawful_and_order_free(void **state)
{
	const struct family families[] = {
		{ 0, 4, 20, 8, 5, 3, 3, 6, 20, 1000, 4 },
		{ 1, 5, 24, 8, 6, 2, 2, 3, 3, 1, 3 },
		{ 1, 3, 24, 10, 8, 2, 1, 1, 0, 0, 2 },
	};
	struct compose_team team;
	struct compose_standby standby;
	struct compose_standby other;
	uint32_t named = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 1000 * SK_LEN(families); seed++) {
		instance_draw(&in, &families[seed % SK_LEN(families)], seed);
		compose(&in.p, &team, &standby);
		named += assert_cheapest_lawful(&in.p, &team, &standby);
		instance_shuffle(&in, &shuffled, seed);
		compose(&shuffled.p, &team, &other);
		assert_same_standby(&standby, &other);
	}
	assert_true(named > 1000); /* the families do give stand-by options */
}

/* Three pools of two other partners: only different pools and other partners stand by, two at
 * most, and the partner of another seat costs no second fixed amount. */
static void test_standby_names_two_pools_of_other_partners(void **state)
{
	const struct compose_option options[] = {
		{ .pool = 0, .amount = 1, .cost = 1, .need = 0 },
		{ .pool = 1, .amount = 1, .cost = 2, .need = 0 }, /* same partner */
		{ .pool = 2, .amount = 1, .cost = 50, .need = 0 },
		{ .pool = 2, .use = 1, .amount = 1, .cost = 51, .need = 0 }, /* same pool */
		{ .pool = 3, .amount = 1, .cost = 90, .need = 0 },
		{ .pool = 4, .amount = 1, .cost = 95, .need = 0 },
		{ .pool = 3, .amount = 1, .cost = 1, .need = 1 },
	};
	struct compose_pool pools[] = { { .id = { 1 }, .partner = 0, .free = 1 },
					{ .id = { 2 }, .partner = 0, .free = 1 },
					{ .id = { 3 }, .partner = 1, .free = 1 },
					{ .id = { 4 }, .partner = 2, .free = 2 },
					{ .id = { 5 }, .partner = 3, .free = 1 } };
	const struct compose_partner partners[] = { { .fixed_cost = 60 },
						    { .fixed_cost = 60 },
						    { .fixed_cost = 60 },
						    { .fixed_cost = 60 } };
	struct compose_problem p = { .needs = 2,
				     .team_max = 2,
				     .partners_used = 0,
				     .options = options,
				     .options_len = 7,
				     .pools = pools,
				     .pools_len = 5,
				     .partners = partners,
				     .partners_len = 4 };
	struct compose_team team;
	struct compose_standby s;

	(void)state;
	compose(&p, &team, &s);
	assert_int_equal(team.option[0], 0);
	assert_int_equal(team.option[1], 6);
	assert_int_equal(s.option[0][0], 4); /* 90 beside 50 + 60 */
	assert_int_equal(s.option[0][1], 2);
	assert_int_equal(s.option[1][0], NONE);
	pools[3].free = 1; /* taken by the seat of need 1 */
	compose(&p, &team, &s);
	assert_int_equal(s.option[0][0], 2);
	assert_int_equal(s.option[0][1], 5);
}

/* A full team of newcomers can swap one for another, but not a shared partner for a third. */
static void test_standby_respects_the_team_cap(void **state)
{
	const struct compose_option options[] = {
		{ .pool = 0, .amount = 1, .need = 0 },
		{ .pool = 0, .amount = 1, .need = 1 },
		{ .pool = 1, .amount = 1, .cost = 5, .need = 0 },
	};
	const struct compose_pool pools[] = { { .id = { 1 }, .partner = 0, .free = 2 },
					      { .id = { 2 }, .partner = 1, .free = 1 } };
	struct compose_partner partners[2] = { { 0 } };
	struct compose_problem p = { .needs = 2,
				     .team_max = 1,
				     .partners_used = 0,
				     .options = options,
				     .options_len = 3,
				     .pools = pools,
				     .pools_len = 2,
				     .partners = partners,
				     .partners_len = 2 };
	struct compose_team team;
	struct compose_standby s;

	(void)state;
	compose(&p, &team, &s);
	assert_int_equal(team.covered, 3);
	assert_int_equal(s.option[0][0], NONE);
	p.team_max = 2;
	compose(&p, &team, &s);
	assert_int_equal(s.option[0][0], 2);
	p.team_max = 1;
	partners[1].in_team = true;
	compose(&p, &team, &s);
	assert_int_equal(s.option[0][0], 2);
	p.needs = 1;
	p.options_len = 1;
	compose(&p, &team, &s);
	assert_int_equal(s.option[0][0], NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standby_random_is_cheapest_lawful_and_order_free),
		cmocka_unit_test(test_standby_names_two_pools_of_other_partners),
		cmocka_unit_test(test_standby_respects_the_team_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
