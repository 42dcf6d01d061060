/* SPDX-License-Identifier: EUPL-1.2 */
/* How long a need may still wait: said once enough is known, stretched by what came, held against
 * the end of the wait, and shown while it comes true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/stretch.h"
#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define FIRST 1000U /* number of the first need that teaches */

static void open_one(struct rig *r, uint32_t number, PB(Urgency) urgency)
{
	assert_true(wl_opened(r, &(struct request){ .number = number,
						    .urgency = urgency,
						    .crisis_step = urgency == U(CRISIS) ? 1 : 0,
						    NEEDS({ .number = number }) }));
}

static bool foreseen(struct rig *r, uint32_t need, uint32_t from_days, uint32_t until_days)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(WaitForeseen) fact = PB_INIT(WAIT_FORESEEN);
	PB(NeedForeseen) one = PB_INIT(NEED_FORESEEN);
	PB(NeedForeseen) *some[] = { &one };
	PB(WaitRange) range = PB_INIT(WAIT_RANGE);

	range.from_days = from_days;
	range.half_days = (from_days + until_days) / 2;
	range.until_days = until_days;
	range.beyond_days = 365;
	range.made_ms = rig_now(r);
	one.need_id = wl_data_of(need);
	one.range = &range;
	fact.needs = some;
	fact.n_needs = 1;
	m.body_case = BODY(WAIT_FORESEEN);
	m.wait_foreseen = &fact;
	return rig_fact(r, "matching", &m);
}

static void starts(struct rig *r, uint32_t need)
{
	assert_true(wl_help(r, &(struct help){ need, need, need + 1000000, 1, H(STARTED), false,
					       false }));
}

static PB(WaitForeseenRecord) *kept;

/** As it is stored. The caller does not free. */
static PB(WaitForeseenRecord) *row(struct rig *r)
{
	struct key k = { 0 };
	struct slice val;

	key_u8(&k, 0);
	if (kept != NULL) {
		schakel__v1__wait_foreseen_record__free_unpacked(kept, NULL);
		kept = NULL;
	}
	assert_true(store_get(rig_txn(r), WAIT_TABLE_FORESEEN, &k, &val));
	kept = schakel__v1__wait_foreseen_record__unpack(NULL, val.len, val.data);
	assert_non_null(kept);
	return kept;
}

static int64_t count_of(struct rig *r, PB(FigureKind) kind)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);
	int64_t count = 0;

	q.kind = kind;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	const PB(FiguresView) *v = rig_query(r, "coordinator", &m)->figures_view;
	for (size_t i = 0; i < v->n_rows; i++) {
		count += v->rows[i]->count;
	}
	return count;
}

#define SAID() count_of(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_FORESEEN)
#define TRUE_SAID() count_of(r, SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_FORESEEN_RIGHT)

/** @p len needs of whom 10 to 20 days are foreseen, and that begin after 13 to 33: twice as long
 *  with the week. */
static void teach(struct rig *r, uint32_t first, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		open_one(r, first + i, U(STANDARD));
		assert_true(foreseen(r, first + i, 3, 13));
	}
	rig_advance(r, DAY(13));
	for (uint32_t i = 0; i < len; i++) {
		starts(r, first + i);
		rig_advance(r, DAY(20) / len);
	}
}

static const PB(WaitRange) *said(struct rig *r, uint32_t need)
{
	return wl_record_of(r, need)->range;
}

static void test_foreseen_nothing_is_said_until_thirty_have_begun(void **state)
{
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST - 1);
	open_one(r, 1, U(STANDARD));
	open_one(r, 2, U(PREVENTIVE));
	assert_true(foreseen(r, 1, 3, 13));
	assert_null(said(r, 1));
	assert_int_equal(SAID(), 0);
	starts(r, 1);
	rig_advance(r, DAY(1));
	open_one(r, 3, U(STANDARD));
	assert_true(foreseen(r, 3, 3, 13));
	assert_non_null(said(r, 3));
	assert_true(said(r, 3)->until_days > 26); /* 13 were foreseen, up to 33 it took */
	assert_true(said(r, 3)->until_days < 40);
	assert_true(foreseen(r, 2, 3, 13));
	assert_null(said(r, 2));             /* nothing is known of its class */
	assert_true(foreseen(r, 999, 1, 2)); /* nobody: nothing happens */
}

/* What is said first is held against the end of the wait; what is said later changes nothing. */
static void test_foreseen_first_is_held_against_what_came(void **state)
{
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST);
	for (uint32_t i = 1; i <= 5; i++) {
		open_one(r, i, U(STANDARD));
		assert_true(foreseen(r, i, 3, i == 4 ? 365 : 13));
	}
	uint32_t from = said(r, 1)->from_days;
	uint32_t until = said(r, 1)->until_days;
	assert_int_equal(said(r, 4)->until_days, 365); /* longer than was looked: no end */
	assert_true(from > 0 && until > from);
	rig_advance(r, DAY(from));
	assert_true(foreseen(r, 1, 200, 300));
	starts(r, 1);
	starts(r, 4);
	assert_true(wl_closed(r, 5, 5, 2, R(WITHDRAWN))); /* nobody knows how long it would be */
	assert_int_equal(SAID(), 1);
	assert_int_equal(TRUE_SAID(), 1);
	rig_advance(r, DAY(until - from + 1)); /* a day past its end */
	assert_true(foreseen(r, 2, 3, 13));
	assert_int_equal(SAID(), 2);
	assert_true(foreseen(r, 2, 3, 13));
	starts(r, 2);
	assert_int_equal(SAID(), 2); /* once */
	assert_true(wl_closed(r, 3, 3, 2, R(WITHDRAWN)));
	assert_int_equal(SAID(), 3);
	assert_int_equal(TRUE_SAID(), 1);
}

/* A day before the first end is false too, and on both ends it is true. */
static void test_foreseen_ends_belong_to_the_range(void **state)
{
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST);
	for (uint32_t i = 1; i <= 3; i++) {
		open_one(r, i, U(STANDARD));
		assert_true(foreseen(r, i, 3, 13));
	}
	uint32_t from = said(r, 1)->from_days;
	uint32_t until = said(r, 1)->until_days;
	rig_advance(r, DAY(from) - 1000);
	starts(r, 1);
	assert_int_equal(TRUE_SAID(), 0);
	rig_advance(r, 1000);
	starts(r, 2);
	assert_int_equal(TRUE_SAID(), 1);
	rig_advance(r, DAY(until - from + 1) - 1000);
	starts(r, 3);
	assert_int_equal(TRUE_SAID(), 2);
	assert_int_equal(SAID(), 3);
}

/** @p right of @p len come true, the others begin later; all are over. */
static void come_true(struct rig *r, uint32_t first, uint32_t len, uint32_t right)
{
	for (uint32_t i = 0; i < len; i++) {
		open_one(r, first + i, U(STANDARD));
		assert_true(foreseen(r, first + i, 3, 13));
	}
	uint32_t from = said(r, first)->from_days;
	uint32_t until = said(r, first)->until_days;
	rig_advance(r, DAY(from));
	for (uint32_t i = 0; i < right; i++) {
		starts(r, first + i);
	}
	rig_advance(r, DAY(until - from + 1));
	for (uint32_t i = right; i < len; i++) {
		starts(r, first + i);
	}
}

static const PB(WaitRange) *shown(struct rig *r, uint32_t need, PB(Urgency) urgency)
{
	rig_advance(r, DAY(1));
	open_one(r, need, urgency);
	assert_true(foreseen(r, need, 3, 13));
	return wl_entry_of(r, need)->range;
}

/* Who waits on is followed by id, and no longer than somebody looks ahead. */
static void test_foreseen_no_id_is_kept_when_nobody_looks(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, U(STANDARD));
	open_one(r, 2, U(STANDARD));
	assert_true(foreseen(r, 1, 3, 13));
	assert_true(foreseen(r, 2, 3, 13));
	assert_int_equal(row(r)->n_told, 2);
	assert_int_equal(row(r)->told[0]->need_id.len, OBJECT_ID_LEN);
	rig_set(r, SETTING_FORESEE_SHOWN, 0);
	assert_int_equal(row(r)->told[0]->need_id.len, OBJECT_ID_LEN);
	rig_advance(r, DAY(3));
	rig_set(r, SETTING_FORESEE, 0);
	assert_int_equal(row(r)->n_told, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(row(r)->told[i]->need_id.len, 0);
		assert_int_equal(row(r)->told[i]->ended_ms, rig_now(r));
		assert_false(row(r)->told[i]->began);
	}
}

/* What was said two days ago is two days shorter, and is not said beyond its end. */
static void test_foreseen_grows_shorter_with_the_days(void **state)
{
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST);
	come_true(r, FIRST + 100, 30, 30);
	assert_non_null(shown(r, 2, U(STANDARD)));
	assert_true(foreseen(r, 2, 0, 0)); /* some days, as stretched */
	const PB(WaitRange) first = *wl_entry_of(r, 2)->range;
	assert_in_range(first.until_days, 3, 6);
	rig_advance(r, DAY(2));
	const PB(WaitRange) *later = wl_entry_of(r, 2)->range;
	assert_non_null(later);
	assert_int_equal(later->from_days, first.from_days > 2 ? first.from_days - 2 : 0);
	assert_int_equal(later->half_days, first.half_days > 2 ? first.half_days - 2 : 0);
	assert_int_equal(later->until_days, first.until_days - 2);
	assert_int_equal(later->beyond_days, first.beyond_days - 2);
	assert_int_equal(later->made_ms, first.made_ms + DAY(2));
	rig_advance(r, DAY((uint64_t)first.until_days - 2) - 1000);
	assert_non_null(wl_entry_of(r, 2)->range);
	rig_advance(r, 2000);
	assert_null(wl_entry_of(r, 2)->range);
}

/* Thirty that are over, seven in ten of them true; and a region may leave it unsaid. */
static void test_foreseen_is_shown_while_it_comes_true(void **state)
{
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST);
	come_true(r, FIRST + 100, 29, 29);
	assert_null(shown(r, 1, U(STANDARD)));
	assert_non_null(said(r, 1));
	assert_true(wl_closed(r, 1, 1, 2, R(WITHDRAWN)));
	come_true(r, FIRST + 200, 1, 1);
	const PB(WaitRange) *range = shown(r, 2, U(STANDARD));
	assert_non_null(range);
	assert_int_equal(range->judged, 30);
	assert_int_equal(range->right, 30);
	assert_null(shown(r, 3, U(CRISIS))); /* a matter of hours */
	rig_set(r, SETTING_FORESEE_SHOWN, 0);
	assert_null(wl_entry_of(r, 2)->range);
	rig_set(r, SETTING_FORESEE_SHOWN, 1);
	rig_advance(r, DAY(6) - 1000); /* a day old already; a week is kept */
	assert_non_null(wl_entry_of(r, 2)->range);
	rig_advance(r, 2000);
	assert_null(wl_entry_of(r, 2)->range);
	assert_true(foreseen(r, 2, 3, 13));
	assert_non_null(wl_entry_of(r, 2)->range);
	starts(r, 2);
	assert_null(wl_entry_of(r, 2)->range);
	come_true(r, FIRST + 300, 11, 0);
	assert_non_null(shown(r, 4, U(STANDARD))); /* 31 of 42: 73 in a hundred */
	assert_true(wl_closed(r, 4, 4, 2, R(WITHDRAWN)));
	come_true(r, FIRST + 400, 3, 0);
	assert_null(shown(r, 5, U(STANDARD))); /* 31 of 45: 68 */
}

/* Of those it was said of a sample is kept: when it is full, every second of them. Whose wait is
 * over is not named in it. */
static void test_foreseen_a_full_sample_is_halved(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < STRETCH_CASES_MAX; i++) {
		open_one(r, FIRST + i, U(STANDARD));
		assert_true(foreseen(r, FIRST + i, 3, 13));
	}
	assert_int_equal(row(r)->n_told, STRETCH_CASES_MAX);
	assert_int_equal(row(r)->stride, 1);
	open_one(r, 1, U(STANDARD));
	assert_true(foreseen(r, 1, 3, 13));
	assert_int_equal(row(r)->stride, 2);
	assert_in_range(row(r)->n_told, STRETCH_CASES_MAX * 3 / 8, STRETCH_CASES_MAX * 5 / 8);
	size_t open_len = row(r)->n_told;
	for (uint32_t i = 0; i < STRETCH_CASES_MAX; i++) {
		starts(r, FIRST + i);
	}
	rig_advance(r, DAY(1));
	assert_true(foreseen(r, 1, 3, 13)); /* the next look */
	assert_int_equal(row(r)->n_told, open_len);
	size_t named = 0;
	size_t began = 0;
	const PB(WaitForeseenRecord) *now = row(r);
	for (size_t i = 0; i < open_len; i++) {
		named += now->told[i]->need_id.len > 0;
		began += now->told[i]->began ? 1 : 0;
	}
	assert_true(named <= 1);
	assert_int_equal(began, open_len - named);
	rig_advance(r, DAY(731));
	open_one(r, 2, U(STANDARD));
	open_one(r, 3, U(STANDARD));
	assert_true(foreseen(r, 2, 3, 13));
	assert_true(foreseen(r, 3, 3, 13));
	assert_true(row(r)->n_told <= 2); /* those of two years ago are gone */
	schakel__v1__wait_foreseen_record__free_unpacked(kept, NULL);
	kept = NULL;
}

/* A request of fifty needs that is taken back at once, while the sample is full: one step. */
static void test_foreseen_fifty_leave_in_one_step(void **state)
{
	static struct need needs[WAIT_OPEN_MAX];
	struct rig *r = *state;

	teach(r, FIRST, STRETCH_BEGAN_LEAST);
	for (uint32_t i = 0; i < STRETCH_CASES_MAX * 3 / 4; i++) {
		open_one(r, FIRST + 100 + i, U(STANDARD));
		assert_true(foreseen(r, FIRST + 100 + i, 3, 13));
	}
	for (uint32_t i = 0; i < WAIT_OPEN_MAX; i++) {
		needs[i] = (struct need){ .number = 1 + i };
	}
	struct request all = { .number = 1, .needs = needs, .needs_len = WAIT_OPEN_MAX };
	assert_true(wl_opened(r, &all));
	for (uint32_t i = 0; i < WAIT_OPEN_MAX; i++) {
		assert_true(foreseen(r, 1 + i, 3, 13));
		needs[i].version = 2;
		needs[i].state = N(WITHDRAWN);
	}
	all.version = 2;
	assert_true(wl_opened(r, &all));
	for (uint32_t i = 0; i < WAIT_OPEN_MAX; i++) {
		assert_int_not_equal(wl_record_of(r, 1 + i)->state,
				     SCHAKEL__V1__WAIT_STATE__WAIT_STATE_WAITING);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_foreseen_nothing_is_said_until_thirty_have_begun),
		CASE(test_foreseen_first_is_held_against_what_came),
		CASE(test_foreseen_ends_belong_to_the_range),
		CASE(test_foreseen_no_id_is_kept_when_nobody_looks),
		CASE(test_foreseen_grows_shorter_with_the_days),
		CASE(test_foreseen_is_shown_while_it_comes_true),
		CASE(test_foreseen_a_full_sample_is_halved),
		CASE(test_foreseen_fifty_leave_in_one_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
