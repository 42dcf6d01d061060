/* SPDX-License-Identifier: EUPL-1.2 */
/* L5: whose voice is needed, what a no does, what an older proposal is told, ground (c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

struct say {
	uint32_t version;
	PB(Speaker) who;
	uint32_t adult;
	PB(Voice) voice;
	bool heard;
};

static PB(RecordPosition) position_of(struct story *st, const struct say *say)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);

	p.request_id = st->request;
	p.proposal_version = say->version;
	p.speaker = say->who;
	p.adult = say->adult;
	p.voice = say->voice;
	p.child_heard = say->heard;
	return p;
}

static PB(Receipt) *send(struct story *st, const char *party, PB(RecordPosition) *p)
{
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(RECORD_POSITION);
	m.record_position = p;
	return rig_command(st->r, party, &m);
}

static PB(Receipt) *says(struct story *st, struct say say)
{
	PB(RecordPosition) p = position_of(st, &say);

	return send(st, "family", &p);
}

static PB(PositionTaken) *told(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "matching", BODY(POSITION_TAKEN));

	return m == NULL ? NULL : m->position_taken;
}

static bool team(struct story *st, uint32_t version, const char *partner)
{
	return say_team(st, version, &(struct seat){ 1, 0, partner, 0, 0 }, 1);
}

#define Y                                        \
	{                                        \
		1, SP(YOUTH), 0, V(AGREE), false \
	}
#define Y_NO                                   \
	{                                      \
		1, SP(YOUTH), 0, V(NOT), false \
	}
#define AD(n)                                    \
	{                                        \
		1, SP(ADULT), n, V(AGREE), false \
	}
#define AD_HEARD(n)                             \
	{                                       \
		1, SP(ADULT), n, V(AGREE), true \
	}
#define AD_NO(n)                              \
	{                                     \
		1, SP(ADULT), n, V(NOT), true \
	}
#define AD_YET(n)                                 \
	{                                         \
		1, SP(ADULT), n, V(NOT_YET), true \
	}
#define TRUSTED                                          \
	{                                                \
		1, SP(TRUSTED_PERSON), 0, V(AGREE), true \
	}
#define END                       \
	{                         \
		0, 0, 0, 0, false \
	}

/* Adults as letters: A authority, C conflict, H home. */
static const struct ground_case {
	uint32_t age;
	char judged; /* + capable, - not, 0 nothing */
	const char *adults[3];
	bool mobile;
	struct say say[4];
	bool complete;
} ground_case[] = {
	{ 12, 0, { "A" }, false, { Y, END }, true },
	{ 11, 0, { "A" }, false, { Y, END }, false },
	{ 11, '+', { "A" }, false, { Y, END }, true },
	{ 13, '-', { "A" }, false, { Y, END }, false },
	{ 13, '-', { "A" }, false, { Y, AD(1), END }, true }, /* the child spoke: heard */
	{ 13, '-', { "A" }, false, { AD(1), END }, false },   /* not heard */
	{ 13, '-', { "A" }, false, { AD_HEARD(1), END }, true },
	{ 8, 0, { "A", "A" }, false, { AD_HEARD(2), END }, true }, /* one speaks for both */
	{ 8, 0, { "A", "A" }, false, { AD_HEARD(2), AD_NO(1), END }, false },
	{ 8, 0, { "A", "A" }, false, { AD_HEARD(2), AD_YET(1), END }, true },
	{ 8, 0, { "AC", "A" }, false, { AD_HEARD(2), END }, false },
	{ 8, 0, { "AC", "A" }, false, { AD_HEARD(2), AD(1), END }, true },
	{ 8, 0, { "H", "A" }, false, { AD_HEARD(1), END }, false }, /* no authority */
	{ 8, 0, { "H", "A" }, true, { AD_HEARD(2), END }, false },
	{ 8, 0, { "H", "A" }, true, { AD_HEARD(2), AD(1), END }, true },
	{ 14, 0, { "AH", "A" }, true, { Y, END }, false },
	{ 14, 0, { "AH", "A" }, true, { Y, AD(2), END }, false },
	{ 14, 0, { "AH", "A" }, true, { Y, AD(1), END }, true },
	{ 14, 0, { "H", "H" }, true, { Y, AD(1), END }, false }, /* two homes */
	{ 14, 0, { "H", "H" }, true, { Y, AD(1), AD(2), END }, true },
	{ 14, 0, { "A", "" }, true, { Y, AD(2), END }, false },
	{ 14, 0, { "A", "" }, true, { Y, AD(1), END }, true },
	{ 14, 0, { NULL }, true, { Y, END }, true }, /* no adult was told of */
	{ 14, 0, { "" }, true, { Y, END }, true },   /* none with authority, nobody's home */
	{ 8, 0, { NULL }, true, { Y, END }, false },
	{ 14, 0, { "A" }, false, { TRUSTED, END }, false },
	{ 14, 0, { "A" }, false, { AD(1), END }, false },
	{ 8, 0, { "A" }, false, { TRUSTED, AD(1), END }, true }, /* beside whom it was heard
								  */
	{ 8, 0, { "A" }, false, { TRUSTED, END }, false },
	{ 14, 0, { "A" }, false, { Y_NO, END }, false },
	{ 14, 0, { "A" }, false, { Y_NO, Y, END }, true }, /* may change its mind */
};

/* SCENARIOS 3 and DOMAIN 4, ground (a). */
static void test_position_ground_is_complete_only_with_the_voices_needed(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(ground_case); i++) {
		const struct ground_case *c = &ground_case[i];
		struct ask a;
		ask_init(&a);
		a.child[0].age_years = c->age;
		a.child[0].judged_capable = c->judged == '+';
		a.child[0].judged_incapable = c->judged == '-';
		for (a.m.n_adults = 0; c->adults[a.m.n_adults] != NULL; a.m.n_adults++) {
			const char *flags = c->adults[a.m.n_adults];
			PB(Adult) *adult = &a.adult[a.m.n_adults];
			adult->authority = strchr(flags, 'A') != NULL;
			adult->conflict = strchr(flags, 'C') != NULL;
			adult->home = strchr(flags, 'H') != NULL;
		}
		struct story st = story_of(r, "clb", &a);
		assert_true(say_team(&st, 1,
				     &(struct seat){ 1, 0, "facility-a",
						     c->mobile ? M(MOBILE) : M(AMBULANT), 0 },
				     1));
		rig_skip(r);
		for (const struct say *say = c->say; say->version != 0; say++) {
			ACCEPTED(says(&st, *say));
		}
		const PB(RequestItem) *it = view(&st, "clb");
		if (it->ground_complete != c->complete ||
		    (it->voices_wanted == NULL) != c->complete) {
			fail_msg("case %zu", i);
		}
		PB(PositionTaken) *last = NULL;
		for (PB(PositionTaken) *p = told(r); p != NULL; p = told(r)) {
			last = p;
		}
		assert_true((last != NULL && last->voice == V(AGREE)) == c->complete);
	}
}

static const PB(VoicesWanted) *still_wanted(struct story *st)
{
	return view(st, "clb")->voices_wanted;
}

/* Who was not heard yet is named, and nobody else. */
static void test_position_voices_still_wanted_are_named(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 8;
	a.m.n_adults = 3;
	for (size_t i = 0; i < 3; i++) {
		a.adult[i].authority = i < 2;
		a.adult[i].conflict = false;
		a.adult[i].home = i == 2;
	}
	struct story st = story_of(r, "clb", &a);
	assert_true(say_team(&st, 1, &(struct seat){ 1, 0, "facility-a", M(MOBILE), 0 }, 1));
	assert_int_equal(still_wanted(&st)->n_one_of, 2);
	assert_int_equal(still_wanted(&st)->one_of[1], 2);
	assert_int_equal(still_wanted(&st)->n_adults, 1);
	assert_int_equal(still_wanted(&st)->adults[0], 3);
	assert_true(still_wanted(&st)->child_heard);
	assert_false(still_wanted(&st)->youth);
	ACCEPTED(says(&st, (struct say)AD_HEARD(3)));
	ACCEPTED(says(&st, (struct say)AD_NO(2)));
	assert_false(still_wanted(&st)->child_heard);
	assert_int_equal(still_wanted(&st)->n_adults, 1); /* their conflict must be solved */
	assert_int_equal(still_wanted(&st)->adults[0], 2);
	ACCEPTED(says(&st, (struct say)AD(1)));
	assert_int_equal(still_wanted(&st)->n_one_of, 0);
	ACCEPTED(says(&st, (struct say)AD(2)));
	assert_null(still_wanted(&st));
	a.m.n_adults = 0;
	struct story alone = story_of(r, "clb", &a);
	assert_true(team(&alone, 1, "facility-a"));
	assert_true(still_wanted(&alone)->authority_unknown);
	a.child[0].age_years = 12;
	struct story capable = story_of(r, "clb", &a);
	assert_true(team(&capable, 1, "facility-a"));
	assert_true(still_wanted(&capable)->youth);
}

/* Nobody is asked for a word once help has started or nothing is asked any more. */
static void test_position_voices_are_wanted_while_help_is_to_start(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(team(&st, 1, "facility-a"));
	assert_non_null(still_wanted(&st));
	assert_int_equal(view(&st, "clb")->ground, 0);
	ACCEPTED(withdraw(&st, "clb", R(WITHDRAWN)));
	assert_null(still_wanted(&st));
	assert_false(view(&st, "clb")->ground_complete);
}

/* Told once; NOT_YET and TALK_FIRST are written down and cost nothing. */
static void test_position_agree_is_told_once(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(team(&st, 3, "facility-a"));
	rig_skip(r);
	ACCEPTED(says(&st, (struct say){ 3, SP(YOUTH), 0, V(NOT_YET), false }));
	ACCEPTED(says(&st, (struct say){ 3, SP(YOUTH), 0, V(TALK_FIRST), false }));
	assert_null(told(r));
	assert_null(rig_next(r, "waitlist"));
	ACCEPTED(says(&st, (struct say){ 3, SP(YOUTH), 0, V(AGREE), false }));
	PB(PositionTaken) *p = told(r);
	assert_int_equal(p->proposal_version, 3);
	assert_int_equal(p->ground, G(AGREED));
	ACCEPTED(says(&st, (struct say){ 3, SP(YOUTH), 0, V(AGREE), false }));
	ACCEPTED(says(&st, (struct say){ 3, SP(ADULT), 1, V(NOT), false })); /* not needed here */
	assert_null(told(r));
	assert_int_equal(events(r, E(POSITION), 0), 5);
}

/* A position on an older team is LATE and told what holds; voices count on where no seat was added.
 */
static void test_position_on_older_proposal_is_late(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct seat two[] = { { 1, 0, "facility-a", 0, H(CAN) }, { 2, 1, "facility-b", 0, 0 } };

	REFUSED(says(&st, (struct say){ 1, SP(YOUTH), 0, V(AGREE), false }), STATE,
		"proposal_version");
	assert_true(say_team(&st, 4, two, 2));
	REFUSED(says(&st, (struct say){ 5, SP(YOUTH), 0, V(AGREE), false }), OUT_OF_RANGE,
		"proposal_version");
	rig_skip(r);
	ACCEPTED(says(&st, (struct say){ 4, SP(YOUTH), 0, V(AGREE), false }));
	assert_int_equal(told(r)->proposal_version, 4);
	assert_true(say_team(&st, 5, two, 1)); /* a seat less, still undecided */
	assert_int_equal(told(r)->proposal_version, 5);
	two[0].state = H(AGREED);
	assert_true(say_team(&st, 6, two, 1)); /* all decided: nothing more to say */
	assert_null(told(r));
	two[0].partner = "facility-c";
	assert_true(say_team(&st, 7, two, 1)); /* another partner: asked anew */
	assert_null(told(r));
	assert_false(view(&st, "clb")->ground_complete);
	PB(Receipt) *late = says(&st, (struct say){ 6, SP(YOUTH), 0, V(AGREE), false });
	assert_int_equal(late->outcome, OUTCOME(LATE));
	assert_int_equal(late->holds_now->proposal_version, 7);
	assert_int_equal(late->holds_now->seats, 1);
	assert_null(told(r));
	assert_true(say_team(&st, 3, two, 2)); /* an old fact changes nothing */
	assert_int_equal(view(&st, "clb")->team->proposal_version, 7);
}

/* L5: after a restore a proposal between two that were heard may have been another team. */
static void test_position_on_a_proposal_not_heard_is_late(void **state)
{
	struct story st = story_standard(*state, 1);
	struct seat one = { 1, 0, "facility-a", 0, H(CAN) };

	assert_true(say_team(&st, 3, &one, 1));
	assert_true(say_team(&st, 5, &one, 1));
	PB(Receipt) *late = says(&st, (struct say){ 4, SP(YOUTH), 0, V(AGREE), false });
	assert_int_equal(late->outcome, OUTCOME(LATE));
	assert_null(told(*state));
	ACCEPTED(says(&st, (struct say){ 5, SP(YOUTH), 0, V(AGREE), false }));
	assert_int_equal(told(*state)->proposal_version, 5);
}

static PB(Receipt) *says_no_to(struct story *st, PB(Speaker) who, char **partners, size_t len)
{
	struct say say = { 1, who, who == SP(ADULT) ? 1 : 0, V(NOT), false };
	PB(RecordPosition) p = position_of(st, &say);

	p.excluded_partners = partners;
	p.n_excluded_partners = len;
	return send(st, "family", &p);
}

/* What the child does not want is kept on the request and told to all who choose. */
static void test_position_not_excludes(void **state)
{
	static char *partner[] = { "facility-a", "facility-b" };
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(team(&st, 1, "facility-a"));
	rig_skip(r);
	ACCEPTED(says_no_to(&st, SP(YOUTH), partner, 1));
	PB(PositionTaken) *p = told(r);
	assert_int_equal(p->voice, V(NOT));
	assert_int_equal(p->ground, 0);
	assert_int_equal(p->n_excluded_partners, 1);
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	assert_int_equal(opened->request->n_excluded_partners, 1);
	assert_int_equal(opened->request->request_version, 2);
	ACCEPTED(says_no_to(&st, SP(YOUTH), partner, 2));
	assert_int_equal(told(r)->n_excluded_partners, 2);
	ACCEPTED(says_no_to(&st, SP(YOUTH), NULL, 0)); /* nothing new */
	assert_null(told(r));
	REFUSED(says_no_to(&st, SP(ADULT), partner, 1), CONTRADICTS, "excluded_partners");
	static char *nobody[] = { "nobody" };
	REFUSED(says_no_to(&st, SP(YOUTH), nobody, 1), UNKNOWN_OBJECT, "excluded_partners[0]");
}

/* A child that is not judged capable is heard: what it does not want counts, its no alone does not.
 */
static void test_position_not_of_a_young_child_is_heard(void **state)
{
	static char *partner[] = { "facility-a" };
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	a.child[0].age_years = 9;
	struct story st = story_of(r, "clb", &a);
	assert_true(team(&st, 1, "facility-a"));
	rig_skip(r);
	ACCEPTED(says_no_to(&st, SP(YOUTH), partner, 1));
	assert_null(told(r));
	assert_int_equal(rig_count(r, "waitlist", BODY(NEEDS_OPENED)), 1);
	ACCEPTED(says_no_to(&st, SP(ADULT), NULL, 0));
	assert_int_equal(told(r)->voice, V(NOT));
}

static PB(Receipt) *emergency(struct story *st, const char *party, PB(DangerReason) reason,
			      PB(Voice) voice)
{
	struct say say = { 1, 0, 0, voice, false };
	PB(RecordPosition) p = position_of(st, &say);

	p.ground = G(EMERGENCY);
	p.reason = reason;
	return send(st, party, &p);
}

/* Ground (c): in a crisis, by who carries it, with a reason. */
static void test_position_emergency_starts_a_crisis_only(void **state)
{
	struct rig *r = *state;
	struct story calm = story_standard(r, 1);
	struct story st = story_crisis(r);

	assert_true(team(&calm, 1, "facility-a"));
	assert_true(team(&st, 1, "facility-a"));
	rig_skip(r);
	REFUSED(emergency(&calm, "contactpoint", D(VIOLENCE), 0), STATE, "ground");
	REFUSED(emergency(&st, "family", D(VIOLENCE), 0), NOT_YOURS, "ground");
	REFUSED(emergency(&st, "contactpoint", 0, 0), MISSING, "reason");
	REFUSED(emergency(&st, "contactpoint", D(VIOLENCE), V(NOT)), CONTRADICTS, "voice");
	assert_null(told(r));
	ACCEPTED(emergency(&st, "duty-westhoek", D(VIOLENCE), V(AGREE)));
	PB(PositionTaken) *p = told(r);
	assert_int_equal(p->ground, G(EMERGENCY));
	assert_int_equal(p->reason, D(VIOLENCE));
	assert_int_equal(view(&st, "contactpoint")->ground, G(EMERGENCY));
	assert_int_equal(view(&st, "contactpoint")->ground_reason, D(VIOLENCE));
	assert_int_equal(p->voice, V(AGREE));
	ACCEPTED(says(&st, (struct say){ 1, SP(YOUTH), 0, V(AGREE), false }));
	assert_int_equal(told(r)->ground, G(AGREED)); /* the better ground is told too */
	assert_true(team(&st, 2, "facility-b"));
	assert_false(view(&st, "contactpoint")->ground_complete);
}

static PB(Receipt) *spoilt(struct story *st, const char *party, struct say say, int what)
{
	static char *partner[] = { "facility-a" };
	PB(RecordPosition) p = position_of(st, &say);

	p.ground = what == 1 ? G(COURT_ORDER) : 0;
	p.reason = what == 2 ? D(OTHER) : 0;
	if (what == 3) {
		p.ground = G(EMERGENCY);
		p.reason = D(OTHER);
		p.excluded_partners = partner;
		p.n_excluded_partners = 1;
	}
	return send(st, party, &p);
}

static void test_position_refuses_by_field(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	struct say y = { 1, SP(YOUTH), 0, V(AGREE), false };

	assert_true(team(&st, 1, "facility-a"));
	REFUSED(spoilt(&st, "police", y, 0), NOT_YOURS, "request_id");
	REFUSED(spoilt(&st, "family", y, 1), OUT_OF_RANGE, "ground");
	REFUSED(spoilt(&st, "family", y, 2), CONTRADICTS, "reason");
	REFUSED(spoilt(&st, "contactpoint", (struct say){ 1, 0, 0, 0, false }, 3), CONTRADICTS,
		"excluded_partners");
	REFUSED(says(&st, (struct say){ 1, 0, 0, V(AGREE), false }), MISSING, "speaker");
	REFUSED(says(&st, (struct say){ 1, SP(YOUTH), 0, 0, false }), MISSING, "voice");
	REFUSED(says(&st, (struct say){ 1, SP(ADULT), 2, V(AGREE), false }), UNKNOWN_OBJECT,
		"adult");
	REFUSED(says(&st, (struct say){ 1, SP(YOUTH), 1, V(AGREE), false }), CONTRADICTS, "adult");
	ACCEPTED(spoilt(&st, "contactpoint-2", y, 0)); /* a contact point notes what it is told */
	ACCEPTED(withdraw(&st, "family", R(WITHDRAWN)));
	REFUSED(spoilt(&st, "family", y, 0), STATE, "request_id");
}

/* Sixteen partners may be excluded of one request, however often it is said. */
static void test_position_excluded_at_the_limit(void **state)
{
	struct rig *r = *state;
	struct ask a;
	char *all[PARTNERS_MAX + 1];
	char name[PARTNERS_MAX + 1][16];
	PB(ConfigApplied) *conf = rig_conf(r);
	PB(Party) party[PARTNERS_MAX + 1];
	PB(Party) *list[64];
	PB(Party) **was = conf->parties;
	size_t was_len = conf->n_parties;

	memcpy(list, was, was_len * sizeof(list[0]));
	for (size_t i = 0; i <= PARTNERS_MAX; i++) {
		(void)snprintf(name[i], sizeof(name[i]), "partner-%zu", i);
		schakel__v1__party__init(&party[i]);
		party[i].id = name[i];
		all[i] = name[i];
		list[was_len + i] = &party[i];
	}
	conf->parties = list;
	conf->n_parties = was_len + PARTNERS_MAX + 1;
	rig_config(r);
	ask_init(&a);
	a.m.excluded_partners = all;
	a.m.n_excluded_partners = 2;
	a.m.preferred_partners = all + 2;
	a.m.n_preferred_partners = 2;
	struct story st = story_of(r, "clb", &a);
	assert_true(team(&st, 1, "facility-a"));
	ACCEPTED(says_no_to(&st, SP(YOUTH), all, PARTNERS_MAX));
	assert_int_equal(view(&st, "clb")->request->n_excluded_partners, PARTNERS_MAX);
	assert_int_equal(view(&st, "clb")->request->n_preferred_partners, 0);
	REFUSED(says_no_to(&st, SP(YOUTH), all + PARTNERS_MAX, 1), TOO_MANY, "excluded_partners");
	conf->parties = was;
	conf->n_parties = was_len;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_position_ground_is_complete_only_with_the_voices_needed),
		T(test_position_voices_still_wanted_are_named),
		T(test_position_voices_are_wanted_while_help_is_to_start),
		T(test_position_agree_is_told_once),
		T(test_position_on_older_proposal_is_late),
		T(test_position_on_a_proposal_not_heard_is_late),
		T(test_position_not_excludes),
		T(test_position_not_of_a_young_child_is_heard),
		T(test_position_emergency_starts_a_crisis_only),
		T(test_position_refuses_by_field),
		T(test_position_excluded_at_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
