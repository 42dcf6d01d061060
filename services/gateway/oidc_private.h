/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What oidc.c (keys, machines) and oidc_flow.c (people) share. */
#include <pthread.h>

#include <sodium.h>

#include "services/gateway/oidc.h"

#define OIDC_BACK "/session/oidc/callback"
#define OIDC_PEM_MAX 8192

struct oidc {
	char issuer[CONF_OUT_URL_MAX + 1];
	char audience[CONF_WORD_MAX + 1];
	char client_id[CONF_WORD_MAX + 1];
	char authorize_url[CONF_OUT_URL_MAX + 1];
	char token_url[CONF_OUT_URL_MAX + 1];
	char scope[CONF_WORD_MAX + 1];
	char jwks[CONF_PATH_MAX + CONF_OUT_URL_MAX + 1]; /* a path, or an address */
	char ca_file[CONF_PATH_MAX + CONF_FILE_NAME_MAX];
	char redirect[CONF_URL_MAX + sizeof(OIDC_BACK) + 8];
	char secret[CONF_PASSWORD_MAX + 1]; /* "": client_key signs */
	char client_key[OIDC_PEM_MAX];
	bool secure; /* the public address is https */
	uint8_t cookie_key[crypto_secretbox_KEYBYTES];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t fetched;
	pthread_t thread;
	bool thread_made;
	/* under the lock; times of CLOCK_BOOTTIME */
	struct oidc_keys keys;
	bool stop;
	bool wanted; /* a key that we do not know */
	uint64_t tried_ms;
	uint64_t fetched_ms;
	uint64_t fetches;
	uint64_t fetch_least_ms;
};

struct oidc_post {
	const char *form;
	const char *user; /* NULL: without */
	const char *password;
};
/** @return true when it answered 200 with at most @p cap - 1 bytes. */
bool oidc_http(const struct oidc *o, const char *url, const struct oidc_post *post, char *ret_text,
	       size_t cap);
/** With the keys as they are; asks the thread for new ones when one is not known. */
enum oidc_fault oidc_check(struct oidc *o, const char *token, const struct oidc_want *want,
			   char *ret_code);
/** Waits until the keys were fetched. @return false: that is not due, or took too long. */
bool oidc_wait_keys(struct oidc *o);
enum oidc_fault oidc_party(const struct conf *c, const char *code, struct token_who *ret_who);
