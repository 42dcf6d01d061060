/* SPDX-License-Identifier: EUPL-1.2 */
/* B17: why an entry waits, and what intake is told of it for the people around the child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "services/waitlist/core_entry.h"
#include "tests/unit/waitlist_facts.h"

#define GROUND(NAME) SCHAKEL__V1__GROUND__GROUND_##NAME
#define RULE(NAME) SCHAKEL__V1__RULE_KIND__RULE_KIND_##NAME

static PB(WaitTold) *next_told(struct rig *r)
{
	PB(Message) *m = rig_next_of(r, "intake", BODY(WAIT_TOLD));

	return m == NULL ? NULL : m->wait_told;
}

static void one_waits(struct rig *r)
{
	assert_true(wl_opened(r, &(struct request){ .number = 1, NEEDS({ .number = 101 }) }));
}

static bool seat(struct rig *r, uint32_t version, PB(ContributionState) state, PB(Ground) ground)
{
	return wl_told(r, &(struct told){ .request = 1,
					  .need = 101,
					  .contribution = 9,
					  .version = version,
					  .state = state,
					  .ground = ground });
}

static PB(Shortfall) why(struct rig *r)
{
	return wl_entry_of(r, 101)->shortfall;
}

/* B17: a partner can and the family has not yet agreed: a word lacks, and it says so; once it has,
 * the gate is what lacks; agreed, nothing does; let go, what matching found. */
static void test_told_consent_is_what_lacks(void **state)
{
	struct rig *r = *state;

	one_waits(r);
	assert_true(seat(r, 1, H(ASKED), 0));
	assert_int_equal(why(r), S(UNSPECIFIED));
	assert_true(seat(r, 2, H(CAN), 0));
	assert_int_equal(why(r), S(CONSENT_MISSING));
	assert_true(seat(r, 3, H(CAN), GROUND(AGREED)));
	assert_int_equal(why(r), S(ACCESS_PENDING));
	assert_true(seat(r, 4, H(AGREED), GROUND(AGREED)));
	assert_int_equal(why(r), S(UNSPECIFIED));
	assert_true(seat(r, 5, H(RELEASED), GROUND(AGREED)));
	assert_true(wl_team(r, 1, 1, 101, S(STAFF_AT_LIMIT)));
	assert_int_equal(why(r), S(STAFF_AT_LIMIT));
}

/* B17: who is asked beside the seat's holder does not make the family's word lack. */
static void test_told_standby_is_no_reason(void **state)
{
	struct rig *r = *state;

	one_waits(r);
	assert_true(wl_help(r, &(struct help){ 1, 101, 9, 1, H(CAN), false, true }));
	assert_int_equal(why(r), S(UNSPECIFIED));
}

/* A14, B17: a framework signal names the rule that blocks this need, or all of the request; the
 * other need waits for what it lacks; cleared, what matching found holds again. */
static void test_told_rule_blocks_the_need_that_it_names(void **state)
{
	struct rig *r = *state;
	struct request q = { .number = 1, NEEDS({ .number = 101 }, { .number = 102 }) };

	q.blocked = 101;
	assert_true(wl_opened(r, &q));
	assert_true(wl_team(r, 1, 1, 102, S(NO_CAPACITY)));
	PB(WaitingItem) *item = wl_entry_of(r, 101);
	assert_int_equal(item->shortfall, S(RULE_BLOCKS));
	assert_int_equal(item->block->rule, RULE(AGE_LIMIT));
	assert_int_equal(item->block->signal_id.len, OBJECT_ID_LEN);
	assert_int_equal(wl_entry_of(r, 102)->shortfall, S(NO_CAPACITY));
	assert_null(wl_entry_of(r, 102)->block);
	q.blocked = BLOCKED_ALL;
	q.version = 2;
	assert_true(wl_opened(r, &q));
	assert_int_equal(wl_entry_of(r, 102)->shortfall, S(RULE_BLOCKS));
	q.blocked = 0;
	q.version = 3;
	assert_true(wl_opened(r, &q));
	assert_int_equal(wl_entry_of(r, 102)->shortfall, S(NO_CAPACITY));
	assert_null(wl_entry_of(r, 101)->block);
}

/* B17: intake is told since when, for want of what, who bridges and who looks when; again only when
 * it says something else; and that it waits no more. */
static void test_told_says_why_until_help_starts(void **state)
{
	struct rig *r = *state;
	uint64_t asked_ms = rig_now(r);

	one_waits(r);
	PB(WaitTold) *t = next_told(r);
	assert_true(t->waits);
	assert_int_equal(wl_number_of(&t->need_id), 101);
	assert_int_equal(wl_number_of(&t->request_id), 1);
	assert_true(t->since_ms == asked_ms);
	assert_true(t->review_ms > asked_ms);
	assert_int_equal(t->wait_class, C(ACTIVE));
	uint32_t version = t->version;
	assert_true(version > 0);
	assert_true(wl_team(r, 1, 1, 101, S(NO_CAPACITY)));
	t = next_told(r);
	assert_int_equal(t->shortfall, S(NO_CAPACITY));
	assert_true(t->version > version);
	assert_true(wl_team(r, 1, 2, 101, S(NO_CAPACITY)));
	assert_null(next_told(r));
	uint64_t until_ms = rig_now(r) + 9 * RIG_DAY_MS;
	assert_int_equal(wl_bridge(r, "clb", 101, "facility-b", until_ms)->outcome, O(ACCEPTED));
	t = next_told(r);
	assert_string_equal(t->bridging_party, "facility-b");
	assert_true(t->bridging_until_ms == until_ms);
	version = t->version;
	assert_true(seat(r, 1, H(STARTED), GROUND(AGREED)));
	t = next_told(r);
	assert_false(t->waits);
	assert_int_equal(t->shortfall, 0);
	assert_true(t->version > version);
	assert_true(wl_closed(r, 1, 101, 2, R(MOVED)));
	assert_null(next_told(r));
}

/* Back from an old copy: intake remembers that it was told something later. It is told anew what
 * holds, above that version; what it was told before says nothing new. */
static void test_told_again_after_a_restore(void **state)
{
	struct rig *r = *state;
	PB(WaitTold) later = PB_INIT(WAIT_TOLD);

	one_waits(r);
	uint32_t version = next_told(r)->version;
	rig_skip(r);
	later.request_id = wl_data_of(1);
	later.need_id = wl_data_of(101);
	later.version = version + 1000000;
	assert_true(wl_item_raw(r, "intake", "WaitTold", &later.base)); /* not restored: ours */
	assert_null(next_told(r));
	rig_restored(r);
	later.version = version - 1;
	assert_true(wl_item_raw(r, "intake", "WaitTold", &later.base));
	assert_null(next_told(r));
	later.version = version + 1000000;
	assert_true(wl_item_raw(r, "intake", "WaitTold", &later.base));
	PB(WaitTold) *t = next_told(r);
	assert_true(t->waits);
	assert_true(t->version > later.version);
}

/* C8: a place in the order says by which rules it was given, and keeps that while it stands. */
static void test_order_says_the_version_of_the_rules(void **state)
{
	struct rig *r = *state;

	rig_conf(r)->rules_version = 5;
	rig_config(r);
	one_waits(r);
	assert_int_equal(wl_entry_of(r, 101)->order->rules_version, 5);
	assert_int_equal(wl_next_said(r)->rules_version, 5);
	rig_conf(r)->rules_version = 6;
	rig_config(r);
	assert_true(wl_team(r, 1, 1, 101, S(NO_CAPACITY)));
	assert_int_equal(wl_entry_of(r, 101)->order->rules_version, 5);
	rig_advance(r, 181 * RIG_DAY_MS); /* it rises one class: decided anew */
	assert_int_equal(wl_entry_of(r, 101)->order->rules_version, 6);
}

/* An entry that was closed, forgotten and is asked anew is told above what intake still keeps of
 * it.
 */
static void test_told_version_rises_over_forgetting(void **state)
{
	struct rig *r = *state;

	one_waits(r);
	assert_true(wl_closed(r, 1, 101, 2, R(MOVED)));
	uint32_t version = 0;
	for (PB(WaitTold) *t = next_told(r); t != NULL; t = next_told(r)) {
		version = t->version;
	}
	rig_advance(r, 61 * RIG_DAY_MS);
	assert_null(wl_record_of(r, 101));
	assert_true(wl_opened(r, &(struct request){ .number = 1,
						    .version = 2,
						    NEEDS({ .number = 101, .version = 3 }) }));
	PB(WaitTold) *t = next_told(r);
	assert_true(t->waits);
	assert_true(t->version > version);
}

/* L12: as many rules as a list of a fact may hold, and one more. */
static bool with_blocks(struct rig *r, size_t len)
{
	static PB(RuleBlock) block[WAIT_FACT_LIST_MAX + 1];
	static PB(RuleBlock) *at[WAIT_FACT_LIST_MAX + 1];
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NeedsOpened) opened = PB_INIT(NEEDS_OPENED);
	PB(RequestFact) request = PB_INIT(REQUEST_FACT);
	char zone[] = "westhoek";

	for (size_t i = 0; i < len; i++) {
		block[i] = (PB(RuleBlock))PB_INIT(RULE_BLOCK);
		at[i] = &block[i];
	}
	request.request_id = wl_data_of(7);
	request.request_version = 1;
	request.zone = zone;
	request.urgency = U(STANDARD);
	request.blocks = at;
	request.n_blocks = len;
	opened.request = &request;
	m.body_case = BODY(NEEDS_OPENED);
	m.needs_opened = &opened;
	return rig_fact(r, "intake", &m);
}

static void test_told_blocks_at_and_past_limit(void **state)
{
	struct rig *r = *state;

	assert_true(with_blocks(r, WAIT_FACT_LIST_MAX));
	assert_false(with_blocks(r, WAIT_FACT_LIST_MAX + 1));
	assert_int_equal(rig_fault(r, NULL), X(TOO_MANY));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, waitlist_setup, waitlist_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_told_consent_is_what_lacks),
		TEST(test_told_standby_is_no_reason),
		TEST(test_told_rule_blocks_the_need_that_it_names),
		TEST(test_told_says_why_until_help_starts),
		TEST(test_told_again_after_a_restore),
		TEST(test_order_says_the_version_of_the_rules),
		TEST(test_told_version_rises_over_forgetting),
		TEST(test_told_blocks_at_and_past_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
