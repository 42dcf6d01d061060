/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A request as people read it. Blocks: on the daemons. */
#include "services/cli/call.h"

int cmd_request_show(struct cli *c);
/** Ends a command that was answered: with --json the receipt as a document, whatever its outcome;
 * else, when it was accepted, one line with the short code. @p r may be NULL. @return @p rc. */
int out_receipt(struct cli *c, int rc, const PB(Receipt) *r, const char *nl, const char *en);
/** The same for what is found by another name than its code: the line alone. */
int out_done(struct cli *c, int rc, const PB(Receipt) *r, const char *nl, const char *en);
