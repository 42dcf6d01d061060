/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The intake core: requests, needs, holders, contact persons, positions, plans, and the
 * clocks of the answer. Pure: it touches the step that it is given and nothing else (DESIGN 2).
 *
 *  Owns:
 *  - request (with its holders and clocks), need, voice, plan, capsule as it was told;
 *  - copies of teams and contributions, as matching told them last.
 *
 *  In and out:
 *  - from clients: each command in the table of handlers in core.c;
 *  - from matching: TeamProposed, ContributionChanged, EndAsked, NetworkTold;
 *  - from waitlist: CaseTableFact, WaitTold; from both after a restore: ReconcileItem;
 *  - to waitlist: NeedsOpened, NeedClosed, CareNoted;
 *  - to matching: PositionTaken, EndAllowed; to "@events": the state of all that it owns, alarms.
 *
 *  Invariants:
 *  - L2: an open request has a holder in every state of the store; a partner that started stays one
 *    until another start for the same need, or until that need is finished.
 *  - L3: exactly one contact person with one stand-in, from the receipt on.
 *  - L5: matching hears of a ground only when the voices that it needs are recorded.
 *  - L6: answered_ms is set by a start with the child or a parent seen for a must-need, or by a
 *    consult that was said to be enough; by nothing else.
 *  - L9: two organisations that are active at once have exactly one plan, that of the request.
 *  - A request has at most one due row of its own; which instant it stands for follows from the
 *    record.
 *
 *  Reading order: core_inner.h, core_request.c, core_need.c, core_settle.c, core_facts.c, the rest.
 */
#include "common/service.h"

/* Bounds of one message or one request. A test stands at each and one past it. */
#define NEEDS_MAX 50 /* asked and open at a time, of one request */
/* Of one request: those beside them, two of a crisis for each child, and finished ones. */
#define NEEDS_KEPT_MAX 80
#define CHILDREN_MAX 8
#define KNOWN_MAX 6              /* workers, and houses, that a child knows */
#define STAYS_MAX 2              /* of one child */
#define JUDGEMENTS_MAX 64        /* of one request, of all its children */
#define ORDERS_MAX 16            /* of one request, those that ended included */
#define ORDERS_NOTED_MAX 8       /* as many stand: nobody but a court adds one */
#define ORDER_NUMBER_MAX 32      /* characters */
#define ORDER_DAYS_MAX (2 * 365) /* that an order may last */
#define CONCERNS_MAX 8 /* mandated services of one request; the one told first gives way */
#define ADULTS_MAX 4
#define AGE_MAX 25
#define AGE_CAPABLE 12      /* DOMAIN 3: presumed capable of own judgement from here on */
#define CAPSULES_MAX 8      /* in one message */
#define STORIES_KEPT_MAX 32 /* of one request: what was told, and each new version of it */
#define WORDS_KEPT_MAX 24   /* of goals, means, questions and steps; they leave the others room */
#define NIGHTS_KEPT_MAX 8   /* night plans; the oldest gives way */
#define CAPSULES_KEPT_MAX (STORIES_KEPT_MAX + WORDS_KEPT_MAX + NIGHTS_KEPT_MAX)
#define VERSIONS_AHEAD_MAX 64 /* a new version may pass over some that went with an old copy */
#define CAPSULE_BYTES_MAX 8192
#define CAPSULE_BYTES_MIN 40 /* nonce (24) and tag (16) */
#define SEALED_KEY_BYTES 80
#define PARTNERS_MAX 16 /* excluded, and preferred, of one request */
#define LANGUAGES_MAX 4
#define INTENSITY_MAX 168 /* hours in a week */
#define DURATION_WEEKS_MAX 520
#define CALLED_MAX 4
#define HOLDERS_MAX 24 /* at a time */
#define LIVE_MAX 96    /* contributions of one request that have not ended */
#define SEATS_MAX 80   /* of one team, open ones included */
#define PAGE_MAX 20
#define LOOKS_KEPT_MAX 256      /* last times that the whole file of one request was asked */
#define POSITIONS_SHOWN_MAX 128 /* own words in one file */
#define FAMILY_MAX 8            /* requests of one family */
#define SIBLING_PARTNERS_MAX 8  /* that help brothers and sisters of one child */
#define SAME_CHILDREN_MAX 16    /* pairs of one family */
#define STRENGTHS_MAX 8         /* in one message */
#define STRENGTHS_KEPT_MAX 16   /* of one request, as the next four */
#define GOALS_KEPT_MAX 24
#define OWN_KEPT_MAX 48
#define DIAGNOSTICS_KEPT_MAX 16
#define OTHERS_KEPT_MAX 16
#define BUILDS_ON_MAX 8
#define OPEN_DOMAINS_MAX 7
#define EURO_CENTS_MAX 100000000ULL
#define SAID_AHEAD_DAYS 730 /* a review of a goal, a wish: at most so far on */

/* What can happen to a need, and what follows: DOMAIN 4. */
#define NEED_EVENT_MAP(X)                                                          \
	X(OPEN, "is asked")                                                        \
	X(START, "help starts with the child or a parent seen")                    \
	X(ALL_STARTED, "every must-need has its start, or its own help has ended") \
	X(HELP_ENDED, "the last contribution has ended")                           \
	X(AFTERCARE_DONE, "aftercare is over")                                     \
	X(FAMILY_CLOSES, "the family says that it is enough, or otherwise")        \
	X(SUCCESSOR, "help outside goes on")                                       \
	X(CRISIS_OVER, "the crisis is over; a short entry without help")           \
	X(DECEASED, "the child has died")                                          \
	X(WITHDRAW, "is withdrawn")                                                \
	X(ERROR, "was entered in error")                                           \
	X(REOPEN, "is asked again")

enum need_event {
#define X(name, text) NEED_EV_##name,
	NEED_EVENT_MAP(X)
#undef X
		NEED_EV_COUNT
};

/** The table of DOMAIN 4. @return SK_ESTATE for a pair that is not listed. */
SK_CHECKED int need_next(PB(NeedState) from, enum need_event on, PB(NeedState) *ret_to);

/* What can happen to a consult. */
#define CONSULT_EVENT_MAP(X)                             \
	X(ASK_BACK, "who answers must know more")        \
	X(INFORM, "who asked says it")                   \
	X(ANSWER, "advice is given")                     \
	X(ENOUGH, "the family says that it was enough")  \
	X(NOT_ENOUGH, "the family says that it was not") \
	X(CANCEL, "who asked needs no advice any more")  \
	X(CONVERT, "a search goes on from it, with the story as told")

enum consult_event {
#define X(name, text) CONSULT_EV_##name,
	CONSULT_EVENT_MAP(X)
#undef X
		CONSULT_EV_COUNT
};

/** A pair that is not listed is SK_ESTATE. Of the other parts, what happens is the state that
 *  somebody names; from UNSPECIFIED goes what is new. */
SK_CHECKED int consult_next(PB(ConsultState) from, enum consult_event on, PB(ConsultState) *ret_to);
SK_CHECKED int goal_next(PB(GoalState) from, PB(GoalState) to);
SK_CHECKED int own_next(PB(OwnState) from, PB(OwnState) to);
SK_CHECKED int diagnostic_next(PB(DiagnosticState) from, PB(DiagnosticState) to);

extern const struct service intake_service;
