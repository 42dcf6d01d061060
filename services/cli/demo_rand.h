/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The luck of the demo: every actor draws from a stream of its own, so that one more draw
 *  of one actor changes nothing for another. The same seed gives the same draws with every compiler
 *  (no libm). Not for secrets. Pure; never blocks. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_rand {
	uint64_t s;
};

/** The stream of one actor: its name ("partner ovbj-ieper") and a number of its own. */
struct demo_rand demo_rand_of(uint64_t seed, const char *name, uint64_t number);
uint64_t demo_rand_next(struct demo_rand *r);
/** 0 to n - 1; n is at least 1. */
uint32_t demo_rand_below(struct demo_rand *r, uint32_t n);
/** Within [0, 1), never 1. */
double demo_rand_unit(struct demo_rand *r);
/** True in so many of a thousand draws. */
bool demo_rand_share(struct demo_rand *r, uint32_t per_mille);
/** Exponential, with this mean (any unit). */
uint64_t demo_rand_wait(struct demo_rand *r, uint64_t mean);
/** Log-normal: half of the draws below @p median, nine of ten below @p p90. */
uint64_t demo_rand_around(struct demo_rand *r, uint64_t median, uint64_t p90);
/** Index of a weight, as often as it weighs; weights must not all be 0. */
size_t demo_rand_pick(struct demo_rand *r, const uint32_t *weight, size_t len);
