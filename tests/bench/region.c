/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/bench/region.h"

#include <stdlib.h>
#include <string.h>

#define OFFERS_A_PARTNER 20U
#define TEAM_MAX 5U

static uint64_t mix(uint64_t a, uint64_t b)
{
	uint64_t z = a * 0x9e3779b97f4a7c15ULL + b;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

/* The next of a row of draws, 0 to n - 1. */
static uint32_t below(uint64_t *at, uint32_t n)
{
	*at = mix(*at, 1);
	return (uint32_t)(*at % n);
}

static uint64_t bits_of(uint64_t *at, uint32_t count, uint32_t from)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < count; i++) {
		bits |= 1ULL << below(at, from);
	}
	return bits;
}

static void make_offer(struct bench_region *r, uint32_t i)
{
	struct bench_region_offer *o = &r->offers[i];
	uint64_t at = mix(r->seed, i);

	o->partner = below(&at, r->partners_len);
	uint64_t home = mix(r->seed + 1, o->partner);
	o->zone = (uint32_t)(home % REGION_ZONES);
	for (uint32_t reach = below(&at, 18), z = 0; z <= reach; z++) {
		o->facts.zones[0] |= 1ULL << (o->zone + z) % REGION_ZONES;
	}
	o->facts.expertises = bits_of(&at, 1 + below(&at, 3), REGION_EXPERTISES);
	uint32_t from = 3 * below(&at, 6);
	for (uint32_t year = from; year < from + 4 + below(&at, 8); year++) {
		o->facts.ages |= 1U << year % 26;
	}
	o->facts.languages = 1 | bits_of(&at, 1, 8);
	o->facts.forms = (uint32_t)bits_of(&at, 2, 3);
	o->facts.free = below(&at, 6) == 0 ? 0 : 1 + below(&at, 16);
	o->facts.flags = below(&at, 20) != 0 ? REGION_FRESH : 0;
	o->start_weeks = below(&at, 9);
	for (size_t b = 0; b < sizeof(o->id); b++) {
		o->id[b] = (uint8_t)(mix(r->seed + 2, i) >> 8 * (b % 8));
	}
	memcpy(o->id + 12, &i, sizeof(i));
}

struct bench_region *bench_region_new(uint32_t offers, uint64_t seed)
{
	struct bench_region *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		return NULL;
	}
	r->seed = seed;
	r->offers_len = offers;
	r->partners_len = 1 + offers / OFFERS_A_PARTNER;
	r->offers = calloc(offers, sizeof(*r->offers));
	r->partners = calloc(r->partners_len, sizeof(*r->partners));
	r->cand = cand_new();
	bool whole = r->offers != NULL && r->partners != NULL && r->cand != NULL;
	for (uint32_t i = 0; whole && i < r->partners_len; i++) {
		r->partners[i].fixed_cost = 400 + (uint32_t)(mix(seed + 3, i) % 201);
	}
	for (uint32_t i = 0; whole && i < offers; i++) {
		make_offer(r, i);
		whole = cand_put(r->cand, i, &r->offers[i].facts) == SK_OK;
	}
	if (!whole) {
		bench_region_free(r);
		return NULL;
	}
	return r;
}

void bench_region_free(struct bench_region *r)
{
	if (r != NULL) {
		free(r->offers);
		free(r->partners);
		cand_free(r->cand);
		free(r);
	}
}

void bench_region_request(const struct bench_region *r, uint32_t needs, uint64_t number,
			  struct bench_region_request *ret_request)
{
	uint64_t at = mix(r->seed + 4, number);
	struct bench_region_request q = { .number = number, .needs = needs };

	q.query.age = below(&at, 18);
	q.query.zones[0] = below(&at, REGION_ZONES);
	q.query.zones_len = 1;
	q.query.rules[0].with = REGION_FRESH;
	q.query.languages = below(&at, 5) == 0 ? 1ULL << below(&at, 8) : 1;
	q.query.forms = below(&at, 3) == 0 ? 1U << below(&at, 3) : 0;
	q.query.amount = 1;
	q.urgency = below(&at, 4);
	for (uint32_t i = 0; i < needs; i++) {
		q.expertise[i] = (uint8_t)below(&at, REGION_EXPERTISES);
		q.hours[i] = 1 + below(&at, 4);
		q.query.expertises |= 1ULL << q.expertise[i];
	}
	*ret_request = q;
}

bool bench_region_room_make(const struct bench_region *r, struct bench_region_room *ret_room)
{
	size_t options = (size_t)r->offers_len * COMPOSE_NEEDS_MAX;

	*ret_room = (struct bench_region_room){
		.bits = calloc(r->offers_len / 64 + 1, sizeof(uint64_t)),
		.slots = calloc(r->offers_len, sizeof(uint32_t)),
		.options = calloc(options, sizeof(struct compose_option)),
		.pools = calloc(r->offers_len, sizeof(struct compose_pool)),
		.partners = calloc(r->partners_len, sizeof(struct compose_partner)),
		.partner_at = malloc(r->partners_len * sizeof(uint32_t)),
		.used = calloc(r->partners_len, sizeof(uint32_t)),
	};
	if (ret_room->partner_at != NULL) {
		memset(ret_room->partner_at, 0xff, r->partners_len * sizeof(uint32_t));
	}
	return ret_room->bits != NULL && ret_room->slots != NULL && ret_room->options != NULL &&
	       ret_room->pools != NULL && ret_room->partners != NULL &&
	       ret_room->partner_at != NULL && ret_room->used != NULL;
}

void bench_region_room_free(struct bench_region_room *room)
{
	free(room->bits);
	free(room->slots);
	free(room->options);
	free(room->pools);
	free(room->partners);
	free(room->partner_at);
	free(room->used);
}

/* Points as MATCHING 2 has them: distance, start by urgency, who is in place or preferred now. */
static uint32_t cost_of(const struct bench_region_request *q, const struct bench_region_offer *o,
			uint64_t draw)
{
	uint32_t km = 2 + 9 * ((q->query.zones[0] + REGION_ZONES - o->zone) % REGION_ZONES) +
		      (uint32_t)(draw % 9);

	return 3 * km + 5 * (q->urgency + 1) * o->start_weeks + (draw >> 8 & 3 ? 80 : 0);
}

static uint32_t partner_index(const struct bench_region *r, struct bench_region_room *room,
			      uint32_t partner, struct compose_problem *p)
{
	uint32_t *at = &room->partner_at[partner];

	if (*at == COMPOSE_NONE) {
		*at = (uint32_t)p->partners_len++;
		room->partners[*at] = r->partners[partner];
		room->used[*at] = partner;
	}
	return *at;
}

static void add_offer(const struct bench_region *r, const struct bench_region_request *q,
		      struct bench_region_room *room, struct compose_problem *p)
{
	uint32_t slot = room->slots[p->pools_len];
	const struct bench_region_offer *o = &r->offers[slot];
	struct compose_pool *pool = &room->pools[p->pools_len];
	uint64_t draw = mix(q->number, slot);

	*pool = (struct compose_pool){ .partner = partner_index(r, room, o->partner, p),
				       .free = o->facts.free };
	memcpy(pool->id, o->id, sizeof(pool->id));
	for (uint32_t i = 0; i < q->needs; i++) {
		if ((o->facts.expertises >> q->expertise[i] & 1U) != 0) {
			room->options[p->options_len++] = (struct compose_option){
				.pool = (uint32_t)p->pools_len,
				.amount = q->hours[i],
				.cost = cost_of(q, o, draw),
				.tie = (uint32_t)(draw >> 40) & ((1U << COMPOSE_TIE_BITS) - 1),
				.need = (uint8_t)i,
			};
		}
	}
	p->pools_len++;
}

struct compose_problem bench_region_problem(const struct bench_region *r,
					    const struct bench_region_request *q,
					    struct bench_region_room *room, uint32_t found)
{
	struct compose_problem p = { .needs = q->needs,
				     .team_max = TEAM_MAX,
				     .options = room->options,
				     .pools = room->pools,
				     .partners = room->partners };

	for (uint32_t i = 0; i < found; i++) {
		add_offer(r, q, room, &p);
	}
	for (uint32_t i = 0; i < p.partners_len; i++) {
		room->partner_at[room->used[i]] = COMPOSE_NONE;
	}
	return p;
}
