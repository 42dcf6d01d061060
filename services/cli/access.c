/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel access`: what people and machines sign in with at the gateway. Nothing is kept: a code
 * follows from the node's gateway key, and a higher access_serial of the party makes another. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/token.h"
#include "services/cli/call.h"
#include "services/cli/output.h"
#include "services/cli/subjects.h"

#define TEXT_MAX (TOKEN_BEARER_MAX + 1)

static const struct column columns[] = {
	{ "party", "partij", "party", CELL_PARTY, NULL },
	{ "code", "aanmeldcode", "sign-in code", CELL_TEXT, NULL },
	{ "token", "token voor een programma", "token for a program", CELL_TEXT, NULL },
	{ 0 },
};

static int open_key(struct cli *c, struct conf **ret_conf, struct token_key *ret_key)
{
	int rc = call_conf(c, ret_conf);

	if (rc != CLI_DONE) {
		return rc;
	}
	int err = token_key_read(*ret_conf, ret_key);
	return err == SK_OK ? CLI_DONE : cli_fail(c, CONF_GATEWAY_KEY_FILE, err);
}

static int refuse(struct cli *c, const struct conf_party *p)
{
	if (p == NULL) {
		return cli_usage(c, "%s: deze partij staat niet in parties.ini",
				 "%s: this party is not in parties.ini", c->arg[0]);
	}
	cli_say(c,
		"%s: hiermee meldt niemand zich aan. Een jongere of ouder krijgt een code van wie "
		"de aanmelding vasthoudt.",
		"%s: nobody signs in with this. A young person or parent gets a code from who "
		"holds the request.",
		p->id);
	return CLI_REFUSED;
}

static int show(struct cli *c, bool token)
{
	struct conf *conf = NULL;
	struct token_key key;
	char text[TEXT_MAX];
	int rc = open_key(c, &conf, &key);

	if (rc == CLI_DONE) {
		const struct conf_party *p = conf_party(conf, c->arg[0]);
		bool closed = p == NULL || (p->roles & (ROLE_BIT(DAEMON) | ROLE_BIT(FAMILY))) != 0;
		rc = closed ? refuse(c, p) : CLI_DONE;
		if (rc == CLI_DONE && token) {
			token_bearer(&key, p, text);
		} else if (rc == CLI_DONE) {
			token_code(&key, p, text);
		}
	}
	if (rc == CLI_DONE) {
		json_t *doc =
			json_pack("{s:s, s:s}", "party", c->arg[0], token ? "token" : "code", text);
		if (c->json) {
			out_json(c, doc);
		} else {
			out_facts(c, doc, columns);
		}
		json_decref(doc);
	}
	sodium_memzero(&key, sizeof(key));
	sodium_memzero(text, sizeof(text));
	conf_free(conf);
	return rc;
}

static int cmd_code(struct cli *c)
{
	return show(c, false);
}

static int cmd_token(struct cli *c)
{
	return show(c, true);
}

const struct command access_commands[] = {
	{ "access code", "PARTIJ", 1, 1, NULL,
	  "toont de code waarmee mensen van een partij zich op de pagina aanmelden",
	  "shows the code by which people of a party sign in on the page",
	  "schakel access code meldpunt", cmd_code },
	{ "access token", "PARTIJ", 1, 1, NULL,
	  "toont het token waarmee een programma van een partij zich aanmeldt",
	  "shows the token by which a program of a party signs in",
	  "schakel access token clb-ieper", cmd_token },
	{ 0 },
};
