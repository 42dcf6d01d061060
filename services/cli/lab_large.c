/* SPDX-License-Identifier: EUPL-1.2 */
/* The one request of a problem with more needs than the exact composer takes. Partners and offers
 * are given in the order of their names, so that the order in the file says nothing. */
#include <stdlib.h>
#include <string.h>

#include "common/plan/large.h"
#include "services/cli/lab.h"

#define NODES 2000000U /* the work ends it before */

struct large_work {
	const struct lab *l;
	uint32_t *rank; /* per offer */
	struct large_option *options;
	struct large_offer *offers;
	struct large_partner *partners;
	struct large_pair *ties[2]; /* together, apart */
	uint32_t *penalty;
	uint32_t *pair_of; /* per option */
	uint64_t *taken;   /* hours, per offer */
	bool *barred;      /* per partner, of one need */
	uint32_t options_len;
	uint32_t ties_len[2];
};

static bool make_room(struct large_work *w)
{
	const struct lab *l = w->l;

	w->rank = lab_offer_ranks(l);
	w->options = calloc((size_t)l->pairs_len + 1, sizeof(*w->options));
	w->pair_of = calloc((size_t)l->pairs_len + 1, sizeof(*w->pair_of));
	w->offers = calloc((size_t)l->offers_len + 1, sizeof(*w->offers));
	w->partners = calloc((size_t)l->partners_len + 1, sizeof(*w->partners));
	w->ties[0] = calloc(LARGE_PAIRS_MAX, sizeof(*w->ties[0]));
	w->ties[1] = calloc(LARGE_PAIRS_MAX, sizeof(*w->ties[1]));
	w->penalty = calloc((size_t)l->needs_len + 1, sizeof(*w->penalty));
	w->taken = calloc((size_t)l->offers_len + 1, sizeof(*w->taken));
	w->barred = calloc((size_t)l->partners_len + 1, sizeof(*w->barred));
	return w->rank != NULL && w->options != NULL && w->pair_of != NULL && w->offers != NULL &&
	       w->partners != NULL && w->ties[0] != NULL && w->ties[1] != NULL &&
	       w->penalty != NULL && w->taken != NULL && w->barred != NULL;
}

static void give_back(struct large_work *w)
{
	free(w->rank);
	free(w->options);
	free(w->pair_of);
	free(w->offers);
	free(w->partners);
	free(w->ties[0]);
	free(w->ties[1]);
	free(w->penalty);
	free(w->taken);
	free(w->barred);
}

static void add_options(struct large_work *w, uint32_t need)
{
	const struct lab_need *n = &w->l->needs[need];

	w->penalty[need] = n->penalty;
	for (uint32_t i = n->pair_first; i < n->pair_first + n->pair_len; i++) {
		const struct lab_pair *pair = &w->l->pairs[i];
		if (pair->hours > w->l->offers[pair->offer].hours) {
			continue;
		}
		w->pair_of[w->options_len] = i;
		w->options[w->options_len++] = (struct large_option){ need, w->rank[pair->offer],
								      pair->cost, pair->hours };
	}
}

/* @return false: more pairs of one kind than the solver takes. */
static bool add_tie(struct large_work *w, const struct lab_tie *t)
{
	uint32_t *len = &w->ties_len[t->apart];

	for (uint32_t i = 0; i < *len; i++) {
		const struct large_pair *p = &w->ties[t->apart][i];
		if ((p->a == t->a && p->b == t->b) || (p->a == t->b && p->b == t->a)) {
			return true; /* said twice */
		}
	}
	if (*len == LARGE_PAIRS_MAX) {
		return false;
	}
	w->ties[t->apart][(*len)++] = (struct large_pair){ t->a, t->b };
	return true;
}

static bool fill(struct large_work *w, const uint32_t *partner_rank)
{
	const struct lab *l = w->l;
	bool fits = true;

	for (uint32_t i = 0; i < l->partners_len; i++) {
		w->partners[partner_rank[i]] =
			(struct large_partner){ l->partners[i].cost, l->partners[i].lead, false };
	}
	for (uint32_t i = 0; i < l->held_len; i++) {
		struct large_partner *q = &w->partners[partner_rank[l->held[i]]];
		q->held = true;
		q->cost = 0;
	}
	for (uint32_t i = 0; i < l->offers_len; i++) {
		const struct lab_offer *o = &l->offers[i];
		w->offers[w->rank[i]] =
			(struct large_offer){ partner_rank[o->partner], o->hours, o->cost };
	}
	for (uint32_t i = 0; i < l->needs_len; i++) {
		add_options(w, i);
	}
	for (uint32_t i = 0; i < l->ties_len && fits; i++) {
		fits = add_tie(w, &l->ties[i]);
	}
	return fits;
}

/* --- why a need is open, beside all the others where they are --- */

/* Partners that the mates of one need forbid it; where they want two, each has one of them. */
static void forbid_partners(struct large_work *w, const struct lab_answer *a, uint32_t need)
{
	const struct lab *l = w->l;

	memset(w->barred, 0, l->partners_len * sizeof(*w->barred));
	for (uint32_t i = 0; i < l->ties_len; i++) {
		const struct lab_tie *t = &l->ties[i];
		uint32_t mate = t->a == need ? t->b : t->a;
		if ((t->a != need && t->b != need) || a->seat[mate] == LAB_NONE) {
			continue;
		}
		uint32_t its = l->offers[l->pairs[a->seat[mate]].offer].partner;
		for (uint32_t q = 0; q < l->partners_len; q++) {
			w->barred[q] = w->barred[q] || (q == its) == t->apart;
		}
	}
}

static bool is_led(const struct lab *l)
{
	bool led = false;

	for (uint32_t i = 0; i < l->held_len; i++) {
		led = led || l->partners[l->held[i]].lead;
	}
	return led;
}

/* What keeps a need from a pair. */
static enum lab_open kept_from(const struct large_work *w, const struct lab_answer *a,
			       uint32_t pair)
{
	const struct lab *l = w->l;
	const struct lab_offer *o = &l->offers[l->pairs[pair].offer];

	if (w->taken[l->pairs[pair].offer] + l->pairs[pair].hours > o->hours) {
		return LAB_NO_CAPACITY;
	}
	if (w->barred[o->partner]) {
		return LAB_RULE;
	}
	return l->lead_asked && a->covered == 0 && !is_led(l) ? LAB_NO_LEAD : LAB_TEAM_LIMIT;
}

/* Of several pairs the one from which the least keeps it. */
static enum lab_open reason_of(struct large_work *w, const struct lab_answer *a, uint32_t need)
{
	const struct lab_need *n = &w->l->needs[need];
	enum lab_open why = LAB_NO_CAPACITY;

	if (n->pair_len == 0 || w->l->penalty_first) {
		return n->pair_len == 0 ? LAB_NO_PAIR : LAB_PENALTY;
	}
	forbid_partners(w, a, need);
	for (uint32_t i = n->pair_first; i < n->pair_first + n->pair_len; i++) {
		enum lab_open here = kept_from(w, a, i);
		why = why == LAB_NO_CAPACITY || here == LAB_TEAM_LIMIT ? here : why;
	}
	return why;
}

static void take(struct large_work *w, const struct large_result *r, struct lab_answer *a)
{
	const struct lab *l = w->l;

	for (uint32_t n = 0; n < l->needs_len; n++) {
		bool seated = r->seat[n] != LARGE_NONE;
		a->seat[n] = seated ? w->pair_of[r->seat[n]] : LAB_NONE;
		if (seated) {
			w->taken[l->pairs[a->seat[n]].offer] += l->pairs[a->seat[n]].hours;
		}
		a->covered += seated ? 1 : 0;
		a->value += seated ? 0 : l->needs[n].penalty;
	}
	for (uint32_t n = 0; n < l->needs_len; n++) {
		a->reason[n] = (uint8_t)(a->seat[n] == LAB_NONE ? reason_of(w, a, n) : LAB_SEATED);
	}
	a->cost = l->penalty_first ? r->objective - a->value : r->objective;
	a->value += a->cost;
	a->objective = r->objective;
	a->bound = r->bound;
	a->proven = r->proven;
}

static int run(struct large_work *w, const struct lab_asked *asked, struct lab_answer *a)
{
	const struct lab *l = w->l;
	const struct large_problem p = {
		.objective = l->penalty_first ? LARGE_PENALTY : LARGE_COVER,
		.team_max = l->requests[0].team_max == LAB_NONE ? LARGE_NONE :
								  l->requests[0].team_max,
		.lead = l->lead_asked,
		.penalty = w->penalty,
		.needs_len = l->needs_len,
		.options = w->options,
		.options_len = w->options_len,
		.offers = w->offers,
		.offers_len = l->offers_len,
		.partners = w->partners,
		.partners_len = l->partners_len,
		.together = w->ties[0],
		.together_len = w->ties_len[0],
		.apart = w->ties[1],
		.apart_len = w->ties_len[1],
	};
	const struct large_rules rules = { .seed = asked->seed, .nodes = NODES };
	struct large_result *r = NULL;
	int err = large_run(&p, &rules, &r);

	if (err == SK_OK) {
		take(w, r, a);
		large_free(r);
	}
	return err;
}

int lab_large(struct cli *c, const struct lab *l, const struct lab_asked *asked,
	      struct lab_answer *a)
{
	struct large_work w = { .l = l };
	uint32_t *partner_rank = lab_partner_ranks(l);
	int err = partner_rank != NULL && make_room(&w) ? SK_OK : SK_ENOMEM;

	if (err == SK_OK && (l->needs_len > LARGE_NEEDS_MAX || !fill(&w, partner_rank))) {
		err = SK_EINVAL;
	}
	if (err == SK_OK) {
		err = run(&w, asked, a);
	}
	give_back(&w);
	free(partner_rank);
	if (err == SK_EINVAL) {
		cli_say(c,
			"dit is te groot voor een team: ten hoogste %u noden, %u keer together en "
			"%u keer apart, kosten en uren tot %u",
			"this is too large for one team: at most %u needs, %u times together and "
			"%u times apart, costs and hours up to %u",
			LARGE_NEEDS_MAX, LARGE_PAIRS_MAX, LARGE_PAIRS_MAX, LARGE_COST_MAX);
		return CLI_REFUSED;
	}
	return err == SK_OK ? CLI_DONE : cli_fail(c, "lab compose", err);
}
