/* SPDX-License-Identifier: EUPL-1.2 */
/* What `schakel demo compare` makes of what was played: figures over seeds, the calibration at its
 * limits, and the page that somebody reads who was not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/cli/demo_compare.h"

#define PAGE_BYTES 16384
#define HOUR_MS 3600000ULL

struct fixture {
	struct cli cli;
	struct demo_compared all;
	char page[PAGE_BYTES];
};

static struct demo_result result(uint32_t crises, uint32_t no_offer)
{
	return (struct demo_result){
		.days = 90,
		.searches = 100,
		.crises = crises,
		.no_offer = no_offer,
		.crisis_p50_ms = 2 * HOUR_MS,
		.crisis_p90_ms = DEMO_NOT_YET,
		.judged = 40,
		.in_month = 20,
		.others = 40,
		.first_p50_ms = 10 * 24 * HOUR_MS,
		.first_p90_ms = 30 * 24 * HOUR_MS,
		.helped = 50,
		.partners = 60,
		.children = 50,
		.workers = 55,
		.asks = 210,
		.needs_started = 80,
		.asks_started = 120,
		.refusals = 90,
		.misses = 30,
		.all_children = 120,
		.waiting = 7,
	};
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->cli.out = tmpfile();
	f->cli.err = tmpfile();
	f->cli.lang = LANG_EN;
	arena_init(&f->cli.arena, aligned_alloc(16, 1U << 20), 1U << 20);
	f->all.seeds = 3;
	f->all.seed = 1;
	f->all.days = 90;
	f->all.known = 850;
	for (uint32_t i = 0; i < 3; i++) {
		f->all.of[0][i] = result(50, 12 + i);
		f->all.of[1][i] = result(50, 2 + i);
		f->all.of[1][i].asks = 700;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)fclose(f->cli.out);
	(void)fclose(f->cli.err);
	free(f->cli.arena.base);
	free(f);
	return 0;
}

static const char *shown(struct fixture *f)
{
	rewind(f->cli.out);
	demo_compared_show(&f->cli, &f->all);
	long len = ftell(f->cli.out);
	assert_in_range(len, 1, PAGE_BYTES - 1);
	rewind(f->cli.out);
	assert_int_equal(fread(f->page, 1, (size_t)len, f->cli.out), len);
	f->page[len] = '\0';
	return f->page;
}

static const struct demo_measure *measure(const char *key)
{
	for (size_t i = 0; i < demo_measures_len; i++) {
		if (strcmp(demo_measures[i].key, key) == 0) {
			return &demo_measures[i];
		}
	}
	fail_msg("no measure %s", key);
	return NULL;
}

/* A share of nothing is no case: it was once shown as 0.0 hours, the best of all. */
static void test_measures_without_a_case_say_so(void **state)
{
	struct demo_result none = { 0 };

	(void)state;
	for (size_t i = 0; i < demo_measures_len; i++) {
		if (demo_measures[i].kind != DEMO_COUNT) {
			assert_true(demo_measures[i].of(&none) == DEMO_NO_CASE);
		}
	}
	struct demo_spread s = demo_spread(measure("crises_without_offer"), &none, 1);
	assert_true(s.middle == DEMO_NO_CASE && s.least == DEMO_NO_CASE);
}

/* The middle one, not the mean; who still waits stands behind all others. */
static void test_spread_takes_the_middle_run(void **state)
{
	struct demo_result r[4] = { result(100, 40), result(100, 10), result(100, 20),
				    result(0, 0) };

	(void)state;
	struct demo_spread s = demo_spread(measure("crises_without_offer"), r, 4);
	assert_true(s.least == 100 && s.middle == 200 && s.most == 400);
	r[0].crisis_p50_ms = DEMO_NOT_YET;
	s = demo_spread(measure("crisis_first_help_p50"), r, 3);
	assert_true(s.middle == 2 * HOUR_MS && s.most == DEMO_NOT_YET);
}

/* Over all runs together, and at both limits of what was published and one past them. */
static void test_calibration_is_judged_at_its_limits(void **state)
{
	static const struct {
		uint32_t no_offer;
		bool within;
	} rows[] = { { 224, false }, { 225, true }, { 333, true }, { 334, false } };

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		struct demo_result r[2] = { result(600, rows[i].no_offer), result(400, 0) };
		struct demo_calibration k = demo_calibration(r, 2);
		assert_int_equal(k.all, rows[i].no_offer);
		assert_true(k.within == rows[i].within);
		assert_int_equal(k.least, 0);
		assert_int_equal(k.most, rows[i].no_offer * 1000 / 600);
	}
}

/* Every row is there in both languages, and what got worse is said again, with why. */
static void test_page_has_every_row_in_both_languages(void **state)
{
	struct fixture *f = *state;

	for (int lang = 0; lang < 2; lang++) {
		f->cli.lang = lang == 0 ? LANG_NL : LANG_EN;
		const char *page = shown(f);
		for (size_t i = 0; i < demo_measures_len; i++) {
			assert_non_null(strstr(page, lang == 0 ? demo_measures[i].nl :
								 demo_measures[i].en));
		}
		assert_null(strstr(page, "NULL"));
		assert_null(strstr(page, "(null)"));
	}
	const char *worse = strstr(f->page, "What got worse:");
	assert_non_null(worse);
	assert_non_null(strstr(worse, measure("asks_per_request")->en));
	assert_non_null(strstr(worse, measure("asks_per_request")->why_en));
	assert_null(strstr(worse, measure("crises_without_offer")->en));
	assert_non_null(strstr(f->page, "WORSE (3 of 3)"));
	assert_non_null(strstr(f->page, "better (3 of 3)"));
	assert_non_null(strstr(f->page, "26.0 % (24.0 % - 28.0 %)"));
	assert_non_null(strstr(f->page, "this agrees"));
	assert_non_null(strstr(f->page, "Play five with --seeds 5"));
}

/* What is better in one seed and worse in another proves neither. */
static void test_page_says_mixed_and_not_in_agreement(void **state)
{
	struct fixture *f = *state;

	f->all.seeds = 2;
	f->all.of[0][0].no_offer = 30;
	f->all.of[1][1].no_offer = 40;
	const char *page = shown(f);
	assert_non_null(strstr(page, "mixed"));
	assert_non_null(strstr(page, "this does NOT agree"));
}

/* Where one thing alone differs nothing is called yesterday, calibrated, or given a reason. */
static void test_page_of_one_difference_is_not_yesterdays(void **state)
{
	static const struct demo_way way = { "team", "", "één partner per vraag",
					     "one partner a request" };
	struct fixture *f = *state;

	assert_non_null(strstr(shown(f), "Calibration"));
	assert_non_null(strstr(f->page, "Yesterday: the same services"));
	assert_non_null(strstr(f->page, "asked, per request: "));
	f->all.only = &way;
	f->all.known = 1000;
	assert_null(strstr(shown(f), "Calibration"));
	assert_null(strstr(f->page, "Yesterday: the same services"));
	assert_null(strstr(f->page, "asked, per request: "));
	assert_non_null(strstr(f->page, "one difference: one partner a request"));
	assert_non_null(strstr(f->page, "knows 100 % of"));
	f->cli.json = true;
	assert_non_null(strstr(shown(f), "\"only\": \"team\""));
	assert_null(strstr(f->page, "calibration"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_measures_without_a_case_say_so),
		cmocka_unit_test(test_spread_takes_the_middle_run),
		cmocka_unit_test(test_calibration_is_judged_at_its_limits),
		cmocka_unit_test_setup_teardown(test_page_has_every_row_in_both_languages, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_page_says_mixed_and_not_in_agreement, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_page_of_one_difference_is_not_yesterdays,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
