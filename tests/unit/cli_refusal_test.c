/* SPDX-License-Identifier: EUPL-1.2 */
/* A refusal names what was typed and the rule; a state with an open place says what stands there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/call.h"
#include "services/cli/call_list.h"
#include "services/cli/output.h"
#include "services/cli/request_text.h"

#define SET(name) (&schakel__v1__##name##__descriptor)

static char *text;
static size_t text_len;

static const char *end(struct cli *c)
{
	static char copy[4096];

	(void)fclose(c->out);
	(void)snprintf(copy, sizeof(copy), "%s", text);
	free(text);
	return copy;
}

static struct cli typed(const char *command)
{
	struct cli c = { .lang = LANG_NL, .cmd = command_find(command) };

	c.out = open_memstream(&text, &text_len);
	c.err = c.out;
	assert_non_null(c.cmd);
	return c;
}

static PB(Receipt) refused(PB(Refusal) code, const char *field)
{
	PB(Receipt) r = PB_INIT(RECEIPT);

	r.outcome = SCHAKEL__V1__OUTCOME__OUTCOME_REFUSED;
	r.code = code;
	r.field = (char *)(uintptr_t)field;
	r.text_nl = (char *)(uintptr_t) "Dit kan niet.";
	return r;
}

static void give(struct cli *c, const char *option, const char *value)
{
	size_t i = 0;

	while (strcmp(c->cmd->options[i].name, option) != 0) {
		i++;
	}
	c->value[i] = value;
}

/* The option as it was typed, and the rule, not the name of a field and "outside what is allowed".
 */
static void test_refusal_names_the_option_and_the_rule(void **state)
{
	struct cli c = typed("ask answer");
	PB(Receipt) r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE, "start_at_ms");

	(void)state;
	give(&c, "start", "2020-01-01");
	assert_int_equal(receipt_explain(&c, &r), CLI_REFUSED);
	assert_string_equal(end(&c), "--start 2020-01-01: geef vandaag of een latere dag, ten "
				     "hoogste 732 dagen vooruit\n");
	c = typed("waiting bridge");
	c.arg[0] = "k7q2m4t9xa/1";
	c.arg[1] = "niemand";
	c.args_len = 2;
	r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_OBJECT, "party");
	assert_int_equal(receipt_explain(&c, &r), CLI_REFUSED);
	assert_string_equal(end(&c), "\"niemand\": deze partij is hier niet bekend: kies er een "
				     "uit schakel partner list\n");
	c = typed("request submit");
	r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_MISSING, "needs[2].expertise");
	assert_int_equal(receipt_explain(&c, &r), CLI_REFUSED);
	assert_string_equal(end(&c), "Hulpvraag 3, soort hulp: dit kan niet.\n");
}

/* The rule of a field may differ from message to message. */
static void test_refusal_knows_the_message_that_was_sent(void **state)
{
	struct cli c = typed("waiting bridge");
	PB(Receipt) r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE, "until_ms");

	(void)state;
	give(&c, "until", "2030-01-01");
	c.body = BODY(RECORD_BRIDGING);
	(void)receipt_explain(&c, &r);
	assert_true(strstr(end(&c), "366") != NULL);
	/* C5: a parent that forgot which child is not told that the child does not decide. */
	c = typed("contribution meet");
	r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_CONTRADICTS, "child");
	c.body = BODY(OPEN_MEETING);
	(void)receipt_explain(&c, &r);
	const char *said = end(&c);
	assert_true(strstr(said, "--child") != NULL && strstr(said, "beslist") == NULL);
	r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_OUT_OF_RANGE, "until_ms");
	c = typed("request show");
	c.body = BODY(QUERY_REQUEST);
	r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_NOT_YOURS, "request_id");
	(void)receipt_explain(&c, &r);
	assert_true(strstr(end(&c), "schakel ask list") != NULL);
}

/* A message as a whole is no field; who did not say who speaks is told who does. */
static void test_refusal_says_who_speaks(void **state)
{
	struct cli c = typed("ask list");
	PB(Receipt) r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_UNAUTHORISED, "query_asks");

	(void)state;
	c.speaks = CLI_OPERATOR;
	(void)receipt_explain(&c, &r);
	assert_string_equal(end(&c), "Dit kan niet.\nU spreekt als beheer; geef --as PARTIJ om als "
				     "een andere te spreken.\n");
	c = typed("ask list");
	c.speaks = "clb-ieper";
	c.as = "clb-ieper";
	(void)receipt_explain(&c, &r);
	assert_string_equal(end(&c), "Dit kan niet.\n");
}

static void test_refusal_of_an_open_condition_says_how_it_closes(void **state)
{
	struct cli c = typed("contribution start");
	PB(Receipt) r = refused(SCHAKEL__V1__REFUSAL__REFUSAL_CONDITION_OPEN, "contribution_id");
	PB(Event) now = PB_INIT(EVENT);

	(void)state;
	now.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_CONTRIBUTION;
	now.contribution_state = SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_CAN_IF;
	now.can_if = SCHAKEL__V1__CAN_IF__CAN_IF_TRANSPORT;
	r.holds_now = &now;
	c.arg[0] = "3fm8xn2kq7";
	c.args_len = 1;
	(void)receipt_explain(&c, &r);
	const char *said = end(&c);
	assert_true(strstr(said, "schakel ask answer 3fm8xn2kq7 CAN") != NULL);
	assert_true(strstr(said, "wij kunnen, als er vervoer is") != NULL);
}

/* Who mistypes a zone is told which there are; no zone at all is no mistake. */
static void test_zone_that_is_unknown_names_those_there_are(void **state)
{
	struct cli c = typed("waiting list");
	struct conf *conf = calloc(1, sizeof(*conf));
	struct call k = { .cli = &c, .conf = conf };

	(void)state;
	assert_non_null(conf);
	(void)snprintf(conf->zones[0].id, sizeof(conf->zones[0].id), "rits");
	(void)snprintf(conf->zones[1].id, sizeof(conf->zones[1].id), "westhoek");
	conf->zones_len = 2;
	assert_int_equal(call_check_zone(&k, "--zone", NULL), CLI_DONE);
	assert_int_equal(call_check_zone(&k, "--zone", ""), CLI_DONE);
	assert_int_equal(call_check_zone(&k, "--zone", "westhoek"), CLI_DONE);
	assert_int_equal(call_check_zone(&k, "--zone", "nergens"), CLI_USAGE);
	assert_non_null(strstr(end(&c), "kies uit rits, westhoek"));
	free(conf);
}

/* --- words with an open place --- */

static void test_word_with_an_open_place_is_filled(void **state)
{
	static const struct {
		const char *word, *filler, *shown;
	} cases[] = {
		{ "wij kunnen, als …", "er een tolk is", "wij kunnen, als er een tolk is" },
		{ "wij kunnen, als …", "", "wij kunnen" },
		{ "nu niet, wel vanaf …", "3 maart 2026", "nu niet, wel vanaf 3 maart 2026" },
		{ "niet bevestigd sinds …", "", "niet bevestigd" },
		{ "not confirmed since …", "", "not confirmed" },
		{ "gevraagd", "x", "gevraagd" },
		{ "…", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		assert_string_equal(word_filled(cases[i].word, cases[i].filler).s, cases[i].shown);
	}
}

static void test_states_are_filled_from_their_row(void **state)
{
	struct cli c = { .lang = LANG_NL };
	json_t *rows = json_pack("[{s:s,s:s},{s:s,s:s},{s:s},{s:s}]", "state", "CAN_IF", "can_if",
				 "INTERPRETER", "state", "NOT_NOW", "until_ms",
				 "2026-03-03T07:30:00.000Z", "state", "NOT_OURS", "state", "ASKED");

	(void)state;
	states_text_add(&c, rows, SET(contribution_state));
	assert_string_equal(json_string_value(json_at(rows, "0.state_text")), "wij kunnen, als er "
									      "een tolk is");
	assert_string_equal(json_string_value(json_at(rows, "1.state_text")), "nu niet, wel vanaf "
									      "3 maart 2026");
	assert_string_equal(json_string_value(json_at(rows, "2.state_text")), "wij niet");
	assert_string_equal(json_string_value(json_at(rows, "3.state_text")), "gevraagd");
	json_decref(rows);
}

/* C5: the family's yes to a first meeting reaches who asked for it: somebody has to call now. */
static void test_state_says_that_the_family_wants_to_meet(void **state)
{
	struct cli c = { .lang = LANG_NL };
	json_t *rows = json_pack("[{s:s,s:s,s:b},{s:s,s:s}]", "state", "CAN_IF", "can_if",
				 "MEET_FIRST", "meeting_open", 1, "state", "CAN_IF", "can_if",
				 "MEET_FIRST");

	(void)state;
	states_text_add(&c, rows, SET(contribution_state));
	assert_string_equal(json_string_value(json_at(rows, "0.state_text")), "wij kunnen, als we "
									      "elkaar eerst "
									      "ontmoeten: het "
									      "gezin zegt ja");
	assert_string_equal(json_string_value(json_at(rows, "1.state_text")), "wij kunnen, als we "
									      "elkaar eerst "
									      "ontmoeten");
	json_decref(rows);
}

/* B10: who has the next shift reads what was promised, and nothing that is not so any more. */
static void test_request_text_says_what_the_night_plan_promised(void **state)
{
	struct cli c = { .lang = LANG_NL };
	json_t *doc = json_pack("{s:b,s:b,s:s,s:[s,s]}", "open", 1, "night_plan", 1, "next",
				"CRISIS_UNHELD", "called", "POLICE", "HOSPITAL");

	(void)state;
	request_text_add(&c, doc);
	assert_string_equal(json_string_value(json_at(doc, "called_text")), "politie, ziekenhuis");
	assert_null(json_at(doc, "next"));
	assert_non_null(json_at(doc, "watch_text"));
	json_decref(doc);
}

static json_t *crisis(const char *code, const char *step, const char *since, const char *call_at)
{
	json_t *row = json_pack("{s:s,s:{s:s,s:s,s:s}}", "short_code", code, "request", "zone",
				code[0] == 'x' ? "westhoek" : "rits", "crisis_step", step,
				"received_ms", since);

	if (call_at != NULL) {
		(void)json_object_set_new(row, "night_plan", json_true());
		(void)json_object_set_new(row, "call_at_ms", json_string(call_at));
	}
	return row;
}

/* C11: most pressing first: no plan before a plan, then the step, then how long; plans by call. */
static void test_call_list_puts_the_most_pressing_crisis_first(void **state)
{
	static const char *const order[] = { "c", "a", "x", "b", "e", "d" };
	json_t *rows = json_pack("[o,o,o,o,o,o]", crisis("d", "NOW", "2026-01-01", "2026-01-06T08"),
				 crisis("x", "TONIGHT", "2026-01-02", NULL),
				 crisis("a", "NOW", "2026-01-04", NULL),
				 crisis("b", "TONIGHT", "2026-01-05", NULL),
				 crisis("e", "TONIGHT", "2026-01-03", "2026-01-06T06"),
				 crisis("c", "NOW", "2026-01-03", NULL));
	json_t *list = call_list_crises(rows, "");

	(void)state;
	assert_int_equal(json_array_size(list), SK_LEN(order));
	for (size_t i = 0; i < SK_LEN(order); i++) {
		json_t *code = json_object_get(json_array_get(list, i), "short_code");
		assert_string_equal(json_string_value(code), order[i]);
	}
	json_decref(list);
	list = call_list_crises(rows, "westhoek");
	assert_int_equal(json_array_size(list), 1);
	json_decref(list);
	json_decref(rows);
}

/* What is said of a request as a whole: state when closed, who is named, the ground, the advice. */
static void test_request_text_says_what_holds(void **state)
{
	struct cli c = { .lang = LANG_NL };
	json_t *doc = json_pack("{s:b,s:s,s:b,s:b,s:s,s:s}", "open", 1, "contact_party",
				"team-ieper", "contact_named", 0, "ground_complete", 1, "ground",
				"EMERGENCY", "ground_reason", "VIOLENCE");

	(void)state;
	request_text_add(&c, doc);
	assert_null(json_at(doc, "state_text"));
	assert_string_equal(json_string_value(json_at(doc, "contact_text")), "team-ieper "
									     "(voorlopig, nog niet "
									     "benoemd)");
	assert_non_null(strstr(json_string_value(json_at(doc, "ground_text")), "ja: noodsituatie "
									       "("));
	json_decref(doc);
	doc = json_pack("{s:b,s:s,s:b,s:b,s:s,s:s,s:[{s:{s:s}}]}", "open", 0, "contact_party",
			"clb", "contact_named", 1, "ground_complete", 0, "consult", "CLOSED",
			"answered_ms", "2026-03-03T07:30:00.000Z", "needs", "need", "state",
			"WITHDRAWN");
	request_text_add(&c, doc);
	assert_string_equal(json_string_value(json_at(doc, "state_text")), "ingetrokken");
	assert_string_equal(json_string_value(json_at(doc, "contact_text")), "clb");
	assert_null(json_at(doc, "ground_text"));
	assert_null(json_at(doc, "answered_ms"));
	assert_non_null(json_at(doc, "advice_ms"));
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusal_names_the_option_and_the_rule),
		cmocka_unit_test(test_refusal_knows_the_message_that_was_sent),
		cmocka_unit_test(test_refusal_says_who_speaks),
		cmocka_unit_test(test_refusal_of_an_open_condition_says_how_it_closes),
		cmocka_unit_test(test_zone_that_is_unknown_names_those_there_are),
		cmocka_unit_test(test_word_with_an_open_place_is_filled),
		cmocka_unit_test(test_states_are_filled_from_their_row),
		cmocka_unit_test(test_request_text_says_what_holds),
		cmocka_unit_test(test_state_says_that_the_family_wants_to_meet),
		cmocka_unit_test(test_request_text_says_what_the_night_plan_promised),
		cmocka_unit_test(test_call_list_puts_the_most_pressing_crisis_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
