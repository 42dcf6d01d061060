/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Signed texts, so that the gateway keeps no secrets of anybody: sign-in codes of parties
 * and of persons of a family, bearer tokens of machines, one-time links, sessions. Each is a keyed
 *  BLAKE2b over its kind and what it stands for, under the node's keys/gateway.key: another key
 * makes all of them void, another `access_serial` of a party those of that party. Pure. Texts
 * compare in constant time. */
#include "common/conf.h"

#define TOKEN_CODE_LEN 12   /* of a party, behind its name: 60 bits */
#define TOKEN_PERSON_LEN 8  /* of a person, behind the short code of the request: 40 bits */
#define TOKEN_BEARER_LEN 32 /* 160 bits */
#define TOKEN_LINK_MAX 160
#define TOKEN_SESSION_MAX 200
#define TOKEN_CHILDREN 8
#define TOKEN_ADULTS 4

struct token_key {
	uint8_t b[CONF_GATEWAY_KEY_LEN];
};

/** @return SK_ENOENT, SK_EAUTH (others may read it), SK_ECORRUPT (another length), SK_ESYS. */
SK_CHECKED int token_key_read(const struct conf *conf, struct token_key *ret_key);

/** What a session or a code stands for. */
struct token_who {
	char party[PARTY_ID_LEN_MAX + 1];
	bool person;
	PB(Speaker) speaker; /* of a person: YOUTH or ADULT */
	uint32_t child;
	uint32_t adult;
	uint32_t serial; /* of a person's code: how often one was withdrawn before */
	char request[SHORT_CODE_LEN + 1];
};

/** Sign-in code of a party, "meldpunt-4k8mxq2rt7wz", or of a person, "3fm8xn2kq7-k4x9wq2p", as
 *  people type it. */
#define TOKEN_TYPED_MAX (PARTY_ID_LEN_MAX + 1 + TOKEN_CODE_LEN)
void token_code(const struct token_key *k, const struct conf_party *party,
		char ret_code[TOKEN_TYPED_MAX + 1]);
/** @p who->party is not looked at: a person's code is of its request. */
void token_person(const struct token_key *k, const struct token_who *who,
		  char ret_code[TOKEN_TYPED_MAX + 1]);
/** Where it is kept how often the code of a person was withdrawn. @return false: it cannot tell. */
struct token_serials {
	bool (*of)(void *ctx, const struct token_who *person, uint32_t *ret_serial);
	void *ctx;
};
/** Reads either, in any case, with or without dashes at the end part. @p serials NULL: no code was
 *  ever withdrawn. @return false: none of ours, or not any more. */
bool token_read_code(const struct token_key *k, const struct conf *conf, const char *typed,
		     const struct token_serials *serials, struct token_who *ret_who);

/** "PARTY.SECRET" of a machine. */
#define TOKEN_BEARER_MAX (PARTY_ID_LEN_MAX + 1 + TOKEN_BEARER_LEN)
void token_bearer(const struct token_key *k, const struct conf_party *party,
		  char ret_token[TOKEN_BEARER_MAX + 1]);
bool token_read_bearer(const struct token_key *k, const struct conf *conf, const char *token,
		       struct token_who *ret_who);

/** A session, for a cookie. */
struct token_session {
	struct token_who who;
	uint64_t until_ms; /* wall clock */
	uint64_t begun_ms;
	uint64_t id; /* by chance, below 2^63; the same when it is renewed, so that it can be ended
		      */
};
void token_session(const struct token_key *k, const struct conf *conf,
		   const struct token_session *s, char ret_text[TOKEN_SESSION_MAX + 1]);
/** @return false: not ours, over at @p now_ms, or of a party that is gone or was given a new
 * serial.
 */
bool token_read_session(const struct token_key *k, const struct conf *conf, const char *text,
			uint64_t now_ms, struct token_session *ret_s);
/** What a page must send back with each change; bound to the session, the same when it is renewed.
 */
void token_csrf(const struct token_key *k, const char *session,
		char ret_text[TOKEN_BEARER_LEN + 1]);

/** A link that opens one thing for one party, without a sign-in. */
struct token_link {
	char kind; /* 'a': an ask; 'c': a pool's confirmation */
	char party[PARTY_ID_LEN_MAX + 1];
	char object[2 * OBJECT_ID_LEN + 1]; /* id as hex, or the name of a pool */
	uint64_t until_ms;
};
void token_link(const struct token_key *k, const struct conf *conf, const struct token_link *link,
		char ret_text[TOKEN_LINK_MAX + 1]);
bool token_read_link(const struct token_key *k, const struct conf *conf, const char *text,
		     uint64_t now_ms, struct token_link *ret_link);
/** Equal, in a time that does not tell where they differ. */
bool token_equal(const char *a, const char *b);
