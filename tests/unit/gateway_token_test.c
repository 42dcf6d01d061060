/* SPDX-License-Identifier: EUPL-1.2 */
/* Signed texts: what people type and machines send opens what it was made for, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/capsule.h"
#include "common/token.h"

#define LATEST_MS 9999999999999ULL                /* the year 2286: as long as a text gets */
#define LONGEST "a234567890123456789012345678901" /* 31 characters */

static struct conf *conf;
static struct conf_party party[6];
static struct token_key key = { { 1, 2, 3 } };
static struct token_key other_key = { { 1, 2, 4 } };

/* Sorted by id, as a configuration has them. */
static const struct {
	const char *id;
	uint32_t roles;
} parties[] = {
	{ LONGEST, ROLE_BIT(FACILITY) },         { "gezin", ROLE_BIT(FAMILY) },
	{ "huis-a", ROLE_BIT(FACILITY) },        { "intake", ROLE_BIT(DAEMON) },
	{ "meldpunt", ROLE_BIT(CONTACT_POINT) },
};

static int set_up(void **state)
{
	(void)state;
	assert_true(sodium_init() >= 0);
	conf = calloc(1, sizeof(*conf));
	assert_non_null(conf);
	memset(party, 0, sizeof(party));
	for (size_t i = 0; i < SK_LEN(parties); i++) {
		(void)snprintf(party[i].id, sizeof(party[i].id), "%s", parties[i].id);
		party[i].roles = parties[i].roles;
	}
	conf->parties = party;
	conf->parties_len = SK_LEN(parties);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(conf);
	return 0;
}

static const struct conf_party *of(const char *id)
{
	const struct conf_party *p = conf_party(conf, id);
	assert_non_null(p);
	return p;
}

static bool opens(const char *typed)
{
	struct token_who who;
	return token_read_code(&key, conf, typed, NULL, &who);
}

/* People type capitals, spaces and dashes as it comes; a phone adds a space at the end. */
static void test_code_typed_in_odd_ways_opens(void **state)
{
	(void)state;
	char code[TOKEN_TYPED_MAX + 1];
	char typed[4 * TOKEN_TYPED_MAX];
	struct token_who who;
	size_t n = 0;
	token_code(&key, of("huis-a"), code);
	assert_true(token_read_code(&key, conf, code, NULL, &who));
	assert_string_equal(who.party, "huis-a");
	assert_false(who.person);
	typed[n++] = ' ';
	for (const char *s = code; *s != '\0'; s++) {
		typed[n++] = *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s;
		typed[n] = n % 3 == 0 ? '\t' : ' ';
		n++;
	}
	typed[n] = '\0';
	assert_true(opens(typed));
}

/* The code of a person is read aloud over the telephone: any dashes, any case. */
static void test_code_of_person_with_or_without_dashes_opens(void **state)
{
	(void)state;
	struct token_who who = { .person = true,
				 .speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT,
				 .adult = 2,
				 .request = "3fm8xn2kq7" };
	struct token_who got;
	char code[TOKEN_TYPED_MAX + 1];
	char typed[64];
	token_person(&key, &who, code);
	assert_int_equal(strlen(code), SHORT_CODE_LEN + 1 + TOKEN_PERSON_LEN);
	(void)snprintf(typed, sizeof(typed), "%.5s-%.5s %.4s-%s", code, code + 5, code + 11,
		       code + 15);
	assert_true(token_read_code(&key, conf, typed, NULL, &got));
	assert_string_equal(got.party, "gezin");
	assert_true(got.person);
	assert_int_equal(got.adult, 2);
	assert_int_equal(got.speaker, SCHAKEL__V1__SPEAKER__SPEAKER_ADULT);
	assert_string_equal(got.request, "3fm8xn2kq7");
}

/* Each person of a request has a code of its own: a parent's is not the child's. */
static void test_code_of_each_person_is_its_own(void **state)
{
	(void)state;
	char code[TOKEN_CHILDREN + TOKEN_ADULTS][TOKEN_TYPED_MAX + 1];
	for (uint32_t i = 0; i < SK_LEN(code); i++) {
		struct token_who got;
		struct token_who who = { .person = true, .request = "3fm8xn2kq7" };
		bool adult = i >= TOKEN_CHILDREN;
		who.speaker = adult ? SCHAKEL__V1__SPEAKER__SPEAKER_ADULT :
				      SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
		who.child = adult ? 0 : i;
		who.adult = adult ? i - TOKEN_CHILDREN + 1 : 0;
		token_person(&key, &who, code[i]);
		assert_true(token_read_code(&key, conf, code[i], NULL, &got));
		assert_int_equal(got.speaker, who.speaker);
		assert_int_equal(got.child, who.child);
		assert_int_equal(got.adult, who.adult);
		for (uint32_t j = 0; j < i; j++) {
			assert_string_not_equal(code[j], code[i]);
		}
	}
}

/* Each character counts, and so does each of the request's: none opens another request. */
static void test_code_with_one_character_changed_is_refused(void **state)
{
	(void)state;
	struct token_who who = { .person = true,
				 .speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH,
				 .request = "3fm8xn2kq7" };
	char code[2][TOKEN_TYPED_MAX + 1];
	token_code(&key, of("meldpunt"), code[0]);
	token_person(&key, &who, code[1]);
	for (size_t c = 0; c < 2; c++) {
		assert_true(opens(code[c]));
		for (size_t i = 0; code[c][i] != '\0'; i++) {
			char was = code[c][i];
			if (was == '-') {
				continue;
			}
			code[c][i] = was == 'a' ? 'b' : 'a';
			assert_false(opens(code[c]));
			code[c][i] = was;
		}
		code[c][strlen(code[c]) - 1] = '\0';
		assert_false(opens(code[c]));
	}
}

/* Another key of the node, or another serial of the party, makes all of them void. */
static void test_texts_under_another_key_or_serial_are_refused(void **state)
{
	(void)state;
	char code[TOKEN_TYPED_MAX + 1];
	char bearer[TOKEN_BEARER_MAX + 1];
	char session[TOKEN_SESSION_MAX + 1];
	char text[TOKEN_LINK_MAX + 1];
	struct token_who who = { .party = "huis-a" };
	struct token_session s = { .who = who, .begun_ms = 5, .until_ms = 100 };
	struct token_link link = {
		.kind = 'c', .party = "huis-a", .object = "uren", .until_ms = 100
	};
	token_code(&key, of("huis-a"), code);
	token_bearer(&key, of("huis-a"), bearer);
	token_session(&key, conf, &s, session);
	token_link(&key, conf, &link, text);
	assert_true(token_read_code(&key, conf, code, NULL, &who));
	assert_true(token_read_bearer(&key, conf, bearer, &who));
	assert_true(token_read_session(&key, conf, session, 50, &s));
	assert_true(token_read_link(&key, conf, text, 50, &link));
	assert_false(token_read_code(&other_key, conf, code, NULL, &who));
	assert_false(token_read_bearer(&other_key, conf, bearer, &who));
	assert_false(token_read_session(&other_key, conf, session, 50, &s));
	assert_false(token_read_link(&other_key, conf, text, 50, &link));
	party[2].access_serial = 1;
	assert_false(token_read_code(&key, conf, code, NULL, &who));
	assert_false(token_read_bearer(&key, conf, bearer, &who));
	assert_false(token_read_session(&key, conf, session, 50, &s));
	assert_false(token_read_link(&key, conf, text, 50, &link));
}

/* A session and a link end at their time, not a millisecond later. */
static void test_session_and_link_end_at_their_time(void **state)
{
	(void)state;
	char session[TOKEN_SESSION_MAX + 1];
	char text[TOKEN_LINK_MAX + 1];
	struct token_session s = { .who = { .party = "huis-a" }, .begun_ms = 5, .until_ms = 100 };
	struct token_link link = {
		.kind = 'c', .party = "huis-a", .object = "uren", .until_ms = 100
	};
	token_session(&key, conf, &s, session);
	token_link(&key, conf, &link, text);
	assert_true(token_read_session(&key, conf, session, 99, &s));
	assert_true(token_read_link(&key, conf, text, 99, &link));
	assert_false(token_read_session(&key, conf, session, 100, &s));
	assert_false(token_read_link(&key, conf, text, 100, &link));
}

/* A party that is no longer configured, or under another name, is signed out. */
static void test_texts_of_party_that_is_gone_are_refused(void **state)
{
	(void)state;
	char code[TOKEN_TYPED_MAX + 1];
	char session[TOKEN_SESSION_MAX + 1];
	struct token_who who;
	struct token_session s = { .who = { .party = "meldpunt" }, .begun_ms = 5, .until_ms = 100 };
	token_code(&key, of("meldpunt"), code);
	token_session(&key, conf, &s, session);
	(void)snprintf(party[4].id, sizeof(party[4].id), "meldpunt-2");
	assert_false(token_read_code(&key, conf, code, NULL, &who));
	assert_false(token_read_session(&key, conf, session, 50, &s));
	token_code(&key, &party[4], code);
	assert_true(opens(code));
}

/* Found: the families' channel could sign in as a party and so speak for every family. */
static void test_family_channel_and_daemon_are_refused(void **state)
{
	(void)state;
	static const char *const closed[] = { "gezin", "intake" };
	for (size_t i = 0; i < SK_LEN(closed); i++) {
		char code[TOKEN_TYPED_MAX + 1];
		char bearer[TOKEN_BEARER_MAX + 1];
		struct token_who who;
		token_code(&key, of(closed[i]), code);
		token_bearer(&key, of(closed[i]), bearer);
		assert_false(token_read_code(&key, conf, code, NULL, &who));
		assert_false(token_read_bearer(&key, conf, bearer, &who));
	}
}

/* One kind of text never passes for another, though all are under one key. */
static void test_one_kind_does_not_pass_for_another(void **state)
{
	(void)state;
	char session[TOKEN_SESSION_MAX + 1];
	char text[TOKEN_LINK_MAX + 1];
	char csrf[TOKEN_BEARER_LEN + 1];
	struct token_who who = { .party = "huis-a" };
	struct token_session s = { .who = who, .begun_ms = 5, .until_ms = 100 };
	struct token_link link = {
		.kind = 'a', .party = "huis-a", .object = "uren", .until_ms = 100
	};
	token_session(&key, conf, &s, session);
	token_link(&key, conf, &link, text);
	assert_false(token_read_link(&key, conf, session, 50, &link));
	assert_false(token_read_session(&key, conf, text, 50, &s));
	assert_false(token_read_bearer(&key, conf, session, &who));
	assert_false(opens(session));
	assert_false(opens(text));
	text[0] = 'c'; /* the link of an ask is none of a pool */
	assert_false(token_read_link(&key, conf, text, 50, &link));
	token_csrf(&key, session, csrf);
	assert_false(token_equal(csrf, strrchr(session, '.') + 1));
}

/* The longest name of a party with the longest of all else fits, and comes back whole. */
static void test_longest_texts_fit_and_longer_ones_are_refused(void **state)
{
	(void)state;
	char code[TOKEN_TYPED_MAX + 1];
	char bearer[TOKEN_BEARER_MAX + 1];
	char session[TOKEN_SESSION_MAX + 1];
	char text[TOKEN_LINK_MAX + 1];
	char huge[4096];
	struct token_who who = { .party = LONGEST,
				 .person = true,
				 .request = "3fm8xn2kq7",
				 .speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT,
				 .adult = 4,
				 .child = 4 };
	struct token_session s = { .who = who, .begun_ms = LATEST_MS, .until_ms = LATEST_MS };
	struct token_link link = { .kind = 'a',
				   .party = LONGEST,
				   .until_ms = LATEST_MS,
				   .object = "0123456789abcdef0123456789abcdef" };
	struct token_session got;
	struct token_link got_link;
	token_code(&key, of(LONGEST), code);
	token_bearer(&key, of(LONGEST), bearer);
	token_session(&key, conf, &s, session);
	token_link(&key, conf, &link, text);
	assert_int_equal(strlen(code), TOKEN_TYPED_MAX);
	assert_true(opens(code));
	assert_true(token_read_bearer(&key, conf, bearer, &who));
	assert_true(token_read_session(&key, conf, session, 1, &got));
	assert_int_equal(got.who.adult, 4);
	assert_int_equal(got.until_ms, LATEST_MS);
	assert_true(token_read_link(&key, conf, text, 1, &got_link));
	assert_string_equal(got_link.object, link.object);
	for (size_t len = 0; len < sizeof(huge); len += len < 300 ? 1 : 1000) {
		memset(huge, 'a', len);
		huge[len] = '\0';
		if (len > 2) {
			huge[len / 2] = len % 2 == 0 ? '.' : '-';
		}
		assert_false(opens(huge));
		assert_false(token_read_bearer(&key, conf, huge, &who));
		assert_false(token_read_session(&key, conf, huge, 1, &got));
		assert_false(token_read_link(&key, conf, huge, 1, &got_link));
	}
}

/* --- what is sealed from a seed: a retry must be the same bytes, and any libsodium opens it --- */

static const uint8_t seed[CAPSULE_KEY_LEN] = { 7, 7, 7 };
static const struct slice told = { "{\"story\":\"x\"}", 13 };
static uint8_t block[65536] __attribute__((aligned(64)));

static void test_capsule_of_one_seed_is_the_same_and_opens(void **state)
{
	(void)state;
	struct arena a;
	uint8_t pub[CAPSULE_KEY_LEN];
	uint8_t sec[CAPSULE_KEY_LEN];
	uint8_t data_key[CAPSULE_KEY_LEN];
	struct slice plain = { 0 };
	PB(Capsule) one = PB_INIT(CAPSULE);
	PB(Capsule) two = PB_INIT(CAPSULE);
	arena_init(&a, block, sizeof(block));
	capsule_keypair(pub, sec);
	one.version = two.version = 1;
	assert_int_equal(capsule_seal_from(&a, pub, seed, told, &one), SK_OK);
	assert_int_equal(capsule_seal_from(&a, pub, seed, told, &two), SK_OK);
	assert_int_equal(one.capsule.len, two.capsule.len);
	assert_memory_equal(one.capsule.data, two.capsule.data, one.capsule.len);
	assert_memory_equal(one.sealed_key.data, two.sealed_key.data, one.sealed_key.len);
	assert_memory_equal(one.person_id.data, two.person_id.data, one.person_id.len);
	assert_int_equal(capsule_open(&a, pub, sec, &one, &plain), SK_OK);
	assert_int_equal(plain.len, told.len);
	assert_memory_equal(plain.data, told.data, told.len);
	/* The data key, with nothing but libsodium: who keeps the secret key needs no code of ours.
	 */
	assert_int_equal(one.sealed_key.len, sizeof(data_key) + crypto_box_SEALBYTES);
	assert_int_equal(crypto_box_seal_open(data_key, one.sealed_key.data, one.sealed_key.len,
					      pub, sec),
			 0);
	two.version = 2;
	assert_int_equal(capsule_open(&a, pub, sec, &two, &plain), SK_EAUTH);
	arena_reset(&a);
}

/* The limit holds at the byte; another seed shares nothing. */
static void test_capsule_at_and_past_its_limits(void **state)
{
	(void)state;
	static const char big[CAPSULE_PLAIN_MAX + 1] = { 0 };
	static const uint8_t other_seed[CAPSULE_KEY_LEN] = { 7, 7, 8 };
	struct arena a;
	uint8_t pub[CAPSULE_KEY_LEN];
	uint8_t sec[CAPSULE_KEY_LEN];
	PB(Capsule) c = PB_INIT(CAPSULE);
	PB(Capsule) d = PB_INIT(CAPSULE);
	arena_init(&a, block, sizeof(block));
	capsule_keypair(pub, sec);
	struct slice at = { big, CAPSULE_PLAIN_MAX };
	struct slice past = { big, CAPSULE_PLAIN_MAX + 1 };
	assert_int_equal(capsule_seal_from(&a, pub, seed, told, &c), SK_EINVAL); /* no version */
	c.version = d.version = 1;
	assert_int_equal(capsule_seal_from(&a, pub, seed, at, &c), SK_OK);
	assert_int_equal(capsule_seal_from(&a, pub, other_seed, at, &d), SK_OK);
	assert_memory_not_equal(c.capsule.data, d.capsule.data, 24);
	assert_memory_not_equal(c.sealed_key.data, d.sealed_key.data, c.sealed_key.len);
	assert_int_equal(capsule_seal_from(&a, pub, seed, past, &c), SK_EINVAL);
	arena_reset(&a);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_code_typed_in_odd_ways_opens),
		T(test_code_of_person_with_or_without_dashes_opens),
		T(test_code_of_each_person_is_its_own),
		T(test_code_with_one_character_changed_is_refused),
		T(test_texts_under_another_key_or_serial_are_refused),
		T(test_session_and_link_end_at_their_time),
		T(test_texts_of_party_that_is_gone_are_refused),
		T(test_family_channel_and_daemon_are_refused),
		T(test_one_kind_does_not_pass_for_another),
		T(test_longest_texts_fit_and_longer_ones_are_refused),
		T(test_capsule_of_one_seed_is_the_same_and_opens),
		T(test_capsule_at_and_past_its_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
