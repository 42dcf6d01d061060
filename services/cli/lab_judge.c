/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of an answer: every rule of the file anew from what the file says. It shares nothing
 * with what made the answer but the list of possible pairs. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/lab.h"

int lab_answer_make(const struct lab *l, struct lab_answer *ret_a)
{
	struct lab_answer a = { 0 };

	a.seat = malloc((size_t)l->needs_len * sizeof(*a.seat));
	a.reason = calloc(l->needs_len, sizeof(*a.reason));
	if (a.seat == NULL || a.reason == NULL) {
		lab_answer_free(&a);
		return SK_ENOMEM;
	}
	memset(a.seat, 0xff, (size_t)l->needs_len * sizeof(*a.seat));
	*ret_a = a;
	return SK_OK;
}

void lab_answer_free(struct lab_answer *a)
{
	free(a->seat);
	free(a->reason);
	free(a->price);
	*a = (struct lab_answer){ 0 };
}

struct judge {
	const struct lab *l;
	const struct lab_answer *a;
	uint64_t *taken;      /* hours, per offer */
	uint32_t *offer_team; /* per offer: the last request whose team used it, and one more */
	uint32_t *partner_team;
	uint64_t cost, value;
	uint32_t covered;
};

static const struct lab_offer *offer_of(const struct judge *j, uint32_t need)
{
	return &j->l->offers[j->l->pairs[j->a->seat[need]].offer];
}

/* @p joined: partners that are new to the team. */
static const char *seat(struct judge *j, uint32_t need, uint32_t *joined, bool *led)
{
	const struct lab *l = j->l;
	const struct lab_need *n = &l->needs[need];
	uint32_t at = j->a->seat[need];

	if (at == LAB_NONE) {
		j->value += n->penalty;
		return j->a->reason[need] == LAB_SEATED ? "an open need without a reason" : NULL;
	}
	if (at < n->pair_first || at - n->pair_first >= n->pair_len) {
		return "a seat that is no pair of the need";
	}
	const struct lab_pair *p = &l->pairs[at];
	const struct lab_offer *o = &l->offers[p->offer];
	j->covered++;
	j->cost += p->cost;
	j->taken[p->offer] += p->hours;
	*led = *led || l->partners[o->partner].lead;
	if (j->offer_team[p->offer] != n->request + 1) {
		j->offer_team[p->offer] = n->request + 1;
		j->cost += o->cost;
	}
	if (j->partner_team[o->partner] != n->request + 1) {
		j->partner_team[o->partner] = n->request + 1;
		j->cost += l->partners[o->partner].cost;
		(*joined)++;
	}
	return j->taken[p->offer] > o->hours ? "an offer gives more hours than it has" : NULL;
}

static const char *team(struct judge *j, const struct lab_request *r)
{
	uint32_t before = j->covered;
	uint32_t joined = 0;
	bool led = false;

	for (uint32_t i = r->held_first; i < r->held_first + r->held_len; i++) {
		uint32_t p = j->l->held[i];
		j->partner_team[p] = (uint32_t)(r - j->l->requests) + 1;
		led = led || j->l->partners[p].lead;
	}
	for (uint32_t i = 0; i < r->len; i++) {
		const char *fault = seat(j, r->first + i, &joined, &led);
		if (fault != NULL) {
			return fault;
		}
	}
	if (joined > 0 && (uint64_t)joined + r->held_len > r->team_max) {
		return "a team has too many partners";
	}
	return j->l->lead_asked && j->covered > before && !led ? "a team has no lead" : NULL;
}

static const char *ties(const struct judge *j)
{
	const struct lab *l = j->l;

	for (uint32_t i = 0; i < l->ties_len; i++) {
		const struct lab_tie *t = &l->ties[i];
		if (j->a->seat[t->a] == LAB_NONE || j->a->seat[t->b] == LAB_NONE) {
			continue;
		}
		bool same = offer_of(j, t->a)->partner == offer_of(j, t->b)->partner;
		if (same == t->apart) {
			return t->apart ? "two needs are not apart" : "two needs are not together";
		}
	}
	return NULL;
}

static const char *sums(const struct judge *j)
{
	const struct lab_answer *a = j->a;

	if (a->cost != j->cost || a->value != j->cost + j->value || a->covered != j->covered) {
		return "cost, value or coverage are not those of the seats";
	}
	if (a->objective != (j->l->penalty_first ? a->value : a->cost) &&
	    a->objective != a->value) {
		return "the objective is not that of the seats";
	}
	if (a->bound > a->objective) {
		return "the bound is above the objective";
	}
	return a->proven && a->bound != a->objective ? "proven, with a gap" : NULL;
}

int lab_judge(const struct lab *l, const struct lab_answer *a, const char **ret_fault)
{
	struct judge j = { .l = l, .a = a };
	const char *fault = NULL;
	int err = SK_ENOMEM;

	j.taken = calloc((size_t)l->offers_len + 1, sizeof(*j.taken));
	j.offer_team = calloc((size_t)l->offers_len + 1, sizeof(*j.offer_team));
	j.partner_team = calloc((size_t)l->partners_len + 1, sizeof(*j.partner_team));
	if (j.taken != NULL && j.offer_team != NULL && j.partner_team != NULL) {
		err = SK_OK;
		for (uint32_t i = 0; i < l->requests_len && fault == NULL; i++) {
			fault = team(&j, &l->requests[i]);
		}
		fault = fault == NULL ? ties(&j) : fault;
		*ret_fault = fault == NULL ? sums(&j) : fault;
	}
	free(j.taken);
	free(j.offer_team);
	free(j.partner_team);
	return err;
}
