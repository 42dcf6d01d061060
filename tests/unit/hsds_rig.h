/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A small node in memory, and a feed mapped on it, for the tests of HSDS. */
#include "services/gateway/hsds_map.h"

#define HSDS_NOW_MS 1772442000000ULL /* 2026-03-02 09:00 UTC, a Monday */
#define HSDS_POOLS_MAX 80

/* One service with the given texts in its place. */
#define SERVICE(ID, REST)                                                         \
	"{\"id\":\"" ID "\",\"name\":\"Gesprek in Ieper\",\"status\":\"active\"," \
	"\"organization\":{\"id\":\"o\",\"name\":\"Voorbeeld huis-a\"}," REST "}"
#define TRAUMA \
	"\"attributes\":[{\"id\":\"a\",\"taxonomy_term\":{\"id\":\"t\",\"name\":\"trauma\"}}]"
#define AREA(NAME) "\"service_areas\":[{\"id\":\"z\",\"name\":\"" NAME "\"}]"
#define FREE(AVAILABLE, MAXIMUM, DAY)                                             \
	"\"capacities\":[{\"id\":\"c\",\"unit\":{\"id\":\"u\",\"name\":\"Bed\"}," \
	"\"available\":" AVAILABLE "," MAXIMUM "\"updated\":\"" DAY "\"}]"
#define GOOD TRAUMA "," AREA("Ieper") "," FREE("3", "\"maximum\":8,", "2026-03-01T10:00:00Z")

struct hsds_rig {
	struct arena arena;
	struct conf conf;
	struct conf_party party[4]; /* huis-a, huis-b, net, school */
	struct hsds_words words;
	const PB(PoolItem) *item[HSDS_POOLS_MAX];
	struct offer_pools pools;
	struct hsds_feed feed;
	struct hsds_node node;
	struct file_error error;
	struct offer_list list;
};

void hsds_rig_open(struct hsds_rig *r, const char *synonyms);
void hsds_rig_done(struct hsds_rig *r);
/** Reads and maps; hsds_rig_end() after it when it gave SK_OK. */
int hsds_rig_map(struct hsds_rig *r, const char *feed);
void hsds_rig_end(struct hsds_rig *r);
/** Takes over what the mapped rows would send, as the daemon would. */
void hsds_rig_store(struct hsds_rig *r);
/** What matching would refuse; fails the test. */
void hsds_rig_check(const struct hsds_rig *r);
/** The text of a file of tests/unit/hsds, in static storage. */
const char *hsds_rig_file(const char *path);
