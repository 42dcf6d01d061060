/* SPDX-License-Identifier: EUPL-1.2 */
/* matching comes back from an old copy that knows its pools, and not the help that was given since:
 * by which rules that runs, and under which caps it counts, is what peers remember of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define ACCESS_IS(NAME) SCHAKEL__V1__ACCESS__ACCESS_##NAME
#define POOL_SAYS(NAME) SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_##NAME

/** The old world ends here; peers remember what it told them. */
static void remember(struct rig *old)
{
	struct object_id nobodys = need_id(99);

	(void)end_allowed(old, &nobodys); /* intake has been heard of at all */
	told_len = 0;
	told_inventory(old, "waitlist");
	told_inventory(old, "intake");
	world_free(old);
}

/** Now @p r knows it again: help first, or its requests first. */
static void recall(struct rig *r, bool help_first)
{
	rig_restored(r);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < told_len; i++) {
			bool help = strcmp(told_kept[i].table, "Demand") != 0;
			if ((help == help_first) == (round == 0)) {
				assert_true(told_give(r, &told_kept[i]));
			}
		}
	}
	rig_reconciled(r);
	rig_advance(r, 1000);
	laws_check(r);
}

static struct rig *with_pool(const struct pool_spec *p)
{
	struct rig *r = world_new();

	ACCEPT(put_pool(r, p));
	return r;
}

/* DOMAIN 4: a gated place stays a gated one: no promise without the number of the decision. */
static void test_restore_keeps_the_gate(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 1, .access = ACCESS_IS(GATED) };

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct rig *r = with_pool(&p);
		demand_one(r, 1, 1, 10);
		struct object_id id = drive(r, 1, CSTATE(CAN));
		remember(r);
		r = with_pool(&p);
		recall(r, first == 0);
		assert_int_equal(contribution_rec(r, &id)->access, ACCESS_IS(GATED));
		uint32_t version = request_rec(r, 1)->proposal_version;
		assert_true(position(r, 1, version, VOICE(AGREE)));
		assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
		world_free(r);
	}
}

/* DOMAIN 4: a decision of the gate is found again, also when nobody was asked yet, to its end. */
static void test_restore_keeps_the_decision_of_the_gate(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 1, .access = ACCESS_IS(GATED) };

	(void)state;
	for (int first = 0; first < 2; first++) {
		struct rig *r = world_new();
		demand_one(r, 1, 1, 10);
		ACCEPT(put_gate(r, "clb", 1, rig_now(r) + 2 * RIG_DAY_MS));
		remember(r);
		r = with_pool(&p);
		recall(r, first == 0);
		assert_string_not_equal(need_rec(r, 1)->gate_number, "");
		(void)drive(r, 1, CSTATE(AGREED));
		rig_advance(r, 2 * RIG_DAY_MS);
		assert_string_equal(need_rec(r, 1)->gate_number, ""); /* its time is over */
		world_free(r);
	}
}

/* DOMAIN 3: ASSESS_FIRST stays so: no CAN before they have met. */
static void test_restore_keeps_that_they_meet_first(void **state)
{
	static const struct pool_spec p = { .name = "p",
					    .staffed = 1,
					    .answer = POOL_SAYS(ASSESS_FIRST) };
	struct rig *r = with_pool(&p);

	(void)state;
	demand_one(r, 1, 1, 10);
	struct object_id id = cid(seat(r, 1));
	remember(r);
	r = with_pool(&p);
	recall(r, true);
	const PB(Receipt) *can = answer(r, "facility-a", &id, ANSWER(CAN));
	assert_int_equal(can->outcome, OUT(REFUSED));
	assert_int_equal(can->code, REFUSE(CONTRADICTS));
	world_free(r);
}

/* C9: a house that publishes jointly acts for what was asked before. */
static void test_restore_keeps_the_joint_house(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 1, .joint = "facility-b" };
	struct rig *r = with_pool(&p);

	(void)state;
	demand_one(r, 1, 1, 10);
	struct object_id id = cid(seat(r, 1));
	remember(r);
	r = with_pool(&(struct pool_spec){ .name = "p", .staffed = 1 }); /* alone, then */
	recall(r, true);
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	PB(Message) m = PB_INIT(MESSAGE);
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	assert_int_equal(rig_query(r, "facility-b", &m)->asks_view->n_asks, 1);
	ACCEPT(answer(r, "facility-b", &id, ANSWER(CAN)));
	world_free(r);
}

/* B15: who carries it carries it still, known before the restore or stated anew after it. */
static void test_restore_keeps_who_is_booked(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 9 };
	static const struct worker_spec one = { .number = 1, .cap = 1 };

	(void)state;
	for (int late = 0; late < 2; late++) {
		struct rig *r = with_pool(&p);
		ACCEPT(put_worker(r, "facility-a", "p", &one));
		demand_one(r, 1, 1, 10);
		struct object_id id = drive(r, 1, CSTATE(STARTED));
		remember(r);
		r = with_pool(&p);
		if (late == 0) {
			ACCEPT(put_worker(r, "facility-a", "p", &one));
		}
		recall(r, true);
		if (late == 1) {
			ACCEPT(put_worker(r, "facility-a", "p", &one));
		}
		assert_int_equal(worker_rec(r, "p", 1)->given, 1);
		demand_one(r, 2, 1, 11);
		assert_true(waits(r, 2));
		assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(STAFF_AT_LIMIT));
		ACCEPT(interrupt(r, "facility-a", &id));
		assert_int_equal(worker_rec(r, "p", 1)->given, 1); /* the next one's, now */
		assert_false(waits(r, 2));
		laws_check(r);
		world_free(r);
	}
}

/* C9: what was given in the week counts in it, and no more in the next; help of the week before
 * does not count in this one. */
static void test_restore_keeps_the_units_of_the_week(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 9, .week = 1 + 1 };

	(void)state;
	struct rig *r = with_pool(&p);
	demand_one(r, 1, 1, 10);
	(void)drive(r, 1, CSTATE(STARTED));
	remember(r);
	r = with_pool(&p);
	recall(r, true);
	demand_one(r, 2, 1, 11);
	assert_true(waits(r, 2));
	rig_advance(r, 7 * RIG_DAY_MS);
	assert_false(waits(r, 2));
	demand_one(r, 3, 1, 12);
	assert_true(waits(r, 3));
	laws_check(r);
	world_free(r);
}

/* B16: an atelier that runs has its place under the cap. */
static void test_restore_keeps_the_ateliers(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 9, .school = true };
	struct rig *r = with_pool(&p);

	(void)state;
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	remember(r);
	r = with_pool(&p);
	rig_set(r, SETTING_ATELIERS_MAX, 1);
	recall(r, true);
	demand_one(r, 2, 1, 11);
	assert_true(waits(r, 2));
	ACCEPT(simple(r, "family", BODY(STOP_CONTRIBUTION), &id));
	assert_false(waits(r, 2));
	laws_check(r);
	world_free(r);
}

/* An old copy that knows the help already counts it once. */
static void test_restore_counts_known_help_once(void **state)
{
	static const struct pool_spec p = {
		.name = "p", .staffed = 9, .week = 2 + 1, .school = true
	};
	struct rig *r = with_pool(&p);

	(void)state;
	demand_one(r, 1, 1, 10);
	(void)drive(r, 1, CSTATE(STARTED));
	remember(r);
	r = with_pool(&p);
	demand_one(r, 1, 1, 10); /* the same inputs: the same ids */
	rig_set(r, SETTING_ATELIERS_MAX, 2);
	recall(r, true);
	demand_one(r, 2, 1, 11);
	assert_false(waits(r, 2));
	demand_one(r, 3, 1, 12);
	assert_true(waits(r, 3));
	laws_check(r);
	world_free(r);
}

/* L5: a ground that ends ends after a restore too. */
static void test_restore_keeps_the_end_of_a_ground(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 1 };
	struct rig *r = with_pool(&p);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PositionTaken) b = PB_INIT(POSITION_TAKEN);
	PB(NeedGround) g = PB_INIT(NEED_GROUND);
	PB(NeedGround) *at[] = { &g };
	struct object_id request = req_id(1);
	struct object_id need = need_id(1);

	(void)state;
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(CAN));
	g.need_id = object_id_data(&need);
	g.voice = VOICE(AGREE);
	g.ground = GROUND(COURT_ORDER);
	g.until_ms = rig_now(r) + RIG_DAY_MS;
	b.request_id = object_id_data(&request);
	b.proposal_version = request_rec(r, 1)->proposal_version;
	b.voice = VOICE(AGREE);
	b.grounds = at;
	b.n_grounds = 1;
	m.body_case = BODY(POSITION_TAKEN);
	m.position_taken = &b;
	assert_true(rig_fact(r, "intake", &m));
	remember(r);
	r = with_pool(&p);
	recall(r, true);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	rig_advance(r, RIG_DAY_MS);
	assert_int_equal(start(r, "facility-a", &id, true)->code, REFUSE(NO_GROUND));
	world_free(r);
}

/* What the child did not want, and who said that it is not for them, is not asked again. */
static void test_restore_asks_nobody_again(void **state)
{
	struct rig *r = world_new();

	(void)state;
	for (int i = 0; i < 2; i++) {
		if (i == 1) {
			remember(r);
			r = world_new();
		}
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
		ACCEPT(put_pool(r, &(struct pool_spec){
					   .name = "b", .partner = "facility-b", .staffed = 1 }));
		if (i == 0) {
			demand_one(r, 1, 1, 10);
			char first[2] = { seat(r, 1)->pool[0], '\0' };
			assert_true(
				position(r, 1, request_rec(r, 1)->proposal_version, VOICE(NOT)));
			struct object_id id = cid(seat(r, 1));
			assert_string_not_equal(seat(r, 1)->pool, first);
			ACCEPT(answer(r, seat(r, 1)->partner, &id, ANSWER(NOT_OURS)));
			assert_true(waits(r, 1));
		}
	}
	recall(r, true);
	assert_true(waits(r, 1));
	world_free(r);
}

/* An earlier asking of the same house for the same need, as it ended: told last. */
static void earlier_asking(PB(ContributionState) ended)
{
	for (size_t i = 0; i < told_len; i++) {
		const struct kept *k = &told_kept[i];
		if (strcmp(k->table, "ContributionChanged") != 0) {
			continue;
		}
		struct kept *earlier = &told_kept[told_len++];
		PB(ContributionChanged) *f =
			schakel__v1__contribution_changed__unpack(NULL, k->len, k->bytes);
		assert_non_null(f);
		*earlier = *k;
		f->contribution_id.data[0] ^= 0xFF;
		f->state = ended;
		f->at_ms -= RIG_DAY_MS;
		earlier->len = schakel__v1__contribution_changed__pack(f, earlier->bytes);
		schakel__v1__contribution_changed__free_unpacked(f, NULL);
		return;
	}
	fail();
}

/* DOMAIN 4: who had to leave a place is not asked for it while it is away, whatever came of an
 * earlier asking and in whatever order peers remember the two. */
static void test_restore_asks_not_who_had_to_leave(void **state)
{
	static const PB(ContributionState) ended[] = { CSTATE(RELEASED), CSTATE(TAKEN_BACK) };
	static const struct pool_spec p = { .name = "p", .staffed = 2 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(ended); i++) {
		struct rig *r = with_pool(&p);
		demand_one(r, 1, 1, 10);
		struct object_id id = drive(r, 1, CSTATE(INTERRUPTED));
		assert_true(waits(r, 1));
		remember(r);
		earlier_asking(ended[i]);
		r = with_pool(&p);
		recall(r, true);
		assert_int_equal(contribution_rec(r, &id)->state, CSTATE(INTERRUPTED));
		assert_true(waits(r, 1));
		rig_advance(r, 400 * RIG_DAY_MS); /* what was for a time is over */
		ACCEPT(put_pool(r, &p));
		assert_true(waits(r, 1));
		world_free(r);
	}
}

/* C1: that it hands on because its place was not right is known still: it may be right after all.
 */
static void test_restore_keeps_why_it_is_handed_on(void **state)
{
	static const struct pool_spec p = { .name = "p", .staffed = 1 };
	struct demand_spec d = { .request = 1,
				 .rank = 10,
				 .order_version = 2,
				 .misplaced = true,
				 .needs = 1,
				 .need = { { .expertise = 1 } } };
	struct rig *r = with_pool(&p);

	(void)state;
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(STARTED));
	assert_true(demand(r, &d));
	remember(r);
	r = with_pool(&p);
	recall(r, true);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(HANDING_ON));
	assert_true(waits(r, 1));
	d.order_version = 3;
	d.misplaced = false;
	d.place_over = true;
	assert_true(demand(r, &d));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(STARTED));
	laws_check(r);
	world_free(r);
}

#define CASE(NAME) cmocka_unit_test(test_restore_##NAME)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(asks_not_who_had_to_leave),
		CASE(keeps_the_gate),
		CASE(keeps_the_decision_of_the_gate),
		CASE(keeps_that_they_meet_first),
		CASE(keeps_the_joint_house),
		CASE(keeps_who_is_booked),
		CASE(keeps_the_units_of_the_week),
		CASE(keeps_the_ateliers),
		CASE(counts_known_help_once),
		CASE(keeps_the_end_of_a_ground),
		CASE(asks_nobody_again),
		CASE(keeps_why_it_is_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
