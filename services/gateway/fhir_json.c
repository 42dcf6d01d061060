/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/fhir_json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS 86400000ULL

/* --- reading --- */

const char *fj_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL || s[0] == '\0' ? NULL : s;
}

const char *fj_str2(const json_t *o, const char *outer, const char *inner)
{
	return fj_str(json_object_get(o, outer), inner);
}

json_t *fj_item(const json_t *o, const char *key, size_t i)
{
	json_t *v = json_object_get(o, key);

	if (json_is_array(v)) {
		return json_array_get(v, i);
	}
	return json_is_object(v) && i == 0 ? v : NULL;
}

size_t fj_items(const json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);

	return json_is_array(v) ? json_array_size(v) : json_is_object(v) ? 1 : 0;
}

bool fj_is(const json_t *o, const char *key, const char *value)
{
	const char *s = fj_str(o, key);

	return s != NULL && strcmp(s, value) == 0;
}

json_t *fj_extension(const json_t *o, const char *url)
{
	for (size_t i = 0; i < fj_items(o, "extension"); i++) {
		json_t *e = fj_item(o, "extension", i);
		if (fj_is(e, "url", url)) {
			return e;
		}
	}
	return NULL;
}

json_t *fj_extension_value(const json_t *o, const char *url)
{
	const char *key;
	json_t *v;

	json_object_foreach (fj_extension(o, url), key, v) {
		if (strncmp(key, "value", 5) == 0) {
			return v;
		}
	}
	return NULL;
}

const char *fj_extension_text(const json_t *o, const char *url)
{
	json_t *v = fj_extension_value(o, url);
	const char *s = json_string_value(v);

	if (s == NULL) {
		s = fj_str(v, "code");
	}
	if (s == NULL) {
		s = fj_str(fj_item(v, "coding", 0), "code");
	}
	if (s == NULL) {
		s = fj_str(v, "value");
	}
	return s == NULL || s[0] == '\0' ? NULL : s;
}

static bool ends_in(const char *s, const char *tail)
{
	size_t len = strlen(s);
	size_t tail_len = strlen(tail);

	return len >= tail_len && strcmp(s + len - tail_len, tail) == 0;
}

const char *fj_coded(const json_t *concept, const char *tail)
{
	for (size_t i = 0; i < fj_items(concept, "coding"); i++) {
		const json_t *c = fj_item(concept, "coding", i);
		const char *system = fj_str(c, "system");
		if (system != NULL && ends_in(system, tail) && fj_str(c, "code") != NULL) {
			return fj_str(c, "code");
		}
	}
	return NULL;
}

bool fj_number(const json_t *v, uint64_t most, uint64_t *ret_n)
{
	const char *s = json_string_value(v);
	uint64_t n = 0;

	if (json_is_number(v)) {
		double d = json_number_value(v);
		if (!(d >= 0 && d <= (double)most)) {
			return false;
		}
		*ret_n = (uint64_t)(d + 0.5);
		return true;
	}
	if (s == NULL || s[0] == '\0') {
		return false;
	}
	for (; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s) || n > most / 10) {
			return false;
		}
		n = 10 * n + (uint64_t)(*s - '0');
	}
	if (n > most) {
		return false;
	}
	*ret_n = n;
	return true;
}

/* --- writing --- */

static bool is_empty(const json_t *v)
{
	return (json_is_object(v) && json_object_size(v) == 0) ||
	       (json_is_array(v) && json_array_size(v) == 0) ||
	       (json_is_string(v) && json_string_length(v) == 0);
}

void fj_set(json_t *o, const char *key, json_t *v)
{
	if (v == NULL || is_empty(v)) {
		json_decref(v);
		return;
	}
	(void)json_object_set_new(o, key, v);
}

void fj_text(json_t *o, const char *key, const char *s)
{
	if (s != NULL && s[0] != '\0') {
		(void)json_object_set_new(o, key, json_string(s));
	}
}

void fj_push(json_t *o, const char *key, json_t *v)
{
	json_t *list = json_object_get(o, key);

	if (v == NULL || is_empty(v)) {
		json_decref(v);
		return;
	}
	if (list == NULL) {
		list = json_array();
		(void)json_object_set_new(o, key, list);
	}
	(void)json_array_append_new(list, v);
}

json_t *fj_resource(const char *type, const char *id)
{
	json_t *o = json_object();

	fj_text(o, "resourceType", type);
	fj_text(o, "id", id);
	return o;
}

json_t *fj_concept(const char *system, const char *code, const char *display)
{
	json_t *o = json_object();

	if (code != NULL && code[0] != '\0') {
		json_t *c = json_object();
		fj_text(c, "system", system);
		fj_text(c, "code", code);
		fj_text(c, "display", display);
		fj_push(o, "coding", c);
	}
	fj_text(o, "text", display);
	return o;
}

json_t *fj_identifier(const char *system, const char *value)
{
	json_t *o = json_object();

	fj_text(o, "system", system);
	fj_text(o, "value", value);
	return o;
}

json_t *fj_ext(const char *url)
{
	json_t *o = json_object();

	fj_text(o, "url", url);
	return o;
}

json_t *fj_reference(const char *type, const char *id)
{
	json_t *o = json_object();

	fj_set(o, "reference", json_sprintf("%s/%s", type, id));
	fj_text(o, "type", type);
	return o;
}

json_t *fj_logical(const char *type, const char *system, const char *value)
{
	json_t *o = json_object();

	fj_text(o, "type", type);
	fj_set(o, "identifier", fj_identifier(system, value));
	return o;
}

/* Civil from days and back, after the usual shift of the year to March. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = y / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

json_t *fj_instant(uint64_t at_ms)
{
	int64_t z = (int64_t)(at_ms / DAY_MS) + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;
	uint64_t s = at_ms % DAY_MS / 1000;

	if (at_ms == 0 || at_ms > 253402300799000ULL) {
		return NULL;
	}
	return json_sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			    (int)(yoe + era * 400 + (month <= 2)), (int)month,
			    (int)(doy - (153 * mp + 2) / 5 + 1), (int)(s / 3600),
			    (int)(s / 60 % 60), (int)(s % 60), (int)(at_ms % 1000));
}

json_t *fj_period(uint64_t from_ms, uint64_t until_ms)
{
	json_t *o = json_object();

	fj_set(o, "start", fj_instant(from_ms));
	fj_set(o, "end", fj_instant(until_ms));
	return o;
}

/* --- dates --- */

static bool take_digits(const char **io_s, int count, int *ret_n)
{
	int n = 0;

	for (int i = 0; i < count; i++, (*io_s)++) {
		if (!isdigit((unsigned char)**io_s)) {
			return false;
		}
		n = 10 * n + (**io_s - '0');
	}
	*ret_n = n;
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* "+01:00", "-05:30" or "Z", to the end. */
static bool take_zone(const char *s, int *ret_minutes)
{
	int hour;
	int minute;
	int sign = *s == '-' ? -1 : 1;

	if (strcmp(s, "Z") == 0) {
		*ret_minutes = 0;
		return true;
	}
	if ((*s != '+' && *s != '-')) {
		return false;
	}
	s++;
	if (!take_digits(&s, 2, &hour) || *s++ != ':' || !take_digits(&s, 2, &minute)) {
		return false;
	}
	*ret_minutes = sign * (60 * hour + minute);
	return *s == '\0' && hour <= 14 && minute <= 59;
}

static bool take_time(const char *s, int64_t *io_ms)
{
	int hour;
	int minute;
	int second = 0;
	int zone;

	if (!take_digits(&s, 2, &hour) || *s++ != ':' || !take_digits(&s, 2, &minute)) {
		return false;
	}
	if (*s == ':') {
		s++;
		if (!take_digits(&s, 2, &second)) {
			return false;
		}
	}
	if (*s == '.') {
		s++;
		while (isdigit((unsigned char)*s)) {
			s++;
		}
	}
	if (hour > 23 || minute > 59 || second > 60 || !take_zone(s, &zone)) {
		return false;
	}
	*io_ms += 1000LL * (3600LL * hour + 60LL * (minute - zone) + second);
	return true;
}

bool fj_date(const char *s, struct fj_date *ret_d)
{
	struct fj_date d = { 0 };

	if (s == NULL || !take_digits(&s, 4, &d.year) || d.year < 1900) {
		return false;
	}
	if (*s == '-') {
		s++;
		if (!take_digits(&s, 2, &d.month) || d.month < 1 || d.month > 12) {
			return false;
		}
	}
	if (d.month > 0 && *s == '-') {
		s++;
		if (!take_digits(&s, 2, &d.day) || d.day < 1 || d.day > days_in(d.year, d.month)) {
			return false;
		}
	}
	int64_t ms =
		(int64_t)DAY_MS * days_of(d.year, d.month > 0 ? d.month : 1, d.day > 0 ? d.day : 1);
	if (d.day > 0 && *s == 'T') {
		if (!take_time(s + 1, &ms)) {
			return false;
		}
	} else if (*s != '\0') {
		return false;
	}
	d.at_ms = ms < 0 ? 0 : (uint64_t)ms;
	*ret_d = d;
	return true;
}
