/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Offers that come in bulk, from a feed or a table: one row each, what becomes of it, and
 *  the report of all rows. Nothing is sent before every row was found right; what is sent states
 *  the version that was seen, so that the same again changes nothing.
 *  Pure. Ownership: everything lives in the arena; JSON is the caller's. */
#include <jansson.h>

#include "common/jsonin.h"
#include "common/lang.h"
#include "common/step.h"

#define OFFER_POOLS_PER_PARTNER_MAX 64 /* what matching takes */
#define OFFER_PART_ROWS_MAX 128U       /* in one step, all or none */
#define OFFER_PART_BYTES_MAX 60000U    /* of a frame of 64 KiB */

enum offer_outcome {
	OFFER_REFUSED,
	OFFER_SKIPPED,
	OFFER_UNCHANGED,
	OFFER_CREATED,
	OFFER_CHANGED,
	OFFER_OUTCOMES,
};

/** The pools of the node, by name. */
struct offer_pools {
	const PB(PoolItem) **item;
	size_t len;
};

struct offer_row {
	unsigned row;        /* from 1; of a table: its line */
	const char *service; /* id in the feed; of a table: NULL */
	const char *name;
	const char *partner;
	const char *pool;
	enum offer_outcome outcome;
	bool sent;
	PB(PutCapacity) *put;    /* NULL: there is nothing to send */
	const PB(PoolItem) *now; /* NULL: a new pool */
	const char *field;       /* of what is said */
	const char *nl;
	const char *en;
};

struct offer_list {
	struct arena *arena;
	struct offer_row *row;
	size_t len;
};

const PB(PoolItem) *offer_pool(const struct offer_pools *p, const char *name);
/** A text in the arena; "" without memory. */
const char *offer_text(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Says something about a row beside what was said already. */
void offer_note(struct arena *a, struct offer_row *r, const char *field, const char *nl,
		const char *en);
/** The row as it stands is wrong. */
void offer_refuse(struct arena *a, struct offer_row *r, const struct file_error *e);
/** Do both state the same, whenever it was seen and whatever it was based on? */
bool offer_same(struct arena *a, const PB(PutCapacity) *x, const PB(PutCapacity) *y);
/** A copy that can be changed; its lists are shared but for the uses themselves. @return NULL
 *  without memory. */
PB(PutCapacity) *offer_copy(struct arena *a, const PB(PoolItem) *now);
size_t offer_count(const struct offer_list *l, enum offer_outcome outcome);
/** @return {"dry_run", "imported", "counts", "rows"}. */
json_t *offer_report(const struct offer_list *l, bool dry_run);
/** The rows that were refused, in a problem of RFC 9457 for @p path. */
json_t *offer_problem(const struct offer_list *l, const char *path, enum lang lang);
#define OFFER_PROBLEM_STATUS 422
