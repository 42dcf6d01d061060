/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo.h"
#include "services/cli/subjects.h"

static const struct command demo_commands[] = {
	{ "demo", "[DIR]", 0, 1, demo_options,
	  "speelt de voorbeeldregio: meldpunt, partners en gezinnen als aparte deelnemers",
	  "plays the example region: contact point, partners and families as separate clients",
	  "schakel demo --node demo", cmd_demo },
	{ 0 },
};

const struct command *const command_groups[] = {
	request_commands,
	request_care_commands,
	ask_commands,
	contribution_commands,
	waiting_commands,
	plan_commands,
	capacity_commands,
	partner_commands,
	events_commands,
	node_commands,
	link_commands,
	quarantine_commands,
	journal_commands,
	audit_commands,
	backup_commands,
	demo_commands,
	NULL,
};
