/* SPDX-License-Identifier: EUPL-1.2 */
/* The list as people see it, page by page, and who may see what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/waitlist/core_entry.h"
#include "tests/unit/waitlist_facts.h"

static void open_one(struct rig *r, uint32_t request, uint32_t need, const struct request *as)
{
	struct request q = *as;
	const struct need n = { .number = need };

	q.number = request;
	q.needs = &n;
	q.needs_len = 1;
	assert_true(wl_opened(r, &q));
	rig_advance(r, 1);
}

static PB(Message) *ask(struct rig *r, const char *party, PB(QueryWaiting) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_WAITING);
	m.query_waiting = q;
	return rig_query(r, party, &m);
}

static PB(WaitingView) *page(struct rig *r, const char *party, PB(QueryWaiting) *q)
{
	PB(Message) *answer = ask(r, party, q);

	assert_int_equal(answer->body_case, BODY(WAITING_VIEW));
	return answer->waiting_view;
}

static void expect_refused(PB(Message) *answer, PB(Refusal) code, const char *field)
{
	assert_int_equal(answer->body_case, BODY(RECEIPT));
	assert_int_equal(answer->receipt->code, code);
	assert_string_equal(answer->receipt->field, field);
}

/* Reads a list to its end by pages of @p limit: every number once, in the order of the needs, with
 * its place. */
static unsigned read_all(struct rig *r, PB(QueryWaiting) *q, uint32_t limit, uint32_t first)
{
	unsigned seen = 0;

	q->limit = limit;
	do {
		PB(WaitingView) *v = page(r, "coordinator", q);
		for (size_t i = 0; i < v->n_entries; i++) {
			assert_int_equal(wl_number_of(&v->entries[i]->need->need_id), first + seen);
			seen++;
			assert_int_equal(v->entries[i]->position, seen);
		}
		q->after = v->next; /* lives as long as the rig */
	} while (q->after.len > 0);
	return seen;
}

/* Any page size gives the same list, in its lawful order. */
static void test_waitlist_pages_hold_every_entry_once(void **state)
{
	struct rig *r = *state;

	for (uint32_t i = 0; i < 25; i++) {
		open_one(r, 1 + i, 101 + i, &(struct request){ 0 });
	}
	open_one(r, 90, 901, &(struct request){ .zone = "rits", .urgency = U(PREVENTIVE) });
	for (uint32_t limit = 1; limit <= 26; limit++) {
		PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
		q.expertise = EXPERTISE;
		q.zone = (char *)(uintptr_t) "westhoek";
		assert_int_equal(read_all(r, &q, limit, 101), 25);
		PB(QueryWaiting) all = PB_INIT(QUERY_WAITING);
		all.wait_class = C(ACTIVE);
		assert_int_equal(read_all(r, &all, limit, 101), 25);
	}
}

/* In the whole list each entry says its place in its own list, also for who sees only its own. */
static void test_waitlist_whole_list_says_the_places(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	static const unsigned place[] = { 1, 2, 1, 2 };

	open_one(r, 1, 101, &(struct request){ .zone = "rits", .urgency = U(URGENT) });
	open_one(r, 2, 102, &(struct request){ .zone = "rits", .urgency = U(STANDARD) });
	open_one(r, 3, 103, &(struct request){ .urgency = U(STANDARD) });
	open_one(r, 4, 104, &(struct request){ .urgency = U(STANDARD) });
	for (uint32_t limit = 1; limit <= 4; limit++) {
		size_t seen = 0;
		q.limit = limit;
		q.after.len = 0;
		do {
			PB(WaitingView) *v = page(r, "clb", &q);
			for (size_t i = 0; i < v->n_entries; i++) {
				assert_int_equal(v->entries[i]->position, place[seen++]);
			}
			assert_int_equal(v->total, 0);
			q.after = v->next;
		} while (q.after.len > 0);
		assert_int_equal(seen, SK_LEN(place));
	}
}

/* Filters by class, zone, expertise; the total is of what was asked. */
static void test_waitlist_page_filters_and_counts(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	open_one(r, 1, 101, &(struct request){ .urgency = U(URGENT) });
	open_one(r, 2, 102, &(struct request){ .urgency = U(STANDARD) });
	open_one(r, 3, 103, &(struct request){ .urgency = U(STANDARD), .zone = "rits" });
	assert_int_equal(page(r, "contactpoint", &q)->total, 3);
	q.wait_class = C(ACTIVE);
	assert_int_equal(page(r, "contactpoint", &q)->total, 2);
	q.zone = (char *)(uintptr_t) "rits";
	PB(WaitingView) *v = page(r, "contactpoint", &q);
	assert_int_equal(v->total, 1);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(wl_number_of(&v->entries[0]->need->need_id), 103);
	assert_int_equal(strlen(v->entries[0]->short_code), SHORT_CODE_LEN);
	q.expertise = EXPERTISE; /* one class of one list: its numbers are those of the list */
	q.zone = (char *)(uintptr_t) "westhoek";
	v = page(r, "contactpoint", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(v->entries[0]->position, 2);
	q.expertise = 9;
	v = page(r, "contactpoint", &q);
	assert_int_equal(v->total, 0);
	assert_int_equal(v->n_entries, 0);
}

/* A page holds 100 entries, not 101, whatever is asked; and never more than a frame carries. */
static void test_waitlist_page_at_and_past_limit(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	for (uint32_t i = 0; i <= WAIT_PAGE_MAX; i++) {
		open_one(r, 1 + i, 1001 + i, &(struct request){ 0 });
	}
	q.limit = WAIT_PAGE_MAX;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, WAIT_PAGE_MAX);
	q.limit = WAIT_PAGE_MAX + 1;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, WAIT_PAGE_MAX);
	for (uint32_t i = 0; i < 60; i++) {
		open_one(r, 201 + i, 2001 + i,
			 &(struct request){ .excluded = WAIT_FACT_LIST_MAX, .urgency = U(URGENT) });
	}
	size_t entries = page(r, "coordinator", &q)->n_entries;
	assert_in_range(entries, 30, 59);
	q.wait_class = C(URGENT);
	assert_int_equal(read_all(r, &q, WAIT_PAGE_MAX, 2001), 60);
}

/* A requester sees its own, without the figures of the others; the scan for them is bounded. */
static void test_waitlist_requester_sees_own_entries(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	open_one(r, 1, 101, &(struct request){ .requester = "police" });
	open_one(r, 2, 102, &(struct request){ .requester = "clb" });
	PB(WaitingView) *v = page(r, "police", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(wl_number_of(&v->entries[0]->need->need_id), 101);
	assert_int_equal(v->total, 0);
	q.request_id = wl_data_of(2);
	expect_refused(ask(r, "police", &q), X(UNKNOWN_OBJECT), "request_id");
	assert_int_equal(page(r, "clb", &q)->n_entries, 1);
	assert_int_equal(page(r, "family", &q)->n_entries, 1);
	PB(QueryWaiting) n = PB_INIT(QUERY_WAITING);
	n.need_id = wl_data_of(101);
	assert_int_equal(page(r, "police", &n)->n_entries, 1);
	expect_refused(ask(r, "clb", &n), X(UNKNOWN_OBJECT), "need_id");
	n.need_id = wl_data_of(999);
	expect_refused(ask(r, "coordinator", &n), X(UNKNOWN_OBJECT), "need_id");
}

/* C1 (DOMAIN 3): what a child keeps to itself stands in the order, and in no answer to a family or
 * to who asked; a family is told no party and no zone, which would tell where the child is. */
static void test_waitlist_shielded_need_is_for_the_contact_person(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	struct request a = { .number = 1,
			     .requester = "police",
			     .contact = "clb",
			     NEEDS({ .number = 101 }, { .number = 102, .shielded = true }) };

	assert_true(wl_opened(r, &a));
	q.request_id = wl_data_of(1);
	assert_int_equal(page(r, "clb", &q)->n_entries, 2);
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 2);
	assert_int_equal(page(r, "police", &q)->n_entries, 1);
	PB(WaitingView) *v = page(r, "family", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(wl_number_of(&v->entries[0]->need->need_id), 101);
	assert_int_equal(v->entries[0]->n_holders, 0);
	assert_string_equal(v->entries[0]->request->zone, "");
	PB(QueryWaiting) n = PB_INIT(QUERY_WAITING);
	n.need_id = wl_data_of(102);
	expect_refused(ask(r, "family", &n), X(UNKNOWN_OBJECT), "need_id");
	assert_int_equal(page(r, "police", &(PB(QueryWaiting))PB_INIT(QUERY_WAITING))->n_entries,
			 1);
}

/* L10: the news of it say whose it is as long as it waits in the order, and not after that. */
static void test_waitlist_news_of_shielded_help_are_nobodys(void **state)
{
	struct rig *r = *state;
	struct request a = { .number = 1, NEEDS({ .number = 101, .shielded = true }) };
	size_t waits = 0;
	size_t served = 0;
	PB(Message) *m;

	assert_true(wl_opened(r, &a));
	assert_true(wl_help(
		r, &(struct help){ 1, 101, 9, 1,
				   SCHAKEL__V1__CONTRIBUTION_STATE__CONTRIBUTION_STATE_STARTED,
				   false, false }));
	while ((m = rig_next_of(r, EVENTS_LOG, BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		bool here = e->kind == SCHAKEL__V1__EVENT_KIND__EVENT_KIND_WAIT_ENTRY;
		bool named = e->request_id.len != 0;
		waits += here && e->contribution_state == 0 && named;
		served += here && e->contribution_state != 0 && !named;
		assert_false(here && e->contribution_state != 0 && named);
	}
	assert_true(waits >= 1);
	assert_int_equal(served, 1);
}

/* Contact person and stand-in by duty have to say why a family of their zone waits. */
static void test_waitlist_duty_sees_its_zone(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	open_one(r, 1, 101, &(struct request){ .requester = "police" });
	open_one(r, 2, 102, &(struct request){ .requester = "clb", .zone = "rits" });
	PB(WaitingView) *v = page(r, "standin-westhoek", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(wl_number_of(&v->entries[0]->need->need_id), 101);
	q.request_id = wl_data_of(2);
	assert_int_equal(page(r, "duty-rits", &q)->n_entries, 1);
	expect_refused(ask(r, "duty-westhoek", &q), X(UNKNOWN_OBJECT), "request_id");
}

/* Who has no part in it sees nothing; a family has no list. */
static void test_waitlist_list_is_kept_from_others(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	expect_refused(ask(r, "family", &q), X(MISSING), "request_id");
	expect_refused(ask(r, "dashboard", &q), X(UNAUTHORISED), "query_waiting");
	expect_refused(ask(r, "operator", &q), X(UNAUTHORISED), "query_waiting");
}

/* A house that is named contact person or stand-in sees its families' entries, and no others
 * (DOMAIN 2); what is asked beside the index is looked up. */
static void test_waitlist_contact_person_sees_its_families(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);
	uint64_t due = rig_now(r) + 5;

	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
	assert_true(wl_opened(r, &(struct request){ .number = 2,
						    .contact = "facility-b",
						    .answer_due_ms = due,
						    NEEDS({ .number = 201 }) }));
	assert_int_equal(page(r, "facility-a", &q)->n_entries, 0);
	PB(WaitingView) *v = page(r, "facility-b", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(v->total, 0);
	assert_int_equal(wl_number_of(&v->entries[0]->need->need_id), 201);
	assert_string_equal(v->entries[0]->holders[0]->party, "facility-b");
	assert_int_equal(v->entries[0]->n_holders, 3);
	q.over_term = true;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 0);
	rig_advance(r, 5);
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 1);
	q.misplaced = true;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 0);
	q.misplaced = false;
	q.stuck = true;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 0);
}

/* Every field of a question that makes no sense is named. */
static void test_waitlist_bad_questions_are_refused(void **state)
{
	struct rig *r = *state;
	static uint8_t junk[KEY_LEN_MAX + 1] = { 9, 9 };
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	q.need_id = (ProtobufCBinaryData){ 3, junk };
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "need_id");
	q = (PB(QueryWaiting))PB_INIT(QUERY_WAITING);
	q.request_id = (ProtobufCBinaryData){ 3, junk };
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "request_id");
	q.request_id = wl_data_of(1);
	expect_refused(ask(r, "coordinator", &q), X(UNKNOWN_OBJECT), "request_id");
	q.after = (ProtobufCBinaryData){ 3, junk };
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "after");
	q = (PB(QueryWaiting))PB_INIT(QUERY_WAITING);
	q.expertise = WAIT_EXPERTISE_MAX;
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 0);
	q.expertise = WAIT_EXPERTISE_MAX + 1;
	expect_refused(ask(r, "coordinator", &q), X(UNKNOWN_CODE), "expertise");
	q = (PB(QueryWaiting))PB_INIT(QUERY_WAITING);
	q.zone = (char *)(uintptr_t) "NO ZONE";
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "zone");
	q = (PB(QueryWaiting))PB_INIT(QUERY_WAITING);
	q.after = (ProtobufCBinaryData){ KEY_LEN_MAX, junk };
	assert_int_equal(page(r, "coordinator", &q)->n_entries, 0);
	q.after = (ProtobufCBinaryData){ KEY_LEN_MAX + 1, junk };
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "after");
	q.after.len = 2;
	q.wait_class = C(ACTIVE); /* a place of another list */
	expect_refused(ask(r, "coordinator", &q), X(MALFORMED), "after");
}

/* A request shows all of its entries, waiting or not, by pages; a closed one says how. */
static void test_waitlist_request_shows_all_entries(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 },
							  { .number = 103 }) }));
	assert_true(wl_help(r, &(struct help){ 1, 102, 9, 1, H(STARTED), false, false }));
	assert_true(wl_closed(r, 1, 103, 2, R(WITHDRAWN)));
	q.request_id = wl_data_of(1);
	q.limit = 2;
	PB(WaitingView) *v = page(r, "clb", &q);
	assert_int_equal(v->total, 3);
	assert_int_equal(v->n_entries, 2);
	assert_int_equal(v->entries[0]->position, 1);
	assert_true(v->entries[1]->served);
	assert_true(v->entries[1]->served_ms == rig_now(r));
	assert_int_equal(v->next.len, OBJECT_ID_LEN);
	q.after = v->next;
	v = page(r, "clb", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(v->entries[0]->need->state, N(WITHDRAWN));
	assert_int_equal(v->next.len, 0);
}

/* Why it stands where it stands, and what still lacks. */
static void test_waitlist_explain_tells_order_and_lack(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(QueryExplain) q = PB_INIT(QUERY_EXPLAIN);

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 }) }));
	assert_true(wl_team(r, 1, 1, 102, S(UNCONFIRMED_ONLY)));
	m.body_case = BODY(QUERY_EXPLAIN);
	m.query_explain = &q;
	expect_refused(rig_query(r, "clb", &m), X(MISSING), "request_id");
	q.request_id = wl_data_of(2);
	expect_refused(rig_query(r, "clb", &m), X(UNKNOWN_OBJECT), "request_id");
	q.request_id = wl_data_of(1);
	expect_refused(rig_query(r, "police", &m), X(UNKNOWN_OBJECT), "request_id");
	PB(Message) *answer = rig_query(r, "clb", &m);
	assert_int_equal(answer->body_case, BODY(EXPLAIN_VIEW));
	PB(ExplainView) *v = answer->explain_view;
	assert_int_equal(v->n_orders, 2);
	assert_int_equal(v->n_need_ids, 2);
	assert_int_equal(v->n_lines, 4);
	assert_int_equal(v->lines[0]->kind, SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_ORDER);
	assert_int_equal(v->lines[0]->number, 1);
	assert_true(v->lines[0]->at_ms == RIG_START_MS);
	assert_true(v->lines[0]->arrival_ms == RIG_START_MS && v->lines[0]->days == 0);
	assert_int_equal(v->lines[2]->kind, SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_STILL_LACKS);
	assert_int_equal(v->lines[2]->shortfall, S(UNCONFIRMED_ONLY));
	assert_int_equal(v->lines[3]->kind, SCHAKEL__V1__EXPLAIN_KIND__EXPLAIN_KIND_BRIDGED);
}

/* One row past the bound of a scan: the page ends there, and the next goes on from it. */
static void test_waitlist_scan_at_and_past_limit(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	for (uint32_t i = 0; i < WAIT_SCAN_MAX / 64; i++) {
		struct need needs[64];
		for (uint32_t n = 0; n < 64; n++) {
			needs[n] = (struct need){ .number = 10000 + 64 * i + n };
		}
		assert_true(wl_opened(
			r, &(struct request){ .number = 1 + i, .needs = needs, .needs_len = 64 }));
	}
	rig_advance(r, 1);
	q.zone = (char *)(uintptr_t) "rits";
	PB(WaitingView) *v = page(r, "coordinator", &q);
	assert_int_equal(v->n_entries, 0);
	assert_int_equal(v->next.len, 0); /* 4,096 rows were looked at, and that was all */
	open_one(r, 900, 901, &(struct request){ .zone = "rits" });
	v = page(r, "coordinator", &q);
	assert_int_equal(v->n_entries, 0);
	assert_true(v->next.len > 0);
	q.after = v->next;
	v = page(r, "coordinator", &q);
	assert_int_equal(v->n_entries, 1);
	assert_int_equal(v->next.len, 0);
	/* A requester's scan lets go of what it may not show. */
	PB(QueryWaiting) own = PB_INIT(QUERY_WAITING);
	assert_int_equal(page(r, "police", &own)->n_entries, 0);
}

static int short_page(struct step *s, void *ctx)
{
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	in.query_waiting = ctx;
	s->page_most = 2;
	s->from.roles = ROLE_BIT(COORDINATOR);
	int err = waitlist_query_waiting(s, &in, &out);
	assert_int_equal(out.waiting_view->n_entries, 2);
	assert_true(out.waiting_view->next.len > 0);
	return err;
}

/* An answer that fitted no frame is asked for again with a shorter page. */
static void test_waitlist_page_is_as_short_as_it_must(void **state)
{
	struct rig *r = *state;
	PB(QueryWaiting) q = PB_INIT(QUERY_WAITING);

	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    NEEDS({ .number = 101 }, { .number = 102 },
							  { .number = 103 }) }));
	assert_int_equal(rig_try(r, short_page, &q), SK_OK);
	q.request_id = wl_data_of(1);
	assert_int_equal(rig_try(r, short_page, &q), SK_OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_waitlist_pages_hold_every_entry_once),
		TEST(test_waitlist_whole_list_says_the_places),
		TEST(test_waitlist_page_filters_and_counts),
		TEST(test_waitlist_page_at_and_past_limit),
		TEST(test_waitlist_requester_sees_own_entries),
		TEST(test_waitlist_shielded_need_is_for_the_contact_person),
		TEST(test_waitlist_news_of_shielded_help_are_nobodys),
		TEST(test_waitlist_duty_sees_its_zone),
		TEST(test_waitlist_list_is_kept_from_others),
		TEST(test_waitlist_contact_person_sees_its_families),
		TEST(test_waitlist_bad_questions_are_refused),
		TEST(test_waitlist_request_shows_all_entries),
		TEST(test_waitlist_explain_tells_order_and_lack),
		TEST(test_waitlist_scan_at_and_past_limit),
		TEST(test_waitlist_page_is_as_short_as_it_must),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
