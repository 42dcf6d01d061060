/* SPDX-License-Identifier: EUPL-1.2 */
/* schakel lab: what the planner makes of a problem in a file. It needs no node. */
#include "services/cli/lab.h"

#include <time.h>

#include "services/cli/lab_convert.h"
#include "services/cli/subjects.h"

static const struct option compose_options[] = {
	{ "seed", "N", "het lot van de loting (1)", "the luck of the lottery (1)" },
	{ 0 },
};

static uint64_t now_us(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* An answer that its judge finds unsound is a defect of ours, whatever the file says. */
static int judged(struct cli *c, const struct lab *l, const struct lab_answer *a)
{
	const char *fault = NULL;
	int err = lab_judge(l, a, &fault);

	if (err != SK_OK) {
		return cli_fail(c, "lab", err);
	}
	if (fault != NULL) {
		cli_say(c, "dit is een fout van ons; meld ze met het bestand erbij: %s",
			"this is a defect of ours; report it with the file: %s", fault);
		return CLI_DEFECT;
	}
	return CLI_DONE;
}

static int answer(struct cli *c, const struct lab *l, const struct lab_asked *asked,
		  struct lab_answer *a)
{
	uint64_t from = now_us();
	int rc = lab_compose(c, l, asked, a);
	uint64_t us = now_us() - from;

	if (rc == CLI_DONE) {
		rc = judged(c, l, a);
	}
	return rc == CLI_DONE ? lab_show(c, l, a, us) : rc;
}

static int cmd_compose(struct cli *c)
{
	struct lab_asked asked = { .seed = 1 };
	struct lab_answer a = { 0 };
	struct lab l = { 0 };
	int rc = cli_opt_u64(c, "seed", UINT64_MAX, &asked.seed);

	if (rc == CLI_DONE) {
		rc = lab_load(c, c->arg[0], &l);
	}
	if (rc == CLI_DONE && lab_answer_make(&l, &a) != SK_OK) {
		rc = cli_fail(c, "lab", SK_ENOMEM);
	}
	if (rc == CLI_DONE) {
		rc = answer(c, &l, &asked, &a);
	}
	lab_answer_free(&a);
	lab_free(&l);
	return rc;
}

const struct command lab_commands[] = {
	{ "lab compose", "FILE", 1, 1, compose_options,
	  "het beste team voor de ene vraag in een bestand (- is de invoer), met bewijs",
	  "the best team for the one request in a file (- is standard input), with its proof",
	  "schakel lab compose vraag.lab", cmd_compose },
	{ "lab convert", "KIND FILE", 2, 2, lab_convert_options,
	  "zet een gepubliceerde opgave (scp, rail, cflp, holmberg, gap) om naar de vorm van het "
	  "lab",
	  "turns a published problem (scp, rail, cflp, holmberg, gap) into the form of the lab",
	  "schakel lab convert scp scp41.txt", cmd_lab_convert },
	{ 0 },
};
