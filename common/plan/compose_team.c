/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of teams: a team is a set of disjoint blocks of distinct partners. Partners are added
 * one by one; per mask, lead and number of new partners only the least key is kept, and the key
 * holds the seats. */
#include "common/plan/compose_work.h"

/* Beside one new partner at most team_free - 1 others join, so one of the team_free cheapest of a
 * kind is always free to replace it. */
static uint32_t row_use(const struct compose_work *w, unsigned kind, uint32_t mask)
{
	uint32_t len = w->row_len[kind][mask];

	return kind != KIND_INSIDE && len > w->team_free ? w->team_free : len;
}

/* Can a team with this block be as good as the one that is known? */
static bool block_matters(const struct compose_work *w, unsigned kind, uint32_t mask,
			  const struct compose_key *key)
{
	struct compose_key least = key_none;
	uint32_t joins = kind == KIND_INSIDE ? 0 : 1;

	if (w->limit_mask == 0) {
		return true;
	}
	if ((mask & ~w->limit_mask) != 0 || joins > w->team_free) {
		return false;
	}
	key_relax(&least, key, bound_at(w, w->limit_mask ^ mask, false, w->team_free - joins));
	return key_exists(&least) && !key_less(&w->limit, &least);
}

static void count_blocks(struct compose_work *w)
{
	for (size_t i = 0; i < w->p->partners_len; i++) {
		w->block_end[i] = 0;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			const struct compose_block *row = w->rows[kind] + w->row_base[mask];
			uint32_t n = row_use(w, kind, mask);
			for (uint32_t i = 0; i < n; i++) {
				bool matters = block_matters(w, kind, mask, &row[i].key);
				w->block_end[row[i].who] += matters ? 1 : 0;
			}
		}
	}
}

static void put_row(struct compose_work *w, unsigned kind, uint32_t mask)
{
	const struct compose_block *row = w->rows[kind] + w->row_base[mask];
	uint32_t n = row_use(w, kind, mask);

	for (uint32_t i = 0; i < n; i++) {
		if (block_matters(w, kind, mask, &row[i].key)) {
			uint32_t at = w->block_end[row[i].who]++;
			w->blocks[at] = (struct compose_block){ row[i].key, mask };
		}
	}
}

/* Regroups the rows by partner. First block_end holds where the blocks of a partner begin; each
 * block that is put down moves it on, so that it ends at their end. */
static void group_blocks(struct compose_work *w)
{
	uint32_t sum = 0;

	count_blocks(w);
	for (size_t i = 0; i < w->p->partners_len; i++) {
		uint32_t n = w->block_end[i];
		w->block_end[i] = sum;
		sum += n;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			put_row(w, kind, mask);
		}
	}
}

/* The partner takes @p block on top of a best team of the rest of @p mask. */
static void add_block(struct compose_work *w, const struct compose_block *block, uint32_t mask,
		      enum compose_kind kind)
{
	uint32_t columns = team_columns(w);
	uint32_t rest = mask ^ block->who;
	const struct compose_key *from = &w->best[(size_t)rest * columns];
	struct compose_key *to = &w->best[(size_t)mask * columns];
	uint32_t joins = kind == KIND_INSIDE ? 0 : 1;
	uint32_t most = mask_count(rest); /* each new partner takes a need */
	uint32_t led = w->team_free + 1;

	if ((w->mates[block->who] & rest) != 0) {
		return;
	}
	for (uint32_t n = 0; n <= most && n + joins <= w->team_free; n++) {
		uint32_t leads = w->lead && kind == KIND_LEAD ? led : 0;
		key_relax(&to[n + joins + leads], &from[n], &block->key);
		if (w->lead) {
			key_relax(&to[n + joins + led], &from[n + led], &block->key);
		}
	}
}

/* In falling order a mask reads only smaller ones, which this partner has not changed yet: so a
 * partner is used at most once. */
static void add_partner(struct compose_work *w, uint32_t first, uint32_t end,
			enum compose_kind kind)
{
	if (end - first == 1) {
		uint32_t beside = w->reach & ~w->blocks[first].who;
		uint32_t sub = beside;
		do {
			add_block(w, &w->blocks[first], w->blocks[first].who | sub, kind);
			sub = (sub - 1) & beside;
		} while (sub != beside);
		return;
	}
	for (uint32_t mask = w->reach; mask != 0; mask = (mask - 1) & w->reach) {
		for (uint32_t i = first; i < end; i++) {
			if ((w->blocks[i].who & ~mask) == 0) {
				add_block(w, &w->blocks[i], mask, kind);
			}
		}
	}
}

void compose_teams(struct compose_work *w)
{
	uint32_t cells = w->masks * team_columns(w);
	uint32_t first = 0;

	group_blocks(w);
	for (uint32_t i = 0; i < cells; i++) {
		w->best[i] = key_none;
	}
	w->best[0] = (struct compose_key){ 0 };
	for (uint32_t i = 0; i < w->p->partners_len; i++) {
		if (first < w->block_end[i]) {
			add_partner(w, first, w->block_end[i], kind_of(w, i));
		}
		first = w->block_end[i];
	}
}
