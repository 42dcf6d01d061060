/* SPDX-License-Identifier: EUPL-1.2 */
/* The free plan as an integer program for other solvers: x of an option, w of an open need, y of a
 * partner in a team. Each x below its y one by one, which is the tight way to say it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/plan_region.h"

struct writer {
	FILE *f;
	const struct region *r;
	bool *seen; /* per partner, in one group */
};

static uint32_t partner_of(const struct writer *w, uint32_t option)
{
	return w->r->pools[w->r->options[option].pool].partner;
}

static void objective(const struct writer *w)
{
	const struct plan_problem *p = &w->r->p;

	(void)fprintf(w->f, "Minimize\n obj:\n");
	for (size_t i = 0; i < p->needs_len; i++) {
		(void)fprintf(w->f, " + %u w%zu\n", p->needs[i].penalty, i);
	}
	for (size_t i = 0; i < p->options_len; i++) {
		(void)fprintf(w->f, " + %u x%zu\n", p->options[i].cost, i);
	}
}

/* @param what 0: their cost, 1: the links x <= y, 2: the size of the team, 3: names of y. */
static void team(const struct writer *w, size_t group, unsigned what)
{
	const struct plan_group *g = &w->r->groups[group];
	const struct plan_need *first = &w->r->needs[g->first];
	const struct plan_need *last = &w->r->needs[g->first + g->len - 1];
	bool any = false;

	for (uint32_t o = first->first; o < last->first + last->len; o++) {
		uint32_t partner = partner_of(w, o);
		if (what == 1) {
			(void)fprintf(w->f, " x%u - y%zu_%u <= 0\n", o, group, partner);
			continue;
		}
		if (w->seen[partner]) {
			continue;
		}
		w->seen[partner] = true;
		any = true;
		if (what == 0) {
			(void)fprintf(w->f, " + %u ", w->r->partner_cost[partner]);
		}
		(void)fprintf(w->f, "%sy%zu_%u\n", what == 2 ? " + " : " ", group, partner);
	}
	if (what == 2 && any) {
		(void)fprintf(w->f, " <= %u\n", g->team_max);
	}
	for (uint32_t o = first->first; o < last->first + last->len; o++) {
		w->seen[partner_of(w, o)] = false;
	}
}

static void rows(const struct writer *w)
{
	const struct plan_problem *p = &w->r->p;

	for (size_t i = 0; i < p->needs_len; i++) {
		const struct plan_need *n = &p->needs[i];
		(void)fprintf(w->f, " w%zu", i);
		for (uint32_t o = n->first; o < n->first + n->len; o++) {
			(void)fprintf(w->f, " + x%u\n", o);
		}
		(void)fprintf(w->f, " = 1\n");
	}
	for (uint32_t pool = 0; pool < p->pools_len; pool++) {
		bool any = false;
		for (size_t o = 0; o < p->options_len; o++) {
			if (p->options[o].pool == pool) {
				(void)fprintf(w->f, " + %u x%zu\n", p->options[o].amount, o);
				any = true;
			}
		}
		if (any) {
			(void)fprintf(w->f, " <= %u\n", p->pools[pool].free);
		}
	}
}

bool region_write_lp(const struct region *r, const char *path)
{
	struct writer w = { .f = fopen(path, "we"), .r = r };

	w.seen = calloc(r->p.partners_len, sizeof(*w.seen));
	if (w.f == NULL || w.seen == NULL) {
		return false;
	}
	objective(&w);
	for (size_t i = 0; i < r->p.groups_len; i++) {
		team(&w, i, 0);
	}
	(void)fprintf(w.f, "Subject To\n");
	rows(&w);
	for (unsigned what = 1; what <= 2; what++) {
		for (size_t i = 0; i < r->p.groups_len; i++) {
			team(&w, i, what);
		}
	}
	(void)fprintf(w.f, "Binaries\n");
	for (size_t i = 0; i < r->p.options_len; i++) {
		(void)fprintf(w.f, " x%zu\n", i);
	}
	for (size_t i = 0; i < r->p.needs_len; i++) {
		(void)fprintf(w.f, " w%zu\n", i);
	}
	for (size_t i = 0; i < r->p.groups_len; i++) {
		team(&w, i, 3);
	}
	(void)fprintf(w.f, "End\n");
	free(w.seen);
	return fclose(w.f) == 0;
}
