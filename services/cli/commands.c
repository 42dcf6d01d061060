/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/demo.h"
#include "services/cli/subjects.h"

static const struct command demo_commands[] = {
	{ "demo", "[MAP]", 0, 1, demo_options,
	  "speelt de voorbeeldregio: meldpunt, partners en gezinnen als aparte deelnemers",
	  "plays the example region: contact point, partners and families as separate clients",
	  "schakel demo --node demo", cmd_demo },
	{ "demo compare", "", 0, 0, demo_compare_options,
	  "speelt de voorbeeldregio twee keer, zoals gisteren en met Schakel, en legt de cijfers "
	  "naast "
	  "elkaar",
	  "plays the demo region twice, yesterday's way and this one, and puts the figures side by "
	  "side",
	  "schakel demo compare --days 90", cmd_demo_compare },
	{ 0 },
};

const struct command *const command_groups[] = {
	request_commands,
	request_position_commands,
	request_people_commands,
	request_care_commands,
	ask_commands,
	contribution_commands,
	waiting_commands,
	waiting_more_commands,
	waiting_plan_commands,
	waiting_place_commands,
	case_table_commands,
	plan_commands,
	plan_parts_commands,
	consult_commands,
	family_commands,
	request_other_commands,
	figures_commands,
	beside_commands,
	care_commands,
	signal_commands,
	capacity_commands,
	supply_commands,
	partner_commands,
	access_commands,
	events_commands,
	node_commands,
	link_commands,
	quarantine_commands,
	journal_commands,
	audit_commands,
	backup_commands,
	near_commands,
	last_place_commands,
	demo_commands,
	lab_commands,
	NULL,
};
