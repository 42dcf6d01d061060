/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_read.h"

#include <string.h>

#include "common/words.h"

/* --- parts of a service --- */

static void add_identifiers(struct feed_reader *r, const struct feed_item *org)
{
	static const char *const table[] = { "organization_identifiers", "organization_id" };
	struct feed_list l = hsds_read_list(r, org, "organization_identifiers", table);

	while (hsds_read_next(r, &l)) {
		const char *id = hsds_read_text(r, &l.it, "identifier", true);
		if (id != NULL && r->s->partner == NULL) {
			r->s->partner = hsds_word_partner(r->words, id);
		}
	}
}

/* By its number first; a name is what people wrote. */
static void read_organization(struct feed_reader *r, const struct feed_row *row)
{
	static const char *const table[] = { "organizations", "organization_id" };
	struct feed_item org = { 0 };
	struct hsds_service *s = r->s;

	if (!hsds_read_object(r, &org, &row->item, "organization", table)) {
		org = row->organization;
	}
	const char *by_id = org.obj != NULL ? NULL : hsds_read_text(r, &row->item, table[1], false);
	s->organization_known = org.obj != NULL || by_id != NULL;
	if (by_id != NULL) {
		/* It is named elsewhere: by the id that we gave it, or by a number. */
		s->organization = by_id;
		s->organization_id = by_id;
		s->partner = hsds_word_partner(r->words, by_id);
	}
	if (r->err != SK_OK || org.obj == NULL) {
		return;
	}
	s->organization_id = hsds_read_text(r, &org, "id", true);
	s->organization = hsds_read_text(r, &org, "name", true);
	add_identifiers(r, &org);
	const char *const more[] = { hsds_read_text(r, &org, "tax_id", false), s->organization,
				     hsds_read_text(r, &org, "alternate_name", false) };
	for (size_t i = 0; i < SK_LEN(more); i++) {
		if (s->partner == NULL && more[i] != NULL) {
			s->partner = hsds_word_partner(r->words, more[i]);
		}
	}
}

static void read_age_range(struct feed_reader *r, const struct feed_item *at)
{
	struct hsds_service *s = r->s;
	double from = 0;
	double to = HSDS_AGE_MAX;

	bool from_known = hsds_read_number(r, at, "minimum_age", &from);
	bool to_known = hsds_read_number(r, at, "maximum_age", &to);
	if (from < 0 || from > 200) {
		hsds_read_fail(r, at, "minimum_age", "geef een leeftijd in jaren, van 0 tot 200",
			       "give an age in years, from 0 to 200");
	}
	if (to < 0 || to > 200) {
		hsds_read_fail(r, at, "maximum_age", "geef een leeftijd in jaren, van 0 tot 200",
			       "give an age in years, from 0 to 200");
	}
	if (from_known && to_known && from > to) {
		hsds_read_fail(r, at, "minimum_age", "dit is ouder dan maximum_age; wissel ze om",
			       "this is older than maximum_age; swap them");
	}
	if (r->err != SK_OK || (!from_known && !to_known)) {
		return;
	}
	/* 12.5 is in the year that a child is 12. Several ranges: from the lowest to the highest.
	 */
	bool first = !s->age_from_known && !s->age_to_known;
	s->age_from_known = s->age_from_known || from_known;
	s->age_to_known = s->age_to_known || to_known;
	s->age_from = first || from < s->age_from ? (uint32_t)from : s->age_from;
	s->age_to = first || to > s->age_to ? (uint32_t)to : s->age_to;
}

/* Open Referral UK 1.0 has the ages in a list of its own. */
static void read_ages(struct feed_reader *r, const struct feed_item *at)
{
	static const char *const table[] = { "eligibilitys", "service_id" };

	read_age_range(r, at);
	if (r->s->age_from_known || r->s->age_to_known) {
		return;
	}
	struct feed_list l = hsds_read_list(r, at, "eligibilitys", table);
	while (hsds_read_next(r, &l)) {
		read_age_range(r, &l.it);
	}
}

static void read_unit(struct feed_reader *r, const struct feed_item *at, struct hsds_capacity *c)
{
	static const char *const table[] = { "units", "unit_id" };
	static const char *const words[] = { "identifier", "name" };
	struct feed_item unit = { 0 };

	if (!hsds_read_object(r, &unit, at, "unit", table)) {
		if (hsds_read_text(r, at, "unit_id", false) == NULL) {
			hsds_read_fail(r, at, "unit",
				       "dit is verplicht en ontbreekt; geef de eenheid",
				       "this is required and missing; give the unit");
		}
		return;
	}
	(void)hsds_read_text(r, &unit, "name", true);
	for (size_t i = 0; i < SK_LEN(words) && c->unit == 0; i++) {
		const char *word = hsds_read_text(r, &unit, words[i], false);
		c->unit = word == NULL ? 0 : (PB(Unit))hsds_word_unit(r->words, word);
	}
}

static void read_capacity(struct feed_reader *r, const struct feed_item *at)
{
	struct hsds_capacity c = { .item = *at };
	bool known = hsds_read_amount(r, at, "available", &c.available);

	if (!known) {
		hsds_read_fail(r, at, "available",
			       "dit is verplicht en ontbreekt; geef hoeveel er vrij is",
			       "this is required and missing; give how many are free");
	}
	c.maximum_known = hsds_read_amount(r, at, "maximum", &c.maximum);
	const char *updated = hsds_read_text(r, at, "updated", true);
	if (r->err == SK_OK && updated != NULL && !hsds_instant(updated, &c.updated_ms)) {
		hsds_read_fail(r, at, "updated",
			       "dit is geen tijdstip; schrijf het als 2026-03-01T09:00:00Z",
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
static void read_attribute(struct feed_reader *r, const struct feed_item *at)
{
	static const char *const table[] = { "taxonomy_terms", "taxonomy_term_id" };
	static const char *const words[] = { "code", "name", "term_uri" };
	struct feed_item term = { 0 };
	struct hsds_service *s = r->s;
	uint32_t found = 0;

	if (hsds_read_object(r, &term, at, "taxonomy_term", table)) {
		(void)hsds_read_text(r, &term, "id", true);
		(void)hsds_read_text(r, &term, "name", true);
		const char *list = hsds_read_text(r, &term, "taxonomy", false);
		const char *code = hsds_read_text(r, &term, "code", false);
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
			const char *word = hsds_read_text(r, &term, words[i], false);
			found = word == NULL ? 0 : hsds_word_expertise(r->words, word);
		}
	}
	const char *const more[] = { hsds_read_text(r, at, "label", false),
				     hsds_read_text(r, at, "value", false) };
	for (size_t i = 0; i < SK_LEN(more) && found == 0; i++) {
		found = more[i] == NULL ? 0 : hsds_word_expertise(r->words, more[i]);
	}
	s->expertises |= found == 0 ? 0 : 1ULL << (found - 1);
}

/* "service_taxonomys" of Open Referral UK 1.0: the term is called taxonomy there. */
static void read_old_term(struct feed_reader *r, const struct feed_item *at)
{
	static const char *const table[] = { "taxonomy", "taxonomy_id" };
	struct feed_item term = { 0 };

	if (!hsds_read_object(r, &term, at, "taxonomy", table)) {
		return;
	}
	const char *name = hsds_read_text(r, &term, "name", false);
	uint32_t found = name == NULL ? 0 : hsds_word_expertise(r->words, name);
	r->s->expertises |= found == 0 ? 0 : 1ULL << (found - 1);
}

/* A code of NIS may be the end of a web address: ".../id/gemeente/33011". */
static uint64_t zones_of_uri(const struct feed_reader *r, const char *uri)
{
	const char *slash = strrchr(uri, '/');

	return hsds_word_zones(r->words, slash == NULL ? uri : slash + 1);
}

static void add_area(struct feed_reader *r, const struct feed_item *at, uint64_t *io_zones)
{
	static const char *const keys[] = { "extent", "name" };
	const char *uri = hsds_read_text(r, at, "uri", false);
	uint64_t bits = 0;

	for (size_t i = 0; i < SK_LEN(keys); i++) {
		/* An area that is drawn (GeoJSON as it is, not as text) has no name in it. */
		const json_t *v = json_object_get(at->obj, keys[i]);
		const char *word = json_is_object(v) ? NULL : hsds_read_text(r, at, keys[i], false);
		bits |= word == NULL || bits != 0 ? 0 : hsds_word_zones(r->words, word);
	}
	if (bits == 0 && uri != NULL) {
		bits = zones_of_uri(r, uri);
	}
	*io_zones |= bits;
	r->s->places_stated = true;
}

static void add_areas(struct feed_reader *r, const struct feed_item *at, const char *by,
		      uint64_t *io_zones)
{
	const char *const table[] = { "service_areas", by };
	struct feed_list l = hsds_read_list(r, at, "service_areas", table);

	while (hsds_read_next(r, &l)) {
		add_area(r, &l.it, io_zones);
	}
}

static void add_addresses(struct feed_reader *r, const struct feed_item *location,
			  uint64_t *io_zones)
{
	static const char *const table[] = { "addresses", "location_id" };
	struct feed_list l = hsds_read_list(r, location, "addresses", table);

	while (hsds_read_next(r, &l)) {
		const char *country = hsds_read_text(r, &l.it, "country", false);
		if (country != NULL && strcasecmp(country, "BE") != 0) {
			continue; /* a postal code of elsewhere may look like one of ours */
		}
		const char *code = hsds_read_text(r, &l.it, "postal_code", false);
		const char *city = hsds_read_text(r, &l.it, "city", false);
		uint64_t bits = code == NULL ? 0 : hsds_word_zones(r->words, code);
		bits = bits != 0 || city == NULL ? bits : hsds_word_zones(r->words, city);
		*io_zones |= bits;
		r->s->places_stated = true;
	}
}

static void read_at_location(struct feed_reader *r, const struct feed_item *at, uint64_t *io_areas,
			     uint64_t *io_places)
{
	static const char *const table[] = { "locations", "location_id" };
	struct feed_item location = { 0 };

	add_areas(r, at, "service_at_location_id", io_areas);
	if (!hsds_read_object(r, &location, at, "location", table)) {
		return;
	}
	const char *type = hsds_read_text(r, &location, "location_type", !r->f->old);
	if (type != NULL && strcmp(type, "physical") != 0 && strcmp(type, "postal") != 0 &&
	    strcmp(type, "virtual") != 0) {
		hsds_read_fail(r, &location, "location_type", "geef physical, postal of virtual",
			       "give physical, postal or virtual");
	}
	const char *kind = hsds_read_text(r, &location, "external_identifier_type", false);
	const char *code = hsds_read_text(r, &location, "external_identifier", false);
	bool nis = kind != NULL && strncasecmp(kind, "NIS", 3) == 0;
	r->s->at_location = r->s->at_location || type == NULL || strcmp(type, "virtual") != 0;
	*io_places |= code == NULL || !nis ? 0 : hsds_word_zones(r->words, code);
	add_addresses(r, &location, io_places);
}

/* Where it serves goes before where it stands. */
static void read_places(struct feed_reader *r, const struct feed_row *row)
{
	static const char *const table[] = { "service_at_location", "service_id" };
	uint64_t areas = 0;
	uint64_t places = 0;

	add_areas(r, &row->item, "service_id", &areas);
	struct feed_list l = hsds_read_list(r, &row->item, "service_at_locations", table);
	while (hsds_read_next(r, &l)) {
		read_at_location(r, &l.it, &areas, &places);
	}
	for (size_t i = 0; i < json_array_size(row->sals); i++) {
		struct feed_item at = row->sal;
		at.obj = json_array_get(row->sals, i);
		read_at_location(r, &at, &areas, &places);
	}
	r->s->zones = areas != 0 ? areas : places;
}

static void read_head(struct feed_reader *r, const struct feed_item *at)
{
	static const char *const states[] = { "active", "inactive", "defunct",
					      "temporarily closed" };
	struct hsds_service *s = r->s;
	bool known = false;

	s->id = hsds_read_text(r, at, "id", true);
	s->name = hsds_read_text(r, at, "name", true);
	const char *status = hsds_read_text(r, at, "status", true);
	if (s->id != NULL && strlen(s->id) > HSDS_ID_TEXT_MAX) {
		hsds_read_fail(r, at, "id", "dit is langer dan 200 tekens; geef een UUID",
			       "this is longer than 200 characters; give a UUID");
	}
	if (r->err != SK_OK || status == NULL) {
		return;
	}
	for (size_t i = 0; i < SK_LEN(states); i++) {
		known = known || strcmp(status, states[i]) == 0;
	}
	if (!known) {
		hsds_read_fail(r, at, "status",
			       "geef active, inactive, defunct of temporarily closed",
			       "give active, inactive, defunct or temporarily closed");
	}
	s->active = strcmp(status, "active") == 0;
}

/* The service, and what it stands in. */
static int check_kinds(struct hsds_feed *f, const struct feed_row *row)
{
	int err = hsds_kinds_check(f, &row->item, "service");

	if (err == SK_OK && row->organization.obj != NULL && row->item.i == 0) {
		err = hsds_kinds_check(f, &row->organization, "organization");
	}
	for (size_t i = 0; err == SK_OK && i < json_array_size(row->sals); i++) {
		struct feed_item at = row->sal;
		at.obj = json_array_get(row->sals, i);
		err = hsds_kinds_check(f, &at, "service_at_location");
	}
	return err;
}

int hsds_service_read(struct hsds_feed *f, size_t row, const struct hsds_words *words,
		      struct hsds_service *ret_service)
{
	static const char *const capacities[] = { "service_capacity", "service_id" };
	static const char *const attributes[] = { "attributes", "link_id" };
	static const char *const terms[] = { "service_taxonomys", "service_id" };
	const struct feed_row *at = &f->row[row];
	struct feed_reader r = { f, words, ret_service, SK_OK };

	*ret_service = (struct hsds_service){ .organization = "", .organization_id = "" };
	if (!json_is_object(at->item.obj)) {
		hsds_read_fail(&r, &at->item, NULL, "geef een dienst: { ... }",
			       "give a service: { ... }");
		return r.err;
	}
	f->old = f->old || json_object_get(at->item.obj, "eligibilitys") != NULL ||
		 json_object_get(at->item.obj, "service_taxonomys") != NULL;
	r.err = check_kinds(f, at);
	read_head(&r, &at->item);
	read_organization(&r, at);
	read_ages(&r, &at->item);
	struct feed_list l = hsds_read_list(&r, &at->item, "capacities", capacities);
	while (hsds_read_next(&r, &l)) {
		read_capacity(&r, &l.it);
	}
	l = hsds_read_list(&r, &at->item, "attributes", attributes);
	while (hsds_read_next(&r, &l)) {
		read_attribute(&r, &l.it);
	}
	l = hsds_read_list(&r, &at->item, "service_taxonomys", terms);
	while (hsds_read_next(&r, &l)) {
		read_old_term(&r, &l.it);
	}
	read_places(&r, at);
	return r.err;
}
