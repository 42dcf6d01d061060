/* SPDX-License-Identifier: EUPL-1.2 */
/* DOMAIN 6: what the list is told of where brothers and sisters of a child are helped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/plan_story.h"
#include "tests/unit/warm_story.h"

/* "facility-a facility-b" of that child as the list was told last of that request; NULL when
 * nothing of it was told since the last look at any. */
static const char *told(struct story *st, uint32_t child)
{
	static char text[400];
	const char *said = NULL;
	size_t len = 0;
	PB(Message) *m;

	while ((m = rig_next_of(st->r, "waitlist", BODY(NEEDS_OPENED))) != NULL) {
		const PB(RequestFact) *f = m->needs_opened->request;
		if (memcmp(f->request_id.data, st->request.data, OBJECT_ID_LEN) != 0) {
			continue;
		}
		said = text;
		len = 0;
		text[0] = '\0';
		for (size_t i = 0; i < f->children[child]->n_sibling_partners; i++) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						i == 0 ? "" : " ",
						f->children[child]->sibling_partners[i]);
		}
	}
	return said;
}

/* Two children of 15 and 14 with a need each, and a third need that nobody helps with, so that the
 * list goes on hearing. */
static struct story two_children(struct rig *r)
{
	struct ask a;

	ask_init(&a);
	ask_needs(&a, 3, 0);
	a.m.n_children = 2;
	a.child[1].age_years = 14;
	a.need[1].child = 1;
	struct story st = story_of(r, "clb", &a);
	rig_skip(r);
	return st;
}

static bool say_state(struct story *st, uint32_t number, uint32_t version, size_t need,
		      PB(ContributionState) state)
{
	return say_share(st, (struct share){ .number = number,
					     .version = version,
					     .need = need,
					     .partner = "facility-a",
					     .state = state });
}

/* B17: in one request: of the other child, while the help is under way, from its start until its
 * end. Of the child that is helped nothing is said by it. */
static void test_sibling_of_one_request_is_told_while_it_is_helped(void **state)
{
	static const struct {
		PB(ContributionState) state;
		const char *told;
	} c[] = {
		{ H(ASKED), NULL },
		{ H(CAN), NULL },
		{ H(AGREED), NULL },
		{ H(STARTED), "facility-a" },
		{ H(INTERRUPTED), "facility-a" },
		{ H(STARTED), "facility-a" },
		{ H(HANDING_ON), "facility-a" },
		{ H(ENDED), "" },
	};
	struct rig *r = *state;
	struct story st = two_children(r);

	for (uint32_t i = 0; i < SK_LEN(c); i++) {
		assert_true(say_state(&st, 1, i + 1, 1, c[i].state));
		const char *now = told(&st, 0);
		if (now != NULL) {
			assert_string_equal(now, c[i].told == NULL ? "" : c[i].told);
		} else {
			assert_true(i == 0 || c[i].told == c[i - 1].told ||
				    strcmp(c[i].told, c[i - 1].told) == 0);
		}
	}
	assert_true(say_state(&st, 2, 1, 1, H(STARTED)));
	assert_string_equal(told(&st, 1), ""); /* its own help */
}

/* B17, D4: in a family of two requests: told when the help starts, ends, and when the family is
 * joined or split; the other one's list hears it though nothing of its own changed. */
static void test_sibling_of_the_family_is_told(void **state)
{
	struct rig *r = *state;
	struct story a = story_standard(r, 2);
	struct story b = story_in(r, "police", "rits");

	assert_true(say_started(&a, 1, 0, "facility-a"));
	rig_skip(r);
	ACCEPTED(join(&a, &b, "contactpoint", false));
	assert_string_equal(told(&b, 0), "facility-a");
	assert_true(say_started(&a, 2, 1, "facility-b"));
	assert_string_equal(told(&b, 0), "facility-a facility-b");
	assert_true(say_state(&a, 1, 6, 0, H(ENDED)));
	assert_string_equal(told(&b, 0), "facility-b");
	ACCEPTED(split(&b, "contactpoint"));
	assert_string_equal(told(&b, 0), "");
	rig_reopen(r);
}

/* The same child told of twice is no brother or sister of itself. */
static void test_sibling_is_not_the_same_child_told_of_twice(void **state)
{
	struct rig *r = *state;
	struct story a = story_standard(r, 1);
	struct story b = story_standard(r, 2);

	assert_true(say_started(&a, 1, 0, "facility-a"));
	ACCEPTED(join(&a, &b, "contactpoint", true));
	const char *now = told(&b, 0);
	assert_true(now == NULL || now[0] == '\0');
}

/* L10, D7: help that a child keeps to itself is told of nobody; lifted, it is told. */
static void test_sibling_that_keeps_its_help_is_not_told(void **state)
{
	struct rig *r = *state;
	struct story a = story_standard(r, 2);
	struct story b = story_in(r, "police", "rits");

	assert_true(say_started(&a, 1, 0, "facility-a"));
	ACCEPTED(join(&a, &b, "contactpoint", false));
	assert_string_equal(told(&b, 0), "facility-a");
	ACCEPTED(shield(&a, "family", 1, true));
	assert_string_equal(told(&b, 0), "");
	ACCEPTED(shield(&a, "family", 1, false));
	assert_string_equal(told(&b, 0), "facility-a");
}

/* After a restore: the list holds of a request what went with the old copy. What holds now is told
 * under a higher version, also when it is what the old copy had told. */
static void test_sibling_that_a_restore_forgot_is_told_anew(void **state)
{
	struct rig *r = *state;
	struct ask a;
	PB(ReconcileItem) item = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	char *house[] = { "facility-a" };
	uint8_t packed[2000];

	ask_init(&a);
	struct story st = story_of(r, "clb", &a);
	PB(NeedsOpened) *o = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED))->needs_opened;
	rig_skip(r);
	rig_restored(r);
	o->request->request_version += 5;
	o->request->children[0]->sibling_partners = house;
	o->request->children[0]->n_sibling_partners = 1;
	item.table = "NeedsOpened";
	item.object_id = st.request;
	item.record.data = packed;
	assert_true(schakel__v1__needs_opened__get_packed_size(o) < sizeof(packed));
	item.record.len = schakel__v1__needs_opened__pack(o, packed);
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &item;
	uint32_t version = o->request->request_version;
	o->request->children[0]->n_sibling_partners = 0; /* the rig frees what it gave */
	o->request->children[0]->sibling_partners = NULL;
	assert_true(rig_fact(r, "waitlist", &m));
	PB(Message) *anew = rig_next_of(r, "waitlist", BODY(NEEDS_OPENED));
	assert_non_null(anew);
	assert_int_equal(anew->needs_opened->request->children[0]->n_sibling_partners, 0);
	assert_true(anew->needs_opened->request->request_version > version);
}

/* L12: eight houses of brothers and sisters are told; a ninth leaves out the last by name, and who
 * is left out comes when there is room. */
static void test_sibling_houses_end_at_their_bound(void **state)
{
	struct rig *r = *state;
	struct ask a;
	char name[16];

	ask_init(&a);
	ask_needs(&a, SIBLING_PARTNERS_MAX + 2, 0);
	a.m.n_children = 2;
	a.child[1].age_years = 14;
	a.need[SIBLING_PARTNERS_MAX + 1].child = 1;
	struct story st = story_of(r, "clb", &a);
	const char *now = NULL;
	for (uint32_t i = 0; i <= SIBLING_PARTNERS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "house-%u", i);
		assert_true(say_started(&st, i + 1, i, name));
		now = told(&st, 1);
	}
	assert_string_equal(now, /* without the ninth by name */
			    "house-0 house-1 house-2 house-3 house-4 house-5 house-6 house-7");
	assert_true(say_share(&st, (struct share){ .number = 1,
						   .version = 6,
						   .need = 0,
						   .partner = "house-0",
						   .state = H(ENDED) }));
	assert_string_equal(told(&st, 1), "house-1 house-2 house-3 house-4 house-5 house-6 house-7 "
					  "house-8");
}

/* A start with what matching tells of the help by which it could be found again. */
static bool say_whole(struct story *st, uint32_t number, size_t need, const char *partner)
{
	static char *with[] = { "facility-a", "facility-b",  "facility-c",
				"facility-d", "facility-b2", "clb" };
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	PB(HoldFact) h = PB_INIT(HOLD_FACT);
	PB(Message) m = PB_INIT(MESSAGE);
	struct object_id id = { { 9, (uint8_t)(number >> 8), (uint8_t)number } };

	h.joint_partners = with;
	h.n_joint_partners = SK_LEN(with);
	h.started_ms = rig_now(st->r);
	h.booked = st->request;
	c.contribution_id = object_id_data(&id);
	c.version = 5;
	c.request_id = st->request;
	c.need_id = st->need[need];
	c.partner = (char *)(uintptr_t)partner;
	c.pool = "a-pool-of-that-facility-with-a-name";
	c.interpreter_pool = "a-pool-of-interpreters-with-a-name";
	c.state = H(STARTED);
	c.seen = true;
	c.modality = M(AMBULANT);
	c.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	c.at_ms = rig_now(st->r);
	c.worker = st->request;
	c.short_code = st->short_code;
	c.hold = &h;
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	return rig_fact(st->r, "matching", &m);
}

/* L12, L2: as many requests as a family has, each with as much help as it keeps: what is told of
 * one more is heard within one step, and not set aside. */
static void test_sibling_family_full_of_help_hears_of_more(void **state)
{
	static const char *const house[] = { "facility-a", "facility-b", "facility-c" };
	struct story st[FAMILY_MAX];
	uint32_t number = 1000;

	for (size_t i = 0; i < FAMILY_MAX; i++) {
		struct ask a;
		ask_init(&a);
		ask_needs(&a, NEEDS_MAX, 0);
		st[i] = story_of(*state, "clb", &a);
		if (i > 0) {
			ACCEPTED(join(&st[0], &st[i], "clb", true));
		}
	}
	for (size_t i = 0; i < FAMILY_MAX; i++) {
		for (size_t k = 0; k < LIVE_MAX; k++) {
			assert_true(say_whole(&st[i], number++, k % NEEDS_MAX,
					      house[k % SK_LEN(house)]));
		}
		rig_skip(*state);
		/* All of one request is still seen in one answer. */
		const PB(RequestItem) *it = view(&st[i], "coordinator");
		size_t seen = 0;
		for (size_t k = 0; k < it->n_needs; k++) {
			seen += it->needs[k]->n_contributions;
		}
		assert_int_equal(it->n_needs, NEEDS_MAX);
		assert_int_equal(seen, LIVE_MAX);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_sibling_of_one_request_is_told_while_it_is_helped),
		T(test_sibling_of_the_family_is_told),
		T(test_sibling_is_not_the_same_child_told_of_twice),
		T(test_sibling_that_keeps_its_help_is_not_told),
		T(test_sibling_that_a_restore_forgot_is_told_anew),
		T(test_sibling_houses_end_at_their_bound),
		T(test_sibling_family_full_of_help_hears_of_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
