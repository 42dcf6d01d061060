/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/refusal.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME
#define RES(NAME) SCHAKEL__V1__RESOURCE__RESOURCE_##NAME

static const struct {
	PB(Refusal) code;
	struct refusal_text text;
} refusals[] = {
	{ CODE(MALFORMED),
	  { "Dit bericht is niet leesbaar op deze plaats. Kijk de opbouw na en zend opnieuw.",
	    "The message cannot be read at this place. Check how it is built and send again." } },
	{ CODE(UNAUTHORISED),
	  { "Deze sleutel mag dit niet vragen. Vraag het aan wie de node beheert.", "This key may "
										    "not ask this. "
										    "Ask whoever "
										    "runs the "
										    "node." } },
	{ CODE(ID_TOO_OLD),
	  { "Het berichtnummer is te oud. Maak een nieuw bericht.", "The message id is too old. "
								    "Make a new message." } },
	{ CODE(ID_IN_FUTURE),
	  { "Het berichtnummer ligt in de toekomst. Zet de klok van dit toestel juist.", "The "
											 "message "
											 "id lies "
											 "in the "
											 "future. "
											 "Set this "
											 "machine'"
											 "s clock "
											 "right"
											 "." } },
	{ CODE(ID_REUSED),
	  { "Dit berichtnummer hoort al bij een ander bericht. Geef elk bericht een eigen nummer.",
	    "This message id belongs to another message. Give each message an id of its own." } },
	{ CODE(POISON),
	  { "Dit bericht deed de dienst twee keer stoppen en is opzij gelegd. De beheerder is "
	    "verwittigd.",
	    "This message stopped the service twice and was set aside. The operator was told." } },
	{ CODE(UNKNOWN_TYPE),
	  { "Dit soort bericht of veld kent deze dienst niet. Vernieuw uw toepassing.", "This "
											"service "
											"does not "
											"know this "
											"kind of "
											"message "
											"or field. "
											"Update "
											"your "
											"applicatio"
											"n." } },
	{ CODE(MISSING),
	  { "Dit ontbreekt en is nodig. Vul het aan.", "This is missing and needed. Fill it "
						       "in." } },
	{ CODE(OUT_OF_RANGE),
	  { "Deze waarde valt buiten wat hier mag. Pas ze aan.", "This value lies outside what is "
								 "allowed here. Change it." } },
	{ CODE(UNKNOWN_CODE),
	  { "Deze code staat niet in de lijst van deze node. Kies er een die er wel in staat.",
	    "This code is not in the node's list. Choose one that is." } },
	{ CODE(UNKNOWN_OBJECT),
	  { "Dit is hier niet bekend. Kijk het nummer na.", "This is not known here. Check the "
							    "number." } },
	{ CODE(NOT_YOURS),
	  { "Dit hoort niet bij u. Alleen wie het vasthoudt of gevraagd werd, kan dit.",
	    "This does not belong to you. Only who holds it or was asked can do this." } },
	{ CODE(TOO_MANY),
	  { "Dit zijn er te veel. Verdeel ze over meer dan een bericht.", "These are too many. "
									  "Spread them over more "
									  "than one message." } },
	{ CODE(CONFLICT),
	  { "Dit is intussen veranderd. Kijk naar wat nu geldt en beslis opnieuw.", "This has "
										    "changed "
										    "meanwhile. "
										    "Look at what "
										    "holds now and "
										    "decide "
										    "again." } },
	{ CODE(STATE),
	  { "Dat kan niet vanuit hoe het nu staat. Kijk naar wat nu geldt.", "That cannot be done "
									     "from how things "
									     "stand now. Look at "
									     "what holds now." } },
	{ CODE(NO_GROUND),
	  { "Er is nog geen grond om te starten: een ja van wie het moet zeggen, of een noodgeval "
	    "met reden.",
	    "There is no ground to start yet: a yes of those who must say it, or an emergency with "
	    "reason." } },
	{ CODE(SECOND_PARTY),
	  { "Dit vraagt een tweede persoon van een andere organisatie. Noem die organisatie.",
	    "This needs a second person of another organisation. Name that organisation." } },
	{ CODE(NOT_DEMO),
	  { "Alleen een oefennode kan de klok verzetten.", "Only a demo node can move its "
							   "clock." } },
	{ CODE(EXCLUDED),
	  { "De jongere of het gezin wil dit niet. Kies iets anders of vraag het hen.",
	    "The young person or family does not want this. Choose something else or ask them." } },
	{ CODE(NO_SUCCESSOR),
	  { "Niemand laat los vóór de volgende gestart is.", "Nobody lets go before the next one "
							     "has started." } },
	{ CODE(CLOCK_BACK),
	  { "De klok gaat nooit terug. Kies een later tijdstip.", "The clock never goes back. "
								  "Choose a later time." } },
	{ CODE(NOT_STAFFED),
	  { "Zoveel is niet bemand. Pas eerst het aanbod aan.", "So much is not staffed. Change "
								"the capacity first." } },
	{ CODE(CONDITION_OPEN),
	  { "De partner kan, als er nog iets in orde komt; dat is het nog niet. Regel dat eerst, "
	    "of laat "
	    "de partner zeggen dat het zonder kan.",
	    "The partner can if something is arranged, and it is not yet. Arrange that first, or "
	    "let the "
	    "partner say that it can without." } },
	{ CODE(CONTRADICTS),
	  { "Dit spreekt een ander veld tegen. Kies een van beide.", "This contradicts another "
								     "field. Choose one of the "
								     "two." } },
};

static const struct {
	PB(Resource) what;
	struct refusal_text text;
} shortages[] = {
	{ RES(DISK),
	  { "De schijf is bijna vol. Er ging niets verloren; probeer later opnieuw en verwittig de "
	    "beheerder.",
	    "The disk is almost full. Nothing was lost; try again later and tell the operator." } },
	{ RES(MAP),
	  { "De opslag is bijna vol. Er ging niets verloren; verwittig de beheerder.", "The store "
										       "is almost "
										       "full. "
										       "Nothing "
										       "was lost; "
										       "tell the "
										       "operator"
										       "." } },
	{ RES(MEMORY),
	  { "Dit bericht vraagt te veel geheugen. Maak het kleiner.", "This message needs too much "
								      "memory. Make it "
								      "smaller." } },
	{ RES(LOG_BOUND),
	  { "Er wacht te veel op een andere dienst. Alleen dringende vragen gaan nu nog door.",
	    "Too much waits for another service. Only pressing requests pass now." } },
	{ RES(DRAINING),
	  { "De dienst wordt stilgelegd voor onderhoud. Probeer zo meteen opnieuw.", "The service "
										     "is being "
										     "drained for "
										     "maintenance. "
										     "Try again "
										     "shortly." } },
	{ RES(RECONCILING),
	  { "De dienst komt terug van een oudere kopie en vergelijkt met de andere. Probeer zo "
	    "meteen opnieuw.",
	    "The service comes back from an older copy and compares with the others. Try again "
	    "shortly." } },
	{ RES(QUARANTINE),
	  { "Er staat te veel opzij voor nazicht (schakel quarantine list). Verwittig de "
	    "beheerder.",
	    "Too much is set aside for a person to look at (schakel quarantine list). Tell the "
	    "operator." } },
	{ RES(QUEUE),
	  { "Er wachten te veel vragen tegelijk. Probeer zo meteen opnieuw.", "Too many questions "
									      "wait at once. Try "
									      "again shortly." } },
};

static const struct refusal_text unknown = { "Dit kon niet. De reden staat in de code.",
					     "This could not be done. The code says why." };
static const struct refusal_text late = { "Dit kwam te laat: er veranderde niets. Dit geldt nu.",
					  "This came too late: nothing was changed. This holds "
					  "now." };

const struct refusal_text *refusal_text(PB(Refusal) code)
{
	for (size_t i = 0; i < SK_LEN(refusals); i++) {
		if (refusals[i].code == code) {
			return &refusals[i].text;
		}
	}
	return &unknown;
}

const struct refusal_text *late_text(void)
{
	return &late;
}

const struct refusal_text *busy_text(PB(Resource) what)
{
	for (size_t i = 0; i < SK_LEN(shortages); i++) {
		if (shortages[i].what == what) {
			return &shortages[i].text;
		}
	}
	return &unknown;
}
