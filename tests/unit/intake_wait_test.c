/* SPDX-License-Identifier: EUPL-1.2 */
/* What the list says of a need, as the people around the child see it (B17, L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_story.h"

#define LACKS(NAME) SCHAKEL__V1__SHORTFALL__SHORTFALL_##NAME

static PB(PersonNeed) *need_seen(struct story *st, PB(Speaker) speaker)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	q.speaker = speaker;
	q.adult = speaker == SP(ADULT) ? 1 : 0;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *answer = rig_query(st->r, "family", &m);
	assert_int_equal(answer->body_case, BODY(REQUEST_VIEW));
	assert_int_equal(answer->request_view->person->n_needs, 1);
	return answer->request_view->person->needs[0];
}

static PB(WaitTold) told(struct story *st, uint32_t version, PB(Shortfall) lacks, bool waits)
{
	PB(WaitTold) t = PB_INIT(WAIT_TOLD);

	t.request_id = st->request;
	t.need_id = st->need[0];
	t.version = version;
	t.shortfall = lacks;
	t.waits = waits;
	t.since_ms = rig_now(st->r) - RIG_DAY_MS;
	t.review_ms = rig_now(st->r) + 9 * RIG_DAY_MS;
	return t;
}

static bool list_says(struct story *st, uint32_t version, PB(Shortfall) lacks, bool waits)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(WaitTold) t = told(st, version, lacks, waits);

	m.body_case = BODY(WAIT_TOLD);
	m.wait_told = &t;
	return rig_fact(st->r, "waitlist", &m);
}

/* B17: whoever looks is told since when it waits, for want of what, and who looks again when. That
 * the child did not choose something is told to the child alone; an older word changes nothing;
 * what is helped waits no more. */
static void test_wait_person_is_told_why(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_int_equal(need_seen(&st, SP(YOUTH))->waits_since_ms, 0);
	assert_true(list_says(&st, 5, LACKS(NO_CAPACITY), true));
	assert_true(list_says(&st, 4, LACKS(TEAM_LIMIT), true));
	PB(PersonNeed) *n = need_seen(&st, SP(YOUTH));
	assert_int_equal(n->waits_for, LACKS(NO_CAPACITY));
	assert_true(n->waits_since_ms == rig_now(r) - RIG_DAY_MS);
	assert_true(n->review_ms == rig_now(r) + 9 * RIG_DAY_MS);
	assert_int_equal(view(&st, "clb")->n_waits, 1);
	assert_int_equal(view(&st, "clb")->waits[0]->shortfall, LACKS(NO_CAPACITY));
	assert_true(list_says(&st, 6, LACKS(YOUTH_DECLINED), true));
	assert_int_equal(need_seen(&st, SP(YOUTH))->waits_for, LACKS(YOUTH_DECLINED));
	assert_int_equal(need_seen(&st, SP(ADULT))->waits_for, 0);
	assert_true(need_seen(&st, SP(ADULT))->review_ms > 0);
	assert_true(list_says(&st, 7, 0, false));
	assert_int_equal(need_seen(&st, SP(YOUTH))->waits_since_ms, 0);
	assert_int_equal(view(&st, "clb")->n_waits, 0);
}

/* B17, L10: who named houses that may not be asked is told that they are not: the child, and
 * who acts for it; not the parent of a child that judges for itself. */
static void test_wait_person_is_told_of_its_own_exclusions(void **state)
{
	struct rig *r = *state;
	char *none[] = { "facility-a" };
	struct ask a;

	ask_init(&a);
	struct story plain = story_of(r, "clb", &a);
	assert_true(list_says(&plain, 1, LACKS(NO_CAPACITY), true));
	assert_false(need_seen(&plain, SP(YOUTH))->excludes);
	ask_init(&a);
	a.m.excluded_partners = none;
	a.m.n_excluded_partners = 1;
	struct story st = story_of(r, "clb", &a);
	assert_true(list_says(&st, 1, LACKS(NO_CAPACITY), true));
	assert_true(need_seen(&st, SP(YOUTH))->excludes);
	assert_false(need_seen(&st, SP(ADULT))->excludes);
	ask_init(&a);
	a.child[0].age_years = 9;
	a.m.excluded_partners = none;
	a.m.n_excluded_partners = 1;
	struct story young = story_of(r, "clb", &a);
	assert_true(list_says(&young, 1, LACKS(NO_CAPACITY), true));
	assert_true(need_seen(&young, SP(ADULT))->excludes);
}

/* B17: a need that the family closed is not said to wait, though the list has not heard of it. */
static void test_wait_is_over_with_the_need(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(list_says(&st, 1, LACKS(NO_CAPACITY), true));
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	assert_int_equal(view(&st, "clb")->n_waits, 0);
}

/* What the list says of a request that is not known here, or says wrongly. */
static void test_wait_bad_words_are_set_aside(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct object_id other = rig_id(77);
	struct story gone = st;

	gone.request = object_id_data(&other);
	assert_true(list_says(&gone, 1, 0, true));
	assert_int_equal(rig_rows(r, TABLE_WAIT_TOLD), 0);
	assert_false(list_says(&st, 1, LACKS(RULE_BLOCKS) + 1, true));
	gone = st;
	gone.need[0].len = 3;
	assert_false(list_says(&gone, 1, 0, true));
	assert_true(list_says(&st, 1, LACKS(RULE_BLOCKS), true));
	assert_int_equal(rig_rows(r, TABLE_WAIT_TOLD), 1);
}

/* Intake was restored: the list's inventory brings back what it had said. The list was restored: it
 * hears what it had said. */
static void test_wait_goes_both_ways_after_a_restore(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(WaitTold) t = told(&st, 9, LACKS(NO_CAPACITY), true);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t packed[200];
	bool found = false;

	assert_true(list_says(&st, 1, LACKS(TEAM_LIMIT), true));
	rig_skip(r);
	rig_peer_restored(r, "waitlist");
	for (PB(Message) *i = rig_next(r, "waitlist"); i != NULL; i = rig_next(r, "waitlist")) {
		found = found || (i->body_case == BODY(RECONCILE_ITEM) &&
				  strcmp(i->reconcile_item->table, "WaitTold") == 0);
	}
	assert_true(found);
	rig_restored(r);
	item.table = (char *)(uintptr_t) "WaitTold";
	item.record = (ProtobufCBinaryData){ schakel__v1__wait_told__pack(&t, packed), packed };
	item.object_id = st.need[0];
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	assert_true(rig_fact(r, "waitlist", &m));
	rig_reconciled(r);
	assert_int_equal(view(&st, "clb")->waits[0]->shortfall, LACKS(NO_CAPACITY));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_wait_person_is_told_why),
		T(test_wait_person_is_told_of_its_own_exclusions),
		T(test_wait_is_over_with_the_need),
		T(test_wait_bad_words_are_set_aside),
		T(test_wait_goes_both_ways_after_a_restore),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
