/* SPDX-License-Identifier: EUPL-1.2 */
/* The lives of the list, and what they say together. A life: live_day() for each of its days; who
 * sits where is in ahead_team.c. */
#include "common/plan/ahead.h"

#include <stdlib.h>
#include <string.h>

#include "common/plan/ahead_work.h"

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

uint64_t ahead_draw(const struct ahead_work *w, enum ahead_draw what, uint64_t a, uint64_t b)
{
	return mix(mix(mix(w->rules->seed ^ mix(w->run)) ^ (uint64_t)what << 56 ^ a) ^ b);
}

static bool happens(const struct ahead_work *w, enum ahead_draw what, uint64_t a, uint32_t ppm)
{
	return ppm != 0 && ahead_draw(w, what, a, w->day) % AHEAD_PPM < ppm;
}

/* --- the entries, in the order --- */

static bool is_before(const struct ahead_problem *p, const struct ahead_entry *a,
		      const struct ahead_entry *b)
{
	if (a->wait_class != b->wait_class) {
		return a->wait_class < b->wait_class;
	}
	if (a->rank_day != b->rank_day) {
		return a->rank_day < b->rank_day;
	}
	if (p->of[a->group].lottery != p->of[b->group].lottery) {
		return p->of[a->group].lottery < p->of[b->group].lottery;
	}
	return a->serial < b->serial;
}

static int enter(struct ahead_work *w, const struct ahead_entry *e)
{
	size_t lo = 0;
	size_t hi = w->entries_len;

	if (w->entries_len == w->entries_cap) {
		size_t cap = w->entries_cap * 2 + 64;
		void *more = realloc(w->entries, cap * sizeof(*w->entries));
		if (more == NULL) {
			return SK_ENOMEM;
		}
		w->entries = more;
		w->entries_cap = cap;
	}
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		bool behind = is_before(w->p, &w->entries[mid], e);
		lo = behind ? mid + 1 : lo;
		hi = behind ? hi : mid;
	}
	memmove(w->entries + lo + 1, w->entries + lo, (w->entries_len - lo) * sizeof(*w->entries));
	w->entries[lo] = *e;
	w->entries_len++;
	return SK_OK;
}

static void drop(struct ahead_work *w, size_t at)
{
	memmove(w->entries + at, w->entries + at + 1,
		(w->entries_len - at - 1) * sizeof(*w->entries));
	w->entries_len--;
}

static struct ahead_entry entry_of(const struct ahead_work *w, uint32_t group, uint32_t serial)
{
	const struct plan_group *g = &w->p->list->groups[group];
	const struct ahead_group *of = &w->p->of[group];
	struct ahead_entry e = { .group = group,
				 .serial = serial,
				 .open = (uint16_t)((1U << g->len) - 1),
				 .wait_class = of->wait_class,
				 .fresh = true,
				 .rank_day = of->rank_day,
				 .class_day = of->class_day };

	for (uint32_t i = 0; serial == group && i < g->team_len && i < AHEAD_TEAM_MAX; i++) {
		e.team[e.team_len++] = w->p->list->team[g->team_first + i];
	}
	return e;
}

/* --- the stays --- */

int ahead_take(struct ahead_work *w, uint32_t pool, uint32_t amount, uint32_t days)
{
	uint64_t end = (uint64_t)w->day + days;

	w->free[pool] -= amount < w->free[pool] ? amount : w->free[pool];
	if (end >= w->rules->days) {
		return SK_OK;
	}
	if (w->endings_len == w->endings_cap) {
		size_t cap = w->endings_cap * 2 + 256;
		void *more = realloc(w->endings, cap * sizeof(*w->endings));
		if (more == NULL) {
			return SK_ENOMEM;
		}
		w->endings = more;
		w->endings_cap = cap;
	}
	w->endings[w->endings_len++] = (struct ahead_ending){ pool, amount, w->ends[end] };
	w->ends[end] = (uint32_t)w->endings_len;
	return SK_OK;
}

/* Of the lengths that were seen one that is longer than it lasts already; past them all, any day
 * of the next month. */
static uint32_t days_left(const struct ahead_work *w, const struct ahead_stay *stay, uint64_t draw)
{
	const uint16_t *stays = w->p->pools[stay->pool].stay;
	uint32_t shorter = 0;

	while (shorter < AHEAD_POINTS && stays[shorter] <= stay->age_days) {
		shorter++;
	}
	if (shorter == AHEAD_POINTS) {
		return 1 + (uint32_t)(draw % 30);
	}
	return stays[shorter + draw % (AHEAD_POINTS - shorter)] - stay->age_days;
}

static int stays_begin(struct ahead_work *w)
{
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < w->p->stays_len; i++) {
		const struct ahead_stay *stay = &w->p->stays[i];
		uint64_t draw = ahead_draw(w, DRAW_STAY_NOW, i, stay->pool);
		w->free[stay->pool] += stay->amount;
		err = ahead_take(w, stay->pool, stay->amount, days_left(w, stay, draw));
	}
	return err;
}

/* --- a day --- */

static void stays_end(struct ahead_work *w)
{
	for (uint32_t at = w->ends[w->day]; at != 0; at = w->endings[at - 1].next) {
		const struct ahead_ending *e = &w->endings[at - 1];
		w->free[e->pool] += e->amount;
		ahead_open(w, e->pool);
	}
}

static void gain(struct ahead_work *w)
{
	for (uint32_t i = 0; i < w->p->list->pools_len; i++) {
		uint32_t ppm = w->p->pools[i].gain_ppm;
		uint64_t id;
		memcpy(&id, w->p->list->pools[i].id, sizeof(id));
		uint32_t units = ppm / AHEAD_PPM + happens(w, DRAW_GAIN, id, ppm % AHEAD_PPM);
		if (units > 0) {
			w->free[i] += units;
			ahead_open(w, i);
		}
	}
}

static int come(struct ahead_work *w)
{
	uint32_t groups = (uint32_t)w->p->list->groups_len;
	int err = SK_OK;

	for (uint32_t i = 0; err == SK_OK && i < groups; i++) {
		if (!happens(w, DRAW_COME, i, w->p->of[i].come_ppm)) {
			continue;
		}
		struct ahead_entry e = entry_of(w, i, (w->day + 1) * groups + i);
		int32_t given = w->p->of[i].waits ? 0 : w->p->of[i].rank_day;
		e.rank_day = (int32_t)w->day + given;
		e.class_day = (int32_t)w->day;
		err = enter(w, &e);
	}
	return err;
}

static void left(struct ahead_work *w, const struct ahead_entry *e)
{
	const struct plan_group *g = &w->p->list->groups[e->group];

	for (uint32_t i = 0; e->serial == e->group && i < g->len; i++) {
		if ((e->open >> i & 1) != 0) {
			w->seen[(size_t)(g->first + i) * w->rules->runs + w->run] = AHEAD_LEFT;
		}
	}
}

/* Who leaves goes; who waited its class out stands one higher, behind nobody that it was before. */
static int leave_and_rise(struct ahead_work *w)
{
	int err = SK_OK;

	for (size_t i = 0; err == SK_OK && i < w->entries_len;) {
		struct ahead_entry e = w->entries[i];
		uint32_t rise = w->p->rise_days[e.wait_class];
		if (happens(w, DRAW_LEAVE, e.serial, w->p->of[e.group].leave_ppm)) {
			left(w, &e);
			drop(w, i);
			continue;
		}
		if (e.wait_class > 0 && rise != 0 &&
		    (int64_t)w->day - e.class_day >= (int64_t)rise) {
			e.wait_class--;
			e.class_day = (int32_t)w->day;
			drop(w, i);
			err = enter(w, &e);
		}
		i++; /* what moved went to the front: nobody is passed over */
	}
	return err;
}

static int live_day(struct ahead_work *w)
{
	memset(w->opens, 0, w->words * sizeof(*w->opens));
	stays_end(w);
	gain(w);
	int err = come(w);
	if (err == SK_OK) {
		err = leave_and_rise(w);
	}
	for (size_t i = 0; err == SK_OK && i < w->entries_len;) {
		struct ahead_entry *e = &w->entries[i];
		if (ahead_may_sit(w, e)) {
			err = ahead_seat(w, e);
		}
		e->fresh = false;
		if (e->open == 0) {
			drop(w, i);
		} else {
			i++;
		}
	}
	return err;
}

static int life(struct ahead_work *w)
{
	const struct plan_problem *list = w->p->list;
	int err = SK_OK;

	w->entries_len = w->endings_len = 0;
	memset(w->ends, 0, w->rules->days * sizeof(*w->ends));
	memset(w->opened, 0, list->pools_len * sizeof(*w->opened));
	for (size_t i = 0; i < list->pools_len; i++) {
		w->free[i] = list->pools[i].free;
	}
	for (uint32_t i = 0; err == SK_OK && i < list->groups_len; i++) {
		struct ahead_entry e = entry_of(w, i, i);
		err = w->p->of[i].waits && e.open != 0 ? enter(w, &e) : SK_OK;
	}
	w->day = 0;
	if (err == SK_OK) {
		err = stays_begin(w);
	}
	for (; err == SK_OK && w->day < w->rules->days; w->day++) {
		err = live_day(w);
	}
	return err;
}

/* --- what the lives say --- */

static int by_day(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/** @p seen sorted; nearest rank. */
static uint32_t quantile(const uint32_t *seen, uint32_t len, uint32_t percent)
{
	uint32_t rank = (len * percent + 99) / 100;

	return seen[rank == 0 ? 0 : rank - 1];
}

static struct ahead_range range_of(uint32_t *seen, uint32_t runs)
{
	uint32_t len = 0;
	uint32_t never = 0;

	for (uint32_t i = 0; i < runs; i++) {
		if (seen[i] != AHEAD_LEFT) {
			never += seen[i] == AHEAD_NEVER;
			seen[len++] = seen[i];
		}
	}
	if (len == 0) {
		return (struct ahead_range){ 0 };
	}
	qsort(seen, len, sizeof(*seen), by_day);
	return (struct ahead_range){ .p10 = quantile(seen, len, 10),
				     .p50 = quantile(seen, len, 50),
				     .p90 = quantile(seen, len, 90),
				     .never_permille = never * 1000 / len,
				     .runs = len };
}

/* --- the door --- */

static bool in_range(uint32_t first, uint32_t len, size_t end)
{
	return first <= end && len <= end - first;
}

static bool group_valid(const struct ahead_problem *p, size_t at)
{
	const struct plan_problem *list = p->list;
	const struct plan_group *g = &list->groups[at];
	bool ok = g->len <= COMPOSE_NEEDS_MAX && in_range(g->first, g->len, list->needs_len) &&
		  in_range(g->team_first, g->team_len, list->team_len) &&
		  p->of[at].wait_class < AHEAD_CLASSES;

	for (uint32_t i = 0; ok && i < g->len; i++) {
		const struct plan_need *n = &list->needs[g->first + i];
		ok = in_range(n->first, n->len, list->options_len) &&
		     n->len <= COMPOSE_PER_NEED_MAX;
	}
	for (uint32_t i = 0; ok && i < g->team_len; i++) {
		ok = list->team[g->team_first + i] < list->partners_len;
	}
	return ok;
}

static bool problem_valid(const struct ahead_problem *p, const struct ahead_rules *rules)
{
	const struct plan_problem *list = p->list;
	bool ok = rules->runs > 0 && rules->runs <= AHEAD_RUNS_MAX && rules->days > 0 &&
		  rules->days <= AHEAD_DAYS_MAX && list->groups_len <= PLAN_GROUPS_MAX / 16 &&
		  list->pools_len <= COMPOSE_POOLS_MAX && list->options_len < PLAN_NONE;

	for (size_t i = 0; ok && i < list->groups_len; i++) {
		ok = group_valid(p, i);
	}
	for (size_t i = 0; ok && i < list->options_len; i++) {
		const struct plan_option *o = &list->options[i];
		ok = o->pool < list->pools_len && o->amount <= COMPOSE_AMOUNT_MAX;
	}
	for (size_t i = 0; ok && i < list->pools_len; i++) {
		ok = list->pools[i].partner < list->partners_len;
		for (size_t k = 0; k < AHEAD_POINTS; k++) {
			ok = ok && p->pools[i].stay[k] >= (k == 0 ? 1 : p->pools[i].stay[k - 1]);
		}
	}
	for (size_t i = 0; ok && i < p->stays_len; i++) {
		ok = p->stays[i].pool < list->pools_len;
	}
	return ok;
}

static void work_free(struct ahead_work *w)
{
	void *const all[] = { w->free,    w->opened,   w->entries,    w->endings,    w->ends,
			      w->seen,    w->options,  w->origin,     w->pools,      w->pool_at,
			      w->pool_is, w->partners, w->partner_at, w->partner_is, w->mem,
			      w->opens,   w->reach };

	for (size_t i = 0; i < SK_LEN(all); i++) {
		free(all[i]);
	}
}

static bool work_new(struct ahead_work *w)
{
	const struct plan_problem *list = w->p->list;
	size_t pools = list->pools_len + 1;
	size_t partners = list->partners_len + 1;

	w->free = calloc(pools, sizeof(*w->free));
	w->opened = calloc(pools, sizeof(*w->opened));
	w->words = list->pools_len / 64 + 1;
	w->opens = calloc(w->words, sizeof(*w->opens));
	w->reach = calloc(list->groups_len + 1, w->words * sizeof(*w->reach));
	w->ends = calloc(w->rules->days, sizeof(*w->ends));
	w->seen = calloc(list->needs_len + 1, w->rules->runs * sizeof(*w->seen));
	w->options = calloc(list->options_len + 1, sizeof(*w->options));
	w->origin = calloc(list->options_len + 1, sizeof(*w->origin));
	w->pools = calloc(pools, sizeof(*w->pools));
	w->pool_at = calloc(pools, sizeof(*w->pool_at));
	w->pool_is = calloc(pools, sizeof(*w->pool_is));
	w->partners = calloc(partners, sizeof(*w->partners));
	w->partner_at = calloc(partners, sizeof(*w->partner_at));
	w->partner_is = calloc(partners, sizeof(*w->partner_is));
	return w->free != NULL && w->opened != NULL && w->opens != NULL && w->reach != NULL &&
	       w->ends != NULL && w->seen != NULL && w->options != NULL && w->origin != NULL &&
	       w->pools != NULL && w->pool_at != NULL && w->pool_is != NULL &&
	       w->partners != NULL && w->partner_at != NULL && w->partner_is != NULL;
}

static void reach_fill(struct ahead_work *w)
{
	const struct plan_problem *list = w->p->list;

	for (size_t g = 0; g < list->groups_len; g++) {
		uint64_t *bits = w->reach + g * w->words;
		for (uint32_t i = 0; i < list->groups[g].len; i++) {
			const struct plan_need *n = &list->needs[list->groups[g].first + i];
			for (uint32_t k = n->first; k < n->first + n->len; k++) {
				uint32_t pool = list->options[k].pool;
				bits[pool / 64] |= 1ULL << pool % 64;
			}
		}
	}
}

static int lives(struct ahead_work *w, struct ahead_range *ret_ranges)
{
	const struct plan_problem *list = w->p->list;
	uint32_t runs = w->rules->runs;
	int err = SK_OK;

	reach_fill(w);
	memset(w->seen, 0xff, list->needs_len * runs * sizeof(*w->seen)); /* AHEAD_NEVER */
	for (w->run = 0; err == SK_OK && w->run < runs; w->run++) {
		if (w->rules->stop != NULL && atomic_load(w->rules->stop)) {
			break;
		}
		err = life(w);
	}
	memset(ret_ranges, 0, list->needs_len * sizeof(*ret_ranges));
	for (size_t i = 0; err == SK_OK && i < list->groups_len; i++) {
		const struct plan_group *g = &list->groups[i];
		for (uint32_t k = g->first; w->p->of[i].waits && k < g->first + g->len; k++) {
			ret_ranges[k] = range_of(w->seen + (size_t)k * runs, w->run);
		}
	}
	return err;
}

int ahead_run(const struct ahead_problem *p, const struct ahead_rules *rules,
	      struct ahead_range *ret_ranges)
{
	struct ahead_work w = { .p = p, .rules = rules };

	if (!problem_valid(p, rules)) {
		return SK_EINVAL;
	}
	int err = work_new(&w) ? lives(&w, ret_ranges) : SK_ENOMEM;
	work_free(&w);
	return err;
}
