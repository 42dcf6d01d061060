/* SPDX-License-Identifier: EUPL-1.2 */
/* L6, D3: no sequence of messages stops the month clock without a start with the child or a parent
 * seen, or a consult that the family calls enough. All sequences over the letters below are played
 * to a bound of length, each on a request of its own. One that is refused or set aside changes
 * nothing, so what would come behind it was played without it: such branches are cut.
 * WALK_DEPTH gives another bound than the one that each test names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOW true
#else
#define SLOW false
#endif
#define DEPTH_MAX 8
#define STORIES_A_RIG 25 /* then a new one: its replay stays short */
#define MUST 0
#define SHOULD 1

/* One request on its way, and what alone may have stopped its clock. */
struct walk {
	struct story st;
	uint32_t base; /* of the numbers of its contributions */
	uint32_t team;
	uint32_t version; /* of contributions */
	bool answered;    /* a real start, or a consult that was enough */
};

enum effect { TAKEN, NOTHING };

static enum effect of_fact(bool stepped)
{
	return stepped ? TAKEN : NOTHING;
}

static enum effect of_receipt(PB(Receipt) *r)
{
	return r->outcome == OUTCOME(ACCEPTED) ? TAKEN : NOTHING;
}

static enum effect help(struct walk *w, size_t need, PB(ContributionState) state, bool seen)
{
	struct help h = {
		w->base + (uint32_t)need, ++w->version, need, "facility-a", state, seen, 0
	};

	return of_fact(say_help(&w->st, h));
}

static enum effect do_team(struct walk *w)
{
	struct seat seats[] = {
		{ w->base + MUST, MUST, "facility-a", M(MOBILE), H(ASKED) },
		{ w->base + SHOULD, SHOULD, "facility-b", 0, H(ASKED) },
	};

	return of_fact(say_team(&w->st, ++w->team, seats, SK_LEN(seats)));
}

static enum effect do_asked(struct walk *w)
{
	return help(w, MUST, H(ASKED), false);
}

static enum effect do_can(struct walk *w)
{
	return help(w, MUST, H(CAN), true);
}

static enum effect do_not_now(struct walk *w)
{
	return help(w, MUST, H(NOT_NOW), true);
}

static enum effect do_agreed(struct walk *w)
{
	return help(w, MUST, H(AGREED), true);
}

/* An intake talk: nobody of the family was seen at the help itself. */
static enum effect do_start_unseen(struct walk *w)
{
	return help(w, MUST, H(STARTED), false);
}

static enum effect do_start_of_should(struct walk *w)
{
	return help(w, SHOULD, H(STARTED), true);
}

static enum effect do_start_seen(struct walk *w)
{
	PB(NeedState) was = w->st.needs == 0 ? N(UNSPECIFIED) : state_of(&w->st, MUST);
	enum effect e = help(w, MUST, H(STARTED), true);

	w->answered = w->answered || (e == TAKEN && was >= N(OPEN) && was <= N(AFTERCARE));
	return e;
}

static enum effect do_interrupted(struct walk *w)
{
	return help(w, MUST, H(INTERRUPTED), true);
}

static enum effect do_handing_on(struct walk *w)
{
	return help(w, MUST, H(HANDING_ON), true);
}

static enum effect do_ended(struct walk *w)
{
	return help(w, MUST, H(ENDED), true);
}

static enum effect do_stopped(struct walk *w)
{
	return help(w, MUST, H(STOPPED_BY_YOUTH), true);
}

static enum effect do_end_asked(struct walk *w)
{
	return of_fact(ask_end(&w->st, w->base + MUST, MUST, "facility-a"));
}

static PB(Receipt) *position(struct walk *w, PB(Speaker) who, uint32_t adult, PB(Voice) voice)
{
	PB(RecordPosition) p = PB_INIT(RECORD_POSITION);
	PB(Message) m = PB_INIT(MESSAGE);

	p.request_id = w->st.request;
	p.proposal_version = w->team;
	p.speaker = who;
	p.adult = adult;
	p.voice = voice;
	m.body_case = BODY(RECORD_POSITION);
	m.record_position = &p;
	return rig_command(w->st.r, "family", &m);
}

static enum effect do_youth_agrees(struct walk *w)
{
	return of_receipt(position(w, SP(YOUTH), 0, V(AGREE)));
}

static enum effect do_adult_agrees(struct walk *w)
{
	return of_receipt(position(w, SP(ADULT), 1, V(AGREE)));
}

static enum effect do_youth_not(struct walk *w)
{
	return of_receipt(position(w, SP(YOUTH), 0, V(NOT)));
}

static enum effect do_name_contact(struct walk *w)
{
	return of_receipt(name_contact(&w->st, "duty-westhoek", "facility-a", "facility-b"));
}

static enum effect do_close(struct walk *w)
{
	return of_receipt(close_need(&w->st, "family", MUST, R(SELF_RESOLVED), ""));
}

static enum effect do_withdraw(struct walk *w)
{
	return of_receipt(withdraw_need(&w->st, "clb", SHOULD, R(WITHDRAWN)));
}

static enum effect do_reopen(struct walk *w)
{
	return of_receipt(reopen(&w->st, "family", MUST));
}

static enum effect do_enough(struct walk *w)
{
	enum effect e = of_receipt(confirm(&w->st, "family", true));

	w->answered = w->answered || e == TAKEN;
	return e;
}

static enum effect do_not_enough(struct walk *w)
{
	return of_receipt(confirm(&w->st, "family", false));
}

/* Past the term, and past every alarm before it. */
static enum effect do_forty_days(struct walk *w)
{
	rig_advance(w->st.r, 40 * RIG_DAY_MS);
	return TAKEN;
}

/* clang-format off */
#define LETTER_MAP(X) \
	X(team) X(asked) X(can) X(not_now) X(agreed) \
	X(start_unseen) X(start_of_should) X(start_seen) X(interrupted) X(handing_on) \
	X(ended) X(stopped) X(end_asked) X(youth_agrees) X(adult_agrees) \
	X(youth_not) X(name_contact) X(close) X(withdraw) X(reopen) \
	X(enough) X(not_enough) X(forty_days)
/* clang-format on */

static const struct {
	const char *name;
	enum effect (*play)(struct walk *w);
} letter[] = {
#define X(name) { #name, do_##name },
	LETTER_MAP(X)
#undef X
};

struct search {
	struct rig *r;
	struct walk (*begin)(struct search *x);
	size_t at[DEPTH_MAX]; /* the sequence, as letters */
	size_t depth_max;
	uint32_t stories;
	size_t played;
	size_t stopped; /* sequences at whose end the clock stood still: rightly */
};

static void tell(const struct search *x, size_t len, const char *what)
{
	char text[512];
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, " %s", letter[x->at[i]].name);
	}
	fail_msg("%s after%s", what, text);
}

/* The clock runs for an identified request as long as nothing answered it and something is open. */
static void judge(struct search *x, struct walk *w, size_t len)
{
	PB(RequestItem) *it = view(&w->st, "coordinator");

	assert_non_null(it);
	if (it->answered_ms != 0 && !w->answered) {
		tell(x, len, "the clock was stopped by nothing that may");
	}
	if (it->open && !w->answered && it->answer_due_ms == 0) {
		tell(x, len, "the clock is gone");
	}
	x->stopped += it->answered_ms != 0 ? 1 : 0;
}

static void rig_renew(struct search *x)
{
	if (x->stories % STORIES_A_RIG == 0) {
		rig_free(x->r);
		x->r = rig_new(&intake_service);
	}
	x->stories++;
}

/* Plays the whole sequence on a new request. @return whether its last letter did anything. */
static bool play(struct search *x, size_t len)
{
	rig_renew(x);
	struct walk w = x->begin(x);
	enum effect e = TAKEN;

	for (size_t i = 0; i < len; i++) {
		e = letter[x->at[i]].play(&w);
		assert_true(e == TAKEN || i + 1 == len);
	}
	judge(x, &w, len);
	x->played++;
	/* What is left of it must not fire in the stories that follow. */
	(void)withdraw(&w.st, "clb", R(ENTERED_IN_ERROR));
	rig_skip(x->r);
	return e == TAKEN;
}

static void walk_from(struct search *x, size_t len)
{
	for (size_t i = 0; i < SK_LEN(letter); i++) {
		x->at[len] = i;
		if (play(x, len + 1) && len + 1 < x->depth_max) {
			walk_from(x, len + 1);
		}
	}
}

static void explore(struct walk (*begin)(struct search *x), size_t depth)
{
	struct search x = { .begin = begin, .depth_max = depth };
	const char *asked = getenv("WALK_DEPTH");

	if (asked != NULL) {
		x.depth_max = (size_t)strtoul(asked, NULL, 10);
	}
	if (SLOW || getenv("SEEDS") != NULL) {
		x.depth_max = 2; /* under valgrind and asan: its shape, not its breadth */
	}
	assert_in_range(x.depth_max, 1, DEPTH_MAX);
	walk_from(&x, 0);
	rig_free(x.r);
	printf("%zu sequences, %zu with a rightful stop\n", x.played, x.stopped);
	/* A walk in which no clock ever stops would prove nothing. */
	assert_true(x.played >= SK_LEN(letter) && x.stopped > 0);
}

static struct walk begin_search(struct search *x)
{
	struct walk w = { .base = x->stories * 8, .version = 4 };
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 1, 1);
	w.st = story_of(x->r, "clb", &a);
	return w;
}

static struct walk begin_consult(struct search *x)
{
	struct walk w = { .base = x->stories * 8, .version = 4 };
	struct ask a;

	ask_init(&a);
	a.m.kind = SCHAKEL__V1__REQUEST_KIND__REQUEST_KIND_CONSULT;
	a.m.n_needs = 0;
	w.st = story_of(x->r, "clb", &a);
	/* It has no need: facts and words about one name a need that is unknown here. */
	for (size_t i = 0; i < 2; i++) {
		w.st.need[i] = w.st.request;
	}
	return w;
}

/* L6, D3: for a search. */
static void test_walk_search_only_a_real_start_stops_the_clock(void **state)
{
	(void)state;
	explore(begin_search, 3);
}

/* L6, D3: for a consult, only the family's word that it was enough. */
static void test_walk_consult_only_enough_stops_the_clock(void **state)
{
	(void)state;
	explore(begin_consult, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk_search_only_a_real_start_stops_the_clock),
		cmocka_unit_test(test_walk_consult_only_enough_stops_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
