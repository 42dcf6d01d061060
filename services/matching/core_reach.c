/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/matching/core_build.h"

void reach_count(struct reach *reach, enum fit fit, const PB(MatchPoolRecord) *p)
{
	reach->court += fit == FIT_ACCESS;
	reach->gated += fit == FIT_GATE;
	reach->staff += fit == FIT_STAFF;
	if (fit == FIT_EXPERTISE || fit == FIT_AGE || fit == FIT_ACCESS || fit == FIT_GATE ||
	    fit == FIT_NETWORK) {
		return;
	}
	reach->in_reach++;
	reach->declined += fit == FIT_DECLINED;
	if (pool_state(p) == PSTATE(CONFIRMED) && !p->shut) {
		reach->confirmed++;
	}
	reach->with_amount += fit == FIT_OK;
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
	reach->with_amount++;
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
	reach->court += ret_found->court;
	if (ret_found->one_more > 0) {
		reach_least(reach, ret_found->one_more, ret_found->one_more_pool);
	}
}

static PB(Shortfall) shortfall_of(const struct reach *r, enum compose_open open)
{
	if (open == COMPOSE_TEAM_LIMIT) {
		return SHORTFALL(TEAM_LIMIT);
	}
	if (open == COMPOSE_NO_CAPACITY) {
		return SHORTFALL(NO_CAPACITY);
	}
	if (r->gated > 0 || (r->in_reach == 0 && r->court > 0)) {
		return SHORTFALL(ACCESS_PENDING); /* nothing else fits */
	}
	if (r->in_reach == 0) {
		return SHORTFALL(NO_EXPERTISE_IN_REACH);
	}
	if (r->staff > 0) {
		return SHORTFALL(STAFF_AT_LIMIT);
	}
	if (r->declined == r->in_reach) {
		return SHORTFALL(YOUTH_DECLINED);
	}
	return r->confirmed == 0 ? SHORTFALL(UNCONFIRMED_ONLY) : SHORTFALL(NO_CAPACITY);
}

void reach_write(struct work *w, const ProtobufCBinaryData *need, const struct reach *reach,
		 enum compose_open open)
{
	struct object_id id = id_of(need);
	PB(MatchNeedRecord) *n = need_get(w, &id);

	if (n == NULL) {
		return;
	}
	PB(Shortfall) lacks = shortfall_of(reach, open);
	const char *more_pool = reach->one_more == 0 ? "" : reach->one_more_pool;
	if (n->shortfall != lacks || n->in_reach != reach->in_reach ||
	    n->one_more != reach->one_more || strcmp(n->one_more_pool, more_pool) != 0 ||
	    n->beyond_ring != reach->beyond || n->confirmed != reach->confirmed ||
	    n->with_amount != reach->with_amount) {
		n->shortfall = lacks;
		n->in_reach = reach->in_reach;
		n->confirmed = reach->confirmed;
		n->with_amount = reach->with_amount;
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
