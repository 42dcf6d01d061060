/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests and needs under the real engine: what a request must say, what follows in the same step,
 * the table of DOMAIN 4 as data and as commands, amending, withdrawing, closing, reopening. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

/* L1, L2, L3: one receipt, and everything that it promises stands in the same step. */
static void test_intake_submit_sets_all_in_one_step(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 2, 1);
	a.need_at[0] = &a.need[2]; /* the should-need first: ordinals still begin with a must */
	a.need_at[2] = &a.need[0];
	rig_skip(r);
	struct story st = story_of(r, "clb", &a);
	assert_int_equal(st.needs, 3);
	assert_int_equal(strlen(st.short_code), SHORT_CODE_LEN);
	PB(NeedsOpened) *opened = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	assert_int_equal(opened->n_needs, 3);
	assert_true(opened->needs[0]->must && opened->needs[1]->must && !opened->needs[2]->must);
	assert_int_equal(opened->needs[2]->ordinal, 3);
	assert_int_equal(opened->request->age_years, 13);
	assert_true(opened->request->received_ms == RIG_START_MS);
	assert_null(rig_next(r, "waitlist"));
	assert_null(rig_next(r, "matching"));
	assert_string_equal(holders_of(&st), "REQUESTER clb, ZONE_NETWORK net-westhoek, "
					     "CONTACT_PERSON duty-westhoek");
	PB(RequestItem) *it = view(&st, "clb");
	assert_string_equal(it->contact_party, "duty-westhoek");
	assert_string_equal(it->stand_in_party, "standin-westhoek");
	assert_false(it->contact_named);
	assert_true(it->contact_due_ms > rig_now(r));
	assert_true(it->answer_due_ms > rig_now(r));
	assert_int_equal(it->n_capsules, 1);
	assert_int_equal(rig_due(r, 1), 1);
}

/* I2: the same bytes once more are the same request. */
static void test_intake_submit_again_is_the_same_request(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	PB(Receipt) *again = rig_again(r, "clb");

	assert_int_equal(again->outcome, OUTCOME(DUPLICATE));
	assert_memory_equal(again->object_id.data, st.request.data, OBJECT_ID_LEN);
	assert_int_equal(rig_rows(r, TABLE_SERVICE), 1);
}

typedef void spoil_fn(struct ask *a);

#define SPOIL(name, ...)                        \
	static void spoil_##name(struct ask *a) \
	{                                       \
		__VA_ARGS__;                    \
	}
SPOIL(kind, a->m.kind = 0)
SPOIL(zone, a->m.zone = "")
SPOIL(zone_unknown, a->m.zone = "elsewhere")
SPOIL(network, a->m.network = "No Name")
SPOIL(urgency, a->m.urgency = 0)
SPOIL(step_of_none, a->m.crisis_step = 1)
SPOIL(reason_of_none, a->m.reason = 1)
SPOIL(second_none, a->m.urgency = U(URGENT))
SPOIL(second_unknown, ask_urgent(a); a->m.second_party = "nobody")
SPOIL(second_self, ask_urgent(a); a->m.second_party = "clb")
SPOIL(crisis, ask_crisis(a))
SPOIL(child_none, a->m.n_children = 0; ask_needs(a, 0, 0))
SPOIL(child_two, a->m.n_children = CHILDREN_MAX + 1)
SPOIL(child_old, a->child[0].age_years = AGE_MAX + 1)
SPOIL(child_both, a->child[0].judged_capable = a->child[0].judged_incapable = true)
SPOIL(child_id, a->child[0].person_id = (ProtobufCBinaryData){ 3, (uint8_t *)"abc" })
SPOIL(adults, a->m.n_adults = ADULTS_MAX + 1)
SPOIL(adult_zero, a->adult[0].number = 0)
SPOIL(adult_high, a->adult[0].number = ADULTS_MAX + 1)
SPOIL(adult_twice, a->m.n_adults = 2; a->adult[1].number = 1)
SPOIL(needs_none, a->m.n_needs = 0)
SPOIL(needs_many, ask_needs(a, NEEDS_MAX + 1, 0))
SPOIL(needs_should, ask_needs(a, 0, 2))
SPOIL(need_expertise, ask_needs(a, 3, 0); a->need[2].expertise = 0)
SPOIL(need_expertise_unknown, a->need[0].expertise = 65)
SPOIL(need_intensity, a->need[0].intensity = 0)
SPOIL(need_intensity_high, a->need[0].intensity = INTENSITY_MAX + 1)
SPOIL(need_duration, a->need[0].duration_weeks = 0)
SPOIL(need_duration_high, a->need[0].duration_weeks = DURATION_WEEKS_MAX + 1)
SPOIL(need_child, a->need[0].child = 1)
SPOIL(callback, a->m.callback_sealed = false)
SPOIL(capsule_none, a->m.n_capsules = 0)
SPOIL(capsules, a->m.n_capsules = CAPSULES_MAX + 1)
SPOIL(capsule_person, a->capsule[0].person_id.len = 4)
SPOIL(capsule_version, a->capsule[0].version = 0)
SPOIL(capsule_short, a->capsule[0].capsule.len = CAPSULE_BYTES_MIN - 1)
SPOIL(capsule_long, a->capsule[0].capsule.len = CAPSULE_BYTES_MAX + 1)
SPOIL(capsule_key, a->capsule[0].sealed_key.len = SEALED_KEY_BYTES - 1)
SPOIL(capsule_twice, a->m.n_capsules = 2; a->capsule[1].person_id = a->capsule[0].person_id)

static void partners(struct ask *a, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		a->partner[i] = "facility-a";
	}
	a->m.excluded_partners = a->partner;
	a->m.n_excluded_partners = len;
}
SPOIL(excluded, partners(a, PARTNERS_MAX + 1))
SPOIL(excluded_unknown, partners(a, 2); a->partner[1] = "nobody")
SPOIL(preferred_excluded, partners(a, 1); a->m.preferred_partners = a->partner;
      a->m.n_preferred_partners = 1)

static char *languages[] = { "nl", "fr", "ar", "en", "uk", "Nl" };
SPOIL(languages, a->m.languages = languages; a->m.n_languages = LANGUAGES_MAX + 1)
SPOIL(language, a->m.languages = &languages[4]; a->m.n_languages = 2)

static const struct {
	spoil_fn *spoil;
	PB(Refusal) code;
	const char *field;
} rule[] = {
	{ spoil_kind, REFUSAL(MISSING), "kind" },
	{ spoil_zone, REFUSAL(MISSING), "zone" },
	{ spoil_zone_unknown, REFUSAL(UNKNOWN_CODE), "zone" },
	{ spoil_network, REFUSAL(OUT_OF_RANGE), "network" },
	{ spoil_urgency, REFUSAL(MISSING), "urgency" },
	{ spoil_step_of_none, REFUSAL(CONTRADICTS), "crisis_step" },
	{ spoil_reason_of_none, REFUSAL(CONTRADICTS), "reason" },
	{ spoil_second_none, REFUSAL(SECOND_PARTY), "second_party" },
	{ spoil_second_unknown, REFUSAL(SECOND_PARTY), "second_party" },
	{ spoil_second_self, REFUSAL(SECOND_PARTY), "second_party" },
	{ spoil_crisis, REFUSAL(UNAUTHORISED), "urgency" },
	{ spoil_child_none, REFUSAL(MISSING), "children" },
	{ spoil_child_two, REFUSAL(TOO_MANY), "children" },
	{ spoil_child_old, REFUSAL(OUT_OF_RANGE), "children[0].age_years" },
	{ spoil_child_both, REFUSAL(CONTRADICTS), "children[0].judged_incapable" },
	{ spoil_child_id, REFUSAL(MALFORMED), "children[0].person_id" },
	{ spoil_adults, REFUSAL(TOO_MANY), "adults" },
	{ spoil_adult_zero, REFUSAL(OUT_OF_RANGE), "adults[0].number" },
	{ spoil_adult_high, REFUSAL(OUT_OF_RANGE), "adults[0].number" },
	{ spoil_adult_twice, REFUSAL(CONTRADICTS), "adults[1].number" },
	{ spoil_needs_none, REFUSAL(MISSING), "needs" },
	{ spoil_needs_many, REFUSAL(TOO_MANY), "needs" },
	{ spoil_needs_should, REFUSAL(MISSING), "needs[0].must" },
	{ spoil_need_expertise, REFUSAL(MISSING), "needs[2].expertise" },
	{ spoil_need_expertise_unknown, REFUSAL(UNKNOWN_CODE), "needs[0].expertise" },
	{ spoil_need_intensity, REFUSAL(OUT_OF_RANGE), "needs[0].intensity" },
	{ spoil_need_intensity_high, REFUSAL(OUT_OF_RANGE), "needs[0].intensity" },
	{ spoil_need_duration, REFUSAL(OUT_OF_RANGE), "needs[0].duration_weeks" },
	{ spoil_need_duration_high, REFUSAL(OUT_OF_RANGE), "needs[0].duration_weeks" },
	{ spoil_need_child, REFUSAL(OUT_OF_RANGE), "needs[0].child" },
	{ spoil_callback, REFUSAL(MISSING), "callback_sealed" },
	{ spoil_capsule_none, REFUSAL(MISSING), "capsules" },
	{ spoil_capsules, REFUSAL(TOO_MANY), "capsules" },
	{ spoil_capsule_person, REFUSAL(MALFORMED), "capsules[0].person_id" },
	{ spoil_capsule_version, REFUSAL(OUT_OF_RANGE), "capsules[0].version" },
	{ spoil_capsule_short, REFUSAL(OUT_OF_RANGE), "capsules[0].capsule" },
	{ spoil_capsule_long, REFUSAL(OUT_OF_RANGE), "capsules[0].capsule" },
	{ spoil_capsule_key, REFUSAL(MALFORMED), "capsules[0].sealed_key" },
	{ spoil_capsule_twice, REFUSAL(CONTRADICTS), "capsules[1].version" },
	{ spoil_excluded, REFUSAL(TOO_MANY), "excluded_partners" },
	{ spoil_excluded_unknown, REFUSAL(UNKNOWN_OBJECT), "excluded_partners[1]" },
	{ spoil_preferred_excluded, REFUSAL(CONTRADICTS), "preferred_partners[0]" },
	{ spoil_languages, REFUSAL(TOO_MANY), "languages" },
	{ spoil_language, REFUSAL(OUT_OF_RANGE), "languages[1]" },
};

/* Each rule of a request: its code and the field by the name of the schema; nothing is written. */
static void test_intake_submit_refuses_by_field(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < SK_LEN(rule); i++) {
		struct ask a;
		ask_init(&a);
		rule[i].spoil(&a);
		PB(Receipt) *receipt = ask_send(r, "clb", &a);
		assert_string_equal(receipt->field, rule[i].field);
		assert_int_equal(receipt->code, rule[i].code);
		assert_int_equal(receipt->outcome, OUTCOME(REFUSED));
		assert_int_equal(rig_rows(r, TABLE_SERVICE), 0);
	}
	assert_int_equal(rig_count(r, "waitlist", BODY(NEEDS_OPENED)), 0);
}

/* Every bound of a request at its limit is taken. */
static void test_intake_submit_takes_every_limit(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_needs(&a, NEEDS_MAX, 0);
	a.need[0].intensity = INTENSITY_MAX;
	a.need[0].duration_weeks = DURATION_WEEKS_MAX;
	a.child[0].age_years = AGE_MAX;
	a.m.n_adults = ADULTS_MAX;
	a.m.n_capsules = CAPSULES_MAX - 1;
	a.capsule[0].capsule.len = CAPSULE_BYTES_MAX;
	partners(&a, PARTNERS_MAX);
	a.m.languages = languages;
	a.m.n_languages = LANGUAGES_MAX;
	struct story st = story_of(r, "clb", &a);
	assert_int_equal(st.needs, NEEDS_MAX);
	ask_init(&a);
	a.m.n_capsules = CAPSULES_MAX;
	ACCEPTED(ask_send(r, "clb", &a));
}

/* A house cannot second itself under another name. */
static void test_intake_urgent_needs_another_house(void **state)
{
	struct rig *r = *state;
	struct ask a;

	ask_init(&a);
	ask_urgent(&a);
	a.m.second_party = "facility-b";
	REFUSED(ask_send(r, "facility-b2", &a), SECOND_PARTY, "second_party");
	ACCEPTED(ask_send(r, "facility-a", &a));
}

/* The table of DOMAIN 4, written out; what the core has is printed beside it. */
static void test_intake_need_table_is_that_of_domain(void **state)
{
	static const char *const name[] = { "-",        "DRAFT",     "OPEN",
					    "ANSWERED", "SUPPORTED", "AFTERCARE",
					    "CLOSED",   "WITHDRAWN", "ERROR" };
	static const char *const column[] = {
#define X(ev, text) #ev,
		NEED_EVENT_MAP(X)
#undef X
	};
	static const char expected[] =
		"DRAFT: OPEN->OPEN DECEASED->CLOSED WITHDRAW->WITHDRAWN ERROR->ERROR\n"
		"OPEN: START->ANSWERED FAMILY_CLOSES->CLOSED SUCCESSOR->CLOSED CRISIS_OVER->CLOSED "
		"DECEASED->CLOSED "
		"WITHDRAW->WITHDRAWN ERROR->ERROR\n"
		"ANSWERED: ALL_STARTED->SUPPORTED FAMILY_CLOSES->CLOSED SUCCESSOR->CLOSED "
		"DECEASED->CLOSED WITHDRAW->WITHDRAWN ERROR->ERROR\n"
		"SUPPORTED: HELP_ENDED->AFTERCARE FAMILY_CLOSES->CLOSED SUCCESSOR->CLOSED "
		"DECEASED->CLOSED WITHDRAW->WITHDRAWN ERROR->ERROR\n"
		"AFTERCARE: AFTERCARE_DONE->CLOSED FAMILY_CLOSES->CLOSED SUCCESSOR->CLOSED "
		"DECEASED->CLOSED ERROR->ERROR REOPEN->OPEN\n"
		"CLOSED: DECEASED->CLOSED ERROR->ERROR REOPEN->OPEN\n"
		"WITHDRAWN: DECEASED->CLOSED ERROR->ERROR\n"
		"ERROR: DECEASED->CLOSED\n";
	char table[2048];
	size_t at = 0;
	PB(NeedState) to;

	(void)state;
	for (PB(NeedState) from = N(DRAFT); from <= N(ENTERED_IN_ERROR); from++) {
		at += (size_t)snprintf(table + at, sizeof(table) - at, "%s:", name[from]);
		for (enum need_event ev = 0; ev < NEED_EV_COUNT; ev++) {
			if (need_next(from, ev, &to) == SK_OK) {
				at += (size_t)snprintf(table + at, sizeof(table) - at, " %s->%s",
						       column[ev], name[to]);
			}
		}
		at += (size_t)snprintf(table + at, sizeof(table) - at, "\n");
	}
	assert_string_equal(table, expected);
	assert_int_equal(need_next(N(UNSPECIFIED), NEED_EV_OPEN, &to), SK_ESTATE);
}

/* A request of two must-needs whose first need is in that state; the second has help that runs. */
static struct story story_in(struct rig *r, PB(NeedState) want)
{
	struct story st = story_standard(r, 2);

	assert_true(say_started(&st, 900, 1, "facility-b"));
	if (want >= N(ANSWERED) && want <= N(CLOSED)) {
		assert_true(say_started(&st, 901, 0, "facility-a"));
	}
	if (want == N(ANSWERED)) { /* the other must-need loses its start before this one begins */
		st = story_standard(r, 2);
		assert_true(say_started(&st, 902, 0, "facility-b"));
	}
	if (want == N(AFTERCARE) || want == N(CLOSED)) {
		assert_true(ask_end(&st, 901, 0, "facility-a"));
		assert_true(say_help(&st,
				     (struct help){ 901, 9, 0, "facility-a", H(ENDED), false, 0 }));
	}
	if (want == N(CLOSED)) {
		rig_advance(r, 91 * RIG_DAY_MS);
	}
	if (want == N(WITHDRAWN)) {
		ACCEPTED(withdraw_need(&st, "clb", 0, R(WITHDRAWN)));
	}
	if (want == N(ENTERED_IN_ERROR)) {
		ACCEPTED(withdraw_need(&st, "clb", 0, R(ENTERED_IN_ERROR)));
	}
	assert_int_equal(state_of(&st, 0), want);
	return st;
}

static PB(Receipt) *do_event(struct story *st, enum need_event ev)
{
	if (ev == NEED_EV_FAMILY_CLOSES) {
		return close_need(st, "family", 0, R(SELF_RESOLVED), "");
	}
	if (ev == NEED_EV_SUCCESSOR) {
		return close_need(st, "family", 0, R(ADULT_HELP), "facility-b");
	}
	if (ev == NEED_EV_DECEASED) {
		return close_need(st, "family", 0, R(DECEASED), "");
	}
	if (ev == NEED_EV_REOPEN) {
		return reopen(st, "family", 0);
	}
	return withdraw_need(st, "family", 0,
			     ev == NEED_EV_ERROR ? R(ENTERED_IN_ERROR) : R(WITHDRAWN));
}

/* All states and all commands, by the handlers: what is listed happens, what is not is refused. */
static void test_intake_commands_follow_the_table(void **state)
{
	static const enum need_event ev[] = { NEED_EV_FAMILY_CLOSES, NEED_EV_SUCCESSOR,
					      NEED_EV_DECEASED,      NEED_EV_WITHDRAW,
					      NEED_EV_ERROR,         NEED_EV_REOPEN };
	struct rig *r = *state;

	for (PB(NeedState) from = N(OPEN); from <= N(ENTERED_IN_ERROR); from++) {
		for (size_t i = 0; i < SK_LEN(ev); i++) {
			struct story st = story_in(r, from);
			PB(NeedState) to = from;
			bool listed = need_next(from, ev[i], &to) == SK_OK;
			PB(Receipt) *receipt = do_event(&st, ev[i]);
			if (listed) {
				ACCEPTED(receipt);
			} else {
				assert_int_equal(receipt->code, REFUSAL(STATE));
				assert_non_null(receipt->holds_now);
				assert_int_equal(receipt->holds_now->need_state, from);
			}
			assert_int_equal(state_of(&st, 0), to);
		}
	}
}

/* Who neither asked nor holds is not answered about a family. */
static void test_intake_stranger_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	REFUSED(withdraw(&st, "police", R(WITHDRAWN)), NOT_YOURS, "request_id");
	REFUSED(close_need(&st, "police", 0, R(SELF_RESOLVED), ""), NOT_YOURS, "need_id");
	REFUSED(reopen(&st, "police", 0), NOT_YOURS, "need_id");
	REFUSED(name_contact(&st, "police", "facility-a", "facility-b"), NOT_YOURS, "request_id");
	REFUSED(confirm(&st, "police", true), NOT_YOURS, "request_id");
	assert_null(view(&st, "police"));
	assert_non_null(view(&st, "standin-westhoek"));
	assert_non_null(view(&st, "coordinator"));
}

/* Ids that are missing, broken or not known. */
static void test_intake_unknown_object_is_refused(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);
	struct story other = st;
	struct object_id no = rig_id(77);

	other.request = (ProtobufCBinaryData){ 0, NULL };
	REFUSED(withdraw(&other, "clb", R(WITHDRAWN)), MISSING, "request_id");
	other.request = (ProtobufCBinaryData){ 3, no.b };
	REFUSED(withdraw(&other, "clb", R(WITHDRAWN)), MALFORMED, "request_id");
	other.request = object_id_data(&no);
	REFUSED(withdraw(&other, "clb", R(WITHDRAWN)), UNKNOWN_OBJECT, "request_id");
	other.need[0] = (ProtobufCBinaryData){ 0, NULL };
	REFUSED(reopen(&other, "clb", 0), MISSING, "need_id");
	other.need[0] = (ProtobufCBinaryData){ 3, no.b };
	REFUSED(reopen(&other, "clb", 0), MALFORMED, "need_id");
	other.need[0] = object_id_data(&no);
	REFUSED(reopen(&other, "clb", 0), UNKNOWN_OBJECT, "need_id");
	other.request = st.request;
	REFUSED(withdraw_need(&other, "clb", 0, R(WITHDRAWN)), UNKNOWN_OBJECT, "need_ids[0]");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	static const struct CMUnitTest tests[] = {
		T(test_intake_submit_sets_all_in_one_step),
		T(test_intake_submit_again_is_the_same_request),
		T(test_intake_submit_refuses_by_field),
		T(test_intake_submit_takes_every_limit),
		T(test_intake_urgent_needs_another_house),
		T(test_intake_need_table_is_that_of_domain),
		T(test_intake_commands_follow_the_table),
		T(test_intake_stranger_is_refused),
		T(test_intake_unknown_object_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
