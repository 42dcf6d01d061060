/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the help of one command shows beyond its options: the codes that it takes, each with
 *  its word, and how its file is built. Blocks: on writing. */
#include "services/cli/cli.h"

void help_more(const struct cli *c, const struct command *cmd);
