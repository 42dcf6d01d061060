/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the brute force of matching's laws looks at: all tables, decoded. Shared by its own
 *  files only (matching_laws.c, matching_laws_fit.c, matching_laws_hold.c,
 *  matching_laws_find.c). */
#include "tests/unit/matching_world.h"

#define POOLS_MAX 129
#define NEEDS_MAX 512
#define REQUESTS_MAX 512
#define CONTRIBUTIONS_MAX 8192
#define EXCLUDES_MAX 4096
#define WORKERS_MAX 65
#define NETWORKS_MAX 16

struct pool_row {
	PB(MatchPoolRecord) *p;
	PB(PoolUse) *use[MATCH_USES_MAX];
	size_t uses;
	bool dirty;
	bool kept; /* for a signature */
	uint8_t from[64];
	uint64_t sum;
	PB(MatchWorkerRecord) *worker[WORKERS_MAX];
	size_t workers;
};

struct state {
	struct pool_row pool[POOLS_MAX];
	size_t pools;
	PB(MatchNeedRecord) *need[NEEDS_MAX];
	size_t needs;
	PB(MatchRequestRecord) *request[REQUESTS_MAX];
	size_t requests;
	PB(MatchContributionRecord) *c[CONTRIBUTIONS_MAX];
	size_t contributions;
	uint8_t exclude[EXCLUDES_MAX][OBJECT_ID_LEN + PARTY_ID_LEN_MAX + 1];
	size_t excludes;
	PB(MatchChainRecord) *chain;
	PB(MatchNetworkRecord) *network[NETWORKS_MAX];
	size_t networks;
	uint32_t ateliers_max;
	uint64_t now_ms;
	size_t wait_rows, hold_rows, hours_rows;
	bool chain_due;
	uint32_t team_max;
};

PB(MatchRequestRecord) *law_request_of(struct state *s, const PB(MatchNeedRecord) *n);
/** Of which child the need is; NULL: none is told of. */
const PB(ChildFact) *law_child_of(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
/** Its rows in the order while it waits: one in each zone where the child lives, or one. */
size_t law_rows_in_order(const PB(MatchRequestRecord) *r, const PB(MatchNeedRecord) *n);
/** All hard rules but the amount, as if @p but had not been given. */
uint32_t law_able_but(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row,
		      const PB(MatchContributionRecord) *but);
/** All hard rules but the amount. @return the least amount that seats it, 0: cannot be seated. */
uint32_t law_able(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row);

/* --- matching_laws_hold.c --- */

/** Units that the use has given this week, without @p but. */
uint64_t given_this_week(struct state *s, const PB(MatchPoolRecord) *p, uint32_t use,
			 const PB(MatchContributionRecord) *but);
uint64_t ateliers_that_run(struct state *s, const char *network,
			   const PB(MatchContributionRecord) *but);
uint64_t carried(struct state *s, const PB(MatchWorkerRecord) *x,
		 const PB(MatchContributionRecord) *but);
/** The network whose cases those of @p name are now. */
const char *law_heir_of(struct state *s, const char *name);
/** May the use give what the need takes, as if @p but had not been given? */
bool law_may_hold(struct state *s, const PB(MatchNeedRecord) *n, const struct pool_row *row,
		  const PB(PoolUse) *u, const PB(MatchContributionRecord) *but);
/** Nobody is above a cap, ever; what is booked is what is held (B15). */
void law_check_workers(struct state *s);

/* --- matching_laws_find.c --- */

/** What the bit sets find for each need that waits is what a scan of all uses finds. */
void laws_find(struct rig *r);
