/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part one: delivery, recovery, its calendar. Each test shows that what
 * breaks a law is found, and that the lawful twin of it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_case.h"

static void setup_message(PB(Message) *m, PB(ClockAccept) *body)
{
	schakel__v1__message__init(m);
	schakel__v1__clock_accept__init(body);
	m->body_case = BODY(CLOCK_ACCEPT);
	m->clock_accept = body;
}

static void test_laws_message_applied_twice_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);
	PB(ClockAccept) body;
	PB(Message) m;

	(void)state;
	setup_message(&m, &body);
	case_begin(c);
	case_apply(c, "operator", &m);
	assert_lawful(c);
	case_again(c);
	assert_law(c, "I2");
	case_free(c);
}

static void test_laws_refusal_that_writes_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);
	struct object_id id = case_id(1);
	PB(ClockAccept) body;
	PB(Message) m;

	(void)state;
	setup_message(&m, &body);
	case_begin(c);
	case_outcome(c, OUTCOME_IS(REFUSED));
	case_apply(c, "operator", &m);
	assert_lawful(c);
	case_begin(c);
	case_outcome(c, OUTCOME_IS(REFUSED));
	case_due(c, case_now(c), I_DUE_PARKED, &id);
	case_apply(c, "operator", &m);
	assert_law(c, "DESIGN 2");
	case_free(c);
}

static void entry_comes(struct law_case *c, uint64_t stride)
{
	PB(EndAsked) body = PB_INIT(END_ASKED);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(END_ASKED);
	m.end_asked = &body;
	case_begin(c);
	case_stride(c, stride);
	case_apply(c, "matching", &m);
}

static void test_laws_entry_left_out_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);

	(void)state;
	entry_comes(c, 1);
	assert_lawful(c);
	entry_comes(c, 2);
	assert_law(c, "I3");
	case_free(c);
}

static void test_laws_entry_without_cursor_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);

	(void)state;
	entry_comes(c, 0);
	assert_law(c, "I1");
	case_free(c);
}

static void test_laws_entry_that_nobody_wrote_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);

	(void)state;
	case_laws(c)->d[LAWS_MATCHING].was_restored = false;
	entry_comes(c, 1);
	assert_law(c, "I1");
	case_free(c);
}

static void test_laws_time_that_falls_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_WAITLIST);

	(void)state;
	case_advance(c, 1000);
	case_begin(c);
	case_apply(c, "", NULL);
	assert_lawful(c);
	case_advance(c, (uint64_t)-1);
	case_begin(c);
	case_apply(c, "", NULL);
	assert_law(c, "I30");
	case_free(c);
}

static void test_laws_lost_acknowledgement_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);
	PB(ClockAccept) body;
	PB(Message) m;

	(void)state;
	setup_message(&m, &body);
	case_begin(c);
	case_apply(c, "operator", &m);
	laws_acknowledged(case_laws(c), LAWS_INTAKE, case_sequence(c));
	case_restart(c, case_sequence(c));
	assert_lawful(c);
	case_restart(c, case_sequence(c) - 1);
	assert_law(c, "L1");
	case_free(c);
}

static void test_laws_old_copy_may_lack_an_acknowledgement(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);
	PB(ClockAccept) body;
	PB(Message) m;

	(void)state;
	setup_message(&m, &body);
	case_begin(c);
	case_apply(c, "operator", &m);
	laws_acknowledged(case_laws(c), LAWS_INTAKE, case_sequence(c));
	laws_old_copy(case_laws(c), LAWS_INTAKE);
	case_restart(c, case_sequence(c) - 1);
	assert_lawful(c);
	case_free(c);
}

static void test_laws_acknowledgement_of_nothing_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_INTAKE);

	(void)state;
	case_begin(c);
	case_apply(c, "", NULL);
	laws_acknowledged(case_laws(c), LAWS_INTAKE, case_sequence(c) + 1);
	assert_law(c, "L1");
	case_free(c);
}

static void test_laws_row_beside_the_effects_is_found(void **state)
{
	struct law_case *c = case_new(LAWS_WAITLIST);
	struct object_id id = case_id(1);

	(void)state;
	case_look(c);
	assert_lawful(c);
	case_begin(c);
	case_due(c, case_now(c) + 1, W_DUE_REVIEW, &id);
	/* Applied with the row in the store and not in the effects. */
	case_hide(c);
	case_apply(c, "", NULL);
	case_look(c);
	assert_law(c, "I19");
	case_free(c);
}

static uint64_t local_ms(int64_t days, uint64_t hours)
{
	return (uint64_t)days * LAWS_DAY_MS + hours * CASE_HOUR_MS;
}

/* Days since 1970: 2026-01-31 is 20484, 2026-02-28 20512, 2026-03-28 20540, 2026-04-28 20571,
 * 2028-01-31 21214, 2028-02-29 21243, 2026-10-25 20751, 2026-11-25 20782. */
static void test_laws_month_ends_on_the_last_day(void **state)
{
	(void)state;
	assert_int_equal(law_month_later(local_ms(20484, 12), 1), local_ms(20512, 23) - 1);
	assert_int_equal(law_month_later(local_ms(21214, 12), 1), local_ms(21243, 23) - 1);
	assert_int_equal(law_month_later(local_ms(20512, 12), 1), local_ms(20540, 23) - 1);
	/* Into summer time and out of it. */
	assert_int_equal(law_month_later(local_ms(20540, 12), 1), local_ms(20571, 22) - 1);
	assert_int_equal(law_month_later(local_ms(20751, 12), 1), local_ms(20782, 23) - 1);
	/* 23:30 UTC is the next day already. */
	assert_int_equal(law_month_later(local_ms(20511, 23) + 1800000, 1),
			 local_ms(20540, 23) - 1);
	assert_int_equal(law_month_later(local_ms(20484, 12), 13), local_ms(20512 + 365, 23) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_message_applied_twice_is_found),
		cmocka_unit_test(test_laws_refusal_that_writes_is_found),
		cmocka_unit_test(test_laws_entry_left_out_is_found),
		cmocka_unit_test(test_laws_entry_without_cursor_is_found),
		cmocka_unit_test(test_laws_entry_that_nobody_wrote_is_found),
		cmocka_unit_test(test_laws_time_that_falls_is_found),
		cmocka_unit_test(test_laws_lost_acknowledgement_is_found),
		cmocka_unit_test(test_laws_old_copy_may_lack_an_acknowledgement),
		cmocka_unit_test(test_laws_acknowledgement_of_nothing_is_found),
		cmocka_unit_test(test_laws_row_beside_the_effects_is_found),
		cmocka_unit_test(test_laws_month_ends_on_the_last_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
