/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel audit told`: what matching did in a node in use, for who judges the order from outside,
 * in the form of `schakel lab policy --plans` (tests/bench/README.md). Told while the journal is
 * run again, so what is told is what happened (L11). A plan's problem is kept nowhere: the daemon
 * made it of a copy beside its work; what became of a plan's seats is in the steps. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "services/cli/audit.h"
#include "services/cli/cores.h"
#include "services/cli/output.h"

#define TOLD_STEPS 1000000U
#define DAEMON "matching"

static int make_dir(struct cli *c, const char *dir)
{
	if (mkdir(dir, 0700) == 0) {
		return CLI_DONE;
	}
	cli_say(c, "%s: %s (kies een map die er nog niet is)",
		"%s: %s (choose a directory that is not there yet)", dir, strerror(errno));
	return CLI_REFUSED;
}

static int put_plans(struct cli *c, const char *dir)
{
	const char *path = cli_printf(c, "%s/plans.csv", dir);
	FILE *f = fopen(path, "we");
	bool bad = f == NULL || fputs(TOLD_PLANS_HEAD, f) < 0;

	bad = (f != NULL && fclose(f) != 0) || bad;
	return bad ? cli_fail(c, path, SK_ESYS) : CLI_DONE;
}

static int tell(struct cli *c, struct offline *o, const char *dir, struct told_sum *ret_sum)
{
	const char *path = cli_printf(c, "%s/steps.jsonl", dir);
	uint64_t most = TOLD_STEPS;
	struct told *told = NULL;
	struct replayed r = { 0 };
	int rc = cli_opt_u64(c, "limit", UINT64_MAX, &most);

	rc = rc != CLI_DONE ? rc : make_dir(c, dir);
	rc = rc != CLI_DONE ? rc : put_plans(c, dir);
	if (rc != CLI_DONE) {
		return rc;
	}
	int err = told_open(path, core_of(DAEMON), &told);
	if (err != SK_OK) {
		return cli_fail(c, path, err);
	}
	told_limit(told, most);
	rc = audit_run(c, o, told, &r);
	*ret_sum = told_sum(told);
	err = told_close(told);
	if (rc == CLI_DONE && err != SK_OK) {
		rc = cli_fail(c, path, err);
	}
	return rc == CLI_DONE ? audit_same(c, &r) : rc;
}

static const struct column columns[] = {
	{ "directory", "map", "directory", CELL_TEXT, NULL },
	{ "steps", "stappen", "steps", CELL_NUMBER, NULL },
	{ "last_step", "tot volgnummer", "to sequence", CELL_NUMBER, NULL },
	{ "left_out", "niet verteld", "left out", CELL_NUMBER, NULL },
	{ 0 },
};

int cmd_audit_told(struct cli *c)
{
	AUTO_OFFLINE struct offline o = { .journal_fd = -1 };
	struct told_sum sum = { 0 };
	const char *dir = c->arg[0];
	int rc = offline_open(c, DAEMON, &o);

	rc = rc != CLI_DONE ? rc : tell(c, &o, dir, &sum);
	if (rc != CLI_DONE) {
		return rc;
	}
	json_t *row = json_pack("{s:s, s:I, s:I, s:I}", "directory", dir, "steps",
				(json_int_t)sum.steps, "last_step", (json_int_t)sum.last_step,
				"left_out", (json_int_t)sum.left_out);
	json_t *doc = json_pack("{s:[o]}", "told", row);
	out_table(c, doc, "told", columns);
	json_decref(doc);
	return CLI_DONE;
}
