/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What one run of the demo gave, counted from the events that it was told, by code that
 *  shares nothing with the figures of the daemons. Ownership: plain values. Blocks: never. */
#include <stdint.h>

#define DEMO_NOT_YET UINT64_MAX /* a percentile that falls among those who still wait */

struct demo_result {
	uint32_t days;
	uint32_t searches; /* by telephone, in the run; the list at the gate is left out */
	uint32_t crises;   /* of these, a day old at least and not withdrawn */
	uint32_t no_offer; /* crises in which nobody could help within 24 h */
	uint64_t crisis_p50_ms, crisis_p90_ms; /* to the first help, crises */
	uint64_t first_p50_ms, first_p90_ms;   /* to the first help, all others a month old */
	uint64_t prevent_p50_ms;               /* of these, PREVENTIVE */
	uint32_t judged;                       /* not a crisis, a month old, not withdrawn */
	uint32_t in_month;                     /* of these, answered within their term */
	uint32_t helped;                       /* requests in which help started */
	uint32_t partners;                     /* that started help, over all of these */
	uint32_t children;                     /* for whom help started, of these requests */
	uint32_t workers;                      /* that these children met, over all of them */
	uint32_t refusals;                     /* not now, not ours, no answer: over all searches */
	uint32_t asks;                         /* sent to partners, over all searches */
	uint32_t stopped;                      /* by the young person */
	uint32_t asks_started;                 /* asks of needs for which help started */
	uint32_t needs_started;
	uint64_t misses; /* figure NETWORK_MISSES of the node, the list at the gate included */
	uint32_t all_children;            /* of all searches, the list at the gate included */
	uint32_t waiting;                 /* needs at the end */
	uint32_t free_places, free_hours; /* confirmed and unused at the end */
	uint32_t others, prevented;       /* cases behind first_p50 and prevent_p50 */
};
