/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One entry of the list in sentences; nothing with --json. Blocks: on writing. */
#include "services/cli/call.h"

void waiting_text(const struct cli *c, const PB(WaitingItem) *e);
