/* SPDX-License-Identifier: EUPL-1.2 */
/* The Lagrangian bound: the rows "each need once" are priced; what is left is one knapsack per
 * offer, the fixed costs of offer and partner, and the size of the team. Hours that are scaled
 * are rounded down, so the bound only falls. All prices are between 0 and the price of open. */
#include "common/plan/large_work.h"

#include <string.h>

static int64_t partner_value(struct lg *g, uint32_t p)
{
	int64_t v = g->partner_cost[p] << LG_SHIFT;

	for (uint32_t k = g->partner_first[p]; k < g->partner_first[p + 1]; k++) {
		uint32_t f = g->by_partner[k];
		g->work += 6ULL * (g->offer_end[f] - g->offer_first[f]);
		g->offer_raw[f] = (g->offer_cost[f] << LG_SHIFT) - lg_knap(g, f);
		g->offer_in[f] = g->offer_open[f] || g->offer_raw[f] < 0;
		v += g->offer_in[f] ? g->offer_raw[f] : 0;
	}
	return v;
}

/* The team limit: of those that are not open yet, only the best. */
static int64_t drop_worst(struct lg *g, uint32_t team)
{
	int64_t back = 0;

	while (team > g->team_max) {
		uint32_t worst = LG_NONE;
		for (uint32_t k = 0; k < g->live_partners; k++) {
			uint32_t p = g->live_partner[k];
			if (g->partner_in[p] && !g->partner_open[p] &&
			    (worst == LG_NONE || g->partner_raw[p] > g->partner_raw[worst])) {
				worst = p;
			}
		}
		if (worst == LG_NONE) {
			return LG_INF;
		}
		g->partner_in[worst] = false;
		back -= g->partner_raw[worst];
		team--;
	}
	return back;
}

/* Who seats anybody needs a lead: the dearness of the cheapest way to get one. */
static int64_t lead_value(struct lg *g, uint32_t team)
{
	int64_t least = LG_INF;
	int64_t worst = -LG_INF; /* of what could leave the team */

	for (uint32_t k = 0; k < g->live_partners; k++) {
		uint32_t p = g->live_partner[k];
		if (g->partner_in[p] && g->is_lead[p]) {
			return 0;
		}
		if (g->partner_in[p] && !g->partner_open[p] && g->partner_raw[p] > worst) {
			worst = g->partner_raw[p];
		}
		if (g->is_lead[p] && g->partner_raw[p] < least) {
			least = g->partner_raw[p];
		}
	}
	if (least == LG_INF || (team >= g->team_max && worst == -LG_INF)) {
		return LG_INF;
	}
	int64_t more = team >= g->team_max ? least - worst : least;
	return more > 0 ? more : 0;
}

/* The highest price: that of open, and none by which all prices together could overflow. */
static int64_t lg_top(const struct lg *g, uint32_t i)
{
	int64_t safe = LG_INF / ((int64_t)g->options + g->needs + 1);

	return g->open[i] < safe >> LG_SHIFT ? g->open[i] << LG_SHIFT : safe;
}

static int64_t rows_value(struct lg *g)
{
	int64_t v = g->base << LG_SHIFT;

	for (uint32_t i = 0; i < g->needs; i++) {
		int64_t top = lg_top(g, i);
		if (g->fixed[i] != LG_FREE) {
			g->price[i] = 0;
		}
		g->price[i] = g->price[i] > top ? top : g->price[i];
		g->price[i] = g->price[i] < 0 ? 0 : g->price[i];
		v += g->price[i];
	}
	return v;
}

int64_t lg_relax(struct lg *g)
{
	int64_t v = rows_value(g);
	uint32_t team = 0;

	g->work += 10ULL * g->live_offers;
	for (uint32_t k = 0; k < g->live_partners; k++) {
		uint32_t p = g->live_partner[k];
		g->partner_raw[p] = partner_value(g, p);
		g->partner_in[p] = g->partner_open[p] || g->partner_raw[p] < 0;
		v += g->partner_in[p] ? g->partner_raw[p] : 0;
		team += g->partner_in[p] ? 1 : 0;
	}
	int64_t opened = lg_open_more(g);
	if (opened == LG_INF) {
		return LG_INF;
	}
	v += opened;
	if (team > g->team_max) {
		int64_t back = drop_worst(g, team);
		if (back == LG_INF) {
			return LG_INF;
		}
		v += back;
		team = g->team_max;
	}
	int64_t more = g->lead ? lead_value(g, team) : 0;
	g->lead_more = more;
	return more == LG_INF ? LG_INF : v + more;
}

static int16_t drift(int16_t share, bool in)
{
	return (int16_t)(share + ((in ? LG_ONE : 0) - share) / 8);
}

/* How often each need is seated, and the moving shares by which the tree branches. */
static void count_rows(struct lg *g)
{
	memset(g->times, 0, g->needs * sizeof(g->times[0]));
	for (uint32_t n = 0; n < g->live_offers; n++) {
		uint32_t f = g->live_offer[n];
		bool in = g->offer_in[f] && g->partner_in[g->partner[f]];
		g->offer_share[f] = drift(g->offer_share[f], in);
		for (uint32_t k = g->offer_first[f]; k < g->offer_end[f]; k++) {
			uint32_t o = g->by_offer[k];
			bool x = in && g->x[o];
			g->times[g->o_need[o]] += x ? 1 : 0;
			g->x_share[o] = drift(g->x_share[o], x);
		}
	}
	for (uint32_t k = 0; k < g->live_partners; k++) {
		uint32_t p = g->live_partner[k];
		g->partner_share[p] = drift(g->partner_share[p], g->partner_in[p]);
	}
}

/* @return the square of the direction; 0: each row is kept. */
static int64_t direction(struct lg *g)
{
	int64_t square = 0;
	bool kept = true;

	for (uint32_t i = 0; i < g->needs; i++) {
		if (g->fixed[i] != LG_FREE) {
			g->step[i] = 0;
			continue;
		}
		int32_t d = 1 - g->times[i];
		if ((d > 0 && g->price[i] >= lg_top(g, i)) || (d < 0 && g->price[i] <= 0)) {
			d = 0;
		}
		kept = kept && d == 0;
		g->step[i] = (7 * d * LG_ONE + 3 * g->step[i]) / 10;
		square += (int64_t)g->step[i] * g->step[i] / LG_ONE;
	}
	return kept ? 0 : square + 1;
}

/* price += alpha * room * step / square, in parts that cannot overflow. */
static void move_prices(struct lg *g, int64_t room, int32_t alpha, int64_t square)
{
	int64_t most = 100000000000000;
	int64_t all = room < most ? room : most;

	for (uint32_t i = 0; i < g->needs; i++) {
		int64_t by = all / square * g->step[i] + all % square * g->step[i] / square;
		g->price[i] += by / LG_ONE * alpha + by % LG_ONE * alpha / LG_ONE;
	}
}

static int64_t whole(int64_t v)
{
	return v >= LG_INF ? LG_INF : (v + (1 << LG_SHIFT) - 1) >> LG_SHIFT;
}

struct climb {
	int64_t best;
	uint32_t dull; /* rounds without progress */
	int32_t alpha;
};

static void note(struct lg *g, struct climb *c, int64_t v, uint32_t patience)
{
	if (v > c->best) {
		c->best = v;
		c->dull = 0;
		memcpy(g->best_price, g->price, g->needs * sizeof(g->price[0]));
		return;
	}
	if (++c->dull >= patience) {
		c->dull = 0;
		c->alpha = c->alpha * 2 / 3;
		memcpy(g->price, g->best_price, g->needs * sizeof(g->price[0]));
	}
}

int64_t lg_bound(struct lg *g, struct lg_subgradient how)
{
	struct climb c = { -LG_INF, 0, how.alpha };

	lg_ask_hours(g);
	for (uint32_t r = 0; r < how.rounds && c.alpha > 4 && !lg_spent(g); r++) {
		int64_t v = lg_relax(g);
		if (v >= LG_INF) {
			return LG_INF;
		}
		count_rows(g);
		int64_t square = direction(g);
		note(g, &c, v, how.patience);
		if (how.seek_every > 0 && r % how.seek_every == 0) {
			lg_from_relaxed(g);
		}
		if (square == 0) {
			lg_from_relaxed(g);
			break;
		}
		if (whole(c.best) >= g->best_cost) {
			break;
		}
		move_prices(g, (g->best_cost << LG_SHIFT) + (1 << LG_SHIFT) - v, c.alpha, square);
	}
	memcpy(g->price, g->best_price, g->needs * sizeof(g->price[0]));
	int64_t v = lg_relax(g);
	count_rows(g);
	if (v < LG_INF && whole(v) < g->best_cost) {
		v = lg_reduce(g, v) ? v : LG_INF;
	}
	return v >= LG_INF ? LG_INF : whole(v);
}

/* Options that are in every better answer. */
static bool fix_options(struct lg *g, uint32_t f, int64_t room)
{
	bool kept = true;

	for (uint32_t k = g->offer_first[f]; kept && k < g->offer_end[f]; k++) {
		uint32_t o = g->by_offer[k];
		if (g->x[o] && !g->off[o] && g->fixed[g->o_need[o]] == LG_FREE &&
		    g->enter[f] + g->lift[o] >= room) {
			kept = lg_fix(g, o);
		}
	}
	return kept;
}

static void drop_options(struct lg *g, uint32_t f, int64_t room)
{
	for (uint32_t k = g->offer_first[f]; k < g->offer_end[f]; k++) {
		uint32_t o = g->by_offer[k];
		int64_t lift = g->enter[f] + (g->x[o] ? 0 : g->lift[o]);
		if (!g->off[o] && lift >= room) {
			(void)lg_drop(g, o);
		}
	}
}

/* An option or offer that would lift the bound to the best answer or beyond is in no better one;
 * one without which the bound does so is in each. */
bool lg_reduce(struct lg *g, int64_t relaxed)
{
	int64_t room = ((g->best_cost - 1) << LG_SHIFT) - (relaxed - g->lead_more) + 1;
	bool kept = true;

	lg_open_lifts(g);
	for (uint32_t k = 0; kept && k < g->live_offers; k++) {
		uint32_t f = g->live_offer[k];
		bool must = g->leave[f] >= room;
		if (must && !g->offer_open[f]) {
			kept = lg_force(g, f);
		}
		lg_lifts(g, f);
		drop_options(g, f, room);
		kept = kept && (!must || fix_options(g, f, room));
	}
	return kept;
}
