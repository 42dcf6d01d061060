/* SPDX-License-Identifier: EUPL-1.2 */
/* The one request of a problem as the exact composer takes it, and its team as an answer. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/compose.h"
#include "services/cli/lab.h"

/* Only offers that some need may take become pools. Where penalties decide, there is a "nobody" for
 * each need, of no partner that counts, which stands for staying open at its penalty; nobody is no
 * lead and not together with anybody, so with such rules each set of needs is composed by itself.
 */
struct problem {
	const struct lab *l;
	uint64_t seed;
	uint32_t *pool_of;    /* per offer, or LAB_NONE */
	uint32_t *partner_of; /* per partner, or LAB_NONE */
	uint32_t *rank;       /* per offer, in the order of names */
	uint32_t *unit;       /* per offer: lab_units() */
	struct compose_option *options;
	uint32_t *pair_of; /* per option, or LAB_NONE for nobody */
	struct compose_pool *pools;
	struct compose_partner *partners;
	struct compose_option *chosen; /* those of a set of needs, and which they are */
	uint32_t *chosen_of;
	struct compose_pair *ties[2]; /* together, apart: each pair once */
	uint32_t options_len, pools_len, partners_len;
	uint32_t ties_len[2];
};

static bool make_room(struct problem *p)
{
	const struct lab *l = p->l;
	size_t offers = (size_t)l->offers_len + 1;
	size_t partners = (size_t)l->partners_len + 1;
	size_t options = (size_t)l->pairs_len + l->needs_len;

	p->pool_of = malloc(offers * sizeof(*p->pool_of));
	p->partner_of = malloc(partners * sizeof(*p->partner_of));
	p->rank = lab_offer_ranks(l);
	p->unit = lab_units(l);
	p->options = calloc(options, sizeof(*p->options));
	p->pair_of = calloc(options, sizeof(*p->pair_of));
	p->chosen = calloc(options, sizeof(*p->chosen));
	p->chosen_of = calloc(options, sizeof(*p->chosen_of));
	p->ties[0] = calloc(COMPOSE_PAIRS_MAX, sizeof(*p->ties[0]));
	p->ties[1] = calloc(COMPOSE_PAIRS_MAX, sizeof(*p->ties[1]));
	p->pools = calloc(offers + l->needs_len, sizeof(*p->pools));
	p->partners = calloc(partners + l->needs_len, sizeof(*p->partners));
	if (p->pool_of == NULL || p->partner_of == NULL || p->rank == NULL || p->unit == NULL ||
	    p->options == NULL || p->pair_of == NULL || p->pools == NULL || p->partners == NULL ||
	    p->chosen == NULL || p->chosen_of == NULL || p->ties[0] == NULL || p->ties[1] == NULL) {
		return false;
	}
	memset(p->pool_of, 0xff, offers * sizeof(*p->pool_of));
	memset(p->partner_of, 0xff, partners * sizeof(*p->partner_of));
	return true;
}

static void give_back(struct problem *p)
{
	free(p->pool_of);
	free(p->partner_of);
	free(p->rank);
	free(p->unit);
	free(p->options);
	free(p->pair_of);
	free(p->chosen);
	free(p->chosen_of);
	free(p->ties[0]);
	free(p->ties[1]);
	free(p->pools);
	free(p->partners);
}

static uint32_t partner_for(struct problem *p, uint32_t partner)
{
	if (p->partner_of[partner] == LAB_NONE) {
		p->partner_of[partner] = p->partners_len;
		p->partners[p->partners_len++] = (struct compose_partner){
			.fixed_cost = p->l->partners[partner].cost,
			.lead = p->l->partners[partner].lead,
		};
	}
	return p->partner_of[partner];
}

static uint32_t pool_for(struct problem *p, uint32_t offer)
{
	const struct lab_offer *o = &p->l->offers[offer];

	if (p->pool_of[offer] != LAB_NONE) {
		return p->pool_of[offer];
	}
	struct compose_pool *pool = &p->pools[p->pools_len];
	lab_id(p->rank[offer], pool->id);
	pool->partner = partner_for(p, o->partner);
	pool->fixed_cost = o->cost;
	pool->free = p->unit[offer] == 0 ? 0 : o->hours / p->unit[offer];
	p->pool_of[offer] = p->pools_len++;
	return p->pool_of[offer];
}

static void add_pair(struct problem *p, uint32_t need, uint32_t at)
{
	const struct lab *l = p->l;
	const struct lab_pair *pair = &l->pairs[at];
	uint32_t unit = p->unit[pair->offer];

	if (pair->hours > l->offers[pair->offer].hours) {
		return;
	}
	p->pair_of[p->options_len] = at;
	p->options[p->options_len++] = (struct compose_option){
		.pool = pool_for(p, pair->offer),
		.amount = unit == 0 ? 0 : pair->hours / unit,
		.cost = pair->cost,
		.tie = lab_lot(l, p->seed, need, pair->offer),
		.need = (uint8_t)need,
	};
}

static void add_nobody(struct problem *p, uint32_t need)
{
	struct compose_pool *pool = &p->pools[p->pools_len];

	memset(pool->id, 0xff, sizeof(pool->id));
	pool->id[15] = (uint8_t)need;
	pool->partner = p->partners_len;
	p->partners[p->partners_len++].in_team = true;
	p->pair_of[p->options_len] = LAB_NONE;
	p->options[p->options_len++] = (struct compose_option){
		.pool = p->pools_len++,
		.cost = p->l->needs[need].penalty,
		.need = (uint8_t)need,
	};
}

static void fill_ties(struct problem *p)
{
	uint16_t seen[2][COMPOSE_NEEDS_MAX] = { 0 };

	for (uint32_t i = 0; i < p->l->ties_len; i++) {
		const struct lab_tie *t = &p->l->ties[i];
		uint8_t a = (uint8_t)(t->a < t->b ? t->a : t->b);
		uint8_t b = (uint8_t)(t->a < t->b ? t->b : t->a);
		if (((uint32_t)seen[t->apart][a] >> b & 1U) == 0) {
			seen[t->apart][a] |= (uint16_t)(1U << b);
			p->ties[t->apart][p->ties_len[t->apart]++] =
				(struct compose_pair){ { a, b } };
		}
	}
}

/* Whether what stays open must be tried set by set. */
static bool by_sets(const struct problem *p)
{
	return p->l->penalty_first && (p->ties_len[0] > 0 || p->l->lead_asked);
}

/* Also one without an offer: it may be the lead. */
static void fill_held(struct problem *p)
{
	for (uint32_t i = 0; i < p->l->held_len; i++) {
		uint32_t at = partner_for(p, p->l->held[i]);
		p->partners[at].fixed_cost = 0;
		p->partners[at].in_team = true;
	}
}

static void fill(struct problem *p)
{
	const struct lab *l = p->l;

	fill_held(p);
	fill_ties(p);
	for (uint32_t n = 0; n < l->needs_len; n++) {
		for (uint32_t i = 0; i < l->needs[n].pair_len; i++) {
			add_pair(p, n, l->needs[n].pair_first + i);
		}
		if (l->penalty_first && !by_sets(p)) {
			add_nobody(p, n);
		}
	}
}

static enum lab_open reason_of(const struct lab *l, uint32_t need, enum compose_open why)
{
	enum lab_open rest = l->penalty_first ? LAB_PENALTY : LAB_NO_CAPACITY;

	if (l->needs[need].pair_len == 0) {
		return LAB_NO_PAIR;
	}
	switch (why) {
	case COMPOSE_TEAM_LIMIT:
		return LAB_TEAM_LIMIT;
	case COMPOSE_NO_LEAD:
		return LAB_NO_LEAD;
	case COMPOSE_RULE:
		return LAB_RULE;
	case COMPOSE_NO_CAPACITY:
		return LAB_NO_CAPACITY;
	case COMPOSE_NO_OPTION:
	case COMPOSE_SEATED:
	default:
		return rest;
	}
}

static void take(const struct problem *p, const struct compose_team *team, struct lab_answer *a)
{
	const struct lab *l = p->l;
	uint64_t open = 0;

	a->covered = 0;
	for (uint32_t n = 0; n < l->needs_len; n++) {
		uint32_t at = team->option[n];
		a->seat[n] = at == COMPOSE_NONE ? LAB_NONE : p->pair_of[at];
		a->reason[n] = LAB_SEATED;
		if (a->seat[n] == LAB_NONE) {
			a->reason[n] = (uint8_t)reason_of(l, n, team->open[n]);
			open += l->needs[n].penalty;
		} else {
			a->covered++;
		}
	}
	a->cost = l->penalty_first && !by_sets(p) ? team->cost - open : team->cost;
	a->value = a->cost + open;
	a->objective = l->penalty_first ? a->value : a->cost;
	a->bound = a->objective;
	a->proven = true;
}

static int compose(const struct problem *p, const struct compose_option *options, size_t len,
		   struct compose_team *ret_team)
{
	uint32_t most = p->l->requests[0].team_max;
	uint32_t whole = p->l->needs_len + p->l->held_len;
	const struct compose_problem q = {
		.needs = p->l->needs_len,
		.team_max = most < whole ? most : whole,
		.partners_used = p->l->held_len,
		.options = options,
		.options_len = len,
		.pools = p->pools,
		.pools_len = p->pools_len,
		.partners = p->partners,
		.partners_len = p->partners_len,
		.together = p->ties[0],
		.together_len = p->ties_len[0],
		.apart = p->ties[1],
		.apart_len = p->ties_len[1],
		.lead = p->l->lead_asked,
	};
	struct compose_scratch scratch = { 0 };
	int err = compose_scratch_bytes(&q, &scratch.bytes);

	if (err != SK_OK) {
		return err;
	}
	scratch.mem = aligned_alloc(16, (scratch.bytes + 15) / 16 * 16);
	err = scratch.mem == NULL ? SK_ENOMEM : compose_run(&q, scratch, ret_team);
	free(scratch.mem);
	return err;
}

/* The best of all sets of needs, each seated whole: least value, then the better coverage. A set
 * whose open needs alone cost more than the best is passed over. */
static int compose_sets(struct problem *p, struct compose_team *ret_team)
{
	const struct lab *l = p->l;
	uint64_t least = UINT64_MAX;
	int err = SK_OK;

	/* The earliest need stands in the highest bit, so of equal values the last set is best. */
	for (uint32_t set = 0; set < 1U << l->needs_len && err == SK_OK; set++) {
		struct compose_team team = { 0 };
		uint64_t open = 0;
		uint32_t len = 0;
		uint32_t covered = 0;
		for (uint32_t n = 0; n < l->needs_len; n++) {
			bool in = (set >> (l->needs_len - 1 - n) & 1U) != 0;
			covered |= (uint32_t)in << n;
			open += in ? 0 : l->needs[n].penalty;
		}
		for (uint32_t i = 0; open <= least && i < p->options_len; i++) {
			if ((covered >> p->options[i].need & 1U) != 0) {
				p->chosen_of[len] = i;
				p->chosen[len++] = p->options[i];
			}
		}
		err = open <= least ? compose(p, p->chosen, len, &team) : SK_OK;
		if (err != SK_OK || open > least || team.covered != covered ||
		    team.cost + open > least) {
			continue;
		}
		least = team.cost + open;
		for (uint32_t n = 0; n < l->needs_len; n++) {
			uint32_t at = team.option[n];
			team.option[n] = at == COMPOSE_NONE ? at : p->chosen_of[at];
			team.open[n] = COMPOSE_NO_OPTION;
		}
		*ret_team = team;
	}
	return err;
}

static int run(struct problem *p, struct lab_answer *a)
{
	struct compose_team team = { 0 };
	int err = by_sets(p) ? compose_sets(p, &team) :
			       compose(p, p->options, p->options_len, &team);

	if (err == SK_OK) {
		take(p, &team, a);
	}
	return err;
}

/* What the exact composer's own limits leave out goes to the one for large requests. */
static bool within(const struct problem *p)
{
	if (p->pools_len > COMPOSE_POOLS_MAX || p->partners_len > COMPOSE_POOLS_MAX) {
		return false;
	}
	for (uint32_t i = 0; i < p->options_len; i++) {
		if (p->options[i].amount > COMPOSE_AMOUNT_MAX) {
			return false;
		}
	}
	return true;
}

int lab_compose(struct cli *c, const struct lab *l, const struct lab_asked *asked,
		struct lab_answer *a)
{
	struct problem p = { .l = l, .seed = asked->seed };
	bool exact = true;

	if (l->requests_len > 1) {
		cli_say(c,
			"er staan %u vragen in; lab compose neemt er een, lab plan neemt er meer",
			"there are %u requests; lab compose takes one, lab plan takes more",
			l->requests_len);
		return CLI_USAGE;
	}
	if (l->needs_len > COMPOSE_NEEDS_MAX) {
		return lab_large(c, l, asked, a);
	}
	int err = make_room(&p) ? SK_OK : SK_ENOMEM;
	if (err == SK_OK) {
		fill(&p);
		exact = within(&p);
		err = exact ? run(&p, a) : SK_OK;
	}
	give_back(&p);
	if (!exact) {
		return lab_large(c, l, asked, a);
	}
	return err == SK_OK ? CLI_DONE : cli_fail(c, "lab compose", err);
}
