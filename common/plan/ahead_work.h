/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Inside ahead*.c: one life of the list, and its memory. Not for others. */
#include "common/plan/ahead.h"
#include "common/plan/compose.h"

#define AHEAD_REFUSED_MAX 16U /* pools of which one entry remembers that they once could not */
#define AHEAD_TEAM_MAX 16U    /* partners of one team; more are not counted twice */

/** One group on the list of one run. */
struct ahead_entry {
	uint32_t group;
	uint32_t serial; /* number of its coming; keys its draws */
	uint16_t open;   /* bit i: need i waits */
	uint8_t wait_class;
	bool fresh; /* was not composed yet */
	int32_t rank_day;
	int32_t class_day;
	struct {
		uint32_t pool;
		uint32_t again; /* the day from which on it may be asked again */
		uint32_t times;
	} refused[AHEAD_REFUSED_MAX];
	uint32_t refused_len;
	uint32_t team[AHEAD_TEAM_MAX];
	uint32_t team_len;
};

struct ahead_ending {
	uint32_t pool, amount;
	uint32_t next; /* of the same day, plus 1; 0: none */
};

struct ahead_work {
	const struct ahead_problem *p;
	const struct ahead_rules *rules;
	uint32_t run, day;
	uint32_t *free;   /* per pool */
	uint32_t *opened; /* per pool: day + 1 on which something came free there last */
	uint64_t *opens;  /* a bit per pool: that is today */
	uint64_t *reach;  /* per group, words of a bit per pool: it has an option there */
	size_t words;
	struct ahead_entry *entries; /* in the order */
	size_t entries_len, entries_cap;
	uint32_t serial;
	struct ahead_ending *endings;
	size_t endings_len, endings_cap;
	uint32_t *ends; /* per day: first of endings, plus 1 */
	uint32_t *seen; /* per need and run: day of the start; AHEAD_NEVER, or AHEAD_LEFT */
	/* one team */
	struct compose_option *options;
	uint32_t *origin; /* of each of them: in the options of the list */
	struct compose_pool *pools;
	uint32_t *pool_at; /* per pool of the list: in pools, plus 1 */
	uint32_t *pool_is; /* back */
	struct compose_partner *partners;
	uint32_t *partner_at; /* per partner: in partners, plus 1 */
	uint32_t *partner_is;
	size_t options_len, pools_len, partners_len;
	void *mem;
	size_t mem_bytes;
};

#define AHEAD_LEFT (UINT32_MAX - 1)

enum ahead_draw { DRAW_COME = 1, DRAW_LEAVE, DRAW_CAN, DRAW_STAY, DRAW_STAY_NOW, DRAW_GAIN };

/** A number that only depends on seed, run, what is drawn, and @p a and @p b. */
uint64_t ahead_draw(const struct ahead_work *w, enum ahead_draw what, uint64_t a, uint64_t b);

/** Something came free there today. */
static inline void ahead_open(struct ahead_work *w, uint32_t pool)
{
	w->opened[pool] = w->day + 1;
	w->opens[pool / 64] |= 1ULL << pool % 64;
}

/** May something have changed for this entry today? */
bool ahead_may_sit(const struct ahead_work *w, const struct ahead_entry *e);
/** Composes @p e a team of what is free and asks: seats those who can. */
int ahead_seat(struct ahead_work *w, struct ahead_entry *e);
/** A seat is taken from today on, for so many days. */
int ahead_take(struct ahead_work *w, uint32_t pool, uint32_t amount, uint32_t days);
