/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The crises of a call list. Ownership: rows belong to the caller. Pure. */
#include <jansson.h>

/** The requests of @p zone ("": of each), most pressing first: those without a night plan, by
 * crisis step and by how long they stand; then those with one, by the call that was promised. */
json_t *call_list_crises(json_t *requests, const char *zone);
