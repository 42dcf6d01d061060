/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The plan of the whole list: which need on it gets which free amount, so that more are
 *  helped inside the lawful order (DOMAIN 6 and 7, L7; method and evidence: MATCHING 4.2).
 *  A plan is lawful when no open need could be seated, all its hard rules kept and the other seats
 *  of its group as they are, with what is free or with what groups behind it were given.
 *  Hard rules of a seat: the amount fits; the team has room for the partner; of two needs that
 *  belong together and are both seated the partner is one, of two that stay apart it is not; and
 *  where a lead is asked, one who can lead is in the team or comes with this very seat.
 *  Objective with the law: (1) coverage, lexicographic in the order: a need in front is never left
 *  open for any number behind it; (2) least cost. Without the law: least cost, where an open need
 *  costs its penalty. Prices belong to the hours of an offer, never to a need or a child.
 *  Pure: a function of problem, prices, seed and rounds; never of seconds, threads or addresses.
 *  Storage order of pools, partners and options changes nothing. Blocks: for its rounds; meant for
 *  a thread of its own. Ownership: the problem is borrowed for the call, the result is
 *  plan_free()'s. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define PLAN_GROUPS_MAX 65536U
#define PLAN_GROUP_NEEDS_MAX 1024U /* more than COMPOSE_NEEDS_MAX are composed part by part */
#define PLAN_AMOUNT_MAX 1000000000U
#define PLAN_PAIRS_MAX 66U                         /* of one group, each kind, each pair once */
#define PLAN_COST_MAX 1000000000U                  /* of an option, a pool and a partner */
#define PLAN_PENALTY_MAX (3U * PLAN_COST_MAX + 1U) /* dearer than all of a seat */
#define PLAN_PRICE_SCALE 16U /* prices are in sixteenths of a point for one unit of a pool */
#define PLAN_NONE UINT32_MAX

/** One use of one pool that passed all hard rules for one need, but the free amount. */
struct plan_option {
	uint32_t pool;
	uint32_t use;    /* number of the use inside its pool; orders what is equal in all else */
	uint32_t amount; /* units that this need takes there */
	uint32_t cost;
	uint32_t tie; /* COMPOSE_TIE_BITS of a keyed hash of (request id, pool id, use) */
};

struct plan_need {
	uint32_t first, len; /* its options */
	uint32_t penalty;    /* of leaving it open: for value, bound and gap, and without the law */
};

/** Needs of one request with one place in the order: composed together, one team. */
struct plan_group {
	uint32_t first, len; /* its needs, in the lawful order; at most PLAN_GROUP_NEEDS_MAX */
	uint32_t team_max;
	uint32_t team_first, team_len; /* in team[]: partners that hold a seat of it already */
	uint32_t pair_first, pair_len; /* in pairs[] */
	bool lead; /* who seats anybody of it needs a partner that can lead, new or already there */
};

/** Two different needs of one group. When only one of them is seated, both rules are kept. */
struct plan_pair {
	uint32_t need[2];
	bool apart; /* never at one partner; else together: never at two */
};

struct plan_pool {
	uint8_t id[16]; /* distinct */
	uint32_t partner;
	uint32_t free;
	uint32_t fixed_cost; /* once for a team that uses it, whatever number of seats */
};

struct plan_problem {
	const struct plan_group *groups; /* in the lawful order */
	size_t groups_len;
	const struct plan_need *needs;
	size_t needs_len;
	const struct plan_option *options;
	size_t options_len;
	const struct plan_pool *pools;
	size_t pools_len;
	const uint32_t
		*partner_cost; /* fixed cost of each partner in a team that it is not in yet */
	size_t partners_len;
	const uint32_t *team; /* partners */
	size_t team_len;
	const struct plan_pair *pairs;
	size_t pairs_len;
	const bool *leads; /* per partner: can be the lead; NULL: nobody can */
};

struct plan_rules {
	bool law;
	uint64_t seed;
	/* Rounds are fewer where groups are large: what is counted is work, never seconds. */
	uint32_t price_rounds;  /* each solves every group once */
	uint32_t bound_rounds;  /* after the prices; each too. Tighten the bound and steer repair */
	uint32_t repair_rounds; /* ruin and recreate */
	/* For groups of more than COMPOSE_NEEDS_MAX needs, or with pairs or a lead, to be composed
	 * whole (large.h): about a nanosecond each, for the whole plan; 0: part by part only. */
	uint64_t deep_work;
	const uint32_t *prices;  /* of each pool, to begin with; NULL: none */
	const atomic_bool *stop; /* NULL: none. Once true the best plan so far is given soon */
};

struct plan_result {
	uint32_t *seat;  /* per need: index in options, or PLAN_NONE */
	uint32_t *price; /* per pool; to begin with the next time */
	size_t needs_len, pools_len;
	uint64_t cost;  /* options, and each pool and partner once in each team that it joins */
	uint64_t value; /* cost and the penalties of open needs */
	uint64_t bound; /* no plan, lawful or not, has a lower value */
	uint32_t covered;
	uint32_t rounds; /* that were done, of both kinds */
};

/** @return SK_EINVAL for an index out of range, a limit passed, or one thing twice; SK_ENOMEM. */
SK_CHECKED int plan_run(const struct plan_problem *p, const struct plan_rules *rules,
			struct plan_result **ret_result);
void plan_free(struct plan_result *r);

enum plan_fault_kind {
	PLAN_SOUND = 0,
	PLAN_FAULT_OPTION, /* a seat that is none of the need's options */
	PLAN_FAULT_AMOUNT, /* a pool gives more than is free */
	PLAN_FAULT_TEAM,   /* a team is too large */
	PLAN_FAULT_PAIR,   /* two needs are not together, or not apart */
	PLAN_FAULT_LEAD,   /* a team has nobody who can lead */
	PLAN_FAULT_ORDER,  /* L7: need could have option, which only needs behind it keep from it */
	PLAN_FAULT_VALUE, /* cost, value or covered are not those of the seats; bound above value */
};
struct plan_fault {
	enum plan_fault_kind kind;
	uint32_t need, option, pool; /* where; PLAN_NONE where it says nothing */
};
/** Judges a plan with code of its own, shared with nothing that makes one. @p law: also the order.
 *  @return true when it is sound. */
bool plan_check(const struct plan_problem *p, const struct plan_result *r, bool law,
		struct plan_fault *ret_fault);
