/* SPDX-License-Identifier: EUPL-1.2 */
/* Every example in the help speaks as a party of the region that the README starts (D16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/help.h"

static char *load(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 1U << 20);

	assert_non_null(f);
	assert_non_null(text);
	text[0] = '\n';
	assert_true(fread(text + 1, 1, (1U << 20) - 2, f) > 0);
	(void)fclose(f);
	return text;
}

/* Whether a row of the table begins with that id. */
static bool has_row(const char *table, const char *id, size_t len)
{
	for (const char *at = strchr(table, '\n'); at != NULL; at = strchr(at + 1, '\n')) {
		if (strncmp(at + 1, id, len) == 0 && at[1 + len] == ',') {
			return true;
		}
	}
	return false;
}

static void test_example_speaks_as_a_party_of_the_region(void **state)
{
	static const char *const views[] = { "youth", "parent" };
	char *parties = load("deploy/demo-region/partners.csv");
	size_t seen = 0;

	(void)state;
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			const char *as = strstr(cmd->example, "--as ");
			if (as == NULL) {
				continue;
			}
			size_t len = strcspn(as + 5, " ");
			bool view = strncmp(as + 5, views[0], len) == 0 ||
				    strncmp(as + 5, views[1], len) == 0;
			if (!view && !has_row(parties, as + 5, len)) {
				fail_msg("no such party: %s", cmd->example);
			}
			seen++;
		}
	}
	free(parties);
	assert_true(seen > 60);
}

static void test_example_names_a_zone_of_the_region(void **state)
{
	char *zones = load("deploy/demo-region/zones.csv");

	(void)state;
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			const char *zone = strstr(cmd->example, "--zone ");
			if (zone != NULL && !has_row(zones, zone + 7, strcspn(zone + 7, " "))) {
				fail_msg("no such zone: %s", cmd->example);
			}
		}
	}
	free(zones);
}

static void test_example_names_a_pool_of_the_region(void **state)
{
	static const char *const on[] = { "schakel place show ", "schakel place sign " };
	char *pools = load("deploy/demo-region/pools.csv");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct command *cmd = command_find(i == 0 ? "place show" : "place sign");
		const char *pool = cmd->example + strlen(on[i]);
		assert_true(has_row(pools, pool, strcspn(pool, " ")));
	}
	free(pools);
}

static size_t times_listed(const char *name)
{
	size_t times = 0;

	for (const struct help_user *u = help_users; u->nl != NULL; u++) {
		for (size_t i = 0; u->commands[i] != NULL; i++) {
			times += name == NULL || strcmp(u->commands[i], name) == 0;
		}
	}
	return times;
}

/* Whoever types `schakel` alone finds each command once, under who uses it. */
static void test_overview_has_each_command_once(void **state)
{
	size_t commands = 0;

	(void)state;
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			if (times_listed(cmd->name) != 1) {
				fail_msg("%s does not stand once in help_users.c", cmd->name);
			}
			commands++;
		}
	}
	assert_int_equal(times_listed(NULL), commands);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_speaks_as_a_party_of_the_region),
		cmocka_unit_test(test_example_names_a_zone_of_the_region),
		cmocka_unit_test(test_example_names_a_pool_of_the_region),
		cmocka_unit_test(test_overview_has_each_command_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
