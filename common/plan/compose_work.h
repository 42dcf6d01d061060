/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside of the composer, shared by its own files only: compose.c (check, set-up,
 *  result), compose_table.c (what one partner can do) and compose_team.c (who does what).
 *  A mask holds need i in bit (needs - 1 - i): the larger number is the better coverage. */
#include "common/plan/compose.h"

#define KEY_TIE_BITS 24 /* the sum of COMPOSE_NEEDS_MAX tie numbers fits */
#define KEY_ID_BITS 12  /* the rank of one option among those of its need */
/* Twice the sum of all costs of a team stays below 2^62, and twice this fits in 64 bits. */
#define KEY_NONE_COST (1ULL << 62)

/** The whole objective of a set of seats with one coverage, as one number that adds up: cost and
 *  lottery, then per need the rank of its option. Needs have own bits, so disjoint sets are added
 *  without carry, two keys are never equal, and a key can be read back as the seats it stands
 *  for. */
struct compose_key {
	uint64_t cost_tie;
	uint64_t ids_hi; /* needs 0 to 4, need 0 highest */
	uint64_t ids_lo; /* needs 5 to 9 */
};

/** An option whose amount is free at its pool. */
struct compose_fit {
	struct compose_key key;
	uint32_t option;
	uint32_t amount;
	uint32_t bit; /* of its need */
};

/** The fits of one pool: a run in the array of fits, by need. */
struct compose_run_of {
	uint32_t first;
	uint32_t len;
	uint32_t pool;
	uint32_t next; /* the next run of the same partner, or COMPOSE_NONE */
};

/** Amount and key of one way to seat a set of needs in one pool; a front holds those that no
 *  other beats in both, by rising amount. */
struct compose_way {
	struct compose_key key;
	uint32_t amount;
};
struct compose_front {
	struct compose_way *way;
	uint32_t len;
};

/** One partner that takes exactly the needs of a mask. */
struct compose_block {
	struct compose_key key;
	uint32_t who; /* the partner while in a row, the mask once grouped by partner */
};

struct compose_item {
	uint64_t hi;
	uint64_t lo;
	uint32_t at;
};

struct compose_work {
	const struct compose_problem *p;
	uint32_t masks; /* 2^needs */
	uint32_t reach; /* needs with at least one fit */
	uint32_t front_max;
	uint32_t team_free;            /* partners that may still join */
	struct compose_item *items[2]; /* what is sorted, and where it is merged to */
	uint32_t *pool_rank;           /* place of each pool in the order of ids */
	struct compose_fit *fits;
	uint32_t fits_len;
	uint32_t *by_rank; /* options of need i by rank, from rank_base[i] */
	uint32_t rank_base[COMPOSE_NEEDS_MAX + 1];
	struct compose_run_of *runs;
	uint32_t *partner_run; /* first run per partner, or COMPOSE_NONE */
	struct compose_front front[COMPOSE_NEEDS_MAX + 2]; /* per number of needs; last is spare */
	struct compose_key *pool_tab;                      /* per mask: best of one pool */
	struct compose_key *part_tab;                      /* per mask: best of one partner */
	uint32_t *row_base;                                /* per mask: its row in rows */
	uint8_t *row_len[2];
	struct compose_block *rows[2]; /* per mask the best partners: not in the team yet, in it */
	uint32_t *block_end;           /* per partner: end of its blocks */
	struct compose_block *blocks;
	struct compose_key *best; /* [mask][new partners] */
};

static inline bool key_exists(const struct compose_key *k)
{
	return k->cost_tie < KEY_NONE_COST;
}

static inline bool key_less(const struct compose_key *a, const struct compose_key *b)
{
	if (a->cost_tie != b->cost_tie) {
		return a->cost_tie < b->cost_tie;
	}
	return a->ids_hi != b->ids_hi ? a->ids_hi < b->ids_hi : a->ids_lo < b->ids_lo;
}

/** Puts a + b into @p least where it is less; both may be absent, which never is less. */
static inline void key_relax(struct compose_key *least, const struct compose_key *a,
			     const struct compose_key *b)
{
	uint64_t cost_tie = a->cost_tie + b->cost_tie;

	if (cost_tie > least->cost_tie || cost_tie >= KEY_NONE_COST) {
		return;
	}
	const struct compose_key sum = { cost_tie, a->ids_hi + b->ids_hi, a->ids_lo + b->ids_lo };
	if (key_less(&sum, least)) {
		*least = sum;
	}
}

static inline uint32_t mask_count(uint32_t mask)
{
	return (uint32_t)__builtin_popcount(mask);
}

/** How many partners are worth keeping for a mask: beside a block of these needs at most needs -
 *  count others exist, so among one more than that one is always free, and cheaper than any that
 *  follows. */
static inline uint32_t row_width(const struct compose_work *w, uint32_t mask)
{
	uint32_t others = w->p->needs - mask_count(mask);

	return others + 1 < w->p->partners_len ? others + 1 : (uint32_t)w->p->partners_len;
}

/** Sorts the options that fit, ranks them, and chains the runs of each partner.
 *  @return SK_EINVAL when a pool id stands twice, or among those that fit a (need, pool, use), or
 *  more than COMPOSE_PER_POOL_MAX of one need and pool. */
SK_CHECKED int compose_gather(struct compose_work *w);
/** Fills rows with the best partners of each mask. */
void compose_rows(struct compose_work *w);
/** Fills best: per mask and number of new partners the least key. With @p capped false all
 *  partners count as in the team and only the first column is used. */
void compose_teams(struct compose_work *w, bool capped);
