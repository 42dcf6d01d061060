/* SPDX-License-Identifier: EUPL-1.2 */
/* Who helps as a volunteer or a bridge person (D14, D15): it learns what is asked of it, that its
 * help is linked, and whom to call; nothing that was told, nothing of who else helps. So does a
 * supporter whose kind was not told. */
#include <string.h>

#include "services/intake/core_inner.h"

bool lay_only(const struct step *s, const struct req *q)
{
	bool holds = false;

	for (size_t i = 0; i < q->r->n_holders; i++) {
		holds = holds || strcmp(q->holder[i].party, s->from.id) == 0;
	}
	return holds && !may_act(s, q) && (s->from.roles & ROLE_BIT(COORDINATOR)) == 0;
}

static PB(NeedView) *need_asked(struct step *s, const PB(NeedRecord) *n)
{
	PB(NeedView) *v = step_alloc(s, sizeof(*v));
	PB(NeedFact) *f = step_alloc(s, sizeof(*f));

	if (v == NULL || f == NULL) {
		return NULL;
	}
	schakel__v1__need_view__init(v);
	schakel__v1__need_fact__init(f);
	f->need_id = n->need->need_id;
	f->ordinal = n->need->ordinal;
	f->expertise = n->need->expertise;
	f->intensity = n->need->intensity;
	f->duration_weeks = n->need->duration_weeks;
	f->state = n->need->state;
	v->need = f;
	return v;
}

static PB(NeedView) *own_need(struct step *s, struct req *q, PB(RequestItem) *it,
			      const ProtobufCBinaryData *id)
{
	const PB(NeedRecord) *n = req_need(q, id);

	for (size_t i = 0; i < it->n_needs; i++) {
		if (data_equal(&it->needs[i]->need->need_id, id)) {
			return it->needs[i];
		}
	}
	PB(NeedView) *v = n == NULL ? NULL : need_asked(s, n);
	if (v == NULL) {
		return NULL;
	}
	v->contributions = step_alloc(s, LIVE_MAX * sizeof(*v->contributions));
	it->needs[it->n_needs++] = v;
	return v;
}

static void own_help(struct step *s, struct req *q, PB(RequestItem) *it)
{
	it->needs = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*it->needs));
	for (size_t i = 0; it->needs != NULL && i < q->live_len; i++) {
		PB(ContributionChanged) *c = q->live[i]->last;
		if (strcmp(c->partner, s->from.id) != 0) {
			continue;
		}
		PB(NeedView) *v = own_need(s, q, it, &c->need_id);
		if (v == NULL || v->contributions == NULL) {
			return;
		}
		c->hold = NULL;
		v->contributions[v->n_contributions++] = c;
	}
}

PB(RequestItem) *lay_item(struct step *s, struct req *q)
{
	PB(RequestItem) *it = step_alloc(s, sizeof(*it));
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));

	if (it == NULL || f == NULL) {
		return NULL;
	}
	schakel__v1__request_item__init(it);
	schakel__v1__request_fact__init(f);
	f->request_id = q->r->request_id;
	it->request = f;
	it->short_code = q->r->short_code;
	it->open = q->r->open;
	it->kind = q->r->kind;
	it->contact_party = q->r->contact_party;
	it->stand_in_party = q->r->stand_in_party;
	it->contact_named = q->r->contact_named;
	req_live(s, q);
	own_help(s, q, it);
	return s->txn->err == SK_OK ? it : NULL;
}

int lay_view(struct step *s, struct req *q, PB(RequestView) *ret_v)
{
	PB(RequestItem) *it = lay_item(s, q);

	ret_v->requests = step_alloc(s, sizeof(*ret_v->requests));
	if (it == NULL || ret_v->requests == NULL) {
		return s->txn->err;
	}
	ret_v->requests[0] = it;
	ret_v->n_requests = 1;
	return SK_OK;
}
