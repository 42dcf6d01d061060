/* SPDX-License-Identifier: EUPL-1.2 */
/* Candidates by bit sets against a plain filter that looks at one offer after another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/plan/cand.h"
#include "tests/unit/compose_instance.h"

#define OFFERS 700U

static struct cand_offer offers[OFFERS];
static bool there[OFFERS];
static uint32_t found[OFFERS];

static void offer_draw(struct cand_offer *o, uint64_t *seed)
{
	*o = (struct cand_offer){
		.expertises = draw(seed) & draw(seed) & draw(seed),
		.languages = draw(seed) & draw(seed),
		.ages = (uint32_t)draw(seed),
		.forms = (uint32_t)(draw(seed) & draw(seed)),
		.free = upto(seed, CAND_AMOUNTS + 3),
		.fresh = upto(seed, 3) != 0,
	};
	for (size_t i = 0; i < CAND_ZONE_WORDS; i++) {
		o->zones[i] = draw(seed);
	}
}

static struct cand_query query_draw(uint64_t *seed)
{
	return (struct cand_query){
		.expertises = draw(seed) & draw(seed) & draw(seed),
		.languages = upto(seed, 2) == 0 ? 0 : draw(seed) & draw(seed),
		.forms = upto(seed, 2) == 0 ? 0 : (uint32_t)(draw(seed) & draw(seed)),
		.age = upto(seed, CAND_AGES + 2),
		.zone = upto(seed, CAND_ZONES),
		.amount = upto(seed, CAND_AMOUNTS + 3),
		.stale_too = upto(seed, 1) == 0,
	};
}

/* @return the first filter that sorts the offer out, or CAND_FILTERS. */
static enum cand_filter naive(const struct cand_offer *o, const struct cand_query *q)
{
	uint32_t age = q->age > 31 ? 31 : q->age;
	uint32_t amount = q->amount > 16 ? 16 : q->amount; /* beyond, a bit cannot tell */

	if ((o->expertises & q->expertises) == 0) {
		return CAND_EXPERTISE;
	}
	if ((o->ages >> age & 1U) == 0) {
		return CAND_AGE;
	}
	if (q->zone >= CAND_ZONES || (o->zones[q->zone / 64] >> q->zone % 64 & 1U) == 0) {
		return CAND_ZONE;
	}
	if (q->languages != 0 && (o->languages & q->languages) == 0) {
		return CAND_LANGUAGE;
	}
	if (q->forms != 0 && (o->forms & q->forms) == 0) {
		return CAND_FORM;
	}
	if (!o->fresh && !q->stale_too) {
		return CAND_FRESH;
	}
	return o->free < amount ? CAND_AMOUNT : CAND_FILTERS;
}

static void assert_as_naive(const struct cand *c, const struct cand_query *q)
{
	struct cand_counts n = { 0 };
	uint32_t len = cand_find(c, q, found, &n);
	struct cand_counts want = { 0 };
	uint32_t at = 0;

	for (uint32_t i = 0; i < OFFERS; i++) {
		if (!there[i]) {
			continue;
		}
		want.all++;
		enum cand_filter f = naive(&offers[i], q);
		if (f == CAND_FILTERS) {
			assert_true(at < len);
			assert_int_equal(found[at++], i);
			want.left++;
		} else {
			want.out[f]++;
		}
	}
	assert_int_equal(at, len);
	assert_memory_equal(&n, &want, sizeof(n));
}

/* A life of offers that come, change, go and come again in the same slots. */
static void test_cand_random_life_equals_the_plain_filter(void **state)
{
	struct cand *c = cand_new();
	uint64_t seed = 4;

	(void)state;
	assert_non_null(c);
	memset(there, 0, sizeof(there));
	for (uint32_t step = 0; step < 6000; step++) {
		uint32_t slot = upto(&seed, OFFERS - 1);
		if (upto(&seed, 3) == 0) {
			cand_remove(c, slot);
			there[slot] = false;
		} else {
			offer_draw(&offers[slot], &seed);
			assert_int_equal(cand_put(c, slot, &offers[slot]), SK_OK);
			there[slot] = true;
		}
		if (step % 4 == 0) {
			struct cand_query q = query_draw(&seed);
			assert_as_naive(c, &q);
		}
	}
	cand_free(c);
}

static void test_cand_of_nothing_finds_nobody(void **state)
{
	struct cand *c = cand_new();
	struct cand_query q = { .expertises = 1 };
	struct cand_counts n = { .left = 7 };

	(void)state;
	assert_non_null(c);
	cand_remove(c, 5);
	assert_int_equal(cand_find(c, &q, found, &n), 0);
	assert_int_equal(n.all, 0);
	assert_int_equal(n.left, 0);
	cand_free(c);
	cand_free(NULL);
}

static void test_cand_slots_hold_at_the_limit_and_refuse_one_past(void **state)
{
	struct cand *c = cand_new();
	const struct cand_offer o = { .expertises = 1, .ages = 1, .zones = { 1 }, .fresh = true };
	const struct cand_query q = { .expertises = 1 };
	uint32_t *slots = calloc(CAND_SLOTS_MAX, sizeof(*slots));
	struct cand_counts n;

	(void)state;
	assert_non_null(c);
	assert_int_equal(cand_put(c, CAND_SLOTS_MAX, &o), SK_EINVAL);
	assert_int_equal(cand_slots(c), 0);
	assert_int_equal(cand_put(c, CAND_SLOTS_MAX - 1, &o), SK_OK);
	assert_int_equal(cand_slots(c), CAND_SLOTS_MAX);
	assert_int_equal(cand_find(c, &q, slots, &n), 1);
	assert_int_equal(slots[0], CAND_SLOTS_MAX - 1);
	cand_free(c);
	free(slots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cand_random_life_equals_the_plain_filter),
		cmocka_unit_test(test_cand_of_nothing_finds_nobody),
		cmocka_unit_test(test_cand_slots_hold_at_the_limit_and_refuse_one_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
