/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: a family that asks more than twelve things at once ("one family, one plan"): a team for
 * all of them, and what is proven of it said as it is (never a silent guess). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define CHILDREN 5U

static void put_pair(struct rig *r, const char *partner, uint32_t expertise, uint32_t staffed)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "%s-%u", partner, expertise);
	const PB(Receipt) *put = put_pool(r, &(struct pool_spec){ .name = name,
								  .partner = partner,
								  .staffed = staffed,
								  .expertise = expertise,
								  .expertise_2 = expertise + 1 });
	if (put->outcome != OUT(ACCEPTED)) {
		fail_msg("%s: refused %d %s", name, (int)put->code, put->field);
	}
}

/** Expertises 1 to 6 at three partners, 7 to 12 at another, 13 to 20 at one of the three. */
static void put_region(struct rig *r)
{
	static const char *const first[] = { "facility-a", "facility-b2", "facility-c" };

	for (uint32_t e = 1; e <= 5; e += 2) {
		for (size_t i = 0; i < SK_LEN(first); i++) {
			put_pair(r, first[i], e, 8);
		}
	}
	for (uint32_t e = 7; e <= 11; e += 2) {
		put_pair(r, "facility-b", e, 8);
	}
	for (uint32_t e = 13; e <= 19; e += 2) {
		put_pair(r, "facility-c", e, 8);
	}
}

static void ask_family(struct rig *r, uint32_t request, uint32_t needs)
{
	struct demand_spec d = { .request = request, .needs = needs, .children = CHILDREN };

	for (uint32_t i = 0; i < CHILDREN; i++) {
		d.child[i] = (struct child_spec){ .age = 4 + 2 * i };
	}
	for (uint32_t i = 0; i < needs; i++) {
		d.need[i] = (struct need_spec){ .number = request * 100 + i + 1,
						.expertise = i % 20 + 1,
						.child = i % CHILDREN };
	}
	assert_true(demand(r, &d));
}

static size_t partners_of(struct rig *r, uint32_t request, uint32_t needs)
{
	const char *seen[8];
	size_t len = 0;

	for (uint32_t i = 0; i < needs; i++) {
		const char *p = seat(r, request * 100 + i + 1)->partner;
		bool known = false;
		for (size_t k = 0; k < len; k++) {
			known = known || strcmp(seen[k], p) == 0;
		}
		assert_true(known || len < SK_LEN(seen));
		if (!known) {
			seen[len++] = p;
		}
	}
	return len;
}

static PB(ExplainView) *explained_after(struct rig *r, uint32_t request, ProtobufCBinaryData after)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	struct object_id id = req_id(request);

	q.request_id = object_id_data(&id);
	q.after = after;
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	PB(Message) *out = rig_query(r, "coordinator", &m);
	assert_int_equal(out->body_case, BODY(EXPLAIN_VIEW));
	return out->explain_view;
}

static PB(ExplainView) *explained(struct rig *r, uint32_t request)
{
	return explained_after(r, request, (ProtobufCBinaryData){ 0 });
}

/* Twelve by twelve the first twelve would take any of the three partners, and the rest one more: of
 * all twenty together two partners are enough, for eight families by eight lotteries. */
static void test_large_family_gets_the_least_team_proven(void **state)
{
	(void)state;
	for (uint32_t request = 1; request <= 8; request++) {
		struct rig *r = world_new();
		put_region(r);
		ask_family(r, request, 20);
		assert_int_equal(partners_of(r, request, 20), 2);
		const PB(ExplainView) *v = explained(r, request);
		assert_true(v->proven);
		assert_int_equal(v->bound, v->team->cost);
		assert_int_equal(v->together_needs, 20);
		assert_int_equal(v->together_gap, 0);
		assert_true(v->together_covered);
		world_free(r);
	}
}

/* As many as a family may ask, and as many as may stand beside each other: every need a seat, by
 * the same two partners. */
static void test_large_family_at_the_bounds(void **state)
{
	static const uint32_t needs[] = { 50, MATCH_NEEDS_MAX };

	(void)state;
	for (size_t i = 0; i < SK_LEN(needs); i++) {
		struct rig *r = world_new();
		put_region(r);
		ask_family(r, 1, needs[i]);
		assert_int_equal(partners_of(r, 1, needs[i]), 2);
		const PB(ExplainView) *v = explained(r, 1);
		assert_int_equal(v->team->n_seats, needs[i]);
		assert_int_equal(v->together_needs, needs[i]);
		assert_true(v->proven);
		world_free(r);
	}
}

/* What is open for want of capacity is open for the last in the order, and the coverage is said to
 * be proven. */
static void test_large_family_beyond_capacity_leaves_the_last_open(void **state)
{
	struct rig *r = world_new();

	(void)state;
	for (uint32_t e = 1; e <= 19; e += 2) {
		put_pair(r, "facility-a", e, e == 19 ? 1 : 2);
	}
	ask_family(r, 1, 20);
	for (uint32_t i = 1; i <= 19; i++) {
		assert_non_null(seat(r, 100 + i));
	}
	assert_true(waits(r, 120));
	const PB(ExplainView) *v = explained(r, 1);
	assert_true(v->together_covered);
	assert_int_equal(v->together_gap, 0);
	world_free(r);
}

/* Every need of a large family is explained, page by page, each once and whole; the team stands on
 * the first page alone. */
static void test_large_family_is_explained_in_pages(void **state)
{
	static const char *const full[] = { "facility-a", "facility-b2", "facility-c" };
	struct rig *r = world_new();
	ProtobufCBinaryData after = { 0 };
	struct object_id last = { { 0 } };
	uint32_t lines[MATCH_NEEDS_MAX] = { 0 };
	unsigned pages = 0;
	size_t needs = 0;

	(void)state;
	for (uint32_t e = 1; e <= 19; e += 2) {
		for (size_t i = 0; i < SK_LEN(full); i++) {
			put_pair(r, full[i], e, 2);
		}
	}
	ask_family(r, 1, MATCH_NEEDS_MAX);
	ask_family(r, 2, MATCH_NEEDS_MAX);
	do {
		const PB(ExplainView) *v = explained_after(r, 2, after);
		assert_int_equal(v->team != NULL, pages == 0);
		for (size_t i = 0; i < v->n_lines; i++) {
			uint32_t at = 0;
			struct object_id id = need_id(200 + 1);
			while (memcmp(v->lines[i]->need_id.data, id.b, OBJECT_ID_LEN) != 0) {
				at++;
				assert_true(at < MATCH_NEEDS_MAX);
				id = need_id(200 + at + 1);
			}
			lines[at]++;
		}
		needs += v->n_need_ids;
		pages++;
		after.len = v->next.len;
		if (v->next.len != 0) {
			assert_true(object_id_from(&v->next, &last));
			after.data = last.b;
		}
	} while (after.len != 0);
	assert_true(pages > 1);
	assert_int_equal(needs, MATCH_NEEDS_MAX);
	for (uint32_t i = 0; i < MATCH_NEEDS_MAX; i++) {
		bool sits = need_rec(r, 200 + i + 1)->seat_id.len > 0;
		/* Its place; what lacks, and where who went first: three full pools. */
		assert_true(lines[i] >= (sits ? 2 : 6));
	}
	world_free(r);
}

/* What is proven of all twenty is proven of no team that one of them left, nor of the one in which
 * another partner stands in for it. */
static void test_large_proof_ends_with_the_team_it_was_of(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_region(r);
	ask_family(r, 1, 20);
	assert_true(explained(r, 1)->proven);
	struct object_id one = cid(seat(r, 101));
	const PB(Receipt) *no = answer(r, seat(r, 101)->partner, &one, ANSWER(NOT_OURS));
	assert_int_equal(no->outcome, OUT(ACCEPTED));
	struct object_id two = cid(seat(r, 101));
	assert_false(object_id_equal(&one, &two));
	const PB(ExplainView) *v = explained(r, 1);
	assert_false(v->proven);
	assert_int_equal(v->bound, 0);
	assert_int_equal(v->together_needs, 20);
	assert_int_equal(v->together_gap, 1000);
	assert_false(v->together_covered);
	world_free(r);
}

/* Up to twelve nothing is said of it: the team is exact. */
static void test_large_twelve_needs_are_composed_exactly(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_region(r);
	ask_family(r, 1, 12);
	const PB(ExplainView) *v = explained(r, 1);
	assert_true(v->proven);
	assert_int_equal(v->together_needs, 0);
	world_free(r);
}

/* Twelve ask two hours each of six workers with three: only six go together, and no bounded number
 * of teams shows that. What is given is said not to be proven. */
static void test_large_bounded_search_claims_nothing(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 12 };

	(void)state;
	const PB(Receipt) *put = put_pool(
		r, &(struct pool_spec){ .name = "a", .staffed = 50, .unit = UNITS(HOURS_WEEK) });
	assert_int_equal(put->outcome, OUT(ACCEPTED));
	for (uint32_t i = 1; i <= 6; i++) {
		put = put_worker(r, "facility-a", "a",
				 &(struct worker_spec){ .number = i, .cap = 3 });
		assert_int_equal(put->outcome, OUT(ACCEPTED));
	}
	for (uint32_t i = 0; i < d.needs; i++) {
		d.need[i] = (struct need_spec){ .number = i + 1, .intensity = 2 };
	}
	assert_true(demand(r, &d));
	const PB(ExplainView) *v = explained(r, 1);
	assert_int_equal(v->team->n_seats, 6);
	assert_false(v->proven);
	assert_int_equal(v->together_needs, 12);
	assert_int_equal(v->together_gap, 1000);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_family_gets_the_least_team_proven),
		cmocka_unit_test(test_large_family_at_the_bounds),
		cmocka_unit_test(test_large_family_beyond_capacity_leaves_the_last_open),
		cmocka_unit_test(test_large_family_is_explained_in_pages),
		cmocka_unit_test(test_large_proof_ends_with_the_team_it_was_of),
		cmocka_unit_test(test_large_twelve_needs_are_composed_exactly),
		cmocka_unit_test(test_large_bounded_search_claims_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
