/* SPDX-License-Identifier: EUPL-1.2 */
/* What one young person and each parent sees, and the whole file (L10). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/intake_people.h"

#define X(NAME) SCHAKEL__V1__NEXT_STEP__NEXT_STEP_##NAME
#define KB(NAME) SCHAKEL__V1__KEPT_BACK__KEPT_BACK_##NAME
#define AN(NAME) SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_##NAME

static const struct looker other_parent = { SP(ADULT), 2, 0 };
static const struct looker trusted = { SP(TRUSTED_PERSON), 0, 0 };
static const ProtobufCBinaryData start;

static bool say_answer(struct story *st, uint32_t number, const char *partner, PB(AnswerKind) kind,
		       PB(ContributionState) state)
{
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = rig_id(number);

	c.contribution_id = object_id_data(&id);
	c.version = 2;
	c.request_id = st->request;
	c.need_id = st->need[0];
	c.partner = (char *)(uintptr_t)partner;
	c.state = state;
	c.answer = kind;
	c.until_ms = rig_now(st->r) + 30 * RIG_DAY_MS;
	c.suggests = kind == AN(NOT_OURS) ? "facility-c" : "";
	c.at_ms = rig_now(st->r);
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

/* C4, L10: no answer of a partner reaches the timeline; help that is agreed or goes on does. */
static void test_person_timeline_has_no_partners_answer(void **state)
{
	struct story st = family_story(*state);

	assert_true(say_answer(&st, 11, "facility-a", AN(NOT_OURS), H(NOT_OURS)));
	assert_true(say_answer(&st, 12, "facility-b", AN(NOT_NOW), H(NOT_NOW)));
	assert_true(say_answer(&st, 13, "facility-c", 0, H(LAPSED)));
	assert_true(say_answer(&st, 14, "facility-b2", AN(CAN), H(CAN)));
	PB(PersonView) *v = sees(&st, as_youth);
	assert_int_equal(v->n_needs, 2);
	assert_int_equal(v->needs[0]->n_help, 0);
	assert_int_equal(v->needs[0]->n_proposed, 0);
	assert_true(say_started(&st, 15, 0, "facility-a"));
	v = sees(&st, as_youth);
	assert_int_equal(v->needs[0]->n_help, 1);
	assert_string_equal(v->needs[0]->help[0]->partner, "facility-a");
	assert_int_equal(v->needs[1]->n_help, 0);
}

/* A11, L2, L10: whoever looks, somebody holds and something is next, with a day that is to come. */
static void test_person_sees_who_holds_and_what_is_next(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);
	PB(PersonView) *v = sees(&st, as_youth);

	assert_int_equal(v->n_holders, 3);
	assert_int_equal(v->next, X(CONTACT));
	ACCEPTED(name_contact(&st, "clb", "facility-a", "facility-b"));
	v = sees(&st, as_youth);
	assert_int_equal(v->next, X(ANSWER));
	rig_advance(r, 40 * RIG_DAY_MS);
	v = sees(&st, as_youth);
	assert_true(v->over_term);
	assert_int_equal(v->next, X(OVERDUE));
	for (int day = 0; day < 20; day++) { /* there is always a day to come */
		rig_advance(r, RIG_DAY_MS);
		v = sees(&st, as_youth);
		assert_in_range(v->next_ms, rig_now(r) + 1, rig_now(r) + 8 * RIG_DAY_MS);
	}
	assert_true(say_started(&st, 1, 0, "facility-a"));
	v = sees(&st, as_youth);
	assert_false(v->over_term);
	assert_int_equal(v->next, X(PLANNED_END));
	rig_advance(r, 200 * RIG_DAY_MS); /* longer than planned: nothing is dated */
	v = sees(&st, as_parent);
	assert_int_equal(v->next, X(TALK));
	assert_in_range(v->next_ms, rig_now(r) + 1, rig_now(r) + 8 * RIG_DAY_MS);
}

/* B1: the team that is proposed, without what partners said; and whose word is still needed. */
static void test_person_sees_the_proposal_and_its_own_word(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);
	const struct seat seats[] = { { 1, 0, "facility-a", M(MOBILE), H(CAN) },
				      { 2, 1, "facility-b", M(MOBILE), H(ASKED) } };

	assert_true(say_team(&st, 1, seats, 2));
	PB(PersonView) *v = sees(&st, as_youth);
	assert_int_equal(v->needs[0]->n_proposed, 1);
	assert_string_equal(v->needs[0]->proposed[0]->partner, "facility-a");
	assert_true(v->my_word);
	assert_true(v->other_word);
	assert_int_equal(v->said, 0);
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);
	p.request_id = st.request;
	p.proposal_version = 1;
	p.speaker = SP(YOUTH);
	p.voice = V(AGREE);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	ACCEPTED(rig_command(r, "family", &m));
	v = sees(&st, as_youth);
	assert_false(v->my_word);
	assert_int_equal(v->said, V(AGREE));
	v = sees(&st, as_parent); /* nobody else's voice */
	assert_int_equal(v->said, 0);
	assert_true(v->my_word);
	PB(RequestItem) *it = view(&st, "family"); /* the channel itself: no answer either */
	assert_int_equal(it->team->seats[0]->state, 0);
	assert_int_equal(view(&st, "coordinator")->team->seats[0]->state, H(CAN));
}

/* Each parent separately (C11, D4): authority, contact limit and a hidden home decide. */
static void test_person_parent_sees_what_law_and_child_allow(void **state)
{
	struct rig *r = *state;
	struct ask a;

	family_init(&a);
	a.adult[1].authority = false;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_int_equal(sees(&st, as_parent)->n_needs, 1);
	assert_int_equal(sees(&st, as_parent)->n_holders, 3);
	PB(PersonView) *v = sees(&st, other_parent);
	assert_int_equal(v->n_needs, 0);
	assert_false(v->sees_child);
	assert_int_equal(v->n_holders, 2); /* not who helps the child */
	family_init(&a);
	a.adult[1].limit = SCHAKEL__V1__CONTACT_LIMIT__CONTACT_LIMIT_NONE_ALLOWED;
	st = story_of(r, "clb", &a);
	v = sees(&st, other_parent); /* nor who holds, who asked, or when: each tells where */
	assert_true(v->n_needs == 0 && v->n_holders == 0);
	assert_string_equal(v->contact_party, "");
	assert_true(v->stand_in_party[0] == '\0' && v->asked_by[0] == '\0');
	assert_true(v->next_ms == 0 && v->answer_due_ms == 0);
	assert_int_equal(sees(&st, as_parent)->n_needs, 1);
	family_init(&a);
	a.child[0].age_years = 18;
	st = story_of(r, "clb", &a);
	assert_int_equal(sees(&st, as_parent)->n_needs, 0);
	assert_int_equal(sees(&st, as_youth)->n_needs, 1);
}

/* D4: what works at a home that is hidden from a parent names nobody to that parent. */
static void test_person_hidden_home_names_nobody(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(Stay) stay = PB_INIT(STAY);
	PB(Stay) *stays[] = { &stay };

	family_init(&a);
	stay.zone = "rits";
	stay.adult = 1;
	stay.days = 127;
	stay.safe = true;
	a.child[0].stays = stays;
	a.child[0].n_stays = 1;
	struct story st = story_of(r, "clb", &a);
	assert_true(say_started(&st, 1, 0, "facility-a"));
	assert_int_equal(sees(&st, as_parent)->needs[0]->n_help, 1);
	PB(PersonView) *v = sees(&st, other_parent);
	assert_int_equal(v->n_needs, 1);
	assert_int_equal(v->needs[0]->n_help, 0);
	for (size_t i = 0; i < v->n_holders; i++) {
		assert_string_not_equal(v->holders[i], "facility-a");
	}
}

static void test_person_who_is_not_there_is_refused(void **state)
{
	struct story st = family_story(*state);

	REFUSED(look(&st, "family", (struct looker){ SP(ADULT), 3, 0 })->receipt, UNKNOWN_OBJECT,
		"adult");
	REFUSED(look(&st, "family", (struct looker){ SP(YOUTH), 0, 1 })->receipt, UNKNOWN_OBJECT,
		"child");
	REFUSED(look(&st, "family", trusted)->receipt, OUT_OF_RANGE, "speaker");
	REFUSED(look(&st, "facility-a", as_youth)->receipt, NOT_YOURS, "request_id");
	assert_int_equal(look(&st, "clb", as_youth)->body_case, BODY(REQUEST_VIEW));
}

/* DOMAIN 4: of a child that died nothing more is said. */
static void test_person_deceased_nothing_more_is_said(void **state)
{
	struct story st = family_story(*state);

	ACCEPTED(close_need(&st, "clb", 0, R(DECEASED), ""));
	PB(PersonView) *v = sees(&st, as_parent);
	assert_int_equal(v->n_needs, 0);
	assert_int_equal(v->next_ms, 0);
	assert_false(v->open);
}

static PB(Receipt) *ask_file(struct story *st, const char *party, struct looker who)
{
	PB(AskFile) a = PB_INIT(ASK_FILE);
	PB(Message) m = PB_INIT(MESSAGE);

	a.request_id = st->request;
	a.speaker = who.speaker;
	a.adult = who.adult;
	a.child = who.child;
	m.body_case = BODY(ASK_FILE);
	m.ask_file = &a;
	return rig_command(st->r, party, &m);
}

static PB(Message) *read_file(struct story *st, const char *party, struct looker who,
			      ProtobufCBinaryData after, uint32_t limit)
{
	PB(QueryFile) q = PB_INIT(QUERY_FILE);
	PB(Message) m = PB_INIT(MESSAGE);

	q.request_id = st->request;
	q.speaker = who.speaker;
	q.adult = who.adult;
	q.child = who.child;
	q.after = after;
	q.limit = limit;
	m.body_case = BODY(QUERY_FILE);
	m.query_file = &q;
	return rig_query(st->r, party, &m);
}

static PB(FileView) *file_of(struct story *st, const char *party, struct looker who)
{
	ACCEPTED(ask_file(st, party, who));
	PB(Message) *answer = read_file(st, party, who, start, 0);
	assert_int_equal(answer->body_case, BODY(FILE_VIEW));
	return answer->file_view;
}

static PB(Receipt) *keep_back(struct story *st, const char *party, uint32_t person,
			      PB(KeptBack) ground, bool lifted)
{
	PB(KeepBack) k = PB_INIT(KEEP_BACK);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Capsule) c;

	capsule_init(&c, person, 1);
	k.request_id = st->request;
	k.person_id = c.person_id;
	k.version = 1;
	k.ground = ground;
	k.lifted = lifted;
	m.body_case = BODY(KEEP_BACK);
	m.keep_back = &k;
	return rig_command(st->r, party, &m);
}

/* L10, C4: asked first, which is logged; then every answer is there, as that partner's words. */
static void test_file_is_given_once_asked_and_logged(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);

	for (uint32_t i = 0; i < 3; i++) {
		assert_true(say_answer(&st, 20 + i, "facility-a", AN(NOT_OURS), H(NOT_OURS)));
	}
	assert_true(say_answer(&st, 30, "facility-b", 0, H(LAPSED)));
	assert_true(say_answer(&st, 31, "facility-b", 0, H(LAPSED)));
	REFUSED(read_file(&st, "family", as_youth, start, 0)->receipt, STATE, "request_id");
	PB(FileView) *f = file_of(&st, "family", as_youth);
	assert_int_equal(f->n_contributions, 5);
	assert_string_equal(f->contributions[0]->suggests, "facility-c");
	assert_non_null(f->person);
	assert_int_equal(f->n_looks, 1);
	assert_string_equal(f->looks[0]->party, "family");
	assert_int_equal(events(r, E(FILE), 0), 1);
	ACCEPTED(ask_file(&st, "family", as_youth)); /* twice on one day is one look */
	assert_int_equal(events(r, E(FILE), 0), 0);
	rig_advance(r, 15 * RIG_DAY_MS);
	assert_int_equal(read_file(&st, "family", as_youth, start, 0)->body_case, BODY(FILE_VIEW));
	rig_advance(r, 1);
	REFUSED(read_file(&st, "family", as_youth, start, 0)->receipt, STATE, "request_id");
	assert_int_equal(file_of(&st, "family", as_youth)->n_looks, 2);
	REFUSED(ask_file(&st, "clb", as_youth), NOT_YOURS, "request_id");
	REFUSED(ask_file(&st, "facility-a", as_youth), NOT_YOURS, "request_id");
	REFUSED(ask_file(&st, "family", trusted), NOT_YOURS, "speaker");
}

/* L10: named with ground and never shown, on four grounds; somebody else's own story by rule. */
static void test_file_names_what_it_keeps_back(void **state)
{
	struct story st = family_story(*state);
	PB(FileView) *f = file_of(&st, "family", as_youth);

	assert_int_equal(f->n_capsules, 2);
	assert_int_equal(f->n_kept_back, 1); /* the second parent's own story */
	assert_int_equal(f->kept_back[0]->ground, KB(THIRD_PARTIES));
	ACCEPTED(keep_back(&st, "clb", 2, KB(FOR_COURT), false));
	ACCEPTED(keep_back(&st, "duty-westhoek", ADULT_PERSON, KB(CONFIDENTIAL), false));
	f = file_of(&st, "family", as_youth);
	assert_int_equal(f->n_capsules, 1);
	assert_true(f->capsules[0]->own);
	assert_int_equal(f->n_kept_back, 2);
	size_t court = f->kept_back[0]->ground == KB(FOR_COURT) ? 0 : 1;
	assert_string_equal(f->kept_back[court]->party, "clb");
	assert_int_equal(f->kept_back[1 - court]->ground, KB(CONFIDENTIAL));
	assert_int_equal(view(&st, "family")->n_capsules, 0); /* nor by the channel itself */
	ACCEPTED(keep_back(&st, "clb", 2, KB(FOR_COURT), true));
	assert_int_equal(file_of(&st, "family", as_youth)->n_capsules, 2);
	REFUSED(keep_back(&st, "family", 2, KB(FOR_COURT), false), NOT_YOURS, "request_id");
	REFUSED(keep_back(&st, "facility-a", 2, KB(FOR_COURT), false), NOT_YOURS, "request_id");
	REFUSED(keep_back(&st, "clb", 2, 0, false), MISSING, "ground");
	REFUSED(keep_back(&st, "clb", 7, KB(FOR_COURT), false), UNKNOWN_OBJECT, "version");
}

/* L10: a worker's mark does not keep a person's own words from that person, whoever wrote them
 * down; it does keep them from others. */
static void test_file_own_words_are_never_kept_back(void **state)
{
	struct story st = family_story(*state);
	PB(FileView) *f;

	ACCEPTED(keep_back(&st, "clb", CHILD_PERSON, KB(OWN_GOOD), false));
	ACCEPTED(keep_back(&st, "clb", ADULT_PERSON, KB(CONFIDENTIAL), false));
	f = file_of(&st, "family", as_youth);
	assert_int_equal(f->n_capsules, 2);
	assert_true(f->capsules[0]->own);
	assert_int_equal(f->n_kept_back, 1);
	assert_int_equal(f->kept_back[0]->ground, KB(CONFIDENTIAL));
	f = file_of(&st, "family", other_parent);
	assert_int_equal(f->n_capsules, 1);
	assert_true(f->capsules[0]->own);
	assert_int_equal(f->n_kept_back, 2);
	assert_int_equal(file_of(&st, "duty-westhoek", trusted)->n_capsules, 2);
}

/* L10: what somebody else said about a person, in confidence, is not its own words, though it is
 * filed under that person: it is kept back on a logged ground, and else given. */
static void test_file_words_of_others_about_a_person_are_kept_back(void **state)
{
	struct rig *r = *state;
	struct ask a;

	family_init(&a);
	ask_needs(&a, 2, 0);
	a.capsule[CHILD_PERSON].about = true;
	a.capsule[ADULT_PERSON].about = true;
	struct story st = story_of(r, "clb", &a);
	assert_int_equal(file_of(&st, "family", as_youth)->n_capsules, 2);
	ACCEPTED(keep_back(&st, "clb", CHILD_PERSON, KB(OWN_GOOD), false));
	ACCEPTED(keep_back(&st, "clb", ADULT_PERSON, KB(CONFIDENTIAL), false));
	PB(FileView) *f = file_of(&st, "family", as_youth);
	assert_int_equal(f->n_capsules, 1);
	assert_int_equal(f->n_kept_back, 2);
	f = file_of(&st, "family", other_parent);
	assert_int_equal(f->n_capsules, 0);
	assert_int_equal(f->n_kept_back, 3);
	assert_int_equal(file_of(&st, "duty-westhoek", trusted)->n_capsules, 2);
	ACCEPTED(keep_back(&st, "clb", CHILD_PERSON, KB(OWN_GOOD), true));
	assert_int_equal(file_of(&st, "family", as_youth)->n_capsules, 2);
}

/* L10: what is kept back for the child's own good is open to the trusted person beside it. */
static void test_file_own_good_is_open_to_the_trusted_person(void **state)
{
	struct story st = family_story(*state);

	ACCEPTED(keep_back(&st, "clb", 2, KB(OWN_GOOD), false));
	assert_int_equal(file_of(&st, "family", as_youth)->n_capsules, 1);
	assert_int_equal(file_of(&st, "duty-westhoek", trusted)->n_capsules, 2);
	PB(FileView) *f = file_of(&st, "family", as_youth);
	assert_int_equal(f->n_looks, 2); /* the child sees who looked */
}

/* A parent has its own part; for a child that is not of own judgement also the child's. */
static void test_file_of_a_parent_is_its_own(void **state)
{
	struct rig *r = *state;
	struct story st = family_story(r);
	struct ask a;

	assert_true(say_answer(&st, 40, "facility-a", AN(NOT_NOW), H(NOT_NOW)));
	PB(FileView) *f = file_of(&st, "family", other_parent);
	assert_int_equal(f->n_contributions, 0);
	assert_int_equal(f->n_capsules, 1);
	assert_true(f->capsules[0]->own);
	assert_int_equal(f->n_kept_back, 2);
	family_init(&a);
	a.child[0].age_years = 7;
	ask_needs(&a, 1, 0);
	st = story_of(r, "clb", &a);
	assert_true(say_answer(&st, 41, "facility-a", AN(NOT_NOW), H(NOT_NOW)));
	f = file_of(&st, "family", as_parent);
	assert_int_equal(f->n_contributions, 1);
	assert_int_equal(f->n_capsules, 2);
	assert_int_equal(f->n_kept_back, 1); /* the other parent's */
}

static PB(Receipt) *tell_anew(struct story *st, uint32_t version)
{
	PB(AmendRequest) am = PB_INIT(AMEND_REQUEST);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Capsule) c;

	capsule_init(&c, CHILD_PERSON, version);
	am.request_id = st->request;
	am.based_on = view(st, "coordinator")->request->request_version;
	am.capsules = &(PB(Capsule) *){ &c };
	am.n_capsules = 1;
	m.body_case = BODY(AMEND_REQUEST);
	m.amend_request = &am;
	return rig_command(st->r, "family", &m);
}

/* DOMAIN 3: the child's own version stands before what was told first, in pages of any size. */
static void test_file_own_version_stands_first_in_any_pages(void **state)
{
	struct story st = family_story(*state);
	ProtobufCBinaryData after = start;
	uint32_t versions[8];
	size_t told = 0, answers = 0, looks = 0;

	ACCEPTED(tell_anew(&st, 2));
	assert_int_equal(sees(&st, as_youth)->told_versions, 2);
	for (uint32_t i = 0; i < 4; i++) {
		assert_true(say_answer(&st, 50 + i, "facility-a", AN(NOT_OURS), H(NOT_OURS)));
	}
	assert_true(say_started(&st, 60, 0, "facility-b"));
	ACCEPTED(ask_file(&st, "family", as_youth));
	for (size_t pages = 0; pages == 0 || after.len > 0; pages++) {
		assert_true(pages < 12);
		PB(FileView) *f = read_file(&st, "family", as_youth, after, 1)->file_view;
		assert_true((pages == 0) == (f->person != NULL));
		answers += f->n_contributions;
		looks += f->n_looks;
		for (size_t i = 0; i < f->n_capsules; i++) {
			versions[told++ % 8] = f->capsules[i]->capsule->version;
		}
		after = f->next;
	}
	assert_int_equal(answers, 5);
	assert_int_equal(looks, 1);
	assert_int_equal(told, 3);
	assert_int_equal(versions[0], 2);
	assert_int_equal(versions[1], 1);
	after = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" };
	REFUSED(read_file(&st, "family", as_youth, after, 1)->receipt, MALFORMED, "after");
}

/* L12, L10: at the limit of looks the oldest gives way; the file is refused to nobody for it. */
static void test_file_looks_are_bounded(void **state)
{
	struct story st = family_story(*state);

	for (size_t i = 0; i <= LOOKS_KEPT_MAX; i++) {
		rig_advance(st.r, RIG_DAY_MS + RIG_HOUR_MS);
		ACCEPTED(ask_file(&st, "family", as_youth));
	}
	assert_int_equal(rig_rows(st.r, TABLE_LOOK), LOOKS_KEPT_MAX);
	assert_int_equal(read_file(&st, "family", as_youth, start, 1)->body_case, BODY(FILE_VIEW));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_person_timeline_has_no_partners_answer),
		T(test_person_sees_who_holds_and_what_is_next),
		T(test_person_sees_the_proposal_and_its_own_word),
		T(test_person_parent_sees_what_law_and_child_allow),
		T(test_person_hidden_home_names_nobody),
		T(test_person_who_is_not_there_is_refused),
		T(test_person_deceased_nothing_more_is_said),
		T(test_file_is_given_once_asked_and_logged),
		T(test_file_names_what_it_keeps_back),
		T(test_file_own_words_are_never_kept_back),
		T(test_file_words_of_others_about_a_person_are_kept_back),
		T(test_file_own_good_is_open_to_the_trusted_person),
		T(test_file_of_a_parent_is_its_own),
		T(test_file_own_version_stands_first_in_any_pages),
		T(test_file_looks_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
