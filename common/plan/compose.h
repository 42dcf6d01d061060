/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The exact composer of one request: which pool use takes which need (DOMAIN 7, L7).
 *  Objective, in this order: (1) coverage in the lawful order: need 0 first, so an earlier need
 *  is never left open in favour of later ones; (2) least cost: options taken plus the fixed cost
 *  of each distinct pool and of each distinct partner, once; (3) least sum of tie numbers (a
 * lottery); (4) least (pool id, use) of need 0, then of need 1 and so on. So exactly one answer is
 * best, in whatever order the arrays are given. Hard rules: the amounts taken at one pool fit in
 * its free amount; at most team_max partners; needs that belong together are never at two partners,
 * needs that stay apart never at one (when only one of two is seated, both rules are kept); where a
 * lead is asked, a team that seats anybody has a partner that can lead. A veto is simply no option.
 *  The planner of the whole list calls the same function with other costs: this is the seam.
 *  Pure: no store, clock or allocation. Ownership: everything is borrowed for the call. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define COMPOSE_NEEDS_MAX 12U
#define COMPOSE_PER_NEED_MAX 131072U /* options of one need */
#define COMPOSE_PER_POOL_MAX 16U     /* options of one need at one pool */
#define COMPOSE_POOLS_MAX 131072U    /* also the most partners */
#define COMPOSE_PAIRS_MAX 66U        /* of needs that belong together, or stay apart */
#define COMPOSE_AMOUNT_MAX 1000U     /* pool units that one need may take */
#define COMPOSE_TIE_BITS 20
#define COMPOSE_SCRATCH_MAX (128U << 20)
#define COMPOSE_STANDBY_MAX 2U /* stand-by options per seat */
#define COMPOSE_NONE UINT32_MAX

/** One use of one pool that passed all filters for one need; at most one per (need, pool, use). */
struct compose_option {
	uint32_t pool;   /* index in pools */
	uint32_t use;    /* number of the use inside its pool, stable over time */
	uint32_t amount; /* pool units that this need takes there; at most COMPOSE_AMOUNT_MAX */
	uint32_t cost;
	uint32_t tie; /* COMPOSE_TIE_BITS of a keyed hash of (request id, pool id, use) */
	uint8_t need; /* 0 is first in the lawful order */
	bool barred;  /* not to be taken in this run */
};

struct compose_pool {
	uint8_t id[16];   /* distinct; orders what is equal in all else */
	uint32_t partner; /* index in partners */
	uint32_t free;
	uint32_t fixed_cost; /* once for a team that uses it, whatever number of seats */
};

struct compose_partner {
	uint32_t fixed_cost; /* 0 for a partner already around the child */
	bool in_team;        /* holds a seat of this request already: does not count again */
	bool lead; /* can be the lead; one in_team makes the asked lead a matter settled */
};

struct compose_pair {
	uint8_t need[2]; /* two different ones */
};

/** Seats already won are not part of the problem: their amounts are off the free amounts, their
 *  partners are in_team and counted in partners_used. */
struct compose_problem {
	uint32_t needs;         /* at most COMPOSE_NEEDS_MAX */
	uint32_t team_max;      /* most distinct partners of the whole team */
	uint32_t partners_used; /* distinct partners that hold a seat already */
	const struct compose_option *options;
	size_t options_len;
	const struct compose_pool *pools;
	size_t pools_len;
	const struct compose_partner *partners;
	size_t partners_len;
	const struct compose_pair *together; /* same partner */
	size_t together_len;
	const struct compose_pair *apart; /* not the same partner */
	size_t apart_len;
	bool lead; /* the team needs a partner that can lead */
};

/** Memory of the caller, aligned to 16, content undefined before and after. */
struct compose_scratch {
	void *mem;
	size_t bytes;
};

/** Why a need has no seat. The caller knows the filters, so it names what is behind NO_OPTION. */
enum compose_open {
	COMPOSE_SEATED = 0,
	COMPOSE_NO_OPTION = 1, /* no option was offered for it */
	/* no free amount beside the needs that are seated, however many partners there were */
	COMPOSE_NO_CAPACITY = 2,
	/* with more partners it could be seated beside the same needs */
	COMPOSE_TEAM_LIMIT = 4,
	/* were no lead asked, it could be seated beside the same needs */
	COMPOSE_NO_LEAD = 8,
	/* were it not for what belongs together or stays apart, with however many partners */
	COMPOSE_RULE = 16,
};

struct compose_team {
	uint64_t cost; /* options, plus the fixed cost of every pool and partner used, once */
	uint32_t tie;
	uint32_t partners_new;                     /* distinct partners that were not in_team */
	uint32_t option[COMPOSE_NEEDS_MAX];        /* index in options, or COMPOSE_NONE */
	enum compose_open open[COMPOSE_NEEDS_MAX]; /* one reason per need */
	uint16_t covered;                          /* bit i: need i has a seat */
	uint64_t steps; /* of search and table, some ten nanoseconds each: for who counts work */
};

struct compose_standby {
	uint32_t option[COMPOSE_NEEDS_MAX][COMPOSE_STANDBY_MAX]; /* cheapest first */
};

/** Bytes of scratch that compose_run() wants for this problem; grows with the number of options
 *  and 2^needs, and is at most COMPOSE_SCRATCH_MAX. @return SK_EINVAL as compose_run(). */
SK_CHECKED int compose_scratch_bytes(const struct compose_problem *p, size_t *ret_bytes);
/** @return SK_EINVAL for a problem outside its limits, with an index out of range, or with one
 *  pool id or one (need, pool, use) twice; SK_ENOMEM when the scratch is too small or NULL. What
 *  cannot be in a best team is set aside first, by bounds that never cut a tie; tests/bench
 *  (section compose) measures it. Time is bounded: a search that would take too many steps gives
 *  way to a table of 3^needs steps per partner that may still matter. */
SK_CHECKED int compose_run(const struct compose_problem *p, struct compose_scratch scratch,
			   struct compose_team *ret_team);
/** The same answer by the table alone, with nothing set aside: for tests. */
SK_CHECKED int compose_run_plain(const struct compose_problem *p, struct compose_scratch scratch,
				 struct compose_team *ret_team);
/** For each seat of @p team (made by compose_run() of the same problem) the cheapest options at
 *  other pools, two different ones, of other partners, each as if it replaced that seat: amounts
 *  beside the other seats, team size and fixed cost. They hold nothing. */
void compose_standby(const struct compose_problem *p, const struct compose_team *team,
		     struct compose_standby *ret_standby);
