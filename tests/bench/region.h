/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  A fixed public generator of a made-up region for the composer: partners in zones, offers
 *  of one to three expertises, requests of some needs. The same numbers give the same region on
 *  every machine. About one offer in fifty passes the filters of a request of six needs.
 *  Ownership: of bench_region_new(). Threads: none. */
#include "common/plan/cand.h"
#include "common/plan/compose.h"

#define REGION_EXPERTISES 40U
#define REGION_ZONES 24U
#define REGION_FRESH 1U /* flag: confirmed not too long ago */

struct bench_region_offer {
	struct cand_offer facts;
	uint8_t id[16];
	uint32_t partner;
	uint32_t start_weeks;
	uint32_t zone; /* where it is */
};

struct bench_region {
	struct bench_region_offer *offers;
	struct compose_partner *partners;
	struct cand *cand;
	uint32_t offers_len;
	uint32_t partners_len;
	uint64_t seed;
};

struct bench_region_request {
	struct cand_query query;
	uint64_t number;
	uint32_t needs;
	uint8_t expertise[COMPOSE_NEEDS_MAX];
	uint32_t hours[COMPOSE_NEEDS_MAX];
	uint32_t urgency;
};

/** Room for the problem of one request. */
struct bench_region_room {
	uint64_t *bits;
	uint32_t *slots;
	struct compose_option *options;
	struct compose_pool *pools;
	struct compose_partner *partners;
	uint32_t *partner_at; /* per partner of the region its index here, or COMPOSE_NONE */
	uint32_t *used;       /* partners of the region, by index here */
};

/** @return NULL when memory is short. */
struct bench_region *bench_region_new(uint32_t offers, uint64_t seed);
void bench_region_free(struct bench_region *r);
void bench_region_request(const struct bench_region *r, uint32_t needs, uint64_t number,
			  struct bench_region_request *ret_request);
/** @return false when memory is short; free with bench_region_room_free() in any case. */
bool bench_region_room_make(const struct bench_region *r, struct bench_region_room *ret_room);
void bench_region_room_free(struct bench_region_room *room);
/** The problem of a request from the candidates that @p room holds in slots. */
struct compose_problem bench_region_problem(const struct bench_region *r,
					    const struct bench_region_request *q,
					    struct bench_region_room *room, uint32_t found);
