/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/options.h"

#include <inttypes.h>
#include <stdio.h>

#define CALM 4 /* one fault of so many is left */

/* Fault kinds: name, field, rate from, to. */
#define FAULTS(X)                    \
	X(loss, 1000, 300000)        \
	X(duplicate, 1000, 500000)   \
	X(reorder, 1000, 300000)     \
	X(partition_ms, 2000, 60000) \
	X(reset_ms, 1000, 30000)     \
	X(kill_ms, 1000, 30000)      \
	X(power_ms, 1000, 30000)     \
	X(stop_ms, 4000, 60000)      \
	X(crash, 100, 20000)         \
	X(poison, 1000, 30000)       \
	X(flush_error, 200, 20000)   \
	X(write_error, 200, 20000)   \
	X(make_error, 10000, 200000) \
	X(slow_disk, 1000, 200000)   \
	X(disk_full_ms, 5000, 60000) \
	X(flip_batch, 20000, 500000) \
	X(flip_value, 20000, 500000) \
	X(restore_ms, 10000, 120000) \
	X(clock_ms, 5000, 60000)     \
	X(leap_ms, 5000, 60000)      \
	X(vanish, 10000, 200000)     \
	X(resend, 20000, 500000)     \
	X(garbage, 10000, 200000)    \
	X(wrong_id, 10000, 200000)   \
	X(config_ms, 5000, 60000)

static uint32_t draw(struct rng *r, uint64_t lo, uint64_t hi)
{
	bool on = rng_coin(r);
	uint64_t rate = rng_log(r, lo, hi);

	return on ? (uint32_t)rate : 0;
}

struct options options_draw(struct rng *r)
{
	struct options o = { 0 };

	o.daemons = (uint32_t)rng_between(r, 2, 3);
	o.one_machine = rng_coin(r);
	o.work = (uint32_t)rng_log(r, 20, 160);
	o.work_ms = (uint32_t)rng_log(r, 5000, 60000);
	o.one_by_one = rng_coin(r);
	o.commit_records = (uint32_t)rng_log(r, 1, 1024);
	o.commit_ms = (uint32_t)rng_log(r, 1, 2000);
	o.commit_idle_ms = (uint32_t)rng_log(r, 1, 2000);
	o.credit = (uint32_t)rng_log(r, 1, 64);
	o.log_soft_bytes = draw(r, 500, 20000);
	o.latency_us = (uint32_t)rng_log(r, 50, 20000);
#define X(field, lo, hi) o.field = draw(r, lo, hi);
	FAULTS(X)
#undef X
	return o;
}

void options_heal(struct options *o)
{
#define X(field, lo, hi) o->field = 0;
	FAULTS(X)
#undef X
	o->log_soft_bytes = 0;
}

void options_calm(struct rng *r, struct options *o)
{
#define X(field, lo, hi) o->field = rng_below(r, CALM) == 0 ? o->field : 0;
	FAULTS(X)
#undef X
}

void options_print(uint64_t seed, const struct options *o)
{
	(void)printf("seed %" PRIu64 "\noptions daemons=%u one_machine=%u work=%u work_ms=%u "
		     "one_by_one=%u commit=%u/%ums/%ums credit=%u log_soft=%u latency_us=%u",
		     seed, o->daemons, o->one_machine, o->work, o->work_ms, o->one_by_one,
		     o->commit_records, o->commit_ms, o->commit_idle_ms, o->credit,
		     o->log_soft_bytes, o->latency_us);
#define X(field, lo, hi) (void)printf(" %s=%u", #field, o->field);
	FAULTS(X)
#undef X
	(void)printf("\n");
	(void)fflush(stdout);
}
