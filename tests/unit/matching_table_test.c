/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: all states x all events of a contribution, against the table as DOMAIN 4 prints it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define STATES 14
static const char code[STATES + 2] = "?aciNOLRTGSIHEY"; /* by number of the state */

/* Columns: CAN CAN_IF NOT_NOW NOT_OURS LAPSE RELEASE TAKE_BACK AGREE DECLINE START INTERRUPT RESUME
 * HAND_ON END STOP CLOSE DECEASED STAY. A dot: not listed. */
static const char *const expected[STATES + 1] = {
	[1] = "ciNOLR..R......RE.",  /* ASKED */
	[2] = ".....RTGR......RE.",  /* CAN */
	[3] = "c...LRT.R......RE.",  /* CAN_IF */
	[4] = "..................",  /* NOT_NOW */
	[5] = "..................",  /* NOT_OURS */
	[6] = "..................",  /* LAPSED */
	[7] = "..................",  /* RELEASED */
	[8] = "..................",  /* TAKEN_BACK */
	[9] = "........YSI.H.YRE.",  /* AGREED */
	[10] = "..........I.H.YHE.", /* STARTED */
	[11] = "...........SH.YHE.", /* INTERRUPTED */
	[12] = ".............E..ES", /* HANDING_ON */
	[13] = "..................", /* ENDED */
	[14] = "..................", /* STOPPED_BY_YOUTH */
};

static void test_contribution_all_pairs_are_as_printed(void **state)
{
	(void)state;
	for (int from = 1; from <= STATES; from++) {
		assert_int_equal(strlen(expected[from]), EV_COUNT);
		for (int on = 0; on < EV_COUNT; on++) {
			PB(ContributionState) to = CSTATE(UNSPECIFIED);
			int err = contribution_next((PB(ContributionState))from,
						    (enum contribution_event)on, &to);
			char want = expected[from][on];
			assert_int_equal(err, want == '.' ? SK_ESTATE : SK_OK);
			assert_int_equal(want == '.' ? '?' : want, code[to]);
		}
	}
}

/* --- the same through the commands, each state in a world of its own --- */

enum command {
	C_CAN,
	C_CAN_IF,
	C_NOT_NOW,
	C_NOT_OURS,
	C_TAKE_BACK,
	C_START,
	C_INTERRUPT,
	C_RESUME,
	C_HAND_ON,
	C_STOP,
	C_END,
	C_LEN
};

static PB(Receipt) *send(struct rig *r, enum command c, const struct object_id *id)
{
	static const PB(Message__BodyCase) body[C_LEN] = {
		[C_TAKE_BACK] = BODY(TAKE_BACK),          [C_RESUME] = BODY(RESUME_CONTRIBUTION),
		[C_HAND_ON] = BODY(HAND_ON_CONTRIBUTION), [C_STOP] = BODY(STOP_CONTRIBUTION),
		[C_END] = BODY(END_CONTRIBUTION),
	};

	if (c <= C_NOT_OURS) {
		return answer(r, "facility-a", id, (PB(AnswerKind))(ANSWER(CAN) + (int)c));
	}
	if (c == C_START) {
		return start(r, "facility-a", id, true);
	}
	if (c == C_INTERRUPT) {
		return interrupt(r, "facility-a", id);
	}
	return simple(r, c == C_STOP ? "family" : "facility-a", body[c], id);
}

/* Rows: the state that was reached; columns as enum command. A: accepted, L: LATE, g: no ground, o:
 * its condition is open, n: nobody has started after it, S: refused because of its state. */
static const struct {
	PB(ContributionState) st;
	const char *want;
} rows[] = {
	{ CSTATE(ASKED), "AAAASgSSSSS" },      { CSTATE(CAN_IF), "ASSSAoSSSSS" },
	{ CSTATE(CAN), "SSSSAgSSSSS" },        { CSTATE(AGREED), "SSSSSAASAAS" },
	{ CSTATE(STARTED), "SSSSSSASAAn" },    { CSTATE(INTERRUPTED), "SSSSSSSAAAn" },
	{ CSTATE(HANDING_ON), "SSSSSSSSSSn" }, { CSTATE(NOT_NOW), "SSSSSSSSSSS" },
	{ CSTATE(NOT_OURS), "SSSSSSSSSSS" },   { CSTATE(TAKEN_BACK), "SSSSSSSSSSS" },
	{ CSTATE(LAPSED), "LLLLLLLLLLL" },     { CSTATE(RELEASED), "LLLLLLLLLLL" },
	{ CSTATE(ENDED), "LLLLLLLLLLL" },      { CSTATE(STOPPED_BY_YOUTH), "LLLLLLLLLLL" },
};

static struct object_id reach(struct rig *r, PB(ContributionState) st)
{
	static const PB(ContributionState) before[] = {
		[CSTATE(NOT_NOW)] = CSTATE(ASKED),
		[CSTATE(NOT_OURS)] = CSTATE(ASKED),
		[CSTATE(LAPSED)] = CSTATE(ASKED),
		[CSTATE(RELEASED)] = CSTATE(ASKED),
		[CSTATE(TAKEN_BACK)] = CSTATE(CAN),
		[CSTATE(ENDED)] = CSTATE(STARTED),
		[CSTATE(STOPPED_BY_YOUTH)] = CSTATE(STARTED),
	};
	bool end = state_is_end(st);
	struct object_id id = drive(r, 1, end ? before[st] : st);

	if (st == CSTATE(NOT_NOW) || st == CSTATE(NOT_OURS)) {
		(void)send(r, st == CSTATE(NOT_NOW) ? C_NOT_NOW : C_NOT_OURS, &id);
	} else if (st == CSTATE(LAPSED)) {
		rig_advance(r, 15 * RIG_DAY_MS);
	} else if (st == CSTATE(RELEASED)) {
		assert_true(demand_closed(r, 1, 1, 1, CLOSE(WITHDRAWN)));
	} else if (st == CSTATE(TAKEN_BACK)) {
		(void)send(r, C_TAKE_BACK, &id);
	} else if (st == CSTATE(ENDED)) {
		rig_advance(r, WORLD_PLAN_MS);
		(void)send(r, C_END, &id);
		assert_true(end_allowed(r, &id));
	} else if (st == CSTATE(STOPPED_BY_YOUTH)) {
		(void)send(r, C_STOP, &id);
	}
	assert_int_equal(contribution_rec(r, &id)->state, st);
	return id;
}

static char verdict(const PB(Receipt) *receipt)
{
	if (receipt->outcome == OUT(ACCEPTED)) {
		return 'A';
	}
	assert_non_null(receipt->holds_now);
	if (receipt->outcome == OUT(LATE)) {
		return 'L';
	}
	if (receipt->code == REFUSE(CONDITION_OPEN)) {
		return 'o';
	}
	if (receipt->code == REFUSE(NO_SUCCESSOR)) {
		return 'n';
	}
	return receipt->code == REFUSE(NO_GROUND) ? 'g' : 'S';
}

static void test_commands_in_every_state_are_taken_late_or_refused(void **state)
{
	(void)state;
	for (size_t row = 0; row < SK_LEN(rows); row++) {
		for (int c = 0; c < C_LEN; c++) {
			struct rig *r = world_new();
			(void)put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 });
			demand_one(r, 1, 1, 100);
			struct object_id id = reach(r, rows[row].st);
			uint32_t version = contribution_rec(r, &id)->version;
			const PB(Receipt) *receipt = send(r, (enum command)c, &id);
			if (verdict(receipt) != rows[row].want[c]) {
				fail_msg("state %d command %d: %c", (int)rows[row].st, c,
					 verdict(receipt));
			}
			if (receipt->outcome != OUT(ACCEPTED)) {
				assert_int_equal(contribution_rec(r, &id)->version, version);
				assert_int_equal(receipt->holds_now->contribution_state,
						 rows[row].st);
			}
			world_free(r);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contribution_all_pairs_are_as_printed),
		cmocka_unit_test(test_commands_in_every_state_are_taken_late_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
