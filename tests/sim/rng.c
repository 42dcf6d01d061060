/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/sim/rng.h"

#define PPM 1000000U

uint64_t mix64(uint64_t v)
{
	v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ (v >> 27)) * 0x94d049bb133111ebULL;
	return v ^ (v >> 31);
}

uint64_t hash64(uint64_t seed, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = seed ^ 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++) {
		h = (h ^ p[i]) * 0x100000001b3ULL;
	}
	return mix64(h + len);
}

struct rng rng_make(uint64_t seed)
{
	return (struct rng){ mix64(seed + 0x9e3779b97f4a7c15ULL) };
}

uint64_t rng_next(struct rng *r)
{
	r->state += 0x9e3779b97f4a7c15ULL;
	return mix64(r->state);
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	return n == 0 ? 0 : rng_next(r) % n;
}

uint64_t rng_between(struct rng *r, uint64_t lo, uint64_t hi)
{
	return lo + rng_below(r, hi - lo + 1);
}

bool rng_chance(struct rng *r, uint32_t ppm)
{
	return ppm != 0 && rng_below(r, PPM) < ppm;
}

bool rng_coin(struct rng *r)
{
	return (rng_next(r) & 1) != 0;
}

uint64_t rng_log(struct rng *r, uint64_t lo, uint64_t hi)
{
	unsigned int doublings = 0;

	while (lo << (doublings + 1) <= hi && doublings < 40) {
		doublings++;
	}
	uint64_t base = lo << rng_below(r, doublings + 1);
	uint64_t v = base + rng_below(r, base);
	return v < hi ? v : hi;
}

void rng_fill(struct rng *r, void *buf, size_t len)
{
	uint8_t *p = buf;

	for (size_t i = 0; i < len; i++) {
		p[i] = (uint8_t)rng_next(r);
	}
}
