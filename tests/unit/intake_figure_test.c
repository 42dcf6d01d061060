/* SPDX-License-Identifier: EUPL-1.2 */
/* What intake counts: flows, terms, workers, teams, moves on the continuum, what helped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/figure.h"
#include "tests/unit/intake_story.h"
#include "tests/unit/warm_story.h"

#define CONT(X) SCHAKEL__V1__CONTINUUM__CONTINUUM_##X
#define SUP(X) SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_##X

static const PB(FiguresView) *figures(struct rig *r, PB(FigureKind) kind)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.kind = kind;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	PB(Message) *answer = rig_query(r, "coordinator", &m);
	assert_int_equal(answer->body_case, BODY(FIGURES_VIEW));
	return answer->figures_view;
}

/* Count of the rows of a kind with that code; 0: of any. */
static int64_t count_of(struct rig *r, PB(FigureKind) kind, uint32_t code)
{
	const PB(FiguresView) *v = figures(r, kind);
	int64_t count = 0;

	for (size_t i = 0; i < v->n_rows; i++) {
		count += code == 0 || v->rows[i]->code == code ? v->rows[i]->count : 0;
	}
	return count;
}

/* Help of a kind; worker 0: none is named. */
struct given {
	uint32_t number;
	uint32_t version;
	const char *partner;
	PB(ContributionState) state;
	uint32_t worker;
	PB(Continuum) continuum;
};

static void give(struct story *st, const struct given *g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	struct object_id id = rig_id(g->number);
	struct object_id worker = rig_id(g->worker);

	c.contribution_id = object_id_data(&id);
	c.version = g->version;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = (char *)(uintptr_t)g->partner;
	c.pool = (char *)(uintptr_t) "pool";
	c.state = g->state;
	c.seen = true;
	c.at_ms = rig_now(st->r);
	c.modality = M(AMBULANT);
	c.supporter = SUP(PROFESSIONAL);
	c.continuum = g->continuum;
	if (g->worker != 0) {
		c.worker = object_id_data(&worker);
	}
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(st->r, "matching", &m));
}

/* D11, D8: each request flows in once; leaves by what was said; and comes in again. */
static void test_intake_figures_flow_in_out_and_in_again(void **state)
{
	struct rig *r = *state;
	struct ask a;

	struct story st = story_standard(r, 1);
	ask_init(&a);
	a.m.urgency = U(PREVENTIVE);
	(void)story_of(r, "clb", &a);
	assert_int_equal(count_of(r, FIGURE(INFLOW), 1), 2);
	assert_int_equal(count_of(r, FIGURE(PREVENTIVE), 0), 1);
	ACCEPTED(close_need(&st, "clb", 0, R(SELF_RESOLVED), ""));
	assert_int_equal(count_of(r, FIGURE(OUTFLOW), R(SELF_RESOLVED)), 1);
	ACCEPTED(reopen(&st, "clb", 0));
	assert_int_equal(count_of(r, FIGURE(INFLOW), 2), 1);
	assert_int_equal(count_of(r, FIGURE(OUTFLOW), 0), 1);
}

/* D3, L6: answered in term or late, and a breach, each once. */
static void test_intake_figures_terms(void **state)
{
	struct rig *r = *state;
	struct story in_time = story_standard(r, 1);
	struct story late = story_standard(r, 1);

	rig_advance(r, 5 * RIG_DAY_MS);
	give(&in_time, &(struct given){ 1, 1, "facility-a", H(STARTED), 0, 0 });
	give(&in_time, &(struct given){ 1, 2, "facility-a", H(INTERRUPTED), 0, 0 });
	give(&in_time, &(struct given){ 1, 3, "facility-a", H(STARTED), 0, 0 });
	rig_advance(r, 40 * RIG_DAY_MS);
	assert_int_equal(count_of(r, FIGURE(BREACHED), 0), 1);
	give(&late, &(struct given){ 2, 1, "facility-b", H(STARTED), 0, 0 });
	assert_int_equal(count_of(r, FIGURE(ANSWERED_IN_TERM), 1), 1);
	assert_int_equal(count_of(r, FIGURE(ANSWERED_IN_TERM), 2), 1);
	assert_int_equal(figures(r, FIGURE(ANSWERED_IN_TERM))->rows[0]->sum, 5);
}

/* B9: distinct workers of a child within a year; the same one twice is one. */
static void test_intake_figures_workers_per_child(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	give(&st, &(struct given){ 1, 1, "facility-a", H(STARTED), 71, 0 });
	give(&st, &(struct given){ 1, 2, "facility-a", H(INTERRUPTED), 71, 0 });
	give(&st, &(struct given){ 1, 3, "facility-a", H(STARTED), 71, 0 });
	const PB(FigureRow) *row = figures(r, FIGURE(WORKERS_PER_CHILD))->rows[0];
	assert_int_equal(row->count, 1);
	assert_int_equal(row->p50, 1);
	give(&st, &(struct given){ 2, 1, "facility-b", H(STARTED), 72, 0 });
	row = figures(r, FIGURE(WORKERS_PER_CHILD))->rows[0];
	assert_int_equal(row->count, 1);
	assert_int_equal(row->p50, 2);
	rig_advance(r, 366 * RIG_DAY_MS);
	give(&st, &(struct given){ 2, 2, "facility-b", H(INTERRUPTED), 72, 0 });
	give(&st, &(struct given){ 2, 3, "facility-b", H(STARTED), 73, 0 });
	assert_int_equal(figures(r, FIGURE(WORKERS_PER_CHILD))->n_rows, 2);
}

/* D10, D11: help of another house while somebody helps is throughflow; the continuum is followed in
 * both directions. */
static void test_intake_figures_throughflow_and_continuum(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	give(&st, &(struct given){ 1, 1, "facility-a", H(STARTED), 0, CONT(LIGHT) });
	assert_int_equal(count_of(r, FIGURE(THROUGHFLOW), 0), 0);
	give(&st, &(struct given){ 2, 1, "facility-b", H(STARTED), 0, CONT(GATED) });
	assert_int_equal(count_of(r, FIGURE(THROUGHFLOW), 0), 1);
	assert_int_equal(count_of(r, FIGURE(CONTINUUM_MOVES), 24), 1);
	give(&st, &(struct given){ 3, 1, "facility-b2", H(STARTED), 0, CONT(UNIVERSAL) });
	assert_int_equal(count_of(r, FIGURE(CONTINUUM_MOVES), 41), 1);
	assert_int_equal(count_of(r, FIGURE(CONTINUUM_MOVES), 0), 2);
}

/* D5: a shielded part is in no figure below 5, not even the coordinator's. */
static void test_intake_figures_shielded_help_is_not_shown(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	give(&st, &(struct given){ 1, 1, "facility-a", H(STARTED), 0, CONT(LIGHT) });
	give(&st, &(struct given){ 2, 1, "facility-b", H(AGREED), 0, CONT(GATED) });
	ACCEPTED(shield(&st, "family", 2, true)); /* it keeps that help to itself */
	give(&st, &(struct given){ 2, 2, "facility-b", H(STARTED), 0, CONT(GATED) });
	assert_int_equal(figures(r, FIGURE(THROUGHFLOW))->n_rows, 0);
	assert_int_equal(figures(r, FIGURE(CONTINUUM_MOVES))->n_rows, 0);
}

/* How many houses a team has, when all its must-needs have started. */
static void test_intake_figures_partners_per_team(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 3);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_int_equal(figures(r, FIGURE(PARTNERS_PER_TEAM))->n_rows, 0);
	assert_true(say_started(&st, 3, 2, "facility-b2"));
	const PB(FigureRow) *row = figures(r, FIGURE(PARTNERS_PER_TEAM))->rows[0];
	assert_int_equal(row->count, 1);
	assert_int_equal(row->p50, 2); /* facility-b and facility-b2 are one house */
}

static const PB(SimilarView) *similar(struct story *st, const char *by)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuerySimilar) q = PB_INIT(QUERY_SIMILAR);

	q.need_id = st->need[0];
	m.body_case = BODY(QUERY_SIMILAR);
	m.query_similar = &q;
	PB(Message) *answer = rig_query(st->r, by, &m);
	return answer->body_case == BODY(SIMILAR_VIEW) ? answer->similar_view : NULL;
}

static void help_ends(struct rig *r, uint32_t number, PB(Continuum) continuum)
{
	struct story st = story_standard(r, 1);

	give(&st, &(struct given){ number, 1, "facility-a", H(STARTED), 0, continuum });
	rig_advance(r, 21 * RIG_DAY_MS);
	give(&st, &(struct given){ number, 2, "facility-a", H(HANDING_ON), 0, continuum });
	give(&st, &(struct given){ number, 3, "facility-a", H(ENDED), 0, continuum });
}

/* A13, L12: what helped is said from the fifth case on, and not of four. */
static void test_intake_similar_needs_five_cases(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	for (uint32_t i = 0; i < 4; i++) {
		help_ends(r, 10 + i, CONT(LIGHT));
		help_ends(r, 20 + i, CONT(GATED));
	}
	const PB(SimilarView) *v = similar(&st, "clb");
	assert_int_equal(v->n_rows, 0);
	assert_int_equal(v->too_few, 2);
	help_ends(r, 14, CONT(LIGHT));
	v = similar(&st, "clb");
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->too_few, 1);
	assert_int_equal(v->rows[0]->cases, 5);
	assert_int_equal(v->rows[0]->ended_well, 5);
	assert_int_equal(v->rows[0]->weeks_p50, 3);
	assert_int_equal(v->rows[0]->continuum, CONT(LIGHT));
}

/* Only who may see the request may ask; help that never started is no case. */
static void test_intake_similar_rights_and_what_counts(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_null(similar(&st, "facility-c"));
	give(&st, &(struct given){ 1, 1, "facility-a", H(ASKED), 0, CONT(LIGHT) });
	give(&st, &(struct given){ 1, 2, "facility-a", H(RELEASED), 0, CONT(LIGHT) });
	assert_int_equal(similar(&st, "clb")->too_few, 0);
}

/* D16: whether help fits is a figure of its own: a quick start that does not fit is both. */
static void test_intake_figures_fit_is_apart_from_time(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	uint32_t code =
		SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_SIX_WEEKS * 10U + SCHAKEL__V1__FIT__FIT_NO;

	rig_advance(r, 4 * RIG_DAY_MS);
	give(&st, &(struct given){ 1, 1, "facility-a", H(STARTED), 0, CONT(LIGHT) });
	assert_int_equal(count_of(r, FIGURE(FIT), 0), 0);
	rig_advance(r, 43 * RIG_DAY_MS);
	ACCEPTED(record_fit(&st, "family", 1, SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_SIX_WEEKS,
			    SCHAKEL__V1__FIT__FIT_NO));
	const PB(FiguresView) *v = figures(r, FIGURE(FIT));
	assert_int_equal(v->n_rows, 1);
	assert_int_equal(v->rows[0]->code, code);
	assert_int_equal(v->rows[0]->count, 1);
	assert_int_equal(v->rows[0]->sum, 4); /* days waited, beside it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
		CASE(test_intake_figures_flow_in_out_and_in_again),
		CASE(test_intake_figures_terms),
		CASE(test_intake_figures_workers_per_child),
		CASE(test_intake_figures_throughflow_and_continuum),
		CASE(test_intake_figures_shielded_help_is_not_shown),
		CASE(test_intake_figures_partners_per_team),
		CASE(test_intake_figures_fit_is_apart_from_time),
		CASE(test_intake_similar_needs_five_cases),
		CASE(test_intake_similar_rights_and_what_counts),
#undef CASE
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
