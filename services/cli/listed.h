/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Lists that are read in pages and shown as a table, and what is named by its short code in
 *  one of them. Blocks: until the answers. */
#include "services/cli/output.h"
#include "services/cli/pages.h"

/** Reads all pages and shows them. @return an exit code. */
int listed_show(struct call *k, struct pages *p, const struct column *cols);
/** The object in the list whose `short_code` is @p text, or whose id it is: its field @p id_name.
 *  @return an exit code after saying what is wrong. */
int listed_find(struct call *k, struct pages *p, const char *text, const char *id_name,
		ProtobufCBinaryData *ret_id);
/** The ids of what --request and --need name, where they are given; opens the call. */
int named_request(struct call *k, const char *text, ProtobufCBinaryData *ret_id);
int named_need(struct call *k, const char *text, ProtobufCBinaryData *ret_id);
/** The text of an option, "" where it was not given: for string fields of messages. */
char *opt_text(const struct cli *c, const char *name);
