/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Large areas of memory, mapped and not taken from the heap: pages that are never written
 *  cost nothing, and behind each area stands a page that nobody may touch. Content begins as zeros.
 *  Use: lay all areas once with base NULL to learn the bytes, pages_map(), lay them again.
 *  Ownership: pages_unmap() ends all areas at once. Does not block. */
#include <stdbool.h>
#include <stddef.h>

struct pages {
	unsigned char *base; /* NULL: only counted */
	size_t bytes;        /* laid so far */
	size_t mapped;
};

/** The next area, aligned to a page; NULL while only counted. */
void *pages_area(struct pages *p, size_t bytes);
/** Maps what was counted; the areas are laid anew from the first. @return false: no memory. */
bool pages_map(struct pages *p);
void pages_unmap(struct pages *p);
