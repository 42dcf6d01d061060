/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: stop, handing on, end, withdrawal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define IS_LATE(x) assert_int_equal((x)->outcome, OUT(LATE))

static void pool(struct rig *r, const char *name, const char *partner, uint32_t staffed)
{
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = name, .partner = partner, .staffed = staffed }));
}

/** Need 1 at pool-a of facility-a, driven to that state. */
static struct rig *one(PB(ContributionState) to, struct object_id *ret_id)
{
	struct rig *r = world_new();

	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	*ret_id = drive(r, 1, to);
	return r;
}

/* --- stop, hand on, end --- */

/** The code under which intake is told of it, and people read it. */
static const char *contribution_told_code(struct rig *r, const struct object_id *id)
{
	PB(Message) *m;
	const char *code = "";

	while ((m = rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED))) != NULL) {
		const PB(ContributionChanged) *c = m->contribution_changed;
		if (memcmp(c->contribution_id.data, id->b, OBJECT_ID_LEN) == 0) {
			code = c->short_code;
		}
	}
	return code;
}

/** At any time, no reason; the date is kept, the amount free, that partner not asked again. */
static void test_stop_by_youth_keeps_the_date(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	ACCEPT(simple(r, "family", BODY(STOP_CONTRIBUTION), &id));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STOPPED_BY_YOUTH));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(YOUTH_DECLINED));
	world_free(r);
}

/** B1: at any time, also while it is interrupted; by the code that the young person reads, since
 *  what it keeps to itself stands in no list of the family's channel. */
static void test_stop_of_interrupted_help_by_its_code(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(INTERRUPTED), &id);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StopContribution) stop = PB_INIT(STOP_CONTRIBUTION);
	char code[SHORT_CODE_LEN + 1];

	(void)state;
	(void)snprintf(code, sizeof(code), "%s", contribution_told_code(r, &id));
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &stop;
	stop.short_code = "0000000000";
	assert_int_equal(rig_command(r, "family", &m)->code, REFUSE(UNKNOWN_OBJECT));
	stop.short_code = "";
	assert_int_equal(rig_command(r, "family", &m)->code, REFUSE(MALFORMED));
	stop.short_code = code;
	assert_int_equal(rig_command(r, "facility-b", &m)->code, REFUSE(NOT_YOURS));
	ACCEPT(rig_command(r, "family", &m));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STOPPED_BY_YOUTH));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	world_free(r);
}

static void test_stop_is_not_for_others(void **state)
{
	static const struct {
		const char *party;
		bool may;
	} who[] = { { "facility-b", false },     { "police", false },
		    { "facility-a", false },     { "clb", true },
		    { "duty-westhoek", true },   { "contactpoint", true },
		    { "standin-westhoek", true } };

	(void)state;
	for (size_t i = 0; i < SK_LEN(who); i++) {
		struct object_id id;
		struct rig *r = one(CSTATE(AGREED), &id);
		const PB(Receipt) *receipt = simple(r, who[i].party, BODY(STOP_CONTRIBUTION), &id);
		assert_int_equal(receipt->outcome, who[i].may ? OUT(ACCEPTED) : OUT(REFUSED));
		if (!who[i].may) {
			assert_int_equal(receipt->code, REFUSE(NOT_YOURS));
		}
		world_free(r);
	}
}

static PB(Receipt) *stop_with(struct rig *r, const char *party, const struct object_id *id,
			      const char *second)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(StopContribution) stop = PB_INIT(STOP_CONTRIBUTION);

	stop.contribution_id = object_id_data(id);
	stop.second_party = (char *)(uintptr_t)second;
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &stop;
	return rig_command(r, party, &m);
}

/** A11, L2, L14: a house that helps here does not stop help "for the family", not even as contact
 *  person, unless a house that gives nothing stands beside it. */
static void test_stop_is_not_for_who_helps(void **state)
{
	static const struct {
		const char *second;
		int code;
	} row[] = { { "", REFUSE(SECOND_PARTY) },
		    { "facility-a", REFUSE(SECOND_PARTY) },
		    { "facility-b", REFUSE(SECOND_PARTY) },
		    { "nobody", REFUSE(SECOND_PARTY) },
		    { "police", 0 } };

	(void)state;
	for (size_t i = 0; i < SK_LEN(row); i++) {
		struct rig *r = world_new();
		pool(r, "pool-a", "facility-a", 1);
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
							.partner = "facility-b",
							.staffed = 1,
							.expertise = 2 }));
		assert_true(demand(
			r, &(struct demand_spec){ .request = 1,
						  .needs = 2,
						  .need = { { .number = 1, .expertise = 1 },
							    { .number = 2, .expertise = 2 } },
						  .contact = "facility-a" }));
		struct object_id own = drive(r, 1, CSTATE(STARTED));
		assert_string_equal(seat(r, 2)->partner, "facility-b");
		assert_int_equal(stop_with(r, "facility-a", &own, row[i].second)->code,
				 row[i].code);
		assert_int_equal(stop_with(r, "contactpoint", &own, "")->outcome,
				 row[i].code == 0 ? OUT(LATE) : OUT(ACCEPTED));
		world_free(r);
	}
}

/** Handed on with overlap: the old one holds and goes on until the successor has started. */
static void test_hand_on_overlaps_until_successor_starts(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	ACCEPT(simple(r, "facility-a", BODY(HAND_ON_CONTRIBUTION), &id));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	assert_true(waits(r, 1));
	pool(r, "pool-a", "facility-a", 2); /* itself is not its successor */
	assert_true(waits(r, 1));
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(AGREED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_int_equal(contribution_rec(r, &next)->costs[1]->kind, COST(CONTINUITY));
	ACCEPT(start(r, "facility-b", &next, true));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	world_free(r);
}

/** END is asked of intake; until it is allowed nothing is dropped; then the need waits no more. */
static void test_end_waits_for_end_allowed(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);
	struct demand_spec again = {
		.request = 1, .version = 2, .rank = 100, .needs = 1, .need = { { .version = 2 } }
	};

	(void)state;
	rig_skip(r);
	assert_true(end_allowed(r, &id)); /* nobody asked: nothing */
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	rig_advance(r, WORLD_PLAN_MS);
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
	assert_non_null(rig_next_of(r, "intake", BODY(END_ASKED)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_false(waits(r, 1));
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id)); /* the answer may be lost */
	assert_non_null(rig_next_of(r, "intake", BODY(END_ASKED)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_true(end_allowed(r, &id));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	assert_false(waits(r, 1));
	assert_true(end_allowed(r, &id)); /* told twice */
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	assert_true(demand(r, &again)); /* re-entry is normal */
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	world_free(r);
}

static void test_end_allowed_of_unknown_is_set_aside(void **state)
{
	struct rig *r = world_new();
	struct object_id id = rig_id(9);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(EndAllowed) e = PB_INIT(END_ALLOWED);

	(void)state;
	assert_false(end_allowed(r, &id));
	e.contribution_id.len = 2;
	e.contribution_id.data = id.b;
	m.body_case = BODY(END_ALLOWED);
	m.end_allowed = &e;
	assert_false(rig_fact(r, "intake", &m));
	world_free(r);
}

static void end_refused(struct rig *r, const struct object_id *id)
{
	PB(ContributionState) was = contribution_rec(r, id)->state;
	const PB(Receipt) *receipt = simple(r, "facility-a", BODY(END_CONTRIBUTION), id);

	assert_int_equal(receipt->outcome, OUT(REFUSED));
	assert_int_equal(receipt->code, REFUSE(NO_SUCCESSOR));
	assert_int_equal(receipt->holds_now->contribution_state, was);
	assert_int_equal(contribution_rec(r, id)->state, was);
}

/** A11: the need had ended when the end was asked, and is opened again before intake has answered:
 *  who helps stays, and its partner may ask again later. */
static void test_end_stays_when_its_reason_has_gone(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);
	struct demand_spec again = {
		.request = 1, .version = 3, .rank = 100, .needs = 1, .need = { { .version = 3 } }
	};

	(void)state;
	ACCEPT(simple(r, "facility-a", BODY(HAND_ON_CONTRIBUTION), &id));
	assert_true(demand_closed(r, 1, 1, 2, CLOSE(SELF_RESOLVED)));
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
	assert_true(demand(r, &again));
	assert_true(end_allowed(r, &id));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	end_refused(r, &id);
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(AGREED));
	ACCEPT(start(r, "facility-b", &next, true));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	world_free(r);
}

/** A11, D13: nobody leaves before the end that was planned, to the millisecond. */
static void test_end_before_its_plan_is_refused(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	end_refused(r, &id);
	rig_advance(r, WORLD_PLAN_MS - 2);
	end_refused(r, &id);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	rig_advance(r, 2);
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
	world_free(r);
}

/** A11, D13: who handed on stays until the next has started, whatever was planned; the need goes
 *  on waiting. When the family closes it, nobody has to come after. */
static void test_end_while_a_successor_is_looked_for_is_refused(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	ACCEPT(simple(r, "facility-a", BODY(HAND_ON_CONTRIBUTION), &id));
	end_refused(r, &id);
	rig_advance(r, 2 * WORLD_PLAN_MS);
	end_refused(r, &id);
	assert_true(waits(r, 1));
	assert_true(demand_closed(r, 1, 1, 1, CLOSE(SELF_RESOLVED)));
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
	assert_true(end_allowed(r, &id));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	world_free(r);
}

/** A11: interrupted help has not been given to its end: its partner holds, its need waits. */
static void test_end_of_interrupted_help_is_refused(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(INTERRUPTED), &id);

	(void)state;
	rig_advance(r, 2 * WORLD_PLAN_MS);
	end_refused(r, &id);
	assert_true(waits(r, 1) || seat(r, 1) != NULL);
	world_free(r);
}

/* --- withdrawal --- */

static void test_withdrawal_releases_asks_and_hands_on_help(void **state)
{
	static const struct {
		PB(ContributionState) from;
		PB(ContributionState) to;
	} rows[] = {
		{ CSTATE(ASKED), CSTATE(RELEASED) },
		{ CSTATE(CAN), CSTATE(RELEASED) },
		{ CSTATE(CAN_IF), CSTATE(RELEASED) },
		{ CSTATE(AGREED), CSTATE(RELEASED) },
		{ CSTATE(STARTED), CSTATE(HANDING_ON) },
		{ CSTATE(INTERRUPTED), CSTATE(HANDING_ON) },
		{ CSTATE(HANDING_ON), CSTATE(HANDING_ON) },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		struct object_id id;
		struct rig *r = one(rows[i].from, &id);
		rig_skip(r);
		assert_true(demand_closed(r, 1, 1, 1, CLOSE(WITHDRAWN)));
		assert_int_equal(contribution_rec(r, &id)->state, rows[i].to);
		assert_false(waits(r, 1));
		if (rows[i].to == CSTATE(RELEASED)) {
			assert_non_null(rig_next_of(r, "facility-a", BODY(ASK_ENDED)));
			IS_LATE(start(r, "facility-a", &id, true)); /* the crossing */
		} else {
			ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
			assert_true(end_allowed(r, &id));
			assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
		}
		world_free(r);
	}
}

static void test_deceased_ends_all_at_once(void **state)
{
	static const PB(ContributionState) from[] = {
		CSTATE(ASKED),   CSTATE(CAN_IF),      CSTATE(CAN),        CSTATE(AGREED),
		CSTATE(STARTED), CSTATE(INTERRUPTED), CSTATE(HANDING_ON),
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(from); i++) {
		struct object_id id;
		struct rig *r = one(from[i], &id);
		assert_true(demand_closed(r, 1, 1, 1, CLOSE(DECEASED)));
		assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
		assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
		world_free(r);
	}
}

/** A closed need is a tombstone: demand that comes late does nothing, demand that is newer reopens.
 */
static void test_late_demand_after_withdrawal_does_nothing(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(ASKED), &id);
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 1 };

	(void)state;
	assert_true(demand_closed(r, 1, 1, 3, CLOSE(WITHDRAWN)));
	for (uint32_t version = 1; version <= 3; version++) {
		d.need[0].version = version;
		d.version = version;
		assert_true(demand(r, &d));
		assert_false(waits(r, 1));
		assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	}
	assert_true(demand_closed(r, 1, 1, 2, CLOSE(WITHDRAWN)));
	d.need[0].version = 4;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	assert_true(demand_closed(r, 1, 1, 3, CLOSE(WITHDRAWN))); /* an older close */
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	/* A close that comes before its demand. */
	assert_true(demand_closed(r, 9, 9, 2, CLOSE(WITHDRAWN)));
	demand_one(r, 9, 1, 100);
	assert_false(need_rec(r, 9)->waiting);
	world_free(r);
}

static void test_tombstone_is_forgotten_in_time(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	demand_one(r, 2, 1, 200);
	assert_true(demand_closed(r, 1, 1, 1, CLOSE(MOVED)));
	assert_true(demand_closed(r, 2, 2, 1, CLOSE(WITHDRAWN)));
	rig_advance(r, 61 * RIG_DAY_MS);
	assert_null(need_rec(r, 2));
	assert_non_null(need_rec(r, 1)); /* its help still runs */
	ACCEPT(simple(r, "facility-a", BODY(END_CONTRIBUTION), &id));
	assert_true(end_allowed(r, &id));
	rig_advance(r, 61 * RIG_DAY_MS);
	assert_null(need_rec(r, 1));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop_by_youth_keeps_the_date),
		cmocka_unit_test(test_stop_of_interrupted_help_by_its_code),
		cmocka_unit_test(test_stop_is_not_for_others),
		cmocka_unit_test(test_stop_is_not_for_who_helps),
		cmocka_unit_test(test_hand_on_overlaps_until_successor_starts),
		cmocka_unit_test(test_end_waits_for_end_allowed),
		cmocka_unit_test(test_end_allowed_of_unknown_is_set_aside),
		cmocka_unit_test(test_end_stays_when_its_reason_has_gone),
		cmocka_unit_test(test_end_before_its_plan_is_refused),
		cmocka_unit_test(test_end_while_a_successor_is_looked_for_is_refused),
		cmocka_unit_test(test_end_of_interrupted_help_is_refused),
		cmocka_unit_test(test_withdrawal_releases_asks_and_hands_on_help),
		cmocka_unit_test(test_deceased_ends_all_at_once),
		cmocka_unit_test(test_late_demand_after_withdrawal_does_nothing),
		cmocka_unit_test(test_tombstone_is_forgotten_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
