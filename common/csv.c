/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/csv.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"

static bool at_line_end(const struct csv *r)
{
	return r->at == r->end || *r->at == '\n' ||
	       (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
}

static void pass_line_end(struct csv *r)
{
	if (r->at < r->end && *r->at == '\r') {
		r->at++;
	}
	if (r->at < r->end) {
		r->at++;
		r->line++;
	}
}

/* Behind the opening quote; the content goes to @p buf. @return its length, or -1 without an end.
 */
static int quoted(struct csv *r, char *buf)
{
	int len = 0;

	while (r->at < r->end && len < CSV_FIELD_BYTES_MAX) {
		char ch = *r->at++;
		if (ch == '"' && (r->at == r->end || *r->at != '"')) {
			return len;
		}
		r->at += ch == '"';
		r->line += ch == '\n';
		buf[len++] = ch;
	}
	return -1;
}

static int bare(struct csv *r, char *buf)
{
	int len = 0;

	while (!at_line_end(r) && *r->at != r->delimiter) {
		if (*r->at == '"' || len == CSV_FIELD_BYTES_MAX) {
			return -1;
		}
		buf[len++] = *r->at++;
	}
	return len;
}

static int read_field(struct csv *r, const char **ret_field, struct file_error *ret_err)
{
	char buf[CSV_FIELD_BYTES_MAX + 1];
	bool quotes = r->at < r->end && *r->at == '"';
	unsigned line = r->line;

	r->at += quotes;
	int len = quotes ? quoted(r, buf) : bare(r, buf);
	if (len < 0) {
		return file_error_set(ret_err, line,
				      "een veld is te lang (%u bytes) of zijn aanhalingstekens "
				      "kloppen niet; "
				      "zet het tussen \"...\" en schrijf \"\" voor een \" erin",
				      "a field is too long (%u bytes) or its quotes do not match; "
				      "write it as \"...\" and double a \" inside it",
				      CSV_FIELD_BYTES_MAX);
	}
	if (quotes && !at_line_end(r) && *r->at != r->delimiter) {
		return file_error_set(ret_err, r->line,
				      "na een veld tussen \"...\" hoort een '%c' of het einde van "
				      "de regel",
				      "a field in \"...\" is followed by '%c' or the end of the "
				      "line",
				      r->delimiter);
	}
	buf[len] = '\0';
	*ret_field = arena_strdup(r->arena, buf);
	return *ret_field == NULL ? SK_ENOMEM : SK_OK;
}

/* One line, at least one field. */
static int read_row(struct csv *r, struct csv_row *row, struct file_error *ret_err)
{
	*row = (struct csv_row){ .line = r->line };
	for (;;) {
		if (row->len == CSV_COLUMNS_MAX) {
			return file_error_set(ret_err, row->line,
					      "meer dan %d kolommen; laat weg wat niet nodig is",
					      "more than %d columns; leave out what is not needed",
					      CSV_COLUMNS_MAX);
		}
		int err = read_field(r, &row->field[row->len], ret_err);
		if (err == SK_EPROTO && row->len < r->head.len) {
			return file_error_field(ret_err, r->head.field[row->len]);
		}
		if (err != SK_OK) {
			return err;
		}
		row->len++;
		if (r->at == r->end || *r->at != r->delimiter) {
			pass_line_end(r);
			return SK_OK;
		}
		r->at++;
	}
}

/* The delimiter that the first line uses most. */
static char delimiter_of(const char *at, const char *end)
{
	int commas = 0;
	int semicolons = 0;

	for (; at < end && *at != '\n'; at++) {
		commas += *at == ',';
		semicolons += *at == ';';
	}
	return semicolons > commas ? ';' : ',';
}

static int check_names(const struct csv_row *head, struct file_error *ret_err)
{
	for (size_t i = 0; i < head->len; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(head->field[i], head->field[k]) == 0) {
				return file_error_text(ret_err, head->line, head->field[i],
						       "deze kolom staat er twee keer; houd er één",
						       "this column stands there twice; keep one");
			}
		}
	}
	return SK_OK;
}

int csv_begin(struct csv *r, struct arena *arena, struct slice bytes, struct file_error *ret_err)
{
	unsigned bad_line;

	if (!infile_is_text(bytes, &bad_line)) {
		return file_error_set(ret_err, bad_line,
				      "dit is geen tekst in UTF-8; bewaar het bestand als \"CSV "
				      "UTF-8\"",
				      "this is no UTF-8 text; save the file as \"CSV UTF-8\"");
	}
	const char *at = bytes.data;
	*r = (struct csv){ .arena = arena, .at = at, .end = at + bytes.len, .line = 1 };
	if (bytes.len >= strlen(BOM) && memcmp(at, BOM, strlen(BOM)) == 0) {
		r->at += strlen(BOM);
	}
	if (r->at == r->end) {
		return file_error_set(ret_err, 1,
				      "het bestand is leeg; de eerste regel noemt de kolommen",
				      "the file is empty; its first line names the columns");
	}
	r->delimiter = delimiter_of(r->at, r->end);
	int err = read_row(r, &r->head, ret_err);
	return err == SK_OK ? check_names(&r->head, ret_err) : err;
}

int csv_next(struct csv *r, struct csv_row *ret_row, struct file_error *ret_err)
{
	while (r->at < r->end && at_line_end(r)) {
		pass_line_end(r);
	}
	if (r->at == r->end) {
		return 0;
	}
	int err = read_row(r, ret_row, ret_err);
	if (err != SK_OK) {
		return err;
	}
	if (ret_row->len != r->head.len) {
		return file_error_set(ret_err, ret_row->line,
				      "%zu velden, maar de eerste regel noemt %zu kolommen; "
				      "kijk na of er een '%c' te veel of te weinig is",
				      "%zu fields, but the first line names %zu columns; "
				      "look for a '%c' too many or too few",
				      ret_row->len, r->head.len, r->delimiter);
	}
	return 1;
}

const char *csv_field(const struct csv *r, const struct csv_row *row, const char *column)
{
	for (size_t i = 0; i < r->head.len; i++) {
		if (strcmp(r->head.field[i], column) == 0) {
			return row->field[i];
		}
	}
	return NULL;
}

const char *csv_unknown_column(const struct csv *r, const char *const *known)
{
	for (size_t i = 0; i < r->head.len; i++) {
		size_t k = 0;
		while (known[k] != NULL && strcmp(known[k], r->head.field[i]) != 0) {
			k++;
		}
		if (known[k] == NULL) {
			return r->head.field[i];
		}
	}
	return NULL;
}
