/* SPDX-License-Identifier: EUPL-1.2 */
/* C7: the sector of a party is a word about it, and never a barrier: a whole run with the sectors
 * told otherwise says and gives the very same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xxhash.h>

#include "tests/unit/matching_world.h"

#define ACCEPT(x) assert_int_equal((x)->outcome, OUT(ACCEPTED))
#define SECTORS 3
#define NEEDS 9

static const char *const house[] = { "facility-a", "facility-b", "facility-c" };
static const char *const sector[SECTORS] = { "jeugdhulp", "onderwijs",
					     "geestelijke gezondheidszorg" };

static void sectors_set(struct rig *r, size_t turn)
{
	PB(ConfigApplied) *conf = rig_conf(r);

	for (size_t i = 0; i < conf->n_parties; i++) {
		for (size_t k = 0; k < SK_LEN(house); k++) {
			if (strcmp(conf->parties[i]->id, house[k]) == 0) {
				/* The rig frees it with its configuration. */
				conf->parties[i]->sector = strdup(sector[(k + turn) % SECTORS]);
			}
		}
	}
	rig_config(r);
}

/* Everything that the daemon says to anybody, in order. */
static void said_add(struct rig *r, XXH3_state_t *h, size_t *io_said)
{
	static const char *const to[] = { "intake",     "waitlist",   "@events",
					  "facility-a", "facility-b", "facility-c" };
	static uint8_t packed[65536];

	for (size_t i = 0; i < SK_LEN(to); i++) {
		const PB(Message) *m;
		while ((m = rig_next(r, to[i])) != NULL) {
			SK_ASSERT(schakel__v1__message__get_packed_size(m) <= sizeof(packed));
			size_t len = schakel__v1__message__pack(m, packed);
			(void)XXH3_64bits_update(h, to[i], strlen(to[i]));
			(void)XXH3_64bits_update(h, packed, len);
			++*io_said;
		}
	}
}

static void houses_open(struct rig *r)
{
	for (size_t i = 0; i < SK_LEN(house); i++) {
		char name[8];
		(void)snprintf(name, sizeof(name), "pool-%zu", i);
		ACCEPT(put_pool(r, &(struct pool_spec){ .name = name,
							.partner = house[i],
							.staffed = 2,
							.expertise = 1,
							.expertise_2 = 2 }));
	}
}

/* More asked than there is, answers of every kind, starts, a stop and what it sets free. */
static uint64_t run(size_t turn, size_t *ret_said)
{
	static const PB(ContributionState) to[] = { CSTATE(STARTED), CSTATE(CAN), CSTATE(AGREED),
						    CSTATE(INTERRUPTED), CSTATE(HANDING_ON) };
	struct rig *r = world_new();
	XXH3_state_t *h = XXH3_createState();
	size_t said = 0;

	assert_non_null(h);
	(void)XXH3_64bits_reset(h);
	sectors_set(r, turn);
	rig_skip(r); /* the configuration itself says the sector */
	houses_open(r);
	for (uint32_t i = 1; i <= NEEDS; i++) {
		demand_one(r, i, 1 + i % 2, 100 + i);
		said_add(r, h, &said);
	}
	for (uint32_t i = 1; i <= SK_LEN(to); i++) {
		if (!waits(r, i)) {
			(void)drive(r, i, to[i - 1]);
		}
		rig_advance(r, RIG_DAY_MS);
		said_add(r, h, &said);
	}
	rig_advance(r, 20 * RIG_DAY_MS);
	said_add(r, h, &said);
	uint64_t hash = XXH3_64bits_digest(h);
	(void)XXH3_freeState(h);
	world_free(r);
	*ret_said = said;
	return hash;
}

static void test_sector_changes_nothing_that_is_said_or_given(void **state)
{
	size_t said = 0;
	size_t other = 0;
	uint64_t first = run(0, &said);

	(void)state;
	assert_in_range(said, 30, 10000); /* a run in which much happens */
	for (size_t turn = 1; turn < SECTORS; turn++) {
		assert_true(run(turn, &other) == first);
		assert_int_equal(other, said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sector_changes_nothing_that_is_said_or_given),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
