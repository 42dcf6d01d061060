/* SPDX-License-Identifier: EUPL-1.2 */
/* Office hours, and the days that lie between two instants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/civil.h"

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

static uint64_t office(const char *from, uint32_t hours)
{
	static const uint32_t closed[] = { 20260525, 20260605 };
	const struct civil_office o = { 9, 17, closed, SK_LEN(closed) };

	return civil_add_office_hours(at(from), hours, &o);
}

/* C6: an hour counts from nine to five on a working day, and goes on the next one. */
static void test_civil_office_hours_count_on_working_days_only(void **state)
{
	static const struct {
		const char *from;
		uint32_t hours;
		const char *to;
	} row[] = {
		{ "2026-03-03 10:00", 2, "2026-03-03 12:00" },
		{ "2026-03-03 15:00", 2, "2026-03-03 17:00" }, /* ends with the day */
		{ "2026-03-03 15:01", 2, "2026-03-04 09:01" },
		{ "2026-03-03 17:00", 1, "2026-03-04 10:00" },
		{ "2026-03-03 06:00", 1, "2026-03-03 10:00" },
		{ "2026-03-06 16:30", 1, "2026-03-09 09:30" }, /* over a weekend */
		{ "2026-03-31 16:00", 2, "2026-04-01 10:00" }, /* over a month's end */
		{ "2027-12-31 16:00", 2, "2028-01-03 10:00" }, /* over a year's end */
		{ "2028-02-29 16:00", 2, "2028-03-01 10:00" }, /* a leap day works */
		{ "2026-04-03 16:00", 2, "2026-04-07 10:00" }, /* Easter Monday */
		{ "2026-05-22 16:00", 2, "2026-05-26 10:00" }, /* Whit Monday */
		{ "2026-06-04 16:00", 2, "2026-06-08 10:00" }, /* a date of the node */
		{ "2026-03-27 16:00", 2, "2026-03-30 10:00" }, /* summer time begins */
		{ "2026-10-23 16:00", 2, "2026-10-26 10:00" }, /* and ends */
		{ "2026-03-03 10:00", 40, "2026-03-10 10:00" },
		{ "2026-03-07 12:00", 0, "2026-03-09 09:00" },
		{ "2026-03-03 12:00", 0, "2026-03-03 12:00" },
	};

	(void)state;
	for (size_t i = 0; i < SK_LEN(row); i++) {
		assert_string_equal(civil_format(office(row[i].from, row[i].hours)).s, row[i].to);
	}
}

/* Over each change of the clock, hour by hour: what is counted was open, and is as long as asked.
 */
static void test_civil_office_hours_are_real_hours_over_both_changes(void **state)
{
	static const char *const start[] = { "2026-03-26 00:00", "2026-10-22 00:00" };

	(void)state;
	for (size_t i = 0; i < SK_LEN(start); i++) {
		for (uint64_t t = at(start[i]); t < at(start[i]) + 7 * CIVIL_DAY_MS;
		     t += CIVIL_HOUR_MS / 2) {
			const struct civil_office o = { 9, 17, NULL, 0 };
			uint64_t end = civil_add_office_hours(t, 3, &o);
			uint64_t open_ms = 0;
			for (uint64_t m = t; m < end; m += CIVIL_HOUR_MS / 2) {
				struct civil c = civil_from_ms(m);
				bool open = c.weekday < 5 && c.hour >= 9 && c.hour < 17;
				open_ms += open ? CIVIL_HOUR_MS / 2 : 0;
			}
			assert_int_equal(open_ms, 3 * CIVIL_HOUR_MS);
		}
	}
}

static void test_civil_day_number_changes_at_local_midnight(void **state)
{
	(void)state;
	assert_int_equal(civil_day_number(at("2026-03-29 23:59")), civil_day_number(at("2026-03-29 "
										       "00:00")));
	assert_int_equal(civil_day_number(at("2026-03-30 00:00")),
			 civil_day_number(at("2026-03-29 23:59")) + 1);
	assert_int_equal(civil_day_number(at("2028-03-01 00:00")),
			 civil_day_number(at("2028-02-28 23:59")) + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_civil_office_hours_count_on_working_days_only),
		cmocka_unit_test(test_civil_office_hours_are_real_hours_over_both_changes),
		cmocka_unit_test(test_civil_day_number_changes_at_local_midnight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
