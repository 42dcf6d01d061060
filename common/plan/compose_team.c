/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of teams: a team is a set of disjoint blocks of distinct partners. Partners are added
 * one by one; per mask, lead and number of new partners only the least key is kept, and the key
 * holds the seats. */
#include "common/plan/compose_work.h"

/* Beside one new partner at most team_free - 1 others join, so one of the team_free cheapest of a
 * kind is always free to replace it; not when @p any number may join. */
static uint32_t row_use(const struct compose_work *w, unsigned kind, uint32_t mask, bool any)
{
	uint32_t len = any ? w->row_len[kind][mask] : w->row_live[kind][mask];

	return !any && kind != KIND_INSIDE && len > w->team_free ? w->team_free : len;
}

static void count_blocks(struct compose_work *w, bool any)
{
	for (size_t i = 0; i < w->p->partners_len; i++) {
		w->block_end[i] = 0;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			const struct compose_block *row = w->rows[kind] + w->row_base[mask];
			uint32_t n = row_use(w, kind, mask, any);
			for (uint32_t i = 0; i < n; i++) {
				w->block_end[row[i].who]++;
			}
		}
	}
}

static void put_row(struct compose_work *w, unsigned kind, uint32_t mask, bool any)
{
	const struct compose_block *row = w->rows[kind] + w->row_base[mask];
	uint32_t n = row_use(w, kind, mask, any);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = w->block_end[row[i].who]++;
		w->blocks[at] = (struct compose_block){ row[i].key, mask };
	}
}

/* Regroups the rows by partner. First block_end holds where the blocks of a partner begin; each
 * block that is put down moves it on, so that it ends at their end. */
static void group_blocks(struct compose_work *w, bool any)
{
	uint32_t sum = 0;

	count_blocks(w, any);
	for (size_t i = 0; i < w->p->partners_len; i++) {
		uint32_t n = w->block_end[i];
		w->block_end[i] = sum;
		sum += n;
	}
	for (uint32_t mask = 1; mask < w->masks; mask++) {
		for (unsigned kind = 0; kind < KINDS; kind++) {
			put_row(w, kind, mask, any);
		}
	}
}

/** What a partner of that kind changes when it takes @p block on top of the rest of @p mask. */
typedef void add_fn(struct compose_work *w, const struct compose_block *block, uint32_t mask,
		    enum compose_kind kind);

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

	for (uint32_t n = 0; n <= most && n + joins <= w->team_free; n++) {
		uint32_t leads = w->lead && kind == KIND_LEAD ? led : 0;
		key_relax(&to[n + joins + leads], &from[n], &block->key);
		if (w->lead) {
			key_relax(&to[n + joins + led], &from[n + led], &block->key);
		}
	}
}

/* The fewest partners that join. */
static void add_joins(struct compose_work *w, const struct compose_block *block, uint32_t mask,
		      enum compose_kind kind)
{
	const struct compose_joins *from = &w->joins[mask ^ block->who];
	struct compose_joins *to = &w->joins[mask];
	uint32_t more = kind == KIND_INSIDE ? 0 : 1;
	uint32_t any = from->any + more;
	uint32_t led = (kind == KIND_LEAD ? from->any : from->led) + more;

	to->any = any < to->any ? (uint8_t)any : to->any;
	to->led = led < to->led ? (uint8_t)led : to->led;
}

/* In falling order a mask reads only smaller ones, which this partner has not changed yet: so a
 * partner is used at most once. */
static void add_partner(struct compose_work *w, uint32_t first, uint32_t end, add_fn *add,
			enum compose_kind kind)
{
	if (end - first == 1) {
		const struct compose_block *b = &w->blocks[first];
		uint32_t beside = w->reach & ~b->who & ~(uint32_t)w->mates[b->who];
		uint32_t sub = beside;
		do {
			add(w, b, b->who | sub, kind);
			sub = (sub - 1) & beside;
		} while (sub != beside);
		return;
	}
	for (uint32_t mask = w->reach; mask != 0; mask = (mask - 1) & w->reach) {
		for (uint32_t i = first; i < end; i++) {
			const struct compose_block *b = &w->blocks[i];
			if ((b->who & ~mask) == 0 && (w->mates[b->who] & (mask ^ b->who)) == 0) {
				add(w, b, mask, kind);
			}
		}
	}
}

static void add_partners(struct compose_work *w, add_fn *add)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < w->p->partners_len; i++) {
		if (first < w->block_end[i]) {
			add_partner(w, first, w->block_end[i], add, kind_of(w, i));
		}
		first = w->block_end[i];
	}
}

void compose_teams(struct compose_work *w)
{
	uint32_t cells = w->masks * team_columns(w);

	group_blocks(w, false);
	for (uint32_t i = 0; i < cells; i++) {
		w->best[i] = key_none;
	}
	w->best[0] = (struct compose_key){ 0 };
	add_partners(w, add_block);
}

void compose_joins(struct compose_work *w)
{
	group_blocks(w, true);
	for (uint32_t i = 0; i < w->masks; i++) {
		w->joins[i] = (struct compose_joins){ JOINS_NEVER, JOINS_NEVER };
	}
	w->joins[0].any = 0;
	add_partners(w, add_joins);
}
