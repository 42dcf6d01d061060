/* SPDX-License-Identifier: EUPL-1.2 */
/* Ruin and recreate. A move takes a few groups out, who hold of each other's pools, and composes
 * them anew one by one, in one of three orders and at prices off, half or full, or at
 * tolls. Any outcome that
 * is better is kept, and for a while also one that is a little dearer. With the law only coverage
 * that is no worse, need by need in the order, is ever kept, and the plan is settled after it: so
 * the plan in hand is lawful after each move. A fixed number of moves, never of seconds. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define HEAT_BITS 8
#define HEAT_PRICES 6 /* the first heat, in quarters of what a need costs */
#define HEAT_TOLLS 1  /* by tolls most moves are good ones: measured */
#define BLINKS 3      /* of 64 options so many are not seen */
#define RIVALS 3
#define STOP_EVERY 32
#define DEEP_MOVES 300U /* in which large groups are composed whole */
#define DEEP_EACH 128U  /* of the work for them: one part of so many for a team */
#define ROUND_WORK 128U /* of compositions; who is more work counts for more rounds */

struct move {
	uint32_t group[PLAN_RUIN_MAX]; /* rising */
	uint32_t len;
	uint32_t first; /* the group that it is for */
	bool forced;    /* which gets this team, whoever holds it now */
	struct plan_team team;
	uint32_t *had[PLAN_RUIN_MAX];
	uint32_t *has[PLAN_RUIN_MAX];
	uint64_t value; /* before it */
};

struct anneal {
	uint64_t heat; /* in 256ths of a point */
	bool fresh;    /* the plan in hand is better than the kept one */
};

static void add_group(struct move *m, uint32_t group)
{
	uint32_t at = m->len;

	for (uint32_t i = 0; i < m->len; i++) {
		if (m->group[i] == group) {
			return;
		}
	}
	if (m->len == PLAN_RUIN_MAX) {
		return;
	}
	for (; at > 0 && m->group[at - 1] > group; at--) {
		m->group[at] = m->group[at - 1];
	}
	m->group[at] = group;
	m->len++;
}

/* Holders of the pool, from a drawn one on, until the units would be there. */
static void add_holders(struct plan_work *w, struct move *m, uint32_t pool, uint32_t units)
{
	const struct plan_state *s = &w->now;
	uint32_t left = s->left[pool];
	uint32_t holders = 0;

	for (uint32_t n = s->head[pool]; n != PLAN_NONE; n = s->next[n]) {
		holders++;
	}
	uint32_t skip = holders == 0 ? 0 : plan_upto(w, holders);
	uint32_t n = s->head[pool];
	for (uint32_t i = 0; i < skip; i++) {
		n = s->next[n];
	}
	for (uint32_t i = 0; i < holders && left < units; i++) {
		n = n == PLAN_NONE ? s->head[pool] : n;
		left += w->options[s->seat[n]].amount;
		add_group(m, w->needs[n].group);
		n = s->next[n];
	}
}

/* One more: who holds of a pool that one of the move could use too. */
static void add_rival(struct plan_work *w, struct move *m)
{
	const struct canon_group *g = &w->groups[m->group[plan_upto(w, m->len)]];
	const struct canon_need *n = &w->needs[g->first + plan_upto(w, g->len)];
	const struct canon_option *o = &w->options[n->first + plan_upto(w, n->len)];

	add_holders(w, m, o->pool, w->now.left[o->pool] + 1);
}

/* @return the units of a pool that a team takes there. */
static uint32_t units_at(const struct plan_work *w, const struct move *m, uint32_t pool)
{
	uint32_t units = 0;

	for (uint32_t i = 0; i < w->groups[m->first].len; i++) {
		bool here = m->team.seat[i] != PLAN_NONE &&
			    w->options[m->team.seat[i]].pool == pool;
		units += here ? w->options[m->team.seat[i]].amount : 0;
	}
	return units;
}

/* Half of the moves go by tolls, where there are any. */
static bool by_tolls(struct plan_work *w)
{
	return w->toll != NULL && !w->law && plan_upto(w, 2) == 0;
}

/* The team that the group would have if it were alone at these prices; who holds of it goes. */
static int choose_forced(struct plan_work *w, struct move *m)
{
	struct plan_ask ask = { .group = m->first,
				.units = w->free,
				.toll = by_tolls(w) ? w->toll : NULL,
				.halves = 1 + plan_upto(w, 2),
				.blinks = BLINKS,
				.open_costs = !w->law };
	int err = plan_team(w, &ask, &m->team);

	m->forced = true;
	for (uint32_t i = 0; err == SK_OK && i < w->groups[m->first].len; i++) {
		if (m->team.seat[i] != PLAN_NONE) {
			uint32_t pool = w->options[m->team.seat[i]].pool;
			add_holders(w, m, pool, units_at(w, m, pool));
		}
	}
	return err;
}

/* For whom the move is: mostly somebody who has an open need. @return that need, or none. */
static uint32_t choose_need(struct plan_work *w)
{
	const struct plan_state *s = &w->now;

	if (s->open_len == 0 || plan_upto(w, 4) == 0) {
		return PLAN_NONE;
	}
	uint32_t need = s->open[plan_upto(w, s->open_len)];
	uint32_t other = s->open[plan_upto(w, s->open_len)];
	return w->law && other < need ? other : need;
}

static int choose(struct plan_work *w, struct move *m)
{
	uint32_t need = choose_need(w);
	uint32_t rivals = plan_upto(w, RIVALS);
	bool forced = plan_upto(w, 2) == 0;
	int err = SK_OK;

	m->len = 0;
	m->value = plan_value(w);
	m->first = need == PLAN_NONE ? plan_upto(w, w->groups_len) : w->needs[need].group;
	m->forced = false;
	add_group(m, m->first);
	if (forced) {
		err = choose_forced(w, m);
	} else if (need != PLAN_NONE) {
		const struct canon_need *n = &w->needs[need];
		const struct canon_option *o = &w->options[n->first + plan_upto(w, n->len)];
		add_holders(w, m, o->pool, o->amount);
	} else {
		rivals++;
	}
	for (uint32_t i = 0; i < rivals; i++) {
		add_rival(w, m);
	}
	return err;
}

static void ruin(struct plan_work *w, struct move *m)
{
	for (uint32_t i = 0; i < m->len; i++) {
		const struct canon_group *g = &w->groups[m->group[i]];
		memcpy(m->had[i], &w->now.seat[g->first], g->len * sizeof(m->had[i][0]));
		plan_lift(w, m->group[i]);
	}
}

/* @return whether the team of a forced move has its place now that the others are out. */
static bool seat_forced(struct plan_work *w, const struct move *m)
{
	for (uint32_t i = 0; m->forced && i < w->groups[m->first].len; i++) {
		uint32_t seat = m->team.seat[i];
		if (seat != PLAN_NONE &&
		    units_at(w, m, w->options[seat].pool) > w->now.left[w->options[seat].pool]) {
			return false;
		}
	}
	if (m->forced) {
		plan_put(w, m->first, m->team.seat);
	}
	return m->forced;
}

/* In the order, the one it is for before all others, or as drawn. */
static void draw_order(struct plan_work *w, const struct move *m, uint32_t *order)
{
	uint32_t kind = plan_upto(w, 3);

	memcpy(order, m->group, sizeof(m->group));
	for (uint32_t i = 0; kind != 0 && i < m->len; i++) {
		uint32_t drawn = kind == 2 ? i + plan_upto(w, m->len - i) : i;
		uint32_t at = kind == 1 && order[i] == m->first ? 0 : drawn;
		uint32_t swap = order[i];
		order[i] = order[at];
		order[at] = swap;
	}
}

static int recreate(struct plan_work *w, struct move *m)
{
	uint32_t order[PLAN_RUIN_MAX];
	uint32_t halves = by_tolls(w) ? PLAN_TOLLS : plan_upto(w, 3);
	bool seated = seat_forced(w, m);
	int err = SK_OK;

	draw_order(w, m, order);
	for (uint32_t i = 0; err == SK_OK && i < m->len; i++) {
		if (!seated || order[i] != m->first) {
			err = plan_insert(w, order[i], halves, BLINKS);
		}
	}
	for (uint32_t i = 0; i < m->len; i++) {
		const struct canon_group *g = &w->groups[m->group[i]];
		memcpy(m->has[i], &w->now.seat[g->first], g->len * sizeof(m->has[i][0]));
	}
	return err;
}

static void put_back(struct plan_work *w, const struct move *m, uint32_t *const seat[PLAN_RUIN_MAX])
{
	for (uint32_t i = 0; i < m->len; i++) {
		plan_lift(w, m->group[i]);
	}
	for (uint32_t i = 0; i < m->len; i++) {
		plan_put(w, m->group[i], seat[i]);
	}
}

/* @return 1 when the first need that differs has a seat now, -1 when it has lost it, else 0. */
static int coverage(const struct plan_work *w, const struct move *m)
{
	for (uint32_t i = 0; i < m->len; i++) {
		for (uint32_t n = 0; n < w->groups[m->group[i]].len; n++) {
			bool had = m->had[i][n] != PLAN_NONE;
			bool has = m->has[i][n] != PLAN_NONE;
			if (had != has) {
				return has ? 1 : -1;
			}
		}
	}
	return 0;
}

uint64_t plan_patience(struct plan_work *w)
{
	uint64_t draw = plan_draw(w) | 1;
	unsigned zeros = (unsigned)__builtin_clzll(draw);
	uint64_t rest = zeros == 63 ? 0 : (draw << (zeros + 1)) >> 56;

	return zeros * 256U + 255U - rest;
}

static void keep_fresh(struct plan_work *w, struct anneal *a)
{
	memcpy(w->best, w->now.seat, w->needs_len * sizeof(*w->best));
	w->best_value = plan_value(w);
	a->fresh = false;
}

/* A dearer plan may come in hand; the one before it is kept first if it was the best so far. */
static bool dearer_is_taken(struct plan_work *w, const struct move *m, struct anneal *a)
{
	uint64_t more = plan_value(w) - m->value;

	if ((more << HEAT_BITS) * 256 >= a->heat * plan_patience(w)) {
		return false;
	}
	if (a->fresh) {
		put_back(w, m, m->had);
		keep_fresh(w, a);
		put_back(w, m, m->has);
	}
	return true;
}

static int settle(struct plan_work *w, const struct move *m)
{
	w->rose = false;
	for (uint32_t i = 0; i < m->len; i++) {
		w->dirty[m->group[i]] = 1;
		for (uint32_t n = 0; n < w->groups[m->group[i]].len; n++) {
			if (m->had[i][n] != PLAN_NONE) {
				plan_dirty(w, w->options[m->had[i][n]].pool, m->group[i]);
			}
		}
	}
	return plan_make_lawful(w);
}

static int judge(struct plan_work *w, const struct move *m, struct anneal *a)
{
	int covers = w->law ? coverage(w, m) : 0;
	int err = SK_OK;

	if (covers < 0 || (covers == 0 && plan_value(w) > m->value && !dearer_is_taken(w, m, a))) {
		put_back(w, m, m->had);
		return SK_OK;
	}
	if (w->law) {
		err = settle(w, m);
		covers += w->rose ? 1 : 0;
	}
	if (covers > 0 || plan_value(w) < w->best_value) {
		w->best_value = plan_value(w);
		a->fresh = true;
	}
	return err;
}

static int move(struct plan_work *w, struct move *m, struct anneal *a)
{
	int err = choose(w, m);

	if (err == SK_OK) {
		ruin(w, m);
		err = recreate(w, m);
	}
	if (err == SK_OK) {
		err = judge(w, m, a);
	}
	w->rounds++;
	return err;
}

/* Part by part a large group finds no team that is worth a move: a few moves with whole teams. */
static int move_deep(struct plan_work *w, struct move *m, struct anneal *a)
{
	uint32_t moves = plan_deep_times(w, DEEP_MOVES);
	uint64_t heat = a->heat;
	int err = SK_OK;

	plan_deepen(w, DEEP_EACH);
	for (uint32_t i = 0; err == SK_OK && i < moves && !plan_stopped(w); i++) {
		a->heat = heat * (moves - i) / moves;
		err = move(w, m, a);
	}
	w->deep = 0;
	return err;
}

static int move_all(struct plan_work *w, struct move *m, struct anneal *a)
{
	uint64_t rounds = w->rules->repair_rounds;
	uint64_t heat = a->heat;
	int err = SK_OK;

	for (uint64_t i = 0; err == SK_OK && i < rounds;) {
		uint64_t before = w->work;
		if (w->rounds % STOP_EVERY == 0 && plan_stopped(w)) {
			break;
		}
		uint64_t cool = ((rounds - i) << 16) / rounds;
		a->heat = (heat * cool >> 16) * cool >> 16;
		err = move(w, m, a);
		i += 1 + (w->work - before) / ROUND_WORK;
	}
	return err;
}

typedef int moves_fn(struct plan_work *w, struct move *m, struct anneal *a);

static int repair(struct plan_work *w, moves_fn *moves)
{
	bool tolls = w->toll != NULL && !w->law;
	struct anneal a = { .heat = (w->best_value << HEAT_BITS) / (w->needs_len + 1) *
				    (tolls ? HEAT_TOLLS : HEAT_PRICES) / 4 };
	struct move m = { .team.seat = plan_seats(w, SLOT_FORCED) };

	for (uint32_t i = 0; i < PLAN_RUIN_MAX; i++) {
		m.had[i] = plan_seats(w, SLOT_HAD + i);
		m.has[i] = plan_seats(w, SLOT_HAS + i);
	}
	int err = w->groups_len > 0 ? moves(w, &m, &a) : SK_OK;
	if (err == SK_OK && a.fresh) {
		keep_fresh(w, &a);
	}
	return err;
}

int plan_repair(struct plan_work *w)
{
	return repair(w, move_all);
}

int plan_repair_deep(struct plan_work *w)
{
	return repair(w, move_deep);
}
