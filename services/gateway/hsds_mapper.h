/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside the mapping of a feed (hsds_map.h): the row that is at hand. */
#include "services/gateway/hsds_map.h"

struct mapper {
	struct hsds_feed *f;
	const struct hsds_node *n;
	struct arena *arena;
	json_t *ours; /* id under which we export -> index of the pool */
	json_t *seen; /* ids and pools that stood in the feed before */
	struct hsds_service s;
	struct offer_row *r;
	const struct feed_item *at;
};

/** Says something about the row at hand. */
void hsds_note(struct mapper *m, const char *field, const char *nl, const char *en);
/** Nothing becomes of it, and that is no fault. @return SK_OK. */
int hsds_skip(struct mapper *m, const char *field, const char *nl, const char *en);
/** What the service states, in row->put. @return SK_EPROTO: it cannot be. */
SK_CHECKED int hsds_make_pool(struct mapper *m);
SK_CHECKED int hsds_change_pool(struct mapper *m);
/** Nothing was counted in the future. @return SK_EPROTO. */
SK_CHECKED int hsds_check_instants(struct mapper *m);
