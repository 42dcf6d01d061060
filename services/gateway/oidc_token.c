/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/oidc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <sodium.h>

#define RSA_BITS_MIN 2048
#define RSA_BYTES_MAX 1024 /* of a modulus of 8192 bits */

const char *const oidc_fault_word[OIDC_FAULTS] = {
	[OIDC_GOOD] = "good",         [OIDC_FORM] = "form",           [OIDC_ALG] = "alg",
	[OIDC_KEY] = "key",           [OIDC_SIGNATURE] = "signature", [OIDC_ISSUER] = "issuer",
	[OIDC_AUDIENCE] = "audience", [OIDC_EXPIRED] = "expired",     [OIDC_EARLY] = "early",
	[OIDC_NONCE] = "nonce",       [OIDC_CLAIM] = "claim",         [OIDC_PARTY] = "party",
};

/* --- the issuer's keys --- */

static bool number_of(const json_t *text, uint8_t ret_bytes[RSA_BYTES_MAX], size_t *ret_len)
{
	const char *s = json_string_value(text);
	return s != NULL &&
	       sodium_base642bin(ret_bytes, RSA_BYTES_MAX, s, strlen(s), NULL, ret_len, NULL,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       *ret_len > 0;
}

static EVP_PKEY *rsa_of(const BIGNUM *n, const BIGNUM *e)
{
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (ctx != NULL && build != NULL &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    (params = OSSL_PARAM_BLD_to_param(build)) != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
		(void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	}
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static bool write_pem(EVP_PKEY *pkey, char *ret_pem, size_t cap)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool good = bio != NULL && PEM_write_bio_PUBKEY(bio, pkey) == 1;
	int n = good ? BIO_read(bio, ret_pem, (int)cap - 1) : 0;
	good = n > 0 && (size_t)n < cap - 1;
	ret_pem[good ? n : 0] = '\0';
	(void)BIO_free(bio);
	return good;
}

static bool read_key(const json_t *doc, struct oidc_key *ret_key)
{
	uint8_t n_bytes[RSA_BYTES_MAX];
	uint8_t e_bytes[RSA_BYTES_MAX];
	size_t n_len = 0;
	size_t e_len = 0;
	const char *kty = json_string_value(json_object_get(doc, "kty"));
	const char *use = json_string_value(json_object_get(doc, "use"));
	const char *alg = json_string_value(json_object_get(doc, "alg"));
	const char *kid = json_string_value(json_object_get(doc, "kid"));
	if (kty == NULL || strcmp(kty, "RSA") != 0 || (use != NULL && strcmp(use, "sig") != 0) ||
	    (alg != NULL && strcmp(alg, "RS256") != 0) || kid == NULL || kid[0] == '\0' ||
	    strlen(kid) > OIDC_KID_MAX || !number_of(json_object_get(doc, "n"), n_bytes, &n_len) ||
	    !number_of(json_object_get(doc, "e"), e_bytes, &e_len)) {
		return false;
	}
	BIGNUM *n = BN_bin2bn(n_bytes, (int)n_len, NULL);
	BIGNUM *e = BN_bin2bn(e_bytes, (int)e_len, NULL);
	EVP_PKEY *pkey = n == NULL || e == NULL ? NULL : rsa_of(n, e);
	bool good = pkey != NULL && EVP_PKEY_get_bits(pkey) >= RSA_BITS_MIN &&
		    write_pem(pkey, ret_key->pem, sizeof(ret_key->pem));
	(void)snprintf(ret_key->kid, sizeof(ret_key->kid), "%s", kid);
	EVP_PKEY_free(pkey);
	BN_free(n);
	BN_free(e);
	return good;
}

bool oidc_keys_read(struct slice json, struct oidc_keys *ret_keys)
{
	size_t i = 0;
	json_t *key = NULL;
	json_t *doc = json_loadb(json.data, json.len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(doc, "keys");
	bool good = json_is_array(list);
	ret_keys->len = 0;
	json_array_foreach (list, i, key) {
		if (ret_keys->len < OIDC_KEYS_MAX && read_key(key, &ret_keys->key[ret_keys->len])) {
			ret_keys->len++;
		}
	}
	json_decref(doc);
	return good;
}

static const struct oidc_key *find_key(const struct oidc_keys *keys, const char *kid)
{
	for (size_t i = 0; i < keys->len; i++) {
		if (strcmp(keys->key[i].kid, kid) == 0) {
			return &keys->key[i];
		}
	}
	return NULL;
}

#define OIDC_SIGNATURE_MIN 128 /* bytes; of a key of 1,024 bits */

/* --- a token --- */

/* A part of it as JSON; NULL: it is none. */
static json_t *read_part(const char *text, size_t len)
{
	uint8_t bytes[OIDC_TOKEN_MAX];
	size_t got = 0;
	if (sodium_base642bin(bytes, sizeof(bytes), text, len, NULL, &got, NULL,
			      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
		return NULL;
	}
	json_t *doc = json_loadb((const char *)bytes, got, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(doc)) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}

/* The algorithm is read and judged before any key is looked for: "none" and a MAC under what is
 * public never come near one. What must be understood ("crit") is not. */
static enum oidc_fault check_head(const struct oidc_keys *keys, const json_t *head,
				  const struct oidc_key **ret_key)
{
	const char *alg = json_string_value(json_object_get(head, "alg"));
	const char *kid = json_string_value(json_object_get(head, "kid"));
	if (alg == NULL || strcmp(alg, "RS256") != 0) {
		return OIDC_ALG;
	}
	if (json_object_get(head, "crit") != NULL) {
		return OIDC_FORM;
	}
	*ret_key = kid == NULL ? NULL : find_key(keys, kid);
	return *ret_key == NULL ? OIDC_KEY : OIDC_GOOD;
}

/* libjwt reads past the end of a signature that is empty or no base64url: it gets none such. */
static bool has_signature(const char *token)
{
	uint8_t bytes[OIDC_TOKEN_MAX];
	size_t got = 0;
	const char *dot = strrchr(token, '.');
	return dot != NULL &&
	       sodium_base642bin(bytes, sizeof(bytes), dot + 1, strlen(dot + 1), NULL, &got, NULL,
				 sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	       got >= OIDC_SIGNATURE_MIN;
}

static enum oidc_fault check_signature(const struct oidc_key *key, const char *token)
{
	jwt_t *jwt = NULL;
	if (!has_signature(token)) {
		return OIDC_SIGNATURE;
	}
	int rc = jwt_decode(&jwt, token, (const unsigned char *)key->pem, (int)strlen(key->pem));
	bool good = rc == 0 && jwt != NULL && jwt_get_alg(jwt) == JWT_ALG_RS256;
	jwt_free(jwt);
	return good ? OIDC_GOOD : OIDC_SIGNATURE;
}

static bool is(const json_t *value, const char *text)
{
	const char *s = json_string_value(value);
	return s != NULL && strcmp(s, text) == 0;
}

static bool is_for(const json_t *claims, const char *audience)
{
	size_t i = 0;
	json_t *one = NULL;
	const json_t *aud = json_object_get(claims, "aud");
	const json_t *azp = json_object_get(claims, "azp");
	bool ours = is(aud, audience);
	json_array_foreach (aud, i, one) {
		ours = ours || is(one, audience);
	}
	/* One for several says who asked for it. */
	return ours && (json_array_size(aud) < 2 || azp == NULL || is(azp, audience));
}

static enum oidc_fault check_time(const json_t *claims, uint64_t now_s)
{
	const json_t *exp = json_object_get(claims, "exp");
	const json_t *nbf = json_object_get(claims, "nbf");
	const json_t *iat = json_object_get(claims, "iat");
	json_int_t now = (json_int_t)now_s;
	if (!json_is_integer(exp) || json_integer_value(exp) <= now - OIDC_LEEWAY_S) {
		return OIDC_EXPIRED;
	}
	bool early = (nbf != NULL &&
		      (!json_is_integer(nbf) || json_integer_value(nbf) > now + OIDC_LEEWAY_S)) ||
		     (iat != NULL &&
		      (!json_is_integer(iat) || json_integer_value(iat) > now + OIDC_LEEWAY_S));
	return early ? OIDC_EARLY : OIDC_GOOD;
}

static enum oidc_fault check_claims(const json_t *claims, const struct oidc_want *want,
				    char *ret_code)
{
	const char *code = json_string_value(json_object_get(claims, "vo_orgcode"));
	if (!is(json_object_get(claims, "iss"), want->issuer)) {
		return OIDC_ISSUER;
	}
	if (!is_for(claims, want->audience)) {
		return OIDC_AUDIENCE;
	}
	enum oidc_fault fault = check_time(claims, want->now_s);
	if (fault != OIDC_GOOD) {
		return fault;
	}
	if (want->nonce != NULL && !is(json_object_get(claims, "nonce"), want->nonce)) {
		return OIDC_NONCE;
	}
	if (code == NULL || !conf_org_code_is_valid(code)) {
		return OIDC_CLAIM;
	}
	(void)snprintf(ret_code, CONF_ORG_CODE_MAX + 1, "%s", code);
	return OIDC_GOOD;
}

enum oidc_fault oidc_verify(const struct oidc_keys *keys, const char *token,
			    const struct oidc_want *want, char *ret_code)
{
	const struct oidc_key *key = NULL;
	const char *first = strchr(token, '.');
	const char *second = first == NULL ? NULL : strchr(first + 1, '.');
	if (second == NULL || strchr(second + 1, '.') != NULL || strlen(token) > OIDC_TOKEN_MAX) {
		return OIDC_FORM;
	}
	json_t *head = read_part(token, (size_t)(first - token));
	enum oidc_fault fault = head == NULL ? OIDC_FORM : check_head(keys, head, &key);
	json_decref(head);
	if (fault == OIDC_GOOD) {
		fault = check_signature(key, token);
	}
	json_t *claims = fault == OIDC_GOOD ? read_part(first + 1, (size_t)(second - first) - 1) :
					      NULL;
	if (fault == OIDC_GOOD) {
		fault = claims == NULL ? OIDC_FORM : check_claims(claims, want, ret_code);
	}
	json_decref(claims);
	return fault;
}
