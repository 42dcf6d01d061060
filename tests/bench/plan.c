/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the list on a region of the generator: value, bound, coverage, time; then one event,
 * and the plan anew with the prices and seats that it has. The judge sees each plan. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/plan_region.h"

#define REPAIR_LEAST 300000U
#define REPAIR_EACH 600U /* moves for one request */

struct timed {
	struct plan_result *r;
	uint64_t ns;
};

static bool run(const struct region *region, const struct plan_rules *rules, struct timed *ret)
{
	struct plan_fault fault = { 0 };
	uint64_t start = bench_ns();

	if (plan_run(&region->p, rules, &ret->r) != SK_OK) {
		return false;
	}
	ret->ns = bench_ns() - start;
	return plan_check(&region->p, ret->r, rules->law, &fault);
}

static void print(const struct region *region, const struct timed *t, const struct timed *again)
{
	const struct plan_result *r = t->r;
	uint32_t open[4] = { 0 };

	for (size_t i = 0; i < region->p.needs_len; i++) {
		open[region->urgency[i]] += r->seat[i] == PLAN_NONE;
	}
	(void)printf("{\"needs\":%zu,\"options\":%zu,\"covered\":%u,\"open\":[%u,%u,%u,%u],"
		     "\"cost\":%llu,\"value\":%llu,\"bound\":%llu,\"gap\":%.6f,\"seconds\":%.6f,"
		     "\"again_value\":%llu,\"again_bound\":%llu,\"again_s\":%.6f}\n",
		     region->p.needs_len, region->p.options_len, r->covered, open[0], open[1],
		     open[2], open[3], (unsigned long long)r->cost, (unsigned long long)r->value,
		     (unsigned long long)r->bound, (double)(r->value - r->bound) / (double)r->value,
		     (double)t->ns / 1e9, (unsigned long long)again->r->value,
		     (unsigned long long)again->r->bound, (double)again->ns / 1e9);
}

/* One pool gets some hours more: the event. */
static bool again(struct region *region, const struct bench *b, const struct timed *t,
		  struct timed *ret)
{
	struct plan_rules rules = {
		.law = bench_number(b, "law", 1) != 0,
		.seed = 2,
		.price_rounds = (uint32_t)bench_number(b, "again_prices", 2),
		.repair_rounds = (uint32_t)bench_number(b, "again_repair", 1000),
		.prices = t->r->price,
	};

	region->pools[region->p.pools_len / 2].free += 4;
	return run(region, &rules, ret);
}

int bench_plan(const struct bench *b)
{
	struct region region;
	struct timed first = { 0 };
	struct timed second = { 0 };
	const char *lp = bench_arg(b, "lp", NULL);
	uint32_t requests = (uint32_t)bench_number(b, "requests", 50);
	uint32_t repair = requests * REPAIR_EACH > REPAIR_LEAST ? requests * REPAIR_EACH :
								  REPAIR_LEAST;
	struct plan_rules rules = {
		.law = bench_number(b, "law", 1) != 0,
		.seed = bench_number(b, "draw", 1),
		.price_rounds = (uint32_t)bench_number(b, "prices", 300),
		.bound_rounds = (uint32_t)bench_number(b, "bound", 300),
		.repair_rounds = (uint32_t)bench_number(b, "repair", repair),
	};

	region_draw(&region, requests, (uint32_t)bench_number(b, "offers", 100),
		    bench_number(b, "seed", 1));
	bool ok = lp == NULL || region_write_lp(&region, lp);
	ok = ok && run(&region, &rules, &first) && again(&region, b, &first, &second);
	if (ok) {
		print(&region, &first, &second);
	}
	plan_free(first.r);
	plan_free(second.r);
	region_free(&region);
	return ok ? EXIT_SUCCESS : bench_fail("plan", "not made, or not sound");
}
