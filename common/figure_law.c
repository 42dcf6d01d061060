/* SPDX-License-Identifier: EUPL-1.2 */
/* What holds of each kind of figure, and the plain arithmetic behind them. */
#include "common/figure.h"

#include "common/civil.h"

#define DAYS_MAX 3650
#define HOURS_MAX 720
#define WEEKS_MAX 520
#define NUMBER_MAX 64

#define BY_EXPERTISE FIGURE_BY_EXPERTISE
#define BY_ZONE FIGURE_BY_ZONE
#define BY_CODE FIGURE_BY_CODE

#define KIND(NAME, UNIT, MAX, NOW, PUBLISHED)                                                     \
	{                                                                                         \
		.kind = FIGURE(NAME), .unit = FIGURE_IS_##UNIT, .value_max = (MAX), .now = (NOW), \
		.published = (PUBLISHED)                                                          \
	}

/* One dimension is published per kind: two that share a total could be subtracted. */
static const struct figure_law law[] = {
	KIND(WAITING, COUNT, 0, true, BY_EXPERTISE),
	KIND(WAITING_WISH, COUNT, 0, true, BY_EXPERTISE),
	KIND(OVER_TERM, COUNT, 0, true, BY_EXPERTISE),
	KIND(UNMET, COUNT, 0, true, BY_EXPERTISE),
	KIND(MISPLACED, COUNT, 0, true, BY_EXPERTISE),
	KIND(GAP_DAYS, COUNT, 0, false, BY_EXPERTISE),
	KIND(STUCK, COUNT, 0, false, BY_CODE),
	KIND(CASE_TABLES, COUNT, 0, false, BY_CODE),
	KIND(PRIORITY_DAYS, COUNT, 0, false, BY_CODE),
	KIND(RISEN, COUNT, 0, false, BY_EXPERTISE),
	KIND(TIME_TO_START, DAYS, DAYS_MAX, false, BY_EXPERTISE),
	KIND(TIME_TO_ALL, DAYS, DAYS_MAX, false, BY_ZONE),
	KIND(FORESEEN, COUNT, 0, false, BY_EXPERTISE),
	KIND(FORESEEN_RIGHT, COUNT, 0, false, BY_EXPERTISE),

	KIND(INFLOW, COUNT, 0, false, BY_ZONE | BY_CODE),
	KIND(THROUGHFLOW, COUNT, 0, false, BY_ZONE),
	KIND(OUTFLOW, COUNT, 0, false, BY_CODE),
	KIND(ANSWERED_IN_TERM, COUNT, 0, false, BY_ZONE | BY_CODE),
	KIND(BREACHED, COUNT, 0, false, BY_ZONE),
	KIND(RETELLINGS, COUNT, 0, false, BY_ZONE),
	KIND(FIT, COUNT, 0, false, BY_CODE),
	KIND(PREVENTIVE, COUNT, 0, false, BY_ZONE),
	KIND(CONSULTS, COUNT, 0, false, BY_CODE),
	KIND(NO_AVAILABILITY, COUNT, 0, false, BY_ZONE),
	KIND(OVER_72H, COUNT, 0, false, BY_ZONE),
	KIND(WORKERS_PER_CHILD, NUMBER, NUMBER_MAX, false, 0),
	KIND(PARTNERS_PER_TEAM, NUMBER, NUMBER_MAX, false, 0),
	KIND(CONTINUUM_MOVES, COUNT, 0, false, BY_CODE),
	KIND(SIGNAL_CHILD_DAYS, COUNT, 0, false, BY_CODE),
	KIND(HELPED, WEEKS, WEEKS_MAX, false, BY_EXPERTISE),
	KIND(BASIC_LINK, COUNT, 0, false, BY_CODE),
	KIND(HELP_CALLS, COUNT, 0, false, BY_CODE),
	KIND(DIAGNOSTICS, COUNT, 0, false, BY_CODE),

	KIND(ASKS, COUNT, 0, false, BY_EXPERTISE),
	KIND(ANSWERS, COUNT, 0, false, BY_CODE),
	KIND(ANSWER_HOURS, HOURS, HOURS_MAX, false, BY_EXPERTISE),
	KIND(NETWORK_MISSES, COUNT, 0, false, BY_EXPERTISE),
	KIND(OFFER_CHANGED, COUNT, 0, false, BY_EXPERTISE),
	KIND(CAPACITY, COUNT, 0, false, BY_EXPERTISE),
	KIND(CAPACITY_FREE, COUNT, 0, false, BY_EXPERTISE),
	KIND(CONVERTED, COUNT, 0, false, BY_EXPERTISE),
	KIND(KEPT_FREE, COUNT, 0, false, BY_EXPERTISE),
};

const struct figure_law *figure_law(PB(FigureKind) kind)
{
	for (size_t i = 0; i < SK_LEN(law); i++) {
		if (law[i].kind == kind) {
			return &law[i];
		}
	}
	return NULL;
}

uint32_t figure_age_band(uint32_t age_years)
{
	static const uint32_t from[] = { 0, 6, 12, 18 };
	uint32_t band = 0;

	while (band < SK_LEN(from) && age_years >= from[band]) {
		band++;
	}
	return band;
}

uint32_t figure_days(uint64_t from_ms, uint64_t to_ms)
{
	return to_ms <= from_ms ? 0 : civil_day_number(to_ms) - civil_day_number(from_ms);
}

uint32_t figure_month(uint64_t at_ms)
{
	struct civil_date d = civil_from_ms(at_ms).date;

	return d.year * 100U + d.month;
}

uint32_t figure_percentile(PB(FigureBucket) *const *buckets, size_t len, uint32_t permille)
{
	uint64_t total = 0;
	uint64_t below = 0;

	for (size_t i = 0; i < len; i++) {
		total += (uint64_t)buckets[i]->count;
	}
	uint64_t rank = (total * permille + 999) / 1000;
	for (size_t i = 0; i < len; i++) {
		below += (uint64_t)buckets[i]->count;
		if (below >= rank && rank > 0) {
			return buckets[i]->value;
		}
	}
	return 0;
}
