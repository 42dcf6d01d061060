/* SPDX-License-Identifier: EUPL-1.2 */
/* What others may see of a request, and the snapshot behind the events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_people.h"
#include "tests/unit/intake_story.h"

static PB(Message) *query(struct rig *r, const char *party, PB(QueryRequest) *q)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = q;
	return rig_query(r, party, &m);
}

/* L10: the family is shown who helps, not who was asked; a partner its own part; others all. */
static void test_view_shows_each_what_is_theirs(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_help(&st, (struct help){ 2, 1, 0, "facility-b", H(ASKED), false, 0 }));
	assert_true(say_help(&st, (struct help){ 3, 1, 0, "facility-c", H(AGREED), false, 0 }));
	assert_true(say_team(&st, 1, &(struct seat){ 2, 0, "facility-b", 0, 0 }, 1));
	assert_int_equal(view(&st, "coordinator")->needs[0]->n_contributions, 3);
	assert_int_equal(view(&st, "duty-westhoek")->needs[0]->n_contributions, 3);
	assert_int_equal(view(&st, "family")->needs[0]->n_contributions, 2);
	PB(RequestItem) *it = view(&st, "facility-a");
	assert_int_equal(it->needs[0]->n_contributions, 1);
	assert_string_equal(it->needs[0]->contributions[0]->partner, "facility-a");
	assert_null(it->team);
	assert_null(view(&st, "facility-b"));
	assert_non_null(view(&st, "family")->team);
	assert_int_equal(view(&st, "family")->n_capsules, 0); /* each reads its own in its file */
	assert_int_equal(view(&st, "duty-westhoek")->n_capsules, 1);
	assert_int_equal(view(&st, "coordinator")->n_capsules, 0);
	assert_int_equal(view(&st, "clb")->n_capsules, 0); /* asked, holds no more */
}

/* L10: the one key of the family reads no more than each of them may: where one must not find the
 * child, no zone and no holder; never who they are to each other, a word or a story. What came over
 * it is its own words: nobody keeps those back (B10). */
static void test_view_of_the_family_guards_each_of_it(void **state)
{
	struct rig *r = *state;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(KeepBack) keep = PB_INIT(KEEP_BACK);
	struct ask a;

	ask_init(&a);
	a.adult[0].limit = SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_NONE_ALLOWED;
	struct story st = story_of(r, "family", &a);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	PB(RequestItem) *it = view(&st, "family");
	assert_true(it->n_capsules + it->n_holders + it->n_children + it->n_positions == 0);
	assert_string_equal(it->request->zone, "");
	assert_string_equal(it->contact_party, "");
	assert_int_equal(it->adults[0]->limit, 0);
	assert_int_equal(it->needs[0]->n_contributions, 0);
	assert_int_equal(view(&st, "duty-westhoek")->adults[0]->limit, a.adult[0].limit);
	keep.request_id = st.request;
	keep.person_id = a.capsule[0].person_id;
	keep.version = a.capsule[0].version;
	keep.ground = SCHAKEL__V1__KEPT_BACK__KEPT_BACK_OWN_GOOD;
	m.body_case = BODY(KEEP_BACK);
	m.keep_back = &keep;
	REFUSED(rig_command(r, "duty-westhoek", &m), CONTRADICTS, "version");
}

static void test_view_by_short_code(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	q.short_code = st.short_code;
	PB(Message) *answer = query(r, "clb", &q);
	assert_int_equal(answer->body_case, BODY(REQUEST_VIEW));
	assert_memory_equal(answer->request_view->requests[0]->request->request_id.data,
			    st.request.data, OBJECT_ID_LEN);
	q.short_code = "0000000000";
	REFUSED(query(r, "clb", &q)->receipt, UNKNOWN_OBJECT, "short_code");
	q.short_code = "short";
	REFUSED(query(r, "clb", &q)->receipt, UNKNOWN_OBJECT, "short_code");
}

static bool help_by(struct story *st, uint32_t number, PB(ContributionState) state,
		    const char *partner, PB(SupporterKind) kind)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(number);

	c.contribution_id = object_id_data(&id);
	c.version = (uint32_t)state;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = (char *)(uintptr_t)partner;
	c.pool = "pool";
	c.state = state;
	c.seen = true;
	c.modality = M(AMBULANT);
	c.supporter = kind;
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

/* Pages: own requests of a party, all of them for the coordinator, none over the family's channel.
 */
static void test_view_pages_are_bounded(void **state)
{
	struct rig *r = *state;
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	size_t seen = 0;
	struct story first = story_standard(r, 1);

	for (size_t i = 1; i < PAGE_MAX + 3; i++) {
		(void)story_standard(r, 1);
	}
	struct ask a;
	ask_init(&a);
	(void)story_of(r, "family", &a);
	q.limit = 1000;
	PB(RequestView) *v = query(r, "clb", &q)->request_view;
	assert_int_equal(v->n_requests, PAGE_MAX);
	for (seen = v->n_requests; v->next.len != 0; seen += v->n_requests) {
		q.after = v->next;
		v = query(r, "clb", &q)->request_view;
	}
	assert_int_equal(seen, PAGE_MAX + 3);
	q.after.len = 0;
	q.limit = 0;
	assert_int_equal(query(r, "family", &q)->request_view->n_requests, 0);
	assert_int_equal(query(r, "coordinator", &q)->request_view->n_requests, 10);
	ACCEPTED(withdraw(&first, "clb", R(WITHDRAWN)));
	q.open_only = true;
	v = query(r, "clb", &q)->request_view;
	assert_int_equal(v->n_requests, 10);
	assert_memory_not_equal(v->requests[0]->request->request_id.data, first.request.data,
				OBJECT_ID_LEN);
}

/* L10, D15: a page opens nothing that a question about the request itself would not: who held once,
 * helped as a volunteer, stood in or was told of a concern has nothing there any more; the others
 * still have theirs. */
static void test_view_page_shows_nothing_to_who_holds_no_more(void **state)
{
	static const PB(SupporterKind) kind[] = {
		SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL,
		SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_VOLUNTEER,
	};
	struct rig *r = *state;
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);

	for (uint32_t i = 0; i < SK_LEN(kind); i++) {
		struct story st = story_standard(r, 1);
		uint32_t number = 10 * i;
		assert_true(help_by(&st, number + 1, H(STARTED), "facility-c", kind[i]));
		assert_int_equal(query(r, "facility-c", &q)->request_view->n_requests, 1);
		assert_true(help_by(&st, number + 2, H(STARTED), "facility-a", kind[0]));
		assert_true(help_by(&st, number + 1, H(ENDED), "facility-c", kind[i]));
		PB(Message) *answer = query(r, "facility-c", &q);
		assert_int_equal(answer->body_case, BODY(REQUEST_VIEW));
		assert_int_equal(answer->request_view->n_requests, 0);
		assert_int_equal(answer->request_view->next.len, 0);
	}
	assert_int_equal(query(r, "facility-a", &q)->request_view->n_requests, SK_LEN(kind));
	assert_int_equal(query(r, "clb", &q)->request_view->n_requests, SK_LEN(kind));
	assert_int_equal(query(r, "coordinator", &q)->request_view->n_requests, SK_LEN(kind));
}

/* Sealed content comes in as many answers as it needs, each within one frame. */
static void test_view_capsules_come_in_pages(void **state)
{
	struct rig *r = *state;
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	struct ask a;
	size_t seen = 0;
	int pages = 0;

	ask_init(&a);
	a.m.n_capsules = CAPSULES_MAX - 1;
	for (size_t i = 0; i < a.m.n_capsules; i++) {
		a.capsule[i].capsule.len = CAPSULE_BYTES_MAX - 100;
	}
	struct story st = story_of(r, "clb", &a);
	q.request_id = st.request;
	do {
		PB(RequestView) *v = query(r, "clb", &q)->request_view;
		seen += v->requests[0]->n_capsules;
		q.after = v->next;
		pages++;
	} while (q.after.len != 0);
	assert_int_equal(seen, CAPSULES_MAX - 1);
	assert_int_equal(pages, 3);
	q.after = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" };
	REFUSED(query(r, "clb", &q)->receipt, MALFORMED, "after");
}

static int short_page(struct step *s, void *ctx)
{
	PB(Message) in = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	in.query_request = ctx;
	s->page_most = 2;
	(void)snprintf(s->from.id, sizeof(s->from.id), "duty-westhoek");
	s->from.roles = ROLE_BIT(COORDINATOR) | ROLE_BIT(FACILITY);
	int err = q_request(s, &in, &out);
	const PB(RequestView) *v = out.request_view;
	assert_true(v->next.len > 0);
	bool one = in.query_request->request_id.len > 0;
	assert_int_equal(one ? v->requests[0]->n_capsules : v->n_requests, 2);
	return err;
}

/* An answer that fitted no frame is asked for again with a shorter page. */
static void test_view_pages_are_as_short_as_they_must(void **state)
{
	struct rig *r = *state;
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	struct ask a;

	ask_init(&a);
	a.m.n_capsules = 3;
	struct story st = story_of(r, "clb", &a);
	(void)story_standard(r, 1);
	(void)story_standard(r, 1);
	assert_int_equal(rig_try(r, short_page, &q), SK_OK);
	q.request_id = st.request;
	assert_int_equal(rig_try(r, short_page, &q), SK_OK);
}

static PB(Message) *query_plan(struct story *st, const char *party)
{
	PB(QueryPlan) q = PB_INIT(QUERY_PLAN);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	m.body_case = BODY(QUERY_PLAN);
	m.query_plan = &q;
	return rig_query(st->r, party, &m);
}

static void test_view_plan(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 3, 0);
	for (uint32_t i = 0; i < 3; i++) {
		a.need[i].life_domain = i + 1;
	}
	struct story st = story_of(r, "clb", &a);
	PB(PlanView) *before = query_plan(&st, "clb")->plan_view; /* L3: the same, without a plan */
	assert_int_equal(before->plan_id.len, 0);
	assert_string_equal(before->contact_party, "duty-westhoek");
	assert_int_equal(before->n_holders, 3);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	assert_true(say_help(&st, (struct help){ 3, 1, 2, "facility-c", H(CAN), false, 0 }));
	REFUSED(query_plan(&st, "police")->receipt, NOT_YOURS, "request_id");
	PB(PlanView) *v = query_plan(&st, "family")->plan_view;
	assert_int_equal(v->n_contributions, 2);
	assert_int_equal(v->n_covered, 2);
	assert_int_equal(v->n_open, 1);
	assert_int_equal(v->open[0], 3);
	assert_string_equal(v->contact_party, "duty-westhoek");
	assert_int_equal(v->n_holders, 4);
	assert_int_equal(v->version, 1);
	assert_memory_equal(v->request_ids[0].data, st.request.data, OBJECT_ID_LEN);
}

static size_t snapshot(struct rig *r, uint32_t limit, char *ret_text, size_t cap)
{
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	PB(Message) m = PB_INIT(MESSAGE);
	size_t at = 0;
	size_t pages = 0;

	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.limit = limit;
	do {
		PB(SnapshotView) *v = rig_query(r, "coordinator", &m)->snapshot_view;
		assert_true(v->n_events < limit + HOLDERS_MAX);
		for (size_t i = 0; i < v->n_events; i++) {
			at += (size_t)snprintf(ret_text + at, cap - at, "%d:%s ",
					       (int)v->events[i]->kind, v->events[i]->party);
		}
		q.after = v->next;
		pages++;
		assert_true(pages < 100);
	} while (q.after.len != 0);
	return pages;
}

/* I21: in chunks of any size the same events, each once. */
static void test_snapshot_is_the_same_in_any_chunks(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct story dead = story_standard(r, 1);
	static char whole[8192];
	static char parts[8192];

	(void)story_crisis(r);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_true(say_started(&st, 2, 1, "facility-b"));
	ACCEPTED(close_need(&dead, "clb", 0, R(DECEASED), ""));
	assert_int_equal(snapshot(r, 100, whole, sizeof(whole)), 1);
	assert_int_equal(events(r, E(PLAN), 0), 1);
	for (uint32_t limit = 1; limit < 12; limit++) {
		(void)snapshot(r, limit, parts, sizeof(parts));
		assert_string_equal(parts, whole);
	}
	PB(QuerySnapshot) q = PB_INIT(QUERY_SNAPSHOT);
	PB(Message) m = PB_INIT(MESSAGE);
	m.body_case = BODY(QUERY_SNAPSHOT);
	m.query_snapshot = &q;
	q.after = (ProtobufCBinaryData){ 5, (uint8_t *)"abcde" };
	assert_int_equal(rig_query(r, "coordinator", &m)->receipt->outcome, OUTCOME(REFUSED));
	assert_string_equal(whole, "1:clb 4:duty-westhoek 5:duty-westhoek 2: 2: "
				   "3:net-westhoek 3:duty-westhoek 3:facility-a 3:facility-b 1:clb "
				   "1:contactpoint 4:duty-westhoek 2: 3:contactpoint "
				   "3:net-westhoek "
				   "3:duty-westhoek ");
}

/* B1, A11: help of the child runs and a successor is looked for: whose word the successor still
 * needs is shown. It was not, since the need itself was answered: nobody of the family was asked,
 * and each house that could was let go and asked again every two hours. */
static void test_view_word_for_a_successor_is_wanted(void **state)
{
	struct rig *r = *state;
	struct ask a;
	const struct seat first[] = { { .number = 1, .need = 0, .partner = "huis-a" } };
	const struct seat second[] = { { .number = 2, .need = 0, .partner = "huis-b" } };
	const struct word agrees = { 1, 0, SP(YOUTH), 0, V(AGREE), false };

	ask_init(&a);
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, first, 1));
	assert_non_null(view(&st, "clb")->child_grounds[0]->wanted);
	ACCEPTED(say_word(&st, "family", agrees));
	assert_null(view(&st, "clb")->child_grounds[0]->wanted);
	assert_true(say_started(&st, 1, 0, "huis-a"));
	assert_null(view(&st, "clb")->child_grounds[0]->wanted);
	assert_true(say_team(&st, 2, second, 1));
	const PB(ChildGround) *g = view(&st, "clb")->child_grounds[0];
	assert_int_equal(g->ground, 0);
	assert_non_null(g->wanted);
	assert_true(g->wanted->youth);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_view_shows_each_what_is_theirs),
		T(test_view_of_the_family_guards_each_of_it),
		T(test_view_by_short_code),
		T(test_view_pages_are_bounded),
		T(test_view_page_shows_nothing_to_who_holds_no_more),
		T(test_view_capsules_come_in_pages),
		T(test_view_pages_are_as_short_as_they_must),
		T(test_view_plan),
		T(test_view_word_for_a_successor_is_wanted),
		T(test_snapshot_is_the_same_in_any_chunks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
