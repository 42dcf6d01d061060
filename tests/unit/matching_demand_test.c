/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what Demand may say, what an amendment does to asks, and what the shortfalls are
 * called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static void is_set_aside(struct rig *r, bool taken, PB(Refusal) code, const char *field)
{
	const char *at = NULL;

	assert_false(taken);
	assert_int_equal(rig_fault(r, &at), code);
	assert_string_equal(at, field);
}

static void test_demand_needs_at_their_bound(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = MATCH_NEEDS_MAX };

	(void)state;
	for (uint32_t i = 0; i <= MATCH_NEEDS_MAX; i++) {
		d.need[i].number = i + 1;
	}
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "pool-a", .staffed = 2 * MATCH_NEEDS_MAX }));
	assert_true(demand(r, &d));
	assert_int_equal(pool_rec(r, "pool-a")->promised, MATCH_NEEDS_MAX); /* ten by ten */
	d.needs = MATCH_NEEDS_MAX + 1;
	is_set_aside(r, demand(r, &d), REFUSE(TOO_MANY), "needs");
	world_free(r);
}

static void test_demand_refusals_name_the_field(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1 };

	(void)state;
	d.need[0].expertise = 64;
	d.need[0].intensity = MATCH_INTENSITY_MAX;
	assert_true(demand(r, &d));
	d.need[0].expertise = 65;
	is_set_aside(r, demand(r, &d), REFUSE(UNKNOWN_CODE), "needs[0].need.expertise");
	d.need[0].expertise = 1;
	d.need[0].intensity = MATCH_INTENSITY_MAX + 1;
	is_set_aside(r, demand(r, &d), REFUSE(OUT_OF_RANGE), "needs[0].need.intensity");
	d.need[0].intensity = 1;
	d.zone = "Not A Zone";
	is_set_aside(r, demand(r, &d), REFUSE(MALFORMED), "request.zone");
	d.zone = NULL;
	d.request = 2;
	d.need[0].number = 1; /* a need of request 1 */
	is_set_aside(r, demand(r, &d), REFUSE(CONTRADICTS), "needs[0].need.need_id");
	world_free(r);
}

/** Lists and ids of the raw message. */
static void test_demand_lists_at_their_bound(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Demand) d = PB_INIT(DEMAND);
	PB(RequestFact) f = PB_INIT(REQUEST_FACT);
	PB(DemandNeed) n = PB_INIT(DEMAND_NEED);
	PB(DemandNeed) *needs[] = { &n };
	struct object_id id = req_id(1);
	char *names[MATCH_EXCLUDED_MAX + 1];

	(void)state;
	for (size_t i = 0; i < SK_LEN(names); i++) {
		names[i] = (char *)(uintptr_t) "nl";
	}
	m.body_case = BODY(DEMAND);
	m.demand = &d;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(MALFORMED), "request.request_id");
	d.request = &f;
	f.request_id = object_id_data(&id);
	f.zone = (char *)(uintptr_t) "westhoek";
	f.request_version = 1;
	f.excluded_partners = f.preferred_partners = f.languages = names;
	f.n_excluded_partners = MATCH_EXCLUDED_MAX;
	f.n_preferred_partners = MATCH_PREFERRED_MAX;
	f.n_languages = MATCH_LANGUAGES_MAX;
	assert_true(rig_fact(r, "waitlist", &m));
	f.n_excluded_partners++;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(TOO_MANY), "request.excluded_partners");
	f.n_excluded_partners--;
	f.n_preferred_partners++;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(TOO_MANY),
		     "request.preferred_partners");
	f.n_preferred_partners--;
	f.n_languages++;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(TOO_MANY), "request.languages");
	f.n_languages--;
	d.needs = needs;
	d.n_needs = 1;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(MALFORMED), "needs[0].need.need_id");
	PB(NeedFact) fact = PB_INIT(NEED_FACT);
	fact.need_id = object_id_data(&id);
	fact.expertise = 1;
	n.need = &fact;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(UNKNOWN_CODE), "needs[0].order");
	world_free(r);
}

static void test_demand_closed_lists_at_their_bound(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(DemandClosed) d = PB_INIT(DEMAND_CLOSED);
	PB(NeedEnd) end[MATCH_NEEDS_MAX + 1];
	PB(NeedEnd) *ends[MATCH_NEEDS_MAX + 1];
	struct object_id ids[MATCH_NEEDS_MAX + 1];
	struct object_id request = req_id(1);

	(void)state;
	for (uint32_t i = 0; i < SK_LEN(end); i++) {
		schakel__v1__need_end__init(&end[i]);
		ids[i] = need_id(i);
		end[i].need_id = object_id_data(&ids[i]);
		end[i].need_version = 1;
		ends[i] = &end[i];
	}
	m.body_case = BODY(DEMAND_CLOSED);
	m.demand_closed = &d;
	d.needs = ends;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(MALFORMED), "request_id");
	d.request_id = object_id_data(&request);
	d.n_needs = MATCH_NEEDS_MAX + 1;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(TOO_MANY), "needs");
	d.n_needs = MATCH_NEEDS_MAX;
	assert_true(rig_fact(r, "waitlist", &m));
	assert_int_equal(rig_rows(r, T_NEED), MATCH_NEEDS_MAX); /* tombstones */
	end[0].need_id.len = 1;
	is_set_aside(r, rig_fact(r, "waitlist", &m), REFUSE(MALFORMED), "needs[0].need_id");
	world_free(r);
}

/** What was amended and does not fit the ask that runs: that one is let go; what is agreed stays.
 */
static void test_amendment_releases_asks_that_no_longer_fit(void **state)
{
	static const struct {
		const char *zone;
		uint32_t age;
		uint32_t intensity;
		uint32_t expertise;
		const char *excluded;
	} change[] = {
		{ "rits", 10, 1, 1, NULL },
		{ "westhoek", 20, 1, 1, NULL },
		{ "westhoek", 10, 2, 1, NULL },
		{ "westhoek", 10, 1, 2, NULL },
		{ "westhoek", 10, 1, 1, "facility-a" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * SK_LEN(change); i++) {
		struct rig *r = world_new();
		bool agreed = i >= SK_LEN(change);
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a",
							.unit = UNITS(HOURS_WEEK),
							.zone = "westhoek",
							.age_to = 15,
							.staffed = 1 }));
		demand_one(r, 1, 1, 100);
		struct object_id id = drive(r, 1, agreed ? CSTATE(AGREED) : CSTATE(ASKED));
		size_t c = i % SK_LEN(change);
		struct demand_spec d = { .request = 1,
					 .version = 2,
					 .rank = 100,
					 .zone = change[c].zone,
					 .age = change[c].age,
					 .excluded = change[c].excluded,
					 .needs = 1 };
		d.need[0].version = 2;
		d.need[0].intensity = change[c].intensity;
		d.need[0].expertise = change[c].expertise;
		assert_true(demand(r, &d));
		assert_int_equal(contribution_rec(r, &id)->state,
				 agreed ? CSTATE(AGREED) : CSTATE(RELEASED));
		assert_int_equal(waits(r, 1), !agreed);
		world_free(r);
	}
}

/** The most that one message of waitlist can set moving fits in one step: all needs, all asks. What
 *  a step does not give goes on in the next ones, in the order. */
static void test_amendment_of_all_needs_fits_in_one_step(void **state)
{
	static const char *const partners[] = { "facility-a", "facility-b", "facility-c" };
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = MATCH_NEEDS_MAX };

	(void)state;
	for (size_t i = 0; i < SK_LEN(partners); i++) {
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = partners[i],
							.partner = partners[i],
							.unit = UNITS(HOURS_WEEK),
							.staffed = 400 }));
	}
	for (uint32_t version = 1; version <= 3; version++) {
		d.version = version;
		for (uint32_t i = 0; i < MATCH_NEEDS_MAX; i++) {
			d.need[i] = (struct need_spec){ .number = i + 1,
							.version = version,
							.intensity = version };
		}
		assert_true(demand(r, &d));
		if (version == 1) {
			/* The first have two stand-bys each, those behind them their seat. */
			assert_int_equal(rig_rows(r, T_NEED_LIVE),
					 MATCH_STEP_ASKS_MAX + MATCH_NEEDS_MAX -
						 MATCH_STEP_ASKS_MAX / SK_LEN(partners));
		}
		for (uint32_t i = 0; i < MATCH_NEEDS_MAX / MATCH_STEP_SEATS_MAX; i++) {
			rig_advance(r, 1);
		}
		for (uint32_t i = 1; i <= MATCH_NEEDS_MAX; i++) {
			assert_int_equal(seat(r, i)->amount, version);
		}
		assert_int_equal(rig_rows(r, T_PASS), 0);
	}
	for (size_t i = 0; i < SK_LEN(partners); i++) {
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = partners[i],
							.partner = partners[i],
							.staffed = 0 }));
	}
	rig_advance(r, 1);
	assert_int_equal(rig_rows(r, T_POOL_HOLD), 0);
	world_free(r);
}

/** The partner restated its uses: what it was asked before still stands. */
static void test_amendment_keeps_asks_of_restated_uses(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = {
		.request = 1, .version = 2, .rank = 100, .needs = 1, .need = { { .version = 2 } }
	};

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1, .expertise = 7 }));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(ASKED));
	assert_true(demand(r, &d));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(RELEASED));
	world_free(r);
}

static void test_shortfalls_are_named(void **state)
{
	struct rig *r = world_new();
	static const struct {
		uint32_t expertise;
		PB(Shortfall) want;
	} rows[] = {
		{ 9, SHORTFALL(NO_EXPERTISE_IN_REACH) }, { 2, SHORTFALL(ACCESS_PENDING) },
		{ 3, SHORTFALL(NO_CAPACITY) },           { 4, SHORTFALL(UNCONFIRMED_ONLY) },
		{ 5, SHORTFALL(YOUTH_DECLINED) },        { 6, SHORTFALL(TEAM_LIMIT) },
	};
	struct demand_spec d = { .request = 1, .excluded = "facility-c", .needs = 7 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "four", .staffed = 1, .expertise = 4 }));
	rig_advance(r, 30 * RIG_DAY_MS);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "two",
						.staffed = 1,
						.expertise = 2,
						.access = SCHAKEL__V1__ACCESS__ACCESS_COURT }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "three", .staffed = 0, .expertise = 3 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "five",
						.partner = "facility-c",
						.staffed = 1,
						.expertise = 5 }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "six", .partner = "facility-b", .staffed = 1, .expertise = 6 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "one", .staffed = 1 }));
	rig_set(r, SETTING_TEAM_MAX, 1);
	d.need[0] = (struct need_spec){ .number = 1, .expertise = 1 };
	for (uint32_t i = 0; i < SK_LEN(rows); i++) {
		d.need[i + 1] =
			(struct need_spec){ .number = i + 2, .expertise = rows[i].expertise };
	}
	assert_true(demand(r, &d));
	assert_false(waits(r, 1)); /* a partial team: start what can start */
	for (uint32_t i = 0; i < SK_LEN(rows); i++) {
		assert_int_equal(need_rec(r, i + 2)->shortfall, rows[i].want);
	}
	const PB(Message) *m = rig_next_of(r, "waitlist", BODY(TEAM_PROPOSED));
	assert_int_equal(m->team_proposed->n_open, SK_LEN(rows));
	assert_int_equal(m->team_proposed->open[2]->in_reach, 1);
	assert_int_equal(m->team_proposed->open[2]->confirmed, 1);
	assert_int_equal(m->team_proposed->open[2]->with_amount, 0);
	world_free(r);
}

/** What changes more in a life, and who is not preferred, costs more; the preferred one is chosen.
 */
static void test_costs_choose_between_what_covers_alike(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .preferred = "facility-b", .needs = 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "stay", .staffed = 1, .modality = MODE(RESIDENTIAL) }));
	demand_one(r, 2, 1, 50);
	assert_int_equal(seat(r, 2)->n_costs, 2);
	assert_int_equal(seat(r, 2)->costs[1]->kind, COST(LIFE_CHANGE));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "home",
						.partner = "facility-c",
						.staffed = 1,
						.modality = MODE(MOBILE) }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "near", .partner = "facility-b", .staffed = 1 }));
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->pool, "near");
	const PB(MatchContributionRecord) *other = standby_at(r, 1, "home");
	assert_non_null(other);
	assert_int_equal(other->costs[1]->kind, COST(PREFERENCE));
	world_free(r);
}

/* D6: first-line psychology, a consult at a time. */
static void test_first_line_psychology_is_given_per_consult(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1 };

	(void)state;
	d.need[0] = (struct need_spec){ .expertise = 19, .intensity = 2 };
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "p", .unit = UNITS(CONSULT), .expertise = 19, .staffed = 3 }));
	assert_true(demand(r, &d));
	assert_false(waits(r, 1));
	assert_int_equal(pool_rec(r, "p")->promised, 2);
	d.request = 2;
	assert_true(demand(r, &d));
	assert_true(waits(r, 2)); /* one consult is left */
	world_free(r);
}

/* C8: a team says by which version of the rules it was composed. */
static void test_team_says_the_version_of_the_rules(void **state)
{
	struct rig *r = world_new();

	(void)state;
	demand_one(r, 1, 1, 10);
	const PB(Message) *m = rig_next_of(r, "intake", BODY(TEAM_PROPOSED));
	assert_int_equal(m->team_proposed->rules_version, 1); /* of the rig's configuration */
	world_free(r);
}

/* A14, B17: a rule that is named to stand in the way is what an open seat lacks, with its signal,
 * in the proposal and in the explanation; what was found when it was composed stays beside it. */
static void test_open_seat_names_the_rule_that_blocks(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .blocks = 1 };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	(void)put_pool(r, &(struct pool_spec){ .name = "full", .staffed = 1, .used = 1 });
	assert_true(demand(r, &d));
	const PB(Message) *m = rig_next_of(r, "waitlist", BODY(TEAM_PROPOSED));
	const PB(OpenSeat) *open = m->team_proposed->open[0];
	assert_int_equal(open->shortfall, SHORTFALL(RULE_BLOCKS));
	assert_int_equal(open->signal_id.len, OBJECT_ID_LEN);
	assert_int_equal(open->in_reach, 1);
	assert_int_equal(open->one_more, 1);
	d.version = 2;
	d.blocks = 0;
	assert_true(demand(r, &d));
	m = rig_next_of(r, "waitlist", BODY(TEAM_PROPOSED));
	open = m->team_proposed->open[0];
	assert_int_equal(open->shortfall, SHORTFALL(NO_CAPACITY));
	assert_int_equal(open->signal_id.len, 0);
	world_free(r);
}

/* L12: rules of one request, at the limit and one past it. */
static void test_demand_with_too_many_rules_is_refused(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .blocks = MATCH_BLOCKS_MAX };

	(void)state;
	d.need[0] = (struct need_spec){ .number = 1 };
	assert_true(demand(r, &d));
	d.version = 2;
	d.blocks = MATCH_BLOCKS_MAX + 1;
	assert_false(demand(r, &d));
	assert_int_equal(rig_fault(r, NULL), REFUSE(TOO_MANY));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_demand_needs_at_their_bound),
		cmocka_unit_test(test_demand_refusals_name_the_field),
		cmocka_unit_test(test_demand_lists_at_their_bound),
		cmocka_unit_test(test_demand_closed_lists_at_their_bound),
		cmocka_unit_test(test_amendment_releases_asks_that_no_longer_fit),
		cmocka_unit_test(test_amendment_of_all_needs_fits_in_one_step),
		cmocka_unit_test(test_amendment_keeps_asks_of_restated_uses),
		cmocka_unit_test(test_shortfalls_are_named),
		cmocka_unit_test(test_first_line_psychology_is_given_per_consult),
		cmocka_unit_test(test_team_says_the_version_of_the_rules),
		cmocka_unit_test(test_costs_choose_between_what_covers_alike),
		cmocka_unit_test(test_open_seat_names_the_rule_that_blocks),
		cmocka_unit_test(test_demand_with_too_many_rules_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
