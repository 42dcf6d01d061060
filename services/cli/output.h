/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a command says on standard output: with --json the whole document, else a table or a
 *  list of facts in the words of people. Ownership: documents belong to the caller.
 *  Blocks: on writing to the stream. */
#include <jansson.h>

#include "services/cli/cli.h"

enum cell {
	CELL_TEXT,
	CELL_NUMBER,
	CELL_WORD,      /* a code of `set` */
	CELL_EXPERTISE, /* a code of the code list */
	CELL_DATE,      /* an instant, shown with its hour */
	CELL_DAY,       /* an instant, shown as a day */
	CELL_YES,       /* ja / nee */
	CELL_COUNT,     /* length of a list */
	CELL_LIST,      /* texts, one after the other */
	CELL_NAME,      /* of a party: its name alone */
	CELL_PHONE,     /* of a party: its telephone number, where it has one */
	CELL_PARTY,     /* a party, or several: the name and what is typed for it */
};

struct column {
	const char *path; /* of the value: "request.zone", "needs.0.expertise" */
	const char *nl;   /* heading; NULL ends the list of columns */
	const char *en;
	enum cell cell;
	const ProtobufCEnumDescriptor *set;
};

/** @return the value at the path, borrowed, or NULL. */
json_t *json_at(json_t *doc, const char *path);
/** One value by value, so that a long table needs no memory of the command. */
struct cell_text {
	char s[240];
};
/** The value as people read it; "" when it is not there; cut at the room there is. */
struct cell_text cell_text(const struct cli *c, json_t *doc, const struct column *col);
/** A party as people know it: "Voorbeeld CLB Ieper (clb-ieper)"; without a configuration its id. */
struct cell_text party_text(const struct cli *c, const char *id);
/** Prints the document. */
void out_json(const struct cli *c, json_t *doc);
/** With --json: the document; else the rows of its list @p rows, or a line on stderr without rows.
 */
void out_table(const struct cli *c, json_t *doc, const char *rows, const struct column *cols);
/** With --json nothing; else one "label: value" line for each value that is there. */
void out_facts(const struct cli *c, json_t *doc, const struct column *cols);
/** Without --json: a heading line. */
void out_title(const struct cli *c, const char *nl, const char *en, ...)
	__attribute__((format(printf, 2, 4), format(printf, 3, 4)));
/** Columns on the screen that UTF-8 text takes (one for each character but combining marks). */
size_t text_width(const char *s);
/** Writes @p s from column @p indent on, broken at spaces before @p columns; the lines that follow
 *  begin at @p indent too. A word that is too long stands alone. */
void text_wrapped(FILE *f, const char *s, size_t indent, size_t columns);
