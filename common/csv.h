/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Tables that people keep in a spreadsheet: comma or semicolon between fields (the first
 * line decides), quotes doubled inside quotes, either line ending, an optional byte order mark.
 *  Pure: bytes in, rows out. Ownership: fields live in the arena. Never blocks. */
#include "common/textfile.h"

#define CSV_COLUMNS_MAX 48
#define CSV_FIELD_BYTES_MAX 4096

struct csv_row {
	unsigned line; /* where it begins */
	size_t len;
	const char *field[CSV_COLUMNS_MAX];
};

struct csv {
	struct arena *arena;
	const char *at;
	const char *end;
	char delimiter;
	unsigned line;
	struct csv_row head;
};

/** Reads the first line, the names of the columns; names must differ.
 *  @return SK_OK, SK_EPROTO with the error, or SK_ENOMEM. */
SK_CHECKED int csv_begin(struct csv *r, struct arena *arena, struct slice bytes,
			 struct file_error *ret_err);
/** Empty lines are passed over. @return 1 with a row as wide as the first line, 0 at the end,
 *  SK_EPROTO with the error, or SK_ENOMEM. */
SK_CHECKED int csv_next(struct csv *r, struct csv_row *ret_row, struct file_error *ret_err);
/** @return the field of that column, or NULL when the table has no such column. */
const char *csv_field(const struct csv *r, const struct csv_row *row, const char *column);
/** @return the first column that is none of @p known (ended by NULL), or NULL when all are. */
const char *csv_unknown_column(const struct csv *r, const char *const *known);
