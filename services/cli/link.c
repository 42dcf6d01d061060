/* SPDX-License-Identifier: EUPL-1.2 */
/* The logs between the daemons: how far each has read, and holding one still. */
#include <string.h>

#include "common/pbjson.h"
#include "services/cli/output.h"
#include "services/cli/receipt_list.h"
#include "services/cli/subjects.h"

static const char *const daemons[CONF_DAEMONS] = { INTAKE, WAITLIST, MATCHING };

static const struct column columns[] = {
	{ "daemon", "dienst", "service", CELL_TEXT, NULL },
	{ "peer", "leest van", "reads from", CELL_TEXT, NULL },
	{ "read_to", "gelezen tot", "read to", CELL_NUMBER, NULL },
	{ "written_to", "geschreven tot", "written to", CELL_NUMBER, NULL },
	{ "peer_read_to", "door ander gelezen", "taken by peer", CELL_NUMBER, NULL },
	{ "connected", "verbonden", "connected", CELL_YES, NULL },
	{ "paused", "stilgezet", "paused", CELL_YES, NULL },
	{ "held", "vastgelopen", "held", CELL_YES, NULL },
	{ "reconciling", "vergelijkt", "reconciling", CELL_YES, NULL },
	{ 0 },
};

static int cmd_show(struct cli *c)
{
	AUTO_CALL struct call k = { .timeout_ms = 2000 };
	json_t *list = json_array();
	int worst = call_open(&k, c);

	for (size_t i = 0; worst != CLI_USAGE && i < CONF_DAEMONS; i++) {
		PB(StatusView) *v = NULL;
		int rc = status_query(&k, daemons[i], &v);
		worst = rc != CLI_DONE ? rc : worst;
		for (size_t n = 0; rc == CLI_DONE && n < v->n_links; n++) {
			json_t *link = pb_json(&v->links[n]->base);
			(void)json_object_set_new(link, "daemon", json_string(daemons[i]));
			(void)json_array_append_new(list, link);
		}
	}
	json_t *doc = json_pack("{s:o}", "links", list);
	if (worst != CLI_USAGE) {
		out_table(c, doc, "links", columns);
	}
	json_decref(doc);
	return worst;
}

static int cmd_pause(struct cli *c)
{
	PB(LinkPause) p = SCHAKEL__V1__LINK_PAUSE__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	p.peer = (char *)(uintptr_t)c->arg[1];
	p.paused = !cli_flag(c, "resume");
	m.body_case = BODY(LINK_PAUSE);
	m.link_pause = &p;
	return to_daemons(c, c->arg[0], &m);
}

static int cmd_sign_off(struct cli *c)
{
	PB(ReconcileSignOff) s = SCHAKEL__V1__RECONCILE_SIGN_OFF__INIT;
	PB(Message) m = SCHAKEL__V1__MESSAGE__INIT;

	s.peer = (char *)(uintptr_t)c->arg[1];
	m.body_case = BODY(RECONCILE_SIGN_OFF);
	m.reconcile_sign_off = &s;
	return to_daemons(c, c->arg[0], &m);
}

static const struct option pause_options[] = {
	{ "resume", NULL, "lees weer verder; er is niets verloren",
	  "read on again; nothing was lost" },
	{ 0 },
};

const struct command link_commands[] = {
	{ "link show", "", 0, 0, NULL, "toont hoe ver de diensten elkaar gelezen hebben",
	  "shows how far the services have read each other", "schakel link show --node demo",
	  cmd_show },
	{ "link pause", "DIENST VAN", 2, 2, pause_options,
	  "laat een dienst even niet lezen van een andere",
	  "holds a service from reading another for now",
	  "schakel link pause matching waitlist --resume", cmd_pause },
	{ "link sign-off", "DIENST VAN", 2, 2, NULL,
	  "na een herstel: ga verder zonder wat de ander nog kan weten",
	  "after a restore: go on without what the other may still know",
	  "schakel link sign-off intake matching", cmd_sign_off },
	{ 0 },
};
