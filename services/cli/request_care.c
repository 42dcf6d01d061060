/* SPDX-License-Identifier: EUPL-1.2 */
/* Who stands by the family, and how a need comes to its end or opens again. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/story.h"
#include "services/cli/subjects.h"

#define CALLED_MAX 4

/* Sends one command about a request or need and shows the receipt. */
static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, INTAKE, m, &r);
	return out_receipt(k->cli, rc, r, nl, en);
}

static int request_id(struct call *k, ProtobufCBinaryData *ret_id)
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

static int need_id(struct call *k, ProtobufCBinaryData *ret_id)
{
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_need(k, k->cli->arg[0], &id);
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int cmd_contact(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(NameContactPerson) n = SCHAKEL__V1__NAME_CONTACT_PERSON__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = request_id(&k, &n.request_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	n.party = (char *)(uintptr_t)c->arg[1];
	n.stand_in = (char *)(uintptr_t)c->arg[2];
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &n;
	return send(&k, &m, "Aanspreekpunt genoteerd.", "Contact person recorded.");
}

/* --- night plan --- */

static int called_list(struct cli *c, PB(RecordNightPlan) *n)
{
	const char *text = cli_opt(c, "called");
	PB(CalledService) *list = cli_alloc(c, CALLED_MAX * sizeof(*list));
	char *rest = cli_printf(c, "%s", text == NULL ? "" : text);

	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		int v = 0;
		if (word[0] == '\0') {
			continue;
		}
		struct cli one = *c;
		one.arg[0] = word;
		int rc = cli_arg_code(&one, 0, &schakel__v1__called_service__descriptor, &v);
		if (rc != CLI_DONE || n->n_called == CALLED_MAX) {
			return rc != CLI_DONE ? rc :
						cli_usage(c, "--called: ten hoogste vier",
							  "--called: four at most");
		}
		list[n->n_called++] = (PB(CalledService))v;
	}
	n->called = list;
	return CLI_DONE;
}

/* The plan itself is text about a child: it is sealed before it leaves. */
static int plan_text(struct cli *c, PB(RecordNightPlan) *n)
{
	const char *path = c->args_len > 1 ? c->arg[1] : "-";
	struct slice bytes;
	Schakel__V1__Capsule **list = NULL;
	unsigned bad_line;
	int rc = infile_load(c, path, &bytes);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (bytes.len == 0 || !infile_is_text(bytes, &bad_line)) {
		return cli_usage(c, "%s: schrijf wie bij het kind is en wie wanneer belt",
				 "%s: write who is with the child and who calls when", path);
	}
	json_t *doc = json_pack("{s:s%}", "plan", bytes.data, bytes.len);
	char *text = json_dumps(doc, JSON_COMPACT);
	struct told told = { { arena_dup(&c->arena, text, strlen(text)), strlen(text) }, 0 };
	struct story story = { &told, 1, 1, { { 0 } } };
	explicit_bzero(text, strlen(text));
	free(text);
	json_decref(doc);
	rc = story_seal(c, &story, &list);
	n->plan = rc == CLI_DONE ? list[0] : NULL;
	return rc;
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
	rc = rc != CLI_DONE ? rc : request_id(&k, &n.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (cli_flag(c, "bridging")) {
		n.bridging_party = (char *)(uintptr_t)cli_opt(c, "bridging");
	}
	m.body_case = BODY(RECORD_NIGHT_PLAN);
	m.record_night_plan = &n;
	return send(&k, &m, "Nachtplan genoteerd.", "Night plan recorded.");
}

static int cmd_consult(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ConfirmConsult) n = SCHAKEL__V1__CONFIRM_CONSULT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	if (cli_flag(c, "enough") == cli_flag(c, "not-enough")) {
		return cli_usage(c, "Geef --enough of --not-enough: wat zegt het gezin?",
				 "Give --enough or --not-enough: what does the family say?");
	}
	n.enough = cli_flag(c, "enough");
	int rc = request_id(&k, &n.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(CONFIRM_CONSULT);
	m.confirm_consult = &n;
	return send(&k, &m, "Genoteerd.", "Recorded.");
}

static int cmd_close(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(CloseNeed) n = SCHAKEL__V1__CLOSE_NEED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int reason = 0;
	int rc = cli_arg_code(c, 1, &schakel__v1__close_reason__descriptor, &reason);

	rc = rc != CLI_DONE ? rc : need_id(&k, &n.need_id);
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
	return send(&k, &m, "Afgerond.", "Completed.");
}

static int cmd_reopen(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ReopenNeed) n = SCHAKEL__V1__REOPEN_NEED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = need_id(&k, &n.need_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(REOPEN_NEED);
	m.reopen_need = &n;
	return send(&k, &m, "Weer open: we zoeken hulp.", "Open again: we are looking for help.");
}

static const struct option night_options[] = {
	{ "call-at", "TIJD", "nodig: wanneer er gebeld wordt", "needed: when somebody is called" },
	{ "called", "A,B", "nodig: wie er gebeld is (codes hieronder)",
	  "needed: who was called (codes below)" },
	{ "bridging", "PARTIJ", "wie er intussen is", "who is there meanwhile" },
	{ 0 },
};
static const struct option consult_options[] = {
	{ "enough", NULL, "het gezin zegt: het was genoeg (dit of het volgende is nodig)",
	  "the family says: it was enough (this or the next is needed)" },
	{ "not-enough", NULL, "het gezin zegt: het was niet genoeg",
	  "the family says: it was not enough" },
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
	  "schakel request night-plan k7q2m4t9xa plan.txt --call-at \"2026-03-03 08:30\" --called "
	  "POLICE --as meldpunt",
	  cmd_night_plan },
	{ "request consult", "AANMELDING", 1, 1, consult_options,
	  "noteert of het advies genoeg was", "records whether the advice was enough",
	  "schakel request consult k7q2m4t9xa --enough --as clb-ieper", cmd_consult },
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
