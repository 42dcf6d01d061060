/* SPDX-License-Identifier: EUPL-1.2 */
/* Messages that were set aside: each waits for a person, and the rest goes on meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/output.h"
#include "services/cli/pages.h"
#include "services/cli/receipt_list.h"
#include "services/cli/subjects.h"

static const char *const daemons[CONF_DAEMONS] = { INTAKE, WAITLIST, MATCHING };

static const struct column columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "row", "rij", "row", CELL_NUMBER, NULL },
	{ "peer", "van", "from", CELL_TEXT, NULL },
	{ "sequence", "volgnummer", "sequence", CELL_NUMBER, NULL },
	{ "type", "soort", "type", CELL_TEXT, NULL },
	{ "code", "waarom", "why", CELL_WORD, &schakel__v1__refusal__descriptor },
	{ "field", "veld", "field", CELL_TEXT, NULL },
	{ "time_ms", "wanneer", "when", CELL_DATE, NULL },
	{ 0 },
};

static int list_of(struct call *k, const char *daemon, json_t *all)
{
	PB(QueryQuarantine) q = SCHAKEL__V1__QUERY_QUARANTINE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	struct pages p = { daemon, &m, &q.after, BODY(QUARANTINE_VIEW), "rows", 0 };
	json_t *doc = NULL;
	json_t *row;
	size_t i;

	m.body_case = BODY(QUERY_QUARANTINE);
	m.query_quarantine = &q;
	int rc = pages_read(k, &p, &doc);
	if (rc != CLI_DONE) {
		return rc;
	}
	json_array_foreach (json_object_get(doc, "rows"), i, row) {
		(void)json_object_set_new(row, "daemon", json_string(daemon));
		(void)json_array_append(all, row);
	}
	json_decref(doc);
	return CLI_DONE;
}

static int cmd_list(struct cli *c)
{
	AUTO_CALL struct call k = { 0 };
	const char *only = c->args_len > 0 ? c->arg[0] : NULL;
	json_t *all = json_array();
	int worst = call_open(&k, c);

	if (worst == CLI_DONE && only != NULL && conf_daemon(k.conf, only) == NULL) {
		worst = cli_usage(c, "\"%s\": kies intake, waitlist of matching",
				  "\"%s\": choose intake, waitlist or matching", only);
	}
	for (size_t i = 0; worst != CLI_USAGE && i < CONF_DAEMONS; i++) {
		if (only == NULL || strcmp(only, daemons[i]) == 0) {
			int rc = list_of(&k, daemons[i], all);
			worst = rc != CLI_DONE ? rc : worst;
		}
	}
	json_t *doc = json_pack("{s:o}", "rows", all);
	if (worst != CLI_USAGE) {
		out_table(c, doc, "rows", columns);
	}
	json_decref(doc);
	return worst;
}

static int act(struct cli *c, PB(QuarantineAction__Action) action)
{
	PB(QuarantineAction) a = SCHAKEL__V1__QUARANTINE_ACTION__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	char *end = NULL;

	a.row = strtoull(c->arg[1], &end, 10);
	if (c->arg[1][0] < '0' || c->arg[1][0] > '9' || *end != '\0') {
		return cli_usage(c, "\"%s\": geef het nummer van de rij (schakel quarantine list)",
				 "\"%s\": give the number of the row (schakel quarantine list)",
				 c->arg[1]);
	}
	a.action = action;
	m.body_case = BODY(QUARANTINE_ACTION);
	m.quarantine_action = &a;
	return to_daemons(c, c->arg[0], &m);
}

static int cmd_retry(struct cli *c)
{
	return act(c, SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_RETRY);
}

static int cmd_drop(struct cli *c)
{
	return act(c, SCHAKEL__V1__QUARANTINE_ACTION__ACTION__ACTION_DROP);
}

const struct command quarantine_commands[] = {
	{ "quarantine list", "[DIENST]", 0, 1, NULL, "toont berichten die opzijgezet zijn",
	  "shows messages that were set aside", "schakel quarantine list", cmd_list },
	{ "quarantine retry", "DIENST RIJ", 2, 2, NULL, "biedt een bericht opnieuw aan",
	  "offers a message again", "schakel quarantine retry waitlist 1", cmd_retry },
	{ "quarantine drop", "DIENST RIJ", 2, 2, NULL,
	  "laat een bericht vallen; dat staat voortaan in het journaal",
	  "drops a message; the journal keeps that it was", "schakel quarantine drop waitlist 1",
	  cmd_drop },
	{ 0 },
};
