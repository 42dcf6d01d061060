/* SPDX-License-Identifier: EUPL-1.2 */
/* What the list says of each need: since when it waits, why, what bridges it, who looks again when
 * (B17). Kept as told, shown to the people around the child. Waitlist owns it; after it was
 * restored from an old copy it hears here what it had said last, and says anew what holds. */
#include "services/intake/core_warm.h"

static int told_check(struct step *s, const PB(WaitTold) *f)
{
	if (f->need_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "need_id");
	}
	if (f->request_id.len != OBJECT_ID_LEN) {
		return step_refuse(s, REFUSAL(MALFORMED), "request_id");
	}
	return f->shortfall > SCHAKEL__V1__SHORTFALL__SHORTFALL_RULE_BLOCKS ?
		       step_refuse(s, REFUSAL(OUT_OF_RANGE), "shortfall") :
		       SK_OK;
}

/* A request that is not known here went with an old copy: the list tells again when it is back. */
int wait_told_apply(struct step *s, const PB(WaitTold) *f)
{
	struct object_id request;
	struct object_id need;
	int err = told_check(s, f);

	if (err != SK_OK) {
		return err;
	}
	SK_ASSERT(object_id_from(&f->request_id, &request));
	SK_ASSERT(object_id_from(&f->need_id, &need));
	struct key id = key_of_id(&request);
	struct slice val;
	if (!store_get(s->txn, TABLE_REQUEST, &id, &val)) {
		return s->txn->err;
	}
	struct key k = key_of_pair(&request, &need);
	const PB(WaitTold) *known = step_get(s, TABLE_WAIT_TOLD, &k, TYPE(wait_told));
	if (known == NULL || known->version < f->version) {
		step_put(s, TABLE_WAIT_TOLD, &k, f);
	}
	return s->txn->err;
}

int on_wait_told(struct step *s, const PB(Message) *in)
{
	return wait_told_apply(s, in->wait_told);
}

PB(WaitTold) *wait_told_of(struct step *s, const struct req *q, const PB(NeedRecord) *n)
{
	struct object_id need;

	SK_ASSERT(object_id_from(&n->need->need_id, &need));
	struct key k = key_of_pair(&q->id, &need);
	PB(WaitTold) *f = step_get(s, TABLE_WAIT_TOLD, &k, TYPE(wait_told));
	/* The word that a need is over may be on its way to the list. */
	return f != NULL && f->waits && need_wants_help(n) ? f : NULL;
}

void waits_view(struct step *s, const struct req *q, PB(RequestItem) *it)
{
	it->waits = step_alloc(s, (q->needs_len + 1) * sizeof(*it->waits));
	for (size_t i = 0; it->waits != NULL && i < q->needs_len; i++) {
		PB(WaitTold) *f = wait_told_of(s, q, q->need[i]);
		if (f != NULL && seen_need(s, q, q->need[i])) {
			it->waits[it->n_waits++] = f;
		}
	}
}
