/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside the reading of one service (hsds_service.h): values by their key, and what belongs
 * to a thing, nested in it or joined from a table. Pure. */
#include "services/gateway/hsds_service.h"

/* The first error stays; what is asked after it gives nothing. */
struct feed_reader {
	struct hsds_feed *f;
	const struct hsds_words *words;
	struct hsds_service *s;
	int err;
};

/* A list within the thing, or the rows of a table that point to it. */
struct feed_list {
	struct feed_item it;
	json_t *rows;
	size_t next;
};

void hsds_read_fail(struct feed_reader *r, const struct feed_item *at, const char *field,
		    const char *nl, const char *en);
/** @return NULL: absent, or wrong (then r->err is set). */
const char *hsds_read_text(struct feed_reader *r, const struct feed_item *at, const char *key,
			   bool required);
bool hsds_read_number(struct feed_reader *r, const struct feed_item *at, const char *key,
		      double *ret_n);
/** A whole number to HSDS_UNITS_MAX. */
bool hsds_read_amount(struct feed_reader *r, const struct feed_item *at, const char *key,
		      uint32_t *ret_n);
/** An object of its own, or the row of table[0] to which the key table[1] points. */
bool hsds_read_object(struct feed_reader *r, struct feed_item *ret_it, const struct feed_item *at,
		      const char *key, const char *const table[2]);
/** A list of its own, or the rows of table[0] whose key table[1] points to the thing. */
struct feed_list hsds_read_list(struct feed_reader *r, const struct feed_item *at, const char *key,
				const char *const table[2]);
bool hsds_read_next(struct feed_reader *r, struct feed_list *l);
