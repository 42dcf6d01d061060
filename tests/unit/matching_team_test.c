/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what is said with a team and its asks: network, period, rules; asks of one round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define WEEK_MS (7 * RIG_DAY_MS)

static PB(Event) *next_event(struct rig *r, PB(EventKind) kind)
{
	PB(Message) *m;

	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		if (m->event->kind == kind) {
			return m->event;
		}
	}
	return NULL;
}

static void demand_in(struct rig *r, uint32_t request, const char *network)
{
	struct demand_spec d = { .request = request, .network = network, .needs = 1 };

	assert_true(demand(r, &d));
}

/* A1: what is told of a team and of help says whose case it is; after the end of that network its
 * successor's. A case of no network says none. */
static void test_events_carry_the_network(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + RIG_DAY_MS;

	(void)state;
	ACCEPT(put_network(r, &(struct network_spec){ .name = "land" }));
	ACCEPT(put_network(r, &(struct network_spec){
				      .name = "kust", .until_ms = until, .successor = "land" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	rig_skip(r);
	demand_in(r, 1, "kust");
	assert_string_equal(next_event(r, EVENT(TEAM))->network, "kust");
	assert_string_equal(next_event(r, EVENT(CONTRIBUTION))->network, "kust");
	rig_skip(r);
	demand_in(r, 2, "");
	assert_string_equal(next_event(r, EVENT(TEAM))->network, "");
	rig_advance(r, 2 * RIG_DAY_MS);
	rig_skip(r);
	(void)drive(r, 1, CSTATE(CAN));
	assert_string_equal(next_event(r, EVENT(CONTRIBUTION))->network, "land");
	world_free(r);
}

/* A10: an offer that changes because of a need says of which: the event names expertise and zone.
 */
static void test_event_of_an_offer_says_because_of_which_need(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1 }));
	assert_int_equal(next_event(r, EVENT(POOL))->expertise, 0);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 2, .because = 3 }));
	const PB(Event) *e = next_event(r, EVENT(POOL));
	assert_int_equal(e->expertise, 3);
	assert_string_equal(e->zone, "rits");
	world_free(r);
}

static PB(TeamProposed) *next_team(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));

	return m == NULL ? NULL : m->team_proposed;
}

/* B4: a team has a period of its own: from its first seat on, to when the longest of its help is
 * meant to last; a seat that comes later does not move its beginning; without a seat it has none.
 */
static void test_team_has_a_period(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 2 };
	uint64_t from = rig_now(r);

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1, .weeks = 4 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2, .weeks = 12 };
	assert_true(demand(r, &d));
	assert_true(next_team(r)->from_ms == 0);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	const PB(TeamProposed) *t = next_team(r);
	assert_true(t->from_ms >= from);
	from = t->from_ms;
	assert_true(t->until_ms == civil_add_days_local(from, 28));
	rig_advance(r, RIG_DAY_MS);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b", .staffed = 1, .expertise = 2 }));
	t = next_team(r);
	assert_true(t->from_ms == from);
	assert_true(t->until_ms == civil_add_days_local(from, 84));
	world_free(r);
}

static void gives_back(struct rig *r, const char *partner, uint32_t need)
{
	struct object_id id = cid(seat(r, need));

	ACCEPT(answer(r, partner, &id, ANSWER(CAN)));
	ACCEPT(simple(r, partner, BODY(TAKE_BACK), &id));
}

/* One lead at every moment: who has the most seats, of equals who has the first need; when the lead
 * leaves the next one in the same step, and nobody once nobody sits. */
static void test_team_has_one_lead_also_after_the_lead_leaves(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 3 };

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		d.need[i] = (struct need_spec){ .number = i + 1, .expertise = i + 1 };
	}
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.staffed = 2,
						.expertise = 2,
						.expertise_2 = 3 }));
	assert_true(demand(r, &d));
	const PB(TeamProposed) *t = next_team(r);
	assert_int_equal(t->n_seats, 3);
	assert_string_equal(t->lead, "facility-b");
	gives_back(r, "facility-b", 3);
	t = next_team(r);
	assert_int_equal(t->n_seats, 2);
	assert_string_equal(t->lead, "facility-a");
	gives_back(r, "facility-a", 1);
	t = next_team(r);
	assert_int_equal(t->n_seats, 1);
	assert_string_equal(t->lead, "facility-b");
	gives_back(r, "facility-b", 2);
	t = next_team(r);
	assert_int_equal(t->n_seats, 0);
	assert_string_equal(t->lead, "");
	world_free(r);
}

/* C8: an ask, and what becomes of it, say by which rules it was decided, also when these have
 * changed since; what is asked later says the later ones. */
static void test_asks_say_the_version_of_the_rules(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_conf(r)->rules_version = 7;
	rig_config(r);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 2 }));
	demand_in(r, 1, "");
	assert_int_equal(rig_next_of(r, "facility-a", BODY(ASK))->ask->rules_version, 7);
	rig_conf(r)->rules_version = 8;
	rig_config(r);
	rig_skip(r);
	(void)drive(r, 1, CSTATE(CAN));
	const PB(Message) *m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	assert_int_equal(m->contribution_changed->rules_version, 7);
	assert_int_equal(next_event(r, EVENT(CONTRIBUTION))->rules_version, 7);
	demand_in(r, 2, "");
	m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	assert_int_equal(m->contribution_changed->rules_version, 8);
	world_free(r);
}

static void say_no(struct rig *r)
{
	struct object_id id = cid(seat(r, 1));
	char who[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(who, sizeof(who), "%s", seat(r, 1)->partner);
	ACCEPT(answer(r, who, &id, ANSWER(NOT_OURS)));
}

/* C4: as many asks as are set make a round; the one after them is the first of the next, and the
 * round that was full is a miss of the network, told with that ask. */
static void test_round_of_asks_at_and_past_its_bound(void **state)
{
	static const char *const partner[] = { "facility-a", "facility-b", "facility-c", "net-rits",
					       "net-westhoek" };
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ASKS_PER_ROUND, 4);
	for (size_t i = 0; i < SK_LEN(partner); i++) {
		(void)put_pool(r, &(struct pool_spec){ .name = partner[i],
						       .partner = partner[i],
						       .staffed = 1 });
	}
	demand_one(r, 1, 1, 1);
	assert_int_equal(need_rec(r, 1)->round_asks, 3); /* a seat and two beside it */
	say_no(r);
	assert_int_equal(need_rec(r, 1)->round_asks, 4);
	assert_int_equal(need_rec(r, 1)->miss, 0);
	rig_skip(r);
	say_no(r);
	assert_int_equal(need_rec(r, 1)->round_asks, 1);
	assert_int_equal(need_rec(r, 1)->round, 1);
	assert_int_equal(need_rec(r, 1)->miss, 1);
	const PB(Message) *m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	while (m != NULL && m->contribution_changed->round != 2) {
		m = rig_next_of(r, "waitlist", BODY(CONTRIBUTION_CHANGED));
	}
	assert_non_null(m);
	assert_int_equal(m->contribution_changed->miss, 1);
	assert_int_equal(m->contribution_changed->state, CSTATE(ASKED));
	for (size_t i = 0; i < 3; i++) {
		say_no(r);
	}
	assert_true(waits(r, 1)); /* nobody is left: the second round is over, too */
	assert_int_equal(need_rec(r, 1)->miss, 2);
	assert_int_equal(need_rec(r, 1)->round_asks, 0);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_events_carry_the_network),
		cmocka_unit_test(test_event_of_an_offer_says_because_of_which_need),
		cmocka_unit_test(test_team_has_a_period),
		cmocka_unit_test(test_team_has_one_lead_also_after_the_lead_leaves),
		cmocka_unit_test(test_asks_say_the_version_of_the_rules),
		cmocka_unit_test(test_round_of_asks_at_and_past_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
