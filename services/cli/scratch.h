/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A directory of our own for work on copies, removed when the command ends.
 *  Blocks: on the disk. */
#include "services/cli/offline.h"

struct scratch {
	char dir[OFFLINE_PATH_MAX]; /* "": none */
};
/** Below --scratch, TMPDIR or /tmp. @return an exit code. */
int scratch_open(struct cli *c, struct scratch *ret_s);
void scratch_close(struct scratch *s);
#define AUTO_SCRATCH __attribute__((cleanup(scratch_close)))

/** Copies a file; holes stay holes. @return SK_ESYS, SK_EFULL, SK_ENOENT. */
SK_CHECKED int copy_file(const char *from, const char *to, unsigned mode);
/** Copies all plain files of a directory into a new one. */
SK_CHECKED int copy_folder(const char *from, const char *to);
/** BLAKE2b-256 of a file, as 64 hex digits and a NUL. */
SK_CHECKED int file_sum(const char *path, char ret_hex[65]);
