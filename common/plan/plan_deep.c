/* SPDX-License-Identifier: EUPL-1.2 */
/* A group that the composer takes part by part only, composed whole (large.h): slower by far, so
 * within work that is shared out beforehand, and in a few places of a plan only. */
#include <stdlib.h>

#include "common/plan/large.h"
#include "common/plan/plan_work.h"

#define NODES_DEEP 100000U
#define WORK_TREE 200000000U /* from here on a tree is worth its while */
#define ROUNDS_SHORT 30U
#define WORK_LEAST 20000000U /* about what one team costs, however little it is given */

struct deep {
	struct large_option *options;
	uint32_t *origin; /* per option: canonical */
	size_t options_len;
	struct large_offer *offers;
	uint32_t *pool; /* per offer: canonical */
	size_t offers_len;
	struct large_partner *partners;
	uint32_t *partner_is;
	size_t partners_len;
	uint32_t *penalty;
	struct large_pair *pairs;
	uint32_t *offer_at;   /* per canonical pool: its offer, or PLAN_NONE */
	uint32_t *partner_at; /* per canonical partner */
};

bool plan_is_deep(const struct plan_work *w, uint32_t group)
{
	const struct canon_group *g = &w->groups[group];

	if (w->rules->deep_work == 0 || g->team_len > 0 || g->team_used >= g->team_max) {
		return false;
	}
	return g->len > COMPOSE_NEEDS_MAX || g->together_len > 0 || g->lead;
}

void plan_deepen(struct plan_work *w, uint32_t share)
{
	uint64_t each = w->rules->deep_work / (share * (w->deep_len > 0 ? w->deep_len : 1));

	w->deep = each > 0 ? each : 1;
}

uint32_t plan_deep_times(const struct plan_work *w, uint32_t most)
{
	uint64_t times = w->rules->deep_work / WORK_LEAST / (w->deep_len > 0 ? w->deep_len : 1);

	return times < most ? (uint32_t)times : most;
}

bool plan_is_alone(const struct plan_work *w)
{
	return w->groups_len == 1 && w->deep_len == 1 && !w->shallow;
}

bool plan_is_private(const struct plan_work *w, uint32_t pool)
{
	for (uint32_t i = w->could_first[pool] + 1; i < w->could_first[pool + 1]; i++) {
		if (w->needs[w->options[w->could[i]].need].group !=
		    w->needs[w->options[w->could[i - 1]].need].group) {
			return false;
		}
	}
	return true;
}

static void deep_free(struct deep *d)
{
	void *all[] = { d->options,    d->origin,  d->offers, d->pool,     d->partners,
			d->partner_is, d->penalty, d->pairs,  d->offer_at, d->partner_at };

	for (size_t i = 0; i < SK_LEN(all); i++) {
		free(all[i]);
	}
}

static bool deep_new(struct deep *d, const struct plan_work *w, const struct canon_group *g)
{
	const struct canon_need *last = &w->needs[g->first + g->len - 1];
	size_t most = last->first + last->len - w->needs[g->first].first;

	d->options = plan_array(most, sizeof(*d->options));
	d->origin = plan_array(most, sizeof(*d->origin));
	d->offers = plan_array(most, sizeof(*d->offers));
	d->pool = plan_array(most, sizeof(*d->pool));
	d->partners = plan_array(most, sizeof(*d->partners));
	d->partner_is = plan_array(most, sizeof(*d->partner_is));
	d->penalty = plan_array(g->len, sizeof(*d->penalty));
	d->pairs = plan_array(g->together_len + g->apart_len, sizeof(*d->pairs));
	d->offer_at = plan_array(w->pools_len, sizeof(*d->offer_at));
	d->partner_at = plan_array(w->partners_len, sizeof(*d->partner_at));
	return d->options != NULL && d->origin != NULL && d->offers != NULL && d->pool != NULL &&
	       d->partners != NULL && d->partner_is != NULL && d->penalty != NULL &&
	       d->pairs != NULL && d->offer_at != NULL && d->partner_at != NULL;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* What is there once, from the least on. @return how many. */
static size_t once_each(uint32_t *io_list, size_t len, uint32_t *ret_at)
{
	size_t kept = 0;

	qsort(io_list, len, sizeof(*io_list), by_number);
	for (size_t i = 0; i < len; i++) {
		if (kept == 0 || io_list[kept - 1] != io_list[i]) {
			ret_at[io_list[i]] = (uint32_t)kept;
			io_list[kept++] = io_list[i];
		}
	}
	return kept;
}

static uint32_t cut(uint64_t cost, uint32_t most)
{
	return cost < most ? (uint32_t)cost : most;
}

static void fill_offers(struct deep *d, const struct plan_work *w, const struct plan_ask *ask,
			const struct canon_group *g)
{
	const struct canon_need *last = &w->needs[g->first + g->len - 1];

	for (uint32_t i = w->needs[g->first].first; i < last->first + last->len; i++) {
		d->pool[d->offers_len++] = w->options[i].pool;
		d->partner_is[d->partners_len++] = w->partner[w->options[i].pool];
	}
	d->offers_len = once_each(d->pool, d->offers_len, d->offer_at);
	d->partners_len = once_each(d->partner_is, d->partners_len, d->partner_at);
	for (size_t i = 0; i < d->offers_len; i++) {
		uint32_t pool = d->pool[i];
		d->offers[i] = (struct large_offer){
			.partner = d->partner_at[w->partner[pool]],
			.hours = ask->units[pool],
			.cost = cut((uint64_t)w->pool_cost[pool] * w->scale, LARGE_COST_MAX),
		};
	}
	for (size_t i = 0; i < d->partners_len; i++) {
		uint64_t cost = (uint64_t)w->partner_cost[d->partner_is[i]] * w->scale;
		d->partners[i] = (struct large_partner){ .cost = cut(cost, LARGE_COST_MAX),
							 .lead = w->leads[d->partner_is[i]] };
	}
}

/* Of two uses of one pool, which stand side by side, the cheaper one. @return false where they take
 * different amounts: large.h knows a need and an offer by one amount. */
static bool add_option(struct deep *d, const struct large_option *o, uint32_t origin)
{
	size_t at = d->options_len;
	const struct large_option *last = &d->options[at == 0 ? 0 : at - 1];

	if (at == 0 || last->need != o->need || last->offer != o->offer) {
		d->origin[at] = origin;
		d->options[at] = *o;
		d->options_len++;
		return true;
	}
	uint32_t hours = last->hours;
	if (last->cost > o->cost) {
		d->origin[at - 1] = origin;
		d->options[at - 1] = *o;
	}
	return hours == o->hours;
}

static bool fill_needs(struct deep *d, const struct plan_work *w, const struct plan_ask *ask,
		       const struct canon_group *g)
{
	for (uint32_t n = 0; n < g->len; n++) {
		const struct canon_need *need = &w->needs[g->first + n];
		d->penalty[n] = cut((uint64_t)need->penalty * w->scale, LARGE_OPEN_MAX);
		for (uint32_t i = need->first; i < need->first + need->len; i++) {
			const struct canon_option *o = &w->options[i];
			struct large_option to = {
				.need = n,
				.offer = d->offer_at[o->pool],
				.hours = o->amount,
				.cost = cut(plan_priced(w, ask, i), LARGE_COST_MAX),
			};
			if (o->amount <= ask->units[o->pool] && !add_option(d, &to, i)) {
				return false;
			}
		}
	}
	for (uint32_t i = 0; i < g->together_len + g->apart_len; i++) {
		const struct canon_pair *p = &w->pairs[g->pair_first + i];
		d->pairs[i] = (struct large_pair){ p->need[0], p->need[1] };
	}
	return true;
}

static int solve(struct deep *d, const struct plan_work *w, const struct plan_ask *ask,
		 struct large_result **ret_result)
{
	const struct canon_group *g = &w->groups[ask->group];
	const struct large_problem p = {
		.objective = ask->open_costs ? LARGE_PENALTY : LARGE_COVER,
		.team_max = g->team_max - g->team_used,
		.lead = g->lead,
		.penalty = d->penalty,
		.needs_len = g->len,
		.options = d->options,
		.options_len = d->options_len,
		.offers = d->offers,
		.offers_len = d->offers_len,
		.partners = d->partners,
		.partners_len = d->partners_len,
		.together = d->pairs,
		.together_len = g->together_len,
		.apart = d->pairs + g->together_len,
		.apart_len = g->apart_len,
	};
	bool tree = ask->deep >= WORK_TREE;
	const struct large_rules rules = { .seed = w->rules->seed,
					   .rounds = tree ? 0 : ROUNDS_SHORT,
					   .nodes = tree ? NODES_DEEP : 0,
					   .work = ask->deep,
					   .stop = w->rules->stop };

	return large_run(&p, &rules, ret_result);
}

int plan_team_whole(struct plan_work *w, const struct plan_ask *ask, struct plan_team *io_team)
{
	const struct canon_group *g = &w->groups[ask->group];
	struct large_result *r = NULL;
	struct deep d = { 0 };
	int err = deep_new(&d, w, g) ? SK_OK : SK_ENOMEM;

	if (err == SK_OK) {
		fill_offers(&d, w, ask, g);
		bool fits = fill_needs(&d, w, ask, g) && d.options_len <= LARGE_OPTIONS_MAX;
		err = fits ? solve(&d, w, ask, &r) : SK_OK;
		w->shallow = w->shallow || !fits;
	}
	for (uint32_t i = 0; err == SK_OK && r != NULL && i < g->len; i++) {
		io_team->seat[i] = r->seat[i] == LARGE_NONE ? PLAN_NONE : d.origin[r->seat[i]];
	}
	if (err == SK_OK && r != NULL) {
		io_team->cost = r->bound > io_team->cost ? r->bound : io_team->cost;
	}
	large_free(r);
	deep_free(&d);
	return err;
}
