/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/refused.h"

#include <string.h>

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME

/* Fields whose option or word on the command line has another name than they have themselves. */
static const struct {
	const char *field;
	const char *typed; /* an option, or a word of the command's values */
} names[] = {
	{ "request_id", "AANMELDING" },
	{ "need_id", "HULPVRAAG" },
	{ "short_code", "AANMELDING" },
	{ "short_code", "HULPVRAAG" },
	{ "short_code", "contribution" },
	{ "short_code", "AANDEEL" },
	{ "speaker", "view" },
	{ "until_ms", "until" },
	{ "row", "RIJ" },
	{ "fit", "PAST" },
	{ "flow", "MOMENT" },
	{ "link", "BAND" },
	{ "moment", "end" },
	{ "signal_id", "SIGNAAL" },
	{ "call_id", "OPROEP" },
	{ "to", "TOESTAND" },
	{ "about_party", "to" },
	{ "contribution_id", "AANDEEL" },
	{ "contribution_id", "VRAAG" },
	{ "answer", "ANTWOORD" },
	{ "voice", "STEM" },
	{ "reason", "REDEN" },
	{ "reason", "emergency" },
	{ "reason", "pause" },
	{ "ground", "emergency" },
	{ "party", "PARTIJ" },
	{ "stand_in", "VERVANGER" },
	{ "pool", "AANBOD" },
	{ "pool", "BESTAND|AANBOD" },
	{ "peer", "VAN" },
	{ "peer", "DIENST" },
	{ "can_if", "if" },
	{ "start_at_ms", "start" },
	{ "proposal_version", "version" },
	{ "crisis_step", "step" },
	{ "wait_class", "class" },
	{ "bridging_party", "bridging" },
	{ "excluded_partners", "exclude" },
	{ "exclude_partners", "exclude" },
	{ "allow_partners", "allow" },
};

/* The field alone: "excluded_partners" of "record_position.excluded_partners[2]". */
static struct refused_text bare(const char *field)
{
	struct refused_text t = { "" };
	const char *dot = strrchr(field, '.');
	const char *own = dot == NULL ? field : dot + 1;

	(void)snprintf(t.s, sizeof(t.s), "%.*s", (int)strcspn(own, "["), own);
	return t;
}

static bool is_message(const char *name, size_t len)
{
	char copy[48];

	(void)snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	return protobuf_c_message_descriptor_get_field_by_name(&schakel__v1__message__descriptor,
							       copy) != NULL;
}

const char *refused_field(const char *field)
{
	size_t len = strcspn(field, ".");

	if (!is_message(field, len)) {
		return field;
	}
	return field[len] == '.' ? field + len + 1 : "";
}

/* "--name value" for an option of the command that was given. */
static bool put_option(const struct cli *c, const char *name, struct refused_text *t)
{
	const char *value = cli_opt(c, name);

	if (value != NULL) {
		(void)snprintf(t->s, sizeof(t->s), "--%s%s%s", name, value[0] == '\0' ? "" : " ",
			       value);
	}
	return value != NULL;
}

/* The value that stands at the place of a word like AANMELDING. */
static bool put_value(const struct cli *c, const char *word, struct refused_text *t)
{
	const char *at = c->cmd->args;

	for (size_t i = 0; i < c->args_len && *at != '\0'; i++) {
		at += strspn(at, " [");
		size_t len = strcspn(at, " ].");
		if (len == strlen(word) && memcmp(at, word, len) == 0) {
			(void)snprintf(t->s, sizeof(t->s), "\"%s\"", c->arg[i]);
			return true;
		}
		at += strcspn(at, " ");
	}
	return false;
}

/* "next_ms" is --next, "used_elsewhere" is --used-elsewhere. */
static bool put_own_option(const struct cli *c, const char *field, struct refused_text *t)
{
	char name[48];
	size_t len = strlen(field);

	len -= len > 3 && strcmp(field + len - 3, "_ms") == 0 ? 3 : 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, field);
	for (char *p = name; *p != '\0'; p++) {
		if (*p == '_') {
			*p = '-';
		}
	}
	return put_option(c, name, t);
}

/* The name of the message that was sent. */
static const char *sent(const struct cli *c)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field(&schakel__v1__message__descriptor, c->body);

	return f == NULL ? "" : f->name;
}

/* The code of a question is of a request or a need, that of a command of help. */
static bool is_of(const struct cli *c, const char *field, const char *typed)
{
	bool query = strncmp(sent(c), "query_", 6) == 0;
	bool help = strcmp(typed, "contribution") == 0 || strcmp(typed, "AANDEEL") == 0;

	return strcmp(field, "short_code") != 0 || query != help;
}

struct refused_text refused_typed(const struct cli *c, const char *field)
{
	struct refused_text t = { "" };
	struct refused_text own = bare(field);

	if (c->cmd == NULL || refused_field(field)[0] == '\0' || put_own_option(c, own.s, &t)) {
		return t;
	}
	for (size_t i = 0; i < SK_LEN(names); i++) {
		const char *typed = names[i].typed;
		bool word = typed[0] >= 'A' && typed[0] <= 'Z';
		if (strcmp(names[i].field, own.s) == 0 && is_of(c, own.s, typed) &&
		    (word ? put_value(c, typed, &t) : put_option(c, typed, &t))) {
			return t;
		}
	}
	return t;
}

struct rule {
	PB(Refusal) code;
	const char *message; /* NULL: of any message */
	const char *field;
	const char *nl;
	const char *en;
};

#define PARTY_NL "deze partij is hier niet bekend: kies er een uit schakel partner list"
#define PARTY_EN "this party is not known here: choose one of schakel partner list"
#define AMOUNT_NL "geef een getal van 0 tot 10.000"
#define AMOUNT_EN "give a number from 0 to 10,000"
#define AHEAD_NL "geef vandaag of een latere dag, ten hoogste 732 dagen vooruit"
#define AHEAD_EN "give today or a later day, at most 732 days ahead"
#define BESIDE_NL                                                                             \
	"uw huis helpt hier zelf: laat het gezin het zeggen, of noem met --second-party wie " \
	"het ook hoorde, van een huis dat hier niet helpt"
#define BESIDE_EN                                                                            \
	"your own house helps here: let the family say it, or name with --second-party who " \
	"heard it too, of a house that does not help here"
#define ASKED_NL                                                                               \
	"deze aanmelding is niet van u: ze is te zien voor wie ze indiende of vasthoudt; wat " \
	"aan u gevraagd werd: schakel ask list"
#define ASKED_EN                                                                                   \
	"this request is not yours: who submitted or holds it can see it; what was asked of you: " \
	"schakel ask list"

static const struct rule rules[] = {
	{ CODE(OUT_OF_RANGE), "move_case_table", "at_ms",
	  "kies een tijdstip na nu, binnen de termijn van een overlegtafel: 10 werkdagen, in een "
	  "crisis 2",
	  "choose a time after now, within the term of a case table: 10 working days, 2 in a "
	  "crisis" },
	{ CODE(OUT_OF_RANGE), "move_case_table", "to",
	  "het gesprek is nog niet geweest: zeg dit na het geplande tijdstip (schakel case list)",
	  "the talk has not been held yet: say this after the planned time (schakel case list)" },
	{ CODE(OUT_OF_RANGE), NULL, "start_at_ms", AHEAD_NL, AHEAD_EN },
	{ CODE(OUT_OF_RANGE), NULL, "expected_ms", AHEAD_NL, AHEAD_EN },
	{ CODE(OUT_OF_RANGE), "answer_ask", "until_ms",
	  "geef een later tijdstip, ten hoogste 732 dagen vooruit",
	  "give a later time, at most 732 days ahead" },
	{ CODE(OUT_OF_RANGE), "record_bridging", "until_ms",
	  "geef een later tijdstip, ten hoogste 366 dagen vooruit",
	  "give a later time, at most 366 days ahead" },
	{ CODE(OUT_OF_RANGE), NULL, "until_ms", "geef een later tijdstip dan nu",
	  "give a time later than now" },
	{ CODE(OUT_OF_RANGE), NULL, "next_ms",
	  "geef een later tijdstip, ten laatste de gewone dag van nazicht (laat --next weg voor "
	  "die dag)",
	  "give a later time, the usual review day at the latest (leave out --next for that day)" },
	{ CODE(OUT_OF_RANGE), NULL, "call_at_ms",
	  "geef een tijdstip na nu, ten laatste de volgende ochtend om 8.30 uur",
	  "give a time after now, the next morning at 8.30 at the latest" },
	{ CODE(OUT_OF_RANGE), NULL, "to_ms", "geef een tijdstip dat verder ligt, en niet te ver",
	  "give a time that lies ahead, and not too far" },
	{ CODE(OUT_OF_RANGE), NULL, "total", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "funded", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "staffed", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "used_elsewhere", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "intensity", "geef 1 tot 168 uren per week",
	  "give 1 to 168 hours a week" },
	{ CODE(OUT_OF_RANGE), NULL, "duration_weeks", "geef 1 tot 520 weken",
	  "give 1 to 520 weeks" },
	{ CODE(OUT_OF_RANGE), NULL, "age_years", "geef een leeftijd van 0 tot 25 jaar",
	  "give an age from 0 to 25 years" },
	{ CODE(OUT_OF_RANGE), NULL, "child",
	  "zo'n kind staat niet in de aanmelding: het eerste is 1",
	  "there is no such child in the request: the first is 1" },
	{ CODE(UNKNOWN_OBJECT), NULL, "party", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "stand_in", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "second_party", PARTY_NL, PARTY_EN },
	{ CODE(SECOND_PARTY), "withdraw_request", "second_party", BESIDE_NL, BESIDE_EN },
	{ CODE(SECOND_PARTY), "close_need", "second_party", BESIDE_NL, BESIDE_EN },
	{ CODE(SECOND_PARTY), "stop_contribution", "second_party", BESIDE_NL, BESIDE_EN },
	{ CODE(SECOND_PARTY), "record_position", "second_party", BESIDE_NL, BESIDE_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "bridging_party", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "mandated_party", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "partner", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "suggests", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "successor", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "excluded_partners", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "preferred_partners", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "exclude_partners", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "allow_partners", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "pool",
	  "dit aanbod is niet bekend: zie schakel capacity list",
	  "this pool is not known: see schakel capacity list" },
	{ CODE(UNKNOWN_OBJECT), NULL, "adult",
	  "zo'n ouder of opvoeder staat niet in de aanmelding: kies een nummer dat er bij adults "
	  "staat",
	  "there is no such adult in the request: choose a number that stands with its adults" },
	{ CODE(UNKNOWN_OBJECT), NULL, "peer", "kies een dienst: intake, waitlist of matching",
	  "choose a service: intake, waitlist or matching" },
	{ CODE(STATE), "record_position", "proposal_version",
	  "er is nog geen voorstel van team om iets over te zeggen; kijk straks opnieuw met "
	  "schakel "
	  "request show",
	  "there is no team proposal yet to say something about; look again later with schakel "
	  "request show" },
	{ CODE(UNAUTHORISED), NULL, "urgency",
	  "een crisis meldt alleen een meldpunt aan; bel het meldpunt, of kies URGENT",
	  "only a contact point submits a crisis; call it, or choose URGENT" },
	{ CODE(UNKNOWN_OBJECT), NULL, "row", "zo'n rij is er niet: zie schakel quarantine list",
	  "there is no such row: see schakel quarantine list" },
	{ CODE(UNKNOWN_CODE), "interrupt_contribution", "reason",
	  "kies FORCE_MAJEURE, STAFF_ABSENT, SAFETY, NOT_FITTING of NO_CONTACT",
	  "choose FORCE_MAJEURE, STAFF_ABSENT, SAFETY, NOT_FITTING or NO_CONTACT" },
	{ CODE(CONTRADICTS), "close_need", "reason",
	  "deze reden geeft het systeem zelf; kies er een uit schakel request close --help",
	  "the system itself gives this reason; choose one of schakel request close --help" },
	{ CODE(NO_SUCCESSOR), "end_contribution", "contribution_id",
	  "wie helpt, blijft tot de volgende gestart is, het gezin de hulpvraag sluit of het "
	  "afgesproken einde er is; zoekt u wie er verder helpt: schakel contribution hand-on",
	  "who helps stays until the next has started, the family closes the need or the planned "
	  "end has come; to look for who helps on: schakel contribution hand-on" },
	{ CODE(CONTRADICTS), "answer_ask", "answer",
	  "dit aanbod maakt eerst kennis: antwoord CAN_IF --if MEET_FIRST, en daarna CAN",
	  "this pool meets first: answer CAN_IF --if MEET_FIRST, and CAN after that" },
	{ CODE(STATE), "record_fit", "moment",
	  "dit wordt na zes weken hulp gevraagd, en bij het einde; nu nog niet",
	  "this is asked after six weeks of help, and at its end; not yet now" },
	{ CODE(NOT_YOURS), "query_request", "request_id", ASKED_NL, ASKED_EN },
	{ CODE(NOT_YOURS), "query_plan", "request_id", ASKED_NL, ASKED_EN },
	{ CODE(NOT_YOURS), "query_explain", "request_id", ASKED_NL, ASKED_EN },
	{ CODE(NOT_YOURS), "query_asks", "contribution_id",
	  "dit werd aan een andere partij gevraagd; wat aan u gevraagd werd: schakel ask list",
	  "another party was asked this; what was asked of you: schakel ask list" },
	{ CODE(NOT_YOURS), "query_asks", "partner",
	  "een partner ziet alleen wat hem zelf gevraagd werd: schakel ask list zonder --partner",
	  "a partner sees only what was asked of it: schakel ask list without --partner" },
};

const char *refused_rule(const struct cli *c, const PB(Receipt) *r)
{
	struct refused_text own = bare(r->field);

	for (size_t i = 0; i < SK_LEN(rules); i++) {
		const struct rule *u = &rules[i];
		bool of = u->message == NULL || strcmp(u->message, sent(c)) == 0;
		if (u->code == r->code && of && strcmp(u->field, own.s) == 0) {
			return cli_text(c, u->nl, u->en);
		}
	}
	return NULL;
}

bool refused_party(const PB(Receipt) *r)
{
	static const char *const objects[] = { "request_id", "need_id", "contribution_id",
					       "short_code" };
	struct refused_text own = bare(r->field);
	bool hidden = false; /* what is not shown to this party is "not known" to it */

	for (size_t i = 0; i < SK_LEN(objects); i++) {
		hidden = hidden || strcmp(own.s, objects[i]) == 0;
	}
	return r->code == CODE(NOT_YOURS) || r->code == CODE(UNAUTHORISED) ||
	       (r->code == CODE(UNKNOWN_OBJECT) && hidden);
}
