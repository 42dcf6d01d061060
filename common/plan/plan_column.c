/* SPDX-License-Identifier: EUPL-1.2 */
/* Teams that were composed on the way are kept by group, and moves choose among them: a few groups
 * who want the same pools are taken out and get, all at once, the teams that cost least together.
 * Ruin and recreate composes one behind the other; where nearly all hours are given, only a change
 * of several at once leads on. Without the order alone: inside it who is in front chooses first. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define KEPT_MAX 512U /* teams of a group; of more the one that costs most at the prices goes */
#define KEPT_LEAST 4U
#define KEPT_TOTAL_MAX 1048576U /* of all groups */
#define SEATS_TOTAL_MAX 4194304U
#define NEEDS_MAX 64U    /* of a group whose teams are kept */
#define TOGETHER_MAX 6U  /* groups of one move */
#define PICKS_MAX 64U    /* teams that a group may choose from in a move: the cheapest that fit */
#define NODES_MAX 400U   /* of one choice */
#define MOVES_A_ROUND 8U /* cheap beside a round of ruin and recreate */
#define BLINKS 3U        /* of 64 teams so many are not seen */
#define HEAT 2U          /* the first, in quarters of what a need costs */
#define HEAT_BITS 8
#define STOP_EVERY 32

struct use {
	uint32_t pool;
	uint32_t units;
};

struct column {
	uint64_t hash;  /* of its seats */
	uint64_t cost;  /* with the penalties of who stays open */
	uint64_t score; /* at the prices, and their parts of a point */
	uint64_t pools; /* those that it takes of, as bits of their numbers */
	uint32_t uses;
};

struct plan_columns {
	uint32_t most;         /* of a group */
	uint32_t *len;         /* per group */
	struct column *column; /* group by group, `most` of each */
	uint32_t *seat;        /* likewise, a row of all its needs for each */
	struct use *use;       /* likewise; what it takes of each pool stands in front */
};

struct pick {
	uint64_t cost;
	const uint32_t *seat; /* NULL: all stay open */
	const struct use *use;
	uint32_t uses;
};

struct choice {
	uint32_t group[TOGETHER_MAX];
	uint32_t len;
	struct pick pick[TOGETHER_MAX][PICKS_MAX]; /* the cheapest first */
	uint32_t picks[TOGETHER_MAX];
	uint64_t least[TOGETHER_MAX + 1]; /* what the group and all behind it cost at least */
	uint64_t below;                   /* only what costs less together is taken */
	uint32_t at[TOGETHER_MAX], best[TOGETHER_MAX];
	uint32_t nodes;
	bool found;
	uint32_t *had; /* the seats before the move, group behind group */
};

/* --- what is kept --- */

static struct column *column_of(const struct plan_columns *c, uint32_t group, uint32_t at)
{
	return &c->column[(size_t)group * c->most + at];
}

static size_t row_of(const struct plan_work *w, uint32_t group, uint32_t at)
{
	const struct canon_group *g = &w->groups[group];

	return (size_t)g->first * w->columns->most + (size_t)at * g->len;
}

int plan_columns_new(struct plan_work *w)
{
	if (w->law || w->rules->repair_rounds == 0 || w->groups_len < 2) {
		return SK_OK;
	}
	uint32_t most = SEATS_TOTAL_MAX / w->needs_len;
	most = KEPT_TOTAL_MAX / w->groups_len < most ? KEPT_TOTAL_MAX / w->groups_len : most;
	most = KEPT_MAX < most ? KEPT_MAX : most;
	if (most < KEPT_LEAST) {
		return SK_OK;
	}
	struct plan_columns *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		return SK_ENOMEM;
	}
	w->columns = c;
	c->most = most;
	c->len = plan_array(w->groups_len, sizeof(*c->len));
	c->column = plan_array((size_t)w->groups_len * most, sizeof(*c->column));
	c->seat = plan_array((size_t)w->needs_len * most, sizeof(*c->seat));
	c->use = plan_array((size_t)w->needs_len * most, sizeof(*c->use));
	bool all = c->len != NULL && c->column != NULL && c->seat != NULL && c->use != NULL;
	return all ? SK_OK : SK_ENOMEM;
}

void plan_columns_free(struct plan_work *w)
{
	struct plan_columns *c = w->columns;

	if (c != NULL) {
		free(c->len);
		free(c->column);
		free(c->seat);
		free(c->use);
		free(c);
	}
}

static uint64_t hash_of(const uint32_t *seat, uint32_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (uint32_t i = 0; i < len; i++) {
		h = (h ^ seat[i]) * 0x100000001b3ULL;
		h ^= h >> 29;
	}
	return h;
}

static bool is_kept(const struct plan_columns *c, uint32_t group, uint64_t hash)
{
	for (uint32_t i = 0; i < c->len[group]; i++) {
		if (column_of(c, group, i)->hash == hash) {
			return true;
		}
	}
	return false;
}

static uint64_t bit_of(uint32_t pool)
{
	return 1ULL << (pool & 63);
}

/* What it takes of each pool. @return false: of some more than there is, or of none anything. */
static bool uses_of(const struct plan_work *w, uint32_t group, const uint32_t *seat,
		    struct use *ret_use, uint32_t *ret_len)
{
	uint32_t len = 0;

	for (uint32_t i = 0; i < w->groups[group].len; i++) {
		if (seat[i] == PLAN_NONE) {
			continue;
		}
		const struct canon_option *o = &w->options[seat[i]];
		uint32_t at = 0;
		while (at < len && ret_use[at].pool != o->pool) {
			at++;
		}
		if (at == len) {
			ret_use[len++] = (struct use){ .pool = o->pool };
		}
		if (o->amount > w->free[o->pool] - ret_use[at].units) {
			return false;
		}
		ret_use[at].units += o->amount;
	}
	*ret_len = len;
	return len > 0;
}

static uint64_t penalties(const struct plan_work *w, uint32_t group, const uint32_t *seat)
{
	const struct canon_group *g = &w->groups[group];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->len; i++) {
		bool open = seat == NULL || seat[i] == PLAN_NONE;
		sum += open ? w->needs[g->first + i].penalty : 0;
	}
	return sum;
}

/* The place for a team of that score. @return UINT32_MAX: all that are kept are better. */
static uint32_t place_for(struct plan_columns *c, uint32_t group, uint64_t score)
{
	uint32_t worst = 0;

	if (c->len[group] < c->most) {
		return c->len[group]++;
	}
	for (uint32_t i = 1; i < c->most; i++) {
		bool worse = column_of(c, group, i)->score > column_of(c, group, worst)->score;
		worst = worse ? i : worst;
	}
	return column_of(c, group, worst)->score > score ? worst : UINT32_MAX;
}

void plan_column_add(struct plan_work *w, const struct plan_ask *ask, const uint32_t *seat)
{
	struct plan_columns *c = w->columns;
	const struct canon_group *g = &w->groups[ask->group];
	bool rules = g->len > COMPOSE_NEEDS_MAX || g->together_len + g->apart_len > 0 || g->lead;
	struct use use[NEEDS_MAX];
	struct column to = { 0 };

	/* what a bound wants may break a rule of the team */
	if (c == NULL || g->len > NEEDS_MAX || (ask->bound && rules)) {
		return;
	}
	to.hash = hash_of(seat, g->len);
	if (is_kept(c, ask->group, to.hash) || !uses_of(w, ask->group, seat, use, &to.uses)) {
		return;
	}
	to.cost = plan_cost_of(w, ask->group, seat) + penalties(w, ask->group, seat);
	to.score = to.cost * w->scale;
	for (uint32_t i = 0; i < to.uses; i++) {
		to.score += (uint64_t)w->price[use[i].pool] * use[i].units;
		to.pools |= use[i].units > 0 ? bit_of(use[i].pool) : 0;
	}
	uint32_t at = place_for(c, ask->group, to.score);
	if (at != UINT32_MAX) {
		*column_of(c, ask->group, at) = to;
		memcpy(&c->seat[row_of(w, ask->group, at)], seat, g->len * sizeof(*seat));
		memcpy(&c->use[row_of(w, ask->group, at)], use, to.uses * sizeof(*use));
	}
}

/* --- whom a move is about --- */

static void add_group(struct choice *ch, uint32_t group)
{
	for (uint32_t i = 0; i < ch->len; i++) {
		if (ch->group[i] == group) {
			return;
		}
	}
	if (ch->len < TOGETHER_MAX) {
		ch->group[ch->len++] = group;
	}
}

/* One who holds of the pool, by the draw. */
static void add_holder(struct plan_work *w, struct choice *ch, uint32_t pool)
{
	const struct plan_state *s = &w->now;
	uint32_t holders = 0;

	for (uint32_t n = s->head[pool]; n != PLAN_NONE; n = s->next[n]) {
		holders++;
	}
	if (holders == 0) {
		return;
	}
	uint32_t n = s->head[pool];
	for (uint32_t skip = plan_upto(w, holders); skip > 0; skip--) {
		n = s->next[n];
	}
	add_group(ch, w->needs[n].group);
}

/* Who holds of what a team of one of them would take. */
static void add_rival(struct plan_work *w, struct choice *ch)
{
	const struct plan_columns *c = w->columns;
	uint32_t group = ch->group[plan_upto(w, ch->len)];

	if (c->len[group] > 0) {
		uint32_t at = plan_upto(w, c->len[group]);
		uint32_t use = plan_upto(w, column_of(c, group, at)->uses);
		add_holder(w, ch, c->use[row_of(w, group, at) + use].pool);
	}
}

/* Half of the moves begin with somebody who has an open need. */
static void choose(struct plan_work *w, struct choice *ch)
{
	const struct plan_state *s = &w->now;
	bool open = s->open_len > 0 && plan_upto(w, 2) == 0;
	uint32_t first = open ? w->needs[s->open[plan_upto(w, s->open_len)]].group :
				plan_upto(w, w->groups_len);

	ch->len = 0;
	add_group(ch, first);
	uint32_t want = 2 + plan_upto(w, TOGETHER_MAX - 1);
	for (uint32_t i = 0; i < 3 * TOGETHER_MAX && ch->len < want; i++) {
		add_rival(w, ch);
	}
}

/* --- what they may choose from --- */

static bool fits(const struct plan_work *w, const struct use *use, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		if (use[i].units > w->now.left[use[i].pool]) {
			return false;
		}
	}
	return true;
}

/* The bits under which no pool has anything left. */
static uint64_t bits_taken(const struct plan_work *w)
{
	uint64_t left = 0;

	for (uint32_t i = 0; i < w->pools_len; i++) {
		left |= w->now.left[i] > 0 ? bit_of(i) : 0;
	}
	return ~left;
}

static void pick_add(struct choice *ch, uint32_t i, const struct pick *p)
{
	struct pick *of = ch->pick[i];
	uint32_t at = ch->picks[i] < PICKS_MAX ? ch->picks[i]++ : PICKS_MAX - 1;

	for (; at > 0 && of[at - 1].cost > p->cost; at--) {
		of[at] = of[at - 1];
	}
	of[at] = *p;
}

static void picks_of(struct plan_work *w, struct choice *ch, uint32_t i, uint64_t taken)
{
	const struct plan_columns *c = w->columns;
	uint32_t group = ch->group[i];
	struct pick p = { .cost = penalties(w, group, NULL) };
	uint64_t salt = plan_draw(w);

	ch->picks[i] = 0;
	pick_add(ch, i, &p);
	for (uint32_t k = 0; k < c->len[group]; k++) {
		const struct column *col = column_of(c, group, k);
		if ((col->pools & taken) != 0) {
			continue;
		}
		const struct use *use = &c->use[row_of(w, group, k)];
		bool full = ch->picks[i] == PICKS_MAX;
		bool seen = ((col->hash ^ salt) * 0x9e3779b97f4a7c15ULL) >> 58 >= BLINKS;
		if (seen && (!full || col->cost < ch->pick[i][PICKS_MAX - 1].cost) &&
		    fits(w, use, col->uses)) {
			p = (struct pick){ col->cost, &c->seat[row_of(w, group, k)], use,
					   col->uses };
			pick_add(ch, i, &p);
		}
	}
}

/* --- the choice --- */

static void take(struct plan_work *w, const struct pick *p)
{
	for (uint32_t i = 0; i < p->uses; i++) {
		w->now.left[p->use[i].pool] -= p->use[i].units;
	}
}

static void give_back(struct plan_work *w, const struct pick *p)
{
	for (uint32_t i = 0; i < p->uses; i++) {
		w->now.left[p->use[i].pool] += p->use[i].units;
	}
}

/* The next team of that group that fits and may still be part of a cheaper whole; of the last group
 * each such is the best whole so far. @return false: there is none. */
static bool next_pick(struct plan_work *w, struct choice *ch, uint32_t i, uint64_t cost)
{
	for (; ch->at[i] < ch->picks[i] && ch->nodes < NODES_MAX; ch->at[i]++) {
		const struct pick *p = &ch->pick[i][ch->at[i]];
		if (cost + p->cost + ch->least[i + 1] >= ch->below) {
			return false;
		}
		ch->nodes++;
		if (!fits(w, p->use, p->uses)) {
			continue;
		}
		if (i + 1 < ch->len) {
			return true;
		}
		ch->below = cost + p->cost;
		memcpy(ch->best, ch->at, sizeof(ch->best));
		ch->found = true;
	}
	return false;
}

/* Depth first, what is cheaper first. What is left of the pools is as before when it ends. */
static void search(struct plan_work *w, struct choice *ch)
{
	uint64_t cost[TOGETHER_MAX + 1] = { 0 };
	uint32_t i = 0;
	bool more = true;

	ch->nodes = 0;
	ch->found = false;
	ch->at[0] = 0;
	while (more) {
		if (next_pick(w, ch, i, cost[i])) {
			const struct pick *p = &ch->pick[i][ch->at[i]];
			take(w, p);
			cost[i + 1] = cost[i] + p->cost;
			ch->at[++i] = 0;
		} else if (i > 0) {
			i--;
			give_back(w, &ch->pick[i][ch->at[i]]);
			ch->at[i]++;
		} else {
			more = false;
		}
	}
}

static void lift(struct plan_work *w, struct choice *ch)
{
	uint32_t *had = ch->had;

	for (uint32_t i = 0; i < ch->len; i++) {
		const struct canon_group *g = &w->groups[ch->group[i]];
		memcpy(had, &w->now.seat[g->first], g->len * sizeof(*had));
		had += g->len;
		plan_lift(w, ch->group[i]);
	}
}

static void put(struct plan_work *w, struct choice *ch)
{
	const uint32_t *had = ch->had;

	for (uint32_t i = 0; i < ch->len; i++) {
		const struct pick *p = &ch->pick[i][ch->best[i]];
		const uint32_t *seat = ch->found ? p->seat : had;
		had += w->groups[ch->group[i]].len;
		if (seat != NULL) {
			plan_put(w, ch->group[i], seat);
		}
	}
}

/* A little dearer is taken, too, while it is hot. */
static void move(struct plan_work *w, struct choice *ch, uint64_t heat)
{
	uint64_t before = plan_value(w);
	uint64_t open = 0;

	choose(w, ch);
	lift(w, ch);
	uint64_t taken = bits_taken(w);
	for (uint32_t i = 0; i < ch->len; i++) {
		picks_of(w, ch, i, taken);
		open += penalties(w, ch->group[i], NULL);
	}
	ch->least[ch->len] = 0;
	for (uint32_t i = ch->len; i > 0; i--) {
		ch->least[i - 1] = ch->least[i] + ch->pick[i - 1][0].cost;
	}
	uint64_t patience = (heat * plan_patience(w)) >> (HEAT_BITS + 8);
	ch->below = before - (plan_value(w) - open) + patience + 1;
	search(w, ch);
	put(w, ch);
}

int plan_columns(struct plan_work *w)
{
	uint64_t moves = (uint64_t)w->rules->repair_rounds * MOVES_A_ROUND;
	uint64_t heat = (w->best_value << HEAT_BITS) / (w->needs_len + 1) * HEAT / 4;
	struct choice *ch = plan_array(1, sizeof(*ch));
	uint32_t *had = plan_array((size_t)w->group_most * TOGETHER_MAX, sizeof(*had));
	bool all = ch != NULL && had != NULL;

	for (uint64_t i = 0; all && i < moves; i++) {
		if (i % STOP_EVERY == 0 && (plan_stopped(w) || w->best_value <= w->bound)) {
			break;
		}
		uint64_t cool = ((moves - i) << 16) / moves;
		ch->had = had;
		move(w, ch, (heat * cool >> 16) * cool >> 16);
		plan_keep_best(w);
	}
	free(ch);
	free(had);
	return all ? SK_OK : SK_ENOMEM;
}
