/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part four: amounts and the order at matching (L4, L7, L8, I8, I11).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_supply.h"

/* --- L4, I8, I11 --- */

static void test_laws_promise_beyond_staffing_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_seat(s, 1, 0, CONTRIB(ASKED));
	supply_demand(s, 0);
	assert_law(s->c, "L4");
	supply_free(s);
}

static void test_laws_staffing_taken_back_without_a_mark_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	s->pool.staffed = 0;
	case_begin(s->c);
	supply_publish(s);
	assert_law(s->c, "L4");
	supply_free(s);
}

static void test_laws_overcommitted_that_promises_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	s->pool.staffed = 5;
	s->pool.overcommitted = true;
	case_begin(s->c);
	supply_publish(s);
	assert_lawful(s->c);
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_seat(s, 1, 0, CONTRIB(ASKED));
	supply_demand(s, 0);
	assert_law(s->c, "L4");
	supply_free(s);
}

static void test_laws_first_ordered_let_go_first_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	s->pool.staffed = 2;
	case_begin(s->c);
	supply_publish(s);
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_seat(s, 1, 0, CONTRIB(ASKED));
	supply_demand(s, 0);
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_demand(s, 1);
	assert_lawful(s->c);
	case_begin(s->c);
	supply_put_ask(s, 1, 0, CONTRIB(RELEASED));
	s->need[0].n.seat_id = (ProtobufCBinaryData){ 0 };
	supply_put_need(s, 0);
	s->pool.promised = 1;
	s->pool.staffed = 1;
	s->pool.overcommitted = true;
	supply_publish(s);
	assert_law(s->c, "L4");
	supply_free(s);
}

static void test_laws_two_amounts_for_one_seat_are_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	s->pool.staffed = 2;
	s->pool.promised = 2;
	case_begin(s->c);
	supply_publish(s);
	assert_law(s->c, "I8");
	supply_free(s);
}

static void test_laws_standby_that_holds_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	case_begin(s->c);
	supply_put_ask(s, 1, 1, CONTRIB(ASKED));
	s->ask[1].standby = true;
	supply_put_ask(s, 1, 1, CONTRIB(ASKED));
	supply_answer(s);
	assert_law(s->c, "I8");
	supply_free(s);
}

static void test_laws_two_seats_are_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	s->pool.staffed = 2;
	case_begin(s->c);
	supply_publish(s);
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_seat(s, 1, 1, CONTRIB(ASKED));
	supply_demand(s, 1);
	assert_law(s->c, "I11");
	supply_free(s);
}

static void test_laws_free_published_over_a_hold_is_found(void **state)
{
	struct supply *s = supply_seated();
	PB(Event) e = PB_INIT(EVENT);
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL;
	e.pool = s->pool.pool;
	e.promised = 1;
	m.body_case = BODY(EVENT);
	m.event = &e;
	case_begin(s->c);
	case_emit(s->c, EVENTS_LOG, &m);
	supply_publish(s);
	assert_lawful(s->c);
	e.free = 1;
	case_begin(s->c);
	case_emit(s->c, EVENTS_LOG, &m);
	supply_publish(s);
	assert_law(s->c, "L4");
	supply_free(s);
}

static void test_laws_standby_kept_beside_a_won_seat_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	case_begin(s->c);
	supply_put_ask(s, 1, 1, CONTRIB(ASKED));
	s->ask[1].standby = true;
	s->ask[1].held = 0;
	supply_put_ask(s, 1, 1, CONTRIB(ASKED));
	supply_answer(s);
	assert_lawful(s->c);
	supply_moves(s, CONTRIB(CAN));
	assert_law(s->c, "DESIGN 5");
	supply_free(s);
}

/* --- L7, L8 --- */

static void test_laws_later_need_served_first_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	s->pool.staffed = 0;
	case_begin(s->c);
	supply_publish(s);
	for (size_t i = 0; i < SUPPLY_NEEDS; i++) {
		case_begin(s->c);
		supply_put_need(s, i);
		supply_demand(s, i);
		assert_lawful(s->c);
	}
	s->pool.staffed = 1;
	case_begin(s->c);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_publish(s);
	assert_law(s->c, "L7");
	supply_free(s);
}

static void test_laws_later_need_served_when_the_first_does_not_fit_is_lawful(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	s->need[0].fact.age_years = 19;
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_demand(s, 0);
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_demand(s, 1);
	assert_lawful(s->c);
	supply_free(s);
}

static void test_laws_idle_amount_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	case_begin(s->c);
	supply_publish(s);
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_demand(s, 0);
	assert_law(s->c, "L8");
	supply_free(s);
}

static void test_laws_amount_kept_by_a_rule_is_lawful(void **state)
{
	static const struct {
		bool paused, insured, unconfirmed, shut;
	} kept[] = {
		{ .paused = true }, { .insured = true }, { .unconfirmed = true }, { .shut = true }
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(kept); i++) {
		struct supply *s = supply_new();
		s->pool.paused = kept[i].paused;
		s->pool.insured = kept[i].insured;
		s->pool.unconfirmed = kept[i].unconfirmed;
		s->pool.shut = kept[i].shut;
		case_begin(s->c);
		supply_publish(s);
		case_begin(s->c);
		supply_put_need(s, 0);
		supply_demand(s, 0);
		assert_lawful(s->c);
		supply_free(s);
	}
}

static void test_laws_pass_put_off_needs_its_timer(void **state)
{
	struct supply *s = supply_new();
	PB(MatchPassRecord) pass = PB_INIT(MATCH_PASS_RECORD);
	struct object_id none = { { 0 } };
	struct key k = key_of_str("beds");

	(void)state;
	case_begin(s->c);
	case_put(s->c, M_PASS, &k, &pass);
	case_due(s->c, case_now(s->c), M_DUE_CHAIN, &none);
	supply_publish(s);
	case_begin(s->c);
	supply_put_need(s, 0);
	supply_demand(s, 0);
	assert_lawful(s->c);
	case_begin(s->c);
	case_undue(s->c, case_now(s->c), M_DUE_CHAIN, &none);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L8");
	supply_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_promise_beyond_staffing_is_found),
		cmocka_unit_test(test_laws_staffing_taken_back_without_a_mark_is_found),
		cmocka_unit_test(test_laws_overcommitted_that_promises_is_found),
		cmocka_unit_test(test_laws_first_ordered_let_go_first_is_found),
		cmocka_unit_test(test_laws_two_amounts_for_one_seat_are_found),
		cmocka_unit_test(test_laws_standby_that_holds_is_found),
		cmocka_unit_test(test_laws_two_seats_are_found),
		cmocka_unit_test(test_laws_free_published_over_a_hold_is_found),
		cmocka_unit_test(test_laws_standby_kept_beside_a_won_seat_is_found),
		cmocka_unit_test(test_laws_later_need_served_first_is_found),
		cmocka_unit_test(test_laws_later_need_served_when_the_first_does_not_fit_is_lawful),
		cmocka_unit_test(test_laws_idle_amount_is_found),
		cmocka_unit_test(test_laws_amount_kept_by_a_rule_is_lawful),
		cmocka_unit_test(test_laws_pass_put_off_needs_its_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
