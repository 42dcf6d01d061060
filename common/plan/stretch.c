/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/plan/stretch.h"

#include <stdlib.h>

#include "common/err.h"

#define WEEK_DAYS 7U /* two days or four, where one in ten was said, is no double wait */
#define THOUSAND 1000U
#define ALL 1000000000ULL

struct ratio {
	uint32_t permille;
	bool began;
};

/* Of equal ones those that began come first: who left that day was there until then. */
static int by_ratio(const void *a, const void *b)
{
	const struct ratio *x = a;
	const struct ratio *y = b;

	if (x->permille != y->permille) {
		return x->permille < y->permille ? -1 : 1;
	}
	return (int)y->began - (int)x->began;
}

static uint32_t ratio_of(uint32_t waited, uint32_t said)
{
	uint64_t r = ((uint64_t)waited + WEEK_DAYS) * THOUSAND / ((uint64_t)said + WEEK_DAYS);

	return r < UINT32_MAX ? (uint32_t)r : UINT32_MAX;
}

/** The ratio by which so many in a thousand have begun; 0: so many have not. */
static uint32_t reached(struct ratio *all, size_t len, uint32_t permille)
{
	uint64_t left = ALL; /* share that has not begun */

	qsort(all, len, sizeof(*all), by_ratio);
	for (size_t i = 0; i < len; i++) {
		if (!all[i].began) {
			continue;
		}
		left = left * (len - i - 1) / (len - i);
		if (ALL - left >= permille * (ALL / THOUSAND)) {
			return all[i].permille;
		}
	}
	return 0;
}

enum end { FROM, HALF, UNTIL };

static uint32_t said(const struct stretch_case *c, enum end end)
{
	return end == FROM ? c->from : end == HALF ? c->half : c->until;
}

static uint32_t end_of(const struct stretch_case *cases, size_t len, enum end end)
{
	static const uint32_t permille[] = { 100, 500, 900 };
	struct ratio all[STRETCH_CASES_MAX] = { 0 };

	for (size_t i = 0; i < len; i++) {
		all[i] = (struct ratio){ ratio_of(cases[i].waited, said(&cases[i], end)),
					 cases[i].began };
	}
	return reached(all, len, permille[end]);
}

void stretch_of(const struct stretch_case *cases, size_t len, struct stretch *ret_stretch)
{
	*ret_stretch = (struct stretch){ 0 };
	SK_ASSERT(len <= STRETCH_CASES_MAX);
	for (size_t i = 0; i < len; i++) {
		ret_stretch->began += cases[i].began;
	}
	ret_stretch->from = end_of(cases, len, FROM);
	ret_stretch->half = end_of(cases, len, HALF);
	ret_stretch->until = end_of(cases, len, UNTIL);
}

/** Where not so many have begun yet, @p unknown. */
static uint32_t stretched(uint32_t days, uint32_t permille, uint32_t unknown)
{
	uint64_t to = ((uint64_t)days + WEEK_DAYS) * permille / THOUSAND;

	if (permille == 0) {
		return unknown;
	}
	to = to > WEEK_DAYS ? to - WEEK_DAYS : 0;
	return to < UINT32_MAX ? (uint32_t)to : UINT32_MAX;
}

bool stretch_apply(const struct stretch *by, uint32_t beyond, struct stretch_case *io_range)
{
	struct stretch_case *r = io_range;

	if (by->began < STRETCH_BEGAN_LEAST) {
		return false;
	}
	r->until = stretched(r->until, by->until, beyond);
	r->until = r->until < beyond ? r->until : beyond;
	r->half = stretched(r->half, by->half, beyond);
	r->half = r->half < r->until ? r->half : r->until;
	r->from = stretched(r->from, by->from, 0);
	r->from = r->from < r->half ? r->from : r->half;
	return true;
}
