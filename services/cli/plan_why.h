/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Why not that partner, and what is proven of the team, said in one or two sentences; never
 *  points. */
#include "services/cli/call.h"

void plan_why(const struct cli *c, const PB(WhyNot) *a);
void plan_proof(const struct cli *c, const PB(ExplainView) *v);
