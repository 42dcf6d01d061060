/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Lists on paper, for a power cut: A4 upright, with title, node, the moment of printing and
 *  the page's number on each page, a form feed between pages. Texts break within their column, a
 *  long word at a syllable and with a hyphen, a code or a number never; a row stays on one page.
 * Ownership: documents belong to the caller. Blocks: on writing. */
#include "services/cli/output.h"

#define PAPER_COLUMNS 80
#define PAPER_LINES 60
/** Columns of one list. */
#define PAPER_CELLS_MAX 12
/** Lines of one cell; what is longer is cut with "...". */
#define PAPER_CELL_LINES_MAX 12

struct paper {
	const char *title_nl;
	const char *title_en;
	const char *node;
	uint64_t at_ms; /* of printing */
};

/** Prints the rows of the list @p rows, also when there are none: that is known then. A column
 *  whose path is "" stays empty, to be written in. */
void paper_table(const struct cli *c, const struct paper *p, json_t *doc, const char *rows,
		 const struct column *cols);
/** The moment of printing: now, by the clock of this machine. */
uint64_t paper_now(void);
/** The option of every command that prints a list on paper. */
#define PAPER_OPTION                                                                \
	{                                                                           \
		"print", NULL, "voor op papier: A4, met datum en node op elk blad", \
			"for paper: A4, with date and node on each page"            \
	}
