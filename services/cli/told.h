/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What a daemon's inputs changed, step by step, in a file for who checks from outside that
 *  the order was kept: the rows that its service tells (struct service: told), a JSON document a
 *  line. tests/bench/README.md describes it. Blocks: writes the file. */
#include "common/engine.h"

#define TOLD_PLANS_HEAD \
	"plan,at,sequence,rules_version,requests,needs,covered,value,bound,free_value,proposed\n"

struct told;

/** @return SK_EFOREIGN: of that daemon nothing is told. SK_ESYS: errno says why. */
SK_CHECKED int told_open(const char *path, const struct service *svc, struct told **ret_t);
/** So many steps at most; what comes later is counted only. */
void told_limit(struct told *t, uint64_t steps_most);
/** The told rows that @p st holds, as they stood after input @p sequence; before the first step. */
void told_begin(struct told *t, struct store *st, uint64_t sequence, uint64_t time_ms);
/** One input with its effects; a line when a told row changed. engine_on_applied()'s @p ctx is the
 *  struct told. */
void told_step(void *ctx, const struct applied *a);
struct told_sum {
	uint64_t steps, last_step; /* that are in the file; the number of the last */
	uint64_t left_out;         /* steps that changed a told row, beyond the limit */
};
struct told_sum told_sum(const struct told *t);
/** @return SK_ESYS, SK_ECORRUPT: something is not in the file. NULL is a no-op. */
int told_close(struct told *t);
