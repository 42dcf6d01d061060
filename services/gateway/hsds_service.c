/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/words.h"

/* The first error stays; what is asked after it gives nothing. */
struct reader {
	struct hsds_feed *f;
	const struct hsds_words *words;
	struct hsds_service *s;
	int err;
};

static void fail(struct reader *r, const struct feed_item *at, const char *field, const char *nl,
		 const char *en)
{
	if (r->err == SK_OK) {
		r->err = hsds_feed_fail(r->f, at, field, nl, en);
	}
}

/* --- values --- */

static bool is_absent(const struct reader *r, const json_t *v)
{
	return v == NULL || json_is_null(v) ||
	       (r->f->tabular && json_is_string(v) && json_string_length(v) == 0);
}

static const char *text(struct reader *r, const struct feed_item *at, const char *key,
			bool required)
{
	const json_t *v = json_object_get(at->obj, key);

	if (is_absent(r, v) || (json_is_string(v) && json_string_length(v) == 0)) {
		if (required) {
			fail(r, at, key, "dit is verplicht en ontbreekt; vul het in",
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
		fail(r, at, key, "geef tekst tussen \"...\"", "give a text in \"...\"");
	}
	return json_string_value(v);
}

static bool number(struct reader *r, const struct feed_item *at, const char *key, double *ret_n)
{
	const json_t *v = json_object_get(at->obj, key);
	char *end = NULL;

	if (r->err != SK_OK || is_absent(r, v)) {
		return false;
	}
	if (r->f->tabular && json_is_string(v)) {
		*ret_n = strtod(json_string_value(v), &end);
		if (*end == '\0' && isfinite(*ret_n)) {
			return true;
		}
	}
	if (!json_is_number(v)) {
		fail(r, at, key, "geef een getal, zonder aanhalingstekens",
		     "give a number, without quotes");
		return false;
	}
	*ret_n = json_number_value(v);
	return true;
}

static bool amount(struct reader *r, const struct feed_item *at, const char *key, uint32_t *ret_n)
{
	double n = 0;

	if (!number(r, at, key, &n)) {
		return false;
	}
	if (n < 0 || n > HSDS_UNITS_MAX || n != floor(n)) {
		fail(r, at, key, "geef een geheel getal van 0 tot 10000",
		     "give a whole number from 0 to 10000");
		return false;
	}
	*ret_n = (uint32_t)n;
	return true;
}

/* An object of its own, or a row of a table that @p id_key points to. */
static bool object(struct reader *r, struct feed_item *ret_it, const struct feed_item *at,
		   const char *key, const char *const table[2])
{
	json_t *v = json_object_get(at->obj, key);

	*ret_it = (struct feed_item){ at, key, 0, false, false, v };
	if (r->err == SK_OK && is_absent(r, v)) {
		const char *id = text(r, at, table[1], false);
		v = json_array_get(hsds_feed_rows(r->f, table[0], "id", id), 0);
		*ret_it = (struct feed_item){ at, key, 0, false, true, v };
	}
	if (r->err == SK_OK && v != NULL && !json_is_object(v)) {
		fail(r, at, key, "geef een object: { ... }", "give an object: { ... }");
	}
	return r->err == SK_OK && v != NULL;
}

/* A list within the thing, or the rows of a table that point to it. */
struct list {
	struct feed_item it;
	json_t *rows;
	size_t next;
};

static struct list list_of(struct reader *r, const struct feed_item *at, const char *key,
			   const char *const table[2])
{
	struct list l = { .it = { at, key, 0, true, false, NULL } };
	json_t *v = json_object_get(at->obj, key);

	if (r->err != SK_OK) {
		return l;
	}
	if (is_absent(r, v)) {
		const json_t *id = json_object_get(at->obj, "id");
		v = hsds_feed_rows(r->f, table[0], table[1], json_string_value(id));
		l.it.joined = true;
	} else if (!json_is_array(v)) {
		fail(r, at, key, "geef een lijst: [ ... ]", "give a list: [ ... ]");
		return l;
	}
	if (json_array_size(v) > HSDS_LIST_MAX) {
		fail(r, at, key, "meer dan 200; verdeel ze over meer diensten",
		     "more than 200; divide them over more services");
		return l;
	}
	l.rows = v;
	return l;
}

static bool next_of(struct reader *r, struct list *l)
{
	if (r->err != SK_OK || l->next == json_array_size(l->rows)) {
		return false;
	}
	l->it.i = l->next++;
	l->it.obj = json_array_get(l->rows, l->it.i);
	if (!json_is_object(l->it.obj)) {
		fail(r, &l->it, NULL, "geef een object: { ... }", "give an object: { ... }");
		return false;
	}
	return true;
}

/* --- parts of a service --- */

static void add_identifiers(struct reader *r, const struct feed_item *org)
{
	static const char *const table[] = { "organization_identifiers", "organization_id" };
	struct list l = list_of(r, org, "organization_identifiers", table);

	while (next_of(r, &l)) {
		const char *id = text(r, &l.it, "identifier", true);
		if (id != NULL && r->s->partner == NULL) {
			r->s->partner = hsds_word_partner(r->words, id);
		}
	}
}

/* By its number first; a name is what people wrote. */
static void read_organization(struct reader *r, const struct feed_row *row)
{
	static const char *const table[] = { "organizations", "organization_id" };
	struct feed_item org = { 0 };
	struct hsds_service *s = r->s;

	if (!object(r, &org, &row->item, "organization", table)) {
		org = row->organization;
	}
	s->organization_known = org.obj != NULL || text(r, &row->item, table[1], false) != NULL;
	if (r->err != SK_OK || org.obj == NULL) {
		return;
	}
	s->organization_id = text(r, &org, "id", true);
	s->organization = text(r, &org, "name", true);
	add_identifiers(r, &org);
	const char *const more[] = { text(r, &org, "tax_id", false), s->organization,
				     text(r, &org, "alternate_name", false) };
	for (size_t i = 0; i < SK_LEN(more); i++) {
		if (s->partner == NULL && more[i] != NULL) {
			s->partner = hsds_word_partner(r->words, more[i]);
		}
	}
}

static void read_ages(struct reader *r, const struct feed_item *at)
{
	struct hsds_service *s = r->s;
	double from = 0;
	double to = HSDS_AGE_MAX;

	s->age_from_known = number(r, at, "minimum_age", &from);
	s->age_to_known = number(r, at, "maximum_age", &to);
	if (from < 0 || from > 200) {
		fail(r, at, "minimum_age", "geef een leeftijd in jaren, van 0 tot 200",
		     "give an age in years, from 0 to 200");
	}
	if (to < 0 || to > 200) {
		fail(r, at, "maximum_age", "geef een leeftijd in jaren, van 0 tot 200",
		     "give an age in years, from 0 to 200");
	}
	if (s->age_from_known && s->age_to_known && from > to) {
		fail(r, at, "minimum_age", "dit is ouder dan maximum_age; wissel ze om",
		     "this is older than maximum_age; swap them");
	}
	if (r->err == SK_OK) {
		/* 12.5 is in the year that a child is 12. */
		s->age_from = (uint32_t)from;
		s->age_to = (uint32_t)to;
	}
}

static void read_unit(struct reader *r, const struct feed_item *at, struct hsds_capacity *c)
{
	static const char *const table[] = { "units", "unit_id" };
	static const char *const words[] = { "identifier", "name" };
	struct feed_item unit = { 0 };

	if (!object(r, &unit, at, "unit", table)) {
		if (text(r, at, "unit_id", false) == NULL) {
			fail(r, at, "unit", "dit is verplicht en ontbreekt; geef de eenheid",
			     "this is required and missing; give the unit");
		}
		return;
	}
	(void)text(r, &unit, "name", true);
	for (size_t i = 0; i < SK_LEN(words) && c->unit == 0; i++) {
		const char *word = text(r, &unit, words[i], false);
		c->unit = word == NULL ? 0 : (PB(Unit))hsds_word_unit(r->words, word);
	}
}

static void read_capacity(struct reader *r, const struct feed_item *at)
{
	struct hsds_capacity c = { .item = *at };
	bool known = amount(r, at, "available", &c.available);

	if (!known) {
		fail(r, at, "available", "dit is verplicht en ontbreekt; geef hoeveel er vrij is",
		     "this is required and missing; give how many are free");
	}
	c.maximum_known = amount(r, at, "maximum", &c.maximum);
	const char *updated = text(r, at, "updated", true);
	if (r->err == SK_OK && updated != NULL && !hsds_instant(updated, &c.updated_ms)) {
		fail(r, at, "updated", "dit is geen tijdstip; schrijf het als 2026-03-01T09:00:00Z",
		     "this is no instant; write it as 2026-03-01T09:00:00Z");
	}
	read_unit(r, at, &c);
	if (r->err == SK_OK && r->s->capacities < HSDS_CAPACITIES_MAX) {
		r->s->capacity[r->s->capacities++] = c;
	}
}

static int code_value(const ProtobufCEnumDescriptor *set, const char *code)
{
	int value = 0;

	return code != NULL && word_find(set, code, &value) ? value : 0;
}

/* What it is about: our own lists by their name, and every word that may be an expertise. */
static void read_attribute(struct reader *r, const struct feed_item *at)
{
	static const char *const table[] = { "taxonomy_terms", "taxonomy_term_id" };
	static const char *const words[] = { "code", "name", "term_uri" };
	struct feed_item term = { 0 };
	struct hsds_service *s = r->s;
	uint32_t found = 0;

	if (object(r, &term, at, "taxonomy_term", table)) {
		(void)text(r, &term, "id", true);
		(void)text(r, &term, "name", true);
		const char *list = text(r, &term, "taxonomy", false);
		const char *code = text(r, &term, "code", false);
		if (list != NULL && strcmp(list, "modality") == 0) {
			s->modality =
				(PB(Modality))code_value(&schakel__v1__modality__descriptor, code);
			return;
		}
		if (list != NULL && strcmp(list, "access") == 0) {
			s->access = (PB(Access))code_value(&schakel__v1__access__descriptor, code);
			return;
		}
		for (size_t i = 0; i < SK_LEN(words) && found == 0; i++) {
			const char *word = text(r, &term, words[i], false);
			found = word == NULL ? 0 : hsds_word_expertise(r->words, word);
		}
	}
	const char *const more[] = { text(r, at, "label", false), text(r, at, "value", false) };
	for (size_t i = 0; i < SK_LEN(more) && found == 0; i++) {
		found = more[i] == NULL ? 0 : hsds_word_expertise(r->words, more[i]);
	}
	s->expertises |= found == 0 ? 0 : 1ULL << (found - 1);
}

/* A code of NIS may be the end of a web address: ".../id/gemeente/33011". */
static uint64_t zones_of_uri(const struct reader *r, const char *uri)
{
	const char *slash = strrchr(uri, '/');

	return hsds_word_zones(r->words, slash == NULL ? uri : slash + 1);
}

static void add_area(struct reader *r, const struct feed_item *at, uint64_t *io_zones)
{
	static const char *const keys[] = { "extent", "name" };
	const char *uri = text(r, at, "uri", false);
	uint64_t bits = 0;

	for (size_t i = 0; i < SK_LEN(keys); i++) {
		const char *word = text(r, at, keys[i], false);
		bits |= word == NULL || bits != 0 ? 0 : hsds_word_zones(r->words, word);
	}
	if (bits == 0 && uri != NULL) {
		bits = zones_of_uri(r, uri);
	}
	*io_zones |= bits;
	r->s->places_stated = true;
}

static void add_areas(struct reader *r, const struct feed_item *at, const char *by,
		      uint64_t *io_zones)
{
	const char *const table[] = { "service_areas", by };
	struct list l = list_of(r, at, "service_areas", table);

	while (next_of(r, &l)) {
		add_area(r, &l.it, io_zones);
	}
}

static void add_addresses(struct reader *r, const struct feed_item *location, uint64_t *io_zones)
{
	static const char *const table[] = { "addresses", "location_id" };
	struct list l = list_of(r, location, "addresses", table);

	while (next_of(r, &l)) {
		const char *country = text(r, &l.it, "country", false);
		if (country != NULL && strcasecmp(country, "BE") != 0) {
			continue; /* a postal code of elsewhere may look like one of ours */
		}
		const char *code = text(r, &l.it, "postal_code", false);
		const char *city = text(r, &l.it, "city", false);
		uint64_t bits = code == NULL ? 0 : hsds_word_zones(r->words, code);
		bits = bits != 0 || city == NULL ? bits : hsds_word_zones(r->words, city);
		*io_zones |= bits;
		r->s->places_stated = true;
	}
}

static void read_at_location(struct reader *r, const struct feed_item *at, uint64_t *io_areas,
			     uint64_t *io_places)
{
	static const char *const table[] = { "locations", "location_id" };
	struct feed_item location = { 0 };

	add_areas(r, at, "service_at_location_id", io_areas);
	if (!object(r, &location, at, "location", table)) {
		return;
	}
	const char *type = text(r, &location, "location_type", true);
	const char *kind = text(r, &location, "external_identifier_type", false);
	const char *code = text(r, &location, "external_identifier", false);
	bool nis = kind != NULL && strncasecmp(kind, "NIS", 3) == 0;
	r->s->at_location = r->s->at_location || (type != NULL && strcmp(type, "virtual") != 0);
	*io_places |= code == NULL || !nis ? 0 : hsds_word_zones(r->words, code);
	add_addresses(r, &location, io_places);
}

/* Where it serves goes before where it stands. */
static void read_places(struct reader *r, const struct feed_row *row)
{
	static const char *const table[] = { "service_at_location", "service_id" };
	uint64_t areas = 0;
	uint64_t places = 0;

	add_areas(r, &row->item, "service_id", &areas);
	struct list l = list_of(r, &row->item, "service_at_locations", table);
	while (next_of(r, &l)) {
		read_at_location(r, &l.it, &areas, &places);
	}
	for (size_t i = 0; i < json_array_size(row->sals); i++) {
		struct feed_item at = row->sal;
		at.obj = json_array_get(row->sals, i);
		read_at_location(r, &at, &areas, &places);
	}
	r->s->zones = areas != 0 ? areas : places;
}

static void read_head(struct reader *r, const struct feed_item *at)
{
	static const char *const states[] = { "active", "inactive", "defunct",
					      "temporarily closed" };
	struct hsds_service *s = r->s;
	bool known = false;

	s->id = text(r, at, "id", true);
	s->name = text(r, at, "name", true);
	const char *status = text(r, at, "status", true);
	if (s->id != NULL && strlen(s->id) > HSDS_ID_TEXT_MAX) {
		fail(r, at, "id", "dit is langer dan 200 tekens; geef een UUID",
		     "this is longer than 200 characters; give a UUID");
	}
	if (r->err != SK_OK || status == NULL) {
		return;
	}
	for (size_t i = 0; i < SK_LEN(states); i++) {
		known = known || strcmp(status, states[i]) == 0;
	}
	if (!known) {
		fail(r, at, "status", "geef active, inactive, defunct of temporarily closed",
		     "give active, inactive, defunct or temporarily closed");
	}
	s->active = strcmp(status, "active") == 0;
}

int hsds_service_read(struct hsds_feed *f, size_t row, const struct hsds_words *words,
		      struct hsds_service *ret_service)
{
	static const char *const capacities[] = { "service_capacity", "service_id" };
	static const char *const attributes[] = { "attributes", "link_id" };
	const struct feed_row *at = &f->row[row];
	struct reader r = { f, words, ret_service, SK_OK };

	*ret_service = (struct hsds_service){ .organization = "", .organization_id = "" };
	if (!json_is_object(at->item.obj)) {
		fail(&r, &at->item, NULL, "geef een dienst: { ... }", "give a service: { ... }");
		return r.err;
	}
	read_head(&r, &at->item);
	read_organization(&r, at);
	read_ages(&r, &at->item);
	struct list l = list_of(&r, &at->item, "capacities", capacities);
	while (next_of(&r, &l)) {
		read_capacity(&r, &l.it);
	}
	l = list_of(&r, &at->item, "attributes", attributes);
	while (next_of(&r, &l)) {
		read_attribute(&r, &l.it);
	}
	read_places(&r, at);
	return r.err;
}
