/* SPDX-License-Identifier: EUPL-1.2 */
/* A rule that stands in the way: named in codes, answered by whom it is addressed to. */
#include <string.h>

#include "services/cli/listed.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define PAGE 20

static const struct column columns[] = {
	{ "short_code", "signaal", "signal", CELL_TEXT, NULL },
	{ "rule", "regel", "rule", CELL_WORD, SET(rule_kind) },
	{ "step", "houdt tegen", "blocks", CELL_WORD, SET(blocked_step) },
	{ "state", "toestand", "state", CELL_WORD, SET(signal_state) },
	{ "child_days", "dagen van kinderen", "child-days", CELL_NUMBER, NULL },
	{ "named_ms", "benoemd", "named", CELL_DAY, NULL },
	{ "zone", "zone", "zone", CELL_TEXT, NULL },
	{ "network", "netwerk", "network", CELL_TEXT, NULL },
	{ "named_by", "door", "by", CELL_PARTY, NULL },
	{ 0 },
};

/* The request of a need that was named as REQUEST/2 need not be given as well. */
static int about(struct call *k, PB(NameSignal) *n)
{
	const char *need = cli_opt(k->cli, "need");
	const char *request = cli_opt(k->cli, "request");
	const char *slash = need == NULL ? NULL : strchr(need, '/');

	if (request == NULL && slash != NULL) {
		request = cli_printf(k->cli, "%.*s", (int)(slash - need), need);
	}
	int rc = named_request(k, request, &n->request_id);
	return rc != CLI_DONE ? rc : named_need(k, need, &n->need_id);
}

static int cmd_name(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(NameSignal) n = SCHAKEL__V1__NAME_SIGNAL__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rule = 0;
	int step = 0;
	int rc = cli_arg_code(c, 0, SET(rule_kind), &rule);

	rc = rc != CLI_DONE ? rc : cli_arg_code(c, 1, SET(blocked_step), &step);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : about(&k, &n);
	if (rc != CLI_DONE) {
		return rc;
	}
	n.rule = (PB(RuleKind))rule;
	n.step = (PB(BlockedStep))step;
	n.network = opt_text(c, "network");
	n.about_party = opt_text(c, "to");
	m.body_case = BODY(NAME_SIGNAL);
	m.name_signal = &n;
	return said_send(&k, &m, "Benoemd. De dagen tellen tot het weer kan.",
			 "Named. The days count until it is possible again.");
}

static struct pages pages_of(PB(Message) *m, PB(QuerySignals) *q)
{
	q->limit = PAGE;
	m->body_case = BODY(QUERY_SIGNALS);
	m->query_signals = q;
	return (struct pages){ INTAKE, m, &q->after, BODY(SIGNALS_VIEW), "signals", 0 };
}

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QuerySignals) q = SCHAKEL__V1__QUERY_SIGNALS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = pages_of(&m, &q);
	int rule = 0;
	int rc = cli_opt_code(c, "rule", SET(rule_kind), &rule);

	q.rule = (PB(RuleKind))rule;
	q.open_only = cli_flag(c, "open");
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	return rc != CLI_DONE ? rc : listed_show(&k, &p, columns);
}

static int cmd_move(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QuerySignals) q = SCHAKEL__V1__QUERY_SIGNALS__INIT;
	PB(MoveSignal) v = SCHAKEL__V1__MOVE_SIGNAL__INIT;
	PB(Message) ask = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = pages_of(&ask, &q);
	int to = 0;
	int rc = cli_arg_code(c, 1, SET(signal_state), &to);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : listed_find(&k, &p, c->arg[0], "signal_id", &v.signal_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	v.to = (PB(SignalState))to;
	m.body_case = BODY(MOVE_SIGNAL);
	m.move_signal = &v;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

static const struct option name_options[] = {
	{ "request", "AANMELDING", "bij welke aanmelding: haar kinderen tellen mee",
	  "with which request: its children are counted" },
	{ "need", "HULPVRAAG", "bij welke hulpvraag", "with which need" },
	{ "network", "NAAM", "voor welk netwerk", "for which network" },
	{ "to", "PARTIJ", "aan wie; anders aan de overheid", "to whom; else to government" },
	{ 0 },
};
static const struct option list_options[] = {
	{ "open", NULL, "alleen wat nog wacht op antwoord", "only what still waits for an answer" },
	{ "rule", "CODE", "alleen deze regel (codes hieronder)", "this rule only (codes below)" },
	{ 0 },
};

const struct command signal_commands[] = {
	{ "signal name", "REGEL STAP", 2, 2, name_options,
	  "benoemt welke regel welke stap tegenhoudt", "names which rule blocks which step",
	  "schakel signal name AGE_LIMIT START --need k7q2m4t9xa/1 --as clb-ieper", cmd_name },
	{ "signal list", "", 0, 0, list_options,
	  "toont de signalen en hoeveel dagen van kinderen ze kosten",
	  "shows the signals and how many child-days they cost", "schakel signal list --open",
	  cmd_list },
	{ "signal move", "SIGNAAL TOESTAND", 2, 2, NULL,
	  "antwoordt op een signaal: RECEIVED, CLARIFIED of ADJUSTED",
	  "answers a signal: RECEIVED, CLARIFIED or ADJUSTED",
	  "schakel signal move 3fm8xn2kq7 RECEIVED --as agentschap-roeselare", cmd_move },
	{ 0 },
};
