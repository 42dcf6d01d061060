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
#include <unistd.h>

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

static void plan(struct demo *d, enum demo_do what, uint64_t at_ms, uint32_t who)
{
	struct demo_item it = { .at_ms = at_ms, .what = what, .who = who, .arg = who + 7 };

	it.id.b[0] = (uint8_t)who;
	it.id.b[15] = (uint8_t)at_ms;
	demo_agenda_add(&d->agenda, it);
}

/* A demo that is ended and goes on does what its people were about to do, each once, in its order;
 * what the daemons tell is planned from what they tell. */
static void test_plans_go_on_from_one_run_to_the_next(void **state)
{
	struct cli cli = { .out = stdout, .err = stderr };
	struct demo *first = calloc(1, sizeof(*first));
	struct demo *next = calloc(1, sizeof(*next));
	struct conf *conf = calloc(1, sizeof(*conf));
	struct demo_item it;

	(void)state;
	assert_true(first != NULL && next != NULL && conf != NULL);
	(void)snprintf(conf->dir, sizeof(conf->dir), "/tmp/demo-plans-XXXXXX");
	assert_non_null(mkdtemp(conf->dir));
	first->conf = conf;
	next->conf = conf;
	assert_int_equal(demo_region_read(&cli, "deploy/demo-region", &first->region), CLI_DONE);
	next->region = first->region;
	assert_false(demo_plans_read(next)); /* nothing was kept yet */
	plan(first, DEMO_LIVE, 300, 5);
	plan(first, DEMO_CALL, 200, 3);
	plan(first, DEMO_LIVE, 100, 9);
	plan(first, DEMO_LIVE, 100, 2);
	assert_int_equal(demo_plans_keep(first), SK_OK);
	assert_true(demo_plans_read(next));
	static const uint32_t order[] = { 9, 2, 5 };
	for (size_t i = 0; i < SK_LEN(order); i++) {
		assert_true(demo_agenda_take(&next->agenda, 1000, &it));
		assert_int_equal(it.what, DEMO_LIVE);
		assert_int_equal(it.who, order[i]);
		assert_int_equal(it.arg, order[i] + 7);
		assert_int_equal(it.id.b[0], order[i]);
		assert_int_equal(it.at_ms, i == 2 ? 300 : 100);
	}
	assert_false(demo_agenda_take(&next->agenda, 1000, &it));
	assert_false(demo_plans_read(next)); /* a run that is killed does not do them again */
	/* What was kept stays an agenda. */
	assert_true(demo_agenda_take(&first->agenda, 1000, &it));
	assert_int_equal(it.who, 9);
	demo_agenda_done(&first->agenda);
	demo_agenda_done(&next->agenda);
	demo_region_done(&first->region);
	assert_int_equal(rmdir(conf->dir), 0);
	free(conf);
	free(first);
	free(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_abilities_each_have_a_hand),
		cmocka_unit_test(test_plans_go_on_from_one_run_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
