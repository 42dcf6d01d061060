/* SPDX-License-Identifier: EUPL-1.2 */
/* L5 (b): nobody is under an order because a word was left out. What stands under a number, of a
 * court or noted, is for no child and no need more than before, unless the message says that it is
 * meant to be wider. */
#include "tests/sim/laws_model.h"

#define CHILDREN_AT_MOST 10

static bool names_child(const PB(CourtOrderView) *v, uint32_t child)
{
	bool named = v->n_children == 0;

	for (size_t i = 0; i < v->n_children; i++) {
		named = named || v->children[i] == child;
	}
	return named;
}

static bool is_for_child(const PB(CourtOrderView) *v, uint32_t child)
{
	return v->n_need_ids == 0 && names_child(v, child);
}

static bool may_be_for_need(const PB(CourtOrderView) *v, const ProtobufCBinaryData *need)
{
	bool named = v->n_need_ids == 0;

	for (size_t i = 0; i < v->n_need_ids; i++) {
		named = named || same_data(&v->need_ids[i], need);
	}
	return named;
}

static void order_changed(struct laws *l, const PB(CourtOrderView) *was,
			  const PB(CourtOrderView) *now)
{
	for (uint32_t child = 0; child < CHILDREN_AT_MOST; child++) {
		if (is_for_child(now, child) && !is_for_child(was, child)) {
			laws_violated(l, "L5", "order %s is for child %u now, unsaid", now->number,
				      child);
			return;
		}
	}
	for (size_t i = 0; i < now->n_need_ids; i++) {
		if (!may_be_for_need(was, &now->need_ids[i])) {
			laws_violated(l, "L5", "order %s is for need %s now, unsaid", now->number,
				      law_hex_data(&now->need_ids[i]));
			return;
		}
	}
}

void laws_scope(struct laws *l)
{
	const struct daemon_model *d = &l->d[LAWS_INTAKE];
	const PB(Message) *in = l->step.in;
	bool unsaid = in->body_case != BODY(RECORD_COURT_ORDER) || !in->record_court_order->wider;

	for (size_t i = 0; unsaid && !l->step.reconcile && i < d->mirror.changes; i++) {
		const struct change *c = &d->mirror.change[i];
		const PB(OrderRecord) *was = c->before;
		const PB(OrderRecord) *now = change_after(c);
		if (c->table == I_ORDER && c->was && was != NULL && now != NULL) {
			order_changed(l, was->view, now->view);
		}
	}
}
