/* SPDX-License-Identifier: EUPL-1.2 */
/* intake, restored from an old copy: whose word counts, as the list was told of it (L5, DESIGN 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"

/** What the list was told at the push. */
struct told_then {
	uint8_t bytes[2048];
	size_t len;
};

static struct story story_aged(struct rig *r, uint32_t years, struct told_then *ret_then)
{
	static const struct seat seat = { 1, 0, "facility-a", 0, 0 };
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = years;
	struct story st = story_of(r, "clb", &a);
	const PB(NeedsOpened) *o = opened(r);
	assert_non_null(o);
	assert_true(schakel__v1__needs_opened__get_packed_size(o) <= sizeof(ret_then->bytes));
	ret_then->len = schakel__v1__needs_opened__pack(o, ret_then->bytes);
	assert_true(say_team(&st, 1, &seat, 1));
	rig_skip(r);
	return st;
}

/** The list tells it anew: as it was, but for what is said of the child since. */
static void recalls(struct rig *r, const struct told_then *then, bool judged, bool parents_decide)
{
	PB(NeedsOpened) *o = schakel__v1__needs_opened__unpack(NULL, then->len, then->bytes);
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t packed[sizeof(then->bytes) + 64];

	assert_non_null(o);
	o->request->request_version += 5;
	o->request->children[0]->judged = judged;
	o->request->children[0]->parents_decide = parents_decide;
	item.table = "NeedsOpened";
	item.record.len = schakel__v1__needs_opened__pack(o, packed);
	item.record.data = packed;
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	assert_true(rig_fact(r, "waitlist", &m));
	schakel__v1__needs_opened__free_unpacked(o, NULL);
}

static PB(Receipt) *says(struct story *st, PB(Speaker) who)
{
	return say_word(st, "family",
			(struct word){ 1, 0, who, who == SP(ADULT) ? 1 : 0, V(AGREE), true });
}

static bool capable(struct story *st)
{
	return view(st, "clb")->child_grounds[0]->capable;
}

/* L5 (a): a child of 11 was found capable since the copy was made: the parents' yes in it is no
 * whole one any more, and is taken back until the child says yes. */
static void test_recall_of_a_child_found_capable_takes_back_a_yes(void **state)
{
	struct rig *r = *state;
	struct told_then then;
	struct story st = story_aged(r, 11, &then);

	ACCEPTED(says(&st, SP(ADULT)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	recalls(r, &then, true, false);
	assert_true(capable(&st));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	ACCEPTED(says(&st, SP(YOUTH)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* The same of one of 14 that cannot judge for itself: its parents are asked. */
static void test_recall_of_a_child_found_not_capable_takes_back_a_yes(void **state)
{
	struct rig *r = *state;
	struct told_then then;
	struct story st = story_aged(r, 14, &then);

	ACCEPTED(says(&st, SP(YOUTH)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
	recalls(r, &then, true, true);
	assert_false(capable(&st));
	assert_string_equal(told_text(&st), "1: 0 BACK");
	ACCEPTED(says(&st, SP(ADULT)));
	assert_string_equal(told_text(&st), "1: 0 AGREE AGREED");
}

/* What was told of its age alone says nothing of a judgement, nor a list of before this version. */
static void test_recall_without_a_judgement_changes_nobodys_word(void **state)
{
	struct rig *r = *state;
	struct told_then then;
	struct story st = story_aged(r, 11, &then);

	ACCEPTED(says(&st, SP(ADULT)));
	rig_skip(r);
	recalls(r, &then, false, false);
	assert_false(capable(&st));
	assert_string_equal(told_text(&st), "");
}

/* The list is told of each. */
static void test_recall_of_a_judgement_is_what_was_told(void **state)
{
	struct rig *r = *state;
	struct told_then then;
	struct story st = story_aged(r, 11, &then);

	ACCEPTED(judge(&st, "clb", 0, true, 0));
	const PB(ChildFact) *f = opened(r)->request->children[0];
	assert_true(f->judged && !f->parents_decide);
	ACCEPTED(judge(&st, "clb", 0, false, 0));
	f = opened(r)->request->children[0];
	assert_true(f->judged && f->parents_decide);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_recall_of_a_child_found_capable_takes_back_a_yes),
		T(test_recall_of_a_child_found_not_capable_takes_back_a_yes),
		T(test_recall_without_a_judgement_changes_nobodys_word),
		T(test_recall_of_a_judgement_is_what_was_told),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
