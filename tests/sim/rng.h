/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The simulator's own numbers: all luck of a run comes from one seed. Integers only, so
 * that every compiler draws the same. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

struct rng rng_make(uint64_t seed);
uint64_t rng_next(struct rng *r);
/** @return 0 .. @p n - 1; 0 when @p n is 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/** @return @p lo .. @p hi, both included. */
uint64_t rng_between(struct rng *r, uint64_t lo, uint64_t hi);
/** True @p ppm times in a million. */
bool rng_chance(struct rng *r, uint32_t ppm);
bool rng_coin(struct rng *r);
/** Log-uniform: each doubling between @p lo (at least 1) and @p hi is as likely as the next. */
uint64_t rng_log(struct rng *r, uint64_t lo, uint64_t hi);
void rng_fill(struct rng *r, void *buf, size_t len);
/** A good mix of 64 bits, for hashes and digests. */
uint64_t mix64(uint64_t v);
/** Own hash of bytes, not the product's. */
uint64_t hash64(uint64_t seed, const void *data, size_t len);
