/* SPDX-License-Identifier: EUPL-1.2 */
/* L5, ground (b): what stands under a number is made wider only when that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"

#define NUMBER "2026/7"

static struct order of(struct story *st, uint32_t child, size_t need)
{
	return (struct order){ NUMBER, child, need, 0, rig_now(st->r) + RIG_DAY_MS, false };
}

static const PB(CourtOrderView) *stands(struct story *st)
{
	return view(st, "contactpoint")->orders[0];
}

/** Said under the number of a note of @p was: refused at @p field, and what was noted stands; then
 *  said to be wider. */
static void assert_wider(struct rig *r, struct order was, struct order now, const char *field)
{
	struct story st = story_two(r, seats_plain);

	was.until_ms = now.until_ms = rig_now(r) + RIG_DAY_MS;
	ACCEPTED(say_order(&st, "contactpoint", was));
	const PB(Receipt) *no = say_order(&st, "court", now);
	assert_int_equal(no->code, REFUSAL(CONTRADICTS));
	assert_string_equal(no->field, field);
	assert_true(stands(&st)->unconfirmed);
	assert_int_equal(stands(&st)->n_children, was.child == ALL_CHILDREN ? 0 : 1);
	assert_int_equal(stands(&st)->n_need_ids, was.need == ALL_NEEDS ? 0 : 1);
	assert_string_equal(told_text(&st), "");
	ACCEPTED(say_wider_order(&st, "court", now));
	assert_false(stands(&st)->unconfirmed);
	assert_int_equal(stands(&st)->n_children, now.child == ALL_CHILDREN ? 0 : 1);
}

static void assert_no_wider(struct rig *r, struct order was, struct order now)
{
	struct story st = story_two(r, seats_plain);

	was.until_ms = now.until_ms = rig_now(r) + RIG_DAY_MS;
	ACCEPTED(say_order(&st, "contactpoint", was));
	ACCEPTED(say_order(&st, "court", now));
	assert_false(stands(&st)->unconfirmed);
	assert_int_equal(stands(&st)->n_children, now.child == ALL_CHILDREN ? 0 : 1);
}

/* L5 (b), B1: a court that confirms a note about one child, and leaves the child out, does not
 * order help for the others by it. */
static void test_order_is_not_made_wider_unsaid(void **state)
{
	const struct order all = { NUMBER, ALL_CHILDREN, ALL_NEEDS, 0, 0, false };
	const struct order first = { NUMBER, 0, ALL_NEEDS, 0, 0, false };
	const struct order second = { NUMBER, 1, ALL_NEEDS, 0, 0, false };
	const struct order need = { NUMBER, 0, 0, 0, 0, false };
	const struct order other_need = { NUMBER, ALL_CHILDREN, 1, 0, 0, false };

	assert_wider(*state, first, all, "children");
	assert_wider(*state, first, second, "children");
	assert_wider(*state, first, other_need, "need_ids[0]");
	assert_wider(*state, need, all, "need_ids");
	assert_wider(*state, need, first, "need_ids");
	assert_wider(*state, need, other_need, "need_ids[0]");
}

/* The same scope, or less of it, is what a court confirms or corrects. */
static void test_order_within_its_scope_is_taken(void **state)
{
	const struct order all = { NUMBER, ALL_CHILDREN, ALL_NEEDS, 0, 0, false };
	const struct order first = { NUMBER, 0, ALL_NEEDS, 0, 0, false };
	const struct order need = { NUMBER, 0, 0, 0, 0, false };
	const struct order same_need = { NUMBER, ALL_CHILDREN, 0, 0, 0, false };

	assert_no_wider(*state, all, all);
	assert_no_wider(*state, all, first);
	assert_no_wider(*state, all, need);
	assert_no_wider(*state, first, first);
	assert_no_wider(*state, first, need);
	assert_no_wider(*state, first, same_need);
	assert_no_wider(*state, need, same_need);
}

/* Not the court's own order either, nor a note that has ended, nor by whoever wrote it; an end, and
 * a later date, are no wider scope. */
static void test_order_that_stands_is_not_made_wider_unsaid(void **state)
{
	struct rig *r = *state;
	struct story st = story_two(r, seats_plain);
	struct order end = { NUMBER, ALL_CHILDREN, ALL_NEEDS, 0, 0, true };

	ACCEPTED(say_order(&st, "contactpoint", of(&st, 0, ALL_NEEDS)));
	REFUSED(say_order(&st, "contactpoint", of(&st, ALL_CHILDREN, ALL_NEEDS)), CONTRADICTS,
		"children");
	ACCEPTED(say_order(&st, "contactpoint", end));
	REFUSED(say_order(&st, "court", of(&st, ALL_CHILDREN, ALL_NEEDS)), CONTRADICTS, "children");
	ACCEPTED(say_order(&st, "court", of(&st, 0, ALL_NEEDS)));
	REFUSED(say_order(&st, "court", of(&st, 1, ALL_NEEDS)), CONTRADICTS, "children");
	struct order longer = of(&st, 0, ALL_NEEDS);
	longer.until_ms += RIG_DAY_MS;
	ACCEPTED(say_order(&st, "court", longer));
	ACCEPTED(say_wider_order(&st, "court", of(&st, ALL_CHILDREN, ALL_NEEDS)));
	ACCEPTED(say_order(&st, "court", end));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_order_is_not_made_wider_unsaid),
		T(test_order_within_its_scope_is_taken),
		T(test_order_that_stands_is_not_made_wider_unsaid),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
