/* SPDX-License-Identifier: EUPL-1.2 */
/* Figures: kept once, exact to the day, closed with their month, small cells held back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/civil.h"
#include "common/figure.h"
#include "schakel/v1/figure_record.pb-c.h"

#define ARENA_BYTES (4U << 20)
#define CLASS(NAME) SCHAKEL__V1__WAIT_CLASS__WAIT_CLASS_##NAME

struct fixture {
	char dir[64];
	struct store st;
	struct store_txn txn;
	struct arena arena;
	uint8_t *block;
	struct outcome out;
	struct step s;
};

static uint64_t at(uint16_t year, uint8_t month, uint8_t day)
{
	uint64_t ms = 0;

	assert_int_equal(civil_to_ms((struct civil_date){ year, month, day }, 720, &ms), SK_OK);
	return ms;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct store_conf conf = { .dir = f->dir, .map_bytes = 64U << 20, .no_sync = true };

	(void)snprintf(f->dir, sizeof(f->dir), "/dev/shm/schakel-figure-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(store_create(&f->st, &conf), SK_OK);
	assert_int_equal(store_begin(&f->st, &f->txn), SK_OK);
	f->block = malloc(ARENA_BYTES);
	arena_init(&f->arena, f->block, ARENA_BYTES);
	f->s = (struct step){ .txn = &f->txn,
			      .arena = &f->arena,
			      .out = &f->out,
			      .page_most = UINT32_MAX,
			      .now_ms = at(2026, 3, 10) };
	f->s.from.roles = ROLE_BIT(COORDINATOR);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "data.mdb", "lock.mdb", "owner.lock" };
	struct fixture *f = *state;
	char path[128];

	store_abort(&f->txn);
	store_close(&f->st);
	for (size_t i = 0; i < SK_LEN(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f->block);
	free(f);
	return 0;
}

static const PB(FiguresView) *ask(struct fixture *f, const PB(QueryFigures) *q)
{
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	in.body_case = BODY(QUERY_FIGURES);
	in.query_figures = (PB(QueryFigures) *)(uintptr_t)q;
	assert_int_equal(figure_query(&f->s, &in, &out), SK_OK);
	return out.figures_view;
}

static const PB(FiguresView) *ask_kind(struct fixture *f, PB(FigureKind) kind)
{
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.kind = kind;
	return ask(f, &q);
}

static const struct figure waits = { .kind = FIGURE(WAITING),
				     .expertise = 12,
				     .zone = "westhoek",
				     .wait_class = CLASS(ACTIVE),
				     .age_band = 3 };

static void wait_more(struct fixture *f, uint32_t expertise, unsigned times)
{
	struct figure_set none = { .len = 0 };
	struct figure_set one = { .len = 0 };

	figure_set_add(&one, &waits);
	one.f[0].expertise = expertise;
	for (unsigned i = 0; i < times; i++) {
		figure_settle(&f->s, &none, &one);
	}
}

static void days(struct fixture *f, uint32_t value, bool shielded)
{
	struct figure one = { .kind = FIGURE(TIME_TO_START),
			      .expertise = 12,
			      .zone = "westhoek",
			      .value = value,
			      .shielded = shielded };

	figure_add(&f->s, &one);
}

/* B19: what stands now goes with the record, and leaves no row behind. */
static void test_figure_settle_moves_what_stands_now(void **state)
{
	struct fixture *f = *state;
	struct figure_set none = { .len = 0 };
	struct figure_set was = { .len = 0 };
	struct figure_set now = { .len = 0 };

	figure_set_add(&was, &waits);
	figure_set_add(&now, &waits);
	now.f[0].wait_class = CLASS(URGENT);
	figure_settle(&f->s, &none, &was);
	figure_settle(&f->s, &was, &was);
	const PB(FiguresView) *v = ask_kind(f, FIGURE(WAITING));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->count, 1);
	assert_int_equal(v->rows[0]->month, 0);
	figure_settle(&f->s, &was, &now);
	v = ask_kind(f, FIGURE(WAITING));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->wait_class, CLASS(URGENT));
	figure_settle(&f->s, &now, &none);
	assert_int_equal(ask_kind(f, FIGURE(WAITING))->n_rows, 0);
}

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a;
	uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* B19: percentiles are those of the sorted days, to the day, for every number of cases. */
static void test_figure_percentiles_are_exact(void **state)
{
	struct fixture *f = *state;
	uint32_t told[60];
	uint32_t seed = 7;

	for (size_t n = 1; n <= SK_LEN(told); n++) {
		seed = seed * 1103515245 + 12345;
		told[n - 1] = seed / 65536 % 90;
		days(f, told[n - 1], false);
		qsort(told, n, sizeof(told[0]), by_value);
		const PB(FigureRow) *r = ask_kind(f, FIGURE(TIME_TO_START))->rows[0];
		assert_int_equal(r->count, n);
		assert_int_equal(r->p50, told[(n + 1) / 2 - 1]);
		assert_int_equal(r->p75, told[(3 * n + 3) / 4 - 1]);
		assert_int_equal(r->p90, told[(9 * n + 9) / 10 - 1]);
		f->arena.used_bytes = 0;
	}
}

/* L12: a value above the cap counts as the cap; its sum stays exact. */
static void test_figure_value_beyond_cap_counts_as_cap(void **state)
{
	struct fixture *f = *state;

	days(f, 3650, false);
	days(f, 3651, false);
	const PB(FigureRow) *r = ask_kind(f, FIGURE(TIME_TO_START))->rows[0];
	assert_int_equal(r->n_buckets, 1);
	assert_int_equal(r->buckets[0]->value, 3650);
	assert_int_equal(r->buckets[0]->count, 2);
	assert_int_equal(r->sum, 7301);
}

/* A month that is over changes no more, and says what stood at its close; so does each month in
 * which nothing happened. */
static void test_figure_month_closes_with_what_stood(void **state)
{
	struct fixture *f = *state;
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	wait_more(f, 12, 3);
	days(f, 5, false);
	f->s.now_ms = at(2026, 5, 2);
	wait_more(f, 12, 1);
	days(f, 6, false);
	q.kind = FIGURE(WAITING);
	q.from_month = 202601;
	const PB(FiguresView) *v = ask(f, &q);
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->month, 202603);
	assert_int_equal(v->rows[0]->count, 3);
	assert_int_equal(v->rows[1]->month, 202604);
	assert_int_equal(v->rows[1]->count, 3);
	q.kind = FIGURE(TIME_TO_START);
	v = ask(f, &q);
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->month, 202603);
	assert_int_equal(v->rows[1]->month, 202605);
	q.to_month = 202604;
	assert_int_equal(ask(f, &q)->n_rows, 1);
}

/* December is followed by January. */
static void test_figure_year_turns(void **state)
{
	struct fixture *f = *state;
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	f->s.now_ms = at(2026, 12, 31);
	wait_more(f, 12, 1);
	f->s.now_ms = at(2027, 2, 1);
	wait_more(f, 12, 1);
	q.from_month = 1;
	const PB(FiguresView) *v = ask(f, &q);
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->month, 202612);
	assert_int_equal(v->rows[1]->month, 202701);
}

/* Others than the coordinator see closed months, one dimension, and no cell below 5. */
static void test_figure_small_cells_are_held_back(void **state)
{
	struct fixture *f = *state;

	wait_more(f, 12, 4);
	wait_more(f, 13, 5);
	for (uint32_t i = 0; i < 5; i++) {
		days(f, i, false);
	}
	f->s.from.roles = ROLE_BIT(DASHBOARD);
	assert_int_equal(ask_kind(f, 0)->n_rows, 0);
	f->s.now_ms = at(2026, 4, 1);
	wait_more(f, 12, 1);
	const PB(FiguresView) *v = ask_kind(f, 0);
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->expertise, 13);
	assert_int_equal(v->rows[0]->count, 5);
	assert_string_equal(v->rows[0]->zone, "");
	assert_int_equal(v->rows[0]->age_band, 0);
	assert_int_equal(v->rows[1]->kind, FIGURE(TIME_TO_START));
	assert_int_equal(v->rows[1]->n_buckets, 0);
	assert_int_equal(v->rows[1]->p50, 2);
}

/* D5: help that a child keeps to itself is in no row below 5, also not the coordinator's. */
static void test_figure_shielded_is_in_no_small_row(void **state)
{
	struct fixture *f = *state;

	days(f, 3, true);
	assert_int_equal(ask_kind(f, FIGURE(TIME_TO_START))->n_rows, 0);
	days(f, 8, false);
	days(f, 9, false);
	days(f, 9, false);
	const PB(FigureRow) *r = ask_kind(f, FIGURE(TIME_TO_START))->rows[0];
	assert_int_equal(r->count, 3);
	assert_int_equal(r->buckets[0]->value, 8);
	days(f, 9, false);
	r = ask_kind(f, FIGURE(TIME_TO_START))->rows[0];
	assert_int_equal(r->count, 5);
	assert_int_equal(r->buckets[0]->value, 3);
}

/* Pages of one cell give the same rows as one page. */
static void test_figure_pages_are_the_whole(void **state)
{
	struct fixture *f = *state;
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);
	unsigned rows = 0;
	int64_t count = 0;

	for (uint32_t e = 1; e <= 20; e++) {
		wait_more(f, e, e);
		days(f, e, false);
	}
	q.limit = 1;
	do {
		const PB(FiguresView) *v = ask(f, &q);
		assert_true(v->n_rows <= 1);
		rows += (unsigned)v->n_rows;
		count += v->n_rows == 0 ? 0 : v->rows[0]->count;
		q.after = v->next;
	} while (q.after.len != 0);
	assert_int_equal(rows, 21);
	assert_int_equal(count, 210 + 20);
}

/* L12: a row holds 200 buckets; what is more follows in a row of the same cell, and they add up. */
static void test_figure_long_histogram_comes_in_rows(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < FIGURE_BUCKETS_MAX; i++) {
		days(f, i, false);
	}
	assert_int_equal(ask_kind(f, FIGURE(TIME_TO_START))->n_rows, 1);
	for (uint32_t i = FIGURE_BUCKETS_MAX; i < 2 * FIGURE_BUCKETS_MAX + 1; i++) {
		days(f, i, false);
	}
	const PB(FiguresView) *v = ask_kind(f, FIGURE(TIME_TO_START));
	assert_int_equal(v->n_rows, 3);
	assert_int_equal(v->rows[0]->count, FIGURE_BUCKETS_MAX);
	assert_int_equal(v->rows[0]->n_buckets, FIGURE_BUCKETS_MAX);
	assert_int_equal(v->rows[2]->count, 1);
	assert_int_equal(v->rows[2]->n_buckets, 1);
	assert_int_equal(v->rows[2]->p50, 200);
	assert_int_equal(v->rows[0]->sum, 400 * 401 / 2);
	assert_int_equal(v->rows[1]->sum, 0);
}

static PB(FigureStateRecord) *table(struct fixture *f)
{
	struct key k = figure_state_key();

	return step_get(&f->s, FIGURE_TABLE, &k, &schakel__v1__figure_state_record__descriptor);
}

/* L12: at the bound the last row still comes; past it the total stays right without the detail. */
static void test_figure_full_table_keeps_totals(void **state)
{
	struct fixture *f = *state;
	struct key k = figure_state_key();
	struct figure_set none = { .len = 0 };
	struct figure_set one = { .len = 0 };

	wait_more(f, 1, 1);
	PB(FigureStateRecord) *st = table(f);
	assert_int_equal(st->rows, 1);
	st->rows = FIGURE_ROWS_MAX - 1;
	step_put(&f->s, FIGURE_TABLE, &k, st);
	wait_more(f, 2, 1);
	wait_more(f, 3, 1);
	const PB(FiguresView) *v = ask_kind(f, FIGURE(WAITING));
	assert_int_equal(v->n_rows, 3);
	assert_int_equal(v->rows[0]->expertise, 0);
	assert_int_equal(v->rows[2]->expertise, 2);
	figure_set_add(&one, &waits);
	one.f[0].expertise = 3;
	figure_settle(&f->s, &one, &none);
	assert_int_equal(ask_kind(f, FIGURE(WAITING))->n_rows, 2);
}

/* L12, C12: months are kept ten years, and go after them, a few at a time. */
static void test_figure_months_are_kept_ten_years(void **state)
{
	struct fixture *f = *state;
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	days(f, 1, false);
	q.kind = FIGURE(TIME_TO_START);
	f->s.now_ms = at(2036, 3, 10);
	days(f, 2, false);
	assert_int_equal(ask(f, &q)->n_rows, 2);
	f->s.now_ms = at(2036, 4, 10);
	days(f, 2, false);
	const PB(FiguresView) *v = ask(f, &q);
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->month, 203603);
	assert_int_equal(table(f)->rows, 2);
}

/* B9: a child with one more worker moves, and is not counted twice. */
static void test_figure_year_counts_a_child_once(void **state)
{
	struct fixture *f = *state;
	struct figure one = { .kind = FIGURE(WORKERS_PER_CHILD), .zone = "westhoek", .value = 1 };

	figure_move_year(&f->s, &one, 0);
	figure_move_year(&f->s, &one, 0);
	one.value = 2;
	figure_move_year(&f->s, &one, 1);
	const PB(FiguresView) *v = ask_kind(f, FIGURE(WORKERS_PER_CHILD));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->month, 202600);
	assert_int_equal(v->rows[0]->count, 2);
	assert_int_equal(v->rows[0]->n_buckets, 2);
	assert_int_equal(v->rows[0]->p50, 1);
	assert_int_equal(v->rows[0]->p90, 2);
}

/* Days are of the calendar: both clock changes and a leap day. */
static void test_figure_days_are_calendar_days(void **state)
{
	(void)state;
	assert_int_equal(figure_days(at(2026, 3, 28), at(2026, 3, 30)), 2);
	assert_int_equal(figure_days(at(2026, 10, 24), at(2026, 10, 26)), 2);
	assert_int_equal(figure_days(at(2028, 2, 28), at(2028, 3, 1)), 2);
	assert_int_equal(figure_days(at(2026, 12, 31), at(2027, 1, 1)), 1);
	assert_int_equal(figure_days(at(2027, 1, 1), at(2026, 12, 31)), 0);
	assert_int_equal(figure_days(at(2026, 1, 5) + 11 * CIVIL_HOUR_MS + 3540000,
				     at(2026, 1, 5) + 12 * CIVIL_HOUR_MS),
			 1);
}

static void test_figure_age_bands(void **state)
{
	static const uint32_t first[] = { 0, 6, 12, 18 };

	(void)state;
	for (uint32_t i = 0; i < SK_LEN(first); i++) {
		assert_int_equal(figure_age_band(first[i]), i + 1);
		assert_int_equal(figure_age_band(first[i] + 5), i + 1);
	}
}

static void refused(struct fixture *f, const PB(QueryFigures) *q, const char *field)
{
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	in.query_figures = (PB(QueryFigures) *)(uintptr_t)q;
	assert_int_equal(figure_query(&f->s, &in, &out), SK_EREFUSED);
	assert_string_equal(f->out.field, field);
}

static void test_figure_query_refuses_bad_months_and_kinds(void **state)
{
	struct fixture *f = *state;
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.from_month = 202613;
	refused(f, &q, "from_month");
	q.from_month = 202605;
	q.to_month = 202604;
	refused(f, &q, "to_month");
	q.to_month = 202605;
	q.kind = (PB(FigureKind))200;
	refused(f, &q, "kind");
	q.kind = FIGURE(WAITING);
	q.after.len = KEY_LEN_MAX + 1;
	refused(f, &q, "after");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		CASE(test_figure_settle_moves_what_stands_now),
		CASE(test_figure_percentiles_are_exact),
		CASE(test_figure_value_beyond_cap_counts_as_cap),
		CASE(test_figure_month_closes_with_what_stood),
		CASE(test_figure_year_turns),
		CASE(test_figure_small_cells_are_held_back),
		CASE(test_figure_shielded_is_in_no_small_row),
		CASE(test_figure_pages_are_the_whole),
		CASE(test_figure_long_histogram_comes_in_rows),
		CASE(test_figure_full_table_keeps_totals),
		CASE(test_figure_months_are_kept_ten_years),
		CASE(test_figure_year_counts_a_child_once),
		CASE(test_figure_days_are_calendar_days),
		CASE(test_figure_age_bands),
		CASE(test_figure_query_refuses_bad_months_and_kinds),
#undef CASE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
