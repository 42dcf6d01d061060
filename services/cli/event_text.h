/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  An event as one sentence, in the words of people. Pure; a value, cut at its room. */
#include "common/step.h"
#include "services/cli/cli.h"

struct event_line {
	char s[320];
};
struct event_line event_line(const struct cli *c, const PB(Event) *e);
