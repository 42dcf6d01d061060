/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The people of a request as people read them: each child (age, who decides, where it
 * stays), each adult, court orders, judgements, and child by child whose word is still needed.
 * Children are numbered from 1, as every command takes them. A place that is hidden is never shown.
 * Pure. Ownership: the document is the caller's. */
#include <jansson.h>

#include "services/cli/cli.h"

/** Adds "child_number" to each row that names a child of the request by its index, when the request
 *  has several children; then the children are told apart. */
void children_number(json_t *doc, json_t *rows, const char *path);
/** Prints the children and the adults. */
void children_show(struct cli *c, json_t *doc);
/** Prints the orders, the judgements, and what is still needed to agree. */
void children_show_grounds(struct cli *c, json_t *doc);
