/* SPDX-License-Identifier: EUPL-1.2 */
/* The order. After a change a need that is open may have a right to what came free, or to what only
 * needs behind it hold. From the front to the back each group that may is composed anew of what
 * those in front leave it; who is in its way behind is lifted and comes to its turn later. Nothing
 * in front of a group ever changes for it, so one walk ends, and coverage only rises. */
#include <string.h>

#include "common/plan/plan_work.h"

void plan_dirty(struct plan_work *w, uint32_t pool, uint32_t group)
{
	for (uint32_t i = w->could_first[pool]; i < w->could_first[pool + 1]; i++) {
		uint32_t need = w->options[w->could[i]].need;
		if (w->now.seat[need] == PLAN_NONE && w->needs[need].group > group) {
			w->dirty[w->needs[need].group] = 1;
		}
	}
}

/* What of @p pool those up to @p group leave; @p own: also what the group holds itself. */
static uint32_t units_for(const struct plan_work *w, uint32_t pool, uint32_t group, bool own)
{
	const struct plan_state *s = &w->now;
	uint32_t units = w->free[pool];

	for (uint32_t n = s->head[pool]; n != PLAN_NONE; n = s->next[n]) {
		uint32_t holder = w->needs[n].group;
		if (holder < group || (holder == group && own)) {
			units -= w->options[s->seat[n]].amount;
		}
	}
	return units;
}

static bool need_has_a_right(struct plan_work *w, uint32_t need)
{
	const struct canon_need *n = &w->needs[need];
	uint32_t first = w->groups[n->group].first;

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		const struct canon_option *o = &w->options[i];
		if (o->amount <= units_for(w, o->pool, n->group, true) &&
		    plan_may_sit(w, n->group, &w->now.seat[first], need - first, i)) {
			return true;
		}
	}
	return false;
}

static bool group_has_a_right(struct plan_work *w, uint32_t group)
{
	const struct canon_group *g = &w->groups[group];

	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		if (w->now.seat[i] == PLAN_NONE && need_has_a_right(w, i)) {
			return true;
		}
	}
	return false;
}

/* Lifts the group, and says so to those behind that may want what it had. */
static void lift_and_tell(struct plan_work *w, uint32_t group)
{
	const struct canon_group *g = &w->groups[group];
	uint32_t *had = plan_seats(w, SLOT_LIFTED);

	memcpy(had, &w->now.seat[g->first], g->len * sizeof(*had));
	plan_lift(w, group);
	for (uint32_t i = 0; i < g->len; i++) {
		if (had[i] != PLAN_NONE) {
			plan_dirty(w, w->options[had[i]].pool, group);
		}
	}
}

/* Those behind the group make room at the pool, the last in the order first. */
static void make_room(struct plan_work *w, uint32_t group, uint32_t pool, uint32_t units)
{
	const struct plan_state *s = &w->now;

	while (s->left[pool] < units) {
		uint32_t last = group;
		for (uint32_t n = s->head[pool]; n != PLAN_NONE; n = s->next[n]) {
			last = w->needs[n].group > last ? w->needs[n].group : last;
		}
		SK_ASSERT(last > group);
		lift_and_tell(w, last);
		w->dirty[last] = 1;
	}
}

static void make_room_for(struct plan_work *w, uint32_t group, const uint32_t *seat)
{
	uint32_t len = w->groups[group].len;

	for (uint32_t i = 0; i < len; i++) {
		uint32_t units = 0;
		for (uint32_t j = 0; seat[i] != PLAN_NONE && j < len; j++) {
			bool same = seat[j] != PLAN_NONE &&
				    w->options[seat[j]].pool == w->options[seat[i]].pool;
			units += same ? w->options[seat[j]].amount : 0;
		}
		if (units > 0) {
			make_room(w, group, w->options[seat[i]].pool, units);
		}
	}
}

static int compose_in_front(struct plan_work *w, uint32_t group)
{
	const struct canon_group *g = &w->groups[group];
	struct plan_ask ask = { .group = group, .units = w->units, .halves = 1, .deep = w->deep };
	struct plan_team team = { .seat = plan_seats(w, SLOT_LAW) };

	lift_and_tell(w, group);
	for (uint32_t i = g->first; i < g->first + g->len; i++) {
		const struct canon_need *n = &w->needs[i];
		for (uint32_t o = n->first; o < n->first + n->len; o++) {
			uint32_t pool = w->options[o].pool;
			w->units[pool] = units_for(w, pool, group, false);
		}
	}
	int err = plan_team(w, &ask, &team);
	if (err == SK_OK) {
		make_room_for(w, group, team.seat);
		plan_put(w, group, team.seat);
		w->rose = true;
	}
	return err;
}

int plan_make_lawful(struct plan_work *w)
{
	int err = SK_OK;

	for (uint32_t g = 0; err == SK_OK && g < w->groups_len; g++) {
		const uint8_t *at = memchr(&w->dirty[g], 1, w->groups_len - g);
		if (at == NULL) {
			break;
		}
		g = (uint32_t)(at - w->dirty);
		w->dirty[g] = 0;
		if (group_has_a_right(w, g)) {
			err = compose_in_front(w, g);
		}
	}
	return err;
}
