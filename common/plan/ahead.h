/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  How long those who wait will wait: the list is lived ahead many times, day by day, with
 *  the exact composer and the law of the order (MATCHING 4.5; DOMAIN 6, L7). What is not known is
 *  drawn from what was seen: how long stays last, how often a pool can when it is asked, who comes
 *  and who leaves. Each day: stays end, people come and leave, who waited a class out rises; then
 *  from the front of the order on everybody is composed a team from what is free. A need takes the
 *  best place for itself, as the day's passes do; the prices of a plan are left out.
 *  What comes out is a range for each need, never a promise: it is stretched by what came of those
 *  before it, and it is counted whether they came true (services/waitlist/core_foreseen.c).
 *  Pure: a function of problem and rules; never of seconds, threads or addresses. Draws are keyed
 *  by run, day and thing, so one more unit somewhere changes no other draw. Blocks: for its runs;
 *  meant for a thread of its own. Ownership: the problem is borrowed, the result is the caller's.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/plan/plan.h"

#define AHEAD_CLASSES 8U
#define AHEAD_POINTS 16U /* of a distribution, equally likely each */
#define AHEAD_RUNS_MAX 400U
#define AHEAD_DAYS_MAX 1100U /* three years */
#define AHEAD_PPM 1000000U
#define AHEAD_AGAIN_DAYS 30U   /* who could not is asked again for the same need after so long */
#define AHEAD_NEVER UINT32_MAX /* not within the days that were looked ahead */

/** Of a group of the list: who waits now, or somebody as whom others will come. */
struct ahead_group {
	uint8_t wait_class; /* 0 is first; below AHEAD_CLASSES */
	bool waits;         /* now; else it is only an example of who comes */
	int32_t rank_day;   /* rank date, in days from today; of an example: from its coming */
	int32_t class_day;  /* in its class since, in days from today (0 or less) */
	uint32_t come_ppm;  /* chance that somebody as this comes on a day */
	uint32_t leave_ppm; /* chance that it leaves on a day without help */
	uint32_t lottery;   /* orders what is equal in class and rank day */
};

struct ahead_pool {
	uint32_t can_permille;       /* how often it can when it is asked */
	uint16_t start_days;         /* from the day of the ask to the start */
	uint16_t stay[AHEAD_POINTS]; /* days that its seats are taken, rising; at least 1 */
	uint32_t gain_ppm; /* units that come free on a day, in millionths, whatever frees them */
};

/** A seat that is taken today. */
struct ahead_stay {
	uint32_t pool;
	uint32_t amount;
	uint32_t age_days;
};

struct ahead_problem {
	const struct plan_problem *list; /* its penalties are not looked at */
	const struct ahead_group *of;    /* of each group of the list */
	const struct ahead_pool *pools;  /* of each pool of the list */
	const struct ahead_stay *stays;
	size_t stays_len;
	/* who waited so many days in a class stands one class higher; 0: never */
	uint32_t rise_days[AHEAD_CLASSES];
};

struct ahead_rules {
	uint64_t seed;
	uint32_t runs;           /* at most AHEAD_RUNS_MAX */
	uint32_t days;           /* at most AHEAD_DAYS_MAX */
	const atomic_bool *stop; /* NULL: none. Once true the runs that are done count */
};

/** Days from today until help starts: one in ten, half, nine in ten of the runs in which it did not
 *  leave have begun by then. */
struct ahead_range {
	uint32_t p10, p50, p90;  /* or AHEAD_NEVER */
	uint32_t never_permille; /* of these runs: not within the days */
	uint32_t runs;           /* these runs; 0: nothing is known, and all else is 0 */
};

/** @param ret_ranges one per need of the list; of needs that do not wait now all 0.
 *  @return SK_EINVAL for an index out of range or a limit passed; SK_ENOMEM. */
SK_CHECKED int ahead_run(const struct ahead_problem *p, const struct ahead_rules *rules,
			 struct ahead_range *ret_ranges);
