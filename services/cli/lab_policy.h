/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The policy lab: the life of the demo region, played under two or more rules files with
 *  the same luck, and what each of them gave. Each rules file is played in a process of its own, by
 *  the cores of the daemons on a clock that only the lab moves (inner.h). Ownership: plain values.
 */
#include "services/cli/demo_measure.h"
#include "services/cli/inner.h"

#define LAB_RULES_MAX CLI_ARGS_MAX
#define LAB_CLASSES 4      /* crisis, urgent, standard, preventive */
#define LAB_MONTHS_MAX 124 /* ten years, and the parts of a month at both ends */
#define LAB_RULES_NAME_MAX 31
#define LAB_SETTINGS_BYTES 8192 /* all settings there are, a line each */

/** One way of working: the settings that differ from the defaults, as the node reads them. */
struct lab_rules {
	const char *path;
	char name[LAB_RULES_NAME_MAX + 1]; /* of the file, without directory and ending */
	char settings[LAB_SETTINGS_BYTES]; /* lines "key = value" */
};

struct lab_class {
	uint32_t requests;       /* of the run, not withdrawn before help */
	uint32_t helped;         /* of these, help has started */
	uint64_t p50_ms, p90_ms; /* to the first help; DEMO_NOT_YET: not so many yet */
	uint64_t mean_ms;        /* who still waits counts until the end; DEMO_NO_CASE: nobody */
	uint32_t judged, on_time;
	uint32_t ranges, ranges_right; /* of the wait that were said and are over; came true */
	uint64_t ranges_days;          /* from their beginning to their end, summed */
};

/** As things stood in one month of the run: sums over its days, or what happened in it. */
struct lab_month {
	uint32_t yyyymm;
	uint32_t days, requests, helped;
	uint64_t waiting, free_hours, free_places; /* summed over the days */
};

/** What one way of working gave; it goes through a pipe as it is. */
struct lab_run {
	struct demo_result base;
	struct lab_class of[LAB_CLASSES];
	struct lab_month month[LAB_MONTHS_MAX];
	uint32_t months;
	struct inner_plans plans; /* of the list */
	uint32_t children;        /* of the run's own searches */
	uint64_t digest;          /* of all that stands in the three stores at the end */
	uint64_t inputs;          /* that the cores took */
	uint64_t cpu_ms;
};

struct lab_policies {
	struct lab_rules rules[LAB_RULES_MAX];
	struct lab_run run[LAB_RULES_MAX];
	size_t len;
	const char *keep; /* directory for what happened; NULL: it is not kept */
	uint64_t seed;
	uint32_t days;
	const char *plans; /* directory for what is checked from outside; NULL: none */
};

/* --- lab_policy_rules.c --- */

/** Reads a rules file: `key = value` lines of settings.h, # comments. @return CLI_DONE, or
 *  CLI_USAGE after saying file, line, field and rule. */
int lab_rules_read(struct cli *c, const char *path, struct lab_rules *ret_r);

/* --- lab_policy_count.c --- */

struct demo;
/** A day of the run, or its end: struct demo_task's watch. @p ctx: a struct lab_run. */
void lab_policy_watch(void *ctx, struct demo *d);

/* --- lab_policy_show.c --- */

extern const char *const lab_class_names[LAB_CLASSES];
/** The table side by side, or JSON. */
void lab_policies_show(struct cli *c, const struct lab_policies *all);
/** All figures and all months, a value a row. @return an exit code. */
int lab_policies_csv(struct cli *c, const struct lab_policies *all, const char *path);

extern const struct option lab_policy_options[];
int cmd_lab_policy(struct cli *c);
