/* SPDX-License-Identifier: EUPL-1.2 */
/* Every example in the help speaks as a party of the region that the README starts (D16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/capacity_file.h"
#include "services/cli/help.h"
#include "services/cli/request_file.h"

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

/* --- every value that an example names --- */

struct region {
	char *parties;
	char *zones;
	char *pools;
	size_t seen;
};

/* The next word of @p at; words in quotes count as one. @return where it goes on, NULL at the end.
 */
static const char *word_of(const char *at, char *ret_word, size_t cap)
{
	size_t n = 0;
	bool quoted = false;

	while (*at == ' ') {
		at++;
	}
	if (*at == '\0') {
		return NULL;
	}
	for (; *at != '\0' && (quoted || *at != ' '); at++) {
		quoted = *at == '"' ? !quoted : quoted;
		if (*at != '"' && n + 1 < cap) {
			ret_word[n++] = *at;
		}
	}
	ret_word[n] = '\0';
	return at;
}

static bool is_in(const char *list, const char *meta)
{
	char quoted[64];

	(void)snprintf(quoted, sizeof(quoted), " %s ", meta);
	return strstr(list, quoted) != NULL;
}

/* What the help calls a value says what it must be in the region. */
static void check_value(struct region *r, const struct command *cmd, const char *meta,
			const char *value)
{
	const char *table = NULL;
	char name[64];

	if (is_in(" PARTIJ PARTIJ,... VERVANGER ", meta)) {
		table = r->parties;
	} else if (is_in(" ZONE ZONE,... ", meta)) {
		table = r->zones;
	} else if (is_in(" AANBOD NAAR BESTAND|AANBOD ", meta)) {
		table = r->pools;
	} else if (is_in(" DIENST VAN DIENST|MAP ", meta)) {
		if (!is_in(" intake waitlist matching ", value) &&
		    !has_row(r->parties, value, strlen(value))) {
			fail_msg("no such service %s: %s", value, cmd->example);
		}
	} else if (strcmp(meta, "NETWERK") == 0) {
		/* The region begins without one: the one that the help makes. */
		const char *made = command_find("network put")->example;
		(void)snprintf(name, sizeof(name), "network put %s ", value);
		if (strstr(made, name) == NULL) {
			fail_msg("no such network %s: %s", value, cmd->example);
		}
	}
	while (table != NULL && *value != '\0') {
		size_t len = strcspn(value, ",");
		bool there = has_row(table, value, len);
		if (there == (strcmp(cmd->name, "partner add") == 0 && table == r->parties)) {
			fail_msg("%s in the region: %s", there ? "already" : "not", cmd->example);
		}
		value += len + (value[len] == ',');
		r->seen++;
	}
}

static const char *option_meta(const struct command *cmd, const char *name)
{
	for (const struct option *o = cmd->options; o != NULL && o->name != NULL; o++) {
		if (strcmp(o->name, name) == 0) {
			return o->value;
		}
	}
	return strcmp(name, "as") == 0 || strcmp(name, "node") == 0 ? "" : NULL;
}

/* Takes the next of "AANMELDING [BESTAND]", without its brackets. */
static void next_meta(const char **args, char *ret_meta, size_t cap)
{
	char word[64] = "";
	const char *rest = word_of(*args, word, sizeof(word));
	size_t skip = word[0] == '[';

	if (rest != NULL) {
		*args = rest;
		(void)snprintf(ret_meta, cap, "%.*s", (int)strcspn(word + skip, "]"), word + skip);
	}
}

static void check_example(struct region *r, const struct command *cmd)
{
	const char *at = cmd->example + strlen("schakel ") + strlen(cmd->name);
	const char *args = cmd->args;
	char word[128];
	char meta[64] = "";

	while ((at = word_of(at, word, sizeof(word))) != NULL) {
		if (strncmp(word, "--", 2) != 0) {
			next_meta(&args, meta, sizeof(meta));
			check_value(r, cmd, meta, word);
			continue;
		}
		const char *of = option_meta(cmd, word + 2);
		if (of != NULL && (at = word_of(at, word, sizeof(word))) != NULL) {
			check_value(r, cmd, of, word);
		}
		if (at == NULL) {
			return;
		}
	}
}

static void test_example_names_what_the_region_has(void **state)
{
	struct region r = { load("deploy/demo-region/partners.csv"),
			    load("deploy/demo-region/zones.csv"),
			    load("deploy/demo-region/pools.csv"), 0 };

	(void)state;
	for (size_t g = 0; command_groups[g] != NULL; g++) {
		for (const struct command *cmd = command_groups[g]; cmd->name != NULL; cmd++) {
			check_example(&r, cmd);
		}
	}
	free(r.parties);
	free(r.zones);
	free(r.pools);
	assert_in_range(r.seen, 15, 200);
}

/* B7: the conversion of the help is one that the pool's own house declared, in whole units. */
static void test_example_converts_as_the_region_declares(void **state)
{
	static _Alignas(16) uint8_t block[4U << 20];
	struct arena arena;
	struct jsonin in = { 0 };
	struct file_error error = { 0 };
	char *text = load("deploy/demo-region/pools.csv");
	const char *example = command_find("capacity convert")->example;
	size_t declared = 0;

	(void)state;
	arena_init(&arena, block, sizeof(block));
	struct slice bytes = { text + 1, strlen(text + 1) };
	assert_int_equal(capacity_file_read(&in, &arena, bytes, FILE_CSV, &error), SK_OK);
	for (size_t i = 0; i < json_array_size(in.root); i++) {
		Schakel__V1__PutCapacity *put = NULL;
		assert_int_equal(capacity_file_get(&in, i, &put), SK_OK);
		for (size_t k = 0; k < put->n_conversions; k++) {
			const Schakel__V1__Conversion *v = put->conversions[k];
			char line[200];
			(void)snprintf(line, sizeof(line),
				       "schakel capacity convert %s %s --use %u --units %u --as %s",
				       put->pool, v->to_pool, v->from_use, v->from_units,
				       put->partner);
			declared += strcmp(line, example) == 0;
		}
	}
	jsonin_done(&in);
	free(text);
	assert_int_equal(declared, 1);
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
		cmocka_unit_test(test_example_names_what_the_region_has),
		cmocka_unit_test(test_example_converts_as_the_region_declares),
		cmocka_unit_test(test_overview_has_each_command_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
