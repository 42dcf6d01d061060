/* SPDX-License-Identifier: EUPL-1.2 */
/* What the planner is given for names and hours: their order, a lottery that can be drawn again,
 * and units that keep large hours small. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/plan/compose.h"
#include "common/plan/gcd.h"
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

/* @p list: the names, each with its place; owned from here on. NULL: no memory. */
static uint32_t *ranks(struct named *list, uint32_t len)
{
	uint32_t *rank = calloc((size_t)len + 1, sizeof(*rank));

	if (list != NULL && rank != NULL) {
		qsort(list, len, sizeof(*list), by_name);
		for (uint32_t i = 0; i < len; i++) {
			rank[list[i].at] = i;
		}
		free(list);
		return rank;
	}
	free(list);
	free(rank);
	return NULL;
}

uint32_t *lab_offer_ranks(const struct lab *l)
{
	struct named *list = calloc((size_t)l->offers_len + 1, sizeof(*list));

	for (uint32_t i = 0; list != NULL && i < l->offers_len; i++) {
		list[i] = (struct named){ l->offers[i].name, i };
	}
	return ranks(list, l->offers_len);
}

uint32_t *lab_partner_ranks(const struct lab *l)
{
	struct named *list = calloc((size_t)l->partners_len + 1, sizeof(*list));

	for (uint32_t i = 0; list != NULL && i < l->partners_len; i++) {
		list[i] = (struct named){ l->partners[i].name, i };
	}
	return ranks(list, l->partners_len);
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

void lab_id(uint32_t rank, uint8_t ret_id[16])
{
	for (int i = 0; i < 4; i++) {
		ret_id[i] = (uint8_t)(rank >> (24 - 8 * i));
	}
}

uint32_t *lab_units(const struct lab *l)
{
	uint64_t *asked = calloc((size_t)l->offers_len + 1, sizeof(*asked));
	uint32_t *unit = calloc((size_t)l->offers_len + 1, sizeof(*unit));

	for (uint32_t i = 0; i < l->pairs_len && asked != NULL && unit != NULL; i++) {
		const struct lab_pair *p = &l->pairs[i];
		if (p->hours <= l->offers[p->offer].hours) {
			asked[p->offer] += p->hours;
			unit[p->offer] = (uint32_t)gcd(unit[p->offer], p->hours);
		}
	}
	for (uint32_t o = 0; o < l->offers_len && asked != NULL && unit != NULL; o++) {
		unit[o] = asked[o] <= l->offers[o].hours ? 0 : unit[o];
	}
	if (asked == NULL) {
		free(unit);
		unit = NULL;
	}
	free(asked);
	return unit;
}
