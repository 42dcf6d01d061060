/* SPDX-License-Identifier: EUPL-1.2 */
/* The list of expertises that a node starts with holds what the founding text asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"

#define LIST "deploy/codes/expertise.csv"
#define CODES_MAX 64
#define LINE_MAX_BYTES 512

/* Word for word from the text "Ideale werelden" (seeds/000): its two lists of expertises, and the
 * life domains that it thinks of. Each has one stable code; its number is the bit of the code, so
 * it never moves. */
static const struct {
	unsigned number;
	const char *code;
	const char *label;
} asked[] = {
	{ 1, "GROUP_LIVING", "leefgroepwerking" },
	{ 2, "BEHAVIOUR", "gedragsproblemen" },
	{ 3, "DISABILITY", "handicap" },
	{ 4, "MENTAL_HEALTH", "geestelijke gezondheid" },
	{ 5, "CONTEXT_STRENGTHENING", "context versterken" },
	{ 6, "FOSTER_CARE", "pleegzorg" },
	{ 7, "DEVELOPMENTAL_NEEDS", "ontwikkelingsnoden" },
	{ 8, "AGGRESSION_HANDLING", "agressiehantering" },
	{ 9, "STRENGTH_SOLUTION", "kracht- en oplossingsgericht werken" },
	{ 10, "TRAJECTORY_GUIDANCE", "trajectbegeleiding" },
	{ 11, "SOCIETAL_NECESSITY", "maatschappelijke noodzaak en verontrusting" },
	{ 12, "TRAUMA", "trauma" },
	{ 13, "CASE_MANAGEMENT", "casemanagement" },
	{ 14, "DIAGNOSTICS", "diagnostiek" },
	{ 15, "CONSULTATION_TABLE", "overlegtafels" },
	{ 16, "ALT_LEARNING", "alternatieve leertrajecten" },
	{ 17, "DAY_ACTIVITY", "dagbesteding" },
	{ 18, "LIVED_EXPERIENCE", "ervaringsexpertise" },
	{ 33, "EDUCATION", "onderwijs" },
	{ 34, "LEISURE", "vrije tijd" },
	{ 35, "SOCIAL_NETWORK", "sociale netwerken" },
	{ 36, "CONNECTEDNESS", "verbinding" },
	{ 37, "MEANING", "zingeving" },
};

struct line {
	char text[LINE_MAX_BYTES];
	char *field[3]; /* number, code, kind */
	char *label;
};

/* "number,code,kind,label,..." cut at its commas; a label without quotes. */
static bool line_cut(struct line *l)
{
	char *at = l->text;

	for (size_t i = 0; i < SK_LEN(l->field) && at != NULL; i++) {
		l->field[i] = strsep(&at, ",");
	}
	l->label = strsep(&at, ",");
	return l->label != NULL;
}

static size_t list_read(struct line *ret_lines)
{
	FILE *f = fopen(LIST, "re");
	size_t len = 0;

	assert_non_null(f);
	assert_non_null(fgets(ret_lines[0].text, LINE_MAX_BYTES, f)); /* names of the columns */
	while (len < CODES_MAX && fgets(ret_lines[len].text, LINE_MAX_BYTES, f) != NULL) {
		assert_true(line_cut(&ret_lines[len]));
		len++;
	}
	assert_true(feof(f) != 0 || fgetc(f) == EOF);
	(void)fclose(f);
	return len;
}

/* A7: every expertise and life domain of the text is there, under its number, code and own words.
 */
static void test_codes_hold_every_expertise_of_the_text(void **state)
{
	static struct line line[CODES_MAX];
	size_t len = list_read(line);

	(void)state;
	for (size_t i = 0; i < SK_LEN(asked); i++) {
		size_t at = 0;
		while (at < len && strcmp(line[at].field[1], asked[i].code) != 0) {
			at++;
		}
		assert_true(at < len);
		assert_int_equal(strtoul(line[at].field[0], NULL, 10), asked[i].number);
		assert_string_equal(line[at].label, asked[i].label);
		assert_string_equal(line[at].field[2],
				    asked[i].number < 33 ? "EXPERTISE" : "LIFE_DOMAIN");
	}
}

/* A7: numbers are bits: each once, from 1 to 64; codes are told apart. */
static void test_codes_are_numbered_once(void **state)
{
	static struct line line[CODES_MAX];
	size_t len = list_read(line);
	uint64_t seen = 0;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		unsigned long number = strtoul(line[i].field[0], NULL, 10);
		assert_in_range(number, 1, CODES_MAX);
		assert_int_equal(seen >> (number - 1) & 1, 0);
		seen |= (uint64_t)1 << (number - 1);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(line[i].field[1], line[k].field[1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes_hold_every_expertise_of_the_text),
		cmocka_unit_test(test_codes_are_numbered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
