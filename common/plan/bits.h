/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  How many bits are set. Pure. */
#include <stdint.h>

/** By halves: where no instruction for it may be used, the compiler's own goes through a table. */
static inline uint32_t bits_count(uint64_t bits)
{
	bits -= bits >> 1 & 0x5555555555555555ULL;
	bits = (bits & 0x3333333333333333ULL) + (bits >> 2 & 0x3333333333333333ULL);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (uint32_t)(bits * 0x0101010101010101ULL >> 56);
}
