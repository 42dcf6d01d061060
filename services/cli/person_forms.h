/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The sentences of level B1: every form that a young person or a parent can read. Pure. */
#include "common/when.h"
#include "services/cli/person_text.h"

/* name, nl to the young person, nl to a parent, en to the young person, en to a parent. {1} and {2}
 * are a name, a day or a word. */
/* clang-format off */
#define PERSON_FORM_MAP(X) \
	X(TITLE, "Jouw vraag om hulp", "De vraag om hulp van jullie gezin", \
	  "Your request for help", "Your family's request for help") \
	X(HEAD_NEXT, "Wat nu komt", "Wat nu komt", "What comes next", "What comes next") \
	X(HEAD_WORDS, "Jouw stem", "Wat jij als ouder kiest", "Your voice", \
	  "What you as a parent choose") \
	X(HEAD_GOALS, "Waar je naartoe wilt", "Waar je kind naartoe wil", \
	  "Where you want to go", "Where your child wants to go") \
	X(HEAD_OWN, "Wie en wat er al is", "Wie en wat er al is", \
	  "Who and what is there already", "Who and what is there already") \
	X(HEAD_ORDERS, "Wat de jeugdrechter besliste", "Wat de jeugdrechter besliste", \
	  "What the youth court decided", "What the youth court decided") \
	X(HEAD_ORDERS_NOTED, "Nog te bevestigen door de jeugdrechter", \
	  "Nog te bevestigen door de jeugdrechter", \
	  "Still to be confirmed by the youth court", "Still to be confirmed by the youth court") \
	X(HEAD_FILE, "Jouw verhaal", "Wat jij vertelde", "Your story", "What you told") \
	X(HEAD_CHILD, "Je kind", "Je kind", "Your child", "Your child") \
	X(HEAD_ANSWERS, "Wat diensten over zichzelf zeiden", "Wat diensten over zichzelf zeiden", \
	  "What services said about themselves", "What services said about themselves") \
	X(HEAD_KEPT, "Wat we niet tonen, en waarom", "Wat we niet tonen, en waarom", \
	  "What we do not show, and why", "What we do not show, and why") \
	X(HEAD_LOOKS, "Wie alles wilde zien", "Wie alles wilde zien", \
	  "Who wanted to see everything", "Who wanted to see everything") \
	X(HEAD_SAID, "Wat jij zei", "Wat jij zei", "What you said", "What you said") \
	X(ASKED, "Op {1} is hulp gevraagd via {2}.", "Op {1} is hulp gevraagd via {2}.", \
	  "On {1} help was asked through {2}.", "On {1} help was asked through {2}.") \
	X(ASKED_ADVICE, "Op {1} is raad gevraagd via {2}.", "Op {1} is raad gevraagd via {2}.", \
	  "On {1} advice was asked through {2}.", "On {1} advice was asked through {2}.") \
	X(DONE, "Deze vraag is klaar. Je mag altijd opnieuw hulp vragen.", \
	  "Deze vraag is klaar. Je mag altijd opnieuw hulp vragen.", \
	  "This question is done. You may always ask for help again.", \
	  "This question is done. You may always ask for help again.") \
	X(CHILD_OF, "Dit gaat over jou. Jullie vragen hulp voor {2} kinderen.", \
	  "Dit gaat over kind {1}. Jullie vragen hulp voor {2} kinderen.", \
	  "This is about you. You ask help for {2} children.", \
	  "This is about child {1}. You ask help for {2} children.") \
	X(HOLDS, "{1} laat je niet los.", "{1} laat jullie niet los.", \
	  "{1} stays with you.", "{1} stays with you.") \
	X(HOLD, "{1} laten je niet los.", "{1} laten jullie niet los.", \
	  "{1} stay with you.", "{1} stay with you.") \
	X(CONTACT, "Je aanspreekpunt is {1}.", "Jullie aanspreekpunt is {1}.", \
	  "Your contact person is {1}.", "Your contact person is {1}.") \
	X(CONTACT_DUTY, "Je krijgt een eigen aanspreekpunt. Tot dan is dat {1}.", \
	  "Jullie krijgen een eigen aanspreekpunt. Tot dan is dat {1}.", \
	  "You get a contact person of your own. Until then that is {1}.", \
	  "You get a contact person of your own. Until then that is {1}.") \
	X(CONTACT_LATE, "Je eigen aanspreekpunt is er nog niet. Dit duurt langer dan beloofd.", \
	  "Jullie eigen aanspreekpunt is er nog niet. Dit duurt langer dan beloofd.", \
	  "Your own contact person is not there yet. This takes longer than promised.", \
	  "Your own contact person is not there yet. This takes longer than promised.") \
	X(PHONE, "Het nummer van {1} is {2}.", "Het nummer van {1} is {2}.", \
	  "The number of {1} is {2}.", "The number of {1} is {2}.") \
	X(STAND_IN, "Is dit aanspreekpunt er niet? Dan helpt {1} je.", \
	  "Is dit aanspreekpunt er niet? Dan helpt {1}.", \
	  "Nobody there? Then {1} helps you.", "Nobody there? Then {1} helps you.") \
	X(NEXT_CONTACT, "Op {1} of vroeger ken je jouw eigen aanspreekpunt.", \
	  "Op {1} of vroeger kennen jullie je eigen aanspreekpunt.", \
	  "On {1} or earlier you know your own contact person.", \
	  "On {1} or earlier you know your own contact person.") \
	X(NEXT_ANSWER, "We beloven: op {1} of vroeger start de eerste hulp.", \
	  "We beloven: op {1} of vroeger start de eerste hulp.", \
	  "We promise: on {1} or earlier the first help starts.", \
	  "We promise: on {1} or earlier the first help starts.") \
	X(NEXT_PROMISE, "We beloven: vóór {1} start de eerste hulp.", \
	  "We beloven: vóór {1} start de eerste hulp.", \
	  "We promise: before {1} the first help starts.", \
	  "We promise: before {1} the first help starts.") \
	X(TABLE_PLANNED, "Op {1} is er een gesprek met iedereen. Jij bent uitgenodigd.", \
	  "Op {1} is er een gesprek met iedereen. Jullie zijn uitgenodigd.", \
	  "On {1} there is a talk with everybody. You are invited.", \
	  "On {1} there is a talk with everybody. You are invited.") \
	X(TABLE_CALLED, "Vóór {1} komt er een gesprek met iedereen. Je hoort nog wanneer.", \
	  "Vóór {1} komt er een gesprek met iedereen. Jullie horen nog wanneer.", \
	  "Before {1} there is a talk with everybody. You will hear when.", \
	  "Before {1} there is a talk with everybody. You will hear when.") \
	X(CRISIS_LOOKS, "{1} zoekt nu hulp voor je.", "{1} zoekt nu hulp voor jullie.", \
	  "{1} is looking for help for you now.", "{1} is looking for help for you now.") \
	X(WORSE_CALL, "Wordt het erger? Bel {1}: {2}.", "Wordt het erger? Bel {1}: {2}.", \
	  "Is it getting worse? Call {1}: {2}.", "Is it getting worse? Call {1}: {2}.") \
	X(WORSE_SAY, "Wordt het erger? Zeg het meteen aan {1}.", \
	  "Wordt het erger? Zeg het meteen aan {1}.", \
	  "Is it getting worse? Tell {1} at once.", "Is it getting worse? Tell {1} at once.") \
	X(DANGER, "Is er nu gevaar? Bel 112.", "Is er nu gevaar? Bel 112.", \
	  "Is there danger now? Call 112.", "Is there danger now? Call 112.") \
	X(ASK_AGAIN, "Bel terug met het nummer van je vraag. Dan hoor je het antwoord.", \
	  "Bel terug met het nummer van jullie vraag. Dan hoor je het antwoord.", \
	  "Call back with the number of your question. Then you hear the answer.", \
	  "Call back with the number of your question. Then you hear the answer.") \
	X(OVER_TERM, "Dit duurt langer dan beloofd.", "Dit duurt langer dan beloofd.", \
	  "This takes longer than promised.", "This takes longer than promised.") \
	X(NEXT_CALL, "{2} belt je vóór {1}.", "{2} belt jullie vóór {1}.", \
	  "{2} will call you before {1}.", "{2} will call you before {1}.") \
	X(NEXT_START, "Op {1} start {2}.", "Op {1} start {2}.", \
	  "On {1} {2} starts.", "On {1} {2} starts.") \
	X(NEXT_RETURN, "Op {1} gaat {2} weer verder.", "Op {1} gaat {2} weer verder.", \
	  "On {1} {2} goes on.", "On {1} {2} goes on.") \
	X(NEXT_END, "{2} helpt zeker tot {1}. Dan kijken jullie samen wat erna komt.", \
	  "{2} helpt zeker tot {1}. Dan kijken jullie samen wat erna komt.", \
	  "{2} helps until {1} at least. Then you look together at what follows.", \
	  "{2} helps until {1} at least. Then you look together at what follows.") \
	X(NEXT_AFTERCARE, "Tot {1} vraagt {2} hoe het met je gaat.", \
	  "Tot {1} vraagt {2} hoe het met jullie gaat.", \
	  "Until {1} {2} asks how you are.", "Until {1} {2} asks how you are.") \
	X(NEXT_ADVICE, "Op {1} of vroeger krijg je een antwoord op je vraag.", \
	  "Op {1} of vroeger krijgen jullie een antwoord op je vraag.", \
	  "On {1} or earlier you get an answer to your question.", \
	  "On {1} or earlier you get an answer to your question.") \
	X(NEXT_TALK, "{2} praat met je vóór {1}.", "{2} praat met jullie vóór {1}.", \
	  "{2} talks with you before {1}.", "{2} talks with you before {1}.") \
	X(FAMILY_WISH, "Jullie kozen om te wachten tot {1}. Dat mag je altijd veranderen.", \
	  "Jullie kozen om te wachten tot {1}. Dat mogen jullie altijd veranderen.", \
	  "You chose to wait until {1}. You may change that at any time.", \
	  "You chose to wait until {1}. You may change that at any time.") \
	X(BRIDGE, "Intussen is {1} er voor je.", "Intussen is {1} er voor jullie.", \
	  "Meanwhile {1} is there for you.", "Meanwhile {1} is there for you.") \
	X(SEARCHING, "We zoeken nog wie hierbij helpt.", "We zoeken nog wie hierbij helpt.", \
	  "We are still looking for who helps with this.", \
	  "We are still looking for who helps with this.") \
	X(WAITS_SINCE, "Dit is gevraagd op {1}.", "Dit is gevraagd op {1}.", \
	  "This was asked on {1}.", "This was asked on {1}.") \
	X(WAITS_FOR, "Nu is het zo: {1}.", "Nu is het zo: {1}.", \
	  "For now: {1}.", "For now: {1}.") \
	X(WAITS_EXCLUDES, \
	  "Er staan plekken in je vraag die je niet wil. Die vragen we niet. " \
	  "Dat mag je altijd veranderen.", \
	  "Er staan plekken in jullie vraag die jullie niet willen. Die vragen we niet. " \
	  "Dat mogen jullie altijd veranderen.", \
	  "Your request names places that you do not want. We do not ask those. " \
	  "You may change that at any time.", \
	  "Your request names places that you do not want. We do not ask those. " \
	  "You may change that at any time.") \
	X(WAITS_REVIEW, "Is er op {1} nog geen hulp? Dan bekijken we samen wat wel kan.", \
	  "Is er op {1} nog geen hulp? Dan bekijken we samen wat wel kan.", \
	  "No help yet on {1}? Then we look together at what can be done.", \
	  "No help yet on {1}? Then we look together at what can be done.") \
	X(PROPOSED, "Voorstel voor jouw team: {1}, {2}.", "Voorstel voor jullie team: {1}, {2}.", \
	  "Proposed for your team: {1}, {2}.", "Proposed for your team: {1}, {2}.") \
	X(OTHER, "Je mag ook kiezen voor {1}, {2}.", "Jullie mogen ook kiezen voor {1}, {2}.", \
	  "You may also choose {1}, {2}.", "You may also choose {1}, {2}.") \
	X(MEET, "{1} wil je eerst ontmoeten. Jij kiest of dat mag.", \
	  "{1} wil jullie eerst ontmoeten. Jullie kiezen of dat mag.", \
	  "{1} wants to meet you first. You choose whether that is all right.", \
	  "{1} wants to meet you first. You choose whether that is all right.") \
	X(MEET_SAY, "Zeg ja of nee tegen {1}. Zeg er deze code bij: {2}.", \
	  "Zeg ja of nee tegen {1}. Zeg er deze code bij: {2}.", \
	  "Say yes or no to {1}. Give this code with it: {2}.", \
	  "Say yes or no to {1}. Give this code with it: {2}.") \
	X(MEET_BY, "Zeg het vóór {1}. Daarna zoeken we iemand anders.", \
	  "Zeg het vóór {1}. Daarna zoeken we iemand anders.", \
	  "Say it before {1}. After that we look for somebody else.", \
	  "Say it before {1}. After that we look for somebody else.") \
	X(MEET_YES, "Het is ja: {1} mag je ontmoeten.", "Het is ja: {1} mag jullie ontmoeten.", \
	  "It is a yes: {1} may meet you.", "It is a yes: {1} may meet you.") \
	X(MEET_UNTIL, "Het is ja: {1} mag je ontmoeten, vóór {2}.", \
	  "Het is ja: {1} mag jullie ontmoeten, vóór {2}.", \
	  "It is a yes: {1} may meet you, before {2}.", \
	  "It is a yes: {1} may meet you, before {2}.") \
	X(MEET_BACK, "Toch liever niet? Zeg het tegen {1}, met code {2}.", \
	  "Toch liever niet? Zeg het tegen {1}, met code {2}.", \
	  "Rather not after all? Tell {1}, with code {2}.", \
	  "Rather not after all? Tell {1}, with code {2}.") \
	X(AGREED, "Afgesproken: {1} gaat helpen.", "Afgesproken: {1} gaat helpen.", \
	  "Agreed: {1} is going to help.", "Agreed: {1} is going to help.") \
	X(AGREED_FROM, "Afgesproken: {1} helpt vanaf {2}.", "Afgesproken: {1} helpt vanaf {2}.", \
	  "Agreed: {1} helps from {2}.", "Agreed: {1} helps from {2}.") \
	X(STARTED, "{1} helpt sinds {2}.", "{1} helpt sinds {2}.", \
	  "{1} has been helping since {2}.", "{1} has been helping since {2}.") \
	X(INTERRUPTED, "De hulp van {1} ligt even stil. We zoeken wat er intussen kan.", \
	  "De hulp van {1} ligt even stil. We zoeken wat er intussen kan.", \
	  "The help of {1} rests for now. We look for what can be done meanwhile.", \
	  "The help of {1} rests for now. We look for what can be done meanwhile.") \
	X(RETURNS, "{1} komt terug rond {2}.", "{1} komt terug rond {2}.", \
	  "{1} comes back around {2}.", "{1} comes back around {2}.") \
	X(HANDING_ON, "{1} komt erbij, {2} gaat later weg.", \
	  "{1} komt erbij, {2} gaat later weg.", \
	  "{1} joins, {2} leaves later.", "{1} joins, {2} leaves later.") \
	X(HANDING_ON_SOON, "Er komt iemand bij. {1} gaat pas daarna weg.", \
	  "Er komt iemand bij. {1} gaat pas daarna weg.", \
	  "Somebody joins. {1} leaves only after that.", \
	  "Somebody joins. {1} leaves only after that.") \
	X(SHIELDED, "Alleen jij ziet dit.", "Alleen jij ziet dit.", \
	  "Only you see this.", "Only you see this.") \
	X(AFTERCARE, "Deze hulp is klaar. We vragen nog hoe het gaat.", \
	  "Deze hulp is klaar. We vragen nog hoe het gaat.", \
	  "This help is done. We still ask how you are.", \
	  "This help is done. We still ask how you are.") \
	X(GOAL, "Jouw doel: {1}.", "Een doel van je kind: {1}.", \
	  "Your goal: {1}.", "A goal of your child: {1}.") \
	X(GOAL_ABOUT, "Jouw doel over {2}: {1}.", "Een doel van je kind over {2}: {1}.", \
	  "Your goal about {2}: {1}.", "A goal of your child about {2}: {1}.") \
	X(GOAL_OWNER, "{1} helpt om er te komen.", "{1} helpt om er te komen.", \
	  "{1} helps to get there.", "{1} helps to get there.") \
	X(GOAL_REVIEW, "Op {1} kijken jullie samen of het lukt.", \
	  "Op {1} kijken jullie samen of het lukt.", \
	  "On {1} you look together whether it works.", \
	  "On {1} you look together whether it works.") \
	X(STRENGTH, "Er is al {1}.", "Er is al {1}.", \
	  "There already is {1}.", "There already is {1}.") \
	X(OWN_PROPOSED, "Dit komt er misschien bij: {1}.", "Dit komt er misschien bij: {1}.", \
	  "This may be added: {1}.", "This may be added: {1}.") \
	X(OWN_AGREED, "Dit is afgesproken: {1}.", "Dit is afgesproken: {1}.", \
	  "This is agreed: {1}.", "This is agreed: {1}.") \
	X(OWN_STARTED, "Dit helpt al: {1}.", "Dit helpt al: {1}.", \
	  "This helps already: {1}.", "This helps already: {1}.") \
	X(OWN_ENDED, "Dit heeft geholpen: {1}.", "Dit heeft geholpen: {1}.", \
	  "This has helped: {1}.", "This has helped: {1}.") \
	X(ORDER, "De jeugdrechter besliste over dit: {1}.", \
	  "De jeugdrechter besliste over dit: {1}.", \
	  "The youth court decided about this: {1}.", \
	  "The youth court decided about this: {1}.") \
	X(ORDER_ALL, "De jeugdrechter besliste over alle hulp voor jou.", \
	  "De jeugdrechter besliste over alle hulp voor je kind.", \
	  "The youth court decided about all help for you.", \
	  "The youth court decided about all help for your child.") \
	X(ORDER_NOTED, "Er is een papier over dit: {1}.", "Er is een papier over dit: {1}.", \
	  "There is a paper about this: {1}.", "There is a paper about this: {1}.") \
	X(ORDER_NOTED_ALL, "Er is een papier over alle hulp voor jou.", \
	  "Er is een papier over alle hulp voor je kind.", \
	  "There is a paper about all help for you.", \
	  "There is a paper about all help for your child.") \
	X(ORDER_NOT_YET, "De jeugdrechter moet dat nog zeggen. Tot dan verandert er niets.", \
	  "De jeugdrechter moet dat nog zeggen. Tot dan verandert er niets.", \
	  "The youth court still has to say so. Until then nothing changes.", \
	  "The youth court still has to say so. Until then nothing changes.") \
	X(ORDER_UNTIL, "Dat geldt van {2} tot {1}.", "Dat geldt van {2} tot {1}.", \
	  "That holds from {2} until {1}.", "That holds from {2} until {1}.") \
	X(ORDER_ENDED, "Dat geldt nu niet meer.", "Dat geldt nu niet meer.", \
	  "That holds no longer.", "That holds no longer.") \
	X(ORDER_NUMBER, "Het papier heeft nummer {1}.", "Het papier heeft nummer {1}.", \
	  "The paper has number {1}.", "The paper has number {1}.") \
	X(CLOSED, "Dit is klaar.", "Dit is klaar.", "This is done.", "This is done.") \
	X(WITHDRAWN, "Deze vraag is gestopt.", "Deze vraag is gestopt.", \
	  "This question has stopped.", "This question has stopped.") \
	X(SAID, "Op {1} zei jij: {2}.", "Op {1} zei jij: {2}.", \
	  "On {1} you said: {2}.", "On {1} you said: {2}.") \
	X(MY_WORD, "Jij mag kiezen: ja, nee, nu nog niet, of eerst praten.", \
	  "Jij mag als ouder kiezen: ja, nee, nu nog niet, of eerst praten.", \
	  "You may choose: yes, no, not yet, or talk first.", \
	  "You may choose: yes, no, not yet, or talk first.") \
	X(NO_COST, "Zeg je nee? Dan verlies je je plaats niet.", \
	  "Zeg je nee? Dan verlies je je plaats niet.", \
	  "Do you say no? You do not lose your place.", \
	  "Do you say no? You do not lose your place.") \
	X(CHILD_HEARD, "We willen ook horen wat jij ervan vindt.", \
	  "We willen ook horen wat je kind ervan vindt.", \
	  "We also want to hear what you think.", "We also want to hear what your child thinks.") \
	X(NOT_MY_WORD, "Voor deze hulp is jouw ja niet nodig.", \
	  "Voor deze hulp is jouw ja niet nodig.", \
	  "For this help your yes is not needed.", \
	  "For this help your yes is not needed.") \
	X(OTHER_WORD, "Ook een ouder of opvoeder moet nog kiezen.", \
	  "Er moet nog iemand mee kiezen.", \
	  "A parent or carer has yet to choose too.", "Somebody else has yet to choose too.") \
	X(GROUND_AGREED, "Deze hulp mag starten zodra er iemand kan.", \
	  "Deze hulp mag starten zodra er iemand kan.", \
	  "This help may start as soon as somebody can.", \
	  "This help may start as soon as somebody can.") \
	X(GROUND_COURT, "De jeugdrechter heeft beslist: deze hulp mag starten.", \
	  "De jeugdrechter heeft beslist: deze hulp mag starten.", \
	  "The youth court has decided: this help may start.", \
	  "The youth court has decided: this help may start.") \
	X(GROUND_EMERGENCY, "Deze hulp mag starten, want het is nu niet veilig.", \
	  "Deze hulp mag starten, want het is nu niet veilig.", \
	  "This help may start, for it is not safe now.", \
	  "This help may start, for it is not safe now.") \
	X(GROUND_UNCLEAR, "Deze hulp mag drie dagen. We vragen snel wat jij wil.", \
	  "Deze hulp mag drie dagen. We vragen snel wat jullie willen.", \
	  "This help may go on for three days. We soon ask what you want.", \
	  "This help may go on for three days. We soon ask what you want.") \
	X(CHILD_OWN, "Wat je kind vertelt en kiest, is van je kind.", \
	  "Wat je kind vertelt en kiest, is van je kind.", \
	  "What your child tells and chooses is your child's own.", \
	  "What your child tells and chooses is your child's own.") \
	X(PLAN, "Er is één plan voor jullie gezin.", "Er is één plan voor jullie gezin.", \
	  "There is one plan for your family.", "There is one plan for your family.") \
	X(TOLD, "Je vertelde je verhaal op {1}.", "Je vertelde je verhaal op {1}.", \
	  "You told your story on {1}.", "You told your story on {1}.") \
	X(TOLD_ANEW, "Je veranderde je verhaal op {1}.", "Je veranderde je verhaal op {1}.", \
	  "You changed your story on {1}.", "You changed your story on {1}.") \
	X(OWN_FIRST, "Jouw eigen versie staat vooraan.", "Jouw eigen versie staat vooraan.", \
	  "Your own version comes first.", "Your own version comes first.") \
	X(FILE, "Je mag alles zien wat we over jou bewaren. Vraag het aan je aanspreekpunt.", \
	  "Je mag alles zien wat we over jou als ouder bewaren. Vraag het aan je aanspreekpunt.", \
	  "You may see everything that we keep about you. Ask your contact person.", \
	  "You may see everything that we keep about you. Ask your contact person.") \
	X(ANSWER_ASKED, "{1} kreeg de vraag om te helpen.", "{1} kreeg de vraag om te helpen.", \
	  "{1} was asked to help.", "{1} was asked to help.") \
	X(ANSWER_CAN, "{1} zei over zichzelf: wij kunnen.", "{1} zei over zichzelf: wij kunnen.", \
	  "{1} said about itself: we can.", "{1} said about itself: we can.") \
	X(ANSWER_CAN_IF, "{1} zei over zichzelf: wij kunnen, als {2}.", \
	  "{1} zei over zichzelf: wij kunnen, als {2}.", \
	  "{1} said about itself: we can, if {2}.", "{1} said about itself: we can, if {2}.") \
	X(ANSWER_NOT_NOW, "{1} zei over zichzelf: nu niet, wel vanaf {2}.", \
	  "{1} zei over zichzelf: nu niet, wel vanaf {2}.", \
	  "{1} said about itself: not now, but from {2}.", \
	  "{1} said about itself: not now, but from {2}.") \
	X(ANSWER_NOT_OURS, "{1} zei over zichzelf: wij niet.", "{1} zei over zichzelf: wij niet.", \
	  "{1} said about itself: not us.", "{1} said about itself: not us.") \
	X(ANSWER_SUGGESTS, "{1} zei over zichzelf: wij niet, wel misschien {2}.", \
	  "{1} zei over zichzelf: wij niet, wel misschien {2}.", \
	  "{1} said about itself: not us, but perhaps {2}.", \
	  "{1} said about itself: not us, but perhaps {2}.") \
	X(ANSWER_LAPSED, "{1} gaf geen antwoord.", "{1} gaf geen antwoord.", \
	  "{1} gave no answer.", "{1} gave no answer.") \
	X(ANSWER_TAKEN_BACK, "{1} zei over zichzelf: het lukt ons toch niet.", \
	  "{1} zei over zichzelf: het lukt ons toch niet.", \
	  "{1} said about itself: we cannot after all.", \
	  "{1} said about itself: we cannot after all.") \
	X(ANSWER_RELEASED, "{1} hoefde niet meer te helpen.", "{1} hoefde niet meer te helpen.", \
	  "{1} no longer had to help.", "{1} no longer had to help.") \
	X(ANSWER_HELPED, "{1} hielp tot {2}.", "{1} hielp tot {2}.", \
	  "{1} helped until {2}.", "{1} helped until {2}.") \
	X(ANSWER_STOPPED, "Jij stopte de hulp van {1} op {2}.", \
	  "Je kind stopte de hulp van {1} op {2}.", \
	  "You stopped the help of {1} on {2}.", "Your child stopped the help of {1} on {2}.") \
	X(KEPT, "We tonen één stuk niet: {1}.", "We tonen één stuk niet: {1}.", \
	  "We do not show one piece: {1}.", "We do not show one piece: {1}.") \
	X(KEPT_BY, "{1} besliste dat op {2}.", "{1} besliste dat op {2}.", \
	  "{1} decided so on {2}.", "{1} decided so on {2}.") \
	X(KEPT_TRUSTED, "Iemand die naast je staat, mag het wel lezen.", \
	  "Iemand die naast je kind staat, mag het wel lezen.", \
	  "Somebody who stands beside you may read it.", \
	  "Somebody who stands beside your child may read it.") \
	X(LOOKED_OWN, "In jouw naam vroeg iemand op {1} om alles te zien. Dat liep via {2}.", \
	  "In jouw naam vroeg iemand op {1} om alles te zien. Dat liep via {2}.", \
	  "In your name somebody asked on {1} to see everything. That went through {2}.", \
	  "In your name somebody asked on {1} to see everything. That went through {2}.") \
	X(LOOKED_ADULT, "Een ouder of opvoeder vroeg op {1} om alles te zien. Dat liep via {2}.", \
	  "Een ouder of opvoeder vroeg op {1} om alles te zien. Dat liep via {2}.", \
	  "A parent or carer asked on {1} to see everything. That went through {2}.", \
	  "A parent or carer asked on {1} to see everything. That went through {2}.") \
	X(LOOKED_TRUSTED, \
	  "Iemand die naast je staat vroeg op {1} om alles te zien. Dat liep via {2}.", \
	  "Iemand die naast je kind staat vroeg op {1} om alles te zien. Dat liep via {2}.", \
	  "Somebody beside you asked on {1} to see everything. That went through {2}.", \
	  "Somebody beside your child asked on {1} to see everything. That went through {2}.") \
	X(TITLE_FILE, "Alles wat we over jou bewaren", "Alles wat we over jou als ouder bewaren", \
	  "Everything that we keep about you", "Everything that we keep about you") \
	X(HEAD_TOLD, "Wat verteld is", "Wat verteld is", "What was told", "What was told") \
	X(WRITTEN, "Op {1} schreef {2} dit op:", "Op {1} schreef {2} dit op:", \
	  "On {1} {2} wrote this down:", "On {1} {2} wrote this down:") \
	X(WRITTEN_OWN, "Jouw eigen versie, van {1}:", "Jouw eigen versie, van {1}:", \
	  "Your own version, of {1}:", "Your own version, of {1}:") \
	X(SEALED, "Dit stuk is op slot. Je aanspreekpunt kan het openen.", \
	  "Dit stuk is op slot. Je aanspreekpunt kan het openen.", \
	  "This piece is locked. Your contact person can open it.", \
	  "This piece is locked. Your contact person can open it.") \
	X(NOTHING_KEPT, "We houden niets achter.", "We houden niets achter.", \
	  "We keep nothing back.", "We keep nothing back.")
/* clang-format on */

enum form {
#define X(name, a, b, c, d) FORM_##name,
	PERSON_FORM_MAP(X)
#undef X
		FORM_COUNT
};

/** The form as it is, without anything filled in. */
const char *form_text(const struct person_text *t, enum form f);
/** Adds the sentence with {1} and {2} filled in. */
void form_say(struct person_text *t, enum form f, const char *one, const char *two);
/** Adds who wants to meet first, and how to answer. */
void person_meet(const PB(PersonView) *v, const PB(PersonMeet) *m, struct person_text *t);
/** A party as people know it. */
const char *form_name(const struct person_text *t, const char *party);
/** The day alone, in @p box. */
const char *form_day(const struct person_text *t, uint64_t at_ms, struct when_text *box);
void form_title(struct person_text *t, const char *text);
void form_head(struct person_text *t, const char *text);
/** Adds goals, what people say themselves, strengths (person_own.c). */
void form_own(const PB(PersonView) *v, struct person_text *t);
/** Adds what the court decided, and what somebody wrote down of it. */
void form_orders(const PB(PersonView) *v, struct person_text *t);
