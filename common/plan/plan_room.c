/* SPDX-License-Identifier: EUPL-1.2 */
/* One part of a group, up to twelve needs, laid out for the exact composer under prices. The
 * composer covers first and costs then. Where a need may stay open for its penalty it gets one more
 * option: nobody, of a pool and a partner that are always there, at that cost. Then the best
 * coverage is everybody, at every price, and the least cost is the exact minimum of the priced part
 * with its own hard rules. Nobody has needs that stay apart as partners of their own, and can lead
 * nobody. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define COST_TOP UINT32_MAX /* of one option: twelve stay below what the composer adds up */
#define SCRATCH_ALIGN 16U
#define STEPS_OF_WORK 64U /* of the composer: they count as one set of needs */

uint64_t plan_priced(const struct plan_work *w, const struct plan_ask *ask, uint32_t option)
{
	const struct canon_option *o = &w->options[option];
	uint64_t cost = (uint64_t)o->cost * w->scale;

	if (ask->toll != NULL) {
		return cost + ask->toll[option];
	}
	return cost + (uint64_t)w->price[o->pool] * o->weight * ask->halves / 2;
}

/* A part that is looked at for a bound pays its share, whoever else of the group is there. */
static uint32_t fixed_of(const struct plan_work *w, const struct plan_part *part, uint32_t cost)
{
	return cost * w->scale / part->shares;
}

static uint32_t room_partner(struct plan_work *w, const struct plan_part *part, uint32_t partner)
{
	struct plan_room *r = &w->room;
	const struct canon_group *g = &w->groups[part->group];
	uint32_t *at = &r->partner_at[partner];

	if (*at != PLAN_NONE) {
		return *at;
	}
	bool in_team = r->inside_partner[partner] == r->inside;
	for (uint32_t i = 0; i < g->team_len; i++) {
		in_team = in_team || w->team[g->team_first + i] == partner;
	}
	r->partners[r->partners_len] = (struct compose_partner){
		.fixed_cost = in_team ? 0 : fixed_of(w, part, w->partner_cost[partner]),
		.in_team = in_team,
		.lead = w->leads[partner]
	};
	r->partner_is[r->partners_len] = partner;
	*at = r->partners_len++;
	return *at;
}

/* The id of a pool is its place in the canonical order: no two are the same. */
static uint32_t room_pool(struct plan_work *w, const struct plan_part *part, uint32_t pool,
			  uint32_t units)
{
	struct plan_room *r = &w->room;
	uint32_t *at = &r->pool_at[pool];

	if (*at != PLAN_NONE) {
		return *at;
	}
	struct compose_pool *to = &r->pools[r->pools_len];
	bool inside = r->inside_pool[pool] == r->inside;
	*to = (struct compose_pool){ .free = units,
				     .fixed_cost = inside ? 0 :
							    fixed_of(w, part, w->pool_cost[pool]) };
	for (unsigned i = 0; i < 4; i++) {
		to->id[i] = (uint8_t)(pool >> (24 - 8 * i));
	}
	to->partner = room_partner(w, part, w->partner[pool]);
	*at = r->pools_len++;
	return *at;
}

static void room_option(struct plan_room *r, const struct compose_option *o, uint32_t origin)
{
	r->origin[r->options_len] = origin;
	r->options[r->options_len++] = *o;
}

/* The last of all ids: of what costs the same the better coverage in the order is chosen. */
static void room_nobody(struct plan_room *r, uint32_t at, uint64_t cost)
{
	uint32_t pool = r->nobodies == 1 ? 0 : at;

	room_option(r,
		    &(struct compose_option){
			    .pool = pool, .use = at, .cost = (uint32_t)cost, .need = (uint8_t)at },
		    PLAN_NONE);
}

/* Who would pay more than the penalty for a need never does, unless its seat brings the lead: such
 * an option is left out, as is one whose amount is not there. */
static void room_need(struct plan_work *w, const struct plan_ask *ask, const struct plan_part *part,
		      uint32_t at)
{
	const struct canon_group *g = &w->groups[part->group];
	const struct canon_need *n = &w->needs[g->first + part->from + at];
	uint64_t penalty = (uint64_t)n->penalty * w->scale;
	uint64_t top = ask->open_costs && !part->lead ? penalty : UINT64_MAX;
	uint32_t end = part->fate[at] == FATE_OPEN ? n->first : n->first + n->len;

	for (uint32_t i = n->first; i < end; i++) {
		const struct canon_option *o = &w->options[i];
		uint32_t units = ask->units[o->pool] - plan_inside(w, o->pool);
		uint64_t cost = plan_priced(w, ask, i);
		if (o->amount > units || cost > top ||
		    (ask->blinks > 0 && plan_upto(w, 64) < ask->blinks) ||
		    (part->seat != NULL &&
		     !plan_pairs_allow(w, g, part->seat, part->from + at, w->partner[o->pool]))) {
			continue;
		}
		struct compose_option to = { .pool = room_pool(w, part, o->pool, units),
					     .use = o->use,
					     .amount = o->amount,
					     .cost = (uint32_t)(cost < COST_TOP ? cost : COST_TOP),
					     .tie = o->tie,
					     .need = (uint8_t)at };
		room_option(&w->room, &to, i);
		w->room.any = true;
		w->room.large = w->room.large || o->amount > COMPOSE_AMOUNT_MAX;
	}
	if (ask->open_costs && part->fate[at] != FATE_SEATED) {
		room_nobody(&w->room, at, penalty);
	}
}

/* The first places are nobody's: pools and partners that every team has. */
static void room_open(struct plan_work *w, const struct plan_part *part)
{
	struct plan_room *r = &w->room;

	r->nobodies = w->groups[part->group].apart_len > 0 ? part->len : 1;
	for (uint32_t i = 0; i < r->nobodies; i++) {
		r->pools[i] = (struct compose_pool){ .partner = i };
		memset(r->pools[i].id, 0xff, sizeof(r->pools[i].id));
		r->pools[i].id[15] = (uint8_t)i;
		r->partners[i] = (struct compose_partner){ .in_team = true };
		r->partner_is[i] = PLAN_NONE;
	}
	r->pools_len = r->nobodies;
	r->partners_len = r->nobodies;
	r->options_len = 0;
	r->any = r->large = r->rounded = false;
}

static void room_close(struct plan_work *w)
{
	struct plan_room *r = &w->room;

	for (size_t i = 0; i < r->options_len; i++) {
		if (r->origin[i] != PLAN_NONE) {
			r->pool_at[w->options[r->origin[i]].pool] = PLAN_NONE;
		}
	}
	for (uint32_t i = r->nobodies; i < r->partners_len; i++) {
		r->partner_at[r->partner_is[i]] = PLAN_NONE;
	}
}

/* Needs that belong together may both be nobody's beside a seat; so where a need may stay open only
 * pairs that must sit bind, and the others are seen to by branching. */
static void room_pairs(struct plan_work *w, const struct plan_ask *ask,
		       const struct plan_part *part)
{
	const struct canon_group *g = &w->groups[part->group];
	struct plan_room *r = &w->room;

	r->pairs_len[0] = r->pairs_len[1] = 0;
	for (uint32_t i = 0; i < g->together_len + g->apart_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		uint32_t a = p->need[0] - part->from;
		uint32_t b = p->need[1] - part->from;
		unsigned kind = i < g->together_len ? 0 : 1;
		if (p->need[0] < part->from || b >= part->len) {
			continue;
		}
		if (!ask->open_costs || kind == 1 ||
		    (part->fate[a] == FATE_SEATED && part->fate[b] == FATE_SEATED)) {
			r->pairs[kind][r->pairs_len[kind]++] =
				(struct compose_pair){ { (uint8_t)a, (uint8_t)b } };
		}
	}
}

/* --- amounts that are larger than the composer takes --- */

/* Those of one pool: sums says for each set of them what it takes. */
struct heap {
	uint32_t at[COMPOSE_NEEDS_MAX]; /* in options */
	uint32_t len;
	uint64_t exact[1U << COMPOSE_NEEDS_MAX];
	uint32_t small[1U << COMPOSE_NEEDS_MAX];
};

static uint32_t rounded(uint32_t amount, uint32_t units, uint32_t add)
{
	return (uint32_t)(((uint64_t)amount * COMPOSE_AMOUNT_MAX + add) / units);
}

/* Small amounts that tell apart exactly the sets that fit from those that do not.
 * @return what is free in them, or UINT32_MAX: these amounts do not. */
static uint32_t tells_apart(const struct plan_room *r, struct heap *h, uint32_t units)
{
	uint32_t most = 0;
	uint32_t least = UINT32_MAX;

	for (uint32_t set = 1; set < 1U << h->len; set++) {
		const struct compose_option *o = &r->options[h->at[__builtin_ctz(set)]];
		h->exact[set] = h->exact[set & (set - 1)] + o->amount;
		h->small[set] = h->small[set & (set - 1)] + rounded(o->amount, units, units / 2);
		if (h->exact[set] <= units) {
			most = h->small[set] > most ? h->small[set] : most;
		} else {
			least = h->small[set] < least ? h->small[set] : least;
		}
	}
	return most < least ? most : UINT32_MAX;
}

/* Rounded down for a bound, which is one all the same; else up, and what that leaves over is seen
 * to after it. */
static void shrink(struct plan_room *r, uint32_t pool, bool bound)
{
	struct heap h = { 0 };
	uint32_t units = r->pools[pool].free;
	bool once = true;

	for (uint32_t i = 0; i < r->options_len; i++) {
		const struct compose_option *o = &r->options[i];
		if (o->pool == pool && once) {
			once = h.len == 0 || r->options[h.at[h.len - 1]].need != o->need;
			h.at[once ? h.len++ : 0] = i;
		}
	}
	uint32_t free = once ? tells_apart(r, &h, units) : UINT32_MAX;
	uint32_t add = free != UINT32_MAX ? units / 2 : bound ? 0 : units - 1;
	for (uint32_t i = 0; i < r->options_len; i++) {
		struct compose_option *o = &r->options[i];
		o->amount = o->pool == pool ? rounded(o->amount, units, add) : o->amount;
	}
	r->pools[pool].free = free != UINT32_MAX ? free : COMPOSE_AMOUNT_MAX;
	r->rounded = r->rounded || free == UINT32_MAX;
}

static void shrink_all(struct plan_room *r, bool bound)
{
	for (uint32_t pool = r->nobodies; pool < r->pools_len; pool++) {
		bool large = false;
		for (uint32_t i = 0; i < r->options_len && !large; i++) {
			large = r->options[i].pool == pool &&
				r->options[i].amount > COMPOSE_AMOUNT_MAX;
		}
		if (large) {
			shrink(r, pool, bound);
		}
	}
}

/* --- composing it --- */

static int scratch_for(struct plan_room *r, const struct compose_problem *p)
{
	size_t bytes = 0;
	int err = compose_scratch_bytes(p, &bytes);

	if (err != SK_OK || bytes <= r->mem_bytes) {
		return err;
	}
	free(r->mem);
	bytes = (bytes * 2 + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
	r->mem = aligned_alloc(SCRATCH_ALIGN, bytes);
	r->mem_bytes = r->mem == NULL ? 0 : bytes;
	return r->mem == NULL ? SK_ENOMEM : SK_OK;
}

static int compose(struct plan_work *w, const struct plan_part *part, struct compose_team *ret_team)
{
	struct plan_room *r = &w->room;
	struct compose_problem p = { .needs = part->len,
				     .team_max = w->groups[part->group].team_max,
				     .partners_used = part->team_used,
				     .options = r->options,
				     .options_len = r->options_len,
				     .pools = r->pools,
				     .pools_len = r->pools_len,
				     .partners = r->partners,
				     .partners_len = r->partners_len,
				     .together = r->pairs[0],
				     .together_len = r->pairs_len[0],
				     .apart = r->pairs[1],
				     .apart_len = r->pairs_len[1],
				     .lead = part->lead };
	int err = scratch_for(r, &p);

	return err != SK_OK ?
		       err :
		       compose_run(&p, (struct compose_scratch){ r->mem, r->mem_bytes }, ret_team);
}

int plan_compose_part(struct plan_work *w, const struct plan_ask *ask, const struct plan_part *part,
		      struct part_team *ret_team)
{
	struct plan_room *r = &w->room;
	struct compose_team team = { 0 };

	w->work += 1ULL << part->len;
	room_open(w, part);
	for (uint32_t i = 0; i < part->len; i++) {
		room_need(w, ask, part, i);
	}
	room_pairs(w, ask, part);
	if (r->large) {
		shrink_all(r, ask->bound);
	}
	int err = r->any ? compose(w, part, &team) : SK_OK;
	room_close(w);
	if (w->groups[part->group].len > COMPOSE_NEEDS_MAX) {
		w->work += team.steps / STEPS_OF_WORK;
	}
	ret_team->found = r->any && (!ask->open_costs || team.covered == (1U << part->len) - 1);
	for (uint32_t i = 0; err == SK_OK && ret_team->found && i < part->len; i++) {
		uint32_t at = team.option[i];
		ret_team->seat[i] = at == COMPOSE_NONE ? PLAN_NONE : r->origin[at];
	}
	ret_team->cost = team.cost;
	ret_team->rounded = r->rounded;
	return err;
}
