/* SPDX-License-Identifier: EUPL-1.2 */
/* matching: several pools stated in one step. All of them or none; the laws hold over all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define PUTS (MATCH_PUTS_MAX + 1)

struct batch {
	PB(PutCapacity) c[PUTS];
	PB(PutCapacity) *puts[PUTS];
	PB(PoolUse) use[PUTS];
	PB(PoolUse) *uses[PUTS];
	char name[PUTS][16];
	uint32_t expertise[1];
	char *zones[1];
};

static char *str(const char *s)
{
	return (char *)(uintptr_t)s;
}

/* New pools of 2 places each, half of facility-a and half of facility-b. */
static struct batch *batch_new(void)
{
	struct batch *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->expertise[0] = 1;
	b->zones[0] = str("westhoek");
	for (size_t i = 0; i < PUTS; i++) {
		PB(PoolUse) *u = &b->use[i];
		PB(PutCapacity) *c = &b->c[i];
		schakel__v1__pool_use__init(u);
		u->use = 1;
		u->expertises = b->expertise;
		u->n_expertises = 1;
		u->zones = b->zones;
		u->n_zones = 1;
		u->modality = MODE(AMBULANT);
		u->access = SCHAKEL__V1__ACCESS__ACCESS_DIRECT;
		u->age_to = 25;
		u->cost_units = 1;
		b->uses[i] = u;
		schakel__v1__put_capacity__init(c);
		(void)snprintf(b->name[i], sizeof(b->name[i]), "pool-%zu", i);
		c->pool = b->name[i];
		c->partner = str(i % 2 == 0 ? "facility-a" : "facility-b");
		c->unit = UNITS(PLACE);
		c->staffed = 2;
		c->uses = &b->uses[i];
		c->n_uses = 1;
		b->puts[i] = c;
	}
	return b;
}

static PB(Receipt) *state(struct rig *r, const char *by, struct batch *b, size_t len)
{
	PB(Message) m = PB_INIT(MESSAGE);
	PB(PutCapacities) p = PB_INIT(PUT_CAPACITIES);

	p.puts = b->puts;
	p.n_puts = len;
	m.body_case = BODY(PUT_CAPACITIES);
	m.put_capacities = &p;
	return rig_command(r, by, &m);
}

static bool is_seated(struct rig *r, uint32_t n)
{
	return rig_rows(r, T_POOL_HOLD) >= n;
}

static void wants(struct rig *r, uint32_t n)
{
	struct demand_spec d = { .request = n, .needs = 1, .need = { { .number = n } } };

	demand(r, &d);
}

/** L8: who waits is seated in the step that states the pools, each pool as far as it reaches. */
static void test_batch_seats_who_waits_in_the_same_step(void **unused)
{
	struct rig *r = world_new();
	struct batch *b = batch_new();

	(void)unused;
	for (uint32_t n = 1; n <= 4; n++) {
		wants(r, n);
	}
	assert_int_equal(rig_rows(r, T_POOL_HOLD), 0);
	ACCEPT(state(r, "coordinator", b, 2));
	assert_true(is_seated(r, 4));
	assert_int_equal(pool_rec(r, "pool-0")->promised, 2);
	assert_int_equal(pool_rec(r, "pool-1")->promised, 2);
	free(b);
	world_free(r);
}

/** One that is refused takes the others with it, also those before it; the refusal names which. */
static void test_batch_refused_at_one_changes_none(void **unused)
{
	struct rig *r = world_new();
	struct batch *b = batch_new();

	(void)unused;
	ACCEPT(state(r, "coordinator", b, 2));
	for (size_t i = 0; i < 2; i++) {
		b->c[i].based_on = 1;
		b->c[i].staffed = 9;
	}
	b->c[1].based_on = 7;
	const PB(Receipt) *receipt = state(r, "coordinator", b, 4);
	assert_int_equal(receipt->code, REFUSE(CONFLICT));
	assert_string_equal(receipt->field, "puts[1].based_on");
	assert_int_equal(receipt->version, 1);
	assert_string_equal(receipt->holds_now->pool, "pool-1");
	assert_int_equal(pool_rec(r, "pool-0")->staffed, 2);
	assert_int_equal(pool_rec(r, "pool-0")->version, 1);
	assert_null(pool_rec(r, "pool-2"));
	b->c[1].based_on = 1;
	b->zones[0] = str("nergens");
	receipt = state(r, "coordinator", b, 4);
	assert_int_equal(receipt->code, REFUSE(UNKNOWN_OBJECT));
	assert_string_equal(receipt->field, "puts[0].uses[0].zones");
	b->zones[0] = str("westhoek");
	receipt = state(r, "facility-a", b, 2);
	assert_int_equal(receipt->code, REFUSE(NOT_YOURS));
	assert_string_equal(receipt->field, "puts[1].partner");
	assert_int_equal(receipt->object_id.len, 0);
	assert_string_equal(receipt->short_code, "");
	assert_int_equal(receipt->version, 0);
	b->puts[1] = b->puts[0];
	receipt = state(r, "coordinator", b, 2);
	assert_string_equal(receipt->field, "puts[1].based_on");
	assert_int_equal(pool_rec(r, "pool-0")->staffed, 2);
	free(b);
	world_free(r);
}

/** L12: at the bound, with all that one message may hold, the step is done; past it, refused. */
static void test_batch_at_its_bound(void **unused)
{
	struct rig *r = world_new();
	struct batch *b = batch_new();
	char *zones[38]; /* 54 kB, of 64 */

	(void)unused;
	for (size_t i = 0; i < SK_LEN(zones); i++) {
		zones[i] = str("westhoek");
	}
	for (size_t i = 0; i < MATCH_PUTS_MAX; i++) {
		b->use[i].zones = zones;
		b->use[i].n_zones = SK_LEN(zones);
	}
	for (uint32_t n = 1; n <= 40; n++) {
		wants(r, n);
	}
	assert_string_equal(state(r, "coordinator", b, 0)->field, "puts");
	assert_int_equal(state(r, "coordinator", b, PUTS)->code, REFUSE(TOO_MANY));
	assert_int_equal(rig_rows(r, T_POOL), 0);
	ACCEPT(state(r, "coordinator", b, MATCH_PUTS_MAX));
	assert_int_equal(rig_rows(r, T_POOL), MATCH_PUTS_MAX);
	rig_advance(r, 1);
	assert_true(is_seated(r, 40));
	free(b);
	world_free(r);
}

/** L4: pools stated below what is promised are OVERCOMMITTED in that step, however many; what one
 *  step does not let go goes in due rows. */
static void test_batch_below_what_is_promised_sheds_all(void **unused)
{
	struct rig *r = world_new();
	struct batch *b = batch_new();
	uint32_t each = MATCH_STEP_SHED_MAX - 4;

	(void)unused;
	for (size_t i = 0; i < 2; i++) {
		b->c[i].staffed = each;
	}
	ACCEPT(state(r, "coordinator", b, 2));
	for (uint32_t n = 1; n <= 2 * each; n++) {
		wants(r, n);
	}
	assert_int_equal(pool_rec(r, "pool-0")->promised, each);
	for (size_t i = 0; i < 2; i++) {
		b->c[i].based_on = 1;
		b->c[i].staffed = 0;
	}
	ACCEPT(state(r, "coordinator", b, 2));
	assert_true(pool_rec(r, "pool-0")->overcommitted && pool_rec(r, "pool-1")->overcommitted);
	rig_advance(r, 1);
	assert_int_equal(pool_rec(r, "pool-0")->promised, 0);
	assert_int_equal(pool_rec(r, "pool-1")->promised, 0);
	assert_int_equal(rig_rows(r, T_POOL_HOLD), 0);
	free(b);
	world_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batch_seats_who_waits_in_the_same_step),
		cmocka_unit_test(test_batch_refused_at_one_changes_none),
		cmocka_unit_test(test_batch_at_its_bound),
		cmocka_unit_test(test_batch_below_what_is_promised_sheds_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
