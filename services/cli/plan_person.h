/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  `schakel plan show` for a young person or a parent, and the whole file. The daemon sends
 *  what that person may see and nothing else. Ownership, threads: as cli.h. Blocks: until answered.
 */
#include "services/cli/call.h"

struct person_ask {
	PB(Speaker) speaker; /* UNSPECIFIED: the plan as workers see it */
	uint32_t adult;
	uint32_t child;
};

extern const struct option person_options[];
extern const struct option keep_options[];

/** Reads --view, --child, --adult, --file; `--as youth` and `--as parent` name the view when no
 *  party is called so, and speak with the key of the family's channel. @return an exit code. */
int person_asked(struct cli *c, struct person_ask *ret_ask);
int person_show(struct cli *c, const struct person_ask *ask);
int cmd_keep_back(struct cli *c);
