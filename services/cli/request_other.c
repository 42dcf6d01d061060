/* SPDX-License-Identifier: EUPL-1.2 */
/* Another worker or contact person, and the family's own wish to wait. */
#include <string.h>

#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define SET(name) (&schakel__v1__##name##__descriptor)
#define NUMBER_MAX 64
#define ADULTS_MAX 8

static int other_read(struct call *k, PB(AskOther) *a)
{
	const char *help = cli_opt(k->cli, "contribution");
	struct object_id id;
	int rc = cli_opt_u32(k->cli, "adult", ADULTS_MAX, &a->adult);

	rc = rc != CLI_DONE ? rc : said_child_opt(k->cli, &a->child);
	rc = rc != CLI_DONE ? rc : said_request(k, 0, &a->request_id);
	a->speaker = a->adult != 0 ? SCHAKEL__V1__SPEAKER__SPEAKER_ADULT :
				     SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
	a->wanted = SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_CONTACT_PERSON;
	if (rc != CLI_DONE || help == NULL) {
		return rc;
	}
	a->wanted = SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_WORKER;
	rc = find_code_or_id(k, help, &id, &a->short_code);
	if (rc == CLI_DONE && a->short_code[0] == '\0') {
		a->contribution_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int answer(struct call *k, uint32_t number)
{
	PB(AnswerOther) a = SCHAKEL__V1__ANSWER_OTHER__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_request(k, 0, &a.request_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	a.number = number;
	a.done = cli_flag(k->cli, "done");
	m.body_case = BODY(ANSWER_OTHER);
	m.answer_other = &a;
	return said_send(k, &m, "Antwoord genoteerd.", "Answer recorded.");
}

static int cmd_other(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(AskOther) a = SCHAKEL__V1__ASK_OTHER__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	uint32_t number = 0;
	int rc = cli_opt_u32(c, "answer", NUMBER_MAX, &number);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (number != 0) {
		return answer(&k, number);
	}
	rc = other_read(&k, &a);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(ASK_OTHER);
	m.ask_other = &a;
	return said_send(&k, &m,
			 "Gevraagd. Een reden is niet nodig; het antwoord komt binnen de termijn.",
			 "Asked. No reason is needed; the answer comes within the term.");
}

static int cmd_wish(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(SetFamilyWish) w = SCHAKEL__V1__SET_FAMILY_WISH__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = cli_opt_when(c, "until", &w.until_ms);

	if (rc == CLI_DONE && (w.until_ms == 0) == !cli_flag(c, "over")) {
		rc = cli_usage(c, "Geef --until of --over: tot wanneer wil het gezin zelf wachten?",
			       "Give --until or --over: until when does the family itself wait?");
	}
	rc = rc != CLI_DONE ? rc : said_request(&k, 0, &w.request_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(SET_FAMILY_WISH);
	m.set_family_wish = &w;
	if (w.until_ms == 0) {
		return said_send(&k, &m, "Genoteerd: het gezin wacht niet meer zelf.",
				 "Recorded: the family itself waits no longer.");
	}
	return said_send(&k, &m,
			 "Genoteerd. De termijn loopt door; wat nu wacht, wordt apart geteld.",
			 "Recorded. The term goes on; what waits now is counted apart.");
}

static const struct option other_options[] = {
	{ "contribution", "AANDEEL",
	  "van welke hulp een andere begeleider; zonder: een ander "
	  "aanspreekpunt",
	  "of which help another worker; without: another contact person" },
	{ "adult", "N", "welke volwassene het vraagt; zonder: de jongere zelf",
	  "which adult asks; without: the young person" },
	{ "child", "N", "van welk kind, vanaf 1", "of which child, from 1" },
	{ "answer", "N", "antwoordt op vraag N; met --done als het gebeurd is",
	  "answers question N; with --done when it was done" },
	{ "done", NULL, "er is een ander", "there is another one" },
	{ 0 },
};
static const struct option wish_options[] = {
	{ "until", "TIJD", "tot dan wil het gezin zelf wachten", "the family itself waits until" },
	{ "over", NULL, "niet meer", "not any more" },
	{ 0 },
};

const struct command request_other_commands[] = {
	{ "request other", "AANMELDING", 1, 1, other_options,
	  "vraagt een ander aanspreekpunt of een andere begeleider, zonder reden",
	  "asks for another contact person or another worker, without a reason",
	  "schakel request other k7q2m4t9xa --as familie", cmd_other },
	{ "request wish", "AANMELDING", 1, 1, wish_options,
	  "noteert dat het gezin zelf wil wachten; alleen het gezin zegt dat",
	  "records that the family itself wants to wait; only the family says so",
	  "schakel request wish k7q2m4t9xa --until 2026-07-01 --as familie", cmd_wish },
	{ 0 },
};
