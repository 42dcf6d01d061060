/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/conf_private.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sodium.h>

#include "common/files.h"

/* clang-format off */
#define MAIL(member) offsetof(struct conf_mail, member)
static const struct conf_key mail_keys[] = {
	{ "server", CONF_TEXT, MAIL(server), 0, CONF_OUT_URL_MAX, 0, false },
	{ "from", CONF_TEXT, MAIL(from), 0, CONF_MAIL_MAX, 0, false },
	{ "user", CONF_TEXT, MAIL(user), 0, CONF_WORD_MAX, 0, false },
	{ "password_file", CONF_TEXT, MAIL(password_file), 0, CONF_FILE_NAME_MAX, 0, false },
	{ "ca_file", CONF_TEXT, MAIL(ca_file), 0, CONF_FILE_NAME_MAX, 0, false },
	{ "starttls", CONF_YES_NO, MAIL(starttls), 0, 0, 1, false },
	{ "confirm_day", CONF_U32, MAIL(confirm_day), 0, 7, 2, false },
	{ "confirm_hour", CONF_U32, MAIL(confirm_hour), 0, 22, 9, false },
	{ "confirm_spread_minutes", CONF_U32, MAIL(confirm_spread_minutes), 1, 600, 120, false },
};
#define TEXT(member) offsetof(struct conf_text, member)
static const struct conf_key text_keys[] = {
	{ "url", CONF_TEXT, TEXT(url), 0, CONF_OUT_URL_MAX, 0, false },
	{ "key_file", CONF_TEXT, TEXT(key_file), 0, CONF_FILE_NAME_MAX, 0, false },
};
#define HOOKS(member) offsetof(struct conf_hooks, member)
static const struct conf_key hooks_keys[] = {
	{ "hosts", CONF_TEXT, HOOKS(hosts), 0, CONF_HOSTS_MAX, 0, false },
};
#define OIDC(member) offsetof(struct conf_oidc, member)
static const struct conf_key oidc_keys[] = {
	{ "issuer", CONF_TEXT, OIDC(issuer), 0, CONF_OUT_URL_MAX, 0, false },
	{ "audience", CONF_TEXT, OIDC(audience), 0, CONF_WORD_MAX, 0, false },
	{ "jwks", CONF_TEXT, OIDC(jwks), 0, CONF_OUT_URL_MAX, 0, false },
	{ "authorize_url", CONF_TEXT, OIDC(authorize_url), 0, CONF_OUT_URL_MAX, 0, false },
	{ "token_url", CONF_TEXT, OIDC(token_url), 0, CONF_OUT_URL_MAX, 0, false },
	{ "client_id", CONF_TEXT, OIDC(client_id), 0, CONF_WORD_MAX, 0, false },
	{ "client_secret_file", CONF_TEXT, OIDC(client_secret_file), 0, CONF_FILE_NAME_MAX, 0,
	  false },
	{ "client_key_file", CONF_TEXT, OIDC(client_key_file), 0, CONF_FILE_NAME_MAX, 0, false },
	{ "scope", CONF_TEXT, OIDC(scope), 0, CONF_WORD_MAX, 0, false },
	{ "ca_file", CONF_TEXT, OIDC(ca_file), 0, CONF_FILE_NAME_MAX, 0, false },
};
/* clang-format on */

static const struct {
	struct conf_section section;
	size_t offset; /* in struct conf_outside */
} sections[] = {
	{ { "gateway.mail", mail_keys, SK_LEN(mail_keys), MAIL(seen) },
	  offsetof(struct conf_outside, mail) },
	{ { "gateway.text", text_keys, SK_LEN(text_keys), TEXT(seen) },
	  offsetof(struct conf_outside, text) },
	{ { "gateway.hooks", hooks_keys, SK_LEN(hooks_keys), HOOKS(seen) },
	  offsetof(struct conf_outside, hooks) },
	{ { "gateway.oidc", oidc_keys, SK_LEN(oidc_keys), OIDC(seen) },
	  offsetof(struct conf_outside, oidc) },
};

static void *base_of(struct conf_outside *o, size_t i)
{
	return (char *)o + sections[i].offset;
}

void conf_outside_defaults(struct conf *c)
{
	for (size_t i = 0; i < SK_LEN(sections); i++) {
		conf_defaults(&sections[i].section, base_of(&c->outside, i));
	}
}

void conf_outside_begin(struct conf_parse *p)
{
	for (size_t i = 0; i < SK_LEN(sections); i++) {
		if (strcmp(p->section, sections[i].section.name) == 0) {
			p->keys = &sections[i].section;
			p->base = base_of(&p->conf->outside, i);
		}
	}
}

void conf_outside_print(const struct conf *c, FILE *out)
{
	for (size_t i = 0; i < SK_LEN(sections); i++) {
		conf_print_section(&sections[i].section, sections[i].section.name,
				   (const char *)&c->outside + sections[i].offset, out);
	}
}

/* --- forms --- */

static bool local_is_valid(const char *s, const char *at)
{
	static const char special[] = "!#$%&'*+-/=?^_`{|}~.";
	bool valid = at != s && at - s <= 64;
	for (const char *c = s; c < at && valid; c++) {
		bool dot_ok = *c != '.' || (c > s && c[1] != '.' && c + 1 != at);
		valid = dot_ok && isascii(*c) &&
			(isalnum((unsigned char)*c) || strchr(special, *c) != NULL);
	}
	return valid;
}

static bool domain_is_valid(const char *s)
{
	bool valid = *s != '\0';
	for (const char *c = s; *c != '\0' && valid; c++) {
		bool mark = *c == '-' || *c == '.';
		bool edge = c == s || c[1] == '\0' || c[-1] == '.' || c[1] == '.';
		valid = isascii(*c) && (isalnum((unsigned char)*c) || (mark && !edge));
	}
	return valid;
}

bool conf_mail_is_valid(const char *address)
{
	const char *at = strchr(address, '@');
	return at != NULL && strlen(address) <= CONF_MAIL_MAX && local_is_valid(address, at) &&
	       domain_is_valid(at + 1);
}

bool conf_number_is_valid(const char *number)
{
	size_t digits = number[0] == '+' ? strspn(number + 1, "0123456789") : 0;
	return digits >= 8 && digits <= 15 && number[1] != '0' && number[digits + 1] == '\0';
}

bool conf_org_code_is_valid(const char *code)
{
	uint64_t n = 0;
	size_t len = strlen(code);
	if (len == 9 && strncmp(code, "OVO", 3) == 0) {
		return strspn(code + 3, "0123456789") == 6;
	}
	return len == 10 && (code[0] == '0' || code[0] == '1') &&
	       conf_number(code, 1, 1999999999, &n) && 97 - n / 100 % 97 == n % 100;
}

/* --- what does not go together --- */

static void wrong(struct conf_problems *pr, const char *section, const char *key, const char *what)
{
	conf_problem(pr, CONF_MAIN_FILE, 0, "[%s] %s %s", section, key, what);
}

static bool begins(const char *text, const char *with)
{
	size_t len = strlen(with);
	return strncmp(text, with, len) == 0 && text[len] != '\0' && strpbrk(text, " \"<>") == NULL;
}

static void check_mail(const struct conf_mail *m, struct conf_problems *pr)
{
	bool smtp = begins(m->server, "smtp://");
	bool smtps = begins(m->server, "smtps://");
	if (m->server[0] != '\0' && !smtp && !smtps) {
		wrong(pr, "gateway.mail", "server",
		      "must be smtp://HOST:PORT or smtps://HOST:PORT; correct it");
	}
	if ((m->server[0] != '\0' || m->from[0] != '\0') && !conf_mail_is_valid(m->from)) {
		wrong(pr, "gateway.mail", "from",
		      "must be the mail address that mails come from; add it");
	}
	if ((m->user[0] == '\0') != (m->password_file[0] == '\0')) {
		wrong(pr, "gateway.mail", "user", "and password_file go together; add the other");
	}
	if (m->user[0] != '\0' && smtp && !m->starttls) {
		wrong(pr, "gateway.mail", "starttls",
		      "must be yes where there is a password: it would go over the line in clear");
	}
}

static bool is_web(const struct conf *c, const char *url)
{
	return begins(url, "https://") || (c->demo && begins(url, "http://"));
}

static void check_url(const struct conf *c, const char *section, const char *key, const char *url,
		      struct conf_problems *pr)
{
	if (!is_web(c, url)) {
		wrong(pr, section, key,
		      "must begin with https:// (http:// on a demo node only); correct it");
	}
}

static void check_oidc(const struct conf *c, struct conf_problems *pr)
{
	static const char section[] = "gateway.oidc";
	const struct conf_oidc *o = &c->outside.oidc;
	if (o->issuer[0] == '\0') {
		if (o->seen != 0) {
			wrong(pr, section, "issuer", "is missing; add it, or remove the section");
		}
		return;
	}
	check_url(c, section, "issuer", o->issuer, pr);
	if (o->jwks[0] == '\0' || (strstr(o->jwks, "://") != NULL && !is_web(c, o->jwks))) {
		wrong(pr, section, "jwks", "must be a file or an address with https://; add it");
	}
	if (o->client_id[0] == '\0' && o->audience[0] == '\0') {
		wrong(pr, section, "client_id",
		      "or audience must say for whom a token is made; add one");
	}
	if ((o->authorize_url[0] == '\0') != (o->token_url[0] == '\0')) {
		wrong(pr, section, "authorize_url", "and token_url go together; add the other");
	}
	if (o->authorize_url[0] != '\0') {
		check_url(c, section, "authorize_url", o->authorize_url, pr);
		check_url(c, section, "token_url", o->token_url, pr);
		if (o->client_id[0] == '\0' ||
		    (o->client_secret_file[0] == '\0') == (o->client_key_file[0] == '\0')) {
			wrong(pr, section, "client_id",
			      "and one of client_secret_file and client_key_file are needed where "
			      "people sign in; add them");
		}
	}
}

static void check_party(const struct conf *c, const struct conf_party *p, struct conf_problems *pr)
{
	const char *key = NULL;
	const char *must = NULL;
	if (p->mail[0] != '\0' && !conf_mail_is_valid(p->mail)) {
		key = "mail";
		must = "must be one mail address, name@domain";
	} else if (p->text[0] != '\0' && !conf_number_is_valid(p->text)) {
		key = "text";
		must = "must be a number with its country, as +32470123456";
	} else if (p->org_code[0] != '\0' && !conf_org_code_is_valid(p->org_code)) {
		key = "org_code";
		must = "must be a KBO number (ten digits, the last two their check) or OVO and six "
		       "digits";
	}
	if (key != NULL) {
		conf_problem(pr, CONF_PARTIES_FILE, p->line, "[party.%s] %s %s; correct it", p->id,
			     key, must);
	}
	const struct conf_party *same =
		p->org_code[0] == '\0' ? p : conf_party_by_org_code(c, p->org_code);
	if (same != p) {
		conf_problem(pr, CONF_PARTIES_FILE, p->line,
			     "[party.%s] org_code is also that of [party.%s]: who signs in with it "
			     "would be two; leave it at one",
			     p->id, same->id);
	}
}

void conf_outside_check(const struct conf *c, struct conf_problems *pr)
{
	check_mail(&c->outside.mail, pr);
	if (c->outside.text.url[0] != '\0') {
		check_url(c, "gateway.text", "url", c->outside.text.url, pr);
	}
	check_oidc(c, pr);
	for (size_t i = 0; i < c->parties_len; i++) {
		check_party(c, &c->parties[i], pr);
	}
}

const struct conf_party *conf_party_by_org_code(const struct conf *c, const char *code)
{
	for (size_t i = 0; i < c->parties_len && code[0] != '\0'; i++) {
		if (strcmp(c->parties[i].org_code, code) == 0) {
			return &c->parties[i];
		}
	}
	return NULL;
}

/* --- files that hold a secret --- */

bool conf_outside_path(const struct conf *c, const char *file, char *ret_path, size_t cap)
{
	int n = file[0] == '/' ? snprintf(ret_path, cap, "%s", file) :
				 snprintf(ret_path, cap, "%s/%s", c->dir, file);
	return n > 0 && (size_t)n < cap;
}

int conf_password(const struct conf *c, const char *file, char ret_text[CONF_PASSWORD_MAX + 1])
{
	char path[CONF_PATH_MAX + CONF_FILE_NAME_MAX];
	char text[CONF_PASSWORD_MAX + 2];
	struct stat st;
	size_t len = 0;
	if (!conf_outside_path(c, file, path, sizeof(path)) || stat(path, &st) != 0) {
		return SK_ENOENT;
	}
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		return SK_EAUTH; /* a secret that others may read is none */
	}
	int err = files_read(path, text, sizeof(text) - 1, &len);
	if (err == SK_OK) {
		text[len] = '\0';
		len = strcspn(text, "\r\n");
		if (len == 0 || len > CONF_PASSWORD_MAX || strlen(text) > len + 2) {
			err = SK_ECORRUPT;
		} else {
			memcpy(ret_text, text, len);
			ret_text[len] = '\0';
		}
	}
	sodium_memzero(text, sizeof(text));
	return err == SK_EFULL ? SK_ECORRUPT : err;
}
