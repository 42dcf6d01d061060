/* SPDX-License-Identifier: EUPL-1.2 */
#pragma once
/** @file  Civil time of Europe/Brussels by the EU rule (summer time from the last Sunday of March
 *  to the last Sunday of October, both at 01:00 UTC), without time-zone data and without a clock.
 *  Units: instants are milliseconds since 1970-01-01 UTC; weekday 0 is Monday.
 *  Range: right for 1996 to 2100. An instant outside it gets the same rule and one after 9998
 *  counts as the end of 9998, so no argument is undefined. Ownership: values only. Blocks: never.
 *  */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define CIVIL_YEAR_MIN 1996
#define CIVIL_YEAR_MAX 2100
#define CIVIL_HOUR_MS 3600000ULL
#define CIVIL_DAY_MS (24 * CIVIL_HOUR_MS)

struct civil_date {
	uint16_t year;
	uint8_t month; /* 1 to 12 */
	uint8_t day;   /* 1 to 31 */
};

struct civil {
	struct civil_date date;
	uint8_t weekday; /* 0 is Monday */
	uint8_t hour;
	uint8_t minute;
	uint8_t second;
	uint16_t ms;
	uint16_t minute_of_day; /* hour * 60 + minute as the wall clock shows it */
};

/** Days on which something is open. Dates are yyyymmdd, in any order, borrowed. */
struct civil_calendar {
	uint8_t weekday_mask; /* bit 0 is Monday; 0 is "not stated" and counts as every day */
	bool holidays_closed; /* the Belgian legal holidays are closed too */
	const uint32_t *closed;
	size_t closed_len;
};

enum civil_lang { CIVIL_NL, CIVIL_EN };

/** A text by value, so that no caller has to size a buffer. */
struct civil_text {
	char s[24];
};

bool civil_date_valid(struct civil_date d);
uint32_t civil_yyyymmdd(struct civil_date d);
/** The ten legal holidays of Belgium, Easter computed. */
bool civil_is_holiday(struct civil_date d);
/** Open by weekday, not a closed date, and not a legal holiday where these are closed. */
bool civil_is_open(struct civil_date d, const struct civil_calendar *cal);

struct civil civil_from_ms(uint64_t at_ms);
/** In the missing hour of spring the later reading (02:30 becomes 03:30 summer time), in the
 *  double hour of autumn the first. @return SK_EINVAL for a date that does not exist, a year
 *  outside CIVIL_YEAR_MIN..MAX or a minute past 1439. */
SK_CHECKED int civil_to_ms(struct civil_date d, unsigned minute_of_day, uint64_t *ret_ms);

/** The last millisecond (23:59:59.999) of the local day of @p at_ms. */
uint64_t civil_end_of_day(uint64_t at_ms);
/** End of the same local day of the next month, or of its last day where it has no such day. */
uint64_t civil_month_later(uint64_t at_ms);
/** The same wall time @p days local days later, or earlier when negative; 0 gives @p at_ms. */
uint64_t civil_add_days_local(uint64_t at_ms, int32_t days);
/** End of the @p n th open day after the local day of @p at_ms; 0 gives the end of that day. */
uint64_t civil_opening_days_after(uint64_t at_ms, uint32_t n, const struct civil_calendar *cal);
/** The same for Monday to Friday without legal holidays and without the @p len dates @p extra. */
uint64_t civil_working_days_after(uint64_t at_ms, uint32_t n, const uint32_t *extra, size_t len);
/** Local days since 1970-01-01: the difference of two is how many midnights lie between them. */
uint32_t civil_day_number(uint64_t at_ms);

/** Office hours: Monday to Friday without legal holidays and without the dates @p closed, from one
 *  full hour to another by the wall clock. Dates are yyyymmdd, borrowed. */
struct civil_office {
	unsigned from_hour;
	unsigned to_hour; /* later than from_hour, at most 23 */
	const uint32_t *closed;
	size_t closed_len;
};
/** The instant at which @p hours office hours have passed since @p at_ms; one that ends with the
 *  day ends at its closing hour. 0 gives @p at_ms itself or the opening that follows. */
uint64_t civil_add_office_hours(uint64_t at_ms, uint32_t hours, const struct civil_office *office);
/** The first day, strictly after @p at_ms, on which the wall clock shows hour:minute; in the
 *  double hour only its first showing counts. Hour and minute must be a time of day (asserted).
 *  */
uint64_t civil_next_local_time(uint64_t at_ms, unsigned hour, unsigned minute);

/** Whole years at @p now_ms of somebody born on @p birth: yyyymmdd, or yyyymm, which counts from
 *  the first of that month. Born on 29 February, a year is full on 1 March of other years.
 *  @return SK_EINVAL for a date that does not exist or lies after @p now_ms. */
SK_CHECKED int civil_age_years(uint32_t birth, uint64_t now_ms, unsigned *ret_years);

/** Local "2026-03-03 08:30". */
struct civil_text civil_format(uint64_t at_ms);
/** Local "3 maart 2026" or "3 March 2026". */
struct civil_text civil_format_date(uint64_t at_ms, enum civil_lang lang);
