/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A backup of a whole node, made while it runs, and what proves that it can be restored.
 *
 *  DIR is laid out as a node: a copy of it in the node's place is the restored node.
 *  DIR/manifest.json            what is in it, the position of each daemon, a checksum of each file
 *  DIR/schakel.ini ...          configuration and keys/ of the node
 *  DIR/data/NAME/store/         compacting copy of the last commit, at a stated position
 *  DIR/data/NAME/journal/       every batch from that position on, up to a stated end
 *  DIR/data/NAME/store.key      without it neither can be read
 *  DIR/data/NAME/checkpoint/    the beginning, for `audit replay`
 *  The incarnation is in no backup: by its absence a restored daemon knows what it is (DESIGN 4).
 */
#include "services/cli/offline.h"
#include "services/cli/output.h"

#define BACKUP_FORMAT 1
#define BACKUP_MANIFEST "manifest.json"

/** Recovers a copied daemon directory in place (it is a scratch copy or part of a new backup's
 * copy) and says where it then stands. @return SK_EFOREIGN, SK_ECORRUPT, ... */
struct recovered {
	uint64_t sequence;
	uint64_t digest;
};
/** Copies DIR/NAME of a backup to scratch, recovers it there. @return an exit code. */
int backup_try(struct cli *c, const char *daemon_dir, const char *daemon, uint64_t segment_bytes,
	       struct recovered *ret_r);
/** Adds {path: sum} for every file below @p dir but the manifest. */
SK_CHECKED int backup_sums(const char *dir, json_t *files);

int cmd_backup_verify(struct cli *c);
