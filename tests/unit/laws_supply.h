/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Two requests of one need each, one pool, and asks, as matching would store them, for
 * tests of the judge: a test changes what it wants broken and stores it. Need 0 stands before
 * need 1. Ownership: one supply at a time, until supply_free(). Errors end the test (cmocka fail).
 */
#include "tests/unit/laws_case.h"

#define SUPPLY_NEEDS 2
#define SUPPLY_ASKS 4

struct supply_need {
	struct object_id request, need;
	PB(RequestFact) fact;
	PB(MatchRequestRecord) r;
	PB(NeedFact) of;
	PB(NeedOrder) order;
	PB(MatchNeedRecord) n;
};

struct supply {
	struct law_case *c;
	struct object_id pool_id;
	struct supply_need need[SUPPLY_NEEDS];
	PB(MatchPoolRecord) pool;
	PB(PoolUse) use;
	uint32_t expertise;
	char *zone;
	struct object_id ask_id[SUPPLY_ASKS];
	PB(MatchContributionRecord) ask[SUPPLY_ASKS];
};

/** Nothing is stored yet. */
struct supply *supply_new(void);
void supply_free(struct supply *s);
void supply_put_pool(struct supply *s);
/** The need with its rows; it waits when it names no seat. */
void supply_put_need(struct supply *s, size_t i);
/** An ask of need @p need in that state, with its rows; the need's seat and the pool's sum are the
 *  test's to set. */
void supply_put_ask(struct supply *s, size_t i, size_t need, PB(ContributionState) state);
/** The same, whole: the seat is named, the pool's sum rises. */
void supply_seat(struct supply *s, size_t i, size_t need, PB(ContributionState) state);
/** Ends the step as the Demand of need @p i. */
void supply_demand(struct supply *s, size_t i);
/** Ends the step as an answer of the partner that the rules do not look at. */
void supply_answer(struct supply *s);
/** The pool, stated by its partner. */
void supply_publish(struct supply *s);
/** Need 1 alone is known and has the one place, lawfully, by ask 0. */
struct supply *supply_seated(void);
/** The partner's answer moves ask 0. */
void supply_moves(struct supply *s, PB(ContributionState) state);
/** In an open step: the seat is given up, the need waits again, the place is free. */
void supply_falls(struct supply *s, PB(ContributionState) state);
