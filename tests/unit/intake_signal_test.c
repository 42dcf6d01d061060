/* SPDX-License-Identifier: EUPL-1.2 */
/* A14, B6, C10: which rule stood in the way of which step, and how many child-days it took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_signal.h"
#include "tests/unit/warm_story.h"

/* A14: all states times all events; what is not listed does not exist. */
static void test_signal_next_all_pairs_are_as_listed(void **state)
{
	static const struct {
		PB(SignalState) from;
		enum signal_event on;
		PB(SignalState) to;
	} listed[] = { { SIGNAL(NAMED), SIGNAL_EV_RECEIVE, SIGNAL(RECEIVED) },
		       { SIGNAL(RECEIVED), SIGNAL_EV_CLARIFY, SIGNAL(CLARIFIED) },
		       { SIGNAL(RECEIVED), SIGNAL_EV_ADJUST, SIGNAL(ADJUSTED) } };
	size_t legal = 0;

	(void)state;
	for (int from = SIGNAL(UNSPECIFIED); from <= SIGNAL(ADJUSTED); from++) {
		for (int on = 0; on < SIGNAL_EV_COUNT; on++) {
			PB(SignalState) to = SIGNAL(UNSPECIFIED);
			int err = signal_next((PB(SignalState))from, (enum signal_event)on, &to);
			bool is = false;
			for (size_t i = 0; i < SK_LEN(listed); i++) {
				is = is || ((int)listed[i].from == from &&
					    (int)listed[i].on == on && listed[i].to == to);
			}
			assert_int_equal(err, is ? SK_OK : SK_ESTATE);
			legal += is ? 1 : 0;
		}
	}
	assert_int_equal(legal, SK_LEN(listed));
}

static uint64_t days_told(struct rig *r)
{
	return signals_of(r, "dashboard")->signals[0]->child_days;
}

/* A14: a day that has begun is a whole one, by the wall clock of Brussels, and a start ends it. */
static void test_signal_child_days_count_begun_civil_days(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	go_to(r, "2026-03-28 23:59");
	ACCEPTED(name_signal(r, "clb", &st, 0, BLOCKED(START)));
	assert_int_equal(days_told(r), 1);
	go_to(r, "2026-03-29 00:00");
	assert_int_equal(days_told(r), 2); /* the day of 23 hours is one day */
	go_to(r, "2026-03-30 00:00");
	assert_int_equal(days_told(r), 3);
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(AGREED), false, 0 }));
	go_to(r, "2026-03-31 23:59");
	assert_int_equal(days_told(r), 4); /* agreed is not started */
	assert_true(say_started(&st, 1, 0, "facility-a"));
	PB(Event) *e = last_event(r, E(SIGNAL), 0);
	assert_non_null(e);
	assert_true(e->ended);
	assert_int_equal(e->child_days, 4);
	assert_int_equal(e->request_id.len, 0); /* read by government */
	assert_int_equal(e->need_id.len, 0);
	go_to(r, "2026-05-01 10:00");
	assert_int_equal(days_told(r), 4);
}

/* B6: what the figures say is what the journal holds: counted again from the events alone. */
static void test_signal_child_days_equal_a_count_from_the_events(void **state)
{
	static const PB(BlockedStep) step[] = { BLOCKED(ASK), BLOCKED(AGREE), BLOCKED(START),
						BLOCKED(CONTINUE), BLOCKED(HAND_ON) };
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	uint64_t days = 0;
	uint64_t told = 0;
	PB(Message) *m;

	for (size_t i = 0; i < SK_LEN(step); i++) {
		ACCEPTED(name_signal(r, "clb", &st, (int)(i % 2), step[i]));
		rig_advance(r, 17 * RIG_HOUR_MS);
	}
	ACCEPTED(name_signal(r, "clb", &st, -1, BLOCKED(MEANS)));
	assert_true(say_help(&st, (struct help){ 1, 1, 0, "facility-a", H(ASKED), false, 0 }));
	rig_advance(r, 40 * RIG_HOUR_MS);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	rig_advance(r, 60 * RIG_HOUR_MS);
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	rig_advance(r, 100 * RIG_HOUR_MS);
	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		if (e->kind != E(SIGNAL) || !e->ended) {
			continue;
		}
		/* Noon to noon: no clock change moves a noon to another day. */
		uint64_t first = civil_end_of_day(e->at_ms) - 12 * RIG_HOUR_MS;
		uint64_t last = civil_end_of_day(e->until_ms) - 12 * RIG_HOUR_MS;
		days += e->number * ((last - first + 6 * RIG_HOUR_MS) / RIG_DAY_MS + 1);
	}
	PB(SignalsView) *v = signals_of(r, "government");
	assert_int_equal(v->n_signals, 6);
	for (size_t i = 0; i < v->n_signals; i++) {
		told += v->signals[i]->child_days;
	}
	assert_int_equal(told, days);
	assert_true(days > 6);
	assert_int_equal(rig_rows(r, TABLE_REQUEST_SIGNAL), 0);
}

/* B6: government, coordinator and figures see all and not of whom; who named it sees its own. */
static void test_signals_view_shows_each_what_is_theirs(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(name_signal(r, "clb", &st, 0, BLOCKED(ASK)));
	ACCEPTED(name_signal(r, "school", NULL, -1, BLOCKED(START)));
	assert_int_equal(signals_of(r, "government")->n_signals, 2);
	assert_int_equal(signals_of(r, "government")->signals[0]->request_id.len, 0);
	assert_int_equal(signals_of(r, "coordinator")->signals[0]->request_id.len, 0);
	assert_int_equal(signals_of(r, "dashboard")->n_signals, 2);
	PB(SignalsView) *own = signals_of(r, "clb");
	assert_int_equal(own->n_signals, 1);
	assert_memory_equal(own->signals[0]->request_id.data, st.request.data, OBJECT_ID_LEN);
	assert_int_equal(signals_of(r, "school")->signals[0]->child_days, 0);
	assert_int_equal(signals_of(r, "police")->n_signals, 0);
}

/* A14: only whom it is addressed to moves it, step by step; clearing it stops the days. */
static void test_signal_is_moved_by_whom_it_is_addressed_to(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(Receipt) *named = name_signal(r, "clb", &st, -1, BLOCKED(START));
	ProtobufCBinaryData id = named->object_id;

	ACCEPTED(named);
	REFUSED(move_signal(r, "clb", id, SIGNAL(RECEIVED)), NOT_YOURS, "signal_id");
	REFUSED(move_signal(r, "coordinator", id, SIGNAL(RECEIVED)), NOT_YOURS, "signal_id");
	REFUSED(move_signal(r, "government", id, SIGNAL(ADJUSTED)), STATE, "to");
	REFUSED(move_signal(r, "government", id, 0), MISSING, "to");
	ACCEPTED(move_signal(r, "government", id, SIGNAL(RECEIVED)));
	PB(Receipt) *again = move_signal(r, "government", id, SIGNAL(RECEIVED));
	REFUSED(again, STATE, "to");
	assert_int_equal(again->holds_now->signal_state, SIGNAL(RECEIVED));
	rig_advance(r, 2 * RIG_DAY_MS);
	ACCEPTED(move_signal(r, "government", id, SIGNAL(ADJUSTED)));
	rig_advance(r, 9 * RIG_DAY_MS);
	assert_int_equal(days_told(r), 3);
	REFUSED(move_signal(r, "government", id, SIGNAL(CLARIFIED)), STATE, "to");
	REFUSED(move_signal(r, "government", st.request, SIGNAL(RECEIVED)), UNKNOWN_OBJECT,
		"signal_id");
}

/* One thing that stands in the way is one signal, however often it is named; then there is a bound.
 */
static void test_signal_same_is_one_and_they_are_bounded(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 9);
	PB(Receipt) *first = name_signal(r, "clb", &st, 0, BLOCKED(ASK));
	PB(Receipt) *again = name_signal(r, "duty-westhoek", &st, 0, BLOCKED(ASK));

	assert_memory_equal(first->object_id.data, again->object_id.data, OBJECT_ID_LEN);
	for (int i = 1; i < SIGNALS_REQUEST_MAX; i++) {
		PB(BlockedStep) step = i < 9 ? BLOCKED(ASK) : BLOCKED(START);
		ACCEPTED(name_signal(r, "clb", &st, i % 9, step));
	}
	assert_int_equal(rig_rows(r, TABLE_SIGNAL), SIGNALS_REQUEST_MAX);
	REFUSED(name_signal(r, "clb", &st, 0, BLOCKED(CONTINUE)), TOO_MANY, "rule");
	ACCEPTED(withdraw_need(&st, "clb", 0, R(WITHDRAWN)));
	ACCEPTED(name_signal(r, "clb", &st, 1, BLOCKED(CONTINUE)));
}

static void test_signal_bad_words_are_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(NameSignal) n = PB_INIT(NAME_SIGNAL);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(NAME_SIGNAL);
	m.name_signal = &n;
	REFUSED(rig_command(r, "clb", &m), MISSING, "rule");
	n.rule = RULE(STAFF_NORM);
	REFUSED(rig_command(r, "clb", &m), MISSING, "step");
	n.step = BLOCKED(START);
	n.about_party = "nobody";
	REFUSED(rig_command(r, "clb", &m), UNKNOWN_OBJECT, "about_party");
	n.about_party = "";
	n.network = "No Name";
	REFUSED(rig_command(r, "clb", &m), MALFORMED, "network");
	n.network = "";
	n.need_id = st.need[0];
	REFUSED(rig_command(r, "clb", &m), CONTRADICTS, "need_id");
	n.request_id = st.request;
	REFUSED(rig_command(r, "facility-c", &m), NOT_YOURS, "request_id");
	REFUSED(rig_command(r, "operator", &m), UNAUTHORISED, "name_signal");
	n.need_id = st.request;
	REFUSED(rig_command(r, "clb", &m), UNKNOWN_OBJECT, "need_id");
	n.need_id = st.need[0];
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	REFUSED(rig_command(r, "clb", &m), STATE, "request_id");
}

static const PB(RequestFact) *listed(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));

	return m == NULL ? NULL : m->needs_opened->request;
}

/* A14, B17: the list is told which rule blocks which need as long as it does, and of whom it came
 * not; a step that help needs no more (means, going on) is not its business. */
static void test_signal_is_told_to_the_list_until_it_is_cleared(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	rig_skip(r);
	ACCEPTED(name_signal(r, "clb", &st, 1, BLOCKED(CONTINUE)));
	assert_null(listed(r));
	ACCEPTED(name_signal(r, "clb", &st, 1, BLOCKED(ASK)));
	const PB(RequestFact) *f = listed(r);
	assert_int_equal(f->n_blocks, 1);
	assert_memory_equal(f->blocks[0]->need_id.data, st.need[1].data, OBJECT_ID_LEN);
	assert_int_equal(f->blocks[0]->step, BLOCKED(ASK));
	PB(SignalsView) *v = signals_of(r, "government");
	assert_int_equal(v->n_signals, 2);
	ACCEPTED(name_signal(r, "clb", &st, 1, BLOCKED(ASK))); /* the same one: no news */
	assert_null(listed(r));
	assert_true(say_help(&st, (struct help){ 1, 1, 1, "facility-a", H(ASKED), false, 0 }));
	f = listed(r);
	assert_int_equal(f->n_blocks, 0);
	ACCEPTED(name_signal(r, "clb", &st, -1, BLOCKED(START)));
	f = listed(r);
	assert_int_equal(f->n_blocks, 1);
	assert_int_equal(f->blocks[0]->need_id.len, 0);
	ACCEPTED(move_signal(r, "government", f->blocks[0]->signal_id,
			     SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_RECEIVED));
	assert_null(listed(r));
	ACCEPTED(move_signal(r, "government", f->blocks[0]->signal_id,
			     SCHAKEL__V1__SIGNAL_STATE__SIGNAL_STATE_ADJUSTED));
	assert_int_equal(listed(r)->n_blocks, 0);
}

/* L12: eight of them are told, those named first; all count their days. */
static void test_signal_list_is_told_of_eight(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, BLOCKS_TOLD_MAX);
	const PB(RequestFact) *f = NULL;

	for (size_t i = 0; i < BLOCKS_TOLD_MAX; i++) {
		ACCEPTED(name_signal(r, "clb", &st, (int)i, BLOCKED(ASK)));
		f = listed(r);
	}
	while (f->n_blocks < BLOCKS_TOLD_MAX) {
		f = listed(r);
	}
	rig_skip(r);
	ACCEPTED(name_signal(r, "clb", &st, 0, BLOCKED(START)));
	assert_null(listed(r));
	assert_int_equal(rig_rows(r, TABLE_REQUEST_SIGNAL), BLOCKS_TOLD_MAX + 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_signal_next_all_pairs_are_as_listed),
		T(test_signal_child_days_count_begun_civil_days),
		T(test_signal_child_days_equal_a_count_from_the_events),
		T(test_signals_view_shows_each_what_is_theirs),
		T(test_signal_is_moved_by_whom_it_is_addressed_to),
		T(test_signal_same_is_one_and_they_are_bounded),
		T(test_signal_bad_words_are_refused),
		T(test_signal_is_told_to_the_list_until_it_is_cleared),
		T(test_signal_list_is_told_of_eight),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
