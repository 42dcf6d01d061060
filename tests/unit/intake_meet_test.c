/* SPDX-License-Identifier: EUPL-1.2 */
/* What a person answers by a code that its own view shows: a first meeting, another worker, what is
 * kept to oneself, what others may know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/warm_story.h"

#define IF(X) SCHAKEL__V1__CAN_IF__CAN_IF_##X
#define WANTED(X) SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_##X

static char meet_code[] = "mmmmmmmmm1";
static char help_code[] = "hhhhhhhhh2";

static PB(PersonView) *sees(struct story *st, PB(Speaker) speaker, uint32_t adult)
{
	PB(QueryRequest) q = PB_INIT(QUERY_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	q.speaker = speaker;
	q.adult = adult;
	m.body_case = BODY(QUERY_REQUEST);
	m.query_request = &q;
	PB(Message) *answer = rig_query(st->r, "family", &m);
	assert_int_equal(answer->body_case, BODY(REQUEST_VIEW));
	assert_non_null(answer->request_view->person);
	return answer->request_view->person;
}

struct answer_of {
	uint32_t version;
	const char *partner;
	PB(CanIf) can_if; /* UNSPECIFIED: it can */
	bool open;
};

static void says(struct story *st, uint32_t number, struct answer_of a)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(number);

	c.contribution_id = object_id_data(&id);
	c.version = a.version;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = (char *)(uintptr_t)a.partner;
	c.state = a.can_if == 0 ? H(CAN) : H(CAN_IF);
	c.answer = a.can_if == 0 ? SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN :
				   SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_CAN_IF;
	c.can_if = a.can_if;
	c.meeting_open = a.open;
	c.answer_by_ms = rig_now(st->r) + 7 * RIG_DAY_MS;
	c.short_code = meet_code;
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(st->r, "matching", &m));
}

static void starts(struct story *st, uint32_t number, char *code)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(number);

	c.contribution_id = object_id_data(&id);
	c.version = 3;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = "facility-a";
	c.state = H(STARTED);
	c.seen = true;
	c.short_code = code;
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(st->r, "matching", &m));
}

/* C5, B1, L10: that a house wants to meet first is asked of child and parent, with the help that it
 * is about, by when, and the code by which they answer; no other condition and no other answer is
 * told. */
static void test_person_is_asked_for_a_first_meeting(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);

	says(&st, 1, (struct answer_of){ 2, "facility-a", IF(MEET_FIRST), false });
	says(&st, 2, (struct answer_of){ 2, "facility-b", IF(TRANSPORT), false });
	says(&st, 3, (struct answer_of){ 2, "facility-c", 0, false });
	for (uint32_t adult = 0; adult < 2; adult++) {
		PB(PersonView) *v = sees(&st, adult == 0 ? SP(YOUTH) : SP(ADULT), adult);
		assert_int_equal(v->n_needs, 2);
		assert_int_equal(v->needs[0]->n_meets, 1);
		assert_int_equal(v->needs[1]->n_meets, 0);
		assert_int_equal(v->needs[0]->n_help, 0);
		const PB(PersonMeet) *m = v->needs[0]->meets[0];
		assert_string_equal(m->partner, "facility-a");
		assert_string_equal(m->short_code, meet_code);
		assert_int_equal(m->until_ms, rig_now(r) + 7 * RIG_DAY_MS);
		assert_false(m->allowed);
	}
	says(&st, 1, (struct answer_of){ 3, "facility-a", IF(MEET_FIRST), true });
	assert_true(sees(&st, SP(YOUTH), 0)->needs[0]->meets[0]->allowed);
	says(&st, 1, (struct answer_of){ 4, "facility-a", 0, false }); /* they met: it can */
	assert_int_equal(sees(&st, SP(YOUTH), 0)->needs[0]->n_meets, 0);
}

/* DOMAIN 3: of a child that does not judge for itself its parents are asked; what they said it is
 * told. Matching is told whose word it is. */
static void test_person_meeting_is_asked_of_parents_of_a_young_child(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 7;
	struct story st = story_of(r, "clb", &a);
	PB(Message) *m = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));
	assert_non_null(m);
	assert_true(m->needs_opened->request->children[0]->parents_decide);
	says(&st, 1, (struct answer_of){ 2, "facility-a", IF(MEET_FIRST), false });
	assert_int_equal(sees(&st, SP(YOUTH), 0)->needs[0]->n_meets, 0);
	assert_int_equal(sees(&st, SP(ADULT), 1)->needs[0]->n_meets, 1);
	says(&st, 1, (struct answer_of){ 3, "facility-a", IF(MEET_FIRST), true });
	assert_int_equal(sees(&st, SP(YOUTH), 0)->needs[0]->n_meets, 1);
}

/* L10: who would see where a hidden home is, is not told who wants to meet there either; nor of a
 * need that the child keeps to itself. */
static void test_person_meeting_is_not_for_every_parent(void **state)
{
	struct rig *r = *state;
	PB(Stay) stay = PB_INIT(STAY);
	PB(Stay) *stays[] = { &stay };
	struct ask a;

	ask_init(&a);
	stay.safe = true;
	stay.days = 1;
	stay.zone = "westhoek";
	a.child[0].stays = stays;
	a.child[0].n_stays = 1;
	struct story st = story_of(r, "clb", &a);
	says(&st, 1, (struct answer_of){ 2, "facility-a", IF(MEET_FIRST), false });
	PB(PersonView) *v = sees(&st, SP(ADULT), 1);
	for (size_t i = 0; i < v->n_needs; i++) {
		assert_int_equal(v->needs[i]->n_meets, 0);
	}
	assert_int_equal(sees(&st, SP(YOUTH), 0)->needs[0]->n_meets, 1);

	st = story_standard(r, 1);
	starts(&st, 21, help_code);
	ACCEPTED(shield(&st, "family", 21, true));
	says(&st, 22, (struct answer_of){ 2, "facility-b", IF(MEET_FIRST), false });
	assert_int_equal(sees(&st, SP(ADULT), 1)->n_needs, 0);
	assert_int_equal(sees(&st, SP(YOUTH), 0)->needs[0]->n_meets, 1);
}

static PB(Receipt) *other_worker(struct story *st, char *code)
{
	PB(AskOther) o = PB_INIT(ASK_OTHER);
	PB(Message) m = PB_INIT(MESSAGE);

	o.request_id = st->request;
	o.wanted = WANTED(WORKER);
	o.speaker = SP(YOUTH);
	o.short_code = code;
	m.body_case = BODY(ASK_OTHER);
	m.ask_other = &o;
	return rig_command(st->r, "family", &m);
}

/* C4, D4: the family names help by the code that it sees, of this request only. */
static void test_other_worker_is_asked_by_code(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct story other = story_standard(r, 1);

	starts(&st, 1, help_code);
	REFUSED(other_worker(&st, "zzzzzzzzz9"), UNKNOWN_OBJECT, "short_code");
	REFUSED(other_worker(&other, help_code), UNKNOWN_OBJECT, "short_code");
	ACCEPTED(other_worker(&st, help_code));
	PB(RequestItem) *it = view(&st, "clb");
	struct object_id id = rig_id(1);
	assert_int_equal(it->n_others_wanted, 1);
	assert_memory_equal(it->others_wanted[0]->contribution_id.data, id.b, OBJECT_ID_LEN);
	REFUSED(other_worker(&st, help_code), STATE, "wanted"); /* one question, one answer */
}

static PB(Receipt) *shield_by_code(struct story *st, char *code, bool shielded)
{
	PB(ShieldContribution) s = PB_INIT(SHIELD_CONTRIBUTION);
	PB(Message) m = PB_INIT(MESSAGE);

	s.request_id = st->request;
	s.short_code = code;
	s.shielded = shielded;
	m.body_case = BODY(SHIELD_CONTRIBUTION);
	m.shield_contribution = &s;
	return rig_command(st->r, "family", &m);
}

/* D7, L10: what is hidden from the family's channel can still be shown again by the child. */
static void test_shield_is_lifted_by_code(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	starts(&st, 1, help_code);
	REFUSED(shield_by_code(&st, "zzzzzzzzz9", true), UNKNOWN_OBJECT, "short_code");
	ACCEPTED(shield_by_code(&st, help_code, true));
	assert_int_equal(sees(&st, SP(ADULT), 1)->n_needs, 0);
	ACCEPTED(shield_by_code(&st, help_code, false));
	assert_int_equal(sees(&st, SP(ADULT), 1)->n_needs, 1);
}

static PB(Receipt) *youth_lets_know(struct story *st, uint32_t adult, uint32_t child)
{
	PB(LetKnow) l = PB_INIT(LET_KNOW);
	PB(Message) m = PB_INIT(MESSAGE);

	l.request_id = st->request;
	l.short_code = help_code;
	l.speaker = SP(YOUTH);
	l.adult = adult;
	l.child = child;
	l.known = true;
	m.body_case = BODY(LET_KNOW);
	m.let_know = &l;
	return rig_command(st->r, "family", &m);
}

/* D7: a child is one speaker about its own help: another number of an adult is not another word
 * (with sixteen of them no later no would find room), and another child has no say. */
static void test_let_know_is_of_the_child_itself(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	schakel__v1__child__init(&a.child[1]);
	a.child[1].age_years = 15;
	a.child_at[1] = &a.child[1];
	a.m.n_children = 2;
	struct story st = story_of(r, "clb", &a);
	starts(&st, 1, help_code);
	REFUSED(youth_lets_know(&st, 1, 0), CONTRADICTS, "adult");
	REFUSED(youth_lets_know(&st, 0, 1), CONTRADICTS, "child");
	REFUSED(youth_lets_know(&st, 0, 2), UNKNOWN_OBJECT, "child");
	ACCEPTED(youth_lets_know(&st, 0, 0));
	ACCEPTED(youth_lets_know(&st, 0, 0));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_person_is_asked_for_a_first_meeting),
		T(test_person_meeting_is_not_for_every_parent),
		T(test_person_meeting_is_asked_of_parents_of_a_young_child),
		T(test_other_worker_is_asked_by_code),
		T(test_shield_is_lifted_by_code),
		T(test_let_know_is_of_the_child_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
