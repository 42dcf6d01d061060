/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "services/matching/core_build.h"
#include "services/matching/core_large.h"

#define FETCH_AHEAD 16U

bool team_has(const struct team *t, const char *partner)
{
	for (size_t i = 0; i < t->len; i++) {
		if (strcmp(t->partner[i], partner) == 0) {
			return true;
		}
	}
	return false;
}

void team_of(struct work *w, const struct object_id *request, const struct object_id *but_need,
	     struct team *ret_team)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	size_t len = needs_of(w, request, needs);

	ret_team->len = 0;
	for (size_t i = 0; i < len; i++) {
		struct object_id need = id_of(&needs[i]->need->need_id);
		struct object_id seat = id_of(&needs[i]->seat_id);
		bool left_out = but_need != NULL && object_id_equal(&need, but_need);
		if (left_out || needs[i]->seat_id.len == 0) {
			continue;
		}
		const PB(MatchContributionRecord) *c = contribution_get(w, &seat);
		if (c != NULL && !team_has(ret_team, c->partner)) {
			(void)snprintf(ret_team->partner[ret_team->len++], PARTY_ID_LEN_MAX + 1,
				       "%s", c->partner);
		}
	}
}

/** Dirty pools are left to their pass, which gives in the order; it goes back to this need's place
 *  when it was past it, because the need has just begun to wait there (L7). */
static void gather_judged(struct build *b, size_t need, const struct found_use *u)
{
	const PB(MatchNeedRecord) *n = b->needs[need];
	const PB(MatchPoolRecord) *p = pool_get(b->w, u->pool);
	struct order at = order_of(n);

	if (p == NULL) {
		return;
	}
	enum fit fit = need_fit(b->w, b->r, n, p, u->facts);
	reach_count(&b->reach[need], fit, p);
	if (fit == FIT_AMOUNT) {
		reach_more(b, need, p, u);
	}
	if (!pool_is_clean(b->w, p->pool) && !MUT(51)) {
		pool_mark_dirty(b->w, p, &at);
	} else if (fit == FIT_OK) {
		build_option(b, need, p, u->facts, !u->near);
	}
}

/** Nothing is clean while a sweep goes over all pools; it makes them dirty from the beginning. */
static void gather_clean(struct build *b, size_t need)
{
	const PB(MatchChainRecord) *chain = chain_get(b->w);
	bool sweeping = chain != NULL && chain->sweeping && !MUT(51);
	struct need_found found;

	reach_find(b, need, &found);
	for (size_t i = 0; i < found.len; i++) {
		const struct found_use *u = &found.uses[i];
		size_t mark = work_mark(b->w);
		if (i + FETCH_AHEAD < found.len && u[FETCH_AHEAD].sure) { /* far apart in memory */
			__builtin_prefetch(&b->m->pool_places[u[FETCH_AHEAD].pool_number]);
			__builtin_prefetch(&b->m->partner_places[u[FETCH_AHEAD].partner_number]);
		}
		if (!u->sure) {
			gather_judged(b, need, u);
			work_rewind(b->w, mark);
			continue;
		}
		reach_sure(&b->reach[need], u);
		if (!sweeping) {
			build_sure(b, need, u);
		}
	}
}

static void gather_only(struct build *b, size_t need, const struct pass_pool *only)
{
	const PB(MatchPoolRecord) *p = pool_get(b->w, only->name);

	b->reach[need].one_pool = true;
	for (size_t i = 0; p != NULL && i < only->uses_len; i++) {
		struct use_facts u = use_facts_of(only->uses[i]);
		enum fit fit = need_reaches(b->needs[need], only->uses[i]) ?
				       need_fit(b->w, b->r, b->needs[need], p, &u) :
				       FIT_ZONE;
		if ((u.expertises >> (b->needs[need]->need->expertise - 1) & 1) != 0) {
			reach_count(&b->reach[need], fit, p);
		}
		if (fit == FIT_OK) {
			bool near = need_is_near(b->r, b->needs[need], only->uses[i]);
			build_option(b, need, p, &u, !near);
		}
	}
}

static void apply_seat(struct build *b, size_t need, const struct compose_team *team,
		       const uint32_t standby[COMPOSE_STANDBY_MAX])
{
	struct object_id id = id_of(&b->needs[need]->need->need_id);
	struct seat_offer offer = build_offer(b, team->option[need]);

	offer.named = b->counted && carry_worker(b, team, need, &offer.worker);
	build_alternatives(b, need, standby, &offer);
	offer.weighed = reach_weighed(b->w, &b->reach[need]);
	seat_make(b->w, &id, &offer);
	if (!team_has(&b->team, offer.partner) && b->team.len < MATCH_NEEDS_MAX) {
		(void)snprintf(b->team.partner[b->team.len++], PARTY_ID_LEN_MAX + 1, "%s",
			       offer.partner);
	}
}

static void apply_standby(struct build *b, size_t need, const uint32_t option[COMPOSE_STANDBY_MAX])
{
	struct object_id id = id_of(&b->needs[need]->need->need_id);

	for (size_t i = 0; i < COMPOSE_STANDBY_MAX; i++) {
		if (option[i] != COMPOSE_NONE) {
			struct seat_offer offer = build_offer(b, option[i]);
			seat_standby(b->w, &id, &offer);
		}
	}
}

/** Asked again as each seat is given: carry_compose() is bounded. */
static bool still_fits(struct build *b, size_t need, uint32_t option)
{
	const struct compose_option *o = &b->m->options[option];
	const PB(MatchPoolRecord) *p = pool_get(b->w, b->m->names[o->pool]);

	return p != NULL && need_fit(b->w, b->r, b->needs[need], p, b->m->facts[option]) == FIT_OK;
}

/** Seats are given in the order, until one does not fit beside those before it: from there on the
 *  rest is composed anew, with those seats as they are, so that nobody behind takes what it is due
 *  (L7). @return how many needs have been decided; one at least. */
static size_t solve(struct build *b, const struct pass_pool *only)
{
	struct compose_team team;
	struct compose_standby standby;

	build_team(b, only == NULL, &team);
	if (only == NULL || only->need == NULL) {
		whole_or_nothing(b, b->group_len, &team);
	}
	b->cost = team.cost;
	memset(&standby, 0xff, sizeof(standby)); /* COMPOSE_NONE */
	if (only == NULL) {
		compose_standby(&b->problem, &team, &standby);
	}
	for (size_t i = 0; i < b->problem.needs; i++) {
		size_t mark = work_mark(b->w);
		bool seat = team.option[i] != COMPOSE_NONE;
		if (seat && i > 0 && work_err(b->w) == SK_OK && !still_fits(b, i, team.option[i])) {
			b->cost = UINT64_MAX; /* what the rest will cost is not known yet */
			return i;
		}
		if (seat) {
			apply_seat(b, i, &team, standby.option[i]);
		} else if (only == NULL) {
			b->reach[i].beyond = reach_beyond(b, i);
			team.open[i] = carry_open(b, i, team.open[i]);
			reach_write(b->w, &b->needs[i]->need->need_id, &b->reach[i], team.open[i]);
		}
		/* Somebody else instead of one of them would part brothers and sisters. */
		if (seat && (b->together & 1U << i) == 0) {
			apply_standby(b, i, standby.option[i]);
		}
		work_rewind(b->w, mark);
	}
	return b->problem.needs;
}

static void gather(struct build *b, const struct pass_pool *only)
{
	struct object_id request = id_of(&b->r->request->request_id);

	team_of(b->w, &request, NULL, &b->team);
	build_replaces(b);
	build_begin(b);
	for (size_t i = 0; i < b->problem.needs; i++) {
		size_t mark = work_mark(b->w);
		if (only != NULL) {
			gather_only(b, i, only);
		} else {
			gather_clean(b, i);
		}
		if (only != NULL && only->need == NULL && team_is_whole(b->w)) {
			whole_gather(b, i, only->name);
		}
		work_rewind(b->w, mark);
	}
}

size_t group_needs(struct work *w, const uint8_t group[GROUP_LEN], PB(MatchNeedRecord) **ret_needs)
{
	struct object_id request;
	size_t len = 0;

	memcpy(request.b, group + GROUP_LEN - OBJECT_ID_LEN, OBJECT_ID_LEN);
	size_t all = needs_of(w, &request, ret_needs);
	for (size_t i = 0; i < all; i++) {
		struct order o = { { 0 } };
		if (need_waits(ret_needs[i])) {
			o = order_of(ret_needs[i]);
		}
		if (memcmp(o.b, group, GROUP_LEN) == 0) {
			ret_needs[len++] = ret_needs[i];
		}
	}
	return len;
}

/** The one that is named. */
static size_t keep_need(PB(MatchNeedRecord) **needs, size_t len, const struct object_id *only)
{
	for (size_t i = 0; i < len; i++) {
		struct object_id id = id_of(&needs[i]->need->need_id);
		if (object_id_equal(&id, only)) {
			needs[0] = needs[i];
			return 1;
		}
	}
	return 0;
}

static void note_candidates(struct work *w, const struct object_id *request, size_t options)
{
	PB(MatchRequestRecord) *now = options == 0 ? NULL : request_get(w, request);

	if (now != NULL) {
		now->candidates = (uint32_t)options;
		request_put(w, now);
	}
}

/** All needs of the group, when they are more than the exact composer takes. */
static void look_together(struct work *w, const PB(MatchRequestRecord) *r,
			  PB(MatchNeedRecord) *const *needs, size_t len, struct large_plan *ret)
{
	struct build b = { .w = w, .m = index_scratch(w->s->index), .r = r };
	size_t mark = work_mark(w);

	memcpy(b.needs, needs, len * sizeof(needs[0]));
	b.problem.needs = (uint32_t)len;
	gather(&b, NULL);
	large_look(&b, ret);
	work_rewind(w, mark);
}

/** Twelve by twelve, earlier ones first; more than twelve are looked at together before that. At
 * one pool the rest of a large group is left to the next step when this one has given its seats.
 *  @return false: some were left. */
static bool compose_all(struct work *w, const PB(MatchRequestRecord) *r,
			PB(MatchNeedRecord) *const *needs, size_t len, const struct pass_pool *only)
{
	struct object_id request = id_of(&r->request->request_id);
	bool large = only == NULL && len > COMPOSE_NEEDS_MAX;
	struct large_plan plan;
	uint64_t cost = 0;
	size_t done;

	if (large) {
		look_together(w, r, needs, len, &plan);
	}
	for (size_t from = 0; from < len && work_err(w) == SK_OK; from += done) {
		if (only != NULL && from > 0 && w->seats_left < COMPOSE_NEEDS_MAX) {
			return false;
		}
		struct build b = { .w = w, .m = index_scratch(w->s->index), .r = r };
		size_t some = len - from < COMPOSE_NEEDS_MAX ? len - from : COMPOSE_NEEDS_MAX;
		size_t mark = work_mark(w);
		memcpy(b.needs, needs + from, some * sizeof(needs[0]));
		b.problem.needs = (uint32_t)some;
		b.group_len = len;
		b.plan = large ? &plan : NULL;
		b.plan_from = from;
		gather(&b, only);
		done = solve(&b, only);
		cost = b.cost == UINT64_MAX || cost == UINT64_MAX ? UINT64_MAX : cost + b.cost;
		if (only == NULL) {
			note_candidates(w, &request, b.problem.options_len);
		}
		work_rewind(w, mark);
	}
	if (large && work_err(w) == SK_OK) {
		large_note(w, needs, &plan, cost);
	} else if (only == NULL && work_err(w) == SK_OK) {
		large_unproven(w, &request, cost == UINT64_MAX ? len : 0);
	}
	return true;
}

bool group_compose(struct work *w, const uint8_t group[GROUP_LEN], const struct pass_pool *only)
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request;

	if (only == NULL) {
		whole_let_go(w, group);
	}
	size_t len = group_needs(w, group, needs);
	memcpy(request.b, group + GROUP_LEN - OBJECT_ID_LEN, OBJECT_ID_LEN);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	if (r == NULL) {
		return true;
	}
	if (only != NULL && only->need != NULL) {
		len = keep_need(needs, len, only->need);
	}
	return compose_all(w, r, needs, len, only);
}

/** What is put off is told why it waits, as far as is known now: no pass may ever reach it. */
void group_defer(struct work *w, const uint8_t group[GROUP_LEN])
{
	PB(MatchNeedRecord) *needs[MATCH_NEEDS_MAX];
	struct object_id request;
	size_t len = group_needs(w, group, needs);

	memcpy(request.b, group + GROUP_LEN - OBJECT_ID_LEN, OBJECT_ID_LEN);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	for (size_t i = 0; r != NULL && i < len; i++) {
		const struct index_ref *refs;
		struct order at = order_of(needs[i]);
		struct reach reach = { 0 };
		size_t all = index_expertise(w->s->index, needs[i]->need->expertise, &refs);
		size_t n = need_refs(w, needs[i], &refs);
		reach.by[FIT_ZONE] = (uint32_t)(all - n);
		for (size_t c = 0; c < n; c++) {
			const PB(MatchPoolRecord) *p = pool_get(w, refs[c].pool);
			if (p == NULL) {
				continue;
			}
			reach_count(&reach, need_fit(w, r, needs[i], p, &refs[c].facts), p);
			if (pool_free(p) > 0) {
				pool_mark_dirty(w, p, &at);
			}
		}
		reach_write(w, &needs[i]->need->need_id, &reach, COMPOSE_NO_OPTION);
	}
}
