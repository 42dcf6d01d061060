/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A node's directory for tests: configuration, code list and keys of a small region. */
#include <stdbool.h>
#include <stddef.h>

#define NODE_RIG_PATH_MAX 256

struct node_rig {
	char dir[NODE_RIG_PATH_MAX];
};

/** One line of a file that differs from the good one: the value of a key, or, with a NULL value,
 * the key left out. A section that the good file lacks is added at the end. */
struct node_rig_line {
	const char *section;
	const char *key;
	const char *value;
};

/** Makes the directory with key files for every party and writes the good configuration. */
void node_rig_init(struct node_rig *r);
/** Writes it again with one line changed; NULL: the good one. */
void node_rig_write(const struct node_rig *r, const struct node_rig_line *other);
/** Writes a file as it is given. */
void node_rig_file(const struct node_rig *r, const char *name, const char *text);
void node_rig_path(const struct node_rig *r, const char *name, char ret_path[NODE_RIG_PATH_MAX]);
/** Removes the directory. */
void node_rig_done(struct node_rig *r);
/** A path in a directory of the machine for temporary files, not made yet. */
void node_rig_temp(char ret_path[NODE_RIG_PATH_MAX]);
