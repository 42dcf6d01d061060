/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The read model: the daemons' events as they came, the present state of each object, and
 * who has a part in which request. Folded from the logs "@events" of the three; nothing is here
 * that cannot be made anew (remove DIR/model and start). Ownership: model_close(). Threads:
 * model_fold() any, one at a time; reading any, beside it. Blocks: a commit for each batch. */
#include "common/conf.h"
#include "services/gateway/storedir.h"

#define MODEL_KEPT_MS (35ULL * 24 * 3600 * 1000) /* events; as long as the daemons keep them */

struct model;

/** Where the model stands in the log of one daemon. */
struct model_place {
	uint32_t incarnation; /* 0: nothing read yet */
	uint64_t nonce;
	uint64_t after; /* read up to here */
	uint64_t first; /* oldest event that is kept; after + 1 when none is */
};

SK_CHECKED int model_open(const char *dir, uint64_t map_bytes, struct model **ret_model);
void model_close(struct model *m);

struct model_entry {
	uint64_t sequence;    /* 0: of a snapshot, without a place of its own */
	struct slice message; /* packed Message with an Event */
};

/** Folds a batch and keeps the place: all or nothing, durable when it returns. With @p anew what
 * was kept of that daemon's log goes first (another incarnation, or a snapshot). */
struct model_batch {
	unsigned daemon;
	struct model_place place; /* after this batch; first is kept by the model */
	bool anew;
	const struct model_entry *entry;
	size_t len;
};
SK_CHECKED int model_fold(struct model *m, const struct model_batch *b);

/** A view of what was folded last; short: end it soon. */
struct model_read {
	struct store_txn txn;
};
SK_CHECKED int model_read_begin(struct model *m, struct model_read *ret_r);
void model_read_end(struct model_read *r);
void model_place(struct model_read *r, unsigned daemon, struct model_place *ret_place);
/** The event behind *io_sequence; moves it on. The bytes live until model_read_end().
 *  @return false: none yet. */
bool model_next(struct model_read *r, unsigned daemon, uint64_t *io_sequence,
		struct slice *ret_message);
/** The parties that have a part in a request: asked it, hold it, are its contact person; at most
 *  @p cap. @return how many. */
size_t model_parts(struct model_read *r, const uint8_t request_id[OBJECT_ID_LEN],
		   char (*ret_party)[PARTY_ID_LEN_MAX + 1], size_t cap);
/** The request of a short code. */
bool model_request(struct model_read *r, const char *short_code, uint8_t ret_id[OBJECT_ID_LEN]);
/** How many events were folded since the start, and of which kind; alarms by theirs. */
#define MODEL_KINDS 64
struct model_counts {
	uint64_t folded;
	uint64_t kind[MODEL_KINDS];
	uint64_t alarm[MODEL_KINDS];
};
void model_counts(struct model *m, struct model_counts *ret_counts);
