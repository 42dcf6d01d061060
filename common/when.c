/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/when.h"

#include <stdio.h>
#include <string.h>

#include "common/civil.h"

#define MINUTE_MS 60000ULL

/* Exactly @p len digits from *s on; moves past them. */
static bool digits(const char **s, unsigned len, unsigned *ret_v)
{
	unsigned v = 0;

	for (unsigned i = 0; i < len; i++) {
		char ch = (*s)[i];
		if (ch < '0' || ch > '9') {
			return false;
		}
		v = v * 10 + (unsigned)(ch - '0');
	}
	*s += len;
	*ret_v = v;
	return true;
}

static bool skip(const char **s, char ch)
{
	if (**s != ch) {
		return false;
	}
	(*s)++;
	return true;
}

static bool read_date(const char **s, struct civil_date *ret_d)
{
	unsigned year;
	unsigned month;
	unsigned day;

	if (!digits(s, 4, &year) || !skip(s, '-') || !digits(s, 2, &month) || !skip(s, '-') ||
	    !digits(s, 2, &day)) {
		return false;
	}
	struct civil_date d = { .year = (uint16_t)year,
				.month = (uint8_t)month,
				.day = (uint8_t)day };
	if (!civil_date_valid(d) || year < CIVIL_YEAR_MIN || year > CIVIL_YEAR_MAX) {
		return false;
	}
	*ret_d = d;
	return true;
}

/* Days since 1970-01-01 of a valid date, by counting eras of 400 years. */
static int64_t days_from(struct civil_date d)
{
	int64_t y = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t mp = (d.month + 9) % 12;
	int64_t doy = (153 * mp + 2) / 5 + d.day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* Behind "hh:mm": ":ss", ".mmm" and the Z that makes it UTC. */
static bool read_utc(const char *s, struct civil_date d, unsigned minute, uint64_t *ret_ms)
{
	unsigned second = 0;
	unsigned ms = 0;

	if (skip(&s, ':') && !digits(&s, 2, &second)) {
		return false;
	}
	if (skip(&s, '.') && !digits(&s, 3, &ms)) {
		return false;
	}
	if (strcmp(s, "Z") != 0 || second > 59) {
		return false;
	}
	*ret_ms =
		(uint64_t)days_from(d) * CIVIL_DAY_MS + minute * MINUTE_MS + second * 1000ULL + ms;
	return true;
}

bool when_parse(const char *s, uint64_t *ret_ms)
{
	struct civil_date d;
	unsigned hour;
	unsigned minute;

	if (!read_date(&s, &d)) {
		return false;
	}
	if (*s == '\0') {
		return civil_to_ms(d, 0, ret_ms) == SK_OK;
	}
	if ((!skip(&s, 'T') && !skip(&s, ' ')) || !digits(&s, 2, &hour) || !skip(&s, ':') ||
	    !digits(&s, 2, &minute) || hour > 23 || minute > 59) {
		return false;
	}
	if (*s == '\0') {
		return civil_to_ms(d, hour * 60 + minute, ret_ms) == SK_OK;
	}
	return read_utc(s, d, hour * 60 + minute, ret_ms);
}

struct when_text when_show(uint64_t at_ms, enum lang lang)
{
	struct when_text t = { "" };

	if (at_ms != 0) {
		struct civil at = civil_from_ms(at_ms);
		struct civil_text day =
			civil_format_date(at_ms, lang == LANG_NL ? CIVIL_NL : CIVIL_EN);
		(void)snprintf(t.s, sizeof(t.s), "%s, %02u:%02u", day.s, at.hour, at.minute);
	}
	return t;
}

/* The other way round: the date of a count of days. */
static void date_of(int64_t days, unsigned *ret_y, unsigned *ret_m, unsigned *ret_d)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;

	*ret_d = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*ret_m = (unsigned)month;
	*ret_y = (unsigned)(yoe + era * 400 + (month <= 2));
}

struct when_text when_iso(uint64_t at_ms)
{
	struct when_text t = { "" };
	uint64_t day_ms = at_ms % CIVIL_DAY_MS;
	unsigned y;
	unsigned m;
	unsigned d;

	date_of((int64_t)(at_ms / CIVIL_DAY_MS % 5000000), &y, &m, &d);
	(void)snprintf(t.s, sizeof(t.s), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", y % 10000, m, d,
		       (unsigned)(day_ms / CIVIL_HOUR_MS), (unsigned)(day_ms / MINUTE_MS % 60),
		       (unsigned)(day_ms / 1000 % 60), (unsigned)(day_ms % 1000));
	return t;
}
