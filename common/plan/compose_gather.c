/* SPDX-License-Identifier: EUPL-1.2 */
/* What fits, laid down by partner and pool, and ranked by the stable ids of what is left. */
#include <string.h>

#include "common/plan/compose_work.h"

static bool item_less(const struct compose_item *a, const struct compose_item *b)
{
	return a->hi != b->hi ? a->hi < b->hi : a->lo < b->lo;
}

static bool items_sorted(const struct compose_item *v, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		if (item_less(&v[i], &v[i - 1])) {
			return false;
		}
	}
	return true;
}

static void items_merge(struct compose_item *to, const struct compose_item *a, size_t a_len,
			size_t b_len)
{
	const struct compose_item *b = a + a_len;
	const struct compose_item *a_end = b;
	const struct compose_item *b_end = b + b_len;

	while (a < a_end || b < b_end) {
		bool take_b = a == a_end || (b < b_end && item_less(b, a));
		*to++ = take_b ? *b++ : *a++;
	}
}

/* Merge sort from the bottom up, between the two buffers; no recursion. */
static void items_sort(struct compose_item *items[2], size_t len)
{
	for (size_t run = 1; run < len && !items_sorted(items[0], len); run *= 2) {
		for (size_t i = 0; i < len; i += 2 * run) {
			size_t a = len - i < run ? len - i : run;
			size_t b = len - i - a < run ? len - i - a : run;
			items_merge(items[1] + i, items[0] + i, a, b);
		}
		struct compose_item *swap = items[0];
		items[0] = items[1];
		items[1] = swap;
	}
}

static uint64_t half_id(const uint8_t *b)
{
	uint64_t v = 0;

	memcpy(&v, b, sizeof(v));
	return __builtin_bswap64(v);
}

static uint32_t slot_of(const struct compose_work *w, const uint8_t *id)
{
	uint64_t mix = half_id(id);

	mix = (mix ^ mix >> 32) * 0x9e3779b97f4a7c15ULL;
	mix ^= half_id(id + 8);
	mix = (mix ^ mix >> 32) * 0xff51afd7ed558ccdULL;
	return (uint32_t)(mix >> 32) & (w->slots_len - 1);
}

/* @return false when two pools have one id. Ids that rise need no look. */
static bool pools_distinct(struct compose_work *w)
{
	const struct compose_pool *pools = w->p->pools;
	size_t len = w->p->pools_len;
	size_t rising = 1;

	while (rising < len && memcmp(pools[rising - 1].id, pools[rising].id, 16) < 0) {
		rising++;
	}
	if (rising >= len) {
		return true;
	}
	memset(w->slots, 0xff, w->slots_len * sizeof(*w->slots));
	for (uint32_t i = 0; i < len; i++) {
		uint32_t at = slot_of(w, pools[i].id);
		while (w->slots[at] != COMPOSE_NONE) {
			if (memcmp(pools[w->slots[at]].id, pools[i].id, 16) == 0) {
				return false;
			}
			at = (at + 1) & (w->slots_len - 1);
		}
		w->slots[at] = i;
	}
	return true;
}

static bool fits_alone(const struct compose_problem *p, const struct compose_option *o)
{
	return !o->barred && o->amount <= p->pools[o->pool].free;
}

/* One run per pool that has fits, partner after partner. pool_run holds the fits of each pool
 * first, then its run. */
static void lay_runs(struct compose_work *w)
{
	const struct compose_problem *p = w->p;
	uint32_t sum = 0;

	memset(w->pool_run, 0, p->pools_len * sizeof(*w->pool_run));
	memset(w->partner_first, 0, (p->partners_len + 1) * sizeof(*w->partner_first));
	for (size_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		w->pool_run[o->pool] += fits_alone(p, o) ? 1 : 0;
	}
	for (size_t i = 0; i < p->pools_len; i++) {
		w->partner_first[p->pools[i].partner] += w->pool_run[i] > 0 ? 1 : 0;
	}
	w->active_len = 0;
	for (uint32_t i = 0; i <= p->partners_len; i++) {
		uint32_t n = w->partner_first[i];
		w->partner_first[i] = sum;
		sum += n;
		if (n > 0) {
			w->active[w->active_len++] = i;
		}
	}
	w->runs_len = sum;
	for (uint32_t i = 0; i < p->pools_len; i++) {
		uint32_t len = w->pool_run[i];
		if (len > 0) {
			uint32_t run = w->partner_first[p->pools[i].partner]++;
			w->runs[run] = (struct compose_run_of){ 0, len, i };
			w->pool_run[i] = run;
		}
	}
	/* each partner's first has moved to its end: that is the first of the next */
	memmove(w->partner_first + 1, w->partner_first, p->partners_len * sizeof(uint32_t));
	w->partner_first[0] = 0;
}

static void lay_fits(struct compose_work *w)
{
	const struct compose_problem *p = w->p;
	uint32_t sum = 0;

	for (uint32_t i = 0; i < w->runs_len; i++) {
		w->runs[i].first = sum;
		sum += w->runs[i].len;
		w->runs[i].len = 0;
	}
	w->fits_len = sum;
	w->reach = 0;
	for (uint32_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		if (!fits_alone(p, o)) {
			continue;
		}
		struct compose_run_of *run = &w->runs[w->pool_run[o->pool]];
		w->fits[run->first + run->len++] = (struct compose_fit){
			.weight = (uint64_t)o->cost << KEY_TIE_BITS | o->tie,
			.option = i,
			.amount = o->amount,
			.need = o->need,
		};
		w->reach |= need_bit(p, o->need);
	}
}

static bool fit_before(const struct compose_work *w, const struct compose_fit *a,
		       const struct compose_fit *b)
{
	if (a->need != b->need) {
		return a->need < b->need;
	}
	return w->p->options[a->option].use < w->p->options[b->option].use;
}

/* Sorts the fits of one pool by (need, use). @return false when one stands twice, or one need has
 * more than the limit. */
static bool run_sorted(const struct compose_work *w, const struct compose_run_of *run)
{
	struct compose_fit *fits = &w->fits[run->first];

	if (run->len > COMPOSE_NEEDS_MAX * COMPOSE_PER_POOL_MAX) {
		return false;
	}
	for (uint32_t i = 1; i < run->len; i++) {
		struct compose_fit f = fits[i];
		uint32_t at = i;
		for (; at > 0 && fit_before(w, &f, &fits[at - 1]); at--) {
			fits[at] = fits[at - 1];
		}
		if (at > 0 && !fit_before(w, &fits[at - 1], &f)) {
			return false;
		}
		fits[at] = f;
	}
	for (uint32_t i = COMPOSE_PER_POOL_MAX; i < run->len; i++) {
		if (fits[i].need == fits[i - COMPOSE_PER_POOL_MAX].need) {
			return false;
		}
	}
	return true;
}

int compose_gather(struct compose_work *w)
{
	if (!pools_distinct(w)) {
		return SK_EINVAL;
	}
	lay_runs(w);
	lay_fits(w);
	for (uint32_t i = 0; i < w->runs_len; i++) {
		if (!run_sorted(w, &w->runs[i])) {
			return SK_EINVAL;
		}
	}
	return SK_OK;
}

void compose_rank(struct compose_work *w)
{
	uint32_t counts[COMPOSE_NEEDS_MAX] = { 0 };
	uint32_t len = 0;

	for (uint32_t i = 0; i < w->runs_len; i++) {
		const struct compose_run_of *run = &w->runs[i];
		const uint8_t *id = w->p->pools[run->pool].id;
		for (uint32_t f = 0; f < run->len; f++) {
			counts[w->fits[run->first + f].need]++;
		}
		if (run->len > 0) {
			w->items[0][len++] =
				(struct compose_item){ half_id(id), half_id(id + 8), i };
		}
	}
	items_sort(w->items, len);
	w->rank_base[0] = 0;
	for (uint32_t i = 0; i < w->p->needs; i++) {
		w->rank_base[i + 1] = w->rank_base[i] + counts[i];
		counts[i] = 0;
	}
	for (uint32_t i = 0; i < len; i++) {
		const struct compose_run_of *run = &w->runs[w->items[0][i].at];
		for (uint32_t f = run->first; f < run->first + run->len; f++) {
			uint32_t need = w->fits[f].need;
			w->fits[f].rank = counts[need]++;
			w->by_rank[w->rank_base[need] + w->fits[f].rank] = w->fits[f].option;
		}
	}
}
