/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer in hand: one seat is put at a time, all sums follow, each step can be taken back.
 * On the way a rule may be broken; only what is lawful is ever kept. */
#include "common/plan/large_work.h"

#include <string.h>

#define LG_APART (1U << 31)

static bool same_partner(const struct lg *g, uint32_t a, uint32_t b)
{
	return lg_partner_of(g, a) == lg_partner_of(g, b);
}

/* Pairs that a seat of the need at option @p o breaks. */
static uint32_t broken_by(const struct lg *g, uint32_t need, uint32_t o)
{
	uint32_t n = 0;

	for (uint32_t k = g->pair_first[need]; k < g->pair_first[need + 1]; k++) {
		uint32_t other = g->now.seat[g->mate[k] & ~LG_APART];
		if (other != LG_NONE) {
			n += same_partner(g, o, other) == ((g->mate[k] & LG_APART) != 0) ? 1 : 0;
		}
	}
	return n;
}

static void leave(struct lg *g, uint32_t o)
{
	struct lg_seats *s = &g->now;
	uint32_t f = g->o_offer[o];
	uint32_t p = g->partner[f];
	bool was = s->left[f] < 0;

	s->seat[g->o_need[o]] = LG_NONE;
	s->broken -= broken_by(g, g->o_need[o], o);
	s->left[f] += g->o_hours[o];
	s->over -= was && s->left[f] >= 0 ? 1 : 0;
	s->cost -= g->o_cost[o];
	s->cost -= --s->in_offer[f] == 0 ? g->offer_cost[f] : 0;
	s->seated--;
	if (--s->in_partner[p] == 0) {
		s->cost -= g->partner_cost[p];
		s->team--;
		s->leads -= g->is_lead[p] ? 1 : 0;
	}
}

static void join(struct lg *g, uint32_t o)
{
	struct lg_seats *s = &g->now;
	uint32_t f = g->o_offer[o];
	uint32_t p = g->partner[f];
	bool was = s->left[f] < 0;

	s->broken += broken_by(g, g->o_need[o], o);
	s->seat[g->o_need[o]] = o;
	s->left[f] -= g->o_hours[o];
	s->over += !was && s->left[f] < 0 ? 1 : 0;
	s->cost += g->o_cost[o];
	s->cost += s->in_offer[f]++ == 0 ? g->offer_cost[f] : 0;
	s->seated++;
	if (s->in_partner[p]++ == 0) {
		s->cost += g->partner_cost[p];
		s->team++;
		s->leads += g->is_lead[p] ? 1 : 0;
	}
}

static void put_only(struct lg *g, uint32_t need, uint32_t seat)
{
	struct lg_seats *s = &g->now;

	if (s->seat[need] != LG_NONE) {
		leave(g, s->seat[need]);
		s->cost += g->open[need];
	}
	if (seat != LG_NONE) {
		join(g, seat);
		s->cost -= g->open[need];
	}
}

void lg_put(struct lg *g, uint32_t need, uint32_t seat)
{
	struct lg_seats *s = &g->now;

	if (s->seat[need] != seat) {
		s->log[s->log_len++] = (struct lg_undo){ need, s->seat[need] };
		put_only(g, need, seat);
	}
}

void lg_back(struct lg *g, size_t mark)
{
	while (g->now.log_len > mark) {
		struct lg_undo u = g->now.log[--g->now.log_len];
		put_only(g, u.need, u.seat);
	}
}

bool lg_lawful(const struct lg *g)
{
	const struct lg_seats *s = &g->now;

	return s->over == 0 && s->broken == 0 && s->team <= g->team_max;
}

/* Room, team and pairs; the need's own present seat is not taken off. */
bool lg_fits(const struct lg *g, uint32_t o)
{
	const struct lg_seats *s = &g->now;
	uint32_t f = g->o_offer[o];

	return s->left[f] >= (int64_t)g->o_hours[o] &&
	       (s->in_partner[g->partner[f]] > 0 || s->team < g->team_max) &&
	       broken_by(g, g->o_need[o], o) == 0;
}

static int64_t enter_cost(const struct lg *g, uint32_t o)
{
	const struct lg_seats *s = &g->now;
	uint32_t f = g->o_offer[o];
	uint32_t p = g->partner[f];

	return g->o_cost[o] + (s->in_offer[f] == 0 ? g->offer_cost[f] : 0) +
	       (s->in_partner[p] == 0 ? g->partner_cost[p] : 0);
}

/* The cheapest seat that fits an open need, or LG_NONE when staying open is cheaper. */
uint32_t lg_cheapest(struct lg *g, uint32_t need, uint32_t avoid)
{
	uint32_t best = LG_NONE;
	int64_t least = g->open[need];

	g->work += 20 + 2ULL * (g->need_first[need + 1] - g->need_first[need]);
	for (uint32_t o = g->need_first[need]; o < g->need_first[need + 1]; o++) {
		int64_t cost = g->o_offer[o] == avoid || g->o_cost[o] >= least ? least :
										 enter_cost(g, o);
		if (cost < least && lg_fits(g, o)) {
			least = cost;
			best = o;
		}
	}
	return best;
}

uint32_t lg_option_at(const struct lg *g, uint32_t need, uint32_t offer)
{
	uint32_t lo = g->need_first[need];
	uint32_t hi = g->need_first[need + 1];

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (g->o_offer[mid] < offer) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	bool there = lo < g->need_first[need + 1] && g->o_offer[lo] == offer;
	return there ? lo : LG_NONE;
}

void lg_load(struct lg *g, const uint32_t *seat)
{
	for (uint32_t i = 0; i < g->needs; i++) {
		put_only(g, i, LG_NONE);
	}
	for (uint32_t i = 0; seat != NULL && i < g->needs; i++) {
		put_only(g, i, seat[i]);
	}
	g->now.log_len = 0;
}

void lg_keep(struct lg *g)
{
	const struct lg_seats *s = &g->now;
	bool led = !g->lead || s->seated == 0 || s->leads > 0;

	if (s->cost < g->best_cost && led && lg_lawful(g)) {
		g->best_cost = s->cost;
		memcpy(g->best, s->seat, g->needs * sizeof(s->seat[0]));
	}
}
