/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: networks and their ends, decisions of the gate, houses that change their form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define REFUSE_AT(x, why, at)                                 \
	do {                                                  \
		const PB(Receipt) *ret = (x);                 \
		assert_int_equal(ret->outcome, OUT(REFUSED)); \
		assert_int_equal(ret->code, REFUSE(why));     \
		assert_string_equal(ret->field, (at));        \
	} while (0)
#define ACCESS_IS(NAME) SCHAKEL__V1__ACCESS__ACCESS_##NAME

static void demand_in(struct rig *r, uint32_t request, const char *network)
{
	struct demand_spec d = {
		.request = request, .network = network, .rank = request, .needs = 1
	};

	assert_true(demand(r, &d));
}

/* A1: three networks at once, one partner in all of them; a pool of one serves its cases alone. */
static void test_networks_live_beside_each_other(void **state)
{
	static const char *const name[] = { "kust", "stad", "land" };
	struct rig *r = world_new();

	(void)state;
	for (size_t i = 0; i < SK_LEN(name); i++) {
		ACCEPT(put_network(r, &(struct network_spec){ .name = name[i] }));
	}
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9, .network = "stad" }));
	demand_in(r, 1, "kust");
	demand_in(r, 2, "stad");
	demand_in(r, 3, "");
	assert_true(waits(r, 1));
	assert_false(waits(r, 2));
	assert_true(waits(r, 3));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(NO_EXPERTISE_IN_REACH));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 9 }));
	assert_false(waits(r, 1));
	assert_false(waits(r, 3));
	world_free(r);
}

/* C12: at its end a network's open cases are its successor's, and served from what that has. */
static void test_network_passes_its_open_cases_at_its_end(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + 5 * RIG_DAY_MS;

	(void)state;
	ACCEPT(put_network(r, &(struct network_spec){ .name = "land" }));
	ACCEPT(put_network(r, &(struct network_spec){ .name = "stad", .successor = "land" }));
	ACCEPT(put_network(r, &(struct network_spec){
				      .name = "kust", .until_ms = until, .successor = "stad" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1, .network = "stad" }));
	demand_in(r, 1, "kust");
	rig_advance(r, 5 * RIG_DAY_MS - 1);
	assert_true(waits(r, 1));
	assert_false(network_rec(r, "kust")->ended);
	rig_advance(r, 10);
	assert_true(network_rec(r, "kust")->ended);
	assert_false(waits(r, 1));
	assert_int_equal(rig_rows(r, T_NETWORK), 3); /* nothing is deleted */
	REFUSE_AT(put_network(r, &(struct network_spec){ .name = "kust" }), STATE, "network");
	world_free(r);
}

/* C12: without a successor it stays while it has open cases, and says so; then it ends. */
static void test_network_without_successor_stays_with_open_cases(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + 90 * RIG_DAY_MS;

	(void)state;
	ACCEPT(put_network(r, &(struct network_spec){ .name = "kust", .until_ms = until }));
	demand_in(r, 1, "kust");
	rig_advance(r, 90 * RIG_DAY_MS - 1);
	assert_int_equal(network_rec(r, "kust")->warned, 2); /* 60 and 14 days before */
	rig_advance(r, 10);
	assert_true(network_rec(r, "kust")->over);
	assert_false(network_rec(r, "kust")->ended);
	assert_true(demand_closed(r, 1, 1, 1, CLOSE(WITHDRAWN)));
	rig_advance(r, 15 * RIG_DAY_MS);
	assert_true(network_rec(r, "kust")->ended);
	world_free(r);
}

/* C12: heirs never lead back; only known ones are named; by whom is not for everybody. */
static void test_network_successor_is_never_cyclic(void **state)
{
	struct rig *r = world_new();

	(void)state;
	REFUSE_AT(put_network(r, &(struct network_spec){ .name = "kust", .successor = "kust" }),
		  UNKNOWN_OBJECT, "successor");
	ACCEPT(put_network(r, &(struct network_spec){ .name = "kust" }));
	REFUSE_AT(put_network(r, &(struct network_spec){ .name = "kust", .successor = "kust" }),
		  CONTRADICTS, "successor");
	ACCEPT(put_network(r, &(struct network_spec){ .name = "stad", .successor = "kust" }));
	ACCEPT(put_network(r, &(struct network_spec){ .name = "land", .successor = "stad" }));
	REFUSE_AT(put_network(r, &(struct network_spec){ .name = "kust", .successor = "land" }),
		  CONTRADICTS, "successor");
	const PB(Receipt) *ret =
		put_network(r, &(struct network_spec){ .name = "zee", .by = "facility-a" });
	assert_int_equal(ret->outcome, OUT(REFUSED));
	world_free(r);
}

/* A1, C12: a successor that has ended itself takes no cases over, and is named by nobody. */
static void test_network_successor_that_ended_takes_nothing(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + 90 * RIG_DAY_MS;

	(void)state;
	ACCEPT(put_network(r, &(struct network_spec){ .name = "stad", .until_ms = until }));
	ACCEPT(put_network(r, &(struct network_spec){ .name = "kust",
						      .until_ms = until + RIG_DAY_MS,
						      .successor = "stad" }));
	demand_in(r, 1, "kust");
	rig_advance(r, 90 * RIG_DAY_MS);
	assert_true(network_rec(r, "stad")->ended);
	rig_advance(r, 2 * RIG_DAY_MS);
	assert_false(network_rec(r, "kust")->ended); /* its case would be nobody's */
	assert_true(network_rec(r, "kust")->over);
	REFUSE_AT(put_network(r, &(struct network_spec){ .name = "land", .successor = "stad" }),
		  CONTRADICTS, "successor");
	world_free(r);
}

/* B16, C12: the ateliers of a network that ended run under its successor's cap. */
static void test_network_passes_its_ateliers(void **state)
{
	struct rig *r = world_new();
	uint64_t until = rig_now(r) + RIG_DAY_MS;

	(void)state;
	rig_set(r, SETTING_ATELIERS_MAX, 1);
	ACCEPT(put_network(r, &(struct network_spec){ .name = "stad" }));
	ACCEPT(put_network(r, &(struct network_spec){
				      .name = "kust", .until_ms = until, .successor = "stad" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 9, .school = true }));
	demand_in(r, 1, "kust");
	struct object_id id = cid(seat(r, 1));
	rig_advance(r, RIG_DAY_MS + 10);
	demand_in(r, 2, "stad");
	assert_true(waits(r, 2));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	assert_false(waits(r, 2));
	world_free(r);
}

/* --- access --- */

/* DOMAIN 4: a gated place is asked and prepared; agreed with the gate's number alone. */
static void test_gate_agrees_with_a_number_only(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "p", .staffed = 1, .access = ACCESS_IS(GATED) }));
	demand_one(r, 1, 1, 10);
	struct object_id id = drive(r, 1, CSTATE(CAN));
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	REFUSE_AT(start(r, "facility-a", &id, true), NO_GROUND, "gate");
	REFUSE_AT(put_gate(r, "facility-b", 1, 0), NOT_YOURS, "request_id");
	REFUSE_AT(put_gate(r, "clb", 1, rig_now(r) - 1), OUT_OF_RANGE, "until_ms");
	ACCEPT(put_gate(r, "clb", 1, 0));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(AGREED));
	world_free(r);
}

/* What was prepared in vain is not asked again before the number is there: ACCESS_PENDING. */
static void test_gate_without_number_is_not_asked_for_ever(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "p", .staffed = 1, .access = ACCESS_IS(GATED) }));
	demand_one(r, 1, 1, 10);
	(void)drive(r, 1, CSTATE(CAN));
	rig_advance(r, 6 * RIG_DAY_MS);
	assert_true(waits(r, 1));
	assert_int_equal(need_rec(r, 1)->shortfall, SHORTFALL(ACCESS_PENDING));
	ACCEPT(put_gate(r, "clb", 1, rig_now(r) + RIG_DAY_MS));
	assert_false(waits(r, 1));
	rig_advance(r, RIG_DAY_MS + 1);
	assert_string_equal(need_rec(r, 1)->gate_number, ""); /* its time is over */
	world_free(r);
}

/* A crisis starts without the gate, within its own term; a court place wants the order. */
static void test_gate_is_open_in_a_crisis_and_court_by_order(void **state)
{
	struct rig *r = world_new();
	struct demand_spec crisis = { .request = 1, .wait_class = CLASS(CRISIS), .step = 1 };
	struct demand_spec plain = { .request = 2, .needs = 1 };

	(void)state;
	crisis.needs = 1;
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "p", .staffed = 1, .access = ACCESS_IS(GATED) }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "q", .staffed = 1, .access = ACCESS_IS(COURT) }));
	assert_true(demand(r, &crisis));
	(void)drive(r, 1, CSTATE(AGREED));
	assert_int_equal(seat(r, 1)->state, CSTATE(AGREED));
	assert_true(demand(r, &plain));
	assert_true(waits(r, 2));
	plain.need[0] = (struct need_spec){ .version = 2, .by_order = true };
	assert_true(demand(r, &plain));
	assert_string_equal(seat(r, 2)->pool, "q");
	world_free(r);
}

/* DOMAIN 4: only as long as the crisis lasts: help of a short entry that outlived it wants the
 * gate's number like any other. */
static void test_gate_is_shut_again_after_the_crisis(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .wait_class = CLASS(CRISIS), .step = 1, .needs = 1 };

	(void)state;
	d.need[0].own_crisis = true;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p",
						.staffed = 1,
						.insured = true,
						.access = ACCESS_IS(GATED) }));
	assert_true(demand(r, &d));
	struct object_id id = drive(r, 1, CSTATE(CAN));
	d.wait_class = CLASS(ACTIVE);
	d.step = 0;
	d.version = 2;
	d.order_version = 2;
	d.need[0].version = 2;
	assert_true(demand(r, &d));
	assert_true(position(r, 1, request_rec(r, 1)->proposal_version, VOICE(AGREE)));
	assert_int_equal(contribution_rec(r, &id)->state, CSTATE(CAN));
	world_free(r);
}

/* DOMAIN 6: a crisis's own short entry is served from crisis and insured capacity alone. */
static void test_own_crisis_entry_takes_no_other_place(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .wait_class = CLASS(CRISIS), .step = 1, .needs = 1 };

	(void)state;
	d.need[0] = (struct need_spec){ .own_crisis = true };
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 1 }));
	assert_true(demand(r, &d));
	assert_true(waits(r, 1));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "q", .staffed = 1, .insured = true }));
	assert_string_equal(seat(r, 1)->pool, "q");
	assert_true(seat(r, 1)->from_insured);
	world_free(r);
}

/* --- conversions --- */

static void put_house(struct rig *r, uint32_t staffed, uint32_t most)
{
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "hours", .staffed = 0, .expertise = 2 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "beds",
						.staffed = staffed,
						.to_pool = "hours",
						.to_units = 3,
						.most = most }));
}

static const PB(FiguresView) *figures_converted(struct rig *r)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.kind = SCHAKEL__V1__FIGURE_KIND__FIGURE_KIND_CONVERTED;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	return rig_query(r, "coordinator", &m)->figures_view;
}

/* B7: one step, at the declared rate; never beyond the week's limit, never of what is promised. */
static void test_convert_keeps_to_rate_limit_and_promises(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_house(r, 4, 2);
	demand_one(r, 1, 1, 10);
	demand_one(r, 2, 2, 11);
	assert_true(waits(r, 2));
	REFUSE_AT(convert(r, "facility-b", "beds", "hours", 1), NOT_YOURS, "pool");
	REFUSE_AT(convert(r, "facility-a", "beds", "gone", 1), UNKNOWN_OBJECT, "to_pool");
	REFUSE_AT(convert(r, "facility-a", "beds", "hours", 3), TOO_MANY, "units");
	ACCEPT(convert(r, "facility-a", "beds", "hours", 1));
	assert_int_equal(pool_rec(r, "beds")->staffed, 3);
	assert_int_equal(pool_rec(r, "hours")->staffed, 3);
	assert_false(waits(r, 2)); /* what was made is given in the same step */
	ACCEPT(convert(r, "facility-a", "beds", "hours", 1));
	REFUSE_AT(convert(r, "facility-a", "beds", "hours", 1), TOO_MANY, "units");
	rig_advance(r, 7 * RIG_DAY_MS);
	ACCEPT(convert(r, "facility-a", "beds", "hours", 1));
	REFUSE_AT(convert(r, "facility-a", "beds", "hours", 1), NOT_STAFFED, "units"); /* L4 */
	const PB(FiguresView) *v = figures_converted(r);
	assert_true(v->n_rows > 0);
	assert_int_equal(v->rows[0]->count, 3); /* those that were refused are not counted */
	assert_int_equal(v->rows[0]->expertise, 2);
	world_free(r);
}

/* B7: what was converted this week counts under its own conversion, not under the place in the
 * list.
 */
static void test_convert_counts_by_what_it_becomes(void **state)
{
	struct rig *r = world_new();
	struct pool_spec beds = {
		.name = "beds", .staffed = 4, .to_pool = "hours", .to_units = 1, .most = 1
	};

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "hours", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "places", .staffed = 1 }));
	ACCEPT(put_pool(r, &beds));
	ACCEPT(convert(r, "facility-a", "beds", "hours", 1));
	ACCEPT(put_pool(r, &beds));
	REFUSE_AT(convert(r, "facility-a", "beds", "hours", 1), TOO_MANY, "units");
	beds.to_pool = "places";
	ACCEPT(put_pool(r, &beds));
	ACCEPT(convert(r, "facility-a", "beds", "places", 1));
	REFUSE_AT(convert(r, "facility-a", "beds", "places", 1), TOO_MANY, "units");
	world_free(r);
}

static const PB(ConversionsView) *ask_conversions(struct rig *r, const char *party)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryConversions) q = PB_INIT(QUERY_CONVERSIONS);

	m.body_case = BODY(QUERY_CONVERSIONS);
	m.query_conversions = &q;
	const PB(Message) *out = rig_query(r, party, &m);
	assert_int_equal(out->body_case, BODY(CONVERSIONS_VIEW));
	return out->conversions_view;
}

/* B7: proposed when it starts more children now, with the number of both; else not. */
static void test_conversions_are_proposed_when_they_start_more(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_house(r, 2, 0);
	assert_int_equal(ask_conversions(r, "facility-a")->n_items, 0);
	for (uint32_t i = 1; i <= 4; i++) {
		demand_one(r, i, 2, i);
	}
	const PB(ConversionsView) *v = ask_conversions(r, "facility-a");
	assert_int_equal(v->n_items, 1);
	assert_int_equal(v->items[0]->starts_now, 0);
	assert_int_equal(v->items[0]->starts_then, 4);
	assert_int_equal(v->items[0]->units, 2);
	assert_int_equal(ask_conversions(r, "facility-b")->n_items, 0);
	world_free(r);
}

/* --- what lacks --- */

/* B6: the smallest amount at one pool that would seat the need, all else being right. */
static void test_open_seat_names_the_single_extra_unit(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1 };

	(void)state;
	d.need[0] = (struct need_spec){ .intensity = 4 };
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "a", .unit = UNITS(HOURS_WEEK), .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.unit = UNITS(HOURS_WEEK),
						.staffed = 2 }));
	assert_true(demand(r, &d));
	const PB(OpenSeat) *o =
		rig_next_of(r, "intake", BODY(TEAM_PROPOSED))->team_proposed->open[0];
	assert_int_equal(o->one_more, 2);
	assert_string_equal(o->one_more_pool, "b");
	world_free(r);
}

/* A10: which need an offer changed for stays with the pool, and is told. */
static void test_pool_keeps_because_of_which_need(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1, .because = 3 }));
	assert_int_equal(pool_rec(r, "a")->because_expertise, 3);
	world_free(r);
}

/* B15: no figure per worker leaves the house, not to the coordinator either. */
static void test_workers_are_told_to_their_house_alone(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryWorkers) q = PB_INIT(QUERY_WORKERS);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	ACCEPT(put_worker(r, "facility-a", "a", &(struct worker_spec){ .number = 1, .cap = 2 }));
	q.pool = (char *)(uintptr_t) "a";
	m.body_case = BODY(QUERY_WORKERS);
	m.query_workers = &q;
	const PB(Message) *out = rig_query(r, "facility-a", &m);
	assert_int_equal(out->body_case, BODY(WORKERS_VIEW));
	assert_int_equal(out->workers_view->n_workers, 1);
	assert_int_equal(rig_query(r, "coordinator", &m)->body_case, BODY(RECEIPT));
	world_free(r);
}

/* L12: as many workers as a pool may state, and one past it. Who left and carries nothing gives
 * way, and what is said of who comes is above what was said of who left. */
static void test_workers_who_left_give_way(void **state)
{
	struct rig *r = world_new();
	struct worker_spec one = { .number = 1 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "p", .staffed = 3 }));
	for (uint32_t i = 1; i <= MATCH_WORKERS_MAX; i++) {
		one.number = i;
		ACCEPT(put_worker(r, "facility-a", "p", &one));
	}
	one.number++;
	REFUSE_AT(put_worker(r, "facility-a", "p", &one), TOO_MANY, "worker");
	one.number = 7;
	one.left = true;
	ACCEPT(put_worker(r, "facility-a", "p", &one));
	uint32_t version = worker_rec(r, "p", 7)->version;
	one = (struct worker_spec){ .number = MATCH_WORKERS_MAX + 1 };
	ACCEPT(put_worker(r, "facility-a", "p", &one));
	assert_true(worker_rec(r, "p", one.number)->version > version);
	assert_int_equal(pool_rec(r, "p")->workers, MATCH_WORKERS_MAX);
	one.number++;
	REFUSE_AT(put_worker(r, "facility-a", "p", &one), TOO_MANY, "worker");
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks_live_beside_each_other),
		cmocka_unit_test(test_network_passes_its_open_cases_at_its_end),
		cmocka_unit_test(test_network_without_successor_stays_with_open_cases),
		cmocka_unit_test(test_network_successor_is_never_cyclic),
		cmocka_unit_test(test_network_successor_that_ended_takes_nothing),
		cmocka_unit_test(test_network_passes_its_ateliers),
		cmocka_unit_test(test_gate_agrees_with_a_number_only),
		cmocka_unit_test(test_gate_without_number_is_not_asked_for_ever),
		cmocka_unit_test(test_gate_is_open_in_a_crisis_and_court_by_order),
		cmocka_unit_test(test_gate_is_shut_again_after_the_crisis),
		cmocka_unit_test(test_own_crisis_entry_takes_no_other_place),
		cmocka_unit_test(test_convert_keeps_to_rate_limit_and_promises),
		cmocka_unit_test(test_convert_counts_by_what_it_becomes),
		cmocka_unit_test(test_conversions_are_proposed_when_they_start_more),
		cmocka_unit_test(test_open_seat_names_the_single_extra_unit),
		cmocka_unit_test(test_pool_keeps_because_of_which_need),
		cmocka_unit_test(test_workers_are_told_to_their_house_alone),
		cmocka_unit_test(test_workers_who_left_give_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
