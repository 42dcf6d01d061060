/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  `schakel request amend`. */
#include "services/cli/cli.h"

int cmd_request_amend(struct cli *c);
/** Its options, ended by a NULL name. */
extern const struct option request_amend_options[];
