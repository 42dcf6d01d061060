/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: questions, explanations, snapshots. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

static PB(Message) *asks(struct rig *r, const char *party, PB(QueryAsks) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_ASKS);
	m.query_asks = q;
	return rig_query(r, party, &m);
}

static PB(Message) *pools(struct rig *r, const char *party, PB(QueryPools) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_POOLS);
	m.query_pools = q;
	return rig_query(r, party, &m);
}

static PB(Message) *contributions(struct rig *r, const char *party, PB(QueryContributions) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_CONTRIBUTIONS);
	m.query_contributions = q;
	return rig_query(r, party, &m);
}

static PB(Message) *explain(struct rig *r, const char *party, uint32_t request)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);
	struct object_id id = req_id(request);

	q.request_id = object_id_data(&id);
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	return rig_query(r, party, &m);
}

static void refused(const PB(Message) *m, PB(Refusal) code)
{
	assert_int_equal(m->body_case, BODY(RECEIPT));
	assert_int_equal(m->receipt->code, code);
}

static void test_asks_page_by_page_and_by_name(void **state)
{
	struct rig *r = world_new();
	PB(QueryAsks) q = PB_INIT(QUERY_ASKS);
	size_t seen = 0;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 5 }));
	for (uint32_t n = 1; n <= 5; n++) {
		demand_one(r, n, 1, n);
	}
	struct object_id id = cid(seat(r, 1));
	ACCEPT(answer(r, "facility-a", &id, ANSWER(NOT_OURS)));
	q.limit = 3;
	for (int page = 0; page < 5; page++) {
		const PB(Message) *m = asks(r, "facility-a", &q);
		assert_int_equal(m->body_case, BODY(ASKS_VIEW));
		seen += m->asks_view->n_asks;
		if (m->asks_view->next.len == 0) {
			break;
		}
		q.after = m->asks_view->next;
	}
	assert_int_equal(seen, 4);
	q.after = (ProtobufCBinaryData){ 0 };
	q.limit = 0;
	q.all = true;
	const PB(Message) *all = asks(r, "facility-a", &q);
	assert_int_equal(all->asks_view->n_asks, 5);
	q = (PB(QueryAsks))PB_INIT(QUERY_ASKS);
	q.short_code = all->asks_view->asks[4]->short_code;
	const PB(Message) *one = asks(r, "facility-a", &q);
	assert_int_equal(one->asks_view->n_asks, 1);
	assert_int_equal(one->asks_view->asks[0]->state, CSTATE(NOT_OURS));
	refused(asks(r, "facility-b", &q), REFUSE(NOT_YOURS));
	/* Who sees all sees it too, but not as another partner's. */
	assert_int_equal(asks(r, "coordinator", &q)->asks_view->n_asks, 1);
	q.partner = str("facility-a");
	assert_int_equal(asks(r, "coordinator", &q)->asks_view->n_asks, 1);
	q.partner = str("facility-b");
	refused(asks(r, "coordinator", &q), REFUSE(NOT_YOURS));
	q.partner = str("");
	q.short_code = str("nosuchcode");
	refused(asks(r, "facility-a", &q), REFUSE(UNKNOWN_OBJECT));
	q.short_code = str("");
	q.contribution_id = object_id_data(&id);
	assert_int_equal(asks(r, "coordinator", &q)->asks_view->n_asks, 1);
	q.contribution_id = (ProtobufCBinaryData){ 0 };
	q.partner = str("facility-a");
	assert_int_equal(asks(r, "contactpoint", &q)->asks_view->n_asks, 4);
	refused(asks(r, "facility-b", &q), REFUSE(NOT_YOURS));
	q.after = object_id_data(&id);
	refused(asks(r, "facility-a", &q), REFUSE(OUT_OF_RANGE));
	world_free(r);
}

static void test_pools_by_filter_and_page(void **state)
{
	struct rig *r = world_new();
	PB(QueryPools) q = PB_INIT(QUERY_POOLS);
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		(void)snprintf(name, sizeof(name), "pool-%u", i);
		ACCEPT(put_pool(r,
				&(struct pool_spec){ .name = name,
						     .partner = i < 4 ? "facility-a" : "facility-b",
						     .staffed = 2,
						     .expertise = i < 3 ? 1 : 2,
						     .zone = i == 0 ? "rits" : "westhoek" }));
	}
	demand_one(r, 1, 1, 1);
	q.limit = 4;
	const PB(Message) *m = pools(r, "clb", &q);
	assert_int_equal(m->pools_view->n_pools, 4);
	q.after = m->pools_view->next;
	m = pools(r, "clb", &q);
	assert_int_equal(m->pools_view->n_pools, 2);
	assert_int_equal(m->pools_view->next.len, 0);
	q = (PB(QueryPools))PB_INIT(QUERY_POOLS);
	q.partner = str("facility-b");
	assert_int_equal(pools(r, "clb", &q)->pools_view->n_pools, 2);
	q = (PB(QueryPools))PB_INIT(QUERY_POOLS);
	q.expertise = 1;
	assert_int_equal(pools(r, "clb", &q)->pools_view->n_pools, 3);
	q.zone = str("westhoek");
	assert_int_equal(pools(r, "clb", &q)->pools_view->n_pools, 2);
	q.expertise = 99;
	assert_int_equal(pools(r, "clb", &q)->pools_view->n_pools, 0);
	q = (PB(QueryPools))PB_INIT(QUERY_POOLS);
	q.pool = seat(r, 1)->pool;
	m = pools(r, "facility-a", &q);
	assert_int_equal(m->pools_view->pools[0]->free, 1);
	assert_int_equal(m->pools_view->pools[0]->promised, 1);
	assert_int_equal(m->pools_view->pools[0]->state, PSTATE(CONFIRMED));
	assert_int_equal(m->pools_view->pools[0]->capacity->n_uses, 1);
	q.pool = str("no-such-pool");
	refused(pools(r, "facility-a", &q), REFUSE(UNKNOWN_OBJECT));
	world_free(r);
}

/** C1 (DOMAIN 3): what a child keeps to itself is seen by who gives it and, through no list here,
 * by nobody who asked, coordinates or has a family's key. */
static void test_shielded_help_is_in_no_answer_to_others(void **state)
{
	struct rig *r = world_new();
	PB(QueryContributions) q = PB_INIT(QUERY_CONTRIBUTIONS);
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };
	struct object_id id = req_id(1);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	d.need[0] = (struct need_spec){ .number = 1, .shielded = true };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	assert_true(demand(r, &d));
	static const char *const others[] = { "clb", "contactpoint" };
	q.request_id = object_id_data(&id);
	for (size_t i = 0; i < SK_LEN(others); i++) {
		const PB(Message) *m = contributions(r, others[i], &q);
		assert_int_equal(m->contributions_view->n_contributions, 0);
		const PB(ExplainView) *v = explain(r, others[i], 1)->explain_view;
		assert_int_equal(v->team->n_seats, 0);
		assert_int_equal(v->n_need_ids, 1);
		for (size_t k = 0; k < v->n_lines; k++) {
			assert_int_equal(v->lines[k]->need_id.data[OBJECT_ID_LEN - 1],
					 need_id(2).b[OBJECT_ID_LEN - 1]);
		}
	}
	assert_int_equal(contributions(r, "facility-a", &q)->contributions_view->n_contributions,
			 1);
	refused(contributions(r, "family", &q), REFUSE(UNAUTHORISED));
	world_free(r);
}

/** L10: nor in the news: how it stands is told, so that counts are right, without its request, its
 * house and its pool; the same for who subscribes late. */
static void test_news_of_shielded_help_name_nobody(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .rank = 100, .needs = 2 };
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	PB(Message) m = PB_INIT(MESSAGE);
	const PB(Message) *one;
	size_t kept = 0;
	size_t shown = 0;

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b",
						.partner = "facility-b",
						.staffed = 1,
						.expertise = 2 }));
	d.need[0] = (struct need_spec){ .number = 1, .shielded = true };
	d.need[1] = (struct need_spec){ .number = 2, .expertise = 2 };
	assert_true(demand(r, &d));
	while ((one = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = one->event;
		bool here = e->kind == EVENT(CONTRIBUTION);
		kept += here && e->request_id.len == 0 && e->party[0] == '\0' && e->pool[0] == '\0';
		shown += here && e->request_id.len != 0;
		assert_true(e->kind != EVENT(TEAM) || strcmp(e->party, "facility-a") != 0);
	}
	assert_int_equal(kept, 1);
	assert_int_equal(shown, 1);
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.limit = 50;
	const PB(SnapshotView) *v = rig_query(r, "coordinator", &m)->snapshot_view;
	for (size_t i = 0; i < v->n_events; i++) {
		const PB(Event) *e = v->events[i];
		assert_true(e->kind == EVENT(POOL) || strcmp(e->party, "facility-a") != 0);
	}
	world_free(r);
}

/** A partner sees its own part; the requester all of it. */
static void test_contributions_are_seen_by_whom_they_concern(void **state)
{
	struct rig *r = world_new();
	PB(QueryContributions) q = PB_INIT(QUERY_CONTRIBUTIONS);
	struct object_id id = req_id(1);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 }));
	ACCEPT(put_pool(
		r, &(struct pool_spec){ .name = "pool-b", .partner = "facility-b", .staffed = 1 }));
	demand_one(r, 1, 1, 100);
	refused(contributions(r, "clb", &q), REFUSE(MALFORMED));
	q.request_id = object_id_data(&id);
	assert_int_equal(contributions(r, "clb", &q)->contributions_view->n_contributions, 2);
	assert_int_equal(contributions(r, "facility-b", &q)->contributions_view->n_contributions,
			 1);
	assert_int_equal(contributions(r, "facility-c", &q)->contributions_view->n_contributions,
			 0);
	q.limit = 1;
	const PB(Message) *m = contributions(r, "clb", &q);
	assert_int_equal(m->contributions_view->n_contributions, 1);
	q.after = m->contributions_view->next;
	assert_int_equal(contributions(r, "clb", &q)->contributions_view->n_contributions, 1);
	struct object_id other = req_id(2);
	q.after = object_id_data(&other);
	refused(contributions(r, "clb", &q), REFUSE(OUT_OF_RANGE));
	world_free(r);
}

static const PB(ExplainLine) *line_of(const PB(ExplainView) *v, uint32_t need, PB(ExplainKind) kind)
{
	struct object_id id = need_id(need);

	for (size_t i = 0; i < v->n_lines; i++) {
		if (v->lines[i]->kind == kind &&
		    memcmp(v->lines[i]->need_id.data, id.b, OBJECT_ID_LEN) == 0) {
			return v->lines[i];
		}
	}
	return NULL;
}

#define LINE(NAME) SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_##NAME

static void test_explain_counts_what_keeps_a_need_waiting(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 2,
				 .excluded = "facility-c",
				 .rank = 200,
				 .needs = 2,
				 .need = { { .number = 2 }, { .number = 3, .expertise = 2 } } };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "old", .staffed = 1 }));
	rig_advance(r, 30 * RIG_DAY_MS);
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "full", .staffed = 1 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "far", .staffed = 1, .zone = "rits" }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "small", .staffed = 1, .age_to = 3 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "gate",
						.staffed = 1,
						.access = SCHAKEL__V1__ACCESS__ACCESS_COURT }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "shut", .staffed = 1 }));
	ACCEPT(pause_pool(r, "facility-a", "shut", true, 0));
	ACCEPT(put_pool(r, &(struct pool_spec){
				   .name = "not-wanted", .partner = "facility-c", .staffed = 0 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "two", .staffed = 1, .expertise = 2 }));
	demand_one(r, 1, 1, 100);
	assert_true(demand(r, &d));
	const PB(Message) *m = explain(r, "clb", 2);
	assert_int_equal(m->body_case, BODY(EXPLAIN_VIEW));
	const PB(ExplainView) *v = m->explain_view;
	static const PB(ExplainKind) once[] = {
		LINE(FILTERED_UNCONFIRMED), LINE(FILTERED_ZONE),   LINE(FILTERED_AGE),
		LINE(FILTERED_COURT),       LINE(FILTERED_PAUSED), LINE(FILTERED_DECLINED),
		LINE(FILTERED_AMOUNT),
	};
	for (size_t i = 0; i < SK_LEN(once); i++) {
		assert_non_null(line_of(v, 2, once[i]));
		assert_int_equal(line_of(v, 2, once[i])->number, 1);
	}
	assert_int_equal(line_of(v, 2, LINE(OFFERS))->number, SK_LEN(once));
	assert_int_equal(line_of(v, 2, LINE(OFFERS))->amount, 0);
	const PB(ExplainLine) *first = line_of(v, 2, LINE(WENT_FIRST));
	assert_string_equal(first->pool, "full");
	assert_int_equal(first->number, 1);
	assert_int_equal(first->amount, 1);
	assert_true(first->unit != 0 && first->unit == line_of(v, 2, LINE(ONE_MORE))->unit);
	assert_int_equal(line_of(v, 2, LINE(ORDER))->at_ms, 200);
	assert_int_equal(line_of(v, 2, LINE(STILL_LACKS))->shortfall, SHORTFALL(NO_CAPACITY));
	const PB(ExplainLine) *chosen = line_of(v, 3, LINE(CHOSEN));
	assert_string_equal(chosen->pool, "two");
	assert_int_equal(chosen->number, 1);
	assert_int_equal(chosen->state, CSTATE(ASKED));
	assert_int_equal(line_of(v, 3, LINE(COST))->cost, 500);
	assert_int_equal(v->team->n_seats, 1);
	refused(explain(r, "clb", 9), REFUSE(UNKNOWN_OBJECT));
	world_free(r);
}

/** What a brother or another need of the same family holds is not somebody else's turn. */
static void test_explain_own_family_did_not_go_first(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = {
		.request = 1, .rank = 100, .needs = 2, .need = { { .number = 1 }, { .number = 2 } }
	};

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "one", .staffed = 1 }));
	assert_true(demand(r, &d));
	uint32_t open = waits(r, 1) ? 1 : 2;
	const PB(ExplainView) *v = explain(r, "clb", 1)->explain_view;
	assert_null(line_of(v, open, LINE(WENT_FIRST)));
	assert_int_equal(line_of(v, open, LINE(FILTERED_AMOUNT))->number, 1);
	world_free(r);
}

/** The state behind the events, chunk by chunk. */
static void test_snapshot_states_every_object_once(void **state)
{
	struct rig *r = world_new();
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	size_t kinds[16] = { 0 };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 3 }));
	for (uint32_t n = 1; n <= 4; n++) {
		demand_one(r, n, 1, n);
	}
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.limit = 3;
	for (int page = 0; page < 10; page++) {
		const PB(Message) *v = rig_query(r, "coordinator", &m);
		assert_int_equal(v->body_case, BODY(SNAPSHOT_VIEW));
		for (size_t i = 0; i < v->snapshot_view->n_events; i++) {
			kinds[v->snapshot_view->events[i]->kind]++;
		}
		q.after = v->snapshot_view->next;
		if (q.after.len == 0) {
			break;
		}
	}
	assert_int_equal(kinds[EVENT(TEAM)], 4);
	assert_int_equal(kinds[EVENT(POOL)], 1);
	assert_int_equal(kinds[EVENT(CONTRIBUTION)], 3);
	uint8_t nonsense[] = { 1, 2 };
	q.after = (ProtobufCBinaryData){ sizeof(nonsense), nonsense };
	refused(rig_query(r, "coordinator", &m), REFUSE(OUT_OF_RANGE));
	world_free(r);
}

static int short_pages(struct step *s, void *ctx)
{
	PB(QueryAsks) asks_of = PB_INIT(QUERY_ASKS);
	PB(QueryPools) pools_of = PB_INIT(QUERY_POOLS);
	PB(QueryContributions) parts_of = PB_INIT(QUERY_CONTRIBUTIONS);
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);
	struct object_id *request = ctx;

	s->page_most = 1;
	s->from.roles = ROLE_BIT(COORDINATOR);
	asks_of.partner = str("facility-a");
	in.query_asks = &asks_of;
	assert_int_equal(match_query_asks(s, &in, &out), SK_OK);
	assert_int_equal(out.asks_view->n_asks, 1);
	assert_true(out.asks_view->next.len > 0);
	in.query_pools = &pools_of;
	assert_int_equal(match_query_pools(s, &in, &out), SK_OK);
	assert_int_equal(out.pools_view->n_pools, 1);
	assert_true(out.pools_view->next.len > 0);
	parts_of.request_id = object_id_data(request);
	in.query_contributions = &parts_of;
	assert_int_equal(match_query_contributions(s, &in, &out), SK_OK);
	assert_int_equal(out.contributions_view->n_contributions, 1);
	assert_true(out.contributions_view->next.len > 0);
	return SK_OK;
}

/** An answer that fitted no frame is asked for again with a shorter page. */
static void test_pages_are_as_short_as_they_must(void **state)
{
	struct rig *r = world_new();
	struct object_id request = req_id(1);

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 5 }));
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "pool-b", .staffed = 5 }));
	demand_one(r, 1, 1, 1);
	demand_one(r, 2, 1, 2);
	assert_int_equal(rig_try(r, short_pages, &request), SK_OK);
	world_free(r);
}

/* Units do not start what a rule keeps from starting, and that is said beside them. */
static void test_explain_units_start_nothing_where_a_rule_blocks(void **state)
{
	struct rig *r = world_new();
	struct demand_spec d = { .request = 1, .needs = 1, .need = { { .number = 1 } } };

	(void)state;
	ACCEPT(put_pool(r, &(struct pool_spec){ .name = "full", .staffed = 1, .used = 1 }));
	assert_true(demand(r, &d));
	const PB(ExplainView) *v = explain(r, "clb", 1)->explain_view;
	assert_int_equal(line_of(v, 1, LINE(ONE_MORE))->shortfall, SHORTFALL(UNSPECIFIED));
	d.version = 2;
	d.blocks = 1;
	assert_true(demand(r, &d));
	v = explain(r, "clb", 1)->explain_view;
	assert_int_equal(line_of(v, 1, LINE(STILL_LACKS))->shortfall, SHORTFALL(RULE_BLOCKS));
	assert_int_equal(line_of(v, 1, LINE(ONE_MORE))->shortfall, SHORTFALL(RULE_BLOCKS));
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asks_page_by_page_and_by_name),
		cmocka_unit_test(test_pools_by_filter_and_page),
		cmocka_unit_test(test_shielded_help_is_in_no_answer_to_others),
		cmocka_unit_test(test_news_of_shielded_help_name_nobody),
		cmocka_unit_test(test_contributions_are_seen_by_whom_they_concern),
		cmocka_unit_test(test_explain_counts_what_keeps_a_need_waiting),
		cmocka_unit_test(test_explain_own_family_did_not_go_first),
		cmocka_unit_test(test_explain_units_start_nothing_where_a_rule_blocks),
		cmocka_unit_test(test_snapshot_states_every_object_once),
		cmocka_unit_test(test_pages_are_as_short_as_they_must),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
