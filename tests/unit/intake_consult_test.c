/* SPDX-License-Identifier: EUPL-1.2 */
/* D1, D5: advice in six states, anonymous or not, and a search that goes on from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"

/* D5: all states times all events; what is not listed does not exist. */
static void test_consult_next_all_pairs_are_as_listed(void **state)
{
	/* Rows: RESPONSE_REQUIRED to CONVERTED; columns: ASK_BACK INFORM ANSWER ENOUGH NOT_ENOUGH
	 * CANCEL CONVERT. */
	static const PB(ConsultState) want[6][CONSULT_EV_COUNT] = {
		{ Q(INFORMATION_REQUESTED), 0, Q(RESPONSE_GIVEN), Q(CLOSED), Q(RESPONSE_REQUIRED),
		  Q(CANCELLED), Q(CONVERTED) },
		{ 0, Q(RESPONSE_REQUIRED), Q(RESPONSE_GIVEN), Q(CLOSED), Q(RESPONSE_REQUIRED),
		  Q(CANCELLED), Q(CONVERTED) },
		{ 0, 0, Q(RESPONSE_GIVEN), Q(CLOSED), Q(RESPONSE_REQUIRED), Q(CANCELLED),
		  Q(CONVERTED) },
		{ 0, 0, 0, 0, 0, 0, Q(CONVERTED) },
		{ 0 },
		{ 0 },
	};

	(void)state;
	for (int from = 0; from <= Q(CONVERTED) + 1; from++) {
		for (int on = 0; on < CONSULT_EV_COUNT; on++) {
			PB(ConsultState) to = 0;
			int err = consult_next((PB(ConsultState))from, (enum consult_event)on, &to);
			bool in = from >= 1 && from <= 6;
			PB(ConsultState) right = in ? want[from - 1][on] : 0;
			assert_int_equal(err, right != 0 ? SK_OK : SK_ESTATE);
			assert_int_equal(to, right);
		}
	}
}

static void consult_init(struct ask *a, bool anonymous)
{
	ask_init(a);
	a->m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	a->m.n_needs = 0;
	a->m.n_children = 0;
	a->m.n_adults = 0;
	a->m.callback_sealed = !anonymous;
}

static struct story consult_story(struct rig *r, const char *party, bool anonymous)
{
	struct ask a;

	consult_init(&a, anonymous);
	return story_of(r, party, &a);
}

static PB(Receipt) *move(struct story *st, const char *party, PB(ConsultState) to)
{
	PB(MoveConsult) m = PB_INIT(MOVE_CONSULT);

	m.short_code = st->short_code;
	m.to = to;
	return plan_send(st->r, party, BODY(MOVE_CONSULT), &m);
}

static PB(Message) *look(struct rig *r, const char *party, const char *code)
{
	PB(QueryConsult) q = PB_INIT(QUERY_CONSULT);

	q.short_code = (char *)(uintptr_t)code;
	return plan_ask(r, party, BODY(QUERY_CONSULT), &q);
}

static PB(ConsultState) state_by_code(struct story *st)
{
	PB(Message) *m = look(st->r, "contactpoint", st->short_code);

	assert_int_equal(m->body_case, BODY(CONSULT_VIEW));
	return m->consult_view->state;
}

/* D5: who answers asks back, who asked tells, the family says whether it was enough; and advice
 * alone, however often, answers nothing (L6). */
static void test_consult_goes_through_its_states(void **state)
{
	struct story st = consult_story(*state, "clb", false);

	ACCEPTED(move(&st, "contactpoint", Q(INFORMATION_REQUESTED)));
	ACCEPTED(move(&st, "clb", Q(RESPONSE_REQUIRED)));
	ACCEPTED(move(&st, "duty-westhoek", Q(RESPONSE_GIVEN)));
	assert_true(view(&st, "clb")->answered_ms == 0);
	ACCEPTED(confirm(&st, "clb", false));
	assert_int_equal(state_by_code(&st), Q(RESPONSE_REQUIRED));
	ACCEPTED(move(&st, "net-westhoek", Q(RESPONSE_GIVEN)));
	ACCEPTED(confirm(&st, "family", true));
	assert_int_equal(state_by_code(&st), Q(CLOSED));
	assert_true(view(&st, "clb")->answered_ms != 0);
	REFUSED(move(&st, "contactpoint", Q(RESPONSE_GIVEN)), STATE, "to");
}

/* D5: a side that is not one's own, and what others say. */
static void test_consult_move_of_the_wrong_side_is_refused(void **state)
{
	struct story st = consult_story(*state, "clb", false);
	PB(MoveConsult) m = PB_INIT(MOVE_CONSULT);

	REFUSED(move(&st, "police", Q(RESPONSE_GIVEN)), NOT_YOURS, "to");
	REFUSED(move(&st, "contactpoint", Q(CANCELLED)), NOT_YOURS, "to");
	REFUSED(move(&st, "clb", Q(INFORMATION_REQUESTED)), NOT_YOURS, "to");
	REFUSED(move(&st, "clb", Q(CLOSED)), CONTRADICTS, "to");
	REFUSED(move(&st, "clb", Q(CONVERTED)), CONTRADICTS, "to");
	REFUSED(move(&st, "clb", Q(UNSPECIFIED)), MISSING, "to");
	REFUSED(move(&st, "clb", Q(RESPONSE_REQUIRED)), STATE, "to");
	m.short_code = "0000000000";
	m.to = Q(RESPONSE_GIVEN);
	REFUSED(plan_send(*state, "contactpoint", BODY(MOVE_CONSULT), &m), UNKNOWN_OBJECT,
		"short_code");
	struct story search = story_standard(*state, 1);
	REFUSED(move(&search, "contactpoint", Q(RESPONSE_GIVEN)), STATE, "to");
}

/* D1, D5: nobody can be called back, so there is no clock, no contact person, no list that shows it
 * and no event that tells its number: only who was given the number finds it. */
static void test_consult_anonymous_is_found_by_its_number_only(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "contactpoint", true);
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Event) *e = event_last(r, E(CONSULT), 0);

	assert_string_equal(e->short_code, "");
	q.limit = PAGE_MAX;
	PB(Message) *page = plan_ask(r, "contactpoint", BODY(QUERY_REQUEST), &q);
	assert_int_equal(page->request_view->n_requests, 0);
	page = plan_ask(r, "coordinator", BODY(QUERY_REQUEST), &q);
	assert_int_equal(page->request_view->n_requests, 0);
	PB(Message) *m = look(r, "clb", st.short_code);
	assert_int_equal(m->body_case, BODY(CONSULT_VIEW));
	assert_int_equal(m->consult_view->n_capsules, 1);
	assert_int_equal(look(r, "facility-a", st.short_code)->body_case, BODY(RECEIPT));
	rig_advance(r, 40 * RIG_DAY_MS);
	assert_int_equal(events(r, E(TERM), 0), 0);
	assert_int_equal(events(r, E(ALARM), 0), 0);
	assert_int_equal(rig_due(r, 1), 0);
}

/* Of a family that gave its name the number alone opens nothing. */
static void test_consult_named_is_not_opened_by_its_number(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "clb", false);

	assert_int_equal(look(r, "police", st.short_code)->body_case, BODY(RECEIPT));
	assert_int_equal(look(r, "clb", st.short_code)->body_case, BODY(CONSULT_VIEW));
	struct story search = story_standard(r, 1);
	assert_int_equal(look(r, "clb", search.short_code)->body_case, BODY(RECEIPT));
}

static PB(Receipt) *convert(struct rig *r, const char *party, const char *code, struct ask *a)
{
	ask_init(a);
	capsule_init(&a->capsule[0], 77, 1);
	a->m.consult_code = (char *)(uintptr_t)code;
	return ask_send(r, party, a);
}

/* D1, A13: the caller who would not give a name: three calls are three consults; the third gives
 * the number of the first and a name: one conversion, its clock begins then, the story is there as
 * it was sealed, and until then nothing linked the calls to a child. */
static void test_consult_of_a_caller_becomes_a_search_with_its_story(void **state)
{
	struct rig *r = *state;
	struct story first = consult_story(r, "contactpoint", true);
	struct ask a;

	rig_advance(r, RIG_DAY_MS);
	struct story second = consult_story(r, "contactpoint", true);
	rig_advance(r, RIG_DAY_MS);
	(void)consult_story(r, "contactpoint", true);
	PB(RequestItem) *it = view(&second, "contactpoint");
	assert_int_equal(it->n_children, 0);
	assert_string_equal(it->from_consult, "");
	assert_string_equal(it->contact_party, "");
	uint64_t now = rig_now(r);
	PB(Receipt) *receipt = convert(r, "clb", first.short_code, &a);
	ACCEPTED(receipt);
	struct story search = { .r = r, .request = receipt->object_id };
	it = view(&search, "clb");
	assert_string_equal(it->from_consult, first.short_code);
	assert_int_equal(it->n_capsules, 2); /* the consult's own, and the way to call back */
	assert_true(it->answer_due_ms > now + 27 * RIG_DAY_MS);
	assert_true(it->contact_party[0] != '\0');
	assert_int_equal(it->retellings, 0);
	assert_int_equal(state_by_code(&first), Q(CONVERTED));
	assert_int_equal(state_by_code(&second), Q(RESPONSE_REQUIRED));
	assert_string_equal(look(r, "clb", first.short_code)->consult_view->converted_to,
			    receipt->short_code);
	REFUSED(convert(r, "clb", first.short_code, &a), STATE, "consult_code");
}

/* L6: asking for advice first does not gain days: the month of a family that gave its name goes on,
 * with its contact person, and nothing is told again. */
static void test_consult_named_keeps_its_term_when_it_becomes_a_search(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "clb", false);
	uint64_t due = view(&st, "clb")->answer_due_ms;
	struct ask a;

	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	rig_advance(r, 20 * RIG_DAY_MS);
	ask_init(&a);
	a.m.n_capsules = 0;
	a.m.callback_sealed = false;
	a.m.consult_code = st.short_code;
	PB(Receipt) *receipt = ask_send(r, "clb", &a);
	ACCEPTED(receipt);
	struct story search = { .r = r, .request = receipt->object_id };
	PB(RequestItem) *it = view(&search, "clb");
	assert_true(it->answer_due_ms == due);
	assert_true(it->answered_ms == 0);
	assert_string_equal(it->contact_party, "facility-a");
	assert_int_equal(it->n_capsules, 1);
	rig_skip(r);
	go_to(r, "2026-04-04 00:01");
	PB(Event) *e = event_last(r, E(TERM), A(TERM_BREACHED));
	assert_non_null(e); /* once, of the search */
	assert_memory_equal(e->request_id.data, search.request.data, OBJECT_ID_LEN);
}

/* D5: what can not go on. */
static void test_consult_conversion_of_what_is_none_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "clb", true);
	struct story search = story_standard(r, 1);
	struct ask a;

	REFUSED(convert(r, "clb", "0000000000", &a), UNKNOWN_OBJECT, "consult_code");
	REFUSED(convert(r, "clb", search.short_code, &a), UNKNOWN_OBJECT, "consult_code");
	consult_init(&a, true);
	a.m.consult_code = st.short_code;
	REFUSED(ask_send(r, "clb", &a), CONTRADICTS, "consult_code");
	ask_init(&a); /* the same capsule as in the consult, and not newer */
	a.m.consult_code = st.short_code;
	REFUSED(ask_send(r, "clb", &a), OUT_OF_RANGE, "capsules[0].version");
	ask_init(&a); /* an anonymous caller must now be reached */
	a.m.consult_code = st.short_code;
	a.m.callback_sealed = false;
	capsule_init(&a.capsule[0], 77, 1);
	REFUSED(ask_send(r, "clb", &a), MISSING, "callback_sealed");
	ACCEPTED(move(&st, "clb", Q(CANCELLED)));
	REFUSED(convert(r, "clb", st.short_code, &a), STATE, "consult_code");
}

/* L10, L6: the consult of a family that gave its name goes on with who may see it: to anybody else
 * that saw its number it is not there, or its story and its clock would move to a stranger. */
static void test_consult_named_does_not_go_on_with_a_stranger(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "clb", false);
	struct ask a;

	REFUSED(convert(r, "facility-c", st.short_code, &a), UNKNOWN_OBJECT, "consult_code");
	assert_int_equal(view(&st, "clb")->consult, Q(RESPONSE_REQUIRED));
	ACCEPTED(convert(r, "contactpoint", st.short_code, &a));
}

/* L12: so much is kept of a consult that a search can always take it over. */
static void test_consult_capsules_end_at_their_bound(void **state)
{
	struct rig *r = *state;
	struct story st = consult_story(r, "clb", true);
	PB(Capsule) c[CAPSULES_MAX];
	PB(Capsule) *at[CAPSULES_MAX];
	PB(MoveConsult) m = PB_INIT(MOVE_CONSULT);
	uint32_t person = 100;

	m.short_code = st.short_code;
	m.to = Q(RESPONSE_GIVEN);
	m.capsules = at;
	m.n_capsules = 1;
	for (size_t kept = 1; kept <= STORIES_KEPT_MAX - CAPSULES_MAX; kept++) {
		capsule_init(&c[0], person++, 1);
		at[0] = &c[0];
		PB(Receipt) *got = plan_send(r, "contactpoint", BODY(MOVE_CONSULT), &m);
		if (kept == STORIES_KEPT_MAX - CAPSULES_MAX) {
			REFUSED(got, TOO_MANY, "capsules");
		} else {
			ACCEPTED(got);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_consult_next_all_pairs_are_as_listed),
#define T(fn) cmocka_unit_test_setup_teardown(fn, intake_setup, intake_teardown)
		T(test_consult_goes_through_its_states),
		T(test_consult_move_of_the_wrong_side_is_refused),
		T(test_consult_anonymous_is_found_by_its_number_only),
		T(test_consult_named_is_not_opened_by_its_number),
		T(test_consult_of_a_caller_becomes_a_search_with_its_story),
		T(test_consult_named_keeps_its_term_when_it_becomes_a_search),
		T(test_consult_named_does_not_go_on_with_a_stranger),
		T(test_consult_conversion_of_what_is_none_is_refused),
		T(test_consult_capsules_end_at_their_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
