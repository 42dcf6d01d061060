/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_id.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/err.h"

#define SHA1_LEN 20

/* The namespace of our names, drawn once: 6f1d4c0e-3b0a-4c57-9a43-5d0c2be2a7f1 */
static const uint8_t space[16] = { 0x6f, 0x1d, 0x4c, 0x0e, 0x3b, 0x0a, 0x4c, 0x57,
				   0x9a, 0x43, 0x5d, 0x0c, 0x2b, 0xe2, 0xa7, 0xf1 };

/* RFC 9562, 5.5: SHA-1 is what makes a version 5; nothing here rests on its strength. */
static void digest(const char *const part[3], uint8_t ret_hash[SHA1_LEN])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha1(), NULL) == 1 &&
		    EVP_DigestUpdate(ctx, space, sizeof(space)) == 1;

	for (int i = 0; good && i < 3; i++) {
		good = EVP_DigestUpdate(ctx, part[i], strlen(part[i])) == 1 &&
		       (i == 2 || EVP_DigestUpdate(ctx, "/", 1) == 1);
	}
	good = good && EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	SK_ASSERT(good);
}

struct hsds_id hsds_id_of(const char *node, const char *kind, const char *name)
{
	const char *const part[3] = { node, kind, name };
	uint8_t h[SHA1_LEN] = { 0 };
	struct hsds_id id = { { 0 } };
	size_t at = 0;

	digest(part, h);
	h[6] = (uint8_t)((h[6] & 0x0f) | 0x50);
	h[8] = (uint8_t)((h[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) {
			id.s[at++] = '-';
		}
		(void)snprintf(id.s + at, 3, "%02x", h[i]);
		at += 2;
	}
	return id;
}

void hsds_tag(const char *service_id, char ret_tag[HSDS_TAG_LEN + 1])
{
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	char low[256];
	uint8_t h[SHA1_LEN] = { 0 };
	size_t len = 0;

	for (; len < sizeof(low) - 1 && service_id[len] != '\0'; len++) {
		low[len] = (char)tolower((unsigned char)service_id[len]);
	}
	low[len] = '\0';
	const char *const part[3] = { "import", "service", low };
	digest(part, h);
	for (size_t i = 0; i < HSDS_TAG_LEN; i++) {
		ret_tag[i] = letters[h[i] & 31];
	}
	ret_tag[HSDS_TAG_LEN] = '\0';
}
