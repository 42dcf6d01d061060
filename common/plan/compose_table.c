/* SPDX-License-Identifier: EUPL-1.2 */
/* What one partner can do: per mask of needs the least key inside one pool, then over all pools of
 * one partner, then the few best partners of each mask. */
#include <string.h>

#include "common/plan/compose_work.h"

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
	const struct compose_key key = fit_key(f);

	return (struct compose_way){
		.key = key_sum(&way->key, &key),
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
	struct compose_key fixed;
};

static struct segments split_run(const struct compose_work *w, const struct compose_run_of *run)
{
	struct segments s = { .fits = &w->fits[run->first] };

	s.fixed.cost_tie = (uint64_t)w->p->pools[run->pool].fixed_cost << KEY_TIE_BITS;
	for (uint32_t i = 0; i < run->len; i++) {
		uint32_t at = w->p->needs - 1 - s.fits[i].need;
		s.first[at] = s.len[at] == 0 ? i : s.first[at];
		s.len[at]++;
		s.can |= 1U << at;
	}
	return s;
}

/* Where the best fit of each need is free beside those of all others, keys just add up.
 * @return false where it is not (pool_tab is then without meaning). */
static bool pool_table_ample(struct compose_work *w, const struct segments *s, uint32_t free)
{
	struct compose_key best[COMPOSE_NEEDS_MAX];
	uint64_t sum = 0;

	for (uint32_t at = 0; at < w->p->needs; at++) {
		uint32_t amount = 0;
		best[at] = key_none;
		for (uint32_t i = 0; i < s->len[at]; i++) {
			const struct compose_fit *f = &s->fits[s->first[at] + i];
			const struct compose_key key = fit_key(f);
			bool less = key_less(&key, &best[at]);
			best[at] = less ? key : best[at];
			amount = less ? f->amount : amount;
		}
		sum += amount;
	}
	if (sum > free) {
		return false;
	}
	w->pool_tab[0] = s->fixed;
	for (uint32_t mask = (0 - s->can) & s->can; mask != 0; mask = (mask - s->can) & s->can) {
		w->pool_tab[mask] = key_none;
		key_relax(&w->pool_tab[mask], &w->pool_tab[mask & (mask - 1)],
			  &best[__builtin_ctz(mask)]);
	}
	return true;
}

/* Masks rise, so between a mask and the one without its lowest need only masks with more needs
 * come: one front per number of needs is enough. */
static void pool_table_tight(struct compose_work *w, const struct segments *s)
{
	w->front[0].way[0] = (struct compose_way){ .key = s->fixed };
	w->front[0].len = 1;
	for (uint32_t mask = (0 - s->can) & s->can; mask != 0; mask = (mask - s->can) & s->can) {
		unsigned at = (unsigned)__builtin_ctz(mask);
		struct compose_front *front = &w->front[mask_count(mask)];
		front->len = 0;
		for (uint32_t i = 0; i < s->len[at]; i++) {
			front_merge(w, front - 1, &s->fits[s->first[at] + i], front);
		}
		w->pool_tab[mask] = front->len > 0 ? front->way[front->len - 1].key : key_none;
	}
}

/* @return the needs that this pool can take. */
static uint32_t pool_table(struct compose_work *w, const struct compose_run_of *run)
{
	struct segments s = split_run(w, run);

	if (!pool_table_ample(w, &s, w->p->pools[run->pool].free)) {
		pool_table_tight(w, &s);
	}
	w->pool_tab[0] = (struct compose_key){ 0 };
	return s.can;
}

/* Joins pool_tab (needs @p can) to part_tab (needs @p have), in place: a larger mask reads only
 * smaller ones, which masks in falling order have not changed yet. */
static void partner_join(struct compose_work *w, uint32_t have, uint32_t can)
{
	uint32_t all = have | can;

	if (have == 0) { /* the first pool, and mostly the only one */
		for (uint32_t mask = can; mask != 0; mask = (mask - 1) & can) {
			w->part_tab[mask] = w->pool_tab[mask];
		}
		w->part_tab[0] = (struct compose_key){ 0 };
		return;
	}
	w->part_tab[0] = (struct compose_key){ 0 };
	for (uint32_t mask = all; mask != 0; mask = (mask - 1) & all) {
		uint32_t forced = mask & ~have; /* no earlier pool can take these */
		uint32_t choice = mask & have & can;
		struct compose_key least = key_none;
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
	enum compose_kind kind = kind_of(w, partner);
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

	for (uint32_t r = w->partner_first[partner]; r < w->partner_first[partner + 1]; r++) {
		if (w->runs[r].len > 0) {
			uint32_t can = pool_table(w, &w->runs[r]);
			partner_join(w, have, can);
			have |= can;
		}
	}
	for (uint32_t mask = have; mask != 0; mask = (mask - 1) & have) {
		struct compose_key key = key_none;
		if (w->never[mask] == 0) {
			key_relax(&key, &w->part_tab[mask], &fixed);
		}
		if (key_exists(&key)) {
			row_insert(w, mask, partner, &key);
		}
	}
}

void compose_rows(struct compose_work *w, bool picked)
{
	uint32_t base = 0;

	for (uint32_t mask = 0; mask < w->masks; mask++) {
		w->row_base[mask] = base;
		base += row_width(w, mask);
	}
	for (size_t i = 0; i < KINDS; i++) {
		memset(w->row_len[i], 0, w->masks);
	}
	for (uint32_t i = 0; i < w->active_len; i++) {
		if (!picked || w->picked[w->active[i]] != 0) {
			partner_rows(w, w->active[i]);
		}
	}
}
