/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Seeded random lists for the tests of the plan, and the same list stored otherwise.
 *  Ownership: an instance holds its arrays; its problem points into it. Blocks: never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/plan.h"

#define LIST_GROUPS 64
#define LIST_NEEDS 160
#define LIST_OPTIONS 2048
#define LIST_POOLS 64
#define LIST_TEAM 64
#define LIST_PAIRS 256

struct list {
	struct plan_group groups[LIST_GROUPS];
	struct plan_need needs[LIST_NEEDS];
	struct plan_option options[LIST_OPTIONS];
	struct plan_pool pools[LIST_POOLS];
	uint32_t partner_cost[LIST_POOLS];
	uint32_t team[LIST_TEAM];
	struct plan_pair pairs[LIST_PAIRS];
	bool leads[LIST_POOLS];
	struct plan_problem p;
};

/** What a family of random lists looks like; every number is a maximum. */
struct list_family {
	const char *name;
	uint32_t groups, needs, pools, partners;
	uint32_t uses, share; /* uses of a pool; of 8 pools so many can help a need */
	uint32_t amount, free;
	uint32_t cost, penalty;
	uint32_t team;
	uint32_t pool_cost, pairs; /* pairs of a group */
	uint32_t lead;             /* of so many groups one asks a lead; 0: none */
};

static inline uint64_t list_draw_next(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint32_t list_upto(uint64_t *seed, uint32_t max)
{
	return (uint32_t)(list_draw_next(seed) % (max + 1ULL));
}

static inline void list_supply(struct list *l, const struct list_family *f, uint64_t *seed)
{
	l->p.partners_len = 1 + list_upto(seed, f->partners - 1);
	l->p.pools_len = 1 + list_upto(seed, f->pools - 1);
	for (size_t i = 0; i < l->p.partners_len; i++) {
		l->partner_cost[i] = list_upto(seed, f->cost);
	}
	for (size_t i = 0; i < l->p.pools_len; i++) {
		struct plan_pool *pool = &l->pools[i];
		pool->id[list_upto(seed, 1) * 8] = (uint8_t)list_upto(seed, 3);
		pool->id[15] = (uint8_t)(i * 37 + 11); /* distinct, and in no order */
		pool->partner = list_upto(seed, (uint32_t)l->p.partners_len - 1);
		pool->free = list_upto(seed, f->free);
		pool->fixed_cost = f->pool_cost == 0 ? 0 : list_upto(seed, f->pool_cost);
	}
	for (size_t i = 0; f->lead > 0 && i < l->p.partners_len; i++) {
		l->leads[i] = list_upto(seed, 2) == 0;
	}
}

static inline void list_need(struct list *l, const struct list_family *f, uint64_t *seed)
{
	struct plan_need *n = &l->needs[l->p.needs_len++];

	n->first = (uint32_t)l->p.options_len;
	n->penalty = list_upto(seed, f->penalty);
	for (uint32_t pool = 0; pool < l->p.pools_len; pool++) {
		for (uint32_t use = 0; use < f->uses; use++) {
			if (list_upto(seed, 7) >= f->share || l->p.options_len == LIST_OPTIONS) {
				continue;
			}
			l->options[l->p.options_len++] =
				(struct plan_option){ .pool = pool,
						      .use = use,
						      .amount = list_upto(seed, f->amount),
						      .cost = list_upto(seed, f->cost),
						      .tie = list_upto(seed, 3) };
		}
	}
	n->len = (uint32_t)l->p.options_len - n->first;
}

static inline void list_group(struct list *l, const struct list_family *f, uint64_t *seed)
{
	struct plan_group *g = &l->groups[l->p.groups_len++];
	uint32_t partner = list_upto(seed, (uint32_t)l->p.partners_len - 1);

	g->first = (uint32_t)l->p.needs_len;
	g->len = 1 + list_upto(seed, f->needs - 1);
	g->team_max = list_upto(seed, f->team);
	g->team_first = (uint32_t)l->p.team_len;
	g->team_len = list_upto(seed, 3) == 0 ? 1 : 0;
	l->team[l->p.team_len] = partner;
	l->p.team_len += g->team_len;
	for (uint32_t i = 0; i < g->len; i++) {
		list_need(l, f, seed);
	}
}

/* Pairs of the last group, perhaps one twice or one of both kinds; and whether it asks a lead. */
static inline void list_rules(struct list *l, const struct list_family *f, uint64_t *seed)
{
	struct plan_group *g = &l->groups[l->p.groups_len - 1];

	g->pair_first = (uint32_t)l->p.pairs_len;
	g->pair_len = g->len < 2 || f->pairs == 0 ? 0 : list_upto(seed, f->pairs);
	for (uint32_t i = 0; i < g->pair_len; i++) {
		uint32_t a = list_upto(seed, g->len - 1);
		uint32_t b = (a + 1 + list_upto(seed, g->len - 2)) % g->len;
		l->pairs[l->p.pairs_len++] =
			(struct plan_pair){ .need = { g->first + a, g->first + b },
					    .apart = list_upto(seed, 1) == 0 };
	}
	g->lead = f->lead > 0 && list_upto(seed, f->lead - 1) == 0;
}

static inline void list_point(struct list *l)
{
	l->p.groups = l->groups;
	l->p.needs = l->needs;
	l->p.options = l->options;
	l->p.pools = l->pools;
	l->p.partner_cost = l->partner_cost;
	l->p.team = l->team;
	l->p.pairs = l->pairs;
	l->p.leads = l->leads;
}

static inline void list_draw(struct list *l, const struct list_family *f, uint64_t seed)
{
	uint64_t s = seed;

	memset(l, 0, sizeof(*l));
	list_point(l);
	list_supply(l, f, &s);
	uint32_t groups = 1 + list_upto(&s, f->groups - 1);
	while (l->p.groups_len < groups && l->p.needs_len + f->needs <= LIST_NEEDS) {
		list_group(l, f, &s);
		list_rules(l, f, &s);
	}
}

static inline void list_permute(uint32_t *to, size_t len, uint64_t *seed)
{
	for (uint32_t i = 0; i < len; i++) {
		to[i] = i;
	}
	for (uint32_t i = 1; i < len; i++) {
		uint32_t j = list_upto(seed, i);
		uint32_t swap = to[i];
		to[i] = to[j];
		to[j] = swap;
	}
}

/** The same list with pools, partners and the options of each need stored in another order.
 *  @p ret_option: per option of @p l its index in @p out. */
static inline void list_shuffle(const struct list *l, struct list *out, uint64_t seed,
				uint32_t *ret_option)
{
	uint32_t partner[LIST_POOLS];
	uint32_t pool[LIST_POOLS];
	uint64_t s = seed;

	*out = *l;
	list_point(out);
	list_permute(partner, l->p.partners_len, &s);
	list_permute(pool, l->p.pools_len, &s);
	for (size_t i = 0; i < l->p.partners_len; i++) {
		out->partner_cost[partner[i]] = l->partner_cost[i];
		out->leads[partner[i]] = l->leads[i];
	}
	for (size_t i = 0; i < l->p.pools_len; i++) {
		out->pools[pool[i]] = l->pools[i];
		out->pools[pool[i]].partner = partner[l->pools[i].partner];
	}
	for (size_t i = 0; i < l->p.team_len; i++) {
		out->team[i] = partner[l->team[i]];
	}
	for (size_t i = 0; i < l->p.pairs_len; i++) {
		out->pairs[i].need[0] = l->pairs[i].need[1];
		out->pairs[i].need[1] = l->pairs[i].need[0];
	}
	for (size_t i = 0; i < l->p.needs_len; i++) {
		uint32_t first = l->needs[i].first;
		list_permute(&ret_option[first], l->needs[i].len, &s);
		for (uint32_t o = first; o < first + l->needs[i].len; o++) {
			ret_option[o] += first;
			out->options[ret_option[o]] = l->options[o];
			out->options[ret_option[o]].pool = pool[l->options[o].pool];
		}
	}
}

/** One seed in eight has work for moves with whole teams, too. */
static inline struct plan_rules rules_of(bool law, uint64_t seed)
{
	uint64_t work = seed % 8 == 1 ? 200000000 : 4000000;

	return (struct plan_rules){ .law = law,
				    .seed = seed,
				    .price_rounds = 12,
				    .bound_rounds = 12,
				    .repair_rounds = 200,
				    .deep_work = seed % 2 == 0 ? 0 : work };
}

/** The plan, which the judge has found sound. */
static inline struct plan_result *plan_of(const struct plan_problem *p,
					  const struct plan_rules *rules)
{
	struct plan_result *r = NULL;
	struct plan_fault fault = { 0 };

	assert_int_equal(plan_run(p, rules, &r), SK_OK);
	if (!plan_check(p, r, rules->law, &fault)) {
		fail_msg("seed %llu law %d: fault %d at need %u option %u pool %u",
			 (unsigned long long)rules->seed, rules->law, fault.kind, fault.need,
			 fault.option, fault.pool);
	}
	return r;
}
