/* SPDX-License-Identifier: EUPL-1.2 */
/* Words that are not about the order but that the list must know: what is shielded, what fits, how
 * often a story was told again, danger, and who turns between yes and no. Told when it changes.
 * Danger: the reason of the request is violence or self-harm, or a step up was taken for danger.
 * Ambivalent: one speaker said yes at least twice and no at least twice, by turns. */
#include <string.h>

#include "services/intake/core_warm.h"

#define DANGER(X) SCHAKEL__V1__DANGER_REASON__DANGER_REASON_##X

PB(CareRecord) *care_load(struct step *s, const struct req *q)
{
	static const PB(CareRecord) empty = PB_INIT(CARE_RECORD);
	struct key k = key_of_id(&q->id);
	PB(CareRecord) *c = step_get(s, TABLE_CARE, &k, TYPE(care_record));

	if (c == NULL && s->txn->err == SK_OK) {
		c = step_alloc(s, sizeof(*c));
		if (c != NULL) {
			*c = empty;
		}
	}
	return c;
}

/* --- turns between yes and no --- */

static PB(TurnsRecord) *turns_of(struct step *s, PB(CareRecord) *c, PB(Speaker) speaker,
				 uint32_t number)
{
	static const PB(TurnsRecord) empty = PB_INIT(TURNS_RECORD);

	for (size_t i = 0; i < c->n_turns; i++) {
		if (c->turns[i]->speaker == speaker && c->turns[i]->number == number) {
			return c->turns[i];
		}
	}
	PB(TurnsRecord) **list = step_alloc(s, (c->n_turns + 1) * sizeof(*list));
	PB(TurnsRecord) *t = step_alloc(s, sizeof(*t));
	if (list == NULL || t == NULL || c->n_turns == TURNS_MAX) {
		return NULL;
	}
	for (size_t i = 0; i < c->n_turns; i++) {
		list[i] = c->turns[i];
	}
	*t = empty;
	t->speaker = speaker;
	t->number = number;
	list[c->n_turns++] = t;
	c->turns = list;
	return t;
}

void care_voice(struct step *s, struct req *q, const PB(RecordPosition) *m)
{
	bool adult = m->speaker == SPEAKER(ADULT);
	bool yes = m->voice == VOICE(AGREE);

	if ((!yes && m->voice != VOICE(NOT)) || m->speaker == SPEAKER(TRUSTED_PERSON) ||
	    m->speaker == SPEAKER(UNSPECIFIED)) {
		return;
	}
	PB(CareRecord) *c = care_load(s, q);
	PB(TurnsRecord) *t = c == NULL ? NULL :
					 turns_of(s, c, m->speaker, adult ? m->adult : m->child);
	if (t == NULL || t->last == m->voice) {
		return;
	}
	t->last = m->voice;
	t->agrees += yes ? 1 : 0;
	t->nots += yes ? 0 : 1;
	struct key k = key_of_id(&q->id);
	step_put(s, TABLE_CARE, &k, c);
	q->warm_changed = true;
}

static bool ambivalent(const PB(CareRecord) *c)
{
	for (size_t i = 0; i < c->n_turns; i++) {
		if (c->turns[i]->agrees >= 2 && c->turns[i]->nots >= 2) {
			return true;
		}
	}
	return false;
}

/* --- the fact --- */

static void shielded_add(struct step *s, const PB(ContributionRecord) *c, PB(CareNoted) *n)
{
	static const PB(ShieldedFact) empty = PB_INIT(SHIELDED_FACT);
	PB(ShieldedFact) *one = step_alloc(s, sizeof(*one));

	if (one != NULL) {
		*one = empty;
		one->contribution_id = c->last->contribution_id;
		n->shielded[n->n_shielded++] = one;
	}
}

/* Help that has ended stays shielded: figures look back. */
static void shielded_fill(struct step *s, const struct req *q, PB(CareNoted) *n)
{
	struct key prefix = key_of_id(&q->id);
	struct store_iter it;
	struct key at;
	struct slice val;

	n->shielded = step_alloc(s, CARE_SHIELDED_MAX * sizeof(*n->shielded));
	for (size_t i = 0; n->shielded != NULL && i < q->live_len; i++) {
		if (q->live[i]->shielded) {
			shielded_add(s, q->live[i], n);
		}
	}
	store_iter_init(&it, s->txn, TABLE_CONTRIBUTION_PAST, &prefix);
	while (n->shielded != NULL && n->n_shielded < CARE_SHIELDED_MAX &&
	       store_next(&it, &at, &val)) {
		const PB(ContributionRecord) *c = step_unpack(s, val, TYPE(contribution_record));
		if (c == NULL) {
			break;
		}
		if (c->shielded) {
			shielded_add(s, c, n);
		}
	}
	store_iter_done(&it);
}

static void fits_fill(struct step *s, const struct req *q, PB(CareNoted) *n)
{
	static const PB(FitFact) empty = PB_INIT(FIT_FACT);
	PB(FitRecord) *last[CARE_FITS_MAX];
	size_t len = fits_last(s, q, last, CARE_FITS_MAX);

	n->fits = step_alloc(s, (len + 1) * sizeof(*n->fits));
	for (size_t i = 0; n->fits != NULL && i < len; i++) {
		PB(FitFact) *one = step_alloc(s, sizeof(*one));
		if (one == NULL) {
			return;
		}
		*one = empty;
		one->contribution_id = last[i]->contribution_id;
		one->fit = last[i]->fit;
		n->fits[n->n_fits++] = one;
	}
}

bool care_danger(PB(DangerReason) reason)
{
	return reason == DANGER(VIOLENCE) || reason == DANGER(SELF_HARM);
}

static bool in_danger(struct step *s, const struct req *q)
{
	return care_danger(q->r->reason) || rung_danger(s, q);
}

/* Equal but for the version. */
static bool same_words(struct step *s, PB(CareNoted) *a, const PB(CareNoted) *b)
{
	uint32_t version = a->version;

	if (b == NULL) {
		return a->n_shielded + a->n_fits + a->retellings == 0 && !a->danger &&
		       !a->ambivalent;
	}
	a->version = b->version;
	size_t len = schakel__v1__care_noted__get_packed_size(a);
	uint8_t *pa = step_alloc(s, len + 1);
	uint8_t *pb = step_alloc(s, len + 1);
	bool same = len == schakel__v1__care_noted__get_packed_size(b) && pa != NULL && pb != NULL;
	if (same) {
		(void)schakel__v1__care_noted__pack(a, pa);
		(void)schakel__v1__care_noted__pack(b, pb);
		same = memcmp(pa, pb, len) == 0;
	}
	a->version = version;
	return same;
}

static void care_emit(struct step *s, PB(CareNoted) *n)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(CARE_NOTED);
	m.care_noted = n;
	step_emit(s, "waitlist", &m);
}

static void care_fill(struct step *s, const struct req *q, const PB(CareRecord) *c,
		      PB(CareNoted) *ret_n)
{
	ret_n->request_id = q->r->request_id;
	shielded_fill(s, q, ret_n);
	fits_fill(s, q, ret_n);
	ret_n->danger = in_danger(s, q);
	ret_n->ambivalent = ambivalent(c);
	ret_n->retellings = q->r->retellings;
}

void care_settle(struct step *s, struct req *q)
{
	PB(CareNoted) now = PB_INIT(CARE_NOTED);
	struct key k = key_of_id(&q->id);

	if (!q->warm_changed || q->r->deceased) {
		return;
	}
	PB(CareRecord) *c = care_load(s, q);
	if (c == NULL) {
		return;
	}
	size_t was = c->n_parallel;
	parallel_settle(s, q, c);
	care_fill(s, q, c, &now);
	bool told = same_words(s, &now, c->told);
	if (!told) {
		now.version = step_next_version(s, c->told == NULL ? 0 : c->told->version);
		c->told = &now;
		care_emit(s, &now);
	}
	if (!told || was + c->n_parallel > 0) {
		step_put(s, TABLE_CARE, &k, c);
	}
}

const PB(CareNoted) *care_told(struct step *s, const struct req *q)
{
	struct key k = key_of_id(&q->id);
	const PB(CareRecord) *c = step_get(s, TABLE_CARE, &k, TYPE(care_record));

	return c == NULL ? NULL : c->told;
}
