/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: the least that more capacity would have to be for who stands far back in the list. What
 * is said is held against what happens when it is stated, and one unit less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define LINE(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME
#define LONG 60U /* who waits: more than the numbers that are tried */

static struct rig *queue_new(uint32_t world)
{
	struct rig *r = world_new();

	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a",
						.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.staffed = 1,
						.unit = SCHAKEL__V1__UNIT__UNIT_HOURS_WEEK,
						.cost_units = 2 }));
	for (uint32_t n = 1; n <= LONG; n++) {
		struct demand_spec d = { .request = n, .rank = 100 + n, .needs = 1 + n % 2 };
		for (uint32_t i = 0; i < d.needs; i++) {
			d.need[i] = (struct need_spec){ .number = n * 10 + i,
							.intensity = 1 + (n * world + i) % 5 };
		}
		assert_true(demand(r, &d));
	}
	return r;
}

static bool more_of(struct rig *r, uint32_t need, char ret_pool[16], PB(ExplainLine) *ret)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	struct object_id request = req_id(need / 10);
	struct object_id id = need_id(need);
	bool found = false;

	q.request_id = object_id_data(&request);
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	const PB(ExplainView) *v = rig_query(r, "clb", &m)->explain_view;
	for (size_t i = 0; i < v->n_lines && !found; i++) {
		found = v->lines[i]->kind == LINE(ONE_MORE) &&
			memcmp(v->lines[i]->need_id.data, id.b, OBJECT_ID_LEN) == 0;
		if (found) {
			*ret = *v->lines[i];
			(void)snprintf(ret_pool, 16, "%s", ret->pool);
		}
	}
	return found;
}

static bool starts_with(uint32_t world, uint32_t need, const char *pool, uint32_t units)
{
	struct rig *r = queue_new(world);
	const PB(MatchPoolRecord) *p = pool_rec(r, pool);
	struct pool_spec s = { .name = pool, .same_uses = true, .staffed = p->staffed + units };
	char partner[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(partner, sizeof(partner), "%s", p->partner);
	s.partner = partner;
	s.unit = p->unit;
	ACCEPT(put_pool(r, &s));
	rig_advance(r, 60 * 1000); /* what is left after one step */
	bool sits = !waits(r, need);
	world_free(r);
	return sits;
}

/** Who stands behind fifty others has a least number of units too: the walk is not given up behind
 *  the first two dozen numbers. */
static void test_least_units_of_who_stands_far_back(void **state)
{
	static const uint32_t asked[] = { 50, 310, 471, 600 };

	(void)state;
	for (uint32_t world = 1; world <= 3; world++) {
		for (size_t i = 0; i < SK_LEN(asked); i++) {
			struct rig *r = queue_new(world);
			PB(ExplainLine) said = PB_INIT(EXPLAIN_LINE);
			char pool[16];
			assert_true(waits(r, asked[i]));
			bool found = more_of(r, asked[i], pool, &said);
			world_free(r);
			assert_true(found);
			assert_true(starts_with(world, asked[i], pool, said.number));
			assert_false(starts_with(world, asked[i], pool, said.number - 1));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_least_units_of_who_stands_far_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
