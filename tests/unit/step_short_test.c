/* SPDX-License-Identifier: EUPL-1.2 */
/* Short codes: unlike each other, never twice for ids of one incarnation, found without a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/step.h"
#include "services/intake/core.h"
#include "tests/unit/core_rig.h"

#define TABLE TABLE_SERVICE
#define TAG_A 0x01aaaaaaU
#define TAG_B 0x02bbbbbbU
#define SEQUENCES 3000
#define ORDINALS 3

static struct object_id id_of(uint32_t tag, uint64_t sequence, uint32_t ordinal)
{
	struct object_id id;

	be32_write(id.b, tag);
	be64_write(id.b + 4, sequence);
	be32_write(id.b + 12, ordinal);
	return id;
}

static void put(struct step *s, const struct object_id *id)
{
	struct key k = key_of_id(id);

	step_mark(s, TABLE, &k);
}

static bool finds(struct step *s, const struct object_id *id)
{
	char code[SHORT_CODE_LEN + 1];
	struct object_id found;

	step_short_code(s, id, code);
	return step_by_short_code(s, TABLE, code, &found) && object_id_equal(&found, id);
}

static int by_text(const void *a, const void *b)
{
	return memcmp(a, b, SHORT_CODE_LEN + 1);
}

static int differ(struct step *s, void *ctx)
{
	static char code[SEQUENCES * ORDINALS][SHORT_CODE_LEN + 1];
	size_t len = 0, same_digits = 0;

	(void)ctx;
	for (uint64_t i = 0; i < SEQUENCES; i++) {
		for (uint32_t ordinal = 0; ordinal < ORDINALS; ordinal++) {
			struct object_id id = id_of(TAG_A, 1000 + i, ordinal);
			step_short_code(s, &id, code[len]);
			assert_int_equal(strspn(code[len], "0123456789abcdefghjkmnpqrstvwxyz"),
					 SHORT_CODE_LEN);
			for (int d = 0; len > 0 && d < SHORT_CODE_LEN; d++) {
				same_digits += code[len][d] == code[len - 1][d];
			}
			len++;
		}
	}
	/* By chance one digit in 32 is that of the neighbour. */
	assert_in_range(same_digits, len * SHORT_CODE_LEN / 40, len * SHORT_CODE_LEN / 25);
	qsort(code, len, sizeof(code[0]), by_text);
	for (size_t i = 1; i < len; i++) {
		assert_string_not_equal(code[i - 1], code[i]);
	}
	return SK_OK;
}

static void test_short_codes_of_neighbours_have_nothing_in_common(void **state)
{
	assert_int_equal(rig_try(*state, differ, NULL), SK_OK);
}

static int find_all(struct step *s, void *ctx)
{
	static const uint64_t sequences[] = { 1, 2, 77, 1ULL << 33, (1ULL << 34) - 1 };
	static const uint32_t ordinals[] = { 0, 1, 4095, 65535 };
	static const uint32_t tags[] = { 0, TAG_A, TAG_B, UINT32_MAX };

	(void)ctx;
	for (size_t i = 0; i < SK_LEN(sequences) * SK_LEN(ordinals) * SK_LEN(tags); i++) {
		size_t j = i / SK_LEN(tags);
		struct object_id id =
			id_of(tags[i % SK_LEN(tags)], sequences[j / 4], ordinals[j % 4]);
		assert_false(finds(s, &id));
		put(s, &id);
		assert_true(finds(s, &id));
	}
	return SK_OK;
}

static void test_short_code_finds_the_object_of_every_incarnation(void **state)
{
	assert_int_equal(rig_try(*state, find_all, NULL), SK_OK);
}

static int find_none(struct step *s, void *ctx)
{
	static const char *const wrong[] = { "",           "0",         "012345678", "01234567890",
					     "ooooooooou", "0123 45678" };
	struct object_id id = id_of(TAG_A, 9, 0), found;

	(void)ctx;
	put(s, &id);
	for (size_t i = 0; i < SK_LEN(wrong); i++) {
		assert_false(step_by_short_code(s, TABLE, wrong[i], &found));
	}
	return SK_OK;
}

static void test_short_code_that_is_none_finds_nothing(void **state)
{
	assert_int_equal(rig_try(*state, find_none, NULL), SK_OK);
}

/* Two incarnations count the same sequences: a code that fits both must name neither. */
static int find_two(struct step *s, void *ctx)
{
	struct object_id a = id_of(TAG_A, 5, 0);
	char code[SHORT_CODE_LEN + 1], other[SHORT_CODE_LEN + 1] = "";
	uint32_t ordinal = 0;

	(void)ctx;
	put(s, &a);
	assert_true(finds(s, &a));
	step_short_code(s, &a, code);
	for (; strcmp(other, code) != 0; ordinal++) {
		struct object_id b = id_of(TAG_B, 5, ordinal);
		step_short_code(s, &b, other);
	}
	struct object_id b = id_of(TAG_B, 5, ordinal - 1);
	put(s, &b);
	assert_false(finds(s, &a));
	assert_false(finds(s, &b));
	return SK_OK;
}

static void test_short_code_of_two_objects_names_neither(void **state)
{
	assert_int_equal(rig_try(*state, find_two, NULL), SK_OK);
}

static int setup(void **state)
{
	*state = rig_new(&intake_service);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_short_codes_of_neighbours_have_nothing_in_common),
		T(test_short_code_finds_the_object_of_every_incarnation),
		T(test_short_code_that_is_none_finds_nothing),
		T(test_short_code_of_two_objects_names_neither),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
