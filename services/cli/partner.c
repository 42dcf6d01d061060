/* SPDX-License-Identifier: EUPL-1.2 */
/* Parties of the node. The daemons look at parties.ini each second and take a good one over, so no
 * signal and no process id is needed; a bad one never gets there, because it is checked here first.
 */
#include "services/cli/partner.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/words.h"
#include "services/cli/nodefile.h"
#include "services/cli/output.h"
#include "services/cli/signal.h"

#define PARTIES "parties.ini"

/* Puts the new text in place only if the whole configuration is right with it. */
static int put_parties(struct cli *c, const char *old, const char *text)
{
	const char *path = node_path(c, c->node_dir, PARTIES);
	struct conf_problems problems;
	struct conf *conf = NULL;
	int err = files_replace(path, 0644, (struct slice){ text, strlen(text) });

	if (err != SK_OK) {
		return cli_fail(c, path, err);
	}
	if (conf_load(c->node_dir, &conf, &problems) == SK_OK) {
		unsigned told = daemons_reload(c, conf);
		cli_say(c, "Verwittigde diensten: %u.", "Services told: %u.", told);
		conf_free(conf);
		return CLI_DONE;
	}
	err = files_replace(path, 0644, (struct slice){ old, strlen(old) });
	(void)conf_complain(c, &problems);
	return err == SK_OK ? CLI_REFUSED : cli_fail(c, path, err);
}

static int load_parties(struct cli *c, char **ret_text)
{
	const char *path = node_path(c, c->node_dir, PARTIES);
	int err = node_text(c, path, ret_text);

	if (err != SK_OK) {
		cli_say(c,
			"%s: geen node (%s). Geef --node DIR of maak er een met schakel node init "
			"DIR.",
			"%s: no node (%s). Give --node DIR or make one with schakel node init DIR.",
			path, sk_strerror(err));
		return CLI_USAGE;
	}
	return CLI_DONE;
}

/* Where the section of a party begins, or NULL. */
static char *section_of(struct cli *c, char *text, const char *id)
{
	const char *head = cli_printf(c, "[party.%s]", id);
	char *at = text;

	while ((at = strstr(at, head)) != NULL && at != text && at[-1] != '\n') {
		at += strlen(head);
	}
	return at;
}

static int add_list(struct cli *c, const struct party_entry *list, size_t len)
{
	char *old;
	int rc = load_parties(c, &old);

	if (rc != CLI_DONE) {
		return rc;
	}
	size_t cap = CONF_FILE_BYTES_MAX;
	char *text = cli_alloc(c, cap + 1);
	size_t used = (size_t)snprintf(text, cap + 1, "%s", old);
	for (size_t i = 0; i < len; i++) {
		if (section_of(c, text, list[i].id) != NULL) {
			cli_say(c, "%s bestaat al", "%s exists already", list[i].id);
			return CLI_REFUSED;
		}
		const char *section = party_section(c, c->node_dir, &list[i]);
		if (section == NULL) {
			return CLI_REFUSED;
		}
		if (strlen(section) > cap - used) {
			return cli_fail(c, PARTIES, SK_EFULL);
		}
		memcpy(text + used, section, strlen(section) + 1);
		used += strlen(section);
	}
	return put_parties(c, old, text);
}

/* What changed, for programs. */
static void out_ids(struct cli *c, const char *what, const struct party_entry *list, size_t len)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < len; i++) {
		(void)json_array_append_new(ids, json_string(list[i].id));
	}
	json_t *doc = json_pack("{s:o}", what, ids);
	if (c->json) {
		out_json(c, doc);
	}
	json_decref(doc);
}

/* Each word of --roles is a role; else the file that it comes into would be found wrong. */
static int check_roles(const struct cli *c, const char *roles)
{
	char known[400];
	char one[40];

	for (const char *at = roles + strspn(roles, " "); *at != '\0'; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		int v = 0;
		(void)snprintf(one, sizeof(one), "%.*s", (int)len, at);
		if (!word_find(&schakel__v1__role__descriptor, one, &v)) {
			code_list(&schakel__v1__role__descriptor, known, sizeof(known));
			return cli_usage(c, "--roles: \"%s\" is geen rol; kies uit %s",
					 "--roles: \"%s\" is no role; choose from %s", one, known);
		}
		at += len;
	}
	return CLI_DONE;
}

static int cmd_partner_add(struct cli *c)
{
	const char *file = cli_opt(c, "file");
	struct party_entry one = {
		.id = c->args_len > 0 ? c->arg[0] : NULL,
		.name = cli_opt(c, "name"),
		.roles = cli_opt(c, "roles"),
		.zones = cli_opt(c, "zones"),
		.organisation = cli_opt(c, "organisation"),
		.sector = cli_opt(c, "sector"),
		.days = cli_opt(c, "days"),
		.on_call = cli_flag(c, "on-call"),
		.phone = cli_opt(c, "phone"),
		.mail = cli_opt(c, "mail"),
		.text = cli_opt(c, "text"),
		.org_code = cli_opt(c, "org-code"),
		.key = cli_opt(c, "key"),
	};
	struct party_entry *list = &one;
	size_t len = 1;

	if (file == NULL && (one.id == NULL || one.roles == NULL)) {
		return cli_usage(c, "Geef een partij met --roles, of --file TABEL.csv",
				 "Give a party with --roles, or --file TABLE.csv");
	}
	if (file == NULL && (!name_is_valid(one.id) || one.id[0] == '@')) {
		return cli_usage(c, "\"%s\": 1 tot 31 kleine letters, cijfers of streepjes",
				 "\"%s\": 1 to 31 lower-case letters, digits or dashes", one.id);
	}
	int rc = file == NULL ? check_roles(c, one.roles) : partners_read(c, file, &list, &len);
	if (rc == CLI_DONE) {
		rc = add_list(c, list, len);
	}
	if (rc == CLI_DONE) {
		out_ids(c, "added", list, len);
		cli_say(c, "Toegevoegd: %zu. De sleutels staan in %s/keys.",
			"Added: %zu. The keys are in %s/keys.", len, c->node_dir);
	}
	return rc;
}

static int cmd_partner_remove(struct cli *c)
{
	const char *id = c->arg[0];
	char *old;
	int rc = load_parties(c, &old);

	if (rc != CLI_DONE) {
		return rc;
	}
	char *text = cli_printf(c, "%s", old);
	char *from = section_of(c, text, id);
	if (from == NULL) {
		cli_say(c, "%s staat niet in %s", "%s is not in %s", id, PARTIES);
		return CLI_REFUSED;
	}
	char *next = strstr(from, "\n[");
	memmove(from, next == NULL ? from + strlen(from) : next + 1,
		next == NULL ? 1 : strlen(next + 1) + 1);
	rc = put_parties(c, old, text);
	if (rc != CLI_DONE) {
		return rc;
	}
	const char *key = cli_printf(c, "%s/keys/%s.secret", c->node_dir, id);
	if (unlink(key) != 0 && errno != ENOENT) {
		cli_say(c, "%s: de sleutel staat er nog: %s", "%s: the key is still there: %s", key,
			strerror(errno));
	}
	out_ids(c, "removed", &(struct party_entry){ .id = id }, 1);
	cli_say(c,
		"%s kan niet meer verbinden. Wat deze partij vasthoudt, blijft van haar tot iemand "
		"het overneemt.",
		"%s can no longer connect. What this party holds stays with it until somebody "
		"takes "
		"over.",
		id);
	return CLI_DONE;
}

/* --- list --- */

static const struct column list_columns[] = {
	{ "id", "partij", "party", CELL_TEXT, NULL },
	{ "name", "naam", "name", CELL_TEXT, NULL },
	{ "roles", "rol", "role", CELL_WORD, &schakel__v1__role__descriptor },
	{ "sector", "sector", "sector", CELL_TEXT, NULL },
	{ "zones", "zones", "zones", CELL_LIST, NULL },
	{ "key_here", "sleutel hier", "key here", CELL_YES, NULL },
	{ 0 },
};

static json_t *party_json(struct cli *c, const struct conf *conf, const struct conf_party *p)
{
	json_t *roles = json_array();
	json_t *zones = json_array();
	char path[CONF_PATH_MAX];
	bool key_here = conf_secret_path(conf, p->id, path) == SK_OK && access(path, F_OK) == 0;

	(void)c;
	for (int r = 1; r < 32; r++) {
		if ((p->roles & (1U << r)) != 0) {
			(void)json_array_append_new(
				roles, json_string(code_of(&schakel__v1__role__descriptor, r)));
		}
	}
	for (uint32_t i = 0; i < p->zones_len; i++) {
		(void)json_array_append_new(zones, json_string(p->zones[i]));
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:b, s:s, s:s, s:s, s:s, s:s, s:b}", "id",
			 p->id, "name", p->name, "roles", roles, "organisation", p->organisation,
			 "sector", p->sector, "zones", zones, "on_call", p->on_call, "phone",
			 p->phone, "mail", p->mail, "text", p->text, "org_code", p->org_code, "key",
			 p->key, "key_here", key_here);
}

static int cmd_partner_list(struct cli *c)
{
	struct conf *conf = NULL;
	int rc = call_conf(c, &conf);

	if (rc != CLI_DONE) {
		return rc;
	}
	json_t *list = json_array();
	for (size_t i = 0; i < conf->parties_len; i++) {
		(void)json_array_append_new(list, party_json(c, conf, &conf->parties[i]));
	}
	json_t *doc = json_pack("{s:o}", "parties", list);
	out_table(c, doc, "parties", list_columns);
	json_decref(doc);
	conf_free(conf);
	return CLI_DONE;
}

static const struct option add_options[] = {
	{ "roles", "\"ROL ROL\"", "nodig zonder --file: wat ze mag (codes hieronder)",
	  "needed without --file: what it may do (codes below)" },
	{ "name", "NAAM", "naam die mensen lezen", "name that people read" },
	{ "zones", "\"ZONE ZONE\"", "zones waar ze werkt", "zones that it serves" },
	{ "organisation", "NAAM", "organisatie (anders: de partij zelf)",
	  "organisation (else: the party itself)" },
	{ "sector", "SECTOR", "sector, een kenmerk en nooit een drempel",
	  "sector, an attribute and never a barrier" },
	{ "days", "12345", "openingsdagen, 1 is maandag", "opening days, 1 is Monday" },
	{ "on-call", NULL, "ook buiten de openingsdagen bereikbaar",
	  "on call beyond opening days" },
	{ "phone", "NUMMER", "telefoonnummer, voor de bellijst en voor een gezin in crisis",
	  "telephone number, for the call list and for a family in crisis" },
	{ "mail", "ADRES", "mailadres voor vragen en herinneringen, zonder gegevens van een kind",
	  "mail address for questions and reminders, without data about a child" },
	{ "text", "NUMMER", "nummer voor sms, zoals +32470123456",
	  "number for text messages, as +32470123456" },
	{ "org-code", "CODE", "KBO- of OVO-code, om zich met ACM/IDM aan te melden",
	  "KBO or OVO code, to sign in with ACM/IDM" },
	{ "key", "SLEUTEL", "publieke sleutel die de partij zelf maakte",
	  "public key that the party made itself" },
	{ "file", "TABEL.csv", "veel partijen tegelijk (kolommen id, name, roles, ...)",
	  "many parties at once (columns id, name, roles, ...)" },
	{ 0 },
};

const struct command partner_commands[] = {
	{ "partner add", "[PARTIJ]", 0, 1, add_options,
	  "voegt een partij toe en maakt haar sleutel", "adds a party and makes its key",
	  "schakel partner add clb-veurne --name \"CLB Veurne\" --roles \"REQUESTER FACILITY\" "
	  "--zones westkust-polder",
	  cmd_partner_add },
	{ "partner list", "", 0, 0, NULL, "toont de partijen van de node",
	  "shows the parties of the node", "schakel partner list", cmd_partner_list },
	{ "partner remove", "PARTIJ", 1, 1, NULL, "sluit een partij af; wat ze vasthoudt, blijft",
	  "shuts a party out; what it holds stays", "schakel partner remove clb-roeselare",
	  cmd_partner_remove },
	{ 0 },
};
