/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What every measurement shares: arguments as name=value, a clock, samples, one line of
 * JSON on stdout as the result. Errors are said on stderr in one line. Threads: none. Blocks: as
 * each command says. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define NS_PER_S 1000000000ULL
#define BENCH_LANES_MAX 512
#define BENCH_WINDOW_MAX 1024

struct bench {
	int argc;
	char **argv; /* name=value each */
};

/** A command of the program. @return EXIT_SUCCESS or EXIT_FAILURE. */
typedef int bench_fn(const struct bench *b);

bench_fn bench_flush;
bench_fn bench_lmdb;
bench_fn bench_echo_serve;
bench_fn bench_echo;
bench_fn bench_postgres;
bench_fn bench_redis;
bench_fn bench_rest;
bench_fn bench_submit;
bench_fn bench_pools;
bench_fn bench_propose;
bench_fn bench_fanout;
bench_fn bench_watch;
bench_fn bench_step;
bench_fn bench_fold;
bench_fn bench_compose;
bench_fn bench_seat;
bench_fn bench_plan;

/** @return the value of that name, or @p def. */
const char *bench_arg(const struct bench *b, const char *name, const char *def);
uint64_t bench_number(const struct bench *b, const char *name, uint64_t def);
/** Says what failed. @return EXIT_FAILURE. */
int bench_fail(const char *what, const char *why);

/** CLOCK_MONOTONIC. */
uint64_t bench_ns(void);

/** Latencies; grows on the heap; end with samples_free(). */
struct samples {
	uint64_t *ns;
	size_t len;
	size_t cap;
};

/** Out of memory ends the process: a measurement with holes is none. */
void samples_add(struct samples *s, uint64_t ns);
void samples_free(struct samples *s);
/** @return the value below which @p share (0 to 1) of the samples lie; sorts them; 0 without any.
 */
uint64_t samples_at(struct samples *s, double share);
/** Prints one JSON object: n, seconds, per_s, p50_us, p99_us, p999_us, max_us, and @p more, which
 *  is empty or `"name":value` pairs. */
void samples_print(struct samples *s, uint64_t took_ns, const char *more);
