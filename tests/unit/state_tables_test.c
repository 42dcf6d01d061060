/* SPDX-License-Identifier: EUPL-1.2 */
/* All states times all events of every table, as the README prints them. With --print it prints
 * the part of the README that `make tables` puts in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "services/intake/core.h"
#include "tests/unit/state_tables.h"

#define BEGIN "<!-- tables: begin -->\n"
#define END "<!-- tables: end -->\n"
#define STATES_MAX 32

static char *slurp(FILE *f)
{
	size_t cap = 1U << 20;
	char *text = calloc(1, cap);

	assert_non_null(text);
	assert_non_null(f);
	assert_true(fread(text, 1, cap - 1, f) < cap - 1);
	return text;
}

/* A table that was changed without its printed form is found here. */
static void test_tables_readme_prints_what_the_cores_do(void **state)
{
	char *want = NULL;
	size_t want_len = 0;
	FILE *out = open_memstream(&want, &want_len);
	FILE *f = fopen("README.md", "re");

	(void)state;
	assert_non_null(out);
	state_tables_print(out);
	(void)fclose(out);
	char *readme = slurp(f);
	(void)fclose(f);
	char *begin = strstr(readme, BEGIN);
	assert_non_null(begin);
	begin += strlen(BEGIN);
	char *end = strstr(begin, END);
	assert_non_null(end);
	*end = '\0';
	if (strcmp(begin, want) != 0) {
		fail_msg("README.md is behind the tables of the cores: make tables");
	}
	free(readme);
	free(want);
}

/* One pair: SK_ESTATE, or a state of the enumeration. @return whether the pair is listed. */
static bool pair_is_listed(const struct state_table *t, int from, size_t on)
{
	int to = -1;
	int err = t->next(from, (int)on, &to);

	if (err != SK_OK) {
		assert_int_equal(err, SK_ESTATE);
		return false;
	}
	assert_non_null(protobuf_c_enum_descriptor_get_value(t->states, from));
	assert_true(on < t->events_len && to > 0);
	assert_non_null(protobuf_c_enum_descriptor_get_value(t->states, to));
	return true;
}

/* A pair gives a state of the enumeration or SK_ESTATE, never anything else; what is beyond the
 * enumeration is never listed. */
static void test_tables_every_pair_is_a_state_or_an_error(void **state)
{
	const struct state_table *t;

	(void)state;
	for (size_t i = 0; (t = state_table_at(i)) != NULL; i++) {
		size_t listed = 0;
		for (int pair = 0; pair < STATES_MAX * (int)(t->events_len + 1); pair++) {
			listed += pair_is_listed(t, pair % STATES_MAX, (size_t)(pair / STATES_MAX));
		}
		assert_true(listed > 0);
	}
}

static void reach(const struct state_table *t, int from, bool seen[STATES_MAX])
{
	if (seen[from]) {
		return;
	}
	seen[from] = true;
	for (size_t on = 0; on < t->events_len; on++) {
		int to = 0;
		if (t->next(from, (int)on, &to) == SK_OK) {
			reach(t, to, seen);
		}
	}
}

/* A state that nothing leads to, or one that leads on to none, is a mistake in the table: every
 * state that is not the first of its life is reached, and from each the life can end or go on. */
static void test_tables_every_state_is_reached(void **state)
{
	const struct state_table *t;

	(void)state;
	for (size_t i = 0; (t = state_table_at(i)) != NULL; i++) {
		bool seen[STATES_MAX] = { false };
		reach(t, t->states->values[1].value, seen);
		for (unsigned v = 1; v < t->states->n_values; v++) {
			if (!seen[t->states->values[v].value]) {
				fail_msg("%s: nothing leads to %s", t->name,
					 t->states->values[v].name);
			}
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_readme_prints_what_the_cores_do),
		cmocka_unit_test(test_tables_every_pair_is_a_state_or_an_error),
		cmocka_unit_test(test_tables_every_state_is_reached),
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		state_tables_print(stdout);
		return EXIT_SUCCESS;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
