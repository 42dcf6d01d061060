/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/session.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/words.h"
#include "services/gateway/http_private.h"
#include "services/gateway/oidc.h"

#define BUCKETS 8192
#define COOKIE "schakel"
#define BEARER "Bearer "
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
} limits = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* --- how often --- */

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

static struct bucket *bucket_of(struct web *w, struct bucket *table, const char *more)
{
	char text[ADDRESS_MAX];
	uint8_t sum[16];
	crypto_generichash_state st;

	address_of(w, text);
	keep_network(text);
	(void)crypto_generichash_init(&st, w->gate->key.b, sizeof(w->gate->key.b), sizeof(sum));
	(void)crypto_generichash_update(&st, (const uint8_t *)text, strlen(text));
	(void)crypto_generichash_update(&st, (const uint8_t *)more, strlen(more));
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	return &table[be64_read(sum) % BUCKETS];
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

bool session_may_try(struct web *w)
{
	(void)pthread_mutex_lock(&limits.lock);
	struct bucket *b = bucket_of(w, limits.tries, "");
	drain(b, 1000.0 / SESSION_TRY_MS);
	/* A whole one must be left: what has flowed back since a moment ago is none yet. */
	bool may = b->used_milli + 1000U <= SESSION_TRIES_MAX * 1000U;
	(void)pthread_mutex_unlock(&limits.lock);
	if (!may) {
		too_often(w, "20");
	}
	return may;
}

void session_tried(struct web *w, bool good)
{
	(void)pthread_mutex_lock(&limits.lock);
	struct bucket *b = bucket_of(w, limits.tries, "");
	b->used_milli += good ? 0 :
				1000; /* a good one forgives none: who has a code may guess too */
	(void)pthread_mutex_unlock(&limits.lock);
}

/* --- cookies --- */

static bool is_secure(struct web *w)
{
	const char *proto = w->conf->gateway.behind_proxy ? web_header(w, "X-Forwarded-Proto") :
							    NULL;

	return strncmp(w->conf->gateway.public_url, "https://", 8) == 0 ||
	       (proto != NULL && strcmp(proto, "https") == 0);
}

static void set_cookie(struct web *w, const char *text, uint64_t ms)
{
	bool person = w->who.person;

	/* Of a person it lives as long as the browser's window: no traces. */
	char *age = person && ms > 0 ?
			    web_printf(w, "%s", "") :
			    web_printf(w, "; Max-Age=%llu", (unsigned long long)(ms / 1000));
	web_head(w, "Set-Cookie",
		 web_printf(w, COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s%s", text,
			    is_secure(w) ? "; Secure" : "", age));
}

static void write_session(struct web *w, const struct token_who *who, uint64_t begun_ms)
{
	uint64_t wall_ms = gate_wall_ms();
	uint64_t ms = who->person ? SESSION_PERSON_MS : SESSION_STAFF_MS;
	struct token_session s = { .who = *who, .begun_ms = begun_ms, .until_ms = wall_ms + ms };
	char *text = arena_alloc(&w->arena, TOKEN_SESSION_MAX + 1);

	if (s.until_ms > begun_ms + SESSION_LONGEST_MS) {
		s.until_ms = begun_ms + SESSION_LONGEST_MS;
	}
	if (text != NULL) {
		token_session(&w->gate->key, w->conf, &s, text);
		w->session = text;
		set_cookie(w, text, ms);
	}
}

/* --- who --- */

static void take_who(struct web *w, const struct token_who *t)
{
	const struct conf_party *p = conf_party(w->conf, t->party);

	w->who = (struct who){ .known = p != NULL,
			       .person = t->person,
			       .speaker = t->speaker,
			       .child = t->child,
			       .adult = t->adult };
	if (p != NULL) {
		name_copy(w->who.party, p->id);
		w->who.roles = p->roles;
		(void)snprintf(w->who.request, sizeof(w->who.request), "%s", t->request);
	}
}

static bool read_cookie(struct web *w)
{
	struct token_session s;
	const char *text = MHD_lookup_connection_value(w->connection, MHD_COOKIE_KIND, COOKIE);

	if (text == NULL || !token_read_session(&w->gate->key, w->conf, text, gate_wall_ms(), &s)) {
		return false;
	}
	take_who(w, &s.who);
	w->session = arena_strdup(&w->arena, text);
	uint64_t left = s.until_ms - gate_wall_ms();
	if (s.who.person && left < SESSION_PERSON_MS / 2 &&
	    s.until_ms < s.begun_ms + SESSION_LONGEST_MS) {
		write_session(w, &s.who, s.begun_ms);
	}
	return w->session != NULL;
}

/* A token of ours, or one of the issuer. */
static bool bearer_is_good(struct gate *g, const struct conf *c, const char *token,
			   struct token_who *ret_who)
{
	return token_read_bearer(&g->key, c, token, ret_who) ||
	       (g->oidc != NULL && oidc_bearer(g->oidc, c, token, ret_who) == OIDC_GOOD);
}

static bool read_bearer(struct web *w, bool *ret_tried)
{
	const char *text = web_header(w, "Authorization");
	struct token_who who;

	*ret_tried = text != NULL && strncasecmp(text, BEARER, sizeof(BEARER) - 1) == 0;
	if (!*ret_tried || !bearer_is_good(w->gate, w->conf, text + sizeof(BEARER) - 1, &who)) {
		return false;
	}
	take_who(w, &who);
	return true;
}

char *session_keep(struct web *w)
{
	const char *bearer = web_header(w, "Authorization");

	return strdup(w->session != NULL ? w->session : bearer != NULL ? bearer : "");
}

bool session_still(struct gate *g, const char *kept, uint32_t *ret_roles)
{
	const struct conf *c = g->conf->conf;
	struct token_session s = { 0 };
	bool bearer = strncasecmp(kept, BEARER, sizeof(BEARER) - 1) == 0;
	bool good = bearer ? bearer_is_good(g, c, kept + sizeof(BEARER) - 1, &s.who) :
			     token_read_session(&g->key, c, kept, gate_wall_ms(), &s);
	const struct conf_party *p = good ? conf_party(c, s.who.party) : NULL;

	*ret_roles = p == NULL ? 0 : p->roles;
	return p != NULL;
}

static bool changes(const struct web *w)
{
	return strcmp(w->method, "GET") != 0 && strcmp(w->method, "HEAD") != 0;
}

static bool csrf_is_good(struct web *w)
{
	char good[TOKEN_BEARER_LEN + 1];
	const char *said = web_header(w, "X-CSRF");

	token_csrf(&w->gate->key, w->session, good);
	return said != NULL && token_equal(said, good);
}

bool session_has_right(const struct who *who, const struct route *r)
{
	return (r->roles & WEB_ANYBODY) != 0 || (who->roles & r->roles) != 0;
}

bool session_admit(struct web *w, const struct route *r)
{
	static const struct problem nobody = { 401, "SIGN_IN", NULL, "meld u eerst aan",
					       "sign in first" };
	static const struct problem bad = { 401, "SIGN_IN", "Authorization",
					    "dit token is niet (meer) geldig",
					    "this token is not valid (any more)" };
	static const struct problem not_yours = { 403, "NOT_YOURS", NULL,
						  "dit is niet voor u bestemd",
						  "this is not meant for you" };
	static const struct problem csrf = { 403, "CSRF", "X-CSRF",
					     "herlaad de pagina en probeer opnieuw",
					     "load the page again and try again" };
	bool open = (r->roles & WEB_ANYBODY) != 0;
	bool tried = false;

	if (open && changes(w)) {
		/* By nobody: no page of another site acts in a name. */
		return session_may_ask(w);
	}
	bool bearer = read_bearer(w, &tried);
	if (tried && !bearer) {
		if (session_may_try(w)) {
			session_tried(w, false);
			web_problem(w, &bad);
		}
		return false;
	}
	bool cookie = !bearer && read_cookie(w);
	if (!session_may_ask(w)) {
		return false;
	}
	if (!open && !bearer && !cookie) {
		web_head(w, "WWW-Authenticate", "Bearer");
		web_problem(w, &nobody);
		return false;
	}
	if (!session_has_right(&w->who, r)) {
		web_problem(w, &not_yours);
		return false;
	}
	if (cookie && changes(w) && !csrf_is_good(w)) {
		web_problem(w, &csrf);
		return false;
	}
	return true;
}

/* --- sign in, who am I, sign out --- */

static json_t *zones_json(const struct conf_party *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->zones_len; i++) {
		(void)json_array_append_new(list, json_string(p->zones[i]));
	}
	return list;
}

static json_t *roles_json(uint32_t roles)
{
	json_t *list = json_array();

	for (int i = 1; i < 32; i++) {
		const char *code =
			(roles & 1U << i) == 0 ? NULL : code_of(&schakel__v1__role__descriptor, i);
		if (code != NULL) {
			(void)json_array_append_new(list, json_string(code));
		}
	}
	return list;
}

static json_t *me_json(struct web *w)
{
	char csrf[TOKEN_BEARER_LEN + 1];
	const struct conf_party *p = conf_party(w->conf, w->who.party);
	json_t *doc = json_pack("{s:s, s:s, s:o, s:o, s:s, s:b, s:s}", "party", p->id, "name",
				p->name, "roles", roles_json(w->who.roles), "zones", zones_json(p),
				"node", w->conf->node, "demo", (int)w->conf->demo, "lang",
				w->conf->language == CONF_EN ? "en" : "nl");

	if (w->session != NULL) {
		token_csrf(&w->gate->key, w->session, csrf);
		(void)json_object_set_new(doc, "csrf", json_string(csrf));
	}
	if (w->who.person) {
		(void)json_object_set_new(doc, "speaker",
					  json_string(code_of(&schakel__v1__speaker__descriptor,
							      (int)w->who.speaker)));
		(void)json_object_set_new(doc, "request", json_string(w->who.request));
		(void)json_object_set_new(doc, "child", json_integer(w->who.child));
		(void)json_object_set_new(doc, "adult", json_integer(w->who.adult));
	}
	return doc;
}

void session_cookie(struct web *w, const struct token_who *who)
{
	take_who(w, who);
	write_session(w, who, gate_wall_ms());
}

void session_start(struct web *w, const struct token_who *who)
{
	session_cookie(w, who);
	web_json(w, 200, me_json(w));
}

static void on_sign_in(struct web *w)
{
	static const struct problem unknown = { 401, "SIGN_IN", "code",
						"deze code kennen wij niet; kijk of u ze juist "
						"hebt "
						"overgenomen",
						"we do not know this code; look whether it was "
						"copied right" };
	static const struct problem missing = { 400, "MISSING", "code", "geef uw code",
						"give your code" };
	struct token_who who;
	json_t *doc = web_json_body(w);

	if (doc == NULL) {
		return;
	}
	const char *code = json_string_value(json_object_get(doc, "code"));
	if (code == NULL || code[0] == '\0') {
		web_problem(w, &missing);
		return;
	}
	if (!session_may_try(w)) {
		return;
	}
	bool good = token_read_code(&w->gate->key, w->conf, code, &who);
	session_tried(w, good);
	if (good) {
		session_start(w, &who);
	} else {
		web_problem(w, &unknown);
	}
}

static void on_sign_out(struct web *w)
{
	set_cookie(w, "", 0);
	web_head(w, "Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
	web_json(w, 200, json_object());
}

/* How people may sign in here, for the page that asks them to. */
static void on_ways(struct web *w)
{
	web_json(w, 200,
		 json_pack("{s:b, s:b}", "code", 1, "oidc",
			   (int)oidc_for_people(gate_oidc(w->gate))));
}

static void on_me(struct web *w)
{
	web_json(w, 200, me_json(w));
}

const struct route session_routes[] = {
	{ "GET", "/session", WEB_ANYBODY, on_ways, NULL, 0, NULL, NULL },
	{ "POST", "/session", WEB_ANYBODY, on_sign_in, NULL, 0, NULL, NULL },
	{ "DELETE", "/session", WEB_SIGNED_IN, on_sign_out, NULL, 0, NULL, NULL },
	{ "GET", "/api/v1/me", WEB_SIGNED_IN, on_me, NULL, 0, NULL, NULL },
	{ 0 },
};
