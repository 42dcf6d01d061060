/* SPDX-License-Identifier: EUPL-1.2 */
/* Pairs of needs and the lead: checked, written in an order of their own, and asked of one seat. */
#include <stdlib.h>

#include "common/plan/plan_work.h"

static uint64_t key_of(const struct canon_pair *p)
{
	return (uint64_t)p->need[0] << 32 | p->need[1];
}

static int by_needs(const void *a, const void *b)
{
	uint64_t x = key_of(a);
	uint64_t y = key_of(b);

	return (x > y) - (x < y);
}

/* Those of one kind, each once, those of needs that can have no seat left out. @p at: per need of
 * the problem its canonical number. @return how many, or UINT32_MAX for a false one. */
static uint32_t pairs_of(struct plan_work *w, const struct plan_group *g,
			 const struct canon_group *c, const uint32_t *at, bool apart)
{
	struct canon_pair *to = &w->pairs[w->pairs_len];
	uint32_t len = 0;
	uint32_t kept = 0;

	for (uint32_t i = g->pair_first; i < g->pair_first + g->pair_len; i++) {
		const struct plan_pair *p = &w->p->pairs[i];
		uint32_t a = p->need[0] < p->need[1] ? p->need[0] : p->need[1];
		uint32_t b = p->need[0] ^ p->need[1] ^ a;
		if (a == b || a < g->first || b - g->first >= g->len) {
			return UINT32_MAX;
		}
		if (p->apart == apart && at[a] != PLAN_NONE && at[b] != PLAN_NONE) {
			to[len++] = (struct canon_pair){ { at[a] - c->first, at[b] - c->first } };
		}
	}
	qsort(to, len, sizeof(*to), by_needs);
	for (uint32_t i = 0; i < len; i++) {
		if (kept == 0 || by_needs(&to[kept - 1], &to[i]) != 0) {
			to[kept++] = to[i];
		}
	}
	w->pairs_len += kept;
	return kept;
}

static bool pairs_in_range(const struct plan_work *w, const struct plan_group *g)
{
	return g->pair_first <= w->p->pairs_len && g->pair_len <= w->p->pairs_len - g->pair_first;
}

/* Groups without a need that can have a seat are not among the canonical ones. */
static bool canon_pairs(struct plan_work *w, const uint32_t *at)
{
	for (size_t i = 0; i < w->p->groups_len; i++) {
		const struct plan_group *g = &w->p->groups[i];
		struct canon_group none = { 0 };
		struct canon_group *c = &none;
		if (!pairs_in_range(w, g)) {
			return false;
		}
		for (uint32_t n = g->first; n < g->first + g->len; n++) {
			c = at[n] != PLAN_NONE ? &w->groups[w->needs[at[n]].group] : c;
		}
		c->pair_first = w->pairs_len;
		c->together_len = pairs_of(w, g, c, at, false);
		c->apart_len = c->together_len == UINT32_MAX ? UINT32_MAX :
							       pairs_of(w, g, c, at, true);
		if (c->apart_len == UINT32_MAX) {
			return false;
		}
	}
	return true;
}

/* A need is worth its penalty, or where a lead is asked what all of the group are. */
static void weigh(struct plan_work *w)
{
	for (uint32_t g = 0; g < w->groups_len; g++) {
		const struct canon_group *c = &w->groups[g];
		uint64_t sum = 0;
		for (uint32_t i = c->first; i < c->first + c->len; i++) {
			sum += w->needs[i].penalty;
		}
		for (uint32_t i = c->first; i < c->first + c->len; i++) {
			w->needs[i].worth = c->lead ? sum : w->needs[i].penalty;
		}
	}
}

/* Costs that are large need no parts of a point, and sixteen times as much would not fit. */
static void choose_scale(struct plan_work *w)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < w->needs_len; i++) {
		most |= w->needs[i].penalty;
	}
	for (uint32_t i = 0; i < w->options_len; i++) {
		uint32_t pool = w->options[i].pool;
		most |= w->options[i].cost | w->pool_cost[pool];
		most |= w->partner_cost[w->partner[pool]];
	}
	w->scale = most >> PLAN_FINE_BITS == 0 ? PLAN_PRICE_SCALE : 1;
}

int plan_canon_rules(struct plan_work *w)
{
	uint32_t *at = plan_array(w->p->needs_len, sizeof(*at));

	if (at == NULL) {
		return SK_ENOMEM;
	}
	for (size_t i = 0; i < w->p->needs_len; i++) {
		at[i] = PLAN_NONE;
	}
	for (uint32_t i = 0; i < w->needs_len; i++) {
		at[w->needs[i].origin] = i;
	}
	bool valid = canon_pairs(w, at);
	free(at);
	weigh(w);
	choose_scale(w);
	return valid ? SK_OK : SK_EINVAL;
}

bool plan_pairs_allow(const struct plan_work *w, const struct canon_group *g, const uint32_t *seat,
		      uint32_t at, uint32_t partner)
{
	for (uint32_t i = 0; i < g->together_len + g->apart_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		uint32_t other = p->need[0] == at ? p->need[1] : p->need[0];
		if ((p->need[0] != at && p->need[1] != at) || seat[other] == PLAN_NONE) {
			continue;
		}
		bool same = w->partner[w->options[seat[other]].pool] == partner;
		if (same != (i < g->together_len)) {
			return false;
		}
	}
	return true;
}

bool plan_may_sit(struct plan_work *w, uint32_t group, const uint32_t *seat, uint32_t at,
		  uint32_t option)
{
	const struct canon_group *g = &w->groups[group];
	uint32_t partner = w->partner[w->options[option].pool];
	uint32_t stamp = ++w->stamp;
	uint32_t joined = 0;
	bool led = !g->lead || w->leads[partner];

	for (uint32_t i = 0; i < g->team_len; i++) {
		w->seen_partner[w->team[g->team_first + i]] = stamp;
	}
	for (uint32_t i = 0; i < g->len; i++) {
		uint32_t has = seat[i] == PLAN_NONE ? PLAN_NONE :
						      w->partner[w->options[seat[i]].pool];
		if (has != PLAN_NONE && w->seen_partner[has] != stamp) {
			w->seen_partner[has] = stamp;
			led = led || w->leads[has];
			joined++;
		}
	}
	bool joins = w->seen_partner[partner] == stamp || g->team_used + joined < g->team_max;
	return joins && led && plan_pairs_allow(w, g, seat, at, partner);
}
