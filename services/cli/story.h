/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What was told: sealed with the node's capsule public key, opened with its secret key.
 *  Blocks: reads key files. */
#include "services/cli/call.h"
#include "services/cli/request_file.h"

/** Seals each text. @p ret_list lives in the command's arena; told[i].child > 0 shares one person
 * id, which is put in @p io_child (zero: drawn). @return an exit code. */
struct story {
	const struct told *told;
	size_t len;
	uint32_t version;
	struct object_id child;
};
int story_seal(struct cli *c, struct story *io_story, Schakel__V1__Capsule ***ret_list);
/** @return whether the secret key that opens is readable here. */
bool story_key_here(struct cli *c);
/** Opens sealed pieces with the node's key; each document has its number in the list, from 1. */
int story_open_list(struct cli *c, Schakel__V1__Capsule *const *capsules, size_t len,
		    json_t **ret_list);
/** Opens the capsules of a request into a list of {person, version, ...content}; one that does not
 *  open is named as such. @return an exit code (no secret key here: CLI_REFUSED). */
int story_open(struct cli *c, const PB(RequestItem) *item, json_t **ret_list);
