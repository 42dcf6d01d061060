/* SPDX-License-Identifier: EUPL-1.2 */
/* Which need may take which offer: expertises, then lines `pair`, less what a veto forbids. */
#include <stdlib.h>

#include "services/cli/lab.h"

struct cand {
	struct lab_pair pair;
	unsigned line; /* of its line `pair`; 0: by expertise */
};

struct work {
	struct lab *l;
	struct file_error *e;
	uint32_t *skill_end; /* per expertise: end of its run in skill_offer */
	uint32_t *skill_offer;
	uint32_t *link_end; /* per need: end of its run in link_at */
	uint32_t *link_at;
	uint32_t *place;  /* per offer: index in cand, where stamp says this need */
	uint32_t *stamp;  /* per offer */
	uint32_t *banned; /* per offer: the last need that forbids it, and one more */
	uint32_t *barred; /* per partner */
	struct cand *cand;
	uint32_t cand_len;
};

static void *room(uint32_t len, size_t item)
{
	return calloc((size_t)len + 1, item);
}

static bool make_room(struct work *w)
{
	const struct lab *l = w->l;

	w->skill_end = room(l->expertises_len + 1, sizeof(uint32_t));
	w->skill_offer = room(l->skills_len, sizeof(uint32_t));
	w->link_end = room(l->needs_len + 1, sizeof(uint32_t));
	w->link_at = room(l->links_len, sizeof(uint32_t));
	w->place = room(l->offers_len, sizeof(uint32_t));
	w->stamp = room(l->offers_len, sizeof(uint32_t));
	w->banned = room(l->offers_len, sizeof(uint32_t));
	w->barred = room(l->partners_len, sizeof(uint32_t));
	w->cand = room(l->offers_len, sizeof(*w->cand));
	return w->skill_end != NULL && w->skill_offer != NULL && w->link_end != NULL &&
	       w->link_at != NULL && w->place != NULL && w->stamp != NULL && w->banned != NULL &&
	       w->barred != NULL && w->cand != NULL;
}

static void give_back(struct work *w)
{
	free(w->skill_end);
	free(w->skill_offer);
	free(w->link_end);
	free(w->link_at);
	free(w->place);
	free(w->stamp);
	free(w->banned);
	free(w->barred);
	free(w->cand);
}

/* Counts, then begins of runs; filling moves each begin to its end. */
static void to_begins(uint32_t *count, uint32_t len)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < len; i++) {
		uint32_t n = count[i];
		count[i] = sum;
		sum += n;
	}
}

static void group(struct work *w)
{
	const struct lab *l = w->l;

	for (uint32_t i = 0; i < l->skills_len; i++) {
		w->skill_end[l->skills[i]]++;
	}
	to_begins(w->skill_end, l->expertises_len);
	for (uint32_t o = 0; o < l->offers_len; o++) {
		for (uint32_t i = 0; i < l->offers[o].skill_len; i++) {
			uint32_t s = l->skills[l->offers[o].skill_first + i];
			w->skill_offer[w->skill_end[s]++] = o;
		}
	}
	for (uint32_t i = 0; i < l->links_len; i++) {
		w->link_end[l->links[i].need]++;
	}
	to_begins(w->link_end, l->needs_len);
	for (uint32_t i = 0; i < l->links_len; i++) {
		w->link_at[w->link_end[l->links[i].need]++] = i;
	}
}

static void add(struct work *w, uint32_t need, struct cand it)
{
	uint32_t o = it.pair.offer;

	if (w->stamp[o] != need + 1) {
		w->stamp[o] = need + 1;
		w->place[o] = w->cand_len++;
	}
	w->cand[w->place[o]] = it;
}

static int twice(struct work *w, const struct lab_link *k, unsigned first)
{
	(void)file_error_set(w->e, k->line, "dit paar staat al op regel %u; schrap een van beide",
			     "this pair is on line %u already; take one of them away", first);
	return file_error_field(w->e, "pair");
}

static int take_link(struct work *w, uint32_t need, const struct lab_link *k)
{
	uint32_t hours = k->hours == LAB_NONE ? w->l->needs[need].hours : k->hours;

	if (k->kind == LAB_FORBID) {
		w->banned[k->at] = need + 1;
		return SK_OK;
	}
	if (k->kind == LAB_FORBID_PARTNER) {
		w->barred[k->at] = need + 1;
		return SK_OK;
	}
	if (w->stamp[k->at] == need + 1 && w->cand[w->place[k->at]].line != 0) {
		return twice(w, k, w->cand[w->place[k->at]].line);
	}
	add(w, need, (struct cand){ { k->at, k->cost, hours }, k->line });
	return SK_OK;
}

static int by_offer(const void *a, const void *b)
{
	const struct cand *x = a;
	const struct cand *y = b;

	return (x->pair.offer > y->pair.offer) - (x->pair.offer < y->pair.offer);
}

static int keep(struct work *w, uint32_t need)
{
	struct lab *l = w->l;
	struct lab_need *n = &l->needs[need];

	n->pair_first = l->pairs_len;
	for (uint32_t i = 0; i < w->cand_len; i++) {
		const struct lab_pair *p = &w->cand[i].pair;
		if (w->banned[p->offer] == need + 1 ||
		    w->barred[l->offers[p->offer].partner] == need + 1) {
			continue;
		}
		if (l->pairs_len == LAB_PAIRS_MAX) {
			return file_error_set(w->e, 0,
					      "meer dan %u mogelijke paren van nood en aanbod (bij "
					      "nood %s); "
					      "maak de opgave kleiner",
					      "more than %u possible pairs of need and offer (at "
					      "need %s); make "
					      "the problem smaller",
					      LAB_PAIRS_MAX, n->name);
		}
		if (!lab_grow(&l->pairs, l->pairs_len, sizeof(*p))) {
			return SK_ENOMEM;
		}
		l->pairs[l->pairs_len++] = *p;
		n->pair_len++;
	}
	return SK_OK;
}

/* The lists of expertises rise with the offer, so only lines `pair` can disturb the order. */
static int of_need(struct work *w, uint32_t need)
{
	const struct lab *l = w->l;
	uint32_t s = l->needs[need].expertise;
	uint32_t from = need == 0 ? 0 : w->link_end[need - 1];
	int err = SK_OK;

	w->cand_len = 0;
	if (s != LAB_NONE) {
		for (uint32_t i = s == 0 ? 0 : w->skill_end[s - 1]; i < w->skill_end[s]; i++) {
			struct lab_pair p = { w->skill_offer[i], 0, l->needs[need].hours };
			add(w, need, (struct cand){ p, 0 });
		}
	}
	for (uint32_t i = from; i < w->link_end[need] && err == SK_OK; i++) {
		err = take_link(w, need, &l->links[w->link_at[i]]);
	}
	if (err == SK_OK && w->link_end[need] > from) {
		qsort(w->cand, w->cand_len, sizeof(*w->cand), by_offer);
	}
	return err == SK_OK ? keep(w, need) : err;
}

static void fill_penalty(struct lab *l, struct lab_need *n)
{
	uint32_t dearest = 0;

	if (n->penalty != LAB_NONE) {
		return;
	}
	for (uint32_t i = 0; i < n->pair_len; i++) {
		const struct lab_pair *p = &l->pairs[n->pair_first + i];
		const struct lab_offer *o = &l->offers[p->offer];
		uint32_t cost = p->cost + o->cost + l->partners[o->partner].cost;
		dearest = cost > dearest ? cost : dearest;
	}
	n->penalty = dearest + 1;
}

int lab_pairs(struct lab *l, struct file_error *ret_error)
{
	struct work w = { .l = l, .e = ret_error };
	int err = make_room(&w) ? SK_OK : SK_ENOMEM;

	if (err == SK_OK) {
		group(&w);
	}
	for (uint32_t n = 0; n < l->needs_len && err == SK_OK; n++) {
		err = of_need(&w, n);
		fill_penalty(l, &l->needs[n]);
	}
	give_back(&w);
	return err;
}
