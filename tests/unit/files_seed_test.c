/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "common/files.h"
#include "tests/unit/node_rig.h"

#define SEGMENT_BYTES (1U << 20)
#define MAP_BYTES (64U << 20)

/* The luck of a real store is drawn, whatever somebody asks; that of a demo follows from its seed.
 */
static void test_files_create_seed_is_for_a_demo_alone(void **state)
{
	static const uint64_t seeds[] = { 0, 0, 1 };
	char path[3][NODE_RIG_PATH_MAX];
	uint8_t key[3][STORE_KEY_LEN];
	struct files_new n = { .daemon = "waitlist",
			       .map_bytes = MAP_BYTES,
			       .segment_bytes = SEGMENT_BYTES,
			       .seeded = true };
	struct node_rig rig;
	(void)state;
	node_rig_init(&rig);
	node_rig_path(&rig, "data/seeded", path[0]);
	n.dir = path[0];
	assert_int_equal(files_create(&n), SK_EINVAL);
	assert_int_not_equal(access(path[0], F_OK), 0);
	n.demo = true;
	for (size_t i = 0; i < 3; i++) {
		char name[] = "data/seeded-0";
		name[sizeof(name) - 2] = (char)('0' + i);
		node_rig_path(&rig, name, path[i]);
		n.dir = path[i];
		n.seed = seeds[i];
		assert_int_equal(files_create(&n), SK_OK);
		assert_int_equal(files_store_key(path[i], key[i]), SK_OK);
	}
	assert_memory_equal(key[0], key[1], STORE_KEY_LEN);
	assert_memory_not_equal(key[0], key[2], STORE_KEY_LEN);
	node_rig_done(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_create_seed_is_for_a_demo_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
