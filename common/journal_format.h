/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The bytes of a batch, shared by the two halves of the journal (append, recovery). */
#include "common/journal.h"

/* Offsets in the header; 88 to BATCH_HEADER_LEN is zero. */
enum header_at {
	AT_MAGIC = 0,
	AT_STORE = 8,
	AT_BATCH = 24,
	AT_FIRST = 32,
	AT_RECORDS = 40,
	AT_LEN = 44,
	AT_CORE = 48,
	AT_FORMAT = 52,
	AT_PREV = 56,
	AT_HASH = 72,
};

extern const uint8_t journal_magic[8];

/** Length on disk of a batch with that payload. */
uint64_t journal_padded(uint64_t payload_len);
/** Hash over header and payload with the hash field taken as zero; @p len without the padding. */
void journal_hash(const struct journal *j, const uint8_t *buf, size_t len,
		  uint8_t ret_hash[BATCH_HASH_LEN]);
/** Moves j->end to where @p len bytes fit, making the next segment when they do not. */
SK_CHECKED int journal_make_place(struct journal *j, uint64_t len);
