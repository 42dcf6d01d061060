/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Work of large.c, shared by its parts: bound (large_bound.c), answer in hand and search
 *  (large_seat.c, large_search.c), branch and bound (large_tree.c). Money inside is int64_t.
 *  The parts solve one question: least cost, where each need may stay open at its `open` price. */
#include "common/plan/large.h"

#define LG_NONE LARGE_NONE
#define LG_FREE (LARGE_NONE - 1U) /* a need that the tree has not settled */
#define LG_SHIFT 8                /* prices are in 256ths */
#define LG_CELLS 4096U /* hours of an offer in a knapsack; more are scaled, rounding down */
#define LG_ROWS (UINT32_C(1) << 20) /* cells of tables with a row an option */
#define LG_ONE 1024                 /* shares are in 1,024ths */
#define LG_INF (INT64_MAX / 4)

struct lg_undo {
	uint32_t need, seat;
};

/* The answer in hand. */
struct lg_seats {
	uint32_t *seat; /* per need: option or LG_NONE */
	int64_t *left;  /* hours left, per offer; below 0: too many */
	uint32_t *in_offer, *in_partner;
	uint32_t team, leads, over, broken, seated; /* over: offers; broken: pairs */
	int64_t cost;
	struct lg_undo *log;
	size_t log_len;
};

enum lg_trail_kind { LG_OFF, LG_FIXED, LG_OFFER_OPEN, LG_PARTNER_OPEN, LG_LEFT };
struct lg_trail {
	enum lg_trail_kind kind;
	uint32_t at;
	int64_t was;
};

struct lg {
	uint32_t needs, options, offers, partners, team_max;
	bool lead;
	/* options, in the order of need and offer */
	uint32_t *o_need, *o_offer, *o_hours, *o_orig, *o_small; /* small: hours, scaled */
	int64_t *o_cost;
	uint32_t *need_first;                /* needs + 1 */
	uint32_t *offer_first, *by_offer;    /* offers + 1; options */
	uint32_t *offer_end;                 /* in by_offer and by_worth: all behind it are off */
	uint32_t *live_offer, *live_partner; /* those that can still have a seat */
	uint32_t live_offers, live_partners;
	uint32_t *partner, *hours, *scale;
	int64_t *offer_cost;
	uint32_t *partner_first, *by_partner;
	int64_t *partner_cost;
	bool *is_lead;
	bool *held;         /* per partner: in the team from the start, open in all nodes */
	uint32_t team_held; /* how many are */
	uint32_t *pair_first, *mate; /* per need; the top bit of a mate: apart */
	int64_t *open;
	bool fixed_costs; /* any offer or partner costs something */
	bool one_each;    /* each partner has one offer */

	/* the tree: what is settled in the node at hand */
	bool *off;
	uint32_t *fixed;
	bool *offer_open, *partner_open;
	uint32_t *room;     /* hours left beside what is fixed */
	uint32_t team_open; /* partners that are open */
	int64_t base;       /* of what is fixed */
	uint32_t *alive;    /* options left, per need */
	struct lg_trail *trail;
	size_t trail_len, trail_cap;

	/* the relaxation at the prices */
	int64_t *price, *best_price, *root_price; /* root: where the last root bound ended */
	int32_t *step;                            /* direction, per need */
	int32_t *times;                           /* seats, per need */
	bool *x;
	int64_t *offer_raw, *partner_raw, lead_more;
	bool *offer_in, *partner_in;
	int16_t *x_share, *offer_share, *partner_share;
	int64_t *dp, *rows;      /* tables of hours */
	int32_t *small;          /* the same, in 32 bits */
	int64_t *lift;           /* per option: what its offer loses when it goes the other way */
	int64_t *enter, *leave;  /* per offer */
	uint64_t asked, cell;    /* hours that must be seated, 0: no matter; hours of a cell */
	uint32_t *usable, *outs; /* per offer: hours that can be used; those that win nothing */
	size_t rows_len;         /* cells of rows and of small */
	uint64_t *take;
	uint32_t *item, *slot,
		*by_worth; /* by_worth: as by_offer; what is worth most an hour first */
	uint32_t *order;

	struct lg_seats now;
	uint32_t *best; /* seats */
	int64_t best_cost;
	uint32_t zoom_want[2];  /* how much of the answer a part is, see large_zoom.c */
	uint32_t *queue, *rank; /* rank: options of each need, the likely ones first */

	uint64_t seed;
	const atomic_bool *stop;
	uint32_t nodes;
	uint64_t work, work_max; /* counted, in about a nanosecond each */
	int64_t bound;
};

struct lg_subgradient {
	uint32_t rounds;
	uint32_t seek_every; /* 0: no answers are sought on the way */
	int32_t alpha;       /* in 1,024ths */
	uint32_t patience;   /* rounds without progress until steps are shorter */
};

uint64_t lg_random(struct lg *g);
static inline uint32_t lg_below(struct lg *g, uint32_t n)
{
	return (uint32_t)(((lg_random(g) >> 32) * n) >> 32);
}
static inline bool lg_stopped(const struct lg *g)
{
	return g->stop != NULL && atomic_load(g->stop);
}
static inline uint32_t lg_partner_of(const struct lg *g, uint32_t option)
{
	return g->partner[g->o_offer[option]];
}
/* What a seat there is worth at the present prices. */
static inline int64_t lg_win(const struct lg *g, uint32_t option)
{
	return g->price[g->o_need[option]] - (g->o_cost[option] << LG_SHIFT);
}

static inline bool lg_spent(const struct lg *g)
{
	return lg_stopped(g) || g->work >= g->work_max;
}

/* large.c */
/** With @p p: its costs. Without: nothing costs but what is open. */
void lg_set_costs(struct lg *g, const struct large_problem *p);
/** Nothing is settled; the best answer so far is priced anew. */
void lg_begin(struct lg *g);

/* large_cover.c */
/** A problem in which nothing binds but "each need once", and only offers and partners cost, is a
 * set cover: solved as that. @return false: it is none, or there is no memory; nothing is changed.
 */
bool lg_cover(struct lg *g, const struct large_problem *p);

/* large_load.c */
bool lg_sound(const struct large_problem *p);
struct lg *lg_alloc(const struct large_problem *p);
void lg_free(struct lg *g);
/** All but costs. @return SK_OK; SK_EINVAL: an option twice; SK_ENOMEM. */
SK_CHECKED int lg_fill(struct lg *g, const struct large_problem *p,
		       const struct large_rules *rules);

/* large_knap.c */
/** The best of an offer at the present prices: what it takes stands in x. @return its gain. */
int64_t lg_knap(struct lg *g, uint32_t offer);

/* large_lift.c */
/** For each option of the offer that is not off: by how much the gain falls at the least when the
 *  option goes the other way than lg_knap() had it at these prices. Stands in lift. */
void lg_lifts(struct lg *g, uint32_t offer);

/* large_open.c */
/** What is asked and can be given, for lg_open_more(); once options are set aside. */
void lg_ask_hours(struct lg *g);
/** The offers in, of those that win nothing at the present prices, but whose hours are needed.
 *  @return what they cost; LG_INF: all together have too little. */
int64_t lg_open_more(struct lg *g);
/** For each offer, in enter and leave: by how much the bound rises at the least when the offer is
 *  in, or out. */
void lg_open_lifts(struct lg *g);

/* large_bound.c */
/** A bound of the node at hand, in 256ths, at the present prices; LG_INF: nothing is lawful. */
int64_t lg_relax(struct lg *g);
/** @return the best bound in whole points; LG_INF: there is no better answer than the best in hand.
 *  Prices stay at the best, and what the bound shows is set aside or settled. */
int64_t lg_bound(struct lg *g, struct lg_subgradient how);
/** What cannot be in a better answer is set aside, and what is in each is settled, by the
 *  relaxation at the present prices. @return false: there is no better answer. */
bool lg_reduce(struct lg *g, int64_t relaxed);

/* large_seat.c */
void lg_put(struct lg *g, uint32_t need, uint32_t seat);
void lg_back(struct lg *g, size_t mark);
bool lg_lawful(const struct lg *g);
bool lg_fits(const struct lg *g, uint32_t option);
uint32_t lg_cheapest(struct lg *g, uint32_t need, uint32_t avoid_offer);
uint32_t lg_option_at(const struct lg *g, uint32_t need, uint32_t offer);
void lg_load(struct lg *g, const uint32_t *seat);
void lg_keep(struct lg *g); /* the best so far, if it is that */

/* large_search.c */
void lg_rank(struct lg *g);
void lg_from_relaxed(struct lg *g);
void lg_anneal(struct lg *g, uint64_t moves);

/* large_ruin.c */
/** Seats the first @p n of the queue, an offer at a time. */
void lg_insert(struct lg *g, uint32_t n, uint32_t avoid_offer);
void lg_ruin(struct lg *g);

/* large_zoom.c */
/** Parts of the best answer anew, until so much work is done. What is settled stays as it is.
 *  Without memory: nothing is sought. */
void lg_zoom(struct lg *g, uint64_t until);

/* large_compact.c */
/** Options that are set aside for good leave the arrays, unless the best answer has them. The trail
 *  begins anew: what is settled cannot be unwound. */
void lg_compact(struct lg *g);
/** Until lg_widen(): what is off stands behind offer_end, so that rounds pass it by. */
void lg_narrow(struct lg *g);
void lg_widen(struct lg *g);
/** All offers and partners that have an option are live. */
void lg_live(struct lg *g);

/* large_tree.c */
bool lg_fix(struct lg *g, uint32_t option); /* false: nothing lawful is left */
bool lg_drop(struct lg *g, uint32_t option);
bool lg_close(struct lg *g, uint32_t offer);
bool lg_force(struct lg *g, uint32_t offer);
void lg_unwind(struct lg *g, size_t mark);
void lg_settle(struct lg *g); /* needs without options are open */
/** Looks at up to @p nodes; what it settles is taken back. */
void lg_tree(struct lg *g, uint32_t nodes);
