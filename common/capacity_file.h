/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Files with capacity: JSON (one pool, or a list) or a table with one row for each use of a
 *  pool, as in deploy/demo-region/pools.csv, with English or Dutch names of columns. Pure: bytes
 * in, messages out. Ownership: as of jsonin. */
#include "common/step.h"
#include "common/table.h"

/** The columns, and what they are called in Dutch. */
extern const struct table_column capacity_columns[];
extern const struct table_alias capacity_dutch[];

/** As request_file_read(). */
SK_CHECKED int capacity_file_read(struct jsonin *ret_in, struct arena *arena, struct slice bytes,
				  enum file_kind kind, struct file_error *ret_err);
SK_CHECKED int capacity_file_get(struct jsonin *in, size_t i, Schakel__V1__PutCapacity **ret_put);
/** The pool of the @p i th statement, or "". */
const char *capacity_file_pool(const struct jsonin *in, size_t i);
/** What the statement leaves out stays as it is @p now; before capacity_file_get(). */
SK_CHECKED int capacity_file_fill(struct jsonin *in, size_t i, const PB(PoolItem) *now);
/** A stated `free` becomes what is occupied otherwise; @p now NULL: a new pool.
 *  @return SK_EPROTO with the error: the numbers contradict each other. */
SK_CHECKED int capacity_file_settle(struct jsonin *in, size_t i, PB(PutCapacity) *put,
				    const PB(PoolItem) *now);
