/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel demo compare`: the same people, the same calls and the same places, twice: once in
 * yesterday's way (one request to one facility at a time, whoever came first goes first) and once
 * in that of Schakel. Yesterday's way is the same daemons under other settings, so that nothing but
 * the way differs. What got worse is printed as plainly as what got better. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/cli/demo.h"
#include "services/cli/demo_compare.h"
#include "services/cli/demo_int.h"
#include "services/cli/node.h"

#define DAYS_DEFAULT 90
#define DAYS_LEAST 32 /* a month must be over for some requests */
#define KNOWN_ALL 1000
#define PATH_BYTES 512

/* One partner at a time for a whole request, nobody asked beside it, the date alone counts, and who
 * asks knows of a part of the offer only. That part is a number of the region (assumptions.csv),
 * calibrated with `make calibrate`: with it what was published comes out. */
static const struct demo_way ways[] = {
	{ "team", "team_partners_max = 1\n", "één partner per vraag", "one partner a request" },
	{ "asks", "asks_at_once = 1\n", "één vraag tegelijk", "one ask at a time" },
	{ "order", "order_rule = 1\n", "de datum van aanmelden als enige volgorde",
	  "the date of asking as the only order" },
};

const struct option demo_compare_options[] = {
	{ "days", "N", "zoveel dagen, elke keer (90)", "so many days, each time (90)" },
	{ "seed", "N", "het toeval van de demo (1)", "the luck of the demo (1)" },
	{ "seeds", "N", "zoveel keer, telkens met ander toeval (1)",
	  "so many times, each with other luck (1)" },
	{ "known", "N", "hoeveel van elke duizend partners een aanmelder gisteren kende (geijkt)",
	  "how many of a thousand partners who asks knew of yesterday (calibrated)" },
	{ "only", "team|asks|order",
	  "vergelijk met Schakel dat alleen hierin als gisteren is: team, asks of order",
	  "compare with Schakel that is as yesterday in this alone: team, asks or order" },
	{ "keep", "MAP", "bewaar beide nodes en alles wat er gebeurde, om na te tellen",
	  "keep both nodes and all that happened, to count again" },
	{ "check", NULL, "eindig met 1 als de ijking niet klopt met wat gepubliceerd is",
	  "end with 1 when the calibration is not what was published" },
	{ "region", "MAP", "map met de voorbeeldregio", "directory of the demo region" },
	{ 0 },
};

static const char *const worlds[DEMO_WORLDS] = { "yesterday", "schakel" };

/* --- one seed: both worlds at once, each in a process of its own --- */

/* The result of one world comes through a pipe; a world that failed wrote nothing. */
struct world_run {
	pid_t pid;
	int from;
};

static bool write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);
		if (n < 0 && errno != EINTR) {
			return false;
		}
		at += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return true;
}

static bool read_all(int fd, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t n = read(fd, at, len);
		if (n == 0 || (n < 0 && errno != EINTR)) {
			return false;
		}
		at += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return true;
}

/* A plan of the list comes when its worker is ready, by the clock on the wall: what it changes
 * could not be played again. What plans do is compared by `schakel lab policy`. */
#define UNPLANNED "plan_interval_s = 0\n"

_Noreturn static void play_world(struct cli *c, struct demo_task t, size_t world, int to)
{
	struct demo_result r = { 0 };

	t.events = cli_printf(c, "%s/%s.events.jsonl", t.dir, worlds[world]);
	t.dir = cli_printf(c, "%s/%s", t.dir, worlds[world]);
	t.yesterday = world == 0;
	t.settings = world == 0 ? t.settings : UNPLANNED;
	t.no_bar = world == 0; /* one bar is enough */
	t.exact = true;
	int rc = demo_play(c, &t, &r);
	if (rc == CLI_DONE && demo_interrupted()) {
		rc = CLI_REFUSED;
	}
	if (rc == CLI_DONE && !write_all(to, &r, sizeof(r))) {
		rc = CLI_REFUSED;
	}
	_exit(rc);
}

static int begin_world(struct cli *c, const struct demo_task *t, size_t world,
		       struct world_run *ret_run)
{
	int ends[2];

	if (pipe(ends) != 0) {
		return cli_fail(c, "pipe", SK_ESYS);
	}
	(void)fflush(c->out);
	(void)fflush(c->err);
	ret_run->pid = fork();
	if (ret_run->pid == 0) {
		(void)close(ends[0]);
		play_world(c, *t, world, ends[1]);
	}
	(void)close(ends[1]);
	ret_run->from = ends[0];
	return ret_run->pid < 0 ? cli_fail(c, "fork", SK_ESYS) : CLI_DONE;
}

static int end_world(struct cli *c, const struct world_run *run, struct demo_result *ret_result)
{
	int status = 0;
	bool whole = read_all(run->from, ret_result, sizeof(*ret_result));

	(void)close(run->from);
	while (run->pid > 0 && waitpid(run->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (run->pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == CLI_DONE && whole) {
		return CLI_DONE;
	}
	return run->pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) != CLI_DONE ?
		       WEXITSTATUS(status) :
		       cli_fail(c, "demo", SK_ESYS);
}

static int play_seed(struct cli *c, const struct demo_task *t, struct demo_result *ret_pair)
{
	struct world_run run[DEMO_WORLDS] = { 0 };
	int rc = CLI_DONE;
	size_t begun = 0;

	for (; begun < DEMO_WORLDS && rc == CLI_DONE; begun++) {
		rc = begin_world(c, t, begun, &run[begun]);
	}
	for (size_t i = 0; i < begun; i++) {
		int one = end_world(c, &run[i], &ret_pair[i]);
		rc = rc == CLI_DONE ? one : rc;
	}
	return rc;
}

static int play_seeds(struct cli *c, const struct demo_task *t, struct demo_compared *io)
{
	int rc = CLI_DONE;

	for (uint32_t i = 0; i < io->seeds && rc == CLI_DONE; i++) {
		struct demo_task one = *t;
		struct demo_result pair[DEMO_WORLDS] = { { 0 } };
		one.seed = t->seed + i;
		one.dir = cli_printf(c, "%s/seed-%llu", t->dir, (unsigned long long)one.seed);
		cli_say(c, "zaad %llu: twee keer %u dagen …", "seed %llu: %u days, twice …",
			(unsigned long long)one.seed, t->days);
		if (mkdir(one.dir, 0755) != 0) {
			cli_say(c, "%s: %s", "%s: %s", one.dir, strerror(errno));
			return CLI_REFUSED;
		}
		rc = play_seed(c, &one, pair);
		io->of[0][i] = pair[0];
		io->of[1][i] = pair[1];
		if (!io->kept) {
			node_remove_tree(one.dir);
		}
	}
	return rc;
}

/* --- the command --- */

static int read_only(struct cli *c, struct demo_compared *io)
{
	const char *name = cli_opt(c, "only");

	io->only = NULL;
	for (size_t i = 0; name != NULL && i < SK_LEN(ways); i++) {
		io->only = strcmp(name, ways[i].name) == 0 ? &ways[i] : io->only;
	}
	return name == NULL || io->only != NULL ?
		       CLI_DONE :
		       cli_usage(c, "--only: '%s' is geen van team, asks, order",
				 "--only: '%s' is none of team, asks, order", name);
}

/* As calibrated for that region, or as it is asked; all of them when one thing alone differs. */
static int read_known(struct cli *c, const char *dir, struct demo_compared *io)
{
	struct demo_region region;
	int rc = demo_region_read(c, dir, &region);

	io->known = io->only == NULL ? region.n.yesterday_partners_known : KNOWN_ALL;
	demo_region_done(&region);
	return rc == CLI_DONE ? cli_opt_u32(c, "known", KNOWN_ALL, &io->known) : rc;
}

static const char *settings_of(struct cli *c, const struct demo_compared *all)
{
	const char *text = UNPLANNED;

	for (size_t i = 0; i < SK_LEN(ways); i++) {
		if (all->only == NULL || all->only == &ways[i]) {
			text = cli_printf(c, "%s%s", text, ways[i].settings);
		}
	}
	return cli_printf(c, "%spartners_known_permille = %u\n", text, all->known);
}

static int read_options(struct cli *c, struct demo_task *io_task, struct demo_compared *io)
{
	int rc = demo_read_task(c, io_task);

	io->seeds = 1;
	rc = rc == CLI_DONE ? read_only(c, io) : rc;
	rc = rc == CLI_DONE ? read_known(c, io_task->region, io) : rc;
	if (rc == CLI_DONE) {
		rc = cli_opt_u32(c, "seeds", DEMO_SEEDS_MAX, &io->seeds);
	}
	if (rc == CLI_DONE && io_task->days < DAYS_LEAST) {
		rc = cli_usage(c, "--days: ten minste %u, anders is er geen maand voorbij",
			       "--days: %u at least, or no month is over", DAYS_LEAST);
	}
	if (rc == CLI_DONE && io->only != NULL && cli_flag(c, "check")) {
		rc = cli_usage(c, "--check: de ijking is die van gisteren; laat --only weg",
			       "--check: the calibration is that of yesterday; leave out --only");
	}
	io->seeds = io->seeds == 0 ? 1 : io->seeds;
	io->known = io->known == 0 ? 1 : io->known;
	io->seed = io_task->seed;
	io->days = io_task->days;
	return rc;
}

static int make_base(struct cli *c, char made[PATH_BYTES], struct demo_compared *io,
		     const char **ret_base)
{
	const char *keep = cli_opt(c, "keep");

	io->kept = keep != NULL;
	(void)snprintf(made, PATH_BYTES, "/tmp/schakel-compare-XXXXXX");
	if (keep == NULL && mkdtemp(made) == NULL) {
		return cli_fail(c, made, SK_ESYS);
	}
	if (keep != NULL && mkdir(keep, 0755) != 0) {
		cli_say(c, "%s: %s (kies een map die er nog niet is)",
			"%s: %s (choose a directory that is not there yet)", keep, strerror(errno));
		return CLI_REFUSED;
	}
	*ret_base = keep != NULL ? keep : made;
	return CLI_DONE;
}

int cmd_demo_compare(struct cli *c)
{
	static struct demo_compared all; /* large; one command, once */
	struct demo_task t = { .seed = 1, .days = DAYS_DEFAULT };
	char made[PATH_BYTES];
	int rc = read_options(c, &t, &all);

	if (rc == CLI_DONE) {
		rc = make_base(c, made, &all, &t.dir);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	t.settings = settings_of(c, &all);
	demo_watch_signals();
	rc = play_seeds(c, &t, &all);
	if (!all.kept) {
		node_remove_tree(t.dir);
	}
	if (rc != CLI_DONE) {
		return rc;
	}
	demo_compared_show(c, &all);
	bool within = demo_calibration(all.of[0], all.seeds).within;
	return cli_flag(c, "check") && !within ? CLI_REFUSED : CLI_DONE;
}
