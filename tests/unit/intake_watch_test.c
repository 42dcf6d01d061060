/* SPDX-License-Identifier: EUPL-1.2 */
/* What is asked, reviewed and told on its day: fit, basic support, the ladder, reviews by another
 * house, terms of a crisis, aftercare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"
#include "tests/unit/warm_story.h"

#define MOMENT(X) SCHAKEL__V1__FIT_MOMENT__FIT_MOMENT_##X
#define FIT(X) SCHAKEL__V1__FIT__FIT_##X
#define LINKED(X) SCHAKEL__V1__BASIC_LINK__BASIC_LINK_##X
#define RUNGS(X) SCHAKEL__V1__RUNG_REASON__RUNG_REASON_##X
#define CUT(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X

static bool starts(struct story *st, uint32_t number, size_t need, const char *partner,
		   PB(Modality) modality)
{
	return say_share(st, (struct share){ .number = number,
					     .version = 5,
					     .need = need,
					     .partner = partner,
					     .state = H(STARTED),
					     .modality = modality });
}

/* D16: asked at six weeks to the day and at the end, of each once, changed on the same day only. */
static void test_fit_is_asked_at_six_weeks_and_at_the_end(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(starts(&st, 1, 0, "facility-a", 0));
	REFUSED(record_fit(&st, "family", 1, MOMENT(SIX_WEEKS), FIT(YES)), STATE, "moment");
	rig_advance(r, 41 * RIG_DAY_MS);
	rig_skip(r);
	REFUSED(record_fit(&st, "family", 1, MOMENT(SIX_WEEKS), FIT(YES)), STATE, "moment");
	rig_advance(r, RIG_DAY_MS);
	PB(Event) *e = last_event(r, E(ALARM), A(FIT_ASKED));
	assert_non_null(e);
	assert_int_equal(e->moment, MOMENT(SIX_WEEKS));
	assert_string_equal(e->party, "duty-westhoek");
	ACCEPTED(record_fit(&st, "family", 1, MOMENT(SIX_WEEKS), FIT(NO)));
	ACCEPTED(record_fit(&st, "family", 1, MOMENT(SIX_WEEKS), FIT(PARTLY)));
	rig_advance(r, RIG_DAY_MS);
	REFUSED(record_fit(&st, "family", 1, MOMENT(SIX_WEEKS), FIT(YES)), STATE, "fit");
	REFUSED(record_fit(&st, "family", 1, MOMENT(END), FIT(YES)), STATE, "moment");
	rig_skip(r);
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), false, 0 }));
	assert_int_equal(events(r, E(ALARM), A(FIT_ASKED)), 1);
	assert_int_equal(sees(&st, as_youth)->needs[0]->n_ended, 1);
	assert_int_equal(sees(&st, as_parent)->needs[0]->n_ended, 1);
	ACCEPTED(record_fit(&st, "family", 1, MOMENT(END), FIT(YES)));
	assert_int_equal(sees(&st, as_youth)->needs[0]->n_ended, 0); /* each says it for itself */
	assert_int_equal(sees(&st, as_parent)->needs[0]->n_ended, 1);
	REFUSED(record_fit(&st, "facility-c", 1, MOMENT(END), FIT(YES)), NOT_YOURS, "request_id");
	REFUSED(record_fit(&st, "family", 77, MOMENT(END), FIT(YES)), UNKNOWN_OBJECT,
		"contribution_id");
}

/* D16: help that stopped before is not asked about at six weeks any more. */
static void test_fit_is_not_asked_of_help_that_ended(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(starts(&st, 1, 0, "facility-a", 0));
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(STOPPED_BY_YOUTH), false,
						 0 }));
	rig_skip(r);
	rig_advance(r, 50 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(FIT_ASKED)), 0);
}

/* L13, D12: a stay without a link is told at its start and at each review, until it is noted; what
 * is linked stays linked until the family says no. */
static void test_basic_support_stays_through_a_stay(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(starts(&st, 1, 0, "facility-a", M(RESIDENTIAL)));
	assert_int_equal(events(r, E(ALARM), A(BASIC_SUPPORT)), 1);
	rig_advance(r, 31 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(BASIC_SUPPORT)), 1);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(BASIC_SUPPORT)), 1);
	REFUSED(record_link(&st, "facility-a", "", LINKED(PRESENT)), MISSING, "party");
	REFUSED(record_link(&st, "facility-a", "facility-c", LINKED(PRESENT)), UNKNOWN_OBJECT,
		"party");
	REFUSED(record_link(&st, "facility-c", "school", LINKED(PRESENT)), NOT_YOURS, "request_id");
	ACCEPTED(record_link(&st, "facility-a", "school", LINKED(PRESENT)));
	rig_advance(r, 90 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(BASIC_SUPPORT)), 0);
	REFUSED(record_link(&st, "facility-a", "", LINKED(NONE_YET)), STATE, "link");
	ACCEPTED(record_link(&st, "family", "", LINKED(DECLINED)));
	assert_int_equal(view(&st, "coordinator")->n_basic_links, 2);
}

/* L13: a link that was noted before the stay, or the family's no, is enough. */
static void test_basic_support_that_is_known_raises_no_alarm(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct story no = story_standard(r, 1);

	ACCEPTED(record_link(&st, "clb", "school", LINKED(PRESENT)));
	ACCEPTED(record_link(&no, "family", "", LINKED(DECLINED)));
	assert_true(starts(&st, 1, 0, "facility-a", M(RESIDENTIAL)));
	assert_true(starts(&no, 2, 0, "facility-a", M(RESIDENTIAL)));
	rig_advance(r, 40 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(BASIC_SUPPORT)), 0);
}

/* "IN 2, THROUGH 2, OUT 2": the flows that were noted since the last look, each with its link. */
static const char *flows_of(struct rig *r)
{
	static const char *const name[] = { "?", "IN", "THROUGH", "OUT" };
	static char text[200];
	size_t len = 0;
	const PB(Message) *m;

	text[0] = '\0';
	while ((m = rig_next_of(r, "@events", BODY(EVENT))) != NULL) {
		const PB(Event) *e = m->event;
		if (e->kind == E(BASIC_LINK)) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s %s %d",
						len == 0 ? "" : ", ", name[e->flow], e->party,
						(int)e->basic_link);
		}
	}
	return text;
}

static PB(Receipt) *link_at_inflow(struct story *st)
{
	PB(RecordBasicLink) l = PB_INIT(RECORD_BASIC_LINK);
	PB(Message) m = PB_INIT(MESSAGE);

	l.request_id = st->request;
	l.party = (char *)(uintptr_t) "school";
	l.flow = SCHAKEL__V1__FLOW__FLOW_IN;
	l.link = LINKED(PRESENT);
	m.body_case = BODY(RECORD_BASIC_LINK);
	m.record_basic_link = &l;
	return rig_command(st->r, "clb", &m);
}

/* D11, D12: the link with basic support is noted at the inflow, at each start and at the outflow,
 * each with who is linked; where nobody is, it is said that there is none yet. */
static void test_basic_link_is_noted_at_each_of_the_three_flows(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct story none = story_standard(r, 1);

	rig_skip(r);
	ACCEPTED(link_at_inflow(&st));
	assert_string_equal(flows_of(r), "IN school 1");
	assert_true(starts(&st, 1, 0, "facility-a", M(AMBULANT)));
	assert_string_equal(flows_of(r), "THROUGH school 1");
	assert_true(starts(&st, 2, 1, "facility-b", M(AMBULANT)));
	assert_string_equal(flows_of(r), "THROUGH school 1");
	assert_true(starts(&none, 3, 0, "facility-a", M(AMBULANT)));
	assert_string_equal(flows_of(r), "THROUGH  2");
	assert_true(say_share(&st, (struct share){ .number = 1,
						   .version = 20,
						   .partner = "facility-a",
						   .state = H(ENDED) }));
	assert_string_equal(flows_of(r), "OUT school 1");
	assert_int_equal(view(&st, "coordinator")->n_basic_links, 1); /* one note, by hand */
}

static PB(LinksView) *links_of(struct rig *r, const char *party)
{
	PB(QueryLinks) q = PB_INIT(QUERY_LINKS);
	PB(Message) m = PB_INIT(MESSAGE);

	m.body_case = BODY(QUERY_LINKS);
	m.query_links = &q;
	PB(Message) *answer = rig_query(r, party, &m);
	return answer->body_case == BODY(LINKS_VIEW) ? answer->links_view : NULL;
}

/* D14: a school sees that it is linked and the contact person; it cannot open the request. */
static void test_links_show_the_link_and_nothing_else(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	ACCEPTED(record_link(&st, "clb", "school", LINKED(PRESENT)));
	PB(LinksView) *v = links_of(r, "school");
	assert_int_equal(v->n_links, 1);
	assert_string_equal(v->links[0]->contact_party, "duty-westhoek");
	assert_null(view(&st, "school"));
	ACCEPTED(record_link(&st, "family", "", LINKED(DECLINED)));
	assert_int_equal(links_of(r, "school")->n_links, 0);
	assert_null(links_of(r, "clb"));
}

static PB(RungView) *rung_last(struct story *st)
{
	PB(RequestItem) *it = view(st, "coordinator");

	return it->n_rungs == 0 ? NULL : it->rungs[it->n_rungs - 1];
}

/* A3, C5: a step up is recorded with the answers of help that changes less, counted, not said. */
static void test_rung_counts_what_was_asked_first(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 2);
	struct share no = { .number = 7,
			    .version = 2,
			    .need = 1,
			    .partner = "facility-b",
			    .state = H(NOT_NOW),
			    .modality = M(MOBILE),
			    .answer = SCHAKEL__V1__ANSWER_KIND__ANSWER_KIND_NOT_NOW };

	assert_true(starts(&st, 1, 0, "facility-a", M(MOBILE)));
	assert_null(rung_last(&st)); /* help at home is no step up */
	assert_true(starts(&st, 2, 1, "facility-a", M(AMBULANT)));
	assert_int_equal(rung_last(&st)->reason, RUNGS(UNSPECIFIED)); /* shown as without */
	assert_int_equal(rung_last(&st)->from_rung, 3);
	assert_int_equal(rung_last(&st)->to_rung, 4);
	assert_true(say_share(&st, no));
	assert_true(starts(&st, 3, 1, "facility-c", M(RESIDENTIAL)));
	assert_int_equal(rung_last(&st)->reason, RUNGS(ADDITIVE_ASKED));
	assert_int_equal(rung_last(&st)->additive_asked, 1);
	assert_int_equal(rung_last(&st)->to_rung, 5);
}

/* DOMAIN 7: free when the capable child asks it; the rest is refused by who may not say it. */
static void test_rung_is_free_for_a_reason(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	REFUSED(climb(&st, "family", 0, RUNGS(ADDITIVE_ASKED)), CONTRADICTS, "reason");
	REFUSED(climb(&st, "family", 0, RUNGS(UNSPECIFIED)), MISSING, "reason");
	REFUSED(climb(&st, "family", 0, RUNGS(DANGER)), NOT_YOURS, "need_id");
	REFUSED(climb(&st, "facility-c", 0, RUNGS(YOUTH_ASKS)), NOT_YOURS, "need_id");
	ACCEPTED(climb(&st, "family", 0, RUNGS(YOUTH_ASKS)));
	assert_true(starts(&st, 1, 0, "facility-a", M(RESIDENTIAL)));
	assert_int_equal(rung_last(&st)->reason, RUNGS(YOUTH_ASKS));
	assert_int_equal(rung_last(&st)->to_rung, 5);
	assert_int_equal(view(&st, "coordinator")->n_rungs, 1);
}

/* DOMAIN 7: danger takes one tap; its text is asked after 24 h, and another house looks at it. */
static void test_rung_for_danger_is_written_down_and_reviewed(void **state)
{
	struct rig *r = *state;
	struct story st = story_crisis(r);
	PB(ClimbRung) c = PB_INIT(CLIMB_RUNG);
	PB(Message) m = PB_INIT(MESSAGE);
	PB(Capsule) text;

	ACCEPTED(climb(&st, "contactpoint", 0, RUNGS(DANGER)));
	rig_skip(r);
	rig_advance(r, RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(RUNG_TEXT)), 1);
	capsule_init(&text, 900, 1);
	c.need_id = st.need[0];
	c.reason = RUNGS(DANGER);
	c.danger = D(VIOLENCE);
	c.text = &text;
	m.body_case = BODY(CLIMB_RUNG);
	m.climb_rung = &c;
	ACCEPTED(rig_command(r, "contactpoint", &m));
	assert_int_equal(view(&st, "coordinator")->n_rungs, 1);
	assert_true(rung_last(&st)->text_given);
	rig_skip(r);
	rig_advance(r, 7 * RIG_DAY_MS);
	PB(Event) *e = last_event(r, E(ALARM), A(REVIEW_BY_OTHER));
	assert_non_null(e);
	REFUSED(review_need(&st, "contactpoint", 0, true), SECOND_PARTY, "request_id");
	ACCEPTED(review_need(&st, "duty-westhoek", 0, true));
	assert_true(rung_last(&st)->reviewed);
	REFUSED(review_need(&st, "duty-westhoek", 0, true), STATE, "need_id");
	rig_skip(r);
	rig_advance(r, 30 * RIG_DAY_MS);
	assert_int_equal(events(r, E(ALARM), A(RUNG_TEXT)), 0);
	assert_int_equal(events(r, E(ALARM), A(REVIEW_BY_OTHER)), 0);
}

/* DOMAIN 4, 5: SAFETY and NOT_FITTING, and these only, are looked at by another house within five
 * working days; until it is done it is told again. */
static void test_review_of_an_interruption_is_by_another(void **state)
{
	static const PB(InterruptReason) reason[] = { CUT(FORCE_MAJEURE), CUT(STAFF_ABSENT),
						      CUT(SAFETY),        CUT(NOT_FITTING),
						      CUT(NO_CONTACT),    CUT(OVERCOMMITTED) };
	struct rig *r = *state;

	for (uint32_t i = 0; i < SK_LEN(reason); i++) {
		bool owed = reason[i] == CUT(SAFETY) || reason[i] == CUT(NOT_FITTING);
		struct story st = story_standard(r, 1);
		struct share cut = { .number = 10 + i,
				     .version = 6,
				     .partner = "facility-b",
				     .state = H(INTERRUPTED),
				     .interrupt = reason[i] };
		assert_true(starts(&st, 10 + i, 0, "facility-b", 0));
		assert_true(say_share(&st, cut));
		if (!owed) {
			REFUSED(review_help(&st, "police", 10 + i, true), NOT_YOURS, "request_id");
			REFUSED(review_help(&st, "duty-westhoek", 10 + i, true), STATE,
				"contribution_id");
			continue;
		}
		rig_skip(r);
		rig_advance(r, 8 * RIG_DAY_MS);
		assert_int_equal(events(r, E(ALARM), A(REVIEW_BY_OTHER)), 1);
		rig_advance(r, 8 * RIG_DAY_MS);
		assert_int_equal(events(r, E(ALARM), A(REVIEW_BY_OTHER)), 1);
		REFUSED(review_help(&st, "facility-b", 10 + i, true), SECOND_PARTY, "request_id");
		REFUSED(review_help(&st, "family", 10 + i, true), NOT_YOURS, "request_id");
		ACCEPTED(review_help(&st, "duty-westhoek", 10 + i, false));
		assert_int_equal(events(r, E(ALARM), A(REVIEW_BY_OTHER)), 1); /* seen otherwise */
		rig_advance(r, 20 * RIG_DAY_MS);
		assert_int_equal(events(r, E(ALARM), A(REVIEW_BY_OTHER)), 0);
	}
}

static void crisis_code(struct rig *r, uint32_t number, const char *code)
{
	PB(ConfigApplied) *c = rig_conf(r);

	for (size_t i = 0; i < c->n_expertises; i++) {
		if (c->expertises[i]->number == number) {
			free(c->expertises[i]->code);
			c->expertises[i]->code = strdup(code);
		}
	}
	rig_config(r);
}

static size_t terms_until(struct rig *r, const char *when)
{
	go_to(r, when);
	return events(r, E(ALARM), A(CRISIS_TERM));
}

/* DOMAIN 5: a crisis stay is told before and at seven days, and once more for seven more. */
static void test_crisis_stay_is_told_before_and_at_its_term(void **state)
{
	struct rig *r = *state;

	crisis_code(r, EXPERTISE, "CRISIS_STAY");
	go_to(r, "2026-03-24 10:00");
	struct story st = story_crisis(r);
	assert_true(starts(&st, 1, 0, "facility-a", M(RESIDENTIAL)));
	assert_int_equal(terms_until(r, "2026-03-30 09:59"), 0);
	assert_int_equal(terms_until(r, "2026-03-30 10:00"), 1); /* the clock has changed between */
	assert_int_equal(terms_until(r, "2026-03-31 10:00"), 1);
	assert_int_equal(terms_until(r, "2026-04-06 10:00"), 1);
	assert_int_equal(terms_until(r, "2026-04-07 10:00"), 1);
	assert_int_equal(terms_until(r, "2026-05-10 10:00"), 0);
}

static void test_crisis_guidance_and_intervention_have_their_terms(void **state)
{
	struct rig *r = *state;

	crisis_code(r, EXPERTISE, "CRISIS_INTERVENTION");
	crisis_code(r, EXPERTISE + 1, "CRISIS_GUIDANCE");
	go_to(r, "2026-03-10 10:00");
	struct ask a;
	ask_init(&a);
	ask_crisis(&a);
	ask_needs(&a, 2, 0);
	struct story st = story_of(r, "contactpoint", &a);
	assert_true(starts(&st, 1, 0, "facility-a", M(MOBILE)));
	assert_true(starts(&st, 2, 1, "facility-b", M(MOBILE)));
	assert_int_equal(terms_until(r, "2026-03-12 10:00"), 1);
	assert_int_equal(terms_until(r, "2026-03-13 10:00"), 1);
	assert_int_equal(terms_until(r, "2026-04-06 10:00"), 1);
	assert_true(say_help(&st, (struct help){ 2, 9, 1, "facility-b", H(ENDED), false, 0 }));
	assert_int_equal(terms_until(r, "2026-04-20 10:00"), 0); /* over before its end */
}

/* A11: after help has ended, how it goes is asked on set days; not well offers help again. */
static void test_aftercare_is_asked_on_set_days(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	REFUSED(check_in(&st, "family", 0, true), STATE, "need_id");
	assert_true(starts(&st, 1, 0, "facility-a", 0));
	go_to(r, "2026-03-20 10:00");
	assert_true(say_help(&st, (struct help){ 1, 9, 0, "facility-a", H(ENDED), false, 0 }));
	rig_skip(r);
	go_to(r, "2026-03-27 09:59");
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 0);
	go_to(r, "2026-03-27 10:00");
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 1);
	ACCEPTED(check_in(&st, "family", 0, true));
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 0);
	go_to(r, "2026-04-19 10:00");
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 1);
	ACCEPTED(check_in(&st, "duty-westhoek", 0, false));
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 1); /* offered again at once */
	REFUSED(check_in(&st, "facility-c", 0, false), NOT_YOURS, "need_id");
	ACCEPTED(reopen(&st, "family", 0));
	go_to(r, "2026-07-01 10:00");
	assert_int_equal(events(r, E(ALARM), A(AFTERCARE_DAY)), 0);
}

static void closes_on(struct rig *r, struct story *st, const char *when)
{
	*st = story_standard(r, 1);
	go_to(r, when);
	ACCEPTED(close_need(st, "family", 0, R(SELF_RESOLVED), ""));
}

/* DOMAIN 4: re-entry within a year needs no new intake, to the day; a leap year has its own day. */
static void test_reentry_is_open_for_a_year_to_the_day(void **state)
{
	struct rig *r = *state;
	struct story early;
	struct story late;

	closes_on(r, &early, "2027-03-01 09:00");
	closes_on(r, &late, "2027-03-01 09:30");
	go_to(r, "2028-03-01 23:59");
	ACCEPTED(reopen(&early, "family", 0));
	go_to(r, "2028-03-02 00:00");
	REFUSED(reopen(&late, "family", 0), STATE, "need_id");
	closes_on(r, &early, "2032-02-29 09:00");
	closes_on(r, &late, "2032-02-29 09:30");
	go_to(r, "2033-02-28 23:59");
	ACCEPTED(reopen(&early, "family", 0));
	go_to(r, "2033-03-01 00:00");
	REFUSED(reopen(&late, "family", 0), STATE, "need_id");
}

/* A9: a stay leaves an entry for each life domain that its house touched, not for its own only. */
static void test_after_stay_every_touched_domain_has_an_entry(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 3, 0);
	for (size_t i = 0; i < 3; i++) {
		a.need[i].life_domain = (PB(LifeDomain))(i + 1);
	}
	struct story st = story_of(r, "clb", &a);
	assert_true(starts(&st, 1, 0, "facility-a", M(RESIDENTIAL)));
	assert_true(starts(&st, 2, 1, "facility-a", 0));
	assert_true(starts(&st, 3, 2, "facility-b", 0)); /* another house goes on */
	assert_true(ask_end(&st, 1, 0, "facility-a"));
	PB(Message) *m = rig_next_of(r, "matching", BODY(END_ALLOWED));
	assert_non_null(m);
	assert_int_equal(m->end_allowed->n_after_stay_needs, 2);
	PB(RequestItem) *it = view(&st, "coordinator");
	assert_int_equal(it->n_needs, 5);
	assert_int_equal(it->needs[3]->need->life_domain, 1);
	assert_int_equal(it->needs[4]->need->life_domain, 2);
	assert_true(ask_end(&st, 1, 0, "facility-a")); /* asked again: no more of them */
	assert_int_equal(view(&st, "coordinator")->n_needs, 5);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_fit_is_asked_at_six_weeks_and_at_the_end),
		T(test_fit_is_not_asked_of_help_that_ended),
		T(test_basic_support_stays_through_a_stay),
		T(test_basic_support_that_is_known_raises_no_alarm),
		T(test_basic_link_is_noted_at_each_of_the_three_flows),
		T(test_links_show_the_link_and_nothing_else),
		T(test_rung_counts_what_was_asked_first),
		T(test_rung_is_free_for_a_reason),
		T(test_rung_for_danger_is_written_down_and_reviewed),
		T(test_review_of_an_interruption_is_by_another),
		T(test_crisis_stay_is_told_before_and_at_its_term),
		T(test_crisis_guidance_and_intervention_have_their_terms),
		T(test_aftercare_is_asked_on_set_days),
		T(test_reentry_is_open_for_a_year_to_the_day),
		T(test_after_stay_every_touched_domain_has_an_entry),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
