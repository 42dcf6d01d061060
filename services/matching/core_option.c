/* SPDX-License-Identifier: EUPL-1.2 */
/* The options of one composition as they are gathered: a use of a pool that passed all filters for
 * a need, weighed. Pools and partners are listed once, found again by their number in the index. */
#include <stdio.h>

#include "services/matching/core_build.h"

/** The names of a list of the problem in hand. */
struct names {
	const char **list;
	char (*own)[PARTY_ID_LEN_MAX + 1];
	struct listed *places; /* by number */
	uint32_t made;
	size_t len;
};

/** @return where it stands, or COMPOSE_NONE. */
static uint32_t names_find(const struct names *n, uint32_t number, const char *name)
{
	uint32_t at = 0;

	if (number < INDEX_NUMBERS_MAX) {
		const struct listed *place = &n->places[number];
		return place->made == n->made ? place->at : COMPOSE_NONE;
	}
	while (at < n->len && strcmp(n->list[at], name) != 0) {
		at++;
	}
	return at < n->len ? at : COMPOSE_NONE;
}

/** The index keeps its names for the step; another may be gone before the problem is. */
static void names_add(const struct names *n, uint32_t number, const char *name)
{
	if (number < INDEX_NUMBERS_MAX) {
		n->places[number] = (struct listed){ n->made, (uint32_t)n->len };
		n->list[n->len] = name;
	} else {
		(void)snprintf(n->own[n->len], PARTY_ID_LEN_MAX + 1, "%s", name);
		n->list[n->len] = n->own[n->len];
	}
}

static uint32_t partner_index(struct build *b, const struct found_use *u)
{
	struct match_scratch *m = b->m;
	size_t at = b->problem.partners_len;
	struct names n = { m->partner_names, m->own_partner_names, m->partner_places, m->made, at };
	uint32_t known = names_find(&n, u->partner_number, u->partner);

	if (known != COMPOSE_NONE) {
		return known;
	}
	bool inside = team_has(&b->team, u->partner);
	names_add(&n, u->partner_number, u->partner);
	m->partners[at] = (struct compose_partner){
		.fixed_cost = inside ? 0 : (uint32_t)step_setting(b->w->s, SETTING_COST_PARTNER),
		.in_team = inside,
	};
	b->problem.partners_len++;
	return (uint32_t)at;
}

static uint32_t pool_index(struct build *b, const struct found_use *u)
{
	struct match_scratch *m = b->m;
	size_t at = b->problem.pools_len;

	m->made += at == 0; /* another problem than before: the lists are empty */
	struct names n = { m->names, m->own_names, m->pool_places, m->made, at };
	uint32_t known = names_find(&n, u->pool_number, u->pool);
	if (known != COMPOSE_NONE) {
		return known;
	}
	names_add(&n, u->pool_number, u->pool);
	m->pools[at] = (struct compose_pool){ .partner = partner_index(b, u), .free = u->free };
	memcpy(m->pools[at].id, u->pool_id->b, OBJECT_ID_LEN);
	m->counted[at] = COUNTED_NOT;
	b->problem.pools_len++;
	return (uint32_t)at;
}

uint32_t build_tie(struct build *b, const struct object_id *pool, uint32_t use)
{
	struct object_id mix = id_of(&b->r->request->request_id);

	for (size_t i = 0; i < OBJECT_ID_LEN; i++) {
		mix.b[i] ^= pool->b[OBJECT_ID_LEN - 1 - i];
	}
	mix.b[0] ^= (uint8_t)use;
	return (uint32_t)(step_lottery(b->w->s, &mix) & ((1U << COMPOSE_TIE_BITS) - 1));
}

static struct seat_offer offer_of(struct build *b, const struct found_use *u)
{
	return (struct seat_offer){
		.pool = u->pool,
		.partner = u->partner,
		.use = u->use,
		.facts = u->facts,
		.modality = u->modality,
		.access = u->access,
		.price = u->price,
		.far = !u->near,
		.interpreter = u->speaks && use_wants_interpreter(b->r, u->facts),
		.amount = u->amount,
	};
}

struct compose_option build_weigh(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
				  const struct index_ref *ref)
{
	struct object_id pool = id_of(&p->pool_id);
	struct found_use u = {
		.pool = p->pool,
		.facts = &ref->facts,
		.modality = ref->facts.modality,
		.access = ref->facts.access,
		.speaks = ref->facts.languages > 0,
		.near = need_is_near_ref(b->w, b->r, b->needs[need], ref),
		.amount = need_amount(b->needs[need], p, &ref->facts),
		.partner = p->partner,
		.pool_id = &pool,
	};
	struct seat_offer offer = offer_of(b, &u);

	return (struct compose_option){
		.use = ref->facts.use,
		.amount = offer.amount,
		.cost = cost_unpriced(b, need, &offer),
		.tie = build_tie(b, &pool, ref->facts.use),
		.need = (uint8_t)need,
	};
}

void build_sure(struct build *b, size_t need, const struct found_use *u)
{
	size_t at = b->problem.options_len;

	if (at >= OPTIONS_MAX || b->problem.pools_len >= OPTION_POOLS_MAX) {
		return;
	}
	struct seat_offer offer = offer_of(b, u);
	b->m->facts[at] = u->facts;
	b->m->far[at] = !u->near;
	b->m->options[at] = (struct compose_option){
		.pool = pool_index(b, u),
		.use = u->use,
		.amount = offer.amount,
		.cost = cost_sum(b, need, &offer),
		.tie = build_tie(b, u->pool_id, u->use),
		.need = (uint8_t)need,
	};
	b->problem.options_len++;
}

void build_option(struct build *b, size_t need, const PB(MatchPoolRecord) *p,
		  const struct use_facts *u, bool far)
{
	struct object_id id = id_of(&p->pool_id);
	size_t at = b->problem.options_len;
	size_t pools = b->problem.pools_len;
	struct found_use found = {
		.near = !far,
		.amount = need_amount(b->needs[need], p, u),
		.free = pool_free(p),
		.pool_id = &id,
		.price = index_price(b->w->s->index, p->pool, u->use),
		.use = u->use,
		.modality = u->modality,
		.access = u->access,
		.speaks = u->languages > 0,
	};

	if (at >= OPTIONS_MAX) {
		return;
	}
	b->m->own_facts[at] = *u;
	found.facts = &b->m->own_facts[at];
	found.pool = index_pool(b->w->s->index, p->pool, &found.pool_number);
	found.pool = found.pool == NULL ? p->pool : found.pool;
	found.partner = index_partner(b->w->s->index, p->partner, &found.partner_number);
	found.partner = found.partner == NULL ? p->partner : found.partner;
	build_sure(b, need, &found);
	if (b->problem.pools_len > pools) {
		carry_pool(b, pools, p);
	}
}
