/* SPDX-License-Identifier: EUPL-1.2 */
/* Teams of a made-up region: candidates by bit sets, the problem from them, the composer. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/bench/region.h"

#define SEED 22

struct run {
	const struct bench *b;
	struct bench_region *region;
	struct bench_region_room room;
	struct compose_scratch scratch;
	struct samples find;
	struct samples team;
	struct samples whole;
	uint64_t options;
	uint64_t candidates;
	uint64_t open;
	uint64_t cost;
	uint64_t sum; /* of what came out: the same on every machine */
	bool plain;
};

static void add_up(struct run *r, const struct compose_problem *p, const struct compose_team *team)
{
	r->cost += team->cost;
	r->sum = (r->sum ^ team->cost) * 0x100000001b3ULL;
	for (uint32_t i = 0; i < p->needs; i++) {
		uint32_t o = team->option[i];
		uint32_t slot = o == COMPOSE_NONE ? o : r->room.slots[p->options[o].pool];
		r->sum = (r->sum ^ slot) * 0x100000001b3ULL;
		r->open += o == COMPOSE_NONE ? 1 : 0;
	}
}

/* The lab's text, so that other solvers get the same problem. */
static void write_file(FILE *f, const struct compose_problem *p)
{
	(void)fprintf(f, "schakel-lab 1\nteam_max %" PRIu32 "\n", p->team_max);
	for (size_t i = 0; i < p->partners_len; i++) {
		(void)fprintf(f, "partner p%zu cost %" PRIu32 "\n", i, p->partners[i].fixed_cost);
	}
	for (size_t i = 0; i < p->pools_len; i++) {
		(void)fprintf(f, "offer o%zu partner p%" PRIu32 " hours %" PRIu32 "\n", i,
			      p->pools[i].partner, p->pools[i].free);
	}
	for (uint32_t i = 0; i < p->needs; i++) {
		(void)fprintf(f, "need n%" PRIu32 " hours 1\n", i);
	}
	for (size_t i = 0; i < p->options_len; i++) {
		const struct compose_option *o = &p->options[i];
		(void)fprintf(f, "pair n%u o%" PRIu32 " cost %" PRIu32 " hours %" PRIu32 "\n",
			      (unsigned)o->need, o->pool, o->cost, o->amount);
	}
}

static int write_to(const char *path, const struct compose_problem *p)
{
	FILE *f = fopen(path, "we");

	if (f == NULL) {
		return SK_ESYS;
	}
	write_file(f, p);
	return fclose(f) == 0 ? SK_OK : SK_ESYS;
}

static int one(struct run *r, const struct bench_region_request *q, bool counts)
{
	struct cand_counts n;
	struct compose_team team;
	uint64_t start = bench_ns();
	cand_find(r->region->cand, &q->query, r->room.bits, NULL, &n);
	uint32_t found = cand_list(r->room.bits, cand_slots(r->region->cand), r->room.slots);
	uint64_t have = bench_ns();
	struct compose_problem p = bench_region_problem(r->region, q, &r->room, found);
	uint64_t asked = bench_ns();
	int err = r->plain ? compose_run_plain(&p, r->scratch, &team) :
			     compose_run(&p, r->scratch, &team);
	uint64_t end = bench_ns();
	const char *path = bench_arg(r->b, "file", "");

	if (err == SK_OK && *path != '\0') {
		err = write_to(path, &p);
	}
	if (err == SK_OK && counts) {
		samples_add(&r->find, have - start);
		samples_add(&r->team, end - asked);
		samples_add(&r->whole, end - start);
		r->options += p.options_len;
		r->candidates += found;
		add_up(r, &p, &team);
	}
	return err;
}

static int all(struct run *r)
{
	uint64_t requests = bench_number(r->b, "requests", 300);
	uint64_t from = bench_number(r->b, "from", 0);
	uint32_t needs = (uint32_t)bench_number(r->b, "needs", 6);
	struct bench_region_request q;
	int err = SK_OK;

	bench_region_request(r->region, needs, from + requests, &q);
	(void)one(r, &q, false); /* touches what is touched first */
	for (uint64_t i = from; i < from + requests && err == SK_OK; i++) {
		bench_region_request(r->region, needs, i, &q);
		err = one(r, &q, true);
	}
	return err;
}

static double us(struct samples *s, double share)
{
	return (double)samples_at(s, share) / 1000;
}

static void print(struct run *r)
{
	double n = r->whole.len == 0 ? 1 : (double)r->whole.len;

	(void)printf("{\"n\":%zu,\"candidates\":%.0f,\"options\":%.0f,\"open\":%" PRIu64
		     ",\"cost\":%" PRIu64 ",\"find_p50_us\":%.1f,\"find_p99_us\":%.1f"
		     ",\"team_p50_us\":%.1f,\"team_p99_us\":%.1f"
		     ",\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"sum\":\"%016" PRIx64 "\"}"
		     "\n",
		     r->whole.len, (double)r->candidates / n, (double)r->options / n, r->open,
		     r->cost, us(&r->find, 0.5), us(&r->find, 0.99), us(&r->team, 0.5),
		     us(&r->team, 0.99), us(&r->whole, 0.5), us(&r->whole, 0.99), us(&r->whole, 1),
		     r->sum);
}

int bench_compose(const struct bench *b)
{
	struct run r = { .b = b, .plain = bench_number(b, "plain", 0) != 0 };
	int err = SK_ENOMEM;

	r.region = bench_region_new((uint32_t)bench_number(b, "offers", 10000), SEED);
	r.scratch.bytes = COMPOSE_SCRATCH_MAX;
	r.scratch.mem = aligned_alloc(64, r.scratch.bytes);
	if (r.region != NULL && r.scratch.mem != NULL &&
	    bench_region_room_make(r.region, &r.room)) {
		err = all(&r);
	}
	if (err == SK_OK) {
		print(&r);
	}
	bench_region_room_free(&r.room);
	bench_region_free(r.region);
	free(r.scratch.mem);
	samples_free(&r.find);
	samples_free(&r.team);
	samples_free(&r.whole);
	return err == SK_OK ? EXIT_SUCCESS : bench_fail("compose", sk_strerror(err));
}
