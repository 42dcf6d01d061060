/* SPDX-License-Identifier: EUPL-1.2 */
/* Beside the help itself: whether it fits, who stays beside it, what is kept to oneself, what is
 * looked at by another, and how it goes afterwards. */
#include <string.h>

#include "services/cli/listed.h"
#include "services/cli/request_show.h"
#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define SPEAKER(NAME) SCHAKEL__V1__SPEAKER__SPEAKER_##NAME
#define ADULTS_MAX 4
#define PAGE 20

/* The contribution is looked up with the request that is named first. */
static int help_named(struct call *k, ProtobufCBinaryData *ret_request,
		      ProtobufCBinaryData *ret_contribution)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_request(k, k->cli->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &id));
	*ret_request = id_bytes(k->cli, &id);
	rc = find_contribution_of(k, item, k->cli->arg[1], &id);
	if (rc == CLI_DONE) {
		*ret_contribution = id_bytes(k->cli, &id);
	}
	return rc;
}

/* By its code as it is: the family is shown no list to look it up in. */
struct help_name {
	ProtobufCBinaryData *request;
	ProtobufCBinaryData *contribution;
	char **code;
};

static int help_by_code(struct call *k, struct help_name ret)
{
	PB(RequestItem) *item = NULL;
	struct object_id id;
	int rc = call_open(k, k->cli);

	rc = rc != CLI_DONE ? rc : find_request(k, k->cli->arg[0], &item);
	if (rc != CLI_DONE) {
		return rc;
	}
	SK_ASSERT(object_id_from(&item->request->request_id, &id));
	*ret.request = id_bytes(k->cli, &id);
	rc = find_code_or_id(k, k->cli->arg[1], &id, ret.code);
	if (rc == CLI_DONE && (*ret.code)[0] == '\0') {
		*ret.contribution = id_bytes(k->cli, &id);
	}
	return rc;
}

static int who(struct cli *c, PB(Speaker) *ret_speaker, uint32_t *ret_adult, uint32_t *ret_child)
{
	int rc = cli_opt_u32(c, "adult", ADULTS_MAX, ret_adult);

	rc = rc != CLI_DONE ? rc : said_child_opt(c, ret_child);
	*ret_speaker = cli_flag(c, "adult") ? SPEAKER(ADULT) : SPEAKER(YOUTH);
	return rc;
}

static int cmd_fit(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordFit) f = SCHAKEL__V1__RECORD_FIT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int fit = 0;
	int rc = cli_arg_code(c, 2, SET(fit), &fit);

	rc = rc != CLI_DONE ? rc : who(c, &f.speaker, &f.adult, &f.child);
	rc = rc != CLI_DONE ?
		     rc :
		     help_by_code(&k, (struct help_name){ &f.request_id, &f.contribution_id,
							  &f.short_code });
	if (rc != CLI_DONE) {
		return rc;
	}
	f.fit = (PB(Fit))fit;
	f.moment = cli_flag(c, "end") ? SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_END :
					SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_SIX_WEEKS;
	m.body_case = BODY(RECORD_FIT);
	m.record_fit = &f;
	return said_send(&k, &m, "Dank u: genoteerd.", "Thank you: recorded.");
}

static int cmd_shield(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ShieldContribution) s = SCHAKEL__V1__SHIELD_CONTRIBUTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Speaker) speaker;
	uint32_t adult = 0;
	int rc = who(c, &speaker, &adult, &s.child);

	rc = rc != CLI_DONE ?
		     rc :
		     help_by_code(&k, (struct help_name){ &s.request_id, &s.contribution_id,
							  &s.short_code });
	if (rc != CLI_DONE) {
		return rc;
	}
	s.shielded = !cli_flag(c, "off");
	m.body_case = BODY(SHIELD_CONTRIBUTION);
	m.shield_contribution = &s;
	return s.shielded ? said_send(&k, &m, "Genoteerd: dit blijft van jou.",
				      "Recorded: this stays yours.") :
			    said_send(&k, &m, "Genoteerd: anderen mogen dit weer zien.",
				      "Recorded: others may see this again.");
}

static int cmd_known(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(LetKnow) l = SCHAKEL__V1__LET_KNOW__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = who(c, &l.speaker, &l.adult, &l.child);

	rc = rc != CLI_DONE ?
		     rc :
		     help_by_code(&k, (struct help_name){ &l.request_id, &l.contribution_id,
							  &l.short_code });
	if (rc != CLI_DONE) {
		return rc;
	}
	l.known = !cli_flag(c, "off");
	m.body_case = BODY(LET_KNOW);
	m.let_know = &l;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

/* --- the ladder --- */

/* What was seen is text about a child: it is sealed before it leaves. */
static int rung_text(struct cli *c, PB(ClimbRung) *r)
{
	return said_seal(c, cli_opt(c, "text"), "story", &r->text);
}

/* REQUEST/2 goes along as it is: who sees danger may not be one who reads the request. */
static int rung_need(struct call *k, PB(ClimbRung) *r)
{
	const char *text = k->cli->arg[0];
	const char *slash = strchr(text, '/');
	struct object_id request;
	char *end = NULL;

	unsigned long n = slash == NULL ? 0 : strtoul(slash + 1, &end, 10);
	if (n == 0 || n > UINT32_MAX || *end != '\0') {
		return named_need(k, text, &r->need_id);
	}
	const char *of = cli_printf(k->cli, "%.*s", (int)(slash - text), text);
	int rc = find_code_or_id(k, of, &request, &r->short_code);
	if (rc != CLI_DONE || r->short_code[0] == '\0') {
		return rc != CLI_DONE ? rc : named_need(k, text, &r->need_id);
	}
	r->ordinal = (uint32_t)n;
	return CLI_DONE;
}

static int cmd_rung(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ClimbRung) r = SCHAKEL__V1__CLIMB_RUNG__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int reason = 0;
	int danger = 0;
	int rc = cli_arg_code(c, 1, SET(rung_reason), &reason);

	rc = rc != CLI_DONE ? rc : cli_opt_code(c, "danger", SET(danger_reason), &danger);
	rc = rc != CLI_DONE ? rc : rung_text(c, &r);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : rung_need(&k, &r);
	if (rc != CLI_DONE) {
		return rc;
	}
	r.reason = (PB(RungReason))reason;
	r.danger = (PB(DangerReason))danger;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &r;
	return said_send(&k, &m, "Genoteerd. Niets wacht hierop.",
			 "Recorded. Nothing waits for this.");
}

static int cmd_review(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordReviewByOther) r = SCHAKEL__V1__RECORD_REVIEW_BY_OTHER__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	bool of_need = strchr(c->arg[1], '/') != NULL;
	int rc = CLI_DONE;

	if (cli_flag(c, "agreed") == cli_flag(c, "not-agreed")) {
		return cli_usage(c, "Geef --agreed of --not-agreed: bent u het ermee eens?",
				 "Give --agreed or --not-agreed: do you see it so too?");
	}
	if (of_need) {
		rc = call_open(&k, c);
		rc = rc != CLI_DONE ? rc : named_request(&k, c->arg[0], &r.request_id);
		rc = rc != CLI_DONE ? rc : named_need(&k, c->arg[1], &r.need_id);
	} else {
		rc = help_named(&k, &r.request_id, &r.contribution_id);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	r.confirmed = cli_flag(c, "agreed");
	m.body_case = BODY(RECORD_REVIEW_BY_OTHER);
	m.record_review_by_other = &r;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

static int cmd_check(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordCheckIn) r = SCHAKEL__V1__RECORD_CHECK_IN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	if (cli_flag(c, "well") == cli_flag(c, "not-well")) {
		return cli_usage(c, "Geef --well of --not-well: hoe gaat het?",
				 "Give --well or --not-well: how is it going?");
	}
	int rc = call_open(&k, c);
	rc = rc != CLI_DONE ? rc : named_need(&k, c->arg[0], &r.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	r.well = cli_flag(c, "well");
	m.body_case = BODY(RECORD_CHECK_IN);
	m.record_check_in = &r;
	return r.well ? said_send(&k, &m, "Fijn om te horen.", "Good to hear.") :
			said_send(&k, &m,
				  "Genoteerd. Hulp kan meteen opnieuw: schakel request reopen.",
				  "Recorded. Help can come again at once: schakel request "
				  "reopen.");
}

/* --- basic support --- */

static const struct column link_columns[] = {
	{ "short_code", "aanmelding", "request", CELL_TEXT, NULL },
	{ "contact_party", "aanspreekpunt", "contact person", CELL_PARTY, NULL },
	{ "stand_in_party", "vervanger", "stand-in", CELL_PARTY, NULL },
	{ "since_ms", "sinds", "since", CELL_DAY, NULL },
	{ 0 },
};

static int cmd_link(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(RecordBasicLink) l = SCHAKEL__V1__RECORD_BASIC_LINK__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int flow = 0;
	int link = 0;
	int rc = cli_arg_code(c, 1, SET(flow), &flow);

	rc = rc != CLI_DONE ? rc : cli_arg_code(c, 2, SET(basic_link), &link);
	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	rc = rc != CLI_DONE ? rc : named_request(&k, c->arg[0], &l.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	l.flow = (PB(Flow))flow;
	l.link = (PB(BasicLink))link;
	l.party = opt_text(c, "party");
	m.body_case = BODY(RECORD_BASIC_LINK);
	m.record_basic_link = &l;
	return said_send(&k, &m, "Genoteerd.", "Recorded.");
}

static int cmd_links(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(QueryLinks) q = SCHAKEL__V1__QUERY_LINKS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { INTAKE, &m, &q.after, BODY(LINKS_VIEW), "links", 0 };
	int rc = call_open(&k, c);

	q.limit = PAGE;
	m.body_case = BODY(QUERY_LINKS);
	m.query_links = &q;
	return rc != CLI_DONE ? rc : listed_show(&k, &p, link_columns);
}

#define CHILD_OPTION                                                     \
	{                                                                \
		"child", "N", "welk kind (het eerste, tenzij anders)",   \
			"which child (the first, unless told otherwise)" \
	}
#define ADULT_OPTION                                                         \
	{                                                                    \
		"adult", "N", "de ouder of opvoeder met dit nummer spreekt", \
			"the adult with this number speaks"                  \
	}
static const struct option fit_options[] = {
	ADULT_OPTION,
	CHILD_OPTION,
	{ "end", NULL, "de hulp is gestopt (anders: na zes weken)",
	  "the help has ended (else: after six weeks)" },
	{ 0 },
};
static const struct option shield_options[] = {
	CHILD_OPTION,
	{ "off", NULL, "toch weer zichtbaar", "visible again" },
	{ 0 },
};
static const struct option known_options[] = {
	ADULT_OPTION,
	CHILD_OPTION,
	{ "off", NULL, "anderen mogen het niet weten", "others may not know" },
	{ 0 },
};
static const struct option rung_options[] = {
	{ "danger", "CODE", "nodig bij DANGER: welk gevaar (codes hieronder)",
	  "needed with DANGER: which danger (codes below)" },
	{ "text", "BESTAND", "wat er gezien is; wordt verzegeld, mag binnen 24 uur volgen",
	  "what was seen; is sealed, may follow within 24 hours" },
	{ 0 },
};
static const struct option review_options[] = {
	{ "agreed", NULL, "wij zien het ook zo (dit of het volgende is nodig)",
	  "we see it so too (this or the next is needed)" },
	{ "not-agreed", NULL, "wij zien het anders", "we see it otherwise" },
	{ 0 },
};
static const struct option check_options[] = {
	{ "well", NULL, "het gaat goed (dit of het volgende is nodig)",
	  "it goes well (this or the next is needed)" },
	{ "not-well", NULL, "het gaat niet goed: hulp kan meteen opnieuw",
	  "it does not go well: help can come again at once" },
	{ 0 },
};
static const struct option link_options[] = {
	{ "party", "PARTIJ", "welk Huis van het Kind, welke school",
	  "which Huis van het Kind, which school" },
	{ 0 },
};

const struct command care_commands[] = {
	{ "fit", "AANMELDING AANDEEL PAST", 3, 3, fit_options,
	  "noteert of de hulp past: ja, deels of nee", "records whether help fits: yes, partly, no",
	  "schakel fit k7q2m4t9xa 3fm8xn2kq7 ja --as familie", cmd_fit },
	{ "contribution shield", "AANMELDING AANDEEL", 2, 2, shield_options,
	  "houdt deze hulp voor de jongere alleen", "keeps this help to the young person alone",
	  "schakel contribution shield k7q2m4t9xa 3fm8xn2kq7 --as familie", cmd_shield },
	{ "contribution known", "AANMELDING AANDEEL", 2, 2, known_options,
	  "zegt of anderen die helpen dit mogen weten",
	  "says whether others who help may know this",
	  "schakel contribution known k7q2m4t9xa 3fm8xn2kq7 --as familie", cmd_known },
	{ "request rung", "HULPVRAAG REDEN", 2, 2, rung_options,
	  "zegt waarom hulp die meer verandert nu vrij is",
	  "says why help that changes more is free now",
	  "schakel request rung k7q2m4t9xa/1 DANGER --danger VIOLENCE --as meldpunt", cmd_rung },
	{ "review record", "AANMELDING WAARVAN", 2, 2, review_options,
	  "een andere organisatie kijkt na: een onderbroken AANDEEL, of AANMELDING/2 bij gevaar",
	  "another organisation reviews: an interrupted CONTRIBUTION, or REQUEST/2 with danger",
	  "schakel review record k7q2m4t9xa 3fm8xn2kq7 --agreed --as clb-ieper", cmd_review },
	{ "aftercare check", "HULPVRAAG", 1, 1, check_options, "noteert hoe het na de hulp gaat",
	  "records how it goes after help", "schakel aftercare check k7q2m4t9xa/1 --well",
	  cmd_check },
	{ "support link", "AANMELDING MOMENT BAND", 3, 3, link_options,
	  "noteert de band met het Huis van het Kind of de school",
	  "records the link with the Huis van het Kind or the school",
	  "schakel support link k7q2m4t9xa IN PRESENT --party school-ieper --as clb-ieper",
	  cmd_link },
	{ "support list", "", 0, 0, NULL, "toont bij wie u betrokken bent, en het aanspreekpunt",
	  "shows with whom you are linked, and the contact person",
	  "schakel support list --as school-ieper", cmd_links },
	{ 0 },
};
