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
	size_t peak_bytes; /* since the last reset; all of it is wiped */
};

void arena_init(struct arena *a, void *block, size_t cap_bytes);
/** @return zeroed memory aligned to 16, valid until arena_reset(); NULL when full (never aborts).
 */
void *arena_alloc(struct arena *a, size_t bytes);
/** @return a copy of @p len bytes, or NULL when full. */
void *arena_dup(struct arena *a, const void *src, size_t len);
/** @return a NUL-terminated copy of the string, or NULL when full. */
char *arena_strdup(struct arena *a, const char *s);
/** Gives back what was allocated since used_bytes was @p mark. */
void arena_rewind(struct arena *a, size_t mark);
/** Wipes what was used (it may hold message content) and poisons it under AddressSanitizer. */
void arena_reset(struct arena *a);
/** Allocator for protobuf-c; free is a no-op, so never call *_free_unpacked on its results. */
ProtobufCAllocator arena_protobuf(struct arena *a);
