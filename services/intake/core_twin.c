/* SPDX-License-Identifier: EUPL-1.2 */
/* One child, told of at two desks, that needs one expertise at both. Both needs stay, each with its
 * own home, term and grounds; both have the earlier date; and while both are open only the first of
 * them is waited for, so that no partner is asked twice for one child. The other is off the list,
 * not closed: it is back on it in the step in which the first is answered, finished or not there
 * any more, because whether one help is enough for two homes is for people to say. Nothing of it
 * touches a month clock (L6). */
#include <string.h>

#include "services/intake/core_inner.h"

struct twin {
	struct req *q;
	size_t member;
	PB(NeedRecord) *n;
	bool held;    /* somebody helps with it, or will */
	bool wishing; /* its family itself waits */
	bool waits;   /* with one that goes first and is waited for itself */
};

struct twins {
	struct twin t[FAMILY_MAX * NEEDS_KEPT_MAX];
	size_t len;
	bool opened[FAMILY_MAX]; /* something of that member is to be told to the list */
	struct kin kin;
};

static bool need_held(const struct req *q, const PB(NeedRecord) *n)
{
	for (size_t i = 0; i < q->live_len; i++) {
		const PB(ContributionChanged) *c = q->live[i]->last;
		bool holds = contribution_holds(c) || contribution_active(c);
		if (holds && data_equal(&c->need_id, &n->need->need_id)) {
			return true;
		}
	}
	return false;
}

static void twins_find(const struct step *s, const struct family *fam, struct twins *tw)
{
	family_kin(fam, &tw->kin);
	for (size_t i = 0; i < fam->len; i++) {
		struct req *q = fam->m[i];
		for (size_t k = 0; k < q->needs_len; k++) {
			PB(NeedRecord) *n = q->need[k];
			if (!need_wants_help(n) || n->need->own_crisis) {
				continue;
			}
			tw->t[tw->len++] = (struct twin){
				.q = q,
				.member = i,
				.n = n,
				.held = need_held(q, n),
				.wishing = q->r->family_wish_until_ms > s->now_ms,
			};
		}
	}
}

static bool are_twins(const struct kin *kin, const struct twin *a, const struct twin *b)
{
	return a->member != b->member && a->n->need->expertise == b->n->need->expertise &&
	       same_child(kin, a->member, a->n->need->child, b->member, b->n->need->child);
}

static uint64_t told_ms(const PB(NeedRecord) *n)
{
	return n->own_arrival_ms != 0 ? n->own_arrival_ms : n->need->arrival_ms;
}

/* Of two that are open: the more pressing one, so that no crisis waits for a month; the one that
 * its family does not hold back; the one with help in sight; the one that was told first. */
static bool goes_first(const struct twin *a, const struct twin *b)
{
	const PB(RequestRecord) *x = a->q->r;
	const PB(RequestRecord) *y = b->q->r;

	if (x->urgency != y->urgency) {
		return x->urgency < y->urgency;
	}
	if (x->crisis_step != y->crisis_step) {
		return x->crisis_step < y->crisis_step;
	}
	if (a->wishing != b->wishing) {
		return b->wishing;
	}
	if (a->held != b->held) {
		return a->held;
	}
	if (told_ms(a->n) != told_ms(b->n)) {
		return told_ms(a->n) < told_ms(b->n);
	}
	return memcmp(a->n->need->need_id.data, b->n->need->need_id.data, OBJECT_ID_LEN) < 0;
}

static void need_raise(struct step *s, PB(NeedRecord) *n)
{
	n->need->need_version = step_next_version(s, n->need->need_version);
}

static void date_share(struct step *s, struct twins *tw, struct twin *t, uint64_t first_ms)
{
	if (t->n->need->arrival_ms <= first_ms) {
		return;
	}
	t->n->own_arrival_ms = told_ms(t->n);
	t->n->need->arrival_ms = first_ms;
	need_raise(s, t->n);
	need_save(s, t->q, t->n);
	tw->opened[t->member] = tw->opened[t->member] || !t->n->list_closed;
}

static void list_leave(struct step *s, struct twin *t, const struct twin *first)
{
	struct need_set one = { .n = { t->n }, .len = 1 };

	need_raise(s, t->n);
	needs_closed_emit(s, t->q, &one, CLOSE(SAME_CHILD));
	t->n->waits_with = first->n->need->need_id;
	need_save(s, t->q, t->n);
}

static void list_join(struct step *s, struct twins *tw, struct twin *t)
{
	need_raise(s, t->n);
	t->n->list_closed = false;
	t->n->waits_with = (ProtobufCBinaryData){ 0, NULL };
	need_save(s, t->q, t->n);
	tw->opened[t->member] = true;
}

static void twins_sort(struct twins *tw)
{
	for (size_t i = 1; i < tw->len; i++) {
		struct twin t = tw->t[i];
		size_t at = i;
		for (; at > 0 && goes_first(&t, &tw->t[at - 1]); at--) {
			tw->t[at] = tw->t[at - 1];
		}
		tw->t[at] = t;
	}
}

/* The one that goes before it and is on the list: two needs of one request do not stand in for each
 * other, so it is not always the very first. NULL: none. */
static const struct twin *first_of(const struct twins *tw, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		const struct twin *o = &tw->t[i];
		if (o->n->need->state == NEED_IS(OPEN) && !o->waits &&
		    are_twins(&tw->kin, &tw->t[at], o)) {
			return o;
		}
	}
	return NULL;
}

static uint64_t first_date(const struct twins *tw, const struct twin *t)
{
	uint64_t first_ms = t->n->need->arrival_ms;

	for (size_t i = 0; i < tw->len; i++) {
		uint64_t at_ms = told_ms(tw->t[i].n);
		first_ms = at_ms < first_ms && are_twins(&tw->kin, t, &tw->t[i]) ? at_ms : first_ms;
	}
	return first_ms;
}

static void twin_settle(struct step *s, struct twins *tw, size_t at)
{
	struct twin *t = &tw->t[at];
	const struct twin *first = first_of(tw, at);

	date_share(s, tw, t, first_date(tw, t));
	t->waits = first != NULL && !t->held && t->n->need->state == NEED_IS(OPEN);
	if (t->waits && !t->n->list_closed) {
		list_leave(s, t, first);
	} else if (t->waits && !data_equal(&t->n->waits_with, &first->n->need->need_id)) {
		t->n->waits_with = first->n->need->need_id;
		need_save(s, t->q, t->n);
	} else if (!t->waits && t->n->waits_with.len > 0 && !MUT(157)) {
		list_join(s, tw, t);
	}
}

void twins_settle(struct step *s, struct family *fam)
{
	struct twins *tw = step_alloc(s, sizeof(*tw));

	if (tw == NULL) {
		return;
	}
	twins_find(s, fam, tw);
	twins_sort(tw);
	for (size_t i = 0; i < tw->len; i++) {
		twin_settle(s, tw, i);
	}
	for (size_t i = 0; i < fam->len; i++) {
		if (tw->opened[i]) {
			needs_opened_emit(s, fam->m[i]);
			req_save(s, fam->m[i]); /* under the version that was told */
		}
	}
}

void twins_part(struct step *s, struct req *q)
{
	for (size_t i = 0; i < q->needs_len; i++) {
		PB(NeedRecord) *n = q->need[i];
		if (n->own_arrival_ms == 0 && n->waits_with.len == 0) {
			continue;
		}
		if (n->own_arrival_ms != 0) {
			n->need->arrival_ms = n->own_arrival_ms;
			n->own_arrival_ms = 0;
		}
		if (n->waits_with.len > 0) {
			n->waits_with = (ProtobufCBinaryData){ 0, NULL };
			n->list_closed = !need_wants_help(n);
		}
		need_raise(s, n);
		need_save(s, q, n);
	}
}
