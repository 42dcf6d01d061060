/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Dates and times as people write and read them. Pure; never blocks. */
#include <stdbool.h>
#include <stdint.h>

#include "common/lang.h"

struct when_text {
	char s[48];
};

/** Reads "2026-03-03" (start of that local day), "2026-03-03 08:30" or with a T between (local
 * time), or "2026-03-03T07:30:00Z" with optional milliseconds (UTC).
 *  @return false when it is none of these or no such day. */
bool when_parse(const char *s, uint64_t *ret_ms);
/** Local, written out: "3 maart 2026, 08:30". 0 gives an empty text. */
struct when_text when_show(uint64_t at_ms, enum lang lang);
/** UTC for programs: "2026-03-03T07:30:00.000Z". */
struct when_text when_iso(uint64_t at_ms);
