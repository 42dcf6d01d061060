/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The largest unit in which numbers are whole. */
#include <stdint.h>

/** @return the greatest common divisor; the other one where one is 0. */
static inline uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}
