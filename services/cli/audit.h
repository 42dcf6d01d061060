/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The journal of a daemon, run again from a state that is kept. Blocks: reads files. */
#include "services/cli/offline.h"
#include "services/cli/told.h"

struct replayed {
	const char *begun_at; /* GENESIS, CHECKPOINT, STORE or GIVEN */
	struct store_facts from;
	struct replay_report report;
};

/** From --from, else from the oldest state that the journal still reaches; @p told (or NULL) is
 *  told that state and each step. @return an exit code, after saying what is wrong. Other effects
 *  than the first time are no error of it: the report says where. */
int audit_run(struct cli *c, struct offline *o, struct told *told, struct replayed *ret_r);
/** Says where the effects were others. @return an exit code. */
int audit_same(struct cli *c, const struct replayed *r);

int cmd_audit_told(struct cli *c);
