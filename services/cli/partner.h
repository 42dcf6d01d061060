/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Parties of the node: parties.ini and their key files. Blocks: on the disk. */
#include "services/cli/call.h"

int cmd_partner_add(struct cli *c);
int cmd_partner_remove(struct cli *c);
int cmd_partner_list(struct cli *c);
extern const struct command partner_commands[];
