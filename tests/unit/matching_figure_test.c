/* SPDX-License-Identifier: EUPL-1.2 */
/* What matching counts: asks, answers, hours, misses, offers that changed, what there is now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/figure.h"
#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static const PB(FiguresView) *page(struct rig *r, const char *by, PB(FigureKind) kind,
				   ProtobufCBinaryData after)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryFigures) q = PB_INIT(QUERY_FIGURES);

	q.kind = kind;
	q.after = after;
	m.body_case = BODY(QUERY_FIGURES);
	m.query_figures = &q;
	PB(Message) *answer = rig_query(r, by, &m);
	assert_int_equal(answer->body_case, BODY(FIGURES_VIEW));
	return answer->figures_view;
}

/* Sum of the counts of all pages; code 0: of any. */
static int64_t count_of(struct rig *r, const char *by, PB(FigureKind) kind, uint32_t code)
{
	ProtobufCBinaryData after = { 0 };
	uint8_t cursor[KEY_LEN_MAX];
	int64_t count = 0;

	do {
		const PB(FiguresView) *v = page(r, by, kind, after);
		for (size_t i = 0; i < v->n_rows; i++) {
			count += code == 0 || v->rows[i]->code == code ? v->rows[i]->count : 0;
		}
		after.len = v->next.len;
		if (after.len > 0) {
			memcpy(cursor, v->next.data, after.len);
		}
		after.data = cursor;
	} while (after.len != 0);
	return count;
}

static int64_t count(struct rig *r, PB(FigureKind) kind, uint32_t code)
{
	return count_of(r, "coordinator", kind, code);
}

static void pool(struct rig *r, const char *name, const char *partner, uint32_t staffed)
{
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = name, .partner = partner, .staffed = staffed }));
}

/* DOMAIN 7: each ask and each answer once, with its kind and the hours that it took. */
static void test_matching_figures_asks_and_answers(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	assert_int_equal(count(r, FIGURE(ASKS), 0), 1);
	rig_advance(r, 5 * 3600 * RIG_SECOND_MS + RIG_SECOND_MS);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(CAN)));
	assert_int_equal(count(r, FIGURE(ANSWERS), 100 * ANSWER(CAN)), 1);
	assert_int_equal(count(r, FIGURE(ANSWERS), 0), 1);
	const PB(FigureRow) *row =
		page(r, "coordinator", FIGURE(ANSWER_HOURS), (ProtobufCBinaryData){ 0 })->rows[0];
	assert_int_equal(row->p50, 5);
	assert_true(position(r, 1, 1, VOICE(AGREE)));
	ACCEPT(start(r, "facility-a", &id, true));
	assert_int_equal(count(r, FIGURE(ANSWERS), 0), 1); /* a start is no answer */
	world_free(r);
}

/* A round that ends without help is one miss; nobody's answer in time is counted as that. */
static void test_matching_figures_misses_and_lapses(void **state)
{
	struct rig *r = world_new();

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	demand_one(r, 1, 1, 100);
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	assert_int_equal(count(r, FIGURE(NETWORK_MISSES), 0), 1);
	assert_int_equal(count(r, FIGURE(ANSWERS), 100 * ANSWER(NOT_OURS)), 1);
	demand_one(r, 2, 1, 200);
	rig_advance(r, 15 * RIG_DAY_MS);
	assert_int_equal(count(r, FIGURE(ANSWERS), 900), 1);
	assert_int_equal(count(r, FIGURE(NETWORK_MISSES), 0), 2);
	world_free(r);
}

/* D9, DOMAIN 7: what is counted is what the list counts. A round of what may be there is no miss,
 * however many said no: the figure once rose with every round. */
static void test_matching_figures_miss_is_of_a_must_need(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .need = { { .should = true } } };

	(void)state;
	pool(r, "pool-a", "facility-a", 1);
	assert_true(demand(r, &d));
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	assert_int_equal(need_rec(r, 1)->round, 1);
	assert_int_equal(count(r, FIGURE(NETWORK_MISSES), 0), need_rec(r, 1)->miss);
	assert_int_equal(count(r, FIGURE(NETWORK_MISSES), 0), 0);
	world_free(r);
}

static void offer(struct rig *r, const char *name, uint32_t because)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacity) c = PB_INIT(PUT_CAPACITY);
	PB(PoolUse) use = PB_INIT(POOL_USE);
	PB(PoolUse) *uses = &use;
	uint32_t expertise = 2;
	char *zone = (char *)(uintptr_t) "westhoek";

	use.use = 1;
	use.n_expertises = 1;
	use.expertises = &expertise;
	use.n_zones = 1;
	use.zones = &zone;
	use.age_to = 25;
	use.cost_units = 1;
	use.modality = MODE(AMBULANT);
	use.access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
	c.pool = (char *)(uintptr_t)name;
	c.unit = UNITS(PLACE);
	c.staffed = 3;
	c.uses = &uses;
	c.n_uses = 1;
	c.because_expertise = because;
	c.because_zone = (char *)(uintptr_t) "westhoek";
	m.body_case = BODY(PUT_CAPACITY);
	m.put_capacity = &c;
	ACCEPT(rig_command(r, "facility-b", &m));
}

/* A10: an offer counts as changed by need only while somebody waits for it there. */
static void test_matching_figures_offer_changed_by_need(void **state)
{
	struct rig *r = world_new();

	(void)state;
	offer(r, "pool-x", 3);
	assert_int_equal(count(r, FIGURE(OFFER_CHANGED), 0), 0);
	demand_one(r, 1, 3, 100);
	offer(r, "pool-y", 3);
	offer(r, "pool-z", 0);
	assert_int_equal(count(r, FIGURE(OFFER_CHANGED), 0), 1);
	world_free(r);
}

/* B8: what there is now, per expertise and zone, for the coordinator alone; insured is kept apart.
 */
static void test_matching_figures_of_capacity(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a",
						.partner = "facility-a",
						.staffed = 4,
						.zone = "westhoek" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 2,
						.zone = "westhoek",
						.insured = true }));
	demand_one(r, 1, 1, 100);
	assert_int_equal(count(r, FIGURE(CAPACITY), 0), 6);
	assert_int_equal(count(r, FIGURE(CAPACITY_FREE), 0), 3);
	assert_int_equal(count(r, FIGURE(KEPT_FREE), 0), 2);
	assert_int_equal(count_of(r, "dashboard", FIGURE(CAPACITY), 0), 0);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching_figures_asks_and_answers),
		cmocka_unit_test(test_matching_figures_misses_and_lapses),
		cmocka_unit_test(test_matching_figures_miss_is_of_a_must_need),
		cmocka_unit_test(test_matching_figures_offer_changed_by_need),
		cmocka_unit_test(test_matching_figures_of_capacity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
