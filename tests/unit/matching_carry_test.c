/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what the seats of one team count under together, workers, limits of a week, school
 * ateliers. A team whose seats do not go together is not proposed while another one has more
 * (L7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

/** The second finds help at "a" alone, the first also at "b": what of "a" is for both is dearer
 *  with another partner. */
static const struct demand_spec both = {
	.request = 1,
	.rank = 100,
	.needs = 2,
	.need = { { .number = 1 }, { .number = 2, .expertise = 2 } },
};

static void house(struct rig *r, const char *partner, const char *pool, uint32_t expertise_2)
{
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = pool,
						.partner = partner,
						.staffed = 9,
						.expertise_2 = expertise_2 }));
}

static struct rig *two_houses(void)
{
	struct rig *r = world_new();

	house(r, "facility-a", "a", 2);
	house(r, "facility-b", "b", 0);
	return r;
}

static void assert_apart(struct rig *r)
{
	assert_false(waits(r, 1));
	assert_false(waits(r, 2));
	assert_string_equal(seat(r, 1)->pool, "b");
	assert_string_equal(seat(r, 2)->pool, "a");
}

/** Room for one is not given to the first, who could go elsewhere. */
static void test_carry_one_worker_is_not_promised_twice(void **state)
{
	struct rig *r = two_houses();

	(void)state;
	ACCEPT(put_worker(r, "facility-a", "a",
			  &(struct worker_spec){ .number = 1, .expertise_2 = 2 }));
	assert_true(demand(r, &both));
	assert_apart(r);
	world_free(r);
}

/** Two hours are two times one with two workers: nobody carries them. */
static void test_carry_amount_is_whole_at_one_worker(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = both;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a",
						.staffed = 9,
						.unit = UNITS(HOURS_WEEK),
						.expertise_2 = 2 }));
	house(r, "facility-b", "b", 0);
	for (uint32_t i = 1; i <= 2; i++) {
		ACCEPT(put_worker(
			r, "facility-a", "a",
			&(struct worker_spec){ .number = i, .expertise_2 = 2, .cap = 3 }));
	}
	d.needs = 3;
	d.need[0].intensity = 2;
	d.need[1].intensity = 2;
	d.need[2] = (struct need_spec){ .number = 3, .expertise = 2, .intensity = 2 };
	assert_true(demand(r, &d));
	assert_apart(r);
	assert_string_equal(seat(r, 3)->pool, "a");
	world_free(r);
}

/** Of two workers the first need takes the one without whom the second can do. */
static void test_carry_worker_leaves_another_for_the_next(void **state)
{
	struct rig *r = world_new();

	(void)state;
	house(r, "facility-a", "a", 2);
	ACCEPT(put_worker(r, "facility-a", "a",
			  &(struct worker_spec){ .number = 1, .expertise_2 = 2 }));
	ACCEPT(put_worker(r, "facility-a", "a", &(struct worker_spec){ .number = 2 }));
	assert_true(demand(r, &both));
	assert_false(waits(r, 1));
	assert_false(waits(r, 2));
	assert_int_equal(worker_rec(r, "a", 1)->given, 1);
	assert_int_equal(worker_rec(r, "a", 2)->given, 1);
	struct object_id first = worker_id(2);
	assert_memory_equal(seat(r, 1)->booked.data, first.b, OBJECT_ID_LEN);
	world_free(r);
}

static void test_carry_week_is_not_given_twice(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "a", .staffed = 9, .expertise_2 = 2, .week = 1 + 1 }));
	house(r, "facility-b", "b", 0);
	assert_true(demand(r, &both));
	assert_apart(r);
	world_free(r);
}

static void test_carry_atelier_is_not_given_twice(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_ATELIERS_MAX, 1);
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "a", .staffed = 9, .expertise_2 = 2, .school = true }));
	house(r, "facility-b", "b", 0);
	assert_true(demand(r, &both));
	assert_apart(r);
	world_free(r);
}

/** Where nobody else is, the first is helped, and what is told of the second is the worker. */
static void test_carry_second_hears_of_the_worker(void **state)
{
	struct rig *r = world_new();

	(void)state;
	house(r, "facility-a", "a", 2);
	ACCEPT(put_worker(r, "facility-a", "a",
			  &(struct worker_spec){ .number = 1, .expertise_2 = 2 }));
	assert_true(demand(r, &both));
	assert_false(waits(r, 1));
	assert_true(waits(r, 2));
	assert_int_equal(need_rec(r, 2)->shortfall, SHORTFALL(STAFF_AT_LIMIT));
	world_free(r);
}

/** The whole or nothing: what one worker cannot carry is not asked for. */
static void test_carry_whole_team_is_asked_where_it_goes(void **state)
{
	struct rig *r = world_new();

	(void)state;
	rig_set(r, SETTING_TEAM_MAX, 1);
	rig_set(r, SETTING_TEAM_WHOLE, 1);
	house(r, "facility-a", "a", 2);
	ACCEPT(put_worker(r, "facility-a", "a",
			  &(struct worker_spec){ .number = 1, .expertise_2 = 2 }));
	assert_true(demand(r, &both));
	assert_true(waits(r, 1) && waits(r, 2));
	assert_int_equal(pool_rec(r, "a")->promised, 0);
	ACCEPT(put_worker(r, "facility-a", "a",
			  &(struct worker_spec){ .number = 2, .expertise = 2 }));
	assert_false(waits(r, 1) || waits(r, 2));
	world_free(r);
}

/* --- against every team there is --- */

#define POOLS 3U
#define WORKERS 3U
#define NEEDS 5U
#define WORLDS 120U

/** One world, drawn: expertises are bits of 1 to 3. */
struct drawn {
	uint32_t expertises[POOLS], staffed[POOLS], week[POOLS];
	bool school[POOLS];
	uint32_t workers[POOLS], knows[POOLS][WORKERS], cap[POOLS][WORKERS];
	uint32_t needs, expertise[NEEDS], hours[NEEDS];
};

static uint32_t draw(uint32_t *io, uint32_t below)
{
	*io = *io * 1664525U + 1013904223U;
	return (*io >> 16) % below;
}

static void world_draw(uint32_t seed, struct drawn *d)
{
	uint32_t x = seed;

	*d = (struct drawn){ .needs = 2 + draw(&x, NEEDS - 1) };
	for (uint32_t p = 0; p < POOLS; p++) {
		d->expertises[p] = 1 + draw(&x, 3); /* 1, 2 or both; the third below */
		d->staffed[p] = 1 + draw(&x, 8);
		d->week[p] = draw(&x, 3) == 0 ? 1 + draw(&x, 5) : 99;
		d->school[p] = draw(&x, 4) == 0;
		d->workers[p] = draw(&x, WORKERS + 1);
		for (uint32_t k = 0; k < d->workers[p]; k++) {
			d->knows[p][k] = 1 + draw(&x, 3);
			d->cap[p][k] = 1 + draw(&x, 4);
		}
	}
	for (uint32_t i = 0; i < d->needs; i++) {
		d->expertise[i] = 1 + draw(&x, 2);
		d->hours[i] = 1 + draw(&x, 3);
	}
}

/** Every way to share the needs in @p at (at that pool) among its workers. */
static bool shared(const struct drawn *d, uint32_t pool, const uint32_t *at)
{
	uint32_t ways = 1;

	for (uint32_t i = 0; i < d->needs; i++) {
		ways *= d->workers[pool] == 0 ? 1 : d->workers[pool];
	}
	for (uint32_t way = 0; way < ways; way++) {
		uint32_t has[WORKERS] = { 0 };
		uint32_t rest = way;
		bool ok = true;
		for (uint32_t i = 0; i < d->needs && d->workers[pool] > 0; i++) {
			uint32_t k = rest % d->workers[pool];
			rest /= d->workers[pool];
			has[k] += at[i] == pool ? d->hours[i] : 0;
			ok = ok && (at[i] != pool || ((d->knows[pool][k] & d->expertise[i]) != 0 &&
						      has[k] <= d->cap[pool][k]));
		}
		if (ok) {
			return true;
		}
	}
	return false;
}

static bool is_lawful(const struct drawn *d, const uint32_t *at)
{
	uint32_t ateliers = 0;

	for (uint32_t p = 0; p < POOLS; p++) {
		uint32_t sum = 0;
		for (uint32_t i = 0; i < d->needs; i++) {
			if (at[i] == p && (d->expertises[p] & d->expertise[i]) == 0) {
				return false;
			}
			sum += at[i] == p ? d->hours[i] : 0;
			ateliers += at[i] == p && d->school[p];
		}
		if (sum > d->staffed[p] || sum > d->week[p] || !shared(d, p, at)) {
			return false;
		}
	}
	return ateliers <= 1;
}

/** The lawful coverage: need 0 is the highest bit. */
static uint32_t best_coverage(const struct drawn *d)
{
	uint32_t best = 0;
	uint32_t ways = 1;

	for (uint32_t i = 0; i < d->needs; i++) {
		ways *= POOLS + 1;
	}
	for (uint32_t way = 0; way < ways; way++) {
		uint32_t at[NEEDS];
		uint32_t covered = 0;
		uint32_t rest = way;
		for (uint32_t i = 0; i < d->needs; i++, rest /= POOLS + 1) {
			at[i] = rest % (POOLS + 1);
			covered |= at[i] < POOLS ? 1U << (NEEDS - 1 - i) : 0;
		}
		best = covered > best && is_lawful(d, at) ? covered : best;
	}
	return best;
}

static void world_put(struct rig *r, const struct drawn *d)
{
	static const char *const partner[POOLS] = { "facility-a", "facility-b", "facility-c" };
	static const char *const pool[POOLS] = { "a", "b", "c" };

	rig_set(r, SETTING_ATELIERS_MAX, 1);
	for (uint32_t p = 0; p < POOLS; p++) {
		ACCEPT(put_pool(r,
				&(struct pool_spec){ .name = pool[p],
						     .partner = partner[p],
						     .staffed = d->staffed[p],
						     .unit = UNITS(HOURS_WEEK),
						     .expertise = d->expertises[p] == 2 ? 2 : 1,
						     .expertise_2 = d->expertises[p] == 3 ? 2 : 0,
						     .week = d->week[p] == 99 ? 0 : d->week[p] + 1,
						     .school = d->school[p] }));
		for (uint32_t k = 0; k < d->workers[p]; k++) {
			ACCEPT(put_worker(
				r, partner[p], pool[p],
				&(struct worker_spec){ .number = 10 * p + k,
						       .expertise = d->knows[p][k] == 2 ? 2 : 1,
						       .expertise_2 = d->knows[p][k] == 3 ? 2 : 0,
						       .cap = d->cap[p][k] }));
		}
	}
}

static void world_judge(uint32_t seed)
{
	struct demand_spec ask = { .request = 1, .rank = 100 };
	struct rig *r = world_new();
	struct drawn d;
	uint32_t covered = 0;

	world_draw(seed, &d);
	world_put(r, &d);
	ask.needs = d.needs;
	for (uint32_t i = 0; i < d.needs; i++) {
		ask.need[i] = (struct need_spec){ .number = i + 1,
						  .expertise = d.expertise[i],
						  .intensity = d.hours[i] };
	}
	assert_true(demand(r, &ask));
	for (uint32_t i = 0; i < d.needs; i++) {
		covered |= waits(r, i + 1) ? 0 : 1U << (NEEDS - 1 - i);
	}
	if (covered != best_coverage(&d)) {
		fail_msg("world %u: %x of %x", seed, covered, best_coverage(&d));
	}
	laws_check(r);
	world_free(r);
}

static void test_carry_coverage_is_the_best_there_is(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= WORLDS; seed++) {
		world_judge(seed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_carry_one_worker_is_not_promised_twice),
		cmocka_unit_test(test_carry_amount_is_whole_at_one_worker),
		cmocka_unit_test(test_carry_worker_leaves_another_for_the_next),
		cmocka_unit_test(test_carry_week_is_not_given_twice),
		cmocka_unit_test(test_carry_atelier_is_not_given_twice),
		cmocka_unit_test(test_carry_second_hears_of_the_worker),
		cmocka_unit_test(test_carry_whole_team_is_asked_where_it_goes),
		cmocka_unit_test(test_carry_coverage_is_the_best_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
