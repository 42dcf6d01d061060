/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part five: what it finds at waitlist (I17, L7, L14, I22, versions).
 * Each test begins with one lawful entry and breaks one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_case.h"

struct entry_story {
	struct law_case *c;
	struct object_id request, need, help;
	PB(RequestFact) fact;
	PB(WaitRequestRecord) r;
	PB(NeedFact) of;
	PB(NeedOrder) order;
	PB(WaitEntryRecord) e;
	uint64_t review_row_ms;
};

static struct entry_story *entry_new(void)
{
	static struct entry_story s;

	s = (struct entry_story){ .c = case_new(LAWS_WAITLIST),
				  .request = case_id(1),
				  .need = case_id(2),
				  .help = case_id(3) };
	schakel__v1__request_fact__init(&s.fact);
	schakel__v1__wait_request_record__init(&s.r);
	schakel__v1__need_fact__init(&s.of);
	schakel__v1__need_order__init(&s.order);
	schakel__v1__wait_entry_record__init(&s.e);
	s.fact.request_id = object_id_data(&s.request);
	s.fact.request_version = 1;
	s.fact.zone = (char *)(uintptr_t) "westhoek";
	s.fact.urgency = URGENCY_IS(STANDARD);
	s.r.request = &s.fact;
	s.of.need_id = object_id_data(&s.need);
	s.of.need_version = 1;
	s.of.ordinal = 1;
	s.of.expertise = 4;
	s.of.must = true;
	s.of.state = NEED_IS(OPEN);
	s.of.arrival_ms = case_now(s.c);
	s.order.wait_class = CLASS_IS(ACTIVE);
	s.order.rank_ms = s.of.arrival_ms;
	s.order.lottery = 77;
	s.order.order_version = 1;
	s.e.request_id = s.fact.request_id;
	s.e.need = &s.of;
	s.e.order = &s.order;
	s.e.state = WAIT_IS(WAITING);
	s.e.zone = s.fact.zone;
	s.e.class_since_ms = s.of.arrival_ms;
	s.e.review_due_ms = case_now(s.c) + 30 * LAWS_DAY_MS;
	return &s;
}

static void entry_free(struct entry_story *s)
{
	case_free(s->c);
}

static void put_or_del(struct entry_story *s, uint8_t table, const struct key *k, bool there)
{
	if (there) {
		case_put(s->c, table, k, NULL);
	} else {
		case_del(s->c, table, k);
	}
}

static void key_place(struct key *k, const struct entry_story *s)
{
	key_u8(k, (uint8_t)s->order.wait_class);
	key_u8(k, (uint8_t)s->order.crisis_step);
	key_u64(k, s->order.rank_ms);
	key_u64(k, s->order.lottery);
	key_id(k, &s->request);
	key_u32(k, s->of.ordinal);
	key_id(k, &s->need);
}

/** All rows, as the story says. */
static void put_entry(struct entry_story *s)
{
	bool waits = s->e.state == WAIT_IS(WAITING);
	PB(WaitCountRecord) count = PB_INIT(WAIT_COUNT_RECORD);
	struct key k = key_of_id(&s->request);

	case_put(s->c, W_REQUEST, &k, &s->r);
	key_id(&k, &s->need);
	case_put(s->c, W_REQUEST_ENTRY, &k, NULL);
	k = key_of_id(&s->need);
	case_put(s->c, W_ENTRY, &k, &s->e);
	k = (struct key){ 0 };
	key_u8(&k, (uint8_t)s->of.expertise);
	key_str(&k, s->e.zone);
	struct key in_zone = k;
	key_place(&in_zone, s);
	put_or_del(s, W_ORDER, &in_zone, waits);
	key_u8(&k, (uint8_t)s->order.wait_class);
	count.waiting = waits ? 1 : 0;
	case_put(s->c, W_COUNT, &k, &count);
	k = (struct key){ 0 };
	key_place(&k, s);
	key_u8(&k, (uint8_t)s->of.expertise);
	key_str(&k, s->e.zone);
	put_or_del(s, W_OVERALL, &k, waits);
	if (s->review_row_ms != 0) {
		case_undue(s->c, s->review_row_ms, W_DUE_REVIEW, &s->need);
	}
	s->review_row_ms = s->e.review_due_ms;
	if (s->e.review_due_ms != 0) {
		case_due(s->c, s->e.review_due_ms, W_DUE_REVIEW, &s->need);
	}
}

static void opened(struct entry_story *s)
{
	PB(NeedFact) fact = s->of;
	PB(NeedFact) *needs[1] = { &fact };
	PB(NeedsOpened) body = PB_INIT(NEEDS_OPENED);
	PB(Message) m = PB_INIT(MESSAGE);

	body.request = &s->fact;
	body.needs = needs;
	body.n_needs = 1;
	m.body_case = BODY(NEEDS_OPENED);
	m.needs_opened = &body;
	case_begin(s->c);
	put_entry(s);
	case_apply(s->c, "intake", &m);
}

/** The contribution of the entry's help in that state; @p gives: it is help. */
static void help_said(struct entry_story *s, PB(ContributionState) state, bool seen, bool gives)
{
	static uint32_t version;
	PB(WaitContributionRecord) row = PB_INIT(WAIT_CONTRIBUTION_RECORD);
	PB(ContributionChanged) body = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->need);

	key_id(&k, &s->help);
	row.version = ++version;
	row.state = state;
	row.active = gives;
	body.need_id = s->of.need_id;
	body.state = state;
	body.seen = seen;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &body;
	case_begin(s->c);
	case_put(s->c, W_CONTRIBUTION, &k, &row);
	put_entry(s);
	case_apply(s->c, "matching", &m);
}

static void help_starts(struct entry_story *s)
{
	s->e.state = WAIT_IS(SERVED);
	s->e.helped = true;
	s->e.active = 1;
	s->e.review_due_ms = 0;
	help_said(s, CONTRIB(STARTED), true, true);
}

static void help_lost(struct entry_story *s)
{
	s->e.state = WAIT_IS(WAITING);
	s->e.active = 0;
	s->e.review_due_ms = case_now(s->c) + 30 * LAWS_DAY_MS;
	help_said(s, CONTRIB(INTERRUPTED), true, false);
}

/* --- I17 --- */

static void test_laws_entry_that_is_served_is_lawful(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	assert_lawful(s->c);
	help_starts(s);
	assert_lawful(s->c);
	s->e.gap_since_ms = case_now(s->c);
	help_lost(s);
	assert_lawful(s->c);
	case_look(s->c);
	assert_lawful(s->c);
	entry_free(s);
}

static void test_laws_entry_that_waits_no_more_without_help_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	s->e.state = WAIT_IS(SERVED);
	s->e.active = 1;
	s->e.review_due_ms = 0;
	help_said(s, CONTRIB(STARTED), false, true);
	assert_law(s->c, "I17");
	entry_free(s);
}

static void test_laws_entry_deleted_is_found(void **state)
{
	struct entry_story *s = entry_new();
	struct key k = key_of_id(&s->need);

	(void)state;
	opened(s);
	case_begin(s->c);
	case_del(s->c, W_ENTRY, &k);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "I17");
	entry_free(s);
}

static void closed(struct entry_story *s, PB(CloseReason) reason)
{
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[1] = { &end };
	PB(NeedClosed) body = PB_INIT(NEED_CLOSED);
	PB(Message) m = PB_INIT(MESSAGE);

	end.need_id = s->of.need_id;
	end.need_version = s->of.need_version + 1;
	end.reason = REASON_IS(WITHDRAWN);
	body.needs = ends;
	body.n_needs = 1;
	m.body_case = BODY(NEED_CLOSED);
	m.need_closed = &body;
	s->of.need_version++;
	s->e.state = WAIT_IS(CLOSED);
	s->e.close_reason = reason;
	s->e.review_due_ms = 0;
	case_begin(s->c);
	put_entry(s);
	case_apply(s->c, "intake", &m);
}

static void test_laws_entry_closed_without_its_reason_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	closed(s, REASON_IS(WITHDRAWN));
	assert_lawful(s->c);
	entry_free(s);
	s = entry_new();
	opened(s);
	closed(s, REASON_IS(UNSPECIFIED));
	assert_law(s->c, "I17");
	entry_free(s);
}

static void test_laws_closed_entry_opened_by_an_old_fact_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	closed(s, REASON_IS(WITHDRAWN));
	s->e.state = WAIT_IS(WAITING);
	s->e.close_reason = REASON_IS(UNSPECIFIED);
	s->e.review_due_ms = case_now(s->c) + 30 * LAWS_DAY_MS;
	opened(s);
	assert_law(s->c, "DESIGN 5");
	s->of.need_version--;
	opened(s);
	assert_law(s->c, "DESIGN 5");
	entry_free(s);
}

/* --- the order --- */

static void test_laws_class_beside_the_urgency_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	s->order.wait_class = CLASS_IS(PRECAUTION);
	opened(s);
	assert_law(s->c, "L7");
	entry_free(s);
}

static void test_laws_rise_before_its_time_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	case_advance(s->c, 179 * LAWS_DAY_MS);
	s->order.wait_class = CLASS_IS(URGENT);
	s->order.order_version++;
	case_begin(s->c);
	put_entry(s);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L7");
	entry_free(s);
}

static void test_laws_rank_date_beside_the_arrival_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	s->order.rank_ms++;
	opened(s);
	assert_law(s->c, "L7");
	entry_free(s);
	s = entry_new();
	s->e.days_of_priority = 61;
	s->order.rank_ms -= 61 * LAWS_DAY_MS;
	opened(s);
	assert_law(s->c, "L7");
	entry_free(s);
}

static void test_laws_place_lost_with_help_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	help_starts(s);
	case_advance(s->c, LAWS_DAY_MS);
	s->of.arrival_ms = case_now(s->c);
	s->order.rank_ms = s->of.arrival_ms;
	s->order.order_version++;
	s->e.gap_since_ms = case_now(s->c);
	help_lost(s);
	assert_string_not_equal(case_law(s->c), "");
	entry_free(s);
}

static void test_laws_demand_that_is_not_so_is_found(void **state)
{
	struct entry_story *s = entry_new();
	PB(DemandNeed) need = PB_INIT(DEMAND_NEED);
	PB(DemandNeed) *needs[1] = { &need };
	PB(Demand) body = PB_INIT(DEMAND);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NeedOrder) order = s->order;

	(void)state;
	order.rank_ms--;
	need.need = &s->of;
	need.order = &order;
	body.request = &s->fact;
	body.needs = needs;
	body.n_needs = 1;
	m.body_case = BODY(DEMAND);
	m.demand = &body;
	opened(s);
	case_begin(s->c);
	case_emit(s->c, "matching", &m);
	case_apply(s->c, "", NULL);
	assert_law(s->c, "L7");
	entry_free(s);
}

/* --- L14, I22 --- */

static void test_laws_gap_not_counted_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	help_starts(s);
	help_lost(s);
	assert_law(s->c, "L14");
	entry_free(s);
}

static void test_laws_gap_forgotten_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	opened(s);
	help_starts(s);
	s->e.gap_since_ms = case_now(s->c);
	help_lost(s);
	case_advance(s->c, LAWS_DAY_MS);
	s->e.gap_since_ms = 0;
	s->e.gap_ms = LAWS_DAY_MS - 1;
	help_starts(s);
	assert_law(s->c, "L14");
	entry_free(s);
}

static void test_laws_entry_that_is_never_reviewed_is_found(void **state)
{
	struct entry_story *s = entry_new();

	(void)state;
	s->e.review_due_ms = 0;
	opened(s);
	assert_law(s->c, "I22");
	entry_free(s);
}

static void test_laws_row_of_the_list_too_many_is_found(void **state)
{
	struct entry_story *s = entry_new();
	struct key k = { 0 };

	(void)state;
	opened(s);
	key_u8(&k, 3);
	case_begin(s->c);
	case_put(s->c, W_ORDER, &k, NULL);
	case_apply(s->c, "", NULL);
	case_look(s->c);
	assert_law(s->c, "I22");
	entry_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_entry_that_is_served_is_lawful),
		cmocka_unit_test(test_laws_entry_that_waits_no_more_without_help_is_found),
		cmocka_unit_test(test_laws_entry_deleted_is_found),
		cmocka_unit_test(test_laws_entry_closed_without_its_reason_is_found),
		cmocka_unit_test(test_laws_closed_entry_opened_by_an_old_fact_is_found),
		cmocka_unit_test(test_laws_class_beside_the_urgency_is_found),
		cmocka_unit_test(test_laws_rise_before_its_time_is_found),
		cmocka_unit_test(test_laws_rank_date_beside_the_arrival_is_found),
		cmocka_unit_test(test_laws_place_lost_with_help_is_found),
		cmocka_unit_test(test_laws_demand_that_is_not_so_is_found),
		cmocka_unit_test(test_laws_gap_not_counted_is_found),
		cmocka_unit_test(test_laws_gap_forgotten_is_found),
		cmocka_unit_test(test_laws_entry_that_is_never_reviewed_is_found),
		cmocka_unit_test(test_laws_row_of_the_list_too_many_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
