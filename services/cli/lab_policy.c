/* SPDX-License-Identifier: EUPL-1.2 */
/* `schakel lab policy`: one region, one luck, several rules files. Each is played by a process of
 * its own, as many at a time as there are processors. */
#include "services/cli/lab_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "services/cli/demo_int.h"
#include "services/cli/node.h"
#include "services/cli/scratch.h"

#define DAYS_DEFAULT 365
#define DAYS_LEAST 32 /* a month must be over for some requests */
#define YEAR_DAYS 365
#define YEARS_MAX 10

const struct option lab_policy_options[] = {
	{ "days", "N", "zoveel dagen (365; ten minste 32)", "so many days (365; 32 at least)" },
	{ "years", "N", "zoveel jaren (ten hoogste 10)", "so many years (10 at most)" },
	{ "seed", "N", "het toeval (1)", "the luck (1)" },
	{ "region", "MAP", "map met de voorbeeldregio", "directory of the demo region" },
	{ "csv", "BESTAND", "alle cijfers, ook per maand, om te tekenen",
	  "all figures, by month too, to plot" },
	{ "keep", "MAP", "bewaar wat er onder elk bestand gebeurde, om na te tellen",
	  "keep what happened under each file, to count again" },
	{ "plans", "MAP", "nieuwe map voor elk plan en elke stap, om na te kijken",
	  "new directory for each plan and each step, to be checked" },
	{ "scratch", "MAP", "map voor tijdelijke bestanden (TMPDIR of /tmp)",
	  "directory for scratch files (TMPDIR or /tmp)" },
	{ 0 },
};

/* --- luck: the same bytes in each run, for a node that is thrown away --- */

static uint64_t luck_state;

static uint64_t luck_next(void)
{
	luck_state += 0x9e3779b97f4a7c15ULL;
	uint64_t z = luck_state;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static const char *luck_name(void)
{
	return "lab";
}

static uint32_t luck_word(void)
{
	return (uint32_t)(luck_next() >> 32);
}

static void luck_fill(void *const to, const size_t len)
{
	uint8_t *at = to;

	for (size_t done = 0; done < len;) {
		uint64_t z = luck_next();
		size_t n = len - done < sizeof(z) ? len - done : sizeof(z);
		memcpy(at + done, &z, n);
		done += n;
	}
}

/* Ids, keys and sealed texts are drawn: with drawn luck two runs would differ in every byte. The
 * process plays made-up people on a node that nobody else reaches, and ends with it. */
static void bind_luck(uint64_t seed)
{
	static struct randombytes_implementation lab = { .implementation_name = luck_name,
							 .random = luck_word,
							 .buf = luck_fill };

	luck_state = seed;
	(void)randombytes_set_implementation(&lab);
}

/* --- one rules file, in a process of its own --- */

struct player {
	pid_t pid; /* 0: none */
	int from;
	size_t which;
};

_Noreturn static void play(struct cli *c, const struct lab_policies *all, struct demo_task t,
			   int to)
{
	struct lab_run *run = calloc(1, sizeof(*run));

	SK_ASSERT(run != NULL);
	bind_luck(t.seed);
	t.inner = true;
	t.watch = lab_policy_watch;
	t.watch_ctx = run;
	t.days = all->days;
	int rc = demo_play(c, &t, &run->base);
	if (rc == CLI_DONE && demo_interrupted()) {
		rc = CLI_REFUSED;
	}
	const char *at = (const char *)run;
	for (size_t left = sizeof(*run); rc == CLI_DONE && left > 0;) {
		ssize_t n = write(to, at, left);
		rc = n <= 0 && errno != EINTR ? CLI_REFUSED : rc;
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	_exit(rc);
}

static int begin(struct cli *c, const struct lab_policies *all, const struct demo_task *t,
		 struct player *p)
{
	struct demo_task own = *t;
	int ends[2];

	if (pipe(ends) != 0) {
		return cli_fail(c, "pipe", SK_ESYS);
	}
	own.dir = cli_printf(c, "%s/%s", t->dir, all->rules[p->which].name);
	own.settings = all->rules[p->which].settings;
	own.events = all->keep == NULL ?
			     NULL :
			     cli_printf(c, "%s/%s.jsonl", all->keep, all->rules[p->which].name);
	if (all->plans != NULL) {
		own.plans = cli_printf(c, "%s/%s", all->plans, all->rules[p->which].name);
		if (mkdir(own.plans, 0755) != 0) {
			return cli_fail(c, own.plans, SK_ESYS);
		}
	}
	own.no_bar = p->which % 2 != 0; /* one bar is enough */
	(void)fflush(c->out);
	(void)fflush(c->err);
	p->pid = fork();
	if (p->pid == 0) {
		(void)close(ends[0]);
		play(c, all, own, ends[1]);
	}
	(void)close(ends[1]);
	p->from = ends[0];
	return p->pid < 0 ? cli_fail(c, "fork", SK_ESYS) : CLI_DONE;
}

static bool read_run(int fd, struct lab_run *ret_run)
{
	char *at = (char *)ret_run;
	size_t left = sizeof(*ret_run);

	while (left > 0) {
		ssize_t n = read(fd, at, left);
		if (n == 0 || (n < 0 && errno != EINTR)) {
			return false;
		}
		at += n < 0 ? 0 : n;
		left -= n < 0 ? 0 : (size_t)n;
	}
	return true;
}

static int end(struct cli *c, struct player *p, struct lab_policies *io)
{
	int status = 0;
	bool whole = read_run(p->from, &io->run[p->which]);

	(void)close(p->from);
	while (p->pid > 0 && waitpid(p->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == CLI_DONE && whole) {
		return CLI_DONE;
	}
	cli_say(c, "%s: niet uitgespeeld", "%s: not played to its end", io->rules[p->which].name);
	return WIFEXITED(status) && WEXITSTATUS(status) != CLI_DONE ? WEXITSTATUS(status) :
								      CLI_REFUSED;
}

/* As many at a time as there are processors, in the order of the command line. */
static int play_all(struct cli *c, const struct demo_task *t, struct lab_policies *io)
{
	struct player p[LAB_RULES_MAX] = { { 0 } };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t at_once = cpus > 1 ? (size_t)cpus : 1;
	size_t begun = 0;
	int rc = CLI_DONE;

	for (size_t done = 0; done < io->len; done++) {
		while (rc == CLI_DONE && begun < io->len && begun < done + at_once) {
			p[begun].which = begun;
			rc = begin(c, io, t, &p[begun]);
			begun += p[begun].pid > 0;
		}
		if (done == begun) {
			break;
		}
		int one = end(c, &p[done], io);
		rc = rc == CLI_DONE ? one : rc;
		node_remove_tree(cli_printf(c, "%s/%s", t->dir, io->rules[done].name));
	}
	return rc;
}

/* --- the command --- */

static int read_span(struct cli *c, struct lab_policies *io)
{
	uint32_t years = 0;
	int rc = cli_opt_u32(c, "years", YEARS_MAX, &years);

	io->days = years == 0 ? io->days == 0 ? DAYS_DEFAULT : io->days : years * YEAR_DAYS;
	if (rc == CLI_DONE && cli_opt(c, "years") != NULL && cli_opt(c, "days") != NULL) {
		return cli_usage(c, "geef --days of --years, niet beide",
				 "give --days or --years, not both");
	}
	if (rc == CLI_DONE && io->days < DAYS_LEAST) {
		return cli_usage(c, "--days: ten minste %u, anders is er geen maand voorbij",
				 "--days: %u at least, or no month is over", DAYS_LEAST);
	}
	return rc;
}

static int read_rules(struct cli *c, struct lab_policies *io)
{
	int rc = CLI_DONE;

	for (io->len = 0; rc == CLI_DONE && io->len < c->args_len; io->len++) {
		struct lab_rules *r = &io->rules[io->len];
		rc = lab_rules_read(c, c->arg[io->len], r);
		for (size_t i = 0; rc == CLI_DONE && i < io->len; i++) {
			if (strcmp(io->rules[i].name, r->name) == 0) {
				rc = cli_usage(c, "%s en %s heten allebei %s; hernoem er een",
					       "%s and %s are both named %s; rename one",
					       io->rules[i].path, r->path, r->name);
			}
		}
	}
	return rc;
}

/* A new directory for what is kept of the run; without the option none. */
static int make_dir(struct cli *c, const char *option, const char **ret_dir)
{
	*ret_dir = cli_opt(c, option);
	if (*ret_dir != NULL && mkdir(*ret_dir, 0755) != 0) {
		cli_say(c, "--%s %s: %s (kies een map die er nog niet is)",
			"--%s %s: %s (choose a directory that is not there yet)", option, *ret_dir,
			strerror(errno));
		return CLI_REFUSED;
	}
	return CLI_DONE;
}

int cmd_lab_policy(struct cli *c)
{
	static struct lab_policies all; /* large; one command, once */
	AUTO_SCRATCH struct scratch s = { "" };
	struct demo_task t = { .seed = 1 };
	int rc = demo_read_task(c, &t);

	all.days = t.days;
	all.seed = t.seed;
	rc = rc == CLI_DONE ? read_span(c, &all) : rc;
	rc = rc == CLI_DONE ? read_rules(c, &all) : rc;
	rc = rc == CLI_DONE ? make_dir(c, "keep", &all.keep) : rc;
	rc = rc == CLI_DONE ? make_dir(c, "plans", &all.plans) : rc;
	rc = rc == CLI_DONE ? scratch_open(c, &s) : rc;
	if (rc == CLI_DONE) {
		t.dir = s.dir;
		demo_watch_signals();
		rc = play_all(c, &t, &all);
	}
	if (rc == CLI_DONE) {
		lab_policies_show(c, &all);
		const char *csv = cli_opt(c, "csv");
		rc = csv == NULL ? rc : lab_policies_csv(c, &all, csv);
	}
	return rc;
}
