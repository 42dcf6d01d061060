/* SPDX-License-Identifier: EUPL-1.2 */
/* The page of the demo: its address, and a sign-in code for each kind of user. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sodium.h>

#include "common/files.h"
#include "common/token.h"
#include "services/cli/demo_int.h"
#include "services/cli/nodefile.h"
#include "services/cli/output.h"

#define SECTION "[gateway]"
#define WHO_COLUMNS 26U

/* Who signs in. */
static const struct {
	uint32_t role;
	const char *nl, *en;
} users[] = {
	{ ROLE_BIT(CONTACT_POINT), "meldpunt", "contact point" },
	{ ROLE_BIT(REQUESTER), "aanmelder", "requester" },
	{ ROLE_BIT(FACILITY), "voorziening", "facility" },
	{ ROLE_BIT(COORDINATOR), "coördinator", "coordinator" },
	{ ROLE_BIT(DASHBOARD), "dashboard", "dashboard" },
	{ ROLE_BIT(GOVERNMENT), "overheid", "government" },
	{ ROLE_BIT(BASIC_SUPPORT), "basisondersteuning", "basic support" },
	{ ROLE_BIT(MANDATED), "gemandateerde voorziening", "mandated service" },
};

/* A port that another program has is told before anything starts. */
static bool is_free(const char *host, unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || inet_pton(AF_INET, host, &a.sin_addr) != 1) {
		(void)(fd >= 0 && close(fd));
		return false;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	bool good = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	(void)close(fd);
	return good;
}

static int write_section(struct cli *c, const char *dir, const char *host, unsigned port)
{
	const char *path = node_path(c, dir, "schakel.ini");
	char *text = NULL;
	int err = node_text(c, path, &text);

	if (err != SK_OK) {
		return cli_fail(c, path, err);
	}
	char *at = strstr(text, SECTION);
	char *next = at == NULL ? NULL : strstr(at + 1, "\n[");
	if (at != NULL) {
		*at = '\0';
	}
	char *all = cli_printf(c, "%s%s" SECTION "\nbind = %s:%u\nmetrics_bind = %s:%u\n%s", text,
			       at == NULL ? "\n" : "", host, port, host, port + 1,
			       next == NULL ? "" : next);
	err = files_replace(path, 0644, (struct slice){ all, strlen(all) });
	return err == SK_OK ? CLI_DONE : cli_fail(c, path, err);
}

int demo_web_prepare(struct demo *d, const char *bind)
{
	struct cli *c = d->cli;
	const char *colon = strrchr(bind, ':');
	unsigned long port = colon == NULL ? 0 : strtoul(colon + 1, NULL, 10);

	if (conf_party(d->conf, CONF_GATEWAY) == NULL) {
		cli_say(c,
			"Deze demo-node is van vóór de pagina; verwijder %s om ze te zien. De demo "
			"speelt verder zonder.",
			"This demo node is older than the page; remove %s to see it. The demo goes "
			"on without.",
			d->conf->dir);
		return CLI_REFUSED;
	}
	if (port == 0 || port > 65534) {
		return cli_usage(c, "--web %s: geef een adres en een poort, zoals 127.0.0.1:8470",
				 "--web %s: give an address and a port, as 127.0.0.1:8470", bind);
	}
	const char *host = cli_printf(c, "%.*s", (int)(colon - bind), bind);
	if (!is_free(host, (unsigned)port) || !is_free(host, (unsigned)port + 1)) {
		return cli_usage(c,
				 "%s:%lu of %lu is in gebruik of niet van deze machine; geef een "
				 "ander: make run DEMO=\"--web 127.0.0.1:9000\"",
				 "%s:%lu or %lu is in use or not of this machine; give another: "
				 "make run DEMO=\"--web 127.0.0.1:9000\"",
				 host, port, port + 1);
	}
	(void)snprintf(d->web, sizeof(d->web), "%s", bind);
	return strcmp(d->conf->gateway.bind, bind) == 0 ?
		       CLI_DONE :
		       write_section(c, d->conf->dir, host, (unsigned)port);
}

/* The one that is most of all that: with the fewest other roles. */
static const struct conf_party *party_of(const struct demo *d, uint32_t role)
{
	const struct conf_party *best = NULL;

	for (uint32_t i = 0; i < d->cast.len; i++) {
		const struct conf_party *p = conf_party(d->conf, d->cast.party[i].id);
		bool fewer = best == NULL || (p != NULL && __builtin_popcount(p->roles) <
								   __builtin_popcount(best->roles));
		if (p != NULL && (p->roles & role) != 0 && fewer) {
			best = p;
		}
	}
	return best;
}

/* A search of the last days that is open: its young person and a parent. */
static const struct demo_request *request_of(const struct demo *d)
{
	for (size_t i = d->world.requests.len; i-- > 0;) {
		const struct demo_request *r = demo_request_at(&d->world, i);
		if (r->open && !r->consult && !r->anonymous && r->code[0] != '\0') {
			return r;
		}
	}
	return NULL;
}

/* In columns of characters, not of bytes. */
static void show_code(const struct demo *d, const char *nl, const char *en, const char *code)
{
	const char *who = cli_text(d->cli, nl, en);
	int pad = (int)(text_width(who) < WHO_COLUMNS ? WHO_COLUMNS - text_width(who) : 0);

	cli_say(d->cli, "  %s%*s %s", "  %s%*s %s", who, pad, "", code);
}

static void show_family(const struct demo *d, const struct token_key *key)
{
	const struct demo_request *r = request_of(d);
	struct token_who who = { .person = true, .speaker = SCHAKEL__V1__SPEAKER__SPEAKER_YOUTH };
	char code[TOKEN_TYPED_MAX + 1];

	if (r == NULL) {
		return;
	}
	(void)snprintf(who.request, sizeof(who.request), "%s", r->code);
	token_person(key, &who, code);
	show_code(d, "jongere", "young person", code);
	who.speaker = SCHAKEL__V1__SPEAKER__SPEAKER_ADULT;
	who.adult = 1;
	token_person(key, &who, code);
	show_code(d, "ouder", "parent", code);
}

void demo_web_show(const struct demo *d)
{
	struct token_key key;
	char code[TOKEN_TYPED_MAX + 1];

	if (d->web[0] == '\0' || d->cli->json || d->silent ||
	    token_key_read(d->conf, &key) != SK_OK) {
		return;
	}
	cli_say(d->cli, "De pagina: http://%s/   Meld u aan met een van deze codes:",
		"The page: http://%s/   Sign in with one of these codes:", d->web);
	for (size_t i = 0; i < SK_LEN(users); i++) {
		const struct conf_party *p = party_of(d, users[i].role);
		if (p != NULL) {
			token_code(&key, p, code);
			show_code(d, users[i].nl, users[i].en, code);
		}
	}
	show_family(d, &key);
	sodium_memzero(&key, sizeof(key));
}
