/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/token.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "common/files.h"

#define MAC_LEN 20 /* 160 bits: 32 characters of the alphabet */
/* Nobody signs in as these: with the families' channel one would read every family. */
#define CLOSED (ROLE_BIT(DAEMON) | ROLE_BIT(FAMILY))

/* Without letters and digits that are taken for each other when read aloud. */
static const char alphabet[] = "abcdefghjkmnpqrstvwxyz0123456789";

_Static_assert(sizeof(alphabet) == 33, "five bits a character");
_Static_assert(TOKEN_BEARER_LEN * 5 == MAC_LEN * 8, "a bearer token is the whole MAC");

int token_key_read(const struct conf *conf, struct token_key *ret_key)
{
	char path[CONF_PATH_MAX];
	struct stat st;
	struct token_key key;
	uint8_t more[CONF_GATEWAY_KEY_LEN + 1];
	size_t len = 0;
	int n = snprintf(path, sizeof(path), "%s/%s", conf->keys_dir, CONF_GATEWAY_KEY_FILE);

	if (n < 0 || (size_t)n >= sizeof(path)) {
		return SK_EINVAL;
	}
	if (stat(path, &st) == 0 && (st.st_mode & 077) != 0) {
		return SK_EAUTH;
	}
	int err = files_read(path, more, sizeof(more), &len);
	if (err == SK_OK && len != sizeof(key.b)) {
		err = SK_ECORRUPT;
	}
	if (err == SK_OK) {
		memcpy(ret_key->b, more, sizeof(ret_key->b));
	}
	sodium_memzero(more, sizeof(more));
	return err;
}

/* The first @p len characters of the MAC of a kind and its text. */
static void mac(const struct token_key *k, const char *kind, const char *text, size_t len,
		char *ret_mac)
{
	uint8_t sum[MAC_LEN];
	crypto_generichash_state st;
	unsigned bits = 0;
	unsigned have = 0;
	size_t at = 0;

	(void)crypto_generichash_init(&st, k->b, sizeof(k->b), sizeof(sum));
	(void)crypto_generichash_update(&st, (const uint8_t *)kind, strlen(kind) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)text, strlen(text));
	(void)crypto_generichash_final(&st, sum, sizeof(sum));
	for (size_t i = 0; i < len; i++) {
		if (have < 5) {
			bits = bits << 8 | sum[at++];
			have += 8;
		}
		have -= 5;
		ret_mac[i] = alphabet[bits >> have & 31];
	}
	ret_mac[len] = '\0';
	sodium_memzero(sum, sizeof(sum));
}

bool token_equal(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && sodium_memcmp(a, b, len) == 0;
}

/* --- codes --- */

static void party_code(const struct token_key *k, const struct conf_party *party,
		       char ret_mac[TOKEN_CODE_LEN + 1])
{
	char text[PARTY_ID_LEN_MAX + 16];

	(void)snprintf(text, sizeof(text), "%s %u", party->id, party->access_serial);
	mac(k, "code", text, TOKEN_CODE_LEN, ret_mac);
}

void token_code(const struct token_key *k, const struct conf_party *party,
		char ret_code[TOKEN_TYPED_MAX + 1])
{
	char sum[TOKEN_CODE_LEN + 1];

	party_code(k, party, sum);
	(void)snprintf(ret_code, TOKEN_TYPED_MAX + 1, "%s-%s", party->id, sum);
}

static void person_mac(const struct token_key *k, const struct token_who *who,
		       char ret_mac[TOKEN_PERSON_LEN + 1])
{
	char text[SHORT_CODE_LEN + 48];
	bool adult = who->speaker == SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;

	(void)snprintf(text, sizeof(text), "%s %c %u %u", who->request, adult ? 'a' : 'y',
		       adult ? who->adult : who->child, who->serial);
	mac(k, "person", text, TOKEN_PERSON_LEN, ret_mac);
}

void token_person(const struct token_key *k, const struct token_who *who,
		  char ret_code[TOKEN_TYPED_MAX + 1])
{
	char sum[TOKEN_PERSON_LEN + 1];

	person_mac(k, who, sum);
	(void)snprintf(ret_code, TOKEN_TYPED_MAX + 1, "%s-%s", who->request, sum);
}

/* Which person of the request it is: few, so each is tried. */
static bool find_person(const struct token_key *k, const char *sum,
			const struct token_serials *serials, struct token_who *io_who)
{
	char good[TOKEN_PERSON_LEN + 1];

	io_who->person = true;
	for (uint32_t i = 0; i < TOKEN_CHILDREN + TOKEN_ADULTS; i++) {
		bool adult = i >= TOKEN_CHILDREN;
		io_who->speaker = adult ? SCHAKEL__V1__SPEAKER__SPEAKER_ADULT :
					  SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH;
		io_who->child = adult ? 0 : i;
		io_who->adult = adult ? i - TOKEN_CHILDREN + 1 : 0;
		io_who->serial = 0;
		bool told = serials == NULL || serials->of(serials->ctx, io_who, &io_who->serial);
		person_mac(k, io_who, good);
		if (told && token_equal(good, sum)) {
			return true;
		}
	}
	return false;
}

/* The one channel by which families speak. */
static const struct conf_party *family_party(const struct conf *conf)
{
	for (size_t i = 0; i < conf->parties_len; i++) {
		if ((conf->parties[i].roles & ROLE_BIT(FAMILY)) != 0) {
			return &conf->parties[i];
		}
	}
	return NULL;
}

static bool read_person(const struct token_key *k, const struct conf *conf, const char *text,
			const struct token_serials *serials, struct token_who *ret_who)
{
	struct token_who who = { 0 };
	const struct conf_party *family = family_party(conf);

	if (family == NULL || strlen(text) != SHORT_CODE_LEN + TOKEN_PERSON_LEN) {
		return false;
	}
	memcpy(who.request, text, SHORT_CODE_LEN);
	name_copy(who.party, family->id);
	if (!find_person(k, text + SHORT_CODE_LEN, serials, &who)) {
		return false;
	}
	*ret_who = who;
	return true;
}

static bool read_party(const struct token_key *k, const struct conf *conf, const char *text,
		       struct token_who *ret_who)
{
	char sum[TOKEN_CODE_LEN + 1];
	char id[PARTY_ID_LEN_MAX + 1];
	const char *dash = strrchr(text, '-');

	if (dash == NULL || dash == text || (size_t)(dash - text) > PARTY_ID_LEN_MAX) {
		return false;
	}
	(void)snprintf(id, sizeof(id), "%.*s", (int)(dash - text), text);
	const struct conf_party *party = conf_party(conf, id);
	if (party == NULL || (party->roles & CLOSED) != 0) {
		return false;
	}
	party_code(k, party, sum);
	if (!token_equal(sum, dash + 1)) {
		return false;
	}
	*ret_who = (struct token_who){ 0 };
	name_copy(ret_who->party, party->id);
	return true;
}

bool token_read_code(const struct token_key *k, const struct conf *conf, const char *typed,
		     const struct token_serials *serials, struct token_who *ret_who)
{
	char text[TOKEN_TYPED_MAX + 8];
	char bare[TOKEN_TYPED_MAX + 8];
	size_t len = 0;
	size_t bare_len = 0;

	for (const char *s = typed; *s != '\0'; s++) {
		if (len + 1 >= sizeof(text)) {
			return false;
		}
		if (isspace((unsigned char)*s)) {
			continue;
		}
		text[len++] = (char)tolower((unsigned char)*s);
		if (*s != '-') {
			bare[bare_len++] = text[len - 1];
		}
	}
	text[len] = '\0';
	bare[bare_len] = '\0';
	return read_party(k, conf, text, ret_who) || read_person(k, conf, bare, serials, ret_who);
}

/* --- bearer tokens --- */

void token_bearer(const struct token_key *k, const struct conf_party *party,
		  char ret_token[TOKEN_BEARER_MAX + 1])
{
	char text[PARTY_ID_LEN_MAX + 16];
	char sum[TOKEN_BEARER_LEN + 1];

	(void)snprintf(text, sizeof(text), "%s %u", party->id, party->access_serial);
	mac(k, "bearer", text, TOKEN_BEARER_LEN, sum);
	(void)snprintf(ret_token, TOKEN_BEARER_MAX + 1, "%s.%s", party->id, sum);
}

bool token_read_bearer(const struct token_key *k, const struct conf *conf, const char *token,
		       struct token_who *ret_who)
{
	char id[PARTY_ID_LEN_MAX + 1];
	char good[TOKEN_BEARER_MAX + 1];
	const char *dot = strchr(token, '.');

	if (dot == NULL || (size_t)(dot - token) > PARTY_ID_LEN_MAX) {
		return false;
	}
	(void)snprintf(id, sizeof(id), "%.*s", (int)(dot - token), token);
	const struct conf_party *party = conf_party(conf, id);
	if (party == NULL || (party->roles & CLOSED) != 0) {
		return false;
	}
	token_bearer(k, party, good);
	if (!token_equal(good, token)) {
		return false;
	}
	*ret_who = (struct token_who){ 0 };
	name_copy(ret_who->party, party->id);
	return true;
}

/* --- sessions: fields with dots between, and the MAC of them --- */

static unsigned serial_of(const struct conf *conf, const char *party)
{
	const struct conf_party *p = conf_party(conf, party);

	return p == NULL ? 0 : p->access_serial;
}

static void session_mac(const struct token_key *k, const struct conf *conf, const char *text,
			const char *party, char ret_mac[TOKEN_BEARER_LEN + 1])
{
	char all[TOKEN_SESSION_MAX + 16];

	(void)snprintf(all, sizeof(all), "%s %u", text, serial_of(conf, party));
	mac(k, "session", all, TOKEN_BEARER_LEN, ret_mac);
}

void token_session(const struct token_key *k, const struct conf *conf,
		   const struct token_session *s, char ret_text[TOKEN_SESSION_MAX + 1])
{
	char text[TOKEN_SESSION_MAX - TOKEN_BEARER_LEN];
	char sum[TOKEN_BEARER_LEN + 1];

	(void)snprintf(text, sizeof(text), "%s.%u.%u.%u.%u.%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64,
		       s->who.party, s->who.person ? (unsigned)s->who.speaker : 0, s->who.child,
		       s->who.adult, s->who.serial, s->who.person ? s->who.request : "-",
		       s->begun_ms, s->until_ms, s->id);
	session_mac(k, conf, text, s->who.party, sum);
	(void)snprintf(ret_text, TOKEN_SESSION_MAX + 1, "%s.%s", text, sum);
}

/* The next field of a text with dots between; NULL: none. */
static char *field(char **io_rest)
{
	return *io_rest == NULL ? NULL : strsep(io_rest, ".");
}

static bool number_field(char **io_rest, uint64_t max, uint64_t *ret_n)
{
	const char *text = field(io_rest);
	uint64_t n = 0;

	if (text == NULL || text[0] == '\0' || strlen(text) > 19) {
		return false;
	}
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9') {
			return false;
		}
		n = n * 10 + (uint64_t)(*text - '0');
	}
	*ret_n = n;
	return n <= max;
}

static bool text_field(char **io_rest, char *ret_text, size_t cap)
{
	const char *text = field(io_rest);

	return text != NULL && text[0] != '\0' && strlen(text) < cap &&
	       snprintf(ret_text, cap, "%s", text) > 0;
}

static bool parse_session(const char *text, struct token_session *ret_s)
{
	char copy[TOKEN_SESSION_MAX + 1];
	char *rest = copy;
	uint64_t speaker = 0;
	uint64_t child = 0;
	uint64_t adult = 0;
	uint64_t serial = 0;
	struct token_session s = { 0 };

	(void)snprintf(copy, sizeof(copy), "%s", text);
	if (!text_field(&rest, s.who.party, sizeof(s.who.party)) ||
	    !number_field(&rest, UINT32_MAX, &speaker) ||
	    !number_field(&rest, UINT32_MAX, &child) || !number_field(&rest, UINT32_MAX, &adult) ||
	    !number_field(&rest, UINT32_MAX, &serial) ||
	    !text_field(&rest, s.who.request, sizeof(s.who.request)) ||
	    !number_field(&rest, UINT64_MAX, &s.begun_ms) ||
	    !number_field(&rest, UINT64_MAX, &s.until_ms) ||
	    !number_field(&rest, UINT64_MAX, &s.id) || rest != NULL) {
		return false;
	}
	s.who.person = speaker != 0;
	s.who.speaker = (PB(Speaker))speaker;
	s.who.child = (uint32_t)child;
	s.who.adult = (uint32_t)adult;
	s.who.serial = (uint32_t)serial;
	if (!s.who.person) {
		s.who.request[0] = '\0';
	}
	*ret_s = s;
	return true;
}

bool token_read_session(const struct token_key *k, const struct conf *conf, const char *text,
			uint64_t now_ms, struct token_session *ret_s)
{
	char body[TOKEN_SESSION_MAX + 1];
	char sum[TOKEN_BEARER_LEN + 1];
	struct token_session s;
	const char *dot = strrchr(text, '.');

	if (dot == NULL || strlen(text) > TOKEN_SESSION_MAX) {
		return false;
	}
	(void)snprintf(body, sizeof(body), "%.*s", (int)(dot - text), text);
	if (!parse_session(body, &s)) {
		return false;
	}
	session_mac(k, conf, body, s.who.party, sum);
	if (!token_equal(sum, dot + 1) || now_ms >= s.until_ms ||
	    conf_party(conf, s.who.party) == NULL) {
		return false;
	}
	*ret_s = s;
	return true;
}

void token_csrf(const struct token_key *k, const char *session, char ret_text[TOKEN_BEARER_LEN + 1])
{
	char text[TOKEN_SESSION_MAX + 1];
	struct token_session s = { 0 };

	(void)snprintf(text, sizeof(text), "%s", session);
	char *dot = strrchr(text, '.');
	if (dot != NULL) {
		*dot = '\0';
	}
	bool ours = parse_session(text, &s);
	(void)snprintf(text, sizeof(text), "%" PRIu64, s.id);
	mac(k, "csrf", ours ? text : session, TOKEN_BEARER_LEN, ret_text);
}

/* --- links --- */

static void link_mac(const struct token_key *k, const struct conf *conf, const char *text,
		     const char *party, char ret_mac[TOKEN_BEARER_LEN + 1])
{
	char all[TOKEN_LINK_MAX + 16];

	(void)snprintf(all, sizeof(all), "%s %u", text, serial_of(conf, party));
	mac(k, "link", all, TOKEN_BEARER_LEN, ret_mac);
}

void token_link(const struct token_key *k, const struct conf *conf, const struct token_link *link,
		char ret_text[TOKEN_LINK_MAX + 1])
{
	char text[TOKEN_LINK_MAX - TOKEN_BEARER_LEN];
	char sum[TOKEN_BEARER_LEN + 1];

	(void)snprintf(text, sizeof(text), "%c.%s.%s.%" PRIu64, link->kind, link->party,
		       link->object, link->until_ms);
	link_mac(k, conf, text, link->party, sum);
	(void)snprintf(ret_text, TOKEN_LINK_MAX + 1, "%s.%s", text, sum);
}

static bool parse_link(const char *text, struct token_link *ret_link)
{
	char copy[TOKEN_LINK_MAX + 1];
	char kind[2];
	char *rest = copy;
	struct token_link link = { 0 };

	(void)snprintf(copy, sizeof(copy), "%s", text);
	if (!text_field(&rest, kind, sizeof(kind)) ||
	    !text_field(&rest, link.party, sizeof(link.party)) ||
	    !text_field(&rest, link.object, sizeof(link.object)) ||
	    !number_field(&rest, UINT64_MAX, &link.until_ms) || rest != NULL) {
		return false;
	}
	link.kind = kind[0];
	*ret_link = link;
	return true;
}

bool token_read_link(const struct token_key *k, const struct conf *conf, const char *text,
		     uint64_t now_ms, struct token_link *ret_link)
{
	char body[TOKEN_LINK_MAX + 1];
	char sum[TOKEN_BEARER_LEN + 1];
	struct token_link link = { 0 };
	const char *dot = strrchr(text, '.');

	if (dot == NULL || strlen(text) > TOKEN_LINK_MAX) {
		return false;
	}
	(void)snprintf(body, sizeof(body), "%.*s", (int)(dot - text), text);
	if (!parse_link(body, &link)) {
		return false;
	}
	link_mac(k, conf, body, link.party, sum);
	if (!token_equal(sum, dot + 1) || now_ms >= link.until_ms ||
	    conf_party(conf, link.party) == NULL) {
		return false;
	}
	*ret_link = link;
	return true;
}
