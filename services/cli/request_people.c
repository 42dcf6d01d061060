/* SPDX-License-Identifier: EUPL-1.2 */
/* What is written down about the children of a request: court orders, judgements, a report to a
 * mandated service, a child that is missing. */
#include <string.h>

#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define WORKER_HEX (2 * OBJECT_ID_LEN)

static int open_request(struct call *k, ProtobufCBinaryData *ret_id)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_request(k, k->cli->arg[0], &item);
	if (rc == CLI_DONE) {
		SK_ASSERT(object_id_from(&item->request->request_id, &id));
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, INTAKE, m, &r);

	return out_receipt(k->cli, rc, r, nl, en);
}

/* An order of that number that holds for some children only is never made wider by leaving the
 * children out. */
static int order_not_wider(struct call *k, const char *number)
{
	struct cli *c = k->cli;
	PB(RequestItem) *item = NULL;
	int rc = find_order(k, c->arg[0], number, &item);

	for (size_t i = 0; rc == CLI_DONE && item != NULL && i < item->n_orders; i++) {
		const PB(CourtOrderView) *o = item->orders[i];
		if (strcmp(o->number, number) == 0 && o->n_children > 0) {
			return cli_usage(c,
					 "Onder %s staat er een beschikking voor kind %u%s, niet "
					 "voor alle kinderen. Zeg voor wie ze geldt: --child %u, "
					 "of --all-children",
					 "Under %s there is an order for child %u%s, not for all "
					 "children. Say whom it is for: --child %u, or "
					 "--all-children",
					 number, o->children[0] + 1,
					 o->n_children > 1 ? " ..." : "", o->children[0] + 1);
		}
		if (strcmp(o->number, number) == 0 && o->n_need_ids > 0) {
			return cli_usage(c,
					 "Onder %s staat er een beschikking voor enkele "
					 "hulpvragen. Geldt ze voor alles: --all-children",
					 "Under %s there is an order for some needs only. If it "
					 "is for all of it: --all-children",
					 number);
		}
	}
	return rc;
}

/* What it is now follows from who said it. */
static int order_said(struct call *k, PB(Message) *m)
{
	const PB(RecordCourtOrder) *o = m->record_court_order;

	if (o->ends_now) {
		return send(k, m, "Genoteerd: de beschikking met dat nummer is nu beëindigd.",
			    "Recorded: the order of that number has ended now.");
	}
	if ((k->party->roles & (1U << SCHAKEL__V1__ROLE__ROLE_MANDATED)) != 0) {
		return send(k, m, "Beschikking genoteerd: u bevestigt ze, en ze geldt.",
			    "Court order recorded: you confirm it, and it holds.");
	}
	return send(k, m,
		    "Beschikking genoteerd. Ze geldt nog niet: een rechtbank of gemandateerde "
		    "dienst moet ze nog bevestigen, onder hetzelfde nummer.",
		    "Court order noted. It does not hold yet: a court or mandated service has to "
		    "confirm it, under the same number.");
}

static int cmd_order(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordCourtOrder) o = SCHAKEL__V1__RECORD_COURT_ORDER__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct object_id request;
	uint32_t child = 0;
	int rc = cli_opt_when(c, "until", &o.until_ms);

	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "from", &o.from_ms);
	rc = rc != CLI_DONE ? rc : said_child_opt(c, &child);
	o.ends_now = cli_flag(c, "ends-now");
	o.wider = cli_flag(c, "wider") || cli_flag(c, "all-children");
	if (rc == CLI_DONE && o.until_ms == 0 && !o.ends_now) {
		rc = cli_usage(c, "--until ontbreekt: een beschikking heeft altijd een einde",
			       "--until is missing: an order always has an end");
	}
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	/* A court may not read the request: its code goes along as it is. */
	rc = rc != CLI_DONE ? rc : find_code_or_id(&k, c->arg[0], &request, &o.short_code);
	if (rc == CLI_DONE && !o.ends_now && cli_opt(c, "child") == NULL && !o.wider) {
		rc = order_not_wider(&k, c->arg[1]);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	if (o.short_code[0] == '\0') {
		o.request_id = id_bytes(c, &request);
	}
	o.number = (char *)(uintptr_t)c->arg[1];
	o.children = &child;
	o.n_children = cli_opt(c, "child") == NULL ? 0 : 1;
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &o;
	return order_said(&k, &m);
}

/* A pseudonym: 32 digits, as the organisation knows its worker. */
static bool worker_read(const char *text, struct object_id *ret_id)
{
	static const char digits[] = "0123456789abcdef";

	if (text == NULL || strlen(text) != WORKER_HEX || strspn(text, digits) != WORKER_HEX) {
		return false;
	}
	for (size_t i = 0; i < OBJECT_ID_LEN; i++) {
		size_t high = (size_t)(strchr(digits, text[2 * i]) - digits);
		size_t low = (size_t)(strchr(digits, text[2 * i + 1]) - digits);
		ret_id->b[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

static int cmd_judge(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordJudgement) j = SCHAKEL__V1__RECORD_JUDGEMENT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct object_id worker;
	int reason = 0;
	int rc = cli_arg_code(c, 1, &schakel__v1__judgement_reason__descriptor, &reason);

	rc = rc != CLI_DONE ? rc : said_child_opt(c, &j.child);
	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "until", &j.until_ms);
	if (rc == CLI_DONE && cli_flag(c, "capable") == cli_flag(c, "not-capable")) {
		rc = cli_usage(c, "Geef --capable of --not-capable: kan het kind zelf beslissen?",
			       "Give --capable or --not-capable: can the child decide for itself?");
	}
	if (rc == CLI_DONE && !worker_read(cli_opt(c, "worker"), &worker)) {
		rc = cli_usage(c, "--worker: geef de code van de hulpverlener (32 tekens 0-9 a-f)",
			       "--worker: give the code of the worker (32 characters 0-9 a-f)");
	}
	rc = rc != CLI_DONE ? rc : open_request(&k, &j.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	j.capable = cli_flag(c, "capable");
	j.by_worker = object_id_data(&worker);
	j.reason = (PB(JudgementReason))reason;
	m.body_case = BODY(RECORD_JUDGEMENT);
	m.record_judgement = &j;
	return send(&k, &m, "Oordeel genoteerd.", "Judgement recorded.");
}

static int cmd_concern(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ReportConcern) o = SCHAKEL__V1__REPORT_CONCERN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int reason = 0;
	int rc = cli_arg_code(c, 2, &schakel__v1__danger_reason__descriptor, &reason);

	rc = rc != CLI_DONE ? rc : open_request(&k, &o.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	o.mandated_party = (char *)(uintptr_t)c->arg[1];
	o.reason = (PB(DangerReason))reason;
	m.body_case = BODY(REPORT_CONCERN);
	m.report_concern = &o;
	return send(&k, &m, "Melding genoteerd.", "Report recorded.");
}

static int cmd_missing(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(MarkMissing) o = SCHAKEL__V1__MARK_MISSING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct object_id request;
	int rc = said_child_opt(c, &o.child);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	/* The contact point that hears it may not read the request: its code goes along. */
	rc = rc != CLI_DONE ? rc : find_code_or_id(&k, c->arg[0], &request, &o.short_code);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (o.short_code[0] == '\0') {
		o.request_id = id_bytes(c, &request);
	}
	o.missing = !cli_flag(c, "found");
	m.body_case = BODY(MARK_MISSING);
	m.mark_missing = &o;
	return o.missing ? send(&k, &m, "Genoteerd: vermist. Wie vasthoudt, blijft vasthouden.",
				"Recorded: missing. Who holds goes on holding.") :
			   send(&k, &m, "Genoteerd: terug.", "Recorded: found.");
}

#define OPTION_CHILD                                                \
	{                                                           \
		"child", "N", "over welk kind het gaat: 1, 2, ...", \
			"which child it is about: 1, 2, ..."        \
	}

static const struct option order_options[] = {
	{ "until", "TIJD", "nodig: het einde, ten hoogste twee jaar ver",
	  "needed: its end, two years away at most" },
	{ "from", "TIJD", "het begin (anders: nu)", "its beginning (else: now)" },
	OPTION_CHILD,
	{ "all-children", NULL, "voor alle kinderen, al stond ze er voor enkele",
	  "for all children, also where it stood for some" },
	{ "wider", NULL, "het is de bedoeling dat ze voor meer geldt dan er onder dat nummer staat",
	  "it is meant to be for more than what stands under that number" },
	{ "ends-now", NULL, "de beschikking met dat nummer eindigt nu",
	  "the order of that number ends now" },
	{ 0 },
};
static const struct option judge_options[] = {
	OPTION_CHILD,
	{ "capable", NULL, "het kind kan zelf beslissen (dit of het volgende is nodig)",
	  "the child can decide for itself (this or the next is needed)" },
	{ "not-capable", NULL, "het kind kan nu niet zelf beslissen",
	  "the child cannot decide for itself now" },
	{ "worker", "CODE", "nodig: wie oordeelde", "needed: who judged" },
	{ "until", "TIJD", "wanneer er opnieuw gekeken wordt", "when it is looked at again" },
	{ 0 },
};
static const struct option missing_options[] = {
	OPTION_CHILD,
	{ "found", NULL, "het kind is terug", "the child is found" },
	{ 0 },
};

const struct command request_people_commands[] = {
	{ "request order", "AANMELDING NUMMER", 2, 2, order_options,
	  "noteert een beschikking van de rechtbank: nummer, voor wie, tot wanneer",
	  "records a court order: number, for whom, until when",
	  "schakel request order k7q2m4t9xa 2026/14 --until \"2026-09-01 00:00\" --as sdj-veurne",
	  cmd_order },
	{ "request judge", "AANMELDING REDEN", 2, 2, judge_options,
	  "noteert of een kind zelf kan beslissen, wie dat vond en waarom",
	  "records whether a child can decide for itself, who found so and why",
	  "schakel request judge k7q2m4t9xa UNDERSTANDS --capable --worker "
	  "00112233445566778899aabbccddeeff --as clb-ieper",
	  cmd_judge },
	{ "request concern", "AANMELDING DIENST REDEN", 3, 3, NULL,
	  "noteert dat een gemandateerde dienst het weet; dat beëindigt de 72 uur",
	  "records that a mandated service was told; this ends the 72 hours",
	  "schakel request concern k7q2m4t9xa mandaat-roeselare VIOLENCE --as meldpunt",
	  cmd_concern },
	{ "request missing", "AANMELDING", 1, 1, missing_options,
	  "noteert dat een kind vermist is; aanbod wacht, wie vasthoudt niet",
	  "records that a child is missing; offers pause, who holds does not",
	  "schakel request missing k7q2m4t9xa --child 2 --as meldpunt", cmd_missing },
	{ 0 },
};
