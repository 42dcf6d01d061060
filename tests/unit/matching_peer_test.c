/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: inventories for a peer that was restored, and what it takes over when it is the one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static size_t count_of(const char *peer, const char *table)
{
	size_t len = 0;

	for (size_t i = 0; i < told_len; i++) {
		len += strcmp(told_kept[i].peer, peer) == 0 &&
		       strcmp(told_kept[i].table, table) == 0;
	}
	return len;
}

/** A world with one help started, one agreed, one asked and one waiting. */
static struct rig *lived(struct object_id ret_ids[3])
{
	struct rig *r = world_new();

	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	for (uint32_t n = 1; n <= 4; n++) {
		demand_one(r, n, 1, n * 100);
	}
	ret_ids[0] = drive(r, 1, CSTATE(STARTED));
	ret_ids[1] = drive(r, 2, CSTATE(AGREED));
	ret_ids[2] = cid(seat(r, 3));
	assert_true(position(r, 3, request_rec(r, 3)->proposal_version, VOICE(AGREE)));
	return r;
}

static void test_inventory_tells_each_peer_what_it_needs(void **state)
{
	struct object_id ids[3];
	struct rig *r = lived(ids);

	(void)state;
	told_len = 0;
	told_inventory(r, "waitlist");
	assert_int_equal(count_of("waitlist", "Demand"), 4);
	assert_int_equal(count_of("waitlist", "TeamProposed"), 4);
	assert_int_equal(count_of("waitlist", "ContributionChanged"), 3);
	told_inventory(r, "intake");
	assert_int_equal(count_of("intake", "Demand"), 0);
	assert_int_equal(count_of("intake", "TeamProposed"), 4);
	assert_int_equal(count_of("intake", "ContributionChanged"), 3);
	world_free(r);
}

/** More than one portion. */
static void test_inventory_goes_on_where_it_stopped(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 30 }));
	for (uint32_t n = 1; n <= 30; n++) {
		demand_one(r, n, 1, n);
	}
	assert_true(position(r, 1, 1, VOICE(AGREE)));
	told_len = 0;
	told_inventory(r, "waitlist");
	assert_int_equal(told_len, 90);
	world_free(r);
}

/** Restored from before everything: demand from waitlist, own help back from what peers remember;
 *  whichever comes first. Nothing is promised beyond the staffing, and what was won is kept. */
static void adopt(const char *first)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	told_len = 0;
	told_inventory(old, "waitlist");
	told_inventory(old, "intake");
	world_free(old);
	struct rig *r = world_new();
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	rig_restored(r);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < told_len; i++) {
			bool now = strcmp(told_kept[i].table, first) == 0;
			if (now == (round == 0)) {
				assert_true(told_give(r, &told_kept[i]));
			}
		}
	}
	rig_reconciled(r);
	rig_advance(r, 1000);
	static const PB(ContributionState) want[] = { CSTATE(STARTED), CSTATE(AGREED),
						      CSTATE(ASKED) };
	for (size_t i = 0; i < SK_LEN(want); i++) {
		const PB(MatchContributionRecord) *c = contribution_rec(r, &ids[i]);
		assert_non_null(c);
		assert_int_equal(c->state, want[i]);
	}
	assert_true(request_rec(r, 1)->proposal_version >= 1);
	laws_check(r);
	for (size_t i = 0; i < told_len; i++) {
		assert_true(told_give(r, &told_kept[i])); /* told again: nothing new */
	}
	assert_int_equal(contribution_rec(r, &ids[0])->state, CSTATE(STARTED));
	ACCEPT(interrupt(r, "facility-a", &ids[0])); /* it lives on */
	world_free(r);
}

static void test_adopted_help_before_demand(void **state)
{
	(void)state;
	adopt("ContributionChanged");
}

static void test_adopted_team_before_demand(void **state)
{
	(void)state;
	adopt("TeamProposed");
}

/** A pool that is stated only after its help was heard of knows what it had promised. */
static void test_adopted_help_before_its_pool(void **state)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	(void)state;
	told_len = 0;
	told_inventory(old, "waitlist");
	world_free(old);
	struct rig *r = world_new();
	rig_restored(r);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < told_len; i++) {
			if ((strcmp(told_kept[i].table, "Demand") != 0) == (round == 0)) {
				assert_true(told_give(r, &told_kept[i]));
			}
		}
	}
	rig_reconciled(r);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	assert_true(pool_rec(r, "pool-a")->overcommitted);
	rig_advance(r, 1000);
	laws_check(r);
	world_free(r);
}

/** Help that peers know to be further than we do. */
static void test_adopted_state_of_known_help(void **state)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	(void)state;
	told_len = 0;
	ACCEPT(simple(old, "family", BODY(STOP_CONTRIBUTION), &ids[0]));
	told_inventory(old, "intake");
	world_free(old);
	struct rig *r = lived(ids); /* the same ids: the same inputs */
	for (size_t i = 0; i < told_len; i++) {
		assert_true(told_give(r, &told_kept[i]));
	}
	assert_int_equal(contribution_rec(r, &ids[0])->state, CSTATE(STOPPED_BY_YOUTH));
	assert_true(rig_try(r, (int (*)(struct step *, void *))(void (*)(void))match_on_reconciled,
			    NULL) == SK_OK);
	rig_advance(r, 1000);
	rig_free(r);
}

/** L4: help that an old copy knows as started was interrupted since, which a peer has heard: the
 *  hands are away, and the place is not promised a second time. With the help they come back. */
static void test_adopted_interruption_takes_the_hands_along(void **state)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	(void)state;
	told_len = 0;
	ACCEPT(interrupt(old, "facility-a", &ids[0]));
	uint32_t left = pool_rec(old, "pool-a")->staffed;
	told_inventory(old, "intake");
	world_free(old);
	struct rig *r = lived(ids);
	assert_int_equal(pool_rec(r, "pool-a")->staffed, left + 1);
	rig_restored(r);
	for (size_t i = 0; i < told_len; i++) {
		assert_true(told_give(r, &told_kept[i]));
	}
	rig_reconciled(r);
	rig_advance(r, 1000);
	assert_int_equal(contribution_rec(r, &ids[0])->state, CSTATE(INTERRUPTED));
	assert_int_equal(pool_rec(r, "pool-a")->staffed, left);
	assert_int_equal(pool_rec(r, "pool-a")->promised, left);
	ACCEPT(simple(r, "facility-a", BODY(RESUME_CONTRIBUTION), &ids[0]));
	assert_int_equal(pool_rec(r, "pool-a")->staffed, left + 1);
	assert_int_equal(pool_rec(r, "pool-a")->promised, left + 1);
	world_free(r);
}

/** L4: help comes back beyond the staffing before it is known in which order it stands: it is let
 * go when that is heard, last-ordered first. */
static void test_adopted_help_beyond_the_staffing_goes_when_its_order_comes(void **state)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	(void)state;
	told_len = 0;
	told_inventory(old, "intake");
	told_inventory(old, "waitlist");
	world_free(old);
	struct rig *r = world_new();
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	rig_restored(r);
	for (size_t i = 0; i < told_len; i++) {
		assert_true(told_give(r, &told_kept[i]));
		rig_advance(r, 1000);
	}
	rig_reconciled(r);
	rig_advance(r, 1000);
	assert_true(pool_rec(r, "pool-a")->overcommitted);
	assert_true(pool_rec(r, "pool-a")->promised <= 1);
	world_free(r);
}

/** The item of peer and table with that record. */
static struct kept kept_of(const char *peer, const char *table, const ProtobufCMessage *record)
{
	struct kept k = { .len = 0 };

	(void)snprintf(k.peer, sizeof(k.peer), "%s", peer);
	(void)snprintf(k.table, sizeof(k.table), "%s", table);
	assert_true(protobuf_c_message_get_packed_size(record) <= sizeof(k.bytes));
	k.len = protobuf_c_message_pack(record, k.bytes);
	return k;
}

static void give_end(struct rig *r, uint32_t number)
{
	PB(DemandClosed) d = PB_INIT(DEMAND_CLOSED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *at[] = { &end };
	struct object_id request = req_id(number);
	struct object_id need = need_id(number);

	end.need_id = object_id_data(&need);
	end.need_version = 2;
	end.reason = CLOSE(WITHDRAWN);
	d.request_id = object_id_data(&request);
	d.needs = at;
	d.n_needs = 1;
	struct kept k = kept_of("waitlist", "DemandClosed", &d.base);
	assert_true(told_give(r, &k));
}

/** The end of a need and the help for it come from two peers: whichever comes first, the help ends,
 *  but not before all was heard, since the need may have been opened anew. */
static void test_adopted_help_of_an_ended_need_ends(void **state)
{
	struct object_id ids[3];
	struct rig *old = lived(ids);

	(void)state;
	told_len = 0;
	told_inventory(old, "intake");
	world_free(old);
	struct rig *r = world_new();
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	for (uint32_t n = 1; n <= 3; n++) {
		demand_one(r, n, 1, n * 100); /* so far the same inputs: the same ids */
	}
	rig_restored(r);
	for (uint32_t n = 1; n <= 3; n++) {
		give_end(r, n);
	}
	for (size_t i = 0; i < told_len; i++) {
		assert_true(told_give(r, &told_kept[i]));
	}
	assert_int_equal(contribution_rec(r, &ids[2])->state, CSTATE(ASKED));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 3);
	rig_reconciled(r);
	rig_advance(r, 0);
	assert_int_equal(contribution_rec(r, &ids[0])->state, CSTATE(HANDING_ON));
	assert_int_equal(contribution_rec(r, &ids[1])->state, CSTATE(RELEASED));
	assert_int_equal(contribution_rec(r, &ids[2])->state, CSTATE(RELEASED));
	assert_int_equal(pool_rec(r, "pool-a")->promised, 1);
	world_free(r);
}

/** What peers may have been told of an object in the part that was lost is below what they are told
 *  from here on. */
static void test_versions_after_a_restore_are_above_all_before(void **state)
{
	struct rig *r = world_new();
	uint32_t least = 1U << INCARNATION_VERSION_BITS;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	demand_one(r, 1, 1, 1);
	struct object_id id = cid(seat(r, 1));
	assert_true(seat(r, 1)->version < least);
	rig_restored(r);
	rig_reconciled(r);
	ACCEPT(answer(r, "facility-a", &id, SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_OURS));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 4 }));
	assert_int_equal(contribution_rec(r, &id)->version, least + 1);
	assert_int_equal(request_rec(r, 1)->proposal_version, least + 1);
	assert_true(pool_rec(r, "pool-a")->version > least);
	world_free(r);
}

/** L5: intake remembers a later proposal than the old copy. A yes to it is no yes to the seats that
 *  the old copy still has, and the team is told anew, as it is. */
static void test_position_on_an_adopted_team_with_other_seats_is_late(void **state)
{
	struct rig *r = world_new();
	PB(TeamProposed) t = PB_INIT(TEAM_PROPOSED);
	struct object_id request = req_id(1);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	demand_one(r, 1, 1, 1);
	struct object_id id = drive(r, 1, CSTATE(CAN));
	rig_restored(r);
	t.request_id = object_id_data(&request);
	t.proposal_version = 7;
	struct kept k = kept_of("intake", "TeamProposed", &t.base);
	assert_true(told_give(r, &k));
	assert_true(position(r, 1, 9, VOICE(AGREE))); /* of one not heard of yet */
	assert_true(position(r, 1, 7, VOICE(AGREE)));
	rig_reconciled(r);
	assert_true(position(r, 1, 7, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	assert_int_equal(contribution_rec(r, &id)->ground, GROUND(UNSPECIFIED));
	rig_advance(r, 0);
	uint32_t told = request_rec(r, 1)->proposal_version;
	assert_true(told > 7);
	assert_true(position(r, 1, told, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

static void test_items_that_do_not_parse_are_set_aside(void **state)
{
	struct rig *r = world_new();
	static const char *const tables[] = { "Demand",        "DemandClosed",
					      "PositionTaken", "ContributionChanged",
					      "TeamProposed",  "Nonsense" };

	(void)state;
	for (size_t i = 0; i < SK_LEN(tables); i++) {
		struct kept k = { .peer = "intake", .len = 3, .bytes = { 0xff, 0xff, 0xff } };
		(void)snprintf(k.table, sizeof(k.table), "%s", tables[i]);
		assert_false(told_give(r, &k));
		k.len = 0; /* parses, and names nothing */
		assert_false(told_give(r, &k));
	}
	world_free(r);
}

/** A peer's bytes in a field of bytes: a code that the schema does not have is found there too. */
static void test_item_with_an_unknown_code_is_set_aside(void **state)
{
	static const int codes[] = { 77, SCHAKEL__V1__MODALITY__MODALITY_MOBILE };
	struct object_id ids[3];
	struct rig *r = lived(ids);
	struct kept k = { .peer = "intake", .table = "ContributionChanged" };
	const PB(MatchContributionRecord) *c = contribution_rec(r, &ids[0]);
	PB(ContributionChanged) f = PB_INIT(CONTRIBUTION_CHANGED);

	(void)state;
	for (size_t i = 0; i < SK_LEN(codes); i++) {
		f.contribution_id = c->contribution_id;
		f.request_id = c->request_id;
		f.need_id = c->need_id;
		f.partner = c->partner;
		f.pool = c->pool;
		f.version = c->version + 1;
		f.state = c->state;
		f.ground = c->ground;
		f.modality = (PB(Modality))codes[i];
		k.len = schakel__v1__contribution_changed__pack(&f, k.bytes);
		assert_int_equal(told_give(r, &k), i == 1);
	}
	world_free(r);
}

/** Words of the family on a request that is not known: they stay with intake. */
static void test_position_item_on_unknown_request_is_passed_over(void **state)
{
	struct rig *r = world_new();
	PB(PositionTaken) p = PB_INIT(POSITION_TAKEN);
	struct object_id id = req_id(1);
	struct kept k = { .peer = "intake", .table = "PositionTaken" };

	(void)state;
	p.request_id = object_id_data(&id);
	p.proposal_version = 1;
	p.voice = VOICE(AGREE);
	p.ground = GROUND(AGREED);
	k.len = schakel__v1__position_taken__pack(&p, k.bytes);
	assert_true(told_give(r, &k));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	demand_one(r, 1, 1, 1);
	assert_true(told_give(r, &k));
	assert_int_equal(seat(r, 1)->ground, GROUND(AGREED));
	PB(DemandClosed) d = PB_INIT(DEMAND_CLOSED);
	d.request_id = object_id_data(&id);
	(void)snprintf(k.table, sizeof(k.table), "DemandClosed");
	k.len = schakel__v1__demand_closed__pack(&d, k.bytes);
	assert_true(told_give(r, &k));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inventory_tells_each_peer_what_it_needs),
		cmocka_unit_test(test_inventory_goes_on_where_it_stopped),
		cmocka_unit_test(test_adopted_help_before_demand),
		cmocka_unit_test(test_adopted_team_before_demand),
		cmocka_unit_test(test_adopted_help_before_its_pool),
		cmocka_unit_test(test_adopted_state_of_known_help),
		cmocka_unit_test(test_adopted_help_beyond_the_staffing_goes_when_its_order_comes),
		cmocka_unit_test(test_adopted_interruption_takes_the_hands_along),
		cmocka_unit_test(test_adopted_help_of_an_ended_need_ends),
		cmocka_unit_test(test_versions_after_a_restore_are_above_all_before),
		cmocka_unit_test(test_position_on_an_adopted_team_with_other_seats_is_late),
		cmocka_unit_test(test_items_that_do_not_parse_are_set_aside),
		cmocka_unit_test(test_item_with_an_unknown_code_is_set_aside),
		cmocka_unit_test(test_position_item_on_unknown_request_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
