/* SPDX-License-Identifier: EUPL-1.2 */
/* intake: who may say for a family that help is not wanted (A11, L2, L14; DOMAIN 4: after its
 * promise a partner cannot drop a child, and no message exists by which one leaves). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

/** What is said that ends help, of the first need. */
enum said { SAID_WITHDRAWN, SAID_ERROR, SAID_RESOLVED, SAID_OTHER, SAID_ADULT_HELP, SAID_LEN };

static PB(Receipt) *say_withdrawn(struct story *st, const char *party, PB(CloseReason) reason,
				  const char *second)
{
	PB(WithdrawRequest) w = PB_INIT(WITHDRAW_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	w.request_id = st->request;
	w.reason = reason;
	w.second_party = (char *)(uintptr_t)second;
	m.body_case = BODY(WITHDRAW_REQUEST);
	m.withdraw_request = &w;
	return rig_command(st->r, party, &m);
}

static PB(Receipt) *say_over(struct story *st, const char *party, enum said what,
			     const char *second)
{
	static const PB(CloseReason) reason[] = { R(WITHDRAWN), R(ENTERED_IN_ERROR),
						  R(SELF_RESOLVED), R(CHOSE_OTHER), R(ADULT_HELP) };
	PB(CloseNeed) c = PB_INIT(CLOSE_NEED);
	PB(Message) m = PB_INIT(MESSAGE);

	if (what < SAID_RESOLVED) {
		return say_withdrawn(st, party, reason[what], second);
	}
	c.need_id = st->need[0];
	c.reason = reason[what];
	c.second_party = (char *)(uintptr_t)second;
	c.successor = (char *)(uintptr_t)(what == SAID_ADULT_HELP ? "facility-a" : "");
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &c;
	return rig_command(st->r, party, &m);
}

/** facility-a helps with the first need and is the contact person, facility-b is asked for the
 * second and is the stand-in. */
static struct story helped(struct rig *r)
{
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_help(&st, (struct help){ .number = 2,
						 .version = 1,
						 .need = 1,
						 .partner = "facility-b",
						 .state = H(ASKED) }));
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	return st;
}

/** Who asked and does not help, the contact point and the family say it alone; who helps or is
 * asked does not, whatever else it is, unless a house that gives nothing stands beside it. */
static void test_speak_each_role_and_each_ending(void **state)
{
	static const struct {
		const char *party, *second;
		int code; /* 0: it is done */
		const char *field;
	} row[] = {
		{ "family", "", 0, "" },
		{ "clb", "", 0, "" },
		{ "facility-a", "", REFUSAL(SECOND_PARTY), "second_party" },
		{ "facility-b", "", REFUSAL(SECOND_PARTY), "second_party" },
		{ "facility-a", "facility-a", REFUSAL(SECOND_PARTY), "second_party" },
		{ "facility-a", "facility-b", REFUSAL(SECOND_PARTY), "second_party" },
		{ "facility-a", "nobody", REFUSAL(SECOND_PARTY), "second_party" },
		{ "facility-a", "clb", 0, "" },
		{ "facility-b", "facility-c", 0, "" },
		{ "clb", "clb", REFUSAL(SECOND_PARTY), "second_party" },
		{ "net-westhoek", "", REFUSAL(SECOND_PARTY), "second_party" },
		{ "net-westhoek", "clb", 0, "" },
		{ "facility-c", "clb", REFUSAL(NOT_YOURS), NULL },
		{ "contactpoint", "", REFUSAL(NOT_YOURS), NULL },
		{ "coordinator", "", REFUSAL(UNAUTHORISED), NULL },
	};

	for (size_t i = 0; i < SK_LEN(row); i++) {
		for (enum said what = 0; what < SAID_LEN; what++) {
			struct story st = helped(*state);
			PB(Receipt) *got = say_over(&st, row[i].party, what, row[i].second);
			assert_int_equal(got->code, row[i].code);
			if (row[i].field != NULL) {
				assert_string_equal(got->field, row[i].field);
			}
			PB(NeedState) is = state_of(&st, 0);
			assert_int_equal(is == N(CLOSED) || is == N(WITHDRAWN) ||
						 is == N(ENTERED_IN_ERROR),
					 row[i].code == 0);
		}
	}
}

/** A contact point that holds says it alone; not when the help is its own. */
static void test_speak_contact_point_of_the_crisis(void **state)
{
	struct story st = story_crisis(*state);

	ACCEPTED(say_over(&st, "contactpoint", SAID_RESOLVED, ""));
	st = story_crisis(*state);
	assert_true(say_started(&st, 1, 0, "contactpoint"));
	REFUSED(say_over(&st, "contactpoint", SAID_RESOLVED, ""), SECOND_PARTY, "second_party");
	ACCEPTED(say_over(&st, "contactpoint", SAID_RESOLVED, "police"));
}

/** Once its help has ended a house gains nothing more. */
static void test_speak_house_that_helped_before(void **state)
{
	struct story st = helped(*state);

	assert_true(say_help(&st, (struct help){ .number = 2,
						 .version = 2,
						 .need = 1,
						 .partner = "facility-b",
						 .state = H(RELEASED) }));
	ACCEPTED(say_over(&st, "facility-b", SAID_OTHER, ""));
}

/** A death is said by whoever hears it first: nothing may stand in its way. */
static void test_speak_death_needs_nobody_beside_it(void **state)
{
	struct story st = helped(*state);

	ACCEPTED(close_need(&st, "facility-a", 0, R(DECEASED), ""));
}

static PB(Receipt) *no_by(struct story *st, const char *party, const char *second)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	p.request_id = st->request;
	p.proposal_version = 1;
	p.speaker = SP(YOUTH);
	p.voice = V(NOT);
	p.second_party = (char *)(uintptr_t)second;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(st->r, party, &m);
}

/** A no that it writes down itself would end its own promise. Before there is one, anybody of the
 * request writes it down. */
static void test_speak_no_that_ends_a_promise(void **state)
{
	static const struct seat seats[] = { { 1, 0, "facility-a", M(AMBULANT), H(CAN) } };
	struct help agreed = { 1, 2, 0, "facility-a", H(AGREED), false, M(AMBULANT) };
	struct story st = story_standard(*state, 1);

	assert_true(say_team(&st, 1, seats, 1));
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	ACCEPTED(no_by(&st, "facility-a", ""));
	assert_true(say_help(&st, agreed));
	REFUSED(no_by(&st, "facility-a", ""), SECOND_PARTY, "second_party");
	ACCEPTED(no_by(&st, "facility-a", "clb"));
	ACCEPTED(no_by(&st, "facility-b", ""));
	ACCEPTED(no_by(&st, "clb", ""));
	ACCEPTED(no_by(&st, "family", ""));
}

/** Help of a pool that facility-a publishes together with facility-b2, which is of facility-b. */
static bool say_joint(struct story *st, PB(ContributionState) state)
{
	char *joint[] = { "facility-b2" };
	struct object_id id = rig_id(1);
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(HoldFact) hold = PB_INIT(HOLD_FACT);
	PB(Message) m = PB_INIT(MESSAGE);

	hold.joint_partners = joint;
	hold.n_joint_partners = 1;
	c.contribution_id = object_id_data(&id);
	c.version = 1;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = "facility-a";
	c.pool = "pool";
	c.state = state;
	c.hold = &hold;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

/** A11: who publishes a pool together with another gives its help as well: it does not end that
 * alone, nor stands beside its own partner for the family. */
static void test_speak_house_of_a_joint_pool(void **state)
{
	static const struct seat seats[] = { { 1, 0, "facility-a", M(AMBULANT), H(CAN) } };

	for (enum said what = 0; what < SAID_LEN; what++) {
		struct story st = story_standard(*state, 2);
		ACCEPTED(name_contact(&st, "clb", "facility-b", "facility-a"));
		assert_true(say_joint(&st, H(STARTED)));
		REFUSED(say_over(&st, "facility-b", what, ""), SECOND_PARTY, "second_party");
		REFUSED(say_over(&st, "facility-a", what, "facility-b"), SECOND_PARTY,
			"second_party");
		ACCEPTED(say_over(&st, "facility-b", what, "facility-c"));
	}
	struct story st = story_standard(*state, 1);
	ACCEPTED(name_contact(&st, "clb", "facility-b", "facility-a"));
	assert_true(say_team(&st, 1, seats, 1));
	assert_true(say_joint(&st, H(AGREED)));
	REFUSED(no_by(&st, "facility-b", ""), SECOND_PARTY, "second_party");
	ACCEPTED(no_by(&st, "facility-b", "clb"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_speak_each_role_and_each_ending), T(test_speak_contact_point_of_the_crisis),
		T(test_speak_house_that_helped_before),  T(test_speak_death_needs_nobody_beside_it),
		T(test_speak_no_that_ends_a_promise),    T(test_speak_house_of_a_joint_pool),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
