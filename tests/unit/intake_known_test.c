/* SPDX-License-Identifier: EUPL-1.2 */
/* B9: whom each child knows, as matching is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/intake_people.h"
#include "tests/unit/warm_story.h"

#define INTERRUPT(X) SCHAKEL__V1__INTERRUPT_REASON__INTERRUPT_REASON_##X

/* Help of a kind; worker 0: none is named. */
struct given {
	uint32_t number;
	uint32_t version;
	size_t need;
	const char *partner;
	uint32_t worker;
	PB(ContributionState) state;
	PB(InterruptReason) interrupt;
};

static void give(struct story *st, struct given g)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(ContributionChanged) c = PB_INIT(CONTRIBUTION_CHANGED);
	struct object_id id = rig_id(g.number);
	struct object_id worker = rig_id(1000 + g.worker);

	c.contribution_id = object_id_data(&id);
	c.version = g.version == 0 ? 1 : g.version;
	c.request_id = st->request;
	c.need_id = st->need[g.need];
	c.partner = (char *)(uintptr_t)g.partner;
	c.pool = (char *)(uintptr_t) "pool";
	c.state = g.state == 0 ? H(STARTED) : g.state;
	c.interrupt = g.interrupt;
	c.seen = true;
	c.at_ms = rig_now(st->r);
	c.modality = M(AMBULANT);
	c.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_PROFESSIONAL;
	if (g.worker != 0) {
		c.worker = object_id_data(&worker);
	}
	m.body_case = BODY(CONTRIBUTION_CHANGED);
	m.contribution_changed = &c;
	assert_true(rig_fact(st->r, "matching", &m));
}

/* Two children, and a third need that nobody helps with, so that the list goes on hearing. */
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

static uint32_t number_of(const ProtobufCBinaryData *worker)
{
	for (uint32_t n = 1; n < 100; n++) {
		struct object_id id = rig_id(1000 + n);
		if (memcmp(id.b, worker->data, OBJECT_ID_LEN) == 0) {
			return n;
		}
	}
	return 0;
}

/* "8 7 / facility-b facility-a" of that child as it was told last; "" when nothing new was. */
static const char *told(struct rig *r, uint32_t child)
{
	static char text[600];
	const PB(ChildFact) *f = NULL;
	const PB(NeedsOpened) *o;
	size_t len = 0;

	while ((o = opened(r)) != NULL) {
		f = o->request->children[child];
	}
	text[0] = '\0';
	for (size_t i = 0; f != NULL && i < f->n_known_workers; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u ",
					number_of(&f->known_workers[i]));
	}
	len += (size_t)snprintf(text + len, sizeof(text) - len, "%s", f == NULL ? "" : "/");
	for (size_t i = 0; f != NULL && i < f->n_known_partners; i++) {
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
					f->known_partners[i]);
	}
	return text;
}

/* B9: who helped is told to matching, latest first, of each child for itself; once, not with each
 * fact; a second worker of the house comes before the first one. */
static void test_known_are_told_latest_first(void **state)
{
	struct story st = two_children(*state);

	give(&st, (struct given){ .number = 1, .partner = "facility-a", .worker = 7 });
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	give(&st,
	     (struct given){ .number = 1, .version = 2, .partner = "facility-a", .worker = 7 });
	assert_string_equal(told(st.r, 0), "");
	give(&st, (struct given){ .number = 2, .need = 1, .partner = "facility-b", .worker = 8 });
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	give(&st, (struct given){ .number = 3, .partner = "facility-c" });
	assert_string_equal(told(st.r, 0), "7 / facility-c facility-a");
	give(&st,
	     (struct given){ .number = 1, .version = 3, .partner = "facility-a", .worker = 9 });
	assert_string_equal(told(st.r, 0), "9 7 / facility-a facility-c");
	give(&st, (struct given){ .number = 2,
				  .version = 2,
				  .need = 1,
				  .partner = "facility-b",
				  .worker = 8,
				  .state = H(ENDED) });
	give(&st, (struct given){ .number = 4, .need = 1, .partner = "facility-a" });
	assert_string_equal(told(st.r, 1), "8 / facility-a facility-b"); /* it stays known */
}

/* B9: whom the child asked and who never began is not known. */
static void test_known_is_not_who_never_began(void **state)
{
	struct story st = two_children(*state);

	give(&st, (struct given){
			  .number = 1, .partner = "facility-a", .worker = 7, .state = H(AGREED) });
	assert_string_equal(told(st.r, 0), "");
	give(&st, (struct given){ .number = 1,
				  .version = 2,
				  .partner = "facility-a",
				  .worker = 7,
				  .state = H(RELEASED) });
	assert_string_equal(told(st.r, 0), "");
}

/* B1, B9: whom the child stopped is not put in front of it again; nor who was unsafe, or did not
 * fit. Who was ill comes back as known. Other help of the house that goes on keeps it known. */
static void test_known_ends_with_a_stop_or_a_misfit(void **state)
{
	struct story st = two_children(*state);
	struct given g = { .number = 1, .partner = "facility-a", .worker = 7 };

	give(&st, g);
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	g.version = 2;
	g.state = H(INTERRUPTED);
	g.interrupt = INTERRUPT(STAFF_ABSENT);
	give(&st, g);
	assert_string_equal(told(st.r, 0), "");
	g.version = 3;
	g.interrupt = INTERRUPT(NOT_FITTING);
	give(&st, g);
	assert_string_equal(told(st.r, 0), "/"); /* so it turned out */
	g.version = 4;
	g.state = H(STARTED);
	give(&st, g);
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	g.version = 5;
	g.state = H(INTERRUPTED);
	g.interrupt = INTERRUPT(SAFETY);
	give(&st, g);
	assert_string_equal(told(st.r, 0), "/");
	give(&st, (struct given){ .number = 2, .partner = "facility-b", .worker = 8 });
	give(&st, (struct given){ .number = 3, .need = 2, .partner = "facility-b", .worker = 9 });
	assert_string_equal(told(st.r, 0), "9 8 / facility-b");
	give(&st, (struct given){ .number = 2,
				  .version = 2,
				  .partner = "facility-b",
				  .worker = 8,
				  .state = H(STOPPED_BY_YOUTH) });
	assert_string_equal(told(st.r, 0), "9 / facility-b");
	give(&st, (struct given){ .number = 3,
				  .version = 2,
				  .need = 2,
				  .partner = "facility-b",
				  .worker = 9,
				  .state = H(STOPPED_BY_YOUTH) });
	assert_string_equal(told(st.r, 0), "/");
}

/* B9: other help of the same house that was put off before it began keeps nobody known. */
static void test_known_ends_beside_a_promise_that_was_put_off(void **state)
{
	struct story st = two_children(*state);

	give(&st, (struct given){ .number = 1, .partner = "facility-a", .worker = 7 });
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	give(&st, (struct given){ .number = 2,
				  .need = 2,
				  .partner = "facility-a",
				  .state = H(INTERRUPTED),
				  .interrupt = INTERRUPT(STAFF_ABSENT) });
	give(&st, (struct given){ .number = 1,
				  .version = 2,
				  .partner = "facility-a",
				  .worker = 7,
				  .state = H(STOPPED_BY_YOUTH) });
	assert_string_equal(told(st.r, 0), "/");
}

/* L10, B9: what a child keeps to itself is told to nobody by the way a team is put together. */
static void test_known_is_not_what_is_shielded(void **state)
{
	struct story st = two_children(*state);

	give(&st, (struct given){ .number = 1, .partner = "facility-a", .worker = 7 });
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	ACCEPTED(shield(&st, "family", 1, true));
	assert_string_equal(told(st.r, 0), "/");
	give(&st,
	     (struct given){ .number = 1, .version = 2, .partner = "facility-a", .worker = 8 });
	assert_string_equal(told(st.r, 0), "");
	ACCEPTED(shield(&st, "family", 1, false));
	assert_string_equal(told(st.r, 0), "8 / facility-a");
}

/* B9: the child asks another worker: that one is not asked first any more, its house still is. */
static void test_known_worker_ends_with_another_one_asked(void **state)
{
	struct story st = two_children(*state);
	PB(AskOther) m = PB_INIT(ASK_OTHER);
	PB(Message) msg = PB_INIT(MESSAGE);

	give(&st, (struct given){ .number = 1, .partner = "facility-a", .worker = 7 });
	assert_string_equal(told(st.r, 0), "7 / facility-a");
	m.request_id = st.request;
	m.wanted = SCHAKEL__V1__OTHER_WANTED__OTHER_WANTED_WORKER;
	m.contribution_id = share_id(1);
	m.speaker = SP(YOUTH);
	msg.body_case = BODY(ASK_OTHER);
	msg.ask_other = &m;
	PB(Receipt) *receipt = rig_command(st.r, "family", &msg);
	ACCEPTED(receipt);
	assert_int_equal(receipt->version, 1); /* the number of what was asked */
	assert_string_equal(told(st.r, 0), "/ facility-a");
}

/* L12, B9: so many are known; the one that was heard of longest ago gives way. Nobody who looks at
 * the request is told of them: they are for matching alone. */
static void test_known_are_bounded_and_for_matching_alone(void **state)
{
	struct story st = two_children(*state);

	for (uint32_t i = 1; i <= KNOWN_MAX; i++) {
		give(&st, (struct given){ .number = i, .partner = "facility-a", .worker = i });
	}
	assert_string_equal(told(st.r, 0), "6 5 4 3 2 1 / facility-a");
	give(&st, (struct given){ .number = 50, .partner = "facility-b", .worker = KNOWN_MAX + 1 });
	assert_string_equal(told(st.r, 0), "7 6 5 4 3 2 / facility-b facility-a");
	static const char *const who[] = { "clb", "coordinator", "family", "facility-a" };
	for (size_t i = 0; i < SK_LEN(who); i++) {
		const PB(RequestItem) *it = view(&st, who[i]);
		for (size_t k = 0; it != NULL && k < it->request->n_children; k++) {
			assert_int_equal(it->request->children[k]->n_known_workers, 0);
			assert_int_equal(it->request->children[k]->n_known_partners, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
		T(test_known_are_told_latest_first),
		T(test_known_is_not_who_never_began),
		T(test_known_ends_with_a_stop_or_a_misfit),
		T(test_known_ends_beside_a_promise_that_was_put_off),
		T(test_known_is_not_what_is_shielded),
		T(test_known_worker_ends_with_another_one_asked),
		T(test_known_are_bounded_and_for_matching_alone),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
