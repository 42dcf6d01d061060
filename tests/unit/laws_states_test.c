/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part six: states, grounds, versions and bounds at matching (DOMAIN 4,
 * DESIGN 5, L5, L12, I17, I22), and the region at rest (V1 to V3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_supply.h"

/* --- states, answers, versions --- */

static void test_laws_move_beside_the_table_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	supply_moves(s, CONTRIB(CAN));
	assert_lawful(s->c);
	supply_moves(s, CONTRIB(ASKED));
	assert_law(s->c, "DOMAIN 4");
	supply_free(s);
}

static void test_laws_won_seat_dropped_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	s->ask[0].holds_until_ms = case_now(s->c) + 1000;
	supply_moves(s, CONTRIB(CAN));
	case_begin(s->c);
	supply_falls(s, CONTRIB(RELEASED));
	case_apply(s->c, "", NULL);
	assert_law(s->c, "DESIGN 5");
	supply_free(s);
}

static void test_laws_lapse_that_leaves_the_pool_confirmed_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	case_begin(s->c);
	supply_falls(s, CONTRIB(LAPSED));
	case_apply(s->c, "", NULL);
	assert_law(s->c, "DESIGN 5");
	supply_free(s);
	s = supply_seated();
	s->pool.unconfirmed = true;
	case_begin(s->c);
	supply_falls(s, CONTRIB(LAPSED));
	case_apply(s->c, "", NULL);
	assert_lawful(s->c);
	supply_free(s);
}

static void test_laws_start_without_a_ground_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	supply_moves(s, CONTRIB(CAN));
	supply_moves(s, CONTRIB(AGREED));
	assert_law(s->c, "L5");
	s->ask[0].ground = GROUND_IS(AGREED);
	supply_moves(s, CONTRIB(AGREED));
	assert_law(s->c, "L5"); /* no position was taken */
	supply_free(s);
}

static void test_laws_older_version_applied_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	s->need[1].of.need_version = 3;
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_demand(s, 1);
	assert_lawful(s->c);
	s->need[1].of.need_version = 2;
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_demand(s, 1);
	assert_law(s->c, "DESIGN 5");
	supply_free(s);
}

static void test_laws_late_demand_after_withdrawal_is_found(void **state)
{
	struct supply *s = supply_seated();
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[1] = { &end };
	PB(DemandClosed) body = PB_INIT(DEMAND_CLOSED);
	PB(Message) m = PB_INIT(MESSAGE);

	(void)state;
	end.need_id = s->need[1].of.need_id;
	end.need_version = 2;
	end.reason = REASON_IS(WITHDRAWN);
	body.request_id = s->need[1].n.request_id;
	body.needs = ends;
	body.n_needs = 1;
	m.body_case = BODY(DEMAND_CLOSED);
	m.demand_closed = &body;
	s->need[1].of.need_version = 2;
	s->need[1].n.closed = true;
	case_begin(s->c);
	supply_falls(s, CONTRIB(RELEASED));
	case_apply(s->c, "waitlist", &m);
	assert_lawful(s->c);
	s->need[1].n.closed = false;
	s->pool.paused = true;
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_demand(s, 1);
	assert_law(s->c, "DESIGN 5");
	supply_free(s);
}

static void test_laws_partner_excluded_without_a_cause_is_found(void **state)
{
	struct supply *s = supply_seated();
	PB(MatchExcludeRecord) rec = PB_INIT(MATCH_EXCLUDE_RECORD);
	struct key k = key_of_id(&s->need[0].need);

	(void)state;
	key_str(&k, "facility-a");
	case_begin(s->c);
	case_put(s->c, M_EXCLUDE, &k, &rec);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L7");
	supply_free(s);
}

/* --- L12, I22, I17 --- */

static void test_laws_fourth_ask_at_once_is_found(void **state)
{
	struct supply *s = supply_seated();

	(void)state;
	for (size_t i = 1; i < SUPPLY_ASKS; i++) {
		case_begin(s->c);
		supply_put_ask(s, i, 1, CONTRIB(ASKED));
		s->ask[i].standby = true;
		s->ask[i].held = 0;
		supply_put_ask(s, i, 1, CONTRIB(ASKED));
		supply_answer(s);
		if (i < SUPPLY_ASKS - 1) {
			assert_lawful(s->c);
		}
	}
	assert_law(s->c, "L12");
	supply_free(s);
}

static void test_laws_row_of_the_order_that_lacks_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	s->pool.paused = true;
	case_begin(s->c);
	supply_publish(s);
	case_begin(s->c);
	supply_put_need(s, 0);
	s->need[0].order.rank_ms++;
	struct key k = key_of_id(&s->need[0].need);
	case_put(s->c, M_NEED, &k, &s->need[0].n);
	supply_demand(s, 0);
	assert_law(s->c, "I22");
	supply_free(s);
}

static void test_laws_need_forgotten_too_soon_is_found(void **state)
{
	struct supply *s = supply_new();
	struct key k = key_of_id(&s->need[0].need);

	(void)state;
	s->need[0].n.closed = true;
	s->need[0].n.closed_ms = case_now(s->c);
	s->need[0].n.known = false;
	case_begin(s->c);
	case_put(s->c, M_NEED, &k, &s->need[0].n);
	supply_demand(s, 0);
	case_begin(s->c);
	case_del(s->c, M_NEED, &k);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "I17");
	supply_free(s);
}

/* --- the end of a run --- */

static void test_laws_region_at_rest_is_lawful(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	case_begin(s->c);
	supply_publish(s);
	case_finish(s->c);
	assert_lawful(s->c);
	supply_free(s);
}

static void test_laws_log_not_drained_is_found(void **state)
{
	struct supply *s = supply_new();
	PB(LogHeadRecord) head = PB_INIT(LOG_HEAD_RECORD);
	struct key k = key_of_str("intake");

	(void)state;
	head.sequence = 3;
	case_begin(s->c);
	case_put(s->c, TABLE_LOG_HEAD, &k, &head);
	supply_publish(s);
	case_finish(s->c);
	assert_law(s->c, "V1");
	supply_free(s);
}

static void test_laws_timer_not_run_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	case_begin(s->c);
	case_due(s->c, case_now(s->c), M_DUE_FORGET, &s->need[0].need);
	supply_publish(s);
	case_finish(s->c);
	assert_law(s->c, "V2");
	supply_free(s);
}

static void test_laws_pass_that_never_ends_is_found(void **state)
{
	struct supply *s = supply_new();
	PB(MatchPassRecord) pass = PB_INIT(MATCH_PASS_RECORD);
	struct key k = key_of_str("beds");

	(void)state;
	s->pool.paused = true;
	case_begin(s->c);
	case_put(s->c, M_PASS, &k, &pass);
	supply_publish(s);
	case_finish(s->c);
	assert_law(s->c, "V3");
	supply_free(s);
}

static void test_laws_contribution_that_intake_does_not_know_is_found(void **state)
{
	struct supply *s = supply_new();

	(void)state;
	/* Not as a fact of waitlist: its log is not played here. */
	case_begin(s->c);
	supply_put_need(s, 1);
	supply_seat(s, 0, 1, CONTRIB(ASKED));
	supply_answer(s);
	case_finish(s->c);
	assert_law(s->c, "I1");
	supply_free(s);
}

/* --- what events tell --- */

struct dashboard {
	struct told pool; /* as the last event left it */
};

static bool dashboard_knows(void *ctx, const struct told *told)
{
	const struct dashboard *d = ctx;

	return told->object != d->pool.object || told->state == d->pool.state;
}

/* I21: a pool that its events left otherwise than its row is. */
static void test_laws_row_that_no_event_told_is_found(void **state)
{
	struct supply *s = supply_new();
	PB(Event) e = PB_INIT(EVENT);
	struct dashboard d;

	(void)state;
	case_begin(s->c);
	supply_publish(s);
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_POOL;
	e.object_id = s->pool.pool_id;
	e.version = s->pool.version;
	e.promised = s->pool.promised;
	e.free = s->pool.staffed - s->pool.used_elsewhere - s->pool.promised;
	d.pool.object = laws_event_object(&e, &d.pool.state);
	assert_true(d.pool.object != 0);
	laws_events(case_laws(s->c), LAWS_MATCHING, dashboard_knows, &d);
	assert_lawful(s->c);
	e.free++;
	d.pool.object = laws_event_object(&e, &d.pool.state);
	laws_events(case_laws(s->c), LAWS_MATCHING, dashboard_knows, &d);
	assert_law(s->c, "I21");
	e.kind = SCHAKEL__V1__EVENT_KIND__EVENT_KIND_ALARM;
	assert_int_equal(laws_event_object(&e, &d.pool.state), 0);
	supply_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_move_beside_the_table_is_found),
		cmocka_unit_test(test_laws_won_seat_dropped_is_found),
		cmocka_unit_test(test_laws_lapse_that_leaves_the_pool_confirmed_is_found),
		cmocka_unit_test(test_laws_start_without_a_ground_is_found),
		cmocka_unit_test(test_laws_older_version_applied_is_found),
		cmocka_unit_test(test_laws_late_demand_after_withdrawal_is_found),
		cmocka_unit_test(test_laws_partner_excluded_without_a_cause_is_found),
		cmocka_unit_test(test_laws_fourth_ask_at_once_is_found),
		cmocka_unit_test(test_laws_row_of_the_order_that_lacks_is_found),
		cmocka_unit_test(test_laws_need_forgotten_too_soon_is_found),
		cmocka_unit_test(test_laws_region_at_rest_is_lawful),
		cmocka_unit_test(test_laws_log_not_drained_is_found),
		cmocka_unit_test(test_laws_timer_not_run_is_found),
		cmocka_unit_test(test_laws_pass_that_never_ends_is_found),
		cmocka_unit_test(test_laws_contribution_that_intake_does_not_know_is_found),
		cmocka_unit_test(test_laws_row_that_no_event_told_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
