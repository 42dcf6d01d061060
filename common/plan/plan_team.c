/* SPDX-License-Identifier: EUPL-1.2 */
/* One group under prices: exactly, where it has up to twelve needs and amounts that the composer
 * takes. What belongs together is branched on, where it must: two needs at two partners mean that
 * one of them is open, or that both sit. A larger group is composed twelve by twelve, earlier needs
 * first, each part beside the team of those before it; for a bound each part alone, with its share
 * of what the partners cost. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define BRANCHES_MAX 128U /* composed for one part; what is left then gives the bound */
#define BRANCHES_BOUND 16U
#define DEPTH_MAX (2U * COMPOSE_NEEDS_MAX + 1U)

struct branch {
	uint8_t fate[COMPOSE_NEEDS_MAX];
	uint64_t low; /* nothing in it costs less */
};

static void all_open(const struct plan_work *w, const struct plan_ask *ask,
		     const struct plan_part *part, struct part_team *ret_team)
{
	const struct canon_need *n = &w->needs[w->groups[part->group].first + part->from];

	ret_team->cost = 0;
	for (uint32_t i = 0; i < part->len; i++) {
		ret_team->seat[i] = PLAN_NONE;
		ret_team->cost += ask->open_costs ? (uint64_t)n[i].penalty * w->scale : 0;
	}
}

/* @return whether a is better: less cost, or of equals the better coverage in the order. */
static bool is_better(const struct part_team *a, const struct part_team *b, uint32_t len)
{
	for (uint32_t i = 0; a->cost == b->cost && i < len; i++) {
		if ((a->seat[i] == PLAN_NONE) != (b->seat[i] == PLAN_NONE)) {
			return a->seat[i] != PLAN_NONE;
		}
	}
	return a->cost < b->cost;
}

static bool at_one_partner(const struct plan_work *w, uint32_t a, uint32_t b)
{
	return a == PLAN_NONE || b == PLAN_NONE ||
	       w->partner[w->options[a].pool] == w->partner[w->options[b].pool];
}

/* @return the first pair of the part that its team breaks, or NULL. */
static const struct canon_pair *broken(const struct plan_work *w, const struct plan_part *part,
				       const struct part_team *t)
{
	const struct canon_group *g = &w->groups[part->group];

	for (uint32_t i = 0; i < g->together_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		if (p->need[0] >= part->from && p->need[1] < part->from + part->len &&
		    !at_one_partner(w, t->seat[p->need[0] - part->from],
				    t->seat[p->need[1] - part->from])) {
			return p;
		}
	}
	return NULL;
}

/* The branches of a pair. @return how many. */
static uint32_t split(const struct branch *from, uint32_t a, uint32_t b, uint64_t low,
		      struct branch *to)
{
	static const enum plan_fate fates[3][2] = { { FATE_OPEN, FATE_FREE },
						    { FATE_FREE, FATE_OPEN },
						    { FATE_SEATED, FATE_SEATED } };
	const uint32_t need[2] = { a, b };
	uint32_t len = 0;

	for (unsigned k = 0; k < SK_LEN(fates); k++) {
		bool fits = true;
		to[len] = *from;
		to[len].low = low;
		for (unsigned n = 0; n < 2; n++) {
			uint8_t *fate = &to[len].fate[need[n]];
			bool asks = fates[k][n] != FATE_FREE;
			fits = fits && (!asks || *fate == FATE_FREE || *fate == fates[k][n]);
			*fate = asks ? (uint8_t)fates[k][n] : *fate;
		}
		len += fits ? 1 : 0;
	}
	return len;
}

/* Depth first, the last branch first. What is not looked at any more still counts for the cost. */
static int by_branches(struct plan_work *w, const struct plan_ask *ask, struct plan_part *part,
		       struct part_team *ret_team)
{
	struct branch stack[DEPTH_MAX + 3] = { 0 };
	uint32_t len = 1;
	uint32_t done = 0;
	uint64_t low = UINT64_MAX;
	int err = SK_OK;

	all_open(w, ask, part, ret_team);
	while (err == SK_OK && len > 0) {
		struct branch b = stack[--len];
		struct part_team team = { 0 };
		if (b.low > ret_team->cost) {
			continue;
		}
		if (done++ >= (ask->bound ? BRANCHES_BOUND : BRANCHES_MAX)) {
			low = b.low < low ? b.low : low;
			continue;
		}
		memcpy(part->fate, b.fate, sizeof(part->fate));
		err = plan_compose_part(w, ask, part, &team);
		if (err != SK_OK || !team.found || team.cost > ret_team->cost) {
			continue;
		}
		const struct canon_pair *p = broken(w, part, &team);
		if (p != NULL) {
			len += split(&b, p->need[0] - part->from, p->need[1] - part->from,
				     team.cost, &stack[len]);
		} else if (is_better(&team, ret_team, part->len)) {
			*ret_team = team;
		}
	}
	ret_team->cost = low < ret_team->cost ? low : ret_team->cost;
	return err;
}

static int compose_part(struct plan_work *w, const struct plan_ask *ask, struct plan_part *part,
			struct part_team *ret_team)
{
	if (ask->open_costs && (w->groups[part->group].together_len > 0 || part->lead)) {
		return by_branches(w, ask, part, ret_team);
	}
	int err = plan_compose_part(w, ask, part, ret_team);
	if (err == SK_OK && !ret_team->found) {
		all_open(w, ask, part, ret_team);
	}
	return err;
}

/* --- beside those of the group who have a seat already --- */

static void inside_begin(struct plan_work *w, struct plan_part *part)
{
	const struct canon_group *g = &w->groups[part->group];

	w->room.inside++;
	part->team_used = g->team_used;
	part->lead = g->lead;
}

static void inside_add(struct plan_work *w, struct plan_part *part, uint32_t option)
{
	struct plan_room *r = &w->room;
	const struct canon_option *o = &w->options[option];
	uint32_t partner = w->partner[o->pool];
	const struct canon_group *g = &w->groups[part->group];

	r->inside_units[o->pool] = plan_inside(w, o->pool) + o->amount;
	r->inside_pool[o->pool] = r->inside;
	part->lead = part->lead && !w->leads[partner];
	if (r->inside_partner[partner] != r->inside) {
		bool in_team = false;
		for (uint32_t i = 0; i < g->team_len; i++) {
			in_team = in_team || w->team[g->team_first + i] == partner;
		}
		r->inside_partner[partner] = r->inside;
		part->team_used += in_team ? 0 : 1;
	}
}

/* What it costs more that the need sits there. */
static uint64_t price_of(const struct plan_work *w, const struct plan_ask *ask, uint32_t option)
{
	const struct plan_room *r = &w->room;
	uint32_t pool = w->options[option].pool;
	uint32_t partner = w->partner[pool];
	uint64_t fixed = r->inside_pool[pool] == r->inside ? 0 : w->pool_cost[pool];

	fixed += r->inside_partner[partner] == r->inside ? 0 : w->partner_cost[partner];
	return plan_priced(w, ask, option) + fixed * w->scale;
}

/* The cheapest seat of an open need beside the others, none that costs more than its penalty where
 * that decides. */
static uint32_t cheapest(struct plan_work *w, const struct plan_ask *ask, const uint32_t *seat,
			 uint32_t at)
{
	const struct canon_need *n = &w->needs[w->groups[ask->group].first + at];
	uint64_t least = ask->open_costs ? (uint64_t)n->penalty * w->scale : UINT64_MAX;
	uint32_t best = PLAN_NONE;

	for (uint32_t i = n->first; i < n->first + n->len; i++) {
		const struct canon_option *o = &w->options[i];
		if (o->amount <= ask->units[o->pool] - plan_inside(w, o->pool) &&
		    price_of(w, ask, i) < least && plan_may_sit(w, ask->group, seat, at, i)) {
			least = price_of(w, ask, i);
			best = i;
		}
	}
	return best;
}

void plan_complete(struct plan_work *w, const struct plan_ask *ask, uint32_t *seat)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct plan_part part = { .group = ask->group };

	inside_begin(w, &part);
	for (uint32_t i = 0; i < g->len; i++) {
		if (seat[i] != PLAN_NONE) {
			inside_add(w, &part, seat[i]);
		}
	}
	/* a seat may bring the lead that one in front has waited for */
	for (uint32_t i = 0; i < g->len; i++) {
		uint32_t found = seat[i] == PLAN_NONE ? cheapest(w, ask, seat, i) : PLAN_NONE;
		if (found != PLAN_NONE) {
			bool lacked = part.lead;
			seat[i] = found;
			inside_add(w, &part, found);
			i = lacked && !part.lead ? UINT32_MAX : i;
		}
	}
}

static int by_parts(struct plan_work *w, const struct plan_ask *ask, struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct plan_part part = { .group = ask->group,
				  .shares = 1,
				  .seat = ask->bound ? NULL : ret_team->seat };
	struct part_team team = { 0 };
	int err = SK_OK;

	if (ask->bound) {
		part.shares = (g->len + COMPOSE_NEEDS_MAX - 1) / COMPOSE_NEEDS_MAX;
	}
	inside_begin(w, &part);
	part.lead = g->lead && !ask->bound;
	ret_team->cost = 0;
	memset(ret_team->seat, 0xff, g->len * sizeof(*ret_team->seat));
	for (; err == SK_OK && part.from < g->len; part.from += part.len) {
		part.len = g->len - part.from < COMPOSE_NEEDS_MAX ? g->len - part.from :
								    COMPOSE_NEEDS_MAX;
		memset(part.fate, FATE_FREE, sizeof(part.fate));
		err = compose_part(w, ask, &part, &team);
		ret_team->cost += team.cost;
		for (uint32_t i = 0; err == SK_OK && i < part.len; i++) {
			ret_team->seat[part.from + i] = team.seat[i];
			if (team.seat[i] != PLAN_NONE && !ask->bound) {
				inside_add(w, &part, team.seat[i]);
			}
		}
	}
	return err;
}

static int by_composer(struct plan_work *w, const struct plan_ask *ask, struct plan_team *ret_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct plan_part part = { .group = ask->group, .len = g->len, .shares = 1 };
	struct part_team team = { 0 };

	inside_begin(w, &part);
	int err = compose_part(w, ask, &part, &team);
	if (err == SK_OK) {
		memcpy(ret_team->seat, team.seat, g->len * sizeof(*team.seat));
		ret_team->cost = team.cost;
	}
	if (err == SK_OK && team.rounded && !ask->bound) {
		plan_complete(w, ask, ret_team->seat);
	}
	return err;
}

int plan_team(struct plan_work *w, const struct plan_ask *ask, struct plan_team *ret_team)
{
	bool large = w->groups[ask->group].len > COMPOSE_NEEDS_MAX;
	bool deep = ask->deep > 0 && plan_is_deep(w, ask->group);
	int err = large ? by_parts(w, ask, ret_team) : by_composer(w, ask, ret_team);

	if (err == SK_OK && deep) {
		err = plan_team_whole(w, ask, ret_team);
	}
	if (err == SK_OK && (large || deep) && !ask->bound) {
		plan_complete(w, ask, ret_team->seat);
	}
	if (err == SK_OK) {
		plan_column_add(w, ask, ret_team->seat);
	}
	return err;
}
