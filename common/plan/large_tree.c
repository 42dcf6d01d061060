/* SPDX-License-Identifier: EUPL-1.2 */
/* Branch and bound, depth first, with the Lagrangian bound at each node. First it is settled which
 * offers are in, where they cost something; then which need goes where. What is settled in a node
 * stands in the trail and is taken back from there. */
#include "common/plan/large_work.h"

#include <stdlib.h>
#include <string.h>

#define LG_NODE_ROUNDS 30U
#define LG_UNCLEAR 64 /* a share beyond this, from either end, is a question */

struct branch {
	size_t mark; /* in the trail */
	int64_t bound;
	uint32_t offer, option; /* one of the two */
	bool second;            /* its second side is at hand */
};

struct tree {
	struct branch *at;
	int64_t *price; /* of each branch */
	size_t len, cap;
};

static void trail(struct lg *g, enum lg_trail_kind kind, uint32_t at, int64_t was)
{
	g->trail[g->trail_len++] = (struct lg_trail){ kind, at, was };
}

bool lg_drop(struct lg *g, uint32_t o)
{
	if (!g->off[o]) {
		g->off[o] = true;
		g->alive[g->o_need[o]]--;
		trail(g, LG_OFF, o, 0);
	}
	return true;
}

bool lg_close(struct lg *g, uint32_t f)
{
	for (uint32_t k = g->offer_first[f]; k < g->offer_end[f]; k++) {
		(void)lg_drop(g, g->by_offer[k]);
	}
	return true;
}

static void close_other_partners(struct lg *g)
{
	for (uint32_t f = 0; f < g->offers; f++) {
		if (!g->partner_open[g->partner[f]]) {
			(void)lg_close(g, f);
		}
	}
}

bool lg_force(struct lg *g, uint32_t f)
{
	uint32_t p = g->partner[f];

	if (!g->offer_open[f]) {
		g->offer_open[f] = true;
		trail(g, LG_OFFER_OPEN, f, 0);
	}
	if (!g->partner_open[p]) {
		g->partner_open[p] = true;
		g->team_open++;
		trail(g, LG_PARTNER_OPEN, p, 0);
		if (g->team_open == g->team_max) {
			close_other_partners(g);
		}
	}
	return g->team_open <= g->team_max;
}

/* Mates of a need that sits at option @p o: what they can no longer have. */
static bool bind_mate(struct lg *g, uint32_t o, uint32_t mate, bool apart)
{
	uint32_t p = lg_partner_of(g, o);

	if (g->fixed[mate] != LG_FREE) {
		return g->fixed[mate] == LG_NONE ||
		       (lg_partner_of(g, g->fixed[mate]) == p) != apart;
	}
	for (uint32_t k = g->need_first[mate]; k < g->need_first[mate + 1]; k++) {
		if ((lg_partner_of(g, k) == p) == apart) {
			(void)lg_drop(g, k);
		}
	}
	return true;
}

static void settle(struct lg *g, uint32_t i, uint32_t seat, int64_t cost)
{
	trail(g, LG_FIXED, i, g->base);
	g->fixed[i] = seat;
	g->base += cost;
}

bool lg_fix(struct lg *g, uint32_t o)
{
	uint32_t i = g->o_need[o];
	uint32_t f = g->o_offer[o];

	for (uint32_t k = g->need_first[i]; k < g->need_first[i + 1]; k++) {
		(void)lg_drop(g, k);
	}
	settle(g, i, o, g->o_cost[o]);
	if (g->o_hours[o] > g->room[f] || !lg_force(g, f)) {
		return false;
	}
	trail(g, LG_LEFT, f, g->room[f]);
	g->room[f] -= g->o_hours[o];
	for (uint32_t k = g->offer_first[f]; k < g->offer_end[f]; k++) {
		if (g->o_hours[g->by_offer[k]] > g->room[f]) {
			(void)lg_drop(g, g->by_offer[k]);
		}
	}
	for (uint32_t k = g->pair_first[i]; k < g->pair_first[i + 1]; k++) {
		if (!bind_mate(g, o, g->mate[k] & ~(1U << 31), (g->mate[k] >> 31) != 0)) {
			return false;
		}
	}
	return true;
}

void lg_settle(struct lg *g)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		if (g->fixed[i] == LG_FREE && g->alive[i] == 0) {
			settle(g, i, LG_NONE, g->open[i]);
		}
	}
}

void lg_unwind(struct lg *g, size_t mark)
{
	while (g->trail_len > mark) {
		struct lg_trail t = g->trail[--g->trail_len];
		switch (t.kind) {
		case LG_OFF:
			g->off[t.at] = false;
			g->alive[g->o_need[t.at]]++;
			break;
		case LG_FIXED:
			g->fixed[t.at] = LG_FREE;
			g->base = t.was;
			break;
		case LG_OFFER_OPEN:
			g->offer_open[t.at] = false;
			break;
		case LG_PARTNER_OPEN:
			g->partner_open[t.at] = false;
			g->team_open--;
			break;
		case LG_LEFT:
			g->room[t.at] = (uint32_t)t.was;
			break;
		}
	}
}

static bool offer_alive(const struct lg *g, uint32_t f)
{
	for (uint32_t k = g->offer_first[f]; k < g->offer_end[f]; k++) {
		if (!g->off[g->by_offer[k]]) {
			return true;
		}
	}
	return false;
}

static uint32_t unclear_offer(const struct lg *g)
{
	uint32_t best = LG_NONE;
	int32_t most = LG_UNCLEAR;

	for (uint32_t k = 0; k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		if (g->offer_open[f] ||
		    (g->offer_cost[f] == 0 && g->partner_cost[g->partner[f]] == 0)) {
			continue;
		}
		int32_t s = g->offer_share[f];
		int32_t unclear = s < LG_ONE - s ? s : LG_ONE - s;
		if (unclear > most && offer_alive(g, f)) {
			most = unclear;
			best = f;
		}
	}
	return best;
}

static uint32_t likely_option(const struct lg *g, uint32_t i)
{
	uint32_t best = LG_NONE;

	for (uint32_t o = g->need_first[i]; o < g->need_first[i + 1]; o++) {
		if (!g->off[o] && (best == LG_NONE || g->x_share[o] > g->x_share[best])) {
			best = o;
		}
	}
	return best;
}

/* The need of which it is least clear where it goes. */
static uint32_t unclear_option(const struct lg *g)
{
	uint32_t best = LG_NONE;

	for (uint32_t i = 0; i < g->needs; i++) {
		uint32_t o = g->fixed[i] == LG_FREE ? likely_option(g, i) : LG_NONE;
		if (o != LG_NONE && (best == LG_NONE || g->x_share[o] < g->x_share[best])) {
			best = o;
		}
	}
	return best;
}

static bool grow(struct lg *g, struct tree *t)
{
	if (t->len < t->cap) {
		return true;
	}
	size_t cap = t->cap * 2 + 64;
	void *at = realloc(t->at, cap * sizeof(*t->at));
	if (at == NULL) {
		return false;
	}
	t->at = at;
	void *price = realloc(t->price, cap * g->needs * sizeof(*t->price));
	if (price == NULL) {
		return false;
	}
	t->price = price;
	t->cap = cap;
	return true;
}

/* @return true when the node at hand has to be split: at option or offer of @p ret. */
static bool look(struct lg *g, struct branch *ret)
{
	struct lg_subgradient how = { LG_NODE_ROUNDS, 0, 600, 6 };

	g->nodes++;
	lg_settle(g);
	int64_t v = lg_bound(g, how);
	ret->bound = v > ret->bound ? v : ret->bound;
	if (ret->bound >= g->best_cost) {
		return false;
	}
	lg_settle(g);
	lg_from_relaxed(g);
	ret->offer = unclear_offer(g);
	ret->option = ret->offer == LG_NONE ? unclear_option(g) : LG_NONE;
	if (ret->offer == LG_NONE && ret->option == LG_NONE) {
		lg_load(g, g->fixed);
		lg_keep(g);
		return false;
	}
	return ret->bound < g->best_cost;
}

static bool first_side(struct lg *g, const struct branch *b)
{
	return b->offer != LG_NONE ? lg_force(g, b->offer) : lg_fix(g, b->option);
}

static bool second_side(struct lg *g, const struct branch *b)
{
	return b->offer != LG_NONE ? lg_close(g, b->offer) : lg_drop(g, b->option);
}

/* @return true when there is a next node at hand, with the bound of its parent. */
static bool next_node(struct lg *g, struct tree *t, int64_t *ret_bound)
{
	while (t->len > 0) {
		struct branch *b = &t->at[t->len - 1];
		lg_unwind(g, b->mark);
		memcpy(g->price, t->price + (t->len - 1) * g->needs, g->needs * sizeof(*g->price));
		if (b->second || b->bound >= g->best_cost) {
			t->len--;
			continue;
		}
		b->second = true;
		*ret_bound = b->bound;
		if (second_side(g, b)) {
			return true;
		}
	}
	return false;
}

/* What is not looked at yet may hold an answer as low as this. */
static int64_t least_pending(const struct lg *g, const struct tree *t, int64_t here)
{
	int64_t least = here < g->best_cost ? here : g->best_cost;

	for (size_t k = 0; k < t->len; k++) {
		if (!t->at[k].second && t->at[k].bound < least) {
			least = t->at[k].bound;
		}
	}
	return least;
}

/* A need that may stay open for nothing is in nobody's way there, unless it brings the lead. */
static void leave_free(struct lg *g)
{
	for (uint32_t o = 0; o < g->options && !g->lead; o++) {
		if (g->open[g->o_need[o]] == 0 && g->fixed[g->o_need[o]] == LG_FREE) {
			(void)lg_drop(g, o);
		}
	}
}

void lg_tree(struct lg *g, uint32_t nodes)
{
	struct tree t = { 0 };
	size_t root = g->trail_len;
	uint32_t last = nodes < UINT32_MAX - g->nodes ? g->nodes + nodes : UINT32_MAX;
	int64_t bound = g->bound;
	bool node = true;

	leave_free(g);
	lg_narrow(g);
	while (node && g->nodes < last && !lg_spent(g)) {
		struct branch b = { .mark = 0, .bound = bound };
		bool split = look(g, &b);
		b.mark = g->trail_len;
		if (!split) {
			node = next_node(g, &t, &bound);
			continue;
		}
		bound = b.bound;
		if (!grow(g, &t)) {
			break;
		}
		memcpy(t.price + t.len * g->needs, g->price, g->needs * sizeof(*g->price));
		t.at[t.len++] = b;
		node = first_side(g, &b) || next_node(g, &t, &bound);
	}
	int64_t least = node ? least_pending(g, &t, bound) : g->best_cost;
	lg_unwind(g, root);
	lg_widen(g);
	g->bound = least > g->bound ? least : g->bound;
	free(t.at);
	free(t.price);
}
