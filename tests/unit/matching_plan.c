/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/matching/core_copy.h"
#include "tests/unit/matching_world.h"

#define SLICES_MOST 50U

/* One slice in a step of its own, as the loop takes them; nothing is written. */
struct slice_of {
	struct plan_copy *copy;
	bool whole;
};

static int take_slice(struct step *s, void *ctx)
{
	struct slice_of *x = ctx;

	return match_plan_copy(s, &x->copy, &x->whole);
}

struct plan_copy *copy_now(struct rig *r)
{
	return copy_within(r, UINT32_MAX, UINT32_MAX);
}

struct plan_copy *copy_within(struct rig *r, uint32_t needs_most, uint32_t options_most)
{
	struct slice_of x = { .copy = NULL };

	for (unsigned i = 0; !x.whole && i < SLICES_MOST; i++) {
		assert_int_equal(rig_try(r, take_slice, &x), SK_OK);
		if (x.copy == NULL) {
			return NULL;
		}
		x.copy->needs_most = needs_most;
		x.copy->options_most = options_most;
	}
	assert_true(x.whole);
	return x.copy;
}

struct rig *one_place(void)
{
	struct rig *r = world_new();

	const PB(Receipt) *put = put_pool(r, &(struct pool_spec){ .name = "pool-a", .staffed = 1 });
	assert_int_equal(put->outcome, OUT(ACCEPTED));
	demand_one(r, 40, 1, 400);
	demand_one(r, 41, 1, 410);
	demand_one(r, 42, 1, 420);
	rig_advance(r, 1000);
	assert_false(waits(r, 40));
	assert_true(waits(r, 41) && waits(r, 42));
	return r;
}
