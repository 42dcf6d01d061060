/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Published problems in the form of the lab: set cover (OR-Library `scp` and `rail`),
 *  capacitated facility location with one source (OR-Library `cflp`, Holmberg `holmberg`) and
 *  generalised assignment (`gap`). The formats stand in tests/bench/README.md.
 *  Blocks: on the file, and on writing. */
#include "services/cli/cli.h"

extern const struct option lab_convert_options[];
int cmd_lab_convert(struct cli *c);
