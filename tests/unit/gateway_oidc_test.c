/* SPDX-License-Identifier: EUPL-1.2 */
/* A token of somebody else, for somebody else, of another time or signed by nobody lets nobody in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>

#include "services/gateway/oidc.h"

#define NOW 1800000000L
#define ISSUER "https://issuer.voorbeeld.be"
#define B64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

static EVP_PKEY *ours;
static EVP_PKEY *other;
static struct oidc_keys keys;
static const struct oidc_want want = { ISSUER, "schakel", NULL, NOW };

static char *number(EVP_PKEY *key, const char *what)
{
	static char text[2][1024];
	static int which;
	BIGNUM *n = NULL;
	uint8_t bytes[600];
	assert_int_equal(EVP_PKEY_get_bn_param(key, what, &n), 1);
	int len = BN_bn2bin(n, bytes);
	BN_free(n);
	which = !which;
	(void)sodium_bin2base64(text[which], sizeof(text[which]), bytes, (size_t)len, B64);
	return text[which];
}

static void jwks(EVP_PKEY *key, const char *more, char ret_text[4096])
{
	(void)snprintf(ret_text, 4096,
		       "{\"keys\": [{\"kty\": \"EC\", \"kid\": \"x\"}, {\"kty\": \"RSA\", \"kid\": "
		       "\"k1\", \"n\": \"%s\", \"e\": \"%s\"%s}]}",
		       number(key, OSSL_PKEY_PARAM_RSA_N), number(key, OSSL_PKEY_PARAM_RSA_E),
		       more);
}

static int set_up(void **state)
{
	(void)state;
	char text[4096];
	ours = EVP_RSA_gen(2048);
	other = EVP_RSA_gen(2048);
	jwks(ours, ", \"use\": \"sig\", \"alg\": \"RS256\"", text);
	assert_true(oidc_keys_read((struct slice){ text, strlen(text) }, &keys));
	assert_int_equal(keys.len, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(ours);
	EVP_PKEY_free(other);
	return 0;
}

/* A token with this head and these claims, signed RS256 by @p key; NULL: no signature. */
static char *token(EVP_PKEY *key, const char *head, const char *claims)
{
	static char text[8192];
	uint8_t sig[512];
	size_t len = sizeof(sig);
	(void)sodium_bin2base64(text, sizeof(text), (const uint8_t *)head, strlen(head), B64);
	(void)strncat(text, ".", sizeof(text) - strlen(text) - 1);
	size_t used = strlen(text);
	(void)sodium_bin2base64(text + used, sizeof(text) - used, (const uint8_t *)claims,
				strlen(claims), B64);
	if (key != NULL) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();
		assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
		assert_int_equal(
			EVP_DigestSign(ctx, sig, &len, (const uint8_t *)text, strlen(text)), 1);
		EVP_MD_CTX_free(ctx);
	}
	(void)strncat(text, ".", sizeof(text) - strlen(text) - 1);
	used = strlen(text);
	(void)sodium_bin2base64(text + used, sizeof(text) - used, sig, key == NULL ? 0 : len, B64);
	return text;
}

#define HEAD "{\"alg\": \"RS256\", \"kid\": \"k1\", \"typ\": \"JWT\"}"
#define GOOD                                                                             \
	"{\"iss\": \"" ISSUER "\", \"aud\": \"schakel\", \"exp\": 1800000100, \"iat\": " \
	"1799999990, \"vo_orgcode\": \"0123456749\"}"

static enum oidc_fault judge(const char *text)
{
	char code[CONF_ORG_CODE_MAX + 1] = "";
	return oidc_verify(&keys, text, &want, code);
}

static void test_oidc_good_token_names_its_organisation(void **state)
{
	(void)state;
	char code[CONF_ORG_CODE_MAX + 1] = "";
	assert_int_equal(oidc_verify(&keys, token(ours, HEAD, GOOD), &want, code), OIDC_GOOD);
	assert_string_equal(code, "0123456749");
}

/* "none", a MAC under the public key, other algorithms: judged before a key is looked for. */
static void test_oidc_other_algorithms_are_refused(void **state)
{
	(void)state;
	static const char *const heads[] = {
		"{\"alg\": \"none\", \"kid\": \"k1\"}",
		"{\"alg\": \"None\", \"kid\": \"k1\"}",
		"{\"alg\": \"HS256\", \"kid\": \"k1\"}",
		"{\"alg\": \"RS512\", \"kid\": \"k1\"}",
		"{\"alg\": \"ES256\", \"kid\": \"k1\"}",
		"{\"alg\": \"rs256\", \"kid\": \"k1\"}",
		"{\"kid\": \"k1\"}",
		"{\"alg\": 1, \"kid\": \"k1\"}",
	};
	for (size_t i = 0; i < SK_LEN(heads); i++) {
		assert_int_equal(judge(token(ours, heads[i], GOOD)), OIDC_ALG);
		assert_int_equal(judge(token(NULL, heads[i], GOOD)), OIDC_ALG);
	}
	/* The confusion itself: HS256 with the PEM as the secret. */
	jwt_t *jwt = NULL;
	assert_int_equal(jwt_new(&jwt), 0);
	assert_int_equal(jwt_add_grants_json(jwt, GOOD), 0);
	assert_int_equal(jwt_add_header(jwt, "kid", "k1"), 0);
	assert_int_equal(jwt_set_alg(jwt, JWT_ALG_HS256, (const uint8_t *)keys.key[0].pem,
				     (int)strlen(keys.key[0].pem)),
			 0);
	char *mac = jwt_encode_str(jwt);
	assert_int_equal(judge(mac), OIDC_ALG);
	free(mac);
	jwt_free(jwt);
}

static void test_oidc_unknown_or_wrong_key_is_refused(void **state)
{
	(void)state;
	assert_int_equal(judge(token(ours, "{\"alg\": \"RS256\", \"kid\": \"k2\"}", GOOD)),
			 OIDC_KEY);
	assert_int_equal(judge(token(ours, "{\"alg\": \"RS256\"}", GOOD)), OIDC_KEY);
	assert_int_equal(judge(token(other, HEAD, GOOD)), OIDC_SIGNATURE);
	assert_int_equal(judge(token(NULL, HEAD, GOOD)), OIDC_SIGNATURE);
	/* What is signed was changed afterwards. */
	char *text = token(ours, HEAD, GOOD);
	char *claims = strchr(text, '.') + 1;
	claims[20] = claims[20] == 'A' ? 'B' : 'A';
	assert_int_equal(judge(text), OIDC_SIGNATURE);
}

static void test_oidc_broken_forms_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", ".", "..", "...", "a.b.c", "a.b", "eyJ.e30.", "é.é.é"
	};
	for (size_t i = 0; i < SK_LEN(bad); i++) {
		assert_int_equal(judge(bad[i]), OIDC_FORM);
	}
	assert_int_equal(judge(token(ours, "[]", GOOD)), OIDC_FORM);
	assert_int_equal(judge(token(ours,
				     "{\"alg\": \"RS256\", \"alg\": \"none\", \"kid\": \"k1\"}",
				     GOOD)),
			 OIDC_FORM);
	assert_int_equal(judge(token(ours,
				     "{\"alg\": \"RS256\", \"kid\": \"k1\", \"crit\": [\"x\"]}",
				     GOOD)),
			 OIDC_FORM);
}

/* Each claim wrong or missing, and the sixty seconds that clocks may differ. */
static void test_oidc_claims_are_judged(void **state)
{
	(void)state;
#define C(iss, aud, exp, rest)                                                    \
	"{\"iss\": " iss ", \"aud\": " aud ", \"exp\": " exp ", \"vo_orgcode\": " \
	"\"OVO001234\"" rest "}"
#define I "\"" ISSUER "\""
#define A "\"schakel\""
	static const struct {
		const char *claims;
		enum oidc_fault fault;
	} table[] = {
		{ C(I, A, "1800000100", ""), OIDC_GOOD },
		{ C("\"https://issuer.voorbeeld.be/\"", A, "1800000100", ""), OIDC_ISSUER },
		{ C("1", A, "1800000100", ""), OIDC_ISSUER },
		{ C(I, "\"ander\"", "1800000100", ""), OIDC_AUDIENCE },
		{ C(I, "[\"ander\", \"schakel\"]", "1800000100", ""), OIDC_GOOD },
		{ C(I, "[\"ander\"]", "1800000100", ""), OIDC_AUDIENCE },
		{ C(I, "[]", "1800000100", ""), OIDC_AUDIENCE },
		{ C(I, "[\"ander\", \"schakel\"]", "1800000100", ", \"azp\": \"ander\""),
		  OIDC_AUDIENCE },
		{ C(I, A, "1799999941", ""), OIDC_GOOD },
		{ C(I, A, "1799999940", ""), OIDC_EXPIRED },
		{ C(I, A, "\"1800000100\"", ""), OIDC_EXPIRED },
		{ C(I, A, "1800000100", ", \"nbf\": 1800000060"), OIDC_GOOD },
		{ C(I, A, "1800000100", ", \"nbf\": 1800000061"), OIDC_EARLY },
		{ C(I, A, "1800000100", ", \"iat\": 1800000061"), OIDC_EARLY },
		{ C(I, A, "1800000100", ", \"nbf\": \"x\""), OIDC_EARLY },
		{ "{\"iss\": " I ", \"aud\": " A ", \"exp\": 1800000100}", OIDC_CLAIM },
		{ "{\"iss\": " I ", \"aud\": " A ", \"exp\": 1800000100, \"vo_orgcode\": "
		  "\"0123456789\"}",
		  OIDC_CLAIM },
		{ "{\"iss\": " I ", \"aud\": " A ", \"exp\": 1800000100, \"vo_orgcode\": 1}",
		  OIDC_CLAIM },
		{ "{\"aud\": " A ", \"exp\": 1800000100, \"vo_orgcode\": \"OVO001234\"}",
		  OIDC_ISSUER },
		{ "{\"iss\": " I ", \"exp\": 1800000100, \"vo_orgcode\": \"OVO001234\"}",
		  OIDC_AUDIENCE },
		{ "{\"iss\": " I ", \"aud\": " A ", \"vo_orgcode\": \"OVO001234\"}", OIDC_EXPIRED },
	};
	for (size_t i = 0; i < SK_LEN(table); i++) {
		enum oidc_fault fault = judge(token(ours, HEAD, table[i].claims));
		if (fault != table[i].fault) {
			fail_msg("%s: %s", table[i].claims, oidc_fault_word[fault]);
		}
	}
}

/* A token that was meant for another sign-in cannot be played again. */
static void test_oidc_nonce_must_be_that_of_this_sign_in(void **state)
{
	(void)state;
	struct oidc_want mine = want;
	char code[CONF_ORG_CODE_MAX + 1];
	mine.nonce = "n1";
	assert_int_equal(oidc_verify(&keys, token(ours, HEAD, GOOD), &mine, code), OIDC_NONCE);
	assert_int_equal(
		oidc_verify(&keys, token(ours, HEAD, C(I, A, "1800000100", ", \"nonce\": \"n2\"")),
			    &mine, code),
		OIDC_NONCE);
	assert_int_equal(
		oidc_verify(&keys, token(ours, HEAD, C(I, A, "1800000100", ", \"nonce\": \"n1\"")),
			    &mine, code),
		OIDC_GOOD);
}

static void test_oidc_keys_of_no_use_are_passed_over(void **state)
{
	(void)state;
	char text[4096];
	struct oidc_keys read = { 0 };
	EVP_PKEY *small = EVP_RSA_gen(1024);
	assert_false(oidc_keys_read((struct slice){ "{}", 2 }, &read));
	assert_false(oidc_keys_read((struct slice){ "x", 1 }, &read));
	jwks(ours, ", \"use\": \"enc\"", text);
	assert_true(oidc_keys_read((struct slice){ text, strlen(text) }, &read));
	assert_int_equal(read.len, 0);
	jwks(ours, ", \"alg\": \"RS512\"", text);
	assert_true(oidc_keys_read((struct slice){ text, strlen(text) }, &read));
	assert_int_equal(read.len, 0);
	jwks(small, "", text);
	assert_true(oidc_keys_read((struct slice){ text, strlen(text) }, &read));
	assert_int_equal(read.len, 0);
	EVP_PKEY_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_oidc_good_token_names_its_organisation),
		cmocka_unit_test(test_oidc_other_algorithms_are_refused),
		cmocka_unit_test(test_oidc_unknown_or_wrong_key_is_refused),
		cmocka_unit_test(test_oidc_broken_forms_are_refused),
		cmocka_unit_test(test_oidc_claims_are_judged),
		cmocka_unit_test(test_oidc_nonce_must_be_that_of_this_sign_in),
		cmocka_unit_test(test_oidc_keys_of_no_use_are_passed_over),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
