/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One of the rows of the order that a seat pass merges: (expertise, zone), or (expertise,
 *  "") of those that ask in the whole region. */
#include "services/matching/core_int.h"

/** The streams that a pool states, and for each expertise of a use the one of the region. */
#define STREAMS_MERGED_MAX (MATCH_STREAMS_MAX + MATCH_USES_MAX * MATCH_USE_EXPERTISES_MAX)

struct stream {
	uint32_t expertise;
	char zone[PARTY_ID_LEN_MAX + 1];
	bool has; /* a head, else it has ended */
	struct order head;
	struct object_id need;
};

/** Moves the head to the first row at or behind @p from; NULL: behind the present head. */
void stream_seek(struct work *w, struct stream *st, const struct order *from);
/** Adds those of the pool that are not among the @p len there are. @return how many there are. */
size_t streams_add(const struct pass_pool *p, struct stream *streams, size_t len);
/** The one whose head is first in the order; NULL: all have ended. */
struct stream *streams_first(struct stream *streams, size_t len);
