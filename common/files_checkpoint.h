/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Checkpoints: DIR/checkpoints/%016llx/, named by the sequence up to which one goes, with a
 *  compacting copy of the store (data.mdb) and a manifest in text. One is made in "new" and counts
 *  from its rename on; one that goes is renamed to "old" first. So whatever stands under a name of
 *  16 digits with a manifest is whole. Threads: checkpoint_copy() may run beside the owner of the
 *  store; the rest is the owner's, or reads. Blocks: everything here waits for the disk. */
#include "common/journal.h"

#define CHECKPOINTS_DIR "checkpoints"
#define CHECKPOINT_NAME "%016llx"
#define CHECKPOINT_ASKED "asked" /* a file of that name in the directory asks for one now */
#define CHECKPOINTS_KEPT 2
#define CHECKPOINTS_LISTED 8

/** What a store says of itself. */
struct store_facts {
	struct journal_position pos; /* batch 0: nothing was ever committed */
	uint64_t time_ms;            /* journal time of its last commit */
	uint8_t store_id[16];
	char daemon[PARTY_ID_LEN_MAX + 1];
	uint64_t digest; /* over all replayable tables; each value verified against its checksum */
};
/** Reads a store that nobody has open. @return SK_ECORRUPT, SK_EFOREIGN, SK_ESYS. */
SK_CHECKED int files_store_facts(const char *store_dir, struct store_facts *ret_facts);

struct checkpoint {
	struct store_facts facts; /* facts.time_ms: journal time when it was made */
	uint32_t core_version;
	uint64_t made_ms; /* wall clock */
};

/** Makes the directory when it is not there, and removes what a killed attempt left. */
SK_CHECKED int checkpoint_clean(const char *dir);
/** Copies the last commit of @p st, reads the whole copy back and writes its manifest, in "new".
 *  The caller gave core version and both times in @p io_c. @return SK_ESTATE: nothing was ever
 *  committed. */
SK_CHECKED int checkpoint_copy(const char *dir, struct store *st, struct checkpoint *io_c);
/** Gives it its name; from here on it counts. Then removes all but the last CHECKPOINTS_KEPT. */
SK_CHECKED int checkpoint_publish(const char *dir, const struct checkpoint *c);
/** The whole ones up to @p sequence_max (a store put back from a copy must not take those of its
 *  lost future for its own), the latest first. No directory: none. */
SK_CHECKED int checkpoint_list(const char *dir, uint64_t sequence_max,
			       struct checkpoint ret_c[CHECKPOINTS_LISTED], size_t *ret_len);
/** True when one is asked for; the question is taken away. */
bool checkpoint_was_asked(const char *dir);
