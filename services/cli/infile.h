/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Files that people write, read whole. Blocks: on the file or standard input. */
#include "common/textfile.h"
#include "services/cli/cli.h"

#define INFILE_BYTES_MAX (4U << 20)

/** The whole of a file, or of standard input for "-", in the command's arena.
 *  @return CLI_DONE, or an exit code after saying what is wrong. */
int infile_load(struct cli *c, const char *path, struct slice *ret_bytes);
/** Says the error to a person. @return CLI_USAGE. */
int infile_say(struct cli *c, const char *path, const struct file_error *e);
