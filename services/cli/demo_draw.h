/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  What people of the demo decide, and how long they take: drawn from the numbers of the
 * region. Instants and delays are milliseconds of the demo's clock. Pure; never blocks. */
#include "services/cli/demo_make.h"

#define DEMO_MINUTE_MS 60000ULL
#define DEMO_HOUR_MS (60 * DEMO_MINUTE_MS)
#define DEMO_DAY_MS (24 * DEMO_HOUR_MS)
#define DEMO_WEEK_MS (7 * DEMO_DAY_MS)

/** The same instant when somebody of @p p is there, else some time in the first hours of its next
 *  open day. Who is on call is always there (@p urgent). */
uint64_t demo_there_ms(const struct demo_party *p, uint64_t at_ms, bool urgent,
		       struct demo_rand *rand);
/** When the next call comes, strictly after @p now_ms: a Poisson stream with its days and nights.
 */
uint64_t demo_next_call_ms(const struct demo_numbers *n, uint64_t now_ms, struct demo_rand *rand);

struct demo_answer {
	bool silent;
	PB(AnswerKind) kind;
	PB(CanIf) can_if;
	uint64_t after_ms;
	uint64_t until_ms; /* NOT_NOW: so long after the answer */
};
struct demo_answer demo_draw_answer(const struct demo_numbers *n, bool crisis,
				    struct demo_rand *rand);

struct demo_voice {
	PB(Voice) voice;
	uint64_t again_ms; /* not yet: when the family is asked again */
};
struct demo_voice demo_draw_voice(const struct demo_numbers *n, bool crisis,
				  struct demo_rand *rand);
uint64_t demo_draw_voice_delay(const struct demo_numbers *n, bool crisis, struct demo_rand *rand);
uint64_t demo_draw_start_delay(const struct demo_numbers *n, bool crisis, struct demo_rand *rand);

/** How help that has started goes on: at most one turn on the way, then its end. */
enum demo_turn { DEMO_TURN_NONE, DEMO_TURN_STOP, DEMO_TURN_INTERRUPT, DEMO_TURN_HAND_ON };
struct demo_fate {
	enum demo_turn turn;
	uint64_t turn_after_ms;
	uint64_t end_after_ms;
};
struct demo_fate demo_draw_fate(const struct demo_numbers *n, uint32_t weeks,
				struct demo_rand *rand);
