/* SPDX-License-Identifier: EUPL-1.2 */
/* A calendar of its own: civil dates by counting days (the proleptic Gregorian count from March),
 * summer time by the EU rule. It shares nothing with common/civil. */
#include "tests/sim/laws_model.h"

#define HOUR_MS 3600000LL
#define DAY_MS 86400000LL

struct day {
	int64_t year;
	unsigned month, day;
};

static int64_t days_of(struct day d)
{
	int64_t y = d.year - (d.month <= 2 ? 1 : 0);
	int64_t era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
	int64_t of_year = (153 * month + 2) / 5 + d.day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static struct day day_of(int64_t days)
{
	days += 719468;
	int64_t era = days / 146097;
	int64_t of_era = days - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * of_year + 2) / 153;
	unsigned month = (unsigned)(m < 10 ? m + 3 : m - 9);

	return (struct day){ .year = y + era * 400 + (month <= 2 ? 1 : 0),
			     .month = month,
			     .day = (unsigned)(of_year - (153 * m + 2) / 5 + 1) };
}

static unsigned month_len(int64_t year, unsigned month)
{
	struct day first = { year, month, 1 };
	struct day next = { month == 12 ? year + 1 : year, month % 12 + 1, 1 };

	return (unsigned)(days_of(next) - days_of(first));
}

/** 01:00 UTC of the last Sunday of that month; 1 January 1970 was a Thursday. */
static int64_t change_ms(int64_t year, unsigned month)
{
	int64_t last = days_of((struct day){ year, month, month_len(year, month) });
	int64_t since_sunday = (last + 4) % 7;

	return (last - since_sunday) * DAY_MS + HOUR_MS;
}

static int64_t offset_ms(int64_t at_ms)
{
	int64_t year = day_of(at_ms / DAY_MS).year;
	bool summer = at_ms >= change_ms(year, 3) && at_ms < change_ms(year, 10);

	return summer ? 2 * HOUR_MS : HOUR_MS;
}

static int64_t local_day(uint64_t at_ms)
{
	int64_t at = (int64_t)at_ms;

	return (at + offset_ms(at)) / DAY_MS;
}

int64_t law_days(uint64_t from_ms, uint64_t to_ms)
{
	return local_day(to_ms) - local_day(from_ms);
}

uint32_t law_month(uint64_t at_ms)
{
	struct day d = day_of(local_day(at_ms));

	return (uint32_t)d.year * 100 + d.month;
}

uint64_t law_month_later(uint64_t at_ms, unsigned months)
{
	int64_t at = (int64_t)at_ms;
	struct day d = day_of((at + offset_ms(at)) / DAY_MS);
	unsigned month = d.month - 1 + months;

	d.year += month / 12;
	d.month = month % 12 + 1;
	unsigned len = month_len(d.year, d.month);
	d.day = d.day > len ? len : d.day;
	/* The last millisecond before the next local midnight; the clock never changes then. */
	int64_t midnight = (days_of(d) + 1) * DAY_MS;
	int64_t end = midnight - offset_ms(midnight - HOUR_MS) - 1;
	return (uint64_t)end;
}

uint32_t law_age(uint32_t born, uint64_t at_ms)
{
	int64_t at = (int64_t)at_ms;
	struct day now = day_of((at + offset_ms(at)) / DAY_MS);
	int64_t years = now.year - (int64_t)(born / 10000);
	unsigned today = now.month * 100 + now.day;

	return (uint32_t)(today < born % 10000 ? years - 1 : years);
}
