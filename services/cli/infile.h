/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Files that people write, and errors in them that a person can act on: the line, the
 * field, the rule that it breaks, and what to do. Readers are pure functions over bytes. Ownership:
 * texts of an error are copies. Blocks: infile_load() reads a file or standard input. */
#include <stdarg.h>

#include "common/key.h"
#include "services/cli/cli.h"

#define INFILE_BYTES_MAX (4U << 20)

struct file_error {
	unsigned line; /* from 1; 0: the file as a whole */
	char field[80];
	char nl[600]; /* the rule and what to do */
	char en[600];
};

/** Fills an error about a line. @return SK_EPROTO, so that readers can return it. */
int file_error_set(struct file_error *e, unsigned line, const char *nl, const char *en, ...)
	__attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/** Says in which field it is. @return SK_EPROTO. */
int file_error_field(struct file_error *e, const char *field);
/** The same with finished texts. */
int file_error_text(struct file_error *e, unsigned line, const char *field, const char *nl,
		    const char *en);
/** The whole of a file, or of standard input for "-", in the command's arena.
 *  @return CLI_DONE, or an exit code after saying what is wrong. */
int infile_load(struct cli *c, const char *path, struct slice *ret_bytes);
/** Says the error to a person. @return CLI_USAGE. */
int infile_say(struct cli *c, const char *path, const struct file_error *e);
/** UTF-8 without NUL. @return true, or false and the line of the first bad byte. */
bool infile_is_text(struct slice bytes, unsigned *ret_line);
