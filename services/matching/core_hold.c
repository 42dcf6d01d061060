/* SPDX-License-Identifier: EUPL-1.2 */
/* What an amount counts under beside the free amount of its pool: the weekly limit of its use, the
 * cap on parallel school ateliers of its network (B16), and the cap of the worker who carries it
 * (B15). These are hard rules of need_fit() like any other, so they are part of what makes a pool
 * clean; each time one of them gives more than before, the pools behind it go dirty (core_pass.c).
 * None of them looks at the time: a new week and the end of a rest are what a due row has written,
 * or a pool would cease to be clean without a step. */
#include <string.h>

#include "services/matching/core_int.h"

#define WEEKS_MOST 520U
#define UNKNOWN_WEEKS 26U          /* where nothing was said of how long help lasts */
#define ATELIER_POOLS_STEP_MAX 64U /* marked one by one; more: a sweep offers every pool anew */

/** Monday of the ISO week, as yyyymmdd in Brussels. */
uint32_t week_of(uint64_t at_ms)
{
	struct civil day = civil_from_ms(at_ms);
	struct civil monday = civil_from_ms(civil_add_days_local(at_ms, -(int32_t)day.weekday));

	return civil_yyyymmdd(monday.date);
}

/** The next Monday, 00:00 in Brussels. */
uint64_t week_end(uint64_t at_ms)
{
	struct civil day = civil_from_ms(at_ms);
	uint64_t sunday = civil_add_days_local(at_ms, 6 - (int32_t)day.weekday);

	return civil_end_of_day(sunday) + 1;
}

/* --- units of a use in this week --- */

static struct key use_week_key(const char *pool, uint32_t use)
{
	struct key k = key_of_str(pool);

	key_u32(&k, use);
	return k;
}

static uint32_t count_get(struct work *w, uint8_t table, const struct key *k, uint32_t week)
{
	const PB(MatchCountRecord) *rec = step_get(w->s, table, k, DESC(match_count_record));

	return rec == NULL || rec->week != week ? 0 : rec->units;
}

static void count_put(struct work *w, uint8_t table, const struct key *k, uint32_t week,
		      uint32_t units)
{
	PB(MatchCountRecord) rec = PB_INIT(MATCH_COUNT_RECORD);

	rec.week = week;
	rec.units = units;
	step_put(w->s, table, k, &rec);
}

/** The week whose limits are in force. */
static uint32_t week_in_force(const struct work *w, const PB(MatchPoolRecord) *p)
{
	return p != NULL && p->n_limits > 0 ? p->week : week_of(w->s->now_ms);
}

uint32_t use_week_units(struct work *w, const PB(MatchPoolRecord) *p, uint32_t use)
{
	struct key k = use_week_key(p->pool, use);

	return count_get(w, T_USE_WEEK, &k, week_in_force(w, p));
}

bool hold_within_limit(struct work *w, const PB(MatchPoolRecord) *p, uint32_t use, uint32_t amount)
{
	for (size_t i = 0; i < p->n_limits; i++) {
		if (p->limits[i]->use == use) {
			uint64_t units = use_week_units(w, p, use);
			return units + amount <= p->limits[i]->units_week || MUT(144);
		}
	}
	return true;
}

static void week_add(struct work *w, const PB(MatchPoolRecord) *p, PB(MatchContributionRecord) *c)
{
	struct key k = use_week_key(c->pool, c->use);

	c->given_week = week_in_force(w, p);
	uint32_t units = count_get(w, T_USE_WEEK, &k, c->given_week);
	count_put(w, T_USE_WEEK, &k, c->given_week, units + c->amount);
}

/** What never started gives its units of this week back. */
static void week_drop(struct work *w, PB(MatchContributionRecord) *c)
{
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	uint32_t week = week_in_force(w, p);
	struct key k = use_week_key(c->pool, c->use);

	if (c->started_ms != 0 || c->given_week == 0) {
		return;
	}
	if (c->given_week == week) {
		uint32_t units = count_get(w, T_USE_WEEK, &k, week);
		SK_ASSERT(units >= c->amount);
		count_put(w, T_USE_WEEK, &k, week, units - c->amount);
		if (p != NULL && pool_free(p) > 0) {
			pool_mark_dirty(w, p, NULL);
		}
	}
	c->given_week = 0;
}

/* --- school ateliers --- */

uint32_t ateliers_of(struct work *w, const char *network)
{
	struct key k = key_of_str(network);

	return count_get(w, T_ATELIER, &k, 0);
}

void ateliers_pass(struct work *w, const char *from, const char *to)
{
	struct key old = key_of_str(from);
	struct key k = key_of_str(to);
	uint32_t units = ateliers_of(w, from);

	if (units > 0) {
		count_put(w, T_ATELIER, &k, 0, ateliers_of(w, to) + units);
		step_del(w->s, T_ATELIER, &old);
	}
}

/** A place under the cap is free again: whoever waits for an atelier may be able now. */
static void ateliers_dirty(struct work *w)
{
	struct store_iter it;
	struct key k;
	struct slice val;
	unsigned marked = 0;
	bool more = true;

	store_iter_init(&it, w->s->txn, T_SCHOOL, NULL);
	while (marked < ATELIER_POOLS_STEP_MAX && (more = store_next(&it, &k, &val))) {
		struct slice rest = { .data = k.b, .len = k.len };
		char name[PARTY_ID_LEN_MAX + 1];
		SK_ASSERT(key_take_str(&rest, name));
		const PB(MatchPoolRecord) *p = pool_get(w, name);
		if (p != NULL && pool_free(p) > 0) {
			pool_mark_dirty(w, p, NULL);
		}
		marked++;
	}
	store_iter_done(&it);
	if (more) {
		pass_sweep(w);
	}
}

static void atelier_add(struct work *w, PB(MatchContributionRecord) *c, const char *network)
{
	struct key k = key_of_str(network);

	c->atelier = true;
	c->atelier_network = step_strdup(w->s, network);
	count_put(w, T_ATELIER, &k, 0, ateliers_of(w, network) + 1);
}

static void atelier_drop(struct work *w, PB(MatchContributionRecord) *c)
{
	if (!c->atelier) {
		return;
	}
	const char *network = network_heir(w, c->atelier_network);
	struct key k = key_of_str(network);
	uint32_t units = ateliers_of(w, network);
	SK_ASSERT(units > 0);
	count_put(w, T_ATELIER, &k, 0, units - 1);
	c->atelier = false;
	c->atelier_network = step_strdup(w->s, "");
	if (units >= step_setting(w->s, SETTING_ATELIERS_MAX)) {
		ateliers_dirty(w);
	}
}

/* --- all of them --- */

bool pool_is_counted(const PB(MatchPoolRecord) *p)
{
	return p->n_limits > 0 || p->workers > 0 || p->school_atelier;
}

struct hold_want hold_want_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n,
			      uint32_t use, uint32_t amount)
{
	return (struct hold_want){
		.use = use,
		.expertise = n->need->expertise,
		.amount = amount,
		.child = need_child(r, n),
	};
}

enum fit hold_fit(struct work *w, const PB(MatchRequestRecord) *r, const PB(MatchPoolRecord) *p,
		  const struct hold_want *want)
{
	if (!hold_within_limit(w, p, want->use, want->amount)) {
		return FIT_LIMIT;
	}
	if (p->school_atelier && !MUT(146) &&
	    ateliers_of(w, network_heir(w, r->request->network)) >=
		    step_setting(w->s, SETTING_ATELIERS_MAX)) {
		return FIT_LIMIT;
	}
	struct object_id id;
	if (p->workers > 0 && !worker_pick(w, p->pool, want, &id)) {
		return FIT_STAFF;
	}
	return FIT_OK;
}

void hold_begin(struct work *w, PB(MatchContributionRecord) *c)
{
	struct object_id request = id_of(&c->request_id);
	const PB(MatchRequestRecord) *r = request_get(w, &request);
	const PB(MatchPoolRecord) *p = pool_get(w, c->pool);

	c->held = c->amount;
	if (r == NULL || p == NULL) {
		return;
	}
	if (c->given_week == 0) {
		week_add(w, p, c);
	}
	if (p->school_atelier && !c->atelier) {
		atelier_add(w, c, network_heir(w, r->request->network));
	}
	if (p->workers > 0) {
		worker_book(w, r, c);
	}
	interpreter_take(w, c);
}

void hold_pause(struct work *w, PB(MatchContributionRecord) *c)
{
	worker_unbook(w, c);
}

void hold_end(struct work *w, PB(MatchContributionRecord) *c)
{
	worker_unbook(w, c);
	week_drop(w, c);
	atelier_drop(w, c);
}

/* --- how long --- */

uint32_t held_lasts_days(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct object_id need = id_of(&c->need_id);
	const PB(MatchNeedRecord) *n = need_get(w, &need);
	uint32_t weeks = n == NULL || n->need == NULL ? 0 : n->need->duration_weeks;

	weeks = weeks == 0 ? UNKNOWN_WEEKS : weeks;
	return (weeks < WEEKS_MOST ? weeks : WEEKS_MOST) * 7;
}

static uint64_t held_by_then(struct work *w, const struct object_id *id, uint64_t until_ms)
{
	const PB(MatchContributionRecord) *c = contribution_get(w, id);

	if (c == NULL || c->held == 0) {
		return 0;
	}
	uint64_t since_ms = c->started_ms == 0 ? w->s->now_ms : c->started_ms;
	uint64_t lasts_ms = (uint64_t)held_lasts_days(w, c) * CIVIL_DAY_MS;
	return since_ms + lasts_ms <= until_ms ? c->held : 0;
}

uint64_t held_until(struct work *w, const char *pool, uint64_t until_ms)
{
	struct key prefix = key_of_str(pool);
	struct store_iter it;
	struct key k;
	struct slice val;
	uint64_t units = 0;

	store_iter_init(&it, w->s->txn, T_POOL_HOLD, &prefix);
	while (store_next(&it, &k, &val)) {
		size_t mark = work_mark(w);
		struct object_id id;
		memcpy(id.b, k.b + k.len - OBJECT_ID_LEN, OBJECT_ID_LEN);
		units += held_by_then(w, &id, until_ms);
		work_rewind(w, mark);
	}
	store_iter_done(&it);
	return units;
}

/* --- after a restore --- */

void hold_forget(struct work *w, PB(MatchContributionRecord) *c)
{
	struct key k = use_week_key(c->pool, c->use);
	uint32_t units = count_get(w, T_USE_WEEK, &k, c->given_week);

	worker_unbook(w, c);
	if (c->given_week != 0 && units >= c->amount) {
		count_put(w, T_USE_WEEK, &k, c->given_week, units - c->amount);
	}
	c->given_week = 0;
	atelier_drop(w, c);
}

/** Counted in its own week. The pool's week is that of the old copy, which may be over: what was
 *  given after it is given in the present one. */
static void week_adopt(struct work *w, const PB(MatchContributionRecord) *c)
{
	struct key k = use_week_key(c->pool, c->use);
	PB(MatchPoolRecord) *p = pool_get(w, c->pool);
	const PB(MatchCountRecord) *rec = step_get(w->s, T_USE_WEEK, &k, DESC(match_count_record));
	bool older = rec != NULL && rec->week > c->given_week;

	if (c->given_week == 0 || older) {
		return;
	}
	if (p != NULL && p->n_limits > 0 && c->given_week > p->week) {
		pool_week(w, p);
		pool_put(w, p);
	}
	uint32_t units = count_get(w, T_USE_WEEK, &k, c->given_week);
	count_put(w, T_USE_WEEK, &k, c->given_week, units + c->amount);
}

void hold_adopt(struct work *w, PB(MatchContributionRecord) *c, const PB(ContributionChanged) *f)
{
	const PB(HoldFact) *h = f->hold;

	if (h == NULL) {
		return; /* told before such things were told */
	}
	c->given_week = MUT(163) ? 0 : h->given_week;
	week_adopt(w, c);
	if (h->atelier) {
		atelier_add(w, c, network_heir(w, h->atelier_network));
	}
	worker_adopt(w, c, &h->booked);
}
