/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Why not that partner, and what is proven of the team, said in one or two sentences; never
 *  points. */
#include "services/cli/call.h"

#define NEEDS_SHOWN_MAX 80

/** A request and its needs, by the number that people see. */
struct subject {
	struct object_id id;
	size_t needs_len;
	struct object_id need[NEEDS_SHOWN_MAX];
	uint32_t expertise[NEEDS_SHOWN_MAX];
};

/** Below each need what is said of it (plan_lines.c). */
void plan_lines(const struct cli *c, const PB(ExplainView) *v, const struct subject *s);
void plan_why(const struct cli *c, const PB(WhyNot) *a);
void plan_proof(const struct cli *c, const PB(ExplainView) *v);
