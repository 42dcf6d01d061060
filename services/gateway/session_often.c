/* SPDX-License-Identifier: EUPL-1.2 */
/* How often one may ask, and try what can be guessed: buckets that fill, and empty with time. */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include <sodium.h>

#include "services/gateway/http_private.h"
#include "services/gateway/session.h"

#define BUCKETS 8192
#define ADDRESS_MAX 64

/* How much one address, or one party at one address, has left; those that share a bucket share it.
 */
struct bucket {
	uint64_t at_ms;
	uint32_t used_milli; /* thousandths of one */
};

static struct {
	pthread_mutex_t lock;
	struct bucket tries[BUCKETS];
	struct bucket asks[BUCKETS];
	struct bucket requests[BUCKETS];   /* wrong codes of one request, from anywhere */
	struct bucket at_request[BUCKETS]; /* and from one address */
} limits = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

static void address_of(struct web *w, char ret_text[ADDRESS_MAX])
{
	const union MHD_ConnectionInfo *info =
		w->connection == NULL ?
			NULL :
			MHD_get_connection_info(w->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *via = w->conf->gateway.behind_proxy ? web_header(w, "X-Forwarded-For") : NULL;

	ret_text[0] = '\0';
	if (via != NULL) {
		const char *last = strrchr(via, ',');
		last = last == NULL ? via : last + 1;
		(void)snprintf(ret_text, ADDRESS_MAX, "%s", last + strspn(last, " "));
		return;
	}
	if (info == NULL || info->client_addr == NULL) {
		return;
	}
	const struct sockaddr *sa = info->client_addr;
	if (sa->sa_family == AF_INET) {
		(void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
				ret_text, ADDRESS_MAX);
	} else if (sa->sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6,
				&((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
				ret_text, ADDRESS_MAX);
	}
}

/* Who has one address of IPv6 has 2^64 of them: its network of 64 bits counts as one. */
static void keep_network(char io_text[ADDRESS_MAX])
{
	struct in6_addr a;

	if (strncasecmp(io_text, "::ffff:", 7) != 0 && inet_pton(AF_INET6, io_text, &a) == 1) {
		memset(a.s6_addr + 8, 0, 8);
		(void)inet_ntop(AF_INET6, &a, io_text, ADDRESS_MAX);
	}
}

/* Of an address ("": of all) and a text. */
static struct bucket *find(struct web *w, struct bucket *table, const char *text, const char *more)
{
	uint8_t sum[16];
	crypto_generichash_state st;

	(void)crypto_generichash_init(&st, w->gate->key.b, sizeof(w->gate->key.b), sizeof(sum));
	(void)crypto_generichash_update(&st, (const uint8_t *)text, strlen(text) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)more, strlen(more));
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	return &table[be64_read(sum) % BUCKETS];
}

static struct bucket *bucket_of(struct web *w, struct bucket *table, const char *more)
{
	char text[ADDRESS_MAX];

	address_of(w, text);
	keep_network(text);
	return find(w, table, text, more);
}

/* Lets what time has brought flow out; @p per_ms thousandths a millisecond. */
static void drain(struct bucket *b, double per_ms)
{
	uint64_t at_ms = now_ms();
	double gone = (double)(at_ms - b->at_ms) * per_ms;

	b->used_milli = gone >= b->used_milli ? 0 : b->used_milli - (uint32_t)gone;
	b->at_ms = at_ms;
}

static void too_often(struct web *w, const char *after_s)
{
	static const struct problem p = { 429, "TOO_MANY", NULL,
					  "dit is te vaak na elkaar; wacht even en probeer opnieuw",
					  "too often in a row; wait a moment and try again" };

	web_head(w, "Retry-After", after_s);
	web_problem(w, &p);
}

bool session_may_ask(struct web *w)
{
	(void)pthread_mutex_lock(&limits.lock);
	struct bucket *b = bucket_of(w, limits.asks, w->who.party);
	drain(b, (double)SESSION_PER_SECOND);
	bool may = b->used_milli < SESSION_BURST * 1000U;
	b->used_milli += may ? 1000 : 0;
	(void)pthread_mutex_unlock(&limits.lock);
	if (!may) {
		too_often(w, "1");
	}
	return may;
}

/* --- what can be guessed --- */

/* A whole one must be left: what has flowed back since a moment ago is none yet. */
static bool has_room(struct bucket *b, uint32_t max, uint32_t each_ms)
{
	drain(b, 1000.0 / each_ms);
	return b->used_milli + 1000U <= max * 1000U;
}

/* The request of a person's code, as typed. @return "": it is of another kind. */
static const char *request_of(const char *typed, char ret_request[SHORT_CODE_LEN + 1])
{
	size_t n = 0;

	for (const char *s = typed; s != NULL && *s != '\0'; s++) {
		if (*s == '-' || isspace((unsigned char)*s)) {
			continue;
		}
		if (n < SHORT_CODE_LEN) {
			ret_request[n] = (char)tolower((unsigned char)*s);
		}
		n++;
	}
	ret_request[n == SHORT_CODE_LEN + TOKEN_PERSON_LEN ? SHORT_CODE_LEN : 0] = '\0';
	return ret_request;
}

/* Where many guess at one request from many addresses, each address has a few tries at it: the
 * child itself, elsewhere, still has its own. */
static bool may_try_at(struct web *w, const char *request)
{
	return request[0] == '\0' ||
	       has_room(find(w, limits.requests, "", request), SESSION_REQUEST_TRIES_MAX,
			SESSION_REQUEST_TRY_MS) ||
	       has_room(bucket_of(w, limits.at_request, request), SESSION_HOT_TRIES_MAX,
			SESSION_HOT_TRY_MS);
}

bool session_may_try(struct web *w, const char *code)
{
	char request[SHORT_CODE_LEN + 1];

	(void)request_of(code, request);
	(void)pthread_mutex_lock(&limits.lock);
	bool may = has_room(bucket_of(w, limits.tries, ""), SESSION_TRIES_MAX, SESSION_TRY_MS) &&
		   may_try_at(w, request);
	(void)pthread_mutex_unlock(&limits.lock);
	if (!may) {
		too_often(w, "20");
	}
	return may;
}

/* A bucket that many fill stays full: it does not count on, or it would never empty again. */
static void add_one(struct bucket *b, uint32_t max)
{
	b->used_milli += b->used_milli < max * 1000U ? 1000 : 0;
}

void session_tried(struct web *w, const char *code, bool good)
{
	char request[SHORT_CODE_LEN + 1];

	if (good) {
		return; /* it forgives none: who has a code may guess too */
	}
	(void)request_of(code, request);
	(void)pthread_mutex_lock(&limits.lock);
	add_one(bucket_of(w, limits.tries, ""), SESSION_TRIES_MAX);
	if (request[0] != '\0') {
		add_one(find(w, limits.requests, "", request), SESSION_REQUEST_TRIES_MAX);
		add_one(bucket_of(w, limits.at_request, request), SESSION_HOT_TRIES_MAX);
	}
	(void)pthread_mutex_unlock(&limits.lock);
}
