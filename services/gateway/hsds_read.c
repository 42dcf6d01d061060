/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void hsds_read_fail(struct feed_reader *r, const struct feed_item *at, const char *field,
		    const char *nl, const char *en)
{
	if (r->err == SK_OK) {
		r->err = hsds_feed_fail(r->f, at, field, nl, en);
	}
}

/* --- values --- */

static bool is_absent(const struct feed_reader *r, const json_t *v)
{
	return v == NULL || json_is_null(v) ||
	       (r->f->tabular && json_is_string(v) && json_string_length(v) == 0);
}

static bool is_blank(const json_t *v)
{
	const char *s = json_string_value(v);

	return s != NULL && s[strspn(s, " \t\r\n")] == '\0';
}

const char *hsds_read_text(struct feed_reader *r, const struct feed_item *at, const char *key,
			   bool required)
{
	const json_t *v = json_object_get(at->obj, key);

	if (is_absent(r, v) || is_blank(v)) {
		if (required) {
			hsds_read_fail(r, at, key, "dit is verplicht en ontbreekt; vul het in",
				       "this is required and missing; fill it in");
		}
		return NULL;
	}
	if (r->f->tabular && json_is_integer(v)) {
		/* A table knows no kinds: whoever made JSON of it took a number for one. */
		char n[24];
		(void)snprintf(n, sizeof(n), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		const char *copy = arena_strdup(r->f->in.arena, n);
		r->err = r->err == SK_OK && copy == NULL ? SK_ENOMEM : r->err;
		return copy;
	}
	if (!json_is_string(v)) {
		hsds_read_fail(r, at, key, "geef tekst tussen \"...\"", "give a text in \"...\"");
	}
	return json_string_value(v);
}

bool hsds_read_number(struct feed_reader *r, const struct feed_item *at, const char *key,
		      double *ret_n)
{
	const json_t *v = json_object_get(at->obj, key);
	char *end = NULL;

	if (r->err != SK_OK || is_absent(r, v)) {
		return false;
	}
	if (json_is_string(v)) {
		/* A number in quotes means that number; many a directory writes "12". */
		*ret_n = strtod(json_string_value(v), &end);
		if (end != json_string_value(v) && *end == '\0' && isfinite(*ret_n)) {
			return true;
		}
	}
	if (!json_is_number(v)) {
		hsds_read_fail(r, at, key, "geef een getal, zonder aanhalingstekens",
			       "give a number, without quotes");
		return false;
	}
	*ret_n = json_number_value(v);
	return true;
}

bool hsds_read_amount(struct feed_reader *r, const struct feed_item *at, const char *key,
		      uint32_t *ret_n)
{
	double n = 0;

	if (!hsds_read_number(r, at, key, &n)) {
		return false;
	}
	if (n < 0 || n > HSDS_UNITS_MAX || n != floor(n)) {
		hsds_read_fail(r, at, key, "geef een geheel getal van 0 tot 10000",
			       "give a whole number from 0 to 10000");
		return false;
	}
	*ret_n = (uint32_t)n;
	return true;
}

/* An object of its own, or a row of a table that @p id_key points to. */
bool hsds_read_object(struct feed_reader *r, struct feed_item *ret_it, const struct feed_item *at,
		      const char *key, const char *const table[2])
{
	json_t *v = json_object_get(at->obj, key);

	*ret_it = (struct feed_item){ at, key, 0, false, false, v };
	if (r->err == SK_OK && is_absent(r, v)) {
		const char *id = hsds_read_text(r, at, table[1], false);
		v = json_array_get(hsds_feed_rows(r->f, table[0], "id", id), 0);
		if (id != NULL && v == NULL && hsds_feed_table(r->f, table[0]) != NULL) {
			hsds_read_fail(r, at, table[1], "dit verwijst naar een rij die er niet is",
				       "this points to a row that is not there");
		}
		*ret_it = (struct feed_item){ at, key, 0, false, true, v };
	}
	if (r->err == SK_OK && v != NULL && !json_is_object(v)) {
		hsds_read_fail(r, at, key, "geef een object: { ... }", "give an object: { ... }");
	}
	return r->err == SK_OK && v != NULL;
}

struct feed_list hsds_read_list(struct feed_reader *r, const struct feed_item *at, const char *key,
				const char *const table[2])
{
	const char *other = strcmp(key, "capacities") == 0 ? "service_capacities" :
			    strcmp(key, "addresses") == 0  ? "physical_addresses" :
							     key;
	const char *here = json_object_get(at->obj, key) == NULL ? other : key;
	json_t *v = json_object_get(at->obj, here);
	struct feed_list l = { .it = { at, v == NULL ? key : here, 0, true, false, NULL } };

	if (r->err != SK_OK) {
		return l;
	}
	if (is_absent(r, v)) {
		const json_t *id = json_object_get(at->obj, "id");
		v = hsds_feed_rows(r->f, table[0], table[1], json_string_value(id));
		l.it.joined = true;
	} else if (!json_is_array(v)) {
		hsds_read_fail(r, at, key, "geef een lijst: [ ... ]", "give a list: [ ... ]");
		return l;
	}
	if (json_array_size(v) > HSDS_LIST_MAX) {
		hsds_read_fail(r, at, key, "meer dan 200; verdeel ze over meer diensten",
			       "more than 200; divide them over more services");
		return l;
	}
	l.rows = v;
	return l;
}

bool hsds_read_next(struct feed_reader *r, struct feed_list *l)
{
	if (r->err != SK_OK || l->next == json_array_size(l->rows)) {
		return false;
	}
	l->it.i = l->next++;
	l->it.obj = json_array_get(l->rows, l->it.i);
	if (!json_is_object(l->it.obj)) {
		hsds_read_fail(r, &l->it, NULL, "geef een object: { ... }",
			       "give an object: { ... }");
		return false;
	}
	return true;
}
