/* SPDX-License-Identifier: EUPL-1.2 */
/* The smallest pieces: arena, keys, settings, refusal texts, error names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/refusal.h"

static void test_arena_at_and_past_its_ceiling(void **state)
{
	static _Alignas(64) uint8_t block[64];
	struct arena a;

	(void)state;
	arena_init(&a, block, sizeof(block));
	assert_non_null(arena_alloc(&a, 64));
	assert_null(arena_alloc(&a, 1));
	arena_reset(&a);
	assert_null(arena_alloc(&a, 65));
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 7)); /* rounding up must not wrap */
	assert_non_null(arena_alloc(&a, 1));
	assert_non_null(arena_alloc(&a, 48));
	assert_null(arena_alloc(&a, 1));
}

static void test_arena_gives_zeroed_memory_again(void **state)
{
	static _Alignas(64) uint8_t block[256];
	struct arena a;

	(void)state;
	arena_init(&a, block, sizeof(block));
	char *s = arena_strdup(&a, "content of a message");
	assert_string_equal(s, "content of a message");
	arena_reset(&a);
	const uint8_t *p = arena_alloc(&a, 64);
	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(p[i], 0);
	}
}

/* Byte order of keys is the order of their fields: what iterations and the lawful order stand on.
 */
static void test_key_orders_as_its_fields(void **state)
{
	static const uint64_t rising[] = { 0, 1, 255, 256, 65535, 1ULL << 32, UINT64_MAX };

	(void)state;
	for (size_t i = 1; i < SK_LEN(rising); i++) {
		struct key a = { 0 }, b = { 0 };
		key_u64(&a, rising[i - 1]);
		key_u64(&b, rising[i]);
		assert_true(memcmp(a.b, b.b, 8) < 0);
	}
	struct key shorter = key_of_str("huis"), longer = key_of_str("huis-a");
	assert_true(memcmp(shorter.b, longer.b, shorter.len) < 0);
}

static void test_key_reads_back_what_it_was_built_from(void **state)
{
	struct object_id id = { { 1, 2, 3 } }, got;
	char name[PARTY_ID_LEN_MAX + 1];
	struct key k = { 0 };
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint8_t u8;

	(void)state;
	key_u8(&k, 7);
	key_str(&k, "meldpunt");
	key_u32(&k, 0xfffefdfc);
	key_u64(&k, 1ULL << 63);
	key_id(&k, &id);
	struct slice rest = { k.b, k.len };
	assert_true(key_take_u8(&rest, &u8) && key_take_str(&rest, name) &&
		    key_take_u32(&rest, &u32) && key_take_u64(&rest, &u64) &&
		    key_take_id(&rest, &got));
	assert_int_equal(u8, 7);
	assert_string_equal(name, "meldpunt");
	assert_int_equal(u32, 0xfffefdfc);
	assert_true(u64 == 1ULL << 63 && object_id_equal(&id, &got));
	assert_int_equal(rest.len, 0);
	assert_false(key_take_u8(&rest, &u8));
	assert_false(key_take_id(&rest, &got));
}

static void test_key_text_without_end_or_too_long_is_refused(void **state)
{
	char name[PARTY_ID_LEN_MAX + 1];
	struct slice none = { "abc", 3 };
	struct slice long_one = { "abcdefghijklmnopqrstuvwxyz0123456", 34 };

	(void)state;
	assert_false(key_take_str(&none, name));
	assert_false(key_take_str(&long_one, name));
}

static void test_name_at_and_past_its_limits(void **state)
{
	(void)state;
	assert_true(name_is_valid("a"));
	assert_true(name_is_valid("@events"));
	assert_true(name_is_valid("abcdefghijklmnopqrstuvwxyz01234"));   /* 31 */
	assert_false(name_is_valid("abcdefghijklmnopqrstuvwxyz012345")); /* 32 */
	assert_false(name_is_valid(""));
	assert_false(name_is_valid("@"));
	assert_false(name_is_valid("Huis"));
	assert_false(name_is_valid("huis a"));
	assert_false(name_is_valid("huis/a"));
}

static void test_object_id_hex_and_length(void **state)
{
	struct object_id id = { { 0xab, 0x01 } }, got;
	char hex[2 * OBJECT_ID_LEN + 1];
	ProtobufCBinaryData data = object_id_data(&id);

	(void)state;
	object_id_hex(&id, hex);
	assert_string_equal(hex, "ab010000000000000000000000000000");
	assert_true(object_id_from(&data, &got));
	data.len = 15;
	assert_false(object_id_from(&data, &got));
	data.len = 17;
	assert_false(object_id_from(&data, &got));
}

static void test_settings_have_keys_and_lawful_defaults(void **state)
{
	(void)state;
	for (int i = 0; i < SETTING_COUNT; i++) {
		const struct setting_spec *s = &setting_spec[i];
		assert_true(s->min <= s->def && s->def <= s->max);
		assert_int_equal(setting_find(s->key), i);
	}
	assert_int_equal(setting_find("no_such_setting"), -1);
}

/* Every code that a person may meet has a sentence of its own in both languages. */
static void test_refusal_every_code_has_its_own_text(void **state)
{
	const ProtobufCEnumDescriptor *codes = &schakel__v1__refusal__descriptor;
	const ProtobufCEnumDescriptor *what = &schakel__v1__resource__descriptor;
	const char *unknown = refusal_text(SCHAKEL__V1__REFUSAL__REFUSAL_UNSPECIFIED)->nl;

	(void)state;
	for (unsigned int i = 0; i < codes->n_values; i++) {
		const struct refusal_text *t = refusal_text((PB(Refusal))codes->values[i].value);
		assert_true(strlen(t->nl) > 10 && strlen(t->en) > 10);
		if (codes->values[i].value != 0) {
			assert_string_not_equal(t->nl, unknown);
		}
	}
	for (unsigned int i = 0; i < what->n_values; i++) {
		if (what->values[i].value != 0) {
			assert_string_not_equal(busy_text((PB(Resource))what->values[i].value)->nl,
						unknown);
		}
	}
	assert_true(strlen(late_text()->nl) > 10);
}

static void test_errors_have_names_and_resources_are_known(void **state)
{
	(void)state;
	assert_string_equal(sk_strerror(SK_OK), "done");
	assert_string_not_equal(sk_strerror(SK_ECORRUPT), "unknown error");
	assert_string_equal(sk_strerror(-9999), "unknown error");
	assert_true(sk_is_resource(SK_ENOMEM) && sk_is_resource(SK_EFULL) &&
		    sk_is_resource(SK_ESYS));
	assert_false(sk_is_resource(SK_EREFUSED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_at_and_past_its_ceiling),
		cmocka_unit_test(test_arena_gives_zeroed_memory_again),
		cmocka_unit_test(test_key_orders_as_its_fields),
		cmocka_unit_test(test_key_reads_back_what_it_was_built_from),
		cmocka_unit_test(test_key_text_without_end_or_too_long_is_refused),
		cmocka_unit_test(test_name_at_and_past_its_limits),
		cmocka_unit_test(test_object_id_hex_and_length),
		cmocka_unit_test(test_settings_have_keys_and_lawful_defaults),
		cmocka_unit_test(test_refusal_every_code_has_its_own_text),
		cmocka_unit_test(test_errors_have_names_and_resources_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
