/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/intake/core_inner.h"

PB(WishRecord) *wish_load(struct step *s, const struct req *q)
{
	struct key k = key_of_id(&q->id);

	return q->r->wished ? step_get(s, TABLE_WISH, &k, TYPE(wish_record)) : NULL;
}

void wish_save(struct step *s, struct req *q, PB(WishRecord) *w)
{
	struct key k = key_of_id(&q->id);

	q->r->wished = true;
	step_put(s, TABLE_WISH, &k, w);
}

static PB(WishRecord) *wish_empty(struct step *s)
{
	static const PB(WishRecord) empty = PB_INIT(WISH_RECORD);
	PB(WishRecord) *w = step_alloc(s, sizeof(*w));

	if (w == NULL) {
		return NULL;
	}
	*w = empty;
	w->excluded_partners = step_alloc(s, PARTNERS_MAX * sizeof(char *));
	w->preferred_partners = step_alloc(s, PARTNERS_MAX * sizeof(char *));
	return s->txn->err == SK_OK ? w : NULL;
}

static bool exclude(PB(WishRecord) *w, char *party)
{
	if (list_has(w->excluded_partners, w->n_excluded_partners, party)) {
		return true;
	}
	if (w->n_excluded_partners == PARTNERS_MAX) {
		return false;
	}
	w->excluded_partners[w->n_excluded_partners++] = party;
	return true;
}

int wish_merge(struct step *s, const struct req *q, const struct wish_change *ch,
	       PB(WishRecord) **ret_w)
{
	PB(WishRecord) *old = wish_load(s, q);
	PB(WishRecord) *w = wish_empty(s);
	bool fits = true;

	if (w == NULL || s->txn->err != SK_OK) {
		return s->txn->err;
	}
	for (size_t i = 0; old != NULL && i < old->n_excluded_partners; i++) {
		if (!list_has(ch->allow, ch->allow_len, old->excluded_partners[i])) {
			fits = exclude(w, old->excluded_partners[i]) && fits;
		}
	}
	for (size_t i = 0; i < ch->add_len; i++) {
		fits = exclude(w, ch->add[i]) && fits;
	}
	if (!fits) {
		return step_refuse(s, REFUSAL(TOO_MANY), "%s", ch->field);
	}
	for (size_t i = 0; old != NULL && i < old->n_preferred_partners; i++) {
		char *party = old->preferred_partners[i];
		if (!list_has(w->excluded_partners, w->n_excluded_partners, party)) {
			w->preferred_partners[w->n_preferred_partners++] = party;
		}
	}
	*ret_w = w;
	return SK_OK;
}
