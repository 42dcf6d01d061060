/* SPDX-License-Identifier: EUPL-1.2 */
/* How a person is asked for a first meeting, in sentences (C5, B1, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/person_text.h"

static const uint64_t some_day = 1772532000000ULL;

static bool has_line(const struct person_text *t, const char *part)
{
	for (size_t i = 0; i < t->len; i++) {
		if (strstr(t->line[i].s, part) != NULL) {
			return true;
		}
	}
	return false;
}

/* C5, B1, L10: who wants to meet first is asked under the help that it is about, with how to say
 * yes or no and until when; to child and parent each in their words, and nothing else is told. */
static void test_person_is_told_how_to_answer_a_meeting(void **state)
{
	static struct person_text t;
	PB(PersonMeet) m = SCHAKEL__V1__PERSON_MEET__INIT;
	PB(PersonMeet) *meets[] = { &m };
	PB(PersonNeed) n = SCHAKEL__V1__PERSON_NEED__INIT;
	PB(PersonNeed) *needs[] = { &n };
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	m.partner = "p2";
	m.short_code = "3fm8xn2kq7";
	m.until_ms = some_day;
	n.meets = meets;
	n.n_meets = 1;
	n.expertise = 12;
	n.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_OPEN;
	v.needs = needs;
	v.n_needs = 1;
	v.contact_party = "p1";
	v.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "p2 wil je eerst ontmoeten. Jij kiest of dat mag."));
	assert_true(has_line(&t, "Zeg ja of nee tegen p1. Zeg er deze code bij: 3fm8xn2kq7."));
	assert_true(has_line(&t, "Zeg het vóór 3 maart 2026."));
	v.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	m.allowed = true;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Het is ja: p2 mag jullie ontmoeten, vóór 3 maart 2026."));
	assert_true(has_line(&t, "Toch liever niet? Zeg het tegen p1, met code 3fm8xn2kq7."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_person_is_told_how_to_answer_a_meeting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
