/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "services/matching/core_build.h"

void reach_count(struct reach *reach, enum fit fit, const PB(MatchPoolRecord) *p)
{
	bool confirmed = pool_state(p) == PSTATE(CONFIRMED) && !p->shut;

	reach->by[fit]++;
	if (fit_is_in_reach(fit)) {
		reach->in_reach++;
		reach->confirmed += confirmed;
	}
}

static void reach_least(struct reach *reach, uint32_t more, const char *pool)
{
	bool better = reach->one_more == 0 || more < reach->one_more ||
		      (more == reach->one_more && strcmp(pool, reach->one_more_pool) < 0);

	if (better && more > 0) {
		reach->one_more = more;
		reach->one_more_pool = pool;
	}
}

/** The smallest amount at a single pool, of a partner for whom the team has room; of equals the
 *  first by name. Nothing else lacks there. */
void reach_more(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
		const struct found_use *u)
{
	struct reach *reach = &b->reach[need];
	uint32_t amount = need_amount(b->needs[need], p, u->facts);
	uint32_t more = amount - pool_free(p);
	bool gives = pool_composable(p, b->needs[need]->order->wait_class);
	bool room = team_has(&b->team, p->partner) || b->team.len < b->problem.team_max;

	if (gives && room && amount <= COMPOSE_AMOUNT_MAX) {
		reach_least(reach, more, u->pool); /* the name lives on, its pool is a copy */
	}
}

void reach_sure(struct reach *reach, const struct found_use *u)
{
	reach->in_reach++;
	reach->confirmed += u->confirmed;
	reach->by[FIT_OK]++;
}

void reach_find(struct build *b, size_t need, struct need_found *ret_found)
{
	struct reach *reach = &b->reach[need];
	bool full = b->team.len >= b->problem.team_max;
	const struct need_look look = {
		.r = b->r,
		.n = b->needs[need],
		.full = full ? &b->team : NULL,
	};

	need_find(b->w, &look, ret_found);
	reach->in_reach += ret_found->in_reach;
	reach->confirmed += ret_found->confirmed;
	for (size_t i = 0; i < FITS; i++) {
		reach->by[i] += ret_found->by[i];
	}
	if (ret_found->one_more > 0) {
		reach_least(reach, ret_found->one_more, ret_found->one_more_pool);
	}
}

PB(Shortfall) reach_lacks(const struct reach *r, enum compose_open open)
{
	if (open == COMPOSE_TEAM_LIMIT) {
		return SHORTFALL(TEAM_LIMIT);
	}
	if (open == COMPOSE_NO_CAPACITY) {
		return SHORTFALL(NO_CAPACITY);
	}
	uint32_t court = r->by[FIT_COURT] + r->by[FIT_OWN_CRISIS];
	if (r->by[FIT_GATE] > 0 || (r->in_reach == 0 && court > 0)) {
		return SHORTFALL(ACCESS_PENDING); /* nothing else fits */
	}
	if (r->in_reach == 0) {
		return SHORTFALL(NO_EXPERTISE_IN_REACH);
	}
	if (r->by[FIT_STAFF] > 0 || r->crew) {
		return SHORTFALL(STAFF_AT_LIMIT);
	}
	if (r->by[FIT_DECLINED] == r->in_reach) {
		return SHORTFALL(YOUTH_DECLINED);
	}
	bool unconfirmed = r->by[FIT_UNCONFIRMED] > 0 && r->by[FIT_AMOUNT] + r->by[FIT_LIMIT] == 0;
	return unconfirmed ? SHORTFALL(UNCONFIRMED_ONLY) : SHORTFALL(NO_CAPACITY);
}

struct weighed reach_weighed(struct work *w, const struct reach *reach)
{
	struct weighed a = { .pairs = step_alloc(w->s, 2 * FITS * sizeof(*a.pairs)),
			     .one_pool = reach->one_pool };

	for (enum fit i = FIT_OK; a.pairs != NULL && i < FITS; i++) {
		if (reach->by[i] > 0) {
			a.pairs[a.len++] = explain_filter(i);
			a.pairs[a.len++] = reach->by[i];
		}
	}
	return a;
}

static bool weighed_same(const PB(MatchNeedRecord) *n, const struct weighed *a)
{
	return n->n_weighed == a->len && n->weighed_one_pool == a->one_pool &&
	       (a->len == 0 || memcmp(n->weighed, a->pairs, a->len * sizeof(*a->pairs)) == 0);
}

void reach_write(struct work *w, const ProtobufCBinaryData *need, const struct reach *reach,
		 enum compose_open open)
{
	struct object_id id = id_of(need);
	PB(MatchNeedRecord) *n = need_get(w, &id);

	if (n == NULL) {
		return;
	}
	PB(Shortfall) lacks = reach_lacks(reach, open);
	const char *more_pool = reach->one_more == 0 ? "" : reach->one_more_pool;
	struct weighed weighed = reach_weighed(w, reach);
	if (n->shortfall != lacks || n->in_reach != reach->in_reach ||
	    n->one_more != reach->one_more || strcmp(n->one_more_pool, more_pool) != 0 ||
	    n->beyond_ring != reach->beyond || n->confirmed != reach->confirmed ||
	    !weighed_same(n, &weighed)) {
		n->shortfall = lacks;
		n->in_reach = reach->in_reach;
		n->confirmed = reach->confirmed;
		n->with_amount = reach->by[FIT_OK];
		n->weighed = weighed.pairs;
		n->n_weighed = weighed.len;
		n->weighed_one_pool = weighed.one_pool;
		n->beyond_ring = reach->beyond;
		n->one_more = reach->one_more;
		n->one_more_pool = step_strdup(w->s, more_pool);
		need_put(w, n);
	}
}

static bool found_fits(struct build *b, const PB(MatchNeedRecord) *n, const struct found_use *u)
{
	const PB(MatchPoolRecord) *p = u->sure ? NULL : pool_get(b->w, u->pool);

	return u->sure || (p != NULL && need_fit(b->w, b->r, n, p, u->facts) == FIT_OK);
}

uint32_t reach_beyond(struct build *b, size_t need)
{
	const PB(MatchNeedRecord) *n = b->needs[need];
	struct need_found found;
	const char *last = "";
	uint32_t beyond = 0;

	if (n->n_zones > 0 && n->zones[0][0] == '\0') {
		return 0;
	}
	const struct need_look look = { .r = b->r, .n = n, .wherever = true };
	need_find(b->w, &look, &found);
	for (size_t i = 0; i < found.len; i++) {
		size_t mark = work_mark(b->w);
		const struct found_use *u = &found.uses[i];
		bool fits = !u->near && strcmp(last, u->pool) != 0 && found_fits(b, n, u);
		if (fits) {
			last = u->pool;
			beyond++;
		}
		work_rewind(b->w, mark);
	}
	return beyond;
}

const PB(RuleBlock) *need_block(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	for (size_t i = 0; i < r->request->n_blocks; i++) {
		const PB(RuleBlock) *b = r->request->blocks[i];
		struct object_id of = id_of(&b->need_id);
		struct object_id need = id_of(&n->need->need_id);
		if (b->need_id.len == 0 || object_id_equal(&of, &need)) {
			return b;
		}
	}
	return NULL;
}

PB(Shortfall) need_lacks(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n)
{
	return need_block(r, n) != NULL ? SHORTFALL(RULE_BLOCKS) : n->shortfall;
}
