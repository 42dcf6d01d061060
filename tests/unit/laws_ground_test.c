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

/** Eleven and wise, thirteen and not: those with authority, the child heard, both in a conflict. */
static void test_laws_ground_of_those_with_authority(void **state)
{
	struct story *s = story_new();

	(void)state;
	s->child.judged_incapable = true;
	s->r.n_adults = 2;
	s->adult[0].conflict = true;
	story_submit(s);
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
		cmocka_unit_test(test_laws_term_beyond_the_month_is_found),
		cmocka_unit_test(test_laws_term_without_a_timer_is_found),
		cmocka_unit_test(test_laws_ground_of_the_child_is_lawful),
		cmocka_unit_test(test_laws_ground_of_a_trusted_person_is_found),
		cmocka_unit_test(test_laws_ground_on_an_old_proposal_is_found),
		cmocka_unit_test(test_laws_ground_of_those_with_authority),
		cmocka_unit_test(test_laws_ground_of_the_adult_at_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
