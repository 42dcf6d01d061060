/* SPDX-License-Identifier: EUPL-1.2 */
/* A12, C6: "ik sta er alleen voor": a named peer answers within a set time, or the next is asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_help.h"
#include "tests/unit/warm_story.h"

/* C6: all states times all events; what is not listed does not exist. */
static void test_help_next_all_pairs_are_as_listed(void **state)
{
	static const struct {
		PB(HelpCallState) from;
		enum help_event on;
		PB(HelpCallState) to;
	} listed[] = {
		{ CALL(OPEN), HELP_EV_TAKE, CALL(TAKEN) },
		{ CALL(OPEN), HELP_EV_PASS, CALL(OPEN) },
		{ CALL(TAKEN), HELP_EV_GIVE_BACK, CALL(OPEN) },
		{ CALL(OPEN), HELP_EV_ANSWER, CALL(ANSWERED) },
		{ CALL(TAKEN), HELP_EV_ANSWER, CALL(ANSWERED) },
		{ CALL(OPEN), HELP_EV_CANCEL, CALL(CANCELLED) },
		{ CALL(TAKEN), HELP_EV_CANCEL, CALL(CANCELLED) },
	};

	(void)state;
	for (int from = CALL(UNSPECIFIED); from <= CALL(CANCELLED); from++) {
		for (int on = 0; on < HELP_EV_COUNT; on++) {
			PB(HelpCallState) to = CALL(UNSPECIFIED);
			int err = help_next((PB(HelpCallState))from, (enum help_event)on, &to);
			bool is = false;
			for (size_t i = 0; i < SK_LEN(listed); i++) {
				is = is || ((int)listed[i].from == from &&
					    (int)listed[i].on == on && listed[i].to == to);
			}
			assert_int_equal(err, is ? SK_OK : SK_ESTATE);
		}
	}
}

static const char *asked_now(struct rig *r)
{
	return calls_of(r, "coordinator", false)->calls[0]->to_party;
}

static uint64_t due_now(struct rig *r)
{
	return calls_of(r, "coordinator", false)->calls[0]->due_ms;
}

/* C6: two office hours each, never somebody of one's own house, all of the zone in turn, and the
 * coordinator hears of each silence. */
static void test_help_peer_is_asked_in_turn(void **state)
{
	struct rig *r = *state;
	char seen[16][PARTY_ID_LEN_MAX + 1];
	size_t len = 0;

	go_to(r, "2026-03-06 16:00"); /* a Friday */
	ACCEPTED(call_help(r, "facility-b", TO(PEER), "westhoek"));
	assert_int_equal(due_now(r), local_ms("2026-03-09 10:00"));
	for (;;) {
		const char *who = asked_now(r);
		assert_string_not_equal(who, "");
		assert_string_not_equal(who, "facility-b");
		assert_string_not_equal(who, "facility-b2");
		if (len > 0 && strcmp(who, seen[0]) == 0) {
			break;
		}
		for (size_t i = 0; i < len; i++) {
			assert_string_not_equal(who, seen[i]);
		}
		name_copy(seen[len++], who);
		rig_skip(r);
		rig_advance(r, due_now(r) - rig_now(r));
		assert_int_equal(events(r, E(ALARM), A(HELP_CALL)), 1);
	}
	/* facility-a, facility-c, duty, stand-in and network of the zone; then from the first. */
	assert_int_equal(len, 5);
	assert_int_equal(rig_due(r, DUE_HELP_CALL), 1);
}

/* C6: the load is shared: a second call goes to another than the first. */
static void test_help_load_is_shared(void **state)
{
	struct rig *r = *state;
	size_t most = 0;

	for (int i = 0; i < 10; i++) {
		ACCEPTED(call_help(r, "facility-b", TO(PEER), "westhoek"));
	}
	PB(HelpCallsView) *v = calls_of(r, "coordinator", true);
	assert_int_equal(v->n_calls, 10);
	for (size_t i = 0; i < v->n_calls; i++) {
		size_t same = 0;
		for (size_t k = 0; k < v->n_calls; k++) {
			same += strcmp(v->calls[i]->to_party, v->calls[k]->to_party) == 0;
		}
		most = same > most ? same : most;
	}
	assert_int_equal(most, 2); /* ten calls, five peers */
}

/* C6: who has given the asked help is asked before one that only lives near. */
static void test_help_peer_knows_what_is_asked(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);

	assert_true(say_started(&st, 1, 0, "facility-b2"));
	c.addressee = TO(PEER);
	c.expertise = EXPERTISE;
	c.zone = "westhoek";
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &c;
	ACCEPTED(rig_command(r, "clb", &m));
	assert_string_equal(asked_now(r), "facility-b2"); /* of another zone */
}

/* C6: in a crisis half an hour, by night too; A12: the network five, government twenty days. */
static void test_help_terms_are_as_set(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);

	go_to(r, "2026-03-07 03:00");
	c.addressee = TO(PEER);
	c.request_id = st.request;
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &c;
	PB(Receipt) *got = rig_command(r, "contactpoint", &m);
	ACCEPTED(got);
	assert_int_equal(due_now(r), local_ms("2026-03-07 03:30"));
	ACCEPTED(move_call(r, "contactpoint", got->object_id, CALL_IS(CANCELLED)));
	assert_int_equal(due_now(r), 0);
	go_to(r, "2026-03-30 10:00"); /* Easter Monday lies between */
	ACCEPTED(call_help(r, "facility-a", TO(NETWORK), NULL));
	ACCEPTED(call_help(r, "facility-a", TO(GOVERNMENT), NULL));
	PB(HelpCallsView) *v = calls_of(r, "coordinator", true);
	assert_string_equal(v->calls[0]->to_party, "net-westhoek");
	assert_string_equal(civil_format(v->calls[0]->due_ms).s, "2026-04-07 23:59");
	assert_string_equal(v->calls[1]->to_party, "government");
	assert_string_equal(civil_format(v->calls[1]->due_ms).s, "2026-04-28 23:59");
	rig_skip(r);
	go_to(r, "2026-04-08 00:00");
	assert_int_equal(events(r, E(ALARM), A(HELP_CALL)), 1);
	assert_int_equal(rig_due(r, DUE_HELP_CALL), 2); /* and it goes on */
}

/* C6: whoever was asked may come while nobody has; a hand reached out after is late, not wrong;
 * only who called says that it was helped. */
static void test_help_is_taken_and_answered(void **state)
{
	struct rig *r = *state;
	ProtobufCBinaryData id = call_help(r, "clb", TO(PEER), "westhoek")->object_id;
	char first[PARTY_ID_LEN_MAX + 1];

	name_copy(first, asked_now(r));
	REFUSED(move_call(r, "facility-b2", id, CALL_IS(TAKEN)), NOT_YOURS, "call_id");
	rig_advance(r, due_now(r) - rig_now(r));
	assert_string_not_equal(asked_now(r), first);
	char second[PARTY_ID_LEN_MAX + 1];
	name_copy(second, asked_now(r));
	ACCEPTED(move_call(r, first, id, CALL_IS(TAKEN)));
	assert_string_equal(asked_now(r), first);
	PB(Receipt) *late = move_call(r, second, id, CALL_IS(TAKEN));
	assert_int_equal(late->outcome, OUTCOME(LATE));
	assert_int_equal(late->holds_now->call_state, CALL_IS(TAKEN));
	REFUSED(move_call(r, first, id, CALL_IS(ANSWERED)), NOT_YOURS, "call_id");
	ACCEPTED(move_call(r, first, id, CALL_IS(OPEN))); /* cannot after all */
	assert_string_not_equal(asked_now(r), first);
	ACCEPTED(move_call(r, "coordinator", id, CALL_IS(TAKEN)));
	rig_skip(r);
	rig_advance(r, 8 * RIG_DAY_MS); /* taken, and nothing said since: told, not lost */
	assert_int_equal(events(r, E(ALARM), A(HELP_CALL)), 1);
	ACCEPTED(move_call(r, "clb", id, CALL_IS(ANSWERED)));
	REFUSED(move_call(r, "clb", id, CALL_IS(CANCELLED)), STATE, "to");
	assert_int_equal(rig_due(r, DUE_HELP_CALL), 0);
	assert_int_equal(rig_rows(r, TABLE_PARTY_CALL), 0);
}

/* L10: who called and who is asked see a call, and the coordinator; of which child, only the first
 * and the last. */
static void test_help_view_shows_each_what_is_theirs(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);

	c.addressee = TO(PEER);
	c.request_id = st.request;
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &c;
	ACCEPTED(rig_command(r, "clb", &m));
	char peer[PARTY_ID_LEN_MAX + 1];
	name_copy(peer, asked_now(r));
	assert_int_equal(calls_of(r, "clb", true)->calls[0]->request_id.len, OBJECT_ID_LEN);
	assert_int_equal(calls_of(r, "coordinator", true)->calls[0]->request_id.len, OBJECT_ID_LEN);
	assert_int_equal(calls_of(r, peer, true)->calls[0]->request_id.len, 0);
	assert_int_equal(calls_of(r, "facility-b2", true)->n_calls, 0);
	PB(Event) *e = last_event(r, E(HELP_CALL), 0);
	assert_int_equal(e->request_id.len, 0);
}

static void test_help_bad_calls_are_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(CallForHelp) c = PB_INIT(CALL_FOR_HELP);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &c;
	REFUSED(rig_command(r, "clb", &m), MISSING, "addressee");
	REFUSED(rig_command(r, "family", &m), UNAUTHORISED, "call_for_help");
	c.addressee = TO(PEER);
	REFUSED(rig_command(r, "clb", &m), MISSING, "zone");
	c.zone = "nowhere";
	REFUSED(rig_command(r, "clb", &m), UNKNOWN_CODE, "zone");
	c.zone = "westhoek";
	c.expertise = 65;
	REFUSED(rig_command(r, "clb", &m), UNKNOWN_CODE, "expertise");
	c.expertise = 0;
	c.worker = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" };
	REFUSED(rig_command(r, "clb", &m), MALFORMED, "worker");
	c.worker = (ProtobufCBinaryData){ 0 };
	c.request_id = st.request;
	REFUSED(rig_command(r, "facility-c", &m), NOT_YOURS, "request_id");
	REFUSED(move_call(r, "clb", st.request, CALL_IS(TAKEN)), UNKNOWN_OBJECT, "call_id");
	REFUSED(move_call(r, "clb", call_help(r, "clb", TO(PEER), "rits")->object_id, 0), MISSING,
		"to");
}

/* L12: as many open calls of one caller as the bound, and not one more. */
static void test_help_calls_of_one_are_bounded(void **state)
{
	struct rig *r = *state;
	ProtobufCBinaryData id = { 0 };

	for (int i = 0; i < CALLS_OPEN_MAX; i++) {
		PB(Receipt) *got = call_help(r, "clb", TO(PEER), "westhoek");
		ACCEPTED(got);
		id = got->object_id;
	}
	REFUSED(call_help(r, "clb", TO(PEER), "westhoek"), TOO_MANY, "addressee");
	ACCEPTED(call_help(r, "police", TO(PEER), "westhoek"));
	ACCEPTED(move_call(r, "clb", id, CALL_IS(ANSWERED)));
	ACCEPTED(call_help(r, "clb", TO(PEER), "westhoek"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_help_next_all_pairs_are_as_listed),
		T(test_help_peer_is_asked_in_turn),
		T(test_help_load_is_shared),
		T(test_help_peer_knows_what_is_asked),
		T(test_help_terms_are_as_set),
		T(test_help_is_taken_and_answered),
		T(test_help_view_shows_each_what_is_theirs),
		T(test_help_bad_calls_are_refused),
		T(test_help_calls_of_one_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
