/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/civil.h"

#define MS 1000ULL
#define FIRST_S 820450800LL  /* 1996-01-01 00:00 in Brussels */
#define AFTER_S 4133977200LL /* 2101-01-01 00:00 in Brussels */

/* Parses "2026-03-29 02:30" by the module under test; the reading itself is proven below. */
static uint64_t at(const char *text)
{
	unsigned v[5];
	char copy[17];
	uint64_t ms = 0;

	memcpy(copy, text, sizeof(copy));
	char *p = copy;
	for (size_t i = 0; i < SK_LEN(v); i++) {
		v[i] = (unsigned)strtoul(p, &p, 10);
		p++;
	}
	const struct civil_date d = { (uint16_t)v[0], (uint8_t)v[1], (uint8_t)v[2] };
	assert_int_equal(civil_to_ms(d, v[3] * 60 + v[4], &ms), SK_OK);
	return ms;
}

static void assert_end_of(uint64_t ms, const char *day)
{
	struct civil c = civil_from_ms(ms);
	struct civil_text t = civil_format(ms);

	assert_memory_equal(t.s, day, 10);
	assert_string_equal(t.s + 10, " 23:59");
	assert_int_equal(c.second, 59);
	assert_int_equal(c.ms, 999);
	assert_int_not_equal(civil_from_ms(ms + 1).date.day, c.date.day);
}

/* The oracle is the C library with the EU rule given as a POSIX string: other code, no tz data.
 * */
static void brussels(void)
{
	assert_int_equal(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	tzset();
}

static void assert_same_as_library(uint64_t ms)
{
	time_t s = (time_t)(ms / MS);
	struct tm tm;
	struct civil c = civil_from_ms(ms);

	assert_non_null(localtime_r(&s, &tm));
	assert_int_equal(c.date.year, tm.tm_year + 1900);
	assert_int_equal(c.date.month, tm.tm_mon + 1);
	assert_int_equal(c.date.day, tm.tm_mday);
	assert_int_equal(c.weekday, (tm.tm_wday + 6) % 7);
	assert_int_equal(c.hour, tm.tm_hour);
	assert_int_equal(c.minute, tm.tm_min);
	assert_int_equal(c.second, tm.tm_sec);
	assert_int_equal(c.minute_of_day, tm.tm_hour * 60 + tm.tm_min);
	assert_int_equal(c.ms, ms % MS);
}

static void test_civil_from_ms_every_hour_equals_the_c_library(void **state)
{
	(void)state;
	brussels();
	for (int64_t s = FIRST_S; s < AFTER_S; s += 3600) {
		assert_same_as_library((uint64_t)s * MS);
	}
	/* off the hour, with milliseconds, drifting over all seconds of the day */
	for (int64_t s = FIRST_S; s < AFTER_S; s += 86399) {
		assert_same_as_library((uint64_t)s * MS + (uint64_t)s % MS);
	}
}

static void test_civil_to_ms_every_day_round_trips(void **state)
{
	static const unsigned minutes[] = { 0, 59, 119, 180, 719, 720, 1439 };
	uint64_t ms = 0;
	size_t days = 0;

	(void)state;
	for (uint64_t noon = (FIRST_S + 43200) * MS; noon < AFTER_S * MS; noon += CIVIL_DAY_MS) {
		struct civil_date d = civil_from_ms(noon).date;
		assert_true(civil_date_valid(d));
		for (size_t i = 0; i < SK_LEN(minutes); i++) {
			assert_int_equal(civil_to_ms(d, minutes[i], &ms), SK_OK);
			struct civil c = civil_from_ms(ms);
			assert_int_equal(civil_yyyymmdd(c.date), civil_yyyymmdd(d));
			assert_int_equal(c.minute_of_day, minutes[i]);
		}
		days++;
	}
	assert_int_equal(days, 105 * 365 + 26); /* 26 leap days: 1996 to 2096, 2100 has none */
}

static void test_civil_to_ms_spring_gap_takes_the_later_instant(void **state)
{
	(void)state;
	/* 2026-03-29 01:00 UTC */
	assert_int_equal(at("2026-03-29 03:00"), 1774746000000ULL);
	assert_int_equal(at("2026-03-29 01:59"), 1774746000000ULL - 60 * MS);
	assert_int_equal(at("2026-03-29 02:00"), 1774746000000ULL);
	assert_int_equal(at("2026-03-29 02:30"), at("2026-03-29 03:30"));
	assert_int_equal(at("2026-03-29 02:59"), at("2026-03-29 03:59"));
	assert_int_equal(civil_from_ms(1774746000000ULL - 1).minute_of_day, 119);
	assert_int_equal(civil_from_ms(1774746000000ULL).minute_of_day, 180);
}

static void test_civil_to_ms_autumn_double_hour_takes_the_first(void **state)
{
	const uint64_t change = 1792890000000ULL; /* 2026-10-25 01:00 UTC */

	(void)state;
	assert_int_equal(at("2026-10-25 02:00"), change - CIVIL_HOUR_MS);
	assert_int_equal(at("2026-10-25 02:59"), change - 60 * MS);
	assert_int_equal(at("2026-10-25 03:00"), change + CIVIL_HOUR_MS);
	assert_int_equal(civil_from_ms(change - 1).minute_of_day, 179);
	assert_int_equal(civil_from_ms(change).minute_of_day, 120);
	assert_int_equal(civil_from_ms(change + CIVIL_HOUR_MS).minute_of_day, 180);
}

static void test_civil_to_ms_out_of_range_is_refused(void **state)
{
	static const struct {
		struct civil_date d;
		unsigned minute;
		int err;
	} rows[] = {
		{ { 1996, 1, 1 }, 0, SK_OK },         { { 1995, 12, 31 }, 0, SK_EINVAL },
		{ { 2100, 12, 31 }, 1439, SK_OK },    { { 2100, 12, 31 }, 1440, SK_EINVAL },
		{ { 2101, 1, 1 }, 0, SK_EINVAL },     { { 2024, 2, 29 }, 0, SK_OK },
		{ { 2026, 2, 29 }, 0, SK_EINVAL },    { { 2100, 2, 29 }, 0, SK_EINVAL },
		{ { 2000, 2, 29 }, 0, SK_OK },        { { 2026, 4, 31 }, 0, SK_EINVAL },
		{ { 2026, 0, 1 }, 0, SK_EINVAL },     { { 2026, 13, 1 }, 0, SK_EINVAL },
		{ { 2026, 1, 0 }, 0, SK_EINVAL },     { { 2026, 1, 32 }, 0, SK_EINVAL },
		{ { 2026, 255, 255 }, 0, SK_EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		uint64_t ms = 7;
		assert_int_equal(civil_to_ms(rows[i].d, rows[i].minute, &ms), rows[i].err);
		assert_true((ms == 7) == (rows[i].err != SK_OK));
	}
}

static void test_civil_month_later_ends_the_same_day_or_the_last(void **state)
{
	static const struct {
		const char *from;
		const char *to;
	} rows[] = {
		{ "2026-03-03 10:15", "2026-04-03" }, { "2026-01-31 00:00", "2026-02-28" },
		{ "2028-01-31 00:00", "2028-02-29" }, { "2026-01-28 23:59", "2026-02-28" },
		{ "2026-01-29 12:00", "2026-02-28" }, { "2028-01-30 12:00", "2028-02-29" },
		{ "2100-01-30 12:00", "2100-02-28" }, { "2026-02-28 12:00", "2026-03-28" },
		{ "2028-02-29 12:00", "2028-03-29" }, { "2026-03-31 12:00", "2026-04-30" },
		{ "2026-12-31 23:59", "2027-01-31" }, { "2026-12-01 00:00", "2027-01-01" },
		{ "2026-02-25 02:30", "2026-03-25" }, { "2026-03-01 02:30", "2026-04-01" },
		{ "2026-09-25 02:30", "2026-10-25" }, { "2026-02-28 23:59", "2026-03-28" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		assert_end_of(civil_month_later(at(rows[i].from)), rows[i].to);
	}
	/* both sides of local midnight in summer, where the day of UTC differs */
	assert_end_of(civil_month_later(at("2026-07-01 00:00") - 1), "2026-07-30");
	assert_end_of(civil_month_later(at("2026-07-01 00:00")), "2026-08-01");
}

static void test_civil_month_later_every_day_is_one_month_on(void **state)
{
	(void)state;
	for (uint64_t noon = (FIRST_S + 43200) * MS; noon < AFTER_S * MS; noon += CIVIL_DAY_MS) {
		struct civil_date d = civil_from_ms(noon).date;
		uint64_t end = civil_month_later(noon);
		struct civil_date e = civil_from_ms(end).date;
		assert_int_equal(e.year * 12 + e.month, d.year * 12 + d.month + 1);
		struct civil next = civil_from_ms(end + 1);
		assert_int_equal(next.minute_of_day + next.second + next.ms, 0);
		assert_true(e.day == d.day || (e.day < d.day && next.date.day == 1));
	}
}

static void test_civil_add_days_keeps_the_wall_time(void **state)
{
	uint64_t from = at("2026-03-28 08:30") + 12345;

	(void)state;
	assert_int_equal(civil_add_days_local(from, 1), at("2026-03-29 08:30") + 12345);
	assert_int_equal(civil_add_days_local(from, 1) - from, 23 * CIVIL_HOUR_MS);
	assert_int_equal(civil_add_days_local(at("2026-10-24 08:30"), 1), at("2026-10-25 08:30"));
	assert_int_equal(at("2026-10-25 08:30") - at("2026-10-24 08:30"), 25 * CIVIL_HOUR_MS);
	assert_int_equal(civil_add_days_local(at("2028-02-28 12:00"), 1), at("2028-02-29 12:00"));
	assert_int_equal(civil_add_days_local(at("2027-02-28 12:00"), 1), at("2027-03-01 12:00"));
	assert_int_equal(civil_add_days_local(at("2026-01-01 00:00"), -1), at("2025-12-31 00:00"));
	assert_int_equal(civil_add_days_local(at("2026-03-28 02:30"), 1), at("2026-03-29 03:30"));
	/* the second 02:30 of autumn is its own instant, not the first */
	uint64_t second = at("2026-10-25 02:30") + CIVIL_HOUR_MS;
	assert_int_equal(civil_add_days_local(second, 0), second);
}

/* Crisis terms in hours (72 h of unclear agreement) are elapsed time and no calendar arithmetic.
 * */
static void test_civil_72_hours_are_72_hours_over_both_changes(void **state)
{
	static const struct {
		const char *from;
		const char *to;
	} rows[] = {
		{ "2026-03-27 12:00", "2026-03-30 13:00" },
		{ "2026-10-23 12:00", "2026-10-26 11:00" },
		{ "2026-06-01 12:00", "2026-06-04 12:00" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		assert_int_equal(at(rows[i].from) + 72 * CIVIL_HOUR_MS, at(rows[i].to));
		assert_string_equal(civil_format(at(rows[i].from) + 72 * CIVIL_HOUR_MS).s,
				    rows[i].to);
	}
}

static void test_civil_holidays_of_known_years_are_exact(void **state)
{
	/* Easter Monday, Ascension and Whit Monday as published; the other seven are fixed. */
	static const uint32_t known[] = {
		20000424, 20000601, 20000612, 20080324, 20080501, 20080512, 20240401, 20240509,
		20240520, 20250421, 20250529, 20250609, 20260406, 20260514, 20260525, 20270329,
		20270506, 20270517, 20380426, 20380603, 20380614, 21000329, 21000506, 21000517,
	};
	static const uint32_t fixed[] = { 101, 501, 721, 815, 1101, 1111, 1225 };

	(void)state;
	for (size_t i = 0; i < SK_LEN(known); i += 3) {
		uint32_t year = known[i] / 10000;
		uint64_t noon = 0;
		assert_int_equal(civil_to_ms((struct civil_date){ (uint16_t)year, 1, 1 }, 720,
					     &noon),
				 SK_OK);
		for (; civil_from_ms(noon).date.year == year; noon += CIVIL_DAY_MS) {
			struct civil_date d = civil_from_ms(noon).date;
			bool expected = false;
			for (size_t j = 0; j < 3; j++) {
				expected |= known[i + j] == civil_yyyymmdd(d);
			}
			for (size_t j = 0; j < SK_LEN(fixed); j++) {
				expected |= fixed[j] == civil_yyyymmdd(d) % 10000;
			}
			assert_int_equal(civil_is_holiday(d), expected);
		}
	}
}

static void test_civil_easter_monday_every_year_is_a_lawful_monday(void **state)
{
	(void)state;
	for (uint16_t y = CIVIL_YEAR_MIN; y <= CIVIL_YEAR_MAX; y++) {
		unsigned found = 0;
		for (unsigned n = 0; n < 35; n++) { /* 23 March to 26 April */
			uint8_t day = (uint8_t)(n < 9 ? 23 + n : n - 8);
			struct civil_date d = { y, n < 9 ? 3 : 4, day };
			uint64_t ms = 0;
			assert_int_equal(civil_to_ms(d, 720, &ms), SK_OK);
			if (civil_is_holiday(d)) {
				found++;
				assert_int_equal(civil_from_ms(ms).weekday, 0);
				ms += 38 * CIVIL_DAY_MS;
				assert_true(civil_is_holiday(civil_from_ms(ms).date));
				assert_int_equal(civil_from_ms(ms).weekday, 3);
				ms += 11 * CIVIL_DAY_MS;
				assert_true(civil_is_holiday(civil_from_ms(ms).date));
				assert_int_equal(civil_from_ms(ms).weekday, 0);
			}
		}
		assert_int_equal(found, 1);
	}
}

static void test_civil_working_days_skip_weekends_holidays_and_extra(void **state)
{
	static const uint32_t extra[] = { 20260710, 20260102 };
	static const struct {
		const char *from;
		uint32_t n;
		size_t len;
		const char *to;
	} rows[] = {
		{ "2026-03-02 09:00", 5, 0, "2026-03-09" }, /* Monday to Monday */
		{ "2026-03-06 18:00", 1, 0, "2026-03-09" }, /* Friday */
		{ "2026-03-07 10:00", 1, 0, "2026-03-09" }, /* Saturday */
		{ "2026-03-08 23:59", 1, 0, "2026-03-09" }, /* Sunday */
		{ "2026-03-07 10:00", 0, 0, "2026-03-07" },
		{ "2026-04-02 10:00", 2, 0, "2026-04-07" }, /* over Easter Monday */
		{ "2026-05-13 10:00", 1, 0, "2026-05-15" }, /* over Ascension */
		{ "2026-07-20 10:00", 1, 0, "2026-07-22" },
		{ "2025-12-31 10:00", 1, 0, "2026-01-02" },
		{ "2025-12-31 10:00", 1, 2, "2026-01-05" },
		{ "2026-07-09 10:00", 1, 2, "2026-07-13" },
		{ "2026-07-09 10:00", 1, 0, "2026-07-10" },
		{ "2026-03-27 10:00", 1, 0, "2026-03-30" }, /* over the change of clocks */
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		uint64_t end =
			civil_working_days_after(at(rows[i].from), rows[i].n, extra, rows[i].len);
		assert_end_of(end, rows[i].to);
	}
}

static void test_civil_opening_days_follow_the_partners_week(void **state)
{
	static const uint32_t closed[] = { 20260305 };
	static const struct {
		struct civil_calendar cal;
		uint32_t n;
		const char *to;
	} rows[] = {
		/* from Tuesday 3 March 2026 */
		{ { .weekday_mask = 0x7f }, 7, "2026-03-10" },
		{ { .weekday_mask = 0 }, 7, "2026-03-10" },
		{ { .weekday_mask = 0x80 }, 7, "2026-03-10" },
		{ { .weekday_mask = 0x1f }, 7, "2026-03-12" },
		{ { .weekday_mask = 0x01 }, 1, "2026-03-09" },
		{ { .weekday_mask = 0x02 }, 1, "2026-03-10" },
		{ { .weekday_mask = 0x40 }, 2, "2026-03-15" },
		{ { .weekday_mask = 0x7f, .closed = closed, .closed_len = 1 }, 2, "2026-03-06" },
		{ { .weekday_mask = 0x7f }, 34, "2026-04-06" },
		{ { .weekday_mask = 0x7f, .holidays_closed = true }, 34, "2026-04-07" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		uint64_t end =
			civil_opening_days_after(at("2026-03-03 10:00"), rows[i].n, &rows[i].cal);
		assert_end_of(end, rows[i].to);
	}
}

static void test_civil_next_local_time_is_strictly_later(void **state)
{
	static const struct {
		const char *from;
		unsigned hour;
		unsigned minute;
		const char *to;
	} rows[] = {
		{ "2026-03-03 23:10", 8, 30, "2026-03-04 08:30" },
		{ "2026-03-04 03:00", 8, 30, "2026-03-04 08:30" },
		{ "2026-03-04 08:30", 8, 30, "2026-03-05 08:30" },
		{ "2026-03-28 23:00", 8, 30, "2026-03-29 08:30" },
		{ "2026-03-29 01:30", 2, 30, "2026-03-29 03:30" },
		{ "2026-10-25 02:10", 2, 30, "2026-10-25 02:30" },
		{ "2026-12-31 23:59", 0, 0, "2027-01-01 00:00" },
		{ "2026-12-31 00:00", 23, 59, "2026-12-31 23:59" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		assert_int_equal(civil_next_local_time(at(rows[i].from), rows[i].hour,
						       rows[i].minute),
				 at(rows[i].to));
	}
	assert_int_equal(civil_next_local_time(at("2026-03-04 08:30") - 1, 8, 30), at("2026-03-04 "
										      "08:30"));
}

static void test_civil_age_turns_on_the_birthday(void **state)
{
	static const struct {
		uint32_t birth;
		const char *now;
		unsigned years;
	} rows[] = {
		{ 20140303, "2026-03-02 23:59", 11 }, { 20140303, "2026-03-03 00:00", 12 },
		{ 201403, "2026-02-28 23:59", 11 },   { 201403, "2026-03-01 00:00", 12 },
		{ 20080229, "2026-02-28 12:00", 17 }, { 20080229, "2026-03-01 00:00", 18 },
		{ 20080229, "2028-02-29 00:00", 20 }, { 20260303, "2026-03-03 00:00", 0 },
		{ 19511231, "2026-12-30 12:00", 74 }, { 19511231, "2026-12-31 12:00", 75 },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(rows); i++) {
		unsigned years = 999;
		assert_int_equal(civil_age_years(rows[i].birth, at(rows[i].now), &years), SK_OK);
		assert_int_equal(years, rows[i].years);
	}
}

static void test_civil_age_of_an_impossible_birth_is_refused(void **state)
{
	static const uint32_t births[] = { 0,        5,        1,        201413,
					   201400,   20140230, 20141301, 20140100,
					   20260304, 202604,   99991232, 4294967295U };

	(void)state;
	for (size_t i = 0; i < SK_LEN(births); i++) {
		unsigned years = 999;
		assert_int_equal(civil_age_years(births[i], at("2026-03-03 12:00"), &years),
				 SK_EINVAL);
		assert_int_equal(years, 999);
	}
}

static void test_civil_format_speaks_both_languages(void **state)
{
	(void)state;
	assert_string_equal(civil_format(at("2026-03-03 08:05")).s, "2026-03-03 08:05");
	assert_string_equal(civil_format(at("2026-07-01 00:00")).s, "2026-07-01 00:00");
	assert_string_equal(civil_format_date(at("2026-03-03 00:00"), CIVIL_NL).s, "3 maart 2026");
	assert_string_equal(civil_format_date(at("2026-03-03 23:59"), CIVIL_EN).s, "3 March 2026");
	assert_string_equal(civil_format_date(at("2026-09-30 12:00"), CIVIL_NL).s, "30 september "
										   "2026");
	assert_string_equal(civil_format_date(at("2026-12-31 12:00"), CIVIL_EN).s, "31 December "
										   "2026");
}

/* No argument may be undefined behaviour: the sanitizers watch these. */
static void test_civil_extreme_instants_stay_in_the_range(void **state)
{
	static const uint64_t extremes[] = { 0, 1, UINT64_MAX - 1, UINT64_MAX };
	const struct civil_calendar daily = { .weekday_mask = 0x7f };

	(void)state;
	for (size_t i = 0; i < SK_LEN(extremes); i++) {
		uint64_t e = extremes[i];
		uint16_t year = e < 2 ? 1970 : 9998;
		assert_int_equal(civil_from_ms(e).date.year, year);
		assert_in_range(civil_from_ms(civil_month_later(e)).date.year, year, 9999);
		assert_in_range(civil_from_ms(civil_add_days_local(e, INT32_MIN)).date.year, 1970,
				9998);
		assert_in_range(civil_from_ms(civil_add_days_local(e, INT32_MAX)).date.year, 9998,
				9998);
		assert_in_range(civil_from_ms(civil_next_local_time(e, 23, 59)).date.year, year,
				9999);
		assert_int_equal(civil_from_ms(civil_end_of_day(e)).date.year, year);
	}
	assert_string_equal(civil_format(civil_opening_days_after(0, UINT32_MAX, &daily)).s, "9998-"
											     "12-"
											     "31 "
											     "23:"
											     "59");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_civil_from_ms_every_hour_equals_the_c_library),
		cmocka_unit_test(test_civil_to_ms_every_day_round_trips),
		cmocka_unit_test(test_civil_to_ms_spring_gap_takes_the_later_instant),
		cmocka_unit_test(test_civil_to_ms_autumn_double_hour_takes_the_first),
		cmocka_unit_test(test_civil_to_ms_out_of_range_is_refused),
		cmocka_unit_test(test_civil_month_later_ends_the_same_day_or_the_last),
		cmocka_unit_test(test_civil_month_later_every_day_is_one_month_on),
		cmocka_unit_test(test_civil_add_days_keeps_the_wall_time),
		cmocka_unit_test(test_civil_72_hours_are_72_hours_over_both_changes),
		cmocka_unit_test(test_civil_holidays_of_known_years_are_exact),
		cmocka_unit_test(test_civil_easter_monday_every_year_is_a_lawful_monday),
		cmocka_unit_test(test_civil_working_days_skip_weekends_holidays_and_extra),
		cmocka_unit_test(test_civil_opening_days_follow_the_partners_week),
		cmocka_unit_test(test_civil_next_local_time_is_strictly_later),
		cmocka_unit_test(test_civil_age_turns_on_the_birthday),
		cmocka_unit_test(test_civil_age_of_an_impossible_birth_is_refused),
		cmocka_unit_test(test_civil_format_speaks_both_languages),
		cmocka_unit_test(test_civil_extreme_instants_stay_in_the_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
