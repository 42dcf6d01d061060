/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The sentence behind each refusal, Dutch and English: what rule, and what to do. The field
 *  is named beside it by the receipt. Static storage. Pure. */
#include "common/step.h"

struct refusal_text {
	const char *nl;
	const char *en;
};
const struct refusal_text *refusal_text(PB(Refusal) code);
const struct refusal_text *late_text(void);
const struct refusal_text *busy_text(PB(Resource) what);
