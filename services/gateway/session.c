/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/session.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/words.h"
#include "services/gateway/http_private.h"
#include "services/gateway/oidc.h"

#define COOKIE "schakel"
#define BEARER "Bearer "

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

/* From now on; begun and named as @p of. */
static void write_session(struct web *w, const struct token_session *of)
{
	uint64_t ms = of->who.person ? SESSION_PERSON_MS : SESSION_STAFF_MS;
	struct token_session s = *of;
	char *text = arena_alloc(&w->arena, TOKEN_SESSION_MAX + 1);

	s.until_ms = gate_wall_ms() + ms;
	if (s.until_ms > s.begun_ms + SESSION_LONGEST_MS) {
		s.until_ms = s.begun_ms + SESSION_LONGEST_MS;
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

/* Ours, in its time, and neither it nor the code that began it was taken back. */
static bool session_is_good(struct gate *g, const struct conf *c, const char *text,
			    struct token_session *ret_s)
{
	uint32_t serial = 0;

	return token_read_session(&g->key, c, text, gate_wall_ms(), ret_s) &&
	       !gone_is_ended(g->gone, ret_s->id) &&
	       (!ret_s->who.person || (gone_serial(g->gone, &ret_s->who, &serial) == SK_OK &&
				       serial == ret_s->who.serial));
}

static bool read_cookie(struct web *w)
{
	struct token_session s;
	const char *text = MHD_lookup_connection_value(w->connection, MHD_COOKIE_KIND, COOKIE);

	if (text == NULL || !session_is_good(w->gate, w->conf, text, &s)) {
		return false;
	}
	take_who(w, &s.who);
	w->session = arena_strdup(&w->arena, text);
	uint64_t left = s.until_ms - gate_wall_ms();
	if (s.who.person && left < SESSION_PERSON_MS / 2 &&
	    s.until_ms < s.begun_ms + SESSION_LONGEST_MS) {
		write_session(w, &s);
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
			     session_is_good(g, c, kept, &s);
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

bool session_same_site(struct web *w)
{
	const char *origin = web_header(w, "Origin");
	const char *host = web_header(w, "Host");
	const char *behind = origin == NULL ? NULL : strstr(origin, "://");

	return origin == NULL || strcmp(origin, w->conf->gateway.public_url) == 0 ||
	       (behind != NULL && host != NULL && strcmp(behind + 3, host) == 0);
}

/* Whether that one may use the route. */
static bool session_has_right(const struct who *who, const struct route *r)
{
	return (r->roles & WEB_ANYBODY) != 0 || (who->roles & r->roles) != 0;
}

static const struct problem nobody = { 401, "SIGN_IN", NULL, "meld u eerst aan", "sign in first" };
static const struct problem not_yours = { 403, "NOT_YOURS", NULL, "dit is niet voor u bestemd",
					  "this is not meant for you" };

bool session_admit_message(struct web *w, const struct route *r, const char *kept)
{
	if (!session_still(w->gate, kept, &w->who.roles)) {
		web_problem(w, &nobody);
		return false;
	}
	if (!session_has_right(&w->who, r)) {
		web_problem(w, &not_yours);
		return false;
	}
	if ((r->roles & WEB_ANYBODY) != 0 && changes(w)) {
		w->who = (struct who){ 0 };
	}
	return true;
}

bool session_admit(struct web *w, const struct route *r)
{
	static const struct problem bad = { 401, "SIGN_IN", "Authorization",
					    "dit token is niet (meer) geldig",
					    "this token is not valid (any more)" };
	static const struct problem csrf = { 403, "CSRF", "X-CSRF",
					     "herlaad de pagina en probeer opnieuw",
					     "load the page again and try again" };
	static const struct problem elsewhere = { 403, "CSRF", "Origin",
						  "dit kan niet vanaf een andere site",
						  "this cannot be done from another site" };
	bool open = (r->roles & WEB_ANYBODY) != 0;
	bool tried = false;

	if (open && changes(w)) {
		/* By nobody: no page of another site acts in a name, nor signs anybody in. */
		if (!session_same_site(w)) {
			web_problem(w, &elsewhere);
			return false;
		}
		return session_may_ask(w);
	}
	bool bearer = read_bearer(w, &tried);
	if (tried && !bearer) {
		if (session_may_try(w, NULL)) {
			session_tried(w, NULL, false);
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
	struct token_session s = { .who = *who, .begun_ms = gate_wall_ms() };

	randombytes_buf(&s.id, sizeof(s.id));
	s.id >>= 1;
	take_who(w, who);
	write_session(w, &s);
}

/* Begins a session: the answer gets its cookie and the document of GET /api/v1/me. */
static void session_start(struct web *w, const struct token_who *who)
{
	session_cookie(w, who);
	web_json(w, 200, me_json(w));
}

static bool serial_of(void *ctx, const struct token_who *person, uint32_t *ret_serial)
{
	struct gate *g = ctx;

	return gone_serial(g->gone, person, ret_serial) == SK_OK;
}

static void on_sign_in(struct web *w)
{
	struct token_serials serials = { serial_of, w->gate };
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
	if (!session_may_try(w, code)) {
		return;
	}
	bool good = token_read_code(&w->gate->key, w->conf, code, &serials, &who);
	session_tried(w, code, good);
	if (good) {
		session_start(w, &who);
	} else {
		web_problem(w, &unknown);
	}
}

/* The cookie is worth nothing after it, whoever else has it; a token is no session. */
static void on_sign_out(struct web *w)
{
	struct token_session s;
	uint64_t now_ms = gate_wall_ms();
	bool any = w->session != NULL &&
		   token_read_session(&w->gate->key, w->conf, w->session, now_ms, &s);

	if (any && gone_end_session(w->gate->gone, s.id, s.begun_ms + SESSION_LONGEST_MS, now_ms) !=
			   SK_OK) {
		web_busy(w);
		return;
	}
	feed_judge(w->gate->feed);
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
