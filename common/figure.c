/* SPDX-License-Identifier: EUPL-1.2 */
/* Keeping figures: rows of one table, keyed (month, kind, expertise, zone, class, age band, code)
 * and, of a histogram, the value. */
#include "common/figure.h"

#include <string.h>

#define MONTH_NOW 0U
#define PRUNE_ROWS 2 /* old rows that go for each new one: more than come, so they all go */
#define TYPE(name) (&schakel__v1__##name##__descriptor)

#include "schakel/v1/figure_record.pb-c.h"

struct key figure_state_key(void)
{
	struct key k = { 0 };

	key_u8(&k, UINT8_MAX); /* behind every row of a figure */
	return k;
}

struct key figure_prefix(uint32_t month, PB(FigureKind) kind, uint32_t expertise)
{
	struct key k = { 0 };

	key_u32(&k, month);
	key_u8(&k, (uint8_t)kind);
	if (expertise != 0) {
		key_u8(&k, (uint8_t)expertise);
	}
	return k;
}

static struct key row_key(const struct figure *f, uint32_t month)
{
	const struct figure_law *law = figure_law(f->kind);
	struct key k = figure_prefix(month, f->kind, 0);

	SK_ASSERT(law != NULL);
	key_u8(&k, (uint8_t)f->expertise);
	key_str(&k, f->zone == NULL ? "" : f->zone);
	key_u8(&k, (uint8_t)f->wait_class);
	key_u8(&k, (uint8_t)f->age_band);
	key_u32(&k, f->code);
	if (law->value_max != 0) {
		key_u32(&k, f->value < law->value_max ? f->value : law->value_max);
	}
	return k;
}

/* --- the table as a whole --- */

static void state_put(struct step *s, const PB(FigureStateRecord) *st)
{
	struct key k = figure_state_key();

	step_put(s, FIGURE_TABLE, &k, st);
}

static uint32_t month_back(uint32_t month, uint32_t by)
{
	uint32_t n = month / 100 * 12 + month % 100 - 1 - by;

	return n / 12 * 100 + n % 12 + 1;
}

/** Rows that are too old; a few at a time. */
static void prune(struct step *s, PB(FigureStateRecord) *st)
{
	struct store_iter it;
	struct key from = { 0 };
	struct key k;
	struct slice val;

	key_u32(&from, MONTH_NOW + 1);
	store_iter_init(&it, s->txn, FIGURE_TABLE, NULL);
	store_iter_from(&it, &from, true);
	for (int i = 0; i < PRUNE_ROWS && store_next(&it, &k, &val); i++) {
		if (k.len < 4 || be32_read(k.b) >= month_back(st->month, FIGURE_KEEP_MONTHS)) {
			break;
		}
		step_del(s, FIGURE_TABLE, &k);
		st->rows--;
	}
	store_iter_done(&it);
}

struct delta {
	int64_t count;
	int64_t sum;
	bool shielded;
};

/** A row that is not there, when no more may come: its total goes on in the row of the kind. */
static struct key row_of(struct step *s, const PB(FigureStateRecord) *st, const struct figure *f,
			 uint32_t month, const struct delta *d)
{
	struct key k = row_key(f, month);
	struct slice val;

	if (!store_get(s->txn, FIGURE_TABLE, &k, &val) &&
	    (st->rows >= FIGURE_ROWS_MAX || d->count < 0)) {
		struct figure whole = { .kind = f->kind, .value = f->value };
		return row_key(&whole, month);
	}
	return k;
}

static void row_change(struct step *s, PB(FigureStateRecord) *st, const struct key *k,
		       const struct delta *d)
{
	PB(FigureRecord) none = PB_INIT(FIGURE_RECORD);
	PB(FigureRecord) *rec = step_get(s, FIGURE_TABLE, k, TYPE(figure_record));
	bool fresh = rec == NULL;

	rec = fresh ? &none : rec;
	rec->count += d->count;
	rec->sum += d->sum;
	rec->shielded += d->shielded ? d->count : 0;
	rec->shielded_sum += d->shielded ? d->sum : 0;
	if (rec->count == 0 && rec->sum == 0) {
		st->rows -= fresh ? 0 : 1;
		step_del(s, FIGURE_TABLE, k);
		return;
	}
	step_put(s, FIGURE_TABLE, k, rec);
	if (fresh) {
		st->rows++;
		prune(s, st);
	}
}

static void row_add(struct step *s, PB(FigureStateRecord) *st, const struct figure *f,
		    uint32_t month, const struct delta *d)
{
	size_t mark = s->arena->used_bytes;
	struct key k = row_of(s, st, f, month, d);

	row_change(s, st, &k, d);
	s->arena->used_bytes = mark;
}

/* --- the close of a month --- */

/** What stands now of one kind, under the month, along its published dimensions. */
static void close_kind(struct step *s, PB(FigureStateRecord) *st, const struct figure_law *law)
{
	struct key prefix = figure_prefix(MONTH_NOW, law->kind, 0);
	struct figure_walk w;
	struct figure_row row;

	figure_walk_init(&w, s, &prefix);
	while (figure_walk_next(&w, &row)) {
		struct delta d = { .count = row.count, .sum = row.sum };
		struct figure f = { .kind = law->kind };

		f.expertise = (law->published & FIGURE_BY_EXPERTISE) != 0 ? row.f.expertise : 0;
		f.zone = (law->published & FIGURE_BY_ZONE) != 0 ? row.f.zone : NULL;
		f.code = (law->published & FIGURE_BY_CODE) != 0 ? row.f.code : 0;
		row_add(s, st, &f, st->month, &d);
	}
	figure_walk_done(&w);
}

/** Nothing has changed since the month ended, or this would have run then: so what stands now is
 *  what stood at its close, and at the close of each month between. */
static void close_months(struct step *s, PB(FigureStateRecord) *st, uint32_t month)
{
	uint32_t first = month_back(month, FIGURE_KEEP_MONTHS);

	st->month = st->month < first ? first : st->month;
	while (st->month < month) {
		for (int kind = 1; kind <= UINT8_MAX; kind++) {
			const struct figure_law *law = figure_law((PB(FigureKind))kind);
			if (law != NULL && law->now) {
				close_kind(s, st, law);
			}
		}
		st->month = st->month % 100 == 12 ? st->month + 89 : st->month + 1;
	}
}

/** NULL: an error is set. The record is the caller's to put back when it changed. */
static PB(FigureStateRecord) *state_open(struct step *s)
{
	struct key k = figure_state_key();
	PB(FigureStateRecord) *st = step_get(s, FIGURE_TABLE, &k, TYPE(figure_state_record));
	uint32_t month = figure_month(s->now_ms);

	if (st == NULL && s->txn->err == SK_OK) {
		st = step_alloc(s, sizeof(*st));
		if (st != NULL) {
			*st = (PB(FigureStateRecord))PB_INIT(FIGURE_STATE_RECORD);
			st->month = month;
			state_put(s, st);
		}
	}
	if (st != NULL && st->month < month) {
		close_months(s, st, month);
		state_put(s, st);
	}
	return st;
}

static void change(struct step *s, const struct figure *f, uint32_t month, const struct delta *d)
{
	size_t mark = s->arena->used_bytes;
	PB(FigureStateRecord) *st = state_open(s);

	if (st != NULL) {
		uint64_t rows = st->rows;
		row_add(s, st, f, month, d);
		if (st->rows != rows) {
			state_put(s, st);
		}
	}
	s->arena->used_bytes = mark;
}

/* --- what cores call --- */

static struct delta one_of(const struct figure *f, int64_t count)
{
	const struct figure_law *law = figure_law(f->kind);
	bool value = law != NULL && law->value_max != 0 && f->sum == 0;

	return (struct delta){ .count = count,
			       .sum = count * (value ? (int64_t)f->value : f->sum),
			       .shielded = f->shielded };
}

void figure_add(struct step *s, const struct figure *f)
{
	struct delta d = one_of(f, 1);

	change(s, f, figure_month(s->now_ms), &d);
}

void figure_add_ever(struct step *s, const struct figure *f)
{
	struct delta d = one_of(f, 1);

	change(s, f, MONTH_NOW, &d);
}

void figure_move_year(struct step *s, const struct figure *f, uint32_t from_value)
{
	uint32_t year = figure_month(s->now_ms) / 100 * 100;
	struct figure from = *f;
	struct delta plus = one_of(f, 1);

	if (from_value != 0) {
		from.value = from_value;
		struct delta minus = one_of(&from, -1);
		change(s, &from, year, &minus);
	}
	change(s, f, year, &plus);
}

void figure_set_add(struct figure_set *set, const struct figure *f)
{
	SK_ASSERT(set->len < FIGURE_SET_MAX);
	set->f[set->len++] = *f;
}

static bool same_figure(const struct figure *a, const struct figure *b)
{
	const char *zone_a = a->zone == NULL ? "" : a->zone;
	const char *zone_b = b->zone == NULL ? "" : b->zone;

	return a->kind == b->kind && a->expertise == b->expertise &&
	       a->wait_class == b->wait_class && a->age_band == b->age_band && a->code == b->code &&
	       a->value == b->value && a->sum == b->sum && a->shielded == b->shielded &&
	       strcmp(zone_a, zone_b) == 0;
}

static bool in_set(const struct figure_set *set, const struct figure *f)
{
	for (size_t i = 0; i < set->len; i++) {
		if (same_figure(&set->f[i], f)) {
			return true;
		}
	}
	return false;
}

static void settle(struct step *s, const struct figure_set *set, const struct figure_set *other,
		   int64_t count)
{
	for (size_t i = 0; i < set->len; i++) {
		if (!in_set(other, &set->f[i])) {
			struct delta d = one_of(&set->f[i], count);
			change(s, &set->f[i], MONTH_NOW, &d);
		}
	}
}

void figure_settle(struct step *s, const struct figure_set *was, const struct figure_set *now)
{
	settle(s, was, now, -1);
	settle(s, now, was, 1);
}
