/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/civil.h"

#include <stdio.h>

#define MINUTE_MS 60000ULL
#define SUNDAY 6U
/* 1970-01-01 was a Thursday, day 3 of a week that begins on Monday. */
#define EPOCH_WEEKDAY 3U
/* 9998-12-31: one year short of four digits, so that a month or a working day later still fits.
 * December is winter time, one hour ahead of UTC. */
#define DAY_MAX 2932531U
#define INSTANT_MAX_MS ((DAY_MAX + 1) * CIVIL_DAY_MS - CIVIL_HOUR_MS - 1)

static bool leap_year(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap_year(year) ? 1U : 0U);
}

/* Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the leap
 * day is the last day of a year and month lengths follow one line (153 days in five months). */
static uint32_t day_number(unsigned year, unsigned month, unsigned day)
{
	uint32_t y = year - (month <= 2 ? 1U : 0U);
	uint32_t m = month > 2 ? month - 3 : month + 9;
	uint32_t era = y / 400;
	uint32_t yoe = y % 400;
	uint32_t doy = (153 * m + 2) / 5 + day - 1;
	uint32_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static uint32_t date_number(struct civil_date d)
{
	return day_number(d.year, d.month, d.day);
}

static struct civil_date number_date(uint32_t number)
{
	uint32_t z = number + 719468;
	uint32_t era = z / 146097;
	uint32_t doe = z % 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;
	uint32_t month = mp < 10 ? mp + 3 : mp - 9;

	return (struct civil_date){
		.year = (uint16_t)(era * 400 + yoe + (month <= 2 ? 1 : 0)),
		.month = (uint8_t)month,
		.day = (uint8_t)(doy - (153 * mp + 2) / 5 + 1),
	};
}

static unsigned number_weekday(uint32_t number)
{
	return (number + EPOCH_WEEKDAY) % 7;
}

/* Both changes happen in a month of 31 days. */
static uint64_t change_ms(unsigned year, unsigned month)
{
	uint32_t last = day_number(year, month, 31);
	uint32_t back = (number_weekday(last) + 7 - SUNDAY) % 7;

	return (last - back) * CIVIL_DAY_MS + CIVIL_HOUR_MS;
}

/* What local time is ahead of UTC at an instant; the year of UTC will do, as no change is near
 * it. */
static uint64_t offset_ms(uint64_t at_ms)
{
	unsigned year = number_date((uint32_t)(at_ms / CIVIL_DAY_MS)).year;
	bool summer = at_ms >= change_ms(year, 3) && at_ms < change_ms(year, 10);

	return summer ? 2 * CIVIL_HOUR_MS : CIVIL_HOUR_MS;
}

static uint64_t clamp_ms(uint64_t at_ms)
{
	return at_ms < INSTANT_MAX_MS ? at_ms : INSTANT_MAX_MS;
}

/* Local wall time as milliseconds since local 1970-01-01 00:00. */
static uint64_t wall_ms(uint64_t at_ms)
{
	uint64_t at = clamp_ms(at_ms);

	return at + offset_ms(at);
}

static uint32_t wall_day(uint64_t at_ms)
{
	return (uint32_t)(wall_ms(at_ms) / CIVIL_DAY_MS);
}

/* Tries summer time first. If the instant found is in summer time, it is the only reading or the
 * first of two. Else it is winter time; in the missing hour that reading lies after the change:
 * the later. */
static uint64_t wall_to_ms(uint64_t wall)
{
	if (wall < 2 * CIVIL_HOUR_MS) {
		return wall < CIVIL_HOUR_MS ? 0 : wall - CIVIL_HOUR_MS;
	}
	uint64_t summer = wall - 2 * CIVIL_HOUR_MS;

	return offset_ms(summer) == 2 * CIVIL_HOUR_MS ? summer : summer + CIVIL_HOUR_MS;
}

static uint64_t day_end_ms(uint32_t number)
{
	return wall_to_ms((number + 1ULL) * CIVIL_DAY_MS) - 1;
}

bool civil_date_valid(struct civil_date d)
{
	return d.month >= 1 && d.month <= 12 && d.day >= 1 &&
	       d.day <= days_in_month(d.year, d.month);
}

uint32_t civil_yyyymmdd(struct civil_date d)
{
	return d.year * 10000U + d.month * 100U + d.day;
}

/* Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876; letters as
 * published). */
static uint32_t easter_number(unsigned year)
{
	unsigned a = year % 19;
	unsigned b = year / 100;
	unsigned c = year % 100;
	unsigned g = (b - (b + 8) / 25 + 1) / 3;
	unsigned h = (19 * a + b - b / 4 - g + 15) % 30;
	unsigned l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	unsigned m = (a + 11 * h + 22 * l) / 451;
	unsigned n = h + l - 7 * m + 114;

	return day_number(year, n / 31, n % 31 + 1);
}

bool civil_is_holiday(struct civil_date d)
{
	static const uint16_t fixed[] = { 101, 501, 721, 815, 1101, 1111, 1225 };
	/* Easter Monday, Ascension, Whit Monday */
	static const uint8_t after_easter[] = { 1, 39, 50 };

	for (size_t i = 0; i < SK_LEN(fixed); i++) {
		if (fixed[i] == d.month * 100U + d.day) {
			return true;
		}
	}
	uint32_t easter = easter_number(d.year);
	for (size_t i = 0; i < SK_LEN(after_easter); i++) {
		if (date_number(d) == easter + after_easter[i]) {
			return true;
		}
	}
	return false;
}

bool civil_is_open(struct civil_date d, const struct civil_calendar *cal)
{
	unsigned mask = cal->weekday_mask & 0x7fU;

	if (mask != 0 && (mask >> number_weekday(date_number(d)) & 1U) == 0) {
		return false;
	}
	for (size_t i = 0; i < cal->closed_len; i++) {
		if (cal->closed[i] == civil_yyyymmdd(d)) {
			return false;
		}
	}
	return !(cal->holidays_closed && civil_is_holiday(d));
}

struct civil civil_from_ms(uint64_t at_ms)
{
	uint64_t wall = wall_ms(at_ms);
	uint32_t number = (uint32_t)(wall / CIVIL_DAY_MS);
	unsigned minute = (unsigned)(wall % CIVIL_DAY_MS / MINUTE_MS);

	return (struct civil){
		.date = number_date(number),
		.weekday = (uint8_t)number_weekday(number),
		.hour = (uint8_t)(minute / 60),
		.minute = (uint8_t)(minute % 60),
		.second = (uint8_t)(wall % MINUTE_MS / 1000),
		.ms = (uint16_t)(wall % 1000),
		.minute_of_day = (uint16_t)minute,
	};
}

int civil_to_ms(struct civil_date d, unsigned minute_of_day, uint64_t *ret_ms)
{
	if (!civil_date_valid(d) || d.year < CIVIL_YEAR_MIN || d.year > CIVIL_YEAR_MAX ||
	    minute_of_day >= 24 * 60) {
		return SK_EINVAL;
	}
	*ret_ms = wall_to_ms(date_number(d) * CIVIL_DAY_MS + minute_of_day * MINUTE_MS);
	return SK_OK;
}

uint64_t civil_end_of_day(uint64_t at_ms)
{
	return day_end_ms(wall_day(at_ms));
}

uint64_t civil_month_later(uint64_t at_ms)
{
	struct civil_date d = number_date(wall_day(at_ms));
	unsigned year = d.year + (d.month == 12 ? 1U : 0U);
	unsigned month = d.month % 12U + 1;
	unsigned last = days_in_month(year, month);

	return day_end_ms(day_number(year, month, d.day < last ? d.day : last));
}

uint64_t civil_add_days_local(uint64_t at_ms, int32_t days)
{
	if (days == 0) { /* the second of the double hours has no wall time of its own */
		return at_ms;
	}
	uint64_t wall = wall_ms(at_ms);
	int64_t number = (int64_t)(wall / CIVIL_DAY_MS) + days;
	if (number < 0) {
		return 0;
	}
	return clamp_ms(wall_to_ms((uint64_t)number * CIVIL_DAY_MS + wall % CIVIL_DAY_MS));
}

uint64_t civil_opening_days_after(uint64_t at_ms, uint32_t n, const struct civil_calendar *cal)
{
	uint32_t number = wall_day(at_ms);

	for (uint32_t left = n; left > 0 && number < DAY_MAX;) {
		number++;
		left -= civil_is_open(number_date(number), cal) ? 1 : 0;
	}
	return day_end_ms(number);
}

uint64_t civil_working_days_after(uint64_t at_ms, uint32_t n, const uint32_t *extra, size_t len)
{
	const struct civil_calendar working = {
		.weekday_mask = 0x1f,
		.holidays_closed = true,
		.closed = extra,
		.closed_len = len,
	};

	return civil_opening_days_after(at_ms, n, &working);
}

uint32_t civil_day_number(uint64_t at_ms)
{
	return wall_day(at_ms);
}

uint64_t civil_add_office_hours(uint64_t at_ms, uint32_t hours, const struct civil_office *office)
{
	const struct civil_calendar working = {
		.weekday_mask = 0x1f,
		.holidays_closed = true,
		.closed = office->closed,
		.closed_len = office->closed_len,
	};
	uint64_t left = hours * CIVIL_HOUR_MS;

	SK_ASSERT(office->from_hour < office->to_hour && office->to_hour < 24);
	for (uint32_t number = wall_day(at_ms); number < DAY_MAX; number++) {
		if (!civil_is_open(number_date(number), &working)) {
			continue;
		}
		uint64_t day = number * CIVIL_DAY_MS;
		uint64_t opens = wall_to_ms(day + office->from_hour * CIVIL_HOUR_MS);
		uint64_t closes = wall_to_ms(day + office->to_hour * CIVIL_HOUR_MS);
		uint64_t from = at_ms > opens ? at_ms : opens;
		if (from >= closes) {
			continue;
		}
		if (left <= closes - from) {
			return from + left;
		}
		left -= closes - from;
	}
	return INSTANT_MAX_MS;
}

uint64_t civil_next_local_time(uint64_t at_ms, unsigned hour, unsigned minute)
{
	SK_ASSERT(hour < 24 && minute < 60);
	uint64_t in_day = hour * CIVIL_HOUR_MS + minute * MINUTE_MS;
	uint64_t today = wall_day(at_ms) * CIVIL_DAY_MS;
	uint64_t at = wall_to_ms(today + in_day);

	return at > clamp_ms(at_ms) ? at : wall_to_ms(today + CIVIL_DAY_MS + in_day);
}

int civil_age_years(uint32_t birth, uint64_t now_ms, unsigned *ret_years)
{
	uint32_t full = birth < 1000000 ? birth * 100 + 1 : birth;
	if (full > 99991231) {
		return SK_EINVAL;
	}
	const struct civil_date born = {
		.year = (uint16_t)(full / 10000),
		.month = (uint8_t)(full / 100 % 100),
		.day = (uint8_t)(full % 100),
	};
	uint32_t today = civil_yyyymmdd(number_date(wall_day(now_ms)));

	if (born.year == 0 || !civil_date_valid(born) || full > today) {
		return SK_EINVAL;
	}
	/* Digits compare as dates do, so the difference holds whole years above its last four
	 * digits. */
	*ret_years = (today - full) / 10000;
	return SK_OK;
}

struct civil_text civil_format(uint64_t at_ms)
{
	struct civil c = civil_from_ms(at_ms);
	struct civil_text t;

	(void)snprintf(t.s, sizeof(t.s), "%04u-%02u-%02u %02u:%02u", c.date.year, c.date.month,
		       c.date.day, c.hour, c.minute);
	return t;
}

struct civil_text civil_format_date(uint64_t at_ms, enum civil_lang lang)
{
	static const char *const months[2][12] = {
		[CIVIL_NL] = { "januari", "februari", "maart", "april", "mei", "juni", "juli",
			       "augustus", "september", "oktober", "november", "december" },
		[CIVIL_EN] = { "January", "February", "March", "April", "May", "June", "July",
			       "August", "September", "October", "November", "December" },
	};
	struct civil_date d = number_date(wall_day(at_ms));
	struct civil_text t;

	(void)snprintf(t.s, sizeof(t.s), "%u %s %u", d.day,
		       months[lang == CIVIL_EN ? CIVIL_EN : CIVIL_NL][d.month - 1], d.year);
	return t;
}
