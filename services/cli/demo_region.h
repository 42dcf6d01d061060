/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  The demo region as data: zones, bundles of needs, and every number that the demo plays
 * with, read from a directory like deploy/demo-region. ASSUMPTIONS.md there says what each number
 * is. Ownership: demo_region_done(). Blocks: on reading the files. */
#include "schakel/v1/command.pb-c.h"
#include "services/cli/cli.h"

#define DEMO_ZONES_MAX 16
#define DEMO_BUNDLES_MAX 64
#define DEMO_BUNDLE_NEEDS_MAX 4
#define DEMO_POOLS_MAX 200
#define DEMO_ABILITIES_MAX 96

/* When it is drawn whether somebody does something; the names stand in abilities.csv. */
#define DEMO_MOMENTS(X) \
	X(TELLING)      \
	X(BEGIN)        \
	X(WEEK)         \
	X(CONSULT)      \
	X(GATE)         \
	X(SEARCH)       \
	X(CRISIS)       \
	X(UNCLEAR)      \
	X(VOICE)        \
	X(MEET)         \
	X(CALL)         \
	X(ASK)          \
	X(START)        \
	X(OWN)          \
	X(FIT)          \
	X(AFTERCARE)    \
	X(REVIEW)       \
	X(RUNG)         \
	X(OTHER)        \
	X(TABLE)        \
	X(LAST)

enum demo_moment {
	DEMO_AT_NONE,
#define X(name) DEMO_AT_##name,
	DEMO_MOMENTS(X)
#undef X
};

#define DEMO_NUMBERS(X)                \
	X(yesterday_partners_known)    \
	X(calls_per_year)              \
	X(calls_night_share)           \
	X(calls_weekend_factor)        \
	X(gate_waiting)                \
	X(gate_bridged_share)          \
	X(two_children_share)          \
	X(three_children_share)        \
	X(two_homes_share)             \
	X(parents_conflict_share)      \
	X(judged_capable_share)        \
	X(judged_incapable_share)      \
	X(other_language_share)        \
	X(excluded_partner_share)      \
	X(voice_agree)                 \
	X(voice_not)                   \
	X(voice_not_yet)               \
	X(voice_talk_first)            \
	X(voice_median_min)            \
	X(voice_crisis_median_min)     \
	X(withdrawn_share)             \
	X(not_needed_share)            \
	X(stopped_by_youth_share)      \
	X(consult_enough_share)        \
	X(answer_can)                  \
	X(answer_can_if)               \
	X(answer_not_now)              \
	X(answer_not_ours)             \
	X(answer_silent)               \
	X(answer_median_min)           \
	X(answer_p90_min)              \
	X(answer_crisis_can)           \
	X(answer_crisis_can_if)        \
	X(answer_crisis_not_now)       \
	X(answer_crisis_not_ours)      \
	X(answer_crisis_silent)        \
	X(answer_crisis_median_min)    \
	X(answer_crisis_p90_min)       \
	X(not_now_days_mean)           \
	X(can_if_meet_first)           \
	X(can_if_talk)                 \
	X(can_if_start_date)           \
	X(can_if_extra_hands)          \
	X(can_if_transport)            \
	X(can_if_interpreter)          \
	X(can_if_resolved_share)       \
	X(taken_back_share)            \
	X(start_median_days)           \
	X(start_crisis_median_min)     \
	X(start_late_share)            \
	X(interrupted_share)           \
	X(interrupted_days_mean)       \
	X(handing_on_share)            \
	X(handed_on_enough_share)      \
	X(contact_named_median_days)   \
	X(contact_late_share)          \
	X(night_plan_share)            \
	X(elsewhere_turnover_weeks)    \
	X(elsewhere_refill_share)      \
	X(staff_absent_per_1000_weeks) \
	X(republish_days)              \
	X(republish_missed_share)      \
	X(lost_receipt_share)          \
	X(offline_per_1000_days)       \
	X(offline_hours_mean)

struct demo_numbers {
#define X(name) uint32_t name;
	DEMO_NUMBERS(X)
#undef X
};

/** One row of abilities.csv. */
struct demo_ability {
	const char *key;
	enum demo_moment moment;
	uint32_t share;       /* per mille */
	uint32_t after_hours; /* median; 0: at once */
	bool yesterday;       /* was there too */
};

struct demo_zone {
	const char *id, *name, *duty, *stand_in, *network;
};

struct demo_need {
	uint32_t expertise;
	uint32_t intensity;
	uint32_t weeks;
	bool must;
	int life_domain;
};

struct demo_bundle {
	const char *name;
	bool gate; /* of the list that waits at the start; else of the stream of calls */
	bool consult;
	uint32_t weight;
	int urgency, crisis_step, reason;
	uint32_t age_from, age_to;
	struct demo_need need[DEMO_BUNDLE_NEEDS_MAX];
	size_t needs_len;
};

struct demo_region {
	struct arena arena;
	struct demo_numbers n;
	struct demo_zone zone[DEMO_ZONES_MAX];
	uint32_t zone_minors[DEMO_ZONES_MAX];
	size_t zones_len;
	struct demo_bundle bundle[DEMO_BUNDLES_MAX];
	uint32_t call_weight[DEMO_BUNDLES_MAX]; /* 0 for bundles of the other stream */
	uint32_t gate_weight[DEMO_BUNDLES_MAX];
	size_t bundles_len;
	Schakel__V1__PutCapacity *pool[DEMO_POOLS_MAX]; /* as stated at the start */
	size_t pools_len;
	struct demo_ability ability[DEMO_ABILITIES_MAX];
	size_t abilities_len;
};

/** @return an exit code, after saying which file and line is wrong. */
int demo_region_read(struct cli *c, const char *dir, struct demo_region *ret_r);
/** @return that row; one that is never done when the region leaves it out. */
const struct demo_ability *demo_ability(const struct demo_region *r, const char *key);
void demo_region_done(struct demo_region *r);
