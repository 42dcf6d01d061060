/* SPDX-License-Identifier: EUPL-1.2 */
/* What people wrote never steers the terminal of who reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "services/cli/clean.h"
#include "services/cli/output.h"

static char *text;
static size_t text_len;

/* Writes in pieces of @p step bytes. */
static const char *cleaned(const char *s, size_t step)
{
	static char copy[512];
	FILE *under = open_memstream(&text, &text_len);
	FILE *f = clean_open(under);

	assert_non_null(f);
	for (size_t len = strlen(s); len > 0; s += step, len -= len < step ? len : step) {
		assert_true(fwrite(s, 1, len < step ? len : step, f) > 0);
		assert_int_equal(fflush(f), 0);
	}
	assert_int_equal(fclose(f), 0);
	(void)fclose(under);
	(void)snprintf(copy, sizeof(copy), "%s", text);
	free(text);
	return copy;
}

static const struct {
	const char *in;
	const char *out;
} cases[] = {
	{ "gewone tekst\tmet é en 🙂\nen een blad\f", "gewone tekst\tmet é en 🙂\nen een "
							 "blad\f" },
	{ "H\xc3\xa9 \a\x1b[31mrood", "Hé \\u0007\\u001b[31mrood" }, /* BEL, ESC */
	{ "weg\r\x7f\b", "weg\\u000d\\u007f\\u0008" },               /* CR, DEL, BS */
	{ "\xc2\x9b"
	  "31m\xc2\x85",
	  "\\u009b31m\\u0085" }, /* C1: CSI, NEL */
	{ "\xe2\x80\xae"
	  "om\xe2\x81\xa9",
	  "\\u202eom\\u2069" }, /* turns, and back */
	{ "\xd8\x9c\xe2\x80\xa8\xe2\x80\x8f", "\\u061c\\u2028\\u200f" },
	{ "\x9b"
	  "31m",
	  "\\u009b31m" }, /* a bare C1 byte */
	{ "\xc0\x9b|\xe0\x80\x9b|\xed\xa0\x80", "\\u00c0\\u009b|\\u00e0\\u0080\\u009b|"
						"\\u00ed\\u00a0\\u0080" }, /* longer, half a pair */
	{ "half \xe2\x80", "half \\u00e2\\u0080" },
	{ "\xe2\x1b[2J", "\\u00e2\\u001b[2J" },
};

/* L10, D8: each control character is written as what it is, also when it comes in pieces. */
static void test_clean_writes_controls_as_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < SK_LEN(cases); i++) {
		for (size_t step = 1; step <= 16; step *= 2) {
			assert_string_equal(cleaned(cases[i].in, step), cases[i].out);
		}
	}
}

/* Everything that the command says goes through it: a word of the command line comes back. */
static void test_clean_is_under_every_command(void **state)
{
	char *argv[] = { "schakel", "\x1b[31mrood", NULL };
	char *said;
	size_t len;
	FILE *out = open_memstream(&text, &text_len);
	FILE *err = open_memstream(&said, &len);

	(void)state;
	assert_int_equal(cli_main(2, argv, out, err), CLI_USAGE);
	(void)fclose(out);
	(void)fclose(err);
	assert_non_null(strstr(said, "\\u001b[31mrood"));
	assert_null(strchr(said, '\x1b'));
	free(text);
	free(said);
}

/* A text with line ends stays in its own row of a table; one that is cut ends with a whole
 * character. */
static void test_clean_keeps_a_cell_on_its_line(void **state)
{
	static const struct column col = { "t", "t", "t", CELL_TEXT, NULL };
	struct cli c = { .lang = LANG_NL };
	char longer[400] = "a";
	json_t *doc = json_pack("{s:s}", "t", "een\n  vals   ja\r\ntwee");

	(void)state;
	assert_string_equal(cell_text(&c, doc, &col).s, "een   vals   ja  twee");
	json_decref(doc);
	for (size_t k = 1; k + 2 < sizeof(longer); k += 2) {
		memcpy(longer + k, "é", 2);
	}
	doc = json_pack("{s:s}", "t", longer);
	struct cell_text cut = cell_text(&c, doc, &col);
	assert_in_range(strlen(cut.s), sizeof(cut.s) - 3, sizeof(cut.s) - 1);
	assert_int_equal((unsigned char)cut.s[strlen(cut.s) - 1], 0xa9);
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_writes_controls_as_text),
		cmocka_unit_test(test_clean_is_under_every_command),
		cmocka_unit_test(test_clean_keeps_a_cell_on_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
