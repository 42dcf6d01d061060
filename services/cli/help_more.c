/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/help_more.h"

#include <string.h>

#include "common/step.h"
#include "common/words.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define REASON(NAME) (1U << SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##NAME)
#define CLOSE(NAME) (1U << SCHAKEL__V1__CLOSE_REASON__CLOSE_REASON_##NAME)
#define RUNG_REASON(NAME) (1U << SCHAKEL__V1__RUNG_REASON__RUNG_REASON_##NAME)
#define DAEMON_ROLE (1U << SCHAKEL__V1__ROLE__ROLE_DAEMON)

/* Codes that a command takes. */
static const struct {
	const char *command;
	const char *nl; /* where on the command line */
	const char *en;
	const ProtobufCEnumDescriptor *set;
	uint32_t but; /* bits of values that only the system gives */
} codes[] = {
	{ "request position", "STEM", "VOICE", SET(voice), 0 },
	{ "request position", "--emergency", "--emergency", SET(danger_reason), 0 },
	{ "request amend", "--reason", "--reason", SET(danger_reason), 0 },
	{ "request amend", "--step", "--step", SET(crisis_step), 0 },
	{ "request night-plan", "--called", "--called", SET(called_service), 0 },
	{ "request close", "REDEN", "REASON", SET(close_reason),
	  CLOSE(STARTED_HELP) | CLOSE(WITHDRAWN) | CLOSE(ENTERED_IN_ERROR) | CLOSE(SAME_CHILD) },
	{ "plan keep-back", "REDEN", "REASON", SET(kept_back), 0 },
	{ "ask answer", "ANTWOORD", "ANSWER", SET(answer_kind), 0 },
	{ "ask answer", "--if", "--if", SET(can_if), 0 },
	{ "contribution interrupt", "REDEN", "REASON", SET(interrupt_reason),
	  REASON(OVERCOMMITTED) },
	{ "signal name", "REGEL", "RULE", SET(rule_kind), 0 },
	{ "signal name", "STAP", "STEP", SET(blocked_step), 0 },
	{ "signal list", "--rule", "--rule", SET(rule_kind), 0 },
	{ "fit", "PAST", "FIT", SET(fit), 0 },
	{ "request rung", "REDEN", "REASON", SET(rung_reason), RUNG_REASON(ADDITIVE_ASKED) },
	{ "request rung", "--danger", "--danger", SET(danger_reason), 0 },
	{ "support link", "MOMENT", "MOMENT", SET(flow), 0 },
	{ "support link", "BAND", "LINK", SET(basic_link), 0 },
	{ "beside ask", "AAN", "TO", SET(help_addressee), 0 },
	{ "request judge", "REDEN", "REASON", SET(judgement_reason), 0 },
	{ "figures", "--kind", "--kind", SET(figure_kind), 0 },
	{ "capacity put", "--pause", "--pause", SET(pause_reason), 0 },
	{ "capacity put", "--answer", "--answer", SET(pool_answer), 0 },
	{ "network put", "--kind", "--kind", SET(network_kind), 0 },
	{ "partner add", "--roles", "--roles", SET(role), DAEMON_ROLE },
	{ "waiting confirm", "--speaker", "--speaker", SET(speaker),
	  1U << SCHAKEL__V1__SPEAKER__SPEAKER_ADULT },
	{ "waiting list", "--class", "--class", SET(wait_class), 0 },
	{ "plan goal", "--domain", "--domain", SET(life_domain), 0 },
	{ "plan goal", "--state", "--state", SET(goal_state), 0 },
	{ "plan own", "--domain", "--domain", SET(life_domain), 0 },
	{ "plan own", "--state", "--state", SET(own_state), 0 },
	{ "plan means", "--rule", "--rule", SET(rule_kind), 0 },
	{ "plan means", "--domain", "--domain", SET(life_domain), 0 },
	{ "plan means", "--state", "--state", SET(own_state), 0 },
	{ "plan diagnostic", "--model", "--model", SET(diagnostic_model), 0 },
	{ "plan diagnostic", "--state", "--state", SET(diagnostic_state), 0 },
	{ "plan diagnostic", "--open", "--open", SET(life_domain), 0 },
};

static const struct {
	const char *command;
	const char *nl;
	const char *en;
} texts[] = {
	{ "request submit",
	  "Het bestand (JSON: een aanmelding of een lijst ervan; CSV: een rij per hulpvraag):\n"
	  "  kind                 SEARCH of CONSULT (nodig)\n"
	  "  zone                 een zone van de node (nodig)\n"
	  "  urgency              CRISIS, URGENT, STANDARD, PREVENTIVE (nodig)\n"
	  "  crisis_step, reason  bij CRISIS: NOW, TONIGHT, WITHIN_24H, en waarom\n"
	  "  second_party         bij URGENT: de tweede organisatie\n"
	  "  network              het netwerk dat dit draagt (schakel network list)\n"
	  "  children             [{ age_years of born, stays }], nodig bij SEARCH: age_years 0\n"
	  "                       tot 25, of born als 20140311\n"
	  "    stays              een of twee keer { zone, days, adult, safe }: days is de som\n"
	  "                       van 1 ma, 2 di, 4 wo, 8 do, 16 vr, 32 za, 64 zo; is de andere\n"
	  "                       week anders, dan die 128 keer erbij; safe: adres verborgen\n"
	  "  adults               [{ number, authority, home, conflict, limit }], ten hoogste\n"
	  "                       vier; limit: SUPERVISED (contact onder toezicht) of\n"
	  "                       NONE_ALLOWED (geen contact: die ziet en zegt hier niets)\n"
	  "  strengths            [{ kind, life_domain, need, child }]: wat er al is; kind is\n"
	  "                       PERSON, PLACE of ACTIVITY; need: hulpvraag 1, 2, ...\n"
	  "  needs                [{ expertise, intensity, duration_weeks, must, child }]; bij\n"
	  "                       SEARCH minstens een met must, bij CONSULT geen; child is 1\n"
	  "                       voor het eerste kind, 2 voor het tweede; nodig bij meer dan\n"
	  "                       een kind, ook bij strengths\n"
	  "  told                 [{ name, callback, story, address }]: wordt verzegeld; een\n"
	  "                       callback is nodig; wat een ander over iemand zegt staat in\n"
	  "                       een eigen deel { child, about }: dat alleen kan achtergehouden\n"
	  "                       worden voor wie het over gaat\n"
	  "  excluded_partners, preferred_partners, languages\n"
	  "Voorbeelden: deploy/examples/aanmelding.json, aanmelding.csv, twee-kinderen.json",
	  "The file (JSON: a request or a list of them; CSV: a row for each need):\n"
	  "  kind                 SEARCH or CONSULT (needed)\n"
	  "  zone                 a zone of the node (needed)\n"
	  "  urgency              CRISIS, URGENT, STANDARD, PREVENTIVE (needed)\n"
	  "  crisis_step, reason  with CRISIS: NOW, TONIGHT, WITHIN_24H, and why\n"
	  "  second_party         with URGENT: the second organisation\n"
	  "  network              the network that carries this (schakel network list)\n"
	  "  children             [{ age_years or born, stays }], needed with SEARCH: age_years\n"
	  "                       0 to 25, or born as 20140311\n"
	  "    stays              one or two of { zone, days, adult, safe }: days is the sum of\n"
	  "                       1 Mon, 2 Tue, 4 Wed, 8 Thu, 16 Fri, 32 Sat, 64 Sun; when the\n"
	  "                       other week differs, that 128 times added; safe: address hidden\n"
	  "  adults               [{ number, authority, home, conflict, limit }], four at most;\n"
	  "                       limit: SUPERVISED (contact under supervision) or\n"
	  "                       NONE_ALLOWED (no contact: sees and says nothing here)\n"
	  "  strengths            [{ kind, life_domain, need, child }]: what is there already;\n"
	  "                       kind is PERSON, PLACE or ACTIVITY; need: need 1, 2, ...\n"
	  "  needs                [{ expertise, intensity, duration_weeks, must, child }]; with\n"
	  "                       SEARCH at least one with must, with CONSULT none; child is 1\n"
	  "                       for the first child, 2 for the second; needed when there is\n"
	  "                       more than one child, with strengths too\n"
	  "  told                 [{ name, callback, story, address }]: is sealed; a callback\n"
	  "                       is needed; what somebody else says of a person stands in a\n"
	  "                       piece of its own { child, about }: only that can be kept back\n"
	  "                       from who it is about\n"
	  "  excluded_partners, preferred_partners, languages\n"
	  "Examples: deploy/examples/aanmelding.json, aanmelding.csv, twee-kinderen.json" },
	{ "request amend",
	  "Het bestand (JSON) kan dragen: add_needs, change_needs [{ need_id, intensity,\n"
	  "duration_weeks, must }], children, adults en told, gebouwd als bij request submit.\n"
	  "Zonder child gaat een nieuwe hulpvraag over kind 1.",
	  "The file (JSON) may hold: add_needs, change_needs [{ need_id, intensity,\n"
	  "duration_weeks, must }], children, adults and told, built as for request submit.\n"
	  "Without child a new need is about child 1." },
	{ "capacity put",
	  "Een bestand kan naast de aantallen dragen:\n"
	  "  joint_partners       wie het mee aanbiedt, ten hoogste vier\n"
	  "  answer               HAS, NONE, NONE_WAITLIST, ASSESS_FIRST\n"
	  "  network              alleen voor dat netwerk\n"
	  "  school_atelier       telt bij de schoolateliers van een netwerk\n"
	  "  because_expertise, because_zone   om welke hulpvraag het aanbod veranderde; de\n"
	  "                       soorten hulp staan in codes.csv van de node\n"
	  "  limits               [{ use, units_week }], alleen in JSON\n"
	  "  conversions          [{ from_use, to_pool, from_units, to_units, most_week }]: wat "
	  "een\n"
	  "                       gebruik mag worden; in een rekenblad deze vijf als kolommen\n"
	  "Voorbeeld van een bestand: deploy/demo-region/pools.csv",
	  "Beside the numbers a file may hold:\n"
	  "  joint_partners       who offers it together, four at most\n"
	  "  answer               HAS, NONE, NONE_WAITLIST, ASSESS_FIRST\n"
	  "  network              for that network only\n"
	  "  school_atelier       counts among the school ateliers of a network\n"
	  "  because_expertise, because_zone   because of which need the offer changed; the\n"
	  "                       kinds of help stand in codes.csv of the node\n"
	  "  limits               [{ use, units_week }], in JSON only\n"
	  "  conversions          [{ from_use, to_pool, from_units, to_units, most_week }]: what "
	  "a\n"
	  "                       use may become; in a spreadsheet these five as columns\n"
	  "Example of a file: deploy/demo-region/pools.csv" },
};

/* A set may have more values than a mask has bits; those are never left out. */
static bool is_shown(unsigned but, int v)
{
	return v != 0 && (v >= 32 || (but & 1U << v) == 0);
}

void help_more(const struct cli *c, const struct command *cmd)
{
	for (size_t i = 0; i < SK_LEN(codes); i++) {
		if (strcmp(codes[i].command, cmd->name) != 0) {
			continue;
		}
		(void)fprintf(c->out, "\n%s:\n", cli_text(c, codes[i].nl, codes[i].en));
		for (unsigned k = 0; k < codes[i].set->n_values; k++) {
			int v = codes[i].set->values[k].value;
			if (is_shown(codes[i].but, v)) {
				(void)fprintf(c->out, "  %-26s %s\n", code_of(codes[i].set, v),
					      word_of(codes[i].set, v, c->lang));
			}
		}
	}
	for (size_t i = 0; i < SK_LEN(texts); i++) {
		if (strcmp(texts[i].command, cmd->name) == 0) {
			(void)fprintf(c->out, "\n%s\n", cli_text(c, texts[i].nl, texts[i].en));
		}
	}
}
