/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  matching: supply. It owns partners' capacity pools, what is promised of them, and every
 *  contribution; it composes teams for the demand in order, and is the ledger of what is promised.
 *
 *  In and out:
 *  - from clients: each command in the table of handlers in core.c;
 *  - from waitlist: Demand, DemandClosed; from intake: PositionTaken, EndAllowed;
 *  - from its own worker: PlanProposed (core_plan.c judges it);
 *  - to intake and waitlist: TeamProposed, ContributionChanged; to intake: EndAsked, NetworkTold;
 *  - to waitlist: WaitForeseen; to the partner: Ask, AskEnded;
 *  - to "@events": the state of teams, contributions, pools, and alarms.
 *
 *  Invariants (tests/unit/matching_laws.c checks them by brute force):
 *  - L4: promised = sum of what contributions hold <= staffed - used elsewhere, but for the rest of
 *    an OVERCOMMITTED pool; one place gives amounts out (pool_take).
 *  - L5: STARTED only from AGREED, AGREED only with a recorded ground.
 *  - L7, L8: a pool is CLEAN when no open need without a seat could be seated with its free amount;
 *    any other is DIRTY, has a row in T_PASS, and gives amounts in its seat pass alone: in the
 *    order. Teams are composed freely over clean pools by those needs only that have just become
 *    able to use them, in the order. See core_pass.c for the argument.
 *  - One amount per seat, one seat per need; stand-by asks hold nothing; answers cost no child its
 *    date.
 */
#include "common/service.h"

/* Bounds of a message, tested at the limit and one past it (L12). */
#define MATCH_NEEDS_MAX 80U      /* of one request: as many as intake keeps of it */
#define MATCH_CHILDREN_MAX 10U   /* of one request */
#define MATCH_CHILD_ZONES_MAX 2U /* stay places */
#define MATCH_KNOWN_MAX 8U       /* workers, and houses, that a child knows */
#define MATCH_EXCLUDED_MAX 16U
#define MATCH_PREFERRED_MAX 16U
#define MATCH_LANGUAGES_MAX 16U
#define MATCH_LAST_PLACE_MAX 16U          /* shown side by side: the first in the order */
#define MATCH_BLOCKS_MAX 8U               /* rules that stand in the way of one request */
#define MATCH_CHOICES_MAX MATCH_NEEDS_MAX /* one for each need */
#define MATCH_SUGGESTIONS_MAX 4U          /* partners named for one need; the oldest gives way */
#define MATCH_USES_MAX 8U
#define MATCH_USE_NUMBER_MAX 255U
#define MATCH_USE_EXPERTISES_MAX 16U
#define MATCH_USE_ZONES_MAX 64U
#define MATCH_STREAMS_MAX 1024U /* (expertise, zone) of one pool: what a pass merges */
#define MATCH_UNITS_MAX 10000U  /* total, funded, staffed, used_elsewhere of a pool */
#define MATCH_COST_UNITS_MAX 100U
#define MATCH_AGE_MAX 99U
#define MATCH_INTENSITY_MAX 168U
#define MATCH_POOLS_PER_PARTNER_MAX 64U
#define MATCH_PUTS_MAX 128U      /* pools of one PutCapacities */
#define MATCH_JOINT_MAX 4U       /* who publishes a pool beside its partner */
#define MATCH_CONVERSIONS_MAX 8U /* of one pool */
/* Waiting needs that one question after conversions looks at, no more. */
#define MATCH_CONVERT_LOOKS_MAX 4096U
#define MATCH_WORKERS_MAX 64U   /* of one pool; who left gives way */
#define MATCH_NETWORKS_MAX 256U /* ended ones too */
#define MATCH_NETWORK_PARTNERS_MAX 128U
#define MATCH_NETWORK_NAME_MAX 200U
#define MATCH_PAGE_MAX 50U
#define MATCH_AHEAD_DAYS_MAX 732U /* a date that an answer or a statement names */
#define MATCH_TAKEN_BACK_DAYS \
	28U /* a partner that took an offer back is not asked for it meanwhile */

/* Bounds of a step: what is beyond goes on in the next due row. */
#define MATCH_STEP_SEATS_MAX 24U /* seats composed */
/* Asks made, and those let go by an amendment. Who is seated is asked all the same; only stand-bys
 * are left out, and nothing is composed over all pools behind a large amendment. */
#define MATCH_STEP_ASKS_MAX 192U
#define MATCH_STEP_SHED_MAX 32U     /* holds let go of OVERCOMMITTED pools */
#define MATCH_TWICE_MAX 24U         /* of two in one seat, after a restore, let go at once */
#define MATCH_PLAN_SEATS_MAX 256U   /* of one plan of the list that are looked at */
#define MATCH_PLAN_PRICES_MAX 1024U /* (expertise, zone) */
#define MATCH_FORESEEN_MAX 32U      /* needs of one input of what is foreseen */
#define MATCH_PLAN_AGE_MAX 16384U   /* inputs since the copy that a plan was made of */
#define MATCH_PRICE_MAX 0x40000000U /* of a unit, in sixteenths of a point */
#define MATCH_EMITS_MAX 2048U
#define MATCH_PUTS_EMITS_MAX (MATCH_EMITS_MAX + 2 * MATCH_PUTS_MAX) /* its event, an alarm */

extern const struct service matching_service;
