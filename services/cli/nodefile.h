/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The files of a node's directory that the command writes: schakel.ini, parties.ini, keys.
 *  Ownership: texts live in the command's arena. Blocks: on the disk. */
#include "common/conf.h"
#include "services/cli/infile.h"

#define NODE_CAPSULE_PUBLIC "capsule.public"
#define NODE_CAPSULE_SECRET "capsule.secret"

/** One party as it stands in parties.ini; texts as the file has them. */
struct party_entry {
	const char *id;
	const char *name;
	const char *roles; /* words of codes.proto without ROLE_ */
	const char *zones; /* names with spaces; NULL or "": none */
	const char *organisation;
	const char *sector;
	const char *days; /* digits 1 (Monday) to 7 */
	bool on_call;
	const char *phone;
	const char *mail; /* for questions, without data about a child */
	const char *text; /* number for text messages */
	const char *org_code;
	const char *key; /* public, Z85; NULL: a pair is made in keys/ */
};

struct zone_entry {
	const char *id, *name, *contact, *stand_in, *network, *region;
};

/** @return the section's text, or NULL after saying that the key pair could not be made. */
char *party_section(struct cli *c, const char *dir, const struct party_entry *p);
char *zone_section(struct cli *c, const struct zone_entry *z);
/** Reads tables with the columns of deploy/demo-region/partners.csv and zones.csv. @p ret_list
 * lives in the arena. @return an exit code. */
int partners_read(struct cli *c, const char *path, struct party_entry **ret_list, size_t *ret_len);
int zones_read(struct cli *c, const char *path, struct zone_entry **ret_list, size_t *ret_len);
/** Joins a path in the arena. */
char *node_path(struct cli *c, const char *dir, const char *name);
/** The whole of a small text file in the arena, NUL-terminated. @return SK_ENOENT, SK_ESYS, ... */
SK_CHECKED int node_text(struct cli *c, const char *path, char **ret_text);
/** Shows every problem of a configuration. @return CLI_USAGE. */
int conf_complain(const struct cli *c, const struct conf_problems *problems);
