/* SPDX-License-Identifier: EUPL-1.2 */
/* How long those who wait will wait, from the copy that a plan is made of: the list is lived ahead
 * (common/plan/ahead.h) with what the tables know. As much comes free at a pool as did lately; a
 * partner can as often as it could in the last year; as those who came in the last month others
 * will come; and as many leave without help as did lately, whoever they are. What came out is told
 * to waitlist need by need, some in each input. */
#include <stdlib.h>
#include <string.h>

#include "services/matching/core_copy.h"

#define SEED 1U
#define SOME MATCH_FORESEEN_MAX
#define START_DAYS 7U /* from an ask to the start, where it is no crisis */
#define STAY_DAYS 182U
#define BACK_DAYS_LEAST 14U
#define CLASS_LAST 4U

struct look {
	const struct plan_copy *c;
	struct plan_group *groups; /* who waits, in the order; then who came */
	struct plan_need *needs;
	struct ahead_group *of;
	struct ahead_pool *pools;
	struct ahead_stay *stays;
	struct ahead_range *ranges;
	size_t groups_len, needs_len, stays_len;
};

static void *array(size_t len, size_t size)
{
	return calloc(len + 1, size);
}

static uint64_t at_number(const struct order *at, size_t from)
{
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++) {
		n = n << 8 | at->b[from + i];
	}
	return n;
}

static int32_t days_from(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms >= now_ms ? (int32_t)((at_ms - now_ms) / CIVIL_DAY_MS) :
				 -(int32_t)((now_ms - at_ms) / CIVIL_DAY_MS);
}

/** So many days are looked back on: fewer where the node is young. */
static uint32_t back_days(const struct plan_copy *c)
{
	uint64_t known = c->first_ms == 0 || c->first_ms > c->now_ms ?
				 0 :
				 (c->now_ms - c->first_ms) / CIVIL_DAY_MS;

	known = known < COPY_BACK_DAYS ? known : COPY_BACK_DAYS;
	return known > BACK_DAYS_LEAST ? (uint32_t)known : BACK_DAYS_LEAST;
}

/** The chance that one of those who wait leaves on a day. */
static uint32_t leave_ppm(const struct plan_copy *c)
{
	uint64_t days = (uint64_t)c->wait.needs.len * back_days(c);

	return days == 0 ? 0 : (uint32_t)((uint64_t)c->left * AHEAD_PPM / (days + c->left));
}

/* An order is: class u8, crisis step u8, rank date u64, lottery u64 (core_work.h). */
static struct ahead_group group_of(const struct look *l, const struct copy_group *g, bool waits)
{
	uint8_t wait_class = g->at.b[0] > 0 ? (uint8_t)(g->at.b[0] - 1) : CLASS_LAST;
	uint64_t rank_ms = at_number(&g->at, 2);
	uint64_t from_ms = waits ? l->c->now_ms : g->arrival_ms;

	return (struct ahead_group){
		.wait_class = wait_class < AHEAD_CLASSES ? wait_class : CLASS_LAST,
		.waits = waits,
		.rank_day = days_from(rank_ms, from_ms),
		.class_day = waits ? days_from(g->arrival_ms, l->c->now_ms) : 0,
		.leave_ppm = leave_ppm(l->c),
		.come_ppm = g->is_new ? AHEAD_PPM / COPY_NEW_DAYS : 0,
		.lottery = (uint32_t)(at_number(&g->at, 10) >> 32),
	};
}

static void add_side(struct look *l, const struct copy_side *side, bool waits)
{
	const struct copy_group *groups = side->groups.at;
	const struct copy_need *needs = side->needs.at;

	for (size_t i = 0; i < side->groups.len; i++) {
		l->groups[l->groups_len] =
			(struct plan_group){ .first = (uint32_t)l->needs_len + groups[i].first,
					     .len = groups[i].len,
					     .team_max = l->c->team_max,
					     .team_first = groups[i].team_first,
					     .team_len = waits ? groups[i].team_len : 0 };
		l->of[l->groups_len++] = group_of(l, &groups[i], waits);
	}
	for (size_t i = 0; i < side->needs.len; i++) {
		l->needs[l->needs_len++] =
			(struct plan_need){ .first = needs[i].first, .len = needs[i].len };
	}
}

/** The lengths of the stays that are there, over and over; where there are none, as usual. */
static void pool_stays(struct look *l)
{
	const struct copy_stay *stays = l->c->stays.at;
	uint32_t *seen = array(l->c->pools.len, sizeof(*seen));

	for (size_t i = 0; seen != NULL && i < l->c->stays.len; i++) {
		uint32_t at = seen[stays[i].pool]++ % AHEAD_POINTS;
		l->pools[stays[i].pool].stay[at] = (uint16_t)stays[i].lasts_days;
	}
	for (size_t i = 0; seen != NULL && i < l->c->pools.len; i++) {
		for (uint32_t k = seen[i]; seen[i] > 0 && k < AHEAD_POINTS; k++) {
			l->pools[i].stay[k] = l->pools[i].stay[k % seen[i]];
		}
	}
	free(seen);
}

static int by_days(const void *a, const void *b)
{
	uint16_t x = *(const uint16_t *)a;
	uint16_t y = *(const uint16_t *)b;

	return (x > y) - (x < y);
}

/** Where help began lately, as much will come free as did, whatever frees it: ends, hours that a
 *  house adds, others who leave it. Elsewhere what is held comes free when it was said to. */
static bool gains(struct look *l, size_t pool)
{
	const struct copy_pool *p = (const struct copy_pool *)l->c->pools.at + pool;
	uint64_t ppm = (uint64_t)p->begun * AHEAD_PPM / back_days(l->c);

	l->pools[pool].gain_ppm = ppm < UINT32_MAX ? (uint32_t)ppm : UINT32_MAX;
	return p->begun > 0;
}

static void add_pools(struct look *l)
{
	const struct copy_pool *pools = l->c->pools.at;
	const struct copy_stay *stays = l->c->stays.at;

	for (size_t i = 0; i < l->c->pools.len; i++) {
		l->pools[i].can_permille = pools[i].can_permille;
		l->pools[i].start_days = pools[i].quick ? 0 : START_DAYS;
		for (size_t k = 0; k < AHEAD_POINTS; k++) {
			l->pools[i].stay[k] = STAY_DAYS;
		}
	}
	pool_stays(l);
	for (size_t i = 0; i < l->c->pools.len; i++) {
		bool flows = gains(l, i);
		for (size_t k = 0; flows && k < AHEAD_POINTS; k++) {
			l->pools[i].stay[k] = UINT16_MAX; /* the gain frees it */
		}
		qsort(l->pools[i].stay, AHEAD_POINTS, sizeof(l->pools[i].stay[0]), by_days);
	}
	for (size_t i = 0; i < l->c->stays.len; i++) {
		if (l->pools[stays[i].pool].gain_ppm == 0) {
			l->stays[l->stays_len++] = (struct ahead_stay){ stays[i].pool,
									stays[i].amount,
									stays[i].lasted_days };
		}
	}
}

static bool room(struct look *l)
{
	const struct plan_copy *c = l->c;
	size_t groups = c->wait.groups.len + c->came.groups.len;
	size_t needs = c->wait.needs.len + c->came.needs.len;

	l->groups = array(groups, sizeof(*l->groups));
	l->of = array(groups, sizeof(*l->of));
	l->needs = array(needs, sizeof(*l->needs));
	l->ranges = array(needs, sizeof(*l->ranges));
	l->pools = array(c->pools.len, sizeof(*l->pools));
	l->stays = array(c->stays.len, sizeof(*l->stays));
	return l->groups != NULL && l->of != NULL && l->needs != NULL && l->ranges != NULL &&
	       l->pools != NULL && l->stays != NULL;
}

static int see(struct look *l, const struct plan_problem *list, const atomic_bool *stop,
	       const struct plan_pool *pools)
{
	struct plan_problem ahead = *list;
	struct ahead_problem p = { .list = &ahead,
				   .of = l->of,
				   .pools = l->pools,
				   .stays = l->stays,
				   .stays_len = l->stays_len };
	struct ahead_rules rules = {
		.seed = SEED, .runs = l->c->runs, .days = l->c->days, .stop = stop
	};

	ahead.groups = l->groups;
	ahead.groups_len = l->groups_len;
	ahead.needs = l->needs;
	ahead.needs_len = l->needs_len;
	ahead.pools = pools;
	memcpy(p.rise_days, l->c->rise_days, sizeof(p.rise_days));
	return ahead_run(&p, &rules, l->ranges);
}

static int keep(struct plan_copy *copy, const struct look *l)
{
	for (size_t i = 0; i < copy->wait.needs.len; i++) {
		struct copy_foreseen *to =
			l->ranges[i].runs == 0 ? NULL : copy_add(&copy->foreseen, sizeof(*to));
		if (to == NULL && l->ranges[i].runs > 0) {
			return SK_ENOMEM;
		}
		if (to != NULL) {
			*to = (struct copy_foreseen){ (uint32_t)i, l->ranges[i] };
		}
	}
	return SK_OK;
}

int match_look_ahead(struct plan_copy *copy, const struct plan_problem *list,
		     const atomic_bool *stop)
{
	struct look l = { .c = copy };
	struct plan_pool *pools = array(list->pools_len, sizeof(*pools));
	const struct copy_pool *now = copy->pools.at;
	int err = pools != NULL && room(&l) ? SK_OK : SK_ENOMEM;

	if (err == SK_OK) {
		for (size_t i = 0; i < list->pools_len; i++) {
			pools[i] = list->pools[i];
			pools[i].free = now[i].free; /* what comes free does so in its time */
		}
		add_side(&l, &copy->wait, true);
		add_side(&l, &copy->came, false);
		add_pools(&l);
		err = see(&l, list, stop, pools);
	}
	if (err == SK_OK) {
		err = keep(copy, &l);
	}
	free(pools);
	free(l.groups);
	free(l.of);
	free(l.needs);
	free(l.ranges);
	free(l.pools);
	free(l.stays);
	return err;
}

/* --- telling it --- */

static uint32_t at_most(uint32_t days, uint32_t beyond)
{
	return days < beyond ? days : beyond;
}

static bool foreseen_add(const struct plan_copy *c, PB(PlanProposed) *to,
			 const struct copy_foreseen *from)
{
	const struct copy_need *need = (const struct copy_need *)c->wait.needs.at + from->need;
	PB(NeedForeseen) *n = calloc(1, sizeof(*n));
	PB(WaitRange) *r = calloc(1, sizeof(*r));

	if (n == NULL || r == NULL) {
		free(n);
		free(r);
		return false;
	}
	schakel__v1__need_foreseen__init(n);
	schakel__v1__wait_range__init(r);
	n->range = r;
	to->foreseen[to->n_foreseen++] = n;
	r->from_days = at_most(from->range.p10, c->days);
	r->half_days = at_most(from->range.p50, c->days);
	r->until_days = at_most(from->range.p90, c->days);
	r->beyond_days = c->days;
	r->made_ms = c->now_ms;
	n->need_id.data = malloc(OBJECT_ID_LEN);
	if (n->need_id.data != NULL) {
		n->need_id.len = OBJECT_ID_LEN;
		memcpy(n->need_id.data, need->id.b, OBJECT_ID_LEN);
	}
	return n->need_id.data != NULL;
}

PB(PlanProposed) *match_foreseen_take(struct plan_copy *c)
{
	const struct copy_foreseen *all = c->foreseen.at;

	if (c->some != NULL) {
		schakel__v1__plan_proposed__free_unpacked(c->some, NULL);
		c->some = NULL;
	}
	if (c->given == c->foreseen.len) {
		return NULL;
	}
	c->some = calloc(1, sizeof(*c->some));
	if (c->some == NULL) {
		return NULL;
	}
	schakel__v1__plan_proposed__init(c->some);
	c->some->sequence = c->sequence;
	c->some->rules_version = c->rules_version;
	c->some->foreseen = array(SOME, sizeof(PB(NeedForeseen) *));
	bool ok = c->some->foreseen != NULL;
	while (ok && c->given < c->foreseen.len && c->some->n_foreseen < SOME) {
		ok = foreseen_add(c, c->some, &all[c->given++]);
	}
	return ok ? c->some : NULL;
}
