/* SPDX-License-Identifier: EUPL-1.2 */
/* Which kind each field of HSDS 3.1 is: a feed that is wrong where we do not read it is wrong too,
 * and its maker wants to know. What Open Referral UK adds, and what is unknown, is left alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/hsds_feed.h"

/* NAME:s a text, :n a number, :t one of both, :{KIND an object, :[KIND a list of objects. */
static const struct kind {
	const char *name;
	const char *table; /* NULL: each is checked where it is used */
	const char *fields;
} kinds[] = {
	{ "service", NULL,
	  "id:s organization_id:s program_id:s name:s alternate_name:s description:s url:s "
	  "additional_urls:[url email:s status:s interpretation_services:s application_process:s "
	  "fees_description:s wait_time:s fees:s accreditations:s eligibility_description:s "
	  "minimum_age:n maximum_age:n assured_date:s assurer_email:s licenses:s alert:s "
	  "last_modified:s phones:[phone schedules:[schedule service_areas:[service_area "
	  "service_at_locations:[service_at_location languages:[language "
	  "organization:{organization "
	  "funding:[funding cost_options:[cost_option program:{program "
	  "required_documents:[required_document contacts:[contact capacities:[service_capacity "
	  "service_capacities:[service_capacity attributes:[attribute metadata:[metadata" },
	{ "organization", "organizations",
	  "id:s name:s alternate_name:s description:s email:s website:s additional_websites:[url "
	  "tax_status:s tax_id:s year_incorporated:t legal_status:s logo:s uri:s "
	  "parent_organization_id:s funding:[funding contacts:[contact phones:[phone "
	  "locations:[location programs:[program organization_identifiers:[organization_identifier "
	  "attributes:[attribute metadata:[metadata" },
	{ "location", "locations",
	  "id:s location_type:s url:s organization_id:s name:s alternate_name:s description:s "
	  "transportation:s latitude:n longitude:n external_identifier:s "
	  "external_identifier_type:s languages:[language addresses:[address contacts:[contact "
	  "accessibility:[accessibility phones:[phone schedules:[schedule attributes:[attribute "
	  "metadata:[metadata" },
	{ "service_at_location", "service_at_location",
	  "id:s service_id:s location_id:s description:s service_areas:[service_area "
	  "contacts:[contact phones:[phone schedules:[schedule location:{location "
	  "attributes:[attribute metadata:[metadata" },
	{ "service_capacity", "service_capacity",
	  "id:s service_id:s unit:{unit unit_id:s available:n maximum:n description:s updated:s "
	  "attributes:[attribute metadata:[metadata" },
	{ "unit", "units",
	  "id:s name:s scheme:s identifier:s uri:s attributes:[attribute metadata:[metadata" },
	{ "service_area", "service_areas",
	  "id:s service_id:s service_at_location_id:s name:s description:s extent_type:s uri:s "
	  "attributes:[attribute metadata:[metadata" },
	{ "address", "addresses",
	  "id:s location_id:s attention:s address_1:s address_2:s city:s region:s "
	  "state_province:s postal_code:s country:s address_type:s attributes:[attribute "
	  "metadata:[metadata" },
	{ "schedule", "schedules",
	  "id:s service_id:s location_id:s service_at_location_id:s valid_from:s valid_to:s "
	  "dtstart:s timezone:t until:s count:t wkst:s freq:s interval:t byday:s byweekno:s "
	  "bymonthday:s byyearday:s description:s opens_at:s closes_at:s schedule_link:s "
	  "attending_type:s notes:s attributes:[attribute metadata:[metadata" },
	{ "phone", "phones",
	  "id:s location_id:s service_id:s organization_id:s contact_id:s number:s extension:t "
	  "type:s description:s languages:[language attributes:[attribute metadata:[metadata" },
	{ "contact", "contacts",
	  "id:s organization_id:s service_id:s service_at_location_id:s location_id:s name:s "
	  "title:s department:s email:s phones:[phone attributes:[attribute metadata:[metadata" },
	{ "cost_option", "cost_options",
	  "id:s service_id:s valid_from:s valid_to:s option:s currency:s amount:n "
	  "amount_description:s attributes:[attribute metadata:[metadata" },
	{ "language", "languages",
	  "id:s service_id:s location_id:s phone_id:s name:s code:s note:s attributes:[attribute "
	  "metadata:[metadata" },
	{ "attribute", "attributes",
	  "id:s link_id:s taxonomy_term_id:s link_type:s link_entity:s value:s label:s "
	  "taxonomy_term:{taxonomy_term metadata:[metadata" },
	{ "taxonomy_term", "taxonomy_terms",
	  "id:s code:s name:s description:s parent_id:s taxonomy:s taxonomy_detail:{taxonomy "
	  "language:s taxonomy_id:s term_uri:s metadata:[metadata" },
	{ "taxonomy", "taxonomies",
	  "id:s name:s description:s uri:s version:s metadata:[metadata" },
	{ "funding", "funding", "id:s organization_id:s service_id:s source:s" },
	{ "program", "programs",
	  "id:s organization_id:s name:s alternate_name:s description:s attributes:[attribute" },
	{ "organization_identifier", "organization_identifiers",
	  "id:s organization_id:s identifier_scheme:s identifier_type:s identifier:s" },
	{ "required_document", "required_documents", "id:s service_id:s document:s uri:s" },
	{ "accessibility", "accessibility", "id:s location_id:s description:s details:s url:s" },
	{ "url", "urls", "id:s label:s url:s organization_id:s service_id:s" },
	{ "metadata", "metadata",
	  "id:s resource_id:s resource_type:s last_action_date:s last_action_type:s field_name:s "
	  "previous_value:s replacement_value:s updated_by:s" },
};

static const struct kind *kind_find(const char *name, size_t len)
{
	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		if (strlen(kinds[i].name) == len && strncmp(kinds[i].name, name, len) == 0) {
			return &kinds[i];
		}
	}
	return NULL;
}

static bool is_number(const json_t *v)
{
	char *end = NULL;

	if (!json_is_string(v)) {
		return json_is_number(v);
	}
	double n = strtod(json_string_value(v), &end);
	return end != json_string_value(v) && *end == '\0' && isfinite(n);
}

static bool is_scalar(const json_t *v)
{
	return json_is_string(v) || json_is_number(v);
}

static int check_object(struct hsds_feed *f, const struct feed_item *at, const struct kind *k);

static int check_list(struct hsds_feed *f, const struct feed_item *at, const char *key,
		      const struct kind *k)
{
	json_t *list = json_object_get(at->obj, key);
	json_t *v;
	size_t i;
	int err = SK_OK;

	if (!json_is_array(list)) {
		return hsds_feed_fail(f, at, key, "geef een lijst: [ ... ]",
				      "give a list: [ ... ]");
	}
	json_array_foreach (list, i, v) {
		struct feed_item it = { at, key, i, true, false, v };
		err = err == SK_OK ? check_object(f, &it, k) : err;
	}
	return err;
}

/* @p sort: what stands behind the colon. */
static int check_field(struct hsds_feed *f, const struct feed_item *at, const char *key,
		       const char *sort)
{
	json_t *v = json_object_get(at->obj, key);

	if (v == NULL || json_is_null(v) || (f->tabular && is_scalar(v))) {
		return SK_OK;
	}
	if (*sort == '[' || *sort == '{') {
		const struct kind *k = kind_find(sort + 1, strcspn(sort + 1, " "));
		struct feed_item it = { at, key, 0, false, false, v };
		SK_ASSERT(k != NULL);
		return *sort == '[' ? check_list(f, at, key, k) : check_object(f, &it, k);
	}
	if (*sort == 's' && !json_is_string(v)) {
		return hsds_feed_fail(f, at, key, "geef tekst tussen \"...\"",
				      "give a text in \"...\"");
	}
	if ((*sort == 'n' && !is_number(v)) || (*sort == 't' && !is_scalar(v))) {
		return hsds_feed_fail(f, at, key, "geef een getal, zonder aanhalingstekens",
				      "give a number, without quotes");
	}
	return SK_OK;
}

static int check_object(struct hsds_feed *f, const struct feed_item *at, const struct kind *k)
{
	const char *p = k->fields;
	int err = SK_OK;

	if (!json_is_object(at->obj)) {
		return hsds_feed_fail(f, at, NULL, "geef een object: { ... }",
				      "give an object: { ... }");
	}
	while (err == SK_OK && *p != '\0') {
		char key[40];
		size_t len = strcspn(p, ":");
		SK_ASSERT(len < sizeof(key) && p[len] == ':');
		memcpy(key, p, len);
		key[len] = '\0';
		p += len + 1;
		err = check_field(f, at, key, p);
		p += strcspn(p, " ");
		p += *p == ' ';
	}
	return err;
}

int hsds_kinds_check(struct hsds_feed *f, const struct feed_item *at, const char *kind)
{
	const struct kind *k = kind_find(kind, strlen(kind));

	SK_ASSERT(k != NULL);
	return check_object(f, at, k);
}

int hsds_kinds_check_tables(struct hsds_feed *f)
{
	int err = SK_OK;

	for (size_t i = 0; i < SK_LEN(kinds); i++) {
		const struct feed_table *t =
			kinds[i].table == NULL ? NULL : hsds_feed_table(f, kinds[i].table);
		json_t *v;
		size_t n;
		if (t == NULL) {
			continue;
		}
		json_array_foreach (t->rows, n, v) {
			struct feed_item it = { NULL, t->key, n, true, false, v };
			err = err == SK_OK ? check_object(f, &it, &kinds[i]) : err;
		}
	}
	return err;
}
