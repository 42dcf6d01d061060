/* SPDX-License-Identifier: EUPL-1.2 */
/* C12: the budget of a whole network, whatever the request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/intake/core_inner.h"
#include "tests/unit/plan_story.h"

#define OWN_IS(NAME) SCHAKEL__V1__OWN_STATE__OWN_STATE_##NAME
#define BUDGET 10000

/* What matching says of network "kust". */
static bool told(struct rig *r, uint32_t version, uint64_t until_ms, bool ended)
{
	static struct object_id id;
	PB(Message) m = PB_INIT(MESSAGE);
	PB(NetworkTold) t = PB_INIT(NETWORK_TOLD);
	PB(PutNetwork) n = PB_INIT(PUT_NETWORK);

	id = rig_id(55);
	n.network = (char *)(uintptr_t) "kust";
	n.budget_cents = BUDGET;
	n.until_ms = until_ms;
	t.network = &n;
	t.network_id = object_id_data(&id);
	t.version = version;
	t.ended = ended;
	m.body_case = BODY(NETWORK_TOLD);
	m.network_told = &t;
	return rig_fact(r, "matching", &m);
}

static PB(Receipt) *means(struct story *st, uint32_t number, PB(OwnState) to, uint64_t cents)
{
	PB(SetOwnContribution) o = PB_INIT(SET_OWN_CONTRIBUTION);

	o.request_id = st->request;
	o.number = number;
	o.state = to;
	o.euro_cents = cents;
	if (number == 0) {
		o.supporter = SCHAKEL__V1__SUPPORTER_KIND__SUPPORTER_KIND_MEANS;
		o.network = (char *)(uintptr_t) "kust";
	}
	return plan_send(st->r, "clb", BODY(SET_OWN_CONTRIBUTION), &o);
}

/* C12: the budget is of the network: two requests share it, to the cent and not one past it; what
 * is taken back can be given again. */
static void test_budget_of_a_network_at_and_past_it(void **state)
{
	struct rig *r = *state;
	struct story one = story_standard(r, 1);
	struct story two = story_standard(r, 1);

	assert_true(told(r, 1, 0, false));
	ACCEPTED(means(&one, 0, OWN_IS(AGREED), 6000));
	REFUSED(means(&two, 0, OWN_IS(AGREED), 4001), OUT_OF_RANGE, "euro_cents");
	ACCEPTED(means(&two, 0, OWN_IS(AGREED), 4000));
	REFUSED(means(&two, 0, OWN_IS(AGREED), 1), OUT_OF_RANGE, "euro_cents");
	ACCEPTED(means(&one, 1, OWN_IS(NOT_POSSIBLE), 0));
	ACCEPTED(means(&two, 0, OWN_IS(AGREED), 6000));
}

/* C12: nothing is given from a network that is over, or of which an older word says otherwise. */
static void test_budget_ends_with_its_network(void **state)
{
	struct rig *r = *state;
	struct story st = story_standard(r, 1);

	assert_true(told(r, 5, rig_now(r) + RIG_DAY_MS, false));
	ACCEPTED(means(&st, 0, OWN_IS(AGREED), 10));
	rig_advance(r, RIG_DAY_MS);
	REFUSED(means(&st, 0, OWN_IS(AGREED), 10), OUT_OF_RANGE, "network");
	assert_true(told(r, 4, 0, false));
	REFUSED(means(&st, 0, OWN_IS(AGREED), 10), OUT_OF_RANGE, "network");
	assert_true(told(r, 6, 0, false));
	ACCEPTED(means(&st, 0, OWN_IS(AGREED), 10));
	assert_true(told(r, 7, 0, true));
	REFUSED(means(&st, 0, OWN_IS(AGREED), 10), OUT_OF_RANGE, "network");
}

/* Matching was restored from an old copy: intake tells it of its networks, behind the requests. */
static void test_budget_networks_are_in_the_inventory(void **state)
{
	struct rig *r = *state;
	size_t found = 0;
	size_t items = 0;

	(void)story_standard(r, 1);
	assert_true(told(r, 1, 0, false));
	rig_skip(r);
	rig_peer_restored(r, "matching");
	for (PB(Message) *m = rig_next(r, "matching"); m != NULL; m = rig_next(r, "matching")) {
		bool item = m->body_case == BODY(RECONCILE_ITEM);
		items += item;
		found += item && strcmp(m->reconcile_item->table, "NetworkTold") == 0;
		if (m->body_case == BODY(RECONCILE_DONE)) {
			assert_int_equal(m->reconcile_done->items, items);
		}
	}
	assert_int_equal(found, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, intake_setup, intake_teardown)
	const struct CMUnitTest tests[] = {
		T(test_budget_of_a_network_at_and_past_it),
		T(test_budget_ends_with_its_network),
		T(test_budget_networks_are_in_the_inventory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
