/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: positions, starts, interruptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

/* --- positions --- */

/** AGREE before the answer: the ground is kept with the seat, CAN makes it AGREED at once. */
static void test_agree_before_can_is_kept_with_the_seat(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(ASKED), &id);

	(void)state;
	assert_true(position(r, 1, 1, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ASKED));
	rig_skip(r);
	ACCEPT(answer(r, "facility-a", &id, ANSWER(CAN)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	assert_non_null(rig_next_of(r, "facility-a", BODY(ASK_ENDED)));
	world_free(r);
}

/** A ground holds for the seat it was given on: who takes it later needs one of its own (L5). */
static void test_agree_does_not_pass_to_another_partner(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(ASKED), &id);

	(void)state;
	pool(r, "pool-b", "facility-b", 1);
	assert_true(position(r, 1, 1, VOICE(AGREE)));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	PB(MatchContributionRecord) *c = seat(r, 1);
	struct object_id other = cid(c);
	ACCEPT(answer(r, "facility-b", &other, ANSWER(CAN)));
	assert_int_equal(contribution_rec(r, &other)->state, CSTATE(CAN));
	assert_int_equal(start(r, "facility-b", &other, true)->code, REFUSE(NO_GROUND));
	world_free(r);
}

static void test_position_on_older_proposal_changes_nothing(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(CAN), &id);
	struct demand_spec more = { .request = 1,
				    .version = 2,
				    .rank = 100,
				    .needs = 2,
				    .need = { { .number = 1 }, { .number = 2, .expertise = 2 } } };

	(void)state;
	assert_true(demand(r, &more)); /* another team: version 2 */
	assert_int_equal(request_rec(r, 1)->proposal_version, 2);
	rig_skip(r);
	assert_true(position(r, 1, 1, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	const PB(Message) *m = rig_next_of(r, EVENTS_LOG, BODY(EVENT));
	assert_non_null(m);
	assert_int_equal(m->event->kind, EVENT(POSITION));
	assert_int_equal(m->event->proposal_version, 2); /* what holds now */
	assert_true(position(r, 1, 2, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	assert_false(position(r, 1, 3, VOICE(AGREE))); /* of a proposal that never was */
	world_free(r);
}

/** NOT: what has not started is let go, its partner not asked again; what started goes on. */
static void test_not_releases_what_has_not_started(void **state)
{
	struct object_id started, agreed;
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1,
				 .needs = 3,
				 .need = { { .number = 1 },
					   { .number = 2, .expertise = 2 },
					   { .number = 3, .expertise = 3 } } };

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	for (uint32_t e = 2; e <= 3; e++) {
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = e == 2 ? "two" : "three",
							.partner = e == 2 ? "facility-b" :
									    "facility-c",
							.staffed = 1,
							.expertise = e }));
	}
	assert_true(demand(r, &d));
	started = drive(r, 1, CSTATE(STARTED));
	PB(MatchContributionRecord) *c = seat(r, 2);
	agreed = cid(c);
	ACCEPT(answer(r, "facility-b", &agreed, ANSWER(CAN))); /* has its ground: AGREED */
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(NOT)));
	assert_int_equal(contribution_rec(r, &started)->state, CSTATE(STARTED));
	assert_int_equal(contribution_rec(r, &agreed)->state, CSTATE(STOPPED_BY_YOUTH));
	assert_true(waits(r, 2));
	assert_true(waits(r, 3));
	assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(YOUTH_DECLINED));
	assert_int_equal(need_rec(r, 2)->order->rank_ms, 0); /* the same date */
	pool(r, "two-b", "coordinator", 1);
	world_free(r);
}

static void test_excluded_partners_of_a_position_bind(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(ASKED), &id);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	struct object_id request = req_id(1);
	char *excluded[MATCH_EXCLUDED_MAX + 1];

	(void)state;
	for (size_t i = 0; i < SK_LEN(excluded); i++) {
		excluded[i] = (char *)(uintptr_t) "facility-b";
	}
	pool(r, "pool-b", "facility-b", 1);
	p.request_id = object_id_data(&request);
	p.proposal_version = 1;
	p.voice = VOICE(NOT);
	p.request_version = 2;
	p.excluded_partners = excluded;
	p.n_excluded_partners = MATCH_EXCLUDED_MAX + 1;
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &p;
	assert_false(rig_fact(r, "intake", &m));
	p.n_excluded_partners = MATCH_EXCLUDED_MAX;
	p.voice = VOICE(NOT_YET);
	assert_false(rig_fact(r, "intake", &m));
	p.voice = VOICE(NOT);
	assert_true(rig_fact(r, "intake", &m));
	assert_true(waits(r, 1)); /* neither facility-a nor facility-b */
	p.request_id.len = 3;
	assert_false(rig_fact(r, "intake", &m));
	request = req_id(77);
	p.request_id = object_id_data(&request);
	assert_false(rig_fact(r, "intake", &m));
	/* The family allows them again: a newer request says so. */
	struct demand_spec d = { .request = 1, .version = 3, .rank = 100, .needs = 1 };
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "pool-b");
	world_free(r);
}

/* --- start --- */

static void test_start_needs_a_ground(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(CAN), &id);

	(void)state;
	const PB(Receipt) *refused = start(r, "facility-a", &id, true);
	assert_int_equal(refused->code, REFUSE(NO_GROUND));
	assert_int_equal(refused->holds_now->contribution_state, CSTATE(CAN));
	world_free(r);
}

/** A start without anybody seen does not answer; it may be completed later. */
static void test_start_unseen_is_completed_later(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(AGREED), &id);

	(void)state;
	ACCEPT(start(r, "facility-a", &id, false));
	assert_false(contribution_rec(r, &id)->seen);
	assert_int_equal(start(r, "facility-a", &id, false)->code, REFUSE(STATE));
	rig_skip(r);
	ACCEPT(start(r, "facility-a", &id, true));
	const PB(Message) *m = rig_next_of(r, "intake", BODY(CONTRIBUTION_CHANGED));
	assert_true(m->contribution_changed->seen);
	assert_int_equal(start(r, "facility-a", &id, true)->code, REFUSE(STATE));
	world_free(r);
}

static void test_agreed_without_start_raises_alarms(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(AGREED), &id);
	size_t alarms = 0;

	(void)state;
	rig_skip(r);
	rig_advance(r, 16 * RIG_DAY_MS);
	for (const PB(Message) *m = rig_next_of(r, EVENTS_LOG, BODY(EVENT)); m != NULL;
	     m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) {
		alarms += m->event->alarm == SCHAKEL__V1__ALARM_KIND__ALARM_KIND_NOT_STARTED;
	}
	assert_int_equal(alarms, 2);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

/** L10, DOMAIN 5: of help that a child keeps to itself the alarm says of which request something is
 *  late, and nothing of the help. */
static void test_alarm_of_kept_help_names_its_request_alone(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 1 };
	struct object_id request = req_id(1);
	const PB(Message) *m;
	size_t alarms = 0;

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	d.need[0] = (struct need_spec){ .number = 1, .shielded = true };
	assert_true(demand(r, &d));
	struct object_id id = drive(r, 1, CSTATE(AGREED));
	rig_skip(r);
	rig_advance(r, 16 * RIG_DAY_MS);
	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		struct object_id of = { 0 };
		if (e->alarm != SCHAKEL__V1__ALARM_KIND__ALARM_KIND_NOT_STARTED) {
			continue;
		}
		alarms++;
		assert_true(object_id_from(&e->request_id, &of) && object_id_equal(&of, &request));
		assert_true(object_id_from(&e->object_id, &of) && object_id_equal(&of, &request));
		assert_int_equal(e->need_id.len, 0);
		assert_string_equal(e->party, "");
		assert_string_equal(e->pool, "");
	}
	assert_int_equal(alarms, 2);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

/* --- interruption --- */

/** Staffed falls with the promise, the seat reopens with its old date, the partner is not asked for
 *  it again; resumed, all is as before and whoever was asked meanwhile is released. */
static void test_interruption_takes_staffing_and_gives_it_back(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	ACCEPT(interrupt(r, "facility-a", &id));
	assert_int_equal(pool_rec(r, "pool-a")->staffed, 0);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	demand_one(r, 2, 1, 50);
	assert_true(waits(r, 2));
	pool(r, "pool-b", "facility-b", 2);
	struct object_id successor = cid(seat(r, 1));
	assert_string_equal(seat(r, 1)->pool, "pool-b");
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id));
	assert_int_equal(pool_rec(r, "pool-a")->staffed, 1);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	assert_int_equal(contribution_rec(r, &successor)->state, CSTATE(RELEASED));
	struct object_id now = cid(seat(r, 1));
	assert_true(object_id_equal(&now, &id));
	world_free(r);
}

/** The partner restated its pool meanwhile: what it says is what is there. */
static void test_resume_after_restatement_needs_the_amount(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);

	(void)state;
	ACCEPT(interrupt(r, "facility-a", &id));
	pool(r, "pool-a", "facility-a", 0);
	assert_int_equal(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id)->code,
			 REFUSE(NOT_STAFFED));
	pool(r, "pool-a", "facility-a", 1);
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id));
	assert_int_equal(pool_rec(r, "pool-a")->staffed, 1);
	world_free(r);
}

/** The interrupted partner stays until the next start is durable, then it is over for it (L2). */
static void test_successor_start_ends_the_interrupted(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(INTERRUPTED), &id);

	(void)state;
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(AGREED));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(INTERRUPTED));
	ACCEPT(start(r, "facility-b", &next, true));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ENDED));
	IS_LATE(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id));
	world_free(r);
}

static void test_resume_releases_an_agreed_successor(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(INTERRUPTED), &id);

	(void)state;
	pool(r, "pool-b", "facility-b", 1);
	struct object_id next = drive(r, 1, CSTATE(AGREED));
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &id));
	assert_int_equal(contribution_rec(r, &next)->state, CSTATE(RELEASED));
	world_free(r);
}

static void test_interrupt_reason_must_be_a_partners(void **state)
{
	struct object_id id;
	struct rig *r = one(CSTATE(STARTED), &id);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(InterruptContribution) c = PB_INIT(INTERRUPT_CONTRIBUTION);

	(void)state;
	c.contribution_id = object_id_data(&id);
	c.reason = REASON(OVERCOMMITTED); /* the pool's own, not to be said */
	m.body_case = BODY(INTERRUPT_CONTRIBUTION);
	m.interrupt_contribution = &c;
	assert_int_equal(rig_command(r, "facility-a", &m)->code, REFUSE(UNKNOWN_CODE));
	c.reason = REASON(SAFETY);
	c.expected_ms = rig_now(r) + (MATCH_AHEAD_DAYS_MAX + 1) * RIG_DAY_MS;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "expected_ms");
	c.expected_ms = rig_now(r) - RIG_DAY_MS;
	assert_string_equal(rig_command(r, "facility-a", &m)->field, "expected_ms");
	c.expected_ms = rig_now(r) + MATCH_AHEAD_DAYS_MAX * RIG_DAY_MS;
	ACCEPT(rig_command(r, "facility-a", &m));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agree_before_can_is_kept_with_the_seat),
		cmocka_unit_test(test_agree_does_not_pass_to_another_partner),
		cmocka_unit_test(test_position_on_older_proposal_changes_nothing),
		cmocka_unit_test(test_not_releases_what_has_not_started),
		cmocka_unit_test(test_excluded_partners_of_a_position_bind),
		cmocka_unit_test(test_start_needs_a_ground),
		cmocka_unit_test(test_start_unseen_is_completed_later),
		cmocka_unit_test(test_agreed_without_start_raises_alarms),
		cmocka_unit_test(test_alarm_of_kept_help_names_its_request_alone),
		cmocka_unit_test(test_interruption_takes_staffing_and_gives_it_back),
		cmocka_unit_test(test_resume_after_restatement_needs_the_amount),
		cmocka_unit_test(test_successor_start_ends_the_interrupted),
		cmocka_unit_test(test_resume_releases_an_agreed_successor),
		cmocka_unit_test(test_interrupt_reason_must_be_a_partners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
