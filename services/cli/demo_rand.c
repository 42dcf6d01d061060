/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo_rand.h"

#include "common/err.h"

#define GOLDEN 0x9e3779b97f4a7c15ULL
#define LN2 0.69314718055994530942
#define Z90 1.2815515655446004 /* nine of ten of a standard normal lie below */

/* splitmix64 */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

struct demo_rand demo_rand_of(uint64_t seed, const char *name, uint64_t number)
{
	uint64_t s = mix(seed + GOLDEN);

	for (; *name != '\0'; name++) {
		s = mix((s ^ (uint8_t)*name) + GOLDEN);
	}
	return (struct demo_rand){ mix((s ^ number) + GOLDEN) };
}

uint64_t demo_rand_next(struct demo_rand *r)
{
	r->s += GOLDEN;
	return mix(r->s);
}

double demo_rand_unit(struct demo_rand *r)
{
	return (double)(demo_rand_next(r) >> 11) * 0x1p-53;
}

uint32_t demo_rand_below(struct demo_rand *r, uint32_t n)
{
	SK_ASSERT(n > 0);
	return (uint32_t)((demo_rand_next(r) >> 32) * n >> 32);
}

bool demo_rand_share(struct demo_rand *r, uint32_t per_mille)
{
	return demo_rand_below(r, 1000) < per_mille;
}

/* Natural logarithm of a positive number: ln 2^k m with m in [1, 2), and the series of atanh. */
static double ln(double x)
{
	double k = 0;

	while (x < 1) {
		x *= 2;
		k -= 1;
	}
	while (x >= 2) {
		x /= 2;
		k += 1;
	}
	double y = (x - 1) / (x + 1);
	double term = y;
	double sum = 0;
	for (int i = 1; i < 40; i += 2) {
		sum += term / i;
		term *= y * y;
	}
	return 2 * sum + k * LN2;
}

/* e^x for |x| below 700: the series near 0, squared back. */
static double power_of_e(double x)
{
	double small = x / 1024;
	double term = 1;
	double sum = 1;

	for (int i = 1; i < 12; i++) {
		term *= small / i;
		sum += term;
	}
	for (int i = 0; i < 10; i++) {
		sum *= sum;
	}
	return sum;
}

uint64_t demo_rand_wait(struct demo_rand *r, uint64_t mean)
{
	return (uint64_t)(-ln(1 - demo_rand_unit(r)) * (double)mean);
}

/* Twelve uniform draws have variance 1 and are normal enough between -3 and 3. */
static double normal(struct demo_rand *r)
{
	double sum = -6;

	for (int i = 0; i < 12; i++) {
		sum += demo_rand_unit(r);
	}
	return sum;
}

uint64_t demo_rand_around(struct demo_rand *r, uint64_t median, uint64_t p90)
{
	double z = normal(r);

	if (median == 0 || p90 <= median) {
		return median;
	}
	double sigma = ln((double)p90 / (double)median) / Z90;
	return (uint64_t)((double)median * power_of_e(sigma * z));
}

size_t demo_rand_pick(struct demo_rand *r, const uint32_t *weight, size_t len)
{
	uint32_t total = 0;

	for (size_t i = 0; i < len; i++) {
		total += weight[i];
	}
	uint32_t at = demo_rand_below(r, total);
	for (size_t i = 0; i < len; i++) {
		if (at < weight[i]) {
			return i;
		}
		at -= weight[i];
	}
	return len - 1;
}
