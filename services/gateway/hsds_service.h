/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One service of a feed, read and checked: what a pool needs of it. Whatever stands in the
 *  feed beside this is left alone. Pure. Ownership: texts live in the feed. */
#include "common/step.h"
#include "services/gateway/hsds_feed.h"
#include "services/gateway/hsds_words.h"

#define HSDS_ID_TEXT_MAX 200
#define HSDS_UNITS_MAX 10000 /* what matching takes */
#define HSDS_AGE_MAX 25      /* help for young people ends there */
#define HSDS_CAPACITIES_MAX 8

struct hsds_capacity {
	struct feed_item item;
	PB(Unit) unit; /* UNSPECIFIED: a word that we do not know */
	uint32_t available;
	uint32_t maximum;
	bool maximum_known;
	uint64_t updated_ms;
};

struct hsds_service {
	const char *id;
	const char *name;
	bool active;
	bool organization_known;          /* one is named */
	const char *organization;         /* its name, for messages */
	const char *organization_id;      /* "" when it has none */
	const struct conf_party *partner; /* by number or name; NULL: none of ours */
	bool age_from_known, age_to_known;
	uint32_t age_from, age_to; /* whole years, both inside */
	uint64_t expertises;       /* bit number - 1 */
	uint64_t zones;            /* bits of conf->zones */
	bool places_stated;        /* it says where, known to us or not */
	bool at_location;          /* people come to a place */
	PB(Modality) modality;     /* UNSPECIFIED: not said in our words */
	PB(Access) access;
	struct hsds_capacity capacity[HSDS_CAPACITIES_MAX];
	size_t capacities;
};

/** @return SK_OK, SK_EPROTO with the error of this service. */
SK_CHECKED int hsds_service_read(struct hsds_feed *f, size_t row, const struct hsds_words *words,
				 struct hsds_service *ret_service);
/** RFC 3339, also with an offset or a date alone. @return false: it is none. */
bool hsds_instant(const char *text, uint64_t *ret_ms);
