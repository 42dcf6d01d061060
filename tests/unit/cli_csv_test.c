/* SPDX-License-Identifier: EUPL-1.2 */
/* Tables as people save them: what is read, and which line is named when it is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/csv.h"

static _Alignas(64) uint8_t block[4U << 20];
static struct arena arena;
static struct csv csv;
static struct csv_row row;
static struct file_error error;

static int begin(const char *text)
{
	arena_init(&arena, block, sizeof(block));
	return csv_begin(&csv, &arena, (struct slice){ text, strlen(text) }, &error);
}

static int next(void)
{
	return csv_next(&csv, &row, &error);
}

static const char *field(const char *column)
{
	return csv_field(&csv, &row, column);
}

static void test_csv_plain_rows_are_read(void **state)
{
	(void)state;
	assert_int_equal(begin("id,name\na,een\nb,twee\n"), SK_OK);
	assert_int_equal(next(), 1);
	assert_string_equal(field("id"), "a");
	assert_string_equal(field("name"), "een");
	assert_int_equal(next(), 1);
	assert_int_equal(row.line, 3);
	assert_string_equal(field("name"), "twee");
	assert_null(field("other"));
	assert_int_equal(next(), 0);
}

/* A Belgian spreadsheet saves semicolons, a byte order mark and both line endings. */
static void test_csv_spreadsheet_form_is_read(void **state)
{
	(void)state;
	assert_int_equal(begin("\xef\xbb\xbfid;name\r\na;\"een; twee\"\r\n\r\nb;drie"), SK_OK);
	assert_int_equal(next(), 1);
	assert_string_equal(field("id"), "a");
	assert_string_equal(field("name"), "een; twee");
	assert_int_equal(next(), 1);
	assert_string_equal(field("name"), "drie");
	assert_int_equal(next(), 0);
}

static void test_csv_quotes_hold_quotes_and_lines(void **state)
{
	(void)state;
	assert_int_equal(begin("id,name\na,\"zei \"\"ja\"\",\nen ging\"\nb,x\n"), SK_OK);
	assert_int_equal(next(), 1);
	assert_string_equal(field("name"), "zei \"ja\",\nen ging");
	assert_int_equal(next(), 1);
	assert_int_equal(row.line, 4);
}

static void test_csv_missing_field_names_its_line(void **state)
{
	(void)state;
	assert_int_equal(begin("id,name\na,een\nb\n"), SK_OK);
	assert_int_equal(next(), 1);
	assert_int_equal(next(), SK_EPROTO);
	assert_int_equal(error.line, 3);
	assert_non_null(strstr(error.nl, "1 velden"));
	assert_non_null(strstr(error.en, "names 2 columns"));
}

static void test_csv_open_quote_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(begin("id,name\na,\"een\n"), SK_OK);
	assert_int_equal(next(), SK_EPROTO);
	assert_int_equal(error.line, 2);
	assert_string_equal(error.field, "name");
	assert_int_equal(begin("id,name\na,ee\"n\n"), SK_OK);
	assert_int_equal(next(), SK_EPROTO);
	assert_int_equal(begin("id,name\na,\"een\"x\n"), SK_OK);
	assert_int_equal(next(), SK_EPROTO);
}

static void test_csv_empty_and_doubled_heads_are_errors(void **state)
{
	(void)state;
	assert_int_equal(begin(""), SK_EPROTO);
	assert_int_equal(begin("\xef\xbb\xbf"), SK_EPROTO);
	assert_int_equal(begin("id,id\n"), SK_EPROTO);
	assert_string_equal(error.field, "id");
}

static void test_csv_bad_utf8_names_its_line(void **state)
{
	(void)state;
	assert_int_equal(begin("id,name\na,caf\xe9\n"), SK_EPROTO);
	assert_int_equal(error.line, 2);
	assert_int_equal(begin("id,name\na,\xed\xa0\x80\n"), SK_EPROTO); /* surrogate */
	assert_int_equal(begin("id,name\na,\xc0\xaf\n"), SK_EPROTO);     /* overlong */
	assert_int_equal(begin("id,name\na,caf\xc3\xa9\n"), SK_OK);
}

/* A table of one column with one field of that many bytes. */
static void long_field(char *text, size_t cap, size_t len)
{
	(void)snprintf(text, cap, "a\n%*s\n", (int)len, "x");
}

static void test_csv_field_at_and_past_its_length(void **state)
{
	static char text[CSV_FIELD_BYTES_MAX + 16];

	(void)state;
	long_field(text, sizeof(text), CSV_FIELD_BYTES_MAX);
	assert_int_equal(begin(text), SK_OK);
	assert_int_equal(next(), 1);
	assert_int_equal(strlen(field("a")), CSV_FIELD_BYTES_MAX);
	long_field(text, sizeof(text), CSV_FIELD_BYTES_MAX + 1);
	assert_int_equal(begin(text), SK_OK);
	assert_int_equal(next(), SK_EPROTO);
	assert_int_equal(error.line, 2);
}

static void test_csv_columns_at_and_past_their_number(void **state)
{
	char text[CSV_COLUMNS_MAX * 8] = "";

	(void)state;
	for (int i = 0; i <= CSV_COLUMNS_MAX; i++) {
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof(text) - len, "%sc%d", i == 0 ? "" : ",", i);
		assert_int_equal(begin(text), i < CSV_COLUMNS_MAX ? SK_OK : SK_EPROTO);
	}
}

static void test_csv_unknown_column_is_found(void **state)
{
	static const char *const known[] = { "id", "name", NULL };

	(void)state;
	assert_int_equal(begin("id,naam\n"), SK_OK);
	assert_string_equal(csv_unknown_column(&csv, known), "naam");
	assert_int_equal(begin("name,id\n"), SK_OK);
	assert_null(csv_unknown_column(&csv, known));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv_plain_rows_are_read),
		cmocka_unit_test(test_csv_spreadsheet_form_is_read),
		cmocka_unit_test(test_csv_quotes_hold_quotes_and_lines),
		cmocka_unit_test(test_csv_missing_field_names_its_line),
		cmocka_unit_test(test_csv_open_quote_is_an_error),
		cmocka_unit_test(test_csv_empty_and_doubled_heads_are_errors),
		cmocka_unit_test(test_csv_bad_utf8_names_its_line),
		cmocka_unit_test(test_csv_field_at_and_past_its_length),
		cmocka_unit_test(test_csv_columns_at_and_past_their_number),
		cmocka_unit_test(test_csv_unknown_column_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
