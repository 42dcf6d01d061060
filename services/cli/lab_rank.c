/* SPDX-License-Identifier: EUPL-1.2 */
/* What decides between equals: the order of names, or a lottery that can be drawn again. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/plan/compose.h"
#include "services/cli/lab.h"

struct named {
	const char *name;
	uint32_t at;
};

static int by_name(const void *a, const void *b)
{
	const struct named *x = a;
	const struct named *y = b;

	return strcmp(x->name, y->name);
}

uint32_t *lab_offer_ranks(const struct lab *l)
{
	struct named *list = calloc((size_t)l->offers_len + 1, sizeof(*list));
	uint32_t *rank = calloc((size_t)l->offers_len + 1, sizeof(*rank));

	if (list == NULL || rank == NULL) {
		free(list);
		free(rank);
		return NULL;
	}
	for (uint32_t i = 0; i < l->offers_len; i++) {
		list[i] = (struct named){ l->offers[i].name, i };
	}
	qsort(list, l->offers_len, sizeof(*list), by_name);
	for (uint32_t i = 0; i < l->offers_len; i++) {
		rank[list[i].at] = i;
	}
	free(list);
	return rank;
}

uint32_t lab_lot(const struct lab *l, uint64_t seed, uint32_t need, uint32_t offer)
{
	if (!l->lottery) {
		return 0;
	}
	const char *asks = l->requests[l->needs[need].request].name;
	const char *has = l->offers[offer].name;
	uint64_t hash = XXH3_64bits_withSeed(asks, strlen(asks), seed);

	hash = XXH3_64bits_withSeed(has, strlen(has), hash);
	return (uint32_t)(hash >> (64 - COMPOSE_TIE_BITS));
}
