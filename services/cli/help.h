/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Help texts, made from the table of commands. Blocks: on writing to the stream. */
#include "services/cli/cli.h"

/** All commands, or those of the group that @p name begins with ("": all). @p asked: by --help,
 * which is right; else @p name is no command. @return CLI_DONE or CLI_USAGE. */
int help_overview(struct cli *c, const char *name, bool asked);
/** Commands by who uses them most; ends with a row without a name. */
struct help_user {
	const char *nl, *en;
	const char *const *commands; /* ends with NULL */
};
extern const struct help_user help_users[]; /* help_users.c */
void help_command(struct cli *c, const struct command *cmd);
