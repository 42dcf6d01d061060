/* SPDX-License-Identifier: EUPL-1.2 */
/* The rest of refused_rows.c: what contradicts, what cannot be from how things stand, and what is
 * not known. */
#include "services/cli/refused.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME

#define PARTY_NL "deze partij is hier niet bekend: kies er een uit schakel partner list"
#define PARTY_EN "this party is not known here: choose one of schakel partner list"

const struct refused_row refused_more[] = {
	{ CODE(CONTRADICTS), "amend_request", "add_needs",
	  "dit is een adviesvraag: dien een zoekvraag in die erop verder gaat "
	  "(request submit --from-consult)",
	  "this is a question for advice: submit a search that goes on from it "
	  "(request submit --from-consult)" },
	{ CODE(CONTRADICTS), NULL, "urgency",
	  "een adviesvraag is nooit een crisis: dien een zoekvraag in",
	  "a question for advice is never a crisis: submit a search" },
	{ CODE(CONTRADICTS), NULL, "allow_partners",
	  "deze partner staat ook bij wie niet mag: noem hem één keer",
	  "this partner also stands with those that may not: name it once" },
	{ CODE(CONTRADICTS), NULL, "preferred_partners",
	  "deze partner staat ook bij wie niet mag: noem hem één keer",
	  "this partner also stands with those that may not: name it once" },
	{ CODE(CONTRADICTS), "record_court_order", "children",
	  "onder dit nummer staat een beschikking voor andere of minder kinderen: zeg voor welk "
	  "kind (--child), of dat ze ook voor anderen geldt (--wider)",
	  "under this number there is an order for other or fewer children: say for which child "
	  "(--child), or that it is for others, too (--wider)" },
	{ CODE(CONTRADICTS), NULL, "children",
	  "een kind dat in de aanmelding staat, kan er niet uit: noem ze "
	  "allemaal, in dezelfde volgorde",
	  "a child of the request cannot leave it: name all of them, in the same "
	  "order" },
	{ CODE(CONTRADICTS), NULL, "change_needs",
	  "er moet één hulpvraag blijven die er echt moet zijn",
	  "one need that must be there has to remain" },
	{ CODE(CONTRADICTS), "record_basic_link", "party",
	  "er is nog geen band, dus ook geen partij: laat ze weg, of kies een "
	  "andere band",
	  "there is no link yet, so no party either: leave it out, or choose "
	  "another link" },
	{ CODE(CONTRADICTS), NULL, "party",
	  "er is nog geen band, dus ook geen partij: laat ze weg, of kies een "
	  "andere band",
	  "there is no link yet, so no party either: leave it out, or choose "
	  "another link" },
	{ CODE(CONTRADICTS), NULL, "age_years",
	  "leeftijd en geboortedatum kloppen niet samen: geef er één van beide",
	  "age and date of birth do not agree: give one of the two" },
	{ CODE(CONTRADICTS), NULL, "apart_danger",
	  "een gevaar hoort alleen bij \"apart wegens gevaar\": laat het weg, of "
	  "kies DANGER",
	  "a danger goes only with apart for danger: leave it out, or choose "
	  "DANGER" },
	{ CODE(CONTRADICTS), NULL, "judged_incapable",
	  "een kind is bekwaam of niet bekwaam geoordeeld, niet beide: kies er "
	  "een",
	  "a child is judged capable or not, not both: choose one" },
	{ CODE(CONTRADICTS), NULL, "number",
	  "twee ouders of opvoeders hebben hetzelfde nummer: geef elk een eigen "
	  "nummer",
	  "two adults have the same number: give each its own" },
	{ CODE(CONTRADICTS), NULL, "version",
	  "deze tekst is van de persoon zelf of staat er al: die kan zo niet "
	  "veranderen",
	  "this text is the person's own or stands there already: it cannot be "
	  "changed so" },
	{ CODE(CONTRADICTS), NULL, "crisis_step",
	  "een stap hoort alleen bij een crisis: laat hem weg, of kies CRISIS",
	  "a step goes only with a crisis: leave it out, or choose CRISIS" },
	{ CODE(CONTRADICTS), "withdraw_request", "reason",
	  "kies WITHDRAWN, of zeg met --error dat de aanmelding een vergissing "
	  "was",
	  "choose WITHDRAWN, or say with --error that the request was a mistake" },
	{ CODE(CONTRADICTS), "climb_rung", "reason",
	  "kies YOUTH_ASKED van een bekwaam kind, COURT of DANGER; wat eerst "
	  "gevraagd werd, telt het systeem zelf",
	  "choose YOUTH_ASKED of a capable child, COURT or DANGER; what was asked "
	  "first is counted by the system" },
	{ CODE(CONTRADICTS), NULL, "reason",
	  "deze reden past hier niet: laat ze weg, of kies er een uit de uitleg "
	  "van dit commando (--help)",
	  "this reason does not fit here: leave it out, or choose one of the help "
	  "of this command (--help)" },
	{ CODE(CONTRADICTS), "record_court_order", "need_ids",
	  "elke hulpvraag is er een van de kinderen die u noemt, en van wat er onder dit nummer "
	  "staat: geldt de beschikking voor meer, zeg dat dan (--wider)",
	  "each need is one of the children that you name, and of what stands under this number: "
	  "if the order is for more, say so (--wider)" },
	{ CODE(CONTRADICTS), NULL, "need_ids",
	  "elke hulpvraag één keer, en alleen van de kinderen die u noemt",
	  "each need once, and only of the children that you name" },
	{ CODE(CONTRADICTS), NULL, "need_id",
	  "deze hulpvraag hoort niet bij wat u nog noemt: kijk na met schakel "
	  "request show",
	  "this need does not belong to what else you name: check with schakel "
	  "request show" },
	{ CODE(CONTRADICTS), NULL, "successor",
	  "bij deze reden neemt niemand over: laat de opvolger weg",
	  "with this reason nobody takes over: leave the successor out" },
	{ CODE(CONTRADICTS), "move_consult", "to",
	  "het einde zegt het gezin (schakel consult confirm); verder zoeken: "
	  "request submit --from-consult",
	  "its end is said by the family (schakel consult confirm); to search on: "
	  "request submit --from-consult" },
	{ CODE(CONTRADICTS), NULL, "to",
	  "deze toestand past hier niet: kies er een uit de uitleg van dit "
	  "commando (--help)",
	  "this state does not fit here: choose one of the help of this command "
	  "(--help)" },
	{ CODE(CONTRADICTS), NULL, "consult_code",
	  "alleen een zoekvraag kan verder gaan op een adviesvraag: kies SEARCH",
	  "only a search can go on from a question for advice: choose SEARCH" },
	{ CODE(CONTRADICTS), NULL, "stand_in",
	  "niemand vervangt zichzelf: noem een ander huis, of twee medewerkers "
	  "van hetzelfde huis",
	  "nobody stands in for themselves: name another house, or two workers of "
	  "one house" },
	{ CODE(CONTRADICTS), NULL, "expertise",
	  "dit onderzoek ging over een andere soort hulp: laat de soort weg, of "
	  "kies de juiste",
	  "this diagnostic was about another kind of help: leave it out, or "
	  "choose the right one" },
	{ CODE(CONTRADICTS), NULL, "builds_on",
	  "een eerder antwoord op dezelfde vraag is er al: noem het met "
	  "--builds-on, dan vraagt niemand het opnieuw",
	  "there is an earlier answer to the same question: name it with "
	  "--builds-on, so that nothing is asked twice" },
	{ CODE(CONTRADICTS), NULL, "open_domains", "noem elk levensdomein één keer",
	  "name each life domain once" },
	{ CODE(CONTRADICTS), "open_meeting", "speaker",
	  "dit kind beslist hier nog niet zelf: een ouder zegt ja (--adult), na het kind gehoord "
	  "te hebben",
	  "this child does not decide it yet: a parent says yes (--adult), having heard the "
	  "child" },
	{ CODE(CONTRADICTS), NULL, "speaker",
	  "dit is het woord van de jongere of van een ouder zelf: wie ernaast "
	  "staat, zegt het niet in hun plaats",
	  "this is the word of the young person or a parent: who stands beside "
	  "does not say it for them" },
	{ CODE(CONTRADICTS), NULL, "same_children",
	  "elk kind hoort bij één ander: noem het één keer",
	  "each child goes with one other: name it once" },
	{ CODE(CONTRADICTS), "open_meeting", "child",
	  "deze hulp is voor een ander kind van de aanmelding: zeg met --child welk kind "
	  "(het eerste is 1)",
	  "this help is for another child of the request: say with --child which one "
	  "(the first is 1)" },
	{ CODE(CONTRADICTS), NULL, "child",
	  "dit is van een ander kind, of dit kind beslist hier nog niet zelf: "
	  "kies het juiste nummer",
	  "this is of another child, or this child does not decide it yet: choose "
	  "the right number" },
	{ CODE(CONTRADICTS), NULL, "with_request_id",
	  "dit is twee keer dezelfde aanmelding: noem een andere",
	  "this is the same request twice: name another one" },
	{ CODE(CONTRADICTS), NULL, "called",
	  "met NONE zegt u dat niemand gebeld is: laat de andere diensten weg, of laat NONE weg",
	  "with NONE you say that nobody was called: leave out the other services, or leave out "
	  "NONE" },
	{ CODE(CONTRADICTS), NULL, "adult",
	  "een nummer van een ouder hoort alleen bij --speaker ADULT",
	  "the number of an adult goes only with --speaker ADULT" },
	{ CODE(CONTRADICTS), NULL, "contribution_id",
	  "een ander aanspreekpunt gaat over de aanmelding, niet over één hulp: "
	  "laat de code van de hulp weg",
	  "another contact person is about the request, not about one help: leave "
	  "out the code of the help" },
	{ CODE(CONTRADICTS), NULL, "supporter",
	  "dit is al van een andere soort helper, of een die niet bij het gezin "
	  "zelf hoort",
	  "this is of another kind of supporter already, or of one that is not "
	  "the family's own" },
	{ CODE(CONTRADICTS), NULL, "euro_cents",
	  "een bedrag hoort alleen bij middelen (schakel plan means)",
	  "an amount goes only with means (schakel plan means)" },
	{ CODE(CONTRADICTS), "set_own_contribution", "network",
	  "een netwerk hoort alleen bij middelen (schakel plan means)",
	  "a network goes only with means (schakel plan means)" },
	{ CODE(CONTRADICTS), NULL, "network",
	  "dit past niet bij dit netwerk: zie schakel network list",
	  "this does not fit this network: see schakel network list" },
	{ CODE(CONTRADICTS), NULL, "rule_bent",
	  "een regel die moest wijken hoort alleen bij middelen (schakel plan "
	  "means)",
	  "a rule that had to bend goes only with means (schakel plan means)" },
	{ CODE(CONTRADICTS), NULL, "voice",
	  "een noodgeval of onduidelijk akkoord gaat niet samen met een stem: "
	  "geef één van beide",
	  "an emergency or unclear agreement does not go with a voice: give one "
	  "of the two" },
	{ CODE(CONTRADICTS), NULL, "excluded_partners",
	  "een partner weren kan alleen met een nee (NOT) van wie hierover mag "
	  "spreken, en niet bij een noodgeval",
	  "a partner can be kept out only with a no (NOT) of who may speak about "
	  "it, and not in an emergency" },
	{ CODE(CONTRADICTS), NULL, "choices",
	  "kiezen kan alleen wie hierover mag spreken, en niet bij een noodgeval",
	  "only who may speak about it can choose, and not in an emergency" },
	{ CODE(CONTRADICTS), NULL, "needs",
	  "een adviesvraag heeft geen hulpvragen: laat ze weg, of kies SEARCH",
	  "a question for advice has no needs: leave them out, or choose SEARCH" },
	{ CODE(CONTRADICTS), NULL, "request_id",
	  "deze hulpvraag hoort bij een andere aanmelding: kijk de code na",
	  "this need belongs to another request: check the code" },
	{ CODE(CONTRADICTS), NULL, "until_ms", "een einddag past hier niet: laat hem weg",
	  "an end does not fit here: leave it out" },
	{ CODE(CONTRADICTS), NULL, "can_if",
	  "een voorwaarde hoort alleen bij het antwoord CAN_IF: laat ze weg, of "
	  "antwoord CAN_IF",
	  "a condition goes only with the answer CAN_IF: leave it out, or answer "
	  "CAN_IF" },
	{ CODE(CONTRADICTS), NULL, "cap",
	  "dit is lager dan wat deze medewerker al draagt: geef ten minste de "
	  "belasting van nu",
	  "this is below what this worker carries: give at least the load of now" },
	{ CODE(CONTRADICTS), NULL, "joint_partners",
	  "noem elke andere partner één keer, uzelf niet",
	  "name each other partner once, not yourself" },
	{ CODE(CONTRADICTS), NULL, "use",
	  "twee vormen hebben hetzelfde nummer, of deze vorm is er niet: geef elk "
	  "een eigen nummer",
	  "two uses have the same number, or there is no such use: give each its "
	  "own number" },
	{ CODE(CONTRADICTS), NULL, "spoken_with",
	  "met wie u sprak hoort alleen bij een antwoord per telefoon: laat het "
	  "weg, of geef --by-call",
	  "whom you spoke with goes only with an answer by telephone: leave it "
	  "out, or give --by-call" },
	{ CODE(CONTRADICTS), NULL, "staffed",
	  "er kan niet meer bemand zijn dan er in totaal is (--total): geef "
	  "minder, of verhoog het totaal",
	  "no more can be staffed than there is in total (--total): give less, or "
	  "raise the total" },
	{ CODE(CONTRADICTS), NULL, "suggests",
	  "wie u voorstelt hoort alleen bij het antwoord NOT_OURS, en is een "
	  "ander huis dan het uwe",
	  "whom you suggest goes only with the answer NOT_OURS, and is another "
	  "house than yours" },
	{ CODE(CONTRADICTS), NULL, "unit",
	  "een aanbod houdt zijn eenheid: maak een nieuw aanbod voor een andere",
	  "a pool keeps its unit: make a new pool for another one" },
	{ CODE(MALFORMED), NULL, "number",
	  "geef het nummer zoals het op de brief staat: letters, cijfers, / . en "
	  "-, ten hoogste 32",
	  "give the number as it stands on the letter: letters, digits, / . and "
	  "-, at most 32" },
	{ CODE(UNKNOWN_OBJECT), NULL, "zone", "zo'n zone is er niet: kies een zone van deze node",
	  "there is no such zone: choose one of the node" },
	{ CODE(UNKNOWN_OBJECT), NULL, "zones", "zo'n zone is er niet: kies een zone van deze node",
	  "there is no such zone: choose a zone of this node" },
	{ CODE(UNKNOWN_CODE), NULL, "zone", "zo'n zone is er niet: kies een zone van deze node",
	  "there is no such zone: choose a zone of this node" },
	{ CODE(UNKNOWN_OBJECT), NULL, "to_pool",
	  "daarheen kan dit aanbod niet omgezet worden: zie schakel capacity "
	  "conversions",
	  "this pool cannot be converted to that: see schakel capacity "
	  "conversions" },
	{ CODE(UNKNOWN_OBJECT), NULL, "network",
	  "zo'n netwerk is er niet: zie schakel network list",
	  "there is no such network: see schakel network list" },
	{ CODE(UNKNOWN_OBJECT), NULL, "invited", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "partners", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "owner", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "hoped_partner", PARTY_NL, PARTY_EN },
	{ CODE(UNKNOWN_OBJECT), NULL, "sibling_partner", PARTY_NL, PARTY_EN },
	{ CODE(STATE), NULL, "change_needs",
	  "deze hulpvraag is afgesloten en verandert niet meer: voeg een nieuwe "
	  "toe",
	  "this need is closed and does not change any more: add a new one" },
	{ CODE(STATE), NULL, "request_id",
	  "deze aanmelding is afgesloten of hier niet meer mee bezig: kijk met "
	  "schakel request show hoe het staat",
	  "this request is closed or past this: see with schakel request show how "
	  "it stands" },
	{ CODE(STATE), NULL, "need_id",
	  "deze hulpvraag is nu niet zo ver, of al voorbij: kijk met schakel "
	  "request show hoe het staat",
	  "this need is not so far now, or over: see with schakel request show "
	  "how it stands" },
	{ CODE(STATE), NULL, "need_ids",
	  "een van deze hulpvragen is al voorbij: laat die weg (schakel request "
	  "show)",
	  "one of these needs is over: leave it out (schakel request show)" },
	{ CODE(STATE), NULL, "contribution_id",
	  "deze hulp is nu niet zo ver, of al voorbij: hieronder staat hoe het "
	  "staat",
	  "this help is not so far now, or over: below is how it stands" },
	{ CODE(STATE), NULL, "with_request_id",
	  "de andere aanmelding hoort al bij dit gezin, of is afgesloten: kijk "
	  "met schakel request show",
	  "the other request is of this family already, or closed: look with "
	  "schakel request show" },
	{ CODE(STATE), NULL, "to",
	  "van hier kan het niet naar deze toestand: hieronder staat hoe het nu "
	  "is, kies wat daarop volgt (--help)",
	  "from here it cannot go to this state: below is how it is now, choose "
	  "what follows (--help)" },
	{ CODE(STATE), NULL, "state",
	  "van hier kan het niet naar deze toestand: kijk hoe het nu staat en "
	  "kies wat daarop volgt (--help)",
	  "from here it cannot go to this state: see how it is now and choose "
	  "what follows (--help)" },
	{ CODE(STATE), NULL, "fit", "dit is vandaag al gezegd: zeg het een andere dag opnieuw",
	  "this was said today: say it again another day" },
	{ CODE(STATE), NULL, "link",
	  "deze band kan hier nu niet: kijk met schakel support list hoe het "
	  "staat",
	  "this link cannot be set now: see schakel support list how it stands" },
	{ CODE(STATE), NULL, "missing", "zo staat het al genoteerd", "it is noted so already" },
	{ CODE(STATE), NULL, "child", "zo is het voor dit kind al genoteerd: er verandert niets",
	  "it is noted so for this child already: nothing changes" },
	{ CODE(STATE), NULL, "reason", "maak eerst het nachtplan: schakel request night-plan",
	  "make the night plan first: schakel request night-plan" },
	{ CODE(STATE), NULL, "wanted", "dat wordt al gevraagd: kijk met schakel request show",
	  "that is asked for already: look with schakel request show" },
	{ CODE(STATE), NULL, "number", "hierop is al geantwoord", "this was answered already" },
	{ CODE(STATE), NULL, "euro_cents",
	  "het bedrag staat vast zodra het gegeven is: noteer nieuwe middelen",
	  "the amount is fixed once it was given: note new means" },
	{ CODE(STATE), NULL, "adult",
	  "deze ouder of opvoeder spreekt hier niet mee: bij wie geen contact mag "
	  "hebben, vraagt niemand iets",
	  "this adult has no say here: who may have no contact is not asked" },
	{ CODE(STATE), NULL, "ground", "dit kan alleen in een crisis, en niet nadat iemand nee zei",
	  "this is possible only in a crisis, and not after somebody said no" },
	{ CODE(STATE), NULL, "choices",
	  "hier valt nu niets te kiezen: kijk naar het voorstel met schakel "
	  "request show",
	  "there is nothing to choose now: see the proposal with schakel request "
	  "show" },
	{ CODE(STATE), NULL, "left",
	  "deze medewerker draagt nog hulp: zorg eerst dat een ander ze overneemt",
	  "this worker still carries help: see first that another takes it over" },
	{ CODE(STATE), NULL, "network", "dit netwerk is voorbij: maak een nieuw",
	  "this network is over: make a new one" },
	{ CODE(STATE), NULL, "pool",
	  "er is hier geen laatste plek meer om over te beslissen: ze is al gegeven of weer vrij",
	  "there is no last place to decide about any more: it was given, or it is free again" },
	{ CODE(NOT_STAFFED), NULL, "contribution_id",
	  "er is nu niet genoeg bemand om weer te starten: pas eerst het aanbod "
	  "aan (schakel capacity put)",
	  "there is not enough staff to start again: change the capacity first "
	  "(schakel capacity put)" },
	{ CODE(NOT_STAFFED), NULL, "units", "zoveel is er niet vrij om om te zetten: geef minder",
	  "so much is not free to convert: give less" },
	{ CODE(NOT_STAFFED), NULL, "worker",
	  "deze medewerker heeft geen ruimte meer of rust: noem een andere",
	  "this worker has no room left or rests: name another one" },
	{ CODE(NO_SUCCESSOR), NULL, "successor",
	  "wie overneemt, moet eerst zelf gestart zijn: wacht daarop, of noem een "
	  "partij die al helpt",
	  "the successor must have started first: wait for that, or name a party "
	  "that helps already" },
	{ CODE(NO_SUCCESSOR), NULL, "done",
	  "benoem eerst het andere aanspreekpunt: schakel request contact",
	  "name the other contact person first: schakel request contact" },
	{ CODE(SECOND_PARTY), NULL, "request_id",
	  "dit wordt nagekeken door een ander huis dan dat van wie het deed",
	  "this is reviewed by another house than that of who did it" },
	{ CODE(SECOND_PARTY), NULL, "second_party",
	  "noem met --second-party een andere partij, van een andere organisatie "
	  "dan de uwe (schakel partner list)",
	  "name with --second-party another party, of another organisation than "
	  "yours (schakel partner list)" },
	{ 0 },
};
