/* SPDX-License-Identifier: EUPL-1.2 */
/* matching, restored from an old copy: what the peers remember may put two in one seat, since who
 * was told of the later one need not have been told the end of the one before. When all were heard
 * one sits there (I11), in whatever order it was told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define EARLIER 50U
#define LATER 60U
#define HOUSE "facility-a"
#define OTHER "facility-b"

/** Help that a peer remembers; its number tells when it was asked. */
struct memory {
	uint32_t number;
	PB(ContributionState) state;
	uint32_t version; /* 0: only a team names it */
};

static struct object_id help_id(uint32_t number)
{
	return rig_id(200000 + number);
}

static const char *house(const struct memory *m)
{
	return m->number >= LATER ? OTHER : HOUSE;
}

static const char *pool(const struct memory *m)
{
	return m->number >= LATER ? "pool-b" : "pool-a";
}

static void give(struct rig *r, const char *table, const ProtobufCMessage *record)
{
	struct kept k = { .peer = "intake" };

	(void)snprintf(k.table, sizeof(k.table), "%s", table);
	assert_true(protobuf_c_message_get_packed_size(record) <= sizeof(k.bytes));
	k.len = protobuf_c_message_pack(record, k.bytes);
	assert_true(told_give(r, &k));
}

static void give_help(struct rig *r, uint32_t need, const struct memory *m)
{
	PB(ContributionChanged) f = PB_INIT(CONTRIBUTION_CHANGED);
	struct object_id id = help_id(m->number);
	struct object_id of = need_id(need);
	struct object_id request = req_id(need);

	f.contribution_id = object_id_data(&id);
	f.need_id = object_id_data(&of);
	f.request_id = object_id_data(&request);
	f.partner = (char *)(uintptr_t)house(m);
	f.pool = (char *)(uintptr_t)pool(m);
	f.version = m->version;
	f.state = m->state;
	f.ground = m->state == CSTATE(STARTED) || m->state == CSTATE(AGREED) ? GROUND(AGREED) :
									       GROUND(UNSPECIFIED);
	f.seen = m->state == CSTATE(STARTED);
	f.modality = SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	f.use = 1;
	f.amount = 1;
	give(r, "ContributionChanged", &f.base);
}

static void give_team(struct rig *r, uint32_t need, const struct memory *m)
{
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);
	PB(Seat) s = PB_INIT(SEAT);
	PB(Seat) *seats[] = { &s };
	struct object_id id = help_id(m->number);
	struct object_id of = need_id(need);
	struct object_id request = req_id(need);

	s.contribution_id = object_id_data(&id);
	s.need_id = object_id_data(&of);
	s.partner = (char *)(uintptr_t)house(m);
	s.pool = (char *)(uintptr_t)pool(m);
	s.state = m->state;
	s.modality = SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	s.use = 1;
	s.amount = 1;
	t.request_id = object_id_data(&request);
	t.proposal_version = 7;
	t.seats = seats;
	t.n_seats = 1;
	give(r, "TeamProposed", &t.base);
}

static void remember(struct rig *r, uint32_t need, const struct memory *m)
{
	if (m->version == 0) {
		give_team(r, need, m);
	} else {
		give_help(r, need, m);
	}
}

/** Restored from before all of it; the demand is heard of anew. */
static struct rig *restored(uint32_t needs)
{
	struct rig *r = world_new();

	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = needs }));
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "pool-b", .partner = OTHER, .staffed = 2 * needs }));
	rig_restored(r);
	for (uint32_t n = 1; n <= needs; n++) {
		demand_one(r, n, 1, n);
	}
	return r;
}

static PB(ContributionState) state_of(struct rig *r, uint32_t number)
{
	struct object_id id = help_id(number);

	return contribution_rec(r, &id)->state;
}

static PB(MatchChainRecord) *chain(struct rig *r)
{
	struct key k = { 0 };

	key_u8(&k, 0);
	return record(r, T_CHAIN, &k, DESC(match_chain_record));
}

/** Both orders of arrival; @p ends: how the one that does not sit there stands then. */
static void one_stays(struct memory a, struct memory b, uint32_t stays, PB(ContributionState) ends)
{
	for (int turned = 0; turned <= 1; turned++) {
		struct rig *r = restored(1);
		const struct memory *gone = a.number == stays ? &b : &a;
		const struct memory *kept = a.number == stays ? &a : &b;
		remember(r, 1, turned ? &b : &a);
		remember(r, 1, turned ? &a : &b);
		rig_skip(r);
		rig_reconciled(r);
		laws_check(r);
		struct object_id id = help_id(stays);
		assert_memory_equal(need_rec(r, 1)->seat_id.data, id.b, OBJECT_ID_LEN);
		assert_int_equal(state_of(r, stays), kept->state);
		assert_int_equal(state_of(r, gone->number), ends);
		uint32_t held = ends == CSTATE(HANDING_ON);
		assert_int_equal(pool_rec(r, pool(gone))->promised, held);
		assert_int_equal(pool_rec(r, pool(kept))->promised, 1);
		const PB(Message) *m = rig_next_of(r, house(gone), BODY(ASK_ENDED));
		assert_non_null(m); /* its house is told, and the family's team says who it is */
		assert_int_equal(m->ask_ended->state, ends);
		m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
		if (m != NULL) {
			const PB(Seat) *seat = m->team_proposed->seats[0];
			assert_memory_equal(seat->contribution_id.data, id.b, OBJECT_ID_LEN);
		}
		rig_advance(r, 1000);
		assert_int_equal(state_of(r, stays), kept->state);
		laws_check(r);
		world_free(r);
	}
}

/* I11, DESIGN 5: a yes is not dropped for a new ask that only a team names. */
static void test_promise_stays_beside_an_ask_that_only_a_team_names(void **state)
{
	(void)state;
	one_stays((struct memory){ EARLIER, CSTATE(CAN), 2 },
		  (struct memory){ LATER, CSTATE(ASKED), 0 }, EARLIER, CSTATE(RELEASED));
}

/* I11: of two that stand equally far the one before has had its end. */
static void test_later_ask_stays(void **state)
{
	(void)state;
	one_stays((struct memory){ EARLIER, CSTATE(ASKED), 1 },
		  (struct memory){ LATER, CSTATE(ASKED), 0 }, LATER, CSTATE(RELEASED));
	one_stays((struct memory){ EARLIER, CSTATE(CAN), 2 },
		  (struct memory){ LATER, CSTATE(CAN), 2 }, LATER, CSTATE(RELEASED));
}

/* I11, A11: whoever helps, or has promised with a ground, is nowhere dropped: it hands on. */
static void test_help_hands_on_to_later_help(void **state)
{
	(void)state;
	one_stays((struct memory){ EARLIER, CSTATE(STARTED), 4 },
		  (struct memory){ LATER, CSTATE(STARTED), 4 }, LATER, CSTATE(HANDING_ON));
	one_stays((struct memory){ EARLIER, CSTATE(STARTED), 4 },
		  (struct memory){ LATER, CSTATE(AGREED), 3 }, EARLIER, CSTATE(HANDING_ON));
	one_stays((struct memory){ EARLIER, CSTATE(STARTED), 4 },
		  (struct memory){ LATER, CSTATE(CAN), 2 }, EARLIER, CSTATE(RELEASED));
}

/* I22: one of the two turns out to have ended: the other is in the seat, whoever was told last. */
static void test_end_that_is_heard_later_leaves_the_seat_to_the_other(void **state)
{
	const struct memory can = { EARLIER, CSTATE(CAN), 2 };
	const struct memory back = { EARLIER, CSTATE(TAKEN_BACK), 3 };
	const struct memory asked = { LATER, CSTATE(ASKED), 0 };

	(void)state;
	for (int turned = 0; turned <= 1; turned++) {
		struct rig *r = restored(1);
		remember(r, 1, turned ? &asked : &can);
		remember(r, 1, turned ? &can : &asked);
		remember(r, 1, &back);
		rig_reconciled(r);
		laws_check(r);
		struct object_id id = help_id(LATER);
		assert_memory_equal(need_rec(r, 1)->seat_id.data, id.b, OBJECT_ID_LEN);
		assert_int_equal(state_of(r, LATER), CSTATE(ASKED));
		world_free(r);
	}
}

/** How many are kept to be looked at in the step that ends it, of so many doubled seats. */
static size_t kept_of(uint32_t needs)
{
	struct rig *r = restored(needs);

	for (uint32_t n = 1; n <= needs; n++) {
		remember(r, n, &(struct memory){ EARLIER * 100 + n, CSTATE(CAN), 2 });
		remember(r, n, &(struct memory){ EARLIER * 200 + n, CSTATE(ASKED), 1 });
	}
	size_t kept = chain(r)->n_twice;
	rig_reconciled(r);
	assert_int_equal(chain(r)->n_twice, 0);
	rig_advance(r, 1000);
	for (uint32_t n = 1; n <= needs; n++) {
		assert_int_equal(state_of(r, EARLIER * 100 + n), CSTATE(CAN));
		assert_int_equal(state_of(r, EARLIER * 200 + n), CSTATE(RELEASED));
	}
	laws_check(r);
	world_free(r);
	return kept;
}

/* L12: one step lets go of so many; of the next one the clock's step does. */
static void test_one_step_lets_go_of_so_many(void **state)
{
	(void)state;
	assert_int_equal(kept_of(MATCH_TWICE_MAX), MATCH_TWICE_MAX);
	assert_int_equal(kept_of(MATCH_TWICE_MAX + 1), MATCH_TWICE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_promise_stays_beside_an_ask_that_only_a_team_names),
		cmocka_unit_test(test_later_ask_stays),
		cmocka_unit_test(test_help_hands_on_to_later_help),
		cmocka_unit_test(test_end_that_is_heard_later_leaves_the_seat_to_the_other),
		cmocka_unit_test(test_one_step_lets_go_of_so_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
