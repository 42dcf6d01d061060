/* SPDX-License-Identifier: EUPL-1.2 */
#include "common/civil.h"
#include "services/gateway/hsds_service.h"

static bool digits(const char **p, size_t len, unsigned *ret_n)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++, (*p)++) {
		if (**p < '0' || **p > '9') {
			return false;
		}
		n = n * 10 + (unsigned)(**p - '0');
	}
	*ret_n = n;
	return true;
}

static bool mark(const char **p, char a, char b)
{
	bool is = **p == a || **p == b;

	*p += is;
	return is;
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static uint64_t day_number(struct civil_date d)
{
	uint64_t y = (uint64_t)d.year - (d.month <= 2);
	uint64_t m = (d.month + 9U) % 12;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + d.day - 1U - 719468U;
}

static bool clock_of(const char **p, uint64_t *io_ms)
{
	unsigned h = 0;
	unsigned m = 0;
	unsigned s = 0;
	unsigned f = 0;

	if (!digits(p, 2, &h) || !mark(p, ':', ':') || !digits(p, 2, &m) || h > 23 || m > 59) {
		return false;
	}
	if (mark(p, ':', ':') && (!digits(p, 2, &s) || s > 60)) {
		return false;
	}
	*io_ms += ((h * 60ULL + m) * 60ULL + s) * 1000ULL;
	if (mark(p, '.', ',')) {
		unsigned weight = 100;
		const char *first = *p;
		while (digits(p, 1, &f)) {
			*io_ms += (uint64_t)f * weight;
			weight /= 10;
		}
		return *p > first;
	}
	return true;
}

static bool zone_of(const char **p, uint64_t *io_ms)
{
	unsigned h = 0;
	unsigned m = 0;
	bool east = **p == '+';

	if (**p == '\0' || mark(p, 'Z', 'z')) {
		return true;
	}
	if (!mark(p, '+', '-') || !digits(p, 2, &h) || h > 14) {
		return false;
	}
	(void)mark(p, ':', ':');
	if (!digits(p, 2, &m) || m > 59) {
		return false;
	}
	uint64_t off = (h * 60ULL + m) * 60000ULL;
	*io_ms = east ? *io_ms - off : *io_ms + off;
	return true;
}

bool hsds_instant(const char *text, uint64_t *ret_ms)
{
	unsigned y = 0;
	unsigned m = 0;
	unsigned d = 0;
	const char *p = text;

	if (!digits(&p, 4, &y) || !mark(&p, '-', '-') || !digits(&p, 2, &m) ||
	    !mark(&p, '-', '-') || !digits(&p, 2, &d)) {
		return false;
	}
	struct civil_date date = { (uint16_t)y, (uint8_t)m, (uint8_t)d };
	if (y <= 1970 || !civil_date_valid(date)) {
		return false;
	}
	uint64_t ms = day_number(date) * CIVIL_DAY_MS;
	if (mark(&p, 'T', ' ') && (!clock_of(&p, &ms) || !zone_of(&p, &ms))) {
		return false;
	}
	*ret_ms = ms;
	return *p == '\0';
}
