/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A spreadsheet of requests or pools, turned into the document that a JSON file would be:
 * one record for the rows that share a key, one item of its list for each row. Pure. */
#include "common/jsonin.h"

enum table_cell {
	TABLE_TEXT,
	TABLE_NUMBER,
	TABLE_YES,   /* 1, 0, ja, nee, yes, no, true, false */
	TABLE_WORDS, /* texts with spaces between them */
};

enum table_level {
	TABLE_KEY,    /* tells the records apart; of the record too when it has a key */
	TABLE_RECORD, /* of the record: the same on each of its rows */
	TABLE_ITEM,   /* of the item that the row makes */
	TABLE_FIRST,  /* of the first object of a list of the record ("children") */
	TABLE_MORE,   /* of an object that the row adds to spec->more, when it fills such a cell */
};

struct table_column {
	const char *name; /* in the first line; NULL ends the list */
	const char *key;  /* in the document; NULL: left out */
	enum table_cell cell;
	enum table_level level;
	const char *list; /* TABLE_FIRST: which list */
};

/* Another name by which a column may be written; case does not matter in either. */
struct table_alias {
	const char *name; /* NULL ends the list */
	const char *also;
};

struct table_spec {
	const struct table_column *columns;
	const char *items;              /* list that the rows make */
	const char *more;               /* list to which a row may add an object; NULL: none */
	const struct table_alias *also; /* NULL: none */
};

/** Makes in->root (a list of objects) and in->line. @return SK_EPROTO with the error, SK_ENOMEM. */
SK_CHECKED int table_parse(struct jsonin *in, struct arena *arena, struct slice bytes,
			   const struct table_spec *spec, struct file_error *ret_err);
