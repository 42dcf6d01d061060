/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A request as people read it. Blocks: on the daemons. */
#include "services/cli/call.h"

int cmd_request_show(struct cli *c);
/** The receipt as a document, or one line with the short code. */
void out_receipt(struct cli *c, const PB(Receipt) *r, const char *nl, const char *en);
