/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Bump allocator with a hard ceiling; one per message in flight.
 *  Ownership: the caller owns the memory block. Threads: none. Blocks: never. */
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

struct arena {
	uint8_t *base;
	size_t cap_bytes;
	size_t used_bytes;
};

void arena_init(struct arena *a, void *block, size_t cap_bytes);
/** @return zeroed memory aligned to 16, valid until arena_reset(); NULL when full (never aborts).
 */
void *arena_alloc(struct arena *a, size_t bytes);
/** @return a copy of @p len bytes, or NULL when full. */
void *arena_dup(struct arena *a, const void *src, size_t len);
/** @return a NUL-terminated copy of the string, or NULL when full. */
char *arena_strdup(struct arena *a, const char *s);
/** Wipes what was used (it may hold message content) and poisons it under AddressSanitizer. */
void arena_reset(struct arena *a);
/** Allocator for protobuf-c; free is a no-op, so never call *_free_unpacked on its results. */
ProtobufCAllocator arena_protobuf(struct arena *a);
