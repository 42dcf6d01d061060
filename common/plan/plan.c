/* SPDX-License-Identifier: EUPL-1.2 */
/* The course of a plan: the canonical problem, insertion in the order, prices, insertion under
 * them, tolls and a bound from them, insertion under those, ruin and recreate; then the result in
 * the numbers of the problem. */
#include "common/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "common/plan/plan_work.h"

#define DEEP_MANY 100U /* moves with whole teams that are enough alone */
#define DEEP_SHARE 4U  /* of the work for large groups: one part of so many */

static void work_free(struct plan_work *w)
{
	void *all[] = { w->groups,
			w->needs,
			w->options,
			w->free,
			w->partner,
			w->pool_origin,
			w->pool_is,
			w->team,
			w->could,
			w->could_first,
			w->partner_cost,
			w->partner_is,
			w->price,
			w->toll,
			w->units,
			w->price_top,
			w->dirty,
			w->best,
			w->room.mem,
			w->room.options,
			w->room.origin,
			w->room.pools,
			w->room.partners,
			w->room.partner_is,
			w->room.pool_at,
			w->room.partner_at,
			w->pool_cost,
			w->leads,
			w->pairs,
			w->seen_pool,
			w->seen_partner,
			w->weights,
			w->seats,
			w->room.inside_pool,
			w->room.inside_partner,
			w->room.inside_units };

	for (size_t i = 0; i < SK_LEN(all); i++) {
		free(all[i]);
	}
	plan_state_free(&w->now);
	plan_columns_free(w);
}

static int room_new(struct plan_work *w)
{
	struct plan_room *r = &w->room;
	size_t most = 0;

	for (uint32_t i = 0; i < w->groups_len; i++) {
		const struct canon_need *first = &w->needs[w->groups[i].first];
		const struct canon_need *last = first + w->groups[i].len - 1;
		size_t options = last->first + last->len - first->first + w->groups[i].len;
		most = options > most ? options : most;
		w->group_most = w->groups[i].len > w->group_most ? w->groups[i].len : w->group_most;
	}
	w->seats = plan_array((size_t)w->group_most * SLOTS, sizeof(*w->seats));
	r->inside_pool = plan_array(w->pools_len, sizeof(*r->inside_pool));
	r->inside_partner = plan_array(w->partners_len, sizeof(*r->inside_partner));
	r->inside_units = plan_array(w->pools_len, sizeof(*r->inside_units));
	r->options = plan_array(most, sizeof(*r->options));
	r->origin = plan_array(most, sizeof(*r->origin));
	r->pools = plan_array(most, sizeof(*r->pools));
	r->partners = plan_array(most, sizeof(*r->partners));
	r->partner_is = plan_array(most, sizeof(*r->partner_is));
	r->pool_at = plan_array(w->pools_len, sizeof(*r->pool_at));
	r->partner_at = plan_array(w->partners_len, sizeof(*r->partner_at));
	if (r->options == NULL || r->origin == NULL || r->pools == NULL || r->partners == NULL ||
	    r->partner_is == NULL || r->pool_at == NULL || r->partner_at == NULL ||
	    r->inside_pool == NULL || r->inside_partner == NULL || r->inside_units == NULL ||
	    w->seats == NULL) {
		return SK_ENOMEM;
	}
	memset(r->pool_at, 0xff, (w->pools_len + 1) * sizeof(*r->pool_at));
	memset(r->partner_at, 0xff, (w->partners_len + 1) * sizeof(*r->partner_at));
	return SK_OK;
}

static int work_new(struct plan_work *w)
{
	int err = plan_canon(w);

	if (err == SK_OK) {
		err = room_new(w);
	}
	if (err == SK_OK) {
		err = plan_state_new(&w->now, w);
	}
	if (err == SK_OK) {
		memset(w->best, 0xff, w->needs_len * sizeof(*w->best));
		w->best_value = w->now.missing;
		w->seed = w->rules->seed;
		w->law = w->rules->law;
		w->group_least = UINT32_MAX;
	}
	for (uint32_t i = 0; err == SK_OK && i < w->groups_len; i++) {
		w->deep_len += plan_is_deep(w, i) ? 1 : 0;
		w->group_least = w->groups[i].len < w->group_least ? w->groups[i].len :
								     w->group_least;
	}
	return err;
}

static int try_insertion(struct plan_work *w, uint32_t halves)
{
	int err = plan_insert_all(w, halves);

	if (err == SK_OK) {
		plan_keep_best(w);
	}
	return err;
}

/* Large groups composed whole, without prices and at them. */
static int try_deep(struct plan_work *w)
{
	int err = SK_OK;

	for (uint32_t halves = 0; err == SK_OK && halves <= 2 && !plan_stopped(w); halves += 2) {
		plan_deepen(w, DEEP_SHARE);
		err = try_insertion(w, halves);
	}
	w->deep = 0;
	w->target = w->best_value < w->target ? w->best_value : w->target;
	return err;
}

/* Nothing is left to find: a plan of this value is the best, or the only group is whole. */
static bool is_settled(const struct plan_work *w)
{
	return plan_is_alone(w) || (!w->law && w->best_value <= w->bound);
}

/* The plan in hand is against the order; it becomes the best one when it is better inside it. */
static int try_lawful(struct plan_work *w)
{
	memset(w->dirty, 1, w->groups_len);
	plan_deepen(w, DEEP_SHARE);
	int err = plan_make_lawful(w);

	w->deep = 0;
	if (err == SK_OK) {
		plan_keep_best(w);
	}
	return err;
}

/* Large groups that compete are brought together without the order first, by what an open need
 * costs and by tolls; in the order each takes what is best for itself, and who comes last stays
 * open. */
static int try_free(struct plan_work *w)
{
	uint32_t *lawful = plan_array(w->needs_len, sizeof(*lawful));
	uint64_t value = w->best_value;

	if (lawful == NULL) {
		return SK_ENOMEM;
	}
	memcpy(lawful, w->best, w->needs_len * sizeof(*lawful));
	w->law = false;
	plan_recall(w);
	/* Without the law run() has put everybody in by tolls already. */
	bool insert = w->toll != NULL && w->rules->law && !plan_stopped(w);
	int err = insert ? try_insertion(w, PLAN_TOLLS) : SK_OK;
	if (err == SK_OK) {
		plan_recall(w);
		err = plan_repair_deep(w);
	}
	w->law = w->rules->law;
	if (err == SK_OK && w->law) {
		plan_recall(w);
		w->best_value = value;
		memcpy(w->best, lawful, w->needs_len * sizeof(*lawful));
		err = try_lawful(w);
	}
	free(lawful);
	return err;
}

/* Whole teams first, and where the order holds also inside it; then moves part by part, unless
 * nobody is small enough to be composed whole by them. */
static int repair(struct plan_work *w)
{
	int err = SK_OK;
	bool deep = w->deep_len > 0 && !w->shallow;
	bool parts = !deep || w->deep_len < w->groups_len || w->group_least <= COMPOSE_NEEDS_MAX ||
		     plan_deep_times(w, DEEP_MANY) < DEEP_MANY;

	if (deep) {
		err = try_free(w);
	}
	if (err == SK_OK && deep && w->law) {
		plan_recall(w);
		err = plan_repair_deep(w);
	}
	if (err == SK_OK && parts) {
		plan_recall(w);
		err = plan_repair(w);
	}
	if (err == SK_OK && w->columns != NULL) {
		plan_recall(w);
		err = plan_columns(w);
	}
	return err;
}

static int run(struct plan_work *w)
{
	int err = try_insertion(w, 0);

	if (err == SK_OK) {
		err = plan_prices(w);
	}
	if (err == SK_OK) {
		err = plan_columns_new(w);
	}
	for (uint32_t halves = 1; err == SK_OK && halves <= 2; halves++) {
		err = try_insertion(w, halves);
	}
	if (err == SK_OK && w->deep_len > 0) {
		err = try_deep(w);
	}
	if (err == SK_OK && w->rules->bound_rounds > 0) {
		err = plan_tighten(w);
	}
	if (err == SK_OK && w->toll != NULL && !w->law) {
		err = try_insertion(w, PLAN_TOLLS);
	}
	if (err == SK_OK) {
		err = is_settled(w) || w->rules->repair_rounds == 0 ? SK_OK : repair(w);
	}
	if (err == SK_OK) {
		plan_recall(w);
	}
	return err;
}

static int result_new(const struct plan_work *w, struct plan_result **ret_result)
{
	struct plan_result *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		return SK_ENOMEM;
	}
	r->seat = plan_array(w->p->needs_len, sizeof(*r->seat));
	r->price = plan_array(w->p->pools_len, sizeof(*r->price));
	if (r->seat == NULL || r->price == NULL) {
		plan_free(r);
		return SK_ENOMEM;
	}
	memset(r->seat, 0xff, w->p->needs_len * sizeof(*r->seat));
	*ret_result = r;
	return SK_OK;
}

static void result_fill(const struct plan_work *w, struct plan_result *r)
{
	r->needs_len = w->p->needs_len;
	r->pools_len = w->p->pools_len;
	for (uint32_t i = 0; i < w->needs_len; i++) {
		if (w->now.seat[i] != PLAN_NONE) {
			r->seat[w->needs[i].origin] = w->options[w->now.seat[i]].origin;
			r->covered++;
		}
	}
	for (uint32_t i = 0; i < w->pools_len; i++) {
		uint64_t price = (uint64_t)w->price[i] * (PLAN_PRICE_SCALE / w->scale);
		price = w->free[i] == 0 ? price : price * w->weights[i] / w->free[i];
		r->price[w->pool_origin[i]] = price < UINT32_MAX ? (uint32_t)price : UINT32_MAX;
	}
	r->cost = w->now.cost;
	r->value = w->now.cost + w->now.missing + w->base;
	r->bound = w->bound + w->base;
	r->rounds = w->rounds;
	SK_ASSERT(r->bound <= r->value);
}

int plan_run(const struct plan_problem *p, const struct plan_rules *rules,
	     struct plan_result **ret_result)
{
	struct plan_work w = { .p = p, .rules = rules };
	int err = work_new(&w);

	if (err == SK_OK) {
		err = run(&w);
	}
	if (err == SK_OK) {
		err = result_new(&w, ret_result);
	}
	if (err == SK_OK) {
		result_fill(&w, *ret_result);
	}
	work_free(&w);
	return err;
}

void plan_free(struct plan_result *r)
{
	if (r != NULL) {
		free(r->seat);
		free(r->price);
		free(r);
	}
}
