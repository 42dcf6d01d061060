/* SPDX-License-Identifier: EUPL-1.2 */
/* One entry, by the exact composer, with what is free today; and the answers to its asks. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/ahead_work.h"

#define SCRATCH_ALIGN 16U

/** @return its place in e->refused; e->refused_len: it never said no. */
static uint32_t refusal_of(const struct ahead_entry *e, uint32_t pool)
{
	uint32_t i = 0;

	while (i < e->refused_len && e->refused[i].pool != pool) {
		i++;
	}
	return i;
}

static bool was_refused(const struct ahead_work *w, const struct ahead_entry *e, uint32_t pool)
{
	uint32_t at = refusal_of(e, pool);

	return at < e->refused_len && w->day < e->refused[at].again;
}

static void refuse(const struct ahead_work *w, struct ahead_entry *e, uint32_t pool)
{
	uint32_t at = refusal_of(e, pool);

	if (at == AHEAD_REFUSED_MAX) { /* the first may be asked again */
		at--;
		memmove(e->refused, e->refused + 1, at * sizeof(e->refused[0]));
		e->refused[at].times = 0;
	} else if (at == e->refused_len) {
		e->refused[e->refused_len++].times = 0;
	}
	e->refused[at].pool = pool;
	e->refused[at].again = w->day + AHEAD_AGAIN_DAYS;
	e->refused[at].times++;
}

static bool in_team(const struct ahead_entry *e, uint32_t partner)
{
	for (uint32_t i = 0; i < e->team_len; i++) {
		if (e->team[i] == partner) {
			return true;
		}
	}
	return false;
}

static bool is_reached(const struct ahead_work *w, const struct ahead_entry *e)
{
	const uint64_t *bits = w->reach + e->group * w->words;
	uint64_t both = 0;

	for (size_t i = 0; i < w->words; i++) {
		both |= bits[i] & w->opens[i];
	}
	return both != 0;
}

bool ahead_may_sit(const struct ahead_work *w, const struct ahead_entry *e)
{
	const struct plan_group *g = &w->p->list->groups[e->group];

	for (uint32_t i = 0; i < e->refused_len; i++) {
		if (e->refused[i].again == w->day) {
			return true;
		}
	}
	if (!e->fresh && !is_reached(w, e)) {
		return false;
	}

	for (uint32_t i = 0; i < g->len; i++) {
		const struct plan_need *n = &w->p->list->needs[g->first + i];
		for (uint32_t k = n->first; (e->open >> i & 1) != 0 && k < n->first + n->len; k++) {
			const struct plan_option *o = &w->p->list->options[k];
			if (o->amount <= w->free[o->pool] &&
			    (e->fresh || w->opened[o->pool] == w->day + 1)) {
				return true;
			}
		}
	}
	return false;
}

static uint32_t partner_of(struct ahead_work *w, const struct ahead_entry *e, uint32_t partner)
{
	if (w->partner_at[partner] == 0) {
		bool in = in_team(e, partner);
		w->partners[w->partners_len] = (struct compose_partner){
			.fixed_cost = in ? 0 : w->p->list->partner_cost[partner],
			.in_team = in,
		};
		w->partner_is[w->partners_len++] = partner;
		w->partner_at[partner] = (uint32_t)w->partners_len;
	}
	return w->partner_at[partner] - 1;
}

static uint32_t pool_of(struct ahead_work *w, const struct ahead_entry *e, uint32_t pool)
{
	const struct plan_pool *from = &w->p->list->pools[pool];

	if (w->pool_at[pool] == 0) {
		struct compose_pool *to = &w->pools[w->pools_len];
		*to = (struct compose_pool){ .free = w->free[pool] };
		memcpy(to->id, from->id, sizeof(to->id));
		to->partner = partner_of(w, e, from->partner);
		w->pool_is[w->pools_len++] = pool;
		w->pool_at[pool] = (uint32_t)w->pools_len;
	}
	return w->pool_at[pool] - 1;
}

static void gather(struct ahead_work *w, const struct ahead_entry *e)
{
	const struct plan_group *g = &w->p->list->groups[e->group];

	w->options_len = w->pools_len = w->partners_len = 0;
	for (uint32_t i = 0; i < g->len; i++) {
		const struct plan_need *n = &w->p->list->needs[g->first + i];
		for (uint32_t k = n->first; (e->open >> i & 1) != 0 && k < n->first + n->len; k++) {
			const struct plan_option *o = &w->p->list->options[k];
			if (o->amount > w->free[o->pool] || was_refused(w, e, o->pool)) {
				continue;
			}
			w->options[w->options_len] =
				(struct compose_option){ .pool = pool_of(w, e, o->pool),
							 .use = o->use,
							 .amount = o->amount,
							 .cost = o->cost,
							 .tie = o->tie,
							 .need = (uint8_t)i };
			w->origin[w->options_len++] = k;
		}
	}
	for (size_t i = 0; i < w->pools_len; i++) {
		w->pool_at[w->pool_is[i]] = 0;
	}
	for (size_t i = 0; i < w->partners_len; i++) {
		w->partner_at[w->partner_is[i]] = 0;
	}
}

static int compose(struct ahead_work *w, const struct ahead_entry *e, struct compose_team *ret_team)
{
	const struct plan_group *g = &w->p->list->groups[e->group];
	struct compose_problem p = { .needs = g->len,
				     .team_max = g->team_max,
				     .partners_used = e->team_len,
				     .options = w->options,
				     .options_len = w->options_len,
				     .pools = w->pools,
				     .pools_len = w->pools_len,
				     .partners = w->partners,
				     .partners_len = w->partners_len };
	size_t bytes = 0;
	int err = compose_scratch_bytes(&p, &bytes);

	if (err != SK_OK) {
		return err;
	}
	if (bytes > w->mem_bytes) {
		free(w->mem);
		bytes = (bytes * 2 + SCRATCH_ALIGN - 1) / SCRATCH_ALIGN * SCRATCH_ALIGN;
		w->mem = aligned_alloc(SCRATCH_ALIGN, bytes);
		w->mem_bytes = w->mem == NULL ? 0 : bytes;
	}
	return compose_run(&p, (struct compose_scratch){ w->mem, w->mem_bytes }, ret_team);
}

static int sit(struct ahead_work *w, struct ahead_entry *e, uint32_t at,
	       const struct plan_option *o)
{
	const struct ahead_group *g = &w->p->of[e->group];
	const struct ahead_pool *pool = &w->p->pools[o->pool];
	uint32_t need = w->p->list->groups[e->group].first + at;
	uint64_t draw = ahead_draw(w, DRAW_STAY, e->serial, need);
	uint32_t partner = w->p->list->pools[o->pool].partner;

	e->open &= (uint16_t) ~(1U << at);
	if (!in_team(e, partner) && e->team_len < AHEAD_TEAM_MAX) {
		e->team[e->team_len++] = partner;
	}
	if (g->waits && e->serial < w->p->list->groups_len) {
		w->seen[(size_t)need * w->rules->runs + w->run] = w->day + pool->start_days;
	}
	return ahead_take(w, o->pool, o->amount,
			  (uint32_t)pool->start_days + pool->stay[draw % AHEAD_POINTS]);
}

/* A pool is asked once for a team, for all the seats that it would have in it; what it says holds
 * for a while (DOMAIN 4: not now, until). Its answers are keyed by how often it said no, not by the
 * day: one more unit somewhere makes nobody's luck worse. */
static bool can(const struct ahead_work *w, const struct ahead_entry *e, uint32_t pool)
{
	uint32_t at = refusal_of(e, pool);
	uint32_t times = at < e->refused_len ? e->refused[at].times : 0;
	uint64_t id;

	memcpy(&id, w->p->list->pools[pool].id, sizeof(id));
	return ahead_draw(w, DRAW_CAN, e->serial, id + times) % 1000 <
	       w->p->pools[pool].can_permille;
}

int ahead_seat(struct ahead_work *w, struct ahead_entry *e)
{
	struct compose_team team = { 0 };
	bool again = true;
	int err = SK_OK;

	e->fresh = false;
	while (err == SK_OK && again && e->open != 0) {
		again = false;
		gather(w, e);
		if (w->options_len == 0) {
			break;
		}
		err = compose(w, e, &team);
		for (uint32_t i = 0; err == SK_OK && i < w->p->list->groups[e->group].len; i++) {
			if (team.option[i] == COMPOSE_NONE || (e->open >> i & 1) == 0) {
				continue;
			}
			const struct plan_option *o =
				&w->p->list->options[w->origin[team.option[i]]];
			if (can(w, e, o->pool)) {
				err = sit(w, e, i, o);
			} else if (!was_refused(w, e, o->pool)) {
				refuse(w, e, o->pool);
				again = e->refused_len < AHEAD_REFUSED_MAX;
			}
		}
	}
	return err;
}
