/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/figure_text.h"

#include <string.h>

#include "common/words.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define ANONYMOUS 100
#define LAPSED 900

static const char *say(enum lang lang, const char *nl, const char *en)
{
	return lang == LANG_NL ? nl : en;
}

/* Kinds whose code is a value of one enumeration, or of two: the first in the tens. */
static const struct {
	PB(FigureKind) kind;
	const ProtobufCEnumDescriptor *tens;
	const ProtobufCEnumDescriptor *ones;
} code_set[] = {
	{ FIGURE(UNMET), NULL, SET(shortfall) },
	{ FIGURE(OUTFLOW), NULL, SET(close_reason) },
	{ FIGURE(BREACHED), NULL, SET(urgency) },
	{ FIGURE(STUCK), NULL, SET(stuck_sign) },
	{ FIGURE(CASE_TABLES), SET(case_table_reason), SET(case_table_state) },
	{ FIGURE(PRIORITY_DAYS), NULL, SET(priority_ground) },
	{ FIGURE(CONTINUUM_MOVES), SET(continuum), SET(continuum) },
	{ FIGURE(FIT), SET(fit_moment), SET(fit) },
	{ FIGURE(SIGNAL_CHILD_DAYS), NULL, SET(rule_kind) },
	{ FIGURE(BASIC_LINK), SET(flow), SET(basic_link) },
	{ FIGURE(HELP_CALLS), SET(help_addressee), SET(help_call_state) },
	{ FIGURE(DIAGNOSTICS), SET(diagnostic_model), SET(diagnostic_state) },
};

static struct figure_text of_sets(PB(FigureKind) kind, uint32_t code, enum lang lang)
{
	struct figure_text t = { "" };

	for (size_t i = 0; i < SK_LEN(code_set); i++) {
		const ProtobufCEnumDescriptor *tens = code_set[i].tens;
		if (code_set[i].kind != kind) {
			continue;
		}
		(void)snprintf(t.s, sizeof(t.s), "%s%s%s",
			       tens == NULL ? "" : word_of(tens, (int)(code / 10), lang),
			       tens == NULL                    ? "" :
			       kind == FIGURE(CONTINUUM_MOVES) ? " > " :
								 ": ",
			       word_of(code_set[i].ones, (int)(tens == NULL ? code : code % 10),
				       lang));
	}
	return t;
}

static struct figure_text of_answer(uint32_t code, enum lang lang)
{
	struct figure_text t = { "" };
	const char *can_if = word_of(SET(can_if), (int)(code % 100), lang);

	if (code == LAPSED) {
		(void)snprintf(t.s, sizeof(t.s), "%s", say(lang, "geen antwoord", "no answer"));
		return t;
	}
	(void)snprintf(t.s, sizeof(t.s), "%s%s%s",
		       word_of(SET(answer_kind), (int)(code / 100), lang),
		       can_if[0] == '\0' ? "" : ": ", can_if);
	return t;
}

static struct figure_text of_consult(uint32_t code, enum lang lang)
{
	struct figure_text t;

	(void)snprintf(t.s, sizeof(t.s), "%s%s",
		       word_of(SET(consult_state), (int)(code % ANONYMOUS), lang),
		       code >= ANONYMOUS ? say(lang, ", zonder naam", ", without a name") : "");
	return t;
}

/* Supporter, modality, place on the continuum, fit, whether it ended as planned. */
static struct figure_text of_helped(uint32_t code, enum lang lang)
{
	struct figure_text t;

	(void)snprintf(t.s, sizeof(t.s), "%s, %s, %s%s",
		       word_of(SET(supporter_kind), (int)(code / 10000), lang),
		       word_of(SET(modality), (int)(code / 1000 % 10), lang),
		       word_of(SET(continuum), (int)(code / 100 % 10), lang),
		       code % 10 != 0 ? say(lang, ", afgerond", ", ended as planned") : "");
	return t;
}

static struct figure_text of_two(uint32_t code, const char *first, const char *second)
{
	struct figure_text t;

	(void)snprintf(t.s, sizeof(t.s), "%s", code == 1 ? first : second);
	return t;
}

struct figure_text figure_code_text(PB(FigureKind) kind, uint32_t code, enum lang lang)
{
	struct figure_text none = { "" };

	if (code == 0) {
		return none;
	}
	if (kind == FIGURE(ANSWERS)) {
		return of_answer(code, lang);
	}
	if (kind == FIGURE(CONSULTS)) {
		return of_consult(code, lang);
	}
	if (kind == FIGURE(HELPED)) {
		return of_helped(code, lang);
	}
	if (kind == FIGURE(INFLOW)) {
		return of_two(code, say(lang, "nieuw", "new"), say(lang, "opnieuw", "again"));
	}
	if (kind == FIGURE(ANSWERED_IN_TERM)) {
		return of_two(code, say(lang, "binnen de termijn", "within the term"),
			      say(lang, "te laat", "late"));
	}
	return of_sets(kind, code, lang);
}

struct figure_text figure_month_text(uint32_t month, enum lang lang)
{
	static const char *const names[][2] = {
		{ "januari", "January" }, { "februari", "February" }, { "maart", "March" },
		{ "april", "April" },     { "mei", "May" },           { "juni", "June" },
		{ "juli", "July" },       { "augustus", "August" },   { "september", "September" },
		{ "oktober", "October" }, { "november", "November" }, { "december", "December" },
	};
	struct figure_text t;

	if (month == 0) {
		(void)snprintf(t.s, sizeof(t.s), "%s", say(lang, "nu", "now"));
	} else if (month % 100 == 0 || month % 100 > SK_LEN(names)) {
		(void)snprintf(t.s, sizeof(t.s), "%s %u", say(lang, "jaar", "year"), month / 100);
	} else {
		const char *const *name = names[month % 100 - 1];
		(void)snprintf(t.s, sizeof(t.s), "%s %u", say(lang, name[0], name[1]), month / 100);
	}
	return t;
}

struct figure_text figure_band_text(uint32_t band, enum lang lang)
{
	static const char *const bands[][2] = {
		{ "", "" },
		{ "0-5 jaar", "0-5 years" },
		{ "6-11 jaar", "6-11 years" },
		{ "12-17 jaar", "12-17 years" },
		{ "18 en ouder", "18 and over" },
	};
	struct figure_text t;
	const char *const *text = bands[band < SK_LEN(bands) ? band : 0];

	(void)snprintf(t.s, sizeof(t.s), "%s", say(lang, text[0], text[1]));
	return t;
}

const char *figure_unit_text(PB(FigureKind) kind, enum lang lang)
{
	const struct figure_law *law = figure_law(kind);

	switch (law == NULL ? FIGURE_IS_COUNT : law->unit) {
	case FIGURE_IS_DAYS:
		return say(lang, "dagen", "days");
	case FIGURE_IS_HOURS:
		return say(lang, "uur", "hours");
	case FIGURE_IS_WEEKS:
		return say(lang, "weken", "weeks");
	case FIGURE_IS_NUMBER:
		return say(lang, "aantal", "number");
	case FIGURE_IS_COUNT:
		break;
	}
	return kind == FIGURE(GAP_DAYS) || kind == FIGURE(PRIORITY_DAYS) ||
			       kind == FIGURE(SIGNAL_CHILD_DAYS) ?
		       say(lang, "dagen", "days") :
		       "";
}
