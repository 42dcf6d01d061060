/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Names to numbers, in the order in which they were added. Ownership: names are borrowed;
 *  the table is lab_names_free()'s. */
#include <stdbool.h>
#include <stdint.h>

enum lab_names_kind {
	LAB_NAME_PARTNER,
	LAB_NAME_OFFER,
	LAB_NAME_REQUEST,
	LAB_NAME_NEED,
	LAB_NAME_EXPERTISE,
	LAB_NAMES_KINDS,
};

struct lab_names {
	struct lab_names_slot {
		const char *name;
		uint64_t hash;
		uint32_t at;
	} * slots;
	uint32_t room; /* 0, or a power of two */
	uint32_t len;
};

/** @return the number of a name, or UINT32_MAX. */
uint32_t lab_names_find(const struct lab_names *n, const char *name);
/** Adds a name that is not there, with the next number. @return false: no memory. */
bool lab_names_add(struct lab_names *n, const char *name);
void lab_names_free(struct lab_names *n);
