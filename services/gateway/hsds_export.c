/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds_export.h"

#include <stdio.h>
#include <string.h>

#include "common/when.h"
#include "common/words.h"
#include "services/gateway/hsds_id.h"

#define SAID_SINCE_MS 946684800000ULL /* before 2000: nobody ever said how much is free */
#define NAME_LABELS 3

static void id_set(json_t *doc, const struct conf *c, const char *kind, const char *name)
{
	struct hsds_id id = hsds_id_of(c->node, kind, name);

	(void)json_object_set_new(doc, "id", json_string(id.s));
}

/* What belongs to a pool is named after it: "POOL/zone/rits". */
static void part_id(json_t *doc, const struct conf *c, const char *pool, const char *part)
{
	char name[160];

	(void)snprintf(name, sizeof(name), "%s/%s", pool, part);
	id_set(doc, c, "part", name);
}

/* --- taxonomies: our code lists --- */

static const struct {
	const char *name;
	const ProtobufCEnumDescriptor *set; /* NULL: the node's expertises */
	const char *text;
} lists[] = {
	{ "expertise", NULL, "Soorten hulp en levensdomeinen" },
	{ "modality", &schakel__v1__modality__descriptor, "Waar de hulp plaatsvindt" },
	{ "access", &schakel__v1__access__descriptor, "Hoe men er binnenkomt" },
	{ "continuum", &schakel__v1__continuum__descriptor, "Hoe zwaar de hulp is" },
};

static json_t *taxonomy(const struct conf *c, size_t list)
{
	json_t *doc = json_pack("{s:s,s:s,s:s}", "name", lists[list].name, "description",
				lists[list].text, "version", "1");

	id_set(doc, c, "taxonomy", lists[list].name);
	return doc;
}

static json_t *term(const struct conf *c, size_t list, const char *code, const char *const text[2])
{
	json_t *doc = json_pack("{s:s,s:s,s:s,s:s,s:s}", "code", code, "name", text[0],
				"description", text[1], "taxonomy", lists[list].name, "language",
				"nl");
	json_t *detail = taxonomy(c, list);
	char name[100];

	(void)snprintf(name, sizeof(name), "%s/%s", lists[list].name, code);
	id_set(doc, c, "term", name);
	(void)json_object_set(doc, "taxonomy_id", json_object_get(detail, "id"));
	(void)json_object_set_new(doc, "taxonomy_detail", detail);
	return doc;
}

static json_t *enum_term(const struct conf *c, size_t list, int value)
{
	const ProtobufCEnumDescriptor *set = lists[list].set;
	const char *code = value == 0 ? NULL : code_of(set, value);

	return code == NULL ? NULL :
			      term(c, list, code,
				   (const char *const[]){ word_of(set, value, LANG_NL),
							  word_of(set, value, LANG_EN) });
}

static json_t *expertise_term(const struct conf *c, uint32_t number)
{
	for (size_t i = 0; i < c->codes_len; i++) {
		const struct conf_code *k = &c->codes[i];
		if (k->number == number) {
			const char *const text[] = { k->label_nl, k->label_en };
			return term(c, 0, k->code, text);
		}
	}
	return NULL;
}

json_t *hsds_taxonomies(const struct conf *c)
{
	json_t *all = json_array();

	for (size_t i = 0; i < SK_LEN(lists); i++) {
		(void)json_array_append_new(all, taxonomy(c, i));
	}
	return all;
}

json_t *hsds_taxonomy_terms(const struct conf *c)
{
	json_t *all = json_array();

	for (size_t i = 0; i < c->codes_len; i++) {
		(void)json_array_append_new(all, expertise_term(c, c->codes[i].number));
	}
	for (size_t i = 1; i < SK_LEN(lists); i++) {
		for (unsigned v = 0; v < lists[i].set->n_values; v++) {
			json_t *doc = enum_term(c, i, lists[i].set->values[v].value);
			if (doc != NULL) {
				(void)json_array_append_new(all, doc);
			}
		}
	}
	return all;
}

/* --- organisations --- */

bool hsds_is_organization(const struct conf_party *p)
{
	return (p->roles &
		(ROLE_BIT(FACILITY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))) != 0;
}

json_t *hsds_organization(const struct conf *c, const struct conf_party *p)
{
	const char *sector = p->sector[0] == '\0' ? p->name : p->sector;
	json_t *doc = json_pack("{s:s,s:s}", "name", p->name, "description", sector);
	json_t *number = json_pack("{s:s,s:s,s:s}", "identifier_scheme", "schakel",
				   "identifier_type", "partner", "identifier", p->id);

	id_set(doc, c, "organization", p->id);
	part_id(number, c, p->id, "identifier");
	(void)json_object_set_new(doc, "organization_identifiers", json_pack("[o]", number));
	return doc;
}

/* --- services --- */

struct sum {
	uint64_t expertises;
	uint64_t zones;
	unsigned modality, access, continuum; /* bits of the values */
	uint32_t age_from, age_to;
	json_t *languages;
};

static void add_zones(const struct conf *c, const PB(PoolUse) *u, struct sum *s)
{
	for (size_t i = 0; i < u->n_zones; i++) {
		for (size_t z = 0; z < c->zones_len; z++) {
			s->zones |= strcmp(u->zones[i], c->zones[z].id) == 0 ? 1ULL << z : 0;
		}
	}
}

/* A service is what all uses of a pool can do together. */
static struct sum sum_of(const struct conf *c, const PB(DirectoryItem) *item)
{
	struct sum s = { .age_from = UINT32_MAX, .languages = json_object() };

	for (size_t i = 0; i < item->n_uses; i++) {
		const PB(PoolUse) *u = item->uses[i];
		for (size_t e = 0; e < u->n_expertises; e++) {
			s.expertises |= 1ULL << ((u->expertises[e] - 1) & 63);
		}
		add_zones(c, u, &s);
		s.modality |= 1U << ((unsigned)u->modality & 31);
		s.access |= 1U << ((unsigned)u->access & 31);
		s.continuum |= 1U << ((unsigned)u->continuum & 31);
		s.age_from = u->age_from < s.age_from ? u->age_from : s.age_from;
		s.age_to = u->age_to > s.age_to ? u->age_to : s.age_to;
		for (size_t l = 0; l < u->n_languages; l++) {
			(void)json_object_set_new(s.languages, u->languages[l], json_true());
		}
	}
	return s;
}

static void add_attribute(const struct conf *c, const char *pool, json_t *list, json_t *of)
{
	char part[80];

	if (of == NULL) {
		return;
	}
	json_t *doc = json_pack("{s:s,s:s,s:o}", "link_type", "taxonomy_term", "link_entity",
				"service", "taxonomy_term", of);
	(void)snprintf(part, sizeof(part), "%s/%s",
		       json_string_value(json_object_get(of, "taxonomy")),
		       json_string_value(json_object_get(of, "code")));
	part_id(doc, c, pool, part);
	(void)json_array_append_new(list, doc);
}

static json_t *attributes_of(const struct conf *c, const char *pool, const struct sum *s)
{
	const unsigned bits[] = { 0, s->modality, s->access, s->continuum };
	json_t *list = json_array();

	for (uint32_t n = 1; n <= 64; n++) {
		if ((s->expertises >> (n - 1) & 1) != 0) {
			add_attribute(c, pool, list, expertise_term(c, n));
		}
	}
	for (size_t i = 1; i < SK_LEN(bits); i++) {
		for (int v = 1; v < 32; v++) {
			if ((bits[i] >> v & 1) != 0) {
				add_attribute(c, pool, list, enum_term(c, i, v));
			}
		}
	}
	return list;
}

static json_t *area_of(const struct conf *c, const char *pool, const struct conf_zone *z)
{
	char part[60];
	json_t *doc = json_pack("{s:s,s:s,s:s}", "name", z->name, "extent", z->id, "extent_type",
				"other");

	(void)snprintf(part, sizeof(part), "area/%s", z->id);
	part_id(doc, c, pool, part);
	return doc;
}

static json_t *at_zone(const struct conf *c, const char *pool, const struct conf_zone *z)
{
	char part[60];
	json_t *location = json_pack("{s:s,s:s,s:s,s:s}", "location_type", "physical", "name",
				     z->name, "external_identifier", z->id,
				     "external_identifier_type", "ELZ");
	json_t *doc = json_pack("{s:o}", "location", location);

	id_set(location, c, "location", z->id);
	(void)snprintf(part, sizeof(part), "at/%s", z->id);
	part_id(doc, c, pool, part);
	return doc;
}

static void add_places(const struct conf *c, const char *pool, uint64_t zones, json_t *doc)
{
	json_t *areas = json_array();
	json_t *at = json_array();

	for (size_t z = 0; z < c->zones_len; z++) {
		if ((zones >> z & 1) != 0) {
			(void)json_array_append_new(areas, area_of(c, pool, &c->zones[z]));
			(void)json_array_append_new(at, at_zone(c, pool, &c->zones[z]));
		}
	}
	(void)json_object_set_new(doc, "service_areas", areas);
	(void)json_object_set_new(doc, "service_at_locations", at);
}

static void add_languages(const struct conf *c, const char *pool, struct sum *s, json_t *doc)
{
	json_t *list = json_array();
	const char *code;
	json_t *v;

	json_object_foreach (s->languages, code, v) {
		char part[20];
		json_t *language = json_pack("{s:s,s:s}", "name", code, "code", code);
		(void)snprintf(part, sizeof(part), "language/%s", code);
		part_id(language, c, pool, part);
		(void)json_array_append_new(list, language);
	}
	(void)json_object_set_new(doc, "languages", list);
	json_decref(s->languages);
}

static json_t *unit_of(const struct conf *c, PB(Unit) unit)
{
	const ProtobufCEnumDescriptor *set = &schakel__v1__unit__descriptor;
	const char *code = code_of(set, (int)unit);

	if (code == NULL) {
		return NULL;
	}
	json_t *doc = json_pack("{s:s,s:s,s:s}", "name", word_of(set, (int)unit, LANG_NL), "scheme",
				"schakel", "identifier", code);
	id_set(doc, c, "unit", code);
	return doc;
}

static void add_capacity(const struct conf *c, const PB(DirectoryItem) *item, json_t *doc)
{
	json_t *list = json_array();
	json_t *unit = item->observed_at_ms < SAID_SINCE_MS ? NULL : unit_of(c, item->unit);
	struct when_text updated = when_iso(item->observed_at_ms);
	char text[80];

	(void)json_object_set_new(doc, "capacities", list);
	if (unit == NULL) {
		return;
	}
	(void)snprintf(text, sizeof(text), "%u vrij, en %u beloofd", item->free, item->promised);
	json_t *capacity = json_pack("{s:o,s:i,s:s,s:s}", "unit", unit, "available",
				     (int)item->free, "description", text, "updated", updated.s);
	part_id(capacity, c, item->pool, "capacity");
	(void)json_array_append_new(list, capacity);
	(void)json_object_set_new(doc, "last_modified", json_string(updated.s));
}

/* What people read first: what it is, and of whom. */
static json_t *name_of(const struct conf *c, const struct conf_party *p, uint64_t expertises)
{
	char name[400] = "";
	unsigned said = 0;

	for (size_t i = 0; i < c->codes_len && said < NAME_LABELS; i++) {
		if ((expertises >> (c->codes[i].number - 1) & 1) != 0) {
			size_t len = strlen(name);
			(void)snprintf(name + len, sizeof(name) - len, "%s%s",
				       said == 0 ? "" : ", ", c->codes[i].label_nl);
			said++;
		}
	}
	size_t len = strlen(name);
	(void)snprintf(name + len, sizeof(name) - len, "%s%s", len == 0 ? "" : ": ", p->name);
	return json_string(name);
}

static bool is_closed(const PB(DirectoryItem) *item)
{
	return item->state == SCHAKEL__V1__POOL_STATE__POOL_STATE_PAUSED ||
	       item->answer == SCHAKEL__V1__POOL_ANSWER__POOL_ANSWER_NONE;
}

json_t *hsds_service(const struct conf *c, const PB(DirectoryItem) *item)
{
	const struct conf_party *p = conf_party(c, item->partner);

	if (p == NULL || item->n_uses == 0) {
		return NULL;
	}
	struct sum s = sum_of(c, item);
	json_t *doc = json_pack("{s:o,s:s,s:s,s:i,s:i}", "name", name_of(c, p, s.expertises),
				"alternate_name", item->pool, "status",
				is_closed(item) ? "temporarily closed" : "active", "minimum_age",
				(int)s.age_from, "maximum_age", (int)s.age_to);
	id_set(doc, c, "service", item->pool);
	json_t *organization = hsds_organization(c, p);
	(void)json_object_set(doc, "organization_id", json_object_get(organization, "id"));
	(void)json_object_set_new(doc, "organization", organization);
	(void)json_object_set_new(doc, "attributes", attributes_of(c, item->pool, &s));
	add_places(c, item->pool, s.zones, doc);
	add_languages(c, item->pool, &s, doc);
	add_capacity(c, item, doc);
	return doc;
}

void hsds_at_locations(const json_t *service, json_t *io_list)
{
	json_t *plain = json_deep_copy(service);
	json_t *at;
	size_t i;

	hsds_flatten(plain);
	json_array_foreach (json_object_get(service, "service_at_locations"), i, at) {
		json_t *doc = json_deep_copy(at);
		(void)json_object_set(doc, "service_id", json_object_get(service, "id"));
		(void)json_object_set(doc, "service", plain);
		(void)json_array_append_new(io_list, doc);
	}
	json_decref(plain);
}

/* --- pages --- */

void hsds_flatten(json_t *thing)
{
	const char *key;
	json_t *v;
	void *next;

	json_object_foreach_safe(thing, next, key, v)
	{
		if (json_is_array(v)) {
			(void)json_object_del(thing, key);
		} else if (json_is_object(v)) {
			hsds_flatten(v);
		}
	}
}

json_t *hsds_page(const json_t *all, size_t number, size_t size)
{
	size_t total = json_array_size(all);
	size_t pages = total == 0 ? 1 : (total + size - 1) / size;
	json_t *contents = json_array();

	for (size_t i = 0; i < size && number <= pages; i++) {
		size_t at = (number - 1) * size + i;
		if (at < total) {
			(void)json_array_append(contents, json_array_get(all, at));
		}
	}
	size_t here = json_array_size(contents);
	return json_pack("{s:I,s:I,s:I,s:I,s:b,s:b,s:b,s:o}", "total_items", (json_int_t)total,
			 "total_pages", (json_int_t)pages, "page_number", (json_int_t)number,
			 "size", (json_int_t)here, "first_page", number == 1, "last_page",
			 number >= pages, "empty", here == 0, "contents", contents);
}
