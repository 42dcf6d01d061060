/* SPDX-License-Identifier: EUPL-1.2 */
/* What waitlist counts: who waits now and why, how long it took, gaps; nothing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/figure.h"
#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)

static void open_one(struct rig *r, uint32_t request, uint32_t need, PB(Urgency) urgency)
{
	assert_true(wl_opened(r, &(struct request){ .number = request,
						    .urgency = urgency,
						    .crisis_step = urgency == U(CRISIS) ? 1 : 0,
						    NEEDS({ .number = need }) }));
}

static void help(struct rig *r, uint32_t version, PB(ContributionState) state)
{
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, version, state, false, false }));
}

static const PB(FiguresView) *figures(struct rig *r, const char *by, PB(FigureKind) kind)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.kind = kind;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	PB(Message) *answer = rig_query(r, by, &m);
	return answer->body_case == BODY(FIGURES_VIEW) ? answer->figures_view : NULL;
}

static int64_t count_of(struct rig *r, PB(FigureKind) kind)
{
	const PB(FiguresView) *v = figures(r, "coordinator", kind);
	int64_t count = 0;

	for (size_t i = 0; i < v->n_rows; i++) {
		count += v->rows[i]->count;
	}
	return count;
}

/* B19: waiting by expertise, zone, class and age band; a start takes it off and tells the days. */
static void test_waitlist_figures_follow_an_entry(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	open_one(r, 2, 102, U(PREVENTIVE));
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(WAITING));
	assert_int_equal(v->n_rows, 2);
	assert_int_equal(v->rows[0]->expertise, EXPERTISE);
	assert_string_equal(v->rows[0]->zone, "westhoek");
	assert_int_equal(v->rows[0]->wait_class, C(ACTIVE));
	assert_true(v->rows[0]->age_band > 0);
	rig_advance(r, DAY(9));
	help(r, 1, H(STARTED));
	assert_int_equal(count_of(r, FIGURE(WAITING)), 1);
	v = figures(r, "coordinator", FIGURE(TIME_TO_START));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->count, 1);
	assert_int_equal(v->rows[0]->p50, 9);
	assert_int_equal(count_of(r, FIGURE(TIME_TO_ALL)), 1);
}

/* Help that is lost and comes back is no second first start; the gap is counted when it is over. */
static void test_waitlist_figures_count_a_start_once(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	help(r, 1, H(STARTED));
	help(r, 1, H(STARTED));
	rig_advance(r, DAY(3));
	help(r, 2, H(INTERRUPTED));
	assert_int_equal(count_of(r, FIGURE(WAITING)), 1);
	assert_int_equal(count_of(r, FIGURE(GAP_DAYS)), 0);
	rig_advance(r, DAY(2) + 1000);
	help(r, 3, H(STARTED));
	assert_int_equal(count_of(r, FIGURE(TIME_TO_START)), 1);
	assert_int_equal(count_of(r, FIGURE(TIME_TO_ALL)), 1);
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(GAP_DAYS));
	assert_int_equal(v->rows[0]->count, 1);
	assert_int_equal(v->rows[0]->sum, 3);
}

/* Time to all must-needs waits for the last of them; what should be there does not. */
static void test_waitlist_figures_all_waits_for_the_last_must(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 },
							  { .number = 103, .should = true }) }));
	help(r, 1, H(STARTED));
	assert_int_equal(count_of(r, FIGURE(TIME_TO_ALL)), 0);
	rig_advance(r, DAY(20));
	assert_true(wl_help(r, &(struct help){ 1, 102, 10, 1, H(STARTED), false, false }));
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(TIME_TO_ALL));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->p90, 20);
}

/* D3: over the term from its end on, and not a moment before. */
static void test_waitlist_figures_over_term(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	uint64_t term_ms = wl_record_of(r, 101)->term_ms;
	rig_advance(r, term_ms - rig_now(r) - 1);
	assert_int_equal(count_of(r, FIGURE(OVER_TERM)), 0);
	rig_advance(r, 2);
	assert_int_equal(count_of(r, FIGURE(OVER_TERM)), 1);
	help(r, 1, H(STARTED));
	assert_int_equal(count_of(r, FIGURE(OVER_TERM)), 0);
}

/* A10: what lacks is counted per expertise and zone, and goes when matching has a seat. */
static void test_waitlist_figures_unmet(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	assert_int_equal(count_of(r, FIGURE(UNMET)), 0);
	assert_true(wl_team(r, 1, 1, 101, S(NO_CAPACITY)));
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(UNMET));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->code, S(NO_CAPACITY));
	assert_true(wl_team(r, 1, 2, 101, S(TEAM_LIMIT)));
	assert_int_equal(figures(r, "coordinator", FIGURE(UNMET))->rows[0]->code, S(TEAM_LIMIT));
	assert_true(wl_team(r, 1, 3, 101, 0));
	assert_int_equal(count_of(r, FIGURE(UNMET)), 0);
}

/* A need that closes waits no more; the same closing told twice takes nothing off twice. */
static void test_waitlist_figures_closing_takes_off_once(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	open_one(r, 2, 102, U(STANDARD));
	assert_true(wl_closed(r, 1, 101, 2, R(MOVED)));
	assert_true(wl_closed(r, 1, 101, 2, R(MOVED)));
	assert_int_equal(count_of(r, FIGURE(WAITING)), 1);
	assert_int_equal(count_of(r, FIGURE(TIME_TO_START)), 0);
}

/* D8: a rise by age is counted, and moves the entry to its new class. */
static void test_waitlist_figures_rise(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(PREVENTIVE));
	rig_advance(r, DAY(366));
	assert_int_equal(count_of(r, FIGURE(RISEN)), 1);
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(WAITING));
	const PB(FigureRow) *now = v->rows[0];
	assert_int_equal(now->month, 0);
	assert_int_equal(now->wait_class, C(PREFERENCE));
	assert_true(v->n_rows > 10); /* and each month that is over says what stood at its end */
}

/* DOMAIN 6: who is served and not in the right place counts as waiting, and apart; the days that it
 * gets are counted with their ground. */
static void test_waitlist_figures_misplaced_and_priority(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	rig_advance(r, DAY(40));
	help(r, 1, H(STARTED));
	assert_int_equal(count_of(r, FIGURE(MISPLACED)), 0);
	assert_int_equal(wl_signal(r, "facility-a", 101, "facility-b")->outcome, O(ACCEPTED));
	assert_int_equal(wl_confirm(r, "family", 101, SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH)->outcome,
			 O(ACCEPTED));
	assert_int_equal(count_of(r, FIGURE(MISPLACED)), 0);
	assert_int_equal(wl_confirm(r, "facility-c", 101, 0)->outcome, O(ACCEPTED));
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(MISPLACED));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->month, 0);
	v = figures(r, "coordinator", FIGURE(PRIORITY_DAYS));
	assert_int_equal(v->rows[0]->sum, 30);
	assert_int_equal(v->rows[0]->code,
			 SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_NOT_RIGHT_PLACE);
	assert_int_equal(count_of(r, FIGURE(TIME_TO_START)), 1);
}

/* DOMAIN 5: a case table is counted in each state that it comes into, once. */
static void test_waitlist_figures_case_tables(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	for (uint32_t misses = 1; misses <= 3; misses++) {
		assert_true(wl_told(r, &(struct told){ .request = 1,
						       .need = 101,
						       .contribution = 10 + misses,
						       .version = 1,
						       .state = H(NOT_NOW),
						       .miss = misses }));
	}
	const PB(FiguresView) *v = figures(r, "coordinator", FIGURE(CASE_TABLES));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->count, 1);
	assert_int_equal(v->rows[0]->code, 11); /* of the network's misses, called */
	assert_true(wl_closed(r, 1, 101, 2, R(MOVED)));
	assert_int_equal(count_of(r, FIGURE(CASE_TABLES)), 2);
}

/* Rights: the coordinator and, held back, dashboard and facilities; nobody else. */
static void test_waitlist_figures_rights(void **state)
{
	struct rig *r = *state;

	open_one(r, 1, 101, U(STANDARD));
	assert_int_equal(figures(r, "dashboard", FIGURE(WAITING))->n_rows, 0);
	assert_int_equal(figures(r, "facility-a", FIGURE(WAITING))->n_rows, 0);
	assert_null(figures(r, "family", FIGURE(WAITING)));
	assert_null(figures(r, "clb", FIGURE(WAITING)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
		CASE(test_waitlist_figures_follow_an_entry),
		CASE(test_waitlist_figures_count_a_start_once),
		CASE(test_waitlist_figures_all_waits_for_the_last_must),
		CASE(test_waitlist_figures_over_term),
		CASE(test_waitlist_figures_unmet),
		CASE(test_waitlist_figures_closing_takes_off_once),
		CASE(test_waitlist_figures_rise),
		CASE(test_waitlist_figures_misplaced_and_priority),
		CASE(test_waitlist_figures_case_tables),
		CASE(test_waitlist_figures_rights),
#undef CASE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
