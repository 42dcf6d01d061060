/* SPDX-License-Identifier: EUPL-1.2 */
/* All requests of a problem as the planner of the list takes them, and its plan as an answer. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/large.h"
#include "common/plan/plan.h"
#include "services/cli/lab.h"

/* Offers are pools, partners are partners, pairs that fit alone are options. */
struct problem {
	const struct lab *l;
	uint64_t seed;
	uint32_t *rank;
	uint32_t *unit;
	uint32_t *pair_of; /* per option */
	bool *used;        /* per offer */
	uint32_t *partner_cost;
	bool *leads;
	struct plan_group *groups;
	struct plan_need *needs;
	struct plan_option *options;
	struct plan_pool *pools;
	struct plan_pair *pairs; /* by request */
	uint32_t options_len;
};

static bool make_room(struct problem *p)
{
	const struct lab *l = p->l;

	p->rank = lab_offer_ranks(l);
	p->unit = lab_units(l);
	p->pair_of = calloc((size_t)l->pairs_len + 1, sizeof(*p->pair_of));
	p->leads = calloc((size_t)l->partners_len + 1, sizeof(*p->leads));
	p->pairs = calloc((size_t)l->ties_len + 1, sizeof(*p->pairs));
	p->used = calloc((size_t)l->offers_len + 1, sizeof(*p->used));
	p->partner_cost = calloc((size_t)l->partners_len + 1, sizeof(*p->partner_cost));
	p->groups = calloc(l->requests_len, sizeof(*p->groups));
	p->needs = calloc(l->needs_len, sizeof(*p->needs));
	p->options = calloc((size_t)l->pairs_len + 1, sizeof(*p->options));
	p->pools = calloc((size_t)l->offers_len + 1, sizeof(*p->pools));
	return p->rank != NULL && p->unit != NULL && p->pair_of != NULL && p->leads != NULL &&
	       p->pairs != NULL && p->used != NULL && p->partner_cost != NULL &&
	       p->groups != NULL && p->needs != NULL && p->options != NULL && p->pools != NULL;
}

static void give_back(struct problem *p)
{
	free(p->rank);
	free(p->unit);
	free(p->pair_of);
	free(p->leads);
	free(p->pairs);
	free(p->used);
	free(p->partner_cost);
	free(p->groups);
	free(p->needs);
	free(p->options);
	free(p->pools);
}

static void add_need(struct problem *p, uint32_t need)
{
	const struct lab *l = p->l;
	const struct lab_need *n = &l->needs[need];
	struct plan_need *to = &p->needs[need];

	*to = (struct plan_need){ .first = p->options_len, .penalty = n->penalty };
	for (uint32_t at = n->pair_first; at < n->pair_first + n->pair_len; at++) {
		const struct lab_pair *pair = &l->pairs[at];
		uint32_t unit = p->unit[pair->offer];
		if (pair->hours > l->offers[pair->offer].hours) {
			continue;
		}
		p->used[pair->offer] = true;
		p->pair_of[p->options_len] = at;
		p->options[p->options_len++] = (struct plan_option){
			.pool = pair->offer,
			.amount = unit == 0 ? 0 : pair->hours / unit,
			.cost = pair->cost,
			.tie = lab_lot(l, p->seed, need, pair->offer),
		};
		to->len++;
	}
}

/* Counted, then dealt out: the lines stand in any order. */
static void add_pairs(struct problem *p)
{
	const struct lab *l = p->l;
	uint32_t at = 0;

	for (uint32_t i = 0; i < l->ties_len; i++) {
		p->groups[l->needs[l->ties[i].a].request].pair_len++;
	}
	for (uint32_t i = 0; i < l->requests_len; i++) {
		p->groups[i].pair_first = at;
		at += p->groups[i].pair_len;
		p->groups[i].pair_len = 0;
	}
	for (uint32_t i = 0; i < l->ties_len; i++) {
		const struct lab_tie *t = &l->ties[i];
		struct plan_group *g = &p->groups[l->needs[t->a].request];
		p->pairs[g->pair_first + g->pair_len++] =
			(struct plan_pair){ { t->a, t->b }, t->apart };
	}
}

static void fill(struct problem *p)
{
	const struct lab *l = p->l;

	for (uint32_t o = 0; o < l->offers_len; o++) {
		uint32_t unit = p->unit[o];
		lab_id(p->rank[o], p->pools[o].id);
		p->pools[o].partner = l->offers[o].partner;
		p->pools[o].fixed_cost = l->offers[o].cost;
		p->pools[o].free = unit == 0 ? 0 : l->offers[o].hours / unit;
	}
	for (uint32_t i = 0; i < l->partners_len; i++) {
		p->partner_cost[i] = l->partners[i].cost;
		p->leads[i] = l->partners[i].lead;
	}
	for (uint32_t n = 0; n < l->needs_len; n++) {
		add_need(p, n);
	}
	for (uint32_t i = 0; i < l->requests_len; i++) {
		const struct lab_request *r = &l->requests[i];
		uint32_t most = r->len + r->held_len;
		p->groups[i] = (struct plan_group){
			.first = r->first,
			.len = r->len,
			.team_max = r->team_max < most ? r->team_max : most,
			.team_first = r->held_first,
			.team_len = r->held_len,
			.lead = l->lead_asked,
		};
	}
	add_pairs(p);
}

static int too_many(const struct cli *c, const struct lab_request *r)
{
	cli_say(c,
		"vraag %s heeft %u noden; een plan neemt er ten hoogste %u van een vraag, verdeel "
		"ze over twee vragen",
		"request %s has %u needs; a plan takes at most %u of one request, divide them over "
		"two requests",
		r->name, r->len, PLAN_GROUP_NEEDS_MAX);
	return CLI_REFUSED;
}

static int within(const struct cli *c, const struct lab *l)
{
	for (uint32_t i = 0; i < l->requests_len; i++) {
		if (l->requests[i].len > PLAN_GROUP_NEEDS_MAX) {
			return too_many(c, &l->requests[i]);
		}
	}
	return CLI_DONE;
}

/* --- the plan as an answer --- */

/* Alone it would have fitted somewhere; what it lacks went to others. */
static enum lab_open reason_of(const struct problem *p, uint32_t need)
{
	if (p->l->needs[need].pair_len == 0) {
		return LAB_NO_PAIR;
	}
	return p->needs[need].len == 0 ? LAB_NO_CAPACITY : LAB_ORDER;
}

/* An expertise is as dear as the cheapest offer that has it and that anybody asks hours of. */
static void take_prices(const struct problem *p, const struct plan_result *r, struct lab_answer *a)
{
	const struct lab *l = p->l;

	a->price = malloc(((size_t)l->expertises_len + 1) * sizeof(*a->price));
	if (a->price == NULL) {
		return;
	}
	memset(a->price, 0xff, ((size_t)l->expertises_len + 1) * sizeof(*a->price));
	for (uint32_t o = 0; o < l->offers_len; o++) {
		const struct lab_offer *has = &l->offers[o];
		uint64_t unit = p->unit[o] == 0 ? 1 : p->unit[o];
		uint64_t price = (uint64_t)r->price[o] * 100 / (PLAN_PRICE_SCALE * unit);
		for (uint32_t i = 0; p->used[o] && i < has->skill_len; i++) {
			uint64_t *least = &a->price[l->skills[has->skill_first + i]];
			*least = price < *least ? price : *least;
		}
	}
}

static void take(const struct problem *p, const struct plan_result *r, struct lab_answer *a)
{
	for (uint32_t n = 0; n < p->l->needs_len; n++) {
		a->seat[n] = r->seat[n] == PLAN_NONE ? LAB_NONE : p->pair_of[r->seat[n]];
		if (a->seat[n] == LAB_NONE) {
			a->reason[n] = (uint8_t)reason_of(p, n);
		}
	}
	a->covered = r->covered;
	a->cost = r->cost;
	a->value = r->value;
	a->objective = r->value;
	a->bound = r->bound;
	a->proven = r->bound == r->value;
	a->plan = true;
	take_prices(p, r, a);
}

static const char *fault_text(enum plan_fault_kind kind)
{
	static const char *const texts[] = {
		[PLAN_SOUND] = "none",
		[PLAN_FAULT_OPTION] = "a seat that is no option",
		[PLAN_FAULT_AMOUNT] = "an offer gives more hours than it has",
		[PLAN_FAULT_TEAM] = "a team has too many partners",
		[PLAN_FAULT_PAIR] = "two needs are not together, or not apart",
		[PLAN_FAULT_LEAD] = "a team has no lead",
		[PLAN_FAULT_ORDER] = "a need could have what only needs behind it keep from it",
		[PLAN_FAULT_VALUE] = "cost, value, coverage or bound are not those of the seats",
	};

	return texts[kind];
}

static int run(struct cli *c, const struct problem *p, const struct lab_asked *asked,
	       struct lab_answer *a)
{
	const struct lab *l = p->l;
	const struct plan_problem q = {
		.groups = p->groups,
		.groups_len = l->requests_len,
		.needs = p->needs,
		.needs_len = l->needs_len,
		.options = p->options,
		.options_len = p->options_len,
		.pools = p->pools,
		.pools_len = l->offers_len,
		.partner_cost = p->partner_cost,
		.partners_len = l->partners_len,
		.team = l->held,
		.team_len = l->held_len,
		.pairs = p->pairs,
		.pairs_len = l->ties_len,
		.leads = p->leads,
	};
	const struct plan_rules rules = {
		.law = asked->law,
		.seed = asked->seed,
		.price_rounds = asked->rounds,
		.bound_rounds = asked->rounds,
		.repair_rounds = asked->repair,
		.deep_work = LARGE_WORK_MAX / 2,
	};
	struct plan_result *r = NULL;
	struct plan_fault fault = { 0 };
	int err = plan_run(&q, &rules, &r);

	if (err != SK_OK) {
		return cli_fail(c, "lab plan", err);
	}
	int rc = plan_check(&q, r, asked->law, &fault) ? CLI_DONE : CLI_DEFECT;
	if (rc == CLI_DEFECT) {
		cli_say(c, "dit is een fout van ons; meld ze met het bestand erbij: %s",
			"this is a defect of ours; report it with the file: %s",
			fault_text(fault.kind));
	} else {
		take(p, r, a);
	}
	plan_free(r);
	return rc;
}

int lab_plan(struct cli *c, const struct lab *l, const struct lab_asked *asked,
	     struct lab_answer *a)
{
	struct problem p = { .l = l, .seed = asked->seed };
	int rc;

	if (make_room(&p)) {
		fill(&p);
		rc = within(c, l);
		rc = rc == CLI_DONE ? run(c, &p, asked, a) : rc;
	} else {
		rc = cli_fail(c, "lab plan", SK_ENOMEM);
	}
	give_back(&p);
	return rc;
}
