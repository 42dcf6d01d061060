/* SPDX-License-Identifier: EUPL-1.2 */
/* L6: intake comes back from an old copy: the term that runs, and whether it was answered, are what
 * the list was told of them last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/intake_story.h"

struct fact {
	PB(NeedsOpened) m;
	PB(RequestFact) f;
	PB(NeedFact) n;
	PB(NeedFact) *at[1];
	struct object_id request, need;
};

static void fact_init(struct fact *k, struct rig *r)
{
	schakel__v1__needs_opened__init(&k->m);
	schakel__v1__request_fact__init(&k->f);
	schakel__v1__need_fact__init(&k->n);
	k->request = rig_id(500);
	k->need = rig_id(501);
	k->f.request_id = object_id_data(&k->request);
	k->f.request_version = 3;
	k->f.zone = "rits";
	k->f.urgency = U(STANDARD);
	k->f.age_years = 15;
	k->f.requester = "clb";
	k->f.received_ms = rig_now(r) - 10 * RIG_DAY_MS;
	k->n.need_id = object_id_data(&k->need);
	k->n.need_version = 2;
	k->n.ordinal = 1;
	k->n.expertise = EXPERTISE;
	k->n.must = true;
	k->n.arrival_ms = k->f.received_ms;
	k->n.state = N(OPEN);
	k->at[0] = &k->n;
	k->m.request = &k->f;
	k->m.needs = k->at;
	k->m.n_needs = 1;
}

/* The list says it, under a version above what is known. */
static PB(RequestItem) *told(struct rig *r, struct fact *k)
{
	struct story st = { .r = r, .request = object_id_data(&k->request), .needs = 1 };
	PB(ReconcileItem) it = PB_INIT(RECONCILE_ITEM);
	PB(Message) m = PB_INIT(MESSAGE);
	uint8_t packed[2048];

	k->f.request_version += 10;
	it.table = "NeedsOpened";
	it.record.len = protobuf_c_message_pack(&k->m.base, packed);
	it.record.data = packed;
	m.body_case = BODY(RECONCILE_ITEM);
	m.reconcile_item = &it;
	assert_true(rig_fact(r, "waitlist", &m));
	return view(&st, "duty-rits");
}

/* A request of which nothing is left but what the list knows: its term runs as it was agreed, and
 * where none was told it is that of its first receipt. */
static void test_term_comes_back_with_the_request(void **state)
{
	struct rig *r = *state;
	struct fact k;

	fact_init(&k, r);
	k.f.answer_due_ms = rig_now(r) + 3 * RIG_DAY_MS;
	assert_true(told(r, &k)->answer_due_ms == k.f.answer_due_ms);
	rig_skip(r);
	rig_advance(r, 3 * RIG_DAY_MS);
	assert_int_equal(events(r, E(TERM), A(TERM_BREACHED)), 1);
	struct fact bare;
	fact_init(&bare, r);
	bare.request = rig_id(510);
	bare.need = rig_id(511);
	bare.f.request_id = object_id_data(&bare.request);
	bare.n.need_id = object_id_data(&bare.need);
	assert_true(told(r, &bare)->answer_due_ms > rig_now(r) + 15 * RIG_DAY_MS);
}

/* Answered stays answered: no alarm for a family that was helped in the time that was lost. */
static void test_term_that_was_answered_rings_no_more(void **state)
{
	struct rig *r = *state;
	struct fact k;

	fact_init(&k, r);
	k.f.answer_due_ms = rig_now(r) + 3 * RIG_DAY_MS;
	assert_true(told(r, &k)->answered_ms == 0);
	k.f.answered_ms = rig_now(r) - RIG_DAY_MS;
	assert_true(told(r, &k)->answered_ms == k.f.answered_ms);
	rig_skip(r);
	rig_advance(r, 4 * RIG_DAY_MS);
	assert_int_equal(events(r, E(TERM), A(TERM_BREACHED)), 0);
}

/* A start that matching told of first is not taken back by the list's older word on the same term;
 * a term of its own is one of a question that was opened anew, and runs. */
static void test_term_of_its_own_is_a_new_question(void **state)
{
	struct rig *r = *state;
	struct fact k;

	fact_init(&k, r);
	k.f.answer_due_ms = rig_now(r) + 3 * RIG_DAY_MS;
	k.f.answered_ms = rig_now(r) - RIG_DAY_MS;
	assert_true(told(r, &k)->answered_ms != 0);
	k.f.answered_ms = 0;
	assert_true(told(r, &k)->answered_ms != 0);
	k.f.answer_due_ms = rig_now(r) + 20 * RIG_DAY_MS;
	PB(RequestItem) *it = told(r, &k);
	assert_true(it->answered_ms == 0);
	assert_true(it->answer_due_ms == k.f.answer_due_ms);
	rig_skip(r);
	rig_advance(r, 21 * RIG_DAY_MS);
	assert_int_equal(events(r, E(TERM), A(TERM_BREACHED)), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_term_comes_back_with_the_request),
		T(test_term_that_was_answered_rings_no_more),
		T(test_term_of_its_own_is_a_new_question),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
