/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  One of the rows of the order that a seat pass merges: (expertise, zone). */
#include "services/matching/core_int.h"

struct stream {
	uint32_t expertise;
	char zone[PARTY_ID_LEN_MAX + 1];
	bool has; /* a head, else it has ended */
	struct order head;
	struct object_id need;
};
