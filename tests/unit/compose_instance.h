/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Seeded random problems for the tests of the composer, their reordering, and a plain
 *  pricing of one assignment that shares nothing with the composer.
 *  Ownership: an instance holds its arrays; its problem points into it. Blocks: never. */
#include <stdint.h>
#include <string.h>

#include "common/plan/compose.h"

#define NONE COMPOSE_NONE
#define INSTANCE_OPTIONS 1536
#define INSTANCE_POOLS 1536

struct instance {
	struct compose_option options[INSTANCE_OPTIONS];
	struct compose_pool pools[INSTANCE_POOLS];
	struct compose_partner partners[INSTANCE_POOLS];
	struct compose_pair together[2];
	struct compose_pair apart[3];
	struct compose_problem p;
};

/** What a family of random problems looks like; every number is a maximum. */
struct family {
	uint32_t needs_min;
	uint32_t needs;
	uint32_t options;
	uint32_t pools;
	uint32_t partners;
	uint32_t uses;
	uint32_t amount;
	uint32_t free;
	uint32_t cost;
	uint32_t tie;
	uint32_t team;
};

static inline uint64_t draw(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint32_t upto(uint64_t *seed, uint32_t max)
{
	return (uint32_t)(draw(seed) % (max + 1ULL));
}

static inline bool instance_has(const struct instance *in, const struct compose_option *o)
{
	for (size_t i = 0; i < in->p.options_len; i++) {
		const struct compose_option *x = &in->options[i];
		if (x->need == o->need && x->pool == o->pool && x->use == o->use) {
			return true;
		}
	}
	return false;
}

static inline void instance_supply(struct instance *in, const struct family *f, uint64_t *seed)
{
	in->p.partners_len = 1 + upto(seed, f->partners - 1);
	in->p.pools_len = 1 + upto(seed, f->pools - 1);
	for (size_t i = 0; i < in->p.partners_len; i++) {
		in->partners[i].fixed_cost = upto(seed, 2) == 0 ? 0 : upto(seed, 2 * f->cost);
		in->partners[i].in_team = upto(seed, 3) == 0;
	}
	for (size_t i = 0; i < in->p.pools_len; i++) {
		struct compose_pool *pool = &in->pools[i];
		uint64_t id = draw(seed);
		/* ids that differ late in some bytes, never in the order of the array */
		memset(pool->id, 0, sizeof(pool->id));
		pool->id[upto(seed, 1) * 8] = (uint8_t)(id % 4);
		pool->id[14] = (uint8_t)((i * 37 + 11) >> 8);
		pool->id[15] = (uint8_t)(i * 37 + 11);
		pool->partner = upto(seed, (uint32_t)in->p.partners_len - 1);
		pool->free = upto(seed, f->free);
	}
}

static inline void instance_draw(struct instance *in, const struct family *f, uint64_t seed)
{
	uint64_t s = seed;

	memset(in, 0, sizeof(*in));
	in->p.options = in->options;
	in->p.pools = in->pools;
	in->p.partners = in->partners;
	in->p.needs = f->needs_min + upto(&s, f->needs - f->needs_min);
	in->p.partners_used = upto(&s, 2);
	in->p.team_max = upto(&s, f->team + in->p.partners_used);
	instance_supply(in, f, &s);
	uint32_t tries = in->p.needs == 0 ? 0 : upto(&s, f->options);
	for (uint32_t i = 0; i < tries; i++) {
		struct compose_option o = {
			.pool = upto(&s, (uint32_t)in->p.pools_len - 1),
			.use = upto(&s, f->uses - 1),
			.amount = upto(&s, f->amount),
			.cost = upto(&s, f->cost),
			.tie = upto(&s, f->tie),
			.need = (uint8_t)upto(&s, in->p.needs - 1),
		};
		if (!instance_has(in, &o)) {
			in->options[in->p.options_len++] = o;
		}
	}
}

static inline struct compose_pair draw_pair(uint32_t needs, uint64_t *seed)
{
	uint32_t a = upto(seed, needs - 1);
	uint32_t b = (a + 1 + upto(seed, needs - 2)) % needs;

	return (struct compose_pair){ { (uint8_t)a, (uint8_t)b } };
}

/** Adds what a problem may also have: fixed costs of pools, a lead, pairs of needs. */
static inline void instance_rules(struct instance *in, uint32_t cost, uint64_t seed)
{
	uint64_t s = seed * 31 + 7;

	for (size_t i = 0; i < in->p.pools_len; i++) {
		in->pools[i].fixed_cost = upto(&s, 1) == 0 ? 0 : upto(&s, cost);
	}
	in->p.lead = upto(&s, 1) == 0;
	uint32_t rare = 1 + upto(&s, 4);
	for (size_t i = 0; i < in->p.partners_len; i++) {
		in->partners[i].lead = upto(&s, rare) == 0;
	}
	in->p.together = in->together;
	in->p.apart = in->apart;
	in->p.together_len = in->p.needs < 2 ? 0 : upto(&s, SK_LEN(in->together));
	in->p.apart_len = in->p.needs < 2 ? 0 : upto(&s, SK_LEN(in->apart));
	for (size_t i = 0; i < in->p.together_len; i++) {
		in->together[i] = draw_pair(in->p.needs, &s);
	}
	for (size_t i = 0; i < in->p.apart_len; i++) {
		in->apart[i] = draw_pair(in->p.needs, &s);
	}
}

static inline void permutation(uint32_t *to, size_t len, uint64_t *seed)
{
	for (uint32_t i = 0; i < len; i++) {
		to[i] = i;
	}
	for (uint32_t i = 1; i < len; i++) {
		uint32_t j = upto(seed, i);
		uint32_t swap = to[i];
		to[i] = to[j];
		to[j] = swap;
	}
}

/** The same problem with partners, pools and options stored in another order. */
static inline void instance_shuffle(const struct instance *in, struct instance *out, uint64_t seed)
{
	uint32_t partner[INSTANCE_POOLS];
	uint32_t pool[INSTANCE_POOLS];
	uint32_t option[INSTANCE_OPTIONS];
	uint64_t s = seed;

	*out = *in;
	out->p.options = out->options;
	out->p.pools = out->pools;
	out->p.partners = out->partners;
	out->p.together = out->together;
	out->p.apart = out->apart;
	permutation(partner, in->p.partners_len, &s);
	permutation(pool, in->p.pools_len, &s);
	permutation(option, in->p.options_len, &s);
	for (size_t i = 0; i < in->p.partners_len; i++) {
		out->partners[partner[i]] = in->partners[i];
	}
	for (size_t i = 0; i < in->p.pools_len; i++) {
		out->pools[pool[i]] = in->pools[i];
		out->pools[pool[i]].partner = partner[in->pools[i].partner];
	}
	for (size_t i = 0; i < in->p.options_len; i++) {
		out->options[option[i]] = in->options[i];
		out->options[option[i]].pool = pool[in->options[i].pool];
	}
}

/* One assignment: an option per need, or NONE. */
struct pick {
	uint32_t option[COMPOSE_NEEDS_MAX];
	uint64_t cost;
	uint64_t tie;
	uint32_t newcomers;
	bool amounts_fit;
	bool team_fits;
	bool pairs_fit;
	bool lead_fits;
};

static inline bool same_partner(const struct compose_problem *p, const struct pick *k,
				const struct compose_pair *pair)
{
	const struct compose_option *a = &p->options[k->option[pair->need[0]]];
	const struct compose_option *b = &p->options[k->option[pair->need[1]]];

	return p->pools[a->pool].partner == p->pools[b->pool].partner;
}

static inline bool both_seated(const struct pick *k, const struct compose_pair *pair)
{
	return k->option[pair->need[0]] != NONE && k->option[pair->need[1]] != NONE;
}

static inline void judge_rules(const struct compose_problem *p, struct pick *k)
{
	bool anybody = false;
	bool lead = !p->lead;

	k->pairs_fit = true;
	for (size_t i = 0; i < p->together_len; i++) {
		k->pairs_fit &= !both_seated(k, &p->together[i]) ||
				same_partner(p, k, &p->together[i]);
	}
	for (size_t i = 0; i < p->apart_len; i++) {
		k->pairs_fit &= !both_seated(k, &p->apart[i]) || !same_partner(p, k, &p->apart[i]);
	}
	for (size_t i = 0; i < p->partners_len; i++) {
		lead |= p->partners[i].in_team && p->partners[i].lead;
	}
	for (uint32_t i = 0; i < p->needs; i++) {
		if (k->option[i] != NONE) {
			anybody = true;
			lead |= p->partners[p->pools[p->options[k->option[i]].pool].partner].lead;
		}
	}
	k->lead_fits = lead || !anybody;
}

/* Prices an assignment from the problem alone, and says which hard rules it keeps. */
static inline void judge(const struct compose_problem *p, struct pick *k)
{
	uint64_t taken[INSTANCE_POOLS] = { 0 };
	bool used[INSTANCE_POOLS] = { false };
	bool pool_used[INSTANCE_POOLS] = { false };

	k->cost = k->tie = k->newcomers = 0;
	k->amounts_fit = true;
	for (uint32_t i = 0; i < p->needs; i++) {
		if (k->option[i] == NONE) {
			continue;
		}
		const struct compose_option *o = &p->options[k->option[i]];
		uint32_t partner = p->pools[o->pool].partner;
		taken[o->pool] += o->amount;
		k->amounts_fit &= taken[o->pool] <= p->pools[o->pool].free;
		k->cost += o->cost;
		k->tie += o->tie;
		k->cost += pool_used[o->pool] ? 0 : p->pools[o->pool].fixed_cost;
		pool_used[o->pool] = true;
		if (!used[partner]) {
			used[partner] = true;
			k->cost += p->partners[partner].fixed_cost;
			k->newcomers += p->partners[partner].in_team ? 0 : 1;
		}
	}
	k->team_fits = k->newcomers == 0 || p->partners_used + k->newcomers <= p->team_max;
	judge_rules(p, k);
}

/* Order by (pool id, use); less than, equal to or greater than 0. */
static inline int by_id(const struct compose_problem *p, uint32_t a, uint32_t b)
{
	const struct compose_option *x = &p->options[a];
	const struct compose_option *y = &p->options[b];
	int ids = memcmp(p->pools[x->pool].id, p->pools[y->pool].id, 16);

	return ids != 0 ? ids : (x->use > y->use) - (x->use < y->use);
}
