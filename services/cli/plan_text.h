/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A plan that a node made, as the problem that `schakel lab plan` reads and the answer that
 *  it would give (tests/bench/README.md). Names are those of pools and partners and the ids of
 *  needs. Blocks: writes. */
#include <stdio.h>

#include "common/plan/plan_told.h"

void plan_text_problem(FILE *f, const struct plan_told *p);
void plan_text_answer(FILE *f, const struct plan_told *p);
