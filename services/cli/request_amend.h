/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  `schakel request amend`. */
#include "services/cli/cli.h"

int cmd_request_amend(struct cli *c);
/** Its options, ended by a NULL name. */
extern const struct option request_amend_options[];
/** An option "a b" as a list of parties, in the arena; not given: the list stays as it is.
 *  @return CLI_DONE, or CLI_USAGE after saying what is wrong. */
int request_names(struct cli *c, const char *option, char ***ret_list, size_t *ret_len);
