/* SPDX-License-Identifier: EUPL-1.2 */
/* What a refusal means, as the person who typed the command can use it: the rule with its bound,
 * and what to do. Here what lies out of range, what was there first, and whose it is. */
#include "services/cli/refused.h"

#define CODE(NAME) SCHAKEL__V1__REFUSAL__REFUSAL_##NAME

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

const struct refused_row refused_rows[] = {
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
	  "geef een tijdstip na nu: binnen vier uur (of wat uw node daarvoor instelde), en nooit "
	  "later dan de volgende ochtend om 8.30 uur",
	  "give a time after now: within four hours (or what your node has set for it), and never "
	  "later than the next morning at 8.30" },
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
	{ CODE(NO_GROUND), "start_contribution", "gate",
	  "iedereen zei ja, maar het nummer van de toegangspoort ontbreekt nog: schakel request "
	  "gate",
	  "everybody said yes, but the number of the gate still lacks: schakel request gate" },
	{ CODE(MALFORMED), "record_gate_decision", "number",
	  "geef het nummer zoals de toegangspoort het gaf: letters, cijfers, / . -",
	  "give the number as the gate gave it: letters, digits, / . -" },
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
	{ CODE(OUT_OF_RANGE), "submit_request", "network",
	  "geef de korte naam van een netwerk: kleine letters, cijfers en "
	  "streepjes (schakel network list)",
	  "give the short name of a network: lower-case letters, digits and "
	  "dashes (schakel network list)" },
	{ CODE(OUT_OF_RANGE), NULL, "network",
	  "dit netwerk loopt nu niet: zie begin en einde in schakel network list",
	  "this network does not run now: see its begin and end in schakel "
	  "network list" },
	{ CODE(OUT_OF_RANGE), NULL, "days",
	  "kies uit de 14 dagen van twee weken: een getal van 0 tot 16383, één "
	  "bit voor elke dag",
	  "choose of the 14 days of two weeks: a number from 0 to 16383, one bit "
	  "for each day" },
	{ CODE(OUT_OF_RANGE), NULL, "born",
	  "geef de geboortedatum als jaar, maand en dag (20140311) van iemand die "
	  "niet ouder is dan 25 jaar",
	  "give the date of birth as year, month and day (20140311) of somebody "
	  "who is not over 25" },
	{ CODE(OUT_OF_RANGE), NULL, "number",
	  "geef elke ouder of opvoeder een eigen nummer van 1 tot 4",
	  "give each adult a number of its own, 1 to 4" },
	{ CODE(OUT_OF_RANGE), NULL, "version",
	  "dit is niet de volgende versie van deze tekst: kijk eerst opnieuw met "
	  "schakel request show --story",
	  "this is not the next version of this text: look again first with "
	  "schakel request show --story" },
	{ CODE(OUT_OF_RANGE), NULL, "capsule", "schrijf een tekst van ten hoogste 8.000 tekens",
	  "write a text of at most 8,000 characters" },
	{ CODE(OUT_OF_RANGE), "set_family_wish", "until_ms",
	  "geef een later tijdstip, ten hoogste 730 dagen vooruit",
	  "give a later time, at most 730 days ahead" },
	{ CODE(OUT_OF_RANGE), NULL, "review_ms",
	  "geef een dag na vandaag, ten hoogste 730 dagen vooruit",
	  "give a day after today, at most 730 days ahead" },
	{ CODE(OUT_OF_RANGE), NULL, "with_child",
	  "zo'n kind staat niet in de andere aanmelding: het eerste is 1",
	  "there is no such child in the other request: the first is 1" },
	{ CODE(OUT_OF_RANGE), NULL, "children",
	  "zo'n kind staat niet in de aanmelding: het eerste is 1",
	  "there is no such child in the request: the first is 1" },
	{ CODE(OUT_OF_RANGE), "record_court_order", "until_ms",
	  "geef een einde na vandaag, ten hoogste 730 dagen na het begin",
	  "give an end after today, at most 730 days after the begin" },
	{ CODE(OUT_OF_RANGE), "put_capacity", "from_ms",
	  "geef een begin van ten hoogste 732 dagen vooruit",
	  "give a begin at most 732 days ahead" },
	{ CODE(OUT_OF_RANGE), NULL, "from_ms", "het begin moet voor het einde liggen",
	  "the begin must lie before the end" },
	{ CODE(OUT_OF_RANGE), NULL, "adult",
	  "zo'n ouder of opvoeder staat niet in de aanmelding: kies een nummer "
	  "dat er bij adults staat",
	  "there is no such adult in the request: choose a number that stands "
	  "with its adults" },
	{ CODE(OUT_OF_RANGE), NULL, "euro_cents",
	  "dit gaat boven wat er voor deze aanmelding of dit netwerk nog te geven "
	  "is: geef minder, of gebruik een ander netwerk (schakel network list)",
	  "this is more than there is left to give for this request or this "
	  "network: give less, or use another network (schakel network list)" },
	{ CODE(OUT_OF_RANGE), NULL, "need",
	  "zo'n hulpvraag staat niet in de aanmelding: de eerste is 1, 0 is geen",
	  "there is no such need in the request: the first is 1, 0 is none" },
	{ CODE(OUT_OF_RANGE), NULL, "speaker",
	  "kies wie spreekt: de jongere, of een ouder of opvoeder",
	  "choose who speaks: the young person, or a parent or carer" },
	{ CODE(OUT_OF_RANGE), NULL, "proposal_version",
	  "zo'n voorstel is er nog niet: kijk welke versie nu geldt met schakel "
	  "request show",
	  "there is no such proposal yet: see which version holds now with "
	  "schakel request show" },
	{ CODE(STATE), "give_priority", "ground",
	  "deze dagen voorrang zijn al gegeven: dat gebeurt maar een keer",
	  "these days of priority were given already: that happens once only" },
	{ CODE(STATE), "give_priority", "sibling_partner",
	  "daar loopt nu geen hulp voor een broer of zus: noem een partner waar die "
	  "hulp loopt. Staat de broer of zus in een andere aanmelding, voeg die "
	  "gezinnen dan eerst samen met schakel family join",
	  "no brother or sister is helped there now: name a partner where that help "
	  "runs. Is the brother or sister in another request, then first join the "
	  "families with schakel family join" },
	{ CODE(NOT_YOURS), "give_priority", "ground",
	  "dagen voorrang geeft wie er niets bij wint: niet wie vroeg, vasthoudt of "
	  "helpt, niet het netwerk van de zone, en niet waar de broer of zus geholpen "
	  "wordt. Wel het crisismeldpunt, of een partner die hier niets vroeg en niet "
	  "helpt",
	  "days of priority are given by who gains nothing: not by who asked, holds "
	  "or helps, nor by the network of the zone, nor where the brother or sister "
	  "is helped. The crisis contact point may, or a partner that asked nothing "
	  "here and does not help" },
	{ CODE(OUT_OF_RANGE), "give_priority", "ground",
	  "alleen een broer of zus die er al is, geeft hier dagen voorrang",
	  "only a brother or sister who is there already gives days of priority "
	  "here" },
	{ CODE(OUT_OF_RANGE), NULL, "ordinal",
	  "zo veel hulpvragen heeft deze aanmelding niet: noem de hulpvraag als "
	  "AANMELDING/2, de tweede van die aanmelding",
	  "the request has not so many needs: name the need as REQUEST/2, the "
	  "second of that request" },
	{ CODE(OUT_OF_RANGE), NULL, "ground",
	  "geef hier geen noodgeval of onduidelijk akkoord, alleen een stem",
	  "give no emergency or unclear agreement here, only a voice" },
	{ CODE(OUT_OF_RANGE), NULL, "languages",
	  "geef talen met twee kleine letters, zoals nl, fr of tr",
	  "give languages by two lower-case letters, like nl, fr or tr" },
	{ CODE(OUT_OF_RANGE), NULL, "after",
	  "deze plaats in de lijst is er niet meer: vraag de lijst opnieuw van "
	  "het begin",
	  "this place in the list is not there any more: ask for the list again "
	  "from its start" },
	{ CODE(OUT_OF_RANGE), NULL, "use",
	  "geef elke vorm een nummer van 1 tot 255 dat bij dit aanbod staat",
	  "give each use a number from 1 to 255 that stands with this pool" },
	{ CODE(OUT_OF_RANGE), NULL, "age_to",
	  "geef een leeftijd tot ten hoogste 99, niet lager dan vanaf",
	  "give an age up to 99 at most, not below the first age" },
	{ CODE(OUT_OF_RANGE), NULL, "cost_units", "geef een getal van 1 tot 100",
	  "give a number from 1 to 100" },
	{ CODE(OUT_OF_RANGE), NULL, "from_units", "geef een getal van 1 tot 100",
	  "give a number from 1 to 100" },
	{ CODE(OUT_OF_RANGE), NULL, "to_units", "geef een getal van 1 tot 100",
	  "give a number from 1 to 100" },
	{ CODE(OUT_OF_RANGE), NULL, "from_use",
	  "kies het nummer van een vorm van dit aanbod, van 1 tot 255",
	  "choose the number of a use of this pool, from 1 to 255" },
	{ CODE(OUT_OF_RANGE), NULL, "units_week", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "most_week", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "load", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "cap", AMOUNT_NL, AMOUNT_EN },
	{ CODE(OUT_OF_RANGE), NULL, "observed_at_ms",
	  "dit tijdstip ligt in de toekomst: geef wanneer u telde",
	  "this time lies in the future: give when you counted" },
	{ CODE(OUT_OF_RANGE), NULL, "position_m",
	  "geef twee getallen, oost en noord in meter, of geen",
	  "give two numbers, east and north in metres, or none" },
	{ CODE(OUT_OF_RANGE), NULL, "municipality", "geef een naam van ten hoogste 63 tekens",
	  "give a name of at most 63 characters" },
	{ CODE(OUT_OF_RANGE), "convert_pool", "units",
	  "geef een veelvoud van wat één omzetting neemt, en niet meer dan het "
	  "nieuwe aanbod kan dragen (schakel capacity conversions)",
	  "give a multiple of what one conversion takes, and no more than the new "
	  "pool can carry (schakel capacity conversions)" },
	{ CODE(OUT_OF_RANGE), NULL, "hours", "geef een kleiner aantal uren",
	  "give a smaller number of hours" },
	{ CODE(OUT_OF_RANGE), NULL, "months",
	  "geef een kleiner aantal maanden: zo ver terug is niets bewaard",
	  "give fewer months: nothing is kept that far back" },
	{ CODE(OUT_OF_RANGE), NULL, "from_month",
	  "geef een maand die voorbij is of nu loopt, niet na de laatste maand",
	  "give a month that is over or now, not after the last month" },
	{ CODE(OUT_OF_RANGE), NULL, "to_month",
	  "geef een maand die voorbij is of nu loopt, niet voor de eerste maand",
	  "give a month that is over or now, not before the first month" },
	{ CODE(OUT_OF_RANGE), NULL, "name", "geef een naam van 1 tot 200 tekens",
	  "give a name of 1 to 200 characters" },
	{ CODE(OUT_OF_RANGE), NULL, "rest_until_ms",
	  "geef een dag van ten hoogste 732 dagen vooruit", "give a day at most 732 days ahead" },
	{ CODE(OUT_OF_RANGE), NULL, "wait_class",
	  "kies uit URGENT, ACTIVE, PREFERENCE of PRECAUTION",
	  "choose URGENT, ACTIVE, PREFERENCE or PRECAUTION" },
	{ CODE(OUT_OF_RANGE), NULL, "reason",
	  "deze reden kan hier niet: kies er een uit de uitleg van dit commando "
	  "(--help)",
	  "this reason cannot be given here: choose one of the help of this "
	  "command (--help)" },
	{ CODE(OUT_OF_RANGE), NULL, "to",
	  "deze toestand kan hier niet: kies er een uit de uitleg van dit "
	  "commando (--help)",
	  "this state cannot be given here: choose one of the help of this "
	  "command (--help)" },
	{ CODE(OUT_OF_RANGE), NULL, "state",
	  "deze toestand kan hier niet: kies er een uit de uitleg van dit "
	  "commando (--help)",
	  "this state cannot be given here: choose one of the help of this "
	  "command (--help)" },
	{ CODE(OUT_OF_RANGE), NULL, "urgency",
	  "kies URGENT, STANDARD of PREVENTIVE, of CRISIS door een meldpunt",
	  "choose URGENT, STANDARD or PREVENTIVE, or CRISIS by a contact point" },
	{ CODE(OUT_OF_RANGE), NULL, "crisis_step", "kies NOW, TONIGHT of WITHIN_24H",
	  "choose NOW, TONIGHT or WITHIN_24H" },
	{ CODE(OUT_OF_RANGE), NULL, "needs",
	  "deze hulpvraag klopt niet: kijk soort hulp, kind, uren en weken na",
	  "this need is not right: check kind of help, child, hours and weeks" },
	{ 0 },
};
