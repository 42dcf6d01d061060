/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the code of a figure says, in the words of people. Ownership: text by value. Pure.
 */
#include "common/figure.h"
#include "services/cli/cli.h"

struct figure_text {
	char s[160];
};
/** "" when the kind has no code. */
struct figure_text figure_code_text(PB(FigureKind) kind, uint32_t code, enum lang lang);
/** "nu", "maart 2026", "jaar 2026". */
struct figure_text figure_month_text(uint32_t month, enum lang lang);
/** "6-11 jaar". */
struct figure_text figure_band_text(uint32_t band, enum lang lang);
/** What is counted: "dagen", "uur"; "" for cases. */
const char *figure_unit_text(PB(FigureKind) kind, enum lang lang);
