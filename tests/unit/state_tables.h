/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Every table of states and events of the cores, in one list: what the README prints and
 *  what tests walk. A new table is one row in state_tables.c. Threads: none. Blocks: never. */
#include <stddef.h>
#include <stdio.h>

#include <protobuf-c/protobuf-c.h>

struct state_table {
	const char *name; /* heading in the README */
	const ProtobufCEnumDescriptor *states;
	const char *const *events; /* what happens, in words */
	size_t events_len;
	/** The core's own function: @return SK_OK with the next state, or SK_ESTATE. */
	int (*next)(int from, int on, int *ret_to);
};

/* Of each daemon in a file of its own: their headers share short names. */
extern const struct state_table intake_tables[], matching_tables[], waitlist_tables[];
extern const size_t intake_tables_len, matching_tables_len, waitlist_tables_len;

/** @return NULL beyond the last. */
const struct state_table *state_table_at(size_t i);

/** The state's own word: NEED_STATE_OPEN is OPEN. */
const char *state_word(const struct state_table *t, int state);
/** All tables as Markdown: a row a state, the pairs that are listed in it. */
void state_tables_print(FILE *out);
