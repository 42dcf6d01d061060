/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The configuration of a node: one directory with schakel.ini, parties.ini, codes.csv,
 * keys/. Read and checked whole into a fresh struct; a struct conf that exists is right in every
 * point. Ownership: conf_free(). Threads: none. Blocks: reads small files. */
#include <stdio.h>

#include "common/conf_outside.h"
#include "common/engine.h"

#define CONF_DAEMONS 3
#define CONF_PATH_MAX 512
#define CONF_NAME_MAX 80 /* bytes of a name that people read */
#define CONF_SECTOR_MAX 40
#define CONF_PHONE_MAX 31
#define CONF_KEY_LEN 40 /* a CURVE key in Z85 */
#define CONF_PARTIES_MAX 1000
#define CONF_ZONES_MAX 64
#define CONF_CODES_MAX 64
#define CONF_BIND_MAX 63
#define CONF_GATEWAY "gateway" /* the gateway's own party: reads events and the open directory */
#define CONF_GATEWAY_KEY_FILE "gateway.key" /* in keys/: makes codes, links and sessions */
#define CONF_GATEWAY_KEY_LEN 32
#define CONF_URL_MAX 200
#define CONF_CODE_MAX 40
#define CONF_HOLIDAYS_MAX 256
#define CONF_FILE_BYTES_MAX (1U << 20)
#define CONF_IPC_PATH_MAX 107
#define CONF_PROBLEMS_MAX 20

/** Each line: file:line: [section] key "value" rule; what to do. */
struct conf_problems {
	unsigned count; /* of all; the text stops at CONF_PROBLEMS_MAX */
	char text[8192];
};

struct conf_daemon {
	char name[PARTY_ID_LEN_MAX + 1];
	char bind[CONF_PATH_MAX];
	char dir[CONF_PATH_MAX];
	uint64_t seen;
};

struct conf_store {
	uint64_t map_bytes;
	uint64_t segment_bytes;
	uint64_t disk_reserve_bytes;
	uint32_t commit_records;
	uint32_t commit_bytes;
	uint32_t commit_ms;
	uint32_t commit_idle_ms;
	uint32_t keep_segments_days;
	uint32_t checkpoint_days;
	uint64_t seen;
};

/** Which requests make a line in the log of the gateway. */
enum conf_logged { CONF_LOGGED_OFF, CONF_LOGGED_ERRORS, CONF_LOGGED_ALL };

/** The outside faces (services/gateway). */
struct conf_gateway {
	char bind[CONF_BIND_MAX + 1];         /* ADDRESS:PORT */
	char public_url[CONF_URL_MAX + 1];    /* as people type it, of the proxy; "": http://bind */
	char metrics_bind[CONF_BIND_MAX + 1]; /* of /metrics alone, local */
	char dir[CONF_PATH_MAX];
	uint64_t map_bytes;
	uint32_t workers;
	uint32_t connections;
	uint32_t streams;
	bool behind_proxy;   /* X-Forwarded-For and -Proto of the proxy are believed */
	uint32_t access_log; /* enum conf_logged */
	uint64_t seen;
};

struct conf_zone {
	char id[PARTY_ID_LEN_MAX + 1];
	char name[CONF_NAME_MAX + 1];
	char contact_party[PARTY_ID_LEN_MAX + 1];
	char stand_in_party[PARTY_ID_LEN_MAX + 1];
	char network_party[PARTY_ID_LEN_MAX + 1];
	char region[PARTY_ID_LEN_MAX + 1];
	unsigned line;
	uint64_t seen;
};

struct conf_party {
	char id[PARTY_ID_LEN_MAX + 1];
	char name[CONF_NAME_MAX + 1];
	char organisation[PARTY_ID_LEN_MAX + 1];
	char sector[CONF_SECTOR_MAX + 1];
	char key[CONF_KEY_LEN + 1];
	char phone[CONF_PHONE_MAX + 1];       /* as people dial it; told to people alone */
	char mail[CONF_MAIL_MAX + 1];         /* of the organisation, for questions and reminders */
	char text[CONF_NUMBER_MAX + 1];       /* number for text messages, "+32..." */
	char org_code[CONF_ORG_CODE_MAX + 1]; /* KBO or OVO: who signs in with ACM/IDM */
	uint32_t roles;                       /* bits of ROLE_BIT() */
	uint32_t zones_len;
	char zones[CONF_ZONES_MAX][PARTY_ID_LEN_MAX + 1];
	uint32_t opening_days; /* bit 0 = Monday */
	bool on_call;
	uint32_t access_serial; /* another one makes codes, tokens and links of the party void */
	unsigned line;
	uint64_t seen;
};

struct conf_code {
	uint32_t number;
	char code[CONF_CODE_MAX + 1];
	char label_nl[CONF_NAME_MAX + 1];
	char label_en[CONF_NAME_MAX + 1];
};

enum conf_language { CONF_NL, CONF_EN };

struct conf {
	char dir[CONF_PATH_MAX]; /* absolute */
	char node[PARTY_ID_LEN_MAX + 1];
	uint32_t language; /* enum conf_language */
	bool demo;
	bool curve;
	uint32_t rules_version;
	char codes_path[CONF_PATH_MAX];
	char keys_dir[CONF_PATH_MAX];
	char incarnation_dir[CONF_PATH_MAX]; /* in no backup */
	uint64_t seen;
	struct conf_daemon daemons[CONF_DAEMONS]; /* intake, waitlist, matching */
	struct conf_store store;
	struct conf_gateway gateway;
	struct conf_outside outside;
	uint64_t settings[SETTING_COUNT];
	bool setting_seen[SETTING_COUNT];
	size_t zones_len; /* sorted by id, as parties are */
	struct conf_zone zones[CONF_ZONES_MAX];
	size_t parties_len;
	struct conf_party *parties;
	size_t codes_len;
	struct conf_code codes[CONF_CODES_MAX];
	size_t holidays_len;
	uint32_t holidays[CONF_HOLIDAYS_MAX];
	uint8_t *packed; /* ConfigApplied; the same content packs to the same bytes */
	size_t packed_len;
};

/** @return SK_ECONF with the problems, SK_ENOMEM. */
SK_CHECKED int conf_load(const char *dir, struct conf **ret_conf,
			 struct conf_problems *ret_problems);
void conf_free(struct conf *c);
/** @return NULL when there is none of that name or key. */
const struct conf_daemon *conf_daemon(const struct conf *c, const char *name);
const struct conf_party *conf_party(const struct conf *c, const char *id);
const struct conf_party *conf_party_by_key(const struct conf *c, const char *key);
const struct conf_party *conf_party_by_org_code(const struct conf *c, const char *code);
struct slice conf_packed(const struct conf *c);
/** What a running daemon cannot take over (names, endpoints, store, keys of daemons).
 *  @return the first such difference as "[section] key", or NULL. Static storage. */
const char *conf_needs_restart(const struct conf *running, const struct conf *fresh);
/** All values in force, as the two files could hold them. Never a secret. */
void conf_print(const struct conf *c, FILE *out);

/* --- key files: keys/PARTY.secret, mode 0600, two lines "public = Z85" and "secret = Z85" --- */

struct conf_secret {
	char public_key[CONF_KEY_LEN + 1];
	char secret_key[CONF_KEY_LEN + 1];
};

/** In guarded memory; end with conf_secret_free(). @return SK_ENOENT, SK_EAUTH (others may read
 * it), SK_ECORRUPT (no such pair), SK_ESYS, SK_ENOMEM. */
SK_CHECKED int conf_secret_read(const char *path, struct conf_secret **ret_secret);
/** Makes a pair and the file. @return SK_ESTATE: the file exists already. */
SK_CHECKED int conf_secret_create(const char *path, struct conf_secret **ret_secret);
void conf_secret_free(struct conf_secret *s);
/** The path of a party's key file. @return SK_EINVAL when it would be too long. */
SK_CHECKED int conf_secret_path(const struct conf *c, const char *party,
				char ret_path[CONF_PATH_MAX]);
/** 40 characters of Z85 that stand for 32 bytes. */
bool conf_key_is_valid(const char *key);
