/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The daemons of the demo node as child processes: started, watched, started again when one
 * ends unasked, ended by their process id. A child ends with its parent, however that ends. What
 * they log goes to DIR/log. Ownership: demo_children_stop(). Blocks: starting waits for no answer;
 * ending waits up to DEMO_STOP_MS for each. */
#include <sys/types.h>

#include "common/conf.h"
#include "services/cli/cli.h"

#define DEMO_STOP_MS 20000
#define DEMO_RESTARTS_MAX 5 /* within DEMO_RESTARTS_MS, of one daemon: then something is wrong */
#define DEMO_RESTARTS_MS 10000

struct demo_child {
	char name[PARTY_ID_LEN_MAX + 1];
	char program[CONF_PATH_MAX];
	char log[CONF_PATH_MAX];
	pid_t pid;         /* 0: not running */
	uint64_t since_ms; /* first of the restarts that are counted */
	unsigned restarts; /* since then */
};

struct demo_children {
	struct demo_child child[CONF_DAEMONS + 1];
	size_t len;
	char node_dir[CONF_PATH_MAX];
	unsigned restarts; /* of all, in this run */
};

/** Refuses a node on which daemons run that are nobody's children here; those of a demo that was
 * killed have a moment to go. @return an exit code, after saying what runs. */
int demo_children_absent(struct cli *c, const struct conf *conf);
/** @p web: the gateway too. @return an exit code, after saying what is wrong. */
int demo_children_start(struct cli *c, const struct conf *conf, bool web,
			struct demo_children *ret_ch);
/** Starts again what ended unasked. @return the name of one that was started, NULL: all run. */
const char *demo_children_watch(struct cli *c, struct demo_children *ch, int *ret_rc);
/** Those that still run, in order; safe on a zeroed one. */
void demo_children_stop(struct demo_children *ch);
