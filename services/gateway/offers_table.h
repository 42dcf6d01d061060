/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Offers as a table that people keep in a spreadsheet: written from the pools as they are,
 *  read back after somebody changed a number. How a table becomes statements is
 *  common/capacity_file.h; here is what holds for this node, checked before anything is sent.
 *  Pure. Ownership: rows and texts live in the arena. */
#include "common/capacity_file.h"
#include "common/conf.h"
#include "common/lang.h"
#include "services/gateway/offer.h"

struct offers_node {
	const struct conf *conf;
	const struct offer_pools *pools;
	const char *party; /* who states it */
	bool all;          /* it may state for every partner; else for itself alone */
};

/** @return SK_OK with a row for each pool, refused ones too; SK_EPROTO: the table does not read. */
SK_CHECKED int offers_table_read(struct jsonin *in, const struct offers_node *n,
				 struct offer_list *ret_l, struct file_error *ret_err);
/** The pools of @p partner ("": of all) as bytes in the arena: with a byte order mark, and in Dutch
 *  with semicolons, as Belgian spreadsheets want it. @return SK_ENOMEM. */
SK_CHECKED int offers_table_write(struct arena *arena, const struct offer_pools *pools,
				  const char *partner, enum lang lang, struct slice *ret_csv);
