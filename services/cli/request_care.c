/* SPDX-License-Identifier: EUPL-1.2 */
/* Who stands by the family, and how a need comes to its end or opens again. */
#include "services/cli/listed.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define CALLED_MAX 4

static int cmd_contact(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(NameContactPerson) n = SCHAKEL__V1__NAME_CONTACT_PERSON__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_request(&k, 0, &n.request_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	n.party = (char *)(uintptr_t)c->arg[1];
	n.stand_in = (char *)(uintptr_t)c->arg[2];
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &n;
	return said_send(&k, &m, "Aanspreekpunt genoteerd.", "Contact person recorded.");
}

/* --- night plan --- */

static int called_list(struct cli *c, PB(RecordNightPlan) *n)
{
	int codes[CALLED_MAX];
	size_t len = CALLED_MAX;
	int rc = said_codes(c, "called", &schakel__v1__called_service__descriptor, codes, &len);

	n->called = cli_alloc(c, CALLED_MAX * sizeof(n->called[0]));
	for (size_t i = 0; rc == CLI_DONE && i < len; i++) {
		n->called[n->n_called++] = (PB(CalledService))codes[i];
	}
	return rc;
}

/* The plan itself is text about a child: it is sealed before it leaves. */
static int plan_text(struct cli *c, PB(RecordNightPlan) *n)
{
	return said_seal(c, c->args_len > 1 ? c->arg[1] : "-", "plan", &n->plan);
}

static int cmd_night_plan(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordNightPlan) n = SCHAKEL__V1__RECORD_NIGHT_PLAN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = cli_opt_when(c, "call-at", &n.call_at_ms);

	if (rc == CLI_DONE && n.call_at_ms == 0) {
		rc = cli_usage(c, "--call-at ontbreekt: wanneer wordt er gebeld?",
			       "--call-at is missing: when is somebody called?");
	}
	rc = rc != CLI_DONE ? rc : called_list(c, &n);
	rc = rc != CLI_DONE ? rc : plan_text(c, &n);
	rc = rc != CLI_DONE ? rc : said_request(&k, 0, &n.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (cli_flag(c, "bridging")) {
		n.bridging_party = (char *)(uintptr_t)cli_opt(c, "bridging");
	}
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &n;
	return said_send(&k, &m, "Nachtplan genoteerd.", "Night plan recorded.");
}

/* A need is known by its number behind its request. */
static int send_need(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, INTAKE, m, &r);

	return out_done(k->cli, rc, r, nl, en);
}

static int cmd_close(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(CloseNeed) n = SCHAKEL__V1__CLOSE_NEED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int reason = 0;
	int rc = cli_arg_code(c, 1, &schakel__v1__close_reason__descriptor, &reason);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : named_need(&k, c->arg[0], &n.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	n.reason = (PB(CloseReason))reason;
	if (cli_flag(c, "successor")) {
		n.successor = (char *)(uintptr_t)cli_opt(c, "successor");
	}
	if (cli_flag(c, "second-party")) {
		n.second_party = (char *)(uintptr_t)cli_opt(c, "second-party");
	}
	m.body_case = BODY(CLOSE_NEED);
	m.close_need = &n;
	return send_need(&k, &m, "Afgerond.", "Completed.");
}

static int cmd_reopen(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ReopenNeed) n = SCHAKEL__V1__REOPEN_NEED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = call_open(&k, c);

	rc = rc != CLI_DONE ? rc : named_need(&k, c->arg[0], &n.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(REOPEN_NEED);
	m.reopen_need = &n;
	return send_need(&k, &m, "Weer open: we zoeken hulp.",
			 "Open again: we are looking for help.");
}

static const struct option night_options[] = {
	{ "call-at", "TIJD",
	  "nodig: wanneer er gebeld wordt: binnen vier uur, ten laatste om 8.30 uur 's ochtends",
	  "needed: when somebody is called: within four hours, at 8.30 in the morning at the "
	  "latest" },
	{ "called", "A,B", "nodig: wie er gebeld is (codes hieronder)",
	  "needed: who was called (codes below)" },
	{ "bridging", "PARTIJ", "wie er intussen is", "who is there meanwhile" },
	{ 0 },
};
static const struct option close_options[] = {
	{ "successor", "NAAM", "wie het overnam; nodig bij MOVED en ADULT_HELP",
	  "who took over; needed with MOVED and ADULT_HELP" },
	{ "second-party", "PARTIJ",
	  "als uw huis hier helpt: wie het ook hoorde, van een huis dat hier niet helpt",
	  "when your house helps here: who heard it too, of a house that does not help here" },
	{ 0 },
};

const struct command request_care_commands[] = {
	{ "request contact", "AANMELDING PARTIJ VERVANGER", 3, 3, NULL,
	  "noemt het aanspreekpunt en de vervanger", "names the contact person and the stand-in",
	  "schakel request contact k7q2m4t9xa clb-ieper caw-veurne --as team-ieper", cmd_contact },
	{ "request night-plan", "AANMELDING [BESTAND]", 1, 2, night_options,
	  "noteert het nachtplan van een crisis; de tekst wordt verzegeld",
	  "records the night plan of a crisis; the text is sealed",
	  "schakel request night-plan k7q2m4t9xa plan.txt --call-at \"2026-03-03 06:30\" --called "
	  "POLICE --as meldpunt",
	  cmd_night_plan },
	{ "request close", "HULPVRAAG REDEN", 2, 2, close_options,
	  "rondt een hulpvraag af, zoals het gezin het zegt",
	  "completes a need, as the family says",
	  "schakel request close k7q2m4t9xa/1 SELF_RESOLVED --as clb-ieper", cmd_close },
	{ "request reopen", "HULPVRAAG", 1, 1, NULL,
	  "opent een afgeronde hulpvraag weer; dat is gewoon",
	  "opens a completed need again; that is normal",
	  "schakel request reopen k7q2m4t9xa/1 --as clb-ieper", cmd_reopen },
	{ 0 },
};
