/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Candidates: which offers pass the filters of a need or request, by bit sets over offers,
 * 64 a word (MATCHING 3.1). An offer has a slot, a small number that its owner gives it and may
 * give again once it is removed. Filters only sort out what surely does not fit: what is finer than
 * a bit (amounts above CAND_AMOUNTS, hours that depend on the pair, workers) is judged afterwards.
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
#define CAND_FLAGS 32U   /* what else is true of an offer: its owner gives them their meaning */
#define CAND_AMOUNTS 16U /* a free amount is known exactly up to here */
#define CAND_ZONE_WORDS (CAND_ZONES / 64)
#define CAND_RULES 6U

struct cand_offer {
	uint64_t expertises; /* bit i: expertise i; so with the others */
	uint64_t zones[CAND_ZONE_WORDS];
	uint64_t languages;
	uint32_t ages;
	uint32_t forms;
	uint32_t flags;
	uint32_t free;
};

/** An offer passes that has all flags of @p with and none of @p without. */
struct cand_rule {
	uint32_t with, without;
};

struct cand_query {
	uint64_t expertises; /* any of these: one per need */
	uint64_t languages;  /* any of these; 0: any language */
	uint32_t forms;      /* any of these; 0: any form */
	uint32_t age;
	uint32_t zones[2];
	uint32_t zones_len; /* any of them; 0: wherever */
	uint32_t amount;    /* the least that a need takes */
	struct cand_rule rules[CAND_RULES];
	uint32_t unjudged;    /* offers with any of these flags pass all after the zone */
	uint32_t unweighed;   /* offers with any of these pass whatever is free */
	uint32_t marked;      /* one flag (or 0): how many of those sorted out have it */
	const uint64_t *pass; /* slots that pass all after the zone; NULL: none */
};

/** The order of the filters, in which an explanation counts what each of them sorts out. */
enum cand_filter {
	CAND_EXPERTISE = 0,
	CAND_ZONE,
	CAND_AGE,
	CAND_LANGUAGE,
	CAND_FORM,
	CAND_RULE,
	CAND_AMOUNT = CAND_RULE + CAND_RULES,
	CAND_FILTERS,
};

struct cand_counts {
	uint32_t all;                  /* offers */
	uint32_t out[CAND_FILTERS];    /* sorted out by this filter, having passed those before */
	uint32_t marked[CAND_FILTERS]; /* of these, with the flag that was asked */
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
/** Writes a bit for each slot that passes to @p ret_bits, and for each that only its free amount
 *  keeps out to @p ret_short (NULL: not asked); both have room for cand_slots() bits, rounded up to
 *  words. A zone of CAND_ZONES or more is served by nobody. */
void cand_find(const struct cand *c, const struct cand_query *q, uint64_t *ret_bits,
	       uint64_t *ret_short, struct cand_counts *ret_counts);
/** Whether what was put at the slot serves that zone. */
bool cand_serves(const struct cand *c, uint32_t slot, uint32_t zone);
/** The slots whose bit is set, rising. @return how many. */
uint32_t cand_list(const uint64_t *bits, uint32_t slots, uint32_t *ret_slots);
