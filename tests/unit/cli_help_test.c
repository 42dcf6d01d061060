/* SPDX-License-Identifier: EUPL-1.2 */
/* What the help calls a value is said in the language of the reader. Who read English met MINUTEN
 * and ADRES:POORT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/help.h"

/* The same in both languages. */
static const char same_words[] = "CODE EURO EXPERTISE MODEL MOMENT PARTNER SECTOR ZONE";
static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool has_word(const char *text, const char *word, size_t len)
{
	for (const char *at = strpbrk(text, capitals); at != NULL; at = strpbrk(at, capitals)) {
		size_t n = strspn(at, capitals);
		if (n == len && memcmp(at, word, len) == 0) {
			return true;
		}
		at += n;
	}
	return false;
}

static size_t check_value(const struct command *cmd, const char *english, const char *value)
{
	size_t seen = 0;

	while (value != NULL && (value = strpbrk(value, capitals)) != NULL) {
		size_t len = strspn(value, capitals);
		if (len > 1 && !has_word(same_words, value, len) && has_word(english, value, len)) {
			fail_msg("%s: no English for %.*s", cmd->name, (int)len, value);
		}
		value += len;
		seen++;
	}
	return seen;
}

static size_t check_command(const struct command *cmd)
{
	char *english = NULL;
	size_t len = 0;
	struct cli c = { .lang = LANG_EN };

	c.out = open_memstream(&english, &len);
	assert_non_null(c.out);
	help_command(&c, cmd);
	(void)fclose(c.out);
	size_t seen = check_value(cmd, english, cmd->args);
	for (const struct option *o = cmd->options; o != NULL && o->name != NULL; o++) {
		seen += check_value(cmd, english, o->value);
	}
	free(english);
	return seen;
}

static void test_help_values_are_in_the_readers_language(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			seen += check_command(cmd);
		}
	}
	assert_true(seen > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help_values_are_in_the_readers_language),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
