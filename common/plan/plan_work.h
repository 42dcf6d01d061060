/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside of the plan of the list, shared by its own files only: plan.c (course and result),
 *  plan_canon.c (check, and the problem in an order of its own), plan_rule.c (pairs and lead),
 *  plan_room.c (up to twelve needs, by the composer), plan_team.c (one group), plan_deep.c (a large
 * one, whole), plan_state.c (a plan in the making), plan_price.c (prices and bound), plan_bound.c
 * (tolls and a tighter bound), plan_law.c (the order), plan_repair.c (ruin and recreate) and
 * plan_column.c (a few groups at once, by teams that were composed before).
 * Everything works on the canonical problem: pools by id, partners by their first pool, options by
 * (pool, use); what can have no seat at all is not in it. So storage order and requests that nobody
 * can help change nothing, by construction. */
#include "common/plan/compose.h"
#include "common/plan/plan.h"

#define PLAN_FINE_BITS 24 /* costs below 2 to that are reckoned in parts of a point */
#define PLAN_TOLLS 3U     /* in the place of halves of the prices: tolls */
#define PLAN_RUIN_MAX 8U  /* groups that one move takes out */

struct plan_work;
struct plan_columns;

enum plan_slot {
	SLOT_INSERT,
	SLOT_BOUND,
	SLOT_LAW,
	SLOT_LIFTED,
	SLOT_FORCED,
	SLOT_HAD,
	SLOT_HAS = SLOT_HAD + PLAN_RUIN_MAX,
	SLOTS = SLOT_HAS + PLAN_RUIN_MAX,
};

struct canon_option {
	uint32_t pool;
	uint32_t use;
	uint32_t amount;
	uint32_t weight; /* what it is priced by: the amount, or of a large pool its 65,535ths */
	uint32_t cost;
	uint32_t tie;
	uint32_t need;
	uint32_t origin; /* index in the options of the problem */
};

struct canon_need {
	uint32_t first, len;
	uint32_t penalty;
	uint32_t group;
	uint32_t origin;
	/* No plan of least value pays more for its seat: the penalty, or where its seat may bring
	 * the lead, the penalties of all the group. */
	uint64_t worth;
};

struct canon_group {
	uint32_t first, len;
	uint32_t team_max;
	uint32_t team_first, team_len; /* in team[] of the work */
	uint32_t team_used;            /* distinct partners that hold a seat, known here or not */
	uint32_t pair_first;           /* in pairs[] of the work, by need: together, then apart */
	uint32_t together_len, apart_len;
	bool lead; /* one is asked, and nobody in the team is one yet */
};

struct canon_pair {
	uint32_t need[2]; /* their places in the group, the first below the second */
};

/** A plan in the making. What is taken of a pool is a chain of needs through next and prev. */
struct plan_state {
	uint32_t *seat; /* per need: option, or PLAN_NONE */
	uint32_t *left; /* per pool */
	uint32_t *head; /* per pool: a need that holds of it */
	uint32_t *next, *prev;
	uint32_t *open;    /* needs without a seat, in no order that means anything */
	uint32_t *open_at; /* per need: where it is in open */
	uint32_t open_len;
	uint64_t *group_cost;
	uint64_t cost;
	uint64_t missing; /* penalties of open needs */
};

/** Room for one group as the composer wants it. */
struct plan_room {
	struct compose_option *options;
	uint32_t *origin; /* per option: canonical option, or PLAN_NONE */
	size_t options_len;
	struct compose_pool *pools;
	uint32_t pools_len;
	struct compose_partner *partners;
	uint32_t *partner_is; /* canonical partner */
	uint32_t partners_len;
	struct compose_pair pairs[2][COMPOSE_PAIRS_MAX]; /* together, apart: those that bind now */
	uint32_t pairs_len[2];
	uint32_t nobodies; /* pools and partners that stand for staying open come first */
	bool any;          /* some need has an option */
	bool large;        /* an amount is more than the composer takes */
	bool rounded; /* amounts were rounded, and sets that fit may be taken as such that do not */
	/* Of the group in hand, what has a seat already: those that hold this number. */
	uint32_t inside;
	uint32_t *inside_pool, *inside_partner;
	uint32_t *inside_units; /* per pool, where it is inside */
	uint32_t *pool_at;      /* per canonical pool: its place here, or PLAN_NONE */
	uint32_t *partner_at;   /* per canonical partner */
	void *mem;
	size_t mem_bytes;
};

struct plan_work {
	const struct plan_problem *p;
	const struct plan_rules *rules;
	struct canon_group *groups;
	uint32_t groups_len;
	struct canon_need *needs;
	uint32_t needs_len;
	struct canon_option *options;
	uint32_t options_len;
	uint32_t *free;    /* per pool */
	uint32_t *weights; /* per pool: free, as its options are weighed */
	uint32_t *partner; /* per pool */
	uint32_t *pool_origin;
	uint32_t *pool_is; /* per pool of the problem: canonical */
	uint32_t pools_len;
	uint32_t *pool_cost;
	uint32_t *partner_cost;
	uint32_t *partner_is; /* per partner of the problem: canonical, or PLAN_NONE */
	bool *leads;          /* per partner */
	uint32_t partners_len;
	struct canon_pair *pairs;
	uint32_t pairs_len;
	uint32_t scale; /* of prices and priced costs: so many to a point */
	uint32_t *team;
	uint32_t *could_first; /* per pool: begin of its run in could */
	uint32_t *could;       /* options by pool, and there by need */
	uint64_t base;         /* penalties of needs that can have no seat at all */

	uint32_t *price;     /* per pool, sixteenths for a unit */
	uint32_t *toll;      /* per option: its toll at the best bound, sixteenths; NULL: none */
	uint32_t *price_top; /* per pool: there nobody takes of it any more */
	struct plan_state now;
	struct plan_room room;
	uint32_t *units;   /* per pool: scratch of who counts what a group may take */
	uint32_t *seats;   /* see plan_seats() */
	uint32_t deep_len; /* groups that plan_is_deep() */
	uint64_t deep;     /* of compositions now: see plan_ask */
	bool law;          /* as the rules say, but for try_free() */
	bool shallow;      /* one of them was more than large.h takes, and keeps its parts */
	uint64_t work;     /* of all compositions so far, each 2 to the number of its needs */
	uint32_t group_most, group_least;   /* needs of the largest and the smallest group */
	uint32_t *seen_pool, *seen_partner; /* scratch: what has the last stamp was seen */
	uint32_t stamp;
	uint8_t *dirty; /* per group: it may be against the order */
	bool rose;      /* plan_make_lawful() seated somebody that was open */
	uint32_t *best; /* per need: the best plan so far */
	uint64_t best_value;
	uint64_t bound;  /* without base */
	uint64_t target; /* value of the least plan seen, lawful or not */
	uint64_t seed;
	uint32_t rounds;
	struct plan_columns *columns; /* NULL: none are kept */
};

static inline uint64_t plan_draw(struct plan_work *w)
{
	uint64_t z = w->seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline uint32_t plan_upto(struct plan_work *w, uint32_t below)
{
	return (uint32_t)((plan_draw(w) >> 32) * below >> 32);
}

/** Of the plan in hand. */
static inline uint64_t plan_value(const struct plan_work *w)
{
	return w->now.cost + w->now.missing;
}

/** Units of the pool that the group in hand has. */
static inline uint32_t plan_inside(const struct plan_work *w, uint32_t pool)
{
	return w->room.inside_pool[pool] == w->room.inside ? w->room.inside_units[pool] : 0;
}

/** Room for the seats of any one group; who uses which says the number. */
static inline uint32_t *plan_seats(const struct plan_work *w, enum plan_slot slot)
{
	return w->seats + (size_t)slot * w->group_most;
}

static inline bool plan_stopped(const struct plan_work *w)
{
	return w->rules->stop != NULL && atomic_load_explicit(w->rules->stop, memory_order_relaxed);
}

/* plan_canon.c */
SK_CHECKED int plan_canon(struct plan_work *w);
/** Memory, zeroed, for @p count of @p size, or of one when there are none; NULL when there is none.
 */
void *plan_array(size_t count, size_t size);

/* plan_rule.c */
SK_CHECKED int plan_canon_rules(struct plan_work *w);
/** Whether need @p at of the group could sit at the option beside these seats of its group,
 * whatever amounts are there. */
bool plan_may_sit(struct plan_work *w, uint32_t group, const uint32_t *seat, uint32_t at,
		  uint32_t option);

/** The pairs alone. */
bool plan_pairs_allow(const struct plan_work *w, const struct canon_group *g, const uint32_t *seat,
		      uint32_t at, uint32_t partner);

struct plan_ask {
	uint32_t group;
	const uint32_t *units; /* per pool: what it may take there */
	const uint32_t *toll;  /* per option, in place of the prices; NULL: none */
	uint32_t halves;       /* how much of the prices counts: 0 none, 1 half, 2 all */
	uint32_t blinks;       /* of 64 options that many are not seen, by the draw */
	uint64_t deep;         /* work for the group where it is deep; 0: not deep */
	bool open_costs;       /* a need may stay open for its penalty; else coverage comes first */
	bool bound; /* only what it costs at least matters: then no team has less, and what is
		     * wanted may break a rule between parts, or an amount */
};
struct plan_team {
	uint32_t *seat; /* per need of the group, the caller's: option, or PLAN_NONE */
	uint64_t cost;  /* priced, with penalties; of a bound only */
};

/* plan_room.c */
enum plan_fate { FATE_FREE, FATE_OPEN, FATE_SEATED };
/** Up to twelve needs of a group, beside those of it that have a seat. */
struct plan_part {
	uint32_t group;
	uint32_t from, len;   /* needs, by their place in the group */
	uint32_t shares;      /* it pays one of so many of what partners and pools cost */
	uint32_t team_used;   /* distinct partners that hold a seat */
	bool lead;            /* one is asked yet */
	const uint32_t *seat; /* of the whole group; NULL: none to keep rules with */
	uint8_t fate[COMPOSE_NEEDS_MAX];
};
struct part_team {
	uint32_t seat[COMPOSE_NEEDS_MAX];
	uint64_t cost;
	bool found;   /* with penalties: each need has a fate that is possible */
	bool rounded; /* amounts were; there may be a seat yet */
};
SK_CHECKED int plan_compose_part(struct plan_work *w, const struct plan_ask *ask,
				 const struct plan_part *part, struct part_team *ret_team);
uint64_t plan_priced(const struct plan_work *w, const struct plan_ask *ask, uint32_t option);

/* plan_team.c */
SK_CHECKED int plan_team(struct plan_work *w, const struct plan_ask *ask,
			 struct plan_team *ret_team);
/** Seats open needs of the group one by one, the first in the order first, where that breaks no
 *  rule. */
void plan_complete(struct plan_work *w, const struct plan_ask *ask, uint32_t *seat);

/* plan_deep.c */
/** Whether the group is composed whole where there is work for it. */
bool plan_is_deep(const struct plan_work *w, uint32_t group);
/** Per share of the work that a plan has for that, what each such group gets. */
void plan_deepen(struct plan_work *w, uint32_t share);
/** How often all such groups may be composed with little work, and at most that often. */
uint32_t plan_deep_times(const struct plan_work *w, uint32_t most);
/** Whether the only group there is was composed whole: prices and repair have nothing to say. */
bool plan_is_alone(const struct plan_work *w);
/** Whether only one group can take of the pool, whose price then says nothing. */
bool plan_is_private(const struct plan_work *w, uint32_t pool);
/** @param io_team  what is known of it: of a bound the cost only rises. */
SK_CHECKED int plan_team_whole(struct plan_work *w, const struct plan_ask *ask,
			       struct plan_team *io_team);

/* plan_state.c */
SK_CHECKED int plan_state_new(struct plan_state *s, const struct plan_work *w);
void plan_state_free(struct plan_state *s);
/** Takes all seats of the group away. */
void plan_lift(struct plan_work *w, uint32_t group);
/** Gives the group, which has none, these seats. */
void plan_put(struct plan_work *w, uint32_t group, const uint32_t *seat);
/** Composes the group, which has no seats, of what is left, and seats it. */
SK_CHECKED int plan_insert(struct plan_work *w, uint32_t group, uint32_t halves, uint32_t blinks);
/** Everybody, in the order, from nothing. */
SK_CHECKED int plan_insert_all(struct plan_work *w, uint32_t halves);
void plan_lift_all(struct plan_work *w);
uint64_t plan_cost_of(struct plan_work *w, uint32_t group, const uint32_t *seat);
/** Keeps the plan in hand when it is better than the best. */
void plan_keep_best(struct plan_work *w);
/** Puts the best plan in hand. */
void plan_recall(struct plan_work *w);

/* plan_price.c */
/** Whether rounds that solve every group end here: so much work is enough, however few rounds. */
bool plan_tired(const struct plan_work *w, uint64_t work_before, uint32_t rounds);
SK_CHECKED int plan_prices(struct plan_work *w);

/* plan_bound.c */
/** Raises the bound, by rounds of its own. */
SK_CHECKED int plan_tighten(struct plan_work *w);

/* plan_law.c */
/** Something of @p pool came free by a change of @p group: those behind may want it. */
void plan_dirty(struct plan_work *w, uint32_t pool, uint32_t group);
/** Makes the plan lawful again, from the front to the back; coverage only rises by it. */
SK_CHECKED int plan_make_lawful(struct plan_work *w);

/* plan_column.c */
/** From now on teams are kept; none where the order holds, or where there is no room for a few. */
SK_CHECKED int plan_columns_new(struct plan_work *w);
void plan_columns_free(struct plan_work *w);
/** Keeps the team, if it is one that the group may have, among the best of the group. */
void plan_column_add(struct plan_work *w, const struct plan_ask *ask, const uint32_t *seat);
/** Moves that give a few groups, all at once, what costs least together of the teams kept. */
SK_CHECKED int plan_columns(struct plan_work *w);

/* plan_repair.c */
/** An exponential draw, in 256ths: about -log2 of a number between 0 and 1. */
uint64_t plan_patience(struct plan_work *w);
SK_CHECKED int plan_repair(struct plan_work *w);
/** The few moves in which large groups are composed whole. */
SK_CHECKED int plan_repair_deep(struct plan_work *w);
