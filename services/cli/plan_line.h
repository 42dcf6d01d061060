/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An amount of a unit, as people say it. */
#include "services/cli/call.h"

struct sentence {
	char s[400];
};
/** "2 uren per week", "1 plek" */
struct sentence units_text(const struct cli *c, uint32_t count, PB(Unit) unit);
