/* SPDX-License-Identifier: EUPL-1.2 */
/* What people and programs are shown: words for codes, dates written out, the same document as
 * JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "common/words.h"
#include "services/cli/call.h"
#include "services/cli/event_text.h"
#include "services/cli/output.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

static char *text;
static size_t text_len;

/* A command that writes into memory. */
static struct cli begin(enum lang lang, bool json)
{
	struct cli c = { .lang = lang, .json = json };

	c.out = open_memstream(&text, &text_len);
	c.err = c.out;
	return c;
}

static const char *end(struct cli *c)
{
	static char copy[4096];

	(void)fclose(c->out);
	(void)snprintf(copy, sizeof(copy), "%s", text);
	free(text);
	return copy;
}

/* --- words --- */

/* Every value of every enumeration that a person may see has both labels: no code before a person.
 */
static void test_words_cover_every_enumeration(void **state)
{
	static const ProtobufCEnumDescriptor *const sets[] = {
		SET(role),
		SET(urgency),
		SET(crisis_step),
		SET(danger_reason),
		SET(request_kind),
		SET(wait_class),
		SET(need_state),
		SET(close_reason),
		SET(consult_state),
		SET(contribution_state),
		SET(answer_kind),
		SET(can_if),
		SET(interrupt_reason),
		SET(voice),
		SET(speaker),
		SET(ground),
		SET(supporter_kind),
		SET(unit),
		SET(modality),
		SET(access),
		SET(continuum),
		SET(pool_state),
		SET(pause_reason),
		SET(shortfall),
		SET(alarm_kind),
		SET(life_domain),
		SET(holder_kind),
		SET(called_service),
		SET(outcome),
		SET(resource),
		SET(event_kind),
		SET(explain_kind),
		SET(why_not_kind),
		SET(cost_kind),
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(sets); i++) {
		for (unsigned k = 0; k < sets[i]->n_values; k++) {
			int v = sets[i]->values[k].value;
			const char *nl = word_of(sets[i], v, LANG_NL);
			const char *en = word_of(sets[i], v, LANG_EN);
			assert_int_equal(nl[0] == '\0', v == 0);
			assert_int_equal(en[0] == '\0', v == 0);
			assert_true(v == 0 || strcmp(nl, code_of(sets[i], v)) != 0 ||
				    strcmp(code_of(sets[i], v), "112") == 0);
		}
	}
}

static void test_words_find_code_or_label(void **state)
{
	int v = 0;

	(void)state;
	assert_true(word_find(SET(voice), "agree", &v));
	assert_int_equal(v, SCHAKEL__V1__VOICE__VOICE_AGREE);
	assert_true(word_find(SET(voice), "nu nog niet", &v));
	assert_int_equal(v, SCHAKEL__V1__VOICE__VOICE_NOT_YET);
	assert_true(word_find(SET(voice), "not-yet", &v));
	assert_int_equal(v, SCHAKEL__V1__VOICE__VOICE_NOT_YET);
	assert_true(word_find(SET(voice), "VOICE_NOT", &v));
	assert_int_equal(v, SCHAKEL__V1__VOICE__VOICE_NOT);
	assert_false(word_find(SET(voice), "UNSPECIFIED", &v));
	assert_false(word_find(SET(voice), "misschien", &v));
	assert_false(word_find(SET(voice), "", &v));
}

static void test_words_of_expertise(void **state)
{
	(void)state;
	assert_int_equal(expertise_find("TRAUMA"), 12);
	assert_int_equal(expertise_find("12"), 12);
	assert_int_equal(expertise_find("Context versterken"), 5);
	assert_int_equal(expertise_find("respite"), 32);
	assert_int_equal(expertise_find("0"), 0);
	assert_int_equal(expertise_find("65"), 0);
	assert_string_equal(expertise_code(1), "GROUP_LIVING");
	assert_null(expertise_code(64));
	assert_string_equal(expertise_label(26, LANG_NL), "crisisverblijf");
}

/* --- dates --- */

static void test_when_reads_days_and_local_times(void **state)
{
	static const struct {
		const char *typed;
		uint64_t ms; /* 0: refused */
	} cases[] = {
		{ "2026-03-03", 1772492400000 }, /* 23:00 UTC the day before */
		{ "2026-03-03 08:30", 1772523000000 },
		{ "2026-07-03T08:30", 1783060200000 }, /* summer time */
		{ "2026-03-03T07:30:00Z", 1772523000000 },
		{ "2026-03-03T07:30:00.250Z", 1772523000250 },
		{ "2026-02-29", 0 },
		{ "2026-13-01", 0 },
		{ "26-03-03", 0 },
		{ "2026-03-03 24:00", 0 },
		{ "2026-03-03 08:30:00", 0 },
		{ "2026-03-03 ", 0 },
		{ "morgen", 0 },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		uint64_t ms = 0;
		assert_int_equal(when_parse(cases[i].typed, &ms), cases[i].ms != 0);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void test_when_shows_dates_written_out(void **state)
{
	(void)state;
	assert_string_equal(when_show(1772523000000, LANG_NL).s, "3 maart 2026, 08:30");
	assert_string_equal(when_show(1772523000000, LANG_EN).s, "3 March 2026, 08:30");
	assert_string_equal(when_show(0, LANG_NL).s, "");
	assert_string_equal(when_iso(1772523000250).s, "2026-03-03T07:30:00.250Z");
	assert_string_equal(when_iso(951782400000).s, "2000-02-29T00:00:00.000Z");
}

/* What is printed for programs reads back as the same instant, over leap years and season ends. */
static void test_when_iso_reads_back(void **state)
{
	(void)state;
	for (uint64_t ms = 830000000000; ms < 4102000000000; ms += 86400000ULL * 13 + 3601001) {
		uint64_t back = 0;
		assert_true(when_parse(when_iso(ms).s, &back));
		assert_int_equal(back, ms);
	}
}

/* --- JSON --- */

static void test_json_of_a_message_has_names_and_codes(void **state)
{
	static uint8_t id[16] = { 0xab, 1 };
	PB(Event) e = PB_INIT(EVENT);

	(void)state;
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTRIBUTION;
	e.object_id = (ProtobufCBinaryData){ sizeof(id), id };
	e.contribution_state = SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_STARTED;
	e.at_ms = 1772523000000;
	e.expertise = 12;
	json_t *doc = pb_json(&e.base);
	assert_string_equal(json_string_value(json_at(doc, "kind")), "CONTRIBUTION");
	assert_string_equal(json_string_value(json_at(doc, "object_id")), "ab0100000000000000000000"
									  "00000000");
	assert_string_equal(json_string_value(json_at(doc, "contribution_state")), "STARTED");
	assert_string_equal(json_string_value(json_at(doc, "at_ms")), "2026-03-03T07:30:00.000Z");
	assert_string_equal(json_string_value(json_at(doc, "expertise")), "TRAUMA");
	assert_null(json_at(doc, "due_ms"));
	assert_null(json_at(doc, "voice"));
	assert_true(json_is_false(json_at(doc, "ended")));
	json_decref(doc);
}

static void test_json_of_lists_and_messages_within(void **state)
{
	PB(ContributionChanged) a = PB_INIT(CONTRIBUTION_CHANGED);
	PB(ContributionChanged) b = PB_INIT(CONTRIBUTION_CHANGED);
	PB(ContributionChanged) *list[] = { &a, &b };
	PB(LifeDomain) open[] = { SCHAKEL__V1__LIFE_DOMAIN__LIFE_DOMAIN_HOME };
	PB(PlanView) v = PB_INIT(PLAN_VIEW);

	(void)state;
	b.partner = (char *)(uintptr_t) "clb-ieper";
	v.n_contributions = 2;
	v.contributions = list;
	v.n_open = 1;
	v.open = open;
	json_t *doc = pb_json(&v.base);
	assert_int_equal(json_array_size(json_at(doc, "contributions")), 2);
	assert_string_equal(json_string_value(json_at(doc, "contributions.1.partner")), "clb-"
											"ieper");
	assert_string_equal(json_string_value(json_at(doc, "open.0")), "HOME");
	assert_null(json_at(doc, "contributions.2.partner"));
	json_decref(doc);
}

/* Only the set member of a message's body is there. */
static void test_json_of_a_oneof_has_one_body(void **state)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Tick) t = PB_INIT(TICK);

	(void)state;
	m.body_case = BODY(TICK);
	m.tick = &t;
	json_t *doc = pb_json(&m.base);
	assert_non_null(json_at(doc, "tick"));
	assert_null(json_at(doc, "event"));
	assert_null(json_at(doc, "receipt"));
	json_decref(doc);
}

/* --- tables --- */

static const struct column columns[] = {
	{ "id", "vraag", "ask", CELL_TEXT, NULL },
	{ "n", "hoeveel", "amount", CELL_NUMBER, NULL },
	{ "state", "toestand", "state", CELL_WORD, SET(pool_state) },
	{ "when", "wanneer", "when", CELL_DATE, NULL },
	{ 0 },
};

static json_t *document(void)
{
	return json_pack("{s:[{s:s,s:i,s:s,s:s},{s:s,s:i}]}", "rows", "id", "één", "n", 7, "state",
			 "PAUSED", "when", "2026-03-03T07:30:00.000Z", "id", "twee", "n", 12345);
}

static void test_table_is_aligned_and_in_words(void **state)
{
	struct cli c = begin(LANG_NL, false);
	json_t *doc = document();

	(void)state;
	out_table(&c, doc, "rows", columns);
	json_decref(doc);
	assert_string_equal(end(&c), "vraag  hoeveel  toestand       wanneer\n"
				     "één          7  even gesloten  3 maart 2026, 08:30\n"
				     "twee     12345\n");
}

static void test_table_as_json_is_the_document(void **state)
{
	struct cli c = begin(LANG_NL, true);
	json_t *doc = document();

	(void)state;
	out_table(&c, doc, "rows", columns);
	json_t *back = json_loads(end(&c), 0, NULL);
	assert_int_equal(json_equal(doc, back), 1);
	json_decref(back);
	json_decref(doc);
}

static void test_table_without_rows_says_so(void **state)
{
	struct cli c = begin(LANG_EN, false);
	json_t *doc = json_pack("{s:[]}", "rows");

	(void)state;
	out_table(&c, doc, "rows", columns);
	json_decref(doc);
	assert_string_equal(end(&c), "Nothing to show.\n");
}

static void test_facts_leave_out_what_is_not_there(void **state)
{
	struct cli c = begin(LANG_EN, false);
	json_t *doc = json_pack("{s:s,s:s}", "id", "a", "when", "2026-03-03T07:30:00.000Z");

	(void)state;
	out_facts(&c, doc, columns);
	json_decref(doc);
	assert_string_equal(end(&c), "ask   a\nwhen  3 March 2026, 08:30\n");
}

static void test_text_width_counts_characters(void **state)
{
	(void)state;
	assert_int_equal(text_width("één"), 3);
	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_width(""), 0);
}

/* Lines end at the limit, not one past it, and go on under where they began. */
static void test_text_is_wrapped_at_the_limit(void **state)
{
	static const struct {
		const char *text;
		const char *shown;
	} cases[] = {
		{ "een twee", "een twee" },
		{ "een twéé", "een twéé" },
		{ "eens twee", "eens\n  twee" },
		{ "a b c d e f", "a b c d\n  e f" },
		{ "onderbroken x", "onderbroken\n  x" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		struct cli c = begin(LANG_NL, false);
		text_wrapped(c.out, cases[i].text, 2, 10);
		assert_string_equal(end(&c), cases[i].shown);
	}
}

/* --- receipts and events --- */

static void test_receipt_outcomes_are_exit_codes(void **state)
{
	static const struct {
		PB(Outcome) outcome;
		PB(Outcome) first;
		PB(Refusal) code;
		int exit_code;
	} cases[] = {
		{ SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED, 0, 0, CLI_DONE },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE, SCHAKEL__V1__OUTCOME__OUTCOME_ACCEPTED,
		  0, CLI_DONE },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_DUPLICATE, SCHAKEL__V1__OUTCOME__OUTCOME_LATE, 0,
		  CLI_LATE },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED, 0, SCHAKEL__V1__REFUSAL__REFUSAL_NO_GROUND,
		  CLI_REFUSED },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED, 0, SCHAKEL__V1__REFUSAL__REFUSAL_CONFLICT,
		  CLI_CONFLICT },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_LATE, 0, 0, CLI_LATE },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_BUSY, 0, 0, CLI_BUSY },
		{ SCHAKEL__V1__OUTCOME__OUTCOME_QUARANTINED, 0, 0, CLI_REFUSED },
		{ 0, 0, 0, CLI_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		PB(Receipt) r = PB_INIT(RECEIPT);
		r.outcome = cases[i].outcome;
		r.first = cases[i].first;
		r.code = cases[i].code;
		assert_int_equal(receipt_exit(&r), cases[i].exit_code);
	}
}

static void test_receipt_of_a_late_answer_tells_what_holds(void **state)
{
	struct cli c = begin(LANG_NL, false);
	PB(Event) e = PB_INIT(EVENT);
	PB(Receipt) r = PB_INIT(RECEIPT);

	(void)state;
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTRIBUTION;
	e.contribution_state = SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_LAPSED;
	e.party = (char *)(uintptr_t) "clb-ieper";
	r.outcome = SCHAKEL__V1__OUTCOME__OUTCOME_LATE;
	r.holds_now = &e;
	r.text_nl = (char *)(uintptr_t) "Te laat.";
	assert_int_equal(receipt_explain(&c, &r), CLI_LATE);
	assert_string_equal(end(&c), "Te laat.\nDit geldt nu: aandeel: geen antwoord, clb-ieper\n");
}

/* A1: an event of a network says which one, until when, and who goes on afterwards. */
static void test_event_of_a_network_says_which(void **state)
{
	struct cli c = { .lang = LANG_NL };
	PB(Event) e = PB_INIT(EVENT);

	(void)state;
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_NETWORK;
	e.network = (char *)(uintptr_t) "kust";
	e.network_kind = SCHAKEL__V1__NETWORK_KIND__NETWORK_KIND_ONE_PLAN;
	assert_string_equal(event_line(&c, &e).s, "netwerk kust: 1 gezin - 1 plan");
	e.party = (char *)(uintptr_t) "stad";
	e.ended = true;
	assert_string_equal(event_line(&c, &e).s, "netwerk kust: 1 gezin - 1 plan, loopt niet "
						  "meer, daarna stad");
}

/* No event, whatever it holds, overruns its line or shows a bare code. */
static void test_event_of_every_kind_is_a_sentence(void **state)
{
	struct cli c = { .lang = LANG_NL };
	PB(Event) e = PB_INIT(EVENT);
	char longest[400];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	e.network = longest;
	for (unsigned i = 0; i < schakel__v1__event_kind__descriptor.n_values; i++) {
		e.kind = (PB(EventKind))schakel__v1__event_kind__descriptor.values[i].value;
		e.party = i % 2 == 0 ? longest : (char *)(uintptr_t) "p";
		struct event_line l = event_line(&c, &e);
		assert_true(l.s[0] >= 'a' && l.s[0] <= 'z');
		assert_true(strlen(l.s) < sizeof(l.s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_cover_every_enumeration),
		cmocka_unit_test(test_words_find_code_or_label),
		cmocka_unit_test(test_words_of_expertise),
		cmocka_unit_test(test_when_reads_days_and_local_times),
		cmocka_unit_test(test_when_shows_dates_written_out),
		cmocka_unit_test(test_when_iso_reads_back),
		cmocka_unit_test(test_json_of_a_message_has_names_and_codes),
		cmocka_unit_test(test_json_of_lists_and_messages_within),
		cmocka_unit_test(test_json_of_a_oneof_has_one_body),
		cmocka_unit_test(test_table_is_aligned_and_in_words),
		cmocka_unit_test(test_table_as_json_is_the_document),
		cmocka_unit_test(test_table_without_rows_says_so),
		cmocka_unit_test(test_facts_leave_out_what_is_not_there),
		cmocka_unit_test(test_text_width_counts_characters),
		cmocka_unit_test(test_text_is_wrapped_at_the_limit),
		cmocka_unit_test(test_receipt_outcomes_are_exit_codes),
		cmocka_unit_test(test_receipt_of_a_late_answer_tells_what_holds),
		cmocka_unit_test(test_event_of_a_network_says_which),
		cmocka_unit_test(test_event_of_every_kind_is_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
