/* SPDX-License-Identifier: EUPL-1.2 */
/* For who checks a node inside this process from outside: `steps.jsonl`, all that matching did;
 * `plans.csv`, a line for each plan of the list; and of each plan the problem and the answer, in
 * the form of `schakel lab plan`. tests/bench/README.md describes them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/when.h"
#include "services/cli/inner_int.h"
#include "services/cli/plan_text.h"

#define PATH_BYTES (CONF_PATH_MAX + 64)

static FILE *file_of(struct inner *n, const char *name)
{
	char path[PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/%s", n->plans_dir, name);

	return len > 0 && (size_t)len < sizeof(path) ? fopen(path, "we") : NULL;
}

int inner_told_open(struct inner *n, struct inner_core *core)
{
	char path[PATH_BYTES];
	int len = snprintf(path, sizeof(path), "%s/steps.jsonl", n->plans_dir);
	int err = len > 0 && (size_t)len < sizeof(path) ? told_open(path, core->svc, &n->told) :
							  SK_ESYS;

	if (err != SK_OK) {
		return err;
	}
	engine_on_applied(core->engine, told_step, n->told);
	n->plans_index = file_of(n, "plans.csv");
	if (n->plans_index == NULL) {
		return SK_ESYS;
	}
	(void)fputs(TOLD_PLANS_HEAD, n->plans_index);
	return SK_OK;
}

static int close_file(FILE *f)
{
	int bad = ferror(f);

	return fclose(f) != 0 || bad != 0 ? SK_ESYS : SK_OK;
}

int inner_told(struct inner *n)
{
	int err = n->told_err;
	int told = told_close(n->told);

	n->told = NULL;
	err = err == SK_OK ? told : err;
	if (n->plans_index != NULL) {
		int index = close_file(n->plans_index);
		err = err == SK_OK ? index : err;
	}
	n->plans_index = NULL;
	return err;
}

static void one_file(struct inner *n, const char *ending, const struct plan_told *plan,
		     void (*put)(FILE *f, const struct plan_told *plan))
{
	char name[40];

	(void)snprintf(name, sizeof(name), "plan-%05" PRIu64 "%s", n->plans_told, ending);
	FILE *f = file_of(n, name);
	int err = SK_ESYS;
	if (f != NULL) {
		put(f, plan);
		err = close_file(f);
	}
	n->told_err = n->told_err == SK_OK ? err : n->told_err;
}

/* need:pool/use of what can begin now, in the order of the plan's seats. */
static void put_seats(FILE *f, const PB(PlanProposed) *m)
{
	for (size_t i = 0; i < m->n_seats; i++) {
		char hex[2 * OBJECT_ID_LEN + 1];
		struct object_id id = { { 0 } };
		(void)object_id_from(&m->seats[i]->need_id, &id);
		object_id_hex(&id, hex);
		(void)fprintf(f, "%s%s:%s/%u", i == 0 ? "" : " ", hex, m->seats[i]->pool,
			      m->seats[i]->use);
	}
}

void inner_told_plan(struct inner *n, const struct plan_told *plan, const PB(PlanProposed) *m)
{
	FILE *f = n->plans_index;

	n->plans_told++;
	one_file(n, ".lab", plan, plan_text_problem);
	one_file(n, ".txt", plan, plan_text_answer);
	(void)fprintf(f,
		      "%" PRIu64 ",%s,%" PRIu64 ",%u,%zu,%u,%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64
		      ",",
		      n->plans_told, when_iso(plan->now_ms).s, plan->sequence, plan->rules_version,
		      plan->problem->groups_len, m->needs, m->covered, m->value, m->bound,
		      plan->free_value);
	put_seats(f, m);
	(void)fputc('\n', f);
}
