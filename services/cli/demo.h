/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  `schakel demo`: the example region, played by separate clients over the sockets. */
#include "services/cli/cli.h"

/** @return enum cli_exit. Runs until it is done or interrupted. */
int cmd_demo(struct cli *c);
/** Its options, ended by a NULL name. */
extern const struct option demo_options[];

/** `schakel demo compare`: yesterday's way beside this one. */
int cmd_demo_compare(struct cli *c);
extern const struct option demo_compare_options[];
