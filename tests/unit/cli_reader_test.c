/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is spoken to, and what that person reads at the moment that counts: a child in crisis, a
 * parent, somebody who asked for advice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/words.h"
#include "services/cli/person_text.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

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

static const char *org_phone(const void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "p3") == 0 ? "" : "051 00 00 01";
}

static void crisis_view(PB(PersonView) *v)
{
	schakel__v1__person_view__init(v);
	v->speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	v->open = true;
	v->urgency = SCHAKEL__V1__URGENCY__URGENCY_CRISIS;
	v->crisis_party = "p1";
	v->next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_CALL;
	v->next_ms = some_day;
	v->next_party = "p1";
	v->answer_due_ms = some_day + 3600000;
	v->bridging_party = "p2";
}

/* D1: a child in crisis reads who looks, who calls and at what hour, who is there tonight, whom to
 * call, and what to do in danger. */
static void test_person_crisis_says_hour_number_and_danger(void **state)
{
	static struct person_text t;
	PB(PersonView) v;

	(void)state;
	crisis_view(&v);
	t = (struct person_text){ .lang = LANG_NL, .phone = org_phone };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "p1 zoekt nu hulp voor je."));
	assert_true(has_line(&t, "p1 belt je vóór 3 maart 2026, 11:00."));
	assert_true(has_line(&t, "We beloven: vóór 3 maart 2026, 12:00 start de eerste hulp."));
	assert_true(has_line(&t, "Intussen is p2 er voor je."));
	assert_true(has_line(&t, "Wordt het erger? Bel p1: 051 00 00 01."));
	assert_true(has_line(&t, "Is er nu gevaar? Bel 112."));
	assert_false(has_line(&t, "of vroeger"));
	v.crisis_party = "p3"; /* who has no number is told of */
	t.len = 0;
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Wordt het erger? Zeg het meteen aan p3."));
	v.urgency = SCHAKEL__V1__URGENCY__URGENCY_STANDARD;
	v.crisis_party = "";
	t.len = 0;
	person_timeline(&v, &t);
	assert_true(has_line(&t, "We beloven: op 3 maart 2026 of vroeger start de eerste hulp."));
	assert_false(has_line(&t, "112"));
}

/* B10, D3: a question for advice promises an answer, not help; who gave no name is not called. */
static void test_person_advice_promises_an_answer(void **state)
{
	static struct person_text t;
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	v.open = true;
	v.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	v.next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_CONTACT;
	v.next_ms = some_day;
	v.answer_due_ms = some_day;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Op 3 maart 2026 of vroeger krijg je een antwoord"));
	assert_false(has_line(&t, "start de eerste hulp"));
	v.next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_TALK;
	v.answer_due_ms = 0;
	t.len = 0;
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Bel terug met het nummer van je vraag."));
	assert_false(has_line(&t, "praat met"));
}

/* B11: a parent is never spoken to as the child: no form and no label, in either language. */
static void test_person_parent_is_spoken_to_as_a_parent(void **state)
{
	static const char *const child[] = { "je ouder",   "jouw ouder",  "je slaapt",
					     "jij komt",   "bij jou",     "jij stopte",
					     "jouw stem",  "your parent", "you come by",
					     "your voice", "jij koos",    "je gedrag" };
	static struct person_text t;
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;

	(void)state;
	for (size_t k = 0; k < SK_LEN(child); k++) {
		for (enum lang lang = 0; lang < 2; lang++) {
			const char *form;
			for (size_t i = 0; (form = person_form(i, lang, true)) != NULL; i++) {
				assert_null(strcasestr(form, child[k]));
			}
			for (uint32_t n = 1; expertise_code(n) != NULL; n++) {
				assert_null(strcasestr(expertise_parent(n, lang), child[k]));
			}
			for (int m = 1; m <= 3; m++) {
				const char *word = word_person(SET(modality), m, lang, true);
				assert_true(word[0] != '\0');
				assert_null(strcasestr(word, child[k]));
			}
			for (int m = 1; word_of(SET(shortfall), m, lang)[0] != '\0'; m++) {
				assert_null(strcasestr(word_person(SET(shortfall), m, lang, true),
						       child[k]));
			}
		}
	}
	v.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	v.child = 0;
	v.children = 2;
	v.other_word = true;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Dit gaat over kind 1. Jullie vragen hulp voor 2 kinderen."));
	assert_true(has_line(&t, "Voor deze hulp is jouw ja niet nodig."));
}

/* A4: the talk with everybody, by its hour, and who is asked. */
static void test_person_talk_is_told_by_its_hour(void **state)
{
	static struct person_text t;
	PB(PersonView) v = SCHAKEL__V1__PERSON_VIEW__INIT;
	PB(PersonTable) p = SCHAKEL__V1__PERSON_TABLE__INIT;
	PB(PersonTable) *tables[] = { &p };

	(void)state;
	v.open = true;
	v.next = SCHAKEL__V1__NEXT_STEP__NEXT_STEP_TALK;
	v.next_ms = some_day;
	v.next_party = "p1";
	v.tables = tables;
	v.n_tables = 1;
	p.state = SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_PLANNED;
	p.planned_ms = some_day;
	p.due_ms = some_day + 86400000;
	t = (struct person_text){ .lang = LANG_NL };
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Op 3 maart 2026, 11:00 is er een gesprek met iedereen. Jij "
				 "bent"));
	p.state = SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_CALLED;
	t.len = 0;
	person_timeline(&v, &t);
	assert_true(has_line(&t, "Vóór 4 maart 2026 komt er een gesprek met iedereen."));
}

/* B1, B11: the words that a young person is offered are the words that the command takes. */
static void test_person_words_offered_are_taken(void **state)
{
	static const char *const offered[] = { "ja", "nee", "nu nog niet", "eerst praten" };
	const char *form;
	int v = 0;

	(void)state;
	for (size_t i = 0; i < SK_LEN(offered); i++) {
		assert_true(word_find(SET(voice), offered[i], &v));
		bool stands = false;
		for (size_t k = 0; (form = person_form(k, LANG_NL, false)) != NULL; k++) {
			stands = stands || (strstr(form, "mag kiezen") != NULL &&
					    strstr(form, offered[i]) != NULL);
		}
		assert_true(stands);
	}
	assert_int_equal(v, SCHAKEL__V1__VOICE__VOICE_TALK_FIRST);
}

/* B11: the English of a young person is no label of workers either, and the two files say the same
 * in Dutch. */
static void test_person_english_has_labels_for_youth(void **state)
{
	char name[80];

	(void)state;
	for (uint32_t n = 1; expertise_code(n) != NULL; n++) {
		(void)snprintf(name, sizeof(name), "%s_YOUTH", expertise_code(n));
		const char *nl = word_term(name, LANG_NL);
		if (nl != name) {
			assert_string_equal(nl, expertise_youth(n, LANG_NL));
		}
	}
	assert_string_equal(expertise_youth(12, LANG_EN), "help after a hard experience");
	assert_string_not_equal(expertise_youth(5, LANG_EN), expertise_label(5, LANG_EN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_person_crisis_says_hour_number_and_danger),
		cmocka_unit_test(test_person_advice_promises_an_answer),
		cmocka_unit_test(test_person_parent_is_spoken_to_as_a_parent),
		cmocka_unit_test(test_person_talk_is_told_by_its_hour),
		cmocka_unit_test(test_person_words_offered_are_taken),
		cmocka_unit_test(test_person_english_has_labels_for_youth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
