/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Signing in as the Flemish ACM/IDM has it: OpenID Connect for people (authorisation code
 * with PKCE, state and nonce), a signed token of the issuer for machines. Only RS256, only keys
 * that the issuer published, only for us and only in its time; `vo_orgcode` says for which
 * organisation, and that is the party with this org_code. Ownership: oidc_close(). Threads: one of
 * its own fetches the issuer's keys; the rest any. Blocks: oidc_bearer() never; the way back of a
 * person (a handler) waits for the issuer, 5 s. */
#include "common/conf.h"
#include "common/token.h"
#include "services/gateway/web.h"

#define OIDC_TOKEN_MAX 8192
#define OIDC_KEYS_MAX 32
#define OIDC_KID_MAX 128
#define OIDC_LEEWAY_S 60

enum oidc_fault {
	OIDC_GOOD,
	OIDC_FORM,      /* no three parts of JSON in base64url */
	OIDC_ALG,       /* not RS256 */
	OIDC_KEY,       /* signed with a key that the issuer does not publish */
	OIDC_SIGNATURE, /* does not fit what is signed */
	OIDC_ISSUER,
	OIDC_AUDIENCE,
	OIDC_EXPIRED,
	OIDC_EARLY,
	OIDC_NONCE,
	OIDC_CLAIM, /* vo_orgcode is missing or no code */
	OIDC_PARTY, /* no party of this node has that code */
	OIDC_FAULTS,
};
extern const char *const oidc_fault_word[OIDC_FAULTS];

/* --- oidc_token.c; pure --- */

struct oidc_key {
	char kid[OIDC_KID_MAX + 1];
	char pem[1024];
};
struct oidc_keys {
	size_t len;
	struct oidc_key key[OIDC_KEYS_MAX];
};
/** Reads a JWKS; keys that are of no use to us are passed over. @return false: it is none. */
bool oidc_keys_read(struct slice json, struct oidc_keys *ret_keys);

struct oidc_want {
	const char *issuer;
	const char *audience;
	const char *nonce; /* NULL: is not looked at */
	uint64_t now_s;
};
/** @p ret_code has room for CONF_ORG_CODE_MAX + 1 bytes. */
enum oidc_fault oidc_verify(const struct oidc_keys *keys, const char *token,
			    const struct oidc_want *want, char *ret_code);

/* --- oidc.c --- */

struct oidc;
/** Whether people sign in with it; @p o may be NULL. */
bool oidc_for_people(const struct oidc *o);

/** @return SK_OK and NULL when the configuration names no issuer. */
SK_CHECKED int oidc_open(const struct conf *c, struct oidc **ret_oidc);
void oidc_close(struct oidc *o);
/** A token of a machine. A key that is not known is fetched; the next try may be good. */
enum oidc_fault oidc_bearer(struct oidc *o, const struct conf *c, const char *token,
			    struct token_who *ret_who);

/** GET /session/oidc, and the way back. */
extern const struct route oidc_routes[];
/** Given by the spine; NULL: not configured. */
struct oidc *gate_oidc(struct gate *g);
