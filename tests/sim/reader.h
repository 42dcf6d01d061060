/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A client that reads a log of one daemon with a small credit: its own ("partner"), or the
 *  events with a snapshot first ("dashboard"). It sees that nothing is missing, doubled or told
 *  anew (I1, I3), and folds what events say, to be compared with the source (I21). */
#include "tests/sim/world.h"

/** The state that one event leaves; the scenario says which object it is about. */
typedef uint64_t reader_object_fn(const PB(Event) *e, uint64_t *ret_state);

struct reader_client {
	struct client client; /* first */
	struct daemon *writer;
	const char *log;
	reader_object_fn *object; /* dashboard; NULL: a partner */
	void (*on_event)(struct reader_client *r, const PB(Event) *e); /* may be NULL */
	uint32_t incarnation;
	uint64_t nonce;
	uint64_t at;      /* last entry taken */
	uint64_t written; /* as heard */
	bool known;       /* the writer's incarnation */
	/* snapshot */
	bool has_snapshot;
	bool begun;
	uint8_t after[KEY_LEN_MAX];
	size_t after_len;
	uint8_t question[16];
	uint32_t made;
	uint64_t asked_us;
	struct map64 state;
	uint64_t taken;
};

struct reader_client *reader_new(struct world *w, const char *party, uint32_t roles,
				 struct daemon *writer, const char *log);
void reader_begin(struct reader_client *r);
/** True when it has read all that the writer has written. */
bool reader_has_all(struct reader_client *r);
