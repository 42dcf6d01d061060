/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Texts that people wrote, and errors in them that a person can act on: the line, the
 * field, the rule that it breaks, and what to do. Pure. Ownership: texts of an error are copies. */
#include <stdarg.h>
#include <stdbool.h>

#include "common/arena.h"
#include "common/err.h"
#include "common/key.h"

enum file_kind { FILE_JSON, FILE_CSV };

struct file_error {
	unsigned line; /* from 1; 0: the file as a whole */
	char field[80];
	char nl[600]; /* the rule and what to do */
	char en[600];
};

/** Fills an error about a line. @return SK_EPROTO, so that readers can return it. */
int file_error_set(struct file_error *e, unsigned line, const char *nl, const char *en, ...)
	__attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/** The same with the values of both texts in @p args. @return SK_EPROTO. */
int file_error_values(struct file_error *e, const char *nl, const char *en, va_list args);
/** Says in which field it is. @return SK_EPROTO. */
int file_error_field(struct file_error *e, const char *field);
/** The same with finished texts. */
int file_error_text(struct file_error *e, unsigned line, const char *field, const char *nl,
		    const char *en);
/** UTF-8 without NUL. @return true, or false and the line of the first bad byte. */
bool infile_is_text(struct slice bytes, unsigned *ret_line);
