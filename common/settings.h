/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Every clock, weight and bound that cores read, with its range and default (DOMAIN 5).
 *  Keys carry their unit. Cores read them from the configuration that was applied as an input. */
#include <stdint.h>

/* name, key, min, max, default */
#define SETTINGS_MAP(X)                                                 \
	X(CONTACT_NAMED, "contact_named_working_days", 1, 60, 5)        \
	X(CRISIS_HOLD, "crisis_hold_s", 60, 86400, 1800)                \
	X(CRISIS_ANSWER, "crisis_answer_s", 600, 604800, 86400)         \
	X(CRISIS_ASK, "crisis_ask_s", 60, 86400, 1800)                  \
	X(URGENT_START, "urgent_start_days", 1, 90, 14)                 \
	X(URGENT_LASTS, "urgent_lasts_days", 1, 365, 30)                \
	X(ANSWER_MONTHS, "answer_months", 1, 12, 1)                     \
	X(WARN_FIRST, "warn_first_days", 1, 25, 10)                     \
	X(WARN_SECOND, "warn_second_days", 1, 25, 3)                    \
	X(ASK_TTL, "ask_opening_days", 1, 60, 7)                        \
	X(ASK_REMINDER, "ask_reminder_opening_days", 1, 59, 3)          \
	X(ASKS_AT_ONCE, "asks_at_once", 1, 3, 3)                        \
	X(ASKS_PER_ROUND, "asks_per_round", 1, 100, 12)                 \
	X(MEETING_OPEN, "meeting_open_days", 1, 60, 7)                  \
	X(CAN_HOLDS, "can_holds_working_days", 1, 60, 3)                \
	X(CAN_HOLDS_CRISIS, "can_holds_crisis_s", 60, 86400, 7200)      \
	X(LAST_PLACE, "last_place_s", 60, 86400, 900)                   \
	X(NOT_STARTED, "not_started_working_days", 1, 60, 5)            \
	X(CONFIRM_INSURED, "confirm_insured_s", 3600, 2592000, 86400)   \
	X(CONFIRM_CRISIS, "confirm_crisis_s", 3600, 2592000, 86400)     \
	X(CONFIRM_REST, "confirm_rest_opening_days", 1, 90, 14)         \
	X(REVIEW_ACTIVE, "review_active_days", 1, 365, 30)              \
	X(REVIEW_OTHER, "review_other_days", 1, 365, 90)                \
	X(REVIEW_MISPLACED, "review_misplaced_days", 1, 365, 60)        \
	X(REVIEW_APART, "review_apart_days", 1, 365, 30)                \
	X(CASE_TABLE, "case_table_working_days", 1, 60, 10)             \
	X(CASE_CRISIS, "case_table_crisis_working_days", 1, 60, 2)      \
	X(STUCK_WINDOW, "stuck_window_days", 30, 3650, 365)             \
	X(STUCK_SIGNS, "stuck_signs", 1, 6, 2)                          \
	X(STUCK_MOVES, "stuck_moves", 1, 100, 2)                        \
	X(STUCK_WORKERS, "stuck_worker_changes", 1, 100, 3)             \
	X(STUCK_REFUSALS, "stuck_refusals", 1, 100, 5)                  \
	X(STUCK_GAP, "stuck_gap_days", 1, 3650, 30)                     \
	X(STUCK_RUNGS, "stuck_rungs", 1, 100, 2)                        \
	X(STUCK_DOMAINS, "stuck_open_domains", 1, 7, 3)                 \
	X(LONGEST_PRECAUTION, "longest_precaution_days", 30, 3650, 365) \
	X(LONGEST_PREFERENCE, "longest_preference_days", 30, 3650, 270) \
	X(LONGEST_ACTIVE, "longest_active_days", 30, 3650, 180)         \
	X(NIGHT_PLAN_CALL, "night_plan_call_s", 600, 86400, 14400)      \
	X(AFTERCARE_DAYS, "aftercare_days", 1, 730, 90)                 \
	X(TOMBSTONE_DAYS, "tombstone_days", 1, 365, 60)                 \
	X(ORDER_RULE, "order_rule", 0, 3, 0)                            \
	X(ORDER_CRISIS_FIRST, "order_crisis_first", 0, 1, 1)            \
	X(ORDER_AGAIN, "order_again_days", 1, 90, 7)                    \
	X(WEIGHT_CRISIS, "order_weight_crisis", 1, 16, 4)               \
	X(WEIGHT_URGENT, "order_weight_urgent", 1, 16, 3)               \
	X(WEIGHT_STANDARD, "order_weight_standard", 1, 16, 2)           \
	X(WEIGHT_PREVENTIVE, "order_weight_preventive", 1, 16, 1)       \
	X(DUE_CRISIS, "order_due_crisis_days", 0, 3650, 28)             \
	X(DUE_URGENT, "order_due_urgent_days", 0, 3650, 84)             \
	X(DUE_STANDARD, "order_due_standard_days", 0, 3650, 182)        \
	X(DUE_PREVENTIVE, "order_due_preventive_days", 0, 3650, 364)    \
	X(PARTNERS_KNOWN, "partners_known_permille", 1, 1000, 1000)     \
	X(TEAM_MAX, "team_partners_max", 1, 10, 5)                      \
	X(TEAM_WHOLE, "team_whole", 0, 1, 0)                            \
	X(SEAT_CANDIDATES, "seat_candidates_max", 1, 256, 256)          \
	X(COST_PARTNER, "cost_partner", 0, 100000, 500)                 \
	X(COST_KM, "cost_km", 0, 1000, 3)                               \
	X(BEYOND_ZONE_KM, "beyond_zone_km", 0, 500, 30)                 \
	X(COST_START_WEEK, "cost_start_week", 0, 1000, 5)               \
	X(COST_CONTINUITY, "cost_continuity", 0, 100000, 350)           \
	X(COST_PREFERENCE, "cost_preference", 0, 100000, 80)            \
	X(COST_LIFE_CHANGE, "cost_life_change", 0, 100000, 200)         \
	X(UNCLEAR_FIRST, "unclear_first_s", 3600, 259200, 86400)        \
	X(UNCLEAR_SECOND, "unclear_second_s", 3600, 259200, 172800)     \
	X(UNCLEAR_LASTS, "unclear_lasts_s", 7200, 604800, 259200)       \
	X(ORDER_WARN, "order_warn_days", 1, 90, 14)                     \
	X(COST_ACCESS, "cost_access_pending", 0, 100000, 250)           \
	X(COST_INTERPRETER, "cost_interpreter", 0, 100000, 120)         \
	X(SCARCITY, "cost_scarcity_percent", 0, 1000, 100)              \
	X(SCARCITY_MAX, "cost_scarcity_max", 0, 100000, 300)            \
	X(PLAN_INTERVAL, "plan_interval_s", 0, 86400, 300)              \
	X(PLAN_ROUNDS, "plan_rounds", 0, 1000000, 20000)                \
	X(PLAN_HORIZON, "plan_horizon_days", 0, 365, 28)                \
	X(RESERVE_AFTER, "reserve_after_days", 0, 3650, 28)             \
	X(RESERVE, "reserve_days", 0, 90, 0)                            \
	X(FORESEE, "foresee_interval_s", 0, 2592000, 86400)             \
	X(FORESEE_RUNS, "foresee_runs", 1, 400, 60)                     \
	X(FORESEE_DAYS, "foresee_days", 28, 1000, 365)                  \
	X(FORESEE_SHOWN, "foresee_shown", 0, 1, 1)                      \
	X(ATELIERS_MAX, "school_ateliers_max", 0, 1000, 10)             \
	X(NETWORK_WARN_FIRST, "network_warn_first_days", 1, 365, 60)    \
	X(NETWORK_WARN_SECOND, "network_warn_second_days", 1, 365, 14)  \
	X(PLAN_REVIEW, "plan_review_days", 1, 730, 90)                  \
	X(OTHER_WANTED, "other_wanted_working_days", 1, 60, 5)          \
	X(MEANS_MAX, "means_cents_max_per_request", 0, 9999999, 250000) \
	X(RECEIPT_DAYS, "receipt_days", 1, 365, 30)                     \
	X(ID_AHEAD, "id_ahead_s", 60, 86400, 600)                       \
	X(EVENTS_DAYS, "events_days", 1, 365, 35)                       \
	X(LOG_SOFT, "log_soft_bytes", 65536, 1099511627776, 268435456)  \
	X(LOG_HARD, "log_hard_bytes", 131072, 1099511627776, 536870912) \
	X(OFFICE_FROM, "office_from_hour", 0, 12, 9)                    \
	X(OFFICE_TO, "office_to_hour", 13, 23, 17)                      \
	X(HELP_PEER, "help_peer_office_hours", 1, 40, 2)                \
	X(HELP_PEER_CRISIS, "help_peer_crisis_s", 60, 86400, 1800)      \
	X(HELP_NETWORK, "help_network_working_days", 1, 60, 5)          \
	X(HELP_GOVERNMENT, "help_government_working_days", 1, 120, 20)  \
	X(FIT_ASKED, "fit_asked_weeks", 1, 52, 6)                       \
	X(REVIEW_BY_OTHER, "review_by_other_working_days", 1, 60, 5)    \
	X(RUNG_TEXT, "rung_text_s", 600, 604800, 86400)                 \
	X(CHECK_FIRST, "aftercare_check_first_days", 1, 730, 7)         \
	X(CHECK_SECOND, "aftercare_check_second_days", 1, 730, 30)      \
	X(CHECK_THIRD, "aftercare_check_third_days", 1, 730, 80)        \
	X(REENTRY, "reentry_months", 1, 60, 12)                         \
	X(CRISIS_INTERVENTION, "crisis_intervention_days", 1, 90, 3)    \
	X(CRISIS_GUIDANCE, "crisis_guidance_days", 1, 180, 28)          \
	X(CRISIS_STAY, "crisis_stay_days", 1, 90, 7)                    \
	X(CRISIS_STAY_MORE, "crisis_stay_more_days", 1, 90, 7)          \
	X(FILE_DAYS, "file_days", 1, 60, 15)                            \
	X(FAMILY_CALL, "family_call_days", 1, 60, 7)

enum setting {
#define X(name, key, min, max, def) SETTING_##name,
	SETTINGS_MAP(X)
#undef X
		SETTING_COUNT
};

/** Values of order_rule. Any but the law is an experiment of the lab: a node that runs one says so
 *  in its log and to the doctor. Under all of them the class stays what urgency and age give;
 *  order_crisis_first keeps crises on top, by step and arrival. The rank date of the others:
 *  ARRIVAL: the arrival; no days of priority are given. ACCUMULATING: the arrival, less days of
 *  priority, less the time waited times (weight - 1), as of the end of the running period of
 *  order_again_days; ranked anew when a period begins, so that the order is an index in between.
 *  DEADLINE: the arrival, less days of priority, and order_due_*_days of the urgency. */
enum order_rule {
	ORDER_LAW = 0,
	ORDER_ARRIVAL = 1,
	ORDER_ACCUMULATING = 2,
	ORDER_DEADLINE = 3,
};

struct setting_spec {
	const char *key;
	uint64_t min;
	uint64_t max;
	uint64_t def;
};

/** Indexed by enum setting. */
extern const struct setting_spec setting_spec[SETTING_COUNT];
/** @return the setting by which the list does not run by the law (an experiment of the lab), or
 *  SETTING_COUNT: it does. @p values: by enum setting. */
enum setting setting_unlawful(const uint64_t values[SETTING_COUNT]);
/** @return the setting of that key, or -1. */
int setting_find(const char *key);
