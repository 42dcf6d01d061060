/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a family tells, sealed before it leaves the client (DESIGN 8): XChaCha20-Poly1305
 * under a data key of the person, bound to person id and version; the data key sealed to the
 * capsule public key of the node. Only a holder of the node's capsule secret key opens it.
 *  Ownership: results live in the arena. Errors: SK_ENOMEM, SK_EAUTH (key or content does not
 * match), SK_EINVAL. Blocks: the key file functions only. */
#include "common/arena.h"
#include "common/err.h"
#include "common/key.h"
#include "schakel/v1/command.pb-c.h"

#define CAPSULE_PLAIN_MAX 8000 /* bytes; sealed it stays below the 8 KiB of the wire */
#define CAPSULE_KEY_LEN 32

/** Seals @p plain. @p person is drawn anew when it is all zero. */
SK_CHECKED int capsule_seal(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN],
			    struct slice plain, struct object_id *io_person,
			    Schakel__V1__Capsule *io_capsule);
/** The same from a seed that the caller keeps secret: the same seed, content and version give the
 *  same bytes, so that a retry is one. A seed is used for one content only. */
SK_CHECKED int capsule_seal_from(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN],
				 const uint8_t seed[CAPSULE_KEY_LEN], struct slice plain,
				 Schakel__V1__Capsule *io_capsule);
/** Opens what capsule_seal() made; @p io_capsule->version says which version it must be. */
SK_CHECKED int capsule_open(struct arena *a, const uint8_t public_key[CAPSULE_KEY_LEN],
			    const uint8_t secret_key[CAPSULE_KEY_LEN],
			    const Schakel__V1__Capsule *capsule, struct slice *ret_plain);

/** A new key pair; the secret half must be wiped by the caller. */
void capsule_keypair(uint8_t ret_public[CAPSULE_KEY_LEN], uint8_t ret_secret[CAPSULE_KEY_LEN]);
/** Key files hold 64 hex digits and a line end. @return SK_ENOENT, SK_ECONF (not such a file),
 * SK_ESYS. */
SK_CHECKED int capsule_key_read(const char *path, uint8_t ret_key[CAPSULE_KEY_LEN]);
