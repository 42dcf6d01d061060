/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Who takes part in the demo, and the requests that they make: the shape of the stream is
 * that of the region's files, everything told is made up. Pure. Ownership: messages live in the
 * arena, texts in them in the region or the cast. */
#include "common/conf.h"
#include "services/cli/demo_rand.h"
#include "services/cli/demo_region.h"

#define DEMO_PARTIES_MAX 128

struct demo_party {
	const char *id, *name, *organisation;
	uint32_t roles; /* bits of ROLE_BIT() */
	uint32_t zones; /* bits by index in the region */
	uint8_t days;   /* bit 0 = Monday */
	bool on_call;
};

struct demo_cast {
	struct demo_party party[DEMO_PARTIES_MAX];
	uint32_t len;
	/* who plays the parts that come once; all set */
	uint32_t contact_point, coordinator, family, watcher, operator;
	uint32_t government, mandated; /* len: nobody */
};

/** The parties of a node's configuration. @return false when a part has nobody, or there are too
 *  many. Borrows from @p conf. */
bool demo_cast_of(const struct conf *conf, const struct demo_region *r, struct demo_cast *ret_cast);
/** @return the index of that party, or the cast's length. */
uint32_t demo_cast_find(const struct demo_cast *cast, const char *id);
/** @return the index of that zone, or the region's number of zones. */
size_t demo_zone_find(const struct demo_region *r, const char *id);

struct demo_case {
	bool gate; /* given: it stands at the gate already; else it is a call */
	size_t bundle;
	size_t zone;
	uint32_t requester;
	PB(SubmitRequest) *submit; /* without capsules */
	struct slice story;        /* what the capsule holds */
	bool anonymous;            /* a consult without a name: nothing is sealed */
	bool yesterday;            /* given: without what was not there yesterday */
};

/** @return SK_ENOMEM when the arena is full. */
SK_CHECKED int demo_make(const struct demo_region *r, const struct demo_cast *cast,
			 struct demo_rand *rand, struct arena *a, struct demo_case *io_case);
