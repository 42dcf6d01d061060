/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  How far ranges of waiting have to be stretched so that they come true eight times in ten.
 *  What was foreseen is held against what came: by how much the wait was shorter or longer than
 *  each end said, as a ratio; the next range is stretched by what one in ten and nine in ten of
 *  these ratios were. (Conformalized quantile regression: Romano, Patterson, Candès, NeurIPS 2019.)
 *  Who still waits, or left without help, counts until then and no further (Kaplan, Meier, JASA
 *  1958): without them only the short waits would be seen.
 *  Pure. Blocks: never. Ownership: the cases are the caller's. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRETCH_CASES_MAX 512U
#define STRETCH_DAYS_MAX 100000U
/** Waits that ended in help; below that many nothing is known. */
#define STRETCH_BEGAN_LEAST 30U

/** Days from the day on which it was foreseen. */
struct stretch_case {
	uint32_t from, half, until; /* one in ten, half, nine in ten; at most STRETCH_DAYS_MAX */
	uint32_t waited;            /* until help began, or so far, or until it left */
	bool began;
};

/** Of each end, in thousandths of it plus a week; 0: not so many have begun yet. */
struct stretch {
	uint32_t began;
	uint32_t from, half, until;
};

/** @param len at most STRETCH_CASES_MAX. */
void stretch_of(const struct stretch_case *cases, size_t len, struct stretch *ret_stretch);

/** The three ends of a range, stretched, in order; at most @p beyond, which is no end.
 *  @return false: not enough is known, and nothing is changed. */
bool stretch_apply(const struct stretch *by, uint32_t beyond, struct stretch_case *io_range);
