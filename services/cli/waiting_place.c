/* SPDX-License-Identifier: EUPL-1.2 */
/* Days of priority, and a child that is helped but not in the right place. */
#include <stdlib.h>
#include <string.h>

#include "services/cli/output.h"
#include "services/cli/request_show.h"
#include "services/cli/subjects.h"

/* The N-th need of a request that the list shows: who sees the list need not hold the request. */
static int find_listed(struct call *k, const char *text, const char *slash,
		       struct object_id *ret_id)
{
	PB(QueryWaiting) q = SCHAKEL__V1__QUERY_WAITING__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;
	unsigned long n = strtoul(slash + 1, NULL, 10);

	q.short_code = cli_printf(k->cli, "%.*s", (int)(slash - text), text);
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	int rc = call_query(k, WAITLIST, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(WAITING_VIEW)) {
		return call_complain(k, WAITLIST, SK_EPROTO);
	}
	for (size_t i = 0; i < answer->waiting_view->n_entries; i++) {
		const PB(NeedFact) *need = answer->waiting_view->entries[i]->need;
		if (need->ordinal == n && object_id_from(&need->need_id, ret_id)) {
			return CLI_DONE;
		}
	}
	return cli_usage(k->cli, "\"%s\": die hulpvraag staat niet op de lijst",
			 "\"%s\": that need is not on the list", text);
}

static int need_id(struct call *k, ProtobufCBinaryData *ret_id)
{
	const char *text = k->cli->arg[0];
	const char *slash = strchr(text, '/');
	struct object_id id;
	int rc = call_open(k, k->cli);

	if (rc == CLI_DONE) {
		rc = slash != NULL ? find_listed(k, text, slash, &id) : find_need(k, text, &id);
	}
	if (rc == CLI_DONE) {
		*ret_id = id_bytes(k->cli, &id);
	}
	return rc;
}

static int send(struct call *k, PB(Message) *m, const char *nl, const char *en)
{
	PB(Receipt) *r = NULL;
	int rc = call_command(k, WAITLIST, m, &r);
	return out_done(k->cli, rc, r, nl, en);
}

static int cmd_priority(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(GivePriority) b = SCHAKEL__V1__GIVE_PRIORITY__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = need_id(&k, &b.need_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	b.ground = SCHAKEL__V1__PRIORITY_GROUND__PRIORITY_GROUND_SIBLING_THERE;
	b.sibling_partner = (char *)(uintptr_t)c->arg[1];
	m.body_case = BODY(GIVE_PRIORITY);
	m.give_priority = &b;
	return send(&k, &m, "Dagen voorrang gegeven: broer of zus is daar al.",
		    "Days of priority given: a brother or sister is already there.");
}

static int cmd_misplaced(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(SignalMisplaced) b = SCHAKEL__V1__SIGNAL_MISPLACED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int rc = need_id(&k, &b.need_id);

	if (rc != CLI_DONE) {
		return rc;
	}
	b.hoped_partner = (char *)(uintptr_t)(cli_flag(c, "hoped") ? cli_opt(c, "hoped") : "");
	m.body_case = BODY(SIGNAL_MISPLACED);
	m.signal_misplaced = &b;
	return send(&k, &m,
		    "Genoteerd: de plek past niet. Dit telt als het kind of het aanspreekpunt het "
		    "bevestigt, en een partner die er niets bij wint.",
		    "Recorded: the place does not fit. It counts once the child or the contact "
		    "person confirms it, and a partner that gains nothing by it.");
}

static int cmd_confirm(struct cli *c)
{
	AUTO_CALL struct call k = { .cli = c };
	PB(ConfirmMisplaced) b = SCHAKEL__V1__CONFIRM_MISPLACED__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	int speaker = 0;
	int rc = cli_opt_code(c, "speaker", &schakel__v1__speaker__descriptor, &speaker);

	rc = rc != CLI_DONE ? rc : need_id(&k, &b.need_id);
	if (rc != CLI_DONE) {
		return rc;
	}
	b.speaker = (PB(Speaker))speaker;
	b.over = cli_flag(c, "over");
	m.body_case = BODY(CONFIRM_MISPLACED);
	m.confirm_misplaced = &b;
	return b.over ? send(&k, &m, "Genoteerd: dit telt niet meer als een plek die niet past.",
			     "Recorded: this no longer counts as a place that does not fit.") :
			send(&k, &m, "Bevestigd: de plek past niet.",
			     "Confirmed: the place does not fit.");
}

static const struct option misplaced_options[] = {
	{ "hoped", "PARTIJ", "waar het kind liever zou zijn", "where the child would rather be" },
	{ 0 },
};
static const struct option confirm_options[] = {
	{ "speaker", "WIE", "YOUTH of TRUSTED_PERSON: wie het zegt (een partner: voor zichzelf)",
	  "YOUTH or TRUSTED_PERSON: who says so (a partner: for itself)" },
	{ "over", NULL, "de plek past weer, of het kind is daar weg",
	  "the place fits again, or the child has left it" },
	{ 0 },
};

const struct command waiting_place_commands[] = {
	{ "waiting priority", "HULPVRAAG PARTIJ", 2, 2, NULL,
	  "geeft dagen voorrang: broer of zus is al bij die partij; enkel wie er niets bij wint",
	  "gives days of priority: a brother or sister is with that party; only who gains nothing",
	  "schakel waiting priority k7q2m4t9xa/1 ovbj-ieper --as meldpunt", cmd_priority },
	{ "waiting misplaced", "HULPVRAAG", 1, 1, misplaced_options,
	  "zegt dat een kind niet op de juiste plek zit",
	  "says that a child is not in the right place",
	  "schakel waiting misplaced k7q2m4t9xa/1 --hoped ovbj-ieper --as familie", cmd_misplaced },
	{ "waiting confirm", "HULPVRAAG", 1, 1, confirm_options,
	  "bevestigt dat de plek niet past, of weer past",
	  "confirms that the place does not fit, or fits again",
	  "schakel waiting confirm k7q2m4t9xa/1 --speaker YOUTH --as familie", cmd_confirm },
	{ 0 },
};
