/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The grammar of what a young person or a parent reads, said here anew, by hand: whatever
 * the program writes must be one of these (L10). For the unit tests and the simulator. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "common/err.h"

/* "*" is any text without a stop. */
static const char *const allowed[] = {
	"Op * is hulp gevraagd via *.",
	"Op * is raad gevraagd via *.",
	"Deze vraag is klaar. Je mag altijd opnieuw hulp vragen.",
	"Dit gaat over jou. Jullie vragen hulp voor * kinderen.",
	"Dit gaat over kind *. Jullie vragen hulp voor * kinderen.",
	"* laat je niet los.",
	"* laat jullie niet los.",
	"* laten je niet los.",
	"* laten jullie niet los.",
	"Je aanspreekpunt is *.",
	"Jullie aanspreekpunt is *.",
	"Je krijgt een eigen aanspreekpunt. Tot dan is dat *.",
	"Jullie krijgen een eigen aanspreekpunt. Tot dan is dat *.",
	"Je eigen aanspreekpunt is er nog niet. Dit duurt langer dan beloofd.",
	"Jullie eigen aanspreekpunt is er nog niet. Dit duurt langer dan beloofd.",
	"Het nummer van * is *.",
	"Is dit aanspreekpunt er niet? Dan helpt *.",
	"Op * of vroeger ken je jouw eigen aanspreekpunt.",
	"Op * of vroeger kennen jullie je eigen aanspreekpunt.",
	"We beloven: op * of vroeger start de eerste hulp.",
	"We beloven: vóór * start de eerste hulp.",
	"Op * is er een gesprek met iedereen. Jij bent uitgenodigd.",
	"Op * is er een gesprek met iedereen. Jullie zijn uitgenodigd.",
	"Vóór * komt er een gesprek met iedereen. Je hoort nog wanneer.",
	"Vóór * komt er een gesprek met iedereen. Jullie horen nog wanneer.",
	"* zoekt nu hulp voor *.",
	"Wordt het erger? Bel *: *.",
	"Wordt het erger? Zeg het meteen aan *.",
	"Is er nu gevaar? Bel 112.",
	"Bel terug met het nummer van * vraag. Dan hoor je het antwoord.",
	"Dit duurt langer dan beloofd.",
	"* belt * vóór *.",
	"Op * start *.",
	"Op * gaat * weer verder.",
	"* helpt zeker tot *. Dan kijken jullie samen wat erna komt.",
	"Tot * vraagt * hoe het met * gaat.",
	"Op * of vroeger krijg je een antwoord op je vraag.",
	"Op * of vroeger krijgen jullie een antwoord op je vraag.",
	"* praat met * vóór *.",
	"Jullie kozen om te wachten tot *. Dat mag je altijd veranderen.",
	"Jullie kozen om te wachten tot *. Dat mogen jullie altijd veranderen.",
	"Intussen is * er voor *.",
	"We zoeken nog wie hierbij helpt.",
	"Dit is gevraagd op *.",
	"Nu is het zo: *.",
	"Er staan plekken in je vraag die je niet wil. Die vragen we niet. "
	"Dat mag je altijd veranderen.",
	"Er staan plekken in jullie vraag die jullie niet willen. Die vragen we niet. "
	"Dat mogen jullie altijd veranderen.",
	"Is er op * nog geen hulp? Dan bekijken we samen wat wel kan.",
	"Voorstel voor * team: *, *.",
	"Je mag ook kiezen voor *, *.",
	"Jullie mogen ook kiezen voor *, *.",
	"* wil je eerst ontmoeten. Jij kiest of dat mag.",
	"* wil jullie eerst ontmoeten. Jullie kiezen of dat mag.",
	"Zeg ja of nee tegen *. Zeg er deze code bij: *.",
	"Zeg het vóór *. Daarna zoeken we iemand anders.",
	"Het is ja: * mag je ontmoeten*.",
	"Het is ja: * mag jullie ontmoeten*.",
	"Toch liever niet? Zeg het tegen *, met code *.",
	"Afgesproken: * gaat helpen.",
	"Afgesproken: * helpt vanaf *.",
	"* helpt sinds *.",
	"De hulp van * ligt even stil. We zoeken wat er intussen kan.",
	"* komt terug rond *.",
	"* komt erbij, * gaat later weg.",
	"Er komt iemand bij. * gaat pas daarna weg.",
	"Alleen jij ziet dit.",
	"Deze hulp is klaar. We vragen nog hoe het gaat.",
	"Dit is klaar.",
	"Jouw doel: *.",
	"Een doel van je kind: *.",
	"Jouw doel over *: *.",
	"Een doel van je kind over *: *.",
	"* helpt om er te komen.",
	"Op * kijken jullie samen of het lukt.",
	"Er is al *.",
	"Dit komt er misschien bij: *.",
	"Dit is afgesproken: *.",
	"Dit helpt al: *.",
	"Dit heeft geholpen: *.",
	"De jeugdrechter besliste over dit: *.",
	"De jeugdrechter besliste over alle hulp voor jou.",
	"De jeugdrechter besliste over alle hulp voor je kind.",
	"Er is een papier over dit: *.",
	"Er is een papier over alle hulp voor jou.",
	"Er is een papier over alle hulp voor je kind.",
	"De jeugdrechter moet dat nog zeggen. Tot dan verandert er niets.",
	"Dat geldt van * tot *.",
	"Dat geldt nu niet meer.",
	"Het papier heeft nummer *.",
	"Deze vraag is gestopt.",
	"Op * zei jij: *.",
	"Jij mag kiezen: ja, nee, nu nog niet, of eerst praten.",
	"Jij mag als ouder kiezen: ja, nee, nu nog niet, of eerst praten.",
	"Zeg je nee? Dan verlies je je plaats niet.",
	"We willen ook horen wat * ervan vindt.",
	"Voor deze hulp is jouw ja niet nodig.",
	"Er moet nog iemand mee kiezen.",
	"Ook een ouder of opvoeder moet nog kiezen.",
	"Deze hulp mag starten zodra er iemand kan.",
	"De jeugdrechter heeft beslist: deze hulp mag starten.",
	"Deze hulp mag starten, want het is nu niet veilig.",
	"Deze hulp mag drie dagen. We vragen snel wat * wil*.",
	"Wat je kind vertelt en kiest, is van je kind.",
	"Er is één plan voor jullie gezin.",
	"Je vertelde je verhaal op *.",
	"Je veranderde je verhaal op *.",
	"Jouw eigen versie staat vooraan.",
	"Je mag alles zien wat we over jou bewaren. Vraag het aan je aanspreekpunt.",
	"Je mag alles zien wat we over jou als ouder bewaren. Vraag het aan je aanspreekpunt.",
};

static inline bool grammar_matches(const char *form, const char *s)
{
	for (; *form != '\0' && *form != '*'; form++, s++) {
		if (*form != *s) {
			return false;
		}
	}
	if (*form == '\0') {
		return *s == '\0';
	}
	do {
		if (grammar_matches(form + 1, s)) {
			return true;
		}
	} while (*s != '\0' && *s++ != '?');
	return false;
}

/** Whether the sentence is one of the forms. */
static inline bool grammar_allows(const char *s)
{
	for (size_t i = 0; i < SK_LEN(allowed); i++) {
		if (grammar_matches(allowed[i], s)) {
			return true;
		}
	}
	return false;
}

/* What no young person meets: an answer of a partner, a count of them, a code, points, a debt. */
static const char *const forbidden[] = {
	"weiger",   "afgewezen",    "geen plek",     "wij niet",
	"niet ons", "nu niet, wel", "geen antwoord", "keer gevraagd",
	"punten",   "score",        "dossiernummer", "wachtlijst",
	"rangorde", "schuld",       "geval",         "cliënt",
	"_",        "NOT",          "LAPSED",        "refus",
	"declin",   "points",
};

/** @return the forbidden part of the line, or NULL. */
static inline const char *grammar_forbids(const char *s)
{
	for (size_t i = 0; i < SK_LEN(forbidden); i++) {
		if (strstr(s, forbidden[i]) != NULL) {
			return forbidden[i];
		}
	}
	return NULL;
}
