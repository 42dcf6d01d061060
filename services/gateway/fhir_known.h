/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Which request a placer's number belongs to, as far as the lists of the daemons were read:
 *  so that an order that is sent again is found without reading them all again. A cache: losing it
 *  costs time only, and what is found is asked of the daemon before it is shown. Bounded by
 *  FHIR_KNOWN_MAX; full, it begins anew. Threads: any. Blocks: never. */
#include <stdbool.h>

#include "common/key.h"

#define FHIR_KNOWN_MAX 300000

bool fhir_known_find(const uint8_t person[OBJECT_ID_LEN], struct object_id *ret_request);
void fhir_known_add(const uint8_t person[OBJECT_ID_LEN], const struct object_id *request);
/** How far a party's own list was read, and since when persons are kept. */
struct fhir_reach {
	struct object_id to; /* all zero: not at all */
	uint64_t since;
};
struct fhir_reach fhir_known_read_to(const char *party);
/** Read on to there. Not kept when everything was forgotten since @p r was asked: what was read
 *  before is not known any more, and the list is read again the next time. */
void fhir_known_reached(const char *party, const struct fhir_reach *r);
/** Forgets everything, for tests. */
void fhir_known_clear(void);
