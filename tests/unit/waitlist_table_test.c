/* SPDX-License-Identifier: EUPL-1.2 */
/* Case tables: called by rule or asked for, child and parents first, an owner and a date that is
 * watched; and the gap alarm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"
#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define T(NAME) SCHAKEL__V1__CASE_TABLE_STATE__CASE_TABLE_STATE_##NAME
#define WHY(NAME) SCHAKEL__V1__CASE_TABLE_REASON__CASE_TABLE_REASON_##NAME
#define A(NAME) SCHAKEL__V1__ALARM_KIND__ALARM_KIND_##NAME
#define EV(NAME) SCHAKEL__V1__EVENT_KIND__EVENT_KIND_##NAME

static void open_one(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .contact = "facility-c",
						    NEEDS({ .number = 101 }) }));
	rig_skip(r);
}

static PB(Receipt) *call(struct rig *r, const char *by, uint32_t request, uint32_t need)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(CallCaseTable) b = PB_INIT(CALL_CASE_TABLE);

	b.request_id = wl_data_of(request);
	if (need != 0) {
		b.need_id = wl_data_of(need);
	}
	m.body_case = BODY(CALL_CASE_TABLE);
	m.call_case_table = &b;
	return rig_command(r, by, &m);
}

static PB(CaseTablesView) *tables(struct rig *r, const char *by, uint32_t request, bool open_only)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryCaseTables) q = PB_INIT(QUERY_CASE_TABLES);

	if (request != 0) {
		q.request_id = wl_data_of(request);
	}
	q.open_only = open_only;
	m.body_case = BODY(QUERY_CASE_TABLES);
	m.query_case_tables = &q;
	PB(Message) *answer = rig_query(r, by, &m);
	assert_int_equal(answer->body_case, BODY(CASE_TABLES_VIEW));
	return answer->case_tables_view;
}

static PB(MoveCaseTable) planned(struct rig *r)
{
	PB(MoveCaseTable) b = PB_INIT(MOVE_CASE_TABLE);

	b.table_id = tables(r, "coordinator", 0, false)->tables[0]->table->table_id;
	b.to = T(PLANNED);
	b.at_ms = rig_now(r) + DAY(3);
	b.child_invited = true;
	b.parents_invited = true;
	return b;
}

static PB(Receipt) *move(struct rig *r, const char *by, const PB(MoveCaseTable) *b)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(MoveCaseTable) copy = *b;

	m.body_case = BODY(MOVE_CASE_TABLE);
	m.move_case_table = &copy;
	return rig_command(r, by, &m);
}

static void refused(const PB(Receipt) *a, PB(Refusal) code, const char *field)
{
	assert_int_equal(a->outcome, O(REFUSED));
	assert_int_equal(a->code, code);
	assert_string_equal(a->field, field);
}

static void miss(struct rig *r, uint32_t contribution, uint32_t misses, PB(Modality) modality)
{
	assert_true(wl_told(r, &(struct told){ .request = 1,
					       .need = 101,
					       .contribution = contribution,
					       .version = 1,
					       .state = H(NOT_NOW),
					       .modality = modality,
					       .miss = misses }));
}

/* DOMAIN 5, A4: after 2 network misses, with owner and date; intake and followers are told. */
static void test_table_two_misses_call_one(void **state)
{
	struct rig *r = *state;

	open_one(r);
	miss(r, 11, 1, M(AMBULANT));
	assert_int_equal(tables(r, "coordinator", 0, false)->n_tables, 0);
	miss(r, 12, 2, M(AMBULANT));
	PB(CaseTablesView) *v = tables(r, "coordinator", 0, true);
	assert_int_equal(v->n_tables, 1);
	const PB(CaseTableFact) *t = v->tables[0]->table;
	assert_int_equal(t->reason, WHY(NETWORK_MISS));
	assert_int_equal(t->state, T(CALLED));
	assert_string_equal(t->owner, "net-westhoek");
	assert_true(t->due_ms == civil_working_days_after(rig_now(r), 10, NULL, 0));
	PB(Message) *told = rig_next_of(r, "intake", BODY(CASE_TABLE_FACT));
	assert_non_null(told);
	assert_int_equal(told->case_table_fact->version, t->version);
	assert_int_equal(wl_next_event(r, EV(CASE_TABLE))->table_state, T(CALLED));
	/* A third miss joins the one that is open. */
	miss(r, 13, 3, M(AMBULANT));
	assert_int_equal(tables(r, "coordinator", 0, false)->n_tables, 1);
}

/* A stay: after one miss; a crisis: within 2 working days. */
static void test_table_stay_calls_after_one_miss(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .urgency = U(CRISIS),
						    .crisis_step = 1,
						    NEEDS({ .number = 101 }) }));
	miss(r, 11, 1, M(RESIDENTIAL));
	PB(CaseTablesView) *v = tables(r, "coordinator", 0, true);
	assert_int_equal(v->n_tables, 1);
	assert_true(v->tables[0]->table->due_ms ==
		    civil_working_days_after(rig_now(r), 2, NULL, 0));
}

/* Not held by its date: told to people, again every 7 days, until it is over. */
static void test_table_over_its_date_alarms(void **state)
{
	struct rig *r = *state;

	open_one(r);
	assert_int_equal(call(r, "family", 1, 101)->outcome, O(ACCEPTED));
	uint64_t due = tables(r, "coordinator", 0, true)->tables[0]->table->due_ms;
	rig_skip(r);
	rig_advance(r, due - rig_now(r) - 1);
	assert_null(wl_next_alarm(r));
	rig_advance(r, 1);
	assert_int_equal(wl_next_alarm(r)->alarm, A(CASE_TABLE));
	rig_advance(r, DAY(7) - 1);
	assert_null(wl_next_alarm(r));
	rig_advance(r, 1);
	assert_int_equal(wl_next_alarm(r)->alarm, A(CASE_TABLE));
	/* Left over its date, it may still be planned within one term. */
	PB(MoveCaseTable) b = planned(r);
	b.at_ms = civil_working_days_after(rig_now(r), 10, NULL, 0) + 1;
	refused(move(r, "coordinator", &b), X(OUT_OF_RANGE), "at_ms");
	b.at_ms--;
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	rig_skip(r);
	rig_advance(r, b.at_ms + DAY(1) - rig_now(r));
	bool asked = false; /* and was it held? */
	for (PB(Event) *e = wl_next_alarm(r); e != NULL; e = wl_next_alarm(r)) {
		asked = asked || e->alarm == A(CASE_TABLE);
	}
	assert_true(asked);
	b.to = T(HELD);
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	assert_int_equal(rig_due(r, WAIT_DUE_CASE_TABLE), 0);
}

/* Child and parents are invited first; the date lies ahead and within the term; held only after
 * it was planned and its time has come. */
static void test_table_child_and_parents_are_invited_first(void **state)
{
	struct rig *r = *state;

	open_one(r);
	assert_int_equal(call(r, "coordinator", 1, 0)->outcome, O(ACCEPTED));
	PB(MoveCaseTable) b = planned(r);
	b.child_invited = false;
	refused(move(r, "coordinator", &b), X(MISSING), "child_invited");
	b = planned(r);
	b.parents_invited = false;
	refused(move(r, "coordinator", &b), X(MISSING), "parents_invited");
	b = planned(r);
	b.at_ms = rig_now(r);
	refused(move(r, "coordinator", &b), X(OUT_OF_RANGE), "at_ms");
	b = planned(r);
	b.to = T(HELD);
	refused(move(r, "coordinator", &b), X(STATE), "to");
	b.to = T(CALLED);
	refused(move(r, "coordinator", &b), X(OUT_OF_RANGE), "to");
	b = planned(r);
	b.owner = (char *)(uintptr_t) "nobody";
	refused(move(r, "coordinator", &b), X(UNKNOWN_OBJECT), "owner");
	b.owner = (char *)(uintptr_t) "facility-b";
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	b.to = T(HELD);
	refused(move(r, "facility-b", &b), X(OUT_OF_RANGE), "to");
	rig_advance(r, DAY(3));
	assert_int_equal(move(r, "facility-b", &b)->outcome, O(ACCEPTED));
	refused(move(r, "facility-b", &b), X(STATE), "to");
}

/* A4: who is asked to come sees when and from whom, and not about whom; the coordinator sees whose
 * request it is. The people around the child are told the day and who comes. */
static void test_table_invited_see_when(void **state)
{
	struct rig *r = *state;
	char *come[] = { (char *)(uintptr_t) "facility-a" };

	open_one(r);
	assert_int_equal(call(r, "coordinator", 1, 0)->outcome, O(ACCEPTED));
	assert_int_equal(tables(r, "facility-a", 0, true)->n_tables, 0);
	PB(MoveCaseTable) b = planned(r);
	b.invited = come;
	b.n_invited = 1;
	rig_skip(r);
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	const PB(Message) *told = rig_next_of(r, "intake", BODY(CASE_TABLE_FACT));
	assert_true(told->case_table_fact->planned_ms == b.at_ms);
	assert_true(told->case_table_fact->child_invited);
	assert_int_equal(told->case_table_fact->n_invited, 1);
	PB(CaseTablesView) *v = tables(r, "facility-a", 0, true);
	assert_int_equal(v->n_tables, 1);
	assert_true(v->tables[0]->table->planned_ms == b.at_ms);
	assert_string_equal(v->tables[0]->request_code, "");
	assert_int_equal(v->tables[0]->table->request_id.len, 0);
	assert_int_equal(v->tables[0]->n_stuck, 0);
	assert_int_equal(strlen(tables(r, "coordinator", 0, true)->tables[0]->request_code),
			 SHORT_CODE_LEN);
	b.to = T(NOT_NEEDED);
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	assert_int_equal(tables(r, "facility-a", 0, false)->n_tables, 0);
}

/* A4: over its date it may be put off once more, and it rings all the same: nobody postpones it
 * unseen. */
static void test_table_put_off_over_its_date_rings(void **state)
{
	struct rig *r = *state;

	open_one(r);
	assert_int_equal(call(r, "family", 1, 101)->outcome, O(ACCEPTED));
	uint64_t due = tables(r, "coordinator", 0, true)->tables[0]->table->due_ms;
	rig_advance(r, due - rig_now(r) + 1);
	PB(MoveCaseTable) b = planned(r);
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	rig_skip(r);
	for (int day = 0; day < 5; day++) { /* each day a day later */
		rig_advance(r, DAY(1));
		b.at_ms += DAY(1);
		assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	}
	bool rang = false;
	for (PB(Event) *e = wl_next_alarm(r); e != NULL; e = wl_next_alarm(r)) {
		rang = rang || e->alarm == A(CASE_TABLE);
	}
	assert_true(rang);
}

/* A4: after a restore the day and who comes are what intake was told: not held before its time. */
static void test_table_comes_back_with_its_day(void **state)
{
	struct rig *r = *state;
	PB(CaseTableFact) f = PB_INIT(CASE_TABLE_FACT);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	char *come[] = { (char *)(uintptr_t) "facility-a" };
	struct object_id id = rig_id(900);
	uint8_t packed[512];

	open_one(r);
	f.table_id = object_id_data(&id);
	f.version = 3;
	f.request_id = wl_data_of(1);
	f.reason = WHY(ASKED);
	f.state = T(PLANNED);
	f.owner = (char *)(uintptr_t) "coordinator";
	f.due_ms = rig_now(r) + DAY(10);
	f.planned_ms = rig_now(r) + DAY(3);
	f.invited = come;
	f.n_invited = 1;
	f.child_invited = true;
	f.parents_invited = true;
	item.table = (char *)(uintptr_t) "CaseTableFact";
	item.record =
		(ProtobufCBinaryData){ schakel__v1__case_table_fact__pack(&f, packed), packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	rig_restored(r);
	assert_true(rig_fact(r, "intake", &m));
	rig_reconciled(r);
	assert_int_equal(tables(r, "facility-a", 0, true)->n_tables, 1);
	PB(MoveCaseTable) b = planned(r);
	b.to = T(HELD);
	refused(move(r, "coordinator", &b), X(OUT_OF_RANGE), "to");
	rig_skip(r);
	rig_advance(r, DAY(4)); /* and was it held? */
	assert_int_equal(wl_next_alarm(r)->alarm, A(CASE_TABLE));
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
}

/* The most that is invited, and one past it. */
static void test_table_invited_at_and_past_limit(void **state)
{
	struct rig *r = *state;
	char *many[WAIT_INVITED_MAX + 1];

	for (size_t i = 0; i < SK_LEN(many); i++) {
		many[i] = (char *)(uintptr_t) "facility-b";
	}
	open_one(r);
	assert_int_equal(call(r, "coordinator", 1, 0)->outcome, O(ACCEPTED));
	PB(MoveCaseTable) b = planned(r);
	b.invited = many;
	b.n_invited = SK_LEN(many);
	refused(move(r, "coordinator", &b), X(TOO_MANY), "invited");
	b.n_invited--;
	assert_int_equal(move(r, "coordinator", &b)->outcome, O(ACCEPTED));
	assert_int_equal(tables(r, "coordinator", 0, true)->tables[0]->n_invited, WAIT_INVITED_MAX);
	many[0] = (char *)(uintptr_t) "nobody";
	refused(move(r, "coordinator", &b), X(UNKNOWN_OBJECT), "invited[0]");
}

/* Who may call, carry and see: family by its request, contact person, owner, coordinator; nobody
 * else. One open table for each reason. */
static void test_table_rights(void **state)
{
	struct rig *r = *state;

	open_one(r);
	refused(call(r, "police", 1, 0), X(NOT_YOURS), "request_id");
	refused(call(r, "facility-a", 1, 0), X(NOT_YOURS), "request_id");
	refused(call(r, "family", 9, 0), X(UNKNOWN_OBJECT), "request_id");
	refused(call(r, "family", 1, 109), X(UNKNOWN_OBJECT), "need_id");
	assert_int_equal(call(r, "facility-c", 1, 0)->outcome, O(ACCEPTED));
	refused(call(r, "family", 1, 0), X(STATE), "request_id");
	PB(MoveCaseTable) b = planned(r);
	refused(move(r, "facility-a", &b), X(NOT_YOURS), "table_id");
	assert_int_equal(tables(r, "facility-a", 0, false)->n_tables, 0);
	assert_int_equal(tables(r, "family", 0, false)->n_tables, 0);
	assert_int_equal(tables(r, "family", 1, false)->n_tables, 1);
	assert_int_equal(tables(r, "facility-c", 0, false)->n_tables, 1);
	assert_int_equal(tables(r, "net-westhoek", 0, false)->n_tables, 1);
	assert_int_equal(move(r, "facility-c", &b)->outcome, O(ACCEPTED));
	b.to = T(NOT_NEEDED);
	assert_int_equal(move(r, "net-westhoek", &b)->outcome, O(ACCEPTED));
	assert_int_equal(tables(r, "coordinator", 0, true)->n_tables, 0);
	assert_int_equal(call(r, "family", 1, 0)->outcome, O(ACCEPTED));
}

/* Nothing is open any more: nobody has to come; with the request it is forgotten whole. */
static void test_table_goes_with_the_last_need(void **state)
{
	struct rig *r = *state;

	open_one(r);
	assert_int_equal(call(r, "coordinator", 1, 0)->outcome, O(ACCEPTED));
	assert_true(wl_closed(r, 1, 101, 2, R(SELF_RESOLVED)));
	assert_int_equal(tables(r, "coordinator", 0, true)->n_tables, 0);
	assert_int_equal(tables(r, "coordinator", 0, false)->tables[0]->table->state,
			 T(NOT_NEEDED));
	refused(call(r, "coordinator", 1, 0), X(STATE), "request_id");
	rig_advance(r, DAY(61));
	assert_int_equal(rig_rows(r, WAIT_TABLE_CASE_TABLE), 0);
	assert_int_equal(rig_rows(r, WAIT_TABLE_REQUEST_TABLE), 0);
}

/* L14: a must-need that lost its help and is not bridged: told at once and every 7 days, until it
 * is bridged; a bridge that ends opens the gap again. */
static void test_gap_alarms_until_bridged(void **state)
{
	struct rig *r = *state;

	open_one(r);
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(STARTED), false, false }));
	rig_skip(r);
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 2, H(INTERRUPTED), false, false }));
	assert_int_equal(wl_next_alarm(r)->alarm, A(GAP));
	rig_advance(r, DAY(7));
	assert_int_equal(wl_next_alarm(r)->alarm, A(GAP));
	assert_int_equal(
		wl_bridge(r, "coordinator", 101, "facility-b", rig_now(r) + DAY(2))->outcome,
		O(ACCEPTED));
	assert_int_equal(wl_entry_of(r, 101)->gap_days, 7);
	assert_int_equal(rig_due(r, WAIT_DUE_GAP), 0);
	rig_skip(r);
	rig_advance(r, DAY(2) - 1);
	assert_null(wl_next_alarm(r));
	rig_advance(r, 1);
	assert_int_equal(wl_next_alarm(r)->alarm, A(GAP));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_table_two_misses_call_one),
		TEST(test_table_stay_calls_after_one_miss),
		TEST(test_table_over_its_date_alarms),
		TEST(test_table_child_and_parents_are_invited_first),
		TEST(test_table_invited_see_when),
		TEST(test_table_put_off_over_its_date_rings),
		TEST(test_table_comes_back_with_its_day),
		TEST(test_table_invited_at_and_past_limit),
		TEST(test_table_rights),
		TEST(test_table_goes_with_the_last_need),
		TEST(test_gap_alarms_until_bridged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
