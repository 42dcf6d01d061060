/* SPDX-License-Identifier: EUPL-1.2 */
/* Advice: asked back about, answered, cancelled; an anonymous one is found by its number only. */
#include <string.h>

#include "common/pbjson.h"
#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/story.h"
#include "services/cli/story_show.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define CONSULT(X) SCHAKEL__V1__CONSULT_STATE__CONSULT_STATE_##X

char *consult_code(struct cli *c, const char *text)
{
	char *code = cli_printf(c, "%s", text);
	size_t len = 0;

	for (const char *p = text; *p != '\0'; p++) {
		bool big = *p >= 'A' && *p <= 'Z';
		char ch = *p;
		if (big) {
			ch = (char)(*p - 'A' + 'a');
		}
		if (ch == 'o') {
			ch = '0';
		} else if (ch == 'i' || ch == 'l') {
			ch = '1';
		}
		if (ch != '-' && ch != ' ') {
			code[len++] = ch;
		}
	}
	code[len] = '\0';
	return code;
}

/* What is said, and under which name its words are sealed. */
struct moved {
	PB(ConsultState) to;
	const char *name;
	const char *nl;
	const char *en;
};

static int move(struct cli *c, const struct moved *moved)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(MoveConsult) n = SCHAKEL__V1__MOVE_CONSULT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Capsule) *words = NULL;
	int rc = said_seal(c, c->args_len > 1 ? c->arg[1] : NULL, moved->name, &words);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	if (rc != CLI_DONE) {
		return rc;
	}
	n.short_code = consult_code(c, c->arg[0]);
	n.to = moved->to;
	n.capsules = &words;
	n.n_capsules = words == NULL ? 0 : 1;
	m.body_case = BODY(MOVE_CONSULT);
	m.move_consult = &n;
	return said_send(&k, &m, moved->nl, moved->en);
}

static int cmd_ask(struct cli *c)
{
	static const struct moved asked = { CONSULT(INFORMATION_REQUESTED), "asked_back",
					    "Gevraagd wat nog nodig is.",
					    "Asked what is still needed." };

	return move(c, &asked);
}

static int cmd_tell(struct cli *c)
{
	static const struct moved told = { CONSULT(RESPONSE_REQUIRED), "informed", "Aangevuld.",
					   "Told." };

	return move(c, &told);
}

static int cmd_answer(struct cli *c)
{
	static const struct moved given = { CONSULT(RESPONSE_GIVEN), "advice",
					    "Advies gegeven. Of het genoeg was, zegt het gezin: "
					    "schakel consult confirm.",
					    "Advice given. Whether it was enough is for the family "
					    "to say: schakel consult "
					    "confirm." };

	return move(c, &given);
}

/* Whether it was enough is the family's to say, by the number of its own request. */
static int cmd_confirm(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ConfirmConsult) n = SCHAKEL__V1__CONFIRM_CONSULT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	if (cli_flag(c, "enough") == cli_flag(c, "not-enough")) {
		return cli_usage(c, "Geef --enough of --not-enough: wat zegt het gezin?",
				 "Give --enough or --not-enough: what does the family say?");
	}
	n.enough = cli_flag(c, "enough");
	int rc = said_request(&k, 0, &n.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(CONFIRM_CONSULT);
	m.confirm_consult = &n;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

static int cmd_cancel(struct cli *c)
{
	static const struct moved ended = { CONSULT(CANCELLED), "story", "Niet meer nodig.",
					    "Not needed any more." };

	return move(c, &ended);
}

static const struct column consult_facts[] = {
	{ "short_code", "nummer", "number", CELL_TEXT, NULL },
	{ "state", "toestand", "state", CELL_WORD, SET(consult_state) },
	{ "received_ms", "gevraagd op", "asked on", CELL_DATE, NULL },
	{ "converted_to", "ging verder als aanmelding", "went on as request", CELL_TEXT, NULL },
	{ "capsules", "wat al verteld is (stukken)", "what was told already (pieces)", CELL_COUNT,
	  NULL },
	{ 0 },
};

static void show_told(struct cli *c, json_t *told)
{
	if (json_array_size(told) > 0) {
		out_title(c, "\nWat verteld en geantwoord is", "\nWhat was told and answered");
		story_show(c, told);
		out_title(c, "%s", "%s", "");
	}
}

static int cmd_show(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QueryConsult) q = SCHAKEL__V1__QUERY_CONSULT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	int rc = call_open(&k, c);

	if (rc != CLI_DONE) {
		return rc;
	}
	q.short_code = consult_code(c, c->arg[0]);
	m.body_case = BODY(QUERY_CONSULT);
	m.query_consult = &q;
	rc = call_query(&k, INTAKE, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(CONSULT_VIEW)) {
		return call_complain(&k, INTAKE, SK_EPROTO);
	}
	json_t *doc = pb_json(&answer->consult_view->base);
	json_t *told = NULL;
	if (answer->consult_view->n_capsules > 0 && story_key_here(c)) {
		rc = story_open_list(c, answer->consult_view->capsules,
				     answer->consult_view->n_capsules, &told);
	}
	if (c->json) {
		(void)json_object_del(doc, "capsules"); /* sealed bytes say nothing to anybody */
		if (told != NULL) {
			(void)json_object_set(doc, "told", told);
		}
		out_json(c, doc);
	} else {
		out_title(c, "Vraag om advies", "Question for advice");
		out_facts(c, doc, consult_facts);
		show_told(c, told);
		cli_say(c,
			"Verder als aanmelding, zonder opnieuw te vertellen: schakel request "
			"submit BESTAND --from-consult %s",
			"On as a request, without telling it again: schakel request submit FILE "
			"--from-consult %s",
			q.short_code);
	}
	json_decref(told);
	json_decref(doc);
	return rc;
}

static const struct option confirm_options[] = {
	{ "enough", NULL, "het gezin zegt: het was genoeg (dit of het volgende is nodig)",
	  "the family says: it was enough (this or the next is needed)" },
	{ "not-enough", NULL, "het gezin zegt: het was niet genoeg",
	  "the family says: it was not enough" },
	{ 0 },
};

const struct command consult_commands[] = {
	{ "consult show", "NUMMER", 1, 1, NULL, "zoekt een vraag om advies op met haar nummer",
	  "finds a question for advice by its number",
	  "schakel consult show k7q2m4t9xa --as clb-ieper", cmd_show },
	{ "consult ask", "NUMMER [BESTAND]", 1, 2, NULL,
	  "vraagt wat nog nodig is om te kunnen antwoorden; de tekst wordt verzegeld",
	  "asks what is still needed for an answer; the text is sealed",
	  "schakel consult ask k7q2m4t9xa vraag.txt --as meldpunt", cmd_ask },
	{ "consult tell", "NUMMER [BESTAND]", 1, 2, NULL,
	  "vult aan wat gevraagd was; de tekst wordt verzegeld",
	  "tells what was asked for; the text is sealed",
	  "schakel consult tell k7q2m4t9xa antwoord.txt --as clb-ieper", cmd_tell },
	{ "consult answer", "NUMMER [BESTAND]", 1, 2, NULL,
	  "geeft het advies; de tekst wordt verzegeld", "gives the advice; the text is sealed",
	  "schakel consult answer k7q2m4t9xa advies.txt --as meldpunt", cmd_answer },
	{ "consult confirm", "NUMMER", 1, 1, confirm_options, "noteert of het advies genoeg was",
	  "records whether the advice was enough",
	  "schakel consult confirm k7q2m4t9xa --enough --as clb-ieper", cmd_confirm },
	{ "consult cancel", "NUMMER", 1, 1, NULL, "zegt dat er geen advies meer nodig is",
	  "says that no advice is needed any more",
	  "schakel consult cancel k7q2m4t9xa --as clb-ieper", cmd_cancel },
	{ 0 },
};
