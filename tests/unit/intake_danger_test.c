/* SPDX-License-Identifier: EUPL-1.2 */
/* DOMAIN 7: a contact point that sees danger, or hears that a child is missing, says so at once,
 * also of a request that it may not read: by the code of the request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/warm_story.h"

static PB(Receipt) *danger(struct story *st, const char *party, const char *code, uint32_t ordinal)
{
	PB(ClimbRung) c = PB_INIT(CLIMB_RUNG);
	PB(Message) m = PB_INIT(MESSAGE);

	c.short_code = (char *)(uintptr_t)code;
	c.ordinal = ordinal;
	c.reason = SCHAKEL__V1__RUNG_REASON__RUNG_REASON_DANGER;
	c.danger = D(VIOLENCE);
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &c;
	return rig_command(st->r, party, &m);
}

static void test_danger_is_said_by_the_code_of_a_request(void **state)
{
	struct story st = story_standard(*state, 2);

	REFUSED(danger(&st, "contactpoint", st.short_code, 0), OUT_OF_RANGE, "ordinal");
	REFUSED(danger(&st, "contactpoint", st.short_code, 3), OUT_OF_RANGE, "ordinal");
	REFUSED(danger(&st, "contactpoint", "0000000000", 1), UNKNOWN_OBJECT, "short_code");
	REFUSED(danger(&st, "facility-c", st.short_code, 2), NOT_YOURS, "need_id");
	ACCEPTED(danger(&st, "contactpoint", st.short_code, 2));
}

static PB(Receipt) *missing(struct story *st, const char *party, const char *code)
{
	PB(MarkMissing) c = PB_INIT(MARK_MISSING);
	PB(Message) m = PB_INIT(MESSAGE);

	c.short_code = (char *)(uintptr_t)code;
	c.missing = true;
	m.body_case = BODY(MARK_MISSING);
	m.mark_missing = &c;
	return rig_command(st->r, party, &m);
}

static void test_missing_is_said_by_the_code_of_a_request(void **state)
{
	struct story st = story_standard(*state, 1);

	REFUSED(missing(&st, "contactpoint", "0000000000"), UNKNOWN_OBJECT, "short_code");
	REFUSED(missing(&st, "facility-c", st.short_code), NOT_YOURS, "request_id");
	ACCEPTED(missing(&st, "contactpoint", st.short_code));
	assert_true(view(&st, "clb")->request->children[0]->missing);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_danger_is_said_by_the_code_of_a_request),
		T(test_missing_is_said_by_the_code_of_a_request),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
