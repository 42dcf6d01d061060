/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  waitlist: the order of the list. Every open need is an entry here, in the class, at the
 *  rank date and with the reason, bridging and review date that the law gives it (DOMAIN 6).
 *
 *  Owns: entries, their order, days of priority, bridging, reviews, the early warning, case tables,
 *  the figures of waiting. Owns no need (intake) and no seat (matching); of both it keeps the facts
 *  that it was told, the highest version of each.
 *
 *  In and out:
 *  - from clients: each command in the table of handlers in core.c;
 *  - from intake: NeedsOpened, NeedClosed, CareNoted;
 *  - from matching: TeamProposed, ContributionChanged, WaitForeseen;
 *  - to matching: Demand, DemandClosed; to intake: CaseTableFact, WaitTold;
 *  - to "@events": WAIT_ENTRY, CASE_TABLE and ALARM.
 *
 *  Invariants:
 *  - The order is a plain index: (class, crisis step, rank date, lottery, request, ordinal). Time
 *    passing moves nothing in it (L7); a rise by age is a timer, a recorded and explained fact.
 *    Where the lab tries another order (settings.h, order_rule), class and rank date are made by
 *    that, anew by a timer where time counts there: an index all the same.
 *  - Exactly the entries that wait, and those that are served and not in the right place, stand in
 *    both indexes and in the counts (I22).
 *  - Days of priority are given once for each ground, by rule or by somebody who gains nothing, and
 *    are 60 together at most.
 *  - An entry leaves the list only by a start with the child or parent seen, by the end of that
 *    help, or by a closing with its reason; the closed one is kept tombstone_days (I17).
 *  - An entry that loses its help stands at its old date again; days without help and without
 *    bridging are counted (L14).
 *  - A listed entry always has a review date and a due row for it.
 *  - A Demand is sent only when it says something else than the one before. order_version only
 *    rises, also over a restore and after an entry was forgotten.
 *  Files: core.c tables of the service, core_order.c the law of the order, core_rank.c rank dates,
 *  and the order made anew, core_entry.c one entry, core_set.c those of one request,
 *  core_priority.c days of priority, core_misplaced.c not in the right place, core_stuck.c early
 *  warning, core_table.c case tables, core_right.c who may, core_facts.c what intake says,
 *  core_supply.c what matching says, core_clock.c timers, core_told.c why it waits, core_command.c,
 *  core_query.c, core_peer.c restore and snapshot, core_figure.c what is counted.
 *  Pure. Blocks: never. */
#include "common/service.h"

/** Open needs of one request that the list takes: as many as intake keeps of it. */
#define WAIT_OPEN_MAX 80
/** Entries of one request, those closed but not yet forgotten included. */
#define WAIT_ENTRIES_MAX 256
/** Elements of one list of a RequestFact. */
#define WAIT_FACT_LIST_MAX 80
/** Number of the highest expertise code (DOMAIN 9). */
#define WAIT_EXPERTISE_MAX 64
/** Entries that a page holds at most, and when nothing is asked. */
#define WAIT_PAGE_MAX 100
/** Rows walked to count one position; beyond it no number is said. */
#define WAIT_POSITION_MAX 1000
/** Rows looked at for one page of a filtered list. */
#define WAIT_SCAN_MAX 4096
/** Days of priority that count, all grounds together (DOMAIN 6). */
#define WAIT_PRIORITY_DAYS_MAX 60
/** An overdue review raises its alarm again after so many days. */
#define WAIT_REVIEW_AGAIN_DAYS 7
/** A gap, and a case table over its date, raise their alarm again after so many days. */
#define WAIT_ALARM_AGAIN_DAYS 7
/** Days of priority that one ground gives, and how often (DOMAIN 6). */
#define WAIT_MISS_DAYS 15
#define WAIT_MISS_TIMES 2
#define WAIT_PLACE_DAYS 30
#define WAIT_SIBLING_DAYS 30
/** Misses of the network before a case table; of a stay. */
#define WAIT_TABLE_MISSES 2
#define WAIT_TABLE_MISSES_STAY 1
/** Parties invited to a case table. */
#define WAIT_INVITED_MAX 16
/** Case tables of one request that are kept. */
#define WAIT_TABLES_MAX 64
/** What is remembered of one child's trajectory; then the oldest goes. */
#define WAIT_HAPPENED_MAX 64
/** Children of one request: their numbers are below it. */
#define WAIT_CHILDREN_MAX 32
/** Bridging is said for at most so long ahead, then said again. */
#define WAIT_BRIDGING_DAYS_MAX 366
/** Requests ranked anew in one step, or as many as have WAIT_OPEN_MAX open entries together. */
#define WAIT_AGAIN_REQUESTS 32
/** Contribution rows deleted in one step of forgetting. */
#define WAIT_FORGET_ROWS_MAX 128

enum wait_table {
	WAIT_TABLE_ENTRY = TABLE_SERVICE, /* need -> WaitEntryRecord */
	WAIT_TABLE_ORDER,                 /* expertise, zone, place in the order -> mark */
	WAIT_TABLE_OVERALL,               /* place in the order, expertise, zone -> mark */
	WAIT_TABLE_REQUEST,               /* request -> WaitRequestRecord */
	WAIT_TABLE_REQUEST_ENTRY,         /* request, need -> mark */
	WAIT_TABLE_TEAM,                  /* request -> WaitTeamRecord */
	WAIT_TABLE_CONTRIBUTION,          /* need, contribution -> WaitContributionRecord */
	WAIT_TABLE_COUNT,                 /* expertise, zone, class -> WaitCountRecord */
	WAIT_TABLE_CHILD,                 /* request, child -> WaitChildRecord */
	WAIT_TABLE_CARE,                  /* request -> WaitCareRecord */
	WAIT_TABLE_CASE_TABLE,            /* case table -> WaitTableRecord */
	WAIT_TABLE_REQUEST_TABLE,         /* request, case table -> mark */
	WAIT_TABLE_AGAIN,                 /* one row: WaitOrderRecord */
	WAIT_TABLE_FORESEEN,              /* one row: WaitForeseenRecord */
};

enum wait_due {
	WAIT_DUE_CLASS = 1,
	WAIT_DUE_REVIEW,
	WAIT_DUE_BRIDGING,
	WAIT_DUE_FORGET,
	WAIT_DUE_COUNTED, /* it is counted otherwise from now on: over the term, wish over */
	WAIT_DUE_GAP,
	WAIT_DUE_ENTRY_LEN, /* those before are of an entry */
	WAIT_DUE_CASE_TABLE = WAIT_DUE_ENTRY_LEN,
	WAIT_DUE_ORDER, /* the order is made anew, some requests a row */
};

extern const struct service waitlist_service;
