/* SPDX-License-Identifier: EUPL-1.2 */
/* schakel lab: what the planner makes of a problem in a file. It needs no node. */
#include "services/cli/lab.h"

#include <string.h>
#include <time.h>

#include "services/cli/lab_convert.h"
#include "services/cli/lab_policy.h"
#include "services/cli/subjects.h"

#define REPAIR_LEAST 100000U
#define REPAIR_EACH 600U /* rounds of ruin and recreate for one request */

static const struct option compose_options[] = {
	{ "seed", "N", "het lot van de loting (1)", "the luck of the lottery (1)" },
	{ 0 },
};

static const struct option plan_options[] = {
	{ "law", "WOORD", "on: de wettelijke volgorde; off: de minste waarde; both: wat ze kost",
	  "on: the lawful order; off: the least value; both: what it costs" },
	{ "rounds", "N", "rondes van prijzen, en van de grens (300)",
	  "rounds of prices, and of the bound (300)" },
	{ "repair", "N",
	  "rondes van afbreken en weer opbouwen (100000; 600 per vraag als dat meer is)",
	  "rounds of ruin and recreate (100000; 600 a request where that is more)" },
	{ "seed", "N", "het lot van loting en zoeken (1)", "the luck of lottery and search (1)" },
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

typedef int solve_fn(struct cli *c, const struct lab *l, const struct lab_asked *asked,
		     struct lab_answer *a);

static int answer(struct cli *c, const struct lab *l, const struct lab_asked *asked,
		  struct lab_answer *a)
{
	if (lab_answer_make(l, a) != SK_OK) {
		return cli_fail(c, "lab", SK_ENOMEM);
	}
	solve_fn *solve = asked->plan ? lab_plan : lab_compose;
	int rc = solve(c, l, asked, a);

	return rc == CLI_DONE ? judged(c, l, a) : rc;
}

static int cmd_compose(struct cli *c)
{
	struct lab_asked asked = { .seed = 1 };
	struct lab_told told = { 0 };
	struct lab_answer a = { 0 };
	struct lab l = { 0 };
	int rc = cli_opt_u64(c, "seed", UINT64_MAX, &asked.seed);

	if (rc == CLI_DONE) {
		rc = lab_load(c, c->arg[0], &l);
	}
	if (rc == CLI_DONE) {
		told.us = now_us();
		rc = answer(c, &l, &asked, &a);
		told.us = now_us() - told.us;
	}
	rc = rc == CLI_DONE ? lab_show(c, &l, &a, &told) : rc;
	lab_answer_free(&a);
	lab_free(&l);
	return rc;
}

/* Whether the law holds, and whether the plan without it is wanted beside. */
static int asked_law(struct cli *c, bool *ret_law, bool *ret_both)
{
	const char *law = cli_opt(c, "law");

	if (law == NULL) {
		return CLI_DONE;
	}
	*ret_both = strcmp(law, "both") == 0;
	*ret_law = *ret_both || strcmp(law, "on") == 0;
	if (!*ret_law && strcmp(law, "off") != 0) {
		return cli_usage(c, "--law: kies on, off of both, niet \"%s\"",
				 "--law: choose on, off or both, not \"%s\"", law);
	}
	return CLI_DONE;
}

static int plans(struct cli *c, const struct lab *l, struct lab_asked *asked, bool both)
{
	struct lab_answer without = { 0 };
	struct lab_told told = { 0 };
	struct lab_answer a = { 0 };
	uint64_t from = now_us();
	int rc = answer(c, l, asked, &a);

	told.us = now_us() - from;
	if (rc == CLI_DONE && both) {
		asked->law = false;
		rc = answer(c, l, asked, &without);
		told.free = &without;
		/* Either bound holds for every plan; the better one is as true. */
		a.bound = without.bound > a.bound && without.bound <= a.value ? without.bound :
										a.bound;
		a.proven = a.bound == a.value;
	}
	rc = rc == CLI_DONE ? lab_show(c, l, &a, &told) : rc;
	lab_answer_free(&without);
	lab_answer_free(&a);
	return rc;
}

static int cmd_plan(struct cli *c)
{
	struct lab_asked asked = { .seed = 1, .rounds = 300, .repair = REPAIR_LEAST, .plan = true };
	struct lab l = { 0 };
	bool both = false;
	int rc = cli_opt_u64(c, "seed", UINT64_MAX, &asked.seed);

	rc = rc == CLI_DONE ? cli_opt_u32(c, "rounds", 1000000, &asked.rounds) : rc;
	rc = rc == CLI_DONE ? cli_opt_u32(c, "repair", 100000000, &asked.repair) : rc;
	if (rc == CLI_DONE) {
		rc = lab_load(c, c->arg[0], &l);
	}
	if (cli_opt(c, "repair") == NULL && l.requests_len > REPAIR_LEAST / REPAIR_EACH) {
		asked.repair = l.requests_len * REPAIR_EACH;
	}
	asked.law = !l.penalty_first;
	rc = rc == CLI_DONE ? asked_law(c, &asked.law, &both) : rc;
	rc = rc == CLI_DONE ? plans(c, &l, &asked, both) : rc;
	lab_free(&l);
	return rc;
}

const struct command lab_commands[] = {
	{ "lab compose", "BESTAND", 1, 1, compose_options,
	  "het beste team voor de ene vraag in een bestand (- is de invoer), met bewijs",
	  "the best team for the one request in a file (- is standard input), with its proof",
	  "schakel lab compose vraag.lab", cmd_compose },
	{ "lab plan", "BESTAND", 1, 1, plan_options,
	  "het plan van alle vragen in een bestand (- is de invoer), met grens en kloof",
	  "the plan of all requests in a file (- is standard input), with bound and gap",
	  "schakel lab plan lijst.lab --law both", cmd_plan },
	{ "lab convert", "SOORT BESTAND", 2, 2, lab_convert_options,
	  "zet een gepubliceerde opgave (scp, rail, cflp, holmberg, gap) om naar de vorm van het "
	  "lab",
	  "turns a published problem (scp, rail, cflp, holmberg, gap) into the form of the lab",
	  "schakel lab convert scp scp41.txt", cmd_lab_convert },
	{ "lab policy", "REGELS...", 1, LAB_RULES_MAX, lab_policy_options,
	  "speelt jaren van de voorbeeldregio onder een of meer regelbestanden, naast elkaar",
	  "plays years of the demo region under one or more rules files, side by side",
	  "schakel lab policy deploy/rules/arrival.rules deploy/rules/law.rules --years 2",
	  cmd_lab_policy },
	{ 0 },
};
