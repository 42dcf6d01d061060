/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside of the composer, shared by its own files only: compose.c (check, set-up, result),
 *  compose_gather.c (what fits, by partner), compose_prune.c (what cannot matter is set aside),
 *  compose_table.c (what one partner can do), compose_bound.c (the least that a team can cost, and
 *  the search), compose_team.c (the table of teams, where the search gives up).
 *  A mask holds need i in bit (needs - 1 - i): the larger number is the better coverage. */
#include "common/plan/bits.h"
#include "common/plan/compose.h"

#define KEY_TIE_BITS 24 /* the sum of COMPOSE_NEEDS_MAX tie numbers fits */
#define KEY_ID_BITS 20  /* the rank of one option among those of its need */
#define KEY_IDS 3U      /* ranks in one word */
#define KEY_WORDS 4U
/* Twice the sum of all costs of a team stays below 2^62, and twice this fits in 64 bits. */
#define KEY_NONE_COST (1ULL << 62)

/** The whole objective of a set of seats with one coverage, as one number that adds up: cost and
 *  lottery, then per need the rank of its option. Needs have own bits, so disjoint sets are added
 *  without carry, and a key can be read back as the seats it stands for. */
struct compose_key {
	uint64_t cost_tie;
	uint64_t ids[KEY_WORDS]; /* need 0 highest */
};

/** An option whose amount is free at its pool. */
struct compose_fit {
	uint64_t weight; /* cost and lottery, as in a key */
	uint32_t option;
	uint32_t amount;
	uint32_t rank; /* 0 until compose_rank() */
	uint32_t need;
};

/** The fits of one pool: a run in the array of fits, by need and use. */
struct compose_run_of {
	uint32_t first;
	uint32_t len;
	uint32_t pool;
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

#define JOINS_NEVER 0x80U

/** The fewest new partners of a team; JOINS_NEVER or more: there is none. */
struct compose_joins {
	uint8_t any;
	uint8_t led; /* when one of them can lead */
};

struct compose_item {
	uint64_t hi;
	uint64_t lo;
	uint32_t at;
};

/** Partners of one kind can stand in for each other. */
enum compose_kind {
	KIND_NEW = 0,
	KIND_LEAD = 1, /* new, and can lead: used only where a lead is asked */
	KIND_INSIDE = 2,
	KINDS = 3,
};

struct compose_work {
	const struct compose_problem *p;
	uint32_t masks; /* 2^needs */
	uint32_t reach; /* needs with at least one fit */
	uint32_t front_max;
	uint32_t team_free; /* partners that may still join */
	bool lead;          /* somebody who joins must be able to lead */
	bool leads;         /* it was asked so at first: the tables are made for it */
	bool plain;
	struct compose_item *items[2]; /* what is sorted, and where it is merged to */
	uint32_t *slots;               /* of a hash table of pools */
	uint32_t slots_len;
	uint32_t *pool_run; /* per pool its run */
	struct compose_fit *fits;
	uint32_t fits_len;
	uint32_t *by_rank; /* options of need i by rank, from rank_base[i] */
	uint32_t rank_base[COMPOSE_NEEDS_MAX + 1];
	struct compose_run_of *runs; /* by partner */
	uint32_t runs_len;
	uint32_t *partner_first; /* per partner its first run; one more at the end */
	uint32_t *active;        /* partners that have runs */
	uint32_t active_len;
	uint8_t *picked; /* per partner: one of those that a first team is made of */
	uint16_t *mates; /* per mask: needs that belong to some of it, beyond it */
	uint8_t *never;  /* per mask: holds two needs that stay apart */
	struct compose_front front[COMPOSE_NEEDS_MAX + 2]; /* per number of needs; last is spare */
	struct compose_key *pool_tab;                      /* per mask: best of one pool */
	struct compose_key *part_tab;                      /* per mask: best of one partner */
	uint32_t *row_base;                                /* per mask: its row in rows */
	uint8_t *row_len[KINDS];
	struct compose_block *rows[KINDS]; /* per mask the best partners */
	uint8_t *row_live[KINDS];          /* how many of them still matter */
	uint64_t *least;                   /* see compose_least() */
	struct compose_key *bound;         /* see bound_at() */
	uint32_t steps_left;               /* of the search */
	uint64_t table_steps;
	uint32_t *block_end; /* per partner: end of its blocks */
	struct compose_block *blocks;
	struct compose_key *best;    /* [mask][lead or not][new partners] */
	struct compose_joins *joins; /* per mask */
};

static const struct compose_key key_none = { .cost_tie = KEY_NONE_COST };

static inline bool key_exists(const struct compose_key *k)
{
	return k->cost_tie < KEY_NONE_COST;
}

static inline bool key_less(const struct compose_key *a, const struct compose_key *b)
{
	if (a->cost_tie != b->cost_tie) {
		return a->cost_tie < b->cost_tie;
	}
	for (uint32_t i = 0; i < KEY_WORDS; i++) {
		if (a->ids[i] != b->ids[i]) {
			return a->ids[i] < b->ids[i];
		}
	}
	return false;
}

static inline struct compose_key key_sum(const struct compose_key *a, const struct compose_key *b)
{
	struct compose_key sum = { .cost_tie = a->cost_tie + b->cost_tie };

	for (uint32_t i = 0; i < KEY_WORDS; i++) {
		sum.ids[i] = a->ids[i] + b->ids[i];
	}
	return sum;
}

/** Puts a + b into @p least where it is less; both may be absent, which never is less. */
static inline void key_relax(struct compose_key *least, const struct compose_key *a,
			     const struct compose_key *b)
{
	uint64_t cost_tie = a->cost_tie + b->cost_tie;

	if (cost_tie > least->cost_tie || cost_tie >= KEY_NONE_COST) {
		return;
	}
	const struct compose_key sum = key_sum(a, b);
	if (key_less(&sum, least)) {
		*least = sum;
	}
}

static inline struct compose_key fit_key(const struct compose_fit *f)
{
	struct compose_key key = { .cost_tie = f->weight };

	key.ids[f->need / KEY_IDS] = (uint64_t)f->rank
				     << (KEY_IDS - 1 - f->need % KEY_IDS) * KEY_ID_BITS;
	return key;
}

static inline uint32_t mask_count(uint32_t mask)
{
	return bits_count(mask);
}

static inline uint32_t need_bit(const struct compose_problem *p, uint32_t need)
{
	return 1U << (p->needs - 1 - need);
}

/** How many partners are worth keeping for a mask: beside a block of these needs at most needs -
 *  count others exist, so among one more than that one is always free, and cheaper than any that
 *  follows. */
static inline uint32_t row_width(const struct compose_work *w, uint32_t mask)
{
	uint32_t others = w->p->needs - mask_count(mask);

	return others + 1 < w->p->partners_len ? others + 1 : (uint32_t)w->p->partners_len;
}

static inline enum compose_kind kind_of(const struct compose_work *w, uint32_t partner)
{
	if (w->p->partners[partner].in_team) {
		return KIND_INSIDE;
	}
	return w->leads && w->p->partners[partner].lead ? KIND_LEAD : KIND_NEW;
}

/** Columns of a mask in the tables of teams: new partners, without and with a lead. */
static inline uint32_t team_columns(const struct compose_work *w)
{
	return (w->team_free + 1) * (w->lead ? 2 : 1);
}

/** The least key of needs @p mask with at most @p joins new partners, one of whom can lead where
 *  @p lead asks it; a partner may stand in it twice, so no team has less. Of the parts of the mask
 *  that compose_search() was last asked about. */
static inline struct compose_key *bound_at(const struct compose_work *w, uint32_t mask, bool lead,
					   uint32_t joins)
{
	return &w->bound[(size_t)mask * team_columns(w) + (lead ? w->team_free + 1 : 0) + joins];
}

/** Lays what fits down by partner and pool. @return SK_EINVAL when a pool id stands twice, or
 *  among those that fit a (need, pool, use), or more than COMPOSE_PER_POOL_MAX of one need and
 *  pool. */
SK_CHECKED int compose_gather(struct compose_work *w);
/** Ranks what is left by (pool id, use), per need. */
void compose_rank(struct compose_work *w);
/** At each partner and need sets aside what as many better pools could do as there are needs. */
void compose_prune_partners(struct compose_work *w);
/** Marks partners that a good first team is likely made of. @return false when there are so few
 *  partners that all are. */
bool compose_pick(struct compose_work *w);
/** Sets aside what is in no team of all needs in reach that weighs at most @p most. */
void compose_prune_pairs(struct compose_work *w, uint64_t most);
/** Fills rows with the best partners of each mask, of all or of the picked ones. */
void compose_rows(struct compose_work *w, bool picked);
/** Fills least: the cost and lottery of bound_at(), for all masks, by all rows; nothing is left out
 *  of them then. */
void compose_least(struct compose_work *w);
/** @return false when there is surely no team of exactly @p mask. */
bool compose_possible(const struct compose_work *w, uint32_t mask);
/** A good team of exactly @p mask, by least alone, without a way back. @return false when it found
 *  none; there may be one. */
bool compose_dive(struct compose_work *w, uint32_t mask, struct compose_key *ret_key);
/** Leaves in the rows what may be in a team of @p mask that weighs at most @p most. */
void compose_limit(struct compose_work *w, uint32_t mask, uint64_t most);

enum compose_found {
	COMPOSE_ABSENT = 0, /* no team has exactly this coverage */
	COMPOSE_FOUND = 1,
	COMPOSE_UNSURE = 2, /* out of steps; the key is the best seen, if it exists */
};
/** The best team of exactly @p mask by what is left in the rows, when it is less than @p ret_key,
 *  a team that is known or key_none. */
enum compose_found compose_search(struct compose_work *w, uint32_t mask,
				  struct compose_key *ret_key);
/** Fills best: per mask, lead and number of new partners the least key. */
void compose_teams(struct compose_work *w);
/** Fills joins: which coverages there are, by all rows. */
void compose_joins(struct compose_work *w);
