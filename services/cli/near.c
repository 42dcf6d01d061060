/* SPDX-License-Identifier: EUPL-1.2 */
/* Who offers what near me; a partner's own mirror; whom to telephone. */
#include <string.h>

#include "common/pbjson.h"
#include "services/cli/call_list.h"
#include "services/cli/figure_text.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/paper.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 50

static char *opt_text(struct cli *c, const char *name)
{
	return (char *)(uintptr_t)(cli_flag(c, name) ? cli_opt(c, name) : "");
}

/* --- the directory --- */

static const struct column directory_columns[] = {
	{ "pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ "partner", "partner", "partner", CELL_PARTY, NULL },
	{ "uses.0.zones", "zones", "zones", CELL_LIST, NULL },
	{ "uses.0.age_from", "van", "from", CELL_NUMBER, NULL },
	{ "uses.0.age_to", "tot (jaar)", "to (years)", CELL_NUMBER, NULL },
	{ "free", "vrij", "free", CELL_NUMBER, NULL },
	{ "promised", "beloofd", "promised", CELL_NUMBER, NULL },
	{ "unit", "eenheid", "unit", CELL_WORD, SET(unit) },
	{ "state", "toestand", "state", CELL_WORD, SET(pool_state) },
	{ "observed_at_ms", "cijfer van", "figure of", CELL_DATE, NULL },
	{ 0 },
};

static int cmd_directory(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryDirectory) q = SCHAKEL__V1__QUERY_DIRECTORY__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(DIRECTORY_VIEW), "items", 0 };
	json_t *doc = NULL;
	int rc = cli_expertise(c, cli_opt(c, "expertise"), &q.expertise);

	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "age", 99, &q.age_years);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	q.zone = opt_text(c, "zone");
	q.limit = PAGE;
	m.body_case = BODY(QUERY_DIRECTORY);
	m.query_directory = &q;
	rc = rc != CLI_DONE ? rc : pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(c, doc, "items", directory_columns);
		json_decref(doc);
	}
	return rc;
}

/* --- what shared hours would do --- */

static const struct column shared_columns[] = {
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "waiting", "wachten", "wait", CELL_NUMBER, NULL },
	{ "starts", "zouden starten", "would start", CELL_NUMBER, NULL },
	{ "musts", "waarvan het moet", "of these must-needs", CELL_NUMBER, NULL },
	{ "hours", "uren gebruikt", "hours used", CELL_NUMBER, NULL },
	{ "oldest_ms", "wie het eerst start, staat sinds", "the first to start stands since",
	  CELL_DAY, NULL },
	{ 0 },
};

static int cmd_shared(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryShared) q = SCHAKEL__V1__QUERY_SHARED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *a = NULL;
	int rc = cli_expertise(c, c->arg[0], &q.expertise);

	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "hours", 168, &q.hours);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	q.zone = opt_text(c, "zone");
	m.body_case = BODY(QUERY_SHARED);
	m.query_shared = &q;
	rc = rc != CLI_DONE ? rc : call_query(&k, MATCHING, &m, &a);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (a->body_case != BODY(SHARED_VIEW)) {
		return call_complain(&k, MATCHING, SK_EPROTO);
	}
	json_t *doc = pb_json(&a->shared_view->base);
	out_table(c, doc, "items", shared_columns);
	json_decref(doc);
	return CLI_DONE;
}

/* --- the mirror --- */

static const struct column mirror_columns[] = {
	{ "period", "maand", "month", CELL_TEXT, NULL },
	{ "asked", "gevraagd", "asked", CELL_NUMBER, NULL },
	{ "can", "kunnen", "can", CELL_NUMBER, NULL },
	{ "can_if", "kunnen, als", "can, if", CELL_NUMBER, NULL },
	{ "not_now", "nu niet", "not now", CELL_NUMBER, NULL },
	{ "not_ours", "wij niet", "not us", CELL_NUMBER, NULL },
	{ "lapsed", "geen antwoord", "no answer", CELL_NUMBER, NULL },
	{ "hours_p50", "de helft antwoordt binnen (uur)", "half answered within (hours)",
	  CELL_NUMBER, NULL },
	{ "can_percent", "kunnen (%)", "can (%)", CELL_NUMBER, NULL },
	{ "expected_can_percent", "iedereen samen (%)", "all together (%)", CELL_NUMBER, NULL },
	{ 0 },
};

static int percent_of(json_t *row, const char *field)
{
	return (int)((json_integer_value(json_object_get(row, field)) + 5) / 10);
}

/* The month in words, and of a hundred what the wire has of a thousand. */
static void mirror_words(const struct cli *c, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		uint32_t month = (uint32_t)json_integer_value(json_object_get(row, "month"));
		(void)json_object_set_new(row, "period",
					  json_string(figure_month_text(month, c->lang).s));
		(void)json_object_set_new(row, "can_percent",
					  json_integer(percent_of(row, "can_permille")));
		(void)json_object_set_new(row, "expected_can_percent",
					  json_integer(percent_of(row, "expected_can_permille")));
	}
}

static int cmd_mirror(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryMirror) q = SCHAKEL__V1__QUERY_MIRROR__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *a = NULL;
	int rc = cli_opt_u32(c, "months", 24, &q.months);

	if (rc == CLI_DONE && q.months == 0 && cli_flag(c, "months")) {
		return cli_usage(c, "--months: geef 1 tot 24", "--months: give 1 to 24");
	}
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	m.body_case = BODY(QUERY_MIRROR);
	m.query_mirror = &q;
	rc = rc != CLI_DONE ? rc : call_query(&k, MATCHING, &m, &a);
	if (rc != CLI_DONE) {
		return rc;
	}
	json_t *doc = pb_json(&a->mirror_view->base);
	if (!c->json) {
		mirror_words(c, json_object_get(doc, "rows"));
	}
	out_table(c, doc, "rows", mirror_columns);
	cli_say(c,
		"Alleen voor u. 'Iedereen samen' is wat alle partners op zulke vragen antwoorden "
		"(zelfde hulpvraag, even dringend).",
		"For you alone. 'All together' is what all partners answer to such asks (same "
		"need, as urgent).");
	json_decref(doc);
	return CLI_DONE;
}

/* --- the call list --- */

static const struct column call_columns[] = {
	{ "partner", "bellen naar", "call", CELL_PARTY, NULL },
	{ "partner", "telefoon", "telephone", CELL_PHONE, NULL },
	{ "on_call", "van wacht", "on call", CELL_YES, NULL },
	{ "ask.short_code", "vraag", "ask", CELL_TEXT, NULL },
	{ "ask.crisis_step", "crisis", "crisis", CELL_WORD, SET(crisis_step) },
	{ "ask.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "ask.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "ask.answer_by_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "unconfirmed", "niet bevestigd", "not confirmed", CELL_YES, NULL },
	{ 0 },
};
static const struct column call_paper[] = {
	{ "partner", "bellen naar", "call", CELL_NAME, NULL },
	{ "partner", "telefoon", "telephone", CELL_PHONE, NULL },
	{ "ask.short_code", "vraag", "ask", CELL_TEXT, NULL },
	{ "ask.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "ask.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "ask.answer_by_ms", "vóór", "before", CELL_DATE, NULL },
	{ "", "antwoord, van wie", "answer, by whom", CELL_TEXT, NULL },
	{ 0 },
};

static const struct column crisis_columns[] = {
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "request.crisis_step", "hulp nodig", "help needed", CELL_WORD, SET(crisis_step) },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "request.age_years", "jaar", "years", CELL_NUMBER, NULL },
	{ "request.received_ms", "sinds", "since", CELL_DATE, NULL },
	{ "night_plan", "nachtplan", "night plan", CELL_YES, NULL },
	{ "call_at_ms", "bel het gezin vóór", "call the family before", CELL_DATE, NULL },
	{ "bridging_party", "intussen bij", "meanwhile with", CELL_PARTY, NULL },
	{ "contact_party", "aanspreekpunt", "contact person", CELL_PARTY, NULL },
	{ 0 },
};
static const struct column crisis_paper[] = {
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "request.crisis_step", "hulp nodig", "help needed", CELL_WORD, SET(crisis_step) },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "request.received_ms", "sinds", "since", CELL_DATE, NULL },
	{ "call_at_ms", "bel gezin vóór", "call family before", CELL_DATE, NULL },
	{ "bridging_party", "intussen bij", "meanwhile", CELL_NAME, NULL },
	{ "", "wat er gebeurde", "what was done", CELL_TEXT, NULL },
	{ 0 },
};

static int asks_to_call(struct call *k, json_t **ret_doc)
{
	PB(QueryCallList) q = SCHAKEL__V1__QUERY_CALL_LIST__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(CALL_LIST_VIEW), "items", 0 };

	q.zone = opt_text(k->cli, "zone");
	q.limit = PAGE;
	m.body_case = BODY(QUERY_CALL_LIST);
	m.query_call_list = &q;
	return pages_read(k, &p, ret_doc);
}

/* A crisis in which nobody is asked stands on no list of asks. */
static int crises_to_call(struct call *k, json_t *doc)
{
	PB(QueryRequest) q = SCHAKEL__V1__QUERY_REQUEST__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { INTAKE, &m, &q.after, BODY(REQUEST_VIEW), "requests", 0 };
	json_t *found = NULL;

	q.to_call = true;
	q.limit = PAGE;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	int rc = pages_read(k, &p, &found);
	if (rc == CLI_DONE) {
		json_t *rows =
			call_list_crises(json_object_get(found, "requests"), opt_text(k->cli, "zon"
											      "e"));
		(void)json_object_set_new(doc, "crises", rows);
		json_decref(found);
	}
	return rc;
}

static void call_list_show(struct call *k, json_t *doc)
{
	struct cli *c = k->cli;
	bool crises = json_array_size(json_object_get(doc, "crises")) > 0;
	bool asks = json_array_size(json_object_get(doc, "items")) > 0;
	struct paper paper = { "Crisis zonder plek", "Crisis without a place", k->conf->node, 0 };

	if (c->json) {
		out_json(c, doc);
	} else if (cli_flag(c, "print")) {
		paper.at_ms = paper_now();
		if (crises) {
			paper_table(c, &paper, doc, "crises", crisis_paper);
			(void)fputc('\f', c->out);
		}
		paper.title_nl = "Bellijst";
		paper.title_en = "Call list";
		paper_table(c, &paper, doc, "items", call_paper);
	} else {
		if (crises) {
			out_title(c, "Crisis zonder plek, dringendst eerst",
				  "Crisis without a place, most pressing first");
			out_table(c, doc, "crises", crisis_columns);
		}
		if (crises && asks) {
			out_title(c, "\nWie nog moet antwoorden", "\nWho has still to answer");
		}
		if (asks || !crises) {
			out_table(c, doc, "items", call_columns);
		}
	}
}

/* One half is shown without the other: at night half a list is better than none. */
static int cmd_call_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	json_t *doc = NULL;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	if (rc != CLI_DONE) {
		return rc;
	}
	rc = asks_to_call(&k, &doc);
	doc = doc == NULL ? json_object() : doc;
	int also = crises_to_call(&k, doc);
	if (rc == CLI_DONE || also == CLI_DONE) {
		call_list_show(&k, doc);
	}
	json_decref(doc);
	return rc != CLI_DONE ? rc : also;
}

static const struct option directory_options[] = {
	{ "expertise", "HULP", "welke hulp", "which help" },
	{ "zone", "ZONE", "in deze zone", "in this zone" },
	{ "age", "JAAR", "voor deze leeftijd", "for this age" },
	{ 0 },
};
static const struct option shared_options[] = {
	{ "zone", "ZONE", "in deze zone (anders elke zone)", "in this zone (else each zone)" },
	{ "hours", "N", "zoveel uren per week (1)", "so many hours a week (1)" },
	{ 0 },
};
static const struct option mirror_options[] = {
	{ "months", "N", "zoveel maanden terug (12)", "so many months back (12)" },
	{ 0 },
};
static const struct option call_options[] = {
	{ "zone", "ZONE", "in deze zone", "in this zone" },
	PAPER_OPTION,
	{ 0 },
};

const struct command near_commands[] = {
	{ "directory", "", 0, 0, directory_options,
	  "toont wie wat aanbiedt, en van wanneer het cijfer is",
	  "shows who offers what, and how old the figure is",
	  "schakel directory --expertise RESPITE --zone westhoek --as school-ieper",
	  cmd_directory },
	{ "capacity share", "HULP", 1, 1, shared_options,
	  "toont wat uren die u deelt voor de wachtenden doen",
	  "shows what hours that you share do for who waits",
	  "schakel capacity share TRAUMA --hours 4 --as ovbj-ieper", cmd_shared },
	{ "mirror", "", 0, 0, mirror_options,
	  "toont uw eigen antwoorden, naast wat aan u gevraagd werd",
	  "shows your own answers beside what you were asked", "schakel mirror --as ovbj-ieper",
	  cmd_mirror },
	{ "call list", "", 0, 0, call_options,
	  "toont welke crisis nog geen plek heeft en wie nu gebeld moet worden, dringendst eerst",
	  "shows which crisis has no place yet and whom to telephone now, most pressing first",
	  "schakel call list --print --as meldpunt", cmd_call_list },
	{ 0 },
};
