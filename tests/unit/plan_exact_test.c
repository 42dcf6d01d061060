/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of small lists against an oracle that tries every plan, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/plan.h"
#include "tests/unit/plan_instance.h"

#define NONE PLAN_NONE

static struct list list;

/* Every plan of a small list, one by one. */
struct oracle {
	const struct plan_problem *p;
	uint32_t seat[LIST_NEEDS];
	uint64_t used[LIST_POOLS];
	uint32_t best_seat[LIST_NEEDS]; /* best coverage, and among those least value */
	uint64_t best_value;            /* of it */
	uint64_t least;                 /* value of any plan */
	bool found;
	uint64_t tried;
};

static uint32_t oracle_partner(const struct oracle *o, uint32_t need)
{
	return o->p->pools[o->p->options[o->seat[need]].pool].partner;
}

static bool oracle_pairs(const struct oracle *o, const struct plan_group *g)
{
	bool kept = true;

	for (uint32_t i = g->pair_first; i < g->pair_first + g->pair_len; i++) {
		const struct plan_pair *p = &o->p->pairs[i];
		if (o->seat[p->need[0]] != NONE && o->seat[p->need[1]] != NONE) {
			bool same = oracle_partner(o, p->need[0]) == oracle_partner(o, p->need[1]);
			kept = kept && same != p->apart;
		}
	}
	return kept;
}

static bool oracle_led(const struct oracle *o, const struct plan_group *g)
{
	bool led = !g->lead;
	bool any = false;

	for (uint32_t i = 0; i < g->team_len; i++) {
		led = led || o->p->leads[o->p->team[g->team_first + i]];
	}
	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		any = any || o->seat[i] != NONE;
		led = led || (o->seat[i] != NONE && o->p->leads[oracle_partner(o, i)]);
	}
	return led || !any;
}

static void oracle_team(const struct oracle *o, const struct plan_group *g, uint64_t *cost,
			bool *fits)
{
	bool joined[LIST_POOLS] = { false };
	bool used[LIST_POOLS] = { false };
	uint32_t partners = g->team_len;
	bool new = false;

	for (uint32_t i = 0; i < g->team_len; i++) {
		joined[o->p->team[g->team_first + i]] = true;
	}
	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		if (o->seat[i] == NONE) {
			*cost += o->p->needs[i].penalty;
			continue;
		}
		uint32_t partner = oracle_partner(o, i);
		uint32_t pool = o->p->options[o->seat[i]].pool;
		*cost += o->p->options[o->seat[i]].cost;
		*cost += used[pool] ? 0 : o->p->pools[pool].fixed_cost;
		used[pool] = true;
		*cost += joined[partner] ? 0 : o->p->partner_cost[partner];
		partners += joined[partner] ? 0 : 1;
		new = new || !joined[partner];
		joined[partner] = true;
	}
	*fits = *fits && (!new || partners <= g->team_max) && oracle_pairs(o, g) &&
		oracle_led(o, g);
}

static int oracle_coverage(const struct oracle *o)
{
	for (size_t i = 0; i < o->p->needs_len; i++) {
		if ((o->seat[i] == NONE) != (o->best_seat[i] == NONE)) {
			return o->seat[i] != NONE ? 1 : -1;
		}
	}
	return 0;
}

static void oracle_leaf(struct oracle *o)
{
	uint64_t value = 0;
	bool fits = true;

	for (size_t i = 0; i < o->p->groups_len; i++) {
		oracle_team(o, &o->p->groups[i], &value, &fits);
	}
	if (!fits) {
		return;
	}
	o->least = !o->found || value < o->least ? value : o->least;
	int covers = o->found ? oracle_coverage(o) : 1;
	if (covers > 0 || (covers == 0 && value < o->best_value)) {
		memcpy(o->best_seat, o->seat, sizeof(o->seat));
		o->best_value = value;
	}
	o->found = true;
}

static bool oracle_take(struct oracle *o, uint32_t seat)
{
	if (seat == NONE) {
		return true;
	}
	const struct plan_option *x = &o->p->options[seat];
	bool fits = o->used[x->pool] + x->amount <= o->p->pools[x->pool].free;
	o->used[x->pool] += fits ? x->amount : 0;
	return fits;
}

/* Counts in place of recursion: seat[i] runs through the options of need i and none. */
static void oracle_run(struct oracle *o, const struct plan_problem *p)
{
	size_t depth = 0;

	memset(o, 0, sizeof(*o));
	o->p = p;
	for (size_t i = 0; i < p->needs_len; i++) {
		o->seat[i] = p->needs[i].first;
	}
	uint32_t turn[LIST_NEEDS] = { 0 };
	for (;;) {
		const struct plan_need *n = &p->needs[depth];
		if (depth == p->needs_len) {
			o->tried++;
			oracle_leaf(o);
		} else if (turn[depth] <= n->len) {
			uint32_t at = turn[depth]++;
			o->seat[depth] = at == n->len ? NONE : n->first + at;
			depth += oracle_take(o, o->seat[depth]) ? 1 : 0;
			continue;
		} else {
			turn[depth] = 0;
		}
		if (depth == 0) {
			return;
		}
		depth--;
		if (o->seat[depth] != NONE) {
			const struct plan_option *x = &p->options[o->seat[depth]];
			o->used[x->pool] -= x->amount;
		}
	}
}

static const struct list_family small[] = {
	{ .name = "small",
	  .groups = 4,
	  .needs = 2,
	  .pools = 4,
	  .partners = 3,
	  .uses = 1,
	  .share = 5,
	  .amount = 3,
	  .free = 5,
	  .cost = 60,
	  .penalty = 400,
	  .team = 2 },
	{ .name = "small and tight",
	  .groups = 5,
	  .needs = 2,
	  .pools = 3,
	  .partners = 2,
	  .uses = 1,
	  .share = 6,
	  .amount = 3,
	  .free = 4,
	  .cost = 200,
	  .penalty = 300,
	  .team = 2 },
	{ .name = "small and equal",
	  .groups = 4,
	  .needs = 3,
	  .pools = 3,
	  .partners = 3,
	  .uses = 1,
	  .share = 4,
	  .amount = 2,
	  .free = 3,
	  .cost = 1,
	  .penalty = 1,
	  .team = 3 },
	{ .name = "small and ruled",
	  .groups = 3,
	  .needs = 4,
	  .pools = 4,
	  .partners = 3,
	  .uses = 1,
	  .share = 4,
	  .amount = 2,
	  .free = 5,
	  .cost = 100,
	  .penalty = 300,
	  .team = 3,
	  .pool_cost = 80,
	  .pairs = 4,
	  .lead = 2 },
	{ .name = "small with large amounts",
	  .groups = 3,
	  .needs = 4,
	  .pools = 3,
	  .partners = 3,
	  .uses = 1,
	  .share = 5,
	  .amount = 100000000,
	  .free = 200000000,
	  .cost = 100,
	  .penalty = 300,
	  .team = 3 },
	{ .name = "small and dear",
	  .groups = 4,
	  .needs = 2,
	  .pools = 4,
	  .partners = 3,
	  .uses = 1,
	  .share = 5,
	  .amount = 3,
	  .free = 5,
	  .cost = PLAN_COST_MAX,
	  .penalty = PLAN_PENALTY_MAX,
	  .team = 2,
	  .pool_cost = PLAN_COST_MAX,
	  .pairs = 1,
	  .lead = 2 },
};

/* With the law: the best coverage in the order there is, at the least cost. Without: the least
 * value. And the bound is below every plan. */
static void test_plan_of_small_lists_is_the_best(void **state)
{
	static struct oracle o;

	(void)state;
	for (size_t f = 0; f < SK_LEN(small); f++) {
		for (uint64_t seed = 1; seed <= 120; seed++) {
			list_draw(&list, &small[f], seed * 31 + f);
			oracle_run(&o, &list.p);
			struct plan_rules rules = rules_of(true, seed);
			rules.repair_rounds = 600;
			struct plan_result *law = plan_of(&list.p, &rules);
			rules.law = false;
			struct plan_result *none = plan_of(&list.p, &rules);
			for (size_t i = 0; i < list.p.needs_len; i++) {
				assert_true((law->seat[i] == NONE) == (o.best_seat[i] == NONE));
			}
			assert_true(law->value == o.best_value);
			assert_true(none->value == o.least);
			assert_true(law->bound <= o.least && none->bound <= o.least);
			plan_free(law);
			plan_free(none);
		}
	}
}

/* Whatever prices it begins with, the bound is below every plan; and told to stop it still gives a
 * sound one. */
static void test_plan_any_prices_and_stopped(void **state)
{
	uint32_t prices[LIST_POOLS];
	static struct oracle o;
	atomic_bool stop = true;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t s = seed;
		list_draw(&list, &small[seed % 2], seed);
		oracle_run(&o, &list.p);
		for (size_t i = 0; i < SK_LEN(prices); i++) {
			prices[i] = (uint32_t)(list_draw_next(&s) >> list_upto(&s, 63));
		}
		struct plan_rules rules = rules_of(seed % 2 == 0, seed);
		rules.prices = prices;
		rules.stop = seed % 3 == 0 ? &stop : NULL;
		struct plan_result *r = plan_of(&list.p, &rules);
		assert_true(r->bound <= o.least);
		assert_true(rules.stop == NULL || r->rounds == 0);
		plan_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plan_of_small_lists_is_the_best),
		cmocka_unit_test(test_plan_any_prices_and_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
