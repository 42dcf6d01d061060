/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: candidates by bit sets (MATCHING 3.1). That they are what a scan of the tables finds is
 * asked after each step of every test of matching (matching_laws_find.c); here is what those tests
 * meet seldom: slots that differ from one start to the next, uses that go, many zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/matching/core_find.h"
#include "tests/unit/matching_laws.h"

struct asked {
	uint32_t need;
	struct need_found found;
};

static int ask(struct step *s, void *ctx)
{
	struct asked *a = ctx;
	struct work w;
	struct object_id id = need_id(a->need);

	work_init(&w, s);
	const PB(MatchNeedRecord) *n = need_get(&w, &id);
	assert_non_null(n);
	struct object_id request = id_of(&n->request_id);
	const PB(MatchRequestRecord) *r = request_get(&w, &request);
	assert_non_null(r);
	need_find(&w, &(struct need_look){ .r = r, .n = n }, &a->found);
	return SK_OK;
}

static struct need_found found_for(struct rig *r, uint32_t need)
{
	struct asked a = { .need = need };

	assert_int_equal(rig_try(r, ask, &a), SK_OK);
	return a.found;
}

static void put_full(struct rig *r, const char *name, uint32_t expertise)
{
	put_pool(r, &(struct pool_spec){
			    .name = name, .staffed = 1, .used = 1, .expertise = expertise });
}

/* Of pools that lack as much, the first by name is told, whichever came first (DOMAIN 6: "which
 * single extra unit would start help" is the same answer before and after a restart). */
static void test_find_equal_lacks_names_the_first_pool_in_any_slot(void **state)
{
	struct rig *r = world_new();

	(void)state;
	put_full(r, "pool-c", 1);
	put_full(r, "pool-b", 1);
	put_full(r, "pool-d", 1);
	demand_one(r, 1, 1, 100);
	assert_string_equal(found_for(r, 1).one_more_pool, "pool-b");
	put_full(r, "pool-a", 1);
	assert_string_equal(found_for(r, 1).one_more_pool, "pool-a");
	assert_int_equal(found_for(r, 1).in_reach, 4);
	rig_reopen(r);
	assert_string_equal(found_for(r, 1).one_more_pool, "pool-a");
	world_free(r);
}

/* What may fit is given by (pool, use), whichever slot each has: a step is the same when it is
 * replayed by a daemon that has started anew (L11). */
static void test_find_order_is_by_pool_whichever_came_first(void **state)
{
	struct rig *r = world_new();

	(void)state;
	demand_one(r, 1, 1, 100);
	put_pool(r, &(struct pool_spec){ .name = "pool-c", .staffed = 2 });
	put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 2 });
	put_pool(r, &(struct pool_spec){ .name = "pool-b", .staffed = 2 });
	for (int turn = 0; turn < 2; turn++) {
		struct need_found f = found_for(r, 1);
		assert_int_equal(f.len, 3);
		assert_string_equal(f.uses[0].pool, "pool-a");
		assert_string_equal(f.uses[1].pool, "pool-b");
		assert_string_equal(f.uses[2].pool, "pool-c");
		rig_reopen(r);
	}
	world_free(r);
}

/* A use that takes other expertises leaves its old place; its slot is not left behind. */
static void test_find_use_that_changes_is_found_under_what_it_is_now(void **state)
{
	struct rig *r = world_new();

	(void)state;
	demand_one(r, 1, 1, 100);
	demand_one(r, 2, 2, 100);
	put_full(r, "pool-a", 1);
	assert_int_equal(found_for(r, 1).in_reach, 1);
	assert_int_equal(found_for(r, 2).in_reach, 0);
	put_full(r, "pool-a", 2);
	assert_int_equal(found_for(r, 1).in_reach, 0);
	assert_int_equal(found_for(r, 2).in_reach, 1);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find_equal_lacks_names_the_first_pool_in_any_slot),
		cmocka_unit_test(test_find_order_is_by_pool_whichever_came_first),
		cmocka_unit_test(test_find_use_that_changes_is_found_under_what_it_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
