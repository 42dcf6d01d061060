/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/arena.h"

#include <string.h>

#include "common/err.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SK_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SK_ASAN 1
#endif
#ifdef SK_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_ALIGN 16U

void arena_init(struct arena *a, void *block, size_t cap_bytes)
{
	SK_ASSERT(((uintptr_t)block % ARENA_ALIGN) == 0);
	*a = (struct arena){ .base = block, .cap_bytes = cap_bytes };
	POISON(a->base, a->cap_bytes);
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	if (bytes > a->cap_bytes - a->used_bytes) {
		return NULL;
	}
	size_t take = (bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (take > a->cap_bytes - a->used_bytes) {
		return NULL;
	}
	uint8_t *p = a->base + a->used_bytes;
	a->used_bytes += take;
	a->peak_bytes = a->used_bytes > a->peak_bytes ? a->used_bytes : a->peak_bytes;
	UNPOISON(p, bytes);
	memset(p, 0, bytes);
	return p;
}

void *arena_dup(struct arena *a, const void *src, size_t len)
{
	void *p = arena_alloc(a, len);

	if (p != NULL && len > 0) {
		memcpy(p, src, len);
	}
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s) + 1);
}

void arena_rewind(struct arena *a, size_t mark)
{
	SK_ASSERT(mark <= a->used_bytes);
	POISON(a->base + mark, a->used_bytes - mark);
	a->used_bytes = mark;
}

void arena_reset(struct arena *a)
{
	UNPOISON(a->base, a->peak_bytes);
	explicit_bzero(a->base, a->peak_bytes);
	POISON(a->base, a->peak_bytes);
	a->used_bytes = 0;
	a->peak_bytes = 0;
}

static void *pb_alloc(void *data, size_t bytes)
{
	return arena_alloc(data, bytes);
}

static void pb_free(void *data, void *ptr)
{
	(void)data;
	(void)ptr;
}

ProtobufCAllocator arena_protobuf(struct arena *a)
{
	return (ProtobufCAllocator){ .alloc = pb_alloc, .free = pb_free, .allocator_data = a };
}
