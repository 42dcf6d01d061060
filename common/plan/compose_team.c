/* SPDX-License-Identifier: EUPL-1.2 */
/* Who does what: a team is a set of disjoint blocks of distinct partners. Partners are added one
 * by one; per mask and number of new partners only the least key is kept, and the key holds the
 * seats. */
#include "common/plan/compose_work.h"

/* Of the row of a mask, how many may matter: beside one new partner at most team_free - 1 others
 * join, so one of the team_free cheapest is always free to replace it. */
static uint32_t row_use(const struct compose_work *w, unsigned kind, uint32_t mask, bool capped)
{
	uint32_t len = w->row_len[kind][mask];

	return kind == 0 && capped && len > w->team_free ? w->team_free : len;
}

static void count_blocks(struct compose_work *w, bool capped)
{
	for (size_t i = 0; i < w->p->partners_len; i++) {
		w->block_end[i] = 0;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < 2; kind++) {
			const struct compose_block *row = w->rows[kind] + w->row_base[mask];
			uint32_t n = row_use(w, kind, mask, capped);
			for (uint32_t i = 0; i < n; i++) {
				w->block_end[row[i].who]++;
			}
		}
	}
}

/* Regroups the rows by partner. First block_end holds where the blocks of a partner begin; each
 * block that is put down moves it on, so that it ends at their end. */
static void group_blocks(struct compose_work *w, bool capped)
{
	uint32_t sum = 0;

	count_blocks(w, capped);
	for (size_t i = 0; i < w->p->partners_len; i++) {
		uint32_t n = w->block_end[i];
		w->block_end[i] = sum;
		sum += n;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < 2; kind++) {
			const struct compose_block *row = w->rows[kind] + w->row_base[mask];
			uint32_t n = row_use(w, kind, mask, capped);
			for (uint32_t i = 0; i < n; i++) {
				uint32_t at = w->block_end[row[i].who]++;
				w->blocks[at] = (struct compose_block){ row[i].key, mask };
			}
		}
	}
}

/* The partner takes @p block on top of a best team of the rest of @p mask. */
static void add_block(struct compose_work *w, const struct compose_block *block, uint32_t mask,
		      uint32_t joins)
{
	uint32_t columns = w->team_free + 1;
	uint32_t rest = mask ^ block->who;
	const struct compose_key *from = &w->best[rest * columns];
	struct compose_key *to = &w->best[mask * columns];
	uint32_t most = mask_count(rest); /* each new partner takes a need */

	for (uint32_t n = 0; n <= most && n + joins <= w->team_free; n++) {
		key_relax(&to[n + joins], &from[n], &block->key);
	}
}

/* In falling order a mask reads only smaller ones, which this partner has not changed yet: so a
 * partner is used at most once. */
static void add_partner(struct compose_work *w, uint32_t first, uint32_t end, uint32_t joins)
{
	for (uint32_t mask = w->reach; mask != 0; mask = (mask - 1) & w->reach) {
		for (uint32_t i = first; i < end; i++) {
			if ((w->blocks[i].who & ~mask) == 0) {
				add_block(w, &w->blocks[i], mask, joins);
			}
		}
	}
}

void compose_teams(struct compose_work *w, bool capped)
{
	uint32_t cells = w->masks * (w->team_free + 1);
	uint32_t first = 0;

	group_blocks(w, capped);
	for (uint32_t i = 0; i < cells; i++) {
		w->best[i] = (struct compose_key){ .cost_tie = KEY_NONE_COST };
	}
	w->best[0] = (struct compose_key){ 0 };
	for (size_t i = 0; i < w->p->partners_len; i++) {
		uint32_t joins = capped && !w->p->partners[i].in_team ? 1 : 0;
		if (first < w->block_end[i]) {
			add_partner(w, first, w->block_end[i], joins);
		}
		first = w->block_end[i];
	}
}
