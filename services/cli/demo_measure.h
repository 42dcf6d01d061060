/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What two ways of working are compared by, and how one run, or several with other luck,
 *  are put into one figure. Pure. Ownership: plain values. */
#include "services/cli/cli.h"
#include "services/cli/demo_result.h"

#define DEMO_SEEDS_MAX 20
#define DEMO_SEEDS_TRUSTED 5 /* with fewer it is said that they prove little */
/* Thousandths of the crises for which nothing was found: 20 to 25 % in most regions (2015-2016,
 * middle 22.5), one in three (2021). deploy/demo-region/figures.csv has the pages. */
#define DEMO_PUBLISHED_LEAST 225
#define DEMO_PUBLISHED_MOST 333
#define DEMO_NO_CASE (UINT64_MAX - 1) /* nothing to count: neither good nor bad */

enum demo_better { DEMO_LESS, DEMO_MORE, DEMO_NEITHER };
enum demo_kind {
	DEMO_SHARE, /* thousandths, shown as per cent */
	DEMO_EACH,  /* thousandths, shown with a point */
	DEMO_COUNT, /* thousandths, shown whole */
	DEMO_TIME,  /* milliseconds */
};

struct demo_measure {
	const char *key; /* in --json */
	const char *nl;
	const char *en;
	enum demo_better better;
	enum demo_kind kind;
	uint64_t (*of)(const struct demo_result *r);
	const char *why_nl; /* it may be worse; NULL: nothing is known to make it so */
	const char *why_en;
};
extern const struct demo_measure demo_measures[];
extern const size_t demo_measures_len;

/** The middle one of several runs, the lowest and the highest. DEMO_NO_CASE: none had a case. */
struct demo_spread {
	uint64_t middle, least, most;
};
struct demo_spread demo_spread(const struct demo_measure *m, const struct demo_result *r,
			       size_t len);

/** The share without an offer: over all runs together, and the lowest and highest run. */
struct demo_calibration {
	uint64_t all, least, most;
	bool within; /* what was published */
};
struct demo_calibration demo_calibration(const struct demo_result *r, size_t len);
