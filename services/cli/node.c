/* SPDX-License-Identifier: EUPL-1.2 */
/* How the node is, its clock, and holding a daemon back before it is stopped. */
#include "services/cli/node.h"

#include <stdlib.h>
#include <string.h>

#include "common/pbjson.h"
#include "common/when.h"
#include "services/cli/output.h"
#include "services/cli/receipt_list.h"
#include "services/cli/subjects.h"

static const char *const daemons[CONF_DAEMONS] = { INTAKE, WAITLIST, MATCHING };

/* --- status --- */

static const struct column status_columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "reachable", "bereikbaar", "reachable", CELL_YES, NULL },
	{ "time_ms", "tijd van de node", "time of the node", CELL_DATE, NULL },
	{ "sequence", "volgnummer", "sequence", CELL_NUMBER, NULL },
	{ "committed", "vastgelegd", "committed", CELL_NUMBER, NULL },
	{ "quarantined", "opzijgezet", "set aside", CELL_NUMBER, NULL },
	{ "flush_p50_us", "schijf (µs)", "disk (µs)", CELL_NUMBER, NULL },
	{ "readers", "lezers", "readers", CELL_NUMBER, NULL },
	{ "note", "let op", "mind", CELL_TEXT, NULL },
	{ 0 },
};

int status_query(struct call *k, const char *daemon, PB(StatusView) **ret_status)
{
	PB(QueryStatus) q = SCHAKEL__V1__QUERY_STATUS__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;
	PB(Message) *answer = NULL;

	m.body_case = BODY(QUERY_STATUS);
	m.query_status = &q;
	int rc = call_query(k, daemon, &m, &answer);
	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(STATUS_VIEW)) {
		return call_complain(k, daemon, SK_EPROTO);
	}
	*ret_status = answer->status_view;
	return CLI_DONE;
}

/* The one thing that an operator should know first. */
static const char *note_of(const struct cli *c, const PB(StatusView) *v)
{
	if (v->clock_alarm) {
		return cli_text(c, "de klok versprong: schakel node clock accept",
				"the clock jumped: schakel node clock accept");
	}
	if (v->reconciling) {
		return cli_text(c, "vergelijkt gegevens na herstel",
				"compares data after a restore");
	}
	if (v->draining) {
		return cli_text(c, "wordt gesloten", "is closing");
	}
	return v->demo ? cli_text(c, "oefennode: geen echte gegevens", "demo node: no real data") :
			 "";
}

static json_t *status_json(struct call *k, const char *daemon, int *io_worst)
{
	PB(StatusView) *v = NULL;
	int rc = status_query(k, daemon, &v);

	if (rc != CLI_DONE || v == NULL) {
		*io_worst = rc;
		return json_pack("{s:s, s:b}", "daemon", daemon, "reachable", 0);
	}
	json_t *doc = pb_json(&v->base);
	(void)json_object_set_new(doc, "reachable", json_true());
	(void)json_object_set_new(doc, "note", json_string(note_of(k->cli, v)));
	return doc;
}

static json_t *all_status(struct call *k, int *io_worst)
{
	json_t *list = json_array();

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		(void)json_array_append_new(list, status_json(k, daemons[i], io_worst));
	}
	return list;
}

static int cmd_status(struct cli *c)
{
	AUTO_CALL struct call k = { .timeout_ms = 2000 };
	int worst = call_open(&k, c);

	if (worst != CLI_DONE) {
		return worst;
	}
	out_title(c, "Node %s", "Node %s", k.conf->node);
	json_t *doc =
		json_pack("{s:s, s:o}", "node", k.conf->node, "daemons", all_status(&k, &worst));
	cli_refusal_add(c, worst, doc);
	out_table(c, doc, "daemons", status_columns);
	json_decref(doc);
	return worst;
}

/* --- commands to every daemon, or to one --- */

/* Sends @p m to each daemon (or to @p only) and adds a receipt for each. @return the worst exit
 * code. */
static int each_daemon(struct call *k, const char *only, PB(Message) *m, json_t *receipts)
{
	int worst = CLI_DONE;

	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		PB(Receipt) *r = NULL;
		if (only != NULL && strcmp(only, daemons[i]) != 0) {
			continue;
		}
		m->id = (ProtobufCBinaryData){ 0, NULL };
		int rc = call_command(k, daemons[i], m, &r);
		if (r != NULL) {
			json_t *doc = pb_json(&r->base);
			(void)json_object_set_new(doc, "daemon", json_string(daemons[i]));
			(void)json_array_append_new(receipts, doc);
		}
		worst = rc != CLI_DONE ? rc : worst;
	}
	return worst;
}

static const struct column receipt_columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "outcome", "resultaat", "result", CELL_WORD, &schakel__v1__outcome__descriptor },
	{ "time_ms", "tijd van de node", "time of the node", CELL_DATE, NULL },
	{ 0 },
};

int to_daemons(struct cli *c, const char *only, PB(Message) *m)
{
	AUTO_CALL struct call k = { 0 };
	json_t *receipts = json_array();
	int rc = call_open(&k, c);

	if (rc == CLI_DONE && only != NULL && conf_daemon(k.conf, only) == NULL) {
		rc = cli_usage(c, "\"%s\": kies intake, waitlist of matching",
			       "\"%s\": choose intake, waitlist or matching", only);
	}
	if (rc == CLI_DONE) {
		rc = each_daemon(&k, only, m, receipts);
	}
	json_t *doc = json_pack("{s:o}", "receipts", receipts);
	cli_refusal_add(c, rc, doc);
	if (json_array_size(receipts) > 0) {
		out_table(c, doc, "receipts", receipt_columns);
	}
	json_decref(doc);
	return rc;
}

static int cmd_drain(struct cli *c)
{
	PB(Drain) d = SCHAKEL__V1__DRAIN__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	d.draining = !cli_flag(c, "off");
	m.body_case = BODY(DRAIN);
	m.drain = &d;
	return to_daemons(c, c->args_len > 0 ? c->arg[0] : NULL, &m);
}

/* --- clock --- */

static const struct column clock_columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "time_ms", "tijd van de node", "time of the node", CELL_DATE, NULL },
	{ "wall_ms", "klok van de machine", "clock of the machine", CELL_DATE, NULL },
	{ "clock_alarm", "versprongen", "jumped", CELL_YES, NULL },
	{ "demo", "oefennode", "demo", CELL_YES, NULL },
	{ 0 },
};

static int clock_show(struct cli *c)
{
	AUTO_CALL struct call k = { .timeout_ms = 2000 };
	int worst = call_open(&k, c);

	if (worst == CLI_DONE) {
		json_t *doc = json_pack("{s:o}", "daemons", all_status(&k, &worst));
		out_table(c, doc, "daemons", clock_columns);
		json_decref(doc);
	}
	return worst;
}

static int clock_accept(struct cli *c)
{
	PB(ClockAccept) a = SCHAKEL__V1__CLOCK_ACCEPT__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	m.body_case = BODY(CLOCK_ACCEPT);
	m.clock_accept = &a;
	return to_daemons(c, NULL, &m);
}

/* The latest time that any daemon has: none of them goes back. */
static int latest_time(struct cli *c, uint64_t *ret_ms)
{
	AUTO_CALL struct call k = { 0 };
	int rc = call_open(&k, c);

	for (size_t i = 0; rc == CLI_DONE && i < CONF_DAEMONS; i++) {
		PB(StatusView) *v = NULL;
		rc = status_query(&k, daemons[i], &v);
		if (rc == CLI_DONE && v != NULL && v->time_ms > *ret_ms) {
			*ret_ms = v->time_ms;
		}
	}
	return rc;
}

/* "+3d", "+12h", "+30m", or a day or time. */
static int advance_target(struct cli *c, const char *text, uint64_t *ret_ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} units[] = { { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { "w", 604800000 } };
	char *end = NULL;

	if (text[0] != '+') {
		return when_parse(text, ret_ms) ?
			       CLI_DONE :
			       cli_usage(c, "\"%s\": geef +3d, +12h, +30m of een tijdstip",
					 "\"%s\": give +3d, +12h, +30m or a time", text);
	}
	unsigned long n = strtoul(text + 1, &end, 10);
	for (size_t i = 0; i < SK_LEN(units); i++) {
		if (n > 0 && n <= 100000 && strcmp(end, units[i].unit) == 0) {
			int rc = latest_time(c, ret_ms);
			*ret_ms += n * units[i].ms;
			return rc;
		}
	}
	return cli_usage(c, "\"%s\": geef +3d, +12h, +30m of een tijdstip",
			 "\"%s\": give +3d, +12h, +30m or a time", text);
}

static int clock_advance(struct cli *c)
{
	PB(ClockAdvance) a = SCHAKEL__V1__CLOCK_ADVANCE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	if (c->args_len < 2) {
		return cli_usage(c, "Tot wanneer? Bijvoorbeeld +1d", "Until when? For example +1d");
	}
	int rc = advance_target(c, c->arg[1], &a.to_ms);
	if (rc != CLI_DONE) {
		return rc;
	}
	m.body_case = BODY(CLOCK_ADVANCE);
	m.clock_advance = &a;
	return to_daemons(c, NULL, &m);
}

static int cmd_clock(struct cli *c)
{
	const char *what = c->args_len > 0 ? c->arg[0] : "show";

	if (strcmp(what, "show") == 0) {
		return clock_show(c);
	}
	if (strcmp(what, "accept") == 0) {
		return clock_accept(c);
	}
	if (strcmp(what, "advance") == 0) {
		return clock_advance(c);
	}
	return cli_usage(c, "\"%s\": kies show, accept of advance",
			 "\"%s\": choose show, accept or advance", what);
}

static const struct option init_options[] = {
	{ "demo", NULL, "oefennode: de tijd komt van opdrachten, voor altijd zo gemerkt",
	  "demo node: time comes from commands, marked so for ever" },
	{ "name", "NAAM", "naam van de node", "name of the node" },
	{ "zones", "TABEL.csv", "zones (kolommen id, name, duty, stand_in, network, region)",
	  "zones (columns id, name, duty, stand_in, network, region)" },
	{ "partners", "TABEL.csv", "partijen (kolommen id, name, roles, zones, ...)",
	  "parties (columns id, name, roles, zones, ...)" },
	{ 0 },
};
static const struct option drain_options[] = {
	{ "off", NULL, "neem weer alles aan", "take everything again" },
	{ 0 },
};

const struct command node_commands[] = {
	{ "node init", "MAP", 1, 1, init_options, "maakt een nieuwe node; overschrijft nooit",
	  "makes a new node; never overwrites",
	  "schakel node init demo --demo --name oefening --zones deploy/demo-region/zones.csv "
	  "--partners deploy/demo-region/partners.csv",
	  cmd_node_init },
	{ "node status", "", 0, 0, NULL, "toont hoe de diensten van de node het doen",
	  "shows how the services of the node are", "schakel node status --node demo", cmd_status },
	{ "node doctor", "", 0, 0, NULL, "kijkt alles na wat een beheerder moet weten",
	  "checks everything that an operator must know", "schakel node doctor --node demo",
	  cmd_node_doctor },
	{ "node drain", "[DIENST]", 0, 1, drain_options,
	  "neemt niets nieuws meer aan, om daarna te stoppen",
	  "takes nothing new any more, before a stop", "schakel node drain intake", cmd_drain },
	{ "node clock", "[show|accept|advance TOT]", 0, 2, NULL,
	  "toont de klok, aanvaardt een sprong, of zet een oefennode vooruit",
	  "shows the clock, accepts a jump, or moves a demo node ahead",
	  "schakel node clock advance +3d --node demo", cmd_clock },
	{ 0 },
};
