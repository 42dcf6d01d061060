/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: what conversions would start (B7) is counted in pages, each with a bound of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define NEEDS                                                                              \
	32U /* that wait: with 15 steps and none, 512 looks a conversion, an eighth of all \
	     */
#define STEPS 15U

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

/** A pool of @p staffed beds; each of them makes one unit of h0, h1 and so on. */
static void put_beds(struct rig *r, const char *name, uint32_t staffed, size_t ways)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	PB(PoolUse) use[MATCH_USES_MAX];
	PB(PoolUse) *uses[MATCH_USES_MAX];
	PB(Conversion) way[MATCH_CONVERSIONS_MAX];
	PB(Conversion) *all[MATCH_CONVERSIONS_MAX];
	char to[MATCH_CONVERSIONS_MAX][8];
	char *zones[MATCH_USE_ZONES_MAX];
	char *languages[MATCH_LANGUAGES_MAX];
	uint32_t expertise = 1;

	for (size_t i = 0; i < SK_LEN(zones); i++) {
		zones[i] = str("westhoek");
	}
	for (size_t i = 0; i < SK_LEN(languages); i++) {
		languages[i] = str("nl");
	}
	for (size_t i = 0; i < MATCH_USES_MAX; i++) {
		schakel__v1__pool_use__init(&use[i]);
		use[i].use = (uint32_t)i + 1;
		use[i].expertises = &expertise;
		use[i].n_expertises = 1;
		use[i].zones = zones;
		use[i].n_zones = SK_LEN(zones);
		use[i].languages = languages;
		use[i].n_languages = SK_LEN(languages);
		use[i].modality = MODE(AMBULANT);
		use[i].age_to = 25;
		use[i].access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
		use[i].cost_units = 1;
		uses[i] = &use[i];
	}
	for (size_t i = 0; i < ways; i++) {
		(void)snprintf(to[i], sizeof(to[i]), "h%u", (unsigned)(i % 100));
		schakel__v1__conversion__init(&way[i]);
		way[i].from_use = 1;
		way[i].from_units = 1;
		way[i].to_units = 1;
		way[i].to_pool = to[i];
		all[i] = &way[i];
	}
	const PB(MatchPoolRecord) *old = pool_rec(r, name);
	c.pool = str(name);
	c.based_on = old == NULL ? 0 : old->version;
	c.unit = UNITS(PLACE);
	c.staffed = staffed;
	c.uses = uses;
	c.n_uses = MATCH_USES_MAX;
	c.conversions = all;
	c.n_conversions = ways;
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &c;
	ACCEPT(rig_command(r, "facility-a", &m));
}

/** h0 to h7, of nothing yet, and @p needs that wait for what they could give. */
static struct rig *house_new(uint32_t needs)
{
	struct rig *r = world_new();
	char name[8];

	for (size_t i = 0; i < MATCH_CONVERSIONS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "h%zu", i);
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = name, .expertise = 2 }));
	}
	for (uint32_t i = 1; i <= needs; i++) {
		demand_one(r, i, 2, i);
	}
	return r;
}

/** What one page says; the answer itself lives until the next message. */
struct seen {
	size_t items;
	size_t next_len;
	uint8_t next[KEY_LEN_MAX];
	char pool[16]; /* of the last item, and what it becomes */
	char to[16];
	uint32_t units, now, then;
};

static PB(Message) *ask(struct rig *r, const char *party, PB(QueryConversions) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_CONVERSIONS);
	m.query_conversions = q;
	return rig_query(r, party, &m);
}

static struct seen page(struct rig *r, const char *party, const char *pool, uint32_t limit,
			const struct seen *before)
{
	PB(QueryConversions) q = PB_INIT(QUERY_CONVERSIONS);
	struct seen s = { 0 };
	uint8_t after[KEY_LEN_MAX];

	q.pool = str(pool);
	q.limit = limit;
	if (before != NULL) {
		memcpy(after, before->next, before->next_len);
		q.after = (ProtobufCBinaryData){ before->next_len, after };
	}
	const PB(Message) *out = ask(r, party, &q);
	assert_int_equal(out->body_case, BODY(CONVERSIONS_VIEW));
	const PB(ConversionsView) *v = out->conversions_view;
	s.items = v->n_items;
	s.next_len = v->next.len;
	if (v->next.len > 0) {
		memcpy(s.next, v->next.data, v->next.len);
	}
	if (v->n_items > 0) {
		const PB(ConversionItem) *last = v->items[v->n_items - 1];
		(void)snprintf(s.pool, sizeof(s.pool), "%s", last->pool);
		(void)snprintf(s.to, sizeof(s.to), "%s", last->to_pool);
		s.units = last->units;
		s.now = last->starts_now;
		s.then = last->starts_then;
	}
	return s;
}

static void assert_proposes(const struct seen *s, const char *pool, const char *to)
{
	assert_string_equal(s->pool, pool);
	assert_string_equal(s->to, to);
	assert_int_equal(s->units, STEPS);
	assert_int_equal(s->now, 0);
	assert_int_equal(s->then, STEPS);
}

/** Of so many that wait one is helped by other means. */
static void one_fewer(struct rig *r, uint32_t *io_needs)
{
	assert_true(demand_closed(r, *io_needs, *io_needs, 1, CLOSE(WITHDRAWN)));
	--*io_needs;
}

/* B7, L12: eight conversions of 512 looks are as many as one question takes: of nine, the last one
 * comes with the next page, from the middle of its pool. Also when it is the last that would pass
 * the bound, and not the ones before it; nine fit when all their looks do. */
static void test_conversions_looks_at_the_bound_and_past_it(void **state)
{
	struct rig *r = house_new(NEEDS);
	uint32_t needs = NEEDS;

	(void)state;
	assert_int_equal((STEPS + 1) * NEEDS * 8, MATCH_CONVERT_LOOKS_MAX);
	put_beds(r, "a-beds", STEPS, 3);
	put_beds(r, "b-beds", STEPS, 5);
	struct seen s = page(r, "facility-a", "", 0, NULL);
	assert_int_equal(s.items, 8);
	assert_int_equal(s.next_len, 0);
	put_beds(r, "b-beds", STEPS, 6);
	s = page(r, "facility-a", "", 0, NULL);
	assert_int_equal(s.items, 8);
	assert_proposes(&s, "b-beds", "h4");
	assert_true(s.next_len > 0);
	s = page(r, "facility-a", "", 0, &s);
	assert_int_equal(s.items, 1);
	assert_proposes(&s, "b-beds", "h5");
	assert_int_equal(s.next_len, 0);
	while (needs > 1 && 9 * (STEPS + 1) * needs > MATCH_CONVERT_LOOKS_MAX) {
		one_fewer(r, &needs);
		s = page(r, "facility-a", "", 0, NULL);
		bool fit = 9 * (STEPS + 1) * needs <= MATCH_CONVERT_LOOKS_MAX;
		assert_int_equal(s.items, fit ? 9 : 8);
		assert_int_equal(s.next_len > 0, !fit);
	}
	world_free(r);
}

/* L12: the most that one conversion looks at is within what a question may: each page goes on. */
static void test_conversions_of_a_long_list_go_on_page_by_page(void **state)
{
	struct rig *r = house_new(300);

	(void)state;
	put_beds(r, "a-beds", 40, 3);
	struct seen s = page(r, "facility-a", "", 0, NULL);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(s.items, 1);
		assert_int_equal(s.units, 16);
		assert_int_equal(s.then, 16);
		assert_int_equal(s.next_len > 0, i < 2);
		s = i < 2 ? page(r, "facility-a", "", 0, &s) : s;
	}
	world_free(r);
}

/* B7: page by page each conversion comes once, in the order of pools and of what they state; of one
 * pool too, for the house and for the coordinator. */
static void test_conversions_pages_hold_each_once(void **state)
{
	static const char *const pool[] = { "a-beds", "a-beds", "b-beds", "b-beds", "b-beds" };
	static const char *const to[] = { "h0", "h1", "h0", "h1", "h2" };
	struct rig *r = house_new(NEEDS);
	struct seen s = { 0 };

	(void)state;
	put_beds(r, "a-beds", STEPS, 2);
	put_beds(r, "b-beds", STEPS, 3);
	for (size_t i = 0; i < SK_LEN(pool); i++) {
		s = page(r, "facility-a", "", 1, i == 0 ? NULL : &s);
		assert_int_equal(s.items, 1);
		assert_proposes(&s, pool[i], to[i]);
		assert_int_equal(s.next_len > 0, i + 1 < SK_LEN(pool));
	}
	s = page(r, "coordinator", "b-beds", 2, NULL);
	assert_int_equal(s.items, 2);
	s = page(r, "coordinator", "b-beds", 2, &s);
	assert_int_equal(s.items, 1);
	assert_proposes(&s, "b-beds", "h2");
	assert_int_equal(s.next_len, 0);
	world_free(r);
}

/* B7: as many pools, uses and conversions as a partner may have. The memory of one is given back
 * before the next: so pages end at their own bounds and not at the end of memory. Where something
 * starts, a page has its 50; where nothing does, it ends at the bound of looks. */
static void test_conversions_of_a_full_house_are_all_looked_at(void **state)
{
	static const size_t most[] = { 448 / MATCH_PAGE_MAX + 1,
				       448 * 17 / MATCH_CONVERT_LOOKS_MAX + 1 };
	struct rig *r = house_new(1);
	char name[8];

	(void)state;
	for (size_t i = MATCH_CONVERSIONS_MAX; i < MATCH_POOLS_PER_PARTNER_MAX; i++) {
		(void)snprintf(name, sizeof(name), "p%zu", i);
		put_beds(r, name, 20, MATCH_CONVERSIONS_MAX);
	}
	for (size_t i = 0; i < SK_LEN(most); i++) {
		struct seen s = { 0 };
		size_t pages = 0;
		size_t items = 0;
		do {
			s = page(r, "facility-a", "", 0, pages == 0 ? NULL : &s);
			items += s.items;
			pages++;
		} while (s.next_len > 0 && pages < 100);
		assert_int_equal(items, i == 0 ? 448 : 0);
		assert_int_equal(pages, most[i]);
		assert_true(i > 0 || demand_closed(r, 1, 1, 1, CLOSE(WITHDRAWN)));
	}
	world_free(r);
}

/* A cursor of another list is refused. */
static void test_conversions_of_a_foreign_cursor_are_refused(void **state)
{
	struct rig *r = house_new(NEEDS);
	PB(QueryConversions) q = PB_INIT(QUERY_CONVERSIONS);

	(void)state;
	put_beds(r, "a-beds", STEPS, 2);
	put_beds(r, "b-beds", STEPS, 2);
	struct seen s = page(r, "facility-a", "", 1, NULL);
	const char *party[] = { "facility-a", "facility-b" };
	char *pool[] = { str("b-beds"), str("") };
	for (size_t i = 0; i < SK_LEN(party); i++) {
		q.pool = pool[i];
		q.after = (ProtobufCBinaryData){ s.next_len, s.next };
		const PB(Message) *out = ask(r, party[i], &q);
		assert_int_equal(out->body_case, BODY(RECEIPT));
		assert_int_equal(out->receipt->code, REFUSE(OUT_OF_RANGE));
		assert_string_equal(out->receipt->field, "after");
	}
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversions_looks_at_the_bound_and_past_it),
		cmocka_unit_test(test_conversions_of_a_long_list_go_on_page_by_page),
		cmocka_unit_test(test_conversions_pages_hold_each_once),
		cmocka_unit_test(test_conversions_of_a_full_house_are_all_looked_at),
		cmocka_unit_test(test_conversions_of_a_foreign_cursor_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
