/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Candidates: which offers pass the filters of a request, by bit sets over offers, 64 a
 * word (MATCHING 3.1). An offer has a slot, a small number that its owner gives it and may give
 * again once it is removed. Filters only sort out what surely does not fit: what is finer than a
 * bit (amounts above CAND_AMOUNTS, hours that depend on the pair, workers) is judged afterwards.
 *  Ownership: of cand_new(). Threads: none; a query does not change it. Blocks: never. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CAND_SLOTS_MAX (1U << 20)
#define CAND_EXPERTISES 64U
#define CAND_AGES 32U /* years; an age of more is looked up as the last */
#define CAND_ZONES 512U
#define CAND_LANGUAGES 64U
#define CAND_FORMS 32U   /* modalities: how the help is given */
#define CAND_AMOUNTS 16U /* a free amount is known exactly up to here */
#define CAND_ZONE_WORDS (CAND_ZONES / 64)

struct cand_offer {
	uint64_t expertises; /* bit i: expertise i; so with the others */
	uint64_t zones[CAND_ZONE_WORDS];
	uint64_t languages;
	uint32_t ages;
	uint32_t forms;
	uint32_t free;
	bool fresh; /* confirmed not too long ago */
};

struct cand_query {
	uint64_t expertises; /* any of these: one per need */
	uint64_t languages;  /* any of these; 0: any language */
	uint32_t forms;      /* any of these; 0: any form */
	uint32_t age;
	uint32_t zone;
	uint32_t amount; /* the least that a need takes */
	bool stale_too;  /* offers that are not fresh pass */
};

/** The order of the filters, in which an explanation counts what each of them sorts out. */
enum cand_filter {
	CAND_EXPERTISE = 0,
	CAND_AGE,
	CAND_ZONE,
	CAND_LANGUAGE,
	CAND_FORM,
	CAND_FRESH,
	CAND_AMOUNT,
	CAND_FILTERS,
};

struct cand_counts {
	uint32_t all;               /* offers */
	uint32_t out[CAND_FILTERS]; /* sorted out by this filter, having passed those before */
	uint32_t left;
};

struct cand;

/** @return NULL when memory is short. */
struct cand *cand_new(void);
void cand_free(struct cand *c);
/** Adds an offer at a free slot, or puts other facts in place of those of the slot.
 *  @return SK_EINVAL for a slot of CAND_SLOTS_MAX or more; SK_ENOMEM, then nothing changed. */
SK_CHECKED int cand_put(struct cand *c, uint32_t slot, const struct cand_offer *offer);
void cand_remove(struct cand *c, uint32_t slot);
/** @return one more than the highest slot that was ever put: the most slots of an answer. */
uint32_t cand_slots(const struct cand *c);
/** Writes the slots that pass, rising, to @p ret_slots (room for cand_slots()), and the counts.
 *  A zone of CAND_ZONES or more is served by nobody. @return how many. */
uint32_t cand_find(const struct cand *c, const struct cand_query *q, uint32_t *ret_slots,
		   struct cand_counts *ret_counts);
