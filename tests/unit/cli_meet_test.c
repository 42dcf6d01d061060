/* SPDX-License-Identifier: EUPL-1.2 */
/* Sentences of the person's view: a first meeting, a wish to wait, who looked (B1, C5, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/person_text.h"
#include "services/cli/waiting_text.h"

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

/* L10: with one key for a whole family the channel says little: in whose name it was is said. */
static void test_person_file_says_in_whose_name_was_looked(void **state)
{
	static struct person_text t;
	PB(LookView) look[3];
	PB(LookView) *looks[] = { &look[0], &look[1], &look[2] };
	PB(FileView) f = SCHAKEL__V1__FILE_VIEW__INIT;

	(void)state;
	for (int i = 0; i < 3; i++) {
		schakel__v1__look_view__init(&look[i]);
		look[i].at_ms = some_day;
		look[i].party = "p1";
		look[i].speaker = (PB(Speaker))(SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH + i);
	}
	f.looks = looks;
	f.n_looks = 3;
	t = (struct person_text){ .lang = LANG_NL };
	person_file(&f, &t);
	assert_true(has_line(&t, "In jouw naam vroeg iemand op 3 maart 2026 om alles te zien."));
	assert_true(has_line(&t, "Een ouder of opvoeder vroeg op 3 maart 2026"));
	assert_true(has_line(&t, "Iemand die naast je staat vroeg op 3 maart 2026"));
	t = (struct person_text){ .lang = LANG_NL, .parent = true };
	f.n_looks = 2;
	f.looks = &looks[1];
	person_file(&f, &t);
	assert_true(has_line(&t, "In jouw naam vroeg iemand op 3 maart 2026"));
	assert_false(has_line(&t, "Een ouder of opvoeder"));
}

/* B17: that the family itself waits stands in its view, with its day; a heading has words under
 * it. */
static void test_person_reads_its_own_wish_to_wait(void **state)
{
	static struct person_text t;
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	v.open = true;
	v.next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_ANSWER;
	v.next_ms = some_day;
	v.contact_party = "p1";
	v.family_wish_until_ms = some_day;
	t = (struct person_text){ .lang = LANG_NL, .whole = true };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Jullie kozen om te wachten tot 3 maart 2026."));
	assert_int_equal(t.line[t.len - 1].kind, LINE_SAY);
}

/* B17: who named places that may not be asked reads that they are not, beside that there is no
 * place; of what others answered nothing is said. */
static void test_person_reads_that_its_own_choice_counts(void **state)
{
	static struct person_text t;
	PB(PersonNeed) n = SCHAKEL__V1__PERSON_NEED__INIT;
	PB(PersonNeed) *needs[] = { &n };
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	n.expertise = 12;
	n.state = SCHAKEL__V1__NEED_STATE__NEED_STATE_OPEN;
	n.waits_since_ms = some_day;
	n.waits_for = SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
	v.open = true;
	v.needs = needs;
	v.n_needs = 1;
	v.contact_party = "p1";
	v.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	t = (struct person_text){ .lang = LANG_NL, .parent = true };
	person_timeline(&v, &t);
	assert_false(has_line(&t, "Die vragen we niet."));
	n.excludes = true;
	t = (struct person_text){ .lang = LANG_NL, .parent = true };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "plekken in jullie vraag die jullie niet willen. Die vragen we "
				 "niet."));
	n.waits_for = SCHAKEL__V1__SHORTFALL__SHORTFALL_TEAM_LIMIT;
	t = (struct person_text){ .lang = LANG_NL, .parent = true };
	person_timeline(&v, &t);
	assert_false(has_line(&t, "Die vragen we niet."));
}

/* C6, L10: the coordinator reads whom the family does not want asked, where there is no place. */
static void test_waiting_says_whom_the_family_does_not_want(void **state)
{
	struct cli c = { .lang = LANG_NL };
	PB(WaitingItem) e = SCHAKEL__V1__WAITING_ITEM__INIT;
	PB(RequestFact) f = SCHAKEL__V1__REQUEST_FACT__INIT;
	PB(NeedOrder) o = SCHAKEL__V1__NEED_ORDER__INIT;
	PB(NeedFact) n = SCHAKEL__V1__NEED_FACT__INIT;
	char *excluded[] = { "ckg-izegem", "mfc-roeselare" };
	char *text = NULL;
	size_t len = 0;

	(void)state;
	f.excluded_partners = excluded;
	f.n_excluded_partners = 2;
	e.request = &f;
	e.order = &o;
	e.need = &n;
	e.shortfall = SCHAKEL__V1__SHORTFALL__SHORTFALL_NO_CAPACITY;
	c.out = open_memstream(&text, &len);
	waiting_text(&c, &e);
	(void)fclose(c.out);
	assert_non_null(strstr(text, "ckg-izegem, mfc-roeselare\n"));
	free(text);
	e.shortfall = SCHAKEL__V1__SHORTFALL__SHORTFALL_TEAM_LIMIT;
	c.out = open_memstream(&text, &len);
	waiting_text(&c, &e);
	(void)fclose(c.out);
	assert_null(strstr(text, "ckg-izegem"));
	free(text);
}

/* B16: who asked for advice without a name has no contact person to ask, and no empty heading. */
static void test_person_without_a_name_is_sent_to_nobody(void **state)
{
	static struct person_text t;
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	v.open = true;
	v.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	v.received_ms = some_day;
	v.asked_by = "p1";
	v.next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_TALK;
	v.next_ms = some_day;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Op 3 maart 2026 is raad gevraagd via p1."));
	assert_false(has_line(&t, "Vraag het aan je aanspreekpunt."));
	assert_int_equal(t.line[t.len - 1].kind, LINE_SAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_person_file_says_in_whose_name_was_looked),
		cmocka_unit_test(test_person_without_a_name_is_sent_to_nobody),
		cmocka_unit_test(test_person_reads_its_own_wish_to_wait),
		cmocka_unit_test(test_person_reads_that_its_own_choice_counts),
		cmocka_unit_test(test_waiting_says_whom_the_family_does_not_want),
		cmocka_unit_test(test_person_is_told_how_to_answer_a_meeting),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
