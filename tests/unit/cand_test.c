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
static uint64_t bits[OFFERS / 64 + 1];
static uint64_t lacks[OFFERS / 64 + 1];
static uint64_t passes[OFFERS / 64 + 1];
static uint32_t found[OFFERS];

static void offer_draw(struct cand_offer *o, uint64_t *seed)
{
	*o = (struct cand_offer){
		.expertises = draw(seed) & draw(seed) & draw(seed),
		.languages = draw(seed) & draw(seed),
		.ages = (uint32_t)draw(seed),
		.forms = (uint32_t)(draw(seed) & draw(seed)),
		.free = upto(seed, CAND_AMOUNTS + 3),
		.flags = (uint32_t)draw(seed),
	};
	for (size_t i = 0; i < CAND_ZONE_WORDS; i++) {
		o->zones[i] = draw(seed);
	}
}

/* One flag in about eight, so that rules of several flags leave some. */
static uint32_t some_flags(uint64_t *seed)
{
	return (uint32_t)(draw(seed) & draw(seed) & draw(seed) & draw(seed));
}

static struct cand_query query_draw(uint64_t *seed)
{
	struct cand_query q = {
		.expertises = draw(seed) & draw(seed) & draw(seed),
		.languages = upto(seed, 2) == 0 ? 0 : draw(seed) & draw(seed),
		.forms = upto(seed, 2) == 0 ? 0 : (uint32_t)(draw(seed) & draw(seed)),
		.age = upto(seed, CAND_AGES + 2),
		.zones = { upto(seed, CAND_ZONES), upto(seed, CAND_ZONES) },
		.zones_len = upto(seed, 2),
		.amount = upto(seed, CAND_AMOUNTS + 3),
		.unjudged = some_flags(seed) & some_flags(seed),
		.unweighed = some_flags(seed),
		.marked = 1U << upto(seed, 31),
		.pass = upto(seed, 1) == 0 ? NULL : passes,
	};

	for (size_t i = 0; i < CAND_RULES; i++) {
		q.rules[i].with = upto(seed, 1) == 0 ? 0 : 1U << upto(seed, 31);
		q.rules[i].without = upto(seed, 1) == 0 ? 0 : 1U << upto(seed, 31);
	}
	for (size_t i = 0; i < OFFERS / 64 + 1; i++) {
		passes[i] = draw(seed) & draw(seed) & draw(seed) & draw(seed);
	}
	return q;
}

static bool serves(const struct cand_offer *o, const struct cand_query *q)
{
	bool any = q->zones_len == 0;

	for (uint32_t i = 0; i < q->zones_len; i++) {
		uint32_t z = q->zones[i];
		any = any || (z < CAND_ZONES && (o->zones[z / 64] >> z % 64 & 1U) != 0);
	}
	return any;
}

/* @return the first filter that sorts the offer out, or CAND_FILTERS. */
static enum cand_filter naive(uint32_t slot, const struct cand_query *q)
{
	const struct cand_offer *o = &offers[slot];
	uint32_t age = q->age > 31 ? 31 : q->age;
	uint32_t amount = q->amount > 16 ? 16 : q->amount; /* beyond, a bit cannot tell */

	if ((o->expertises & q->expertises) == 0) {
		return CAND_EXPERTISE;
	}
	if (!serves(o, q)) {
		return CAND_ZONE;
	}
	if ((o->flags & q->unjudged) != 0 ||
	    (q->pass != NULL && (q->pass[slot / 64] >> slot % 64 & 1U) != 0)) {
		return CAND_FILTERS;
	}
	if ((o->ages >> age & 1U) == 0) {
		return CAND_AGE;
	}
	if (q->languages != 0 && (o->languages & q->languages) == 0) {
		return CAND_LANGUAGE;
	}
	if (q->forms != 0 && (o->forms & q->forms) == 0) {
		return CAND_FORM;
	}
	for (uint32_t i = 0; i < CAND_RULES; i++) {
		if ((o->flags & q->rules[i].with) != q->rules[i].with ||
		    (o->flags & q->rules[i].without) != 0) {
			return CAND_RULE + i;
		}
	}
	return o->free < amount && (o->flags & q->unweighed) == 0 ? CAND_AMOUNT : CAND_FILTERS;
}

static void assert_as_naive(const struct cand *c, const struct cand_query *q)
{
	struct cand_counts n = { 0 };
	struct cand_counts want = { 0 };
	uint32_t at = 0;

	cand_find(c, q, bits, lacks, &n);
	uint32_t len = cand_list(bits, cand_slots(c), found);
	for (uint32_t i = 0; i < OFFERS; i++) {
		if (!there[i]) {
			continue;
		}
		want.all++;
		enum cand_filter f = naive(i, q);
		if (i < cand_slots(c)) {
			assert_int_equal(lacks[i / 64] >> i % 64 & 1U, f == CAND_AMOUNT);
		}
		if (f == CAND_FILTERS) {
			assert_true(at < len);
			assert_int_equal(found[at++], i);
			want.left++;
		} else {
			want.out[f]++;
			want.marked[f] += f > CAND_ZONE && (offers[i].flags & q->marked) != 0;
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
	cand_find(c, &q, bits, lacks, &n);
	assert_int_equal(cand_list(bits, cand_slots(c), found), 0);
	assert_int_equal(n.all, 0);
	assert_int_equal(n.left, 0);
	cand_free(c);
	cand_free(NULL);
}

static void test_cand_slots_hold_at_the_limit_and_refuse_one_past(void **state)
{
	struct cand *c = cand_new();
	const struct cand_offer o = { .expertises = 1, .ages = 1, .zones = { 1 } };
	const struct cand_query q = { .expertises = 1, .zones_len = 1 };
	uint64_t *wide = calloc(CAND_SLOTS_MAX / 64, sizeof(*wide));
	uint32_t *slots = calloc(CAND_SLOTS_MAX, sizeof(*slots));
	struct cand_counts n;

	(void)state;
	assert_non_null(c);
	assert_int_equal(cand_put(c, CAND_SLOTS_MAX, &o), SK_EINVAL);
	assert_int_equal(cand_slots(c), 0);
	assert_int_equal(cand_put(c, CAND_SLOTS_MAX - 1, &o), SK_OK);
	assert_int_equal(cand_slots(c), CAND_SLOTS_MAX);
	assert_non_null(wide);
	cand_find(c, &q, wide, NULL, &n);
	assert_int_equal(n.left, 1);
	assert_int_equal(cand_list(wide, cand_slots(c), slots), 1);
	assert_int_equal(slots[0], CAND_SLOTS_MAX - 1);
	cand_free(c);
	free(slots);
	free(wide);
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
