/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the document of a request does not say in a word of its own, added to it for people:
 * "state_text", "contact_text", "ground_text", "advice_ms"; a state whose word has an open place
 * ("we can, if …") with what stands there. Pure. Ownership: the document is the caller's. */
#include <jansson.h>

#include "services/cli/cli.h"

/** Adds what is said of the request as a whole. */
void request_text_add(const struct cli *c, json_t *doc);
/** Adds "state_text" to each row: its "state", a word of @p set, with its open place filled from
 * the row. */
void states_text_add(const struct cli *c, json_t *rows, const ProtobufCEnumDescriptor *set);

struct filled_word {
	char s[200];
};
/** @p word with @p filler in place of its "…"; without a filler the part that needs it goes. */
struct filled_word word_filled(const char *word, const char *filler);
