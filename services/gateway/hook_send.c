/* SPDX-License-Identifier: EUPL-1.2 */
/* How a subscription's address is called, and what its answers mean. */
#include "services/gateway/hook_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <sodium.h>

#include "services/gateway/addr.h"

#define RATE_ASKED "600" /* calls a minute that we would like to make */
#define RATE_MAX 60000

/* --- where to --- */

static bool is_listed(const char *hosts, const char *host)
{
	size_t len = strlen(host);
	for (const char *s = hosts; *s != '\0';) {
		size_t word = strcspn(s, " ,");
		if (word == len && strncasecmp(s, host, len) == 0) {
			return true;
		}
		s += word;
		s += strspn(s, " ,");
	}
	return false;
}

static bool is_closed_literal(const char *host)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char bare[64];
	size_t len = strlen(host);
	if (host[0] == '[' && len < sizeof(bare)) {
		(void)snprintf(bare, sizeof(bare), "%.*s", (int)len - 2, host + 1);
		return inet_pton(AF_INET6, bare, &in6.sin6_addr) != 1 ||
		       !addr_is_public((const struct sockaddr *)&in6);
	}
	return inet_pton(AF_INET, host, &in.sin_addr) == 1 &&
	       !addr_is_public((const struct sockaddr *)&in);
}

static char *part_of(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	return curl_url_get(u, part, &text, 0) == CURLUE_OK ? text : NULL;
}

static const struct hook_url_fault bad_form = { "moet een volledig adres zijn: https://naam/pad, "
						"zonder gebruiker of #",
						"must be a whole address: https://name/path, "
						"without a user or #" };
static const struct hook_url_fault bad_scheme = { "moet met https:// beginnen; http mag alleen "
						  "naar namen in de configuratie van de node",
						  "must begin with https://; http goes only to "
						  "names in the node's configuration" };
static const struct hook_url_fault bad_place = { "wijst naar een besloten netwerk; zet de naam bij "
						 "`hosts` in de configuratie als dat mag",
						 "leads into a private network; put its name in "
						 "`hosts` of the configuration if that may be" };

static const struct hook_url_fault *check_parts(const struct hooks *h, CURLU *u)
{
	const struct hook_url_fault *fault = NULL;
	char *scheme = part_of(u, CURLUPART_SCHEME);
	char *host = part_of(u, CURLUPART_HOST);
	char *user = part_of(u, CURLUPART_USER);
	char *fragment = part_of(u, CURLUPART_FRAGMENT);
	if (scheme == NULL || host == NULL || host[0] == '\0' || user != NULL || fragment != NULL) {
		fault = &bad_form;
	} else if (!is_listed(h->hosts, host)) {
		fault = strcmp(scheme, "https") != 0 ? &bad_scheme :
			is_closed_literal(host)      ? &bad_place :
						       NULL;
	} else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0) {
		fault = &bad_scheme;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(fragment);
	return fault;
}

const struct hook_url_fault *hook_url_check(const struct hooks *h, const char *url)
{
	CURLU *u = curl_url();
	bool plain = strlen(url) <= HOOK_URL_MAX;
	for (const char *s = url; *s != '\0' && plain; s++) {
		plain = *s > ' ' && *s < 0x7f;
	}
	const struct hook_url_fault *fault =
		u == NULL || !plain || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ?
			&bad_form :
			check_parts(h, u);
	curl_url_cleanup(u);
	return fault;
}

static bool any_address(const struct hooks *h, const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool named = u != NULL && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
		     (host = part_of(u, CURLUPART_HOST)) != NULL && is_listed(h->hosts, host);
	curl_free(host);
	curl_url_cleanup(u);
	return named;
}

/* --- a call --- */

/* As https://www.standardwebhooks.com has it, for which vendors have libraries: base64 of
 * HMAC-SHA256 over "id.timestamp.body". */
static void sign(const struct hook *k, const struct out_item *item, uint64_t seq,
		 struct out_call *call)
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	char base64[sodium_base64_ENCODED_LEN(sizeof(mac), sodium_base64_VARIANT_ORIGINAL)];
	char said[96];
	crypto_auth_hmacsha256_state st;
	unsigned long long at_s = out_now_ms() / 1000;
	(void)snprintf(said, sizeof(said), "%s-%llu.%llu.", k->id, (unsigned long long)seq, at_s);
	(void)crypto_auth_hmacsha256_init(&st, k->secret, k->secret_len);
	(void)crypto_auth_hmacsha256_update(&st, (const unsigned char *)said, strlen(said));
	(void)crypto_auth_hmacsha256_update(&st, item->body.data, item->body.len);
	(void)crypto_auth_hmacsha256_final(&st, mac);
	sodium_memzero(&st, sizeof(st));
	(void)sodium_bin2base64(base64, sizeof(base64), mac, sizeof(mac),
				sodium_base64_VARIANT_ORIGINAL);
	(void)snprintf(call->head[1], sizeof(call->head[1]), "webhook-id: %s-%llu", k->id,
		       (unsigned long long)seq);
	(void)snprintf(call->head[2], sizeof(call->head[2]), "webhook-timestamp: %llu", at_s);
	(void)snprintf(call->head[3], sizeof(call->head[3]), "webhook-signature: v1,%s", base64);
}

static bool on_call(void *arg, const struct out_item *item, uint64_t seq, struct out_call *ret)
{
	struct hooks *h = arg;
	(void)pthread_mutex_lock(&h->lock);
	const struct hook *k = hook_find(h, item->to);
	bool known = k != NULL && k->state != HOOK_ENDED;
	if (known) {
		(void)snprintf(ret->url, sizeof(ret->url), "%s", k->url);
		ret->any_address = any_address(h, k->url);
	}
	if (known && item->kind == OUT_HANDSHAKE) {
		(void)snprintf(ret->head[0], sizeof(ret->head[0]), "WebHook-Request-Origin: %s",
			       h->origin);
		(void)snprintf(ret->head[1], sizeof(ret->head[1]),
			       "WebHook-Request-Rate: " RATE_ASKED);
	} else if (known) {
		(void)snprintf(ret->head[0], sizeof(ret->head[0]),
			       k->payload == HOOK_CLOUDEVENT ? "Content-Type: "
							       "application/cloudevents+json; "
							       "charset=UTF-8" :
							       "Content-Type: "
							       "application/fhir+json; "
							       "charset=UTF-8");
		sign(k, item, seq, ret);
	}
	(void)pthread_mutex_unlock(&h->lock);
	return known;
}

/* --- its answer --- */

static uint32_t rate_of(const char *text)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && n > 0 && n <= RATE_MAX ?
		       (uint32_t)n :
		       0;
}

static bool may_pass(long status)
{
	return status == 0 || status == 408 || status == 425 || status == 429 || status >= 500;
}

/* Who does not say that we may call does not want it: 404 and 405 are a no as well. */
static enum out_outcome judge_handshake(struct hooks *h, struct hook *k, const struct out_reply *r)
{
	bool yes = r->status >= 200 && r->status < 300 &&
		   (strcmp(r->allowed_origin, "*") == 0 ||
		    strcasecmp(r->allowed_origin, h->origin) == 0);
	if (yes) {
		k->state = HOOK_ACTIVE;
		k->rate = rate_of(r->allowed_rate);
		return hook_save(h, k) == SK_OK ? OUT_DONE : OUT_AGAIN;
	}
	if (r->closed_address || !may_pass(r->status)) {
		hook_end(h, k, r->closed_address ? HOOK_NOT_PUBLIC : HOOK_NOT_ALLOWED);
		return OUT_GONE;
	}
	return OUT_AGAIN;
}

/* The first call of a FHIR subscription asks: who does not take it does not want the others. */
static enum out_outcome judge_first(struct hooks *h, struct hook *k, const struct out_reply *r)
{
	if (r->status >= 200 && r->status < 300) {
		k->state = HOOK_ACTIVE;
		return hook_save(h, k) == SK_OK ? OUT_DONE : OUT_AGAIN;
	}
	if (r->closed_address || !may_pass(r->status)) {
		hook_end(h, k, r->closed_address ? HOOK_NOT_PUBLIC : HOOK_NOT_ALLOWED);
		return OUT_GONE;
	}
	return OUT_AGAIN;
}

static enum out_outcome on_reply(void *arg, const struct out_item *item, const struct out_reply *r)
{
	struct hooks *h = arg;
	(void)pthread_mutex_lock(&h->lock);
	struct hook *k = hook_find(h, item->to);
	enum out_outcome outcome = OUT_AGAIN;
	if (k == NULL || k->state == HOOK_ENDED) {
		outcome = OUT_GONE;
	} else if (item->kind == OUT_HANDSHAKE) {
		outcome = judge_handshake(h, k, r);
	} else if (k->state == HOOK_PENDING && k->payload != HOOK_CLOUDEVENT) {
		outcome = judge_first(h, k, r);
	} else if (r->status >= 200 && r->status < 300) {
		(void)snprintf(k->delivered, sizeof(k->delivered), "%s", item->subject);
		k->moved = true;
		outcome = OUT_DONE;
	} else if (r->status == 410) {
		hook_end(h, k, HOOK_SAID_GONE);
		outcome = OUT_GONE;
	}
	(void)pthread_mutex_unlock(&h->lock);
	return outcome;
}

/* One call that was lost would be a gap in what it knows: so it ends, and says up to where. */
static void on_given_up(void *arg, const char *to)
{
	struct hooks *h = arg;
	(void)pthread_mutex_lock(&h->lock);
	struct hook *k = hook_find(h, to);
	if (k != NULL && k->state != HOOK_ENDED) {
		hook_end(h, k, HOOK_UNREACHABLE);
	}
	(void)pthread_mutex_unlock(&h->lock);
	out_drop(h->o, to);
}

static uint64_t on_gap(void *arg, const char *to)
{
	struct hooks *h = arg;
	(void)pthread_mutex_lock(&h->lock);
	const struct hook *k = hook_find(h, to);
	uint64_t gap_ms = k == NULL || k->rate == 0 ? 0 : 60000 / k->rate;
	(void)pthread_mutex_unlock(&h->lock);
	return gap_ms;
}

const struct out_hook_ops hook_ops = {
	.call = on_call, .reply = on_reply, .given_up = on_given_up, .gap_ms = on_gap
};
