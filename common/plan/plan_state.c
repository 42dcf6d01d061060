/* SPDX-License-Identifier: EUPL-1.2 */
/* A plan in the making: who sits where, what is left, who holds what, what is open, what it costs.
 * All of it follows each change at once. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

int plan_state_new(struct plan_state *s, const struct plan_work *w)
{
	s->seat = plan_array(w->needs_len, sizeof(*s->seat));
	s->left = plan_array(w->pools_len, sizeof(*s->left));
	s->head = plan_array(w->pools_len, sizeof(*s->head));
	s->next = plan_array(w->needs_len, sizeof(*s->next));
	s->prev = plan_array(w->needs_len, sizeof(*s->prev));
	s->open = plan_array(w->needs_len, sizeof(*s->open));
	s->open_at = plan_array(w->needs_len, sizeof(*s->open_at));
	s->group_cost = plan_array(w->groups_len, sizeof(*s->group_cost));
	if (s->seat == NULL || s->left == NULL || s->head == NULL || s->next == NULL ||
	    s->prev == NULL || s->open == NULL || s->open_at == NULL || s->group_cost == NULL) {
		return SK_ENOMEM;
	}
	for (uint32_t i = 0; i < w->pools_len; i++) {
		s->left[i] = w->free[i];
		s->head[i] = PLAN_NONE;
	}
	for (uint32_t i = 0; i < w->needs_len; i++) {
		s->seat[i] = PLAN_NONE;
		s->open[i] = i;
		s->open_at[i] = i;
		s->missing += w->needs[i].penalty;
	}
	s->open_len = w->needs_len;
	return SK_OK;
}

void plan_state_free(struct plan_state *s)
{
	free(s->seat);
	free(s->left);
	free(s->head);
	free(s->next);
	free(s->prev);
	free(s->open);
	free(s->open_at);
	free(s->group_cost);
}

uint64_t plan_cost_of(struct plan_work *w, uint32_t group, const uint32_t *seat)
{
	const struct canon_group *g = &w->groups[group];
	uint32_t stamp = ++w->stamp;
	uint64_t cost = 0;

	for (uint32_t i = 0; i < g->team_len; i++) {
		w->seen_partner[w->team[g->team_first + i]] = stamp;
	}
	for (uint32_t i = 0; i < g->len; i++) {
		if (seat[i] == PLAN_NONE) {
			continue;
		}
		const struct canon_option *o = &w->options[seat[i]];
		uint32_t partner = w->partner[o->pool];
		cost += o->cost;
		cost += w->seen_pool[o->pool] == stamp ? 0 : w->pool_cost[o->pool];
		cost += w->seen_partner[partner] == stamp ? 0 : w->partner_cost[partner];
		w->seen_pool[o->pool] = stamp;
		w->seen_partner[partner] = stamp;
	}
	return cost;
}

static void take(struct plan_work *w, uint32_t need, uint32_t option)
{
	struct plan_state *s = &w->now;
	const struct canon_option *o = &w->options[option];
	uint32_t last = s->open[--s->open_len];

	SK_ASSERT(o->need == need && o->amount <= s->left[o->pool]);
	s->left[o->pool] -= o->amount;
	s->seat[need] = option;
	s->prev[need] = PLAN_NONE;
	s->next[need] = s->head[o->pool];
	if (s->next[need] != PLAN_NONE) {
		s->prev[s->next[need]] = need;
	}
	s->head[o->pool] = need;
	s->open[s->open_at[need]] = last;
	s->open_at[last] = s->open_at[need];
	s->missing -= w->needs[need].penalty;
}

static void give_back(struct plan_work *w, uint32_t need)
{
	struct plan_state *s = &w->now;
	const struct canon_option *o = &w->options[s->seat[need]];

	s->left[o->pool] += o->amount;
	s->seat[need] = PLAN_NONE;
	if (s->prev[need] == PLAN_NONE) {
		s->head[o->pool] = s->next[need];
	} else {
		s->next[s->prev[need]] = s->next[need];
	}
	if (s->next[need] != PLAN_NONE) {
		s->prev[s->next[need]] = s->prev[need];
	}
	s->open_at[need] = s->open_len;
	s->open[s->open_len++] = need;
	s->missing += w->needs[need].penalty;
}

void plan_lift(struct plan_work *w, uint32_t group)
{
	const struct canon_group *g = &w->groups[group];

	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		if (w->now.seat[i] != PLAN_NONE) {
			give_back(w, i);
		}
	}
	w->now.cost -= w->now.group_cost[group];
	w->now.group_cost[group] = 0;
}

void plan_put(struct plan_work *w, uint32_t group, const uint32_t *seat)
{
	const struct canon_group *g = &w->groups[group];

	for (uint32_t i = 0; i < g->len; i++) {
		if (seat[i] != PLAN_NONE) {
			take(w, g->first + i, seat[i]);
		}
	}
	w->now.group_cost[group] = plan_cost_of(w, group, seat);
	w->now.cost += w->now.group_cost[group];
}

int plan_insert(struct plan_work *w, uint32_t group, uint32_t halves, uint32_t blinks)
{
	struct plan_ask ask = { .group = group,
				.units = w->now.left,
				.toll = halves == PLAN_TOLLS ? w->toll : NULL,
				.halves = halves,
				.blinks = blinks,
				.deep = w->deep,
				.open_costs = !w->law };
	struct plan_team team = { .seat = plan_seats(w, SLOT_INSERT) };
	int err = plan_team(w, &ask, &team);

	if (err == SK_OK) {
		plan_put(w, group, team.seat);
	}
	return err;
}

void plan_lift_all(struct plan_work *w)
{
	for (uint32_t i = 0; i < w->groups_len; i++) {
		plan_lift(w, i);
	}
}

int plan_insert_all(struct plan_work *w, uint32_t halves)
{
	int err = SK_OK;

	plan_lift_all(w);
	for (uint32_t i = 0; err == SK_OK && i < w->groups_len; i++) {
		err = plan_insert(w, i, halves, 0);
	}
	return err;
}

/* With the law the first need whose coverage differs decides; then, and without it, the value. */
static bool better(const struct plan_work *w)
{
	for (uint32_t i = 0; w->law && i < w->needs_len; i++) {
		bool now = w->now.seat[i] != PLAN_NONE;
		if (now != (w->best[i] != PLAN_NONE)) {
			return now;
		}
	}
	return w->now.cost + w->now.missing < w->best_value;
}

void plan_keep_best(struct plan_work *w)
{
	if (better(w)) {
		memcpy(w->best, w->now.seat, w->needs_len * sizeof(*w->best));
		w->best_value = w->now.cost + w->now.missing;
	}
}

void plan_recall(struct plan_work *w)
{
	plan_lift_all(w);
	for (uint32_t i = 0; i < w->groups_len; i++) {
		plan_put(w, i, &w->best[w->groups[i].first]);
	}
}
