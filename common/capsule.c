/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/capsule.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define NONCE_LEN crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES
#define BOUND_LEN (OBJECT_ID_LEN + 4)

_Static_assert(CAPSULE_KEY_LEN == crypto_box_PUBLICKEYBYTES, "X25519 keys");
_Static_assert(CAPSULE_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "data keys");

/* What the content is bound to: an old version or the story of another never passes for this one.
 */
static void bind_to(const uint8_t person[OBJECT_ID_LEN], uint32_t version,
		    uint8_t ret_ad[BOUND_LEN])
{
	memcpy(ret_ad, person, OBJECT_ID_LEN);
	be32_write(ret_ad + OBJECT_ID_LEN, version);
}

/* One part of what is drawn from a seed. */
static void from_seed(const uint8_t seed[CAPSULE_KEY_LEN], const char *part, uint8_t *ret,
		      size_t len)
{
	(void)crypto_generichash(ret, len, (const uint8_t *)part, strlen(part), seed,
				 CAPSULE_KEY_LEN);
}

/* crypto_box_seal() of libsodium (ephemeral public key, then a box under the hash of both public
 * keys), with an ephemeral pair of the seed in place of one that is drawn. */
static int seal_key(const uint8_t seed[CAPSULE_KEY_LEN], const uint8_t public_key[CAPSULE_KEY_LEN],
		    const uint8_t data_key[CAPSULE_KEY_LEN], uint8_t *ret_sealed)
{
	uint8_t pair_seed[crypto_box_SEEDBYTES];
	uint8_t secret[crypto_box_SECRETKEYBYTES];
	uint8_t nonce[crypto_box_NONCEBYTES];
	crypto_generichash_state st;

	from_seed(seed, "pair", pair_seed, sizeof(pair_seed));
	int rc = crypto_box_seed_keypair(ret_sealed, secret, pair_seed);
	(void)crypto_generichash_init(&st, NULL, 0, sizeof(nonce));
	(void)crypto_generichash_update(&st, ret_sealed, crypto_box_PUBLICKEYBYTES);
	(void)crypto_generichash_update(&st, public_key, crypto_box_PUBLICKEYBYTES);
	(void)crypto_generichash_final(&st, nonce, sizeof(nonce));
	rc |= crypto_box_easy(ret_sealed + crypto_box_PUBLICKEYBYTES, data_key, CAPSULE_KEY_LEN,
			      nonce, public_key, secret);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(pair_seed, sizeof(pair_seed));
	return rc == 0 ? SK_OK : SK_EINVAL;
}

int capsule_seal_from(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN],
		      const uint8_t seed[CAPSULE_KEY_LEN], struct slice plain,
		      Schakel__V1__Capsule *io_capsule)
{
	uint8_t data_key[CAPSULE_KEY_LEN];
	uint8_t ad[BOUND_LEN];
	size_t sealed_len = NONCE_LEN + plain.len + TAG_LEN;
	size_t key_len = CAPSULE_KEY_LEN + crypto_box_SEALBYTES;

	if (sodium_init() < 0) {
		return SK_ESYS;
	}
	if (plain.len > CAPSULE_PLAIN_MAX || io_capsule->version == 0) {
		return SK_EINVAL;
	}
	uint8_t *sealed = arena_alloc(a, sealed_len);
	uint8_t *sealed_key = arena_alloc(a, key_len);
	uint8_t *person = arena_alloc(a, OBJECT_ID_LEN);
	if (sealed == NULL || sealed_key == NULL || person == NULL) {
		return SK_ENOMEM;
	}
	if (io_capsule->person_id.len == OBJECT_ID_LEN) {
		memcpy(person, io_capsule->person_id.data, OBJECT_ID_LEN);
	} else {
		from_seed(seed, "person", person, OBJECT_ID_LEN);
	}
	bind_to(person, io_capsule->version, ad);
	from_seed(seed, "data", data_key, sizeof(data_key));
	from_seed(seed, "nonce", sealed, NONCE_LEN);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_LEN, NULL, plain.data,
							 plain.len, ad, BOUND_LEN, NULL, sealed,
							 data_key);
	int err = seal_key(seed, public_key, data_key, sealed_key);
	sodium_memzero(data_key, sizeof(data_key));
	io_capsule->person_id = (ProtobufCBinaryData){ OBJECT_ID_LEN, person };
	io_capsule->capsule = (ProtobufCBinaryData){ sealed_len, sealed };
	io_capsule->sealed_key = (ProtobufCBinaryData){ key_len, sealed_key };
	return err;
}

int capsule_seal(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN], struct slice plain,
		 struct object_id *io_person, Schakel__V1__Capsule *io_capsule)
{
	uint8_t seed[CAPSULE_KEY_LEN];

	if (sodium_init() < 0) {
		return SK_ESYS;
	}
	randombytes_buf(seed, sizeof(seed));
	if (object_id_is_zero(io_person)) {
		from_seed(seed, "person", io_person->b, OBJECT_ID_LEN);
	}
	io_capsule->person_id = object_id_data(io_person);
	int err = capsule_seal_from(a, public_key, seed, plain, io_capsule);
	sodium_memzero(seed, sizeof(seed));
	return err;
}

int capsule_open(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN],
		 const uint8_t secret_key[CAPSULE_KEY_LEN], const Schakel__V1__Capsule *capsule,
		 struct slice *ret_plain)
{
	uint8_t data_key[CAPSULE_KEY_LEN];
	uint8_t ad[BOUND_LEN];
	const ProtobufCBinaryData *sealed = &capsule->capsule;

	if (sodium_init() < 0) {
		return SK_ESYS;
	}
	if (sealed->len < NONCE_LEN + TAG_LEN || capsule->person_id.len != OBJECT_ID_LEN ||
	    capsule->sealed_key.len != CAPSULE_KEY_LEN + crypto_box_SEALBYTES) {
		return SK_EINVAL;
	}
	size_t len = sealed->len - NONCE_LEN - TAG_LEN;
	uint8_t *plain = arena_alloc(a, len + 1);
	if (plain == NULL) {
		return SK_ENOMEM;
	}
	if (crypto_box_seal_open(data_key, capsule->sealed_key.data, capsule->sealed_key.len,
				 public_key, secret_key) != 0) {
		return SK_EAUTH;
	}
	bind_to(capsule->person_id.data, capsule->version, ad);
	int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
							    sealed->data + NONCE_LEN,
							    sealed->len - NONCE_LEN, ad, BOUND_LEN,
							    sealed->data, data_key);
	sodium_memzero(data_key, sizeof(data_key));
	if (rc != 0) {
		return SK_EAUTH;
	}
	*ret_plain = (struct slice){ plain, len };
	return SK_OK;
}

void capsule_keypair(uint8_t ret_public[CAPSULE_KEY_LEN], uint8_t ret_secret[CAPSULE_KEY_LEN])
{
	SK_ASSERT(sodium_init() >= 0);
	SK_ASSERT(crypto_box_keypair(ret_public, ret_secret) == 0);
}

int capsule_key_read(const char *path, uint8_t ret_key[CAPSULE_KEY_LEN])
{
	char text[2 * CAPSULE_KEY_LEN + 2] = { 0 };
	size_t key_len = 0;
	const char *end = NULL;
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		return errno == ENOENT ? SK_ENOENT : SK_ESYS;
	}
	size_t len = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	len -= len > 0 && text[len - 1] == '\n';
	uint8_t key[CAPSULE_KEY_LEN];
	bool good = len == sizeof(text) - 2 &&
		    sodium_hex2bin(key, sizeof(key), text, len, NULL, &key_len, &end) == 0 &&
		    key_len == CAPSULE_KEY_LEN && end == text + len;
	if (good) {
		memcpy(ret_key, key, CAPSULE_KEY_LEN);
	}
	sodium_memzero(key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	return good ? SK_OK : SK_ECONF;
}
