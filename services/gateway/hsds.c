/* SPDX-License-Identifier: EUPL-1.2 */
#include "services/gateway/hsds.h"

#define PARTNERS (ROLE_BIT(FACILITY) | ROLE_BIT(CONTACT_POINT) | ROLE_BIT(COORDINATOR))

const struct route hsds_routes[] = {
	{ "GET", "/hsds", WEB_ANYBODY, hsds_version_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/", WEB_ANYBODY, hsds_version_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/services", WEB_ANYBODY, hsds_services_get, NULL, 0, NULL, NULL },
	{ "POST", "/hsds/services", WEB_ANYBODY, hsds_services_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/services/{id}", WEB_ANYBODY, hsds_service_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/organizations", WEB_ANYBODY, hsds_organizations_get, NULL, 0, NULL, NULL },
	{ "POST", "/hsds/organizations", WEB_ANYBODY, hsds_organizations_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/organizations/{id}", WEB_ANYBODY, hsds_organization_get, NULL, 0, NULL,
	  NULL },
	{ "GET", "/hsds/service_at_locations", WEB_ANYBODY, hsds_at_locations_get, NULL, 0, NULL,
	  NULL },
	{ "POST", "/hsds/service_at_locations", WEB_ANYBODY, hsds_at_locations_get, NULL, 0, NULL,
	  NULL },
	{ "GET", "/hsds/service_at_locations/{id}", WEB_ANYBODY, hsds_at_location_get, NULL, 0,
	  NULL, NULL },
	{ "GET", "/hsds/taxonomies", WEB_ANYBODY, hsds_taxonomies_get, NULL, 0, NULL, NULL },
	{ "POST", "/hsds/taxonomies", WEB_ANYBODY, hsds_taxonomies_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/taxonomies/{id}", WEB_ANYBODY, hsds_taxonomy_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/taxonomy_terms", WEB_ANYBODY, hsds_terms_get, NULL, 0, NULL, NULL },
	{ "POST", "/hsds/taxonomy_terms", WEB_ANYBODY, hsds_terms_get, NULL, 0, NULL, NULL },
	{ "GET", "/hsds/taxonomy_terms/{id}", WEB_ANYBODY, hsds_term_get, NULL, 0, NULL, NULL },
	{ "POST", "/hsds/import", PARTNERS | ROLE_BIT(OPERATOR), hsds_import_post, NULL,
	  WEB_FEED_BYTES_MAX, NULL, NULL },
	{ "GET", "/api/v1/offers.csv", PARTNERS, offers_csv_get, NULL, 0, NULL, NULL },
	{ "POST", "/api/v1/offers.csv", PARTNERS, offers_csv_post, NULL, WEB_FEED_BYTES_MAX, NULL,
	  NULL },
	{ 0 },
};
