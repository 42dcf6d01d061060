/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: seats, stand-by asks, answers and their clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define IS_LATE(x) assert_int_equal((x)->outcome, OUT(LATE))

/** Pools "pool-a" to "pool-d" of four partners, expertise 1, one place each. */
static struct rig *four_pools(size_t pools)
{
	static const struct pool_spec spec[] = {
		{ .name = "pool-a", .partner = "facility-a", .staffed = 1 },
		{ .name = "pool-b", .partner = "facility-b", .staffed = 1 },
		{ .name = "pool-c", .partner = "facility-c", .staffed = 1 },
		{ .name = "pool-d", .partner = "net-rits", .staffed = 1 },
	};
	struct rig *r = world_new();

	for (size_t i = 0; i < pools; i++) {
		ACCEPT(put_pool(r, &spec[i]));
	}
	return r;
}

static size_t standbys(struct rig *r, uint32_t need)
{
	static const char *const pools[] = { "pool-a", "pool-b", "pool-c", "pool-d" };
	size_t len = 0;

	for (size_t i = 0; i < SK_LEN(pools); i++) {
		len += standby_at(r, need, pools[i]) != NULL;
	}
	return len;
}

static uint32_t promised(struct rig *r)
{
	static const char *const pools[] = { "pool-a", "pool-b", "pool-c", "pool-d" };
	uint32_t sum = 0;

	for (size_t i = 0; i < SK_LEN(pools); i++) {
		const PB(MatchPoolRecord) *p = pool_rec(r, pools[i]);
		sum += p == NULL ? 0 : p->promised;
	}
	return sum;
}

/** A stand-by ask of the need, any. */
static PB(MatchContributionRecord) *some_standby(struct rig *r, uint32_t need)
{
	static const char *const pools[] = { "pool-a", "pool-b", "pool-c", "pool-d" };
	PB(MatchContributionRecord) *c = NULL;

	for (size_t i = 0; i < SK_LEN(pools) && c == NULL; i++) {
		c = standby_at(r, need, pools[i]);
	}
	assert_non_null(c);
	return c;
}

/** CAN, held until that date. */
static void can_until(struct rig *r, const char *party, const struct object_id *id,
		      uint64_t until_ms)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);

	a.contribution_id = object_id_data(id);
	a.answer = ANSWER(CAN);
	a.until_ms = until_ms;
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	ACCEPT(rig_command(r, party, &m));
}

/** One amount for one seat (L4), and the team is told. */
static void test_demand_with_free_pool_takes_one_amount(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	const PB(Message) *m = rig_next_of(r, "facility-a", BODY(ASK));
	assert_non_null(m);
	assert_int_equal(m->ask->age_from, 9); /* a band, not a birthday */
	assert_int_equal(m->ask->age_to, 11);
	assert_false(m->ask->standby);
	m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
	assert_non_null(m);
	assert_int_equal(m->team_proposed->proposal_version, 1);
	assert_int_equal(m->team_proposed->n_seats, 1);
	assert_string_equal(m->team_proposed->lead, "facility-a");
	assert_int_equal(m->team_proposed->cost, 500); /* one partner more */
	m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	assert_non_null(m);
	assert_int_equal(m->contribution_changed->state, CSTATE(ASKED));
	world_free(r);
}

/** The same Demand again says nothing new: nothing leaves. */
static void test_demand_repeated_emits_nothing(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	rig_skip(r);
	demand_one(r, 1, 1, 100);
	assert_null(rig_next(r, "intake"));
	assert_null(rig_next(r, "facility-a"));
	assert_null(rig_next(r, EVENTS_LOG));
	world_free(r);
}

/** Three asks at once at most, of which one holds. */
static void test_asks_three_at_once_of_which_one_holds(void **state)
{
	struct rig *r = four_pools(4);

	(void)state;
	demand_one(r, 1, 1, 100);
	assert_int_equal(standbys(r, 1), 2);
	assert_int_equal(promised(r), 1);
	world_free(r);
	r = four_pools(4);
	rig_set(r, SETTING_ASKS_AT_ONCE, 1);
	demand_one(r, 1, 1, 100);
	assert_int_equal(standbys(r, 1), 0);
	world_free(r);
}

/** The moment a CAN covers the seat the others are released, in the same step. */
static void test_can_of_holder_releases_standbys_in_same_step(void **state)
{
	struct rig *r = four_pools(3);

	(void)state;
	demand_one(r, 1, 1, 100);
	PB(MatchContributionRecord) *c = seat(r, 1);
	struct object_id id = cid(c);
	rig_skip(r);
	ACCEPT(answer(r, c->partner, &id, ANSWER(CAN)));
	assert_int_equal(standbys(r, 1), 0);
	assert_int_equal(seat(r, 1)->state, CSTATE(CAN));
	size_t told = rig_count(r, "facility-a", BODY(ASK_ENDED)) +
		      rig_count(r, "facility-b", BODY(ASK_ENDED)) +
		      rig_count(r, "facility-c", BODY(ASK_ENDED));
	assert_int_equal(told, 2);
	assert_int_equal(rig_count(r, "intake", BODY(TEAM_PROPOSED)), 0); /* the same team */
	world_free(r);
}

/** A stand-by that answers first takes the seat; the amounts change hands in one step. */
static void test_can_of_standby_takes_open_seat(void **state)
{
	struct rig *r = four_pools(3);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id first = cid(seat(r, 1));
	PB(MatchContributionRecord) *c = some_standby(r, 1);
	struct object_id id = cid(c);
	rig_skip(r);
	ACCEPT(answer(r, c->partner, &id, ANSWER(CAN)));
	struct object_id now = cid(seat(r, 1));
	assert_true(object_id_equal(&now, &id));
	assert_int_equal(contribution_rec(r, &first)->state, CSTATE(RELEASED));
	assert_int_equal(promised(r), 1);
	assert_int_equal(standbys(r, 1), 0);
	assert_int_equal(rig_count(r, "intake", BODY(TEAM_PROPOSED)), 1); /* another team */
	world_free(r);
}

/** A stand-by holds nothing: when its pool is full by then, its CAN is late. */
static void test_can_of_standby_without_free_amount_is_late(void **state)
{
	struct rig *r = four_pools(2);

	(void)state;
	demand_one(r, 1, 1, 100);
	PB(MatchContributionRecord) *c = some_standby(r, 1);
	struct object_id id = cid(c);
	demand_one(r, 2, 1, 200); /* takes the other place */
	assert_int_equal(promised(r), 2);
	IS_LATE(answer(r, c->partner, &id, ANSWER(CAN)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ASKED));
	world_free(r);
}

/** Once the seat's holder said CAN_IF, a stand-by is late as well. */
static void test_can_of_standby_after_can_if_is_late(void **state)
{
	struct rig *r = four_pools(2);

	(void)state;
	demand_one(r, 1, 1, 100);
	PB(MatchContributionRecord) *c = some_standby(r, 1);
	struct object_id id = cid(c);
	char partner[PARTY_ID_LEN_MAX + 1];
	(void)snprintf(partner, sizeof(partner), "%s", c->partner);
	(void)drive(r, 1, CSTATE(CAN_IF));
	IS_LATE(answer(r, partner, &id, ANSWER(CAN)));
	world_free(r);
}

/** No answer: the pool is UNCONFIRMED until its partner publishes, the hole is composed anew, what
 *  was won is kept. */
static void test_lapse_unconfirms_and_recomposes_keeping_won_seats(void **state)
{
	struct rig *r = four_pools(1);
	struct demand_spec d = { .request = 1,
				 .needs = 2,
				 .need = { { .number = 1 }, { .number = 2, .expertise = 2 } } };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "two-a",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	assert_true(demand(r, &d));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "two-b",
						.partner = "facility-c",
						.staffed = 1,
						.expertise = 2 }));
	struct object_id won = cid(seat(r, 1));
	struct object_id silent = cid(seat(r, 2));
	can_until(r, "facility-a", &won, rig_now(r) + 60 * RIG_DAY_MS);
	assert_string_equal(seat(r, 2)->pool, "two-a");
	uint32_t version = contribution_rec(r, &won)->version;
	rig_advance(r, 12 * RIG_DAY_MS);
	assert_int_equal(contribution_rec(r, &silent)->state, CSTATE(LAPSED));
	assert_true(pool_rec(r, "two-a")->unconfirmed);
	assert_string_equal(seat(r, 2)->pool, "two-b");
	assert_int_equal(contribution_rec(r, &won)->version, version);
	assert_int_equal(seat(r, 1)->state, CSTATE(CAN));
	IS_LATE(answer(r, "facility-b", &silent, ANSWER(CAN)));
	world_free(r);
}

static void test_reminder_asks_again_before_lapse(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	rig_skip(r);
	rig_advance(r, 4 * RIG_DAY_MS);
	assert_int_equal(rig_count(r, "facility-a", BODY(ASK)), 1);
	assert_int_equal(seat(r, 1)->state, CSTATE(ASKED));
	world_free(r);
}

/** NOT_NOW leaves this partner out for this need until its date, and costs the need nothing. */
static void test_not_now_excludes_until_its_date(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_NOW)));
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->miss, 1);
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	assert_false(pool_rec(r, "pool-a")->unconfirmed);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_true(waits(r, 1));
	rig_advance(r, 10 * RIG_DAY_MS);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	rig_advance(r, 11 * RIG_DAY_MS);
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	world_free(r);
}

static void test_not_now_twice_in_a_row_unconfirms_pool(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	demand_one(r, 2, 1, 200);
	demand_one(r, 3, 1, 300);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_NOW)));
	id = cid(seat(r, 2)); /* the freed place went to the next in the order */
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_NOW)));
	assert_true(pool_rec(r, "pool-a")->unconfirmed);
	assert_true(waits(r, 3));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_string_equal(seat(r, 3)->pool, "pool-a");
	world_free(r);
}

/** A CAN between two NOT_NOW begins the row anew. */
static void test_not_now_after_can_counts_from_one(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	for (uint32_t n = 1; n <= 3; n++) {
		demand_one(r, n, 1, n * 100);
		struct object_id id = cid(seat(r, n));
		ACCEPT(answer(r, "facility-a", &id, n == 2 ? ANSWER(CAN) : ANSWER(NOT_NOW)));
	}
	assert_false(pool_rec(r, "pool-a")->unconfirmed);
	assert_int_equal(pool_rec(r, "pool-a")->not_now_row, 1);
	world_free(r);
}

static void test_not_ours_excludes_for_good(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	rig_advance(r, 300 * RIG_DAY_MS);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_true(waits(r, 1));
	world_free(r);
}

/** A hole is filled by the stand-by that was asked already: no second ask to the same partner. */
static void test_hole_lifts_standby_to_the_seat(void **state)
{
	struct rig *r = four_pools(2);

	(void)state;
	demand_one(r, 1, 1, 100);
	PB(MatchContributionRecord) *c = seat(r, 1);
	struct object_id id = cid(c);
	struct object_id second = cid(some_standby(r, 1));
	ACCEPT(answer(r, c->partner, &id, ANSWER(NOT_OURS)));
	struct object_id now = cid(seat(r, 1));
	assert_true(object_id_equal(&now, &second));
	assert_false(contribution_rec(r, &second)->standby);
	assert_int_equal(contribution_rec(r, &second)->held, 1);
	assert_int_equal(need_rec(r, 1)->miss, 0); /* the round goes on */
	world_free(r);
}

/** CAN holds three working days, then the child's date is kept and the place offered in the order.
 */
static void test_can_holds_then_is_released(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(CAN));
	assert_true(contribution_rec(r, &id)->holds_until_ms > rig_now(r) + 3 * RIG_DAY_MS);
	rig_advance(r, 3 * RIG_DAY_MS);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	rig_advance(r, RIG_DAY_MS);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	assert_int_equal(need_rec(r, 1)->order->rank_ms, 100);
	assert_string_equal(seat(r, 1)->pool, "pool-a"); /* first in the order: asked again */
	world_free(r);
}

static void test_can_may_hold_longer_never_shorter(void **state)
{
	struct rig *r = four_pools(1);
	uint64_t until_ms = rig_now(r) + 30 * RIG_DAY_MS;

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	can_until(r, "facility-a", &id, until_ms);
	assert_int_equal(seat(r, 1)->holds_until_ms, until_ms);
	world_free(r);
	r = four_pools(1);
	demand_one(r, 1, 1, 100);
	id = cid(seat(r, 1));
	can_until(r, "facility-a", &id, rig_now(r) + RIG_HOUR_MS);
	assert_true(seat(r, 1)->holds_until_ms > rig_now(r) + 2 * RIG_DAY_MS);
	world_free(r);
}

static void test_can_if_keeps_the_hold_then_lapses(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(CAN_IF));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	rig_advance(r, 14 * RIG_DAY_MS);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(LAPSED));
	world_free(r);
}

/** In a crisis an ask lasts half an hour and a CAN two hours; there is no reminder. */
static void test_crisis_clocks_are_short(void **state)
{
	struct rig *r = four_pools(1);
	struct demand_spec d = { .request = 1, .wait_class = CLASS(CRISIS), .step = 1, .needs = 1 };

	(void)state;
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 1));
	assert_int_equal(seat(r, 1)->answer_by_ms, rig_now(r) + RIG_HOUR_MS / 2);
	assert_int_equal(rig_due(r, DUE_REMIND), 0);
	ACCEPT(answer(r, "facility-a", &id, ANSWER(CAN)));
	assert_int_equal(seat(r, 1)->holds_until_ms, rig_now(r) + 2 * RIG_HOUR_MS);
	rig_advance(r, 2 * RIG_HOUR_MS);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	world_free(r);
}

/** Insured capacity is the contact point's: crises only, asked while unconfirmed, elsewhere after a
 *  silence. */
static void test_insured_pool_serves_crises_also_unconfirmed(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 2, .wait_class = CLASS(CRISIS), .step = 1, .needs = 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "safe", .staffed = 1, .insured = true }));
	demand_one(r, 1, 1, 100);
	assert_true(waits(r, 1));
	rig_advance(r, RIG_DAY_MS + 1000);
	assert_true(pool_rec(r, "safe")->unconfirmed);
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 2));
	rig_advance(r, RIG_HOUR_MS / 2);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(LAPSED));
	assert_true(waits(r, 2));
	rig_advance(r, RIG_HOUR_MS / 2); /* then it is asked once more */
	assert_string_equal(seat(r, 2)->pool, "safe");
	world_free(r);
}

static void test_take_back_frees_and_does_not_ask_again_at_once(void **state)
{
	struct rig *r = four_pools(1);

	(void)state;
	demand_one(r, 1, 1, 100);
	struct object_id id = drive(r, 1, CSTATE(CAN));
	ACCEPT(simple(r, "facility-a", BODY(TAKE_BACK), &id));
	assert_true(waits(r, 1));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 0);
	for (int day = 0; day < 28; day += 7) {
		rig_advance(r, 7 * RIG_DAY_MS);
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	}
	assert_string_equal(seat(r, 1)->pool, "pool-a");
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_demand_with_free_pool_takes_one_amount),
		cmocka_unit_test(test_demand_repeated_emits_nothing),
		cmocka_unit_test(test_asks_three_at_once_of_which_one_holds),
		cmocka_unit_test(test_can_of_holder_releases_standbys_in_same_step),
		cmocka_unit_test(test_can_of_standby_takes_open_seat),
		cmocka_unit_test(test_can_of_standby_without_free_amount_is_late),
		cmocka_unit_test(test_can_of_standby_after_can_if_is_late),
		cmocka_unit_test(test_lapse_unconfirms_and_recomposes_keeping_won_seats),
		cmocka_unit_test(test_reminder_asks_again_before_lapse),
		cmocka_unit_test(test_not_now_excludes_until_its_date),
		cmocka_unit_test(test_not_now_twice_in_a_row_unconfirms_pool),
		cmocka_unit_test(test_not_now_after_can_counts_from_one),
		cmocka_unit_test(test_not_ours_excludes_for_good),
		cmocka_unit_test(test_hole_lifts_standby_to_the_seat),
		cmocka_unit_test(test_can_holds_then_is_released),
		cmocka_unit_test(test_can_may_hold_longer_never_shorter),
		cmocka_unit_test(test_can_if_keeps_the_hold_then_lapses),
		cmocka_unit_test(test_crisis_clocks_are_short),
		cmocka_unit_test(test_insured_pool_serves_crises_also_unconfirmed),
		cmocka_unit_test(test_take_back_frees_and_does_not_ask_again_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
