/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What commands about a family and its plan share: which request is meant, one message, one
 *  receipt, and words that are sealed before they leave. Blocks: as call.h. */
#include "services/cli/call.h"

/** Opens the call and finds the request that a value of the command line names. */
int said_request(struct call *k, size_t arg, ProtobufCBinaryData *ret_id);
/** Sends one command to intake and shows the receipt. */
int said_send(struct call *k, PB(Message) *m, const char *nl, const char *en);
/** Seals the text of a file ("-": the input) under that name; NULL: no file. @return an exit code.
 */
int said_seal(struct cli *c, const char *path, const char *name, PB(Capsule) **ret_words);
/** A number from 1 in this program, from 0 on the wire: of a child. Not given: the first. */
int said_child_opt(struct cli *c, uint32_t *ret_child);
/** Several codes or words with commas between. @return an exit code. */
int said_codes(struct cli *c, const char *option, const ProtobufCEnumDescriptor *set, int *ret_list,
	       size_t *io_len);
/** The number of a consult as it is written down, in any case and with a dash or not. */
char *consult_code(struct cli *c, const char *text);
/** Several parties with spaces between ("huis-a huis-b"), in the arena; not given: the list stays
 * as it is. @return CLI_DONE, or CLI_USAGE after saying what is wrong. */
int said_names(struct cli *c, const char *option, char ***ret_list, size_t *ret_len);
