/* SPDX-License-Identifier: EUPL-1.2 */
/* The judge of the simulator, part three: the term (L6) and the ground to start (L5), from one
 * lawful request in which one thing is broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/laws_story.h"

/* --- L6 --- */

static void test_laws_term_stopped_by_a_receipt_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.answered_ms = case_now(s->c);
	story_release(s, 0);
	story_submit(s);
	assert_law(s->c, "L6");
	story_free(s);
}

static void test_laws_term_stopped_by_an_intake_talk_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->changed.seen = false;
	s->r.answered_ms = case_now(s->c);
	story_hold(s, s->changed.partner, HOLDER_IS(PARTNER));
	story_help(s);
	assert_law(s->c, "L6");
	story_free(s);
}

static void test_laws_term_stopped_by_a_start_is_lawful(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	story_help_starts(s);
	story_free(s);
}

/* A child that was seen in help that was interrupted: that it goes on is no start. */
static void test_laws_term_stopped_by_help_that_goes_on_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	s->changed.state = CONTRIB(INTERRUPTED);
	story_hold(s, s->changed.partner, HOLDER_IS(PARTNER));
	story_help(s);
	assert_lawful(s->c);
	s->changed.state = CONTRIB(STARTED);
	s->changed.version++;
	s->r.answered_ms = case_now(s->c);
	s->fact.state = NEED_IS(ANSWERED);
	story_help(s);
	assert_law(s->c, "L6");
	story_free(s);
}

static void test_laws_term_beyond_the_month_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.answer_due_ms++;
	story_submit(s);
	assert_law(s->c, "L6");
	case_free(s->c);
	s = story_new();
	story_submit(s);
	case_advance(s->c, LAWS_DAY_MS);
	s->r.term_from_ms = case_now(s->c);
	story_command(s);
	assert_law(s->c, "L6");
	story_free(s);
}

static void test_laws_term_without_a_timer_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->due_ms = 0;
	s->r.armed_ms = 0;
	story_submit(s);
	assert_law(s->c, "L6");
	story_free(s);
}

/* --- L5 --- */

static void team_comes(struct story *s)
{
	PB(TeamRecord) t = PB_INIT(TEAM_RECORD);
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->request);

	t.team = &s->team;
	m.body_case = BODY(TEAM_PROPOSED);
	m.team_proposed = &s->team;
	case_begin(s->c);
	case_put(s->c, I_TEAM, &k, &t);
	case_apply(s->c, "matching", &m);
	assert_lawful(s->c);
}

/** Somebody speaks; intake tells matching that it is agreed when @p agreed. */
static void speaks(struct story *s, PB(Speaker) who, uint32_t adult, uint32_t version, bool agreed)
{
	PB(RecordPosition) body = PB_INIT(RECORD_POSITION);
	PB(PositionTaken) taken = PB_INIT(POSITION_TAKEN);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	body.request_id = s->r.request_id;
	body.speaker = who;
	body.adult = adult;
	body.voice = VOICE_IS(AGREE);
	body.proposal_version = version;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &body;
	taken.request_id = s->r.request_id;
	taken.proposal_version = s->team.proposal_version;
	taken.voice = VOICE_IS(AGREE);
	taken.ground = GROUND_IS(AGREED);
	out.body_case = BODY(POSITION_TAKEN);
	out.position_taken = &taken;
	case_begin(s->c);
	story_put_request(s);
	if (agreed) {
		case_emit(s->c, "matching", &out);
	}
	case_apply(s->c, "family", &m);
}

static void test_laws_ground_of_the_child_is_lawful(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	team_comes(s);
	speaks(s, SPEAKER_IS(YOUTH), 0, 1, true);
	assert_lawful(s->c);
	story_free(s);
}

static void test_laws_ground_of_a_trusted_person_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	team_comes(s);
	speaks(s, SPEAKER_IS(TRUSTED_PERSON), 0, 1, true);
	assert_law(s->c, "L5");
	story_free(s);
}

static void test_laws_ground_on_an_old_proposal_is_found(void **state)
{
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	team_comes(s);
	s->team.proposal_version = 2;
	s->seat.pool = (char *)(uintptr_t) "other-beds";
	team_comes(s);
	speaks(s, SPEAKER_IS(YOUTH), 0, 1, true);
	assert_law(s->c, "L5");
	story_free(s);
}

/** A judgement of the child is kept, as number 1. */
static void judged(struct story *s, bool capable)
{
	PB(RecordJudgement) body = PB_INIT(RECORD_JUDGEMENT);
	PB(JudgementRecord) rec = PB_INIT(JUDGEMENT_RECORD);
	PB(JudgementView) v = PB_INIT(JUDGEMENT_VIEW);
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->request);

	key_u32(&k, 1);
	v.capable = capable;
	v.at_ms = case_now(s->c);
	rec.view = &v;
	body.request_id = s->r.request_id;
	m.body_case = BODY(RECORD_JUDGEMENT);
	m.record_judgement = &body;
	case_begin(s->c);
	story_put_request(s);
	case_put(s->c, I_JUDGEMENT, &k, &rec);
	case_apply(s->c, "clb", &m);
	assert_lawful(s->c);
}

/** What intake tells of the one seat, in a step that the contact person asks for. */
static void tells(struct story *s, PB(Ground) ground, uint64_t until_ms)
{
	PB(PositionTaken) taken = PB_INIT(POSITION_TAKEN);
	PB(NeedGround) g = PB_INIT(NEED_GROUND);
	PB(NeedGround) *at[] = { &g };
	PB(NameContactPerson) body = PB_INIT(NAME_CONTACT_PERSON);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Message) out = PB_INIT(MESSAGE);

	g.need_id = s->fact.need_id;
	g.voice = VOICE_IS(AGREE);
	g.ground = ground;
	g.until_ms = until_ms;
	taken.request_id = s->r.request_id;
	taken.proposal_version = s->team.proposal_version;
	taken.voice = VOICE_IS(AGREE);
	taken.grounds = at;
	taken.n_grounds = 1;
	out.body_case = BODY(POSITION_TAKEN);
	out.position_taken = &taken;
	body.request_id = s->r.request_id;
	m.body_case = BODY(NAME_CONTACT_PERSON);
	m.name_contact_person = &body;
	case_begin(s->c);
	story_put_request(s);
	case_emit(s->c, "matching", &out);
	case_apply(s->c, "clb", &m);
}

/** An order of the court stands, said by @p party for @p child and until @p until_ms. */
static void ordered_by(struct story *s, const char *party, uint32_t child, uint64_t until_ms)
{
	PB(RecordCourtOrder) body = PB_INIT(RECORD_COURT_ORDER);
	PB(OrderRecord) rec = PB_INIT(ORDER_RECORD);
	PB(CourtOrderView) v = PB_INIT(COURT_ORDER_VIEW);
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->request);

	key_str(&k, "2026/1");
	v.number = (char *)(uintptr_t) "2026/1";
	v.children = &child;
	v.n_children = 1;
	v.from_ms = case_now(s->c);
	v.until_ms = until_ms;
	rec.view = &v;
	body.request_id = s->r.request_id;
	body.number = v.number;
	body.until_ms = until_ms;
	body.wider = true;
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &body;
	case_begin(s->c);
	story_put_request(s);
	case_put(s->c, I_ORDER, &k, &rec);
	case_apply(s->c, party, &m);
	assert_lawful(s->c);
}

static void ordered(struct story *s, uint32_t child, uint64_t until_ms)
{
	ordered_by(s, "court", child, until_ms);
}

/** L5 (b): only for the child and until the day that the order says. */
static void test_laws_ground_of_an_order_is_in_its_scope(void **state)
{
	struct story *s = story_new();
	uint64_t until_ms = case_now(s->c) + LAWS_DAY_MS;

	(void)state;
	story_submit(s);
	team_comes(s);
	tells(s, GROUND_IS(COURT_ORDER), until_ms);
	assert_law(s->c, "L5"); /* there is none */
	ordered(s, 1, until_ms);
	tells(s, GROUND_IS(COURT_ORDER), until_ms);
	assert_law(s->c, "L5"); /* of another child */
	ordered_by(s, "clb", 0, until_ms);
	tells(s, GROUND_IS(COURT_ORDER), until_ms);
	assert_law(s->c, "L5"); /* no court has said it */
	ordered(s, 0, until_ms);
	tells(s, GROUND_IS(COURT_ORDER), until_ms + 1);
	assert_law(s->c, "L5"); /* longer than it lasts */
	tells(s, GROUND_IS(COURT_ORDER), until_ms);
	assert_lawful(s->c);
	case_advance(s->c, LAWS_DAY_MS);
	tells(s, GROUND_IS(COURT_ORDER), until_ms);
	assert_law(s->c, "L5"); /* it has ended */
	story_free(s);
}

/** What stands under a number from now on: of @p children, or of one need. */
static void scoped(struct story *s, size_t children, bool need, bool wider)
{
	PB(RecordCourtOrder) body = PB_INIT(RECORD_COURT_ORDER);
	PB(OrderRecord) rec = PB_INIT(ORDER_RECORD);
	PB(CourtOrderView) v = PB_INIT(COURT_ORDER_VIEW);
	PB(Message) m = PB_INIT(MESSAGE);
	struct key k = key_of_id(&s->request);
	uint32_t child[] = { 0, 1 };

	key_str(&k, "2026/2");
	v.number = (char *)(uintptr_t) "2026/2";
	v.children = child;
	v.n_children = children;
	v.need_ids = &s->fact.need_id;
	v.n_need_ids = need ? 1 : 0;
	v.from_ms = case_now(s->c);
	v.until_ms = v.from_ms + LAWS_DAY_MS;
	rec.view = &v;
	body.request_id = s->r.request_id;
	body.number = v.number;
	body.until_ms = v.until_ms;
	body.wider = wider;
	m.body_case = BODY(RECORD_COURT_ORDER);
	m.record_court_order = &body;
	case_begin(s->c);
	story_put_request(s);
	case_put(s->c, I_ORDER, &k, &rec);
	case_apply(s->c, "court", &m);
}

/** L5 (b): for more children, or for more than one need, only when that was said. */
static void test_laws_order_is_not_made_wider_unsaid(void **state)
{
	static const struct {
		size_t children; /* 0: all */
		bool need, wider, lawful;
	} next[] = {
		{ 1, false, false, true },  /* the first one */
		{ 2, false, false, false }, /* a second child */
		{ 1, false, false, true },  /* less */
		{ 0, false, false, false }, { 2, false, false, true },  { 0, false, true, true },
		{ 1, true, false, true },   { 1, false, false, false }, { 0, true, false, true },
		{ 0, false, false, false }, { 0, false, false, true },
	};
	struct story *s = story_new();

	(void)state;
	story_submit(s);
	for (size_t i = 0; i < SK_LEN(next); i++) {
		scoped(s, next[i].children, next[i].need, next[i].wider);
		if (next[i].lawful) {
			assert_lawful(s->c);
		} else {
			assert_law(s->c, "L5");
		}
	}
	story_free(s);
}

static void unclear(struct story *s)
{
	PB(RecordPosition) body = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	body.request_id = s->r.request_id;
	body.ground = GROUND_IS(UNCLEAR);
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &body;
	case_begin(s->c);
	story_put_request(s);
	case_apply(s->c, "contactpoint", &m);
}

/** L5 (d): in a crisis, 72 hours of elapsed time, until a no. */
static void test_laws_ground_of_unclear_agreement_lasts_72_hours(void **state)
{
	struct story *s = story_new();
	uint64_t until_ms = case_now(s->c) + 3 * LAWS_DAY_MS;

	(void)state;
	story_submit(s);
	team_comes(s);
	tells(s, GROUND_IS(UNCLEAR), until_ms);
	assert_law(s->c, "L5"); /* nobody said so */
	unclear(s);
	tells(s, GROUND_IS(UNCLEAR), until_ms);
	assert_law(s->c, "L5"); /* no crisis */
	s->r.urgency = URGENCY_IS(CRISIS);
	s->r.crisis_party = (char *)(uintptr_t) "contactpoint";
	s->r.night_plan = true; /* what a crisis is asked for otherwise is another law's */
	s->r.call_at_ms = s->r.armed_ms;
	story_hold(s, s->r.crisis_party, HOLDER_IS(REQUESTER));
	unclear(s);
	tells(s, GROUND_IS(UNCLEAR), until_ms);
	assert_lawful(s->c);
	tells(s, GROUND_IS(UNCLEAR), until_ms + 1);
	assert_law(s->c, "L5");
	case_advance(s->c, 3 * LAWS_DAY_MS - 1);
	tells(s, GROUND_IS(UNCLEAR), until_ms);
	assert_lawful(s->c);
	case_advance(s->c, 1);
	tells(s, GROUND_IS(UNCLEAR), until_ms);
	assert_law(s->c, "L5");
	story_free(s);
}

/** Eleven and wise, thirteen and not: those with authority, the child heard, both in a conflict. */
static void test_laws_ground_of_those_with_authority(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.n_adults = 2;
	s->adult[0].conflict = true;
	story_submit(s);
	judged(s, false);
	team_comes(s);
	speaks(s, SPEAKER_IS(ADULT), 1, 1, true);
	assert_law(s->c, "L5"); /* the child was not heard */
	speaks(s, SPEAKER_IS(YOUTH), 0, 1, true);
	assert_law(s->c, "L5"); /* one of two that are in conflict */
	speaks(s, SPEAKER_IS(ADULT), 2, 1, true);
	assert_lawful(s->c);
	story_free(s);
}

static void test_laws_ground_of_the_adult_at_home(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->r.n_adults = 2;
	s->adult[1].home = true;
	s->seat.modality = SCHAKEL__V1__MODALITY__MODALITY_MOBILE;
	story_submit(s);
	team_comes(s);
	speaks(s, SPEAKER_IS(YOUTH), 0, 1, true);
	assert_law(s->c, "L5");
	speaks(s, SPEAKER_IS(ADULT), 2, 1, true);
	assert_lawful(s->c);
	story_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_laws_term_stopped_by_a_receipt_is_found),
		cmocka_unit_test(test_laws_term_stopped_by_an_intake_talk_is_found),
		cmocka_unit_test(test_laws_term_stopped_by_a_start_is_lawful),
		cmocka_unit_test(test_laws_term_stopped_by_help_that_goes_on_is_found),
		cmocka_unit_test(test_laws_term_beyond_the_month_is_found),
		cmocka_unit_test(test_laws_term_without_a_timer_is_found),
		cmocka_unit_test(test_laws_ground_of_the_child_is_lawful),
		cmocka_unit_test(test_laws_ground_of_a_trusted_person_is_found),
		cmocka_unit_test(test_laws_ground_on_an_old_proposal_is_found),
		cmocka_unit_test(test_laws_ground_of_those_with_authority),
		cmocka_unit_test(test_laws_ground_of_the_adult_at_home),
		cmocka_unit_test(test_laws_ground_of_an_order_is_in_its_scope),
		cmocka_unit_test(test_laws_order_is_not_made_wider_unsaid),
		cmocka_unit_test(test_laws_ground_of_unclear_agreement_lasts_72_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
