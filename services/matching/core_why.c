/* SPDX-License-Identifier: EUPL-1.2 */
/* Why not that partner (MATCHING 4.5): the team composed anew, in memory, with the partner forced
 * into it for one need, beside the team as it is. The needs that may move are those of the same
 * place in the order whose seat is not agreed yet; their amounts count as free at their pools, all
 * other seats stay. What is said follows from two runs of the composer, and what would change it
 * from at most WHY_TRIES more: the best team changes only where one more of its needs fits at the
 * pool, so those are the amounts that are tried, the least first. */
#include <stdio.h>

#include "services/matching/core_build.h"

#define WHY(NAME) SCHAKEL__V1__WHY_NOT_KIND__WHY_NOT_KIND_##NAME
#define EXPLAIN(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME
#define WHY_TRIES 4U
#define WHY_POOLS 4U
#define KINDS 16U /* of costs; a code of CostKind is below */

struct why {
	struct build b;
	PB(MatchContributionRecord) *seat[COMPOSE_NEEDS_MAX]; /* NULL: it waits */
	uint32_t now[COMPOSE_NEEDS_MAX];                      /* its option; COMPOSE_NONE: none */
	size_t target;
	const char *partner;
	enum fit fit; /* of the partner's use that comes furthest through the rules */
	struct use_facts facts;
	bool known;
	const char *more_pool; /* with so many units more */
	uint32_t more;
};

static PB(MatchContributionRecord) *seat_of_need(struct work *w, const PB(MatchNeedRecord) *n)
{
	struct object_id id = id_of(&n->seat_id);

	return n->seat_id.len == 0 ? NULL : contribution_get(w, &id);
}

static bool is_soft(const PB(MatchContributionRecord) *c)
{
	return c->state == CSTATE(ASKED) || c->state == CSTATE(CAN) || c->state == CSTATE(CAN_IF);
}

static bool same_place(const PB(MatchNeedRecord) *a, const PB(MatchNeedRecord) *b)
{
	struct order x = order_of(a);
	struct order y = order_of(b);

	return memcmp(x.b, y.b, GROUP_LEN) == 0;
}

static void why_add(struct why *y, PB(MatchNeedRecord) *n, PB(MatchContributionRecord) *c)
{
	size_t at = y->b.problem.needs++;

	y->b.needs[at] = n;
	y->seat[at] = c;
	y->now[at] = COMPOSE_NONE;
}

/** The needs that may move, in their order, the one that is asked about among them; of the others
 *  the partners stay. */
static void why_needs(struct why *y, const PB(MatchNeedRecord) *target)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct work *w = y->b.w;
	struct object_id request = id_of(&target->request_id);
	struct object_id id = id_of(&target->need->need_id);
	size_t len = needs_of(w, &request, needs);
	size_t room = COMPOSE_NEEDS_MAX - 1;

	for (size_t i = 0; i < len; i++) {
		PB(MatchContributionRecord) *c = seat_of_need(w, needs[i]);
		struct object_id other = id_of(&needs[i]->need->need_id);
		bool asked = object_id_equal(&id, &other);
		bool moves = need_is_open(needs[i]) && !needs[i]->paused &&
			     (c == NULL || is_soft(c)) && same_place(needs[i], target) && room > 0;
		if (asked) {
			y->target = y->b.problem.needs;
			why_add(y, needs[i], c);
		} else if (moves) {
			room--;
			why_add(y, needs[i], c);
		} else if (c != NULL && !team_has(&y->b.team, c->partner)) {
			(void)snprintf(y->b.team.partner[y->b.team.len++], PARTY_ID_LEN_MAX + 1,
				       "%s", c->partner);
		}
	}
}

/** The pool as it would be without the seats that may move. */
static PB(MatchPoolRecord) *pool_without(struct why *y, const char *name)
{
	PB(MatchPoolRecord) *p = pool_get(y->b.w, name);

	for (size_t i = 0; p != NULL && i < y->b.problem.needs; i++) {
		const PB(MatchContributionRecord) *c = y->seat[i];
		if (c != NULL && strcmp(c->pool, name) == 0) {
			p->promised -= c->held < p->promised ? c->held : p->promised;
		}
	}
	if (p != NULL && y->more_pool != NULL && strcmp(y->more_pool, name) == 0) {
		p->staffed += y->more;
	}
	return p;
}

/** Somebody else is in place for it, beside who sits there. */
static bool why_replaces(struct why *y, size_t need)
{
	PB(MatchContributionRecord) *live[LIVE_MAX];
	struct object_id id = id_of(&y->b.needs[need]->need->need_id);
	size_t len = live_of(y->b.w, &id, live);
	bool other = false;

	for (size_t i = 0; i < len; i++) {
		struct object_id a = id_of(&live[i]->contribution_id);
		struct object_id seat = id_of(&y->b.needs[need]->seat_id);
		other = other || (!live[i]->standby && !object_id_equal(&a, &seat));
	}
	return other;
}

/** Of the partner's uses the one that comes furthest: what is said is what still lacks. */
static void why_furthest(struct why *y, enum fit fit, const struct use_facts *u)
{
	bool further = !y->known || fit == FIT_OK || (y->fit != FIT_OK && fit > y->fit);

	if (further) {
		y->fit = fit;
		y->facts = *u;
	}
	y->known = true;
}

static void why_use(struct why *y, size_t need, const struct index_ref *ref)
{
	struct build *b = &y->b;
	size_t mark = work_mark(b->w);
	PB(MatchPoolRecord) *p = pool_without(y, ref->pool);
	const PB(MatchContributionRecord) *c = y->seat[need];
	bool sits = c != NULL && strcmp(c->pool, ref->pool) == 0 && c->use == ref->facts.use;

	if (p != NULL) {
		enum fit fit = need_fit(b->w, b->r, b->needs[need], p, &ref->facts);
		fit = sits ? FIT_OK : fit; /* its own seat counts under limits and caps */
		if (need == y->target && pool_is_of(p, y->partner)) {
			why_furthest(y, fit, &ref->facts);
		}
		size_t before = b->problem.options_len;
		if (fit == FIT_OK) {
			build_option(b, need, p, &ref->facts,
				     !need_is_near_ref(b->w, b->r, b->needs[need], ref));
		}
		if (sits && b->problem.options_len > before) {
			b->m->options[before].amount = c->held > 0 ? c->held : c->amount;
			y->now[need] = (uint32_t)before;
		}
	}
	work_rewind(b->w, mark);
}

static void why_gather(struct why *y)
{
	struct build *b = &y->b;

	build_begin(b);
	b->together = 0;
	b->undone = y->seat;
	y->known = false;
	for (size_t i = 0; i < b->problem.needs; i++) {
		const struct index_ref *refs;
		size_t len = need_refs(b->w, b->needs[i], &refs);
		y->now[i] = COMPOSE_NONE;
		b->replaces[i] = why_replaces(y, i);
		for (size_t k = 0; k < len && k < COMPOSE_PER_NEED_MAX; k++) {
			why_use(y, i, &refs[k]);
		}
	}
}

/* --- what a team costs, by kind --- */

struct bill {
	int64_t kind[KINDS];
	uint32_t quantity[KINDS];
	int64_t sum;
	uint32_t partners;
};

static void bill_of(struct why *y, const uint32_t option[COMPOSE_NEEDS_MAX], struct bill *ret)
{
	struct team was = y->b.team;

	*ret = (struct bill){ .sum = 0 };
	for (size_t i = 0; i < y->b.problem.needs; i++) {
		if (option[i] == COMPOSE_NONE) {
			continue;
		}
		struct seat_offer o = build_offer(&y->b, option[i]);
		for (size_t c = 0; c < o.costs_len; c++) {
			size_t kind = (size_t)o.costs[c]->kind < KINDS ? o.costs[c]->kind : 0;
			ret->kind[kind] += o.costs[c]->cost;
			ret->quantity[kind] += o.costs[c]->quantity;
			ret->sum += o.costs[c]->cost;
		}
		if (!team_has(&y->b.team, o.partner) && y->b.team.len < MATCH_NEEDS_MAX) {
			(void)snprintf(y->b.team.partner[y->b.team.len++], PARTY_ID_LEN_MAX + 1,
				       "%s", o.partner);
		}
	}
	ret->partners = (uint32_t)y->b.team.len;
	y->b.team = was;
}

static void bill_diff(struct why *y, const struct bill *is, const struct bill *would, PB(WhyNot) *a)
{
	a->cost_more = would->sum - is->sum;
	a->partners_more = (int32_t)would->partners - (int32_t)is->partners;
	a->more = step_alloc(y->b.w->s, KINDS * sizeof(a->more[0]));
	for (size_t i = 0; a->more != NULL && i < KINDS; i++) {
		PB(CostLine) *line =
			would->kind[i] == is->kind[i] ? NULL : step_alloc(y->b.w->s, sizeof(*line));
		if (line != NULL) {
			schakel__v1__cost_line__init(line);
			line->kind = (PB(CostKind))i;
			line->cost = would->kind[i] - is->kind[i];
			line->quantity = would->quantity[i] > is->quantity[i] ?
						 would->quantity[i] - is->quantity[i] :
						 is->quantity[i] - would->quantity[i];
			a->more[a->n_more++] = line;
		}
	}
}

/* --- what would change it --- */

static bool sits_at(const struct why *y, const struct compose_team *team, const char *partner)
{
	uint32_t o = team->option[y->target];

	return o != COMPOSE_NONE &&
	       strcmp(y->b.m->partner_names[y->b.m->pools[y->b.m->options[o].pool].partner],
		      partner) == 0;
}

/** Amounts that the needs would take at that pool, that of the target first; @return how many. */
static size_t amounts_at(struct why *y, const char *pool, uint32_t *ret)
{
	const struct index_ref *refs;
	size_t len = 0;

	for (size_t i = 0; i < y->b.problem.needs; i++) {
		size_t at = i == 0 ? y->target : i <= y->target ? i - 1 : i;
		size_t uses = need_refs(y->b.w, y->b.needs[at], &refs);
		bool found = false;
		for (size_t k = 0; k < uses && !found; k++) {
			size_t mark = work_mark(y->b.w);
			const PB(MatchPoolRecord) *p =
				strcmp(refs[k].pool, pool) == 0 ? pool_without(y, pool) : NULL;
			enum fit fit = p == NULL ? FIT_ZONE :
						   need_fit(y->b.w, y->b.r, y->b.needs[at], p,
							    &refs[k].facts);
			found = fit == FIT_OK || fit == FIT_AMOUNT;
			if (found) {
				ret[len++] = need_amount(y->b.needs[at], p, &refs[k].facts);
			}
			work_rewind(y->b.w, mark);
		}
		if (i == 0 && !found) {
			return 0;
		}
	}
	return len;
}

/** The next larger sum of amounts with the target's among them that does not fit in what is free;
 *  0: there is none. */
static uint32_t next_sum(const uint32_t *amount, size_t len, uint64_t above)
{
	uint64_t best = 0;

	for (uint32_t set = 0; len > 0 && set < 1U << (len - 1); set++) {
		uint64_t sum = amount[0];
		for (size_t i = 1; i < len; i++) {
			sum += (set >> (i - 1) & 1U) != 0 ? amount[i] : 0;
		}
		if (sum > above && (best == 0 || sum < best)) {
			best = sum;
		}
	}
	return best > UINT32_MAX ? 0 : (uint32_t)best;
}

/** Not chosen even with that much room: how the team with it would stand beside the one that is.
 * The options stand as they were gathered. */
static void with_room(struct why *y, PB(WhyNot) *a)
{
	struct compose_team with;
	struct bill is, would;

	if (y->now[y->target] == COMPOSE_NONE || a->n_more > 0) {
		return;
	}
	bill_of(y, y->now, &is);
	size_t all = build_narrow(&y->b, y->target, y->partner);
	build_team(&y->b, true, &with);
	y->b.problem.options_len = all;
	if (with.option[y->target] != COMPOSE_NONE) {
		bill_of(y, with.option, &would);
		bill_diff(y, &is, &would, a);
	}
}

static void change_at(struct why *y, const char *pool, PB(WhyNot) *a)
{
	uint32_t amount[COMPOSE_NEEDS_MAX];
	const PB(MatchPoolRecord) *p = pool_without(y, pool);
	size_t len = p == NULL || p->overcommitted ? 0 : amounts_at(y, pool, amount);
	uint64_t free = p == NULL ? 0 : pool_free(p);
	uint64_t sum = free;

	for (uint32_t i = 0; len > 0 && i < WHY_TRIES; i++) {
		struct compose_team team;
		sum = next_sum(amount, len, sum);
		uint32_t more = (uint32_t)(sum - free);
		if (sum == 0 || (a->one_more > 0 && more >= a->one_more)) {
			return;
		}
		y->more_pool = pool;
		y->more = more;
		why_gather(y);
		build_team(&y->b, true, &team);
		bool chosen = sits_at(y, &team, y->partner);
		if (!chosen && i == 0) {
			why_gather(y);
			with_room(y, a);
		}
		y->more_pool = NULL;
		if (chosen) {
			a->one_more = more;
			a->one_more_pool = step_strdup(y->b.w->s, pool);
			a->unit = p->unit;
			return;
		}
	}
}

/** Last of all: it gathers anew. */
static void why_change(struct why *y, PB(WhyNot) *a)
{
	char pools[WHY_POOLS][PARTY_ID_LEN_MAX + 1];
	const struct index_ref *refs;
	size_t all = need_refs(y->b.w, y->b.needs[y->target], &refs);
	size_t len = 0;

	for (size_t i = 0; i < all && len < WHY_POOLS; i++) {
		size_t mark = work_mark(y->b.w);
		const PB(MatchPoolRecord) *p = pool_get(y->b.w, refs[i].pool);
		bool again = len > 0 && strcmp(pools[len - 1], refs[i].pool) == 0;
		if (p != NULL && !again && pool_is_of(p, y->partner)) {
			(void)snprintf(pools[len++], sizeof(pools[0]), "%s", p->pool);
		}
		work_rewind(y->b.w, mark);
	}
	for (size_t i = 0; i < len; i++) {
		change_at(y, pools[i], a);
	}
}

/* --- the answer --- */

/** It has that expertise somewhere, but in no zone that is asked now. */
static bool is_elsewhere(struct why *y)
{
	const struct index_ref *refs;
	size_t len =
		index_expertise(y->b.w->s->index, y->b.needs[y->target]->need->expertise, &refs);
	bool found = false;

	for (size_t i = 0; i < len && !found; i++) {
		size_t mark = work_mark(y->b.w);
		const PB(MatchPoolRecord) *p = pool_get(y->b.w, refs[i].pool);
		found = p != NULL && pool_is_of(p, y->partner);
		work_rewind(y->b.w, mark);
	}
	return found;
}

static void why_filtered(struct why *y, PB(WhyNot) *a)
{
	a->kind = WHY(FILTERED);
	if (!y->known) {
		a->filter = is_elsewhere(y) ? EXPLAIN(FILTERED_ZONE) : EXPLAIN(FILTERED_EXPERTISE);
		return;
	}
	a->filter = explain_filter(y->fit);
	if (y->fit == FIT_AGE) {
		a->age_from = y->facts.age_from;
		a->age_to = y->facts.age_to;
	}
	if (y->fit == FIT_AMOUNT) {
		why_change(y, a);
	}
}

/** The team that is compared with: as it sits, or the best where the need waits. */
static bool why_reference(struct why *y, struct bill *ret)
{
	struct compose_team team;

	if (y->now[y->target] != COMPOSE_NONE) {
		bill_of(y, y->now, ret);
		return false;
	}
	build_team(&y->b, true, &team);
	bill_of(y, team.option, ret);
	return sits_at(y, &team, y->partner);
}

static void why_compare(struct why *y, PB(WhyNot) *a)
{
	struct compose_team with;
	struct bill is, would;

	if (why_reference(y, &is)) {
		a->kind = WHY(IN_TEAM);
		return;
	}
	why_gather(y); /* the options stand in another order now */
	size_t all = build_narrow(&y->b, y->target, y->partner);
	build_team(&y->b, true, &with);
	y->b.problem.options_len = all;
	bool open = with.option[y->target] == COMPOSE_NONE;
	bool worse = false;
	for (size_t i = 0; i < y->b.problem.needs; i++) {
		worse = worse || (y->seat[i] != NULL && with.option[i] == COMPOSE_NONE);
	}
	if (open || worse) {
		bool team = open && with.open[y->target] == COMPOSE_TEAM_LIMIT;
		a->kind = WHY(NO_ROOM);
		a->shortfall = team ? SHORTFALL(TEAM_LIMIT) : SHORTFALL(NO_CAPACITY);
	} else {
		bill_of(y, with.option, &would);
		bill_diff(y, &is, &would, a);
		a->kind = a->cost_more > 0  ? WHY(COSTS_MORE) :
			  a->cost_more == 0 ? WHY(EQUAL) :
					      WHY(NOW_BETTER);
	}
	if (a->kind == WHY(COSTS_MORE) || a->kind == WHY(NO_ROOM)) {
		why_change(y, a);
	}
}

PB(WhyNot) *why_not(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
		    const char *partner)
{
	PB(WhyNot) *a = step_alloc(w->s, sizeof(*a));
	struct why *y = step_alloc(w->s, sizeof(*y));

	if (a == NULL || y == NULL) {
		return NULL;
	}
	schakel__v1__why_not__init(a);
	a->need_id = n->need->need_id;
	a->partner = step_strdup(w->s, partner);
	*y = (struct why){ .partner = partner };
	y->b = (struct build){ .w = w, .m = index_scratch(w->s->index), .r = r };
	why_needs(y, n);
	const PB(MatchContributionRecord) *c = y->seat[y->target];
	if (c != NULL && contribution_is_of(c, partner)) {
		a->kind = WHY(IN_TEAM);
		return a;
	}
	why_gather(y);
	if (y->known && y->fit == FIT_OK) {
		why_compare(y, a);
	} else {
		why_filtered(y, a);
	}
	return a;
}
