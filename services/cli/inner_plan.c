/* SPDX-License-Identifier: EUPL-1.2 */
/* The plan of the list in a node inside this process: made when it is due, and given at once. A
 * daemon makes it beside its turns, so that it comes some seconds later. */
#include "services/cli/inner_int.h"

static void count(struct inner_plans *p, const PB(PlanProposed) *m)
{
	if (m->n_foreseen > 0) {
		return; /* that is all it says */
	}
	p->plans++;
	p->value += m->value;
	p->bound += m->bound;
	p->law_cost += m->law_cost;
	p->covered += m->covered;
	p->cost += m->cost;
	p->free_covered += m->free_covered;
	p->free_cost += m->free_cost;
}

/* What was made goes in as inputs; the core judges each seat by what holds. */
static int give(struct inner *n, size_t at, struct plan_copy *copy)
{
	struct inner_core *core = &n->core[at];
	PB(PlanProposed) *made = core->svc->plan_take(copy);
	struct plan_told told;
	int err = SK_OK;

	if (n->plans_dir != NULL && made != NULL && core->svc->plan_told(copy, &told)) {
		inner_told_plan(n, &told, made);
	}
	while (made != NULL && err == SK_OK) {
		err = engine_plan(core->engine, made);
		inner_turn(n, at);
		if (err == SK_OK) {
			count(&n->plans, made);
			made = core->svc->plan_take(copy);
		} else if (err == SK_EBUSY && engine_has_room(core->engine)) {
			break; /* not now: the next one comes when it is due */
		}
		err = err == SK_EBUSY ? SK_OK : err;
	}
	return err;
}

static int plan_of(struct inner *n, size_t at, bool *ret_given)
{
	struct inner_core *core = &n->core[at];
	struct plan_copy *copy = NULL;
	atomic_bool never = false;
	bool whole = false;
	int err = engine_plan_copy(core->engine, &copy, &whole);

	while (err == SK_OK && copy != NULL && !whole) {
		err = engine_plan_copy(core->engine, &copy, &whole);
	}
	if (copy == NULL || err != SK_OK) {
		return err;
	}
	err = core->svc->plan_make(copy, &never);
	if (err == SK_OK) {
		err = give(n, at, copy);
		*ret_given = true;
	}
	core->svc->plan_free(copy);
	return err;
}

int inner_plan(struct inner *n, bool *ret_given)
{
	int err = SK_OK;

	*ret_given = false;
	for (size_t i = 0; i < CONF_DAEMONS && err == SK_OK; i++) {
		if (n->core[i].svc->plan_copy != NULL) {
			err = plan_of(n, i, ret_given);
		}
	}
	return err;
}

struct inner_plans inner_plans(const struct inner *n)
{
	return n->plans;
}
