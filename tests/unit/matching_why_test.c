/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: why not that partner, and what more capacity would do. What is said is held against
 * what happens: costs against the record, units against the same world with the units stated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define WHY(NAME) SCHAKEL__V1__WHY_NOT_KIND__WHY_NOT_KIND_##NAME
#define LINE(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME
#define WORLDS 60U

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % below);
}

static const char *const houses[] = { "facility-a", "facility-b", "facility-c" };

static const PB(Message) *explain(struct rig *r, const char *party, uint32_t request,
				  const char *partner)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	struct object_id id = req_id(request);

	q.request_id = object_id_data(&id);
	q.partner = str(partner);
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	return rig_query(r, party, &m);
}

static const PB(WhyNot) *why(struct rig *r, uint32_t request, uint32_t need, const char *partner)
{
	const PB(Message) *m = explain(r, "clb", request, partner);
	struct object_id id = need_id(need);

	assert_int_equal(m->body_case, BODY(EXPLAIN_VIEW));
	for (size_t i = 0; i < m->explain_view->n_why_not; i++) {
		const PB(WhyNot) *a = m->explain_view->why_not[i];
		if (memcmp(a->need_id.data, id.b, OBJECT_ID_LEN) == 0) {
			assert_string_equal(a->partner, partner);
			return a;
		}
	}
	fail_msg("nothing is said of need %u", need);
	return NULL;
}

static const PB(MoreView) *more(struct rig *r, const char *party, PB(QueryMore) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_MORE);
	m.query_more = q;
	const PB(Message) *out = rig_query(r, party, &m);
	assert_int_equal(out->body_case, BODY(MORE_VIEW));
	return out->more_view;
}

static void refused(const PB(Message) *m, PB(Refusal) code, const char *field)
{
	assert_int_equal(m->body_case, BODY(RECEIPT));
	assert_int_equal(m->receipt->code, code);
	assert_string_equal(m->receipt->field, field);
}

static int64_t sum_of(PB(CostLine) *const *lines, size_t len)
{
	int64_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += lines[i]->cost;
	}
	return sum;
}

/** "Filtered: age 12-18", and each other rule by its own name. */
static void test_why_not_names_the_rule_that_keeps_a_partner_out(void **state)
{
	struct rig *r = world_new();

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.staffed = 1,
						.age_from = 12,
						.age_to = 18 }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "c", .partner = "facility-c", .staffed = 1, .zone = "rits" }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){
			   .name = "d", .partner = "facility-b2", .staffed = 1, .expertise = 2 }));
	demand_one(r, 1, 1, 100);
	assert_int_equal(why(r, 1, 1, "facility-a")->kind, WHY(IN_TEAM));
	const PB(WhyNot) *a = why(r, 1, 1, "facility-b");
	assert_int_equal(a->kind, WHY(FILTERED));
	assert_int_equal(a->filter, LINE(FILTERED_AGE));
	assert_int_equal(a->age_from, 12);
	assert_int_equal(a->age_to, 18);
	assert_int_equal(why(r, 1, 1, "facility-c")->filter, LINE(FILTERED_ZONE));
	assert_int_equal(why(r, 1, 1, "facility-b2")->filter, LINE(FILTERED_EXPERTISE));
	refused(explain(r, "clb", 1, "nobody-known"), REFUSE(UNKNOWN_OBJECT), "partner");
	refused(explain(r, "facility-c", 1, "facility-b"), REFUSE(NOT_YOURS), "request_id");
	assert_int_equal(explain(r, "coordinator", 1, "facility-b")->body_case, BODY(EXPLAIN_VIEW));
	world_free(r);
}

/** A partner more, and what that is beside the team as it sits; with room for both needs the other
 *  way about. */
static void test_why_not_tells_what_the_team_costs_more(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "a", .staffed = 2, .expertise = 1, .expertise_2 = 2 }));
	ACCEPT(put_pool(r,
			&(struct pool_spec){ .name = "b", .partner = "facility-b", .staffed = 1 }));
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->partner, "facility-a");
	const PB(WhyNot) *a = why(r, 1, 1, "facility-b");
	assert_int_equal(a->kind, WHY(COSTS_MORE));
	assert_int_equal(a->partners_more, 1);
	assert_int_equal(a->cost_more, 500);
	assert_int_equal(a->n_more, 1);
	assert_int_equal(a->more[0]->kind, COST(PARTNER));
	assert_int_equal(a->one_more, 0); /* no number of units makes it the better one */
	world_free(r);
}

/** Full, and no better with room: what would be worse is told all the same, and no units. */
static void test_why_not_of_a_full_house_that_fits_less_well(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "a", .staffed = 2, .expertise = 1, .expertise_2 = 2 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b", .partner = "facility-b" }));
	d.need[0] = (struct need_spec){ .number = 1 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	assert_true(demand(r, &d));
	const PB(WhyNot) *a = why(r, 1, 1, "facility-b");
	assert_int_equal(a->kind, WHY(FILTERED));
	assert_int_equal(a->filter, LINE(FILTERED_AMOUNT));
	assert_int_equal(a->one_more, 0);
	assert_int_equal(a->cost_more, 500);
	assert_int_equal(a->partners_more, 1);
	world_free(r);
}

/** "If X had 2 h more: chosen": the least amount that flips the choice; one less does not. */
static void test_why_not_tells_the_least_units_that_would_change_it(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b",
						.partner = "facility-b",
						.staffed = 3,
						.unit = UNITS(HOURS_WEEK),
						.expertise = 1,
						.expertise_2 = 2 }));
	d.need[0] = (struct need_spec){ .number = 1, .intensity = 3 };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2, .intensity = 2 };
	assert_true(demand(r, &d));
	assert_string_equal(seat(r, 1)->partner, "facility-a");
	assert_string_equal(seat(r, 2)->partner, "facility-b");
	const PB(WhyNot) *a = why(r, 1, 1, "facility-b");
	assert_int_equal(a->kind, WHY(NO_ROOM));
	assert_int_equal(a->shortfall, SHORTFALL(NO_CAPACITY));
	assert_int_equal(a->one_more, 2);
	assert_string_equal(a->one_more_pool, "b");
	assert_int_equal(a->unit, UNITS(HOURS_WEEK));
	world_free(r);
}

/* --- small random worlds --- */

static void random_pools(struct rig *r)
{
	char name[16];

	for (uint32_t i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof(name), "pool-%u", i);
		struct pool_spec p = { .name = name, .partner = houses[i % SK_LEN(houses)] };
		p.unit = draw(2) == 0 ? UNITS(HOURS_WEEK) : UNITS(PLACE);
		p.staffed = draw(6);
		p.expertise = 1 + draw(3);
		p.expertise_2 = draw(2) == 0 ? 1 + draw(3) : 0;
		p.expertise_2 = p.expertise_2 == p.expertise ? 0 : p.expertise_2;
		p.zone = draw(3) == 0 ? "rits" : NULL;
		p.modality = draw(2) == 0 ? MODE(RESIDENTIAL) : MODE(AMBULANT);
		p.age_to = draw(4) == 0 ? 11 : 25;
		p.cost_units = 1 + draw(2);
		ACCEPT(put_pool(r, &p));
	}
}

static uint32_t random_demand(struct rig *r, uint32_t n)
{
	struct demand_spec d = { .request = n, .rank = 1 + draw(50), .needs = 1 + draw(3) };

	d.age = 5 + draw(12);
	d.zone = draw(2) == 0 ? "rits" : "westhoek";
	d.wait_class = CLASS(URGENT) + draw(3);
	d.preferred = draw(3) == 0 ? houses[draw(SK_LEN(houses))] : NULL;
	for (uint32_t i = 0; i < d.needs; i++) {
		d.need[i] = (struct need_spec){ .number = n * 10 + i,
						.expertise = 1 + draw(3),
						.intensity = 1 + draw(4) };
	}
	assert_true(demand(r, &d));
	return (uint32_t)d.needs;
}

/** Each record's lines add up to its total, and the total is what the composer weighs: the team
 *  composed anew, with who is in it, is the same to the last point. */
static void test_cost_lines_add_up_to_what_was_weighed(void **state)
{
	size_t said = 0;

	(void)state;
	for (uint32_t world = 1; world <= WORLDS; world++) {
		struct rig *r = world_new();
		seed = 0x9e3779b97f4a7c15ULL * world;
		random_pools(r);
		uint32_t needs = random_demand(r, 1);
		const PB(ExplainView) *v = explain(r, "clb", 1, "")->explain_view;
		const PB(TeamProposed) *t = v->team;
		assert_true(v->proven && v->bound == t->cost);
		int64_t sum = 0;
		for (size_t i = 0; i < t->n_seats; i++) {
			sum += sum_of(t->seats[i]->costs, t->seats[i]->n_costs);
		}
		assert_int_equal(sum, t->cost);
		for (uint32_t i = 0; i < needs * SK_LEN(houses); i++) {
			uint32_t need = 10 + i % needs;
			const PB(WhyNot) *a = why(r, 1, need, houses[i / needs]);
			assert_int_equal(sum_of(a->more, a->n_more), a->cost_more);
			/* Alone on the list nothing fits better than what it was given. */
			assert_int_not_equal(a->kind, WHY(NOW_BETTER));
			assert_int_not_equal(a->kind, WHY(UNSPECIFIED));
			assert_true(a->kind != WHY(IN_TEAM) || !waits(r, need));
			said += a->kind == WHY(COSTS_MORE) || a->kind == WHY(EQUAL);
		}
		world_free(r);
	}
	assert_true(said > 10);
}

struct list_world {
	struct rig *r;
	uint32_t need[32];
	size_t needs;
};

static void list_world(struct list_world *x, uint32_t number)
{
	*x = (struct list_world){ .r = world_new() };
	seed = 0xbf58476d1ce4e5b9ULL * number;
	random_pools(x->r);
	for (uint32_t n = 1; n <= 7; n++) {
		uint32_t len = random_demand(x->r, n);
		for (uint32_t i = 0; i < len; i++) {
			x->need[x->needs++] = n * 10 + i;
		}
	}
}

static size_t waiting(const struct list_world *x)
{
	size_t sum = 0;

	for (size_t i = 0; i < x->needs; i++) {
		sum += waits(x->r, x->need[i]);
	}
	return sum;
}

static void put_more_units(struct rig *r, const char *pool, uint32_t units)
{
	const PB(MatchPoolRecord) *p = pool_rec(r, pool);
	struct pool_spec s = { .name = pool, .same_uses = true, .staffed = p->staffed + units };
	char partner[PARTY_ID_LEN_MAX + 1];

	(void)snprintf(partner, sizeof(partner), "%s", p->partner);
	s.partner = partner;
	s.unit = p->unit;
	ACCEPT(put_pool(r, &s));
}

/** Leave-one-in: with the least units that are named so many start as is said, and with one unit
 *  less nobody does. */
static void test_more_units_start_as_many_as_is_said(void **state)
{
	size_t checked = 0;
	size_t several = 0;

	(void)state;
	for (uint32_t world = 1; world <= WORLDS; world++) {
		struct list_world x;
		PB(QueryMore) q = PB_INIT(QUERY_MORE);
		char pool[16];
		list_world(&x, world);
		q.units = draw(3) == 0 ? 1 + draw(9) : 0;
		const PB(MoreView) *v = more(x.r, "coordinator", &q);
		if (v->n_items > 0) {
			const PB(MoreItem) *m = v->items[draw((uint32_t)v->n_items)];
			struct {
				uint32_t least, units, starts, who;
			} say = { m->least, m->units, m->starts, 0 };
			for (size_t i = 0; i < m->n_who; i++) {
				say.who += m->who[i]->count;
			}
			(void)snprintf(pool, sizeof(pool), "%s", m->pool);
			size_t before = waiting(&x);
			assert_false(m->at_least);
			assert_int_equal(say.who, say.starts);
			if (say.least > 1 && say.units >= say.least) {
				put_more_units(x.r, pool, say.least - 1);
				assert_int_equal(waiting(&x), before);
				put_more_units(x.r, pool, say.units - say.least + 1);
			} else {
				put_more_units(x.r, pool, say.units);
			}
			assert_int_equal(before - waiting(&x), say.starts);
			checked++;
			several += say.starts > 1;
		}
		world_free(x.r);
	}
	assert_true(checked > WORLDS / 3);
	assert_true(several > 3);
}

/** The same world anew, with so many units more at the pool: does the need sit, and how many others
 * with it? */
static bool starts_with(uint32_t number, uint32_t need, const struct more_units *more, size_t *ret)
{
	struct list_world x;

	list_world(&x, number);
	size_t before = waiting(&x);
	if (more->units > 0) {
		put_more_units(x.r, more->pool, more->units);
	}
	bool sits = !waits(x.r, need);
	*ret = before - waiting(&x);
	world_free(x.r);
	return sits;
}

static void one_more_of(struct rig *r, uint32_t need, char ret_pool[16], struct more_units *ret)
{
	const PB(ExplainView) *v = explain(r, "clb", need / 10, "")->explain_view;
	struct object_id id = need_id(need);

	*ret = (struct more_units){ .pool = ret_pool };
	for (size_t i = 0; i < v->n_lines; i++) {
		const PB(ExplainLine) *l = v->lines[i];
		if (l->kind == LINE(ONE_MORE) &&
		    memcmp(l->need_id.data, id.b, OBJECT_ID_LEN) == 0) {
			ret->units = l->number;
			ret->before = l->amount;
			(void)snprintf(ret_pool, 16, "%s", l->pool);
		}
	}
}

/** The smallest extra capacity that starts help for one need: with it, it sits, and so do those
 * before it; with one unit less at that pool it waits. */
static void test_one_more_seats_the_need_and_one_less_does_not(void **state)
{
	size_t checked = 0;
	size_t behind = 0;

	(void)state;
	for (uint32_t world = 1; world <= WORLDS; world++) {
		struct list_world x;
		struct more_units more;
		char pool[16];
		size_t others = 0;
		list_world(&x, world);
		uint32_t need = x.need[draw((uint32_t)x.needs)];
		one_more_of(x.r, need, pool, &more);
		assert_true(more.units == 0 || waits(x.r, need));
		world_free(x.r);
		if (more.units > 0) {
			assert_true(starts_with(world, need, &more, &others));
			assert_true(others >= more.before + 1);
			more.units--;
			assert_false(starts_with(world, need, &more, &others));
			checked++;
			behind += more.before > 0;
		}
	}
	assert_true(checked > WORLDS / 4);
	assert_true(behind > 2);
}

/** A partner is told of its own pools, a coordinator of all; what is asked wrongly is refused. */
static void test_more_is_told_to_whom_it_concerns(void **state)
{
	struct rig *r = world_new();
	PB(QueryMore) q = PB_INIT(QUERY_MORE);
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "a", .staffed = 0 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "b", .partner = "facility-b" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "c", .expertise = 2 }));
	demand_one(r, 1, 1, 100);
	demand_one(r, 2, 1, 200);
	assert_int_equal(more(r, "coordinator", &q)->n_items, 2);
	const PB(MoreView) *own = more(r, "facility-b", &q);
	assert_int_equal(own->n_items, 1);
	assert_string_equal(own->items[0]->pool, "b");
	assert_int_equal(own->items[0]->least, 1);
	assert_int_equal(own->items[0]->starts, 1);
	assert_int_equal(own->items[0]->who[0]->wait_class, CLASS(ACTIVE));
	q.units = 2;
	q.limit = 1;
	own = more(r, "coordinator", &q);
	assert_int_equal(own->n_items, 1);
	assert_int_equal(own->items[0]->starts, 2);
	assert_true(own->next.len > 0);
	q.limit = 0;
	q.expertise = 2;
	assert_int_equal(more(r, "coordinator", &q)->n_items, 0);
	q.expertise = 0;
	q.partner = str("facility-a");
	m.body_case = BODY(QUERY_MORE);
	m.query_more = &q;
	refused(rig_query(r, "facility-b", &m), REFUSE(NOT_YOURS), "partner");
	q.partner = str("");
	q.units = 1001;
	refused(rig_query(r, "coordinator", &m), REFUSE(OUT_OF_RANGE), "units");
	q.units = 0;
	q.expertise = 65;
	refused(rig_query(r, "coordinator", &m), REFUSE(UNKNOWN_CODE), "expertise");
	refused(rig_query(r, "clb", &m), REFUSE(UNAUTHORISED), "query_more");
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_why_not_names_the_rule_that_keeps_a_partner_out),
		cmocka_unit_test(test_why_not_tells_what_the_team_costs_more),
		cmocka_unit_test(test_why_not_of_a_full_house_that_fits_less_well),
		cmocka_unit_test(test_why_not_tells_the_least_units_that_would_change_it),
		cmocka_unit_test(test_cost_lines_add_up_to_what_was_weighed),
		cmocka_unit_test(test_more_units_start_as_many_as_is_said),
		cmocka_unit_test(test_one_more_seats_the_need_and_one_less_does_not),
		cmocka_unit_test(test_more_is_told_to_whom_it_concerns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
