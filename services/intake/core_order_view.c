/* SPDX-License-Identifier: EUPL-1.2 */
/* What a court or mandated service sees (DOMAIN 2): its orders, whether help under them began and
 * ended, and a concern that it was told of. Never the voluntary file. */
#include <string.h>

#include "services/intake/core_inner.h"

static void order_needs(struct step *s, const struct req *q, PB(CourtOrderView) *v)
{
	PB(OrderNeedView) *box = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*box));

	v->needs = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*v->needs));
	for (size_t i = 0; box != NULL && v->needs != NULL && i < q->needs_len; i++) {
		const PB(NeedRecord) *n = q->need[i];
		bool over = n->help_ended || n->need->state == NEED_IS(AFTERCARE) ||
			    need_finished(n);
		if (!order_covers(v, n->need)) {
			continue;
		}
		schakel__v1__order_need_view__init(&box[i]);
		box[i].need_id = n->need->need_id;
		box[i].started_ms = n->started_ms;
		box[i].ended_ms = n->started_ms != 0 && over ? n->state_since_ms : 0;
		v->needs[v->n_needs++] = &box[i];
	}
}

/* @p party: only what that party recorded; NULL: all. */
void orders_view(struct step *s, struct req *q, const char *party, PB(RequestItem) *ret_item)
{
	orders_load(s, q);
	ret_item->orders = step_alloc(s, ORDERS_MAX * sizeof(*ret_item->orders));
	for (size_t i = 0; ret_item->orders != NULL && i < q->orders_len; i++) {
		PB(CourtOrderView) *v = q->order[i]->view;
		if (party == NULL || strcmp(v->party, party) == 0) {
			order_needs(s, q, v);
			ret_item->orders[ret_item->n_orders++] = v;
		}
	}
}

/* What another wrote down waits for a court. The one that names its number knows the order: it sees
 * what was written, not by whom, nor what help there is. */
static void waiting_note(struct step *s, const struct req *q, const char *number,
			 PB(RequestItem) *it)
{
	static const PB(CourtOrderView) none = PB_INIT(COURT_ORDER_VIEW);

	for (size_t i = 0; number[0] != '\0' && it->orders != NULL && i < q->orders_len; i++) {
		const PB(CourtOrderView) *v = q->order[i]->view;
		bool waits = v->unconfirmed && v->ended_ms == 0 && v->until_ms > s->now_ms;
		PB(CourtOrderView) *shown = waits && strcmp(v->number, number) == 0 ?
						    step_alloc(s, sizeof(*shown)) :
						    NULL;
		if (shown != NULL) {
			*shown = none;
			shown->number = v->number;
			shown->n_children = v->n_children;
			shown->children = v->children;
			shown->n_need_ids = v->n_need_ids;
			shown->need_ids = v->need_ids;
			shown->from_ms = v->from_ms;
			shown->until_ms = v->until_ms;
			shown->unconfirmed = true;
			it->orders[it->n_orders++] = shown;
		}
	}
}

/* Nothing of what holds now is told to who sees only orders. */
int court_state(struct step *s, const struct req *q, const char *field)
{
	return may_act(s, q) ? refuse_state(s, q, NULL, field) :
			       step_refuse(s, REFUSAL(STATE), "%s", field);
}

bool mandated_only(const struct step *s, const struct req *q)
{
	return (s->from.roles & ROLE_BIT(MANDATED)) != 0 && !may_act(s, q) &&
	       (s->from.roles & (ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) == 0;
}

/* What the party was told of last. @return false: of nothing. */
static bool concern_of(const struct req *q, const char *party, PB(RequestItem) *it)
{
	const PB(RequestRecord) *r = q->r;

	it->concern_ms = r->concern_ms;
	it->concern_party = r->concern_party;
	it->concern_reason = r->concern_reason;
	bool told = r->concern_ms != 0 && strcmp(r->concern_party, party) == 0;
	for (size_t i = 0; !told && i < r->n_concerns_before; i++) {
		it->concern_ms = r->concerns_before[i]->at_ms;
		it->concern_party = r->concerns_before[i]->party;
		it->concern_reason = r->concerns_before[i]->reason;
		told = strcmp(it->concern_party, party) == 0;
	}
	return told;
}

static bool concern_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	PB(RequestItem) told = *it;

	if (!concern_of(q, s->from.id, &told)) {
		return false;
	}
	*it = told;
	it->concern_reported = true;
	it->request->zone = q->r->zone;
	it->contact_party = q->r->contact_party;
	it->stand_in_party = q->r->stand_in_party;
	it->open = q->r->open;
	return true;
}

int order_item(struct step *s, struct req *q, const char *number, PB(RequestItem) **ret_item)
{
	static const PB(RequestItem) empty = PB_INIT(REQUEST_ITEM);
	static const PB(RequestFact) fact = PB_INIT(REQUEST_FACT);
	PB(RequestItem) *it = step_alloc(s, sizeof(*it));
	PB(RequestFact) *f = step_alloc(s, sizeof(*f));

	if (it == NULL || f == NULL) {
		return s->txn->err;
	}
	*it = empty;
	*f = fact;
	f->request_id = q->r->request_id;
	it->request = f;
	it->short_code = q->r->short_code;
	bool told = concern_view(s, q, it);
	orders_view(s, q, s->from.id, it);
	waiting_note(s, q, number, it);
	*ret_item = it;
	return told || it->n_orders > 0 ? s->txn->err : refuse_not_yours(s, "request_id");
}

/* Never the voluntary file: the orders of this service, whether help began and ended; of a concern
 * that it was told of, when, why and whom to call about it. */
int orders_only(struct step *s, struct req *q, const char *number, PB(RequestView) *ret_v)
{
	PB(RequestItem) *it = NULL;
	int err = order_item(s, q, number, &it);

	ret_v->requests = step_alloc(s, sizeof(*ret_v->requests));
	if (err != SK_OK || ret_v->requests == NULL) {
		return err != SK_OK ? err : s->txn->err;
	}
	ret_v->requests[0] = it;
	ret_v->n_requests = 1;
	return SK_OK;
}
