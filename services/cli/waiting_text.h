/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One entry of the list in sentences; nothing with --json. Blocks: on writing. */
#include "services/cli/call.h"

/** By which order the list runs where it is not the law's: @p rule is an enum order_rule. */
const char *tried_order(const struct cli *c, uint32_t rule);
void waiting_text(const struct cli *c, const PB(WaitingItem) *e);
