/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/cli/call.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/cli/nodefile.h"

/* In which of its roles a party speaks: the first of these that it has. For the record only; what a
 * party may do follows from all of its roles. */
static const PB(Role) role_order[] = {
	SCHAKEL__V1__ROLE__ROLE_CONTACT_POINT, SCHAKEL__V1__ROLE__ROLE_REQUESTER,
	SCHAKEL__V1__ROLE__ROLE_FACILITY,      SCHAKEL__V1__ROLE__ROLE_FAMILY,
	SCHAKEL__V1__ROLE__ROLE_COORDINATOR,   SCHAKEL__V1__ROLE__ROLE_OPERATOR,
	SCHAKEL__V1__ROLE__ROLE_DASHBOARD,     SCHAKEL__V1__ROLE__ROLE_MANDATED,
	SCHAKEL__V1__ROLE__ROLE_BASIC_SUPPORT, SCHAKEL__V1__ROLE__ROLE_GOVERNMENT,
};

int call_conf(struct cli *c, struct conf **ret_conf)
{
	static struct conf_problems problems;
	if (access(c->node_dir, F_OK) != 0) {
		cli_say(c,
			"Er is geen node in %s: geef --node MAP of zet SCHAKEL_NODE, of maak er "
			"een "
			"met schakel node init",
			"There is no node in %s: give --node DIR or set SCHAKEL_NODE, or make one "
			"with schakel node init",
			c->node_dir);
		return CLI_USAGE;
	}
	int err = conf_load(c->node_dir, ret_conf, &problems);

	return err == SK_OK ? CLI_DONE : conf_complain(c, &problems);
}

int call_open(struct call *k, struct cli *c)
{
	const char *as = c->as != NULL && c->as[0] != '\0' ? c->as : CLI_OPERATOR;

	k->cli = c;
	int rc = call_conf(c, &k->conf);
	if (rc != CLI_DONE) {
		return rc;
	}
	k->party = conf_party(k->conf, as);
	if (k->party == NULL) {
		return cli_usage(c, "--as %s: deze partij staat niet in %s/parties.ini",
				 "--as %s: this party is not in %s/parties.ini", as, k->conf->dir);
	}
	c->speaks = k->party->id;
	c->conf = k->conf;
	void *block = aligned_alloc(16, CLIENT_ANSWER_ARENA_BYTES);
	if (block == NULL) {
		return cli_fail(c, as, SK_ENOMEM);
	}
	arena_init(&k->arena, block, CLIENT_ANSWER_ARENA_BYTES);
	return CLI_DONE;
}

void call_close(struct call *k)
{
	for (size_t i = 0; i < CONF_DAEMONS; i++) {
		client_close(k->client[i]);
	}
	if (k->arena.base != NULL) {
		arena_reset(&k->arena);
		free(k->arena.base);
	}
	if (k->cli != NULL) {
		k->cli->speaks = NULL;
		k->cli->conf = NULL;
	}
	conf_free(k->conf);
	*k = (struct call){ 0 };
}

void cli_say_party(const struct cli *c, bool other)
{
	if (other && c->speaks != NULL && (c->as == NULL || c->as[0] == '\0')) {
		cli_say(c, "U spreekt als %s; geef --as PARTIJ om als een andere te spreken.",
			"You speak as %s; give --as PARTY to speak as another.", c->speaks);
	}
}

int call_check_zone(const struct call *k, const char *what, const char *zone)
{
	char known[600] = "";
	size_t len = 0;

	for (size_t i = 0; zone != NULL && i < k->conf->zones_len && len < sizeof(known); i++) {
		if (strcmp(k->conf->zones[i].id, zone) == 0) {
			return CLI_DONE;
		}
		len += (size_t)snprintf(known + len, sizeof(known) - len, "%s%s",
					i == 0 ? "" : ", ", k->conf->zones[i].id);
	}
	if (zone == NULL || zone[0] == '\0') {
		return CLI_DONE;
	}
	return cli_usage(k->cli, "%s: \"%s\" is geen zone van deze node; kies uit %s",
			 "%s: \"%s\" is no zone of this node; choose from %s", what, zone, known);
}

static int no_key(const struct call *k, int err)
{
	const struct cli *c = k->cli;
	const char *party = k->party->id;

	switch (err) {
	case SK_ENOENT:
		cli_say(c, "De sleutel van %s staat niet in %s", "The key of %s is not in %s",
			party, k->conf->keys_dir);
		return CLI_USAGE;
	case SK_EAUTH:
		cli_say(c, "De sleutel van %s is leesbaar voor anderen: chmod 600 %s/%s.secret",
			"The key of %s can be read by others: chmod 600 %s/%s.secret", party,
			k->conf->keys_dir, party);
		return CLI_USAGE;
	case SK_ECONF:
	case SK_ECORRUPT:
		cli_say(c, "De sleutel van %s in %s is niet die in parties.ini",
			"The key of %s in %s is not the one in parties.ini", party,
			k->conf->keys_dir);
		return CLI_USAGE;
	default:
		return cli_fail(c, party, err);
	}
}

int call_client(struct call *k, const char *daemon, struct client **ret_client)
{
	const struct conf_daemon *d = conf_daemon(k->conf, daemon);

	if (d == NULL) {
		return cli_usage(k->cli, "\"%s\": kies intake, waitlist of matching",
				 "\"%s\": choose intake, waitlist or matching", daemon);
	}
	size_t i = (size_t)(d - k->conf->daemons);
	if (k->client[i] == NULL) {
		int err = client_open_node(k->conf, NULL, daemon, k->party->id, &k->client[i]);
		if (err != SK_OK) {
			return no_key(k, err);
		}
		client_set_timeout(k->client[i],
				   k->timeout_ms == 0 ? CALL_TIMEOUT_MS : k->timeout_ms);
	}
	*ret_client = k->client[i];
	return CLI_DONE;
}

int call_complain(const struct call *k, const char *daemon, int err)
{
	const struct cli *c = k->cli;

	if (err == SK_ETIMEDOUT) {
		cli_say(c,
			"%s antwoordt niet. Loopt de dienst (schakel node status), en kent ze de "
			"sleutel van %s? Wat al ontvangen was, is niet weg.",
			"%s does not answer. Does the service run (schakel node status), and does "
			"it know the key of %s? What was received is not lost.",
			daemon, k->party->id);
		return CLI_UNREACHABLE;
	}
	if (err == SK_EINVAL) {
		cli_say(c, "Dit bericht is te groot (65.536 bytes); deel het op",
			"This message is too large (65,536 bytes); divide it");
		return CLI_REFUSED;
	}
	cli_say(c, "%s gaf een antwoord dat niet klopt (%s)",
		"%s gave an answer that is not right (%s)", daemon, sk_strerror(err));
	return CLI_UNREACHABLE;
}

static PB(Role) speaking_role(const struct conf_party *p)
{
	for (size_t i = 0; i < SK_LEN(role_order); i++) {
		if ((p->roles & (1U << role_order[i])) != 0) {
			return role_order[i];
		}
	}
	return SCHAKEL__V1__ROLE__ROLE_UNSPECIFIED;
}

static int ask(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	struct client *client = NULL;
	int rc = call_client(k, daemon, &client);

	if (rc != CLI_DONE) {
		return rc;
	}
	m->role = speaking_role(k->party);
	k->cli->body = (unsigned)m->body_case;
	arena_reset(&k->arena);
	uint32_t timeout_ms = k->timeout_ms == 0 ? CALL_TIMEOUT_MS : k->timeout_ms;
	uint32_t silent_ms = timeout_ms > 2 * CALL_SILENT_MS ? CALL_SILENT_MS : timeout_ms;
	client_set_timeout(client, silent_ms);
	int err = client_ask(client, m, &k->arena, ret_answer);
	if (err == SK_ETIMEDOUT && silent_ms < timeout_ms) {
		/* The same message goes on: it has its id. */
		cli_say(k->cli, "wacht op %s…", "waiting for %s…", daemon);
		client_set_timeout(client, timeout_ms - silent_ms);
		err = client_ask(client, m, &k->arena, ret_answer);
	}
	client_set_timeout(client, timeout_ms);
	return err == SK_OK ? CLI_DONE : call_complain(k, daemon, err);
}

int call_command(struct call *k, const char *daemon, PB(Message) *m, PB(Receipt) **ret_r)
{
	PB(Message) *answer = NULL;
	int rc = ask(k, daemon, m, &answer);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case != BODY(RECEIPT)) {
		return call_complain(k, daemon, SK_EPROTO);
	}
	*ret_r = answer->receipt;
	return receipt_explain(k->cli, answer->receipt);
}

int call_query_if_mine(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	PB(Message) *answer = NULL;
	int rc = ask(k, daemon, m, &answer);

	*ret_answer = rc == CLI_DONE && answer->body_case != BODY(RECEIPT) ? answer : NULL;
	return rc;
}

int call_query_maybe(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	PB(Message) *answer = NULL;
	int rc = ask(k, daemon, m, &answer);

	if (rc != CLI_DONE) {
		return rc;
	}
	bool unknown = answer->body_case == BODY(RECEIPT) &&
		       answer->receipt->code == SCHAKEL__V1__REFUSAL__REFUSAL_UNKNOWN_OBJECT;
	if (answer->body_case == BODY(RECEIPT) && !unknown) {
		rc = receipt_explain(k->cli, answer->receipt);
		return rc == CLI_DONE ? call_complain(k, daemon, SK_EPROTO) : rc;
	}
	*ret_answer = unknown ? NULL : answer;
	return CLI_DONE;
}

int call_query(struct call *k, const char *daemon, PB(Message) *m, PB(Message) **ret_answer)
{
	PB(Message) *answer = NULL;
	int rc = ask(k, daemon, m, &answer);

	if (rc != CLI_DONE) {
		return rc;
	}
	if (answer->body_case == BODY(RECEIPT)) {
		rc = receipt_explain(k->cli, answer->receipt);
		return rc == CLI_DONE ? call_complain(k, daemon, SK_EPROTO) : rc;
	}
	*ret_answer = answer;
	return CLI_DONE;
}
