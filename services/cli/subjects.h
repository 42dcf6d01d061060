/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The commands of each subject, ended by a NULL name; the table is commands.c. */
#include "services/cli/cli.h"

extern const struct command node_commands[];
extern const struct command lab_commands[];
extern const struct command link_commands[];
extern const struct command access_commands[];
extern const struct command partner_commands[];
extern const struct command capacity_commands[];
extern const struct command supply_commands[];
extern const struct command request_commands[];
extern const struct command request_position_commands[];
extern const struct command request_care_commands[];
extern const struct command request_people_commands[];
extern const struct command ask_commands[];
extern const struct command contribution_commands[];
extern const struct command near_commands[];
extern const struct command last_place_commands[];
extern const struct command waiting_commands[];
extern const struct command waiting_more_commands[];
extern const struct command waiting_plan_commands[];
extern const struct command waiting_place_commands[];
extern const struct command case_table_commands[];
extern const struct command plan_commands[];
extern const struct command plan_parts_commands[];
extern const struct command consult_commands[];
extern const struct command family_commands[];
extern const struct command request_other_commands[];
extern const struct command beside_commands[];
extern const struct command care_commands[];
extern const struct command signal_commands[];
extern const struct command figures_commands[];
extern const struct command events_commands[];
extern const struct command journal_commands[];
extern const struct command quarantine_commands[];
extern const struct command audit_commands[];
extern const struct command backup_commands[];
