/* SPDX-License-Identifier: EUPL-1.2 */
/* Coverage of large requests: that a need cannot be seated beside those in front is proven, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/plan/large.h"

#define NEEDS 16U
#define OFFERS 2U

static struct large_option options[NEEDS * OFFERS];
static const uint32_t penalty[NEEDS];

/* One partner has all offers; each need may go to any of them. */
static struct large_problem one_partner(const struct large_partner *partner,
					const struct large_offer *offers)
{
	for (uint32_t k = 0; k < NEEDS * OFFERS; k++) {
		options[k] = (struct large_option){ k / OFFERS, k % OFFERS, 0, 1 };
	}
	return (struct large_problem){ .objective = LARGE_COVER,
				       .team_max = LARGE_NONE,
				       .penalty = penalty,
				       .needs_len = NEEDS,
				       .options = options,
				       .options_len = NEEDS * OFFERS,
				       .offers = offers,
				       .offers_len = OFFERS,
				       .partners = partner,
				       .partners_len = 1 };
}

/* Needs behind the one in question do not make its proof longer, nor does a lead that all can be.
 */
static void test_large_apart_at_the_only_partner_is_proven(void **state)
{
	static const struct large_partner partner = { .lead = true };
	static const struct large_offer offers[OFFERS] = { { 0, NEEDS, 0 }, { 0, NEEDS, 0 } };
	static const struct large_pair apart[] = { { 3, 4 } };
	const struct large_rules rules = { .seed = 1, .nodes = LARGE_NODES };
	struct large_problem p = one_partner(&partner, offers);

	(void)state;
	p.apart = apart;
	p.apart_len = 1;
	for (int led = 0; led < 2; led++) {
		struct large_result *r = NULL;
		p.lead = led == 1;
		assert_int_equal(large_run(&p, &rules, &r), SK_OK);
		assert_int_equal(r->open, 1);
		assert_int_equal(r->seat[4], LARGE_NONE);
		assert_true(r->covered && r->proven);
		large_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_apart_at_the_only_partner_is_proven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
