/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A progress bar on standard error, only when that is a terminal. Blocks: on writing. */
#include "services/cli/cli.h"

struct progress {
	const struct cli *cli;
	const char *what;
	uint64_t total;
	unsigned shown; /* tenths of a percent, plus one; 0: nothing yet */
	bool on;
};

/** @p total 0: not known, nothing is shown. @p what is borrowed. */
void progress_begin(struct progress *p, const struct cli *c, const char *what, uint64_t total);
void progress_at(struct progress *p, uint64_t done);
/** Clears the line. */
void progress_end(struct progress *p);
