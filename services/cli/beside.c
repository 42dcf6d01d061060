/* SPDX-License-Identifier: EUPL-1.2 */
/* "Ik sta er alleen voor": a call for somebody beside me, and who comes. */
#include "services/cli/listed.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define STATE(NAME) SCHAKEL__V1__HELP_CALL_STATE__HELP_CALL_STATE_##NAME
#define PAGE 20

static const struct column columns[] = {
	{ "short_code", "oproep", "call", CELL_TEXT, NULL },
	{ "addressee", "aan", "to", CELL_WORD, SET(help_addressee) },
	{ "state", "toestand", "state", CELL_WORD, SET(help_call_state) },
	{ "from_party", "van", "from", CELL_PARTY, NULL },
	{ "to_party", "gevraagd", "asked", CELL_PARTY, NULL },
	{ "due_ms", "antwoord vóór", "answer before", CELL_DATE, NULL },
	{ "expertise", "waarover", "about", CELL_EXPERTISE, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "crisis", "crisis", "crisis", CELL_YES, NULL },
	{ 0 },
};

static int cmd_ask(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(CallForHelp) h = SCHAKEL__V1__CALL_FOR_HELP__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int to = SCHAKEL__V1__HELP_ADDRESSEE__HELP_ADDRESSEE_PEER;
	int rc = c->args_len == 0 ? CLI_DONE : cli_arg_code(c, 0, SET(help_addressee), &to);

	rc = rc != CLI_DONE ? rc : cli_expertise(c, cli_opt(c, "expertise"), &h.expertise);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : call_check_zone(&k, "--zone", cli_opt(c, "zone"));
	rc = rc != CLI_DONE ? rc : named_request(&k, cli_opt(c, "request"), &h.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	h.addressee = (PB(HelpAddressee))to;
	h.zone = opt_text(c, "zone");
	h.network = opt_text(c, "network");
	m.body_case = BODY(CALL_FOR_HELP);
	m.call_for_help = &h;
	return said_send(&k, &m, "U staat er niet alleen voor: er wordt iemand gevraagd.",
			 "You do not stand alone: somebody is being asked.");
}

static struct pages pages_of(PB(Message) *m, PB(QueryHelpCalls) *q)
{
	q->limit = PAGE;
	m->body_case = BODY(QUERY_HELP_CALLS);
	m->query_help_calls = q;
	return (struct pages){ INTAKE, m, &q->after, BODY(HELP_CALLS_VIEW), "calls", 0 };
}

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QueryHelpCalls) q = SCHAKEL__V1__QUERY_HELP_CALLS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = pages_of(&m, &q);
	int rc = call_open(&k, c);

	q.open_only = !cli_flag(c, "all");
	return rc != CLI_DONE ? rc : listed_show(&k, &p, columns);
}

static int move(struct cli *c, PB(HelpCallState) to, const char *nl, const char *en)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QueryHelpCalls) q = SCHAKEL__V1__QUERY_HELP_CALLS__INIT;
	PB(MoveHelpCall) v = SCHAKEL__V1__MOVE_HELP_CALL__INIT;
	PB(Message) ask = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = pages_of(&ask, &q);
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : listed_find(&k, &p, c->arg[0], "call_id", &v.call_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	v.to = to;
	m.body_case = BODY(MOVE_HELP_CALL);
	m.move_help_call = &v;
	return said_send(&k, &m, nl, en);
}

static int cmd_take(struct cli *c)
{
	return move(c, STATE(TAKEN), "Dank u: u komt erbij.", "Thank you: you come beside.");
}

static int cmd_give_back(struct cli *c)
{
	return move(c, STATE(OPEN), "Dank u om het te zeggen; de volgende wordt gevraagd.",
		    "Thank you for saying so; the next one is asked.");
}

static int cmd_answer(struct cli *c)
{
	return move(c, STATE(ANSWERED), "Fijn dat u geholpen bent.", "Good that you were helped.");
}

static int cmd_cancel(struct cli *c)
{
	return move(c, STATE(CANCELLED), "Niet meer nodig: genoteerd.",
		    "No longer needed: recorded.");
}

static const struct option ask_options[] = {
	{ "expertise", "CODE", "waarin u iemand zoekt", "in what you look for somebody" },
	{ "request", "AANMELDING", "over welke aanmelding", "about which request" },
	{ "zone", "ZONE", "in welke zone; anders die van u of van de aanmelding",
	  "in which zone; else yours or that of the request" },
	{ "network", "NAAM", "welk netwerk", "which network" },
	{ 0 },
};
static const struct option list_options[] = {
	{ "all", NULL, "ook wat voorbij is", "also what is over" },
	{ 0 },
};

const struct command beside_commands[] = {
	{ "beside ask", "[AAN]", 0, 1, ask_options,
	  "ik sta er alleen voor: vraagt een collega (of NETWORK, GOVERNMENT) erbij",
	  "I stand alone: asks a colleague (or NETWORK, GOVERNMENT) to come beside",
	  "schakel beside ask --request k7q2m4t9xa --as ovbj-ieper", cmd_ask },
	{ "beside list", "", 0, 0, list_options, "toont wie iemand naast zich vraagt",
	  "shows who asks for somebody beside them", "schakel beside list --as ovbj-ieper",
	  cmd_list },
	{ "beside take", "OPROEP", 1, 1, NULL, "ik kom erbij", "I come beside you",
	  "schakel beside take 3fm8xn2kq7 --as clb-ieper", cmd_take },
	{ "beside give-back", "OPROEP", 1, 1, NULL,
	  "het lukt toch niet: de volgende wordt gevraagd",
	  "it is not possible after all: the next one is asked",
	  "schakel beside give-back 3fm8xn2kq7 --as clb-ieper", cmd_give_back },
	{ "beside answer", "OPROEP", 1, 1, NULL, "ik ben geholpen", "I was helped",
	  "schakel beside answer 3fm8xn2kq7 --as ovbj-ieper", cmd_answer },
	{ "beside cancel", "OPROEP", 1, 1, NULL, "het is niet meer nodig", "it is no longer needed",
	  "schakel beside cancel 3fm8xn2kq7 --as ovbj-ieper", cmd_cancel },
	{ 0 },
};
