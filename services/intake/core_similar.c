/* SPDX-License-Identifier: EUPL-1.2 */
/* What helped with comparable needs (A13): the same expertise and age band, by what the help was.
 * Nothing is said of fewer than SIMILAR_CASES_MIN cases. */
#include "services/intake/core_figure.h"

#define KINDS_MAX 120U /* supporter kinds, modalities and places on the continuum */
#define WEEKS_MAX 521U

struct kind {
	PB(SimilarRow) row;
	uint32_t *weeks; /* cases by weeks */
};

struct kinds {
	struct kind *k;
	size_t len;
};

static struct kind *kind_of(struct step *s, struct kinds *all, const struct helped *h)
{
	for (size_t i = 0; i < all->len; i++) {
		const PB(SimilarRow) *r = &all->k[i].row;
		if (r->supporter == h->supporter && r->modality == h->modality &&
		    r->continuum == h->continuum) {
			return &all->k[i];
		}
	}
	if (all->len == KINDS_MAX) {
		return NULL;
	}
	struct kind *k = &all->k[all->len];
	schakel__v1__similar_row__init(&k->row);
	k->row.supporter = h->supporter;
	k->row.modality = h->modality;
	k->row.continuum = h->continuum;
	k->weeks = step_alloc(s, WEEKS_MAX * sizeof(*k->weeks));
	all->len += k->weeks == NULL ? 0 : 1;
	return k->weeks == NULL ? NULL : k;
}

static void kind_add(struct kind *k, const struct helped *h, const struct figure_row *row)
{
	uint32_t cases = (uint32_t)row->count;
	uint32_t weeks = row->f.value < WEEKS_MAX ? row->f.value : WEEKS_MAX - 1;

	k->row.cases += cases;
	k->row.ended_well += h->well ? cases : 0;
	k->row.fit_yes += h->fit == SCHAKEL__V1__FIT__FIT_YES ? cases : 0;
	k->row.fit_partly += h->fit == SCHAKEL__V1__FIT__FIT_PARTLY ? cases : 0;
	k->row.fit_no += h->fit == SCHAKEL__V1__FIT__FIT_NO ? cases : 0;
	k->weeks[weeks] += cases;
}

static void kinds_read(struct step *s, uint32_t expertise, uint32_t band, struct kinds *all)
{
	struct key prefix = figure_prefix(0, FIGURE(HELPED), expertise);
	struct figure_walk w;
	struct figure_row row;

	figure_walk_init(&w, s, &prefix);
	while (figure_walk_next(&w, &row)) {
		struct helped h;
		helped_parts(row.f.code, &h);
		struct kind *k = row.f.age_band == band ? kind_of(s, all, &h) : NULL;
		if (k != NULL) {
			kind_add(k, &h, &row);
		}
	}
	figure_walk_done(&w);
}

static uint32_t half_of(const struct kind *k)
{
	uint32_t below = 0;

	for (uint32_t weeks = 0; weeks < WEEKS_MAX; weeks++) {
		below += k->weeks[weeks];
		if (2 * below >= k->row.cases) {
			return weeks;
		}
	}
	return WEEKS_MAX;
}

/* Most cases first; equal ones in the order of their codes, as they were read. */
static void view_add(PB(SimilarView) *v, PB(SimilarRow) *row)
{
	size_t at = v->n_rows++;

	for (; at > 0 && v->rows[at - 1]->cases < row->cases; at--) {
		v->rows[at] = v->rows[at - 1];
	}
	v->rows[at] = row;
}

int q_similar(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	PB(SimilarView) *v = step_alloc(s, sizeof(*v));
	struct kinds all = { .k = step_alloc(s, KINDS_MAX * sizeof(*all.k)) };
	PB(NeedRecord) *n;
	struct req q;
	int err = req_open_need(s, &in->query_similar->need_id, "need_id", &q, &n);

	err = err == SK_OK ? may_view(s, &q) : err;
	if (err != SK_OK || v == NULL || all.k == NULL) {
		return err != SK_OK ? err : s->txn->err;
	}
	schakel__v1__similar_view__init(v);
	v->expertise = n->need->expertise;
	v->age_band = req_band(&q, n->need->child);
	v->rows = step_alloc(s, KINDS_MAX * sizeof(*v->rows));
	kinds_read(s, v->expertise, v->age_band, &all);
	for (size_t i = 0; v->rows != NULL && i < all.len; i++) {
		if (all.k[i].row.cases < SIMILAR_CASES_MIN) {
			v->too_few++;
		} else {
			all.k[i].row.weeks_p50 = half_of(&all.k[i]);
			view_add(v, &all.k[i].row);
		}
	}
	out->body_case = BODY(SIMILAR_VIEW);
	out->similar_view = v;
	return s->txn->err;
}
