/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Who speaks with the key of the family reads its own view, in sentences, wherever workers
 *  read a table; and words for who has lost the code. Ownership, threads: as cli.h. */
#include "services/cli/call.h"

/** The options of a command that shows a request to workers and to the family. */
#define FAMILY_VIEW_OPTIONS                                                   \
	{ "view", "youth|parent", "wat de jongere of een ouder ziet",         \
	  "what the young person or a parent sees" },                         \
		{ "child", "N", "met --view: welk kind, vanaf 1",             \
		  "with --view: which child, from 1" },                       \
	{                                                                     \
		"adult", "N", "met --view: welke ouder of opvoeder, vanaf 1", \
			"with --view: which adult, from 1"                    \
	}

/** Shows the first argument as its person reads it, when one is named or the key is a family's
 *  (not for programs: --json). @p ret_shown: it did, and what it returns is the exit code. */
int family_view(struct cli *c, bool *ret_shown);
/** Whether the key is that of a family's channel; the configuration was read. */
bool family_has_key(const struct cli *c);
/** Whom to call who does not have the code. */
void family_lost_code(const struct cli *c, FILE *to);
