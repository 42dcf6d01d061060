/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading figures, and who may see which: the one place where small cells are held back. */
#include <string.h>

#include "common/figure.h"
#include "schakel/v1/figure_record.pb-c.h"

/* Cells of one kind and month along its published dimensions; what is beyond is not shown. A page
 * of these ends after a kind, with PUBLISHED_PAGE cells or more. */
#define GROUPS_MAX 190U
#define PUBLISHED_PAGE 60U
#define VALUES_MAX 4096U
#define ALL_DIMENSIONS UINT8_MAX
#define REFUSAL(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME

/* --- rows --- */

void figure_walk_init(struct figure_walk *w, struct step *s, const struct key *prefix)
{
	*w = (struct figure_walk){ .s = s };
	store_iter_init(&w->it, s->txn, FIGURE_TABLE, prefix);
}

static bool row_parse(struct figure_walk *w, struct figure_row *row)
{
	struct slice rest = { .data = w->at.b, .len = w->at.len };
	uint8_t kind = 0;
	uint8_t expertise = 0;
	uint8_t wait_class = 0;
	uint8_t band = 0;
	bool whole = key_take_u32(&rest, &row->month) && key_take_u8(&rest, &kind) &&
		     key_take_u8(&rest, &expertise) && key_take_str(&rest, w->zone) &&
		     key_take_u8(&rest, &wait_class) && key_take_u8(&rest, &band) &&
		     key_take_u32(&rest, &row->f.code);

	if (!whole) {
		return false; /* the row about the table itself is the last one */
	}
	row->f.kind = (PB(FigureKind))kind;
	row->f.expertise = expertise;
	row->f.zone = w->zone;
	row->f.wait_class = wait_class;
	row->f.age_band = band;
	return rest.len == 0 || key_take_u32(&rest, &row->f.value);
}

bool figure_walk_next(struct figure_walk *w, struct figure_row *ret_row)
{
	struct figure_row row = { 0 };
	struct slice val;
	size_t mark = w->s->arena->used_bytes;

	if (!store_next(&w->it, &w->at, &val) || !row_parse(w, &row)) {
		return false;
	}
	const PB(FigureRecord) *rec =
		step_unpack(w->s, val, &schakel__v1__figure_record__descriptor);
	if (rec == NULL) {
		return false;
	}
	row.count = rec->count;
	row.sum = rec->sum;
	row.shielded = rec->shielded;
	row.shielded_sum = rec->shielded_sum;
	w->s->arena->used_bytes = mark;
	*ret_row = row;
	return true;
}

void figure_walk_done(struct figure_walk *w)
{
	store_iter_done(&w->it);
}

/* --- cells --- */

struct cells {
	struct step *s;
	PB(FiguresView) *view;
	size_t limit;
	bool exact;
	/* Of the cell that is being filled, which is the last one. */
	int64_t shielded;
	int64_t shielded_sum;
	int64_t *values; /* of a histogram: how many, by value; then how many of them shielded */
	bool open;
};

static uint8_t dimensions(const struct cells *c, PB(FigureKind) kind)
{
	return c->exact ? ALL_DIMENSIONS : figure_law(kind)->published;
}

static bool fits(const PB(FigureRow) *r, const struct figure_row *row, uint8_t by)
{
	const struct figure *f = &row->f;

	return r->kind == f->kind && r->month == row->month &&
	       ((by & FIGURE_BY_EXPERTISE) == 0 || r->expertise == f->expertise) &&
	       ((by & FIGURE_BY_ZONE) == 0 || strcmp(r->zone, f->zone) == 0) &&
	       ((by & FIGURE_BY_CLASS) == 0 || r->wait_class == (PB(WaitClass))f->wait_class) &&
	       ((by & FIGURE_BY_BAND) == 0 || r->age_band == f->age_band) &&
	       ((by & FIGURE_BY_CODE) == 0 || r->code == f->code);
}

/** A histogram's rows of one cell follow each other; others may be anywhere in kind and month. */
static PB(FigureRow) *cell_find(const struct cells *c, const struct figure_row *row)
{
	bool last_only = c->exact || figure_law(row->f.kind)->value_max != 0;
	uint8_t by = dimensions(c, row->f.kind);

	for (size_t i = c->view->n_rows; i > 0; i--) {
		PB(FigureRow) *r = c->view->rows[i - 1];
		if (fits(r, row, by)) {
			return r;
		}
		if (last_only || r->kind != row->f.kind || r->month != row->month) {
			break;
		}
	}
	return NULL;
}

static void buckets_make(struct cells *c, PB(FigureRow) *r)
{
	size_t len = 0;

	for (size_t v = 0; v < VALUES_MAX; v++) {
		len += c->values[v] > 0 ? 1 : 0;
	}
	PB(FigureBucket) *b = step_alloc(c->s, (len + 1) * sizeof(*b));
	r->buckets = step_alloc(c->s, (len + 1) * sizeof(*r->buckets));
	for (uint32_t v = 0; b != NULL && r->buckets != NULL && v < VALUES_MAX; v++) {
		if (c->values[v] > 0) {
			b[r->n_buckets] = (PB(FigureBucket))PB_INIT(FIGURE_BUCKET);
			b[r->n_buckets].value = v;
			b[r->n_buckets].count = c->values[v];
			r->buckets[r->n_buckets] = &b[r->n_buckets];
			r->n_buckets++;
		}
	}
	r->p50 = figure_percentile(r->buckets, r->n_buckets, 500);
	r->p75 = figure_percentile(r->buckets, r->n_buckets, 750);
	r->p90 = figure_percentile(r->buckets, r->n_buckets, 900);
}

/** What is more than one row holds follows in rows of the same cell. */
static void cell_split(struct cells *c, PB(FigureRow) *r)
{
	while (r->n_buckets > FIGURE_BUCKETS_MAX) {
		PB(FigureRow) *more = step_alloc(c->s, sizeof(*more));
		if (more == NULL) {
			return;
		}
		*more = *r;
		more->sum = 0;
		more->buckets = r->buckets + FIGURE_BUCKETS_MAX;
		more->n_buckets = r->n_buckets - FIGURE_BUCKETS_MAX;
		more->count = 0;
		for (size_t i = 0; i < more->n_buckets; i++) {
			more->count += more->buckets[i]->count;
		}
		r->n_buckets = FIGURE_BUCKETS_MAX;
		r->count -= more->count;
		c->view->rows[c->view->n_rows++] = more;
		r = more;
	}
}

/** The last cell has all its rows: its percentiles; help that a child shields leaves a small one.
 */
static void cell_finish(struct cells *c)
{
	if (!c->open) {
		return;
	}
	PB(FigureRow) *r = c->view->rows[c->view->n_rows - 1];
	bool hide = c->exact && c->shielded > 0 && r->count < FIGURE_CELL_MIN;
	c->open = false;
	if (hide) {
		r->count -= c->shielded;
		r->sum -= c->shielded_sum;
	}
	if (figure_law(r->kind)->value_max == 0) {
		return;
	}
	for (size_t v = 0; hide && v < VALUES_MAX; v++) {
		c->values[v] -= c->values[VALUES_MAX + v];
	}
	buckets_make(c, r);
	if (!c->exact) {
		r->n_buckets = 0;
	}
	cell_split(c, r);
}

static PB(FigureRow) *cell_open(struct cells *c, const struct figure_row *row)
{
	uint8_t by = dimensions(c, row->f.kind);
	PB(FigureRow) *r = step_alloc(c->s, sizeof(*r));

	cell_finish(c);
	if (r == NULL) {
		return NULL;
	}
	*r = (PB(FigureRow))PB_INIT(FIGURE_ROW);
	r->kind = row->f.kind;
	r->month = row->month;
	r->expertise = (by & FIGURE_BY_EXPERTISE) != 0 ? row->f.expertise : 0;
	r->wait_class = (by & FIGURE_BY_CLASS) != 0 ? (PB(WaitClass))row->f.wait_class :
						      r->wait_class;
	r->age_band = (by & FIGURE_BY_BAND) != 0 ? row->f.age_band : 0;
	r->code = (by & FIGURE_BY_CODE) != 0 ? row->f.code : 0;
	if ((by & FIGURE_BY_ZONE) != 0) {
		r->zone = step_strdup(c->s, row->f.zone);
	}
	c->shielded = 0;
	c->shielded_sum = 0;
	if (figure_law(row->f.kind)->value_max != 0) {
		memset(c->values, 0, 2 * VALUES_MAX * sizeof(*c->values));
	}
	c->view->rows[c->view->n_rows++] = r;
	c->open = true;
	return r->zone == NULL ? NULL : r;
}

static void cell_add(struct cells *c, PB(FigureRow) *r, const struct figure_row *row)
{
	uint32_t value = row->f.value < VALUES_MAX ? row->f.value : VALUES_MAX - 1;

	r->count += row->count;
	r->sum += row->sum;
	c->shielded += row->shielded;
	c->shielded_sum += row->shielded_sum;
	if (figure_law(row->f.kind)->value_max != 0) {
		c->values[value] += row->count;
		c->values[VALUES_MAX + value] += row->shielded;
	}
}

/** Rows that are not for who asks go. */
static void cells_keep(struct cells *c)
{
	size_t kept = 0;

	cell_finish(c);
	for (size_t i = 0; i < c->view->n_rows; i++) {
		PB(FigureRow) *r = c->view->rows[i];
		if (c->exact ? r->count != 0 || r->sum != 0 : r->count >= FIGURE_CELL_MIN) {
			c->view->rows[kept++] = r;
		}
	}
	c->view->n_rows = kept;
}

/* --- the question --- */

static int check(struct step *s, const PB(QueryFigures) *q)
{
	if (q->from_month > 999999 || q->from_month % 100 > 12) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "from_month");
	}
	if (q->to_month > 999999 || q->to_month % 100 > 12 ||
	    (q->to_month != 0 && q->to_month < q->from_month)) {
		return step_refuse(s, REFUSAL(OUT_OF_RANGE), "to_month");
	}
	if (q->kind != FIGURE(UNSPECIFIED) && figure_law(q->kind) == NULL) {
		return step_refuse(s, REFUSAL(UNKNOWN_CODE), "kind");
	}
	return q->after.len > KEY_LEN_MAX ? step_refuse(s, REFUSAL(MALFORMED), "after") : SK_OK;
}

static bool cells_init(struct cells *c, struct step *s, const PB(QueryFigures) *q)
{
	uint32_t limit = q->limit == 0 || q->limit > FIGURE_PAGE_MAX ? FIGURE_PAGE_MAX : q->limit;

	*c = (struct cells){ .s = s, .exact = (s->from.roles & ROLE_BIT(COORDINATOR)) != 0 };
	limit = c->exact || limit < PUBLISHED_PAGE ? limit : PUBLISHED_PAGE;
	c->limit = limit < s->page_most ? limit : s->page_most;
	c->view = step_alloc(s, sizeof(*c->view));
	c->values = step_alloc(s, 2 * VALUES_MAX * sizeof(*c->values));
	if (c->view == NULL || c->values == NULL) {
		return false;
	}
	*c->view = (PB(FiguresView))PB_INIT(FIGURES_VIEW);
	c->view->rows = step_alloc(s, (c->limit + GROUPS_MAX) * sizeof(PB(FigureRow) *));
	return c->view->rows != NULL;
}

/** Only months that are over, for who may not see exact rows; the year only when it is over. */
static bool may_see(const struct cells *c, uint32_t month)
{
	uint32_t runs = figure_month(c->s->now_ms);

	return c->exact ||
	       (month != 0 && (month % 100 == 0 ? month / 100 < runs / 100 : month < runs));
}

static bool wanted(const struct cells *c, const PB(QueryFigures) *q, const struct figure_row *row)
{
	return figure_law(row->f.kind) != NULL && row->month >= q->from_month &&
	       (q->kind == FIGURE(UNSPECIFIED) || q->kind == row->f.kind) && may_see(c, row->month);
}

static void take(struct cells *c, const struct figure_row *row)
{
	PB(FigureRow) *r = cell_find(c, row);

	if (r == NULL && c->view->n_rows < c->limit + GROUPS_MAX) {
		r = cell_open(c, row);
	}
	if (r != NULL) {
		cell_add(c, r, row);
	}
}

static ProtobufCBinaryData key_data(struct step *s, const struct key *k)
{
	ProtobufCBinaryData data = { 0 };

	data.data = arena_dup(s->arena, k->b, k->len);
	data.len = data.data == NULL ? 0 : k->len;
	return data;
}

/** A page ends between two cells; for who sees sums of rows, between two kinds or months. */
static bool may_end(const struct cells *c, const struct figure_row *row,
		    const struct figure_row *before)
{
	if (c->exact) {
		return cell_find(c, row) == NULL;
	}
	return before->month != row->month || before->f.kind != row->f.kind;
}

static struct key start_of(const struct cells *c, const PB(QueryFigures) *q)
{
	struct key k = { 0 };

	if (q->after.len != 0) {
		key_bytes(&k, q->after.data, q->after.len);
	} else {
		key_u32(&k, q->from_month == 0 && !c->exact ? 1 : q->from_month);
	}
	return k;
}

static void read_rows(struct cells *c, const PB(QueryFigures) *q)
{
	struct key from = start_of(c, q);
	struct figure_row before = { 0 };
	struct figure_row row;
	struct figure_walk w;
	struct key last = { 0 };
	size_t rows = 0;

	figure_walk_init(&w, c->s, NULL);
	store_iter_from(&w.it, &from, q->after.len == 0);
	while (figure_walk_next(&w, &row) && (q->to_month == 0 || row.month <= q->to_month)) {
		bool full = c->view->n_rows >= c->limit || rows >= FIGURE_SCAN_MAX;
		if (full && may_end(c, &row, &before)) {
			c->view->next = key_data(c->s, &last);
			break;
		}
		if (wanted(c, q, &row)) {
			take(c, &row);
		}
		last = w.at;
		before = row;
		rows++;
	}
	figure_walk_done(&w);
}

int figure_query(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	const PB(QueryFigures) *q = in->query_figures;
	struct cells c;
	int err = check(s, q);

	if (err != SK_OK) {
		return err;
	}
	if (!cells_init(&c, s, q)) {
		return s->txn->err;
	}
	read_rows(&c, q);
	cells_keep(&c);
	out->body_case = BODY(FIGURES_VIEW);
	out->figures_view = c.view;
	return s->txn->err;
}
