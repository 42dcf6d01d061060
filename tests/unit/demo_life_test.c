/* SPDX-License-Identifier: EUPL-1.2 */
/* The table of abilities: each row is played by somebody, and nothing is played that no row names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/demo_life.h"

static bool has_deed(const char *ability)
{
	static const struct demo_deed_row *const tables[] = {
		demo_deeds_family, demo_deeds_care,   demo_deeds_watch,
		demo_deeds_list,   demo_deeds_supply,
	};

	for (size_t i = 0; i < SK_LEN(tables); i++) {
		for (const struct demo_deed_row *row = tables[i]; row->ability != NULL; row++) {
			if (strcmp(row->ability, ability) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* A row that nobody plays would be a claim without anything behind it. */
static void test_abilities_each_have_a_hand(void **state)
{
	struct cli cli = { .out = stdout, .err = stderr };
	struct demo_region region;
	uint32_t played = 0;

	(void)state;
	assert_int_equal(demo_region_read(&cli, "deploy/demo-region", &region), CLI_DONE);
	assert_true(region.abilities_len > 50);
	for (size_t i = 0; i < region.abilities_len; i++) {
		const struct demo_ability *a = &region.ability[i];
		/* Drawn where the request is told, a voice is given, or an ask is answered. */
		bool elsewhere = a->moment == DEMO_AT_TELLING || a->moment == DEMO_AT_VOICE ||
				 a->moment == DEMO_AT_ASK;
		assert_true(a->share > 0 && a->share <= 1000);
		assert_true(has_deed(a->key) != elsewhere);
		assert_ptr_equal(demo_ability(&region, a->key), a);
		played += !elsewhere;
	}
	assert_true(played > 40);
	assert_int_equal(demo_ability(&region, "not such a thing")->share, 0);
	demo_region_done(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abilities_each_have_a_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
