/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What was told or written, as people read it: every text of an opened piece, whole, under
 *  what it is. Ownership: documents belong to the caller. Blocks: on writing. */
#include <jansson.h>

#include "schakel/v1/command.pb-c.h"
#include "services/cli/cli.h"

/** Prints each text of one opened piece from column @p indent on, in the order of the table, texts
 *  of an unknown kind under their own name: nothing that was written is left out.
 *  @return how many there were. */
size_t story_texts(const struct cli *c, json_t *piece, size_t indent);
/** Prints a list of opened pieces, each with its number, its version and who of them told it. */
void story_show(const struct cli *c, json_t *list);
/** Opens the sealed words @p key of each item of a view, where this node has the key, and prints
 *  them behind its number. In the rows, the same items as a document, the opened words take the
 *  place of the sealed ones. */
struct sealed_words {
	const char *key;
	json_t *rows;
	Schakel__V1__Capsule *const *words; /* of each row; NULL: none */
	size_t len;
};
void story_words(struct cli *c, const struct sealed_words *w);
