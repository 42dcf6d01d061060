/* SPDX-License-Identifier: EUPL-1.2 */
/* Set cover against an oracle that tries all sets of columns, and with recipes of known optimum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/cover.h"
#include "common/plan/large.h"

#define ROWS 9U
#define COLS 13U
#define CASES 1500U
#define WORK UINT64_C(2000000000)

static uint64_t state;
static int64_t cost[COLS];
static uint32_t first[COLS + 1], row[COLS * ROWS], mask[COLS];

static uint32_t below(uint32_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)((state >> 33) % n);
}

static int64_t draw_cost(uint32_t kind)
{
	switch (kind) {
	case 0:
		return 1;
	case 1:
		return 7 * (int64_t)below(6); /* some free, all multiples of one number */
	case 2:
		return COVER_COST_MAX - below(3);
	case 3:
		return below(2) == 0 ? 0 : COVER_COST_MAX;
	default:
		return 1 + below(30);
	}
}

/* Columns of one row, empty ones and equal ones among them; each row stands in one at least. */
static struct cover_problem draw(uint32_t seed)
{
	uint32_t all = 0;
	uint32_t rows = 1 + seed % ROWS;

	state = seed;
	for (uint32_t j = 0; j < COLS; j++) {
		uint32_t dense = 1 + below(4);
		mask[j] = 0;
		for (uint32_t i = 0; i < rows; i++) {
			mask[j] |= below(5) < dense ? 1U << i : 0;
		}
		mask[j] = below(6) == 0 && j > 0 ? mask[j - 1] : mask[j];
		all |= mask[j];
		cost[j] = draw_cost(seed / ROWS % 6);
	}
	mask[below(COLS)] |= ~all & ((1U << rows) - 1);
	first[0] = 0;
	for (uint32_t j = 0; j < COLS; j++) {
		first[j + 1] = first[j];
		for (uint32_t i = 0; i < rows; i++) {
			if ((mask[j] >> i & 1) != 0) {
				row[first[j + 1]++] = i;
			}
		}
	}
	return (struct cover_problem){ rows, COLS, cost, first, row };
}

static int64_t price_of(uint32_t set, uint32_t *ret_held)
{
	int64_t sum = 0;

	*ret_held = 0;
	for (uint32_t j = 0; j < COLS; j++) {
		if ((set >> j & 1) != 0) {
			sum += cost[j];
			*ret_held |= mask[j];
		}
	}
	return sum;
}

static int64_t oracle(uint32_t rows)
{
	int64_t best = INT64_MAX;

	for (uint32_t set = 0; set < 1U << COLS; set++) {
		uint32_t held = 0;
		int64_t sum = price_of(set, &held);
		if (held == (1U << rows) - 1 && sum < best) {
			best = sum;
		}
	}
	return best;
}

/* What the answer says of itself holds: it holds every row, and costs what it says. */
static struct cover_result answer(const struct cover_problem *p, uint32_t seed, uint64_t work)
{
	struct cover_rules rules = { .seed = seed, .work = work };
	struct cover_result r;
	bool in[COLS] = { false };
	uint32_t set = 0;
	uint32_t held = 0;

	assert_int_equal(cover_run(p, &rules, in, &r), SK_OK);
	for (uint32_t j = 0; j < COLS; j++) {
		set |= in[j] ? 1U << j : 0;
	}
	assert_true(price_of(set, &held) == r.cost);
	assert_int_equal(held, (1U << p->rows) - 1);
	return r;
}

static void test_cover_small_equals_the_oracle(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= CASES; seed++) {
		struct cover_problem p = draw(seed);
		struct cover_result r = answer(&p, seed, WORK);
		assert_true(r.cost == oracle(p.rows));
		assert_true(r.bound == r.cost);
	}
}

/* With hardly any work the answer still is one, and the bound still holds. */
static void test_cover_cut_short_is_an_answer_with_a_bound(void **unused)
{
	(void)unused;
	for (uint32_t seed = 1; seed <= CASES; seed++) {
		struct cover_problem p = draw(seed);
		struct cover_result r = answer(&p, seed, below(3000));
		int64_t best = oracle(p.rows);
		assert_true(r.bound <= best && best <= r.cost);
	}
}

static void test_cover_refuses_what_is_none(void **unused)
{
	struct cover_rules rules = { .seed = 1, .work = WORK };
	struct cover_result r;
	bool in[COLS];
	(void)unused;

	struct cover_problem p = draw(5);
	p.rows++; /* a row in no column */
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	p = draw(5);
	cost[3] = COVER_COST_MAX + 1;
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	cost[3] = -1;
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	p = draw(5);
	row[0] = p.rows;
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	p = draw(5);
	p.rows = COVER_ROWS_MAX + 1;
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	p = draw(5);
	p.cols = 0;
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_EINVAL);
	p.rows = 0; /* nothing to hold */
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_OK);
	assert_true(r.cost == 0 && r.bound == 0);
}

#define COPIES 12U
#define PLANE 9U /* points, on twelve lines of three, each on four: five points meet all lines */
#define PLANE_LINES 12U

/* Twelve planes that share nothing, mixed: each is proven by itself, not all their combinations. */
static void test_cover_pieces_are_solved_apart(void **unused)
{
	static const uint32_t line[PLANE_LINES][3] = { { 0, 1, 2 }, { 3, 4, 5 }, { 6, 7, 8 },
						       { 0, 3, 6 }, { 1, 4, 7 }, { 2, 5, 8 },
						       { 0, 4, 8 }, { 1, 5, 6 }, { 2, 3, 7 },
						       { 0, 5, 7 }, { 1, 3, 8 }, { 2, 4, 6 } };
	int64_t ones[COPIES * PLANE];
	uint32_t begin[COPIES * PLANE + 1] = { 0 };
	uint32_t held[COPIES * PLANE * 4];
	bool in[COPIES * PLANE];
	struct cover_problem p = { COPIES * PLANE_LINES, COPIES * PLANE, ones, begin, held };
	struct cover_rules rules = { .seed = 1, .work = WORK / 100 };
	struct cover_result r;
	(void)unused;

	for (uint32_t j = 0; j < p.cols; j++) {
		ones[j] = 1;
		begin[j + 1] = begin[j];
		for (uint32_t i = 0; i < p.rows; i++) {
			const uint32_t *l = line[i / COPIES];
			uint32_t point = j / COPIES;
			bool on = l[0] == point || l[1] == point || l[2] == point;
			if (on && i % COPIES == j % COPIES) {
				held[begin[j + 1]++] = i;
			}
		}
	}
	assert_int_equal(begin[p.cols], COPIES * PLANE * 4);
	assert_int_equal(cover_run(&p, &rules, in, &r), SK_OK);
	assert_true(r.cost == 5 * COPIES && r.bound == r.cost);
}

/* --- through the door of large requests: whom it becomes a cover, and with known optimum --- */

#define POINTS 27U
#define LINES 117U

static struct large_option options[LINES * 4];
static struct large_offer offers[POINTS];
static struct large_partner partners[POINTS];
static uint32_t penalty[LINES];

/* The lines of the affine space of 27 points: 18 of them meet all lines (Fulkerson and others). */
static struct large_problem steiner(void)
{
	struct large_problem p = { .objective = LARGE_COVER,
				   .team_max = LARGE_NONE,
				   .penalty = penalty,
				   .options = options,
				   .offers = offers,
				   .offers_len = POINTS,
				   .partners = partners,
				   .partners_len = POINTS };

	for (uint32_t a = 0; a < POINTS; a++) {
		offers[a] = (struct large_offer){ .partner = a };
		partners[a] = (struct large_partner){ .cost = 1 };
		for (uint32_t b = a + 1; b < POINTS; b++) {
			uint32_t c = (6 - a % 3 - b % 3) % 3 + (6 - a / 3 % 3 - b / 3 % 3) % 3 * 3 +
				     (6 - a / 9 - b / 9) % 3 * 9;
			if (c < b) {
				continue;
			}
			uint32_t line[3] = { a, b, c };
			for (uint32_t k = 0; k < 3; k++) {
				options[p.options_len++] =
					(struct large_option){ .need = (uint32_t)p.needs_len,
							       .offer = line[k] };
			}
			p.needs_len++;
		}
	}
	return p;
}

static void expect(const struct large_problem *p, uint64_t objective, uint32_t open)
{
	struct large_rules rules = { .seed = 1, .nodes = LARGE_NODES };
	struct large_result *r = NULL;

	assert_int_equal(large_run(p, &rules, &r), SK_OK);
	assert_int_equal(r->objective, objective);
	assert_int_equal(r->bound, objective);
	assert_true(r->proven && r->covered);
	assert_int_equal(r->open, open);
	large_free(r);
}

static void test_cover_steiner_triples_of_27(void **unused)
{
	struct large_problem p = steiner();
	(void)unused;

	assert_int_equal(p.needs_len, LINES);
	expect(&p, 18, 0);
}

/* Who has no work left after the first prices still has the bound that they gave. */
static void test_cover_cut_short_keeps_the_bound_of_its_prices(void **unused)
{
	struct large_problem p = steiner();
	struct large_rules rules = { .seed = 1, .nodes = LARGE_NODES, .work = 100000 };
	struct large_result *r = NULL;
	(void)unused;

	assert_int_equal(large_run(&p, &rules, &r), SK_OK);
	assert_true(r->bound >= POINTS / 3 && r->bound <= 18 && r->objective >= 18);
	assert_false(r->proven);
	large_free(r);
}

/* A need may stay open for its penalty; one that nobody can seat pays it always. */
static void test_cover_open_needs_pay(void **unused)
{
	struct large_problem p = steiner();
	(void)unused;

	p.objective = LARGE_PENALTY;
	p.needs_len = 3; /* three lines through the first point */
	p.options_len = 6;
	penalty[0] = 2;
	penalty[1] = 2;
	penalty[2] = 5;
	partners[0].cost = 3;
	expect(&p, 5 + 2, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cover_small_equals_the_oracle),
		cmocka_unit_test(test_cover_cut_short_is_an_answer_with_a_bound),
		cmocka_unit_test(test_cover_refuses_what_is_none),
		cmocka_unit_test(test_cover_pieces_are_solved_apart),
		cmocka_unit_test(test_cover_steiner_triples_of_27),
		cmocka_unit_test(test_cover_cut_short_keeps_the_bound_of_its_prices),
		cmocka_unit_test(test_cover_open_needs_pay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
