/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what is wished for inside the law: the child's choice, a partner that another one
 * named, brothers and sisters together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define APART(NAME) SCHAKEL__V1__APART_REASON__APART_REASON_##NAME

static struct pool_spec beds(const char *name, const char *partner, uint32_t staffed)
{
	return (struct pool_spec){
		.name = name, .partner = partner, .staffed = staffed, .modality = MODE(RESIDENTIAL)
	};
}

static struct demand_spec siblings(uint32_t request, size_t children)
{
	struct demand_spec d = { .request = request, .rank = request, .children = children };

	d.needs = children;
	for (size_t i = 0; i < children; i++) {
		d.child[i] = (struct child_spec){ .age = 8 };
		d.need[i] = (struct need_spec){ .number = request * 10 + (uint32_t)i,
						.child = (uint32_t)i };
	}
	return d;
}

static PB(Receipt) *not_ours(struct rig *r, const char *party, const struct object_id *id,
			     const char *suggests)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(AnswerAsk) a = PB_INIT(ANSWER_ASK);

	a.contribution_id = object_id_data(id);
	a.answer = ANSWER(NOT_OURS);
	a.suggests = (char *)(uintptr_t)suggests;
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	return rig_command(r, party, &m);
}

static bool told_apart(struct rig *r)
{
	const PB(Message) *m;
	bool apart = false;

	while ((m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED))) != NULL) {
		apart = false;
		for (size_t i = 0; i < m->team_proposed->n_seats; i++) {
			apart = apart || m->team_proposed->seats[i]->apart;
		}
	}
	return apart;
}

/* B1: two who live together go where both can stay, though each alone would be nearer to what they
 * prefer elsewhere: whatever the lottery says. */
static void test_siblings_stay_together_where_all_can(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 6; i++) {
		struct rig *r = world_new();
		struct demand_spec d = siblings(i, 2);
		struct pool_spec one = beds("one", "facility-a", 1);
		struct pool_spec other = beds("other", "facility-b", 1);
		struct pool_spec both = beds("both", "facility-c", 2);

		(void)put_pool(r, &one);
		(void)put_pool(r, &other);
		(void)put_pool(r, &both);
		d.preferred = "facility-a";
		assert_true(demand(r, &d));
		assert_string_equal(seat(r, i * 10)->pool, "both");
		assert_string_equal(seat(r, i * 10 + 1)->pool, "both");
		assert_false(told_apart(r));
		world_free(r);
	}
}

/* Never no help: when no pool can take all, each is helped alone, and it is told. */
static void test_siblings_are_helped_apart_when_nobody_takes_all(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = siblings(1, 2);
	struct pool_spec one = beds("one", "facility-a", 1);
	struct pool_spec other = beds("other", "facility-b", 1);

	(void)state;
	(void)put_pool(r, &one);
	(void)put_pool(r, &other);
	assert_true(demand(r, &d));
	assert_string_not_equal(seat(r, 10)->pool, seat(r, 11)->pool);
	assert_true(told_apart(r));
	rig_skip(r);
	world_free(r);
}

/* Together does not take help from another need of the request (coverage ranks before). */
static void test_siblings_together_takes_help_from_no_need(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = siblings(1, 2);
	struct pool_spec both = beds("both", "facility-a", 2);
	struct pool_spec other = beds("other", "facility-b", 1);

	(void)state;
	both.expertise_2 = 2;
	(void)put_pool(r, &both);
	(void)put_pool(r, &other);
	d.needs = 3;
	d.need[2] = (struct need_spec){ .number = 12, .expertise = 2 }; /* at "both" alone */
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 12)->pool, "both");
	assert_int_equal(seat(r, 10)->state, CSTATE(ASKED));
	assert_int_equal(seat(r, 11)->state, CSTATE(ASKED));
	world_free(r);
}

/* One of them, a court or a danger says otherwise: then nothing binds. */
static void test_siblings_said_apart_are_not_bound(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = siblings(1, 2);
	struct pool_spec first = beds("first", "facility-a", 1);
	struct pool_spec both = beds("both", "facility-b", 2);

	(void)state;
	(void)put_pool(r, &first);
	(void)put_pool(r, &both);
	d.preferred = "facility-a";
	d.child[1].apart = APART(DANGER);
	assert_true(demand(r, &d));
	bool one_preferred = strcmp(seat(r, 10)->pool, "first") == 0 ||
			     strcmp(seat(r, 11)->pool, "first") == 0;
	bool cheaper_apart = setting_spec[SETTING_COST_PREFERENCE].def >
			     setting_spec[SETTING_COST_PARTNER].def;
	assert_int_equal(one_preferred, cheaper_apart);
	assert_false(told_apart(r));
	world_free(r);
}

/* A brother or sister who comes later goes where the first one stays, if there is a place. */
static void test_later_sibling_joins_the_first(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = siblings(1, 2);
	struct pool_spec home = beds("home", "facility-a", 1);
	struct pool_spec other = beds("other", "facility-b", 3);

	(void)state;
	d.needs = 1;
	(void)put_pool(r, &home);
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 10)->pool, "home");
	(void)put_pool(r, &other);
	home.staffed = 3;
	(void)put_pool(r, &home);
	d.needs = 2;
	d.version = 2;
	d.preferred = "facility-b";
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 11)->pool, "home");
	world_free(r);
}

/* Who fitted as well is told, at most two, and none of them is the seat's own partner. */
static void test_team_tells_who_fits_as_well(void **state)
{
	static const char *const partner[] = { "facility-a", "facility-b", "facility-c",
					       "net-rits" };
	struct rig *r = world_new();
	const PB(TeamProposed) *t = NULL;
	const PB(Message) *m;

	(void)state;
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		(void)put_pool(r, &(struct pool_spec){ .name = partner[i],
						       .partner = partner[i],
						       .staffed = 1 });
	}
	demand_one(r, 1, 1, 1);
	while ((m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED))) != NULL) {
		t = m->team_proposed;
	}
	assert_non_null(t);
	assert_int_equal(t->n_alternatives, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_not_equal(t->alternatives[i]->partner, seat(r, 1)->partner);
	}
	world_free(r);
}

/* The child chooses: that partner is asked instead, the other one hears that it is not needed. */
static void test_choice_of_the_child_is_asked_first(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1 };

	(void)state;
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "a", .partner = "facility-a", .staffed = 1 });
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 1 });
	assert_true(demand(r, &d));
	char was[PARTY_ID_LEN_MAX + 1];
	(void)snprintf(was, sizeof(was), "%s", seat(r, 1)->partner);
	const char *other = strcmp(was, "facility-a") == 0 ? "facility-b" : "facility-a";
	struct object_id id = drive(r, 1, CSTATE(CAN));
	d.version = 2;
	d.choice_need = 1;
	d.choice = other;
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->partner, other);
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	/* The same choice told again changes nothing. */
	struct object_id now = cid(seat(r, 1));
	d.version = 3;
	assert_true(demand(r, &d));
	assert_memory_equal(cid(seat(r, 1)).b, now.b, OBJECT_ID_LEN);
	world_free(r);
}

/* L7: choosing takes no amount: a chosen partner that has none free changes nothing, and the need
 * keeps what it has. */
static void test_choice_without_amount_leaves_the_seat(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 2, .rank = 2, .needs = 1 };

	(void)state;
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 1 });
	demand_one(r, 1, 1, 1); /* takes it */
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "a", .partner = "facility-a", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id mine = cid(seat(r, 2));
	d.version = 2;
	d.choice_need = 2;
	d.choice = "facility-b";
	assert_true(demand(r, &d));
	assert_memory_equal(cid(seat(r, 2)).b, mine.b, OBJECT_ID_LEN);
	assert_string_equal(seat(r, 1)->pool, "b");
	world_free(r);
}

/* C5: "wij niet, wel misschien ..." is followed: who is named is asked next, though another would
 * cost less, and hears who named it. */
static void test_suggested_partner_is_asked_next(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .preferred = "facility-a" };

	(void)state;
	rig_set(r, SETTING_ASKS_AT_ONCE, 1); /* one after the other */
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "a", .partner = "facility-a", .staffed = 1 });
	assert_true(demand(r, &d));
	d.version = 2;
	d.preferred = "facility-b";
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 1 });
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "c", .partner = "facility-c", .staffed = 1 });
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 1));
	rig_skip(r);
	assert_int_equal(not_ours(r, "facility-a", &id, "facility-c")->outcome, OUT(ACCEPTED));
	assert_string_equal(seat(r, 1)->partner, "facility-c");
	assert_string_equal(rig_next_of(r, "facility-c", BODY(ASK))->ask->suggested_by, "facility-"
											"a");
	world_free(r);
}

/* Two who name each other: each is asked once, and the circle ends. */
static void test_suggestions_in_a_circle_end(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ASKS_AT_ONCE, 1);
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "a", .partner = "facility-a", .staffed = 1 });
	demand_one(r, 1, 1, 1);
	(void)put_pool(r,
		       &(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 1 });
	struct object_id id = cid(seat(r, 1));
	assert_int_equal(not_ours(r, "facility-a", &id, "facility-b")->outcome, OUT(ACCEPTED));
	id = cid(seat(r, 1));
	assert_string_equal(seat(r, 1)->partner, "facility-b");
	assert_int_equal(not_ours(r, "facility-b", &id, "facility-a")->outcome, OUT(ACCEPTED));
	assert_true(waits(r, 1));
	world_free(r);
}

static void test_suggesting_oneself_is_refused(void **state)
{
	struct rig *r = world_new();

	(void)state;
	(void)put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 });
	demand_one(r, 1, 1, 1);
	struct object_id id = cid(seat(r, 1));
	PB(Receipt) *no = not_ours(r, "facility-a", &id, "facility-a");
	assert_int_equal(no->code, REFUSE(CONTRADICTS));
	assert_string_equal(no->field, "suggests");
	world_free(r);
}

/* L12: no more names are kept than the bound; the oldest gives way. */
static void test_suggestions_are_bounded(void **state)
{
	static const char *const partner[] = { "facility-a",   "facility-b", "facility-c",
					       "net-westhoek", "net-rits",   "facility-b2" };
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ASKS_AT_ONCE, 1);
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		(void)put_pool(r, &(struct pool_spec){ .name = partner[i],
						       .partner = partner[i],
						       .staffed = 1 });
	}
	demand_one(r, 1, 1, 1);
	for (size_t i = 0; i < MATCH_SUGGESTIONS_MAX + 1; i++) {
		char was[PARTY_ID_LEN_MAX + 1];
		(void)snprintf(was, sizeof(was), "%s", seat(r, 1)->partner);
		struct object_id id = cid(seat(r, 1));
		const char *next = i % 2 == 0 ? "clb" : "police";
		assert_int_equal(not_ours(r, was, &id, next)->outcome, OUT(ACCEPTED));
		size_t want = i + 1 < MATCH_SUGGESTIONS_MAX ? i + 1 : MATCH_SUGGESTIONS_MAX;
		assert_int_equal(need_rec(r, 1)->n_suggested, want);
	}
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_siblings_stay_together_where_all_can),
		cmocka_unit_test(test_siblings_are_helped_apart_when_nobody_takes_all),
		cmocka_unit_test(test_siblings_together_takes_help_from_no_need),
		cmocka_unit_test(test_siblings_said_apart_are_not_bound),
		cmocka_unit_test(test_later_sibling_joins_the_first),
		cmocka_unit_test(test_team_tells_who_fits_as_well),
		cmocka_unit_test(test_choice_of_the_child_is_asked_first),
		cmocka_unit_test(test_choice_without_amount_leaves_the_seat),
		cmocka_unit_test(test_suggested_partner_is_asked_next),
		cmocka_unit_test(test_suggestions_in_a_circle_end),
		cmocka_unit_test(test_suggesting_oneself_is_refused),
		cmocka_unit_test(test_suggestions_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
