/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The journal: batches of records in zero-filled segments (DESIGN 3). A batch is whole or
 *  absent; it starts on a fresh block, never spans segments, and chains to the one before by hash.
 *  Pure but for the port. Blocks: journal_flush(). */
#include "common/engine.h"

#define BATCH_HEADER_LEN 112
#define BATCH_HASH_LEN 16
#define RECORD_HEADER_LEN 32

enum record_kind {
	RECORD_COMMAND = 1,
	RECORD_FACT = 2, /* from the log of a peer daemon */
	RECORD_TICK = 3,
	RECORD_CONFIG = 4,
	RECORD_ENGINE = 5, /* incarnations */
	RECORD_AUDIT = 6,  /* leaf of the audit tree: no step, no effects */
};

/** One record; the slices borrow from the batch. */
struct record {
	uint8_t kind;
	uint8_t outcome; /* PB(Outcome) */
	uint64_t time_ms;
	uint64_t peer_sequence; /* FACT: place in the peer's log */
	struct party from;      /* FACT: the peer */
	struct slice input;     /* packed Message */
	struct slice effects;
};

struct batch_header {
	uint8_t store_id[16];
	uint64_t batch;          /* 1, 2, ... */
	uint64_t first_sequence; /* of its first record */
	uint32_t records;
	uint32_t payload_len;
	uint32_t core_version;
	uint8_t prev_hash[BATCH_HASH_LEN];
	uint8_t hash[BATCH_HASH_LEN];
};

struct journal_place {
	uint64_t segment;
	uint64_t offset;
};

struct journal {
	const struct port *port;
	uint8_t key[STORE_KEY_LEN];
	uint8_t store_id[16];
	uint64_t segment_bytes;
	uint32_t core_version;
	/* the end of the chain */
	struct journal_place end;  /* where the next batch goes */
	struct journal_place last; /* where the last batch stands */
	uint64_t last_batch;
	uint64_t next_sequence;
	uint8_t last_hash[BATCH_HASH_LEN];
	uint64_t first_segment;
	/* the batch being filled: header room first */
	uint8_t *buf;
	size_t buf_len;
	size_t buf_cap;
	uint32_t records;
	bool written; /* batch written, flush owed */
	bool ahead;   /* next segment was asked for */
};

/** Prepares an empty journal of a new store, or one at the given position (see journal_recover). */
SK_CHECKED int journal_init(struct journal *j, const struct port *port,
			    const struct engine_conf *conf, const uint8_t store_id[16]);
void journal_done(struct journal *j);
/** Adds a record to the batch. @return SK_EFULL when the batch must be written first. */
SK_CHECKED int journal_add(struct journal *j, const struct record *r);
bool journal_has_room(const struct journal *j);
/** Writes the batch (if it has records) and flushes; then it is durable. */
SK_CHECKED int journal_flush(struct journal *j);

/** Called for each good batch behind the position. */
typedef int journal_batch_fn(void *ctx, const struct batch_header *h, struct slice payload,
			     struct journal_place at);
/** Where the store says it stands; batch 0: nothing was ever committed. */
struct journal_position {
	uint64_t batch;
	struct journal_place at;
	uint64_t next_sequence;
	uint8_t hash[BATCH_HASH_LEN];
};
/** Walks from the position: verifies that its batch is there, hands each good batch behind it to
 *  @p fn, cuts a torn end, and leaves the journal ready to append.
 *  @return SK_EFOREIGN (position not found), SK_ECORRUPT (a bad batch with a valid later one);
 *  *ret_bad then says where. */
SK_CHECKED int journal_recover(struct journal *j, const struct journal_position *pos,
			       journal_batch_fn *fn, void *ctx, struct journal_place *ret_bad);
/** Writes batches of the given payloads again, byte for byte, into a new segment, and flushes. */
SK_CHECKED int journal_rewrite(struct journal *j, const struct journal_position *from);
/** Reads the next record of a payload. @return 1, 0 at the end, or SK_ECORRUPT. */
int record_next(struct slice *rest, struct record *ret_r);
/** Journal time of the first record of @p segment. Only while no batch is being filled: it reads
 *  into that room. @return SK_ECORRUPT when no good batch stands there. */
SK_CHECKED int journal_segment_time(struct journal *j, uint64_t segment, uint64_t *ret_ms);
/** Removes whole segments below @p keep_from. */
SK_CHECKED int journal_trim(struct journal *j, uint64_t keep_from);
