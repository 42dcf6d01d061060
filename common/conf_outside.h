/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a node says to the world outside, and who signs people in for it: the sections
 *  [gateway.mail], [gateway.text], [gateway.hooks] and [gateway.oidc] of schakel.ini. All of it may
 *  be left out: then nothing is sent, and people sign in with codes.
 *  Ownership: values of struct conf. Threads: none. Blocks: never, but conf_password() reads. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CONF_MAIL_MAX 254
#define CONF_NUMBER_MAX 16
#define CONF_ORG_CODE_MAX 10
#define CONF_OUT_URL_MAX 300
#define CONF_FILE_NAME_MAX 300
#define CONF_HOSTS_MAX 1000
#define CONF_WORD_MAX 120
#define CONF_PASSWORD_MAX 200

struct conf_mail {
	char server[CONF_OUT_URL_MAX + 1]; /* smtp://HOST:PORT or smtps://...; "": no mail */
	char from[CONF_MAIL_MAX + 1];
	char user[CONF_WORD_MAX + 1];
	char password_file[CONF_FILE_NAME_MAX + 1];
	char ca_file[CONF_FILE_NAME_MAX + 1];
	bool starttls;
	/* the weekly question whether what a pool says is still so */
	uint32_t confirm_day; /* 1 is Monday; 0: never asked */
	uint32_t confirm_hour;
	uint32_t confirm_spread_minutes;
	uint64_t seen;
};

struct conf_text {
	char url[CONF_OUT_URL_MAX + 1]; /* gets {"to", "text"}; "": no text messages */
	char key_file[CONF_FILE_NAME_MAX + 1];
	uint64_t seen;
};

struct conf_hooks {
	char hosts[CONF_HOSTS_MAX +
		   1]; /* names to which http and private addresses may be called */
	uint64_t seen;
};

/** OAuth 2 and OpenID Connect as the Flemish ACM/IDM has them. */
struct conf_oidc {
	char issuer[CONF_OUT_URL_MAX + 1]; /* "": nobody signs in by it */
	char audience[CONF_WORD_MAX + 1];  /* of bearer tokens; "": client_id */
	char jwks[CONF_OUT_URL_MAX + 1];   /* https://..., or a file */
	char authorize_url[CONF_OUT_URL_MAX + 1];
	char token_url[CONF_OUT_URL_MAX + 1];
	char client_id[CONF_WORD_MAX + 1];
	char client_secret_file[CONF_FILE_NAME_MAX + 1];
	char client_key_file[CONF_FILE_NAME_MAX + 1]; /* PEM: signs our own requests instead */
	char scope[CONF_WORD_MAX + 1];
	char ca_file[CONF_FILE_NAME_MAX + 1];
	uint64_t seen;
};

struct conf_outside {
	struct conf_mail mail;
	struct conf_text text;
	struct conf_hooks hooks;
	struct conf_oidc oidc;
};

struct conf;

/** The first line of a file that only we may read, named from the node's directory on.
 *  @return SK_ENOENT, SK_EAUTH (others may read it), SK_ECORRUPT (empty or too long), SK_ESYS. */
SK_CHECKED int conf_password(const struct conf *c, const char *file,
			     char ret_text[CONF_PASSWORD_MAX + 1]);
/** A path of such a file. @return false: too long. */
bool conf_outside_path(const struct conf *c, const char *file, char *ret_path, size_t cap);

/** local@domain of ASCII; nothing that could end a header or a command. */
bool conf_mail_is_valid(const char *address);
/** "+32470123456" */
bool conf_number_is_valid(const char *number);
/** A KBO number of ten digits whose check is right, or OVO and six digits. */
bool conf_org_code_is_valid(const char *code);
