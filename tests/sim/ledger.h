/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The oracle's memory of one daemon: every input that its engine says it applied, with the
 *  effects, folded by own code; and what has left a daemon, kept for ever. Shares nothing with the
 *  engine but the names of tables and messages. */
#include "common/engine.h"
#include "tests/sim/map64.h"

#define LEDGER_TAGS 4

/** One applied input. */
struct record_kept {
	uint64_t sequence;
	uint64_t time_ms;
	uint8_t kind;
	uint8_t outcome;
	char party[PARTY_ID_LEN_MAX + 1];
	uint8_t id[16];
	int body;
	uint64_t tag[LEDGER_TAGS]; /* of the scenario */
	uint8_t *effects;
	size_t effects_len;
	/* of a fact: the cursor as it was put */
	uint32_t cursor_incarnation;
	uint64_t cursor_nonce;
	uint64_t cursor_sequence;
	bool isolated; /* the daemon, before it */
	bool has_cursor;
};

/** Where a daemon stands in the log of a peer. */
struct cursor_kept {
	char peer[PARTY_ID_LEN_MAX + 1];
	uint32_t incarnation;
	uint64_t nonce;
	uint64_t sequence;
	uint64_t written_by; /* sequence of the input that put it */
};
#define LEDGER_PEERS 4

struct ledger {
	struct record_kept *rec;
	size_t len, cap;
	uint64_t left_sequence; /* something that left says that this was applied */
	/* folds of base and effects */
	struct map64 base; /* rows of the new store */
	struct map64 row;  /* hash of (table, key) -> hash of the value */
	uint64_t row_sum;
	struct cursor_kept cursor[LEDGER_PEERS];
	size_t cursors;
	uint64_t awaited;   /* peers whose inventory is awaited: in isolation while not 0 */
	struct map64 seen;  /* (party, message id) -> sequence */
	struct map64 entry; /* (log, incarnation, n) -> sequence of the input that wrote it */
	struct map64 body;  /* the same -> hash of the message */
};

/** Entries of logs that ever left a daemon, in any of its lives. */
struct claims {
	struct map64 hash; /* (writer, log, incarnation, nonce, n) -> hash of the message bytes */
	struct map64 id;   /* the same -> hash of the message id */
};

void ledger_done(struct ledger *l);
/** Adds a row of the store as it was made. */
void ledger_base(struct ledger *l, uint8_t table, struct slice key, struct slice val);
/** @return the new record, or NULL when an input with that id was applied before (I2). */
struct record_kept *ledger_add(struct ledger *l, const struct applied *a);
/** Forgets what lies behind @p sequence: a crash or an old copy took it. */
void ledger_truncate(struct ledger *l, uint64_t sequence);
const struct record_kept *ledger_find(const struct ledger *l, const char *party,
				      const uint8_t id[16]);
const struct record_kept *ledger_at(const struct ledger *l, uint64_t sequence);
/** True for tables that a replay reproduces. */
bool ledger_covers(uint8_t table);
uint64_t ledger_row_hash(uint8_t table, struct slice key, struct slice val);
struct cursor_kept *ledger_cursor(struct ledger *l, const char *peer);

/** The place of one entry of a log. */
struct entry_at {
	const char *writer; /* "" within one ledger */
	const char *log;
	uint32_t incarnation;
	uint64_t nonce; /* 0 within one ledger */
	uint64_t sequence;
};
uint64_t entry_key(const struct entry_at *at);
void claims_done(struct claims *c);
