/* SPDX-License-Identifier: EUPL-1.2 */
/* The node that the demo plays on: made, or opened again, and held by one demo at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/capsule.h"
#include "common/files.h"
#include "services/cli/demo_int.h"
#include "services/cli/infile.h"
#include "services/cli/node.h"

#define NODE_DEFAULT "build/demo-node"
#define NODE_NAME "demo"

const char *demo_node_dir(struct cli *c)
{
	const char *own = getenv("SCHAKEL_DEMO_NODE");
	const char *usual = getenv("SCHAKEL_NODE");
	bool given = strcmp(c->node_dir, CLI_NODE_DEFAULT) != 0 &&
		     (usual == NULL || strcmp(c->node_dir, usual) != 0);

	if (c->args_len > 0) {
		return c->arg[0];
	}
	/* A node of real people is never taken for the demo because it is the usual one. */
	return given ? c->node_dir : own != NULL && own[0] != '\0' ? own : NODE_DEFAULT;
}

/* The gateway finds a zone by municipality in it; a region need not have it. */
static int copy_places(struct cli *c, const struct demo_task *t)
{
	const char *from = node_path(c, t->region, "municipalities.csv");
	struct slice text = { 0 };
	struct stat st;

	if (stat(from, &st) != 0) {
		return CLI_DONE;
	}
	int rc = infile_load(c, from, &text);
	if (rc != CLI_DONE) {
		return rc;
	}
	const char *to = node_path(c, t->dir, "municipalities.csv");
	int err = files_replace(to, 0644, text);
	return err == SK_OK ? CLI_DONE : cli_fail(c, to, err);
}

static int make_node(struct cli *c, const struct demo_task *t)
{
	struct node_plan plan = { .dir = t->dir,
				  .name = NODE_NAME,
				  .demo = true,
				  .settings = t->settings,
				  .seed = t->exact || t->inner ? &t->seed : NULL };
	struct zone_entry *zone = NULL;
	struct party_entry *party = NULL;
	char *parent = cli_printf(c, "%s", t->dir);
	char *slash = strrchr(parent, '/');

	if (slash != NULL && slash != parent) {
		*slash = '\0';
		(void)mkdir(parent, 0755);
	}
	int rc = zones_read(c, node_path(c, t->region, "zones.csv"), &zone, &plan.zones_len);
	if (rc == CLI_DONE) {
		rc = partners_read(c, node_path(c, t->region, "partners.csv"), &party,
				   &plan.parties_len);
	}
	plan.zones = zone;
	plan.parties = party;
	rc = rc == CLI_DONE ? node_make(c, &plan) : rc;
	return rc == CLI_DONE ? copy_places(c, t) : rc;
}

static int open_node(struct demo *d, const struct demo_task *t, bool *ret_made)
{
	static struct conf_problems problems;
	struct cli *c = d->cli;
	const char *dir = t->dir;
	struct stat st;
	int rc = CLI_DONE;

	*ret_made = stat(node_path(c, dir, "schakel.ini"), &st) != 0;
	if (*ret_made) {
		rc = make_node(c, t);
	}
	if (rc == CLI_DONE && conf_load(dir, &d->conf, &problems) != SK_OK) {
		rc = conf_complain(c, &problems);
	}
	if (rc == CLI_DONE && !d->conf->demo) {
		cli_say(c, "%s is geen demo-node; kies een andere map met --node",
			"%s is no demo node; choose another directory with --node", dir);
		rc = CLI_REFUSED;
	}
	if (rc == CLI_DONE && strcmp(d->conf->node, NODE_NAME) != 0) {
		cli_say(c, "%s is niet door de demo gemaakt; kies een andere map",
			"%s was not made by the demo; choose another directory", dir);
		rc = CLI_REFUSED;
	}
	if (rc == CLI_DONE && !demo_cast_of(d->conf, &d->region, &d->cast)) {
		cli_say(c, "%s: niet alle rollen van de demo zijn er; maak een nieuwe node",
			"%s: not all parts of the demo are there; make a new node", dir);
		rc = CLI_REFUSED;
	}
	return rc;
}

/* Two demos on one node would both play its partners. Held until the process ends. */
static int lock_node(struct demo *d)
{
	char *path = node_path(d->cli, d->conf->dir, "demo.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		cli_say(d->cli, "Er loopt al een demo op %s (of de map is niet van u)",
			"A demo runs on %s already (or the directory is not yours)", d->conf->dir);
		return CLI_BUSY;
	}
	return CLI_DONE;
}

int demo_node_open(struct demo *d, const struct demo_task *t, bool *ret_made)
{
	char path[CONF_PATH_MAX + 40];
	int rc = demo_region_read(d->cli, t->region, &d->region);

	if (rc == CLI_DONE) {
		rc = open_node(d, t, ret_made);
	}
	if (rc == CLI_DONE) {
		rc = lock_node(d);
	}
	if (rc == CLI_DONE) {
		rc = demo_children_absent(d->cli, d->conf);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	(void)snprintf(path, sizeof(path), "%s/" NODE_CAPSULE_PUBLIC, d->conf->keys_dir);
	int err = capsule_key_read(path, d->capsule_key);
	if (err == SK_OK) {
		err = client_net_open(&d->net);
	}
	return err == SK_OK ? demo_receipts_open(d) : cli_fail(d->cli, path, err);
}
