/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/request_show.h"

#include <string.h>

#include "common/pbjson.h"
#include "common/words.h"
#include "services/cli/family_view.h"
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/request_children.h"
#include "services/cli/request_text.h"
#include "services/cli/story.h"
#include "services/cli/story_show.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 20

static const struct column facts[] = {
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ "kind", "soort", "kind", CELL_WORD, SET(request_kind) },
	{ "request.urgency", "dringendheid", "urgency", CELL_WORD, SET(urgency) },
	{ "request.crisis_step", "hulp nodig", "help needed", CELL_WORD, SET(crisis_step) },
	{ "consult", "advies", "advice", CELL_WORD, SET(consult_state) },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "request.age_years", "leeftijd", "age", CELL_NUMBER, NULL },
	{ "request.received_ms", "ontvangen", "received", CELL_DATE, NULL },
	{ "contact_text", "aanspreekpunt", "contact person", CELL_TEXT, NULL },
	{ "stand_in_party", "vervanger", "stand-in", CELL_PARTY, NULL },
	{ "contact_due_ms", "aanspreekpunt vóór", "contact person before", CELL_DATE, NULL },
	{ "answer_due_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "breached_ms", "OVER DE TERMIJN sinds", "OVER THE TERM since", CELL_DATE, NULL },
	{ "answered_ms", "eerste hulp gestart", "first help started", CELL_DATE, NULL },
	{ "advice_ms", "het advies was genoeg", "the advice was enough", CELL_DATE, NULL },
	{ "next", "wat bewaakt wordt", "what is watched", CELL_WORD, SET(alarm_kind) },
	{ "watch_text", "wat bewaakt wordt", "what is watched", CELL_TEXT, NULL },
	{ "next_ms", "uiterlijk", "at the latest", CELL_DATE, NULL },
	{ "ground_text", "akkoord om te starten", "agreement to start", CELL_TEXT, NULL },
	{ "concern_text", "gemandateerde dienst", "mandated service", CELL_TEXT, NULL },
	{ "concern_party", "dienst die het weet", "service that knows", CELL_PARTY, NULL },
	{ "concern_ms", "ingelicht op", "told on", CELL_DATE, NULL },
	{ "concern_reason", "zorg om", "worried about", CELL_WORD, SET(danger_reason) },
	{ "night_plan", "nachtplan", "night plan", CELL_YES, NULL },
	{ "call_at_ms", "bel het gezin vóór", "call the family before", CELL_DATE, NULL },
	{ "bridging_party", "intussen bij", "meanwhile with", CELL_PARTY, NULL },
	{ "called_text", "die nacht gebeld", "called that night", CELL_TEXT, NULL },
	{ "family_wish_until_ms", "het gezin wil zelf wachten tot", "the family itself waits until",
	  CELL_DATE, NULL },
	{ "from_consult", "ging verder van advies", "went on from advice", CELL_TEXT, NULL },
	{ "request.request_version", "versie", "version", CELL_NUMBER, NULL },
	{ 0 },
};
static const struct column holder_columns[] = {
	{ "party", "houdt vast", "holds", CELL_PARTY, NULL },
	{ "kind", "als", "as", CELL_WORD, SET(holder_kind) },
	{ "from_ms", "sinds", "since", CELL_DATE, NULL },
	{ "until_ms", "tot", "until", CELL_DATE, NULL },
	{ 0 },
};
static const struct column need_columns[] = {
	{ "number", "nr", "no.", CELL_NUMBER, NULL },
	{ "child_number", "kind", "child", CELL_NUMBER, NULL },
	{ "need.expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "need.must", "moet", "must", CELL_YES, NULL },
	{ "need.intensity", "uren/plekken", "hours/places", CELL_NUMBER, NULL },
	{ "need.duration_weeks", "weken", "weeks", CELL_NUMBER, NULL },
	{ "need.state", "toestand", "state", CELL_WORD, SET(need_state) },
	{ "shortfall", "wat nog ontbreekt", "what still lacks", CELL_WORD, SET(shortfall) },
	{ 0 },
};
static const struct column seat_columns[] = {
	{ "expertise", "voor", "for", CELL_EXPERTISE, NULL },
	{ "partner", "partner", "partner", CELL_PARTY, NULL },
	{ "pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ "modality", "waar", "where", CELL_WORD, SET(modality) },
	{ "interpreter", "tolk", "interpreter", CELL_YES, NULL },
	{ "interpreter_pool", "uren tolk bij", "interpreter's hours at", CELL_TEXT, NULL },
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ 0 },
};
static const struct column help_columns[] = {
	{ "short_code", "aandeel", "contribution", CELL_TEXT, NULL },
	{ "expertise", "voor", "for", CELL_EXPERTISE, NULL },
	{ "partner", "partner", "partner", CELL_PARTY, NULL },
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ "at_ms", "sinds", "since", CELL_DATE, NULL },
	{ 0 },
};
static const struct column voice_columns[] = {
	{ "speaker", "wie", "who", CELL_WORD, SET(speaker) },
	{ "adult", "nummer", "number", CELL_NUMBER, NULL },
	{ "child_number", "over kind", "about child", CELL_NUMBER, NULL },
	{ "voice", "zei", "said", CELL_WORD, SET(voice) },
	{ "proposal_version", "over voorstel", "about proposal", CELL_NUMBER, NULL },
	{ "at_ms", "wanneer", "when", CELL_DATE, NULL },
	{ 0 },
};
static const struct column wait_columns[] = {
	{ "expertise", "voor", "for", CELL_EXPERTISE, NULL },
	{ "since_ms", "wacht sinds", "waits since", CELL_DATE, NULL },
	{ "shortfall", "wat nog ontbreekt", "what still lacks", CELL_WORD, SET(shortfall) },
	{ "block.rule", "regel", "rule", CELL_WORD, SET(rule_kind) },
	{ "bridging_party", "intussen", "meanwhile", CELL_PARTY, NULL },
	{ "review_ms", "nieuw overleg vóór", "looked at again before", CELL_DAY, NULL },
	{ 0 },
};
static const struct column table_columns[] = {
	{ "reason", "waarom", "why", CELL_WORD, SET(case_table_reason) },
	{ "state", "hoe het staat", "how it stands", CELL_WORD, SET(case_table_state) },
	{ "owner", "wie ervoor zorgt", "who carries it", CELL_PARTY, NULL },
	{ "due_ms", "ten laatste", "by", CELL_DAY, NULL },
	{ "planned_ms", "gesprek op", "talk on", CELL_DATE, NULL },
	{ "invited", "wie nog komt", "who else comes", CELL_NAME, NULL },
	{ 0 },
};
static const struct column other_columns[] = {
	{ "number", "vraag", "question", CELL_NUMBER, NULL },
	{ "wanted", "wat", "what", CELL_WORD, SET(other_wanted) },
	{ "at_ms", "gevraagd", "asked", CELL_DATE, NULL },
	{ "due_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "answered_ms", "beantwoord", "answered", CELL_DATE, NULL },
	{ "done", "er is een ander", "there is another one", CELL_YES, NULL },
	{ 0 },
};

int out_done(struct cli *c, int rc, const PB(Receipt) *r, const char *nl, const char *en)
{
	if (r != NULL && c->json) {
		json_t *doc = pb_json(&r->base);
		out_json(c, doc);
		json_decref(doc);
	} else if (r != NULL && rc == CLI_DONE) {
		(void)fprintf(c->out, "%s\n", cli_text(c, nl, en));
	}
	return rc;
}

int out_receipt(struct cli *c, int rc, const PB(Receipt) *r, const char *nl, const char *en)
{
	bool code = r != NULL && !c->json && rc == CLI_DONE && r->short_code[0] != '\0';

	if (!code) {
		return out_done(c, rc, r, nl, en);
	}
	(void)fprintf(c->out, "%s %s\n", cli_text(c, nl, en), r->short_code);
	return rc;
}

/* The expertise of a need, for rows that name it by id only. */
static json_t *expertise_of(json_t *needs, const char *need_id)
{
	size_t i;
	json_t *need;

	json_array_foreach (needs, i, need) {
		const char *id = json_string_value(json_at(need, "need.need_id"));
		if (id != NULL && need_id != NULL && strcmp(id, need_id) == 0) {
			return json_at(need, "need.expertise");
		}
	}
	return NULL;
}

static void name_expertise(json_t *needs, json_t *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach (rows, i, row) {
		json_t *e = expertise_of(needs, json_string_value(json_object_get(row, "need_id")));
		if (e != NULL) {
			(void)json_object_set(row, "expertise", e);
		}
	}
}

static void copy(json_t *to, json_t *from, const char *key)
{
	json_t *v = json_object_get(from, key);

	if (v != NULL) {
		(void)json_object_set(to, key, v);
	}
}

/* A proposal says how its seats stood when it was made; people want to know how they stand now. */
static void refresh_seats(json_t *seats, json_t *contributions)
{
	size_t i, n;
	json_t *seat, *now;

	json_array_foreach (seats, i, seat) {
		json_array_foreach (contributions, n, now) {
			if (json_equal(json_object_get(seat, "contribution_id"),
				       json_object_get(now, "contribution_id"))) {
				copy(seat, now, "state");
				copy(seat, now, "can_if");
				copy(seat, now, "meeting_open");
				copy(seat, now, "until_ms");
			}
		}
	}
}

/* All contributions, in one list; a number for each need, by which people name it. */
static json_t *prepare(json_t *doc)
{
	json_t *needs = json_object_get(doc, "needs");
	json_t *all = json_array();
	size_t i;
	json_t *need;

	json_array_foreach (needs, i, need) {
		(void)json_object_set_new(need, "number", json_integer((json_int_t)i + 1));
		(void)json_array_extend(all, json_object_get(need, "contributions"));
	}
	refresh_seats(json_at(doc, "team.seats"), all);
	name_expertise(needs, all);
	name_expertise(needs, json_at(doc, "team.seats"));
	name_expertise(needs, json_at(doc, "team.open"));
	name_expertise(needs, json_object_get(doc, "waits"));
	return all;
}

static void block(struct cli *c, const char *title, json_t *rows, const struct column *cols)
{
	if (json_array_size(rows) > 0) {
		json_t *doc = json_pack("{s:O}", "rows", rows);
		(void)fprintf(c->out, "\n%s\n", title);
		out_table(c, doc, "rows", cols);
		json_decref(doc);
	}
}

/* An emergency is nobody's word: it shows as the ground. */
static json_t *spoken(json_t *positions)
{
	json_t *list = json_array();
	size_t i;
	json_t *p;

	json_array_foreach (positions, i, p) {
		if (json_object_get(p, "speaker") != NULL) {
			(void)json_array_append(list, p);
		}
	}
	return list;
}

/* A court or mandated service is told nothing of the request itself: what it does not know is not
 * shown as none, and neither as over. */
static void service_part(json_t *doc)
{
	json_t *request = json_object_get(doc, "request");

	if (json_integer_value(json_object_get(request, "request_version")) != 0) {
		return;
	}
	(void)json_object_del(request, "age_years");
	(void)json_object_del(request, "request_version");
	(void)json_object_del(doc, "night_plan");
	(void)json_object_del(doc, "open");
}

/* To a volunteer or a mandated service little is told: what is left out is not "0" or "no".
 * @return whether it is so. */
static bool is_part(json_t *doc)
{
	json_t *request = json_object_get(doc, "request");
	const char *zone = json_string_value(json_object_get(request, "zone"));
	bool part = zone == NULL || zone[0] == '\0';

	if (part) {
		(void)json_object_del(request, "age_years");
		(void)json_object_del(request, "request_version");
		(void)json_object_del(doc, "night_plan");
	}
	return part;
}

static void show_facts(struct cli *c, json_t *doc, json_t *contributions)
{
	const char *code = json_string_value(json_object_get(doc, "short_code"));
	bool named = json_is_true(json_object_get(doc, "contact_named"));
	bool open = json_is_true(json_object_get(doc, "open"));

	service_part(doc);
	request_text_add(c, doc);
	states_text_add(c, contributions, SET(contribution_state));
	states_text_add(c, json_at(doc, "team.seats"), SET(contribution_state));
	out_title(c, "Aanmelding %s", "Request %s", code == NULL ? "" : code);
	bool part = is_part(doc);
	out_facts(c, doc, facts);
	if (open && !named && !part) {
		out_title(c,
			  "  benoem het aanspreekpunt: schakel request contact %s PARTIJ VERVANGER",
			  "  name the contact person: schakel request contact %s PARTY STAND-IN",
			  code == NULL ? "" : code);
	}
}

static void show_item(struct cli *c, json_t *doc, json_t *story)
{
	json_t *contributions = prepare(doc);

	if (story != NULL) {
		(void)json_object_set(doc, "story", story);
	}
	if (c->json) {
		out_json(c, doc);
		json_decref(contributions);
		return;
	}
	json_t *positions = spoken(json_object_get(doc, "positions"));
	show_facts(c, doc, contributions);
	children_number(doc, json_object_get(doc, "needs"), "need.child");
	children_number(doc, positions, "child");
	children_show(c, doc);
	block(c, cli_text(c, "Wie houdt vast", "Who holds"), json_object_get(doc, "holders"),
	      holder_columns);
	block(c, cli_text(c, "Hulpvragen", "Needs"), json_object_get(doc, "needs"), need_columns);
	block(c,
	      cli_printf(c, cli_text(c, "Voorstel van team %lld", "Team proposal %lld"),
			 (long long)json_integer_value(json_at(doc, "team.proposal_version"))),
	      json_at(doc, "team.seats"), seat_columns);
	block(c, cli_text(c, "Aandelen", "Contributions"), contributions, help_columns);
	block(c, cli_text(c, "Wat het gezin zegt", "What the family says"), positions,
	      voice_columns);
	children_show_grounds(c, doc);
	block(c, cli_text(c, "Waarop nog gewacht wordt", "What is still waited for"),
	      json_object_get(doc, "waits"), wait_columns);
	block(c, cli_text(c, "Overlegtafels", "Case tables"), json_object_get(doc, "case_tables"),
	      table_columns);
	block(c, cli_text(c, "Gevraagd: een ander", "Asked: another one"),
	      json_object_get(doc, "others_wanted"), other_columns);
	if (json_array_size(story) > 0) {
		out_title(c, "\nWat er verteld is", "\nWhat was told");
		story_show(c, story);
	}
	json_decref(positions);
	json_decref(contributions);
}

/* --- own requests --- */

static const struct column list_columns[] = {
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "request.urgency", "dringendheid", "urgency", CELL_WORD, SET(urgency) },
	{ "request.zone", "zone", "zone", CELL_TEXT, NULL },
	{ "needs.0.need.expertise", "eerste hulpvraag", "first need", CELL_EXPERTISE, NULL },
	{ "needs.0.need.state", "toestand", "state", CELL_WORD, SET(need_state) },
	{ "contact_party", "aanspreekpunt", "contact person", CELL_PARTY, NULL },
	{ "answer_due_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "breached_ms", "OVER DE TERMIJN", "OVER THE TERM", CELL_DATE, NULL },
	{ 0 },
};

static int show_list(struct call *k)
{
	PB(QueryRequest) q = SCHAKEL__V1__QUERY_REQUEST__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { INTAKE, &m, &q.after, BODY(REQUEST_VIEW), "requests", 0 };
	json_t *doc = NULL;

	q.limit = PAGE;
	q.open_only = cli_flag(k->cli, "open");
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	int rc = pages_read(k, &p, &doc);
	if (rc == CLI_DONE) {
		out_table(k->cli, doc, "requests", list_columns);
		json_decref(doc);
	}
	return rc;
}

int cmd_request_show(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(RequestItem) *item = NULL;
	json_t *story = NULL;
	bool shown = false;
	int rc = family_view(c, &shown);

	if (shown) {
		return rc;
	}
	rc = call_open(&k, c);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (c->args_len == 0) {
		return show_list(&k);
	}
	/* Of an order that waits for a court, that court may see what waits and no more. */
	if (cli_opt(c, "order") != NULL) {
		rc = find_order(&k, c->arg[0], cli_opt(c, "order"), &item);
	}
	if (rc == CLI_DONE && item == NULL) {
		rc = find_request(&k, c->arg[0], &item);
	}
	if (rc == CLI_DONE && cli_flag(c, "story")) {
		rc = story_open(c, item, &story);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	json_t *doc = pb_json(&item->base);
	(void)json_object_del(doc, "capsules"); /* sealed bytes say nothing to anybody */
	show_item(c, doc, story);
	json_decref(doc);
	json_decref(story);
	return CLI_DONE;
}
