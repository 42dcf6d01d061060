/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The team of a request that is too large for the exact composer (compose.h), up to 4,096
 *  needs: "one family, one plan". The rules are those of compose.h: hours of one offer, team_max,
 *  together, apart and lead, which bind the needs that are seated.
 *  Objective with LARGE_COVER: (1) coverage in the order of the needs, need 0 first; (2) least
 *  cost: options, plus each offer that is used and each partner of the team, once. With
 *  LARGE_PENALTY: least cost, where an open need costs its penalty.
 *  Method: Lagrangian on the rows "each need once", a knapsack per offer, exact; search from its
 *  prices; branch and bound, of parts of the best answer and of all below an aim near the bound.
 *  Where nothing binds but that each need has a seat: as a set cover (cover.h).
 *
 *  Every result says what is proven. The bound holds whatever the answer.
 *  Pure: a function of problem, seed, rounds and nodes; never of seconds, threads or addresses.
 *  The order of the options changes nothing. Offers, partners and needs are known by their place:
 *  who wants an answer that is free of the order in a file gives them in the order of their names.
 *  Blocks: for its rounds and nodes. Ownership: the problem is borrowed for the call. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define LARGE_NEEDS_MAX 4096U
#define LARGE_OFFERS_MAX 131072U /* also the most partners */
#define LARGE_OPTIONS_MAX (4U << 20)
#define LARGE_PAIRS_MAX 4096U                   /* of each kind */
#define LARGE_COST_MAX 1000000000U              /* of an option, an offer and a partner; hours */
#define LARGE_OPEN_MAX (3 * LARGE_COST_MAX + 1) /* of an open need: dearer than all of a seat */
#define LARGE_NONE UINT32_MAX

enum large_objective { LARGE_COVER, LARGE_PENALTY };

struct large_option {
	uint32_t need, offer; /* at most once each pair */
	uint32_t cost;
	uint32_t hours; /* that the need takes there; 0: none */
};

struct large_offer {
	uint32_t partner;
	uint32_t hours; /* free */
	uint32_t cost;  /* once, when it is used */
};

struct large_partner {
	uint32_t cost; /* once, when it is in the team */
	bool lead;
	bool held; /* in the team already, and counted in team_max; its cost is 0 */
};

struct large_pair {
	uint32_t a, b; /* needs */
};

struct large_problem {
	enum large_objective objective;
	uint32_t team_max;       /* LARGE_NONE: no limit; below those held: nobody joins */
	bool lead;               /* who seats anybody needs a partner that can lead */
	const uint32_t *penalty; /* per need, in the lawful order */
	size_t needs_len;
	const struct large_option *options;
	size_t options_len;
	const struct large_offer *offers;
	size_t offers_len;
	const struct large_partner *partners;
	size_t partners_len;
	const struct large_pair *together, *apart;
	size_t together_len, apart_len;
};

struct large_rules {
	uint64_t seed;
	uint32_t rounds;         /* of search, in units of needs_len moves; 0: the default */
	uint32_t nodes;          /* of branch and bound; 0: only the root */
	uint64_t work;           /* counted, about a nanosecond each; 0: the default */
	const atomic_bool *stop; /* NULL: none. Once true what is there is given soon */
};

#define LARGE_ROUNDS 1000U
#define LARGE_NODES 2000U
#define LARGE_WORK_MAX UINT64_C(40000000000)

struct large_result {
	uint32_t *seat; /* per need: index in options, or LARGE_NONE */
	size_t needs_len;
	/** Costs of the seats, and with LARGE_PENALTY the penalties of what is open. */
	uint64_t objective;
	/** Nothing lawful costs less. With LARGE_COVER: nothing that covers the same needs. */
	uint64_t bound;
	bool proven;  /* objective == bound, and the coverage is proven too */
	bool covered; /* coverage is proven the best in the order; true with LARGE_PENALTY */
	uint32_t open;
	uint32_t nodes; /* that were looked at */
};

/** @return SK_EINVAL for an index out of range, a limit passed or one thing twice; SK_ENOMEM. */
SK_CHECKED int large_run(const struct large_problem *p, const struct large_rules *rules,
			 struct large_result **ret_result);
void large_free(struct large_result *r);
