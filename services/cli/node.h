/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The node as a whole: made, asked how it is, held back, its clock.
 *  Ownership: everything in a plan is borrowed. Blocks: on the disk and on the daemons. */
#include "services/cli/call.h"
#include "services/cli/nodefile.h"

struct node_plan {
	const char *dir; /* must not exist, or be empty */
	const char *name;
	bool demo;
	const char *settings; /* lines of [settings]; NULL: the defaults */
	const uint64_t *seed; /* of a demo: its lotteries follow from it; NULL: they are drawn */
	const struct zone_entry *zones;
	size_t zones_len;
	const struct party_entry *parties; /* daemons and operator come by themselves */
	size_t parties_len;
};

/** Makes the directory whole, or leaves nothing. @return an exit code, after saying what is wrong.
 */
int node_make(struct cli *c, const struct node_plan *plan);
/** Removes a directory and all below it; for scratch directories of our own. */
void node_remove_tree(const char *dir);

int cmd_node_init(struct cli *c);
int cmd_node_doctor(struct cli *c);
extern const struct command node_commands[];
