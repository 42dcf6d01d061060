/* SPDX-License-Identifier: EUPL-1.2 */
/* Help that starts, is interrupted, is handed on with overlap, and ends. Nobody drops a child. */
#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define ADULTS 9 /* the last of a request, counted from 1 */

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

/* By its code as it is: who speaks for a family may be shown no list to look it up in. */
static int contribution_name(struct call *k, ProtobufCBinaryData *ret_id, char **ret_code)
{
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_code_or_id(k, k->cli->arg[0], &id, ret_code);
	if (rc == CLI_DONE && (*ret_code)[0] == '\0') {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, MATCHING, m, &r);
	return out_receipt(k->cli, rc, r, nl, en);
}

static int cmd_start(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(StartContribution) s = SCHAKEL__V1__START_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = contribution_id(&k, &s.contribution_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	s.seen = cli_flag(c, "seen");
	m.body_case = BODY(START_CONTRIBUTION);
	m.start_contribution = &s;
	return s.seen ? send(&k, &m, "Gestart.", "Started.") :
			send(&k, &m,
			     "Gestart. De termijn loopt door tot het kind of een ouder gezien is: "
			     "zeg "
			     "het dan opnieuw, met --seen.",
			     "Started. The term goes on until the child or a parent was seen: say "
			     "so "
			     "then once more, with --seen.");
}

static int cmd_interrupt(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(InterruptContribution) i = SCHAKEL__V1__INTERRUPT_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int reason = 0;
	int rc = cli_arg_code(c, 1, &schakel__v1__interrupt_reason__descriptor, &reason);

	rc = rc != CLI_DONE ? rc : cli_opt_when(c, "expected", &i.expected_ms);
	rc = rc != CLI_DONE ? rc : contribution_id(&k, &i.contribution_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	i.reason = (PB(InterruptReason))reason;
	m.body_case = BODY(INTERRUPT_CONTRIBUTION);
	m.interrupt_contribution = &i;
	return send(&k, &m, "Even onderbroken. U blijft vasthouden; er wordt overbrugging gezocht.",
		    "Interrupted for now. You go on holding; bridging is being sought.");
}

static int cmd_resume(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ResumeContribution) r = SCHAKEL__V1__RESUME_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = contribution_id(&k, &r.contribution_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(RESUME_CONTRIBUTION);
	m.resume_contribution = &r;
	return send(&k, &m, "Gaat weer verder.", "Goes on again.");
}

static int cmd_stop(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(StopContribution) s = SCHAKEL__V1__STOP_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_child_opt(c, &s.child);

	rc = rc != CLI_DONE ? rc : contribution_name(&k, &s.contribution_id, &s.short_code);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (cli_flag(c, "second-party")) {
		s.second_party = (char *)(uintptr_t)cli_opt(c, "second-party");
	}
	m.body_case = BODY(STOP_CONTRIBUTION);
	m.stop_contribution = &s;
	return send(&k, &m, "Gestopt. Een reden hoeft niet, en er gaat geen datum verloren.",
		    "Stopped. No reason is needed and no date is lost.");
}

/** What the family allows, before a partner that wants to meet first can say yes. */
static int cmd_meet(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(OpenMeeting) o = SCHAKEL__V1__OPEN_MEETING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	if (cli_flag(c, "yes") == cli_flag(c, "no")) {
		return cli_usage(c, "Geef --yes of --no: mag de kennismaking doorgaan?",
				 "Give --yes or --no: may they meet?");
	}
	int rc = said_child_opt(c, &o.child);
	rc = rc != CLI_DONE ? rc : cli_opt_u32(c, "adult", ADULTS, &o.adult);
	rc = rc != CLI_DONE ? rc : contribution_name(&k, &o.contribution_id, &o.short_code);
	if (rc != CLI_DONE) {
		return rc;
	}
	o.speaker = o.adult == 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH :
				   SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	o.allowed = cli_flag(c, "yes");
	m.body_case = BODY(OPEN_MEETING);
	m.open_meeting = &o;
	return o.allowed ? send(&k, &m, "De kennismaking kan doorgaan.", "They may meet.") :
			   send(&k, &m,
				"Geen kennismaking; er wordt elders gezocht. Er gaat geen datum "
				"verloren.",
				"No meeting; the search goes on elsewhere. No date is lost.");
}

static int cmd_hand_on(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(HandOnContribution) h = SCHAKEL__V1__HAND_ON_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = contribution_id(&k, &h.contribution_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(HAND_ON_CONTRIBUTION);
	m.hand_on_contribution = &h;
	return send(&k, &m, "Aflossing met overlap gevraagd; u blijft tot de volgende gestart is.",
		    "Handing on with overlap asked; you stay until the next one has started.");
}

static int cmd_end(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(EndContribution) e = SCHAKEL__V1__END_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = contribution_id(&k, &e.contribution_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(END_CONTRIBUTION);
	m.end_contribution = &e;
	return send(&k, &m, "Einde gevraagd; eerst wordt nagegaan wat erna komt.",
		    "End asked; first it is seen to what comes after.");
}

#define REQUEST_OPTION                                                             \
	{                                                                          \
		"request", "AANMELDING", "zoek de korte code bij deze aanmelding", \
			"look the short code up with this request"                 \
	}
static const struct option request_options[] = { REQUEST_OPTION, { 0 } };
static const struct option start_options[] = {
	{ "seen", NULL, "kind of ouder is gezien (een intakegesprek is geen start)",
	  "child or parent was seen (an intake talk is no start)" },
	REQUEST_OPTION,
	{ 0 },
};
static const struct option interrupt_options[] = {
	{ "expected", "DAG", "wanneer het wellicht verdergaat", "when it will probably go on" },
	REQUEST_OPTION,
	{ 0 },
};

#define CHILD_OPTION                                                       \
	{                                                                  \
		"child", "N", "van welk kind van de aanmelding (vanaf 1)", \
			"of which child of the request (from 1)"           \
	}
static const struct option stop_options[] = {
	CHILD_OPTION,
	REQUEST_OPTION,
	{ "second-party", "PARTIJ",
	  "als uw huis hier helpt: wie het ook hoorde, van een huis dat hier niet helpt",
	  "when your house helps here: who heard it too, of a house that does not help here" },
	{ 0 },
};
static const struct option meet_options[] = {
	{ "yes", NULL, "ja, ze mogen elkaar ontmoeten", "yes, they may meet" },
	{ "no", NULL, "nee", "no" },
	{ "adult", "N",
	  "een volwassene zegt het, met dit nummer (ook over kind --child); anders de jongere",
	  "an adult says so, with this number (of child --child too); else the young person" },
	CHILD_OPTION,
	REQUEST_OPTION,
	{ 0 },
};

const struct command contribution_commands[] = {
	{ "contribution start", "AANDEEL", 1, 1, start_options, "zegt dat de hulp gestart is",
	  "says that help has started",
	  "schakel contribution start 3fm8xn2kq7 --seen --as ovbj-ieper", cmd_start },
	{ "contribution interrupt", "AANDEEL REDEN", 2, 2, interrupt_options,
	  "onderbreekt even; u blijft vasthouden", "interrupts for now; you go on holding",
	  "schakel contribution interrupt 3fm8xn2kq7 STAFF_ABSENT --expected 2026-03-16 --as "
	  "ovbj-ieper",
	  cmd_interrupt },
	{ "contribution resume", "AANDEEL", 1, 1, request_options,
	  "gaat verder na een onderbreking", "goes on after an interruption",
	  "schakel contribution resume 3fm8xn2kq7 --as ovbj-ieper", cmd_resume },
	{ "contribution meet", "AANDEEL", 1, 1, meet_options,
	  "zegt of een partner die eerst wil kennismaken dat mag",
	  "says whether a partner that wants to meet first may",
	  "schakel contribution meet 3fm8xn2kq7 --yes --as familie", cmd_meet },
	{ "contribution stop", "AANDEEL", 1, 1, stop_options,
	  "de jongere stopt ermee; dat mag altijd", "the young person stops it; always allowed",
	  "schakel contribution stop 3fm8xn2kq7 --request k7q2m4t9xa --as familie", cmd_stop },
	{ "contribution hand-on", "AANDEEL", 1, 1, request_options, "vraagt aflossing met overlap",
	  "asks to hand on with overlap", "schakel contribution hand-on 3fm8xn2kq7 --as ovbj-ieper",
	  cmd_hand_on },
	{ "contribution end", "AANDEEL", 1, 1, request_options, "vraagt om af te ronden",
	  "asks to end", "schakel contribution end 3fm8xn2kq7 --as ovbj-ieper", cmd_end },
	{ 0 },
};
