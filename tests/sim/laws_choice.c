/* SPDX-License-Identifier: EUPL-1.2 */
/* DOMAIN 2, "choosing between fitting teams": whom the child would rather have sits in the seat
 * when that takes help from nobody: the partner has what the need wants free, by all hard rules and
 * with every other seat as it is. Judged at the steps in which matching is told of a request. */
#include "tests/sim/laws_model.h"

/** Whom it chose for that need, NULL: nobody. */
static const char *chosen(const PB(MatchRequestRecord) *r, const struct need_view *n)
{
	const PB(RequestFact) *f = r == NULL ? NULL : r->request;

	for (size_t i = 0; f != NULL && i < f->n_choices; i++) {
		if (same_data(&f->choices[i]->need_id, &n->n->need->need_id)) {
			return f->choices[i]->partner;
		}
	}
	return NULL;
}

/** What sits there may still make room without anybody losing a word given to the family. */
static bool may_yield(const PB(MatchContributionRecord) *c)
{
	return c != NULL && (c->state == CONTRIB(ASKED) || c->state == CONTRIB(CAN_IF) ||
			     c->state == CONTRIB(CAN));
}

/** The pool gives outside of a pass, and nobody is looked at side by side for it. */
static bool pool_is_open(const struct laws *l, const char *pool)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct key name = key_of_str(pool);
	struct key one = { 0 };

	key_u8(&one, 0);
	const PB(MatchChainRecord) *chain = rec_find(d, M_CHAIN, &one);
	bool swept = chain != NULL && chain->sweeping;
	return !swept && row_find(d, M_PASS, &name) == NULL &&
	       change_find(d, M_PASS, &name) == NULL && row_find(d, M_LAST_PLACE, &name) == NULL &&
	       change_find(d, M_LAST_PLACE, &name) == NULL;
}

/** The choice was made in this step, or the seat was given in it. */
static bool is_fresh(const struct laws *l, const struct need_view *n, const char *wanted)
{
	const struct daemon_model *d = &l->d[LAWS_MATCHING];
	struct object_id request = law_id(&n->n->request_id);
	struct object_id seat = law_id(&n->seat->contribution_id);
	struct key of_request = key_of_id(&request);
	struct key of_seat = key_of_id(&seat);
	const struct change *told = change_find(d, M_REQUEST, &of_request);
	const struct change *given = change_find(d, M_CONTRIBUTION, &of_seat);
	const char *before = told == NULL ? wanted : chosen(told->before, n);

	return before == NULL || strcmp(before, wanted) != 0 || (given != NULL && !given->was);
}

static void choice_is_kept(struct laws *l, const struct need_view *n)
{
	const char *wanted = chosen(n->r, n);

	if (wanted == NULL || !may_yield(n->seat) || strcmp(n->seat->partner, wanted) == 0 ||
	    n->n->paused || need_is_missing(n) || !is_fresh(l, n, wanted)) {
		return;
	}
	for (size_t i = 0; i < l->view->pools; i++) {
		const struct pool_view *p = &l->view->pool[i];
		if (strcmp(p->p->partner, wanted) == 0 && pool_is_open(l, p->p->pool) &&
		    need_fits(l, n, p->p, pool_free_now(p))) {
			laws_violated(l, "DOMAIN 2",
				      "need %s chose %s, who has room at %s, and %s sits there",
				      law_hex_data(&n->n->need->need_id), wanted, p->p->pool,
				      n->seat->partner);
		}
	}
}

void laws_choice(struct laws *l)
{
	const PB(Message) *in = l->step.in;

	if (in->body_case != BODY(DEMAND) || l->step.reconcile || l->step.isolated ||
	    model_isolated(&l->d[LAWS_MATCHING])) {
		return;
	}
	for (size_t i = 0; i < l->view->needs; i++) {
		struct need_view *n = &l->view->need[i];
		if (same_data(&n->n->request_id, &in->demand->request->request_id)) {
			choice_is_kept(l, n);
		}
	}
}
