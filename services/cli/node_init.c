/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel node init`: everything of a node, made beside its place and moved there when it is
 * whole. */
#include "services/cli/node.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "common/capsule.h"
#include "common/files.h"
#include "common/words.h"
#include "services/cli/nodefile.h"
#include "services/cli/output.h"
#include "services/cli/scratch.h"

#define NFTW_DESCRIPTORS 8

static const char *const daemons[] = { "intake", "waitlist", "matching" };

static int write_text(struct cli *c, const char *path, unsigned mode, const char *text)
{
	int err = files_replace(path, mode, (struct slice){ text, strlen(text) });

	return err == SK_OK ? CLI_DONE : cli_fail(c, path, err);
}

static int make_folder(struct cli *c, const char *path)
{
	if (mkdir(path, 0700) == 0) {
		return CLI_DONE;
	}
	cli_say(c, "%s: de map kan niet gemaakt worden: %s", "%s: the directory cannot be made: %s",
		path, strerror(errno));
	return CLI_REFUSED;
}

static int make_folders(struct cli *c, const char *dir)
{
	static const char *const names[] = { "keys", "run", "data", "incarnation" };
	int rc = make_folder(c, dir);

	for (size_t i = 0; rc == CLI_DONE && i < SK_LEN(names); i++) {
		rc = make_folder(c, node_path(c, dir, names[i]));
	}
	return rc;
}

/* Two lines that say which half it is and the half; the secret one is for `schakel` alone. */
static int make_capsule_keys(struct cli *c, const char *dir)
{
	uint8_t public_key[CAPSULE_KEY_LEN];
	uint8_t secret_key[CAPSULE_KEY_LEN];
	char hex[2 * CAPSULE_KEY_LEN + 2];

	capsule_keypair(public_key, secret_key);
	(void)sodium_bin2hex(hex, sizeof(hex), secret_key, sizeof(secret_key));
	hex[2 * CAPSULE_KEY_LEN] = '\n';
	struct slice text = { hex, sizeof(hex) - 1 };
	const char *keys = node_path(c, dir, "keys");
	int err = files_replace(node_path(c, keys, NODE_CAPSULE_SECRET), 0600, text);
	if (err == SK_OK) {
		(void)sodium_bin2hex(hex, sizeof(hex), public_key, sizeof(public_key));
		hex[2 * CAPSULE_KEY_LEN] = '\n';
		err = files_replace(node_path(c, keys, NODE_CAPSULE_PUBLIC), 0644, text);
	}
	sodium_memzero(secret_key, sizeof(secret_key));
	sodium_memzero(hex, sizeof(hex));
	return err == SK_OK ? CLI_DONE : cli_fail(c, keys, err);
}

/* Growing text in the arena. */
static char *add(struct cli *c, char *text, const char *more)
{
	return cli_printf(c, "%s%s", text, more);
}

/* What signed texts of the gateway are made with: sign-in codes, links, sessions. */
static int make_gateway_key(struct cli *c, const char *dir)
{
	uint8_t key[CONF_GATEWAY_KEY_LEN];
	const char *path = node_path(c, node_path(c, dir, "keys"), CONF_GATEWAY_KEY_FILE);

	randombytes_buf(key, sizeof(key));
	int err = files_replace(path, 0600, (struct slice){ key, sizeof(key) });
	sodium_memzero(key, sizeof(key));
	return err == SK_OK ? CLI_DONE : cli_fail(c, path, err);
}

static int write_main(struct cli *c, const char *dir, const struct node_plan *plan)
{
	/* A demo node is small and often made anew; the sizes of a real one are the defaults. */
	char *text = cli_printf(c,
				"# SPDX-License-Identifier: EUPL-1.2\n"
				"# schakel-intaked --config DIR --check-config checks this file; "
				"--print-config shows every key.\n"
				"[node]\nname = %s\nlanguage = %s\ndemo = %s\n%s",
				plan->name, c->lang == LANG_NL ? "nl" : "en",
				plan->demo ? "yes" : "no",
				plan->demo ? "\n[store]\nmap_bytes = 8589934592\n"
					     "segment_bytes = 16777216\n"
					     "disk_reserve_bytes = 67108864\n" :
					     "");

	if (plan->settings != NULL) {
		text = add(c, text, cli_printf(c, "\n[settings]\n%s", plan->settings));
	}
	for (size_t i = 0; i < plan->zones_len; i++) {
		text = add(c, text, zone_section(c, &plan->zones[i]));
	}
	return write_text(c, node_path(c, dir, "schakel.ini"), 0644, text);
}

static bool is_listed(const struct node_plan *plan, const char *id)
{
	for (size_t i = 0; i < plan->parties_len; i++) {
		if (strcmp(plan->parties[i].id, id) == 0) {
			return true;
		}
	}
	return false;
}

/* Those that every node has: its daemons, who runs it, and the gateway, which reads events and the
 * open directory in its own name and speaks with the keys of others else. */
static size_t own_parties(struct cli *c, const struct node_plan *plan, struct party_entry *ret_list)
{
	size_t len = 0;

	for (; len < SK_LEN(daemons); len++) {
		ret_list[len] = (struct party_entry){ .id = daemons[len], .roles = "DAEMON" };
		ret_list[len].name = cli_printf(c, "Schakel %s", daemons[len]);
	}
	if (!is_listed(plan, CLI_OPERATOR)) {
		ret_list[len++] = (struct party_entry){ .id = CLI_OPERATOR,
							.roles = "OPERATOR",
							.name = cli_text(c, "Beheer van de node",
									 "Operator") };
	}
	if (!is_listed(plan, CONF_GATEWAY)) {
		ret_list[len++] = (struct party_entry){ .id = CONF_GATEWAY,
							.roles = "DASHBOARD",
							.name = "Schakel gateway" };
	}
	return len;
}

static int write_parties(struct cli *c, const char *dir, const struct node_plan *plan)
{
	size_t cap = CONF_FILE_BYTES_MAX;
	char *text = cli_alloc(c, cap);
	size_t len = (size_t)snprintf(text, cap,
				      "# SPDX-License-Identifier: EUPL-1.2\n"
				      "# One section for each party; `schakel partner` writes "
				      "here, "
				      "daemons take it over on SIGHUP.\n");
	struct party_entry list[SK_LEN(daemons) + 2];
	size_t own = own_parties(c, plan, list);

	for (size_t i = 0; i < own + plan->parties_len; i++) {
		const struct party_entry p = i < own ? list[i] : plan->parties[i - own];
		char *section = party_section(c, dir, &p);
		if (section == NULL) {
			return CLI_REFUSED;
		}
		int n = snprintf(text + len, cap - len, "%s", section);
		if (n < 0 || (size_t)n >= cap - len) {
			return cli_fail(c, "parties.ini", SK_EFULL);
		}
		len += (size_t)n;
	}
	return write_text(c, node_path(c, dir, "parties.ini"), 0644, text);
}

/* Short codes, lotteries and journal hashes are keyed by the key of the store. One key for the
 * three stores of a node makes a request carry the same short code wherever it is spoken of. */
static int share_key(struct cli *c, const struct conf *conf)
{
	uint8_t key[STORE_KEY_LEN];
	int err = files_store_key(conf->daemons[0].dir, key);

	for (size_t i = 1; err == SK_OK && i < CONF_DAEMONS; i++) {
		err = files_replace(node_path(c, conf->daemons[i].dir, "store.key"), 0600,
				    (struct slice){ key, sizeof(key) });
	}
	sodium_memzero(key, sizeof(key));
	return err == SK_OK ? CLI_DONE : cli_fail(c, "store.key", err);
}

/* The state before the first input: `audit replay` begins from here. */
static int keep_beginning(struct cli *c, const char *daemon_dir)
{
	const char *to = node_path(c, daemon_dir, "checkpoint");
	int rc = make_folder(c, to);
	int err = rc != CLI_DONE ? SK_OK :
				   copy_file(node_path(c, daemon_dir, "store/data.mdb"),
					     node_path(c, to, "data.mdb"), 0600);

	return err == SK_OK ? rc : cli_fail(c, to, err);
}

static int make_stores(struct cli *c, const char *dir, const struct node_plan *plan)
{
	struct conf_problems problems;
	struct conf *conf = NULL;
	int rc = CLI_DONE;

	if (conf_load(dir, &conf, &problems) != SK_OK) {
		return conf_complain(c, &problems);
	}
	for (size_t i = 0; rc == CLI_DONE && i < CONF_DAEMONS; i++) {
		struct files_new n = { .dir = conf->daemons[i].dir,
				       .daemon = conf->daemons[i].name,
				       .map_bytes = conf->store.map_bytes,
				       .segment_bytes = conf->store.segment_bytes,
				       .demo = conf->demo,
				       .seeded = plan->seed != NULL,
				       .seed = plan->seed == NULL ? 0 : *plan->seed };
		int err = files_create(&n);
		rc = err == SK_OK ? keep_beginning(c, n.dir) : cli_fail(c, n.dir, err);
	}
	if (rc == CLI_DONE) {
		rc = share_key(c, conf);
	}
	conf_free(conf);
	return rc;
}

static int fill(struct cli *c, const char *dir, const struct node_plan *plan)
{
	int rc = make_folders(c, dir);

	if (rc == CLI_DONE) {
		rc = make_capsule_keys(c, dir);
	}
	if (rc == CLI_DONE) {
		rc = make_gateway_key(c, dir);
	}
	if (rc == CLI_DONE) {
		rc = write_text(c, node_path(c, dir, "codes.csv"), 0644, expertise_file());
	}
	if (rc == CLI_DONE) {
		rc = write_main(c, dir, plan);
	}
	if (rc == CLI_DONE) {
		rc = write_parties(c, dir, plan);
	}
	if (rc == CLI_DONE) {
		rc = make_stores(c, dir, plan);
	}
	if (rc == CLI_DONE && files_sync_dir(dir) != SK_OK) {
		rc = cli_fail(c, dir, SK_ESYS);
	}
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void node_remove_tree(const char *dir)
{
	(void)nftw(dir, remove_one, NFTW_DESCRIPTORS, FTW_PHYS | FTW_DEPTH);
}

/* An empty directory may be there already; anything else is a node or somebody's files. */
static bool is_free(const char *dir)
{
	return rmdir(dir) == 0 || errno == ENOENT;
}

int node_make(struct cli *c, const struct node_plan *plan)
{
	char *fresh = cli_printf(c, "%s.new-%ld", plan->dir, (long)getpid());

	if (!name_is_valid(plan->name) || plan->name[0] == '@') {
		return cli_usage(c, "--name: kleine letters, cijfers en streepjes, niet \"%s\"",
				 "--name: lower-case letters, digits and dashes, not \"%s\"",
				 plan->name);
	}
	if (!is_free(plan->dir)) {
		cli_say(c, "%s bestaat al; een node wordt nooit overschreven. Kies een andere map.",
			"%s exists already; a node is never overwritten. Choose another directory.",
			plan->dir);
		return CLI_REFUSED;
	}
	int rc = fill(c, fresh, plan);
	if (rc == CLI_DONE && rename(fresh, plan->dir) != 0) {
		cli_say(c, "%s: %s", "%s: %s", plan->dir, strerror(errno));
		rc = CLI_REFUSED;
	}
	if (rc != CLI_DONE) {
		node_remove_tree(fresh);
	}
	return rc;
}

/* Parties that zones name and no table describes. */
static void add_duty(struct cli *c, struct node_plan *plan, struct party_entry *list,
		     const char *id, const char *roles)
{
	if (is_listed(plan, id) || plan->parties_len == CONF_PARTIES_MAX) {
		return;
	}
	list[plan->parties_len++] = (struct party_entry){ .id = id, .roles = roles };
	cli_say(c,
		"Partij %s gemaakt, omdat een zone ze noemt; vul naam en zones aan in parties.ini",
		"Party %s was made because a zone names it; complete it in parties.ini", id);
}

int cmd_node_init(struct cli *c)
{
	const char *name = cli_opt(c, "name");
	const char *zones = cli_opt(c, "zones");
	const char *partners = cli_opt(c, "partners");
	struct zone_entry *zone = cli_alloc(c, sizeof(*zone));
	struct party_entry *list = cli_alloc(c, CONF_PARTIES_MAX * sizeof(*list));
	struct party_entry *read = list;
	struct node_plan plan = { .dir = c->arg[0],
				  .name = name != NULL ? name : "node",
				  .demo = cli_flag(c, "demo") };
	int rc = CLI_DONE;

	if (zones != NULL) {
		rc = zones_read(c, zones, &zone, &plan.zones_len);
	}
	if (rc == CLI_DONE && partners != NULL) {
		rc = partners_read(c, partners, &read, &plan.parties_len);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	if (plan.parties_len > 0) {
		memcpy(list, read, plan.parties_len * sizeof(*list));
	}
	plan.zones = zone;
	plan.parties = list;
	for (size_t i = 0; i < plan.zones_len; i++) {
		add_duty(c, &plan, list, zone[i].contact, "REQUESTER FACILITY");
		add_duty(c, &plan, list, zone[i].stand_in, "REQUESTER FACILITY");
		add_duty(c, &plan, list, zone[i].network, "COORDINATOR");
	}
	rc = node_make(c, &plan);
	if (rc == CLI_DONE && c->json) {
		json_t *doc = json_pack("{s:s, s:s, s:b, s:i, s:i}", "node", plan.name, "dir",
					plan.dir, "demo", plan.demo, "zones", (int)plan.zones_len,
					"parties", (int)plan.parties_len);
		out_json(c, doc);
		json_decref(doc);
	}
	if (rc == CLI_DONE) {
		cli_say(c,
			"Node %s staat klaar in %s.\nStart: schakel-intaked --config %s, "
			"schakel-waitlistd --config %s, schakel-matchingd --config %s, "
			"schakel-gatewayd --config %s",
			"Node %s is ready in %s.\nStart: schakel-intaked --config %s, "
			"schakel-waitlistd --config %s, schakel-matchingd --config %s, "
			"schakel-gatewayd --config %s",
			plan.name, plan.dir, plan.dir, plan.dir, plan.dir, plan.dir);
	}
	return rc;
}
