/* SPDX-License-Identifier: EUPL-1.2 */
/* Checks the problem and writes it in an order of its own: pools by id, partners by their first
 * pool, options by (pool, use). Options that no plan can use are left out, and needs and groups
 * without any: what cannot be helped must not move a single draw for those who can. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define TIGHTEN_UNITS 512U
#define WEIGHT_TOP 65535U

void *plan_array(size_t count, size_t size)
{
	return calloc(count + 1, size);
}

static bool in_range(uint32_t first, uint32_t len, size_t end)
{
	return first <= end && len <= end - first;
}

static bool option_valid(const struct plan_problem *p, const struct plan_option *o)
{
	return o->pool < p->pools_len && o->amount <= PLAN_AMOUNT_MAX && o->cost <= PLAN_COST_MAX &&
	       o->tie >> COMPOSE_TIE_BITS == 0;
}

static bool group_valid(const struct plan_problem *p, const struct plan_group *g)
{
	if (g->len > PLAN_GROUP_NEEDS_MAX || !in_range(g->first, g->len, p->needs_len) ||
	    !in_range(g->team_first, g->team_len, p->team_len)) {
		return false;
	}
	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		const struct plan_need *n = &p->needs[i];
		if (!in_range(n->first, n->len, p->options_len) || n->penalty > PLAN_PENALTY_MAX) {
			return false;
		}
	}
	for (uint32_t i = 0; i < g->team_len; i++) {
		if (p->team[g->team_first + i] >= p->partners_len) {
			return false;
		}
	}
	return true;
}

/* @return the units of the options of all needs, so that arrays can be made; 0 also for none. */
static bool problem_valid(const struct plan_problem *p, size_t *ret_options)
{
	size_t options = 0;

	if (p->groups_len > PLAN_GROUPS_MAX || p->pools_len >= PLAN_NONE ||
	    p->partners_len >= PLAN_NONE || p->options_len >= PLAN_NONE) {
		return false;
	}
	for (size_t i = 0; i < p->pools_len; i++) {
		if (p->pools[i].partner >= p->partners_len ||
		    p->pools[i].fixed_cost > PLAN_COST_MAX) {
			return false;
		}
	}
	for (size_t i = 0; i < p->partners_len; i++) {
		if (p->partner_cost[i] > PLAN_COST_MAX) {
			return false;
		}
	}
	for (size_t i = 0; i < p->options_len; i++) {
		if (!option_valid(p, &p->options[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < p->groups_len; i++) {
		if (!group_valid(p, &p->groups[i])) {
			return false;
		}
		for (uint32_t n = 0; n < p->groups[i].len; n++) {
			options += p->needs[p->groups[i].first + n].len;
		}
	}
	*ret_options = options;
	return options < PLAN_NONE;
}

struct pool_key {
	uint8_t id[16];
	uint32_t at;
};

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct pool_key *)a)->id, ((const struct pool_key *)b)->id, 16);
}

static void number_partners(struct plan_work *w)
{
	const struct plan_problem *p = w->p;

	for (size_t i = 0; i < p->partners_len; i++) {
		w->partner_is[i] = PLAN_NONE;
	}
	for (uint32_t i = 0; i < w->pools_len; i++) {
		uint32_t partner = p->pools[w->pool_origin[i]].partner;
		if (w->partner_is[partner] == PLAN_NONE) {
			w->partner_cost[w->partners_len] = p->partner_cost[partner];
			w->leads[w->partners_len] = p->leads != NULL && p->leads[partner];
			w->partner_is[partner] = w->partners_len++;
		}
		w->partner[i] = w->partner_is[partner];
	}
}

static int canon_pools(struct plan_work *w)
{
	const struct plan_problem *p = w->p;
	struct pool_key *keys = plan_array(p->pools_len, sizeof(*keys));
	bool distinct = true;

	if (keys == NULL) {
		return SK_ENOMEM;
	}
	for (uint32_t i = 0; i < p->pools_len; i++) {
		memcpy(keys[i].id, p->pools[i].id, sizeof(keys[i].id));
		keys[i].at = i;
	}
	qsort(keys, p->pools_len, sizeof(*keys), by_id);
	w->pools_len = (uint32_t)p->pools_len;
	for (uint32_t i = 0; i < w->pools_len; i++) {
		distinct = distinct && (i == 0 || by_id(&keys[i - 1], &keys[i]) != 0);
		w->pool_origin[i] = keys[i].at;
		w->pool_is[keys[i].at] = i;
		w->free[i] = p->pools[keys[i].at].free;
		w->pool_cost[i] = p->pools[keys[i].at].fixed_cost;
	}
	free(keys);
	number_partners(w);
	return distinct ? SK_OK : SK_EINVAL;
}

/* Partners of the team that have a pool at all stand in team[], all count in team_used; one who can
 * lead settles that.
 * @return false when one stands twice. */
static bool canon_team(struct plan_work *w, const struct plan_group *g, struct canon_group *to,
		       uint32_t *team_len)
{
	const uint32_t *team = &w->p->team[g->team_first];

	to->team_max = g->team_max;
	to->team_used = g->team_len;
	to->team_first = *team_len;
	to->lead = g->lead;
	for (uint32_t i = 0; i < g->team_len; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (team[i] == team[j]) {
				return false;
			}
		}
		to->lead = to->lead && !(w->p->leads != NULL && w->p->leads[team[i]]);
		if (w->partner_is[team[i]] != PLAN_NONE) {
			w->team[(*team_len)++] = w->partner_is[team[i]];
			to->team_len++;
		}
	}
	return true;
}

static bool in_team(const struct plan_work *w, const struct canon_group *g, uint32_t partner)
{
	for (uint32_t i = 0; i < g->team_len; i++) {
		if (w->team[g->team_first + i] == partner) {
			return true;
		}
	}
	return false;
}

static int by_place(const void *a, const void *b)
{
	const struct canon_option *x = a;
	const struct canon_option *y = b;

	if (x->pool != y->pool) {
		return x->pool < y->pool ? -1 : 1;
	}
	return (x->use > y->use) - (x->use < y->use);
}

/* @return false when one use stands twice, or a pool too often. */
static bool options_distinct(const struct canon_option *o, uint32_t len)
{
	for (uint32_t i = 1; i < len; i++) {
		if (by_place(&o[i - 1], &o[i]) == 0 ||
		    (i >= COMPOSE_PER_POOL_MAX && o[i - COMPOSE_PER_POOL_MAX].pool == o[i].pool)) {
			return false;
		}
	}
	return true;
}

/* The options of one need, those that no plan can use left out. */
static int canon_need(struct plan_work *w, const struct canon_group *g, uint32_t need)
{
	const struct plan_need *n = &w->p->needs[need];
	struct canon_option *to = &w->options[w->options_len];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n->len; i++) {
		const struct plan_option *o = &w->p->options[n->first + i];
		to[i] = (struct canon_option){ .pool = w->pool_is[o->pool],
					       .use = o->use,
					       .amount = o->amount,
					       .cost = o->cost,
					       .tie = o->tie,
					       .need = w->needs_len,
					       .origin = n->first + i };
	}
	qsort(to, n->len, sizeof(*to), by_place);
	if (!options_distinct(to, n->len)) {
		return SK_EINVAL;
	}
	for (uint32_t i = 0; i < n->len; i++) {
		bool joins = g->team_used < g->team_max || in_team(w, g, w->partner[to[i].pool]);
		if (joins && to[i].amount <= w->free[to[i].pool]) {
			to[kept++] = to[i];
		}
	}
	if (kept == 0) {
		w->base += n->penalty;
		return SK_OK;
	}
	w->needs[w->needs_len++] = (struct canon_need){ .first = w->options_len,
							.len = kept,
							.penalty = n->penalty,
							.group = w->groups_len,
							.origin = need };
	w->options_len += kept;
	return SK_OK;
}

static int canon_group(struct plan_work *w, const struct plan_group *g, bool *seen,
		       uint32_t *team_len)
{
	struct canon_group *to = &w->groups[w->groups_len];
	int err = SK_OK;

	*to = (struct canon_group){ .first = w->needs_len };
	if (!canon_team(w, g, to, team_len)) {
		return SK_EINVAL;
	}
	for (uint32_t i = g->first; err == SK_OK && i < g->first + g->len; i++) {
		err = seen[i] ? SK_EINVAL : canon_need(w, to, i);
		seen[i] = true;
	}
	to->len = w->needs_len - to->first;
	w->groups_len += to->len > 0 ? 1 : 0;
	return err;
}

static int canon_groups(struct plan_work *w)
{
	bool *seen = plan_array(w->p->needs_len, sizeof(*seen));
	uint32_t team_len = 0;
	int err = seen == NULL ? SK_ENOMEM : SK_OK;

	for (size_t i = 0; err == SK_OK && i < w->p->groups_len; i++) {
		err = canon_group(w, &w->p->groups[i], seen, &team_len);
	}
	free(seen);
	return err;
}

static void index_pools(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->options_len; i++) {
		w->could_first[w->options[i].pool + 1]++;
	}
	for (uint32_t i = 0; i < w->pools_len; i++) {
		w->could_first[i + 1] += w->could_first[i];
		w->units[i] = w->could_first[i];
	}
	for (uint32_t i = 0; i < w->options_len; i++) {
		w->could[w->units[w->options[i].pool]++] = i;
	}
}

/* What is free beyond any sum of amounts that can be asked is never used: without it the bound is
 * higher and no plan is lost. Bit i of the sums: i units can be asked together. */
static void tighten(struct plan_work *w, uint32_t pool)
{
	uint64_t sums[TIGHTEN_UNITS / 64] = { 1 };
	uint32_t most = w->free[pool];
	uint64_t all = 0;

	for (uint32_t i = w->could_first[pool]; i < w->could_first[pool + 1]; i++) {
		all += w->options[w->could[i]].amount;
	}
	w->free[pool] = most = all < most ? (uint32_t)all : most;
	if (most >= TIGHTEN_UNITS) {
		return;
	}
	for (uint32_t i = w->could_first[pool]; i < w->could_first[pool + 1]; i++) {
		uint32_t words = w->options[w->could[i]].amount / 64;
		uint32_t bits = w->options[w->could[i]].amount % 64;
		for (uint32_t at = TIGHTEN_UNITS / 64; at-- > words;) {
			uint64_t low =
				bits == 0 || at == words ? 0 : sums[at - words - 1] >> (64 - bits);
			sums[at] |= sums[at - words] << bits | low;
		}
	}
	while ((sums[most / 64] >> most % 64 & 1) == 0) {
		most--;
	}
	w->free[pool] = most;
}

static bool canon_memory(struct plan_work *w, size_t options)
{
	const struct plan_problem *p = w->p;
	size_t team = 0;

	for (size_t i = 0; i < p->groups_len; i++) {
		team += p->groups[i].team_len;
	}
	w->groups = plan_array(p->groups_len, sizeof(*w->groups));
	w->needs = plan_array(p->needs_len, sizeof(*w->needs));
	w->options = plan_array(options, sizeof(*w->options));
	w->free = plan_array(p->pools_len, sizeof(*w->free));
	w->weights = plan_array(p->pools_len, sizeof(*w->weights));
	w->partner = plan_array(p->pools_len, sizeof(*w->partner));
	w->pool_origin = plan_array(p->pools_len, sizeof(*w->pool_origin));
	w->pool_is = plan_array(p->pools_len, sizeof(*w->pool_is));
	w->partner_cost = plan_array(p->partners_len, sizeof(*w->partner_cost));
	w->partner_is = plan_array(p->partners_len, sizeof(*w->partner_is));
	w->pool_cost = plan_array(p->pools_len, sizeof(*w->pool_cost));
	w->leads = plan_array(p->partners_len, sizeof(*w->leads));
	w->pairs = plan_array(p->pairs_len, sizeof(*w->pairs));
	w->seen_pool = plan_array(p->pools_len, sizeof(*w->seen_pool));
	w->seen_partner = plan_array(p->partners_len, sizeof(*w->seen_partner));
	w->team = plan_array(team, sizeof(*w->team));
	w->could_first = plan_array(p->pools_len + 1, sizeof(*w->could_first));
	w->could = plan_array(options, sizeof(*w->could));
	w->price = plan_array(p->pools_len, sizeof(*w->price));
	w->price_top = plan_array(p->pools_len, sizeof(*w->price_top));
	w->units = plan_array(p->pools_len, sizeof(*w->units));
	w->dirty = plan_array(p->groups_len, sizeof(*w->dirty));
	w->best = plan_array(p->needs_len, sizeof(*w->best));
	return w->groups != NULL && w->needs != NULL && w->options != NULL && w->free != NULL &&
	       w->partner != NULL && w->pool_origin != NULL && w->pool_is != NULL &&
	       w->partner_cost != NULL && w->partner_is != NULL && w->team != NULL &&
	       w->could_first != NULL && w->could != NULL && w->price != NULL &&
	       w->price_top != NULL && w->units != NULL && w->dirty != NULL && w->best != NULL &&
	       w->pool_cost != NULL && w->leads != NULL && w->pairs != NULL && w->weights != NULL &&
	       w->seen_pool != NULL && w->seen_partner != NULL;
}

static void weigh(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->pools_len; i++) {
		w->weights[i] = w->free[i] < WEIGHT_TOP ? w->free[i] : WEIGHT_TOP;
	}
	for (uint32_t i = 0; i < w->options_len; i++) {
		struct canon_option *o = &w->options[i];
		uint64_t free = w->free[o->pool];
		o->weight = free <= WEIGHT_TOP ?
				    o->amount :
				    (uint32_t)(o->amount * (uint64_t)WEIGHT_TOP / free);
	}
}

int plan_canon(struct plan_work *w)
{
	size_t options = 0;

	if (!problem_valid(w->p, &options)) {
		return SK_EINVAL;
	}
	if (!canon_memory(w, options)) {
		return SK_ENOMEM;
	}
	int err = canon_pools(w);
	if (err == SK_OK) {
		err = canon_groups(w);
	}
	if (err == SK_OK) {
		err = plan_canon_rules(w);
	}
	if (err == SK_OK) {
		index_pools(w);
	}
	for (uint32_t i = 0; err == SK_OK && i < w->pools_len; i++) {
		tighten(w, i);
	}
	if (err == SK_OK) {
		weigh(w);
	}
	return err;
}
