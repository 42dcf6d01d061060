/* SPDX-License-Identifier: EUPL-1.2 */
/* The issuer's keys, kept fresh by a thread, and who a token stands for. */
#include "services/gateway/oidc_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <sodium.h>

#include "common/files.h"
#include "common/logging.h"

#define KEYS_BYTES_MAX (256U << 10)
#define FETCH_MS 3600000     /* how often the keys are fetched anyway */
#define FETCH_LEAST_MS 60000 /* and how often at most, whoever asks for an unknown one */
#define DROP_MS 86400000     /* keys that could not be fetched so long are not believed */
#define CALL_MS 5000

/* --- the net --- */

struct answer {
	char *text;
	size_t len;
	size_t cap;
};

static size_t on_write(char *data, size_t size, size_t n, void *user)
{
	struct answer *a = user;
	size_t len = size * n;
	if (a->len + len + 1 > a->cap) {
		return 0; /* more than it may be: broken off */
	}
	memcpy(a->text + a->len, data, len);
	a->len += len;
	a->text[a->len] = '\0';
	return len;
}

bool oidc_http(const struct oidc *o, const char *url, const struct oidc_post *post, char *ret_text,
	       size_t cap)
{
	struct answer a = { .text = ret_text, .cap = cap };
	long status = 0;
	CURL *e = curl_easy_init();
	ret_text[0] = '\0';
	if (e == NULL) {
		return false;
	}
	(void)curl_easy_setopt(e, CURLOPT_URL, url);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https"); /* conf says which */
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)CALL_MS);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, &a);
	if (o->ca_file[0] != '\0') {
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
	}
	if (post != NULL) {
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, post->form);
	}
	if (post != NULL && post->user != NULL) {
		(void)curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		(void)curl_easy_setopt(e, CURLOPT_USERNAME, post->user);
		(void)curl_easy_setopt(e, CURLOPT_PASSWORD, post->password);
	}
	CURLcode rc = curl_easy_perform(e);
	(void)curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(e);
	return rc == CURLE_OK && status == 200;
}

/* --- the keys --- */

static bool load_keys(const struct oidc *o, struct oidc_keys *ret_keys)
{
	char *text = malloc(KEYS_BYTES_MAX + 1);
	size_t len = 0;
	bool good = text != NULL;
	if (good && strstr(o->jwks, "://") != NULL) {
		good = oidc_http(o, o->jwks, NULL, text, KEYS_BYTES_MAX);
		len = good ? strlen(text) : 0;
	} else if (good) {
		good = files_read(o->jwks, text, KEYS_BYTES_MAX, &len) == SK_OK;
	}
	good = good && oidc_keys_read((struct slice){ text, len }, ret_keys);
	free(text);
	return good;
}

static uint64_t steady_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void fetch(struct oidc *o)
{
	struct oidc_keys *fresh = calloc(1, sizeof(*fresh));
	bool good = fresh != NULL && load_keys(o, fresh);
	uint64_t now_ms = steady_ms();
	(void)pthread_mutex_lock(&o->lock);
	o->tried_ms = now_ms;
	o->wanted = false;
	if (good) {
		o->keys = *fresh;
		o->fetched_ms = now_ms;
	} else if (now_ms > o->fetched_ms + DROP_MS) {
		o->keys.len = 0;
	}
	o->fetches++;
	(void)pthread_cond_broadcast(&o->fetched);
	(void)pthread_mutex_unlock(&o->lock);
	svc_log(good ? LOG_INFO : LOG_WARNING, "oidc-keys", "outcome=%s keys=%zu",
		good ? "fetched" : "failed", good ? fresh->len : 0);
	free(fresh);
}

/* Under the lock. */
static bool is_due(const struct oidc *o)
{
	uint64_t since_ms = steady_ms() - o->tried_ms;
	return o->fetches == 0 || since_ms >= FETCH_MS ||
	       ((o->wanted || o->fetched_ms == 0) && since_ms >= o->fetch_least_ms);
}

static void *run(void *arg)
{
	struct oidc *o = arg;
	(void)pthread_mutex_lock(&o->lock);
	while (!o->stop) {
		if (is_due(o)) {
			(void)pthread_mutex_unlock(&o->lock);
			fetch(o);
			(void)pthread_mutex_lock(&o->lock);
			continue;
		}
		struct timespec until;
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 1;
		(void)pthread_cond_timedwait(&o->wake, &o->lock, &until);
	}
	(void)pthread_mutex_unlock(&o->lock);
	return NULL;
}

enum oidc_fault oidc_check(struct oidc *o, const char *token, const struct oidc_want *want,
			   char *ret_code)
{
	struct oidc_keys *keys = malloc(sizeof(*keys));
	if (keys == NULL) {
		return OIDC_KEY;
	}
	(void)pthread_mutex_lock(&o->lock);
	*keys = o->keys;
	(void)pthread_mutex_unlock(&o->lock);
	enum oidc_fault fault = oidc_verify(keys, token, want, ret_code);
	free(keys);
	if (fault == OIDC_KEY) {
		(void)pthread_mutex_lock(&o->lock);
		o->wanted = true;
		(void)pthread_cond_signal(&o->wake);
		(void)pthread_mutex_unlock(&o->lock);
	}
	return fault;
}

bool oidc_wait_keys(struct oidc *o)
{
	struct timespec until;
	int rc = 0;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += CALL_MS / 1000;
	(void)pthread_mutex_lock(&o->lock);
	uint64_t before = o->fetches;
	bool soon = steady_ms() - o->tried_ms >= o->fetch_least_ms;
	while (soon && o->fetches == before && rc == 0) {
		rc = pthread_cond_timedwait(&o->fetched, &o->lock, &until);
	}
	bool fresh = o->fetches != before;
	(void)pthread_mutex_unlock(&o->lock);
	return fresh;
}

enum oidc_fault oidc_party(const struct conf *c, const char *code, struct token_who *ret_who)
{
	const struct conf_party *p = conf_party_by_org_code(c, code);
	if (p == NULL) {
		return OIDC_PARTY;
	}
	*ret_who = (struct token_who){ 0 };
	name_copy(ret_who->party, p->id);
	return OIDC_GOOD;
}

enum oidc_fault oidc_bearer(struct oidc *o, const struct conf *c, const char *token,
			    struct token_who *ret_who)
{
	char code[CONF_ORG_CODE_MAX + 1];
	struct oidc_want want = { .issuer = o->issuer,
				  .audience = o->audience,
				  .now_s = (uint64_t)time(NULL) };
	enum oidc_fault fault = oidc_check(o, token, &want, code);
	return fault == OIDC_GOOD ? oidc_party(c, code, ret_who) : fault;
}

/* --- opening --- */

static int fail(const char *what, int err, const char *hint)
{
	svc_log(LOG_ERR, "open_failed", "what=\"%s\" err=\"%s\" hint=\"%s\"", what,
		sk_strerror(err), hint);
	return err;
}

static int read_secrets(struct oidc *o, const struct conf *c)
{
	const struct conf_oidc *oc = &c->outside.oidc;
	if (oc->client_secret_file[0] != '\0') {
		int err = conf_password(c, oc->client_secret_file, o->secret);
		return err == SK_OK ? SK_OK :
				      fail(oc->client_secret_file, err,
					   "it must hold one line, and be ours alone to read");
	}
	if (oc->client_key_file[0] != '\0') {
		char path[CONF_PATH_MAX + CONF_FILE_NAME_MAX];
		size_t len = 0;
		int err = conf_outside_path(c, oc->client_key_file, path, sizeof(path)) ?
				  files_read(path, o->client_key, sizeof(o->client_key) - 1, &len) :
				  SK_EINVAL;
		o->client_key[len] = '\0';
		return err == SK_OK ? SK_OK :
				      fail(oc->client_key_file, err,
					   "it must be the PEM of a private RSA key");
	}
	return SK_OK;
}

static void take_conf(struct oidc *o, const struct conf *c)
{
	const struct conf_oidc *oc = &c->outside.oidc;
	const char *base = c->gateway.public_url;
	(void)snprintf(o->issuer, sizeof(o->issuer), "%s", oc->issuer);
	(void)snprintf(o->client_id, sizeof(o->client_id), "%s", oc->client_id);
	(void)snprintf(o->audience, sizeof(o->audience), "%s",
		       oc->audience[0] == '\0' ? oc->client_id : oc->audience);
	(void)snprintf(o->authorize_url, sizeof(o->authorize_url), "%s", oc->authorize_url);
	(void)snprintf(o->token_url, sizeof(o->token_url), "%s", oc->token_url);
	(void)snprintf(o->scope, sizeof(o->scope), "%s",
		       oc->scope[0] == '\0' ? "openid profile vo" : oc->scope);
	if (strstr(oc->jwks, "://") != NULL) {
		(void)snprintf(o->jwks, sizeof(o->jwks), "%s", oc->jwks);
	} else {
		(void)conf_outside_path(c, oc->jwks, o->jwks, sizeof(o->jwks));
	}
	if (oc->ca_file[0] != '\0') {
		(void)conf_outside_path(c, oc->ca_file, o->ca_file, sizeof(o->ca_file));
	}
	(void)snprintf(o->redirect, sizeof(o->redirect), "%s%s" OIDC_BACK,
		       base[0] == '\0' ? "http://" : "", base[0] == '\0' ? c->gateway.bind : base);
	o->secure = strncmp(base, "https://", 8) == 0;
	o->fetch_least_ms = FETCH_LEAST_MS;
}

int oidc_open(const struct conf *c, struct oidc **ret_oidc)
{
	*ret_oidc = NULL;
	if (c->outside.oidc.issuer[0] == '\0') {
		return SK_OK;
	}
	struct oidc *o = calloc(1, sizeof(*o));
	if (o == NULL || sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(o);
		return SK_ENOMEM;
	}
	(void)pthread_mutex_init(&o->lock, NULL);
	(void)pthread_cond_init(&o->wake, NULL);
	(void)pthread_cond_init(&o->fetched, NULL);
	/* Of this process: who was on the way when the gateway was restarted begins again. */
	randombytes_buf(o->cookie_key, sizeof(o->cookie_key));
	take_conf(o, c);
	int err = read_secrets(o, c);
	if (err == SK_OK) {
		o->thread_made = pthread_create(&o->thread, NULL, run, o) == 0;
		err = o->thread_made ? SK_OK : SK_ESYS;
	}
	if (err != SK_OK) {
		oidc_close(o);
		return err;
	}
	*ret_oidc = o;
	return SK_OK;
}

void oidc_close(struct oidc *o)
{
	if (o == NULL) {
		return;
	}
	(void)pthread_mutex_lock(&o->lock);
	o->stop = true;
	(void)pthread_cond_broadcast(&o->wake);
	(void)pthread_mutex_unlock(&o->lock);
	if (o->thread_made) {
		(void)pthread_join(o->thread, NULL);
	}
	(void)pthread_cond_destroy(&o->fetched);
	(void)pthread_cond_destroy(&o->wake);
	(void)pthread_mutex_destroy(&o->lock);
	sodium_memzero(o, sizeof(*o));
	free(o);
}
