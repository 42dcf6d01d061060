/* SPDX-License-Identifier: EUPL-1.2 */
/* People: to the issuer and back. What must be remembered on the way goes along in a cookie that
 * only we can read. */
#include "services/gateway/oidc_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <jwt.h>

#include "common/logging.h"
#include "services/gateway/session.h"

#define COOKIE "schakel_oidc"
#define WAY_S 600 /* the time that somebody may take to sign in there */
#define WORD_BYTES 32
#define B64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
#define WORD_LEN sodium_base64_ENCODED_LEN(WORD_BYTES, B64)
#define ANSWER_MAX (64U << 10)

/** What is remembered on the way. */
struct way {
	char state[WORD_LEN];
	char nonce[WORD_LEN];
	char verifier[WORD_LEN];
	uint64_t until_s;
};
#define SEALED_BYTES (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(struct way))
#define SEALED_LEN sodium_base64_ENCODED_LEN(SEALED_BYTES, B64)

static void random_word(char ret_word[WORD_LEN])
{
	uint8_t bytes[WORD_BYTES];
	randombytes_buf(bytes, sizeof(bytes));
	(void)sodium_bin2base64(ret_word, WORD_LEN, bytes, sizeof(bytes), B64);
}

static void seal(const struct oidc *o, const struct way *way, char ret_text[SEALED_LEN])
{
	uint8_t box[SEALED_BYTES];
	randombytes_buf(box, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, (const uint8_t *)way,
				    sizeof(*way), box, o->cookie_key);
	(void)sodium_bin2base64(ret_text, SEALED_LEN, box, sizeof(box), B64);
}

static bool unseal(const struct oidc *o, const char *text, struct way *ret_way)
{
	uint8_t box[SEALED_BYTES];
	size_t len = 0;
	return sodium_base642bin(box, sizeof(box), text, strlen(text), NULL, &len, NULL, B64) ==
		       0 &&
	       len == sizeof(box) &&
	       crypto_secretbox_open_easy((uint8_t *)ret_way, box + crypto_secretbox_NONCEBYTES,
					  sizeof(box) - crypto_secretbox_NONCEBYTES, box,
					  o->cookie_key) == 0 &&
	       (uint64_t)time(NULL) < ret_way->until_s;
}

/* --- there --- */

static char *escaped(struct web *w, const char *text)
{
	char *raw = curl_easy_escape(NULL, text, 0);
	char *copy = raw == NULL ? NULL : web_printf(w, "%s", raw);
	curl_free(raw);
	return copy == NULL ? web_printf(w, "%s", "") : copy;
}

static void set_cookie(struct web *w, const struct oidc *o, const char *text, int age_s)
{
	/* Lax: it must come along when the issuer sends the person back. */
	web_head(w, "Set-Cookie",
		 web_printf(w,
			    COOKIE "=%s; Path=/session/oidc; Max-Age=%d; HttpOnly; SameSite=Lax%s",
			    text, age_s, o->secure ? "; Secure" : ""));
}

static void redirect(struct web *w, const char *to)
{
	web_head(w, "Location", to);
	web_head(w, "Cache-Control", "no-store");
	web_body(w, 302, NULL, (struct slice){ 0 });
}

bool oidc_for_people(const struct oidc *o)
{
	return o != NULL && o->authorize_url[0] != '\0';
}

static void not_here(struct web *w)
{
	struct problem p = { 404, "NOT_FOUND", NULL,
			     "op deze node meldt men zich niet met ACM/IDM aan; gebruik een code",
			     "nobody signs in with ACM/IDM on this node; use a code" };
	web_problem(w, &p);
}

static void on_go(struct web *w)
{
	const struct oidc *o = gate_oidc(w->gate);
	struct way way = { .until_s = (uint64_t)time(NULL) + WAY_S };
	uint8_t hash[crypto_hash_sha256_BYTES];
	char challenge[WORD_LEN];
	char sealed[SEALED_LEN];
	if (!oidc_for_people(o)) {
		not_here(w);
		return;
	}
	random_word(way.state);
	random_word(way.nonce);
	random_word(way.verifier);
	(void)crypto_hash_sha256(hash, (const uint8_t *)way.verifier, strlen(way.verifier));
	(void)sodium_bin2base64(challenge, sizeof(challenge), hash, sizeof(hash), B64);
	seal(o, &way, sealed);
	set_cookie(w, o, sealed, WAY_S);
	redirect(w, web_printf(w,
			       "%s%cresponse_type=code&client_id=%s&redirect_uri=%s&scope=%s"
			       "&state=%s&nonce=%s&code_challenge=%s&code_challenge_method=S256",
			       o->authorize_url, strchr(o->authorize_url, '?') == NULL ? '?' : '&',
			       escaped(w, o->client_id), escaped(w, o->redirect),
			       escaped(w, o->scope), way.state, way.nonce, challenge));
	sodium_memzero(&way, sizeof(way));
}

/* --- and back --- */

/* A person is told so on the page where one signs in, a program in a document. */
static void turn_away(struct web *w, const struct problem *p)
{
	const char *accept = web_header(w, "Accept");
	if (accept != NULL && strstr(accept, "text/html") != NULL) {
		redirect(w, web_printf(w, "/aanmelden?acm=%s", p->code));
	} else {
		web_problem(w, p);
	}
}

static void refuse(struct web *w, const char *why)
{
	struct problem p = { 401, "SIGN_IN", NULL,
			     "het aanmelden is niet gelukt; begin opnieuw, of gebruik een code van "
			     "deze node",
			     "signing in did not succeed; begin again, or use a code of this "
			     "node" };
	svc_log(LOG_WARNING, "oidc-refused", "why=%s", why);
	turn_away(w, &p);
}

/* The value of our cookie among all. NULL: it is not there. */
static const char *cookie_of(struct web *w)
{
	const char *at = web_header(w, "Cookie");
	size_t name = strlen(COOKIE "=");
	while (at != NULL && *at != '\0') {
		at += strspn(at, "; ");
		size_t len = strcspn(at, ";");
		if (strncmp(at, COOKIE "=", name) == 0) {
			return web_printf(w, "%.*s", (int)(len - name), at + name);
		}
		at += len;
	}
	return NULL;
}

/* private_key_jwt: we sign who we are instead of telling a secret. */
static char *assertion(struct web *w, const struct oidc *o)
{
	jwt_t *jwt = NULL;
	char id[WORD_LEN];
	long now = (long)time(NULL);
	char *text = NULL;
	random_word(id);
	if (jwt_new(&jwt) == 0 && jwt_add_grant(jwt, "iss", o->client_id) == 0 &&
	    jwt_add_grant(jwt, "sub", o->client_id) == 0 &&
	    jwt_add_grant(jwt, "aud", o->issuer) == 0 && jwt_add_grant(jwt, "jti", id) == 0 &&
	    jwt_add_grant_int(jwt, "iat", now) == 0 &&
	    jwt_add_grant_int(jwt, "exp", now + OIDC_LEEWAY_S) == 0 &&
	    jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)o->client_key,
			(int)strlen(o->client_key)) == 0) {
		char *raw = jwt_encode_str(jwt);
		text = raw == NULL ? NULL : web_printf(w, "%s", raw);
		free(raw);
	}
	jwt_free(jwt);
	return text;
}

/* @return the id token, or NULL. */
static const char *redeem(struct web *w, const struct oidc *o, const char *code,
			  const struct way *way)
{
	char *answer = malloc(ANSWER_MAX);
	const char *token = NULL;
	const char *who = "";
	struct oidc_post post = { 0 };
	if (o->secret[0] != '\0') {
		post.user = escaped(w, o->client_id);
		post.password = escaped(w, o->secret);
	} else {
		const char *signed_text = assertion(w, o);
		who = signed_text == NULL ? "" :
					    web_printf(w,
						       "&client_assertion_type=urn%%3Aietf%%"
						       "3Aparams%%3Aoauth"
						       "%%3Aclient-assertion-type%%3Ajwt-bearer"
						       "&client_assertion=%s",
						       signed_text);
	}
	post.form = web_printf(w,
			       "grant_type=authorization_code&code=%s&redirect_uri=%s"
			       "&client_id=%s&code_verifier=%s%s",
			       escaped(w, code), escaped(w, o->redirect), escaped(w, o->client_id),
			       way->verifier, who);
	if (answer != NULL && oidc_http(o, o->token_url, &post, answer, ANSWER_MAX)) {
		json_t *doc = json_loads(answer, JSON_REJECT_DUPLICATES, NULL);
		const char *text = json_string_value(json_object_get(doc, "id_token"));
		token = text != NULL && strlen(text) < 4 * OIDC_TOKEN_MAX ?
				web_printf(w, "%s", text) :
				NULL;
		json_decref(doc);
	}
	if (answer != NULL) {
		sodium_memzero(answer, ANSWER_MAX);
	}
	free(answer);
	return token;
}

static void sign_in(struct web *w, struct oidc *o, const char *token, const struct way *way)
{
	char code[CONF_ORG_CODE_MAX + 1];
	struct token_who who;
	struct oidc_want want = { .issuer = o->issuer,
				  .audience = o->client_id,
				  .nonce = way->nonce,
				  .now_s = (uint64_t)time(NULL) };
	enum oidc_fault fault = oidc_check(o, token, &want, code);
	if (fault == OIDC_KEY && oidc_wait_keys(o)) {
		fault = oidc_check(o, token, &want, code);
	}
	fault = fault == OIDC_GOOD ? oidc_party(w->conf, code, &who) : fault;
	if (fault == OIDC_PARTY) {
		static const struct problem p = { 403, "NO_PARTY", NULL,
						  "uw organisatie is op deze node niet bekend; "
						  "vraag wie de node beheert om "
						  "haar code toe te voegen",
						  "your organisation is not known to this node; "
						  "ask who runs it to add its "
						  "code" };
		svc_log(LOG_WARNING, "oidc-refused", "why=%s", oidc_fault_word[fault]);
		turn_away(w, &p);
	} else if (fault != OIDC_GOOD) {
		refuse(w, oidc_fault_word[fault]);
	} else {
		session_cookie(w, &who);
		svc_log(LOG_INFO, "oidc", "party=%s", who.party);
		redirect(w, "/");
	}
}

static void on_back(struct web *w)
{
	struct oidc *o = gate_oidc(w->gate);
	const char *cookie = cookie_of(w);
	const char *state = web_query(w, "state");
	const char *code = web_query(w, "code");
	struct way way = { 0 };
	if (!oidc_for_people(o)) {
		not_here(w);
		return;
	}
	set_cookie(w, o, "", 0); /* once */
	if (cookie == NULL || state == NULL || !unseal(o, cookie, &way) ||
	    !token_equal(way.state, state)) {
		refuse(w, "state");
	} else if (code == NULL) {
		refuse(w, "issuer");
	} else {
		const char *token = redeem(w, o, code, &way);
		if (token == NULL) {
			refuse(w, "code");
		} else {
			sign_in(w, o, token, &way);
		}
	}
	sodium_memzero(&way, sizeof(way));
}

const struct route oidc_routes[] = {
	{ "GET", "/session/oidc", WEB_ANYBODY, on_go, NULL, 0, NULL, NULL },
	{ "GET", OIDC_BACK, WEB_ANYBODY, on_back, NULL, 0, NULL, NULL },
	{ 0 },
};
