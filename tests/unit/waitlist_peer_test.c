/* SPDX-License-Identifier: EUPL-1.2 */
/* Restore: what peers get to know again and what we take back; the state behind the events; and
 * every allocation of every handler that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/waitlist/core_entry.h"
#include "tests/unit/waitlist_facts.h"

#define DAY(n) ((n)*RIG_DAY_MS)
#define UNPACK(name, item) \
	schakel__v1__##name##__unpack(NULL, (item)->record.len, (item)->record.data)

static PB(ReconcileItem) *next_item(struct rig *r, const char *peer, const char *table)
{
	PB(Message) *m = rig_next_of(r, peer, BODY(RECONCILE_ITEM));

	assert_non_null(m);
	assert_string_equal(m->reconcile_item->table, table);
	assert_int_equal(m->reconcile_item->hash.len, 8);
	return m->reconcile_item;
}

static void open_some(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .urgency = U(URGENT),
						    NEEDS({ .number = 101 }, { .number = 102 }) }));
	assert_true(wl_closed(r, 1, 102, 2, R(MOVED)));
	assert_true(wl_opened(r, &(struct request){ .number = 2, NEEDS({ .number = 201 }) }));
	assert_true(wl_closed(r, 3, 301, 5, R(WITHDRAWN)));
	/* A first word from matching, so that its coming back is heard as such. */
	assert_true(wl_team(r, 1, 1, 101, S(NO_CAPACITY)));
}

/* Intake came back from an old copy: it hears of every request and every ending again. */
static void test_waitlist_inventory_for_intake_is_whole(void **state)
{
	struct rig *r = *state;

	open_some(r);
	rig_skip(r);
	rig_peer_restored(r, "intake");
	PB(ReconcileItem) *item = next_item(r, "intake", "NeedsOpened");
	PB(NeedsOpened) *opened = UNPACK(needs_opened, item);
	assert_int_equal(opened->n_needs, 2); /* what has ended was asked for, too */
	assert_int_equal(wl_number_of(&opened->needs[0]->need_id), 101);
	assert_int_equal(wl_number_of(&opened->needs[1]->need_id), 102);
	assert_int_equal(opened->needs[1]->state, N(CLOSED));
	assert_int_equal(opened->request->urgency, U(URGENT));
	schakel__v1__needs_opened__free_unpacked(opened, NULL);
	item = next_item(r, "intake", "NeedClosed");
	PB(NeedClosed) *closed = UNPACK(need_closed, item);
	assert_int_equal(wl_number_of(&closed->needs[0]->need_id), 102);
	assert_int_equal(closed->needs[0]->reason, R(MOVED));
	schakel__v1__need_closed__free_unpacked(closed, NULL);
	assert_int_equal(wl_number_of(&next_item(r, "intake", "NeedsOpened")->object_id), 2);
	assert_int_equal(wl_number_of(&next_item(r, "intake", "NeedClosed")->object_id), 3);
	for (uint32_t i = 0; i < 3; i++) { /* B17: why each waits, or that it does no more */
		(void)next_item(r, "intake", "WaitTold");
	}
	assert_int_equal(rig_next(r, "intake")->reconcile_done->items, 7);
}

/* Matching gets the demand in its order, more of it than one step sends. */
static void test_waitlist_inventory_for_matching_goes_on(void **state)
{
	struct rig *r = *state;
	uint64_t items = 0;
	PB(Message) *m;

	for (uint32_t i = 0; i < 100; i++) {
		assert_true(wl_opened(r, &(struct request){ .number = 1 + i,
							    NEEDS({ .number = 1001 + i }) }));
	}
	open_some(r); /* the same request 1 with more, and two others known: 4 items more in all */
	rig_skip(r);
	rig_peer_restored(r, "matching");
	while ((m = rig_next(r, "matching"))->body_case != BODY(RECONCILE_DONE)) {
		items += m->body_case == BODY(RECONCILE_ITEM);
	}
	assert_int_equal(items, m->reconcile_done->items);
	/* 100 Demands; DemandClosed of requests 1 and 3. */
	assert_int_equal(items, 102);
}

/* Matching may have been restored to before what it told of its help: it takes that back. */
static void test_waitlist_inventory_for_matching_has_its_help(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 3, H(STARTED), false, false }));
	rig_skip(r);
	rig_peer_restored(r, "matching");
	(void)next_item(r, "matching", "Demand");
	PB(ReconcileItem) *item = next_item(r, "matching", "ContributionChanged");
	PB(ContributionChanged) *c = UNPACK(contribution_changed, item);
	assert_int_equal(wl_number_of(&c->need_id), 101);
	assert_int_equal(c->state, H(STARTED));
	schakel__v1__contribution_changed__free_unpacked(c, NULL);
	assert_int_equal(rig_next(r, "matching")->reconcile_done->items, 2);
}

static void expect_item(struct rig *r, const char *peer, const char *table,
			const ProtobufCMessage *record, PB(Refusal) code)
{
	assert_false(wl_item_raw(r, peer, table, record));
	assert_int_equal(rig_fault(r, NULL), code);
}

/* An item that is none of ours, does not parse, or breaks a rule is set aside. */
static void test_waitlist_bad_items_are_set_aside(void **state)
{
	struct rig *r = *state;
	PB(Demand) demand = PB_INIT(DEMAND);
	PB(DemandNeed) need = PB_INIT(DEMAND_NEED);
	PB(DemandNeed) *needs[] = { &need };
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	static uint8_t junk[] = { 0xff, 0xff };

	rig_restored(r);
	expect_item(r, "intake", "Elsewhere", &demand.base, X(UNKNOWN_TYPE));
	expect_item(r, "matching", "Demand", &demand.base, X(MISSING));
	demand.needs = needs;
	demand.n_needs = 1;
	expect_item(r, "matching", "Demand", &demand.base, X(OUT_OF_RANGE));
	item.table = (char *)(uintptr_t) "Demand";
	item.record = (ProtobufCBinaryData){ sizeof(junk), junk };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	assert_false(rig_fact(r, "matching", &m));
	assert_int_equal(rig_fault(r, NULL), X(MALFORMED));
}

/* Items come in any order of peers: what matching tells before intake is kept and used. */
static void test_waitlist_items_before_the_need_are_kept(void **state)
{
	struct rig *r = *state;
	PB(TeamProposed) team = PB_INIT(TEAM_PROPOSED);
	PB(OpenSeat) seat = PB_INIT(OPEN_SEAT);
	PB(OpenSeat) *seats[] = { &seat };

	seat.need_id = wl_data_of(102);
	seat.shortfall = S(NO_EXPERTISE_IN_REACH);
	team.request_id = wl_data_of(1);
	team.proposal_version = 4;
	team.open = seats;
	team.n_open = 1;
	assert_true(wl_item_raw(r, "matching", "TeamProposed", &team.base));
	assert_true(wl_item_help(r, &(struct help){ 1, 101, 9, 3, H(STARTED), false, false }));
	assert_true(wl_item_help(r, &(struct help){ 1, 102, 8, 3, H(INTERRUPTED), false, false }));
	assert_true(wl_item_opened(
		r, &(struct request){ .number = 1, NEEDS({ .number = 101 }, { .number = 102 }) }));
	assert_true(wl_item_closed(r, 1, 103, 2, R(WITHDRAWN)));
	assert_true(wl_entry_of(r, 101)->served);
	assert_int_equal(wl_entry_of(r, 102)->shortfall, S(NO_EXPERTISE_IN_REACH));
	assert_true(wl_entry_of(r, 102)->gap_since_ms == rig_now(r));
	assert_int_equal(wl_record_of(r, 103)->state, WAIT(CLOSED));
	/* Helped on: an end is an end, a return is a return. */
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 4, H(ENDED), false, false }));
	assert_int_equal(wl_record_of(r, 101)->state, WAIT(AFTERCARE));
	assert_true(wl_help(r, &(struct help){ 1, 102, 8, 4, H(STARTED), false, false }));
	assert_int_equal(wl_record_of(r, 102)->state, WAIT(SERVED));
}

/* A peer's bytes in a field of bytes: a code that the schema does not have is found there too. */
static void test_waitlist_item_with_an_unknown_code_is_set_aside(void **state)
{
	struct rig *r = *state;
	PB(TeamProposed) team = PB_INIT(TEAM_PROPOSED);
	PB(OpenSeat) seat = PB_INIT(OPEN_SEAT);
	PB(OpenSeat) *seats[] = { &seat };

	seat.need_id = wl_data_of(102);
	seat.shortfall = (PB(Shortfall))77;
	team.request_id = wl_data_of(1);
	team.proposal_version = 4;
	team.open = seats;
	team.n_open = 1;
	expect_item(r, "matching", "TeamProposed", &team.base, X(MALFORMED));
	seat.shortfall = S(NO_EXPERTISE_IN_REACH);
	assert_true(wl_item_raw(r, "matching", "TeamProposed", &team.base));
}

/* The order that matching remembers is taken back when it is above ours, and told as it is. */
static void test_waitlist_later_order_is_taken_back(void **state)
{
	struct rig *r = *state;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	PB(Demand) *demand = wl_next_demand(r);
	rig_restored(r);
	PB(NeedOrder) *order = demand->needs[0]->order;
	uint32_t ours = order->order_version;
	order->order_version = ours - 1;
	order->wait_class = C(PRECAUTION);
	assert_true(wl_item_raw(r, "matching", "Demand", &demand->base));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(ACTIVE));
	order->order_version = ours + (uint32_t)DAY(1) / 1000 + 10; /* above what the clock gives */
	order->wait_class = C(URGENT);
	rig_advance(r, DAY(1));
	rig_skip(r);
	assert_true(wl_item_raw(r, "matching", "Demand", &demand->base));
	assert_int_equal(wl_entry_of(r, 101)->order->wait_class, C(URGENT));
	assert_int_equal(wl_next_demand(r)->needs[0]->order->order_version, order->order_version);
	rig_reconciled(r);
	rig_skip(r);
	/* What changes next is above it. */
	assert_true(wl_opened(
		r, &(struct request){ .number = 1, .version = 2, .urgency = U(PREVENTIVE) }));
	assert_int_equal(wl_next_demand(r)->needs[0]->order->order_version,
			 order->order_version + 1);
}

/* I21: the chunks of the snapshot hold each entry once, as its last event said it. */
static void test_waitlist_snapshot_states_every_entry(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	unsigned seen = 0;

	for (uint32_t i = 0; i < 7; i++) {
		assert_true(wl_opened(r, &(struct request){ .number = 1 + i,
							    NEEDS({ .number = 101 + i }) }));
	}
	assert_true(wl_closed(r, 3, 103, 2, R(DECEASED)));
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.limit = 3;
	do {
		PB(Message) *answer = rig_query(r, "dashboard", &m);
		assert_int_equal(answer->body_case, BODY(SNAPSHOT_VIEW));
		PB(SnapshotView) *v = answer->snapshot_view;
		for (size_t i = 0; i < v->n_events; i++) {
			uint32_t number = wl_number_of(&v->events[i]->object_id);
			assert_int_equal(number, 101 + seen++);
			assert_int_equal(v->events[i]->ended, number == 103);
			assert_int_equal(v->events[i]->version, number == 103 ? 2 : 1);
		}
		q.after = v->next;
	} while (q.after.len > 0);
	assert_int_equal(seen, 7);
}

/* --- every allocation fails once --- */

struct attempt {
	int (*fn)(struct step *s, const PB(Message) *in, PB(Message) *out);
	const PB(Message) *in;
	size_t room; /* bytes of the arena that are left */
};

static int run_short(struct step *s, void *ctx)
{
	const struct attempt *a = ctx;
	size_t cap = s->arena->cap_bytes;
	PB(Message) out = PB_INIT(MESSAGE);

	s->arena->cap_bytes = s->arena->used_bytes + a->room;
	(void)snprintf(s->from.id, sizeof(s->from.id), "coordinator");
	s->from.roles = ROLE_BIT(COORDINATOR);
	int err = a->fn(s, a->in, &out);
	err = s->txn->err != SK_OK ? s->txn->err : err; /* as the engine settles it */
	s->arena->cap_bytes = cap;
	return err;
}

/* Ever more room until it passes; before that only "out of memory", and nothing else happens. */
static void starve(struct rig *r, int (*fn)(struct step *, const PB(Message) *, PB(Message) *),
		   const PB(Message) *in)
{
	struct attempt a = { .fn = fn, .in = in };
	int err;

	while ((err = rig_try(r, run_short, &a)) != SK_OK) {
		assert_int_equal(err, SK_ENOMEM);
		a.room += 16;
		assert_true(a.room < ARENA_BYTES);
	}
	assert_true(a.room > 0);
}

#define AS_TRY(name)                                                                   \
	static int try_##name(struct step *s, const PB(Message) *in, PB(Message) *out) \
	{                                                                              \
		(void)out;                                                             \
		return waitlist_##name(s, in);                                         \
	}
AS_TRY(needs_opened)
AS_TRY(need_closed)
AS_TRY(team_proposed)
AS_TRY(contribution_changed)
AS_TRY(record_bridging)
AS_TRY(record_review)
AS_TRY(reconcile_item)

static int try_refused_review(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	(void)out;
	int err = waitlist_record_review(s, in);
	return err == SK_EREFUSED ? SK_OK : err;
}

static int try_inventory(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	struct key resume = { 0 };
	uint32_t items;

	(void)out;
	return waitlist_inventory(s, in == NULL ? "intake" : "matching", 32, &resume, &items);
}

static int try_snapshot(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	PB(SnapshotView) view = PB_INIT(SNAPSHOT_VIEW);
	struct key after = { 0 };

	(void)in;
	(void)out;
	return waitlist_snapshot(s, 10, &after, &view);
}

static int try_due(struct step *s, const PB(Message) *in, PB(Message) *out)
{
	struct object_id id = rig_id(101);
	struct entry e;

	(void)out;
	if (!wait_entry_load(s, &id, &e)) {
		return s->txn->err;
	}
	uint8_t kind = in == NULL ? WAIT_DUE_CLASS : WAIT_DUE_REVIEW;
	return waitlist_on_due(s, kind, &id, 0, e.was_due[kind]);
}

static void test_waitlist_fact_without_memory_fails_whole(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RequestFact) request = PB_INIT(REQUEST_FACT);
	PB(NeedFact) need[2] = { PB_INIT(NEED_FACT), PB_INIT(NEED_FACT) };
	PB(NeedFact) *needs[] = { &need[0], &need[1] };
	PB(NeedsOpened) opened = PB_INIT(NEEDS_OPENED);
	PB(NeedEnd) end = PB_INIT(NEED_END);
	PB(NeedEnd) *ends[] = { &end };
	PB(NeedClosed) closed = PB_INIT(NEED_CLOSED);

	open_some(r);
	assert_true(wl_item_help(r, &(struct help){ 1, 111, 9, 3, H(STARTED), false, false }));
	request.request_id = wl_data_of(1);
	request.request_version = 2;
	request.zone = (char *)(uintptr_t) "rits";
	request.urgency = U(STANDARD);
	for (uint32_t i = 0; i < 2; i++) {
		need[i].need_id = wl_data_of(111 + i);
		need[i].need_version = 2;
		need[i].expertise = 1;
		need[i].arrival_ms = 1;
		need[i].state = i == 0 ? N(OPEN) : N(WITHDRAWN);
	}
	opened.request = &request;
	opened.needs = needs;
	opened.n_needs = 2;
	m.body_case = BODY(NEEDS_OPENED);
	m.needs_opened = &opened;
	starve(r, try_needs_opened, &m);
	request.request_id = wl_data_of(7); /* and one that is not known yet */
	starve(r, try_needs_opened, &m);
	end.need_id = wl_data_of(101);
	end.need_version = 2;
	end.reason = R(MOVED);
	closed.request_id = wl_data_of(1);
	closed.needs = ends;
	closed.n_needs = 1;
	m.body_case = BODY(NEED_CLOSED);
	m.need_closed = &closed;
	starve(r, try_need_closed, &m);
	end.need_id = wl_data_of(155); /* not known here */
	starve(r, try_need_closed, &m);
}

static void test_waitlist_supply_without_memory_fails_whole(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(TeamProposed) team = PB_INIT(TEAM_PROPOSED);
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	uint8_t packed[4096];

	open_some(r);
	team.request_id = wl_data_of(1);
	team.proposal_version = 9;
	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &team;
	starve(r, try_team_proposed, &m);
	c.need_id = wl_data_of(101);
	c.contribution_id = wl_data_of(9);
	c.version = 1;
	c.state = H(STARTED);
	c.seen = true;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	starve(r, try_contribution_changed, &m);
	item.table = (char *)(uintptr_t) "Demand";
	PB(Demand) *demand = wl_next_demand(r);
	demand->needs[0]->order->order_version += 5;
	item.record = (ProtobufCBinaryData){ schakel__v1__demand__pack(demand, packed), packed };
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	/* What does not decode for want of memory is set aside, as what does not decode. */
	struct attempt a = { .fn = try_reconcile_item, .in = &m };
	int err;
	while ((err = rig_try(r, run_short, &a)) != SK_OK) {
		assert_true(err == SK_ENOMEM || err == SK_EREFUSED);
		a.room += 16;
		assert_true(a.room < ARENA_BYTES);
	}
}

static void test_waitlist_notes_and_clocks_without_memory_fail_whole(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(RecordBridging) b = PB_INIT(RECORD_BRIDGING);
	PB(RecordReview) v = PB_INIT(RECORD_REVIEW);

	open_some(r);
	assert_true(wl_opened(
		r, &(struct request){ .number = 1, .version = 2, .urgency = U(PREVENTIVE) }));
	b.need_id = wl_data_of(101);
	b.party = (char *)(uintptr_t) "clb";
	b.until_ms = rig_now(r) + 1;
	m.body_case = BODY(RECORD_BRIDGING);
	m.record_bridging = &b;
	starve(r, try_record_bridging, &m);
	v.need_id = b.need_id;
	m.body_case = BODY(RECORD_REVIEW);
	m.record_review = &v;
	starve(r, try_record_review, &m);
	v.need_id = wl_data_of(102);
	starve(r, try_refused_review, &m);
	starve(r, try_due, NULL);
	starve(r, try_due, &m);
	starve(r, try_inventory, NULL);
	starve(r, try_inventory, &m);
	starve(r, try_snapshot, NULL);
}

static void test_waitlist_queries_without_memory_fail_whole(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	PB(QueryExplain) x = PB_INIT(QUERY_EXPLAIN);

	open_some(r);
	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = &q;
	starve(r, waitlist_query_waiting, &m);
	q.limit = 1;
	starve(r, waitlist_query_waiting, &m); /* with a place to go on from */
	q.request_id = wl_data_of(1);
	starve(r, waitlist_query_waiting, &m);
	q.need_id = wl_data_of(101);
	starve(r, waitlist_query_waiting, &m);
	x.request_id = q.request_id;
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &x;
	starve(r, waitlist_query_explain, &m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_inventory_for_intake_is_whole),
		TEST(test_waitlist_inventory_for_matching_goes_on),
		TEST(test_waitlist_inventory_for_matching_has_its_help),
		TEST(test_waitlist_bad_items_are_set_aside),
		TEST(test_waitlist_items_before_the_need_are_kept),
		TEST(test_waitlist_item_with_an_unknown_code_is_set_aside),
		TEST(test_waitlist_later_order_is_taken_back),
		TEST(test_waitlist_snapshot_states_every_entry),
		TEST(test_waitlist_fact_without_memory_fails_whole),
		TEST(test_waitlist_supply_without_memory_fails_whole),
		TEST(test_waitlist_notes_and_clocks_without_memory_fail_whole),
		TEST(test_waitlist_queries_without_memory_fail_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
