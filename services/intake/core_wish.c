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
	w->choices = step_alloc(s, NEEDS_KEPT_MAX * sizeof(*w->choices));
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

static bool chosen_anew(const struct wish_change *ch, const PB(Choice) *c)
{
	for (size_t i = 0; i < ch->choices_len; i++) {
		if (data_equal(&ch->choices[i]->need_id, &c->need_id)) {
			return true;
		}
	}
	return false;
}

/* Whom the child would rather have: a partner that is known and not excluded, for a need of its own
 * for which help is wanted, once each. */
static int check_choices(struct step *s, struct req *q, const struct wish_change *ch,
			 const PB(WishRecord) *w)
{
	if (ch->choices_len > NEEDS_MAX) {
		return step_refuse(s, REFUSAL(TOO_MANY), "choices");
	}
	for (size_t i = 0; i < ch->choices_len; i++) {
		const PB(Choice) *c = ch->choices[i];
		const PB(NeedRecord) *n = req_need(q, &c->need_id);
		if (n == NULL || n->need->child != ch->child) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "choices[%zu].need_id", i);
		}
		if (!need_wants_help(n)) {
			return refuse_state(s, q, n, "choices");
		}
		if (!name_is_valid(c->partner) || step_party(s, c->partner) == NULL) {
			return step_refuse(s, REFUSAL(UNKNOWN_OBJECT), "choices[%zu].partner", i);
		}
		bool twice = false;
		for (size_t k = 0; k < i; k++) {
			twice = twice || data_equal(&ch->choices[k]->need_id, &c->need_id);
		}
		if (twice || list_has(w->excluded_partners, w->n_excluded_partners, c->partner)) {
			return step_refuse(s, REFUSAL(CONTRADICTS), "choices[%zu]", i);
		}
	}
	return SK_OK;
}

/* A choice of somebody who is excluded by now is none. */
static void choices_merge(const struct wish_change *ch, const PB(WishRecord) *old,
			  PB(WishRecord) *w)
{
	for (size_t i = 0; old != NULL && i < old->n_choices; i++) {
		PB(Choice) *c = old->choices[i];
		if (!chosen_anew(ch, c) &&
		    !list_has(w->excluded_partners, w->n_excluded_partners, c->partner)) {
			w->choices[w->n_choices++] = c;
		}
	}
	for (size_t i = 0; i < ch->choices_len; i++) {
		w->choices[w->n_choices++] = ch->choices[i];
	}
}

int wish_merge(struct step *s, struct req *q, const struct wish_change *ch, PB(WishRecord) **ret_w)
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
	int err = check_choices(s, q, ch, w);
	if (err != SK_OK) {
		return err;
	}
	choices_merge(ch, old, w);
	*ret_w = w;
	return SK_OK;
}
