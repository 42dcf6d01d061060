/* SPDX-License-Identifier: EUPL-1.2 */
/* What one partner can do: fits by pool, then per mask of needs the least key inside one pool,
 * then over all pools of one partner, then the few best partners of each mask. */
#include <string.h>

#include "common/plan/compose_work.h"

static const struct compose_key no_key = { .cost_tie = KEY_NONE_COST };

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

/* Merge sort from the bottom up, between the two buffers; no recursion. Callers mostly read their
 * uses in the order of ids, so the usual cost is one look. @return false when two items are
 * equal. */
static bool items_sort(struct compose_item *items[2], size_t len)
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
	for (size_t i = 1; i < len; i++) {
		if (!item_less(&items[0][i - 1], &items[0][i])) {
			return false;
		}
	}
	return true;
}

static uint64_t half_id(const uint8_t *b)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++) {
		v = v << 8 | b[i];
	}
	return v;
}

/* @return false when two pools have one id. */
static bool rank_pools(struct compose_work *w)
{
	const struct compose_problem *p = w->p;

	for (uint32_t i = 0; i < p->pools_len; i++) {
		const uint8_t *id = p->pools[i].id;
		w->items[0][i] = (struct compose_item){ half_id(id), half_id(id + 8), i };
	}
	if (!items_sort(w->items, p->pools_len)) {
		return false;
	}
	for (uint32_t i = 0; i < p->pools_len; i++) {
		w->pool_rank[w->items[0][i].at] = i;
	}
	return true;
}

/* Leaves the options that fit alone in items[0], sorted by (pool, need, use). @return false when
 * one stands twice, or one need has more of them at one pool than the limit. */
static bool sort_fits(struct compose_work *w, uint32_t *ret_len)
{
	const struct compose_problem *p = w->p;
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		if (o->amount <= p->pools[o->pool].free) {
			uint64_t hi = (uint64_t)w->pool_rank[o->pool] << 8 | o->need;
			w->items[0][n++] = (struct compose_item){ hi, o->use, i };
		}
	}
	if (!items_sort(w->items, n)) {
		return false;
	}
	for (uint32_t i = COMPOSE_PER_POOL_MAX; i < n; i++) {
		if (w->items[0][i].hi == w->items[0][i - COMPOSE_PER_POOL_MAX].hi) {
			return false;
		}
	}
	*ret_len = n;
	return true;
}

static struct compose_key option_key(const struct compose_option *o, uint64_t rank)
{
	struct compose_key key = { .cost_tie = (uint64_t)o->cost << KEY_TIE_BITS | o->tie };

	if (o->need < COMPOSE_NEEDS_MAX / 2) {
		key.ids_hi = rank << (4U - o->need) * KEY_ID_BITS;
	} else {
		key.ids_lo = rank << (9U - o->need) * KEY_ID_BITS;
	}
	return key;
}

static void add_fit(struct compose_work *w, uint32_t option, uint32_t rank)
{
	const struct compose_option *o = &w->p->options[option];
	struct compose_fit *f = &w->fits[w->fits_len++];

	f->key = option_key(o, rank);
	f->option = option;
	f->amount = o->amount;
	f->bit = 1U << (w->p->needs - 1 - o->need);
	w->by_rank[w->rank_base[o->need] + rank] = option;
	w->reach |= f->bit;
}

static void chain_runs(struct compose_work *w)
{
	const struct compose_problem *p = w->p;
	uint32_t runs = 0;

	for (size_t i = 0; i < p->partners_len; i++) {
		w->partner_run[i] = COMPOSE_NONE;
	}
	for (uint32_t i = 0; i < w->fits_len; i++) {
		uint32_t pool = p->options[w->fits[i].option].pool;
		if (runs == 0 || w->runs[runs - 1].pool != pool) {
			uint32_t *head = &w->partner_run[p->pools[pool].partner];
			w->runs[runs] = (struct compose_run_of){ i, 0, pool, *head };
			*head = runs++;
		}
		w->runs[runs - 1].len++;
	}
}

int compose_gather(struct compose_work *w)
{
	uint32_t counts[COMPOSE_NEEDS_MAX] = { 0 };
	uint32_t n = 0;

	if (!rank_pools(w) || !sort_fits(w, &n)) {
		return SK_EINVAL;
	}
	for (uint32_t i = 0; i < n; i++) {
		counts[w->p->options[w->items[0][i].at].need]++;
	}
	w->rank_base[0] = 0;
	for (uint32_t i = 0; i < w->p->needs; i++) {
		w->rank_base[i + 1] = w->rank_base[i] + counts[i];
		counts[i] = 0;
	}
	w->fits_len = 0;
	w->reach = 0;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t option = w->items[0][i].at;
		add_fit(w, option, counts[w->p->options[option].need]++);
	}
	chain_runs(w);
	return SK_OK;
}

static void front_append(struct compose_front *f, const struct compose_way *way, uint32_t max)
{
	if (f->len > 0 && !key_less(&way->key, &f->way[f->len - 1].key)) {
		return; /* one that takes no more is as good */
	}
	SK_ASSERT(f->len < max);
	f->way[f->len++] = *way;
}

static struct compose_way way_plus(const struct compose_way *way, const struct compose_fit *f)
{
	return (struct compose_way){
		.key = { way->key.cost_tie + f->key.cost_tie, way->key.ids_hi + f->key.ids_hi,
			 way->key.ids_lo + f->key.ids_lo },
		.amount = way->amount + f->amount,
	};
}

/* to = what is best of @p have and of @p from with @p f added, within the free amount. */
static void front_merge(struct compose_work *w, const struct compose_front *from,
			const struct compose_fit *f, struct compose_front *have)
{
	struct compose_front *spare = &w->front[COMPOSE_NEEDS_MAX + 1];
	uint32_t free = w->p->pools[w->p->options[f->option].pool].free;
	uint32_t i = 0;
	uint32_t j = 0;

	spare->len = 0;
	while (j < from->len && from->way[j].amount <= free - f->amount) {
		struct compose_way b = way_plus(&from->way[j], f);
		const struct compose_way *a = &have->way[i];
		bool take_a = i < have->len &&
			      (a->amount < b.amount ||
			       (a->amount == b.amount && key_less(&a->key, &b.key)));
		front_append(spare, take_a ? a : &b, w->front_max);
		i += take_a ? 1 : 0;
		j += take_a ? 0 : 1;
	}
	for (; i < have->len; i++) {
		front_append(spare, &have->way[i], w->front_max);
	}
	struct compose_front swap = *have;
	*have = *spare;
	*spare = swap;
}

/* The fits of one pool by need: those of the need in bit i are fits[first[i]], len[i] of them. */
struct segments {
	const struct compose_fit *fits;
	uint32_t first[COMPOSE_NEEDS_MAX];
	uint32_t len[COMPOSE_NEEDS_MAX];
	uint32_t can; /* needs with at least one */
};

static struct segments split_run(const struct compose_work *w, const struct compose_run_of *run)
{
	struct segments s = { .fits = &w->fits[run->first] };

	for (uint32_t i = 0; i < run->len; i++) {
		unsigned at = (unsigned)__builtin_ctz(s.fits[i].bit);
		s.first[at] = s.len[at] == 0 ? i : s.first[at];
		s.len[at]++;
		s.can |= s.fits[i].bit;
	}
	return s;
}

/* Where the best fit of each need is free beside those of all others, keys just add up.
 * @return false where it is not (pool_tab is then without meaning). */
static bool pool_table_ample(struct compose_work *w, const struct segments *s, uint32_t free)
{
	const struct compose_fit *best[COMPOSE_NEEDS_MAX] = { NULL };
	uint64_t sum = 0;

	for (uint32_t at = 0; at < w->p->needs; at++) {
		for (uint32_t i = 0; i < s->len[at]; i++) {
			const struct compose_fit *f = &s->fits[s->first[at] + i];
			bool less = best[at] == NULL || key_less(&f->key, &best[at]->key);
			best[at] = less ? f : best[at];
		}
		sum += best[at] == NULL ? 0 : best[at]->amount;
	}
	w->pool_tab[0] = (struct compose_key){ 0 };
	for (uint32_t mask = (0 - s->can) & s->can; mask != 0; mask = (mask - s->can) & s->can) {
		w->pool_tab[mask] = no_key;
		key_relax(&w->pool_tab[mask], &w->pool_tab[mask & (mask - 1)],
			  &best[__builtin_ctz(mask)]->key);
	}
	return sum <= free;
}

/* Masks rise, so between a mask and the one without its lowest need only masks with more needs
 * come: one front per number of needs is enough. */
static void pool_table_tight(struct compose_work *w, const struct segments *s)
{
	w->front[0].way[0] = (struct compose_way){ .amount = 0 };
	w->front[0].len = 1;
	for (uint32_t mask = (0 - s->can) & s->can; mask != 0; mask = (mask - s->can) & s->can) {
		unsigned at = (unsigned)__builtin_ctz(mask);
		struct compose_front *front = &w->front[mask_count(mask)];
		front->len = 0;
		for (uint32_t i = 0; i < s->len[at]; i++) {
			front_merge(w, front - 1, &s->fits[s->first[at] + i], front);
		}
		w->pool_tab[mask] = front->len > 0 ? front->way[front->len - 1].key : no_key;
	}
}

/* @return the needs that this pool can take. */
static uint32_t pool_table(struct compose_work *w, const struct compose_run_of *run)
{
	struct segments s = split_run(w, run);

	if (!pool_table_ample(w, &s, w->p->pools[run->pool].free)) {
		pool_table_tight(w, &s);
	}
	return s.can;
}

/* Joins pool_tab (needs @p can) to part_tab (needs @p have), in place: a larger mask reads only
 * smaller ones, which masks in falling order have not changed yet. */
static void partner_join(struct compose_work *w, uint32_t have, uint32_t can)
{
	uint32_t all = have | can;

	w->part_tab[0] = (struct compose_key){ 0 };
	for (uint32_t mask = all; mask != 0; mask = (mask - 1) & all) {
		uint32_t forced = mask & ~have; /* no earlier pool can take these */
		uint32_t choice = mask & have & can;
		struct compose_key least = no_key;
		uint32_t sub = choice;
		do {
			uint32_t here = forced | sub;
			key_relax(&least, &w->part_tab[mask ^ here], &w->pool_tab[here]);
			sub = (sub - 1) & choice;
		} while (sub != choice);
		w->part_tab[mask] = least;
	}
}

static void row_insert(struct compose_work *w, uint32_t mask, uint32_t partner,
		       const struct compose_key *key)
{
	unsigned kind = w->p->partners[partner].in_team ? 1 : 0;
	struct compose_block *row = w->rows[kind] + w->row_base[mask];
	uint8_t *len = &w->row_len[kind][mask];
	uint32_t at = *len;

	if (at == row_width(w, mask)) {
		at--;
		if (!key_less(key, &row[at].key)) {
			return;
		}
	} else {
		(*len)++;
	}
	for (; at > 0 && key_less(key, &row[at - 1].key); at--) {
		row[at] = row[at - 1];
	}
	row[at] = (struct compose_block){ *key, partner };
}

static void partner_rows(struct compose_work *w, uint32_t partner)
{
	const struct compose_key fixed = {
		.cost_tie = (uint64_t)w->p->partners[partner].fixed_cost << KEY_TIE_BITS,
	};
	uint32_t have = 0;

	for (uint32_t r = w->partner_run[partner]; r != COMPOSE_NONE; r = w->runs[r].next) {
		uint32_t can = pool_table(w, &w->runs[r]);
		partner_join(w, have, can);
		have |= can;
	}
	for (uint32_t mask = have; mask != 0; mask = (mask - 1) & have) {
		struct compose_key key = no_key;
		key_relax(&key, &w->part_tab[mask], &fixed);
		if (key_exists(&key)) {
			row_insert(w, mask, partner, &key);
		}
	}
}

void compose_rows(struct compose_work *w)
{
	uint32_t base = 0;

	for (uint32_t mask = 0; mask < w->masks; mask++) {
		w->row_base[mask] = base;
		base += row_width(w, mask);
	}
	memset(w->row_len[0], 0, w->masks);
	memset(w->row_len[1], 0, w->masks);
	for (uint32_t i = 0; i < w->p->partners_len; i++) {
		if (w->partner_run[i] != COMPOSE_NONE) {
			partner_rows(w, i);
		}
	}
}
