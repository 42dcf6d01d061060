/* SPDX-License-Identifier: EUPL-1.2 */
/* What a family tells opens with the right key, for the right person and version, and not
 * otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/capsule.h"

static _Alignas(64) uint8_t block[1U << 20];
static struct arena arena;
static uint8_t public_key[CAPSULE_KEY_LEN];
static uint8_t secret_key[CAPSULE_KEY_LEN];
static const struct slice plain = { "het verhaal zoals verteld", 25 };

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, block, sizeof(block));
	capsule_keypair(public_key, secret_key);
	return 0;
}

static Schakel__V1__Capsule seal(struct object_id *io_person, uint32_t version)
{
	Schakel__V1__Capsule c = SCHAKEL__V1__CAPSULE__INIT;

	c.version = version;
	assert_int_equal(capsule_seal(&arena, public_key, plain, io_person, &c), SK_OK);
	return c;
}

static int open_it(const Schakel__V1__Capsule *c, struct slice *ret_plain)
{
	return capsule_open(&arena, public_key, secret_key, c, ret_plain);
}

static void test_capsule_opens_with_its_key(void **state)
{
	struct object_id person = { 0 };
	struct slice out = { 0 };

	(void)state;
	Schakel__V1__Capsule c = seal(&person, 1);
	assert_false(object_id_is_zero(&person));
	assert_int_equal(c.person_id.len, OBJECT_ID_LEN);
	assert_int_equal(c.sealed_key.len, 80);
	assert_int_equal(c.capsule.len, 24 + plain.len + 16);
	assert_null(memmem(c.capsule.data, c.capsule.len, plain.data, plain.len));
	assert_int_equal(open_it(&c, &out), SK_OK);
	assert_int_equal(out.len, plain.len);
	assert_memory_equal(out.data, plain.data, plain.len);
}

/* Two pieces of the same person never share a data key or a nonce. */
static void test_capsule_is_new_each_time(void **state)
{
	struct object_id person = { 0 };

	(void)state;
	Schakel__V1__Capsule a = seal(&person, 1);
	Schakel__V1__Capsule b = seal(&person, 1);
	assert_memory_equal(a.person_id.data, b.person_id.data, OBJECT_ID_LEN);
	assert_memory_not_equal(a.capsule.data, b.capsule.data, a.capsule.len);
	assert_memory_not_equal(a.sealed_key.data, b.sealed_key.data, a.sealed_key.len);
}

static void test_capsule_of_another_person_or_version_stays_shut(void **state)
{
	struct object_id person = { 0 };
	struct slice out;

	(void)state;
	Schakel__V1__Capsule c = seal(&person, 1);
	c.version = 2;
	assert_int_equal(open_it(&c, &out), SK_EAUTH);
	c.version = 1;
	c.person_id.data[5] ^= 1;
	assert_int_equal(open_it(&c, &out), SK_EAUTH);
	c.person_id.data[5] ^= 1;
	assert_int_equal(open_it(&c, &out), SK_OK);
}

static void test_capsule_with_a_changed_byte_stays_shut(void **state)
{
	struct object_id person = { 0 };
	struct slice out;

	(void)state;
	Schakel__V1__Capsule c = seal(&person, 1);
	for (size_t i = 0; i < c.capsule.len; i++) {
		c.capsule.data[i] ^= 0x40;
		assert_int_equal(open_it(&c, &out), SK_EAUTH);
		c.capsule.data[i] ^= 0x40;
	}
	for (size_t i = 0; i < c.sealed_key.len; i++) {
		c.sealed_key.data[i] ^= 0x01;
		assert_int_equal(open_it(&c, &out), SK_EAUTH);
		c.sealed_key.data[i] ^= 0x01;
	}
}

static void test_capsule_with_another_key_stays_shut(void **state)
{
	uint8_t other_public[CAPSULE_KEY_LEN];
	uint8_t other_secret[CAPSULE_KEY_LEN];
	struct object_id person = { 0 };
	struct slice out;

	(void)state;
	Schakel__V1__Capsule c = seal(&person, 1);
	capsule_keypair(other_public, other_secret);
	assert_int_equal(capsule_open(&arena, other_public, other_secret, &c, &out), SK_EAUTH);
}

static void test_capsule_of_wrong_lengths_is_refused(void **state)
{
	struct object_id person = { 0 };
	struct slice out;

	(void)state;
	Schakel__V1__Capsule c = seal(&person, 1);
	Schakel__V1__Capsule d = c;
	d.capsule.len = 39;
	assert_int_equal(open_it(&d, &out), SK_EINVAL);
	d = c;
	d.sealed_key.len = 79;
	assert_int_equal(open_it(&d, &out), SK_EINVAL);
	d = c;
	d.person_id.len = 15;
	assert_int_equal(open_it(&d, &out), SK_EINVAL);
}

static void test_capsule_content_at_and_past_its_length(void **state)
{
	static uint8_t text[CAPSULE_PLAIN_MAX + 1];
	struct object_id person = { 0 };
	Schakel__V1__Capsule c = SCHAKEL__V1__CAPSULE__INIT;

	(void)state;
	c.version = 1;
	struct slice at = { text, CAPSULE_PLAIN_MAX };
	struct slice past = { text, CAPSULE_PLAIN_MAX + 1 };
	assert_int_equal(capsule_seal(&arena, public_key, at, &person, &c), SK_OK);
	assert_true(c.capsule.len <= 8192); /* what intake takes */
	assert_int_equal(capsule_seal(&arena, public_key, past, &person, &c), SK_EINVAL);
	c.version = 0;
	assert_int_equal(capsule_seal(&arena, public_key, at, &person, &c), SK_EINVAL);
}

static void test_capsule_full_arena_is_no_crash(void **state)
{
	static _Alignas(16) uint8_t small[64];
	struct arena tiny;
	struct object_id person = { 0 };
	Schakel__V1__Capsule c = SCHAKEL__V1__CAPSULE__INIT;

	(void)state;
	arena_init(&tiny, small, sizeof(small));
	c.version = 1;
	assert_int_equal(capsule_seal(&tiny, public_key, plain, &person, &c), SK_ENOMEM);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void test_capsule_key_file_is_exact(void **state)
{
	static const char good[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeef"
				   "f\n";
	char dir[] = "/tmp/schakel-capsule-XXXXXX";
	char path[64];
	uint8_t key[CAPSULE_KEY_LEN];

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(capsule_key_read(path, key), SK_ENOENT);
	write_file(path, good);
	assert_int_equal(capsule_key_read(path, key), SK_OK);
	assert_int_equal(key[1], 0x11);
	write_file(path, good + 1);
	assert_int_equal(capsule_key_read(path, key), SK_ECONF);
	write_file(path, "0x112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
	assert_int_equal(capsule_key_read(path, key), SK_ECONF);
	write_file(path, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\n");
	assert_int_equal(capsule_key_read(path, key), SK_ECONF);
	(void)unlink(path);
	(void)rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_capsule_opens_with_its_key, setup),
		cmocka_unit_test_setup(test_capsule_is_new_each_time, setup),
		cmocka_unit_test_setup(test_capsule_of_another_person_or_version_stays_shut, setup),
		cmocka_unit_test_setup(test_capsule_with_a_changed_byte_stays_shut, setup),
		cmocka_unit_test_setup(test_capsule_with_another_key_stays_shut, setup),
		cmocka_unit_test_setup(test_capsule_of_wrong_lengths_is_refused, setup),
		cmocka_unit_test_setup(test_capsule_content_at_and_past_its_length, setup),
		cmocka_unit_test_setup(test_capsule_full_arena_is_no_crash, setup),
		cmocka_unit_test(test_capsule_key_file_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
