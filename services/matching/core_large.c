/* SPDX-License-Identifier: EUPL-1.2 */
/* A family that asks more than twelve things at once. Its needs are composed twelve by twelve, in
 * the order, so that coverage and wishes are what they are for any other; but which of equally good
 * teams the first twelve get decides whom the others can still join (the size of the team) and what
 * all of them cost. So all needs are looked at together first (common/plan/large.h), for a number
 * of rounds that the number of options bounds, never the clock; each twelve is then led to what was
 * found there, where its coverage stays the same and no wish of the child says otherwise. What was
 * proven of the whole is kept with the request, and told: proven, or how far from it at most. */
#include <stdio.h>
#include <stdlib.h>

#include "common/plan/large.h"
#include "services/matching/core_large.h"

#define LARGE_OPTIONS_STEP                                                                   \
	16384U                /* more: nothing is looked at together, and nothing is claimed \
			       */
#define LARGE_WORK 40000U     /* rounds times options */
#define LARGE_STEP 200000000U /* work of the solver: its own count, about a fifth of a second */
#define LARGE_ROUNDS_MAX 100U
#define LARGE_ROUNDS_MIN 4U

/** The pools of the problem in an order that no table has: by lottery, then by id. */
struct ranked {
	uint32_t tie;
	uint32_t pool;
	const struct compose_pool *p;
};

struct large_room {
	struct ranked *ranked;
	uint32_t *offer; /* of a pool */
	struct large_offer *offers;
	struct large_partner *partners;
	uint32_t *partner; /* of one of the build */
	struct large_option *options;
	uint32_t *best; /* option of (need, offer) while they are made */
	size_t options_len, partners_len;
};

static void room_free(struct large_room *m)
{
	free(m->ranked);
	free(m->offer);
	free(m->offers);
	free(m->partners);
	free(m->partner);
	free(m->options);
	free(m->best);
}

static bool room_make(struct large_room *m, const struct build *b)
{
	size_t pools = b->problem.pools_len + 1;
	/* Partners of the team come as needs of their own: each is served by its partner alone. */
	size_t options = b->problem.options_len + b->team.len + 1;

	m->ranked = calloc(pools, sizeof(*m->ranked));
	m->offer = calloc(pools, sizeof(*m->offer));
	m->offers = calloc(pools + b->team.len, sizeof(*m->offers));
	m->partners = calloc(pools + b->team.len, sizeof(*m->partners));
	m->partner = calloc(pools, sizeof(*m->partner));
	m->options = calloc(options, sizeof(*m->options));
	m->best = calloc(pools, sizeof(*m->best));
	return m->ranked != NULL && m->offer != NULL && m->offers != NULL && m->partners != NULL &&
	       m->partner != NULL && m->options != NULL && m->best != NULL;
}

static int by_rank(const void *a, const void *b)
{
	const struct ranked *x = a;
	const struct ranked *y = b;

	if (x->tie != y->tie) {
		return x->tie < y->tie ? -1 : 1;
	}
	return memcmp(x->p->id, y->p->id, sizeof(x->p->id));
}

static void fill_offers(struct build *b, struct large_room *m)
{
	size_t pools = b->problem.pools_len;

	for (size_t i = 0; i < pools; i++) {
		struct object_id id;
		memcpy(id.b, b->m->pools[i].id, OBJECT_ID_LEN);
		m->ranked[i] =
			(struct ranked){ build_tie(b, &id, 0), (uint32_t)i, &b->m->pools[i] };
	}
	qsort(m->ranked, pools, sizeof(*m->ranked), by_rank);
	for (size_t i = 0; i < b->problem.partners_len; i++) {
		m->partner[i] = LARGE_NONE;
	}
	for (size_t i = 0; i < pools; i++) {
		uint32_t pool = m->ranked[i].pool;
		uint32_t *partner = &m->partner[b->m->pools[pool].partner];
		if (*partner == LARGE_NONE) {
			*partner = (uint32_t)m->partners_len++;
			m->partners[*partner].cost =
				b->m->partners[b->m->pools[pool].partner].fixed_cost;
		}
		m->offer[pool] = (uint32_t)i;
		m->offers[i] = (struct large_offer){ .partner = *partner,
						     .hours = b->m->pools[pool].free };
	}
}

/** One option for each need at each pool: of several uses the least cost and the least amount, so
 *  that the bound holds; what does not fit after all is not followed. */
static void fill_options(const struct build *b, struct large_room *m, uint32_t first)
{
	uint32_t need = LARGE_NONE;
	size_t from = 0;

	for (size_t i = 0; i < b->problem.options_len; i++) {
		const struct compose_option *o = &b->m->options[i];
		if (o->need != need) {
			need = o->need;
			from = m->options_len;
			memset(m->best, 0xff, b->problem.pools_len * sizeof(*m->best));
		}
		uint32_t *best = &m->best[o->pool];
		if (*best == LARGE_NONE || *best < from) {
			*best = (uint32_t)m->options_len;
			m->options[m->options_len++] =
				(struct large_option){ .need = first + o->need,
						       .offer = m->offer[o->pool],
						       .cost = o->cost,
						       .hours = o->amount };
			continue;
		}
		struct large_option *has = &m->options[*best];
		has->cost = o->cost < has->cost ? o->cost : has->cost;
		has->hours = o->amount < has->hours ? o->amount : has->hours;
	}
}

/** Who is in the team already stays in it, at no cost, and takes its place. */
static void fill_team(const struct build *b, struct large_room *m)
{
	for (size_t t = 0; t < b->team.len; t++) {
		uint32_t partner = LARGE_NONE;
		for (size_t i = 0; i < b->problem.partners_len; i++) {
			if (strcmp(b->m->partner_names[i], b->team.partner[t]) == 0) {
				partner = m->partner[i];
			}
		}
		if (partner == LARGE_NONE) {
			partner = (uint32_t)m->partners_len++;
		}
		m->offers[b->problem.pools_len + t].partner = partner;
		m->options[m->options_len++] =
			(struct large_option){ .need = (uint32_t)t,
					       .offer = (uint32_t)(b->problem.pools_len + t) };
	}
}

static void take(const struct build *b, const struct large_room *m, const struct large_result *r,
		 struct large_plan *ret)
{
	for (size_t i = 0; i < b->problem.needs; i++) {
		uint32_t seat = r->seat[b->team.len + i];
		if (seat == LARGE_NONE) {
			continue;
		}
		uint32_t pool = m->ranked[m->options[seat].offer].pool;
		(void)snprintf(ret->pool[i], sizeof(ret->pool[i]), "%s", b->m->names[pool]);
	}
	ret->bound = r->bound;
	ret->covered = r->covered;
	ret->known = true;
}

static int solve(const struct build *b, const struct large_room *m, struct large_plan *ret)
{
	uint32_t rounds = LARGE_WORK / (uint32_t)(m->options_len + 1);
	struct large_problem p = {
		.objective = LARGE_COVER,
		.team_max = b->problem.team_max,
		.needs_len = b->team.len + b->problem.needs,
		.options = m->options,
		.options_len = m->options_len,
		.offers = m->offers,
		.offers_len = b->problem.pools_len + b->team.len,
		.partners = m->partners,
		.partners_len = m->partners_len,
	};
	struct large_rules rules = { .seed = 1, .work = LARGE_STEP };
	struct large_result *r = NULL;

	rounds = rounds > LARGE_ROUNDS_MAX ? LARGE_ROUNDS_MAX : rounds;
	rules.rounds = rounds < LARGE_ROUNDS_MIN ? LARGE_ROUNDS_MIN : rounds;
	rules.nodes = rules.rounds;
	int err = large_run(&p, &rules, &r);
	if (err == SK_OK) {
		take(b, m, r, ret);
		large_free(r);
	}
	return err;
}

void large_look(struct build *b, struct large_plan *ret_plan)
{
	struct large_room m = { 0 };

	*ret_plan = (struct large_plan){ .needs = (uint32_t)b->problem.needs };
	if (b->problem.options_len == 0 || b->problem.options_len > LARGE_OPTIONS_STEP) {
		return;
	}
	int err = room_make(&m, b) ? SK_OK : SK_ENOMEM;
	if (err == SK_OK) {
		fill_offers(b, &m);
		fill_team(b, &m);
		fill_options(b, &m, (uint32_t)b->team.len);
		err = solve(b, &m, ret_plan);
	}
	room_free(&m);
	if (err != SK_OK) {
		SK_ASSERT(err == SK_ENOMEM); /* the bounds of the problem were kept */
		b->w->s->txn->err = err;     /* the step is stepped again when there is memory */
	}
}

void large_note(struct work *w, PB(MatchNeedRecord) *const *needs, const struct large_plan *plan,
		uint64_t cost)
{
	struct object_id request = id_of(&needs[0]->request_id);
	bool same = plan->known && cost != UINT64_MAX;

	for (uint32_t i = 0; i < plan->needs; i++) {
		struct object_id id = id_of(&needs[i]->need->need_id);
		const PB(MatchNeedRecord) *now = need_get(w, &id);
		bool seated = now != NULL && now->seat_id.len > 0;
		same = same && seated == (plan->pool[i][0] != '\0');
	}
	PB(MatchRequestRecord) *r = request_get(w, &request);
	if (r == NULL) {
		return;
	}
	r->together_needs = plan->needs;
	r->together_cost = cost == UINT64_MAX ? 0 : (int64_t)cost;
	r->together_bound = same && plan->bound <= cost ? (int64_t)plan->bound : 0;
	r->together_covered = same && plan->covered;
	r->together_proven = r->together_covered && plan->bound == cost;
	request_put(w, r);
}

void large_unproven(struct work *w, const struct object_id *request, size_t needs)
{
	PB(MatchRequestRecord) *r = request_get(w, request);

	if (r == NULL || r->together_needs == needs || r->together_needs > COMPOSE_NEEDS_MAX) {
		return;
	}
	r->together_needs = (uint32_t)needs;
	request_put(w, r);
}

void large_forget(struct work *w, const struct object_id *request)
{
	PB(MatchRequestRecord) *r = request_get(w, request);

	if (r == NULL || (r->together_cost == 0 && !r->together_covered)) {
		return;
	}
	r->together_cost = 0;
	r->together_bound = 0;
	r->together_covered = false;
	r->together_proven = false;
	request_put(w, r);
}
