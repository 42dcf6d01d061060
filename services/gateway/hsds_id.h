/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Ids of what we publish as HSDS: UUIDs of version 5, so that the same pool of the same
 * node always has the same one, on every node another. Pure; values only. */

#define HSDS_ID_LEN 36

struct hsds_id {
	char s[HSDS_ID_LEN + 1];
};

/** @p kind is the HSDS object ("service"), @p name what it is called on the node. */
struct hsds_id hsds_id_of(const char *node, const char *kind, const char *name);

#define HSDS_TAG_LEN 10
/** Ten letters and digits that follow from the id of a service elsewhere: the end of the name of
 * the pool that an import makes for it. */
void hsds_tag(const char *service_id, char ret_tag[HSDS_TAG_LEN + 1]);
