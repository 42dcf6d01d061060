/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  From the services of a feed to pools: who offers it, which pool it is, what changes. A
 *  service is one pool. It is found again by the id under which we export it, or by the end of the
 *  name that an earlier import gave it (hsds_id.h).
 *  - `available` is what is free beside all that was promised through us; `maximum` the total. More
 *    free than there is in all is accepted, and said.
 *  - A directory holds organisations that are no partners, kinds of help that we do not know and
 *    places elsewhere: those rows are passed over, and the report says why.
 *  - What HSDS cannot say (insured, access, cost, what a pool may become) stays as it was.
 *  - A pool with several uses keeps them: a service has one age range and one list of subjects.
 *  - Figures older than ours do not come in the place of ours.
 *  - A service that is not active takes its pool out of the search; it makes none.
 *  Pure. Ownership: rows live in the arena, their texts partly in the feed. */
#include "services/gateway/hsds_service.h"
#include "services/gateway/offer.h"

struct hsds_node {
	const struct conf *conf;
	const struct hsds_words *words;
	const struct offer_pools *pools;
	const char *party; /* who imports */
	bool all;          /* it may state for every partner; else for itself alone */
	const char
		*partner; /* whose a service is of which we do not know the organisation, or NULL */
	uint64_t now_ms;
};

/** Checks every row and says what each would become. @return SK_OK, also when rows are refused. */
SK_CHECKED int hsds_map(struct hsds_feed *f, const struct hsds_node *n, struct offer_list *ret_l);
