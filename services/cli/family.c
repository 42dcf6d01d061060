/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests of one family: one contact person and one plan for all of them; and apart again. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/said.h"
#include "services/cli/subjects.h"

#define PAIRS_MAX 16

/* "1=2,2=1": child 1 of the first request is child 2 of the other. */
static int same_children(struct cli *c, PB(JoinFamilies) *j)
{
	const char *text = cli_opt(c, "same-child");
	char *rest = cli_printf(c, "%s", text == NULL ? "" : text);
	PB(SameChild) **list = cli_alloc(c, PAIRS_MAX * sizeof(*list));

	for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
		char *end = NULL;
		char *end_with = NULL;
		if (word[0] == '\0') {
			continue;
		}
		unsigned long a = strtoul(word, &end, 10);
		unsigned long b = *end == '=' ? strtoul(end + 1, &end_with, 10) : 0;
		if (a == 0 || b == 0 || a > PAIRS_MAX || b > PAIRS_MAX || *end_with != '\0' ||
		    j->n_same_children == PAIRS_MAX) {
			return cli_usage(c,
					 "--same-child: schrijf 1=1 (kind 1 van de eerste "
					 "aanmelding is kind 1 van de andere)",
					 "--same-child: write 1=1 (child 1 of the first request is "
					 "child 1 of the other)");
		}
		PB(SameChild) *one = cli_alloc(c, sizeof(*one));
		schakel__v1__same_child__init(one);
		one->child = (uint32_t)a - 1;
		one->with_child = (uint32_t)b - 1;
		list[j->n_same_children++] = one;
	}
	j->same_children = list;
	return CLI_DONE;
}

static int request_named(struct call *k, size_t arg, ProtobufCBinaryData *ret_id, char **ret_code)
{
	struct object_id id;
	int rc = find_code_or_id(k, k->cli->arg[arg], &id, ret_code);

	if (rc == CLI_DONE && (*ret_code)[0] == '\0') {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int cmd_join(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(JoinFamilies) j = SCHAKEL__V1__JOIN_FAMILIES__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = same_children(c, &j);

	rc = rc != CLI_DONE ? rc : call_open(&k, c);
	/* A contact point may join what it may not read: the codes go along as they are. */
	rc = rc != CLI_DONE ? rc : request_named(&k, 0, &j.request_id, &j.short_code);
	rc = rc != CLI_DONE ? rc : request_named(&k, 1, &j.with_request_id, &j.with_short_code);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(JOIN_FAMILIES);
	m.join_families = &j;
	return said_send(&k, &m, "Een gezin: een aanspreekpunt, een plan.",
			 "One family: one contact person, one plan.");
}

static int cmd_split(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(SplitFamilies) j = SCHAKEL__V1__SPLIT_FAMILIES__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = said_request(&k, 0, &j.request_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(SPLIT_FAMILIES);
	m.split_families = &j;
	return said_send(&k, &m, "Apart: met haar eigen aanspreekpunt, datum en plan.",
			 "Apart: with its own contact person, date and plan.");
}

static const struct option join_options[] = {
	{ "same-child", "1=1", "welk kind in beide verteld is, met nummers vanaf 1",
	  "which child was told of in both, with numbers from 1" },
	{ 0 },
};

const struct command family_commands[] = {
	{ "family join", "AANMELDING AANMELDING", 2, 2, join_options,
	  "zegt dat twee aanmeldingen van een gezin zijn: een aanspreekpunt, een plan",
	  "says that two requests are of one family: one contact person, one plan",
	  "schakel family join k7q2m4t9xa b3n8w2c5yd --same-child 1=1 --as meldpunt", cmd_join },
	{ "family split", "AANMELDING", 1, 1, NULL,
	  "maakt dat ongedaan: de aanmelding heeft weer alles van zichzelf",
	  "undoes that: the request has all of its own again",
	  "schakel family split b3n8w2c5yd --as meldpunt", cmd_split },
	{ 0 },
};
