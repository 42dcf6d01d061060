/* SPDX-License-Identifier: EUPL-1.2 */
/* What a partner is asked, and its answers. */
#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/request_show.h"
#include "services/cli/request_text.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 50

static const struct column columns[] = {
	{ "short_code", "vraag", "ask", CELL_TEXT, NULL },
	{ "expertise", "hulpvraag", "need", CELL_EXPERTISE, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "age_from", "van", "from", CELL_NUMBER, NULL },
	{ "age_to", "tot (jaar)", "to (years)", CELL_NUMBER, NULL },
	{ "amount", "hoeveel", "amount", CELL_NUMBER, NULL },
	{ "duration_weeks", "weken", "weeks", CELL_NUMBER, NULL },
	{ "urgency", "dringendheid", "urgency", CELL_WORD, SET(urgency) },
	{ "state_text", "toestand", "state", CELL_TEXT, NULL },
	{ "answer_by_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "pool", "aanbod", "capacity", CELL_TEXT, NULL },
	{ 0 },
};

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	PB(QueryAsks) q = SCHAKEL__V1__QUERY_ASKS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { MATCHING, &m, &q.after, BODY(ASKS_VIEW), "asks", 0 };
	json_t *doc = NULL;
	int rc = call_open(&k, c);

	q.all = cli_flag(c, "all");
	q.limit = PAGE;
	q.partner = (char *)(uintptr_t)(cli_flag(c, "partner") ? cli_opt(c, "partner") : "");
	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = &q;
	rc = rc != CLI_DONE ? rc : pages_read(&k, &p, &doc);
	if (rc == CLI_DONE) {
		if (!c->json) {
			states_text_add(c, json_object_get(doc, "asks"), SET(contribution_state));
		}
		out_table(c, doc, "asks", columns);
		json_decref(doc);
	}
	return rc;
}

static int answer_options(struct cli *c, PB(AnswerAsk) *a)
{
	int answer = 0;
	int can_if = 0;
	int rc = cli_arg_code(c, 1, SET(answer_kind), &answer);

	rc = rc != CLI_DONE ? rc : cli_opt_code(c, "if", SET(can_if), &can_if);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "until", &a->until_ms);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "start", &a->start_at_ms);
	if (rc != CLI_DONE) {
		return rc;
	}
	a->by_call = cli_flag(c, "by-phone");
	a->answer = (PB(AnswerKind))answer;
	a->can_if = (PB(CanIf))can_if;
	if (cli_flag(c, "suggests")) {
		a->suggests = (char *)(uintptr_t)cli_opt(c, "suggests");
	}
	if (a->answer == SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN_IF && can_if == 0) {
		return cli_usage(c, "Kunnen, als ...: zeg met --if wat er nodig is",
				 "Can, if ...: say with --if what is needed");
	}
	if (can_if == SCHAKEL__V1__CAN_IF__CAN_IF_START_DATE && a->start_at_ms == 0) {
		return cli_usage(c, "Kunnen vanaf een dag: zeg met --start welke",
				 "Can from a day on: say with --start which");
	}
	if (a->answer == SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_NOW && a->until_ms == 0) {
		return cli_usage(c, "Nu niet: zeg met --until vanaf wanneer wel",
				 "Not now: say with --until from when you can");
	}
	return CLI_DONE;
}

static int contribution_id(struct call *k, ProtobufCBinaryData *ret_id)
{
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_contribution(k, k->cli->arg[0], &id);
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int cmd_answer(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(AnswerAsk) a = SCHAKEL__V1__ANSWER_ASK__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Receipt) *r = NULL;
	int rc = answer_options(c, &a);

	rc = rc != CLI_DONE ? rc : contribution_id(&k, &a.contribution_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(ANSWER_ASK);
	m.answer_ask = &a;
	rc = call_command(&k, MATCHING, &m, &r);
	return out_receipt(c, rc, r, "Antwoord ontvangen, dank u.", "Answer received, thank you.");
}

static int cmd_take_back(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(TakeBack) t = SCHAKEL__V1__TAKE_BACK__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Receipt) *r = NULL;
	int rc = contribution_id(&k, &t.contribution_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(TAKE_BACK);
	m.take_back = &t;
	rc = call_command(&k, MATCHING, &m, &r);
	return out_receipt(c, rc, r, "Teruggenomen; er wordt verder gezocht.",
			   "Taken back; the search goes on.");
}

static const struct option list_options[] = {
	{ "all", NULL, "ook wat al beantwoord of voorbij is", "also what was answered or is over" },
	{ "partner", "PARTIJ", "van deze partner (meldpunt, coördinator)",
	  "of this partner (contact point, coordinator)" },
	{ 0 },
};
static const struct option answer_list[] = {
	{ "if", "CODE", "nodig bij CAN_IF: wat er nodig is (codes hieronder)",
	  "needed with CAN_IF: what is needed (codes below)" },
	{ "until", "DAG", "nodig bij NOT_NOW: vanaf wanneer wel; CAN: tot wanneer het aanbod staat",
	  "needed with NOT_NOW: from when; CAN: until when the offer stands" },
	{ "start", "DAG", "kunnen: wanneer het start", "can: when it starts" },
	{ "suggests", "PARTIJ", "wij niet, wel misschien deze", "not us, but perhaps these" },
	{ "by-phone", NULL, "genoteerd voor de partner, die het aan de telefoon zei (meldpunt)",
	  "noted for the partner, who said it by telephone (contact point)" },
	{ 0 },
};

const struct command ask_commands[] = {
	{ "ask list", "", 0, 0, list_options, "toont wat er aan ons gevraagd is",
	  "shows what is asked of us", "schakel ask list --as ovbj-ieper", cmd_list },
	{ "ask answer", "VRAAG ANTWOORD", 2, 2, answer_list,
	  "beantwoordt een vraag: CAN, CAN_IF, NOT_NOW of NOT_OURS",
	  "answers an ask: CAN, CAN_IF, NOT_NOW or NOT_OURS",
	  "schakel ask answer 3fm8xn2kq7 CAN --start 2026-03-09 --as ovbj-ieper", cmd_answer },
	{ "ask take-back", "VRAAG", 1, 1, NULL, "neemt een ja terug zolang er niets is afgesproken",
	  "takes a yes back as long as nothing is agreed",
	  "schakel ask take-back 3fm8xn2kq7 --as ovbj-ieper", cmd_take_back },
	{ 0 },
};
