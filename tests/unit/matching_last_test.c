/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: for the last place in a crisis step those concerned are shown side by side, and a
 * person decides and signs (C4); after its time the order decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

static struct demand_spec crisis(uint32_t request, uint32_t step, uint64_t rank)
{
	return (struct demand_spec){ .request = request,
				     .rank = rank,
				     .wait_class = CLASS(CRISIS),
				     .step = step,
				     .needs = 1,
				     .need = { { .number = request } } };
}

static void wait_for(struct rig *r, uint32_t first, uint32_t count, uint32_t step)
{
	for (uint32_t i = 0; i < count; i++) {
		struct demand_spec d = crisis(first + i, step, first + i);
		assert_true(demand(r, &d));
	}
}

static struct pool_spec place(uint32_t staffed)
{
	return (struct pool_spec){ .name = "p", .staffed = staffed };
}

static PB(LastPlaceView) *shown(struct rig *r, const char *party)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryLastPlace) q = PB_INIT(QUERY_LAST_PLACE);

	q.pool = (char *)(uintptr_t) "p";
	m.body_case = BODY(QUERY_LAST_PLACE);
	m.query_last_place = &q;
	const PB(Message) *a = rig_query(r, party, &m);
	return a->body_case == BODY(LAST_PLACE_VIEW) ? a->last_place_view : NULL;
}

struct signature {
	uint32_t need;
	uint32_t seen[MATCH_LAST_PLACE_MAX + 1];
	size_t len;
	uint32_t off; /* of the pool's version */
	bool unsigned_;
};

static PB(Receipt) *sign(struct rig *r, const char *party, const struct signature *s)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(SignLastPlace) b = PB_INIT(SIGN_LAST_PLACE);
	struct object_id ids[MATCH_LAST_PLACE_MAX + 1];
	ProtobufCBinaryData seen[MATCH_LAST_PLACE_MAX + 1];
	struct object_id need = need_id(s->need);
	struct object_id by = rig_id(9);

	for (size_t i = 0; i < s->len; i++) {
		ids[i] = need_id(s->seen[i]);
		seen[i] = object_id_data(&ids[i]);
	}
	b.pool = (char *)(uintptr_t) "p";
	b.based_on = pool_rec(r, "p")->version + s->off;
	b.need_id = object_id_data(&need);
	b.seen = seen;
	b.n_seen = s->len;
	if (!s->unsigned_) {
		b.signed_by = object_id_data(&by);
	}
	m.body_case = BODY(SIGN_LAST_PLACE);
	m.sign_last_place = &b;
	return rig_command(r, party, &m);
}

static int bears_its_code(struct step *s, void *ctx)
{
	const PB(WaitingItem) *item = ctx;
	char code[SHORT_CODE_LEN + 1];
	struct object_id id;

	assert_true(object_id_from(&item->request->request_id, &id));
	step_short_code(s, &id, code);
	assert_string_equal(item->short_code, code);
	return SK_OK;
}

/* C4: two wait, one place comes free: nobody gets it by machine; the one who is signed for does,
 * here the one who came later. */
static void test_last_place_is_given_by_signature(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);

	(void)state;
	wait_for(r, 1, 2, 1);
	rig_skip(r);
	(void)put_pool(r, &p);
	assert_true(waits(r, 1));
	assert_true(waits(r, 2));
	PB(LastPlaceView) *v = shown(r, "contactpoint");
	assert_int_equal(v->n_concerned, 2);
	assert_int_equal(v->free, 1);
	/* Each row bears the code of its request, by which everybody else knows it. */
	for (size_t i = 0; i < v->n_concerned; i++) {
		assert_int_equal(rig_try(r, bears_its_code, v->concerned[i]), SK_OK);
	}
	struct signature s = { .need = 2, .seen = { 2, 1 }, .len = 2 };
	assert_int_equal(sign(r, "contactpoint", &s)->outcome, OUT(ACCEPTED));
	assert_string_equal(seat(r, 2)->pool, "p");
	assert_true(waits(r, 1));
	assert_int_equal(seat(r, 2)->signed_by.len, OBJECT_ID_LEN);
	assert_int_equal(shown(r, "coordinator")->n_concerned, 0);
	assert_int_equal(rig_due(r, DUE_LAST_PLACE), 0);
	world_free(r);
}

/* A crisis never waits for a signature: after the set time the order decides, and not before. */
static void test_last_place_unsigned_goes_by_the_order(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);

	(void)state;
	wait_for(r, 1, 3, 2);
	(void)put_pool(r, &p);
	rig_advance(r, 900 * RIG_SECOND_MS - 1);
	assert_true(waits(r, 1));
	rig_advance(r, 1);
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_true(waits(r, 2));
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 0);
	world_free(r);
}

/* Only the last one is kept: of three places two go by the order. */
static void test_places_before_the_last_go_by_the_order(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(3);

	(void)state;
	wait_for(r, 1, 4, 1);
	(void)put_pool(r, &p);
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_string_equal(seat(r, 2)->pool, "p");
	assert_true(waits(r, 3));
	assert_true(waits(r, 4));
	assert_int_equal(shown(r, "contactpoint")->n_concerned, 2);
	world_free(r);
}

/* A more pressing step has nobody beside it: no signature, at once. */
static void test_more_pressing_step_needs_no_signature(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);

	(void)state;
	wait_for(r, 1, 1, 1);
	wait_for(r, 2, 1, 3);
	(void)put_pool(r, &p);
	assert_string_equal(seat(r, 1)->pool, "p");
	world_free(r);
}

/* While it is kept: a more pressing one comes and gets it; or one of two goes and the other gets
 * it; or a second place comes and both are helped. In each case at once. */
static void test_kept_place_is_given_when_it_is_the_last_no_more(void **state)
{
	struct pool_spec p = place(1);
	struct pool_spec two = place(2);
	struct rig *r = world_new();

	(void)state;
	wait_for(r, 1, 2, 2);
	(void)put_pool(r, &p);
	wait_for(r, 3, 1, 1);
	assert_string_equal(seat(r, 3)->pool, "p");
	world_free(r);

	r = world_new();
	wait_for(r, 1, 2, 2);
	(void)put_pool(r, &p);
	assert_true(demand_closed(r, 1, 1, 1, CLOSE(WITHDRAWN)));
	assert_string_equal(seat(r, 2)->pool, "p");
	world_free(r);

	r = world_new();
	wait_for(r, 1, 2, 2);
	(void)put_pool(r, &p);
	(void)put_pool(r, &two);
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_string_equal(seat(r, 2)->pool, "p");
	world_free(r);
}

/* What is kept goes to nobody behind them either (L7), and paused it is kept no more. */
static void test_kept_place_is_given_to_nobody_behind(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);

	(void)state;
	wait_for(r, 1, 2, 1);
	(void)put_pool(r, &p);
	demand_one(r, 3, 1, 1);
	assert_true(waits(r, 3));
	(void)pause_pool(r, "facility-a", "p", true, 0);
	rig_advance(r, 901 * RIG_SECOND_MS);
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 0);
	(void)pause_pool(r, "facility-a", "p", false, 0);
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 1);
	assert_true(waits(r, 1));
	world_free(r);
}

/* Brothers and sisters of one request are not rivals: the order decides between them. */
static void test_needs_of_one_request_are_no_rivals(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = crisis(1, 1, 1);
	struct pool_spec p = place(1);

	(void)state;
	d.needs = 2;
	d.need[1].number = 2;
	assert_true(demand(r, &d));
	(void)put_pool(r, &p);
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_true(waits(r, 2));
	world_free(r);
}

static void test_signature_bad_input_and_rights(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);
	struct signature s = { .need = 1, .seen = { 1, 2 }, .len = 2 };

	(void)state;
	wait_for(r, 1, 2, 1);
	(void)put_pool(r, &p);
	assert_int_equal(sign(r, "facility-a", &s)->code, REFUSE(UNAUTHORISED));
	assert_null(shown(r, "facility-a"));
	s.unsigned_ = true;
	assert_string_equal(sign(r, "contactpoint", &s)->field, "signed_by");
	s.unsigned_ = false;
	s.len = 1; /* did not see all */
	assert_int_equal(sign(r, "contactpoint", &s)->code, REFUSE(CONFLICT));
	s.len = 2;
	s.seen[1] = 1; /* one of them twice */
	assert_int_equal(sign(r, "contactpoint", &s)->code, REFUSE(CONFLICT));
	s.seen[1] = 2;
	s.off = 1; /* another version of the pool */
	assert_int_equal(sign(r, "contactpoint", &s)->code, REFUSE(CONFLICT));
	s.off = 0;
	s.need = 3; /* not of those seen */
	assert_string_equal(sign(r, "contactpoint", &s)->field, "need_id");
	s.need = 1;
	s.len = MATCH_LAST_PLACE_MAX + 1;
	assert_int_equal(sign(r, "contactpoint", &s)->code, REFUSE(TOO_MANY));
	s.len = 2;
	assert_int_equal(sign(r, "coordinator", &s)->outcome, OUT(ACCEPTED));
	/* Signed once: the second hand is told that there is nothing to sign. */
	assert_int_equal(sign(r, "contactpoint", &s)->code, REFUSE(STATE));
	world_free(r);
}

/* L12: as many as are shown, and one more: the first in the order are shown, and signed for. */
static void test_last_place_shows_a_bounded_number(void **state)
{
	struct rig *r = world_new();
	struct pool_spec p = place(1);
	struct signature s = { .need = MATCH_LAST_PLACE_MAX, .len = MATCH_LAST_PLACE_MAX };

	(void)state;
	wait_for(r, 1, MATCH_LAST_PLACE_MAX, 1);
	(void)put_pool(r, &p);
	assert_int_equal(shown(r, "contactpoint")->n_concerned, MATCH_LAST_PLACE_MAX);
	wait_for(r, MATCH_LAST_PLACE_MAX + 1, 1, 1);
	assert_int_equal(shown(r, "contactpoint")->n_concerned, MATCH_LAST_PLACE_MAX);
	for (uint32_t i = 0; i < MATCH_LAST_PLACE_MAX; i++) {
		s.seen[i] = i + 1;
	}
	assert_int_equal(sign(r, "contactpoint", &s)->outcome, OUT(ACCEPTED));
	assert_string_equal(seat(r, MATCH_LAST_PLACE_MAX)->pool, "p");
	world_free(r);
}

/* Hours: two smaller needs that fit together are given by the order; the last place is where no two
 * fit. */
static void test_last_place_of_hours_is_where_no_two_fit(void **state)
{
	struct rig *r = world_new();
	struct demand_spec a = crisis(1, 1, 1);
	struct demand_spec b = crisis(2, 1, 2);
	struct pool_spec p = place(8);

	(void)state;
	p.unit = UNITS(HOURS_WEEK);
	a.need[0].intensity = 5;
	b.need[0].intensity = 3;
	assert_true(demand(r, &a));
	assert_true(demand(r, &b));
	(void)put_pool(r, &p);
	assert_string_equal(seat(r, 1)->pool, "p");
	assert_string_equal(seat(r, 2)->pool, "p");
	world_free(r);

	r = world_new();
	p.staffed = 7;
	assert_true(demand(r, &a));
	assert_true(demand(r, &b));
	(void)put_pool(r, &p);
	assert_true(waits(r, 1));
	assert_true(waits(r, 2));
	assert_int_equal(rig_rows(r, T_LAST_PLACE), 1);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last_place_is_given_by_signature),
		cmocka_unit_test(test_last_place_unsigned_goes_by_the_order),
		cmocka_unit_test(test_places_before_the_last_go_by_the_order),
		cmocka_unit_test(test_more_pressing_step_needs_no_signature),
		cmocka_unit_test(test_kept_place_is_given_when_it_is_the_last_no_more),
		cmocka_unit_test(test_kept_place_is_given_to_nobody_behind),
		cmocka_unit_test(test_needs_of_one_request_are_no_rivals),
		cmocka_unit_test(test_signature_bad_input_and_rights),
		cmocka_unit_test(test_last_place_shows_a_bounded_number),
		cmocka_unit_test(test_last_place_of_hours_is_where_no_two_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
