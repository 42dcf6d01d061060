/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Parties of the node: parties.ini and their key files. Blocks: on the disk. */
#include "services/cli/call.h"

extern const struct command partner_commands[];
