/* SPDX-License-Identifier: EUPL-1.2 */
/* A region: places on a square that grows with the number of offers, so that a need has some ten
 * offers in reach, in a village as in a country. */
#include "tests/bench/plan_region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPERTISES 20U
#define AGES 3U /* bands; an offer takes some of them */
#define SIDE \
	1000U /* tenths of a km, at 100 offers or fewer; the area grows with offers beyond 400 */

/* How often an expertise is asked and offered, in parts of 100: not the same mix. */
static const uint32_t asked[EXPERTISES] = { 13, 11, 10, 9, 8, 7, 6, 6, 5, 4,
					    4,  3,  3,  3, 2, 2, 1, 1, 1, 1 };
static const uint32_t given[EXPERTISES] = { 2, 2, 3, 3, 4, 4, 5, 5, 5, 5,
					    6, 6, 6, 6, 6, 6, 6, 6, 7, 7 };
static const uint32_t penalty_of[4] = { 3000, 6000, 12000, 24000 };

struct offer {
	uint32_t x, y, reach;
	uint32_t expertises; /* bits */
	uint32_t ages;       /* bits */
	uint32_t start_weeks;
};
struct child {
	uint32_t x, y;
	uint32_t urgency;
	uint32_t age; /* a bit */
	uint32_t weeks;
	uint32_t needs;
};

static uint64_t draw(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint32_t below(uint64_t *seed, uint32_t n)
{
	return (uint32_t)(draw(seed) % n);
}

static void *array(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (p == NULL) {
		abort();
	}
	return p;
}

static uint32_t expertise(uint64_t *seed, const uint32_t *of)
{
	uint32_t at = below(seed, 100);
	uint32_t e = 0;

	for (; at >= of[e]; e++) {
		at -= of[e];
	}
	return e;
}

static uint32_t root(uint32_t n)
{
	uint32_t r = 0;

	while ((uint64_t)(r + 1) * (r + 1) <= n) {
		r++;
	}
	return r;
}

static uint32_t distance(const struct child *c, const struct offer *o)
{
	uint32_t dx = c->x > o->x ? c->x - o->x : o->x - c->x;
	uint32_t dy = c->y > o->y ? c->y - o->y : o->y - c->y;

	return root(dx * dx + dy * dy);
}

static void draw_offers(struct region *r, struct offer *offers, uint32_t side, uint64_t *seed)
{
	for (uint32_t i = 0; i < r->p.pools_len; i++) {
		struct offer *o = &offers[i];
		struct plan_pool *pool = &r->pools[i];
		o->x = below(seed, side);
		o->y = below(seed, side);
		o->reach = 150 + below(seed, 300);
		o->ages = 1 + below(seed, (1U << AGES) - 1);
		o->start_weeks = below(seed, 5);
		for (uint32_t e = 1 + below(seed, 3); e > 0; e--) {
			o->expertises |= 1U << expertise(seed, given);
		}
		uint64_t id = draw(seed);
		memcpy(pool->id, &id, sizeof(id));
		pool->id[15] = (uint8_t)i;
		pool->id[14] = (uint8_t)(i >> 8);
		pool->id[13] = (uint8_t)(i >> 16);
		pool->partner = below(seed, (uint32_t)r->p.partners_len);
		pool->free = 2 + below(seed, 7);
	}
}

static int by_order(const void *a, const void *b)
{
	const struct child *x = a;
	const struct child *y = b;

	if (x->urgency != y->urgency) {
		return x->urgency > y->urgency ? -1 : 1;
	}
	return (x->weeks < y->weeks) - (x->weeks > y->weeks);
}

static void add_option(struct region *r, const struct plan_option *o)
{
	if (r->p.options_len == r->options_cap) {
		r->options_cap = r->options_cap * 2 + 1024;
		r->options = realloc(r->options, r->options_cap * sizeof(*r->options));
		if (r->options == NULL) {
			abort();
		}
	}
	r->options[r->p.options_len++] = *o;
}

static void draw_need(struct region *r, const struct child *c, const struct offer *offers,
		      uint64_t *seed)
{
	struct plan_need *n = &r->needs[r->p.needs_len];
	uint32_t wants = 1U << expertise(seed, asked);
	uint32_t hours = 1 + below(seed, 4);

	n->first = (uint32_t)r->p.options_len;
	n->penalty = penalty_of[c->urgency] + penalty_of[c->urgency] * c->weeks / 64;
	r->urgency[r->p.needs_len++] = (uint8_t)c->urgency;
	for (uint32_t i = 0; i < r->p.pools_len; i++) {
		if ((offers[i].expertises & wants) == 0 || (offers[i].ages & c->age) == 0) {
			continue;
		}
		uint32_t way = distance(c, &offers[i]);
		if (way > offers[i].reach) {
			continue;
		}
		uint32_t start = 5 * (c->urgency + 1) * offers[i].start_weeks;
		struct plan_option o = { .pool = i,
					 .amount = hours,
					 .cost = 3 * way / 10 + start + 80 * below(seed, 2),
					 .tie = below(seed, 1U << 20) };
		add_option(r, &o);
	}
	n->len = (uint32_t)r->p.options_len - n->first;
}

static void draw_requests(struct region *r, const struct offer *offers, uint32_t side,
			  uint64_t *seed)
{
	struct child *children = array(r->p.groups_len, sizeof(*children));

	for (size_t i = 0; i < r->p.groups_len; i++) {
		children[i] = (struct child){ .x = below(seed, side),
					      .y = below(seed, side),
					      .urgency = below(seed, 4),
					      .age = 1U << below(seed, AGES),
					      .weeks = below(seed, 53),
					      .needs = 1 + below(seed, 3) + below(seed, 4) };
	}
	qsort(children, r->p.groups_len, sizeof(*children), by_order);
	for (size_t i = 0; i < r->p.groups_len; i++) {
		r->groups[i] = (struct plan_group){ .first = (uint32_t)r->p.needs_len,
						    .len = children[i].needs,
						    .team_max = 5 };
		for (uint32_t n = 0; n < children[i].needs; n++) {
			draw_need(r, &children[i], offers, seed);
		}
	}
	free(children);
}

void region_draw(struct region *r, uint32_t requests, uint32_t offers, uint64_t seed)
{
	struct offer *made = array(offers, sizeof(*made));
	uint32_t partners = 1 + offers / 3;
	uint32_t side = offers <= 400 ? SIDE : SIDE * root(offers * 100) / root(400 * 100);

	memset(r, 0, sizeof(*r));
	r->groups = array(requests, sizeof(*r->groups));
	r->needs = array(requests * 6U, sizeof(*r->needs));
	r->urgency = array(requests * 6U, sizeof(*r->urgency));
	r->pools = array(offers, sizeof(*r->pools));
	r->partner_cost = array(partners, sizeof(*r->partner_cost));
	r->p.groups_len = requests;
	r->p.pools_len = offers;
	r->p.partners_len = partners;
	for (uint32_t i = 0; i < partners; i++) {
		r->partner_cost[i] = 400 + below(&seed, 201);
	}
	draw_offers(r, made, side, &seed);
	draw_requests(r, made, side, &seed);
	r->p.groups = r->groups;
	r->p.needs = r->needs;
	r->p.options = r->options;
	r->p.pools = r->pools;
	r->p.partner_cost = r->partner_cost;
	free(made);
}

void region_free(struct region *r)
{
	free(r->groups);
	free(r->needs);
	free(r->options);
	free(r->pools);
	free(r->partner_cost);
	free(r->urgency);
}
