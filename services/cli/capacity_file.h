/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Files with capacity: JSON (one pool, or a list) or a table with one row for each use of a
 *  pool, as in deploy/demo-region/pools.csv. Pure: bytes in, messages out. */
#include "services/cli/request_file.h"

/** As request_file_read(). */
SK_CHECKED int capacity_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
				  enum file_kind kind, struct file_error *ret_err);
SK_CHECKED int capacity_file_get(struct jsonin *in, size_t i, Schakel__V1__PutCapacity **ret_put);
