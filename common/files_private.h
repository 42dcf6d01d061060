/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What the parts of common/files*.c share. Errors: SK_EFULL when the disk is, else SK_ESYS.
 */
#include "common/files.h"

/** Translates errno of the call that just failed. */
SK_CHECKED int files_errno(void);
/** Writes all of it or fails; never short. */
SK_CHECKED int files_write_all(int fd, const void *buf, size_t len, uint64_t offset);
/** First and last segment in the directory; 0, 0 when there is none. */
SK_CHECKED int files_list(int journal_dir, uint64_t *ret_first, uint64_t *ret_last);
void files_unmap_slot(struct files *f);
