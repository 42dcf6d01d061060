/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A map from 64-bit hashes to 64-bit values, for the oracle. Ownership: the caller's.
 *  Out of memory ends the run. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map64 {
	uint64_t *key; /* 0: free */
	uint64_t *val;
	size_t cap;
	size_t len;
};

void map64_done(struct map64 *m);
void map64_clear(struct map64 *m);
bool map64_get(const struct map64 *m, uint64_t key, uint64_t *ret_val);
/** @return true when the key was there; then @p ret_old (may be NULL) gets the value before. */
bool map64_put(struct map64 *m, uint64_t key, uint64_t val, uint64_t *ret_old);
bool map64_del(struct map64 *m, uint64_t key, uint64_t *ret_old);
/** calloc that never fails: a simulator without memory has nothing to say. */
void *sim_alloc(size_t bytes);
void *sim_grow(void *p, size_t bytes);
