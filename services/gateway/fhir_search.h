/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Searches over requests, page by page. The cursor of a page is opaque to who asks. */
#include "services/gateway/fhir_call.h"

typedef void fhir_add_fn(struct fhir_call *c, const struct fhir_item *i, json_t *bundle);

/** Adds a page of the asker's own requests behind @p after (hex; NULL: the first). @p ret_next is
 *  the cursor of the next one, "" when there is none. */
int fhir_page(struct fhir_call *c, const char *after, fhir_add_fn *add, json_t *bundle,
	      char ret_next[2 * OBJECT_ID_LEN + 1]);
/** Runs a search as it is asked, or refuses it (fhir_query_check()); its total alone where only
 * that is asked. */
void fhir_search_run(struct fhir_call *c, fhir_fn *search, bool strict);
/** "system|value" or "value": ours, or the placer's. */
int fhir_item_by_identifier(struct fhir_call *c, const char *identifier, struct fhir_item *ret_i);
bool fhir_wants_status(struct fhir_call *c, const char *status);
/** self, and next when there is one. */
void fhir_links(struct fhir_call *c, json_t *bundle, const char *next);

/* Cursors of the daemons, as texts. */
const char *fhir_hex_text(struct fhir_call *c, const ProtobufCBinaryData *b);
bool fhir_bytes(struct fhir_call *c, const char *hex, ProtobufCBinaryData *ret_b);
